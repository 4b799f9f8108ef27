package vngcloud

import (
	"cmp"
	"errors"
	"net/http"
	"strconv"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/wire"
)

// The codes that clients know (section 9).
const (
	badRequest        = "BAD_REQUEST"
	invalidParameter  = "INVALID_PARAMETER"
	statementInvalid  = "POLICY_STATEMENT_INVALID"
	groupModeInvalid  = "GROUP_MODE_INVALID"
	policyManaged     = "POLICY_MANAGED"
	policyMissing     = "POLICY_NOT_FOUND"
	groupMissing      = "GROUP_NOT_FOUND"
	userMissing       = "IAM_USER_NOT_FOUND"
	accountMissing    = "SERVICE_ACCOUNT_NOT_FOUND"
	attachmentMissing = "ATTACHMENT_NOT_FOUND"
	groupExists       = "GROUP_NAME_EXISTED"
	policyExists      = "POLICY_NAME_EXISTED"
	attachmentExists  = "POLICY_ALREADY_ATTACHED"
	memberExists      = "IAM_USER_ALREADY_IN_GROUP"
)

// fault is an error as this API tells it.
type fault struct {
	status  int
	code    string
	message string
	err     error // what it was inside, for the audit log
}

func (f *fault) Error() string { return f.err.Error() }

// Unwrap lets the audit log see the domain's error.
func (f *fault) Unwrap() error { return f.err }

// missing says that a call is about something that is not there.
func missing(code, message string) error {
	return &fault{http.StatusNotFound, code, message, iam.Errorf(iam.NotFound, "%s", message)}
}

// invalid says that a field or parameter is wrong.
func invalid(field, format string, args ...any) error {
	return iam.FieldErrorf(iam.Invalid, field, format, args...)
}

// wrong says that a body cannot be taken, with a code of its own.
func wrong(code string, err *iam.Error) error {
	return &fault{http.StatusBadRequest, code, control.PublicMessage(err), err}
}

// statusCode is what a kind of failure looks like.
type statusCode struct {
	status int
	code   string
}

var codes = map[iam.Code]statusCode{
	iam.Invalid:         {http.StatusBadRequest, invalidParameter},
	iam.Quota:           {http.StatusBadRequest, "QUOTA_EXCEEDED"},
	iam.Unauthenticated: {http.StatusUnauthorized, "AUTHENTICATION_FAILED"},
	iam.Denied:          {http.StatusForbidden, "IAM_PERMISSION_DENIED"},
	iam.Immutable:       {http.StatusForbidden, policyManaged},
	iam.NotFound:        {http.StatusNotFound, "NOT_FOUND"},
	iam.Exists:          {http.StatusConflict, "CONFLICT"},
	iam.InUse:           {http.StatusConflict, "CONFLICT"},
	iam.Conflict:        {http.StatusConflict, "CONFLICT"},
	iam.Unavailable:     {http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE"},
	iam.Internal:        {http.StatusInternalServerError, "INTERNAL_SERVER_ERROR"},
	wire.TooLarge:       {http.StatusRequestEntityTooLarge, badRequest},
}

// reasons are why documents are refused.
var reasons = map[policy.Reason]string{
	policy.ReasonSyntax:          badRequest,
	policy.ReasonShape:           badRequest,
	policy.ReasonStatement:       statementInvalid,
	policy.ReasonProductInvalid:  "POLICY_PRODUCT_INVALID",
	policy.ReasonProductNotFound: "POLICY_PRODUCT_NOTFOUND",
	policy.ReasonCharacters:      "POLICY_CHARACTERS_INVALID",
	policy.ReasonCondition:       "POLICY_CONDITION_INVALID",
}

// inStatements says what is wrong with a document.
func inStatements(err error) error {
	e, ok := errors.AsType[*policy.Error](err)
	if !ok {
		return err
	}
	return wrong(cmp.Or(reasons[e.Reason], statementInvalid), iam.FieldErrorf(iam.Invalid, "statements"+e.Path, "%s", e.Message))
}

// fault puts an error of a handler into the area's words.
func (a area) fault(err error) error {
	if _, told := errors.AsType[*fault](err); told || err == nil {
		return err
	}
	own := map[iam.Code]string{iam.NotFound: a.missing, iam.Exists: a.exists}[iam.CodeOf(err)]
	e, ok := errors.AsType[*iam.Error](err)
	if own == "" || !ok {
		return err
	}
	return &fault{codes[e.Code].status, own, e.Message, err}
}

// general puts an error that no area has put into words.
func general(err error) *fault {
	if f, ok := errors.AsType[*fault](err); ok {
		return f
	}
	at, ok := codes[iam.CodeOf(err)]
	if !ok {
		at = codes[iam.Internal]
	}
	if p, ok := errors.AsType[*wire.Problem](err); ok {
		at.status = p.Status
		switch p.Status {
		case http.StatusMethodNotAllowed:
			at.code = "METHOD_NOT_ALLOWED"
		case http.StatusTooManyRequests:
			at.code = "TOO_MANY_REQUESTS"
		}
	}
	return &fault{at.status, at.code, control.PublicMessage(err), err}
}

// failure is the body of every error.
type failure struct {
	Errors []notice `json:"errors"`
}

type notice struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// refuse writes an error.
func refuse(c *wire.Call, h http.Header, err error) *wire.Answer {
	f := general(err)
	if p, ok := errors.AsType[*wire.Problem](err); ok {
		if p.Allow != "" {
			h.Set("Allow", p.Allow)
		}
		if p.RetryAfter > 0 {
			h.Set("Retry-After", strconv.Itoa(p.RetryAfter))
		}
	}
	switch f.status {
	case http.StatusUnauthorized:
		scheme := "Bearer"
		if forTokens(c.R) {
			scheme = `Basic realm="writ"`
		}
		h.Set("Www-Authenticate", scheme)
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", "1")
	}
	return &wire.Answer{Status: f.status, Body: failure{[]notice{{f.code, f.message}}}}
}
