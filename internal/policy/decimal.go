package policy

import (
	"cmp"
	"strconv"
	"strings"
	"time"
)

// decimal is a number as VNG Cloud's documents write it, -?[0-9]+(\.[0-9]+)?. It is compared digit by digit, which for
// integers of 64 bits gives what their own comparison gives and for all others loses nothing (contract, section 6.3).
type decimal struct {
	negative        bool
	whole, fraction string // without zeros that change nothing
}

func decimalOf(s string) (d decimal, ok bool) {
	s, minus := strings.CutPrefix(s, "-")
	whole, fraction, point := strings.Cut(s, ".")
	if !digits(whole) || point && !digits(fraction) {
		return decimal{}, false
	}
	d.whole, d.fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	d.negative = minus && (d.whole != "" || d.fraction != "")
	return d, true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// compare is -1, 0 or +1. It is not strings.Compare, through which texts would leave for the heap.
func (d decimal) compare(e decimal) int {
	order := cmp.Or(cmp.Compare(len(d.whole), len(e.whole)), cmp.Compare(d.whole, e.whole), cmp.Compare(d.fraction, e.fraction))
	switch {
	case d.negative && !e.negative:
		return -1
	case e.negative && !d.negative:
		return 1
	case d.negative:
		return -order
	default:
		return order
	}
}

func decimalOperand(value string) (operand, string) {
	if _, ok := decimalOf(value); !ok {
		return operand{}, show(value) + " is not a number; write it in decimal, as in 42 or -1.5"
	}
	return operand{}, ""
}

// The functions below answer conditions of VNG Cloud's (contract, section 6.3), as those of compare.go do.

// compareDecimal answers for a value of the context. What is no number is neither less nor greater.
func (p *Program) compareDecimal(c condition, v *Value) bool {
	switch v.kind {
	case stringValue:
		return p.anyDecimal(c, v.text)
	case numberValue:
		var buffer [32]byte
		return p.anyDecimal(c, string(strconv.AppendFloat(buffer[:0], v.number, 'f', -1, 64)))
	default:
		return false
	}
}

func (p *Program) anyDecimal(c condition, text string) bool {
	number, ok := decimalOf(text)
	if !ok {
		return false
	}
	for i := range int(c.values) {
		want, _ := decimalOf(p.glob(p.valueOf(c, i)))
		if c.operator.accepts(number.compare(want)) {
			return true
		}
	}
	return false
}

// accepts tells whether a number may compare so with a value of a condition.
func (op operator) accepts(order int) bool {
	switch op {
	case opNumberLessThan:
		return order < 0
	case opNumberLessThanOrEquals:
		return order <= 0
	case opNumberGreaterThan:
		return order > 0
	case opNumberGreaterThanOrEquals:
		return order >= 0
	default:
		return false
	}
}

// epoch answers for the time of the call.
func (p *Program) epoch(c condition, f family, now time.Time) bool {
	var buffer [20]byte
	return p.anyText(c, f, string(strconv.AppendInt(buffer[:0], now.UnixMilli(), 10)))
}

// anyTagKey answers for the keys of the request's tags; one that matches is enough.
func (p *Program) anyTagKey(c condition, f family, tags []Attr) bool {
	for i := range tags {
		if find(tags, tags[i].Key).kind != absentValue && p.anyText(c, f, tags[i].Key) {
			return true
		}
	}
	return false
}

func (p *Program) anyText(c condition, f family, text string) bool {
	if f == decimalFamily {
		return p.anyDecimal(c, text)
	}
	return p.matchesText(c, f, text)
}

// tagKeys is what anyTagKey sees, for explanations; absent when there is none.
func tagKeys(tags []Attr) Value {
	var keys []Value
	for i := range tags {
		if find(tags, tags[i].Key).kind != absentValue {
			keys = append(keys, String(tags[i].Key))
		}
	}
	if keys == nil {
		return Value{}
	}
	return List(keys...)
}
