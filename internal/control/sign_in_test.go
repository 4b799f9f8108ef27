package control_test

import (
	"encoding/base32"
	"encoding/base64"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/writ-iam/writ/internal/authn/authntest"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

const (
	horse  = "correct horse battery staple"
	staple = "another horse, another staple"
	origin = "https://console.acme.example"
)

// withPassword makes a local user who has a password.
func (w *world) withPassword(username string) iam.UserID {
	w.t.Helper()
	p := w.enter(w.owner, control.AddUser, control.On(iam.AnyOf(iam.TypeUser)))
	set, err := w.Password(w.t.Context(), p, horse)
	if err != nil {
		w.t.Fatal(err)
	}
	u, _, err := w.CreateLocalUser(w.t.Context(), p, iam.User{Username: username}, nil, set)
	if err != nil {
		w.t.Fatal(err)
	}
	w.secrets = append(w.secrets, horse, staple)
	return u.ID
}

// try is a sign-in of a user of the organization with a password.
func (w *world) try(login, password string) control.SignIn {
	return control.SignIn{Organization: w.org.String(), Login: login, Password: password}
}

func (w *world) signIn(in control.SignIn) (*control.SignedIn, error) {
	w.t.Helper()
	call := &control.Call{RequestID: "req-sign-in", IP: netip.MustParseAddr("203.0.113.9"), UserAgent: "browser"}
	return w.SignIn(w.t.Context(), call, in)
}

// mustSignIn signs in and gives whom the token proves.
func (w *world) mustSignIn(in control.SignIn) (*control.SignedIn, iam.Actor) {
	w.t.Helper()
	out, err := w.signIn(in)
	if err != nil || out.Session == nil {
		w.t.Fatalf("sign-in: %+v, %v", out, err)
	}
	w.secrets = append(w.secrets, out.Token, out.RenewToken)
	return out, w.actor(control.Presented{Bearer: out.Token})
}

func onUser(id iam.UserID) control.Target { return control.On(iam.Name(iam.TypeUser, id.UUID)) }

func onUserSession(id iam.UserSessionID) control.Target {
	return control.On(iam.Name(iam.TypeUserSession, id.UUID))
}

func (w *world) secure(edit func(*iam.SecuritySettings)) {
	w.t.Helper()
	w.write(w.owner, control.UpdateSecuritySettings, control.On(iam.Name(iam.TypeOrganization, w.org.UUID)), func(d *iam.Draft) error {
		_, err := d.UpdateSecuritySettings(edit)
		return err
	})
}

// state reads the organization as it is now.
func (w *world) state() *control.View {
	w.t.Helper()
	return w.enter(w.owner, control.ListGroups, control.On(iam.AnyOf(iam.TypeGroup))).View()
}

func (w *world) setPassword(a iam.Actor, id iam.UserID, plain string) error {
	w.t.Helper()
	p, err := w.Enter(w.t.Context(), w.call(a), control.ResetUserPassword, onUser(id))
	if err != nil {
		return err
	}
	_, _, err = w.SetPassword(w.t.Context(), p, id, plain)
	return err
}

func TestSignIn(t *testing.T) {
	w := newWorld(t)
	lena := w.withPassword("lena")
	out, actor := w.mustSignIn(w.try("lena", horse))
	want := iam.Principal{Kind: iam.KindOfUser, ID: lena.UUID}
	if actor.Principal != want || actor.Behind != want || actor.Org != w.org || actor.UserSession != out.Session.ID || actor.Name != "lena" || !actor.Credential.IsZero() {
		t.Errorf("the token proves %+v", actor)
	}
	x := out.Session
	if x.User != lena || x.IP != "203.0.113.9" || x.UserAgent != "browser" || !x.ExpiresAt.Equal(w.clock.Now().Add(30*24*time.Hour)) || out.Org != w.org || out.User.ID != lena {
		t.Errorf("got %+v of %+v", x, out.User)
	}
	if got := w.state().SignIn(lena); !got.LastAt.Equal(w.clock.Now()) || !got.Given {
		t.Errorf("the record is %+v", got)
	}
	events := w.events(store.Query{Action: "iam.user.sign_in"})
	if len(events) != 1 || events[0].Status != iam.Success || events[0].ActorID != lena.UUID || events[0].ResourceID != lena.String() ||
		events[0].IP != "203.0.113.9" || events[0].RequestID != "req-sign-in" || events[0].Details["session_id"] != x.ID.String() {
		t.Errorf("events: %+v", events)
	}
	// By the address, without case, and of a person; for less time.
	if err := w.setPassword(w.owner, iam.UserID{UUID: w.owner.Principal.ID}, staple); err != nil {
		t.Fatal(err)
	}
	in := w.try("OLGA@acme.example", staple)
	in.Length = time.Hour
	out, actor = w.mustSignIn(in)
	if actor.Principal != w.owner.Principal || actor.Email != "olga@acme.example" || !out.Session.ExpiresAt.Equal(w.clock.Now().Add(time.Hour)) {
		t.Errorf("got %+v, %+v", actor, out.Session)
	}
	w.clock.advance(time.Hour)
	_, err := w.Authenticate(t.Context(), control.Presented{Bearer: out.Token})
	wantCode(t, err, iam.Unauthenticated)
	w.noSecrets()
}

// noSecrets looks for everything that was told once in what the store and the log have.
func (w *world) noSecrets() {
	w.t.Helper()
	for _, org := range []iam.OrgID{w.org, iam.PlatformOrg} {
		records, _, err := w.db.Load(w.t.Context(), org)
		if err != nil {
			w.t.Fatal(err)
		}
		var all strings.Builder
		for _, r := range records {
			all.Write(r.Data)
		}
		for _, text := range []string{all.String(), w.log.String()} {
			for _, s := range w.secrets {
				if strings.Contains(text, s) || strings.Contains(text, base64.StdEncoding.EncodeToString([]byte(s))) {
					w.t.Errorf("%q is kept", s)
				}
			}
		}
	}
}

// TestSignInByAlias: an organization is named by its alias as well as by its id.
func TestSignInByAlias(t *testing.T) {
	w := newWorld(t)
	w.withPassword("lena")
	in := w.try("lena", horse)
	in.Organization = "acme"
	_, err := w.signIn(in)
	wantCode(t, err, iam.Unauthenticated)
	set := func(a iam.Actor, org iam.OrgID) error {
		_, err := w.enter(a, control.SetOrganizationAlias, control.On(iam.Name(iam.TypeOrganization, org.UUID))).Write(t.Context(), func(d *iam.Draft) error {
			_, err := d.SetAlias("acme")
			return err
		})
		return err
	}
	if err := set(w.owner, w.org); err != nil {
		t.Fatal(err)
	}
	for range 2 { // from the store, then from memory
		if _, actor := w.mustSignIn(in); actor.Org != w.org {
			t.Errorf("signed in to %s", actor.Org)
		}
	}
	// Nobody else can have it, on whichever node.
	other, otto := w.organization("Other", "otto@other.example")
	wantCode(t, set(otto, other), iam.Exists)
	for _, bad := range []string{"", "ACME", "acme ", "acm", strings.Repeat("a", 1000), "\x00"} {
		in.Organization = bad
		_, err := w.signIn(in)
		wantCode(t, err, iam.Unauthenticated)
	}
}

// TestSignInRefused: whatever is wrong, the answer is one and the same, and none comes early.
func TestSignInRefused(t *testing.T) {
	w := newWorld(t)
	w.withPassword("lena")
	w.cfg.RefusalTime = 150 * time.Millisecond
	c := w.node()
	call := &control.Call{}
	other, _ := w.organization("Other", "otto@other.example")
	for name, in := range map[string]control.SignIn{
		"nothing":                  {},
		"wrong password":           w.try("lena", "wrong"),
		"no password":              w.try("lena", ""),
		"password in other case":   w.try("lena", strings.ToUpper(horse)),
		"no user":                  w.try("nobody", horse),
		"empty login":              w.try("", horse),
		"user without a password":  w.try("olga@acme.example", horse),
		"nobody's empty password":  w.try("olga@acme.example", ""),
		"another organization":     {Organization: other.String(), Login: "lena", Password: horse},
		"no organization":          {Organization: w.NewID().String(), Login: "lena", Password: horse},
		"no organization's name":   {Login: "lena", Password: horse},
		"the name of one":          {Organization: "Acme", Login: "lena", Password: horse},
		"the platform":             {Organization: iam.PlatformOrg.String(), Login: "lena", Password: horse},
		"a one-time password more": {Organization: w.org.String(), Login: "lena", Password: "wrong", OneTimePassword: "123456"},
	} {
		began := time.Now()
		out, err := c.SignIn(t.Context(), call, in)
		if took := time.Since(began); took < w.cfg.RefusalTime {
			t.Errorf("%s was refused after %s", name, took)
		}
		wantCode(t, err, iam.Unauthenticated)
		if out != nil || control.PublicMessage(err) != "the organization, login, password or second factor is wrong, or signing in is not possible now" {
			t.Errorf("%s: %+v, %q", name, out, control.PublicMessage(err))
		}
	}
	_, err := c.SignIn(t.Context(), call, control.SignIn{Origin: "not an origin"})
	wantCode(t, err, iam.Invalid)
}

// TestSignInNotNow: a right password is of no use when signing in is not possible, and the refusal does not tell that it was right.
func TestSignInNotNow(t *testing.T) {
	for name, end := range map[string]func(w *world, id iam.UserID){
		"user disabled": func(w *world, id iam.UserID) {
			w.write(w.owner, control.LockUser, onUser(id), func(d *iam.Draft) error { _, err := d.SetUserDisabled(id, true); return err })
		},
		"user removed": func(w *world, id iam.UserID) {
			w.write(w.owner, control.RemoveUser, onUser(id), func(d *iam.Draft) error { return d.RemoveUser(id) })
		},
		"organization suspended": func(w *world, _ iam.UserID) {
			w.write(w.operator, control.SuspendOrganization, control.Target{Org: w.org, Resources: []iam.CRN{platformCRN}}, func(d *iam.Draft) error { return d.SetSuspended(true) })
		},
		"passwords switched off": func(w *world, _ iam.UserID) {
			w.write(w.owner, control.UpdateLoginMethods, control.On(iam.Name(iam.TypeOrganization, w.org.UUID)), func(d *iam.Draft) error {
				_, err := d.UpdateLoginMethods(func(m *iam.LoginMethods) { m.Password = false })
				return err
			})
		},
		"another password": func(w *world, id iam.UserID) {
			if err := w.setPassword(w.owner, id, staple); err != nil {
				w.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id := w.withPassword("lena")
			end(w, id)
			_, err := w.signIn(w.try("lena", horse))
			wantCode(t, err, iam.Unauthenticated)
		})
	}
	t.Run("person disabled", func(t *testing.T) {
		w := newWorld(t)
		member, _ := w.member("mia@acme.example")
		mia := iam.UserID{UUID: member.Principal.ID}
		if err := w.setPassword(w.owner, mia, horse); err != nil {
			t.Fatal(err)
		}
		_, actor := w.mustSignIn(w.try("mia@acme.example", horse))
		w.disablePerson("mia@acme.example")
		_, err := w.signIn(w.try("mia@acme.example", horse))
		wantCode(t, err, iam.Unauthenticated)
		if p := w.state(); p.UserSessions(mia).Len() != 1 || actor.Principal.ID != mia.UUID {
			t.Error("the session")
		}
	})
}

func (w *world) disablePerson(email string) {
	w.t.Helper()
	w.write(w.operator, control.UpdatePerson, control.On(iam.AnyOf(iam.TypePerson)), func(d *iam.Draft) error {
		p, _ := d.State().PersonByEmail(email)
		_, err := d.SetPersonEnabled(p.ID, false)
		return err
	})
}

// TestLockout: wrong passwords lock the user after as many as the organization allows, which ends keys and sessions too; nothing
// is written after that, however often somebody tries, nor for users whom there are not.
func TestLockout(t *testing.T) {
	w := newWorld(t)
	lena := w.withPassword("lena")
	w.secure(func(s *iam.SecuritySettings) { s.LoginAttempts = 3 })
	out, _ := w.mustSignIn(w.try("lena", horse))
	before := w.revision()
	for range 5 {
		_, err := w.signIn(w.try("nobody", "wrong"))
		wantCode(t, err, iam.Unauthenticated)
		_, err = w.signIn(w.try("olga@acme.example", "wrong")) // who has none
		wantCode(t, err, iam.Unauthenticated)
	}
	if got := w.revision(); got != before {
		t.Errorf("%d commits for users who cannot sign in", got-before)
	}
	for range 3 {
		_, err := w.signIn(w.try("lena", "wrong"))
		wantCode(t, err, iam.Unauthenticated)
	}
	if u, _ := w.state().User(lena); !u.Disabled {
		t.Error("the user is not locked")
	}
	_, err := w.Authenticate(t.Context(), control.Presented{Bearer: out.Token})
	wantCode(t, err, iam.Unauthenticated)
	locked := w.revision()
	for range 5 {
		for _, password := range []string{"wrong", horse} {
			_, err := w.signIn(w.try("lena", password))
			wantCode(t, err, iam.Unauthenticated)
		}
	}
	if got := w.revision(); got != locked || locked != before+3 {
		t.Errorf("revisions %d, %d, %d", before, locked, got)
	}
	events := w.events(store.Query{Action: "iam.user.sign_in", Status: iam.Failure})
	if len(events) != 3 || events[0].ActorKind != iam.KindOfSystem || !events[0].ActorID.IsZero() || events[0].ResourceName != "lena" || strings.Contains(events[0].ErrorMessage, horse) {
		t.Errorf("events: %+v", events)
	}
	// Unlocking lets them in, and counts from the beginning.
	unlock := func() {
		w.write(w.owner, control.UnlockUser, onUser(lena), func(d *iam.Draft) error { _, err := d.SetUserDisabled(lena, false); return err })
	}
	unlock()
	for range 2 {
		_, err := w.signIn(w.try("lena", "wrong"))
		wantCode(t, err, iam.Unauthenticated)
	}
	w.mustSignIn(w.try("lena", horse))
	if got := w.state().SignIn(lena).Failures; got != 0 {
		t.Errorf("%d failures after signing in", got)
	}
}

// TestLockoutTogether: trying many passwords at once gets nobody further than one after the other.
func TestLockoutTogether(t *testing.T) {
	w := newWorld(t)
	lena := w.withPassword("lena")
	w.secure(func(s *iam.SecuritySettings) { s.LoginAttempts = 2 })
	before := w.revision()
	var tries sync.WaitGroup
	for range 12 {
		tries.Go(func() {
			_, err := w.SignIn(t.Context(), &control.Call{}, w.try("lena", "wrong"))
			if code := iam.CodeOf(err); code != iam.Unauthenticated && code != iam.Unavailable {
				t.Errorf("got %v", err)
			}
		})
	}
	tries.Wait()
	if u, _ := w.state().User(lena); !u.Disabled || w.revision() > before+2 {
		t.Errorf("disabled %v, %d commits", u.Disabled, w.revision()-before)
	}
}

// TestOwnerPause: the owner cannot be locked, and waits instead.
func TestOwnerPause(t *testing.T) {
	w := newWorld(t)
	owner := iam.UserID{UUID: w.owner.Principal.ID}
	if err := w.setPassword(w.owner, owner, horse); err != nil {
		t.Fatal(err)
	}
	w.secure(func(s *iam.SecuritySettings) { s.LoginAttempts = 2 })
	for range 4 {
		_, err := w.signIn(w.try("olga@acme.example", "wrong"))
		wantCode(t, err, iam.Unauthenticated)
	}
	_, err := w.signIn(w.try("olga@acme.example", horse))
	wantCode(t, err, iam.Unauthenticated)
	w.actor(control.Presented{Bearer: w.secrets[2]}) // other credentials go on
	w.clock.advance(iam.OwnerPause)
	w.mustSignIn(w.try("olga@acme.example", horse))
}

// code is the one-time password of a secret at a time.
func code(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	c, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// generator gives a user who has signed in a generator of one-time passwords, and its recovery codes.
func (w *world) generator(a iam.Actor) (secret string, recovery []string) {
	w.t.Helper()
	id := iam.UserID{UUID: a.Principal.ID}
	secret, _, err := w.StartOTP(w.t.Context(), w.enter(a, control.CreateUserMFA, onUser(id)), id)
	if err != nil {
		w.t.Fatal(err)
	}
	recovery, _, err = w.ConfirmOTP(w.t.Context(), w.enter(a, control.ValidateUserMFA, onUser(id)), id, code(w.t, secret, w.clock.Now()))
	if err != nil || len(recovery) != 10 {
		w.t.Fatalf("%d codes, %v", len(recovery), err)
	}
	plain, _ := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	w.secrets = append(w.secrets, secret, string(plain))
	w.secrets = append(w.secrets, recovery...)
	return secret, recovery
}

func TestOneTimePasswords(t *testing.T) {
	w := newWorld(t)
	lena := w.withPassword("lena")
	_, actor := w.mustSignIn(w.try("lena", horse))
	enter := func(op *control.Operation) *control.Permit { return w.enter(actor, op, onUser(lena)) }
	confirm := func(code string) error {
		_, _, err := w.ConfirmOTP(t.Context(), enter(control.ValidateUserMFA), lena, code)
		return err
	}
	wantCode(t, confirm("123456"), iam.NotFound)
	secret, _, err := w.StartOTP(t.Context(), enter(control.CreateUserMFA), lena)
	if err != nil {
		t.Fatal(err)
	}
	w.mustSignIn(w.try("lena", horse)) // what is not confirmed is not asked for
	for _, bad := range []string{"", "12345", "abcdef", code(t, secret, w.clock.Now().Add(-time.Hour)), " " + code(t, secret, w.clock.Now())} {
		wantCode(t, confirm(bad), iam.Invalid)
	}
	secret, recovery := w.generator(actor) // anew
	wantCode(t, confirm(code(t, secret, w.clock.Now())), iam.Conflict)
	_, _, err = w.StartOTP(t.Context(), enter(control.CreateUserMFA), lena)
	wantCode(t, err, iam.Conflict)

	out, err := w.signIn(w.try("lena", horse))
	if err != nil || out.Session != nil || out.Token != "" || out.RenewToken != "" || out.Needs == nil || !out.Needs.OneTimePassword || out.Needs.Challenge != nil {
		t.Fatalf("without a second factor: %+v, %v", out, err)
	}
	_, err = w.signIn(w.try("lena", "wrong")) // does not tell that there is one
	wantCode(t, err, iam.Unauthenticated)
	with := func(factor string) control.SignIn {
		in := w.try("lena", horse)
		in.OneTimePassword = factor
		return in
	}
	refuse := func(why, factor string) {
		t.Helper()
		if out, err := w.signIn(with(factor)); iam.CodeOf(err) != iam.Unauthenticated {
			t.Errorf("%s: %+v, %v", why, out, err)
		}
		w.write(w.owner, control.UnlockUser, onUser(lena), func(d *iam.Draft) error { _, err := d.SetUserDisabled(lena, false); return err })
	}
	refuse("the one that confirmed it", code(t, secret, w.clock.Now()))
	refuse("not a number", "abcdef")
	refuse("another's", code(t, "JBSWY3DPEHPK3PXP", w.clock.Now()))
	w.clock.advance(time.Minute)
	now := code(t, secret, w.clock.Now())
	w.mustSignIn(with(now))
	refuse("used already", now)
	refuse("older than one that was used", code(t, secret, w.clock.Now().Add(-30*time.Second)))
	w.clock.advance(30 * time.Second)
	w.mustSignIn(with(code(t, secret, w.clock.Now())))
	refuse("no recovery code", "aaaaa-aaaaa")
	w.mustSignIn(with(strings.ToUpper(recovery[3])))
	refuse("a recovery code that was used", recovery[3])
	w.mustSignIn(with(recovery[4]))

	// A wrong second factor counts like a wrong password: nobody who knows the password can try them all.
	w.secure(func(s *iam.SecuritySettings) { s.LoginAttempts = 2 })
	for range 2 {
		_, err := w.signIn(with("000000"))
		wantCode(t, err, iam.Unauthenticated)
	}
	if u, _ := w.state().User(lena); !u.Disabled {
		t.Error("not locked")
	}
	w.write(w.owner, control.UnlockUser, onUser(lena), func(d *iam.Draft) error { _, err := d.SetUserDisabled(lena, false); return err })

	if _, err := w.DeleteOTP(t.Context(), w.enter(w.owner, control.DeleteUserMFA, onUser(lena)), lena); err != nil {
		t.Fatal(err)
	}
	w.mustSignIn(w.try("lena", horse))
	w.noSecrets()
}

// TestOneTimePasswordRace: one password is good for one session, even if it is shown twice at once.
func TestOneTimePasswordRace(t *testing.T) {
	w := newWorld(t)
	w.withPassword("lena")
	_, actor := w.mustSignIn(w.try("lena", horse))
	secret, _ := w.generator(actor)
	w.clock.advance(time.Minute)
	in := w.try("lena", horse)
	in.OneTimePassword = code(t, secret, w.clock.Now())
	nodes := []*control.Control{w.Control, w.node()}
	var mu sync.Mutex
	opened := 0
	var tries sync.WaitGroup
	for i := range 4 {
		tries.Go(func() {
			out, err := nodes[i%2].SignIn(t.Context(), &control.Call{}, in)
			mu.Lock()
			defer mu.Unlock()
			if err == nil && out.Session != nil {
				opened++
			}
		})
	}
	tries.Wait()
	if opened != 1 {
		t.Errorf("%d sessions were opened", opened)
	}
}

// register registers an authenticator of a user who has signed in.
func (w *world) register(a iam.Actor, key *authntest.Authenticator) *iam.Authenticator {
	w.t.Helper()
	id := iam.UserID{UUID: a.Principal.ID}
	begun, err := w.StartRegistration(w.t.Context(), w.enter(a, control.StartWebAuthnRegistration, onUser(id)), id, key.Origin)
	if err != nil {
		w.t.Fatal(err)
	}
	made, _, err := w.FinishRegistration(w.t.Context(), w.enter(a, control.FinishWebAuthnRegistration, onUser(id)),
		control.NewAuthenticator{User: id, Ceremony: begun.ID, Name: "blue key", Answer: key.Create(begun.Challenge)})
	if err != nil {
		w.t.Fatal(err)
	}
	return made
}

func TestAuthenticators(t *testing.T) {
	w := newWorld(t)
	lena, kim := w.withPassword("lena"), w.withPassword("kim")
	_, actor := w.mustSignIn(w.try("lena", horse))
	key := authntest.New(origin)
	start := func(at string) *control.Registration {
		t.Helper()
		begun, err := w.StartRegistration(t.Context(), w.enter(actor, control.StartWebAuthnRegistration, onUser(lena)), lena, at)
		if err != nil {
			t.Fatal(err)
		}
		return begun
	}
	finish := func(in control.NewAuthenticator) error {
		t.Helper()
		_, _, err := w.FinishRegistration(t.Context(), w.enter(actor, control.FinishWebAuthnRegistration, onUser(lena)), in)
		return err
	}
	_, err := w.StartRegistration(t.Context(), w.enter(actor, control.StartWebAuthnRegistration, onUser(lena)), lena, "http://console.acme.example")
	wantCode(t, err, iam.Invalid)
	begun := start(origin)
	if begun.Party != "console.acme.example" || len(begun.Challenge) != 32 || len(begun.Algorithms) != 3 || begun.Exclude != nil {
		t.Errorf("got %+v", begun)
	}
	answer := control.NewAuthenticator{User: lena, Ceremony: begun.ID, Name: "blue key", Answer: key.Create(begun.Challenge)}
	wrong := answer
	wrong.Answer = key.Create([]byte("a challenge of somebody else's"))
	wantCode(t, finish(wrong), iam.Invalid)
	wrong = answer
	wrong.Ceremony = w.NewID()
	wantCode(t, finish(wrong), iam.NotFound)
	wrong = answer
	wrong.User = kim
	wantCode(t, finish(wrong), iam.NotFound)
	w.clock.advance(5 * time.Minute)
	wantCode(t, finish(answer), iam.NotFound) // too late
	begun = start(origin)
	answer.Ceremony, answer.Answer = begun.ID, key.Create(begun.Challenge)
	if err := finish(answer); err != nil {
		t.Fatal(err)
	}
	wantCode(t, finish(answer), iam.NotFound) // once
	begun = start(origin)
	if len(begun.Exclude) != 1 || string(begun.Exclude[0]) != string(key.ID) {
		t.Errorf("excluded: %x", begun.Exclude)
	}
	answer.Ceremony, answer.Answer = begun.ID, key.Create(begun.Challenge)
	wantCode(t, finish(answer), iam.Exists)

	// It is asked for now.
	in := w.try("lena", horse)
	out, err := w.signIn(in)
	if err != nil || out.Session != nil || out.Needs == nil || out.Needs.OneTimePassword || out.Needs.Challenge != nil {
		t.Fatalf("without an origin: %+v, %v", out, err)
	}
	in.Origin = "https://evil.example"
	if out, err = w.signIn(in); err != nil || out.Session != nil || out.Needs.Challenge != nil {
		t.Fatalf("at another origin: %+v, %v", out, err)
	}
	challenge := func() []byte {
		t.Helper()
		w.clock.advance(time.Millisecond)
		in := w.try("lena", horse)
		in.Origin = origin
		out, err := w.signIn(in)
		if err != nil || out.Session != nil || len(out.Needs.Challenge) == 0 || len(out.Needs.Keys) != 1 || out.Needs.Party != "console.acme.example" {
			t.Fatalf("got %+v, %v", out, err)
		}
		return out.Needs.Challenge
	}
	with := func(key *authntest.Authenticator, challenge []byte) control.SignIn {
		in, a := w.try("lena", horse), key.Get(challenge)
		in.Assertion = &a
		return in
	}
	refuse := func(why string, in control.SignIn) {
		t.Helper()
		if out, err := w.signIn(in); iam.CodeOf(err) != iam.Unauthenticated {
			t.Errorf("%s: %+v, %v", why, out, err)
		}
		w.write(w.owner, control.UnlockUser, onUser(lena), func(d *iam.Draft) error { _, err := d.SetUserDisabled(lena, false); return err })
	}
	first, second := challenge(), challenge()
	stranger := *key
	stranger.ID = []byte("not registered")
	refuse("a key that is not registered", with(&stranger, first))
	forger := *key
	forger.Key = authntest.New(origin).Key
	refuse("another key under its id", with(&forger, first))
	elsewhere := *key
	elsewhere.Origin = "https://evil.example"
	refuse("an answer from elsewhere", with(&elsewhere, first))
	refuse("a challenge that nobody made", with(key, []byte(strings.Repeat("x", 40))))
	refuse("the challenge of a registration", with(key, begun.Challenge))
	right := with(key, second)
	wrongPassword := right
	wrongPassword.Password = staple
	refuse("with another password", wrongPassword)
	signed, _ := w.mustSignIn(right)
	if signed.Session == nil {
		t.Fatal("no session")
	}
	refuse("the same answer again", right)
	refuse("a challenge that is older", with(key, first))
	copied := *key
	copied.Count = 0
	refuse("a copy of the key", with(&copied, challenge()))
	late := with(key, challenge())
	w.clock.advance(5 * time.Minute)
	refuse("too late", late)
	w.mustSignIn(with(key, challenge()))
	made := w.state().Authenticators(lena)
	for a := range made.All() {
		if !a.LastUsedAt.Equal(w.clock.Now()) || a.Count != key.Count || a.Name != "blue key" {
			t.Errorf("got %+v", a)
		}
	}

	// Another user's answer is of no use, nor for another user.
	_, other := w.mustSignIn(w.try("kim", horse))
	w.register(other, authntest.New(origin))
	asKim := with(key, challenge())
	asKim.Login = "kim"
	if out, err := w.signIn(asKim); iam.CodeOf(err) != iam.Unauthenticated {
		t.Errorf("another's: %+v, %v", out, err)
	}
	// An administrator takes it away.
	for a := range w.state().Authenticators(lena).All() {
		target := control.On(iam.Name(iam.TypeAuthenticator, a.ID.UUID))
		if b, _, err := w.RenameAuthenticator(t.Context(), w.enter(w.owner, control.UpdateWebAuthnAuthenticator, target), a.ID, "lost"); err != nil || b.Name != "lost" {
			t.Errorf("%+v, %v", b, err)
		}
		if _, err := w.DeleteAuthenticator(t.Context(), w.enter(w.owner, control.DeleteWebAuthnAuthenticator, target), a.ID); err != nil {
			t.Error(err)
		}
		_, err := w.DeleteAuthenticator(t.Context(), w.enter(w.owner, control.DeleteWebAuthnAuthenticator, target), a.ID)
		wantCode(t, err, iam.NotFound)
	}
	w.mustSignIn(w.try("lena", horse))
}

// TestGracePeriod: who has to set a password of their own can sign in until their time is over, and then neither they nor their
// sessions get any further.
func TestGracePeriod(t *testing.T) {
	w := newWorld(t)
	lena := w.withPassword("lena")
	w.secure(func(s *iam.SecuritySettings) { s.EnforcePasswordRenewal = true })
	out, _ := w.mustSignIn(w.try("lena", horse))
	if len(out.Grace) != 1 || out.Grace[0].Type != iam.GraceUpdatePassword || !out.Grace[0].ExpiresAt.Equal(w.clock.Now().Add(3*24*time.Hour)) {
		t.Errorf("got %+v", out.Grace)
	}
	w.clock.advance(3*24*time.Hour - time.Second)
	w.actor(control.Presented{Bearer: out.Token})
	w.mustSignIn(w.try("lena", horse))
	w.clock.advance(time.Second)
	_, err := w.signIn(w.try("lena", horse))
	wantCode(t, err, iam.Unauthenticated)
	_, err = w.Authenticate(t.Context(), control.Presented{Bearer: out.Token})
	wantCode(t, err, iam.Unauthenticated)
	// An administrator gives them another, and more time.
	if err := w.setPassword(w.owner, lena, staple); err != nil {
		t.Fatal(err)
	}
	_, actor := w.mustSignIn(w.try("lena", staple))
	if err := w.setPassword(actor, lena, "a third one, of my own"); err != nil {
		t.Fatal(err)
	}
	w.clock.advance(10 * 24 * time.Hour)
	if out, _ := w.mustSignIn(w.try("lena", "a third one, of my own")); out.Grace != nil {
		t.Errorf("got %+v", out.Grace)
	}
}

// TestOwnSignIn: users who have signed in change what they sign in with, for a while, and nobody else's.
func TestOwnSignIn(t *testing.T) {
	w := newWorld(t)
	lena, kim := w.withPassword("lena"), w.withPassword("kim")
	_, actor := w.mustSignIn(w.try("lena", horse))
	other, _ := w.mustSignIn(w.try("kim", horse))
	enter := func(a iam.Actor, op *control.Operation, target control.Target) error {
		t.Helper()
		_, err := w.Enter(t.Context(), w.call(a), op, target)
		return err
	}
	writes := []*control.Operation{control.ResetUserPassword, control.CreateUserMFA, control.ValidateUserMFA, control.DeleteUserMFA,
		control.StartWebAuthnRegistration, control.FinishWebAuthnRegistration,
		control.CreateUserCredential, control.UpdateUserCredential, control.RollUserCredential}
	reads := []*control.Operation{control.ListGracePeriods, control.ListWebAuthnAuthenticators, control.ListJWTs, control.CreateJWT,
		control.ListUserCredentials, control.GetUserCredential, control.DeleteUserCredential}
	for _, op := range append(writes, reads...) {
		if err := enter(actor, op, onUser(lena)); err != nil {
			t.Errorf("%s: %v", op.Action, err)
		}
		wantCode(t, enter(actor, op, onUser(kim)), iam.Denied)
		wantCode(t, enter(actor, op, control.On(iam.AnyOf(iam.TypeUser))), iam.Denied)
		wantCode(t, enter(actor, op, control.On(iam.Name(iam.TypeGroup, lena.UUID))), iam.Denied)
		wantCode(t, enter(actor, op, control.Target{Resources: []iam.CRN{iam.Name(iam.TypeUser, lena.UUID), iam.Name(iam.TypeUser, kim.UUID)}}), iam.Denied)
		wantCode(t, enter(actor, op, control.On(iam.CRN{Service: "iam", Type: iam.TypeUser, ID: strings.ToUpper(lena.String())})), iam.Denied)
	}
	wantCode(t, enter(actor, control.GetUser, onUser(lena)), iam.Denied) // a grant it needs as ever
	wantCode(t, enter(actor, control.DeleteJWT, onUserSession(other.Session.ID)), iam.Denied)
	wantCode(t, enter(actor, control.GetJWT, onUserSession(iam.UserSessionID{UUID: w.NewID()})), iam.Denied)
	if err := enter(actor, control.GetJWT, onUserSession(actor.UserSession)); err != nil {
		t.Error(err)
	}

	// With a key of theirs they need a grant, and with a session that was made of it too.
	p := w.enter(w.owner, control.CreateUserCredential, onUser(lena))
	issued, err := w.CreateAccessKey(t.Context(), p, control.NewCredential{Principal: actor.Principal, Name: "laptop"})
	if err != nil {
		t.Fatal(err)
	}
	byKey := w.actor(control.Presented{Bearer: issued.Secret})
	w.let(lena, "allow", "iam:CreateJWT")
	made, err := w.CreateUserSession(t.Context(), w.enter(byKey, control.CreateJWT, onUser(lena)), control.NewUserSession{User: lena})
	if err != nil {
		t.Fatal(err)
	}
	bySession := w.actor(control.Presented{Bearer: made.Token})
	for _, a := range []iam.Actor{byKey, bySession} {
		for _, op := range writes {
			wantCode(t, enter(a, op, onUser(lena)), iam.Denied)
		}
		wantCode(t, enter(a, control.ListJWTs, onUser(lena)), iam.Denied)
	}

	// After a while, what they sign in with is out of reach, and reading it is not; a session beside it is no fresher.
	w.clock.advance(control.FreshFor - time.Second)
	if err := enter(actor, control.ResetUserPassword, onUser(lena)); err != nil {
		t.Error(err)
	}
	w.clock.advance(time.Second)
	beside, err := w.CreateUserSession(t.Context(), w.enter(actor, control.CreateJWT, onUser(lena)), control.NewUserSession{User: lena})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []iam.Actor{actor, w.actor(control.Presented{Bearer: beside.Token})} {
		for _, op := range writes {
			err := enter(a, op, onUser(lena))
			wantCode(t, err, iam.Denied)
			if !strings.HasPrefix(control.PublicMessage(err), "sign in anew") {
				t.Errorf("%s says %q", op.Action, control.PublicMessage(err))
			}
		}
		for _, op := range reads {
			if err := enter(a, op, onUser(lena)); err != nil {
				t.Errorf("%s: %v", op.Action, err)
			}
		}
	}
	// A policy that denies it refuses it still.
	_, actor = w.mustSignIn(w.try("lena", horse))
	w.let(lena, "deny", "iam:ResetUserPassword")
	wantCode(t, enter(actor, control.ResetUserPassword, onUser(lena)), iam.Denied)
}

// let gives a user a policy of one statement.
func (w *world) let(id iam.UserID, effect, action string) {
	w.t.Helper()
	w.grantUser(iam.Actor{Principal: iam.Principal{Kind: iam.KindOfUser, ID: id.UUID}}, effect, action)
}

func TestSetPassword(t *testing.T) {
	w := newWorld(t)
	lena := w.withPassword("lena")
	first, actor := w.mustSignIn(w.try("lena", horse))
	second, _ := w.mustSignIn(w.try("lena", horse))
	for _, bad := range []string{"", "short", "lena", strings.Repeat("x", 73)} {
		wantCode(t, w.setPassword(actor, lena, bad), iam.Invalid)
	}
	wantCode(t, w.setPassword(w.owner, iam.UserID{UUID: w.NewID()}, horse), iam.NotFound)
	if err := w.setPassword(actor, lena, staple); err != nil {
		t.Fatal(err)
	}
	w.actor(control.Presented{Bearer: first.Token}) // in which it was set
	_, err := w.Authenticate(t.Context(), control.Presented{Bearer: second.Token})
	wantCode(t, err, iam.Unauthenticated)
	_, err = w.signIn(w.try("lena", horse))
	wantCode(t, err, iam.Unauthenticated)
	w.mustSignIn(w.try("lena", staple))
	if err := w.setPassword(w.owner, lena, horse); err != nil {
		t.Fatal(err)
	}
	_, err = w.Authenticate(t.Context(), control.Presented{Bearer: first.Token})
	wantCode(t, err, iam.Unauthenticated)
	for _, e := range w.events(store.Query{Action: "iam.user.reset_password"}) {
		if e.ResourceID != lena.String() && e.Status == iam.Success {
			t.Errorf("event %+v", e)
		}
	}

	// A key that may do less must not open a way around its limits.
	worker, _ := w.account("worker")
	w.grant(worker, "allow", "*")
	p := w.enter(w.owner, control.CreateServiceAccountCredential, control.On(worker.Principal.CRN()))
	limited, err := w.CreateAccessKey(t.Context(), p, control.NewCredential{Principal: worker.Principal, Name: "limited",
		Policies: []iam.CredentialPolicy{{Language: "statements", Document: `{"statements":[{"effect":"allow","actions":["iam:*"]}]}`}}})
	if err != nil {
		t.Fatal(err)
	}
	a := w.actor(control.Presented{Bearer: limited.Secret})
	wantCode(t, w.setPassword(a, lena, staple), iam.Denied)
	_, _, err = w.StartOTP(t.Context(), w.enter(a, control.CreateUserMFA, onUser(lena)), lena)
	wantCode(t, err, iam.Denied)
	_, err = w.DeleteOTP(t.Context(), w.enter(a, control.DeleteUserMFA, onUser(lena)), lena)
	wantCode(t, err, iam.Denied)
	_, err = w.StartRegistration(t.Context(), w.enter(a, control.StartWebAuthnRegistration, onUser(lena)), lena, origin)
	wantCode(t, err, iam.Denied)
	if err := w.setPassword(worker, lena, staple); err != nil {
		t.Errorf("with a key without limits: %v", err)
	}
}

// TestSignInIsBounded: more passwords than can be hashed at once wait, and give up in time.
func TestSignInIsBounded(t *testing.T) {
	w := newWorld(t)
	release := w.Occupy()
	_, err := w.signIn(w.try("nobody", horse))
	wantCode(t, err, iam.Unavailable)
	_, err = w.Password(t.Context(), w.enter(w.owner, control.AddUser, control.On(iam.AnyOf(iam.TypeUser))), horse)
	wantCode(t, err, iam.Unavailable)
	release()
	_, err = w.signIn(w.try("nobody", horse))
	wantCode(t, err, iam.Unauthenticated)
}
