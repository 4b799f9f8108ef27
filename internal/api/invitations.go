package api

import (
	"net/http"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

func invitationRoutes() []Route {
	const all, one = "/v1/iam/invitations", "/v1/iam/invitations/{invitation_id}"
	return []Route{
		{get, all, control.ListInvitations, anInvitation.any, listInvitations},
		{get, one, control.GetInvitation, anInvitation.one, getOne(anInvitation, (*iam.State).Invitation, invitations)},
		{post, one + "/resend", control.ResendInvitation, anInvitation.one, resendInvitation},
		{del, one, control.CancelInvitation, anInvitation.one, deleteOne(anInvitation, (*iam.Draft).CancelInvitation)},
	}
}

// The statuses of invitations (section 8.1).
const (
	pending = "pending"
	expired = "expired"
)

var invitations = kind[*iam.Invitation, apitype.Invitation]{
	id:   func(v *iam.Invitation) iam.UUID { return v.ID.UUID },
	wire: invitationToWire,
	one: func(v apitype.Invitation, at apitype.Revision) any {
		return apitype.InvitationAnswer{Invitation: v, Revision: at}
	},
	many: func(vs []apitype.Invitation, p apitype.Page) any {
		return apitype.InvitationList{Invitations: vs, Meta: p.Meta}
	},
}

func invitationToWire(c *call, v *iam.Invitation) apitype.Invitation {
	out := apitype.Invitation{
		ID: v.ID.String(), Email: v.Email, Groups: refs(c, v.Groups, func(id iam.GroupID) iam.GroupID { return id }),
		InvitedBy: apitype.Inviter{ID: idOrNull(v.InvitedBy.ID), Name: v.InvitedBy.Name, Email: textOrNull(v.InvitedBy.Email)},
		Status:    expired, ExpiresAt: apitype.Time{Time: v.ExpiresAt}, CreatedAt: apitype.Time{Time: v.CreatedAt},
	}
	if v.PendingAt(c.Permit.Now()) {
		out.Status = pending
	}
	return out
}

// listInvitations shows those that are pending, unless it is asked for the expired ones (section 16.5).
func listInvitations(c *call) (*wire.Answer, error) {
	q, err := c.listQuery("status")
	if err != nil {
		return nil, err
	}
	wanted := q.oneOf("status", pending, expired) != expired
	if q.err != nil {
		return nil, q.err
	}
	ask := pageQuery[*iam.Invitation](q)
	ask.Match = func(v *iam.Invitation) bool { return v.PendingAt(c.Permit.Now()) == wanted }
	return show(c, invitations, c.View().Invitations(), q, ask)
}

func resendInvitation(c *call) (*wire.Answer, error) {
	id, err := anInvitation.id(c)
	if err != nil {
		return nil, err
	}
	v, revision, err := c.Control.ResendInvitation(c.Ctx(), c.Permit, iam.InvitationID{UUID: id})
	if err != nil {
		return nil, err
	}
	body := invitations.one(invitationToWire(c, v), apitype.Revision(revision))
	return &wire.Answer{Status: http.StatusOK, Body: body, Revision: revision}, nil
}
