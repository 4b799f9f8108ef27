package iam

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/policy"
)

// ownPolicy is an own policy in the making with a scope of its own: one zone of the same number.
func ownPolicy(n, scope int) OwnPolicy {
	g := ResourceGroupID{testID('y', scope)}
	return OwnPolicy{ID: policyID(n), Document: naming(g), Scopes: []ResourceGroup{{ID: g, Scope: Scope{AccountKey(orgID(1)), []string{zoneKey("1")}}}}}
}

func replaceOwn(of Holder, next ...OwnPolicy) func(*Draft) error {
	return func(d *Draft) error { return second(d.ReplaceOwn(of, policy.Cloudflare, next)) }
}

func (w *world) held(of Holder) (ids []PolicyID) {
	w.t.Helper()
	have, err := w.s.BeginAdministration(w.now, system).attachments(of)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, a := range have {
		ids = append(ids, a.Policy)
	}
	return ids
}

// gone wants no trace of policies and of anonymous resource groups of the same numbers.
func (w *world) gone(numbers ...int) {
	w.t.Helper()
	for _, n := range numbers {
		if _, err := w.s.Policy(policyID(n)); CodeOf(err) != NotFound {
			w.t.Errorf("policy %d is still there: %v", n, err)
		}
		if _, err := w.s.ResourceGroup(ResourceGroupID{testID('y', n)}); CodeOf(err) != NotFound {
			w.t.Errorf("resource group %d is still there: %v", n, err)
		}
	}
}

var ownHolders = map[string]func(int) Holder{"user": toUser, "service account": toAccount, "group": toGroup, "role": toRole, "invitation": toInvitation}

func TestReplaceOwn(t *testing.T) {
	for name, of := range ownHolders {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 1)
			w.accept(makeScoped(30, naming(PredefinedResourceGroup(orgID(1)))))
			before := w.held(of(1))
			w.accept(func(d *Draft) error { return d.Attach(policyID(30), of(1)) })
			w.accept(replaceOwn(of(1), ownPolicy(40, 40), ownPolicy(41, 41)))
			if got, want := w.held(of(1)), append(slices.Clone(before), policyID(40), policyID(41)); !slices.Equal(got, want) {
				t.Fatalf("held are %v, want %v: others first, what was shared detached", got, want)
			}
			if _, err := w.s.Policy(policyID(30)); err != nil {
				t.Error("the shared policy is deleted")
			}
			p, _ := w.s.Policy(policyID(40))
			if p.Of != of(1) || p.Name != name+" policy "+p.ID.String() || p.Description != nil || !w.covers(40, "1") || w.covers(40, "2") {
				t.Errorf("made %+v", p)
			}
			later(w)
			w.accept(replaceOwn(of(1), ownPolicy(42, 42)))
			w.gone(40, 41)
			w.refuse(Conflict, "", func(d *Draft) error { return d.Attach(policyID(42), of(2)) })
			w.refuse(Conflict, "", func(d *Draft) error { return d.ReplaceAttachments(of(2), []PolicyID{policyID(42)}) })
			w.refuse(Exists, "", func(d *Draft) error { return d.Attach(policyID(42), of(1)) })
			w.accept(func(d *Draft) error { return d.ReplaceAttachments(of(1), []PolicyID{policyID(42), policyID(3)}) })
			w.accept(func(d *Draft) error { return d.ReplaceAttachments(of(1), []PolicyID{policyID(3)}) })
			w.gone(42)
			w.accept(replaceOwn(of(1), ownPolicy(43, 43), ownPolicy(44, 44), ownPolicy(45, 45)))
			w.accept(func(d *Draft) error { return d.Detach(policyID(43), of(1)) })
			w.accept(func(d *Draft) error { return d.DeletePolicy(policyID(44)) })
			w.gone(43, 44)
			if got := w.held(of(1)); !slices.Equal(got, []PolicyID{policyID(3), policyID(45)}) {
				t.Errorf("held are %v", got)
			}
			w.accept(replaceOwn(of(1)))
			w.gone(45)
			unchanged(w, replaceOwn(of(1)))
		})
	}
}

