package scaleway_test

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/dialect/scaleway"
	"github.com/writ-iam/writ/internal/wire"
)

// deed is a call of a route that succeeds in an estate, with every member that a body may have.
type deed struct {
	wire.Route
	query, body string
	needs       string // actions; "" for all that the catalogue says that the operation may need
	path        string // "" for the pattern with the ids of params
	before      string // what the owner does first, so that there is something to do
	session     bool   // it is done with a session, and with nothing else
	operation   *catalog.Operation
}

// deeds has those of each route. The ids in the paths are those of params.
var deeds = map[string][]deed{
	"GET ~/groups":               {{query: "?organization_id={org}&user_ids={member}&application_ids={application}&tag=core&name=operators"}},
	"POST ~/groups":              {{body: `{"organization_id":"{org}","name":"new","description":"New","tags":["a=b"]}`}},
	"GET ~/groups/{group_id}":    {{}},
	"PATCH ~/groups/{group_id}":  {{body: `{"name":"renamed","description":"","tags":[]}`}},
	"DELETE ~/groups/{group_id}": {{}},
	"POST ~/groups/{group_id}/add-member": {
		{body: `{"user_id":"{idle}"}`, needs: "iam:AddUserToGroup"},
		{body: `{"application_id":"{application2}"}`, needs: "iam:AddServiceAccountToGroup"}},
	"POST ~/groups/{group_id}/add-members": {
		{body: `{"user_ids":["{idle}"],"application_ids":["{application2}"]}`}},
	"POST ~/groups/{group_id}/remove-member": {
		{body: `{"user_id":"{member}"}`, needs: "iam:RemoveUserFromGroup"},
		{body: `{"application_id":"{application}"}`, needs: "iam:RemoveServiceAccountFromGroup"},
		{body: `{"user_id":"{pending}","application_id":"{application}"}`}},
	"PUT ~/groups/{group_id}/members": {{body: `{"user_ids":["{idle}","{pending}"],"application_ids":["{application2}"]}`}},

	"GET ~/applications":                     {{query: "?organization_id={org}&application_ids={application}&tag=core&name=ci&editable=true"}},
	"POST ~/applications":                    {{body: `{"organization_id":"{org}","name":"new","description":"New","tags":["a=b"]}`}},
	"GET ~/applications/{application_id}":    {{}},
	"PATCH ~/applications/{application_id}":  {{body: `{"name":"renamed","description":"","tags":[]}`}},
	"DELETE ~/applications/{application_id}": {{}},

	"GET ~/policies": {{query: "?organization_id={org}&group_ids={group}&policy_ids={policy}&tag=core&policy_name=operate&editable=true&no_principal=false"}},
	"POST ~/policies": {
		{body: `{"name":"new","group_id":"{group}",` + newRules, needs: "iam:CreatePolicy iam:AttachGroupPolicy"},
		{body: `{"name":"new","user_id":"{member}",` + newRules, needs: "iam:CreatePolicy iam:AttachUserPolicy"},
		{body: `{"name":"new","application_id":"{application}",` + newRules, needs: "iam:CreatePolicy iam:AttachServiceAccountPolicy"},
		{body: `{"name":"new","no_principal":true,` + newRules, needs: "iam:CreatePolicy"}},
	"GET ~/policies/{policy_id}": {{}},
	"PATCH ~/policies/{policy_id}": {
		{body: `{"name":"renamed","description":"","tags":[]}`, needs: "iam:UpdatePolicy"},
		{body: `{"group_id":"{group}"}`, needs: "iam:UpdatePolicy iam:AttachGroupPolicy iam:DetachUserPolicy"},
		{body: `{"application_id":"{application}"}`, needs: "iam:UpdatePolicy iam:AttachServiceAccountPolicy iam:DetachUserPolicy"},
		{body: `{"user_id":"{idle}"}`, needs: "iam:UpdatePolicy iam:AttachUserPolicy iam:DetachUserPolicy"},
		{body: `{"no_principal":true}`, needs: "iam:UpdatePolicy iam:DetachUserPolicy"},
		{path: "~/policies/{policy}", body: `{"no_principal":true}`, needs: "iam:UpdatePolicy iam:DetachGroupPolicy"},
		{path: "~/policies/{reading}", body: `{"no_principal":true}`, needs: "iam:UpdatePolicy iam:DetachServiceAccountPolicy"}},
	"DELETE ~/policies/{policy_id}": {{needs: "iam:DeletePolicy iam:DetachUserPolicy"},
		{path: "~/policies/{policy}", needs: "iam:DeletePolicy iam:DetachGroupPolicy"},
		{path: "~/policies/{reading}", needs: "iam:DeletePolicy iam:DetachServiceAccountPolicy"},
		{path: "~/policies/{policy2}", needs: "iam:DeletePolicy"}},
	"POST ~/policies/{policy_id}/clone": {{body: `{}`}},
	"GET ~/rules":                       {{query: "?policy_id={of_member}"}},
	"PUT ~/rules":                       {{body: `{"policy_id":"{of_member}",` + newRules}},
	"GET ~/permission-sets":             {{query: "?organization_id={org}"}},

	"GET ~/api-keys": {
		{query: "?organization_id={org}&bearer_type=application&application_id={application}&editable=true&expired=false&description=ci", needs: "iam:ListServiceAccountCredentials"},
		{query: "?bearer_type=user&user_id={member}", needs: "iam:ListUserCredentials"}},
	"POST ~/api-keys": {
		{body: `{"application_id":"{application}","description":"new","expires_at":"2027-01-01T00:00:00.000Z","default_project_id":"{project}"}`, needs: "iam:CreateServiceAccountCredential"},
		{body: `{"user_id":"{local}","description":""}`, needs: "iam:CreateUserCredential"}},
	"GET ~/api-keys/{access_key}": {{needs: "iam:GetServiceAccountCredential"}, {path: "~/api-keys/{member_key}", needs: "iam:GetUserCredential"}},
	"PATCH ~/api-keys/{access_key}": {
		{body: `{"description":"changed","expires_at":"2027-01-01T00:00:00Z","default_project_id":"{project}"}`, needs: "iam:UpdateServiceAccountCredential"},
		{path: "~/api-keys/{member_key}", body: `{"description":"changed"}`, needs: "iam:UpdateUserCredential"}},
	"DELETE ~/api-keys/{access_key}": {{needs: "iam:DeleteServiceAccountCredential"}, {path: "~/api-keys/{member_key}", needs: "iam:DeleteUserCredential"}},

	"GET ~/ssh-keys":                 {{query: "?organization_id={org}&project_id={project}&name=laptop&disabled=false"}, {}},
	"POST ~/ssh-keys":                {{body: `{"name":"new","public_key":"` + publicKey + `","project_id":"{project}"}`}, {body: `{"name":"new","public_key":" ` + publicKey + ` "}`}},
	"GET ~/ssh-keys/{ssh_key_id}":    {{}},
	"PATCH ~/ssh-keys/{ssh_key_id}":  {{body: `{"name":"renamed","disabled":true}`}},
	"DELETE ~/ssh-keys/{ssh_key_id}": {{}},

	"GET ~/users": {{query: "?organization_id={org}&user_ids={local}&user_ids={pending}&tag=core&type=member&mfa=false"}},
	"POST ~/users": {
		{body: `{"organization_id":"{org}","email":"sam@{domain}","tags":["a=b"]}`},
		{body: `{"organization_id":"{org}","tags":["a=b"],"member":{"email":"lin@{domain}","username":"lin","first_name":"Lin","last_name":"Local",` +
			`"phone_number":"+33 1","locale":"fr_FR","send_password_email":false,"send_welcome_email":false}}`}},
	"GET ~/users/{user_id}":                  {{}, {path: "~/users/{pending}"}},
	"PATCH ~/users/{user_id}":                {{body: `{"tags":["new"],"email":"new@{domain}","first_name":"New","last_name":"New","phone_number":"1","locale":"de_DE"}`}},
	"DELETE ~/users/{user_id}":               {{}, {path: "~/users/{pending}"}},
	"POST ~/users/{user_id}/update-username": {{body: `{"username":"renamed"}`}},
	"POST ~/users/{user_id}/lock":            {{body: `{}`}},
	"POST ~/users/{user_id}/unlock":          {{path: "~/users/{locked}/unlock", body: `{}`}},

	"POST ~/users/{user_id}/update-password":              {{body: `{"password":"correct horse battery"}`}},
	"POST ~/users/{user_id}/mfa-otp":                      {{body: `{}`}},
	"POST ~/users/{user_id}/validate-mfa-otp":             {{path: "~/users/{starting}/validate-mfa-otp", body: `{"one_time_password":"{otp}"}`}},
	"DELETE ~/users/{user_id}/mfa-otp":                    {{path: "~/users/{starting}/mfa-otp", body: `{}`}},
	"GET ~/grace-periods":                                 {{query: "?user_id={local}"}},
	"POST ~/users/{user_id}/start-webauthn-registration":  {{query: "?origin=" + url.QueryEscape(origin)}},
	"POST ~/users/{user_id}/finish-webauthn-registration": {{path: "~/users/{starting}/finish-webauthn-registration", body: finish}},
	"GET ~/users/{user_id}/webauthn-authenticators":       {{path: "~/users/{keyed}/webauthn-authenticators"}},
	"PATCH ~/webauthn-authenticator/{authenticator_id}":   {{body: `{"authenticator_name":"renamed"}`}},
	"DELETE ~/webauthn-authenticator/{authenticator_id}":  {{}},

	"GET ~/jwts":          {{query: "?audience_id={local}&expired=false", session: true}},
	"POST ~/jwts":         {{body: `{"user_id":"{idle}","referrer":"console"}`}},
	"GET ~/jwts/{jti}":    {{}},
	"DELETE ~/jwts/{jti}": {{}},

	"GET ~/organizations/{organization_id}":                   {{}},
	"PUT ~/organizations/{organization_id}/alias":             {{body: `{"alias":"acme"}`}},
	"PATCH ~/organizations/{organization_id}/login-methods":   {{body: `{"login_password_enabled":false,"login_saml_enabled":true}`}},
	"GET ~/organizations/{organization_id}/security-settings": {{}},
	"PATCH ~/organizations/{organization_id}/security-settings": {{body: `{"enforce_password_renewal":true,"grace_period_duration":"86400.000000000s",` +
		`"login_attempts_before_locked":3,"max_login_session_duration":"3600s","max_api_key_expiration_duration":"0s"}`}},

	"GET ~/organizations/{organization_id}/saml":  {{}},
	"POST ~/organizations/{organization_id}/saml": {{path: "~/organizations/{org}/saml", body: `{}`, before: "DELETE ~/saml/{saml}"}},
	"PATCH ~/saml/{saml_id}":                      {{body: `{"entity_id":"urn:new","single_sign_on_url":"https://new.example/sso"}`}},
	"DELETE ~/saml/{saml_id}":                     {{}},
	"POST ~/parse-saml-metadata":                  {{body: `{"file":{"name":"file","content_type":"text/xml","content":"` + samlMetadata + `"}}`}},
	"GET ~/saml/{saml_id}/certificates":           {{}},
	"POST ~/saml/{saml_id}/certificates":          {{body: `{"type":"signing","content":"` + certificate + `"}`}},
	"GET ~/saml-certificates/{certificate_id}":    {{}},
	"DELETE ~/saml-certificates/{certificate_id}": {{}},
	"GET ~/organizations/{organization_id}/scim":  {{}},
	"POST ~/organizations/{organization_id}/scim": {{before: "DELETE ~/scim/{scim}"}},
	"DELETE ~/scim/{scim_id}":                     {{}},
	"GET ~/scim/{scim_id}/tokens":                 {{}},
	"POST ~/scim/{scim_id}/tokens":                {{}},
	"GET ~/scim-tokens/{token_id}":                {{}},
	"DELETE ~/scim-tokens/{token_id}":             {{}},

	"GET /account/v3/projects":                 {{query: "?organization_id={org}&project_ids={project}&name=staging"}},
	"POST /account/v3/projects":                {{body: `{"organization_id":"{org}","name":"new","description":"New"}`}},
	"GET /account/v3/projects/{project_id}":    {{}},
	"PATCH /account/v3/projects/{project_id}":  {{body: `{"name":"renamed","description":""}`}},
	"DELETE /account/v3/projects/{project_id}": {{path: "/account/v3/projects/{project3}"}},

	"GET ~/quota":               {{query: "?organization_id={org}&quotum_names=iam_groups&quotum_names=iam_users"}},
	"GET ~/quota/{quotum_name}": {{query: "?organization_id={org}"}},
	"GET ~/logs":                {{query: "?organization_id={org}&action=created&resource_type=group"}},
	"GET ~/logs/{log_id}":       {{}},
	"POST ~/check-permissions":  {{body: `{"permissions":[{"service":"iam","name":"group","action":"read","organization_id":"{org}"}]}`}},
	"GET " + scaleway.Metadata:  {{}},
}

