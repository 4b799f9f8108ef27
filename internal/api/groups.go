package api

import (
	"net/http"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

func groupRoutes() []Route {
	const all, one = "/v1/iam/groups", "/v1/iam/groups/{group_id}"
	return []Route{
		{get, all, control.ListGroups, aGroup.any, list(groups, (*iam.State).Groups)},
		{post, all, control.CreateGroup, aGroup.any, createGroup},
		{get, one, control.GetGroup, aGroup.one, getOne(aGroup, (*iam.State).Group, groups)},
		{patch, one, control.UpdateGroup, aGroup.one, updateGroup},
		{del, one, control.DeleteGroup, aGroup.one, deleteOne(aGroup, (*iam.Draft).DeleteGroup)},
		{get, one + "/policies", control.ListGroupPolicies, aGroup.one,
			listAttached(aGroup, (*iam.State).Group, func(g *iam.Group) []iam.Attached { return g.Policies })},
		{post, one + "/policies", control.AttachGroupPolicy, aGroup.one, attach(aGroup)},
		{del, one + "/policies/{policy_id}", control.DetachGroupPolicy, aGroup.one, detach(aGroup)},
		{get, one + "/service-accounts", control.ListGroupServiceAccounts, aGroup.one,
			listBelow(aGroup, (*iam.State).Group, (*iam.State).GroupServiceAccounts, groupServiceAccounts)},
		{get, one + "/users", control.ListGroupUsers, aGroup.one,
			listBelow(aGroup, (*iam.State).Group, (*iam.State).GroupUsers, groupUsers)},
	}
}

var groups = kind[*iam.Group, apitype.Group]{
	id:   func(g *iam.Group) iam.UUID { return g.ID.UUID },
	wire: groupToWire,
	one: func(g apitype.Group, at apitype.Revision) any {
		return apitype.GroupAnswer{Group: g, Revision: at}
	},
	many: func(gs []apitype.Group, p apitype.Page) any { return apitype.GroupList{Groups: gs, Page: p} },
}

func groupToWire(c *call, g *iam.Group) apitype.Group {
	return apitype.Group{
		ID: g.ID.String(), CRN: iam.Name(iam.TypeGroup, g.ID.UUID).String(), Name: g.Name, Description: g.Description,
		MemberCount: c.View().MemberCount(g.ID), Federated: g.Federated, CreatedAt: apitype.Time{Time: g.CreatedAt}, UpdatedAt: apitype.Time{Time: g.UpdatedAt},
	}
}

func createGroup(c *call) (*wire.Answer, error) {
	var in apitype.CreateGroupRequest
	err := c.decode(&in, func(f *form) {
		f.name("name", &in.Name)
		f.text("description", in.Description, maxDescription)
	})
	if err != nil {
		return nil, err
	}
	g := iam.Group{ID: iam.GroupID{UUID: c.Control.NewID()}, Name: in.Name, Description: in.Description}
	return create(c, groups, g.ID.UUID, g.Name, func(d *iam.Draft) (*iam.Group, error) { return d.CreateGroup(g) })
}

func updateGroup(c *call) (*wire.Answer, error) {
	id, err := aGroup.id(c)
	if err != nil {
		return nil, err
	}
	var in apitype.UpdateGroupRequest
	err = c.decode(&in, func(f *form) {
		f.newName("name", &in.Name)
		f.newText("description", in.Description, maxDescription)
	})
	if err != nil {
		return nil, err
	}
	return write(c, http.StatusOK, groups, func(d *iam.Draft) (*iam.Group, error) {
		return d.UpdateGroup(iam.GroupID{UUID: id}, func(g *iam.Group) {
			apply(in.Name, &g.Name)
			applyText(in.Description, &g.Description)
		})
	})
}

// groupUsers are users as members of a group (section 7).
func groupUsers(id iam.GroupID) kind[*iam.User, apitype.GroupUser] {
	return kind[*iam.User, apitype.GroupUser]{
		id: users.id,
		wire: func(_ *call, u *iam.User) apitype.GroupUser {
			return apitype.GroupUser{ID: u.ID.String(), CRN: iam.Name(iam.TypeUser, u.ID.UUID).String(), Email: u.Email,
				Name: u.Name, AddedAt: joinedAt(u.Groups, id)}
		},
		many: func(us []apitype.GroupUser, p apitype.Page) any { return apitype.GroupUserList{Users: us, Page: p} },
	}
}

// groupServiceAccounts are service accounts as members of a group (section 7).
func groupServiceAccounts(id iam.GroupID) kind[*iam.ServiceAccount, apitype.GroupServiceAccount] {
	return kind[*iam.ServiceAccount, apitype.GroupServiceAccount]{
		id: serviceAccounts.id,
		wire: func(_ *call, a *iam.ServiceAccount) apitype.GroupServiceAccount {
			return apitype.GroupServiceAccount{ID: a.ID.String(), CRN: iam.Name(iam.TypeServiceAccount, a.ID.UUID).String(),
				Name: a.Name, DisplayName: a.DisplayName, AddedAt: joinedAt(a.Groups, id)}
		},
		many: func(as []apitype.GroupServiceAccount, p apitype.Page) any {
			return apitype.GroupServiceAccountList{ServiceAccounts: as, Page: p}
		},
	}
}

// joinedAt tells when a member joined a group that it is in.
func joinedAt(groups []iam.Joined, id iam.GroupID) apitype.Time {
	for _, g := range groups {
		if g.Group == id {
			return apitype.Time{Time: g.At}
		}
	}
	return apitype.Time{}
}
