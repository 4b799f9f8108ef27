package iam

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// testSSHKeys are two keys, and what is none.
var testSSHKeys = []string{
	"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL2Xrypg7+M4/SY2kpQDqzUvFmB0yAH99B006zNxgjZo ada",
	"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDAo/IflJs1qlZL05DG1i1zJ9lzvu5nlRyeb5AHxfM8KYf3EXCILwKlMEij609KsIVQXH1fF+mm/XDaMbOknvhbBhVtgt44XpfQTn7LmA20+Nc8hvsjGvsXXErK/ot1tlAfNd0XGSIeO9MTnoroSdiE0vVazUUkEv7QlFi5Ec8uuw==",
	"ssh-ed25519 AAAA",
}

func makeSSHKey(n int, in ProjectID) func(*Draft) error {
	return func(d *Draft) error {
		return second(d.CreateSSHKey(SSHKey{ID: sshKeyID(n), Project: in, Name: "laptop", PublicKey: testSSHKeys[0]}))
	}
}

func TestSSHKeys(t *testing.T) {
	w := newWorld(t, 1)
	own := DefaultProject(orgID(1))
	w.accept(makeProject(1, "web"))
	w.accept(func(d *Draft) error {
		return second(d.CreateSSHKey(SSHKey{ID: sshKeyID(1), Name: "laptop", PublicKey: " " + testSSHKeys[0] + "\n", Fingerprint: "made up", Disabled: true}))
	})
	want := &SSHKey{ID: sshKeyID(1), Project: own, Name: "laptop", PublicKey: testSSHKeys[0], CreatedAt: w.now, UpdatedAt: w.now,
		Fingerprint: "256 MD5:bf:a2:4c:37:28:aa:f4:26:3b:d8:c1:9a:53:71:81:39 ada (ssh-ed25519)"}
	got, err := w.s.SSHKey(sshKeyID(1))
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if w.s.NameOf(Name(TypeSSHKey, got.ID.UUID)) != "laptop" {
		t.Error("it has another name in events")
	}
	w.accept(makeSSHKey(2, projectID(1))) // the same key, under the same name, in another project
	w.accept(func(d *Draft) error {
		return second(d.CreateSSHKey(SSHKey{ID: sshKeyID(3), Name: strings.Repeat("é", MaxSSHKeyName), PublicKey: testSSHKeys[1]}))
	})
	for name, n := range map[string]int{"laptop": 2, "Laptop": 0, "lap*": 2, "": 3} {
		if page, err := w.s.SSHKeys().Page(PageQuery[*SSHKey]{Name: name, Limit: 10}); err != nil || page.Total != n {
			t.Errorf("%q finds %d, %v", name, page.Total, err)
		}
	}
	for _, c := range []struct {
		of   CRN
		want ProjectID
	}{
		{Name(TypeSSHKey, sshKeyID(1).UUID), own},
		{Name(TypeSSHKey, sshKeyID(2).UUID), projectID(1)},
		{Name(TypeSSHKey, sshKeyID(9).UUID), ProjectID{}},
		{Name(TypeCredential, sshKeyID(2).UUID), ProjectID{}},
		{CRN{Service: "compute", Type: TypeSSHKey, ID: sshKeyID(2).String()}, ProjectID{}},
		{CRN{Region: "eu1", Service: "iam", Type: TypeSSHKey, ID: sshKeyID(2).String()}, ProjectID{}},
		{AnyOf(TypeSSHKey), ProjectID{}},
	} {
		if got, ok := w.s.ProjectOf(c.of); got != c.want || ok == c.want.IsZero() {
			t.Errorf("%s is in %s, %v", c.of, got, ok)
		}
	}
	later(w)
	edit := func(n int, f func(*SSHKey)) func(*Draft) error {
		return func(d *Draft) error { return second(d.UpdateSSHKey(sshKeyID(n), f)) }
	}
	w.accept(edit(1, func(k *SSHKey) {
		k.Name, k.Disabled, k.Project, k.PublicKey, k.Fingerprint, k.CreatedAt = "desk", true, projectID(1), testSSHKeys[1], "", w.now
	}))
	want.Name, want.Disabled, want.UpdatedAt = "desk", true, w.now
	if got, _ := w.s.SSHKey(sshKeyID(1)); cmp.Diff(want, got) != "" {
		t.Errorf("(-want +got):\n%s", cmp.Diff(want, got))
	}
	unchanged(w, edit(1, func(k *SSHKey) { k.PublicKey = testSSHKeys[1] }))
	w.refuse(InUse, "", func(d *Draft) error { return d.DeleteProject(projectID(1)) })
	w.accept(func(d *Draft) error { return d.DeleteSSHKey(sshKeyID(2)) })
	w.refuse(NotFound, "", func(d *Draft) error { return d.DeleteSSHKey(sshKeyID(2)) })
	w.refuse(NotFound, "", edit(2, func(*SSHKey) {}))
	w.refuse(Invalid, "name", edit(1, func(k *SSHKey) { k.Name = "" }))
	w.accept(func(d *Draft) error { return d.DeleteProject(projectID(1)) })
	if left := slices.Collect(w.s.SSHKeys().All()); len(left) != 2 {
		t.Errorf("%d keys are left", len(left))
	}
}

func TestSSHKeysRefused(t *testing.T) {
	create := func(k SSHKey) func(*Draft) error { return func(d *Draft) error { return second(d.CreateSSHKey(k)) } }
	good := SSHKey{ID: sshKeyID(9), Name: "n", PublicKey: testSSHKeys[0]}
	with := func(edit func(*SSHKey)) func(*Draft) error {
		k := good
		edit(&k)
		return create(k)
	}
	refuseAll(t, []refusal{
		{"no name", Invalid, "name", with(func(k *SSHKey) { k.Name = "" })},
		{"a name too long", Invalid, "name", with(func(k *SSHKey) { k.Name = strings.Repeat("é", MaxSSHKeyName+1) })},
		{"a name of two lines", Invalid, "name", with(func(k *SSHKey) { k.Name = strings.Repeat("é", MaxName) + "\n" })},
		{"a name that is no text", Invalid, "name", with(func(k *SSHKey) { k.Name = "\xff" })},
		{"no key", Invalid, "public_key", with(func(k *SSHKey) { k.PublicKey = "" })},
		{"a bad key", Invalid, "public_key", with(func(k *SSHKey) { k.PublicKey = testSSHKeys[2] })},
		{"two keys", Invalid, "public_key", with(func(k *SSHKey) { k.PublicKey = testSSHKeys[0] + "\n" + testSSHKeys[1] })},
		{"an unknown project", NotFound, "project", with(func(k *SSHKey) { k.Project = projectID(9) })},
		{"another organization's project", NotFound, "project", with(func(k *SSHKey) { k.Project = DefaultProject(orgID(2)) })},
		{"the nil id", Internal, "", with(func(k *SSHKey) { k.ID = SSHKeyID{} })},
		{"an id that is taken", Internal, "", func(d *Draft) error { return errors.Join(create(good)(d), create(good)(d)) }},
	})
}
