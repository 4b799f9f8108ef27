package policy

import (
	"math"
	"net/netip"
	"testing"
	"time"
)

// TestOperators asks every operator about values of every kind. The third column is what the condition comes to: T, F, or
// E when the value cannot be read. A statement with that condition alone must then apply as the rule of failures says.
func TestOperators(t *testing.T) {
	absent := Value{}
	s, n, b, l := String, Number, Bool, List
	for _, c := range []struct {
		operator string
		values   []string
		seen     Value
		want     byte
	}{
		{"equals", []string{"a"}, s("a"), 'T'},
		{"equals", []string{"a"}, s("A"), 'F'},
		{"equals", []string{"a"}, s("a "), 'F'},
		{"equals", []string{"a", "b"}, s("b"), 'T'},
		{"equals", []string{"a*"}, s("abc"), 'F'},
		{"equals", []string{""}, s(""), 'T'},
		{"equals", []string{""}, absent, 'F'},
		{"equals", []string{"absent"}, absent, 'F'},
		{"equals", []string{"é"}, s("e\u0301"), 'F'},
		{"equals", []string{"1"}, n(1), 'T'},
		{"equals", []string{"1.0"}, n(1), 'F'},
		{"equals", []string{"1e21"}, n(1e21), 'F'},
		{"equals", []string{"1000000000000000000000"}, n(1e21), 'T'},
		{"equals", []string{"0.1"}, n(0.1), 'T'},
		{"equals", []string{"-2.5"}, n(-2.5), 'T'},
		{"equals", []string{"true"}, b(true), 'T'},
		{"equals", []string{"True"}, b(true), 'F'},
		{"equals", []string{"1"}, b(true), 'F'},
		{"equals", []string{"a"}, l(), 'F'},
		{"equals", []string{"a"}, l(s("x"), s("a")), 'T'},
		{"equals", []string{"a"}, l(s("x"), n(1)), 'F'},
		{"equals", []string{"a"}, l(l(s("a"))), 'E'},
		{"equals", []string{"a"}, l(l(s("a")), s("a")), 'T'},
		{"equals", []string{"a"}, l(l(s("a")), s("b")), 'E'},

		{"not_equals", []string{"a"}, s("a"), 'F'},
		{"not_equals", []string{"a"}, s("A"), 'T'},
		{"not_equals", []string{"a", "b"}, s("b"), 'F'},
		{"not_equals", []string{"a", "b"}, s("c"), 'T'},
		{"not_equals", []string{"a"}, absent, 'T'},
		{"not_equals", []string{"a"}, l(), 'T'},
		{"not_equals", []string{"a"}, l(s("b"), s("a")), 'F'},
		{"not_equals", []string{"a"}, l(s("b"), s("c")), 'T'},
		{"not_equals", []string{"1"}, n(1), 'F'},
		{"not_equals", []string{"a"}, l(l()), 'E'},
		{"not_equals", []string{"a"}, l(l(), s("a")), 'F'},

		{"in", []string{"a", "b"}, s("b"), 'T'},
		{"in", []string{"a", "b"}, s("c"), 'F'},
		{"in", []string{"a,b"}, s("a"), 'F'},
		{"in", []string{"a"}, absent, 'F'},
		{"not_in", []string{"a", "b"}, s("b"), 'F'},
		{"not_in", []string{"a", "b"}, s("c"), 'T'},
		{"not_in", []string{"a"}, absent, 'T'},

		{"equals_ignore_case", []string{"Prod"}, s("pROD"), 'T'},
		{"equals_ignore_case", []string{"É"}, s("é"), 'T'},
		{"equals_ignore_case", []string{"prod"}, s("prod1"), 'F'},
		{"equals_ignore_case", []string{"x"}, absent, 'F'},
		{"equals_ignore_case", []string{"TRUE"}, b(true), 'T'},
		{"equals_ignore_case", []string{"a"}, l(n(1), s("A")), 'T'},

		{"like", []string{"a*c"}, s("abbc"), 'T'},
		{"like", []string{"a*c"}, s("Abbc"), 'F'},
		{"like", []string{"a?c"}, s("aéc"), 'T'},
		{"like", []string{"a?c"}, s("ac"), 'F'},
		{"like", []string{"x*", "crn:*:y*"}, s("crn:a:y1"), 'T'},
		{"like", []string{"*"}, s(""), 'T'},
		{"like", []string{"*"}, absent, 'F'},
		{"like", []string{"1*"}, n(12), 'T'},
		{"like", []string{"t*"}, b(true), 'T'},
		{"like", []string{"a*"}, l(s("b"), s("ab")), 'T'},
		{"not_like", []string{"a*"}, s("abc"), 'F'},
		{"not_like", []string{"a*"}, s("bc"), 'T'},
		{"not_like", []string{"a*"}, absent, 'T'},
		{"not_like", []string{"a*"}, l(s("b"), s("ab")), 'F'},
		{"not_like", []string{"*"}, l(), 'T'},

		{"numeric_equals", []string{"1.0"}, n(1), 'T'},
		{"numeric_equals", []string{"1e2"}, n(100), 'T'},
		{"numeric_equals", []string{"-0"}, n(0), 'T'},
		{"numeric_equals", []string{"1", "2"}, n(2), 'T'},
		{"numeric_equals", []string{"1"}, n(1.5), 'F'},
		{"numeric_equals", []string{"1"}, s("1.00"), 'T'},
		{"numeric_equals", []string{"1"}, s("one"), 'E'},
		{"numeric_equals", []string{"1"}, s(""), 'E'},
		{"numeric_equals", []string{"1"}, s(" 1"), 'E'},
		{"numeric_equals", []string{"1"}, s("0x1"), 'E'},
		{"numeric_equals", []string{"1"}, s("1e999"), 'E'},
		{"numeric_equals", []string{"1"}, b(true), 'E'},
		{"numeric_equals", []string{"1"}, n(math.NaN()), 'E'},
		{"numeric_equals", []string{"1"}, absent, 'F'},
		{"numeric_equals", []string{"1"}, l(), 'F'},
		{"numeric_equals", []string{"1"}, l(s("x"), n(1)), 'T'},
		{"numeric_equals", []string{"1"}, l(n(1), s("x")), 'T'},
		{"numeric_equals", []string{"1"}, l(n(2), s("x")), 'E'},
		{"numeric_less_than", []string{"5"}, n(4), 'T'},
		{"numeric_less_than", []string{"5"}, n(5), 'F'},
		{"numeric_less_than", []string{"5", "9"}, n(8), 'T'},
		{"numeric_less_than", []string{"10"}, s("9"), 'T'},
		{"numeric_less_than", []string{"5"}, absent, 'F'},
		{"numeric_less_than", []string{"5"}, b(false), 'E'},
		{"numeric_less_than_equals", []string{"5"}, n(5), 'T'},
		{"numeric_less_than_equals", []string{"5"}, n(5.01), 'F'},
		{"numeric_less_than_equals", []string{"5"}, s("five"), 'E'},
		{"numeric_greater_than", []string{"5"}, n(5), 'F'},
		{"numeric_greater_than", []string{"5"}, n(5.01), 'T'},
		{"numeric_greater_than", []string{"-5"}, n(-4), 'T'},
		{"numeric_greater_than", []string{"5"}, absent, 'F'},
		{"numeric_greater_than_equals", []string{"5"}, n(5), 'T'},
		{"numeric_greater_than_equals", []string{"5"}, n(4.99), 'F'},
		{"numeric_greater_than_equals", []string{"5"}, n(math.Inf(1)), 'T'},

		{"date_before", []string{"2026-01-01T00:00:00Z"}, s("2025-12-31T23:59:59.999999999Z"), 'T'},
		{"date_before", []string{"2026-01-01T00:00:00Z"}, s("2026-01-01T00:00:00Z"), 'F'},
		{"date_before", []string{"2026-01-01T00:00:00Z"}, s("2026-01-01T00:30:00+01:00"), 'T'},
		{"date_before", []string{"2026-01-01T00:00:00-05:00"}, s("2026-01-01T04:00:00Z"), 'T'},
		{"date_before", []string{"2026-01-01T00:00:00.5Z"}, s("2026-01-01T00:00:00.25Z"), 'T'},
		{"date_before", []string{"0001-01-01T00:00:00Z", "2026-01-01T00:00:00Z"}, s("1969-12-31T23:59:59Z"), 'T'},
		{"date_before", []string{"2026-01-01T00:00:00Z"}, s("2025-12-31"), 'E'},
		{"date_before", []string{"2026-01-01T00:00:00Z"}, s(""), 'E'},
		{"date_before", []string{"2026-01-01T00:00:00Z"}, n(0), 'E'},
		{"date_before", []string{"2026-01-01T00:00:00Z"}, b(true), 'E'},
		{"date_before", []string{"2026-01-01T00:00:00Z"}, absent, 'F'},
		{"date_before", []string{"2026-01-01T00:00:00Z"}, l(s("never"), s("2025-01-01T00:00:00Z")), 'T'},
		{"date_after", []string{"2026-01-01T00:00:00Z"}, s("2026-01-01T00:00:00.1Z"), 'T'},
		{"date_after", []string{"2026-01-01T00:00:00Z"}, s("2026-01-01T00:00:00Z"), 'F'},
		{"date_after", []string{"2026-01-01T00:00:00Z"}, s("2026"), 'E'},
		{"date_after", []string{"2026-01-01T00:00:00Z"}, absent, 'F'},

		{"bool", []string{"true"}, b(true), 'T'},
		{"bool", []string{"true"}, b(false), 'F'},
		{"bool", []string{"false"}, b(false), 'T'},
		{"bool", []string{"false"}, absent, 'F'},
		{"bool", []string{"true", "false"}, b(false), 'T'},
		{"bool", []string{"true"}, s("true"), 'T'},
		{"bool", []string{"true"}, s("TRUE"), 'E'},
		{"bool", []string{"true"}, n(1), 'E'},
		{"bool", []string{"true"}, l(n(1), b(true)), 'T'},
		{"bool", []string{"true"}, l(n(1), b(false)), 'E'},

		{"ip_address", []string{"10.0.0.0/8"}, s("10.255.0.1"), 'T'},
		{"ip_address", []string{"10.0.0.0/8"}, s("11.0.0.1"), 'F'},
		{"ip_address", []string{"10.9.9.9/8"}, s("10.0.0.1"), 'T'},
		{"ip_address", []string{"192.0.2.1"}, s("192.0.2.1"), 'T'},
		{"ip_address", []string{"192.0.2.1"}, s("192.0.2.2"), 'F'},
		{"ip_address", []string{"192.0.2.1/31"}, s("192.0.2.0"), 'T'},
		{"ip_address", []string{"10.0.0.0/8", "2001:db8::/32"}, s("2001:db8:1::1"), 'T'},
		{"ip_address", []string{"2001:db8::/33"}, s("2001:db8:8000::1"), 'F'},
		{"ip_address", []string{"2001:db8::/127"}, s("2001:db8::1"), 'T'},
		{"ip_address", []string{"2001:db8::/127"}, s("2001:db8::2"), 'F'},
		{"ip_address", []string{"2001:db8::/64"}, s("2001:db8::ffff:0:0:1"), 'T'},
		{"ip_address", []string{"0.0.0.0/0"}, s("203.0.113.9"), 'T'},
		{"ip_address", []string{"0.0.0.0/0"}, s("::1"), 'F'},
		{"ip_address", []string{"::/0"}, s("::1"), 'T'},
		{"ip_address", []string{"::/0"}, s("10.0.0.1"), 'F'},
		{"ip_address", []string{"::/0"}, s("::ffff:10.0.0.1"), 'F'},
		{"ip_address", []string{"10.0.0.0/8"}, s("::ffff:10.0.0.1"), 'T'},
		{"ip_address", []string{"::ffff:10.0.0.0/104"}, s("10.0.0.1"), 'T'},
		{"ip_address", []string{"::ffff:10.0.0.1"}, s("10.0.0.1"), 'T'},
		{"ip_address", []string{"fe80::/10"}, s("fe80::1%eth0"), 'T'},
		{"ip_address", []string{"10.0.0.0/8"}, s("10.0.0.0/8"), 'E'},
		{"ip_address", []string{"10.0.0.0/8"}, s("10.0.0"), 'E'},
		{"ip_address", []string{"10.0.0.0/8"}, s(""), 'E'},
		{"ip_address", []string{"10.0.0.0/8"}, n(10), 'E'},
		{"ip_address", []string{"10.0.0.0/8"}, absent, 'F'},
		{"ip_address", []string{"10.0.0.0/8"}, l(s("?"), s("10.0.0.1")), 'T'},
		{"ip_address", []string{"10.0.0.0/8"}, l(s("?"), s("11.0.0.1")), 'E'},
		{"not_ip_address", []string{"10.0.0.0/8"}, s("10.0.0.1"), 'F'},
		{"not_ip_address", []string{"10.0.0.0/8"}, s("11.0.0.1"), 'T'},
		{"not_ip_address", []string{"10.0.0.0/8"}, s("::ffff:10.0.0.1"), 'F'},
		{"not_ip_address", []string{"10.0.0.0/8"}, s("nowhere"), 'E'},
		{"not_ip_address", []string{"10.0.0.0/8"}, absent, 'T'},
		{"not_ip_address", []string{"10.0.0.0/8"}, l(s("?"), s("10.0.0.1")), 'F'},
		{"not_ip_address", []string{"10.0.0.0/8"}, l(s("?"), s("11.0.0.1")), 'E'},

		{"exists", []string{"true"}, s(""), 'T'},
		{"exists", []string{"true"}, l(), 'T'},
		{"exists", []string{"true"}, b(false), 'T'},
		{"exists", []string{"true"}, absent, 'F'},
		{"exists", []string{"false"}, absent, 'T'},
		{"exists", []string{"false"}, n(0), 'F'},
		{"exists", []string{"false", "true"}, absent, 'T'},
	} {
		ctx := &Context{Attributes: []Attr{{"other", String("a")}, {"k", c.seen}}}
		for effect, applies := range map[string]string{"allow": "T", "deny": "TE"} {
			p := compile(t, conditional(effect, c.operator, "k", c.values...))
			want := applies[0] == c.want || len(applies) > 1 && applies[1] == c.want
			if got := matches(p, "a:b", "crn:::x:y", ctx); got != want {
				t.Errorf("%s %s %q of %v: got %v, want %v", effect, c.operator, c.values, c.seen, got, want)
			}
		}
		if c.seen == absent {
			p := compile(t, conditional("allow", c.operator, "k", c.values...))
			if matches(p, "a:b", "x", nil) != (c.want == 'T') {
				t.Errorf("%s %q without a context", c.operator, c.values)
			}
		}
	}
}

