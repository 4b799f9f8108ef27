package cloudflare_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/dialect/cloudflare"
	"github.com/writ-iam/writ/internal/wire"
)

// TestNames: 1 to 255 characters, of tokens 120, which are kept as they are; names of user groups are unique, and case matters (section 14).
func TestNames(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for _, name := range []string{"x", " x ", "  ", "Auditors", "AUDITORS", "auditors ", "Eng & Ops", "<b>", "日本語", "a/b", `\"`, strings.Repeat("ä", 255), "{}"} {
		made := e.send(e.owner(), "POST", "~/iam/user_groups", `{"name":"`+name+`"}`).want(200)
		e.names["made"] = made.str("result.id")
		for _, a := range []*answer{made, e.ask(e.owner(), "GET", "~/iam/user_groups/{made}", ""),
			e.send(e.owner(), "PUT", "~/iam/user_groups/{made}", `{"name":"`+name+`"}`)} { // its own name is not taken
			if got := a.want(200).str("result.name"); got != strings.ReplaceAll(name, `\"`, `"`) {
				t.Errorf("%q is called %q", name, got)
			}
		}
		e.send(e.owner(), "POST", "~/iam/user_groups", `{"name":"`+name+`"}`).refused(409, 409)
	}
	for range 2 { // names of places and tokens need not be unique
		e.ask(e.owner(), "POST", "~/iam/resource_groups", `{"name":"staging","scope":{"key":"{account_key}","objects":[{"key":"*"}]}}`).want(200)
		for _, path := range []string{"~/tokens", "/user/tokens"} {
			name := strings.Repeat("ä", 120)
			if got := e.ask(e.owner(), "POST", path, strings.Replace(tokenBody, `"new"`, `"`+name+`"`, 1)).want(200).str("result.name"); got != name {
				t.Errorf("%q is called %q", name, got)
			}
		}
	}
}

// TestRoles: what is given as roles shows as roles, what is given as policies as policies, and what was read can be sent back.
func TestRoles(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ids := func(a *answer, of string) (out []string) {
		for i := 0; ; i++ {
			v, there := a.find(fmt.Sprintf("result.%s.%d.id", of, i))
			if !there {
				return out
			}
			out = append(out, v.(string))
		}
	}
	const whole = `{"access":"allow","permission_groups":[{"id":"{role.dns}"}],"resource_groups":[{"id":"{predefined}"}]}`
	for _, c := range []struct {
		body     string
		roles    string // which it has then
		policies int
	}{
		{`{"roles":[{"id":"{role.dns}"}]}`, "{role.dns}", 0},
		{`{"roles":["{role.billing}",{"id":"{role.dns}","name":"x","permissions":{}}],"policies":[]}`, "{role.billing} {role.dns}", 0},
		{`{"roles":["{role.dns}","{role.dns}"]}`, "{role.dns}", 0},
		{`{"policies":[` + whole + `]}`, "", 1},
		{`{}`, "", 1},
		{`{"roles":null,"policies":null}`, "", 1},
		{`{"status":"rejected","email":"other@people.example","id":"x","policies":[` + whole + `,` + onZones + `],"roles":[]}`, "", 2},
		{`{"policies":[{"access":"allow","permission_groups":[{"id":"{role.dns}"}],"resource_groups":[{"scope":{"key":"{account_key}","objects":[{"key":"*"}]}}]}]}`, "", 1},
		{`{"policies":[{"access":"deny","permission_groups":[{"id":"{role.dns}"}],"resource_groups":[{"id":"{predefined}"}]}]}`, "", 1},
		{`{"roles":[]}`, "", 0},
		{`{"roles":["{role.dns}"]}`, "{role.dns}", 0},
		{`{"policies":[]}`, "", 0},
	} {
		for _, who := range []string{"reader", "pending"} {
			a := e.ask(e.owner(), "PUT", "~/members/{"+who+"}", c.body).want(200)
			read := e.ask(e.owner(), "GET", "~/members/{"+who+"}", "").want(200)
			if string(a.body) != string(read.body) {
				t.Errorf("%s: %s became %s", c.body, a.body, read.body)
			}
			if got := strings.Join(ids(read, "roles"), " "); got != e.fill(c.roles) || len(ids(read, "policies")) != c.policies {
				t.Errorf("%s: %s", c.body, read.body)
			}
			result, _ := read.find("result")
			back := e.send(e.owner(), "PUT", "~/members/{"+who+"}", toJSON(t, result)).want(200)
			if !slices.Equal(ids(back, "roles"), ids(read, "roles")) || len(ids(back, "policies")) != c.policies {
				t.Errorf("sent back, %s became %s", read.body, back.body)
			}
		}
	}
	native := e.natively(e.owner(), "GET", "/v1/iam/users/"+hyphens(e.names["member"])+"/policies", "")
	e.ask(e.owner(), "PUT", "~/members/{member}", `{"policies":[]}`).want(200)
	after := e.natively(e.owner(), "GET", "/v1/iam/users/"+hyphens(e.names["member"])+"/policies", "")
	if n, m := len(items(native, "policies")), len(items(after, "policies")); n != 2 || m != 1 {
		t.Errorf("of %d policies %d are left: what this API cannot say stays", n, m)
	}
}

