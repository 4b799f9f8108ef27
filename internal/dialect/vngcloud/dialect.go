package vngcloud

import (
	"net/http"
	"slices"
	"strings"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/guard"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// What paths begin with (sections 1 and 10).
const (
	PoliciesPrefix = "/policies-api"
	AccountsPrefix = "/accounts-api"
)

const (
	policiesV1 = PoliciesPrefix + "/v1"
	accountsV1 = AccountsPrefix + "/v1"
)

// New makes the handler of everything below the two prefixes.
func New(cfg wire.Config) http.Handler {
	a := &authenticator{failed: map[client]int{}}
	return withoutSlashes(wire.New(cfg, wire.Dialect{Authenticate: a.authenticate, Refuse: refuse, Closed: true}, Routes()))
}

// Routes lists everything that the dialect serves (sections 2 and 10).
func Routes() []wire.Route {
	return slices.Concat(catalogRoutes(), groupRoutes(), policyRoutes(), attachmentRoutes(), tagRoutes(), quotaRoutes(),
		tokenRoutes(), userRoutes(), accountRoutes(), trustRoutes())
}

// withoutSlashes lets paths end in slashes (section 1).
func withoutSlashes(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.EscapedPath()
		n := len(path) - len(strings.TrimRight(path, "/"))
		if n == 0 || n == len(path) {
			h.ServeHTTP(w, r)
			return
		}
		next, at := *r, *r.URL
		at.Path, at.RawPath = at.Path[:len(at.Path)-n], at.RawPath[:max(0, len(at.RawPath)-n)]
		next.URL = &at
		h.ServeHTTP(w, &next)
	})
}

const (
	get   = http.MethodGet
	post  = http.MethodPost
	put   = http.MethodPut
	patch = http.MethodPatch
	del   = http.MethodDelete
)

// call is one request of this API.
type call struct{ *wire.Call }

type handler func(*call) (*wire.Answer, error)

// area is a part of the API with error codes of its own (section 9).
type area struct {
	missing string // what a call is about is not there
	exists  string // what it would make is there
}

// route makes a route. The row of the catalogue says which types of callers there may be (section 7.2).
func (a area) route(method, pattern string, op *control.Operation, target func(*wire.Call) control.Target, h handler) wire.Route {
	return wire.Route{Method: method, Pattern: pattern, Operation: op, Target: target, Handle: func(w *wire.Call) (*wire.Answer, error) {
		c := &call{w}
		if row, ok := c.Control.Catalog().Action(op.Action); !ok || !guard.Admits(row, c.Permit.UserType()) {
			return nil, iam.Errorf(iam.Denied, "callers of this type may not do %s", op.Action)
		}
		out, err := h(c)
		return out, a.fault(err)
	}}
}

// root is the number of the caller's account.
func (c *call) root() int64 { return c.View().Organization().Account }

// anyOf is the target of a call about no particular thing of a type.
func anyOf(typ string) func(*wire.Call) control.Target {
	return func(*wire.Call) control.Target { return control.On(iam.AnyOf(typ)) }
}

// thing is a type of resource with the parameter of a path that names one.
type thing struct{ typ, param string }

// on is the target of a call about the things that the path names, all of them. The first is what the audit log says it was about.
func on(things ...thing) func(*wire.Call) control.Target {
	return func(c *wire.Call) (t control.Target) {
		for _, x := range things {
			id, _ := parseID(c.R.PathValue(x.param)) // what is no id names nothing and is refused later
			t.Resources = append(t.Resources, iam.Name(x.typ, id))
		}
		return t
	}
}

// parseID reads an id as this API writes it. One in capitals is no id.
func parseID(text string) (iam.UUID, bool) {
	id, err := iam.ParseUUID(text)
	if err != nil || id.String() != text {
		return iam.UUID{}, false
	}
	return id, true
}

// pathID is the id in the path; zero, which nothing has, if there is none.
func (c *call) pathID(param string) iam.UUID {
	id, _ := parseID(c.R.PathValue(param))
	return id
}

// shown answers a read.
func (c *call) shown(v any) (*wire.Answer, error) {
	return &wire.Answer{Status: http.StatusOK, Body: v, Revision: c.View().Revision()}, nil
}

// made answers with the id of what was made.
func made(id iam.UUID, at iam.Revision) *wire.Answer {
	return &wire.Answer{Status: http.StatusCreated, Revision: at, Body: struct {
		ID string `json:"id"`
	}{id.String()}}
}

// write commits a change of which nothing is told but that it was made.
func (c *call) write(draft func(*iam.Draft) error) (*wire.Answer, error) {
	at, err := c.Permit.Write(c.Ctx(), draft)
	return &wire.Answer{Status: http.StatusNoContent, Revision: at}, err
}

// shows converts several; an empty list is never null.
func shows[E, W any](items []E, show func(E) W) []W {
	out := make([]W, len(items))
	for i, e := range items {
		out[i] = show(e)
	}
	return out
}

// texts converts ids.
func texts[E any](items []E, id func(E) iam.UUID) []string {
	return shows(items, func(e E) string { return id(e).String() })
}
