package exoscale_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestBodies: what is wrong in a body is told with its place, by the lengths and words of sections 4, 6 and 14.
func TestBodies(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	long := strings.Repeat("é", 192)
	before := e.tail()
	for _, c := range []struct{ call, body, where string }{
		{"POST /iam-role", `{`, ""},
		{"POST /iam-role", ``, ""},
		{"POST /iam-role", `[]`, ""},
		{"POST /iam-role", `"x"`, ""},
		{"POST /iam-role", `{"name":"x"} {}`, ""},
		{"POST /iam-role", `{"name":"x","name":"y"}`, "$['name']"},
		{"POST /iam-role", `{}`, "$['name']"},
		{"POST /iam-role", `{"name":""}`, "$['name']"},
		{"POST /iam-role", `{"name":null}`, "$['name']"},
		{"POST /iam-role", `{"name":7}`, "$['name']"},
		{"POST /iam-role", `{"name":"` + long + `"}`, "$['name']"},
		{"POST /iam-role", `{"name":"a\nb"}`, "$['name']"},
		{"POST /iam-role", `{"name":"x","description":""}`, "$['description']"},
		{"POST /iam-role", `{"name":"x","description":"` + strings.Repeat("é", 256) + `"}`, "$['description']"},
		{"POST /iam-role", `{"name":"x","editable":"yes"}`, "$['editable']"},
		{"POST /iam-role", `{"name":"x","labels":[]}`, "$['labels']"},
		{"POST /iam-role", `{"name":"x","labels":{"a":1}}`, "$['labels']['a']"},
		{"POST /iam-role", `{"name":"x","labels":{"a":"b","c.d":null}}`, "$['labels']['c.d']"},
		{"PUT /iam-role/{role}", `{"labels":{"a":null}}`, "$['labels']['a']"},
		{"POST /iam-role", `{"name":"x","labels":{"":"b"}}`, "$['labels'][0]['key']"},
		{"POST /iam-role", `{"name":"x","permissions":["fly"]}`, "$['permissions'][0]"},
		{"POST /iam-role", `{"name":"x","permissions":["bypass-governance-retention","bypass-governance-retention"]}`, "$['permissions'][1]"},
		{"POST /iam-role", `{"name":"x","max-session-ttl":0}`, "$['max-session-ttl']"},
		{"POST /iam-role", `{"name":"x","max-session-ttl":-1}`, "$['max-session-ttl']"},
		{"POST /iam-role", `{"name":"x","max-session-ttl":1.5}`, "$['max-session-ttl']"},
		{"POST /iam-role", `{"name":"x","max-session-ttl":99999999999}`, "$['max-session-ttl']"},
		{"POST /iam-role", `{"name":"x","policy":[]}`, "$['policy']"},
		{"POST /iam-role", `{"name":"x","policy":{}}`, "$['policy']['default-service-strategy']"},
		{"POST /iam-role", `{"name":"x","policy":{"default-service-strategy":"maybe","services":{}}}`, "$['policy']['default-service-strategy']"},
		{"POST /iam-role", `{"name":"x","policy":{"default-service-strategy":"deny"}}`, "$['policy']['services']"},
		{"POST /iam-role", `{"name":"x","policy":{"default-service-strategy":"deny","services":{"i.a'm":{}}}}`, `$['policy']['services']['i.a\'m']['type']`},
		{"POST /iam-role", `{"name":"x","policy":{"default-service-strategy":"deny","services":{"iam":{"type":"rules","rules":[{"action":"allow"}]}}}}`,
			"$['policy']['services']['iam']['rules'][0]['expression']"},
		{"POST /iam-role", `{"name":"x","assume-role-policy":"all"}`, "$['assume-role-policy']"},
		{"POST /iam-role", `{"name":"x","assume-role-policy":{"rules":[{"action":"perhaps","expression":"true"}]}}`, "$['assume-role-policy']['rules'][0]['action']"},
		{"PUT /iam-role/x", `{}`, "$['id']"},
		{"PUT /iam-role/{role}", `{"description":""}`, "$['description']"},
		{"PUT /iam-role/{role}", `{"permissions":["fly"]}`, "$['permissions'][0]"},
		{"PUT /iam-role/{role}", `{"max-session-ttl":0}`, "$['max-session-ttl']"},
		{"PUT /iam-role/{role}", `{"labels":{"a":null,"b":{}}}`, "$['labels']['b']"},
		{"PUT /iam-role/{role}:policy", `{}`, "$['default-service-strategy']"},
		{"PUT /iam-role/{role}:policy", ``, ""},
		{"PUT /iam-role/{role}:policy", `{"default-service-strategy":"deny","services":{"iam":{"type":"rules","rules":[{"expression":"a"}]}}}`, "$['services']['iam']['rules'][0]['action']"},
		{"PUT /iam-role/{role}:assume-role-policy", `{"services":{}}`, "$['default-service-strategy']"},
		{"PUT /iam-role/{role}:assume-role-policy", `{"rules":[],"services":{},"default-service-strategy":"deny"}`, "$['rules']"},
		{"POST /iam-role/{role}/assume", `{}`, "$['ttl']"},
		{"POST /iam-role/{role}/assume", `{"ttl":0}`, "$['ttl']"},
		{"POST /iam-role/{role}/assume", `{"ttl":-5}`, "$['ttl']"},
		{"POST /iam-role/{role}/assume", `{"ttl":"900"}`, "$['ttl']"},
		{"POST /iam-role/{role}/assume", `{"ttl":3601}`, "$['ttl']"},
		{"POST /iam-role/{spare_role}/assume", `{"ttl":900}`, ""}, // nothing says how long it may be, and nobody may
		{"POST /api-key", `{"role-id":"{role}"}`, "$['name']"},
		{"POST /api-key", `{"name":"` + strings.Repeat("x", 256) + `","role-id":"{role}"}`, "$['name']"},
		{"POST /api-key", `{"name":"x"}`, "$['role-id']"},
		{"POST /api-key", `{"name":"x","role-id":"orchid-media"}`, "$['role-id']"},
		{"POST /user", `{"email":"x","role":{"id":"{role}"}}`, "$['email']"},
		{"POST /user", `{"email":"a@b.example"}`, "$['role']"},
		{"POST /user", `{"email":"a@b.example","role":{}}`, "$['role']['id']"},
		{"POST /user", `{"email":"a@b.example","role":"{role}"}`, "$['role']"},
		{"PUT /user/{user}", `{}`, "$['role']"},
		{"PUT /user/x", `{"role":{"id":"{role}"}}`, "$['id']"},
		{"PUT /iam-organization-policy", `{"default-service-strategy":"deny"}`, "$['services']"},
		{"PUT /iam-organization-policy", `null`, ""},
		{"GET /event?from=yesterday", ``, "$['from']"},
		{"GET /event?from=2026-03-01T00:00:00." + strings.Repeat("0", 60) + "Z", ``, "$['from']"},
		{"GET /event?from=2026-03-01T00:00:00,5Z", ``, "$['from']"},
		{"GET /event?from=2026-03-01T0:00:00Z", ``, "$['from']"},
		{"GET /event?from=2026-03-01T00:00:00", ``, "$['from']"},
		{"GET /event?from=0000-01-01T00:00:00Z", ``, "$['from']"},
		{"GET /event?from=0001-01-01T00:00:00%2B00:01", ``, "$['from']"},
		{"GET /event?from=2026-03-01T00:00:00%2B24:00", ``, "$['from']"},
		{"GET /event?from=2026-03-01T00:00:00%2B01:60", ``, "$['from']"},
		{"GET /event?to=9999-12-31T23:59:59-00:01", ``, "$['to']"},
		{"GET /event?to=now&from=then", ``, "$['from']"},
		{"GET /event?to=", ``, "$['to']"},
		{"GET /event?from=2026-03-01T00:00:00Z&from=2026-03-01T00:00:00Z", ``, "$['from']"},
		{"GET /event?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z", ``, "$['from']"},
		{"GET /operation/x", ``, "$['id']"},
		{"GET /iam-role/3F0C2F3A", ``, "$['id']"},
	} {
		method, path, _ := strings.Cut(c.call, " ")
		a := e.ask(e.owner(), method, path, c.body)
		if strings.Contains(path, "spare_role") {
			a.want(403)
			continue
		}
		if a.want(400); c.where == "" {
			if a.has("errors") {
				t.Errorf("%s %s: %s", c.call, c.body, a.body)
			}
			continue
		}
		a.invalid(c.where)
	}
	if e.tail() != before {
		t.Error("something was committed")
	}
	// As large as it may be, and one byte more.
	body := `{"name":"large"`
	body += strings.Repeat(" ", 1<<20-len(body)-1) + "}"
	e.ask(e.owner(), "POST", "/iam-role", body).want(200)
	e.ask(e.owner(), "POST", "/iam-role", body+" ").want(413)
}