func TestReplaceOwnRefused(t *testing.T) {
	foreign := ownPolicy(40, 40)
	foreign.Scopes[0].Scope.Key = AccountKey(orgID(2))
	unnamed := ownPolicy(40, 40)
	unnamed.Document = naming(PredefinedResourceGroup(orgID(1)))
	unknown := OwnPolicy{ID: policyID(41), Document: naming(resourceGroupID(9))}
	twice := ownPolicy(41, 40)
	refuseAll(t, []refusal{
		{"of none", NotFound, "", replaceOwn(toGroup(9), ownPolicy(40, 40))},
		{"of another kind", NotFound, "", replaceOwn(Holder{TypeGroup, testID('u', 1)}, ownPolicy(40, 40))},
		{"of what holds nothing", Internal, "", replaceOwn(Holder{TypeCredential, testID('k', 1)}, ownPolicy(40, 40))},
		{"an id in use", Internal, "", replaceOwn(toGroup(1), OwnPolicy{ID: policyID(1), Document: naming(PredefinedResourceGroup(orgID(1)))})},
		{"one id twice", Internal, "", replaceOwn(toGroup(1), ownPolicy(40, 40), ownPolicy(40, 41))},
		{"one scope twice", Internal, "", replaceOwn(toGroup(1), ownPolicy(40, 40), twice)},
		{"a foreign scope", Invalid, "policies[0].scopes[0].scope.key", replaceOwn(toGroup(1), foreign)},
		{"a scope that is not named", Invalid, "policies[0].scopes[0]", replaceOwn(toGroup(1), unnamed)},
		{"an unknown group", Invalid, "policies[1].document.resource_groups[0].id", replaceOwn(toGroup(1), ownPolicy(40, 40), unknown)},
		{"another's scope", Invalid, "policies[1].document.resource_groups[0].id", replaceOwn(toGroup(1), ownPolicy(40, 40),
			OwnPolicy{ID: policyID(41), Document: ownPolicy(40, 40).Document})},
		{"an unknown language", Invalid, "policies[0].document", func(d *Draft) error {
			return second(d.ReplaceOwn(toGroup(1), "rego", []OwnPolicy{ownPolicy(40, 40)}))
		}},
	})
	// Quotas hold for the result: what goes makes room.
	for _, quota := range []string{QuotaPolicies, QuotaAttachments, QuotaResourceGroups} {
		w := newWorld(t, 1)
		w.accept(replaceOwn(toGroup(2), ownPolicy(40, 40), ownPolicy(41, 41)))
		limit := map[string]int64{QuotaPolicies: 5, QuotaAttachments: 2, QuotaResourceGroups: 2}[quota]
		w.accept(func(d *Draft) error { return d.SetQuota(quota, limit) })
		w.accept(replaceOwn(toGroup(2), ownPolicy(42, 42), ownPolicy(43, 43)))
		w.refuse(Quota, quota, replaceOwn(toGroup(2), ownPolicy(44, 44), ownPolicy(45, 45), ownPolicy(46, 46)))
	}
}

// TestOwnPoliciesGo: what belongs to a holder goes with it, and nothing else does.
func TestOwnPoliciesGo(t *testing.T) {
	for name, c := range map[string]struct {
		of     Holder
		remove func(*Draft) error
	}{
		"user":            {toUser(1), func(d *Draft) error { return d.RemoveUser(userID(1)) }},
		"service account": {toAccount(1), func(d *Draft) error { return d.DeleteServiceAccount(accountID(1)) }},
		"group":           {toGroup(1), func(d *Draft) error { return d.DeleteGroup(groupID(1)) }},
		"role":            {toRole(1), func(d *Draft) error { return d.DeleteRole(roleID(1)) }},
		"cancelled":       {toInvitation(1), func(d *Draft) error { return d.CancelInvitation(invitationID(1)) }},
		"invited anew": {toInvitation(2), func(d *Draft) error {
			return second(d.Invite(invitationID(9), "late@corp.example", nil, Inviter{}, time.Hour))
		}},
		"an old invitation":  {toInvitation(2), func(d *Draft) error { d.now = d.now.Add(2 * SessionsKept); d.Prune(); return nil }},
		"a policy by itself": {toUser(2), func(d *Draft) error { return errors.Join(d.DeletePolicy(policyID(40)), d.DeletePolicy(policyID(41))) }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 1)
			w.accept(makeGroup(1, "shared", "*"))
			w.accept(replaceOwn(c.of, ownPolicy(40, 40), OwnPolicy{ID: policyID(41), Document: naming(resourceGroupID(1))}))
			w.accept(func(d *Draft) error { return d.Attach(policyID(3), c.of) })
			w.accept(replaceOwn(toGroup(2), ownPolicy(42, 42)))
			w.accept(c.remove)
			w.gone(40, 41)
			for _, n := range []int{3, 42} {
				if _, err := w.s.Policy(policyID(n)); err != nil {
					t.Errorf("policy %d is gone: %v", n, err)
				}
			}
			w.accept(dropGroup(1))
		})
	}
}

