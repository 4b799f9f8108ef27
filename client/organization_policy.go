package client

import (
	"context"

	"github.com/writ-iam/writ/client/apitype"
)

const organizationPolicy = "/v1/iam/organization-policy"

// GetOrganizationPolicy gives the policy that bounds everybody in the organization.
func (c *Client) GetOrganizationPolicy(ctx context.Context) (*apitype.OrganizationPolicyAnswer, error) {
	return do[apitype.OrganizationPolicyAnswer](ctx, c, "GET", organizationPolicy, nil)
}

// UpdateOrganizationPolicy replaces it.
func (c *Client) UpdateOrganizationPolicy(ctx context.Context, in apitype.SetOrganizationPolicyRequest) (*apitype.OrganizationPolicyAnswer, error) {
	return do[apitype.OrganizationPolicyAnswer](ctx, c, "PUT", organizationPolicy, in)
}

// ResetOrganizationPolicy lifts it. It does not bind the organization's owner in this.
func (c *Client) ResetOrganizationPolicy(ctx context.Context) (apitype.Revision, error) {
	return c.done(ctx, "DELETE", organizationPolicy, nil)
}
