package iam

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/policy"
)

// What the domain has for Scaleway's words: names of policies, documents that are written anew, the order of members, holdings.

const noRules = `{"rules":[]}`

func rules(n int, name string) func(*Draft) error {
	return func(d *Draft) error {
		return second(d.CreatePolicy(Policy{ID: policyID(n), Name: name, Language: policy.Scaleway, Document: noRules}))
	}
}

// TestNamesOfPolicies: those in Scaleway's language neither take a name nor find one taken, and so until they are in another.
func TestNamesOfPolicies(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(rules(10, "read")) // as policy 1 is called
	w.accept(rules(11, "read"))
	w.accept(rules(12, "rules"))
	w.accept(makePolicy(13, "rules", allowAll))
	w.refuse(Exists, "name", makePolicy(14, "rules", allowAll))
	w.refuse(Exists, "name", makePolicy(14, "read", allowAll)) // though the first of that name is another's
	toStatements := func(p *Policy) { p.Language, p.Document = policy.Statements, allowAll }
	w.refuse(Exists, "name", editPolicy(12, toStatements))
	w.accept(editPolicy(12, func(p *Policy) { p.Name = "all" }))
	w.refuse(Exists, "name", editPolicy(12, toStatements))
	w.accept(editPolicy(12, func(p *Policy) { p.Name = "free"; toStatements(p) }))
	w.refuse(Exists, "name", makePolicy(14, "free", allowAll))
}

// TestWritePolicy: a document that is put in counts as written anew; what else changes does not.
func TestWritePolicy(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(rules(10, "rules"))
	written := func() time.Time { p, _ := w.s.Policy(policyID(10)); return p.WrittenAt }
	if !written().Equal(w.now) {
		t.Errorf("a new policy was written at %s", written())
	}
	later(w)
	before := written()
	w.accept(editPolicy(10, func(p *Policy) { p.Name, p.WrittenAt = "renamed", w.now }))
	if !written().Equal(before) {
		t.Errorf("a new name counts as written at %s", written())
	}
	unchanged(w, editPolicy(10, func(p *Policy) { p.WrittenAt = w.now }))
	w.accept(func(d *Draft) error { return second(d.WritePolicy(policyID(10), noRules)) })
	if p, _ := w.s.Policy(policyID(10)); !p.WrittenAt.Equal(w.now) || !p.UpdatedAt.Equal(w.now) || p.Document != noRules {
		t.Errorf("got %+v", p)
	}
	later(w)
	w.accept(editPolicy(10, func(p *Policy) { p.Document = `{"rules": []}` }))
	if !written().Equal(w.now) {
		t.Errorf("a new document was written at %s", written())
	}
	w.refuse(Invalid, "document", func(d *Draft) error { return second(d.WritePolicy(policyID(10), "{")) })
	w.refuse(NotFound, "", func(d *Draft) error { return second(d.WritePolicy(policyID(99), noRules)) })
}

// TestJoinAtOnce: those who come at once are listed in the order in which they came, and so are those who come when a clock goes back.
func TestJoinAtOnce(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(func(d *Draft) error {
		for _, m := range []Principal{asUser(2), asAccount(2), asUser(1), asAccount(1), asUser(0)} {
			if err := d.Join(groupID(2), m); err != nil {
				return err
			}
		}
		return errors.Join(second(d.AddUser(userID(4), person(4, "dan@corp.example"), []GroupID{groupID(2)})),
			second(d.CreateLocalUser(User{ID: userID(3), Username: "carl"}, []GroupID{groupID(2)})))
	})
	w.now = epoch
	w.accept(func(d *Draft) error {
		return errors.Join(d.Leave(groupID(2), asUser(2)), d.Leave(groupID(2), asAccount(2)), d.Join(groupID(2), asUser(2)), d.Join(groupID(2), asAccount(2)))
	})
	var got []Principal
	for u := range w.s.GroupUsers(groupID(2)).All() {
		got = append(got, Principal{KindOfUser, u.ID.UUID})
	}
	for a := range w.s.GroupServiceAccounts(groupID(2)).All() {
		got = append(got, Principal{KindOfServiceAccount, a.ID.UUID})
	}
	if want := []Principal{asUser(1), asUser(0), asUser(4), asUser(3), asUser(2), asAccount(1), asAccount(2)}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestArrangeMembers(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(func(d *Draft) error {
		for _, m := range []Principal{asUser(0), asUser(2), asAccount(2)} {
			if err := d.Join(groupID(1), m); err != nil {
				return err
			}
		}
		return nil
	})
	order := func() (out []Principal) {
		for u := range w.s.GroupUsers(groupID(1)).All() {
			out = append(out, Principal{KindOfUser, u.ID.UUID})
		}
		for a := range w.s.GroupServiceAccounts(groupID(1)).All() {
			out = append(out, Principal{KindOfServiceAccount, a.ID.UUID})
		}
		return out
	}
	arrange := func(members ...Principal) func(*Draft) error {
		return func(d *Draft) error { return d.ArrangeMembers(groupID(1), members) }
	}
	for _, want := range [][]Principal{
		{asUser(1), asUser(0), asUser(2), asAccount(1), asAccount(2)},
		{asUser(2), asUser(1), asUser(0), asAccount(2), asAccount(1)},
		{asUser(0), asUser(1), asUser(2), asAccount(1), asAccount(2)},
		{asUser(0), asUser(2), asUser(1), asAccount(1), asAccount(2)},
	} {
		later(w)
		mixed := slices.Clone(want)
		mixed[1], mixed[2], mixed[3] = want[3], want[1], want[2] // the two kinds do not mind each other
		if slices.Equal(order(), want) {
			unchanged(w, arrange(mixed...))
		} else {
			w.accept(arrange(mixed...))
		}
		if got := order(); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	unchanged(w, arrange())
	w.refuse(NotFound, "", arrange(asUser(0), asUser(9)))
	w.refuse(NotFound, "", func(d *Draft) error { return d.ArrangeMembers(groupID(2), []Principal{asUser(0)}) })
	w.refuse(Invalid, "", arrange(Principal{KindOfRole, roleID(1).UUID}))
}

func TestHoldings(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(rules(10, "rules"))
	if got := w.s.Holdings(policyID(10)); len(got) != 0 {
		t.Errorf("a new policy is attached to %v", got)
	}
	want := []Holder{toRole(2), toGroup(2), toUser(2), toInvitation(1), toAccount(2)}
	var times []time.Time
	for _, to := range want {
		later(w)
		times = append(times, w.now)
		w.accept(func(d *Draft) error { return d.Attach(policyID(10), to) })
	}
	for i, h := range w.s.Holdings(policyID(10)) {
		if h.Holder != want[i] || !h.At.Equal(times[i]) {
			t.Errorf("%d: %v at %s, want %v at %s", i, h.Holder, h.At, want[i], times[i])
		}
	}
	w.accept(func(d *Draft) error { return d.Detach(policyID(10), toRole(2)) })
	if got := w.s.Holdings(policyID(10)); len(got) != 4 || got[0].Holder != toGroup(2) {
		t.Errorf("after detaching: %v", got)
	}
	if got := w.s.Holdings(policyID(99)); len(got) != 0 {
		t.Errorf("a policy that is none is attached to %v", got)
	}
}
