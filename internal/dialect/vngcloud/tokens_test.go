package vngcloud_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/control"
)

// basically is a caller with a client's id and secret.
func (w *world) basically(id, secret string) *caller {
	c := w.as("")
	c.header.Set("Authorization", "Basic "+basic(id, secret))
	return c
}

const tokenEndpoint = "/accounts-api/v2/auth/token"

// fetch gets a token for a client.
func (w *world) fetch(id, secret string) *reply {
	w.t.Helper()
	return w.basically(id, secret).post(tokenEndpoint, "grant_type=client_credentials")
}

// client makes a service account with a policy, and gives its id, client id and secret.
func (w *world) client(name string, statements ...any) (account, id, secret string) {
	w.t.Helper()
	o := w.owner()
	w.site.Clock.Advance(time.Second)
	made := o.post(accountsAPI+"/service-accounts", obj{"name": name}).want(201)
	account = made.str("id")
	if len(statements) > 0 {
		o.post("/policies/"+o.policy("of "+name, statements...)+"/service-accounts/"+account, nil).want(204)
	}
	return account, made.str("clientId"), made.str("clientSecret")
}

// TestTokenClaims: the token says what the contract has it say (section 10.1).
func TestTokenClaims(t *testing.T) {
	w := newWorld(t)
	account, id, secret := w.client("robot")
	token := w.fetch(id, secret).want(200).str("access_token")
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(payload, &got); err != nil {
		t.Fatal(err)
	}
	now := float64(w.site.Clock.Now().Unix())
	for claim, want := range map[string]any{"iss": "test", "sub": account, "azp": id, "iat": now, "exp": now + 1800, "user_type": "user-sa"} {
		if got[claim] != want {
			t.Errorf("%s: %v, want %v", claim, got[claim], want)
		}
	}
	if root, _ := json.Marshal(got["root"]); string(root) != w.root || got["jti"] == "" {
		t.Errorf("root %s, jti %v", root, got["jti"])
	}
	if strings.Contains(string(payload), secret) {
		t.Error("the secret is in the token")
	}
}

// TestEncodedClients: a client that encodes its id and secret first gets its token as well (section 10.1).
func TestEncodedClients(t *testing.T) {
	w := newWorld(t)
	for range 20 { // of which some secrets hold what is encoded
		_, id, secret := w.client("robot " + strings.Repeat("x", len(w.owner().get(accountsAPI+"/service-accounts?pageNumber=0&pageSize=100").want(200).names("data", "name"))))
		w.fetch(url.QueryEscape(id), url.QueryEscape(secret)).want(200)
		w.fetch(id, secret).want(200)
		w.fetch(url.QueryEscape(id), url.QueryEscape(url.QueryEscape(secret)+"%")).refused(401, "AUTHENTICATION_FAILED")
	}
}

// TestTokenRights: the token acts as its service account, in every dialect, and as nobody else.
func TestTokenRights(t *testing.T) {
	w := newWorld(t)
	_, id, secret := w.client("robot", allow("iam:ListGroups", "*"))
	robot := w.as(w.fetch(id, secret).want(200).str("access_token"))
	robot.get("/groups").want(200)
	robot.natively("GET", "/iam/groups", nil).want(200)
	robot.get("/policies?pageNumber=0&pageSize=1").refused(403, "IAM_PERMISSION_DENIED")
	robot.post("/groups", obj{"name": "x"}).refused(403, "IAM_PERMISSION_DENIED")
	// It is no client: it gets no further token.
	robot.post(tokenEndpoint, "grant_type=client_credentials").refused(401, "AUTHENTICATION_FAILED")
	// Events say who it was.
	writer, id, secret := w.client("writer", allow("iam:CreateGroup", "*"))
	w.as(w.fetch(id, secret).want(200).str("access_token")).group("by token")
	if e := w.owner().natively("GET", "/audit-logs?action=iam.group.create&limit=1", nil).want(200); e.str("audit_logs.0.actor_id") != writer {
		t.Errorf("%s", e.body)
	}
}

