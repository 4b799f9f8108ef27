package iam

import (
	"time"

	"github.com/writ-iam/writ/internal/pmap"
	"github.com/writ-iam/writ/internal/sshkey"
)

// SSHKey is a public key with which machines of a project let somebody in.
type SSHKey struct {
	ID          SSHKeyID  `json:"id"`
	Project     ProjectID `json:"project"`
	Name        string    `json:"name"`        // need not be unique
	PublicKey   string    `json:"public_key"`  // as OpenSSH writes it, on one line
	Fingerprint string    `json:"fingerprint"` // of PublicKey, as sshkey.Key gives it
	Disabled    bool      `json:"disabled,omitempty"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
}

func (k *SSHKey) entry() entry { return entry{k.ID.UUID, k.CreatedAt, []string{k.Name}} }

// SSHKey finds an SSH key; NotFound otherwise.
func (s *State) SSHKey(id SSHKeyID) (*SSHKey, error) { return get(&s.sshKeys, id.UUID, "SSH key") }

// SSHKeys lists all SSH keys.
func (s *State) SSHKeys() Listing[*SSHKey] { return all(&s.sshKeys) }

// ProjectOf tells in which project a thing of IAM lies, as rules about projects ask for it. Most things lie in none.
func (s *State) ProjectOf(c CRN) (ProjectID, bool) {
	if c.Type != TypeSSHKey || c.Service != "iam" || c.Region != "" {
		return ProjectID{}, false
	}
	id, err := ParseUUID(c.ID)
	if err != nil {
		return ProjectID{}, false
	}
	k, ok := s.sshKeys.get(id)
	if !ok {
		return ProjectID{}, false
	}
	return k.Project, true
}

func (s *State) putSSHKey(e *pmap.Edit, id UUID, k *SSHKey) {
	old, _ := s.sshKeys.get(id)
	s.sshKeys.replace(e, old, k)
}

// CreateSSHKey adds an SSH key from its Name, PublicKey and Project, which is the default one if it names none. NotFound with the
// field "project" if that is not there. What is no key is Invalid.
func (d *Draft) CreateSSHKey(k SSHKey) (*SSHKey, error) {
	if err := checkNameWithin("name", k.Name, MaxSSHKeyName); err != nil {
		return nil, err
	}
	if err := fresh(&d.s.sshKeys, k.ID.UUID); err != nil {
		return nil, err
	}
	public, err := sshkey.Parse(k.PublicKey)
	if err != nil {
		return nil, FieldErrorf(Invalid, "public_key", "%s", err)
	}
	if k.Project, err = d.inProject(k.Project); err != nil {
		return nil, err
	}
	if err := d.room(QuotaSSHKeys, d.s.sshKeys.len()); err != nil {
		return nil, err
	}
	k.PublicKey, k.Fingerprint, k.Disabled = public.Line, public.Fingerprint(), false
	k.CreatedAt, k.UpdatedAt = d.now, d.now
	d.putSSHKey(&k)
	return &k, nil
}

// UpdateSSHKey lets edit change a copy's Name and Disabled; what else it changes is not taken over. Nothing is touched when nothing
// changes.
func (d *Draft) UpdateSSHKey(id SSHKeyID, edit func(*SSHKey)) (*SSHKey, error) {
	old, err := d.s.SSHKey(id)
	if err != nil {
		return nil, err
	}
	asked := *old
	edit(&asked)
	k := *old
	k.Name, k.Disabled = asked.Name, asked.Disabled
	if err := checkNameWithin("name", k.Name, MaxSSHKeyName); err != nil {
		return nil, err
	}
	if k.Name == old.Name && k.Disabled == old.Disabled {
		return old, nil
	}
	k.UpdatedAt = d.now
	d.putSSHKey(&k)
	return &k, nil
}

// DeleteSSHKey removes an SSH key.
func (d *Draft) DeleteSSHKey(id SSHKeyID) error {
	if _, err := d.s.SSHKey(id); err != nil {
		return err
	}
	d.touch(KindSSHKey, id.UUID)
	d.s.putSSHKey(d.edit, id.UUID, nil)
	return nil
}

func (d *Draft) putSSHKey(k *SSHKey) {
	d.touch(KindSSHKey, k.ID.UUID)
	d.s.putSSHKey(d.edit, k.ID.UUID, k)
}