// TestSentBack: a client can send back a user group as it was shown it, scopes that were written out included. Only what this
// holder has counts so: another's scopes cannot be named.
func TestSentBack(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	shown := func(a *answer) []any { // the policies without what is new each time
		list := items(a.want(200), "result.policies")
		for _, p := range list {
			delete(p.(map[string]any), "id")
			for _, g := range p.(map[string]any)["resource_groups"].([]any) {
				if group := g.(map[string]any); group["name"] == nil {
					delete(group, "id")
				}
			}
		}
		return list
	}
	before := e.ask(e.owner(), "GET", "~/iam/user_groups/{group}", "").want(200)
	e.names["written"] = before.str("result.policies.1.resource_groups.0.id")
	result, _ := before.find("result")
	e.ask(e.owner(), "PUT", "~/iam/user_groups/{group2}", toJSON(t, map[string]any{"policies": items(before, "result.policies")})).refused(400, 400)
	after := e.send(e.owner(), "PUT", "~/iam/user_groups/{group}", toJSON(t, result))
	want := shown(before)
	if len(want) != 2 {
		t.Fatalf("%d policies: %s", len(want), before.body)
	}
	if diff := cmp.Diff(want, shown(after)); diff != "" {
		t.Errorf("(-shown +sent back):\n%s", diff)
	}
	e.ask(e.owner(), "GET", "~/iam/resource_groups/{written}", "").refused(404, 404) // it was the old policy's
	e.ask(e.owner(), "PUT", "~/iam/user_groups/{group}", `{"policies":[{"access":"allow","permission_groups":[{"id":"{role.dns}"}],"resource_groups":[{"id":"{written}"}]}]}`).refused(400, 400)
}

// TestUnchanged: an update of nothing changes nothing, not even the time (section 14).
func TestUnchanged(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	tail := e.tail()
	for _, call := range []string{"PUT ~/iam/user_groups/{group}", "PUT ~/iam/resource_groups/{zones}", "PUT ~/members/{member}", "PATCH ~/sso_connectors/{connector}"} {
		method, path, _ := strings.Cut(call, " ")
		before := e.ask(e.owner(), "GET", path, "").want(200)
		for _, body := range []string{`{}`, `{"unknown":{"x":[1]}}`, ` { } `} {
			if got := e.ask(e.owner(), method, path, body).want(200); string(got.body) != string(before.body) {
				t.Errorf("%s %s: %s", call, body, difference(string(before.body), string(got.body)))
			}
		}
	}
	same := e.ask(e.owner(), "PUT", "~/iam/user_groups/{group}", `{"name":"auditors"}`).want(200)
	if got := same.str("result.modified_on"); got != same.str("result.created_on") {
		t.Errorf("the same name counts as a change: %s", got)
	}
	e.ask(e.owner(), "POST", "~/iam/user_groups/{group}/members", `[{"id":"{member}"},{"id":"{member}"}]`).want(200)
	e.ask(e.owner(), "POST", "~/iam/user_groups/{group}/members", `[]`).want(200)
	e.ask(e.owner(), "POST", "~/sso_connectors/{connector}/begin_verification", "").want(200)
	if e.tail() != tail {
		t.Error("something was committed")
	}
}

