package exoscale_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// TestUsers: inviting, roles, and who cannot go (sections 12 and 14.13).
func TestUsers(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.owner()
	for _, email := range []string{"iris@acme.example", "IRIS@acme.example", "new.hire@acme.example", "olga@acme.example"} {
		e.ask(owner, "POST", "/user", `{"email":"`+email+`","role":{"id":"{role}"}}`).want(409)
	}
	for _, role := range []string{"nowhere", "other.role", "other.owner_role"} {
		e.ask(owner, "POST", "/user", `{"email":"x@acme.example","role":{"id":"{`+role+`}"}}`).says(404, "Not Found")
		e.ask(owner, "PUT", "/user/{user}", `{"role":{"id":"{`+role+`}"}}`).says(404, "Not Found")
	}
	for _, user := range []string{"nowhere", "other.user", "other.invited", "other.owner", "role"} {
		e.ask(owner, "PUT", "/user/{"+user+"}", `{"role":{"id":"{role}"}}`).says(404, "Not Found")
		e.ask(owner, "DELETE", "/user/{"+user+"}", "").says(404, "Not Found")
	}
	// Somebody whom the installation knows is there at once.
	if u := e.userOf("user"); u["pending"] != false || u["role"].(map[string]any)["id"] != e.names["role"] {
		t.Errorf("%v", u)
	}
	// The organization's owner keeps the role, whoever else has it.
	e.ask(owner, "PUT", "/user/{user}", `{"role":{"id":"{owner_role}"}}`).want(200)
	e.ask(owner, "PUT", "/user/{owner}", `{"role":{"id":"{role}"}}`).want(409)
	e.ask(owner, "PUT", "/user/{owner}", `{"role":{"id":"{owner_role}"}}`).want(200)
	e.ask(owner, "DELETE", "/user/{owner}", "").want(409)
	iris := e.natively(e.names["token"], "POST", "/v1/iam/users/{user}/credentials", `{"name":"k"}`).str("secret_access_key")
	if a := e.native1(iris, "POST", "/v1/iam/groups", `{"name":"by an Owner"}`); a.status != 201 {
		t.Errorf("an Owner, natively: %s", a.body)
	}
	e.ask(owner, "PUT", "/user/{user}", `{"role":{"id":"{billing_role}"}}`).want(200)
	if a := e.native1(iris, "GET", "/v1/iam/groups", ""); a.status != 403 {
		t.Errorf("Billing, natively: %s", a.body)
	}
	e.ask(owner, "DELETE", "/user/{user}", "").want(200)
	if a := e.native1(iris, "GET", "/v1/iam/groups", ""); a.status != 401 {
		t.Errorf("gone, natively: %s", a.body)
	}
	// The order is that of coming.
	var emails []string
	for _, u := range e.ask(owner, "GET", "/user", "").want(200).list("users") {
		emails = append(emails, u.(map[string]any)["email"].(string))
	}
	if got := strings.Join(emails, " "); got != "olga@acme.example new.hire@acme.example" {
		t.Errorf("%s", got)
	}
	// Who was invited and did not come is gone after a while, and cannot be given a role.
	e.Clock.Advance(8 * 24 * time.Hour)
	if u := e.userOf("invited"); u != nil {
		t.Errorf("%v", u)
	}
	e.ask(owner, "PUT", "/user/{invited}", `{"role":{"id":"{role}"}}`).says(404, "Not Found")
	e.ask(owner, "POST", "/user", `{"email":"new.hire@acme.example","role":{"id":"{role}"}}`).want(200)
}