// TestKeys asks for every key that is no attribute, where it is set and where it is absent.
func TestKeys(t *testing.T) {
	full := Context{
		SourceIP: netip.MustParseAddr("::ffff:10.1.2.3"), Now: time.Date(2026, 1, 1, 13, 0, 0, 5e8, time.FixedZone("", 3600)),
		UserAgent: "curl/8", Zone: "ch-1", ProjectID: "p1", PrincipalCRN: "crn::iam:user:u1", PrincipalType: "user", OrganizationID: "o1",
		ResourceTags: []Attr{{"env", String("prod")}, {"env", String("second")}}, RequestTags: []Attr{{"env", String("test")}},
		// What has its own place is not looked up here.
		Attributes: []Attr{{"iam:source_ip", String("192.0.2.1")}, {"iam:zone", String("no")}, {"resource_tag/env", String("no")}, {"iam:custom", String("yes")}, {"Key", String("v")}},
	}
	for _, c := range []struct {
		operator, key, value string
		full, empty          bool
	}{
		{"ip_address", "iam:source_ip", "10.0.0.0/8", true, false},
		{"ip_address", "iam:source_ip", "192.0.2.0/24", false, false},
		{"not_ip_address", "iam:source_ip", "10.0.0.0/8", false, true},
		{"equals", "iam:source_ip", "10.1.2.3", true, false},
		{"equals", "iam:source_ip", "::ffff:a01:203", true, false},
		{"equals", "iam:source_ip", "10.1.2.4", false, false},
		{"equals", "iam:source_ip", "nonsense", false, false},
		{"not_equals", "iam:source_ip", "nonsense", true, true},
		{"equals_ignore_case", "iam:source_ip", "::FFFF:10.1.2.3", true, false},
		{"in", "iam:source_ip", "10.0.0.0/8", false, false},
		{"like", "iam:source_ip", "10.1.*", true, false},
		{"like", "iam:source_ip", "::ffff:*", false, false},
		{"numeric_equals", "iam:source_ip", "10", false, false},
		{"date_after", "iam:source_ip", "2020-01-01T00:00:00Z", false, false},
		{"bool", "iam:source_ip", "true", false, false},
		{"exists", "iam:source_ip", "true", true, false},
		{"exists", "iam:source_ip", "false", false, true},
		{"date_before", "iam:current_time", "2026-01-01T12:00:00.6Z", true, false},
		{"date_before", "iam:current_time", "2026-01-01T12:00:00.5Z", false, false},
		{"date_after", "iam:current_time", "2026-01-01T12:00:00.5Z", false, false},
		{"date_after", "iam:current_time", "2026-01-01T12:00:00.4Z", true, false},
		{"equals", "iam:current_time", "2026-01-01T14:00:00.50+02:00", true, false},
		{"not_equals", "iam:current_time", "2026-01-01T12:00:00.5Z", false, true},
		{"equals", "iam:current_time", "2026-01-01T12:00:00Z", false, false},
		{"equals", "iam:current_time", "noon", false, false},
		{"like", "iam:current_time", "2026-01-01T12:*Z", true, false},
		{"numeric_greater_than", "iam:current_time", "0", false, false},
		{"ip_address", "iam:current_time", "::/0", false, false},
		{"exists", "iam:current_time", "true", true, false},
		{"like", "iam:user_agent", "curl/*", true, false},
		{"equals", "iam:operation", "list-sts-sessions", true, true},
		{"equals", "iam:operation", "ListSTSSessions", false, false},
		{"equals", "iam:zone", "ch-1", true, false},
		{"equals", "iam:project_id", "p1", true, false},
		{"equals", "iam:principal_crn", "crn::iam:user:u1", true, false},
		{"equals", "iam:principal_type", "user", true, false},
		{"equals", "iam:organization_id", "o1", true, false},
		{"not_equals", "iam:organization_id", "o1", false, true},
		{"exists", "iam:zone", "true", true, false},
		{"equals", "resource_tag/env", "prod", true, false},
		{"equals", "resource_tag/env", "second", false, false},
		{"equals", "resource_tag/Env", "prod", false, false},
		{"equals", "request_tag/env", "test", true, false},
		{"equals", "request_tag/env", "prod", false, false},
		{"equals", "resourceTag/env", "prod", false, false},
		{"exists", "resource_tag/", "true", false, false},
		{"equals", "iam:custom", "yes", true, false},
		{"equals", "Key", "v", true, false},
		{"equals", "key", "v", false, false},
		{"equals", "IAM:zone", "ch-1", false, false},
	} {
		p := compile(t, conditional("allow", c.operator, c.key, c.value))
		if got := matches(p, "iam:ListSTSSessions", "x", &full); got != c.full {
			t.Errorf("%s %s %s: got %v in a full context", c.key, c.operator, c.value, got)
		}
		if got := matches(p, "iam:ListSTSSessions", "x", &Context{}); got != c.empty {
			t.Errorf("%s %s %s: got %v in an empty context", c.key, c.operator, c.value, got)
		}
	}
	// What cannot be read, on the two keys that are no values, keeps a deny in place.
	for _, c := range [][3]string{{"numeric_equals", "iam:source_ip", "1"}, {"bool", "iam:current_time", "true"}, {"not_ip_address", "iam:current_time", "::/0"}} {
		p := compile(t, conditional("deny", c[0], c[1], c[2]))
		if !matches(p, "a:b", "x", &full) {
			t.Errorf("deny %v did not apply", c)
		}
		if got := matches(p, "a:b", "x", nil); got != (c[0] == "not_ip_address") {
			t.Errorf("deny %v of an absent key: got %v", c, got)
		}
	}
}

