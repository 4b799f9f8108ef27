package cloudflare_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/dialect/cloudflare"
	"github.com/writ-iam/writ/internal/wire"
)

// deed is a call of a route that succeeds in an estate, with every member that a body may have.
type deed struct {
	wire.Route
	path, body string
	as         string // who makes it: the name of a bearer token
	gives      string // actions of the rights that the body, or a new secret, gives somebody
}

// deeds has one for each route. The ids in the paths are those of params.
var deeds = map[string]deed{
	"GET ~/iam/permission_groups":                       {},
	"GET ~/iam/permission_groups/{permission_group_id}": {},

	"GET ~/iam/resource_groups": {},
	"POST ~/iam/resource_groups": {body: `{"name":"new","scope":{"key":"{account_key}","objects":[{"key":"com.cloudflare.api.account.zone.1"}]},` +
		`"meta":{"key":"editable","value":"true"}}`},
	"GET ~/iam/resource_groups/{resource_group_id}":    {},
	"PUT ~/iam/resource_groups/{resource_group_id}":    {body: `{"name":"renamed","scope":{"key":"{account_key}","objects":[{"key":"*"}]},"meta":{"note":"x"}}`},
	"DELETE ~/iam/resource_groups/{resource_group_id}": {},

	"GET ~/iam/user_groups":                                        {},
	"POST ~/iam/user_groups":                                       {body: `{"name":"new","policies":[` + onZones + `]}`},
	"GET ~/iam/user_groups/{user_group_id}":                        {},
	"PUT ~/iam/user_groups/{user_group_id}":                        {body: `{"name":"renamed","policies":[` + onZones + `]}`},
	"DELETE ~/iam/user_groups/{user_group_id}":                     {},
	"GET ~/iam/user_groups/{user_group_id}/members":                {},
	"POST ~/iam/user_groups/{user_group_id}/members":               {body: `[{"id":"{ada}"},{"id":"{member}"}]`},
	"PUT ~/iam/user_groups/{user_group_id}/members":                {body: `{"members":[{"id":"{ada}"},{"id":"{pending}"}]}`},
	"GET ~/iam/user_groups/{user_group_id}/members/{member_id}":    {},
	"DELETE ~/iam/user_groups/{user_group_id}/members/{member_id}": {},

	"GET ~/members":                {},
	"POST ~/members":               {body: `{"email":"sam@{domain}","status":"accepted","policies":[` + onZones + `]}`},
	"GET ~/members/{member_id}":    {},
	"PUT ~/members/{member_id}":    {body: `{"roles":[],"policies":[` + onZones + `]}`},
	"DELETE ~/members/{member_id}": {},
	"GET ~/roles":                  {},
	"GET ~/roles/{role_id}":        {},

	"GET ~/sso_connectors":                                        {},
	"POST ~/sso_connectors":                                       {body: `{"email_domain":"corp.{domain}","begin_verification":true,"use_fedramp_language":true}`},
	"GET ~/sso_connectors/{sso_connector_id}":                     {},
	"PATCH ~/sso_connectors/{sso_connector_id}":                   {body: `{"enabled":false,"use_fedramp_language":true}`},
	"DELETE ~/sso_connectors/{sso_connector_id}":                  {},
	"POST ~/sso_connectors/{sso_connector_id}/begin_verification": {},

	"GET ~/tokens":                   {},
	"POST ~/tokens":                  {body: tokenBody, gives: "dns:*"},
	"GET ~/tokens/{token_id}":        {},
	"PUT ~/tokens/{token_id}":        {body: tokenBody, gives: "dns:*"},
	"DELETE ~/tokens/{token_id}":     {},
	"PUT ~/tokens/{token_id}/value":  {gives: "iam:List*,iam:Get*"},
	"GET ~/tokens/verify":            {as: "ci_secret"},
	"GET ~/tokens/permission_groups": {},

	"GET /user/tokens":                   {},
	"POST /user/tokens":                  {body: tokenBody},
	"GET /user/tokens/{token_id}":        {},
	"PUT /user/tokens/{token_id}":        {body: tokenBody},
	"DELETE /user/tokens/{token_id}":     {},
	"PUT /user/tokens/{token_id}/value":  {},
	"GET /user/tokens/verify":            {},
	"GET /user/tokens/permission_groups": {},
}

const (
	onZones   = `{"access":"allow","permission_groups":[{"id":"{role.domain_dns}"}],"resource_groups":[{"id":"{zones}"}]}`
	tokenBody = `{"name":"new","not_before":"2026-01-01T00:00:00Z","expires_on":"2027-01-01T00:00:00Z","status":"active",` +
		`"condition":{"request_ip":{"in":["192.0.2.0/24"],"not_in":["192.0.2.9/32"]}},` +
		`"policies":[{"effect":"allow","permission_groups":[{"id":"{may.dns_read}"}],"resources":{"com.cloudflare.api.account.zone.1":"*"}}]}`
)

// params are the estate's names for the parameters in the patterns of routes.
var params = strings.NewReplacer("{account_id}", "{account}", "{permission_group_id}", "{role.admin}", "{resource_group_id}", "{spare}",
	"{user_group_id}", "{group}", "{member_id}", "{member}", "{role_id}", "{role.admin}", "{sso_connector_id}", "{awaiting}")

// everyDeed gives the deeds in the order of the routes. A route without one stops the test, and so does one without a route.
func everyDeed(t testing.TB) []deed {
	t.Helper()
	var out []deed
	for _, r := range cloudflare.Routes() {
		key := r.Method + " " + strings.Replace(strings.TrimPrefix(r.Pattern, cloudflare.Prefix), "/accounts/{account_id}", "~", 1)
		d, known := deeds[key]
		if !known {
			t.Fatalf("%s has no deed: enter a call that succeeds", key)
		}
		d.Route = r
		d.path = params.Replace(strings.TrimPrefix(r.Pattern, cloudflare.Prefix))
		if d.as == "" {
			d.as = "token"
		}
		if d.ofUser() {
			d.path = strings.Replace(d.path, "{token_id}", "{owner_token}", 1)
		}
		d.path = strings.Replace(d.path, "{token_id}", "{ci}", 1)
		out = append(out, d)
	}
	if len(out) != len(deeds) {
		t.Fatalf("%d deeds for %d routes", len(deeds), len(out))
	}
	return out
}

func (d *deed) name() string { return d.Method + " " + d.path }

// ofUser tells whether the deed is about the caller's own things.
func (d *deed) ofUser() bool { return strings.HasPrefix(d.Pattern, cloudflare.Prefix+"/user/") }

// verifies tells whether it is one that whoever is known may do.
func (d *deed) verifies() bool { return d.Operation.Open }

func (d *deed) writes() bool { return d.Operation.Event != "" }

// by is the deed as somebody else does it: on a token of their own.
func (d deed) by(who string) deed {
	d.path = strings.Replace(d.path, "{owner_token}", "{"+who+"_token}", 1)
	return d
}

// do makes the call.
func (e *estate) deed(d deed, as http.Header) *answer {
	e.t.Helper()
	return e.ask(as, d.Method, d.path, d.body)
}

// actions are what the catalogue says that the deed needs.
func (d *deed) actions(t *testing.T) []string {
	t.Helper()
	for _, o := range catalog.Builtin().Operations(catalog.Cloudflare) {
		if o.Method == d.Method && cloudflare.Prefix+o.Path == d.Pattern {
			return o.Actions
		}
	}
	t.Fatalf("%s is in no catalogue", d.name())
	return nil
}
