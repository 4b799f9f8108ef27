package iam

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/policy"
)

func makePolicy(n int, name, document string) func(*Draft) error {
	return func(d *Draft) error {
		return second(d.CreatePolicy(Policy{ID: policyID(n), Name: name, Language: policy.Statements, Document: document}))
	}
}

func editPolicy(n int, f func(*Policy)) func(*Draft) error {
	return func(d *Draft) error { return second(d.UpdatePolicy(policyID(n), f)) }
}

func TestPolicyRefused(t *testing.T) {
	const badEffect = `{"statements":[{"effect":"permit","actions":["*"]}]}`
	refuseAll(t, []refusal{
		{"name taken", Exists, "name", makePolicy(9, "read", allowAll)},
		{"id taken", Internal, "", makePolicy(1, "x", allowAll)},
		{"nil id", Internal, "", func(d *Draft) error {
			return second(d.CreatePolicy(Policy{Name: "x", Language: policy.Statements, Document: allowAll}))
		}},
		{"no document", Invalid, "document", makePolicy(9, "x", "")},
		{"no JSON", Invalid, "document", makePolicy(9, "x", "{")},
		{"no statements", Invalid, "document.statements", makePolicy(9, "x", "{}")},
		{"a bad effect", Invalid, "document.statements[0].effect", makePolicy(9, "x", badEffect)},
		{"unknown language", Invalid, "document", func(d *Draft) error {
			return second(d.CreatePolicy(Policy{ID: policyID(9), Name: "x", Language: "rego", Document: allowAll}))
		}},
		{"no language", Invalid, "document", func(d *Draft) error {
			return second(d.CreatePolicy(Policy{ID: policyID(9), Name: "x", Document: allowAll}))
		}},
		{"update of none", NotFound, "", editPolicy(9, func(*Policy) {})},
		{"renamed to another's name", Exists, "name", editPolicy(1, func(p *Policy) { p.Name = "all" })},
		{"update to a bad document", Invalid, "document.statements[0].effect", editPolicy(1, func(p *Policy) { p.Document = badEffect })},
		{"update to an empty document", Invalid, "document", editPolicy(1, func(p *Policy) { p.Document = "" })},
		{"update to another language", Invalid, "document", editPolicy(1, func(p *Policy) { p.Language = "rego" })},
		{"delete of none", NotFound, "", func(d *Draft) error { return d.DeletePolicy(policyID(9)) }},
		{"delete of another kind", NotFound, "", func(d *Draft) error { return d.DeletePolicy(PolicyID{testID('g', 1)}) }},
		{"delete of the owner's", NotFound, "", func(d *Draft) error { return d.DeletePolicy(OwnerPolicy) }},
	})
}

func TestPolicy(t *testing.T) {
	w := newWorld(t, 1)
	forged, err := policy.Compile(policy.Statements, []byte(allowAll), nil)
	if err != nil {
		t.Fatal(err)
	}
	const spaced = " {\"statements\" : [{\"effect\":\"deny\",\"actions\":[\"s3:*\"]}]}\n"
	w.accept(func(d *Draft) error {
		p, err := d.CreatePolicy(Policy{ID: policyID(9), Name: "Read", Language: policy.Statements, Document: spaced, Program: forged})
		if err == nil && (p.Document != spaced || p.Program.Len() != 1 || p.Program.Effect(0) != policy.Deny) {
			t.Errorf("kept as %q, compiled to %+v", p.Document, p.Program)
		}
		return err
	})
	later(w)
	before, _ := w.s.Policy(policyID(1))
	w.accept(editPolicy(1, func(p *Policy) { p.Document, p.Program = allowAll, nil }))
	if p, _ := w.s.Policy(policyID(1)); p.Program == before.Program || !p.Program.AllowsEverything() || !p.UpdatedAt.Equal(w.now) || w.s.HolderCount(p.ID) != 4 {
		t.Errorf("got %+v", p)
	}
	if before.Program.AllowsEverything() || before.Document != allowRead {
		t.Error("the policy of the state before has changed")
	}
	unchanged(w, editPolicy(1, func(p *Policy) { p.Document = allowAll }))
	later(w)
	w.accept(editPolicy(1, func(p *Policy) { p.Name = "everything" }))
	w.accept(makePolicy(10, "read", allowRead)) // the old name is free
}

