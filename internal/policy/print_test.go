package policy

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestPrint(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{
			"everything", ` { "statements": [ { "conditions": [ {"values":["\u00e9","2"],"key":"k","operator":"in"} ], "resources":["x","*"], "actions":["S3:Get*"], "effect":"allow", "sid":"A\u0020b" }, {"actions":["*:*"],"effect":"deny"} ] } `,
			`{"version":"2024-01-01","statements":[{"sid":"A b","effect":"allow","actions":["S3:Get*"],"resources":["x","*"],"conditions":[{"operator":"in","key":"k","values":["é","2"]}]},{"effect":"deny","actions":["*:*"]}]}`,
		},
		{
			"two conditions", one("deny", `["*"]`, "", `[{"operator":"ip_address","key":"iam:source_ip","values":["10.1.2.3/8"]},{"operator":"exists","key":"a\"\\","values":["true"]}]`),
			`{"version":"2024-01-01","statements":[{"effect":"deny","actions":["*"],"conditions":[{"operator":"ip_address","key":"iam:source_ip","values":["10.1.2.3/8"]},{"operator":"exists","key":"a\"\\","values":["true"]}]}]}`,
		},
		{"empty conditions", one("allow", `["*"]`, "", "[]"), `{"version":"2024-01-01","statements":[{"effect":"allow","actions":["*"]}]}`},
		{"control characters", conditional("allow", "equals", "k", "\x00\n\u2028<&>"), `{"version":"2024-01-01","statements":[{"effect":"allow","actions":["*"],"resources":["*"],"conditions":[{"operator":"equals","key":"k","values":["\u0000\n` + "\u2028" + `<&>"]}]}]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := string(compile(t, c.source).Print()); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestPrintLargest prints a document that has no room for the version that Print adds.
func TestPrintLargest(t *testing.T) {
	value := strings.Repeat("x", MaxValue)
	values := strings.TrimSuffix(strings.Repeat(quote(value)+",", 63), ",")
	source := one("allow", `["a:b"]`, "", `[{"operator":"in","key":"k","values":[`+values+`,"Y"]}]`)
	source = strings.Replace(source, "Y", strings.Repeat("y", MaxDocument-len(source)+1), 1)
	p := compile(t, source)
	if len(source) != MaxDocument || string(p.Print()) != source {
		t.Errorf("a document of %d bytes was printed as one of %d", len(source), len(p.Print()))
	}
	compile(t, string(p.Print()))
}

// checkPrinted holds that a program and what its print compiles to are the same: same print, needs and answers.
func checkPrinted(t *testing.T, p *Program, queries ...*Query) {
	t.Helper()
	printed := p.Print()
	again := compile(t, string(printed))
	if !bytes.Equal(again.Print(), printed) {
		t.Fatalf("Print is no fixed point:\n%s\n%s", printed, again.Print())
	}
	if again.Len() != p.Len() || again.AllowsEverything() != p.AllowsEverything() {
		t.Fatalf("the print means something else:\n%s", printed)
	}
	for i := range p.Len() {
		if p.Effect(i) != again.Effect(i) || p.StatementID(i) != again.StatementID(i) || !slices.Equal(p.Needs(i), again.Needs(i)) {
			t.Fatalf("statement %d differs:\n%s", i, printed)
		}
		for _, q := range queries {
			trace := p.Trace(i, q)
			if p.Match(i, q) != again.Match(i, q) || trace != again.Trace(i, q) || trace.Matched != p.Match(i, q) {
				t.Fatalf("statement %d answers %q on %q differently:\n%s", i, q.action, q.resource, printed)
			}
		}
	}
}

func TestPrintRandom(t *testing.T) {
	r := newRandom(8)
	matched := 0
	for range 5000 {
		p := compile(t, r.document())
		queries := times(5, func() *Query {
			q := NewQuery(r.action(), r.resource(), r.context())
			return &q
		})
		checkPrinted(t, p, queries...)
		for _, q := range queries {
			if p.Match(0, q) {
				matched++
			}
		}
	}
	if matched < 500 {
		t.Errorf("only %d matched: the test has no teeth", matched)
	}
}

func FuzzCompile(f *testing.F) {
	r := newRandom(9)
	for range 5 {
		f.Add([]byte(r.document()))
	}
	f.Add([]byte(`{"version":"2024-01-01","statements":[{"sid":"a","effect":"deny","actions":["a:*b"],"resources":["crn:*"],"conditions":[{"operator":"date_before","key":"iam:current_time","values":["2026-01-01T00:00:00Z"]}]}]}`))
	f.Add([]byte(`{"statements":[{"effect":"allow","actions":["*"],`))
	f.Fuzz(func(t *testing.T, source []byte) {
		kept := bytes.Clone(source)
		p, err := Compile(Statements, source, nil)
		if !bytes.Equal(source, kept) {
			t.Fatal("Compile wrote to its source")
		}
		if err != nil {
			checkPosition(t, err, source)
			return
		}
		checkLimits(t, p)
		q := NewQuery("s3:GetObject", "crn:r:s3:object:reports/2025", newRandom(1).context())
		checkPrinted(t, p, &q)
		checkSound(t, p, &q)
		p.Warnings()
	})
}

func checkPosition(t *testing.T, err error, source []byte) {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("%T: %v", err, err)
	}
	if e.Message == "" || e.Offset < 0 || e.Offset > len(source) {
		t.Fatalf("%+v in %d bytes", e, len(source))
	}
	before := source[:e.Offset]
	if e.Line != 1+bytes.Count(before, []byte("\n")) || e.Column != 1+len(before)-(bytes.LastIndexByte(before, '\n')+1) {
		t.Fatalf("%+v", e)
	}
	if len(e.Error()) > 2000 {
		t.Fatalf("a message of %d bytes", len(e.Error()))
	}
}

func checkLimits(t *testing.T, p *Program) {
	t.Helper()
	within := func(what string, n, least, most int) {
		if n < least || n > most {
			t.Fatalf("%d %s", n, what)
		}
	}
	within("statements", p.Len(), 1, MaxStatements)
	for i := range p.Len() {
		s := p.statement(i)
		within("actions", int(s.actions), 1, MaxActions)
		within("resources", int(s.resources), 0, MaxResources)
		within("conditions", int(s.conditions), 0, MaxConditions)
		within("bytes of sid", len(p.StatementID(i)), 1, MaxSID)
		for _, a := range p.textsOf(s.actionTexts()) {
			within("bytes of action", len(a), 1, MaxActionPattern)
		}
		for _, a := range p.textsOf(s.resourceTexts()) {
			within("bytes of resource", len(a), 1, MaxResourcePattern)
		}
		for _, c := range p.conditionsOf(s) {
			within("values", int(c.values), 1, MaxValues)
			within("bytes of key", len(p.textOf(int(c.first))), 1, MaxKey)
			for _, v := range p.textsOf(c.valueTexts()) {
				within("bytes of value", len(v), 0, MaxValue)
			}
		}
	}
}
