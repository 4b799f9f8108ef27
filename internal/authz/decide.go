package authz

import (
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// Request is one question.
type Request struct {
	// Principal is who asks: a user, a service account, or a role (its session acts with the role's policies alone).
	Principal iam.Principal
	// Action is "service:Action" in the native spelling.
	Action string
	// Resources are what the action is about, each as a CRN; all must be allowed. None at all is denied.
	Resources []string
	// Context is what conditions see.
	Context policy.Context
	// ResourceTags, unless nil, are those of each of Resources, and stand in place of the Context's. What expressions cost is then
	// bounded for each resource.
	ResourceTags [][]policy.Attr
	// Account is the short number of another organization, whose the resources are; "" if they are the principal's own's.
	Account string
	// Boundaries limit this request, beside the index's own: a session policy, a credential's own policies.
	Boundaries []Boundary
}

// Reason says how a decision came about.
type Reason uint8

// The reasons. The zero Reason denies, as all but Allowed do.
const (
	NoMatch          Reason = iota // no statement allows it
	ExplicitDeny                   // a statement denies it
	TooCostly                      // expressions reached a bound before all were answered
	UnknownPrincipal               // nobody of that name is in the organization
	Disabled                       // the principal is disabled
	Suspended                      // the organization is suspended
	OutsideBoundary                // a boundary does not allow it, whether or not policies do
	Allowed                        // a statement allows it and none denies it
)

// String is the reason in snake case.
func (r Reason) String() string {
	switch r {
	case ExplicitDeny:
		return "explicit_deny"
	case TooCostly:
		return "evaluation_limit"
	case UnknownPrincipal:
		return "unknown_principal"
	case Disabled:
		return "principal_disabled"
	case Suspended:
		return "organization_suspended"
	case OutsideBoundary:
		return "boundary"
	case Allowed:
		return "explicit_allow"
	}
	return "implicit_deny"
}

// Decision is the answer. Its zero value denies.
type Decision struct {
	Effect   policy.Effect
	Reason   Reason
	Revision iam.Revision // of the organization, on which it was made
}

// Allowed reports whether the action may be done.
func (d Decision) Allowed() bool { return d.Effect == policy.Allow }

// Decide answers a request (bycloud.md, section 15; design.md, section 5). It allocates nothing unless a condition
// has to build a text, or is an expression, or resources have tags of their own.
func (x *Index) Decide(r *Request) Decision {
	if r.ResourceTags == nil {
		return x.decide(r)
	}
	out := x.decision(NoMatch)
	for i := range r.Resources {
		d := x.decide(r.about(i))
		if i == 0 || d.Reason == ExplicitDeny {
			out = d
		} else if out.Reason != ExplicitDeny {
			out = x.decision(worse(out.Reason, d.Reason))
		}
	}
	return out
}

// about is the request about one of its resources, in a context of its own.
func (r *Request) about(i int) *Request {
	one := *r
	one.Resources, one.ResourceTags = r.Resources[i:i+1], nil
	if i < len(r.ResourceTags) {
		one.Context.ResourceTags = r.ResourceTags[i]
	}
	return &one
}

// decide is Decide, in one context for all resources.
func (x *Index) decide(r *Request) Decision {
	p, reason := x.who(r.Principal)
	if reason != NoMatch && reason != Allowed {
		return x.decision(reason)
	}
	if len(r.Resources) == 0 {
		return x.decision(NoMatch)
	}
	bounded := x.bounded(r)
	if reason == Allowed && !bounded { // the owner
		return x.decision(Allowed)
	}
	verdict := Allowed
	account := x.accountOf(r)
	in, spelled := policy.Setting{World: x.world, Account: account}, policy.Spelled{}
	for _, resource := range r.Resources {
		q := in.NewQuery(r.Action, resource, &r.Context)
		if x.spells {
			spelled = policy.SpellingOf(&x.world, account, r.Action, resource)
			q = q.Spelled(&spelled)
		}
		next := reason
		if p != nil {
			next = x.ask(p, &q)
		}
		if bounded && next != ExplicitDeny {
			next = x.within(r, &q, next)
		}
		if next == ExplicitDeny {
			return x.decision(ExplicitDeny)
		}
		verdict = worse(verdict, next) // go on: another resource may be denied explicitly
		if in.Scratch = q.Scratch(); in.Scratch.Exhausted() {
			return x.decision(TooCostly)
		}
	}
	return x.decision(verdict)
}

// accountOf is the number of the account that the names of resources hold.
func (x *Index) accountOf(r *Request) string {
	if r.Account != "" {
		return r.Account
	}
	return x.account
}

func (x *Index) decision(r Reason) Decision {
	d := Decision{Reason: r, Revision: x.revision}
	if r == Allowed {
		d.Effect = policy.Allow
	}
	return d
}

// who finds the principal. NoMatch means that its policies decide, and Allowed that it is the owner or has the role Owner,
// with one managed policy that allows everything instead of what is attached; any other reason denies.
func (x *Index) who(id iam.Principal) (*principal, Reason) {
	p := x.principals.At(id.ID)
	switch {
	case x.suspended:
		return nil, Suspended
	case !x.founded || p == nil || p.kind != kindOf(id.Kind):
		return nil, UnknownPrincipal
	case !p.enabled:
		return nil, Disabled
	case p.owner, id.Kind == iam.KindOfUser && id.ID == x.owner:
		return nil, Allowed
	}
	return p, NoMatch
}

// ask decides one resource: ExplicitDeny, Allowed or NoMatch.
func (x *Index) ask(p *principal, q *policy.Query) Reason {
	verdict := NoMatch
	if p.own != nil {
		verdict = x.askHolder(p.own, q, verdict)
	}
	for i := range int(p.groups.n) {
		if verdict == ExplicitDeny {
			break
		}
		verdict = x.askHolder(x.groups.At(int(p.groups.at(i))), q, verdict)
	}
	return verdict
}

// askHolder adds the word of a holder's policies to the verdict so far.
func (x *Index) askHolder(h *holder, q *policy.Query, verdict Reason) Reason {
	verdict = h.rows.ask(q, verdict)
	if !h.rows.common() {
		return verdict
	}
	for _, slot := range h.more.common {
		if verdict == ExplicitDeny {
			break
		}
		verdict = x.policies.At(int(slot)).common.ask(q, verdict)
	}
	return verdict
}