// TestDeletePolicy: not while anything holds it, whatever kind of thing that is.
func TestDeletePolicy(t *testing.T) {
	w := newWorld(t, 1)
	remove := func(d *Draft) error { return d.DeletePolicy(policyID(1)) }
	for _, h := range []Holder{toUser(1), toAccount(1), toGroup(1), toRole(1)} {
		w.refuse(InUse, "", remove)
		w.accept(func(d *Draft) error { return d.Detach(policyID(1), h) })
	}
	w.accept(remove)
	w.refuse(NotFound, "", remove)
	for _, h := range []Holder{toUser(2), toAccount(2), toGroup(2), toRole(2)} {
		w.accept(func(d *Draft) error { return d.Attach(policyID(3), h) })
		w.refuse(InUse, "", func(d *Draft) error { return d.DeletePolicy(policyID(3)) })
		w.accept(func(d *Draft) error { return d.Detach(policyID(3), h) })
	}
	// What is deleted lets go of its policies.
	for _, draft := range []func(*Draft) error{
		func(d *Draft) error {
			return errors.Join(d.Attach(policyID(3), toUser(2)), d.RemoveUser(userID(2)), d.DeletePolicy(policyID(3)))
		},
		func(d *Draft) error {
			return errors.Join(d.Attach(policyID(2), toAccount(2)), d.DeleteServiceAccount(accountID(2)), d.Attach(policyID(2), toGroup(2)),
				d.DeleteGroup(groupID(2)), d.DeleteRole(roleID(1)), d.DeletePolicy(policyID(2)))
		},
	} {
		w.accept(draft)
	}
}

// TestDeletePolicyInUse: what holds it lets go of it, and keeps the rest.
func TestDeletePolicyInUse(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(func(d *Draft) error { return d.Attach(policyID(1), toInvitation(1)) })
	remove := func(d *Draft) error { return d.DeletePolicyInUse(policyID(1)) }
	w.accept(remove)
	if n := w.s.HolderCount(policyID(1)); n != 0 {
		t.Errorf("%d holders are left", n)
	}
	if r, _ := w.s.Role(roleID(1)); len(r.Policies) != 1 || r.Policies[0].Policy != policyID(2) {
		t.Errorf("the role holds %v", r.Policies)
	}
	w.refuse(NotFound, "", remove)
	w.refuse(NotFound, "", func(d *Draft) error { return d.DeletePolicyInUse(PolicyID{testID('g', 1)}) })
	w.accept(func(d *Draft) error { return d.DeletePolicyInUse(policyID(3)) }) // attached to nothing
}

