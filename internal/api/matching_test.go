package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// match is a row of sections 15 and 16.7: what an account with one policy is told.
type match struct {
	row        string // which decision of the contract it shows
	statements string // of the policy, without the brackets
	action     string
	resource   string
	context    string // "" for none
	reason     string // explicit_allow, explicit_deny, implicit_deny, or how the policy is refused
	matched    string // statement ids, separated by spaces
}

const (
	yes  = "explicit_allow"
	no   = "implicit_deny"
	deny = "explicit_deny"

	object1 = "crn:spo1:s3:object:reports/2025/q1"
	bucket1 = "crn:spo1:s3:bucket:reports"
)

// granting is a statement that allows everything under a condition.
func granting(operator, key, values string) string {
	return fmt.Sprintf(`{"sid":"a","effect":"allow","actions":["*"],"conditions":[{"operator":%q,"key":%q,"values":[%s]}]}`, operator, key, values)
}

// on is a statement that allows everything on a resource pattern.
func on(resource string) string {
	return fmt.Sprintf(`{"sid":"a","effect":"allow","actions":["s3:*"],"resources":[%q]}`, resource)
}

// doing is a statement that allows actions on everything.
func doing(action string) string {
	return fmt.Sprintf(`{"sid":"a","effect":"allow","actions":[%q],"resources":["*"]}`, action)
}

