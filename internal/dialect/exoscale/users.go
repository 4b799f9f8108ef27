package exoscale

import (
	"slices"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

func userOperations() []operation {
	const all, each = Prefix + "/user", Prefix + "/user/{id}"
	return []operation{
		{name: "list-users", route: wire.Route{Method: get, Pattern: all, Operation: control.ListUsers, Target: anyOf(iam.TypeUser)}, do: listUsers},
		{name: "create-user", route: wire.Route{Method: post, Pattern: all, Operation: control.AddUser, Target: anyOf(iam.TypeUser)},
			read: reads[createUser](false), do: doCreateUser},
		{name: "update-user-role", route: wire.Route{Method: put, Pattern: each, Operation: control.SetUserRole, Target: one(iam.TypeUser)},
			read: reads[updateUser](false), do: updateUserRole},
		{name: "delete-user", route: wire.Route{Method: del, Pattern: each, Operation: control.RemoveUser, Target: one(iam.TypeUser)}, do: deleteUser},
	}
}

// member is a user or a pending invitation.
type member struct {
	id      iam.UUID
	email   string
	role    *iam.Role
	pending bool
	user    *iam.User // nil for an invitation
	since   time.Time
}

func (c *call) memberOf(u *iam.User) member {
	email := u.Email
	if email == "" { // of a user who belongs to this organization alone
		email = u.Login()
	}
	return member{u.ID.UUID, email, c.View().RoleOf(u), false, u, u.AddedAt}
}

func (c *call) invited(v *iam.Invitation) member {
	return member{v.ID.UUID, v.Email, c.View().RoleOfInvited(v), true, nil, v.CreatedAt}
}

// members lists all, in the order in which they came.
func (c *call) members() (out []member) {
	for u := range c.View().Users().All() {
		out = append(out, c.memberOf(u))
	}
	for v := range c.View().Invitations().All() {
		if v.PendingAt(c.Permit.Now()) {
			out = append(out, c.invited(v))
		}
	}
	slices.SortFunc(out, func(a, b member) int {
		if order := a.since.Compare(b.since); order != 0 {
			return order
		}
		return a.id.Compare(b.id)
	})
	return out
}

// memberInPath finds the one that the path names.
func (c *call) memberInPath() (member, error) {
	id := pathID(c.Call)
	if u, err := c.View().User(iam.UserID{UUID: id}); err == nil {
		return c.memberOf(u), nil
	}
	if v, err := c.View().Invitation(iam.InvitationID{UUID: id}); err == nil && v.PendingAt(c.Permit.Now()) {
		return c.invited(v), nil
	}
	return member{}, iam.Errorf(iam.NotFound, "user %s does not exist", id)
}

// userOut is a user in answers (section 4).
type userOut struct {
	ID        string  `json:"id"`
	Email     string  `json:"email"`
	Role      roleOut `json:"role"`
	Pending   bool    `json:"pending"`
	SSO       bool    `json:"sso"`
	TwoFactor bool    `json:"two-factor-authentication"`
}

func (c *call) userOut(m member) userOut {
	return userOut{ID: m.id.String(), Email: m.email, Role: roleToWire(c.View().State, m.role), Pending: m.pending,
		TwoFactor: m.user != nil && c.View().HasMFA(m.user.ID)}
}

func listUsers(c *call) (*wire.Answer, error) {
	out := struct {
		Users []userOut `json:"users"`
	}{[]userOut{}}
	for _, m := range c.members() {
		out.Users = append(out.Users, c.userOut(m))
	}
	return c.shown(out)
}

// roleRef is a role in a body, of which the id alone counts (section 6.5).
type roleRef struct {
	ID string `json:"id"`
}

func (r *roleRef) read() (iam.RoleID, error) {
	if r == nil {
		return iam.RoleID{}, iam.FieldErrorf(iam.Invalid, "role", "is required")
	}
	id, err := uuid("role.id", r.ID)
	return iam.RoleID{UUID: id}, err
}

// createUser is section 6.5. No role is right for somebody of whom nothing is known (section 14.13).
type createUser struct {
	Email string   `json:"email"`
	Role  *roleRef `json:"role"`
	role  iam.RoleID
}

func (in *createUser) check() (err error) {
	if err := iam.CheckEmail("email", in.Email); err != nil {
		return err
	}
	in.role, err = in.Role.read()
	return err
}

func doCreateUser(c *call) (*wire.Answer, error) {
	in := c.in.(*createUser)
	if err := c.Permit.Require(control.SetUserRole, iam.AnyOf(iam.TypeUser)); err != nil {
		return nil, err
	}
	var o **iam.Operation
	added, err := c.Control.AddUser(c.Ctx(), c.Permit, control.NewUser{Email: in.Email, Also: func(d *iam.Draft, of iam.Holder) error {
		if err := giveRole(d, of, in.role); err != nil {
			return err
		}
		var record func(*iam.Draft) error
		record, o = c.operation(subject{iam.TypeUser, of.ID, ""})
		return record(d)
	}})
	if err != nil {
		return nil, err
	}
	return answer(c.operationToWire(*o), added.Revision), nil
}

// giveRole gives a role to a user or to somebody who was invited.
func giveRole(d *iam.Draft, to iam.Holder, role iam.RoleID) (err error) {
	if to.Type == iam.TypeInvitation {
		_, err = d.SetInvitationRole(iam.InvitationID{UUID: to.ID}, role)
		return err
	}
	_, err = d.SetUserRole(iam.UserID{UUID: to.ID}, role)
	return err
}

func (m *member) holder() iam.Holder {
	if m.pending {
		return iam.Holder{Type: iam.TypeInvitation, ID: m.id}
	}
	return iam.Holder{Type: iam.TypeUser, ID: m.id}
}

// updateUser is section 6.5.
type updateUser struct {
	Role *roleRef `json:"role"`
	role iam.RoleID
}

func (in *updateUser) check() (err error) {
	in.role, err = in.Role.read()
	return err
}

func updateUserRole(c *call) (*wire.Answer, error) {
	in := c.in.(*updateUser)
	m, err := c.memberInPath()
	if err != nil {
		return nil, err
	}
	return c.write(subject{iam.TypeUser, m.id, ""}, func(d *iam.Draft) error { return giveRole(d, m.holder(), in.role) })
}

func deleteUser(c *call) (*wire.Answer, error) {
	m, err := c.memberInPath()
	if err != nil {
		return nil, err
	}
	return c.write(subject{iam.TypeUser, m.id, ""}, func(d *iam.Draft) error {
		if m.pending {
			return d.CancelInvitation(iam.InvitationID{UUID: m.id})
		}
		return d.RemoveUser(m.user.ID)
	})
}
