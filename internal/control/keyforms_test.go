package control_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
)

// TestScalewayKey: a key in Scaleway's form proves its bearer by the secret alone, as that vendor's clients show it, keeps its
// form when it gets a new secret, and says where it was made and for which project.
func TestScalewayKey(t *testing.T) {
	w := newWorld(t)
	a, _ := w.account("ci")
	secret := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	made, shown := w.key(control.NewCredential{Principal: a.Principal, Form: authn.Scaleway, Name: "backup", Description: "nightly"})
	k := made.Credential
	if authn.FormOf(k.AccessKey) != authn.Scaleway || !secret.MatchString(made.Secret) || k.Description != "nightly" ||
		k.CreationIP != "203.0.113.7" || k.Project != iam.DefaultProject(w.org) {
		t.Errorf("got %+v", k)
	}
	for _, shown := range []control.Presented{{Bearer: made.Secret}, shown} {
		if got := w.actor(shown); got.Principal != a.Principal || got.Credential != k.ID {
			t.Errorf("it proves %+v", got)
		}
	}
	refused := func(shown control.Presented) {
		t.Helper()
		_, err := w.Authenticate(t.Context(), shown)
		wantCode(t, err, iam.Unauthenticated)
	}
	refused(control.Presented{Bearer: k.AccessKey})
	refused(control.Presented{Bearer: "11111111-1111-4111-8111-111111111111"})
	refused(control.Presented{AccessKey: k.AccessKey, Secret: "11111111-1111-4111-8111-111111111111"})

	again, err := w.RollCredential(t.Context(), w.enter(w.owner, control.RollServiceAccountCredential, control.On(a.Principal.CRN())), a.Principal, k.ID, "")
	if err != nil || !secret.MatchString(again.Secret) || again.Credential.AccessKey != k.AccessKey {
		t.Fatalf("got %+v, %v", again, err)
	}
	w.secrets = append(w.secrets, again.Secret)
	refused(control.Presented{Bearer: made.Secret})
	w.actor(control.Presented{Bearer: again.Secret})

	// It ends with its time, and stays listed.
	until := w.clock.Now().Add(time.Minute)
	w.change(k, func(k *iam.Credential) { k.ExpiresAt, k.Description = &until, "" })
	w.clock.advance(time.Minute)
	refused(control.Presented{Bearer: again.Secret})
	list := w.enter(w.owner, control.ListServiceAccountCredentials, control.On(a.Principal.CRN())).View().CredentialsOf(a.Principal.ID)
	if list.Len() != 2 {
		t.Errorf("%d keys are listed", list.Len())
	}
}

// TestKeyForms: what a key is called, and which project it may name.
func TestKeyForms(t *testing.T) {
	w := newWorld(t)
	a, _ := w.account("ci")
	create := func(in control.NewCredential) (*control.Issued, error) {
		in.Principal = a.Principal
		return w.CreateAccessKey(t.Context(), w.enter(w.owner, control.CreateServiceAccountCredential, control.On(a.Principal.CRN())), in)
	}
	made, err := create(control.NewCredential{Form: authn.Scaleway})
	if err != nil || made.Credential.Name != made.Credential.AccessKey {
		t.Errorf("got %+v, %v", made, err)
	}
	_, err = create(control.NewCredential{})
	wantCode(t, err, iam.Invalid)
	_, err = create(control.NewCredential{Name: "x", Form: 99})
	wantCode(t, err, iam.Internal)
	_, err = create(control.NewCredential{Name: "x", Project: iam.ProjectID{UUID: w.NewID()}})
	wantCode(t, err, iam.NotFound)
	project := iam.ProjectID{UUID: w.NewID()}
	w.write(w.owner, control.CreateProject, control.On(iam.AnyOf(iam.TypeProject)), func(d *iam.Draft) error {
		_, err := d.CreateProject(iam.Project{ID: project, Name: "web"})
		return err
	})
	if made, err := create(control.NewCredential{Name: "x", Project: project}); err != nil || made.Credential.Project != project {
		t.Errorf("got %+v, %v", made, err)
	}
	_, err = w.enter(w.owner, control.DeleteProject, control.On(iam.Name(iam.TypeProject, project.UUID))).Write(t.Context(), func(d *iam.Draft) error {
		return d.DeleteProject(project)
	})
	wantCode(t, err, iam.InUse)
}
