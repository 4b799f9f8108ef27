package expr

import (
	"strings"
	"unicode/utf8"
)

// texts gives both arguments of a function that takes two texts.
func (f *frame) texts(name string, a, b any) (x, y string, ok bool) {
	x, first := a.(string)
	y, second := b.(string)
	if !first || !second {
		_, ok = f.fail(misfit, name, a, b)
		return "", "", ok
	}
	return x, y, true
}

func startsWith(f *frame, a, b any) (any, bool) {
	x, prefix, ok := f.texts("startsWith", a, b)
	if !ok || !f.spendText(len(prefix), bytesCompared) {
		return nil, false
	}
	return strings.HasPrefix(x, prefix), true
}

func endsWith(f *frame, a, b any) (any, bool) {
	x, suffix, ok := f.texts("endsWith", a, b)
	if !ok || !f.spendText(len(suffix), bytesCompared) {
		return nil, false
	}
	return strings.HasSuffix(x, suffix), true
}

func contains(f *frame, a, b any) (any, bool) {
	x, part, ok := f.texts("contains", a, b)
	if !ok || !f.spendText(len(x)+len(part), bytesScanned) {
		return nil, false
	}
	return strings.Contains(x, part), true
}

// hasKey is has(x, key) and x.has(key) with a key that is not known before.
func hasKey(f *frame, of, key any) (any, bool) {
	text, ok := key.(string)
	if !ok {
		return f.fail(misfit, "has", of, key)
	}
	_, found, ok := lookup(f, of, text)
	if !ok {
		return f.fail(keyless, text, of)
	}
	return found, true
}

func characters(s string) int { return utf8.RuneCountInString(s) }
