package expr

import "cel.dev/cel-go/common/operators"

type (
	unaryFunc  = func(f *frame, a any) (any, bool)
	binaryFunc = func(f *frame, a, b any) (any, bool)
)

// unaryFuncs and binaryFuncs are the operators and functions of both dialects, by the name that the parser gives them. Of
// x.f(y), x is the first argument. What a compiler treats by itself is not here: logic, choices, accessors, macros.
var unaryFuncs = map[string]unaryFunc{
	operators.LogicalNot: not,
	operators.Negate:     negate,
	"size":               size,
	"int":                toInt,
	"uint":               toUint,
	"double":             toDouble,
	"string":             toText,
	"bytes":              toBytes,
	"bool":               toBool,
	"timestamp":          toTimestamp,
	"duration":           toDuration,
	"dyn":                toDyn,
	"type":               toType,
}

var binaryFuncs = map[string]binaryFunc{
	operators.Equals:        equals,
	operators.NotEquals:     differs,
	operators.Less:          less,
	operators.LessEquals:    lessOrEqual,
	operators.Greater:       greater,
	operators.GreaterEquals: greaterOrEqual,
	operators.Add:           add,
	operators.Subtract:      subtract,
	operators.Multiply:      multiply,
	operators.Divide:        divide,
	operators.Modulo:        modulo,
	operators.In:            contained,
	operators.Index:         index,
	"startsWith":            startsWith,
	"endsWith":              endsWith,
	"contains":              contains,
	"inIpRange":             inIPRange,
}

// parts are the accessors of times by name.
var parts = func() map[string]part {
	out := map[string]part{}
	for p, name := range partNames {
		out[name] = part(p)
	}
	return out
}()

// binary finds a function of two arguments, or nil.
func (d Dialect) binary(name string) binaryFunc {
	switch {
	case name == "matches" && d == Exoscale:
		return matchesWhole
	case name == "matches":
		return matchesPart
	case name == "has" && d == Exoscale:
		return hasKey
	default:
		return binaryFuncs[name]
	}
}