// TestTwoFactor: whoever must show a second factor at sign-in, through whichever API that was set up, is shown so.
func TestTwoFactor(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	shown := func(want bool) {
		t.Helper()
		for _, name := range []string{"user", "owner", "invited"} {
			if u := e.userOf(name); u["two-factor-authentication"] != (want && name == "user") {
				t.Errorf("%v", u)
			}
		}
	}
	shown(false)
	secret := e.natively(e.names["token"], "POST", "/v1/iam/users/{user}/mfa-otp", "").str("secret")
	shown(false) // not yet
	code, err := totp.GenerateCode(secret, e.Clock.Now().Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	e.natively(e.names["token"], "POST", "/v1/iam/users/{user}/mfa-otp/validate", `{"one_time_password":"`+code+`"}`)
	shown(true)
	e.natively(e.names["token"], "DELETE", "/v1/iam/users/{user}/mfa-otp", "")
	shown(false)
}

// TestOperations: they stay for a day, are any key's to read, and nobody else's (sections 5 and 14.17).
func TestOperations(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for _, k := range []string{"owner", "media", "reader", "idle"} {
		a := e.ask(e.key(k), "GET", "/operation/{operation}", "").operation("/iam-role/"+e.names["spare_role"], "get-iam-role")
		if a.str("id") != e.names["operation"] {
			t.Errorf("%s", a.body)
		}
	}
	e.ask(e.key("other.owner"), "GET", "/operation/{operation}", "").says(404, "Not Found")
	e.ask(e.owner(), "GET", "/operation/{nowhere}", "").says(404, "Not Found")
	e.ask(key{}, "GET", "/operation/{operation}", "").says(403, "Invalid request signature")
	e.Clock.Advance(23*time.Hour + 50*time.Minute)
	e.ask(e.owner(), "GET", "/operation/{operation}", "").want(200)
	e.Clock.Advance(10 * time.Minute)
	e.ask(e.owner(), "GET", "/operation/{operation}", "").says(404, "Not Found")
}

// TestPending: clients can be seen to wait (section 5); what they wait for has been done.
func TestPending(t *testing.T) {
	t.Parallel()
	e := newEstate(t).waiting(5 * time.Second)
	state := func(a *answer) string { return a.want(200).str("state") }
	made := e.ask(e.owner(), "POST", "/iam-role", `{"name":"slow"}`)
	if state(made) != "pending" || made.has("reason") || made.str("reference.command") != "get-iam-role" {
		t.Errorf("%s", made.body)
	}
	e.names["slow"] = made.str("reference.id")
	e.ask(e.owner(), "GET", "/iam-role/{slow}", "").want(200)
	deleted := e.ask(e.owner(), "DELETE", "/iam-role/{slow}", "")
	for _, want := range []string{"pending", "pending", "success", "success"} {
		if got := state(e.ask(e.owner(), "GET", "/operation/"+made.str("id"), "")); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if state(deleted) != "pending" || state(e.ask(e.owner(), "GET", "/operation/"+deleted.str("id"), "")) != "success" {
		t.Errorf("%s", deleted.body)
	}
	// What answers with the thing itself does not wait.
	e.ask(e.owner(), "POST", "/api-key", `{"name":"k","role-id":"{role}"}`).want(200).str("secret")
}

// TestOrganization tells what there is to tell.
func TestOrganization(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	want := e.fill(`{"id":"{org}","name":"Zephyr Labs","address":"","postcode":"","city":"","country":"","currency":"","balance":0}`)
	if a := e.ask(e.key("reader"), "GET", "/organization", "").want(200); string(a.body) != want {
		t.Errorf("%s", a.body)
	}
}

// TestEvents: the audit log in this API's words, with nothing secret in it (section 4).
func TestEvents(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.Clock.Advance(25 * time.Hour) // nothing of what made the estate is left in a list without a time
	if a := e.ask(e.owner(), "GET", "/event", "").want(200); string(a.body) != "[]" {
		t.Fatalf("%s", a.body)
	}
	e.remote = "192.0.2.10:999"
	created := e.ask(e.owner(), "POST", "/api-key", `{"name":"watched","role-id":"{role}"}`).want(200)
	e.names["watched"] = created.str("key")
	e.ask(e.key("reader"), "POST", "/iam-role", `{"name":"denied","labels":{"a":"b"}}`).want(403)
	e.ask(e.owner(), "POST", "/iam-role", `{"name":"reader"}`).want(409)
	e.ask(e.owner(), "DELETE", "/api-key/{watched}", "").want(200)
	e.natively(e.names["token"], "POST", "/v1/iam/groups", `{"name":"natively"}`)
	e.ask(e.owner(), "PUT", "/iam-role/{spare_role}:policy", `{"default-service-strategy":"allow","services":{}}`).want(200)
	e.ask(e.key("idle"), "GET", "/iam-role", "").want(403) // a read, which is not logged

	a := e.ask(e.owner(), "GET", "/event", "").want(200)
	if len(a.list("")) != 6 {
		t.Fatalf("%s", a.body)
	}
	for place, want := range map[string]any{
		"0.handler": "update-iam-role-policy", "0.status": 200.0, "0.message": "Success", "0.uri": e.fill("/v2/iam-role/{spare_role}:policy"), "0.zone": "ch-gva-2",
		"0.path-params.id": e.names["spare_role"], "0.body-params.default-service-strategy": "allow", "0.source-ip": "192.0.2.10",
		"0.iam-role.name": "Owner", "0.iam-api-key.key": e.names["owner_key"], "0.iam-api-key.name": "first key",
		"1.handler": "create-group", "1.iam-user.email": "olga@acme.example", "1.iam-user.role.name": "Owner", "1.status": 200.0,
		"2.handler": "delete-api-key", "2.uri": e.fill("/v2/api-key/{watched}"), "2.path-params.id": e.names["watched"],
		"3.handler": "create-iam-role", "3.status": 409.0, "3.uri": "/v2/iam-role", "3.body-params.name": "reader",
		"4.handler": "create-iam-role", "4.status": 403.0, "4.iam-role.name": "reader", "4.iam-api-key.role-id": e.names["reader_role"], "4.body-params.labels.a": "b",
		"5.handler": "create-api-key", "5.uri": "/v2/api-key", "5.body-params.role-id": e.names["role"], "5.body-params.name": "watched",
		// Policies are in none of them: the list would repeat them a thousand times.
		"0.iam-role.policy": nil, "1.iam-user.role.policy": nil, "4.iam-role.policy": nil,
	} {
		if got, _ := a.find(place); got != want {
			t.Errorf("%s is %v, want %v", place, got, want)
		}
	}
	for _, secret := range []string{created.str("secret"), e.names["owner_secret"], "signature", "Sealed", "sealed"} {
		if strings.Contains(string(a.body), secret) {
			t.Errorf("%q is in %s", secret, a.body)
		}
	}
	if at := a.str("0.timestamp"); len(at) != len("2026-01-02T03:04:05.678Z") || !strings.HasSuffix(at, "Z") || a.str("0.request-id") == "" {
		t.Errorf("%s", a.body)
	}
	// Times as parameters: from is in, to is not.
	from, to := a.str("3.timestamp"), a.str("1.timestamp")
	if b := e.ask(e.owner(), "GET", "/event?from="+from+"&to="+to, "").want(200); len(b.list("")) != 2 || b.str("0.handler") != "delete-api-key" {
		t.Errorf("from %s to %s: %s", from, to, b.body)
	}
	if b := e.ask(e.owner(), "GET", "/event?to=2026-03-01T00:00:00Z", "").want(400); !strings.Contains(b.str("message"), "from") {
		t.Errorf("%s", b.body)
	}
	if b := e.ask(e.owner(), "GET", "/event?from=2026-03-01T00:00:00Z", "").want(200); len(b.list("")) < 15 {
		t.Errorf("%d events since the beginning", len(b.list("")))
	}
	// A refusal tells which key it was about, and no more of what is none than a key could be.
	e.ask(e.key("idle"), "DELETE", "/api-key/{media_key}", "").want(403)
	e.ask(e.key("idle"), "DELETE", "/api-key/%ff"+strings.Repeat("x", 500), "").want(403)
	b := e.ask(e.owner(), "GET", "/event", "").want(200)
	if b.str("1.uri") != e.fill("/v2/api-key/{media_key}") || b.str("1.path-params.id") != e.names["media_key"] || b.str("0.path-params.id") != "?"+strings.Repeat("x", 63) {
		t.Errorf("%.900s", b.body)
	}
	// A body that is long is not kept.
	long := `{"name":"long","policy":{"default-service-strategy":"deny","services":{"sos":{"type":"rules","rules":[{"action":"deny","expression":"` + strings.Repeat("x", 9000) + `"}]}}}}`
	e.ask(e.owner(), "POST", "/iam-role", long).want(200)
	if b := e.ask(e.owner(), "GET", "/event", "").want(200); b.has("0.body-params") || b.str("0.handler") != "create-iam-role" {
		t.Errorf("%.300s", b.body)
	}
	// The native log has the same, by the words of that API.
	logs := e.natively(e.names["token"], "GET", "/v1/audit-logs?action=iam.credential.create&limit=1", "")
	if logs.str("audit_logs.0.actor_type") != "role" || logs.str("audit_logs.0.details.actor_access_key_id") != e.names["owner_key"] || logs.str("audit_logs.0.details.handler") != "create-api-key" {
		t.Errorf("%s", logs.body)
	}
}
