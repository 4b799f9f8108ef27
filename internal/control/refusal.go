package control

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// Refusal is the cause of a refusal by policies, for dialects that tell the caller which (exoscale.md, section 8). Others tell
// nothing of it.
type Refusal struct {
	Action  string
	on      *snapshot
	index   *authz.Index
	request *authz.Request
}

// Error is for logs.
func (r *Refusal) Error() string { return "refused by policies: " + r.Action }

// Class is what Exoscale calls the services that the action is of.
func (r *Refusal) Class() string {
	service, _, _ := strings.Cut(r.Action, ":")
	return r.on.words.catalog.Class(service)
}

// Grounds are what a refusal goes back to.
type Grounds struct {
	Organization bool // the organization's policy refused, and not the caller's own policies
	Rule         int  // the place among the rules of its class of the rule that denied; -1 if none did
}

// Grounds finds out.
func (r *Refusal) Grounds() Grounds {
	why := r.index.Explain(r.request, authz.Determining)
	out := Grounds{Rule: -1}
	if why.Reason == authz.OutsideBoundary { // of the organization, or of a credential that has policies of its own
		without := r.index.WithBoundary(nil).Decide(r.request)
		out.Organization = without.Reason != authz.OutsideBoundary
	}
	for _, f := range why.Determining {
		if f.Effect != policy.Deny {
			continue
		}
		out.Rule = -1
		if m := rulePlace.FindStringSubmatch(f.Statement); m != nil {
			out.Rule, _ = strconv.Atoi(m[1]) // which the expression has seen to
		}
		if out.Organization = f.Via == authz.ViaBoundary && f.Boundary == authz.OrganizationBoundary; out.Organization {
			break // it is asked first
		}
	}
	return out
}

// rulePlace is where in a document of Exoscale's a rule stands.
var rulePlace = regexp.MustCompile(`^services.*\.rules\[(\d+)\]$`)

// refused is the refusal, which says nothing of the target.
func (p *Permit) refused(s *snapshot, op *Operation, resources []iam.CRN) error {
	err := denied(op)
	if k, good := p.credential(s); good {
		r := p.questionOf(s, op, resources)
		p.complete(s, k, r)
		err.Err = &Refusal{op.Action, s, p.index(s, r), r}
	}
	return err
}
