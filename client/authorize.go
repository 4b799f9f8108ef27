package client

import (
	"context"
	"time"

	"github.com/writ-iam/writ/client/apitype"
)

const auditLogs = "/v1/audit-logs"

// Authorize asks whether somebody may do something. A denial is no error.
func (c *Client) Authorize(ctx context.Context, in apitype.AuthorizeRequest) (*apitype.AuthorizeAnswer, error) {
	return do[apitype.AuthorizeAnswer](ctx, c, "POST", "/v1/iam/authorize", in)
}

// AuthorizeHTTP asks whether somebody may make an HTTP request to a service that the catalogue describes. A denial is no error.
func (c *Client) AuthorizeHTTP(ctx context.Context, in apitype.AuthorizeHTTPRequest) (*apitype.AuthorizeHTTPAnswer, error) {
	return do[apitype.AuthorizeHTTPAnswer](ctx, c, "POST", "/v1/iam/authorize-http", in)
}

// AuditLogParams choose a page of the audit log. Several filters combine with AND.
type AuditLogParams struct {
	PageParams
	ActorID      string
	ActorType    string // "user", "service_account" or "system"
	Action       string // exact, or a prefix if it ends in "*"
	ResourceType string
	ResourceID   string
	Status       string // "success", "failure" or "denied"
	IPAddress    string
	From, To     time.Time // From included, To not; none if zero
}

// ListAuditLogs gives a page of the audit log, newest first.
func (c *Client) ListAuditLogs(ctx context.Context, p AuditLogParams) (*apitype.AuditLogList, error) {
	path := p.on(auditLogs, "actor_id", p.ActorID, "actor_type", p.ActorType, "action", p.Action,
		"resource_type", p.ResourceType, "resource_id", p.ResourceID, "status", p.Status, "ip_address", p.IPAddress,
		"from", instant(p.From), "to", instant(p.To))
	return do[apitype.AuditLogList](ctx, c, "GET", path, nil)
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// GetAuditLog gives one entry of the audit log.
func (c *Client) GetAuditLog(ctx context.Context, logID string) (*apitype.AuditLogAnswer, error) {
	return do[apitype.AuditLogAnswer](ctx, c, "GET", at(auditLogs, logID), nil)
}
