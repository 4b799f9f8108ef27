package policy

import (
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/writ-iam/writ/internal/expr"
)

func TestMatchPatterns(t *testing.T) {
	for _, c := range []struct {
		actions, resources string // JSON arrays
		action, resource   string
		want               bool
	}{
		{`["s3:GetObject"]`, "", "s3:GetObject", "anything", true},
		{`["s3:GetObject"]`, `["*"]`, "s3:GetObject", "", true},
		{`["s3:GetObject"]`, `["*"]`, "s3:PutObject", "x", false},
		{`["a:b","s3:Get*"]`, `["x","*"]`, "s3:getobject", "crn:::t:y", true},
		{`["*"]`, `["*"]`, "", "", true},
		{`["*:*"]`, `["*"]`, "nocolon", "", true},
		{`["*:Get*"]`, `["*"]`, "nocolon", "", false},
		{`["s3:*"]`, `["*"]`, "s3", "x", false},
		{`["s3*:*"]`, `["*"]`, "s3:Get", "x", true},

		// Identifier patterns need a CRN of the action's service.
		{`["s3:*"]`, `["reports/*"]`, "s3:GetObject", "crn:spo1:s3:object:reports/2025", true},
		{`["s3:*"]`, `["reports/*"]`, "S3:GetObject", "crn:spo1:s3:object:reports/2025", true},
		{`["s3:*"]`, `["reports"]`, "s3:GetObject", "crn:spo1:s3:bucket:reports", true},
		{`["s3:*"]`, `["reports"]`, "s3:GetObject", "crn:spo1:s3:bucket:Reports", false},
		{`["s3:*"]`, `["reports"]`, "s3:GetObject", "crn:spo1:s3:bucket:reports/", false},
		{`["s3:*"]`, `["report?"]`, "s3:GetObject", "crn:spo1:s3:bucket:reportß", true},
		{`["s3:*"]`, `["reports/*"]`, "s3:GetObject", "crn:spo1:s3:object:old/reports/2025", false},
		{`["s3:*"]`, `["*/2025"]`, "s3:GetObject", "crn:spo1:s3:object:a/b:c/2025", true},
		{`["*"]`, `["reports/*"]`, "iam:GetRole", "crn:spo1:s3:object:reports/2025", false},
		{`["*"]`, `["reports/*"]`, "s3x:GetRole", "crn:spo1:s3:object:reports/2025", false},
		{`["*"]`, `["reports/*"]`, "s:GetRole", "crn:spo1:s3:object:reports/2025", false},
		{`["*"]`, `["reports/*"]`, "s3", "crn:spo1:s3:object:reports/2025", false},
		{`["*"]`, `["**"]`, "s3:Get", "crn:spo1:s3:object:reports", true},
		{`["*"]`, `["**"]`, "iam:Get", "crn:spo1:s3:object:reports", false},
		{`["*"]`, `["reports"]`, "s3:Get", "reports", false},
		{`["*"]`, `["reports"]`, "s3:Get", "crn:spo1:s3:reports", false},
		{`["*"]`, `["reports"]`, "s3:Get", "CRN:spo1:s3:object:reports", false},
		{`["*"]`, `["reports"]`, "s3:Get", "xcrn:spo1:s3:object:reports", false},
		{`["*"]`, `["c*"]`, "s3:Get", "crn:spo1:s3:object:reports", false},
		{`["*"]`, `["a:b*"]`, "s3:Get", "crn:spo1:s3:object:a:b/c", true},
		{`["*"]`, `["?*"]`, "s3:Get", "crn:spo1:s3:object:", false},

		// Whole names.
		{`["*"]`, `["crn:spo1:s3:object:reports/*"]`, "iam:Get", "crn:spo1:s3:object:reports/1", true},
		{`["*"]`, `["crn:*:s3:*"]`, "s3:Get", "crn:spo1:s3:object:reports/1", true},
		{`["*"]`, `["crn:*"]`, "s3:Get", "crn:not/five/parts", true},
		{`["*"]`, `["crn:*"]`, "s3:Get", "Crn:a:b:c:d", false},
		{`["*"]`, `["crn::iam:role:*"]`, "iam:Get", "crn::iam:role:*", true},
		{`["*"]`, `["crn::iam:role:a?c"]`, "iam:Get", "crn::iam:role:abc", true},
		{`["*"]`, `["crn::iam:role:abc"]`, "iam:Get", "crn::iam:role:abcd", false},
	} {
		p := compile(t, one("allow", c.actions, c.resources, ""))
		if got := matches(p, c.action, c.resource, nil); got != c.want {
			t.Errorf("%s on %s, asked %q on %q: got %v", c.actions, c.resources, c.action, c.resource, got)
		}
	}
}

