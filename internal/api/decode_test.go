package api_test

import (
	"strings"
	"testing"
)

// TestBodies sends bodies that are wrong in every way, and some that are right.
func TestBodies(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.owner)
	policy := func(document string) string { return `{"name":"p","document":` + document + `}` }
	tests := []struct {
		path, body string
		status     int
		details    string // prefix
	}{
		{"groups", ``, 400, ""},
		{"groups", `  `, 400, ""},
		{"groups", `null`, 400, ""},
		{"groups", `[]`, 400, ""},
		{"groups", `"name"`, 400, ""},
		{"groups", `{"name":"a"} {}`, 400, ""},
		{"groups", `{"name":"a"`, 400, ""},
		{"groups", `{"name":"a",}`, 400, ""},
		{"groups", `{'name':'a'}`, 400, ""},
		{"groups", "{\"name\":\"a\xff\"}", 400, ""},
		{"groups", `{"name":"\ud800"}`, 400, ""},
		{"groups", `{"name":"a","name":"b"}`, 400, "name: "},
		{"groups", `{"x":{"y":1,"y":2},"name":"a"}`, 400, "x.y: "},
		{"groups", `{"NAME":"a"}`, 400, "name: is required"},
		{"groups", `{"name":1}`, 400, "name: must be a string"},
		{"groups", `{"name":["a"]}`, 400, "name: must be a string"},
		{"groups", `{"name":null}`, 400, "name: is required"},
		{"groups", `{"name":"  "}`, 400, "name: is required"},
		{"groups", `{"name":"a*"}`, 400, "name: "},
		{"groups", `{"name":"a\nb"}`, 400, "name: "},
		{"groups", `{"name":"a\u0000b"}`, 400, "name: "},
		{"groups", `{"name":"` + strings.Repeat("ä", 129) + `"}`, 400, "name: has at most 128"},
		{"groups", `{"name":"` + strings.Repeat("ä", 128) + `","description":null,"more":[{}]}`, 201, ""},
		{"groups", `{"name":" trimmed ","description":"` + strings.Repeat("ä", 1000) + `"}`, 201, ""},
		{"groups", `{"name":"trimmed"}`, 409, "name: "},
		{"groups", `{"name":"a","description":"` + strings.Repeat("ä", 1001) + `"}`, 400, "description: has at most 1000"},
		{"groups", `{"name":"a","description":"\u0000"}`, 400, "description: "},
		{"groups", `{"name":"a","x":` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + `}`, 201, ""},
		{"groups", `{"name":"b","x":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`, 400, ""},
		{"groups", `{"name":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"[["}`, 201, ""},
		{"service-accounts", `{"name":"a","display_name":"` + strings.Repeat("ä", 256) + `"}`, 400, "display_name: "},
		{"users", `{"email":"nobody"}`, 400, "email: "},
		{"users", `{}`, 400, "email: is required"},
		{"users", `{"email":"a@b.example","group_ids":["` + nobodyID + `",7]}`, 400, "group_ids[1]: must be a string"},
		{"users", `{"email":"a@b.example","group_ids":["x"]}`, 400, `group_ids[0]: "x" is not a UUID`},
		{"users", `{"email":"a@b.example","group_ids":{}}`, 400, "group_ids: must be an array"},
		{"users", `{"email":"a@b.example","group_ids":["` + nobodyID + `"]}`, 404, ""},
		{"policies", `{"name":"p"}`, 400, "document: is required"},
		{"policies", policy(`null`), 400, "document: must be an object"},
		{"policies", policy(`"{}"`), 400, "document: must be an object"},
		{"policies", policy(`{"statements":[{"effect":"maybe","actions":["*"]}]}`), 400, "document.statements[0].effect: "},
		{"policies", policy(`{"statements":[{"effect":"allow","actions":["*"],"resources":[]}]}`), 400, "document.statements[0].resources"},
		{"policies", `{"name":"p","language":"rego","document":{}}`, 400, "language: "},
		{"roles", `{"name":"r","trust_policy":[]}`, 400, "trust_policy: "},
		{"roles", `{"name":"r","trust_policy":{"principals":["*",1]}}`, 400, "trust_policy.principals[1]: "},
		{"roles", `{"name":"r","trust_policy":{"principal":"*"}}`, 400, "trust_policy"},
		{"roles", `{"name":"r","trust_policy":null,"policy_ids":null}`, 201, ""},
		{"roles", `{"name":"s","policy_ids":["x"]}`, 400, "policy_ids[0]: "},
		{"assume-role", `{}`, 400, "role_id: is required"},
		{"assume-role", `{"role_id":"` + nobodyID + `"}`, 404, ""},
		{"assume-role", `{"role_id":"` + nobodyID + `","duration_seconds":899}`, 400, "duration_seconds: "},
		{"assume-role", `{"role_id":"` + nobodyID + `","duration_seconds":43201}`, 400, "duration_seconds: "},
		{"assume-role", `{"role_id":"` + nobodyID + `","duration_seconds":3600.5}`, 400, "duration_seconds: must be a whole number"},
		{"assume-role", `{"role_id":"` + nobodyID + `","session_name":""}`, 400, "session_name: "},
		{"assume-role", `{"role_id":"` + nobodyID + `","session_name":"` + strings.Repeat("x", 65) + `"}`, 400, "session_name: "},
		{"workload-credentials", `{"principal":"x"}`, 400, "principal: "},
		{"workload-credentials", `{"principal":"crn:spo1:compute:instance:i-1"}`, 403, ""},
		{"workload-credentials", `{"principal":"crn:spo1:compute:instance:i-1","role_name":"none"}`, 404, ""},
		{"users/" + w.ownerID + "/credentials", `{"name":"k","expires_at":"tomorrow"}`, 400, "expires_at: must be a date and time"},
		{"users/" + w.ownerID + "/credentials", `{"name":"k","expires_at":7}`, 400, "expires_at: must be a date and time"},
		{"users/" + w.ownerID + "/credentials", `{"name":"k","expires_at":"2026-02-28T00:00:00Z"}`, 400, "expires_at: "},
		{"users/" + w.ownerID + "/groups", `{"group_id":"x"}`, 400, "group_id: "},
		{"users/" + w.ownerID + "/policies", `{"policy_id":"` + nobodyID + `"}`, 404, ""},
	}
	for _, test := range tests {
		r := owner.post("/v1/iam/"+test.path, test.body)
		if r.status != test.status {
			t.Errorf("%.100s %.100s: status %d, want %d: %s", test.path, test.body, r.status, test.status, r.body)
			continue
		}
		if r.want(test.status); test.details != "" {
			r.detail(test.status, test.details)
		}
	}
}

