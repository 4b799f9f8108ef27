package api

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/wire"
)

// What the context of authorize may hold.
const (
	maxContext = 64  // members, and members of a map of tags
	maxElement = 100 // elements of an array
)

// askedContext is the context of an authorize request. What conditions know under a name of their own goes into its
// field, whether it has the domain's name or that of the statements (design.md, section 5); every other key is kept as
// it is.
type askedContext struct {
	policy.Context
	seen uint64 // fields that are given, a bit each
}

// field is a named value of a context.
type field struct {
	bit uint64
	set func(*policy.Context, string) bool // false if it cannot be read
	is  string                             // what would be right
}

var (
	fieldSourceIP = &field{1 << 0, setSourceIP, "an IP address, as in 192.0.2.1 or 2001:db8::1"}
	fieldNow      = &field{1 << 1, setNow, "a date and time as RFC 3339 has it, as in 2026-01-31T12:00:00Z"}
	fieldAgent    = textField(2, func(c *policy.Context) *string { return &c.UserAgent })
	fieldOp       = textField(3, func(c *policy.Context) *string { return &c.Operation })
	fieldZone     = textField(4, func(c *policy.Context) *string { return &c.Zone })
	fieldProject  = textField(5, func(c *policy.Context) *string { return &c.ProjectID })
	fieldCRN      = textField(6, func(c *policy.Context) *string { return &c.PrincipalCRN })
	fieldType     = textField(7, func(c *policy.Context) *string { return &c.PrincipalType })
	fieldOrg      = textField(8, func(c *policy.Context) *string { return &c.OrganizationID })
	fieldKey      = textField(9, func(c *policy.Context) *string { return &more(c).APIKey })
)

// more is what only expressions see of a context.
func more(c *policy.Context) *policy.More {
	if c.More == nil {
		c.More = &policy.More{}
	}
	return c.More
}

// objects are the keys of maps that only expressions see (exoscale.md, section 10.3).
var objects = map[string]func(*policy.More) *map[string]any{
	"identity":   func(m *policy.More) *map[string]any { return &m.Identity },
	"parameters": func(m *policy.More) *map[string]any { return &m.Parameters },
	"resources":  func(m *policy.More) *map[string]any { return &m.Resources },
	"headers":    func(m *policy.More) *map[string]any { return &m.Headers },
}

func textField(n int, at func(*policy.Context) *string) *field {
	return &field{1 << n, func(c *policy.Context, s string) bool { *at(c) = s; return true }, "a string"}
}

// named are the keys of fields, in both spellings.
var named = map[string]*field{
	"source_ip": fieldSourceIP, "iam:source_ip": fieldSourceIP,
	"now": fieldNow, "iam:current_time": fieldNow,
	"user_agent": fieldAgent, "iam:user_agent": fieldAgent,
	"operation": fieldOp, "iam:operation": fieldOp,
	"zone": fieldZone, "iam:zone": fieldZone,
	"api_key":    fieldKey,
	"project_id": fieldProject, "iam:project_id": fieldProject,
	"iam:principal_crn": fieldCRN, "iam:principal_type": fieldType, "iam:organization_id": fieldOrg,
}

func setSourceIP(c *policy.Context, s string) bool {
	addr, err := netip.ParseAddr(s)
	c.SourceIP = addr.Unmap()
	return err == nil && addr.Zone() == ""
}

func setNow(c *policy.Context, s string) bool { return c.Now.UnmarshalText([]byte(s)) == nil }

// UnmarshalJSONFrom reads the object from the body.
func (x *askedContext) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() == 'n' {
		return d.SkipValue()
	}
	return members(d, "context", x.member)
}

