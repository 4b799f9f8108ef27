package api_test

import (
	"encoding/base64"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/writ-iam/writ/client"
	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/authn/authntest"
	"github.com/writ-iam/writ/internal/wire"
)

// assertion is what a browser answers to a sign-in that asks for a second factor.
func assertion(t *testing.T, key *authntest.Authenticator, asked *reply) obj {
	t.Helper()
	challenge, err := base64.RawURLEncoding.DecodeString(asked.str("second_factor.public_key.challenge"))
	if err != nil {
		t.Fatal(err)
	}
	a, b64 := key.Get(challenge), base64.RawURLEncoding.EncodeToString
	return obj{"type": "public-key", "id": b64(a.RawID), "rawId": b64(a.RawID), "authenticatorAttachment": "platform", "clientExtensionResults": obj{},
		"response": obj{"clientDataJSON": b64(a.ClientData), "authenticatorData": b64(a.AuthenticatorData), "signature": b64(a.Signature), "userHandle": nil}}
}

// TestSecondFactors: a user who has an authenticator and a generator signs in with either, and with neither gets no token.
func TestSecondFactors(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner, user := e.as(e.owner), e.names["user"]
	key := authntest.New(e.names["origin"])
	e.register(owner, user, key)
	login := obj{"organization": e.org, "login": "MIA@acme.example", "password": password}
	with := func(more obj) *reply {
		e.clock.advance(time.Second)
		in := obj{}
		for _, part := range []obj{login, more} {
			for k, v := range part {
				in[k] = v
			}
		}
		return e.with().post("/v1/auth/sign-in", in)
	}
	asked := with(nil).want(200)
	if asked.str("status") != "second_factor_required" || asked.has("token") || asked.has("session") || asked.has("user") || asked.at("second_factor.one_time_password") != false ||
		asked.at("second_factor.public_key") != nil || asked.header.Get("Writ-Revision") != "" {
		t.Errorf("%s", asked.body)
	}
	asked = with(obj{"origin": e.names["origin"]}).want(200)
	if asked.str("second_factor.public_key.rpId") != "console.acme.example" || asked.len("second_factor.public_key.allowCredentials") != 2 ||
		asked.str("second_factor.public_key.allowCredentials.1.id") != base64.RawURLEncoding.EncodeToString(key.ID) || asked.num("second_factor.public_key.timeout") != 300000 {
		t.Errorf("%s", asked.body)
	}
	answer := assertion(t, key, asked)
	in := with(obj{"credential": answer}).want(200)
	e.as(in.str("token")).get("/v1/iam/token").want(200)
	with(obj{"credential": answer}).want(401) // once
	stranger := authntest.New(e.names["origin"])
	with(obj{"credential": assertion(t, stranger, with(obj{"origin": e.names["origin"]}).want(200))}).want(401)

	me := e.as(in.str("token"))
	secret := me.post("/v1/iam/users/"+user+"/mfa-otp", nil).want(201).str("secret")
	code := func() string {
		c, err := totp.GenerateCode(secret, e.clock.Now())
		must(t, err)
		return c
	}
	codes := me.post("/v1/iam/users/"+user+"/mfa-otp/validate", obj{"one_time_password": code()}).want(200)
	e.clock.advance(time.Minute)
	if asked = with(nil).want(200); asked.at("second_factor.one_time_password") != true {
		t.Errorf("%s", asked.body)
	}
	good := code()
	with(obj{"one_time_password": good}).want(200)
	with(obj{"one_time_password": good}).want(401)
	with(obj{"one_time_password": codes.str("recovery_codes.0")}).want(200)
	with(obj{"one_time_password": codes.str("recovery_codes.0")}).want(401)
	with(obj{"credential": assertion(t, key, with(obj{"origin": e.names["origin"]}).want(200))}).want(200)
}

