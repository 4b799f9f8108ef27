package iam

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/writ-iam/writ/internal/policy"
)

// inProject is a document of one rule about one project.
func inProject(id ProjectID) string {
	return fmt.Sprintf(`{"rules":[{"permission_set_names":["InstancesReadOnly"],"project_ids":["%s"]}]}`, id)
}

func makeProject(n int, name string) func(*Draft) error {
	return func(d *Draft) error {
		return second(d.CreateProject(Project{ID: projectID(n), Name: name, Description: "of " + name}))
	}
}

func editProject(id ProjectID, edit func(*Project)) func(*Draft) error {
	return func(d *Draft) error { return second(d.UpdateProject(id, edit)) }
}

func TestProjects(t *testing.T) {
	w := newWorld(t, 1)
	own := DefaultProject(orgID(1))
	if own.UUID != orgID(1).UUID {
		t.Errorf("the default project is %s", own)
	}
	later(w)
	w.accept(makeProject(1, "web"))
	w.now = epoch.Add(-time.Hour) // a clock that goes back does not put a project before the default one
	w.accept(makeProject(2, "Web"))
	want := []*Project{
		{ID: own, Name: "default", CreatedAt: epoch, UpdatedAt: epoch},
		{ID: projectID(2), Name: "Web", Description: "of Web", CreatedAt: w.now, UpdatedAt: w.now},
		{ID: projectID(1), Name: "web", Description: "of web", CreatedAt: epoch.Add(2*time.Minute + time.Second), UpdatedAt: epoch.Add(2*time.Minute + time.Second)},
	}
	if diff := cmp.Diff(want, slices.Collect(w.s.Projects().All()), cmpopts.IgnoreUnexported(Project{})); diff != "" {
		t.Errorf("projects (-want +got):\n%s", diff)
	}
	for p := range w.s.Projects().All() {
		if p.Default() != (p.ID == own) {
			t.Errorf("%q is the default one: %v", p.Name, p.Default())
		}
	}
	if w.s.ProjectCount() != 2 || w.s.NameOf(Name(TypeProject, projectID(1).UUID)) != "web" || w.s.NameOf(Name(TypeProject, own.UUID)) != "default" {
		t.Errorf("%d projects", w.s.ProjectCount())
	}
	later(w)
	w.accept(editProject(projectID(1), func(p *Project) {
		p.Name, p.Description, p.ID, p.CreatedAt, p.byDefault = "shop", "", own, epoch, true
	}))
	got, err := w.s.Project(projectID(1))
	if err != nil || got.Name != "shop" || got.Description != "" || got.Default() || !got.UpdatedAt.Equal(w.now) || got.CreatedAt.Equal(epoch) {
		t.Errorf("got %+v, %v", got, err)
	}
	unchanged(w, editProject(projectID(1), func(p *Project) { p.UpdatedAt = w.now }))
	w.accept(func(d *Draft) error { return d.DeleteProject(projectID(1)) })
	w.refuse(NotFound, "", func(d *Draft) error { return d.DeleteProject(projectID(1)) })
	w.accept(makeProject(3, "shop"))
	if w.s.Projects().Len() != 3 {
		t.Errorf("%d projects are listed", w.s.Projects().Len())
	}
}

func TestProjectsRefused(t *testing.T) {
	own := DefaultProject(orgID(1))
	long := strings.Repeat("é", MaxDescription+1)
	refuseAll(t, []refusal{
		{"no name", Invalid, "name", makeProject(9, "")},
		{"a bad name", Invalid, "name", makeProject(9, "a\x00")},
		{"a description too long", Invalid, "description", func(d *Draft) error {
			return second(d.CreateProject(Project{ID: projectID(9), Name: "n", Description: long}))
		}},
		{"the name of the default one", Exists, "name", makeProject(9, "default")},
		{"a name that is taken", Exists, "name", func(d *Draft) error { return errors.Join(makeProject(8, "n")(d), makeProject(9, "n")(d)) }},
		{"the id of the default one", Internal, "", func(d *Draft) error { return second(d.CreateProject(Project{ID: own, Name: "n"})) }},
		{"the nil id", Internal, "", func(d *Draft) error { return second(d.CreateProject(Project{Name: "n"})) }},
		{"no room", Quota, QuotaProjects, func(d *Draft) error {
			return errors.Join(d.SetQuota(QuotaProjects, 1), makeProject(8, "m")(d), makeProject(9, "n")(d))
		}},
		{"renaming what is not there", NotFound, "", editProject(projectID(9), func(*Project) {})},
		{"renaming the default one", Immutable, "", editProject(own, func(p *Project) { p.Name = "main" })},
		{"describing the default one", Immutable, "", editProject(own, func(p *Project) { p.Description = "x" })},
		{"deleting the default one", Immutable, "", func(d *Draft) error { return d.DeleteProject(own) }},
		{"deleting what is not there", NotFound, "", func(d *Draft) error { return d.DeleteProject(projectID(9)) }},
		{"deleting another organization's", NotFound, "", func(d *Draft) error { return d.DeleteProject(DefaultProject(orgID(2))) }},
		{"renaming to one that is taken", Exists, "name", func(d *Draft) error {
			return errors.Join(makeProject(9, "n")(d), editProject(projectID(9), func(p *Project) { p.Name = "default" })(d))
		}},
	})
}