var matches = []match{
	{"no statement", doing("ec2:*"), "s3:GetObject", object1, "", no, ""},
	{"an allow", doing("s3:GetObject"), "s3:GetObject", object1, "", yes, "a"},
	{"a deny wins", doing("*") + `,{"sid":"d","effect":"deny","actions":["s3:Get*"],"resources":["*"]}`, "s3:GetObject", object1, "", deny, "d"},
	{"a deny of something else", doing("*") + `,{"effect":"deny","actions":["s3:Put*"],"resources":["*"]}`, "s3:GetObject", object1, "", yes, "a"},
	{"a deny whose condition does not hold", doing("*") + `,{"effect":"deny","actions":["*"],"conditions":[{"operator":"equals","key":"k","values":["v"]}]}`, "s3:GetObject", object1, `{"k":"w"}`, yes, "a"},
	{"every winning statement", doing("*") + `,{"effect":"allow","actions":["s3:*"]}`, "s3:GetObject", object1, "", yes, "a 1"},
	{"every denying statement", doing("*") + `,{"effect":"deny","actions":["s3:*"]},{"sid":"z","effect":"deny","actions":["*"]}`, "s3:GetObject", object1, "", deny, "1 z"},
	{"the index without a sid", `{"effect":"allow","actions":["x:*"]},{"effect":"allow","actions":["s3:*"]}`, "s3:GetObject", object1, "", yes, "1"},

	{"actions take no heed of case", doing("S3:getOBJECT"), "s3:GetObject", object1, "", yes, "a"},
	{"nor does the question", doing("s3:GetObject"), "S3:GETOBJECT", object1, "", yes, "a"},
	{"a star in the middle", doing("s3:*Object"), "s3:GetObject", object1, "", yes, "a"},
	{"a star for nothing", doing("s3:GetObject*"), "s3:GetObject", object1, "", yes, "a"},
	{"stars on both sides", doing("s*:*t"), "s3:GetObject", object1, "", yes, "a"},
	{"an action that is longer", doing("s3:GetObject"), "s3:GetObjectAcl", object1, "", no, ""},
	{"an action that is shorter", doing("s3:GetObjectAcl"), "s3:GetObject", object1, "", no, ""},

	{"a star matches all", on("*"), "s3:GetObject", "crn:spo1:compute:instance:i-1", "", yes, "a"},
	{"a bare name", on("reports/2025/q1"), "s3:GetObject", object1, "", yes, "a"},
	{"a bare name of a bucket", on("reports"), "s3:ListBucket", bucket1, "", yes, "a"},
	{"a bucket is not its objects", on("reports"), "s3:GetObject", object1, "", no, ""},
	{"objects are not their bucket", on("reports/*"), "s3:ListBucket", bucket1, "", no, ""},
	{"a star over slashes", on("reports/*"), "s3:GetObject", object1, "", yes, "a"},
	{"a star over colons", on("reports/*q1"), "s3:GetObject", "crn::s3:object:reports/a:b:q1", "", yes, "a"},
	{"resources are case-sensitive", on("Reports/*"), "s3:GetObject", object1, "", no, ""},
	{"one character", on("reports/202?/q1"), "s3:GetObject", object1, "", yes, "a"},
	{"one character is not none", on("reports/2025?/q1"), "s3:GetObject", object1, "", no, ""},
	{"one character is not two", on("reports/20?/q1"), "s3:GetObject", object1, "", no, ""},
	{"a bare name in another service", on("reports/*"), "s3:GetObject", "crn:spo1:files:object:reports/x", "", no, ""},
	{"a bare name and an action of another service", `{"effect":"allow","actions":["*"],"resources":["reports/*"]}`, "files:Get", object1, "", no, ""},
	{"a CRN", on(object1), "s3:GetObject", object1, "", yes, "a"},
	{"a CRN in another region", on(object1), "s3:GetObject", strings.Replace(object1, "spo1", "spo2", 1), "", no, ""},
	{"a CRN with stars", on("crn:*:s3:object:reports/*"), "s3:GetObject", object1, "", yes, "a"},
	{"a CRN in another service, whole", on("crn:*:files:object:*"), "s3:GetObject", "crn::files:object:x", "", yes, "a"},
	{"a CRN as name", on("object:reports/2025/q1"), "s3:GetObject", object1, "", no, ""},
	{"no resources is all", `{"sid":"a","effect":"allow","actions":["s3:*"]}`, "s3:GetObject", object1, "", yes, "a"},
	{"an empty region", on("crn::s3:object:x"), "s3:GetObject", "crn::s3:object:x", "", yes, "a"},

	{"equals", granting("equals", "k", `"v"`), "s3:GetObject", object1, `{"k":"v"}`, yes, "a"},
	{"equals, case", granting("equals", "k", `"v"`), "s3:GetObject", object1, `{"k":"V"}`, no, ""},
	{"keys, case", granting("equals", "k", `"v"`), "s3:GetObject", object1, `{"K":"v"}`, no, ""},
	{"any value", granting("equals", "k", `"u","v"`), "s3:GetObject", object1, `{"k":"v"}`, yes, "a"},
	{"any element", granting("equals", "k", `"v"`), "s3:GetObject", object1, `{"k":["u","v"]}`, yes, "a"},
	{"no element", granting("equals", "k", `"v"`), "s3:GetObject", object1, `{"k":["u","w"]}`, no, ""},
	{"absent", granting("equals", "k", `"v"`), "s3:GetObject", object1, `{}`, no, ""},
	{"all conditions", strings.Replace(granting("equals", "k", `"v"`), `]}]}`, `]},{"operator":"equals","key":"l","values":["w"]}]}`, 1), "s3:GetObject", object1, `{"k":"v","l":"x"}`, no, ""},
	{"not_equals", granting("not_equals", "k", `"v"`), "s3:GetObject", object1, `{"k":"w"}`, yes, "a"},
	{"not_equals, none may", granting("not_equals", "k", `"v","w"`), "s3:GetObject", object1, `{"k":"w"}`, no, ""},
	{"not_equals, absent", granting("not_equals", "k", `"v"`), "s3:GetObject", object1, "", yes, "a"},
	{"equals_ignore_case", granting("equals_ignore_case", "k", `"Väl"`), "s3:GetObject", object1, `{"k":"vÄL"}`, yes, "a"},
	{"like", granting("like", "k", `"a*c?"`), "s3:GetObject", object1, `{"k":"abbcd"}`, yes, "a"},
	{"like, not", granting("like", "k", `"a*c?"`), "s3:GetObject", object1, `{"k":"abbc"}`, no, ""},
	{"not_like", granting("not_like", "k", `"a*"`), "s3:GetObject", object1, `{"k":"b"}`, yes, "a"},
	{"not_like, not", granting("not_like", "k", `"a*"`), "s3:GetObject", object1, `{"k":"ab"}`, no, ""},
	{"in", granting("in", "k", `"u","v"`), "s3:GetObject", object1, `{"k":"v"}`, yes, "a"},
	{"not_in", granting("not_in", "k", `"u","v"`), "s3:GetObject", object1, `{"k":"v"}`, no, ""},
	{"numeric_equals", granting("numeric_equals", "n", `"10"`), "s3:GetObject", object1, `{"n":1e1}`, yes, "a"},
	{"numeric_less_than", granting("numeric_less_than", "n", `"10"`), "s3:GetObject", object1, `{"n":9}`, yes, "a"},
	{"numeric_less_than, not", granting("numeric_less_than", "n", `"10"`), "s3:GetObject", object1, `{"n":10}`, no, ""},
	{"numeric_less_than_equals", granting("numeric_less_than_equals", "n", `"10"`), "s3:GetObject", object1, `{"n":10}`, yes, "a"},
	{"numeric_greater_than", granting("numeric_greater_than", "n", `"9"`), "s3:GetObject", object1, `{"n":10}`, yes, "a"},
	{"numeric_greater_than_equals, not", granting("numeric_greater_than_equals", "n", `"10"`), "s3:GetObject", object1, `{"n":9.99}`, no, ""},
	{"a number that is none", granting("numeric_less_than", "n", `"10"`), "s3:GetObject", object1, `{"n":"few"}`, no, ""},
	{"date_before", granting("date_before", "d", `"2026-01-01T00:00:00Z"`), "s3:GetObject", object1, `{"d":"2025-12-31T23:59:59Z"}`, yes, "a"},
	{"date_before, offset", granting("date_before", "d", `"2026-01-01T00:00:00Z"`), "s3:GetObject", object1, `{"d":"2026-01-01T00:30:00+01:00"}`, yes, "a"},
	{"date_after, not", granting("date_after", "d", `"2026-01-01T00:00:00Z"`), "s3:GetObject", object1, `{"d":"2026-01-01T00:00:00Z"}`, no, ""},
	{"bool", granting("bool", "b", `"true"`), "s3:GetObject", object1, `{"b":true}`, yes, "a"},
	{"bool, not", granting("bool", "b", `"true"`), "s3:GetObject", object1, `{"b":false}`, no, ""},
	{"ip_address", granting("ip_address", "ip", `"10.0.0.0/8"`), "s3:GetObject", object1, `{"ip":"10.1.2.3"}`, yes, "a"},
	{"ip_address, not", granting("ip_address", "ip", `"10.0.0.0/8"`), "s3:GetObject", object1, `{"ip":"11.1.2.3"}`, no, ""},
	{"not_ip_address", granting("not_ip_address", "ip", `"10.0.0.0/8"`), "s3:GetObject", object1, `{"ip":"10.1.2.3"}`, no, ""},
	{"exists", granting("exists", "k", `"true"`), "s3:GetObject", object1, `{"k":"x"}`, yes, "a"},
	{"exists, not", granting("exists", "k", `"true"`), "s3:GetObject", object1, "", no, ""},
	{"exists not", granting("exists", "k", `"false"`), "s3:GetObject", object1, "", yes, "a"},

	{"filled in: principal", granting("like", "iam:principal_crn", `"crn::iam:service-account:*"`), "s3:GetObject", object1, "", yes, "a"},
	{"filled in: type", granting("equals", "iam:principal_type", `"service_account"`), "s3:GetObject", object1, "", yes, "a"},
	{"filled in: address", granting("ip_address", "iam:source_ip", `"127.0.0.1"`), "s3:GetObject", object1, "", yes, "a"},
	{"filled in: time", granting("date_after", "iam:current_time", `"2026-03-09T00:00:00Z"`), "s3:GetObject", object1, "", yes, "a"},
	{"filled in: organization", granting("equals", "iam:organization_id", `"{org}"`), "s3:GetObject", object1, "", yes, "a"},
	{"given instead", granting("ip_address", "iam:source_ip", `"127.0.0.1"`), "s3:GetObject", object1, `{"iam:source_ip":"192.0.2.1"}`, no, ""},
	{"a time that is given instead", granting("date_after", "iam:current_time", `"2026-03-09T00:00:00Z"`), "s3:GetObject", object1, `{"iam:current_time":"2026-01-01T00:00:00Z"}`, no, ""},

	{"effect in capitals", `{"effect":"Deny","actions":["*"]}`, "", "", "", "document.statements[0].effect: ", ""},
	{"empty resources", `{"effect":"allow","actions":["*"],"resources":[]}`, "", "", "", "document.statements[0].resources: ", ""},
	{"empty actions", `{"effect":"allow","actions":[]}`, "", "", "", "document.statements[0].actions: ", ""},
	{"unknown operator", granting("matches", "k", `"v"`), "", "", "", "document.statements[0].conditions[0].operator: ", ""},
	{"one sid twice", doing("*") + "," + doing("s3:*"), "", "", "", "document.statements[1].sid: ", ""},
	{"no values", granting("equals", "k", ""), "", "", "", "document.statements[0].conditions[0].values: ", ""},
	{"101 values", granting("equals", "k", strings.TrimSuffix(strings.Repeat(`"v",`, 101), ",")), "", "", "", "document.statements[0].conditions[0].values", ""},
	{"101 statements", strings.TrimSuffix(strings.Repeat(`{"effect":"allow","actions":["*"]},`, 101), ","), "", "", "", "document.statements", ""},
	{"64 KiB", on(strings.Repeat("x", 65<<10)), "", "", "", "document", ""},
}

