package scaleway_test

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestPages walks lists of every length around a page's with several sizes: every item comes once, the count is that of all, and a page
// past the end is empty (section 3.1).
func TestPages(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	have := len(e.get("~/groups").want(200).list("groups", "id"))
	for n := have; n < 45; n++ {
		e.ask(e.owner(), "POST", "~/groups", fmt.Sprintf(`{"name":"g%02d"}`, n)).want(200)
	}
	all := append(e.get("~/groups?page_size=44").want(200).list("groups", "id"), e.get("~/groups?page=2&page_size=44").want(200).list("groups", "id")...)
	if len(all) != 45 || len(slices.Compact(slices.Sorted(slices.Values(all)))) != 45 {
		t.Fatalf("%d groups", len(all))
	}
	for _, size := range []int{0, 1, 7, 20, 44, 45, 46, 100} {
		query, step := "", size
		if size == 0 {
			step = 20 // the usual size
		} else {
			query = "&page_size=" + strconv.Itoa(size)
		}
		var got []string
		for page := 1; ; page++ {
			a := e.get(fmt.Sprintf("~/groups?page=%d%s", page, query)).want(200)
			items := a.list("groups", "id")
			if a.num("total_count") != 45 {
				t.Fatalf("total_count %d", a.num("total_count"))
			}
			if want := min(step, max(0, 45-len(got))); len(items) != want {
				t.Fatalf("page %d of %d has %d items, want %d", page, step, len(items), want)
			}
			if len(items) == 0 {
				break
			}
			got = append(got, items...)
		}
		if !slices.Equal(got, all) {
			t.Errorf("pages of %d: %v", size, got)
		}
	}
	a := e.get("~/groups?page=10000&page_size=100").want(200)
	if a.num("total_count") != 45 || string(mustFind(a, "groups")) != "[]" {
		t.Errorf("the last page: %s", a.body)
	}
	for query, reason := range map[string]string{"page=0": "constraint", "page=10001": "constraint", "page=-1": "constraint", "page=x": "format", "page=1.5": "format",
		"page_size=0": "constraint", "page_size=101": "constraint", "page_size=ten": "format", "page_size=99999999999999999999": "constraint"} {
		name, _, _ := strings.Cut(query, "=")
		e.get("~/groups?"+query).argument(name, reason)
	}
	for _, query := range []string{"page=&page_size=", "page=1&page=0", "", "unknown=1"} {
		if got := e.get("~/groups?"+query).want(200).list("groups", "id"); !slices.Equal(got, all[:20]) {
			t.Errorf("?%s: %v", query, got)
		}
	}
}

func mustFind(a *answer, path string) []byte {
	a.t.Helper()
	v, ok := a.find(path)
	if !ok {
		a.t.Fatalf("nothing at %s: %s", path, a.body)
	}
	return fmt.Append(nil, v)
}

// lists are all that have pages, with the query that each needs and what a list can be sorted by (section 3.2). The member is what the
// order is about.
var lists = []struct {
	path, name, need string
	orders           map[string]string // by order_by without its direction: the member
	usual            string            // the order when none is asked for
}{
	{"~/groups", "groups", "", map[string]string{"created_at": "created_at", "updated_at": "updated_at", "name": "name"}, "created_at_asc"},
	{"~/applications", "applications", "", map[string]string{"created_at": "created_at", "updated_at": "updated_at", "name": "name"}, "created_at_asc"},
	{"~/policies", "policies", "organization_id={org}", map[string]string{"policy_name": "name", "created_at": "created_at"}, "created_at_asc"},
	{"~/permission-sets", "permission_sets", "organization_id={org}&page_size=100", map[string]string{"name": "name", "created_at": "name"}, "name_asc"},
	{"~/quota", "quota", "organization_id={org}", map[string]string{"name": "name"}, "name_asc"},
	{"~/users", "users", "", map[string]string{"created_at": "created_at", "updated_at": "updated_at", "email": "email", "last_login": "", "username": "username"}, "created_at_asc"},
	{"~/logs", "logs", "page_size=100", map[string]string{"created_at": "created_at"}, "created_at_asc"},
	{"~/api-keys", "api_keys", "", map[string]string{"created_at": "created_at", "updated_at": "updated_at", "expires_at": "", "access_key": "access_key"}, "created_at_asc"},
	{"~/ssh-keys", "ssh_keys", "", map[string]string{"created_at": "created_at", "updated_at": "updated_at", "name": "name"}, "created_at_asc"},
	{"~/scim/{scim}/tokens", "scim_tokens", "", map[string]string{"created_at": "created_at"}, "created_at_asc"},
	{"~/users/{keyed}/webauthn-authenticators", "authenticators", "", map[string]string{"created_at": "created_at"}, "created_at_asc"},
	{"/account/v3/projects", "projects", "", map[string]string{"created_at": "created_at", "name": "name"}, "created_at_asc"},
}

