package apitype

// APIToken is a credential that belongs to the organization and to nobody in it. It acts with the policies that are
// attached to its service account.
type APIToken struct {
	Credential
	ServiceAccountID string  `json:"service_account_id"`
	Status           string  `json:"status"`        // active, disabled, expired or pending
	CreatorEmail     *string `json:"creator_email"` // null: no person made it
}

// APITokenAnswer is one API token. A new secret is shown once.
type APITokenAnswer struct {
	APIToken        APIToken `json:"api_token"`
	SecretAccessKey string   `json:"secret_access_key,omitzero"` // when it is made
	Revision        Revision `json:"revision,omitzero"`          // after a write
}

// APITokenList is a page of API tokens.
type APITokenList struct {
	APITokens []APIToken `json:"api_tokens"`
	Page
}

// TokenStatus is what the caller's own proof is. One that is not good gets no answer.
type TokenStatus struct {
	Status       string  `json:"status"`        // active
	CredentialID *string `json:"credential_id"` // null for a role session
	SessionID    *string `json:"session_id"`    // null for a credential
	ExpiresAt    *Time   `json:"expires_at"`    // null: never
}
