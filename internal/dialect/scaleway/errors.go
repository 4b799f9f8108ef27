package scaleway

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// kind is a type of errors, with its status and message (section 5).
type kind struct {
	status        int
	name, message string
}

var (
	invalidArguments     = &kind{http.StatusBadRequest, "invalid_arguments", "invalid argument(s)"}
	deniedAuthentication = &kind{http.StatusUnauthorized, "denied_authentication", "authentication is denied"}
	permissionsDenied    = &kind{http.StatusForbidden, "permissions_denied", "insufficient permissions"}
	quotasExceeded       = &kind{http.StatusForbidden, "quotas_exceeded", "quota(s) exceeded for this resource"}
	resourceNotFound     = &kind{http.StatusNotFound, "not_found", "resource is not found"}
	alreadyExists        = &kind{http.StatusConflict, "already_exists", "resource already exists"}
	preconditionFailed   = &kind{http.StatusPreconditionFailed, "precondition_failed", "precondition is not respected"}
	tooManyRequests      = &kind{http.StatusTooManyRequests, "too_many_requests", "too many requests"}

	// The vendor has no types for these.
	unavailable   = &kind{http.StatusServiceUnavailable, "unavailable", "service is unavailable, try again later"}
	internalError = &kind{http.StatusInternalServerError, "internal_error", "internal error"}

	// These have no type (section 2).
	unknownRoute = &kind{http.StatusNotFound, "", "Not Found"}
	wrongMethod  = &kind{http.StatusMethodNotAllowed, "", "Method Not Allowed"}
)

// kinds is the table from what can be wrong inside.
var kinds = map[iam.Code]*kind{
	iam.Invalid:         invalidArguments,
	iam.Unauthenticated: deniedAuthentication,
	iam.Denied:          permissionsDenied,
	iam.NotFound:        resourceNotFound,
	iam.Exists:          alreadyExists,
	iam.Conflict:        preconditionFailed,
	iam.InUse:           preconditionFailed,
	iam.Immutable:       preconditionFailed,
	iam.Quota:           quotasExceeded,
	iam.Unavailable:     unavailable,
	iam.Internal:        internalError,
	wire.TooLarge:       invalidArguments,
}

// What can be wrong with an argument (section 5).
const (
	unknown    = "unknown"
	required   = "required"
	format     = "format"
	constraint = "constraint"
)

// Names of preconditions that clients have texts for, and one of the live API's (section 5).
const (
	unknownPrecondition = "unknown_precondition"
	stillInUse          = "resource_still_in_use"
	protectedResource   = "protected_resource"
)

// fields are members of an error's body.
type fields map[string]any

// fault is an error as this API tells it.
type fault struct {
	kind *kind
	more fields
	err  error // what it is inside, for the audit log
}

func (f *fault) Error() string { return f.err.Error() }

// Unwrap lets the audit log see the domain's error.
func (f *fault) Unwrap() error { return f.err }

// invalid says what is wrong with an argument.
func invalid(argument, reason, help string) error {
	return &fault{invalidArguments, fields{"details": []fields{{"argument_name": argument, "reason": reason, "help_message": help}}},
		iam.FieldErrorf(iam.Invalid, argument, "%s", help)}
}

// missing says that a thing is not there. The id is the client's word for it.
func missing(resource, id string) error {
	return &fault{resourceNotFound, fields{"resource": resource, "resource_id": id}, iam.Errorf(iam.NotFound, "%s %s does not exist", resource, id)}
}

// exists says that something else is in the way.
func exists(resource, id, help string) error {
	return &fault{alreadyExists, fields{"resource": resource, "resource_id": id, "help_message": help}, iam.Errorf(iam.Exists, "%s", help)}
}

// protected says that a thing is not for clients of this API to change.
func protected(help string) error {
	return &fault{preconditionFailed, fields{"precondition": protectedResource, "help_message": help}, iam.Errorf(iam.Conflict, "%s", help)}
}