// TestOwnAccount: a user without any grant manages what they sign in with, and nothing else.
func TestOwnAccount(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	user, me := "/v1/iam/users/"+e.names["user"], e.as(e.names["user_token"])
	e.clock.advance(time.Second)
	for _, path := range []string{"/sessions", "/authenticators", "/grace-periods"} {
		me.get(user + path).want(200)
		me.get("/v1/iam/users/" + e.names["owner"] + path).want(403)
		me.get("/v1/iam/users/" + nobodyID + path).want(403) // no telling which there are
	}
	me.get(user).want(403)
	me.get("/v1/iam/user-sessions/" + e.names["user_session"]).want(200)
	me.patch("/v1/iam/authenticators/"+e.names["authenticator"], obj{"name": "mine"}).want(200)
	me.put("/v1/iam/users/"+e.names["owner"]+"/password", obj{"password": password}).want(403)
	me.put(user+"/password", obj{"password": "short"}).detail(400, "password: ")
	me.put(user+"/password", obj{"password": "another good password"}).want(204)
	me.get("/v1/iam/token").want(200)
	e.clock.advance(15 * time.Minute)
	if r := me.put(user+"/password", obj{"password": password}).want(403); !strings.Contains(r.str("error.message"), "ign in anew") {
		t.Errorf("%s", r.body)
	}
	more := me.post("/v1/auth/sessions", obj{"duration_seconds": 60}).want(201)
	if more.str("session.user_id") != e.names["user"] || more.at("session.credential_id") != nil {
		t.Errorf("%s", more.body)
	}
	renewed := e.as(more.str("token")).post("/v1/auth/renew", obj{"renew_token": more.str("renew_token")}).want(200)
	me.post("/v1/auth/sign-out", nil).want(204)
	me.get("/v1/iam/token").want(401)
	e.as(renewed.str("token")).get("/v1/iam/token").want(200) // the other one goes on
	e.clock.advance(time.Minute)
	e.as(renewed.str("token")).get("/v1/iam/token").want(401)
	e.asKey(e.names["user_key"], e.names["user_secret"]).get(user + "/sessions").want(403)
}

// TestSignInLimit: whoever tries too often is told to wait, whether what they try is right or wrong.
func TestSignInLimit(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.clock.advance(time.Minute)
	try := func() *reply {
		return e.with().post("/v1/auth/sign-in", obj{"organization": e.org, "login": "nobody", "password": password})
	}
	for i := range wire.SignInsPerMinute {
		if r := try().want(401); r.header.Get("X-RateLimit-Remaining") == "" || r.header.Get("WWW-Authenticate") == "" {
			t.Fatalf("attempt %d: %v", i, r.header)
		}
	}
	if r := try().want(429); r.header.Get("Retry-After") == "" || r.header.Get("X-RateLimit-Limit") != "60" {
		t.Errorf("%v", r.header)
	}
	e.as(e.owner).get(groups).want(200) // who has signed in goes on
	e.clock.advance(time.Minute)
	try().want(401)
}

// TestSecurityBinds: what an organization demands of keys binds by whichever way they are made.
func TestSecurityBinds(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner := e.as(e.owner)
	owner.put(securitySettings, strings.Replace(securityBody, "31536000", "86400", 1)).want(200)
	in := func(d time.Duration) string { return e.clock.Now().Add(d).Format(time.RFC3339) }
	for _, path := range []string{users + "/{user}/credentials", accounts + "/{account}/credentials", accounts + "/{account}/keys", "/v1/iam/api-tokens"} {
		path = e.fill(path)
		if r := owner.post(path, obj{"name": "k"}).detail(400, "expires_at: "); !strings.Contains(r.str("error.details"), "organization security settings require an expiration date for API keys") {
			t.Errorf("%s: %s", path, r.body)
		}
		owner.post(path, obj{"name": "k", "expires_at": in(86401 * time.Second)}).detail(400, "expires_at: ")
		owner.post(path, obj{"name": "k", "expires_at": in(86400 * time.Second)}).want(201)
	}
	one := e.fill(users + "/{user}/credentials/{user_credential}")
	owner.patch(one, obj{"name": "renamed"}).want(200)
	owner.patch(one, obj{"expires_at": in(48 * time.Hour)}).detail(400, "expires_at: ")
	owner.patch(one, obj{"expires_at": in(time.Hour)}).want(200)
	owner.patch(one, obj{"expires_at": nil}).detail(400, "expires_at: ")
	e.as(e.names["other.token"]).post(e.fill(users+"/{other.user}/credentials"), obj{"name": "k"}).want(201) // another organization's
}

