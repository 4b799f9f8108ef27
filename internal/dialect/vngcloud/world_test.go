package vngcloud_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/api"
	"github.com/writ-iam/writ/internal/dialect/vngcloud"
	"github.com/writ-iam/writ/internal/sitetest"
)

// world is an installation behind this dialect and the native API, with one organization.
type world struct {
	t       testing.TB
	site    *sitetest.Site
	handler http.Handler
	native  http.Handler
	account
}

// account is an organization and what its owner has.
type account struct {
	org, token, ownerID, email string
	root                       string // its number
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := worldOn(t, sitetest.New(t))
	w.account = w.organization("Acme", "olga@acme.example")
	return w
}

func worldOn(t testing.TB, s *sitetest.Site) *world {
	return &world{t: t, site: s, handler: vngcloud.New(s.Config), native: api.New(s.Config)}
}

// organization makes one, as the operator.
func (w *world) organization(name, email string) account {
	w.t.Helper()
	made := w.as(w.site.Operator).natively("POST", "/organizations", obj{"name": name, "owner_email": email}).want(201)
	return account{made.str("organization.id"), made.str("token"), made.str("owner.id"), email, made.str("organization.account_number")}
}

// obj is a JSON object, list an array.
type (
	obj  = map[string]any
	list = []any
)

// caller makes requests with the same headers.
type caller struct {
	w      *world
	header http.Header
	from   string // the address and port; "" is one of IPv4
}

// as is a caller with a bearer token; "" is nobody.
func (w *world) as(token string) *caller {
	c := &caller{w: w, header: http.Header{}}
	if token != "" {
		c.header.Set("Authorization", "Bearer "+token)
	}
	return c
}

// root user of the world's organization.
func (w *world) owner() *caller { return w.as(w.token) }

const (
	policiesAPI = "/policies-api/v1"
	accountsAPI = "/accounts-api/v1"
)

// do makes a request. A body that is a string goes as it is, nil is no body, everything else is sent as JSON. A path that begins with
// "/" alone is the policies API's.
func (c *caller) do(method, path string, body any) *reply {
	c.w.t.Helper()
	if !strings.HasPrefix(path, "/policies-api") && !strings.HasPrefix(path, "/accounts-api") {
		path = policiesAPI + path
	}
	return c.send(c.w.handler, method, path, body)
}

// natively makes a request of the native API.
func (c *caller) natively(method, path string, body any) *reply {
	c.w.t.Helper()
	r := c.send(c.w.native, method, "/v1"+path, body)
	r.isNative = true
	return r
}

func (c *caller) send(h http.Handler, method, path string, body any) *reply {
	c.w.t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			c.w.t.Fatal(err)
		}
		in = bytes.NewReader(text)
	}
	r := httptest.NewRequest(method, path, in)
	r.Header = c.header.Clone()
	if c.from != "" {
		r.RemoteAddr = c.from
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return &reply{t: c.w.t, what: method + " " + path, status: rec.Code, header: rec.Header(), body: rec.Body.Bytes()}
}

func (c *caller) get(path string) *reply            { c.w.t.Helper(); return c.do("GET", path, nil) }
func (c *caller) post(path string, body any) *reply { c.w.t.Helper(); return c.do("POST", path, body) }
func (c *caller) del(path string) *reply            { c.w.t.Helper(); return c.do("DELETE", path, nil) }

// reply is what came back.
type reply struct {
	t        testing.TB
	what     string
	status   int
	header   http.Header
	body     []byte
	isNative bool
}

// want stops the test unless the status is right and the body is such as it has to be.
func (r *reply) want(status int) *reply {
	r.t.Helper()
	switch {
	case r.status != status:
		r.t.Fatalf("%s: status %d, want %d: %s", r.what, r.status, status, r.body)
	case status == 204 && len(r.body) > 0:
		r.t.Fatalf("%s: a 204 has the body %s", r.what, r.body)
	case status >= 400 && !r.isNative:
		if r.str("errors.0.code") == "" || r.str("errors.0.message") == "" || r.len("errors") != 1 {
			r.t.Fatalf("%s: no error body: %s", r.what, r.body)
		}
	}
	return r
}

