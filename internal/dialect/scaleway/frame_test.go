package scaleway_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/dialect/scaleway"
	"github.com/writ-iam/writ/internal/wire"
)

// TestAuthentication: who calls, and why nobody does (section 9).
func TestAuthentication(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	made := e.ask(e.owner(), "POST", "~/api-keys", `{"application_id":"{reader}","expires_at":"`+e.Clock.Now().Add(time.Minute).Format(time.RFC3339)+`"}`).want(200)
	e.names["brief"] = made.str("secret_key")
	gone := e.ask(e.owner(), "POST", "~/api-keys", `{"application_id":"{reader}"}`).want(200)
	e.names["gone"] = gone.str("secret_key")
	e.ask(e.owner(), "DELETE", "~/api-keys/"+gone.str("access_key"), "").want(204)
	e.ask(key(e.names["brief"]), "GET", "~/groups", "").want(200)
	e.names["locked_secret"] = e.ask(e.owner(), "POST", "~/api-keys", `{"user_id":"{locked}"}`).want(200).str("secret_key")
	e.Clock.Advance(2 * time.Minute)
	session := func(token string) http.Header { return http.Header{"X-Session-Token": {token}} }
	for _, tc := range []struct {
		why            string
		as             http.Header
		method, reason string // "" if it is good
	}{
		{"a secret", key(e.names["owner_secret"]), "", ""},
		{"a secret in Scaleway's form", key(e.names["ci_secret"]), "", ""},
		{"a signed token", key(e.names["token"]), "", ""},
		{"a session", session(e.names["jwt"]), "", ""},
		{"a session as a key", key(e.names["jwt"]), "", ""},
		{"a key and what is no session", http.Header{"X-Auth-Token": {e.names["owner_secret"]}, "X-Session-Token": {"x"}}, "", ""},
		{"nothing", http.Header{}, "api_key", "invalid_argument"},
		{"an empty key", key(""), "api_key", "invalid_argument"},
		{"an empty session", session(""), "jwt", "invalid_argument"},
		{"two keys", http.Header{"X-Auth-Token": {e.names["owner_secret"], e.names["owner_secret"]}}, "api_key", "invalid_argument"},
		{"no UUID", key("secret"), "api_key", "invalid_argument"},
		{"an access key", key(e.names["ci_key"]), "api_key", "invalid_argument"},
		{"an unknown UUID", key(e.names["nowhere"]), "api_key", "not_found"},
		{"a deleted key", key(e.names["gone"]), "api_key", "not_found"},
		{"an expired key", key(e.names["brief"]), "api_key", "expired"},
		{"no token", session("x"), "jwt", "invalid_argument"},
		{"a secret as a session", session(e.names["nowhere"]), "jwt", "invalid_argument"},
		{"a token that was tampered with", session(e.names["jwt"] + "x"), "jwt", "not_found"},
		{"a bearer", bearer(e.names["token"]), "api_key", "invalid_argument"},
		{"somebody locked", key(e.names["locked_secret"]), "api_key", "not_found"},
	} {
		t.Run(tc.why, func(t *testing.T) {
			a := e.ask(tc.as, "GET", "~/organizations/{org}", "")
			if tc.method != "" {
				a.refused(401, "denied_authentication", "method", tc.method, "reason", tc.reason, "message", "authentication is denied")
			} else if a.status == 401 {
				t.Errorf("refused: %s", a.body)
			}
		})
	}
}

// TestFrame: paths and methods that mean nothing, and what every answer has (sections 1, 2 and 9).
func TestFrame(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for _, path := range []string{"~", "~/", "~/nothing", "~/groups/", "~//groups", "~/groups/{group}/x", "/iam/v1alpha2/groups", "/account/v3", "/account/v2/projects", "/metadata/",
		"~/users/{member}/connections", "~/Groups"} {
		a := e.get(path).want(404)
		if string(a.body) != `{"message":"Not Found"}` {
			t.Errorf("%s: %s", path, a.body)
		}
	}
	for call, allow := range map[string]string{"POST ~/rules": "GET, HEAD, PUT", "DELETE ~/organizations/{org}/saml": "GET, HEAD, POST", "PUT ~/groups/{group}": "DELETE, GET, HEAD, PATCH",
		"POST /metadata": "GET, HEAD", "OPTIONS ~/groups": "GET, HEAD, POST"} {
		method, path, _ := strings.Cut(call, " ")
		if got := e.ask(http.Header{}, method, path, "").want(405).header.Get("Allow"); got != allow {
			t.Errorf("%s: Allow %q, want %q", call, got, allow)
		}
	}
	head := e.do(e.wire, e.owner(), "HEAD", scaleway.Prefix+"/groups", "")
	if head.status != 200 || head.header.Get("Content-Type") != "application/json" {
		t.Errorf("HEAD: %d %v", head.status, head.header)
	}
	for _, id := range []string{"x", "0", strings.ReplaceAll(e.names["group"], "-", ""), "{" + e.names["group"] + "}"} {
		e.do(e.wire, e.owner(), "GET", scaleway.Prefix+"/groups/"+strings.NewReplacer("{", "%7B", "}", "%7D").Replace(id), "").argument("group_id", "format")
	}
	e.do(e.wire, http.Header{}, "GET", scaleway.Prefix+"/groups/x", "").refused(401, "denied_authentication")
	upper := e.do(e.wire, e.owner(), "GET", scaleway.Prefix+"/groups/"+strings.ToUpper(e.names["group"]), "").want(200)
	upper.is("id", e.names["group"])
	missing := strings.ToUpper(e.names["nowhere"])
	e.do(e.wire, e.owner(), "GET", scaleway.Prefix+"/groups/"+missing, "").missing("group", e.names["nowhere"])
	a := e.get("~/groups/{group}").want(200)
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cache-Control": "no-store",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	e.ask(http.Header{}, "GET", "/metadata", "").want(200).is("domain", "example.com", "platform", "writ", "partition", "default")
}

