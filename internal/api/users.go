package api

import (
	"fmt"
	"net/http"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

func userRoutes() []Route {
	const all, one = "/v1/iam/users", "/v1/iam/users/{user_id}"
	of := credentialsOf{aUser, iam.KindOfUser, exists((*iam.State).User), asCredentials, aCredential, authn.Native}
	return []Route{
		{get, all, control.ListUsers, aUser.any, list(users, (*iam.State).Users)},
		{post, all, control.AddUser, aUser.any, addUser},
		{get, one, control.GetUser, aUser.one, getOne(aUser, (*iam.State).User, users)},
		{del, one, control.RemoveUser, aUser.one, deleteOne(aUser, (*iam.Draft).RemoveUser)},
		{get, one + "/credentials", control.ListUserCredentials, aUser.one, of.list},
		{post, one + "/credentials", control.CreateUserCredential, aUser.one, of.create},
		{get, one + "/credentials/{credential_id}", control.GetUserCredential, aUser.one, of.get},
		{patch, one + "/credentials/{credential_id}", control.UpdateUserCredential, aUser.one, of.update},
		{post, one + "/credentials/{credential_id}/roll", control.RollUserCredential, aUser.one, of.roll},
		{del, one + "/credentials/{credential_id}", control.DeleteUserCredential, aUser.one, of.delete},
		{get, one + "/groups", control.ListUserGroups, aUser.one,
			listGroupsOf(aUser, (*iam.State).User, func(u *iam.User) []iam.Joined { return u.Groups })},
		{post, one + "/groups", control.AddUserToGroup, aUser.one, join(aUser, iam.KindOfUser)},
		{del, one + "/groups/{group_id}", control.RemoveUserFromGroup, aUser.one, leave(aUser, iam.KindOfUser)},
		{get, one + "/policies", control.ListUserPolicies, aUser.one,
			listAttached(aUser, (*iam.State).User, func(u *iam.User) []iam.Attached { return u.Policies })},
		{post, one + "/policies", control.AttachUserPolicy, aUser.one, attach(aUser)},
		{del, one + "/policies/{policy_id}", control.DetachUserPolicy, aUser.one, detach(aUser)},
	}
}

var users = kind[*iam.User, apitype.User]{
	id:   func(u *iam.User) iam.UUID { return u.ID.UUID },
	wire: userToWire,
	one:  func(u apitype.User, at apitype.Revision) any { return apitype.UserAnswer{User: u, Revision: at} },
	many: func(us []apitype.User, p apitype.Page) any { return apitype.UserList{Users: us, Page: p} },
}

func userToWire(c *call, u *iam.User) apitype.User {
	return apitype.User{
		ID: u.ID.String(), CRN: iam.Name(iam.TypeUser, u.ID.UUID).String(), Email: u.Email, Name: u.Name,
		Username: u.Username, Disabled: u.Disabled, Groups: refs(c, u.Groups, joinedGroup), AddedAt: apitype.Time{Time: u.AddedAt},
	}
}

// addUser answers as edition C does, which edition B's clients understand (section 8).
func addUser(c *call) (*wire.Answer, error) {
	var in apitype.AddUserRequest
	var groups []iam.GroupID
	err := c.decode(&in, func(f *form) {
		for i, text := range in.GroupIDs {
			groups = append(groups, iam.GroupID{UUID: f.id(fmt.Sprintf("group_ids[%d]", i), text)})
		}
	})
	if err != nil {
		return nil, err
	}
	added, err := c.Control.AddUser(c.Ctx(), c.Permit, control.NewUser{Email: in.Email, Groups: groups})
	if err != nil {
		return nil, err
	}
	out := apitype.AddUserAnswer{Status: apitype.StatusAdded, Revision: apitype.Revision(added.Revision)}
	if added.User != nil {
		out.User = new(userToWire(c, added.User))
	} else {
		out.Status = apitype.StatusInvited
		out.Invitation = new(invitationToWire(c, added.Invitation))
	}
	return &wire.Answer{Status: http.StatusCreated, Body: out, Revision: added.Revision}, nil
}
