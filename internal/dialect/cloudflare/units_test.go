package cloudflare

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// TestIDs: 32 digits in small letters are the id that the native API writes with hyphens; nothing else is an id.
func TestIDs(t *testing.T) {
	for text, want := range map[string]string{
		"019cd27872b87bc1bdb08b315d5f5851": "019cd278-72b8-7bc1-bdb0-8b315d5f5851",
		"00000000000000000000000000000000": "00000000-0000-0000-0000-000000000000",
		"ffffffffffffffffffffffffffffffff": "ffffffff-ffff-ffff-ffff-ffffffffffff",
	} {
		id, ok := parseID(text)
		if !ok || id.String() != want || hexID(id) != text {
			t.Errorf("parseID(%q) is %s, %t, and back %q", text, id, ok, hexID(id))
		}
	}
	for _, text := range []string{"", "0", "019cd27872b87bc1bdb08b315d5f585", "019cd27872b87bc1bdb08b315d5f58511", "019CD27872B87BC1BDB08B315D5F5851",
		"019cd27872b87bc1bdb08b315d5f585g", "019cd278-72b8-7bc1-bdb0-8b315d5f5851", " 19cd27872b87bc1bdb08b315d5f5851", "019cd27872b87bc1bdb08b315d5f585\n",
		"0x9cd27872b87bc1bdb08b315d5f5851", "٠19cd27872b87bc1bdb08b315d5f585", "{19cd27872b87bc1bdb08b315d5f585}", strings.Repeat("\x00", 32), strings.Repeat("*", 32)} {
		if id, ok := parseID(text); ok || !id.IsZero() {
			t.Errorf("parseID(%q) is %s, %t", text, id, ok)
		}
	}
}

// TestNumbers: what is no number counts as absent, what is out of range becomes the nearest in range (sections 1.2 and 14).
func TestNumbers(t *testing.T) {
	for text, want := range map[string]int{
		"": 20, "20": 20, "5": 5, "50": 50, "7": 7, "007": 7, "+7": 7,
		"4": 5, "1": 5, "0": 5, "-0": 5, "-1": 5, "-9223372036854775808": 5,
		"51": 50, "1000000": 50, "9223372036854775807": 50, "9223372036854775808": 50, "99999999999999999999999999": 50,
		"x": 20, "1e1": 20, "0x10": 20, "7.5": 20, " 7": 20, "7 ": 20, "٧": 20, "\x00": 20, "-99999999999999999999999999": 20, "null": 20,
	} {
		if got := number(url.Values{"per_page": {text}}, "per_page", smallPages.least, smallPages.usual, smallPages.most); got != want {
			t.Errorf("number(%q) is %d, want %d", text, got, want)
		}
	}
	if got := number(url.Values{"page": {"3", "4"}}, "page", 1, 1, maxPage); got != 3 {
		t.Errorf("of a parameter that is given twice, %d counts", got)
	}
	if got := number(url.Values{}, "page", 1, 1, maxPage); got != 1 {
		t.Errorf("a page that is not asked for is %d", got)
	}
}

