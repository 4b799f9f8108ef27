package iam

import (
	"encoding/hex"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/writ-iam/writ/internal/pmap"
)

// SignIn is how one user proves who they are, and what came of it. It has the user's id, is made when there is something to
// keep, and goes with the user. Times that never were are zero.
type SignIn struct {
	User       UserID    `json:"user"`
	Password   string    `json:"password,omitempty"` // authn's hash of it; "": there is none, and no signing in with one
	PasswordAt time.Time `json:"password_at,omitzero"`
	// Given tells that somebody else chose the password, and GraceSince when the user first signed in with it while they had
	// to set one of their own.
	Given      bool      `json:"given,omitempty"`
	GraceSince time.Time `json:"grace_since,omitzero"`
	// Failures counts those since the user last signed in. When there are too many, the user is disabled, and the owner, whom
	// nobody could enable again, is paused.
	Failures int       `json:"failures,omitempty"`
	PausedAt time.Time `json:"paused_at,omitzero"`
	OTP      *OTP      `json:"otp,omitempty"`
	Ceremony *Ceremony `json:"ceremony,omitempty"` // of an authenticator that is being registered
	// Challenged is when the challenge was made that the last authenticator answered: none that is older is good any more.
	Challenged time.Time `json:"challenged,omitzero"`
	LastAt     time.Time `json:"last_at,omitzero"` // when the user last signed in
}

// OTP is a user's generator of one-time passwords (RFC 6238).
type OTP struct {
	Sealed      []byte    `json:"sealed"` // its secret, under the installation's key
	StartedAt   time.Time `json:"started_at"`
	ConfirmedAt time.Time `json:"confirmed_at,omitzero"` // zero: it has not been shown to work, and proves nothing
	Step        int64     `json:"step,omitempty"`        // the last that was used: none up to it is good any more
	Recovery    [][]byte  `json:"recovery,omitempty"`    // hashes of the codes that are left, each good once in place of a password
}

// Ceremony is the registration of an authenticator between its start and its end.
type Ceremony struct {
	ID        UUID      `json:"id"`
	Challenge []byte    `json:"challenge"`
	Origin    string    `json:"origin"`
	ExpiresAt time.Time `json:"expires_at"`
}

// Authenticator is a key that signs for a user at one origin (WebAuthn).
type Authenticator struct {
	ID         AuthenticatorID `json:"id"`
	User       UserID          `json:"user"`
	Name       string          `json:"name"`
	Origin     string          `json:"origin"`
	Credential []byte          `json:"credential"` // the authenticator's own id for the key
	PublicKey  []byte          `json:"public_key"` // as COSE has it
	Count      uint32          `json:"count,omitempty"`
	Flags      byte            `json:"flags,omitempty"` // of its last answer
	CreatedAt  time.Time       `json:"created_at"`
	LastUsedAt time.Time       `json:"last_used_at,omitzero"`
}

// GraceType says what a user has to do before a grace period is over.
type GraceType string

// GraceUpdatePassword is that they set a password of their own.
const GraceUpdatePassword GraceType = "update_password"

// GracePeriod is the time that a user has to do something. When it is over, they cannot sign in, and their sessions are good for
// nothing, until somebody gives them another password.
type GracePeriod struct {
	Type                 GraceType
	CreatedAt, ExpiresAt time.Time
}

// The bounds of what is kept for one user.
const (
	MaxAuthenticators = 20
	MaxRecoveryCodes  = 20
)

// OwnerPause is for how long the owner cannot sign in after too many failures.
const OwnerPause = 15 * time.Minute

// The length of a password, in bytes. No vendor's shortest is longer than 8, and 72 is the longest that all of them take.
const (
	minPassword = 8
	maxPassword = 72
)

