package vngcloud_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/dialect/vngcloud"
	"github.com/writ-iam/writ/internal/guard"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// outOfScope are the operations of the accounts API that the contract leaves to others (section 10.5).
var outOfScope = regexp.MustCompile(`^/accounts-api/v1/(identity-providers|s3-keys|swift-users)`)

// TestRoutes: what is served is the contract's operations, with their actions, and everything that the two APIs have in the catalogue.
func TestRoutes(t *testing.T) {
	var have, want []string
	for _, r := range vngcloud.Routes() {
		have = append(have, r.Method+" "+r.Pattern+" "+r.Operation.Action)
		if !slices.Contains(control.Operations(), r.Operation) {
			t.Errorf("%s is no operation", r.Operation.Action)
		}
	}
	for _, o := range catalog.Builtin().Operations(catalog.VNGCloud) {
		if !outOfScope.MatchString(o.Path) {
			want = append(want, o.Method+" "+o.Path+" "+o.Actions[0])
		}
	}
	slices.Sort(have)
	slices.Sort(want)
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("the routes are not the catalogue's operations (-catalogue +routes):\n%s", diff)
	}
	if n := len(have); n < 29 || n != len(slices.Compact(have)) {
		t.Errorf("%d routes, some of them twice", n)
	}
}

// deed is a route with what a call of it needs.
type deed struct {
	wire.Route
	path string // with names of the estate
	body any
}

// deeds makes one call of every route, about things that are there.
func deeds(t testing.TB) (out []deed) {
	t.Helper()
	bodies := map[string]any{
		"iam:CreateGroup":          obj{"name": "made"},
		"iam:UpdateGroup":          obj{"name": "changed"},
		"iam:CreatePolicy":         obj{"name": "made", "statements": list{allow("iam:GetPolicy", "*")}},
		"iam:UpdatePolicy":         obj{"name": "changed"},
		"iam:ComposePolicy":        list{},
		"iam:AddUser":              obj{"username": "made.up", "password": password},
		"iam:ResetUserPassword":    obj{"password": password},
		"iam:CreateServiceAccount": obj{"name": "made"},
		"iam:UpdateServiceAccount": obj{"description": "changed"},
	}
	for _, name := range []string{"Group", "Policy", "User", "ServiceAccount"} {
		bodies["iam:Tag"+name] = obj{"tags": list{obj{"key": "new", "value": "1"}}}
		bodies["iam:Untag"+name] = obj{"keys": list{"env"}}
	}
	for _, r := range vngcloud.Routes() {
		d := deed{Route: r, body: bodies[r.Operation.Action]}
		if r.Method == http.MethodPost && strings.HasSuffix(r.Pattern, "/auth/token") {
			continue // its callers have no token: tokens_test.go
		}
		d.path = strings.NewReplacer("/iam-users/{id}", "/iam-users/{user}", "/service-accounts/{id}", "/service-accounts/{account}", "/policies/{id}", "/policies/{policy}",
			"/user-attachments/service-accounts/{userId}", "/user-attachments/service-accounts/{account}",
			"{groupId}", "{group}", "{userId}", "{user}", "{policyId}", "{policy}", "{saId}", "{account}", "{rootPortalId}", "777").Replace(r.Pattern)
		switch r.Operation {
		case control.AddUserToGroup, control.AttachUserPolicy:
			d.path = strings.Replace(d.path, "{user}", "{user2}", 1)
		case control.AttachServiceAccountPolicy:
			d.path = strings.Replace(d.path, "{account}", "{account2}", 1)
		case control.AttachGroupPolicy:
			d.path = strings.Replace(d.path, "{group}", "{group2}", 1)
		case control.DetachTrustedRoot:
			d.path = strings.Replace(d.path, "777", "54549", 1)
		}
		if r.Method == http.MethodGet && strings.Contains(r.Pattern, "/policies") && !strings.Contains(r.Pattern, "/policies/") ||
			r.Method == http.MethodGet && (strings.HasSuffix(r.Pattern, "v1/iam-users") || strings.HasSuffix(r.Pattern, "v1/service-accounts")) {
			d.path += "?pageNumber=0&pageSize=10"
		}
		out = append(out, d)
	}
	return out
}

// revision is how often the organization has changed.
func (e *estate) revision(token string) string {
	e.t.Helper()
	return e.as(token).get("/products").want(200).header.Get("Writ-Revision")
}

// TestDeeds: the owner may do all of them, each on an estate of its own.
func TestDeeds(t *testing.T) {
	for _, d := range deeds(t) {
		e := newEstate(t)
		if r := e.owner().do(d.Method, e.fill(d.path), d.body); r.status >= 300 {
			t.Errorf("%s: %d %s", r.what, r.status, r.body)
		}
	}
}

