package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/api"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/sitetest"
	"github.com/writ-iam/writ/internal/wire"
)

// world is an installation with one organization, on a real store, behind the API.
type world struct {
	t       *testing.T
	control *control.Control
	clock   clock
	log     *sitetest.Log // what the API and control log, at debug
	config  wire.Config
	handler http.Handler

	operator string // token
	owner    string // token of the organization's owner
	org      string // id of the organization
	ownerID  string // id of its owner
}

// clock is the installation's.
type clock struct{ *sitetest.Clock }

func (c clock) advance(d time.Duration) { c.Advance(d) }

// worldOn is the world of an installation that has no organization yet.
func worldOn(s *sitetest.Site) *world {
	return &world{control: s.Control, clock: clock{s.Clock}, log: s.Log, config: s.Config, operator: s.Operator, handler: api.New(s.Config)}
}

// newWorld makes an installation; edit changes the API's configuration before it is made.
func newWorld(t *testing.T, edit ...func(*wire.Config)) *world {
	t.Helper()
	w := worldOn(sitetest.New(t))
	w.t = t
	for _, e := range edit {
		e(&w.config)
	}
	w.handler = api.New(w.config)
	made := w.organization("Acme", "olga@acme.example")
	w.owner, w.org, w.ownerID = made.str("token"), made.str("organization.id"), made.str("owner.id")
	return w
}

// organization makes an organization, as the operator.
func (w *world) organization(name, email string) *reply {
	w.t.Helper()
	return w.as(w.operator).post("/v1/organizations", obj{"name": name, "owner_email": email}).want(201)
}

// obj is a JSON object.
type obj = map[string]any

// caller makes requests with the same headers.
type caller struct {
	w      *world
	header http.Header
}

// as is a caller with a bearer token.
func (w *world) as(token string) *caller { return w.with("Authorization", "Bearer "+token) }

// asKey is a caller with an access key.
func (w *world) asKey(id, secret string) *caller { return w.with("X-Api-Key", id+":"+secret) }

// with is a caller with these headers, given as name and value in turns.
func (w *world) with(pairs ...string) *caller { return (&caller{w, http.Header{}}).with(pairs...) }

func (c *caller) with(pairs ...string) *caller {
	out := &caller{c.w, c.header.Clone()}
	for i := 0; i < len(pairs); i += 2 {
		out.header.Add(pairs[i], pairs[i+1])
	}
	return out
}

func (c *caller) get(path string) *reply          { c.w.t.Helper(); return c.do("GET", path, nil) }
func (c *caller) post(path string, b any) *reply  { c.w.t.Helper(); return c.do("POST", path, b) }
func (c *caller) patch(path string, b any) *reply { c.w.t.Helper(); return c.do("PATCH", path, b) }
func (c *caller) put(path string, b any) *reply   { c.w.t.Helper(); return c.do("PUT", path, b) }
func (c *caller) del(path string) *reply          { c.w.t.Helper(); return c.do("DELETE", path, nil) }

// do makes a request. A body that is a string goes as it is, nil is no body, everything else is sent as JSON.
func (c *caller) do(method, path string, body any) *reply {
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
	rec := httptest.NewRecorder()
	c.w.handler.ServeHTTP(rec, r)
	return &reply{t: c.w.t, what: method + " " + path, status: rec.Code, header: rec.Header(), body: rec.Body.Bytes()}
}

// reply is what came back.
type reply struct {
	t      *testing.T
	what   string
	status int
	header http.Header
	body   []byte
}

// want stops the test unless the status is right. Every failure must be a proper error body.
func (r *reply) want(status int) *reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("%s: status %d, want %d: %s", r.what, r.status, status, r.body)
	}
	if status >= 400 {
		if got := r.num("error.code"); got != status || r.str("error.message") == "" {
			r.t.Fatalf("%s: not an error body of status %d: %s", r.what, status, r.body)
		}
		if id := r.str("error.request_id"); id != r.header.Get("X-Request-Id") || !strings.HasPrefix(id, "req-") {
			r.t.Fatalf("%s: request id %q in the body, %q in the header", r.what, id, r.header.Get("X-Request-Id"))
		}
	}
	if status == 204 && len(r.body) > 0 {
		r.t.Fatalf("%s: a 204 has the body %s", r.what, r.body)
	}
	return r
}

