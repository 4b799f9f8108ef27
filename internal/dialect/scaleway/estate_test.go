package scaleway_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/writ-iam/writ/internal/api"
	"github.com/writ-iam/writ/internal/authn/authntest"
	"github.com/writ-iam/writ/internal/dialect/scaleway"
	"github.com/writ-iam/writ/internal/sitetest"
	"github.com/writ-iam/writ/internal/wire"
)

// estate is an installation with two organizations that have one of everything. It is made once and copied for each test.
type estate struct {
	*sitetest.Site
	t      testing.TB
	native http.Handler
	wire   http.Handler      // this dialect
	names  map[string]string // what {group}, {other.group}, {owner_key} … stand for in paths, headers and bodies
	remote string            // where requests come from; "" for where httptest's do
}

var (
	drawing sync.Mutex
	drawn   *sitetest.Blueprint
	plan    map[string]string
)

// newEstate opens a copy of the estate; edit changes the dialect's configuration first.
func newEstate(t testing.TB, edit ...func(*wire.Config)) *estate {
	t.Helper()
	drawing.Lock()
	defer drawing.Unlock()
	if drawn == nil {
		draw(t)
	}
	e := on(t, drawn.Copy(t), edit...)
	e.names = maps.Clone(plan)
	return e
}

// on is an estate on an installation.
func on(t testing.TB, s *sitetest.Site, edit ...func(*wire.Config)) *estate {
	cfg := s.Config
	for _, f := range edit {
		f(&cfg)
	}
	return &estate{Site: s, t: t, native: api.New(s.Config), wire: scaleway.New(cfg)}
}

// draw makes the estate that all are copies of.
func draw(t testing.TB) {
	e := on(t, sitetest.New(t))
	common := map[string]string{"nowhere": "0b54f5f2-3c7b-4e66-9d39-6f0a3a4b5c6d", "operator": e.Operator}
	organizations := map[string]map[string]string{"": maps.Clone(common), "other.": maps.Clone(common)}
	for _, prefix := range []string{"", "other."} {
		e.names = organizations[prefix]
		e.found(map[string]string{"": "acme.example", "other.": "other.example"}[prefix])
	}
	e.Clock.Advance(8 * 24 * time.Hour) // by now invitations from before have ended
	plan = maps.Clone(common)
	for _, prefix := range []string{"", "other."} {
		e.names = organizations[prefix]
		e.furnish()
		for name, value := range e.names {
			if _, same := common[name]; !same {
				plan[prefix+name] = value
			}
		}
	}
	drawn = e.Blueprint(t)
}

// keep makes something and keeps a value of the answer under a name.
func (e *estate) keep(name, at string, made *answer) *answer {
	e.t.Helper()
	if made.status >= 300 {
		e.t.Fatalf("%s: status %d: %s", name, made.status, made.body)
	}
	e.names[name] = made.str(at)
	return made
}

// found makes an organization, people, and what will have ended when it is furnished.
func (e *estate) found(domain string) {
	e.names["domain"] = domain
	operator := bearer(e.Operator)
	made := e.keep("org", "organization.id", e.natively(operator, "POST", "/v1/organizations",
		`{"name":"Acme","owner_email":"olga@{domain}","owner_name":"Olga Owner"}`))
	e.names["token"] = made.str("token")
	e.keep("owner", "owner.id", made)
	for _, name := range []string{"Mia Member", "Ida Idle"} {
		first, _, _ := strings.Cut(strings.ToLower(name), " ")
		e.natively(operator, "POST", "/v1/people", `{"email":"`+first+`@{domain}","name":"`+name+`"}`)
	}
	e.keep("late", "invitation.id", e.natively(e.nativeOwner(), "POST", "/v1/iam/users", `{"email":"late@{domain}"}`))
}

