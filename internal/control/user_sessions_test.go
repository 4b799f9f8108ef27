package control_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// TestUserSessionEnds: the token of a session is good for nothing from the moment on at which the session or the user is not, on
// every node, also for a call that is under way.
func TestUserSessionEnds(t *testing.T) {
	for name, end := range map[string]func(w *world, a iam.Actor){
		"revoked": func(w *world, a iam.Actor) {
			w.write(a, control.DeleteJWT, onUserSession(a.UserSession), func(d *iam.Draft) error { _, err := d.RevokeUserSession(a.UserSession); return err })
		},
		"revoked by an administrator": func(w *world, a iam.Actor) {
			w.write(w.owner, control.DeleteJWT, onUserSession(a.UserSession), func(d *iam.Draft) error { _, err := d.RevokeUserSession(a.UserSession); return err })
		},
		"expired": func(w *world, _ iam.Actor) { w.clock.advance(30 * 24 * time.Hour) },
		"settings changed": func(w *world, _ iam.Actor) {
			w.clock.advance(time.Minute)
			w.secure(func(s *iam.SecuritySettings) { s.MaxSession = time.Minute })
		},
		"user disabled": func(w *world, a iam.Actor) {
			id := iam.UserID{UUID: a.Principal.ID}
			w.write(w.owner, control.LockUser, onUser(id), func(d *iam.Draft) error { _, err := d.SetUserDisabled(id, true); return err })
		},
		"user removed": func(w *world, a iam.Actor) {
			id := iam.UserID{UUID: a.Principal.ID}
			w.write(w.owner, control.RemoveUser, onUser(id), func(d *iam.Draft) error { return d.RemoveUser(id) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			node := w.node()
			run(t, node)
			lena := w.withPassword("lena")
			w.let(lena, "allow", "iam:*")
			out, actor := w.mustSignIn(w.try("lena", horse))
			shown := control.Presented{Bearer: out.Token}
			within(t, func() bool { _, err := node.Authenticate(t.Context(), shown); return err == nil })
			begun := w.enter(actor, control.CreateGroup, control.On(iam.AnyOf(iam.TypeGroup)))
			end(w, actor)
			_, err := w.Authenticate(t.Context(), shown)
			wantCode(t, err, iam.Unauthenticated)
			_, err = w.Enter(t.Context(), w.call(actor), control.ListGroups, control.On(iam.AnyOf(iam.TypeGroup)))
			wantCode(t, err, iam.Denied)
			_, err = w.Enter(t.Context(), w.call(actor), control.VerifyToken, control.On(iam.AnyOf(iam.TypeAPIToken)))
			if name != "user disabled" { // whom authentication refuses
				wantCode(t, err, iam.Denied)
			}
			within(t, func() bool {
				_, err := node.Authenticate(t.Context(), shown)
				return iam.CodeOf(err) == iam.Unauthenticated
			})
			if name == "expired" || name == "settings changed" {
				return // the call began before that
			}
			_, err = begun.Write(t.Context(), func(d *iam.Draft) error {
				_, err := d.CreateGroup(iam.Group{ID: iam.GroupID{UUID: w.NewID()}, Name: "late"})
				return err
			})
			wantCode(t, err, iam.Denied)
		})
	}
}

// within waits for something to become true.
func within(t *testing.T, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not happen")
		}
	}
}

