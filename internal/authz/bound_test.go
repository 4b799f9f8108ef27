package authz_test

import (
	"fmt"
	"testing"

	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// crowd is an organization with so many users, service accounts, groups and roles each; every group has one user. Of its
// policies, 0 and 1 have the number of statements given, and the others are small.
func crowd(t *testing.T, each, statements int) *history {
	t.Helper()
	r := newRandom(77)
	e := &estate{Policies: []naiveDocument{r.padded(statements), r.padded(statements), r.document(), r.document()}}
	for i := range each {
		e.Groups, e.Roles = append(e.Groups, nil), append(e.Roles, nil)
		e.Users, e.Accounts = append(e.Users, member{Groups: []int{i}}), append(e.Accounts, member{})
	}
	return newHistory(t, e, 78)
}

func (h *history) wantCommon(n int, want bool) {
	h.t.Helper()
	h.same(20)
	if got := h.x.Common(policyID(n)); got != want {
		h.t.Fatalf("policy %d with %d holders: common is %t, want %t", n, h.s.HolderCount(policyID(n)), got, want)
	}
}

// attachAll attaches or detaches a policy of everything in the list.
func (h *history) attachAll(n int, to []iam.Holder, on bool) {
	h.t.Helper()
	h.commit(func(d *iam.Draft) error { return toggleAll(d, policyID(n), to, on) })
}

// TestBoundOneByOne: one holder more than fit makes a policy common, and one less makes it private again.
func TestBoundOneByOne(t *testing.T) {
	h := crowd(t, 2, 60)
	all := holders(h.s) // 4 of them hold 4*60*2 = 480 rows, 5 hold more than maxCopied
	if len(all) != 8 || authz.MaxCopied != 512 {
		t.Fatalf("%d holders and a bound of %d: choose other numbers", len(all), authz.MaxCopied)
	}
	for i, to := range all {
		h.attachAll(0, []iam.Holder{to}, true)
		h.wantCommon(0, i+1 >= 5)
	}
	for i, to := range all {
		h.attachAll(0, []iam.Holder{to}, false)
		h.wantCommon(0, 7-i >= 5)
	}
}

// TestBoundAtOnce: a draft that crosses the bound in one go, by holders, by the document or by what is deleted.
func TestBoundAtOnce(t *testing.T) {
	document := func(statements int) func(h *history) {
		return func(h *history) {
			h.commit(func(d *iam.Draft) error {
				text := h.padded(statements).text()
				_, err := d.UpdatePolicy(policyID(0), func(p *iam.Policy) { p.Document = text })
				return err
			})
		}
	}
	attach := func(n, count int, on bool) func(h *history) {
		return func(h *history) { h.attachAll(n, holders(h.s)[:count], on) }
	}
	remove := func(h *history) { // three of each kind remain
		h.commit(func(d *iam.Draft) error {
			for i := 3; i < 10; i++ {
				err := first(d.RemoveUser(iam.UserID{UUID: numbered('u', i)}), d.DeleteGroup(groupID(i)),
					d.DeleteServiceAccount(iam.ServiceAccountID{UUID: numbered('a', i)}), d.DeleteRole(iam.RoleID{UUID: numbered('r', i)}))
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	for _, c := range []struct {
		name    string
		before  func(h *history)
		common  bool // after before
		change  func(h *history)
		becomes bool
	}{
		{"to many", func(*history) {}, false, attach(0, 40, true), true},
		{"to few", func(*history) {}, false, attach(0, 3, true), false},
		{"from all", attach(0, 40, true), true, attach(0, 40, false), false},
		{"from nearly all", attach(0, 40, true), true, attach(0, 38, false), false},
		{"from too few", attach(0, 40, true), true, attach(0, 5, false), true},
		{"a longer document", attach(0, 3, true), false, document(100), true},
		{"a shorter document", attach(0, 40, true), true, document(4), false},
		{"a document as long", attach(0, 40, true), true, document(20), true},
		{"a short document for few", attach(0, 3, true), false, document(5), false},
		{"holders deleted", attach(0, 40, true), true, remove, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := crowd(t, 10, 20) // 13 holders are too many
			c.before(h)
			h.wantCommon(0, c.common)
			old := *h
			c.change(h)
			h.wantCommon(0, c.becomes)
			old.same(50) // the old index is as it was
		})
	}
}

// TestBoundTogether: in one draft, a policy changes and others cross the bound at the very holders that it has. Those are
// built anew before their own change is looked at.
func TestBoundTogether(t *testing.T) {
	rename := func(d *iam.Draft, n int) error {
		_, err := d.UpdatePolicy(policyID(n), func(p *iam.Policy) { p.Name += " renamed" })
		return err
	}
	t.Run("changed and attached", func(t *testing.T) {
		h := crowd(t, 5, 20)
		all := holders(h.s)
		h.attachAll(2, all, true)
		h.commit(func(d *iam.Draft) error { return first(rename(d, 2), toggleAll(d, policyID(0), all, true)) })
		h.wantCommon(0, true)
	})
	t.Run("changed and detached", func(t *testing.T) {
		h := crowd(t, 5, 20)
		all := holders(h.s)
		h.attachAll(2, all, true)
		h.attachAll(0, all, true)
		h.commit(func(d *iam.Draft) error { return first(rename(d, 2), toggleAll(d, policyID(0), all, false)) })
		h.wantCommon(0, false)
	})
	t.Run("two attached", func(t *testing.T) {
		h := crowd(t, 14, 20)
		users := holders(h.s)[:14]
		h.commit(func(d *iam.Draft) error {
			return first(toggleAll(d, policyID(0), users, true), toggleAll(d, policyID(1), users[1:], true))
		})
		h.wantCommon(0, true)
		h.wantCommon(1, true)
	})
	t.Run("two detached", func(t *testing.T) {
		h := crowd(t, 14, 20)
		users := holders(h.s)[:14]
		h.attachAll(0, users, true)
		h.attachAll(1, users[1:], true)
		h.commit(func(d *iam.Draft) error {
			return first(toggleAll(d, policyID(0), users, false), toggleAll(d, policyID(1), users[1:], false))
		})
		h.wantCommon(0, false)
		h.wantCommon(1, false)
	})
	t.Run("one attached, one detached", func(t *testing.T) {
		h := crowd(t, 5, 20)
		all := holders(h.s)
		h.attachAll(0, all, true)
		h.commit(func(d *iam.Draft) error {
			return first(toggleAll(d, policyID(0), all, false), toggleAll(d, policyID(1), all, true))
		})
		h.wantCommon(0, false)
		h.wantCommon(1, true)
	})
	t.Run("made, attached and joined", func(t *testing.T) {
		h := crowd(t, 5, 20)
		all := holders(h.s)
		h.attachAll(2, all, true)
		h.commit(func(d *iam.Draft) error {
			_, policyErr := d.CreatePolicy(iam.Policy{ID: policyID(50), Name: "new", Language: policy.Statements, Document: h.padded(30).text()})
			_, groupErr := d.CreateGroup(iam.Group{ID: groupID(50), Name: "new"})
			return first(rename(d, 2), policyErr, groupErr, toggleAll(d, policyID(50), holders(d.State()), true),
				d.Join(groupID(50), asUser(1)), d.Join(groupID(50), asAccount(1)), d.DeleteGroup(groupID(1)))
		})
		h.wantCommon(50, true)
	})
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// TestRebuild: slots of what is gone are not kept for ever.
func TestRebuild(t *testing.T) {
	h := crowd(t, 3, 20)
	h.attachAll(0, holders(h.s), true)
	const batch = 150
	most, rebuilt := 0, 0
	commit := func(draft func(*iam.Draft) error) {
		before := h.x.Dead()
		h.commit(draft)
		h.same(5)
		if h.x.Dead() < before {
			rebuilt++
		}
		most = max(most, h.x.Dead())
	}
	for round := range 7 {
		commit(func(d *iam.Draft) error {
			for i := range batch {
				n := 10_000 + round*batch + i
				_, err := d.CreatePolicy(iam.Policy{ID: policyID(n), Name: fmt.Sprintf("p%d", n), Language: policy.Statements, Document: h.document().text()})
				if err == nil && i%2 == 0 {
					if _, err = d.CreateGroup(iam.Group{ID: groupID(n), Name: fmt.Sprintf("g%d", n)}); err == nil {
						err = first(d.Attach(policyID(n), iam.Holder{Type: iam.TypeGroup, ID: numbered('g', n)}), d.Join(groupID(n), asUser(1)))
					}
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		commit(func(d *iam.Draft) error {
			for i := range batch {
				n := 10_000 + round*batch + i
				if i%2 == 0 {
					if err := d.DeleteGroup(groupID(n)); err != nil {
						return err
					}
				}
				if err := d.DeletePolicy(policyID(n)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if rebuilt == 0 || most < 1024 || most > 1024+2*batch {
		t.Errorf("up to %d slots were dead, and the index was rebuilt %d times", most, rebuilt)
	}
}