// refused stops the test unless the error is this one.
func (r *reply) refused(status int, code string) *reply {
	r.t.Helper()
	if r.want(status); r.str("errors.0.code") != code {
		r.t.Fatalf("%s: %s, want %s: %s", r.what, r.str("errors.0.code"), code, r.body)
	}
	return r
}

// is stops the test unless the body is exactly this, but for spaces and the order of members.
func (r *reply) is(want any) *reply {
	r.t.Helper()
	text, err := json.Marshal(want)
	if err != nil {
		r.t.Fatal(err)
	}
	if got, want := canonical(r.t, r.body), canonical(r.t, text); got != want {
		r.t.Fatalf("%s:\n got %s\nwant %s", r.what, got, want)
	}
	return r
}

func canonical(t testing.TB, text []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// at finds a value in the body.
func (r *reply) at(path string) any {
	r.t.Helper()
	v, ok := sitetest.Find(r.body, path)
	if !ok {
		r.t.Fatalf("%s: nothing at %q in %s", r.what, path, r.body)
	}
	return v
}

func (r *reply) str(path string) string {
	r.t.Helper()
	s, ok := r.at(path).(string)
	if !ok {
		r.t.Fatalf("%s: %q is no string in %s", r.what, path, r.body)
	}
	return s
}

func (r *reply) num(path string) int {
	r.t.Helper()
	f, ok := r.at(path).(float64)
	if !ok {
		r.t.Fatalf("%s: %q is no number in %s", r.what, path, r.body)
	}
	return int(f)
}

func (r *reply) len(path string) int {
	r.t.Helper()
	l, ok := r.at(path).([]any)
	if !ok {
		r.t.Fatalf("%s: %q is no array in %s", r.what, path, r.body)
	}
	return len(l)
}

// names are the values of a member of all elements of an array.
func (r *reply) names(path, member string) (out []string) {
	r.t.Helper()
	for i := range r.len(path) {
		out = append(out, fmt.Sprint(r.at(fmt.Sprintf("%s.%d.%s", path, i, member))))
	}
	return out
}

// The things that tests are made of. Each is made a second after the one before.

func (c *caller) group(name string) string {
	c.w.t.Helper()
	c.w.site.Clock.Advance(time.Second)
	return c.post("/groups", obj{"name": name}).want(201).str("id")
}

func (c *caller) policy(name string, statements ...any) string {
	c.w.t.Helper()
	c.w.site.Clock.Advance(time.Second)
	return c.post("/policies", obj{"name": name, "statements": statements}).want(201).str("id")
}

// allow is a statement about actions, separated by blanks.
func allow(actions string, resources ...string) obj {
	return obj{"effect": "allow", "actions": strings.Fields(actions), "resources": resources}
}

// serviceAccount makes one with an access key and gives a caller with its secret.
func (c *caller) serviceAccount(name string, statements ...any) (*caller, string) {
	c.w.t.Helper()
	c.w.site.Clock.Advance(time.Second)
	id := c.natively("POST", "/iam/service-accounts", obj{"name": name}).want(201).str("service_account.id")
	if len(statements) > 0 {
		c.post("/policies/"+c.policy("of "+name, statements...)+"/service-accounts/"+id, nil).want(204)
	}
	key := c.natively("POST", "/iam/service-accounts/"+id+"/credentials", obj{"name": "key"}).want(201)
	return c.w.as(key.str("secret_access_key")), id
}

// user makes a person a member of the organization.
func (c *caller) user(email string) string {
	c.w.t.Helper()
	c.w.site.Clock.Advance(time.Second)
	c.w.as(c.w.site.Operator).natively("POST", "/people", obj{"email": email, "name": email}).want(201)
	return c.natively("POST", "/iam/users", obj{"email": email}).want(201).str("user.id")
}
