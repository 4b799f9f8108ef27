package api_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/wire"
)

const nobodyID = "00000000-0000-4000-8000-000000000000"

func TestAuthentication(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.owner)
	worker, id := owner.worker("worker", allow("*", "*"))
	other, _ := owner.worker("other", allow("*", "*"))
	key, otherKey := worker.header.Get("X-Api-Key"), other.header.Get("X-Api-Key")
	keyID, secret, _ := strings.Cut(key, ":")
	role := owner.role("role", "*")
	policy := owner.policy("everything", allow("*", "*"))
	owner.post("/v1/iam/roles/"+role+"/policies", obj{"policy_id": policy}).want(204)
	temp := worker.post("/v1/iam/assume-role", obj{"role_id": role}).want(200)
	tempKey := temp.str("access_key_id") + ":" + temp.str("secret_access_key")
	session := temp.str("session_token")
	foreign := w.organization("Other", "otto@other.example").str("token")

	tests := []struct {
		name   string
		header []string
		status int
	}{
		{"nothing", nil, 401},
		{"token", []string{"Authorization", "Bearer " + w.owner}, 200},
		{"scheme without case", []string{"Authorization", "bearer " + w.owner}, 200},
		{"another scheme", []string{"Authorization", "Basic " + w.owner}, 401},
		{"no scheme", []string{"Authorization", w.owner}, 401},
		{"two tokens in one", []string{"Authorization", "Bearer " + w.owner + " " + w.owner}, 401},
		{"broken token", []string{"Authorization", "Bearer " + w.owner + "x"}, 401},
		{"header twice", []string{"Authorization", "Bearer " + w.owner, "Authorization", "Bearer " + w.owner}, 401},
		{"access key", []string{"X-Api-Key", key}, 200},
		{"secret as bearer token", []string{"Authorization", "Bearer " + secret}, 200},
		{"key twice", []string{"X-Api-Key", key, "X-Api-Key", key}, 401},
		{"key without secret", []string{"X-Api-Key", keyID}, 401},
		{"key with empty secret", []string{"X-Api-Key", keyID + ":"}, 401},
		{"wrong secret", []string{"X-Api-Key", keyID + ":" + secret + "x"}, 401},
		{"both, the same", []string{"X-Api-Key", key, "Authorization", "Bearer " + secret}, 200},
		{"both, not the same", []string{"X-Api-Key", otherKey, "Authorization", "Bearer " + secret}, 401},
		{"both, one wrong", []string{"X-Api-Key", keyID + ":x", "Authorization", "Bearer " + secret}, 401},
		{"both, other organizations", []string{"X-Api-Key", key, "Authorization", "Bearer " + foreign}, 401},
		{"temporary", []string{"X-Api-Key", tempKey, "X-Session-Token", session}, 200},
		{"temporary without token", []string{"X-Api-Key", tempKey}, 401},
		{"temporary with another token", []string{"X-Api-Key", tempKey, "X-Session-Token", w.owner}, 401},
		{"session token alone", []string{"Authorization", "Bearer " + session}, 200},
		{"session token twice", []string{"X-Api-Key", tempKey, "X-Session-Token", session, "X-Session-Token", session}, 401},
		{"session token without key", []string{"X-Session-Token", session}, 401},
		{"lasting key with session token", []string{"X-Api-Key", key, "X-Session-Token", session}, 401},
		{"both, the same session", []string{"X-Api-Key", tempKey, "X-Session-Token", session, "Authorization", "Bearer " + session}, 200},
		{"both, session and its opener", []string{"X-Api-Key", key, "Authorization", "Bearer " + session}, 401},
	}
	message := w.with().get("/v1/iam/groups").want(401).str("error.message")
	for _, test := range tests {
		r := w.with(test.header...).get("/v1/iam/groups")
		if r.status != test.status {
			t.Errorf("%s: status %d, want %d: %s", test.name, r.status, test.status, r.body)
			continue
		}
		if r.want(test.status); test.status == 401 && (r.str("error.message") != message || r.header.Get("WWW-Authenticate") == "") {
			t.Errorf("%s: %s %v", test.name, r.body, r.header)
		}
	}
	owner.patch("/v1/iam/service-accounts/"+id, obj{"enabled": false}).want(200)
	worker.get("/v1/iam/groups").want(401)
	w.as(session).get("/v1/iam/groups").want(401)
}