// TestMatching asks every row over the wire.
func TestMatching(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.as(e.owner)
	for i, m := range matches {
		account := owner.serviceAccount(fmt.Sprintf("account %d", i))
		policy := fmt.Sprintf(`{"name":"policy %d","document":{"statements":[%s]}}`, i, e.fill(m.statements))
		made := owner.post(policies, policy)
		if strings.HasPrefix(m.reason, "document") {
			if made.status != 400 {
				t.Errorf("%s: status %d: %s", m.row, made.status, made.body)
			} else {
				made.detail(400, m.reason)
			}
			continue
		}
		owner.post(accounts+"/"+account+"/policies", obj{"policy_id": made.want(201).str("policy.id")}).want(204)
		body := fmt.Sprintf(`{"principal":"crn::iam:service-account:%s","action":%q,"resource":%q`, account, m.action, m.resource)
		if m.context != "" {
			body += `,"context":` + m.context
		}
		r := owner.post("/v1/iam/authorize", body+"}").want(200)
		var ids []string
		for _, s := range r.at("matched_statements").([]any) {
			ids = append(ids, s.(obj)["statement_id"].(string))
		}
		if r.str("reason") != m.reason || r.at("allowed") != (m.reason == yes) || strings.Join(ids, " ") != m.matched {
			t.Errorf("%s: want %s by %q: %s", m.row, m.reason, m.matched, r.body)
		}
	}
}

