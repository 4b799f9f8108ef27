package apitype

// The types in this file belong to writ's platform API, for operators; ByCloud has no such thing. It keeps ByCloud's
// manners.

// Organization is a tenant.
type Organization struct {
	ID            string  `json:"id"`
	Name          string  `json:"name"`
	AccountNumber string  `json:"account_number"` // twelve digits, unique in the installation
	Suspended     bool    `json:"suspended"`
	OwnerID       *string `json:"owner_id"` // a user of the organization
	CreatedAt     Time    `json:"created_at"`
	UpdatedAt     Time    `json:"updated_at"`
}

// CreateOrganizationRequest makes an organization with an owner, who is made if nobody has the address.
type CreateOrganizationRequest struct {
	Name       string `json:"name"`
	OwnerEmail string `json:"owner_email"`
	OwnerName  string `json:"owner_name,omitzero"` // of a person who is made; the address if absent
}

// CreateOrganizationAnswer is a new organization. The token is shown this once.
type CreateOrganizationAnswer struct {
	Organization Organization `json:"organization"`
	Owner        User         `json:"owner"`
	Token        string       `json:"token"` // a bearer token of the owner
	Revision     Revision     `json:"revision,omitzero"`
}

// OrganizationAnswer is one organization.
type OrganizationAnswer struct {
	Organization Organization `json:"organization"`
	Revision     Revision     `json:"revision,omitzero"` // after a write
}

// OrganizationList is a page of organizations.
type OrganizationList struct {
	Organizations []Organization `json:"organizations"`
	Page
}

// Quota is a limit of an organization.
type Quota struct {
	Name  string `json:"name"`
	Limit int64  `json:"limit"`
	Used  *int64 `json:"used"` // null for a limit of each principal
}

// QuotaList holds all quotas of an organization.
type QuotaList struct {
	Quotas []Quota `json:"quotas"`
}

// SetQuotaRequest changes a limit.
type SetQuotaRequest struct {
	Limit *int64 `json:"limit"`
}

// QuotaAnswer is one quota.
type QuotaAnswer struct {
	Quota    Quota    `json:"quota"`
	Revision Revision `json:"revision,omitzero"`
}

// Person is someone of the installation, whatever organizations they belong to.
type Person struct {
	ID        string `json:"id"`
	Email     string `json:"email"`
	Name      string `json:"name"`
	Enabled   bool   `json:"enabled"`
	CreatedAt Time   `json:"created_at"`
	UpdatedAt Time   `json:"updated_at"`
}

// CreatePersonRequest makes a person.
type CreatePersonRequest struct {
	Email string `json:"email"`
	Name  string `json:"name"`
}

// UpdatePersonRequest enables or disables a person everywhere.
type UpdatePersonRequest struct {
	Enabled Optional[bool] `json:"enabled,omitzero"`
}

// PersonAnswer is one person.
type PersonAnswer struct {
	Person   Person   `json:"person"`
	Revision Revision `json:"revision,omitzero"` // after a write
}

// PersonList is a page of people.
type PersonList struct {
	People []Person `json:"people"`
	Page
}

// CatalogFile is a file that operators added to the catalogue, without its content.
type CatalogFile struct {
	Name      string `json:"name"`
	Size      int64  `json:"size"` // in bytes
	CreatedAt Time   `json:"created_at"`
	UpdatedAt Time   `json:"updated_at"`
}

// CatalogFileAnswer is one file of the catalogue.
type CatalogFileAnswer struct {
	CatalogFile CatalogFile `json:"catalog_file"`
	Revision    Revision    `json:"revision,omitzero"` // after a write
}

// CatalogFileList holds all files that operators added, in the order in which they were added.
type CatalogFileList struct {
	CatalogFiles []CatalogFile `json:"catalog_files"`
}
