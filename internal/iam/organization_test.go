package iam

import (
	"errors"
	"testing"
	"time"
)

func TestFound(t *testing.T) {
	w := newWorld(t, 1)
	o := w.s.Organization()
	if w.s.ID() != orgID(1) || w.s.Revision() != 2 || o.Name != "corp" || o.Account != 7 || o.Owner != userID(0) || o.Suspended {
		t.Errorf("got %+v at revision %d", o, w.s.Revision())
	}
	if u, ok := w.s.UserOf(personID(0)); !ok || u.ID != userID(0) || u.Email != "Olga@corp.example" {
		t.Errorf("the owner is %+v", u)
	}
	w.refuse(Exists, "", func(d *Draft) error {
		return d.Found(&DirectoryEntry{ID: orgID(1), Name: "other", Owner: userID(9)}, person(9, "x@y"))
	})
	if s := newPlatform(t).s; s.Organization() == nil || s.Users().Len() != 0 || s.ID() != PlatformOrg {
		t.Error("the platform has an owner, or no organization")
	}
	empty := NewState(orgID(3))
	if empty.Organization() != nil || empty.Revision() != 0 || len(dump(empty)) == 0 {
		t.Error("an organization before its first commit is not empty")
	}
}

func TestSuspend(t *testing.T) {
	w := newWorld(t, 1)
	suspend := func(on bool) func(*Draft) error { return func(d *Draft) error { return d.SetSuspended(on) } }
	w.refuse(Conflict, "", suspend(false))
	w.accept(suspend(true))
	if !w.s.Organization().Suspended || !w.s.Organization().UpdatedAt.Equal(w.now) {
		t.Errorf("got %+v", w.s.Organization())
	}
	// Nobody within the organization can do anything, the owner included.
	for _, author := range []Principal{asUser(0), asUser(1), asAccount(1), system, {}} {
		d, err := w.s.Begin(w.now, author)
		if d != nil {
			t.Errorf("%v got a draft", author)
		}
		wantError(t, err, Denied, "")
	}
	wantError(t, w.s.BeginAdministration(w.now, system).SetSuspended(true), Conflict, "")
	w.accept(suspend(false))
	w.refuse(Conflict, "", suspend(false))

	p := newPlatform(t)
	for _, on := range []bool{true, false} {
		p.refuse(Conflict, "", suspend(on))
	}
	wantError(t, NewState(orgID(3)).BeginAdministration(epoch, system).SetSuspended(true), NotFound, "")
}

func TestSetQuota(t *testing.T) {
	set := func(name string, limit int64) func(*Draft) error {
		return func(d *Draft) error { return d.SetQuota(name, limit) }
	}
	refuseAll(t, []refusal{
		{"unknown", NotFound, "", set("widgets", 1)},
		{"unknown, in another case", NotFound, "", set("Users", 1)},
		{"none", NotFound, "", set("", 1)},
		{"negative", Invalid, "limit", set(QuotaUsers, -1)},
		{"of an organization that is not", NotFound, "", func(*Draft) error {
			return NewState(orgID(3)).BeginAdministration(epoch, system).SetQuota(QuotaUsers, 1)
		}},
	})
	w := newWorld(t, 1)
	w.accept(set(QuotaGroups, 0))
	w.accept(set(QuotaUsers, 1<<62))
	for name, want := range map[string]int64{QuotaGroups: 0, QuotaUsers: 1 << 62, QuotaRoles: DefaultQuota[QuotaRoles]} {
		if got, ok := w.s.Quota(name); got != want || !ok {
			t.Errorf("%s is %d, %v; want %d", name, got, ok, want)
		}
	}
	if _, ok := w.s.Quota("widgets"); ok {
		t.Error("there is a quota of widgets")
	}
	if w.s.Groups().Len() != 2 {
		t.Error("lowering a quota removes what is there")
	}
}

