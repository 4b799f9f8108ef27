package vngcloud_test

import (
	"encoding/base64"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/dialect/vngcloud"
	"github.com/writ-iam/writ/internal/exchangetest"
	"github.com/writ-iam/writ/internal/sitetest"
	"github.com/writ-iam/writ/internal/wire"
)

// estate is an installation with two organizations that have one of everything, under the same names. It is made once and copied for
// each test that wants one.
type estate struct {
	*world
	names map[string]string // what {group}, {other.group}, {owner} … stand for
}

var (
	drawing sync.Mutex
	drawn   *sitetest.Blueprint
	known   map[string]string
)

// newEstate opens a copy of the estate; edit changes the configuration first.
func newEstate(t testing.TB, edit ...func(*wire.Config)) *estate {
	t.Helper()
	drawing.Lock()
	defer drawing.Unlock()
	if drawn == nil {
		draw(t)
	}
	site := drawn.Copy(t)
	for _, f := range edit {
		f(&site.Config)
	}
	e := &estate{worldOn(t, site), maps.Clone(known)}
	e.account = account{e.names["org"], e.names["token"], e.names["owner"], "olga@acme.example", e.names["root"]}
	return e
}

// draw makes the estate that all are copies of.
func draw(t testing.TB) {
	t.Helper()
	w := worldOn(t, sitetest.New(t))
	known = map[string]string{"nobody": "019c9b21-7a40-7d02-8c39-ffffffffffff", "operator": w.site.Operator,
		"managed": "9ff76556-9737-4718-9453-4ba5eac0a904"}
	for _, prefix := range []string{"", "other."} { // in this order, so that times are the same each time
		domain := prefix + "acme.example"
		w.account = w.organization("Acme", "olga@"+domain)
		for name, value := range w.furnish(domain) {
			known[prefix+name] = value
		}
	}
	w.limit("service_accounts", 3) // of which two are there, in the other organization
	drawn = w.site.Blueprint(t)
}

// password is one that every rule accepts.
const password = "Correct-Horse-7"

// furnish gives an organization one of everything, and something beside it that nothing else refers to.
func (w *world) furnish(domain string) map[string]string {
	w.t.Helper()
	o := w.owner()
	n := map[string]string{"org": w.org, "token": w.token, "owner": w.ownerID, "root": w.root}
	made := func(name, path string, body obj) *reply {
		w.site.Clock.Advance(time.Second)
		r := o.post(path, body).want(201)
		n[name] = r.str("id")
		return r
	}
	n["member"] = o.user("mia@" + domain)
	made("user", accountsAPI+"/iam-users", obj{"username": "dev01", "password": password})
	made("user2", accountsAPI+"/iam-users", obj{"username": "dev02", "password": password})
	made("policy", "/policies", obj{"name": "ReadBuckets", "statements": list{allow("vstorage:ListProjects vstorage:GetProject", "*")}})
	made("policy2", "/policies", obj{"name": "unused", "description": "Attached to nothing", "statements": list{allow("vserver:*", "vserver::"+w.root+":server/web-*")}})
	made("group", "/groups", obj{"name": "operators", "description": "night shift", "iamUsers": list{n["user"]}, "policies": list{n["policy"]}})
	made("group2", "/groups", obj{"name": "readers"})
	made("idp", "/groups", obj{"name": "from outside", "mode": "idp"})
	client := made("account", accountsAPI+"/service-accounts", obj{"name": "deployer", "description": "CI"})
	n["client_id"], n["client_secret"] = client.str("clientId"), client.str("clientSecret")
	n["basic"] = basic(n["client_id"], n["client_secret"])
	n["basic_wrong"] = basic(n["client_id"], "wrong")
	made("account2", accountsAPI+"/service-accounts", obj{"name": "spare"})
	for _, path := range []string{"/iam-users/" + n["user"], "/service-accounts/" + n["account"]} {
		w.site.Clock.Advance(time.Second)
		o.post("/policies/"+n["policy"]+path, nil).want(204)
	}
	for _, path := range []string{"/groups/" + n["group"], "/policies/" + n["policy"], accountsAPI + "/iam-users/" + n["user"], accountsAPI + "/service-accounts/" + n["account"]} {
		w.site.Clock.Advance(time.Second)
		o.post(path+"/tags", obj{"tags": list{obj{"key": "env", "value": "dev"}, obj{"key": "team", "value": "night"}}}).want(201)
	}
	o.post(accountsAPI+"/service-accounts/"+n["account"]+"/trusted-roots/54549", nil).want(204)
	return n
}

func basic(id, secret string) string {
	return base64.StdEncoding.EncodeToString([]byte(id + ":" + secret))
}

var placeholder = regexp.MustCompile(`\{[a-z][a-z0-9_.]*\}`)

// fill puts values in place of names.
func (e *estate) fill(text string) string {
	e.t.Helper()
	return placeholder.ReplaceAllStringFunc(text, func(s string) string {
		value, ok := e.names[strings.Trim(s, "{}")]
		if !ok {
			e.t.Fatalf("%s is no name of the estate", s)
		}
		return value
	})
}

// TestExchanges sends every recorded exchange's request, byte for byte, and compares the answer with the recorded one.
// internal/api/testdata/exchanges/README.md describes the files; WRIT_RECORD=1 writes what the server answers into them.
func TestExchanges(t *testing.T) {
	t.Parallel()
	suite := &exchangetest.Suite{Folder: "testdata/exchanges", Least: 16, Kinds: kinds, Serve: func(t *testing.T, settings exchangetest.Settings) *exchangetest.Server {
		e := newEstate(t, func(c *wire.Config) { c.Limiter = &wire.Limiter{PerMinute: settings.RatePerMinute} })
		s := httptest.NewServer(below(e.handler))
		t.Cleanup(s.Close)
		return &exchangetest.Server{Address: strings.TrimPrefix(s.URL, "http://"), Names: e.names, Advance: e.site.Clock.Advance}
	}}
	suite.Run(t)
}

// limit sets a quota of the world's organization, as the operator.
func (w *world) limit(quota string, most int) {
	w.t.Helper()
	w.as(w.site.Operator).natively("PUT", "/organizations/"+w.org+"/quotas/"+quota, obj{"limit": most}).want(200)
}

// below serves the dialect at its prefixes, and nothing elsewhere.
func below(dialect http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, vngcloud.PoliciesPrefix) || strings.HasPrefix(r.URL.Path, vngcloud.AccountsPrefix) {
			dialect.ServeHTTP(w, r)
			return
		}
		http.NotFound(w, r)
	})
}

// kinds are the placeholders that stand for any value of a kind.
var kinds = []exchangetest.Kind{
	exchangetest.RequestID,
	exchangetest.UUID,
	{Name: "jwt", Value: regexp.MustCompile(`eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+`)},
	{Name: "key", Value: regexp.MustCompile(`AKIA[0-9A-F]{16}`)},
	{Name: "secret", Value: regexp.MustCompile(`[A-Za-z0-9+/]{40}`)},
	{Name: "number", Value: regexp.MustCompile(`\b[0-9]{12}\b`)},
}