// TestWideGrants holds that a statement without resources, which is about everything, does not go unnoticed: the log warns of
// it, and the answer tells its author.
func TestWideGrants(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.as(e.owner)
	narrow := owner.post(policies, withDocument(`{"statements":[`+on("reports/*")+`]}`)).want(201)
	if narrow.has("warnings") || strings.Contains(e.log.String(), "level=WARN") {
		t.Errorf("a warning without a reason: %s\n%s", narrow.body, e.log)
	}
	wide := `{"statements":[` + on("x") + `,{"effect":"allow","actions":["s3:GetObject"]}]}`
	for _, r := range []*reply{owner.post(policies, strings.Replace(withDocument(wide), `"x"`, `"wide"`, 1)).want(201),
		owner.patch(policies+"/"+narrow.str("policy.id"), `{"document":`+wide+`}`).want(200)} {
		if !r.has("warnings.0") || !strings.Contains(r.str("warnings.0"), "statements[1]") {
			t.Errorf("the author is not warned: %s", r.body)
		}
	}
	if n := strings.Count(e.log.String(), "level=WARN"); n != 2 {
		t.Errorf("%d warnings in the log, want 2: %s", n, e.log)
	}
}

// TestWhoIsAsked are the rows about principals (section 15, steps 1 and 5).
func TestWhoIsAsked(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.as(e.owner)
	ask := func(principal string) string {
		t.Helper()
		return owner.post("/v1/iam/authorize", obj{"principal": e.fill(principal), "action": "s3:GetObject", "resource": object1}).want(200).str("reason")
	}
	for principal, want := range map[string]string{
		"crn::iam:user:{user}": yes, "crn::iam:service-account:{account}": yes, "crn::iam:role:{role}": yes, "crn::iam:sts-session:{session}": yes,
		"crn::iam:user:{owner}": yes, "crn::iam:service-account:{account2}": no, "crn::iam:role:{role2}": no, "crn::iam:sts-session:{ended}": no,
		"crn::iam:user:{nobody}": no, "crn::iam:user:{account}": no, "crn::iam:service-account:{user}": no, "crn::iam:group:{group}": no,
		"crn:spo1:iam:user:{user}": no, "crn::iam:user:nobody": no, "crn::iam:user:*": no, "crn::compute:instance:i-1": no, "crn::iam:user:{other.user}": no,
		"crn::iam:sts-session:{other.session}": no,
	} {
		if got := ask(principal); got != want {
			t.Errorf("%s: %s, want %s", principal, got, want)
		}
	}
	owner.patch(e.fill(accounts+"/{account}"), `{"enabled":false}`).want(200)
	if got := ask("crn::iam:service-account:{account}"); got != no {
		t.Errorf("a disabled account: %s", got)
	}
	if got := ask("crn::iam:sts-session:{session}"); got != no {
		t.Errorf("a session of a disabled account: %s", got)
	}
	owner.patch(e.fill(accounts+"/{account}"), `{"enabled":true}`).want(200)
	if got := ask("crn::iam:sts-session:{session}"); got != yes {
		t.Errorf("enabled again: %s", got)
	}
	e.clock.advance(12 * time.Hour)
	if got := ask("crn::iam:sts-session:{session}"); got != no {
		t.Errorf("a session that has expired: %s", got)
	}
}

