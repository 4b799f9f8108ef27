package expr

import (
	"bytes"
	"cmp"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/traits"
)

// equal compares any two values. Values of different kinds are unequal, except numbers, which compare by value (Exoscale
// contract, section 10.3: a decision). It is false, and means nothing, once the frame is stopped.
func equal(f *frame, a, b any) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case bool:
		b, ok := b.(bool)
		return ok && a == b
	case string:
		b, ok := b.(string)
		return ok && len(a) == len(b) && f.spendText(len(a), bytesCompared) && a == b
	case []byte:
		b, ok := b.([]byte)
		return ok && len(a) == len(b) && f.spendText(len(a), bytesCompared) && bytes.Equal(a, b)
	case int64, uint64, float64:
		return equalNumbers(a, b)
	case time.Time:
		b, ok := b.(time.Time)
		return ok && a.Equal(b)
	case time.Duration:
		b, ok := b.(time.Duration)
		return ok && a == b
	case typeName:
		b, ok := b.(typeName)
		return ok && a == b
	case []any:
		b, ok := b.([]any)
		return ok && equalLists(f, a, b)
	case map[string]any, *dict:
		return kindOf(b) == mapKind && equalMaps(f, a, b)
	default:
		return false
	}
}

func equalNumbers(a, b any) bool {
	switch x := a.(type) {
	case int64:
		if y, ok := b.(int64); ok {
			return x == y
		}
	case float64:
		if y, ok := b.(float64); ok {
			return x == y
		}
	}
	return kindOf(b).numeric() && toCEL(a).Equal(toCEL(b)) == types.True
}

func equalLists(f *frame, a, b []any) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !f.spend(1) || !equal(f, a[i], b[i]) {
			return false
		}
	}
	return true
}

// equalMaps goes through the keys in order, so that what it costs is the same each time.
func equalMaps(f *frame, a, b any) bool {
	keys, ok := elements(f, a)
	if !ok {
		return false
	}
	if other, ok := size(f, b); !ok || other != int64(len(keys)) {
		return false
	}
	for _, key := range keys {
		x, _ := index(f, a, key)
		y, found := index(f, b, key)
		if !found || !f.spend(1) || !equal(f, x, y) {
			return false
		}
	}
	return true
}

func equals(f *frame, a, b any) (any, bool) {
	return equal(f, a, b), !f.stopped
}

func differs(f *frame, a, b any) (any, bool) {
	return !equal(f, a, b), !f.stopped
}

// order compares two values of one ordered kind, or two numbers. All else fails (Exoscale contract, vector 33).
func order(f *frame, name string, a, b any) (int, bool) {
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(x, y), f.spendText(min(len(x), len(y)), bytesCompared)
		}
	case int64:
		if y, ok := b.(int64); ok {
			return cmp.Compare(x, y), true
		}
	case time.Time:
		if y, ok := b.(time.Time); ok {
			return x.Compare(y), true
		}
	case []byte:
		if y, ok := b.([]byte); ok {
			return bytes.Compare(x, y), f.spendText(min(len(x), len(y)), bytesCompared)
		}
	}
	if ka, kb := kindOf(a), kindOf(b); ka == kb || ka.numeric() && kb.numeric() {
		if x, ok := toCEL(a).(traits.Comparer); ok {
			v, ok := f.fromCEL(x.Compare(toCEL(b)))
			n, isInt := v.(int64)
			return int(n), ok && isInt
		}
	}
	_, ok := f.fail(misfit, name, a, b)
	return 0, ok
}

func less(f *frame, a, b any) (any, bool) {
	n, ok := order(f, "<", a, b)
	return n < 0, ok
}

func lessOrEqual(f *frame, a, b any) (any, bool) {
	n, ok := order(f, "<=", a, b)
	return n <= 0, ok
}

func greater(f *frame, a, b any) (any, bool) {
	n, ok := order(f, ">", a, b)
	return n > 0, ok
}

func greaterOrEqual(f *frame, a, b any) (any, bool) {
	n, ok := order(f, ">=", a, b)
	return n >= 0, ok
}