// TestOrders sorts every list in every way.
func TestOrders(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for _, name := range []string{"Zeta", "alpha", "zeta", "Alpha"} {
		e.ask(e.owner(), "POST", "~/groups", `{"name":"`+name+`"}`).want(200)
		for _, path := range []string{"~/applications", "~/applications"} { // twice: names need not differ
			e.ask(e.owner(), "POST", path, `{"name":"`+name+`"}`).want(200)
		}
		e.ask(e.owner(), "POST", "~/policies", `{"name":"`+name+`","no_principal":true}`).want(200)
		e.ask(e.owner(), "POST", "~/policies", `{"name":"`+name+`","no_principal":true}`).want(200)
	}
	e.ask(e.owner(), "POST", "~/scim/{scim}/tokens", "").want(200)
	e.ask(e.owner(), "PATCH", "~/groups/{group}", `{"description":"changed"}`).want(200) // the oldest is updated last
	e.ask(e.owner(), "PATCH", "~/applications/{application}", `{"description":"changed"}`).want(200)
	e.ask(e.owner(), "PATCH", "~/users/{local}", `{"first_name":"changed"}`).want(200)
	for _, l := range lists {
		need := l.path + "?" + l.need
		for order, member := range l.orders {
			up := e.get(need + "&order_by=" + order + "_asc").want(200)
			down := e.get(need + "&order_by=" + order + "_desc").want(200)
			ids := "id"
			switch l.name {
			case "quota":
				ids = "name"
			case "api_keys":
				ids = "access_key"
			}
			there, back := up.list(l.name, ids), down.list(l.name, ids)
			if up.num("total_count") <= 100 && up.num("total_count") == len(there) {
				slices.Reverse(back)
				if !slices.Equal(there, back) {
					t.Errorf("%s: %s down is not %s up backwards", l.path, order, order)
				}
			}
			if len(there) < 2 {
				t.Errorf("%s has %d items: too few to be sorted", l.path, len(there))
			}
			if member == "" {
				continue
			}
			values := up.list(l.name, member)
			fold := func(s string) string { return s }
			if l.name == "users" {
				fold = strings.ToLower // addresses are compared without case
			}
			if !slices.IsSortedFunc(values, func(a, b string) int { return strings.Compare(fold(a), fold(b)) }) {
				t.Errorf("%s by %s: %v", l.path, order, values)
			}
			if again := e.get(need+"&order_by="+order+"_asc").list(l.name, ids); l.name != "logs" && !slices.Equal(again, there) {
				t.Errorf("%s by %s is not the same twice", l.path, order)
			}
		}
		if l.name == "logs" {
			continue // which grow
		}
		if usual, want := e.get(need).want(200), e.get(need+"&order_by="+l.usual).want(200); string(usual.body) != string(want.body) {
			t.Errorf("%s is not %s if nothing is asked for", l.path, l.usual)
		}
		for _, bad := range []string{"created_at", "none_asc", "_asc", "name_ASC", "id_asc", "created_at_asc_desc"} {
			e.get(need+"&order_by="+bad).argument("order_by", "format")
		}
	}
}

