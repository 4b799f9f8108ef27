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
	ViaRole  Via = "role"   // attached to the role that the principal acts as
	ViaOwner Via = "owner"  // the managed policy of the organization's owner
)

// Finding is one statement that mattered.
type Finding struct {
	Policy     iam.PolicyID
	PolicyName string
	Statement  string // its sid, or its index as text
	Effect     policy.Effect
	Via        Via
	Group      iam.GroupID // for ViaGroup
	Resource   string      // of those asked about
	// Failure says, of a near miss, why the statement did not apply.
	Failure string
}

// Explanation is a decision with its grounds.
type Explanation struct {
	Decision
	// Determining holds every applying statement of the winning effect; none when nothing matched.
	Determining []Finding
	// NearMisses holds statements that named the action but failed on the resource or a condition.
	NearMisses []Finding
}

// Explain answers as Decide does, and says why: all statements that decided are named. Policies that many hold come after
// the others of a path; otherwise they are in the order of attaching.
func (x *Index) Explain(r *Request, depth Depth) Explanation {
	out := Explanation{Decision: x.Decide(r)}
	p, reason := x.who(r.Principal)
	if reason != NoMatch && reason != Allowed || depth == Determining && out.Reason == NoMatch {
		return out
	}
	for _, resource := range r.Resources {
		if reason == Allowed {
			out.Determining = append(out.Determining, Finding{Policy: iam.OwnerPolicy, PolicyName: iam.OwnerPolicyName,
				Statement: "0", Effect: policy.Allow, Via: ViaOwner, Resource: resource})
			continue
		}
		w := witness{index: x, out: &out, depth: depth, resource: resource}
		w.query = policy.Setting{World: x.world, Account: x.account}.NewQuery(r.Action, resource, &r.Context)
		w.hear(p)
	}
	return out
}

// witness collects findings on one resource.
type witness struct {
	index    *Index
	out      *Explanation
	depth    Depth
	resource string
	query    policy.Query
}

// hear goes through all policies of a principal.
func (w *witness) hear(p *principal) {
	via := Direct
	if p.kind == role {
		via = ViaRole
	}
	if p.own != nil {
		w.hearHolder(p.own, via, iam.GroupID{})
	}
	for i := range int(p.groups.n) {
		g := w.index.groups.At(int(p.groups.at(i)))
		if g.more != nil {
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
		w.hearStatement(w.index.policies.At(int(slots[p.program()])), p.statement(), via, group)
	}
}

func (w *witness) hearStatement(b *bound, i int, via Via, group iam.GroupID) {
	decided := w.out.Reason != NoMatch && b.program.Effect(i) == w.out.Effect
	if !decided && w.depth < NearMisses {
		return // whether it applies changes nothing and is not asked
	}
	if b.program.Match(i, &w.query) {
		if decided {
			w.out.Determining = append(w.out.Determining, w.finding(b, i, via, group))
		}
		return
	}
	if w.depth < NearMisses || len(w.out.NearMisses) >= MaxNearMisses {
		return
	}
	if t := b.program.Trace(i, &w.query); t.Action {
		f := w.finding(b, i, via, group)
		f.Failure = t.Failure
		if !t.Resource {
			f.Failure = "no resource pattern of the statement matches " + w.resource
		}
		w.out.NearMisses = append(w.out.NearMisses, f)
	}
}

// finding names a statement.
func (w *witness) finding(b *bound, i int, via Via, group iam.GroupID) Finding {
	return Finding{Policy: b.id, PolicyName: b.name, Statement: b.program.StatementID(i),
		Effect: b.program.Effect(i), Via: via, Group: group, Resource: w.resource}
}
