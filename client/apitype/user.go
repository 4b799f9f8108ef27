package apitype

// User is a person's membership of the organization (section 8), or a local user, who belongs to it alone.
type User struct {
	ID       string `json:"id"`
	CRN      string `json:"crn"`
	Email    string `json:"email"` // "" for a local user who gave none
	Name     string `json:"name"`
	Username string `json:"username,omitzero"` // of a local user
	Disabled bool   `json:"disabled,omitzero"` // locked out of this organization
	Groups   []Ref  `json:"groups"`
	AddedAt  Time   `json:"added_at"`
}

// AddUserRequest links a person to the organization, or invites them.
type AddUserRequest struct {
	Email    string   `json:"email"`
	GroupIDs []string `json:"group_ids,omitzero"`
}

// What became of adding somebody.
const (
	StatusAdded   = "added"
	StatusInvited = "invited"
)

// AddUserAnswer says what became of adding somebody: there is a User after StatusAdded, an Invitation after
// StatusInvited.
type AddUserAnswer struct {
	Status     string      `json:"status"`
	User       *User       `json:"user,omitzero"`
	Invitation *Invitation `json:"invitation,omitzero"`
	Revision   Revision    `json:"revision,omitzero"`
}

// UserAnswer is one user.
type UserAnswer struct {
	User     User     `json:"user"`
	Revision Revision `json:"revision,omitzero"` // after a write
}

// UserList is a page of users.
type UserList struct {
	Users []User `json:"users"`
	Page
}

// Invitation waits for somebody whom the installation does not know yet (section 8.1).
type Invitation struct {
	ID        string  `json:"id"`
	Email     string  `json:"email"`
	Groups    []Ref   `json:"groups"` // joined on acceptance
	InvitedBy Inviter `json:"invited_by"`
	Status    string  `json:"status"` // "pending" or "expired"
	ExpiresAt Time    `json:"expires_at"`
	CreatedAt Time    `json:"created_at"`
}

// Inviter is who invited.
type Inviter struct {
	ID    *string `json:"id"` // null for a workload
	Name  string  `json:"name"`
	Email *string `json:"email"` // null unless a person invited
}

// InvitationAnswer is one invitation.
type InvitationAnswer struct {
	Invitation Invitation `json:"invitation"`
	Revision   Revision   `json:"revision,omitzero"` // after a write
}

// InvitationList is a page of invitations.
type InvitationList struct {
	Invitations []Invitation `json:"invitations"`
	Meta        Meta         `json:"meta"`
}