// members reads an object and calls member for each name, with the decoder at the value.
func members(d *jsontext.Decoder, path string, member func(d *jsontext.Decoder, key string) error) error {
	if d.PeekKind() != '{' {
		return iam.FieldErrorf(iam.Invalid, path, "must be an object")
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for n := 0; d.PeekKind() != '}'; n++ {
		if n == maxContext {
			return iam.FieldErrorf(iam.Invalid, path, "has at most %d members", maxContext)
		}
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		if err := member(d, name.String()); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// The spellings of tags: a map in the domain's, a prefix of the key in that of the statements.
const (
	resourceTags, resourceTag = "resource_tags", "resource_tag/"
	requestTags, requestTag   = "request_tags", "request_tag/"
)

func (x *askedContext) member(d *jsontext.Decoder, key string) error {
	if f := named[key]; f != nil {
		return x.field(d, key, f)
	}
	if at := objects[key]; at != nil {
		return object(d, key, at(more(&x.Context)))
	}
	switch key {
	case resourceTags:
		return tags(d, key, &x.ResourceTags)
	case requestTags:
		return tags(d, key, &x.RequestTags)
	}
	if tag, ok := strings.CutPrefix(key, resourceTag); ok {
		return attribute(d, key, tag, &x.ResourceTags)
	}
	if tag, ok := strings.CutPrefix(key, requestTag); ok {
		return attribute(d, key, tag, &x.RequestTags)
	}
	return attribute(d, key, key, &x.Attributes)
}

func (x *askedContext) field(d *jsontext.Decoder, key string, f *field) error {
	if x.seen&f.bit != 0 {
		return wrongKey(key, "is given under another name already")
	}
	x.seen |= f.bit
	if d.PeekKind() != '"' {
		return wrongKey(key, "must be "+f.is)
	}
	text, err := d.ReadToken()
	if err != nil {
		return err
	}
	if !f.set(&x.Context, text.String()) {
		return wrongKey(key, "must be "+f.is)
	}
	return nil
}

// tags reads a map of tags.
func tags(d *jsontext.Decoder, key string, to *[]policy.Attr) error {
	return members(d, "context."+key, func(d *jsontext.Decoder, tag string) error {
		return attribute(d, key+"."+tag, tag, to)
	})
}

// attribute reads a value and adds it under a name, which is given once.
func attribute(d *jsontext.Decoder, key, name string, to *[]policy.Attr) error {
	for _, a := range *to {
		if a.Key == name {
			return wrongKey(key, "is given under another name already")
		}
	}
	v, err := value(d, key)
	if err == nil {
		*to = append(*to, policy.Attr{Key: name, Value: v})
	}
	return err
}

// object reads a map of any values, for expressions. Its size is bounded by the body's, and its depth by the body's depth.
func object(d *jsontext.Decoder, key string, to *map[string]any) error {
	if d.PeekKind() != '{' {
		return wrongKey(key, "must be an object")
	}
	v, err := wire.ReadValue(d)
	if err == nil {
		*to = v.(map[string]any)
	}
	if e, ok := err.(*iam.Error); ok {
		return wrongKey(key, e.Message)
	}
	return err
}

// value reads a string, a number, a truth value or an array of these (section 16.7).
func value(d *jsontext.Decoder, key string) (policy.Value, error) {
	if d.PeekKind() != '[' {
		return scalar(d, key)
	}
	if _, err := d.ReadToken(); err != nil {
		return policy.Value{}, err
	}
	var elements []policy.Value
	for d.PeekKind() != ']' {
		if len(elements) == maxElement {
			return policy.Value{}, wrongKey(key, fmt.Sprintf("has at most %d elements", maxElement))
		}
		v, err := scalar(d, key)
		if err != nil {
			return policy.Value{}, err
		}
		elements = append(elements, v)
	}
	_, err := d.ReadToken()
	return policy.List(elements...), err
}

func scalar(d *jsontext.Decoder, key string) (policy.Value, error) {
	switch d.PeekKind() {
	case '{', '[', 'n':
		return policy.Value{}, wrongKey(key, "must be a string, a number, true, false, or an array of these")
	}
	token, err := d.ReadToken()
	if err != nil {
		return policy.Value{}, err
	}
	switch token.Kind() {
	case '"':
		return policy.String(token.String()), nil
	case 't', 'f':
		return policy.Bool(token.Bool()), nil
	}
	n, err := token.Float()
	if err != nil {
		return policy.Value{}, wrongKey(key, "is a number out of range")
	}
	return policy.Number(n), nil
}

func wrongKey(key, message string) error {
	if len(key) > wire.MaxShown {
		key = strings.ToValidUTF8(key[:wire.MaxShown], "") + "…"
	}
	return iam.FieldErrorf(iam.Invalid, "context."+key, "%s", message)
}