// TestUsersTokens: keys of the owner and of users are clients, too.
func TestUsersTokens(t *testing.T) {
	w := newWorld(t)
	o := w.owner()
	u := o.user("mia@acme.example")
	for holder, want := range map[string]string{w.ownerID: "root-user", u: "iam-user"} {
		key := o.natively("POST", "/iam/users/"+holder+"/credentials", obj{"name": "key"}).want(201)
		token := w.fetch(key.str("credential.access_key_id"), key.str("secret_access_key")).want(200)
		if token.num("expires_in") != 1800 {
			t.Errorf("%s", token.body)
		}
		info := w.as(token.str("access_token")).get(accountsAPI + "/auth/userinfo").want(200)
		if info.str("userType") != want || info.str("userId") != holder || info.str("rootEmail") != "olga@acme.example" {
			t.Errorf("%s", info.body)
		}
		me := w.as(token.str("access_token")).get("/groups")
		if (me.status == 200) != (want == "root-user") {
			t.Errorf("%s: %d", want, me.status)
		}
	}
}

// TestTokensDie: with the secret, the key, the account's being enabled, the account, the organization's not being suspended, and their
// own time.
func TestTokensDie(t *testing.T) {
	userinfo := accountsAPI + "/auth/userinfo"
	for name, kill := range map[string]func(w *world, account, id string){
		"reset": func(w *world, account, _ string) {
			w.owner().post(accountsAPI+"/service-accounts/"+account+"/reset-secret", nil).want(200)
		},
		"deactivated": func(w *world, account, _ string) {
			w.owner().post(accountsAPI+"/service-accounts/"+account+"/deactivate", nil).want(200)
		},
		"deleted": func(w *world, account, _ string) {
			w.owner().del(accountsAPI + "/service-accounts/" + account).want(204)
		},
		"key deleted": func(w *world, account, _ string) {
			key := w.owner().natively("GET", "/iam/service-accounts/"+account+"/credentials", nil).want(200).str("credentials.0.id")
			w.owner().natively("DELETE", "/iam/service-accounts/"+account+"/credentials/"+key, nil).want(204)
		},
		"key disabled": func(w *world, account, _ string) {
			key := w.owner().natively("GET", "/iam/service-accounts/"+account+"/credentials", nil).want(200).str("credentials.0.id")
			w.owner().natively("PATCH", "/iam/service-accounts/"+account+"/credentials/"+key, obj{"disabled": true}).want(200)
		},
		"its time is over": func(w *world, _, _ string) { w.site.Clock.Advance(30 * time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			account, id, secret := w.client("robot")
			robot := w.as(w.fetch(id, secret).want(200).str("access_token"))
			w.site.Clock.Advance(30*time.Minute - time.Second - time.Millisecond)
			robot.get(userinfo).want(200)
			w.site.Clock.Advance(-29 * time.Minute)
			kill(w, account, id)
			robot.get(userinfo).refused(401, "AUTHENTICATION_FAILED")
		})
	}
	t.Run("a new secret works at once", func(t *testing.T) {
		w := newWorld(t)
		account, id, old := w.client("robot")
		fresh := w.owner().post(accountsAPI+"/service-accounts/"+account+"/reset-secret", nil).want(200).str("clientSecret")
		w.fetch(id, old).refused(401, "AUTHENTICATION_FAILED")
		w.as(w.fetch(id, fresh).want(200).str("access_token")).get(userinfo).want(200)
	})
	t.Run("suspended", func(t *testing.T) {
		w := newWorld(t)
		_, id, secret := w.client("robot")
		robot := w.as(w.fetch(id, secret).want(200).str("access_token"))
		w.as(w.site.Operator).natively("POST", "/organizations/"+w.org+"/suspend", nil).want(200)
		robot.get(userinfo).refused(403, "IAM_PERMISSION_DENIED")
		w.fetch(id, secret).refused(403, "IAM_PERMISSION_DENIED")
	})
}

