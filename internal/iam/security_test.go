package iam

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func secure(edit func(*SecuritySettings)) func(*Draft) error {
	return func(d *Draft) error { return second(d.UpdateSecuritySettings(edit)) }
}

func TestSecuritySettings(t *testing.T) {
	w := newWorld(t, 1)
	const day = 24 * time.Hour
	want := SecuritySettings{GracePeriod: 3 * day, LoginAttempts: 10, MaxSession: 30 * day}
	if got := w.s.SecuritySettings(); got != want {
		t.Errorf("a new organization has %+v", got)
	}
	if got := NewState(orgID(9)).SecuritySettings(); got != want {
		t.Errorf("an organization without a commit has %+v", got)
	}
	unchanged(w, secure(func(*SecuritySettings) {}))
	for field, edits := range map[string][]func(*SecuritySettings){
		"login_attempts_before_locked": {
			func(s *SecuritySettings) { s.LoginAttempts = 0 }, func(s *SecuritySettings) { s.LoginAttempts = -1 },
			func(s *SecuritySettings) { s.LoginAttempts = 51 }},
		"grace_period_duration": {
			func(s *SecuritySettings) { s.GracePeriod = 0 }, func(s *SecuritySettings) { s.GracePeriod = -time.Hour },
			func(s *SecuritySettings) { s.GracePeriod = 1500 * time.Millisecond }, func(s *SecuritySettings) { s.GracePeriod = MaxSecurityDuration + time.Second }},
		"max_login_session_duration": {
			func(s *SecuritySettings) { s.MaxSession = 0 }, func(s *SecuritySettings) { s.MaxSession = time.Second - 1 },
			func(s *SecuritySettings) { s.MaxSession = MaxSecurityDuration + time.Second }},
		"max_api_key_expiration_duration": {
			func(s *SecuritySettings) { s.MaxKeyLifetime = -time.Second }, func(s *SecuritySettings) { s.MaxKeyLifetime = 1 },
			func(s *SecuritySettings) { s.MaxKeyLifetime = MaxSecurityDuration + time.Second }},
	} {
		for _, edit := range edits {
			w.refuse(Invalid, field, secure(edit))
		}
	}
	later(w)
	want = SecuritySettings{EnforcePasswordRenewal: true, GracePeriod: time.Second, LoginAttempts: 50, MaxSession: MaxSecurityDuration, MaxKeyLifetime: time.Second}
	w.accept(secure(func(s *SecuritySettings) { *s = want }))
	if got := w.s.SecuritySettings(); got != want || !w.s.Organization().UpdatedAt.Equal(w.now) {
		t.Errorf("got %+v at %s", got, w.s.Organization().UpdatedAt)
	}
	unchanged(w, secure(func(s *SecuritySettings) { *s = want }))
	w.accept(secure(func(s *SecuritySettings) { s.MaxKeyLifetime, s.LoginAttempts = 0, 1 }))
}

