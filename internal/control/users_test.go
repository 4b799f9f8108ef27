package control_test

import (
	"slices"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

var anyUser = iam.AnyOf(iam.TypeUser)

// local makes a local user with an access key, as the owner.
func (w *world) local(username string) (iam.Actor, control.Presented) {
	w.t.Helper()
	u, _, err := w.CreateLocalUser(w.t.Context(), w.enter(w.owner, control.AddUser, control.On(anyUser)), iam.User{Username: username}, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	_, shown := w.key(control.NewCredential{Principal: iam.Principal{Kind: iam.KindOfUser, ID: u.ID.UUID}})
	return w.actor(shown), shown
}

// member makes a person a user, with an access key.
func (w *world) member(email string) (iam.Actor, control.Presented) {
	w.t.Helper()
	w.write(w.operator, control.CreatePerson, control.On(platformCRN), func(d *iam.Draft) error {
		_, err := d.CreatePerson(iam.PersonID{UUID: w.NewID()}, email, email)
		return err
	})
	added, err := w.AddUser(w.t.Context(), w.enter(w.owner, control.AddUser, control.On(anyUser)), control.NewUser{Email: email})
	if err != nil {
		w.t.Fatal(err)
	}
	_, shown := w.key(control.NewCredential{Principal: iam.Principal{Kind: iam.KindOfUser, ID: added.User.ID.UUID}})
	return w.actor(shown), shown
}

// TestLocalUsers: they are made as somebody who may add users, are who they say, and are known in their organization alone.
func TestLocalUsers(t *testing.T) {
	w := newWorld(t)
	other, foreign := w.organization("Other", "otto@other.example")
	lena, shown := w.local("lena")
	if lena.Org != w.org || lena.Principal.Kind != iam.KindOfUser || lena.Name != "lena" || lena.Email != "" {
		t.Errorf("she is %+v", lena)
	}
	if _, there := w.enter(w.operator, control.ListPeople, control.On(platformCRN)).View().PersonByEmail("lena"); there {
		t.Error("she is a person of the installation")
	}
	w.clock.advance(time.Second)
	// Another organization has a Lena of its own with the same address, and somebody who is a person.
	var made []iam.UserID
	for _, a := range []iam.Actor{w.owner, foreign} {
		u, revision, err := w.CreateLocalUser(t.Context(), w.enter(a, control.AddUser, control.On(anyUser)),
			iam.User{Username: "otto@other.example", Email: "lena@home.example", Tags: []iam.Tag{{Key: "team"}}}, nil)
		if a.Org == other { // where that is the owner's address
			wantCode(t, err, iam.Exists)
			u, revision, err = w.CreateLocalUser(t.Context(), w.enter(a, control.AddUser, control.On(anyUser)), iam.User{Username: "lena", Email: "lena@home.example"}, nil)
		}
		if err != nil || revision == 0 || u.Email != "lena@home.example" {
			t.Fatalf("got %+v, %v", u, err)
		}
		made = append(made, u.ID)
	}
	if _, err := w.enter(foreign, control.GetUser, control.On(anyUser)).View().User(made[0]); iam.CodeOf(err) != iam.NotFound {
		t.Errorf("another organization sees her: %v", err)
	}
	if got := w.events(store.Query{Action: "iam.user.add", Status: iam.Success}); len(got) != 2 || got[0].ResourceName != "otto@other.example" ||
		got[1].ResourceName != "lena" || got[1].ResourceID != lena.Principal.ID.String() {
		t.Errorf("events: %+v", got)
	}
	// What comes with her is made with her or not at all.
	p := w.enter(w.owner, control.AddUser, control.On(anyUser))
	group := iam.GroupID{UUID: w.NewID()}
	w.write(w.owner, control.CreateGroup, control.On(iam.AnyOf(iam.TypeGroup)), func(d *iam.Draft) error {
		_, err := d.CreateGroup(iam.Group{ID: group, Name: "staff"})
		return err
	})
	before := w.revision()
	_, _, err := w.CreateLocalUser(t.Context(), p, iam.User{Username: "mia"}, []iam.GroupID{group}, func(d *iam.Draft, id iam.UserID) error {
		return d.Attach(iam.PolicyID(id), iam.Holder{Type: iam.TypeUser, ID: id.UUID})
	})
	wantCode(t, err, iam.NotFound)
	if w.revision() != before {
		t.Error("half of it was done")
	}
	u, _, err := w.CreateLocalUser(t.Context(), w.enter(w.owner, control.AddUser, control.On(anyUser)), iam.User{Username: "mia"}, []iam.GroupID{group},
		func(d *iam.Draft, id iam.UserID) error {
			return d.SetTags(iam.Holder{Type: iam.TypeUser, ID: id.UUID}, []iam.Tag{{Key: "also"}})
		})
	if err != nil || len(u.Groups) != 1 || len(u.Tags) != 1 {
		t.Errorf("got %+v, %v", u, err)
	}
	// She may make users; to put them into groups she needs the right for that too.
	w.grantUser(lena, "allow", "iam:AddUser")
	if _, _, err := w.CreateLocalUser(t.Context(), w.enter(lena, control.AddUser, control.On(anyUser)), iam.User{Username: "nia"}, nil); err != nil {
		t.Error(err)
	}
	_, _, err = w.CreateLocalUser(t.Context(), w.enter(lena, control.AddUser, control.On(anyUser)), iam.User{Username: "pia"}, []iam.GroupID{group})
	wantCode(t, err, iam.Denied)
	// Removed, she is nobody.
	w.write(w.owner, control.RemoveUser, control.On(lena.Principal.CRN()), func(d *iam.Draft) error { return d.RemoveUser(iam.UserID{UUID: lena.Principal.ID}) })
	_, err = w.Authenticate(t.Context(), shown)
	wantCode(t, err, iam.Unauthenticated)
}

// grantUser is grant, for a user.
func (w *world) grantUser(a iam.Actor, effect, action string) {
	w.t.Helper()
	w.write(w.owner, control.AttachUserPolicy, control.On(a.Principal.CRN()), func(d *iam.Draft) error {
		id := iam.PolicyID{UUID: w.NewID()}
		if _, err := d.CreatePolicy(iam.Policy{ID: id, Name: id.String(), Language: "statements", Document: statement(effect, action)}); err != nil {
			return err
		}
		return d.Attach(id, iam.Holder{Type: iam.TypeUser, ID: a.Principal.ID})
	})
}

// TestDisabledUser: a user who is disabled in an organization is nobody there, at once, in every way, and comes back.
func TestDisabledUser(t *testing.T) {
	w := newWorld(t)
	for name, who := range map[string]func() (iam.Actor, control.Presented){
		"local":  func() (iam.Actor, control.Presented) { return w.local("lena") },
		"person": func() (iam.Actor, control.Presented) { return w.member("mia@acme.example") },
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			a, key := who()
			w.grantUser(a, "allow", "s3:* iam:ListGroups iam:CreateGroup")
			s := w.temporary(a, "job of "+name)
			set := func(op *control.Operation, on bool) {
				w.write(w.owner, op, control.On(a.Principal.CRN()), func(d *iam.Draft) error {
					_, err := d.SetUserDisabled(iam.UserID{UUID: a.Principal.ID}, on)
					return err
				})
			}
			under := w.enter(a, control.CreateGroup, control.On(iam.AnyOf(iam.TypeGroup)))
			for _, off := range []bool{false, true, false} {
				if set(control.UnlockUser, false); off {
					set(control.LockUser, true)
				}
				for _, shown := range []control.Presented{key, {Bearer: key.Secret}, {Bearer: s.Token},
					{AccessKey: s.AccessKey, Secret: s.Secret, SessionToken: s.Token}} {
					if _, err := w.Authenticate(t.Context(), shown); (err != nil) != off {
						t.Errorf("disabled is %v, and signing in says %v", off, err)
					} else if off {
						wantCode(t, err, iam.Unauthenticated)
					}
				}
				if _, err := w.Enter(t.Context(), w.call(a), control.ListGroups, control.On(iam.AnyOf(iam.TypeGroup))); (err != nil) != off {
					t.Errorf("disabled is %v, and a call says %v", off, err)
				}
				for _, asked := range []iam.CRN{a.Principal.CRN(), iam.Name(iam.TypeSession, s.Session.ID.UUID)} {
					p := w.enter(w.owner, control.Authorize, control.On(iam.AnyOf(iam.TypeOrganization)))
					got := w.Authorize(p, control.Question{Principal: asked, Action: "s3:GetObject", Resources: []iam.CRN{{Service: "s3", Type: "object", ID: "x"}}})
					if (got.Reason == authz.Disabled) != off || got.Allowed() && off {
						t.Errorf("disabled is %v, and a decision about %s says %s", off, asked, got.Reason)
					}
				}
				if off {
					_, err := under.Write(t.Context(), func(d *iam.Draft) error {
						_, err := d.CreateGroup(iam.Group{ID: iam.GroupID{UUID: w.NewID()}, Name: "late " + name})
						return err
					})
					wantCode(t, err, iam.Denied)
				}
			}
		})
	}
	w.t = t
	_, err := w.enter(w.owner, control.LockUser, control.On(w.owner.Principal.CRN())).Write(t.Context(), func(d *iam.Draft) error {
		_, err := d.SetUserDisabled(iam.UserID{UUID: w.owner.Principal.ID}, true)
		return err
	})
	wantCode(t, err, iam.Immutable)
	for status, want := range map[iam.Status]int{iam.Success: 2, iam.Failure: 1} {
		if got := w.events(store.Query{Action: "iam.user.lock", Status: status}); len(got) != want {
			t.Errorf("events: %+v", got)
		}
	}
}

