package policy

import (
	"cmp"
	"math"
	"net/netip"
	"strings"
	"time"
)

// The functions of this file compare what a condition sees with each of its values; one that matches is enough.

// valueOf is value i of a condition.
func (p *Program) valueOf(c condition, i int) pattern { return p.pattern(int(c.first) + 1 + i) }

// pair is what value i means, for operators whose values take two words.
func (p *Program) pair(c condition, i int) (first, second uint64) {
	at := int(c.operands) + 2*i
	return p.operand(at), p.operand(at + 1)
}

func (p *Program) anyOperand(c condition, kind patternKind) bool {
	for i := range int(c.values) {
		if p.valueOf(c, i).kind == kind {
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

func (p *Program) matchesText(c condition, f family, text string) bool {
	for i := range int(c.values) {
		v := p.valueOf(c, i)
		want := p.glob(v)
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

func (p *Program) compareNumber(c condition, number float64) bool {
	for i := range int(c.values) {
		want := math.Float64frombits(p.operand(int(c.operands) + i))
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

func (p *Program) compareTime(c condition, t time.Time) bool {
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

func (p *Program) isInstant(c condition, t time.Time) bool {
	for i := range int(c.values) {
		if p.valueOf(c, i).kind == operandReadable && p.compareInstant(c, i, t) == 0 {
			return true
		}
	}
	return false
}

func (p *Program) compareInstant(c condition, i int, t time.Time) int {
	seconds, nanoseconds := p.pair(c, i)
	return cmp.Or(cmp.Compare(t.Unix(), int64(seconds)), cmp.Compare(uint64(t.Nanosecond()), nanoseconds))
}

func (p *Program) isAddress(c condition, addr netip.Addr) bool {
	high, low := addressWords(addr.WithZone(""))
	for i := range int(c.values) {
		wantHigh, wantLow := p.pair(c, i)
		if p.valueOf(c, i).kind == operandReadable && high == wantHigh && low == wantLow {
			return true
		}
	}
	return false
}

// inNetwork ignores the zone of an IPv6 address: fe80::1%eth0 is in fe80::/10, and a deny of that must see it.
func (p *Program) inNetwork(c condition, addr netip.Addr) bool {
	kind := operandIPv6
	if addr.Is4() {
		kind = operandIPv4
	}
	high, low := addressWords(addr)
	for i := range int(c.values) {
		v := p.valueOf(c, i)
		wantHigh, wantLow := p.pair(c, i)
		if v.kind == kind && sameNetwork(high^wantHigh, low^wantLow, int(v.extra)) {
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
