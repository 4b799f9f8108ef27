package cloudflare_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/api"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/dialect/cloudflare"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/sitetest"
	"github.com/writ-iam/writ/internal/wire"
)

// estate is an installation with two accounts that have one of everything. It is made once and copied for each test.
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
	return &estate{Site: s, t: t, native: api.New(s.Config), wire: cloudflare.New(cfg, false)}
}

// draw makes the estate that all are copies of.
func draw(t testing.TB) {
	e := on(t, sitetest.New(t))
	common := e.vocabulary()
	accounts := map[string]map[string]string{"": maps.Clone(common), "other.": maps.Clone(common)}
	for _, prefix := range []string{"", "other."} {
		e.names = accounts[prefix]
		e.found(map[string]string{"": "acme.example", "other.": "other.example"}[prefix])
	}
	e.Clock.Advance(8 * 24 * time.Hour) // by now invitations and tokens from before have ended
	plan = maps.Clone(common)
	for _, prefix := range []string{"", "other."} {
		e.names = accounts[prefix]
		e.furnish()
		for name, value := range e.names {
			if _, same := common[name]; !same {
				plan[prefix+name] = value
			}
		}
	}
	drawn = e.Blueprint(t)
}

// vocabulary names what is the same in every account: permission groups by their labels, and those of tokens by their names.
func (e *estate) vocabulary() map[string]string {
	names := map[string]string{"nowhere": "0123456789abcdef0123456789abcdef", "zone": "c41d9e07f2b84a5d86e3170fa92bd5c8", "operator": e.Operator}
	for _, g := range e.Control.Catalog().PermissionGroups() {
		names["role."+g.Label] = g.ID()
	}
	for _, g := range e.Control.Catalog().TokenPermissionGroups() {
		names["may."+strings.ReplaceAll(strings.ToLower(g.Name), " ", "_")] = g.ID()
	}
	return names
}

// keep makes something and keeps a value of the answer under a name.
func (e *estate) keep(name, at string, made *answer) *answer {
	e.t.Helper()
	if made.status >= 300 {
		e.t.Fatalf("%s: status %d: %s", name, made.status, made.body)
	}
	e.names[name] = strings.ReplaceAll(made.str(at), "-", "")
	return made
}

// found makes an account, people, and what will have ended when it is furnished.
func (e *estate) found(domain string) {
	e.names["domain"] = domain
	operator := bearer(e.Operator)
	made := e.keep("account", "organization.id", e.natively(operator, "POST", "/v1/organizations",
		`{"name":"Acme","owner_email":"olga@{domain}","owner_name":"Olga van Owner"}`))
	e.names["token"] = made.str("token")
	e.keep("owner", "owner.id", made)
	for _, name := range []string{"Mia Member", "Ray Reader", "Ada Admin", "Ida", "Sam Stranger"} {
		first, _, _ := strings.Cut(strings.ToLower(name), " ")
		e.natively(operator, "POST", "/v1/people", `{"email":"`+first+`@{domain}","name":"`+name+`"}`)
	}
	e.natively(e.owner(), "POST", "/v1/iam/users", `{"email":"late@{domain}"}`)
	e.token("ended", `"expires_on":"2026-03-02T00:00:00Z"`)
}

// furnish gives an account one of everything, and something beside it that nothing else refers to.
func (e *estate) furnish() {
	e.furnishPlaces()
	e.furnishPeople()
	e.furnishGroups()
	e.furnishConnectors()
	e.token("ci", `"expires_on":"2027-01-01T00:00:00Z"`)
	e.token("early", `"not_before":"2026-12-01T00:00:00Z"`)
	e.token("disabled", `"status":"disabled"`)
	e.token("far", `"condition":{"request_ip":{"in":["203.0.113.0/24"],"not_in":["203.0.113.7/32"]}}`)
	e.token("gone", `"status":"active"`)
	e.ask(e.owner(), "DELETE", "~/tokens/{gone}", "").want(200)
	e.userToken("owner", e.owner())
	e.userToken("ada", bearer(e.names["ada_key"]))
	for _, who := range []string{"reader", "idle"} { // who may not make them
		made := e.natively(e.owner(), "POST", "/v1/iam/users/"+hyphens(e.names[who])+"/credentials", `{"name":"laptop","policies":[{"language":"cloudflare","document":`+
			`{"access":"allow","permission_groups":[{"id":"{may.account_settings_read}"}],"resources":{"{account_key}":"*"}}}]}`)
		e.keep(who+"_token", "credential.id", made)
	}
}

func (e *estate) furnishPlaces() {
	e.keep("predefined", "result.0.id", e.ask(e.owner(), "GET", "~/iam/resource_groups", ""))
	e.keep("zones", "result.id", e.ask(e.owner(), "POST", "~/iam/resource_groups",
		`{"name":"staging","scope":{"key":"{account_key}","objects":[{"key":"com.cloudflare.api.account.zone.{zone}"}]}}`))
	e.keep("spare", "result.id", e.ask(e.owner(), "POST", "~/iam/resource_groups",
		`{"name":"spare","scope":{"key":"{account_key}","objects":[{"key":"*"}]}}`))
}