// TestRoleDefaults: what a role is that says nothing, and what clears what it said (sections 6 and 12).
func TestRoleDefaults(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.names["bare"] = e.ask(e.owner(), "POST", "/iam-role", `{"name":"bare","unknown":1,"labels":{},"permissions":[],"policy":null,"assume-role-policy":null}`).want(200).str("reference.id")
	want := e.fill(`{"id":"{bare}","name":"bare","editable":true,"policy":{"default-service-strategy":"allow","services":{}}}`)
	if a := e.ask(e.owner(), "GET", "/iam-role/{bare}", "").want(200); string(a.body) != want {
		t.Errorf("%s", a.body)
	}
	e.ask(e.owner(), "PUT", "/iam-role/{bare}", `{"name":"ignored","editable":false,"policy":{"default-service-strategy":"deny","services":{}},"labels":{"a-b":"c"},
		"permissions":["reset-iam-organization-policy"],"max-session-ttl":60,"description":"d","assume-role-policy":{"rules":[]}}`).want(200)
	want = e.fill(`{"id":"{bare}","name":"bare","description":"d","editable":true,"labels":{"a-b":"c"},"permissions":["reset-iam-organization-policy"],"max-session-ttl":60,` +
		`"policy":{"default-service-strategy":"allow","services":{}},"assume-role-policy":{"rules":[]}}`)
	for _, body := range []string{`{}`, ``, `{"labels":null,"permissions":null,"max-session-ttl":null}`} { // which change nothing
		e.ask(e.owner(), "PUT", "/iam-role/{bare}", body).want(200)
		if a := e.ask(e.owner(), "GET", "/iam-role/{bare}", "").want(200); string(a.body) != want {
			t.Errorf("after %s: %s", body, a.body)
		}
	}
	e.ask(e.owner(), "PUT", "/iam-role/{bare}", `{"labels":{},"permissions":[]}`).want(200)
	if a := e.ask(e.owner(), "GET", "/iam-role/{bare}", "").want(200); a.has("labels") || a.has("permissions") || a.str("description") != "d" {
		t.Errorf("%s", a.body)
	}
}

