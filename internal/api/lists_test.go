package api_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/authn/authntest"
)

// crowd adds enough of everything to an estate that every list has several pages, a second apart, and gives the paths of
// all lists that have pages with the key of their items.
func (e *estate) crowd(t *testing.T) map[string]string {
	t.Helper()
	owner, operator := e.as(e.owner), e.as(e.operator)
	for i := range 5 {
		e.clock.advance(time.Second)
		group := owner.group(fmt.Sprintf("web-%d", i))
		account := owner.serviceAccount(fmt.Sprintf("web-%d", i))
		owner.policy(fmt.Sprintf("web-%d", i), allow("s3:*", "*"))
		role := owner.role(fmt.Sprintf("web-%d", i), "*")
		operator.post("/v1/people", obj{"email": fmt.Sprintf("web-%d@acme.example", i), "name": fmt.Sprintf("Web %d", i)}).want(201)
		user := owner.post(users, obj{"email": fmt.Sprintf("web-%d@acme.example", i)}).want(201).str("user.id")
		owner.post(users, obj{"email": fmt.Sprintf("invited-%d@acme.example", i)}).want(201)
		for _, holder := range []string{"groups/" + group, "service-accounts/" + account, "roles/" + role, "users/" + user} {
			owner.post("/v1/iam/"+holder+"/policies", obj{"policy_id": e.names["policy"]}).want(204)
		}
		owner.post("/v1/iam/assume-role", obj{"role_id": role}).want(200)
		e.organization(fmt.Sprintf("Web %d", i), "olga@acme.example")
		e.signIn(e.names, "olga@acme.example")
		e.register(owner, e.names["user"], authntest.New(e.names["origin"]))
		if i < 3 { // beside the estate's
			owner.post(connectors, obj{"email_domain": fmt.Sprintf("web-%d.example", i)}).want(201)
		}
	}
	// They join in an order that is not that of their making.
	for _, kind := range []string{"users", "service-accounts"} {
		all := owner.get("/v1/iam/" + kind + "?name=*").want(200).ids(strings.ReplaceAll(kind, "-", "_"))
		slices.Reverse(all)
		for _, id := range all {
			e.clock.advance(time.Second)
			owner.post("/v1/iam/"+kind+"/"+id+"/groups", obj{"group_id": e.names["group2"]}).want(204)
		}
	}
	return map[string]string{
		groups: "groups", users: "users", accounts: "service_accounts", policies: "policies", roles: "roles", invitations: "invitations",
		sessions: "sts_sessions", "/v1/audit-logs": "audit_logs", organizations: "organizations", "/v1/people": "people", connectors: "connectors",
		e.fill(groups + "/{group2}/users"): "users", e.fill(groups + "/{group2}/service-accounts"): "service_accounts",
		e.fill(policies + "/{policy}/groups"): "groups", e.fill(policies + "/{policy}/roles"): "roles",
		e.fill(users + "/{owner}/sessions"): "user_sessions", e.fill(users + "/{user}/authenticators"): "authenticators",
		e.fill(policies + "/{policy}/users"): "users", e.fill(policies + "/{policy}/service-accounts"): "service_accounts",
	}
}

// reader is who may read a list.
func (e *estate) reader(path string) *caller {
	if strings.HasPrefix(path, organizations) || strings.HasPrefix(path, "/v1/people") {
		return e.as(e.operator)
	}
	return e.as(e.owner)
}

// TestWalk follows every list that has pages to its end and back, in pages of several sizes.
func TestWalk(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for path, key := range e.crowd(t) {
		c := e.reader(path)
		if path == "/v1/audit-logs" {
			c = e.as(e.operator) // whose log fits into one page
		}
		whole := c.get(path + "?limit=100").want(200)
		want := whole.ids(key)
		if len(want) < 5 || whole.at("meta.has_more") != false || whole.has("links.next") || whole.has("links.previous") {
			t.Fatalf("%s: %d items: %s", path, len(want), whole.body)
		}
		for _, limit := range []int{1, 2, len(want) - 1, len(want)} {
			if strings.HasPrefix(path, "/v1/audit-logs") || strings.HasPrefix(path, invitations) || strings.HasPrefix(path, sessions) {
				walkMarkers(t, c, path, key, limit, want)
			} else {
				walkLinks(t, c, path, key, limit, want)
			}
		}
	}
}

