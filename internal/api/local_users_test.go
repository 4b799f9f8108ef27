package api_test

import (
	"strings"
	"testing"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
)

// local makes a local user of the estate's organization, which no route of this API does.
func (e *estate) local(u iam.User) string {
	e.t.Helper()
	actor, err := e.control.Authenticate(e.t.Context(), control.Presented{Bearer: e.owner})
	if err != nil {
		e.t.Fatal(err)
	}
	p, err := e.control.Enter(e.t.Context(), &control.Call{Actor: actor}, control.AddUser, control.On(iam.AnyOf(iam.TypeUser)))
	if err != nil {
		e.t.Fatal(err)
	}
	made, _, err := e.control.CreateLocalUser(e.t.Context(), p, u, nil)
	if err != nil {
		e.t.Fatal(err)
	}
	return made.ID.String()
}

// TestLocalUsers: this API shows them among the users, by the names that they have, and does with them what it does with users.
func TestLocalUsers(t *testing.T) {
	e := newEstate(t)
	owner := e.as(e.owner)
	before := owner.get("/v1/iam/users").want(200).len("users")
	lena := e.local(iam.User{Username: "Lena.L", FirstName: "Lena", LastName: "Lang", Email: "lena@home.example"})
	kim := e.local(iam.User{Username: "kim"})
	if got := owner.get("/v1/iam/users").want(200).len("users"); got != before+2 {
		t.Errorf("%d users are listed", got-before)
	}
	got := owner.get("/v1/iam/users/" + lena).want(200)
	if got.str("user.name") != "Lena Lang" || got.str("user.email") != "lena@home.example" || got.str("user.username") != "Lena.L" || strings.Contains(string(got.body), "disabled") {
		t.Errorf("%s", got.body)
	}
	got = owner.get("/v1/iam/users/" + kim).want(200)
	if got.str("user.name") != "kim" || got.str("user.email") != "" || got.str("user.username") != "kim" {
		t.Errorf("%s", got.body)
	}
	if member := owner.get("/v1/iam/users/" + e.names["user"]).want(200); strings.Contains(string(member.body), "username") {
		t.Errorf("a person has a username: %s", member.body)
	}
	for filter, want := range map[string]string{"LENA.l": lena, "Lena+Lang": lena, "lena@HOME*": lena, "Kim": kim} {
		if got := owner.get("/v1/iam/users?name=" + filter).want(200); got.len("users") != 1 || got.str("users.0.id") != want {
			t.Errorf("%s: %s", filter, got.body)
		}
	}
	// A person is not made of her, and her address is taken here, and here alone.
	owner.post("/v1/iam/users", obj{"email": "LENA@home.example"}).want(409)
	e.as(e.names["other.token"]).post("/v1/iam/users", obj{"email": "lena@home.example"}).want(201)
	e.as(e.operator).get("/v1/people?email=lena@home.example").want(200)
	if n := e.as(e.operator).get("/v1/people?email=lena@home.example").want(200).len("people"); n != 0 {
		t.Errorf("%d people have her address", n)
	}
	e.as(e.names["other.token"]).get("/v1/iam/users/" + lena).want(404)

	one := "/v1/iam/users/" + lena
	owner.post(one+"/groups", obj{"group_id": e.names["group"]}).want(204)
	owner.post(one+"/policies", obj{"policy_id": e.names["policy"]}).want(204)
	if got := owner.get("/v1/iam/groups/" + e.names["group"] + "/users?limit=100").want(200); got.len("users") != 2 || got.str("users.1.email") != "lena@home.example" {
		t.Errorf("%s", got.body)
	}
	key := owner.post(one+"/credentials", obj{"name": "laptop"}).want(201)
	hers := e.asKey(key.str("credential.access_key_id"), key.str("secret_access_key"))
	hers.get("/v1/iam/users").want(403)
	ask := obj{"principal": "crn::iam:user:" + lena, "action": "s3:GetObject", "resource": "crn::s3:object:reports/a", "explain": true}
	if got := owner.post("/v1/iam/authorize", ask).want(200); got.at("allowed") != true {
		t.Errorf("%s", got.body)
	}

	e.disable(lena)
	if got := owner.get(one).want(200); got.at("user.disabled") != true {
		t.Errorf("%s", got.body)
	}
	hers.get("/v1/iam/users").want(401)
	if got := owner.post("/v1/iam/authorize", ask).want(200); got.at("allowed") != false || got.str("explanation.reason") != "principal_disabled" {
		t.Errorf("%s", got.body)
	}

	owner.del(one).want(204)
	owner.get(one).want(404)
	hers.get("/v1/iam/users").want(401)
	if got := owner.get("/v1/audit-logs?action=iam.user.remove").want(200); got.str("audit_logs.0.resource_name") != "Lena.L" {
		t.Errorf("%s", got.body)
	}
	owner.post("/v1/iam/users", obj{"email": "lena@home.example"}).want(201)
}

// disable disables a user in their organization, which no route of this API does.
func (e *estate) disable(id string) {
	e.t.Helper()
	uuid, err := iam.ParseUUID(id)
	if err != nil {
		e.t.Fatal(err)
	}
	actor, err := e.control.Authenticate(e.t.Context(), control.Presented{Bearer: e.owner})
	if err != nil {
		e.t.Fatal(err)
	}
	p, err := e.control.Enter(e.t.Context(), &control.Call{Actor: actor}, control.LockUser, control.On(iam.Name(iam.TypeUser, uuid)))
	if err != nil {
		e.t.Fatal(err)
	}
	_, err = p.Write(e.t.Context(), func(d *iam.Draft) error {
		_, err := d.SetUserDisabled(iam.UserID{UUID: uuid}, true)
		return err
	})
	if err != nil {
		e.t.Fatal(err)
	}
}