// furnish gives an organization one of everything, and something beside it that nothing else refers to.
func (e *estate) furnish() {
	make := func(name, path, body string) *answer {
		return e.keep(name, "id", e.ask(e.owner(), "POST", "~"+path, body))
	}
	native := func(name, at, path, body string) *answer {
		return e.keep(name, at, e.natively(e.nativeOwner(), "POST", "/v1/iam/"+path, body))
	}
	make("group", "/groups", `{"name":"operators","description":"They operate","tags":["team=core","night"]}`)
	make("group2", "/groups", `{"name":"readers"}`)
	native("member", "user.id", "users", `{"email":"mia@{domain}"}`)
	native("idle", "user.id", "users", `{"email":"ida@{domain}"}`) // with no rights at all
	native("pending", "invitation.id", "users", `{"email":"new.hire@{domain}"}`)
	make("application", "/applications", `{"name":"ci","description":"Builds","tags":["team=core"]}`)
	make("application2", "/applications", `{"name":"spare"}`)
	make("reader", "/applications", `{"name":"reads all"}`)
	for _, body := range []string{`{"user_id":"{member}"}`, `{"user_id":"{pending}"}`, `{"application_id":"{application}"}`} {
		e.ask(e.owner(), "POST", "~/groups/{group}/add-member", body).want(200)
	}
	make("local", "/users", `{"tags":["team=core"],"member":{"username":"lena","email":"lena@{domain}","first_name":"Lena"}}`)
	make("locked", "/users", `{"member":{"username":"lou"}}`)
	e.ask(e.owner(), "POST", "~/users/{locked}/lock", `{}`).want(200)
	for i, name := range []string{"project", "project2", "project3"} {
		e.keep(name, "id", e.ask(e.owner(), "POST", "/account/v3/projects", `{"name":"`+[]string{"staging", "production", "empty"}[i]+`"}`))
	}
	make("ssh_key", "/ssh-keys", `{"name":"laptop","project_id":"{project}","public_key":"`+publicKey+`"}`)
	make("ssh_key2", "/ssh-keys", `{"name":"default","public_key":"`+publicKey+`"}`)
	make("saml", "/organizations/{org}/saml", `{}`)
	make("certificate", "/saml/{saml}/certificates", `{"type":"signing","content":"`+certificate+`"}`)
	make("scim", "/organizations/{org}/scim", "")
	e.keep("scim_token", "token.id", e.ask(e.owner(), "POST", "~/scim/{scim}/tokens", ""))
	e.furnishSignIn(make)
	make("policy", "/policies", `{"name":"operate","description":"Rights of operators","tags":["team=core"],"group_id":"{group}","rules":[
		{"permission_set_names":["InstancesReadOnly","VPCReadOnly"],"project_ids":["{project2}","{org}"],"condition":"request.user_agent != 'forbidden'"},
		{"permission_set_names":["IAMReadOnly"],"organization_id":"{org}"}]}`)
	make("policy2", "/policies", `{"name":"of nobody","no_principal":true}`)
	make("reading", "/policies", `{"name":"read all","application_id":"{reader}","rules":[{"permission_set_names":["IAMReadOnly","OrganizationReadOnly","AuditTrailReadOnly"],"organization_id":"{org}"}]}`)
	make("of_member", "/policies", `{"name":"of mia","user_id":"{member}","rules":[{"permission_set_names":["IAMGroupReadOnly"],"organization_id":"{org}"}]}`)
	make("of_pending", "/policies", `{"name":"of the new hire","user_id":"{pending}"}`)

	// What the native API alone can say.
	native("statements", "policy.id", "policies", `{"name":"reports","document":{"statements":[{"effect":"allow","actions":["s3:GetObject"],"resources":["*"]}]}}`)
	native("reads_all", "policy.id", "policies", `{"name":"all reads","document":{"statements":[{"effect":"allow","actions":["iam:Get*","iam:List*","iam:ParseConnectorMetadata"],"resources":["*"]}]}}`)
	e.natively(e.nativeOwner(), "POST", e.fill("/v1/iam/service-accounts/{reader}/policies"), `{"policy_id":"{reads_all}"}`)
	native("role", "role.id", "roles", `{"name":"breakglass"}`)
	native("shared", "policy.id", "policies", `{"name":"shared","language":"scaleway","document":{"rules":[]}}`)
	for _, of := range []string{"groups/{group2}", "users/{member}", "roles/{role}"} {
		e.natively(e.nativeOwner(), "POST", e.fill("/v1/iam/"+of+"/policies"), `{"policy_id":"{shared}"}`)
	}
	native("of_role", "policy.id", "policies", `{"name":"of a role","language":"scaleway","document":{"rules":[]}}`)
	e.natively(e.nativeOwner(), "POST", e.fill("/v1/iam/roles/{role}/policies"), `{"policy_id":"{of_role}"}`)
	e.names["api_token"] = native("api_token_id", "api_token.id", "api-tokens", `{"name":"terraform"}`).str("secret_access_key")

	for _, of := range []string{"users/{owner}", "users/{member}", "users/{idle}", "users/{local}", "service-accounts/{application}", "service-accounts/{reader}"} {
		key := e.natively(e.nativeOwner(), "POST", e.fill("/v1/iam/"+of+"/credentials"), `{"name":"key"}`)
		name := of[strings.IndexByte(of, '{')+1 : len(of)-1]
		e.names[name+"_secret"], e.names[name+"_key"], e.names[name+"_credential"] = key.str("secret_access_key"), key.str("credential.access_key_id"), key.str("credential.id")
	}
	ci := e.keep("ci_key", "access_key", e.ask(e.owner(), "POST", "~/api-keys", `{"application_id":"{application}","description":"for CI"}`))
	e.names["ci_secret"] = ci.str("secret_key")
	session := e.keep("jti", "jwt.jti", e.ask(key(e.names["owner_secret"]), "POST", "~/jwts", `{"user_id":"{owner}"}`))
	e.names["jwt"] = session.str("token")
	logs := e.ask(e.owner(), "GET", "~/logs?order_by=created_at_desc&resource_type=policy", "").want(200)
	e.names["log"] = logs.str("logs.0.id")
}

