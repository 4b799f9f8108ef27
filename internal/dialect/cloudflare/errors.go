package cloudflare

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// fault is an error as this API tells it (section 3).
type fault struct {
	status, code int
	message      string
	more         []notice // further entries
	chain        []notice // what the entry itself goes back to
	err          error    // what it was inside, for the audit log; may be nil
}

func (f *fault) Error() string {
	if f.err == nil {
		return f.message
	}
	return f.err.Error()
}

// Unwrap lets the audit log see the domain's error.
func (f *fault) Unwrap() error { return f.err }

// codes gives an area's status and code for what can be wrong with a call.
type codes map[iam.Code]statusCode

type statusCode struct{ status, code int }

// iamCodes are those of iam/* (section 3.3): they are the statuses.
var iamCodes = codes{
	iam.NotFound: {404, 404}, iam.Invalid: {400, 400}, iam.Exists: {409, 409}, iam.InUse: {409, 409}, iam.Conflict: {409, 409},
	iam.Immutable: {422, 422}, iam.Quota: {400, 400},
}

// What is the same everywhere.
var everywhere = codes{
	iam.Denied: {403, 10000}, iam.Unauthenticated: {401, 10000}, iam.Unavailable: {503, 10001}, iam.Internal: {500, 10001},
	wire.TooLarge: {413, 413},
}

// fault puts an error of a handler into the area's words.
func (a area) fault(err error) error {
	e, ok := errors.AsType[*iam.Error](err)
	if err == nil || !ok {
		return err
	}
	if _, told := errors.AsType[*fault](err); told {
		return err
	}
	at, ok := a.codes[e.Code]
	if !ok {
		return err
	}
	message := control.PublicMessage(err)
	switch e.Code {
	case iam.NotFound:
		return a.missing(err)
	case iam.Exists:
		message = e.Message // which names the field itself
	}
	return &fault{status: at.status, code: at.code, message: a.wrong + message, err: err}
}

// missing is the answer about what is not there.
func (a area) missing(err error) *fault {
	at := a.codes[iam.NotFound]
	return &fault{status: at.status, code: at.code, message: a.kind + " not found", err: err}
}

// general puts an error that no area has put into words.
func general(err error) *fault {
	if f, ok := errors.AsType[*fault](err); ok {
		return f
	}
	if p, ok := errors.AsType[*wire.Problem](err); ok {
		return problem(p)
	}
	e, _ := errors.AsType[*iam.Error](err)
	if e != nil && e.Code == iam.Denied && e.Field == control.SourceIP {
		return &fault{status: http.StatusForbidden, code: 9109, message: "Cannot use the access token from location: the address is not allowed"}
	}
	at, ok := everywhere[iam.CodeOf(err)]
	switch {
	case !ok && e != nil: // a header that every wire has
		return &fault{status: http.StatusBadRequest, code: 400, message: control.PublicMessage(err)}
	case !ok:
		at = everywhere[iam.Internal]
	}
	message := "Internal error"
	switch at.code {
	case 10000:
		message = "Authentication error"
	case 413:
		message = control.PublicMessage(err)
	}
	return &fault{status: at.status, code: at.code, message: message}
}

// problem is what the frame itself refuses.
func problem(p *wire.Problem) *fault {
	switch p.Status {
	case http.StatusNotFound:
		return noRoute()
	case http.StatusMethodNotAllowed:
		return &fault{status: p.Status, code: 7001, message: "Method not available for that URI"}
	case http.StatusTooManyRequests:
		return &fault{status: p.Status, code: 10429, message: "Too many requests"}
	}
	return &fault{status: p.Status, code: p.Status, message: control.PublicMessage(p)}
}

// noRoute is the answer to paths that mean nothing.
func noRoute() *fault {
	return &fault{status: http.StatusNotFound, code: 7003, message: "Could not route to the path, perhaps your object identifier is invalid?",
		more: []notice{{Code: 7000, Message: "No route for that URI"}}}
}

// refuse writes an error.
func refuse(_ *wire.Call, h http.Header, err error) *wire.Answer {
	f := general(err)
	switch f.status {
	case http.StatusConflict:
		h.Set("X-Should-Retry", "false") // clients try a conflict again, which stays one
	case http.StatusMethodNotAllowed, http.StatusTooManyRequests:
		if p, ok := errors.AsType[*wire.Problem](err); ok {
			if p.Allow != "" {
				h.Set("Allow", p.Allow)
			}
			if p.RetryAfter > 0 {
				h.Set("Retry-After", strconv.Itoa(p.RetryAfter))
			}
		}
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", "1")
	}
	list := append([]notice{{Code: f.code, Message: f.message, Chain: f.chain}}, f.more...)
	return &wire.Answer{Status: f.status, Body: envelope{Errors: list}}
}