// page checks the meta of a page and gives its ids.
func checkPage(t *testing.T, r *reply, key string, limit, total, before int) []string {
	t.Helper()
	ids := r.ids(key)
	if r.num("meta.limit") != limit || r.num("meta.total") != total || len(ids) == 0 || len(ids) > limit || r.str("meta.marker") != ids[len(ids)-1] ||
		r.at("meta.has_more") != (before+len(ids) < total) {
		t.Errorf("%s: page of %d with %d before it: %s", r.what, limit, before, r.body)
	}
	return ids
}

func walkMarkers(t *testing.T, c *caller, path, key string, limit int, want []string) {
	t.Helper()
	var got []string
	marker := ""
	for more := true; more; {
		r := c.get(fmt.Sprintf("%s?limit=%d%s", path, limit, marker)).want(200)
		if r.has("links") {
			t.Errorf("%s has links", path)
		}
		got = append(got, checkPage(t, r, key, limit, len(want), len(got))...)
		marker = "&marker=" + r.str("meta.marker")
		more = r.at("meta.has_more").(bool)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s in pages of %d: %v, want %v", path, limit, got, want)
	}
	past := c.get(fmt.Sprintf("%s?limit=%d&marker=%s", path, limit, want[len(want)-1])).want(200)
	if past.len(key) != 0 || past.at("meta.marker") != nil || past.at("meta.has_more") != false || past.num("meta.total") != len(want) {
		t.Errorf("past the end: %s", past.body)
	}
}

func walkLinks(t *testing.T, c *caller, path, key string, limit int, want []string) {
	t.Helper()
	var got []string
	var pages [][]string
	r := c.get(fmt.Sprintf("%s?limit=%d", path, limit)).want(200)
	for {
		ids := checkPage(t, r, key, limit, len(want), len(got))
		got, pages = append(got, ids...), append(pages, ids)
		if self := c.follow(r.str("links.self")); !slices.Equal(self.ids(key), ids) {
			t.Errorf("%s: self leads elsewhere: %s", r.what, self.body)
		}
		if !r.has("links.next") {
			break
		}
		r = c.follow(r.str("links.next"))
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s in pages of %d: %v, want %v", path, limit, got, want)
	}
	for i := len(pages) - 2; i >= 0; i-- {
		link := r.str("links.previous")
		if (i == 0) == strings.Contains(link, "marker=") {
			t.Errorf("the link to page %d is %s: it has a marker unless it leads to the first", i+1, link)
		}
		if r = c.follow(link); !slices.Equal(r.ids(key), pages[i]) {
			t.Errorf("%s backwards: page %d has %v, want %v", path, i+1, r.ids(key), pages[i])
		}
	}
	if r.has("links.previous") {
		t.Errorf("something precedes the first page of %s: %s", path, r.body)
	}
}

// TestOrder holds the order of section 16.5: by the time on the wire, then by id; audit logs newest first.
func TestOrder(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for range 4 { // at one instant
		e.as(e.owner).group(fmt.Sprintf("tied-%d", e.tail()))
	}
	for path, key := range e.crowd(t) {
		items := e.reader(path).get(path + "?limit=100").want(200).at(key).([]any)
		at := "created_at"
		switch {
		case key == "audit_logs":
			at = "timestamp"
			slices.Reverse(items)
		case key == "users", strings.HasSuffix(path, "/service-accounts") && strings.Contains(path, groups):
			at = "added_at"
		}
		last := ""
		for _, item := range items {
			o := item.(obj)
			this := o[at].(string) + o["id"].(string)
			if this <= last {
				t.Errorf("%s: %s stands after %s", path, this, last)
			}
			last = this
		}
	}
}

// TestLimits holds the sizes of pages.
func TestLimits(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.as(e.owner)
	for i := range 120 {
		owner.group(fmt.Sprintf("g-%03d", i))
	}
	for query, want := range map[string]int{"": 20, "?limit=1": 1, "?limit=20": 20, "?limit=100": 100, "?limit=101": 100, "?limit=100000000000000000000": 100} {
		r := owner.get(groups + query).want(200)
		if r.len("groups") != want || r.num("meta.limit") != want || r.num("meta.total") != 122 || r.at("meta.has_more") != true {
			t.Errorf("%q: %d items, limit %d of %d", query, r.len("groups"), r.num("meta.limit"), r.num("meta.total"))
		}
	}
	if r := owner.get("/v1/audit-logs").want(200); r.len("audit_logs") != 20 || r.num("meta.limit") != 20 {
		t.Errorf("%d entries", r.len("audit_logs"))
	}
}

