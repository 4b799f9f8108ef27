package apitype

// ResourceGroup says where policies in Cloudflare's language apply. It is writ's extension.
type ResourceGroup struct {
	ID         string            `json:"id"` // in documents without hyphens
	CRN        string            `json:"crn"`
	Name       string            `json:"name"` // need not be unique; "" for one that belongs to a policy
	Scope      Scope             `json:"scope"`
	Meta       map[string]string `json:"meta"`
	Predefined bool              `json:"predefined"` // every organization has one, which cannot change
	PolicyID   *string           `json:"policy_id"`  // the policy that it was made for and goes with; null for one by itself
	CreatedAt  Time              `json:"created_at"`
	UpdatedAt  Time              `json:"updated_at"`
}

// Scope is what a resource group covers.
type Scope struct {
	Key     string        `json:"key"` // com.cloudflare.api.account.<id of the organization, without hyphens>
	Objects []ScopeObject `json:"objects"`
}

// ScopeObject is a resource, or several.
type ScopeObject struct {
	Key string `json:"key"` // a resource key, or "*" for everything
}

// CreateResourceGroupRequest makes a resource group.
type CreateResourceGroupRequest struct {
	Name  string            `json:"name"`
	Scope Scope             `json:"scope"`
	Meta  map[string]string `json:"meta,omitzero"`
}

// UpdateResourceGroupRequest changes a resource group. A scope and meta replace the whole.
type UpdateResourceGroupRequest struct {
	Name  Optional[string]            `json:"name,omitzero"`
	Scope Optional[Scope]             `json:"scope,omitzero"`
	Meta  Optional[map[string]string] `json:"meta,omitzero"`
}

// ResourceGroupAnswer is one resource group.
type ResourceGroupAnswer struct {
	ResourceGroup ResourceGroup `json:"resource_group"`
	Revision      Revision      `json:"revision,omitzero"` // after a write
}

// ResourceGroupList is a page of resource groups.
type ResourceGroupList struct {
	ResourceGroups []ResourceGroup `json:"resource_groups"`
	Page
}