func TestStatementID(t *testing.T) {
	p := compile(t, `{"statements":[
		{"effect":"allow","actions":["a:b","c:d"],"resources":["x","y"],"sid":"First é","conditions":[{"operator":"exists","key":"k","values":["true"]}]},
		{"effect":"deny","actions":["a:b"]},
		{"effect":"allow","actions":["a:b"],"sid":"1"}]}`)
	var ids []string
	var effects []Effect
	for i := range p.Len() {
		ids, effects = append(ids, p.StatementID(i)), append(effects, p.Effect(i))
	}
	if want := []string{"First é", "1", "1"}; !reflect.DeepEqual(ids, want) {
		t.Errorf("got %q, want %q", ids, want)
	}
	if want := []Effect{Allow, Deny, Allow}; !reflect.DeepEqual(effects, want) {
		t.Errorf("got %v, want %v", effects, want)
	}
	if Effect(0) != Deny || Deny.String() != "deny" || Allow.String() != "allow" {
		t.Error("the zero effect must deny")
	}
}

func TestAllowsEverything(t *testing.T) {
	const admin = `{"effect":"allow","actions":["a:b","*"],"resources":["x","*"]}`
	for source, want := range map[string]bool{
		admin:                                  true,
		`{"effect":"allow","actions":["*:*"]}`: true,
		`{"effect":"allow","actions":["a:b"]},` + admin:                                                               true,
		`{"effect":"deny","actions":["*"]}`:                                                                           false,
		admin + `,{"effect":"deny","actions":["a:b"],"resources":["x"]}`:                                              false,
		`{"effect":"allow","actions":["s3:*"],"resources":["*"]}`:                                                     false,
		`{"effect":"allow","actions":["*:*a"],"resources":["*"]}`:                                                     false,
		`{"effect":"allow","actions":["*"],"resources":["**"]}`:                                                       false,
		`{"effect":"allow","actions":["*"],"resources":["crn:*"]}`:                                                    false,
		`{"effect":"allow","actions":["*"],"resources":["*?"]}`:                                                       false,
		`{"effect":"allow","actions":["*"],"resources":["*"],"conditions":[]}`:                                        true,
		strings.Replace(admin, "}", `,"conditions":[{"operator":"exists","key":"k","values":["true"]}]}`, 1):          false,
		`{"effect":"allow","actions":["*"],"resources":["x"]},{"effect":"allow","actions":["a:b"],"resources":["*"]}`: false,
	} {
		if got := compile(t, `{"statements":[`+source+`]}`).AllowsEverything(); got != want {
			t.Errorf("%s: got %v", source, got)
		}
	}
}

