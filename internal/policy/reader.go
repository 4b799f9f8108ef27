package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// reader reads the JSON of a document and knows at every moment where it is, as an offset and as a path. It descends only
// where a parser asks it to, so the parser's own depth bounds the nesting of what it reads.
//
// Duplicate member names and invalid UTF-8 are refused by the decoder: two readers of such a document could see two
// different policies.
type reader struct {
	source  []byte
	decoder *jsontext.Decoder
	path    []byte
}

// located is a text of the document and the offset at which it stands.
type located struct {
	text   string
	offset int
}

func newReader(source []byte) *reader {
	// The decoder reads a bytes.Buffer in place and does not write to it.
	return &reader{source: source, decoder: jsontext.NewDecoder(bytes.NewBuffer(source))}
}

// document reads the one object that a document is.
func (r *reader) document(member func(name located) error) error {
	return r.whole(func() error { return r.object(member) })
}

// whole reads a document, and makes sure that there is no more.
func (r *reader) whole(value func() error) error {
	if len(r.source) > MaxDocument {
		return r.errorf(MaxDocument, "the document has %d bytes; at most %d are allowed", len(r.source), MaxDocument)
	}
	if err := value(); err != nil {
		return err
	}
	end := r.next()
	if _, err := r.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return because(ReasonSyntax, r.errorf(end, "nothing may follow the document"))
	}
	return nil
}

// object reads an object and calls member for each of its members, with the path extended by its name. Names that no
// parser knows are too free to be part of a path; see plainName.
func (r *reader) object(member func(name located) error) error {
	if err := r.open('{', "an object"); err != nil {
		return err
	}
	for r.decoder.PeekKind() != '}' {
		name, err := r.text()
		if err != nil {
			return err
		}
		outer := len(r.path)
		if plainName(name.text) {
			if outer > 0 {
				r.path = append(r.path, '.')
			}
			r.path = append(r.path, name.text...)
		}
		if err := member(name); err != nil {
			return err
		}
		r.path = r.path[:outer]
	}
	return r.close()
}

// array reads an array of at most limit elements and calls element for each of them, with the path extended by its index.
func (r *reader) array(limit int, what string, element func(i int) error) error {
	if err := r.open('[', "an array"); err != nil {
		return err
	}
	outer := len(r.path)
	for i := 0; r.decoder.PeekKind() != ']'; i++ {
		r.path = append(strconv.AppendInt(append(r.path[:outer], '['), int64(i), 10), ']')
		if i == limit {
			return r.unless(r.errorf(r.next(), "too many %s; at most %d are allowed", what, limit))
		}
		if err := element(i); err != nil {
			return err
		}
	}
	r.path = r.path[:outer]
	return r.close()
}

// texts reads an array of at least one text; check, called for each, says what is wrong with it.
func (r *reader) texts(limit int, what string, check func(text string) string) ([]located, error) {
	start := r.next()
	var out []located
	err := r.array(limit, what, func(int) error {
		item, err := r.text()
		if err != nil {
			return err
		}
		if problem := check(item.text); problem != "" {
			return r.errorf(item.offset, "%s", problem)
		}
		out = append(out, item)
		return nil
	})
	if err == nil && len(out) == 0 {
		err = r.errorf(start, "needs at least one of %s", what)
	}
	return out, err
}

// text reads a string.
func (r *reader) text() (located, error) {
	offset := r.next()
	if kind := r.decoder.PeekKind(); kind != '"' {
		return located{}, r.unless(because(ReasonShape, r.errorf(offset, "must be a string, is %s", kindName(kind))))
	}
	token, err := r.decoder.ReadToken()
	if err != nil {
		return located{}, r.syntax(err)
	}
	return located{text: token.String(), offset: offset}, nil
}

func (r *reader) open(kind jsontext.Kind, what string) error {
	offset := r.next()
	if is := r.decoder.PeekKind(); is != kind {
		return r.unless(because(ReasonShape, r.errorf(offset, "must be %s, is %s", what, kindName(is))))
	}
	_, err := r.decoder.ReadToken()
	return r.syntax(err)
}

func (r *reader) close() error {
	_, err := r.decoder.ReadToken()
	return r.syntax(err)
}

// next is the offset at which the next token starts.
func (r *reader) next() int {
	offset := int(r.decoder.InputOffset())
	for offset < len(r.source) && strings.IndexByte(" \t\r\n,:", r.source[offset]) >= 0 {
		offset++
	}
	return offset
}

// unless returns err, but if the next token cannot be read at all, that comes first.
func (r *reader) unless(err error) error {
	if _, syntax := r.decoder.ReadToken(); syntax != nil {
		return r.syntax(syntax)
	}
	return err
}

// syntax puts an error of the decoder into our words.
func (r *reader) syntax(err error) error {
	if err == nil {
		return nil
	}
	return because(ReasonSyntax, r.syntaxError(err))
}

func (r *reader) syntaxError(err error) error {
	at, ok := errors.AsType[*jsontext.SyntacticError](err)
	switch {
	case !ok: // at the end of the input, where a value should start
		return r.errorf(len(r.source), "the document ends too early")
	case errors.Is(err, jsontext.ErrDuplicateName):
		return r.errorf(int(at.ByteOffset), "member %s is given twice", show(at.JSONPointer.LastToken()))
	case errors.Is(err, io.ErrUnexpectedEOF):
		return r.errorf(len(r.source), "the document ends too early")
	default:
		return r.errorf(int(at.ByteOffset), "not valid JSON: %v", at.Err)
	}
}

func (r *reader) errorf(offset int, format string, args ...any) error {
	return newError(r.source, offset, string(r.path), fmt.Sprintf(format, args...))
}

// errorAt is errorf for a member below the current place.
func (r *reader) errorAt(offset int, below, format string, args ...any) error {
	if len(r.path) > 0 {
		below = string(r.path) + "." + below
	}
	return newError(r.source, offset, below, fmt.Sprintf(format, args...))
}

// unknown refuses a member that the language does not have. Ignoring it would be dangerous: a mistyped "conditions" would
// widen a grant without a word.
func (r *reader) unknown(name located, allowed string) error {
	return r.errorf(name.offset, "unknown member %s; allowed are %s", show(name.text), allowed)
}

// plainName tells whether a member's name can stand in a path without quotes. Paths stay short and printable that way.
func plainName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return len(name) > 0 && len(name) <= 64
}

// show makes a text fit to stand in a message: short, and quoted unless it is plain.
func show(s string) string {
	short := clip(s)
	if quoted := strconv.Quote(short); s == "" || quoted[1:len(quoted)-1] != short || strings.ContainsAny(s, ", ") {
		return quoted
	}
	return short
}

// clip bounds a text that someone else chose.
func clip(s string) string {
	if len(s) <= maxShownText {
		return s
	}
	cut := maxShownText
	for cut > maxShownText-utf8.UTFMax && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}

func kindName(k jsontext.Kind) string {
	switch k {
	case 'n':
		return "null"
	case 't', 'f':
		return "true or false"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '}', ']':
		return "missing"
	default:
		return "nothing that can be read"
	}
}