// TestNoServices: a map that is nil in Go arrives as null, and is shown as the empty one that it stands for, wherever it stands (section 4).
func TestNoServices(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	const sent, shown = `{"default-service-strategy":"allow","services":null}`, `{"default-service-strategy":"allow","services":{}}`
	made := e.ask(e.owner(), "POST", "/iam-role", `{"name":"nil","policy":`+sent+`,"assume-role-policy":`+sent+`}`).want(200).str("reference.id")
	for _, call := range []string{"GET ", "PUT :policy", "PUT :assume-role-policy"} {
		method, verb, _ := strings.Cut(call, " ")
		if method == "PUT" {
			e.ask(e.owner(), method, "/iam-role/"+made+verb, sent).want(200)
		}
		if a := e.ask(e.owner(), "GET", "/iam-role/"+made, "").want(200); !strings.Contains(string(a.body), `"policy":`+shown+`,"assume-role-policy":`+shown+`}`) {
			t.Errorf("after %s: %s", call, a.body)
		}
	}
}

// TestRoleNames: unique, as they are written; lists are in the order of creation, after the predefined (sections 12 and 14).
func TestRoleNames(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for _, name := range []string{"reader", "Owner", "Billing", "No role"} {
		e.ask(e.owner(), "POST", "/iam-role", `{"name":"`+name+`"}`).want(409)
	}
	e.ask(e.owner(), "POST", "/iam-role", `{"name":"Reader"}`).want(200)
	e.ask(e.owner(), "POST", "/iam-role", `{"name":"`+strings.Repeat("é", 191)+`"}`).want(200)
	got := e.ask(e.owner(), "GET", "/iam-role", "").want(200).names("iam-roles")
	want := []string{"Owner", "Billing", "No role", "orchid-media", "spare", "reader", "fixed", "Reader", strings.Repeat("é", 191)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	keys := e.ask(e.owner(), "GET", "/api-key", "").want(200).names("api-keys")
	if keys[0] != "first key" || len(keys) != 4 {
		t.Errorf("%v", keys)
	}
	e.ask(e.owner(), "POST", "/api-key", `{"name":"reader","role-id":"{reader_role}"}`).want(200) // names of keys repeat
}

// TestPredefined: the roles that every organization has cannot change or go, and nobody may assume them (section 9).
func TestPredefined(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for name, want := range map[string]string{
		"owner_role":   `"name":"Owner",`,
		"billing_role": `"name":"Billing",`,
		"no_role":      `"name":"No role",`,
	} {
		a := e.ask(e.owner(), "GET", "/iam-role/{"+name+"}", "").want(200)
		strategy := map[bool]string{true: "allow", false: "deny"}[name == "owner_role"]
		if v, _ := a.find("editable"); v != false || !strings.Contains(string(a.body), want) || !strings.Contains(string(a.body), `"policy":{"default-service-strategy":"`+strategy+`","services":{}}`) {
			t.Errorf("%s", a.body)
		}
		for call, body := range map[string]string{
			"PUT ": `{}`, "PUT :policy": `{"default-service-strategy":"allow","services":{}}`, "PUT :assume-role-policy": `{"rules":[]}`, "DELETE ": "",
		} {
			method, verb, _ := strings.Cut(call, " ")
			e.ask(e.owner(), method, "/iam-role/{"+name+"}"+verb, body).says(403, "Role is not editable")
		}
		e.ask(e.owner(), "POST", "/iam-role/{"+name+"}/assume", `{"ttl":900}`).want(403)
	}
	// Keys of Billing and of no role are keys, and may nothing here.
	for _, role := range []string{"billing_role", "no_role"} {
		a := e.ask(e.owner(), "POST", "/api-key", `{"name":"powerless","role-id":"{`+role+`}"}`).want(200)
		e.ask(key{a.str("key"), a.str("secret")}, "GET", "/iam-role", "").says(403, "Forbidden by role policy for iam")
		e.ask(key{a.str("key"), a.str("secret")}, "GET", "/operation/{operation}", "").want(200)
	}
}

// TestFixed: what cannot change of a role that is not editable, and what can (section 14.9).
func TestFixed(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for call, body := range map[string]string{
		"PUT /iam-role/{fixed_role}:policy":             `{"default-service-strategy":"allow","services":{}}`,
		"PUT /iam-role/{fixed_role}:assume-role-policy": `{"rules":[]}`,
		"PUT /iam-role/{fixed_role}":                    `{"assume-role-policy":{"rules":[]},"description":"new"}`,
	} {
		method, path, _ := strings.Cut(call, " ")
		e.ask(e.owner(), method, path, body).says(403, "Role is not editable")
	}
	// Nor through another API.
	e.names["p"] = e.natively(e.names["token"], "POST", "/v1/iam/policies", `{"name":"p","document":{"statements":[{"effect":"allow","actions":["*"],"resources":["*"]}]}}`).str("policy.id")
	if a := e.native1(e.names["token"], "POST", "/v1/iam/roles/{fixed_role}/policies", `{"policy_id":"{p}"}`); a.status != 409 {
		t.Errorf("status %d: %s", a.status, a.body)
	}
	own := e.natively(e.names["token"], "GET", "/v1/iam/roles/{fixed_role}/policies", "")
	e.names["own"] = own.str("policies.0.id")
	for method, body := range map[string]string{"PATCH": `{"document":{"default-service-strategy":"allow","services":{}}}`, "DELETE": ""} {
		if a := e.native1(e.names["token"], method, "/v1/iam/policies/{own}", body); a.status != 409 {
			t.Errorf("%s: status %d: %s", method, a.status, a.body)
		}
	}
	e.ask(e.owner(), "PUT", "/iam-role/{fixed_role}", `{"description":"new","labels":{"a":"b"},"permissions":["bypass-governance-retention"],"max-session-ttl":60}`).want(200)
	if a := e.ask(e.owner(), "GET", "/iam-role/{fixed_role}", "").want(200); a.str("description") != "new" || a.str("policy.default-service-strategy") != "deny" {
		t.Errorf("%s", a.body)
	}
	e.ask(e.owner(), "DELETE", "/api-key/{idle_key}", "").want(200)
	e.ask(e.owner(), "DELETE", "/iam-role/{fixed_role}", "").want(200)
}

// TestElsewhere: what other APIs made is shown as far as this one can say it, and stays when a policy is replaced here.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	token := e.names["token"]
	e.names["made"] = e.natively(token, "POST", "/v1/iam/roles", `{"name":"natively","trust_policy":{"principals":["crn::iam:user:*"]}}`).str("role.id")
	e.names["statements"] = e.natively(token, "POST", "/v1/iam/policies", `{"name":"s","document":{"statements":[{"effect":"allow","actions":["iam:ListUsers"],"resources":["*"]}]}}`).str("policy.id")
	e.names["shared"] = e.natively(token, "POST", "/v1/iam/policies", `{"name":"x","language":"exoscale","document":{"default-service-strategy":"allow","services":{}}}`).str("policy.id")
	if a := e.ask(e.owner(), "GET", "/iam-role/{made}", "").want(200); string(a.body) != e.fill(`{"id":"{made}","name":"natively","editable":true,"policy":{"default-service-strategy":"deny","services":{}}}`) {
		t.Errorf("%s", a.body)
	}
	e.natively(token, "POST", "/v1/iam/roles/{made}/policies", `{"policy_id":"{statements}"}`)
	e.natively(token, "POST", "/v1/iam/roles/{made}/policies", `{"policy_id":"{shared}"}`)
	if a := e.ask(e.owner(), "GET", "/iam-role/{made}", "").want(200); a.str("policy.default-service-strategy") != "allow" {
		t.Errorf("%s", a.body)
	}
	// A replaced policy becomes the role's own. The shared one is detached, what is in another language stays, and counts.
	e.ask(e.owner(), "PUT", "/iam-role/{made}:policy", ruled("deny", "iam", "a: operation == 'list-iam-roles'")).want(200)
	held := e.natively(token, "GET", "/v1/iam/roles/{made}/policies", "")
	if got := held.list("policies"); len(got) != 2 || held.str("policies.0.id") != e.names["statements"] || held.str("policies.1.of.id") != e.names["made"] {
		t.Errorf("%s", held.body)
	}
	e.names["own"] = held.str("policies.1.id")
	e.ask(e.owner(), "PUT", "/iam-role/{made}:policy", ruled("deny", "iam", "a: operation == 'get-iam-role'")).want(200)
	if again := e.natively(token, "GET", "/v1/iam/roles/{made}/policies", ""); again.str("policies.1.id") != e.names["own"] {
		t.Errorf("its own policy has another id: %s", again.body)
	}
	a := e.ask(e.owner(), "POST", "/api-key", `{"name":"k","role-id":"{made}"}`).want(200)
	k := key{a.str("key"), a.str("secret")}
	e.ask(k, "GET", "/user", "").want(200)            // by statements
	e.ask(k, "GET", "/iam-role/{made}", "").want(200) // by rules
	e.ask(k, "GET", "/iam-role", "").want(403)

	// A user who was made elsewhere has no role, and is shown with the one that gives nothing.
	e.natively(e.Operator, "POST", "/v1/people", `{"email":"nora@acme.example","name":"Nora"}`)
	e.names["nora"] = e.natively(token, "POST", "/v1/iam/users", `{"email":"nora@acme.example"}`).str("user.id")
	if u := e.userOf("nora"); u["role"].(map[string]any)["name"] != "No role" || u["pending"] != false {
		t.Errorf("%v", u)
	}
	if u := e.userOf("owner"); u["role"].(map[string]any)["name"] != "Owner" {
		t.Errorf("%v", u)
	}
	e.ask(e.owner(), "PUT", "/user/{nora}", `{"role":{"id":"{made}"}}`).want(200)
	nora := e.natively(token, "POST", "/v1/iam/users/{nora}/credentials", `{"name":"k"}`).str("secret_access_key")
	if a := e.native1(nora, "GET", "/v1/iam/users", ""); a.status != 200 {
		t.Errorf("a role's statements, natively: status %d: %s", a.status, a.body)
	}
	if a := e.native1(nora, "GET", "/v1/iam/groups", ""); a.status != 403 {
		t.Errorf("what the role does not have, natively: status %d: %s", a.status, a.body)
	}
	e.ask(e.owner(), "PUT", "/user/{nora}", `{"role":{"id":"{no_role}"}}`).want(200)
	if a := e.native1(nora, "GET", "/v1/iam/users", ""); a.status != 403 {
		t.Errorf("without a role: status %d: %s", a.status, a.body)
	}
}

