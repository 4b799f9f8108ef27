package control

import (
	"context"

	"github.com/writ-iam/writ/internal/iam"
)

// Added is what became of adding somebody: a user, or an invitation if nobody has the address.
type Added struct {
	User       *iam.User
	Invitation *iam.Invitation
	Revision   iam.Revision
}

// NewUser is somebody who is to be added.
type NewUser struct {
	Email  string
	Groups []iam.GroupID
	// Known refuses whom the installation does not know, NotFound, instead of inviting them.
	Known bool
	// Also is done in the same commit with the user or invitation that was made; nil: nothing. It is a draft function like others.
	Also func(*iam.Draft, iam.Holder) error
}

func (n *NewUser) also(d *iam.Draft, typ string, id iam.UUID) error {
	if n.Also == nil {
		return nil
	}
	return n.Also(d, iam.Holder{Type: typ, ID: id})
}

// AddUser links the person with an address to the organization, or invites them. The permit is for the operation
// AddUser.
func (c *Control) AddUser(ctx context.Context, p *Permit, in NewUser) (*Added, error) {
	if err := iam.CheckEmail("email", in.Email); err != nil {
		return nil, err
	}
	p.Target.Name = in.Email
	if len(in.Groups) > 0 {
		if err := p.Require(AddUserToGroup, iam.AnyOf(iam.TypeUser)); err != nil {
			return nil, err
		}
	}
	person, known := c.platform.now.Load().state.PersonByEmail(in.Email)
	switch {
	case !known && (in.Known || c.RefuseUnknown):
		return nil, iam.Errorf(iam.NotFound, "nobody has the address %q", in.Email)
	case !known:
		return c.invite(ctx, p, in)
	case !person.Enabled:
		return nil, iam.FieldErrorf(iam.Conflict, "email", "the person with the address %q is disabled", in.Email)
	}
	id := iam.UserID{UUID: c.NewID()}
	p.Target.ID = id.String()
	var out Added
	var err error
	out.Revision, err = p.Write(ctx, func(d *iam.Draft) (err error) {
		if out.User, err = d.AddUser(id, person, in.Groups); err != nil {
			return err
		}
		return in.also(d, iam.TypeUser, id.UUID)
	})
	return &out, err
}

func (c *Control) invite(ctx context.Context, p *Permit, in NewUser) (*Added, error) {
	id := iam.InvitationID{UUID: c.NewID()}
	p.Target.Type, p.Target.ID = iam.TypeInvitation, id.String()
	p.Target.Details = map[string]any{"status": "invited"}
	actor := p.Actor()
	by := iam.Inviter{ID: actor.Behind.ID, Name: actor.Name, Email: actor.Email}
	var out Added
	var err error
	out.Revision, err = p.Write(ctx, func(d *iam.Draft) (err error) {
		if out.Invitation, err = d.Invite(id, in.Email, in.Groups, by, c.InvitationLifetime); err != nil {
			return err
		}
		return in.also(d, iam.TypeInvitation, id.UUID)
	})
	if err != nil {
		return nil, err
	}
	c.mail(ctx, p, out.Invitation)
	return &out, nil
}

// ResendInvitation gives an invitation a new lifetime and mails it again. The permit is for that operation.
func (c *Control) ResendInvitation(ctx context.Context, p *Permit, id iam.InvitationID) (*iam.Invitation, iam.Revision, error) {
	var v *iam.Invitation
	revision, err := p.Write(ctx, func(d *iam.Draft) (err error) {
		v, err = d.ResendInvitation(id, c.InvitationLifetime)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	c.mail(ctx, p, v)
	return v, revision, nil
}

// mail hands an invitation over for delivery. That it cannot be delivered does not undo it: it can be sent again.
func (c *Control) mail(ctx context.Context, p *Permit, v *iam.Invitation) {
	if c.Mail == nil {
		c.Log.Info("invitation made; no mail sender is configured", "org", p.Target.Org, "invitation", v.ID)
		return
	}
	err := c.Mail(ctx, Mail{To: v.Email, Organization: p.View().Organization().Name, Invitation: v.ID,
		InvitedBy: v.InvitedBy.Name, ExpiresAt: v.ExpiresAt})
	if err != nil {
		c.Log.Error("mailing an invitation", "org", p.Target.Org, "invitation", v.ID, "err", err)
	}
}
