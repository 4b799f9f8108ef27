package scaleway_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/writ-iam/writ/internal/iam"
)

// TestNames holds that what has a name keeps the form (section 6): wherever one is made, and wherever one is changed.
func TestNames(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	tail := e.tail()
	for _, thing := range []struct{ all, one, more string }{
		{"~/groups", "~/groups/{group}", ``}, {"~/applications", "~/applications/{application}", ``},
		{"~/policies", "~/policies/{policy}", `,"no_principal":true`}, {"/account/v3/projects", "/account/v3/projects/{project}", ``},
	} {
		for _, tc := range []struct{ members, argument, reason string }{
			{`"name":""`, "name", "required"},
			{`"name":"` + strings.Repeat("x", 65) + `"`, "name", "constraint"},
			{`"name":"a/b"`, "name", "format"}, {`"name":"é"`, "name", "format"}, {`"name":"a\n"`, "name", "format"}, {`"name":"a\u0000"`, "name", "format"},
			{`"name":"x","description":"` + strings.Repeat("x", 201) + `"`, "description", "constraint"},
			{`"name":"x","tags":["a","b","a"]`, "tags[2]", "constraint"},
			{`"name":"x","tags":["a",""]`, "tags[1]", "constraint"},
			{`"name":"x","tags":["` + strings.Repeat("x", 71) + `"]`, "tags[0]", "constraint"},
			{`"name":"x","tags":["a:b"]`, "tags[0]", "format"}, {`"name":"x","tags":["é"]`, "tags[0]", "format"},
			{`"name":"x","tags":["1","2","3","4","5","6","7","8","9","10","11"]`, "tags", "constraint"},
		} {
			e.ask(e.owner(), "POST", thing.all, `{`+tc.members+thing.more+`}`).argument(tc.argument, tc.reason)
			e.ask(e.owner(), "PATCH", thing.one, `{`+tc.members+`}`).argument(tc.argument, tc.reason)
		}
		e.ask(e.owner(), "POST", thing.all, `{"description":"x"`+thing.more+`}`).argument("name", "required")
		for _, org := range []string{"{other.org}", "{nowhere}"} {
			e.ask(e.owner(), "POST", thing.all, `{"name":"x","organization_id":"`+org+`"`+thing.more+`}`).refused(403, "permissions_denied")
		}
		e.ask(e.owner(), "POST", thing.all, `{"name":"x","organization_id":"acme"`+thing.more+`}`).argument("organization_id", "format")
	}
	if e.tail() != tail {
		t.Error("something was committed")
	}
	e.ask(e.owner(), "POST", "~/groups", `{"name":"`+strings.Repeat("x", 60)+`()._","description":"`+strings.Repeat("é", 200)+`","organization_id":"","tags":null}`).want(200)
}

// TestGroup makes, changes and removes one.
func TestGroup(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	g := e.keep("new", "id", e.ask(e.owner(), "POST", "~/groups", `{"name":"new"}`)).want(200)
	g.is("name", "new", "description", "", "organization_id", e.names["org"], "user_ids", "[]", "application_ids", "[]", "tags", "[]", "editable", "true", "deletable", "true",
		"managed", "false", "all_users", "false", "all_applications", "false", "created_at", g.str("updated_at"))
	if _, err := time.Parse("2006-01-02T15:04:05.000000Z", g.str("created_at")); err != nil {
		t.Error(err)
	}
	e.ask(e.owner(), "POST", "~/groups", `{"name":"new"}`).refused(409, "already_exists", "resource", "group", "resource_id", e.names["new"])
	e.ask(e.owner(), "PATCH", "~/groups/{group2}", `{"name":"new"}`).refused(409, "already_exists", "resource", "group", "resource_id", e.names["new"])
	changed := e.ask(e.owner(), "PATCH", "~/groups/{new}", `{"description":"Newer","tags":["a","b=c"]}`).want(200)
	changed.is("name", "new", "description", "Newer", "tags", `["a","b=c"]`)
	if changed.str("updated_at") == g.str("updated_at") {
		t.Error("a change does not count as an update")
	}
	e.ask(e.owner(), "PATCH", "~/groups/{new}", `{"name":null,"tags":null,"description":null}`).want(200).is("tags", `["a","b=c"]`, "updated_at", changed.str("updated_at"))
	e.ask(e.owner(), "PATCH", "~/groups/{new}", `{"tags":[]}`).want(200).is("tags", `[]`)
	e.ask(e.owner(), "DELETE", "~/groups/{new}", "").want(204)
	for _, method := range []string{"GET", "DELETE"} {
		e.ask(e.owner(), method, "~/groups/{new}", "").missing("group", e.names["new"])
	}
	e.ask(e.owner(), "PATCH", "~/groups/{new}", `{}`).missing("group", e.names["new"])
	e.ask(e.owner(), "DELETE", "~/groups/{group}", "").want(204) // with members and a policy
	e.get("~/applications/{application}").want(200)
}

// TestTags: what another wire keeps as a key and a value is one text here, and stays what it is.
func TestTags(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.natively(e.nativeOwner(), "PATCH", e.fill("/v1/iam/groups/{group2}"), `{"description":"x"}`)
	e.ask(e.owner(), "PATCH", "~/groups/{group2}", `{"tags":["env=prod","x"]}`).want(200).is("tags", `["env=prod","x"]`)
	e.ask(e.owner(), "PATCH", "~/groups/{group2}", `{"tags":["x","env=prod","env"]}`).want(200).is("tags", `["x","env=prod","env"]`)
}

