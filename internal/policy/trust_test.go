package policy

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func trustError(source []byte) error {
	_, err := ParseTrust(source)
	return err
}

func TestTrustCovers(t *testing.T) {
	const user = "crn::iam:user:91b4de0a"
	const instance = "crn:spo1:compute:instance:i-1"
	for _, c := range []struct {
		pattern, crn  string
		authenticated bool
		want          bool
	}{
		{user, user, true, true},
		{user, user, false, true},
		{user, "crn::iam:user:91b4de0b", true, false},
		{user, "crn::iam:user:91b4de0a1", true, false},
		{user, "crn::iam:user:91B4DE0A", true, false},
		{user, "crn:r:iam:user:91b4de0a", true, false},
		{"crn::iam:user:*", user, true, true},
		{"crn::iam:*:*", "crn::iam:role:r1", true, true},
		{"crn::iam:user:*", "crn::iam:role:r1", true, false},
		{"crn:*:*:*:*", user, true, true},
		{"crn:*:*:*:*", instance, false, true},
		{"crn:spo1:compute:instance:*", instance, false, true},
		{"crn:spo*:compute:instance:i-*", instance, false, true},
		{"crn:*1:comp*te:inst*:*-1", instance, false, true},
		{"crn:spo2:compute:instance:*", instance, false, false},
		{"crn:spo1:compute:instance:j-*", instance, false, false},

		// A star stays in its part, but the last part may hold anything.
		{"crn:*:instance:i-1:x", instance, true, false},
		{"crn:spo1:*:i-1:*", instance, true, false},
		{"crn::c:task:*", "crn::c:task:a/b:c", false, true},
		{"crn::c:task:a*c", "crn::c:task:a/b:c", false, true},
		{"crn::c:task:a:*", "crn::c:task:a:b", false, true},
		{"crn::c:task:a", "crn::c:task:a:b", false, false},
		{"crn:*", instance, true, false},
		{"crn::c:task:a?", "crn::c:task:ab", true, false},
		{"crn::c:task:a?", "crn::c:task:a?", true, true},

		// A lone star.
		{"*", user, true, true},
		{"*", instance, false, false},
		{"*", "", true, false},
		{"*", "user", true, false},
		{"**", user, true, false},

		// What is no CRN.
		{"crn:*:*:*:*", "crn:a:b:c", true, false},
		{"crn:*:*:*:*", "CRN:a:b:c:d", true, false},
		{"crn:*:*:*:*", "", true, false},
		{"", "", true, false},
		{user, "*", true, false},
	} {
		trust := &Trust{Principals: []string{"crn:never:a:b:c", c.pattern}}
		if got := trust.Covers(c.crn, c.authenticated); got != c.want {
			t.Errorf("%q covers %q (authenticated %v): got %v", c.pattern, c.crn, c.authenticated, got)
		}
	}
	for _, nobody := range []*Trust{nil, {}, {Principals: []string{}}} {
		if nobody.Covers(user, true) {
			t.Errorf("%v covers someone", nobody)
		}
	}
}

func TestParseTrust(t *testing.T) {
	for source, want := range map[string][]string{
		`{"principals":["crn:spo1:compute:instance:*","*"]}`: {"crn:spo1:compute:instance:*", "*"},
		` { "principals" : [ "crn::a:b:c:d/é" ] } `:          {"crn::a:b:c:d/é"},
		`{"principals":[]}`: nil,
		`{}`:                nil,
	} {
		trust, err := ParseTrust([]byte(source))
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		if diff := cmp.Diff(want, trust.Principals); diff != "" {
			t.Errorf("%s (-want +got):\n%s", source, diff)
		}
	}
	b, err := json.Marshal(Trust{Principals: []string{"*"}})
	if string(b) != `{"principals":["*"]}` || err != nil {
		t.Errorf("got %s, %v", b, err)
	}
}

func TestParseTrustRefuses(t *testing.T) {
	full := strings.Repeat(`"*",`, MaxPrincipals)
	for _, c := range []struct{ source, path, words string }{
		{`§`, "", "ends too early"},
		{`§null`, "", "must be an object"},
		{`§["*"]`, "", "must be an object"},
		{`{"principals":§null}`, "principals", "must be an array"},
		{`{"principals":§"*"}`, "principals", "must be an array"},
		{`{"principals":[§null]}`, "principals[0]", "must be a string"},
		{`{"principals":["*",` + "\n" + ` §""]}`, "principals[1]", "no pattern for principals"},
		{`{"principals":[§"crn:*"]}`, "principals[0]", "no pattern for principals|crn:region:service:type:id"},
		{`{"principals":[§"**"]}`, "principals[0]", "no pattern"},
		{`{"principals":[§"crn:a:b:c"]}`, "principals[0]", "no pattern"},
		{`{"principals":[§"*:a:b:c:d"]}`, "principals[0]", "no pattern"},
		{`{"principals":[§"CRN:a:b:c:d"]}`, "principals[0]", "no pattern"},
		{`{"principals":[§" crn:a:b:c:d"]}`, "principals[0]", "no pattern"},
		{`{"principals":[§"crn:a:b:c:d\n"]}`, "principals[0]", "control"},
		{`{"principals":["*"],§"conditions":[]}`, "conditions", "unknown member conditions|principals"},
		{`{§"Principals":["*"]}`, "Principals", "unknown member"},
		{`{"principals":["*"],§"principals":[]}`, "", "given twice"},
		{`{"principals":["*"]}§}`, "", "nothing may follow"},
		{"{\"principals\":[\"crn:a:b:c:§\xff\"]}", "principals[0]", "not valid JSON"},
		{`{"principals":[` + full + `§"*"]}`, "principals[100]", "at most 100"},
		{`{"principals":[§"crn:a:b:c:` + strings.Repeat("x", MaxPrincipalPattern) + `"]}`, "principals[0]", "at most 1024"},
		{`{}` + strings.Repeat(" ", MaxDocument-2) + "§ ", "", fmt.Sprint("at most ", MaxDocument)},
	} {
		wantError(t, trustError, c.source, c.path, strings.Split(c.words, "|")...)
	}
}

func FuzzTrust(f *testing.F) {
	f.Add([]byte(`{"principals":["crn:spo1:compute:instance:*","*"]}`), "crn:spo1:compute:instance:i-1")
	f.Add([]byte(`{"principals":["crn::a*:b:*c:*"]}`), "crn::a:b:c:d:e")
	f.Add([]byte(`{"principals":[],"conditions":{}}`), "")
	f.Fuzz(func(t *testing.T, source []byte, crn string) {
		trust, err := ParseTrust(source)
		if err != nil {
			checkPosition(t, err, source)
			return
		}
		if len(trust.Principals) > MaxPrincipals {
			t.Fatalf("%d principals", len(trust.Principals))
		}
		if trust.Covers(crn, false) && !trust.Covers(crn, true) {
			t.Error("an authenticated principal is covered less than another")
		}
		if trust.Covers(crn, true) && !strings.HasPrefix(crn, "crn:") {
			t.Errorf("%q is covered", crn)
		}
	})
}

func ExampleTrust_Covers() {
	trust, err := ParseTrust([]byte(`{"principals":["crn:spo1:compute:instance:*"]}`))
	fmt.Println(err, trust.Covers("crn:spo1:compute:instance:i-1", false), trust.Covers("crn:rio1:compute:instance:i-1", false))
	// Output: <nil> true false
}
