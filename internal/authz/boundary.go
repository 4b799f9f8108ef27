package authz

import (
	"slices"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// Boundary is policies that limit what a principal may do, whatever its own policies allow (design.md, section 5, step 3).
// Within one boundary any deny denies and any allow allows; of several boundaries each must allow. A boundary grants nothing:
// one that allows everything changes no decision, and one without policies leaves nothing.
//
// Boundaries bind everybody, the organization's owner too: Exoscale's owner passes the role layer but not the organization's
// (contract, sections 9 and 10.2), and a credential's own policies bind whoever bears it.
type Boundary struct {
	Kind     BoundaryKind
	Policies []BoundaryPolicy
}

// BoundaryKind says what a boundary belongs to.
type BoundaryKind string

// The kinds.
const (
	OrganizationBoundary BoundaryKind = "organization" // the organization's policy
	SessionBoundary      BoundaryKind = "session"      // the policy of a role session
	CredentialBoundary   BoundaryKind = "credential"   // a credential's own policies
)

// BoundaryPolicy is one policy of a boundary, with the names by which explanations call it; they may be zero.
type BoundaryPolicy struct {
	Policy  iam.PolicyID
	Name    string
	Program *policy.Program // never nil
}

// WithBoundary gives an index that decides as x does, but within b for every principal, in place of the boundary that x may
// have; nil takes that away. Next keeps it until the organization itself changes. b must not change afterwards.
func (x *Index) WithBoundary(b *Boundary) *Index {
	y := *x
	y.boundary = b
	return &y
}

// setBoundary makes the organization's policy the boundary of everybody in it.
func (b *builder) setBoundary() {
	b.boundary = nil
	if o := b.state.Organization(); o != nil && o.Program != nil {
		b.boundary = &Boundary{Kind: OrganizationBoundary, Policies: []BoundaryPolicy{{Name: organizationPolicy, Program: o.Program}}}
	}
}

// organizationPolicy is what explanations call the organization's policy.
const organizationPolicy = "organization policy"

// Consult tells what one program alone says of an action on one resource, whoever asks.
func (x *Index) Consult(p *policy.Program, action, resource string, c *policy.Context) Reason {
	one := Boundary{Policies: []BoundaryPolicy{{Program: p}}}
	q := policy.Setting{World: x.world, Account: x.account}.NewQuery(action, resource, c)
	verdict := one.ask(&q)
	if q.Scratch().Exhausted() {
		return TooCostly
	}
	return verdict
}

// bounded tells whether anything limits a request.
func (x *Index) bounded(r *Request) bool { return x.boundary != nil || len(r.Boundaries) > 0 }

// within adds the word of every boundary to that of the principal's policies. Whatever these say, a deny denies, and what a
// boundary does not allow is outside: a caller who has other grounds to allow than policies must know that it is.
func (x *Index) within(r *Request, q *policy.Query, verdict Reason) Reason {
	verdict = x.boundary.narrow(q, verdict)
	for i := range r.Boundaries {
		if verdict == ExplicitDeny {
			break
		}
		verdict = r.Boundaries[i].narrow(q, verdict)
	}
	return verdict
}

// narrow adds one boundary's word. A nil boundary has none.
func (b *Boundary) narrow(q *policy.Query, verdict Reason) Reason {
	if b == nil {
		return verdict
	}
	switch b.ask(q) {
	case ExplicitDeny:
		return ExplicitDeny
	case Allowed:
		return verdict
	default:
		return OutsideBoundary
	}
}

// ask decides one resource by the boundary alone: ExplicitDeny, Allowed or NoMatch.
func (b *Boundary) ask(q *policy.Query) Reason {
	verdict := NoMatch
	for i := range b.Policies {
		p := b.Policies[i].Program
		for s := range p.Len() {
			deny := p.Effect(s) == policy.Deny
			if !deny && verdict == Allowed || !p.Match(s, q) {
				continue
			}
			if deny {
				return ExplicitDeny
			}
			verdict = Allowed
		}
	}
	return verdict
}

// worse is the verdict on several resources. What is outside a boundary stays so, whatever policies say of the others.
func worse(verdict, next Reason) Reason {
	if verdict == Allowed || next == OutsideBoundary {
		return next
	}
	return verdict
}

// hearBoundaries goes through all boundaries of a request.
func (w *witness) hearBoundaries(extra []Boundary) {
	if b := w.index.boundary; b != nil {
		w.hearBoundary(b)
	}
	for i := range extra {
		w.hearBoundary(&extra[i])
	}
}

func (w *witness) hearBoundary(b *Boundary) {
	before := len(w.out.NearMisses)
	for i := range b.Policies {
		p := &b.Policies[i]
		from := heard{program: p.Program, policy: p.Policy, name: p.Name, via: ViaBoundary, boundary: b.Kind}
		for s := range p.Program.Len() {
			w.hearStatement(&from, s)
		}
	}
	allowing := func(f Finding) bool { return f.Effect == policy.Allow }
	if w.depth >= NearMisses && w.out.Reason == OutsideBoundary && !slices.ContainsFunc(w.out.NearMisses[before:], allowing) {
		w.hearSilence(b)
	}
}

// hearSilence names a boundary that does not allow although nothing of it comes near to that.
func (w *witness) hearSilence(b *Boundary) {
	w.renew()
	if len(w.out.NearMisses) >= MaxNearMisses || b.ask(&w.query) != NoMatch || w.query.Scratch().Exhausted() {
		return
	}
	f := Finding{Effect: policy.Allow, Via: ViaBoundary, Boundary: b.Kind, Resource: w.resource,
		Failure: "no allowing statement of the boundary names the action"}
	if len(b.Policies) == 1 {
		f.Policy, f.PolicyName = b.Policies[0].Policy, b.Policies[0].Name
	}
	w.out.NearMisses = append(w.out.NearMisses, f)
}
