package vngcloud

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// bytes reads the body, whatever the request says that it is (section 1, "Media type").
func (c *call) bytes() ([]byte, error) {
	var b bytes.Buffer
	err := c.ReadAny(&b, wire.MaxBody)
	return b.Bytes(), err
}

// body reads a JSON object into v. Members that v does not know are ignored.
func (c *call) body(v any) error {
	text, err := c.bytes()
	if err != nil {
		return err
	}
	return undecodable(wire.Unmarshal(text, v, "{"))
}

// undecodable gives a body that is not of the expected shape its code.
func undecodable(err error) error {
	if e, ok := errors.AsType[*iam.Error](err); ok && e.Code == iam.Invalid {
		return wrong(badRequest, e)
	}
	return err
}

// What names and descriptions may be (sections 3.2 and 3.3).
const (
	maxName        = 50
	maxDescription = 255
	nameLetters    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.- "
)

// checkName reads a required name: blanks around it are none of it (section 12).
func checkName(text *string) (string, error) {
	if text == nil {
		return "", invalid("name", "is required")
	}
	name := strings.Trim(*text, " ")
	switch {
	case name == "":
		return "", invalid("name", "is required")
	case len(name) > maxName:
		return "", invalid("name", "has at most %d characters", maxName)
	case strings.ContainsFunc(name, func(r rune) bool { return !strings.ContainsRune(nameLetters, r) }):
		return "", invalid("name", `may hold letters, digits, spaces and the characters "_", "." and "-"`)
	}
	return name, nil
}

// checkDescription holds a description to its length.
func checkDescription(text *string) error {
	if text != nil && utf8.RuneCountInString(*text) > maxDescription {
		return invalid("description", "has at most %d characters", maxDescription)
	}
	return nil
}

// named reads ids in a body, each once. What is no id becomes the zero one, which nothing has.
func named(list []string) []iam.UUID {
	var out []iam.UUID
	seen := map[iam.UUID]bool{}
	for _, text := range list {
		id, _ := parseID(text)
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}