// detail stops the test unless the error is of a status and its details begin so.
func (r *reply) detail(status int, prefix string) *reply {
	r.t.Helper()
	r.want(status)
	if got, _ := r.at("error.details").(string); !strings.HasPrefix(got, prefix) {
		r.t.Fatalf("%s: details %q, want them to begin with %q", r.what, got, prefix)
	}
	return r
}

// at finds a value in the body: names and indexes, separated by dots. It stops the test if there is none.
func (r *reply) at(path string) any {
	r.t.Helper()
	v, ok := r.find(path)
	if !ok {
		r.t.Fatalf("%s: nothing at %q in %s", r.what, path, r.body)
	}
	return v
}

// has tells whether there is a value, be it null.
func (r *reply) has(path string) bool {
	_, ok := r.find(path)
	return ok
}

func (r *reply) find(path string) (any, bool) { return sitetest.Find(r.body, path) }

// str is at for a string.
func (r *reply) str(path string) string {
	r.t.Helper()
	s, ok := r.at(path).(string)
	if !ok {
		r.t.Fatalf("%s: %q is no string in %s", r.what, path, r.body)
	}
	return s
}

// num is at for a whole number.
func (r *reply) num(path string) int {
	r.t.Helper()
	f, ok := r.at(path).(float64)
	if !ok {
		r.t.Fatalf("%s: %q is no number in %s", r.what, path, r.body)
	}
	return int(f)
}

// len is the length of an array.
func (r *reply) len(path string) int {
	r.t.Helper()
	list, ok := r.at(path).([]any)
	if !ok {
		r.t.Fatalf("%s: %q is no array in %s", r.what, path, r.body)
	}
	return len(list)
}

// revision is the Writ-Revision of the answer.
func (r *reply) revision() int {
	r.t.Helper()
	n, err := strconv.Atoi(r.header.Get("Writ-Revision"))
	if err != nil {
		r.t.Fatalf("%s: no Writ-Revision: %v", r.what, r.header)
	}
	return n
}

// The things that tests are made of. Each is made as the caller, and gives its id.

func (c *caller) group(name string) string {
	c.w.t.Helper()
	return c.post("/v1/iam/groups", obj{"name": name}).want(201).str("group.id")
}

func (c *caller) serviceAccount(name string) string {
	c.w.t.Helper()
	return c.post("/v1/iam/service-accounts", obj{"name": name}).want(201).str("service_account.id")
}

func (c *caller) policy(name string, statements ...obj) string {
	c.w.t.Helper()
	document := obj{"version": "2024-01-01", "statements": statements}
	return c.post("/v1/iam/policies", obj{"name": name, "document": document}).want(201).str("policy.id")
}

func (c *caller) role(name string, principals ...string) string {
	c.w.t.Helper()
	trust := obj{"principals": principals}
	return c.post("/v1/iam/roles", obj{"name": name, "trust_policy": trust}).want(201).str("role.id")
}

// allow is a statement.
func allow(actions, resource string) obj {
	return obj{"effect": "allow", "actions": strings.Split(actions, " "), "resources": []string{resource}}
}

// worker makes a service account with a policy and an access key, and gives a caller with that key.
func (c *caller) worker(name string, statements ...obj) (*caller, string) {
	c.w.t.Helper()
	id := c.serviceAccount(name)
	if len(statements) > 0 {
		p := c.policy("of "+name, statements...)
		c.post("/v1/iam/service-accounts/"+id+"/policies", obj{"policy_id": p}).want(204)
	}
	key := c.post("/v1/iam/service-accounts/"+id+"/credentials", obj{"name": "key"}).want(201)
	return c.w.asKey(key.str("credential.access_key_id"), key.str("secret_access_key")), id
}

// many makes groups g-000, g-001 … a second apart.
func (c *caller) many(n int) []string {
	c.w.t.Helper()
	var ids []string
	for i := range n {
		c.w.clock.advance(time.Second)
		ids = append(ids, c.group(fmt.Sprintf("g-%03d", i)))
	}
	return ids
}