// TestAssume is section 10.5.
func TestAssume(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	caller := e.with("caller", ruled("deny", "iam", "a: operation in ['assume-iam-role','list-iam-roles']"))
	e.names["caller_key"] = caller.id
	assume := func(k key, role, body string) *answer { return e.ask(k, "POST", "/iam-role/{"+role+"}/assume", body) }
	policy := func(text string) { e.ask(e.owner(), "PUT", "/iam-role/{role}:assume-role-policy", text).want(200) }

	first := assume(caller, "role", `{"ttl":900}`).want(200)
	temporary := key{first.str("key"), first.str("secret")}
	if first.str("name") != "session-orchid-media" || first.str("expires-at") != "2026-03-01T"+e.Clock.Now().Add(15*time.Minute).Format("15:04:05Z") {
		t.Errorf("%s at %v", first.body, e.Clock.Now())
	}
	// It acts with the role's policy alone, is in no list, and is nobody's to look up.
	e.ask(temporary, "GET", "/iam-role", "").says(403, "Forbidden by role policy for iam")
	e.ask(temporary, "GET", "/operation/{operation}", "").want(200)
	e.names["temporary"] = temporary.id
	for _, k := range e.ask(e.owner(), "GET", "/api-key", "").want(200).list("api-keys") {
		if k.(map[string]any)["key"] == temporary.id {
			t.Error("it is listed")
		}
	}
	e.ask(e.owner(), "GET", "/api-key/{temporary}", "").says(404, "Not Found")
	e.ask(e.owner(), "DELETE", "/api-key/{temporary}", "").says(404, "Not Found")

	for _, c := range []struct {
		policy string
		status int
	}{
		{`{"rules":[{"action":"allow","expression":"true"}]}`, 200},
		{`{"rules":[]}`, 403},
		{`{}`, 403},
		{`{"rules":[{"action":"deny","expression":"api_key == '{caller_key}'"},{"action":"allow","expression":"true"}]}`, 403},
		{`{"rules":[{"action":"allow","expression":"identity.key == '{caller_key}' && parameters.ttl == 900 && resources.iam_role.name == 'orchid-media'"}]}`, 200},
		{`{"rules":[{"action":"allow","expression":"operation == 'assume-iam-role' && service == 'iam' && source_ip.inIpRange('192.0.2.0/24')"}]}`, 200},
		{`{"rules":[{"action":"allow","expression":"unknown"}]}`, 403},
		{`{"default-service-strategy":"allow","services":{}}`, 200},
		{`{"default-service-strategy":"deny","services":{}}`, 403},
		{`{"default-service-strategy":"deny","services":{"iam":{"type":"allow"}}}`, 200},
		{`{"default-service-strategy":"allow","services":{"iam":{"type":"deny"}}}`, 403},
		{`{"default-service-strategy":"allow","services":{"iam":{"type":"rules","rules":[]}}}`, 403},
	} {
		policy(c.policy)
		a := assume(caller, "role", `{"ttl":900}`)
		if a.want(c.status); c.status == 403 && !strings.HasPrefix(a.str("message"), "Forbidden: ") {
			t.Errorf("%s: %s", c.policy, a.body)
		}
	}
	policy(`{"rules":[{"action":"allow","expression":"true"}]}`)
	assume(caller, "role", `{"ttl":3600}`).want(200)
	assume(caller, "role", `{"ttl":3601}`).invalid("$['ttl']")
	// Whoever may not call the operation, may not, whatever the role's policy says.
	assume(e.key("reader"), "role", `{"ttl":900}`).want(403)
	// Unknown roles, to those who may and to those who may not.
	assume(caller, "nowhere", `{"ttl":900}`).says(404, "Not Found")
	assume(e.key("reader"), "nowhere", `{"ttl":900}`).want(404) // who may read roles may know
	assume(e.key("idle"), "nowhere", `{"ttl":900}`).want(403)
	assume(caller, "other.role", `{"ttl":900}`).says(404, "Not Found")
	// Without a ceiling there is no right ttl.
	e.ask(e.owner(), "PUT", "/iam-role/{spare_role}:assume-role-policy", `{"rules":[{"action":"allow","expression":"true"}]}`).want(200)
	assume(caller, "spare_role", `{"ttl":1}`).invalid("$['ttl']")

	// Chaining, and the end.
	e.ask(e.owner(), "PUT", "/iam-role/{role}:policy", ruled("deny", "iam", "a: operation == 'assume-iam-role'")).want(200)
	chained := assume(temporary, "role", `{"ttl":1800}`).want(200)
	e.Clock.Advance(15 * time.Minute)
	e.ask(temporary, "GET", "/operation/{operation}", "").says(403, "Invalid request signature")
	e.ask(key{chained.str("key"), chained.str("secret")}, "GET", "/operation/{operation}", "").want(200)
	e.Clock.Advance(15 * time.Minute)
	e.ask(key{chained.str("key"), chained.str("secret")}, "GET", "/operation/{operation}", "").says(403, "Invalid request signature")
}

