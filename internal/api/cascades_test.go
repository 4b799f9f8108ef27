package api_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/api"
	"github.com/writ-iam/writ/internal/control"
)

// The rows of section 16.6. What is refused twice (attach, join, detach, leave) is in the catalogue.

// TestDeletePolicyWhileAttached tries every kind of holder.
func TestDeletePolicyWhileAttached(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.as(e.owner)
	for _, holder := range []string{"groups/{group2}", "users/{user}", "roles/{role2}", "service-accounts/{account2}"} {
		at := e.fill("/v1/iam/" + holder + "/policies")
		owner.post(at, obj{"policy_id": e.names["policy2"]}).want(204)
		owner.del(policies + "/" + e.names["policy2"]).want(409)
		owner.get(policies + "/" + e.names["policy2"]).want(200)
		owner.del(at + "/" + e.names["policy2"]).want(204)
	}
	owner.del(policies + "/" + e.names["policy2"]).want(204)
	owner.get(policies + "/" + e.names["policy2"]).want(404)
}

// TestDeleteGroup looks for every trace of a group, and for the rights that it gave.
func TestDeleteGroup(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.as(e.owner)
	owner.del(e.fill(users + "/{user}/policies/{policy}")).want(204) // what is left comes through the group
	ask := e.fill(`{"principal":"crn::iam:user:{user}","action":"s3:GetObject","resource":"crn::s3:object:reports/x"}`)
	if r := owner.post("/v1/iam/authorize", ask).want(200); r.at("allowed") != true {
		t.Fatalf("%s", r.body)
	}
	owner.del(e.fill(groups + "/{group}")).want(204)
	if r := owner.post("/v1/iam/authorize", ask).want(200); r.str("reason") != "implicit_deny" {
		t.Errorf("the group's rights are left: %s", r.body)
	}
	for path, list := range map[string]string{users + "/{user}": "user.groups", users + "/{user}/groups": "groups", accounts + "/{account}": "service_account.groups",
		accounts + "/{account}/groups": "groups", policies + "/{policy}/groups": "groups", invitations + "/{invitation}": "invitation.groups"} {
		if r := owner.get(e.fill(path)).want(200); r.len(list) != 0 {
			t.Errorf("%s: %s", path, r.body)
		}
	}
	if r := owner.get(groups).want(200); strings.Contains(string(r.body), e.names["group"]) {
		t.Errorf("%s", r.body)
	}
	for _, path := range []string{"", "/users", "/service-accounts", "/policies"} {
		owner.get(e.fill(groups + "/{group}" + path)).want(404)
	}
	owner.group("auditors") // the name is free
}

// gone holds that a session has ended with a reason, and is of no use.
func (e *estate) gone(t *testing.T, session, token string) {
	t.Helper()
	r := e.as(e.owner).get(sessions + "/" + session).want(200)
	if r.at("sts_session.revoked") != true || r.at("sts_session.is_active") != false || r.str("sts_session.revoked_reason") == "" ||
		r.str("sts_session.revoked_at") != e.clock.Now().Format(time.RFC3339) {
		t.Errorf("%s", r.body)
	}
	e.as(token).get(groups).want(401)
}

func TestDeleteRole(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.as(e.owner)
	e.clock.advance(time.Second)
	e.as(e.names["session_token"]).get(groups).want(403) // it is somebody
	owner.del(e.fill(roles + "/{role}")).want(204)
	e.gone(t, e.names["session"], e.names["session_token"])
	if r := owner.get(sessions + "/" + e.names["ended"]).want(200); r.str("sts_session.revoked_reason") != "lost" {
		t.Errorf("the reason of a session that had ended is another: %s", r.body)
	}
	if r := owner.get(e.fill(policies + "/{policy}/roles")).want(200); r.len("roles") != 0 {
		t.Errorf("%s", r.body)
	}
	if r := owner.get(sessions).want(200); r.len("sts_sessions") != 0 {
		t.Errorf("%s", r.body)
	}
	if r := owner.get(sessions + "?active_only=false&role_id=" + e.names["role"]).want(200); r.len("sts_sessions") != 2 {
		t.Errorf("%s", r.body)
	}
	e.asKey(e.names["key"], e.names["secret"]).post("/v1/iam/assume-role", obj{"role_id": e.names["role"]}).want(403)
	e.asKey(e.names["session_key"], e.names["session_secret"]).with("X-Session-Token", e.names["session_token"]).get(groups).want(401)
}

