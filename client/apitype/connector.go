package apitype

// Connector claims an email domain for single sign-on. It is writ's own.
type Connector struct {
	ID                 string       `json:"id"`
	CRN                string       `json:"crn"`
	EmailDomain        string       `json:"email_domain"`
	Enabled            bool         `json:"enabled"`
	UseFedRAMPLanguage bool         `json:"use_fedramp_language"`
	Verification       Verification `json:"verification"`
	CreatedAt          Time         `json:"created_at"`
	UpdatedAt          Time         `json:"updated_at"`
}

// Verification says how far the proof of a connector's domain has come.
type Verification struct {
	Code   string `json:"code"`   // the whole text of the TXT record that the domain must have
	Status string `json:"status"` // awaiting, pending, failed or verified
}

// CreateConnectorRequest makes a connector.
type CreateConnectorRequest struct {
	EmailDomain        string `json:"email_domain"`
	BeginVerification  *bool  `json:"begin_verification,omitzero"` // true if it is absent
	UseFedRAMPLanguage bool   `json:"use_fedramp_language,omitzero"`
}

// UpdateConnectorRequest changes a connector.
type UpdateConnectorRequest struct {
	Enabled            Optional[bool] `json:"enabled,omitzero"`
	UseFedRAMPLanguage Optional[bool] `json:"use_fedramp_language,omitzero"`
}

// ConnectorAnswer is one connector.
type ConnectorAnswer struct {
	Connector Connector `json:"connector"`
	Revision  Revision  `json:"revision,omitzero"` // after a write
}

// ConnectorList is a page of connectors.
type ConnectorList struct {
	Connectors []Connector `json:"connectors"`
	Page
}