// general puts an error that is in no words of this API yet into them, for a call of a route.
func general(c *wire.Call, r route, err error) *fault {
	if f, ok := errors.AsType[*fault](err); ok {
		return f
	}
	if p, ok := errors.AsType[*wire.Problem](err); ok {
		return problem(p)
	}
	e, ok := errors.AsType[*iam.Error](err)
	if !ok {
		e = &iam.Error{Code: iam.Internal}
	}
	k, ok := kinds[e.Code]
	if !ok {
		k = internalError
	}
	return &fault{k, k.fields(c, r, e), err}
}

// fields are the members that the clients want of a type of errors (section 5).
func (k *kind) fields(c *wire.Call, r route, e *iam.Error) fields {
	help := control.PublicMessage(e)
	switch k {
	case invalidArguments:
		return argument(e)
	case permissionsDenied:
		return fields{"details": []fields{{"resource": r.resource, "action": r.action}}}
	case quotasExceeded:
		return fields{"details": []fields{exceeded(c, e.Field)}}
	case resourceNotFound:
		return fields{"resource": r.resource, "resource_id": inPath(c)}
	case alreadyExists:
		return fields{"resource": r.resource, "resource_id": "", "help_message": help}
	case preconditionFailed:
		return fields{"precondition": preconditions[e.Code], "help_message": help}
	}
	return nil
}

var preconditions = map[iam.Code]string{iam.Conflict: unknownPrecondition, iam.InUse: stillInUse, iam.Immutable: protectedResource}

// argument tells what the domain finds wrong with an argument. What has no place is the body as a whole.
func argument(e *iam.Error) fields {
	name, reason := e.Field, constraint
	switch {
	case name == "" && e.Code == iam.Invalid:
		name, reason = "body", format
	case name == "":
		name = "body"
	case e.Message == "is required":
		reason = required
	}
	return fields{"details": []fields{{"argument_name": name, "reason": reason, "help_message": e.Message}}}
}

// inPath is the id of the thing that a path names; "" if it names none.
func inPath(c *wire.Call) string {
	id := ""
	for _, segment := range strings.Split(c.R.Pattern, "/") {
		if name, is := strings.CutPrefix(segment, "{"); is {
			id = c.R.PathValue(strings.TrimSuffix(name, "}"))
		}
	}
	return lower(id)
}

// problem is what the frame itself refuses.
func problem(p *wire.Problem) *fault {
	switch p.Status {
	case http.StatusNotFound:
		return &fault{unknownRoute, nil, p}
	case http.StatusMethodNotAllowed:
		return &fault{wrongMethod, nil, p}
	case http.StatusTooManyRequests:
		return &fault{tooManyRequests, nil, p}
	}
	return &fault{internalError, nil, p}
}

// refusals gives the function that writes errors. It knows the routes' words.
func refusals(words map[string]route) func(*wire.Call, http.Header, error) *wire.Answer {
	return func(c *wire.Call, h http.Header, err error) *wire.Answer {
		method := c.R.Method
		if method == http.MethodHead {
			method = get
		}
		f := general(c, words[method+" "+c.R.Pattern], err)
		body := fields{"message": f.kind.message}
		if f.kind.name != "" {
			body["type"] = f.kind.name
		}
		for name, value := range f.more {
			body[name] = value
		}
		if p, ok := errors.AsType[*wire.Problem](err); ok {
			limits(c, h, p, body)
		}
		if f.kind == unavailable {
			h.Set("Retry-After", "1")
		}
		return &wire.Answer{Status: f.kind.status, Body: body}
	}
}

// limits says which methods there are, or when there will be room for another call.
func limits(c *wire.Call, h http.Header, p *wire.Problem, body fields) {
	if p.Allow != "" {
		h.Set("Allow", p.Allow)
	}
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.RetryAfter))
		body["help_message"] = control.PublicMessage(p)
		body["limit"] = fields{"quota": c.Standing.Limit, "window_seconds": 60}
		body["reset_seconds"] = p.RetryAfter
		body["reset_at"] = time.Unix(c.Standing.Reset, 0).UTC().Format(time.RFC3339)
	}
}
