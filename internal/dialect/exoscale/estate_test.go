package exoscale_test

import (
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/api"
	"github.com/writ-iam/writ/internal/dialect/exoscale"
	"github.com/writ-iam/writ/internal/sitetest"
)

// estate is an installation with two organizations that have one of everything. It is made once and copied for each test.
type estate struct {
	*sitetest.Site
	t       testing.TB
	native  http.Handler
	wire    http.Handler // this dialect
	pending time.Duration
	names   map[string]string // what {role}, {other.role} … stand for in paths and bodies
	remote  string            // where requests come from; "" for where httptest's do
}

var (
	drawing sync.Mutex
	drawn   *sitetest.Blueprint
	plan    map[string]string
)

// newEstate opens a copy of the estate.
func newEstate(t testing.TB) *estate {
	t.Helper()
	drawing.Lock()
	defer drawing.Unlock()
	if drawn == nil {
		draw(t)
	}
	e := on(t, drawn.Copy(t), 0)
	e.names = maps.Clone(plan)
	return e
}

// on is an estate on an installation.
func on(t testing.TB, s *sitetest.Site, pending time.Duration) *estate {
	return &estate{Site: s, t: t, native: api.New(s.Config), wire: exoscale.New(s.Config, pending), pending: pending, names: map[string]string{}}
}

// waiting is the same installation, whose operations show as pending for a while.
func (e *estate) waiting(pending time.Duration) *estate {
	next := on(e.t, e.Site, pending)
	next.names = e.names
	return next
}

const nowhere = "0b54f5f2-3c7b-4e66-9d39-6f0a3a4b5c6d"

// draw makes the estate that all are copies of.
func draw(t testing.TB) {
	e := on(t, sitetest.New(t), 0)
	plan = map[string]string{"nowhere": nowhere}
	for _, prefix := range []string{"", "other."} {
		e.names = map[string]string{"nowhere": nowhere}
		e.found(map[string]string{"": "acme.example", "other.": "other.example"}[prefix])
		e.furnish()
		for name, value := range e.names {
			plan[prefix+name] = value
		}
	}
	drawn = e.Blueprint(t)
}

// found makes an organization with a key of the role Owner, and a person who can be added to it.
func (e *estate) found(domain string) {
	made := e.natively(e.Operator, "POST", "/v1/organizations", `{"name":"Zephyr Labs","owner_email":"olga@`+domain+`","owner_name":"Olga Owner"}`)
	e.names["domain"], e.names["org"], e.names["token"], e.names["owner"] = domain, made.str("organization.id"), made.str("token"), made.str("owner.id")
	for i, name := range []string{"owner_role", "billing_role", "no_role"} {
		e.names[name] = e.natively(e.names["token"], "GET", "/v1/iam/roles?predefined=true", "").str("roles." + string(rune('0'+i)) + ".id")
	}
	first := e.natively(e.names["token"], "POST", "/v1/iam/roles/{owner_role}/credentials", `{"name":"first key"}`)
	e.names["owner_key"], e.names["owner_secret"] = first.str("credential.access_key_id"), first.str("secret_access_key")
	e.natively(e.Operator, "POST", "/v1/people", `{"email":"iris@`+domain+`","name":"Iris Known"}`)
}

