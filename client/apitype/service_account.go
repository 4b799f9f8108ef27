package apitype

// ServiceAccount is an identity for programs (section 9).
type ServiceAccount struct {
	ID          string  `json:"id"`
	CRN         string  `json:"crn"`
	Name        string  `json:"name"`
	DisplayName *string `json:"display_name"`
	Description *string `json:"description"`
	Enabled     bool    `json:"enabled"`
	Groups      []Ref   `json:"groups"`
	CreatedAt   Time    `json:"created_at"`
	UpdatedAt   Time    `json:"updated_at"`
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
// called an API key.
type Credential struct {
	ID          string  `json:"id"`
	CRN         string  `json:"crn"`
	Name        string  `json:"name"`
	AccessKeyID *string `json:"access_key_id"` // null for a token
	LastUsedAt  *Time   `json:"last_used_at"`
	ExpiresAt   *Time   `json:"expires_at"` // null: never
	CreatedAt   Time    `json:"created_at"`
}

// CreateCredentialRequest makes an access key.
type CreateCredentialRequest struct {
	Name      string `json:"name"`
	ExpiresAt *Time  `json:"expires_at,omitzero"`
}

// CredentialAnswer is a new credential with its secret, which is shown this once.
type CredentialAnswer struct {
	Credential      Credential `json:"credential"`
	SecretAccessKey string     `json:"secret_access_key"`
	Revision        Revision   `json:"revision,omitzero"`
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