// TestCommonParameters: the organization, and parameters in brackets, are the same everywhere (sections 3.2 and 9).
func TestCommonParameters(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for _, l := range lists {
		e.get(l.path + "?organization_id={org}&" + l.need).want(200)
		e.get(l.path + "?organization_id=" + strings.ToUpper(e.names["org"])).want(200)
		e.get(l.path+"?organization_id=acme").argument("organization_id", "format")
		for _, org := range []string{"{other.org}", "{nowhere}"} {
			e.get(l.path+"?organization_id="+org).refused(403, "permissions_denied")
		}
		for _, empty := range []string{"", "?organization_id="} {
			if strings.Contains(l.need, "organization_id") {
				e.get(l.path+empty).argument("organization_id", "required")
			} else {
				e.get(l.path + empty).want(200)
			}
		}
		e.get(l.path+"?organization_id={org}&user_ids[]={member}").argument("user_ids[]", "unknown")
		e.get(l.path+"?organization_id={org}&user_ids%5B%5D={member}").argument("user_ids[]", "unknown")
		e.get(l.path+"?%zz").argument("query", "format")
	}
}

// TestFilters asks every list for what every parameter finds.
func TestFilters(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ids := func(names ...string) []string {
		out := []string{}
		for _, name := range names {
			out = append(out, e.names[name])
		}
		return out
	}
	keys := ids
	for _, tc := range []struct {
		query string
		want  []string
	}{
		{"groups?", ids("group", "group2")},
		{"groups?name=operators", ids("group")},
		{"groups?name=operator", ids()},
		{"groups?name=Operators", ids()},
		{"groups?user_ids={member}", ids("group")},
		{"groups?user_ids={pending}", ids("group")},
		{"groups?user_ids={idle}", ids()},
		{"groups?user_ids={idle}&user_ids={member}", ids("group")},
		{"groups?user_ids={idle}&application_ids={application}", ids("group")},
		{"groups?application_ids={application2}", ids()},
		{"groups?user_ids={other.member}", ids()},
		{"groups?group_ids={group2}&group_ids={nowhere}", ids("group2")},
		{"groups?group_ids={other.group}", ids()},
		{"groups?tag=core", ids("group")},
		{"groups?tag=team", ids("group")},
		{"groups?tag=Core", ids()},
		{"groups?tag=core&name=readers", ids()},
		{"applications?", ids("application", "application2", "reader")},
		{"applications?name=ci", ids("application")},
		{"applications?name=c", ids()},
		{"applications?application_ids={application}&application_ids={reader}", ids("application", "reader")},
		{"applications?application_ids={member}", ids()},
		{"applications?tag=team%3Dcore", ids("application")},
		{"applications?editable=true", ids("application", "application2", "reader")},
		{"applications?editable=false", ids()},
		{"users?", ids("owner", "member", "idle", "pending", "local", "locked", "starting", "keyed")},
		{"users?user_ids={owner}&user_ids={pending}&user_ids={late}", ids("owner", "pending")},
		{"users?type=owner", ids("owner")},
		{"users?type=member", ids("member", "idle", "pending", "local", "locked", "starting", "keyed")},
		{"users?type=unknown_type", ids("owner", "member", "idle", "pending", "local", "locked", "starting", "keyed")},
		{"users?mfa=false&tag=core", ids("local")},
		{"users?mfa=true", ids("keyed")},
		{"policies?organization_id={org}", ids("policy", "policy2", "reading", "of_member", "of_pending", "shared", "of_role")},
		{"policies?organization_id={org}&policy_name=operate", ids("policy")},
		{"policies?organization_id={org}&policy_name=reports", ids()}, // in another language
		{"policies?organization_id={org}&policy_ids={statements}", ids()},
		{"policies?organization_id={org}&policy_ids={reading}&policy_ids={policy}", ids("policy", "reading")},
		{"policies?organization_id={org}&user_ids={member}", ids("of_member")},
		{"policies?organization_id={org}&user_ids={pending}", ids("of_pending")},
		{"policies?organization_id={org}&user_ids={member}&group_ids={group}", ids("policy", "of_member")},
		{"policies?organization_id={org}&group_ids={group2}", ids("shared")}, // the earliest of several
		{"policies?organization_id={org}&application_ids={reader}", ids("reading")},
		{"policies?organization_id={org}&application_id={application}&application_ids={reader}", ids("reading")},
		{"policies?organization_id={org}&application_ids={application}", ids()}, // it is in a group alone
		{"policies?organization_id={org}&no_principal=true", ids("policy2", "of_role")},
		{"policies?organization_id={org}&no_principal=false&editable=true", ids("policy", "reading", "of_member", "of_pending")},
		{"policies?organization_id={org}&editable=false", ids("shared", "of_role")},
		{"policies?organization_id={org}&tag=core", ids("policy")},
		{"api-keys?", keys("owner_key", "member_key", "idle_key", "local_key", "application_key", "reader_key", "ci_key")},
		{"api-keys?bearer_type=user", keys("owner_key", "member_key", "idle_key", "local_key")},
		{"api-keys?bearer_type=application&bearer_id={application}", keys("application_key", "ci_key")},
		{"api-keys?bearer_type=unknown_bearer_type&bearer_id={member}", keys("member_key")},
		{"api-keys?application_id={application}", keys("application_key", "ci_key")},
		{"api-keys?user_id={member}", keys("member_key")},
		{"api-keys?user_id={application}", keys()},
		{"api-keys?access_key={ci_key}", keys("ci_key")},
		{"api-keys?access_keys={ci_key}&access_keys={member_key}&access_keys=SCWNONE", keys("ci_key", "member_key")},
		{"api-keys?access_keys={other.ci_key}", keys()},
		{"api-keys?description=FOR", keys("ci_key")},
		{"api-keys?description=key", keys("owner_key", "member_key", "idle_key", "local_key", "application_key", "reader_key")},
		{"api-keys?expired=true", keys()},
		{"api-keys?editable=true&expired=false&application_id={reader}", keys("reader_key")},
		{"api-keys?editable=false", keys()},
		{"ssh-keys?", ids("ssh_key", "ssh_key2")},
		{"ssh-keys?name=laptop", ids("ssh_key")},
		{"ssh-keys?name=lap", ids()},
		{"ssh-keys?project_id={org}", ids("ssh_key2")},
		{"ssh-keys?project_id={nowhere}", ids()},
		{"ssh-keys?disabled=false&project_id={project}", ids("ssh_key")},
		{"ssh-keys?disabled=true", ids()},
		{"quota?organization_id={org}&quotum_names=iam_groups&quotum_names=none", []string{"iam_groups"}},
		{"projects?", ids("org", "project", "project2", "project3")},
		{"projects?name=staging", ids("project")},
		{"projects?project_ids={project2}&project_ids={other.project}", ids("project2")},
	} {
		name, _, _ := strings.Cut(tc.query, "?")
		path, member := "~/"+tc.query, "id"
		switch name {
		case "projects":
			path = "/account/v3/" + tc.query
		case "quota":
			member = "name"
		case "api-keys":
			name, member = "api_keys", "access_key"
		case "ssh-keys":
			name = "ssh_keys"
		}
		a := e.get(path).want(200)
		got := a.list(name, member)
		slices.Sort(got)
		slices.Sort(tc.want)
		if !slices.Equal(got, tc.want) || a.num("total_count") != len(got) {
			t.Errorf("%s: %d found, want %d: %s", tc.query, len(got), len(tc.want), a.body)
		}
	}
	for query, name := range map[string]string{"groups?user_ids=mia": "user_ids", "groups?group_ids={group}&group_ids=x": "group_ids",
		"applications?editable=1": "editable", "users?mfa=yes": "mfa", "users?type=guest": "type", "policies?organization_id={org}&no_principal=no": "no_principal",
		"policies?organization_id={org}&policy_ids=1": "policy_ids",
		"api-keys?bearer_id=1":                        "bearer_id", "api-keys?bearer_type=group": "bearer_type", "api-keys?expired=maybe": "expired", "api-keys?user_id=1": "user_id",
		"ssh-keys?project_id=1": "project_id", "ssh-keys?disabled=0": "disabled", "rules?policy_id=1": "policy_id", "logs?created_after=yesterday": "created_after",
		"logs?created_before=1": "created_before", "logs?action=made": "action", "logs?resource_type=rule": "resource_type"} {
		e.get("~/"+query).argument(name, "format")
	}
	e.get("~/rules").argument("policy_id", "required")
	e.get("~/rules?policy_id=").argument("policy_id", "required")
	for _, id := range []string{"{nowhere}", "{other.policy}", "{statements}", "{group}"} {
		e.get("~/rules?policy_id="+id).missing("policy", e.fill(id))
	}
}

