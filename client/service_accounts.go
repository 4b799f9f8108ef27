package client

import (
	"context"

	"github.com/writ-iam/writ/client/apitype"
)

const serviceAccounts = "/v1/iam/service-accounts"

// ListServiceAccounts gives a page of service accounts.
func (c *Client) ListServiceAccounts(ctx context.Context, p ListParams) (*apitype.ServiceAccountList, error) {
	return do[apitype.ServiceAccountList](ctx, c, "GET", p.on(serviceAccounts), nil)
}

// CreateServiceAccount makes a service account.
func (c *Client) CreateServiceAccount(ctx context.Context, in apitype.CreateServiceAccountRequest) (*apitype.ServiceAccountAnswer, error) {
	return do[apitype.ServiceAccountAnswer](ctx, c, "POST", serviceAccounts, in)
}

// GetServiceAccount gives one service account.
func (c *Client) GetServiceAccount(ctx context.Context, serviceAccountID string) (*apitype.ServiceAccountAnswer, error) {
	return do[apitype.ServiceAccountAnswer](ctx, c, "GET", at(serviceAccounts, serviceAccountID), nil)
}

// UpdateServiceAccount changes a service account.
func (c *Client) UpdateServiceAccount(ctx context.Context, serviceAccountID string, in apitype.UpdateServiceAccountRequest) (*apitype.ServiceAccountAnswer, error) {
	return do[apitype.ServiceAccountAnswer](ctx, c, "PATCH", at(serviceAccounts, serviceAccountID), in)
}

// DeleteServiceAccount removes a service account with all that it has.
func (c *Client) DeleteServiceAccount(ctx context.Context, serviceAccountID string) (apitype.Revision, error) {
	return c.done(ctx, "DELETE", at(serviceAccounts, serviceAccountID), nil)
}

// ListServiceAccountCredentials gives all credentials of a service account, without secrets.
func (c *Client) ListServiceAccountCredentials(ctx context.Context, serviceAccountID string) (*apitype.CredentialList, error) {
	return do[apitype.CredentialList](ctx, c, "GET", at(serviceAccounts, serviceAccountID, "/credentials"), nil)
}

// CreateServiceAccountCredential makes an access key of a service account.
func (c *Client) CreateServiceAccountCredential(ctx context.Context, serviceAccountID string, in apitype.CreateCredentialRequest) (*apitype.CredentialAnswer, error) {
	return do[apitype.CredentialAnswer](ctx, c, "POST", at(serviceAccounts, serviceAccountID, "/credentials"), in)
}

// GetServiceAccountCredential gives one credential of a service account, without its secret.
func (c *Client) GetServiceAccountCredential(ctx context.Context, serviceAccountID, credentialID string) (*apitype.CredentialAnswer, error) {
	return do[apitype.CredentialAnswer](ctx, c, "GET", at(serviceAccounts, serviceAccountID, "/credentials", credentialID), nil)
}

// UpdateServiceAccountCredential changes a credential of a service account.
func (c *Client) UpdateServiceAccountCredential(ctx context.Context, serviceAccountID, credentialID string, in apitype.UpdateCredentialRequest) (*apitype.CredentialAnswer, error) {
	return do[apitype.CredentialAnswer](ctx, c, "PATCH", at(serviceAccounts, serviceAccountID, "/credentials", credentialID), in)
}

// RollServiceAccountCredential gives a credential of a service account a new secret.
func (c *Client) RollServiceAccountCredential(ctx context.Context, serviceAccountID, credentialID string) (*apitype.CredentialAnswer, error) {
	return do[apitype.CredentialAnswer](ctx, c, "POST", at(serviceAccounts, serviceAccountID, "/credentials", credentialID, "/roll"), nil)
}

// DeleteServiceAccountCredential ends a credential of a service account at once.
func (c *Client) DeleteServiceAccountCredential(ctx context.Context, serviceAccountID, credentialID string) (apitype.Revision, error) {
	return c.done(ctx, "DELETE", at(serviceAccounts, serviceAccountID, "/credentials", credentialID), nil)
}

// ListServiceAccountKeys is ListServiceAccountCredentials in the words of edition A.
func (c *Client) ListServiceAccountKeys(ctx context.Context, serviceAccountID string) (*apitype.APIKeyList, error) {
	return do[apitype.APIKeyList](ctx, c, "GET", at(serviceAccounts, serviceAccountID, "/keys"), nil)
}

// CreateServiceAccountKey is CreateServiceAccountCredential in the words of edition A.
func (c *Client) CreateServiceAccountKey(ctx context.Context, serviceAccountID string, in apitype.CreateCredentialRequest) (*apitype.APIKeyAnswer, error) {
	return do[apitype.APIKeyAnswer](ctx, c, "POST", at(serviceAccounts, serviceAccountID, "/keys"), in)
}

// DeleteServiceAccountKey is DeleteServiceAccountCredential in the words of edition A.
func (c *Client) DeleteServiceAccountKey(ctx context.Context, serviceAccountID, apiKeyID string) (apitype.Revision, error) {
	return c.done(ctx, "DELETE", at(serviceAccounts, serviceAccountID, "/keys", apiKeyID), nil)
}

// ListServiceAccountGroups gives all groups of a service account.
func (c *Client) ListServiceAccountGroups(ctx context.Context, serviceAccountID string) (*apitype.GroupList, error) {
	return c.groupsOf(ctx, serviceAccounts, serviceAccountID)
}

// AddServiceAccountToGroup puts a service account into a group.
func (c *Client) AddServiceAccountToGroup(ctx context.Context, serviceAccountID, groupID string) (apitype.Revision, error) {
	return c.join(ctx, serviceAccounts, serviceAccountID, groupID)
}

// RemoveServiceAccountFromGroup takes a service account out of a group.
func (c *Client) RemoveServiceAccountFromGroup(ctx context.Context, serviceAccountID, groupID string) (apitype.Revision, error) {
	return c.leave(ctx, serviceAccounts, serviceAccountID, groupID)
}

// ListServiceAccountPolicies gives all policies that are attached to a service account directly.
func (c *Client) ListServiceAccountPolicies(ctx context.Context, serviceAccountID string) (*apitype.AttachedPolicyList, error) {
	return c.attached(ctx, serviceAccounts, serviceAccountID)
}

// AttachServiceAccountPolicy attaches a policy to a service account.
func (c *Client) AttachServiceAccountPolicy(ctx context.Context, serviceAccountID, policyID string) (apitype.Revision, error) {
	return c.attach(ctx, serviceAccounts, serviceAccountID, policyID)
}

// DetachServiceAccountPolicy detaches a policy from a service account.
func (c *Client) DetachServiceAccountPolicy(ctx context.Context, serviceAccountID, policyID string) (apitype.Revision, error) {
	return c.detach(ctx, serviceAccounts, serviceAccountID, policyID)
}