func TestAttachAndDetach(t *testing.T) {
	attach := func(p int, h Holder) func(*Draft) error {
		return func(d *Draft) error { return d.Attach(policyID(p), h) }
	}
	detach := func(p int, h Holder) func(*Draft) error {
		return func(d *Draft) error { return d.Detach(policyID(p), h) }
	}
	cases := []refusal{
		{"to nothing", Internal, "", attach(1, Holder{})},
		{"to a policy", Internal, "", attach(1, Holder{TypePolicy, testID('p', 2)})},
		{"to a credential", Internal, "", attach(1, Holder{TypeCredential, testID('k', 1)})},
		{"detach from nothing", Internal, "", detach(1, Holder{})},
		{"the owner's policy", NotFound, "", func(d *Draft) error { return d.Attach(OwnerPolicy, toUser(1)) }},
		{"a policy of no id", NotFound, "", func(d *Draft) error { return d.Attach(PolicyID{}, toUser(1)) }},
		{"a group's id as a policy", NotFound, "", func(d *Draft) error { return d.Attach(PolicyID{testID('g', 1)}, toUser(1)) }},
	}
	for _, kind := range []struct {
		name string
		to   func(int) Holder
	}{{"user", toUser}, {"account", toAccount}, {"group", toGroup}, {"role", toRole}} {
		wrong := kind.to(1)
		wrong.ID = testID('z', 1)
		cases = append(cases,
			refusal{kind.name + " twice", Exists, "", attach(1, kind.to(1))},
			refusal{kind.name + " an unknown policy", NotFound, "", attach(9, kind.to(1))},
			refusal{kind.name + " unknown", NotFound, "", attach(1, kind.to(9))},
			refusal{kind.name + " of another kind", NotFound, "", attach(1, wrong)},
			refusal{kind.name + " detach what is not attached", NotFound, "", detach(3, kind.to(1))},
			refusal{kind.name + " detach an unknown policy", NotFound, "", detach(9, kind.to(1))},
			refusal{kind.name + " detach from unknown", NotFound, "", detach(1, kind.to(9))},
			refusal{kind.name + " replace, unknown", NotFound, "", func(d *Draft) error { return d.ReplaceAttachments(kind.to(9), nil) }},
			refusal{kind.name + " replace by unknown", NotFound, "", func(d *Draft) error {
				return d.ReplaceAttachments(kind.to(1), []PolicyID{policyID(2), policyID(9)})
			}},
		)
	}
	refuseAll(t, cases)

	w := newWorld(t, 1)
	for _, h := range []Holder{toUser(2), toAccount(2), toGroup(2), toRole(2)} {
		later(w)
		w.accept(attach(1, h))
		w.accept(attach(3, h))
		w.accept(detach(1, h))
		w.refuse(NotFound, "", detach(1, h))
		later(w)
		w.accept(func(d *Draft) error {
			return d.ReplaceAttachments(h, []PolicyID{policyID(2), policyID(3), policyID(2)})
		})
		have, err := w.s.Begin(w.now, system)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := have.attachments(h)
		if len(got) != 2 || got[0].Policy != policyID(3) || got[1].Policy != policyID(2) || !got[0].At.Before(got[1].At) {
			t.Errorf("%s holds %v: what stays keeps its place and its time", h.Type, got)
		}
		unchanged(w, func(d *Draft) error { return d.ReplaceAttachments(h, []PolicyID{policyID(2), policyID(3)}) })
		w.accept(func(d *Draft) error { return d.ReplaceAttachments(h, nil) })
	}
	if w.s.HolderCount(policyID(3)) != 0 {
		t.Error("attachments stay")
	}
}

func TestRole(t *testing.T) {
	create := func(n int, name string, policies ...PolicyID) func(*Draft) error {
		return func(d *Draft) error { return second(d.CreateRole(Role{ID: roleID(n), Name: name}, policies)) }
	}
	edit := func(n int, f func(*Role)) func(*Draft) error {
		return func(d *Draft) error { return second(d.UpdateRole(roleID(n), f)) }
	}
	refuseAll(t, []refusal{
		{"name taken", Exists, "name", create(9, "deployer")},
		{"id taken", Internal, "", create(1, "x")},
		{"nil id", Internal, "", func(d *Draft) error { return second(d.CreateRole(Role{Name: "x"}, nil)) }},
		{"with an unknown policy", NotFound, "", create(9, "x", policyID(1), policyID(9))},
		{"update of none", NotFound, "", edit(9, func(*Role) {})},
		{"renamed to another's name", Exists, "name", edit(1, func(r *Role) { r.Name = "idle" })},
		{"delete of none", NotFound, "", func(d *Draft) error { return d.DeleteRole(roleID(9)) }},
		{"delete of another kind", NotFound, "", func(d *Draft) error { return d.DeleteRole(RoleID{testID('u', 1)}) }},
	})
	w := newWorld(t, 1)
	w.accept(func(d *Draft) error {
		r, err := d.CreateRole(Role{ID: roleID(9), Name: "Deployer", Policies: []Attached{{Policy: policyID(2)}, {Policy: policyID(3)}}}, []PolicyID{policyID(3), policyID(3)})
		if err == nil && (len(r.Policies) != 1 || r.Policies[0] != Attached{policyID(3), d.Now()}) {
			t.Errorf("a new role holds %v, want what it was given", r.Policies)
		}
		return err
	})
	later(w)
	w.accept(edit(1, func(r *Role) { r.Trust = &policy.Trust{Principals: []string{"crn::iam:user:x"}} }))
	if r, _ := w.s.Role(roleID(1)); r.Trust.Covers("crn::iam:user:y", true) || !r.UpdatedAt.Equal(w.now) || len(r.Policies) != 2 {
		t.Errorf("got %+v", r)
	}
	unchanged(w, edit(1, func(r *Role) { r.Trust = &policy.Trust{Principals: []string{"crn::iam:user:x"}} }))
	later(w)
	w.accept(edit(1, func(r *Role) { r.Trust = nil }))
	if r, _ := w.s.Role(roleID(1)); r.Trust.Covers("crn::iam:user:x", true) {
		t.Error("a role without a trust policy trusts somebody")
	}
	unchanged(w, edit(1, func(r *Role) {}))
}

