package api_test

import (
	"strings"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/writ-iam/writ/internal/authn/authntest"
)

// signAnew signs the owner in, so that there is a session to do something with.
func signAnew(e *estate) {
	in := e.signIn(e.names, "olga@"+e.names["domain"])
	e.names["own_token"], e.names["own_session"], e.names["renew_token"] = in.str("token"), in.str("session.id"), in.str("renew_token")
}

const signInBody = `{"organization":"{org}","login":"olga@{domain}","password":"{password}","duration_seconds":3600}`

var signInCatalogue = []operation{
	{name: "signIn", kind: "sign in", call: "POST /v1/auth/sign-in", body: signInBody, event: "iam.user.sign_in", about: "{owner}", called: "olga@{domain}",
		shape: object(fields{"status": is("signed_in"), "session": aUserSession, "token": aToken, "renew_token": aRenewToken, "grace_periods": list(anObject),
			"user": named("user", fields{"organization_id": anID, "login": aText, "name": aText}), "revision": aNumber}),
		bad: refusals(
			refusal{why: "no organization", body: `{"login":"olga@{domain}","password":"{password}"}`, status: 400, details: "organization: "},
			refusal{why: "no login", body: `{"organization":"{org}","password":"{password}"}`, status: 400, details: "login: "},
			refusal{why: "no password", body: `{"organization":"{org}","login":"olga@{domain}"}`, status: 400, details: "password: "},
			refusal{why: "an endless session", body: strings.Replace(signInBody, "3600", "0", 1), status: 400, details: "duration_seconds: "},
			refusal{why: "an origin that is none", body: strings.Replace(signInBody, "{\"", `{"origin":"console","`, 1), status: 400, details: "origin: "},
			refusal{why: "half an answer", body: strings.Replace(signInBody, "{\"", `{"credential":{"rawId":"AAAA"},"`, 1), status: 400, details: "credential.response.clientDataJSON: "},
			refusal{why: "nobody there", body: strings.Replace(signInBody, "olga@", "nobody@", 1), status: 401},
			refusal{why: "no password there", body: strings.Replace(signInBody, "olga@", "sam@", 1), status: 401},
		)},
	{name: "deleteJWT/signOut", kind: "sign out", call: "POST /v1/auth/sign-out", on: "jwt:*", as: "own_token", prepare: signAnew, event: "iam.jwt.delete", about: "{own_session}", called: "olga@{domain}",
		bad: []refusal{{why: "who has not signed in", status: 409}}},
	{name: "renewJWT", kind: "authorize", call: "POST /v1/auth/renew", on: "jwt:*", as: "own_token", prepare: signAnew, body: `{"renew_token":"{renew_token}"}`,
		shape: object(fields{"session": aUserSession, "token": aToken, "renew_token": aRenewToken, "revision": aNumber}), event: "iam.jwt.renew", about: "{own_session}", called: "olga@{domain}",
		bad: refusals(
			refusal{why: "no token", body: `{}`, status: 400, details: "renew_token: "},
			refusal{why: "a token of another type", body: `{"renew_token":7}`, status: 400, details: "renew_token: "},
			refusal{why: "another session's", body: `{"renew_token":"{user_renew}"}`, status: 403},
		)},
	{name: "createJWT", kind: "create token", call: "POST /v1/auth/sessions", on: "user:{owner}", as: "own_token", prepare: signAnew,
		body:  `{"referrer":"terraform","duration_seconds":600}`,
		shape: object(fields{"session": aUserSession, "token": aToken, "renew_token": aRenewToken, "revision": aNumber}),
		event: "iam.user.create_session", about: "{owner}", called: "olga@{domain}",
		bad: refusals(
			refusal{why: "too short", body: `{"duration_seconds":0}`, status: 400, details: "duration_seconds: "},
			refusal{why: "too long", body: `{"duration_seconds":315360001}`, status: 400, details: "duration_seconds: "},
			refusal{why: "a referrer of another type", body: `{"referrer":{}}`, status: 400, details: "referrer: "},
		)},
	userOperation("listJWTs", "get", "GET /sessions", operation{shape: linked("user_sessions", aUserSession)}),
	{name: "getJWT", kind: "get", call: "GET /v1/iam/user-sessions/{user_session}", on: "jwt:{user_session}", shape: one("user_session", aUserSession)},
	{name: "deleteJWT", kind: "end", call: "DELETE /v1/iam/user-sessions/{user_session}", on: "jwt:{user_session}", event: "iam.jwt.delete", about: "{user_session}", called: "Mia@{domain}",
		bad: []refusal{{why: "ended", call: "DELETE /v1/iam/user-sessions/{signed_out}", status: 409}}},
}

