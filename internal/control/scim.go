package control

import (
	"context"
	"encoding/base64"
	"io"
	"slices"

	"github.com/writ-iam/writ/internal/iam"
)

// CreateSCIMToken gives an identity provider a token, which is told this once. It begins with what it is of, so that nobody need look
// for it. The permit is for that operation.
func (c *Control) CreateSCIMToken(ctx context.Context, p *Permit, of iam.SCIMID) (iam.SCIMToken, string, iam.Revision, error) {
	t := iam.SCIMToken{ID: iam.SCIMTokenID{UUID: c.NewID()}}
	var secret [32]byte
	if _, err := io.ReadFull(c.Random, secret[:]); err != nil {
		return t, "", 0, &iam.Error{Code: iam.Internal, Message: "no token can be made", Err: err}
	}
	org := p.View().ID()
	text := base64.RawURLEncoding.EncodeToString(slices.Concat(org.UUID[:], t.ID.UUID[:])) + "." + base64.RawURLEncoding.EncodeToString(secret[:])
	t.Hash = c.keys.Hash(text)
	p.Target.Type, p.Target.ID = "scim_token", t.ID.String()
	revision, err := p.Write(ctx, func(d *iam.Draft) (err error) {
		t, err = d.CreateSCIMToken(of, t)
		return err
	})
	return t, text, revision, err
}