// TestAssumeNatively: a trust policy in the native form goes on letting in, through either API; an assume policy that denies does not.
func TestAssumeNatively(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	token := e.names["token"]
	e.names["trusting"] = e.natively(token, "POST", "/v1/iam/roles", `{"name":"trusting","trust_policy":{"principals":["crn::iam:role:*","crn::iam:user:*"]}}`).str("role.id")
	e.ask(e.owner(), "PUT", "/iam-role/{trusting}", `{"max-session-ttl":1000}`).want(200)
	assume := func() *answer { return e.ask(e.key("idle"), "POST", "/iam-role/{trusting}/assume", `{"ttl":900}`) }
	assume().want(200)
	if a := e.native1(token, "POST", "/v1/iam/assume-role", `{"role_id":"{trusting}","duration_seconds":900}`); a.status != 200 {
		t.Errorf("natively: %s", a.body)
	}
	if a := e.native1(token, "POST", "/v1/iam/assume-role", `{"role_id":"{trusting}"}`); a.status != 400 {
		t.Errorf("longer than the role lets: %s", a.body)
	}
	e.ask(e.owner(), "PUT", "/iam-role/{trusting}:assume-role-policy", `{"rules":[{"action":"deny","expression":"api_key == '{idle_key}'"}]}`).want(200)
	assume().want(403)
	if a := e.native1(token, "POST", "/v1/iam/assume-role", `{"role_id":"{trusting}","duration_seconds":900}`); a.status != 200 {
		t.Errorf("natively, whom it does not deny: %s", a.body)
	}
	// An assume policy lets in natively too, whoever may call the operation.
	e.names["closed"] = e.ask(e.owner(), "POST", "/iam-role", `{"name":"closed","assume-role-policy":{"rules":[{"action":"allow","expression":"true"}]}}`).want(200).str("reference.id")
	if a := e.native1(token, "POST", "/v1/iam/assume-role", `{"role_id":"{closed}"}`); a.status != 200 {
		t.Errorf("the owner: %s", a.body)
	}
	idle := e.natively(token, "POST", "/v1/iam/roles/{no_role}/credentials", `{"name":"k"}`).str("secret_access_key")
	if a := e.native1(idle, "POST", "/v1/iam/assume-role", `{"role_id":"{closed}"}`); a.status != 403 {
		t.Errorf("who may nothing: %s", a.body)
	}
}
