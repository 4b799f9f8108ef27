package policy

import (
	"fmt"
	"strings"
	"testing"
)

// TestLimits takes each limit to its edge and one step over it. The mark stands where the error must.
func TestLimits(t *testing.T) {
	repeat := func(n int, item func(i int) string) string {
		items := make([]string, n)
		for i := range items {
			items[i] = item(i)
		}
		return strings.Join(items, ",")
	}
	many := func(item, over string) func(n, limit int) string {
		return func(n, limit int) string {
			return repeat(n, func(i int) string {
				if i == limit {
					return over
				}
				return item
			})
		}
	}
	statement := func(tail string) string { return `{"statements":[{"effect":"allow","actions":["a:b"]` + tail + `}]}` }
	long := func(n int) string { return strings.Repeat("x", n) }
	statements := many(`{"effect":"allow","actions":["a:b"]}`, `§{"effect":"allow","actions":["a:b"]}`)
	actions := many(`"a:b"`, `§"a:b"`)
	conditions := many(`{"operator":"exists","key":"k","values":["true"]}`, `§{"operator":"exists","key":"k","values":["true"]}`)

	for _, c := range []struct {
		name   string
		limit  int
		source func(n, limit int) string
		path   string
	}{
		{"statements", MaxStatements, func(n, limit int) string { return `{"statements":[` + statements(n, limit) + `]}` }, "statements[100]"},
		{"actions", MaxActions, func(n, limit int) string {
			return `{"statements":[{"effect":"deny","actions":[` + actions(n, limit) + `]}]}`
		}, "statements[0].actions[100]"},
		{"resources", MaxResources, func(n, limit int) string { return statement(`,"resources":[` + actions(n, limit) + `]`) }, "statements[0].resources[100]"},
		{"conditions", MaxConditions, func(n, limit int) string { return statement(`,"conditions":[` + conditions(n, limit) + `]`) }, "statements[0].conditions[20]"},
		{"values", MaxValues, func(n, limit int) string {
			return statement(`,"conditions":[{"operator":"in","key":"k","values":[` + actions(n, limit) + `]}]`)
		}, "statements[0].conditions[0].values[100]"},
		{"action", MaxActionPattern, func(n, _ int) string {
			return fmt.Sprintf(`{"statements":[{"effect":"allow","actions":[§"a:%s"]}]}`, long(n-2))
		}, "statements[0].actions[0]"},
		{"resource", MaxResourcePattern, func(n, _ int) string { return statement(fmt.Sprintf(`,"resources":[§"%s"]`, long(n))) }, "statements[0].resources[0]"},
		{"value", MaxValue, func(n, _ int) string {
			return statement(fmt.Sprintf(`,"conditions":[{"operator":"like","key":"k","values":[§"%s"]}]`, long(n)))
		}, "statements[0].conditions[0].values[0]"},
		{"key", MaxKey, func(n, _ int) string {
			return statement(fmt.Sprintf(`,"conditions":[{"operator":"like","key":§"%s","values":["v"]}]`, long(n)))
		}, "statements[0].conditions[0].key"},
		{"sid", MaxSID, func(n, _ int) string { return statement(fmt.Sprintf(`,"sid":§"%s"`, long(n))) }, "statements[0].sid"},
		{"document", MaxDocument, func(n, limit int) string {
			source := statement("")
			source += strings.Repeat(" ", n-len(source))
			if n > limit {
				return source[:limit] + "§" + source[limit:]
			}
			return source
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			compile(t, strings.ReplaceAll(c.source(c.limit, c.limit), "§", ""))
			wantError(t, compileError, c.source(c.limit+1, c.limit), c.path, fmt.Sprint("at most ", c.limit))
		})
	}
}

// TestLargest compiles documents that fill every index type of a program as far as the limits allow.
func TestLargest(t *testing.T) {
	statement := `{"effect":"deny","actions":[` + strings.TrimSuffix(strings.Repeat(`"*",`, 100), ",") + `],"conditions":[{"operator":"numeric_equals","key":"k","values":[` + strings.TrimSuffix(strings.Repeat(`"1",`, 50), ",") + `]}]}`
	p := compile(t, `{"statements":[`+strings.TrimSuffix(strings.Repeat(statement+",", 85), ",")+`]}`)
	for number, want := range map[float64]bool{1: true, 2: false} {
		q := NewQuery("a:b", "c", &Context{Attributes: []Attr{{"k", Number(number)}}})
		for i := range p.Len() {
			if p.Match(i, &q) != want {
				t.Fatalf("statement %d, number %v: got %v", i, number, !want)
			}
		}
	}
	nested := strings.Repeat("[", 60_000)
	if err := compileError([]byte(nested)); err == nil {
		t.Error("a deeply nested document compiled")
	}
}
