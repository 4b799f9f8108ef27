package api_test

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/api"
	"github.com/writ-iam/writ/internal/authn/authntest"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/sitetest"
	"github.com/writ-iam/writ/internal/wire"
)

// estate is an installation with two organizations that have one of everything, under the same names. It is made once
// and copied for each test that wants one.
type estate struct {
	*world
	dir   string            // the data folder
	names map[string]string // what {group}, {other.group}, {owner} … stand for in paths and bodies
}

// blueprint is what estates are copies of.
type blueprint struct {
	*sitetest.Blueprint
	names map[string]string
}

var (
	drawing sync.Mutex
	drawn   *blueprint
)

// newEstate opens a copy of the estate, reached over a real listener; edit changes the API's configuration first.
func newEstate(t testing.TB, edit ...func(*wire.Config)) *estate {
	t.Helper()
	e := copyEstate(t, edit...)
	e.handler = overHTTP(t, e.handler)
	haveRoleKeys(e)
	return e
}

// copyEstate opens a copy of the estate.
func copyEstate(t testing.TB, edit ...func(*wire.Config)) *estate {
	t.Helper()
	b := draw(t)
	e := estateOn(t, b.Copy(t))
	e.names = maps.Clone(b.names)
	e.names["role_credential"] = nobodyID // but for estates that haveRoleKeys
	for _, f := range edit {
		f(&e.config)
	}
	e.handler = api.New(e.config)
	e.owner, e.org, e.ownerID = b.names["token"], b.names["org"], b.names["owner"]
	return e
}

// estateOn is an estate on an installation.
func estateOn(t testing.TB, s *sitetest.Site) *estate {
	e := &estate{world: worldOn(s), dir: s.Dir}
	e.attend(t)
	return e
}

// draw makes the estate that all are copies of.
func draw(t testing.TB) *blueprint {
	t.Helper()
	drawing.Lock()
	defer drawing.Unlock()
	if drawn != nil {
		return drawn
	}
	site := sitetest.New(t)
	e := estateOn(t, site)
	names := map[string]string{"nobody": nobodyID, "operator": e.operator}
	acme, other := e.found("acme.example"), e.found("other.example")
	e.clock.advance(8 * 24 * time.Hour)
	for prefix, n := range map[string]map[string]string{"": e.furnish(acme), "other.": e.furnish(other)} {
		for name, v := range n {
			names[prefix+name] = v
		}
	}
	drawn = &blueprint{site.Blueprint(t), names}
	return drawn
}

// attend makes the estate report to a test. In a benchmark or fuzz test what fails panics instead.
func (e *estate) attend(t testing.TB) {
	if e.t, _ = t.(*testing.T); e.t == nil {
		e.t = new(testing.T)
	}
}

// deed makes something as a caller, a second later, and keeps its id under a name.
func (e *estate) deed(n map[string]string, name string, as *caller, path string, body any, id string) *reply {
	e.clock.advance(time.Second)
	r := as.post(path, body).want(201)
	n[name] = r.str(id)
	return r
}

// found makes an organization and an invitation that will have expired when it is furnished.
func (e *estate) found(domain string) map[string]string {
	n := map[string]string{"domain": domain, "catalog_file": "reports", "origin": "https://console." + domain, "password": password,
		"registration": nobodyID, "raw_id": "AAAA", "client_data": "e30", "attestation": "AAAA", "otp": "000000"}
	operator := e.as(e.operator)
	operator.put(catalogFiles+"/reports", reportsFile).want(200) // the same each time, which changes nothing
	made := e.deed(n, "org", operator, "/v1/organizations", obj{"name": "Acme", "owner_email": "olga@" + domain, "owner_name": "Olga"}, "organization.id")
	n["token"], n["owner"] = made.str("token"), made.str("owner.id")
	e.deed(n, "person", operator, "/v1/people", obj{"email": "Mia@" + domain, "name": "Mia Member"}, "person.id")
	e.deed(n, "stranger", operator, "/v1/people", obj{"email": "sam@" + domain, "name": "Sam Stranger"}, "person.id")
	e.deed(n, "expired", e.as(n["token"]), "/v1/iam/users", obj{"email": "late@" + domain}, "invitation.id")
	return n
}

