package control_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// deniedEffect is a call that a deny forbids which does not speak of its operation, or not of its target.
type deniedEffect struct {
	deny, on string // the action and the resource that it is denied on
	op       *control.Operation
	target   iam.CRN
	draft    func(*iam.Draft) error
	before   func(*iam.Draft) error // what must be so first
}

// deniedEffects are such calls, and a resource that none of them is about.
func (w *world) deniedEffects() (calls map[string]deniedEffect, elsewhere iam.CRN) {
	group, other := iam.GroupID{UUID: w.NewID()}, iam.GroupID{UUID: w.NewID()}
	w.write(w.owner, control.CreateGroup, control.On(iam.AnyOf(iam.TypeGroup)), func(d *iam.Draft) error {
		_, err := d.CreateGroup(iam.Group{ID: group, Name: "admins", Tags: []iam.Tag{{Key: "protected", Value: "yes"}}})
		_, err2 := d.CreateGroup(iam.Group{ID: other, Name: "others"})
		return errors.Join(err, err2)
	})
	full := iam.PolicyID{UUID: w.NewID()}
	w.write(w.owner, control.CreatePolicy, control.On(iam.AnyOf(iam.TypePolicy)), func(d *iam.Draft) error {
		_, err := d.CreatePolicy(iam.Policy{ID: full, Name: "everything", Language: "statements", Document: statement("allow", "*")})
		return err
	})
	worker, _ := w.account("worker")
	mia, _ := w.member("mia@acme.example")
	account := iam.ServiceAccountID{UUID: worker.Principal.ID}
	of := func(p iam.Principal, typ string) iam.Holder { return iam.Holder{Type: typ, ID: p.ID} }
	return map[string]deniedEffect{
		"a policy is attached to a user": {"iam:AttachUserPolicy", iam.Name(iam.TypePolicy, full.UUID).String(), control.AttachUserPolicy, mia.Principal.CRN(),
			func(d *iam.Draft) error { return d.Attach(full, of(mia.Principal, iam.TypeUser)) }, nil},
		"a user joins a group": {"iam:AddUserToGroup", iam.Name(iam.TypeGroup, group.UUID).String(), control.AddUserToGroup, mia.Principal.CRN(),
			func(d *iam.Draft) error { return d.Join(group, mia.Principal) }, nil},
		"a user joins by an update of the group": {"iam:AddUserToGroup", mia.Principal.CRN().String(), control.UpdateGroup, iam.Name(iam.TypeGroup, group.UUID),
			func(d *iam.Draft) error { return d.Join(group, mia.Principal) }, nil},
		"a user leaves a group": {"iam:RemoveUserFromGroup", iam.Name(iam.TypeGroup, group.UUID).String(), control.RemoveUserFromGroup, mia.Principal.CRN(),
			func(d *iam.Draft) error { return d.Leave(group, mia.Principal) }, func(d *iam.Draft) error { return d.Join(group, mia.Principal) }},
		"an account joins a group": {"iam:AddServiceAccountToGroup", iam.Name(iam.TypeGroup, group.UUID).String(), control.AddServiceAccountToGroup, worker.Principal.CRN(),
			func(d *iam.Draft) error { return d.Join(group, worker.Principal) }, nil},
		"tags by an update": {"iam:TagGroup", "*", control.UpdateGroup, iam.Name(iam.TypeGroup, group.UUID),
			func(d *iam.Draft) error { return d.SetTags(iam.Holder{Type: iam.TypeGroup, ID: group.UUID}, nil) }, nil},
		"an account is switched off by an update": {"iam:DeactivateServiceAccount", worker.Principal.CRN().String(), control.UpdateServiceAccount, worker.Principal.CRN(),
			func(d *iam.Draft) error {
				_, err := d.UpdateServiceAccount(account, func(a *iam.ServiceAccount) { a.Enabled = false })
				return err
			}, nil},
		"a policy is attached while a role is updated": {"iam:AttachRolePolicy", "*", control.CreateRole, iam.AnyOf(iam.TypeRole),
			func(d *iam.Draft) error {
				_, err := d.CreateRole(iam.Role{ID: iam.RoleID{UUID: w.NewID()}, Name: "escalator"}, []iam.PolicyID{full})
				return err
			}, nil},
	}, iam.Name(iam.TypeGroup, other.UUID)
}