func TestDeleteRole(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(func(d *Draft) error { return d.DeleteRole(roleID(1)) })
	if _, err := w.s.Role(roleID(1)); CodeOf(err) != NotFound {
		t.Errorf("it is still there: %v", err)
	}
	wantRevoked(t, w, map[int]string{1: "the role was deleted", 2: "the role was deleted", 3: "", 4: ""})
	if w.s.HolderCount(policyID(2)) != 0 {
		t.Error("attachments stay")
	}
	w.refuse(NotFound, "", func(d *Draft) error { return second(d.OpenSession(session(9, roleID(1), asUser(1), time.Hour))) })
	w.accept(func(d *Draft) error { return second(d.CreateRole(Role{ID: roleID(3), Name: "deployer"}, nil)) })
}

func TestCredential(t *testing.T) {
	create := func(f func(*Credential)) func(*Draft) error {
		return func(d *Draft) error {
			k := accessKey(9, asUser(1))
			f(&k)
			return second(d.CreateCredential(k))
		}
	}
	expire := func(at time.Time) func(*Draft) error { return create(func(k *Credential) { k.ExpiresAt = &at }) }
	now := newWorld(t, 1).now
	refuseAll(t, []refusal{
		{"of an unknown user", NotFound, "", create(func(k *Credential) { k.Principal = asUser(9) })},
		{"of an unknown account", NotFound, "", create(func(k *Credential) { k.Principal = asAccount(9) })},
		{"of a user as an account", NotFound, "", create(func(k *Credential) { k.Principal = Principal{KindOfServiceAccount, testID('u', 1)} })},
		{"of no role", NotFound, "", create(func(k *Credential) { k.Principal = asRole(9) })},
		{"of writ itself", Invalid, "", create(func(k *Credential) { k.Principal = Principal{KindOfSystem, testID('r', 1)} })},
		{"of the system", Invalid, "", create(func(k *Credential) { k.Principal = system })},
		{"of nobody", Invalid, "", create(func(k *Credential) { k.Principal = Principal{} })},
		{"that has expired", Invalid, "expires_at", expire(now.Add(-time.Hour))},
		{"that expires now", Invalid, "expires_at", expire(now)},
		{"that expires within the microsecond", Invalid, "expires_at", expire(now.Add(999 * time.Nanosecond))},
		{"of the zero time", Invalid, "expires_at", expire(time.Time{})},
		{"with a key that is taken", Exists, "access_key", create(func(k *Credential) { k.AccessKey = accessKey(2, asUser(1)).AccessKey })},
		{"with the key of a session", Exists, "access_key", create(func(k *Credential) { k.AccessKey = session(3, roleID(1), asUser(1), 0).AccessKey })},
		{"id taken", Internal, "", create(func(k *Credential) { k.ID = credentialID(1) })},
		{"nil id", Internal, "", create(func(k *Credential) { k.ID = CredentialID{} })},
		{"delete of none", NotFound, "", func(d *Draft) error { return d.DeleteCredential(asUser(1), credentialID(9)) }},
		{"delete of somebody else's", NotFound, "", func(d *Draft) error { return d.DeleteCredential(asUser(2), credentialID(1)) }},
		{"delete of an account's as a user's", NotFound, "", func(d *Draft) error {
			return d.DeleteCredential(Principal{KindOfUser, testID('a', 1)}, credentialID(2))
		}},
		{"delete of nobody's", NotFound, "", func(d *Draft) error { return d.DeleteCredential(Principal{}, credentialID(1)) }},
	})
	w := newWorld(t, 1)
	zone := time.FixedZone("", 7200)
	at := w.now.Add(1500 * time.Nanosecond).In(zone)
	w.accept(expire(at))
	k, ok := w.s.CredentialByAccessKey(accessKey(9, asUser(1)).AccessKey)
	if !ok || k.ExpiresAt.Location() != time.UTC || !k.ExpiresAt.Equal(w.now.Add(time.Microsecond)) || !k.CreatedAt.Equal(w.now) {
		t.Errorf("got %+v, %v", k, ok)
	}
	if k, ok := w.s.CredentialBySecret([]byte("hash of AKIAj")); !ok || k.ID != credentialID(9) {
		t.Errorf("by its secret: %v, %v", k, ok)
	}
	for _, no := range []string{"", "AKIA", "akiaj", "AKIAj ", "ASIAb"} {
		if k, ok := w.s.CredentialByAccessKey(no); ok {
			t.Errorf("access key %q finds %v", no, k)
		}
		if k, ok := w.s.CredentialBySecret([]byte(no)); ok {
			t.Errorf("secret hash %q finds %v", no, k)
		}
	}
	if _, ok := w.s.SessionByAccessKey("AKIAb"); ok {
		t.Error("a lasting key finds a session")
	}
	if n := w.s.CredentialsOf(testID('u', 1)).Len(); n != 3 {
		t.Errorf("the user has %d credentials, want 3", n)
	}
	w.accept(func(d *Draft) error { return d.DeleteCredential(asUser(1), credentialID(1)) })
	goneCredentials(t, w.s, 1)
	// Two tokens have no access key and no hash between them: they must not be taken for one another.
	w.accept(create(func(k *Credential) { k.ID, k.Kind, k.AccessKey, k.Hash = credentialID(10), Token, "", nil }))
	w.accept(func(d *Draft) error { return d.DeleteCredential(asUser(1), credentialID(3)) })
	if _, err := w.s.Credential(credentialID(10)); err != nil {
		t.Error(err)
	}
	if _, ok := w.s.CredentialBySecret(nil); ok {
		t.Error("no secret finds a credential")
	}
}

