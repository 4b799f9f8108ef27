package policy

import (
	"strings"
	"testing"
)

// TestCompileAssume: both shapes say who may assume a role (contract, sections 3.1 and 10.5).
func TestCompileAssume(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{`{}`, "nothing"},
		{`{"rules":[]}`, "nothing"},
		{`{"rules":[{"action":"allow","expression":"true"}]}`, "allow"},
		{`{"rules":[{"action":"deny","expression":"operation == 'assume-iam-role'"},{"action":"allow","expression":"true"}]}`, "deny"},
		{`{"rules":[{"action":"deny","expression":"missing"},{"action":"allow","expression":"service == 'iam'"}]}`, "allow"},
		{`{"rules":[{"action":"allow","expression":"1 +"}]}`, "nothing"},
		{`{"rules":[{"action":"allow","expression":"true"}],"more":1}`, "allow"},
		{`{"default-service-strategy":"allow","services":{}}`, "allow"},
		{`{"default-service-strategy":"allow","services":null}`, "allow"},
		{`{"default-service-strategy":"deny","services":{}}`, "nothing"},
		{`{"default-service-strategy":"deny","services":{"iam":{"type":"allow"}}}`, "allow"},
		{`{"default-service-strategy":"allow","services":{"iam":{"type":"deny"}}}`, "deny"},
		{`{"default-service-strategy":"allow","services":{"compute":{"type":"deny"}}}`, "allow"},
		{`{"default-service-strategy":"allow","services":{"iam":{"type":"rules","rules":[{"action":"allow","expression":"false"}]}}}`, "nothing"},
	} {
		p, err := CompileAssume([]byte(c.source))
		if err != nil {
			t.Errorf("%s: %v", c.source, err)
			continue
		}
		q := NewQuery("iam:AssumeIamRole", "crn::iam:role:1", nil)
		if got := outcomeOf(p, &q); got != c.want {
			t.Errorf("%s: %s, want %s", c.source, got, c.want)
		}
	}
}

func TestCompileAssumeRefuses(t *testing.T) {
	compile := func(source []byte) error { _, err := CompileAssume(source); return err }
	for _, c := range []struct{ name, source, path, words string }{
		{"empty", `§`, "", "ends too early"},
		{"null", `§null`, "", "must be an object"},
		{"rules alone in an array", `§[{"action":"allow","expression":"true"}]`, "", "must be an object"},
		{"rules null", `{"rules":§null}`, "rules", "must be an array"},
		{"no action", `{"rules":[§{"expression":"true"}]}`, "rules[0].action", "is missing"},
		{"no expression", `{"rules":[{"action":"deny","expression":"a"},§{"action":"allow"}]}`, "rules[1].expression", "is missing"},
		{"both", `§{"rules":[],"default-service-strategy":"allow","services":{}}`, "rules", "cannot stand beside"},
		{"half of both", `§{"services":{},"rules":[]}`, "rules", "cannot stand beside"},
		{"no strategy", `§{"services":{}}`, "default-service-strategy", "is missing"},
		{"no services", `§{"default-service-strategy":"allow"}`, "services", "is missing"},
		{"rubbish after", `{"rules":[]} §x`, "", "nothing may follow"},
	} {
		t.Run(c.name, func(t *testing.T) { wantError(t, compile, c.source, c.path, strings.Split(c.words, "|")...) })
	}
	// A role's own policy has no such form.
	if _, err := Compile(Exoscale, []byte(`{"rules":[]}`), nil); err == nil {
		t.Error("rules without a class are accepted as a policy")
	}
}