// TestWhoMayAssume are the rows about trust policies.
func TestWhoMayAssume(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.as(e.owner)
	mia := e.asKey(e.names["user_key"], e.names["user_secret"])
	account := e.asKey(e.names["key"], e.names["secret"])
	session := e.as(e.names["session_token"])
	for i, row := range []struct {
		trust              string
		user, acct, opened int // status for the user, the service account, and its session of {role}
	}{
		{`["*"]`, 200, 200, 200},
		{`[]`, 403, 403, 403},
		{`["crn::iam:user:*"]`, 200, 403, 403},
		{`["crn::iam:service-account:{account}"]`, 403, 200, 403},
		{`["crn::iam:role:{role}"]`, 403, 403, 200},
		{`["crn::iam:role:{role2}"]`, 403, 403, 403},
		{`["crn:*:iam:*:*"]`, 200, 200, 200},
		{`["crn:spo1:iam:*:*"]`, 403, 403, 403},
		{`["crn::iam:u*:*"]`, 200, 403, 403},
		{`["crn::iam:user:{nobody}","crn::iam:user:{user}"]`, 200, 403, 403},
		{`["crn::compute:*:*"]`, 403, 403, 403},
		{`["crn::iam:user:{other.user}"]`, 403, 403, 403},
	} {
		body := fmt.Sprintf(`{"name":"r%d","trust_policy":{"principals":%s}}`, i, e.fill(row.trust))
		role := owner.post(roles, body).want(201).str("role.id")
		for _, c := range []struct {
			who    *caller
			status int
		}{{mia, row.user}, {account, row.acct}, {session, row.opened}} {
			if r := c.who.post("/v1/iam/assume-role", obj{"role_id": role}); r.status != c.status {
				t.Errorf("%s: status %d, want %d: %s", row.trust, r.status, c.status, r.body)
			}
		}
	}
	owner.post("/v1/iam/assume-role", obj{"role_id": e.names["role2"]}).want(403) // no trust policy, and an owner

	// A session acts with the role's policies alone, not with those of who opened it.
	all := owner.policy("all", allow("*", "*"))
	owner.post(e.fill(users+"/{user}/policies"), obj{"policy_id": all}).want(204)
	weak := owner.role("weak", "*")
	token := mia.post("/v1/iam/assume-role", obj{"role_id": weak}).want(200).str("session_token")
	mia.get(groups).want(200)
	e.as(token).get(groups).want(403)
}

// TestWhichRole are the rows about workloads.
func TestWhichRole(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.as(e.owner)
	for _, name := range []string{"older", "younger"} {
		e.clock.advance(time.Second)
		owner.role(name, "crn:spo1:lambda:function:*")
	}
	for _, row := range []struct {
		principal, role string
		status          int
		chosen          string
	}{
		{"crn:spo1:lambda:function:f", "", 200, "older"},
		{"crn:spo1:lambda:function:f", "younger", 200, "younger"},
		{"crn:spo1:compute:instance:i-1", "", 200, "backup-writer"},
		{"crn:spo1:compute:instance:i-1", "older", 403, ""},
		{"crn:spo2:lambda:function:f", "", 403, ""},
		{"crn:spo1:lambda:function:f", "Older", 404, ""},
		{"crn:spo1:lambda:function:a:b/c", "older", 200, "older"},
	} {
		ask := obj{"principal": row.principal}
		if row.role != "" {
			ask["role_name"] = row.role
		}
		r := owner.post("/v1/iam/workload-credentials", ask)
		if r.status != row.status || row.chosen != "" && r.str("role_name") != row.chosen {
			t.Errorf("%v: want %d %s: %s", ask, row.status, row.chosen, r.body)
		}
	}
	owner.role("everybody", "*")
	owner.post("/v1/iam/workload-credentials", obj{"principal": "crn:spo9:x:y:z", "role_name": "everybody"}).want(403) // a lone star is for callers
}
