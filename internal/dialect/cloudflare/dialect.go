package cloudflare

import (
	"net/http"
	"slices"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// Prefix begins every path (section 1).
const Prefix = "/client/v4"

// New makes the handler of everything below Prefix.
//
// Strictly, policies of user groups that deny are refused, as by the vendor; else they are taken and decide (section 14).
func New(cfg wire.Config, strictly bool) http.Handler {
	return wire.New(cfg, wire.Dialect{Authenticate: authenticate, Refuse: refuse, NoHead: true}, routes(strictly))
}

// Routes lists everything that the dialect serves (section 2).
func Routes() []wire.Route { return routes(false) }

func routes(strictly bool) []wire.Route {
	return slices.Concat(permissionGroupRoutes(), resourceGroupRoutes(), userGroupRoutes(strictly), groupMemberRoutes(), memberRoutes(),
		roleRoutes(), ssoRoutes(),
		accountTokens.routes(), userTokens.routes())
}

// account is the path of an account (section 2).
const account = Prefix + "/accounts/{account_id}"

const (
	get   = http.MethodGet
	post  = http.MethodPost
	put   = http.MethodPut
	patch = http.MethodPatch
	del   = http.MethodDelete
)

// call is one request of this API.
type call struct{ *wire.Call }

// handler does one operation and gives its result, and the revision of the organization.
type handler func(*call) (*wire.Answer, error)

// area is a part of the API with error codes of its own (section 3.3).
type area struct {
	kind  string // what the things are called in messages
	codes codes
	wrong string // begins messages about what is wrong with a request
}

// route makes a route whose errors are put into the words of its area.
func (a area) route(method, pattern string, op *control.Operation, target func(*wire.Call) control.Target, h handler) wire.Route {
	return wire.Route{Method: method, Pattern: pattern, Operation: op, Target: target, Handle: func(c *wire.Call) (*wire.Answer, error) {
		out, err := h(&call{c})
		return out, a.fault(err)
	}}
}

// anyOf is the target of a call about no particular thing of a type.
func anyOf(typ string) func(*wire.Call) control.Target {
	return func(*wire.Call) control.Target { return control.On(iam.AnyOf(typ)) }
}

// one is the target of a call about the thing whose id stands in the path. What is no id names nothing and is refused later.
func one(typ, param string) func(*wire.Call) control.Target {
	return func(c *wire.Call) control.Target {
		id, _ := parseID(c.R.PathValue(param))
		return control.On(iam.Name(typ, id))
	}
}
