package apitype

// AuditLog is one entry of the audit log (section 14).
type AuditLog struct {
	ID             string         `json:"id"`
	Timestamp      Time           `json:"timestamp"`
	ActorID        *string        `json:"actor_id"`   // null for a workload and for the system
	ActorType      string         `json:"actor_type"` // "user", "service_account" or "system"
	ActorName      *string        `json:"actor_name"`
	ActorEmail     *string        `json:"actor_email"`
	OrganizationID string         `json:"organization_id"`
	Action         string         `json:"action"` // as in "iam.policy.create"
	Status         string         `json:"status"` // "success", "failure" or "denied"
	ResourceType   *string        `json:"resource_type"`
	ResourceID     *string        `json:"resource_id"`
	ResourceName   *string        `json:"resource_name"`
	IPAddress      *string        `json:"ip_address"`
	UserAgent      *string        `json:"user_agent"`
	RequestID      *string        `json:"request_id"`
	Details        map[string]any `json:"details"`
	ErrorCode      *string        `json:"error_code"` // HTTP status as text
	ErrorMessage   *string        `json:"error_message"`
}

// AuditLogAnswer is one entry.
type AuditLogAnswer struct {
	AuditLog AuditLog `json:"audit_log"`
}

// AuditLogList is a page of entries, newest first.
type AuditLogList struct {
	AuditLogs []AuditLog `json:"audit_logs"`
	Meta      Meta       `json:"meta"`
}