// What identity providers give.
const (
	certificate  = `-----BEGIN CERTIFICATE-----\nMIIBgTCCASegAwIBAgIUSerrSvvkDOu3D973oSIwXE4PNEowCgYIKoZIzj0EAwIw\nFjEUMBIGA1UEAwwLaWRwLmV4YW1wbGUwHhcNMjYxMTIxMTIxNTI1WhcNMzYxMTE4\nMTIxNTI1WjAWMRQwEgYDVQQDDAtpZHAuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqG\nSM49AwEHA0IABLIDuLQsiIzJJEiqvCfkiYwRBlpjevmU3cIlyUPrlpRl6PvDtbGC\nLE5D6NVRpemaa/v7BnJj0/D2w/W4lwXpHQajUzBRMB0GA1UdDgQWBBQ6qnVIeieq\nC00fJe7lm9bY5R0brTAfBgNVHSMEGDAWgBQ6qnVIeieqC00fJe7lm9bY5R0brTAP\nBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIB8gAZIOwrQoR9cDRifs\nCdbemVlQlsuwixbiJGokCMEYAiEAsbAYqw5+iAU6wp2Y4NW7Rr5E5VFxB61zINi9\nSl+2nK8=\n-----END CERTIFICATE-----`
	samlMetadata = `<md:EntityDescriptor xmlns:md='urn:oasis:names:tc:SAML:2.0:metadata' entityID='urn:idp'><md:IDPSSODescriptor protocolSupportEnumeration='urn:oasis:names:tc:SAML:2.0:protocol'>` +
		`<md:KeyDescriptor use='signing'><ds:KeyInfo xmlns:ds='http://www.w3.org/2000/09/xmldsig#'><ds:X509Data><ds:X509Certificate>MIIBgTCCASegAwIBAgIUSerrSvvkDOu3D973oSIwXE4PNEowCgYIKoZIzj0EAwIwFjEUMBIGA1UEAwwLaWRwLmV4YW1wbGUwHhcNMjYxMTIxMTIxNTI1WhcNMzYxMTE4MTIxNTI1WjAWMRQwEgYDVQQDDAtpZHAuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABLIDuLQsiIzJJEiqvCfkiYwRBlpjevmU3cIlyUPrlpRl6PvDtbGCLE5D6NVRpemaa/v7BnJj0/D2w/W4lwXpHQajUzBRMB0GA1UdDgQWBBQ6qnVIeieqC00fJe7lm9bY5R0brTAfBgNVHSMEGDAWgBQ6qnVIeieqC00fJe7lm9bY5R0brTAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIB8gAZIOwrQoR9cDRifsCdbemVlQlsuwixbiJGokCMEYAiEAsbAYqw5+iAU6wp2Y4NW7Rr5E5VFxB61zINi9Sl+2nK8=</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>` +
		`<md:SingleSignOnService Binding='urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect' Location='https://idp.example/sso'/></md:IDPSSODescriptor></md:EntityDescriptor>`
)

