package api_test

import "testing"

const organizationPolicy = "/v1/iam/organization-policy"

const (
	lockedOut = `{"default-service-strategy":"deny","services":{}}`
	noSpaces  = `{"default-service-strategy":"allow","services":{"sos":{"type":"rules","rules":[{"action":"deny","expression":"a ==","note":1}]}}}`
)

var anOrganizationPolicy = object(fields{"language": is("exoscale"), "document": orNull(object(fields{"default-service-strategy": oneOf("allow", "deny"), "services": anObject}))})

var organizationPolicyCatalogue = []operation{
	{name: "getOrganizationPolicy", kind: "whole", call: "GET " + organizationPolicy, on: "organization:{org}", shape: one("organization_policy", anOrganizationPolicy)},
	{name: "updateOrganizationPolicy", kind: "authorize", call: "PUT " + organizationPolicy, on: "organization:{org}",
		body:  `{"document":{"default-service-strategy":"allow","services":{"sos":{"type":"deny"}}}}`,
		shape: wrote("organization_policy", anOrganizationPolicy), event: "iam.organization_policy.update", made: "organization", about: "{org}", called: "Acme",
		bad: refusals(
			refusal{why: "no document", body: `{}`, status: 400, details: "document: "},
			refusal{why: "null", body: `{"document":null}`, status: 400, details: "document: "},
			refusal{why: "a text", body: `{"document":"x"}`, status: 400, details: "document: "},
			refusal{why: "statements", body: `{"document":` + document + `}`, status: 400, details: "document.default-service-strategy: "},
			refusal{why: "no services", body: `{"document":{"default-service-strategy":"deny"}}`, status: 400, details: "document.services: "},
		)},
	{name: "resetOrganizationPolicy", kind: "lift", call: "DELETE " + organizationPolicy, on: "organization:{org}",
		event: "iam.organization_policy.reset", made: "organization", about: "{org}", called: "Acme",
		prepare: func(e *estate) {
			e.as(e.owner).put(organizationPolicy, obj{"document": obj{"default-service-strategy": "allow", "services": obj{}}}).want(200)
		}},
}

// TestOrganizationPolicy: it binds everybody and every right, the owner too, who can lift it all the same; and nobody elsewhere.
func TestOrganizationPolicy(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.as(e.owner)
	worker, id := owner.worker("worker", allow("*", "*"))
	other := e.as(e.names["other.token"])
	set := func(as *caller, document string, status int) *reply {
		return as.do("PUT", organizationPolicy, `{"document":`+document+`}`).want(status)
	}
	if r := owner.get(organizationPolicy).want(200); r.at("organization_policy.document") != nil {
		t.Errorf("at first: %s", r.body)
	}
	r := set(worker, noSpaces, 200)
	if r.len("warnings") != 2 {
		t.Errorf("%s", r.body)
	}
	if r := owner.get(organizationPolicy).want(200); r.str("organization_policy.document.services.sos.rules.0.expression") != "a ==" {
		t.Errorf("%s", r.body)
	}

	set(worker, lockedOut, 200)
	for who, c := range map[string]*caller{"owner": owner, "worker": worker} {
		c.get("/v1/iam/groups").want(403)
		c.get(organizationPolicy).want(403)
		set(c, lockedOut, 403)
		if who != "owner" {
			c.do("DELETE", organizationPolicy, nil).want(403)
		}
	}
	other.get("/v1/iam/groups").want(200)
	e.as(e.operator).get("/v1/organizations/" + e.org).want(200)
	e.as(e.operator).do("PUT", organizationPolicy, `{"document":`+lockedOut+`}`).want(409)
	owner.do("DELETE", organizationPolicy, nil).want(204)
	owner.get("/v1/iam/groups").want(200)
	worker.get("/v1/iam/groups").want(200)

	// Decisions for others see it too.
	set(owner, `{"default-service-strategy":"allow","services":{"s3":{"type":"rules","rules":[{"action":"allow","expression":"operation == 'get-object'"}]}}}`, 200)
	for action, allowed := range map[string]bool{"s3:GetObject": true, "s3:PutObject": false, "iam:ListGroups": true} {
		for _, principal := range []string{"crn::iam:service-account:" + id, "crn::iam:user:" + e.names["owner"]} {
			r := owner.post("/v1/iam/authorize", obj{"principal": principal, "action": action, "resource": "crn::s3:object:a"}).want(200)
			if r.at("allowed") != allowed {
				t.Errorf("%s by %s: %s", action, principal, r.body)
			}
		}
	}
}
