package expr

import "slices"

// Vars gives the values of the names that stand at the top of an expression. Var is called each time a name is used, and
// only then; it must be cheap and must give the same value each time. The second result is false for a name that there is
// not. A value is a string, bool, int64, float64, nil, time.Time, []any or map[string]any, the latter two of such values.
// Values must not change during the evaluation.
type Vars interface {
	Var(name string) (any, bool)
}

// Result is what became of an evaluation. The zero Result is Failed: what was not evaluated grants nothing.
type Result uint8

const (
	Failed  Result = iota // a name or key that is not there, values that do not fit, or a bound
	NotBool               // a value, but neither true nor false
	False
	True
)

// String is the result in a word or two.
func (r Result) String() string {
	switch r {
	case NotBool:
		return "not a boolean"
	case False:
		return "false"
	case True:
		return "true"
	default:
		return "failed"
	}
}

// Expr is a compiled expression. It never changes.
type Expr struct {
	source string
	root   node
}

// Compile understands a text in a dialect, or returns an *Error. Only the syntax and the limits are checked: names,
// functions and types that do not exist or do not fit are errors of evaluation (Exoscale contract, section 11; Scaleway
// contract, section 7.1).
func Compile(d Dialect, source string) (*Expr, error) {
	tree, err := parse(source)
	if err != nil {
		return nil, err
	}
	c := compiler{dialect: d, source: source, info: tree.SourceInfo()}
	root := c.expr(tree.Expr())
	if c.err != nil {
		return nil, c.err
	}
	return &Expr{source: source, root: root}, nil
}

// Source is the text as it was written.
func (e *Expr) Source() string { return e.source }

// Eval answers for the values that vars gives, within a budget; nil is a full one. It never panics.
func (e *Expr) Eval(vars Vars, budget *Budget) Result {
	if budget == nil {
		budget = new(Budget)
	}
	return resultOf(budget.evaluate(e.root, vars))
}

func resultOf(v any, ok bool) Result {
	if !ok {
		return Failed
	}
	switch v {
	case true:
		return True
	case false:
		return False
	default:
		return NotBool
	}
}

// Names lists the names at the top of the expression, each once, in the order of their first use. Names of types and
// variables of loops are not among them.
func (e *Expr) Names() []string {
	var names []string
	walk(e.root, func(n node) bool {
		v, ok := n.(*variable)
		if ok && !slices.Contains(names, v.name) && typeNames[v.name] == "" {
			names = append(names, v.name)
		}
		return true
	})
	return names
}
