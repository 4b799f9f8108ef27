package control

import (
	"context"
	"fmt"
	"time"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/guard"
	"github.com/writ-iam/writ/internal/iam"
)

// AccessToken is a signed token that ends by itself. It is told this once.
type AccessToken struct {
	Token     string
	ExpiresAt time.Time
	Lifetime  time.Duration // whole seconds
	Revision  iam.Revision
}

// UserType says what kind of caller the caller is, in VNG Cloud's words; "" for the role of a role session.
func (p *Permit) UserType() string { return userType(p.home.state, p.call.Actor.Principal) }

func userType(s *iam.State, who iam.Principal) string {
	o := s.Organization()
	return guard.UserType(who.Kind, o != nil && who == iam.Principal{Kind: iam.KindOfUser, ID: o.Owner.UUID})
}

// IssueToken gives a signed token for the access key that proves the caller. It acts as the key does, within what limits the key, and
// dies with the key and with its secret. The permit is for the operation IssueToken, by whoever has shown the key itself.
func (c *Control) IssueToken(p *Permit) (*AccessToken, error) {
	k, err := p.Bearer()
	s := p.home.state
	if err != nil || k.Kind != iam.AccessKey || userType(s, k.Principal) == "" {
		return nil, iam.Errorf(iam.Denied, "only access keys of users and service accounts are exchanged for tokens")
	}
	lifetime := iam.DefaultTokenLifeSpan * time.Second
	if a, err := s.ServiceAccount(iam.ServiceAccountID{UUID: k.Principal.ID}); err == nil {
		lifetime = a.TokenLifeSpan()
	}
	claims := authn.Claims{Org: s.ID(), Principal: k.Principal, Credential: k.ID,
		Client: authn.Client{UserType: userType(s, k.Principal), Account: s.Organization().Account, ID: k.AccessKey, Secret: authn.Fingerprint(k.Hash)}}
	until := p.at.Add(lifetime)
	if k.ExpiresAt != nil && k.ExpiresAt.Before(until) {
		until = *k.ExpiresAt
	}
	out, err := c.signFor(p, claims, until)
	if err == nil {
		out.Revision = s.Revision()
	}
	return out, err
}

// signFor signs claims for a caller. Times are cut to whole seconds, as the token has them.
func (c *Control) signFor(p *Permit, claims authn.Claims, until time.Time) (*AccessToken, error) {
	claims.Issuer, claims.IssuedAt, claims.ExpiresAt = c.Issuer, p.at.Truncate(time.Second), until.Truncate(time.Second)
	token, err := c.keys.Sign(claims)
	if err != nil {
		return nil, &iam.Error{Code: iam.Internal, Message: "no token can be signed", Err: err}
	}
	return &AccessToken{Token: token, ExpiresAt: claims.ExpiresAt, Lifetime: claims.ExpiresAt.Sub(claims.IssuedAt)}, nil
}

// clientActor accepts a token that was given for something else, as long as that is good: the secret of an access key, or whoever acts
// as the principal and may still be trusted.
func (c *Control) clientActor(ctx context.Context, s *snapshot, claims *authn.Claims) (iam.Actor, error) {
	if !claims.Client.By.Org.IsZero() {
		return c.borrowedActor(ctx, s, claims)
	}
	k, err := s.state.Credential(claims.Credential)
	if err != nil {
		return iam.Actor{}, err
	}
	if k.Kind != iam.AccessKey || k.Principal != claims.Principal || k.AccessKey != claims.Client.ID || authn.Fingerprint(k.Hash) != claims.Client.Secret {
		return iam.Actor{}, fmt.Errorf("credential %s, or its secret, is not what the token says", k.ID)
	}
	return c.credentialActor(s, k)
}
