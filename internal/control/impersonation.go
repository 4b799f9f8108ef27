package control

import (
	"context"
	"fmt"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/iam"
)

// seek finds out whether the service account that a call of a foreign operation is about belongs to another organization, and trusts
// the caller's. If not, the call is about the caller's own organization, in which it names nothing.
func (p *Permit) seek(ctx context.Context) error {
	target := p.Target.Resources[0]
	id, err := iam.ParseUUID(target.ID)
	if err != nil || target.Type != iam.TypeServiceAccount {
		return nil
	}
	account := iam.ServiceAccountID{UUID: id}
	if _, err := p.home.state.ServiceAccount(account); err == nil {
		return nil
	}
	s, err := p.c.holding(ctx, iam.Key{Space: iam.SpaceTrusting, Value: id.String()})
	if iam.CodeOf(err) == iam.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	a, err := s.state.ServiceAccount(account)
	if home := p.home.state.Organization(); err == nil && home != nil && a.Trusts(home.Account) {
		p.Target.Org, p.account = s.state.ID(), s.state.AccountText()
	}
	return nil
}

// foreign tells whether the call is about a service account of another organization.
func (p *Permit) foreign() bool { return p.account != "" }

// Impersonate gives the caller a token with which they act as a service account: of their own organization, or of another in which it
// trusts theirs. It ends by itself, and with what proves the caller, their organization's being trusted, and the service account.
// Whatever is wrong is Denied. The permit is for the operation ImpersonateServiceAccount, on the service account.
func (c *Control) Impersonate(ctx context.Context, p *Permit, id iam.ServiceAccountID) (*AccessToken, error) {
	home := p.from.now.Load().state
	by, err := p.impersonator(home)
	if err != nil {
		return nil, err
	}
	var account *iam.ServiceAccount
	var owned *iam.Organization
	at, err := p.Write(ctx, func(d *iam.Draft) error {
		a, err := d.State().ServiceAccount(id)
		if err != nil || !a.Enabled || !a.Token.IsZero() || p.foreign() && !a.Trusts(home.Organization().Account) {
			return denied(p.op)
		}
		account, owned = a, d.State().Organization()
		return nil
	})
	if err != nil {
		return nil, err
	}
	claims := authn.Claims{Org: p.Target.Org, Principal: iam.Principal{Kind: iam.KindOfServiceAccount, ID: id.UUID}}
	claims.Client = authn.Client{UserType: userType(p.View().State, claims.Principal), Account: owned.Account, By: by}
	out, err := c.signFor(p, claims, p.at.Add(account.TokenLifeSpan()))
	if err == nil {
		out.Revision = at
	}
	return out, err
}

// impersonator is the caller, and what proves them. What limits them would not limit what they would act as.
func (p *Permit) impersonator(home *iam.State) (by authn.Impersonator, err error) {
	actor := p.call.Actor
	if p.limited(home) {
		return by, iam.Errorf(iam.Denied, "a credential that has policies of its own, and a token with which somebody acts as somebody else, "+
			"give no token to act as a service account: it would not be bound by them")
	}
	by = authn.Impersonator{Org: actor.Org, Principal: actor.Principal, Session: actor.Session, UserSession: actor.UserSession}
	if !by.UserSession.IsZero() { // which ends with the credential that it was made with
		return by, nil
	}
	by.Credential = actor.Credential
	if k, err := home.Credential(actor.Credential); err == nil && k.Kind == iam.AccessKey {
		by.Secret = authn.Fingerprint(k.Hash)
	}
	return by, nil
}

// borrowedActor accepts a token with which somebody acts as a service account, as long as that is good, and so are they.
func (c *Control) borrowedActor(ctx context.Context, s *snapshot, claims *authn.Claims) (iam.Actor, error) {
	a, err := s.state.ServiceAccount(iam.ServiceAccountID{UUID: claims.Principal.ID})
	if err != nil {
		return iam.Actor{}, err
	}
	if !a.Enabled || claims.Principal.Kind != iam.KindOfServiceAccount {
		return iam.Actor{}, fmt.Errorf("service account %s is disabled", a.ID)
	}
	by := &claims.Client.By
	_, home, err := c.org(ctx, by.Org)
	if err != nil {
		return iam.Actor{}, err
	}
	o := home.state.Organization()
	if by.Org != claims.Org && !a.Trusts(o.Account) || o.Suspended {
		return iam.Actor{}, fmt.Errorf("service account %s does not trust account %d any more, or that is suspended", a.ID, o.Account)
	}
	if err := c.impersonatorGood(home, by); err != nil {
		return iam.Actor{}, err
	}
	return iam.Actor{Org: claims.Org, Principal: claims.Principal, Behind: claims.Principal, Name: a.Name, By: by.Principal, ByAccount: o.Account}, nil
}

// impersonatorGood tells why whoever acts as somebody else may not any more, if so.
func (c *Control) impersonatorGood(home *snapshot, by *authn.Impersonator) error {
	switch {
	case !by.Session.IsZero():
		x, err := home.state.Session(by.Session)
		if err != nil {
			return err
		}
		return c.sessionGood(home, x, c.Now())
	case !by.UserSession.IsZero():
		x, err := home.state.UserSession(by.UserSession)
		if err != nil {
			return err
		}
		actor, err := c.userSessionActor(home, x)
		if err == nil && actor.Principal != by.Principal {
			return fmt.Errorf("session %s is not what the token says", x.ID)
		}
		return err
	}
	k, err := home.state.Credential(by.Credential)
	if err != nil {
		return err
	}
	if k.Principal != by.Principal || by.Secret != "" && authn.Fingerprint(k.Hash) != by.Secret {
		return fmt.Errorf("credential %s, or its secret, is not what the token says", k.ID)
	}
	_, err = c.credentialActor(home, k)
	return err
}
