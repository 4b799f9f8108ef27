package scaleway

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
)

// body reads a JSON object into v. Members that v does not know are ignored (section 9), null is nothing.
func (c *call) body(v any) error {
	err := c.Decode(v, "{", false)
	e, ok := errors.AsType[*iam.Error](err)
	if !ok || e.Code != iam.Invalid {
		return err
	}
	name := e.Field
	if name == "" {
		name = "body"
	}
	return invalid(name, format, e.Message)
}

// form collects the first thing that is wrong with a body.
type form struct{ err error }

func (f *form) wrong(name, reason, help string) {
	if f.err == nil {
		f.err = invalid(name, reason, help)
	}
}

// also notes a further error.
func (f *form) also(err error) {
	if f.err == nil {
		f.err = err
	}
}

// Bounds of texts (section 6).
const (
	maxName        = 64
	maxDescription = 200
	maxTags        = 10
	maxTag         = 70
)

var (
	nameForm = regexp.MustCompile(`^[a-zA-Z0-9()._\- ]+$`)
	tagForm  = regexp.MustCompile(`^[a-zA-Z0-9._\-/=+@ ]+$`)
)

// name holds the form of a name.
func (f *form) name(s string) {
	switch {
	case s == "":
		f.wrong("name", required, "is required")
	case len(s) > maxName:
		f.wrong("name", constraint, fmt.Sprintf("has at most %d characters", maxName))
	case !nameForm.MatchString(s):
		f.wrong("name", format, "has letters, digits, spaces, parentheses, dots, underscores and hyphens alone")
	}
}

// newName holds the form of a name that may be absent.
func (f *form) newName(s *string) {
	if s != nil {
		f.name(*s)
	}
}

// text holds the length of a text that may be absent.
func (f *form) text(name string, s *string, most int) {
	if s != nil && utf8.RuneCountInString(*s) > most {
		f.wrong(name, constraint, fmt.Sprintf("has at most %d characters", most))
	}
}

// tags holds the form of tags.
func (f *form) tags(tags []string) {
	if len(tags) > maxTags {
		f.wrong("tags", constraint, fmt.Sprintf("are at most %d", maxTags))
		return // a body may have tens of thousands
	}
	for i, tag := range tags {
		at := fmt.Sprintf("tags[%d]", i)
		switch {
		case len(tag) == 0 || len(tag) > maxTag:
			f.wrong(at, constraint, fmt.Sprintf("has 1 to %d characters", maxTag))
		case !tagForm.MatchString(tag):
			f.wrong(at, format, "has letters, digits, spaces and . _ - / = + @ alone")
		case slices.Contains(tags[:i], tag):
			f.wrong(at, constraint, "is there twice")
		}
	}
}

// id reads a UUID; zero if it is absent.
func (f *form) id(name string, s *string) (id iam.UUID) {
	if s == nil || *s == "" {
		return iam.UUID{}
	}
	id, err := iam.ParseUUID(*s)
	if err != nil {
		f.wrong(name, format, "must be a UUID")
	}
	return id
}

// ids reads several UUIDs. What is there twice counts once.
func (f *form) ids(name string, in []string) []iam.UUID {
	var out []iam.UUID
	seen := make(map[iam.UUID]bool, len(in))
	for i, s := range in {
		id, err := iam.ParseUUID(s)
		if err != nil {
			f.wrong(fmt.Sprintf("%s[%d]", name, i), format, "must be a UUID")
		}
		if !seen[id] {
			seen[id], out = true, append(out, id)
		}
	}
	return out
}

// organization holds that a body names no organization but the caller's (section 9).
func (c *call) organization(f *form, s *string) {
	if id := f.id(organizationID, s); !id.IsZero() && id != c.View().ID().UUID && f.err == nil {
		f.err = errForeign
	}
}

// about tells the audit log what the call has to do with.
func (c *call) about(t thing, id iam.UUID, name string) {
	p := &c.Permit.Target
	p.Type, p.ID, p.Name = strings.ReplaceAll(t.typ, "-", "_"), id.String(), name
}

// need authorizes an operation that the call does, unless that is what it was let in for.
func (c *call) need(op *control.Operation, on iam.CRN) error {
	if c.Permit.Does(op, on) {
		return nil
	}
	return c.Permit.Require(op, on)
}
