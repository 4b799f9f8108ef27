package policy

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

// Names of the tests' library.
const (
	projectA = "2aeadddc-c589-4784-8ef5-fae989a4bac8"
	projectB = "7f2f1c3e-52c1-4c1b-8a90-0c5b5a1f9e77"
	ownOrg   = "5d0f6a2e-7a1b-4c3d-9e8f-102132435465"

	ownAccount = "com.cloudflare.api.account.5e0c1d7a9b3f4e628d14c07ab95f3e26"
	zoneLevel  = "com.cloudflare.api.account.zone"
	zone1      = "c41d9e07f2b84a5d86e3170fa92bd5c8"
	zone2      = "d41d9e07f2b84a5d86e3170fa92bd5c8"
)

// hex32 makes an id.
func hex32(digit string) string { return strings.Repeat(digit, 32) }

// namedLibrary is a small library.
type namedLibrary struct {
	emptyLibrary
	sets      map[string]PermissionSet
	groups    map[string]PermissionGroup
	resources map[string]ResourceScope
}

func (n namedLibrary) PermissionSet(name string) (PermissionSet, bool) {
	s, ok := n.sets[name]
	return s, ok
}

func (n namedLibrary) PermissionGroup(id string) (PermissionGroup, bool) {
	g, ok := n.groups[id]
	return g, ok
}

func (n namedLibrary) ResourceGroup(id string) (ResourceScope, bool) {
	s, ok := n.resources[id]
	return s, ok
}

func (namedLibrary) ResourceKey(_, key string) ([]string, bool) {
	if id, ok := strings.CutPrefix(key, zoneLevel+"."); ok {
		return []string{"crn:*:zones:zone:" + id, "crn:*:dns:record:" + id + "/*"}, true
	}
	if id, ok := strings.CutPrefix(key, "com.cloudflare.api.account.worker."); ok && id != "w-none" {
		return []string{"crn:*:workers:worker:" + id}, true
	}
	return nil, key == "com.cloudflare.api.account.worker.w-none"
}

func grantsOf(of ...Grant) []Grant         { return of }
func grantOf(patterns ...string) Grant     { return Grant{Actions: patterns} }
func (g Grant) but(except ...string) Grant { g.Except = except; return g }

var testLibrary = namedLibrary{
	sets: map[string]PermissionSet{
		"Read":      {Grants: grantsOf(grantOf("s3:Get*", "s3:List*"))},
		"Write":     {Grants: grantsOf(grantOf("s3:Put*"), Grant{}, grantOf("s3:DeleteObject"))},
		"Products":  {Grants: grantsOf(grantOf("*").but("iam:*", "billing:*"), grantOf("iam:ListSSHKeys"))},
		"Nothing":   {},
		"IAM":       {Grants: grantsOf(grantOf("iam:*")), Organization: true},
		"Owner":     {Grants: grantsOf(grantOf("*")), Organization: true},
		"Odd \"é\"": {Grants: grantsOf(grantOf("odd:*"))},
	},
	groups: map[string]PermissionGroup{
		hex32("a"): {Grants: grantsOf(grantOf("*").but("billing:*"), grantOf("billing:Get*")), Scope: accountLevel},
		hex32("b"): {Grants: grantsOf(grantOf("*:Get*", "*:List*")), Scope: accountLevel},
		hex32("c"): {Grants: grantsOf(grantOf("dns:*"), grantOf("zones:*").but("zones:Delete*")), Scope: zoneLevel},
		hex32("d"): {Grants: grantsOf(grantOf("workers:*")), Scope: "com.cloudflare.api.account.worker"},
		hex32("e"): {Grants: grantsOf(grantOf("*:*")), Scope: accountLevel},
		hex32("f"): {Scope: zoneLevel},
		hex32("0"): {Grants: grantsOf(grantOf("queues:*")), Scope: "com.cloudflare.api.account.queue"},
	},
	resources: map[string]ResourceScope{
		hex32("1"): {Key: ownAccount, Objects: []string{"*"}},
		hex32("2"): {Key: ownAccount, Objects: []string{zoneLevel + "." + zone1}},
		hex32("3"): {Key: ownAccount, Objects: []string{zoneLevel + "." + zone1, zoneLevel + "." + zone2}},
		hex32("4"): {Key: ownAccount},
		hex32("5"): {Key: ownAccount, Objects: []string{"com.example.thing.7"}},
	},
}

