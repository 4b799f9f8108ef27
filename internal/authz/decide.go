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
}

// Reason says how a decision came about.
type Reason uint8

// The reasons. The zero Reason denies, as all but Allowed do.
const (
	NoMatch          Reason = iota // no statement allows it
	ExplicitDeny                   // a statement denies it
	UnknownPrincipal               // nobody of that name is in the organization
	Disabled                       // the principal is disabled
	Suspended                      // the organization is suspended
	Allowed                        // a statement allows it and none denies it
)

// String is the reason in snake case.
func (r Reason) String() string {
	switch r {
	case ExplicitDeny:
		return "explicit_deny"
	case UnknownPrincipal:
		return "unknown_principal"
	case Disabled:
		return "principal_disabled"
	case Suspended:
		return "organization_suspended"
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
// has to build a text.
func (x *Index) Decide(r *Request) Decision {
	h, reason := x.who(r.Principal)
	if h == nil || reason != NoMatch {
		return x.decision(reason)
	}
	if len(r.Resources) == 0 {
		return x.decision(NoMatch)
	}
	verdict := Allowed
	for _, resource := range r.Resources {
		q := policy.NewQuery(r.Action, resource, &r.Context)
		switch x.ask(h, &q) {
		case ExplicitDeny:
			return x.decision(ExplicitDeny)
		case Allowed:
		default:
			verdict = NoMatch // go on: another resource may be denied explicitly
		}
	}
	return x.decision(verdict)
}

func (x *Index) decision(r Reason) Decision {
	d := Decision{Reason: r, Revision: x.revision}
	if r == Allowed {
		d.Effect = policy.Allow
	}
	return d
}

// owners hold one managed policy that allows everything, instead of what is attached to them.
var owners = &principal{kind: iam.KindOfUser, enabled: true}

// who finds the principal. A reason other than NoMatch decides at once; the principal is nil when that is so.
func (x *Index) who(id iam.Principal) (*principal, Reason) {
	p, ok := x.principals.Get(id.ID)
	switch {
	case x.suspended:
		return nil, Suspended
	case !x.founded || !ok || p.kind != id.Kind:
		return nil, UnknownPrincipal
	case !p.enabled:
		return nil, Disabled
	case id.Kind == iam.KindOfUser && id.ID == x.owner:
		return owners, NoMatch
	}
	return p, NoMatch
}

// ask decides one resource: ExplicitDeny, Allowed or NoMatch.
func (x *Index) ask(p *principal, q *policy.Query) Reason {
	if p == owners {
		return Allowed
	}
	verdict := x.askHolder(&p.holder, q, NoMatch)
	for _, slot := range p.groups {
		if verdict == ExplicitDeny {
			break
		}
		verdict = x.askHolder(&x.groups.At(int(slot)).holder, q, verdict)
	}
	return verdict
}

// askHolder adds the word of a holder's policies to the verdict so far.
func (x *Index) askHolder(h *holder, q *policy.Query, verdict Reason) Reason {
	have := q.Signature()
	verdict = h.own.ask(q, have, verdict)
	for _, slot := range h.common {
		if verdict == ExplicitDeny {
			break
		}
		verdict = x.policies.At(int(slot)).rows.ask(q, have, verdict)
	}
	return verdict
}
