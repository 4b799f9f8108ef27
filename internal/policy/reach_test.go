package policy

import (
	"strings"
	"testing"
)

func TestReach(t *testing.T) {
	listed := []string{"iam:GetUser", "iam:GetPolicy", "s3:GetObject", "s3:PutObject", "compute:Start"}
	one := func(actions, resources string) string {
		quoted := func(s string) string { return `"` + strings.ReplaceAll(s, " ", `","`) + `"` }
		return `{"statements":[{"effect":"allow","actions":[` + quoted(actions) + `],"resources":[` + quoted(resources) + `]}]}`
	}
	for _, c := range []struct {
		name string
		p    *Program
		i    int
		want string
	}{
		{"an action", compile(t, one("iam:getuser", "*")), 0, "iam:GetUser *"},
		{"a pattern", compile(t, one("s3:*", "*")), 0, "s3:GetObject *, s3:PutObject *"},
		{"everything", compile(t, one("*", "*")), 0, "iam:GetUser *, iam:GetPolicy *, s3:GetObject *, s3:PutObject *, compute:Start *, * *"},
		{"no resources", compile(t, `{"statements":[{"effect":"allow","actions":["s3:PutObject"]}]}`), 0, "s3:PutObject *"},
		{"what is not listed", compile(t, one("s3:Put* acme:Run acme:*", "*")), 0, "s3:PutObject *, acme:Run *, acme:* *"},
		{"names and patterns", compile(t, one("s3:PutObject", "crn:eu1:s3:object:a crn:eu1:s3:object:b/* c/*")), 0,
			"s3:PutObject crn:eu1:s3:object:a, s3:PutObject crn:eu1:s3:object:b/*, s3:PutObject crn:*:s3:*:c/*"},
		{"a condition", compile(t, `{"statements":[{"effect":"allow","actions":["s3:PutObject"],"resources":["*"],"conditions":[{"operator":"equals","key":"x","values":["y"]}]}]}`), 0, "s3:PutObject *"},
		{"VNG Cloud's spelling", compileVNG(t, vngOne("allow", `["iam:GetIamUser"]`, `["*"]`, "")), 0, "iam:GetUser *"},
		{"VNG Cloud's names", compileVNG(t, vngOne("allow", `["iam:GetPolicy"]`, `["iam::54549:policy/p*","iam::54549:policy/*","iam::54549:policy"]`, "")), 0,
			"iam:GetPolicy crn::iam:policy:p*, iam:GetPolicy crn::iam:policy:**, iam:GetPolicy crn::iam:policy:**"},
		{"Exoscale's rules that allow", exoscale(t, ruled("deny", "deny: operation == 'x'", "allow: true")), 1, "compute:Start *"},
		{"Exoscale's rules that deny", exoscale(t, ruled("deny", "deny: true")), 1, ""},
		{"Exoscale's default", exoscale(t, ruled("allow", "deny: true")), 1, "iam:GetUser *, iam:GetPolicy *, s3:GetObject *, s3:PutObject *, * *"},
	} {
		var got []string
		for action, resource := range c.p.Reach(c.i, vngSetting, listed) {
			got = append(got, action+" "+resource)
		}
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, text, c.want)
		}
	}
	for range compile(t, one("*", "*")).Reach(0, Setting{}, listed) {
		break // and no more is yielded
	}
}
