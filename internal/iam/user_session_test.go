package iam

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func open(x UserSession) func(*Draft) error {
	return func(d *Draft) error { return second(d.OpenUserSession(x)) }
}

func (w *world) userSession(n int) *UserSession {
	w.t.Helper()
	x, err := w.s.UserSession(userSessionID(n))
	if err != nil {
		w.t.Fatal(err)
	}
	return x
}

func TestOpenUserSession(t *testing.T) {
	w := newWorld(t, 1)
	const day = 24 * time.Hour
	of := func(n int) UserSession {
		return UserSession{ID: userSessionID(n), User: userID(1), Renewal: []byte("hash")}
	}
	with := func(n int, edit func(*UserSession)) UserSession {
		x := of(n)
		edit(&x)
		return x
	}
	w.refuse(NotFound, "", open(with(1, func(x *UserSession) { x.User = userID(9) })))
	w.refuse(Internal, "", open(UserSession{User: userID(1)}))
	w.refuse(Invalid, "duration_seconds", open(with(1, func(x *UserSession) { x.Length = -time.Second })))
	w.refuse(Invalid, "duration_seconds", open(with(1, func(x *UserSession) { x.Length = 1500 * time.Millisecond })))
	w.refuse(Invalid, "duration_seconds", open(with(1, func(x *UserSession) { x.Length = MaxSecurityDuration + time.Second })))
	w.refuse(Invalid, "referrer", open(with(1, func(x *UserSession) { x.Referrer = strings.Repeat("é", 1001) })))
	w.refuse(Invalid, "referrer", open(with(1, func(x *UserSession) { x.Referrer = "a\x00b" })))
	w.refuse(Conflict, "", open(with(1, func(x *UserSession) { x.SignedInAt = w.now.Add(-30 * day) })))
	w.refuse(NotFound, "", open(with(1, func(x *UserSession) { x.Credential = credentialID(9) })))
	w.refuse(NotFound, "", open(with(1, func(x *UserSession) { x.Credential = credentialID(2) }))) // another's

	w.now = w.now.Add(300 * time.Millisecond)
	w.accept(open(with(1, func(x *UserSession) { x.RevokedAt, x.CreatedAt = new(epoch), epoch })))
	if x := w.userSession(1); !x.CreatedAt.Equal(w.now) || x.RevokedAt != nil || !x.ExpiresAt.Equal(w.now.Add(30*day).Truncate(time.Second)) || !w.s.SessionEnds(x).Equal(x.ExpiresAt) {
		t.Errorf("as long as can be: %+v", x)
	}
	w.refuse(Internal, "", open(of(1)))
	w.accept(open(with(2, func(x *UserSession) { x.Length = time.Hour })))
	if x := w.userSession(2); !x.ExpiresAt.Equal(w.now.Add(time.Hour).Truncate(time.Second)) {
		t.Errorf("of an hour: %+v", x)
	}
	w.accept(open(with(3, func(x *UserSession) { x.Length, x.SignedInAt = 40*day, w.now.Add(-10*day) })))
	if x := w.userSession(3); !x.ExpiresAt.Equal(w.now.Add(20 * day).Truncate(time.Second)) {
		t.Errorf("of one who signed in ten days ago: %+v", x)
	}
	w.accept(func(d *Draft) error {
		return second(d.UpdateCredential(asUser(1), credentialID(1), func(k *Credential) { k.ExpiresAt = new(w.now.Add(day)) }))
	})
	w.accept(open(with(4, func(x *UserSession) { x.Credential = credentialID(1) })))
	if x := w.userSession(4); !x.ExpiresAt.Equal(w.now.Add(day).Truncate(time.Second)) {
		t.Errorf("made with a key that expires: %+v", x)
	}
	w.now = w.now.Add(day)
	w.refuse(Conflict, "", open(with(5, func(x *UserSession) { x.Credential = credentialID(1) })))

	if got := w.s.UserSessions(userID(1)).Len(); got != 4 || w.s.UserSessions(userID(2)).Len() != 0 {
		t.Errorf("%d sessions", got)
	}
	if _, err := w.s.UserSession(userSessionID(9)); CodeOf(err) != NotFound {
		t.Error(err)
	}
}