func (e *estate) furnishPeople() {
	for _, p := range []struct{ name, email, rights string }{
		{"member", "mia", `"policies":[{"access":"allow","permission_groups":[{"id":"{role.domain_dns}"}],"resource_groups":[{"id":"{zones}"}]}]`},
		{"reader", "ray", `"roles":["{role.admin_readonly}"]`},
		{"ada", "ada", `"roles":["{role.super_admin}"]`},
		{"pending", "new.hire", `"roles":["{role.analytics}"]`},
	} {
		e.keep(p.name, "result.id", e.ask(e.owner(), "POST", "~/members", `{"email":"`+p.email+`@{domain}",`+p.rights+`}`))
	}
	e.keep("idle", "user.id", e.natively(e.owner(), "POST", "/v1/iam/users", `{"email":"ida@{domain}"}`)) // with no rights at all
	for _, who := range []string{"owner", "member", "reader", "ada", "idle"} {
		e.keep(who+"_person", "result.user.id", e.ask(e.owner(), "GET", "~/members/{"+who+"}", ""))
		key := e.natively(e.owner(), "POST", "/v1/iam/users/"+hyphens(e.names[who])+"/credentials", `{"name":"key"}`)
		e.names[who+"_key"] = key.str("secret_access_key")
		e.keep(who+"_key_id", "credential.id", key)
	}
}

// furnishGroups makes a group whose members and policies are of every sort, some of which only the native API can say.
func (e *estate) furnishGroups() {
	e.keep("group", "result.id", e.ask(e.owner(), "POST", "~/iam/user_groups", `{"name":"auditors","policies":[
		{"access":"allow","permission_groups":[{"id":"{role.domain_dns}"}],"resource_groups":[{"id":"{zones}"}]},
		{"access":"deny","permission_groups":[{"id":"{role.analytics}"}],"resource_groups":[{"scope":{"key":"{account_key}","objects":[{"key":"*"}]}}]}]}`))
	e.keep("group2", "result.id", e.ask(e.owner(), "POST", "~/iam/user_groups", `{"name":"readers"}`))
	e.ask(e.owner(), "POST", "~/iam/user_groups/{group}/members", `[{"id":"{pending}"}]`).want(200)
	e.ask(e.owner(), "POST", "~/iam/user_groups/{group}/members", `[{"id":"{member}"}]`).want(200)
	e.keep("robot", "service_account.id", e.natively(e.owner(), "POST", "/v1/iam/service-accounts", `{"name":"robot"}`))
	key := e.natively(e.owner(), "POST", "/v1/iam/service-accounts/"+hyphens(e.names["robot"])+"/credentials", `{"name":"key"}`)
	e.names["robot_key"] = key.str("secret_access_key")
	e.natively(e.owner(), "POST", "/v1/iam/service-accounts/"+hyphens(e.names["robot"])+"/groups", `{"group_id":"`+hyphens(e.names["group"])+`"}`)
	e.keep("statements", "policy.id", e.natively(e.owner(), "POST", "/v1/iam/policies",
		`{"name":"reports","document":{"statements":[{"effect":"allow","actions":["s3:GetObject"],"resources":["*"]}]}}`))
	for _, of := range []string{"groups/" + hyphens(e.names["group"]), "users/" + hyphens(e.names["member"])} {
		e.natively(e.owner(), "POST", "/v1/iam/"+of+"/policies", `{"policy_id":"`+hyphens(e.names["statements"])+`"}`)
	}
}

func (e *estate) furnishConnectors() {
	for _, c := range []struct{ name, domain string }{{"connector", "mail"}, {"verified", "lab"}, {"awaiting", "shop"}} {
		e.keep(c.name, "result.id", e.ask(e.owner(), "POST", "~/sso_connectors", `{"email_domain":"`+c.domain+`.{domain}","begin_verification":`+
			strconv.FormatBool(c.name != "awaiting")+`}`))
	}
	e.confirm("connector")
	e.confirm("verified")
	e.ask(e.owner(), "PATCH", "~/sso_connectors/{connector}", `{"enabled":true}`).want(200)
}

// token makes an account token that may see the account's settings and tokens.
func (e *estate) token(name, more string) {
	e.t.Helper()
	made := e.ask(e.owner(), "POST", "~/tokens", `{"name":"`+name+`",`+more+`,"policies":[{"effect":"allow","permission_groups":[
		{"id":"{may.account_settings_read}"},{"id":"{may.account_api_tokens_read}"}],"resources":{"{account_key}":"*"}}]}`)
	e.keep(name, "result.id", made)
	e.names[name+"_secret"] = made.str("result.value")
}

// userToken makes a token of the caller's own.
func (e *estate) userToken(who string, as http.Header) {
	e.t.Helper()
	made := e.ask(as, "POST", "/user/tokens",
		`{"name":"laptop","policies":[{"effect":"allow","permission_groups":[{"id":"{may.account_settings_read}"}],"resources":{"{account_key}":"*"}}]}`)
	e.keep(who+"_token", "result.id", made)
	e.names[who+"_secret"] = made.str("result.value")
}

