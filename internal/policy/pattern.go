package policy

import (
	"math"
	"strings"
)

// patternKind is the shape of a pattern, found once so that the common shapes match fast.
type patternKind uint8

const (
	patternExact  patternKind = iota
	patternAny                // everything
	patternPrefix             // literal, then a final *
	patternInside             // literal, *, literal, then a final *
	patternStars              // literal segments between *
	patternWild               // with ?

	// Identifier patterns, of resources only: compared with the identifier part of a CRN. The order is that of the kinds above.
	identifierExact
	identifierAny
	identifierPrefix
	identifierInside
	identifierStars
	identifierWild

	// Actions as VNG Cloud spells them, in the order of the kinds above.
	spelledExact
	spelledAny
	spelledPrefix
	spelledInside
	spelledStars

	segmentName // a resource name of VNG Cloud's
)

// identifierKinds is the distance from a kind to its identifier twin.
const identifierKinds = identifierExact - patternExact

// globKind classifies a glob of "*" and "?".
func globKind(glob string) patternKind {
	if strings.IndexByte(glob, '?') >= 0 {
		return patternWild
	}
	return starKind(glob)
}

// starKind classifies a glob in which "?" is an ordinary character.
func starKind(glob string) patternKind {
	switch star := strings.IndexByte(glob, '*'); {
	case star < 0:
		return patternExact
	case glob == "*":
		return patternAny
	case star == len(glob)-1:
		return patternPrefix
	case star <= math.MaxUint8 && star+1+strings.IndexByte(glob[star+1:], '*') == len(glob)-1:
		return patternInside
	default:
		return patternStars
	}
}

// globExtra is what a pattern of that kind keeps beside its text.
func globExtra(kind patternKind, glob string) uint8 {
	if kind == patternInside || kind == identifierInside || kind == spelledInside {
		return uint8(strings.IndexByte(glob, '*'))
	}
	return 0
}

func actionKind(glob string) patternKind {
	if glob == "*:*" {
		return patternAny // every action has a service and a name
	}
	return starKind(glob)
}

// resourceKind also tells what the pattern is compared with: "*" covers every resource, a pattern that starts with "crn:"
// speaks of whole names, any other of identifiers (ByCloud contract, section 16.7).
func resourceKind(glob string) patternKind {
	kind := globKind(glob)
	if glob == "*" || strings.HasPrefix(glob, "crn:") {
		return kind
	}
	return kind + identifierKinds
}

// matchText matches one of the kinds that compare with the whole text, case-sensitively.
func matchText(kind patternKind, extra uint8, glob, text string) bool {
	switch kind {
	case patternInside:
		star := int(extra)
		return strings.HasPrefix(text, glob[:star]) && contains(text[star:], glob[star+1:len(glob)-1])
	case patternExact:
		return text == glob
	case patternAny:
		return true
	case patternPrefix:
		return strings.HasPrefix(text, glob[:len(glob)-1])
	case patternStars:
		return matchStars(glob, text)
	default:
		return matchGlob(glob, text, globRules{question: true})
	}
}

// matchAction matches an action without regard to the case of ASCII letters. Nothing else folds: strings.EqualFold would
// take the Kelvin sign for a k.
func matchAction(kind patternKind, glob, action string) bool {
	switch kind {
	case patternPrefix:
		literal := glob[:len(glob)-1]
		return strings.HasPrefix(action, literal) || hasPrefixASCIIFold(action, literal)
	case patternExact:
		return action == glob || len(action) == len(glob) && hasPrefixASCIIFold(action, glob)
	case patternAny:
		return true
	default:
		return matchGlob(glob, action, globRules{fold: true})
	}
}

// matchResource matches a resource, or its identifier.
func matchResource(t pattern, glob string, q *Query) bool {
	if t.kind == segmentName {
		return q.spelling().resource.matches(glob)
	}
	if t.kind < identifierExact {
		return matchText(t.kind, t.extra, glob, q.resource)
	}
	return q.sameService && matchText(t.kind-identifierKinds, t.extra, glob, q.identifier)
}
