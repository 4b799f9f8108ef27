package iam

import (
	"encoding/hex"
	"maps"
	"slices"
	"time"

	"github.com/writ-iam/writ/internal/pmap"
	"github.com/writ-iam/writ/internal/policy"
)

// ResourceGroup says where policies in Cloudflare's language apply (cloudflare.md, section 5).
type ResourceGroup struct {
	ID    ResourceGroupID   `json:"id"`
	Name  string            `json:"name"` // need not be unique; an anonymous one may have none
	Scope Scope             `json:"scope"`
	Meta  map[string]string `json:"meta,omitempty"` // what clients keep with it; it means nothing
	// Of is the policy that an anonymous one was made for, which alone may name it and takes it along when it goes.
	Of        PolicyID  `json:"of,omitzero"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`

	predefined bool
}

// Scope is what a resource group covers.
type Scope struct {
	Key     string   `json:"key"`     // the organization's own: AccountKey
	Objects []string `json:"objects"` // resource keys, or "*" for everything inside
}

// Predefined reports whether the group is the one that every organization has, and cannot change.
func (g *ResourceGroup) Predefined() bool { return g.predefined }

// The predefined one is first in lists, whatever the clock said when the organization was founded.
func (g *ResourceGroup) entry() entry {
	if g.predefined {
		return entry{g.ID.UUID, time.Time{}, []string{g.Name}}
	}
	return entry{g.ID.UUID, g.CreatedAt, []string{g.Name}}
}

// AccountKey is an organization as Cloudflare's resource keys name it: com.cloudflare.api.account. and its id without
// hyphens.
func AccountKey(id OrgID) string {
	return "com.cloudflare.api.account." + hex.EncodeToString(id.UUID[:])
}

// PredefinedResourceGroup is the id of the resource group that every organization has: the first 16 bytes of the SHA-256 of
// its AccountKey, made a UUID of version 8 (RFC 9562, section 5.8).
func PredefinedResourceGroup(id OrgID) ResourceGroupID {
	return ResourceGroupID{derived(AccountKey(id))}
}

// ResourceGroup finds a resource group, anonymous and predefined ones too; NotFound otherwise.
func (s *State) ResourceGroup(id ResourceGroupID) (*ResourceGroup, error) {
	if g, ok := s.resourceGroups.get(id.UUID); ok {
		return g, nil
	}
	return get(&s.anonymous, id.UUID, "resource group")
}

// ResourceGroups lists the predefined resource group, then the others; anonymous ones are left out.
func (s *State) ResourceGroups() Listing[*ResourceGroup] { return all(&s.resourceGroups) }

// ResourceGroupPolicies lists the policies that name a resource group.
func (s *State) ResourceGroupPolicies(id ResourceGroupID) Listing[*Policy] {
	return related(&s.policies, s.scoped, id.UUID, sidePolicy,
		func(p *Policy) (int64, bool) { return p.CreatedAt.UnixMicro(), slices.Contains(p.Scopes, id) })
}

// putOrganization puts the organization in place, and at its foundation its predefined roles and resource group and its default project.
func (s *State) putOrganization(e *pmap.Edit, o *Organization) {
	s.org = o
	s.foundProject(e, o)
	id, key := PredefinedResourceGroup(s.id), AccountKey(s.id)
	if _, there := s.resourceGroups.get(id.UUID); o == nil || there {
		return
	}
	for _, r := range predefinedRoles(o) {
		s.predefined.replace(e, nil, r)
	}
	s.resourceGroups.replace(e, nil, &ResourceGroup{ID: id, Name: key, Scope: Scope{key, []string{"*"}},
		CreatedAt: o.CreatedAt, UpdatedAt: o.CreatedAt, predefined: true})
}

func (s *State) putResourceGroup(e *pmap.Edit, id UUID, g *ResourceGroup) {
	in := &s.resourceGroups
	if _, was := s.anonymous.get(id); was || g != nil && !g.Of.IsZero() {
		in = &s.anonymous
	}
	old, _ := in.get(id)
	in.replace(e, old, g)
}

// storedGroup finds a resource group that is a record: all but the predefined one.
func (s *State) storedGroup(id UUID) (*ResourceGroup, bool) {
	g, err := s.ResourceGroup(ResourceGroupID{id})
	return g, err == nil && !g.predefined
}

// ResourceGroupCount is the number of resource groups that the quota is about: anonymous ones too, the predefined one not.
func (s *State) ResourceGroupCount() int { return max(0, s.resourceGroups.len()-1) + s.anonymous.len() }

// library is what the documents of one policy may refer to: the world's names, and the resource groups of the organization
// but for those that are other policies'. It notes which of them are asked for.
type library struct {
	policy.Library
	s    *State
	of   PolicyID
	seen []ResourceGroupID
}

func (s *State) library(of PolicyID) *library {
	base := s.world.Library
	if base == nil {
		base = policy.NoNames
	}
	return &library{Library: base, s: s, of: of}
}

// ResourceGroup finds a group by its id without hyphens.
func (l *library) ResourceGroup(id string) (policy.ResourceScope, bool) {
	var u UUID
	if len(id) != hex.EncodedLen(len(u)) {
		return policy.ResourceScope{}, false
	}
	if _, err := hex.Decode(u[:], []byte(id)); err != nil || hex.EncodeToString(u[:]) != id {
		return policy.ResourceScope{}, false
	}
	g, err := l.s.ResourceGroup(ResourceGroupID{u})
	if err != nil || !g.Of.IsZero() && g.Of != l.of {
		return policy.ResourceScope{}, false
	}
	if !slices.Contains(l.seen, g.ID) {
		l.seen = append(l.seen, g.ID)
	}
	return policy.ResourceScope{Key: g.Scope.Key, Objects: g.Scope.Objects}, true
}

// Account lets policies apply to the organization itself alone.
func (l *library) Account(key string) bool { return key == AccountKey(l.s.id) }

// compile makes what follows from a policy's Document. Every compilation is made here.
func (s *State) compile(p *Policy) error {
	lib := s.library(p.ID)
	program, err := policy.Compile(p.Language, []byte(p.Document), lib)
	if err != nil {
		return err
	}
	p.Program, p.Scopes = program, lib.seen
	return nil
}

// recompile compiles the policies that name one of some resource groups anew, but for those to skip. It gives the first that
// does not compile any more.
func (s *State) recompile(e *pmap.Edit, groups []UUID, skip map[UUID]bool) (*Policy, error) {
	done := map[UUID]bool{}
	maps.Copy(done, skip)
	for _, g := range groups {
		for _, id := range s.scoped.ids(g, sidePolicy) {
			if done[id] {
				continue
			}
			done[id] = true
			old, _ := s.policies.get(id)
			p := *old
			if err := s.compile(&p); err != nil {
				return old, err
			}
			s.putPolicy(e, id, &p)
		}
	}
	return nil, nil
}

// clone copies a group so that the copy shares nothing that can change.
func (g ResourceGroup) clone() *ResourceGroup {
	g.Scope.Objects = slices.Clone(g.Scope.Objects)
	g.Meta = maps.Clone(g.Meta)
	return &g
}
