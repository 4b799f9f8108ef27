package api

import (
	"net/http"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

func serviceAccountRoutes() []Route {
	const all, one = "/v1/iam/service-accounts", "/v1/iam/service-accounts/{service_account_id}"
	find := (*iam.State).ServiceAccount
	of := credentialsOf{aServiceAccount, iam.KindOfServiceAccount, exists(find), asCredentials, aCredential, authn.Native}
	keys := credentialsOf{aServiceAccount, iam.KindOfServiceAccount, exists(find), asKeys, anAPIKey, authn.Native}
	return []Route{
		{get, all, control.ListServiceAccounts, aServiceAccount.any, list(serviceAccounts, (*iam.State).ServiceAccounts)},
		{post, all, control.CreateServiceAccount, aServiceAccount.any, createServiceAccount},
		{get, one, control.GetServiceAccount, aServiceAccount.one, getOne(aServiceAccount, find, serviceAccounts)},
		{patch, one, control.UpdateServiceAccount, aServiceAccount.one, updateServiceAccount},
		{del, one, control.DeleteServiceAccount, aServiceAccount.one, deleteOne(aServiceAccount, (*iam.Draft).DeleteServiceAccount)},
		{get, one + "/credentials", control.ListServiceAccountCredentials, aServiceAccount.one, of.list},
		{post, one + "/credentials", control.CreateServiceAccountCredential, aServiceAccount.one, of.create},
		{get, one + "/credentials/{credential_id}", control.GetServiceAccountCredential, aServiceAccount.one, of.get},
		{patch, one + "/credentials/{credential_id}", control.UpdateServiceAccountCredential, aServiceAccount.one, of.update},
		{post, one + "/credentials/{credential_id}/roll", control.RollServiceAccountCredential, aServiceAccount.one, of.roll},
		{del, one + "/credentials/{credential_id}", control.DeleteServiceAccountCredential, aServiceAccount.one, of.delete},
		{get, one + "/keys", control.ListServiceAccountCredentials, aServiceAccount.one, keys.list},
		{post, one + "/keys", control.CreateServiceAccountCredential, aServiceAccount.one, keys.create},
		{del, one + "/keys/{api_key_id}", control.DeleteServiceAccountCredential, aServiceAccount.one, keys.delete},
		{get, one + "/groups", control.ListServiceAccountGroups, aServiceAccount.one,
			listGroupsOf(aServiceAccount, find, func(a *iam.ServiceAccount) []iam.Joined { return a.Groups })},
		{post, one + "/groups", control.AddServiceAccountToGroup, aServiceAccount.one, join(aServiceAccount, iam.KindOfServiceAccount)},
		{del, one + "/groups/{group_id}", control.RemoveServiceAccountFromGroup, aServiceAccount.one, leave(aServiceAccount, iam.KindOfServiceAccount)},
		{get, one + "/policies", control.ListServiceAccountPolicies, aServiceAccount.one,
			listAttached(aServiceAccount, find, func(a *iam.ServiceAccount) []iam.Attached { return a.Policies })},
		{post, one + "/policies", control.AttachServiceAccountPolicy, aServiceAccount.one, attach(aServiceAccount)},
		{del, one + "/policies/{policy_id}", control.DetachServiceAccountPolicy, aServiceAccount.one, detach(aServiceAccount)},
	}
}

var serviceAccounts = kind[*iam.ServiceAccount, apitype.ServiceAccount]{
	id:   func(a *iam.ServiceAccount) iam.UUID { return a.ID.UUID },
	wire: serviceAccountToWire,
	one: func(a apitype.ServiceAccount, at apitype.Revision) any {
		return apitype.ServiceAccountAnswer{ServiceAccount: a, Revision: at}
	},
	many: func(as []apitype.ServiceAccount, p apitype.Page) any {
		return apitype.ServiceAccountList{ServiceAccounts: as, Page: p}
	},
}

func serviceAccountToWire(c *call, a *iam.ServiceAccount) apitype.ServiceAccount {
	return apitype.ServiceAccount{
		ID: a.ID.String(), CRN: iam.Name(iam.TypeServiceAccount, a.ID.UUID).String(), Name: a.Name,
		DisplayName: a.DisplayName, Description: a.Description, Enabled: a.Enabled, Groups: refs(c, a.Groups, joinedGroup),
		AccessTokenLifeSpan: a.AccessTokenLifeSpan, TrustedRoots: a.TrustedRoots,
		CreatedAt: apitype.Time{Time: a.CreatedAt}, UpdatedAt: apitype.Time{Time: a.UpdatedAt},
	}
}

func createServiceAccount(c *call) (*wire.Answer, error) {
	var in apitype.CreateServiceAccountRequest
	err := c.decode(&in, func(f *form) {
		f.name("name", &in.Name)
		f.text("display_name", in.DisplayName, maxDisplayName)
		f.text("description", in.Description, maxDescription)
	})
	if err != nil {
		return nil, err
	}
	a := iam.ServiceAccount{ID: iam.ServiceAccountID{UUID: c.Control.NewID()}, Name: in.Name,
		DisplayName: in.DisplayName, Description: in.Description}
	return create(c, serviceAccounts, a.ID.UUID, a.Name, func(d *iam.Draft) (*iam.ServiceAccount, error) {
		return d.CreateServiceAccount(a)
	})
}

func updateServiceAccount(c *call) (*wire.Answer, error) {
	id, err := aServiceAccount.id(c)
	if err != nil {
		return nil, err
	}
	var in apitype.UpdateServiceAccountRequest
	err = c.decode(&in, func(f *form) {
		f.newText("display_name", in.DisplayName, maxDisplayName)
		f.newText("description", in.Description, maxDescription)
		f.notNull("enabled", in.Enabled.Null)
	})
	if err != nil {
		return nil, err
	}
	return write(c, http.StatusOK, serviceAccounts, func(d *iam.Draft) (*iam.ServiceAccount, error) {
		return d.UpdateServiceAccount(iam.ServiceAccountID{UUID: id}, func(a *iam.ServiceAccount) {
			applyText(in.DisplayName, &a.DisplayName)
			applyText(in.Description, &a.Description)
			apply(in.Enabled, &a.Enabled)
		})
	})
}
