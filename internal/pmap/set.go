package pmap

import (
	"fmt"
	"iter"
	"slices"
)

// Ordered is what a Set asks of its elements. Compare must be a total order: negative if the receiver comes before the
// argument, positive if after, and 0 only if they are the same element.
type Ordered[T any] interface{ Compare(T) int }

// Set is a persistent ordered set that knows the rank of its elements. The zero value is empty and ready. A Set is a
// small value and is copied freely; copies are the same version.
type Set[T Ordered[T]] struct {
	root *setNode[T] // nil when empty
}

// Len returns the number of elements.
func (s Set[T]) Len() int {
	if s.root == nil {
		return 0
	}
	return s.root.size()
}

// Has reports whether t is in the set. It does not allocate.
func (s Set[T]) Has(t T) bool {
	if s.root == nil {
		return false
	}
	_, found := s.root.rank(t)
	return found
}

// Rank returns the number of elements that are less than t, whether or not t is in the set. It does not allocate.
func (s Set[T]) Rank(t T) int {
	if s.root == nil {
		return 0
	}
	rank, _ := s.root.rank(t)
	return rank
}

// At returns the element with i elements before it. It panics if i is out of range. It does not allocate.
func (s Set[T]) At(i int) T {
	if n := s.Len(); uint(i) >= uint(n) {
		panic(fmt.Sprintf("pmap: Set index out of range [%d] with length %d", i, n))
	}
	return s.root.at(i)
}

// From yields the elements in ascending order, beginning with the one at position i. At i == Len it yields nothing; it
// panics at once if i is negative or greater.
func (s Set[T]) From(i int) iter.Seq[T] {
	if n := s.Len(); uint(i) > uint(n) {
		panic(fmt.Sprintf("pmap: Set position out of range [%d:] with length %d", i, n))
	}
	return func(yield func(T) bool) {
		if s.root != nil {
			s.root.walk(i, yield)
		}
	}
}

// Insert returns the set with t in it; if t is in it already, the same version.
func (s Set[T]) Insert(e *Edit, t T) Set[T] {
	if s.root == nil {
		return Set[T]{&setNode[T]{owner: e, elems: []T{t}}}
	}
	left, right, added := s.root.insert(e, t)
	switch {
	case !added:
		return s
	case right.node == nil:
		return Set[T]{left}
	}
	root := &setNode[T]{
		owner:    e,
		elems:    []T{right.first},
		children: []*setNode[T]{left, right.node},
		ends:     []int{left.size(), left.size() + right.node.size()},
	}
	return Set[T]{root}
}

// Delete returns the set without t; if t is not in it, the same version.
func (s Set[T]) Delete(e *Edit, t T) Set[T] {
	if s.root == nil {
		return s
	}
	root, removed := s.root.remove(e, t)
	if !removed {
		return s
	}
	for root != nil && len(root.children) == 1 {
		root = root.children[0]
	}
	return Set[T]{root}
}

// maxFill is the most elements of a leaf and the most children of a branch.
const maxFill = 64

// setNode is a node of a B+tree: a leaf with elements, or a branch with children. All leaves have the same depth.
//
// Deletion is simpler than in the textbook: it neither merges nor balances. A node may become underfull, down to one
// element, and is dropped when it is empty; a root with one child is replaced by the child. So the height is bounded
// by the logarithm of the number of insertions, not of elements, which is as good for sets that mostly grow.
type setNode[T Ordered[T]] struct {
	// elems are the elements of a leaf. In a branch they are separators, one less than children: all in children[i]
	// are less than elems[i], and none in children[i+1] is. A separator need not be an element, it may have been one.
	elems    []T
	children []*setNode[T] // none in a leaf
	ends     []int         // ends[i] counts the elements of children[:i+1]: a rank needs no sum
	owner    *Edit
}

// sibling is what an insertion splits off to the right of a node: the new node and a lower bound of its elements. The
// zero value means no split.
type sibling[T Ordered[T]] struct {
	node  *setNode[T]
	first T
}

