package cloudflare

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// groupMembers is section 7. Service accounts in a group are no members of the account: they are not shown and stay.
var groupMembers = area{kind: "member", codes: iamCodes}

func groupMemberRoutes() []wire.Route {
	const all, each = account + "/iam/user_groups/{user_group_id}/members", account + "/iam/user_groups/{user_group_id}/members/{member_id}"
	group := one(iam.TypeGroup, "user_group_id") // what denies a call for a member binds too (control.Permit.Write)
	return []wire.Route{
		groupMembers.route(get, all, control.ListGroupUsers, group, listGroupMembers),
		groupMembers.route(post, all, control.AddUserToGroup, group, addGroupMembers),
		groupMembers.route(put, all, control.AddUserToGroup, group, replaceGroupMembers),
		groupMembers.route(get, each, control.ListGroupUsers, group, getGroupMember),
		groupMembers.route(del, each, control.RemoveUserFromGroup, group, removeGroupMember),
	}
}

type groupMember struct {
	ID     string `json:"id"`
	Email  string `json:"email"`
	Status string `json:"status"`
}

// groupMemberDetail is one membership.
type groupMemberDetail struct {
	groupMember
	CreatedAt timestamp  `json:"created_at"`
	User      memberUser `json:"user"`
}

func groupMemberToWire(m member) groupMember { return groupMember{hexID(m.id), m.email, m.status} }

// inGroup lists the members of a group, by address.
func (c *call) inGroup(id iam.GroupID) []member {
	var out []member
	for u := range c.View().GroupUsers(id).All() {
		out = append(out, memberOf(u))
	}
	for _, v := range c.View().InvitedTo(id) {
		if v.PendingAt(c.Permit.Now()) {
			out = append(out, invited(v))
		}
	}
	byAddress(out, false)
	return out
}

func byAddress(list []member, backwards bool) {
	arrange(list, backwards, func(m member) string { return iam.FoldEmail(m.email) }, func(m member) iam.UUID { return m.id })
}

func listGroupMembers(c *call) (*wire.Answer, error) {
	g, err := c.userGroupInPath()
	if err != nil {
		return nil, err
	}
	q, err := c.query()
	if err != nil {
		return nil, err
	}
	backwards, err := descending(q)
	if err != nil {
		return nil, err
	}
	list := fuzzy(q, "fuzzyEmail", c.inGroup(g.ID), func(m member) string { return m.email })
	byAddress(list, backwards)
	return paged(c, q, largePages, list, groupMemberToWire)
}

// memberList reads a bare array of ids, or an object that holds it, and finds the members. One that is named twice counts once.
func (c *call) memberList() ([]member, error) {
	var b bytes.Buffer
	if err := c.ReadBody(&b, wire.MaxBody); err != nil {
		return nil, undecodable(err)
	}
	var in struct {
		Members []ref `json:"members"`
	}
	var err error
	if strings.HasPrefix(strings.TrimLeft(b.String(), " \t\r\n"), "[") {
		err = wire.Unmarshal(b.Bytes(), &in.Members, "[{")
	} else {
		err = wire.Unmarshal(b.Bytes(), &in, "[{")
	}
	switch {
	case err != nil:
		return nil, undecodable(err)
	case in.Members == nil:
		return nil, iam.FieldErrorf(iam.Invalid, "members", "is required")
	}
	var out []member
	for i, r := range in.Members {
		field := fmt.Sprintf("members[%d].id", i)
		id, ok := parseID(r.ID)
		if !ok {
			return nil, iam.FieldErrorf(iam.Invalid, field, "must be an id of 32 hexadecimal digits")
		}
		m, err := c.member(id)
		if err != nil {
			return nil, invalid(err, field)
		}
		if !contains(out, m) {
			out = append(out, m)
		}
	}
	return out, nil
}

func contains(list []member, m member) bool {
	return slices.ContainsFunc(list, func(x member) bool { return x.id == m.id })
}

