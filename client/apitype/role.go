package apitype

import "encoding/json"

// Role is assumed for a while by those whom its trust policy names (section 12).
type Role struct {
	ID          string       `json:"id"`
	CRN         string       `json:"crn"`
	Name        string       `json:"name"`
	Description *string      `json:"description"`
	TrustPolicy *TrustPolicy `json:"trust_policy"` // null: nobody may assume it
	CreatedAt   Time         `json:"created_at"`
	UpdatedAt   Time         `json:"updated_at"`

	// What writ has beyond the contract stands there only if there is something to tell.
	Predefined        bool            `json:"predefined,omitzero"`          // every organization has it, and nobody can change it
	Frozen            bool            `json:"frozen,omitzero"`              // who may assume it and which policies are its, cannot be changed
	AssumePolicy      json.RawMessage `json:"assume_policy,omitzero"`       // who may assume it, in the language exoscale
	Permissions       []string        `json:"permissions,omitempty"`        // what no policy can grant
	MaxSessionSeconds int64           `json:"max_session_seconds,omitzero"` // how long a session lasts at most
}

// TrustPolicy says who may assume a role.
type TrustPolicy struct {
	Principals []string `json:"principals"` // patterns of CRNs
}

// CreateRoleRequest makes a role.
type CreateRoleRequest struct {
	Name        string          `json:"name"`
	Description *string         `json:"description,omitzero"`
	TrustPolicy json.RawMessage `json:"trust_policy,omitzero"` // a TrustPolicy, as its author wrote it
	PolicyIDs   []string        `json:"policy_ids,omitzero"`   // attached at once (edition A)
}

// UpdateRoleRequest changes a role.
type UpdateRoleRequest struct {
	Name        Optional[string]          `json:"name,omitzero"`
	Description Optional[string]          `json:"description,omitzero"`
	TrustPolicy Optional[json.RawMessage] `json:"trust_policy,omitzero"`
	PolicyIDs   Optional[[]string]        `json:"policy_ids,omitzero"` // replaces the attached set (edition A)
}

// RoleAnswer is one role.
type RoleAnswer struct {
	Role     Role     `json:"role"`
	Revision Revision `json:"revision,omitzero"` // after a write
}

// RoleList is a page of roles.
type RoleList struct {
	Roles []Role `json:"roles"`
	Page
}

// AssumeRoleRequest asks for temporary credentials of a role (section 12.1).
type AssumeRoleRequest struct {
	RoleID          string  `json:"role_id"`
	DurationSeconds *int    `json:"duration_seconds,omitzero"` // 900 to 43200; 3600 if absent
	SessionName     *string `json:"session_name,omitzero"`     // the caller's name if absent (section 16.2)
}

// TemporaryCredentials are told once (section 12.1). The session token alone is a bearer token.
type TemporaryCredentials struct {
	AccessKeyID     string   `json:"access_key_id"`
	SecretAccessKey string   `json:"secret_access_key"`
	SessionToken    string   `json:"session_token"`
	Expiration      Time     `json:"expiration"`
	Revision        Revision `json:"revision,omitzero"`
}

// WorkloadCredentialsRequest asks for temporary credentials of a workload, for which the caller vouches (section 12.2).
type WorkloadCredentialsRequest struct {
	Principal string  `json:"principal"`          // CRN of the workload
	RoleName  *string `json:"role_name,omitzero"` // the oldest role that trusts the workload if absent
}

// WorkloadCredentials are temporary credentials and the role that was chosen (section 12.2).
type WorkloadCredentials struct {
	TemporaryCredentials
	RoleName string `json:"role_name"`
}

// STSSession is one assumption of a role (section 12.3).
type STSSession struct {
	ID             string  `json:"id"`
	OrganizationID string  `json:"organization_id"`
	RoleID         string  `json:"role_id"`
	RoleName       string  `json:"role_name"`
	PrincipalID    *string `json:"principal_id"`   // who assumed the role; null for a workload
	PrincipalType  string  `json:"principal_type"` // "user" or "service_account"
	PrincipalName  string  `json:"principal_name"` // for a workload, its CRN
	SessionName    string  `json:"session_name"`
	CreatedAt      Time    `json:"created_at"`
	ExpiresAt      Time    `json:"expires_at"`
	LastUsedAt     *Time   `json:"last_used_at"`
	Revoked        bool    `json:"revoked"`
	RevokedAt      *Time   `json:"revoked_at"`
	RevokedReason  *string `json:"revoked_reason"`
	SourceIP       *string `json:"source_ip"`
	IsActive       bool    `json:"is_active"` // neither expired nor revoked
}

// STSSessionAnswer is one role session.
type STSSessionAnswer struct {
	STSSession STSSession `json:"sts_session"`
	Revision   Revision   `json:"revision,omitzero"` // after a write
}

// STSSessionList is a page of role sessions.
type STSSessionList struct {
	STSSessions []STSSession `json:"sts_sessions"`
	Meta        Meta         `json:"meta"`
}

// RevokeSTSSessionRequest ends a role session (section 16.1).
type RevokeSTSSessionRequest struct {
	Reason *string `json:"reason,omitzero"`
}