func TestDeleteServiceAccount(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.as(e.owner)
	account := e.asKey(e.names["key"], e.names["secret"])
	account.get(groups).want(403)
	e.clock.advance(time.Second)
	owner.del(e.fill(accounts + "/{account}")).want(204)
	account.get(groups).want(401)
	e.as(e.names["secret"]).get(groups).want(401)
	e.gone(t, e.names["session"], e.names["session_token"])
	if r := owner.get(e.fill(groups + "/{group}")).want(200); r.num("group.member_count") != 1 {
		t.Errorf("%s", r.body)
	}
	for path, list := range map[string]string{groups + "/{group}/service-accounts": "service_accounts", policies + "/{policy}/service-accounts": "service_accounts"} {
		if r := owner.get(e.fill(path)).want(200); r.len(list) != 0 {
			t.Errorf("%s: %s", path, r.body)
		}
	}
	for _, path := range []string{"", "/credentials", "/keys", "/groups", "/policies"} {
		owner.get(e.fill(accounts + "/{account}" + path)).want(404)
	}
	// A new one of the same name has nothing of the old one.
	again := owner.serviceAccount("log-shipper")
	for list, path := range map[string]string{"credentials": "/credentials", "groups": "/groups", "policies": "/policies"} {
		if r := owner.get(accounts + "/" + again + path).want(200); r.len(list) != 0 {
			t.Errorf("%s: %s", path, r.body)
		}
	}
}

func TestRemoveUser(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.as(e.owner)
	mia := e.asKey(e.names["user_key"], e.names["user_secret"])
	role := owner.role("for people", "crn::iam:user:*")
	temporary := mia.post("/v1/iam/assume-role", obj{"role_id": role}).want(200)
	session := owner.get(sessions + "?role_id=" + role).want(200).str("sts_sessions.0.id")
	e.clock.advance(time.Second)
	owner.del(e.fill(users + "/{user}")).want(204)
	mia.get(groups).want(401)
	e.gone(t, session, temporary.str("session_token"))
	for path, list := range map[string]string{groups + "/{group}/users": "users", policies + "/{policy}/users": "users"} {
		if r := owner.get(e.fill(path)).want(200); r.len(list) != 0 {
			t.Errorf("%s: %s", path, r.body)
		}
	}
	owner.get(e.fill(users + "/{user}/credentials")).want(404)
	again := owner.post(users, obj{"email": "mia@acme.example"}).want(201)
	if again.str("status") != "added" || again.str("user.id") == e.names["user"] || again.len("user.groups") != 0 {
		t.Errorf("%s", again.body)
	}
	mia.get(groups).want(401)
	e.asKey(e.names["other.user_key"], e.names["other.user_secret"]).get(groups).want(403) // somebody of another organization
}

// TestRemoveYourself holds that nobody removes themselves, whatever they may do, and nobody the last administrator.
func TestRemoveYourself(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.as(e.owner)
	all := owner.policy("all", allow("*", "*"))
	owner.post(e.fill(users+"/{user}/policies"), obj{"policy_id": all}).want(204)
	mia := e.asKey(e.names["user_key"], e.names["user_secret"])
	worker, _ := owner.worker("worker", allow("*", "*"))
	before := e.tail()
	mia.del(e.fill(users + "/{user}")).want(409)
	mia.del(e.fill(users + "/{owner}")).want(409)
	worker.del(e.fill(users + "/{owner}")).want(409)
	owner.del(e.fill(users + "/{owner}")).want(409)
	if e.tail() != before {
		t.Error("something was committed")
	}
	worker.del(e.fill(users + "/{user}")).want(204)
}

