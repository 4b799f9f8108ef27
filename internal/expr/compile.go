package expr

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// compiler makes nodes of a syntax tree. After the first error it makes nothing of use.
type compiler struct {
	dialect Dialect
	source  string
	info    *ast.SourceInfo
	loops   []string // variables of the loops around, outermost first
	depth   int
	nodes   int
	err     error // an *Error
}

// refuse records the first error.
func (c *compiler) refuse(e ast.Expr, message string) node {
	if c.err == nil {
		at := c.info.GetStartLocation(e.ID())
		c.err = errorAt(c.source, offsetOf(c.source, at.Line(), at.Column()), message)
	}
	return &constant{}
}

// expr makes the node of an expression, and bounds how deep evaluation will nest.
func (c *compiler) expr(e ast.Expr) node {
	if c.err != nil {
		return &constant{}
	}
	if c.depth++; c.depth > MaxDepth {
		return c.refuse(e, fmt.Sprintf("the expression is nested too deeply: at most %d levels", MaxDepth))
	}
	defer func() { c.depth-- }()
	if c.nodes++; c.nodes > MaxNodes {
		return c.refuse(e, fmt.Sprintf("the expression is too large: at most %d names, constants, operators and calls", MaxNodes))
	}
	switch e.Kind() {
	case ast.LiteralKind:
		return literal(e)
	case ast.IdentKind:
		return c.name(e.AsIdent())
	case ast.SelectKind:
		return c.selection(e)
	case ast.CallKind:
		return c.call(e)
	case ast.ListKind:
		return c.list(e)
	case ast.MapKind:
		return c.mapping(e)
	case ast.StructKind:
		return &unknown{why: notMessage, name: strings.Clone(e.AsStruct().TypeName())}
	default:
		return c.refuse(e, "this is no expression")
	}
}

func literal(e ast.Expr) node {
	if e.AsLiteral() == types.NullValue {
		return &constant{}
	}
	v, _ := new(frame).fromCEL(e.AsLiteral())
	return &constant{v}
}

// name is a variable of the innermost loop that has the name, or else one at the top. A dot before a name says the latter.
func (c *compiler) name(name string) node {
	if top, ok := strings.CutPrefix(name, "."); ok {
		return &variable{top}
	}
	for slot, v := range slices.Backward(c.loops) {
		if v == name {
			return &local{slot}
		}
	}
	return &variable{name}
}

func (c *compiler) selection(e ast.Expr) node {
	s := e.AsSelect()
	if name := qualified(e); typeNames[name] != "" {
		return &constant{typeNames[name]}
	}
	return &selection{c.expr(s.Operand()), s.FieldName()}
}

// qualified is the text of a name of three parts, which names of types have that are no identifiers.
func qualified(e ast.Expr) string {
	outer := e.AsSelect()
	if outer.Operand().Kind() != ast.SelectKind {
		return ""
	}
	inner := outer.Operand().AsSelect()
	if inner.Operand().Kind() != ast.IdentKind {
		return ""
	}
	return strings.TrimPrefix(inner.Operand().AsIdent(), ".") + "." + inner.FieldName() + "." + outer.FieldName()
}

func (c *compiler) exprs(es []ast.Expr) []node {
	out := make([]node, len(es))
	for i, e := range es {
		out[i] = c.expr(e)
	}
	return out
}

// list is a constant if all its elements are.
func (c *compiler) list(e ast.Expr) node {
	items := c.exprs(e.AsList().Elements())
	values := make([]any, len(items))
	for i, item := range items {
		value, ok := item.(*constant)
		if !ok {
			return &list{items}
		}
		values[i] = value.value
	}
	return &constant{values}
}

func (c *compiler) mapping(e ast.Expr) node {
	entries := e.AsMap().Entries()
	n := &mapping{make([]node, len(entries)), make([]node, len(entries))}
	for i, entry := range entries {
		n.keys[i] = c.expr(entry.AsMapEntry().Key())
		n.values[i] = c.expr(entry.AsMapEntry().Value())
	}
	return n
}

// call is an operator, a macro or a function.
func (c *compiler) call(e ast.Expr) node {
	call := e.AsCall()
	name := call.FunctionName()
	switch {
	case name == operators.LogicalAnd || name == operators.LogicalOr:
		return &logic{name == operators.LogicalOr, c.exprs(call.Args())}
	case name == operators.Conditional:
		args := c.exprs(call.Args())
		return &choice{args[0], args[1], args[2]}
	case name == operators.Index:
		return c.index(call)
	case name == operators.Has && !call.IsMemberFunction() && len(call.Args()) == 1:
		return c.presence(e)
	}
	if !call.IsMemberFunction() {
		return c.function(name, c.exprs(call.Args()))
	}
	if kind, ok := loopForm(name, len(call.Args())); ok {
		return c.loop(e, kind)
	}
	return c.function(name, append([]node{c.expr(call.Target())}, c.exprs(call.Args())...))
}

