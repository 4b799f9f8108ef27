package api

import (
	"net/http"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// The handlers that are the same for every kind of thing.

// kind says how things of one kind look on the wire: E is the domain's, W the wire's.
type kind[E, W any] struct {
	id   func(E) iam.UUID
	wire func(*call, E) W
	one  func(W, apitype.Revision) any // an answer with one
	many func([]W, apitype.Page) any   // an answer with a page
}

// wires converts several.
func (k kind[E, W]) wires(c *call, items []E) []W {
	out := make([]W, len(items))
	for i, e := range items {
		out[i] = k.wire(c, e)
	}
	return out
}

// idType is an id of any kind.
type idType interface{ ~struct{ iam.UUID } }

// lister is an iam.Listing.
type lister[E any] interface {
	Page(iam.PageQuery[E]) (iam.Page[E], error)
}

// found finds the thing that the path names.
func found[ID idType, E any](c *call, t thing, find func(*iam.State, ID) (E, error)) (E, error) {
	id, err := t.id(c)
	if err != nil {
		var none E
		return none, err
	}
	return find(c.View().State, ID{id})
}

// list serves a page of all things of a kind, which can be filtered by name.
func list[E, W any, L lister[E]](k kind[E, W], all func(*iam.State) L) handler {
	return func(c *call) (*wire.Answer, error) { return cut(c, k, all(c.View().State), "name") }
}

// listBelow serves a page of things that belong to the one that the path names.
func listBelow[ID idType, P, E, W any, L lister[E]](t thing, find func(*iam.State, ID) (P, error),
	below func(*iam.State, ID) L, k func(ID) kind[E, W]) handler {
	return func(c *call) (*wire.Answer, error) {
		u, err := t.id(c)
		if err != nil {
			return nil, err
		}
		id := ID{u}
		if _, err := find(c.View().State, id); err != nil {
			return nil, err
		}
		return cut(c, k(id), below(c.View().State, id))
	}
}

// always is for listBelow, where things look the same whatever they belong to.
func always[ID idType, E, W any](k kind[E, W]) func(ID) kind[E, W] {
	return func(ID) kind[E, W] { return k }
}

func cut[E, W any, L lister[E]](c *call, k kind[E, W], from L, filters ...string) (*wire.Answer, error) {
	q, err := c.listQuery(filters...)
	if err != nil {
		return nil, err
	}
	return show(c, k, from, q, pageQuery[E](q))
}

// show answers with the page that the domain is asked for.
func show[E, W any, L lister[E]](c *call, k kind[E, W], from L, q *listQuery, ask iam.PageQuery[E]) (*wire.Answer, error) {
	p, err := from.Page(ask)
	if err != nil {
		return nil, err
	}
	return c.ok(k.many(k.wires(c, p.Items), page(c, q, p, k.id)))
}

// getOne serves the thing that the path names.
func getOne[ID idType, E, W any](t thing, find func(*iam.State, ID) (E, error), k kind[E, W]) handler {
	return func(c *call) (*wire.Answer, error) {
		e, err := found(c, t, find)
		if err != nil {
			return nil, err
		}
		return c.ok(k.one(k.wire(c, e), 0))
	}
}

// deleteOne removes the thing that the path names.
func deleteOne[ID idType](t thing, remove func(*iam.Draft, ID) error) handler {
	return func(c *call) (*wire.Answer, error) {
		id, err := t.id(c)
		if err != nil {
			return nil, err
		}
		return done(c.Permit.Write(c.Ctx(), func(d *iam.Draft) error { return remove(d, ID{id}) }))
	}
}

// create makes a thing; the audit log calls it by its id and name even if that fails.
func create[E, W any](c *call, k kind[E, W], id iam.UUID, name string, draft func(*iam.Draft) (E, error)) (*wire.Answer, error) {
	c.Permit.Target.ID, c.Permit.Target.Name = id.String(), name
	return write(c, http.StatusCreated, k, draft)
}

// write makes a change and shows the thing as it is then.
func write[E, W any](c *call, status int, k kind[E, W], draft func(*iam.Draft) (E, error)) (*wire.Answer, error) {
	var e E
	revision, err := c.Permit.Write(c.Ctx(), func(d *iam.Draft) (err error) {
		e, err = draft(d)
		return err
	})
	if err != nil {
		return nil, err
	}
	body := k.one(k.wire(c, e), apitype.Revision(revision))
	return &wire.Answer{Status: status, Body: body, Revision: revision}, nil
}
