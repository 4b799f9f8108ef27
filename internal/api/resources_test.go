package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/iam"
)

// TestNulls holds that values that are not there are null and arrays are arrays (section 16.4).
func TestNulls(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.owner)
	account := owner.serviceAccount("account")
	r := owner.get("/v1/iam/service-accounts/" + account).want(200)
	for _, field := range []string{"display_name", "description"} {
		if r.at("service_account."+field) != nil {
			t.Errorf("%s: %s", field, r.body)
		}
	}
	if r.len("service_account.groups") != 0 || r.str("service_account.created_at") != "2026-03-01T12:00:00Z" {
		t.Errorf("%s", r.body)
	}
	role := owner.post("/v1/iam/roles", obj{"name": "r", "trust_policy": obj{}}).want(201)
	if role.len("role.trust_policy.principals") != 0 || role.has("role.policy_ids") {
		t.Errorf("%s", role.body)
	}
	w.clock.advance(time.Second) // the audit log's order is that of time
	if added := owner.post("/v1/iam/users", obj{"email": "new@x.example"}).want(201); added.has("user") ||
		added.str("status") != "invited" || added.len("invitation.groups") != 0 || added.str("invitation.invited_by.email") != "olga@acme.example" {
		t.Errorf("%s", added.body)
	}
	events := owner.get("/v1/audit-logs?limit=1").want(200)
	if events.at("audit_logs.0.error_message") != nil || !events.has("audit_logs.0.details.status") {
		t.Errorf("%s", events.body)
	}
}

func TestInvitations(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.owner)
	group := owner.group("auditors")
	id := owner.post("/v1/iam/users", obj{"email": "new@x.example", "group_ids": []string{group}}).want(201).str("invitation.id")
	path := "/v1/iam/invitations/" + id
	if r := owner.get(path).want(200); r.str("invitation.status") != "pending" || r.str("invitation.groups.0.name") != "auditors" ||
		r.str("invitation.expires_at") != "2026-03-08T12:00:00Z" {
		t.Errorf("%s", r.body)
	}
	w.clock.advance(8 * 24 * time.Hour)
	if n := owner.get("/v1/iam/invitations").want(200).len("invitations"); n != 0 {
		t.Errorf("%d pending", n)
	}
	if r := owner.get("/v1/iam/invitations?status=expired").want(200); r.str("invitations.0.status") != "expired" {
		t.Errorf("%s", r.body)
	}
	owner.get("/v1/iam/invitations?status=lost").detail(400, "status: ")
	if r := owner.post(path+"/resend", nil).want(200); r.str("invitation.expires_at") != "2026-03-16T12:00:00Z" || r.num("revision") != r.revision() {
		t.Errorf("%s", r.body)
	}
	owner.del(path).want(204)
	owner.get(path).want(404)
}

// TestCredentials looks at both editions and at users' (section 9.1).
func TestCredentials(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.owner)
	account := "/v1/iam/service-accounts/" + owner.serviceAccount("account")
	made := owner.post(account+"/keys", obj{"name": "k", "expires_at": "2026-12-31T01:00:00.75+01:00"}).want(201)
	id := made.str("api_key.id")
	if made.str("api_key.crn") != "crn::iam:api-key:"+id || made.str("api_key.expires_at") != "2026-12-31T00:00:00Z" ||
		len(made.str("secret_access_key")) != 40 || made.num("revision") != made.revision() {
		t.Errorf("%s", made.body)
	}
	listed := owner.get(account + "/credentials").want(200)
	if listed.str("credentials.0.crn") != "crn::iam:credential:"+id || strings.Contains(string(listed.body), made.str("secret_access_key")) {
		t.Errorf("%s", listed.body)
	}
	w.asKey(made.str("api_key.access_key_id"), made.str("secret_access_key")).get("/v1/iam/groups").want(403)
	if r := owner.get(account + "/keys").want(200); r.at("api_keys.0.last_used_at") != "2026-03-01T12:00:00Z" {
		t.Errorf("%s", r.body)
	}
	user := "/v1/iam/users/" + w.ownerID
	if r := owner.get(user + "/credentials").want(200); r.len("credentials") != 1 || r.at("credentials.0.access_key_id") != nil {
		t.Errorf("%s", r.body)
	}
	mine := owner.post(user+"/credentials", obj{"name": "mine"}).want(201)
	w.asKey(mine.str("credential.access_key_id"), mine.str("secret_access_key")).get("/v1/iam/groups").want(200)
	owner.del(user + "/credentials/" + id).want(404) // another principal's
	owner.del(account + "/credentials/" + id).want(204)
	owner.del(account + "/keys/" + id).want(404)
	owner.get("/v1/iam/service-accounts/" + w.ownerID + "/credentials").want(404)
}