// CheckPassword holds the rule for passwords of a user. A dialect may ask for more.
func (u *User) CheckPassword(password string) error {
	const field = "password"
	switch {
	case password == "":
		return FieldErrorf(Invalid, field, "is required")
	case len(password) < minPassword || len(password) > maxPassword:
		return FieldErrorf(Invalid, field, "must have %d to %d bytes", minPassword, maxPassword)
	case !utf8.ValidString(password):
		return FieldErrorf(Invalid, field, "is not valid UTF-8")
	case strings.ContainsFunc(password, unicode.IsControl):
		return FieldErrorf(Invalid, field, "holds a control character")
	case strings.Trim(password, password[:1]) == "":
		return FieldErrorf(Invalid, field, "is one character again and again")
	}
	local, _, _ := strings.Cut(u.Email, "@")
	for _, known := range []string{u.Username, u.Email, local} {
		if FoldEmail(password) == FoldEmail(known) {
			return FieldErrorf(Invalid, field, "must not be the username or the address")
		}
	}
	return nil
}

// SignIn gives how a user signs in; the zero SignIn for one of whom nothing is kept.
func (s *State) SignIn(id UserID) SignIn {
	if x, ok := s.signIns.Get(id.UUID); ok {
		return *x
	}
	return SignIn{User: id}
}

// HasMFA tells whether a user must show a second factor.
func (s *State) HasMFA(id UserID) bool {
	x := s.SignIn(id)
	return x.OTP.Active() || s.proofs.count(id.UUID, sideAuthenticator) > 0
}

// Active tells whether one-time passwords are asked for.
func (o *OTP) Active() bool { return o != nil && !o.ConfirmedAt.IsZero() }

// LockedOut tells whether a user cannot sign in: they are disabled, or the owner and paused.
func (s *State) LockedOut(u *User, now time.Time) bool {
	return u.Disabled || s.org.Owner == u.ID && now.Before(s.SignIn(u.ID).PausedAt.Add(OwnerPause))
}

// GracePeriods gives what a user has yet to do, and until when.
func (s *State) GracePeriods(id UserID) []GracePeriod {
	x, security := s.SignIn(id), s.SecuritySettings()
	if !security.EnforcePasswordRenewal || !x.Given || x.GraceSince.IsZero() {
		return nil
	}
	return []GracePeriod{{Type: GraceUpdatePassword, CreatedAt: x.GraceSince, ExpiresAt: x.GraceSince.Add(security.GracePeriod)}}
}

// GraceOver tells whether a grace period of a user is over.
func (s *State) GraceOver(id UserID, now time.Time) bool {
	for _, g := range s.GracePeriods(id) {
		if !now.Before(g.ExpiresAt) {
			return true
		}
	}
	return false
}

// Authenticator finds an authenticator; NotFound otherwise.
func (s *State) Authenticator(id AuthenticatorID) (*Authenticator, error) {
	return get(&s.authenticators, id.UUID, "authenticator")
}

// Authenticators lists those of a user, in the order in which they were registered.
func (s *State) Authenticators(of UserID) Listing[*Authenticator] {
	return related(&s.authenticators, s.proofs, of.UUID, sideAuthenticator, func(a *Authenticator) (int64, bool) {
		return a.CreatedAt.UnixMicro(), a.User == of
	})
}

func (s *State) putSignIn(e *pmap.Edit, id UUID, x *SignIn) {
	if x == nil {
		s.signIns = s.signIns.Delete(e, id)
	} else {
		s.signIns = s.signIns.Set(e, id, x)
	}
}

func (s *State) putAuthenticator(e *pmap.Edit, id UUID, a *Authenticator) {
	old, _ := s.authenticators.get(id)
	s.authenticators.replace(e, old, a)
	if old != nil {
		s.proofs.remove(e, edge{old.User.UUID, sideAuthenticator, old.entry().place()})
	}
	if a != nil {
		s.proofs.add(e, edge{a.User.UUID, sideAuthenticator, a.entry().place()})
	}
}

// An authenticator goes by its own id for the key, so that no key is registered twice.
func (a *Authenticator) entry() entry {
	return entry{a.ID.UUID, a.CreatedAt, []string{hex.EncodeToString(a.Credential)}}
}