// TestMembers: who is in a group (sections 4.4, 6, 7 and 9).
func TestMembers(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	at := e.get("~/groups/{group}").str("updated_at")
	is := func(a *answer, users, applications string) {
		t.Helper()
		quoted := func(names string) string {
			out := []string{}
			for _, name := range strings.Fields(names) {
				out = append(out, `"`+e.names[name]+`"`)
			}
			return "[" + strings.Join(out, ",") + "]"
		}
		a.want(200).is("user_ids", quoted(users), "application_ids", quoted(applications), "updated_at", at)
		e.get("~/groups/{group}").is("user_ids", quoted(users), "application_ids", quoted(applications))
	}
	post := func(what, body string) *answer { return e.ask(e.owner(), "POST", "~/groups/{group}/"+what, body) }
	put := func(body string) *answer { return e.ask(e.owner(), "PUT", "~/groups/{group}/members", body) }
	is(post("add-member", `{"user_id":"{member}"}`), "member pending", "application") // again
	is(post("add-member", `{"user_id":"{local}","application_id":"{reader}"}`), "member local pending", "application reader")
	is(post("add-members", `{"user_ids":["{idle}","{idle}","{member}"],"application_ids":null}`), "member local idle pending", "application reader")
	is(post("add-members", `{}`), "member local idle pending", "application reader")
	is(post("remove-member", `{"user_id":"{pending}"}`), "member local idle", "application reader")
	is(post("remove-member", `{"user_id":"{local}","application_id":"{reader}"}`), "member idle", "application")
	is(put(`{"user_ids":["{idle}","{local}","{member}"],"application_ids":["{reader}","{application}"]}`), "idle local member", "reader application")
	is(put(`{"user_ids":["{member}","{local}"],"application_ids":["{application}","{reader}"]}`), "member local", "application reader")
	is(put(`{"user_ids":["{pending}","{member}"]}`), "member pending", "")
	is(put(`{}`), "", "")
	tail := e.tail()
	for _, id := range []string{"nowhere", "other.member", "other.pending", "late", "group", "application"} {
		post("add-member", `{"user_id":"{`+id+`}"}`).missing("user", e.names[id])
		post("add-members", `{"user_ids":["{member}","{`+id+`}"]}`).missing("user", e.names[id])
		put(`{"user_ids":["{member}","{`+id+`}"]}`).missing("user", e.names[id])
	}
	for _, id := range []string{"nowhere", "other.application", "member", "api_token_id"} {
		post("add-member", `{"application_id":"{`+id+`}"}`).missing("application", e.names[id])
		put(`{"application_ids":["{`+id+`}"]}`).missing("application", e.names[id])
	}
	post("remove-member", `{"user_id":"{member}"}`).missing("", e.names["member"])
	post("remove-member", `{"application_id":"{application}"}`).missing("", e.names["application"])
	for _, what := range []string{"add-member", "remove-member"} {
		post(what, `{}`).argument("member", "required")
		post(what, `{"user_id":""}`).argument("member", "required")
		post(what, `{"user_id":"x"}`).argument("user_id", "format")
		post(what, `{"application_id":7}`).argument("application_id", "format")
	}
	put(`{"user_ids":["{member}","x"]}`).argument("user_ids[1]", "format")
	e.ask(e.owner(), "POST", "~/groups/{nowhere}/add-member", `{"user_id":"{member}"}`).missing("group", e.names["nowhere"])
	if e.tail() != tail {
		t.Error("something was committed")
	}
	// Two of whom one is no member: nobody leaves.
	is(post("add-member", `{"user_id":"{member}"}`), "member", "")
	post("remove-member", `{"user_id":"{member}","application_id":"{application}"}`).missing("", e.names["application"])
	is(put(`{"user_ids":["{member}"]}`), "member", "")
}

// TestMembersOfOthers: an API token of the organization is no application, so it is not shown and stays where it is.
func TestMembersOfOthers(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	account := e.natively(e.nativeOwner(), "GET", e.fill("/v1/iam/api-tokens/{api_token_id}"), "").str("api_token.service_account_id")
	e.natively(e.nativeOwner(), "POST", "/v1/iam/service-accounts/"+account+"/groups", `{"group_id":"{group2}"}`)
	e.ask(e.owner(), "PUT", "~/groups/{group2}/members", `{"user_ids":["{member}"]}`).want(200).is("application_ids", "[]")
	e.get("~/applications/"+account).missing("application", account)
	e.ask(e.owner(), "DELETE", "~/applications/"+account, "").missing("application", account)
	e.ask(e.owner(), "POST", "~/api-keys", `{"application_id":"`+account+`"}`).missing("application", account)
	left := e.natively(e.nativeOwner(), "GET", e.fill("/v1/iam/groups/{group2}/service-accounts"), "")
	if got := left.list("service_accounts", "id"); !slices.Equal(got, []string{account}) {
		t.Errorf("left: %v", got)
	}
}

// TestApplication makes, renames and removes one.
func TestApplication(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	a := e.keep("new", "id", e.ask(e.owner(), "POST", "~/applications", `{"name":"ci","description":"","tags":[]}`)).want(200) // another one of this name
	a.is("name", "ci", "nb_api_keys", "0", "editable", "true", "deletable", "true", "managed", "false", "organization_id", e.names["org"])
	e.get("~/applications/{application}").want(200).is("name", "ci", "nb_api_keys", "2", "description", "Builds", "tags", `["team=core"]`)
	if got := e.get("~/applications?name=ci").list("applications", "id"); !slices.Equal(got, []string{e.names["application"], e.names["new"]}) {
		t.Errorf("by name: %v", got)
	}
	e.ask(e.owner(), "PATCH", "~/applications/{application}", `{"name":"spare","tags":["x"]}`).want(200).is("name", "spare", "description", "Builds", "tags", `["x"]`)
	e.ask(e.owner(), "PATCH", "~/applications/{application}", `{"name":"ci"}`).want(200).is("name", "ci", "tags", `["x"]`)
	e.ask(e.owner(), "PATCH", "~/applications/{application}", `{"description":""}`).want(200).is("name", "ci", "description", "")
	worker := key(e.names["ci_secret"])
	e.keep("rights", "id", e.ask(e.owner(), "POST", "~/policies", `{"name":"x","application_id":"{application}","rules":[{"permission_set_names":["IAMApplicationManager"],"organization_id":"{org}"}]}`))
	e.ask(worker, "GET", "~/applications/{application}", "").want(200)
	e.ask(worker, "DELETE", "~/applications/{application}", "").want(204) // itself
	e.ask(worker, "GET", "~/applications", "").refused(401, "denied_authentication", "reason", "not_found")
	e.get("~/policies/{rights}").want(200).is("no_principal", "true")
	e.get("~/api-keys/{ci_key}").missing("access_key", e.names["ci_key"])
	// What the native API shows as a display name is a name here.
	e.keep("native", "service_account.id", e.natively(e.nativeOwner(), "POST", "/v1/iam/service-accounts", `{"name":"log-shipper","display_name":"Log shipper"}`))
	e.get("~/applications/{native}").want(200).is("name", "Log shipper")
	e.ask(e.owner(), "PATCH", "~/applications/{native}", `{"name":"log-shipper"}`).want(200).is("name", "log-shipper")
}

