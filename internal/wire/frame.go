package wire

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"path"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
)

// Config is what the dialects of one server are made of. Control, Log and Now are required.
type Config struct {
	Control *control.Control
	Log     *slog.Logger
	Now     func() time.Time
	Limiter *Limiter // one for all dialects of a server; nil for no limit

	// PublicURL begins links in answers; if empty, they begin with the scheme and host that the
	// client asked for.
	PublicURL string
	// TrustedProxies are the addresses whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
}

// Dialect is what the frame must know of a wire.
type Dialect struct {
	// Authenticate tells who calls. Whoever it is, the frame then asks control whether they may. It may set of Call.In what only
	// expressions of policies see.
	Authenticate func(*Call) (iam.Actor, error)
	// Read reads the body of who is known and has not called too often, before it is decided whether they may: where clients are told
	// first what is wrong with it. nil: handlers do.
	Read func(*Call) error
	// Refuse says in the wire's words that a call has failed. It may set headers. The errors are iam's, and *Problem.
	Refuse func(*Call, http.Header, error) *Answer
	// Headers sets what every answer has; may be nil.
	Headers func(*Call, *Headers)
	// NoHead refuses HEAD like any other method that a path does not know. Else it is GET without the body.
	NoHead bool
	// Closed dialects tell which paths and methods there are to callers alone who have authenticated. On a path where anybody may do
	// something, anybody is told.
	Closed bool
}

// Handler does one operation: it decodes, calls control once, and says what to answer. The call is authorized.
type Handler func(*Call) (*Answer, error)

// Route is one method on one path.
type Route struct {
	Method  string
	Pattern string // as http.ServeMux has it
	// Operation is what the caller must be allowed to do; nil if everybody may, unauthenticated.
	Operation *control.Operation
	// Target is what the call is about, once it is known who calls; nil if Operation is.
	Target func(*Call) control.Target
	// Choose says instead what the call may be, where that depends on more than its path: see control.EnterFirst. It may look at the
	// organization, and tells nothing of it. Operation is then the first of what it can choose; Target is nil.
	Choose func(*Call, *control.View) []control.Asked
	Handle Handler
}

// Call is one request on its way through the frame.
type Call struct {
	*Config
	R       *http.Request
	ID      string // of the request
	Started time.Time

	In       control.Call
	Permit   *control.Permit // from Enter on; nil if there is nothing left to fail
	Standing Standing
	State    any // what the dialect keeps of the request from phase to phase

	body []byte // once it is read
}

// Ctx is the request's context.
func (c *Call) Ctx() context.Context { return c.R.Context() }

// View is the organization that the call is about. The call must have entered.
func (c *Call) View() *control.View { return c.Permit.View() }

// server is one dialect's.
type server struct {
	Config
	dialect Dialect
	mux     *http.ServeMux
	none    *Route // for every path that is in no route
}

// New makes the handler of a dialect. Paths that are in no route, and methods that a path does not know, are a *Problem.
func New(cfg Config, d Dialect, routes []Route) http.Handler {
	if cfg.Limiter == nil {
		cfg.Limiter = &Limiter{}
	}
	cfg.PublicURL = strings.TrimSuffix(cfg.PublicURL, "/")
	s := &server{Config: cfg, dialect: d, mux: http.NewServeMux()}
	paths := map[string]*methods{}
	for i := range routes {
		p := routes[i].Pattern
		if paths[p] == nil {
			paths[p] = &methods{of: map[string]*Route{}}
		}
		paths[p].add(&routes[i], !d.NoHead)
	}
	for pattern, m := range paths {
		m.none = &Route{Pattern: pattern, Handle: wrongMethod(slices.Sorted(maps.Keys(m.of)))}
		if !m.open() {
			s.close(m.none)
		}
		s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, m.route(r.Method)) })
	}
	s.none = &Route{Handle: notFound}
	s.close(s.none)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, s.none) })
	return s
}

// close makes a route of a closed dialect tell nothing to those who have not authenticated.
func (s *server) close(route *Route) {
	tell := route.Handle
	if !s.dialect.Closed {
		return
	}
	route.Handle = func(c *Call) (*Answer, error) {
		c.arrive()
		if _, err := s.dialect.Authenticate(c); err != nil {
			return nil, err
		}
		return tell(c)
	}
}

// methods are the routes of one path. The mux knows paths alone: to it, a path that answers to every method, though with an
// error, would collide with a less specific path of one method.
type methods struct {
	of   map[string]*Route
	none *Route // for all other methods
}

func (m *methods) add(route *Route, head bool) {
	m.of[route.Method] = route
	if head && route.Method == http.MethodGet {
		m.of[http.MethodHead] = route
	}
}

// open tells whether anybody may do something here.
func (m *methods) open() bool {
	for _, route := range m.of {
		if route.Operation == nil {
			return true
		}
	}
	return false
}

