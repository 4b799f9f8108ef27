package apitype

import "encoding/json"

// OrganizationPolicy bounds what anybody in the organization may do, in any API. It is writ's extension.
type OrganizationPolicy struct {
	Language string          `json:"language"` // "exoscale"
	Document json.RawMessage `json:"document"` // null if there is none, which bounds nothing
}

// SetOrganizationPolicyRequest replaces the policy.
type SetOrganizationPolicyRequest struct {
	Document json.RawMessage `json:"document"`
}

// OrganizationPolicyAnswer is the policy.
type OrganizationPolicyAnswer struct {
	OrganizationPolicy OrganizationPolicy `json:"organization_policy"`
	Warnings           []string           `json:"warnings,omitempty"` // of a write: what may not mean what its author thinks
	Revision           Revision           `json:"revision,omitzero"`
}