// TestMaximumKeyLifetime: no credential is made without an expiry, or with a later one than the organization allows, by
// whichever way in.
func TestMaximumKeyLifetime(t *testing.T) {
	w := newWorld(t, 1)
	const month = 30 * 24 * time.Hour
	w.accept(secure(func(s *SecuritySettings) { s.MaxKeyLifetime = month }))
	in := func(d time.Duration) *time.Time { return new(w.now.Add(d)) }
	key := func(expires *time.Time) Credential {
		k := accessKey(9, asAccount(2))
		k.ExpiresAt = expires
		return k
	}
	for name, make := range map[string]func(*Draft, *time.Time) error{
		"access key": func(d *Draft, at *time.Time) error { return second(d.CreateCredential(key(at))) },
		"signed token": func(d *Draft, at *time.Time) error {
			return second(d.CreateCredential(Credential{ID: credentialID(9), Principal: asUser(1), Kind: Token, Name: "t", ExpiresAt: at}))
		},
		"account token": func(d *Draft, at *time.Time) error {
			_, _, err := d.CreateAccountToken(ServiceAccount{ID: accountID(9)}, key(at))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			for _, at := range []*time.Time{nil, in(month + time.Microsecond), in(100 * month)} {
				w.refuse(Invalid, "expires_at", func(d *Draft) error { return make(d, at) })
			}
			d := w.s.BeginAdministration(w.now, system)
			if err := make(d, in(month)); err != nil {
				t.Errorf("an expiry that is allowed: %v", err)
			}
		})
	}
	w.t = t
	// A key from before stays as it is, may be renamed, and may only be limited. A new secret lives no longer than that of a new key.
	update := func(edit func(*Credential)) func(*Draft) error {
		return func(d *Draft) error { return second(d.UpdateCredential(asUser(1), credentialID(1), edit)) }
	}
	w.accept(update(func(k *Credential) { k.Name = "renamed" }))
	roll := func(secret string) *Credential {
		w.accept(func(d *Draft) error { return second(d.RollCredential(asUser(1), credentialID(1), []byte(secret))) })
		k, err := w.s.Credential(credentialID(1))
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	if k := roll("another"); k.ExpiresAt == nil || !k.ExpiresAt.Equal(*in(month)) {
		t.Errorf("renewed, a key without an end expires at %v", k.ExpiresAt)
	}
	w.accept(secure(func(s *SecuritySettings) { s.MaxKeyLifetime = 0 }))
	w.accept(update(func(k *Credential) { k.NotBefore = in(2 * month); k.ExpiresAt = in(3 * month) }))
	w.accept(secure(func(s *SecuritySettings) { s.MaxKeyLifetime = month }))
	w.refuse(Invalid, "not_before", func(d *Draft) error { return second(d.RollCredential(asUser(1), credentialID(1), []byte("a third"))) })
	w.accept(update(func(k *Credential) { k.NotBefore = nil }))
	w.refuse(Invalid, "expires_at", update(func(k *Credential) { k.ExpiresAt = in(2 * month) }))
	w.accept(update(func(k *Credential) { k.ExpiresAt = in(month) }))
	w.refuse(Invalid, "expires_at", update(func(k *Credential) { k.ExpiresAt = nil }))
	w.refuse(Invalid, "expires_at", update(func(k *Credential) { k.ExpiresAt = in(month + time.Second) }))
	w.accept(update(func(k *Credential) { k.ExpiresAt = in(time.Hour) }))
	if k := roll("a fourth"); !k.ExpiresAt.Equal(*in(time.Hour)) {
		t.Errorf("renewed, a key that ends in an hour expires at %v", k.ExpiresAt)
	}
	w.accept(secure(func(s *SecuritySettings) { s.MaxKeyLifetime = 0 }))
	w.accept(update(func(k *Credential) { k.ExpiresAt = nil }))
	if k := roll("a fifth"); k.ExpiresAt != nil {
		t.Errorf("renewed where nothing need end, a key expires at %v", k.ExpiresAt)
	}
}

func TestLoginMethods(t *testing.T) {
	w := newWorld(t, 1)
	if got := w.s.LoginMethods(); got != (LoginMethods{Password: true}) {
		t.Errorf("a new organization has %+v", got)
	}
	update := func(edit func(*LoginMethods)) func(*Draft) error {
		return func(d *Draft) error { return second(d.UpdateLoginMethods(edit)) }
	}
	unchanged(w, update(func(m *LoginMethods) { m.Password = true }))
	later(w)
	w.accept(update(func(m *LoginMethods) { m.Password, m.MagicCode, m.OAuth2, m.SAML = false, true, true, true }))
	if got := w.s.LoginMethods(); got != (LoginMethods{MagicCode: true, OAuth2: true, SAML: true}) || !w.s.Organization().UpdatedAt.Equal(w.now) {
		t.Errorf("got %+v", got)
	}
	w.accept(update(func(m *LoginMethods) { *m = LoginMethods{} }))
	if got := w.s.LoginMethods(); got != (LoginMethods{}) {
		t.Errorf("with all switched off: %+v", got)
	}
}

func TestAlias(t *testing.T) {
	w := newWorld(t, 1)
	set := func(alias string) func(*Draft) error {
		return func(d *Draft) error { return second(d.SetAlias(alias)) }
	}
	for _, bad := range []string{"", "a", strings.Repeat("a", 33), "Acme", "ac-me", "ac me", "acmé", "acme\n", "ac.me", "ａcme"} {
		w.refuse(Invalid, "alias", set(bad))
	}
	later(w)
	d := w.s.BeginAdministration(w.now, system)
	if err := set("acme2")(d); err != nil {
		t.Fatal(err)
	}
	if _, claims, releases, _ := d.Changes(); !slices.Equal(claims, []Key{{SpaceAlias, "acme2"}}) || releases != nil {
		t.Errorf("claims %v, releases %v", claims, releases)
	}
	w.accept(set("acme2"))
	if o := w.s.Organization(); o.Alias != "acme2" || !o.UpdatedAt.Equal(w.now) {
		t.Errorf("got %+v", o)
	}
	unchanged(w, set("acme2"))
	w.refuse(Immutable, "alias", set("other"))
	w.refuse(Invalid, "alias", set("Acme2"))
}
