package iam

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// local makes local user 5 of newWorld: Lena, in group 1, with policy 1.
func local(t *testing.T) *world {
	w := newWorld(t, 1)
	w.accept(func(d *Draft) error {
		return errors.Join(
			second(d.CreateLocalUser(User{ID: userID(5), Username: "Lena.L", Email: "Lena@home.example", FirstName: "Lena", LastName: "Lang",
				Phone: "+33 1 23", Locale: "fr_FR", Tags: []Tag{{"team", "core"}, {"on-call", ""}}}, []GroupID{groupID(1), groupID(1)})),
			d.Attach(policyID(1), toUser(5)))
	})
	return w
}

func TestCreateLocalUser(t *testing.T) {
	w := local(t)
	want := &User{ID: userID(5), Username: "Lena.L", Email: "Lena@home.example", Name: "Lena Lang", FirstName: "Lena", LastName: "Lang", Phone: "+33 1 23",
		Locale: "fr_FR", Tags: []Tag{{"team", "core"}, {"on-call", ""}}, Groups: []Joined{{groupID(1), w.now}},
		Policies: []Attached{{policyID(1), w.now}}, AddedAt: w.now, UpdatedAt: w.now}
	got, err := w.s.User(userID(5))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the user (-want +got):\n%s", diff)
	}
	if !got.Local() || got.Login() != "Lena.L" || w.s.NameOf(Name(TypeUser, got.ID.UUID)) != "Lena.L" {
		t.Errorf("local %v, login %q", got.Local(), got.Login())
	}
	if u, ok := w.s.UserOf(PersonID{}); ok {
		t.Errorf("nobody is user %s", u.ID)
	}
	for _, name := range []string{"lena.l", "LENA.L", "lena@HOME.example"} {
		if u, ok := w.s.UserNamed(name); !ok || u.ID != userID(5) {
			t.Errorf("%q is %v", name, u)
		}
	}
	for _, name := range []string{"", "lena", "Lena Lang", "\u212aena.l"} {
		if u, ok := w.s.UserNamed(name); ok {
			t.Errorf("%q is user %s", name, u.ID)
		}
	}
	if u, _ := w.s.User(userID(1)); u.Login() != "Ann@corp.example" || u.Local() {
		t.Errorf("a person's login is %q", u.Login())
	}
	// A second local user, without an address and a name; what only a member or a later step can have is not taken over.
	w.accept(func(d *Draft) error {
		return second(d.CreateLocalUser(User{ID: userID(6), Username: "xy", Person: personID(1), Name: "Root", Disabled: true,
			Policies: []Attached{{policyID(2), epoch}}, AddedAt: epoch.Add(-time.Hour)}, nil))
	})
	got, _ = w.s.User(userID(6))
	if diff := cmp.Diff(&User{ID: userID(6), Username: "xy", Name: "xy", AddedAt: w.now, UpdatedAt: w.now}, got); diff != "" {
		t.Errorf("the user (-want +got):\n%s", diff)
	}
}

func TestLocalUsersRefused(t *testing.T) {
	create := func(edit func(*User), groups ...GroupID) func(*Draft) error {
		return func(d *Draft) error {
			u := User{ID: userID(9), Username: "fresh", Email: "fresh@corp.example"}
			edit(&u)
			return second(d.CreateLocalUser(u, groups))
		}
	}
	named := func(name string) func(*Draft) error { return create(func(u *User) { u.Username = name }) }
	addressed := func(email string) func(*Draft) error { return create(func(u *User) { u.Email = email }) }
	cases := []refusal{
		{"no username", Invalid, "username", named("")},
		{"a letter", Invalid, "username", named("a")},
		{"too long", Invalid, "username", named(strings.Repeat("a", MaxUsername+1))},
		{"a space", Invalid, "username", named("ann b")},
		{"a line feed", Invalid, "username", named("ann\n")},
		{"a plus", Invalid, "username", named("ann+b")},
		{"no ASCII", Invalid, "username", named("änn")},
		{"the username of another", Exists, "username", named("lena.L")},
		{"the address of a local user", Exists, "username", named("LENA@home.example")},
		{"the address of a member", Exists, "username", named("ann@CORP.example")},
		{"the address of the owner", Exists, "username", named("olga@corp.example")},
		{"the address of who is invited", Exists, "username", named("new.hire@corp.example")},
		{"no address", Invalid, "email", addressed("ann")},
		{"a bad address", Invalid, "email", addressed("ann@corp.example\x00")},
		{"a member's address", Exists, "email", addressed("ann@CORP.example")},
		{"a local user's address", Exists, "email", addressed("lena@home.EXAMPLE")},
		{"the address of who is invited too", Exists, "email", addressed("NEW.hire@corp.example")},
		{"a first name too long", Invalid, "first_name", create(func(u *User) { u.FirstName = strings.Repeat("é", MaxNamePart+1) })},
		{"a last name of two lines", Invalid, "last_name", create(func(u *User) { u.LastName = "a\nb" })},
		{"a phone of two lines", Invalid, "phone", create(func(u *User) { u.Phone = "1\r2" })},
		{"a locale that is no text", Invalid, "locale", create(func(u *User) { u.Locale = "\xff" })},
		{"a bad tag", Invalid, "tags[0].key", create(func(u *User) { u.Tags = []Tag{{}} })},
		{"into an unknown group", NotFound, "", create(func(*User) {}, groupID(1), groupID(9))},
		{"an id that is taken", Internal, "", create(func(u *User) { u.ID = userID(1) })},
		{"the nil id", Internal, "", create(func(u *User) { u.ID = UserID{} })},
		{"no room", Quota, QuotaUsers, func(d *Draft) error {
			return errors.Join(d.SetQuota(QuotaUsers, 4), create(func(*User) {})(d))
		}},

		{"a person of that address", Exists, "email", func(d *Draft) error {
			return second(d.AddUser(userID(9), person(9, "LENA@home.example"), nil))
		}},
		{"an invitation of that address", Exists, "email", func(d *Draft) error {
			return second(d.Invite(invitationID(9), "LENA@home.example", nil, Inviter{}, time.Hour))
		}},
		{"removing oneself", Conflict, "", func(d *Draft) error { d.author = asUser(5); return d.RemoveUser(userID(5)) }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { local(t).refuse(c.code, c.field, c.draft) })
	}
	w := local(t)
	// A username may be somebody's own address, and an expired invitation blocks nothing, but does not come back either.
	w.accept(named("fresh@corp.EXAMPLE"))
	w.accept(func(d *Draft) error {
		return second(d.CreateLocalUser(User{ID: userID(8), Username: "late@corp.example"}, nil))
	})
	w.refuse(Exists, "email", func(d *Draft) error { return second(d.ResendInvitation(invitationID(2), time.Hour)) })
	w.refuse(Exists, "email", func(d *Draft) error { return second(d.AddUser(userID(7), person(7, "Late@corp.example"), nil)) })
}

