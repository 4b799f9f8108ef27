package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Error says what is wrong in a file, where, and what would be right.
type Error struct {
	Path    string // of the offending member, as in services[0].actions[2].label; "" is the whole file
	Line    int    // from 1
	Column  int    // in bytes, from 1
	Message string
}

// Error gives place and message in one line.
func (e *Error) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
	}
	return fmt.Sprintf("line %d, column %d: %s: %s", e.Line, e.Column, e.Path, e.Message)
}

func newError(source []byte, offset int, path, format string, args ...any) *Error {
	offset = max(0, min(offset, len(source)))
	before := source[:offset]
	return &Error{
		Path:    path,
		Line:    1 + bytes.Count(before, []byte("\n")),
		Column:  offset - bytes.LastIndexByte(before, '\n'),
		Message: fmt.Sprintf(format, args...),
	}
}

// problem is an error whose place is known only as a path, which grows while it is handed up.
type problem struct {
	path    string
	message string
}

func problemf(format string, args ...any) *problem {
	return &problem{message: fmt.Sprintf(format, args...)}
}

// at puts the problem below a member. An empty name is for checks whose caller knows it.
func (p *problem) at(member string) *problem {
	switch {
	case p == nil || member == "":
	case p.path == "" || p.path[0] == '[':
		p.path = member + p.path
	default:
		p.path = member + "." + p.path
	}
	return p
}

// element puts the problem into the i-th element of a list.
func (p *problem) element(i int) *problem { return p.at("[" + strconv.Itoa(i) + "]") }

// in finds the place in the source. Of a member that is missing, it is where the object starts that should have it.
func (p *problem) in(source []byte) *Error {
	offsets := map[string]int{}
	d := jsontext.NewDecoder(bytes.NewReader(source))
	for {
		at := next(source, int(d.InputOffset()))
		if _, err := d.ReadToken(); err != nil {
			break
		}
		if path := pathOf(d.StackPointer()); offsets[path] == 0 {
			offsets[path] = at
		}
	}
	for path := p.path; ; {
		if at, ok := offsets[path]; ok {
			return newError(source, at, p.path, "%s", p.message)
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			return newError(source, next(source, 0), p.path, "%s", p.message)
		}
		path = path[:cut]
	}
}

// next is the offset at which the next token starts.
func next(source []byte, offset int) int {
	for offset < len(source) && strings.IndexByte(" \t\r\n,:", source[offset]) >= 0 {
		offset++
	}
	return offset
}

// pathOf writes a JSON pointer as a path.
func pathOf(pointer jsontext.Pointer) string {
	var path strings.Builder
	for token := range pointer.Tokens() {
		_, err := strconv.Atoi(token)
		switch {
		case err == nil:
			path.WriteString("[" + token + "]")
		case path.Len() > 0:
			path.WriteString("." + clip(token))
		default:
			path.WriteString(clip(token))
		}
	}
	return path.String()
}

// understand puts an error of the decoder into our words.
func understand(source []byte, err error) error {
	if at, ok := errors.AsType[*json.SemanticError](err); ok {
		return understandMember(source, at)
	}
	at, ok := errors.AsType[*jsontext.SyntacticError](err)
	switch {
	case !ok, errors.Is(err, io.ErrUnexpectedEOF):
		return newError(source, len(source), "", "the file ends too early")
	case errors.Is(err, jsontext.ErrDuplicateName):
		return newError(source, next(source, int(at.ByteOffset)), pathOf(at.JSONPointer.Parent()),
			"member %s is given twice", show(at.JSONPointer.LastToken()))
	default:
		return newError(source, next(source, int(at.ByteOffset)), pathOf(at.JSONPointer), "not valid JSON: %v", at.Err)
	}
}

// understandMember is about a member that a file does not have, or that is of another type.
func understandMember(source []byte, at *json.SemanticError) error {
	offset, path := next(source, int(at.ByteOffset)), pathOf(at.JSONPointer)
	if errors.Is(at, json.ErrUnknownName) {
		return newError(source, offset, pathOf(at.JSONPointer.Parent()), "unknown member %s; allowed are %s",
			show(at.JSONPointer.LastToken()), strings.Join(memberNames(at.JSONPointer.Parent()), ", "))
	}
	want := "of another type"
	if at.GoType != nil {
		want = kindWord(at.GoType)
	}
	return newError(source, offset, path, "must be %s, is %s", want, kindName(at.JSONKind))
}

// memberNames lists the members of the object that a pointer leads to.
func memberNames(pointer jsontext.Pointer) []string {
	t := reflect.TypeFor[File]()
	for token := range pointer.Tokens() {
		switch t.Kind() {
		case reflect.Slice, reflect.Map:
			t = t.Elem()
		case reflect.Struct:
			for field := range fields(t) {
				if f := t.Field(field); jsonName(f) == token {
					t = f.Type
					break
				}
			}
		}
	}
	var names []string
	for field := range fields(t) {
		names = append(names, jsonName(t.Field(field)))
	}
	return names
}

// fields counts the members of a struct that stand in a file.
func fields(t reflect.Type) int {
	n := 0
	for t.Kind() == reflect.Struct && n < t.NumField() && t.Field(n).IsExported() {
		n++
	}
	return n
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

func kindWord(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "an array"
	default:
		return "an object"
	}
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
	default:
		return "nothing that can be read"
	}
}

// maxShown is how much of a text that someone else chose stands in a message, in bytes.
const maxShown = 80

// show makes a text fit to stand in a message.
func show(s string) string { return strconv.Quote(clip(s)) }

func clip(s string) string {
	if len(s) <= maxShown {
		return s
	}
	cut := maxShown
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
