package vngcloud

import (
	"slices"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// groups is section 3.2.
var groups = area{missing: groupMissing, exists: groupExists}

var aGroup = thing{iam.TypeGroup, "groupId"}

func groupRoutes() []wire.Route {
	const all, each = policiesV1 + "/groups", policiesV1 + "/groups/{groupId}"
	const member = each + "/iam-users/{userId}"
	members := area{missing: attachmentMissing, exists: memberExists}
	return []wire.Route{
		groups.route(get, all, control.ListGroups, anyOf(iam.TypeGroup), listGroups),
		groups.route(post, all, control.CreateGroup, tagging(iam.TypeGroup), createGroup),
		groups.route(get, each, control.GetGroup, on(aGroup), getGroup),
		groups.route(patch, each, control.UpdateGroup, on(aGroup), updateGroup),
		groups.route(del, each, control.DeleteGroup, on(aGroup), deleteGroup),
		members.route(post, member, control.AddUserToGroup, on(aUser, aGroup), addMember),
		members.route(del, member, control.RemoveUserFromGroup, on(aUser, aGroup), removeMember),
	}
}

type groupSummary struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	CreatedAt int64  `json:"createdAt"`
}

type group struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Mode        string   `json:"mode"`
	Root        int64    `json:"root"`
	Policies    []string `json:"policies"`
	IAMUsers    []string `json:"iamUsers"`
	CreatedAt   int64    `json:"createdAt"`
}

// The modes of groups.
const (
	modeIAM = "iam" // its members are named here
	modeIDP = "idp" // an identity provider names them
)

// group shows a group with its policies and members in the order in which they came.
func (c *call) group(g *iam.Group) group {
	out := group{ID: g.ID.String(), Name: g.Name, Mode: modeIAM, Root: c.root(), CreatedAt: g.CreatedAt.UnixMilli()}
	if g.Description != nil {
		out.Description = *g.Description
	}
	if g.Federated {
		out.Mode = modeIDP
	}
	out.Policies = texts(c.attached(g.Policies), policyID)
	members := slices.DeleteFunc(slices.Collect(c.View().GroupUsers(g.ID).All()), func(u *iam.User) bool { return c.isRoot(u.ID) })
	out.IAMUsers = texts(members, userID)
	return out
}

func listGroups(c *call) (*wire.Answer, error) {
	list := newestFirst(slices.Collect(c.View().Groups().All()), func(g *iam.Group) (time.Time, iam.UUID) { return g.CreatedAt, g.ID.UUID })
	return c.shown(shows(list, func(g *iam.Group) groupSummary {
		return groupSummary{g.ID.String(), g.Name, g.CreatedAt.UnixMilli()}
	}))
}

// groupInPath finds the group that the path names.
func (c *call) groupInPath() (*iam.Group, error) {
	g, err := c.View().Group(iam.GroupID{UUID: c.pathID(aGroup.param)})
	if err != nil {
		return nil, missing(groupMissing, "The group does not exist.")
	}
	return g, nil
}

func getGroup(c *call) (*wire.Answer, error) {
	g, err := c.groupInPath()
	if err != nil {
		return nil, err
	}
	return c.shown(c.group(g))
}

