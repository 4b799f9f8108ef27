package scaleway_test

import (
	"fmt"
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

// TestDeniedMembers: who must not take somebody out of groups does not do so by leaving them out of a list either, nor does anybody join
// who must not be put into groups.
func TestDeniedMembers(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	idle := key(e.names["idle_secret"])
	put := func(body string) *answer { return e.ask(idle, "PUT", "~/groups/{group}/members", body) }
	for _, denied := range []string{"crn::iam:user:{member}", "crn::iam:service-account:{application}", "crn::iam:user:{pending}"} {
		e.hold("idle", denied)
		tail := e.tail()
		put(`{}`).denied("write", "group")
		put(`{"user_ids":["{local}"],"application_ids":["{reader}"]}`).denied("write", "group")
		e.ask(idle, "PUT", "~/groups/{nowhere}/members", `{}`).missing("group", e.names["nowhere"])
		if e.tail() != tail {
			t.Fatalf("%s: something was committed", denied)
		}
	}
	e.hold("idle", "crn::iam:user:{local}") // who is in no group
	put(`{"user_ids":["{member}","{local}"]}`).denied("write", "group")
	e.ask(idle, "POST", "~/groups/{group}/add-member", `{"user_id":"{local}"}`).denied("write", "group")
	put(`{"user_ids":["{member}"]}`).want(200).is("application_ids", "[]", "user_ids", `["`+e.names["member"]+`"]`)
	put(`{}`).want(200).is("user_ids", "[]")
	e.hold("idle", "crn::iam:invitation:{pending}") // who is shown as a user
	e.ask(idle, "DELETE", "~/users/{pending}", "").denied("delete", "user")
	e.hold("idle", "crn::iam:invitation:{nowhere}")
	e.ask(idle, "DELETE", "~/users/{pending}", "").want(204)
}

// TestConditionsOnGroups: a condition on the resource is about the group whose members change.
func TestConditionsOnGroups(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	reader := key(e.names["reader_secret"])
	for condition, allowed := range map[string]string{`resource.id != '{group}'`: "{group2}", `resource.id == '{group2}'`: "{group2}"} {
		e.ask(e.owner(), "PUT", "~/rules", `{"policy_id":"{reading}","rules":[{"permission_set_names":["IAMGroupManager"],"organization_id":"{org}","condition":"`+condition+`"}]}`).want(200)
		for _, call := range []string{"POST add-member", "POST remove-member", "POST add-members", "PUT members"} {
			method, path, _ := strings.Cut(call, " ")
			body := `{"user_id":"{local}"}`
			if strings.HasSuffix(path, "s") {
				body = `{"user_ids":["{local}"]}`
			}
			e.ask(reader, method, "~/groups/{group}/"+path, body).denied("write", "group")
			e.ask(reader, method, "~/groups/"+allowed+"/"+path, body).want(200)
		}
	}
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

// TestDeniedBearer: whose keys are not to be listed is not to be found by another parameter.
func TestDeniedBearer(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.hold("idle", "crn::iam:user:{member}", "crn::iam:service-account:{application}")
	idle := key(e.names["idle_secret"])
	for _, query := range []string{"user_id={member}", "bearer_id={member}", "bearer_id={member}&bearer_type=user", "application_id={application}", "bearer_id={application}"} {
		e.ask(idle, "GET", "~/api-keys?"+query, "").denied("list", "api_key")
	}
	e.ask(idle, "GET", "~/api-keys?bearer_id={local}", "").want(200).is("total_count", "1")
	e.ask(idle, "GET", "~/api-keys?bearer_id={reader}", "").want(200).is("total_count", "1")
	for _, id := range []string{"nowhere", "pending", "group", "other.local"} {
		e.ask(idle, "GET", "~/api-keys?bearer_id={"+id+"}", "").want(200).is("total_count", "0")
	}
}

// TestLargeBodies: what the longest body asks for costs no more than its length. Some of this once took half a minute.
func TestLargeBodies(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, ","+format, 0x10000+i)
		}
		return b.String()[1:]
	}
	ids, words := many(6000, `"0b54f5f2-3c7b-4e66-9d39-6f0a%08x"`), many(30_000, `"%x"`)
	first := "0b54f5f2-3c7b-4e66-9d39-6f0a00010000"
	for _, call := range []string{"POST ~/groups/{group}/add-members", "PUT ~/groups/{group}/members"} {
		method, path, _ := strings.Cut(call, " ")
		e.send(e.owner(), method, path, `{"application_ids":[`+ids+`]}`).missing("application", first)
		e.send(e.owner(), method, path, `{"user_ids":[`+ids+`]}`).missing("user", first)
		e.send(e.owner(), method, path, e.fill(`{"user_ids":["{member}"],"application_ids":[`)+ids+`]}`).missing("application", first)
		e.send(key(e.names["idle_secret"]), method, path, `{"application_ids":[`+ids+`]}`).denied("write", "group")
	}
	e.send(e.owner(), "POST", "~/groups", `{"name":"x","tags":[`+words+`]}`).argument("tags", "constraint")
	e.send(e.owner(), "PUT", "~/rules", e.fill(`{"policy_id":"{policy}","rules":[{"permission_set_names":[`+words+`],"organization_id":"{org}"}]}`)).argument("rules", "constraint")
	e.send(e.owner(), "PUT", "~/rules", e.fill(`{"policy_id":"{policy}","rules":[{"permission_set_names":["VPCReadOnly"],"project_ids":[`+ids+`]}]}`)).argument("rules", "constraint")
}
