package iam

import (
	"bytes"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"time"
)

// NewPassword is a password that is to be set.
type NewPassword struct {
	Plain string        // for the rule, and never kept
	Hash  string        // authn's
	Keep  UserSessionID // the session that goes on; all others of the user end
}

// SetPassword gives a user a password. It is their own if they are the draft's author; otherwise they have to renew it, if the
// organization asks for that.
func (d *Draft) SetPassword(id UserID, p NewPassword) error {
	u, err := d.s.User(id)
	if err != nil {
		return err
	}
	if err := u.CheckPassword(p.Plain); err != nil {
		return err
	}
	if p.Hash == "" {
		return Errorf(Internal, "a password has no hash")
	}
	x := d.s.SignIn(id)
	x.Password, x.PasswordAt, x.GraceSince, x.Failures = p.Hash, d.now, time.Time{}, 0
	x.Given = d.author != Principal{KindOfUser, id.UUID}
	d.putSignIn(&x)
	d.endUserSessions(id, p.Keep)
	return nil
}

// FailSignIn counts a failure of a user to sign in. One too many disables the user, or pauses the owner. Nothing is counted while
// they are locked out: whoever has no password can make no more than so many changes.
func (d *Draft) FailSignIn(id UserID) error {
	u, err := d.s.User(id)
	if err != nil || d.s.LockedOut(u, d.now) {
		return err
	}
	x := d.s.SignIn(id)
	x.Failures++
	enough := x.Failures >= d.s.SecuritySettings().LoginAttempts
	if enough && d.s.org.Owner == id {
		x.Failures, x.PausedAt = 0, d.now
	}
	d.putSignIn(&x)
	if enough && d.s.org.Owner != id {
		_, err = d.SetUserDisabled(id, true)
	}
	return err
}

// forgetFailures counts failures to sign in from the beginning.
func (d *Draft) forgetFailures(id UserID) {
	if x := d.s.SignIn(id); x.Failures != 0 {
		x.Failures = 0
		d.putSignIn(&x)
	}
}

// SignedIn records that a user has proved who they are. Denied for one who is locked out, and after a grace period.
func (d *Draft) SignedIn(id UserID) error {
	u, err := d.s.User(id)
	switch {
	case err != nil:
		return err
	case d.s.LockedOut(u, d.now):
		return Errorf(Denied, "the user is locked")
	case d.s.GraceOver(id, d.now):
		return Errorf(Denied, "the time to set a new password is over")
	}
	x := d.s.SignIn(id)
	x.Failures, x.PausedAt, x.LastAt = 0, time.Time{}, d.now
	if d.s.SecuritySettings().EnforcePasswordRenewal && x.Given && x.GraceSince.IsZero() {
		x.GraceSince = d.now
	}
	d.putSignIn(&x)
	return nil
}

// StartOTP gives a user the secret of a generator, sealed. It proves nothing before ConfirmOTP. Conflict if the user has a generator
// that works.
func (d *Draft) StartOTP(id UserID, sealed []byte) error {
	if _, err := d.s.User(id); err != nil {
		return err
	}
	x := d.s.SignIn(id)
	if x.OTP.Active() {
		return Errorf(Conflict, "the user has one-time passwords already: delete them first")
	}
	x.OTP = &OTP{Sealed: slices.Clone(sealed), StartedAt: d.now}
	d.putSignIn(&x)
	return nil
}

// ConfirmOTP makes a generator count that was shown to work, at a step, with the hashes of its recovery codes. NotFound if none
// was started, Conflict if it counts already.
func (d *Draft) ConfirmOTP(id UserID, step int64, recovery [][]byte) error {
	o, err := d.otp(id)
	switch {
	case err != nil:
		return err
	case o.Active():
		return Errorf(Conflict, "the user's one-time passwords are confirmed already")
	case len(recovery) > MaxRecoveryCodes:
		return Errorf(Internal, "more than %d recovery codes", MaxRecoveryCodes)
	}
	o.ConfirmedAt, o.Step, o.Recovery = d.now, step, slices.Clone(recovery)
	d.putOTP(id, &o)
	return nil
}

