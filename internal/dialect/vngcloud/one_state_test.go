package vngcloud_test

import (
	"strings"
	"testing"
)

// TestMadeElsewhere: what this API cannot say it leaves out, and does not touch; the rest is the same thing under the same id.
func TestMadeElsewhere(t *testing.T) {
	w := newWorld(t)
	o := w.owner()
	g := o.natively("POST", "/iam/groups", obj{"name": "a name / that this API refuses", "description": "x"}).want(201).str("group.id")
	statements := o.natively("POST", "/iam/policies", obj{"name": "native", "document": obj{"statements": list{allow("s3:*", "*")}}}).want(201).str("policy.id")
	theirs := o.natively("POST", "/iam/policies", obj{"name": "theirs", "language": "vngcloud", "document": list{allow("vserver:*", "*")}}).want(201).str("policy.id")
	for _, p := range []string{statements, theirs} {
		o.natively("POST", "/iam/groups/"+g+"/policies", obj{"policy_id": p}).want(204)
	}
	if got := o.get("/groups/" + g).want(200); got.str("name") != "a name / that this API refuses" || got.len("policies") != 1 || got.str("policies.0") != theirs {
		t.Errorf("%s", got.body)
	}
	o.get("/policies/"+statements).refused(404, "POLICY_NOT_FOUND")
	o.post("/policies/"+statements+"/groups/"+g, nil).refused(404, "POLICY_NOT_FOUND")
	o.del("/policies/"+statements).refused(404, "POLICY_NOT_FOUND")
	o.get("/policies/"+statements+"/groups").refused(404, "POLICY_NOT_FOUND")
	if list := string(o.get("/policies?pageNumber=0&pageSize=100").want(200).body); strings.Contains(list, statements) || !strings.Contains(list, theirs) {
		t.Errorf("%s", list)
	}
	o.del("/policies/" + theirs).want(204)
	if got := o.natively("GET", "/iam/groups/"+g+"/policies", nil).want(200); got.len("policies") != 1 || got.str("policies.0.id") != statements {
		t.Errorf("%s", got.body)
	}
	// A token of the organization is no service account here.
	token := o.natively("POST", "/iam/api-tokens", obj{"name": "terraform"}).want(201).str("api_token.service_account_id")
	o.get(accountsAPI+"/service-accounts/"+token).refused(404, "SERVICE_ACCOUNT_NOT_FOUND")
	o.post(accountsAPI+"/service-accounts/"+token+"/reset-secret", nil).refused(404, "SERVICE_ACCOUNT_NOT_FOUND")
	if n := o.get(accountsAPI + "/service-accounts?pageNumber=0&pageSize=10").want(200).num("totalItems"); n != 0 {
		t.Errorf("%d service accounts", n)
	}
	// A service account that was made without a key has no client, until its secret is reset.
	account := o.natively("POST", "/iam/service-accounts", obj{"name": "keyless"}).want(201).str("service_account.id")
	if got := o.get(accountsAPI + "/service-accounts/" + account).want(200); got.str("clientId") != "" {
		t.Errorf("%s", got.body)
	}
	secret := o.post(accountsAPI+"/service-accounts/"+account+"/reset-secret", nil).want(200).str("clientSecret")
	w.fetch(o.get(accountsAPI+"/service-accounts/"+account).want(200).str("clientId"), secret).want(200)
}

// TestSeenElsewhere: what is made here is in the native API.
func TestSeenElsewhere(t *testing.T) {
	w := newWorld(t)
	o := w.owner()
	p := o.policy("here", in(allow("iam:GetPolicy", "iam::"+w.root+":policy/*"), obj{}))
	got := o.natively("GET", "/iam/policies/"+p, nil).want(200)
	if got.str("policy.language") != "vngcloud" || got.str("policy.document.0.effect") != "allow" {
		t.Errorf("%s", got.body)
	}
	const full = "3cd82403-be4a-44e9-bde1-9205d66f38d9"
	g := o.group("here")
	o.post("/policies/"+full+"/groups/"+g, nil).want(204)
	if got := o.natively("GET", "/iam/groups/"+g+"/policies", nil).want(200); got.str("policies.0.id") != full || got.str("policies.0.name") != "IAMFullAccess" {
		t.Errorf("%s", got.body)
	}
	o.natively("GET", "/iam/policies/"+full, nil).want(200)
	o.natively("DELETE", "/iam/policies/"+full, nil).want(409)
	if list := o.natively("GET", "/iam/policies", nil).want(200); strings.Contains(string(list.body), full) {
		t.Error("a managed policy is among the organization's own")
	}
	idp := o.post("/groups", obj{"name": "idp", "mode": "idp"}).want(201).str("id")
	u := o.user("mia@acme.example")
	o.natively("POST", "/iam/users/"+u+"/groups", obj{"group_id": idp}).want(409)
	local := o.post(accountsAPI+"/iam-users", obj{"username": "dev01", "password": password}).want(201).str("id")
	if got := o.natively("GET", "/iam/users/"+local, nil).want(200); got.str("user.username") != "dev01" {
		t.Errorf("%s", got.body)
	}
}
