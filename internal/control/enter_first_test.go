package control_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/store"
)

// TestEnterFirst: a call that is one of several things is the first of them that the caller may do, and refused as the first of all.
func TestEnterFirst(t *testing.T) {
	w := newWorld(t)
	users, accounts := iam.AnyOf(iam.TypeUser), iam.AnyOf(iam.TypeServiceAccount)
	asked := []control.Asked{
		{Operation: control.CreateUserCredential, Target: control.On(users)},
		{Operation: control.CreateServiceAccountCredential, Target: control.On(accounts)},
	}
	both, _ := w.account("both")
	w.grant(both, "allow", "iam:Create*Credential")
	second, _ := w.account("second")
	w.grant(second, "allow", "iam:CreateServiceAccountCredential")
	neither, _ := w.account("neither")
	for _, c := range []struct {
		who        string
		a          iam.Actor
		does, also bool
	}{{"both", both, true, true}, {"second", second, false, true}} {
		p, err := w.EnterFirst(t.Context(), w.call(c.a), asked...)
		if err != nil {
			t.Fatalf("%s: %v", c.who, err)
		}
		for i, is := range []bool{c.does, !c.does} {
			if got := p.Does(asked[i].Operation, asked[i].Target.Resources[0]); got != is {
				t.Errorf("%s does the %d. thing: %t", c.who, i, got)
			}
		}
		if p.Does(asked[0].Operation, accounts) || p.Does(asked[1].Operation, users) {
			t.Errorf("%s does what nobody asked", c.who)
		}
		if p.May(control.CreateServiceAccountCredential, accounts) != c.also || p.May(control.DeleteGroup, iam.AnyOf(iam.TypeGroup)) {
			t.Errorf("%s: May is wrong", c.who)
		}
	}
	_, err := w.EnterFirst(t.Context(), w.call(neither), asked...)
	wantCode(t, err, iam.Denied)
	if got := w.events(store.Query{Status: iam.Refused}); len(got) != 1 || got[0].Action != asked[0].Operation.Event {
		t.Errorf("refusals in the log: %+v", got)
	}

	// Whoever waits for a revision is decided on that, and not on the one before.
	late, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	call := w.call(both)
	call.AtLeast = w.revision() + 1000
	_, err = w.EnterFirst(late, call, asked...)
	wantCode(t, err, iam.Unavailable)
	_, err = w.View(late, call)
	wantCode(t, err, iam.Unavailable)
	call.AtLeast = w.revision()
	if v, err := w.View(t.Context(), call); err != nil || v.Revision() < call.AtLeast || v.ID() != w.org {
		t.Errorf("the organization: %v", err)
	}
}

// TestAllowed: a caller is told what they may do in a project, and nothing comes of it.
func TestAllowed(t *testing.T) {
	w := newWorld(t)
	web, shop := w.project("web"), w.project("shop")
	a, _ := w.account("reader")
	w.rules(a, policy.Scaleway, `{"rules":[{"permission_set_names":["InstancesReadOnly"],"project_ids":["`+web.String()+`"]}]}`)
	p := w.enter(a, control.CheckPermissions, control.On(iam.Name(iam.TypeOrganization, w.org.UUID)))
	server := iam.CRN{Service: "instances", Type: "server", ID: "*"}
	for _, c := range []struct {
		action, project string
		want            bool
	}{
		{"instances:GetServer", web.String(), true}, {"instances:GetServer", shop.String(), false}, {"instances:GetServer", "", false},
		{"instances:DeleteServer", web.String(), false}, {"iam:ListGroups", web.String(), false},
	} {
		if got := p.Allowed(c.action, server, c.project); got != c.want {
			t.Errorf("%s in %q: %t", c.action, c.project, got)
		}
	}
	_, err := p.Write(t.Context(), func(*iam.Draft) error { return nil })
	wantCode(t, err, iam.Internal)
}

// TestCreateSCIMToken: the token is told once, and kept as a hash.
func TestCreateSCIMToken(t *testing.T) {
	w := newWorld(t)
	id, own := iam.SCIMID{UUID: w.NewID()}, control.On(iam.Name(iam.TypeOrganization, w.org.UUID))
	w.write(w.owner, control.EnableSCIM, own, func(d *iam.Draft) error {
		_, err := d.EnableSCIM(id)
		return err
	})
	create := func(of iam.SCIMID) (iam.SCIMToken, string, error) {
		p := w.enter(w.owner, control.CreateSCIMToken, own)
		token, text, _, err := w.CreateSCIMToken(t.Context(), p, of)
		return token, text, err
	}
	one, first, err := create(id)
	if err != nil {
		t.Fatal(err)
	}
	_, second, err := create(id)
	if err != nil || first == second || len(first) != 43+1+43 {
		t.Errorf("tokens %d and %d bytes long, the same: %t, %v", len(first), len(second), first == second, err)
	}
	kept, err := w.state().SCIMToken(one.ID)
	if err != nil || string(kept.Hash) == first || len(kept.Hash) == 0 {
		t.Errorf("kept: %+v, %v", kept, err)
	}
	got := w.events(store.Query{Action: "iam.scim_token.create"})
	if len(got) != 2 || !slices.ContainsFunc(got, func(e iam.Event) bool { return e.ResourceID == one.ID.String() }) {
		t.Errorf("events: %+v", got)
	}
	_, _, err = create(iam.SCIMID{UUID: w.NewID()})
	wantCode(t, err, iam.NotFound)
}
