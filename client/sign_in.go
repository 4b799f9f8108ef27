package client

import (
	"context"

	"github.com/writ-iam/writ/client/apitype"
)

const (
	auth           = "/v1/auth"
	userSessions   = "/v1/iam/user-sessions"
	authenticators = "/v1/iam/authenticators"
	security       = "/v1/iam/security-settings"
)

// SignIn signs a user in; the client needs no token for it. The answer may be that a second factor is needed.
func (c *Client) SignIn(ctx context.Context, in apitype.SignInRequest) (*apitype.SignInAnswer, error) {
	return do[apitype.SignInAnswer](ctx, c, "POST", auth+"/sign-in", in)
}

// SignOut ends the session that the client calls with.
func (c *Client) SignOut(ctx context.Context) (apitype.Revision, error) {
	return c.done(ctx, "POST", auth+"/sign-out", nil)
}

// RenewUserSession prolongs the session that the client calls with.
func (c *Client) RenewUserSession(ctx context.Context, in apitype.RenewUserSessionRequest) (*apitype.UserTokenAnswer, error) {
	return do[apitype.UserTokenAnswer](ctx, c, "POST", auth+"/renew", in)
}

// CreateUserSession opens another session beside what the client calls with.
func (c *Client) CreateUserSession(ctx context.Context, in apitype.CreateUserSessionRequest) (*apitype.UserTokenAnswer, error) {
	return do[apitype.UserTokenAnswer](ctx, c, "POST", auth+"/sessions", in)
}

// ListUserSessions gives a page of the sessions of a user, ended ones too.
func (c *Client) ListUserSessions(ctx context.Context, userID string, p PageParams) (*apitype.UserSessionList, error) {
	return do[apitype.UserSessionList](ctx, c, "GET", p.on(at(users, userID, "/sessions")), nil)
}

// GetUserSession gives one session of a user.
func (c *Client) GetUserSession(ctx context.Context, sessionID string) (*apitype.UserSessionAnswer, error) {
	return do[apitype.UserSessionAnswer](ctx, c, "GET", at(userSessions, sessionID), nil)
}

// DeleteUserSession ends a session of a user at once.
func (c *Client) DeleteUserSession(ctx context.Context, sessionID string) (apitype.Revision, error) {
	return c.done(ctx, "DELETE", at(userSessions, sessionID), nil)
}

// SetUserPassword gives a user a password.
func (c *Client) SetUserPassword(ctx context.Context, userID string, in apitype.SetPasswordRequest) (apitype.Revision, error) {
	return c.done(ctx, "PUT", at(users, userID, "/password"), in)
}

// LockUser disables a user in the organization.
func (c *Client) LockUser(ctx context.Context, userID string) (*apitype.UserAnswer, error) {
	return do[apitype.UserAnswer](ctx, c, "POST", at(users, userID, "/lock"), nil)
}

// UnlockUser enables a user who was locked, by somebody or by failing to sign in.
func (c *Client) UnlockUser(ctx context.Context, userID string) (*apitype.UserAnswer, error) {
	return do[apitype.UserAnswer](ctx, c, "POST", at(users, userID, "/unlock"), nil)
}

// ListGracePeriods gives what a user has yet to do.
func (c *Client) ListGracePeriods(ctx context.Context, userID string) (*apitype.GracePeriodList, error) {
	return do[apitype.GracePeriodList](ctx, c, "GET", at(users, userID, "/grace-periods"), nil)
}

// CreateUserMFA gives a user the secret of a generator of one-time passwords. It counts once it is validated.
func (c *Client) CreateUserMFA(ctx context.Context, userID string) (*apitype.OTPAnswer, error) {
	return do[apitype.OTPAnswer](ctx, c, "POST", at(users, userID, "/mfa-otp"), nil)
}

// ValidateUserMFA shows that a user's generator works, and gives recovery codes.
func (c *Client) ValidateUserMFA(ctx context.Context, userID string, in apitype.ValidateOTPRequest) (*apitype.RecoveryCodesAnswer, error) {
	return do[apitype.RecoveryCodesAnswer](ctx, c, "POST", at(users, userID, "/mfa-otp/validate"), in)
}

// DeleteUserMFA takes a user's generator away.
func (c *Client) DeleteUserMFA(ctx context.Context, userID string) (apitype.Revision, error) {
	return c.done(ctx, "DELETE", at(users, userID, "/mfa-otp"), nil)
}

// StartRegistration begins the registration of an authenticator of a user.
func (c *Client) StartRegistration(ctx context.Context, userID string, in apitype.StartRegistrationRequest) (*apitype.RegistrationAnswer, error) {
	return do[apitype.RegistrationAnswer](ctx, c, "POST", at(users, userID, "/authenticators/start"), in)
}

// FinishRegistration registers an authenticator of a user.
func (c *Client) FinishRegistration(ctx context.Context, userID string, in apitype.FinishRegistrationRequest) (*apitype.AuthenticatorAnswer, error) {
	return do[apitype.AuthenticatorAnswer](ctx, c, "POST", at(users, userID, "/authenticators"), in)
}

// ListAuthenticators gives a page of the authenticators of a user.
func (c *Client) ListAuthenticators(ctx context.Context, userID string, p PageParams) (*apitype.AuthenticatorList, error) {
	return do[apitype.AuthenticatorList](ctx, c, "GET", p.on(at(users, userID, "/authenticators")), nil)
}

// RenameAuthenticator gives an authenticator another name.
func (c *Client) RenameAuthenticator(ctx context.Context, authenticatorID string, in apitype.RenameRequest) (*apitype.AuthenticatorAnswer, error) {
	return do[apitype.AuthenticatorAnswer](ctx, c, "PATCH", at(authenticators, authenticatorID), in)
}

// DeleteAuthenticator takes an authenticator away.
func (c *Client) DeleteAuthenticator(ctx context.Context, authenticatorID string) (apitype.Revision, error) {
	return c.done(ctx, "DELETE", at(authenticators, authenticatorID), nil)
}

// GetSecuritySettings gives the organization's security settings.
func (c *Client) GetSecuritySettings(ctx context.Context) (*apitype.SecuritySettingsAnswer, error) {
	return do[apitype.SecuritySettingsAnswer](ctx, c, "GET", security, nil)
}

// ReplaceSecuritySettings replaces the organization's security settings.
func (c *Client) ReplaceSecuritySettings(ctx context.Context, in apitype.ReplaceSecuritySettingsRequest) (*apitype.SecuritySettingsAnswer, error) {
	return do[apitype.SecuritySettingsAnswer](ctx, c, "PUT", security, in)
}

// ReplaceLoginMethods replaces the ways in which users may sign in.
func (c *Client) ReplaceLoginMethods(ctx context.Context, in apitype.ReplaceLoginMethodsRequest) (*apitype.SecuritySettingsAnswer, error) {
	return do[apitype.SecuritySettingsAnswer](ctx, c, "PUT", security+"/login-methods", in)
}

// SetAlias gives the organization a short name, once and for all.
func (c *Client) SetAlias(ctx context.Context, in apitype.SetAliasRequest) (*apitype.SecuritySettingsAnswer, error) {
	return do[apitype.SecuritySettingsAnswer](ctx, c, "PUT", security+"/alias", in)
}
