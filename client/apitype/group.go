package apitype

// Group holds users and service accounts (section 7).
type Group struct {
	ID          string  `json:"id"`
	CRN         string  `json:"crn"`
	Name        string  `json:"name"`
	Description *string `json:"description"`
	MemberCount int     `json:"member_count"` // users and service accounts
	// Federated says that an identity provider names the members, and nobody else: writ's extension, absent when it is not so.
	Federated bool `json:"federated,omitzero"`
	CreatedAt Time `json:"created_at"`
	UpdatedAt Time `json:"updated_at"`
}

// CreateGroupRequest makes a group.
type CreateGroupRequest struct {
	Name        string  `json:"name"`
	Description *string `json:"description,omitzero"`
}

// UpdateGroupRequest changes a group.
type UpdateGroupRequest struct {
	Name        Optional[string] `json:"name,omitzero"`
	Description Optional[string] `json:"description,omitzero"`
}

// GroupAnswer is one group.
type GroupAnswer struct {
	Group    Group    `json:"group"`
	Revision Revision `json:"revision,omitzero"` // after a write
}

// GroupList is a page of groups.
type GroupList struct {
	Groups []Group `json:"groups"`
	Page
}

// GroupUser is a user as a member of a group.
type GroupUser struct {
	ID      string `json:"id"`
	CRN     string `json:"crn"`
	Email   string `json:"email"`
	Name    string `json:"name"`
	AddedAt Time   `json:"added_at"` // when they joined the group
}

// GroupUserList is a page of the users in a group.
type GroupUserList struct {
	Users []GroupUser `json:"users"`
	Page
}

// GroupServiceAccount is a service account as a member of a group.
type GroupServiceAccount struct {
	ID          string  `json:"id"`
	CRN         string  `json:"crn"`
	Name        string  `json:"name"`
	DisplayName *string `json:"display_name"`
	AddedAt     Time    `json:"added_at"` // when it joined the group
}

// GroupServiceAccountList is a page of the service accounts in a group.
type GroupServiceAccountList struct {
	ServiceAccounts []GroupServiceAccount `json:"service_accounts"`
	Page
}