func TestUpdateUser(t *testing.T) {
	w := local(t)
	w.now = w.now.Add(time.Hour)
	w.accept(func(d *Draft) error {
		u, err := d.UpdateUser(userID(5), func(u *User) {
			u.Username, u.Email, u.FirstName, u.LastName, u.Tags = "LENA.L", "", "", "", nil
			u.ID, u.Person, u.Name, u.Disabled, u.Groups, u.Policies, u.AddedAt = userID(9), personID(1), "x", true, nil, nil, d.now
		})
		if err == nil && (u.Name != "LENA.L" || u.Email != "" || u.Tags != nil || u.Disabled || !u.Local() || len(u.Groups) != 1 ||
			len(u.Policies) != 1 || !u.UpdatedAt.Equal(w.now) || u.AddedAt.Equal(w.now)) {
			t.Errorf("got %+v", u)
		}
		return err
	})
	if _, ok := w.s.UserNamed("lena@home.example"); ok {
		t.Error("the address that was given up still finds somebody")
	}
	// What is given up is free.
	w.accept(func(d *Draft) error { return second(d.AddUser(userID(6), person(6, "lena@home.example"), nil)) })
	// The organization's own notes about a person.
	w.accept(func(d *Draft) error {
		u, err := d.UpdateUser(userID(1), func(u *User) { u.FirstName, u.Phone, u.Tags = "Anna", "12", []Tag{{"a", "b"}} })
		if err == nil && (u.Name != "Person Ann@corp.example" || u.FirstName != "Anna" || u.Person != personID(1) || !u.UpdatedAt.Equal(w.now)) {
			t.Errorf("got %+v", u)
		}
		return err
	})
	before := w.s.Revision()
	w.accept(func(d *Draft) error {
		_, err := d.UpdateUser(userID(1), func(u *User) { u.Tags = []Tag{{"a", "b"}} })
		if !d.Empty() {
			t.Error("nothing was changed, and something is touched")
		}
		return err
	})
	if w.s.Revision() != before+1 {
		t.Fatal("the draft of nothing was not made")
	}
	update := func(n int, edit func(*User)) func(*Draft) error {
		return func(d *Draft) error { return second(d.UpdateUser(userID(n), edit)) }
	}
	for _, c := range []refusal{
		{"unknown", NotFound, "", update(9, func(*User) {})},
		{"a person's username", Immutable, "username", update(1, func(u *User) { u.Username = "ann" })},
		{"a person's address", Immutable, "email", update(1, func(u *User) { u.Email = "new@corp.example" })},
		{"the owner's address", Immutable, "email", update(0, func(u *User) { u.Email = "" })},
		{"no username", Invalid, "username", update(5, func(u *User) { u.Username = "" })},
		{"the address of another", Exists, "email", update(5, func(u *User) { u.Email = "ANN@corp.example" })},
		{"the address of another as a username", Exists, "username", update(5, func(u *User) { u.Username = "bob@corp.example" })},
		{"the address of who is invited", Exists, "email", update(5, func(u *User) { u.Email = "new.hire@corp.example" })},
		{"a bad locale", Invalid, "locale", update(1, func(u *User) { u.Locale = "a\tb" })},
		{"a bad tag", Invalid, "tags[1].key", update(1, func(u *User) { u.Tags = []Tag{{"a", ""}, {"a", "b"}} })},
	} {
		t.Run(c.name, func(t *testing.T) { local(t).refuse(c.code, c.field, c.draft) })
	}
}