// otp gives a copy of a user's generator.
func (d *Draft) otp(id UserID) (OTP, error) {
	if _, err := d.s.User(id); err != nil {
		return OTP{}, err
	}
	x := d.s.SignIn(id)
	if x.OTP == nil {
		return OTP{}, Errorf(NotFound, "the user has no one-time passwords")
	}
	return *x.OTP, nil
}

func (d *Draft) putOTP(id UserID, o *OTP) {
	x := d.s.SignIn(id)
	x.OTP = o
	d.putSignIn(&x)
}

// UseOTP uses up a one-time password by its step. Denied for one that was used, or is older than one that was.
func (d *Draft) UseOTP(id UserID, step int64) error {
	o, err := d.otp(id)
	switch {
	case err != nil:
		return err
	case !o.Active() || step <= o.Step:
		return Errorf(Denied, "the one-time password was used")
	}
	o.Step = step
	d.putOTP(id, &o)
	return nil
}

// UseRecoveryCode uses up a recovery code by its hash. Denied if there is none such.
func (d *Draft) UseRecoveryCode(id UserID, hash []byte) error {
	o, err := d.otp(id)
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(slices.Clone(o.Recovery), func(have []byte) bool { return bytes.Equal(have, hash) })
	if !o.Active() || len(left) == len(o.Recovery) {
		return Errorf(Denied, "there is no such recovery code")
	}
	o.Recovery = left
	d.putOTP(id, &o)
	return nil
}

// DeleteOTP takes a user's generator away, also one that was only started. NotFound if there is none.
func (d *Draft) DeleteOTP(id UserID) error {
	if _, err := d.otp(id); err != nil {
		return err
	}
	d.putOTP(id, nil)
	return nil
}

// StartRegistration begins the registration of an authenticator, in place of one that was begun before.
func (d *Draft) StartRegistration(id UserID, c Ceremony) error {
	if _, err := d.s.User(id); err != nil {
		return err
	}
	if err := CheckOrigin("origin", c.Origin); err != nil {
		return err
	}
	if err := d.roomForAuthenticator(id); err != nil {
		return err
	}
	c.ExpiresAt = c.ExpiresAt.UTC().Truncate(time.Microsecond)
	x := d.s.SignIn(id)
	x.Ceremony = &c
	d.putSignIn(&x)
	return nil
}

func (d *Draft) roomForAuthenticator(id UserID) error {
	if d.s.proofs.count(id.UUID, sideAuthenticator) >= MaxAuthenticators {
		return FieldErrorf(Quota, "authenticators", "a user has at most %d", MaxAuthenticators)
	}
	return nil
}

// CheckOrigin accepts the origins at which an authenticator can be registered: a scheme, a host and perhaps a port, as a browser
// tells them. Without TLS only localhost will do.
func CheckOrigin(field, origin string) error {
	u, err := url.Parse(origin)
	const wanted = "must be an origin as a browser tells it, as in https://console.example.com"
	switch {
	case origin == "":
		return FieldErrorf(Invalid, field, "is required")
	case err != nil || len(origin) > maxDomain+20 || u.Scheme+"://"+u.Host != origin || !isHost(u.Hostname()):
		return FieldErrorf(Invalid, field, wanted)
	case u.Scheme == "https", u.Scheme == "http" && u.Hostname() == "localhost":
		return nil
	}
	return FieldErrorf(Invalid, field, wanted)
}

// isHost tells whether a text is the name of a host: authenticators know no addresses.
func isHost(s string) bool {
	labels := strings.Split(s, ".")
	return len(s) <= maxDomain && !slices.ContainsFunc(labels, badLabel) && strings.Trim(labels[len(labels)-1], "0123456789") != ""
}