// TestMediation: nobody gets anywhere; who holds nothing is refused everywhere in the same words, whether a thing exists or not and
// whatever the body is; neither changes anything. Who holds the action of the catalogue's row, in VNG Cloud's spelling and on the row's
// resources, gets on, and not with any one of the resources missing, nor when something denies it.
func TestMediation(t *testing.T) {
	e := newEstate(t)
	idle, _ := e.owner().serviceAccount("idle")
	before := e.revision(e.token)
	for _, d := range deeds(t) {
		missing := regexp.MustCompile(`\{[a-z0-9]+\}`).ReplaceAllString(d.path, "{nobody}")
		e.as("").do(d.Method, e.fill(d.path), d.body).refused(401, "AUTHENTICATION_FAILED")
		if d.Operation.Open {
			continue
		}
		there := idle.do(d.Method, e.fill(d.path), d.body).refused(403, "IAM_PERMISSION_DENIED")
		for _, other := range []*reply{idle.do(d.Method, e.fill(missing), d.body), idle.do(d.Method, e.fill(d.path), "nonsense"), idle.do(d.Method, strings.Split(e.fill(d.path), "?")[0], d.body)} {
			if other.refused(403, "IAM_PERMISSION_DENIED"); string(other.body) != string(there.body) {
				t.Errorf("%s: %s, and here %s", other.what, there.body, other.body)
			}
		}
	}
	if after := e.revision(e.token); after != before {
		t.Errorf("refused calls moved the organization from revision %s to %s", before, after)
	}
	for _, d := range deeds(t) {
		if !d.Operation.Open {
			mediate(t, d)
		}
	}
}

func mediate(t *testing.T, d deed) {
	t.Helper()
	spelled := catalog.Builtin().Spelling(catalog.VNGCloud, d.Operation.Action)
	may := func(want bool, statements ...any) {
		t.Helper()
		e := newEstate(t)
		for _, s := range statements {
			o := s.(obj)
			for i, r := range o["resources"].([]string) {
				o["resources"].([]string)[i] = e.fill(r)
			}
		}
		c, _ := e.owner().serviceAccount("worker", statements...)
		r := c.do(d.Method, e.fill(d.path), d.body)
		if (r.status < 300) != want || !want && r.status != 403 {
			t.Errorf("%s with %v: status %d: %s", r.what, statements, r.status, r.body)
		}
	}
	types := rowTypes(t, d)
	if len(types) == 0 {
		may(true, allow(spelled, "*"))
		may(false, allow(spelled, "iam::{root}:*"))
		may(false, allow(spelled, "*"), obj{"effect": "deny", "actions": []string{"iam:*"}, "resources": []string{"*"}})
		return
	}
	var all []string
	for _, typ := range types {
		all = append(all, "iam::{root}:"+typ+"/"+idOf(t, d, typ))
	}
	may(true, allow(spelled, slices.Clone(all)...))
	for i := range all {
		may(false, allow(spelled, "iam::{root}:other/x"), allow(spelled, slices.Concat(all[:i:i], all[i+1:], []string{"iam::777:" + types[i] + "/*"})...))
		may(false, allow(spelled, slices.Clone(all)...), obj{"effect": "deny", "actions": []string{spelled}, "resources": []string{all[i]}})
	}
}

// rowTypes are the resource types of the row, as VNG Cloud spells them.
func rowTypes(t *testing.T, d deed) (out []string) {
	t.Helper()
	c := catalog.Builtin()
	a, ok := c.Action(d.Operation.Action)
	if !ok || !guard.Admits(a, guard.UserType(iam.KindOfServiceAccount, false)) {
		t.Fatalf("%s has no row for service accounts", d.Operation.Action)
	}
	for _, typ := range c.TypesOf(a) {
		out = append(out, c.TypeSpelling(catalog.VNGCloud, typ.Service().ID, typ.Name))
	}
	return out
}

// idOf is what a deed's path names of a type.
func idOf(t *testing.T, d deed, typ string) string {
	t.Helper()
	m := regexp.MustCompile(map[string]string{"policy": `policies/(\{[a-z0-9]+\})`, "group": `groups/(\{[a-z0-9]+\})`, "iam-user": `iam-users/(\{[a-z0-9]+\})`,
		"service-account": `service-accounts/(\{[a-z0-9]+\})`}[typ]).FindStringSubmatch(d.path)
	if m == nil {
		t.Fatalf("%s names no %s", d.path, typ)
	}
	return m[1]
}

// TestIsolation: what belongs to another organization is answered as what does not exist, and stays as it is.
func TestIsolation(t *testing.T) {
	e := newEstate(t)
	name := regexp.MustCompile(`\{[a-z0-9]+\}`)
	before := e.revision(e.names["other.token"])
	for _, d := range deeds(t) {
		if !name.MatchString(d.path) {
			continue
		}
		foreign := name.ReplaceAllStringFunc(d.path, func(s string) string { return "{other." + s[1:] })
		got := e.owner().do(d.Method, e.fill(foreign), d.body)
		want := e.owner().do(d.Method, e.fill(name.ReplaceAllString(d.path, "{nobody}")), d.body)
		if got.status != want.status || string(got.body) != string(want.body) || got.status != 404 && got.status != 403 {
			t.Errorf("%s: %d %s, want %d %s as of nothing", got.what, got.status, got.body, want.status, want.body)
		}
		// One foreign thing beside one's own is as bad.
		if own := name.FindAllString(d.path, -1); len(own) == 2 {
			for _, s := range own {
				e.owner().do(d.Method, e.fill(strings.Replace(d.path, s, "{other."+s[1:], 1)), d.body).want(404)
			}
		}
	}
	if after := e.revision(e.names["other.token"]); after != before {
		t.Errorf("the other organization has moved from revision %s to %s", before, after)
	}
	// Lists show one's own alone.
	for _, path := range []string{"/groups", "/policies?pageNumber=0&pageSize=100", accountsAPI + "/iam-users?pageNumber=0&pageSize=100", accountsAPI + "/service-accounts?pageNumber=0&pageSize=100"} {
		body := string(e.owner().get(path).want(200).body)
		for n, id := range e.names {
			if strings.HasPrefix(n, "other.") && len(id) == 36 && strings.Contains(body, id) {
				t.Errorf("%s shows %s", path, n)
			}
		}
	}
}
