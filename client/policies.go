package client

import (
	"context"

	"github.com/writ-iam/writ/client/apitype"
)

const policies = "/v1/iam/policies"

// ListPolicies gives a page of policies.
func (c *Client) ListPolicies(ctx context.Context, p ListParams) (*apitype.PolicyList, error) {
	return do[apitype.PolicyList](ctx, c, "GET", p.on(policies), nil)
}

// CreatePolicy makes a policy.
func (c *Client) CreatePolicy(ctx context.Context, in apitype.CreatePolicyRequest) (*apitype.PolicyAnswer, error) {
	return do[apitype.PolicyAnswer](ctx, c, "POST", policies, in)
}

// GetPolicy gives one policy.
func (c *Client) GetPolicy(ctx context.Context, policyID string) (*apitype.PolicyAnswer, error) {
	return do[apitype.PolicyAnswer](ctx, c, "GET", at(policies, policyID), nil)
}

// UpdatePolicy changes a policy.
func (c *Client) UpdatePolicy(ctx context.Context, policyID string, in apitype.UpdatePolicyRequest) (*apitype.PolicyAnswer, error) {
	return do[apitype.PolicyAnswer](ctx, c, "PATCH", at(policies, policyID), in)
}

// DeletePolicy removes a policy that is attached to nothing.
func (c *Client) DeletePolicy(ctx context.Context, policyID string) (apitype.Revision, error) {
	return c.done(ctx, "DELETE", at(policies, policyID), nil)
}

// ListPolicyGroups gives a page of the groups that have a policy.
func (c *Client) ListPolicyGroups(ctx context.Context, policyID string, p PageParams) (*apitype.GroupList, error) {
	return do[apitype.GroupList](ctx, c, "GET", p.on(at(policies, policyID, "/groups")), nil)
}

// ListPolicyRoles gives a page of the roles that have a policy.
func (c *Client) ListPolicyRoles(ctx context.Context, policyID string, p PageParams) (*apitype.RoleList, error) {
	return do[apitype.RoleList](ctx, c, "GET", p.on(at(policies, policyID, "/roles")), nil)
}

// ListPolicyServiceAccounts gives a page of the service accounts that have a policy directly.
func (c *Client) ListPolicyServiceAccounts(ctx context.Context, policyID string, p PageParams) (*apitype.ServiceAccountList, error) {
	return do[apitype.ServiceAccountList](ctx, c, "GET", p.on(at(policies, policyID, "/service-accounts")), nil)
}

// ListPolicyUsers gives a page of the users that have a policy directly.
func (c *Client) ListPolicyUsers(ctx context.Context, policyID string, p PageParams) (*apitype.UserList, error) {
	return do[apitype.UserList](ctx, c, "GET", p.on(at(policies, policyID, "/users")), nil)
}