// furnish gives an organization one of everything, and something beside it that nothing else refers to.
func (e *estate) furnish(n map[string]string) map[string]string {
	owner := e.as(n["token"])
	deed := func(name, path string, body any, id string) *reply {
		return e.deed(n, name, owner, "/v1/iam/"+path, body, id)
	}
	deed("group", "groups", obj{"name": "auditors", "description": "Read-only staff"}, "group.id")
	deed("group2", "groups", obj{"name": "readers"}, "group.id")
	deed("invitation", "users", obj{"email": "new.hire@" + n["domain"], "group_ids": []string{n["group"]}}, "invitation.id")
	deed("user", "users", obj{"email": "mia@" + n["domain"], "group_ids": []string{n["group"]}}, "user.id")
	deed("account", "service-accounts", obj{"name": "log-shipper", "display_name": "Log shipper"}, "service_account.id")
	deed("account2", "service-accounts", obj{"name": "spare"}, "service_account.id")
	reports := obj{"version": "2024-01-01", "statements": []obj{
		{"sid": "ReadReports", "effect": "allow", "actions": []string{"s3:GetObject"}, "resources": []string{"reports/*"}}}}
	deed("policy", "policies", obj{"name": "reports-read", "document": reports}, "policy.id")
	deed("policy2", "policies", obj{"name": "unused", "description": "Attached to nothing", "document": reports}, "policy.id")
	trust := obj{"principals": []string{"crn::iam:service-account:*", "crn:spo1:compute:instance:*"}}
	deed("role", "roles", obj{"name": "backup-writer", "description": "Nightly backups", "trust_policy": trust}, "role.id")
	deed("role2", "roles", obj{"name": "untrusted"}, "role.id")
	deed("connector", "connectors", obj{"email_domain": "mail." + n["domain"]}, "connector.id")
	e.confirm(n["token"], n["connector"])
	deed("awaiting", "connectors", obj{"email_domain": "lab." + n["domain"], "begin_verification": false}, "connector.id")
	e.clock.advance(time.Second)
	owner.post("/v1/iam/service-accounts/"+n["account"]+"/groups", obj{"group_id": n["group"]}).want(204)
	for _, holder := range []string{"groups/" + n["group"], "users/" + n["user"], "roles/" + n["role"], "service-accounts/" + n["account"]} {
		e.clock.advance(time.Second)
		owner.post("/v1/iam/"+holder+"/policies", obj{"policy_id": n["policy"]}).want(204)
	}
	key := deed("credential", "service-accounts/"+n["account"]+"/credentials", obj{"name": "deploy-key", "expires_at": "2027-01-01T00:00:00Z"}, "credential.id")
	n["key"], n["secret"] = key.str("credential.access_key_id"), key.str("secret_access_key")
	key = deed("user_credential", "users/"+n["user"]+"/credentials", obj{"name": "laptop"}, "credential.id")
	n["user_key"], n["user_secret"] = key.str("credential.access_key_id"), key.str("secret_access_key")
	for _, name := range []string{"ended", "session"} {
		e.clock.advance(time.Second)
		temporary := e.asKey(n["key"], n["secret"]).post("/v1/iam/assume-role", obj{"role_id": n["role"], "duration_seconds": 43200}).want(200)
		n[name] = owner.get("/v1/iam/sts-sessions").want(200).str("sts_sessions.0.id")
		n[name+"_key"], n[name+"_secret"] = temporary.str("access_key_id"), temporary.str("secret_access_key")
		n[name+"_token"] = temporary.str("session_token")
		if name == "ended" {
			owner.post("/v1/iam/sts-sessions/"+n[name]+"/revoke", obj{"reason": "lost"}).want(200)
		}
	}
	deed("api_token", "api-tokens", obj{"name": "terraform"}, "api_token.id")
	e.clock.advance(time.Second)
	n["log"] = owner.get("/v1/audit-logs?limit=1").want(200).str("audit_logs.0.id")
	n["account_key"] = "com.cloudflare.api.account." + strings.ReplaceAll(n["org"], "-", "")
	zones := obj{"key": n["account_key"], "objects": []obj{{"key": "com.cloudflare.api.account.zone.c41d9e07f2b84a5d86e3170fa92bd5c8"}}}
	deed("resource_group", "resource-groups", obj{"name": "staging zones", "scope": zones, "meta": obj{"key": "editable", "value": "true"}}, "resource_group.id")
	n["predefined"] = owner.get("/v1/iam/resource-groups").want(200).str("resource_groups.0.id")
	e.admit(n)
	return n
}

