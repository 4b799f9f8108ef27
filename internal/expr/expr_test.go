package expr

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEval has one line for each thing that an expression may do, and more for what it may not. The dialects are told
// apart in TestDialects; here both must agree.
func TestEval(t *testing.T) {
	vars := evalVars()
	for want, sources := range evalTable {
		for line := range strings.Lines(sources) {
			source := strings.TrimSpace(line)
			if source == "" {
				continue
			}
			for _, d := range []Dialect{Exoscale, Scaleway} {
				budget := new(Budget)
				got, why := compile(t, d, source).Explain(vars, budget)
				if got != want {
					t.Errorf("%s: %s: got %s (%s), want %s", d, source, got, why, want)
				}
				if again := compile(t, d, source).Eval(vars, nil); again != got {
					t.Errorf("%s: %s: Eval says %s, Explain %s", d, source, again, got)
				}
				if budget.Exceeded() {
					t.Errorf("%s: %s: a bound stopped it: %s", d, source, why)
				}
			}
		}
	}
}

func TestDialects(t *testing.T) {
	vars := exoscale(values{"parameters": map[string]any{"type": "A", "a": map[string]any{"b": nil}, "list": []any{"a"}, "key": "type", "p": "web"}, "name": "web-1"})
	for _, c := range []struct {
		source             string
		exoscale, scaleway Result
	}{
		{`name.matches('web')`, False, True},
		{`matches(name, 'web')`, False, True},
		{`name.matches(parameters.p)`, False, True},
		{`name.matches('web-[0-9]')`, True, True},
		{`name.matches('^web-1$')`, True, True},
		{`name.matches('x|web-1')`, True, True},
		{`name.matches('web|web-1')`, True, True},
		{`name.matches('\\Qweb-1')`, True, True},
		{`name.matches('(?i)WEB-1')`, True, True},
		{`'a\n'.matches('a')`, False, True},
		{`'x'.matches('')`, False, True},
		{`''.matches('')`, True, True},
		{`name.matches('web-1)|(.*')`, Failed, Failed},
		{`name.matches('2')`, False, False},
		{`parameters.has('type')`, True, Failed},
		{`has(parameters, 'type')`, True, Failed},
		{`parameters.has(parameters.key)`, True, Failed},
		{`parameters.has('absent')`, False, Failed},
		{`parameters.a.has('b')`, True, Failed},
		{`{1: 2}.has('b')`, False, Failed},
		{`parameters.absent.has('b')`, Failed, Failed},
		{`parameters.list.has('a')`, Failed, Failed},
		{`name.has('a')`, Failed, Failed},
		{`name.has(parameters.key)`, Failed, Failed},
		{`parameters.has(1)`, Failed, Failed},
		{`parameters.has()`, Failed, Failed},
	} {
		for d, want := range map[Dialect]Result{Exoscale: c.exoscale, Scaleway: c.scaleway} {
			if got, why := compile(t, d, c.source).Explain(vars, nil); got != want {
				t.Errorf("%s: %s: got %s (%s), want %s", d, c.source, got, why, want)
			}
		}
	}
}

// TestScaleway has the examples of the Scaleway contract, section 7.1.
func TestScaleway(t *testing.T) {
	list := scaleway()
	list["resource"] = map[string]any{}
	for _, c := range []struct {
		source string
		vars   values
		want   Result
	}{
		{`1 == 1`, scaleway(), True},
		{`request.user_agent == 'terraform-test'`, scaleway(), False},
		{`request.user_agent.startsWith("terraform")`, scaleway(), True},
		{`inIpRange(request.ip, "198.51.100.0/24") && request.time.getDayOfWeek("Europe/Paris") in [1,2,3,4,5]`, scaleway(), True},
		{`inIpRange(request.ip, "198.51.100.0/24") && request.time.getDayOfWeek() in [1,2,3,4,5]`, scaleway(), False},
		{`request.time > timestamp("2026-01-01T00:00:00Z")`, scaleway(), True},
		{`resource.locality == "fr-par" && resource.name.matches("key$")`, scaleway(), True},
		{`resource.id == "another"`, scaleway(), False},
		{`has(resource.id)`, list, False},
		{`resource.name == "ledger-key" || !has(resource.id)`, list, True},
		{`resource.name == "ledger-key"`, list, Failed},
		{`resource.name == "ledger-key"`, values{}, Failed},
		{`ip == "198.51.100.7"`, scaleway(), Failed},
		{`request.time > "2026-01-01"`, scaleway(), Failed},
		{`request.user_agent`, scaleway(), NotBool},
	} {
		if got, why := compile(t, Scaleway, c.source).Explain(c.vars, nil); got != c.want {
			t.Errorf("%s: got %s (%s), want %s", c.source, got, why, c.want)
		}
	}
}

// TestErrors has texts that are no expressions; the error stands at the mark.
func TestErrors(t *testing.T) {
	for _, c := range []struct{ source, message string }{
		{"§", "<EOF>"},
		{" §", "<EOF>"},
		{"operation ==§", "<EOF>"},
		{"operation §operation", "operation"},
		{"a &&\n  §)", ")"},
		{"'é' + §*", "*"},
		{"§'open", "'open"},
		{"§@", "@"},
		{"[1].all(§1, true)", "simple name"},
		{"[1].all(.§x, true)", "simple name"},
		{"[1].map(x §+ 1, true)", "simple name"},
		{"has(§a)", "has takes"},
		{"has(a§['b'])", "has takes"},
		{"§package == 1", "reserved"},
		{"'\xff§'", "UTF-8"},
		{"§99999999999999999999", "invalid int"},
		{"x?.y§", ""},
		{"[1§; 2]", ""},
	} {
		source := strings.Replace(c.source, "§", "", 1)
		offset := strings.Index(c.source, "§")
		if strings.Contains(c.source, "\xff") {
			offset = strings.Index(source, "\xff")
		}
		_, err := Compile(Scaleway, source)
		e, ok := err.(*Error)
		if !ok || e.Offset != offset || !strings.Contains(e.Message, c.message) {
			t.Errorf("%q: got %#v, want %q at %d", source, err, c.message, offset)
			continue
		}
		line := strings.Count(source[:offset], "\n") + 1
		column := offset - strings.LastIndex(source[:offset], "\n")
		if e.Line != line || e.Column != column {
			t.Errorf("%q: got line %d, column %d, want %d, %d", source, e.Line, e.Column, line, column)
		}
	}
}