// TestTokenLifeSpan: it is the service account's, and no longer than the key's.
func TestTokenLifeSpan(t *testing.T) {
	w := newWorld(t)
	account, id, secret := w.client("robot")
	w.owner().do("PATCH", accountsAPI+"/service-accounts/"+account, obj{"accessTokenLifeSpan": 60}).want(200)
	token := w.fetch(id, secret).want(200)
	if token.num("expires_in") != 60 {
		t.Errorf("%s", token.body)
	}
	w.site.Clock.Advance(time.Minute)
	w.as(token.str("access_token")).get(accountsAPI+"/auth/userinfo").refused(401, "AUTHENTICATION_FAILED")
	key := w.owner().natively("POST", "/iam/service-accounts/"+account+"/credentials", obj{"name": "short",
		"expires_at": w.site.Clock.Now().Add(20 * time.Second).UTC().Format(time.RFC3339)}).want(201)
	short := w.fetch(key.str("credential.access_key_id"), key.str("secret_access_key")).want(200)
	if n := short.num("expires_in"); n > 20 {
		t.Errorf("%s", short.body)
	}
}

// TestExpiredClients: a client that has expired gets no token, and works again with a new secret, as long as a new one would; one that
// has not ends when it did, and one that is disabled stays so.
func TestExpiredClients(t *testing.T) {
	w := newWorld(t)
	o := w.owner()
	settings := o.natively("GET", "/iam/security-settings", nil).want(200).at("security_settings").(obj)
	settings["max_api_key_lifetime_seconds"] = 3600
	o.natively("PUT", "/iam/security-settings", settings).want(200)
	account, id, old := w.client("robot")
	path := accountsAPI + "/service-accounts/" + account
	reset := func() string { return o.post(path+"/reset-secret", nil).want(200).str("clientSecret") }
	w.site.Clock.Advance(30 * time.Minute)
	early := reset()
	w.fetch(id, old).refused(401, "AUTHENTICATION_FAILED")
	w.fetch(id, early).want(200)
	w.site.Clock.Advance(30 * time.Minute)
	w.fetch(id, early).refused(401, "AUTHENTICATION_FAILED")
	late := reset()
	w.fetch(id, early).refused(401, "AUTHENTICATION_FAILED")
	w.fetch(id, late).want(200)
	if got := o.get(path).want(200).str("clientId"); got != id {
		t.Errorf("client %s became %s", id, got)
	}
	w.site.Clock.Advance(time.Hour - time.Millisecond)
	w.fetch(id, late).want(200)
	w.site.Clock.Advance(time.Millisecond)
	w.fetch(id, late).refused(401, "AUTHENTICATION_FAILED")
	key := o.natively("GET", "/iam/service-accounts/"+account+"/credentials", nil).want(200).str("credentials.0.id")
	o.natively("PATCH", "/iam/service-accounts/"+account+"/credentials/"+key, obj{"disabled": true}).want(200)
	w.fetch(id, reset()).refused(401, "AUTHENTICATION_FAILED")
}

// TestLimitedClients: what limits the key limits its tokens: its own policies, and addresses.
func TestLimitedClients(t *testing.T) {
	w := newWorld(t)
	o := w.owner()
	make := func(more obj) *reply {
		body := obj{"name": "limited"}
		for k, v := range more {
			body[k] = v
		}
		return o.natively("POST", "/iam/users/"+w.ownerID+"/credentials", body).want(201)
	}
	key := make(obj{"policies": list{obj{"document": obj{"statements": list{allow("iam:ListGroups", "*")}}}}})
	limited := w.as(w.fetch(key.str("credential.access_key_id"), key.str("secret_access_key")).want(200).str("access_token"))
	limited.get("/groups").want(200)
	limited.get("/products").refused(403, "IAM_PERMISSION_DENIED")
	limited.post(accountsAPI+"/auth/service-accounts/"+w.ownerID+"/impersonate", nil).refused(403, "IAM_PERMISSION_DENIED")
	elsewhere := make(obj{"allowed_ips": list{"198.51.100.0/24"}})
	w.fetch(elsewhere.str("credential.access_key_id"), elsewhere.str("secret_access_key")).refused(403, "IAM_PERMISSION_DENIED")
}

