package iam

import (
	"slices"
	"time"

	"github.com/writ-iam/writ/internal/pmap"
)

// UserSession is what a signed token of a user stands for, who has signed in or has made it with a key of theirs.
type UserSession struct {
	ID   UserSessionID `json:"id"`
	User UserID        `json:"user"`
	// Credential made it, and limits it: what is done with the session is done with that credential. Zero for a user who has
	// signed in, at SignedInAt, or made it with such a session.
	Credential CredentialID  `json:"credential,omitzero"`
	SignedInAt time.Time     `json:"signed_in_at,omitzero"`
	Length     time.Duration `json:"length"`             // how long it was to be, at most
	Renewal    []byte        `json:"renewal"`            // hash of the token that renews it
	Referrer   string        `json:"referrer,omitempty"` // for whom it was made, as whoever made it says
	IP         string        `json:"ip,omitempty"`
	UserAgent  string        `json:"user_agent,omitempty"`
	CreatedAt  time.Time     `json:"created_at"`
	UpdatedAt  time.Time     `json:"updated_at"` // of the last renewal
	ExpiresAt  time.Time     `json:"expires_at"` // see State.SessionEnds
	RevokedAt  *time.Time    `json:"revoked_at,omitempty"`
}

// MaxUserSessions is how many sessions of one user are kept, ended ones too. The oldest makes room for one more.
const MaxUserSessions = 100

// maxReferrer is the longest Referrer, in characters.
const maxReferrer = 1000

// UserSession finds a session of a user, an ended one too; NotFound otherwise.
func (s *State) UserSession(id UserSessionID) (*UserSession, error) {
	return get(&s.userSessions, id.UUID, "session")
}

// UserSessions lists the sessions of a user, ended ones too.
func (s *State) UserSessions(of UserID) Listing[*UserSession] {
	return related(&s.userSessions, s.proofs, of.UUID, sideUserSession, func(x *UserSession) (int64, bool) {
		return x.CreatedAt.UnixMicro(), x.User == of
	})
}

// SessionEnds tells when a session of a user ends or has ended: when it was revoked, or at its expiry, which is never later than
// the organization's longest session from when the user signed in, as the settings are now.
func (s *State) SessionEnds(x *UserSession) time.Time {
	end := x.begun().Add(s.SecuritySettings().MaxSession)
	if x.ExpiresAt.Before(end) {
		end = x.ExpiresAt
	}
	if x.RevokedAt != nil && x.RevokedAt.Before(end) {
		end = *x.RevokedAt
	}
	return end
}

// begun is from when the longest session counts.
func (x *UserSession) begun() time.Time {
	if x.SignedInAt.IsZero() {
		return x.CreatedAt
	}
	return x.SignedInAt
}

// OpenUserSession records a session of a user from ID, User, Credential, SignedInAt, Length, Renewal and what is only told. It lasts
// for Length, or as long as the organization and the credential allow; zero is as long as they do. Who the user is was proved
// before. The oldest sessions beyond MaxUserSessions are forgotten.
func (d *Draft) OpenUserSession(x UserSession) (*UserSession, error) {
	if _, err := d.s.User(x.User); err != nil {
		return nil, err
	}
	if err := fresh(&d.s.userSessions, x.ID.UUID); err != nil {
		return nil, err
	}
	if err := checkReferrer(x.Referrer); err != nil {
		return nil, err
	}
	have := d.s.proofs.ids(x.User.UUID, sideUserSession)
	for _, id := range have[:max(0, len(have)+1-MaxUserSessions)] {
		d.dropUserSession(id)
	}
	x.SignedInAt = x.SignedInAt.UTC().Truncate(time.Microsecond)
	x.Renewal, x.RevokedAt, x.CreatedAt = slices.Clone(x.Renewal), nil, d.now
	return d.extend(x)
}