func compileNamed(t testing.TB, lang Language, source string) *Program {
	t.Helper()
	p, err := Compile(lang, []byte(source), testLibrary)
	if err != nil {
		t.Fatalf("%v\n%s", err, source)
	}
	return p
}

// wantRefusal checks that an error stands exactly at the mark "§" and says exactly that.
func wantRefusal(t *testing.T, lang Language, marked, path, message string) {
	t.Helper()
	wantError(t, func(source []byte) error {
		_, err := Compile(lang, source, testLibrary)
		if e, ok := errors.AsType[*Error](err); ok && e.Message != message {
			t.Errorf("\n got message %s\nwant         %s", e.Message, message)
		}
		return err
	}, marked, path)
}

// allowed answers like a decision by one program alone: a deny that applies wins over every allow.
func allowed(p *Program, q *Query) bool {
	allow := false
	for i := range p.Len() {
		if p.Match(i, q) {
			if p.Effect(i) == Deny {
				return false
			}
			allow = true
		}
	}
	return allow && !q.Scratch().Exhausted()
}

// asked is a question that can be asked anew, with all of what expressions may cost.
type asked struct {
	action, resource string
	ctx              *Context
}

func (a asked) query() *Query {
	q := NewQuery(a.action, a.resource, a.ctx)
	return &q
}

// checkNamed holds that a program and what its print compiles to are the same, that traces say what Match does, and that its
// needs are sound. It tells how many statements matched.
func checkNamed(t *testing.T, p *Program, questions ...asked) (matched int) {
	t.Helper()
	printed := p.Print()
	again, err := Compile(p.Language(), printed, testLibrary)
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	if !bytes.Equal(again.Print(), printed) || len(printed) > MaxDocument {
		t.Fatalf("Print is no fixed point:\n%s\n%s", printed, again.Print())
	}
	if again.Len() != p.Len() || again.AllowsEverything() != p.AllowsEverything() {
		t.Fatalf("the print means something else:\n%s", printed)
	}
	for i := range p.Len() {
		if p.Effect(i) != again.Effect(i) || p.StatementID(i) != again.StatementID(i) || !slices.Equal(p.Needs(i), again.Needs(i)) {
			t.Fatalf("statement %d differs:\n%s", i, printed)
		}
		for _, a := range questions {
			is, trace := p.Match(i, a.query()), p.Trace(i, a.query())
			if is != again.Match(i, a.query()) || trace != again.Trace(i, a.query()) || trace.Matched != is {
				t.Fatalf("statement %d answers %q on %q differently:\n%s", i, a.action, a.resource, printed)
			}
		}
	}
	for _, a := range questions {
		matched += checkSound(t, p, a.query())
	}
	return matched
}

// fuzzNamed compiles what a fuzzer says.
func fuzzNamed(t *testing.T, lang Language, source []byte, questions ...asked) {
	kept := bytes.Clone(source)
	p, err := Compile(lang, source, testLibrary)
	if !bytes.Equal(source, kept) {
		t.Fatal("Compile wrote to its source")
	}
	if err != nil {
		checkPosition(t, err, source)
		return
	}
	checkNamed(t, p, questions...)
	p.Warnings()
	if _, err := Compile(lang, source, nil); err == nil && p.Len() > 0 {
		t.Fatalf("compiles without a library:\n%s", source)
	}
}

func TestLowerHex(t *testing.T) {
	for s, want := range map[string]bool{"": false, "0": true, "09af": true, "A": false, "g": false, "-": false, "é": false, "0 ": false, "/": false, ":": false, "`": false} {
		if lowerHex(s) != want {
			t.Errorf("%q: got %t", s, !want)
		}
	}
}
