package api

import (
	"net/http"
	"strconv"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// call is one request of this API.
type call struct{ *wire.Call }

// handler does one operation.
type handler func(*call) (*wire.Answer, error)

// New makes the handler of the whole API.
func New(cfg wire.Config) http.Handler {
	var routes []wire.Route
	for _, r := range Routes() {
		routes = append(routes, wire.Route{Method: r.Method, Pattern: r.Pattern, Operation: r.Operation,
			Target: r.target,
			Handle: func(c *wire.Call) (*wire.Answer, error) { return r.handle(&call{c}) }})
	}
	return wire.New(cfg, wire.Dialect{Authenticate: authenticate, Refuse: refuse, Headers: rateHeaders}, routes)
}

// rateHeaders are in every answer (section 5).
func rateHeaders(c *wire.Call, h *wire.Headers) {
	h.Set("X-Ratelimit-Limit", strconv.Itoa(c.Standing.Limit))
	h.Set("X-Ratelimit-Remaining", strconv.Itoa(c.Standing.Remaining))
	h.Set("X-Ratelimit-Reset", strconv.FormatInt(c.Standing.Reset, 10))
}

// ok answers a read.
func (c *call) ok(body any) (*wire.Answer, error) {
	return &wire.Answer{Status: http.StatusOK, Body: body, Revision: c.View().Revision()}, nil
}

// done answers a write that has nothing to show.
func done(revision iam.Revision, err error) (*wire.Answer, error) {
	if err != nil {
		return nil, err
	}
	return &wire.Answer{Status: http.StatusNoContent, Revision: revision}, nil
}