// startGenerator begins to give the user a generator, and knows its password of now.
func startGenerator(e *estate) {
	secret := e.as(e.names["token"]).post(e.fill(users+"/{user}/mfa-otp"), nil).want(201).str("secret")
	e.clock.advance(time.Second)
	code, err := totp.GenerateCode(secret, e.clock.Now())
	if err != nil {
		e.t.Fatal(err)
	}
	e.names["otp"] = code
}

func dropGenerator(e *estate) {
	e.as(e.names["token"]).del(e.fill(users + "/{user}/mfa-otp")).want(204)
}

// confirmGenerator gives the user a generator that counts.
func confirmGenerator(e *estate) {
	startGenerator(e)
	e.as(e.names["token"]).post(e.fill(users+"/{user}/mfa-otp/validate"), obj{"one_time_password": e.names["otp"]}).want(200)
}

// startKey begins the registration of an authenticator, and knows what its browser answers.
func startKey(e *estate) { startWith(e, authntest.New(e.names["origin"])) }

// startSameKey begins the registration of an authenticator that is registered.
func startSameKey(e *estate) {
	key := authntest.New(e.names["origin"])
	e.register(e.as(e.names["token"]), e.names["user"], key)
	startWith(e, key)
}

func startWith(e *estate, key *authntest.Authenticator) {
	id, answer := e.begin(e.as(e.names["token"]), e.names["user"], key)
	response := answer["response"].(obj)
	e.names["registration"], e.names["raw_id"] = id, answer["rawId"].(string)
	e.names["client_data"], e.names["attestation"] = response["clientDataJSON"].(string), response["attestationObject"].(string)
}

const registrationBody = `{"registration_id":"{registration}","name":" green key ","credential":{"type":"public-key","id":"{raw_id}","rawId":"{raw_id}",` +
	`"response":{"clientDataJSON":"{client_data}","attestationObject":"{attestation}"}}}`

