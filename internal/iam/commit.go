package iam

import (
	"encoding/json"
	"time"
)

// Revision counts the commits of one organization: 1, 2, 3 …, without gaps. 0 is the organization that has none yet.
type Revision uint64

// Kind is the kind of a record.
type Kind string

// The kinds of records. They are part of the storage format.
const (
	KindOrganization   Kind = "organization"
	KindPerson         Kind = "person"
	KindDirectory      Kind = "directory"
	KindUser           Kind = "user"
	KindInvitation     Kind = "invitation"
	KindServiceAccount Kind = "service_account"
	KindGroup          Kind = "group"
	KindRole           Kind = "role"
	KindPolicy         Kind = "policy"
	KindCredential     Kind = "credential"
	KindSession        Kind = "session"
	KindUse            Kind = "use"
	KindSealedKey      Kind = "sealed_key"
	KindCatalogFile    Kind = "catalog_file"
	KindConnector      Kind = "connector"
	KindResourceGroup  Kind = "resource_group"
	KindOperation      Kind = "operation"
	KindProject        Kind = "project"
	KindSSHKey         Kind = "ssh_key"
	KindSAML           Kind = "saml"
	KindSCIM           Kind = "scim"
	KindSignIn         Kind = "sign_in"
	KindAuthenticator  Kind = "authenticator"
	KindUserSession    Kind = "user_session"
)

// Change is one record as a commit leaves it. Data is the entity's JSON; nil means that the record is gone.
type Change struct {
	Kind Kind            `json:"kind"`
	ID   UUID            `json:"id"`
	Data json.RawMessage `json:"data,omitempty"`
}

// Space is a family of keys that are unique in the whole installation.
type Space string

// The spaces.
const (
	SpaceEmail     Space = "email"      // of a person, folded
	SpaceAccessKey Space = "access_key" // of a credential or session
	SpaceSecret    Space = "secret"     // hash of a credential's secret, in hexadecimal
	SpaceAccount   Space = "account"    // number of an organization
	SpaceDomain    Space = "domain"     // of an enabled connector
	SpaceAlias     Space = "alias"      // of an organization
	SpaceTrusting  Space = "trusting"   // id of a service account that trusts other organizations
)

// Key is one installation-wide unique key. A commit claims and releases keys; a key belongs to one organization.
type Key struct {
	Space Space  `json:"space"`
	Value string `json:"value"`
}

// Status says how an audited call ended.
type Status string

// The statuses (bycloud.md, section 14).
const (
	Success Status = "success"
	Failure Status = "failure"
	Refused Status = "denied"
)

// Event is one entry of the audit log: a write that succeeded, was refused or failed. It holds no secret.
type Event struct {
	ID           EventID        `json:"id"`
	Time         time.Time      `json:"time"`
	Org          OrgID          `json:"org"`
	ActorID      UUID           `json:"actor_id,omitzero"`
	ActorKind    PrincipalKind  `json:"actor_kind"` // user, service_account or system
	ActorName    string         `json:"actor_name,omitempty"`
	ActorEmail   string         `json:"actor_email,omitempty"`
	Action       string         `json:"action"` // iam.<resource>.<verb>
	Status       Status         `json:"status"`
	ResourceType string         `json:"resource_type,omitempty"`
	ResourceID   string         `json:"resource_id,omitempty"`
	ResourceName string         `json:"resource_name,omitempty"`
	IP           string         `json:"ip,omitempty"`
	UserAgent    string         `json:"user_agent,omitempty"`
	RequestID    string         `json:"request_id,omitempty"`
	Details      map[string]any `json:"details,omitempty"`
	ErrorCode    string         `json:"error_code,omitempty"`
	ErrorMessage string         `json:"error_message,omitempty"`
	Revision     Revision       `json:"revision,omitempty"` // of the commit that the write made; 0 when it made none
}