// TestAPIKey makes, changes and removes keys (sections 4.1, 6 and 9).
func TestAPIKey(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.remote = "203.0.113.9:4711"
	k := e.keep("new", "access_key", e.ask(e.owner(), "POST", "~/api-keys", `{"application_id":"{reader}","description":"nightly","expires_at":"2027-01-01T00:00:00.123Z","default_project_id":"{project}"}`)).want(200)
	e.remote = ""
	k.is("application_id", e.names["reader"], "description", "nightly", "expires_at", "2027-01-01T00:00:00.123Z", "default_project_id", e.names["project"],
		"editable", "true", "deletable", "true", "managed", "false", "creation_ip", "203.0.113.9")
	if secret := k.str("secret_key"); !isID.MatchString(secret) || len(e.names["new"]) != 20 || !strings.HasPrefix(e.names["new"], "SCW") {
		t.Errorf("%s with %s", e.names["new"], secret)
	}
	if _, has := k.find("user_id"); has {
		t.Error("two bearers")
	}
	got := e.get("~/api-keys/{new}").want(200).is("secret_key", "null", "access_key", e.names["new"])
	if strings.Contains(string(got.body), k.str("secret_key")) {
		t.Error("the secret is told again")
	}
	of := e.ask(e.owner(), "POST", "~/api-keys", `{"user_id":"{local}"}`).want(200).is("user_id", e.names["local"], "expires_at", "null", "default_project_id", e.names["org"], "description", "")
	e.names["plain"] = of.str("access_key")
	changed := e.ask(e.owner(), "PATCH", "~/api-keys/{plain}", `{"description":"x","default_project_id":"{project2}","expires_at":"2027-06-01T00:00:00Z"}`).want(200)
	changed.is("description", "x", "default_project_id", e.names["project2"], "expires_at", "2027-06-01T00:00:00Z", "secret_key", "null")
	e.ask(e.owner(), "PATCH", "~/api-keys/{plain}", `{"expires_at":"2027-06-01T00:00:00Z"}`).want(200).is("description", "x")
	e.ask(e.owner(), "PATCH", "~/api-keys/{plain}", `{"expires_at":"2027-06-02T00:00:00Z"}`).argument("expires_at", "constraint")
	e.ask(e.owner(), "PATCH", "~/api-keys/{plain}", `{}`).want(200).is("description", "x", "updated_at", changed.str("updated_at"))
	tail := e.tail()
	post := func(body string) *answer { return e.ask(e.owner(), "POST", "~/api-keys", body) }
	post(`{"description":"x"}`).argument("bearer", "required")
	post(`{"user_id":"","application_id":null}`).argument("bearer", "required")
	post(`{"user_id":"{local}","application_id":"{reader}"}`).argument("bearer", "constraint")
	post(`{"user_id":"x"}`).argument("user_id", "format")
	post(`{"user_id":"{local}","description":"`+strings.Repeat("x", 201)+`"}`).argument("description", "constraint")
	post(`{"user_id":"{local}","expires_at":"2026-01-01T00:00:00Z"}`).argument("expires_at", "constraint")
	post(`{"user_id":"{local}","expires_at":"soon"}`).argument("expires_at", "format")
	post(`{"user_id":"{local}","expires_at":"9999-12-31T23:59:59-01:00"}`).argument("expires_at", "constraint") // which is the year 10000 in UTC
	e.ask(e.owner(), "PATCH", "~/api-keys/{ci_key}", `{"expires_at":"9999-12-31T23:00:00.000001-01:00"}`).argument("expires_at", "constraint")
	post(`{"user_id":"{local}","default_project_id":"x"}`).argument("default_project_id", "format")
	post(`{"user_id":"{local}","default_project_id":"{other.project}"}`).missing("project", e.names["other.project"])
	for _, id := range []string{"nowhere", "other.local", "pending", "application"} {
		post(`{"user_id":"{`+id+`}"}`).missing("user", e.names[id])
	}
	for _, id := range []string{"nowhere", "other.application", "local"} {
		post(`{"application_id":"{`+id+`}"}`).missing("application", e.names[id])
	}
	e.ask(e.owner(), "PATCH", "~/api-keys/{new}", `{"default_project_id":"{nowhere}"}`).missing("project", e.names["nowhere"])
	for _, name := range []string{"SCW00000000000000000", "x", e.names["other.ci_key"], "AKIA"} {
		e.get("~/api-keys/"+name).missing("access_key", name)
		e.ask(e.owner(), "PATCH", "~/api-keys/"+name, `{}`).missing("access_key", name)
		e.ask(e.owner(), "DELETE", "~/api-keys/"+name, "").missing("access_key", name)
	}
	if e.tail() != tail {
		t.Error("something was committed")
	}
	own := key(k.str("secret_key"))
	e.ask(own, "GET", "~/groups", "").want(200)
	e.ask(e.owner(), "DELETE", "~/api-keys/{new}", "").want(204)
	e.ask(own, "GET", "~/groups", "").refused(401, "denied_authentication")
	logs := e.get("~/logs?resource_type=api_key&order_by=created_at_desc&page_size=2").want(200)
	logs.is("logs.0.action", "deleted", "logs.0.resource_id", e.names["new"], "logs.1.action", "updated", "logs.1.resource_id", e.names["plain"])
}

// TestExpiredKey: an expired key stays listed, and proves nothing (sections 3.2 and 7).
func TestExpiredKey(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	k := e.keep("brief", "access_key", e.ask(e.owner(), "POST", "~/api-keys", `{"application_id":"{reader}","expires_at":"`+e.Clock.Now().Add(time.Minute).Format(time.RFC3339)+`"}`))
	e.Clock.Advance(time.Hour)
	if got := e.get("~/api-keys?expired=true").list("api_keys", "access_key"); !slices.Equal(got, []string{e.names["brief"]}) {
		t.Errorf("expired: %v", got)
	}
	e.get("~/api-keys/{brief}").want(200)
	e.ask(key(k.str("secret_key")), "GET", "~/groups", "").refused(401, "denied_authentication", "reason", "expired")
	if got := e.get("~/api-keys?order_by=expires_at_asc").list("api_keys", "access_key"); got[0] != e.names["brief"] {
		t.Errorf("by expiry: %v", got)
	}
}

// TestKeysOfOthers: whoever may see the keys of some bearers is told of other keys as of those that do not exist.
func TestKeysOfOthers(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	idle := key(e.names["idle_secret"])
	e.allow("idle", []string{"iam:GetServiceAccountCredential", "iam:ListServiceAccountCredentials", "iam:DeleteServiceAccountCredential"})
	e.ask(idle, "GET", "~/api-keys/{ci_key}", "").want(200)
	for _, name := range []string{"SCW00000000000000000", e.names["member_key"], e.names["other.ci_key"]} {
		e.ask(idle, "GET", "~/api-keys/"+name, "").missing("access_key", name)
		e.ask(idle, "DELETE", "~/api-keys/"+name, "").missing("access_key", name)
	}
	list := e.ask(idle, "GET", "~/api-keys", "").want(200)
	for i := range list.list("api_keys", "access_key") {
		list.str("api_keys." + string(rune('0'+i)) + ".application_id")
	}
	e.ask(idle, "GET", "~/api-keys?user_id={member}", "").denied("list", "api_key")
	e.ask(idle, "GET", "~/api-keys?bearer_type=user", "").want(200).is("total_count", "0")
	e.ask(idle, "POST", "~/api-keys", `{"user_id":"{idle}"}`).denied("create", "api_key")
	e.ask(idle, "POST", "~/api-keys", `{`).denied("create", "api_key")

	// On one application alone.
	only := `{"statements":[{"effect":"allow","actions":["iam:*ServiceAccountCredential*"],"resources":["crn::iam:service-account:{application}"]}]}`
	e.natively(e.nativeOwner(), "PATCH", "/v1/iam/policies/"+e.names["only"], `{"document":`+only+`}`)
	e.ask(idle, "GET", "~/api-keys/{ci_key}", "").want(200)
	for _, name := range []string{"SCW00000000000000000", e.names["reader_key"], e.names["member_key"]} {
		e.ask(idle, "GET", "~/api-keys/"+name, "").denied("read", "api_key")
	}
	e.ask(idle, "GET", "~/api-keys", "").denied("list", "api_key")
	e.ask(idle, "GET", "~/api-keys?application_id={application}", "").want(200).is("total_count", "2")
	e.ask(idle, "GET", "~/api-keys?bearer_id={application}", "").want(200).is("total_count", "2")
	e.ask(idle, "GET", "~/api-keys?bearer_id={reader}", "").denied("list", "api_key")
	e.ask(idle, "POST", "~/api-keys", `{"application_id":"{application}"}`).want(200)
	e.ask(idle, "POST", "~/api-keys", `{"application_id":"{reader}"}`).denied("create", "api_key")
	e.ask(idle, "POST", "~/groups/{group}/add-member", `{"application_id":"{application2}","user_ids":["{member}"]}`).denied("write", "group")
}

