package cloudflare_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTokenUpdates: what a PUT leaves out stays, and null takes it away; the policies and the name are new each time.
func TestTokenUpdates(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for _, path := range []string{"~/tokens", "/user/tokens"} {
		made := e.ask(e.owner(), "POST", path, tokenBody).want(200)
		e.names["made"] = made.str("result.id")
		policy := made.str("result.policies.0.id")
		put := func(more string) map[string]any {
			a := e.ask(e.owner(), "PUT", path+"/{made}", `{"name":"renamed",`+more+`"policies":[{"id":"`+policy+`","effect":"deny",`+
				`"permission_groups":[{"id":"{may.dns_write}","name":"x","meta":{}}],"resources":{"{account_key}":{"com.cloudflare.api.account.zone.*":"*"}}}]}`).want(200)
			if a.str("result.name") != "renamed" || a.str("result.policies.0.effect") != "deny" || a.str("result.policies.0.permission_groups.0.name") != "DNS Write" {
				t.Errorf("%s: %s", more, a.body)
			}
			if _, told := a.find("result.value"); told {
				t.Errorf("%s: the secret is told again", more)
			}
			if got, _ := a.find("result.policies.0.resources"); !cmp.Equal(got, any(map[string]any{e.fill("{account_key}"): map[string]any{"com.cloudflare.api.account.zone.*": "*"}})) {
				t.Errorf("%s: resources came back otherwise: %s", more, a.body)
			}
			out := map[string]any{}
			for _, name := range []string{"status", "not_before", "expires_on", "condition"} {
				out[name], _ = a.find("result." + name)
			}
			return out
		}
		ip := func(in ...any) any { return map[string]any{"request_ip": map[string]any{"in": in}} }
		want := map[string]any{"status": "active", "not_before": "2026-01-01T00:00:00Z", "expires_on": "2027-01-01T00:00:00Z",
			"condition": map[string]any{"request_ip": map[string]any{"in": []any{"192.0.2.0/24"}, "not_in": []any{"192.0.2.9/32"}}}}
		for _, c := range []struct {
			more  string
			name  string
			value any // that the member has then
		}{
			{``, "status", "active"},
			{`"status":"disabled",`, "status", "disabled"},
			{``, "status", "disabled"},
			{`"status":null,`, "status", "disabled"},
			{`"status":"active",`, "status", "active"},
			{`"not_before":"2026-02-01T01:00:00.5+01:00",`, "not_before", "2026-02-01T00:00:00.5Z"},
			{`"not_before":null,`, "not_before", nil},
			{`"expires_on":null,`, "expires_on", nil},
			{`"expires_on":"2030-06-01T00:00:00Z",`, "expires_on", "2030-06-01T00:00:00Z"},
			{`"condition":{"request.ip":{"in":["2001:db8::1"]}},`, "condition", ip("2001:db8::1/128")},
			{`"unknown":1,`, "condition", ip("2001:db8::1/128")},
			{`"condition":{"request_ip":{"in":["10.0.0.0/8","10.1.2.3"]}},`, "condition", ip("10.0.0.0/8", "10.1.2.3/32")},
			{`"condition":{},`, "condition", nil},
			{`"condition":{"request_ip":{"in":["192.0.2.0/24"]}},`, "condition", ip("192.0.2.0/24")},
			{`"condition":null,`, "condition", nil},
		} {
			want[c.name] = c.value
			if diff := cmp.Diff(want, put(c.more)); diff != "" {
				t.Errorf("%s %s (-want +got):\n%s", path, c.more, diff)
			}
		}
		old := made.str("result.value")
		verify := path + "/verify"
		e.ask(bearer(old), "GET", verify, "").want(200)
		rolled := e.ask(e.owner(), "PUT", path+"/{made}/value", `{"ignored":true}`).want(200).str("result")
		if len(rolled) < 40 || len(rolled) > 80 || rolled[:5] != old[:5] || rolled == old {
			t.Errorf("%s becomes %s", old, rolled)
		}
		e.ask(bearer(old), "GET", verify, "").refused(401, 1000)
		e.ask(bearer(rolled), "GET", verify, "").want(200)
		e.ask(e.owner(), "DELETE", path+"/{made}", "").want(200)
		e.ask(bearer(rolled), "GET", verify, "").refused(401, 1000)
	}
}

