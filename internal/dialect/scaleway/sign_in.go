package scaleway

import (
	"regexp"
	"slices"
	"time"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// anAuthenticator is a key that signs for a user.
var anAuthenticator = thing{"webauthn_authenticator", iam.TypeAuthenticator, "authenticator_id"}

// signInRoutes are those about how users prove who they are.
func signInRoutes() []route {
	const user, authenticator = "/users/{user_id}", "/webauthn-authenticator/{authenticator_id}"
	return []route{
		aUser.does(writes, post, user+"/update-password", control.ResetUserPassword, aUser.one, updatePassword),
		aUser.does(writes, post, user+"/mfa-otp", control.CreateUserMFA, aUser.one, startOTP),
		aUser.does(writes, post, user+"/validate-mfa-otp", control.ValidateUserMFA, aUser.one, validateOTP),
		aUser.does(writes, del, user+"/mfa-otp", control.DeleteUserMFA, aUser.one, deleteOTP),
		aUser.does(reads, get, "/grace-periods", control.ListGracePeriods, ofUserInQuery("user_id"), listGracePeriods),
		aUser.does(writes, post, user+"/start-webauthn-registration", control.StartWebAuthnRegistration, aUser.one, startRegistration),
		aUser.does(writes, post, user+"/finish-webauthn-registration", control.FinishWebAuthnRegistration, aUser.one, finishRegistration),
		aUser.does(lists, get, user+"/webauthn-authenticators", control.ListWebAuthnAuthenticators, aUser.one, listAuthenticators),
		anAuthenticator.does(writes, patch, authenticator, control.UpdateWebAuthnAuthenticator, anAuthenticator.one, updateAuthenticator),
		anAuthenticator.does(deletes, del, authenticator, control.DeleteWebAuthnAuthenticator, anAuthenticator.one, deleteAuthenticator),
	}
}

// ofUserInQuery is the target of calls about the user that a query names, or else about the caller.
func ofUserInQuery(name string) func(*wire.Call) control.Target {
	return func(c *wire.Call) control.Target {
		if id, given := readQuery(c).id(name); given {
			return control.On(iam.Name(iam.TypeUser, id))
		}
		return control.On(c.In.Actor.Principal.CRN())
	}
}

func updatePassword(c *call) (*wire.Answer, error) {
	u, err := c.userInPath()
	if err != nil {
		return nil, err
	}
	var in struct {
		Password string `json:"password"`
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	u, at, err := c.Control.SetPassword(c.Ctx(), c.Permit, u.ID, in.Password)
	if err != nil {
		return nil, err
	}
	return answer(c.user(member{User: u}), at), nil
}

// startOTP gives a user a generator of one-time passwords. The body does not matter.
func startOTP(c *call) (*wire.Answer, error) {
	u, err := c.userInPath()
	if err != nil {
		return nil, err
	}
	secret, at, err := c.Control.StartOTP(c.Ctx(), c.Permit, u.ID)
	if err != nil {
		return nil, err
	}
	return answer(fields{"secret": secret}, at), nil
}

var otpForm = regexp.MustCompile(`^[0-9]{6}$`)

func validateOTP(c *call) (*wire.Answer, error) {
	u, err := c.userInPath()
	if err != nil {
		return nil, err
	}
	var in struct {
		OneTimePassword string `json:"one_time_password"`
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	switch {
	case in.OneTimePassword == "":
		return nil, invalid("one_time_password", required, "is required")
	case !otpForm.MatchString(in.OneTimePassword):
		return nil, invalid("one_time_password", format, "has six digits")
	}
	codes, at, err := c.Control.ConfirmOTP(c.Ctx(), c.Permit, u.ID, in.OneTimePassword)
	if err != nil {
		return nil, noOTP(u, err)
	}
	return answer(fields{"recovery_codes": codes}, at), nil
}

// noOTP says that a user has no generator.
func noOTP(u *iam.User, err error) error {
	if iam.CodeOf(err) == iam.NotFound {
		return missing("mfa_otp", u.ID.String())
	}
	return err
}

func deleteOTP(c *call) (*wire.Answer, error) {
	u, err := c.userInPath()
	if err != nil {
		return nil, err
	}
	at, err := c.Control.DeleteOTP(c.Ctx(), c.Permit, u.ID)
	return removed(at, noOTP(u, err))
}

type gracePeriod struct {
	Type      string    `json:"type"`
	CreatedAt timestamp `json:"created_at"`
	ExpiresAt timestamp `json:"expires_at"`
}

// listGracePeriods tells what a user has yet to do: the caller, if the query names nobody.
func listGracePeriods(c *call) (*wire.Answer, error) {
	q := c.query()
	id, given := q.id("user_id")
	if q.err != nil {
		return nil, q.err
	}
	if actor := c.Permit.Actor().Principal; !given && actor.Kind != iam.KindOfUser {
		return nil, invalid("user_id", required, "is required of callers who are no users")
	} else if !given {
		id = actor.ID
	}
	if _, err := c.memberHere(id); err != nil {
		return nil, err
	}
	return c.shown(fields{"grace_periods": shows(c.View().GracePeriods(iam.UserID{UUID: id}), func(g iam.GracePeriod) gracePeriod {
		return gracePeriod{string(g.Type), timestamp(g.CreatedAt), timestamp(g.ExpiresAt)}
	})})
}

// startRegistration begins to register an authenticator where the user's browser is.
func startRegistration(c *call) (*wire.Answer, error) {
	u, err := c.userInPath()
	if err != nil {
		return nil, err
	}
	q := c.query()
	q.require("origin")
	if q.err != nil {
		return nil, q.err
	}
	r, err := c.Control.StartRegistration(c.Ctx(), c.Permit, u.ID, q.text("origin"))
	if err != nil {
		return nil, err
	}
	return answer(struct {
		CeremonyID          string   `json:"ceremony_id"`
		Challenge           []byte   `json:"challenge"`
		PublicKeyAlgorithms []int    `json:"public_key_algorithms"`
		Timeout             duration `json:"timeout"`
		ExcludeCredentials  [][]byte `json:"exclude_credentials"`
	}{r.ID.String(), r.Challenge, r.Algorithms, duration(authn.CeremonyLasts), r.Exclude}, r.Revision), nil
}

// finishRegistration registers an authenticator that has answered. What the body says beside is in the attestation too, which counts.
func finishRegistration(c *call) (*wire.Answer, error) {
	u, err := c.userInPath()
	if err != nil {
		return nil, err
	}
	var in struct {
		CeremonyID        string `json:"ceremony_id"`
		AuthenticatorName string `json:"authenticator_name"`
		RawID             []byte `json:"raw_id"`
		ClientDataJSON    []byte `json:"client_data_json"`
		AttestationObject []byte `json:"attestation_object"`
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	var f form
	ceremony := f.id("ceremony_id", &in.CeremonyID)
	if ceremony.IsZero() {
		f.wrong("ceremony_id", required, "is required")
	}
	if in.AuthenticatorName == "" {
		f.wrong("authenticator_name", required, "is required")
	}
	if f.err != nil {
		return nil, f.err
	}
	a, at, err := c.Control.FinishRegistration(c.Ctx(), c.Permit, control.NewAuthenticator{User: u.ID, Ceremony: ceremony, Name: in.AuthenticatorName,
		Answer: authn.Attestation{RawID: in.RawID, ClientData: in.ClientDataJSON, Object: in.AttestationObject}})
	switch iam.CodeOf(err) {
	case "":
		return answer(fields{"authenticator_id": a.ID.String()}, at), nil
	case iam.NotFound:
		return nil, missing("ceremony", ceremony.String())
	case iam.Exists:
		return nil, exists(anAuthenticator.word, "", "the authenticator is registered already")
	}
	return nil, err
}

// authenticator is WebAuthnAuthenticator of section 4.10.
type authenticator struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	CreatedAt   timestamp  `json:"created_at"`
	LastLoginAt *timestamp `json:"last_login_at"`
}

func authenticatorOut(a *iam.Authenticator) authenticator {
	return authenticator{a.ID.String(), a.Name, timestamp(a.CreatedAt), ever(a.LastUsedAt)}
}

// ever is a time that may never have been.
func ever(t time.Time) *timestamp {
	if t.IsZero() {
		return nil
	}
	return new(timestamp(t))
}

var authenticatorOrders = orders[*iam.Authenticator]{"created_at": byTime(authenticatorCreated)}

func authenticatorCreated(a *iam.Authenticator) time.Time { return a.CreatedAt }
func authenticatorID(a *iam.Authenticator) iam.UUID       { return a.ID.UUID }

func listAuthenticators(c *call) (*wire.Answer, error) {
	u, err := c.userInPath()
	if err != nil {
		return nil, err
	}
	q := c.query()
	list := sorted(q, slices.Collect(c.View().Authenticators(u.ID).All()), authenticatorOrders, authenticatorCreated, authenticatorID)
	return paged(c, q, "authenticators", list, authenticatorOut)
}

func (c *call) authenticatorInPath() iam.AuthenticatorID {
	return iam.AuthenticatorID{UUID: pathID(c.Call, anAuthenticator.param)}
}

func updateAuthenticator(c *call) (*wire.Answer, error) {
	a, err := c.View().Authenticator(c.authenticatorInPath())
	if err != nil {
		return nil, err
	}
	var in struct {
		AuthenticatorName *string `json:"authenticator_name"`
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	name := a.Name
	if in.AuthenticatorName != nil {
		name = *in.AuthenticatorName
	}
	a, at, err := c.Control.RenameAuthenticator(c.Ctx(), c.Permit, a.ID, name)
	if err != nil {
		return nil, err
	}
	return answer(authenticatorOut(a), at), nil
}

func deleteAuthenticator(c *call) (*wire.Answer, error) {
	return removed(c.Control.DeleteAuthenticator(c.Ctx(), c.Permit, c.authenticatorInPath()))
}
