package catalog

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Catalog is what exists to be granted, immutable and safe for concurrent use. What it hands out is shared: nobody changes
// it. The zero value is an empty catalogue.
type Catalog struct {
	file File // everything, in catalogue order

	services     map[string]*Service
	actions      map[string]*Action // by service:Name
	folded       map[string]*Action // the same in small letters
	types        map[typeKey]*ResourceType
	typesSpelled map[spelledKey]*ResourceType
	spelled      [len(dialects)]map[string][]*Action
	named        [len(dialects)][]*ResourceType // those with a template, the longest texts first
	shapes       map[string]*ResourceType       // templates taken, by dialect and shape
	backends     map[string]*backend            // each is of one file, and never changes after it

	order       []*Service
	sets        []*PermissionSet // by name
	roles       []*PermissionGroup
	permissions []*PermissionGroup
	policies    []*ManagedPolicy
	operations  map[operationKey]*Operation
}

type (
	typeKey    struct{ service, typ string }
	spelledKey struct {
		dialect          int
		service, spelled string
	}
	operationKey struct{ dialect, name string }
)

//go:embed data/*.json
var data embed.FS

// The built-in files in catalogue order. VNG Cloud's products come first, in the order that vngcloud.md, section 11, gives.
var builtinFiles = []string{
	"iam", "vserver", "vlb", "vstorage", "vmonitor", "vks", "vdb", "vngcloud-managed-policies",
	"native", "cloud", "scaleway", "cloudflare", "exoscale",
	"scaleway-permission-sets", "cloudflare-permission-groups",
	"operations-native", "operations-cloudflare", "operations-scaleway", "operations-vngcloud", "operations-exoscale",
	"operations-authzen",
}

// Builtin gives the catalogue that writ brings along. It is read once, at the first call.
func Builtin() *Catalog { return builtin() }

var builtin = sync.OnceValue(func() *Catalog {
	var sources [][]byte
	for _, name := range builtinFiles {
		source, err := data.ReadFile("data/" + name + ".json")
		if err != nil {
			panic(err)
		}
		sources = append(sources, source)
	}
	c, err := New(sources...)
	if err != nil {
		panic(fmt.Sprintf("catalog: the built-in files are broken: %v", err)) // TestBuiltin reads the same files
	}
	return c
})

// New makes a catalogue of files alone, without the built-in ones, for tests; testdata/vngcloud-fixture.json is one. Files may
// refer to each other. The error is an *Error.
func New(sources ...[]byte) (*Catalog, error) {
	c := new(Catalog).clone()
	files := make([]*File, len(sources))
	for i, source := range sources {
		f, err := ParseFile(source)
		if err != nil {
			return nil, err
		}
		if p := c.define(f); p != nil {
			return nil, p.in(source)
		}
		files[i] = f
	}
	c.sortNames([len(dialects)]int{})
	for i, f := range files {
		if p := c.link(f); p != nil {
			return nil, p.in(sources[i])
		}
	}
	return c, nil
}

// With gives the catalogue with an operator's own file added: services, permission sets, permission groups and managed
// policies. It can add, and never redefine. The error is an *Error that says where and what would be right; the receiver
// stays as it was.
func (c *Catalog) With(source []byte) (*Catalog, error) {
	f, err := ParseFile(source)
	if err != nil {
		return nil, err
	}
	if len(f.Operations) > 0 {
		return nil, problemf("is for built-in files; the operations of the dialects are what they are").at("operations").in(source)
	}
	next := c.clone()
	p := next.define(f)
	if p == nil {
		next.sortNames(c.countNames())
		p = next.link(f)
	}
	if p != nil {
		return nil, p.in(source)
	}
	return next, nil
}

// File gives everything that the catalogue holds, as one file.
func (c *Catalog) File() *File {
	f := c.file
	return &f
}

// clone copies what define and link change. Services, actions and types are not copied: they belong to one file for ever.
func (c *Catalog) clone() *Catalog {
	next := &Catalog{
		file:         c.file,
		services:     orNew(c.services),
		actions:      orNew(c.actions),
		folded:       orNew(c.folded),
		types:        orNew(c.types),
		typesSpelled: orNew(c.typesSpelled),
		named:        c.named,
		shapes:       orNew(c.shapes),
		backends:     orNew(c.backends),
		order:        slices.Clone(c.order),
		sets:         slices.Clone(c.sets),
		roles:        slices.Clone(c.roles),
		permissions:  slices.Clone(c.permissions),
		policies:     slices.Clone(c.policies),
		operations:   orNew(c.operations),
	}
	for i := range dialects {
		next.spelled[i] = orNew(c.spelled[i])
		next.named[i] = slices.Clone(c.named[i])
	}
	return next
}

