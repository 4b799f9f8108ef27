package client

import (
	"context"

	"github.com/writ-iam/writ/client/apitype"
)

const apiTokens = "/v1/iam/api-tokens"

// ListAPITokens gives a page of the organization's API tokens, without secrets.
func (c *Client) ListAPITokens(ctx context.Context, p PageParams) (*apitype.APITokenList, error) {
	return do[apitype.APITokenList](ctx, c, "GET", p.on(apiTokens), nil)
}

// CreateAPIToken makes an API token of the organization, with a service account of its own.
func (c *Client) CreateAPIToken(ctx context.Context, in apitype.CreateCredentialRequest) (*apitype.APITokenAnswer, error) {
	return do[apitype.APITokenAnswer](ctx, c, "POST", apiTokens, in)
}

// GetAPIToken gives one API token, without its secret.
func (c *Client) GetAPIToken(ctx context.Context, tokenID string) (*apitype.APITokenAnswer, error) {
	return do[apitype.APITokenAnswer](ctx, c, "GET", at(apiTokens, tokenID), nil)
}

// UpdateAPIToken changes an API token.
func (c *Client) UpdateAPIToken(ctx context.Context, tokenID string, in apitype.UpdateCredentialRequest) (*apitype.APITokenAnswer, error) {
	return do[apitype.APITokenAnswer](ctx, c, "PATCH", at(apiTokens, tokenID), in)
}

// RollAPIToken gives an API token a new secret.
func (c *Client) RollAPIToken(ctx context.Context, tokenID string) (*apitype.APITokenAnswer, error) {
	return do[apitype.APITokenAnswer](ctx, c, "POST", at(apiTokens, tokenID, "/roll"), nil)
}

// DeleteAPIToken ends an API token at once, with its service account.
func (c *Client) DeleteAPIToken(ctx context.Context, tokenID string) (apitype.Revision, error) {
	return c.done(ctx, "DELETE", at(apiTokens, tokenID), nil)
}

// VerifyToken tells what the client's own token is.
func (c *Client) VerifyToken(ctx context.Context) (*apitype.TokenStatus, error) {
	return do[apitype.TokenStatus](ctx, c, "GET", "/v1/iam/token", nil)
}