// password is everybody's.
const password = "correct horse battery staple"

// admit gives the owner and the user a password, and signs both in; the user has an authenticator beside it.
func (e *estate) admit(n map[string]string) {
	owner := e.as(n["token"])
	for _, who := range []string{"user", "owner"} {
		e.clock.advance(time.Second)
		owner.put("/v1/iam/users/"+n[who]+"/password", obj{"password": password}).want(204)
	}
	n["signed_out"] = e.signIn(n, "mia@"+n["domain"]).str("session.id")
	e.clock.advance(time.Second)
	owner.del("/v1/iam/user-sessions/" + n["signed_out"]).want(204)
	in := e.signIn(n, "mia@"+n["domain"])
	n["user_session"], n["user_token"], n["user_renew"] = in.str("session.id"), in.str("token"), in.str("renew_token")
	in = e.signIn(n, "olga@"+n["domain"])
	n["own_token"], n["renew_token"] = in.str("token"), in.str("renew_token")
	n["authenticator"] = e.register(owner, n["user"], authntest.New(n["origin"])).str("authenticator.id")
}

// signIn signs somebody in, a second later.
func (e *estate) signIn(n map[string]string, login string) *reply {
	e.clock.advance(time.Second)
	return e.with().post("/v1/auth/sign-in", obj{"organization": n["org"], "login": login, "password": password}).want(200)
}

// begin begins the registration of an authenticator, and gives what its browser answers.
func (e *estate) begin(as *caller, user string, key *authntest.Authenticator) (id string, answer obj) {
	e.clock.advance(time.Second)
	begun := as.post("/v1/iam/users/"+user+"/authenticators/start", obj{"origin": key.Origin}).want(201)
	challenge, err := base64.RawURLEncoding.DecodeString(begun.str("public_key.challenge"))
	if err != nil {
		e.t.Fatal(err)
	}
	a, b64 := key.Create(challenge), base64.RawURLEncoding.EncodeToString
	return begun.str("registration_id"), obj{"type": "public-key", "id": b64(a.RawID), "rawId": b64(a.RawID),
		"response": obj{"clientDataJSON": b64(a.ClientData), "attestationObject": b64(a.Object)}}
}

// register registers an authenticator of a user.
func (e *estate) register(as *caller, user string, key *authntest.Authenticator) *reply {
	id, answer := e.begin(as, user, key)
	e.clock.advance(time.Second)
	return as.post("/v1/iam/users/"+user+"/authenticators", obj{"registration_id": id, "name": "blue key", "credential": answer}).want(201)
}

// confirm ends the verification of a connector's domain as if its record had been found.
func (e *estate) confirm(token, connector string) {
	e.t.Helper()
	ctx := context.Background() // a fuzz target has none before its first input
	uuid, err := iam.ParseUUID(connector)
	if err != nil {
		e.t.Fatal(err)
	}
	actor, err := e.control.Authenticate(ctx, control.Presented{Bearer: token})
	if err != nil {
		e.t.Fatal(err)
	}
	p, err := e.control.Enter(ctx, &control.Call{Actor: actor}, control.VerifyConnector, control.On(iam.Name(iam.TypeConnector, uuid)))
	if err != nil {
		e.t.Fatal(err)
	}
	_, err = p.Write(ctx, func(d *iam.Draft) error {
		_, err := d.ConfirmConnector(iam.ConnectorID{UUID: uuid})
		return err
	})
	if err != nil {
		e.t.Fatal(err)
	}
}

var placeholder = regexp.MustCompile(`\{[a-z][a-z0-9_.]*\}`)

// fill puts names in place.
func (e *estate) fill(text string) string {
	e.t.Helper()
	return placeholder.ReplaceAllStringFunc(text, func(name string) string {
		v, ok := e.names[strings.Trim(name, "{}")]
		if !ok {
			e.t.Fatalf("%s in %q is no name of the estate", name, text)
		}
		return v
	})
}

// decode is the whole body; nil if it is no JSON.
func (r *reply) decode() any {
	var v any
	if json.Unmarshal(r.body, &v) != nil {
		return nil
	}
	return v
}