func TestSessions(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.owner)
	worker, id := owner.worker("worker")
	role := owner.role("role", "crn::iam:service-account:*", "crn:spo1:compute:instance:*")
	temp := worker.post("/v1/iam/assume-role", obj{"role_id": role, "duration_seconds": 900, "session_name": "job"}).want(200)
	if temp.str("expiration") != "2026-03-01T12:15:00Z" || !strings.HasPrefix(temp.str("access_key_id"), "ASIA") {
		t.Errorf("%s", temp.body)
	}
	load := owner.post("/v1/iam/workload-credentials", obj{"principal": "crn:spo1:compute:instance:i-1"}).want(200)
	if load.str("role_name") != "role" || load.str("session_token") == "" {
		t.Errorf("%s", load.body)
	}
	for query, n := range map[string]int{"": 2, "?principal_id=" + id: 1, "?role_id=" + role: 2, "?role_id=" + nobodyID: 0,
		"?principal_type=user": 0, "?principal_type=service_account&active_only=true": 2} {
		if got := owner.get("/v1/iam/sts-sessions" + query).want(200).len("sts_sessions"); got != n {
			t.Errorf("%q: %d sessions, want %d", query, got, n)
		}
	}
	for query, field := range map[string]string{"role_id=x": "role_id", "principal_type=role": "principal_type", "active_only=1": "active_only"} {
		owner.get("/v1/iam/sts-sessions?"+query).detail(400, field)
	}
	one := "/v1/iam/sts-sessions/" + owner.get("/v1/iam/sts-sessions?principal_id="+id).want(200).str("sts_sessions.0.id")
	revoked := owner.post(one+"/revoke", obj{"reason": "lost"}).want(200)
	if revoked.at("sts_session.is_active") != false || revoked.str("sts_session.revoked_reason") != "lost" || revoked.str("sts_session.session_name") != "job" {
		t.Errorf("%s", revoked.body)
	}
	owner.post(one+"/revoke", nil).want(409)
	owner.del(one).want(409)
	w.as(temp.str("session_token")).get("/v1/iam/groups").want(401)
	workload := owner.get("/v1/iam/sts-sessions").want(200)
	if workload.at("sts_sessions.0.principal_id") != nil || workload.str("sts_sessions.0.principal_name") != "crn:spo1:compute:instance:i-1" {
		t.Errorf("%s", workload.body)
	}
	owner.del("/v1/iam/sts-sessions/" + workload.str("sts_sessions.0.id")).want(204)
	if n := owner.get("/v1/iam/sts-sessions?active_only=false").want(200).num("meta.total"); n != 2 {
		t.Errorf("%d sessions altogether", n)
	}
}

// TestAssumeRoleDenied holds that a deny of one role wins over its trust policy, and leaves one event (section 16.7).
func TestAssumeRoleDenied(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.owner)
	denied, other := owner.role("denied", "*"), owner.role("other", "*")
	worker, _ := owner.worker("worker",
		obj{"effect": "deny", "actions": []string{"iam:AssumeRole"}, "resources": []string{"crn::iam:role:" + denied}})
	worker.post("/v1/iam/assume-role", obj{"role_id": denied}).want(403)
	w.clock.advance(time.Second) // the audit log's order is that of time
	worker.post("/v1/iam/assume-role", obj{"role_id": other}).want(200)
	untrusted := owner.role("untrusted", "crn::iam:user:*")
	worker.post("/v1/iam/assume-role", obj{"role_id": untrusted}).want(403)
	events := owner.get("/v1/audit-logs?action=iam.role.assume").want(200)
	if events.num("meta.total") != 3 || events.str("audit_logs.2.resource_id") != denied || events.str("audit_logs.2.resource_name") != "denied" {
		t.Errorf("%s", events.body)
	}
}

// TestPolicyIDs looks at edition A's way to attach (section 16.6).
func TestPolicyIDs(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.owner)
	a, b := owner.policy("a", allow("s3:*", "*")), owner.policy("b", allow("s3:*", "*"))
	path := "/v1/iam/roles/" + owner.post("/v1/iam/roles", obj{"name": "r", "policy_ids": []string{a}}).want(201).str("role.id")
	owner.post("/v1/iam/roles", obj{"name": "s", "policy_ids": []string{a, nobodyID}}).want(404)
	if r := owner.get("/v1/iam/roles?name=s").want(200); r.len("roles") != 0 {
		t.Errorf("half a role was made: %s", r.body)
	}
	for _, want := range [][]string{{a}, {b}, {}} {
		owner.patch(path, obj{"policy_ids": want}).want(200)
		r := owner.get(path + "/policies").want(200)
		if r.len("policies") != len(want) || len(want) > 0 && r.str("policies.0.id") != want[0] {
			t.Errorf("want %v: %s", want, r.body)
		}
	}
}

