package iam

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// refusal is a draft that the rules must refuse.
type refusal struct {
	name  string
	code  Code
	field string
	draft func(*Draft) error
}

func refuseAll(t *testing.T, cases []refusal) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			newWorld(t, 1).refuse(c.code, c.field, c.draft)
		})
	}
}

// Texts that no name may be.
var badNames = map[string]string{
	"empty": "", "NUL": "a\x00b", "line feed": "a\nb", "tab": "a\tb", "escape": "a\x1b[31m", "DEL": "a\x7f", "C1 control": "a\u0085b",
	"invalid UTF-8": "a\xffb", "a surrogate": "a\xed\xa0\x80", "too long": strings.Repeat("é", MaxName+1),
}

// Texts that no description may be.
var badTexts = map[string]string{
	"NUL": "a\x00b", "escape": "a\x1b[31m", "DEL": "a\x7f", "invalid UTF-8": "\xc3\x28", "too long": strings.Repeat("é", MaxDescription+1),
}

func TestNamesRefused(t *testing.T) {
	w := newWorld(t, 1)
	ann := person(9, "n@corp.example")
	for why, bad := range badNames {
		t.Run(why, func(t *testing.T) {
			w.t = t
			w.refuse(Invalid, "name", func(d *Draft) error {
				return second(d.CreateServiceAccount(ServiceAccount{ID: accountID(9), Name: bad}))
			})
			w.refuse(Invalid, "name", func(d *Draft) error { return second(d.CreateGroup(Group{ID: groupID(9), Name: bad})) })
			w.refuse(Invalid, "name", func(d *Draft) error {
				return second(d.UpdateGroup(groupID(1), func(g *Group) { g.Name = bad }))
			})
			w.refuse(Invalid, "name", func(d *Draft) error { return second(d.CreateRole(Role{ID: roleID(9), Name: bad}, nil)) })
			w.refuse(Invalid, "name", func(d *Draft) error { return second(d.UpdateRole(roleID(1), func(r *Role) { r.Name = bad })) })
			w.refuse(Invalid, "name", func(d *Draft) error {
				return second(d.CreatePolicy(Policy{ID: policyID(9), Name: bad, Language: "statements", Document: allowAll}))
			})
			w.refuse(Invalid, "name", func(d *Draft) error {
				return second(d.UpdatePolicy(policyID(1), func(p *Policy) { p.Name = bad }))
			})
			w.refuse(Invalid, "name", func(d *Draft) error {
				k := accessKey(9, asUser(1))
				k.Name = bad
				return second(d.CreateCredential(k))
			})
			w.refuse(Invalid, "session_name", func(d *Draft) error {
				x := session(9, roleID(1), asUser(1), time.Hour)
				x.Name = bad
				return second(d.OpenSession(x))
			})
			w.refuse(Invalid, "name", func(d *Draft) error { return second(d.CreatePerson(ann.ID, ann.Email, bad)) })
			w.refuse(Invalid, "name", func(d *Draft) error { return d.Register(&DirectoryEntry{ID: orgID(9), Name: bad, Person: ann.ID}) })
		})
	}
}