var factorCatalogue = []operation{
	userOperation("resetUserPassword", "set", "PUT /password", operation{body: `{"password":"{password}"}`, event: "iam.user.reset_password",
		bad: refusals(
			refusal{why: "no password", body: `{}`, status: 400, details: "password: "},
			refusal{why: "too short", body: `{"password":"seven 7"}`, status: 400, details: "password: "},
			refusal{why: "too long", body: `{"password":"` + strings.Repeat("ab", 37) + `"}`, status: 400, details: "password: "},
			refusal{why: "the address", body: `{"password":"MIA@{domain}"}`, status: 400, details: "password: "},
			refusal{why: "a control character", body: `{"password":"a password\u0000"}`, status: 400, details: "password: "},
			refusal{why: "a number", body: `{"password":12345678}`, status: 400, details: "password: "},
		)}),
	userOperation("lockUser", "change", "POST /lock", operation{shape: wrote("user", aLockedUser), event: "iam.user.lock",
		undo: func(e *estate) { e.as(e.names["token"]).post(e.fill(users+"/{user}/unlock"), nil).want(200) },
		bad:  []refusal{{why: "the owner", call: "POST " + users + "/{owner}/lock", status: 409}}}),
	userOperation("unlockUser", "roll", "POST /unlock", operation{shape: wrote("user", aUser), event: "iam.user.unlock",
		prepare: func(e *estate) { e.as(e.names["token"]).post(e.fill(users+"/{user}/lock"), nil).want(200) }}),
	userOperation("listGracePeriods", "get", "GET /grace-periods", operation{shape: object(fields{"grace_periods": list(anObject)})}),
	userOperation("createUserMFA", "start", "POST /mfa-otp", operation{shape: object(fields{"secret": matching("base32", `[A-Z2-7]{32}`), "revision": aNumber}),
		event: "iam.user.create_mfa", bad: []refusal{{why: "who has it", status: 409, prepare: confirmGenerator, undo: dropGenerator}}}),
	userOperation("validateUserMFA", "update", "POST /mfa-otp/validate", operation{body: `{"one_time_password":"{otp}"}`, prepare: startGenerator, undo: dropGenerator,
		shape: object(fields{"recovery_codes": some(matching("a recovery code", `[0-9a-z]{5}-[0-9a-z]{5}`)), "revision": aNumber}), event: "iam.user.validate_mfa",
		bad: refusals(
			refusal{why: "none", body: `{}`, status: 400, details: "one_time_password: "},
			refusal{why: "five digits", body: `{"one_time_password":"12345"}`, status: 400, details: "one_time_password: "},
			refusal{why: "none was started", body: `{"one_time_password":"123456"}`, status: 404},
			refusal{why: "wrong", body: `{"one_time_password":"000000"}`, status: 400, details: "one_time_password: ", prepare: startGenerator, undo: dropGenerator},
			refusal{why: "confirmed already", status: 409, prepare: confirmGenerator, undo: dropGenerator},
		)}),
	userOperation("deleteUserMFA", "delete", "DELETE /mfa-otp", operation{event: "iam.user.delete_mfa", prepare: startGenerator,
		bad: []refusal{{why: "who has none", status: 404}}}),
	userOperation("startWebAuthnRegistration", "create credential", "POST /authenticators/start", operation{body: `{"origin":"{origin}"}`,
		shape: object(fields{"registration_id": anID, "public_key": object(fields{"challenge": aText, "rp": anObject, "user": anObject, "pubKeyCredParams": some(anObject),
			"timeout": aNumber, "excludeCredentials": some(anObject), "authenticatorSelection": anObject, "attestation": is("none")}), "revision": aNumber}),
		event: "iam.user.start_authenticator",
		bad: refusals(
			refusal{why: "no origin", body: `{}`, status: 400, details: "origin: "},
			refusal{why: "an origin without TLS", body: `{"origin":"http://console.example"}`, status: 400, details: "origin: "},
			refusal{why: "an origin of another type", body: `{"origin":[]}`, status: 400, details: "origin: "},
		)}),
	userOperation("finishWebAuthnRegistration", "add user", "POST /authenticators", operation{body: registrationBody, prepare: startKey,
		shape: wrote("authenticator", anAuthenticator), event: "iam.user.add_authenticator",
		bad: refusals(
			refusal{why: "none was begun", status: 404},
			refusal{why: "no id", body: strings.Replace(registrationBody, "{registration}", "x", 1), status: 400, details: "registration_id: "},
			refusal{why: "no name", body: strings.Replace(registrationBody, "green key", "", 1), status: 400, details: "name: "},
			refusal{why: "no answer", body: `{"registration_id":"{registration}","name":"x"}`, status: 400, details: "credential.rawId: "},
			refusal{why: "registered already", status: 409, prepare: startSameKey, undo: func(*estate) {}},
			refusal{why: "padded", body: strings.Replace(registrationBody, "{attestation}", "AA==", 1), status: 400, details: "credential.response.attestationObject: "},
		)}),
	userOperation("listWebAuthnAuthenticators", "get", "GET /authenticators", operation{shape: linked("authenticators", anAuthenticator)}),
	{name: "updateWebAuthnAuthenticator", kind: "update account", call: "PATCH /v1/iam/authenticators/{authenticator}", on: "authenticator:{authenticator}",
		body: `{"name":"lost key"}`, shape: wrote("authenticator", anAuthenticator), event: "iam.authenticator.update", about: "{authenticator}", called: "blue key",
		bad: refusals(refusal{why: "no name", body: `{}`, status: 400, details: "name: "})},
	{name: "deleteWebAuthnAuthenticator", kind: "delete", call: "DELETE /v1/iam/authenticators/{authenticator}", on: "authenticator:{authenticator}",
		event: "iam.authenticator.delete", about: "{authenticator}", called: "blue key"},
}

const (
	securitySettings = "/v1/iam/security-settings"
	securityBody     = `{"enforce_password_renewal":true,"grace_period_seconds":86400,"login_attempts_before_locked":5,"max_login_session_seconds":43200,` +
		`"max_api_key_lifetime_seconds":31536000}`
)

// without is a body without a member.
func without(body, member string) string {
	before, after, _ := strings.Cut(body, `"`+member+`":`)
	_, rest, _ := strings.Cut(after, ",")
	return strings.TrimSuffix(before+strings.TrimSuffix(rest, "}"), ",") + "}"
}