func TestTrace(t *testing.T) {
	ctx := &Context{
		SourceIP: netip.MustParseAddr("192.0.2.1"), Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		Attributes: []Attr{{"env", String("dev")}, {"n", String("many, many")}, {"list", List(Number(1), String("x"))}, {"long", String(strings.Repeat("é", 1000))}, {"nl", String("a\nb")}},
	}
	plain := Trace{Action: true, Resource: true, ActionPattern: "s3:Get*", ResourcePattern: "crn:*:bucket/*"}
	with := func(failure string) Trace {
		t := plain
		t.Failure = failure
		return t
	}
	for _, c := range []struct {
		operator, key string
		values        []string
		want          Trace
	}{
		{"ip_address", "iam:source_ip", []string{"10.0.0.0/8"}, with("iam:source_ip must be in one of 10.0.0.0/8, is 192.0.2.1")},
		{"not_ip_address", "iam:source_ip", []string{"10.0.0.0/8", "192.0.2.0/24"}, with("iam:source_ip must be in none of 10.0.0.0/8, 192.0.2.0/24, is 192.0.2.1")},
		{"date_after", "iam:current_time", []string{"2026-06-01T00:00:00Z"}, with("iam:current_time must be after one of 2026-06-01T00:00:00Z, is 2026-01-01T00:00:00Z")},
		{"bool", "iam:current_time", []string{"true"}, with("iam:current_time must be the truth value true, is 2026-01-01T00:00:00Z, which cannot be read as true or false")},
		{"equals", "env", []string{"prod", "the stage", ""}, with(`env must be one of prod, "the stage", "", is dev`)},
		{"equals", "gone", []string{"prod"}, with("gone must be one of prod, is absent")},
		{"equals", "iam:zone", []string{"prod"}, with("iam:zone must be one of prod, is absent")},
		{"numeric_less_than", "n", []string{"5"}, with(`n must be less than one of 5, is "many, many", which cannot be read as a number`)},
		{"numeric_less_than", "list", []string{"0"}, with(`list must be less than one of 0, is [1, x], which cannot be read as a number`)},
		{"exists", "env", []string{"false"}, with("env must exist: false, is dev")},
		{"like", "long", []string{"x*"}, with("long must be like one of x*, is " + strings.Repeat("é", 128) + "…")},
		{"equals", "nl", []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"}, with(`nl must be one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more, is "a\nb"`)},
	} {
		p := compile(t, one("allow", `["a:b","s3:Get*","s3:*"]`, `["x","crn:*:bucket/*","*"]`, `[{"operator":"`+c.operator+`","key":"`+c.key+`","values":`+list(c.values...)+`}]`))
		q := NewQuery("s3:GetObject", "crn:a:s3:bucket/x", ctx)
		if diff := cmp.Diff(c.want, p.Trace(0, &q)); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", c.operator, c.key, diff)
		}
	}

	p := compile(t, one("allow", `["s3:Get*"]`, `["x"]`, ""))
	var q Query
	for _, c := range []struct {
		action, resource string
		want             Trace
	}{
		{"s3:GetObject", "crn::s3:t:x", Trace{Matched: true, Action: true, Resource: true, ActionPattern: "s3:Get*", ResourcePattern: "x", Condition: -1}},
		{"s3:GetObject", "crn::s3:t:y", Trace{Action: true, ActionPattern: "s3:Get*", Condition: -1}},
		{"s3:PutObject", "crn::s3:t:x", Trace{Resource: true, ResourcePattern: "x", Condition: -1}},
		{"iam:GetRole", "crn::s3:t:x", Trace{Condition: -1}},
	} {
		q = NewQuery(c.action, c.resource, nil)
		if diff := cmp.Diff(c.want, p.Trace(0, &q)); diff != "" {
			t.Errorf("%s on %s (-want +got):\n%s", c.action, c.resource, diff)
		}
	}
	q = NewQuery("a:b", "x", nil)
	if got := compile(t, one("deny", `["*"]`, "", "")).Trace(0, &q); !got.Matched || !got.Resource || got.ResourcePattern != "" {
		t.Errorf("without resources: got %+v", got)
	}
}

