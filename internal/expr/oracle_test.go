package expr

import (
	"strings"
	"testing"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// oracle is cel-go's own evaluator, without type checks, with inIpRange: a second opinion about Scaleway's dialect, which
// is standard CEL otherwise.
func oracle(t testing.TB) *cel.Env {
	t.Helper()
	inRange := cel.BinaryBinding(func(a, b ref.Val) ref.Val {
		x, first := a.(types.String)
		y, second := b.(types.String)
		if !first || !second {
			return types.NewErr("no texts")
		}
		v, ok := inIPRange(&frame{left: MaxCost}, string(x), string(y))
		if !ok {
			return types.NewErr("not readable")
		}
		return types.Bool(v.(bool))
	})
	env, err := cel.NewEnv(
		cel.ParserRecursionLimit(MaxDepth),
		cel.Function("inIpRange",
			cel.Overload("in_range", []*cel.Type{cel.StringType, cel.StringType}, cel.BoolType, inRange)))
	if err != nil {
		t.Fatal(err)
	}
	return env
}

// ask lets the oracle evaluate; ok is false if it refuses the syntax or gives up because of its cost limit.
func ask(env *cel.Env, source string, vars values) (Result, bool) {
	ast, issues := env.Parse(source)
	if issues.Err() != nil {
		return Failed, false
	}
	program, err := env.Program(ast, cel.CostLimit(100_000))
	if err != nil {
		return Failed, false
	}
	v, _, err := program.Eval(map[string]any(vars))
	switch {
	case err != nil:
		return Failed, !strings.Contains(err.Error(), "cost limit")
	case v == types.True:
		return True, true
	case v == types.False:
		return False, true
	default:
		return NotBool, true
	}
}

// TestOracle compares with cel-go's evaluator. Where we differ, the reason is here.
func TestOracle(t *testing.T) {
	const (
		order    = "cel-go goes through maps in a random order"
		keys     = "cel-go lets any value be a key, and the last of two win; the specification does not"
		messages = "there are no messages in conditions"
	)
	known := map[string]string{
		`[1, 2, 2].exists_one(x, x == 1) && [1].existsOne(x, x == 1) && ![2, 2].exists_one(x, x == 2)`: "cel-go's parser has existsOne, but not by default",
		`{'b': 1, 'a': 2}.map(k, k) == ['a', 'b'] && {2: 0, 1: 0}.map(k, k) == [2, 1]`:                 order,
		`has(parameters.type.length)`:           "cel-go says false of what is no map; only a map has keys",
		`double('nan') < 1.0`:                   "cel-go's values say that NaN has no order, its evaluator does not ask them",
		`when.getHours('Local')`:                "an answer must not depend on where the server stands",
		`google.protobuf.Timestamp{seconds: 1}`: messages,
		`{1.5: 'a'}`:                            keys,
		`{null: 'a'}`:                           keys,
		`{[1]: 'a'}`:                            keys,
		`{'a': 1, 'a': 2}`:                      keys,
		`{1: 'a', 1u: 'b'}`:                     keys,
	}
	env, vars := oracle(t), evalVars()
	delete(vars, "odd")
	delete(vars, "oddInt")
	for _, sources := range evalTable {
		for line := range strings.Lines(sources) {
			source := strings.TrimSpace(line)
			want, ok := ask(env, source, vars)
			if source == "" || !ok || known[source] != "" {
				continue
			}
			if got, why := compile(t, Scaleway, source).Explain(vars, nil); got != want {
				t.Errorf("%s: got %s (%s), cel-go says %s", source, got, why, want)
			}
		}
	}
}
