package policy

import (
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Value is one value of a decision's context: a text, a number, a truth value or a list of values. It is immutable. The
// zero Value stands for a key that is absent.
type Value struct {
	kind   valueKind
	number float64 // of a number; 1 of true
	text   string
	nested *nested // of a list; behind a pointer, so that a scalar stays small
}

type nested struct {
	list []Value
}

type valueKind uint8

const (
	absentValue valueKind = iota
	stringValue
	numberValue
	boolValue
	listValue
)

// String makes a text.
func String(s string) Value { return Value{kind: stringValue, text: s} }

// Number makes a number.
func Number(f float64) Value { return Value{kind: numberValue, number: f} }

// Bool makes a truth value.
func Bool(b bool) Value {
	if b {
		return Value{kind: boolValue, number: 1}
	}
	return Value{kind: boolValue}
}

// List makes a list; it copies the slice it is given.
func List(values ...Value) Value {
	return Value{kind: listValue, nested: &nested{list: append([]Value(nil), values...)}}
}

// String is the value as explanations show it: a scalar as conditions compare it, a list in brackets, "absent" for the
// zero Value.
func (v Value) String() string {
	switch v.kind {
	case listValue:
		parts := make([]string, len(v.nested.list))
		for i, element := range v.nested.list {
			parts[i] = element.String()
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case absentValue:
		return "absent"
	default:
		return v.scalarText()
	}
}

// scalarText is the text that the text operators compare: numbers in their shortest decimal form, without exponent.
func (v Value) scalarText() string {
	switch v.kind {
	case numberValue:
		return strconv.FormatFloat(v.number, 'f', -1, 64)
	case boolValue:
		return strconv.FormatBool(v.number != 0)
	default:
		return v.text
	}
}

// The functions below read a value as an operator needs it. What came as text is read like the values of a document.

func (v *Value) asNumber() (float64, bool) {
	switch v.kind {
	case numberValue:
		return v.number, !math.IsNaN(v.number)
	case stringValue:
		return parseNumber(v.text)
	default:
		return 0, false
	}
}

func (v *Value) asBool() (b, ok bool) {
	switch {
	case v.kind == boolValue:
		return v.number != 0, true
	case v.kind == stringValue:
		return v.text == "true", v.text == "true" || v.text == "false"
	default:
		return false, false
	}
}

func (v *Value) asTime() (time.Time, bool) {
	if v.kind != stringValue {
		return time.Time{}, false
	}
	return parseTime(v.text)
}

func (v *Value) asAddress() (netip.Addr, bool) {
	if v.kind != stringValue {
		return netip.Addr{}, false
	}
	// A copy, because ParseAddr's error keeps the text: otherwise every context would have to live on the heap.
	return parseAddress(strings.Clone(v.text))
}
