package policy

import "strings"

// Query is one question, prepared for matching: may this action be done on this resource, in this context? It is made by
// NewQuery.
type Query struct {
	action      string
	resource    string
	service     string // of the resource; it, the type and the identifier are "" when it is no CRN
	typ         string
	identifier  string
	sameService bool // the resource is a CRN of the action's service, so identifier patterns speak of it
	features    uint64
	prefixes    prefixes
	ctx         *Context

	dictionary *Dictionary
	account    string
	spelled    *Spelled
	scratch    *Scratch
	looked     bool // scratch is about this query
}

// Setting is what queries of one decision have in common, beside what they ask. The zero Setting spells names natively, and no
// name with an account number matches.
type Setting struct {
	World   World
	Account string   // the short number of the organization, which VNG Cloud's names hold
	Scratch *Scratch // of the query before, so that they share the bound on what expressions may cost; nil at first
}

// Scratch is what expressions left; nil when none was asked.
func (q *Query) Scratch() *Scratch { return q.scratch }

// noContext stands for a nil Context.
var noContext Context

// NewQuery prepares a question without allocating: it is a value, so that it and its context can stay on the caller's stack.
// A nil ctx is an empty one. Any text will do for a resource; one that is no CRN (five parts, the first "crn"; contract
// section 16.7) is matched only by patterns for whole names.
func NewQuery(action, resource string, ctx *Context) Query {
	return Setting{}.NewQuery(action, resource, ctx)
}

// NewQuery is like the function NewQuery, in a setting.
func (in Setting) NewQuery(action, resource string, ctx *Context) (q Query) {
	if ctx == nil {
		ctx = &noContext
	}
	q.action, q.resource, q.ctx, q.dictionary = action, resource, ctx, in.World.Dictionary
	if q.dictionary == nil {
		q.dictionary = &plainNames
	}
	q.account, q.scratch = in.Account, in.Scratch
	var colons [4]int
	q.prefixes.add(action)
	q.features = resourceFeatures(resource, &colons)
	if colons[3] > 0 && resource[:colons[0]] == "crn" {
		q.identifier = resource[colons[3]+1:]
		q.service, q.typ = resource[colons[1]+1:colons[2]], resource[colons[2]+1:colons[3]]
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
