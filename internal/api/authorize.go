package api

import (
	"strings"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// authorizeRoutes has the one question, and the same about an HTTP request. It is about the rights within the organization as a whole, so that is what it
// is authorized on.
func authorizeRoutes() []Route {
	return []Route{
		{post, "/v1/iam/authorize", control.Authorize, anOrganization.any, authorize},
		{post, "/v1/iam/authorize-http", control.AuthorizeHTTP, anOrganization.any, authorizeHTTP},
	}
}

// authorizeRequest is apitype.AuthorizeRequest with a context that is read in place.
type authorizeRequest struct {
	Principal string           `json:"principal"`
	Action    string           `json:"action"`
	Resource  string           `json:"resource"`
	Context   askedContext     `json:"context"`
	AtLeast   apitype.Revision `json:"at_least"`
	Explain   bool             `json:"explain"`
}

// maxAction is the longest action, in bytes.
const maxAction = 128

// authorize answers section 13's question.
func authorize(c *call) (*wire.Answer, error) {
	var in authorizeRequest
	var q control.Question
	err := c.decode(&in, func(f *form) {
		q.Principal = f.crn("principal", in.Principal)
		f.action("action", in.Action)
		q.Resources = []iam.CRN{f.crn("resource", in.Resource)}
	})
	if err != nil {
		return nil, err
	}
	if in.AtLeast > 0 {
		if err := c.Permit.Await(c.Ctx(), iam.Revision(in.AtLeast)); err != nil {
			return nil, err
		}
	}
	q.Action, q.Context = in.Action, in.Context.Context
	if in.Explain {
		q.Depth = authz.NearMisses
	}
	x := c.Control.Authorize(c.Permit, q)
	out := decisionToWire(&x)
	if in.Explain {
		out.Explanation = explanationToWire(c.View(), &x)
	}
	return c.ok(out)
}

// action checks the name of an action: service:Action, printable, without patterns.
func (f *form) action(field, s string) {
	service, name, ok := strings.Cut(s, ":")
	switch {
	case s == "":
		f.wrong(field, "is required")
	case len(s) > maxAction:
		f.wrong(field, "has at most %d characters", maxAction)
	case !ok || service == "" || name == "" ||
		strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '*' }):
		f.wrong(field, "must be service:Action, as in s3:GetObject")
	}
}

// reasons in the contract's words (section 15); every other denial is implicit.
func reasonToWire(r authz.Reason) string {
	switch r {
	case authz.Allowed:
		return apitype.ExplicitAllow
	case authz.ExplicitDeny:
		return apitype.ExplicitDeny
	}
	return apitype.ImplicitDeny
}

func decisionToWire(x *authz.Explanation) apitype.AuthorizeAnswer {
	out := apitype.AuthorizeAnswer{Allowed: x.Allowed(), Reason: reasonToWire(x.Reason), Revision: apitype.Revision(x.Revision)}
	for i := range x.Determining {
		if !reachedBefore(x.Determining[:i], &x.Determining[i]) {
			out.MatchedStatements = append(out.MatchedStatements, statementToWire(&x.Determining[i]))
		}
	}
	return out
}

// reachedBefore tells whether a statement decided by another path too: it is reported once.
func reachedBefore(earlier []authz.Finding, f *authz.Finding) bool {
	for i := range earlier {
		if earlier[i].Policy == f.Policy && earlier[i].Statement == f.Statement {
			return true
		}
	}
	return false
}

func statementToWire(f *authz.Finding) apitype.MatchedStatement {
	return apitype.MatchedStatement{PolicyID: f.Policy.String(), PolicyName: f.PolicyName, StatementID: f.Statement,
		Effect: f.Effect.String()}
}

func explanationToWire(v *control.View, x *authz.Explanation) *apitype.Explanation {
	return &apitype.Explanation{Reason: x.Reason.String(), Determining: findingsToWire(v, x.Determining),
		NearMisses: findingsToWire(v, x.NearMisses)}
}

func findingsToWire(v *control.View, findings []authz.Finding) []apitype.Finding {
	out := make([]apitype.Finding, len(findings))
	for i := range findings {
		f := &findings[i]
		out[i] = apitype.Finding{MatchedStatement: statementToWire(f), Via: string(f.Via), Resource: f.Resource,
			Failure: textOrNull(f.Failure)}
		if f.Via != authz.ViaGroup {
			continue
		}
		if g, err := v.Group(f.Group); err == nil {
			out[i].Group = &apitype.Ref{ID: g.ID.String(), Name: g.Name}
		}
	}
	return out
}
