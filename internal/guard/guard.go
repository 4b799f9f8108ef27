// Package guard decides on somebody else's HTTP request: what it means is the catalogue's to say, and who may do that is the
// engine's. Here the two meet, with what the catalogue's row says of callers.
//
//	method, path ──► catalog.Match ──► open to everybody? ──► who asks, and may such a caller? ──► authz
//
// It is pure, as the two are.
package guard

import (
	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// Reason says how a decision came about.
type Reason string

// The reasons that policies have no part in. Every other is the engine's own: authz.Reason as a text.
const (
	NoRoute          Reason = "no_route"          // denied: the catalogue has no row that the request certainly is of
	NoPrincipal      Reason = "no_principal"      // denied: the action needs somebody who asks, and nobody does
	CallerType       Reason = "caller_type"       // denied: the row's user_types do not have such callers
	NoAuthentication Reason = "no_authentication" // allowed: open to everybody
	NoAuthorization  Reason = "no_authorization"  // allowed: open to every caller who may act at all
)

// Question is a request and who makes it.
type Question struct {
	Backend      string // "" if the request fits one backend only
	Method, Path string // the path as it was sent: with its escapes, without its query
	// Ask asks the engine as the one who makes the request, about an action and its resources; nil if nobody does. It is called
	// once at most, and not at all if nobody needs to be known.
	Ask   func(action string, resources []string) authz.Explanation
	Owner bool              // it is the organization's owner who makes the request
	Kind  iam.PrincipalKind // of who makes it
}

// Answer is a decision. Its zero value denies.
type Answer struct {
	Effect policy.Effect
	Reason Reason
	Match  catalog.Match // what the request means; zero if that is not known
	// Explanation is the engine's word, as far as it was asked. Its effect counts only if Reason is the engine's.
	Explanation authz.Explanation
}

// Allowed reports whether the request may be made.
func (a *Answer) Allowed() bool { return a.Effect == policy.Allow }

// Decide answers a question.
func Decide(c *catalog.Catalog, q *Question) Answer {
	m, ok := c.Match(q.Backend, q.Method, q.Path)
	switch {
	case !ok:
		return Answer{Reason: NoRoute}
	case m.Action.NoAuthentication:
		return Answer{Effect: policy.Allow, Reason: NoAuthentication, Match: m}
	case q.Ask == nil:
		return Answer{Reason: NoPrincipal, Match: m}
	}
	a := Answer{Match: m, Explanation: q.Ask(m.Action.String(), m.Resources)}
	switch a.Explanation.Reason {
	case authz.UnknownPrincipal, authz.Disabled, authz.Suspended: // whatever the row says, nobody can act so
		a.Reason = Reason(a.Explanation.Reason.String())
		return a
	}
	switch {
	case !Admits(m.Action, UserType(q.Kind, q.Owner)):
		a.Reason = CallerType
	case m.Action.NoAuthorization:
		a.Effect, a.Reason = policy.Allow, NoAuthorization
	default:
		a.Effect, a.Reason = a.Explanation.Effect, Reason(a.Explanation.Reason.String())
	}
	return a
}

// UserType is what VNG Cloud calls the type of a caller (vngcloud.md, section 7.1): the owner of an organization, another user, or a
// service account. Service accounts of the vendor's own are none that an organization has. A role is none of the types: "".
func UserType(kind iam.PrincipalKind, owner bool) string {
	switch {
	case kind == iam.KindOfUser && owner:
		return catalog.RootUser
	case kind == iam.KindOfUser:
		return catalog.IAMUser
	case kind == iam.KindOfServiceAccount:
		return catalog.UserSA
	}
	return ""
}

// Admits tells whether the user_types of an action have a caller of a type. Whoever is of none may call what all of them may.
func Admits(a *catalog.Action, userType string) bool {
	if userType == "" {
		return a.Admits(catalog.RootUser, catalog.ServiceSA, catalog.IAMUser, catalog.UserSA)
	}
	return a.Admits(userType)
}