// TestQuotas: what the quota leaves room for is accepted, one more is refused, and so it is when the quota was lowered
// below what is there. What there is after that many is counted in newWorld.
func TestQuotas(t *testing.T) {
	hour := time.Hour
	for quota, c := range map[string]struct {
		have int64
		more func(d *Draft, n int) error
	}{
		QuotaUsers: {3, func(d *Draft, n int) error {
			return second(d.AddUser(userID(n), person(n, string(rune('a'+n))+"@b"), nil))
		}},
		QuotaInvitations: {1, func(d *Draft, n int) error {
			return second(d.Invite(invitationID(n), string(rune('a'+n))+"@b", nil, Inviter{}, hour))
		}},
		QuotaServiceAccounts: {2, func(d *Draft, n int) error {
			return second(d.CreateServiceAccount(ServiceAccount{ID: accountID(n), Name: string(rune('a' + n))}))
		}},
		QuotaGroups: {2, func(d *Draft, n int) error {
			return second(d.CreateGroup(Group{ID: groupID(n), Name: string(rune('a' + n))}))
		}},
		QuotaRoles: {2, func(d *Draft, n int) error {
			return second(d.CreateRole(Role{ID: roleID(n), Name: string(rune('a' + n))}, nil))
		}},
		QuotaPolicies:    {3, func(d *Draft, n int) error { return makePolicy(n, string(rune('a'+n)), allowAll)(d) }},
		QuotaSessions:    {4, func(d *Draft, n int) error { return second(d.OpenSession(session(n, roleID(1), asUser(1), hour))) }},
		QuotaCredentials: {2, func(d *Draft, n int) error { return second(d.CreateCredential(accessKey(n, asUser(1)))) }},
		QuotaAttachments: {1, func(d *Draft, n int) error {
			return errors.Join(makePolicy(n, string(rune('a'+n)), allowAll)(d), d.Attach(policyID(n), toGroup(1)))
		}},
		QuotaMemberships: {1, func(d *Draft, n int) error {
			return errors.Join(second(d.CreateGroup(Group{ID: groupID(n), Name: string(rune('a' + n))})), d.Join(groupID(n), asAccount(1)))
		}},
		QuotaConnectors: {0, func(d *Draft, n int) error {
			return second(d.CreateConnector(Connector{ID: connectorID(n), Domain: string(rune('a'+n)) + ".example", Code: testCode}, false))
		}},
		QuotaResourceGroups: {0, func(d *Draft, n int) error { return makeGroup(n, "same", "*")(d) }},
		QuotaSSHKeys:        {0, func(d *Draft, n int) error { return makeSSHKey(n, ProjectID{})(d) }},
		QuotaProjects:       {0, func(d *Draft, n int) error { return makeProject(n, string(rune('a'+n)))(d) }},
	} {
		t.Run(quota, func(t *testing.T) {
			w := newWorld(t, 1)
			w.accept(func(d *Draft) error { return d.SetQuota(quota, c.have+2) })
			w.accept(func(d *Draft) error { return c.more(d, 11) })
			w.refuse(Quota, quota, func(d *Draft) error { return errors.Join(c.more(d, 12), c.more(d, 13)) })
			w.accept(func(d *Draft) error { return c.more(d, 12) })
			for _, limit := range []int64{c.have + 2, c.have + 1, 1, 0} {
				w.accept(func(d *Draft) error { return d.SetQuota(quota, limit) })
				w.refuse(Quota, quota, func(d *Draft) error { return c.more(d, 13) })
			}
			w.accept(func(d *Draft) error { return d.SetQuota(quota, c.have+3) })
			w.accept(func(d *Draft) error { return c.more(d, 13) })
		})
	}
	if len(DefaultQuota) != 14 {
		t.Errorf("there are %d quotas, and this table tests 14", len(DefaultQuota))
	}
}

// TestQuotaSideDoors: nothing gets past a quota by another way in.
func TestQuotaSideDoors(t *testing.T) {
	limit := func(w *world, quota string, n int64) {
		w.accept(func(d *Draft) error { return d.SetQuota(quota, n) })
	}
	hire := person(3, "new.hire@corp.example")
	w := newWorld(t, 1)
	limit(w, QuotaUsers, 3)
	w.refuse(Quota, QuotaUsers, func(d *Draft) error { return second(d.AcceptInvitation(invitationID(1), userID(3), hire)) })

	w = newWorld(t, 1)
	limit(w, QuotaMemberships, 1)
	both := []GroupID{groupID(1), groupID(2)}
	w.refuse(Quota, QuotaMemberships, func(d *Draft) error { return second(d.AddUser(userID(3), person(3, "x@y"), both)) })
	w.refuse(Quota, QuotaMemberships, func(d *Draft) error { return second(d.Invite(invitationID(3), "x@y", both, Inviter{}, time.Hour)) })
	w.refuse(Quota, QuotaMemberships, func(d *Draft) error { return second(d.AcceptInvitation(invitationID(1), userID(3), hire)) })
	w.accept(func(d *Draft) error {
		return second(d.AddUser(userID(4), person(4, "z@y"), []GroupID{groupID(1), groupID(1)}))
	})

	w = newWorld(t, 1)
	limit(w, QuotaAttachments, 1)
	w.refuse(Quota, QuotaAttachments, func(d *Draft) error {
		return second(d.CreateRole(Role{ID: roleID(9), Name: "x"}, []PolicyID{policyID(1), policyID(2)}))
	})
	w.refuse(Quota, QuotaAttachments, func(d *Draft) error {
		return d.ReplaceAttachments(toUser(2), []PolicyID{policyID(1), policyID(2)})
	})
	w.accept(func(d *Draft) error { return d.ReplaceAttachments(toUser(1), []PolicyID{policyID(2)}) }) // one for one

	// The expired invitation counts for nothing until it is sent again.
	w = newWorld(t, 1)
	limit(w, QuotaInvitations, 1)
	w.refuse(Quota, QuotaInvitations, func(d *Draft) error { return second(d.ResendInvitation(invitationID(2), time.Hour)) })
	w.accept(func(d *Draft) error { return second(d.ResendInvitation(invitationID(1), time.Hour)) })
}

