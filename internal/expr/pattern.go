package expr

import (
	"regexp"
	"regexp/syntax"
)

// pattern is a regular expression with what one byte of text costs it at most: its number of instructions.
type pattern struct {
	re     *regexp.Regexp
	weight int
}

// compilePattern makes a pattern of RE2 syntax. The size of the program is known from the syntax tree before anything is
// made of it: a few bytes such as "a{1000}" make a large one.
func compilePattern(source string, whole bool, maxLength, maxWeight int) (pattern, reason) {
	if len(source) > maxLength {
		return pattern{}, patternTooLarge
	}
	tree, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return pattern{}, badPattern
	}
	weight := weigh(tree, maxWeight)
	if weight > maxWeight {
		return pattern{}, patternTooLarge
	}
	if whole {
		// The tree's own text: "\Qa" is complete by itself, and would swallow what comes after it.
		source = `\A(?:` + tree.String() + `)\z`
	}
	re, err := regexp.Compile(source)
	if err != nil {
		return pattern{}, badPattern
	}
	return pattern{re: re, weight: weight}, noReason
}

// weigh counts instructions, up to a little more than most.
func weigh(re *syntax.Regexp, most int) int {
	n := 1
	switch re.Op {
	case syntax.OpLiteral:
		n += len(re.Rune)
	case syntax.OpCharClass:
		n += len(re.Rune) / 16
	}
	for _, sub := range re.Sub {
		if n += weigh(sub, most); n > most {
			return most + 1
		}
	}
	if re.Op == syntax.OpRepeat {
		n *= max(re.Min+1, re.Max)
	}
	return min(n, most+1)
}

// match pays for the longest way through pattern and text, and goes it.
func (p *pattern) match(f *frame, text string) (any, bool) {
	if !f.spend(1 + (len(text)+1)*p.weight/stepsPerUnit) {
		return nil, false
	}
	return p.re.MatchString(text), true
}

// patternMatch is matches with a constant pattern.
type patternMatch struct {
	of node
	pattern
}

func (n *patternMatch) eval(f *frame) (any, bool) {
	v, ok := n.of.eval(f)
	if !ok || !f.spend(1) {
		return nil, false
	}
	text, ok := v.(string)
	if !ok {
		return f.fail(misfit, "matches", v, "")
	}
	return n.match(f, text)
}

// matchesWhole is Exoscale's matches: the whole text must match (contract, section 10.3).
func matchesWhole(f *frame, a, b any) (any, bool) { return matches(f, a, b, true) }

// matchesPart is standard CEL's and Scaleway's: any part of the text may match (contract, section 7.1).
func matchesPart(f *frame, a, b any) (any, bool) { return matches(f, a, b, false) }

// matches compiles a pattern that was not known before.
func matches(f *frame, a, b any, whole bool) (any, bool) {
	text, source, ok := f.texts("matches", a, b)
	if !ok {
		return nil, false
	}
	if len(source) > MaxDynamicPattern {
		return nil, f.stop(patternTooLarge)
	}
	if !f.spend(costPattern * (1 + len(source))) {
		return nil, false
	}
	p, why := compilePattern(source, whole, MaxDynamicPattern, MaxDynamicWeight)
	switch why {
	case noReason:
		if !f.spend(p.weight * costPattern / 4) {
			return nil, false
		}
		return p.match(f, text)
	case patternTooLarge:
		return nil, f.stop(why)
	default:
		return f.fail(why, "a text is not a regular expression")
	}
}