// furnishSignIn makes users who sign in with more than a password, or are about to.
func (e *estate) furnishSignIn(make func(name, path, body string) *answer) {
	make("starting", "/users", `{"member":{"username":"starting","password":"correct horse battery"}}`)
	make("keyed", "/users", `{"member":{"username":"keyed"}}`)
	e.start("starting")
	e.keep("otp_secret", "secret", e.ask(e.owner(), "POST", "~/users/{starting}/mfa-otp", `{}`))
	for _, part := range []string{"ceremony", "raw_id", "client_data", "attestation"} {
		defer func(value string) { e.names[part] = value }(e.names[part])
	}
	e.register("keyed")
	e.register("keyed")
}

// start begins to register an authenticator of a user, and keeps what it answers.
func (e *estate) start(name string) {
	e.t.Helper()
	start := e.ask(e.owner(), "POST", "~/users/{"+name+"}/start-webauthn-registration?origin="+url.QueryEscape(origin), "")
	e.keep("ceremony", "ceremony_id", start)
	challenge, err := base64.StdEncoding.DecodeString(start.str("challenge"))
	if err != nil {
		e.t.Fatal(err)
	}
	answer := authntest.New(origin).Create(challenge)
	e.names["raw_id"], e.names["client_data"], e.names["attestation"] = b64(answer.RawID), b64(answer.ClientData), b64(answer.Object)
}

// register gives a user an authenticator.
func (e *estate) register(name string) {
	e.t.Helper()
	e.start(name)
	e.keep("authenticator", "authenticator_id", e.ask(e.owner(), "POST", "~/users/{"+name+"}/finish-webauthn-registration", finish))
}

// origin is where browsers are.
const origin = "https://console.example"

// finish ends the registration of an authenticator.
const finish = `{"ceremony_id":"{ceremony}","authenticator_name":"key","origin":"` + origin + `","raw_id":"{raw_id}","client_data_json":"{client_data}","attestation_object":"{attestation}"}`

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// publicKey is somebody's.
const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL2Xrypg7+M4/SY2kpQDqzUvFmB0yAH99B006zNxgjZo ada@laptop"

// bearer are the headers of somebody on the native API.
func bearer(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }

// key are the headers of somebody with a secret.
func key(secret string) http.Header { return http.Header{"X-Auth-Token": {secret}} }

// owner are the headers of the organization's owner, and nativeOwner those on the native API.
func (e *estate) owner() http.Header       { return key(e.names["token"]) }
func (e *estate) nativeOwner() http.Header { return bearer(e.names["token"]) }

var placeholder = regexp.MustCompile(`\{[a-z][a-z0-9_.]*\}`)

// expand writes an abbreviation out: "~" at the beginning is the path of IAM.
func expand(text string) string {
	if rest, is := strings.CutPrefix(text, "~"); is {
		return scaleway.Prefix + rest
	}
	return text
}