func TestPerson(t *testing.T) {
	w := newPlatform(t)
	make := func(n int, email string) func(*Draft) error {
		return func(d *Draft) error { return second(d.CreatePerson(personID(n), email, "name")) }
	}
	w.refuse(Exists, "email", make(9, "Ann@corp.example"))
	w.refuse(Exists, "email", make(9, "aNN@CORP.EXAMPLE"))
	w.refuse(Invalid, "email", make(9, ""))
	w.refuse(Invalid, "email", make(9, "ann"))
	w.refuse(Invalid, "email", make(9, "ann\x00@corp.example"))
	w.refuse(Internal, "", make(1, "x@corp.example"))
	w.refuse(Internal, "", func(d *Draft) error { return second(d.CreatePerson(PersonID{}, "x@corp.example", "name")) })
	w.refuse(NotFound, "", func(d *Draft) error { return second(d.SetPersonEnabled(personID(9), true)) })
	w.refuse(NotFound, "", func(d *Draft) error { return second(d.SetPersonEnabled(personID(9), false)) })
	later(w)
	w.accept(func(d *Draft) error { return second(d.SetPersonEnabled(personID(1), false)) })
	p, ok := w.s.PersonByEmail("ANN@corp.example")
	if !ok || p.Enabled || p.Email != "Ann@corp.example" || !p.UpdatedAt.Equal(w.now) {
		t.Errorf("got %+v, %v", p, ok)
	}
	unchanged(w, func(d *Draft) error { return second(d.SetPersonEnabled(personID(1), false)) })
	w.refuse(Exists, "email", make(9, "ann@corp.example")) // disabled, not gone
	for _, no := range []string{"", "ann", "ann@corp.exampl", "ann@corp.examplee", "\x00ann@corp.example", "ann*"} {
		if p, ok := w.s.PersonByEmail(no); ok {
			t.Errorf("%q finds %+v", no, p)
		}
	}
}

func TestRegister(t *testing.T) {
	w := newPlatform(t)
	entry := func(n int, name string, p PersonID) *DirectoryEntry {
		return &DirectoryEntry{ID: orgID(n), Name: name, Account: int64(n), Owner: userID(0), Person: p, CreatedAt: epoch}
	}
	w.refuse(NotFound, "", func(d *Draft) error { return d.Register(entry(9, "x", personID(9))) })
	w.refuse(NotFound, "", func(d *Draft) error { return d.Register(entry(9, "x", PersonID{})) })
	w.refuse(Internal, "", func(d *Draft) error { return d.Register(entry(1, "x", personID(1))) })
	w.refuse(Internal, "", func(d *Draft) error { e := entry(1, "x", personID(1)); e.ID = OrgID{}; return d.Register(e) })
	mine := entry(2, "corp", personID(2)) // names of organizations need not differ
	key := &SealedKey{ID: testID('s', 2), Purpose: "tokens", Sealed: []byte{2}, CreatedAt: epoch.Add(-time.Hour)}
	w.accept(func(d *Draft) error { return errors.Join(d.Register(mine), d.AddSealedKey(key)) })
	mine.Name, key.Purpose = "changed by the caller", "changed"
	if e, err := w.s.Directory(orgID(2)); err != nil || e.Name != "corp" || e.Account != 2 {
		t.Errorf("got %+v, %v", e, err)
	}
	if _, err := w.s.Directory(orgID(9)); CodeOf(err) != NotFound {
		t.Errorf("got %v", err)
	}
	if keys := w.s.SealedKeys(); len(keys) != 2 || keys[0].ID != key.ID || keys[0].Purpose != "tokens" {
		t.Errorf("got %+v, want the oldest first", keys)
	}
	w.refuse(Internal, "", func(d *Draft) error { return d.AddSealedKey(key) })
	w.refuse(Internal, "", func(d *Draft) error { return d.AddSealedKey(&SealedKey{}) })

	// Before they are committed, too: the draft keeps nothing of the caller's.
	d := w.s.BeginAdministration(w.now, system)
	e, k := entry(4, "kept", personID(1)), &SealedKey{ID: testID('s', 4), Purpose: "kept", CreatedAt: epoch.Add(time.Hour)}
	if err := errors.Join(d.Register(e), d.AddSealedKey(k)); err != nil {
		t.Fatal(err)
	}
	e.Name, k.Purpose = "changed by the caller", "changed"
	if got, _ := d.State().Directory(orgID(4)); got.Name != "kept" {
		t.Errorf("the draft's entry is now %+v", got)
	}
	if keys := d.State().SealedKeys(); keys[2].Purpose != "kept" {
		t.Errorf("the draft's key is now %+v", keys[2])
	}
}