func TestSessions(t *testing.T) {
	open := func(f func(*Session)) func(*Draft) error {
		return func(d *Draft) error {
			x := session(9, roleID(1), asUser(1), time.Hour)
			f(&x)
			return second(d.OpenSession(x))
		}
	}
	revoke := func(n int) func(*Draft) error {
		return func(d *Draft) error { return second(d.RevokeSession(sessionID(n), nil)) }
	}
	refuseAll(t, []refusal{
		{"of an unknown role", NotFound, "", open(func(x *Session) { x.Role = roleID(9) })},
		{"of no role", NotFound, "", open(func(x *Session) { x.Role = RoleID{} })},
		{"of a group", NotFound, "", open(func(x *Session) { x.Role = RoleID{testID('g', 1)} })},
		{"id taken", Internal, "", open(func(x *Session) { x.ID = sessionID(1) })},
		{"nil id", Internal, "", open(func(x *Session) { x.ID = SessionID{} })},
		{"revoke none", NotFound, "", revoke(9)},
		{"revoke what has expired", Conflict, "", revoke(4)},
		{"revoke another kind", NotFound, "", func(d *Draft) error { return second(d.RevokeSession(SessionID{testID('r', 1)}, nil)) }},
	})
	w := newWorld(t, 1)
	reason := "stolen laptop"
	w.accept(func(d *Draft) error { return second(d.RevokeSession(sessionID(1), &reason)) })
	wantRevoked(t, w, map[int]string{1: reason, 2: "", 3: "", 4: ""})
	w.refuse(Conflict, "", revoke(1))
	later(w)
	w.accept(func(d *Draft) error { return d.DeleteRole(roleID(1)) })
	x, _ := w.s.Session(sessionID(1))
	if *x.RevokedReason != reason || x.RevokedAt.Equal(w.now) {
		t.Errorf("a session that was revoked is revoked once more: %+v", x)
	}
	w.refuse(Conflict, "", revoke(2))

	w = newWorld(t, 1)
	w.accept(open(func(x *Session) { x.ExpiresAt = x.ExpiresAt.Add(7).In(time.FixedZone("", 60)) }))
	x, ok := w.s.SessionByAccessKey("ASIAj")
	if !ok || !x.ExpiresAt.Equal(epoch.Add(time.Hour)) || x.ExpiresAt.Location() != time.UTC {
		t.Errorf("got %+v, %v", x, ok)
	}
	if !x.ActiveAt(x.ExpiresAt.Add(-1)) || x.ActiveAt(x.ExpiresAt) {
		t.Error("a session lives until the moment it expires, and not then")
	}
	w.now = x.ExpiresAt
	w.refuse(Conflict, "", revoke(9))
}

