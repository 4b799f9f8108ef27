package expr

// loop is x.all(v, test), x.exists(v, test), x.exists_one(v, test), x.filter(v, test), x.map(v, result) and
// x.map(v, test, result), over the elements of a list or the keys of a map.
type loop struct {
	kind         loopKind
	slot         int8
	over         node
	test, result node // test may be nil in a map; result is there in a map only
}

type loopKind uint8

const (
	loopAll loopKind = iota
	loopExists
	loopOne
	loopFilter
	loopMap
)

// loopForm says which macro a name with a number of arguments is, as cel-go's parser has it.
func loopForm(name string, arguments int) (loopKind, bool) {
	switch {
	case name == "all" && arguments == 2:
		return loopAll, true
	case name == "exists" && arguments == 2:
		return loopExists, true
	case (name == "exists_one" || name == "existsOne") && arguments == 2:
		return loopOne, true
	case name == "filter" && arguments == 2:
		return loopFilter, true
	case name == "map" && (arguments == 2 || arguments == 3):
		return loopMap, true
	default:
		return 0, false
	}
}

func (n *loop) eval(f *frame) (any, bool) {
	of, ok := n.over.eval(f)
	if !ok || !f.spend(1) {
		return nil, false
	}
	items, ok := elements(f, of)
	if !ok {
		return nil, false
	}
	switch n.kind {
	case loopAll, loopExists:
		return n.quantify(f, items, n.kind == loopExists)
	case loopOne:
		return n.one(f, items)
	default:
		return n.collect(f, items)
	}
}

// quantify is a chain of "&&" or "||" over the elements: it absorbs failures like those.
func (n *loop) quantify(f *frame, items []any, decisive bool) (any, bool) {
	var first failure
	for _, item := range items {
		b, ok := n.holds(f, item)
		switch {
		case f.stopped:
			return nil, false
		case ok && b == decisive:
			return b, true
		case !ok && first.reason == noReason:
			first = f.failure
		}
	}
	if first.reason != noReason {
		f.failure = first
		return nil, false
	}
	return !decisive, true
}

// one wants exactly one element to hold, and all tests to succeed.
func (n *loop) one(f *frame, items []any) (any, bool) {
	count := 0
	for _, item := range items {
		b, ok := n.holds(f, item)
		if !ok {
			return nil, false
		}
		if b {
			count++
		}
	}
	return count == 1, true
}

// collect gives the list of a filter or a map.
func (n *loop) collect(f *frame, items []any) (any, bool) {
	out := []any{}
	for _, item := range items {
		if n.test != nil {
			if b, ok := n.holds(f, item); !ok {
				return nil, false
			} else if !b {
				continue
			}
		}
		v, ok := n.yield(f, item)
		if !ok || !f.spend(1) {
			return nil, false
		}
		out = append(out, v)
	}
	return out, true
}

func (n *loop) yield(f *frame, item any) (any, bool) {
	if n.result == nil {
		return item, true
	}
	f.locals[n.slot] = item
	return n.result.eval(f)
}

// holds tests one element.
func (n *loop) holds(f *frame, item any) (bool, bool) {
	if !f.spend(1) {
		return false, false
	}
	f.locals[n.slot] = item
	v, ok := n.test.eval(f)
	b, isBool := v.(bool)
	if ok && !isBool {
		f.fail(misfit, "a loop", v)
	}
	return b, ok && isBool
}