// TestOtherOrganization: ids of another organization, which has everything of the same kinds, are unknown here.
func TestOtherOrganization(t *testing.T) {
	mine, other := newWorld(t, 1), newWorld(t, 2)
	other.accept(func(d *Draft) error {
		return errors.Join(
			second(d.AddUser(userID(51), person(51, "s@other.example"), nil)),
			second(d.CreateServiceAccount(ServiceAccount{ID: accountID(51), Name: "s"})),
			second(d.CreateGroup(Group{ID: groupID(51), Name: "s"})),
			second(d.CreateRole(Role{ID: roleID(51), Name: "s"}, nil)),
			makePolicy(51, "s", allowAll)(d),
			second(d.CreateCredential(accessKey(51, asUser(51)))),
			second(d.OpenSession(session(51, roleID(51), asUser(51), time.Hour))),
			second(d.Invite(invitationID(51), "i@other.example", nil, Inviter{}, time.Hour)),
		)
	})
	for name, draft := range map[string]func(*Draft) error{
		"RemoveUser":   func(d *Draft) error { return d.RemoveUser(userID(51)) },
		"AddUser into": func(d *Draft) error { return second(d.AddUser(userID(9), person(9, "x@y"), []GroupID{groupID(51)})) },
		"Invite into": func(d *Draft) error {
			return second(d.Invite(invitationID(9), "x@y", []GroupID{groupID(51)}, Inviter{}, time.Hour))
		},
		"ResendInvitation": func(d *Draft) error { return second(d.ResendInvitation(invitationID(51), time.Hour)) },
		"CancelInvitation": func(d *Draft) error { return d.CancelInvitation(invitationID(51)) },
		"AcceptInvitation": func(d *Draft) error {
			return second(d.AcceptInvitation(invitationID(51), userID(9), person(9, "i@other.example")))
		},
		"UpdateServiceAccount": func(d *Draft) error { return second(d.UpdateServiceAccount(accountID(51), func(*ServiceAccount) {})) },
		"DeleteServiceAccount": func(d *Draft) error { return d.DeleteServiceAccount(accountID(51)) },
		"UpdateGroup":          func(d *Draft) error { return second(d.UpdateGroup(groupID(51), func(*Group) {})) },
		"DeleteGroup":          func(d *Draft) error { return d.DeleteGroup(groupID(51)) },
		"Join their group":     func(d *Draft) error { return d.Join(groupID(51), asUser(1)) },
		"Join of theirs":       func(d *Draft) error { return d.Join(groupID(1), asUser(51)) },
		"Leave":                func(d *Draft) error { return d.Leave(groupID(51), asUser(1)) },
		"UpdatePolicy":         func(d *Draft) error { return second(d.UpdatePolicy(policyID(51), func(*Policy) {})) },
		"DeletePolicy":         func(d *Draft) error { return d.DeletePolicy(policyID(51)) },
		"Attach theirs":        func(d *Draft) error { return d.Attach(policyID(51), toUser(1)) },
		"Attach to user":       func(d *Draft) error { return d.Attach(policyID(3), toUser(51)) },
		"Attach to account":    func(d *Draft) error { return d.Attach(policyID(3), toAccount(51)) },
		"Attach to group":      func(d *Draft) error { return d.Attach(policyID(3), toGroup(51)) },
		"Attach to role":       func(d *Draft) error { return d.Attach(policyID(3), toRole(51)) },
		"Detach":               func(d *Draft) error { return d.Detach(policyID(51), toUser(1)) },
		"ReplaceAttachments":   func(d *Draft) error { return d.ReplaceAttachments(toUser(1), []PolicyID{policyID(51)}) },
		"CreateRole with": func(d *Draft) error {
			return second(d.CreateRole(Role{ID: roleID(9), Name: "x"}, []PolicyID{policyID(51)}))
		},
		"UpdateRole":       func(d *Draft) error { return second(d.UpdateRole(roleID(51), func(*Role) {})) },
		"DeleteRole":       func(d *Draft) error { return d.DeleteRole(roleID(51)) },
		"CreateCredential": func(d *Draft) error { return second(d.CreateCredential(accessKey(9, asUser(51)))) },
		"DeleteCredential": func(d *Draft) error { return d.DeleteCredential(asUser(51), credentialID(51)) },
		"OpenSession":      func(d *Draft) error { return second(d.OpenSession(session(9, roleID(51), asUser(1), time.Hour))) },
		"RevokeSession":    func(d *Draft) error { return second(d.RevokeSession(sessionID(51), nil)) },
	} {
		t.Run(name, func(t *testing.T) {
			mine.t = t
			mine.refuse(NotFound, "", draft)
		})
	}
	if _, ok := mine.s.CredentialByAccessKey(accessKey(51, asUser(51)).AccessKey); ok {
		t.Error("their access key is known here")
	}
	if _, err := mine.s.Users().Page(PageQuery[*User]{After: userID(51).UUID, Limit: 1}); CodeOf(err) != Invalid {
		t.Errorf("their user is a marker here: %v", err)
	}
}

