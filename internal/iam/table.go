package iam

import (
	"cmp"
	"iter"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/pmap"
)

// entity is what a table needs to know of what it holds.
type entity interface {
	comparable
	// entry gives the id, the time that orders lists, and the names by which lists are filtered.
	entry() entry
}

type entry struct {
	id    UUID
	at    time.Time
	names []string
}

// table holds the entities of one kind: by id, in the order of lists, and by name. The zero value is empty.
type table[E entity] struct {
	byID  pmap.Map[UUID, E]
	order pmap.Set[place]
	names pmap.Set[named]
}

// place orders entities by time, then id (bycloud.md, 16.5).
type place struct {
	at int64 // Unix microseconds
	id UUID
}

// Compare orders by time, then id.
func (p place) Compare(q place) int {
	if c := cmp.Compare(p.at, q.at); c != 0 {
		return c
	}
	return p.id.Compare(q.id)
}

// named orders entities by name. It carries the place, so that a filtered list needs no look-up for each candidate.
type named struct {
	name string
	place
}

// Compare orders by name, then place.
func (n named) Compare(m named) int {
	if c := strings.Compare(n.name, m.name); c != 0 {
		return c
	}
	return n.place.Compare(m.place)
}

func (x entry) place() place { return place{x.at.UnixMicro(), x.id} }

func (t *table[E]) get(id UUID) (E, bool) { return t.byID.Get(id) }

func (t *table[E]) len() int { return t.order.Len() }

// named finds the id of an entity with exactly this name.
func (t *table[E]) named(name string) (UUID, bool) {
	i := t.names.Rank(named{name: name, place: place{at: minTime}})
	if i == t.names.Len() {
		return UUID{}, false
	}
	n := t.names.At(i)
	return n.id, n.name == name
}

// allNamed yields the ids of all entities with exactly this name, in the order of lists.
func (t *table[E]) allNamed(name string) iter.Seq[UUID] {
	return func(yield func(UUID) bool) {
		for n := range t.names.From(t.names.Rank(named{name: name, place: place{at: minTime}})) {
			if n.name != name || !yield(n.id) {
				return
			}
		}
	}
}

// replace puts now in the place of old; a zero old is an insertion, a zero now a removal.
func (t *table[E]) replace(e *pmap.Edit, old, now E) {
	var none E
	if old != none {
		x := old.entry()
		if now == none {
			t.byID = t.byID.Delete(e, x.id)
		}
		t.order = t.order.Delete(e, x.place())
		for _, name := range x.names {
			t.names = t.names.Delete(e, named{name, x.place()})
		}
	}
	if now != none {
		x := now.entry()
		t.byID = t.byID.Set(e, x.id, now)
		t.order = t.order.Insert(e, x.place())
		for _, name := range x.names {
			t.names = t.names.Insert(e, named{name, x.place()})
		}
	}
}

// edge is one relation, seen from its far end: member of a group, holder of a policy, credential of a principal.
type edge struct {
	from UUID
	kind side
	place
}

// side is the kind of an edge's near end.
type side uint8

const (
	sideUser side = iota + 1
	sideServiceAccount
	sideGroup
	sideRole
	sideCredential
	sideSession
	sideToken
	sideInvitation
	sidePolicy
	sideAuthenticator
	sideUserSession
)

// Compare orders by far end, kind, place.
func (x edge) Compare(y edge) int {
	if c := x.from.Compare(y.from); c != 0 {
		return c
	}
	if c := cmp.Compare(x.kind, y.kind); c != 0 {
		return c
	}
	return x.place.Compare(y.place)
}

const minTime = -1 << 63

// edges is a set of relations that can be walked from their far ends.
type edges struct{ set pmap.Set[edge] }

// span gives the positions [lo, hi) of the edges of one kind from one far end.
func (x edges) span(from UUID, kind side) (lo, hi int) {
	first := edge{from: from, kind: kind, place: place{at: minTime}}
	lo = x.set.Rank(first)
	first.kind++
	return lo, x.set.Rank(first)
}

// count is the number of edges of one kind from one far end.
func (x edges) count(from UUID, kind side) int {
	lo, hi := x.span(from, kind)
	return hi - lo
}

// ids collects the near ends of one kind from one far end, in order.
func (x edges) ids(from UUID, kind side) []UUID {
	lo, hi := x.span(from, kind)
	out := make([]UUID, 0, hi-lo)
	for v := range x.set.From(lo) {
		if len(out) == hi-lo {
			break
		}
		out = append(out, v.id)
	}
	return out
}

func (x *edges) add(e *pmap.Edit, v edge)    { x.set = x.set.Insert(e, v) }
func (x *edges) remove(e *pmap.Edit, v edge) { x.set = x.set.Delete(e, v) }
