package authz

import (
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// Depth says how much an explanation tells.
type Depth uint8

// The depths.
const (
	Determining Depth = iota // the statements that decided
	NearMisses               // also those that named the action and yet did not apply
)

// MaxNearMisses bounds an explanation.
const MaxNearMisses = 100

// Via says by which path a policy reaches a principal.
type Via string

// The paths.
const (
	Direct   Via = "direct" // attached to the user or service account
	ViaGroup Via = "group"  // attached to a group that the principal is in
	ViaRole  Via = "role"   // attached to the role that the principal acts as, or has
	ViaOwner Via = "owner"  // the managed policy of the organization's owner and of the role Owner

	ViaBoundary Via = "boundary" // it limits the principal
)

// Finding is one statement that mattered.
type Finding struct {
	Policy     iam.PolicyID
	PolicyName string
	Statement  string // its sid, or its index as text, or the place in a list of rules; "" for none in particular
	Effect     policy.Effect
	Via        Via
	Group      iam.GroupID  // for ViaGroup
	Boundary   BoundaryKind // for ViaBoundary
	Resource   string       // of those asked about
	// Failure says, of a near miss, why the statement did not apply.
	Failure string
}

// Explanation is a decision with its grounds.
type Explanation struct {
	Decision
	// Determining holds every applying statement of the winning effect, those of boundaries after those of policies; none for
	// other reasons than Allowed and ExplicitDeny.
	Determining []Finding
	// NearMisses holds statements that named the action but failed on the resource or a condition, and boundaries outside of
	// which the request is although no statement of theirs names the action.
	NearMisses []Finding
}

// Explain answers as Decide does, and says why: all statements that decided are named. Policies that many hold come after
// the others of a path; otherwise they are in the order of attaching.
func (x *Index) Explain(r *Request, depth Depth) Explanation {
	out := Explanation{Decision: x.Decide(r)}
	p, reason := x.who(r.Principal)
	if reason != NoMatch && reason != Allowed || depth == Determining && !out.Reason.determined() {
		return out
	}
	for i, resource := range r.Resources {
		w := witness{index: x, out: &out, depth: depth, request: r, resource: resource}
		if r.ResourceTags != nil {
			w.request = r.about(i)
		}
		w.query = w.ask()
		if out.Reason == OutsideBoundary { // what matters most comes first, because near misses are bounded
			w.hearBoundaries(r.Boundaries)
			w.hear(p)
			continue
		}
		w.hear(p)
		w.hearBoundaries(r.Boundaries)
	}
	return out
}

// determined tells whether statements decided.
func (r Reason) determined() bool { return r == Allowed || r == ExplicitDeny }

// witness collects findings on one resource.
type witness struct {
	index    *Index
	out      *Explanation
	depth    Depth
	request  *Request
	resource string
	query    policy.Query
	renewed  int // how often the query was made anew
}

// maxRenewed bounds what an explanation of one resource may cost, as a multiple of what a decision may.
const maxRenewed = 10

// ask makes the query, with nothing spent on expressions.
func (w *witness) ask() policy.Query {
	return policy.Setting{World: w.index.world, Account: w.index.accountOf(w.request)}.NewQuery(w.request.Action, w.resource, &w.request.Context)
}

// match is Program.Match. An explanation asks more than a decision did; where the bound on costs ends that, it goes on with a
// new query, so that no statement which decided is missing.
func (w *witness) match(p *policy.Program, i int) bool {
	if p.Match(i, &w.query) {
		return true
	}
	return w.renew() && p.Match(i, &w.query)
}

// renew makes the query anew if too much was spent on it.
func (w *witness) renew() bool {
	if !w.query.Scratch().Exhausted() || w.renewed == maxRenewed {
		return false
	}
	w.renewed++
	w.query = w.ask()
	return true
}

// hear goes through all policies of a principal; nil is the owner.
func (w *witness) hear(p *principal) {
	if p == nil {
		if w.out.Reason == Allowed {
			w.out.Determining = append(w.out.Determining, Finding{Policy: iam.OwnerPolicy, PolicyName: iam.OwnerPolicyName,
				Statement: "0", Effect: policy.Allow, Via: ViaOwner, Resource: w.resource})
		}
		return
	}
	via := Direct
	if p.kind == role { // of an Estate; others have their policies as members of themselves
		via = ViaRole
	}
	if p.own != nil {
		w.hearHolder(p.own, via, iam.GroupID{})
	}
	for i := range int(p.groups.n) {
		g := w.index.groups.At(int(p.groups.at(i)))
		switch {
		case g.more == nil:
		case g.more.role:
			w.hearHolder(g, ViaRole, iam.GroupID{})
		default:
			w.hearHolder(g, ViaGroup, g.more.group)
		}
	}
}

func (w *witness) hearHolder(h *holder, via Via, group iam.GroupID) {
	w.hearRows(&h.rows, h.more.own, via, group)
	for _, slot := range h.more.common {
		w.hearRows(w.index.policies.At(int(slot)).common, []uint32{slot}, via, group)
	}
}

// hearRows hears the statements that rows speak of. slots are those of the rows' programs.
func (w *witness) hearRows(r *rows, slots []uint32, via Via, group iam.GroupID) {
	var buffer [64]place
	for _, p := range r.places(buffer[:0], &w.query, w.depth) {
		b := w.index.policies.At(int(slots[p.program()]))
		w.hearStatement(&heard{program: b.program, policy: b.id, name: b.name, via: via, group: group}, p.statement())
	}
}

// heard is a policy and how it reaches the principal.
type heard struct {
	program  *policy.Program
	policy   iam.PolicyID
	name     string
	via      Via
	group    iam.GroupID
	boundary BoundaryKind
}

func (w *witness) hearStatement(h *heard, i int) {
	decided := w.out.Reason.determined() && h.program.Effect(i) == w.out.Effect
	if !decided && w.depth < NearMisses {
		return // whether it applies changes nothing and is not asked
	}
	if w.match(h.program, i) {
		if decided {
			w.out.Determining = append(w.out.Determining, w.finding(h, i))
		}
		return
	}
	if w.depth < NearMisses || len(w.out.NearMisses) >= MaxNearMisses {
		return
	}
	t := h.program.Trace(i, &w.query)
	switch {
	case !t.Action:
		return
	case !t.Resource:
		t.Failure = "no resource pattern of the statement matches " + w.resource
	case t.Failure == "":
		return // of a list of rules; another statement speaks for it
	}
	f := w.finding(h, i)
	f.Failure = t.Failure
	w.out.NearMisses = append(w.out.NearMisses, f)
}

// finding names a statement.
func (w *witness) finding(h *heard, i int) Finding {
	return Finding{Policy: h.policy, PolicyName: h.name, Statement: h.program.Deciding(i, &w.query),
		Effect: h.program.Effect(i), Via: h.via, Group: h.group, Boundary: h.boundary, Resource: w.resource}
}
