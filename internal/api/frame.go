package api

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
)

// handler does one operation: it decodes, calls control once, and says what to answer. The call is authorized.
type handler func(*call) (*answer, error)

// answer is what a handler has to say.
type answer struct {
	status   int
	body     any          // encoded as JSON; nil for none
	revision iam.Revision // of the organization that the call was about; 0 if it has none
	raw      []byte       // instead of body: JSON as it is to be sent
	public   bool         // anybody may cache it
}

// call is one request on its way through the frame.
type call struct {
	*api
	r       *http.Request
	id      string // of the request
	started time.Time

	in       control.Call
	permit   *control.Permit // from Enter on; nil if there is nothing left to fail
	standing standing
}

func (c *call) ctx() context.Context { return c.r.Context() }

// view is the organization that the call is about.
func (c *call) view() *control.View { return c.permit.View() }

// ok answers a read.
func (c *call) ok(body any) (*answer, error) {
	return &answer{status: http.StatusOK, body: body, revision: c.view().Revision()}, nil
}

// done answers a write that has nothing to show.
func done(revision iam.Revision, err error) (*answer, error) {
	if err != nil {
		return nil, err
	}
	return &answer{status: http.StatusNoContent, revision: revision}, nil
}

// serve takes a request through all phases.
func (a *api) serve(w http.ResponseWriter, r *http.Request, route *Route) {
	c := &call{api: a, r: r, started: a.Now()}
	c.id = "req-" + a.Control.NewID().String()
	c.standing = a.limiter.idle(c.started)
	out, err := c.run(route)
	status := c.write(w, out, err)
	c.note(route, status, err)
}

// run does what lies between the request and its answer. A panic is an internal error like others.
func (c *call) run(route *Route) (out *answer, err error) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		err = &iam.Error{Code: iam.Internal, Message: "internal error", Err: fmt.Errorf("panic: %v\n%s", v, debug.Stack())}
		if c.permit != nil {
			err = c.permit.Fail(c.ctx(), err)
		}
	}()
	if route.Operation == nil {
		return route.handle(c)
	}
	if err := c.enter(route); err != nil {
		return nil, err
	}
	if out, err = route.handle(c); err != nil && c.permit != nil {
		err = c.permit.Fail(c.ctx(), err)
	}
	return out, err
}

// enter authenticates and authorizes.
func (c *call) enter(route *Route) error {
	if err := c.authenticate(); err != nil {
		return err
	}
	if err := c.admit(); err != nil {
		return err
	}
	atLeast, err := revisionHeader(c.r.Header)
	if err != nil {
		return err
	}
	c.in.AtLeast = atLeast
	c.in.RequestID, c.in.IP, c.in.UserAgent = c.id, c.clientAddress(), userAgent(c.r)
	c.permit, err = c.Control.Enter(c.ctx(), &c.in, route.Operation, route.target(c.r))
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

// maxUserAgent is how much of a User-Agent is kept, in bytes.
const maxUserAgent = 512

func userAgent(r *http.Request) string {
	text := r.UserAgent()
	if len(text) > maxUserAgent {
		text = text[:maxUserAgent]
	}
	return strings.ToValidUTF8(text, "?")
}

// Header values that are the same in every answer, shared because nobody changes them.
var (
	typeJSON  = []string{"application/json"}
	noStore   = []string{"no-store"}
	cacheable = []string{"public, max-age=300"}
	noSniff   = []string{"nosniff"}
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxPooled is the largest buffer that is kept for another request.
const maxPooled = 64 << 10

func release(b *bytes.Buffer) {
	if b.Cap() <= maxPooled {
		b.Reset()
		buffers.Put(b)
	}
}

// encoding makes answers: raw documents keep their spelling, maps have an order, and a text that is no UTF-8 never keeps an
// answer from its client.
var encoding = json.JoinOptions(jsontext.PreserveRawStrings(true), json.Deterministic(true), jsontext.AllowInvalidUTF8(true))

// write sends the answer, or the error if there is one, and gives the status.
func (c *call) write(w http.ResponseWriter, out *answer, err error) int {
	b := buffers.Get().(*bytes.Buffer)
	defer release(b)
	if err == nil && out.body != nil {
		if e := json.MarshalWrite(b, out.body, encoding); e != nil {
			err = &iam.Error{Code: iam.Internal, Message: "internal error", Err: fmt.Errorf("encoding the answer: %w", e)}
		}
	}
	if err != nil {
		b.Reset()
		out = c.failure(w.Header(), err)
		_ = json.MarshalWrite(b, out.body, encoding) // three strings and a number
	}
	body := b.Bytes()
	if out.raw != nil {
		body = out.raw
	}
	c.headers(w.Header(), out, len(body))
	w.WriteHeader(out.status)
	_, _ = w.Write(body) // the client has gone if it fails; nothing can be told to it
	return out.status
}

func (c *call) headers(h http.Header, out *answer, length int) {
	v := headerValues{h: h}
	v.set("X-Request-Id", c.id)
	h["X-Content-Type-Options"] = noSniff
	h["Cache-Control"] = noStore
	if out.public {
		h["Cache-Control"] = cacheable
	}
	c.standing.write(&v)
	if out.revision > 0 {
		v.set("Writ-Revision", strconv.FormatUint(uint64(out.revision), 10))
	}
	if out.status != http.StatusNoContent {
		h["Content-Type"] = typeJSON
		v.set("Content-Length", strconv.Itoa(length))
	}
}

// headerValues sets headers whose values stand in one array.
type headerValues struct {
	h      http.Header
	values [6]string
	n      int
}

// set sets a header; its name must be canonical.
func (v *headerValues) set(name, value string) {
	v.values[v.n] = value
	v.h[name] = v.values[v.n : v.n+1 : v.n+1]
	v.n++
}

// note writes the log: every request at debug, faults of ours with their cause. Nothing of a query, a header or a body
// is in it.
func (c *call) note(route *Route, status int, err error) {
	switch iam.CodeOf(err) {
	case iam.Internal:
		c.Log.Error("internal error", "request_id", c.id, "route", route.Pattern, "err", err)
	case iam.Unauthenticated:
		// The cause names at most a public key id. It is what an operator looks for after an attack, or a bad rollout.
		c.Log.Info("authentication failed", "request_id", c.id, "route", route.Pattern, "ip", c.clientAddress(), "err", err)
	case iam.Unavailable:
		c.Log.Warn("unavailable", "request_id", c.id, "route", route.Pattern, "err", err)
	}
	if !c.Log.Enabled(c.ctx(), slog.LevelDebug) {
		return
	}
	c.Log.LogAttrs(c.ctx(), slog.LevelDebug, "request", slog.String("method", c.r.Method), slog.String("route", route.Pattern),
		slog.Int("status", status), slog.Duration("duration", c.Now().Sub(c.started)), slog.String("request_id", c.id))
}
