package control

import (
	"context"
	"fmt"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/iam"
)

// sealedSecret is what the secrets of keys that sign requests are sealed for. It is part of the storage format.
const sealedSecret = "access key secret"

// seal gives the secret of a key that signs requests as it is kept, of the credential or session with an id.
func (c *Control) seal(of iam.UUID, secret string) ([]byte, error) {
	return c.keys.Seal(c.Random, sealedSecret, of, []byte(secret))
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