// TestFailedLogins: who has failed too often waits, from that address and with that id alone, until the minute is over (section 9).
func TestFailedLogins(t *testing.T) {
	w := newWorld(t)
	_, id, secret := w.client("robot")
	_, other, itsSecret := w.client("other")
	for range 10 {
		w.fetch(id, "wrong").refused(401, "AUTHENTICATION_FAILED")
		w.fetch("AKIA0000000000000000", "wrong").want(401)
	}
	w.fetch(id, secret).refused(401, "TOO_MANY_FAILED_LOGINS")
	w.fetch(id, "wrong").refused(401, "TOO_MANY_FAILED_LOGINS")
	w.fetch(other, itsSecret).want(200)
	w.site.Clock.Advance(time.Minute)
	w.fetch(id, secret).want(200)
	w.fetch(id, "wrong").refused(401, "AUTHENTICATION_FAILED")
	w.fetch(strings.Repeat("x", 257), "wrong").refused(401, "AUTHENTICATION_FAILED")
}

// TestFailedLoginsAnyWay: a client has no further tries by writing its id in another way, by another method, or from another address of
// its network.
func TestFailedLoginsAnyWay(t *testing.T) {
	w := newWorld(t)
	_, id, secret := w.client("robot")
	encoded := func(at int) string { return fmt.Sprintf("%s%%%02X%s", id[:at], id[at], id[at+1:]) }
	try := func(from, id, secret string) *reply {
		c := w.basically(id, secret)
		c.from = from
		return c.post(tokenEndpoint, "grant_type=client_credentials")
	}
	for i := range 10 {
		w.fetch(encoded(i), "wrong").refused(401, "AUTHENTICATION_FAILED")
		try(fmt.Sprintf("[2001:db8::%d]:443", i+1), id, "wrong").refused(401, "AUTHENTICATION_FAILED")
	}
	for _, id := range []string{id, encoded(11)} {
		w.fetch(id, secret).refused(401, "TOO_MANY_FAILED_LOGINS")
		w.basically(id, secret).get(tokenEndpoint).refused(401, "TOO_MANY_FAILED_LOGINS")
		try("[2001:db8::ffff]:443", id, secret).refused(401, "TOO_MANY_FAILED_LOGINS")
	}
	try("[2001:db8:0:1::1]:443", id, secret).want(200)
	try("192.0.2.2:443", encoded(0), url.QueryEscape(secret)).want(200)
	// What is asked with another method is counted as well.
	for range 10 {
		c := w.basically(id, "wrong")
		c.from = "198.51.100.7:443"
		c.get(tokenEndpoint).refused(401, "AUTHENTICATION_FAILED")
	}
	try("198.51.100.7:443", id, secret).refused(401, "TOO_MANY_FAILED_LOGINS")
}