// TestScopeOut: an object, but an array for editions of the TypeScript SDK whose types have that (section 5).
func TestScopeOut(t *testing.T) {
	in := iam.Scope{Key: "k", Objects: []string{"a", "*"}}
	const object = `{"key":"k","objects":[{"key":"a"},{"key":"*"}]}`
	for _, c := range []struct {
		lang, version string
		array         bool
	}{
		{"js", "6.4.0", true}, {"js", "5.2.0", true}, {"js", "4.5.0", true}, {"js", "6", true}, {"js", "0.1", true}, {"js", "6.0.0-beta.1", true},
		{"js", "7.3.0", false}, {"js", "7", false}, {"js", "10.0.0", false}, {"js", "70.1.0", false},
		{"go", "6.4.0", false}, {"go", "4.0.0", false}, {"python", "4.3.1", false}, {"", "5.2.0", false}, {"JS", "5.2.0", false},
		{"js", "", false}, {"js", "x", false}, {"js", "v5.2.0", false}, {"js", " 5.2.0", false}, {"js", "99999999999999999999.0", false}, {"", "", false},
	} {
		h := http.Header{}
		h.Set("X-Stainless-Lang", c.lang)
		h.Set("X-Stainless-Package-Version", c.version)
		text, err := json.Marshal(scopeOut(h, in))
		want := object
		if c.array {
			want = "[" + object + "]"
		}
		if err != nil || string(text) != want {
			t.Errorf("%q %q: %s, %v", c.lang, c.version, text, err)
		}
	}
	if text, err := json.Marshal(scopeOut(http.Header{}, iam.Scope{Key: "k"})); err != nil || string(text) != `{"key":"k","objects":[]}` {
		t.Errorf("without objects: %s, %v", text, err)
	}
}

