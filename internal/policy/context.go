package policy

import (
	"net/netip"
	"time"
)

// Context holds what conditions see. Zero values are absent keys. It belongs to the caller, who must not change it while
// a Query that was prepared with it is in use.
//
// Statements spell the keys iam:source_ip, iam:current_time, iam:user_agent, iam:operation, iam:zone, iam:project_id,
// iam:principal_crn, iam:principal_type, iam:organization_id, resource_tag/<key> and request_tag/<key>. Every other key
// is looked up in Attributes, exactly as it is; those named here never are.
type Context struct {
	SourceIP       netip.Addr
	Now            time.Time
	UserAgent      string
	Operation      string // when empty, the name of the action in kebab case: iam:CreateRole is create-role
	Zone           string
	ProjectID      string
	PrincipalCRN   string
	PrincipalType  string
	OrganizationID string

	// More is what only expressions see; nil when there is none.
	More *More

	// A few each, searched one after the other; the first of equal keys counts.
	ResourceTags []Attr
	RequestTags  []Attr
	Attributes   []Attr
}

// Attr is one key and its value. A zero Value leaves the key absent.
type Attr struct {
	Key   string
	Value Value
}

// More holds what only expressions see (Exoscale contract, section 10.3; Scaleway contract, section 7.1). Values are as
// expr.Vars has them, and must not change.
type More struct {
	APIKey     string
	Identity   map[string]any
	Parameters map[string]any
	Resources  map[string]any
	Headers    map[string]any
	// Call is asked for what stands not above, when an expression asks for it; nil is not asked. It lives on the heap.
	Call Facts
}

// Facts are what a call says of itself, worked out when an expression asks for it. What it gives is as in More, and the same each
// time.
type Facts interface {
	APIKey() string
	Identity() map[string]any
	Parameters() map[string]any
	Resources() map[string]any
	// NameOf is what a thing of IAM is called, by its CRN's type and id; "" if it is not there.
	NameOf(typ, id string) string
}

// apiKey and the others give what there is, from the call if need be.
func (m *More) apiKey() string {
	if m.APIKey == "" && m.Call != nil {
		return m.Call.APIKey()
	}
	return m.APIKey
}

func (m *More) identity() map[string]any {
	if m.Identity == nil && m.Call != nil {
		return m.Call.Identity()
	}
	return m.Identity
}

func (m *More) parameters() map[string]any {
	if m.Parameters == nil && m.Call != nil {
		return m.Call.Parameters()
	}
	return m.Parameters
}

func (m *More) resources() map[string]any {
	if m.Resources == nil && m.Call != nil {
		return m.Call.Resources()
	}
	return m.Resources
}