func createGroup(c *call) (*wire.Answer, error) {
	var in struct {
		Name        *string  `json:"name"`
		Description *string  `json:"description"`
		Mode        *string  `json:"mode"`
		IAMUsers    []string `json:"iamUsers"`
		Policies    []string `json:"policies"`
		tagged
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	name, err := checkName(in.Name)
	if err != nil {
		return nil, err
	}
	if err := checkDescription(in.Description); err != nil {
		return nil, err
	}
	g := iam.Group{ID: iam.GroupID{UUID: c.Control.NewID()}, Name: name, Description: in.Description, Tags: in.domain()}
	if err := c.requireTagging(control.TagGroup, iam.Name(iam.TypeGroup, g.ID.UUID), in.tagged); err != nil {
		return nil, err
	}
	switch {
	case in.Mode == nil, *in.Mode == modeIAM:
	case *in.Mode != modeIDP:
		return nil, invalid("mode", "is %q or %q", modeIAM, modeIDP)
	case len(in.IAMUsers) > 0:
		return nil, c.federated()
	default:
		g.Federated = true
	}
	fill, err := c.fillGroup(g.ID, named(in.IAMUsers), named(in.Policies))
	if err != nil {
		return nil, err
	}
	c.Permit.Target.ID, c.Permit.Target.Name = g.ID.String(), g.Name
	at, err := c.Permit.Write(c.Ctx(), func(d *iam.Draft) error {
		if _, err := d.CreateGroup(g); err != nil {
			return err
		}
		return fill(d)
	})
	if err != nil {
		return nil, err
	}
	return made(g.ID.UUID, at), nil
}

// fillGroup authorizes and checks what a new group is to have, and gives the draft that adds it.
func (c *call) fillGroup(id iam.GroupID, users, policies []iam.UUID) (func(*iam.Draft) error, error) {
	to := iam.Name(iam.TypeGroup, id.UUID)
	if err := c.require(control.AddUserToGroup, to, iam.TypeUser, users); err != nil {
		return nil, err
	}
	if err := c.require(control.AttachGroupPolicy, to, iam.TypePolicy, policies); err != nil {
		return nil, err
	}
	for _, user := range users {
		if _, err := c.user(user); err != nil {
			return nil, err
		}
	}
	for _, p := range policies {
		if _, err := c.policy(p); err != nil {
			return nil, err
		}
	}
	return func(d *iam.Draft) error {
		for _, user := range users {
			if err := d.Join(id, iam.Principal{Kind: iam.KindOfUser, ID: user}); err != nil {
				return err
			}
		}
		for _, p := range policies {
			if err := d.Attach(iam.PolicyID{UUID: p}, iam.Holder{Type: iam.TypeGroup, ID: id.UUID}); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// require authorizes what a body asks for beside the call's own operation: on a thing, and on all that it is to have of a type.
func (c *call) require(op *control.Operation, on iam.CRN, typ string, ids []iam.UUID) error {
	if len(ids) == 0 {
		return nil
	}
	about := []iam.CRN{on}
	for _, id := range ids {
		about = append(about, iam.Name(typ, id))
	}
	return c.Permit.Require(op, about...)
}

func updateGroup(c *call) (*wire.Answer, error) {
	var in struct {
		Name        *string `json:"name"`
		Description *string `json:"description"`
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	name, err := checkName(in.Name)
	if err != nil {
		return nil, err
	}
	if err := checkDescription(in.Description); err != nil {
		return nil, err
	}
	g, err := c.groupInPath()
	if err != nil {
		return nil, err
	}
	return c.write(func(d *iam.Draft) error {
		_, err := d.UpdateGroup(g.ID, func(g *iam.Group) {
			g.Name = name
			if in.Description != nil {
				g.Description = in.Description
			}
		})
		return err
	})
}

func deleteGroup(c *call) (*wire.Answer, error) {
	g, err := c.groupInPath()
	if err != nil {
		return nil, err
	}
	return c.write(func(d *iam.Draft) error { return d.DeleteGroup(g.ID) })
}

// federated says that the members of a group are not for callers to choose.
func (c *call) federated() error {
	return wrong(groupModeInvalid, iam.Errorf(iam.Conflict, "The members of a group of mode %q come from its identity provider.", modeIDP))
}

// pair finds the group and the user that the path names.
func (c *call) pair() (*iam.Group, *iam.User, error) {
	g, err := c.groupInPath()
	if err != nil {
		return nil, nil, err
	}
	u, err := c.userInPath()
	if err == nil && g.Federated {
		err = c.federated()
	}
	return g, u, err
}

func addMember(c *call) (*wire.Answer, error) {
	g, u, err := c.pair()
	if err != nil {
		return nil, err
	}
	return c.write(func(d *iam.Draft) error { return d.Join(g.ID, iam.Principal{Kind: iam.KindOfUser, ID: u.ID.UUID}) })
}

func removeMember(c *call) (*wire.Answer, error) {
	g, u, err := c.pair()
	if err != nil {
		return nil, err
	}
	return c.write(func(d *iam.Draft) error { return d.Leave(g.ID, iam.Principal{Kind: iam.KindOfUser, ID: u.ID.UUID}) })
}
