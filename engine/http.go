package engine

import (
	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/guard"
)

// HTTPRequest is a question about an HTTP request to a service that the catalogue describes (docs/catalog.md, "Guarding an HTTP
// API").
type HTTPRequest struct {
	Principal Ref    // the zero Ref if nobody is known to make the request
	Backend   string // of the catalogue's rows; empty if the request fits one backend only
	Method    string
	// Path is the path as it was sent, with its escapes and without its query: URL.EscapedPath of a *http.Request's URL. Never
	// URL.Path, in which a slash that was escaped cannot be told from one that was not.
	Path    string
	Context Context // as in a Request
}

// HTTPReason says how a decision about an HTTP request came about: one of the constants, or a Reason as a text.
type HTTPReason = guard.Reason

// The reasons in which policies have no part.
const (
	NoRoute          = guard.NoRoute          // denied: no row of the catalogue certainly fits the request
	NoPrincipal      = guard.NoPrincipal      // denied: somebody has to make it, and nobody is known
	CallerType       = guard.CallerType       // denied: the row is not for such callers
	NoAuthentication = guard.NoAuthentication // allowed: the row is open to everybody
	NoAuthorization  = guard.NoAuthorization  // allowed: the row is open to every principal that is enabled
)

// HTTPDecision is the answer. Its zero value denies.
type HTTPDecision struct {
	Effect     Effect
	Reason     HTTPReason
	Action     string            // what the request means; empty if that is not known
	Resources  []string          // what it is about
	Parameters map[string]string // of its path
}

// Allowed reports whether the request may be made.
func (d *HTTPDecision) Allowed() bool { return d.Effect == Allow }

// DecideHTTP answers whether somebody may make an HTTP request. What fits no row of the catalogue, or may be read as another
// path by the service behind, is denied.
func (e *Engine) DecideHTTP(r *HTTPRequest) HTTPDecision {
	q := guard.Question{Backend: r.Backend, Method: r.Method, Path: r.Path}
	if r.Principal != (Ref{}) {
		q.Kind, q.Owner = r.Principal.principal.Kind, e.owner != Ref{} && r.Principal == e.owner
		q.Ask = func(action string, resources []string) authz.Explanation {
			d := e.Decide(&Request{Principal: r.Principal, Action: action, Resources: resources, Context: r.Context})
			return authz.Explanation{Decision: d}
		}
	}
	a := guard.Decide(e.catalog, &q)
	d := HTTPDecision{Effect: a.Effect, Reason: a.Reason}
	if a.Match.Action == nil {
		return d
	}
	d.Action, d.Resources = a.Match.Action.String(), a.Match.Resources
	d.Parameters = make(map[string]string, len(a.Match.Params))
	for i, name := range a.Match.Params {
		d.Parameters[name] = a.Match.Values[i]
	}
	return d
}
