package policy

import (
	"cmp"
	"net/netip"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/expr"
)

// Scratch is what the expressions of one decision share: the bound on their cost, and what they see of the query.
//
// What an expression can reach lives on the heap. A query and its context shall not, so that a decision without expressions
// allocates nothing. The compiler tells the two apart by how many pointers lie between: what leaves for the heap here is three
// steps away from the query, or copied. That is why scratch is two structs, why texts are cloned, and why Context has More.
// TestAllocations in authz guards it.
type Scratch struct {
	deep *scratch
}

type scratch struct {
	budget  *expr.Budget
	vars    *variables
	rulings rulings // of Exoscale's rules, for the query that vars are of
}

// Exhausted tells whether a bound on what expressions may cost was met. What did not match then might have, so the decision
// must be a denial. A nil Scratch is not exhausted.
func (s *Scratch) Exhausted() bool { return s != nil && s.deep.budget.Exceeded() }

// Spent tells how many units the expressions have cost so far; they may cost MaxDecisionCost together. A nil Scratch has spent
// none.
func (s *Scratch) Spent() int {
	if s == nil {
		return 0
	}
	return s.deep.budget.Spent()
}

// variables are what expressions see of a query.
type variables struct {
	service, typ, id string // of the resource's CRN, natively; "" when it is none
	class            string // of the action's service, as Exoscale spells it
	operation        string // as Exoscale spells it
	sourceIP         netip.Addr
	now              time.Time
	userAgent        string
	zone             string
	more             *More

	request, resource map[string]any // as Scaleway has them; nil until asked for
	exoscale          exoscaleTexts  // made of the above when asked for
}

// look gives the scratch, about this query.
func (q *Query) look() *scratch {
	if q.scratch == nil {
		q.scratch = &Scratch{&scratch{budget: new(expr.Budget), vars: new(variables)}}
	}
	if !q.looked {
		q.looked = true
		q.see(q.scratch.deep.vars)
		q.scratch.deep.rulings = rulings{}
	}
	return q.scratch.deep
}

// see copies what expressions may see.
func (q *Query) see(v *variables) {
	c := q.ctx
	*v = variables{
		service: strings.Clone(q.service), typ: strings.Clone(q.typ), id: strings.Clone(q.identifier),
		class:     strings.Clone(q.class()),
		operation: strings.Clone(cmp.Or(c.Operation, q.dictionary.operation(q.action))),
		userAgent: strings.Clone(c.UserAgent),
		zone:      strings.Clone(c.Zone),
		more:      &noMore,
	}
	if c.SourceIP.IsValid() {
		v.sourceIP = netip.AddrFrom16(c.SourceIP.As16()).Unmap() // without zone, which no rule of networks knows
	}
	if !c.Now.IsZero() {
		v.now = time.Unix(c.Now.Unix(), int64(c.Now.Nanosecond())).UTC()
	}
	if c.More != nil {
		v.more = &More{APIKey: strings.Clone(c.More.APIKey), Identity: c.More.Identity, Parameters: c.More.Parameters,
			Resources: c.More.Resources, Headers: c.More.Headers, Call: c.More.Call}
	}
}

var noMore More

// evaluate answers a condition that is an expression; those are Scaleway's. What is no truth value cannot be read as one.
func (q *Query) evaluate(e *expr.Expr) outcome {
	s := q.look()
	switch e.Eval((*scalewayVars)(s.vars), s.budget) {
	case expr.True:
		return yes
	case expr.False:
		return no
	default:
		return fails
	}
}

// explain says in a sentence why an expression does not hold.
func (q *Query) explain(e *expr.Expr) string {
	s := q.look()
	result, why := e.Explain((*scalewayVars)(s.vars), s.budget)
	sentence := show(e.Source()) + " is " + result.String()
	if why != "" {
		sentence += ": " + why
	}
	return sentence
}
