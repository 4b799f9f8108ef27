package api

import (
	"encoding/base64"
	"net/http"
	"time"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// maxLogin is the longest of what somebody shows to sign in, in characters: longer than any that is right.
const maxLogin = 255

func signInRoutes() []Route {
	const auth, one = "/v1/auth", "/v1/iam/user-sessions/{user_session_id}"
	return []Route{
		{post, auth + "/sign-in", nil, nil, signIn},
		{post, auth + "/sign-out", control.DeleteJWT, ownSession, signOut},
		{post, auth + "/renew", control.RenewJWT, ownSession, renewUserSession},
		{post, auth + "/sessions", control.CreateJWT, ownUser, createUserSession},
		{get, "/v1/iam/users/{user_id}/sessions", control.ListJWTs, aUser.one,
			listBelow(aUser, (*iam.State).User, (*iam.State).UserSessions, always[iam.UserID](userSessions))},
		{get, one, control.GetJWT, aUserSession.one, getOne(aUserSession, (*iam.State).UserSession, userSessions)},
		{del, one, control.DeleteJWT, aUserSession.one,
			deleteOne(aUserSession, func(d *iam.Draft, id iam.UserSessionID) error {
				_, err := d.RevokeUserSession(id)
				return err
			})},
	}
}

var aUserSession = thing{iam.TypeUserSession, "user_session_id", "session"}

// ownSession is the target of a call about the session that the caller comes with. Who comes with none is about none in particular.
func ownSession(c *wire.Call) control.Target {
	id := c.In.Actor.UserSession
	if id.IsZero() {
		return control.On(iam.AnyOf(iam.TypeUserSession))
	}
	return control.On(iam.Name(iam.TypeUserSession, id.UUID))
}

// ownUser is the target of a call about the caller, who may be no user.
func ownUser(c *wire.Call) control.Target { return control.On(c.In.Actor.Principal.CRN()) }

var userSessions = kind[*iam.UserSession, apitype.UserSession]{
	id:   func(x *iam.UserSession) iam.UUID { return x.ID.UUID },
	wire: userSessionToWire,
	one:  func(x apitype.UserSession, _ apitype.Revision) any { return apitype.UserSessionAnswer{UserSession: x} },
	many: func(xs []apitype.UserSession, p apitype.Page) any {
		return apitype.UserSessionList{UserSessions: xs, Page: p}
	},
}

func userSessionToWire(c *call, x *iam.UserSession) apitype.UserSession {
	view := c.View()
	out := userSessionAt(view.State, x, c.Permit.Now())
	if at, ok := view.LastUsed(x.ID.UUID); ok {
		out.LastUsedAt = &apitype.Time{Time: at}
	}
	return out
}

// userSessionAt is a session as it is at a time.
func userSessionAt(s *iam.State, x *iam.UserSession, now time.Time) apitype.UserSession {
	ends := *x
	ends.RevokedAt = nil // what it would have been
	return apitype.UserSession{
		ID: x.ID.String(), CRN: iam.Name(iam.TypeUserSession, x.ID.UUID).String(), UserID: x.User.String(), CredentialID: idOrNull(x.Credential.UUID),
		SignedInAt: unlessZero(x.SignedInAt), Referrer: textOrNull(x.Referrer), SourceIP: textOrNull(x.IP), UserAgent: textOrNull(x.UserAgent),
		CreatedAt: apitype.Time{Time: x.CreatedAt}, UpdatedAt: apitype.Time{Time: x.UpdatedAt}, ExpiresAt: apitype.Time{Time: s.SessionEnds(&ends)},
		RevokedAt: timeOrNull(x.RevokedAt), IsActive: now.Before(s.SessionEnds(x)),
	}
}

// unlessZero is the time that something was, null if it never was.
func unlessZero(t time.Time) *apitype.Time {
	if t.IsZero() {
		return nil
	}
	return &apitype.Time{Time: t}
}

// length reads how long a session is to be.
func (f *form) length(field string, seconds *int64) time.Duration {
	const most = int64(iam.MaxSecurityDuration / time.Second)
	switch {
	case seconds == nil:
		return 0
	case *seconds < 1 || *seconds > most:
		f.wrong(field, "must be from 1 to %d", most)
		return 0
	}
	return time.Duration(*seconds) * time.Second
}

// signIn is the one operation of somebody who is nobody yet.
func signIn(c *call) (*wire.Answer, error) {
	stranger, err := c.Stranger()
	if err != nil {
		return nil, err
	}
	var in apitype.SignInRequest
	var ask control.SignIn
	err = c.decode(&in, func(f *form) {
		f.plain("organization", in.Organization, maxLogin)
		f.plain("login", in.Login, maxLogin)
		f.plain("password", in.Password, maxLogin)
		f.text("one_time_password", &in.OneTimePassword, maxLogin)
		ask = control.SignIn{Organization: in.Organization, Login: in.Login, Password: in.Password, OneTimePassword: in.OneTimePassword,
			Origin: in.Origin, Length: f.length("duration_seconds", in.DurationSeconds)}
		if in.Credential != nil {
			ask.Assertion = f.assertion("credential", in.Credential)
		}
	})
	if err != nil {
		return nil, err
	}
	out, err := c.Control.SignIn(c.Ctx(), stranger, ask)
	if err != nil {
		return nil, err
	}
	if out.Session == nil {
		return &wire.Answer{Status: http.StatusOK, Body: apitype.SignInAnswer{Status: apitype.StatusSecondFactor, SecondFactor: secondFactorToWire(out.Needs)}}, nil
	}
	user := apitype.SignedInUser{ID: out.User.ID.String(), CRN: iam.Name(iam.TypeUser, out.User.ID.UUID).String(), OrganizationID: out.Org.String(),
		Login: out.User.Login(), Name: out.User.Name}
	session := userSessionAt(out.State, out.Session, c.Started)
	return &wire.Answer{Status: http.StatusOK, Revision: out.Revision, Body: apitype.SignInAnswer{Status: apitype.StatusSignedIn, User: &user,
		Session: &session, Token: out.Token, RenewToken: out.RenewToken, GracePeriods: gracesToWire(out.Grace), Revision: apitype.Revision(out.Revision)}}, nil
}

func secondFactorToWire(n *control.SecondFactor) *apitype.SecondFactor {
	out := &apitype.SecondFactor{OneTimePassword: n.OneTimePassword}
	if n.Challenge != nil {
		out.PublicKey = &apitype.RequestOptions{Challenge: base64url(n.Challenge), RPID: n.Party, Timeout: authn.CeremonyLasts.Milliseconds(),
			AllowCredentials: keysToWire(n.Keys), UserVerification: "preferred"}
	}
	return out
}

func gracesToWire(grace []iam.GracePeriod) []apitype.GracePeriod {
	out := make([]apitype.GracePeriod, len(grace))
	for i, g := range grace {
		out[i] = apitype.GracePeriod{Type: string(g.Type), CreatedAt: apitype.Time{Time: g.CreatedAt}, ExpiresAt: apitype.Time{Time: g.ExpiresAt}}
	}
	return out
}

func signOut(c *call) (*wire.Answer, error) {
	id := c.Permit.Actor().UserSession
	return done(c.Permit.Write(c.Ctx(), func(d *iam.Draft) error {
		if id.IsZero() {
			return iam.Errorf(iam.Conflict, "you have not signed in: there is no session to end")
		}
		_, err := d.RevokeUserSession(id)
		return err
	}))
}

func renewUserSession(c *call) (*wire.Answer, error) {
	var in apitype.RenewUserSessionRequest
	if err := c.decode(&in, func(f *form) { f.plain("renew_token", in.RenewToken, maxLogin) }); err != nil {
		return nil, err
	}
	out, err := c.Control.RenewUserSession(c.Ctx(), c.Permit, in.RenewToken)
	if err != nil {
		return nil, err
	}
	return userToken(c, http.StatusOK, out), nil
}

func createUserSession(c *call) (*wire.Answer, error) {
	var in apitype.CreateUserSessionRequest
	ask := control.NewUserSession{User: iam.UserID{UUID: c.Permit.Actor().Principal.ID}}
	err := c.decode(&in, func(f *form) {
		f.text("referrer", &in.Referrer, maxDescription)
		ask.Referrer, ask.Length = in.Referrer, f.length("duration_seconds", in.DurationSeconds)
	})
	if err != nil {
		return nil, err
	}
	out, err := c.Control.CreateUserSession(c.Ctx(), c.Permit, ask)
	if err != nil {
		return nil, err
	}
	return userToken(c, http.StatusCreated, out), nil
}

func userToken(c *call, status int, t *control.UserToken) *wire.Answer {
	return &wire.Answer{Status: status, Revision: t.Revision, Body: apitype.UserTokenAnswer{Session: userSessionToWire(c, t.Session),
		Token: t.Token, RenewToken: t.RenewToken, Revision: apitype.Revision(t.Revision)}}
}

func base64url(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// bytes reads what a browser writes in base64url.
func (f *form) bytes(field, text string) []byte {
	f.required(field, text)
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		f.wrong(field, "is not base64url without padding")
	}
	return b
}

// assertion reads the answer of an authenticator to a challenge.
func (f *form) assertion(field string, in *apitype.PublicKeyCredential) *authn.Assertion {
	r := &in.Response
	out := &authn.Assertion{RawID: f.bytes(field+".rawId", in.RawID), ClientData: f.bytes(field+".response.clientDataJSON", r.ClientDataJSON),
		AuthenticatorData: f.bytes(field+".response.authenticatorData", r.AuthenticatorData), Signature: f.bytes(field+".response.signature", r.Signature)}
	if r.UserHandle != "" {
		out.UserHandle = f.bytes(field+".response.userHandle", r.UserHandle)
	}
	return out
}

func keysToWire(keys [][]byte) []apitype.PublicKey {
	out := make([]apitype.PublicKey, len(keys))
	for i, k := range keys {
		out[i] = apitype.PublicKey{Type: "public-key", ID: base64url(k)}
	}
	return out
}