func checkReferrer(text string) error {
	if err := checkText("referrer", &text); err != nil {
		return err
	}
	if len([]rune(text)) > maxReferrer {
		return FieldErrorf(Invalid, "referrer", "has at most %d characters", maxReferrer)
	}
	return nil
}

// extend sets when a session ends.
func (d *Draft) extend(x UserSession) (*UserSession, error) {
	if x.Length < 0 || x.Length > MaxSecurityDuration || x.Length%time.Second != 0 {
		return nil, FieldErrorf(Invalid, "duration_seconds", "must be whole seconds, from 1 to %d", MaxSecurityDuration/time.Second)
	}
	end := x.begun().Add(d.s.SecuritySettings().MaxSession)
	if asked := d.now.Add(x.Length); x.Length != 0 && asked.Before(end) {
		end = asked
	}
	if !x.Credential.IsZero() {
		k, err := d.s.CredentialOf(Principal{KindOfUser, x.User.UUID}, x.Credential)
		if err != nil {
			return nil, err
		}
		if k.ExpiresAt != nil && k.ExpiresAt.Before(end) {
			end = *k.ExpiresAt
		}
	}
	// Whole seconds, as tokens and wires have them: what a client reads is exactly when it ends.
	x.ExpiresAt, x.UpdatedAt = end.Truncate(time.Second), d.now
	if !d.now.Before(x.ExpiresAt) {
		return nil, Errorf(Conflict, "the session would have ended already: sign in anew")
	}
	d.putUserSession(&x)
	return &x, nil
}

// RenewUserSession gives a live session its length anew, within what the organization allows from when the user signed in, and
// another renewal. Conflict if it has ended.
func (d *Draft) RenewUserSession(id UserSessionID, renewal []byte) (*UserSession, error) {
	old, err := d.liveUserSession(id)
	if err != nil {
		return nil, err
	}
	x := *old
	x.Renewal = slices.Clone(renewal)
	return d.extend(x)
}

// RevokeUserSession ends a live session of a user. Conflict if it has ended already.
func (d *Draft) RevokeUserSession(id UserSessionID) (*UserSession, error) {
	old, err := d.liveUserSession(id)
	if err != nil {
		return nil, err
	}
	return d.endUserSession(old), nil
}

func (d *Draft) liveUserSession(id UserSessionID) (*UserSession, error) {
	x, err := d.s.UserSession(id)
	if err == nil && !d.now.Before(d.s.SessionEnds(x)) {
		return nil, Errorf(Conflict, "the session has ended")
	}
	return x, err
}

func (d *Draft) endUserSession(old *UserSession) *UserSession {
	x := *old
	x.RevokedAt = new(d.now)
	d.putUserSession(&x)
	return &x
}

// endUserSessions revokes the live sessions of a user but one.
func (d *Draft) endUserSessions(of UserID, but UserSessionID) {
	for _, id := range d.s.proofs.ids(of.UUID, sideUserSession) {
		if x, _ := d.s.userSessions.get(id); x.ID != but && d.now.Before(d.s.SessionEnds(x)) {
			d.endUserSession(x)
		}
	}
}

func (d *Draft) dropUserSession(id UUID) {
	d.forget(id)
	d.touch(KindUserSession, id)
	d.s.putUserSession(d.edit, id, nil)
}

func (d *Draft) putUserSession(x *UserSession) {
	d.touch(KindUserSession, x.ID.UUID)
	d.s.putUserSession(d.edit, x.ID.UUID, x)
}

func (s *State) putUserSession(e *pmap.Edit, id UUID, x *UserSession) {
	old, _ := s.userSessions.get(id)
	s.userSessions.replace(e, old, x)
	if old != nil {
		s.proofs.remove(e, edge{old.User.UUID, sideUserSession, old.entry().place()})
	}
	if x != nil {
		s.proofs.add(e, edge{x.User.UUID, sideUserSession, x.entry().place()})
	}
}

func (x *UserSession) entry() entry { return entry{x.ID.UUID, x.CreatedAt, nil} }
