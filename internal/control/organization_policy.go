package control

import (
	"context"
	"slices"

	"github.com/writ-iam/writ/internal/iam"
)

// SetOrganizationPolicy makes a document in the language exoscale the bound of what anybody in the organization may do; "" lifts it.
// What is to be done in the same commit stands in also. The permit is for the operation UpdateOrganizationPolicy or
// ResetOrganizationPolicy.
func (c *Control) SetOrganizationPolicy(ctx context.Context, p *Permit, document string, also ...func(*iam.Draft) error) (iam.Revision, error) {
	return p.Write(ctx, func(d *iam.Draft) error {
		return following(d, d.SetOrganizationPolicy(document), also)
	})
}

// liftsAlways tells whether the organization's policy does not bind the caller when they lift it: it could otherwise lock everybody
// out for ever. That is the organization's owner, whoever has the role Owner, and whoever has a role with the permission for it
// (exoscale.md, section 14.14). Their own policies must allow it all the same.
func (p *Permit) liftsAlways(s *snapshot) bool {
	var r *iam.Role
	switch who := p.call.Actor.Principal; who.Kind {
	case iam.KindOfUser:
		u, err := s.state.User(iam.UserID{UUID: who.ID})
		if err != nil {
			return false
		}
		r = s.state.RoleOf(u)
	case iam.KindOfRole:
		var err error
		if r, err = s.state.Role(iam.RoleID{UUID: who.ID}); err != nil {
			return false
		}
	default:
		return false
	}
	return s.state.IsOwnerRole(r.ID) || slices.Contains(r.Permissions, iam.ResetOrganizationPolicy)
}