var securityCatalogue = []operation{
	{name: "getSecuritySettings", kind: "whole", call: "GET " + securitySettings, on: "organization:{org}", shape: one("security_settings", someSettings)},
	{name: "updateSecuritySettings", kind: "authorize", call: "PUT " + securitySettings, on: "organization:{org}", body: securityBody,
		shape: wrote("security_settings", someSettings), event: "iam.organization.update_security_settings", about: "{org}", called: "Acme", undo: relax,
		bad: refusals(
			refusal{why: "no attempts", body: strings.Replace(securityBody, `:5`, `:0`, 1), status: 400, details: "login_attempts_before_locked: "},
			refusal{why: "too many attempts", body: strings.Replace(securityBody, `:5`, `:4294967297`, 1), status: 400, details: "login_attempts_before_locked: "},
			refusal{why: "no grace", body: strings.Replace(securityBody, `86400`, `0`, 1), status: 400, details: "grace_period_seconds: "},
			refusal{why: "no session", body: strings.Replace(securityBody, `43200`, `0`, 1), status: 400, details: "max_login_session_seconds: "},
			refusal{why: "an endless session", body: strings.Replace(securityBody, `43200`, `9223372036854775807`, 1), status: 400, details: "max_login_session_seconds: "},
			refusal{why: "keys of no time", body: strings.Replace(securityBody, `31536000`, `0`, 1), status: 400, details: "max_api_key_lifetime_seconds: "},
			refusal{why: "half a second", body: strings.Replace(securityBody, `86400`, `0.5`, 1), status: 400, details: "grace_period_seconds: "},
			refusal{why: "no member", body: without(securityBody, "enforce_password_renewal"), status: 400, details: "enforce_password_renewal: "},
			refusal{why: "not all members", body: without(securityBody, "max_login_session_seconds"), status: 400, details: "max_login_session_seconds: "},
			refusal{why: "no lifetime of keys", body: without(securityBody, "max_api_key_lifetime_seconds"), status: 400, details: "max_api_key_lifetime_seconds: "},
		)},
	{name: "updateLoginMethods", kind: "authorize", call: "PUT " + securitySettings + "/login-methods", on: "organization:{org}",
		body: `{"password":true,"magic_code":false,"oauth2":true,"saml":true}`, shape: wrote("security_settings", someSettings),
		event: "iam.organization.update_login_methods", about: "{org}", called: "Acme",
		bad: refusals(
			refusal{why: "not all members", body: `{"password":true}`, status: 400, details: "magic_code: "},
			refusal{why: "a text", body: `{"password":"true"}`, status: 400, details: "password: "},
		)},
	{name: "setOrganizationAlias", kind: "alias", call: "PUT " + securitySettings + "/alias", on: "organization:{org}", body: `{"alias":"acme"}`,
		shape: wrote("security_settings", someSettings), event: "iam.organization.set_alias", about: "{org}", called: "Acme",
		bad: refusals(
			refusal{why: "none", body: `{}`, status: 400, details: "alias: "},
			refusal{why: "in capitals", body: `{"alias":"Acme"}`, status: 400, details: "alias: "},
			refusal{why: "taken", body: `{"alias":"globex"}`, status: 409, details: "alias: ", prepare: aliasOfOther, undo: func(*estate) {}},
		)},
}

// relax puts the settings back as they were.
func relax(e *estate) {
	e.as(e.names["token"]).put(securitySettings, `{"enforce_password_renewal":false,"grace_period_seconds":259200,"login_attempts_before_locked":10,`+
		`"max_login_session_seconds":2592000,"max_api_key_lifetime_seconds":null}`).want(200)
}

func aliasOfOther(e *estate) {
	e.as(e.names["other.token"]).put(securitySettings+"/alias", obj{"alias": "globex"}).want(200)
}

var (
	aRenewToken  = matching("a token that renews a session", `writ_renew_[A-Za-z0-9]{40}[0-9a-f]{8}`)
	aUserSession = named("jwt", with(dates, fields{"user_id": anID, "credential_id": orNull(anID), "signed_in_at": orNull(aTime), "referrer": orNull(aText),
		"source_ip": orNull(aText), "user_agent": orNull(aText), "expires_at": aTime, "last_used_at": orNull(aTime), "revoked_at": orNull(aTime), "is_active": aBool}))
	anAuthenticator = named("authenticator", fields{"user_id": anID, "name": aText, "origin": aText, "created_at": aTime, "last_used_at": orNull(aTime)})
	aLockedUser     = named("user", fields{"email": aText, "name": aText, "disabled": is(true), "groups": list(aRef), "added_at": aTime})
	someSettings    = object(fields{"enforce_password_renewal": aBool, "grace_period_seconds": aNumber, "login_attempts_before_locked": aNumber,
		"max_login_session_seconds": aNumber, "max_api_key_lifetime_seconds": orNull(aNumber), "alias": orNull(aText),
		"login_methods": object(fields{"password": aBool, "magic_code": aBool, "oauth2": aBool, "saml": aBool})})
)
