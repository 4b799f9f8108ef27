package api

import (
	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// Memberships of groups and attachments of policies, which are alike for every kind of member and holder.

// listGroupsOf serves all groups of a member (sections 4 and 16.5: unpaged, and yet with meta and links).
func listGroupsOf[ID idType, E any](t thing, find func(*iam.State, ID) (E, error), joined func(E) []iam.Joined) handler {
	return func(c *call) (*wire.Answer, error) {
		e, err := found(c, t, find)
		if err != nil {
			return nil, err
		}
		out := []apitype.Group{}
		var ids []string
		for _, j := range joined(e) {
			if g, err := c.View().Group(j.Group); err == nil {
				out = append(out, groupToWire(c, g))
				ids = append(ids, g.ID.String())
			}
		}
		return c.ok(apitype.GroupList{Groups: out, Page: whole(c, ids)})
	}
}

// join puts the member that the path names into a group.
func join(t thing, member iam.PrincipalKind) handler {
	return func(c *call) (*wire.Answer, error) {
		id, err := t.id(c)
		if err != nil {
			return nil, err
		}
		var in apitype.JoinRequest
		var group iam.UUID
		if err := c.decode(&in, func(f *form) { group = f.id("group_id", in.GroupID) }); err != nil {
			return nil, err
		}
		return c.relate("group_id", group, func(d *iam.Draft) error {
			return d.Join(iam.GroupID{UUID: group}, iam.Principal{Kind: member, ID: id})
		})
	}
}

// leave takes the member that the path names out of a group.
func leave(t thing, member iam.PrincipalKind) handler {
	return func(c *call) (*wire.Answer, error) {
		id, group, err := c.pair(t, aGroup)
		if err != nil {
			return nil, err
		}
		return c.relate("group_id", group, func(d *iam.Draft) error {
			return d.Leave(iam.GroupID{UUID: group}, iam.Principal{Kind: member, ID: id})
		})
	}
}

// listAttached serves all policies of a holder.
func listAttached[ID idType, E any](t thing, find func(*iam.State, ID) (E, error), held func(E) []iam.Attached) handler {
	return func(c *call) (*wire.Answer, error) {
		e, err := found(c, t, find)
		if err != nil {
			return nil, err
		}
		out := []apitype.Policy{}
		for _, a := range held(e) {
			if p, err := c.View().Policy(a.Policy); err == nil {
				out = append(out, policyToWire(c, p))
			}
		}
		return c.ok(apitype.AttachedPolicyList{Policies: out})
	}
}

// attach attaches a policy to the holder that the path names.
func attach(t thing) handler {
	return func(c *call) (*wire.Answer, error) {
		id, err := t.id(c)
		if err != nil {
			return nil, err
		}
		var in apitype.AttachRequest
		var policy iam.UUID
		if err := c.decode(&in, func(f *form) { policy = f.id("policy_id", in.PolicyID) }); err != nil {
			return nil, err
		}
		return c.relate("policy_id", policy, func(d *iam.Draft) error {
			return d.Attach(iam.PolicyID{UUID: policy}, iam.Holder{Type: t.typ, ID: id})
		})
	}
}

// detach detaches a policy from the holder that the path names.
func detach(t thing) handler {
	return func(c *call) (*wire.Answer, error) {
		id, policy, err := c.pair(t, aPolicy)
		if err != nil {
			return nil, err
		}
		return c.relate("policy_id", policy, func(d *iam.Draft) error {
			return d.Detach(iam.PolicyID{UUID: policy}, iam.Holder{Type: t.typ, ID: id})
		})
	}
}

// pair reads the two ids of a path.
func (c *call) pair(t, other thing) (id, second iam.UUID, err error) {
	if id, err = t.id(c); err == nil {
		second, err = other.id(c)
	}
	return id, second, err
}

// relate makes or ends a relation; the audit log names its far end too.
func (c *call) relate(field string, far iam.UUID, draft func(*iam.Draft) error) (*wire.Answer, error) {
	c.Permit.Target.Details = map[string]any{field: far.String()}
	return done(c.Permit.Write(c.Ctx(), draft))
}

// refs names groups that a member is in or will be in.
func refs[E any](c *call, groups []E, id func(E) iam.GroupID) []apitype.Ref {
	out, v := make([]apitype.Ref, 0, len(groups)), c.View()
	for _, e := range groups {
		if g, err := v.Group(id(e)); err == nil {
			out = append(out, apitype.Ref{ID: g.ID.String(), Name: g.Name})
		}
	}
	return out
}

func joinedGroup(j iam.Joined) iam.GroupID { return j.Group }
