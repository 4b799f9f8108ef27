package control

import (
	"bytes"
	"context"
	"net/url"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/iam"
)

// sealedOTP is what the secrets of one-time passwords are sealed for. It is part of the storage format.
const sealedOTP = "otp"

// StartOTP gives a user the secret of a generator of one-time passwords, which is told this once. It is Denied where CreateAccessKey
// would be. The permit is for the operation CreateUserMFA.
func (c *Control) StartOTP(ctx context.Context, p *Permit, id iam.UserID) (secret string, at iam.Revision, err error) {
	if secret, err = authn.NewOTPSecret(c.Random); err != nil {
		return "", 0, &iam.Error{Code: iam.Internal, Message: "no secret can be made", Err: err}
	}
	sealed, err := c.keys.Seal(c.Random, sealedOTP, id.UUID, []byte(secret))
	if err != nil {
		return "", 0, err
	}
	at, err = p.writeFor(ctx, id, func(d *iam.Draft) error { return d.StartOTP(id, sealed) })
	if err != nil {
		return "", 0, err
	}
	return secret, at, nil
}

// ConfirmOTP makes a user's generator count once it has shown a one-time password, and gives recovery codes, which are told this
// once. Invalid with the field "one_time_password" for one that is wrong. It is Denied where CreateAccessKey would be. The permit is for the
// operation ValidateUserMFA.
func (c *Control) ConfirmOTP(ctx context.Context, p *Permit, id iam.UserID, code string) (recovery []string, at iam.Revision, err error) {
	if recovery, err = authn.NewRecoveryCodes(c.Random); err != nil {
		return nil, 0, &iam.Error{Code: iam.Internal, Message: "no codes can be made", Err: err}
	}
	hashes := make([][]byte, len(recovery))
	for i, r := range recovery {
		hashes[i] = c.keys.HashRecoveryCode(id, r)
	}
	at, err = p.writeFor(ctx, id, func(d *iam.Draft) error {
		o := d.State().SignIn(id).OTP
		if o == nil || o.Active() {
			return d.ConfirmOTP(id, 0, nil) // which says why not
		}
		step, ok, err := c.otpStep(d, id, o, code)
		switch {
		case err != nil:
			return err
		case !ok:
			return iam.FieldErrorf(iam.Invalid, "one_time_password", "is not the one that the generator shows now")
		}
		return d.ConfirmOTP(id, step, hashes)
	})
	if err != nil {
		return nil, 0, err
	}
	return recovery, at, nil
}

// otpStep finds the step of a one-time password of a user.
func (c *Control) otpStep(d *iam.Draft, id iam.UserID, o *iam.OTP, code string) (step int64, ok bool, err error) {
	secret, err := c.keys.Unseal(sealedOTP, id.UUID, o.Sealed)
	if err != nil {
		return 0, false, err
	}
	step, ok = authn.OTPStep(string(secret), code, d.Now())
	return step, ok, nil
}

// DeleteOTP takes a user's generator away. It is Denied where CreateAccessKey would be. The permit is for the operation DeleteUserMFA.
func (c *Control) DeleteOTP(ctx context.Context, p *Permit, id iam.UserID) (iam.Revision, error) {
	return p.writeFor(ctx, id, func(d *iam.Draft) error { return d.DeleteOTP(id) })
}

// Registration is what a browser needs to make a key for a user.
type Registration struct {
	ID         iam.UUID // by which FinishRegistration knows it
	Challenge  []byte
	Party      string   // the relying party: the host of the origin
	Algorithms []int    // as COSE numbers them
	Exclude    [][]byte // keys that the user has at this origin
	Revision   iam.Revision
}

// StartRegistration begins the registration of an authenticator of a user, at the origin where their browser is. It lasts for
// authn.CeremonyLasts, and takes the place of one that was begun before. It is Denied where CreateAccessKey would be. The permit is for the
// operation StartWebAuthnRegistration.
func (c *Control) StartRegistration(ctx context.Context, p *Permit, id iam.UserID, origin string) (*Registration, error) {
	challenge, err := authn.NewCeremonyChallenge(c.Random)
	if err != nil {
		return nil, &iam.Error{Code: iam.Internal, Message: "no challenge can be made", Err: err}
	}
	out := &Registration{ID: c.NewID(), Challenge: challenge, Algorithms: authn.KeyAlgorithms()}
	ceremony := iam.Ceremony{ID: out.ID, Challenge: challenge, Origin: origin, ExpiresAt: p.Now().Add(authn.CeremonyLasts)}
	out.Revision, err = p.writeFor(ctx, id, func(d *iam.Draft) error {
		out.Exclude = keysAt(d.State(), id, origin)
		return d.StartRegistration(id, ceremony)
	})
	if err != nil {
		return nil, err
	}
	out.Party = partyOf(origin)
	return out, nil
}

