package control_test

import (
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// TestRecover: whoever holds the installation gets an owner's token and another operator's, each told of in the log that it concerns.
func TestRecover(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	owner, err := w.RecoverOwner(ctx, w.org)
	if err != nil {
		t.Fatal(err)
	}
	again := w.actor(control.Presented{Bearer: owner.Token})
	if again.Principal != w.owner.Principal || again.Org != w.org || owner.Name != "olga@acme.example" || owner.Revision != w.revision() {
		t.Errorf("recovered %+v, who is %+v", owner, again)
	}
	w.enter(again, control.CreateGroup, control.On(iam.AnyOf(iam.TypeGroup)))
	got := w.events(store.Query{Action: "iam.owner.recover"})
	if len(got) != 1 || got[0].ActorKind != iam.KindOfSystem || got[0].Revision != owner.Revision || got[0].Details["principal"] != w.owner.Principal.CRN().String() {
		t.Errorf("the log says %+v", got)
	}

	operator, err := w.RecoverOperator(ctx)
	if err != nil {
		t.Fatal(err)
	}
	another := w.actor(control.Presented{Bearer: operator.Token})
	if another.Org != iam.PlatformOrg || another.Principal == w.operator.Principal || another.Name != operator.Name {
		t.Errorf("recovered %+v, who is %+v", operator, another)
	}
	p := w.enter(another, control.ListOrganizations, control.On(iam.CRN{Service: "platform", Type: iam.TypeOrganization, ID: "*"}))
	if _, err := w.Organization(ctx, p, w.org); err != nil {
		t.Error(err)
	}
	second, err := w.RecoverOperator(ctx)
	if err != nil || second.Name == operator.Name {
		t.Errorf("once more: %+v, %v", second, err)
	}
	for _, org := range []iam.OrgID{w.org, iam.PlatformOrg} {
		if _, err := store.Verify(ctx, w.db, org); err != nil {
			t.Error(err)
		}
	}

	_, err = w.RecoverOwner(ctx, iam.OrgID{UUID: w.NewID()})
	wantCode(t, err, iam.NotFound)
	_, err = w.RecoverOwner(ctx, iam.PlatformOrg)
	wantCode(t, err, iam.NotFound)
}

// TestRecoverWithinBounds: where keys must expire, so does the token.
func TestRecoverWithinBounds(t *testing.T) {
	w := newWorld(t)
	w.write(w.owner, control.UpdateSecuritySettings, control.On(iam.Name(iam.TypeOrganization, w.org.UUID)), func(d *iam.Draft) error {
		_, err := d.UpdateSecuritySettings(func(s *iam.SecuritySettings) { s.MaxKeyLifetime = time.Hour })
		return err
	})
	owner, err := w.RecoverOwner(t.Context(), w.org)
	if err != nil {
		t.Fatal(err)
	}
	w.actor(control.Presented{Bearer: owner.Token})
	w.clock.advance(time.Hour)
	_, err = w.Authenticate(t.Context(), control.Presented{Bearer: owner.Token})
	wantCode(t, err, iam.Unauthenticated)
}
