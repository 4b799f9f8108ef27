package control

import (
	"context"
	"fmt"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/iam"
)

// sealedSecret is what the secrets of keys that sign requests are sealed for. It is part of the storage format.
const sealedSecret = "access key secret"

// newSigningKey makes a key that signs requests, for the credential or session with an id, and its secret as it is kept.
func (c *Control) newSigningKey(of iam.UUID) (authn.KeyPair, []byte, error) {
	pair, err := authn.NewExoscaleKey(c.Random)
	if err != nil {
		return authn.KeyPair{}, nil, err
	}
	sealed, err := c.keys.Seal(c.Random, sealedSecret, of, []byte(pair.Secret))
	return pair, sealed, err
}

// bySignature accepts a request that is signed with the secret of a credential or of a role session.
func (c *Control) bySignature(ctx context.Context, r *authn.SignedRequest) (iam.Actor, error) {
	s, err := c.holding(ctx, iam.Key{Space: iam.SpaceAccessKey, Value: r.Key})
	if err != nil {
		return iam.Actor{}, err
	}
	if k, ok := s.state.CredentialByAccessKey(r.Key); ok {
		if err := c.verify(r, k.ID.UUID, k.Sealed); err != nil {
			return iam.Actor{}, err
		}
		return c.credentialActor(s, k)
	}
	x, ok := s.state.SessionByAccessKey(r.Key)
	if !ok {
		return iam.Actor{}, fmt.Errorf("access key %q is gone", r.Key)
	}
	if err := c.verify(r, x.ID.UUID, x.Sealed); err != nil {
		return iam.Actor{}, err
	}
	return c.sessionActor(s, x)
}

// verify holds a request to the secret of the credential or session with an id.
func (c *Control) verify(r *authn.SignedRequest, of iam.UUID, sealed []byte) error {
	if len(sealed) == 0 {
		return fmt.Errorf("access key %q was not made for signing", r.Key)
	}
	secret, err := c.keys.Unseal(sealedSecret, of, sealed)
	if err != nil {
		return err
	}
	return r.Verify(string(secret), c.Now())
}
