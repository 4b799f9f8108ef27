package iam

import (
	"slices"
	"testing"

	"github.com/writ-iam/writ/internal/policy"
)

// withManaged is newWorld in a world with two managed policies, the second of the name of a policy of the organization.
func withManaged(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, 1)
	in := w.s.World()
	in.Managed = nil
	for i, name := range []string{"Everything", "read"} {
		program, err := policy.Compile(policy.Statements, []byte(allowAll), nil)
		if err != nil {
			t.Fatal(err)
		}
		in.Managed = append(in.Managed, policy.Managed{ID: testID('m', i+1).String(), Name: name, Language: policy.Statements, Document: allowAll, Program: program})
	}
	s, err := w.s.Within(in)
	if err != nil {
		t.Fatal(err)
	}
	w.s, w.image = s, dump(s)
	return w
}

func managedID(n int) PolicyID { return PolicyID{testID('m', n)} }

// TestManagedPolicies: they are found and attached, and are no policies of the organization.
func TestManagedPolicies(t *testing.T) {
	w := withManaged(t)
	had := w.s.Policies().Len()
	p, err := w.s.Policy(managedID(1))
	if err != nil || !p.Managed || p.Name != "Everything" || p.Document != allowAll || !p.Program.AllowsEverything() {
		t.Fatalf("%+v, %v", p, err)
	}
	if list := w.s.ManagedPolicies(); len(list) != 2 || list[0].ID != managedID(1) || list[1].Name != "read" {
		t.Errorf("%+v", list)
	}
	if own, err := w.s.Policy(policyID(1)); err != nil || own.Managed {
		t.Errorf("an own policy: %+v, %v", own, err)
	}
	for _, h := range []Holder{toUser(1), toAccount(1), toGroup(2), toRole(1), toInvitation(1)} {
		w.accept(func(d *Draft) error { return d.Attach(managedID(1), h) })
		w.refuse(Exists, "", func(d *Draft) error { return d.Attach(managedID(1), h) })
	}
	if n := w.s.HolderCount(managedID(1)); n != 5 || w.s.PolicyUsers(managedID(1)).Len() != 1 {
		t.Errorf("%d holders", n)
	}
	if w.s.Policies().Len() != had || w.s.NameOf(Name(TypePolicy, managedID(1).UUID)) != "Everything" {
		t.Error("it has become a policy of the organization, or has no name")
	}
	w.accept(func(d *Draft) error { return d.Detach(managedID(1), toUser(1)) })
	w.accept(func(d *Draft) error { return d.ReplaceAttachments(toRole(1), []PolicyID{managedID(2)}) })
	w.accept(func(d *Draft) error { return second(d.ReplaceOwn(toGroup(2), policy.Cloudflare, nil)) })
	if g, _ := w.s.Group(groupID(2)); !slices.ContainsFunc(g.Policies, func(a Attached) bool { return a.Policy == managedID(1) }) {
		t.Error("replacing policies of another language has detached it")
	}
	// What holds it can go, and is recorded with it.
	w.accept(func(d *Draft) error { return d.DeleteGroup(groupID(2)) })
	w.accept(func(d *Draft) error { return d.DeleteServiceAccount(accountID(1)) })
	w.accept(func(d *Draft) error { return d.DeleteRole(roleID(1)) })
	w.accept(func(d *Draft) error { return d.CancelInvitation(invitationID(1)) })
	if n := w.s.HolderCount(managedID(1)); n != 0 {
		t.Errorf("%d holders are left", n)
	}
}

// TestManagedPoliciesStay: nobody changes or deletes them.
func TestManagedPoliciesStay(t *testing.T) {
	w := withManaged(t)
	rename := func(p *Policy) { p.Name = "mine" }
	w.refuse(Immutable, "", func(d *Draft) error { return second(d.UpdatePolicy(managedID(1), rename)) })
	w.refuse(Immutable, "", func(d *Draft) error { return second(d.UpdatePolicy(managedID(1), func(*Policy) {})) })
	w.refuse(Immutable, "", func(d *Draft) error { return d.DeletePolicy(managedID(1)) })
	w.refuse(Immutable, "", func(d *Draft) error { return d.DeletePolicyInUse(managedID(1)) })
	w.refuse(NotFound, "", func(d *Draft) error { return d.DeletePolicy(managedID(3)) })
	w.refuse(NotFound, "", func(d *Draft) error { return d.Attach(managedID(3), toUser(1)) })
	w.refuse(Exists, "name", func(d *Draft) error {
		return second(d.CreatePolicy(Policy{ID: policyID(9), Name: "read", Language: policy.Statements, Document: allowAll}))
	})
	// Its name is no name of the organization's.
	w.accept(makePolicy(9, "Everything", allowRead))
	// Before it is known, it is nobody's.
	if _, err := newWorld(t, 2).s.Policy(managedID(1)); CodeOf(err) != NotFound {
		t.Errorf("in another world: %v", err)
	}
}
