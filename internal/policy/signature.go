package policy

import (
	"math/bits"
	"slices"
	"strings"
)

// Signatures let a caller pass over a statement without looking at it: 64 bits say which features a query has, and 64 bits
// which of them an alternative of a statement needs, one of its action patterns with one of its resource patterns. The invariant that everything rests on:
//
//	if p.Match(i, q) then need &^ q.Signature() == 0 for at least one need of p.Signatures(i)
//
// It may never break: a deny that is wrongly passed over is a breach. So a pattern needs a feature only if every text that
// it matches is sure to have it. Colliding hashes only make the filter pass too much.
//
// Features of a resource are its tokens, the runs between separators (':' and '/'). Features of an action, folded to lower
// case, are its service, and its service with the first three letters of its name. Conditions add nothing.

const (
	resourceSeed uint64 = 0x6a09e667f3bcc908 // two seeds, so that tokens and services do not meet
	actionSeed   uint64 = 0xbb67ae8584caa73b

	// initialLetters is how many letters of an action's name belong to its second feature.
	initialLetters = 3
)

// crnToken is the hash of "crn", which every name has: no feature, on either side.
var crnToken = mix(mix(mix(resourceSeed, 'c'), 'r'), 'n')

// mix adds a byte to a hash. It is two fast instructions, because NewQuery does it for every byte of a name; feature spreads
// the result.
func mix(h uint64, c byte) uint64 { return bits.RotateLeft64(h, 5) ^ uint64(c) }

// feature is the two bits of a hash.
func feature(h uint64) uint64 {
	h *= 0x9e3779b97f4a7c15
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

// actionFeatures are the features of a literal action, or of as much of it as is literal: the service only if its colon is
// there, the letters only if all of them are.
func actionFeatures(literal string) uint64 {
	colon := strings.IndexByte(literal, ':')
	if colon < 0 {
		return 0
	}
	h := actionSeed
	for i := range colon {
		h = mix(h, lowerASCII(literal[i]))
	}
	out := feature(h)
	if len(literal) <= colon+initialLetters {
		return out
	}
	h = mix(h, ':')
	for i := colon + 1; i <= colon+initialLetters; i++ {
		h = mix(h, lowerASCII(literal[i]))
	}
	return out | feature(h)
}

// actionNeed is what every action has that an action pattern matches.
func actionNeed(glob string) uint64 {
	if actionKind(glob) == patternAny {
		return 0
	}
	literal, _, _ := strings.Cut(glob, "*")
	return actionFeatures(literal)
}

// resourceNeed is what every resource has that a resource pattern matches: the pattern's tokens without a wildcard in or
// beside them. The borders are sure: a whole name starts at the pattern's start, an identifier starts after a colon, and
// both end with the pattern.
func resourceNeed(glob string) uint64 {
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

// maxAlternatives bounds the signatures of one statement.
const maxAlternatives = 16

// alternatives are the signatures of a statement: one for each action pattern with each resource pattern, without those that
// another makes superfluous. Where that would be too many, the longer list is represented by what all its patterns need.
func alternatives(actions, resources []uint64) []uint64 {
	for len(actions)*len(resources) > maxAlternatives {
		if len(actions) >= len(resources) {
			actions = common(actions)
		} else {
			resources = common(resources)
		}
	}
	var out []uint64
	for _, a := range actions {
		for _, r := range resources {
			out = addNeed(out, a|r)
		}
	}
	return out
}

// addNeed adds a signature unless one is there that lets through all that it lets through.
func addNeed(needs []uint64, need uint64) []uint64 {
	for _, n := range needs {
		if n&^need == 0 {
			return needs
		}
	}
	return append(slices.DeleteFunc(needs, func(n uint64) bool { return need&^n == 0 }), need)
}

// common is what all need, as a list of one.
func common(needs []uint64) []uint64 {
	out := ^uint64(0)
	for _, n := range needs {
		out &= n
	}
	return []uint64{out}
}