// fill puts names in place.
func (e *estate) fill(text string) string {
	e.t.Helper()
	return placeholder.ReplaceAllStringFunc(expand(text), func(name string) string {
		if name == "{otp}" { // which the generator will show when the request is made
			code, err := totp.GenerateCode(e.names["otp_secret"], e.Clock.Now().Add(time.Second))
			if err != nil {
				e.t.Fatal(err)
			}
			return code
		}
		value, ok := e.names[strings.Trim(name, "{}")]
		if !ok {
			e.t.Fatalf("%s in %q is no name of the estate", name, text)
		}
		return value
	})
}

// ask makes a request of this dialect, a second after the one before. "" is no body.
func (e *estate) ask(as http.Header, method, path, body string) *answer {
	e.t.Helper()
	return e.send(as, method, path, e.fill(body))
}

// send is ask with a body that goes as it is.
func (e *estate) send(as http.Header, method, path, body string) *answer {
	e.t.Helper()
	return e.do(e.wire, as, method, e.fill(path), body)
}

// get is a read of the owner's.
func (e *estate) get(path string) *answer {
	e.t.Helper()
	return e.ask(e.owner(), "GET", path, "")
}

// natively makes a request of the native API, which must succeed.
func (e *estate) natively(as http.Header, method, path, body string) *answer {
	e.t.Helper()
	a := e.do(e.native, as, method, path, e.fill(body))
	if a.status >= 300 {
		e.t.Fatalf("%s: status %d: %s", a.what, a.status, a.body)
	}
	return a
}

func (e *estate) do(h http.Handler, as http.Header, method, path, body string) *answer {
	e.Clock.Advance(time.Second)
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, path, in)
	if r.Header = as.Clone(); e.remote != "" {
		r.RemoteAddr = e.remote
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return &answer{t: e.t, what: method + " " + path, status: rec.Code, header: rec.Header(), body: rec.Body.Bytes()}
}

// tail is the end of the feed of commits of all organizations: it stays where it is as long as nothing changes.
func (e *estate) tail() uint64 {
	e.t.Helper()
	at, err := e.Control.Store.Tail(context.Background())
	if err != nil {
		e.t.Fatal(err)
	}
	return uint64(at)
}

// answer is what came back.
type answer struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	body   []byte
}

// want stops the test unless the answer has a status and is well-formed.
func (a *answer) want(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: status %d, want %d: %s", a.what, a.status, status, a.body)
	}
	if wrong := a.malformed(); wrong != "" {
		a.t.Fatalf("%s: %s: %s", a.what, wrong, a.body)
	}
	return a
}

// refused stops the test unless the answer is an error of a status and type, with these members, given as name and value in turns.
func (a *answer) refused(status int, typ string, members ...string) *answer {
	a.t.Helper()
	a.want(status)
	for i, members := 0, append([]string{"type", typ}, members...); i < len(members); i += 2 {
		if got, _ := a.find(members[i]); got != members[i+1] {
			a.t.Fatalf("%s: %s is %v, want %q: %s", a.what, members[i], got, members[i+1], a.body)
		}
	}
	return a
}

// argument stops the test unless the answer says that an argument is wrong, for a reason.
func (a *answer) argument(name, reason string) *answer {
	a.t.Helper()
	return a.refused(400, "invalid_arguments", "details.0.argument_name", name, "details.0.reason", reason)
}

// denied stops the test unless the answer says that something may not be done.
func (a *answer) denied(action, resource string) *answer {
	a.t.Helper()
	return a.refused(403, "permissions_denied", "details.0.action", action, "details.0.resource", resource)
}

// missing stops the test unless the answer says that a thing is not there.
func (a *answer) missing(resource, id string) *answer {
	a.t.Helper()
	return a.refused(404, "not_found", "resource", resource, "resource_id", id)
}

// members are what every error of a type must have, or clients take it for none (section 5).
var members = map[string][]string{
	"invalid_arguments":     {"details.0.argument_name", "details.0.reason", "details.0.help_message"},
	"denied_authentication": {"method", "reason"},
	"permissions_denied":    {"details.0.resource", "details.0.action"},
	"quotas_exceeded":       {"details.0.resource", "details.0.quota", "details.0.current"},
	"not_found":             {"resource", "resource_id"},
	"already_exists":        {"resource", "resource_id", "help_message"},
	"precondition_failed":   {"precondition", "help_message"},
	"too_many_requests":     {"help_message", "limit.quota", "limit.window_seconds", "reset_seconds", "reset_at"},
}

