package control_test

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
)

// temporary opens a session of a role that trusts the actor.
func (w *world) temporary(a iam.Actor, name string) *control.Temporary {
	w.t.Helper()
	role := w.role(name, a.CRN())
	p := w.enter(a, control.AssumeRole, control.On(iam.Name(iam.TypeRole, role.UUID)))
	got, err := w.AssumeRole(w.t.Context(), p, control.Assumption{Role: role, Duration: time.Hour})
	if err != nil {
		w.t.Fatal(err)
	}
	w.secrets = append(w.secrets, got.Secret, got.Token)
	return got
}

// TestAuthenticate: what proves an identity and what does not; every refusal looks the same.
func TestAuthenticate(t *testing.T) {
	w := newWorld(t)
	a, key := w.account("ci")
	b, other := w.account("other")
	s := w.temporary(a, "job")
	s2 := w.temporary(b, "job of the other")
	foreign := authn.MasterKey{1}
	keys, err := authn.NewKeys(foreign, rand.Reader, w.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	ring, err := authn.OpenKeyring(foreign, keys)
	if err != nil {
		t.Fatal(err)
	}
	forged, err := ring.Sign(authn.Claims{Issuer: "test", Org: w.org, Principal: w.owner.Principal, Credential: w.owner.Credential, IssuedAt: w.clock.Now()})
	if err != nil {
		t.Fatal(err)
	}
	session := control.Presented{AccessKey: s.AccessKey, Secret: s.Secret, SessionToken: s.Token}
	for _, tc := range []struct {
		name  string
		shown control.Presented
		want  iam.Principal // zero: refused
	}{
		{"access key", key, a.Principal},
		{"secret as bearer", control.Presented{Bearer: key.Secret}, a.Principal},
		{"session", session, iam.Principal{Kind: iam.KindOfRole, ID: s.Role.ID.UUID}},
		{"session token as bearer", control.Presented{Bearer: s.Token}, iam.Principal{Kind: iam.KindOfRole, ID: s.Role.ID.UUID}},

		{"nothing", control.Presented{}, iam.Principal{}},
		{"key without secret", control.Presented{AccessKey: key.AccessKey}, iam.Principal{}},
		{"secret without key", control.Presented{Secret: key.Secret}, iam.Principal{}},
		{"another's secret", control.Presented{AccessKey: key.AccessKey, Secret: other.Secret}, iam.Principal{}},
		{"secret with a letter more", control.Presented{AccessKey: key.AccessKey, Secret: key.Secret + "A"}, iam.Principal{}},
		{"key id in lower case", control.Presented{AccessKey: strings.ToLower(key.AccessKey), Secret: key.Secret}, iam.Principal{}},
		{"key id as bearer", control.Presented{Bearer: key.AccessKey}, iam.Principal{}},
		{"unknown key", control.Presented{AccessKey: "AKIA0000000000000000", Secret: key.Secret}, iam.Principal{}},
		{"temporary key without token", control.Presented{AccessKey: s.AccessKey, Secret: s.Secret}, iam.Principal{}},
		{"temporary key with a wrong secret", control.Presented{AccessKey: s.AccessKey, Secret: key.Secret, SessionToken: s.Token}, iam.Principal{}},
		{"temporary key with another's token", control.Presented{AccessKey: s.AccessKey, Secret: s.Secret, SessionToken: s2.Token}, iam.Principal{}},
		{"temporary secret as bearer", control.Presented{Bearer: s.Secret}, iam.Principal{}},
		{"token of another installation", control.Presented{Bearer: forged}, iam.Principal{}},
		{"token cut short", control.Presented{Bearer: s.Token[:len(s.Token)-2]}, iam.Principal{}},
		{"lasting key with a session token", control.Presented{AccessKey: key.AccessKey, Secret: "x", SessionToken: s.Token}, iam.Principal{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := w.Authenticate(t.Context(), tc.shown)
			if tc.want.ID.IsZero() {
				wantCode(t, err, iam.Unauthenticated)
				if control.PublicMessage(err) != "the credentials are missing, invalid or expired" {
					t.Errorf("the refusal tells why: %q", control.PublicMessage(err))
				}
				return
			}
			if err != nil || got.Principal != tc.want || got.Org != w.org {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// TestNoLongerGood: an identity that was good stops being so at once.
func TestNoLongerGood(t *testing.T) {
	for _, tc := range []struct {
		name string
		end  func(w *world, a iam.Actor, s *control.Temporary)
		// which of key and session end
		key, session bool
	}{
		{"service account disabled", func(w *world, a iam.Actor, _ *control.Temporary) {
			off := func(d *iam.Draft) error {
				_, err := d.UpdateServiceAccount(iam.ServiceAccountID{UUID: a.Principal.ID}, func(x *iam.ServiceAccount) { x.Enabled = false })
				return err
			}
			w.write(w.owner, control.UpdateServiceAccount, control.On(a.Principal.CRN()), off)
		}, true, true},
		{"service account deleted", func(w *world, a iam.Actor, _ *control.Temporary) {
			w.write(w.owner, control.DeleteServiceAccount, control.On(a.Principal.CRN()), func(d *iam.Draft) error {
				return d.DeleteServiceAccount(iam.ServiceAccountID{UUID: a.Principal.ID})
			})
		}, true, true},
		{"credential deleted", func(w *world, a iam.Actor, _ *control.Temporary) {
			p := w.enter(w.owner, control.DeleteServiceAccountCredential, control.On(a.Principal.CRN()))
			if _, err := w.DeleteCredential(w.t.Context(), p, a.Principal, a.Credential); err != nil {
				w.t.Fatal(err)
			}
		}, true, false},
		{"session revoked", func(w *world, _ iam.Actor, s *control.Temporary) {
			w.write(w.owner, control.RevokeSTSSession, control.On(iam.Name(iam.TypeSession, s.Session.ID.UUID)), func(d *iam.Draft) error {
				_, err := d.RevokeSession(s.Session.ID, nil)
				return err
			})
		}, false, true},
		{"role deleted", func(w *world, _ iam.Actor, s *control.Temporary) {
			w.write(w.owner, control.DeleteRole, control.On(iam.Name(iam.TypeRole, s.Role.ID.UUID)), func(d *iam.Draft) error {
				return d.DeleteRole(s.Role.ID)
			})
		}, false, true},
		{"an hour passed", func(w *world, _ iam.Actor, _ *control.Temporary) { w.clock.advance(time.Hour) }, false, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			a, key := w.account("ci")
			s := w.temporary(a, "job")
			check := func(what string, shown control.Presented, ended bool) {
				_, err := w.Authenticate(t.Context(), shown)
				if ended {
					wantCode(t, err, iam.Unauthenticated)
				} else if err != nil {
					t.Errorf("%s: %v", what, err)
				}
			}
			check("key", key, false)
			check("session", control.Presented{Bearer: s.Token}, false)
			tc.end(w, a, s)
			check("key", key, tc.key)
			check("secret alone", control.Presented{Bearer: key.Secret}, tc.key)
			check("session token", control.Presented{Bearer: s.Token}, tc.session)
			check("session", control.Presented{AccessKey: s.AccessKey, Secret: s.Secret, SessionToken: s.Token}, tc.session)
		})
	}
}

// TestExpiredKey: an access key ends on the instant.
func TestExpiredKey(t *testing.T) {
	w := newWorld(t)
	a, _ := w.account("ci")
	end := w.clock.Now().Add(time.Minute)
	p := w.enter(w.owner, control.CreateServiceAccountCredential, control.On(a.Principal.CRN()))
	key, err := w.CreateAccessKey(t.Context(), p, control.NewCredential{Principal: a.Principal, Name: "short", ExpiresAt: &end})
	if err != nil {
		t.Fatal(err)
	}
	shown := control.Presented{AccessKey: key.Credential.AccessKey, Secret: key.Secret}
	w.clock.advance(time.Minute - time.Microsecond)
	w.actor(shown)
	w.clock.advance(time.Microsecond)
	_, err = w.Authenticate(t.Context(), shown)
	wantCode(t, err, iam.Unauthenticated)
}

// TestDisabledPerson: a person who is disabled is nobody in every organization, at once, and comes back.
func TestDisabledPerson(t *testing.T) {
	w := newWorld(t)
	_, second := w.organization("Second", "OLGA@acme.example") // the same person, written otherwise
	var person iam.PersonID
	for p := range w.enter(w.operator, control.ListPeople, control.On(platformCRN)).View().People().All() {
		person = p.ID
	}
	set := func(on bool) {
		w.write(w.operator, control.UpdatePerson, control.On(platformCRN), func(d *iam.Draft) error {
			_, err := d.SetPersonEnabled(person, on)
			return err
		})
	}
	firstToken, secondToken := w.secrets[len(w.secrets)-2], w.secrets[len(w.secrets)-1]
	for _, on := range []bool{true, false, true} {
		set(on)
		for _, token := range []string{firstToken, secondToken} {
			if _, err := w.Authenticate(t.Context(), control.Presented{Bearer: token}); (err == nil) != on {
				t.Errorf("enabled is %v, and signing in says %v", on, err)
			}
		}
		// Somebody else asks about them.
		p := w.enter(second, control.Authorize, control.On(iam.AnyOf(iam.TypeOrganization)))
		if got := w.Authorize(p, control.Question{Principal: second.Principal.CRN(), Action: "s3:GetObject",
			Resources: []iam.CRN{{Service: "s3", Type: "object", ID: "x"}}}); got.Allowed() != on {
			t.Errorf("enabled is %v, and a decision about them says %s", on, got.Reason)
		}
	}
}

// TestSuspended: a suspended organization decides deny and refuses writes, and the operator can resume it.
func TestSuspended(t *testing.T) {
	w := newWorld(t)
	p := w.enter(w.owner, control.CreateGroup, control.On(iam.AnyOf(iam.TypeGroup)))
	set := func(op *control.Operation, on bool) {
		target := control.Target{Org: w.org, Resources: []iam.CRN{{Service: "platform", Type: iam.TypeOrganization, ID: w.org.String()}}}
		w.write(w.operator, op, target, func(d *iam.Draft) error { return d.SetSuspended(on) })
	}
	set(control.SuspendOrganization, true)
	_, err := w.Enter(t.Context(), w.call(w.owner), control.ListGroups, control.On(iam.AnyOf(iam.TypeGroup)))
	wantCode(t, err, iam.Denied)
	_, err = p.Write(t.Context(), func(d *iam.Draft) error {
		_, err := d.CreateGroup(iam.Group{ID: iam.GroupID{UUID: w.NewID()}, Name: "late"})
		return err
	})
	wantCode(t, err, iam.Denied)
	set(control.ResumeOrganization, false)
	w.enter(w.owner, control.ListGroups, control.On(iam.AnyOf(iam.TypeGroup)))
}
