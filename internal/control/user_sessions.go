package control

import (
	"context"
	"time"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/iam"
)

// UserToken is a session of a user with the token that stands for it. Token and RenewToken are told this once.
type UserToken struct {
	Session           *iam.UserSession
	Token, RenewToken string
	Revision          iam.Revision
}

// renewPrefix is what tokens that renew sessions begin with.
const renewPrefix = "writ_renew_"

// newRenewal makes a token that renews a session, and what a store keeps of it.
func (c *Control) newRenewal() (token string, hash []byte, err error) {
	token, err = authn.NewToken(c.Random, renewPrefix)
	if err != nil {
		return "", nil, &iam.Error{Code: iam.Internal, Message: "no token can be made", Err: err}
	}
	return token, c.keys.Hash(token), nil
}

// signSession makes the token of a session.
func (c *Control) signSession(org iam.OrgID, x *iam.UserSession, now time.Time) (string, error) {
	return c.keys.Sign(authn.Claims{Issuer: c.Issuer, Org: org, Principal: iam.Principal{Kind: iam.KindOfUser, ID: x.User.UUID},
		UserSession: x.ID, IssuedAt: now, ExpiresAt: x.ExpiresAt})
}

// NewUserSession is what a caller asks for who wants another session.
type NewUserSession struct {
	User     iam.UserID // the caller
	Referrer string
	Length   time.Duration // zero: as long as the organization allows
}

// CreateUserSession gives the caller a session beside the credential or session that they come with, which is no better: it ends
// when the organization's longest session from when they signed in does, and when the credential does. Denied for the session of
// somebody else. The permit is for the operation CreateJWT.
func (c *Control) CreateUserSession(ctx context.Context, p *Permit, in NewUserSession) (*UserToken, error) {
	actor := p.Actor()
	renew, hash, err := c.newRenewal()
	if err != nil {
		return nil, err
	}
	x := iam.UserSession{ID: iam.UserSessionID{UUID: c.NewID()}, User: in.User, Credential: actor.Credential, Length: in.Length, Renewal: hash,
		Referrer: in.Referrer, IP: ipText(p.call.IP), UserAgent: p.call.UserAgent}
	p.Target.Details = map[string]any{"opened_session_id": x.ID.String()}
	out := &UserToken{RenewToken: renew}
	out.Revision, err = p.Write(ctx, func(d *iam.Draft) (err error) {
		if actor.Principal != (iam.Principal{Kind: iam.KindOfUser, ID: in.User.UUID}) {
			return iam.Errorf(iam.Denied, "nobody opens a session of somebody else")
		}
		if !actor.UserSession.IsZero() {
			parent, err := d.State().UserSession(actor.UserSession)
			if err != nil {
				return err
			}
			x.SignedInAt = parent.SignedInAt
		}
		out.Session, err = d.OpenUserSession(x)
		return err
	})
	if err != nil {
		return nil, err
	}
	out.Token, err = c.signSession(p.Target.Org, out.Session, p.Now())
	return out, err
}

// RenewUserSession gives the session that the caller comes with its length anew, within what the organization allows from when they signed
// in, with a new token and a new token to renew it with. Denied if the caller comes with no such session, or shows a token that is
// not its last. The permit is for the operation RenewJWT.
func (c *Control) RenewUserSession(ctx context.Context, p *Permit, renew string) (*UserToken, error) {
	id := p.Actor().UserSession
	next, hash, err := c.newRenewal()
	if err != nil {
		return nil, err
	}
	out := &UserToken{RenewToken: next}
	out.Revision, err = p.Write(ctx, func(d *iam.Draft) error {
		x, err := d.State().UserSession(id)
		if err != nil || !c.keys.Matches(renew, x.Renewal) {
			return iam.Errorf(iam.Denied, "the renewal token is not that of the session that you call with, or was used already")
		}
		out.Session, err = d.RenewUserSession(id, hash)
		return err
	})
	if err != nil {
		return nil, err
	}
	out.Token, err = c.signSession(p.Target.Org, out.Session, p.Now())
	return out, err
}
