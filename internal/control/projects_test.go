package control_test

import (
	"fmt"
	"testing"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/store"
)

const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL2Xrypg7+M4/SY2kpQDqzUvFmB0yAH99B006zNxgjZo ada"

var anySSHKey = iam.AnyOf(iam.TypeSSHKey)

// project makes a project.
func (w *world) project(name string) iam.ProjectID {
	w.t.Helper()
	id := iam.ProjectID{UUID: w.NewID()}
	w.write(w.owner, control.CreateProject, control.On(iam.AnyOf(iam.TypeProject)), func(d *iam.Draft) error {
		_, err := d.CreateProject(iam.Project{ID: id, Name: name})
		return err
	})
	return id
}

// in is the target of a call about no particular SSH key of a project.
func in(id iam.ProjectID) control.Target {
	return control.Target{Resources: []iam.CRN{anySSHKey}, Project: id}
}

// sshKey makes an SSH key as the owner.
func (w *world) sshKey(project iam.ProjectID) iam.CRN {
	w.t.Helper()
	k, revision, err := w.CreateSSHKey(w.t.Context(), w.enter(w.owner, control.CreateSSHKey, control.On(anySSHKey)), iam.SSHKey{Name: "laptop", PublicKey: publicKey, Project: project})
	if err != nil || revision == 0 {
		w.t.Fatal(err)
	}
	return iam.Name(iam.TypeSSHKey, k.ID.UUID)
}

// rules gives a service account a policy in Scaleway's language, or in statements.
func (w *world) rules(a iam.Actor, language policy.Language, document string) {
	w.t.Helper()
	w.write(w.owner, control.AttachServiceAccountPolicy, control.On(a.Principal.CRN()), func(d *iam.Draft) error {
		id := iam.PolicyID{UUID: w.NewID()}
		if _, err := d.CreatePolicy(iam.Policy{ID: id, Name: id.String(), Language: language, Document: document}); err != nil {
			return err
		}
		return d.Attach(id, iam.Holder{Type: iam.TypeServiceAccount, ID: a.Principal.ID})
	})
}

// TestSSHKeysOfProjects: whoever has rights in some projects alone uses the SSH keys of those, and learns nothing of others.
func TestSSHKeysOfProjects(t *testing.T) {
	w := newWorld(t)
	web, shop := w.project("web"), w.project("shop")
	own := iam.DefaultProject(w.org)
	full, _ := w.account("full")
	w.rules(full, policy.Scaleway, fmt.Sprintf(`{"rules":[{"permission_set_names":["SSHKeysFullAccess"],"project_ids":["%s"]}]}`, web))
	reader, _ := w.account("reader")
	w.rules(reader, policy.Scaleway, fmt.Sprintf(`{"rules":[{"permission_set_names":["SSHKeysReadOnly"],"project_ids":["%s","%s"]}]}`, web, own))
	everywhere, _ := w.account("everywhere")
	w.rules(everywhere, policy.Scaleway, fmt.Sprintf(`{"rules":[{"permission_set_names":["SSHKeysFullAccess"],"organization_id":"%s"}]}`, w.org))
	native, _ := w.account("native")
	w.rules(native, policy.Statements, fmt.Sprintf(`{"statements":[{"effect":"allow","actions":["iam:*SSHKey*"],"conditions":[{"operator":"equals","key":"iam:project_id","values":["%s"]}]}]}`, web))
	inWeb, inShop, inOwn := w.sshKey(web), w.sshKey(shop), w.sshKey(iam.ProjectID{})
	missing := iam.Name(iam.TypeSSHKey, w.NewID())
	foreign := func() iam.CRN {
		_, owner := w.organization("Other", "otto@other.example")
		k, _, err := w.CreateSSHKey(t.Context(), w.enter(owner, control.CreateSSHKey, control.On(anySSHKey)), iam.SSHKey{Name: "theirs", PublicKey: publicKey})
		if err != nil {
			t.Fatal(err)
		}
		return iam.Name(iam.TypeSSHKey, k.ID.UUID)
	}()
	list, create, get, update := control.ListSSHKeys, control.CreateSSHKey, control.GetSSHKey, control.UpdateSSHKey
	for _, c := range []struct {
		who  string
		a    iam.Actor
		op   *control.Operation
		on   control.Target
		want bool
	}{
		{"full", full, list, in(web), true},
		{"full", full, list, in(shop), false},
		{"full", full, list, in(own), false},
		{"full", full, list, control.On(anySSHKey), false},
		{"full", full, list, in(iam.ProjectID{UUID: w.NewID()}), false},
		{"full", full, create, in(web), true},
		{"full", full, create, in(own), false},
		{"full", full, create, control.On(anySSHKey), false},
		{"full", full, get, control.On(inWeb), true},
		{"full", full, get, control.On(inShop), false},
		{"full", full, get, control.Target{Resources: []iam.CRN{inShop}, Project: web}, false}, // its own project counts
		{"full", full, get, control.Target{Resources: []iam.CRN{missing}, Project: web}, false},
		{"full", full, get, control.Target{Resources: []iam.CRN{foreign}, Project: web}, false},
		{"full", full, get, control.Target{Resources: []iam.CRN{inWeb, inShop}}, false},
		{"full", full, update, control.On(inWeb), true},
		{"full", full, control.DeleteSSHKey, control.On(inShop), false},
		{"full", full, control.ListGroups, control.Target{Resources: []iam.CRN{iam.AnyOf(iam.TypeGroup)}, Project: web}, false},
		{"reader", reader, list, in(own), true},
		{"reader", reader, list, in(shop), false},
		{"reader", reader, get, control.On(inOwn), true},
		{"reader", reader, get, control.Target{Resources: []iam.CRN{inWeb, inWeb}}, true},
		{"reader", reader, update, control.On(inWeb), false},
		{"reader", reader, create, in(web), false},
		{"everywhere", everywhere, list, control.On(anySSHKey), true},
		{"everywhere", everywhere, get, control.On(inShop), true},
		{"everywhere", everywhere, get, control.On(missing), true},
		{"native", native, get, control.On(inWeb), true},
		{"native", native, get, control.On(inOwn), false},
		{"native", native, create, in(web), true},
	} {
		_, err := w.Enter(t.Context(), w.call(c.a), c.op, c.on)
		if (err == nil) != c.want {
			t.Errorf("%s does %s on %v in %s: %v", c.who, c.op.Action, c.on.Resources, c.on.Project, err)
		} else if err != nil {
			wantCode(t, err, iam.Denied)
		}
		if len(c.on.Resources) != 1 || c.on.Resources[0].ID == "*" { // of which the question says no project
			continue
		}
		p := w.enter(w.owner, control.Authorize, control.On(iam.AnyOf(iam.TypeOrganization)))
		got := w.Authorize(p, control.Question{Principal: c.a.Principal.CRN(), Action: c.op.Action, Resources: c.on.Resources})
		if got.Allowed() != c.want {
			t.Errorf("asked whether %s may do %s on %s, it says %s", c.who, c.op.Action, c.on.Resources[0], got.Reason)
		}
	}
	// Who asks about a project in particular is answered about that.
	p := w.enter(w.owner, control.Authorize, control.On(iam.AnyOf(iam.TypeOrganization)))
	for project, want := range map[iam.ProjectID]bool{web: true, shop: false} {
		got := w.Authorize(p, control.Question{Principal: full.Principal.CRN(), Action: "iam:CreateSSHKey", Resources: []iam.CRN{anySSHKey},
			Context: policy.Context{ProjectID: project.String()}})
		if got.Allowed() != want {
			t.Errorf("in %s: %s", project, got.Reason)
		}
	}
}

