package vngcloud

import (
	"net/http"
	"slices"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// accounts is the part of section 10.5 about service accounts. The client of one is the oldest of its access keys.
var accounts = area{missing: accountMissing, exists: "SERVICE_ACCOUNT_NAME_EXISTED"}

var aClient = thing{iam.TypeServiceAccount, "id"}

func accountRoutes() []wire.Route {
	const all, each = accountsV1 + "/service-accounts", accountsV1 + "/service-accounts/{id}"
	r := accounts.route
	return []wire.Route{
		r(get, all, control.ListServiceAccounts, anyOf(iam.TypeServiceAccount), listAccounts),
		r(post, all, control.CreateServiceAccount, tagging(iam.TypeServiceAccount), createAccount),
		r(get, each, control.GetServiceAccount, on(aClient), getAccount),
		r(patch, each, control.UpdateServiceAccount, on(aClient), updateAccount),
		r(del, each, control.DeleteServiceAccount, on(aClient), deleteAccount),
		r(post, each+"/activate", control.ActivateServiceAccount, on(aClient), enableAccount(true)),
		r(post, each+"/deactivate", control.DeactivateServiceAccount, on(aClient), enableAccount(false)),
		r(post, each+"/reset-secret", control.ResetServiceAccountSecret, on(aClient), resetSecret),
	}
}

type serviceAccount struct {
	ID          string `json:"id"`
	ClientID    string `json:"clientId"`
	Name        string `json:"name"`
	Description string `json:"description"`
	LifeSpan    int64  `json:"accessTokenLifeSpan"` // seconds
	CreatedAt   int64  `json:"createdAt"`
	Enabled     bool   `json:"enabled"`
	LastUse     *int64 `json:"lastUse,omitzero"`
}

// client finds the access key that is a service account's client; false if it has none.
func (c *call) client(a *iam.ServiceAccount) (*iam.Credential, bool) {
	for k := range c.View().CredentialsOf(a.ID.UUID).All() {
		if k.Kind == iam.AccessKey {
			return k, true
		}
	}
	return nil, false
}

func (c *call) serviceAccount(a *iam.ServiceAccount) serviceAccount {
	out := serviceAccount{ID: a.ID.String(), Name: a.Name, LifeSpan: int64(a.TokenLifeSpan().Seconds()), CreatedAt: a.CreatedAt.UnixMilli(), Enabled: a.Enabled}
	if a.Description != nil {
		out.Description = *a.Description
	}
	if k, ok := c.client(a); ok {
		out.ClientID = k.AccessKey
		if at, used := c.View().LastUsed(k.ID.UUID); used {
			out.LastUse = new(at.UnixMilli())
		}
	}
	return out
}

func (c *call) clientInPath() (*iam.ServiceAccount, error) { return c.account(c.pathID(aClient.param)) }

func listAccounts(c *call) (*wire.Answer, error) {
	q, err := c.pageQuery()
	if err != nil {
		return nil, err
	}
	list := slices.DeleteFunc(slices.Collect(c.View().ServiceAccounts().All()), func(a *iam.ServiceAccount) bool { return !a.Token.IsZero() })
	list = newestFirst(list, func(a *iam.ServiceAccount) (time.Time, iam.UUID) { return a.CreatedAt, a.ID.UUID })
	return paged(c, q, list, func(a *iam.ServiceAccount) string { return a.Name }, c.serviceAccount)
}

func getAccount(c *call) (*wire.Answer, error) {
	a, err := c.clientInPath()
	if err != nil {
		return nil, err
	}
	return c.shown(c.serviceAccount(a))
}

// createAccount makes a service account with its client, whose secret is told this once.
func createAccount(c *call) (*wire.Answer, error) {
	var in struct {
		Name        *string `json:"name"`
		Description *string `json:"description"`
		tagged
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	name, err := checkName(in.Name)
	if err != nil {
		return nil, err
	}
	account := iam.ServiceAccount{ID: iam.ServiceAccountID{UUID: c.Control.NewID()}, Name: name, Description: in.Description, Tags: in.domain()}
	if err := c.requireTagging(control.TagServiceAccount, iam.Name(iam.TypeServiceAccount, account.ID.UUID), in.tagged); err != nil {
		return nil, err
	}
	a, key, err := c.Control.CreateClient(c.Ctx(), c.Permit, account)
	if err != nil {
		return nil, err
	}
	return &wire.Answer{Status: http.StatusCreated, Revision: key.Revision, Body: struct {
		ID       string `json:"id"`
		ClientID string `json:"clientId"`
		Name     string `json:"name"`
		Secret   string `json:"clientSecret"`
	}{a.ID.String(), key.Credential.AccessKey, a.Name, key.Secret}}, nil
}

func updateAccount(c *call) (*wire.Answer, error) {
	var in struct {
		Description *string `json:"description"`
		LifeSpan    *int64  `json:"accessTokenLifeSpan"`
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	if n := in.LifeSpan; n != nil && (*n < iam.MinTokenLifeSpan || *n > iam.MaxTokenLifeSpan) {
		return nil, invalid("accessTokenLifeSpan", "is a number of seconds from %d to %d", iam.MinTokenLifeSpan, iam.MaxTokenLifeSpan)
	}
	a, err := c.clientInPath()
	if err != nil {
		return nil, err
	}
	_, err = c.Permit.Write(c.Ctx(), func(d *iam.Draft) error {
		_, err := d.UpdateServiceAccount(a.ID, func(a *iam.ServiceAccount) {
			if in.Description != nil {
				a.Description = in.Description
			}
		})
		if err == nil && in.LifeSpan != nil {
			_, err = d.SetTokenLifeSpan(a.ID, *in.LifeSpan)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return getAccount(c)
}

func deleteAccount(c *call) (*wire.Answer, error) {
	a, err := c.clientInPath()
	if err != nil {
		return nil, err
	}
	return c.write(func(d *iam.Draft) error { return d.DeleteServiceAccount(a.ID) })
}

func enableAccount(on bool) handler {
	return func(c *call) (*wire.Answer, error) {
		a, err := c.clientInPath()
		if err != nil {
			return nil, err
		}
		at, err := c.Permit.Write(c.Ctx(), func(d *iam.Draft) error {
			_, err := d.UpdateServiceAccount(a.ID, func(a *iam.ServiceAccount) { a.Enabled = on })
			return err
		})
		if err != nil {
			return nil, err
		}
		return &wire.Answer{Status: http.StatusOK, Body: struct{}{}, Revision: at}, nil
	}
}

// resetSecret gives the client a new secret that works: if it has expired, it lives as long as a new one would. A service account that was
// made elsewhere and has no client gets one.
func resetSecret(c *call) (*wire.Answer, error) {
	a, err := c.clientInPath()
	if err != nil {
		return nil, err
	}
	of := iam.Principal{Kind: iam.KindOfServiceAccount, ID: a.ID.UUID}
	var key *control.Issued
	if k, ok := c.client(a); ok {
		key, err = c.Control.RollCredential(c.Ctx(), c.Permit, of, k.ID, "", func(d *iam.Draft) error {
			_, err := d.UpdateCredential(of, k.ID, c.revive)
			return err
		})
	} else {
		key, err = c.Control.CreateAccessKey(c.Ctx(), c.Permit, control.NewCredential{Principal: of, Name: control.ClientKey, ExpiresAt: c.Permit.KeyExpiry()})
	}
	if err != nil {
		return nil, err
	}
	return &wire.Answer{Status: http.StatusOK, Revision: key.Revision, Body: struct {
		Secret string `json:"clientSecret"`
	}{key.Secret}}, nil
}

// revive puts off the end of a credential that has expired.
func (c *call) revive(k *iam.Credential) {
	if k.ExpiresAt != nil && !c.Permit.Now().Before(*k.ExpiresAt) {
		k.ExpiresAt = c.Permit.KeyExpiry()
	}
}
