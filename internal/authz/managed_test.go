package authz_test

import (
	"testing"

	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/world"
)

// TestManagedPolicy: a policy that is no record of the organization decides for whoever holds it, whether the index is built
// or kept up, and until it is detached.
func TestManagedPolicy(t *testing.T) {
	w := world.Of(catalog.Builtin())
	id, err := iam.ParseUUID(w.Managed[0].ID)
	if err != nil || w.Managed[0].Name != "IAMFullAccess" {
		t.Fatalf("%+v, %v", w.Managed[0], err)
	}
	full := iam.PolicyID{UUID: id}
	s := iam.NewState(iam.OrgID{UUID: numbered('o', 1)}).In(w)
	x := authz.New(s)
	next := func(draft func(d *iam.Draft) error) {
		t.Helper()
		d := s.BeginAdministration(epoch, iam.Principal{Kind: iam.KindOfSystem})
		if err := draft(d); err != nil {
			t.Fatal(err)
		}
		changes, _, _, err := d.Changes()
		if err != nil {
			t.Fatal(err)
		}
		s = d.State()
		x = x.Next(s, changes)
	}
	const users = 600 // so many that the policy is kept once
	next(func(d *iam.Draft) error {
		entry := &iam.DirectoryEntry{ID: s.ID(), Name: "corp", Account: 7, Owner: iam.UserID{UUID: numbered('u', 0)}, CreatedAt: epoch}
		if err := d.Found(entry, person(0)); err != nil {
			return err
		}
		for i := range users {
			if _, err := d.AddUser(iam.UserID{UUID: numbered('u', i+1)}, person(i+1), nil); err != nil {
				return err
			}
		}
		return nil
	})
	allowed := func(n int, action string, want bool) {
		t.Helper()
		for name, index := range map[string]*authz.Index{"kept up": x, "built": authz.New(s)} {
			got := index.Decide(&authz.Request{Principal: asUser(n), Action: action, Resources: []string{"crn::iam:policy:*"}})
			if got.Allowed() != want {
				t.Errorf("%s: user %d, %s: %v", name, n, action, got.Reason)
			}
		}
	}
	to := func(n int) iam.Holder { return iam.Holder{Type: iam.TypeUser, ID: numbered('u', n)} }
	allowed(1, "iam:ListPolicies", false)
	next(func(d *iam.Draft) error { return d.Attach(full, to(1)) })
	allowed(1, "iam:ListPolicies", true)
	allowed(1, "vserver:ListServer", false)
	allowed(2, "iam:ListPolicies", false)
	if e := x.Explain(&authz.Request{Principal: asUser(1), Action: "iam:ListPolicies", Resources: []string{"crn::iam:policy:*"}}, authz.Determining); len(e.Determining) != 1 ||
		e.Determining[0].Policy != full || e.Determining[0].PolicyName != "IAMFullAccess" {
		t.Errorf("%+v", e)
	}
	next(func(d *iam.Draft) error {
		for i := range users - 1 {
			if err := d.Attach(full, to(i+2)); err != nil {
				return err
			}
		}
		return nil
	})
	allowed(1, "iam:ListPolicies", true)
	allowed(users, "iam:ListPolicies", true)
	if !x.Common(full) || !authz.New(s).Common(full) {
		t.Error("it is copied to everybody who holds it")
	}
	next(func(d *iam.Draft) error { return d.Detach(full, to(1)) })
	allowed(1, "iam:ListPolicies", false)
	allowed(2, "iam:ListPolicies", true)
}