// keysAt lists the keys that a user has at an origin.
func keysAt(s *iam.State, id iam.UserID, origin string) [][]byte {
	var out [][]byte
	for a := range s.Authenticators(id).All() {
		if a.Origin == origin {
			out = append(out, a.Credential)
		}
	}
	return out
}

// partyOf is the relying party at an origin.
func partyOf(origin string) string {
	u, err := url.Parse(origin)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// NewAuthenticator is what ends a registration.
type NewAuthenticator struct {
	User     iam.UserID
	Ceremony iam.UUID
	Name     string
	Answer   authn.Attestation
}

// FinishRegistration registers an authenticator that has answered the challenge of its registration. Invalid if it has not. It is Denied where
// CreateAccessKey would be. The permit is for the operation FinishWebAuthnRegistration.
func (c *Control) FinishRegistration(ctx context.Context, p *Permit, in NewAuthenticator) (*iam.Authenticator, iam.Revision, error) {
	id := iam.AuthenticatorID{UUID: c.NewID()}
	p.Target.Details = map[string]any{"authenticator_id": id.String(), "name": in.Name}
	var made *iam.Authenticator
	at, err := p.writeFor(ctx, in.User, func(d *iam.Draft) error {
		ceremony, err := d.Registration(in.User, in.Ceremony)
		if err != nil {
			return err
		}
		a, err := authn.VerifyAttestation(in.User, ceremony, in.Answer)
		if err != nil {
			return &iam.Error{Code: iam.Invalid, Message: "the authenticator's answer does not verify", Err: err}
		}
		a.ID, a.Name = id, in.Name
		made, err = d.FinishRegistration(in.Ceremony, a)
		return err
	})
	return made, at, err
}

// RenameAuthenticator gives an authenticator another name. The permit is for the operation UpdateWebAuthnAuthenticator.
func (c *Control) RenameAuthenticator(ctx context.Context, p *Permit, id iam.AuthenticatorID, name string) (*iam.Authenticator, iam.Revision, error) {
	var a *iam.Authenticator
	at, err := p.Write(ctx, func(d *iam.Draft) (err error) {
		a, err = d.RenameAuthenticator(id, name)
		return err
	})
	return a, at, err
}

// DeleteAuthenticator takes an authenticator away. It is Denied where CreateAccessKey would be. The permit is for the operation
// DeleteWebAuthnAuthenticator.
func (c *Control) DeleteAuthenticator(ctx context.Context, p *Permit, id iam.AuthenticatorID) (iam.Revision, error) {
	a, err := p.View().Authenticator(id)
	if err != nil {
		return 0, err
	}
	return p.writeFor(ctx, a.User, func(d *iam.Draft) error { return d.DeleteAuthenticator(id) })
}

// answered uses up the answer of an authenticator to a challenge of NewChallenge. Denied if it does not verify.
func (c *Control) answered(d *iam.Draft, user iam.UserID, in *authn.Assertion) error {
	wrong := func(err error) error {
		return &iam.Error{Code: iam.Denied, Message: "the authenticator's answer does not verify", Err: err}
	}
	var a *iam.Authenticator
	for have := range d.State().Authenticators(user).All() {
		if bytes.Equal(have.Credential, in.RawID) {
			a = have
		}
	}
	if a == nil {
		return wrong(nil)
	}
	challenge := authn.ChallengeIn(in.ClientData)
	made, ok := c.keys.ChallengeMade(challenge, user, a.Origin, d.Now())
	if !ok {
		return wrong(nil)
	}
	count, flags, err := authn.VerifyAssertion(a, challenge, *in)
	if err != nil {
		return wrong(err)
	}
	return d.UseAuthenticator(a.ID, made, count, flags)
}
