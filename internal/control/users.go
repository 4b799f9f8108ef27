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
	Tags   []iam.Tag
	// Known refuses whom the installation does not know, NotFound, instead of inviting them.
	Known bool
	// Also is done in the same commit with the user or invitation that was made; nil: nothing. It is a draft function like others.
	Also func(*iam.Draft, iam.Holder) error
}

func (n *NewUser) also(d *iam.Draft, typ string, id iam.UUID) error {
	of := iam.Holder{Type: typ, ID: id}
	if err := d.SetTags(of, n.Tags); err != nil || n.Also == nil {
		return err
	}
	return n.Also(d, of)
}

// AddUser links the person with an address to the organization, or invites them. The permit is for the operation
// AddUser.
func (c *Control) AddUser(ctx context.Context, p *Permit, in NewUser) (*Added, error) {
	if err := iam.CheckEmail("email", in.Email); err != nil {
		return nil, err
	}
	p.Target.Name = in.Email
	if err := p.requireJoining(in.Groups); err != nil {
		return nil, err
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
		if _, err := d.AddUser(id, person, in.Groups); err != nil {
			return err
		}
		if err := in.also(d, iam.TypeUser, id.UUID); err != nil {
			return err
		}
		out.User, err = d.State().User(id)
		return err
	})
	return &out, err
}

// requireJoining asks for what it takes to put a new user into groups.
func (p *Permit) requireJoining(groups []iam.GroupID) error {
	if len(groups) == 0 {
		return nil
	}
	return p.Require(AddUserToGroup, iam.AnyOf(iam.TypeUser))
}

// CreateLocalUser makes a user who belongs to this organization alone, from what iam.Draft.CreateLocalUser reads. Without an
// id, they get one. What is to be done in the same commit stands in also. The permit is for the operation AddUser.
func (c *Control) CreateLocalUser(ctx context.Context, p *Permit, in iam.User, groups []iam.GroupID,
	also ...func(*iam.Draft, iam.UserID) error) (*iam.User, iam.Revision, error) {
	if in.ID.IsZero() {
		in.ID = iam.UserID{UUID: c.NewID()}
	}
	p.Target.ID, p.Target.Name = in.ID.String(), in.Username
	if err := p.requireJoining(groups); err != nil {
		return nil, 0, err
	}
	var u *iam.User
	revision, err := p.Write(ctx, func(d *iam.Draft) (err error) {
		if _, err := d.CreateLocalUser(in, groups); err != nil {
			return err
		}
		for _, more := range also {
			if err := more(d, in.ID); err != nil {
				return err
			}
		}
		u, err = d.State().User(in.ID)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	return u, revision, nil
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
		if _, err := d.Invite(id, in.Email, in.Groups, by, c.InvitationLifetime); err != nil {
			return err
		}
		if err := in.also(d, iam.TypeInvitation, id.UUID); err != nil {
			return err
		}
		out.Invitation, err = d.State().Invitation(id)
		return err
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
