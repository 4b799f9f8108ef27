package policy

import (
	"math/bits"
	"slices"
	"strings"
)

// Needs let a caller pass over a statement without looking at it. Each alternative of a statement, one of its action patterns
// with one of its resource patterns, needs features of the query's resource and a prefix of its action. The invariant that
// everything rests on:
//
//	if p.Match(i, q) then q.Has(need) for at least one need of p.Needs(i)
//
// It may never break: a deny that is wrongly passed over is a breach. So a pattern needs only what every text that it
// matches is sure to have. Colliding hashes only make the filter pass too much. Conditions add nothing.
//
// Features of a resource are two bits of 64 for each of its tokens, the runs between separators (':' and '/').

const (
	resourceSeed uint64 = 0x6a09e667f3bcc908
	actionSeed   uint64 = 0xbb67ae8584caa73b

	// spread is 2^64 divided by the golden ratio, for Fibonacci hashing.
	spread uint64 = 0x9e3779b97f4a7c15

	// maxPrefix is how much of an action's start can be needed.
	maxPrefix = 31
)

// Need is what an alternative of a statement needs of a query.
type Need struct {
	Resource uint64 // features
	Action   Prefix
}

// Prefix is a start of actions, by its length and a hash, without regard to case. The zero Prefix is every action's.
type Prefix struct {
	Length  uint8 // up to 31
	Hash    uint16
	Spelled bool // of actions as VNG Cloud spells them
}

// prefixes are the hashes of an action's starts, by their lengths.
type prefixes struct {
	hashes [maxPrefix + 1]uint16
	length uint8
}

// Features are the features of the query's resource. A need lets it through only if need.Resource &^ q.Features() == 0.
func (q *Query) Features() uint64 { return q.features }

// HasPrefix tells whether the query's action starts so, or a colliding start.
func (q *Query) HasPrefix(p Prefix) bool {
	if p.Spelled && !q.spelling().alike {
		return true // spelled otherwise, it has prefixes that are not kept
	}
	return p.Length <= q.prefixes.length && q.prefixes.hashes[p.Length&maxPrefix] == p.Hash
}

// Has tells whether the query has what the need says.
func (q *Query) Has(n Need) bool { return n.Resource&^q.features == 0 && q.HasPrefix(n.Action) }

// crnToken is the hash of "crn", which every name has: no feature, on either side.
var crnToken = mix(mix(mix(resourceSeed, 'c'), 'r'), 'n')

// mix adds a byte to a hash. It is two fast instructions, because NewQuery does it for every byte of a name; feature spreads
// the result.
func mix(h uint64, c byte) uint64 { return bits.RotateLeft64(h, 5) ^ uint64(c) }

// feature is the two bits of a hash.
func feature(h uint64) uint64 {
	h *= spread
	return 1<<(h>>58) | 1<<(h>>52&63)
}

// tokenFeature is the feature of a finished token; an empty one and "crn" have none.
func tokenFeature(h uint64) uint64 {
	if h == resourceSeed || h == crnToken {
		return 0
	}
	return feature(h)
}

func separator(c byte) bool { return c == ':' || c == '/' }

// add hashes an action's starts, as many as can be needed.
func (p *prefixes) add(action string) {
	h := actionSeed
	n := min(len(action), maxPrefix)
	for i := range n {
		h = mix(h, lowerASCII(action[i]))
		p.hashes[i+1] = prefixHash(h)
	}
	p.length = uint8(n)
}

func prefixHash(h uint64) uint16 { return uint16(h * spread >> 48) }

// actionNeed is the start of every action that an action pattern matches.
func actionNeed(kind patternKind, glob string) Prefix {
	if kind == patternAny {
		return Prefix{}
	}
	literal, _, _ := strings.Cut(glob, "*")
	literal = literal[:min(len(literal), maxPrefix)]
	if literal == "" {
		return Prefix{}
	}
	h := actionSeed
	for i := range len(literal) {
		h = mix(h, lowerASCII(literal[i]))
	}
	return Prefix{Length: uint8(len(literal)), Hash: prefixHash(h), Spelled: kind >= spelledExact}
}

// resourceNeed is what every resource has that a resource pattern matches: the pattern's tokens without a wildcard in or
// beside them. The borders are sure: a whole name starts at the pattern's start, an identifier starts after a colon, and
// both end with the pattern.
//
// Of a name of VNG Cloud's only the id is sure to be in the query's: types and products may be spelled otherwise.
func resourceNeed(kind patternKind, glob string) uint64 {
	if kind == segmentName {
		_, glob, _ = strings.Cut(glob, "/")
	}
	var need uint64
	h, whole := resourceSeed, true
	for i := range len(glob) {
		switch c := glob[i]; {
		case separator(c):
			if whole {
				need |= tokenFeature(h)
			}
			h, whole = resourceSeed, true
		case c == '*' || c == '?':
			whole = false
		default:
			h = mix(h, c)
		}
	}
	if whole {
		need |= tokenFeature(h)
	}
	return need
}

// maxAlternatives bounds the needs of one statement.
const maxAlternatives = 16

// alternatives are the needs of a statement: one for each action pattern with each resource pattern, without those that
// another makes superfluous. Where that would be too many, the longer list is represented by what all its patterns need.
func alternatives(actions []Prefix, resources []uint64) []Need {
	for len(actions)*len(resources) > maxAlternatives {
		if len(actions) >= len(resources) {
			actions = []Prefix{{}}
		} else {
			resources = []uint64{common(resources)}
		}
	}
	var out []Need
	for _, r := range resources {
		for _, a := range actions {
			out = addNeed(out, Need{r, a})
		}
	}
	return out
}

// addNeed adds a need unless one is there that lets through all that it lets through.
func addNeed(needs []Need, need Need) []Need {
	for _, n := range needs {
		if n.covers(need) {
			return needs
		}
	}
	return append(slices.DeleteFunc(needs, need.covers), need)
}

// covers tells whether n lets through whatever m does.
func (n Need) covers(m Need) bool {
	return n.Resource&^m.Resource == 0 && (n.Action == m.Action || n.Action == Prefix{})
}

// common is what all need.
func common(needs []uint64) uint64 {
	out := ^uint64(0)
	for _, n := range needs {
		out &= n
	}
	return out
}
