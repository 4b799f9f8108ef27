package authz

import (
	"iter"
	"slices"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// Search is one question about many principals. It belongs to the caller, who must not change it during the search.
type Search struct {
	// Action, Resources and Context are as in a Request.
	Action    string
	Resources []string
	// Context holds for all. Where its PrincipalCRN or PrincipalType is empty, each principal's own stands in its place.
	Context policy.Context
}

// Request is what a search asks about one principal.
func (s *Search) Request(p iam.Principal) Request {
	r := Request{Principal: p, Action: s.Action, Resources: s.Resources, Context: s.Context}
	if r.Context.PrincipalCRN == "" {
		r.Context.PrincipalCRN = p.CRN().String()
	}
	if r.Context.PrincipalType == "" {
		r.Context.PrincipalType = string(p.Kind)
	}
	return r
}

// Candidates says about whom a search is. The zero Candidates is everybody.
type Candidates struct {
	// Kinds are those of principals; nil is all. What is no kind of principals has none.
	Kinds []iam.PrincipalKind
	// After is the last principal of the page before, zero for the first page. It need not exist, or no longer.
	After iam.Principal
	// Limit is how many are yielded at most; 0 is all.
	Limit int
	// Keep, unless nil, is asked about each candidate before the search is, and passes over those for which it is false: whom
	// the caller knows not to be allowed, or everybody once nobody waits for the answer.
	Keep func(iam.Principal) bool
}

// WhoCan yields the candidates that may: those users, service accounts and roles of the organization, and only those, for which
// Decide(s.Request(p)) allows. They come in the order of their kinds, as text, then of their ids, each once, so that pages
// after each other are one whole.
//
// What a group or a common policy says is found once, and not for each who holds it. A search keeps a few bytes for each group
// and resource, and 16 for each principal of a kind.
func (x *Index) WhoCan(s *Search, c Candidates) iter.Seq[iam.Principal] {
	return func(yield func(iam.Principal) bool) {
		if len(s.Resources) == 0 || x.suspended || !x.founded {
			return // nobody
		}
		a := newAsker(x, s)
		left := c.Limit
		for p := range x.candidates(&c) {
			if c.Keep != nil && !c.Keep(p) || !a.allowed(p) {
				continue
			}
			if left--; !yield(p) || left == 0 {
				return
			}
		}
	}
}

// WhatCan yields those of the actions for which Decide allows r, in the order given. What r has for an action does not matter;
// its context holds for all.
func (x *Index) WhatCan(r *Request, actions iter.Seq[string]) iter.Seq[string] {
	return func(yield func(string) bool) {
		one := *r
		for one.Action = range actions {
			if x.Decide(&one).Allowed() && !yield(one.Action) {
				return
			}
		}
	}
}

// WhereCan yields those of the resources for which, each alone, Decide allows r, in the order given. What r has for resources
// does not matter; its context holds for all.
func (x *Index) WhereCan(r *Request, resources iter.Seq[string]) iter.Seq[string] {
	return func(yield func(string) bool) {
		one := *r
		one.Resources = make([]string, 1)
		for resource := range resources {
			one.Resources[0] = resource
			if x.Decide(&one).Allowed() && !yield(resource) {
				return
			}
		}
	}
}

// kinds are those of principals, in the order of searches.
var kinds = [...]iam.PrincipalKind{iam.KindOfRole, iam.KindOfServiceAccount, iam.KindOfUser}

// candidates yields whom a search is about, in order.
func (x *Index) candidates(c *Candidates) iter.Seq[iam.Principal] {
	return func(yield func(iam.Principal) bool) {
		for _, kind := range kinds {
			if c.Kinds != nil && !slices.Contains(c.Kinds, kind) || kind < c.After.Kind {
				continue
			}
			for id := range ascending(x.after(kind, c.After)) {
				if !yield(iam.Principal{Kind: kind, ID: id}) {
					return
				}
			}
		}
	}
}

// after are the principals of a kind that come after a principal, in no particular order.
func (x *Index) after(kind iam.PrincipalKind, after iam.Principal) (out []iam.UUID) {
	for id, p := range x.principals.All() {
		if p.kind == kindOf(kind) && (kind > after.Kind || id.Compare(after.ID) > 0) {
			out = append(out, id)
		}
	}
	return out
}

// ascending yields ids in order, and sorts no more of them than are asked for, because a page is short: it puts the lower ones
// before the others, and goes on with those. It needs the ids to be different and in an order that is nobody's choice; the
// order of a Map is none.
func ascending(ids []iam.UUID) iter.Seq[iam.UUID] {
	return func(yield func(iam.UUID) bool) { ascend(ids, yield) }
}

func ascend(ids []iam.UUID, yield func(iam.UUID) bool) bool {
	const few = 48
	for len(ids) > few {
		n := part(ids)
		if !ascend(ids[:n], yield) || !yield(ids[n]) {
			return false
		}
		ids = ids[n+1:]
	}
	slices.SortFunc(ids, iam.UUID.Compare)
	for _, id := range ids {
		if !yield(id) {
			return false
		}
	}
	return true
}

// part puts one of the ids where it belongs, at n, and the lower ones before it.
func part(ids []iam.UUID) (n int) {
	pivot := ids[0]
	for i, id := range ids {
		if id.Compare(pivot) < 0 {
			n++
			ids[i], ids[n] = ids[n], id
		}
	}
	ids[0], ids[n] = ids[n], pivot
	return n
}
