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

// Explain answers as Decide does, and says why. It looks at every statement, so that all that decided are named.
func (x *Index) Explain(r *Request, depth Depth) Explanation {
	out := Explanation{Decision: x.Decide(r)}
	p, reason := x.who(r.Principal)
	if reason != NoMatch && reason != Allowed {
		return out
	}
	for _, resource := range r.Resources {
		if reason == Allowed {
			out.Determining = append(out.Determining, Finding{Policy: iam.OwnerPolicy, PolicyName: iam.OwnerPolicyName,
				Statement: "0", Effect: policy.Allow, Via: ViaOwner, Resource: resource})
			continue
		}
		w := witness{out: &out, depth: depth, resource: resource}
		w.query = policy.NewQuery(r.Action, resource, &r.Context)
		x.hear(p, &w)
	}
	return out
}

// witness collects findings on one resource.
type witness struct {
	out      *Explanation
	depth    Depth
	resource string
	query    policy.Query
}

// hear goes through all policies of a principal.
func (x *Index) hear(p *principal, w *witness) {
	via := Direct
	if p.kind == iam.KindOfRole {
		via = ViaRole
	}
	for _, slot := range p.own.attached() {
		w.hear(x.policies.At(int(slot)), via, iam.GroupID{})
	}
	for i := range int(p.groups.n) {
		g := x.groups.At(int(p.groups.at(i)))
		for _, slot := range g.attached() {
			w.hear(x.policies.At(int(slot)), ViaGroup, *g.id)
		}
	}
}

func (w *witness) hear(b *bound, via Via, group iam.GroupID) {
	if b.program == nil {
		return // the slot of a policy that is gone
	}
	for i := range b.program.Len() {
		decided := w.out.Reason != NoMatch && b.program.Effect(i) == w.out.Effect
		if !decided && w.depth < NearMisses {
			continue // whether it applies changes nothing and is not asked
		}
		if b.program.Match(i, &w.query) {
			if decided {
				w.out.Determining = append(w.out.Determining, w.finding(b, i, via, group))
			}
			continue
		}
		if w.depth < NearMisses || len(w.out.NearMisses) >= MaxNearMisses {
			continue
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
}

// finding names a statement.
func (w *witness) finding(b *bound, i int, via Via, group iam.GroupID) Finding {
	return Finding{Policy: b.policy.ID, PolicyName: b.policy.Name, Statement: b.program.StatementID(i),
		Effect: b.program.Effect(i), Via: via, Group: group, Resource: w.resource}
}
