package exoscale_test

import (
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"

	"fmt"
	"strings"
	"testing"
)

// TestRefusals: what a refusal goes back to is told as section 8 has it.
func TestRefusals(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	const list = "/iam-role"
	for i, c := range []struct{ role, org, message string }{
		{`{"default-service-strategy":"deny","services":{}}`, "", "Forbidden by role policy for iam"},
		{`{"default-service-strategy":"allow","services":{"iam":{"type":"deny"}}}`, "", "Forbidden by role policy for iam"},
		{ruled("allow", "iam"), "", "Forbidden by role policy for iam"},
		{ruled("allow", "iam", "a: operation == 'x'"), "", "Forbidden by role policy for iam"},
		{ruled("deny", "iam", "d: operation == 'list-iam-roles'", "a: true"), "", "Forbidden by role policy for iam - A deny rule matched. Rule index: 0"},
		{ruled("deny", "iam", "a: missing", "d: operation == 'x'", "d: true"), "", "Forbidden by role policy for iam - A deny rule matched. Rule index: 2"},
		{ruled("deny", "iam", "a: true"), ruled("allow", "iam", "a: operation != 'list-iam-roles'"), "Forbidden by org policy for iam"},
		{ruled("deny", "iam", "a: true"), `{"default-service-strategy":"deny","services":{"sos":{"type":"allow"}}}`, "Forbidden by org policy for iam"},
		{ruled("deny", "iam", "a: true"), `{"default-service-strategy":"allow","services":{"iam":{"type":"deny"}}}`, "Forbidden by org policy for iam"},
		{ruled("deny", "iam", "a: true"), ruled("allow", "iam", "d: operation == 'list-iam-roles'", "a: true"), "Forbidden by org policy for iam - A deny rule matched. Rule index: 0"},
		{ruled("deny", "iam", "d: true"), ruled("allow", "iam", "a: operation == 'x'", "d: operation == 'list-iam-roles'", "a: true"), "Forbidden by org policy for iam - A deny rule matched. Rule index: 1"},
		{`{"default-service-strategy":"deny","services":{}}`, `{"default-service-strategy":"deny","services":{}}`, "Forbidden by org policy for iam"},
	} {
		k := e.with(fmt.Sprintf("case %d", i), c.role)
		if c.org != "" {
			e.ask(e.owner(), "PUT", "/iam-organization-policy", c.org).want(200)
		}
		e.ask(k, "GET", list, "").says(403, c.message)
		if c.org != "" {
			e.ask(e.owner(), "POST", "/iam-organization-policy:reset", "").want(200)
		}
	}
}

// TestRefusalOfLimitedKey: what a key's own policies refuse is no organization's refusal.
func TestRefusalOfLimitedKey(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	made := e.natively(e.names["token"], "POST", "/v1/iam/roles/{reader_role}/credentials", `{"name":"limited",
		"policies":[{"language":"statements","document":{"statements":[{"effect":"allow","actions":["s3:*"],"resources":["*"]}]}}]}`)
	k := key{made.str("credential.access_key_id"), made.str("secret_access_key")}
	e.ask(k, "GET", "/iam-role", "").says(403, "Forbidden by role policy for iam")
	e.ask(e.owner(), "PUT", "/iam-organization-policy", ruled("allow", "iam", "a: operation != 'list-iam-roles'")).want(200)
	e.ask(k, "GET", "/iam-role", "").want(403)
}