// TestProjectsInUse: a project that something names stays, until nothing does.
func TestProjectsInUse(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(func(d *Draft) error { return errors.Join(makeProject(1, "web")(d), makeProject(2, "shop")(d)) })
	remove := func(n int) func(*Draft) error { return func(d *Draft) error { return d.DeleteProject(projectID(n)) } }
	upper := strings.Replace(inProject(projectID(1)), projectID(1).String(), strings.ToUpper(projectID(1).String()), 1)
	for what, c := range map[string]struct{ use, free func(*Draft) error }{
		"a policy": {func(d *Draft) error {
			return second(d.CreatePolicy(Policy{ID: policyID(9), Name: "rules", Language: policy.Scaleway, Document: upper}))
		}, func(d *Draft) error { return d.DeletePolicy(policyID(9)) }},
		"a policy, escaped": {func(d *Draft) error {
			return second(d.CreatePolicy(Policy{ID: policyID(9), Name: "rules", Language: policy.Scaleway,
				Document: strings.Replace(inProject(projectID(1)), `["`+projectID(1).String()[:1], fmt.Sprintf(`["\u%04x`, projectID(1).String()[0]), 1)}))
		}, editPolicy(9, func(p *Policy) { p.Document = inProject(projectID(2)) })},
		"a policy of a credential": {func(d *Draft) error {
			k := accessKey(9, asUser(1))
			k.Policies = []CredentialPolicy{{ID: policyID(8), Language: policy.Scaleway, Document: inProject(projectID(1))}}
			return second(d.CreateCredential(k))
		}, func(d *Draft) error { return d.DeleteCredential(asUser(1), credentialID(9)) }},
	} {
		t.Run(what, func(t *testing.T) {
			was := *w
			w := &was
			w.t = t
			w.accept(c.use)
			w.refuse(InUse, "", remove(1))
			w.accept(c.free)
			w.accept(remove(1))
		})
	}
	// What only looks like it does not count: another language, a condition, the name of the other project.
	w.accept(func(d *Draft) error {
		condition := fmt.Sprintf(`{"rules":[{"permission_set_names":["InstancesReadOnly"],"organization_id":"%s","condition":"resource.id == \"%s\""}]}`,
			orgID(1), projectID(1))
		return errors.Join(
			second(d.CreatePolicy(Policy{ID: policyID(9), Name: "rules", Language: policy.Scaleway, Document: condition})),
			makePolicy(10, "statement", fmt.Sprintf(`{"statements":[{"effect":"allow","actions":["*"],"conditions":[{"operator":"equals","key":"iam:project_id","values":["%s"]}]}]}`, projectID(1)))(d))
	})
	w.accept(remove(1))
}

// TestCredentialsInProjects: a credential is in the default project unless it names another, which stays while it does.
func TestCredentialsInProjects(t *testing.T) {
	w := newWorld(t, 1)
	own := DefaultProject(orgID(1))
	w.accept(makeProject(1, "web"))
	in := func(id ProjectID) Credential {
		k := accessKey(9, asUser(1))
		k.Project, k.Description, k.CreationIP = id, "nightly\nbackup", "192.0.2.1"
		return k
	}
	project := func(n int) ProjectID {
		k, err := w.s.Credential(credentialID(n))
		if err != nil {
			t.Fatal(err)
		}
		return k.Project
	}
	if project(1) != own || project(3) != own {
		t.Errorf("credentials that name no project are in %s", project(1))
	}
	w.refuse(NotFound, "project", func(d *Draft) error { return second(d.CreateCredential(in(projectID(9)))) })
	w.refuse(NotFound, "project", func(d *Draft) error { return second(d.CreateCredential(in(DefaultProject(orgID(2))))) })
	w.refuse(Invalid, "description", func(d *Draft) error {
		k := in(own)
		k.Description = "a\x00"
		return second(d.CreateCredential(k))
	})
	w.accept(func(d *Draft) error { return second(d.CreateCredential(in(projectID(1)))) })
	w.refuse(InUse, "", func(d *Draft) error { return d.DeleteProject(projectID(1)) })

	update := func(edit func(*Credential)) func(*Draft) error {
		return func(d *Draft) error { return second(d.UpdateCredential(asUser(1), credentialID(9), edit)) }
	}
	w.refuse(NotFound, "project", update(func(k *Credential) { k.Project = projectID(9) }))
	w.refuse(Invalid, "description", update(func(k *Credential) { k.Description = "\xff" }))
	unchanged(w, update(func(k *Credential) { k.CreationIP = "198.51.100.1" }))
	later(w)
	w.accept(update(func(k *Credential) { k.Description, k.Project = "", ProjectID{} }))
	k, _ := w.s.Credential(credentialID(9))
	if k.Description != "" || k.Project != own || k.CreationIP != "192.0.2.1" || !k.UpdatedAt.Equal(w.now) {
		t.Errorf("got %+v", k)
	}
	w.accept(func(d *Draft) error { return d.DeleteProject(projectID(1)) })

	// A record of a version without projects.
	old := `{"id":"` + credentialID(8).String() + `","principal":{"kind":"user","id":"` + userID(1).String() + `"},"kind":"token","name":"t","created_at":"2025-01-02T03:04:05Z"}`
	next, err := w.s.Apply(w.s.Revision()+1, []Change{{Kind: KindCredential, ID: credentialID(8).UUID, Data: json.RawMessage(old)}})
	if err != nil {
		t.Fatal(err)
	}
	if k, err := next.Credential(credentialID(8)); err != nil || k.Project != own {
		t.Errorf("got %+v, %v", k, err)
	}
}
