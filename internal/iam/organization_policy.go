package iam

import (
	"github.com/writ-iam/writ/internal/pmap"
	"github.com/writ-iam/writ/internal/policy"
)

// AllowAll is the document of an organization that has no policy, as Exoscale shows it.
const AllowAll = `{"default-service-strategy":"allow","services":{}}`

// SetOrganizationPolicy makes a document in the language exoscale the bound of what anybody in the organization may do; "" lifts
// it. Nothing is touched when nothing changes. The platform's own organization has none: no operator could lift it.
func (d *Draft) SetOrganizationPolicy(document string) error {
	switch {
	case d.s.org == nil:
		return Errorf(NotFound, "organization %s does not exist", d.s.id)
	case d.s.id == PlatformOrg:
		return Errorf(Conflict, "the platform's own organization has no policy: nobody could lift one that is wrong")
	case d.s.org.Policy == document:
		return nil
	}
	o := *d.s.org
	o.Policy, o.UpdatedAt = document, d.now
	if err := inDocument("document", o.compile()); err != nil {
		return err
	}
	d.putOrganization(&o)
	return nil
}

// compile makes the Program of the organization's policy.
func (o *Organization) compile() (err error) {
	if o.Program = nil; o.Policy != "" {
		o.Program, err = policy.Compile(policy.Exoscale, []byte(o.Policy), nil)
	}
	return err
}

// loadOrganization compiles what was stored, as loadPolicy does.
func (s *State) loadOrganization(e *pmap.Edit, o *Organization) error {
	if o != nil {
		if err := o.compile(); err != nil {
			return err
		}
	}
	s.putOrganization(e, o)
	return nil
}
