package scaleway

import (
	"slices"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

func groupMemberRoutes() []route {
	const each = "/groups/{group_id}"
	return []route{
		aGroup.chooses(writes, post, each+"/add-member", control.AddUserToGroup, adding.asked, addMember),
		aGroup.chooses(writes, post, each+"/add-members", control.AddUserToGroup, adding.asked, addMembers),
		aGroup.chooses(writes, post, each+"/remove-member", control.RemoveUserFromGroup, removing.asked, removeMember),
		aGroup.chooses(writes, put, each+"/members", control.AddUserToGroup, adding.asked, setMembers),
	}
}

// memberList are members of a group: users, who may be invited still, and applications.
type memberList struct{ users, applications []iam.UUID }

// members are those that this API can show. API tokens of the organization are none of its applications, and stay where they are.
func (c *call) members(v *iam.State, id iam.GroupID) (out memberList) {
	for u := range v.GroupUsers(id).All() {
		out.users = append(out.users, u.ID.UUID)
	}
	for _, i := range v.InvitedTo(id) {
		if i.PendingAt(c.Permit.Now()) {
			out.users = append(out.users, i.ID.UUID)
		}
	}
	for a := range v.GroupServiceAccounts(id).All() {
		if isApplication(a) {
			out.applications = append(out.applications, a.ID.UUID)
		}
	}
	return out
}

// hasAny tells whether some of others are among the members.
func (m memberList) hasAny(others memberList) bool {
	return overlap(m.users, others.users) || overlap(m.applications, others.applications)
}

func overlap(a, b []iam.UUID) bool {
	return slices.ContainsFunc(a, func(id iam.UUID) bool { return slices.Contains(b, id) })
}

// without are the members that are not among others. Groups may have thousands, and so may requests.
func (m memberList) without(others memberList) memberList {
	drop := func(from, what []iam.UUID) []iam.UUID {
		dropped := make(map[iam.UUID]bool, len(what))
		for _, id := range what {
			dropped[id] = true
		}
		return slices.DeleteFunc(slices.Clone(from), func(id iam.UUID) bool { return dropped[id] })
	}
	return memberList{drop(m.users, others.users), drop(m.applications, others.applications)}
}

func (m memberList) empty() bool { return len(m.users)+len(m.applications) == 0 }

// memberRequest names one user and one application at most, or several of each.
type memberRequest struct {
	UserID         *string  `json:"user_id"`
	ApplicationID  *string  `json:"application_id"`
	UserIDs        []string `json:"user_ids"`
	ApplicationIDs []string `json:"application_ids"`
}

// one are the members of a request for one.
func (in *memberRequest) one(f *form) (out memberList) {
	if id := f.id("user_id", in.UserID); !id.IsZero() {
		out.users = []iam.UUID{id}
	}
	if id := f.id("application_id", in.ApplicationID); !id.IsZero() {
		out.applications = []iam.UUID{id}
	}
	return out
}

// several are the members of a request for several.
func (in *memberRequest) several(f *form) memberList {
	return memberList{f.ids("user_ids", in.UserIDs), f.ids("application_ids", in.ApplicationIDs)}
}

// asked tells by whom the body names what a call is. It is authorized on the group that the path names; what denies it for a member binds too
// (control.Permit.Write).
func (x change) asked(c *call, _ *control.View) []control.Asked {
	group := aGroup.one(c.Call)
	ofUsers, ofApplications := control.Asked{Operation: x.users, Target: group}, control.Asked{Operation: x.applications, Target: group}
	switch m := c.peekMembers(); {
	case len(m.users) > 0:
		return []control.Asked{ofUsers}
	case len(m.applications) > 0:
		return []control.Asked{ofApplications}
	}
	return []control.Asked{ofUsers, ofApplications}
}

// peekMembers reads what members the body names, in whichever way.
func (c *call) peekMembers() memberList {
	var in memberRequest
	c.Peek(&in)
	var f form
	one, several := in.one(&f), in.several(&f)
	return memberList{append(one.users, several.users...), append(one.applications, several.applications...)}
}

// change is what is done to members of a group: the operations on its users and on its applications.
type change struct{ users, applications *control.Operation }

var (
	adding   = change{control.AddUserToGroup, control.AddServiceAccountToGroup}
	removing = change{control.RemoveUserFromGroup, control.RemoveServiceAccountFromGroup}
)

// readMembers reads a body, and authorizes what the call does.
func (c *call) readMembers(read func(*memberRequest, *form) memberList, of change) (memberList, error) {
	var in memberRequest
	if err := c.body(&in); err != nil {
		return memberList{}, err
	}
	var f form
	m := read(&in, &f)
	if f.err != nil {
		return memberList{}, f.err
	}
	return m, of.need(c, len(m.users) > 0, len(m.applications) > 0)
}

// need authorizes what is done to members of the group in the path, to users or applications among them.
func (x change) need(c *call, users, applications bool) error {
	group := iam.Name(iam.TypeGroup, pathID(c.Call, aGroup.param))
	if users {
		if err := c.Permit.Require(x.users, group); err != nil {
			return err
		}
	}
	if applications {
		return c.Permit.Require(x.applications, group)
	}
	return nil
}

// changeMembers commits what draft makes of the members of the group in the path.
func (c *call) changeMembers(draft func(*iam.Draft, *iam.Group) error) (*wire.Answer, error) {
	g, err := c.groupInPath()
	if err != nil {
		return nil, err
	}
	c.about(aGroup, g.ID.UUID, g.Name)
	return write(c, c.group, func(d *iam.Draft) (*iam.Group, error) {
		g, err := d.State().Group(g.ID)
		if err != nil {
			return nil, err
		}
		return g, draft(d, g)
	})
}

// oneMember reads the body of a request for one, which names somebody.
func (c *call) oneMember(of change) (memberList, error) {
	m, err := c.readMembers((*memberRequest).one, of)
	if err == nil && m.empty() {
		err = invalid("member", required, "name a user_id or an application_id")
	}
	return m, err
}

func addMember(c *call) (*wire.Answer, error) {
	m, err := c.oneMember(adding)
	if err != nil {
		return nil, err
	}
	return c.changeMembers(func(d *iam.Draft, g *iam.Group) error { return c.join(d, g.ID, m) })
}

func addMembers(c *call) (*wire.Answer, error) {
	m, err := c.readMembers((*memberRequest).several, adding)
	if err != nil {
		return nil, err
	}
	return c.changeMembers(func(d *iam.Draft, g *iam.Group) error { return c.join(d, g.ID, m) })
}

func removeMember(c *call) (*wire.Answer, error) {
	m, err := c.oneMember(removing)
	if err != nil {
		return nil, err
	}
	return c.changeMembers(func(d *iam.Draft, g *iam.Group) error { return c.leave(d, g.ID, m) })
}

// setMembers makes the members exactly those that the body names, in this order. Whoever asks for it may take anybody out of the group.
func setMembers(c *call) (*wire.Answer, error) {
	want, err := c.readMembers((*memberRequest).several, adding)
	if err != nil {
		return nil, err
	}
	if err := removing.need(c, true, true); err != nil {
		return nil, err
	}
	return c.changeMembers(func(d *iam.Draft, g *iam.Group) error {
		if err := c.leave(d, g.ID, c.members(d.State(), g.ID).without(want)); err != nil {
			return err
		}
		if err := c.join(d, g.ID, want); err != nil {
			return err
		}
		return d.ArrangeMembers(g.ID, want.principals(d.State()))
	})
}

// principals are those members that are not invited only.
func (m memberList) principals(v *iam.State) (out []iam.Principal) {
	for _, id := range m.users {
		if _, err := v.User(iam.UserID{UUID: id}); err == nil {
			out = append(out, iam.Principal{Kind: iam.KindOfUser, ID: id})
		}
	}
	for _, id := range m.applications {
		out = append(out, iam.Principal{Kind: iam.KindOfServiceAccount, ID: id})
	}
	return out
}

// join puts into a group who is not in it yet.
func (c *call) join(d *iam.Draft, id iam.GroupID, m memberList) error {
	m = m.without(c.members(d.State(), id))
	for _, u := range m.users {
		err := d.Join(id, iam.Principal{Kind: iam.KindOfUser, ID: u})
		if iam.CodeOf(err) == iam.NotFound && c.isInvited(d.State(), u) {
			err = d.InviteTo(id, iam.InvitationID{UUID: u})
		}
		if iam.CodeOf(err) == iam.NotFound {
			return missing(aUser.word, u.String())
		}
		if err != nil {
			return err
		}
	}
	for _, a := range m.applications {
		if !hasApplication(d.State(), a) {
			return missing(anApplication.word, a.String())
		}
		if err := d.Join(id, iam.Principal{Kind: iam.KindOfServiceAccount, ID: a}); err != nil {
			return err
		}
	}
	return nil
}

// isInvited tells whether an id is that of a pending invitation.
func (c *call) isInvited(v *iam.State, id iam.UUID) bool {
	i, err := v.Invitation(iam.InvitationID{UUID: id})
	return err == nil && i.PendingAt(c.Permit.Now())
}

// leave takes out of a group who is in it. Who is not, is found under no name of a resource (section 6).
func (c *call) leave(d *iam.Draft, id iam.GroupID, m memberList) error {
	if strangers := m.without(c.members(d.State(), id)); !strangers.empty() {
		return missing("", append(strangers.users, strangers.applications...)[0].String())
	}
	for _, u := range m.users {
		var err error
		if c.isInvited(d.State(), u) {
			err = d.UninviteFrom(id, iam.InvitationID{UUID: u})
		} else {
			err = d.Leave(id, iam.Principal{Kind: iam.KindOfUser, ID: u})
		}
		if err != nil {
			return err
		}
	}
	for _, a := range m.applications {
		if err := d.Leave(id, iam.Principal{Kind: iam.KindOfServiceAccount, ID: a}); err != nil {
			return err
		}
	}
	return nil
}