func TestMemberCount(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.as(e.owner)
	group := e.fill(groups + "/{group2}")
	count := func(want int) {
		t.Helper()
		if r := owner.get(group).want(200); r.num("group.member_count") != want || r.str("group.updated_at") != r.str("group.created_at") {
			t.Errorf("want %d members, and the group itself as it was: %s", want, r.body)
		}
	}
	count(0)
	owner.post(e.fill(users+"/{user}/groups"), obj{"group_id": e.names["group2"]}).want(204)
	count(1)
	owner.post(e.fill(accounts+"/{account}/groups"), obj{"group_id": e.names["group2"]}).want(204)
	count(2)
	owner.post(e.fill(accounts+"/{account}/groups"), obj{"group_id": e.names["group2"]}).want(409)
	count(2)
	owner.del(e.fill(users + "/{user}/groups/{group2}")).want(204)
	count(1)
	owner.del(e.fill(accounts + "/{account}")).want(204)
	count(0)
}

// TestPolicyIDsAtOnce holds that policy_ids are attached with the role or not at all, and are never shown.
func TestPolicyIDsAtOnce(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.as(e.owner)
	before := e.dump()
	owner.post(roles, e.fill(`{"name":"half","policy_ids":["{policy}","{nobody}"]}`)).want(404)
	owner.patch(e.fill(roles+"/{role}"), e.fill(`{"name":"half","description":"half","policy_ids":["{policy2}","{other.policy}"]}`)).want(404)
	if after := e.dump(); after != before {
		t.Errorf("half of it was done: %s", difference(before, after))
	}
	for _, r := range []*reply{owner.post(roles, e.fill(`{"name":"both","policy_ids":["{policy2}","{policy}"]}`)).want(201),
		owner.patch(e.fill(roles+"/{role}"), e.fill(`{"policy_ids":["{policy2}"]}`)).want(200)} {
		if r.has("role.policy_ids") || r.has("policy_ids") {
			t.Errorf("%s", r.body)
		}
	}
	if r := owner.get(e.fill(roles + "/{role}/policies")).want(200); r.len("policies") != 1 || r.str("policies.0.id") != e.names["policy2"] {
		t.Errorf("%s", r.body)
	}
	owner.patch(e.fill(roles+"/{role}"), `{"name":"other"}`).want(200)
	if r := owner.get(e.fill(roles + "/{role}/policies")).want(200); r.len("policies") != 1 {
		t.Errorf("a PATCH without policy_ids detached: %s", r.body)
	}
}

// TestKeysAreCredentials holds that both editions show one store, each in its own words.
func TestKeysAreCredentials(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.as(e.owner)
	one := e.fill(accounts + "/{account2}")
	a := owner.post(one+"/credentials", obj{"name": "a"}).want(201).str("credential.id")
	e.clock.advance(time.Second)
	b := owner.post(one+"/keys", obj{"name": "b"}).want(201).str("api_key.id")
	for list, word := range map[string]string{"credentials": "credential", "api_keys": "api-key"} {
		path := map[string]string{"credentials": "/credentials", "api_keys": "/keys"}[list]
		r := owner.get(one + path).want(200)
		if r.len(list) != 2 || r.str(list+".0.crn") != "crn::iam:"+word+":"+a || r.str(list+".1.crn") != "crn::iam:"+word+":"+b {
			t.Errorf("%s", r.body)
		}
	}
	owner.del(one + "/keys/" + a).want(204)
	owner.del(one + "/credentials/" + b).want(204)
	if r := owner.get(one + "/keys").want(200); r.len("api_keys") != 0 {
		t.Errorf("%s", r.body)
	}
}