// Registration gives the registration of an authenticator that a user has begun; NotFound if there is none of this id, or its time is
// over.
func (d *Draft) Registration(id UserID, ceremony UUID) (Ceremony, error) {
	if _, err := d.s.User(id); err != nil {
		return Ceremony{}, err
	}
	c := d.s.SignIn(id).Ceremony
	if c == nil || c.ID != ceremony || !d.now.Before(c.ExpiresAt) {
		return Ceremony{}, Errorf(NotFound, "registration %s does not exist, or took too long", ceremony)
	}
	return *c, nil
}

// FinishRegistration ends a registration with the authenticator that answered its challenge. NotFound as Registration has it, Exists
// if the key is registered already.
func (d *Draft) FinishRegistration(ceremony UUID, a Authenticator) (*Authenticator, error) {
	c, err := d.Registration(a.User, ceremony)
	if err != nil {
		return nil, err
	}
	if err := checkName("name", a.Name); err != nil {
		return nil, err
	}
	if err := fresh(&d.s.authenticators, a.ID.UUID); err != nil {
		return nil, err
	}
	if err := d.roomForAuthenticator(a.User); err != nil {
		return nil, err
	}
	if _, taken := d.s.authenticators.named(hex.EncodeToString(a.Credential)); taken {
		return nil, Errorf(Exists, "the authenticator is registered already")
	}
	x := d.s.SignIn(a.User)
	x.Ceremony = nil
	d.putSignIn(&x)
	a.Origin, a.CreatedAt, a.LastUsedAt = c.Origin, d.now, time.Time{}
	d.putAuthenticator(&a)
	return &a, nil
}

// UseAuthenticator records the answer of an authenticator: to a challenge of which time, with which count and flags. Denied for a
// challenge that is not newer than the last that was answered.
func (d *Draft) UseAuthenticator(id AuthenticatorID, challenged time.Time, count uint32, flags byte) error {
	old, err := d.s.Authenticator(id)
	if err != nil {
		return err
	}
	x := d.s.SignIn(old.User)
	challenged = challenged.UTC().Truncate(time.Microsecond)
	if !challenged.After(x.Challenged) {
		return Errorf(Denied, "the challenge was answered already")
	}
	x.Challenged = challenged
	d.putSignIn(&x)
	a := *old
	a.Count, a.Flags, a.LastUsedAt = count, flags, d.now
	d.putAuthenticator(&a)
	return nil
}

// RenameAuthenticator gives an authenticator another name. Nothing is touched when it is the same.
func (d *Draft) RenameAuthenticator(id AuthenticatorID, name string) (*Authenticator, error) {
	old, err := d.s.Authenticator(id)
	if err != nil {
		return nil, err
	}
	if err := checkName("name", name); err != nil || name == old.Name {
		return old, err
	}
	a := *old
	a.Name = name
	d.putAuthenticator(&a)
	return &a, nil
}

// DeleteAuthenticator takes an authenticator away.
func (d *Draft) DeleteAuthenticator(id AuthenticatorID) error {
	if _, err := d.s.Authenticator(id); err != nil {
		return err
	}
	d.touch(KindAuthenticator, id.UUID)
	d.s.putAuthenticator(d.edit, id.UUID, nil)
	return nil
}

// dropSignIn removes all by which a user signs in, and their sessions.
func (d *Draft) dropSignIn(id UserID) {
	for _, a := range d.s.proofs.ids(id.UUID, sideAuthenticator) {
		d.touch(KindAuthenticator, a)
		d.s.putAuthenticator(d.edit, a, nil)
	}
	for _, x := range d.s.proofs.ids(id.UUID, sideUserSession) {
		d.dropUserSession(x)
	}
	if _, ok := d.s.signIns.Get(id.UUID); ok {
		d.touch(KindSignIn, id.UUID)
		d.s.putSignIn(d.edit, id.UUID, nil)
	}
}

func (d *Draft) putSignIn(x *SignIn) {
	d.touch(KindSignIn, x.User.UUID)
	d.s.putSignIn(d.edit, x.User.UUID, x)
}

func (d *Draft) putAuthenticator(a *Authenticator) {
	d.touch(KindAuthenticator, a.ID.UUID)
	d.s.putAuthenticator(d.edit, a.ID.UUID, a)
}