func TestOrganizations(t *testing.T) {
	w := newWorld(t)
	operator := w.as(w.operator)
	w.clock.advance(time.Second)
	made := w.organization("Other", "otto@other.example")
	one := "/v1/organizations/" + made.str("organization.id")
	if made.str("owner.email") != "otto@other.example" || len(made.str("organization.account_number")) != 12 ||
		made.str("organization.owner_id") != made.str("owner.id") || made.num("revision") != made.revision() {
		t.Errorf("%s", made.body)
	}
	if r := operator.get("/v1/organizations?limit=1").want(200); r.num("meta.total") != 2 || r.str("organizations.0.id") != w.org || !r.has("links.next") {
		t.Errorf("%s", r.body)
	}
	other := w.as(made.str("token"))
	other.get("/v1/iam/groups").want(200)
	if r := operator.post(one+"/suspend", nil).want(200); r.at("organization.suspended") != true {
		t.Errorf("%s", r.body)
	}
	operator.post(one+"/suspend", nil).want(409)
	other.get("/v1/iam/groups").want(403)
	at := operator.post(one+"/resume", nil).want(200).header.Get("Writ-Revision")
	operator.with("Writ-At-Least", at).get(one).want(200)
	other.get("/v1/iam/groups").want(200)
	for _, bad := range []obj{{"name": "x"}, {"name": "x", "owner_email": "x"}, {"name": "x", "owner_email": "a b@c.example"}} {
		operator.post("/v1/organizations", bad).detail(400, "owner_email: ")
	}
	operator.post("/v1/organizations", obj{"name": "x", "owner_email": "a@b.example", "owner_name": "a*"}).detail(400, "owner_name: ")
	for _, id := range []string{nobodyID, "x", "00000000-0000-0000-0000-000000000001"} {
		operator.get("/v1/organizations/" + id).want(404)
		operator.post("/v1/organizations/"+id+"/suspend", nil).want(404)
		operator.put("/v1/organizations/"+id+"/quotas/users", obj{"limit": 1}).want(404)
	}
	operator.get("/v1/people").want(200) // the platform is as it was
}

func TestQuotas(t *testing.T) {
	w := newWorld(t)
	operator, owner := w.as(w.operator), w.as(w.owner)
	quotas := "/v1/organizations/" + w.org + "/quotas"
	owner.group("first")
	r := operator.put(quotas+"/groups", obj{"limit": 1}).want(200)
	if r.num("quota.limit") != 1 || r.num("quota.used") != 1 || r.num("revision") != r.revision() {
		t.Errorf("%s", r.body)
	}
	owner.post("/v1/iam/groups", obj{"name": "second"}).detail(409, "groups: ")
	if r := operator.get(quotas).want(200); r.len("quotas") != len(iam.DefaultQuota) || r.str("quotas.0.name") != "attachments" || r.at("quotas.0.used") != nil {
		t.Errorf("%s", r.body)
	}
	operator.put(quotas+"/none", obj{"limit": 1}).want(404)
	operator.put(quotas+"/groups", obj{}).detail(400, "limit: ")
	operator.put(quotas+"/groups", obj{"limit": -1}).detail(400, "limit: ")
	operator.put(quotas+"/groups", obj{"limit": "1"}).detail(400, "limit: must be a whole number")
}

func TestPeople(t *testing.T) {
	w := newWorld(t)
	operator := w.as(w.operator)
	made := operator.post("/v1/people", obj{"email": "Rita@Corp.example", "name": "Rita"}).want(201)
	one := "/v1/people/" + made.str("person.id")
	operator.post("/v1/people", obj{"email": "rita@corp.example", "name": "Rita"}).want(409)
	operator.post("/v1/people", obj{"name": "Rita"}).detail(400, "email: is required")
	added := w.as(w.owner).post("/v1/iam/users", obj{"email": "rita@corp.example"}).want(201)
	if added.str("status") != "added" || added.has("invitation") || added.str("user.name") != "Rita" {
		t.Errorf("%s", added.body)
	}
	if r := operator.patch(one, obj{"enabled": false}).want(200); r.at("person.enabled") != false {
		t.Errorf("%s", r.body)
	}
	operator.patch(one, `{"enabled":null}`).detail(400, "enabled: ")
	if r := operator.patch(one, obj{}).want(200); r.at("person.enabled") != false {
		t.Errorf("%s", r.body)
	}
	operator.get("/v1/people/" + nobodyID).want(404)
}
