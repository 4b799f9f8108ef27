package apitype

// AuthorizeRequest asks whether somebody may do something (section 13). AtLeast and Explain are writ's extension.
type AuthorizeRequest struct {
	Principal string         `json:"principal"` // CRN of who asks
	Action    string         `json:"action"`    // service:Action
	Resource  string         `json:"resource"`  // CRN of the target
	Context   map[string]any `json:"context,omitzero"`
	AtLeast   Revision       `json:"at_least,omitzero"` // decide on this revision or a later one
	Explain   bool           `json:"explain,omitzero"`  // answer with an Explanation
}

// The reasons of a decision (section 15).
const (
	ExplicitAllow = "explicit_allow"
	ExplicitDeny  = "explicit_deny"
	ImplicitDeny  = "implicit_deny"
)

// AuthorizeAnswer is the decision. A denial is an answer like any other.
type AuthorizeAnswer struct {
	Allowed           bool               `json:"allowed"`
	Reason            string             `json:"reason"` // ExplicitAllow, ExplicitDeny or ImplicitDeny
	MatchedStatements []MatchedStatement `json:"matched_statements"`
	Revision          Revision           `json:"revision"`             // on which it was decided
	Explanation       *Explanation       `json:"explanation,omitzero"` // if it was asked for
}

// AuthorizeHTTPRequest asks whether somebody may make an HTTP request to a service that the catalogue describes. It is writ's
// own.
type AuthorizeHTTPRequest struct {
	Principal string         `json:"principal,omitzero"` // CRN of who makes it; none if nobody is known
	Backend   string         `json:"backend,omitzero"`   // of the catalogue's rows; none if the request fits one backend only
	Method    string         `json:"method"`
	Path      string         `json:"path"` // as it was sent: with its escapes, without its query
	Context   map[string]any `json:"context,omitzero"`
	AtLeast   Revision       `json:"at_least,omitzero"` // decide on this revision or a later one
	Explain   bool           `json:"explain,omitzero"`  // answer with an Explanation
}

// Further reasons of a decision about an HTTP request, in which policies have no part.
const (
	NoRoute          = "no_route"          // denied: no row of the catalogue certainly fits it
	NoPrincipal      = "no_principal"      // denied: somebody has to make it, and nobody is named
	CallerType       = "caller_type"       // denied: it is not for such callers
	NoAuthentication = "no_authentication" // allowed: it is open to everybody
	NoAuthorization  = "no_authorization"  // allowed: it is open to every caller
)

// AuthorizeHTTPAnswer is the decision, and what the request means.
type AuthorizeHTTPAnswer struct {
	Allowed           bool               `json:"allowed"`
	Reason            string             `json:"reason"`
	Action            *string            `json:"action"`     // null if that is not known
	Resources         []string           `json:"resources"`  // CRNs, all of which must be allowed
	Parameters        map[string]string  `json:"parameters"` // of the path
	MatchedStatements []MatchedStatement `json:"matched_statements"`
	Revision          Revision           `json:"revision"`             // on which it was decided
	Explanation       *Explanation       `json:"explanation,omitzero"` // if it was asked for
}

// MatchedStatement is a statement that decided.
type MatchedStatement struct {
	PolicyID    string `json:"policy_id"`
	PolicyName  string `json:"policy_name"`
	StatementID string `json:"statement_id"` // its sid, or its index as text
	Effect      string `json:"effect"`       // "allow" or "deny"
}

// Explanation says why, in detail.
type Explanation struct {
	// Reason is more precise than that of the answer: also "unknown_principal", "principal_disabled" and
	// "organization_suspended".
	Reason      string    `json:"reason"`
	Determining []Finding `json:"determining"` // the statements that decided, by every path
	NearMisses  []Finding `json:"near_misses"` // those that name the action and yet did not apply
}

// Finding is a statement, the path by which it reaches the principal, and what became of it.
type Finding struct {
	MatchedStatement
	Via      string  `json:"via"`   // "direct", "group", "role" or "owner"
	Group    *Ref    `json:"group"` // if Via is "group"
	Resource string  `json:"resource"`
	Failure  *string `json:"failure"` // of a near miss: why it did not apply
}
