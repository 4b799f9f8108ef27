package exoscale

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/wire"
)

// body is what an operation is asked with.
type body interface {
	// check says what is wrong with it, as far as can be told without looking at anything else.
	check() error
}

// reads reads a body of a type. Members that it does not know are ignored (section 14.7); nothing at all is {} where that is enough.
func reads[T any, B interface {
	*T
	body
}](optional bool) func(*call) (any, error) {
	return func(c *call) (any, error) {
		in := B(new(T))
		text := c.Body()
		if len(text) == 0 && optional {
			text = []byte("{}")
		}
		if err := wire.Unmarshal(text, in, "{"); err != nil {
			return nil, err
		}
		return in, in.check()
	}
}

// The lengths of texts, in characters (section 6).
const (
	maxRoleName = 191
	maxText     = 255
)

// within refuses a text that is too long or empty.
func within(field, text string, most int) error {
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		return iam.FieldErrorf(iam.Invalid, field, "must not be empty")
	case n > most:
		return iam.FieldErrorf(iam.Invalid, field, "must not be longer than %d", most)
	}
	return nil
}

// uuid reads an id in a body.
func uuid(field, text string) (iam.UUID, error) {
	if text == "" {
		return iam.UUID{}, iam.FieldErrorf(iam.Invalid, field, "is required")
	}
	id, err := iam.ParseUUID(text)
	if err != nil {
		return id, iam.FieldErrorf(iam.Invalid, field, "%.60q is not a UUID", text)
	}
	return id, nil
}

// given tells whether a member was given. null is as good as absent.
func given(v jsontext.Value) bool { return v.Kind() != 0 && v.Kind() != 'n' }

// inMember refuses a policy that is a member of the body and is none.
func inMember(name string, v jsontext.Value, compile func([]byte) (*policy.Program, error)) error {
	switch {
	case !given(v):
		return nil
	case v.Kind() != '{':
		return iam.FieldErrorf(iam.Invalid, name, "must be an object")
	}
	return compiles(name, v, compile)
}

// document reads a body that is a policy.
func document(compile func([]byte) (*policy.Program, error)) func(*call) (any, error) {
	return func(c *call) (any, error) {
		var in struct{}
		if err := wire.Unmarshal(c.Body(), &in, "{"); err != nil {
			return nil, err
		}
		return nil, compiles("document", c.Body(), compile)
	}
}

func compilePolicy(text []byte) (*policy.Program, error) {
	return policy.Compile(policy.Exoscale, text, nil)
}

// compiles says what is wrong with a policy. It is told before it is decided whether the caller may write it (section 8, "Order").
func compiles(field string, text []byte, compile func([]byte) (*policy.Program, error)) error {
	_, err := compile(text)
	e, ok := errors.AsType[*policy.Error](err)
	if !ok {
		return err
	}
	return iam.FieldErrorf(iam.Invalid, strings.Trim(field+"."+e.Path, "."), "%s (line %d, column %d)", e.Message, e.Line, e.Column)
}

// labels are texts by their names; nil if they were not given.
type labels map[string]*string

// check refuses null, which is no text: rules would see something else than what is kept.
func (l labels) check() error {
	for _, key := range l.names() {
		if l[key] == nil {
			return iam.FieldErrorf(iam.Invalid, fmt.Sprintf("labels[%q]", key), "must be a string")
		}
	}
	return nil
}

// tags are the labels as the domain has them, in the order of their names: an object has none.
func (l labels) tags() []iam.Tag {
	var out []iam.Tag
	for _, key := range l.names() {
		out = append(out, iam.Tag{Key: key, Value: *l[key]})
	}
	return out
}

func (l labels) names() []string { return slices.Sorted(maps.Keys(l)) }

// positive refuses what is beyond whole seconds that can be counted.
func positive(field string, n *int64) error {
	if n != nil && (*n <= 0 || *n > int64(iam.MaxRoleSession.Seconds())) {
		return iam.FieldErrorf(iam.Invalid, field, "must lie between 1 and %d", int64(iam.MaxRoleSession.Seconds()))
	}
	return nil
}

// permissions refuses what there is not, and what stands twice (section 14.7).
func permissions(list []string) error {
	seen := map[string]bool{}
	for i, p := range list {
		field := fmt.Sprintf("permissions[%d]", i)
		switch {
		case p != iam.BypassGovernance && p != iam.ResetOrganizationPolicy:
			return iam.FieldErrorf(iam.Invalid, field, "unknown permission %.64q", p)
		case seen[p]:
			return iam.FieldErrorf(iam.Invalid, field, "stands twice")
		}
		seen[p] = true
	}
	return nil
}
