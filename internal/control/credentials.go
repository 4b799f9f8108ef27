package control

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/iam"
)

// NewCredential is what a new access key is asked to be. What is zero limits nothing.
type NewCredential struct {
	Principal             iam.Principal // an account token has one of its own instead
	Name                  string        // of a key that is not native: its id, if empty
	Description           string
	Project               iam.ProjectID // the default one, if zero
	NotBefore, ExpiresAt  *time.Time
	Disabled              bool
	AllowedIPs, DeniedIPs []netip.Prefix
	Policies              []iam.CredentialPolicy // those without an id get one
	Form                  authn.Form
	// Prefix makes the secret one that authn.NewToken makes; empty: one of the Form.
	Prefix string
}

// Issued is a credential with its secret, which is told this once.
type Issued struct {
	Credential *iam.Credential
	Secret     string
	Revision   iam.Revision
}

// DeleteCredential ends a credential of a principal at once. The permit is for the operation that deletes credentials
// of that kind of principal, or DeleteAPIToken. What is to be done in the same commit stands in also.
func (c *Control) DeleteCredential(ctx context.Context, p *Permit, of iam.Principal, id iam.CredentialID, also ...func(*iam.Draft) error) (iam.Revision, error) {
	p.concern(of, id)
	return p.Write(ctx, func(d *iam.Draft) error {
		err := d.DeleteCredential(of, id)
		return following(d, err, also)
	})
}

// following does in a draft what is to be done in the same commit, if nothing has failed.
func following(d *iam.Draft, err error, also []func(*iam.Draft) error) error {
	for _, more := range also {
		if err == nil {
			err = more(d)
		}
	}
	return err
}

// concern says in the event which credential it is about.
func (p *Permit) concern(of iam.Principal, id iam.CredentialID) {
	p.Target.Details = map[string]any{"principal": of.CRN().String()}
	if k, err := p.View().CredentialOf(of, id); err == nil {
		p.Target.Name = k.Name
		if k.AccessKey != "" {
			p.Target.Details["access_key_id"] = k.AccessKey
		}
	}
	if p.Target.Resources[0].Type != iam.TypeAPIToken { // which events call by that word
		p.Target.Type = iam.TypeCredential
	}
	p.Target.ID = id.String()
}