// TestInvitedPolicies: what an invitation holds is the user's once it is accepted, and not before.
func TestInvitedPolicies(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(func(d *Draft) error {
		return errors.Join(d.Attach(policyID(3), toInvitation(1)), replaceOwn(toInvitation(1), ownPolicy(40, 40))(d))
	})
	w.refuse(InUse, "", func(d *Draft) error { return d.DeletePolicy(policyID(3)) })
	if n := w.s.HolderCount(policyID(3)); n != 1 {
		t.Errorf("policy 3 has %d holders", n)
	}
	later(w)
	w.accept(func(d *Draft) error {
		u, err := d.AcceptInvitation(invitationID(1), userID(9), person(9, "new.hire@corp.example"))
		if err == nil && (len(u.Policies) != 2 || len(u.Groups) != 2) {
			t.Errorf("accepted: %+v", u)
		}
		return err
	})
	if got := w.held(toUser(9)); !slices.Equal(got, []PolicyID{policyID(3), policyID(40)}) {
		t.Errorf("the user holds %v", got)
	}
	if p, _ := w.s.Policy(policyID(40)); p.Of != toUser(9) || !w.covers(40, "1") {
		t.Errorf("the own policy is of %v", p.Of)
	}
	w.refuse(NotFound, "", replaceOwn(toInvitation(1)))
	w.accept(func(d *Draft) error { return d.RemoveUser(userID(9)) })
	w.gone(40)
}

func TestInviteTo(t *testing.T) {
	w := newWorld(t, 1)
	to := func(g, v int) func(*Draft) error {
		return func(d *Draft) error { return d.InviteTo(groupID(g), invitationID(v)) }
	}
	from := func(g, v int) func(*Draft) error {
		return func(d *Draft) error { return d.UninviteFrom(groupID(g), invitationID(v)) }
	}
	refuseAll(t, []refusal{
		{"no invitation", NotFound, "", to(1, 9)}, {"no group", NotFound, "", to(9, 1)}, {"twice", Exists, "", to(1, 1)}, {"expired", Conflict, "", to(1, 2)},
		{"out of no invitation", NotFound, "", from(1, 9)}, {"out of no group", NotFound, "", from(9, 1)}, {"not in it", NotFound, "", from(1, 2)},
	})
	if got := w.s.InvitedTo(groupID(1)); len(got) != 1 || got[0].ID != invitationID(1) || w.s.InvitedTo(groupID(9)) != nil {
		t.Errorf("invited are %v", got)
	}
	w.accept(from(1, 1))
	if got := w.s.InvitedTo(groupID(1)); got != nil {
		t.Errorf("invited are still %v", got)
	}
	w.accept(func(d *Draft) error { return d.SetQuota(QuotaMemberships, 1) })
	w.refuse(Quota, QuotaMemberships, to(1, 1))
	w.accept(func(d *Draft) error { return d.SetQuota(QuotaMemberships, 2) })
	w.accept(to(1, 1))
	w.accept(func(d *Draft) error {
		u, err := d.AcceptInvitation(invitationID(1), userID(9), person(9, "new.hire@corp.example"))
		if err == nil && (len(u.Groups) != 2 || u.Groups[0].Group != groupID(2) || u.Groups[1].Group != groupID(1)) {
			t.Errorf("in %v", u.Groups)
		}
		return err
	})
}

