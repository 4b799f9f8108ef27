package client

import (
	"context"

	"github.com/writ-iam/writ/client/apitype"
)

const groups = "/v1/iam/groups"

// ListGroups gives a page of groups.
func (c *Client) ListGroups(ctx context.Context, p ListParams) (*apitype.GroupList, error) {
	return do[apitype.GroupList](ctx, c, "GET", p.on(groups), nil)
}

// CreateGroup makes a group.
func (c *Client) CreateGroup(ctx context.Context, in apitype.CreateGroupRequest) (*apitype.GroupAnswer, error) {
	return do[apitype.GroupAnswer](ctx, c, "POST", groups, in)
}

// GetGroup gives one group.
func (c *Client) GetGroup(ctx context.Context, groupID string) (*apitype.GroupAnswer, error) {
	return do[apitype.GroupAnswer](ctx, c, "GET", at(groups, groupID), nil)
}

// UpdateGroup changes a group.
func (c *Client) UpdateGroup(ctx context.Context, groupID string, in apitype.UpdateGroupRequest) (*apitype.GroupAnswer, error) {
	return do[apitype.GroupAnswer](ctx, c, "PATCH", at(groups, groupID), in)
}

// DeleteGroup removes a group with its memberships and attachments.
func (c *Client) DeleteGroup(ctx context.Context, groupID string) (apitype.Revision, error) {
	return c.done(ctx, "DELETE", at(groups, groupID), nil)
}

// ListGroupPolicies gives all policies of a group.
func (c *Client) ListGroupPolicies(ctx context.Context, groupID string) (*apitype.AttachedPolicyList, error) {
	return c.attached(ctx, groups, groupID)
}

// AttachGroupPolicy attaches a policy to a group.
func (c *Client) AttachGroupPolicy(ctx context.Context, groupID, policyID string) (apitype.Revision, error) {
	return c.attach(ctx, groups, groupID, policyID)
}

// DetachGroupPolicy detaches a policy from a group.
func (c *Client) DetachGroupPolicy(ctx context.Context, groupID, policyID string) (apitype.Revision, error) {
	return c.detach(ctx, groups, groupID, policyID)
}

// ListGroupServiceAccounts gives a page of the service accounts in a group.
func (c *Client) ListGroupServiceAccounts(ctx context.Context, groupID string, p PageParams) (*apitype.GroupServiceAccountList, error) {
	return do[apitype.GroupServiceAccountList](ctx, c, "GET", p.on(at(groups, groupID, "/service-accounts")), nil)
}

// ListGroupUsers gives a page of the users in a group.
func (c *Client) ListGroupUsers(ctx context.Context, groupID string, p PageParams) (*apitype.GroupUserList, error) {
	return do[apitype.GroupUserList](ctx, c, "GET", p.on(at(groups, groupID, "/users")), nil)
}

// attached, attach and detach serve the four kinds of things that hold policies.

func (c *Client) attached(ctx context.Context, kind, id string) (*apitype.AttachedPolicyList, error) {
	return do[apitype.AttachedPolicyList](ctx, c, "GET", at(kind, id, "/policies"), nil)
}

func (c *Client) attach(ctx context.Context, kind, id, policyID string) (apitype.Revision, error) {
	return c.done(ctx, "POST", at(kind, id, "/policies"), apitype.AttachRequest{PolicyID: policyID})
}

func (c *Client) detach(ctx context.Context, kind, id, policyID string) (apitype.Revision, error) {
	return c.done(ctx, "DELETE", at(kind, id, "/policies", policyID), nil)
}

// groupsOf, join and leave serve the two kinds of members.

func (c *Client) groupsOf(ctx context.Context, kind, id string) (*apitype.GroupList, error) {
	return do[apitype.GroupList](ctx, c, "GET", at(kind, id, "/groups"), nil)
}

func (c *Client) join(ctx context.Context, kind, id, groupID string) (apitype.Revision, error) {
	return c.done(ctx, "POST", at(kind, id, "/groups"), apitype.JoinRequest{GroupID: groupID})
}

func (c *Client) leave(ctx context.Context, kind, id, groupID string) (apitype.Revision, error) {
	return c.done(ctx, "DELETE", at(kind, id, "/groups", groupID), nil)
}
