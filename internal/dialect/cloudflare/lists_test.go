package cloudflare_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pagedLists are the lists that come in pages, with their sizes (section 1.2).
var pagedLists = map[string]struct{ least, usual, most int }{
	"~/iam/permission_groups":           {5, 20, 50},
	"~/iam/user_groups":                 {1, 100, 500},
	"~/iam/user_groups/{group}/members": {1, 100, 500},
	"~/members":                         {5, 20, 50},
	"~/roles":                           {5, 20, 50},
	"~/tokens":                          {5, 20, 50},
	"/user/tokens":                      {5, 20, 50},
}

// TestPages asks every list for pages of every size, and for pages that are not there.
func TestPages(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.populate(23)
	for path, size := range pagedLists {
		all := e.everything(path, size.most)
		if len(all) < 12 {
			t.Errorf("%s has only %d items", path, len(all))
		}
		for query, want := range map[string][2]int{ // page and size
			"": {1, size.usual}, "page=1": {1, size.usual}, "per_page=10": {1, 10}, "page=2&per_page=10": {2, 10}, "per_page=10&page=2": {2, 10},
			"page=0": {1, size.usual}, "page=-3": {1, size.usual}, "page=x": {1, size.usual}, "page=1.5": {1, size.usual}, "page=": {1, size.usual},
			"per_page=": {1, size.usual}, "per_page=x": {1, size.usual}, "per_page=0": {1, size.least}, "per_page=-1": {1, size.least},
			"per_page=501": {1, size.most}, "per_page=99999999999999999999": {1, size.most}, fmt.Sprintf("per_page=%d", size.least): {1, size.least},
			fmt.Sprintf("per_page=%d", size.most): {1, size.most}, "page=7&page=2&per_page=10": {7, 10}, "page=3&per_page=5&unknown=1": {3, 5},
			"page=99": {99, size.usual}, "page=99&per_page=5": {99, 5}, "page=9223372036854775807": {1 << 30, size.usual}, "page=99999999999999999999": {1 << 30, size.usual},
		} {
			a := e.ask(e.owner(), "GET", path+"?"+query, "").want(200)
			from := min((want[0]-1)*want[1], len(all))
			expected := all[from:min(from+want[1], len(all))]
			if got := a.list("id"); !slices.Equal(got, expected) {
				t.Errorf("%s?%s: %d items %v, want %d: %v", path, query, len(got), got, len(expected), expected)
			}
			info := map[string]any{"page": want[0], "per_page": want[1], "count": len(expected), "total_count": len(all), "total_pages": (len(all) + want[1] - 1) / want[1]}
			for name, n := range info {
				if got := a.num("result_info." + name); got != n {
					t.Errorf("%s?%s: %s is %d, want %d", path, query, name, got, n)
				}
			}
		}
		for _, query := range []string{"page=%zz", "per_page=1;page=2", "%"} {
			if a := e.ask(e.owner(), "GET", path+"?"+query, ""); a.status != 400 {
				t.Errorf("%s?%s: status %d: %s", path, query, a.status, a.body)
			}
		}
	}
}

// populate makes so many things of the kinds that lists hold.
func (e *estate) populate(n int) {
	e.t.Helper()
	for i := range n {
		e.ask(e.owner(), "POST", "~/iam/user_groups", fmt.Sprintf(`{"name":"g-%03d"}`, i)).want(200)
		made := e.ask(e.owner(), "POST", "~/members", fmt.Sprintf(`{"email":"m-%03d@people.example","roles":["{role.analytics}"]}`, i)).want(200)
		e.ask(e.owner(), "POST", "~/iam/user_groups/{group}/members", `[{"id":"`+made.str("result.id")+`"}]`).want(200)
		e.ask(e.owner(), "POST", "~/tokens", tokenBody).want(200)
		e.ask(e.owner(), "POST", "/user/tokens", tokenBody).want(200)
		e.ask(e.owner(), "POST", "~/iam/resource_groups", `{"name":"same","scope":{"key":"{account_key}","objects":[{"key":"*"}]}}`).want(200)
	}
}

// everything goes through a list as its clients do: until a page is empty.
func (e *estate) everything(path string, size int) (all []string) {
	e.t.Helper()
	for page := 1; page < 100; page++ {
		items := e.ask(e.owner(), "GET", fmt.Sprintf("%s?per_page=%d&page=%d", path, size, page), "").want(200).list("id")
		if len(items) == 0 {
			if unique := slices.Compact(slices.Sorted(slices.Values(all))); len(unique) != len(all) {
				e.t.Errorf("%s: pages overlap", path)
			}
			return all
		}
		all = append(all, items...)
	}
	e.t.Fatalf("%s has no end", path)
	return nil
}