// TestConnectorStates goes through section 8's table of states.
func TestConnectorStates(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	var code string
	is := func(status string, enabled bool) {
		t.Helper()
		a := e.ask(e.owner(), "GET", "~/sso_connectors/{made}", "").want(200)
		on, _ := a.find("result.enabled")
		if a.str("result.verification.status") != status || on != enabled {
			t.Errorf("want %s, enabled %t: %s", status, enabled, a.body)
		}
		if got := a.str("result.verification.code"); code != "" && got != code {
			t.Errorf("the code %s became %s", code, got)
		}
	}
	e.keep("made", "result.id", e.ask(e.owner(), "POST", "~/sso_connectors", `{"email_domain":"Corp.Example","begin_verification":false}`))
	is("awaiting", false)
	code = e.ask(e.owner(), "GET", "~/sso_connectors/{made}", "").str("result.verification.code")
	e.ask(e.owner(), "PATCH", "~/sso_connectors/{made}", `{"enabled":true}`).refused(400, 1002)
	e.ask(e.owner(), "POST", "~/sso_connectors/{made}/begin_verification", "").want(200)
	is("pending", false)
	e.ask(e.owner(), "POST", "~/sso_connectors/{made}/begin_verification", "{}").want(200)
	is("pending", false)
	e.ask(e.owner(), "PATCH", "~/sso_connectors/{made}", `{"enabled":true}`).refused(400, 1002)
	e.Clock.Advance(48 * time.Hour)
	is("failed", false)
	e.ask(e.owner(), "PATCH", "~/sso_connectors/{made}", `{"enabled":true}`).refused(400, 1002)
	e.ask(e.owner(), "POST", "~/sso_connectors/{made}/begin_verification", "").want(200)
	is("pending", false)
	e.confirm("made")
	is("verified", false)
	e.ask(e.owner(), "POST", "~/sso_connectors/{made}/begin_verification", "").want(200)
	is("verified", false)
	e.ask(e.owner(), "PATCH", "~/sso_connectors/{made}", `{"enabled":true}`).want(200)
	is("verified", true)
	e.ask(e.owner(), "DELETE", "~/sso_connectors/{made}", "").refused(400, 1002)

	theirs := bearer(e.names["other.token"]) // who have proved the same domain
	e.keep("other.made", "result.id", e.ask(theirs, "POST", "/accounts/{other.account}/sso_connectors", `{"email_domain":"corp.example"}`))
	mine := e.names
	e.names = map[string]string{"token": mine["other.token"], "made": mine["other.made"]}
	e.confirm("made")
	e.names = mine
	e.ask(theirs, "PATCH", "/accounts/{other.account}/sso_connectors/{other.made}", `{"enabled":true}`).refused(400, 1002)
	e.ask(e.owner(), "PATCH", "~/sso_connectors/{made}", `{"enabled":false,"use_fedramp_language":true}`).want(200)
	is("verified", false)
	e.ask(theirs, "PATCH", "/accounts/{other.account}/sso_connectors/{other.made}", `{"enabled":true}`).want(200)
	e.ask(e.owner(), "PATCH", "~/sso_connectors/{made}", `{"enabled":true}`).refused(400, 1002)
	e.ask(e.owner(), "DELETE", "~/sso_connectors/{made}", "").want(200)
	e.ask(e.owner(), "GET", "~/sso_connectors/{made}", "").refused(404, 1003)
	for body, status := range map[string]string{`{"email_domain":"a.corp.example"}`: "pending", `{"email_domain":"b.corp.example","begin_verification":true}`: "pending",
		`{"email_domain":"c.corp.example","begin_verification":false}`: "awaiting", `{"email_domain":"d.corp.example","begin_verification":null}`: "pending"} {
		e.keep("made", "result.id", e.ask(e.owner(), "POST", "~/sso_connectors", body))
		code = ""
		is(status, false)
	}
}

// TestUnknownPeople: where nobody may be invited, an address that nobody has is wrong.
func TestUnknownPeople(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	cfg := e.Control.Config
	cfg.RefuseUnknown = true
	strict, err := control.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	e.wire = cloudflare.New(wire.Config{Control: strict, Log: e.Config.Log, Now: e.Clock.Now}, false)
	tail := e.tail()
	for _, status := range []string{"pending", "accepted"} {
		e.ask(e.owner(), "POST", "~/members", `{"email":"x@people.example","status":"`+status+`","roles":["{role.dns}"]}`).refused(400, 1001)
	}
	if e.tail() != tail {
		t.Error("something was committed")
	}
	if got := e.ask(e.owner(), "POST", "~/members", `{"email":"sam@{domain}","roles":["{role.dns}"]}`).want(200).str("result.status"); got != "accepted" {
		t.Errorf("a person of the installation is %s", got)
	}
}

