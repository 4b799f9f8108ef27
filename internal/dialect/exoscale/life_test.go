package exoscale_test

import (
	"strings"
	"testing"
	"time"
)

// TestLife is what the vendor's Go client was seen to do (section 13), in its order.
func TestLife(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.owner()
	const captured = `{"description":"nightly","editable":true,"labels":{"team":"zeta"},"name":"zeta-backup","permissions":["bypass-governance-retention"],"policy":{"default-service-strategy":"deny","services":{"sos":{"rules":[{"action":"allow","expression":"operation == 'get-object' \u0026\u0026 parameters.bucket == \"a\u003cb\u003e\u0026c\""}],"type":"rules"}}}}`
	made := e.ask(owner, "POST", "/iam-role", captured).want(200)
	e.names["zeta"] = made.str("reference.id")
	made.operation("/iam-role/"+e.names["zeta"], "get-iam-role")
	role := e.ask(owner, "GET", "/iam-role/{zeta}", "").want(200)
	// Byte for byte but for spaces: expressions read back as they were sent (section 12).
	if !strings.Contains(string(role.body), `"policy":{"default-service-strategy":"deny","services":{"sos":{"rules":[{"action":"allow","expression":"operation == 'get-object' \u0026\u0026 parameters.bucket == \"a\u003cb\u003e\u0026c\""}],"type":"rules"}}}`) {
		t.Errorf("the policy is %s", role.body)
	}
	if role.str("description") != "nightly" || role.str("labels.team") != "zeta" || role.str("permissions.0") != "bypass-governance-retention" || role.has("max-session-ttl") || role.has("assume-role-policy") {
		t.Errorf("%s", role.body)
	}
	if v, _ := role.find("editable"); v != true {
		t.Errorf("%s", role.body)
	}
	list := e.ask(owner, "GET", "/iam-role", "").want(200)
	if at := list.named("iam-roles", "zeta-backup"); list.str(at+".id") != e.names["zeta"] || !list.has(at+".policy.services.sos") {
		t.Errorf("%s", list.body)
	}
	e.ask(owner, "PUT", "/iam-role/{zeta}", `{"description":"nightly2"}`).operation("/iam-role/"+e.names["zeta"], "get-iam-role")
	e.ask(owner, "PUT", "/iam-role/{zeta}", `{"assume-role-policy":{"rules":[{"action":"allow","expression":"true"}]},"max-session-ttl":3600}`).want(200)
	e.ask(owner, "PUT", "/iam-role/{zeta}:policy", `{"default-service-strategy":"allow","services":{}}`).operation("/iam-role/"+e.names["zeta"], "get-iam-role")
	role = e.ask(owner, "GET", "/iam-role/{zeta}", "").want(200)
	if role.str("description") != "nightly2" || role.str("labels.team") != "zeta" || role.str("policy.default-service-strategy") != "allow" || role.str("assume-role-policy.rules.0.expression") != "true" {
		t.Errorf("%s", role.body)
	}
	e.ask(owner, "PUT", "/iam-role/{zeta}:policy", `{"default-service-strategy":"deny","services":null}`).want(200) // a nil map in Go
	if role = e.ask(owner, "GET", "/iam-role/{zeta}", "").want(200); !strings.Contains(string(role.body), `"policy":{"default-service-strategy":"deny","services":{}}`) {
		t.Errorf("%s", role.body)
	}
	e.ask(owner, "PUT", "/iam-role/{zeta}:assume-role-policy", `{"default-service-strategy":"allow","services":{}}`).operation("/iam-role/"+e.names["zeta"], "get-iam-role")

	temporary := e.ask(owner, "POST", "/iam-role/{zeta}/assume", `{"ttl":900}`).want(200)
	if temporary.str("role-id") != e.names["zeta"] || temporary.str("org-id") != e.names["org"] || temporary.str("name") != "session-zeta-backup" ||
		temporary.str("expires-at") != e.Clock.Now().Add(900*time.Second).UTC().Format(time.RFC3339) {
		t.Errorf("%s", temporary.body)
	}

	issued := e.ask(owner, "POST", "/api-key", `{"name":"orchid-ci","role-id":"{zeta}"}`).want(200)
	e.names["ci_key"], e.names["ci_secret"] = issued.str("key"), issued.str("secret")
	if issued.str("name") != "orchid-ci" || issued.str("role-id") != e.names["zeta"] || len(issued.str("secret")) != 43 {
		t.Errorf("%s", issued.body)
	}
	keys := e.ask(owner, "GET", "/api-key", "").want(200)
	if at := keys.named("api-keys", "orchid-ci"); keys.str(at+".key") != e.names["ci_key"] || keys.has(at+".secret") {
		t.Errorf("%s", keys.body)
	}
	if one := e.ask(owner, "GET", "/api-key/{ci_key}", "").want(200); one.str("name") != "orchid-ci" || one.has("secret") {
		t.Errorf("%s", one.body)
	}
	e.ask(owner, "PUT", "/iam-role/{zeta}:policy", `{"default-service-strategy":"allow","services":{}}`).want(200)
	e.ask(e.key("ci"), "GET", "/iam-role", "").want(200) // at once
	e.ask(owner, "DELETE", "/iam-role/{zeta}", "").want(409)
	e.ask(owner, "DELETE", "/api-key/{ci_key}", "").operation("/api-key/"+e.names["ci_key"], "get-api-key")
	e.ask(e.key("ci"), "GET", "/iam-role", "").says(403, "Invalid request signature") // at once
	e.ask(owner, "GET", "/api-key/{ci_key}", "").says(404, "Not Found")

	if p := e.ask(owner, "GET", "/iam-organization-policy", "").want(200); string(p.body) != `{"default-service-strategy":"allow","services":{}}` {
		t.Errorf("%s", p.body)
	}
	e.ask(owner, "PUT", "/iam-organization-policy", `{"default-service-strategy":"allow","services":{"sos":{"type":"deny"}}}`).operation("/iam-organization-policy", "get-iam-organization-policy")
	if p := e.ask(owner, "GET", "/iam-organization-policy", "").want(200); string(p.body) != `{"default-service-strategy":"allow","services":{"sos":{"type":"deny"}}}` {
		t.Errorf("%s", p.body)
	}
	reset := as(owner, "POST", "/v2/iam-organization-policy:reset", "")
	reset.header.Set("Content-Length", "0")
	if a := e.send(reset).operation("/iam-organization-policy", "get-iam-organization-policy"); a.str("reference.id") != e.names["org"] {
		t.Errorf("%s", a.body)
	}
	if p := e.ask(owner, "GET", "/iam-organization-policy", "").want(200); string(p.body) != `{"default-service-strategy":"allow","services":{}}` {
		t.Errorf("%s", p.body)
	}

	invited := e.ask(owner, "POST", "/user", `{"email":"zoe@acme.example","role":{"id":"{zeta}"}}`).want(200)
	e.names["zoe"] = invited.str("reference.id")
	invited.operation("/user/"+e.names["zoe"], "get-user")
	if u := e.userOf("zoe"); u["email"] != "zoe@acme.example" || u["pending"] != true || u["sso"] != false || u["two-factor-authentication"] != false ||
		u["role"].(map[string]any)["name"] != "zeta-backup" || u["role"].(map[string]any)["policy"] == nil {
		t.Errorf("%v", u)
	}
	e.ask(owner, "DELETE", "/iam-role/{zeta}", "").want(409) // somebody was promised it
	e.ask(owner, "PUT", "/user/{zoe}", `{"role":{"id":"{reader_role}","name":"ignored"}}`).operation("/user/"+e.names["zoe"], "get-user")
	if u := e.userOf("zoe"); u["role"].(map[string]any)["name"] != "reader" {
		t.Errorf("%v", u)
	}
	e.ask(owner, "DELETE", "/user/{zoe}", "").operation("/user/"+e.names["zoe"], "get-user")
	if u := e.userOf("zoe"); u != nil {
		t.Errorf("%v", u)
	}

	gone := e.ask(owner, "DELETE", "/iam-role/{zeta}", "").operation("/iam-role/"+e.names["zeta"], "get-iam-role")
	e.ask(owner, "GET", "/iam-role/{zeta}", "").says(404, "Not Found")
	e.ask(owner, "GET", "/operation/"+gone.str("id"), "").operation("/iam-role/"+e.names["zeta"], "get-iam-role")
	e.ask(key{temporary.str("key"), temporary.str("secret")}, "GET", "/iam-role", "").says(403, "Invalid request signature") // its role is gone
}

// userOf finds a user in the list, by the name of its id.
func (e *estate) userOf(name string) map[string]any {
	e.t.Helper()
	for _, v := range e.ask(e.owner(), "GET", "/user", "").want(200).list("users") {
		if u := v.(map[string]any); u["id"] == e.names[name] {
			return u
		}
	}
	return nil
}