// reasons are the words that clients know (section 5).
var reasons = []string{"unknown", "required", "format", "constraint", "invalid_argument", "not_found", "expired"}

// malformed says what is not as every answer must be (sections 1 and 5); "" if nothing is.
func (a *answer) malformed() string {
	if a.header.Get("Content-Type") != "application/json" || a.header.Get("X-Request-Id") == "" {
		return "Content-Type or X-Request-Id is wrong"
	}
	if a.status == 204 {
		if len(a.body) > 0 || a.header.Get("Content-Length") != "" {
			return "a 204 has a body"
		}
		return ""
	}
	var body any
	if err := json.Unmarshal(a.body, &body); err != nil {
		return "no JSON: " + err.Error()
	}
	if a.header.Get("Content-Length") != strconv.Itoa(len(a.body)) {
		return "Content-Length is wrong"
	}
	if a.status < 300 {
		return null(body, "")
	}
	typ, _ := a.find("type")
	if message, _ := a.find("message"); message == "" || message == nil {
		return "no message"
	}
	want, known := members[asText(typ)]
	if !known {
		if a.status == 405 || string(a.body) == `{"message":"Not Found"}` {
			return ""
		}
		return "unknown type of error"
	}
	for _, name := range want {
		if _, ok := a.find(name); !ok {
			return "no " + name
		}
	}
	for _, name := range []string{"reason", "details.0.reason"} {
		if reason, ok := a.find(name); ok && !slices.Contains(reasons, asText(reason)) {
			return "unknown reason"
		}
	}
	return ""
}

// nullable are the members that may be null (section 1).
var nullable = []string{"secret_key", "expires_at", "last_login_at", "grace_period_duration", "max_login_session_duration", "max_api_key_expiration_duration"}

// null finds a member that is null and must not be.
func null(v any, name string) string {
	switch v := v.(type) {
	case nil:
		if !slices.Contains(nullable, name) {
			return name + " is null"
		}
	case map[string]any:
		for _, member := range slices.Sorted(maps.Keys(v)) {
			if wrong := null(v[member], member); wrong != "" {
				return wrong
			}
		}
	case []any:
		for _, element := range v {
			if wrong := null(element, name+" element"); wrong != "" {
				return wrong
			}
		}
	}
	return ""
}

func asText(v any) string { s, _ := v.(string); return s }

// find looks for a value in the body.
func (a *answer) find(path string) (any, bool) { return sitetest.Find(a.body, path) }

// str gives a string of the body.
func (a *answer) str(path string) string {
	a.t.Helper()
	v, _ := a.find(path)
	s, is := v.(string)
	if !is {
		a.t.Fatalf("%s: no string at %q in %s", a.what, path, a.body)
	}
	return s
}

// num gives a whole number of the body.
func (a *answer) num(path string) int {
	a.t.Helper()
	v, _ := a.find(path)
	n, is := v.(float64)
	if !is {
		a.t.Fatalf("%s: no number at %q in %s", a.what, path, a.body)
	}
	return int(n)
}

// is stops the test unless the body has these members, given as name and value in turns: a text, or a value's JSON.
func (a *answer) is(members ...string) *answer {
	a.t.Helper()
	for i := 0; i < len(members); i += 2 {
		got, ok := a.find(members[i])
		text, isText := got.(string)
		if !isText {
			b, err := json.Marshal(got)
			if err != nil {
				a.t.Fatal(err)
			}
			text = string(b)
		}
		if !ok || text != members[i+1] {
			a.t.Errorf("%s: %s is %s, want %s: %s", a.what, members[i], text, members[i+1], a.body)
		}
	}
	return a
}

// list gives one member of each element of a list.
func (a *answer) list(name, member string) []string {
	a.t.Helper()
	out := []string{}
	items, _ := a.find(name)
	array, is := items.([]any)
	if !is {
		a.t.Fatalf("%s: %s is no array: %s", a.what, name, a.body)
	}
	for i := range array {
		at := name + "." + strconv.Itoa(i)
		if member != "" {
			at += "." + member
		}
		out = append(out, a.str(at))
	}
	return out
}
