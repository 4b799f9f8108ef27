package iam

import (
	"errors"
	"slices"
	"testing"
	"time"
)

func TestTokenLifeSpan(t *testing.T) {
	w := newWorld(t, 1)
	span := func(n int, seconds int64) func(*Draft) error {
		return func(d *Draft) error { return second(d.SetTokenLifeSpan(accountID(n), seconds)) }
	}
	if a, _ := w.s.ServiceAccount(accountID(1)); a.TokenLifeSpan() != 30*time.Minute {
		t.Errorf("%s", a.TokenLifeSpan())
	}
	unchanged(w, span(1, DefaultTokenLifeSpan))
	later(w)
	w.accept(span(1, 60))
	if a, _ := w.s.ServiceAccount(accountID(1)); a.TokenLifeSpan() != time.Minute || !a.UpdatedAt.Equal(w.now) {
		t.Errorf("%+v", a)
	}
	unchanged(w, span(1, 60))
	w.accept(span(1, MaxTokenLifeSpan))
	for _, seconds := range []int64{-1, 0, MinTokenLifeSpan - 1, MaxTokenLifeSpan + 1, 1 << 62} {
		w.refuse(Invalid, "access_token_life_span", span(1, seconds))
	}
	w.refuse(NotFound, "", span(9, 60))
	// Nobody sets it, or whom it trusts, by the way.
	w.accept(func(d *Draft) error {
		return errors.Join(
			second(d.UpdateServiceAccount(accountID(1), func(a *ServiceAccount) {
				a.Enabled, a.AccessTokenLifeSpan, a.TrustedRoots = false, 5, []int64{7}
			})),
			second(d.CreateServiceAccount(ServiceAccount{ID: accountID(8), Name: "new", AccessTokenLifeSpan: 5, TrustedRoots: []int64{7}})))
	})
	for n, want := range map[int]int64{1: MaxTokenLifeSpan, 8: 0} {
		if a, _ := w.s.ServiceAccount(accountID(n)); a.AccessTokenLifeSpan != want || len(a.TrustedRoots) > 0 {
			t.Errorf("%+v", a)
		}
	}
}

// TestTrustedRoots: a service account that trusts others claims its id, so that it can be found from outside, and gives it back.
func TestTrustedRoots(t *testing.T) {
	w := newWorld(t, 1)
	key := Key{SpaceTrusting, accountID(1).String()}
	trust := func(root int64) func(*Draft) error {
		return func(d *Draft) error { return d.TrustRoot(accountID(1), root) }
	}
	distrust := func(root int64) func(*Draft) error {
		return func(d *Draft) error { return d.DistrustRoot(accountID(1), root) }
	}
	keys := func(draft func(*Draft) error) (claims, releases []Key) {
		t.Helper()
		d := w.s.BeginAdministration(w.now, system)
		if err := draft(d); err != nil {
			t.Fatal(err)
		}
		_, claims, releases, err := d.Changes()
		if err != nil {
			t.Fatal(err)
		}
		w.accept(draft)
		return claims, releases
	}
	if claims, releases := keys(trust(54549)); len(claims) != 1 || claims[0] != key || len(releases) > 0 {
		t.Errorf("%v, %v", claims, releases)
	}
	if claims, releases := keys(trust(7)); len(claims)+len(releases) > 0 { // it has it
		t.Errorf("%v, %v", claims, releases)
	}
	w.refuse(Exists, "", trust(54549))
	w.refuse(Invalid, "root", trust(0))
	w.refuse(Invalid, "root", trust(-7))
	w.refuse(NotFound, "", distrust(8))
	w.refuse(NotFound, "", func(d *Draft) error { return d.TrustRoot(accountID(9), 7) })
	w.refuse(NotFound, "", func(d *Draft) error { return d.DistrustRoot(accountID(9), 7) })
	if a, _ := w.s.ServiceAccount(accountID(1)); !a.Trusts(54549) || !a.Trusts(7) || a.Trusts(8) || a.Trusts(0) {
		t.Errorf("%v", a.TrustedRoots)
	}
	keys(distrust(54549))
	if claims, releases := keys(distrust(7)); len(claims) > 0 || len(releases) != 1 || releases[0] != key {
		t.Errorf("%v, %v", claims, releases)
	}
	keys(trust(7))
	if _, releases := keys(func(d *Draft) error { return d.DeleteServiceAccount(accountID(1)) }); !slices.Contains(releases, key) {
		t.Errorf("%v", releases)
	}
	// As many as there may be, and none of an API token's.
	w.accept(func(d *Draft) error {
		for i := range MaxTrustedRoots {
			if err := d.TrustRoot(accountID(2), int64(i+1)); err != nil {
				return err
			}
		}
		return nil
	})
	w.refuse(Quota, "trusted_roots", func(d *Draft) error { return d.TrustRoot(accountID(2), 1000) })
	w.accept(func(d *Draft) error {
		_, _, err := d.CreateAccountToken(ServiceAccount{ID: accountID(7)}, accessKey(7, Principal{}))
		return err
	})
	w.refuse(Conflict, "", func(d *Draft) error { return d.TrustRoot(accountID(7), 7) })
}