// TestReadScope: nothing at all is no scope, and what is no object is refused with its place.
func TestReadScope(t *testing.T) {
	want := iam.Scope{Key: "k", Objects: []string{"a"}}
	if got, err := readScope("scope", []byte(`{"key":"k","objects":[{"key":"a","x":1}],"y":2}`)); err != nil || !cmp.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	for _, text := range []string{"", "null"} {
		if got, err := readScope("scope", []byte(text)); err != nil || got.Key != "" {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{`[]`, `[{"key":"k","objects":[]}]`, `"k"`, `7`, `true`, `{"key":7}`, `{"objects":{}}`, `{"objects":["a"]}`, `{"objects":[{"key":null}],"key":[]}`, `{"key":"k","key":"k"}`} {
		_, err := readScope("policies[0].resource_groups[1].scope", []byte(text))
		if e, ok := errors.AsType[*iam.Error](err); !ok || e.Code != iam.Invalid || e.Field != "policies[0].resource_groups[1].scope" {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestTimes: timestamps have microseconds, and a client's own times the fraction that they came with; both are UTC (section 1).
func TestTimes(t *testing.T) {
	east := time.FixedZone("", 2*3600)
	for _, c := range []struct {
		in                time.Time
		timestamp, moment string
	}{
		{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), `"2026-03-01T12:00:00.000000Z"`, `"2026-03-01T12:00:00Z"`},
		{time.Date(2026, 3, 1, 1, 0, 0, 120_000_000, east), `"2026-02-28T23:00:00.120000Z"`, `"2026-02-28T23:00:00.12Z"`},
		{time.Date(2026, 3, 1, 12, 0, 0, 1999, time.UTC), `"2026-03-01T12:00:00.000001Z"`, `"2026-03-01T12:00:00.000001999Z"`},
	} {
		a, err := json.Marshal(timestamp(c.in))
		b, err2 := json.Marshal(moment(c.in))
		if string(a) != c.timestamp || string(b) != c.moment || err != nil || err2 != nil {
			t.Errorf("%s: %s and %s, %v, %v", c.in, a, b, err, err2)
		}
	}
}

// TestNames: a person's name is cut at its last space.
func TestNames(t *testing.T) {
	for name, want := range map[string][2]string{
		"": {"", ""}, "Mira": {"Mira", ""}, "Mira Okafor": {"Mira", "Okafor"}, "Olga van Owner": {"Olga van", "Owner"}, "  Mira   Okafor  ": {"Mira", "Okafor"}, " ": {"", ""},
		"Mira\u00a0Okafor": {"Mira\u00a0Okafor", ""},
	} {
		m := memberOf(&iam.User{Name: name})
		if first, last := m.names(); first != want[0] || last != want[1] {
			t.Errorf("%q is %q and %q", name, first, last)
		}
	}
	m := invited(&iam.Invitation{Email: "x@y.example"})
	if first, last := m.names(); first != "" || last != "" {
		t.Errorf("somebody invited is called %q %q", first, last)
	}
}

// TestDecodedTwice: some clients encode values twice, and some values have percent signs (section 11).
func TestDecodedTwice(t *testing.T) {
	for text, want := range map[string]string{"": "", "Account Settings Read": "Account Settings Read", "Account%20Settings%20Read": "Account Settings Read",
		"Account+Settings": "Account+Settings", "100%": "100%", "%zz": "%zz", "%2520": "%20", "%": "%"} {
		if got := decodedTwice(url.Values{"name": {text}}, "name"); got != want {
			t.Errorf("%q is read as %q, want %q", text, got, want)
		}
	}
}

// TestTokenStatus: a token that is not valid yet is active.
func TestTokenStatus(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	later, before := now.Add(time.Second), now.Add(-time.Second)
	for _, c := range []struct {
		in   iam.Credential
		want string
	}{
		{iam.Credential{}, "active"},
		{iam.Credential{NotBefore: &later}, "active"},
		{iam.Credential{NotBefore: &before, ExpiresAt: &later}, "active"},
		{iam.Credential{ExpiresAt: &now}, "expired"},
		{iam.Credential{ExpiresAt: &before}, "expired"},
		{iam.Credential{Disabled: true}, "disabled"},
		{iam.Credential{Disabled: true, NotBefore: &later}, "disabled"},
	} {
		if got := tokenStatus(&c.in, now); got != c.want {
			t.Errorf("%+v is %s, want %s", c.in, got, c.want)
		}
	}
}

// TestConditions reads ranges of addresses under either name (section 11).
func TestConditions(t *testing.T) {
	for _, c := range []struct {
		in              string
		allowed, denied string
		given           bool
		wrong           string // the field
	}{
		{``, "[]", "[]", false, ""},
		{`null`, "[]", "[]", true, ""},
		{`{}`, "[]", "[]", true, ""},
		{`{"request_ip":null}`, "[]", "[]", true, ""},
		{`{"request_ip":{}}`, "[]", "[]", true, ""},
		{`{"request_ip":{"in":null,"not_in":[]}}`, "[]", "[]", true, ""},
		{`{"request_ip":{"in":["203.0.113.0/24","2001:db8::/32"],"not_in":["203.0.113.7/32"]}}`, "[203.0.113.0/24 2001:db8::/32]", "[203.0.113.7/32]", true, ""},
		{`{"request.ip":{"in":["203.0.113.0/24"]},"x":1}`, "[203.0.113.0/24]", "[]", true, ""},
		{`{"request_ip":{"in":["203.0.113.7","2001:db8::1"]}}`, "[203.0.113.7/32 2001:db8::1/128]", "[]", true, ""},
		{`{"request_ip":{"in":["0.0.0.0/0"]}}`, "[0.0.0.0/0]", "[]", true, ""},
		{`{"request_ip":{"in":["1.2.3.4"]},"request.ip":{"in":["1.2.3.4"]}}`, "", "", true, "condition"},
		{`[]`, "", "", true, "condition"},
		{`"203.0.113.0/24"`, "", "", true, "condition"},
		{`{"request_ip":["203.0.113.0/24"]}`, "", "", true, "condition"},
		{`{"request_ip":{"in":"203.0.113.0/24"}}`, "", "", true, "condition"},
		{`{"request_ip":{"in":[7]}}`, "", "", true, "condition"},
		{`{"request_ip":{"in":["203.0.113.0/24",""]}}`, "", "", true, "condition.request_ip.in[1]"},
		{`{"request_ip":{"in":["203.0.113.0/33"]}}`, "", "", true, "condition.request_ip.in[0]"},
		{`{"request_ip":{"in":["*"]}}`, "", "", true, "condition.request_ip.in[0]"},
		{`{"request_ip":{"in":["fe80::1%eth0"]}}`, "", "", true, "condition.request_ip.in[0]"},
		{`{"request_ip":{"not_in":["203.0.113"]}}`, "", "", true, "condition.request_ip.not_in[0]"},
		{`{"request.ip":{"not_in":["example.com"]}}`, "", "", true, "condition.request_ip.not_in[0]"},
	} {
		var n newToken
		given, err := n.condition([]byte(c.in))
		e, _ := errors.AsType[*iam.Error](err)
		switch {
		case given != c.given, (err != nil) != (c.wrong != ""), err != nil && (e == nil || e.Code != iam.Invalid || e.Field != c.wrong):
			t.Errorf("%s: given %t, %v", c.in, given, err)
		case err == nil && (fmt.Sprint(n.allowed) != c.allowed || fmt.Sprint(n.denied) != c.denied):
			t.Errorf("%s: %v and %v", c.in, n.allowed, n.denied)
		}
	}
}

// TestFaults puts every sort of error into words (section 3.3). What is ours to mend is told to nobody.
func TestFaults(t *testing.T) {
	secret := errors.New("disk /dev/sda1")
	for _, c := range []struct {
		area    area
		err     error
		status  int
		code    int
		message string
	}{
		{userGroups, iam.Errorf(iam.NotFound, "group 0-0 does not exist"), 404, 404, "user group not found"},
		{resourceGroups, iam.Errorf(iam.NotFound, "x"), 404, 404, "resource group not found"},
		{permissionGroups, iam.Errorf(iam.NotFound, "x"), 404, 404, "permission group not found"},
		{groupMembers, iam.Errorf(iam.NotFound, "x"), 404, 404, "member not found"},
		{members, iam.Errorf(iam.NotFound, "x"), 404, 1003, "member not found"},
		{roles, iam.Errorf(iam.NotFound, "x"), 404, 1003, "role not found"},
		{connectors, iam.Errorf(iam.NotFound, "x"), 404, 1003, "connector not found"},
		{tokens, iam.Errorf(iam.NotFound, "x"), 404, 1003, "token not found"},
		{userGroups, fmt.Errorf("deeper: %w", iam.Errorf(iam.NotFound, "x")), 404, 404, "user group not found"},

		{userGroups, iam.FieldErrorf(iam.Invalid, "name", "must not be empty"), 400, 400, "name must not be empty"},
		{members, iam.FieldErrorf(iam.Invalid, "email", "must be an address"), 400, 1001, "Invalid request: email must be an address"},
		{connectors, iam.FieldErrorf(iam.Invalid, "email_domain", "must be a domain"), 400, 1001, "email_domain must be a domain"},
		{tokens, iam.FieldErrorf(iam.Invalid, "policies", "are required"), 400, 1001, "policies are required"},
		{roles, iam.Errorf(iam.Invalid, "the query cannot be read"), 400, 1001, "the query cannot be read"},

		{userGroups, iam.FieldErrorf(iam.Exists, "name", "group name %q is taken", "x"), 409, 409, `group name "x" is taken`},
		{members, iam.FieldErrorf(iam.Exists, "email", "x is a member already"), 400, 1001, "Invalid request: x is a member already"},
		{connectors, iam.FieldErrorf(iam.Exists, "email_domain", "there is one already"), 400, 1001, "there is one already"},
		{resourceGroups, iam.Errorf(iam.InUse, "it is in use"), 409, 409, "it is in use"},
		{members, iam.Errorf(iam.InUse, "it is in use"), 400, 1001, "Invalid request: it is in use"},
		{resourceGroups, iam.Errorf(iam.Immutable, "it cannot be changed"), 422, 422, "it cannot be changed"},
		{members, iam.Errorf(iam.Immutable, "it cannot be changed"), 400, 1001, "Invalid request: it cannot be changed"},
		{userGroups, iam.Errorf(iam.Conflict, "not now"), 409, 409, "not now"},
		{connectors, iam.Errorf(iam.Conflict, "disable it first"), 400, 1002, "disable it first"},
		{tokens, iam.Errorf(iam.Conflict, "not now"), 400, 1001, "not now"},
		{userGroups, iam.Errorf(iam.Quota, "too many"), 400, 400, "too many"},
		{tokens, iam.Errorf(iam.Quota, "too many"), 400, 1001, "too many"},

		{userGroups, iam.Errorf(iam.Denied, "you are not allowed to do iam:X here"), 403, 10000, "Authentication error"},
		{members, iam.FieldErrorf(iam.Denied, control.SourceIP, "is not allowed"), 403, 9109, "Cannot use the access token from location: the address is not allowed"},
		{tokens, iam.FieldErrorf(iam.Denied, "name", "is not allowed"), 403, 10000, "Authentication error"},
		{userGroups, iam.Errorf(iam.Unauthenticated, "expired"), 401, 10000, "Authentication error"},
		{userGroups, iam.Errorf(iam.Unavailable, "this node is behind: %v", secret), 503, 10001, "Internal error"},
		{userGroups, &iam.Error{Code: iam.Internal, Message: "sql: x", Err: secret}, 500, 10001, "Internal error"},
		{userGroups, secret, 500, 10001, "Internal error"},
		{userGroups, iam.Errorf(wire.TooLarge, "the body is too large"), 413, 413, "the body is too large"},
		{roles, iam.Errorf(iam.Immutable, "x"), 400, 400, "x"}, // a code that the area has no words for
		{userGroups, unauthenticated(400, 9106, "no headers"), 400, 9106, "no headers"},

		{area{}, &wire.Problem{Status: 404, Err: iam.Errorf(iam.NotFound, "x")}, 404, 7003, "Could not route to the path, perhaps your object identifier is invalid?"},
		{area{}, &wire.Problem{Status: 405, Err: iam.Errorf(iam.Invalid, "x")}, 405, 7001, "Method not available for that URI"},
		{area{}, &wire.Problem{Status: 429, Err: iam.Errorf(iam.Denied, "x")}, 429, 10429, "Too many requests"},
		{area{}, &wire.Problem{Status: 414, Err: iam.Errorf(iam.Invalid, "the URI is too long")}, 414, 414, "the URI is too long"},
	} {
		f := general(c.area.fault(c.err))
		if f.status != c.status || f.code != c.code || f.message != c.message {
			t.Errorf("%s of %s: %d, %d, %q; want %d, %d, %q", c.err, c.area.kind, f.status, f.code, f.message, c.status, c.code, c.message)
		}
	}
	if userGroups.fault(nil) != nil {
		t.Error("no error is a fault")
	}
}

// TestRefuse: what the answer says beside its body.
func TestRefuse(t *testing.T) {
	for _, c := range []struct {
		err  error
		want http.Header
	}{
		{&fault{status: 409, code: 409, message: "x"}, http.Header{"X-Should-Retry": {"false"}}},
		{&fault{status: 404, code: 404, message: "x"}, http.Header{}},
		{&fault{status: 422, code: 422, message: "x"}, http.Header{}},
		{&wire.Problem{Status: 405, Allow: "GET, POST", Err: iam.Errorf(iam.Invalid, "x")}, http.Header{"Allow": {"GET, POST"}}},
		{&wire.Problem{Status: 429, RetryAfter: 7, Err: iam.Errorf(iam.Denied, "x")}, http.Header{"Retry-After": {"7"}}},
		{iam.Errorf(iam.Unavailable, "x"), http.Header{"Retry-After": {"1"}}},
		{iam.Errorf(iam.Internal, "x"), http.Header{}},
	} {
		got := http.Header{}
		answer := refuse(nil, got, c.err)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%v: headers (-want +got):\n%s", c.err, diff)
		}
		if body, is := answer.Body.(envelope); !is || body.Success || len(body.Errors) != 1 || body.Result != nil {
			t.Errorf("%v: body %+v", c.err, answer.Body)
		}
	}
}