// TestImpersonation: the caller's policies must allow it on the service account's name, with its own root inside; and it must be in the
// same account, or trust the caller's (section 10.4).
func TestImpersonation(t *testing.T) {
	w := newWorld(t)
	target, _, _ := w.client("target", allow("iam:CreateGroup", "*"))
	path := accountsAPI + "/auth/service-accounts/" + target + "/impersonate"
	other := w.organization("Other", "otto@other.example")
	home := w.account
	foreign := func(f func()) { w.account = other; f(); w.account = home }
	var worker, wrongRoot, unnamed *caller
	foreign(func() {
		o := w.owner()
		worker, _ = o.serviceAccount("worker", allow("iam:ImpersonateServiceAccount", "iam::"+home.root+":service-account/"+target[:9]+"*"))
		wrongRoot, _ = o.serviceAccount("wrong root", allow("iam:*", "iam::"+other.root+":*"))
		unnamed, _ = o.serviceAccount("idle")
	})
	for _, c := range []*caller{worker, wrongRoot, unnamed, w.as(other.token)} {
		c.post(path, nil).refused(403, "IAM_PERMISSION_DENIED") // nobody is trusted yet
	}
	w.owner().post(accountsAPI+"/service-accounts/"+target+"/trusted-roots/"+other.root, nil).want(204)
	wrongRoot.post(path, nil).refused(403, "IAM_PERMISSION_DENIED")
	unnamed.post(path, nil).refused(403, "IAM_PERMISSION_DENIED")
	w.as(other.token).post(path, nil).want(200)
	w.site.Clock.Advance(time.Second)
	token := worker.post(path, nil).want(200)
	if at := token.header.Get("Writ-Revision"); at != "" {
		t.Errorf("revision %s of another organization", at)
	}
	as := w.as(token.str("accessToken"))
	info := as.get(accountsAPI + "/auth/userinfo").want(200)
	if info.str("userId") != target || info.str("userType") != "user-sa" {
		t.Errorf("%s", info.body)
	}
	as.group("made from outside")
	as.get("/groups").refused(403, "IAM_PERMISSION_DENIED")
	as.post(path, nil).refused(403, "IAM_PERMISSION_DENIED") // no chains

	// Both logs tell of it, and neither organization learns names of the other's people.
	event := w.owner().natively("GET", "/audit-logs?action=iam.service_account.impersonate&status=success&limit=1", nil).want(200)
	if !strings.HasSuffix(event.str("audit_logs.0.actor_name"), other.root) || strings.Contains(string(event.body), "worker") || event.str("audit_logs.0.resource_id") != target {
		t.Errorf("%s", event.body)
	}
	made := w.owner().natively("GET", "/audit-logs?action=iam.group.create&limit=1", nil).want(200)
	if !strings.Contains(string(made.body), `"impersonated_by_account":"`+other.root+`"`) || made.str("audit_logs.0.actor_id") != target {
		t.Errorf("%s", made.body)
	}
	foreign(func() {
		event := w.owner().natively("GET", "/audit-logs?action=iam.service_account.impersonate&status=success&limit=1", nil).want(200)
		if event.str("audit_logs.0.actor_name") != "worker" || !strings.Contains(string(event.body), home.org) {
			t.Errorf("%s", event.body)
		}
	})

	// It ends with the trust, and does not come back by itself for longer than its time.
	w.owner().del(accountsAPI + "/service-accounts/" + target + "/trusted-roots/" + other.root).want(204)
	as.get(accountsAPI+"/auth/userinfo").refused(401, "AUTHENTICATION_FAILED")
	worker.post(path, nil).refused(403, "IAM_PERMISSION_DENIED")
	if w.owner().post(path, nil).want(200).header.Get("Writ-Revision") == "" {
		t.Error("no revision of one's own organization")
	}
}

// TestImpersonationEnds: with what proves the impersonator, and with the service account.
func TestImpersonationEnds(t *testing.T) {
	userinfo := accountsAPI + "/auth/userinfo"
	type scene struct {
		*world
		target, worker, key string // of the worker
		secret              string
	}
	for name, end := range map[string]func(s *scene){
		"key deleted": func(s *scene) {
			k := s.owner().natively("GET", "/iam/service-accounts/"+s.worker+"/credentials", nil).want(200).str("credentials.0.id")
			s.owner().natively("DELETE", "/iam/service-accounts/"+s.worker+"/credentials/"+k, nil).want(204)
		},
		"secret reset": func(s *scene) {
			s.owner().post(accountsAPI+"/service-accounts/"+s.worker+"/reset-secret", nil).want(200)
		},
		"worker deactivated": func(s *scene) { s.owner().post(accountsAPI+"/service-accounts/"+s.worker+"/deactivate", nil).want(200) },
		"worker deleted":     func(s *scene) { s.owner().del(accountsAPI + "/service-accounts/" + s.worker).want(204) },
		"target deactivated": func(s *scene) { s.owner().post(accountsAPI+"/service-accounts/"+s.target+"/deactivate", nil).want(200) },
		"target deleted":     func(s *scene) { s.owner().del(accountsAPI + "/service-accounts/" + s.target).want(204) },
		"its time is over":   func(s *scene) { s.site.Clock.Advance(30 * time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			target, _, _ := w.client("target")
			worker, id, secret := w.client("worker", allow("iam:ImpersonateServiceAccount", "iam::"+w.root+":service-account/"+target))
			path := accountsAPI + "/auth/service-accounts/" + target + "/impersonate"
			for _, proof := range []string{secret, w.fetch(id, secret).want(200).str("access_token")} { // by the secret, and by a token
				token := w.as(proof).post(path, nil).want(200).str("accessToken")
				w.as(token).get(userinfo).want(200)
				if proof != secret {
					end(&scene{w, target, worker, id, secret})
					w.as(token).get(userinfo).refused(401, "AUTHENTICATION_FAILED")
				}
			}
		})
	}
}

