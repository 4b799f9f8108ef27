package expr

import (
	"slices"
)

// lookup finds a key in a map; ok is false if m is none.
func lookup(f *frame, m any, key string) (v any, found, ok bool) {
	switch m := m.(type) {
	case map[string]any:
		if len(key) >= bytesCompared && !f.spendText(len(key), bytesCompared) {
			return nil, false, false
		}
		v, found = m[key]
		return v, found, true
	case *dict:
		v, found = m.get(f, key)
		return v, found, !f.stopped
	default:
		return nil, false, false
	}
}

// get finds the value of a key; integers are equal to doubles and unsigned integers of the same value.
func (d *dict) get(f *frame, key any) (any, bool) {
	for i, k := range d.keys {
		if !f.spend(1) {
			return nil, false
		}
		if equal(f, k, key) {
			return d.values[i], true
		}
	}
	return nil, false
}

// add enters a key that must be of a kind that keys may have, and new.
func (d *dict) add(f *frame, key, value any) bool {
	switch kindOf(key) {
	case stringKind, boolKind, intKind, uintKind:
	default:
		f.fail(misfit, "{ }", key)
		return false
	}
	if _, twice := d.get(f, key); twice {
		f.fail(duplicateKey, "")
		return false
	}
	d.keys, d.values = append(d.keys, key), append(d.values, value)
	return !f.stopped
}

// simple is the dict as a plain map if all its keys are texts.
func (d *dict) simple(f *frame) any {
	out := make(map[string]any, len(d.keys))
	for i, key := range d.keys {
		text, ok := key.(string)
		if !ok || !f.spendText(len(text), bytesCompared) {
			return d
		}
		out[text] = d.values[i]
	}
	return out
}

// elements are what a loop goes over: the elements of a list, the keys of a map. Texts that are keys come sorted, so that
// the same values give the same result each time.
func elements(f *frame, of any) ([]any, bool) {
	switch of := of.(type) {
	case []any:
		return of, true
	case *dict:
		return of.keys, true
	case map[string]any:
		return sortedKeys(f, of)
	default:
		_, ok := f.fail(misfit, "a loop", of)
		return nil, ok
	}
}

func sortedKeys(f *frame, m map[string]any) ([]any, bool) {
	if !f.spend(costEntry * len(m)) {
		return nil, false
	}
	keys := make([]string, 0, len(m))
	for key := range m {
		if !f.spendText(len(key), bytesScanned) {
			return nil, false
		}
		keys = append(keys, key)
	}
	slices.Sort(keys)
	out := make([]any, len(keys))
	for i, key := range keys {
		out[i] = key
	}
	return out, true
}

// index is x[key] whose key is not known before.
func index(f *frame, of, key any) (any, bool) {
	switch of := of.(type) {
	case []any:
		return element(f, of, key)
	case *dict:
		if v, found := of.get(f, key); found || f.stopped {
			return v, found
		}
		return f.fail(missingKey, show(key))
	case map[string]any:
		text, ok := key.(string)
		if !ok {
			return f.fail(misfit, "[ ]", of, key)
		}
		v, found, _ := lookup(f, of, text)
		if !found {
			return f.fail(missingKey, cut(text, maxShownText))
		}
		return v, true
	default:
		return f.fail(misfit, "[ ]", of, key)
	}
}

// element finds an element by its index, an integer of any kind.
func element(f *frame, of []any, key any) (any, bool) {
	var i int64
	switch key := key.(type) {
	case int64:
		i = key
	case uint64:
		i = int64(min(key, uint64(len(of))))
	case float64:
		i = int64(max(-1, min(key, float64(len(of)))))
		if float64(i) != key {
			return f.fail(badIndex, "")
		}
	default:
		return f.fail(misfit, "[ ]", of, key)
	}
	if i < 0 || i >= int64(len(of)) {
		return f.fail(badIndex, "")
	}
	return of[i], true
}

// contained is "x in y".
func contained(f *frame, x, of any) (any, bool) {
	switch of := of.(type) {
	case []any:
		return isElement(f, x, of)
	case *dict:
		_, found := of.get(f, x)
		return found, !f.stopped
	case map[string]any:
		key, isText := x.(string)
		if !isText {
			return false, true
		}
		_, found, _ := lookup(f, of, key)
		return found, !f.stopped
	default:
		return f.fail(misfit, "in", x, of)
	}
}

func isElement(f *frame, x any, of []any) (any, bool) {
	for _, v := range of {
		if !f.spend(1) {
			return nil, false
		}
		if equal(f, x, v) {
			return true, true
		}
	}
	return false, !f.stopped
}

// member is "x in y" for a list of constants. Texts are sorted, so that long lists are fast.
type member struct {
	of     node
	texts  []string
	others []any
}

func (n *member) eval(f *frame) (any, bool) {
	x, ok := n.of.eval(f)
	if !ok || !f.spend(1) {
		return nil, false
	}
	text, ok := x.(string)
	if !ok {
		return isElement(f, x, n.others)
	}
	if !f.spendText(len(text), bytesCompared) {
		return nil, false
	}
	_, found := slices.BinarySearch(n.texts, text)
	return found, true
}

// memberOf makes a member of a list's constants.
func memberOf(of node, values []any) *member {
	n := &member{of: of}
	for _, v := range values {
		if text, ok := v.(string); ok {
			n.texts = append(n.texts, text)
		} else {
			n.others = append(n.others, v)
		}
	}
	slices.Sort(n.texts)
	n.texts = slices.Clip(slices.Compact(n.texts))
	n.others = slices.Clip(n.others)
	return n
}

// size is the number of characters of a text, of bytes, of elements, or of keys.
func size(f *frame, of any) (any, bool) {
	switch of := of.(type) {
	case string:
		if !f.spendText(len(of), bytesScanned) {
			return nil, false
		}
		return int64(characters(of)), true
	case []byte:
		return int64(len(of)), true
	case []any:
		return int64(len(of)), true
	case map[string]any:
		return int64(len(of)), true
	case *dict:
		return int64(len(of.keys)), true
	default:
		return f.fail(misfit, "size", of)
	}
}
