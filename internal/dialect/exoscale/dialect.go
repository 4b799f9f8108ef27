package exoscale

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// Prefix begins every path (section 1).
const Prefix = "/v2"

// New makes the handler of everything below Prefix. Operations show as pending for a while, 0 for none: what they did is done by then,
// but clients can be seen to wait (section 5).
func New(cfg wire.Config, pending time.Duration) http.Handler {
	s := &server{pending: pending, operations: map[string]*operation{}, named: map[string]*operation{}}
	ops := operations()
	routes := make([]wire.Route, len(ops))
	for i := range ops {
		o := &ops[i]
		s.operations[o.route.Method+" "+o.route.Pattern], s.named[o.name] = o, o
		routes[i] = s.route(o)
	}
	return splitting(wire.New(cfg, wire.Dialect{Authenticate: s.authenticate, Read: s.read, Refuse: refuse, NoHead: true}, routes))
}

// Routes lists everything that the dialect serves (section 3). In patterns, the verb of a path is a segment before all others.
func Routes() []wire.Route {
	var out []wire.Route
	for _, o := range operations() {
		out = append(out, o.route)
	}
	return out
}

func operations() []operation {
	return slices.Concat(roleOperations(), keyOperations(), policyOperations(), userOperations(), organizationOperations(), eventOperations())
}

// server is the dialect with what it is set to.
type server struct {
	pending    time.Duration
	operations map[string]*operation // by method and pattern
	named      map[string]*operation
}

// operation is one of Exoscale's operations (section 3).
type operation struct {
	name  string
	route wire.Route
	// read reads the body, and checks all that can be said without looking at anything else; nil if a body means nothing.
	read  func(*call) (any, error)
	do    handler
	byKey bool // the id in the path is an access key, not a UUID
}

// call is one request of this API.
type call struct {
	*wire.Call
	server *server
	in     any // what read has read
}

// handler does one operation.
type handler func(*call) (*wire.Answer, error)

// input is what is kept of a request between its phases.
type input struct{ body any }

func (s *server) route(o *operation) wire.Route {
	r := o.route
	r.Handle = func(w *wire.Call) (*wire.Answer, error) {
		c := &call{Call: w, server: s}
		if in, ok := w.State.(*input); ok {
			c.in = in.body
		}
		return o.do(c)
	}
	return r
}

// splitting puts the verb of a path, what follows the first colon of its last segment, before the path (section 13, "Router note"):
// /v2/iam-role/{id}:policy becomes /:policy/v2/iam-role/{id}, which no request can be for, since all are below Prefix. Signatures are of
// the path as it was sent, which the request's RequestURI keeps.
func splitting(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.EscapedPath()
		last := strings.LastIndexByte(path, '/') + 1
		head, verb, ok := strings.Cut(path[last:], ":")
		if !ok || !strings.HasPrefix(path, Prefix+"/") {
			h.ServeHTTP(w, r)
			return
		}
		next, at := *r, *r.URL
		at.RawPath = "/:" + verb + path[:last] + head
		var err error
		if at.Path, err = url.PathUnescape(at.RawPath); err != nil {
			at.Path = at.RawPath // which no route has
		}
		next.URL = &at
		h.ServeHTTP(w, &next)
	})
}

// path is the path of an operation as clients write it.
func (o *operation) path() string {
	if rest, ok := strings.CutPrefix(o.route.Pattern, "/:"); ok {
		verb, path, _ := strings.Cut(rest, "/")
		return "/" + path + ":" + verb
	}
	return o.route.Pattern
}

const (
	get  = http.MethodGet
	post = http.MethodPost
	put  = http.MethodPut
	del  = http.MethodDelete
)

// anyOf is the target of a call about no particular thing of a type.
func anyOf(typ string) func(*wire.Call) control.Target {
	return func(*wire.Call) control.Target { return control.On(iam.AnyOf(typ)) }
}

// one is the target of a call about the thing whose id stands in the path.
func one(typ string) func(*wire.Call) control.Target {
	return func(c *wire.Call) control.Target { return control.On(iam.Name(typ, pathID(c))) }
}

// ownOrganization is the target of a call about the organization itself.
func ownOrganization(c *wire.Call) control.Target {
	return control.On(iam.Name(iam.TypeOrganization, c.In.Actor.Org.UUID))
}

// pathID is the id in the path, whose form read has seen to.
func pathID(c *wire.Call) iam.UUID {
	id, _ := iam.ParseUUID(c.R.PathValue("id"))
	return id
}

// shown answers a read.
func (c *call) shown(v any) (*wire.Answer, error) { return answer(v, c.View().Revision()), nil }

// answer is the only kind of success (section 1).
func answer(v any, at iam.Revision) *wire.Answer {
	return &wire.Answer{Status: http.StatusOK, Body: v, Revision: at}
}