// TestSmuggledMembers: a body that is authorized for what one reading of it names does nothing for what another names.
func TestSmuggledMembers(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	idle := key(e.names["idle_secret"])
	e.allow("idle", []string{"iam:AddUserToGroup", "iam:RemoveUserFromGroup", "iam:CreateUserCredential"})
	tail := e.tail()
	for _, body := range []string{`{"application_id":"{application2}","user_ids":["{member}"]}`, `{"application_id":"{application2}","user_id":"{member}"}`,
		`{"user_id":"{member}","application_ids":["{application2}"],"application_id":"{application2}"}`} {
		e.ask(idle, "POST", "~/groups/{group}/add-member", body).denied("write", "group")
	}
	e.ask(idle, "POST", "~/groups/{group}/add-members", `{"user_id":"{member}","application_ids":["{application2}"]}`).denied("write", "group")
	e.ask(idle, "PUT", "~/groups/{group}/members", `{"user_ids":["{member}"],"application_ids":["{application2}"]}`).denied("write", "group")
	e.ask(idle, "POST", "~/groups/{group}/remove-member", `{"user_ids":["{member}"],"application_id":"{application}"}`).denied("write", "group")
	if e.tail() != tail {
		t.Error("something was committed")
	}
}

// TestKeysForUsers: users who have signed in make their own keys, the owner makes them for users, and whoever manages IAM for applications alone
// (section 6).
func TestKeysForUsers(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	session := http.Header{"X-Session-Token": {e.natively(nil, "POST", "/v1/auth/sign-in",
		`{"organization":"{org}","login":"starting","password":"correct horse battery"}`).str("token")}}
	for _, set := range []string{"IAMManager", "OrganizationManager"} {
		e.ask(e.owner(), "PUT", "~/rules", `{"policy_id":"{reading}","rules":[{"permission_set_names":["`+set+`"],"organization_id":"{org}"}]}`).want(200)
		manager := key(e.names["reader_secret"])
		for _, user := range []string{"{owner}", "{member}", "{idle}"} {
			e.ask(manager, "POST", "~/api-keys", `{"user_id":"`+user+`"}`).denied("create", "api_key")
		}
		e.ask(manager, "POST", "~/api-keys", `{"application_id":"{application}"}`).want(200)
		e.ask(manager, "POST", "~/api-keys", `{"application_id":"{reader}"}`).want(200)
	}
	e.ask(e.owner(), "POST", "~/api-keys", `{"user_id":"{member}"}`).want(200)

	own := e.keep("own", "access_key", e.ask(session, "POST", "~/api-keys", `{"user_id":"{starting}","description":"mine"}`))
	own.want(200).is("user_id", e.names["starting"])
	e.ask(session, "GET", "~/api-keys?user_id={starting}", "").want(200).is("total_count", "1")
	e.ask(session, "GET", "~/api-keys?bearer_id={starting}", "").want(200).is("total_count", "1", "api_keys.0.access_key", e.names["own"])
	for _, id := range []string{"member", "application", "nowhere", "pending", "other.member", "group"} {
		e.ask(session, "GET", "~/api-keys?bearer_id={"+id+"}", "").denied("list", "api_key")
		e.ask(session, "GET", "~/api-keys?user_id={"+id+"}&bearer_id={starting}", "").denied("list", "api_key")
	}
	e.ask(session, "PATCH", "~/api-keys/{own}", `{"description":"still mine"}`).want(200)
	e.ask(session, "POST", "~/api-keys", `{"user_id":"{member}"}`).denied("create", "api_key")
	e.ask(session, "POST", "~/api-keys", `{"application_id":"{application}"}`).denied("create", "api_key")
	e.ask(session, "GET", "~/api-keys/{member_key}", "").denied("read", "api_key")
	e.ask(session, "GET", "~/api-keys", "").denied("list", "api_key")
	byKey := key(own.str("secret_key"))
	e.ask(byKey, "POST", "~/api-keys", `{"user_id":"{starting}"}`).denied("create", "api_key")
	e.ask(session, "DELETE", "~/api-keys/{own}", "").want(204)
	e.ask(byKey, "GET", "~/groups", "").want(401)
}