const newRules = `"rules":[{"permission_set_names":["IAMReadOnly"],"organization_id":"{org}","condition":"1 == 1"},` +
	`{"permission_set_names":["InstancesReadOnly"],"project_ids":["{org}","{project2}"]}]}`

// params are the estate's names for the parameters in the patterns of routes.
var params = strings.NewReplacer("{group_id}", "{group}", "{application_id}", "{application}", "{policy_id}", "{of_member}",
	"{user_id}", "{local}", "{project_id}", "{project}", "{saml_id}", "{saml}", "{certificate_id}", "{certificate}", "{scim_id}", "{scim}", "{token_id}", "{scim_token}", "{authenticator_id}", "{authenticator}", "{jti}", "{jti}", "{access_key}", "{ci_key}", "{ssh_key_id}", "{ssh_key}", "{quotum_name}", "iam_groups", "{log_id}", "{log}", "{organization_id}", "{org}")

// everyDeed gives the deeds in the order of the routes. A route without one stops the test, and so does one without a route.
func everyDeed(t testing.TB) []deed {
	t.Helper()
	var out []deed
	routes := scaleway.Routes()
	for _, r := range routes {
		name := r.Method + " " + strings.Replace(r.Pattern, scaleway.Prefix, "~", 1)
		if len(deeds[name]) == 0 {
			t.Fatalf("%s has no deed: enter a call that succeeds", name)
		}
		for _, d := range deeds[name] {
			d.Route, d.operation = r, operationOf(t, r)
			d.path = cmp.Or(d.path, params.Replace(strings.Replace(r.Pattern, scaleway.Prefix, "~", 1)))
			out = append(out, d)
		}
	}
	if len(routes) != len(deeds) {
		t.Fatalf("deeds of %d routes for %d routes", len(deeds), len(routes))
	}
	return out
}

