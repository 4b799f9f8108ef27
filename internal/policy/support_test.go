package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// compile compiles a document that must be valid.
func compile(t testing.TB, source string) *Program {
	t.Helper()
	p, err := Compile(Statements, []byte(source), nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, source)
	}
	return p
}

// one makes a document of one statement; the lists are JSON arrays, "" leaves a member out.
func one(effect, actions, resources, conditions string) string {
	s := fmt.Sprintf(`{"effect":%q,"actions":%s`, effect, actions)
	if resources != "" {
		s += `,"resources":` + resources
	}
	if conditions != "" {
		s += `,"conditions":` + conditions
	}
	return `{"statements":[` + s + `}]}`
}

// conditional makes a document of one statement that depends on one condition alone.
func conditional(effect, operator, key string, values ...string) string {
	return one(effect, `["*"]`, `["*"]`, fmt.Sprintf(`[{"operator":%q,"key":%s,"values":%s}]`, operator, quote(key), list(values...)))
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func list(items ...string) string {
	quoted := make([]string, len(items))
	for i, item := range items {
		quoted[i] = quote(item)
	}
	return "[" + strings.Join(quoted, ",") + "]"
}

// matches asks a program of one statement.
func matches(p *Program, action, resource string, ctx *Context) bool {
	q := NewQuery(action, resource, ctx)
	return p.Match(0, &q)
}

// wantError checks that an error stands exactly at the mark "§" of a source and says all of the words.
func wantError(t *testing.T, compile func([]byte) error, marked, path string, words ...string) {
	t.Helper()
	before, after, found := strings.Cut(marked, "§")
	if !found {
		t.Fatalf("no mark in %s", marked)
	}
	err := compile([]byte(before + after))
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("got error %v (%T), want an *Error", err, err)
	}
	line := 1 + strings.Count(before, "\n")
	column := len(before) - strings.LastIndex(before, "\n")
	if e.Offset != len(before) || e.Line != line || e.Column != column {
		t.Errorf("got offset %d, line %d, column %d; want %d, %d, %d (%v)", e.Offset, e.Line, e.Column, len(before), line, column, e)
	}
	if e.Path != path {
		t.Errorf("got path %q, want %q (%v)", e.Path, path, e)
	}
	for _, word := range words {
		if !strings.Contains(e.Message, word) {
			t.Errorf("got message %q, want %q in it", e.Message, word)
		}
	}
}
