package apitype

import "encoding/json"

// Policy is a document with a name (section 10).
type Policy struct {
	ID          string  `json:"id"`
	CRN         string  `json:"crn"`
	Name        string  `json:"name"`
	Description *string `json:"description"`
	// Language is the language of Document: "statements" (section 11), writ's extension.
	Language string          `json:"language"`
	Document json.RawMessage `json:"document"`     // an object, as its author wrote it
	Of       *Holder         `json:"of,omitempty"` // whose own it is, writ's extension; absent for a policy by itself
	// Managed says that it is in every organization and nobody's to change: writ's extension, absent when it is not so.
	Managed   bool `json:"managed,omitzero"`
	CreatedAt Time `json:"created_at"`
	UpdatedAt Time `json:"updated_at"`
}

// Holder is what an own policy belongs to. It can be attached nowhere else, and goes with its holder.
type Holder struct {
	Type string `json:"type"` // user, service-account, group, role or invitation
	ID   string `json:"id"`
}

// CreatePolicyRequest makes a policy.
type CreatePolicyRequest struct {
	Name        string          `json:"name"`
	Description *string         `json:"description,omitzero"`
	Language    string          `json:"language,omitzero"` // "statements" if absent
	Document    json.RawMessage `json:"document,omitzero"`
}

// UpdatePolicyRequest changes a policy. A document replaces the whole document.
type UpdatePolicyRequest struct {
	Name        Optional[string]          `json:"name,omitzero"`
	Description Optional[string]          `json:"description,omitzero"`
	Language    Optional[string]          `json:"language,omitzero"`
	Document    Optional[json.RawMessage] `json:"document,omitzero"`
}

// PolicyAnswer is one policy.
type PolicyAnswer struct {
	Policy   Policy   `json:"policy"`
	Revision Revision `json:"revision,omitzero"` // after a write
	// Warnings are remarks on a document that is valid, but may not mean what its author thinks; after a write.
	Warnings []string `json:"warnings,omitempty"`
}

// PolicyList is a page of policies.
type PolicyList struct {
	Policies []Policy `json:"policies"`
	Page
}

// AttachedPolicyList holds all policies that are attached to something.
type AttachedPolicyList struct {
	Policies []Policy `json:"policies"`
}
