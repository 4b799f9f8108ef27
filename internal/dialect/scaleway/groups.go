package scaleway

import (
	"slices"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

func groupRoutes() []route {
	const all, each = "/groups", "/groups/{group_id}"
	return []route{
		aGroup.does(lists, get, all, control.ListGroups, aGroup.any, listGroups),
		aGroup.does(creates, post, all, control.CreateGroup, aGroup.any, createGroup),
		aGroup.does(reads, get, each, control.GetGroup, aGroup.one, getGroup),
		aGroup.does(writes, patch, each, control.UpdateGroup, aGroup.one, updateGroup),
		aGroup.does(deletes, del, each, control.DeleteGroup, aGroup.one, deleteGroup),
	}
}

// group is section 4.4. Whether it may be changed is for policies to say.
type group struct {
	ID              string    `json:"id"`
	CreatedAt       timestamp `json:"created_at"`
	UpdatedAt       timestamp `json:"updated_at"`
	OrganizationID  string    `json:"organization_id"`
	Name            string    `json:"name"`
	Description     string    `json:"description"`
	UserIDs         []string  `json:"user_ids"`
	ApplicationIDs  []string  `json:"application_ids"`
	Tags            []string  `json:"tags"`
	Editable        bool      `json:"editable"`
	Deletable       bool      `json:"deletable"`
	Managed         bool      `json:"managed"`
	AllUsers        bool      `json:"all_users"`
	AllApplications bool      `json:"all_applications"`
}

func (c *call) group(g *iam.Group) group {
	m := c.members(c.View().State, g.ID)
	return group{ID: g.ID.String(), CreatedAt: timestamp(g.CreatedAt), UpdatedAt: timestamp(g.UpdatedAt), OrganizationID: c.View().ID().String(),
		Name: g.Name, Description: text(g.Description), UserIDs: shows(m.users, iam.UUID.String),
		ApplicationIDs: shows(m.applications, iam.UUID.String), Tags: tagTexts(g.Tags), Editable: true, Deletable: true}
}

// groupOrders are what a list of groups can be sorted by.
var groupOrders = orders[*iam.Group]{
	"created_at": byTime(func(g *iam.Group) time.Time { return g.CreatedAt }),
	"updated_at": byTime(func(g *iam.Group) time.Time { return g.UpdatedAt }),
	"name":       byText(groupName),
}

func groupName(g *iam.Group) string          { return g.Name }
func groupID(g *iam.Group) iam.UUID          { return g.ID.UUID }
func groupCreated(g *iam.Group) time.Time    { return g.CreatedAt }
func groupTags(g *iam.Group) []iam.Tag       { return g.Tags }
func allGroups(v *control.View) []*iam.Group { return slices.Collect(v.Groups().All()) }

func listGroups(c *call) (*wire.Answer, error) {
	q := c.query()
	list := keepText(q, "name", allGroups(c.View()), groupName)
	list = keepTag(q, keepIDs(q, "group_ids", list, groupID), groupTags)
	if users, applications := q.ids("user_ids"), q.ids("application_ids"); users != nil || applications != nil {
		list = keep(list, func(g *iam.Group) bool {
			return c.members(c.View().State, g.ID).hasAny(memberList{users, applications})
		})
	}
	list = sorted(q, list, groupOrders, groupCreated, groupID)
	return paged(c, q, "groups", list, c.group)
}

func (c *call) groupInPath() (*iam.Group, error) {
	return c.View().Group(iam.GroupID{UUID: pathID(c.Call, "group_id")})
}

func getGroup(c *call) (*wire.Answer, error) {
	g, err := c.groupInPath()
	if err != nil {
		return nil, err
	}
	return c.shown(c.group(g))
}

// named is what a thing with a name is asked to be. What is absent of an update stays as it is.
type named struct {
	OrganizationID *string   `json:"organization_id"`
	Name           *string   `json:"name"`
	Description    *string   `json:"description"`
	Tags           *[]string `json:"tags"`
}

// check holds the form; a new thing needs a name.
func (in *named) check(c *call, f *form, isNew bool) {
	if isNew {
		c.organization(f, in.OrganizationID)
		f.name(value(in.Name))
	}
	f.newName(in.Name)
	f.text("description", in.Description, maxDescription)
	f.tags(value(in.Tags))
}

// value is what a pointer points to, or else nothing.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// apply changes what is given.
func (in *named) apply(name *string, description **string, have *[]iam.Tag) {
	if in.Name != nil {
		*name = *in.Name
	}
	if in.Description != nil {
		*description = orNone(*in.Description)
	}
	if in.Tags != nil {
		*have = tags(*in.Tags, *have)
	}
}

// read reads a body and holds its form.
func (in *named) read(c *call, isNew bool) error {
	if err := c.body(in); err != nil {
		return err
	}
	var f form
	in.check(c, &f, isNew)
	return f.err
}

func createGroup(c *call) (*wire.Answer, error) {
	var in named
	if err := in.read(c, true); err != nil {
		return nil, err
	}
	g := iam.Group{ID: iam.GroupID{UUID: c.Control.NewID()}}
	in.apply(&g.Name, &g.Description, &g.Tags)
	c.about(aGroup, g.ID.UUID, g.Name)
	return write(c, c.group, func(d *iam.Draft) (*iam.Group, error) {
		made, err := d.CreateGroup(g)
		return made, groupExists(d, g.Name, err)
	})
}

// groupExists tells which group has the name.
func groupExists(d *iam.Draft, name string, err error) error {
	if iam.CodeOf(err) != iam.Exists {
		return err
	}
	for g := range d.State().Groups().All() {
		if g.Name == name {
			return exists(aGroup.word, g.ID.String(), "a group with this name exists")
		}
	}
	return err
}

func updateGroup(c *call) (*wire.Answer, error) {
	g, err := c.groupInPath()
	if err != nil {
		return nil, err
	}
	var in named
	if err := in.read(c, false); err != nil {
		return nil, err
	}
	return write(c, c.group, func(d *iam.Draft) (*iam.Group, error) {
		next, err := d.UpdateGroup(g.ID, func(g *iam.Group) { in.apply(&g.Name, &g.Description, &g.Tags) })
		return next, groupExists(d, value(in.Name), err)
	})
}

func deleteGroup(c *call) (*wire.Answer, error) {
	g, err := c.groupInPath()
	if err != nil {
		return nil, err
	}
	return removed(c.Permit.Write(c.Ctx(), func(d *iam.Draft) error { return d.DeleteGroup(g.ID) }))
}