func orNew[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return map[K]V{}
	}
	return maps.Clone(m)
}

// Services lists the services in catalogue order.
func (c *Catalog) Services() []*Service { return c.order }

// Service gives one service.
func (c *Catalog) Service(id string) (*Service, bool) {
	s, ok := c.services[id]
	return s, ok
}

// Products lists the services that a dialect's list of products shows, in catalogue order.
func (c *Catalog) Products(dialect string) []*Service {
	return slices.DeleteFunc(slices.Clone(c.order), func(s *Service) bool { return !s.In(dialect) })
}

// Actions lists the actions of a service in catalogue order. A dialect's own list leaves out those that are not In it.
func (c *Catalog) Actions(service string) []*Action {
	s := c.services[service]
	if s == nil {
		return nil
	}
	return pointers(s.Actions)
}

// Action gives one action, whichever case its letters are asked for in; policies of the native language fold case, too.
func (c *Catalog) Action(action string) (*Action, bool) {
	a := c.find(action)
	return a, a != nil
}

// ResourceTypes lists the resource types of a service in catalogue order.
func (c *Catalog) ResourceTypes(service string) []*ResourceType {
	s := c.services[service]
	if s == nil {
		return nil
	}
	return pointers(s.Types)
}

// ResourceType gives one resource type.
func (c *Catalog) ResourceType(service, typ string) (*ResourceType, bool) {
	t, ok := c.types[typeKey{service, typ}]
	return t, ok
}

// TypesOf gives the resource types that an action works on, in the order of its member types.
func (c *Catalog) TypesOf(a *Action) []*ResourceType {
	var out []*ResourceType
	for _, reference := range a.Types {
		out = append(out, c.types[a.reference(reference)])
	}
	return out
}

// reference resolves "group" or "iam:group".
func (a *Action) reference(text string) typeKey {
	if service, typ, other := strings.Cut(text, ":"); other {
		return typeKey{service, typ}
	}
	return typeKey{a.service.ID, text}
}

// PermissionSets lists Scaleway's permission sets, sorted by name.
func (c *Catalog) PermissionSets() []*PermissionSet { return c.sets }

// PermissionSet gives the permission set of a name.
func (c *Catalog) PermissionSet(name string) (*PermissionSet, bool) {
	i, ok := c.findSet(name)
	if !ok {
		return nil, false
	}
	return c.sets[i], true
}

// findSet tells where the set of a name is, or would be.
func (c *Catalog) findSet(name string) (int, bool) {
	return slices.BinarySearchFunc(c.sets, name, func(s *PermissionSet, name string) int {
		return strings.Compare(s.Name, name)
	})
}

// PermissionGroups lists Cloudflare's permission groups, the roles of an account, in catalogue order.
func (c *Catalog) PermissionGroups() []*PermissionGroup { return c.roles }

// PermissionGroup gives the permission group of an id.
func (c *Catalog) PermissionGroup(id string) (*PermissionGroup, bool) {
	return where(c.roles, func(g *PermissionGroup) bool { return g.ID() == id })
}

// PermissionGroupLabelled gives the permission group of a label.
func (c *Catalog) PermissionGroupLabelled(label string) (*PermissionGroup, bool) {
	return where(c.roles, func(g *PermissionGroup) bool { return g.Label == label })
}

// TokenPermissionGroups lists the permissions that Cloudflare's API tokens can have, in catalogue order.
func (c *Catalog) TokenPermissionGroups() []*PermissionGroup { return c.permissions }

// TokenPermissionGroup gives the permission of an id.
func (c *Catalog) TokenPermissionGroup(id string) (*PermissionGroup, bool) {
	return where(c.permissions, func(g *PermissionGroup) bool { return g.ID() == id })
}

// ManagedPolicies lists the policies that VNG Cloud gives to every account, in catalogue order.
func (c *Catalog) ManagedPolicies() []*ManagedPolicy { return c.policies }

// Operations lists the operations of a dialect.
func (c *Catalog) Operations(dialect string) []*Operation {
	return slices.DeleteFunc(pointers(c.file.Operations), func(o *Operation) bool { return o.Dialect != dialect })
}

// Operation gives a dialect's operation of a name.
func (c *Catalog) Operation(dialect, name string) (*Operation, bool) {
	o, ok := c.operations[operationKey{dialect, name}]
	return o, ok
}

func where[T any](list []*T, fits func(*T) bool) (*T, bool) {
	if i := slices.IndexFunc(list, fits); i >= 0 {
		return list[i], true
	}
	return nil, false
}

func pointers[T any](list []T) []*T {
	out := make([]*T, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}
