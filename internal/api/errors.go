package api

import (
	"errors"
	"net/http"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// kinds says for every code which status it has (section 5), and what the message is when details name an input.
var kinds = map[iam.Code]struct {
	status  int
	message string
}{
	iam.Invalid:         {http.StatusBadRequest, "The request is invalid"},
	wire.TooLarge:       {http.StatusRequestEntityTooLarge, "The request is too large"},
	iam.Unauthenticated: {http.StatusUnauthorized, "You are not authenticated"},
	iam.Denied:          {http.StatusForbidden, "You are not allowed to do this"},
	iam.NotFound:        {http.StatusNotFound, "It does not exist"},
	iam.Exists:          {http.StatusConflict, "It exists already"},
	iam.Conflict:        {http.StatusConflict, "Its state forbids this"},
	iam.InUse:           {http.StatusConflict, "It is in use"},
	iam.Immutable:       {http.StatusConflict, "It cannot be changed"},
	iam.Quota:           {http.StatusConflict, "A quota is reached"},
	iam.Unavailable:     {http.StatusServiceUnavailable, "Try again later"},
	iam.Internal:        {http.StatusInternalServerError, "Internal error"},
}

// statusOf gives the HTTP status of a code; 500 for one that is unknown.
func statusOf(code iam.Code) int {
	if k, ok := kinds[code]; ok {
		return k.status
	}
	return http.StatusInternalServerError
}

// wireFields are the fields that the wire calls otherwise.
var wireFields = map[string]string{"access_key": "access_key_id", "domain": "email_domain", "grace_period_duration": "grace_period_seconds",
	"max_login_session_duration": "max_login_session_seconds", "max_api_key_expiration_duration": "max_api_key_lifetime_seconds"}

// fieldName is an input as the wire calls it.
func fieldName(field string) string {
	if name, ok := wireFields[field]; ok {
		return name
	}
	return field
}

// retrySoon is what a client is told to wait when a node is behind or busy, in seconds.
const retrySoon = 1

// refuse makes the error's answer, and sets the headers that belong to its status.
func refuse(c *wire.Call, h http.Header, err error) *wire.Answer {
	status, retryAfter := statusOf(iam.CodeOf(err)), 0
	if p, ok := errors.AsType[*wire.Problem](err); ok {
		status, retryAfter = p.Status, p.RetryAfter
		if p.Allow != "" {
			h.Set("Allow", p.Allow)
		}
	}
	switch status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="writ"`)
	case http.StatusServiceUnavailable:
		retryAfter = retrySoon
	}
	if retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(retryAfter))
	}
	message, details := words(err)
	return &wire.Answer{Status: status, Body: apitype.ErrorAnswer{Error: apitype.Error{
		Code: status, Message: message, Details: details, RequestID: c.ID,
	}}}
}

// words gives an error's message and details. Of an internal error nothing is told.
func words(err error) (message string, details *string) {
	e, ok := errors.AsType[*iam.Error](err)
	if !ok || e.Code == iam.Internal {
		return kinds[iam.Internal].message, nil
	}
	if e.Field == "" {
		return sentence(e.Message), nil
	}
	text := fieldName(e.Field) + ": " + e.Message
	return kinds[e.Code].message, &text
}

// sentence begins with a capital letter.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// renamed gives an error about a field of the domain the name that the request has for it.
func renamed(err error, field, name string) error {
	e, ok := errors.AsType[*iam.Error](err)
	if !ok || e.Field != field {
		return err
	}
	out := *e
	out.Field = name
	return &out
}
