package api_test

import (
	"net/url"
	"slices"
	"testing"

	"github.com/writ-iam/writ/internal/wire"
)

// ids gives the ids of the items of a page.
func (r *reply) ids(list string) []string {
	out := []string{}
	for _, item := range r.at(list).([]any) {
		out = append(out, item.(map[string]any)["id"].(string))
	}
	return out
}

// follow gets a link; it must be absolute and on the host that was asked.
func (c *caller) follow(link string) *reply {
	c.w.t.Helper()
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "http" || u.Host != "example.com" {
		c.w.t.Fatalf("%q is no link to this server", link)
	}
	return c.get(u.RequestURI()).want(200)
}

func TestPages(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.owner)
	owner.group("other")
	want := owner.many(7)
	r := owner.get("/v1/iam/groups?limit=3&name=g-*").want(200)
	var got []string
	var pages []*reply
	for {
		pages = append(pages, r)
		got = append(got, r.ids("groups")...)
		if r.num("meta.total") != 7 || r.num("meta.limit") != 3 || r.str("meta.marker") != got[len(got)-1] {
			t.Errorf("meta of page %d: %s", len(pages), r.body)
		}
		if self := owner.follow(r.str("links.self")); string(self.body) != string(r.body) {
			t.Errorf("self leads elsewhere: %s", self.body)
		}
		if more := r.at("meta.has_more").(bool); more != r.has("links.next") {
			t.Errorf("has_more %v: %s", more, r.body)
		} else if !more {
			break
		}
		r = owner.follow(r.str("links.next"))
	}
	if !slices.Equal(got, want) || len(pages) != 3 {
		t.Errorf("%d pages with %v, want %v", len(pages), got, want)
	}
	for i := len(pages) - 1; i > 0; i-- {
		if r = owner.follow(r.str("links.previous")); !slices.Equal(r.ids("groups"), pages[i-1].ids("groups")) {
			t.Errorf("page before page %d: %s", i+1, r.body)
		}
	}
	if r.has("links.previous") {
		t.Errorf("something precedes the first page: %s", r.body)
	}
	if want := "http://example.com/v1/iam/groups?limit=3&name=g-%2A"; r.str("links.self") != want {
		t.Errorf("self is %s, want %s", r.str("links.self"), want)
	}
}

func TestListQueries(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.owner)
	group := owner.group("auditors")
	foreign := w.as(w.organization("Other", "otto@other.example").str("token")).group("theirs")
	tests := []struct {
		query   string
		status  int
		details string
	}{
		{"limit=0", 400, "limit: "}, {"limit=-1", 400, "limit: "}, {"limit=", 400, "limit: "}, {"limit=x", 400, "limit: "},
		{"limit=1.5", 400, "limit: "}, {"limit=1&limit=2", 400, "limit: "}, {"limit=99999999999999999999", 200, ""},
		{"limit=007", 200, ""}, {"marker=x", 400, "marker: "}, {"marker=" + nobodyID, 400, "marker: "},
		{"marker=00000000-0000-0000-0000-000000000000", 400, "marker: "}, {"marker=" + foreign, 400, "marker: "},
		{"marker=" + group, 200, ""}, {"marker=", 200, ""}, {"name=", 200, ""}, {"name=%00", 400, "name: "}, {"name=%ff", 400, "name: "},
		{"name=a&name=b", 400, "name: "}, {"unknown=1", 200, ""}, {"name=%zz", 400, ""}, {"a;b", 400, ""},
	}
	for _, test := range tests {
		r := owner.get("/v1/iam/groups?" + test.query)
		if r.status != test.status {
			t.Errorf("%s: status %d, want %d: %s", test.query, r.status, test.status, r.body)
		} else if r.want(test.status); test.details != "" {
			r.detail(test.status, test.details)
		}
	}
	if got := owner.get("/v1/iam/groups?limit=1000").want(200).num("meta.limit"); got != 100 {
		t.Errorf("limit %d in force", got)
	}
	empty := owner.get("/v1/iam/roles").want(200)
	if empty.len("roles") != 0 || empty.at("meta.marker") != nil || empty.has("links.next") || empty.has("links.previous") {
		t.Errorf("%s", empty.body)
	}
}

