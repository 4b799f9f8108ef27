package api

import (
	"net/http"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// factorRoutes are about what users sign in with.
func factorRoutes() []Route {
	const user, one = "/v1/iam/users/{user_id}", "/v1/iam/authenticators/{authenticator_id}"
	return []Route{
		{put, user + "/password", control.ResetUserPassword, aUser.one, setPassword},
		{post, user + "/lock", control.LockUser, aUser.one, setDisabled(true)},
		{post, user + "/unlock", control.UnlockUser, aUser.one, setDisabled(false)},
		{get, user + "/grace-periods", control.ListGracePeriods, aUser.one, listGracePeriods},
		{post, user + "/mfa-otp", control.CreateUserMFA, aUser.one, startOTP},
		{post, user + "/mfa-otp/validate", control.ValidateUserMFA, aUser.one, confirmOTP},
		{del, user + "/mfa-otp", control.DeleteUserMFA, aUser.one, deleteOTP},
		{post, user + "/authenticators/start", control.StartWebAuthnRegistration, aUser.one, startRegistration},
		{post, user + "/authenticators", control.FinishWebAuthnRegistration, aUser.one, finishRegistration},
		{get, user + "/authenticators", control.ListWebAuthnAuthenticators, aUser.one,
			listBelow(aUser, (*iam.State).User, (*iam.State).Authenticators, always[iam.UserID](authenticators))},
		{patch, one, control.UpdateWebAuthnAuthenticator, anAuthenticator.one, renameAuthenticator},
		{del, one, control.DeleteWebAuthnAuthenticator, anAuthenticator.one, deleteAuthenticator},
	}
}

var anAuthenticator = thing{iam.TypeAuthenticator, "authenticator_id", "authenticator"}

var authenticators = kind[*iam.Authenticator, apitype.Authenticator]{
	id:   func(a *iam.Authenticator) iam.UUID { return a.ID.UUID },
	wire: authenticatorToWire,
	one: func(a apitype.Authenticator, at apitype.Revision) any {
		return apitype.AuthenticatorAnswer{Authenticator: a, Revision: at}
	},
	many: func(as []apitype.Authenticator, p apitype.Page) any {
		return apitype.AuthenticatorList{Authenticators: as, Page: p}
	},
}

func authenticatorToWire(_ *call, a *iam.Authenticator) apitype.Authenticator {
	return apitype.Authenticator{ID: a.ID.String(), CRN: iam.Name(iam.TypeAuthenticator, a.ID.UUID).String(), UserID: a.User.String(), Name: a.Name,
		Origin: a.Origin, CreatedAt: apitype.Time{Time: a.CreatedAt}, LastUsedAt: unlessZero(a.LastUsedAt)}
}

// theUser finds the user that the path names.
func theUser(c *call) (*iam.User, error) { return found(c, aUser, (*iam.State).User) }

func setPassword(c *call) (*wire.Answer, error) {
	u, err := theUser(c)
	if err != nil {
		return nil, err
	}
	var in apitype.SetPasswordRequest
	if err := c.decode(&in, func(*form) {}); err != nil {
		return nil, err
	}
	_, revision, err := c.Control.SetPassword(c.Ctx(), c.Permit, u.ID, in.Password)
	return done(revision, err)
}

func setDisabled(on bool) handler {
	return func(c *call) (*wire.Answer, error) {
		u, err := theUser(c)
		if err != nil {
			return nil, err
		}
		return write(c, http.StatusOK, users, func(d *iam.Draft) (*iam.User, error) { return d.SetUserDisabled(u.ID, on) })
	}
}

func listGracePeriods(c *call) (*wire.Answer, error) {
	u, err := theUser(c)
	if err != nil {
		return nil, err
	}
	return c.ok(apitype.GracePeriodList{GracePeriods: gracesToWire(c.View().GracePeriods(u.ID))})
}

func startOTP(c *call) (*wire.Answer, error) {
	u, err := theUser(c)
	if err != nil {
		return nil, err
	}
	secret, revision, err := c.Control.StartOTP(c.Ctx(), c.Permit, u.ID)
	if err != nil {
		return nil, err
	}
	return &wire.Answer{Status: http.StatusCreated, Body: apitype.OTPAnswer{Secret: secret, Revision: apitype.Revision(revision)}, Revision: revision}, nil
}

func confirmOTP(c *call) (*wire.Answer, error) {
	u, err := theUser(c)
	if err != nil {
		return nil, err
	}
	var in apitype.ValidateOTPRequest
	err = c.decode(&in, func(f *form) {
		if !authn.IsOTP(in.OneTimePassword) {
			f.wrong("one_time_password", "must be six digits")
		}
	})
	if err != nil {
		return nil, err
	}
	codes, revision, err := c.Control.ConfirmOTP(c.Ctx(), c.Permit, u.ID, in.OneTimePassword)
	if err != nil {
		return nil, err
	}
	body := apitype.RecoveryCodesAnswer{RecoveryCodes: codes, Revision: apitype.Revision(revision)}
	return &wire.Answer{Status: http.StatusOK, Body: body, Revision: revision}, nil
}

func deleteOTP(c *call) (*wire.Answer, error) {
	u, err := theUser(c)
	if err != nil {
		return nil, err
	}
	return done(c.Control.DeleteOTP(c.Ctx(), c.Permit, u.ID))
}

func startRegistration(c *call) (*wire.Answer, error) {
	u, err := theUser(c)
	if err != nil {
		return nil, err
	}
	var in apitype.StartRegistrationRequest
	if err := c.decode(&in, func(*form) {}); err != nil {
		return nil, err
	}
	begun, err := c.Control.StartRegistration(c.Ctx(), c.Permit, u.ID, in.Origin)
	if err != nil {
		return nil, err
	}
	options := apitype.CreationOptions{Challenge: base64url(begun.Challenge), RP: apitype.RelyingParty{ID: begun.Party, Name: begun.Party},
		User:    apitype.KeyUser{ID: base64url(u.ID.UUID[:]), Name: u.Login(), DisplayName: u.Name},
		Timeout: authn.CeremonyLasts.Milliseconds(), ExcludeCredentials: keysToWire(begun.Exclude),
		AuthenticatorSelection: apitype.KeySelection{UserVerification: "preferred"}, Attestation: "none"}
	for _, alg := range begun.Algorithms {
		options.PubKeyCredParams = append(options.PubKeyCredParams, apitype.KeyParameter{Type: "public-key", Alg: alg})
	}
	body := apitype.RegistrationAnswer{RegistrationID: begun.ID.String(), PublicKey: options, Revision: apitype.Revision(begun.Revision)}
	return &wire.Answer{Status: http.StatusCreated, Body: body, Revision: begun.Revision}, nil
}

func finishRegistration(c *call) (*wire.Answer, error) {
	u, err := theUser(c)
	if err != nil {
		return nil, err
	}
	var in apitype.FinishRegistrationRequest
	ask := control.NewAuthenticator{User: u.ID}
	err = c.decode(&in, func(f *form) {
		ask.Ceremony = f.id("registration_id", in.RegistrationID)
		f.name("name", &in.Name)
		ask.Name = in.Name
		ask.Answer = authn.Attestation{RawID: f.bytes("credential.rawId", in.Credential.RawID),
			ClientData: f.bytes("credential.response.clientDataJSON", in.Credential.Response.ClientDataJSON),
			Object:     f.bytes("credential.response.attestationObject", in.Credential.Response.AttestationObject)}
	})
	if err != nil {
		return nil, err
	}
	a, revision, err := c.Control.FinishRegistration(c.Ctx(), c.Permit, ask)
	if err != nil {
		return nil, err
	}
	body := apitype.AuthenticatorAnswer{Authenticator: authenticatorToWire(c, a), Revision: apitype.Revision(revision)}
	return &wire.Answer{Status: http.StatusCreated, Body: body, Revision: revision}, nil
}

func renameAuthenticator(c *call) (*wire.Answer, error) {
	id, err := anAuthenticator.id(c)
	if err != nil {
		return nil, err
	}
	var in apitype.RenameRequest
	if err := c.decode(&in, func(f *form) { f.name("name", &in.Name) }); err != nil {
		return nil, err
	}
	a, revision, err := c.Control.RenameAuthenticator(c.Ctx(), c.Permit, iam.AuthenticatorID{UUID: id}, in.Name)
	if err != nil {
		return nil, err
	}
	body := apitype.AuthenticatorAnswer{Authenticator: authenticatorToWire(c, a), Revision: apitype.Revision(revision)}
	return &wire.Answer{Status: http.StatusOK, Body: body, Revision: revision}, nil
}

func deleteAuthenticator(c *call) (*wire.Answer, error) {
	id, err := anAuthenticator.id(c)
	if err != nil {
		return nil, err
	}
	return done(c.Control.DeleteAuthenticator(c.Ctx(), c.Permit, iam.AuthenticatorID{UUID: id}))
}