// TestLogs: what was done is told in this API's words, and what was refused is not told.
func TestLogs(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	since := e.Clock.Now()
	e.remote = "203.0.113.7:4711"
	e.keep("made", "id", e.ask(e.owner(), "POST", "~/groups", `{"name":"made"}`))
	e.remote = ""
	e.ask(key(e.names["member_secret"]), "POST", "~/groups", `{"name":"refused"}`).want(403)
	e.ask(e.owner(), "POST", "~/groups", `{"name":"made"}`).want(409)
	e.ask(e.owner(), "PATCH", "~/groups/{made}", `{"description":"x"}`).want(200)
	e.ask(e.owner(), "PUT", "~/rules", `{"policy_id":"{policy2}","rules":[]}`).want(200)
	e.ask(e.owner(), "POST", "~/groups/{made}/add-member", `{"user_id":"{member}"}`).want(200) // no log
	e.ask(e.owner(), "DELETE", "~/groups/{made}", "").want(204)
	e.keep("app", "id", e.ask(e.owner(), "POST", "~/applications", `{"name":"made"}`))
	e.keep("someone", "id", e.ask(e.owner(), "POST", "~/users", `{"member":{"username":"made"}}`))
	e.ask(e.owner(), "POST", "~/users/{someone}/lock", `{}`).want(200)
	e.ask(e.owner(), "DELETE", "~/users/{someone}", "").want(204)
	after := "~/logs?created_after=" + url.QueryEscape(since.Format(time.RFC3339)) + "&"
	all := e.get(after + "organization_id={org}").want(200)
	want := []string{"created group", "updated group", "updated policy", "deleted group", "created application", "created user", "updated user", "deleted user"}
	got := []string{}
	for i, action := range all.list("logs", "action") {
		got = append(got, action+" "+all.list("logs", "resource_type")[i])
	}
	if !slices.Equal(got, want) || all.num("total_count") != len(want) {
		t.Errorf("logs %v, want %v", got, want)
	}
	all.is("logs.0.resource_id", e.names["made"], "logs.0.bearer_id", e.names["owner"], "logs.0.ip", "203.0.113.7", "logs.0.organization_id", e.names["org"],
		"logs.2.resource_id", e.names["policy2"], "logs.4.resource_id", e.names["app"])
	for query, n := range map[string]int{
		"action=created": 3, "action=unknown_action": 8, "resource_type=group": 3, "resource_type=unknown_resource_type&action=deleted": 2,
		"search={made}": 3, "search={owner}": 8, "search={member}": 0, "search=x": 0, "resource_type=api_key": 0,
		"created_before=" + url.QueryEscape(since.Format(time.RFC3339)):                                0,
		"created_before=" + url.QueryEscape(since.Add(2500*time.Millisecond).Format(time.RFC3339Nano)): 1,
	} {
		if got := e.get(after + query).want(200).num("total_count"); got != n {
			t.Errorf("%s: %d, want %d", query, got, n)
		}
	}
	first := all.str("logs.0.id")
	e.get("~/logs/"+first).want(200).is("id", first, "action", "created", "resource_type", "group")
	e.get("~/logs/{nowhere}").missing("log", e.names["nowhere"])
	refused := e.natively(e.nativeOwner(), "GET", "/v1/audit-logs?status=denied&limit=1", "").str("audit_logs.0.id")
	e.get("~/logs/"+refused).missing("log", refused)
	e.ask(key(e.names["other.token"]), "GET", "~/logs/"+first, "").missing("log", first)
	backwards := e.get(after + "order_by=created_at_desc&page_size=3&page=2").want(200)
	if ids := all.list("logs", "id"); !slices.Equal(backwards.list("logs", "id"), []string{ids[4], ids[3], ids[2]}) {
		t.Errorf("the second page backwards: %s", backwards.body)
	}
}
