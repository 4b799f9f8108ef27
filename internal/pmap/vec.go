package pmap

// Vec is a persistent vector: a slice of pointers to chunks of 64 elements. A change copies that slice and one chunk,
// the price of reads that cost two index operations. The zero value is empty and ready. A Vec is a small value and is
// copied freely; copies are the same version.
type Vec[T any] struct {
	chunks []*chunk[T]
	n      int
	owner  *Edit // made the chunks slice, not necessarily the chunks
}

const (
	chunkBits = 6
	chunkLen  = 1 << chunkBits
)

type chunk[T any] struct {
	elems [chunkLen]T
	owner *Edit
}

// Len returns the number of elements.
func (v Vec[T]) Len() int { return v.n }

// At returns the element at position i. It points into the version, which is immutable: callers must not write through
// it. At panics if i is out of range.
func (v Vec[T]) At(i int) *T {
	if uint(i) >= uint(v.n) { // the last chunk is longer than its used part
		panic("pmap: Vec index out of range")
	}
	return &v.chunks[i>>chunkBits].elems[i&(chunkLen-1)]
}

// Set returns the vector with t at position i. It panics if i is out of range.
func (v Vec[T]) Set(e *Edit, i int, t T) Vec[T] {
	_ = v.At(i)
	v.own(e, 0)
	v.ownChunk(e, i>>chunkBits).elems[i&(chunkLen-1)] = t
	return v
}

// Append returns the vector with t after its last element.
func (v Vec[T]) Append(e *Edit, t T) Vec[T] {
	i := v.n & (chunkLen - 1)
	if i == 0 {
		v.own(e, 1)
		v.chunks = append(v.chunks, &chunk[T]{owner: e})
		v.chunks[len(v.chunks)-1].elems[0] = t
	} else {
		v.own(e, 0)
		v.ownChunk(e, len(v.chunks)-1).elems[i] = t
	}
	v.n++
	return v
}

// own makes v.chunks a slice that e owns, with room for more.
func (v *Vec[T]) own(e *Edit, room int) {
	if !e.owns(v.owner) {
		v.chunks, v.owner = copyWithRoom(v.chunks, room), e
	}
}

// ownChunk returns chunk i, after replacing it by a copy if e does not own it. v.chunks must be owned.
func (v *Vec[T]) ownChunk(e *Edit, i int) *chunk[T] {
	c := v.chunks[i]
	if !e.owns(c.owner) {
		c = &chunk[T]{elems: c.elems, owner: e}
		v.chunks[i] = c
	}
	return c
}
