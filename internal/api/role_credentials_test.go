package api_test

import (
	"strings"
	"testing"
)

// haveRoleKeys gives a role in each organization a credential, which the estate of recorded exchanges has not.
func haveRoleKeys(e *estate) {
	for prefix, token := range map[string]string{"": e.owner, "other.": e.names["other.token"]} {
		e.deed(e.names, prefix+"role_credential", e.as(token), roles+"/"+e.names[prefix+"role2"]+"/credentials", obj{"name": "signs"}, "credential.id")
	}
}

var (
	aRoleKey    = named("credential", with(aCredentialHas, fields{"access_key_id": matching("a key that signs", `EXO[0-9a-f]{24}`)}))
	aRoleSecret = matching("a secret of 43 characters", `[A-Za-z0-9_-]{43}`)
)

var roleKeyCatalogue = []operation{
	{name: "listRoleCredentials", kind: "get", call: "GET " + roles + "/{role2}/credentials", on: "role:{role2}",
		shape: many("credentials", aRoleKey)},
	{name: "createRoleCredential", kind: "create credential", call: "POST " + roles + "/{role2}/credentials", on: "role:{role2}",
		body: `{"name":"second","expires_at":null}`, shape: object(fields{"credential": aRoleKey, "secret_access_key": aRoleSecret, "revision": aNumber}),
		event: "iam.credential.create", about: ":credential.id", called: "second", bad: credentialing},
	{name: "getRoleCredential", kind: "get", call: "GET " + roles + "/{role2}/credentials/{role_credential}", on: "role:{role2}",
		shape: one("credential", aRoleKey),
		bad:   []refusal{{why: "another's", call: "GET " + roles + "/{role}/credentials/{role_credential}", status: 404}}},
	{name: "deleteRoleCredential", kind: "delete", call: "DELETE " + roles + "/{role2}/credentials/{role_credential}", on: "role:{role2}",
		event: "iam.credential.delete", about: "{role_credential}", called: "signs",
		bad: []refusal{{why: "another's", call: "DELETE " + roles + "/{role}/credentials/{role_credential}", status: 404},
			{why: "a user's", call: "DELETE " + roles + "/{role2}/credentials/{user_credential}", status: 404}}},
}

// TestRoleCredentials: a role's credential acts with the role's policies alone; predefined roles have credentials too.
func TestRoleCredentials(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.as(e.owner)
	predefined := owner.get(roles + "?predefined=true").want(200)
	if predefined.num("meta.total") != 3 || predefined.at("roles.0.predefined") != true || predefined.str("roles.0.name") != "Owner" {
		t.Fatalf("%s", predefined.body)
	}
	if r := owner.get(roles).want(200); r.num("meta.total") != 2 {
		t.Errorf("%s", r.body)
	}
	id := predefined.str("roles.0.id")
	if r := owner.get(roles + "/" + id).want(200); r.at("role.frozen") != true {
		t.Errorf("%s", r.body)
	}
	for role, status := range map[string]int{id: 200, predefined.str("roles.1.id"): 403, predefined.str("roles.2.id"): 403, e.names["role2"]: 403} {
		made := owner.post(roles+"/"+role+"/credentials", obj{"name": "key"}).want(201)
		for _, c := range []*caller{e.as(made.str("secret_access_key")), e.asKey(made.str("credential.access_key_id"), made.str("secret_access_key"))} {
			c.get("/v1/iam/groups").want(status)
		}
		owner.post(roles+"/"+role+"/credentials/"+made.str("credential.id")+"/roll", nil).want(404)
	}
	for _, call := range []string{"PATCH ", "DELETE "} {
		owner.do(strings.TrimSpace(call), roles+"/"+id, obj{"name": "mine"}).want(409)
	}
	owner.post(roles+"/"+id+"/policies", obj{"policy_id": e.names["policy"]}).want(409)
	owner.post(roles, obj{"name": "Billing"}).want(409)
	owner.do("DELETE", roles+"/"+e.names["role2"], nil).want(409) // it has a credential
}