func TestOperation(t *testing.T) {
	for action, want := range map[string]string{
		"iam:CreateRole": "create-role", "iam:ListSTSSessions": "list-sts-sessions", "vserver:ListVPCs": "list-vpcs", "vserver:GetVPCsOf": "get-vpcs-of", "s3:GetOSs1": "get-o-ss1", "s3:GetObject": "get-object", "s3:GetObjectV2": "get-object-v2",
		"iam:GetSTS": "get-sts", "compute:listInstances": "list-instances", "NoService": "no-service", "a:": "", "": "", "x:A": "a", "x:create-role": "create-role", "x:Create-Role": "create-role",
	} {
		if got := operationOf(action); got != want {
			t.Errorf("%q: got %q, want %q", action, got, want)
		}
	}
	p := compile(t, conditional("allow", "equals", "iam:operation", "other-name"))
	if !matches(p, "iam:CreateRole", "x", &Context{Operation: "other-name"}) {
		t.Error("a given operation was not seen")
	}
	p = compile(t, conditional("allow", "exists", "iam:operation", "true"))
	if matches(p, "", "x", nil) {
		t.Error("an action without a name has an operation")
	}
}

// TestSeveralConditions is Kleene's table: T true, F false, E cannot be read.
func TestSeveralConditions(t *testing.T) {
	condition := map[byte]string{
		'T': `{"operator":"equals","key":"k","values":["x"]}`,
		'F': `{"operator":"equals","key":"k","values":["y"]}`,
		'E': `{"operator":"numeric_equals","key":"k","values":["1"]}`,
	}
	ctx := &Context{Attributes: []Attr{{"k", String("x")}}}
	for _, c := range []struct {
		conditions  string
		allow, deny bool
		failed      int
	}{
		{"T", true, true, -1}, {"F", false, false, 0}, {"E", false, true, 0},
		{"TT", true, true, -1}, {"TF", false, false, 1}, {"FT", false, false, 0},
		{"TE", false, true, 1}, {"ET", false, true, 0}, {"EE", false, true, 0},
		{"EF", false, false, 1}, {"FE", false, false, 0}, {"FF", false, false, 0}, {"ETF", false, false, 2}, {"TET", false, true, 1},
	} {
		conditions := "["
		for i := range len(c.conditions) {
			if i > 0 {
				conditions += ","
			}
			conditions += condition[c.conditions[i]]
		}
		conditions += "]"
		for effect, want := range map[string]bool{"allow": c.allow, "deny": c.deny} {
			p := compile(t, one(effect, `["*"]`, "", conditions))
			q := NewQuery("a:b", "x", ctx)
			trace := p.Trace(0, &q)
			if p.Match(0, &q) != want || trace.Matched != want || trace.Condition != c.failed || (trace.Failure == "") != (c.failed < 0) {
				t.Errorf("%s %s: got %v, %+v", effect, c.conditions, p.Match(0, &q), trace)
			}
		}
	}
}

func TestValueString(t *testing.T) {
	for _, c := range []struct {
		v    Value
		want string
	}{
		{Value{}, "absent"}, {String(""), ""}, {String("a"), "a"}, {Number(1), "1"}, {Number(1e21), "1000000000000000000000"}, {Number(-0.5), "-0.5"},
		{Bool(true), "true"}, {Bool(false), "false"}, {List(), "[]"}, {List(String("a"), Number(2), List(Bool(true))), "[a, 2, [true]]"},
	} {
		if got := c.v.String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	elements := []Value{String("a")}
	v := List(elements...)
	elements[0] = String("b")
	if v.String() != "[a]" {
		t.Error("a list changed with the slice that it was made of")
	}
}