func TestNameOf(t *testing.T) {
	w, p := newWorld(t, 1), newPlatform(t)
	for _, c := range []struct {
		s    *State
		crn  CRN
		want string
	}{
		{w.s, Name(TypeOrganization, orgID(1).UUID), "corp"},
		{w.s, Name(TypeOrganization, orgID(2).UUID), ""},
		{p.s, Name(TypePerson, personID(1).UUID), "Ann@corp.example"},
		{w.s, Name(TypeUser, userID(1).UUID), "Ann@corp.example"},
		{w.s, Name(TypeInvitation, invitationID(1).UUID), "New.Hire@corp.example"},
		{w.s, Name(TypeServiceAccount, accountID(1).UUID), "ci"},
		{w.s, Name(TypeGroup, groupID(1).UUID), "devs"},
		{w.s, Name(TypeRole, roleID(1).UUID), "deployer"},
		{w.s, Name(TypePolicy, policyID(1).UUID), "read"},
		{w.s, Name(TypeCredential, credentialID(3).UUID), "token"},
		{w.s, Name(TypeSession, sessionID(1).UUID), "session"},
		{w.s, Name(TypeGroup, groupID(9).UUID), ""},
		{w.s, Name(TypeGroup, userID(1).UUID), ""},
		{w.s, Name(TypeAuditLog, userID(1).UUID), ""},
		{w.s, AnyOf(TypeGroup), ""},
		{w.s, CRN{Region: "eu1", Service: "iam", Type: TypeGroup, ID: groupID(1).String()}, ""},
		{w.s, CRN{}, ""},
		{NewState(orgID(1)), Name(TypeOrganization, orgID(1).UUID), ""},
	} {
		if got := c.s.NameOf(c.crn); got != c.want {
			t.Errorf("%s is %q, want %q", c.crn, got, c.want)
		}
	}
	if crn := (Actor{Principal: asAccount(1)}).CRN(); crn != Name(TypeServiceAccount, accountID(1).UUID).String() {
		t.Errorf("got %s", crn)
	}
	if crn := asUser(1).CRN(); crn != Name(TypeUser, userID(1).UUID) {
		t.Errorf("got %s", crn)
	}
	if crn := (Principal{KindOfRole, testID('r', 1)}).CRN(); crn != Name(TypeRole, roleID(1).UUID) {
		t.Errorf("got %s", crn)
	}
	if crn := (Actor{}).CRN(); crn == "" || system.CRN() != (CRN{}) {
		t.Errorf("nobody is %q, writ itself %q", crn, system.CRN())
	}
}
