package expr

// node is one step of a tree. eval gives a value, or false when the evaluation of it failed; the frame says why then. Each
// step other than a constant costs a unit.
type node interface {
	eval(f *frame) (any, bool)
}

// constant is a literal, and what the compiler could work out.
type constant struct{ value any }

func (n *constant) eval(*frame) (any, bool) { return n.value, true }

// variable is a name at the top: a variable of the caller's, or else a type.
type variable struct{ name string }

func (n *variable) eval(f *frame) (any, bool) {
	if !f.spend(1) {
		return nil, false
	}
	if f.vars != nil {
		if v, ok := f.vars.Var(n.name); ok {
			switch k := kindOf(v); k {
			case otherKind, uintKind, bytesKind, durationKind, typeKind:
				return f.fail(unknownValue, n.name)
			default:
				return v, true
			}
		}
	}
	if t, ok := typeNames[n.name]; ok {
		return t, true
	}
	return f.fail(unknownName, n.name)
}

// local is the variable of a loop.
type local struct{ slot int }

func (n *local) eval(f *frame) (any, bool) {
	return f.locals[n.slot], f.spend(1)
}

// selection is x.key and x["key"].
type selection struct {
	of  node
	key string
}

func (n *selection) eval(f *frame) (any, bool) {
	of, ok := n.of.eval(f)
	if !ok || !f.spend(1) {
		return nil, false
	}
	v, found, ok := lookup(f, of, n.key)
	switch {
	case !ok:
		return f.fail(keyless, n.key, of)
	case !found:
		return f.fail(missingKey, n.key)
	default:
		return v, true
	}
}

// presence is has(x.key) and, for Exoscale, x.has("key").
type presence struct {
	of  node
	key string
}

func (n *presence) eval(f *frame) (any, bool) {
	of, ok := n.of.eval(f)
	if !ok || !f.spend(1) {
		return nil, false
	}
	_, found, ok := lookup(f, of, n.key)
	if !ok {
		return f.fail(keyless, n.key, of)
	}
	return found, true
}

// logic is a chain of "&&" or of "||". A term that equals decisive decides, even after one that failed or is no boolean
// (Exoscale contract, section 10.3); otherwise the first failure is the chain's.
type logic struct {
	decisive bool
	terms    []node
}

func (n *logic) eval(f *frame) (any, bool) {
	if !f.spend(1) {
		return nil, false
	}
	var first failure
	for _, term := range n.terms {
		v, ok := term.eval(f)
		b, isBool := v.(bool)
		switch {
		case f.stopped:
			return nil, false
		case ok && isBool && b == n.decisive:
			return b, true
		case ok && !isBool:
			f.fail(misfit, n.operator(), v)
		}
		if (!ok || !isBool) && first.reason == noReason {
			first = f.failure
		}
	}
	if first.reason != noReason {
		f.failure = first
		return nil, false
	}
	return !n.decisive, true
}

func (n *logic) operator() string {
	if n.decisive {
		return "||"
	}
	return "&&"
}

// choice is c ? x : y.
type choice struct{ condition, then, otherwise node }

func (n *choice) eval(f *frame) (any, bool) {
	v, ok := n.condition.eval(f)
	if !ok || !f.spend(1) {
		return nil, false
	}
	b, isBool := v.(bool)
	if !isBool {
		return f.fail(misfit, "? :", v)
	}
	if b {
		return n.then.eval(f)
	}
	return n.otherwise.eval(f)
}

// unary and binary are operators and functions.
type unary struct {
	do func(f *frame, a any) (any, bool)
	a  node
}

func (n *unary) eval(f *frame) (any, bool) {
	a, ok := n.a.eval(f)
	if !ok || !f.spend(1) {
		return nil, false
	}
	return n.do(f, a)
}

type binary struct {
	do   func(f *frame, a, b any) (any, bool)
	a, b node
}

func (n *binary) eval(f *frame) (any, bool) {
	a, ok := n.a.eval(f)
	if !ok {
		return nil, false
	}
	b, ok := n.b.eval(f)
	if !ok || !f.spend(1) {
		return nil, false
	}
	return n.do(f, a, b)
}

// list is [x, y].
type list struct{ items []node }

func (n *list) eval(f *frame) (any, bool) {
	if !f.spend(1 + len(n.items)) {
		return nil, false
	}
	out := make([]any, len(n.items))
	for i, item := range n.items {
		v, ok := item.eval(f)
		if !ok {
			return nil, false
		}
		out[i] = v
	}
	return out, true
}

// mapping is {k: v}.
type mapping struct{ keys, values []node }

func (n *mapping) eval(f *frame) (any, bool) {
	if !f.spend(1 + costEntry*len(n.keys)) {
		return nil, false
	}
	d := &dict{}
	for i := range n.keys {
		key, ok := n.keys[i].eval(f)
		if !ok {
			return nil, false
		}
		value, ok := n.values[i].eval(f)
		if !ok || !d.add(f, key, value) {
			return nil, false
		}
	}
	return d.simple(f), !f.stopped
}

// unknown is a call of a function, or the making of a message, that there is not.
type unknown struct {
	why  reason
	name string
}

func (n *unknown) eval(f *frame) (any, bool) {
	f.spend(1)
	return f.fail(n.why, n.name)
}