// TestRefusedFirst holds the order of the phases: who may not do something learns nothing else.
func TestRefusedFirst(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.owner)
	group := owner.group("auditors")
	worker, _ := owner.worker("worker")
	for _, r := range []*reply{
		worker.get("/v1/iam/groups/" + group),
		worker.get("/v1/iam/groups/" + nobodyID),
		worker.get("/v1/iam/groups/nonsense"),
		worker.get("/v1/iam/groups?limit=0"),
		worker.post("/v1/iam/groups", "{"),
		worker.post("/v1/iam/groups", strings.Repeat(" ", 300<<10)),
		worker.patch("/v1/iam/groups/"+group, `{"name":1}`),
		worker.get("/v1/organizations/" + w.org),
		owner.get("/v1/organizations/" + w.org),
		owner.post("/v1/people", "["),
	} {
		r.want(403)
	}
	w.with().post("/v1/iam/groups", "{").want(401)
}

// TestIDs holds that an id is one thing in whatever case it is written, for policies too.
func TestIDs(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.owner)
	group := owner.group("auditors")
	worker, _ := owner.worker("worker", allow("*", "*"),
		obj{"effect": "deny", "actions": []string{"*"}, "resources": []string{"crn::iam:group:" + group}})
	owner.get("/v1/iam/groups/" + strings.ToUpper(group)).want(200)
	worker.get("/v1/iam/groups/" + group).want(403)
	worker.get("/v1/iam/groups/" + strings.ToUpper(group)).want(403)
	for _, id := range []string{"nonsense", "*", nobodyID, strings.Repeat("a", 5000), "%00", "%ff", "a%2Fb", strings.ReplaceAll(group, "-", "")} {
		owner.get("/v1/iam/groups/" + id).want(404)
		owner.patch("/v1/iam/groups/"+id, obj{"name": "x"}).want(404)
		owner.del("/v1/iam/groups/" + id + "/policies/" + nobodyID).want(404)
	}
	foreign := w.as(w.organization("Other", "otto@other.example").str("token"))
	foreign.get("/v1/iam/groups/" + group).want(404)
	foreign.del("/v1/iam/groups/" + group).want(404)
}