// TestCascades: what goes takes along what is its own, and leaves the rest.
func TestCascades(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	anonymous := e.ask(e.owner(), "GET", "~/iam/user_groups/{group}", "").str("result.policies.1.resource_groups.0.id")
	e.ask(e.owner(), "GET", "~/iam/resource_groups/"+anonymous, "").want(200)
	if list := e.ask(e.owner(), "GET", "~/iam/resource_groups", "").list("id"); slices.Contains(list, anonymous) {
		t.Error("a scope that was written out is in the list")
	}
	e.ask(e.owner(), "POST", "~/iam/user_groups", `{"name":"thief","policies":[{"access":"allow","permission_groups":[{"id":"{role.dns}"}],"resource_groups":[{"id":"`+anonymous+`"}]}]}`).
		refused(400, 400) // another policy's own
	e.ask(e.owner(), "DELETE", "~/members/{pending}", "").want(200)
	e.ask(e.owner(), "GET", "~/iam/user_groups/{group}/members/{pending}", "").refused(404, 404)
	e.ask(e.owner(), "DELETE", "~/members/{member}", `{}`).want(200)
	if got := e.ask(e.owner(), "GET", "~/iam/user_groups/{group}/members", "").list("id"); len(got) != 0 {
		t.Errorf("members that are gone are in the group: %v", got)
	}
	e.ask(e.owner(), "DELETE", "~/iam/resource_groups/{zones}", "").refused(409, 409) // the group's policy names it still
	e.ask(e.owner(), "DELETE", "~/iam/user_groups/{group}", `{}`).want(200)
	e.ask(e.owner(), "GET", "~/iam/resource_groups/"+anonymous, "").refused(404, 404)
	e.ask(e.owner(), "DELETE", "~/iam/resource_groups/{zones}", "").want(200)
	e.natively(e.owner(), "GET", "/v1/iam/policies/"+hyphens(e.names["statements"]), "")
	e.natively(e.owner(), "GET", "/v1/iam/service-accounts/"+hyphens(e.names["robot"]), "")
}

// TestStrictly: with the setting, user groups get no policies that deny, and those that they have stay and deny (section 14).
func TestStrictly(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	policies := func(access string) string {
		return `"policies":[{"access":"` + access + `","permission_groups":[{"id":"{role.domain_dns}"}],"resource_groups":[{"id":"{zones}"}]}]`
	}
	e.keep("denying", "result.id", e.ask(e.owner(), "POST", "~/iam/user_groups", `{"name":"denying",`+policies("deny")+`}`))
	e.wire = cloudflare.New(e.Config, true)
	tail := e.tail()
	for _, body := range []string{`{"name":"strict",` + policies("deny") + `}`, `{"name":"strict",` + policies("") + `}`} {
		if got := e.ask(e.owner(), "POST", "~/iam/user_groups", body).refused(400, 400).str("errors.0.message"); !strings.HasPrefix(got, "Policy validation failed: policies[0].access: must be allow") {
			t.Errorf("it says %q", got)
		}
		e.ask(e.owner(), "PUT", "~/iam/user_groups/{group}", body).refused(400, 400)
	}
	if e.tail() != tail {
		t.Error("something was committed")
	}
	if got := e.ask(e.owner(), "PUT", "~/iam/user_groups/{denying}", `{"name":"renamed"}`).want(200).str("result.policies.0.access"); got != "deny" {
		t.Errorf("what was there is %q now", got)
	}
	e.ask(e.owner(), "POST", "~/iam/user_groups", `{"name":"strict",`+policies("allow")+`}`).want(200)
	e.ask(e.owner(), "POST", "~/members", `{"email":"sam@{domain}",`+policies("deny")+`}`).want(200) // of members they are taken
}

// TestRemoveOneself: a member who may remove members leaves, and their credentials are nobody's then (section 14).
func TestRemoveOneself(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.allow("idle", []string{"iam:RemoveUser"})
	idle := bearer(e.names["idle_key"])
	e.ask(idle, "DELETE", "~/members/{idle}", "").want(200)
	e.ask(idle, "DELETE", "~/members/{member}", "").refused(401, 10000)
	e.ask(e.owner(), "GET", "~/members/{idle}", "").refused(404, 1003)
}