func TestExplain(t *testing.T) {
	vars := exoscale(values{"parameters": map[string]any{
		"long": strings.Repeat("é", 1000), "list": []any{1.0}, "size": 1.5, "none": nil,
	}})
	for _, c := range []struct{ source, want string }{
		{`operation == 'x'`, `it is false: operation is "list-instances"`},
		{`operation == 'x' && operation != zone`, `it is false: operation is "list-instances", zone is "ch-gva-2"`},
		{`operation != 'x'`, `it is true: operation is "list-instances"`},
		{`1 == 2`, `it is false whatever the values`},
		{`has(parameters.absent)`, `it is false: parameters.absent is absent`},
		{`parameters.has('absent')`, `it is false: parameters.absent is absent`},
		{`parameters.long == ''`, `it is false: parameters.long is "` + strings.Repeat("é", 32) + `…"`},
		{`parameters.list == [] || parameters.size == 0 || parameters.none != null`, `it is false: parameters.list is a list of 1, parameters.size is 1.5, parameters.none is null`},
		{`[service, zone, operation, now, api_key, source_ip, headers] == []`, `it is false: service is "compute", zone is "ch-gva-2", operation is "list-instances", now is "2026-06-01T12:00:00Z", api_key is "EXOiris", source_ip is "192.0.2.10", …`},
		{`nobody == 1`, `it failed: there is no variable "nobody"`},
		{`resources.bucket == 1`, `it failed: there is no key "bucket"`},
		{`operation.bucket == 1`, `it failed: the key "bucket" is asked of a string, which has no keys`},
		{`parameters.size > 'a'`, `it failed: ">" does not take a double and a string`},
		{`size(1) == 1`, `it failed: "size" does not take an integer`},
		{`frobnicate(1)`, `it failed: there is no function "frobnicate" that takes so many arguments`},
		{`M{} == 1`, `it failed: there is no type "M" to make a value of`},
		{`nobody || none`, `it failed: there is no variable "nobody"`},
		{`true && 'x'`, `it failed: "&&" does not take a string`},
		{`1 / 0 == 1`, `it failed: division by zero`},
		{`timestamp(zone) == 1`, `it failed: a text is not what timestamp takes`},
		{`zone.inIpRange('10.0.0.0/8')`, `it failed: a text is not an IP address`},
		{`zone.inIpRange('10.0.0.0')`, `it failed: a text is not a network, as 192.0.2.0/24 is`},
		{`zone.matches('(')`, `it failed: a text is not a regular expression`},
		{`[1][1] == 1`, `it failed: a list has no element of that index`},
		{`parameters.size`, `it gave a double, not true or false`},
		{`[1, 2].map(x, [x]).map(x, [x, x]).filter(x, true)`, `it gave a list, not true or false`},
	} {
		if _, got := compile(t, Exoscale, c.source).Explain(vars, nil); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.source, got, c.want)
		}
	}
}

func TestNames(t *testing.T) {
	e := compile(t, Exoscale, `b.c == a && has(d.e) ? [f].map(x, x + g, {h: x[i]}) : int(b) in [int, z] || j.getHours(k) > 1 || l.matches('') || m.inIpRange('::/0') || n in ['']`)
	want := []string{"b", "a", "d", "f", "g", "h", "i", "z", "j", "k", "l", "m", "n"}
	if diff := cmp.Diff(want, e.Names()); diff != "" {
		t.Error(diff)
	}
	if e.Source() == "" || len(compile(t, Exoscale, "1 == 1").Names()) != 0 {
		t.Error("no source, or a name where there is none")
	}
}

// TestLazy wants a variable to be asked for only when it is used.
func TestLazy(t *testing.T) {
	var asked []string
	vars := recorder(func(name string) { asked = append(asked, name) })
	compile(t, Exoscale, `a || b && (c || d)`).Eval(vars, nil)
	if diff := cmp.Diff([]string{"a"}, asked); diff != "" {
		t.Error(diff)
	}
}

type recorder func(string)

func (r recorder) Var(name string) (any, bool) { r(name); return true, true }

type panicking struct{}

func (panicking) Var(string) (any, bool) { panic("a fault of the caller's") }

// TestPanic wants a fault in what evaluation calls to refuse the decision.
func TestPanic(t *testing.T) {
	var b Budget
	if got := compile(t, Exoscale, `a || true`).Eval(panicking{}, &b); got != Failed || !b.Exceeded() {
		t.Errorf("got %s, exceeded %v", got, b.Exceeded())
	}
	if got := compile(t, Exoscale, `operation == 'x'`).Eval(nil, &b); got != Failed {
		t.Errorf("without variables: got %s", got)
	}
}

func TestStrings(t *testing.T) {
	var zero Result
	got := []string{Exoscale.String(), Scaleway.String(), Dialect(9).String(), zero.String(), NotBool.String(), False.String(), True.String()}
	if diff := cmp.Diff([]string{"exoscale", "scaleway", "unknown", "failed", "not a boolean", "false", "true"}, got); diff != "" {
		t.Error(diff)
	}
}
