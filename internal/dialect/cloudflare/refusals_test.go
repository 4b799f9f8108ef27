package cloudflare_test

import (
	"strings"
	"testing"
)

// refusal is a call of the owner's that must be refused.
type refusal struct {
	call, body string
	status     int
	code       int
	says       string // the message holds it
}

// policed are bodies with one policy of a group or member, which is wrong, and what the message says.
func policed(rest string) map[string]string {
	with := func(policy string) string { return `{` + rest + `"policies":[` + onZones + `,` + policy + `]}` }
	of := func(access, permission, place string) string {
		return with(`{"access":` + access + `,"permission_groups":` + permission + `,"resource_groups":` + place + `}`)
	}
	const admin, spare = `[{"id":"{role.admin}"}]`, `[{"id":"{spare}"}]`
	scope := func(text string) string { return of(`"allow"`, admin, `[{"id":"{spare}"},{"scope":`+text+`}]`) }
	return map[string]string{
		of(`"Allow"`, admin, spare):                                          "policies[1].access: unknown access Allow",
		of(`""`, admin, spare):                                               "policies[1].access: ",
		of(`null`, admin, spare):                                             "policies[1].access: ",
		of(`7`, admin, spare):                                                "policies[1].access must be a string",
		of(`"allow"`, `[]`, spare):                                           "policies[1].permission_groups: ",
		of(`"allow"`, `null`, spare):                                         "policies[1].permission_groups: ",
		of(`"allow"`, `{}`, spare):                                           "policies[1].permission_groups must be an array",
		of(`"allow"`, `["{role.admin}"]`, spare):                             "policies[1].permission_groups[0] must be an object",
		of(`"allow"`, `[{}]`, spare):                                         "policies[1].permission_groups[0].id: there is no permission group",
		of(`"allow"`, `[{"id":"{nowhere}"}]`, spare):                         "policies[1].permission_groups[0].id: there is no permission group",
		of(`"allow"`, `[{"id":"admin"}]`, spare):                             "policies[1].permission_groups[0].id: there is no permission group",
		of(`"allow"`, `[{"id":"{may.dns_read}"}]`, spare):                    "policies[1].permission_groups[0].id: there is no permission group", // it is of tokens
		of(`"allow"`, `[{"id":"{role.dns}"},{"id":"{spare}"}]`, spare):       "policies[1].permission_groups[1].id: there is no permission group",
		of(`"allow"`, admin, `[]`):                                           "policies[1].resource_groups: ",
		of(`"allow"`, admin, `null`):                                         "policies[1].resource_groups: ",
		of(`"allow"`, admin, `[{}]`):                                         "policies[1].resource_groups[0] needs an id or a scope",
		of(`"allow"`, admin, `[{"id":""}]`):                                  "policies[1].resource_groups[0] needs an id or a scope",
		of(`"allow"`, admin, `[{"scope":null}]`):                             "policies[1].resource_groups[0] needs an id or a scope",
		of(`"allow"`, admin, `[{"id":"{nowhere}"}]`):                         "policies[1].resource_groups[0].id: there is no resource group",
		of(`"allow"`, admin, `[{"id":"{other.zones}"}]`):                     "policies[1].resource_groups[0].id: there is no resource group",
		of(`"allow"`, admin, `[{"id":"{group}"}]`):                           "policies[1].resource_groups[0].id: there is no resource group",
		of(`"allow"`, admin, `[{"id":"zones"}]`):                             "policies[1].resource_groups[0].id: ",
		of(`"allow"`, admin, `[{"id":"{zones}"}]`):                           "policies[1].resource_groups[0].id: the permission group", // a role of accounts on a zone
		of(`"allow"`, `[{"id":"{role.worker_read}"}]`, `[{"id":"{zones}"}]`): "policies[1].resource_groups[0].id: the permission group",
		scope(`[]`):  "policies[1].resource_groups[1].scope must be an object",
		scope(`"*"`): "policies[1].resource_groups[1].scope must be an object",
		scope(`{}`):  "policies[1].resource_groups[1]",
		scope(`{"key":"com.cloudflare.api.account.{other.account}","objects":[{"key":"*"}]}`):             "policies[1].resource_groups[1].scope.key: ",
		scope(`{"key":"com.cloudflare.api.account.{nowhere}","objects":[{"key":"*"}]}`):                   "policies[1].resource_groups[1].scope.key: ",
		scope(`{"key":"*","objects":[{"key":"*"}]}`):                                                      "policies[1].resource_groups[1].scope.key: ",
		scope(`{"key":"{account_key}","objects":[]}`):                                                     "policies[1].resource_groups[1].scope.objects: ",
		scope(`{"key":"{account_key}"}`):                                                                  "policies[1].resource_groups[1].scope.objects: ",
		scope(`{"key":"{account_key}","objects":[{"key":"moon"}]}`):                                       "policies[1].resource_groups[1].scope.objects[0].key: ",
		scope(`{"key":"{account_key}","objects":[{"key":"com.cloudflare.api.account.{other.account}"}]}`): "policies[1].resource_groups[1]",
		with(`null`): "policies[1].access: ",
		with(`[]`):   "policies[1] must be an object",
		with(`"x"`):  "policies[1] must be an object",
	}
}

