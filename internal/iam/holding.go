package iam

import (
	"slices"
	"time"
)

// Holding is one attachment of a policy, seen from the policy.
type Holding struct {
	Holder Holder
	At     time.Time // of attaching
}

// Holdings gives everything that a policy is attached to, in the order of attaching; equals by their place in lists, users before
// service accounts, groups, roles and invitations.
func (s *State) Holdings(id PolicyID) []Holding {
	var out []Holding
	add := func(typ string, kind side, policies func(UUID) []Attached) {
		for _, holder := range s.holders.ids(id.UUID, kind) {
			for _, a := range policies(holder) {
				if a.Policy == id {
					out = append(out, Holding{Holder{typ, holder}, a.At})
				}
			}
		}
	}
	add(TypeUser, sideUser, func(id UUID) []Attached { u, _ := s.users.get(id); return u.Policies })
	add(TypeServiceAccount, sideServiceAccount, func(id UUID) []Attached { a, _ := s.accounts.get(id); return a.Policies })
	add(TypeGroup, sideGroup, func(id UUID) []Attached { g, _ := s.groups.get(id); return g.Policies })
	add(TypeRole, sideRole, func(id UUID) []Attached { r, _ := s.roles.get(id); return r.Policies })
	add(TypeInvitation, sideInvitation, func(id UUID) []Attached { v, _ := s.invitations.get(id); return v.Policies })
	slices.SortStableFunc(out, func(a, b Holding) int { return a.At.Compare(b.At) })
	return out
}