// TestSignInClient makes the same calls through the public client.
func TestSignInClient(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	server := httptest.NewServer(e.handler)
	t.Cleanup(server.Close)
	at := func(token string) *client.Client {
		c, err := client.New(client.Config{URL: server.URL, Token: token})
		must(t, err)
		return c
	}
	ctx, owner := t.Context(), at(e.owner)
	settings, err := owner.ReplaceSecuritySettings(ctx, apitype.ReplaceSecuritySettingsRequest{EnforcePasswordRenewal: new(true), GracePeriodSeconds: new(int64(60)),
		LoginAttemptsBeforeLocked: new(int64(3)), MaxLoginSessionSeconds: new(int64(3600)), MaxAPIKeyLifetimeSeconds: apitype.Some(int64(7200))})
	must(t, err)
	if s := settings.SecuritySettings; !s.EnforcePasswordRenewal || *s.MaxAPIKeyLifetimeSeconds != 7200 || s.Alias != nil || !s.LoginMethods.Password || settings.Revision == 0 {
		t.Errorf("%+v", settings)
	}
	_, err = owner.SetAlias(ctx, apitype.SetAliasRequest{Alias: "acme"})
	must(t, err)
	_, err = owner.ReplaceLoginMethods(ctx, apitype.ReplaceLoginMethodsRequest{Password: new(true), MagicCode: new(false), OAuth2: new(false), SAML: new(true)})
	must(t, err)
	settings, err = owner.GetSecuritySettings(ctx)
	must(t, err)
	if s := settings.SecuritySettings; *s.Alias != "acme" || !s.LoginMethods.SAML {
		t.Errorf("%+v", settings)
	}
	user := e.names["user"]
	_, err = owner.DeleteAuthenticator(ctx, e.names["authenticator"])
	must(t, err)
	_, err = owner.SetUserPassword(ctx, user, apitype.SetPasswordRequest{Password: "given by the owner"})
	must(t, err)
	signIn := apitype.SignInRequest{Organization: "acme", Login: "mia@acme.example", Password: "given by the owner"}
	in, err := at("").SignIn(ctx, signIn)
	must(t, err)
	if in.Status != apitype.StatusSignedIn || in.User.ID != user || len(in.GracePeriods) != 1 || in.GracePeriods[0].Type != "update_password" || !in.Session.IsActive {
		t.Fatalf("%+v", in)
	}
	me := at(in.Token)
	graces, err := me.ListGracePeriods(ctx, user)
	must(t, err)
	sessions, err := me.ListUserSessions(ctx, user, client.PageParams{})
	must(t, err)
	session, err := me.GetUserSession(ctx, in.Session.ID)
	must(t, err)
	if len(graces.GracePeriods) != 1 || sessions.Meta.Total != 3 || session.UserSession.ID != in.Session.ID {
		t.Errorf("%+v, %+v, %+v", graces, sessions, session)
	}
	begun, err := me.StartRegistration(ctx, user, apitype.StartRegistrationRequest{Origin: e.names["origin"]})
	must(t, err)
	key := authntest.New(e.names["origin"])
	challenge, err := base64.RawURLEncoding.DecodeString(begun.PublicKey.Challenge)
	must(t, err)
	a, b64 := key.Create(challenge), base64.RawURLEncoding.EncodeToString
	made, err := me.FinishRegistration(ctx, user, apitype.FinishRegistrationRequest{RegistrationID: begun.RegistrationID, Name: "key", Credential: apitype.PublicKeyCredential{
		RawID: b64(a.RawID), Response: apitype.AuthenticatorResponse{ClientDataJSON: b64(a.ClientData), AttestationObject: b64(a.Object)}}})
	must(t, err)
	_, err = me.RenameAuthenticator(ctx, made.Authenticator.ID, apitype.RenameRequest{Name: "blue"})
	must(t, err)
	list, err := me.ListAuthenticators(ctx, user, client.PageParams{})
	must(t, err)
	if len(list.Authenticators) != 1 || list.Authenticators[0].Name != "blue" {
		t.Errorf("%+v", list)
	}
	_, err = me.DeleteAuthenticator(ctx, made.Authenticator.ID)
	must(t, err)
	otp, err := me.CreateUserMFA(ctx, user)
	must(t, err)
	code, err := totp.GenerateCode(otp.Secret, e.clock.Now())
	must(t, err)
	codes, err := me.ValidateUserMFA(ctx, user, apitype.ValidateOTPRequest{OneTimePassword: code})
	must(t, err)
	if len(codes.RecoveryCodes) != 10 {
		t.Errorf("%+v", codes)
	}
	_, err = me.DeleteUserMFA(ctx, user)
	must(t, err)
	more, err := me.CreateUserSession(ctx, apitype.CreateUserSessionRequest{Referrer: "tests"})
	must(t, err)
	renewed, err := at(more.Token).RenewUserSession(ctx, apitype.RenewUserSessionRequest{RenewToken: more.RenewToken})
	must(t, err)
	if renewed.Session.ID != more.Session.ID || *renewed.Session.Referrer != "tests" {
		t.Errorf("%+v", renewed)
	}
	_, err = owner.DeleteUserSession(ctx, more.Session.ID)
	must(t, err)
	locked, err := owner.LockUser(ctx, user)
	must(t, err)
	unlocked, err := owner.UnlockUser(ctx, user)
	must(t, err)
	if !locked.User.Disabled || unlocked.User.Disabled {
		t.Errorf("%+v, %+v", locked, unlocked)
	}
	_, err = me.SignOut(ctx)
	must(t, err)
	if _, err := me.ListGracePeriods(ctx, user); err == nil {
		t.Error("signed out, and still somebody")
	}
}