// index is a selection if the key is a constant text.
func (c *compiler) index(call ast.CallExpr) node {
	args := c.exprs(call.Args())
	if key, ok := constantText(args[1]); ok {
		return &selection{args[0], key}
	}
	return &binary{index, args[0], args[1]}
}

// presence is the macro has(x.key).
func (c *compiler) presence(e ast.Expr) node {
	arg := e.AsCall().Args()[0]
	if arg.Kind() != ast.SelectKind {
		return c.refuse(arg, "has takes a selection, as in has(a.b)")
	}
	s := arg.AsSelect()
	return &presence{c.expr(s.Operand()), s.FieldName()}
}

func (c *compiler) loop(e ast.Expr, kind loopKind) node {
	call := e.AsCall()
	args := call.Args()
	name := args[0].AsIdent()
	if args[0].Kind() != ast.IdentKind || strings.HasPrefix(name, ".") {
		return c.refuse(args[0], fmt.Sprintf("the first argument of %q must be a simple name", call.FunctionName()))
	}
	n := &loop{kind: kind, over: c.expr(call.Target()), slot: int8(len(c.loops))}
	if len(c.loops) == MaxLoops {
		return c.refuse(e, fmt.Sprintf("too many loops inside each other: at most %d", MaxLoops))
	}
	c.loops = append(c.loops, name)
	defer func() { c.loops = c.loops[:n.slot] }()
	if kind == loopMap {
		n.result = c.expr(args[len(args)-1])
		args = args[:len(args)-1]
	}
	if len(args) == 2 {
		n.test = c.expr(args[1])
	}
	return n
}

// function is a call with all its arguments, the target of a member form first.
func (c *compiler) function(name string, args []node) node {
	if p, ok := parts[name]; ok && (len(args) == 1 || len(args) == 2) {
		return timePart(p, args)
	}
	if len(args) == 1 && unaryFuncs[name] != nil {
		return fold(&unary{unaryFuncs[name], args[0]})
	}
	if do := c.dialect.binary(name); do != nil && len(args) == 2 {
		return c.binary(name, &binary{do, args[0], args[1]})
	}
	return &unknown{why: unknownCall, name: name}
}

// fold works a conversion or negation of a constant out. What fails is left to evaluation.
func fold(n *unary) node {
	if _, ok := n.a.(*constant); !ok {
		return n
	}
	var b Budget
	if v, ok := b.evaluate(n, nil); ok {
		return &constant{v}
	}
	return n
}

// binary prepares the functions whose second argument takes work to read, if it is a constant. A constant that cannot be
// read fails each time.
func (c *compiler) binary(name string, n *binary) node {
	if key, ok := constantText(n.b); ok {
		switch name {
		case "has":
			return &presence{n.a, key}
		case "inIpRange":
			return networkOf(n.a, key)
		case "matches":
			return patternOf(n.a, key, c.dialect == Exoscale)
		}
	}
	if values, ok := n.b.(*constant); ok && name == operators.In {
		if values, ok := values.value.([]any); ok {
			return memberOf(n.a, values)
		}
	}
	return n
}

func networkOf(of node, text string) node {
	prefix, ok := parseNetwork(text)
	if !ok {
		return &unknown{why: unreadable, name: "a network, as 192.0.2.0/24 is"}
	}
	return &network{of, prefix}
}

func patternOf(of node, source string, whole bool) node {
	p, why := compilePattern(source, whole, MaxPattern, MaxPatternWeight)
	switch why {
	case noReason:
		return &patternMatch{of, p}
	case badPattern:
		return &unknown{why: why, name: "a text is not a regular expression"}
	default:
		return &unknown{why: badPattern, name: "a regular expression is too large"}
	}
}

func timePart(p part, args []node) node {
	n := &accessor{part: p, of: args[0], location: time.UTC, zoned: len(args) == 2}
	if !n.zoned {
		return n
	}
	name, ok := constantText(args[1])
	if !ok {
		n.zone = args[1]
		return n
	}
	location, ok := findZone(name)
	if !ok {
		return &unknown{why: unreadable, name: "a time zone"}
	}
	n.location = location
	return n
}

func constantText(n node) (string, bool) {
	k, ok := n.(*constant)
	if !ok {
		return "", false
	}
	text, ok := k.value.(string)
	return text, ok
}