// operationOf finds the catalogue's operation of a route.
func operationOf(t testing.TB, r wire.Route) *catalog.Operation {
	t.Helper()
	for _, o := range catalog.Builtin().Operations(catalog.Scaleway) {
		if o.Method == r.Method && (scaleway.Prefix+o.Path == r.Pattern || o.Path == r.Pattern) {
			return o
		}
	}
	t.Fatalf("%s %s is in no catalogue", r.Method, r.Pattern)
	return nil
}

func (d *deed) name() string { return d.Method + " " + d.path + d.query + " " + d.body }

// public tells whether anybody may, open whether whoever is known may.
func (d *deed) public() bool { return d.Operation == nil }
func (d *deed) open() bool   { return d.Operation != nil && d.Operation.Open }

func (d *deed) writes() bool { return d.Operation != nil && d.Operation.Event != "" }

// actions are those that the deed needs.
func (d *deed) actions() []string {
	if d.needs == "" {
		return slices.Clone(d.operation.Actions)
	}
	return strings.Fields(d.needs)
}

// deed makes the call.
func (e *estate) deed(d deed, as http.Header) *answer {
	e.t.Helper()
	return e.ask(as, d.Method, d.path+d.query, d.body)
}

// prepare does what must be done before the deed.
func (e *estate) prepare(d deed) {
	e.t.Helper()
	if method, path, ok := strings.Cut(d.before, " "); ok {
		if a := e.ask(e.owner(), method, path, ""); a.status >= 300 {
			e.t.Fatalf("%s: status %d: %s", a.what, a.status, a.body)
		}
	}
}
