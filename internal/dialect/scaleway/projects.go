package scaleway

import (
	"slices"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// AccountPrefix begins the paths of projects, which the vendor has in an API beside IAM's.
const AccountPrefix = "/account/v3"

func projectRoutes() []route {
	const all, each = "/projects", "/projects/{project_id}"
	return below(AccountPrefix,
		aProject.does(lists, get, all, control.ListProjects, aProject.any, listProjects),
		aProject.does(creates, post, all, control.CreateProject, aProject.any, createProject),
		aProject.does(reads, get, each, control.GetProject, aProject.one, getProject),
		aProject.does(writes, patch, each, control.UpdateProject, aProject.one, updateProject),
		aProject.does(deletes, del, each, control.DeleteProject, aProject.one, deleteProject),
	)
}

// below moves routes below another prefix.
func below(prefix string, routes ...route) []route {
	for i := range routes {
		routes[i].Pattern = prefix + strings.TrimPrefix(routes[i].Pattern, Prefix)
	}
	return routes
}

// project is what the vendor's account API shows.
type project struct {
	ID             string    `json:"id"`
	Name           string    `json:"name"`
	OrganizationID string    `json:"organization_id"`
	CreatedAt      timestamp `json:"created_at"`
	UpdatedAt      timestamp `json:"updated_at"`
	Description    string    `json:"description"`
	Status         string    `json:"status"`
}

func (c *call) project(p *iam.Project) project {
	return project{p.ID.String(), p.Name, c.View().ID().String(), timestamp(p.CreatedAt), timestamp(p.UpdatedAt), p.Description, "active"}
}

var projectOrders = orders[*iam.Project]{
	"created_at": byTime(projectCreated),
	"name":       byText(projectName),
}

func projectName(p *iam.Project) string       { return p.Name }
func projectID(p *iam.Project) iam.UUID       { return p.ID.UUID }
func projectCreated(p *iam.Project) time.Time { return p.CreatedAt }

func listProjects(c *call) (*wire.Answer, error) {
	q := c.query()
	list := keepText(q, "name", slices.Collect(c.View().Projects().All()), projectName)
	list = keepIDs(q, "project_ids", list, projectID)
	list = sorted(q, list, projectOrders, projectCreated, projectID)
	return paged(c, q, "projects", list, c.project)
}

func (c *call) projectInPath() (*iam.Project, error) {
	return c.View().Project(iam.ProjectID{UUID: pathID(c.Call, aProject.param)})
}

func getProject(c *call) (*wire.Answer, error) {
	p, err := c.projectInPath()
	if err != nil {
		return nil, err
	}
	return c.shown(c.project(p))
}

func createProject(c *call) (*wire.Answer, error) {
	var in named
	if err := in.read(c, true); err != nil {
		return nil, err
	}
	p := iam.Project{ID: iam.ProjectID{UUID: c.Control.NewID()}, Name: value(in.Name), Description: value(in.Description)}
	c.about(aProject, p.ID.UUID, p.Name)
	return write(c, c.project, func(d *iam.Draft) (*iam.Project, error) {
		made, err := d.CreateProject(p)
		return made, projectExists(d, p.Name, err)
	})
}

// projectExists tells which project has the name.
func projectExists(d *iam.Draft, name string, err error) error {
	if iam.CodeOf(err) != iam.Exists {
		return err
	}
	for p := range d.State().Projects().All() {
		if p.Name == name {
			return exists(aProject.word, p.ID.String(), "a project with this name exists")
		}
	}
	return err
}

func updateProject(c *call) (*wire.Answer, error) {
	p, err := c.projectInPath()
	if err != nil {
		return nil, err
	}
	var in named
	if err := in.read(c, false); err != nil {
		return nil, err
	}
	return write(c, c.project, func(d *iam.Draft) (*iam.Project, error) {
		next, err := d.UpdateProject(p.ID, func(p *iam.Project) {
			if in.Name != nil {
				p.Name = *in.Name
			}
			if in.Description != nil {
				p.Description = *in.Description
			}
		})
		return next, projectExists(d, value(in.Name), err)
	})
}

func deleteProject(c *call) (*wire.Answer, error) {
	p, err := c.projectInPath()
	if err != nil {
		return nil, err
	}
	return removed(c.Permit.Write(c.Ctx(), func(d *iam.Draft) error { return d.DeleteProject(p.ID) }))
}
