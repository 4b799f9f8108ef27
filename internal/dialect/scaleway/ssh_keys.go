package scaleway

import (
	"fmt"
	"slices"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/sshkey"
	"github.com/writ-iam/writ/internal/wire"
)

// anSSHKey lies in a project, and is authorized there: a list over the whole organization needs a right that is not about some projects
// alone (section 7).
var anSSHKey = thing{"ssh_key", iam.TypeSSHKey, "ssh_key_id"}

func sshKeyRoutes() []route {
	const all, each = "/ssh-keys", "/ssh-keys/{ssh_key_id}"
	return []route{
		anSSHKey.does(lists, get, all, control.ListSSHKeys, sshKeysOfProject, listSSHKeys),
		anSSHKey.does(creates, post, all, control.CreateSSHKey, sshKeyForProject, createSSHKey),
		anSSHKey.does(reads, get, each, control.GetSSHKey, anSSHKey.one, getSSHKey),
		anSSHKey.does(writes, patch, each, control.UpdateSSHKey, anSSHKey.one, updateSSHKey),
		anSSHKey.does(deletes, del, each, control.DeleteSSHKey, anSSHKey.one, deleteSSHKey),
	}
}

// sshKeysOfProject is the target of a list, in the project that the query names.
func sshKeysOfProject(c *wire.Call) control.Target {
	t := anSSHKey.any(c)
	t.Project.UUID, _ = readQuery(c).id("project_id")
	return t
}

// sshKeyForProject is the target of a creation, in the project that the body names or else the default one.
func sshKeyForProject(c *wire.Call) control.Target {
	t := anSSHKey.any(c)
	var in sshKeyRequest
	c.Peek(&in)
	var f form
	if t.Project = in.project(&f); t.Project.IsZero() {
		t.Project = iam.DefaultProject(c.In.Actor.Org)
	}
	return t
}

// sshKey is section 4.9.
type sshKey struct {
	ID             string    `json:"id"`
	Name           string    `json:"name"`
	PublicKey      string    `json:"public_key"`
	Fingerprint    string    `json:"fingerprint"`
	CreatedAt      timestamp `json:"created_at"`
	UpdatedAt      timestamp `json:"updated_at"`
	OrganizationID string    `json:"organization_id"`
	ProjectID      string    `json:"project_id"`
	Disabled       bool      `json:"disabled"`
}

func (c *call) sshKey(k *iam.SSHKey) sshKey {
	return sshKey{k.ID.String(), k.Name, k.PublicKey, k.Fingerprint, timestamp(k.CreatedAt), timestamp(k.UpdatedAt), c.View().ID().String(),
		k.Project.String(), k.Disabled}
}

var sshKeyOrders = orders[*iam.SSHKey]{
	"created_at": byTime(sshKeyCreated),
	"updated_at": byTime(func(k *iam.SSHKey) time.Time { return k.UpdatedAt }),
	"name":       byText(sshKeyName),
}

func sshKeyName(k *iam.SSHKey) string       { return k.Name }
func sshKeyID(k *iam.SSHKey) iam.UUID       { return k.ID.UUID }
func sshKeyCreated(k *iam.SSHKey) time.Time { return k.CreatedAt }

func listSSHKeys(c *call) (*wire.Answer, error) {
	q := c.query()
	list := keepText(q, "name", slices.Collect(c.View().SSHKeys().All()), sshKeyName)
	if id, given := q.id("project_id"); given {
		list = keep(list, func(k *iam.SSHKey) bool { return k.Project.UUID == id })
	}
	list = keepFlag(q, "disabled", list, func(k *iam.SSHKey) bool { return k.Disabled })
	list = sorted(q, list, sshKeyOrders, sshKeyCreated, sshKeyID)
	return paged(c, q, "ssh_keys", list, c.sshKey)
}

func (c *call) sshKeyInPath() (*iam.SSHKey, error) {
	return c.View().SSHKey(iam.SSHKeyID{UUID: pathID(c.Call, anSSHKey.param)})
}

func getSSHKey(c *call) (*wire.Answer, error) {
	k, err := c.sshKeyInPath()
	if err != nil {
		return nil, err
	}
	return c.shown(c.sshKey(k))
}

// sshKeyRequest is a body. What is absent of an update stays as it is.
type sshKeyRequest struct {
	Name      *string `json:"name"`
	PublicKey string  `json:"public_key"`
	ProjectID *string `json:"project_id"`
	Disabled  *bool   `json:"disabled"`
}

func (in *sshKeyRequest) project(f *form) iam.ProjectID {
	return iam.ProjectID{UUID: f.id("project_id", in.ProjectID)}
}

// maxSSHKeyName is the longest name, in characters.
const maxSSHKeyName = 1000

func (in *sshKeyRequest) checkName(f *form) {
	if f.text("name", in.Name, maxSSHKeyName); in.Name != nil && *in.Name == "" {
		f.wrong("name", required, "is required")
	}
}

func createSSHKey(c *call) (*wire.Answer, error) {
	var in sshKeyRequest
	if err := c.body(&in); err != nil {
		return nil, err
	}
	var f form
	k := iam.SSHKey{Name: value(in.Name), PublicKey: in.PublicKey, Project: in.project(&f)}
	in.Name = &k.Name
	in.checkName(&f)
	if _, err := sshkey.Parse(in.PublicKey); in.PublicKey == "" {
		f.wrong("public_key", required, "is required")
	} else if len(in.PublicKey) > sshkey.Max {
		f.wrong("public_key", constraint, fmt.Sprintf("has at most %d bytes", sshkey.Max))
	} else if err != nil {
		f.wrong("public_key", format, err.Error())
	}
	if f.err != nil {
		return nil, f.err
	}
	made, at, err := c.Control.CreateSSHKey(c.Ctx(), c.Permit, k)
	if iam.CodeOf(err) == iam.NotFound {
		return nil, missing(aProject.word, k.Project.String())
	}
	if err != nil {
		return nil, err
	}
	return answer(c.sshKey(made), at), nil
}

func updateSSHKey(c *call) (*wire.Answer, error) {
	k, err := c.sshKeyInPath()
	if err != nil {
		return nil, err
	}
	var in sshKeyRequest
	if err := c.body(&in); err != nil {
		return nil, err
	}
	var f form
	if in.checkName(&f); f.err != nil {
		return nil, f.err
	}
	return write(c, c.sshKey, func(d *iam.Draft) (*iam.SSHKey, error) {
		return d.UpdateSSHKey(k.ID, func(k *iam.SSHKey) {
			if in.Name != nil {
				k.Name = *in.Name
			}
			if in.Disabled != nil {
				k.Disabled = *in.Disabled
			}
		})
	})
}

func deleteSSHKey(c *call) (*wire.Answer, error) {
	k, err := c.sshKeyInPath()
	if err != nil {
		return nil, err
	}
	return removed(c.Permit.Write(c.Ctx(), func(d *iam.Draft) error { return d.DeleteSSHKey(k.ID) }))
}
