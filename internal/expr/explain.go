package expr

import (
	"fmt"
	"strings"
	"time"
)

// Explain is Eval with the reason in words: what failed, or for which values of what the expression names the result is
// what it is. The values are those that the caller gave, cut short; whoever may see a decision's input may see them.
func (e *Expr) Explain(vars Vars, budget *Budget) (Result, string) {
	if budget == nil {
		budget = new(Budget)
	}
	v, ok := budget.evaluate(e.root, vars)
	result, why := resultOf(v, ok), budget.frame.failure
	switch result {
	case Failed:
		return result, "it failed: " + why.words()
	case NotBool:
		return result, "it gave " + kindOf(v).article() + ", not true or false"
	default:
		return result, "it is " + result.String() + e.given(vars)
	}
}

// given lists the values of what the expression names. It pays from a budget of its own, so that an explanation changes no
// decision.
func (e *Expr) given(vars Vars) string {
	var shown []string
	seen := map[string]bool{}
	walk(e.root, func(n node) bool {
		name, isName := chain(n)
		if !isName || seen[name] {
			return !isName
		}
		seen[name] = true
		if len(shown) < maxShownValues {
			shown = append(shown, name+" is "+valueOf(n, vars))
		}
		return false
	})
	if len(seen) > len(shown) {
		shown = append(shown, "…")
	}
	if len(shown) == 0 {
		return " whatever the values"
	}
	return ": " + strings.Join(shown, ", ")
}

func valueOf(n node, vars Vars) string {
	var b Budget
	if p, ok := n.(*presence); ok {
		n = &selection{p.of, p.key}
	}
	v, ok := b.evaluate(n, vars)
	if !ok {
		return "absent"
	}
	return show(v)
}

// chain is the text of a variable or of keys selected from one.
func chain(n node) (string, bool) {
	switch n := n.(type) {
	case *variable:
		return n.name, typeNames[n.name] == ""
	case *selection:
		return chainKey(n.of, n.key)
	case *presence:
		return chainKey(n.of, n.key)
	default:
		return "", false
	}
}

func chainKey(of node, key string) (string, bool) {
	name, ok := chain(of)
	return name + "." + cut(key, maxShownText), ok
}

// show writes a value so that it stays short.
func show(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return fmt.Sprintf("%q", cut(v, maxShownText))
	case []byte:
		return fmt.Sprintf("%d bytes", len(v))
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	case []any:
		return fmt.Sprintf("a list of %d", len(v))
	case map[string]any:
		return fmt.Sprintf("a map of %d", len(v))
	case *dict:
		return fmt.Sprintf("a map of %d", len(v.keys))
	default:
		return fmt.Sprint(v)
	}
}

// walk goes through a tree, a node before what is in it, left to right. visit says whether to go into the node.
func walk(n node, visit func(node) bool) {
	if n == nil || !visit(n) {
		return
	}
	for _, child := range children(n) {
		walk(child, visit)
	}
}

func children(n node) []node {
	switch n := n.(type) {
	case *selection:
		return []node{n.of}
	case *presence:
		return []node{n.of}
	case *logic:
		return n.terms
	case *choice:
		return []node{n.condition, n.then, n.otherwise}
	case *unary:
		return []node{n.a}
	case *binary:
		return []node{n.a, n.b}
	case *list:
		return n.items
	case *mapping:
		return append(append([]node(nil), n.keys...), n.values...)
	case *member:
		return []node{n.of}
	case *network:
		return []node{n.of}
	case *patternMatch:
		return []node{n.of}
	case *accessor:
		return []node{n.of, n.zone}
	case *loop:
		return []node{n.over, n.test, n.result}
	default:
		return nil
	}
}
