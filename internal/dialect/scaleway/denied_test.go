package scaleway_test

import (
	"strings"
	"testing"
)

// hold makes one policy the only one of a user: everything is allowed, and these names are denied.
func (e *estate) hold(who string, denied ...string) {
	e.t.Helper()
	e.allow(who, []string{"iam:*"})
	e.natively(e.nativeOwner(), "PATCH", "/v1/iam/policies/"+e.names["only"], `{"document":{"statements":[
		{"effect":"allow","actions":["*"],"resources":["*"]},{"effect":"deny","actions":["iam:*"],"resources":["`+strings.Join(denied, `","`)+`"]}]}}`)
}

// TestDeniedSAML: calls that name a certificate, or the organization, are about its SAML, and authorized on that.
func TestDeniedSAML(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	idle := key(e.names["idle_secret"])
	e.hold("idle", "crn::iam:connector:{saml}")
	for call, action := range map[string]string{"GET ~/organizations/{org}/saml": "read", "GET ~/saml/{saml}/certificates": "list", "GET ~/saml-certificates/{certificate}": "read",
		"DELETE ~/saml-certificates/{certificate}": "delete", "GET ~/saml-certificates/{nowhere}": "read", "DELETE ~/saml-certificates/{other.certificate}": "delete"} {
		method, path, _ := strings.Cut(call, " ")
		e.ask(idle, method, path, "").denied(action, "saml")
	}
	e.get("~/saml-certificates/{certificate}").want(200)
	e.hold("idle", "crn::iam:connector:{other.saml}")
	e.ask(idle, "GET", "~/organizations/{org}/saml", "").want(200)
	e.ask(idle, "GET", "~/saml-certificates/{other.certificate}", "").missing("saml_certificate", e.names["other.certificate"])
	e.ask(idle, "DELETE", "~/saml-certificates/{certificate}", "").want(204)
}