func TestTextsRefused(t *testing.T) {
	w := newWorld(t, 1)
	for why, bad := range badTexts {
		t.Run(why, func(t *testing.T) {
			w.t = t
			for field, draft := range map[string]func(*Draft) error{
				"description": func(d *Draft) error {
					return second(d.CreateServiceAccount(ServiceAccount{ID: accountID(9), Name: "n", Description: &bad}))
				},
				"display_name": func(d *Draft) error {
					return second(d.CreateServiceAccount(ServiceAccount{ID: accountID(9), Name: "n", DisplayName: &bad}))
				},
				"reason": func(d *Draft) error { return second(d.RevokeSession(sessionID(1), &bad)) },
			} {
				w.refuse(Invalid, field, draft)
			}
			for _, draft := range []func(*Draft) error{
				func(d *Draft) error {
					return second(d.UpdateServiceAccount(accountID(1), func(a *ServiceAccount) { a.Description = &bad }))
				},
				func(d *Draft) error {
					return second(d.CreateGroup(Group{ID: groupID(9), Name: "n", Description: &bad}))
				},
				func(d *Draft) error {
					return second(d.UpdateGroup(groupID(1), func(g *Group) { g.Description = &bad }))
				},
				func(d *Draft) error {
					return second(d.CreateRole(Role{ID: roleID(9), Name: "n", Description: &bad}, nil))
				},
				func(d *Draft) error {
					return second(d.UpdateRole(roleID(1), func(r *Role) { r.Description = &bad }))
				},
				func(d *Draft) error {
					return second(d.CreatePolicy(Policy{ID: policyID(9), Name: "n", Description: &bad, Language: "statements", Document: allowAll}))
				},
				func(d *Draft) error {
					return second(d.UpdatePolicy(policyID(1), func(p *Policy) { p.Description = &bad }))
				},
			} {
				w.refuse(Invalid, "description", draft)
			}
		})
	}
}

// TestWidestNames: what is just within the limits is accepted, so that the refusals above are about the limits.
func TestWidestNames(t *testing.T) {
	w := newWorld(t, 1)
	name, text := strings.Repeat("é", MaxName), strings.Repeat("é", MaxDescription-2)+"\n\t"
	w.accept(func(d *Draft) error {
		return errors.Join(
			second(d.CreateServiceAccount(ServiceAccount{ID: accountID(9), Name: name, DisplayName: &text, Description: &text})),
			second(d.CreateGroup(Group{ID: groupID(9), Name: name, Description: &text})),
			second(d.CreateRole(Role{ID: roleID(9), Name: name, Description: &text}, nil)),
			second(d.CreatePolicy(Policy{ID: policyID(9), Name: name, Description: &text, Language: "statements", Document: allowAll})),
			second(d.CreateGroup(Group{ID: groupID(8), Name: " a/b * <script>\u202e"})),
		)
	})
}

