package authz

import (
	"fmt"
	"slices"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/pmap"
	"github.com/writ-iam/writ/internal/policy"
)

// Estate is who holds which programs, written down, for callers that have no iam.State. Policies that an organization's owner
// would need are none: Owner, if set, is one of the principals.
type Estate struct {
	World      policy.World
	Account    string // the short number, which names of VNG Cloud's hold
	Owner      iam.UUID
	Policies   []HeldPolicy
	Groups     []HeldGroup
	Principals []HeldPrincipal
}

// HeldPolicy is a policy of an Estate.
type HeldPolicy struct {
	ID      iam.PolicyID
	Name    string
	Program *policy.Program
}

// HeldGroup is a group of an Estate and the places of its policies in Estate.Policies.
type HeldGroup struct {
	ID       iam.GroupID
	Policies []int
}

// HeldPrincipal is a principal of an Estate, with the places of its groups and its policies. A role has no groups.
type HeldPrincipal struct {
	Principal iam.Principal
	Disabled  bool
	Groups    []int
	Policies  []int
}

// NewOf builds the index of an estate. It has no Next: a changed estate is built anew. It refuses what is there twice, kinds that hold no policies, and places that are out of
// range; the error names the entry.
func NewOf(e *Estate) (*Index, error) {
	b := builder{Index: &Index{founded: true, owner: e.Owner, world: e.World, account: e.Account}, edit: pmap.NewEdit()}
	holders := make([]int, len(e.Policies))
	if err := e.count(holders); err != nil {
		return nil, err
	}
	for i := range e.Policies {
		p := &e.Policies[i]
		if b.policyAt.At(p.ID) != nil {
			return nil, fmt.Errorf("policy %d (%s) is there twice", i, p.Name)
		}
		b.putPolicy(p.ID, p.Name, p.Program, holders[i])
	}
	for i := range e.Groups {
		g := &e.Groups[i]
		if b.groupAt.At(g.ID.UUID) != nil {
			return nil, fmt.Errorf("group %d is there twice", i)
		}
		h := b.holderOf(slotsOf(g.Policies))
		if h.more != nil {
			h.more.group = g.ID
		}
		b.putGroup(g.ID.UUID, h)
	}
	for i := range e.Principals {
		if err := b.addPrincipal(&e.Principals[i]); err != nil {
			return nil, fmt.Errorf("principal %d: %w", i, err)
		}
	}
	if owner := b.principals.At(e.Owner); e.Owner != (iam.UUID{}) && (owner == nil || owner.kind != user) {
		return nil, fmt.Errorf("the owner is none of the users")
	}
	// What finds slots by ids serves changes, of which this index sees none.
	b.policyAt, b.groupAt = pmap.Map[iam.PolicyID, uint32]{}, pmap.Map[iam.UUID, uint32]{}
	return b.Index, nil
}

// count counts the holders of each policy, and checks the places.
func (e *Estate) count(holders []int) error {
	add := func(what string, i int, places []int) error {
		for _, p := range places {
			if p < 0 || p >= len(holders) {
				return fmt.Errorf("%s %d holds policy %d of %d", what, i, p, len(holders))
			}
			holders[p]++
		}
		return nil
	}
	for i := range e.Groups {
		if err := add("group", i, e.Groups[i].Policies); err != nil {
			return err
		}
	}
	for i := range e.Principals {
		p := &e.Principals[i]
		if err := add("principal", i, p.Policies); err != nil {
			return err
		}
		if slices.ContainsFunc(p.Groups, func(g int) bool { return g < 0 || g >= len(e.Groups) }) {
			return fmt.Errorf("principal %d is in group %v of %d", i, p.Groups, len(e.Groups))
		}
	}
	return nil
}

func (b *builder) addPrincipal(p *HeldPrincipal) error {
	kind := kindOf(p.Principal.Kind)
	switch {
	case kind == noPrincipal:
		return fmt.Errorf("a %q holds no policies", p.Principal.Kind)
	case kind == role && len(p.Groups) > 0:
		return fmt.Errorf("a role is in no group")
	case b.principals.At(p.Principal.ID) != nil:
		return fmt.Errorf("%s is there twice", p.Principal.CRN())
	}
	out := principal{own: b.ownOf(slotsOf(p.Policies)), kind: kind, enabled: !p.Disabled}
	for _, g := range p.Groups {
		out.groups.add(uint32(g))
	}
	b.principals = b.principals.Set(b.edit, p.Principal.ID, out)
	return nil
}

// slotsOf are the slots of policies: in a new index, their places.
func slotsOf(places []int) []uint32 {
	out := make([]uint32, len(places))
	for i, p := range places {
		out[i] = uint32(p)
	}
	return out
}
