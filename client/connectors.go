package client

import (
	"context"

	"github.com/writ-iam/writ/client/apitype"
)

const connectors = "/v1/iam/connectors"

// ListConnectors gives a page of connectors. Their names are their domains.
func (c *Client) ListConnectors(ctx context.Context, p ListParams) (*apitype.ConnectorList, error) {
	return do[apitype.ConnectorList](ctx, c, "GET", p.on(connectors), nil)
}

// CreateConnector makes a connector.
func (c *Client) CreateConnector(ctx context.Context, in apitype.CreateConnectorRequest) (*apitype.ConnectorAnswer, error) {
	return do[apitype.ConnectorAnswer](ctx, c, "POST", connectors, in)
}

// GetConnector gives one connector.
func (c *Client) GetConnector(ctx context.Context, connectorID string) (*apitype.ConnectorAnswer, error) {
	return do[apitype.ConnectorAnswer](ctx, c, "GET", at(connectors, connectorID), nil)
}

// UpdateConnector changes a connector.
func (c *Client) UpdateConnector(ctx context.Context, connectorID string, in apitype.UpdateConnectorRequest) (*apitype.ConnectorAnswer, error) {
	return do[apitype.ConnectorAnswer](ctx, c, "PATCH", at(connectors, connectorID), in)
}

// DeleteConnector removes a connector that is not enabled.
func (c *Client) DeleteConnector(ctx context.Context, connectorID string) (apitype.Revision, error) {
	return c.done(ctx, "DELETE", at(connectors, connectorID), nil)
}

// VerifyConnector has the domain of a connector verified. What is verified or being verified stays as it is.
func (c *Client) VerifyConnector(ctx context.Context, connectorID string) (*apitype.ConnectorAnswer, error) {
	return do[apitype.ConnectorAnswer](ctx, c, "POST", at(connectors, connectorID, "/verify"), nil)
}
