package api

import (
	"strings"
	"unicode"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/catalog/route"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/guard"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// maxMethod is the longest method, in bytes; longer ones than rows have are denied, not refused.
const maxMethod = 32

// httpRequest is apitype.AuthorizeHTTPRequest with a context that is read in place.
type httpRequest struct {
	Principal string           `json:"principal"`
	Backend   string           `json:"backend"`
	Method    string           `json:"method"`
	Path      string           `json:"path"`
	Context   askedContext     `json:"context"`
	AtLeast   apitype.Revision `json:"at_least"`
	Explain   bool             `json:"explain"`
}

// authorizeHTTP answers whether a principal may make an HTTP request to a service that the catalogue describes. It is strict
// about what a gateway does wrong, and denies whatever somebody sent that the gateway passes on.
func authorizeHTTP(c *call) (*wire.Answer, error) {
	var in httpRequest
	var q control.HTTPQuestion
	err := c.decode(&in, func(f *form) {
		if in.Principal != "" {
			q.Principal = f.crn("principal", in.Principal)
		}
		f.line("backend", in.Backend, catalog.MaxID)
		f.line("method", in.Method, maxMethod)
		f.line("path", in.Path, route.MaxPath)
		f.given("method", in.Method)
		f.given("path", in.Path)
		if strings.Contains(in.Path, "?") {
			f.wrong("path", "must come without the query; an escaped question mark is %%3F")
		}
	})
	if err != nil {
		return nil, err
	}
	if in.AtLeast > 0 {
		if err := c.Permit.Await(c.Ctx(), iam.Revision(in.AtLeast)); err != nil {
			return nil, err
		}
	}
	q.Backend, q.Method, q.Path, q.Context = in.Backend, in.Method, in.Path, in.Context.Context
	if in.Explain {
		q.Depth = authz.NearMisses
	}
	a := c.Control.AuthorizeHTTP(c.Permit, q)
	out := guardToWire(&a)
	if in.Explain {
		out.Explanation = guardExplanation(c.View(), &a)
	}
	return c.ok(out)
}

// line refuses what no line of a request holds.
func (f *form) line(field, s string, most int) {
	switch {
	case len(s) > most:
		f.wrong(field, "has at most %d bytes", most)
	case strings.ContainsFunc(s, unicode.IsControl):
		f.wrong(field, "must not hold control characters")
	}
}

// given wants a text to be there.
func (f *form) given(field, s string) {
	if s == "" {
		f.wrong(field, "is required")
	}
}

func guardToWire(a *guard.Answer) apitype.AuthorizeHTTPAnswer {
	out := apitype.AuthorizeHTTPAnswer{Allowed: a.Allowed(), Reason: string(a.Reason), Resources: a.Match.Resources}
	switch decision := decisionToWire(&a.Explanation); {
	case byGuard(a.Reason):
		out.Revision = decision.Revision
	default:
		out.Reason, out.MatchedStatements, out.Revision = decision.Reason, decision.MatchedStatements, decision.Revision
	}
	if a.Match.Action == nil {
		return out
	}
	out.Action = new(a.Match.Action.String())
	out.Parameters = make(map[string]string, len(a.Match.Params))
	for i, name := range a.Match.Params {
		out.Parameters[name] = a.Match.Values[i]
	}
	return out
}

// byGuard tells the reasons that are not the engine's.
func byGuard(r guard.Reason) bool {
	switch r {
	case guard.NoRoute, guard.NoPrincipal, guard.CallerType, guard.NoAuthentication, guard.NoAuthorization:
		return true
	}
	return false
}

func guardExplanation(v *control.View, a *guard.Answer) *apitype.Explanation {
	if byGuard(a.Reason) {
		return &apitype.Explanation{Reason: string(a.Reason), Determining: []apitype.Finding{}, NearMisses: []apitype.Finding{}}
	}
	return explanationToWire(v, &a.Explanation)
}
