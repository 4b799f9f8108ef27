package api_test

import (
	"testing"
)

// TestLanguages: a policy in any language is kept as written, comes back with its language, and decides.
func TestLanguages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owner := w.as(w.owner)
	for _, c := range []struct{ language, document, action, resource, context, reason string }{
		{"vngcloud", `[{"effect":"deny","actions":["vserver:DeleteServer"],"resources":["*"],"condition":{}}]`, "vserver:DeleteServer", "crn::vserver:server:1", `{}`, "explicit_deny"},
		{"vngcloud", `[{"effect":"allow","actions":["iam:AttachPolicyToIamUser"],"resources":["*"]}]`, "iam:AttachUserPolicy", "crn::iam:user:1", `{}`, "explicit_allow"},
		{"cloudflare", `{"access":"allow","permission_groups":[{"id":"45cd18fd95183ef862c2a5e49a5ecc46"}],"resource_groups":[{"scope":{"key":"com.cloudflare.api.account.5e0c1d7a9b3f4e628d14c07ab95f3e26","objects":[{"key":"*"}]}}]}`, "", "", "", ""},
		{"scaleway", `{"rules":[{"permission_set_names":["InstancesReadOnly"],"organization_id":"5d0f6a2e-7a1b-4c3d-9e8f-102132435465","condition":"request.ip == '192.0.2.1'"}]}`, "instances:GetServer", "crn::instances:server:1", `{"source_ip":"192.0.2.1"}`, "explicit_allow"},
		{"scaleway", `{"rules":[{"permission_set_names":["InstancesReadOnly"],"organization_id":"5d0f6a2e-7a1b-4c3d-9e8f-102132435465"}]}`, "instances:DeleteServer", "crn::instances:server:1", `{}`, "implicit_deny"},
		{"exoscale", `{"default-service-strategy":"deny","services":{"sos":{"type":"rules","rules":[{"action":"allow","expression":"parameters.n == 1"}]}}}`, "sos:GetObject", "crn::sos:object:a", `{"parameters":{"n":1}}`, "explicit_allow"},
		{"exoscale", `{"default-service-strategy":"allow","services":{"sos":{"type":"deny"}}}`, "sos:GetObject", "crn::sos:object:a", `{}`, "explicit_deny"},
	} {
		made := owner.post("/v1/iam/policies", `{"name":"p","language":"`+c.language+`","document":`+c.document+`}`)
		if c.action == "" { // an id that no group has
			if made.status != 400 || made.at("error.details") == nil {
				t.Errorf("%s: %s", c.language, made.body)
			}
			continue
		}
		id := made.want(201).str("policy.id")
		if got := owner.get("/v1/iam/policies/" + id).want(200); got.str("policy.language") != c.language {
			t.Errorf("%s: %s", c.language, got.body)
		}
		account := owner.serviceAccount("account-" + id[len(id)-8:])
		owner.post("/v1/iam/service-accounts/"+account+"/policies", obj{"policy_id": id}).want(204)
		got := owner.post("/v1/iam/authorize", `{"principal":"crn::iam:service-account:`+account+`","action":"`+c.action+`","resource":"`+c.resource+`","context":`+c.context+`}`).want(200)
		if got.str("reason") != c.reason {
			t.Errorf("%s: want %s: %s", c.document, c.reason, got.body)
		}
		owner.del("/v1/iam/service-accounts/" + account).want(204)
		owner.del("/v1/iam/policies/" + id).want(204)
	}
	for _, body := range []string{
		`{"name":"p","language":"rego","document":{}}`, `{"name":"p","language":"vngcloud","document":{}}`,
		`{"name":"p","language":"scaleway","document":{"rules":[{"permission_set_names":["NoSuchSet"],"project_ids":[]}]}}`,
		`{"name":"p","language":"exoscale","document":[]}`, `{"name":"p","document":[]}`, `{"name":"p","language":"cloudflare","document":{"access":"maybe"}}`,
	} {
		if r := owner.post("/v1/iam/policies", body); r.status != 400 {
			t.Errorf("%s: %s", body, r.body)
		}
	}
}