func TestTouch(t *testing.T) {
	w := newWorld(t, 1)
	id := credentialID(1).UUID
	w.accept(func(d *Draft) error {
		d.Touch([]Use{{id, w.now.Add(1500).In(time.FixedZone("", 3600))}, {sessionID(3).UUID, w.now}, {testID('k', 99), w.now}, {userID(1).UUID, w.now}, {UUID{}, w.now}})
		return nil
	})
	if at, ok := w.s.LastUsed(id); !ok || !at.Equal(w.now.Add(time.Microsecond)) || at.Location() != time.UTC {
		t.Errorf("got %v, %v", at, ok)
	}
	if w.s.uses.Len() != 4 {
		t.Errorf("%d uses, want 4: of what is not there, none", w.s.uses.Len())
	}
	for _, at := range []time.Time{w.now, w.now.Add(1000), w.now.Add(1999), epoch, {}} { // older, and the same microsecond
		unchanged(w, func(d *Draft) error { d.Touch([]Use{{id, at}}); return nil })
	}
}

func TestPrune(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(func(d *Draft) error { return second(d.RevokeSession(sessionID(1), nil)) })
	revoked := w.now
	x, _ := w.s.Session(sessionID(1))
	for _, c := range []struct {
		now  time.Time
		want []int // sessions that are left
	}{
		{epoch.Add(time.Minute + SessionsKept), []int{1, 2, 3, 4}},
		{epoch.Add(time.Minute + SessionsKept + time.Microsecond), []int{1, 2, 3}},
		{revoked.Add(SessionsKept), []int{1, 2, 3}},
		{revoked.Add(SessionsKept + time.Microsecond), []int{2, 3}},
		{epoch.Add(time.Hour + SessionsKept), []int{2, 3}},
		{epoch.Add(time.Hour + SessionsKept + time.Microsecond), nil},
	} {
		w.now = c.now
		w.accept(func(d *Draft) error { d.Prune(); return nil })
		var left []int
		for x := range w.s.Sessions().All() {
			left = append(left, int(x.ID.UUID[15]))
		}
		if !slices.Equal(left, c.want) {
			t.Errorf("at %s, %v are left, want %v", c.now.Sub(epoch), left, c.want)
		}
	}
	if _, ok := w.s.LastUsed(sessionID(1).UUID); ok {
		t.Error("the use of a session that is gone is remembered")
	}
	if _, ok := w.s.SessionByAccessKey(x.AccessKey); ok {
		t.Error("the key of a session that is gone finds it")
	}
	if w.s.Invitations().Len() != 1 {
		t.Errorf("%d invitations are left, want the one that ended %s ago", w.s.Invitations().Len(), w.now.Sub(epoch.Add(7*24*time.Hour)))
	}
	w.now = w.now.Add(7 * 24 * time.Hour)
	w.accept(func(d *Draft) error { d.Prune(); return nil })
	if w.s.Invitations().Len() != 0 {
		t.Error("the last invitation stays")
	}
	unchanged(w, func(d *Draft) error { d.Prune(); return nil })
}

// TestPruneWithin: what a draft has just renewed is not removed by the same draft.
func TestPruneWithin(t *testing.T) {
	w := newWorld(t, 1)
	w.now = epoch.Add(SessionsKept + 24*time.Hour)
	w.accept(func(d *Draft) error {
		err := second(d.ResendInvitation(invitationID(2), time.Hour))
		d.Prune()
		return err
	})
	if _, err := w.s.Invitation(invitationID(2)); err != nil {
		t.Error(err)
	}
}