// TestWholeLists: the lists that clients ask for once answer with everything; one of them has pages for those who ask so.
func TestWholeLists(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.populate(23)
	a := e.ask(e.owner(), "GET", "~/iam/resource_groups", "").want(200)
	if got := a.list("id"); len(got) != 26 || got[0] != e.names["predefined"] || a.num("result_info.per_page") != 26 || a.num("result_info.total_pages") != 1 {
		t.Errorf("%d resource groups of %d, the first is %s: %v", len(got), a.num("result_info.per_page"), got[0], got)
	}
	for query, want := range map[string]int{"per_page=5": 5, "per_page=1": 5, "per_page=500": 26, "page=1": 20, "page=2": 6, "page=3": 0, "per_page=x": 20, "name=same": 23,
		"name=same&per_page=20&page=2": 3, "name=Same": 0, "name=nothing": 0} {
		if got := e.ask(e.owner(), "GET", "~/iam/resource_groups?"+query, "").want(200).list("id"); len(got) != want {
			t.Errorf("%s: %d, want %d", query, len(got), want)
		}
	}
	for _, path := range []string{"~/sso_connectors", "~/tokens/permission_groups", "/user/tokens/permission_groups"} {
		all := e.ask(e.owner(), "GET", path, "").want(200)
		if got := e.ask(e.owner(), "GET", path+"?page=2&per_page=5", "").want(200); string(got.body) != string(all.body) || len(all.list("id")) < 3 {
			t.Errorf("%s: %d items, and %s", path, len(all.list("id")), got.body)
		}
		if _, has := all.find("result_info"); has {
			t.Errorf("%s has a result_info", path)
		}
	}
}

