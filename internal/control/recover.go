package control

import (
	"context"
	"time"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// Recovered is who may act again, and by what.
type Recovered struct {
	Name     string // the owner's address, or the new operator's name
	Token    string // told this once
	Revision iam.Revision
}

// RecoverOwner makes another token of an organization's owner, for when all that proved them is lost: nobody else may make one. It
// expires if the organization's security settings demand that of keys. There is no permit: it is for whoever holds the installation's
// master key, and an event of writ's own tells the organization. NotFound if there is no such organization.
func (c *Control) RecoverOwner(ctx context.Context, org iam.OrgID) (*Recovered, error) {
	if org == iam.PlatformOrg {
		return nil, iam.Errorf(iam.NotFound, "the platform has operators, and no owner")
	}
	_, now, err := c.org(ctx, org)
	if err != nil {
		return nil, err
	}
	owner, err := now.state.User(now.state.Organization().Owner)
	if err != nil {
		return nil, err
	}
	k := c.newToken(owner.ID.UUID, iam.KindOfUser, "recovered "+c.Now().UTC().Format(time.RFC3339))
	if most := now.state.SecuritySettings().MaxKeyLifetime; most > 0 {
		k.ExpiresAt = new(c.Now().Add(most))
	}
	return c.recover(ctx, org, owner.Email, "iam.owner.recover", k, nil)
}

// RecoverOperator makes another operator with a token, for when nobody can act as one any more. Those that there are stay.
// Whom it is for, and what tells of it, is as with RecoverOwner.
func (c *Control) RecoverOperator(ctx context.Context) (*Recovered, error) {
	a := iam.ServiceAccount{ID: iam.ServiceAccountID{UUID: c.NewID()}}
	a.Name = "operator-" + a.ID.String()
	own := []iam.OwnPolicy{{ID: iam.PolicyID{UUID: c.NewID()}, Document: operatorPolicy}}
	k := c.newToken(a.ID.UUID, iam.KindOfServiceAccount, "operator")
	return c.recover(ctx, iam.PlatformOrg, a.Name, "platform.operator.recover", k, func(d *iam.Draft) error {
		if _, err := d.CreateServiceAccount(a); err != nil {
			return err
		}
		_, err := d.ReplaceOwn(iam.Holder{Type: iam.TypeServiceAccount, ID: a.ID.UUID}, policy.Statements, own)
		return err
	})
}

// recover makes a credential, after what first drafts, and tells of it.
func (c *Control) recover(ctx context.Context, org iam.OrgID, name, event string, k iam.Credential, first func(*iam.Draft) error) (*Recovered, error) {
	e := c.ownEvent(org, event, iam.TypeCredential, k.ID.UUID, k.Name)
	e.Details = map[string]any{"principal": k.Principal.CRN().String()}
	err := c.administer(ctx, org, event, e, func(d *iam.Draft) error {
		if first != nil {
			if err := first(d); err != nil {
				return err
			}
		}
		_, err := d.CreateCredential(k)
		return err
	})
	if err != nil {
		return nil, err
	}
	token, err := c.sign(org, k)
	return &Recovered{name, token, e.Revision}, err
}
