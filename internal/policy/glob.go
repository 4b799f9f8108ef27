package policy

import "strings"

// Globs match in time linear in their input, whatever the pattern: a document is written by one party, a resource named by
// another, and neither may make a decision slow. A glob is cut at its stars into segments. The first must stand at the
// start of the text and the last at its end; each of the others is taken where it ends first after the one before, which
// is right because a star can always stretch, so nothing is ever tried twice.

// globRules says what is special in a glob beside "*".
type globRules struct {
	question bool // "?" stands for one character
	fold     bool // ASCII letters match in both cases
}

// matchStars is matchGlob for the common case: case-sensitive, "?" is an ordinary character.
func matchStars(glob, text string) bool {
	star := strings.IndexByte(glob, '*')
	if star < 0 {
		return text == glob
	}
	if !strings.HasPrefix(text, glob[:star]) {
		return false
	}
	text, glob = text[star:], glob[star+1:]
	for {
		star = strings.IndexByte(glob, '*')
		if star < 0 {
			return strings.HasSuffix(text, glob)
		}
		at := strings.Index(text, glob[:star])
		if at < 0 {
			return false
		}
		text, glob = text[at+star:], glob[star+1:]
	}
}

// contains is strings.Contains for segments that start with a colon or another rare character, as those of names do: a few
// looks for that character find them sooner. Only a few, to stay linear.
func contains(text, segment string) bool {
	if segment == "" {
		return true
	}
	for range 4 {
		at := strings.IndexByte(text, segment[0])
		if at < 0 {
			return false
		}
		if strings.HasPrefix(text[at:], segment) {
			return true
		}
		text = text[at+1:]
	}
	return strings.Contains(text, segment)
}

// matchGlob matches any glob. A character is a byte and the UTF-8 continuation bytes after it.
func matchGlob(glob, text string, rules globRules) bool {
	first := strings.IndexByte(glob, '*')
	if first < 0 {
		return rules.matchStart(glob, text) == len(text)
	}
	start := rules.matchStart(glob[:first], text)
	if start < 0 {
		return false
	}
	text = text[start:]
	last := strings.LastIndexByte(glob, '*')
	end := rules.matchEnd(glob[last+1:], text)
	if end < 0 {
		return false
	}
	return first == last || rules.matchMiddle(glob[first+1:last], text[:end])
}

// matchMiddle finds segments separated by stars in text, one after the other.
func (rules globRules) matchMiddle(segments, text string) bool {
	var s scanner
	for more := true; more; {
		var segment string
		segment, segments, more = strings.Cut(segments, "*")
		end := 0
		switch {
		case segment == "":
		case rules.fold || rules.question && strings.IndexByte(segment, '?') >= 0:
			end = s.find(segment, text, rules)
		default:
			if end = strings.Index(text, segment); end >= 0 {
				end += len(segment)
			}
		}
		if end < 0 {
			return false
		}
		text = text[end:]
	}
	return true
}

// matchStart matches a segment at the start of text and tells where it ends, or -1. A "?" takes all continuation bytes of its
// character: what follows it in a pattern never starts with one.
func (rules globRules) matchStart(segment, text string) int {
	n := 0
	for i := range len(segment) {
		if n == len(text) || !rules.accepts(segment[i], text[n]) {
			return -1
		}
		n++
		if rules.question && segment[i] == '?' {
			for n < len(text) && continuation(text[n]) {
				n++
			}
		}
	}
	return n
}

// matchEnd matches a segment at the end of text and tells where it starts, or -1.
func (rules globRules) matchEnd(segment, text string) int {
	n := len(text)
	for i := len(segment) - 1; i >= 0; i-- {
		if rules.question && segment[i] == '?' {
			for n > 0 && continuation(text[n-1]) {
				n--
			}
		}
		if n == 0 || !rules.accepts(segment[i], text[n-1]) {
			return -1
		}
		n--
	}
	return n
}

// accepts tells whether one byte of a segment takes one byte of text; of "?" it is the first byte of the character.
func (rules globRules) accepts(p, c byte) bool {
	switch {
	case rules.question && p == '?':
		return !continuation(c)
	case rules.fold:
		return lowerASCII(p) == lowerASCII(c)
	default:
		return p == c
	}
}

// continuation tells whether c is a UTF-8 continuation byte.
func continuation(c byte) bool { return c&0xc0 == 0x80 }