// TestOwnPolicyUpdates: an own policy is changed like any other, and stays its holder's.
func TestOwnPolicyUpdates(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(replaceOwn(toGroup(1), ownPolicy(40, 40)))
	w.accept(editPolicy(40, func(p *Policy) { p.Name, p.Of = "renamed", toGroup(2) }))
	if p, _ := w.s.Policy(policyID(40)); p.Name != "renamed" || p.Of != toGroup(1) {
		t.Errorf("got %+v", p)
	}
	y := ResourceGroupID{testID('y', 40)}
	w.refuse(InUse, "", func(d *Draft) error { return d.DeleteResourceGroup(y) })
	w.accept(func(d *Draft) error {
		return second(d.UpdateResourceGroup(y, func(g *ResourceGroup) { g.Scope.Objects = []string{zoneKey("2")} }))
	})
	if w.covers(40, "1") || !w.covers(40, "2") {
		t.Error("the policy does not follow its own scope")
	}
	w.accept(editPolicy(40, func(p *Policy) { p.Language, p.Document = policy.Statements, allowAll }))
	if _, err := w.s.ResourceGroup(y); CodeOf(err) != NotFound {
		t.Errorf("the scope that is not named any more is still there: %v", err)
	}
	unchanged(w, replaceOwn(toGroup(1))) // it is in another language now
	w.accept(func(d *Draft) error {
		p, err := d.CreatePolicy(Policy{ID: policyID(50), Name: "x", Language: policy.Statements, Document: allowAll, Of: toGroup(1)})
		if err == nil && p.Of != (Holder{}) {
			t.Errorf("made as %v's own", p.Of)
		}
		return err
	})
}

// TestOwnStored: how an own policy and its scope are kept is part of the storage format.
func TestOwnStored(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(replaceOwn(toGroup(1), ownPolicy(40, 40)))
	p, _ := w.s.Policy(policyID(40))
	g, _ := w.s.ResourceGroup(ResourceGroupID{testID('y', 40)})
	plain, _ := w.s.Policy(policyID(1))
	for _, c := range []struct {
		what   any
		member string
		want   string
	}{
		{p, "of", `{"type":"group","id":"67000000-0000-7000-8000-000000000001"}`}, {plain, "of", ``}, {p, "Scopes", ``},
		{g, "of", `"70000000-0000-7000-8000-000000000028"`},
		{g, "scope", `{"key":"com.cloudflare.api.account.6f000000000070008000000000000001","objects":["com.cloudflare.api.account.zone.1"]}`},
	} {
		b, err := json.Marshal(c.what)
		if err != nil {
			t.Fatal(err)
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal(b, &members); err != nil || string(members[c.member]) != c.want {
			t.Errorf("%s is %s in %s, want %s", c.member, members[c.member], b, c.want)
		}
	}
}

// TestReplaceOwnUpdates: groups and tokens of the organization count as updated with their own policies, and not without a change.
func TestReplaceOwnUpdates(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(func(d *Draft) error {
		_, _, err := d.CreateAccountToken(ServiceAccount{ID: accountID(9)}, accessKey(9, asUser(1)))
		return err
	})
	updated := func(of Holder) time.Time {
		if of.Type == TypeGroup {
			g, _ := w.s.Group(GroupID{of.ID})
			return g.UpdatedAt
		}
		k, _ := w.s.AccountToken(credentialID(9))
		return k.UpdatedAt
	}
	for _, of := range []Holder{toGroup(1), toAccount(9)} {
		for i, step := range []struct {
			next    []OwnPolicy
			changes bool
		}{{nil, false}, {[]OwnPolicy{ownPolicy(40, 40)}, true}, {nil, true}, {nil, false}} {
			w.now = w.now.Add(time.Minute)
			before := updated(of)
			w.accept(replaceOwn(of, step.next...))
			if got := updated(of).After(before); got != step.changes {
				t.Errorf("%s, step %d: updated is %t", of.Type, i, got)
			}
		}
	}
}
