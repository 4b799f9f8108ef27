package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// What texts may have, in characters (section 16.4, and 16.2 for the last).
const (
	maxName        = 128
	maxDescription = 1000
	maxDisplayName = 255
	maxSessionName = 64
)

// form checks the form of a request (section 16.4) and keeps the first thing that is wrong.
type form struct{ err error }

func (f *form) wrong(field, format string, args ...any) {
	if f.err == nil {
		f.err = iam.FieldErrorf(iam.Invalid, field, format, args...)
	}
}

// name trims a name and checks it.
func (f *form) name(field string, s *string) { f.label(field, s, maxName) }

func (f *form) label(field string, s *string, most int) {
	*s = strings.TrimSpace(*s)
	switch {
	case *s == "":
		f.wrong(field, "is required")
	case utf8.RuneCountInString(*s) > most:
		f.wrong(field, "has at most %d characters", most)
	case strings.ContainsFunc(*s, unicode.IsControl):
		f.wrong(field, "must not hold control characters")
	case strings.Contains(*s, "*"):
		f.wrong(field, `must not hold "*", which stands for any run of characters in filters`)
	}
}

// newName checks a name in a PATCH, which may be absent.
func (f *form) newName(field string, o *apitype.Optional[string]) {
	f.notNull(field, o.Null)
	if o.Set {
		f.name(field, &o.Value)
	}
}

// text checks how long an optional text is.
func (f *form) text(field string, s *string, most int) {
	if s != nil && utf8.RuneCountInString(*s) > most {
		f.wrong(field, "has at most %d characters", most)
	}
}

// newText checks an optional text in a PATCH; null clears it.
func (f *form) newText(field string, o apitype.Optional[string], most int) {
	f.text(field, &o.Value, most)
}

func (f *form) notNull(field string, null bool) {
	if null {
		f.wrong(field, "must not be null")
	}
}

// plain checks a text that must be there and is taken as it is.
func (f *form) plain(field, s string, most int) {
	f.required(field, s)
	switch {
	case utf8.RuneCountInString(s) > most:
		f.wrong(field, "has at most %d characters", most)
	case strings.ContainsFunc(s, unicode.IsControl):
		f.wrong(field, "must not hold control characters")
	}
}

// required refuses a text that is not there.
func (f *form) required(field, s string) {
	if s == "" {
		f.wrong(field, "is required")
	}
}

// id reads an id in a body: what is none is invalid (section 16.4).
func (f *form) id(field, text string) iam.UUID {
	f.required(field, text)
	id, err := iam.ParseUUID(text)
	if err != nil {
		f.wrong(field, "%.40q is not a UUID", text)
	}
	return id
}

// crn reads a CRN (section 16.7).
func (f *form) crn(field, text string) iam.CRN {
	f.required(field, text)
	name, err := iam.ParseCRN(text)
	if err != nil {
		f.wrong(field, "%v", err)
	}
	return name
}

// trust reads a role's trust policy; null and nothing are none.
func (f *form) trust(field string, raw []byte) *policy.Trust {
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return nil
	}
	t, err := policy.ParseTrust(raw)
	if e, ok := errors.AsType[*policy.Error](err); ok {
		if e.Path != "" {
			field += "." + e.Path
		}
		f.wrong(field, "%s", e.Message)
	} else if err != nil {
		f.wrong(field, "is no trust policy")
	}
	return t
}

// document checks that a policy document is an object; its language checks the rest.
func (f *form) document(field string, raw []byte) {
	switch {
	case len(raw) == 0:
		f.wrong(field, "is required")
	case raw[0] != '{' && raw[0] != '[':
		f.wrong(field, "must be an object, or in the language %s an array", policy.VNGCloud)
	}
}

// newDocument checks a document in a PATCH, which may be absent.
func (f *form) newDocument(field string, o apitype.Optional[json.RawMessage]) {
	f.notNull(field, o.Null)
	if o.Set {
		f.document(field, o.Value)
	}
}

// language checks the name of a policy language.
func (f *form) language(field, name string) {
	if !slices.Contains(policy.Languages(), policy.Language(name)) {
		f.wrong(field, "%.40q is no language that is known here; use one of %q", name, policy.Languages())
	}
}

// newLanguage checks a language in a PATCH, which may be absent.
func (f *form) newLanguage(field string, o apitype.Optional[string]) {
	f.notNull(field, o.Null)
	if o.Set {
		f.language(field, o.Value)
	}
}

// apply puts a value of a PATCH in place.
func apply[T any](o apitype.Optional[T], to *T) {
	if o.Set {
		*to = o.Value
	}
}

// applyText puts an optional text of a PATCH in place; null clears it.
func applyText(o apitype.Optional[string], to **string) {
	switch {
	case o.Null:
		*to = nil
	case o.Set:
		*to = &o.Value
	}
}
