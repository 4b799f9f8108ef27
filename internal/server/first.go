package server

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/config"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
)

// FirstOrganization is an organization that Init makes.
type FirstOrganization struct {
	Name, OwnerEmail string
	OwnerName        string // the address if empty
}

// check refuses, before anything is made, what would be refused later.
func (f *FirstOrganization) check() error {
	if f == nil {
		return nil
	}
	if f.Name == "" {
		return errors.New("the organization needs a name")
	}
	if err := iam.CheckEmail("the owner's address", f.OwnerEmail); err != nil {
		return errors.New(control.PublicMessage(err))
	}
	return nil
}

// make makes the organization through the one door, and enters the owner's proofs.
func (f *FirstOrganization) make(ctx context.Context, d *door, env *config.Env) (err error) {
	c, err := control.New(ctx, d.cfg)
	if err != nil {
		return err
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- c.Run(background) }()
	defer func() {
		stop()
		err = errors.Join(err, <-ended)
	}()
	founded, err := f.found(ctx, c, d.token)
	if err != nil {
		return err
	}
	key, err := ownerKey(ctx, c, founded, authn.Native)
	if err != nil {
		return err
	}
	scaleway, err := ownerKey(ctx, c, founded, authn.Scaleway)
	if err != nil {
		return err
	}
	env.Set(config.Token, founded.Token)
	env.Set(config.Organization, founded.Organization.ID.String())
	env.SetOwnerKey(founded.Organization.ID.String(), strconv.FormatInt(founded.Organization.Account, 10), key)
	signing, err := roleKey(ctx, c, founded)
	if err != nil {
		return err
	}
	env.SetRoleKey(signing.Credential.AccessKey, signing.Secret)
	env.SetScalewayKey(founded.Organization.ID.String(), scaleway)
	return nil
}

// roleKey makes a key of the role Owner that signs requests.
func roleKey(ctx context.Context, c *control.Control, founded *control.Founded) (*control.Issued, error) {
	role := iam.Principal{Kind: iam.KindOfRole, ID: iam.PredefinedRole(founded.Organization.ID, iam.OwnerRole).UUID}
	p, err := enter(ctx, c, founded.Token, control.CreateRoleCredential, control.On(role.CRN()))
	if err != nil {
		return nil, err
	}
	return c.CreateAccessKey(ctx, p, control.NewCredential{Principal: role, Name: firstKey, Form: authn.Exoscale})
}

func (f *FirstOrganization) found(ctx context.Context, c *control.Control, operator string) (*control.Founded, error) {
	p, err := enter(ctx, c, operator, control.CreateOrganization, control.On(iam.AnyOf(iam.TypeOrganization)))
	if err != nil {
		return nil, err
	}
	return c.CreateOrganization(ctx, p, control.NewOrganization{Name: f.Name, OwnerEmail: f.OwnerEmail, OwnerName: f.OwnerName})
}

// firstKey is what the owner's first access key is called.
const firstKey = "first key"

func ownerKey(ctx context.Context, c *control.Control, founded *control.Founded, form authn.Form) (string, error) {
	owner := iam.Principal{Kind: iam.KindOfUser, ID: founded.Owner.ID.UUID}
	p, err := enter(ctx, c, founded.Token, control.CreateUserCredential, control.On(owner.CRN()))
	if err != nil {
		return "", err
	}
	issued, err := c.CreateAccessKey(ctx, p, control.NewCredential{Principal: owner, Name: firstKey, Form: form})
	if err != nil {
		return "", err
	}
	return issued.Credential.AccessKey + ":" + issued.Secret, nil
}

// enter makes a call of this process as whoever a token names.
func enter(ctx context.Context, c *control.Control, token string, op *control.Operation, target control.Target) (*control.Permit, error) {
	actor, err := c.Authenticate(ctx, control.Presented{Bearer: token})
	if err != nil {
		return nil, fmt.Errorf("the token that was just made: %w", err)
	}
	return c.Enter(ctx, &control.Call{Actor: actor, UserAgent: "writ init"}, op, target)
}
