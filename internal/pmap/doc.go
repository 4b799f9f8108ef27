// Package pmap holds persistent collections: Map, an unordered map; Set, an ordered set with ranks; Vec, a vector.
//
// A collection is a small value that stands for one version. A change gives a new version and leaves the old one
// exactly as it was; the two share every part that the change did not touch. So one writer can prepare the next version
// and publish it through an atomic pointer, while any number of readers use the present one without locks.
//
// # Edits
//
// A change copies the nodes on the path from the root to the place of the change. That is cheap for one change and
// wasteful for a thousand: the second change copies the root again, although nobody has seen the root that the first
// one made. An Edit avoids this. It is a name tag for one batch of changes: each node remembers the tag under which it
// was made, and a change that carries the same tag knows that the node is the batch's own and writes into it. Nodes of
// older versions carry other tags, so they are copied at their first change, as always.
//
// The price is that a batch has only one living version, its latest:
//
//	e := pmap.NewEdit()
//	next := current // published: readers use it
//	for _, u := range users {
//		next = next.Set(e, u.ID, u) // may write into nodes that this loop has made
//	}
//	published.Store(&next) // from here on e must not be used: drop it
//
// One Edit may serve several collections, also of different types.
package pmap

// Edit owns the nodes that one batch of changes has made, so that they may be changed in place instead of being copied
// again.
//
// A change with an Edit uses up the version that it is called on, if the same Edit made that version: it must not be
// read, changed or iterated over any more. Versions from before the batch are never affected. A version that is
// published must not be edited with its Edit afterwards: drop the Edit. An Edit is for one goroutine at a time.
//
// A nil *Edit owns nothing: every change copies.
type Edit struct{ _ byte } // of size zero, two Edits could have the same address

// NewEdit returns an Edit for one batch of changes. It owns no node yet.
func NewEdit() *Edit { return new(Edit) }

// owns reports whether a node that owner made may be changed in place.
func (e *Edit) owns(owner *Edit) bool { return e != nil && e == owner }