// furnish gives an organization one of everything.
func (e *estate) furnish() {
	owner := e.key("owner")
	make := func(name, at, path, body string) *answer {
		a := e.ask(owner, "POST", path, body).want(200)
		e.names[name] = a.str(at)
		return a
	}
	make("role", "reference.id", "/iam-role", `{"name":"orchid-media","description":"Media uploads","labels":{"team":"orchid"},"permissions":["bypass-governance-retention"],
		"max-session-ttl":3600,"policy":{"default-service-strategy":"deny","services":{"sos":{"type":"rules","rules":[{"action":"allow","expression":"parameters.bucket == 'orchid-media'"}]}}},
		"assume-role-policy":{"rules":[{"action":"allow","expression":"true"}]}}`)
	make("spare_role", "reference.id", "/iam-role", `{"name":"spare","policy":{"default-service-strategy":"deny","services":{}}}`)
	make("reader_role", "reference.id", "/iam-role", `{"name":"reader","policy":{"default-service-strategy":"deny","services":{"iam":{"type":"rules","rules":[
		{"action":"allow","expression":"operation.startsWith('get-') || operation.startsWith('list-')"}]}}}}`)
	make("fixed_role", "reference.id", "/iam-role", `{"name":"fixed","editable":false,"policy":{"default-service-strategy":"deny","services":{}}}`)
	for _, k := range []struct{ name, role string }{{"media", "role"}, {"reader", "reader_role"}, {"idle", "fixed_role"}} {
		a := make(k.name+"_key", "key", "/api-key", `{"name":"`+k.name+`","role-id":"{`+k.role+`}"}`)
		e.names[k.name+"_secret"] = a.str("secret")
	}
	make("user", "reference.id", "/user", `{"email":"iris@{domain}","role":{"id":"{role}"}}`)
	make("invited", "reference.id", "/user", `{"email":"new.hire@{domain}","role":{"id":"{reader_role}"}}`)
	e.names["operation"] = e.ask(owner, "PUT", "/iam-role/{spare_role}", `{}`).want(200).str("id")
}

// key is a key of the estate by its name.
func (e *estate) key(name string) key { return key{e.names[name+"_key"], e.names[name+"_secret"]} }

// owner is a key of the role Owner.
func (e *estate) owner() key { return e.key("owner") }

// with makes a role with a policy, and a key of it.
func (e *estate) with(name, policy string) key {
	e.t.Helper()
	role := e.ask(e.owner(), "POST", "/iam-role", `{"name":"`+name+`","policy":`+policy+`}`).want(200).str("reference.id")
	e.names["made_role"] = role
	a := e.ask(e.owner(), "POST", "/api-key", `{"name":"`+name+`","role-id":"`+role+`"}`).want(200)
	return key{a.str("key"), a.str("secret")}
}

// ruled is a policy with rules for one class of services, and a default.
func ruled(strategy, class string, rules ...string) string {
	var list []string
	for _, r := range rules {
		action, expression, _ := strings.Cut(r, ": ")
		list = append(list, `{"action":"`+map[string]string{"a": "allow", "d": "deny"}[action]+`","expression":"`+strings.ReplaceAll(expression, `"`, `\"`)+`"}`)
	}
	return `{"default-service-strategy":"` + strategy + `","services":{"` + class + `":{"type":"rules","rules":[` + strings.Join(list, ",") + `]}}}`
}

var placeholder = regexp.MustCompile(`\{[a-z][a-z0-9_.]*\}`)

// fill puts names in place.
func (e *estate) fill(text string) string {
	e.t.Helper()
	return placeholder.ReplaceAllStringFunc(text, func(name string) string {
		value, ok := e.names[strings.Trim(name, "{}")]
		if !ok {
			e.t.Fatalf("%s in %q is no name of the estate", name, text)
		}
		return value
	})
}

// natively makes a request of the native API, which must succeed.
func (e *estate) natively(token, method, path, body string) *answer {
	e.t.Helper()
	a := e.native1(token, method, path, body)
	if a.status >= 300 {
		e.t.Fatalf("%s: status %d: %s", a.what, a.status, a.body)
	}
	return a
}

// native1 makes a request of the native API.
func (e *estate) native1(token, method, path, body string) *answer {
	e.t.Helper()
	e.Clock.Advance(time.Second)
	var in io.Reader
	if body != "" {
		in = strings.NewReader(e.fill(body))
	}
	r := httptest.NewRequest(method, e.fill(path), in)
	r.Header.Set("Authorization", "Bearer "+token)
	rec := httptest.NewRecorder()
	e.native.ServeHTTP(rec, r)
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