func (m *methods) route(method string) *Route {
	if route, ok := m.of[method]; ok {
		return route
	}
	return m.none
}

// ServeHTTP finds the route. Paths that are not clean are unknown: http.ServeMux would redirect them.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p := r.URL.EscapedPath()
	if p == "" || p[0] != '/' || path.Clean(p) != p || r.Method == http.MethodConnect {
		s.serve(w, r, s.none)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// notFound answers for every path that is in no route.
func notFound(*Call) (*Answer, error) {
	return nil, &Problem{Status: http.StatusNotFound, Err: iam.Errorf(iam.NotFound, "there is nothing at this path")}
}

// wrongMethod answers for the other methods of a path that is in routes.
func wrongMethod(have []string) Handler {
	allow := strings.Join(have, ", ")
	return func(*Call) (*Answer, error) {
		return nil, &Problem{Status: http.StatusMethodNotAllowed, Allow: allow,
			Err: iam.Errorf(iam.Invalid, "this path does not know the method: it knows %s", allow)}
	}
}

// serve takes a request through all phases.
func (s *server) serve(w http.ResponseWriter, r *http.Request, route *Route) {
	c := &Call{Config: &s.Config, R: r, Started: s.Now()}
	c.ID = "req-" + s.Control.NewID().String()
	c.Standing = s.Limiter.idle(c.Started)
	out, err := s.run(c, route)
	status := s.write(c, w, out, err)
	c.note(route, status, err)
}

// run does what lies between the request and its answer. A panic is an internal error like others.
func (s *server) run(c *Call, route *Route) (out *Answer, err error) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		err = &iam.Error{Code: iam.Internal, Message: "internal error", Err: fmt.Errorf("panic: %v\n%s", v, debug.Stack())}
		if c.Permit != nil {
			err = c.Permit.Fail(c.Ctx(), err)
		}
	}()
	if route.Operation == nil {
		return route.Handle(c)
	}
	if err := s.enter(c, route); err != nil {
		return nil, err
	}
	if out, err = route.Handle(c); err != nil && c.Permit != nil {
		err = c.Permit.Fail(c.Ctx(), err)
	}
	return out, err
}

// enter authenticates and authorizes.
func (s *server) enter(c *Call, route *Route) (err error) {
	c.arrive()
	if c.In.Actor, err = s.dialect.Authenticate(c); err != nil {
		return err
	}
	if err := c.admit(); err != nil {
		return err
	}
	if s.dialect.Read != nil {
		if err := s.dialect.Read(c); err != nil {
			return err
		}
	}
	if c.In.AtLeast, err = revisionHeader(c.R.Header); err != nil {
		return err
	}
	if c.In.Parameters == nil {
		c.In.Parameters = c.parameters
	}
	if route.Choose == nil {
		c.Permit, err = c.Control.Enter(c.Ctx(), &c.In, route.Operation, route.Target(c))
		return err
	}
	v, err := c.Control.View(c.Ctx(), &c.In)
	if err != nil {
		return err
	}
	c.Permit, err = c.Control.EnterFirst(c.Ctx(), &c.In, route.Choose(c, v)...)
	return err
}

// revisionHeader reads Writ-At-Least; 0 if it is not there.
func revisionHeader(h http.Header) (iam.Revision, error) {
	switch values := h["Writ-At-Least"]; len(values) {
	case 0:
		return 0, nil
	case 1:
		if n, err := strconv.ParseUint(values[0], 10, 64); err == nil {
			return iam.Revision(n), nil
		}
	}
	return 0, iam.FieldErrorf(iam.Invalid, "Writ-At-Least", "is a revision: one whole number")
}

// note writes the log: every request at debug, faults of ours with their cause. Nothing of a query, a header or a body
// is in it.
func (c *Call) note(route *Route, status int, err error) {
	switch iam.CodeOf(err) {
	case iam.Internal:
		c.Log.Error("internal error", "request_id", c.ID, "route", route.Pattern, "err", err)
	case iam.Unauthenticated:
		// The cause names at most a public key id or a user. It is what an operator looks for after an attack, or a bad rollout.
		c.Log.Info("authentication failed", "request_id", c.ID, "route", route.Pattern, "ip", c.clientAddress(), "err", err)
	case iam.Unavailable:
		c.Log.Warn("unavailable", "request_id", c.ID, "route", route.Pattern, "err", err)
	}
	if !c.Log.Enabled(c.Ctx(), slog.LevelDebug) {
		return
	}
	c.Log.LogAttrs(c.Ctx(), slog.LevelDebug, "request", slog.String("method", c.R.Method), slog.String("route", route.Pattern),
		slog.Int("status", status), slog.Duration("duration", c.Now().Sub(c.Started)), slog.String("request_id", c.ID))
}
