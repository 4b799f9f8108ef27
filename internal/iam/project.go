package iam

import (
	"bytes"
	"strconv"
	"time"

	"github.com/writ-iam/writ/internal/pmap"
	"github.com/writ-iam/writ/internal/policy"
)

// Project is a part of an organization that resources lie in. Rules in Scaleway's language may be about some projects alone.
//
// The default project is always there: it is no record, cannot be changed, and its id equals the organization's (scaleway.md,
// section 4.1).
type Project struct {
	ID          ProjectID `json:"id"`
	Name        string    `json:"name"` // unique in the organization
	Description string    `json:"description,omitempty"`
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`

	byDefault bool
}

// defaultProject is what the default project is called.
const defaultProject = "default"

// Default reports whether the project is the one that every organization has, and cannot change.
func (p *Project) Default() bool { return p.byDefault }

// The default project is first in lists, whatever the clock said when the organization was founded.
func (p *Project) entry() entry {
	if p.byDefault {
		return entry{p.ID.UUID, time.Time{}, []string{p.Name}}
	}
	return entry{p.ID.UUID, p.CreatedAt, []string{p.Name}}
}

// DefaultProject is the id of the default project of an organization.
func DefaultProject(id OrgID) ProjectID { return ProjectID(id) }

// Project finds a project, the default one too; NotFound otherwise.
func (s *State) Project(id ProjectID) (*Project, error) { return get(&s.projects, id.UUID, "project") }

// Projects lists the default project, then the others.
func (s *State) Projects() Listing[*Project] { return all(&s.projects) }

// ProjectCount is the number of projects that the quota is about: the default one not.
func (s *State) ProjectCount() int { return max(0, s.projects.len()-1) }

// foundProject puts the default project in place, at the organization's foundation.
func (s *State) foundProject(e *pmap.Edit, o *Organization) {
	id := DefaultProject(s.id)
	if _, there := s.projects.get(id.UUID); o == nil || there {
		return
	}
	s.projects.replace(e, nil, &Project{ID: id, Name: defaultProject, CreatedAt: o.CreatedAt, UpdatedAt: o.CreatedAt, byDefault: true})
}

func (s *State) putProject(e *pmap.Edit, id UUID, p *Project) {
	old, _ := s.projects.get(id)
	s.projects.replace(e, old, p)
}

// storedProject finds a project that is a record: all but the default one.
func (s *State) storedProject(id UUID) (*Project, bool) {
	p, ok := s.projects.get(id)
	return p, ok && !p.byDefault
}

// CreateProject makes a project with an unused name.
func (d *Draft) CreateProject(p Project) (*Project, error) {
	if err := d.checkProject(&p); err != nil {
		return nil, err
	}
	if err := fresh(&d.s.projects, p.ID.UUID); err != nil {
		return nil, err
	}
	if err := d.room(QuotaProjects, d.s.ProjectCount()); err != nil {
		return nil, err
	}
	p.CreatedAt, p.UpdatedAt, p.byDefault = d.now, d.now, false
	d.putProject(&p)
	return &p, nil
}

func (d *Draft) checkProject(p *Project) error {
	if err := d.checkNames(p.Name, nil, &p.Description); err != nil {
		return err
	}
	return free(&d.s.projects, p.Name, p.ID.UUID, "project")
}

// UpdateProject lets edit change a copy's Name and Description. Immutable for the default project. Nothing is touched when
// nothing changes.
func (d *Draft) UpdateProject(id ProjectID, edit func(*Project)) (*Project, error) {
	old, err := d.changeableProject(id)
	if err != nil {
		return nil, err
	}
	asked := *old
	edit(&asked)
	p := *old
	p.Name, p.Description = asked.Name, asked.Description
	if err := d.checkProject(&p); err != nil {
		return nil, err
	}
	if p.Name == old.Name && p.Description == old.Description {
		return old, nil
	}
	p.UpdatedAt = d.now
	d.putProject(&p)
	return &p, nil
}

func (d *Draft) changeableProject(id ProjectID) (*Project, error) {
	p, err := d.s.Project(id)
	if err == nil && p.byDefault {
		return nil, Errorf(Immutable, "the default project is the organization's own, and is neither changed nor deleted")
	}
	return p, err
}

// DeleteProject removes a project that nothing names and in which there is no SSH key; otherwise InUse, because a rule or key whose
// project is gone would say something else than its author meant. Immutable for the default project.
func (d *Draft) DeleteProject(id ProjectID) error {
	if _, err := d.changeableProject(id); err != nil {
		return err
	}
	if user := d.s.projectUser(id); user != "" {
		return Errorf(InUse, "%s names the project", user)
	}
	d.touch(KindProject, id.UUID)
	d.s.putProject(d.edit, id.UUID, nil)
	return nil
}

// projectUser gives one of those that name a project, "" if there is none.
func (s *State) projectUser(id ProjectID) string {
	for p := range s.Policies().All() {
		if namesProject(p.Program, id) {
			return "policy " + strconv.Quote(p.Name)
		}
	}
	for k := range s.SSHKeys().All() {
		if k.Project == id {
			return "SSH key " + strconv.Quote(k.Name)
		}
	}
	for k := range s.Credentials().All() {
		if k.Project == id {
			return "credential " + strconv.Quote(k.Name)
		}
		for _, p := range k.Policies {
			if namesProject(p.Program, id) {
				return "a policy of credential " + strconv.Quote(k.Name)
			}
		}
	}
	return ""
}

// namesProject tells whether a rule of a policy in Scaleway's language is about a project. In canonical form, an id that stands
// as a text of its own is a project's, or the organization's, whose project is never deleted.
func namesProject(p *policy.Program, id ProjectID) bool {
	return p.Language() == policy.Scaleway && bytes.Contains(p.Print(), []byte(strconv.Quote(id.String())))
}

// inProject gives the project that somebody names, the default one for none; NotFound, with the field "project", if it is not there.
func (d *Draft) inProject(id ProjectID) (ProjectID, error) {
	if id.IsZero() {
		id = DefaultProject(d.s.id)
	}
	if _, err := d.s.Project(id); err != nil {
		return id, FieldErrorf(NotFound, "project", "%s does not exist", id)
	}
	return id, nil
}

func (d *Draft) putProject(p *Project) {
	d.touch(KindProject, p.ID.UUID)
	d.s.putProject(d.edit, p.ID.UUID, p)
}