// TestUser makes, changes, locks and removes users (sections 4.2, 6, 7 and 9).
func TestUser(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.get("~/users/{owner}").want(200).is("type", "owner", "deletable", "false", "status", "activated", "username", "olga@"+e.names["domain"], "email", "olga@"+e.names["domain"],
		"locale", "en_US", "last_login_at", "null", "mfa", "false", "two_factor_enabled", "false", "locked", "false", "first_name", "", "organization_id", e.names["org"])
	if !isID.MatchString(e.get("~/users/{owner}").str("account_root_user_id")) {
		t.Error("the owner has no account_root_user_id")
	}
	u := e.keep("new", "id", e.ask(e.owner(), "POST", "~/users", `{"tags":["a"],"member":{"username":"lin","email":"lin@x.example","first_name":"Lin","last_name":"Local","phone_number":"+33 1","locale":"fr_FR","password":"correct horse"}}`)).want(200)
	u.is("type", "member", "status", "activated", "username", "lin", "email", "lin@x.example", "first_name", "Lin", "last_name", "Local", "phone_number", "+33 1", "locale", "fr_FR",
		"tags", `["a"]`, "deletable", "true", "account_root_user_id", "", "locked", "false")
	invited := e.keep("hire", "id", e.ask(e.owner(), "POST", "~/users", `{"email":"hire@x.example","tags":["b"]}`)).want(200)
	invited.is("status", "invitation_pending", "username", "hire@x.example", "tags", `["b"]`, "type", "member")
	e.ask(e.owner(), "POST", "~/users", `{"email":"hire@x.example"}`).refused(409, "already_exists", "resource", "user", "resource_id", e.names["hire"])
	e.ask(e.owner(), "POST", "~/users", `{"member":{"username":"LIN"}}`).refused(409, "already_exists", "resource", "user", "resource_id", e.names["new"])
	e.ask(e.owner(), "POST", "~/users", `{"member":{"username":"other","email":"lin@x.example"}}`).refused(409, "already_exists", "resource_id", e.names["new"])
	e.ask(e.owner(), "POST", "~/users/{new}/update-username", `{"username":"lena"}`).refused(409, "already_exists", "resource_id", e.names["local"])
	tail := e.tail()
	for _, tc := range []struct{ body, argument, reason string }{
		{`{}`, "type", "required"}, {`{"email":"x@x.example","member":{"username":"xy"}}`, "type", "constraint"}, {`{"email":"x"}`, "email", "format"},
		{`{"member":{}}`, "member.username", "required"}, {`{"member":{"username":"x"}}`, "member.username", "constraint"},
		{`{"member":{"username":"` + strings.Repeat("x", 65) + `"}}`, "member.username", "constraint"}, {`{"member":{"username":"a b"}}`, "member.username", "format"},
		{`{"member":{"username":"xy","email":"x"}}`, "member.email", "format"}, {`{"member":{"username":"xy","first_name":"` + strings.Repeat("x", 65) + `"}}`, "member.first_name", "constraint"},
		{`{"member":{"username":"xy","locale":"French"}}`, "member.locale", "format"}, {`{"member":{"username":"xy","password":"short"}}`, "member.password", "constraint"},
		{`{"member":{"username":"xy","phone_number":"1\u0007"}}`, "member.phone_number", "constraint"}, {`{"member":{"username":"xy","last_name":"\n"}}`, "member.last_name", "constraint"},
		{`{"member":{"username":"xy"},"tags":["a:b"]}`, "tags[0]", "format"}, {`{"member":"xy"}`, "member", "format"},
	} {
		e.ask(e.owner(), "POST", "~/users", tc.body).argument(tc.argument, tc.reason)
	}
	e.ask(e.owner(), "POST", "~/users/{new}/update-username", `{}`).argument("username", "required")
	e.ask(e.owner(), "PATCH", "~/users/{new}", `{"email":"x"}`).argument("email", "format")
	e.ask(e.owner(), "PATCH", "~/users/{new}", `{"phone_number":"\u0000"}`).argument("phone_number", "constraint")
	e.ask(e.owner(), "PATCH", "~/users/{member}", `{"email":"new@x.example"}`).refused(412, "precondition_failed", "precondition", "protected_resource") // a person's
	e.ask(e.owner(), "POST", "~/users/{member}/update-username", `{"username":"mia"}`).refused(412, "precondition_failed", "precondition", "protected_resource")
	e.ask(e.owner(), "POST", "~/users/{owner}/lock", `{}`).refused(412, "precondition_failed", "precondition", "protected_resource")
	e.ask(e.owner(), "DELETE", "~/users/{owner}", "").refused(412, "precondition_failed", "precondition", "protected_resource")
	for _, what := range []string{"lock", "unlock", "update-username", "update-password", "mfa-otp", "validate-mfa-otp"} {
		e.ask(e.owner(), "POST", "~/users/{pending}/"+what, `{"username":"xy"}`).refused(412, "precondition_failed", "precondition", "protected_resource")
		e.ask(e.owner(), "POST", "~/users/{late}/"+what, `{"username":"xy"}`).missing("user", e.names["late"])
	}
	e.ask(e.owner(), "PATCH", "~/users/{pending}", `{"first_name":"x"}`).refused(412, "precondition_failed")
	if e.tail() != tail {
		t.Error("something was committed")
	}
	e.ask(e.owner(), "PATCH", "~/users/{pending}", `{"tags":["new"]}`).want(200).is("tags", `["new"]`, "status", "invitation_pending")
	e.ask(e.owner(), "PATCH", "~/users/{pending}", `{}`).want(200).is("tags", `["new"]`)
	e.ask(e.owner(), "PATCH", "~/users/{new}", `{"email":"l@x.example","last_name":"","tags":[]}`).want(200).is("email", "l@x.example", "first_name", "Lin", "last_name", "", "tags", "[]")
	e.ask(e.owner(), "PATCH", "~/users/{member}", `{"first_name":"Mia"}`).want(200).is("first_name", "Mia", "username", "mia@"+e.names["domain"])
	e.ask(e.owner(), "POST", "~/users/{new}/update-username", `{"username":"linus"}`).want(200).is("username", "linus")
	e.ask(e.owner(), "POST", "~/users/{new}/update-username", `{"username":"linus"}`).want(200).is("username", "linus")
	e.ask(e.owner(), "POST", "~/users/{local}/lock", `{}`).want(200).is("locked", "true")
	e.ask(key(e.names["local_secret"]), "GET", "~/groups", "").refused(401, "denied_authentication")
	e.ask(e.owner(), "POST", "~/users/{local}/lock", `{}`).want(200).is("locked", "true")
	e.ask(e.owner(), "POST", "~/users/{local}/unlock", `{}`).want(200).is("locked", "false")
	e.ask(key(e.names["local_secret"]), "GET", "~/groups", "").denied("list", "group")
	e.allow("idle", []string{"iam:RemoveUser", "iam:LockUser"})
	idle := key(e.names["idle_secret"])
	e.ask(idle, "POST", "~/users/{idle}/lock", `{}`).refused(412, "precondition_failed", "precondition", "unknown_precondition")
	e.ask(idle, "DELETE", "~/users/{idle}", "").want(204) // themselves
	e.ask(idle, "DELETE", "~/users/{new}", "").refused(401, "denied_authentication")
	e.ask(e.owner(), "DELETE", "~/users/{new}", "").want(204)
	e.ask(e.owner(), "POST", "~/users", `{"member":{"username":"linus"}}`).want(200) // the name is free
}

// TestSSHKeyScopes: rules about some projects are about the keys of those (section 7).
func TestSSHKeyScopes(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.ask(e.owner(), "POST", "~/policies", `{"name":"x","user_id":"{idle}","rules":[{"permission_set_names":["SSHKeysFullAccess"],"project_ids":["{project}"]}]}`).want(200)
	idle := key(e.names["idle_secret"])
	e.ask(idle, "GET", "~/ssh-keys", "").denied("list", "ssh_key")
	e.ask(idle, "GET", "~/ssh-keys?project_id={project2}", "").denied("list", "ssh_key")
	e.ask(idle, "GET", "~/ssh-keys?project_id={project}", "").want(200).is("total_count", "1")
	e.ask(idle, "GET", "~/ssh-keys/{ssh_key}", "").want(200)
	e.ask(idle, "GET", "~/ssh-keys/{ssh_key2}", "").denied("read", "ssh_key")
	e.ask(idle, "GET", "~/ssh-keys/{nowhere}", "").denied("read", "ssh_key")
	e.ask(idle, "POST", "~/ssh-keys", `{"name":"x","public_key":"`+publicKey+`","project_id":"{project}"}`).want(200)
	e.ask(idle, "POST", "~/ssh-keys", `{"name":"x","public_key":"`+publicKey+`"}`).denied("create", "ssh_key")
	e.ask(idle, "POST", "~/ssh-keys", `{"name":"x","public_key":"`+publicKey+`","project_id":"{project2}"}`).denied("create", "ssh_key")
	e.ask(idle, "PATCH", "~/ssh-keys/{ssh_key2}", `{"name":"x"}`).denied("write", "ssh_key")
	e.ask(idle, "DELETE", "~/ssh-keys/{ssh_key}", "").want(204)
}

