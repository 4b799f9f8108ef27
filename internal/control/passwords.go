package control

import (
	"context"
	"time"

	"github.com/writ-iam/writ/internal/iam"
)

// Hashing a password takes some 20 MiB and as many milliseconds of a processor. So many may be under way at once, and whoever has to
// wait longer than this for a turn is asked to come back.
const (
	maxHashing  = 4
	waitHashing = 3 * time.Second
)

// takeTurn does what hashes a password when it is its turn; Unavailable if that takes too long.
func (c *Control) takeTurn(ctx context.Context, do func()) error {
	ctx, cancel := context.WithTimeout(ctx, waitHashing)
	defer cancel()
	select {
	case c.hashing <- struct{}{}:
		defer func() { <-c.hashing }()
		do()
		return nil
	case <-ctx.Done():
		return iam.Errorf(iam.Unavailable, "too many people are signing in at once: try again")
	}
}

// Password hashes a password and gives what sets it in a draft of the permit's, as that of a user who is made in the same draft, or is
// there. That is Denied where CreateAccessKey would be.
func (c *Control) Password(ctx context.Context, p *Permit, plain string) (func(*iam.Draft, iam.UserID) error, error) {
	password, err := c.newPassword(ctx, plain)
	if err != nil {
		return nil, err
	}
	return func(d *iam.Draft, id iam.UserID) error {
		if err := p.mayIssue(d.State(), iam.Principal{Kind: iam.KindOfUser, ID: id.UUID}); err != nil {
			return err
		}
		return d.SetPassword(id, password)
	}, nil
}

func (c *Control) newPassword(ctx context.Context, plain string) (p iam.NewPassword, err error) {
	p.Plain = plain
	busy := c.takeTurn(ctx, func() { p.Hash, err = c.keys.HashPassword(c.Random, plain) })
	switch {
	case busy != nil:
		return p, busy
	case err != nil:
		return p, &iam.Error{Code: iam.Internal, Message: "no password can be hashed", Err: err}
	}
	return p, nil
}

// SetPassword gives a user a password. Their sessions end, but for that of the caller. It is Denied where CreateAccessKey would be.
// The permit is for the operation ResetUserPassword.
func (c *Control) SetPassword(ctx context.Context, p *Permit, id iam.UserID, plain string) (*iam.User, iam.Revision, error) {
	u, err := p.View().User(id)
	if err != nil {
		return nil, 0, err
	}
	if err := u.CheckPassword(plain); err != nil { // before it costs anything
		return nil, 0, err
	}
	password, err := c.newPassword(ctx, plain)
	if err != nil {
		return nil, 0, err
	}
	password.Keep = p.Actor().UserSession
	revision, err := p.writeFor(ctx, id, func(d *iam.Draft) (err error) {
		if err := d.SetPassword(id, password); err != nil {
			return err
		}
		u, err = d.State().User(id)
		return err
	})
	return u, revision, err
}

// writeFor writes what changes how a user signs in. A credential that has policies of its own must not: the user would not be bound
// by them.
func (p *Permit) writeFor(ctx context.Context, id iam.UserID, draft func(*iam.Draft) error) (iam.Revision, error) {
	return p.Write(ctx, func(d *iam.Draft) error {
		if err := p.mayIssue(d.State(), iam.Principal{Kind: iam.KindOfUser, ID: id.UUID}); err != nil {
			return err
		}
		return draft(d)
	})
}
