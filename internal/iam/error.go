package iam

import (
	"errors"
	"fmt"
)

// Code says what kind of failure an Error is. Each dialect has one table from code to its vendor's status and body.
type Code string

// The codes (design.md, section 8).
const (
	Invalid         Code = "invalid"         // the request is malformed or breaks a rule of form; Field names where
	Unauthenticated Code = "unauthenticated" // nobody is known to be calling
	Denied          Code = "denied"          // the caller is known and may not
	NotFound        Code = "not_found"       // what the request names is not in this organization
	Exists          Code = "exists"          // a name or relation is taken
	Conflict        Code = "conflict"        // the state forbids it now, or a commit lost the race for the head
	InUse           Code = "in_use"          // something still refers to it
	Quota           Code = "quota"           // a limit of the organization is reached
	Immutable       Code = "immutable"       // it can never be changed
	Unavailable     Code = "unavailable"     // try again later: shutting down, behind, timed out
	Internal        Code = "internal"        // a fault of ours; its text never leaves the process
)

// Error is the one error type that crosses package borders.
type Error struct {
	Code    Code
	Field   string // the input that is wrong, as a path ("document.statements[2].effect"); "" when none is
	Message string // one sentence for the client, in the domain's words; holds no secret and no driver's text
	Err     error  // the cause, for logs only
}

// Error is for logs. What a client may see is Message alone.
func (e *Error) Error() string {
	s := string(e.Code) + ": " + e.Message
	if e.Field != "" {
		s = string(e.Code) + ": " + e.Field + ": " + e.Message
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error without a field.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// FieldErrorf makes an Error that names the input at fault.
func FieldErrorf(code Code, field, format string, args ...any) *Error {
	return &Error{Code: code, Field: field, Message: fmt.Sprintf(format, args...)}
}

// CodeOf gives the code of the first Error in err's chain: "" for nil, Internal for an error that has none.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}
