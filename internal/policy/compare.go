package policy

import (
	"cmp"
	"math"
	"net/netip"
	"strings"
	"time"
)

// The functions of this file compare what a condition sees with each of its values; one that matches is enough.

func (p *Program) operands(c *condition) []pattern {
	return p.patterns[c.first+1:][:c.values]
}

func (p *Program) anyOperand(c *condition, kind patternKind) bool {
	for _, v := range p.operands(c) {
		if v.kind == kind {
			return true
		}
	}
	return false
}

func kindOf(b bool) patternKind {
	if b {
		return operandTrue
	}
	return operandFalse
}

func (p *Program) matchesText(c *condition, f family, text string) bool {
	for _, v := range p.operands(c) {
		want := p.text[v.offset:][:v.length]
		var matched bool
		switch f {
		case foldFamily:
			matched = strings.EqualFold(want, text)
		case likeFamily:
			matched = matchText(v.kind, v.extra, want, text)
		default:
			matched = want == text
		}
		if matched {
			return true
		}
	}
	return false
}

func (p *Program) compareNumber(c *condition, number float64) bool {
	for _, word := range p.words[c.words:][:c.values] {
		want := math.Float64frombits(word)
		var matched bool
		switch c.operator {
		case opNumericEquals:
			matched = number == want
		case opNumericLessThan:
			matched = number < want
		case opNumericLessThanEquals:
			matched = number <= want
		case opNumericGreaterThan:
			matched = number > want
		case opNumericGreaterThanEquals:
			matched = number >= want
		}
		if matched {
			return true
		}
	}
	return false
}

func (p *Program) compareTime(c *condition, t time.Time) bool {
	sign := -1 // of t compared with a value, for the operator to hold
	if c.operator == opDateAfter {
		sign = +1
	}
	for i := range int(c.values) {
		if p.compareInstant(c, i, t) == sign {
			return true
		}
	}
	return false
}

func (p *Program) isInstant(c *condition, t time.Time) bool {
	for i, v := range p.operands(c) {
		if v.kind == operandReadable && p.compareInstant(c, i, t) == 0 {
			return true
		}
	}
	return false
}

func (p *Program) compareInstant(c *condition, i int, t time.Time) int {
	words := p.words[int(c.words)+2*i:][:2]
	return cmp.Or(cmp.Compare(t.Unix(), int64(words[0])), cmp.Compare(uint64(t.Nanosecond()), words[1]))
}

func (p *Program) isAddress(c *condition, addr netip.Addr) bool {
	high, low := addressWords(addr.WithZone(""))
	for i, v := range p.operands(c) {
		words := p.words[int(c.words)+2*i:][:2]
		if v.kind == operandReadable && high == words[0] && low == words[1] {
			return true
		}
	}
	return false
}

// inNetwork ignores the zone of an IPv6 address: fe80::1%eth0 is in fe80::/10, and a deny of that must see it.
func (p *Program) inNetwork(c *condition, addr netip.Addr) bool {
	kind := operandIPv6
	if addr.Is4() {
		kind = operandIPv4
	}
	high, low := addressWords(addr)
	for i, v := range p.operands(c) {
		words := p.words[int(c.words)+2*i:][:2]
		if v.kind == kind && sameNetwork(high^words[0], low^words[1], int(v.extra)) {
			return true
		}
	}
	return false
}

// sameNetwork tells whether the first bits of two addresses are equal, given how the addresses differ.
func sameNetwork(high, low uint64, bits int) bool {
	if bits <= 64 {
		return high>>(64-bits) == 0
	}
	return high == 0 && low>>(128-bits) == 0
}
