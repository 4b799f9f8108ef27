package engine

import (
	"cmp"
	"crypto/sha256"
	"fmt"

	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/world"
)

// Kind is what a principal is.
type Kind = iam.PrincipalKind

// The kinds of principals that hold policies.
const (
	KindUser           = iam.KindOfUser
	KindServiceAccount = iam.KindOfServiceAccount
	KindRole           = iam.KindOfRole
)

// Ref refers to a principal. Making one costs about as much as a decision: who asks often keeps it.
type Ref struct{ principal iam.Principal }

// NewRef refers to the principal of that kind and name.
func NewRef(kind Kind, name string) Ref {
	return Ref{iam.Principal{Kind: kind, ID: idOf(string(kind), name)}}
}

// User refers to a user.
func User(name string) Ref { return NewRef(KindUser, name) }

// ServiceAccount refers to a service account.
func ServiceAccount(name string) Ref { return NewRef(KindServiceAccount, name) }

// Role refers to a role, as which somebody acts: its policies alone count.
func Role(name string) Ref { return NewRef(KindRole, name) }

// idOf is the id by which the index knows a name: a name that is a UUID stands for itself, as in an export of a server; of any
// other name it is a hash.
func idOf(kind, name string) iam.UUID {
	if id, err := iam.ParseUUID(name); err == nil {
		return id
	}
	sum := sha256.Sum256([]byte(kind + "\x00" + name))
	return iam.UUID(sum[:16])
}

// Engine decides. It never changes, and any number of goroutines use one.
type Engine struct {
	index   *authz.Index
	groups  map[iam.GroupID]string
	catalog *catalog.Catalog
	owner   Ref // the zero Ref if there is none
}

// New compiles a bundle. An error names the entry that is wrong; of a document, also the place in it.
func New(b *Bundle) (*Engine, error) {
	l := loader{bundle: b, policies: map[string]int{}, groups: map[string]int{}}
	c, err := catalogOf(b.Catalog)
	if err != nil {
		return nil, err
	}
	l.estate = authz.Estate{World: world.Of(c), Account: b.Account}
	for _, step := range []func() error{l.addPolicies, l.addGroups, l.addPrincipals, l.addOwner} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	index, err := authz.NewOf(&l.estate)
	if err != nil {
		return nil, err
	}
	if index, err = l.bound(index); err != nil {
		return nil, err
	}
	e := &Engine{index: index, groups: make(map[iam.GroupID]string, len(b.Groups)), catalog: c}
	if b.Owner != "" {
		e.owner = User(b.Owner)
	}
	for i := range b.Groups {
		e.groups[l.estate.Groups[i].ID] = b.Groups[i].Name
	}
	return e, nil
}

// loader makes an estate of a bundle: names become places.
type loader struct {
	bundle   *Bundle
	estate   authz.Estate
	policies map[string]int
	groups   map[string]int
}

func (l *loader) addPolicies() error {
	for i := range l.bundle.Policies {
		p := &l.bundle.Policies[i]
		if _, twice := l.policies[p.Name]; twice || p.Name == "" {
			return fmt.Errorf("policies[%d]: the name %q is empty or there twice", i, p.Name)
		}
		program, err := policy.Compile(cmp.Or(p.Language, Statements), p.Document, l.estate.World.Library)
		if err != nil {
			return fmt.Errorf("policies[%d] (%s): %w", i, p.Name, err)
		}
		l.policies[p.Name] = i
		l.estate.Policies = append(l.estate.Policies, authz.HeldPolicy{ID: iam.PolicyID{UUID: idOf("policy", p.Name)}, Name: p.Name, Program: program})
	}
	return nil
}

func (l *loader) addGroups() error {
	for i := range l.bundle.Groups {
		g := &l.bundle.Groups[i]
		if _, twice := l.groups[g.Name]; twice || g.Name == "" {
			return fmt.Errorf("groups[%d]: the name %q is empty or there twice", i, g.Name)
		}
		policies, err := places(g.Policies, l.policies, "policy")
		if err != nil {
			return fmt.Errorf("groups[%d] (%s): %w", i, g.Name, err)
		}
		l.groups[g.Name] = i
		l.estate.Groups = append(l.estate.Groups, authz.HeldGroup{ID: iam.GroupID{UUID: idOf("group", g.Name)}, Policies: policies})
	}
	return nil
}

func (l *loader) addPrincipals() error {
	for i := range l.bundle.Principals {
		p := &l.bundle.Principals[i]
		if p.Name == "" {
			return fmt.Errorf("principals[%d]: the name is empty", i)
		}
		policies, err := places(p.Policies, l.policies, "policy")
		if err != nil {
			return fmt.Errorf("principals[%d] (%s): %w", i, p.Name, err)
		}
		groups, err := places(p.Groups, l.groups, "group")
		if err != nil {
			return fmt.Errorf("principals[%d] (%s): %w", i, p.Name, err)
		}
		l.estate.Principals = append(l.estate.Principals, authz.HeldPrincipal{Principal: NewRef(p.Kind, p.Name).principal,
			Disabled: p.Disabled, Groups: groups, Policies: policies})
	}
	return nil
}

func (l *loader) addOwner() error {
	if l.bundle.Owner != "" {
		l.estate.Owner = User(l.bundle.Owner).principal.ID
	}
	return nil
}

// bound puts the index within the bundle's boundary.
func (l *loader) bound(x *authz.Index) (*authz.Index, error) {
	policies, err := places(l.bundle.Boundary, l.policies, "policy")
	if err != nil || len(policies) == 0 {
		return x, err
	}
	b := &authz.Boundary{Kind: authz.OrganizationBoundary}
	for _, at := range policies {
		p := &l.estate.Policies[at]
		b.Policies = append(b.Policies, authz.BoundaryPolicy{Policy: p.ID, Name: p.Name, Program: p.Program})
	}
	return x.WithBoundary(b), nil
}

// places finds names.
func places(names []string, known map[string]int, what string) ([]int, error) {
	out := make([]int, len(names))
	for i, name := range names {
		at, ok := known[name]
		if !ok {
			return nil, fmt.Errorf("there is no %s %q", what, name)
		}
		out[i] = at
	}
	return out, nil
}