func TestNameFilter(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.owner)
	for _, name := range []string{"web-1", "web-2", "Web-3", "web"} {
		owner.serviceAccount(name)
	}
	for filter, want := range map[string]int{"web": 1, "web*": 3, "web-*": 2, "WEB*": 0, "*": 4, "w*b": 0, "web-1": 1} {
		r := owner.get("/v1/iam/service-accounts?name=" + url.QueryEscape(filter)).want(200)
		if r.len("service_accounts") != want || r.num("meta.total") != want {
			t.Errorf("%s: %d of %d, want %d", filter, r.len("service_accounts"), r.num("meta.total"), want)
		}
	}
	for filter, want := range map[string]int{"olga@acme.example": 1, "OLGA@*": 1, "otto*": 0} {
		if got := owner.get("/v1/iam/users?name=" + url.QueryEscape(filter)).want(200).len("users"); got != want {
			t.Errorf("users %s: %d, want %d", filter, got, want)
		}
	}
	for filter, want := range map[string]int{"Olga@Acme.example": 1, "o*": 1, "x*": 0} {
		if got := w.as(w.operator).get("/v1/people?email=" + url.QueryEscape(filter)).want(200).len("people"); got != want {
			t.Errorf("people %s: %d, want %d", filter, got, want)
		}
	}
}

// TestUnpagedLists looks at the shapes of section 4's table.
func TestUnpagedLists(t *testing.T) {
	w := newWorld(t, func(c *wire.Config) { c.PublicURL = "https://iam.example.org/" })
	owner := w.as(w.owner)
	account := "/v1/iam/service-accounts/" + owner.serviceAccount("account")
	for i, id := range owner.many(22) {
		if i < 21 {
			owner.post(account+"/groups", obj{"group_id": id}).want(204)
		}
	}
	r := owner.get(account + "/groups?limit=0&marker=x").want(200)
	if r.len("groups") != 21 || r.num("meta.total") != 21 || r.num("meta.limit") != 21 || r.at("meta.has_more") != false ||
		r.str("links.self") != "https://iam.example.org"+account+"/groups" || r.str("meta.marker") != r.str("groups.20.id") {
		t.Errorf("%s", r.body)
	}
	for _, path := range []string{account + "/policies", account + "/credentials", account + "/keys"} {
		if r := owner.get(path).want(200); r.has("meta") || r.has("links") {
			t.Errorf("%s: %s", path, r.body)
		}
	}
	for _, path := range []string{"/v1/audit-logs", "/v1/iam/invitations", "/v1/iam/sts-sessions"} {
		if r := owner.get(path).want(200); !r.has("meta.total") || r.has("links") {
			t.Errorf("%s: %s", path, r.body)
		}
	}
}

func TestAuditPages(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.owner)
	owner.many(5)
	first := owner.get("/v1/audit-logs?limit=3&action=iam.group.*").want(200)
	if first.len("audit_logs") != 3 || first.num("meta.total") != 5 || first.at("meta.has_more") != true ||
		first.str("audit_logs.0.resource_name") != "g-004" {
		t.Errorf("%s", first.body)
	}
	second := owner.get("/v1/audit-logs?limit=3&action=iam.group.*&marker=" + first.str("meta.marker")).want(200)
	if second.len("audit_logs") != 2 || second.at("meta.has_more") != false || second.str("audit_logs.1.resource_name") != "g-000" {
		t.Errorf("%s", second.body)
	}
	one := owner.get("/v1/audit-logs/" + first.str("audit_logs.0.id")).want(200)
	if one.str("audit_log.organization_id") != w.org || one.at("audit_log.error_code") != nil {
		t.Errorf("%s", one.body)
	}
	for query, count := range map[string]int{"actor_id=" + w.ownerID: 5, "actor_id=" + nobodyID: 0, "actor_type=user": 5, "status=success": 5,
		"resource_type=group": 5, "resource_id=x": 0, "ip_address=192.0.2.1": 5, "ip_address=::1": 0, "from=2026-03-01T12:00:02Z": 4,
		"to=2026-03-01T12:00:02Z": 1, "action=iam.group.create": 5, "action=*": 5} {
		if got := owner.get("/v1/audit-logs?" + query).want(200).num("meta.total"); got != count {
			t.Errorf("%s: %d, want %d", query, got, count)
		}
	}
	for query, field := range map[string]string{"actor_id=x": "actor_id", "actor_type=role": "actor_type", "status=ok": "status",
		"ip_address=x": "ip_address", "from=yesterday": "from", "to=2026-03-01": "to", "marker=" + nobodyID: "marker"} {
		owner.get("/v1/audit-logs?"+query).detail(400, field+": ")
	}
}
