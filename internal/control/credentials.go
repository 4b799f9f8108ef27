package control

import (
	"context"
	"time"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/iam"
)

// NewCredential is what a new access key is asked to be.
type NewCredential struct {
	Principal iam.Principal
	Name      string
	ExpiresAt *time.Time
}

// Issued is a credential with its secret, which is told this once.
type Issued struct {
	Credential *iam.Credential
	Secret     string
	Revision   iam.Revision
}

// DeleteCredential ends a credential of a principal at once. The permit is for the operation that deletes credentials
// of that kind of principal.
func (c *Control) DeleteCredential(ctx context.Context, p *Permit, of iam.Principal, id iam.CredentialID) (iam.Revision, error) {
	if k, err := p.View().Credential(id); err == nil && k.Principal == of {
		p.Target.Name = k.Name
	}
	p.Target.Type, p.Target.ID = iam.TypeCredential, id.String()
	p.Target.Details = map[string]any{"principal": of.CRN().String()}
	return p.Write(ctx, func(d *iam.Draft) error { return d.DeleteCredential(of, id) })
}

// CreateAccessKey gives a user or service account an access key. The permit is for the operation that creates
// credentials of that kind of principal.
func (c *Control) CreateAccessKey(ctx context.Context, p *Permit, in NewCredential) (*Issued, error) {
	pair, err := authn.NewAccessKey(c.Random)
	if err != nil {
		return nil, &iam.Error{Code: iam.Internal, Message: "no key can be made", Err: err}
	}
	k := iam.Credential{
		ID: iam.CredentialID{UUID: c.NewID()}, Principal: in.Principal, Kind: iam.AccessKey, Name: in.Name,
		AccessKey: pair.ID, Hash: c.keys.Hash(pair.Secret), ExpiresAt: in.ExpiresAt,
	}
	p.Target.Type, p.Target.ID, p.Target.Name = iam.TypeCredential, k.ID.String(), in.Name
	p.Target.Details = map[string]any{"principal": in.Principal.CRN().String(), "access_key_id": pair.ID}
	out := &Issued{Secret: pair.Secret}
	out.Revision, err = p.Write(ctx, func(d *iam.Draft) (err error) {
		out.Credential, err = d.CreateCredential(k)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