// TestRefusals makes calls that are wrong in what they mean. Each is refused with its code, says what is wrong and where, and
// leaves no trace.
func TestRefusals(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.ask(e.owner(), "POST", "~/iam/user_groups", `{"name":"anonymous","policies":[{"access":"allow","permission_groups":[{"id":"{role.dns}"}],`+
		`"resource_groups":[{"scope":{"key":"{account_key}","objects":[{"key":"*"}]}}]}]}`).want(200)
	long := strings.Repeat("x", 256)
	var all []refusal
	for _, call := range []string{"POST ~/iam/user_groups", "PUT ~/iam/user_groups/{group}"} {
		for body, says := range policed(`"name":"x",`) {
			all = append(all, refusal{call, body, 400, 400, says})
		}
	}
	for call, rest := range map[string]string{"POST ~/members": `"email":"x@people.example",`, "PUT ~/members/{reader}": ``} {
		for body, says := range policed(rest) {
			all = append(all, refusal{call, body, 400, 1001, says})
		}
	}
	for _, call := range []string{"POST ~/tokens", "PUT ~/tokens/{ci}", "POST /user/tokens", "PUT /user/tokens/{owner_token}"} {
		all = append(all, tokenRefusals(call)...)
	}
	const place = `"scope":{"key":"{account_key}","objects":[{"key":"*"}]}`
	all = append(all, []refusal{
		{"POST ~/iam/resource_groups", `{` + place + `}`, 400, 400, "name is required"},
		{"POST ~/iam/resource_groups", `{"name":"",` + place + `}`, 400, 400, "name is required"},
		{"POST ~/iam/resource_groups", `{"name":null,` + place + `}`, 400, 400, "name is required"},
		{"POST ~/iam/resource_groups", `{"name":7,` + place + `}`, 400, 400, "name must be a string"},
		{"POST ~/iam/resource_groups", `{"name":"` + long + `",` + place + `}`, 400, 400, "name"},
		{"POST ~/iam/resource_groups", `{"name":"x\u0000",` + place + `}`, 400, 400, "name"},
		{"POST ~/iam/resource_groups", `{"name":"x","meta":[],` + place + `}`, 400, 400, "meta must be an object"},
		{"POST ~/iam/resource_groups", `{"name":"x"}`, 400, 400, "scope"},
		{"POST ~/iam/resource_groups", `{"name":"x","scope":null}`, 400, 400, "scope"},
		{"POST ~/iam/resource_groups", `{"name":"x","scope":{}}`, 400, 400, "scope.key"},
		{"POST ~/iam/resource_groups", `{"name":"x","scope":[{"key":"{account_key}","objects":[{"key":"*"}]}]}`, 400, 400, "scope must be an object"},
		{"POST ~/iam/resource_groups", `{"name":"x","scope":{"key":"com.cloudflare.api.account.{other.account}","objects":[{"key":"*"}]}}`, 400, 400, "scope.key"},
		{"POST ~/iam/resource_groups", `{"name":"x","scope":{"key":"{account_key}","objects":[]}}`, 400, 400, "scope.objects"},
		{"POST ~/iam/resource_groups", `{"name":"x","scope":{"key":"{account_key}","objects":[{"key":""}]}}`, 400, 400, "scope.objects[0].key"},
		{"POST ~/iam/resource_groups", `{"name":"x","scope":{"key":"{account_key}","objects":[{"key":"*"},{"key":"moon"}]}}`, 400, 400, "scope.objects[1].key"},
		{"PUT ~/iam/resource_groups/{spare}", `{"name":""}`, 400, 400, "name"},
		{"PUT ~/iam/resource_groups/{spare}", `{"scope":{"key":"{account_key}"}}`, 400, 400, "scope.objects"},
		{"PUT ~/iam/resource_groups/{zones}", `{"scope":{"key":"{account_key}","objects":[{"key":"com.cloudflare.api.account.worker.w1"}]}}`, 400, 400, "scope does not fit"},
		{"PUT ~/iam/resource_groups/{nowhere}", `{}`, 404, 404, "resource group not found"},
		{"PUT ~/iam/resource_groups/{predefined}", `{"name":"x"}`, 422, 422, "cannot be changed"},
		{"DELETE ~/iam/resource_groups/{predefined}", ``, 422, 422, "cannot be changed"},
		{"DELETE ~/iam/resource_groups/{zones}", ``, 409, 409, "named by 2 policies"},
		{"DELETE ~/iam/resource_groups/{nowhere}", ``, 404, 404, "resource group not found"},
		{"GET ~/iam/resource_groups/{nowhere}", ``, 404, 404, "resource group not found"},
		{"GET ~/iam/permission_groups/{nowhere}", ``, 404, 404, "permission group not found"},
		{"GET ~/iam/permission_groups/{may.dns_read}", ``, 404, 404, "permission group not found"},

		{"POST ~/iam/user_groups", `{}`, 400, 400, "name is required"},
		{"POST ~/iam/user_groups", `{"name":""}`, 400, 400, "name is required"},
		{"POST ~/iam/user_groups", `{"name":"` + long + `"}`, 400, 400, "name"},
		{"POST ~/iam/user_groups", `{"name":"a\nb"}`, 400, 400, "name"},
		{"POST ~/iam/user_groups", `{"name":["x"]}`, 400, 400, "name must be a string"},
		{"POST ~/iam/user_groups", `{"name":"x","policies":{}}`, 400, 400, "policies must be an array"},
		{"POST ~/iam/user_groups", `{"name":"auditors"}`, 409, 409, `group name "auditors" is taken`},
		{"PUT ~/iam/user_groups/{group}", `{"name":"readers"}`, 409, 409, `group name "readers" is taken`},
		{"PUT ~/iam/user_groups/{group}", `{"name":""}`, 400, 400, "name"},
		{"PUT ~/iam/user_groups/{nowhere}", `{}`, 404, 404, "user group not found"},
		{"GET ~/iam/user_groups/{nowhere}", ``, 404, 404, "user group not found"},
		{"DELETE ~/iam/user_groups/{nowhere}", ``, 404, 404, "user group not found"},

		{"GET ~/iam/user_groups/{nowhere}/members", ``, 404, 404, "user group not found"},
		{"POST ~/iam/user_groups/{nowhere}/members", `[{"id":"{ada}"}]`, 404, 404, "user group not found"},
		{"PUT ~/iam/user_groups/{nowhere}/members", `[]`, 404, 404, "user group not found"},
		{"GET ~/iam/user_groups/{nowhere}/members/{member}", ``, 404, 404, "user group not found"},
		{"DELETE ~/iam/user_groups/{nowhere}/members/{member}", ``, 404, 404, "user group not found"},
		{"GET ~/iam/user_groups/{group}/members/{ada}", ``, 404, 404, "member not found"},
		{"GET ~/iam/user_groups/{group}/members/{nowhere}", ``, 404, 404, "member not found"},
		{"GET ~/iam/user_groups/{group}/members/{robot}", ``, 404, 404, "member not found"},
		{"GET ~/iam/user_groups/{group}/members/{member_person}", ``, 404, 404, "member not found"},
		{"DELETE ~/iam/user_groups/{group}/members/{ada}", ``, 404, 404, "member not found"},
		{"DELETE ~/iam/user_groups/{group}/members/{robot}", ``, 404, 404, "member not found"},
		{"DELETE ~/iam/user_groups/{group2}/members/{member}", ``, 404, 404, "member not found"},

		{"POST ~/members", `{}`, 400, 1001, "Invalid request: roles or policies are required"},
		{"POST ~/members", `{"email":"x@people.example"}`, 400, 1001, "roles or policies are required"},
		{"POST ~/members", `{"email":"x@people.example","roles":[],"policies":[]}`, 400, 1001, "roles or policies are required"},
		{"POST ~/members", `{"roles":["{role.dns}"]}`, 400, 1001, "email"},
		{"POST ~/members", `{"email":"people.example","roles":["{role.dns}"]}`, 400, 1001, "email"},
		{"POST ~/members", `{"email":7,"roles":["{role.dns}"]}`, 400, 1001, "email must be a string"},
		{"POST ~/members", `{"email":"` + strings.Repeat("x", 76) + `@people.example","roles":["{role.dns}"]}`, 400, 1001, "email has at most 90"},
		{"POST ~/members", `{"email":"x@people.example","roles":["{nowhere}"]}`, 400, 1001, "which is no role"},
		{"POST ~/members", `{"email":"x@people.example","roles":["{role.domain_dns}"]}`, 400, 1001, "which is no role"}, // of zones
		{"POST ~/members", `{"email":"x@people.example","roles":["{may.dns_read}"]}`, 400, 1001, "which is no role"},
		{"POST ~/members", `{"email":"x@people.example","roles":["{role.dns}",null]}`, 400, 1001, "roles must hold ids"},
		{"POST ~/members", `{"email":"x@people.example","roles":[{"id":7}]}`, 400, 1001, "roles must hold ids"},
		{"POST ~/members", `{"email":"x@people.example","roles":"{role.dns}"}`, 400, 1001, "roles must be an array"},
		{"POST ~/members", `{"email":"x@people.example","roles":["{role.dns}"],"policies":[` + onZones + `]}`, 400, 1001, "not both"},
		{"POST ~/members", `{"email":"x@people.example","status":"rejected","roles":["{role.dns}"]}`, 400, 1001, "status must be"},
		{"POST ~/members", `{"email":"x@people.example","status":"accepted","roles":["{role.dns}"]}`, 400, 1001, "status cannot be accepted"},
		{"POST ~/members", `{"email":"MIA@acme.example","roles":["{role.dns}"]}`, 400, 1001, "is a member of the organization already"},
		{"POST ~/members", `{"email":"new.hire@acme.example","roles":["{role.dns}"]}`, 400, 1001, "an invitation of new.hire@acme.example is pending"},
		{"POST ~/members", `{"email":"olga@acme.example","roles":["{role.dns}"]}`, 400, 1001, "already"},
		{"PUT ~/members/{member}", `{"roles":[{"id":"{role.dns}"}],"policies":[` + onZones + `]}`, 400, 1001, "not both"},
		{"PUT ~/members/{member}", `{"roles":[{"id":"{nowhere}"}]}`, 400, 1001, "which is no role"},
		{"PUT ~/members/{member}", `{"roles":[{}]}`, 400, 1001, "which is no role"},
		{"PUT ~/members/{nowhere}", `{}`, 404, 1003, "member not found"},
		{"PUT ~/members/{robot}", `{}`, 404, 1003, "member not found"},
		{"GET ~/members/{nowhere}", ``, 404, 1003, "member not found"},
		{"GET ~/members/{member_person}", ``, 404, 1003, "member not found"},
		{"GET ~/members/{group}", ``, 404, 1003, "member not found"},
		{"DELETE ~/members/{nowhere}", ``, 404, 1003, "member not found"},
		{"DELETE ~/members/{owner}", ``, 400, 1001, "Invalid request: the organization's owner is its last administrator and cannot be removed"},
		{"GET ~/roles/{nowhere}", ``, 404, 1003, "role not found"},
		{"GET ~/roles/{role.domain_dns}", ``, 404, 1003, "role not found"},
		{"GET ~/roles/{may.dns_read}", ``, 404, 1003, "role not found"},

		{"POST ~/sso_connectors", `{}`, 400, 1001, "email_domain must be a domain"},
		{"POST ~/sso_connectors", `{"email_domain":null}`, 400, 1001, "email_domain must be a domain"},
		{"POST ~/sso_connectors", `{"email_domain":""}`, 400, 1001, "email_domain"},
		{"POST ~/sso_connectors", `{"email_domain":"localhost"}`, 400, 1001, "email_domain"},
		{"POST ~/sso_connectors", `{"email_domain":"corp .example"}`, 400, 1001, "email_domain"},
		{"POST ~/sso_connectors", `{"email_domain":"x@corp.example"}`, 400, 1001, "email_domain must be a domain alone, without @"},
		{"POST ~/sso_connectors", `{"email_domain":"Gmail.com"}`, 400, 1001, "public mail provider"},
		{"POST ~/sso_connectors", `{"email_domain":"mit.edu"}`, 400, 1001, "school or university"},
		{"POST ~/sso_connectors", `{"email_domain":"ox.ac.uk"}`, 400, 1001, "school or university"},
		{"POST ~/sso_connectors", `{"email_domain":"MAIL.acme.example"}`, 400, 1001, "there is a connector of mail.acme.example already"},
		{"POST ~/sso_connectors", `{"email_domain":"corp.example","begin_verification":"yes"}`, 400, 1001, "begin_verification must be true or false"},
		{"POST ~/sso_connectors", `{"email_domain":"corp.example","use_fedramp_language":1}`, 400, 1001, "use_fedramp_language must be true or false"},
		{"PATCH ~/sso_connectors/{awaiting}", `{"enabled":true}`, 400, 1002, "before the domain shop.acme.example is verified"},
		{"PATCH ~/sso_connectors/{awaiting}", `{"enabled":"true"}`, 400, 1001, "enabled must be true or false"},
		{"PATCH ~/sso_connectors/{nowhere}", `{"enabled":false}`, 404, 1003, "connector not found"},
		{"GET ~/sso_connectors/{nowhere}", ``, 404, 1003, "connector not found"},
		{"DELETE ~/sso_connectors/{nowhere}", ``, 404, 1003, "connector not found"},
		{"DELETE ~/sso_connectors/{connector}", ``, 400, 1002, "disable it first"},
		{"POST ~/sso_connectors/{nowhere}/begin_verification", ``, 404, 1003, "connector not found"},

		{"PUT ~/tokens/{nowhere}", tokenBody, 404, 1003, "token not found"},
		{"GET ~/tokens/{nowhere}", ``, 404, 1003, "token not found"},
		{"GET ~/tokens/{gone}", ``, 404, 1003, "token not found"},
		{"DELETE ~/tokens/{gone}", ``, 404, 1003, "token not found"},
		{"PUT ~/tokens/{nowhere}/value", ``, 404, 1003, "token not found"},
		{"PUT /user/tokens/{nowhere}", tokenBody, 404, 1003, "token not found"},
		{"GET /user/tokens/{owner_key_id}", ``, 404, 1003, "token not found"}, // a key is no token
		{"PUT /user/tokens/{owner_key_id}/value", ``, 404, 1003, "token not found"},
		{"DELETE /user/tokens/{owner_key_id}", ``, 404, 1003, "token not found"},
	}...)
	for _, call := range []string{"POST ~/iam/user_groups/{group}/members", "PUT ~/iam/user_groups/{group}/members"} {
		for body, says := range map[string]string{
			`{}`: "members is required", `{"members":null}`: "members is required", `{"members":{}}`: "members must be an array", `{"members":"{ada}"}`: "members must be an array",
			`["{ada}"]`: "must be an object", `[{}]`: "members[0].id must be an id", `[null]`: "members[0].id must be an id", `[{"id":7}]`: "id must be a string",
			`[{"id":"{ada}"},{"id":"x"}]`: "members[1].id must be an id", `[{"id":"{ada}"},{"id":"{nowhere}"}]`: "members[1].id member not found",
			`[{"id":"{other.ada}"}]`: "members[0].id member not found", `[{"id":"{robot}"}]`: "members[0].id member not found", `[{"id":"{member_person}"}]`: "members[0].id member not found",
			`{"members":[{"id":"{group}"}]}`: "members[0].id member not found",
		} {
			all = append(all, refusal{call, body, 400, 400, says})
		}
	}
	before, tail := e.dump(), e.tail()
	for _, r := range all {
		method, path, _ := strings.Cut(r.call, " ")
		a := e.ask(e.owner(), method, path, r.body)
		if a.status != r.status || a.num("errors.0.code") != r.code || !strings.Contains(a.str("errors.0.message"), e.fill(r.says)) {
			t.Errorf("%s %s: status %d, want %d with %d saying %q: %s", r.call, r.body, a.status, r.status, r.code, r.says, a.body)
		}
		if got, want := a.header.Get("X-Should-Retry"), map[bool]string{true: "false"}[r.status == 409]; got != want {
			t.Errorf("%s: X-Should-Retry is %q", r.call, got)
		}
		if wrong := a.malformed(); wrong != "" {
			t.Errorf("%s: %s: %s", r.call, wrong, a.body)
		}
		if e.tail() != tail {
			t.Fatalf("%s %s: something was committed", r.call, r.body)
		}
	}
	if after := e.dump(); after != before {
		t.Errorf("something changed: %s", difference(before, after))
	}
}

