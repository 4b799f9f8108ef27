package control_test

import (
	"testing"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/store"
)

// targets are what a call may name: something, nothing in particular, something that is not there.
func targets(w *world) map[string]iam.CRN {
	return map[string]iam.CRN{
		"any":      iam.AnyOf(iam.TypeGroup),
		"existing": iam.Name(iam.TypeUser, w.owner.Principal.ID),
		"missing":  iam.Name(iam.TypeGroup, w.NewID()),
		"platform": platformCRN,
	}
}

// TestCompleteMediation walks every registered operation with a principal that holds nothing: each is refused, leaves an
// event if it is a write, and changes nothing. What it names makes no difference.
func TestCompleteMediation(t *testing.T) {
	w := newWorld(t)
	nobody, _ := w.account("holds nothing")
	w.role("trusts users alone", "crn::iam:user:*")
	before := w.revision()
	ops := control.Operations()
	if len(ops) < 60 {
		t.Fatalf("only %d operations are registered", len(ops))
	}
	for _, op := range ops {
		if op.Open {
			w.enter(nobody, op, control.On(iam.AnyOf(iam.TypeAPIToken))) // it is about the caller alone
			if op.Event != "" {
				t.Errorf("%s is open and writes", op.Action)
			}
			continue
		}
		for name, crn := range targets(w) {
			seen := len(w.events(store.Query{Action: op.Event, Status: iam.Refused}))
			err := refused(t, w, nobody, op, crn)
			wantCode(t, err, iam.Denied)
			if want := "you are not allowed to do " + op.Action + " here"; !op.Trusted && control.PublicMessage(err) != want {
				t.Errorf("%s on %s says %q, which differs from target to target", op.Action, name, control.PublicMessage(err))
			}
			if op.Event != "" {
				if got := w.events(store.Query{Action: op.Event, Status: iam.Refused}); len(got) != seen+1 || got[0].ActorID != nobody.Principal.ID {
					t.Errorf("%s on %s left %d events, want one by the caller", op.Action, name, len(got)-seen)
				}
			}
		}
	}
	if after := w.revision(); after != before {
		t.Errorf("refused calls moved the organization from revision %d to %d", before, after)
	}
}

// refused makes a call that must not succeed, as far as it gets.
func refused(t *testing.T, w *world, a iam.Actor, op *control.Operation, crn iam.CRN) error {
	t.Helper()
	p, err := w.Enter(t.Context(), w.call(a), op, control.On(crn))
	if err == nil && op == control.AssumeRole {
		role := iam.RoleID{UUID: w.NewID()}
		for r := range p.View().Roles().All() {
			if crn.Type == iam.TypeGroup {
				role = r.ID // one that is there, and trusts others
			}
		}
		_, err = w.AssumeRole(t.Context(), p, control.Assumption{Role: role, Duration: control.DefaultSession})
	}
	if err == nil {
		t.Errorf("%s on %s was let in", op.Action, crn)
	}
	return err
}

// TestOperations: none is listed twice or without an action.
func TestOperations(t *testing.T) {
	seen := map[string]bool{}
	for _, op := range control.Operations() {
		if op == nil || op.Action == "" || seen[op.Action] {
			t.Fatalf("operation %+v is nil, nameless or listed twice", op)
		}
		seen[op.Action] = true
	}
}

