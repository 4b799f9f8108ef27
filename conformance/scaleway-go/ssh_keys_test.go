package scalewaygo

import (
	"regexp"
	"testing"

	iam "github.com/scaleway/scaleway-sdk-go/api/iam/v1alpha1"
	"github.com/scaleway/scaleway-sdk-go/scw"
)

var fingerprint = regexp.MustCompile(`^256 MD5:([0-9a-f]{2}:){15}[0-9a-f]{2} ada \(ssh-ed25519\)$`)

func TestSSHKeyLife(t *testing.T) {
	o := newOrganization(t)
	key := publicKey("ada")
	made := must(o.CreateSSHKey(&iam.CreateSSHKeyRequest{Name: "laptop", PublicKey: key + "\n"}))(t)
	isID(t, made.ID)
	isRecent(t, made.CreatedAt)
	if !fingerprint.MatchString(made.Fingerprint) {
		t.Errorf("the fingerprint is %q", made.Fingerprint)
	}
	same(t, "made", &iam.SSHKey{ID: made.ID, Name: "laptop", PublicKey: key, Fingerprint: made.Fingerprint, CreatedAt: made.CreatedAt,
		UpdatedAt: made.UpdatedAt, OrganizationID: o.ID, ProjectID: o.ID, Srn: "srn://iam.127.0.0.1/ssh-keys/" + made.ID}, made)
	same(t, "got", made, must(o.GetSSHKey(&iam.GetSSHKeyRequest{SSHKeyID: made.ID}))(t))
	changed := must(o.UpdateSSHKey(&iam.UpdateSSHKeyRequest{SSHKeyID: made.ID, Name: new("desktop"), Disabled: new(true)}))(t)
	want := *made
	want.Name, want.Disabled, want.UpdatedAt = "desktop", true, changed.UpdatedAt
	same(t, "changed", &want, changed)
	done(t, o.DeleteSSHKey(&iam.DeleteSSHKeyRequest{SSHKeyID: made.ID}))
	_, err := o.GetSSHKey(&iam.GetSSHKeyRequest{SSHKeyID: made.ID})
	missing(t, err, "ssh_key", made.ID)
}

func TestSSHKeyList(t *testing.T) {
	o := newOrganization(t)
	project := o.project("p")
	add := func(name, project string) *iam.SSHKey {
		t.Helper()
		return must(o.CreateSSHKey(&iam.CreateSSHKeyRequest{Name: name, PublicKey: publicKey(""), ProjectID: project}))(t)
	}
	zoe := add("zoe", "")
	add("abe", "")
	add("mid", project)
	must(o.UpdateSSHKey(&iam.UpdateSSHKeyRequest{SSHKeyID: zoe.ID, Disabled: new(true)}))(t)
	list := func(request iam.ListSSHKeysRequest) []string {
		t.Helper()
		return values(must(o.ListSSHKeys(&request, scw.WithAllPages()))(t).SSHKeys, func(k *iam.SSHKey) string { return k.Name })
	}
	same(t, "all", []string{"zoe", "abe", "mid"}, list(iam.ListSSHKeysRequest{}))
	same(t, "by name", []string{"abe", "mid", "zoe"}, list(iam.ListSSHKeysRequest{OrderBy: iam.ListSSHKeysRequestOrderByNameAsc}))
	same(t, "named", []string{"abe"}, list(iam.ListSSHKeysRequest{Name: new("abe")}))
	same(t, "of a project", []string{"mid"}, list(iam.ListSSHKeysRequest{ProjectID: &project}))
	same(t, "disabled", []string{"zoe"}, list(iam.ListSSHKeysRequest{Disabled: new(true)}))
	same(t, "enabled", []string{"abe", "mid"}, list(iam.ListSSHKeysRequest{Disabled: new(false)}))
}

func TestSSHKeyRefusals(t *testing.T) {
	o, other := newOrganization(t), newOrganization(t)
	_, err := o.CreateSSHKey(&iam.CreateSSHKeyRequest{Name: "n"})
	invalid(t, err, "public_key", "required")
	_, err = o.CreateSSHKey(&iam.CreateSSHKeyRequest{Name: "n", PublicKey: "ssh-ed25519 AAAA"})
	invalid(t, err, "public_key", "format")
	_, err = o.CreateSSHKey(&iam.CreateSSHKeyRequest{Name: "n", PublicKey: publicKey(""), ProjectID: other.ID})
	missing(t, err, "project", other.ID)
	_, err = o.GetSSHKey(&iam.GetSSHKeyRequest{SSHKeyID: unknownID})
	missing(t, err, "ssh_key", unknownID)
	_, err = o.GetSSHKey(&iam.GetSSHKeyRequest{SSHKeyID: "abc"})
	invalid(t, err, "ssh_key_id", "format")

	project := o.project("p")
	here := must(o.CreateSSHKey(&iam.CreateSSHKeyRequest{Name: "here", PublicKey: publicKey(""), ProjectID: project}))(t)
	a := o.actor(inProjects([]string{project}, "SSHKeysReadOnly"))
	seen := must(a.ListSSHKeys(&iam.ListSSHKeysRequest{ProjectID: &project}))(t)
	same(t, "of the project", []*iam.SSHKey{here}, seen.SSHKeys)
	_, err = a.ListSSHKeys(&iam.ListSSHKeysRequest{})
	denied(t, err, "list", "ssh_key")
	denied(t, a.DeleteSSHKey(&iam.DeleteSSHKeyRequest{SSHKeyID: here.ID}), "delete", "ssh_key")
}
