package scaleway

import (
	"net/http"
	"slices"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// Prefix begins the paths of IAM (section 1).
const Prefix = "/iam/v1alpha1"

// Metadata is the path at which clients ask where they are (section 1.2).
const Metadata = "/metadata"

// New makes the handler of everything below Prefix and AccountPrefix, and of Metadata.
func New(cfg wire.Config) http.Handler {
	words := map[string]route{}
	for _, r := range routes() {
		words[r.Method+" "+r.Pattern] = r
	}
	return wire.New(cfg, wire.Dialect{Authenticate: authenticate, Refuse: refusals(words), Headers: headers}, Routes())
}

// Routes lists everything that the dialect serves (section 2).
func Routes() []wire.Route {
	return shows(routes(), func(r route) wire.Route { return r.Route })
}

func routes() []route {
	return slices.Concat(groupRoutes(), groupMemberRoutes(), applicationRoutes(), policyRoutes(), ruleRoutes(), permissionSetRoutes(),
		apiKeyRoutes(), sshKeyRoutes(), userRoutes(), signInRoutes(), jwtRoutes(), organizationRoutes(), samlRoutes(), scimRoutes(), projectRoutes(), quotaRoutes(), logRoutes(), permissionRoutes(), metadataRoutes())
}

const (
	get   = http.MethodGet
	post  = http.MethodPost
	put   = http.MethodPut
	patch = http.MethodPatch
	del   = http.MethodDelete
)

// route is a route with the words in which its refusals name it (section 9).
type route struct {
	wire.Route
	resource, action string
}

// What is done to a resource, in those words.
const (
	reads   = "read"
	lists   = "list"
	writes  = "write"
	creates = "create"
	deletes = "delete"
)

// call is one request of this API.
type call struct{ *wire.Call }

// handler does one operation.
type handler func(*call) (*wire.Answer, error)

func (h handler) wire(c *wire.Call) (*wire.Answer, error) { return h(&call{c}) }

// thing is a kind of resource.
type thing struct {
	word  string // this API's
	typ   string // the domain's
	param string // of paths that name one
}

var (
	aGroup         = thing{"group", iam.TypeGroup, "group_id"}
	anApplication  = thing{"application", iam.TypeServiceAccount, "application_id"}
	aUser          = thing{"user", iam.TypeUser, "user_id"}
	aPolicy        = thing{"policy", iam.TypePolicy, "policy_id"}
	aProject       = thing{"project", iam.TypeProject, "project_id"}
	anOrganization = thing{"organization", iam.TypeOrganization, organizationID}
	aPermissionSet = thing{"permission_set", iam.TypePermissionSet, ""}
	aQuotum        = thing{"quota", iam.TypeOrganization, ""}
	aLog           = thing{"log", iam.TypeAuditLog, "log_id"}
)

// any is the target of a call about no particular thing.
func (t thing) any(*wire.Call) control.Target { return control.On(iam.AnyOf(t.typ)) }

// one is the target of a call about the thing that the path names.
func (t thing) one(c *wire.Call) control.Target {
	return control.On(iam.Name(t.typ, pathID(c, t.param)))
}

// does makes a route about a thing.
func (t thing) does(action, method, pattern string, op *control.Operation, target func(*wire.Call) control.Target, h handler) route {
	return route{wire.Route{Method: method, Pattern: Prefix + pattern, Operation: op, Target: target, Handle: h.wire}, t.word, action}
}

// chooses makes a route about a thing, of which op is the first of several things that a call may be.
func (t thing) chooses(action, method, pattern string, op *control.Operation, choose func(*call, *control.View) []control.Asked, h handler) route {
	return route{wire.Route{Method: method, Pattern: Prefix + pattern, Operation: op, Handle: h.wire,
		Choose: func(c *wire.Call, v *control.View) []control.Asked { return choose(&call{c}, v) }}, t.word, action}
}