func TestHeaders(t *testing.T) {
	w := newWorld(t)
	r := w.as(w.owner).with("X-Request-Id", "req-mine").get("/v1/iam/groups").want(200)
	if id := r.header.Get("X-Request-Id"); !strings.HasPrefix(id, "req-") || len(id) != 40 {
		t.Errorf("X-Request-Id %q", id)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
		"X-RateLimit-Limit": "1000000000", "X-RateLimit-Remaining": "1000000000", "X-RateLimit-Reset": "1772366460",
	} {
		if got := r.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestRateLimit(t *testing.T) {
	w := newWorld(t, func(c *wire.Config) { c.Limiter = &wire.Limiter{PerMinute: 5} })
	w.clock.advance(20 * time.Second)
	owner := w.as(w.owner)
	for i := range 5 {
		r := owner.get("/v1/iam/groups").want(200)
		if got, want := r.header.Get("X-RateLimit-Remaining"), string(rune('4'-i)); got != want {
			t.Errorf("call %d: %s remaining, want %s", i, got, want)
		}
	}
	r := owner.get("/v1/iam/groups").want(429)
	if r.header.Get("Retry-After") != "40" || r.header.Get("X-RateLimit-Remaining") != "0" {
		t.Errorf("%v", r.header)
	}
	w.as(w.operator).get("/v1/people").want(200) // another credential
	if got := w.with().get("/v1/iam/groups").want(401).header.Get("X-RateLimit-Limit"); got != "5" {
		t.Errorf("nobody in particular is told the limit %q", got)
	}
	w.clock.advance(40 * time.Second)
	owner.get("/v1/iam/groups").want(200)
}

// TestAddresses looks at which address the audit log has.
func TestAddresses(t *testing.T) {
	tests := []struct {
		name      string
		trusted   string
		forwarded []string
		want      string
	}{
		{"nobody is trusted", "", []string{"203.0.113.7"}, "192.0.2.1"},
		{"another is trusted", "198.51.100.0/24", []string{"203.0.113.7"}, "192.0.2.1"},
		{"the peer is trusted", "192.0.2.0/24", []string{"203.0.113.7"}, "203.0.113.7"},
		{"what a client wrote", "192.0.2.0/24", []string{"10.0.0.1, 203.0.113.7"}, "203.0.113.7"},
		{"two proxies", "192.0.2.0/24", []string{"10.0.0.1, 203.0.113.7, 192.0.2.9"}, "203.0.113.7"},
		{"two headers", "192.0.2.0/24", []string{"10.0.0.1", "203.0.113.7,192.0.2.9"}, "203.0.113.7"},
		{"nonsense", "192.0.2.0/24", []string{"203.0.113.7, nonsense"}, "192.0.2.1"},
		{"nothing", "192.0.2.0/24", nil, "192.0.2.1"},
		{"mapped", "192.0.2.0/24", []string{"::ffff:203.0.113.7"}, "203.0.113.7"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, func(c *wire.Config) {
				if test.trusted != "" {
					c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix(test.trusted)}
				}
			})
			caller := w.as(w.owner)
			caller.header["X-Forwarded-For"] = test.forwarded
			caller.group("auditors")
			if got := caller.get("/v1/audit-logs").want(200).str("audit_logs.0.ip_address"); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

func TestRevisions(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.owner)
	made := owner.post("/v1/iam/groups", obj{"name": "auditors"}).want(201)
	at := made.revision()
	if made.num("revision") != at {
		t.Errorf("revision %d in the body, %d in the header", made.num("revision"), at)
	}
	path := "/v1/iam/groups/" + made.str("group.id")
	read := owner.get(path).want(200)
	if read.revision() != at || read.has("revision") {
		t.Errorf("a read: header %d, body %s", read.revision(), read.body)
	}
	if got := owner.patch(path, obj{}).want(200).revision(); got != at {
		t.Errorf("a write that changes nothing leads from %d to %d", at, got)
	}
	if got := owner.del(path).want(204).revision(); got != at+1 {
		t.Errorf("deleting leads from %d to %d", at, got)
	}
	owner.with("Writ-At-Least", "1").get("/v1/iam/groups").want(200)
	for _, bad := range []string{"", "x", "-1", "1.5", "99999999999999999999"} {
		owner.with("Writ-At-Least", bad).get("/v1/iam/groups").detail(400, "Writ-At-Least")
	}
	owner.with("Writ-At-Least", "1", "Writ-At-Least", "1").get("/v1/iam/groups").want(400)
	behind := owner.with("Writ-At-Least", "1000").get("/v1/iam/groups").want(503)
	if behind.header.Get("Retry-After") == "" {
		t.Errorf("no Retry-After: %v", behind.header)
	}
}

func TestLog(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.owner)
	owner.post("/v1/iam/groups?secret=QUERY", `{"name":"BODY"}`).want(201)
	owner.with("X-Other", "HEADER").get("/v1/iam/groups?name=QUERY").want(200)
	log := w.log.String()
	if !strings.Contains(log, "route=/v1/iam/groups status=201") {
		t.Errorf("no line about the call in\n%s", log)
	}
	for _, secret := range []string{"QUERY", "BODY", "HEADER", w.owner, w.operator} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

// TestFailuresAreAudited holds that a write that fails in the frame leaves an event too, with the HTTP status.
func TestFailuresAreAudited(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.owner)
	worker, _ := owner.worker("worker")
	owner.post("/v1/iam/groups", `{"name":1}`).want(400)
	failed := owner.get("/v1/audit-logs?status=failure").want(200)
	if failed.len("audit_logs") != 1 || failed.str("audit_logs.0.action") != "iam.group.create" ||
		failed.str("audit_logs.0.error_code") != "400" {
		t.Errorf("%s", failed.body)
	}
	worker.del("/v1/iam/groups/" + nobodyID).want(403)
	denied := owner.get("/v1/audit-logs?status=denied").want(200)
	if denied.len("audit_logs") != 1 || denied.str("audit_logs.0.error_code") != "403" ||
		denied.str("audit_logs.0.resource_id") != nobodyID {
		t.Errorf("%s", denied.body)
	}
}

func TestLargeBodies(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.owner)
	fits := `{"name":"auditors","ignored":"` + strings.Repeat("x", 256<<10-33) + `"}`
	if len(fits) > 256<<10 {
		t.Fatalf("the body has %d bytes", len(fits))
	}
	owner.post("/v1/iam/groups", fits).want(201)
	owner.post("/v1/iam/groups", fits+strings.Repeat(" ", 10)).want(http.StatusRequestEntityTooLarge)
}
