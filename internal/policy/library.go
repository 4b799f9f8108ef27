package policy

import (
	"cmp"
	"strings"
)

// World is what the languages speak of beside their own words. The zero World is enough for statements: its Library is empty
// and its Dictionary spells everything natively.
type World struct {
	Library    Library
	Dictionary *Dictionary // nil spells everything natively
	Managed    []Managed
}

// Managed is a policy that every organization has and none can change (VNG Cloud contract, section 11.8).
type Managed struct {
	ID       string // a UUID in its canonical form
	Name     string
	Language Language
	Document string
	Program  *Program // compiled from Document
}

// Library finds what documents refer to by name. Statements refer to nothing. Answers must not change during the life of
// the programs that were compiled with them; whoever changes what a name means compiles anew.
type Library interface {
	// PermissionSet finds a set of Scaleway's by its name (contract, section 7.2).
	PermissionSet(name string) (PermissionSet, bool)
	// PermissionGroup finds a group of Cloudflare's by its id, 32 lower-case hex digits (contract, section 4).
	PermissionGroup(id string) (PermissionGroup, bool)
	// ResourceGroup finds a resource group of the organization by its id, 32 lower-case hex digits (Cloudflare contract,
	// section 5).
	ResourceGroup(id string) (ResourceScope, bool)
	// ResourceKey gives the patterns of CRNs that a resource key of Cloudflare's covers, such as
	// com.cloudflare.api.account.zone.<id>, in an account, which is named by its own key; false for a key of no known kind. A key that ends in ".*" asks for all resources
	// of its kind. No other key with a wildcard is asked.
	ResourceKey(account, key string) ([]string, bool)
	// Account tells whether a scope of Cloudflare's may be inside the account with that key, as in
	// com.cloudflare.api.account.<account id>. A library that belongs to no account lets all be.
	Account(key string) bool
	// Product tells whether VNG Cloud has a product of that id (contract, section 5.1).
	Product(id string) bool
	// ConditionKey tells whether some action of VNG Cloud's catalogue that the pattern covers lists a condition key
	// (contract, section 6.2).
	ConditionKey(actionPattern, key string) bool
}

// Grant is actions in the native spelling: those that one of Actions matches and none of Except. Letter case does not count.
type Grant struct {
	Actions, Except []string
}

// PermissionSet is what a set of Scaleway's grants.
type PermissionSet struct {
	Grants       []Grant
	Organization bool // its scope is the organization, not projects
}

// PermissionGroup is what a group of Cloudflare's grants.
type PermissionGroup struct {
	Grants []Grant
	// Scope is the level at which it can be bound: com.cloudflare.api.account, …account.zone or …account.worker.
	Scope string
}

// ResourceScope is where a policy of Cloudflare's applies.
type ResourceScope struct {
	Key     string   // the container: com.cloudflare.api.account.<account id>
	Objects []string // resource keys, or "*" for everything inside
}

// NoNames is the library that knows no names.
var NoNames Library = emptyLibrary{}

// emptyLibrary knows no names.
type emptyLibrary struct{}

func (emptyLibrary) PermissionSet(string) (PermissionSet, bool)     { return PermissionSet{}, false }
func (emptyLibrary) PermissionGroup(string) (PermissionGroup, bool) { return PermissionGroup{}, false }
func (emptyLibrary) ResourceGroup(string) (ResourceScope, bool)     { return ResourceScope{}, false }
func (emptyLibrary) ResourceKey(_, _ string) ([]string, bool)       { return nil, false }
func (emptyLibrary) Account(string) bool                            { return true }
func (emptyLibrary) Product(string) bool                            { return false }
func (emptyLibrary) ConditionKey(string, string) bool               { return false }

// Dictionary tells how languages spell what queries name natively. It is read during decisions and must not change. What is
// not in it has its native spelling; the zero Dictionary spells everything so. Ids of resources are the same in all.
//
// It is maps, and no interface, because what an interface is asked with has to live on the heap.
type Dictionary struct {
	actions map[string]Spellings // by the native one in lower case: letter case must not keep a deny from applying
	types   map[[2]string]string
	classes map[string]string
}

// NewDictionary makes a dictionary of the spellings of actions, by their native ones; of VNG Cloud's types of resources, by native
// service and type; and of Exoscale's classes, by native services (contract, section 10.4). Any may be nil. Actions whose
// names are longer than 128 bytes are spelled natively.
func NewDictionary(actions map[string]Spellings, types map[[2]string]string, classes map[string]string) *Dictionary {
	d := &Dictionary{actions: make(map[string]Spellings, len(actions)), types: types, classes: classes}
	for native, s := range actions {
		s.native = native
		d.actions[strings.ToLower(native)] = s
	}
	return d
}

// Spellings are those of one action.
type Spellings struct {
	native   string
	VNGCloud string   // "" for the native one
	Aliases  []string // further ones of VNG Cloud's
	Exoscale string   // the operation; "" for the native name in kebab case
}

// operation is an action as Exoscale spells it.
func (d *Dictionary) operation(action string) string {
	s := d.find(action)
	return cmp.Or(s.Exoscale, operationOf(cmp.Or(s.native, action)))
}

// maxActionName is the longest action that a Dictionary has.
const maxActionName = 128

// find looks an action up in any case of its letters, without allocating.
func (d *Dictionary) find(action string) Spellings {
	var lower [maxActionName]byte
	if len(d.actions) == 0 || len(action) > len(lower) {
		return Spellings{}
	}
	for i := range len(action) {
		lower[i] = lowerASCII(action[i])
	}
	return d.actions[string(lower[:len(action)])]
}

// class is the class of a service as Exoscale spells it.
func (d *Dictionary) class(service string) string { return cmp.Or(d.classes[service], service) }

// plainNames spells everything natively.
var plainNames Dictionary