// TestTagsOfNewUsers: whoever is added or invited may have tags from the beginning.
func TestTagsOfNewUsers(t *testing.T) {
	w := newWorld(t)
	tags := []iam.Tag{{Key: "team", Value: "core"}}
	add := func(in control.NewUser) (*control.Added, error) {
		return w.AddUser(t.Context(), w.enter(w.owner, control.AddUser, control.On(anyUser)), in)
	}
	w.write(w.operator, control.CreatePerson, control.On(platformCRN), func(d *iam.Draft) error {
		_, err := d.CreatePerson(iam.PersonID{UUID: w.NewID()}, "mia@acme.example", "Mia")
		return err
	})
	if got, err := add(control.NewUser{Email: "mia@acme.example", Tags: tags}); err != nil || !slices.Equal(got.User.Tags, tags) {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := add(control.NewUser{Email: "new@acme.example", Tags: tags}); err != nil || !slices.Equal(got.Invitation.Tags, tags) {
		t.Errorf("got %+v, %v", got, err)
	}
	before := w.revision()
	_, err := add(control.NewUser{Email: "late@acme.example", Tags: append(tags, tags...)})
	wantCode(t, err, iam.Invalid)
	if w.revision() != before {
		t.Error("somebody was invited without their tags")
	}
}
