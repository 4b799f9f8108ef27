package policy

import "strings"

// Query is one question, prepared for matching: may this action be done on this resource, in this context? It is made by
// NewQuery.
type Query struct {
	action      string
	resource    string
	identifier  string // of the resource; "" when it is no CRN
	sameService bool   // the resource is a CRN of the action's service, so identifier patterns speak of it
	features    uint64
	prefixes    prefixes
	ctx         *Context
}

// noContext stands for a nil Context.
var noContext Context

// NewQuery prepares a question without allocating: it is a value, so that it and its context can stay on the caller's stack.
// A nil ctx is an empty one. Any text will do for a resource; one that is no CRN (five parts, the first "crn"; contract
// section 16.7) is matched only by patterns for whole names.
func NewQuery(action, resource string, ctx *Context) (q Query) {
	if ctx == nil {
		ctx = &noContext
	}
	q.action, q.resource, q.ctx = action, resource, ctx
	var colons [4]int
	q.prefixes.add(action)
	q.features = resourceFeatures(resource, &colons)
	if colons[3] > 0 && resource[:colons[0]] == "crn" {
		q.identifier = resource[colons[3]+1:]
		service := resource[colons[1]+1 : colons[2]+1] // with its colon
		q.sameService = strings.HasPrefix(action, service) || hasPrefixASCIIFold(action, service)
	}
	return q
}

// resourceFeatures collects the features of a resource and, in the same pass, the places of its first four colons.
func resourceFeatures(resource string, colons *[4]int) uint64 {
	var have uint64
	h, n := resourceSeed, 0
	for i := range len(resource) {
		c := resource[i]
		if !separator(c) {
			h = mix(h, c)
			continue
		}
		have |= tokenFeature(h)
		h = resourceSeed
		if c == ':' && n < len(colons) {
			colons[n] = i
			n++
		}
	}
	return have | tokenFeature(h)
}
