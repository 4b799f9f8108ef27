package policy

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// operand is one value of a condition, understood by its operator when the document is compiled.
type operand struct {
	kind  patternKind
	extra uint8     // as in pattern
	words [2]uint64 // a number's bits; an instant's seconds and nanoseconds; an address in its 16-byte form
}

// How the kind of a value is used by operators that are no globs.
const (
	operandFalse patternKind = 0 // bool, exists
	operandTrue  patternKind = 1

	operandUnreadable patternKind = 0 // text operators on an address or a time: equal to none
	operandReadable   patternKind = 1

	operandIPv4 patternKind = 4 // address operators
	operandIPv6 patternKind = 6
)

// operand understands a value, or says what would be right. The text operators take any value; on the two keys that are no
// texts, they compare what the value means.
func (op operator) operand(key source, value string) (operand, string) {
	switch op.family() {
	case likeFamily:
		kind := globKind(value)
		return operand{kind: kind, extra: globExtra(kind, value)}, ""
	case numberFamily:
		return numberOperand(value)
	case dateFamily:
		return dateOperand(value)
	case boolFamily, existsFamily:
		return truthOperand(value)
	case addressFamily:
		return networkOperand(value)
	case decimalFamily:
		return decimalOperand(value)
	}
	switch key {
	case fromSourceIP:
		return hostOperand(value), ""
	case fromNow:
		understood, problem := dateOperand(value)
		if problem == "" {
			understood.kind = operandReadable
		}
		return understood, ""
	}
	return operand{}, ""
}

// words is how many words of Program.words each value of a condition takes.
func (op operator) words(key source) int {
	switch op.family() {
	case numberFamily:
		return 1
	case dateFamily, addressFamily:
		return 2
	case textFamily, foldFamily:
		if key == fromSourceIP || key == fromNow {
			return 2
		}
	}
	return 0
}

func numberOperand(value string) (operand, string) {
	f, ok := parseNumber(value)
	if !ok {
		return operand{}, show(value) + " is not a number; write it in decimal, as in 42 or -1.5"
	}
	return operand{words: [2]uint64{math.Float64bits(f)}}, ""
}

func dateOperand(value string) (operand, string) {
	t, ok := parseTime(value)
	if !ok {
		return operand{}, show(value) + " is not a time; write it as RFC 3339 has it, as in 2026-01-31T12:00:00Z"
	}
	return operand{words: [2]uint64{uint64(t.Unix()), uint64(t.Nanosecond())}}, ""
}

func truthOperand(value string) (operand, string) {
	switch value {
	case "true":
		return operand{kind: operandTrue}, ""
	case "false":
		return operand{kind: operandFalse}, ""
	default:
		return operand{}, show(value) + " is no truth value; use true or false"
	}
}

func networkOperand(value string) (operand, string) {
	if addr, ok := parseAddress(value); ok && addr.Zone() == "" {
		return addressOperand(addr, addr.BitLen()), ""
	}
	network, err := netip.ParsePrefix(value)
	if err != nil {
		return operand{}, show(value) + " is neither an address nor a network; write it as in 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32"
	}
	addr, length := network.Addr(), network.Bits()
	if addr.Is4In6() {
		if length < 96 {
			return operand{}, fmt.Sprintf("%s mixes IPv4 and IPv6; write the IPv4 network by itself", show(value))
		}
		addr, length = addr.Unmap(), length-96
	}
	return addressOperand(addr, length), ""
}

// hostOperand is an address to be equal to. A text that is none is equal to no address.
func hostOperand(value string) operand {
	addr, ok := parseAddress(value)
	if !ok || addr.Zone() != "" {
		return operand{}
	}
	out := addressOperand(addr, addr.BitLen())
	out.kind = operandReadable
	return out
}

// addressOperand keeps addresses of both families in 16 bytes; kind tells them apart, so that ::/0 holds no IPv4 address.
func addressOperand(addr netip.Addr, length int) operand {
	out := operand{kind: operandIPv6, extra: uint8(length)}
	if addr.Is4() {
		out = operand{kind: operandIPv4, extra: uint8(length + 96)}
	}
	out.words[0], out.words[1] = addressWords(addr)
	return out
}

func addressWords(addr netip.Addr) (high, low uint64) {
	b := addr.As16()
	return binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
}

// parseAddress reads an address and unmaps IPv4 in IPv6.
func parseAddress(s string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(s)
	return addr.Unmap(), err == nil
}

// parseNumber reads a number as JSON spells it. strconv alone would also take hexadecimal, underscores, "inf", "nan", "+1",
// "01", ".5" and "5.".
func parseNumber(s string) (float64, bool) {
	whole := strings.TrimPrefix(s, "-")
	digits := len(whole) - len(strings.TrimLeft(whole, "0123456789"))
	if digits == 0 || digits > 1 && whole[0] == '0' {
		return 0, false
	}
	rest := whole[digits:]
	if rest != "" {
		point := rest[0] == '.' && len(rest) > 1 && '0' <= rest[1] && rest[1] <= '9'
		if !point && rest[0] != 'e' && rest[0] != 'E' || strings.Trim(rest, "0123456789.eE+-") != "" || strings.Contains(rest, "_") {
			return 0, false
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

// parseTime reads an RFC 3339 time strictly; time.Parse also takes hours of one digit, fractions after a comma and zones that
// do not exist.
func parseTime(s string) (time.Time, bool) {
	t, err := time.ParseInLocation(time.RFC3339, s, time.UTC)
	if err != nil || s[len("2006-01-02T1")] == ':' || strings.IndexByte(s, ',') >= 0 {
		return time.Time{}, false
	}
	if zone := s[len(s)-len("+00:00"):]; s[len(s)-1] != 'Z' && (zone[1:3] > "23" || zone[4:] > "59") {
		return time.Time{}, false
	}
	return t, true
}
