package iam

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/writ-iam/writ/internal/policy"
)

// TestEffects: what a draft does is listed by its own name, and what only goes with something else is not.
func TestEffects(t *testing.T) {
	name := func(typ string, id UUID) CRN { return Name(typ, id) }
	p1, p3 := name(TypePolicy, policyID(1).UUID), name(TypePolicy, policyID(3).UUID)
	g1, g2 := name(TypeGroup, groupID(1).UUID), name(TypeGroup, groupID(2).UUID)
	tags := func(of Holder, tags ...Tag) func(*Draft) error {
		return func(d *Draft) error { return d.SetTags(of, tags) }
	}
	toPolicy := Holder{TypePolicy, policyID(1).UUID}
	for what, c := range map[string]struct {
		before, draft func(*Draft) error
		want          []Effect
	}{
		"nothing": {nil, func(*Draft) error { return nil }, nil},
		"attached and detached": {nil, func(d *Draft) error {
			return errors.Join(d.Attach(policyID(3), toUser(1)), d.Detach(policyID(1), toUser(1)), d.Attach(policyID(3), toRole(2)), d.Detach(policyID(1), toGroup(1)))
		}, []Effect{{PolicyAttached, toUser(1), p3}, {PolicyDetached, toUser(1), p1}, {PolicyAttached, toRole(2), p3}, {PolicyDetached, toGroup(1), p1}}},
		"there and back": {nil, func(d *Draft) error {
			return errors.Join(d.Attach(policyID(3), toUser(1)), d.Detach(policyID(3), toUser(1)))
		}, nil},
		"joined and left": {nil, func(d *Draft) error {
			return errors.Join(d.Join(groupID(2), asUser(1)), d.Leave(groupID(1), asUser(1)), d.Join(groupID(2), asAccount(2)))
		}, []Effect{{GroupJoined, toUser(1), g2}, {GroupLeft, toUser(1), g1}, {GroupJoined, toAccount(2), g2}}},
		"made with groups": {nil, func(d *Draft) error {
			return second(d.AddUser(userID(7), person(7, "eve@corp.example"), []GroupID{groupID(2)}))
		}, []Effect{{GroupJoined, toUser(7), g2}}},
		"invited into groups": {nil, func(d *Draft) error {
			return second(d.Invite(invitationID(7), "eve@corp.example", []GroupID{groupID(1)}, Inviter{}, 1e12))
		}, []Effect{{GroupJoined, toInvitation(7), g1}}},
		"made with tags": {nil, func(d *Draft) error {
			return second(d.CreateGroup(Group{ID: groupID(7), Name: "x", Tags: []Tag{{"a", "b"}}}))
		}, []Effect{{Tagged, toGroup(7), CRN{}}}},
		"tagged":             {nil, tags(toPolicy, Tag{"a", ""}), []Effect{{Tagged, toPolicy, CRN{}}}},
		"another value":      {tags(toUser(1), Tag{"a", "1"}), tags(toUser(1), Tag{"a", "2"}), []Effect{{Tagged, toUser(1), CRN{}}}},
		"another tag":        {tags(toUser(1), Tag{"a", "1"}), tags(toUser(1), Tag{"b", "1"}), []Effect{{Tagged, toUser(1), CRN{}}, {Untagged, toUser(1), CRN{}}}},
		"without tags":       {tags(toRole(1), Tag{"a", "1"}), tags(toRole(1)), []Effect{{Untagged, toRole(1), CRN{}}}},
		"in another order":   {tags(toRole(1), Tag{"a", "1"}, Tag{"b", ""}), tags(toRole(1), Tag{"b", ""}, Tag{"a", "1"}), nil},
		"a user is disabled": {nil, func(d *Draft) error { return second(d.SetUserDisabled(userID(1), true)) }, []Effect{{SwitchedOff, toUser(1), CRN{}}}},
		"an account is": {nil, func(d *Draft) error {
			return second(d.UpdateServiceAccount(accountID(1), func(a *ServiceAccount) { a.Enabled = false }))
		}, []Effect{{SwitchedOff, toAccount(1), CRN{}}}},
		"a user is enabled": {func(d *Draft) error { return second(d.SetUserDisabled(userID(1), true)) }, func(d *Draft) error { return second(d.SetUserDisabled(userID(1), false)) }, []Effect{{SwitchedOn, toUser(1), CRN{}}}},
		"an account is made": {nil, func(d *Draft) error {
			return second(d.CreateServiceAccount(ServiceAccount{ID: accountID(7), Name: "x"}))
		}, nil},
		"a group is deleted":         {nil, func(d *Draft) error { return d.DeleteGroup(groupID(1)) }, nil},
		"an invitation is cancelled": {nil, func(d *Draft) error { return d.CancelInvitation(invitationID(1)) }, []Effect{{InvitationCancelled, toInvitation(1), CRN{}}}},
		"a user is removed":          {nil, func(d *Draft) error { return d.RemoveUser(userID(1)) }, nil},
		"policies of its own": {nil, func(d *Draft) error {
			return second(d.ReplaceOwn(toUser(2), policy.Statements, []OwnPolicy{{ID: policyID(8), Document: allowAll}}))
		}, nil},
		"a name, a credential": {nil, func(d *Draft) error {
			return errors.Join(second(d.UpdateGroup(groupID(1), func(g *Group) { g.Name = "y" })), second(d.CreateCredential(accessKey(9, asUser(1)))))
		}, nil},
	} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t, 1)
			if c.before != nil {
				w.accept(c.before)
			}
			w.accept(func(d *Draft) error {
				if err := c.draft(d); err != nil {
					return err
				}
				if diff := cmp.Diff(c.want, d.Effects()); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				return nil
			})
		})
	}
}