func (n *setNode[T]) isLeaf() bool { return len(n.children) == 0 }

func (n *setNode[T]) size() int {
	if n.isLeaf() {
		return len(n.elems)
	}
	return n.ends[len(n.ends)-1]
}

// start returns the number of elements before children[i].
func (n *setNode[T]) start(i int) int {
	if i == 0 {
		return 0
	}
	return n.ends[i-1]
}

// search returns the number of n.elems that are less than t, and whether t is the next one.
func (n *setNode[T]) search(t T) (int, bool) {
	lo, hi := 0, len(n.elems)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		c := n.elems[mid].Compare(t)
		if c == 0 {
			return mid, true
		}
		if c < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, false
}

// childFor returns the index of the child of a branch that has t or should have it.
func (n *setNode[T]) childFor(t T) int {
	i, equal := n.search(t)
	if equal {
		i++
	}
	return i
}

// childAt returns the index of the child of a branch that has position i. For i == size, the end, it is len(children).
func (n *setNode[T]) childAt(i int) int {
	c, _ := slices.BinarySearch(n.ends, i+1)
	return c
}

func (n *setNode[T]) rank(t T) (int, bool) {
	before := 0
	for !n.isLeaf() {
		i := n.childFor(t)
		before += n.start(i)
		n = n.children[i]
	}
	i, found := n.search(t)
	return before + i, found
}

func (n *setNode[T]) at(i int) T {
	for !n.isLeaf() {
		c := n.childAt(i)
		i -= n.start(c)
		n = n.children[c]
	}
	return n.elems[i]
}

// walk yields the elements from position i and reports whether yield wants more.
func (n *setNode[T]) walk(i int, yield func(T) bool) bool {
	if n.isLeaf() {
		for _, t := range n.elems[i:] {
			if !yield(t) {
				return false
			}
		}
		return true
	}
	c := n.childAt(i)
	i -= n.start(c)
	for _, child := range n.children[c:] {
		if !child.walk(i, yield) {
			return false
		}
		i = 0 // only the first child is entered in its middle
	}
	return true
}

// editable returns n if e owns it, and else a copy that e owns, with room for one more when room is 1.
func (n *setNode[T]) editable(e *Edit, room int) *setNode[T] {
	if e.owns(n.owner) {
		return n
	}
	c := &setNode[T]{elems: copyWithRoom(n.elems, room), owner: e}
	if !n.isLeaf() {
		c.children = copyWithRoom(n.children, room)
		c.ends = copyWithRoom(n.ends, room)
	}
	return c
}

// insert returns n, or its copy, with t in it, and what it had to split off. If t is there already nothing is copied.
func (n *setNode[T]) insert(e *Edit, t T) (*setNode[T], sibling[T], bool) {
	if !n.isLeaf() {
		return n.insertBelow(e, t)
	}
	i, found := n.search(t)
	if found {
		return n, sibling[T]{}, false
	}
	if len(n.elems) < maxFill {
		n = n.editable(e, 1)
		n.elems = insertAt(n.elems, i, t)
		return n, sibling[T]{}, true
	}
	if i == maxFill {
		// At the end of a full leaf: leave it full and start a new one, since ascending insertion, which is how
		// a set is loaded, will never come back to it.
		return n, sibling[T]{&setNode[T]{owner: e, elems: []T{t}}, t}, true
	}
	n, right := n.splitLeaf(e)
	if half := len(n.elems); i <= half {
		n.elems = insertAt(n.elems, i, t)
	} else {
		right.node.elems = insertAt(right.node.elems, i-half, t)
	}
	return n, right, true
}

// splitLeaf moves the upper half of a full leaf to a new one. Both results are editable.
func (n *setNode[T]) splitLeaf(e *Edit) (*setNode[T], sibling[T]) {
	const half = maxFill / 2
	right := &setNode[T]{owner: e, elems: copyWithRoom(n.elems[half:], 1)}
	return n.keep(e, half), sibling[T]{right, right.elems[0]}
}

