package catalog

import (
	"bytes"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The dialects, as spellings, names and lists are given for them.
const (
	Native     = "native"
	Cloudflare = "cloudflare"
	Scaleway   = "scaleway"
	VNGCloud   = "vngcloud"
	Exoscale   = "exoscale"
	AuthZEN    = "authzen"
)

// Dialects lists all of them.
func Dialects() []string { return slices.Clone(dialects[:]) }

var dialects = [...]string{Native, Cloudflare, Scaleway, VNGCloud, Exoscale, AuthZEN}

// dialectIndex is the place of a dialect in dialects; an unknown one is like Native, which has no spellings of its own.
func dialectIndex(dialect string) int {
	switch dialect {
	case Cloudflare:
		return 1
	case Scaleway:
		return 2
	case VNGCloud:
		return 3
	case Exoscale:
		return 4
	case AuthZEN:
		return 5
	default:
		return 0
	}
}

// File is one file of a catalogue, built in or an operator's. Absent members are empty.
type File struct {
	Services              []Service         `json:"services,omitempty"`
	PermissionSets        []PermissionSet   `json:"permission_sets,omitempty"`
	PermissionGroups      []PermissionGroup `json:"permission_groups,omitempty"`
	TokenPermissionGroups []PermissionGroup `json:"token_permission_groups,omitempty"`
	ManagedPolicies       []ManagedPolicy   `json:"managed_policies,omitempty"`
	// Operations says what the operations of the dialects need. Only built-in files have it.
	Operations []Operation `json:"operations,omitempty"`
}

// Service is a product: a name space of actions and of resource types.
type Service struct {
	ID          string         `json:"id"` // what stands before the colon of an action and third in a CRN
	Name        string         `json:"name"`
	Description string         `json:"description,omitempty"`
	Class       string         `json:"class,omitempty"`    // Exoscale's service class; absent: the id
	Dialects    []string       `json:"dialects,omitempty"` // those whose lists of products show it; absent: all
	Types       []ResourceType `json:"types,omitempty"`
	Actions     []Action       `json:"actions,omitempty"`
}

// In tells whether a dialect's list of products shows the service.
func (s *Service) In(dialect string) bool {
	return len(s.Dialects) == 0 || slices.Contains(s.Dialects, dialect)
}

// ResourceType is a kind of resource, what stands fourth in a CRN.
type ResourceType struct {
	Name      string            `json:"name"`
	Label     string            `json:"label,omitempty"`     // for people, as in "Policy ID" (vngcloud.md, 3.5); absent: the name
	ID        string            `json:"id,omitempty"`        // how ids are made of parts: "{project}/{container}"; absent: "{id}"
	Spellings map[string]string `json:"spellings,omitempty"` // by dialect; absent: the rule of TypeSpelling
	Names     map[string]string `json:"names,omitempty"`     // by dialect: templates of whole names; see Catalog.Name
	Dialects  []string          `json:"dialects,omitempty"`  // those whose lists of types show it; absent: the service's

	service *Service
	index   typeIndex
}

// Service gives the service that the type belongs to.
func (t *ResourceType) Service() *Service { return t.service }

// In tells whether a dialect's list of resource types shows the type.
func (t *ResourceType) In(dialect string) bool { return in(dialect, t.Dialects, t.service) }

// in tells whether a dialect is listed, where no list means what the service says.
func in(dialect string, list []string, s *Service) bool {
	if len(list) == 0 {
		return s.In(dialect)
	}
	return slices.Contains(list, dialect)
}

// The access levels of actions (vngcloud.md, section 3.1).
const (
	List    = "List"
	Read    = "Read"
	Write   = "Write"
	Tagging = "Tagging"
)

// The types of callers of VNG Cloud (vngcloud.md, section 3.1), in its order.
const (
	RootUser  = "root-user"  // the organization's owner
	ServiceSA = "service-sa" // a service account of the vendor's
	IAMUser   = "iam-user"   // any other user
	UserSA    = "user-sa"    // a service account of the organization
)

var userTypes = []string{RootUser, ServiceSA, IAMUser, UserSA}

// Action is one thing that can be done, whichever dialect asks for it.
type Action struct {
	Name        string `json:"name"` // without the service: "GetGroup"
	Label       string `json:"label"`
	Description string `json:"description,omitempty"`
	DocURL      string `json:"doc_url,omitempty"`

	// Types are the types of the resources that it works on: "group" of the same service or "iam:group" of another.
	// Empty: no particular resource.
	Types         []string `json:"types,omitempty"`
	ConditionKeys []string `json:"condition_keys,omitempty"` // beyond those that hold for every action

	// Backend, Methods and Path or PathRegex are the requests that mean it (Catalog.Match). Path is a template,
	// "/v1/groups/{groupId}"; PathRegex is for what no template says, and its groups are called 1, 2, …
	Backend   string   `json:"backend,omitempty"`
	Methods   []string `json:"methods,omitempty"`
	Path      string   `json:"path,omitempty"`
	PathRegex string   `json:"path_regex,omitempty"`
	// IDs say how the id of each of Types is made of the path's parameters: "{projectId}/{container}". Absent: the last
	// parameters, one for each (vngcloud.md, section 7.2, step 5).
	IDs []string `json:"ids,omitempty"`
	// Requests are further requests of the same backend that mean it.
	Requests []Request `json:"requests,omitempty"`

	UserTypes        []string `json:"user_types,omitempty"`       // absent: all four; see Callers
	NoAuthentication bool     `json:"no_authentication,omitzero"` // open to everybody
	NoAuthorization  bool     `json:"no_authorization,omitzero"`  // needs a caller, but no grant

	Spellings map[string]string   `json:"spellings,omitempty"` // by dialect; absent: the rule of Catalog.Spelling
	Aliases   map[string][]string `json:"aliases,omitempty"`   // by dialect: further spellings that mean it
	Dialects  []string            `json:"dialects,omitempty"`  // those whose lists of actions show it; absent: the service's

	service *Service
	index   actionIndex
}

// Request is a further way to ask for an action; its members are those of Action.
type Request struct {
	Methods []string `json:"methods"`
	Path    string   `json:"path"`
	IDs     []string `json:"ids,omitempty"`
}

// Service gives the service that the action belongs to.
func (a *Action) Service() *Service { return a.service }

// String gives the whole action, "iam:GetGroup".
func (a *Action) String() string { return a.index.spellings[0] }

// In tells whether a dialect's list of actions shows the action.
func (a *Action) In(dialect string) bool { return in(dialect, a.Dialects, a.service) }

// Callers gives the types of callers that may use the action, in VNG Cloud's words and order.
func (a *Action) Callers() []string {
	if len(a.UserTypes) == 0 {
		return slices.Clone(userTypes)
	}
	return a.UserTypes
}

// Admits tells whether callers of all the types may use the action.
func (a *Action) Admits(types ...string) bool {
	for _, t := range types {
		if len(a.UserTypes) > 0 && !slices.Contains(a.UserTypes, t) {
			return false
		}
	}
	return true
}

// Pattern gives the regular expression of the path, as VNG Cloud lists it (vngcloud.md, section 3.1); "" if there is none.
func (a *Action) Pattern() string { return a.index.pattern }

// ManagedPolicy is a policy that VNG Cloud gives to every account (vngcloud.md, section 11.8): an allow on everything.
type ManagedPolicy struct {
	ID      string   `json:"id"` // the vendor's own
	Name    string   `json:"name"`
	Actions []string `json:"actions"` // patterns in VNG Cloud's spelling
}

// Operation is one operation of a dialect's API.
type Operation struct {
	Dialect string `json:"dialect"`
	Name    string `json:"name"` // the vendor's, as the contract has it
	Method  string `json:"method"`
	Path    string `json:"path"` // below the dialect's base path
	// Actions are what it needs. The first is the operation's own. The others are needed for the parts of a request that
	// they are about (a group created with policies also needs to attach them), and where the operation takes several kinds
	// of things, there is one for each kind, of which only that of the kind at hand is needed.
	Actions []string `json:"actions"`
}

// ParseFile reads a file without comparing it with any catalogue: members, types and sizes are right, references are not
// looked up. The error is an *Error.
func ParseFile(source []byte) (*File, error) {
	if len(source) > MaxFile {
		return nil, newError(source, MaxFile, "", "the file has %d bytes; at most %d are allowed", len(source), MaxFile)
	}
	if at := next(source, 0); at < len(source) && source[at] == 'n' { // which would read as an empty file
		return nil, newError(source, at, "", "must be an object")
	}
	var f File
	if err := json.Unmarshal(source, &f, json.RejectUnknownMembers(true)); err != nil {
		return nil, understand(source, err)
	}
	if err := f.check(); err != nil {
		return nil, err.in(source)
	}
	return &f, nil
}

// Format writes a file so that ParseFile reads the same from it: each type, action and set on a line of its own.
func (f *File) Format() []byte {
	var w writer
	w.line(0, "{")
	members(&w, "services", f.Services, w.service)
	members(&w, "permission_sets", f.PermissionSets, nil)
	members(&w, "permission_groups", f.PermissionGroups, nil)
	members(&w, "token_permission_groups", f.TokenPermissionGroups, nil)
	members(&w, "managed_policies", f.ManagedPolicies, nil)
	members(&w, "operations", f.Operations, nil)
	w.unfinished()
	w.line(0, "}")
	return w.out.Bytes()
}

// writer writes lines. A comma is written when the next line shows that it is needed.
type writer struct {
	out     bytes.Buffer
	pending bool // an element was written, and not yet the comma or the line's end after it
}

func (w *writer) line(depth int, text string) {
	w.out.WriteString(strings.Repeat("  ", depth) + text + "\n")
}

// element writes a line that a comma follows if another element comes.
func (w *writer) element(depth int, text string) {
	w.another()
	w.out.WriteString(strings.Repeat("  ", depth) + text)
	w.pending = true
}

func (w *writer) another() {
	if w.pending {
		w.out.WriteString(",\n")
	}
	w.pending = false
}

func (w *writer) unfinished() {
	if w.pending {
		w.out.WriteString("\n")
	}
	w.pending = false
}

// members writes one section of a file, each element on a line, or as element says.
func members[T any](w *writer, name string, list []T, element func(*T)) {
	if len(list) == 0 {
		return
	}
	w.another()
	w.line(1, `"`+name+`": [`)
	for i := range list {
		if element != nil {
			element(&list[i])
		} else {
			w.element(2, compact(&list[i]))
		}
	}
	w.unfinished()
	w.out.WriteString("  ]")
	w.pending = true
}

// service writes a service: its own members on one line, then its types and actions.
func (w *writer) service(s *Service) {
	head := *s
	head.Types, head.Actions = nil, nil
	text := compact(&head)
	if len(s.Types)+len(s.Actions) == 0 {
		w.element(2, text)
		return
	}
	w.element(2, strings.TrimSuffix(text, "}"))
	if len(s.Types) > 0 {
		w.another()
		list(w, "types", s.Types)
	}
	if len(s.Actions) > 0 {
		w.another()
		list(w, "actions", s.Actions)
	}
	w.out.WriteString("}")
}

// list writes a list within a service.
func list[T any](w *writer, name string, elements []T) {
	w.line(3, `"`+name+`": [`)
	for i := range elements {
		w.element(4, compact(&elements[i]))
	}
	w.unfinished()
	w.out.WriteString("      ]")
	w.pending = true
}

// compact writes a value on one line.
func compact(v any) string {
	text, err := json.Marshal(v, json.Deterministic(true), jsontext.SpaceAfterColon(true), jsontext.SpaceAfterComma(true))
	if err != nil {
		panic(err) // these types can always be written
	}
	return string(text)
}