// TestPlatformBorder: operators' operations are the platform's, and nobody reaches out of their organization.
func TestPlatformBorder(t *testing.T) {
	w := newWorld(t)
	other, foreign := w.organization("Other", "otto@other.example")
	for _, tc := range []struct {
		name   string
		actor  iam.Actor
		op     *control.Operation
		target control.Target
	}{
		{"an owner makes an organization", w.owner, control.CreateOrganization, control.On(platformCRN)},
		{"an owner suspends their own", w.owner, control.SuspendOrganization, control.Target{Org: w.org, Resources: []iam.CRN{platformCRN}}},
		{"an owner suspends another", w.owner, control.SuspendOrganization, control.Target{Org: other, Resources: []iam.CRN{platformCRN}}},
		{"an owner makes a group in another", w.owner, control.CreateGroup, control.Target{Org: other, Resources: []iam.CRN{iam.AnyOf(iam.TypeGroup)}}},
		{"an owner reads another", foreign, control.ListGroups, control.Target{Org: w.org, Resources: []iam.CRN{iam.AnyOf(iam.TypeGroup)}}},
		{"an operator makes a group in an organization", w.operator, control.CreateGroup, control.Target{Org: w.org, Resources: []iam.CRN{iam.AnyOf(iam.TypeGroup)}}},
		{"an operator reads an organization", w.operator, control.ListGroups, control.Target{Org: w.org, Resources: []iam.CRN{iam.AnyOf(iam.TypeGroup)}}},
		{"an owner acts as a service account of another that trusts nobody", w.owner, control.ImpersonateServiceAccount,
			control.Target{Org: other, Resources: []iam.CRN{iam.Name(iam.TypeServiceAccount, w.NewID())}}},
		{"an owner names another organization for it", foreign, control.ImpersonateServiceAccount,
			control.Target{Org: w.org, Resources: []iam.CRN{w.owner.Principal.CRN()}}},
		{"an operator acts as somebody's service account", w.operator, control.ImpersonateServiceAccount,
			control.Target{Org: w.org, Resources: []iam.CRN{iam.Name(iam.TypeServiceAccount, w.NewID())}}},
		{"nobody", iam.Actor{Org: w.org}, control.ListGroups, control.On(iam.AnyOf(iam.TypeGroup))},
		{"an owner who names no resource", w.owner, control.ListGroups, control.Target{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := w.Enter(t.Context(), w.call(tc.actor), tc.op, tc.target)
			wantCode(t, err, iam.Denied)
		})
	}
}

// TestReadsCannotWrite: the permit of a read is no permit for a write.
func TestReadsCannotWrite(t *testing.T) {
	w := newWorld(t)
	p := w.enter(w.owner, control.ListGroups, control.On(iam.AnyOf(iam.TypeGroup)))
	_, err := p.Write(t.Context(), func(d *iam.Draft) error {
		_, err := d.CreateGroup(iam.Group{ID: iam.GroupID{UUID: w.NewID()}, Name: "smuggled"})
		return err
	})
	wantCode(t, err, iam.Internal)
	if n := w.enter(w.owner, control.ListGroups, control.On(iam.AnyOf(iam.TypeGroup))).View().Groups().Len(); n != 0 {
		t.Errorf("%d groups were made through a read", n)
	}
}

// TestRightsGoneMeanwhile: a write is authorized on the state that it is made on.
func TestRightsGoneMeanwhile(t *testing.T) {
	w := newWorld(t)
	a, _ := w.account("maker")
	granted := w.grant(a, "allow", "iam:CreateGroup")
	p := w.enter(a, control.CreateGroup, control.On(iam.AnyOf(iam.TypeGroup)))
	w.write(w.owner, control.DetachServiceAccountPolicy, control.On(a.Principal.CRN()), func(d *iam.Draft) error {
		return d.Detach(granted, iam.Holder{Type: iam.TypeServiceAccount, ID: a.Principal.ID})
	})
	_, err := p.Write(t.Context(), func(d *iam.Draft) error {
		_, err := d.CreateGroup(iam.Group{ID: iam.GroupID{UUID: w.NewID()}, Name: "late"})
		return err
	})
	wantCode(t, err, iam.Denied)
	if got := w.events(store.Query{Action: "iam.group.create", Status: iam.Refused}); len(got) != 1 {
		t.Errorf("%d refusals recorded, want 1", len(got))
	}
}

// TestTrustedHeedsDeny: assuming a role asks the trust policy; an explicit deny of the action wins.
func TestTrustedHeedsDeny(t *testing.T) {
	w := newWorld(t)
	a, _ := w.account("worker")
	role := w.role("job", a.CRN())
	assume := func() error {
		p, err := w.Enter(t.Context(), w.call(a), control.AssumeRole, control.On(iam.Name(iam.TypeRole, role.UUID)))
		if err != nil {
			return err
		}
		_, err = w.AssumeRole(t.Context(), p, control.Assumption{Role: role, Duration: control.DefaultSession})
		return err
	}
	if err := assume(); err != nil {
		t.Fatalf("trusted, and refused: %v", err)
	}
	w.grant(a, "deny", "iam:AssumeRole")
	wantCode(t, assume(), iam.Denied)
}

