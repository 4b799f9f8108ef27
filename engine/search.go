package engine

import (
	"iter"

	"github.com/writ-iam/writ/internal/authz"
)

// Search asks who may do something.
type Search struct {
	Action    string
	Resources []string
	// Context is the same for all. Where its PrincipalCRN or PrincipalType is empty, each principal sees its own.
	Context Context
}

// Candidates says which principals a search looks at. The zero value is all of them.
type Candidates struct {
	Kinds []Kind // empty for all
	After Ref    // where a page before ended: the last that it gave
	Limit int    // at most so many; 0 for no limit
}

// WhoCan gives the principals of the bundle that Decide would allow, in an order that is always the same. It asks each group
// once, and so costs less than asking about everybody.
func (e *Engine) WhoCan(s *Search, c Candidates) iter.Seq[Ref] {
	search := &authz.Search{Action: s.Action, Resources: s.Resources, Context: s.Context}
	found := e.index.WhoCan(search, authz.Candidates{Kinds: c.Kinds, After: c.After.principal, Limit: c.Limit})
	return func(yield func(Ref) bool) {
		for p := range found {
			if !yield(Ref{p}) {
				return
			}
		}
	}
}

// WhatCan gives those of some actions that Decide would allow in place of the request's, in their order.
func (e *Engine) WhatCan(r *Request, actions iter.Seq[string]) iter.Seq[string] {
	return e.index.WhatCan(r.request(), actions)
}

// WhereCan gives those of some resources on which Decide would allow the request's action, in their order.
func (e *Engine) WhereCan(r *Request, resources iter.Seq[string]) iter.Seq[string] {
	return e.index.WhereCan(r.request(), resources)
}
