package pmap

import "slices"

// copyWithRoom returns a copy of s that has capacity for room more elements.
func copyWithRoom[E any](s []E, room int) []E {
	if len(s)+room == 0 {
		return nil
	}
	// Grow instead of make: it rounds the capacity up to what the allocator hands out anyway.
	return append(slices.Grow([]E(nil), len(s)+room), s...)
}

// insertAt puts v at position i of s, in place if there is capacity. It grows by a quarter, where append would double:
// nodes are many and small, and most are never changed again.
func insertAt[E any](s []E, i int, v E) []E {
	if len(s) == cap(s) {
		s = copyWithRoom(s, len(s)/4+1)
	}
	s = s[:len(s)+1]
	copy(s[i+1:], s[i:])
	s[i] = v
	return s
}

// removeAt takes out the element at position i, in place.
func removeAt[E any](s []E, i int) []E { return slices.Delete(s, i, i+1) }
