package control

import (
	"context"

	"github.com/writ-iam/writ/internal/iam"
)

// project tells in which project resources lie, as rules about projects ask for it; "" for those that lie in none, or not all in
// one. What is no particular SSH key lies where the call says.
func (s *snapshot) project(resources []iam.CRN, says iam.ProjectID) string {
	var in iam.ProjectID
	for i, r := range resources {
		id, there := s.state.ProjectOf(r)
		if !there && r == iam.AnyOf(iam.TypeSSHKey) {
			id = says
		}
		if id.IsZero() || i > 0 && id != in {
			return ""
		}
		in = id
	}
	if in.IsZero() {
		return ""
	}
	return in.String()
}

// InProject says in which project the call makes something, as its body asks, and decides again whether the caller may. It is Denied
// as Enter is, and Write decides it again.
func (p *Permit) InProject(id iam.ProjectID) error {
	if p.Target.Project == id {
		return nil
	}
	p.Target.Project = id
	return p.authorize(p.home)
}

// CreateSSHKey adds an SSH key to its project, the default one if it names none: Denied if the caller may not add keys to that one.
// The permit is for the operation CreateSSHKey.
func (c *Control) CreateSSHKey(ctx context.Context, p *Permit, in iam.SSHKey) (*iam.SSHKey, iam.Revision, error) {
	if in.Project.IsZero() {
		in.Project = iam.DefaultProject(p.View().ID())
	}
	if err := p.InProject(in.Project); err != nil {
		return nil, 0, err
	}
	in.ID = iam.SSHKeyID{UUID: c.NewID()}
	p.Target.ID, p.Target.Name = in.ID.String(), in.Name
	p.Target.Details = map[string]any{"project_id": in.Project.String()}
	var k *iam.SSHKey
	revision, err := p.Write(ctx, func(d *iam.Draft) (err error) {
		k, err = d.CreateSSHKey(in)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	return k, revision, nil
}
