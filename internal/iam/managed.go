package iam

import (
	"time"

	"github.com/writ-iam/writ/internal/policy"
)

// managedSince is when managed policies say that they were made. They are older than every organization.
var managedSince = time.Date(2023, time.January, 1, 0, 0, 0, 0, time.UTC)

// ManagedPolicies gives the policies that every organization has and none can change, in the catalogue's order. They can be attached as
// others can. They are no records: Policies leaves them out, quotas do not count them, and a policy of the organization may have the
// same name.
func (s *State) ManagedPolicies() []*Policy {
	var out []*Policy
	for i := range s.world.Managed {
		if p, ok := managedPolicy(&s.world.Managed[i]); ok {
			out = append(out, p)
		}
	}
	return out
}

// managed finds a managed policy. It is made when it is asked for, so that an organization in memory does not keep all of them.
func (s *State) managed(id PolicyID) (*Policy, bool) {
	text := id.String()
	for i := range s.world.Managed {
		if m := &s.world.Managed[i]; m.ID == text {
			return managedPolicy(m)
		}
	}
	return nil, false
}

func managedPolicy(m *policy.Managed) (*Policy, bool) {
	id, err := ParseUUID(m.ID)
	return &Policy{ID: PolicyID{id}, Name: m.Name, Language: m.Language, Document: m.Document, Program: m.Program, Managed: true,
		CreatedAt: managedSince, UpdatedAt: managedSince}, err == nil
}

// changeable finds a policy that may be changed: Immutable if it is a managed one.
func (s *State) changeable(id PolicyID) (*Policy, error) {
	p, err := s.Policy(id)
	if err == nil && p.Managed {
		return nil, Errorf(Immutable, "policy %q is managed: it can be attached, and neither changed nor deleted", p.Name)
	}
	return p, err
}