// confirm ends the verification of a connector's domain as if its record had been found.
func (e *estate) confirm(name string) {
	e.t.Helper()
	id := iam.ConnectorID{UUID: uuid(e.t, e.names[name])}
	e.write(control.VerifyConnector, iam.Name(iam.TypeConnector, id.UUID), func(d *iam.Draft) error {
		_, err := d.ConfirmConnector(id)
		return err
	})
}

// write does as the owner what has no wire yet.
func (e *estate) write(op *control.Operation, on iam.CRN, draft func(*iam.Draft) error) {
	e.t.Helper()
	ctx := context.Background() // a fuzz target has none before its first input
	actor, err := e.Control.Authenticate(ctx, control.Presented{Bearer: e.names["token"]})
	if err != nil {
		e.t.Fatal(err)
	}
	p, err := e.Control.Enter(ctx, &control.Call{Actor: actor}, op, control.On(on))
	if err != nil {
		e.t.Fatal(err)
	}
	if _, err := p.Write(ctx, draft); err != nil {
		e.t.Fatal(err)
	}
}

// uuid reads an id of this wire.
func uuid(t testing.TB, id string) (out iam.UUID) {
	if n, err := hex.Decode(out[:], []byte(id)); err != nil || n != len(out) {
		t.Fatalf("%q is no id: %v", id, err)
	}
	return out
}

// hyphens is an id as the native API has it.
func hyphens(id string) string {
	return id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:]
}

// bearer are the headers of somebody with a token.
func bearer(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }

// keyed are the headers of somebody with an address and a key.
func keyed(email, key string) http.Header {
	return http.Header{"X-Auth-Email": {email}, "X-Auth-Key": {key}}
}

// owner are the headers of the account's owner.
func (e *estate) owner() http.Header { return bearer(e.names["token"]) }

var placeholder = regexp.MustCompile(`\{[a-z][a-z0-9_.]*\}`)

// expand writes abbreviations out: "~" at the beginning is the account's path, {account_key} names the account as a resource.
func expand(text string) string {
	if rest, is := strings.CutPrefix(text, "~"); is {
		text = "/accounts/{account}" + rest
	}
	return strings.ReplaceAll(text, "{account_key}", "com.cloudflare.api.account.{account}")
}

// fill puts names in place.
func (e *estate) fill(text string) string {
	e.t.Helper()
	text = expand(text)
	return placeholder.ReplaceAllStringFunc(text, func(name string) string {
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
	return e.do(e.wire, as, method, cloudflare.Prefix+e.fill(path), body)
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

// tail is the end of the feed of commits of all accounts: it stays where it is as long as nothing changes.
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

// refused stops the test unless the answer is a refusal with a status and these codes.
func (a *answer) refused(status int, codes ...int) *answer {
	a.t.Helper()
	a.want(status)
	for i, code := range codes {
		if got := a.num("errors." + strconv.Itoa(i) + ".code"); got != code {
			a.t.Fatalf("%s: code %d, want %d: %s", a.what, got, code, a.body)
		}
	}
	return a
}

// malformed says what is not as every answer must be (sections 1.1 and 3.1); "" if nothing is.
func (a *answer) malformed() string {
	var body struct {
		Success          *bool
		Errors, Messages []struct {
			Code    int
			Message string
		}
		Result     json.RawMessage
		ResultInfo map[string]int `json:"result_info"`
	}
	switch err := json.Unmarshal(a.body, &body); {
	case err != nil:
		return "no JSON: " + err.Error()
	case a.header.Get("Content-Type") != "application/json" || a.header.Get("Content-Length") != strconv.Itoa(len(a.body)):
		return "Content-Type or Content-Length is wrong"
	case body.Success == nil || *body.Success != (a.status < 300):
		return "success is not what the status says"
	case body.Errors == nil || body.Messages == nil:
		return "errors or messages is no array"
	case (len(body.Errors) == 0) != *body.Success:
		return "errors is not what the status says"
	case !*body.Success && string(body.Result) != "null":
		return "a refusal has a result"
	}
	for _, n := range body.Errors {
		if n.Code < 400 || n.Message == "" {
			return "an error has no code or message"
		}
	}
	return ""
}

// find looks for a value in the body.
func (a *answer) find(path string) (any, bool) { return sitetest.Find(a.body, path) }

// items gives an array of the body; nil if there is none.
func items(a *answer, path string) []any {
	v, _ := a.find(path)
	list, _ := v.([]any)
	return list
}

// toJSON writes a value as a client would.
func toJSON(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

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

// list gives one member of each element of the result.
func (a *answer) list(member string) []string {
	a.t.Helper()
	out := []string{}
	items, _ := a.find("result")
	array, is := items.([]any)
	if !is {
		a.t.Fatalf("%s: the result is no array: %s", a.what, a.body)
	}
	for i := range array {
		out = append(out, a.str("result."+strconv.Itoa(i)+"."+member))
	}
	return out
}
