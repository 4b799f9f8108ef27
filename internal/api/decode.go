package api

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

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/iam"
)

// What a body may be (section 16.4; the depth is ours).
const (
	maxBody  = 256 << 10 // bytes
	maxDepth = 32        // of nesting
)

// decode reads the body into v and checks it. Members that v does not know are ignored (section 16.4); names that stand
// twice, invalid UTF-8 and whatever follows the object are refused.
func (c *call) decode(v any, check func(*form)) error { return c.read(v, check, false) }

// decodeOptional is decode where the whole body may be left out.
func (c *call) decodeOptional(v any, check func(*form)) error { return c.read(v, check, true) }

func (c *call) read(v any, check func(*form), optional bool) error {
	b := buffers.Get().(*bytes.Buffer)
	defer release(b)
	if err := c.body(b, maxBody); err != nil {
		return err
	}
	switch text := bytes.TrimLeft(b.Bytes(), " \t\r\n"); {
	case len(text) == 0 && optional:
	case len(text) == 0:
		return iam.Errorf(iam.Invalid, "the body is empty: it must be a JSON object")
	case text[0] != '{':
		return iam.Errorf(iam.Invalid, "the body must be a JSON object")
	case tooDeep(text):
		return iam.Errorf(iam.Invalid, "the body is nested more than %d levels deep", maxDepth)
	default:
		if err := json.Unmarshal(text, v, decoding); err != nil {
			return bodyError(err)
		}
	}
	f := form{}
	check(&f)
	return f.err
}

// body reads the request's body, of so many bytes at most, into b.
func (c *call) body(b *bytes.Buffer, most int64) error {
	if err := checkMediaType(c.r.Header); err != nil {
		return err
	}
	errTooLarge := iam.Errorf(tooLarge, "the body has more than %d bytes", most)
	if c.r.ContentLength > most {
		return errTooLarge
	}
	switch n, err := b.ReadFrom(io.LimitReader(c.r.Body, most+1)); {
	case err != nil:
		return &iam.Error{Code: iam.Invalid, Message: "the body cannot be read to its end", Err: err}
	case n > most:
		return errTooLarge
	}
	return nil
}

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

// tooDeep tells whether brackets nest deeper than maxDepth. What is no JSON is found out later.
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
			if depth++; depth > maxDepth {
				return true
			}
		case ch == '}', ch == ']':
			depth--
		}
	}
	return false
}

// decoding makes json tell the place of an error within an Optional too.
var decoding = json.WithUnmarshalers(json.JoinUnmarshalers(
	json.UnmarshalFromFunc(optional[string]),
	json.UnmarshalFromFunc(optional[bool]),
	json.UnmarshalFromFunc(optional[[]string]),
	json.UnmarshalFromFunc(optional[apitype.Time]),
	json.UnmarshalFromFunc(optional[[]apitype.CredentialPolicy]),
))

func optional[T any](d *jsontext.Decoder, o *apitype.Optional[T]) error {
	*o = apitype.Optional[T]{Set: true, Null: d.PeekKind() == 'n'}
	if o.Null {
		return d.SkipValue()
	}
	return json.UnmarshalDecode(d, &o.Value)
}

// bodyError says what is wrong with a body, and where.
func bodyError(err error) error {
	if e, ok := errors.AsType[*iam.Error](err); ok {
		return e
	}
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if errors.Is(e.Err, jsontext.ErrDuplicateName) {
			return iam.FieldErrorf(iam.Invalid, fieldPath(e.JSONPointer), "stands twice in its object")
		}
		return iam.Errorf(iam.Invalid, "the body is not valid JSON, at byte %d", e.ByteOffset)
	}
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		return iam.FieldErrorf(iam.Invalid, fieldPath(e.JSONPointer), "must be %s", wanted(e.GoType))
	}
	return &iam.Error{Code: iam.Invalid, Message: "the body is not valid JSON", Err: err}
}

// maxShown is how much of a name that the client chose is repeated to it, in bytes.
const maxShown = 64

// fieldPath writes a JSON pointer as the domain writes places: group_ids[1].
func fieldPath(p jsontext.Pointer) string {
	var b strings.Builder
	for token := range p.Tokens() {
		switch {
		case len(token) > maxShown:
			token = strings.ToValidUTF8(token[:maxShown], "") + "…"
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

// wanted says what a value of a type looks like in JSON.
func wanted(t reflect.Type) string {
	switch {
	case t == nil:
		return "of another type"
	case t == reflect.TypeFor[apitype.Time]():
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
