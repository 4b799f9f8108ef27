package expr

import (
	"slices"

	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// Arithmetic is cel-go's: it checks for overflow, does not mix kinds of numbers, and knows times and durations.

func add(f *frame, a, b any) (any, bool) {
	switch x := a.(type) {
	case string:
		if y, ok := b.(string); ok {
			return addTexts(f, x, y)
		}
	case []byte:
		if y, ok := b.([]byte); ok {
			if !f.roomFor(len(x) + len(y)) {
				return nil, false
			}
			return slices.Concat(x, y), true
		}
	case []any:
		if y, ok := b.([]any); ok {
			if !f.spend(len(x) + len(y)) {
				return nil, false
			}
			return slices.Concat(x, y), true
		}
	}
	return arithmetic(f, "+", a, b, func(x, y ref.Val) (ref.Val, bool) {
		t, ok := x.(traits.Adder)
		return apply(ok, y, func() ref.Val { return t.Add(y) })
	})
}

func addTexts(f *frame, x, y string) (any, bool) {
	if !f.roomFor(len(x) + len(y)) {
		return nil, false
	}
	return x + y, true
}

// roomFor pays for a text or bytes to be made, whose length is bounded.
func (f *frame) roomFor(length int) bool {
	if length > MaxText {
		return f.stop(textTooLong)
	}
	return f.spendText(length, bytesScanned)
}

func subtract(f *frame, a, b any) (any, bool) {
	return arithmetic(f, "-", a, b, func(x, y ref.Val) (ref.Val, bool) {
		t, ok := x.(traits.Subtractor)
		return apply(ok, y, func() ref.Val { return t.Subtract(y) })
	})
}

func multiply(f *frame, a, b any) (any, bool) {
	return arithmetic(f, "*", a, b, func(x, y ref.Val) (ref.Val, bool) {
		t, ok := x.(traits.Multiplier)
		return apply(ok, y, func() ref.Val { return t.Multiply(y) })
	})
}

func divide(f *frame, a, b any) (any, bool) {
	return arithmetic(f, "/", a, b, func(x, y ref.Val) (ref.Val, bool) {
		t, ok := x.(traits.Divider)
		return apply(ok, y, func() ref.Val { return t.Divide(y) })
	})
}

func modulo(f *frame, a, b any) (any, bool) {
	return arithmetic(f, "%", a, b, func(x, y ref.Val) (ref.Val, bool) {
		t, ok := x.(traits.Modder)
		return apply(ok, y, func() ref.Val { return t.Modulo(y) })
	})
}

func apply(ok bool, y ref.Val, do func() ref.Val) (ref.Val, bool) {
	if !ok || y == nil {
		return nil, false
	}
	return do(), true
}

// arithmetic gives two numbers, times or durations to cel-go. Texts, bytes and truth values are not for it.
func arithmetic(f *frame, name string, a, b any, do func(x, y ref.Val) (ref.Val, bool)) (any, bool) {
	if !f.spend(costArith) {
		return nil, false
	}
	if !calculable(a) || !calculable(b) {
		return f.fail(misfit, name, a, b)
	}
	v, ok := do(toCEL(a), toCEL(b))
	if !ok {
		return f.fail(misfit, name, a, b)
	}
	return f.fromCEL(v)
}

func calculable(v any) bool {
	k := kindOf(v)
	return k.numeric() || k == timestampKind || k == durationKind
}

func negate(f *frame, a any) (any, bool) {
	x, ok := toCEL(a).(traits.Negater)
	if !ok || !calculable(a) {
		return f.fail(misfit, "-", a)
	}
	return f.fromCEL(x.Negate())
}

func not(f *frame, a any) (any, bool) {
	b, ok := a.(bool)
	if !ok {
		return f.fail(misfit, "!", a)
	}
	return !b, true
}