// TestSSHKey makes, changes and refuses keys (section 4.9).
func TestSSHKey(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	k := e.keep("new", "id", e.ask(e.owner(), "POST", "~/ssh-keys", `{"name":"laptop","public_key":"  `+publicKey+`\n"}`)).want(200)
	k.is("public_key", publicKey, "fingerprint", "256 MD5:bf:a2:4c:37:28:aa:f4:26:3b:d8:c1:9a:53:71:81:39 ada@laptop (ssh-ed25519)", "project_id", e.names["org"], "disabled", "false", "name", "laptop")
	e.ask(e.owner(), "PATCH", "~/ssh-keys/{new}", `{"disabled":true}`).want(200).is("disabled", "true", "name", "laptop")
	if got := e.get("~/ssh-keys?disabled=true").list("ssh_keys", "id"); !slices.Equal(got, []string{e.names["new"]}) {
		t.Errorf("disabled: %v", got)
	}
	e.ask(e.owner(), "PATCH", "~/ssh-keys/{new}", `{"name":"`+strings.Repeat("é", 1000)+`"}`).want(200)
	tail := e.tail()
	for _, tc := range []struct{ body, argument, reason string }{
		{`{"public_key":"` + publicKey + `"}`, "name", "required"}, {`{"name":"x"}`, "public_key", "required"}, {`{"name":"x","public_key":"ssh-ed25519 AAAA"}`, "public_key", "format"},
		{`{"name":"` + strings.Repeat("x", 1001) + `","public_key":"` + publicKey + `"}`, "name", "constraint"},
		{`{"name":"x","public_key":"` + strings.Repeat("x", 65001) + `"}`, "public_key", "constraint"}, {`{"name":"x","public_key":"` + publicKey + `","project_id":"x"}`, "project_id", "format"},
	} {
		e.ask(e.owner(), "POST", "~/ssh-keys", tc.body).argument(tc.argument, tc.reason)
	}
	e.ask(e.owner(), "POST", "~/ssh-keys", `{"name":"x","public_key":"`+publicKey+`","project_id":"{other.project}"}`).missing("project", e.names["other.project"])
	e.ask(e.owner(), "PATCH", "~/ssh-keys/{new}", `{"name":""}`).argument("name", "required")
	for _, id := range []string{"nowhere", "other.ssh_key", "group"} {
		e.get("~/ssh-keys/{"+id+"}").missing("ssh_key", e.names[id])
	}
	if e.tail() != tail {
		t.Error("something was committed")
	}
}

// TestProject: names are unique, and what is named is not deleted.
func TestProject(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	p := e.keep("new", "id", e.ask(e.owner(), "POST", "/account/v3/projects", `{"name":"new","description":"New"}`)).want(200)
	p.is("name", "new", "description", "New", "organization_id", e.names["org"], "status", "active")
	e.ask(e.owner(), "POST", "/account/v3/projects", `{"name":"new"}`).refused(409, "already_exists", "resource", "project", "resource_id", e.names["new"])
	e.ask(e.owner(), "PATCH", "/account/v3/projects/{project}", `{"name":"new"}`).refused(409, "already_exists", "resource_id", e.names["new"])
	e.ask(e.owner(), "PATCH", "/account/v3/projects/{new}", `{"description":""}`).want(200).is("name", "new", "description", "")
	e.get("/account/v3/projects/{org}").want(200).is("name", "default", "id", e.names["org"])
	for _, method := range []string{"PATCH", "DELETE"} {
		e.ask(e.owner(), method, "/account/v3/projects/{org}", `{"name":"mine"}`).refused(412, "precondition_failed", "precondition", "protected_resource")
	}
	e.ask(e.owner(), "DELETE", "/account/v3/projects/{project2}", "").refused(412, "precondition_failed", "precondition", "resource_still_in_use")
	e.ask(e.owner(), "DELETE", "/account/v3/projects/{new}", "").want(204)
	e.get("/account/v3/projects/{new}").missing("project", e.names["new"])
	e.get("/account/v3/projects/{other.project}").missing("project", e.names["other.project"])
}

// TestOrganization: alias, ways of signing in, and security settings, which bind (sections 4.10, 6 and 9).
func TestOrganization(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.get("~/organizations/{org}").want(200).is("id", e.names["org"], "name", "Acme", "alias", "", "login_password_enabled", "true", "login_magic_code_enabled", "false",
		"login_oauth2_enabled", "false", "login_saml_enabled", "false")
	for body, reason := range map[string]string{`{}`: "required", `{"alias":"a"}`: "constraint", `{"alias":"Acme"}`: "constraint", `{"alias":"a-b"}`: "constraint", `{"alias":1}`: "format"} {
		e.ask(e.owner(), "PUT", "~/organizations/{org}/alias", body).argument("alias", reason)
	}
	e.ask(e.owner(), "PUT", "~/organizations/{org}/alias", `{"alias":"acme"}`).want(200).is("alias", "acme")
	e.ask(e.owner(), "PUT", "~/organizations/{org}/alias", `{"alias":"acme"}`).want(200)
	e.ask(e.owner(), "PUT", "~/organizations/{org}/alias", `{"alias":"other"}`).refused(412, "precondition_failed")
	e.ask(key(e.names["other.token"]), "PUT", "~/organizations/{other.org}/alias", `{"alias":"acme"}`).refused(409, "already_exists", "resource", "organization")
	e.ask(e.owner(), "PATCH", "~/organizations/{org}/login-methods", `{"login_saml_enabled":true,"login_magic_code_enabled":true}`).want(200).
		is("login_password_enabled", "true", "login_magic_code_enabled", "true", "login_saml_enabled", "true", "login_oauth2_enabled", "false")
	e.get("~/organizations/{org}/security-settings").want(200).is("enforce_password_renewal", "false", "grace_period_duration", "259200s", "login_attempts_before_locked", "10",
		"max_login_session_duration", "2592000s", "max_api_key_expiration_duration", "0s")
	settings := func(body string) *answer {
		return e.ask(e.owner(), "PATCH", "~/organizations/{org}/security-settings", body)
	}
	for body, want := range map[string][2]string{
		`{"login_attempts_before_locked":0}`: {"login_attempts_before_locked", "constraint"}, `{"login_attempts_before_locked":51}`: {"login_attempts_before_locked", "constraint"},
		`{"grace_period_duration":"1h"}`: {"grace_period_duration", "format"}, `{"grace_period_duration":"0s"}`: {"grace_period_duration", "constraint"},
		`{"grace_period_duration":"1.5s"}`: {"grace_period_duration", "constraint"}, `{"max_login_session_duration":60}`: {"max_login_session_duration", "format"},
		`{"max_api_key_expiration_duration":"-1s"}`: {"max_api_key_expiration_duration", "format"}, `{"enforce_password_renewal":"yes"}`: {"enforce_password_renewal", "format"},
	} {
		settings(body).argument(want[0], want[1])
	}
	settings(`{"max_api_key_expiration_duration":"86400.000000000s","grace_period_duration":null}`).want(200).is("max_api_key_expiration_duration", "86400s", "grace_period_duration", "259200s")
	k := e.ask(e.owner(), "POST", "~/api-keys", `{"application_id":"{reader}"}`).argument("expires_at", "constraint")
	k.is("details.0.help_message", "organization security settings require an expiration date for API keys")
	e.ask(e.owner(), "POST", "~/api-keys", `{"application_id":"{reader}","expires_at":"`+e.Clock.Now().Add(48*time.Hour).Format(time.RFC3339)+`"}`).argument("expires_at", "constraint")
	e.ask(e.owner(), "POST", "~/api-keys", `{"application_id":"{reader}","expires_at":"`+e.Clock.Now().Add(time.Hour).Format(time.RFC3339)+`"}`).want(200)
	e.ask(e.owner(), "GET", "~/organizations/{other.org}", "").denied("read", "organization")
	e.ask(e.owner(), "GET", "~/organizations/{nowhere}", "").denied("read", "organization")
	e.get("~/organizations/acme").argument("organization_id", "format")
}

