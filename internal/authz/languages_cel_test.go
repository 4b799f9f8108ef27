package authz_test

import (
	"net/netip"
	"regexp"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/writ-iam/writ/internal/policy"
)

// The answers of cel-go's evaluator. What is neither true nor false, and what fails, is told apart for nobody.
const (
	celTrue  = "true"
	celFalse = "false"
	celOther = "neither"
)

// celOpinion lets cel-go's own evaluator answer, which the engine does not use.
func celOpinion(l policy.Language, source string, vars map[string]any) string {
	program := celProgram(l, source)
	if program == nil {
		return celOther
	}
	v, _, err := program.Eval(vars)
	switch {
	case err != nil:
		return celOther
	case v == types.True:
		return celTrue
	case v == types.False:
		return celFalse
	}
	return celOther
}

// celPrograms are kept, since making one takes far longer than asking it.
var celPrograms sync.Map

type celKey struct {
	language policy.Language
	source   string
}

// celProgram is nil for what is no expression.
func celProgram(l policy.Language, source string) cel.Program {
	if kept, ok := celPrograms.Load(celKey{l, source}); ok {
		return kept.(*celKept).program
	}
	env := celEnvironments()[l]
	kept := &celKept{}
	if ast, issues := env.Parse(source); issues.Err() == nil {
		if program, err := env.Program(ast); err == nil {
			kept.program = program
		}
	}
	celPrograms.Store(celKey{l, source}, kept)
	return kept.program
}

type celKept struct{ program cel.Program }

// celEnvironments are standard CEL with what the vendors add, without type checks.
var celEnvironments = sync.OnceValue(func() map[policy.Language]*cel.Env {
	inRange := celFunction("inIpRange", celInRange)
	return map[policy.Language]*cel.Env{
		policy.Scaleway: celEnvironment(cel.StdLib(), inRange),
		policy.Exoscale: celEnvironment(
			cel.StdLib(cel.StdLibSubset(env.NewLibrarySubset().AddExcludedFunctions(env.NewFunction("matches")))),
			inRange, celFunction("matches", celMatchesWhole), celFunction("has", celHas)),
	}
})

func celEnvironment(options ...cel.EnvOption) *cel.Env {
	e, err := cel.NewCustomEnv(options...)
	if err != nil {
		panic(err)
	}
	return e
}

// celFunction declares f(x, y), which is x.f(y) as well.
func celFunction(name string, f func(a, b ref.Val) ref.Val) cel.EnvOption {
	return cel.Function(name, cel.Overload(name+"_ours", []*cel.Type{cel.DynType, cel.DynType}, cel.DynType, cel.BinaryBinding(f)))
}

// celInRange is inIpRange(ip, cidr), for IPv4 and IPv6.
func celInRange(a, b ref.Val) ref.Val {
	ip, isText := a.(types.String)
	cidr, isToo := b.(types.String)
	if !isText || !isToo {
		return types.NewErr("no texts")
	}
	address, err := netip.ParseAddr(string(ip))
	if err != nil {
		return types.NewErr("no address: %v", err)
	}
	network, err := netip.ParsePrefix(string(cidr))
	if err != nil {
		return types.NewErr("no network: %v", err)
	}
	return types.Bool(network.Contains(address))
}

// celMatchesWhole is Exoscale's matches (exoscale.md, section 10.3).
func celMatchesWhole(a, b ref.Val) ref.Val {
	text, isText := a.(types.String)
	pattern, isToo := b.(types.String)
	if !isText || !isToo {
		return types.NewErr("no texts")
	}
	re, err := regexp.Compile(`^(?:` + string(pattern) + `)$`)
	if err != nil {
		return types.NewErr("no pattern: %v", err)
	}
	return types.Bool(re.MatchString(string(text)))
}

// celHas is Exoscale's map.has('key').
func celHas(a, b ref.Val) ref.Val {
	m, isMap := a.(interface {
		Find(key ref.Val) (ref.Val, bool)
	})
	key, isText := b.(types.String)
	if !isMap || !isText {
		return types.NewErr("no map, or no text")
	}
	_, found := m.Find(key)
	return types.Bool(found)
}