// TestRequire: what a call does beside its own operation is decided too, at once and again when it writes.
func TestRequire(t *testing.T) {
	w := newWorld(t)
	a, _ := w.account("role editor")
	w.grant(a, "allow", "iam:CreateRole")
	enter := func() *control.Permit { return w.enter(a, control.CreateRole, control.On(iam.AnyOf(iam.TypeRole))) }
	wantCode(t, enter().Require(control.AttachRolePolicy, iam.AnyOf(iam.TypeRole)), iam.Denied)

	granted := w.grant(a, "allow", "iam:AttachRolePolicy")
	p := enter()
	if err := p.Require(control.AttachRolePolicy, iam.AnyOf(iam.TypeRole)); err != nil {
		t.Fatal(err)
	}
	w.write(w.owner, control.DetachServiceAccountPolicy, control.On(a.Principal.CRN()), func(d *iam.Draft) error {
		return d.Detach(granted, iam.Holder{Type: iam.TypeServiceAccount, ID: a.Principal.ID})
	})
	_, err := p.Write(t.Context(), func(d *iam.Draft) error {
		_, err := d.CreateRole(iam.Role{ID: iam.RoleID{UUID: w.NewID()}, Name: "sneaked"}, nil)
		return err
	})
	wantCode(t, err, iam.Denied)

	w.grant(a, "allow", "iam:*")
	w.grant(a, "deny", "iam:Attach*")
	wantCode(t, enter().Require(control.AttachRolePolicy, iam.AnyOf(iam.TypeRole)), iam.Denied)
}

// TestOperatorsSeeWhatTheyDid: what an operator does to an organization is in its log and in the platform's.
func TestOperatorsSeeWhatTheyDid(t *testing.T) {
	w := newWorld(t)
	target := control.Target{Org: w.org, Resources: []iam.CRN{{Service: "platform", Type: iam.TypeOrganization, ID: w.org.String()}}}
	w.write(w.operator, control.SetQuota, target, func(d *iam.Draft) error { return d.SetQuota(iam.QuotaGroups, 7) })
	if got := w.events(store.Query{Action: "platform.quota.update"}); len(got) != 1 || got[0].Org != w.org {
		t.Errorf("the organization's log has %+v", got)
	}
	p := w.enter(w.operator, control.ListAuditLogs, control.On(iam.AnyOf(iam.TypeAuditLog)))
	got, total, err := p.Events(t.Context(), store.Query{Action: "platform.quota.update", Limit: 10})
	if err != nil || total != 1 || got[0].Details["organization_id"] != w.org.String() || got[0].Revision != 0 {
		t.Errorf("the platform's log has %+v, %v", got, err)
	}
	for _, org := range []iam.OrgID{w.org, iam.PlatformOrg} {
		if _, err := store.Verify(t.Context(), w.db, org); err != nil {
			t.Errorf("%s: %v", org, err)
		}
	}
}

// TestNobodyRemovesThemselves: not through a role session either.
func TestNobodyRemovesThemselves(t *testing.T) {
	w := newWorld(t)
	email := "rita@acme.example"
	w.write(w.operator, control.CreatePerson, control.On(platformCRN), func(d *iam.Draft) error {
		_, err := d.CreatePerson(iam.PersonID{UUID: w.NewID()}, email, "Rita")
		return err
	})
	added, err := w.AddUser(t.Context(), w.enter(w.owner, control.AddUser, control.On(iam.AnyOf(iam.TypeUser))), control.NewUser{Email: email})
	if err != nil {
		t.Fatal(err)
	}
	rita := iam.Principal{Kind: iam.KindOfUser, ID: added.User.ID.UUID}
	admin := w.role("admin", rita.CRN().String())
	w.write(w.owner, control.AttachRolePolicy, control.On(iam.Name(iam.TypeRole, admin.UUID)), func(d *iam.Draft) error {
		id := iam.PolicyID{UUID: w.NewID()}
		doc := `{"statements":[{"effect":"allow","actions":["*"],"resources":["*"]}]}`
		if _, err := d.CreatePolicy(iam.Policy{ID: id, Name: "all", Language: policy.Statements, Document: doc}); err != nil {
			return err
		}
		return d.Attach(id, iam.Holder{Type: iam.TypeRole, ID: admin.UUID})
	})
	session := iam.Actor{Org: w.org, Principal: iam.Principal{Kind: iam.KindOfRole, ID: admin.UUID}, Behind: rita, Session: iam.SessionID{UUID: w.NewID()}}
	remove := func(a iam.Actor) error {
		_, err := w.enter(a, control.RemoveUser, control.On(rita.CRN())).Write(t.Context(), func(d *iam.Draft) error {
			return d.RemoveUser(added.User.ID)
		})
		return err
	}
	wantCode(t, remove(session), iam.Conflict)
	if err := remove(w.owner); err != nil {
		t.Errorf("the owner cannot remove a user: %v", err)
	}
}