// TestSessions: a session is as good as what it was made with, and is listed with a session alone (sections 4.10 and 9).
func TestSessions(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	made := e.keep("second", "jwt.jti", e.ask(key(e.names["owner_secret"]), "POST", "~/jwts", `{"user_id":"{owner}","referrer":"console"}`)).want(200)
	made.is("jwt.issuer_id", e.names["owner"], "jwt.audience_id", e.names["owner"])
	if made.str("renew_token") == "" {
		t.Error("no renew_token")
	}
	second := http.Header{"X-Session-Token": {made.str("token")}}
	e.ask(second, "GET", "~/groups", "").want(200)
	list := e.ask(second, "GET", "~/jwts?audience_id={owner}", "").want(200)
	if got := list.list("jwts", "jti"); !slices.Equal(got, []string{e.names["jti"], e.names["second"]}) {
		t.Errorf("sessions %v", got)
	}
	for _, order := range []string{"created_at_asc", "created_at_desc", "updated_at_asc", "updated_at_desc"} {
		e.ask(second, "GET", "~/jwts?audience_id={owner}&order_by="+order, "").want(200).is("total_count", "2")
	}
	e.ask(second, "GET", "~/jwts", "").argument("audience_id", "required")
	e.ask(second, "GET", "~/jwts?audience_id={owner}&order_by=name_asc", "").argument("order_by", "format")
	e.ask(second, "GET", "~/jwts?audience_id={other.owner}", "").missing("user", e.names["other.owner"])
	e.ask(e.owner(), "GET", "~/jwts?audience_id={owner}", "").denied("list", "self_jwt")
	e.get("~/jwts/{second}").want(200).is("jti", e.names["second"])
	e.ask(e.owner(), "DELETE", "~/jwts/{second}", "").want(204)
	e.ask(second, "GET", "~/groups", "").refused(401, "denied_authentication", "method", "jwt", "reason", "not_found")
	e.get("~/jwts/{second}").missing("jwt", e.names["second"])
	e.ask(e.owner(), "DELETE", "~/jwts/{second}", "").missing("jwt", e.names["second"])
	first := http.Header{"X-Session-Token": {e.names["jwt"]}}
	e.ask(first, "GET", "~/jwts?audience_id={owner}&expired=true", "").want(200).is("total_count", "0")
	e.ask(e.owner(), "POST", "~/jwts", `{}`).argument("user_id", "required")
	e.ask(e.owner(), "POST", "~/jwts", `{"user_id":"{member}"}`).denied("create", "jwt") // nobody opens a session of somebody else
	e.ask(e.owner(), "POST", "~/jwts", `{"user_id":"{nowhere}"}`).missing("user", e.names["nowhere"])
	e.Clock.Advance(31 * 24 * time.Hour)
	e.ask(first, "GET", "~/groups", "").refused(401, "denied_authentication", "method", "jwt", "reason", "expired")
}