// TestCreateSSHKey: a key is made in the project that was decided on, whatever the call began with.
func TestCreateSSHKey(t *testing.T) {
	w := newWorld(t)
	web, shop := w.project("web"), w.project("shop")
	a, _ := w.account("full")
	w.rules(a, policy.Scaleway, fmt.Sprintf(`{"rules":[{"permission_set_names":["SSHKeysFullAccess"],"project_ids":["%s"]}]}`, web))
	create := func(project iam.ProjectID) (*iam.SSHKey, error) {
		k, _, err := w.CreateSSHKey(t.Context(), w.enter(a, control.CreateSSHKey, in(web)), iam.SSHKey{Name: "desk", PublicKey: publicKey, Project: project})
		return k, err
	}
	k, err := create(web)
	if err != nil || k.Project != web || k.Name != "desk" || k.Fingerprint == "" {
		t.Fatalf("got %+v, %v", k, err)
	}
	for _, project := range []iam.ProjectID{shop, {}, {UUID: w.NewID()}} {
		_, err := create(project)
		wantCode(t, err, iam.Denied)
	}
	_, _, err = w.CreateSSHKey(t.Context(), w.enter(w.owner, control.CreateSSHKey, control.On(anySSHKey)), iam.SSHKey{Name: "x", PublicKey: publicKey, Project: iam.ProjectID{UUID: w.NewID()}})
	wantCode(t, err, iam.NotFound)
	_, _, err = w.CreateSSHKey(t.Context(), w.enter(w.owner, control.CreateSSHKey, control.On(anySSHKey)), iam.SSHKey{Name: "x", PublicKey: "ssh-rsa"})
	wantCode(t, err, iam.Invalid)

	// Rights that are gone when it is written are gone.
	p := w.enter(a, control.CreateSSHKey, in(web))
	w.write(w.owner, control.DetachServiceAccountPolicy, control.On(a.Principal.CRN()), func(d *iam.Draft) error {
		return d.ReplaceAttachments(iam.Holder{Type: iam.TypeServiceAccount, ID: a.Principal.ID}, nil)
	})
	_, _, err = w.CreateSSHKey(t.Context(), p, iam.SSHKey{Name: "late", PublicKey: publicKey, Project: web})
	wantCode(t, err, iam.Denied)

	keys := w.enter(w.owner, control.ListSSHKeys, control.On(anySSHKey)).View().SSHKeys()
	if keys.Len() != 1 {
		t.Errorf("%d keys were made", keys.Len())
	}
	if got := w.events(store.Query{Action: "iam.ssh_key.create", Status: iam.Success}); len(got) != 1 || got[0].ResourceType != "ssh_key" || got[0].ResourceID != k.ID.String() ||
		got[0].ResourceName != "desk" || got[0].Details["project_id"] != web.String() {
		t.Errorf("events: %+v", got)
	}
	w.write(w.owner, control.DeleteSSHKey, control.On(iam.Name(iam.TypeSSHKey, k.ID.UUID)), func(d *iam.Draft) error { return d.DeleteSSHKey(k.ID) })
	if got := w.events(store.Query{Action: "iam.ssh_key.delete"}); len(got) != 1 || got[0].ResourceName != "desk" {
		t.Errorf("events: %+v", got)
	}
}