// tail is the end of the feed of commits of all organizations: it stays where it is as long as nothing changes.
func (e *estate) tail() uint64 {
	e.t.Helper()
	at, err := e.control.Store.Tail(e.t.Context())
	if err != nil {
		e.t.Fatal(err)
	}
	return uint64(at)
}

// head is the revision of an organization in the store.
func (e *estate) head(org string) int {
	e.t.Helper()
	id, err := iam.ParseUUID(org)
	if err != nil {
		e.t.Fatal(err)
	}
	_, head, err := e.control.Store.Load(e.t.Context(), iam.OrgID{UUID: id})
	if err != nil {
		e.t.Fatal(err)
	}
	return int(head.Revision)
}

// params are the estate's names for the parameters in the patterns of routes.
var params = strings.NewReplacer("{group_id}", "{group}", "{user_id}", "{user}", "{service_account_id}", "{account}",
	"{policy_id}", "{policy}", "{role_id}", "{role}", "{session_id}", "{session}", "{credential_id}", "{credential}",
	"{resource_group_id}", "{resource_group}", "{api_key_id}", "{credential}", "{invitation_id}", "{invitation}", "{log_id}", "{log}", "{organization_id}", "{org}",
	"{token_id}", "{api_token}", "{person_id}", "{person}", "{file_name}", "{catalog_file}", "{name}", "groups",
	"{connector_id}", "{connector}", "{user_session_id}", "{user_session}", "{authenticator_id}", "{authenticator}")

// patternPath is the path of a route in the estate's names. The credential below a user is the user's own, and so is that of a role.
func patternPath(pattern string) string {
	path := params.Replace(pattern)
	if strings.HasPrefix(path, "/v1/iam/users/") {
		path = strings.Replace(path, "{credential}", "{user_credential}", 1)
	}
	if path == roles+"/{role}/credentials/{credential}" {
		return roles + "/{role2}/credentials/{role_credential}"
	}
	return path
}

var lastUsed = regexp.MustCompile(`"last_used_at":"[^"]*"`)

// dump is everything that the owners and the operator can read, but for the audit logs and when credentials were used.
func (e *estate) dump() string {
	e.t.Helper()
	var b strings.Builder
	for _, r := range api.Routes() {
		if r.Method != "GET" || r.Operation == nil || strings.HasPrefix(r.Pattern, "/v1/audit-logs") {
			continue
		}
		query := "?limit=100&active_only=false"
		if r.Operation.Platform {
			b.Write(e.as(e.operator).get(e.fill(patternPath(r.Pattern)) + query).body)
			continue
		}
		b.Write(e.as(e.names["token"]).get(e.fill(patternPath(r.Pattern)) + query).body)
		theirs := placeholder.ReplaceAllStringFunc(patternPath(r.Pattern), func(s string) string { return "{other." + s[1:] })
		b.Write(e.as(e.names["other.token"]).get(e.fill(theirs) + query).body)
		b.WriteByte('\n')
	}
	return lastUsed.ReplaceAllString(b.String(), "")
}

// trail is what the audit logs of the first organization and of the platform have of one second.
func (e *estate) trail(now time.Time) []obj {
	e.t.Helper()
	query := "/v1/audit-logs?limit=100&from=" + now.Format(time.RFC3339) + "&to=" + now.Add(time.Second).Format(time.RFC3339)
	var out []obj
	for _, token := range []string{e.names["token"], e.operator} {
		for _, log := range e.as(token).get(query).want(200).at("audit_logs").([]any) {
			out = append(out, log.(obj))
		}
	}
	return out
}

// overHTTP is a handler that asks another one over a real listener, so that callers meet what net/http makes of it.
func overHTTP(t testing.TB, h http.Handler) http.Handler {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	to, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 4}
	t.Cleanup(transport.CloseIdleConnections)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := r.Clone(context.WithoutCancel(r.Context()))
		out.URL.Scheme, out.URL.Host, out.RequestURI = to.Scheme, to.Host, ""
		out.Host = cmp.Or(r.Host, to.Host)
		res, err := transport.RoundTrip(out)
		if err != nil {
			t.Errorf("%s %s: %v", r.Method, r.URL, err)
			w.WriteHeader(http.StatusTeapot)
			return
		}
		defer res.Body.Close()
		for name, values := range res.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(res.StatusCode)
		_, _ = io.Copy(w, res.Body)
	})
}