func TestMediaTypes(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.owner)
	for media, status := range map[string]int{
		"": 201, "application/json": 201, "application/json; charset=utf-8": 201, "application/merge-patch+json": 201,
		"application/x-www-form-urlencoded": 400, "multipart/form-data; boundary=x": 400, "text/plain": 400, ";": 400,
	} {
		owner.with("Content-Type", media).post("/v1/iam/groups", obj{"name": "for " + strings.ReplaceAll(media, "*", "")}).want(status)
	}
}

// TestPatch tells absent, null and a value apart (section 16.4).
func TestPatch(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.owner)
	role := "/v1/iam/roles/" + owner.role("role", "*")
	account := "/v1/iam/service-accounts/" + owner.serviceAccount("account")
	policy := "/v1/iam/policies/" + owner.policy("policy", allow("s3:*", "*"))
	tests := []struct {
		path, body string
		status     int
		details    string
	}{
		{role, `{"name":null}`, 400, "name: must not be null"},
		{role, `{"name":""}`, 400, "name: is required"},
		{role, `{"name":7}`, 400, "name: must be a string"},
		{role, `{"policy_ids":null}`, 400, "policy_ids: "},
		{role, `{"policy_ids":[7]}`, 400, "policy_ids[0]: must be a string"},
		{role, `{"policy_ids":["` + nobodyID + `"]}`, 404, ""},
		{role, `{"trust_policy":{"principals":[7]}}`, 400, "trust_policy.principals[0]: "},
		{role, `{"description":["x"]}`, 400, "description: must be a string"},
		{role, ``, 400, ""},
		{account, `{"enabled":null}`, 400, "enabled: must not be null"},
		{account, `{"enabled":"yes"}`, 400, "enabled: must be true or false"},
		{account, `{"name":"renamed"}`, 200, ""},
		{policy, `{"document":null}`, 400, "document: must not be null"},
		{policy, `{"document":[]}`, 400, "document: must be an object"},
		{policy, `{"language":null}`, 400, "language: "},
		{policy, `{"language":"cedar"}`, 400, "language: "},
	}
	for _, test := range tests {
		r := owner.patch(test.path, test.body)
		if r.status != test.status {
			t.Errorf("%s: status %d, want %d: %s", test.body, r.status, test.status, r.body)
		} else if r.want(test.status); test.details != "" {
			r.detail(test.status, test.details)
		}
	}
	r := owner.patch(role, obj{"description": "text", "name": " new "}).want(200)
	if r.str("role.description") != "text" || r.str("role.name") != "new" || r.str("role.trust_policy.principals.0") != "*" {
		t.Errorf("%s", r.body)
	}
	r = owner.patch(role, `{"description":null,"trust_policy":null}`).want(200)
	if r.at("role.description") != nil || r.at("role.trust_policy") != nil {
		t.Errorf("%s", r.body)
	}
	if owner.get(account).want(200).str("service_account.name") != "account" {
		t.Error("a service account was renamed")
	}
}

// TestDocument holds that a document is kept as it was written, but for white space between its tokens.
func TestDocument(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.owner)
	document := `{"statements":[{"resources":["a\u0062<c"],"effect":"allow","actions":["s3:*"],"sid":"Z"}],"version":"2024-01-01"}`
	made := owner.post("/v1/iam/policies", `{"name":"p","document":`+document+`}`).want(201)
	read := owner.get("/v1/iam/policies/" + made.str("policy.id")).want(200)
	if !strings.Contains(string(read.body), `"document":`+document) {
		t.Errorf("%s", read.body)
	}
	if read.str("policy.language") != "statements" {
		t.Errorf("%s", read.body)
	}
}
