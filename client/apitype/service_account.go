package apitype

import "encoding/json"

// ServiceAccount is an identity for programs (section 9).
type ServiceAccount struct {
	ID          string  `json:"id"`
	CRN         string  `json:"crn"`
	Name        string  `json:"name"`
	DisplayName *string `json:"display_name"`
	Description *string `json:"description"`
	Enabled     bool    `json:"enabled"`
	Groups      []Ref   `json:"groups"`
	// What VNG Cloud's API sets, writ's extension; absent where it has not.
	AccessTokenLifeSpan int64   `json:"access_token_life_span,omitzero"` // seconds
	TrustedRoots        []int64 `json:"trusted_roots,omitempty"`         // account numbers of organizations that may let theirs act as it
	CreatedAt           Time    `json:"created_at"`
	UpdatedAt           Time    `json:"updated_at"`
}

// CreateServiceAccountRequest makes a service account.
type CreateServiceAccountRequest struct {
	Name        string  `json:"name"`
	DisplayName *string `json:"display_name,omitzero"`
	Description *string `json:"description,omitzero"`
}

// UpdateServiceAccountRequest changes a service account. Its name is for ever.
type UpdateServiceAccountRequest struct {
	DisplayName Optional[string] `json:"display_name,omitzero"`
	Description Optional[string] `json:"description,omitzero"`
	Enabled     Optional[bool]   `json:"enabled,omitzero"`
}

// ServiceAccountAnswer is one service account.
type ServiceAccountAnswer struct {
	ServiceAccount ServiceAccount `json:"service_account"`
	Revision       Revision       `json:"revision,omitzero"` // after a write
}

// ServiceAccountList is a page of service accounts.
type ServiceAccountList struct {
	ServiceAccounts []ServiceAccount `json:"service_accounts"`
	Page
}

// Credential is an access key, or another proof of who somebody is (section 9.1). Under the routes of edition A it is
// called an API key. What comes after CreatedAt is writ's extension, and absent where there is nothing to say.
type Credential struct {
	ID          string  `json:"id"`
	CRN         string  `json:"crn"`
	Name        string  `json:"name"`
	AccessKeyID *string `json:"access_key_id"` // null for a token
	LastUsedAt  *Time   `json:"last_used_at"`
	ExpiresAt   *Time   `json:"expires_at"` // null: never
	CreatedAt   Time    `json:"created_at"`

	UpdatedAt  *Time              `json:"updated_at,omitzero"` // absent: never changed
	NotBefore  *Time              `json:"not_before,omitzero"`
	Disabled   bool               `json:"disabled,omitzero"`
	AllowedIPs []string           `json:"allowed_ips,omitempty"` // ranges, as in 192.0.2.0/24; absent: from everywhere
	DeniedIPs  []string           `json:"denied_ips,omitempty"`
	Policies   []CredentialPolicy `json:"policies,omitempty"` // they limit what is done with it, and grant nothing
}

// CredentialPolicy is a policy of a credential's own.
type CredentialPolicy struct {
	ID       string          `json:"id,omitzero"`       // in answers
	Language string          `json:"language,omitzero"` // "statements" if absent
	Document json.RawMessage `json:"document,omitzero"`
}

// CreateCredentialRequest makes an access key.
type CreateCredentialRequest struct {
	Name       string             `json:"name"`
	ExpiresAt  *Time              `json:"expires_at,omitzero"`
	NotBefore  *Time              `json:"not_before,omitzero"`
	Disabled   bool               `json:"disabled,omitzero"`
	AllowedIPs []string           `json:"allowed_ips,omitempty"` // ranges or single addresses
	DeniedIPs  []string           `json:"denied_ips,omitempty"`
	Policies   []CredentialPolicy `json:"policies,omitempty"`
	// Form is how the key is written: native, or scaleway, whose clients take no other. Empty is native.
	Form string `json:"form,omitzero"`
}

// UpdateCredentialRequest changes a credential. A list replaces the whole list.
type UpdateCredentialRequest struct {
	Name       Optional[string]             `json:"name,omitzero"`
	ExpiresAt  Optional[Time]               `json:"expires_at,omitzero"`
	NotBefore  Optional[Time]               `json:"not_before,omitzero"`
	Disabled   Optional[bool]               `json:"disabled,omitzero"`
	AllowedIPs Optional[[]string]           `json:"allowed_ips,omitzero"`
	DeniedIPs  Optional[[]string]           `json:"denied_ips,omitzero"`
	Policies   Optional[[]CredentialPolicy] `json:"policies,omitzero"`
}

// CredentialAnswer is one credential. A new secret is shown once.
type CredentialAnswer struct {
	Credential      Credential `json:"credential"`
	SecretAccessKey string     `json:"secret_access_key,omitzero"` // when it is made
	Revision        Revision   `json:"revision,omitzero"`          // after a write
}

// CredentialList holds all credentials of somebody.
type CredentialList struct {
	Credentials []Credential `json:"credentials"`
}

// APIKeyAnswer is CredentialAnswer in the words of edition A.
type APIKeyAnswer struct {
	APIKey          Credential `json:"api_key"`
	SecretAccessKey string     `json:"secret_access_key"`
	Revision        Revision   `json:"revision,omitzero"`
}

// APIKeyList is CredentialList in the words of edition A.
type APIKeyList struct {
	APIKeys []Credential `json:"api_keys"`
}