// TestFilters tries every filter of section 4 on every list that has it.
func TestFilters(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.crowd(t)
	byName := map[string]int{"web-1": 1, "web-*": 5, "web*": 5, "WEB-*": 0, "web-": 0, "*-1": 0, "w*b-1": 0, "web-1*": 1, "**": 0, "?eb-1": 0}
	for path, key := range map[string]string{groups: "groups", accounts: "service_accounts", policies: "policies", roles: "roles"} {
		for filter, want := range byName {
			e.count(t, path+"?name="+url.QueryEscape(filter), key, want)
		}
		all := 7
		if path == accounts {
			all++ // that of the API token
		}
		e.count(t, path+"?name=*", key, all)
		e.count(t, path+"?email=web-1", key, all) // not a filter of this list
	}
	for filter, want := range map[string]int{"Web 1": 1, "Web *": 5, "web 1": 0, "web-1@acme.example": 1, "WEB-1@ACME.example": 1, "web-*": 5, "Olga": 1, "olga*": 1, "O*": 1, "*": 7} {
		e.count(t, users+"?name="+url.QueryEscape(filter), "users", want)
	}
	for filter, want := range map[string]int{"Web 1": 1, "Web*": 5, "Acme": 2, "acme": 0, "*": 7} {
		e.count(t, organizations+"?name="+url.QueryEscape(filter), "organizations", want)
	}
	for filter, want := range map[string]int{"WEB-1@acme.example": 1, "web-*": 5, "Web 1": 0, "*": 11} {
		e.count(t, "/v1/people?email="+url.QueryEscape(filter), "people", want)
	}
	for filter, want := range map[string]int{"": 6, "?status=pending": 6, "?status=expired": 1, "?status=": 6} {
		e.count(t, invitations+filter, "invitations", want)
	}
	// Filters and pages together: the links keep the filter.
	want := e.as(e.owner).get(roles + "?name=web-*").want(200).ids("roles")
	r := e.as(e.owner).get(roles + "?name=web-*&limit=2").want(200)
	got := r.ids("roles")
	for r.has("links.next") {
		r = e.as(e.owner).follow(r.str("links.next"))
		got = append(got, r.ids("roles")...)
	}
	if !slices.Equal(got, want) || len(got) != 5 {
		t.Errorf("filtered pages: %v, want %v", got, want)
	}
}

// count holds how many items a list has, in all and on this page.
func (e *estate) count(t *testing.T, path, key string, want int) {
	t.Helper()
	if r := e.reader(path).get(path).want(200); r.len(key) != want || r.num("meta.total") != want {
		t.Errorf("%s: %d items, total %d, want %d", path, r.len(key), r.num("meta.total"), want)
	}
}

// TestSessionFilters tries those of STS sessions, alone and together, and how long ended ones are kept.
func TestSessionFilters(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.as(e.owner)
	mia := e.asKey(e.names["user_key"], e.names["user_secret"])
	open := owner.role("open", "*")
	e.names["open"] = open
	mia.post("/v1/iam/assume-role", obj{"role_id": open, "duration_seconds": 900}).want(200)
	e.asKey(e.names["key"], e.names["secret"]).post("/v1/iam/assume-role", obj{"role_id": open}).want(200)
	owner.post("/v1/iam/workload-credentials", obj{"principal": "crn:spo1:compute:instance:i-1"}).want(200)
	check := func(counts map[string]int) {
		t.Helper()
		for query, want := range counts {
			e.count(t, e.fill(sessions+"?"+query), "sts_sessions", want)
		}
	}
	check(map[string]int{
		"": 4, "active_only=true": 4, "active_only=false": 5, "role_id={role}": 2, "role_id={open}": 2, "role_id={role}&active_only=false": 3, "role_id={nobody}": 0,
		"principal_id={account}": 2, "principal_id={user}": 1, "principal_id={role}": 0, "principal_type=user": 1, "principal_type=service_account": 3,
		"principal_type=user&role_id={role}": 0, "principal_type=service_account&role_id={open}": 1, "principal_type=user&principal_id={account}": 0,
		"principal_id={account}&role_id={role}&active_only=false&principal_type=service_account": 2, "name=log-shipper": 4,
	})
	e.clock.advance(15 * time.Minute)
	check(map[string]int{"": 3, "principal_type=user": 0, "principal_type=user&active_only=false": 1})
	// Ended sessions are listed for 30 days after their end, each after its own (section 16.5).
	at := func(id string, end string) time.Time {
		when, err := time.Parse(time.RFC3339, owner.get(sessions+"/"+id).want(200).str("sts_session."+end))
		must(t, err)
		return when
	}
	const kept = 30 * 24 * time.Hour
	hers := owner.get(sessions + "?principal_type=user&active_only=false").want(200).str("sts_sessions.0.id")
	for i, end := range []time.Time{at(e.names["ended"], "revoked_at"), at(hers, "expires_at")} {
		e.clock.advance(end.Add(kept).Sub(e.clock.Now()))
		check(map[string]int{"active_only=false": 5 - i, "": 0})
		e.clock.advance(time.Second)
		check(map[string]int{"active_only=false": 4 - i})
	}
	e.clock.advance(12 * time.Hour)
	check(map[string]int{"active_only=false": 0})
}

