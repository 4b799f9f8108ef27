package pmap

import (
	"hash/maphash"
	"iter"
	"math/bits"
)

// Map is a persistent hash map. The zero value is empty and ready. A Map is a small value and is copied freely; copies
// are the same version. Keys are compared with ==, so a NaN can be set but never found, as in a Go map.
type Map[K comparable, V any] struct {
	root *mapNode[K, V] // nil when empty
	n    int
	hash func(K) uint64 // nil for maphash; tests replace it to force collisions
}

// Len returns the number of keys.
func (m Map[K, V]) Len() int { return m.n }

// Get returns the value of k and whether it is present. It does not allocate.
func (m Map[K, V]) Get(k K) (V, bool) {
	if v := m.At(k); v != nil {
		return *v, true
	}
	var zero V
	return zero, false
}

// At returns the value of k, or nil. It points into the version, which is immutable: callers must not write through it.
func (m Map[K, V]) At(k K) *V {
	if m.root != nil {
		if entry := m.root.find(m.hashOf(k), k); entry != nil {
			return &entry.value
		}
	}
	return nil
}

// Set returns the map with k set to v.
func (m Map[K, V]) Set(e *Edit, k K, v V) Map[K, V] {
	w := mapWrite[K, V]{edit: e, m: m, entry: mapEntry[K, V]{k, v}}
	root := m.root
	if root == nil {
		root = &mapNode[K, V]{owner: e}
	}
	m.root = w.set(root, m.hashOf(k), 0)
	if w.added {
		m.n++
	}
	return m
}

// Delete returns the map without k; without k in it, the same version.
func (m Map[K, V]) Delete(e *Edit, k K) Map[K, V] {
	if m.root == nil {
		return m
	}
	hash := m.hashOf(k)
	if m.root.find(hash, k) == nil {
		return m
	}
	m.n--
	if m.n == 0 {
		m.root = nil
	} else {
		m.root = m.root.remove(e, hash, k)
	}
	return m
}

// All yields every key and value once, in no particular order.
func (m Map[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		if m.root != nil {
			m.root.walk(yield)
		}
	}
}

// seed is random per process, so that nobody can choose keys that collide.
var seed = maphash.MakeSeed()

func (m Map[K, V]) hashOf(k K) uint64 {
	if m.hash != nil {
		return m.hash(k)
	}
	return maphash.Comparable(seed, k)
}

const (
	levelBits = 6                                // hash bits that one level consumes
	levels    = (64 + levelBits - 1) / levelBits // levels until the hash is used up; below is a list
	slotMask  = uint64(1)<<levelBits - 1
)

// mapNode is a node of a compressed hash-array mapped prefix tree (CHAMP): 64 slots, picked by six bits of the hash,
// each empty, an entry or a child. Only used slots take space, in slot order. Where the hash is used up, a list node
// holds the entries with equal hashes, in no order; its bitmaps are zero.
//
// Every node but the root has at least two entries in its subtree; a single one would be inline in the parent. This
// keeps paths short after deletions.
//
// The fields that lookups need come first and fill 64 bytes.
type mapNode[K comparable, V any] struct {
	dataMap  uint64 // slots that hold an entry
	childMap uint64 // slots that hold a child
	entries  []mapEntry[K, V]
	children []*mapNode[K, V]
	owner    *Edit
}

type mapEntry[K comparable, V any] struct {
	key   K
	value V
}

// slot returns the bit of the slot that the lowest bits of hash pick.
func slot(hash uint64) uint64 { return 1 << (hash & slotMask) }

// position returns where the slot's entry or child is, given the bitmap of the used slots.
func position(used, bit uint64) int { return bits.OnesCount64(used & (bit - 1)) }

func (n *mapNode[K, V]) isList() bool { return n.dataMap|n.childMap == 0 }

// find returns the entry of k or nil. hash is already shifted to the level of n.
func (n *mapNode[K, V]) find(hash uint64, k K) *mapEntry[K, V] {
	for {
		bit := slot(hash)
		if n.dataMap&bit != 0 {
			if entry := &n.entries[position(n.dataMap, bit)]; entry.key == k {
				return entry
			}
			return nil
		}
		if n.childMap&bit == 0 {
			break
		}
		n = n.children[position(n.childMap, bit)]
		hash >>= levelBits
	}
	if n.isList() {
		if i := n.listIndex(k); i >= 0 {
			return &n.entries[i]
		}
	}
	return nil
}

// listIndex returns the position of k in a list node, or -1.
func (n *mapNode[K, V]) listIndex(k K) int {
	for i := range n.entries {
		if n.entries[i].key == k {
			return i
		}
	}
	return -1
}

// editable returns n if e owns it, and else a copy that e owns, with room for more entries and children.
func (n *mapNode[K, V]) editable(e *Edit, entries, children int) *mapNode[K, V] {
	if e.owns(n.owner) {
		return n
	}
	return &mapNode[K, V]{
		dataMap:  n.dataMap,
		childMap: n.childMap,
		entries:  copyWithRoom(n.entries, entries),
		children: copyWithRoom(n.children, children),
		owner:    e,
	}
}