// TestSecondFactors: one-time passwords and authenticators (section 4.10).
func TestSecondFactors(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	otp := "~/users/{local}/mfa-otp"
	e.ask(e.owner(), "DELETE", otp, `{}`).missing("mfa_otp", e.names["local"])
	e.ask(e.owner(), "POST", "~/users/{local}/validate-mfa-otp", `{"one_time_password":"000000"}`).missing("mfa_otp", e.names["local"])
	secret := e.ask(e.owner(), "POST", otp, `{}`).want(200).str("secret")
	for body, reason := range map[string]string{`{}`: "required", `{"one_time_password":"12345"}`: "format", `{"one_time_password":"12345x"}`: "format", `{"one_time_password":123456}`: "format"} {
		e.ask(e.owner(), "POST", "~/users/{local}/validate-mfa-otp", body).argument("one_time_password", reason)
	}
	old, err := totp.GenerateCode(secret, e.Clock.Now().Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	e.ask(e.owner(), "POST", "~/users/{local}/validate-mfa-otp", `{"one_time_password":"`+old+`"}`).argument("one_time_password", "constraint")
	e.get("~/users/{local}").is("mfa", "false")
	code, err := totp.GenerateCode(secret, e.Clock.Now().Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if codes := e.ask(e.owner(), "POST", "~/users/{local}/validate-mfa-otp", `{"one_time_password":"`+code+`"}`).want(200).list("recovery_codes", ""); len(codes) < 5 {
		t.Errorf("recovery codes %v", codes)
	}
	e.get("~/users/{local}").is("mfa", "true", "two_factor_enabled", "true")
	e.ask(e.owner(), "POST", otp, `{}`).refused(412, "precondition_failed")
	e.ask(e.owner(), "DELETE", otp, `{}`).want(204)
	e.get("~/users/{local}").is("mfa", "false")

	e.get("~/users/{keyed}").is("mfa", "true")
	for range iam.MaxAuthenticators - 2 {
		e.register("keyed")
	}
	e.ask(e.owner(), "POST", "~/users/{keyed}/start-webauthn-registration?origin="+url.QueryEscape(origin), "").
		refused(403, "quotas_exceeded", "details.0.resource", "authenticators").is("details.0.quota", "20", "details.0.current", "20")
	list := e.get("~/users/{keyed}/webauthn-authenticators?page_size=100").want(200).is("total_count", "20", "authenticators.0.name", "key", "authenticators.0.last_login_at", "null")
	e.ask(e.owner(), "PATCH", "~/webauthn-authenticator/{authenticator}", `{}`).want(200).is("name", "key")
	e.ask(e.owner(), "PATCH", "~/webauthn-authenticator/{authenticator}", `{"authenticator_name":"new"}`).want(200).is("name", "new")
	for _, id := range list.list("authenticators", "id") {
		e.ask(e.owner(), "DELETE", "~/webauthn-authenticator/"+id, "").want(204)
		e.ask(e.owner(), "DELETE", "~/webauthn-authenticator/"+id, "").missing("webauthn_authenticator", id)
	}
	e.get("~/users/{keyed}").is("mfa", "false")
	e.ask(e.owner(), "POST", "~/users/{local}/start-webauthn-registration", "").argument("origin", "required")
	e.ask(e.owner(), "POST", "~/users/{local}/start-webauthn-registration?origin=http%3A%2F%2Fevil.example", "").argument("origin", "constraint")
	started := e.ask(e.owner(), "POST", "~/users/{local}/start-webauthn-registration?origin=http%3A%2F%2Flocalhost%3A3000", "").want(200)
	started.is("timeout", "300s", "public_key_algorithms", "[-7,-8,-257]", "exclude_credentials", "[]")
	finishing := "~/users/{local}/finish-webauthn-registration"
	e.ask(e.owner(), "POST", finishing, `{"authenticator_name":"x"}`).argument("ceremony_id", "required")
	e.ask(e.owner(), "POST", finishing, `{"ceremony_id":"{nowhere}"}`).argument("authenticator_name", "required")
	e.ask(e.owner(), "POST", finishing, `{"ceremony_id":"{nowhere}","authenticator_name":"x"}`).missing("ceremony", e.names["nowhere"])
	e.ask(e.owner(), "POST", finishing, `{"ceremony_id":"`+started.str("ceremony_id")+`","authenticator_name":"x","raw_id":"AAAA"}`).want(400)
	e.ask(e.owner(), "POST", finishing, `{"ceremony_id":"`+started.str("ceremony_id")+`","authenticator_name":"x","raw_id":"?"}`).argument("raw_id", "format")
	e.get("~/grace-periods").want(200).is("grace_periods", "[]")
	e.get("~/grace-periods?user_id={nowhere}").missing("user", e.names["nowhere"])
	e.ask(key(e.names["reader_secret"]), "GET", "~/grace-periods", "").argument("user_id", "required")
	e.ask(e.owner(), "POST", "~/users/{local}/update-password", `{"password":"short"}`).argument("password", "constraint")
	e.ask(e.owner(), "POST", "~/users/{local}/update-password", `{}`).argument("password", "required")
	e.ask(e.owner(), "POST", "~/users/{local}/update-password", `{"password":"correct horse"}`).want(200).is("id", e.names["local"])
}

// TestFederation: SAML and SCIM as they are configured (sections 4.10 and 9).
func TestFederation(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.ask(e.owner(), "POST", "~/organizations/{org}/saml", `{}`).want(200).is("id", e.names["saml"], "status", "missing_entity_id") // it is there
	e.ask(e.owner(), "PATCH", "~/saml/{saml}", `{"entity_id":"urn:idp"}`).want(200).is("status", "missing_single_sign_on_url", "entity_id", "urn:idp")
	e.ask(e.owner(), "PATCH", "~/saml/{saml}", `{"single_sign_on_url":"https://idp.example/sso"}`).want(200).is("status", "valid", "entity_id", "urn:idp")
	e.ask(e.owner(), "PATCH", "~/saml/{saml}", `{"single_sign_on_url":"idp.example"}`).argument("single_sign_on_url", "constraint")
	k := e.get("~/saml-certificates/{certificate}").want(200).is("type", "signing", "origin", "identity_provider", "expires_at", "2036-11-18T12:15:25Z")
	e.get("~/saml/{saml}/certificates").want(200).is("certificates.0.content", k.str("content"))
	for body, want := range map[string][2]string{`{}`: {"type", "required"}, `{"type":"unknown_certificate_type","content":"x"}`: {"type", "format"}, `{"type":"signing"}`: {"content", "required"},
		`{"type":"signing","content":"x"}`: {"content", "constraint"}} {
		e.ask(e.owner(), "POST", "~/saml/{saml}/certificates", body).argument(want[0], want[1])
	}
	for _, id := range []string{"nowhere", "other.saml", "scim"} {
		e.ask(e.owner(), "PATCH", "~/saml/{"+id+"}", `{}`).missing("saml", e.names[id])
		e.ask(e.owner(), "DELETE", "~/saml/{"+id+"}", "").missing("saml", e.names[id])
		e.get("~/saml/{"+id+"}/certificates").missing("saml", e.names[id])
		e.ask(e.owner(), "POST", "~/saml/{"+id+"}/certificates", `{"type":"signing","content":"`+certificate+`"}`).missing("saml", e.names[id])
		e.get("~/saml-certificates/{"+id+"}").missing("saml_certificate", e.names[id])
	}
	for _, content := range []string{samlMetadata, b64([]byte(samlMetadata))} {
		e.ask(e.owner(), "POST", "~/parse-saml-metadata", `{"file":{"name":"file","content":"`+content+`"}}`).want(200).
			is("entity_id", "urn:idp", "single_sign_on_url", "https://idp.example/sso", "signing_certificates.0", k.str("content"))
	}
	for _, content := range []string{"x", "<a/>", strings.Replace(samlMetadata, "entityID='urn:idp'", "", 1), "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>"} {
		e.ask(e.owner(), "POST", "~/parse-saml-metadata", `{"file":{"content":"`+content+`"}}`).argument("file.content", "format")
	}
	e.ask(e.owner(), "POST", "~/parse-saml-metadata", `{}`).argument("file.content", "required")
	e.ask(e.owner(), "DELETE", "~/saml-certificates/{certificate}", "").want(204)
	e.get("~/organizations/{org}/saml").want(200).is("status", "missing_certificate")
	e.ask(e.owner(), "DELETE", "~/saml/{saml}", "").want(204)
	e.get("~/organizations/{org}/saml").missing("organization_saml", e.names["org"])
	fresh := e.ask(e.owner(), "POST", "~/organizations/{org}/saml", `{}`).want(200).is("status", "missing_certificate", "entity_id", "", "single_sign_on_url", "")
	if fresh.str("id") == e.names["saml"] {
		t.Error("the new one has the id of the old one")
	}

	e.ask(e.owner(), "POST", "~/organizations/{org}/scim", "").want(200).is("id", e.names["scim"])
	made := e.keep("token2", "token.id", e.ask(e.owner(), "POST", "~/scim/{scim}/tokens", "")).want(200).is("token.scim_id", e.names["scim"])
	if parts := strings.Split(made.str("bearer_token"), "."); len(parts) != 2 || parts[0] == "" || len(parts[1]) < 40 {
		t.Errorf("bearer token %q", made.str("bearer_token"))
	}
	if created, expires := made.str("token.created_at"), made.str("token.expires_at"); strings.Replace(created, "2026", "2027", 1) != expires {
		t.Errorf("from %s to %s", created, expires)
	}
	got := e.get("~/scim-tokens/{token2}").want(200).is("id", e.names["token2"])
	if strings.Contains(string(got.body), made.str("bearer_token")) {
		t.Error("the token is told again")
	}
	e.ask(key(made.str("bearer_token")), "GET", "~/groups", "").refused(401, "denied_authentication") // it is for another protocol
	for _, id := range []string{"nowhere", "other.scim_token", "saml"} {
		e.get("~/scim-tokens/{"+id+"}").missing("scim_token", e.names[id])
		e.ask(e.owner(), "POST", "~/scim/{"+id+"}/tokens", "").missing("scim", e.names[id])
	}
	e.ask(e.owner(), "DELETE", "~/scim-tokens/{token2}", "").want(204)
	e.get("~/scim-tokens/{token2}").missing("scim_token", e.names["token2"])
	e.ask(e.owner(), "DELETE", "~/scim/{scim}", "").want(204)
	e.get("~/organizations/{org}/scim").missing("organization_scim", e.names["org"])
	e.get("~/scim-tokens/{scim_token}").missing("scim_token", e.names["scim_token"])
}