// TestAuditFilters tries those of audit logs, alone and together.
func TestAuditFilters(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.as(e.owner)
	worker, id := owner.worker("worker", allow("iam:CreateGroup", "*"))
	e.names["worker"] = id
	e.clock.advance(time.Hour)
	start := e.clock.Now().Format(time.RFC3339)
	e.names["made"] = owner.group("made")                         // success, user
	e.clock.advance(time.Second)                                  //
	worker.post(groups, obj{"name": "made"}).want(409)            // failure, service account
	e.clock.advance(time.Second)                                  //
	worker.post(accounts, obj{"name": "x"}).want(403)             // denied, service account
	e.clock.advance(time.Second)                                  //
	worker.del(e.fill(groups + "/{made}")).want(403)              // denied, service account
	e.clock.advance(time.Second)                                  //
	owner.patch(e.fill(groups+"/{made}"), obj{"name": "renamed"}) // success, user
	e.clock.advance(time.Second)                                  //
	owner.del(e.fill(groups + "/{made}")).want(204)               // success, user
	for query, want := range map[string]int{
		"": 6, "status=success": 3, "status=failure": 1, "status=denied": 2, "actor_type=user": 3, "actor_type=service_account": 3, "actor_type=system": 0,
		"actor_id={owner}": 3, "actor_id={worker}": 3, "actor_id={user}": 0, "action=iam.group.create": 2, "action=iam.group.*": 5, "action=iam.*": 6, "action=*": 6,
		"action=iam.group": 0, "action=IAM.group.*": 0, "action=iam.group.creat": 0, "action=audit.*": 0, "resource_type=group": 5, "resource_type=service_account": 1,
		"resource_type=service-account": 0, "resource_id={made}": 4, "resource_id={group}": 0, "ip_address=127.0.0.1": 6, "ip_address=::ffff:127.0.0.1": 6,
		"ip_address=127.0.0.2":              0,
		"status=denied&resource_type=group": 1, "status=denied&actor_type=user": 0, "status=failure&action=iam.group.create&actor_id={worker}": 1,
		"status=success&resource_id={made}&action=iam.group.*&actor_type=user&ip_address=127.0.0.1": 3, "resource_id={made}&status=denied": 1,
		"action=iam.group.delete&status=success": 1, "action=iam.group.delete": 2, "name=x": 6,
	} {
		e.count(t, e.fill("/v1/audit-logs?from="+start+"&"+query), "audit_logs", want)
	}
	at := func(seconds int) string {
		base, _ := time.Parse(time.RFC3339, start)
		return base.Add(time.Duration(seconds) * time.Second).Format(time.RFC3339)
	}
	for query, want := range map[string]int{
		"from=" + at(2): 4, "from=" + at(5): 1, "from=" + at(6): 0, "from=" + at(0) + "&to=" + at(0): 0, "from=" + at(0) + "&to=" + at(1): 1, "from=" + at(1) + "&to=" + at(4): 3,
		"from=" + at(4) + "&to=" + at(1): 0, "from=" + at(0) + "&to=" + at(9): 6, "from=" + strings.Replace(at(5), "Z", ".5Z", 1): 0, "from=" + strings.Replace(at(5), "Z", "%2B00:00", 1): 1,
		"from=" + at(0) + "&to=" + at(3) + "&status=denied": 1,
	} {
		e.count(t, "/v1/audit-logs?"+query, "audit_logs", want)
	}
	if r := owner.get("/v1/audit-logs?from=" + start).want(200); r.str("audit_logs.0.action") != "iam.group.delete" || r.str("audit_logs.5.action") != "iam.group.create" {
		t.Errorf("not the newest first: %s", r.body)
	}
	for query, field := range map[string]string{"actor_id=x": "actor_id", "actor_id=00000000-0000-0000-0000-000000000000": "actor_id", "actor_type=User": "actor_type",
		"status=Success": "status", "ip_address=127.0.0.1/8": "ip_address", "from=2026": "from", "from=2026-03-01T00:00:00": "from", "to=now": "to",
		"action=%00": "action", "status=denied&status=denied": "status"} {
		owner.get("/v1/audit-logs?"+query).detail(400, field+": ")
	}
}