// mapWrite is one Set on its way through the tree.
type mapWrite[K comparable, V any] struct {
	edit  *Edit
	m     Map[K, V] // for the hash function
	entry mapEntry[K, V]
	added bool // out: the key is new
}

// set returns n, or its copy, with the entry in it. hash is already shifted to level.
func (w *mapWrite[K, V]) set(n *mapNode[K, V], hash uint64, level int) *mapNode[K, V] {
	if level == levels {
		return w.setInList(n)
	}
	bit := slot(hash)
	switch {
	case n.dataMap&bit != 0:
		return w.setAtEntry(n, hash, level)
	case n.childMap&bit != 0:
		i := position(n.childMap, bit)
		child := w.set(n.children[i], hash>>levelBits, level+1)
		n = n.editable(w.edit, 0, 0)
		n.children[i] = child
	default:
		w.added = true
		n = n.editable(w.edit, 1, 0)
		n.entries = insertAt(n.entries, position(n.dataMap, bit), w.entry)
		n.dataMap |= bit
	}
	return n
}

// setAtEntry is set for a slot that holds an entry: the same key gets the new value, another key moves down together
// with ours.
func (w *mapWrite[K, V]) setAtEntry(n *mapNode[K, V], hash uint64, level int) *mapNode[K, V] {
	bit := slot(hash)
	i := position(n.dataMap, bit)
	if n.entries[i].key == w.entry.key {
		n = n.editable(w.edit, 0, 0)
		n.entries[i].value = w.entry.value
		return n
	}
	w.added = true
	old := n.entries[i]
	oldHash := w.m.hashOf(old.key) >> (levelBits * (level + 1))
	child := w.pair(old, oldHash, hash>>levelBits, level+1)

	n = n.editable(w.edit, 0, 1)
	n.entries = removeAt(n.entries, i)
	n.dataMap &^= bit
	n.children = insertAt(n.children, position(n.childMap, bit), child)
	n.childMap |= bit
	return n
}

// pair returns a node at level with two entries: old and the one that is being set. Both hashes are already shifted to
// level.
func (w *mapWrite[K, V]) pair(old mapEntry[K, V], oldHash, hash uint64, level int) *mapNode[K, V] {
	n := &mapNode[K, V]{owner: w.edit}
	oldBit, bit := slot(oldHash), slot(hash)
	switch {
	case level == levels:
		n.entries = []mapEntry[K, V]{old, w.entry}
	case oldBit == bit:
		n.childMap = bit
		n.children = []*mapNode[K, V]{w.pair(old, oldHash>>levelBits, hash>>levelBits, level+1)}
	case oldBit < bit:
		n.dataMap = oldBit | bit
		n.entries = []mapEntry[K, V]{old, w.entry}
	default:
		n.dataMap = oldBit | bit
		n.entries = []mapEntry[K, V]{w.entry, old}
	}
	return n
}

func (w *mapWrite[K, V]) setInList(n *mapNode[K, V]) *mapNode[K, V] {
	if i := n.listIndex(w.entry.key); i >= 0 {
		n = n.editable(w.edit, 0, 0)
		n.entries[i].value = w.entry.value
		return n
	}
	w.added = true
	n = n.editable(w.edit, 1, 0)
	n.entries = insertAt(n.entries, len(n.entries), w.entry)
	return n
}

// remove returns n, or its copy, without k, which must be present and must not be the only key of the map.
func (n *mapNode[K, V]) remove(e *Edit, hash uint64, k K) *mapNode[K, V] {
	bit := slot(hash)
	switch {
	case n.isList():
		n = n.editable(e, 0, 0)
		n.entries = removeAt(n.entries, n.listIndex(k))
	case n.dataMap&bit != 0:
		n = n.editable(e, 0, 0)
		n.entries = removeAt(n.entries, position(n.dataMap, bit))
		n.dataMap &^= bit
	default:
		i := position(n.childMap, bit)
		child := n.children[i].remove(e, hash>>levelBits, k)
		n = n.editable(e, 1, 0)
		if len(child.entries) == 1 && len(child.children) == 0 {
			n.inline(bit, child.entries[0])
		} else {
			n.children[i] = child
		}
	}
	return n
}

// inline puts entry, the last one of the child at bit, in the child's place. n must be editable.
func (n *mapNode[K, V]) inline(bit uint64, entry mapEntry[K, V]) {
	n.children = removeAt(n.children, position(n.childMap, bit))
	n.childMap &^= bit
	n.entries = insertAt(n.entries, position(n.dataMap, bit), entry)
	n.dataMap |= bit
}

// walk reports whether yield wants more.
func (n *mapNode[K, V]) walk(yield func(K, V) bool) bool {
	for i := range n.entries {
		if !yield(n.entries[i].key, n.entries[i].value) {
			return false
		}
	}
	for _, child := range n.children {
		if !child.walk(yield) {
			return false
		}
	}
	return true
}