func addGroupMembers(c *call) (*wire.Answer, error) {
	return c.setMembers(func([]member, []member) []member { return nil })
}

func replaceGroupMembers(c *call) (*wire.Answer, error) {
	if err := c.Permit.Require(control.RemoveUserFromGroup, c.Permit.Target.Resources[0]); err != nil {
		return nil, err
	}
	return c.setMembers(func(have, want []member) []member {
		return slices.DeleteFunc(slices.Clone(have), func(m member) bool { return contains(want, m) })
	})
}

// setMembers puts the members that the body names into the group that the path names, and takes those out that leave says.
func (c *call) setMembers(leave func(have, want []member) []member) (*wire.Answer, error) {
	g, err := c.userGroupInPath()
	if err != nil {
		return nil, err
	}
	c.about(g)
	want, err := c.memberList()
	if err != nil {
		return nil, err
	}
	at, err := c.Permit.Write(c.Ctx(), func(d *iam.Draft) error {
		have := inDraft(d, g.ID)
		for _, m := range leave(have, want) {
			if err := out(d, g.ID, m); err != nil {
				return err
			}
		}
		for _, m := range want {
			if contains(have, m) {
				continue
			}
			if err := into(d, g.ID, m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return result(shows(c.inGroup(g.ID), groupMemberToWire), at), nil
}

// about tells the audit log which group the call changes.
func (c *call) about(g *iam.Group) {
	c.Permit.Target.Type, c.Permit.Target.ID, c.Permit.Target.Name = iam.TypeGroup, g.ID.String(), g.Name
}

// inDraft lists the members of a group as a draft has them, expired invitations too.
func inDraft(d *iam.Draft, id iam.GroupID) (list []member) {
	for u := range d.State().GroupUsers(id).All() {
		list = append(list, memberOf(u))
	}
	for _, v := range d.State().InvitedTo(id) {
		list = append(list, invited(v))
	}
	return list
}

func into(d *iam.Draft, id iam.GroupID, m member) error {
	if m.person == nil {
		return d.InviteTo(id, iam.InvitationID{UUID: m.id})
	}
	return d.Join(id, iam.Principal{Kind: iam.KindOfUser, ID: m.id})
}

func out(d *iam.Draft, id iam.GroupID, m member) error {
	if m.person == nil {
		return d.UninviteFrom(id, iam.InvitationID{UUID: m.id})
	}
	return d.Leave(id, iam.Principal{Kind: iam.KindOfUser, ID: m.id})
}

// groupMemberInPath finds the group and its member that the path names.
func (c *call) groupMemberInPath() (*iam.Group, member, error) {
	g, err := c.userGroupInPath()
	if err != nil {
		return nil, member{}, err
	}
	id := c.pathID("member_id")
	for _, m := range c.inGroup(g.ID) {
		if m.id == id {
			return g, m, nil
		}
	}
	return nil, member{}, iam.Errorf(iam.NotFound, "member not found")
}

func getGroupMember(c *call) (*wire.Answer, error) {
	g, m, err := c.groupMemberInPath()
	if err != nil {
		return nil, err
	}
	return c.shown(groupMemberDetail{groupMemberToWire(m), timestamp(joined(g.ID, m)), m.user()})
}

// joined is when a member came into a group that they are in; for one who is invited, when that was.
func joined(id iam.GroupID, m member) time.Time {
	if m.person != nil {
		for _, j := range m.person.Groups {
			if j.Group == id {
				return j.At
			}
		}
	}
	return m.since
}

func removeGroupMember(c *call) (*wire.Answer, error) {
	g, m, err := c.groupMemberInPath()
	if err != nil {
		return nil, err
	}
	c.about(g)
	at, err := c.Permit.Write(c.Ctx(), func(d *iam.Draft) error { return out(d, g.ID, m) })
	if err != nil {
		return nil, err
	}
	return result(groupMemberToWire(m), at), nil
}