// TestCreateUserSession: a session beside another is no better than what it was made with.
func TestCreateUserSession(t *testing.T) {
	w := newWorld(t)
	lena, kim := w.withPassword("lena"), w.withPassword("kim")
	_, actor := w.mustSignIn(w.try("lena", horse))
	began := w.clock.Now()
	w.clock.advance(10 * 24 * time.Hour)
	create := func(a iam.Actor, of iam.UserID) (*control.UserToken, error) {
		t.Helper()
		p, err := w.Enter(t.Context(), w.call(a), control.CreateJWT, onUser(of))
		if err != nil {
			return nil, err
		}
		out, err := w.CreateUserSession(t.Context(), p, control.NewUserSession{User: of, Referrer: "console"})
		if err == nil {
			w.secrets = append(w.secrets, out.Token, out.RenewToken)
		}
		return out, err
	}
	out, err := create(actor, lena)
	if err != nil {
		t.Fatal(err)
	}
	x := out.Session
	if !x.SignedInAt.Equal(began) || !x.ExpiresAt.Equal(began.Add(30*24*time.Hour)) || x.Referrer != "console" || x.IP != "203.0.113.7" || !x.Credential.IsZero() {
		t.Errorf("got %+v", x)
	}
	if got := w.actor(control.Presented{Bearer: out.Token}); got.Principal != actor.Principal || got.UserSession != x.ID {
		t.Errorf("it proves %+v", got)
	}
	events := w.events(store.Query{Action: "iam.user.create_session"})
	if len(events) != 1 || events[0].ResourceID != lena.String() || events[0].Details["opened_session_id"] != x.ID.String() || events[0].Details["session_id"] != actor.UserSession.String() {
		t.Errorf("events: %+v", events)
	}
	_, err = create(actor, kim)
	wantCode(t, err, iam.Denied)
	_, err = create(w.owner, kim) // who may do everything, and is nobody else
	wantCode(t, err, iam.Denied)
	worker, _ := w.account("worker")
	w.grant(worker, "allow", "*")
	_, err = create(worker, lena)
	wantCode(t, err, iam.Denied)
	role := w.temporary(worker, "job")
	_, err = create(w.actor(control.Presented{Bearer: role.Token}), lena)
	wantCode(t, err, iam.Denied)

	// Made with a key, it ends with the key, and is bound by what binds the key.
	w.let(lena, "allow", "iam:*")
	expires := w.clock.Now().Add(time.Hour)
	p := w.enter(w.owner, control.CreateUserCredential, onUser(lena))
	issued, err := w.CreateAccessKey(t.Context(), p, control.NewCredential{Principal: actor.Principal, Name: "laptop", ExpiresAt: &expires,
		AllowedIPs: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")},
		Policies:   []iam.CredentialPolicy{{Language: "statements", Document: `{"statements":[{"effect":"allow","actions":["iam:CreateJWT","iam:ListGroups"]}]}`}}})
	if err != nil {
		t.Fatal(err)
	}
	byKey := w.actor(control.Presented{Bearer: issued.Secret})
	out, err = create(byKey, lena)
	if err != nil || out.Session.Credential != issued.Credential.ID || !out.Session.ExpiresAt.Equal(expires) {
		t.Fatalf("got %+v, %v", out, err)
	}
	child := w.actor(control.Presented{Bearer: out.Token})
	if child.Credential != issued.Credential.ID || child.UserSession != out.Session.ID {
		t.Errorf("it proves %+v", child)
	}
	grandchild, err := create(child, lena)
	if err != nil || grandchild.Session.Credential != issued.Credential.ID {
		t.Fatalf("got %+v, %v", grandchild, err)
	}
	groups, users := control.On(iam.AnyOf(iam.TypeGroup)), control.On(iam.AnyOf(iam.TypeUser))
	w.enter(child, control.ListGroups, groups)
	_, err = w.Enter(t.Context(), w.call(child), control.ListUsers, users)
	wantCode(t, err, iam.Denied)
	far := w.call(child)
	far.IP = netip.MustParseAddr("198.51.100.1")
	_, err = w.Enter(t.Context(), far, control.ListGroups, groups)
	wantCode(t, err, iam.Denied)
	p = w.enter(w.owner, control.DeleteUserCredential, onUser(lena))
	if _, err := w.DeleteCredential(t.Context(), p, actor.Principal, issued.Credential.ID); err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{out.Token, grandchild.Token} {
		_, err = w.Authenticate(t.Context(), control.Presented{Bearer: token})
		wantCode(t, err, iam.Unauthenticated)
	}
	_, err = w.Enter(t.Context(), w.call(child), control.ListGroups, groups)
	wantCode(t, err, iam.Denied)
	w.noSecrets()
}

func TestRenewUserSession(t *testing.T) {
	w := newWorld(t)
	w.withPassword("lena")
	in := w.try("lena", horse)
	in.Length = time.Hour
	out, actor := w.mustSignIn(in)
	other, _ := w.mustSignIn(w.try("lena", horse))
	renew := func(a iam.Actor, token string) (*control.UserToken, error) {
		t.Helper()
		p, err := w.Enter(t.Context(), w.call(a), control.RenewJWT, onUserSession(a.UserSession))
		if err != nil {
			return nil, err
		}
		return w.RenewUserSession(t.Context(), p, token)
	}
	for _, bad := range []string{"", "x", out.Token, other.RenewToken} {
		_, err := renew(actor, bad)
		wantCode(t, err, iam.Denied)
	}
	_, err := renew(w.owner, out.RenewToken) // who has not signed in
	wantCode(t, err, iam.Denied)
	w.clock.advance(30 * time.Minute)
	next, err := renew(actor, out.RenewToken)
	if err != nil || next.Session.ID != out.Session.ID || !next.Session.ExpiresAt.Equal(w.clock.Now().Add(time.Hour)) || next.RenewToken == out.RenewToken {
		t.Fatalf("got %+v, %v", next, err)
	}
	_, err = renew(actor, out.RenewToken) // once
	wantCode(t, err, iam.Denied)
	w.clock.advance(45 * time.Minute)
	w.actor(control.Presented{Bearer: next.Token})
	_, err = w.Authenticate(t.Context(), control.Presented{Bearer: out.Token}) // which says itself when it ends
	wantCode(t, err, iam.Unauthenticated)
	w.clock.advance(15 * time.Minute)
	_, err = renew(actor, next.RenewToken)
	wantCode(t, err, iam.Denied)
}

// TestUserSessionsAreListed: with when they were last used.
func TestUserSessionsAreListed(t *testing.T) {
	w := newWorld(t)
	lena := w.withPassword("lena")
	out, _ := w.mustSignIn(w.try("lena", horse))
	w.clock.advance(time.Hour)
	w.actor(control.Presented{Bearer: out.Token})
	view := w.state()
	if at, ok := view.LastUsed(out.Session.ID.UUID); !ok || !at.Equal(w.clock.Now()) {
		t.Errorf("last used at %s, %v", at, ok)
	}
	page, err := view.UserSessions(lena).Page(iam.PageQuery[*iam.UserSession]{Limit: 10})
	if err != nil || page.Total != 1 || page.Items[0].ID != out.Session.ID {
		t.Errorf("got %+v, %v", page, err)
	}
}
