package api

import (
	"net/http"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

func personRoutes() []Route {
	const all, one = "/v1/people", "/v1/people/{person_id}"
	return []Route{
		{get, all, control.ListPeople, aPerson.any, listPeople},
		{post, all, control.CreatePerson, aPerson.any, createPerson},
		{get, one, control.GetPerson, aPerson.one, getOne(aPerson, (*iam.State).Person, people)},
		{patch, one, control.UpdatePerson, aPerson.one, updatePerson},
	}
}

var people = kind[*iam.Person, apitype.Person]{
	id:   func(p *iam.Person) iam.UUID { return p.ID.UUID },
	wire: personToWire,
	one: func(p apitype.Person, at apitype.Revision) any {
		return apitype.PersonAnswer{Person: p, Revision: at}
	},
	many: func(ps []apitype.Person, p apitype.Page) any { return apitype.PersonList{People: ps, Page: p} },
}

func personToWire(_ *call, p *iam.Person) apitype.Person {
	return apitype.Person{ID: p.ID.String(), Email: p.Email, Name: p.Name, Enabled: p.Enabled,
		CreatedAt: apitype.Time{Time: p.CreatedAt}, UpdatedAt: apitype.Time{Time: p.UpdatedAt}}
}

// listPeople can be filtered by address, without case: a person's one name in the domain.
func listPeople(c *call) (*wire.Answer, error) {
	q, err := c.listQuery("email")
	if err != nil {
		return nil, err
	}
	ask := pageQuery[*iam.Person](q)
	ask.Name = iam.FoldEmail(q.get("email"))
	return show(c, people, c.View().People(), q, ask)
}

func createPerson(c *call) (*wire.Answer, error) {
	var in apitype.CreatePersonRequest
	err := c.decode(&in, func(f *form) {
		f.required("email", in.Email)
		f.name("name", &in.Name)
	})
	if err != nil {
		return nil, err
	}
	id := iam.PersonID{UUID: c.Control.NewID()}
	return create(c, people, id.UUID, in.Email, func(d *iam.Draft) (*iam.Person, error) {
		return d.CreatePerson(id, in.Email, in.Name)
	})
}

func updatePerson(c *call) (*wire.Answer, error) {
	id, err := aPerson.id(c)
	if err != nil {
		return nil, err
	}
	var in apitype.UpdatePersonRequest
	if err := c.decode(&in, func(f *form) { f.notNull("enabled", in.Enabled.Null) }); err != nil {
		return nil, err
	}
	return write(c, http.StatusOK, people, func(d *iam.Draft) (*iam.Person, error) {
		if !in.Enabled.Set {
			return d.State().Person(iam.PersonID{UUID: id})
		}
		return d.SetPersonEnabled(iam.PersonID{UUID: id}, in.Enabled.Value)
	})
}
