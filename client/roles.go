package client

import (
	"context"
	"strconv"

	"github.com/writ-iam/writ/client/apitype"
)

const (
	roles       = "/v1/iam/roles"
	stsSessions = "/v1/iam/sts-sessions"
)

// ListRoles gives a page of roles.
func (c *Client) ListRoles(ctx context.Context, p ListParams) (*apitype.RoleList, error) {
	return do[apitype.RoleList](ctx, c, "GET", p.on(roles), nil)
}

// ListPredefinedRoles gives the roles that every organization has and cannot change, Owner first.
func (c *Client) ListPredefinedRoles(ctx context.Context) (*apitype.RoleList, error) {
	return do[apitype.RoleList](ctx, c, "GET", roles+"?predefined=true", nil)
}

// CreateRole makes a role.
func (c *Client) CreateRole(ctx context.Context, in apitype.CreateRoleRequest) (*apitype.RoleAnswer, error) {
	return do[apitype.RoleAnswer](ctx, c, "POST", roles, in)
}

// GetRole gives one role.
func (c *Client) GetRole(ctx context.Context, roleID string) (*apitype.RoleAnswer, error) {
	return do[apitype.RoleAnswer](ctx, c, "GET", at(roles, roleID), nil)
}

// UpdateRole changes a role.
func (c *Client) UpdateRole(ctx context.Context, roleID string, in apitype.UpdateRoleRequest) (*apitype.RoleAnswer, error) {
	return do[apitype.RoleAnswer](ctx, c, "PATCH", at(roles, roleID), in)
}

// DeleteRole removes a role; its live sessions are revoked.
func (c *Client) DeleteRole(ctx context.Context, roleID string) (apitype.Revision, error) {
	return c.done(ctx, "DELETE", at(roles, roleID), nil)
}

// ListRolePolicies gives all policies of a role.
func (c *Client) ListRolePolicies(ctx context.Context, roleID string) (*apitype.AttachedPolicyList, error) {
	return c.attached(ctx, roles, roleID)
}

// AttachRolePolicy attaches a policy to a role.
func (c *Client) AttachRolePolicy(ctx context.Context, roleID, policyID string) (apitype.Revision, error) {
	return c.attach(ctx, roles, roleID, policyID)
}

// DetachRolePolicy detaches a policy from a role.
func (c *Client) DetachRolePolicy(ctx context.Context, roleID, policyID string) (apitype.Revision, error) {
	return c.detach(ctx, roles, roleID, policyID)
}

// AssumeRole gives temporary credentials of a role whose trust policy covers the caller.
func (c *Client) AssumeRole(ctx context.Context, in apitype.AssumeRoleRequest) (*apitype.TemporaryCredentials, error) {
	return do[apitype.TemporaryCredentials](ctx, c, "POST", "/v1/iam/assume-role", in)
}

// GetWorkloadCredentials gives temporary credentials of a workload.
func (c *Client) GetWorkloadCredentials(ctx context.Context, in apitype.WorkloadCredentialsRequest) (*apitype.WorkloadCredentials, error) {
	return do[apitype.WorkloadCredentials](ctx, c, "POST", "/v1/iam/workload-credentials", in)
}

// STSSessionParams choose a page of role sessions.
type STSSessionParams struct {
	PageParams
	RoleID        string
	PrincipalID   string
	PrincipalType string // "user" or "service_account"
	ActiveOnly    *bool  // true is meant when nil
}

// ListSTSSessions gives a page of role sessions.
func (c *Client) ListSTSSessions(ctx context.Context, p STSSessionParams) (*apitype.STSSessionList, error) {
	active := ""
	if p.ActiveOnly != nil {
		active = strconv.FormatBool(*p.ActiveOnly)
	}
	path := p.on(stsSessions, "role_id", p.RoleID, "principal_id", p.PrincipalID, "principal_type", p.PrincipalType,
		"active_only", active)
	return do[apitype.STSSessionList](ctx, c, "GET", path, nil)
}

// GetSTSSession gives one role session.
func (c *Client) GetSTSSession(ctx context.Context, sessionID string) (*apitype.STSSessionAnswer, error) {
	return do[apitype.STSSessionAnswer](ctx, c, "GET", at(stsSessions, sessionID), nil)
}

// RevokeSTSSession ends a live role session.
func (c *Client) RevokeSTSSession(ctx context.Context, sessionID string, in apitype.RevokeSTSSessionRequest) (*apitype.STSSessionAnswer, error) {
	return do[apitype.STSSessionAnswer](ctx, c, "POST", at(stsSessions, sessionID, "/revoke"), in)
}

// ListRoleCredentials gives all credentials of a role, without secrets.
func (c *Client) ListRoleCredentials(ctx context.Context, roleID string) (*apitype.CredentialList, error) {
	return do[apitype.CredentialList](ctx, c, "GET", at(roles, roleID, "/credentials"), nil)
}

// CreateRoleCredential makes an access key whose bearer acts with the role's policies alone. Its secret signs requests as Exoscale's
// clients do, and is a bearer token as others are.
func (c *Client) CreateRoleCredential(ctx context.Context, roleID string, in apitype.CreateCredentialRequest) (*apitype.CredentialAnswer, error) {
	return do[apitype.CredentialAnswer](ctx, c, "POST", at(roles, roleID, "/credentials"), in)
}

// GetRoleCredential gives one credential of a role.
func (c *Client) GetRoleCredential(ctx context.Context, roleID, credentialID string) (*apitype.CredentialAnswer, error) {
	return do[apitype.CredentialAnswer](ctx, c, "GET", at(roles, roleID, "/credentials", credentialID), nil)
}

// DeleteRoleCredential ends a credential of a role at once.
func (c *Client) DeleteRoleCredential(ctx context.Context, roleID, credentialID string) (apitype.Revision, error) {
	return c.done(ctx, "DELETE", at(roles, roleID, "/credentials", credentialID), nil)
}