// TestPublicURL: names of resources are made of where clients reach the installation.
func TestPublicURL(t *testing.T) {
	t.Parallel()
	e := newEstate(t, func(c *wire.Config) { c.PublicURL = "https://iam.example.org:8443" })
	e.ask(http.Header{}, "GET", "/metadata", "").want(200).is("domain", "iam.example.org")
	e.get("~/organizations/{org}/saml").want(200).is("service_provider.entity_id", "https://iam.example.org:8443/saml/"+e.names["saml"],
		"service_provider.assertion_consumer_service_url", "https://iam.example.org:8443/iam/v1/saml/"+e.names["saml"]+"/login")
}

// TestBodies: what no body can be (section 9).
func TestBodies(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	tail := e.tail()
	for body, argument := range map[string]string{"": "body", "{": "body", "[]": "body", "null": "body", `"x"`: "body", `{"name":"x"}{}`: "body", "\xff": "body",
		`{"name":"a","name":"b"}`: "name", `{"name":7}`: "name", `{"tags":"x"}`: "tags", `{"tags":[1]}`: "tags[0]", `{"description":{}}`: "description",
		strings.Repeat(`{"name":`, 40): "body"} {
		e.send(e.owner(), "POST", "~/groups", body).argument(argument, "format")
		e.send(key(e.names["idle_secret"]), "POST", "~/groups", body).denied("create", "group")
	}
	e.send(e.owner(), "POST", "~/groups", `{"name":"`+strings.Repeat("x", 257<<10)+`"}`).argument("body", "constraint")
	form := e.owner()
	form.Set("Content-Type", "application/x-www-form-urlencoded")
	e.send(form, "POST", "~/groups", `{"name":"x"}`).argument("Content-Type", "format")
	if e.tail() != tail {
		t.Error("something was committed")
	}
	for _, typ := range []string{"application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8"} {
		h := e.owner()
		h.Set("Content-Type", typ)
		e.send(h, "POST", "~/groups", `{"name":"`+strings.NewReplacer("/", " ", ";", " ", "=", " ").Replace(typ)+`","unknown":{"a":[1]}}`).want(200)
	}
}

// TestRateLimit: one call too many (section 5).
func TestRateLimit(t *testing.T) {
	t.Parallel()
	e := newEstate(t, func(c *wire.Config) { c.Limiter = &wire.Limiter{PerMinute: 2} })
	e.Clock.Advance(time.Minute - time.Duration(e.Clock.Now().Second())*time.Second)
	e.get("~/groups").want(200)
	e.get("~/groups").want(200)
	a := e.get("~/groups").refused(429, "too_many_requests")
	a.is("limit.quota", "2", "limit.window_seconds", "60", "reset_seconds", a.header.Get("Retry-After"))
	if at, err := time.Parse(time.RFC3339, a.str("reset_at")); err != nil || !at.After(e.Clock.Now()) {
		t.Errorf("reset_at %s, %v", a.str("reset_at"), err)
	}
}

// TestQuotas: limits are the organization's own, and listed with their use (sections 4.8 and 7.3).
func TestQuotas(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	groups := e.get("~/groups").num("total_count")
	set := func(name string, limit string) {
		t.Helper()
		e.natively(bearer(e.Operator), "PUT", e.fill("/v1/organizations/{org}/quotas/"+name), `{"limit":`+limit+`}`)
	}
	set("groups", "3")
	q := e.get("~/quota/iam_groups").want(200)
	q.is("name", "iam_groups", "limit", "3", "limits", `[{"global":true,"limit":3}]`, "locality_type", "global", "unit", "groups", "current", "2")
	if groups != 2 {
		t.Fatalf("%d groups", groups)
	}
	e.ask(e.owner(), "POST", "~/groups", `{"name":"third"}`).want(200)
	e.ask(e.owner(), "POST", "~/groups", `{"name":"fourth"}`).refused(403, "quotas_exceeded", "details.0.resource", "iam_groups").is("details.0.quota", "3", "details.0.current", "3")
	for _, tc := range []struct{ native, name, path, body string }{
		{"service_accounts", "iam_applications", "~/applications", `{"name":"x"}`},
		{"policies", "iam_policies", "~/policies", `{"name":"x","no_principal":true}`},
		{"users", "iam_users", "~/users", `{"member":{"username":"new"}}`},
		{"projects", "projects", "/account/v3/projects", `{"name":"x"}`},
		{"ssh_keys", "ssh_keys", "~/ssh-keys", `{"name":"x","public_key":"` + publicKey + `"}`},
		{"credentials", "iam_api_keys", "~/api-keys", `{"application_id":"{application}"}`},
	} {
		set(tc.native, "1")
		e.ask(e.owner(), "POST", tc.path, tc.body).refused(403, "quotas_exceeded", "details.0.resource", tc.name).is("details.0.quota", "1")
		if n := e.get("~/quota/" + tc.name).want(200).num("current"); n < 1 {
			t.Errorf("%s: %d in use", tc.name, n)
		}
	}
	e.get("~/quota/none").missing("quota", "none")
	e.get("~/quota").argument("organization_id", "required")
}

