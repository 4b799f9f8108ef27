package openapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v3"

	"github.com/writ-iam/writ/internal/catalog"
)

// maxDepth bounds how deep a document nests.
const maxDepth = 100

// Error says what in a document is wrong, where, and what would be right.
type Error struct {
	Path    string // as in paths["/pets/{id}"].get.x-writ-action; "" is the whole document
	Message string
}

// Error gives place and message in one line.
func (e *Error) Error() string {
	if e.Path == "" {
		return e.Message
	}
	return e.Path + ": " + e.Message
}

// value is a value of a document, with its place. A nil value is one that is not there.
type value struct {
	path     string
	kind     byte   // '{', '[', '"' for a text, or '0' for any other scalar
	text     string // of a scalar
	names    []string
	members  map[string]*value
	elements []*value
}

func (v *value) wrong(format string, args ...any) error {
	return &Error{v.path, fmt.Sprintf(format, args...)}
}

// member gives a member of an object; nil if it is not there, or v is no object.
func (v *value) member(name string) *value {
	if v == nil {
		return nil
	}
	return v.members[name]
}

// object and the like want a value of a kind; what is not there is of every kind.
func (v *value) object() error {
	if v != nil && v.kind != '{' {
		return v.wrong("must be an object")
	}
	return nil
}

func (v *value) list() error {
	if v != nil && v.kind != '[' {
		return v.wrong("must be an array")
	}
	return nil
}

func (v *value) string() (string, error) {
	switch {
	case v == nil:
		return "", nil
	case v.kind != '"':
		return "", v.wrong("must be a string")
	}
	return v.text, nil
}

// only refuses members that nobody knows: a mistyped one would leave out what its author meant.
func (v *value) only(known ...string) error {
	if err := v.object(); err != nil {
		return err
	}
	for _, name := range v.names {
		if !slices.Contains(known, name) {
			return v.members[name].wrong("is not known; allowed are %s", strings.Join(known, ", "))
		}
	}
	return nil
}

// onlyOurs refuses members for writ that nobody knows in a place: one that is mistyped, or stands where it is not read, would leave out
// what its author meant.
func (v *value) onlyOurs(known ...string) error {
	for _, name := range v.names {
		if !strings.HasPrefix(strings.ToLower(name), "x-writ") || slices.Contains(known, name) {
			continue
		}
		return v.members[name].wrong("is not known here; x-writ-service stands at the root, x-writ-action, x-writ-resource and x-writ-label in an operation")
	}
	return nil
}

// add enters a member of an object; false if it is there already.
func (v *value) add(name string, m *value) bool {
	if v.members[name] != nil {
		return false
	}
	v.names, v.members[name] = append(v.names, name), m
	return true
}

// below is the path of a member.
func below(path, name string) string {
	plain := name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_')
	})
	switch {
	case !plain:
		return path + "[" + show(name) + "]"
	case path == "":
		return name
	}
	return path + "." + name
}

// show makes a text fit to stand in a message.
func show(s string) string {
	const most = 80
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return strconv.Quote(s)
}

// read makes a tree of a document. One that begins with a brace is JSON, any other YAML.
func read(source []byte) (*value, error) {
	if len(source) > catalog.MaxFile {
		return nil, &Error{"", fmt.Sprintf("the document has %d bytes; at most %d are allowed", len(source), catalog.MaxFile)}
	}
	var root *value
	var err error
	if isJSON(source) {
		root, err = readJSON(source)
	} else {
		root, err = readYAML(source)
	}
	if err != nil {
		return nil, err
	}
	if root.kind != '{' {
		return nil, root.wrong("the document must be an object")
	}
	return root, nil
}

func isJSON(source []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(source, " \t\r\n"), []byte("{"))
}

// readJSON is strict as all reading of JSON here: no member twice, nothing after the end.
func readJSON(source []byte) (*value, error) {
	d := jsontext.NewDecoder(bytes.NewReader(source))
	root, err := jsonValue(d, "", 0)
	if err == nil {
		if _, end := d.ReadToken(); !errors.Is(end, io.EOF) {
			err = fmt.Errorf("something follows the document")
		}
	}
	if err != nil {
		return nil, asError(err, "not valid JSON")
	}
	return root, nil
}

func asError(err error, what string) error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{"", what + ": " + err.Error()}
}

func jsonValue(d *jsontext.Decoder, path string, depth int) (*value, error) {
	token, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	v := &value{path: path, kind: '0'}
	if depth > maxDepth {
		return nil, v.wrong("nests more than %d levels deep", maxDepth)
	}
	switch token.Kind() {
	case '"':
		v.kind, v.text = '"', token.String()
	case '{':
		v.kind, v.members = '{', map[string]*value{}
		for d.PeekKind() != '}' {
			name, err := d.ReadToken()
			if err != nil {
				return nil, err
			}
			key := name.String()
			m, err := jsonValue(d, below(path, key), depth+1)
			if err != nil {
				return nil, err
			}
			v.add(key, m)
		}
		_, err = d.ReadToken()
	case '[':
		v.kind = '['
		for d.PeekKind() != ']' {
			e, err := jsonValue(d, fmt.Sprintf("%s[%d]", path, len(v.elements)), depth+1)
			if err != nil {
				return nil, err
			}
			v.elements = append(v.elements, e)
		}
		_, err = d.ReadToken()
	default:
		v.text = token.String()
	}
	return v, err
}

// readYAML takes the part of YAML that JSON can say: one document, keys that are texts, no anchors, aliases or merges, which
// can make a small document large, and no tags of its own.
func readYAML(source []byte) (*value, error) {
	d := yaml.NewDecoder(bytes.NewReader(source))
	var node yaml.Node
	if err := d.Decode(&node); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, &Error{"", "the document is empty"}
		}
		return nil, asError(err, "not valid YAML")
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, &Error{"", "something follows the document; give one document"}
	}
	if node.Kind != yaml.DocumentNode || len(node.Content) != 1 {
		return nil, &Error{"", "the document is empty"}
	}
	return yamlValue(node.Content[0], "", 0)
}

func yamlValue(n *yaml.Node, path string, depth int) (*value, error) {
	v := &value{path: path, kind: '0'}
	switch {
	case depth > maxDepth:
		return nil, v.wrong("nests more than %d levels deep", maxDepth)
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return nil, v.wrong("line %d: anchors and aliases are not read; write it out", n.Line)
	case n.Kind == yaml.ScalarNode:
		if v.text = n.Value; n.ShortTag() == "!!str" {
			v.kind = '"'
		}
	case n.Kind == yaml.MappingNode:
		v.kind, v.members = '{', map[string]*value{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			if key.Kind != yaml.ScalarNode || key.Anchor != "" || key.ShortTag() == "!!merge" {
				return nil, v.wrong("line %d: a key must be a text", key.Line)
			}
			m, err := yamlValue(n.Content[i+1], below(path, key.Value), depth+1)
			if err != nil {
				return nil, err
			}
			if !v.add(key.Value, m) {
				return nil, m.wrong("line %d: stands twice in its object", key.Line)
			}
		}
	case n.Kind == yaml.SequenceNode:
		v.kind = '['
		for i := range n.Content {
			e, err := yamlValue(n.Content[i], fmt.Sprintf("%s[%d]", path, i), depth+1)
			if err != nil {
				return nil, err
			}
			v.elements = append(v.elements, e)
		}
	}
	return v, nil
}