func TestCheckEmail(t *testing.T) {
	for _, good := range []string{
		"a@b", "Ann.O'Neil+tag@corp.example", "é@exämple.de", "a@b.c.d", "用户@例子.公司", strings.Repeat("a", 250) + "@b.c",
	} {
		if err := CheckEmail("email", good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "@", "a@", "@b", "ab", "a@b@c", "a@.b", "a@b.", "a b@c", "a@b c", " a@b", "a@b ", "a@b\n", "a\x00@b", "a\x7f@b", "\u0085a@b",
		"a\u00a0@b", "a\u2028@b", "a@\xff", "\xc3@b", `"a"@b`, "a,b@c", "a;b@c", "<a@b>", "a(c)@b", "a@[1.2.3.4]", `a\@b`, "a:b@c",
		strings.Repeat("a", 251) + "@b.c", strings.Repeat("é", 126) + "@b.c",
	} {
		wantError(t, CheckEmail("email", bad), Invalid, "email")
	}
}

// TestFoldEmail: addresses differ by more than case, or are the same. Letters whose lower case is ASCII though they are
// not must not fold: whoever owns such a mailbox would be taken for another.
func TestFoldEmail(t *testing.T) {
	for _, same := range [][2]string{{"Ann@Corp.Example", "ann@corp.example"}, {"É@b", "é@b"}, {"ДАША@b", "даша@b"}} {
		if FoldEmail(same[0]) != FoldEmail(same[1]) {
			t.Errorf("%q and %q must be one address", same[0], same[1])
		}
	}
	for _, other := range [][2]string{
		{"\u212aate@b", "kate@b"}, {"\u212aate@b", "Kate@b"}, {"m\u0130ke@b", "mike@b"}, {"ma\u0131l@b", "mail@b"}, {"ſam@b", "sam@b"},
		{"a@b", "a@c"}, {"a@b", "а@b"}, {"e\u0301@b", "é@b"}, {"ß@b", "ss@b"}, {"ﬁ@b", "fi@b"},
	} {
		if FoldEmail(other[0]) == FoldEmail(other[1]) {
			t.Errorf("%q and %q must not be one address: both fold to %q", other[0], other[1], FoldEmail(other[0]))
		}
	}
}

func TestAddUser(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(func(d *Draft) error {
		u, err := d.AddUser(userID(3), person(3, "Carl@corp.example"), []GroupID{groupID(2), groupID(1), groupID(2)})
		if err == nil && (len(u.Groups) != 2 || u.Groups[0].Group != groupID(2) || u.Name != "Person Carl@corp.example" || !u.AddedAt.Equal(w.now)) {
			t.Errorf("got %+v", u)
		}
		return err
	})
	if u, ok := w.s.UserOf(personID(3)); !ok || u.ID != userID(3) {
		t.Errorf("the person's membership is %v, %v", u, ok)
	}
	disabled := person(9, "x@corp.example")
	disabled.Enabled = false
	refuseAll(t, []refusal{
		{"who is a member", Exists, "email", func(d *Draft) error { return second(d.AddUser(userID(9), person(1, "Ann@corp.example"), nil)) }},
		{"the owner", Exists, "email", func(d *Draft) error { return second(d.AddUser(userID(9), person(0, "Olga@corp.example"), nil)) }},
		{"who is invited", Exists, "email", func(d *Draft) error { return second(d.AddUser(userID(9), person(9, "NEW.hire@corp.example"), nil)) }},
		{"a disabled person", Conflict, "email", func(d *Draft) error { return second(d.AddUser(userID(9), disabled, nil)) }},
		{"into an unknown group", NotFound, "", func(d *Draft) error {
			return second(d.AddUser(userID(9), person(9, "x@corp.example"), []GroupID{groupID(1), groupID(9)}))
		}},
		{"into no group", NotFound, "", func(d *Draft) error { return second(d.AddUser(userID(9), person(9, "x@corp.example"), []GroupID{{}})) }},
		{"an id that is taken", Internal, "", func(d *Draft) error { return second(d.AddUser(userID(1), person(9, "x@corp.example"), nil)) }},
		{"the nil id", Internal, "", func(d *Draft) error { return second(d.AddUser(UserID{}, person(9, "x@corp.example"), nil)) }},
	})
	// An expired invitation blocks nothing.
	w.accept(func(d *Draft) error { return second(d.AddUser(userID(4), person(4, "late@corp.example"), nil)) })
}

func TestRemoveUser(t *testing.T) {
	w := newWorld(t, 1)
	w.refuse(NotFound, "", func(d *Draft) error { return d.RemoveUser(userID(9)) })
	w.refuse(NotFound, "", func(d *Draft) error { return d.RemoveUser(UserID{testID('a', 1)}) })
	w.refuse(Conflict, "", func(d *Draft) error { return d.RemoveUser(userID(0)) })
	w.refuseAs(asUser(2), Conflict, "", func(d *Draft) error { return d.RemoveUser(userID(0)) })
	w.refuseAs(asUser(1), Conflict, "", func(d *Draft) error { return d.RemoveUser(userID(1)) })
	w.refuseAs(asUser(0), Conflict, "", func(d *Draft) error { return d.RemoveUser(userID(0)) })

	before := w.s
	// Another kind of principal of the same id is somebody else.
	w.acceptAs(Principal{KindOfServiceAccount, testID('u', 1)}, func(d *Draft) error { return d.RemoveUser(userID(1)) })
	if _, err := w.s.User(userID(1)); CodeOf(err) != NotFound {
		t.Errorf("the user is still there: %v", err)
	}
	if _, ok := w.s.UserOf(personID(1)); ok {
		t.Error("the person is still a member")
	}
	if w.s.MemberCount(groupID(1)) != 1 || w.s.HolderCount(policyID(1)) != before.HolderCount(policyID(1))-1 {
		t.Error("memberships or attachments stay")
	}
	goneCredentials(t, w.s, 1)
	if _, err := w.s.Credential(credentialID(3)); CodeOf(err) != NotFound {
		t.Error("the token stays")
	}
	if _, err := w.s.Credential(credentialID(2)); err != nil {
		t.Errorf("somebody else's credential is gone: %v", err)
	}
	wantRevoked(t, w, map[int]string{1: "the user was removed", 2: "", 3: "", 4: ""})
	// The person may come back, as another user without any of the old rights.
	w.accept(func(d *Draft) error { return second(d.AddUser(userID(9), person(1, "Ann@corp.example"), nil)) })
	if u, _ := w.s.UserOf(personID(1)); len(u.Groups)+len(u.Policies) != 0 || w.s.CredentialsOf(u.ID.UUID).Len() != 0 {
		t.Errorf("the user came back as %+v", u)
	}
}

// goneCredentials wants an access key to be found in no way, and its use forgotten.
func goneCredentials(t *testing.T, s *State, n int) {
	t.Helper()
	k := accessKey(n, Principal{})
	_, err := s.Credential(k.ID)
	_, byKey := s.CredentialByAccessKey(k.AccessKey)
	_, bySecret := s.CredentialBySecret(k.Hash)
	_, used := s.LastUsed(k.ID.UUID)
	if CodeOf(err) != NotFound || byKey || bySecret || used {
		t.Errorf("credential %d is still there: %v, by key %v, by secret %v, used %v", n, err, byKey, bySecret, used)
	}
}

// wantRevoked compares the sessions of newWorld: "" is one that is not revoked.
func wantRevoked(t *testing.T, w *world, want map[int]string) {
	t.Helper()
	for n, reason := range want {
		x, err := w.s.Session(sessionID(n))
		switch {
		case err != nil:
			t.Errorf("session %d: %v", n, err)
		case reason == "" && x.RevokedAt != nil:
			t.Errorf("session %d is revoked", n)
		case reason != "" && (x.RevokedAt == nil || x.ActiveAt(w.now) || *x.RevokedReason != reason || !x.RevokedAt.Equal(w.now)):
			t.Errorf("session %d is %+v, want it revoked now: %s", n, x, reason)
		}
	}
}

func TestInvite(t *testing.T) {
	w := newWorld(t, 1)
	v, err := w.s.Invitation(invitationID(1))
	if err != nil || v.Email != "New.Hire@corp.example" || !slices.Equal(v.Groups, []GroupID{groupID(1), groupID(2)}) || v.InvitedBy.Name != "Olga" {
		t.Fatalf("got %+v, %v", v, err)
	}
	if !v.PendingAt(v.ExpiresAt.Add(-time.Microsecond)) || v.PendingAt(v.ExpiresAt) {
		t.Error("an invitation is pending until the moment it expires, and not then")
	}
	invite := func(n int, email string, groups ...GroupID) func(*Draft) error {
		return func(d *Draft) error { return second(d.Invite(invitationID(n), email, groups, Inviter{}, time.Hour)) }
	}
	refuseAll(t, []refusal{
		{"twice", Exists, "email", invite(9, "New.Hire@corp.example")},
		{"twice, in another case", Exists, "email", invite(9, "new.hire@CORP.example")},
		{"a member", Exists, "email", invite(9, "ann@CORP.example")},
		{"the owner", Exists, "email", invite(9, "olga@corp.example")},
		{"no address", Invalid, "email", invite(9, "")},
		{"a bad address", Invalid, "email", invite(9, "a@b\x00")},
		{"into an unknown group", NotFound, "", invite(9, "x@corp.example", groupID(9))},
		{"into a group of no id", NotFound, "", invite(9, "x@corp.example", GroupID{})},
		{"an id that is taken", Internal, "", invite(1, "x@corp.example")},
		{"the nil id", Internal, "", func(d *Draft) error {
			return second(d.Invite(InvitationID{}, "x@corp.example", nil, Inviter{}, time.Hour))
		}},
	})
	// The expired one is replaced.
	w.accept(invite(3, "LATE@corp.example", groupID(1), groupID(1)))
	if _, err := w.s.Invitation(invitationID(2)); CodeOf(err) != NotFound {
		t.Errorf("the expired invitation stays beside the new one: %v", err)
	}
	if v, _ := w.s.Invitation(invitationID(3)); !slices.Equal(v.Groups, []GroupID{groupID(1)}) {
		t.Errorf("got groups %v", v.Groups)
	}
}

func TestResendAndCancelInvitation(t *testing.T) {
	w := newWorld(t, 1)
	w.refuse(NotFound, "", func(d *Draft) error { return second(d.ResendInvitation(invitationID(9), time.Hour)) })
	w.refuse(NotFound, "", func(d *Draft) error { return d.CancelInvitation(invitationID(9)) })
	w.refuse(NotFound, "", func(d *Draft) error { return d.CancelInvitation(InvitationID{testID('g', 1)}) })
	w.accept(func(d *Draft) error {
		return errors.Join(second(d.ResendInvitation(invitationID(1), time.Hour)), second(d.ResendInvitation(invitationID(2), time.Hour)))
	})
	for n := 1; n <= 2; n++ {
		if v, _ := w.s.Invitation(invitationID(n)); !v.ExpiresAt.Equal(w.now.Add(time.Hour)) || !v.CreatedAt.Equal(epoch) {
			t.Errorf("invitation %d is %+v", n, v)
		}
	}
	w.accept(func(d *Draft) error { return d.CancelInvitation(invitationID(1)) })
	w.refuse(NotFound, "", func(d *Draft) error { return d.CancelInvitation(invitationID(1)) })
	w.refuse(NotFound, "", func(d *Draft) error {
		return second(d.AcceptInvitation(invitationID(1), userID(9), person(9, "new.hire@corp.example")))
	})
	w.accept(func(d *Draft) error {
		return second(d.Invite(invitationID(5), "new.hire@corp.example", nil, Inviter{}, time.Hour))
	})
}

// TestRevivedInvitation: an expired invitation of somebody who has joined in another way must not come back.
func TestRevivedInvitation(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(func(d *Draft) error { return second(d.AddUser(userID(3), person(3, "Late@corp.example"), nil)) })
	w.refuse(Exists, "email", func(d *Draft) error { return second(d.ResendInvitation(invitationID(2), time.Hour)) })
}

func TestAcceptInvitation(t *testing.T) {
	hire := person(3, "new.HIRE@corp.example")
	disabled := *hire
	disabled.Enabled = false
	accept := func(v, u int, p *Person) func(*Draft) error {
		return func(d *Draft) error { return second(d.AcceptInvitation(invitationID(v), userID(u), p)) }
	}
	refuseAll(t, []refusal{
		{"unknown", NotFound, "", accept(9, 3, hire)},
		{"somebody else's", Denied, "", accept(1, 3, person(3, "hire@corp.example"))},
		{"of an address that looks alike", Denied, "", accept(1, 3, person(3, "New.H\u0130re@corp.example"))},
		{"expired", Conflict, "", accept(2, 3, person(3, "late@corp.example"))},
		{"by a disabled person", Conflict, "email", accept(1, 3, &disabled)},
		{"by a member", Exists, "email", accept(1, 3, &Person{ID: personID(1), Email: hire.Email, Enabled: true})},
		{"as a user that is there", Internal, "", accept(1, 2, hire)},
		{"as nobody", Internal, "", func(d *Draft) error { return second(d.AcceptInvitation(invitationID(1), UserID{}, hire)) }},
	})

	w := newWorld(t, 1)
	w.accept(func(d *Draft) error { return d.DeleteGroup(groupID(1)) }) // meanwhile
	w.accept(accept(1, 3, hire))
	u, err := w.s.User(userID(3))
	if err != nil || len(u.Groups) != 1 || u.Groups[0].Group != groupID(2) || !u.Groups[0].At.Equal(w.now) {
		t.Errorf("got %+v, %v", u, err)
	}
	w.refuse(NotFound, "", accept(1, 4, person(4, "new.hire@corp.example"))) // it is used up

	w = newWorld(t, 1)
	v, _ := w.s.Invitation(invitationID(1))
	w.now = v.ExpiresAt
	w.refuse(Conflict, "", accept(1, 3, hire))
	w.now = v.ExpiresAt.Add(-time.Microsecond)
	w.accept(accept(1, 3, hire))
}

func TestServiceAccount(t *testing.T) {
	create := func(n int, name string) func(*Draft) error {
		return func(d *Draft) error {
			return second(d.CreateServiceAccount(ServiceAccount{ID: accountID(n), Name: name}))
		}
	}
	edit := func(n int, f func(*ServiceAccount)) func(*Draft) error {
		return func(d *Draft) error { return second(d.UpdateServiceAccount(accountID(n), f)) }
	}
	refuseAll(t, []refusal{
		{"name taken", Exists, "name", create(9, "ci")},
		{"id taken", Internal, "", create(1, "x")},
		{"nil id", Internal, "", func(d *Draft) error { return second(d.CreateServiceAccount(ServiceAccount{Name: "x"})) }},
		{"update of none", NotFound, "", edit(9, func(*ServiceAccount) {})},
		{"update of another kind", NotFound, "", func(d *Draft) error {
			return second(d.UpdateServiceAccount(ServiceAccountID{testID('u', 1)}, func(*ServiceAccount) {}))
		}},
		{"rename", Immutable, "name", edit(1, func(a *ServiceAccount) { a.Name = "cd" })},
		{"rename but for case", Immutable, "name", edit(1, func(a *ServiceAccount) { a.Name = "CI" })},
		{"rename to nothing", Immutable, "name", edit(1, func(a *ServiceAccount) { a.Name = "" })},
		{"delete of none", NotFound, "", func(d *Draft) error { return d.DeleteServiceAccount(accountID(9)) }},
	})
	w := newWorld(t, 1)
	w.accept(func(d *Draft) error {
		a, err := d.CreateServiceAccount(ServiceAccount{ID: accountID(9), Name: "CI", Groups: []Joined{{Group: groupID(1)}}, Policies: []Attached{{Policy: policyID(2)}}})
		if err == nil && (!a.Enabled || a.Groups != nil || a.Policies != nil) {
			t.Errorf("a new service account is %+v: names differ by case, and it is enabled and has no rights", a)
		}
		return err
	})
	later(w)
	text := "text"
	w.accept(edit(1, func(a *ServiceAccount) { a.DisplayName, a.Enabled = &text, false }))
	if a, _ := w.s.ServiceAccount(accountID(1)); a.Enabled || *a.DisplayName != text || !a.UpdatedAt.Equal(w.now) || !a.CreatedAt.Equal(epoch) {
		t.Errorf("got %+v", a)
	}
	unchanged(w, edit(1, func(a *ServiceAccount) { same := "text"; a.DisplayName = &same }))
}

func later(w *world) { w.now = w.now.Add(time.Second) }

// unchanged wants a draft to be accepted and to change nothing, not even a time.
func unchanged(w *world, draft func(*Draft) error) {
	w.t.Helper()
	w.now = w.now.Add(time.Second)
	d := w.s.BeginAdministration(w.now, system)
	if err := draft(d); err != nil {
		w.t.Fatal(err)
	}
	changes, claims, releases, err := d.Changes()
	if !d.Empty() || len(changes)+len(claims)+len(releases) != 0 || err != nil {
		w.t.Errorf("a draft that changes nothing writes %s, claims %v, releases %v (%v)", changes, claims, releases, err)
	}
}

func TestDeleteServiceAccount(t *testing.T) {
	w := newWorld(t, 1)
	w.acceptAs(asAccount(1), func(d *Draft) error { return d.DeleteServiceAccount(accountID(1)) })
	if _, err := w.s.ServiceAccount(accountID(1)); CodeOf(err) != NotFound {
		t.Errorf("it is still there: %v", err)
	}
	goneCredentials(t, w.s, 2)
	wantRevoked(t, w, map[int]string{1: "", 2: "the service account was deleted", 3: "", 4: ""})
	if w.s.MemberCount(groupID(1)) != 1 || w.s.GroupServiceAccounts(groupID(1)).Len() != 0 || w.s.PolicyServiceAccounts(policyID(1)).Len() != 0 {
		t.Error("memberships or attachments stay")
	}
	w.accept(func(d *Draft) error {
		return second(d.CreateServiceAccount(ServiceAccount{ID: accountID(1), Name: "ci"})) // the name is free again
	})
}

func TestGroup(t *testing.T) {
	create := func(n int, name string) func(*Draft) error {
		return func(d *Draft) error { return second(d.CreateGroup(Group{ID: groupID(n), Name: name})) }
	}
	edit := func(n int, f func(*Group)) func(*Draft) error {
		return func(d *Draft) error { return second(d.UpdateGroup(groupID(n), f)) }
	}
	refuseAll(t, []refusal{
		{"name taken", Exists, "name", create(9, "devs")},
		{"id taken", Internal, "", create(1, "x")},
		{"nil id", Internal, "", func(d *Draft) error { return second(d.CreateGroup(Group{Name: "x"})) }},
		{"update of none", NotFound, "", edit(9, func(*Group) {})},
		{"renamed to another's name", Exists, "name", edit(1, func(g *Group) { g.Name = "ops" })},
		{"delete of none", NotFound, "", func(d *Draft) error { return d.DeleteGroup(groupID(9)) }},
		{"delete of another kind", NotFound, "", func(d *Draft) error { return d.DeleteGroup(GroupID{testID('u', 1)}) }},
	})
	w := newWorld(t, 1)
	w.accept(func(d *Draft) error {
		g, err := d.CreateGroup(Group{ID: groupID(9), Name: "Devs", Policies: []Attached{{Policy: policyID(2)}}})
		if err == nil && g.Policies != nil {
			t.Error("a new group holds policies")
		}
		return err
	})
	later(w)
	text := "text"
	w.accept(edit(1, func(g *Group) { g.Name, g.Description = "developers", &text }))
	if g, _ := w.s.Group(groupID(1)); g.Name != "developers" || *g.Description != text || !g.UpdatedAt.Equal(w.now) || len(g.Policies) != 1 || w.s.MemberCount(g.ID) != 2 {
		t.Errorf("got %+v", g)
	}
	w.accept(create(10, "devs")) // the old name is free
	unchanged(w, edit(1, func(g *Group) { g.Name = "developers" }))
	w.accept(edit(1, func(g *Group) { g.Description = nil }))
	if g, _ := w.s.Group(groupID(1)); g.Description != nil {
		t.Error("the description stays")
	}
}

func TestDeleteGroup(t *testing.T) {
	w := newWorld(t, 1)
	before, _ := w.s.ServiceAccount(accountID(1))
	w.accept(func(d *Draft) error { return d.DeleteGroup(groupID(1)) })
	if _, err := w.s.Group(groupID(1)); CodeOf(err) != NotFound {
		t.Errorf("it is still there: %v", err)
	}
	u, _ := w.s.User(userID(1))
	a, _ := w.s.ServiceAccount(accountID(1))
	if len(u.Groups)+len(a.Groups)+w.s.MemberCount(groupID(1)) != 0 || !a.UpdatedAt.Equal(before.UpdatedAt) {
		t.Errorf("members are %+v and %+v", u, a)
	}
	if n := w.s.HolderCount(policyID(1)); n != 3 {
		t.Errorf("the policy has %d holders, want 3", n)
	}
	if v, _ := w.s.Invitation(invitationID(1)); !slices.Equal(v.Groups, []GroupID{groupID(2)}) {
		t.Errorf("the invitation is into %v", v.Groups)
	}
	w.accept(func(d *Draft) error { return second(d.CreateGroup(Group{ID: groupID(3), Name: "devs"})) })
	if w.s.MemberCount(groupID(3)) != 0 {
		t.Error("a new group of an old name has members")
	}
}

func TestJoinAndLeave(t *testing.T) {
	join := func(g int, p Principal) func(*Draft) error {
		return func(d *Draft) error { return d.Join(groupID(g), p) }
	}
	leave := func(g int, p Principal) func(*Draft) error {
		return func(d *Draft) error { return d.Leave(groupID(g), p) }
	}
	refuseAll(t, []refusal{
		{"user twice", Exists, "", join(1, asUser(1))},
		{"account twice", Exists, "", join(1, asAccount(1))},
		{"unknown group", NotFound, "", join(9, asUser(1))},
		{"unknown user", NotFound, "", join(1, asUser(9))},
		{"unknown account", NotFound, "", join(1, asAccount(9))},
		{"user as account", NotFound, "", join(1, Principal{KindOfServiceAccount, testID('u', 2)})},
		{"account as user", NotFound, "", join(1, Principal{KindOfUser, testID('a', 2)})},
		{"a role", Invalid, "", join(1, Principal{KindOfRole, testID('r', 1)})},
		{"the system", Invalid, "", join(1, system)},
		{"a group", Invalid, "", join(1, Principal{"group", testID('g', 2)})},
		{"nobody", Invalid, "", join(1, Principal{})},
		{"leave when not in it", NotFound, "", leave(2, asUser(1))},
		{"leave an unknown group", NotFound, "", leave(9, asUser(1))},
		{"unknown user leaves", NotFound, "", leave(1, asUser(9))},
		{"a role leaves", Invalid, "", leave(1, Principal{KindOfRole, testID('r', 1)})},
	})
	w := newWorld(t, 1)
	for _, p := range []Principal{asUser(1), asAccount(1)} {
		w.accept(join(2, p))
		w.refuse(Exists, "", join(2, p))
		w.accept(leave(1, p))
		w.refuse(NotFound, "", leave(1, p))
	}
	if w.s.MemberCount(groupID(1)) != 0 || w.s.MemberCount(groupID(2)) != 2 {
		t.Errorf("%d and %d members", w.s.MemberCount(groupID(1)), w.s.MemberCount(groupID(2)))
	}
	// Both within one draft leave nothing but what was.
	w.accept(func(d *Draft) error {
		return errors.Join(d.Join(groupID(1), asUser(2)), d.Leave(groupID(1), asUser(2)))
	})
}

// TestFederatedGroup: nobody is put into one or taken out of it by hand, in any of the ways that there are.
func TestFederatedGroup(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(func(d *Draft) error {
		return second(d.CreateGroup(Group{ID: groupID(9), Name: "from outside", Federated: true}))
	})
	for name, draft := range map[string]func(*Draft) error{
		"join":            func(d *Draft) error { return d.Join(groupID(9), asUser(1)) },
		"join, a program": func(d *Draft) error { return d.Join(groupID(9), asAccount(1)) },
		"leave":           func(d *Draft) error { return d.Leave(groupID(9), asUser(1)) },
		"add": func(d *Draft) error {
			return second(d.AddUser(userID(8), person(8, "x@corp.example"), []GroupID{groupID(9)}))
		},
		"invite": func(d *Draft) error {
			return second(d.Invite(invitationID(8), "y@corp.example", []GroupID{groupID(9)}, Inviter{}, time.Hour))
		},
		"invite later": func(d *Draft) error { return d.InviteTo(groupID(9), invitationID(1)) },
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			w.refuse(Conflict, "", draft)
		})
	}
	w.t = t
	w.accept(func(d *Draft) error {
		return second(d.UpdateGroup(groupID(9), func(g *Group) { g.Name, g.Federated = "renamed", false }))
	})
	if g, _ := w.s.Group(groupID(9)); !g.Federated || g.Name != "renamed" {
		t.Errorf("%+v", g)
	}
	w.accept(func(d *Draft) error { return d.Attach(policyID(1), toGroup(9)) })
	w.accept(func(d *Draft) error { return d.DeleteGroup(groupID(9)) })
}