// TestCheckPermissions: what a caller may do, asked by itself.
func TestCheckPermissions(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ask := func(as http.Header, permissions ...string) []string {
		t.Helper()
		return e.ask(as, "POST", "~/check-permissions", `{"permissions":[`+strings.Join(permissions, ",")+`]}`).want(200).list("responses", "decision")
	}
	at := func(service, name, action, scope string) string {
		return `{"service":"` + service + `","name":"` + name + `","action":"` + action + `",` + scope + `}`
	}
	const inOrg, inProject, inProject2 = `"organization_id":"{org}"`, `"project_id":"{project}"`, `"project_id":"{project2}"`
	member := key(e.names["member_secret"])
	questions := []struct {
		question string
		member   string // who may read instances and networks in project2 and the default one, and all of IAM
	}{
		{at("iam", "group", "read", inOrg), "allow"}, {at("iam", "group", "list", inOrg), "allow"}, {at("iam", "policy", "list", inOrg), "allow"},
		{at("iam", "group", "write", inOrg), "deny"}, {at("iam", "group", "delete", inOrg), "deny"}, {at("iam", "application", "create", inOrg), "deny"},
		{at("iam", "application", "read", inOrg), "allow"}, {at("iam", "api_key", "list", inOrg), "allow"}, {at("iam", "api_key", "create", inOrg), "deny"},
		{at("iam", "rule", "read", inOrg), "allow"}, {at("instances", "server", "read", inProject2), "allow"}, {at("instances", "security_group", "list", inProject2), "allow"},
		{at("instances", "server", "read", inProject), "deny"}, {at("instances", "server", "read", inOrg), "deny"}, {at("instances", "server", "write", inProject2), "deny"},
	}
	var all []string
	for _, q := range questions {
		all = append(all, q.question)
	}
	agent := member.Clone()
	agent.Set("User-Agent", "test")
	for i, got := range ask(agent, all...) {
		if got != questions[i].member {
			t.Errorf("%s: %s, want %s", questions[i].question, got, questions[i].member)
		}
	}
	for i, got := range ask(e.owner(), all...) {
		if got != "allow" {
			t.Errorf("%s: the owner is told %s", questions[i].question, got)
		}
	}
	unknown := []string{at("iam", "nothing", "read", inOrg), at("nothing", "x", "read", inOrg), at("iam", "group", "fly", inOrg)}
	for _, got := range ask(e.owner(), unknown...) {
		if got != "deny" {
			t.Errorf("what is unknown is told %s", got)
		}
	}
	if got := ask(e.owner()); len(got) != 0 {
		t.Errorf("no question has %d answers", len(got))
	}
	for _, tc := range []struct{ body, argument, reason string }{
		{`{"permissions":[{}]}`, "permissions[0].service", "required"},
		{`{"permissions":[` + at("iam", "", "read", inOrg) + `]}`, "permissions[0].name", "required"},
		{`{"permissions":[` + at("iam", "x", "", inOrg) + `]}`, "permissions[0].action", "required"},
		{`{"permissions":[` + at("iam", "x", "y", inOrg) + `,` + at("iam", "x", "y", `"project_id":""`) + `]}`, "permissions[1].scope", "required"},
		{`{"permissions":[` + at("iam", "x", "y", inOrg+`,`+inProject) + `]}`, "permissions[0].scope", "constraint"},
		{`{"permissions":[` + at("iam", "x", "y", `"project_id":"p"`) + `]}`, "permissions[0].project_id", "format"},
		{`{"permissions":{}}`, "permissions", "format"},
		{`{"permissions":[` + strings.Repeat(at("iam", "x", "y", inOrg)+",", 100) + at("iam", "x", "y", inOrg) + `]}`, "permissions", "constraint"},
	} {
		e.ask(member, "POST", "~/check-permissions", tc.body).argument(tc.argument, tc.reason)
	}
	e.ask(e.owner(), "POST", "~/check-permissions", `{"permissions":[`+at("iam", "group", "read", `"organization_id":"{other.org}"`)+`]}`).denied("read", "permission")
}