// insertBelow is insert for a branch.
func (n *setNode[T]) insertBelow(e *Edit, t T) (*setNode[T], sibling[T], bool) {
	i := n.childFor(t)
	child, split, added := n.children[i].insert(e, t)
	if !added {
		return n, sibling[T]{}, false
	}
	room := 0
	if split.node != nil {
		room = 1
	}
	n = n.editable(e, room)
	n.children[i] = child
	n.addToEnds(i, 1)
	if split.node == nil {
		return n, sibling[T]{}, true
	}
	n.elems = insertAt(n.elems, i, split.first)
	n.children = insertAt(n.children, i+1, split.node)
	n.ends = insertAt(n.ends, i, n.start(i)+child.size())
	if len(n.children) <= maxFill {
		return n, sibling[T]{}, true
	}
	cut := len(n.children) / 2
	if i+1 == maxFill {
		cut = maxFill // the new child is the last: as in a leaf, leave this node full
	}
	n, right := n.splitBranch(e, cut)
	return n, right, true
}

// splitBranch moves the children from cut on to a new node. The separator at the cut moves up.
func (n *setNode[T]) splitBranch(e *Edit, cut int) (*setNode[T], sibling[T]) {
	right := &setNode[T]{
		owner:    e,
		elems:    copyWithRoom(n.elems[cut:], 1),
		children: copyWithRoom(n.children[cut:], 1),
		ends:     copyWithRoom(n.ends[cut:], 1),
	}
	right.addToEnds(0, -n.start(cut))
	first := n.elems[cut-1]
	return n.keep(e, cut), sibling[T]{right, first}
}

// keep returns n, or its copy, with only the first count elements of a leaf or children of a branch. A node that is cut
// in place gets new slices too, so that it does not hold on to the space of what has left.
func (n *setNode[T]) keep(e *Edit, count int) *setNode[T] {
	if !e.owns(n.owner) {
		n = &setNode[T]{elems: n.elems, children: n.children, ends: n.ends, owner: e}
	}
	if n.isLeaf() {
		n.elems = copyWithRoom(n.elems[:count], 1)
		return n
	}
	n.elems = copyWithRoom(n.elems[:count-1], 1)
	n.children = copyWithRoom(n.children[:count], 1)
	n.ends = copyWithRoom(n.ends[:count], 1)
	return n
}

// addToEnds accounts for a change of the size of children[i].
func (n *setNode[T]) addToEnds(i, delta int) {
	for ; i < len(n.ends); i++ {
		n.ends[i] += delta
	}
}

// remove returns n, or its copy, without t; nil if nothing is left. If t is not there nothing is copied.
func (n *setNode[T]) remove(e *Edit, t T) (*setNode[T], bool) {
	if !n.isLeaf() {
		return n.removeBelow(e, t)
	}
	i, found := n.search(t)
	if !found {
		return n, false
	}
	if len(n.elems) == 1 {
		return nil, true
	}
	n = n.editable(e, 0)
	n.elems = removeAt(n.elems, i)
	return n, true
}

// removeBelow is remove for a branch.
func (n *setNode[T]) removeBelow(e *Edit, t T) (*setNode[T], bool) {
	i := n.childFor(t)
	child, removed := n.children[i].remove(e, t)
	if !removed {
		return n, false
	}
	if child == nil && len(n.children) == 1 {
		return nil, true
	}
	n = n.editable(e, 0)
	n.addToEnds(i, -1)
	if child != nil {
		n.children[i] = child
		return n, true
	}
	n.children = removeAt(n.children, i)
	n.ends = removeAt(n.ends, i)
	// Without child i, either of the separators around it separates its neighbours; the first child has only one.
	n.elems = removeAt(n.elems, max(i-1, 0))
	return n, true
}
