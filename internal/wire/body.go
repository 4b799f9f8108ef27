package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/writ-iam/writ/internal/iam"
)

// What a body may be (bycloud.md, section 16.4; the depth is ours).
const (
	MaxBody  = 256 << 10 // bytes
	MaxDepth = 32        // of nesting
)

// TooLarge is the code of a body that is not read to its end. The domain has none for it; the audit log shows it.
const TooLarge iam.Code = "too_large"

// Decode reads a body of one JSON value of the wanted kinds ('{', '['), into v; nothing at all is "", and is Invalid unless optional.
// Members that v does not know are ignored; names that stand twice, invalid UTF-8 and whatever follows the value are refused, because
// two readers of one body must not see two different things. Errors are Invalid with their
// place, or TooLarge. A body that is no JSON of the kinds has no place, but for a name that stands twice, which is jsontext.ErrDuplicateName.
func (c *Call) Decode(v any, kinds string, optional bool, options ...json.Options) error {
	b := buffers.Get().(*bytes.Buffer)
	defer release(b)
	if err := c.ReadBody(b, MaxBody); err != nil {
		return err
	}
	text := bytes.TrimLeft(b.Bytes(), " \t\r\n")
	if len(text) == 0 && optional {
		return nil
	}
	return Unmarshal(text, v, kinds, options...)
}

// Peek reads into v what it can of a body that is an object, and leaves the body to be read. It is for finding out what a call is about
// before it is authorized; what is wrong with the body is for Decode to say.
func (c *Call) Peek(v any) {
	b := new(bytes.Buffer) // not a pooled one: the request keeps it
	if c.ReadAny(b, MaxBody) == nil {
		_ = Unmarshal(b.Bytes(), v, "{")
	}
	c.R.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(b.Bytes()), c.R.Body), c.R.Body}
}

// Unmarshal is Decode of a text.
func Unmarshal(text []byte, v any, kinds string, options ...json.Options) error {
	text = bytes.TrimLeft(text, " \t\r\n")
	switch {
	case len(text) == 0:
		return iam.Errorf(iam.Invalid, "the body is empty: it must be %s", shapes(kinds))
	case !strings.ContainsRune(kinds, rune(text[0])):
		return iam.Errorf(iam.Invalid, "the body must be %s", shapes(kinds))
	case tooDeep(text):
		return iam.Errorf(iam.Invalid, "the body is nested more than %d levels deep", MaxDepth)
	}
	if err := json.Unmarshal(text, v, options...); err != nil {
		return bodyError(err)
	}
	return nil
}

func shapes(kinds string) string {
	switch kinds {
	case "{":
		return "a JSON object"
	case "[":
		return "a JSON array"
	}
	return "a JSON object or array"
}

// ReadBody reads the request's body, of so many bytes at most, into b. What is certainly not JSON is refused.
func (c *Call) ReadBody(b *bytes.Buffer, most int64) error {
	if err := checkMediaType(c.R.Header); err != nil {
		return err
	}
	return c.ReadAny(b, most)
}

// ReadAny is ReadBody, whatever the request says that its body is.
func (c *Call) ReadAny(b *bytes.Buffer, most int64) error {
	errTooLarge := iam.Errorf(TooLarge, "the body has more than %d bytes", most)
	if c.R.ContentLength > most {
		return errTooLarge
	}
	switch n, err := b.ReadFrom(io.LimitReader(c.R.Body, most+1)); {
	case err != nil:
		return &iam.Error{Code: iam.Invalid, Message: "the body cannot be read to its end", Err: err}
	case n > most:
		return errTooLarge
	}
	c.body = append([]byte{}, b.Bytes()...)
	return nil
}

// Body is the request's body, once it has been read.
func (c *Call) Body() []byte { return c.body }

// checkMediaType refuses what is certainly not JSON: forms and texts. Nothing at all is taken for JSON.
func checkMediaType(h http.Header) error {
	text := h.Get("Content-Type")
	if text == "" || text == "application/json" {
		return nil
	}
	media, _, err := mime.ParseMediaType(text)
	kind, _, _ := strings.Cut(media, "/")
	if err != nil || media == "application/x-www-form-urlencoded" || kind == "multipart" || kind == "text" {
		return iam.FieldErrorf(iam.Invalid, "Content-Type", "must be application/json")
	}
	return nil
}

// tooDeep tells whether brackets nest deeper than MaxDepth. What is no JSON is found out later.
func tooDeep(text []byte) bool {
	depth, inString := 0, false
	for i := 0; i < len(text); i++ {
		switch ch := text[i]; {
		case inString && ch == '\\':
			i++
		case ch == '"':
			inString = !inString
		case inString:
		case ch == '{', ch == '[':
			if depth++; depth > MaxDepth {
				return true
			}
		case ch == '}', ch == ']':
			depth--
		}
	}
	return false
}

// bodyError says what is wrong with a body, and where.
func bodyError(err error) error {
	if e, ok := errors.AsType[*iam.Error](err); ok {
		if at, ok := errors.AsType[*json.SemanticError](err); ok && e.Field == "" { // which the reader of a value does not know
			return iam.FieldErrorf(e.Code, fieldPath(at.JSONPointer), "%s", e.Message)
		}
		return e
	}
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if errors.Is(e.Err, jsontext.ErrDuplicateName) {
			return &iam.Error{Code: iam.Invalid, Field: fieldPath(e.JSONPointer), Message: "stands twice in its object", Err: jsontext.ErrDuplicateName}
		}
		return iam.Errorf(iam.Invalid, "the body is not valid JSON, at byte %d", e.ByteOffset)
	}
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		return iam.FieldErrorf(iam.Invalid, fieldPath(e.JSONPointer), "must be %s", wanted(e.GoType))
	}
	return &iam.Error{Code: iam.Invalid, Message: "the body is not valid JSON", Err: err}
}

// MaxShown is how much of a name that the client chose is repeated to it, in bytes.
const MaxShown = 64

// fieldPath writes a JSON pointer as the domain writes places: group_ids[1].
func fieldPath(p jsontext.Pointer) string {
	var b strings.Builder
	for token := range p.Tokens() {
		switch {
		case len(token) > MaxShown:
			token = strings.ToValidUTF8(token[:MaxShown], "") + "…"
		case token != "" && strings.Trim(token, "0123456789") == "":
			fmt.Fprintf(&b, "[%s]", token)
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(token)
	}
	return b.String()
}

// wanted says what a value of a type looks like in JSON. A struct called Time is one, whichever package it is from.
func wanted(t reflect.Type) string {
	switch {
	case t == nil:
		return "of another type"
	case t.Kind() == reflect.Struct && t.Name() == "Time":
		return "a date and time as RFC 3339 has it, as in 2026-01-31T12:00:00Z"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return wanted(t.Elem())
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Uint64:
		return "a whole number, not negative"
	case reflect.Slice:
		return "an array"
	}
	return "an object"
}
