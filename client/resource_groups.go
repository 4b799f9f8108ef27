package client

import (
	"context"

	"github.com/writ-iam/writ/client/apitype"
)

const resourceGroups = "/v1/iam/resource-groups"

// ListResourceGroups gives a page of resource groups, the predefined one first. Those that belong to one policy are left out.
func (c *Client) ListResourceGroups(ctx context.Context, p ListParams) (*apitype.ResourceGroupList, error) {
	return do[apitype.ResourceGroupList](ctx, c, "GET", p.on(resourceGroups), nil)
}

// CreateResourceGroup makes a resource group.
func (c *Client) CreateResourceGroup(ctx context.Context, in apitype.CreateResourceGroupRequest) (*apitype.ResourceGroupAnswer, error) {
	return do[apitype.ResourceGroupAnswer](ctx, c, "POST", resourceGroups, in)
}

// GetResourceGroup gives one resource group.
func (c *Client) GetResourceGroup(ctx context.Context, resourceGroupID string) (*apitype.ResourceGroupAnswer, error) {
	return do[apitype.ResourceGroupAnswer](ctx, c, "GET", at(resourceGroups, resourceGroupID), nil)
}

// UpdateResourceGroup changes a resource group, and with it where the policies apply that name it.
func (c *Client) UpdateResourceGroup(ctx context.Context, resourceGroupID string, in apitype.UpdateResourceGroupRequest) (*apitype.ResourceGroupAnswer, error) {
	return do[apitype.ResourceGroupAnswer](ctx, c, "PATCH", at(resourceGroups, resourceGroupID), in)
}

// DeleteResourceGroup removes a resource group that no policy names.
func (c *Client) DeleteResourceGroup(ctx context.Context, resourceGroupID string) (apitype.Revision, error) {
	return c.done(ctx, "DELETE", at(resourceGroups, resourceGroupID), nil)
}