// TestLocalUsers: rules see a local user without an address by the login that clients are shown.
func TestLocalUsers(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner, err := e.Control.Authenticate(t.Context(), control.Presented{Bearer: e.names["token"]})
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Control.Enter(t.Context(), &control.Call{Actor: owner}, control.AddUser, control.On(iam.AnyOf(iam.TypeUser)))
	if err != nil {
		t.Fatal(err)
	}
	u, _, err := e.Control.CreateLocalUser(t.Context(), p, iam.User{Username: "lena"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	e.names["lena"] = u.ID.String()
	k := e.with("all but lena", ruled("deny", "iam", "d: resources.user.email == 'lena'", "a: true"))
	e.ask(k, "PUT", "/user/{lena}", `{"role":{"id":"{role}"}}`).says(403, "Forbidden by role policy for iam - A deny rule matched. Rule index: 0")
	e.ask(k, "PUT", "/user/{user}", `{"role":{"id":"{role}"}}`).want(200)
}

// TestEvaluation runs vectors of section 11 as real calls: what they say of other services is said here of iam, whose operations this
// server has.
func TestEvaluation(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.remote = "203.0.113.77:4000"
	const create = `POST /iam-role {"name":"%s","labels":{"a-b":"c"},"max-session-ttl":60}`
	n := 0
	for _, c := range []struct {
		vector int
		policy string
		call   string
		allow  bool
	}{
		{1, `{"default-service-strategy":"allow","services":{}}`, "GET /iam-role", true},
		{2, `{"default-service-strategy":"deny","services":{}}`, "GET /iam-role", false},
		{3, `{"default-service-strategy":"deny","services":{"iam":{"type":"allow"}}}`, "GET /iam-role", true},
		{4, `{"default-service-strategy":"deny","services":{"dns":{"type":"allow"}}}`, "GET /iam-role", false},
		{5, `{"default-service-strategy":"allow","services":{"iam":{"type":"deny"}}}`, "GET /iam-role", false},
		{6, ruled("deny", "iam", "a: operation in ['list-iam-roles','get-iam-role']"), "GET /iam-role/{role}", true},
		{7, ruled("allow", "iam", "a: operation in ['list-iam-roles','get-iam-role']"), "GET /user", false},
		{8, ruled("allow", "iam"), "GET /iam-role", false},
		{9, ruled("deny", "iam", "d: operation == 'list-iam-roles'", "a: true"), "GET /iam-role", false},
		{10, ruled("deny", "iam", "a: true", "d: operation == 'list-iam-roles'"), "GET /iam-role", true},
		{11, ruled("deny", "iam", "d: resources.iam_role.name in ['vault','orchid-media']", "a: true"), "GET /iam-role/{role}", false},
		{12, ruled("deny", "iam", "d: resources.iam_role.name in ['vault','orchid-media']", "a: true"), "GET /iam-role", true},
		{19, ruled("allow", "iam", "d: operation == 'create-iam-role' && (!parameters.has('max_session_ttl') || parameters.max_session_ttl != 60)", "a: true"), `POST /iam-role {"name":"%s"}`, false},
		{20, ruled("allow", "iam", "d: operation == 'create-iam-role' && (!parameters.has('max_session_ttl') || parameters.max_session_ttl != 60)", "a: true"), create, true},
		{21, ruled("deny", "iam", "d: resources.iam_api_key.name != 'media'", "a: true"), "GET /api-key/{idle_key}", false},
		{22, ruled("deny", "iam", "d: resources.iam_api_key.name != 'media'", "a: true"), "GET /api-key", true},
		{24, ruled("deny", "iam", "d: parameters.has('name') && !parameters.name.startsWith('_acme')", "a: operation in ['create-iam-role']"), create, false},
		{25, ruled("deny", "iam", "a: source_ip.inIpRange('203.0.113.0/24') && operation.startsWith('list-')"), "GET /iam-role", true},
		{26, ruled("deny", "iam", "a: source_ip.inIpRange('198.51.100.0/24') || source_ip.inIpRange('2001:db8:40::/48')"), "GET /iam-role", false},
		{27, ruled("deny", "iam", "d: timestamp(identity.created) < timestamp(now) - duration('0s')", "a: operation.startsWith('list-')"), "GET /iam-role", false},
		{28, ruled("deny", "iam", "d: timestamp(identity.created) < timestamp(now) - duration('1h')", "a: operation.startsWith('list-')"), "GET /iam-role", true},
		{33, ruled("deny", "iam", "d: parameters.name > 100", "a: zone == 'ch-gva-2'"), create, true},
		{34, ruled("deny", "iam", "a: parameters.name"), create, false},
		{35, ruled("deny", "iam", "a: operation == 'get-iam-role' && resources.iam_role.labels.team == 'iris'"), "GET /iam-role/{role}", false},
		{35, ruled("deny", "iam", "a: operation == 'get-iam-role' && resources.iam_role.labels.team == 'orchid'"), "GET /iam-role/{role}", true},
		{36, ruled("deny", "iam", "a: resources.iam_role.name == 'x' || operation == 'list-iam-roles'"), "GET /iam-role", true},
		{38, ruled("deny", "iam", "a: parameters.bucket == 'tulip-data' && operation in ['list-iam-roles']"), "GET /iam-role", false},
		// Section 10.4: what the parameters and resources of this server's own operations are.
		{0, ruled("deny", "iam", "a: parameters.id == '{role}'"), "GET /iam-role/{role}", true},
		{0, ruled("deny", "iam", "a: parameters.role_id == '{role}' && !resources.has('iam_role')"), `POST /api-key {"name":"k","role-id":"{role}"}`, true},
		{0, ruled("deny", "iam", "a: parameters.role_id == '{role}'"), `POST /api-key {"name":"k","role-id":"{spare_role}","role_id":"{role}"}`, false},
		{0, ruled("deny", "iam", "a: parameters.role_id == '{role}'"), `POST /api-key?role-id={role} {"name":"k","role-id":"{spare_role}"}`, false},
		{0, ruled("deny", "iam", "a: parameters.labels.a_b == 'c'"), create, true},
		{0, ruled("deny", "iam", "a: parameters.role.id == '{role}' && resources.user.email == 'iris@acme.example'"), `PUT /user/{user} {"role":{"id":"{role}"}}`, true},
		{0, ruled("deny", "iam", "a: resources.user.id == '{invited}'"), `PUT /user/{invited} {"role":{"id":"{role}"}}`, true},
		{0, ruled("deny", "iam", "a: parameters.default_service_strategy == 'deny'"), `PUT /iam-role/{spare_role}:policy {"default-service-strategy":"deny","services":{}}`, true},
		{0, ruled("deny", "iam", "a: parameters.from.startsWith('2026') && service == 'iam' && operation == 'list-events'"), "GET /event?from=2026-03-01T00:00:00Z", true},
		{0, ruled("deny", "iam", "a: resources.iam_api_key.key == '{media_key}' && resources.iam_api_key.role_id == '{role}' && parameters.id == '{media_key}'"), "GET /api-key/{media_key}", true},
		{0, ruled("deny", "iam", "a: resources.iam_role.max_session_ttl == 3600 && resources.iam_role.editable && 'bypass-governance-retention' in resources.iam_role.permissions && resources.iam_role.description == 'Media uploads'"),
			"GET /iam-role/{role}", true},
		{0, ruled("deny", "iam", "a: operation == 'get-organization'"), "GET /organization", true},
		// What a call does beside its operation is a part of it.
		{0, ruled("deny", "iam", "a: operation == 'create-iam-role'"), `POST /iam-role {"name":"%s","assume-role-policy":{"rules":[]}}`, true},
		{0, ruled("deny", "iam", "a: operation == 'update-iam-role'"), `PUT /iam-role/{spare_role} {"assume-role-policy":{"rules":[]}}`, true},
		{0, ruled("deny", "iam", "a: operation == 'create-user'"), `POST /user {"email":"%s@new.example","role":{"id":"{role}"}}`, true},
	} {
		n++
		name := fmt.Sprintf("made-%d", n)
		k := e.with(fmt.Sprintf("vector %d, %d", c.vector, n), e.fill(c.policy))
		call, body, _ := strings.Cut(strings.ReplaceAll(c.call, "%s", name), " {")
		if body != "" {
			body = "{" + body
		}
		method, path, _ := strings.Cut(call, " ")
		a := e.ask(k, method, path, body)
		if c.allow != (a.status == 200) || !c.allow && (a.status != 403 || !strings.HasPrefix(a.str("message"), "Forbidden by role policy for iam")) {
			t.Errorf("vector %d: %s by %s: status %d: %s", c.vector, c.call, e.fill(c.policy), a.status, a.body)
		}
	}
	k := e.with("vector 37", `{"default-service-strategy":"deny","services":{}}`)
	e.ask(e.owner(), "PUT", "/iam-role/{made_role}:policy", ruled("deny", "iam", "d: api_key == '"+k.id+"'", "a: true")).want(200)
	e.ask(k, "GET", "/api-key", "").says(403, "Forbidden by role policy for iam - A deny rule matched. Rule index: 0")
}

// TestEveryDoor: the policy of a role decides calls through the native API too, and sees what they say.
func TestEveryDoor(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for i, c := range []struct {
		rule, call string
		status     int
	}{
		{"a: operation == 'list-iam-roles'", "GET /v1/iam/roles", 200},
		{"a: operation == 'list-iam-roles'", "GET /v1/iam/roles/{role}", 403},
		{"a: resources.iam_role.name == 'orchid-media' && parameters.role_id == '{role}'", "GET /v1/iam/roles/{role}", 200},
		{"a: resources.iam_role.name == 'orchid-media'", "GET /v1/iam/roles/{spare_role}", 403},
		{"a: resources.user.email == 'iris@acme.example'", "GET /v1/iam/users/{user}", 200},
		{"a: parameters.name == 'night shift' && source_ip == '192.0.2.1'", `POST /v1/iam/groups {"name":"night shift"}`, 201},
		{"a: parameters.name == 'day shift'", `POST /v1/iam/groups {"name":"another"}`, 403},
		{"d: parameters.limit == '7'", "GET /v1/iam/groups?limit=7", 403},
		{"a: parameters.limit == '7'", "GET /v1/iam/groups?limit=7", 200},
		{"a: api_key != '' && identity.key == api_key", "GET /v1/iam/groups", 200},
		{"a: parameters.name == 'x'", `POST /v1/iam/groups {"name":"x"`, 403}, // what cannot be read says nothing
	} {
		k := e.with(fmt.Sprintf("door %d", i), ruled("deny", "iam", e.fill(c.rule)))
		call, body, _ := strings.Cut(c.call, " {")
		if body != "" {
			body = "{" + body
		}
		method, path, _ := strings.Cut(call, " ")
		if a := e.native1(k.secret, method, path, body); a.status != c.status {
			t.Errorf("%s by %s: status %d, want %d: %s", c.call, c.rule, a.status, c.status, a.body)
		}
	}
}

// TestNothingHides: no part of a request that is passed over keeps from a rule what is acted on. What fails concludes nothing, so a rule
// that denies would else let pass.
func TestNothingHides(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	made := 0
	ask := func(rule, call string, natively bool) *answer {
		t.Helper()
		made++
		k := e.with(fmt.Sprintf("hidden %d", made), ruled("deny", "iam", "d: "+rule, "a: true"))
		line, body, _ := strings.Cut(call, " {")
		if body != "" {
			body = "{" + body
		}
		method, path, _ := strings.Cut(line, " ")
		if natively {
			return e.native1(k.secret, method, path, body)
		}
		return e.ask(k, method, path, body)
	}
	for range 10 { // maps have no order
		for _, c := range []struct{ rule, call string }{
			{"parameters.max_session_ttl > 60", `PUT /iam-role/{spare_role} {"max-session-ttl":61,"max-session_ttl":1}`},
			{"parameters.max_session_ttl > 60", `PUT /iam-role/{spare_role} {"max_session-ttl":1,"max-session-ttl":61,"max_session_ttl":1}`},
			{"parameters.default_service_strategy == 'allow'", `PUT /iam-role/{spare_role}:policy {"default-service_strategy":"deny","default-service-strategy":"allow","services":{}}`},
		} {
			ask(c.rule, c.call, false).says(403, "Forbidden by role policy for iam - A deny rule matched. Rule index: 0")
		}
	}
	for _, c := range []struct {
		rule, call string
		status     int
	}{
		{"parameters.name == 'night'", `POST /v1/iam/groups {"name":"night"}`, 403},
		{"parameters.name == 'night'", `POST /v1/iam/groups {"name":"night","unknown":1e999}`, 403},
		{"parameters.name == 'night'", `POST /v1/iam/groups {"unknown":[{"a":-1e999}],"name":"night"}`, 403},
		{"parameters.unknown > 7", `POST /v1/iam/groups {"unknown":1e999,"name":"night"}`, 403},
		{"parameters.unknown < -7", `POST /v1/iam/groups {"unknown":-1e999,"name":"night"}`, 403},
		{"parameters.unknown > 7", `POST /v1/iam/groups {"unknown":-1e999,"name":"night"}`, 201},
		{"parameters.limit == '7'", `GET /v1/iam/groups?limit=7 {"limit":"8"}`, 403},
		{"parameters.limit == '8'", `GET /v1/iam/groups?limit=7 {"limit":"8"}`, 200},
	} {
		if a := ask(c.rule, c.call, true); a.status != c.status {
			t.Errorf("%s with %s denied: status %d, want %d: %s", c.call, c.rule, a.status, c.status, a.body)
		}
	}
	// Here too a member that is not known does no harm, and the event of it can be told.
	ask("parameters.name == 'night'", `POST /iam-role {"name":"night","unknown":1e999}`, false).want(403)
	ask("parameters.name == 'night'", `POST /iam-role {"name":"day","unknown":1e999}`, false).want(200)
	if a := e.ask(e.owner(), "GET", "/event", "").want(200); a.str("0.body-params.name") != "day" {
		t.Errorf("%.300s", a.body)
	}
}

// TestOrganizationPolicy: it bounds everybody and every API; the owner can always lift it, and so can who has the permission (section
// 14.14).
func TestOrganizationPolicy(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	const locked = `{"default-service-strategy":"deny","services":{}}`
	all := `{"default-service-strategy":"allow","services":{}}`
	e.with("admin", all)
	admin := e.with("administrator", all)
	lifter := e.with("lifter", all)
	e.ask(e.owner(), "PUT", "/iam-role/{made_role}", `{"permissions":["reset-iam-organization-policy"]}`).want(200)
	powerless := e.with("powerless", ruled("deny", "iam", "a: operation == 'list-users'"))
	e.ask(e.owner(), "PUT", "/iam-role/{made_role}", `{"permissions":["reset-iam-organization-policy"]}`).want(200)
	reset := func(k key) *answer { return e.ask(k, "POST", "/iam-organization-policy:reset", "") }
	lock := func() {
		e.ask(admin, "PUT", "/iam-organization-policy", locked).want(200)
		for who, k := range map[string]key{"owner": e.owner(), "admin": admin, "lifter": lifter} {
			if a := e.ask(k, "GET", "/iam-role", ""); a.status != 403 || a.str("message") != "Forbidden by org policy for iam" {
				t.Errorf("%s: %s", who, a.body)
			}
			e.ask(k, "PUT", "/iam-organization-policy", all).says(403, "Forbidden by org policy for iam")
			e.ask(k, "GET", "/iam-organization-policy", "").want(403)
			e.ask(k, "GET", "/operation/{operation}", "").want(200)
		}
		if a := e.native1(e.names["token"], "GET", "/v1/iam/groups", ""); a.status != 403 {
			t.Errorf("natively: %s", a.body)
		}
		if a := e.native1(e.names["other.token"], "GET", "/v1/iam/groups", ""); a.status != 200 {
			t.Errorf("another organization: %s", a.body)
		}
		e.ask(e.key("other.owner"), "GET", "/iam-role", "").want(200)
	}
	lock()
	reset(admin).says(403, "Forbidden by org policy for iam")
	reset(powerless).says(403, "Forbidden by role policy for iam") // the permission is no right
	reset(e.owner()).want(200)
	e.ask(admin, "GET", "/iam-role", "").want(200)
	lock()
	reset(lifter).want(200)
	lock()
	if a := e.native1(e.names["token"], "DELETE", "/v1/iam/organization-policy", ""); a.status != 204 {
		t.Errorf("natively: %s", a.body)
	}
	reset(admin).want(200) // which its policy allows, as nothing bounds it
	// An unknown name, as the vendor's own acceptance test has it, is accepted, and never holds (section 11).
	e.ask(e.owner(), "PUT", "/iam-organization-policy", ruled("allow", "sos", "d: foo")).want(200)
	// The CLI's reset is a PUT of what allows everything (section 9).
	e.ask(e.owner(), "PUT", "/iam-organization-policy", `{"default-service-strategy":"allow","services":null}`).want(200)
	if a := e.ask(e.owner(), "GET", "/iam-organization-policy", "").want(200); string(a.body) != all {
		t.Errorf("%s", a.body)
	}
}

// TestLocked: under an organization policy that allows nothing, no other ground lets anybody do anything, and nobody lifts it but the owner,
// who is Owner, and whose role has the permission; each as far as their own policies go (section 14.14).
func TestLocked(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	token, all := e.names["token"], `{"default-service-strategy":"allow","services":{}}`
	trusting := e.natively(token, "POST", "/v1/iam/roles", `{"name":"trusting","trust_policy":{"principals":["*"]}}`).str("role.id")
	e.ask(e.owner(), "PUT", "/iam-role/"+trusting, `{"max-session-ttl":1000}`).want(200)
	secret := func(path string) string {
		return e.natively(token, "POST", path+"/credentials", `{"name":"locked"}`).str("secret_access_key")
	}
	iris := secret("/v1/iam/users/{user}")
	e.names["account"] = e.natively(token, "POST", "/v1/iam/service-accounts", `{"name":"robot"}`).str("service_account.id")
	e.names["p"] = e.natively(token, "POST", "/v1/iam/policies", `{"name":"everything","document":{"statements":[{"effect":"allow","actions":["*"],"resources":["*"]}]}}`).str("policy.id")
	e.natively(token, "POST", "/v1/iam/service-accounts/{account}/policies", `{"policy_id":"{p}"}`)
	robot := secret("/v1/iam/service-accounts/{account}")
	roleOf := func(role string) { e.ask(e.owner(), "PUT", "/user/{user}", `{"role":{"id":"`+role+`"}}`).want(200) }
	role := func(name, policy, permissions string) string {
		return e.ask(e.owner(), "POST", "/iam-role", `{"name":"`+name+`","permissions":`+permissions+`,"policy":`+policy+`}`).want(200).str("reference.id")
	}
	const may, mayNot = `["reset-iam-organization-policy"]`, `["bypass-governance-retention"]`
	for _, c := range []struct {
		who    string
		role   string // of iris
		token  string
		status int // of lifting the policy
	}{
		{"whose role allows everything", role("all", all, mayNot), iris, 403},
		{"whose role has the permission and allows nothing", role("idle lifter", `{"default-service-strategy":"deny","services":{}}`, may), iris, 403},
		{"whose role has the permission and denies that", role("no lifter", ruled("deny", "iam", "d: operation == 'reset-iam-organization-policy'", "a: true"), may), iris, 403},
		{"whose role has the permission", role("lifter", all, may), iris, 204},
		{"who is Owner", e.names["owner_role"], iris, 204},
		{"who is of Billing", e.names["billing_role"], iris, 403},
		{"a service account that may everything", e.names["no_role"], robot, 403},
		{"the owner", e.names["no_role"], token, 204},
	} {
		roleOf(c.role)
		e.ask(e.owner(), "PUT", "/iam-organization-policy", `{"default-service-strategy":"deny","services":{}}`).want(200)
		for call, body := range map[string]string{
			"GET /v1/iam/groups": "", "PUT /v1/iam/organization-policy": `{"document":` + all + `}`, "GET /v1/iam/organization-policy": "",
			"POST /v1/iam/assume-role": `{"role_id":"` + trusting + `","duration_seconds":900}`, // for which trust is enough otherwise
		} {
			method, path, _ := strings.Cut(call, " ")
			if a := e.native1(c.token, method, path, body); a.status != 403 {
				t.Errorf("%s: %s: status %d: %s", c.who, call, a.status, a.body)
			}
		}
		e.ask(e.key("idle"), "POST", "/iam-role/"+trusting+"/assume", `{"ttl":900}`).says(403, "Forbidden by org policy for iam")
		if a := e.native1(c.token, "DELETE", "/v1/iam/organization-policy", ""); a.status != c.status {
			t.Errorf("%s lifts it: status %d, want %d: %s", c.who, a.status, c.status, a.body)
		}
		e.ask(e.owner(), "POST", "/iam-organization-policy:reset", "").want(200)
		e.ask(e.key("idle"), "POST", "/iam-role/"+trusting+"/assume", `{"ttl":900}`).want(200)
	}
}

// TestKept: shapes met in the world read back as they were written (section 11).
func TestKept(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for _, text := range []string{
		`{"default-service-strategy":"deny","services":{"compute":{"type":"rules","rules":[{"action":"allow","expression":"operation in ['get-instance', 'get-instance-pool']"},{"action":"allow","expression":"operation == 'scale-sks-nodepool' && resources.sks_nodepool.name == 'a'"},{"action":"allow","expression":"operation == 'get-quota'"}]}}}`,
		`{"services":{"object-storage":{"type":"allow"},"compute":{"type":"deny","rules":[]}},"default-service-strategy":"deny"}`,
		`{"default-service-strategy":"deny","services":{"dns":{"rules":[{"resources":["a"],"expression":"operation in ['update-dns-domain-record'] \u0026\u0026 resources.dns_domain_record.type == 'A'","action":"allow"}],"type":"rules"}}}`,
		`{"default-service-strategy":"deny","services":{"sos":{"type":"rules"}}}`,
		`{"default-service-strategy":"allow","services":{"sos":{"type":"rules","rules":[{"action":"deny","expression":"1 +"},{"action":"deny","expression":"\u00e9 == 'é'"}]}}}`,
		`{"default-service-strategy":"allow","services":{},"later":{"a":[1,2.50]}}`,
	} {
		e.ask(e.owner(), "PUT", "/iam-role/{spare_role}:policy", text).want(200)
		e.ask(e.owner(), "PUT", "/iam-role/{spare_role}:assume-role-policy", text).want(200)
		want := `"policy":` + text + `,"assume-role-policy":` + text + `}`
		if a := e.ask(e.owner(), "GET", "/iam-role/{spare_role}", "").want(200); !strings.HasSuffix(string(a.body), want) {
			t.Errorf("got %s\nwant %s", a.body, want)
		}
		e.ask(e.owner(), "PUT", "/iam-organization-policy", text).want(200)
		if strings.Contains(text, `"default-service-strategy":"allow"`) { // or nobody may read it
			if a := e.ask(e.owner(), "GET", "/iam-organization-policy", "").want(200); string(a.body) != text {
				t.Errorf("got %s\nwant %s", a.body, text)
			}
		}
		e.ask(e.owner(), "POST", "/iam-organization-policy:reset", "").want(200)
	}
}
