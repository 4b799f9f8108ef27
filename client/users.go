package client

import (
	"context"

	"github.com/writ-iam/writ/client/apitype"
)

const (
	users       = "/v1/iam/users"
	invitations = "/v1/iam/invitations"
)

// ListUsers gives a page of users. The filter is tried on name and address.
func (c *Client) ListUsers(ctx context.Context, p ListParams) (*apitype.UserList, error) {
	return do[apitype.UserList](ctx, c, "GET", p.on(users), nil)
}

// AddUser links a person to the organization, or invites them.
func (c *Client) AddUser(ctx context.Context, in apitype.AddUserRequest) (*apitype.AddUserAnswer, error) {
	return do[apitype.AddUserAnswer](ctx, c, "POST", users, in)
}

// GetUser gives one user.
func (c *Client) GetUser(ctx context.Context, userID string) (*apitype.UserAnswer, error) {
	return do[apitype.UserAnswer](ctx, c, "GET", at(users, userID), nil)
}

// RemoveUser ends a membership of the organization.
func (c *Client) RemoveUser(ctx context.Context, userID string) (apitype.Revision, error) {
	return c.done(ctx, "DELETE", at(users, userID), nil)
}

// ListUserCredentials gives all credentials of a user, without secrets.
func (c *Client) ListUserCredentials(ctx context.Context, userID string) (*apitype.CredentialList, error) {
	return do[apitype.CredentialList](ctx, c, "GET", at(users, userID, "/credentials"), nil)
}

// CreateUserCredential makes an access key of a user.
func (c *Client) CreateUserCredential(ctx context.Context, userID string, in apitype.CreateCredentialRequest) (*apitype.CredentialAnswer, error) {
	return do[apitype.CredentialAnswer](ctx, c, "POST", at(users, userID, "/credentials"), in)
}

// GetUserCredential gives one credential of a user, without its secret.
func (c *Client) GetUserCredential(ctx context.Context, userID, credentialID string) (*apitype.CredentialAnswer, error) {
	return do[apitype.CredentialAnswer](ctx, c, "GET", at(users, userID, "/credentials", credentialID), nil)
}

// UpdateUserCredential changes a credential of a user.
func (c *Client) UpdateUserCredential(ctx context.Context, userID, credentialID string, in apitype.UpdateCredentialRequest) (*apitype.CredentialAnswer, error) {
	return do[apitype.CredentialAnswer](ctx, c, "PATCH", at(users, userID, "/credentials", credentialID), in)
}

// RollUserCredential gives a credential of a user a new secret.
func (c *Client) RollUserCredential(ctx context.Context, userID, credentialID string) (*apitype.CredentialAnswer, error) {
	return do[apitype.CredentialAnswer](ctx, c, "POST", at(users, userID, "/credentials", credentialID, "/roll"), nil)
}

// DeleteUserCredential ends a credential of a user at once.
func (c *Client) DeleteUserCredential(ctx context.Context, userID, credentialID string) (apitype.Revision, error) {
	return c.done(ctx, "DELETE", at(users, userID, "/credentials", credentialID), nil)
}

// ListUserGroups gives all groups of a user.
func (c *Client) ListUserGroups(ctx context.Context, userID string) (*apitype.GroupList, error) {
	return c.groupsOf(ctx, users, userID)
}

// AddUserToGroup puts a user into a group.
func (c *Client) AddUserToGroup(ctx context.Context, userID, groupID string) (apitype.Revision, error) {
	return c.join(ctx, users, userID, groupID)
}

// RemoveUserFromGroup takes a user out of a group.
func (c *Client) RemoveUserFromGroup(ctx context.Context, userID, groupID string) (apitype.Revision, error) {
	return c.leave(ctx, users, userID, groupID)
}

// ListUserPolicies gives all policies that are attached to a user directly.
func (c *Client) ListUserPolicies(ctx context.Context, userID string) (*apitype.AttachedPolicyList, error) {
	return c.attached(ctx, users, userID)
}

// AttachUserPolicy attaches a policy to a user.
func (c *Client) AttachUserPolicy(ctx context.Context, userID, policyID string) (apitype.Revision, error) {
	return c.attach(ctx, users, userID, policyID)
}

// DetachUserPolicy detaches a policy from a user.
func (c *Client) DetachUserPolicy(ctx context.Context, userID, policyID string) (apitype.Revision, error) {
	return c.detach(ctx, users, userID, policyID)
}

// InvitationParams choose a page of invitations.
type InvitationParams struct {
	PageParams
	Status string // "pending", which is meant when empty, or "expired"
}

// ListInvitations gives a page of invitations.
func (c *Client) ListInvitations(ctx context.Context, p InvitationParams) (*apitype.InvitationList, error) {
	return do[apitype.InvitationList](ctx, c, "GET", p.on(invitations, "status", p.Status), nil)
}

// GetInvitation gives one invitation.
func (c *Client) GetInvitation(ctx context.Context, invitationID string) (*apitype.InvitationAnswer, error) {
	return do[apitype.InvitationAnswer](ctx, c, "GET", at(invitations, invitationID), nil)
}

// ResendInvitation gives an invitation a new lifetime and mails it again.
func (c *Client) ResendInvitation(ctx context.Context, invitationID string) (*apitype.InvitationAnswer, error) {
	return do[apitype.InvitationAnswer](ctx, c, "POST", at(invitations, invitationID, "/resend"), nil)
}

// CancelInvitation removes an invitation.
func (c *Client) CancelInvitation(ctx context.Context, invitationID string) (apitype.Revision, error) {
	return c.done(ctx, "DELETE", at(invitations, invitationID), nil)
}
