package cloudflare

import (
	"fmt"
	"slices"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// userGroups is section 6.
var userGroups = area{kind: "user group", codes: iamCodes}

func userGroupRoutes(strictly bool) []wire.Route {
	const all, each = account + "/iam/user_groups", account + "/iam/user_groups/{user_group_id}"
	target := one(iam.TypeGroup, "user_group_id")
	return []wire.Route{
		userGroups.route(get, all, control.ListGroups, anyOf(iam.TypeGroup), listUserGroups),
		userGroups.route(post, all, control.CreateGroup, anyOf(iam.TypeGroup), createUserGroup(strictly)),
		userGroups.route(get, each, control.GetGroup, target, getUserGroup),
		userGroups.route(put, each, control.UpdateGroup, target, updateUserGroup(strictly)),
		userGroups.route(del, each, control.DeleteGroup, target, deleteUserGroup),
	}
}

type userGroup struct {
	ID         string        `json:"id"`
	Name       string        `json:"name"`
	CreatedOn  timestamp     `json:"created_on"`
	ModifiedOn timestamp     `json:"modified_on"`
	Policies   []groupPolicy `json:"policies,omitempty"`
}

func (c *call) userGroup(g *iam.Group) userGroup {
	return userGroup{hexID(g.ID.UUID), g.Name, timestamp(g.CreatedAt), timestamp(g.UpdatedAt), c.policies(c.View().State, g.Policies, always)}
}

func listUserGroups(c *call) (*wire.Answer, error) {
	q, err := c.query()
	if err != nil {
		return nil, err
	}
	backwards, err := descending(q)
	if err != nil {
		return nil, err
	}
	name := func(g *iam.Group) string { return g.Name }
	groups := filters[*iam.Group]{"id": func(g *iam.Group) string { return hexID(g.ID.UUID) }, "name": name}.
		keep(q, slices.Collect(c.View().Groups().All()))
	groups = fuzzy(q, "fuzzyName", groups, name)
	arrange(groups, backwards, name, func(g *iam.Group) iam.UUID { return g.ID.UUID })
	return paged(c, q, largePages, groups, c.userGroup)
}

// userGroupInPath finds the group that the path names, be it for its members' sake.
func (c *call) userGroupInPath() (*iam.Group, error) {
	g, err := c.View().Group(iam.GroupID{UUID: c.pathID("user_group_id")})
	if err != nil {
		return nil, userGroups.missing(err)
	}
	return g, nil
}

func getUserGroup(c *call) (*wire.Answer, error) {
	g, err := c.userGroupInPath()
	if err != nil {
		return nil, err
	}
	return c.shown(c.userGroup(g))
}

// userGroupRequest is a body. What is absent stays as it is; policies are replaced as a whole.
type userGroupRequest struct {
	Name     *string          `json:"name"`
	Policies *[]policyRequest `json:"policies"`
}

// read reads the body and makes the policies that come in place of those there are; nil if it has none. Strictly, none may deny.
func (in *userGroupRequest) read(c *call, strictly bool, has []iam.Attached, ops ...*control.Operation) (next []iam.OwnPolicy, err error) {
	if err := c.body(in); err != nil || in.Policies == nil {
		return nil, err
	}
	for _, op := range ops {
		if err := c.Permit.Require(op, c.Permit.Target.Resources[0]); err != nil {
			return nil, err
		}
	}
	for i, p := range *in.Policies {
		if strictly && p.Access != "allow" {
			return nil, notValid(fmt.Sprintf("policies[%d].access", i), "must be allow")
		}
	}
	return c.ownPolicies(*in.Policies, has)
}

func createUserGroup(strictly bool) handler {
	return func(c *call) (*wire.Answer, error) {
		var in userGroupRequest
		policies, err := in.read(c, strictly, nil, control.AttachGroupPolicy)
		if err != nil {
			return nil, err
		}
		g := iam.Group{ID: iam.GroupID{UUID: c.Control.NewID()}}
		if in.Name != nil {
			g.Name = *in.Name
		}
		c.Permit.Target.ID, c.Permit.Target.Name = g.ID.String(), g.Name
		return c.writeUserGroup(g.ID, func(d *iam.Draft) error {
			if _, err := d.CreateGroup(g); err != nil {
				return err
			}
			return replacePolicies(d, iam.Holder{Type: iam.TypeGroup, ID: g.ID.UUID}, policies)
		})
	}
}

func updateUserGroup(strictly bool) handler {
	return func(c *call) (*wire.Answer, error) {
		old, err := c.userGroupInPath()
		if err != nil {
			return nil, err
		}
		var in userGroupRequest
		policies, err := in.read(c, strictly, old.Policies, control.AttachGroupPolicy, control.DetachGroupPolicy)
		if err != nil {
			return nil, err
		}
		return c.writeUserGroup(old.ID, func(d *iam.Draft) error {
			_, err := d.UpdateGroup(old.ID, func(g *iam.Group) {
				if in.Name != nil {
					g.Name = *in.Name
				}
			})
			if err != nil || in.Policies == nil {
				return err
			}
			return replacePolicies(d, iam.Holder{Type: iam.TypeGroup, ID: old.ID.UUID}, policies)
		})
	}
}

func (c *call) writeUserGroup(id iam.GroupID, draft func(*iam.Draft) error) (*wire.Answer, error) {
	at, err := c.Permit.Write(c.Ctx(), draft)
	if err != nil {
		return nil, err
	}
	g, err := c.View().Group(id)
	if err != nil {
		return nil, err
	}
	return result(c.userGroup(g), at), nil
}

func deleteUserGroup(c *call) (*wire.Answer, error) {
	g, err := c.userGroupInPath()
	if err != nil {
		return nil, err
	}
	at, err := c.Permit.Write(c.Ctx(), func(d *iam.Draft) error { return d.DeleteGroup(g.ID) })
	if err != nil {
		return nil, err
	}
	return removed(g.ID.UUID, at), nil
}