// TestPersonKeys: a person is named by the id of the person, comes back so, and is the member inside (section 11).
func TestPersonKeys(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for _, who := range []string{"owner", "ada"} {
		as := bearer(e.names[who+"_key"])
		made := e.ask(as, "POST", "/user/tokens", `{"name":"own","policies":[{"effect":"allow","permission_groups":[{"id":"{may.api_tokens_read}"}],"resources":{`+
			`"com.cloudflare.api.user.{`+who+`_person}":"*"}}]}`).want(200)
		e.names["made"] = made.str("result.id")
		for _, a := range []*answer{made, e.ask(as, "GET", "/user/tokens/{made}", "").want(200)} {
			if got, _ := a.find("result.policies.0.resources"); !cmp.Equal(got, any(map[string]any{"com.cloudflare.api.user." + e.names[who+"_person"]: "*"})) {
				t.Errorf("resources came back otherwise: %s", a.body)
			}
		}
		of := bearer(made.str("result.value"))
		e.ask(of, "GET", "/user/tokens", "").want(200)
		e.ask(of, "GET", "~/tokens", "").refused(403, 10000)
		native := e.natively(e.owner(), "GET", "/v1/iam/users/"+hyphens(e.names[who])+"/credentials/"+hyphens(e.names["made"]), "")
		if !strings.Contains(string(native.body), "com.cloudflare.api.user."+e.names[who]) {
			t.Errorf("the native API does not show the user: %s", native.body)
		}
	}
}

// TestNoEscalation: nobody gives a token what they may not do, and no token with policies of its own makes others of its person.
func TestNoEscalation(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.allow("idle", []string{"iam:CreateAPIToken", "iam:UpdateAPIToken", "iam:RollAPIToken", "iam:CreateUserCredential", "iam:RollUserCredential", "dns:*"})
	idle := bearer(e.names["idle_key"])
	body := func(permission, resource string) string {
		return `{"name":"x","policies":[{"effect":"allow","permission_groups":[{"id":"{may.` + permission + `}"}],"resources":{"` + resource + `":"*"}}]}`
	}
	made := e.ask(idle, "POST", "~/tokens", body("dns_write", "com.cloudflare.api.account.zone.*")).want(200)
	e.names["made"] = made.str("result.id")
	tail := e.tail()
	for _, call := range []string{"POST ~/tokens", "PUT ~/tokens/{made}"} {
		method, path, _ := strings.Cut(call, " ")
		e.ask(idle, method, path, body("account_settings_read", "{account_key}")).refused(403, 10000)
		e.ask(idle, method, path, body("zone_write", "com.cloudflare.api.account.zone.1")).refused(403, 10000)
	}
	e.ask(idle, "PUT", "~/tokens/{ci}/value", "").refused(403, 10000) // its secret is its rights
	if e.tail() != tail {
		t.Fatal("something was committed")
	}
	e.ask(idle, "PUT", "~/tokens/{made}/value", "").want(200)
	own := e.ask(e.owner(), "POST", "/user/tokens", `{"name":"all","policies":[{"effect":"allow","permission_groups":[{"id":"{may.api_tokens_write}"}],`+
		`"resources":{"com.cloudflare.api.user.{owner_person}":"*"}}]}`).want(200).str("result.value")
	tail = e.tail()
	for _, call := range []string{"POST /user/tokens", "PUT /user/tokens/{owner_token}", "PUT /user/tokens/{owner_token}/value"} {
		method, path, _ := strings.Cut(call, " ")
		e.ask(bearer(own), method, path, body("dns_write", "com.cloudflare.api.account.zone.*")).refused(403, 10000)
	}
	if e.tail() != tail {
		t.Error("something was committed")
	}
}