// TestListQueries: filters and orders of every list (section 14). What is kept is counted.
func TestListQueries(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for _, name := range []string{"Zebra", "auditors 2", "Ärzte"} {
		e.ask(e.owner(), "POST", "~/iam/user_groups", `{"name":"`+name+`"}`).want(200)
	}
	e.ask(e.owner(), "POST", "~/iam/user_groups/{group}/members", `[{"id":"{ada}"}]`).want(200)
	connectors := []string{"mail.acme.example", "lab.acme.example", "shop.acme.example"}
	for _, c := range []struct {
		path, member string
		want         []string
	}{
		{"~/iam/permission_groups?label=admin", "name", []string{"Administrator"}},
		{"~/iam/permission_groups?name=DNS", "name", []string{"DNS"}},
		{"~/iam/permission_groups?name=dns", "name", nil},
		{"~/iam/permission_groups?id={role.dns}", "name", []string{"DNS"}},
		{"~/iam/permission_groups?id={role.dns}&label=dns&name=DNS", "name", []string{"DNS"}},
		{"~/iam/permission_groups?id={role.dns}&label=admin", "name", nil},
		{"~/iam/permission_groups?id=abc", "name", nil},
		{"~/iam/permission_groups?id={may.dns_read}", "name", nil}, // of tokens
		{"~/iam/permission_groups?label=admin&page=2", "name", nil},
		{"~/iam/permission_groups?per_page=5", "name", []string{"Administrator", "Administrator Read Only", "Analytics", "Audit Logs Viewer", "Billing"}},

		{"~/iam/resource_groups", "id", []string{"{predefined}", "{zones}", "{spare}"}},
		{"~/iam/resource_groups?name=spare", "id", []string{"{spare}"}},
		{"~/iam/resource_groups?name=Spare", "id", nil},
		{"~/iam/resource_groups?name=spare&id={zones}", "id", nil},

		{"~/iam/user_groups", "name", []string{"Zebra", "auditors", "auditors 2", "readers", "Ärzte"}},
		{"~/iam/user_groups?direction=asc", "name", []string{"Zebra", "auditors", "auditors 2", "readers", "Ärzte"}},
		{"~/iam/user_groups?direction=desc", "name", []string{"Ärzte", "readers", "auditors 2", "auditors", "Zebra"}},
		{"~/iam/user_groups?direction=desc&per_page=2&page=2", "name", []string{"auditors 2", "auditors"}},
		{"~/iam/user_groups?name=auditors", "name", []string{"auditors"}},
		{"~/iam/user_groups?name=Auditors", "name", nil},
		{"~/iam/user_groups?fuzzyName=AUDIT", "name", []string{"auditors", "auditors 2"}},
		{"~/iam/user_groups?fuzzyName=%C3%84RZ", "name", []string{"Ärzte"}},
		{"~/iam/user_groups?fuzzyName=rs%202", "name", []string{"auditors 2"}},
		{"~/iam/user_groups?fuzzyName=.*", "name", nil},
		{"~/iam/user_groups?fuzzyName=", "name", []string{"Zebra", "auditors", "auditors 2", "readers", "Ärzte"}},
		{"~/iam/user_groups?fuzzyname=AUDIT", "name", []string{"Zebra", "auditors", "auditors 2", "readers", "Ärzte"}}, // another parameter
		{"~/iam/user_groups?fuzzyName=audit&direction=desc&per_page=1", "name", []string{"auditors 2"}},
		{"~/iam/user_groups?fuzzyName=audit&id={group}", "name", []string{"auditors"}},
		{"~/iam/user_groups?name=readers&id={group}", "name", nil},

		{"~/iam/user_groups/{group}/members", "email", []string{"ada@acme.example", "mia@acme.example", "new.hire@acme.example"}},
		{"~/iam/user_groups/{group}/members?direction=desc", "email", []string{"new.hire@acme.example", "mia@acme.example", "ada@acme.example"}},
		{"~/iam/user_groups/{group}/members?fuzzyEmail=MIA", "email", []string{"mia@acme.example"}},
		{"~/iam/user_groups/{group}/members?fuzzyEmail=acme&per_page=1&page=2", "email", []string{"mia@acme.example"}},
		{"~/iam/user_groups/{group}/members?fuzzyEmail=robot", "email", nil},
		{"~/iam/user_groups/{group2}/members", "email", nil},

		{"~/members", "id", []string{"{owner}", "{member}", "{reader}", "{ada}", "{pending}", "{idle}"}},
		{"~/members?direction=desc", "id", []string{"{idle}", "{pending}", "{ada}", "{reader}", "{member}", "{owner}"}},
		{"~/members?status=pending", "id", []string{"{pending}"}},
		{"~/members?status=accepted", "id", []string{"{owner}", "{member}", "{reader}", "{ada}", "{idle}"}},
		{"~/members?status=rejected", "id", nil},
		{"~/members?order=user.email", "id", []string{"{ada}", "{idle}", "{member}", "{pending}", "{owner}", "{reader}"}},
		{"~/members?order=user.email&direction=desc", "id", []string{"{reader}", "{owner}", "{pending}", "{member}", "{idle}", "{ada}"}},
		{"~/members?order=user.first_name&status=accepted", "id", []string{"{ada}", "{idle}", "{member}", "{owner}", "{reader}"}},
		{"~/members?order=user.last_name&status=accepted", "id", []string{"{idle}", "{ada}", "{member}", "{owner}", "{reader}"}},
		{"~/members?order=status&per_page=5&page=2", "id", []string{"{pending}"}},

		{"~/roles?per_page=5", "name", []string{"Administrator", "Administrator Read Only", "Analytics", "Audit Logs Viewer", "Billing"}},

		{"~/sso_connectors", "email_domain", connectors},

		{"~/tokens", "name", []string{"far", "disabled", "early", "ci"}},
		{"~/tokens?direction=desc", "name", []string{"far", "disabled", "early", "ci"}},
		{"~/tokens?direction=asc", "name", []string{"ci", "early", "disabled", "far"}},
		{"~/tokens?include_expired=true&direction=asc", "name", []string{"ended", "ci", "early", "disabled", "far"}},
		{"~/tokens?include_expired=false", "name", []string{"far", "disabled", "early", "ci"}},
		{"~/tokens?include_expired=1", "name", []string{"far", "disabled", "early", "ci"}},
		{"/user/tokens", "id", []string{"{owner_token}"}},

		{"~/tokens/permission_groups?name=DNS%20Read", "name", []string{"DNS Read"}},
		{"~/tokens/permission_groups?name=DNS%2520Read", "name", []string{"DNS Read"}},
		{"~/tokens/permission_groups?name=dns%20read", "name", nil},
		{"~/tokens/permission_groups?name=DNS%20Read&scope=com.cloudflare.api.account.zone", "name", []string{"DNS Read"}},
		{"~/tokens/permission_groups?name=DNS%20Read&scope=com.cloudflare.api.account", "name", nil},
		{"~/tokens/permission_groups?scope=com.cloudflare.api.user", "name", nil},
		{"~/tokens/permission_groups?scope=nothing", "name", nil},
	} {
		a := e.ask(e.owner(), "GET", c.path, "").want(200)
		want := []string{}
		for _, item := range c.want {
			want = append(want, e.fill(item))
		}
		if diff := cmp.Diff(want, a.list(c.member)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.path, diff)
		}
		if _, paged := a.find("result_info"); paged && !strings.Contains(c.path, "page=") && a.num("result_info.total_count") != len(want) {
			t.Errorf("%s: total_count %d of %d", c.path, a.num("result_info.total_count"), len(want))
		}
	}
	if got := e.ask(e.owner(), "GET", "/user/tokens/permission_groups?scope=com.cloudflare.api.user", "").want(200).list("name"); len(got) == 0 {
		t.Error("there are no permissions about people")
	}
	for path, code := range map[string]int{"~/iam/user_groups?direction=up": 400, "~/iam/user_groups?direction=DESC": 400, "~/iam/user_groups/{group}/members?direction=x": 400,
		"~/members?direction=x": 1001, "~/members?order=email": 1001, "~/members?order=user.id": 1001, "~/members?status=invited": 1001, "~/tokens?direction=x": 1001, "/user/tokens?direction=x": 1001} {
		e.ask(e.owner(), "GET", path, "").refused(400, code)
	}
	e.ask(e.owner(), "GET", "~/iam/user_groups/{nowhere}/members?direction=x", "").refused(404, 404)
}