// TestBorrowedLimits: through an impersonation nobody makes what would outlive it.
func TestBorrowedLimits(t *testing.T) {
	w := newWorld(t)
	target, _, _ := w.client("target", allow("*", "*"))
	token := w.owner().post(accountsAPI+"/auth/service-accounts/"+target+"/impersonate", nil).want(200).str("accessToken")
	as := w.as(token)
	as.get("/groups").want(200)
	as.natively("POST", "/iam/service-accounts/"+target+"/credentials", obj{"name": "mine"}).want(403)
	as.natively("POST", "/iam/users/"+w.ownerID+"/credentials", obj{"name": "mine"}).want(403)
	as.post(accountsAPI+"/service-accounts/"+target+"/reset-secret", nil).refused(403, "IAM_PERMISSION_DENIED")
	role := w.owner().natively("POST", "/iam/roles", obj{"name": "r", "trust_policy": obj{"principals": list{"*"}}}).want(201).str("role.id")
	as.natively("POST", "/iam/assume-role", obj{"role_id": role}).want(403)
}

// signIn signs an IAM user in, and gives a caller with the session.
func (w *world) signIn(username, password string) (*caller, error) {
	in, err := w.site.Control.SignIn(w.t.Context(), &control.Call{}, control.SignIn{Organization: w.org, Login: username, Password: password})
	if err != nil {
		return nil, err
	}
	return w.as(in.Token), nil
}

// TestPasswords: an IAM user signs in with the password that they were made with, until it is reset.
func TestPasswords(t *testing.T) {
	w := newWorld(t)
	o := w.owner()
	u := o.post(accountsAPI+"/iam-users", obj{"username": "dev01", "password": password}).want(201).str("id")
	dev, err := w.signIn("dev01", password)
	if err != nil {
		t.Fatal(err)
	}
	if info := dev.get(accountsAPI + "/auth/userinfo").want(200); info.str("userId") != u || info.str("userType") != "iam-user" || info.str("username") != "dev01" {
		t.Errorf("%s", info.body)
	}
	o.post(accountsAPI+"/iam-users/"+u+"/reset-password", obj{"password": "Another-Horse-8"}).want(204)
	dev.get(accountsAPI+"/auth/userinfo").refused(401, "AUTHENTICATION_FAILED")
	if _, err := w.signIn("dev01", password); err == nil {
		t.Error("the old password is good")
	}
	if dev, err = w.signIn("dev01", "Another-Horse-8"); err != nil {
		t.Fatal(err)
	}
	// Who has signed in may act as a service account, until they have not.
	target, _, _ := w.client("target")
	o.post("/policies/"+o.policy("act", allow("iam:ImpersonateServiceAccount", "iam::"+w.root+":service-account/"+target))+"/iam-users/"+u, nil).want(204)
	as := w.as(dev.post(accountsAPI+"/auth/service-accounts/"+target+"/impersonate", nil).want(200).str("accessToken"))
	as.get(accountsAPI + "/auth/userinfo").want(200)
	o.post(accountsAPI+"/iam-users/"+u+"/deactivate", nil).want(204)
	as.get(accountsAPI+"/auth/userinfo").refused(401, "AUTHENTICATION_FAILED")
	dev.get(accountsAPI+"/auth/userinfo").refused(401, "AUTHENTICATION_FAILED")
	if _, err := w.signIn("dev01", "Another-Horse-8"); err == nil {
		t.Error("a deactivated user signs in")
	}
}
