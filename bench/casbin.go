package main

import (
	_ "embed"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"

	"github.com/writ-iam/writ/internal/benchdata"
)

//go:embed casbin.conf
var casbinModel string

// casbinEngine has one rule for each statement, and the groups as roles.
type casbinEngine struct {
	names    []string
	enforcer *casbin.Enforcer
}

func newCasbin(names []string) Engine { return &casbinEngine{names: names} }

func (e *casbinEngine) Load(w *benchdata.Workload) error {
	m, err := model.NewModelFromString(casbinModel)
	if err != nil {
		return err
	}
	if e.enforcer, err = casbin.NewEnforcer(m); err != nil {
		return err
	}
	e.enforcer.AddFunction("matches", casbinMatches)
	e.enforcer.AddFunction("holds", casbinHolds)
	if _, err := e.enforcer.AddPoliciesEx(casbinRules(w)); err != nil {
		return err
	}
	_, err = e.enforcer.AddGroupingPoliciesEx(casbinMembers(w, e.names))
	return err
}

func (e *casbinEngine) Decide(r *benchdata.Request) (bool, error) {
	return e.enforcer.Enforce(e.names[r.Principal], r.Action, r.Resource, r)
}

// casbinRules are the statements as rules. Casbin has equal rules once only; AddPoliciesEx passes over the others.
func casbinRules(w *benchdata.Workload) [][]string {
	var rules [][]string
	for i, g := range w.Groups {
		for _, p := range g.Policies {
			for _, s := range p.Statements {
				effect := "allow"
				if s.Deny {
					effect = "deny"
				}
				rules = append(rules, []string{groupName(i), joined(s.Actions), joined(s.Resources),
					casbinCondition(s.Condition), effect})
			}
		}
	}
	return rules
}

func casbinMembers(w *benchdata.Workload, names []string) [][]string {
	var rules [][]string
	for i, groups := range w.Members {
		for _, g := range groups {
			rules = append(rules, []string{names[i], groupName(g)})
		}
	}
	return rules
}

// casbinCondition writes a condition as a kind and a value, which casbinHolds reads.
func casbinCondition(c benchdata.Condition) string {
	switch {
	case c.Source.IsValid():
		return "source=" + c.Source.String()
	case c.Env != "":
		return "env=" + c.Env
	case !c.Before.IsZero():
		return "before=" + strconv.FormatInt(c.Before.Unix(), 10)
	}
	return ""
}

// casbinMatches is matches(text, patterns) of the matcher.
func casbinMatches(args ...any) (any, error) {
	return anyGlob(args[1].(string), args[0].(string)), nil
}

// casbinHolds is holds(request, condition) of the matcher.
func casbinHolds(args ...any) (any, error) {
	r := args[0].(*benchdata.Request)
	kind, value, _ := strings.Cut(args[1].(string), "=")
	switch kind {
	case "":
		return true, nil
	case "source":
		prefix, err := netip.ParsePrefix(value)
		return prefix.Contains(r.Source), err
	case "env":
		return r.Env == value, nil
	case "before":
		seconds, err := strconv.ParseInt(value, 10, 64)
		return r.Time.Unix() < seconds, err
	}
	return nil, fmt.Errorf("unknown condition %q", kind)
}