func TestWarnings(t *testing.T) {
	p := compile(t, `{"statements":[
		{"effect":"allow","actions":["a:b","a:?"],"conditions":[
			{"operator":"equals","key":"iam:sourceIp","values":["10.0.0.1"]},
			{"operator":"in","key":"iam:source_ip","values":["10.0.0.1","10.0.0.0/8"]},
			{"operator":"not_equals","key":"iam:current_time","values":["noon"]}]},
		{"effect":"deny","actions":["a:b"],"resources":["crn:a:b","crn:a:*","crn::iam:role:x","crn"]}]}`)
	var got []string
	for _, w := range p.Warnings() {
		if w.Message == "" {
			t.Errorf("%s: no message", w.Path)
		}
		got = append(got, w.Path)
	}
	want := []string{"statements[0].resources", "statements[0].actions[1]", "statements[0].conditions[0].key", "statements[0].conditions[1].values[1]", "statements[0].conditions[2].values[0]", "statements[1].resources[0]"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if w := compile(t, one("allow", `["*"]`, `["*"]`, `[{"operator":"equals","key":"iam:zone","values":["x"]}]`)).Warnings(); w != nil {
		t.Errorf("got %v for a document without fault", w)
	}
}

func TestAllocations(t *testing.T) {
	ctx := &Context{
		SourceIP: netip.MustParseAddr("10.4.1.2"), Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		ResourceTags: []Attr{{"env", String("prod")}},
		Attributes:   []Attr{{"env", String("prod")}, {"n", Number(5)}, {"list", List(String("a"), String("b"))}},
	}
	for name, source := range map[string]string{
		"plain":     one("allow", `["s3:Put*","S3:GET*"]`, `["crn:*:s3:bucket/team-17/*"]`, ""),
		"stars":     one("allow", `["s3:*Obj*"]`, `["crn:*:bucket/*/rep*.csv"]`, ""),
		"question":  one("allow", `["*:*ect"]`, `["crn:*?rep?rts*"]`, ""),
		"ip":        conditional("allow", "ip_address", "iam:source_ip", "10.0.0.0/8"),
		"equals ip": conditional("allow", "equals", "iam:source_ip", "10.4.1.2"),
		"date":      conditional("allow", "date_before", "iam:current_time", "2027-01-01T00:00:00Z"),
		"equals":    conditional("allow", "equals", "env", "test", "prod"),
		"tag":       conditional("allow", "not_equals", "resource_tag/env", "test"),
		"number":    conditional("allow", "numeric_less_than", "n", "6"),
		"list":      conditional("allow", "like", "list", "x*", "?"),
		"absent":    conditional("allow", "not_like", "gone", "x*"),
	} {
		p := compile(t, source)
		var q Query
		matched := true
		if n := testing.AllocsPerRun(100, func() {
			q = NewQuery("s3:GetObject", "crn:acct-7:s3:bucket/team-17/reports/2025.csv", ctx)
			matched = p.Match(0, &q)
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
		if !matched {
			t.Errorf("%s: did not match", name)
		}
	}
}

// TestDependsOnPrincipal: exactly the conditions on the two keys make a program depend on who asks.
func TestDependsOnPrincipal(t *testing.T) {
	for _, key := range []string{
		"iam:source_ip", "iam:current_time", "iam:user_agent", "iam:operation", "iam:zone", "iam:project_id", "iam:principal_crn",
		"iam:principal_type", "iam:organization_id", "resource_tag/iam:principal_crn", "request_tag/a", "principal_crn", "IAM:principal_crn",
	} {
		want := key == "iam:principal_crn" || key == "iam:principal_type"
		plain := `{"effect":"allow","actions":["*"],"resources":["iam:principal_crn"]}`
		for _, operator := range []string{"equals", "not_in", "like"} {
			for _, effect := range []string{"allow", "deny"} {
				conditions := `[{"operator":"like","key":"a","values":["iam:principal_type"]},{"operator":"` + operator + `","key":"` + key + `","values":["2026-01-01T00:00:00Z"]}]`
				statement := `{"effect":"` + effect + `","actions":["*"],"conditions":` + conditions + `}`
				p := compile(t, `{"statements":[`+plain+`,`+statement+`,`+plain+`]}`)
				if p.DependsOnPrincipal() != want {
					t.Errorf("%s %s %s: depends on the principal: %t, want %t", effect, operator, key, !want, want)
				}
			}
		}
	}
	if compile(t, one("allow", `["*"]`, "", "")).DependsOnPrincipal() {
		t.Error("a program without conditions depends on the principal")
	}
}

// TestSpent: what expressions cost is counted over the queries of one setting, and is nothing before one is asked.
func TestSpent(t *testing.T) {
	e, err := expr.Compile(expr.Scaleway, "[1, 2, 3].all(x, x > 0)")
	if err != nil {
		t.Fatal(err)
	}
	var b builder
	b.statement(&parts{effect: Allow, actions: []glob{{"*", patternAny}}, expression: e})
	p := b.program(Scaleway)
	q := NewQuery("s3:GetObject", "crn:::s3:a", nil)
	if q.Scratch().Spent() != 0 {
		t.Error("something was spent before anything was asked")
	}
	if !p.Match(0, &q) {
		t.Fatal("the expression does not hold")
	}
	once := q.Scratch().Spent()
	q = Setting{Scratch: q.Scratch()}.NewQuery("s3:GetObject", "crn:::s3:b", nil)
	p.Match(0, &q)
	if twice := q.Scratch().Spent(); once <= 0 || once > 100 || twice != 2*once {
		t.Errorf("spent %d, then %d", once, twice)
	}
}