// tokenRefusals are the bodies of tokens that are wrong.
func tokenRefusals(call string) (out []refusal) {
	add := func(body string, code int, says string) { out = append(out, refusal{call, body, 400, code, says}) }
	const fine = `"policies":[{"effect":"allow","permission_groups":[{"id":"{may.dns_read}"}],"resources":{"com.cloudflare.api.account.zone.*":"*"}}]`
	for _, name := range []string{`{` + fine + `}`, `{"name":"",` + fine + `}`, `{"name":"` + strings.Repeat("ä", 121) + `",` + fine + `}`} {
		add(name, 400, "name must have a length between 1 and 120")
	}
	for more, says := range map[string]string{
		`"name":7`: "name must be a string", `"name":"x\u0007"`: "name",
		`"name":"x","status":"expired"`: "status must be active or disabled", `"name":"x","status":""`: "status must be active or disabled",
		`"name":"x","expires_on":"soon"`: "expires_on must be a date", `"name":"x","expires_on":7`: "expires_on must be a date",
		`"name":"x","expires_on":"2026-02-30T00:00:00Z"`: "expires_on must be a date", `"name":"x","expires_on":"2027-01-01"`: "expires_on must be a date",
		`"name":"x","expires_on":"2026-01-01T00:00:00Z"`: "expires_on lies in the past", `"name":"x","not_before":true`: "not_before must be a date",
		`"name":"x","not_before":"2028-01-01T00:00:00Z","expires_on":"2027-01-01T00:00:00Z"`: "not_before must lie before expires_on",
		`"name":"x","not_before":"2027-01-01T00:00:00Z","expires_on":"2027-01-01T00:00:00Z"`: "not_before must lie before expires_on",
		`"name":"x","condition":[]`: "condition must be an object", `"name":"x","condition":{"request_ip":{"in":["10.0.0.0/33"]}}`: "condition.request_ip.in[0]",
		`"name":"x","condition":{"request_ip":{"not_in":["10.0.0.0/8","x"]}}`:         "condition.request_ip.not_in[1]",
		`"name":"x","condition":{"request_ip":{"in":["10.0.0.0/8"]},"request.ip":{}}`: "condition has both",
	} {
		add(`{`+more+`,`+fine+`}`, 1001, says)
	}
	for policies, says := range map[string]string{
		``: "policies are required", `,"policies":[]`: "policies are required", `,"policies":null`: "policies are required", `,"policies":{}`: "policies must be an array",
		`,"policies":[null]`: "policies[0].effect",
	} {
		add(`{"name":"x"`+policies+`}`, 1001, says)
	}
	policy := func(effect, permissions, resources, says string) {
		add(`{"name":"x","policies":[{"effect":"allow","permission_groups":[{"id":"{may.dns_read}"}],"resources":{"com.cloudflare.api.account.zone.*":"*"}},`+
			`{"effect":`+effect+`,"permission_groups":`+permissions+`,"resources":`+resources+`}]}`, 1001, says)
	}
	const allow, dns, account, zones = `"allow"`, `[{"id":"{may.dns_read}"}]`, `[{"id":"{may.account_settings_read}"}]`, `{"com.cloudflare.api.account.zone.*":"*"}`
	policy(`"maybe"`, dns, zones, "policies[1].effect must be allow or deny")
	policy(`null`, dns, zones, "policies[1].effect must be allow or deny")
	policy(`7`, dns, zones, "policies[1].effect must be a string")
	policy(allow, `[]`, zones, "policies[1].permission_groups")
	policy(allow, `[{"id":"{role.dns}"}]`, zones, "policies[1].permission_groups has")
	policy(allow, `[{"id":"{nowhere}"}]`, zones, "policies[1].permission_groups has")
	policy(allow, `[{}]`, zones, "policies[1].permission_groups has")
	policy(allow, dns, `{}`, "policies[1].resources")
	policy(allow, dns, `[]`, "policies[1].resources must be an object")
	policy(allow, dns, `{"com.cloudflare.api.account.zone.*":"x"}`, "policies[1].resources")
	policy(allow, dns, `{"com.cloudflare.api.account.zone.*":7}`, "policies[1].resources")
	policy(allow, dns, `{"{account_key}":{"com.cloudflare.api.account.zone.*":{}}}`, "policies[1].resources")
	policy(allow, dns, `{"{account_key}":"*"}`, "policies[1].resources")                                  // of zones, on the account
	policy(allow, account, zones, "policies[1].resources")                                                // of the account, on zones
	policy(allow, account, `{"com.cloudflare.api.account.{other.account}":"*"}`, "policies[1].resources") // another account's
	policy(allow, account, `{"com.cloudflare.api.account.{nowhere}":"*"}`, "policies[1].resources")       // nobody's
	policy(allow, dns, `{"com.cloudflare.api.account.{other.account}":{"com.cloudflare.api.account.zone.*":"*"}}`, "policies[1].resources")
	policy(allow, dns, `{"moon":"*"}`, "policies[1].resources")
	policy(allow, `[{"id":"{may.workers_r2_storage_bucket_item_read}"}]`, `{"com.cloudflare.edge.r2.bucket.{other.account}_eu_b":"*"}`, "policies[1].resources")
	own := `[{"id":"{may.api_tokens_read}"}]`
	for _, who := range []string{"{ada_person}", "{other.owner_person}", "{nowhere}", "{owner}", "*", ""} { // somebody else, nobody, a member's id
		policy(allow, own, `{"com.cloudflare.api.user.`+who+`":"*"}`, "policies[1].resources has")
	}
	if strings.Contains(call, "~") {
		policy(allow, own, `{"com.cloudflare.api.user.{owner_person}":"*"}`, "policies[1].resources has") // tokens of accounts are about nobody
	}
	if strings.HasPrefix(call, "POST") {
		add(`{"name":"x","policies":[{"id":"{nowhere}","effect":"allow","permission_groups":[{"id":"{may.dns_read}"}],"resources":{"com.cloudflare.api.account.zone.*":"*"}}]}`,
			1001, "reuse of policies is not supported")
	}
	return out
}