func TestSetUserDisabled(t *testing.T) {
	w := local(t)
	w.refuse(NotFound, "", func(d *Draft) error { return second(d.SetUserDisabled(userID(9), true)) })
	w.refuse(Immutable, "", func(d *Draft) error { return second(d.SetUserDisabled(userID(0), true)) })
	w.refuseAs(asUser(0), Immutable, "", func(d *Draft) error { return second(d.SetUserDisabled(userID(0), true)) })
	w.refuseAs(asUser(5), Conflict, "", func(d *Draft) error { return second(d.SetUserDisabled(userID(5), true)) })
	w.now = w.now.Add(time.Hour)
	for _, n := range []int{1, 5} { // a person's membership, and a local user
		w.accept(func(d *Draft) error { return second(d.SetUserDisabled(userID(n), true)) })
		u, _ := w.s.User(userID(n))
		if !u.Disabled || !u.UpdatedAt.Equal(w.now) || len(u.Groups) != 1 || len(u.Policies) != 1 {
			t.Errorf("user %d is %+v", n, u)
		}
		w.accept(func(d *Draft) error {
			err := second(d.SetUserDisabled(userID(n), true))
			if !d.Empty() {
				t.Error("they were disabled already")
			}
			return err
		})
	}
	if w.s.CredentialsOf(userID(1).UUID).Len() != 2 {
		t.Error("credentials of a disabled user are kept")
	}
	wantRevoked(t, w, map[int]string{1: ""})
	w.acceptAs(asUser(5), func(d *Draft) error { return second(d.SetUserDisabled(userID(5), false)) })
	if u, _ := w.s.User(userID(5)); u.Disabled {
		t.Error("still disabled")
	}
}

// TestRemoveLocalUser: nothing of a local user stays, and their names are free.
func TestRemoveLocalUser(t *testing.T) {
	w := local(t)
	w.accept(func(d *Draft) error {
		return errors.Join(second(d.CreateCredential(accessKey(5, asUser(5)))), second(d.OpenSession(session(5, roleID(1), asUser(5), time.Hour))),
			second(d.CreatePolicy(Policy{ID: policyID(5), Name: "own", Language: "statements", Document: allowAll})))
	})
	w.accept(func(d *Draft) error { return d.RemoveUser(userID(5)) })
	if _, err := w.s.User(userID(5)); CodeOf(err) != NotFound {
		t.Errorf("the user is still there: %v", err)
	}
	goneCredentials(t, w.s, 5)
	wantRevoked(t, w, map[int]string{5: "the user was removed", 1: ""})
	if w.s.MemberCount(groupID(1)) != 2 {
		t.Errorf("the group has %d members", w.s.MemberCount(groupID(1)))
	}
	w.accept(func(d *Draft) error {
		return second(d.CreateLocalUser(User{ID: userID(6), Username: "lena@home.example"}, nil))
	})
	if u, _ := w.s.User(userID(6)); len(u.Groups)+len(u.Policies)+len(u.Tags) != 0 || w.s.CredentialsOf(u.ID.UUID).Len() != 0 {
		t.Errorf("the new user is %+v", u)
	}
}

// TestUsersOfOldVersions: a record that knows no update counts as updated when the user was added.
func TestUsersOfOldVersions(t *testing.T) {
	w := newWorld(t, 1)
	old := `{"id":"` + userID(5).String() + `","person":"` + personID(5).String() + `","email":"o@corp.example","name":"O","added_at":"2025-01-02T03:04:05Z"}`
	next, err := w.s.Apply(w.s.Revision()+1, []Change{{Kind: KindUser, ID: userID(5).UUID, Data: json.RawMessage(old)}})
	if err != nil {
		t.Fatal(err)
	}
	u, err := next.User(userID(5))
	if err != nil || !u.UpdatedAt.Equal(u.AddedAt) || u.UpdatedAt.IsZero() || u.Disabled || u.Local() {
		t.Errorf("got %+v, %v", u, err)
	}
}

// TestTagsOfInvitations: they become the user's.
func TestTagsOfInvitations(t *testing.T) {
	w := newWorld(t, 1)
	tags := []Tag{{"team", "new"}}
	w.accept(func(d *Draft) error { return d.SetTags(toInvitation(1), tags) })
	w.accept(func(d *Draft) error {
		return second(d.AcceptInvitation(invitationID(1), userID(9), person(9, "new.hire@corp.example")))
	})
	if u, _ := w.s.User(userID(9)); !slices.Equal(u.Tags, tags) || len(u.Groups) != 2 {
		t.Errorf("the user is %+v", u)
	}
}