// TestInvitationLife holds how long invitations live, and that expired ones block nothing.
func TestInvitationLife(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.as(e.owner)
	made := owner.post(users, obj{"email": "x@acme.example"}).want(201)
	at, _ := time.Parse(time.RFC3339, made.str("invitation.expires_at"))
	if lifetime := at.Sub(e.clock.Now()); lifetime != 7*24*time.Hour {
		t.Errorf("it lives for %s", lifetime)
	}
	e.clock.advance(7*24*time.Hour - time.Second)
	owner.post(users, obj{"email": "x@acme.example"}).want(409)
	e.clock.advance(time.Second)
	again := owner.post(users, obj{"email": "X@acme.example"}).want(201)
	if again.str("invitation.id") == made.str("invitation.id") {
		t.Errorf("%s", again.body)
	}
	owner.get(invitations + "/" + made.str("invitation.id")).want(404) // replaced
	e.as(e.operator).post("/v1/people", obj{"email": "late@acme.example", "name": "Late"}).want(201)
	if r := owner.post(users, obj{"email": "late@acme.example"}).want(201); r.str("status") != "added" {
		t.Errorf("an expired invitation stands in the way: %s", r.body)
	}
}

// reopened is an estate whose control is set up otherwise.
func (e *estate) reopened(t *testing.T, edit func(*control.Config)) {
	t.Helper()
	cfg := e.control.Config
	edit(&cfg)
	var err error
	if e.control, err = control.New(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	e.config.Control = e.control
	e.handler = overHTTP(t, api.New(e.config))
}

func TestInvitationSettings(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	var sent []control.Mail
	var fail error
	e.reopened(t, func(c *control.Config) {
		c.InvitationLifetime = time.Hour
		c.Mail = func(_ context.Context, m control.Mail) error { sent = append(sent, m); return fail }
	})
	owner := e.as(e.owner)
	made := owner.post(users, obj{"email": "Y@acme.example"}).want(201)
	fail = errors.New("no mail today")
	owner.post(invitations+"/"+made.str("invitation.id")+"/resend", nil).want(200)
	owner.post(users, obj{"email": "z@acme.example"}).want(201) // it can be sent again
	owner.post(users, obj{"email": "Y@acme.example"}).want(409)
	if len(sent) != 3 || sent[0].To != "Y@acme.example" || sent[0].Organization != "Acme" || sent[0].InvitedBy != "Olga" ||
		!sent[0].ExpiresAt.Equal(e.clock.Now().Add(time.Hour)) || sent[0].Invitation.String() != made.str("invitation.id") || sent[1].Invitation != sent[0].Invitation {
		t.Errorf("%+v", sent)
	}
}

// TestEditionB holds that unknown addresses are not found, if it is set so.
func TestEditionB(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.reopened(t, func(c *control.Config) { c.RefuseUnknown = true })
	owner := e.as(e.owner)
	before := e.tail()
	owner.post(users, obj{"email": "nobody@acme.example"}).want(404)
	if e.tail() != before {
		t.Error("something was committed")
	}
	if r := owner.post(users, obj{"email": "sam@acme.example"}).want(201); r.str("user.email") != "sam@acme.example" {
		t.Errorf("%s", r.body)
	}
}

// TestLastUsed holds that last use is shown at once, and moves once a minute (section 16.2).
func TestLastUsed(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.as(e.owner)
	used := func() any {
		t.Helper()
		return owner.get(e.fill(accounts + "/{account2}/credentials")).want(200).at("credentials.0.last_used_at")
	}
	key := owner.post(e.fill(accounts+"/{account2}/credentials"), obj{"name": "k"}).want(201)
	c := e.asKey(key.str("credential.access_key_id"), key.str("secret_access_key"))
	if got := used(); got != nil {
		t.Errorf("used %v before it was", got)
	}
	first := e.clock.Now().Format(time.RFC3339)
	e.asKey(key.str("credential.access_key_id"), "x").get(groups).want(401)
	if got := used(); got != nil {
		t.Errorf("a wrong secret counts as use: %v", got)
	}
	c.get(groups).want(403)
	e.clock.advance(59 * time.Second)
	c.get(groups).want(403)
	if got := used(); got != first {
		t.Errorf("used %v, want %s", got, first)
	}
	e.clock.advance(2 * time.Second)
	c.get(groups).want(403)
	if got := used(); got != e.clock.Now().Format(time.RFC3339) {
		t.Errorf("used %v, want %s", got, e.clock.Now())
	}
}
