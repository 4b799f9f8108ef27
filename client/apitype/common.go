package apitype

// Revision counts the commits of an organization: 1, 2, 3 …. Every write answers with one; a read that asks for at
// least that revision sees the write (headers Writ-Revision and Writ-At-Least). It is writ's extension.
type Revision uint64

// Meta describes one page of a list (section 4).
type Meta struct {
	Total   int     `json:"total"`    // items that match, over all pages
	Limit   int     `json:"limit"`    // page size in force
	Marker  *string `json:"marker"`   // id of the last item: the next page's marker; null on an empty page
	HasMore bool    `json:"has_more"` // further items exist
}

// Links holds absolute URLs of a list (section 4). A link that leads nowhere is left out (section 16.5).
type Links struct {
	Self     string `json:"self"`
	Next     string `json:"next,omitzero"`
	Previous string `json:"previous,omitzero"`
}

// Page is what most lists have beside their items.
type Page struct {
	Meta  Meta  `json:"meta"`
	Links Links `json:"links"`
}

// Ref names something by id and name.
type Ref struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// AttachRequest attaches a policy (section 10).
type AttachRequest struct {
	PolicyID string `json:"policy_id"`
}

// JoinRequest puts a user or service account into a group (section 10).
type JoinRequest struct {
	GroupID string `json:"group_id"`
}

// ErrorAnswer is the body of every failure (section 5).
type ErrorAnswer struct {
	Error Error `json:"error"`
}

// Error says what went wrong.
type Error struct {
	Code      int     `json:"code"`    // repeats the HTTP status
	Message   string  `json:"message"` // for people
	Details   *string `json:"details"` // which field is wrong and what would be right; null if there is none
	RequestID string  `json:"request_id"`
}