// TestDeniedEffects: what an explicit deny forbids is forbidden in every call that does it, on both of what it ties, and nothing comes of
// the call; without the deny it is done.
func TestDeniedEffects(t *testing.T) {
	all, _ := newWorld(t).deniedEffects()
	for what := range all {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t)
			calls, other := w.deniedEffects()
			c := calls[what]
			if c.before != nil {
				w.write(w.owner, control.UpdateGroup, control.On(iam.AnyOf(iam.TypeGroup)), c.before)
			}
			but := func(on string) string {
				return `{"effect":"allow","actions":["*"],"resources":["*"]},{"effect":"deny","actions":["` + c.deny + `"],"resources":["` + on + `"]}`
			}
			denied, elsewhere := w.holding("denied", but(c.on)), w.holding("elsewhere", but(other.String()))
			before := w.revision()
			permit, err := w.Enter(t.Context(), w.call(denied), c.op, control.On(c.target))
			if err == nil {
				_, err = permit.Write(t.Context(), c.draft)
			}
			wantCode(t, err, iam.Denied)
			if w.revision() != before {
				t.Error("something was written")
			}
			if got := w.events(store.Query{Action: c.op.Event, Status: iam.Refused}); len(got) != 1 {
				t.Errorf("the log has %d refusals", len(got))
			}
			w.write(elsewhere, c.op, control.On(c.target), c.draft)
		})
	}
}

// TestOwnersEffects: no policy binds the owner, and none that is not explicit binds anybody.
func TestOwnersEffects(t *testing.T) {
	w := newWorld(t)
	a, _ := w.account("ci")
	w.grant(a, "allow", "iam:UpdateServiceAccount")
	off := func(d *iam.Draft) error {
		_, err := d.UpdateServiceAccount(iam.ServiceAccountID{UUID: a.Principal.ID}, func(a *iam.ServiceAccount) { a.Enabled = !a.Enabled })
		return err
	}
	w.grantUser(w.owner, "deny", "iam:*activateServiceAccount")
	w.write(w.owner, control.UpdateServiceAccount, control.On(a.Principal.CRN()), off)
	w.write(w.owner, control.UpdateServiceAccount, control.On(a.Principal.CRN()), off)
	w.write(a, control.UpdateServiceAccount, control.On(a.Principal.CRN()), off) // allowed under the one name, and not denied under the other
}

// TestEffectsAtTheBound: a rule that may deny an effect, and costs too much to find out, refuses the call; one about something else does
// not.
func TestEffectsAtTheBound(t *testing.T) {
	for operation, want := range map[string]iam.Code{"deactivate-service-account": iam.Denied, "activate-service-account": ""} {
		w := newWorld(t)
		a, _ := w.account("ci")
		deny := `operation == '` + operation + `' && int(operation + '` + strings.Repeat("0", 10_000) + `') > 7` // what is too long to be read as a number
		_, err := w.SetOrganizationPolicy(t.Context(), w.enter(w.owner, control.UpdateOrganizationPolicy, control.On(iam.Name(iam.TypeOrganization, w.org.UUID))),
			`{"default-service-strategy":"allow","services":{"iam":{"type":"rules","rules":[{"action":"deny","expression":"`+deny+`"},{"action":"allow","expression":"true"}]}}}`)
		if err != nil {
			t.Fatal(err)
		}
		before := w.revision()
		_, err = w.enter(w.owner, control.UpdateServiceAccount, control.On(a.Principal.CRN())).Write(t.Context(), func(d *iam.Draft) error {
			_, err := d.UpdateServiceAccount(iam.ServiceAccountID{UUID: a.Principal.ID}, func(a *iam.ServiceAccount) { a.Enabled = false })
			return err
		})
		wantCode(t, err, want)
		if (w.revision() != before) != (want == "") {
			t.Errorf("%s: revision %d became %d", operation, before, w.revision())
		}
	}
}
