package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/types"

	"github.com/writ-iam/writ/internal/benchdata"
)

//go:embed authz.rego
var opaProgram string

// opa has the statements and memberships as data, and a prepared query.
type opa struct {
	names []string
	query rego.PreparedEvalQuery
}

func newOPA(names []string) Engine { return &opa{names: names} }

func (e *opa) Load(w *benchdata.Workload) (err error) {
	store := inmem.NewFromObjectWithOpts(map[string]any{"members": opaMembers(w, e.names), "groups": opaGroups(w)},
		inmem.OptReturnASTValuesOnRead(true), inmem.OptRoundTripOnWrite(false))
	e.query, err = rego.New(rego.Query("data.authz.allow"), rego.Module("authz.rego", opaProgram), rego.Store(store),
		rego.Function2(opaGlob, anyOpaGlob)).PrepareForEval(context.Background())
	return err
}

// The keys of the input, which are the same for all requests.
var (
	keyPrincipal = ast.InternedTerm("principal")
	keyAction    = ast.InternedTerm("action")
	keyResource  = ast.InternedTerm("resource")
	keySource    = ast.InternedTerm("source")
	keyEnv       = ast.InternedTerm("env")
	keyNow       = ast.InternedTerm("now")
)

func (e *opa) Decide(r *benchdata.Request) (bool, error) {
	input := ast.NewObject(
		ast.Item(keyPrincipal, ast.StringTerm(e.names[r.Principal])),
		ast.Item(keyAction, ast.StringTerm(r.Action)),
		ast.Item(keyResource, ast.StringTerm(r.Resource)),
		ast.Item(keySource, ast.StringTerm(r.Source.String())),
		ast.Item(keyEnv, ast.StringTerm(r.Env)),
		ast.Item(keyNow, ast.NumberTerm(seconds(r.Time.Unix()))),
	)
	results, err := e.query.Eval(context.Background(), rego.EvalParsedInput(input))
	if err != nil {
		return false, err
	}
	if len(results) != 1 || len(results[0].Expressions) != 1 {
		return false, errors.New("opa: no answer")
	}
	return results.Allowed(), nil
}

func opaMembers(w *benchdata.Workload, names []string) map[string]any {
	members := map[string]any{}
	for i, groups := range w.Members {
		members[names[i]] = []any{groupName(groups[0]), groupName(groups[1]), groupName(groups[2])}
	}
	return members
}

// opaGroups are the statements of each group, allow and deny apart.
func opaGroups(w *benchdata.Workload) map[string]any {
	groups := map[string]any{}
	for i, g := range w.Groups {
		allow, deny := []any{}, []any{}
		for _, p := range g.Policies {
			for _, s := range p.Statements {
				if s.Deny {
					deny = append(deny, opaStatement(&s))
				} else {
					allow = append(allow, opaStatement(&s))
				}
			}
		}
		groups[groupName(i)] = map[string]any{"allow": allow, "deny": deny}
	}
	return groups
}

// opaStatement is a statement as data. Its globs are joined, as any_glob wants them.
func opaStatement(s *benchdata.Statement) map[string]any {
	kind, value := opaCondition(s.Condition)
	return map[string]any{"actions": joined(s.Actions), "resources": joined(s.Resources), "kind": kind, "value": value}
}

func opaCondition(c benchdata.Condition) (kind string, value any) {
	switch {
	case c.Source.IsValid():
		return "source", c.Source.String()
	case c.Env != "":
		return "env", c.Env
	case !c.Before.IsZero():
		return "before", seconds(c.Before.Unix())
	}
	return "always", ""
}

// seconds is a number as OPA has it.
func seconds(n int64) json.Number { return json.Number(strconv.FormatInt(n, 10)) }

// opaGlob declares any_glob(patterns, text). With OPA's own glob.match, which makes a key for its cache of compiled
// globs on every call and holds 100 of them unless told otherwise, a decision takes about twice as long.
var opaGlob = &rego.Function{
	Name: "any_glob",
	Decl: types.NewFunction(types.Args(types.S, types.S), types.B),
}

func anyOpaGlob(_ rego.BuiltinContext, patterns, text *ast.Term) (*ast.Term, error) {
	p, ok := patterns.Value.(ast.String)
	t, both := text.Value.(ast.String)
	if !ok || !both {
		return nil, errors.New("any_glob wants texts")
	}
	return ast.InternedTerm(anyGlob(string(p), string(t))), nil
}