// CreateAccessKey gives a user, service account or role an access key. Through a credential that has policies of its own it is
// Denied for users and roles, and for whoever bears that credential. The permit is for the operation that creates credentials of
// that kind of principal.
func (c *Control) CreateAccessKey(ctx context.Context, p *Permit, in NewCredential) (*Issued, error) {
	k, secret, err := c.newAccessKey(p, in)
	if err != nil {
		return nil, err
	}
	p.Target.Type = iam.TypeCredential
	p.describe(k)
	out := &Issued{Secret: secret}
	out.Revision, err = p.Write(ctx, func(d *iam.Draft) (err error) {
		if err := p.mayIssue(d.State(), k.Principal); err != nil {
			return err
		}
		out.Credential, err = d.CreateCredential(k)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// CreateAccountToken makes an API token of the organization, with a service account of its own to which draft, unless it
// is nil, gives its policies in the same commit; it may be called more than once. The permit is for the operation
// CreateAPIToken.
func (c *Control) CreateAccountToken(ctx context.Context, p *Permit, in NewCredential, draft func(*iam.Draft, *iam.ServiceAccount) error) (*Issued, error) {
	account := iam.ServiceAccount{ID: iam.ServiceAccountID{UUID: c.NewID()}}
	in.Principal = iam.Principal{Kind: iam.KindOfServiceAccount, ID: account.ID.UUID}
	k, secret, err := c.newAccessKey(p, in)
	if err != nil {
		return nil, err
	}
	p.describe(k)
	out := &Issued{Secret: secret}
	out.Revision, err = p.Write(ctx, func(d *iam.Draft) error {
		made, credential, err := d.CreateAccountToken(account, k)
		if err != nil {
			return err
		}
		if out.Credential = credential; draft == nil {
			return nil
		}
		return draft(d, made)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ClientKey is what the access key is called that a service account is made with.
const ClientKey = "client"

// CreateClient makes a service account with an access key, in one commit. Without an id, it gets one. The permit is for the operation
// CreateServiceAccount.
func (c *Control) CreateClient(ctx context.Context, p *Permit, a iam.ServiceAccount) (*iam.ServiceAccount, *Issued, error) {
	if a.ID.IsZero() {
		a.ID = iam.ServiceAccountID{UUID: c.NewID()}
	}
	k, secret, err := c.newAccessKey(p, NewCredential{Principal: iam.Principal{Kind: iam.KindOfServiceAccount, ID: a.ID.UUID}, Name: ClientKey, ExpiresAt: p.KeyExpiry()})
	if err != nil {
		return nil, nil, err
	}
	p.Target.ID, p.Target.Name = a.ID.String(), a.Name
	p.Target.Details = map[string]any{"access_key_id": k.AccessKey}
	out := &Issued{Secret: secret}
	var made *iam.ServiceAccount
	out.Revision, err = p.Write(ctx, func(d *iam.Draft) (err error) {
		if made, err = d.CreateServiceAccount(a); err != nil {
			return err
		}
		out.Credential, err = d.CreateCredential(k)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return made, out, nil
}

// KeyExpiry is when a credential has to expire that is made now and by somebody who cannot say; nil if it need not.
func (p *Permit) KeyExpiry() *time.Time {
	if most := p.View().SecuritySettings().MaxKeyLifetime; most > 0 {
		return new(p.at.Add(most))
	}
	return nil
}

// newAccessKey makes an access key and its secret.
func (c *Control) newAccessKey(p *Permit, in NewCredential) (iam.Credential, string, error) {
	id := c.NewID()
	pair, err := authn.NewKey(c.Random, in.Form)
	var sealed []byte
	switch {
	case err == nil && in.Form == authn.Exoscale:
		sealed, err = c.seal(id, pair.Secret)
	case err == nil && in.Prefix != "":
		pair.Secret, err = authn.NewToken(c.Random, in.Prefix)
	}
	if err != nil {
		return iam.Credential{}, "", &iam.Error{Code: iam.Internal, Message: "no key can be made", Err: err}
	}
	if in.Name == "" && in.Form != authn.Native {
		in.Name = pair.ID
	}
	return iam.Credential{
		ID: iam.CredentialID{UUID: id}, Principal: in.Principal, Kind: iam.AccessKey, Name: in.Name,
		Description: in.Description, Project: in.Project, CreationIP: ipText(p.call.IP),
		AccessKey: pair.ID, Hash: c.keys.Hash(pair.Secret), Sealed: sealed, NotBefore: in.NotBefore, ExpiresAt: in.ExpiresAt,
		Disabled: in.Disabled, AllowedIPs: in.AllowedIPs, DeniedIPs: in.DeniedIPs,
		Policies: (&policyIDs{c: c}).fill(in.Policies), CreatorEmail: p.Actor().Email,
	}, pair.Secret, nil
}

// describe says in the event which credential is made.
func (p *Permit) describe(k iam.Credential) {
	p.Target.ID, p.Target.Name = k.ID.String(), k.Name
	p.Target.Details = map[string]any{"principal": k.Principal.CRN().String(), "access_key_id": k.AccessKey}
}

// UpdateCredential lets edit change a credential of a principal, as iam.Draft.UpdateCredential does; policies without an id
// get one. What is to be done in the same commit stands in also. It is Denied where CreateAccessKey would be. The permit is for the operation that updates credentials of that
// kind of principal, or UpdateAPIToken.
func (c *Control) UpdateCredential(ctx context.Context, p *Permit, of iam.Principal, id iam.CredentialID, edit func(*iam.Credential),
	also ...func(*iam.Draft) error) (*iam.Credential, iam.Revision, error) {
	p.concern(of, id)
	var k *iam.Credential
	ids := policyIDs{c: c}
	revision, err := p.Write(ctx, func(d *iam.Draft) (err error) {
		if err := p.mayIssue(d.State(), of); err != nil {
			return err
		}
		k, err = d.UpdateCredential(of, id, func(k *iam.Credential) {
			edit(k)
			k.Policies = ids.fill(k.Policies)
		})
		return following(d, err, also)
	})
	if err != nil {
		return nil, 0, err
	}
	return k, revision, nil
}

// RollCredential gives a credential of a principal a new secret, of the form that its key has; the old one proves nothing any more.
// prefix is as in NewCredential. What is to be done in the same commit stands in also. It is Denied where CreateAccessKey would be. The
// permit is for the operation that renews secrets of that kind of principal, or RollAPIToken.
func (c *Control) RollCredential(ctx context.Context, p *Permit, of iam.Principal, id iam.CredentialID, prefix string,
	also ...func(*iam.Draft) error) (*Issued, error) {
	form := authn.Native
	if k, err := p.View().CredentialOf(of, id); err == nil {
		form = authn.FormOf(k.AccessKey)
	}
	fresh, secret, err := c.newAccessKey(p, NewCredential{Prefix: prefix, Form: form})
	if err != nil {
		return nil, err
	}
	p.concern(of, id)
	out := &Issued{Secret: secret}
	out.Revision, err = p.Write(ctx, func(d *iam.Draft) (err error) {
		if err := p.mayIssue(d.State(), of); err != nil {
			return err
		}
		out.Credential, err = d.RollCredential(of, id, fresh.Hash)
		return following(d, err, also)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Bearer is the credential that proves the caller, as it is now; NotFound for a role session.
func (p *Permit) Bearer() (*iam.Credential, error) {
	return p.home.state.Credential(p.call.Actor.Credential)
}

// policyIDs makes ids for policies, the same ones each time.
type policyIDs struct {
	c    *Control
	made []iam.PolicyID
}

// fill gives an id to those that have none.
func (x *policyIDs) fill(in []iam.CredentialPolicy) []iam.CredentialPolicy {
	out := slices.Clone(in)
	for i := range out {
		if !out[i].ID.IsZero() {
			continue
		}
		for len(x.made) <= i {
			x.made = append(x.made, iam.PolicyID{UUID: x.c.NewID()})
		}
		out[i].ID = x.made[i]
	}
	return out
}
