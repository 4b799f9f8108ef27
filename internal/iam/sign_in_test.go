package iam

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func userSessionID(n int) UserSessionID     { return UserSessionID{testID('l', n)} }
func authenticatorID(n int) AuthenticatorID { return AuthenticatorID{testID('w', n)} }

func setPassword(n int, plain string) func(*Draft) error {
	return func(d *Draft) error {
		return d.SetPassword(userID(n), NewPassword{Plain: plain, Hash: "hash of " + plain})
	}
}

func onUser(n int, do func(*Draft, UserID) error) func(*Draft) error {
	return func(d *Draft) error { return do(d, userID(n)) }
}

func TestCheckPassword(t *testing.T) {
	u := &User{Email: "Ann.Longname@corp.example", Name: "Ann", Username: "ann_the_admin"}
	for _, good := range []string{"8 bytes.", "correct horse battery staple", strings.Repeat("ab", 36), "пароль", "aaaaaaab", "ann.longname1"} {
		if err := u.CheckPassword(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"", "7 bytes", strings.Repeat("ab", 36) + "c", "aaaaaaaa", "\xff\xff\xff\xffabcd", "tab\tbetween", "nul\x00between",
		"Ann.Longname@corp.example", "ann.longname@CORP.example", "ann.longname", "ANN.LONGNAME", "Ann_The_Admin"} {
		wantError(t, u.CheckPassword(bad), Invalid, "password")
	}
	if err := (&User{Email: "a@b"}).CheckPassword("a@b a@b a@b"); err != nil {
		t.Error(err)
	}
}

func TestSetPassword(t *testing.T) {
	w := newWorld(t, 1)
	for _, id := range []UserID{userID(1), userID(9)} {
		if x := w.s.SignIn(id); x.User != id || x.Password != "" || x.Failures != 0 || x.OTP != nil {
			t.Errorf("of a user of whom nothing is kept: %+v", x)
		}
	}
	w.refuse(NotFound, "", setPassword(9, "correct horse"))
	w.refuse(Invalid, "password", setPassword(1, "short"))
	w.refuse(Invalid, "password", setPassword(1, "ann@corp.example"))
	w.refuse(Internal, "", func(d *Draft) error { return d.SetPassword(userID(1), NewPassword{Plain: "correct horse"}) })
	later(w)
	w.acceptAs(asUser(0), setPassword(1, "correct horse"))
	if x := w.s.SignIn(userID(1)); x.Password != "hash of correct horse" || !x.PasswordAt.Equal(w.now) || !x.Given {
		t.Errorf("given by another: %+v", x)
	}
	w.acceptAs(asUser(1), setPassword(1, "battery staple"))
	if x := w.s.SignIn(userID(1)); x.Password != "hash of battery staple" || x.Given {
		t.Errorf("set by the user: %+v", x)
	}
	w.acceptAs(asUser(2), setPassword(1, "battery staple"))
	if x := w.s.SignIn(userID(1)); !x.Given {
		t.Errorf("set by another user: %+v", x)
	}
	// A service account with the id of the user is not the user.
	w.acceptAs(Principal{KindOfServiceAccount, userID(1).UUID}, setPassword(1, "battery staple"))
	if x := w.s.SignIn(userID(1)); !x.Given {
		t.Errorf("set by a service account: %+v", x)
	}
}

// TestFailSignIn: as many failures as the organization allows lock the user, and then nothing more is written.
func TestFailSignIn(t *testing.T) {
	w := newWorld(t, 1)
	fail := func(n int) func(*Draft) error { return onUser(n, (*Draft).FailSignIn) }
	w.refuse(NotFound, "", fail(9))
	w.refuse(NotFound, "", onUser(9, (*Draft).SignedIn))
	unlock := onUser(1, func(d *Draft, id UserID) error { return second(d.SetUserDisabled(id, false)) })
	locked := func(n int) bool {
		u, err := w.s.User(userID(n))
		return err == nil && w.s.LockedOut(u, w.now)
	}
	unchanged(w, unlock)
	w.accept(secure(func(s *SecuritySettings) { s.LoginAttempts = 3 }))
	for range 2 {
		w.accept(fail(1))
	}
	if locked(1) || w.s.SignIn(userID(1)).Failures != 2 {
		t.Errorf("after two of three: %+v", w.s.SignIn(userID(1)))
	}
	w.accept(onUser(1, (*Draft).SignedIn)) // counts from the beginning
	for range 3 {
		if locked(1) {
			t.Error("locked too early")
		}
		w.accept(fail(1))
	}
	if u, _ := w.s.User(userID(1)); !locked(1) || !u.Disabled {
		t.Error("not locked")
	}
	unchanged(w, fail(1))
	w.refuse(Denied, "", onUser(1, (*Draft).SignedIn))
	w.accept(setPassword(1, "correct horse")) // does not unlock
	w.refuse(Denied, "", onUser(1, (*Draft).SignedIn))
	if locked(2) {
		t.Error("another user is locked too")
	}
	w.accept(unlock)
	if x := w.s.SignIn(userID(1)); locked(1) || x.Failures != 0 {
		t.Errorf("after unlocking: %+v", x)
	}
	w.accept(onUser(1, (*Draft).SignedIn))
	if x := w.s.SignIn(userID(1)); !x.LastAt.Equal(w.now) {
		t.Errorf("signed in at %s", x.LastAt)
	}
	// A lower limit counts what has failed before.
	w.accept(fail(1))
	w.accept(secure(func(s *SecuritySettings) { s.LoginAttempts = 1 }))
	w.accept(fail(1))
	if !locked(1) {
		t.Error("not locked with a lower limit")
	}
}

// TestOwnerIsPaused: the owner cannot be locked, and nobody can try passwords of theirs without end either.
func TestOwnerIsPaused(t *testing.T) {
	w := newWorld(t, 1)
	fail := onUser(0, (*Draft).FailSignIn)
	paused := func() bool {
		u, err := w.s.User(userID(0))
		if err != nil || u.Disabled {
			t.Fatalf("the owner: %+v, %v", u, err)
		}
		return w.s.LockedOut(u, w.now)
	}
	w.accept(secure(func(s *SecuritySettings) { s.LoginAttempts = 2 }))
	for range 2 {
		for range 2 {
			w.accept(fail)
		}
		if !paused() {
			t.Error("not paused")
		}
		unchanged(w, fail)
		w.refuse(Denied, "", onUser(0, (*Draft).SignedIn))
		w.now = w.now.Add(OwnerPause)
		if paused() {
			t.Error("paused for too long")
		}
	}
	w.accept(fail)
	w.accept(onUser(0, (*Draft).SignedIn))
	w.accept(fail)
	if paused() {
		t.Error("paused after one failure since signing in")
	}
}

func TestGracePeriods(t *testing.T) {
	w := newWorld(t, 1)
	const day = 24 * time.Hour
	signedIn := onUser(1, (*Draft).SignedIn)
	none := func(why string) {
		t.Helper()
		if got := w.s.GracePeriods(userID(1)); got != nil || w.s.GraceOver(userID(1), w.now.AddDate(50, 0, 0)) {
			t.Errorf("%s: %v", why, got)
		}
	}
	w.acceptAs(asUser(0), setPassword(1, "correct horse"))
	w.accept(signedIn)
	none("not enforced")
	w.accept(secure(func(s *SecuritySettings) { s.EnforcePasswordRenewal = true }))
	none("enforced since the user signed in")
	later(w)
	since := w.now
	w.accept(signedIn)
	want := []GracePeriod{{GraceUpdatePassword, since, since.Add(3 * day)}}
	if got := w.s.GracePeriods(userID(1)); !slices.Equal(got, want) || w.s.GraceOver(userID(1), since.Add(3*day-1)) || !w.s.GraceOver(userID(1), since.Add(3*day)) {
		t.Errorf("got %v, want %v", got, want)
	}
	w.now = since.Add(2 * day)
	w.accept(signedIn) // does not begin it anew
	if got := w.s.GracePeriods(userID(1)); !slices.Equal(got, want) {
		t.Errorf("after signing in again: %v", got)
	}
	w.accept(secure(func(s *SecuritySettings) { s.GracePeriod = day })) // as the settings are now
	w.refuse(Denied, "", signedIn)
	w.accept(secure(func(s *SecuritySettings) { s.EnforcePasswordRenewal = false }))
	w.accept(signedIn)
	none("not enforced any more")
	w.accept(secure(func(s *SecuritySettings) { s.EnforcePasswordRenewal = true }))
	w.refuse(Denied, "", signedIn)
	w.acceptAs(asUser(2), setPassword(1, "battery staple"))
	none("a new password of another's, not used yet")
	w.accept(signedIn)
	if got := w.s.GracePeriods(userID(1)); len(got) != 1 || !got[0].CreatedAt.Equal(w.now) {
		t.Errorf("after signing in with it: %v", got)
	}
	w.acceptAs(asUser(1), setPassword(1, "of my own choice"))
	none("a password of one's own")
	w.accept(signedIn)
	none("after signing in with it")
}

func TestOTP(t *testing.T) {
	w := newWorld(t, 1)
	start := func(n int) func(*Draft) error {
		return onUser(n, func(d *Draft, id UserID) error { return d.StartOTP(id, []byte("sealed")) })
	}
	confirm := func(n int, step int64, codes ...[]byte) func(*Draft) error {
		return onUser(n, func(d *Draft, id UserID) error { return d.ConfirmOTP(id, step, codes) })
	}
	use := func(step int64) func(*Draft) error {
		return onUser(1, func(d *Draft, id UserID) error { return d.UseOTP(id, step) })
	}
	recover := func(code string) func(*Draft) error {
		return onUser(1, func(d *Draft, id UserID) error { return d.UseRecoveryCode(id, []byte(code)) })
	}
	for _, n := range []int{1, 9} { // one who has none, and nobody
		w.refuse(NotFound, "", confirm(n, 7))
		w.refuse(NotFound, "", onUser(n, (*Draft).DeleteOTP))
		w.refuse(NotFound, "", onUser(n, func(d *Draft, id UserID) error { return d.UseOTP(id, 7) }))
		w.refuse(NotFound, "", onUser(n, func(d *Draft, id UserID) error { return d.UseRecoveryCode(id, []byte("a")) }))
	}
	w.refuse(NotFound, "", start(9))
	w.accept(start(1))
	later(w)
	w.accept(start(1)) // anew
	if w.s.HasMFA(userID(1)) || !w.s.SignIn(userID(1)).OTP.StartedAt.Equal(w.now) {
		t.Error("what is not confirmed counts")
	}
	w.refuse(Denied, "", use(7))
	w.refuse(Denied, "", recover("a"))
	w.refuse(Internal, "", confirm(1, 7, make([][]byte, MaxRecoveryCodes+1)...))
	w.accept(confirm(1, 7, []byte("a"), []byte("b")))
	if !w.s.HasMFA(userID(1)) || w.s.HasMFA(userID(2)) || w.s.HasMFA(userID(9)) {
		t.Error("HasMFA")
	}
	w.refuse(Conflict, "", confirm(1, 8))
	w.refuse(Conflict, "", start(1))
	w.refuse(Denied, "", use(7)) // the one that confirmed it
	w.refuse(Denied, "", use(6))
	w.accept(use(8))
	w.refuse(Denied, "", use(8))
	w.refuse(Denied, "", use(7))
	w.accept(use(10))
	w.refuse(Denied, "", use(9)) // older than one that was used
	w.refuse(Denied, "", recover("c"))
	w.refuse(Denied, "", recover(""))
	w.accept(recover("a"))
	w.refuse(Denied, "", recover("a"))
	w.accept(recover("b"))
	w.refuse(Denied, "", recover("b"))
	w.accept(onUser(1, (*Draft).DeleteOTP))
	if w.s.HasMFA(userID(1)) {
		t.Error("deleted, and still asked for")
	}
	w.refuse(NotFound, "", use(20))
	w.accept(start(1))
	w.accept(onUser(1, (*Draft).DeleteOTP)) // one that was only started
}

func TestCheckOrigin(t *testing.T) {
	for _, good := range []string{"https://example.com", "https://console.example.com:8443", "http://localhost", "http://localhost:3000", "https://localhost",
		"https://xn--bcher-kva.example"} {
		if err := CheckOrigin("origin", good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"", "example.com", "http://example.com", "https://", "https://example.com/", "https://example.com/path", "https://a@example.com",
		"https://example.com?x", "https://example.com#x", "HTTPS://example.com", "https://192.0.2.1", "https://[2001:db8::1]", "http://127.0.0.1",
		"https://exa mple.com", "https://example..com", "https://-a.example", "android:apk-key-hash:x", "file://", "null", "https://example.com:port",
		"http://localhost.example", "https://" + strings.Repeat("a.", 150) + "example", "\x00"} {
		wantError(t, CheckOrigin("origin", bad), Invalid, "origin")
	}
}

func TestRegistration(t *testing.T) {
	w := newWorld(t, 1)
	id := testID('w', 50)
	ceremony := Ceremony{ID: id, Challenge: []byte("challenge"), Origin: "https://console.example", ExpiresAt: w.now.Add(time.Minute)}
	start := func(n int, c Ceremony) func(*Draft) error {
		return onUser(n, func(d *Draft, u UserID) error { return d.StartRegistration(u, c) })
	}
	key := func(n int) Authenticator {
		return Authenticator{ID: authenticatorID(n), User: userID(1), Name: "key", Credential: []byte{byte(n)}, PublicKey: []byte{1, byte(n)}, Count: 5}
	}
	finish := func(c UUID, a Authenticator) func(*Draft) error {
		return func(d *Draft) error { return second(d.FinishRegistration(c, a)) }
	}
	w.refuse(NotFound, "", start(9, ceremony))
	w.refuse(Invalid, "origin", start(1, Ceremony{ID: id, Origin: "http://console.example"}))
	w.refuse(NotFound, "", finish(id, key(1)))
	w.accept(start(1, ceremony))
	nobody, another := key(1), key(1)
	nobody.User, another.User = userID(9), userID(2)
	w.refuse(NotFound, "", finish(id, nobody))
	w.refuse(NotFound, "", finish(id, another)) // who did not begin it
	w.refuse(NotFound, "", finish(testID('w', 51), key(1)))
	w.refuse(NotFound, "", finish(UUID{}, key(1)))
	unnamed := key(1)
	unnamed.Name = ""
	w.refuse(Invalid, "name", finish(id, unnamed))
	w.now = w.now.Add(time.Minute)
	w.refuse(NotFound, "", finish(id, key(1)))
	w.now = w.now.Add(-time.Microsecond)
	elsewhere := key(1)
	elsewhere.Origin = "https://evil.example"
	w.accept(finish(id, elsewhere))
	a, err := w.s.Authenticator(authenticatorID(1))
	if err != nil || a.Origin != "https://console.example" || !a.CreatedAt.Equal(w.now) || !a.LastUsedAt.IsZero() || a.Count != 5 {
		t.Fatalf("got %+v, %v", a, err)
	}
	if !w.s.HasMFA(userID(1)) || w.s.HasMFA(userID(2)) {
		t.Error("HasMFA")
	}
	w.refuse(NotFound, "", finish(id, key(2))) // once
	w.accept(start(1, Ceremony{ID: id, Origin: "https://console.example", ExpiresAt: w.now.Add(time.Minute)}))
	same := key(2)
	same.Credential = []byte{1}
	w.refuse(Exists, "", finish(id, same))
	w.refuse(Internal, "", finish(id, key(1)))
	w.accept(start(1, Ceremony{ID: testID('w', 52), Origin: "https://console.example", ExpiresAt: w.now.Add(time.Minute)}))
	w.refuse(NotFound, "", finish(id, key(2))) // another one was begun since
	w.accept(finish(testID('w', 52), key(2)))

	// One key too many.
	for n := 3; n <= MaxAuthenticators; n++ {
		w.accept(start(1, ceremony2(w, n)))
		w.accept(finish(testID('w', 100+n), key(n)))
	}
	w.refuse(Quota, "authenticators", start(1, ceremony2(w, 90)))
	if n := w.s.Authenticators(userID(1)).Len(); n != MaxAuthenticators {
		t.Errorf("%d authenticators", n)
	}
	page, err := w.s.Authenticators(userID(1)).Page(PageQuery[*Authenticator]{After: authenticatorID(1).UUID, Limit: 1})
	if err != nil || len(page.Items) != 1 || page.Items[0].ID != authenticatorID(2) {
		t.Errorf("the page after the first: %+v, %v", page, err)
	}
}

func ceremony2(w *world, n int) Ceremony {
	return Ceremony{ID: testID('w', 100+n), Origin: "https://console.example", ExpiresAt: w.now.Add(time.Minute)}
}

func TestAuthenticators(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(func(d *Draft) error {
		c := ceremony2(w, 1)
		return errors.Join(d.StartRegistration(userID(1), c),
			second(d.FinishRegistration(c.ID, Authenticator{ID: authenticatorID(1), User: userID(1), Name: "key", Credential: []byte{1}})))
	})
	use := func(n int, at time.Time) func(*Draft) error {
		return func(d *Draft) error { return d.UseAuthenticator(authenticatorID(n), at, 9, 5) }
	}
	w.refuse(NotFound, "", use(9, w.now))
	w.refuse(Denied, "", use(1, time.Time{}))
	later(w)
	w.accept(use(1, w.now))
	if a, _ := w.s.Authenticator(authenticatorID(1)); a.Count != 9 || a.Flags != 5 || !a.LastUsedAt.Equal(w.now) {
		t.Errorf("got %+v", a)
	}
	w.refuse(Denied, "", use(1, w.now))
	w.refuse(Denied, "", use(1, w.now.Add(time.Nanosecond))) // the same, to the microsecond
	w.refuse(Denied, "", use(1, w.now.Add(-time.Second)))
	w.accept(use(1, w.now.Add(time.Microsecond)))

	rename := func(n int, name string) func(*Draft) error {
		return func(d *Draft) error { return second(d.RenameAuthenticator(authenticatorID(n), name)) }
	}
	w.refuse(NotFound, "", rename(9, "x"))
	w.refuse(Invalid, "name", rename(1, ""))
	w.refuse(Invalid, "name", rename(1, "a\nb"))
	unchanged(w, rename(1, "key"))
	w.accept(rename(1, "blue key"))
	if got := w.s.NameOf(Name(TypeAuthenticator, authenticatorID(1).UUID)); got != "blue key" {
		t.Errorf("it is called %q", got)
	}
	w.refuse(NotFound, "", func(d *Draft) error { return d.DeleteAuthenticator(authenticatorID(9)) })
	w.accept(func(d *Draft) error { return d.DeleteAuthenticator(authenticatorID(1)) })
	if w.s.HasMFA(userID(1)) {
		t.Error("deleted, and still asked for")
	}
}

// TestSignInGoesWithTheUser: nothing by which a user signs in is left when they are removed.
func TestSignInGoesWithTheUser(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(func(d *Draft) error {
		c := ceremony2(w, 1)
		return errors.Join(setPassword(1, "correct horse")(d), d.StartOTP(userID(1), []byte("s")), d.ConfirmOTP(userID(1), 1, nil),
			d.StartRegistration(userID(1), c),
			second(d.FinishRegistration(c.ID, Authenticator{ID: authenticatorID(1), User: userID(1), Name: "key", Credential: []byte{1}})),
			second(d.OpenUserSession(UserSession{ID: userSessionID(1), User: userID(1)})),
			setPassword(2, "correct horse")(d))
	})
	w.accept(func(d *Draft) error { d.Touch([]Use{{userSessionID(1).UUID, w.now}}); return nil })
	if at, ok := w.s.LastUsed(userSessionID(1).UUID); !ok || !at.Equal(w.now) {
		t.Errorf("last used at %s, %v", at, ok)
	}
	w.accept(func(d *Draft) error { return d.RemoveUser(userID(1)) })
	if w.s.signIns.Len() != 1 || w.s.authenticators.len() != 0 || w.s.userSessions.len() != 0 || w.s.HasMFA(userID(1)) {
		t.Errorf("left: %v", dump(w.s))
	}
}
