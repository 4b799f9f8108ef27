package iam

import (
	"fmt"
	"maps"
	"slices"

	"github.com/writ-iam/writ/internal/policy"
)

// CreateResourceGroup makes a resource group from its Name, Scope and Meta. Names may repeat.
func (d *Draft) CreateResourceGroup(g ResourceGroup) (*ResourceGroup, error) {
	g.Of = PolicyID{}
	return d.createResourceGroup(g)
}

func (d *Draft) createResourceGroup(in ResourceGroup) (*ResourceGroup, error) {
	g := in.clone()
	g.predefined = false
	if err := d.checkResourceGroup(g); err != nil {
		return nil, err
	}
	if _, err := d.s.ResourceGroup(g.ID); err == nil || g.ID.IsZero() {
		return nil, Errorf(Internal, "id %s cannot be used", g.ID)
	}
	if err := d.room(QuotaResourceGroups, d.s.ResourceGroupCount()); err != nil {
		return nil, err
	}
	g.CreatedAt, g.UpdatedAt = d.now, d.now
	d.putResourceGroup(g)
	return g, nil
}

// checkResourceGroup holds a group to the rules. An anonymous one may be without a name.
func (d *Draft) checkResourceGroup(g *ResourceGroup) error {
	if g.Of.IsZero() || g.Name != "" {
		if err := checkName("name", g.Name); err != nil {
			return err
		}
	}
	if err := d.checkScope(g.Scope); err != nil {
		return err
	}
	if len(g.Meta) > MaxMeta {
		return FieldErrorf(Invalid, "meta", "has at most %d entries", MaxMeta)
	}
	for _, key := range slices.Sorted(maps.Keys(g.Meta)) { // in order, so that the answer is always the same
		if err := checkName("meta", key); err != nil {
			return err
		}
		if value := g.Meta[key]; value != "" {
			if err := checkName("meta", value); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkScope wants the organization's own account, and objects that the catalogue knows.
func (d *Draft) checkScope(s Scope) error {
	account := AccountKey(d.s.id)
	switch {
	case s.Key != account:
		return FieldErrorf(Invalid, "scope.key", "%.100q is not the organization's own account; use %s", s.Key, account)
	case len(s.Objects) == 0:
		return FieldErrorf(Invalid, "scope.objects", "needs at least one object")
	case len(s.Objects) > MaxScopeObjects:
		return FieldErrorf(Invalid, "scope.objects", "has at most %d objects", MaxScopeObjects)
	}
	lib := d.s.library(PolicyID{})
	for i, key := range s.Objects {
		if problem := policy.CheckScopeObject(account, key, lib); problem != "" {
			return FieldErrorf(Invalid, fmt.Sprintf("scope.objects[%d].key", i), "%s", problem)
		}
	}
	return nil
}

// UpdateResourceGroup lets edit change a copy's Name, Scope and Meta. Nothing is touched when nothing changes. With another
// scope, the policies that name the group apply there from now on; Invalid when one of them cannot. The predefined group is
// Immutable.
func (d *Draft) UpdateResourceGroup(id ResourceGroupID, edit func(*ResourceGroup)) (*ResourceGroup, error) {
	old, err := d.changeable(id)
	if err != nil {
		return nil, err
	}
	g := old.clone()
	edit(g)
	g = g.clone() // what edit put in is the caller's
	g.ID, g.Of = old.ID, old.Of
	if err := d.checkResourceGroup(g); err != nil {
		return nil, err
	}
	sameScope := g.Scope.Key == old.Scope.Key && slices.Equal(g.Scope.Objects, old.Scope.Objects)
	if sameScope && g.Name == old.Name && maps.Equal(g.Meta, old.Meta) {
		return old, nil
	}
	g.UpdatedAt = d.now
	d.putResourceGroup(g)
	if sameScope {
		return g, nil
	}
	if p, err := d.s.recompile(d.edit, []UUID{id.UUID}, nil); err != nil {
		return nil, FieldErrorf(Invalid, "scope", "does not fit policy %q (%s): %v", p.Name, p.ID, err)
	}
	return g, nil
}

// changeable finds a resource group that is not the predefined one.
func (d *Draft) changeable(id ResourceGroupID) (*ResourceGroup, error) {
	g, err := d.s.ResourceGroup(id)
	if err == nil && g.predefined {
		return nil, Errorf(Immutable, "the predefined resource group cannot be changed or deleted")
	}
	return g, err
}

// DeleteResourceGroup removes a resource group that no policy names; otherwise InUse. The predefined group is Immutable.
func (d *Draft) DeleteResourceGroup(id ResourceGroupID) error {
	if _, err := d.changeable(id); err != nil {
		return err
	}
	if n := d.s.scoped.count(id.UUID, sidePolicy); n > 0 {
		return Errorf(InUse, "the resource group is named by %d policies: change them first", n)
	}
	d.dropResourceGroup(id)
	return nil
}

func (d *Draft) dropResourceGroup(id ResourceGroupID) {
	d.touch(KindResourceGroup, id.UUID)
	d.s.putResourceGroup(d.edit, id.UUID, nil)
}

func (d *Draft) putResourceGroup(g *ResourceGroup) {
	d.touch(KindResourceGroup, g.ID.UUID)
	d.s.putResourceGroup(d.edit, g.ID.UUID, g)
}
