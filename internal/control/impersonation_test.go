package control_test

import (
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// TestForeignImpersonation: who acts as a service account of another organization is authorized at home, by the other's account
// number, and trusted there; both logs tell of it; nothing else of the other organization is in reach.
func TestForeignImpersonation(t *testing.T) {
	w := newWorld(t)
	_, foreign := w.organization("Other", "otto@other.example")
	target, _ := w.account("target")
	account := iam.ServiceAccountID{UUID: target.Principal.ID}
	on := control.On(target.Principal.CRN())
	act := func(a iam.Actor) (*control.AccessToken, error) {
		p, err := w.Enter(t.Context(), w.call(a), control.ImpersonateServiceAccount, on)
		if err != nil {
			return nil, err
		}
		return w.Impersonate(t.Context(), p, account)
	}
	_, err := act(foreign)
	wantCode(t, err, iam.Denied)
	number := w.enter(foreign, control.ListGroups, control.On(iam.AnyOf(iam.TypeGroup))).View().Organization().Account
	w.write(w.owner, control.AttachTrustedRoot, on, func(d *iam.Draft) error { return d.TrustRoot(account, number) })
	before := w.revision()
	token, err := act(foreign)
	if err != nil || token.Lifetime != 30*time.Minute {
		t.Fatalf("%+v, %v", token, err)
	}
	if after := w.revision(); after != before {
		t.Errorf("the organization moved from revision %d to %d", before, after)
	}
	actor, err := w.Authenticate(t.Context(), control.Presented{Bearer: token.Token})
	if err != nil || actor.Org != w.org || actor.Principal != target.Principal || actor.Behind != target.Principal || actor.By != foreign.Principal ||
		actor.ByAccount != number || !actor.Credential.IsZero() {
		t.Fatalf("%+v, %v", actor, err)
	}
	_, err = act(actor) // a chain
	wantCode(t, err, iam.Denied)
	got := w.events(store.Query{Action: "iam.service_account.impersonate", Status: iam.Success})
	if len(got) != 1 || got[0].Org != w.org || got[0].ActorName == foreign.Name || got[0].ActorEmail != "" || got[0].ActorID != foreign.Principal.ID {
		t.Errorf("the log of the service account's organization has %+v", got)
	}
	p := w.enter(foreign, control.ListAuditLogs, control.On(iam.AnyOf(iam.TypeAuditLog)))
	own, _, err := p.Events(t.Context(), store.Query{Action: "iam.service_account.impersonate", Status: iam.Success, Limit: 10})
	if err != nil || len(own) != 1 || own[0].ActorName != foreign.Name || own[0].Details["organization_id"] != w.org.String() {
		t.Errorf("the log at home has %+v, %v", own, err)
	}
	// The trust ends while a call is under way.
	late := w.enter(foreign, control.ImpersonateServiceAccount, on)
	w.write(w.owner, control.DetachTrustedRoot, on, func(d *iam.Draft) error { return d.DistrustRoot(account, number) })
	_, err = w.Impersonate(t.Context(), late, account)
	wantCode(t, err, iam.Denied)
	_, err = w.Authenticate(t.Context(), control.Presented{Bearer: token.Token})
	wantCode(t, err, iam.Unauthenticated)
}

// TestIssueToken: only an access key is exchanged, and the token is its bearer's.
func TestIssueToken(t *testing.T) {
	w := newWorld(t)
	issued, shown := w.key(control.NewCredential{Principal: w.owner.Principal})
	by := func(a iam.Actor) (*control.AccessToken, error) {
		return w.IssueToken(w.enter(a, control.IssueToken, control.On(a.Principal.CRN())))
	}
	token, err := by(w.actor(shown))
	if err != nil {
		t.Fatal(err)
	}
	actor, err := w.Authenticate(t.Context(), control.Presented{Bearer: token.Token})
	if err != nil || actor.Principal != w.owner.Principal || actor.Credential != issued.Credential.ID || actor.Borrowed() {
		t.Errorf("%+v, %v", actor, err)
	}
	_, err = by(w.owner) // whose credential is a signed token
	wantCode(t, err, iam.Denied)
	_, shown = w.key(control.NewCredential{Principal: iam.Principal{Kind: iam.KindOfRole, ID: w.role("job").UUID}})
	_, err = by(w.actor(shown)) // which VNG Cloud has no word for
	wantCode(t, err, iam.Denied)
}