// TestSessionEnds: a session never goes on for longer than the organization allows now, whatever was allowed when it began.
func TestSessionEnds(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(open(UserSession{ID: userSessionID(1), User: userID(1), SignedInAt: w.now.Add(-time.Hour)}))
	limit := func(d time.Duration) { w.accept(secure(func(s *SecuritySettings) { s.MaxSession = d })) }
	ends := func(want time.Time) {
		t.Helper()
		if got := w.s.SessionEnds(w.userSession(1)); !got.Equal(want) {
			t.Errorf("it ends at %s, want %s", got, want)
		}
	}
	x := w.userSession(1)
	ends(x.ExpiresAt)
	limit(2 * time.Hour)
	ends(x.SignedInAt.Add(2 * time.Hour))
	limit(time.Minute)
	ends(x.SignedInAt.Add(time.Minute))
	w.refuse(Conflict, "", func(d *Draft) error { return second(d.RevokeUserSession(userSessionID(1))) })
	w.refuse(Conflict, "", func(d *Draft) error { return second(d.RenewUserSession(userSessionID(1), nil)) })
	limit(300 * 24 * time.Hour)
	ends(x.ExpiresAt) // a longer limit lengthens nothing
	later(w)
	w.accept(func(d *Draft) error { return second(d.RevokeUserSession(userSessionID(1))) })
	ends(w.now)
	later(w)
	w.refuse(Conflict, "", func(d *Draft) error { return second(d.RevokeUserSession(userSessionID(1))) })
	w.refuse(NotFound, "", func(d *Draft) error { return second(d.RevokeUserSession(userSessionID(9))) })
}

func TestRenewUserSession(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(open(UserSession{ID: userSessionID(1), User: userID(1), SignedInAt: w.now, Length: time.Hour, Renewal: []byte("first")}))
	w.accept(secure(func(s *SecuritySettings) { s.MaxSession = 90 * time.Minute }))
	renew := func(n int) func(*Draft) error {
		return func(d *Draft) error { return second(d.RenewUserSession(userSessionID(n), []byte("second"))) }
	}
	w.refuse(NotFound, "", renew(9))
	began := w.now
	w.now = began.Add(10 * time.Minute)
	w.accept(renew(1))
	if x := w.userSession(1); !x.ExpiresAt.Equal(w.now.Add(time.Hour)) || string(x.Renewal) != "second" || !x.CreatedAt.Equal(began) || !x.UpdatedAt.Equal(w.now) {
		t.Errorf("renewed: %+v", x)
	}
	w.now = began.Add(time.Hour)
	w.accept(renew(1))
	if x := w.userSession(1); !x.ExpiresAt.Equal(began.Add(90 * time.Minute)) {
		t.Errorf("beyond the longest session: %+v", x)
	}
	w.now = began.Add(90 * time.Minute)
	w.refuse(Conflict, "", renew(1))
}

// TestUserSessionsAreBounded: signing in again and again leaves no more behind than so much.
func TestUserSessionsAreBounded(t *testing.T) {
	w := newWorld(t, 1)
	for n := range MaxUserSessions + 3 {
		later(w)
		d := w.s.BeginAdministration(w.now, system)
		if err := open(UserSession{ID: userSessionID(n), User: userID(1)})(d); err != nil {
			t.Fatal(err)
		}
		w.s = d.State()
	}
	if got := w.s.UserSessions(userID(1)).Len(); got != MaxUserSessions {
		t.Errorf("%d sessions are kept", got)
	}
	for n := range 3 {
		if _, err := w.s.UserSession(userSessionID(n)); CodeOf(err) != NotFound {
			t.Errorf("session %d: %v", n, err)
		}
	}
	if problems := audit(w.s, w.now); problems != nil {
		t.Errorf("%q", problems)
	}
}

// TestPasswordEndsSessions: a new password ends the user's sessions, but for the one in which it was set.
func TestPasswordEndsSessions(t *testing.T) {
	w := newWorld(t, 1)
	for n := 1; n <= 3; n++ {
		w.accept(open(UserSession{ID: userSessionID(n), User: userID(1)}))
	}
	w.accept(open(UserSession{ID: userSessionID(4), User: userID(2)}))
	live := func(n int) bool { return w.now.Before(w.s.SessionEnds(w.userSession(n))) }
	state := func() string { return fmt.Sprint(live(1), live(2), live(3), live(4)) }
	w.accept(func(d *Draft) error {
		return d.SetPassword(userID(1), NewPassword{Plain: "correct horse", Hash: "h", Keep: userSessionID(2)})
	})
	if got := state(); got != "false true false true" {
		t.Errorf("live: %s", got)
	}
	w.accept(func(d *Draft) error {
		return d.SetPassword(userID(1), NewPassword{Plain: "correct horse", Hash: "h", Keep: userSessionID(4)}) // another's
	})
	if got := state(); got != "false false false true" {
		t.Errorf("live: %s", got)
	}
}

func TestPruneUserSessions(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(open(UserSession{ID: userSessionID(1), User: userID(1), Length: time.Hour}))
	w.accept(open(UserSession{ID: userSessionID(2), User: userID(1)}))
	w.now = w.now.Add(time.Hour + SessionsKept)
	w.accept(func(d *Draft) error { d.Prune(); return nil })
	if w.s.UserSessions(userID(1)).Len() != 2 {
		t.Error("removed too early")
	}
	later(w)
	w.accept(func(d *Draft) error { d.Prune(); return nil })
	if _, err := w.s.UserSession(userSessionID(1)); CodeOf(err) != NotFound || w.s.UserSessions(userID(1)).Len() != 1 {
		t.Errorf("not removed: %v", err)
	}
}
