package policy

import (
	"fmt"
	"strings"

	"github.com/writ-iam/writ/internal/expr"
)

// A document of Exoscale's gives each class of services a decision of its own: a fixed one, or rules of which the first whose
// expression is true decides (contract, section 10). Its program is two statements for every action and resource: the first
// denies and the second allows, whenever that is what the document comes to. When it comes to nothing, neither applies.

// ruleSet is a compiled document of Exoscale's.
type ruleSet struct {
	classes  map[string]*class
	fallback Effect // default-service-strategy
	warnings []Warning
}

// class is what a document says of one class of services.
type class struct {
	place  string // services.compute
	fixed  bool   // type is allow or deny, and no rule is asked
	effect Effect // if fixed
	rules  []rule
}

// rule decides where its expression is true.
type rule struct {
	action     Effect
	expression *expr.Expr // nil for a text that is none; it is never true
	problem    string     // of such a text
}

// defaultStrategy is the member that decides for classes which a document does not name.
const defaultStrategy = "default-service-strategy"

// decide gives the outcome for a query (contract, section 10.2); decided is false when it is nothing: no rule of the class
// holds, or the class is not named and the default is deny. That denies as what no statement allows does.
func (r *ruleSet) decide(q *Query) (effect Effect, decided bool) {
	c := r.classes[q.class()]
	switch {
	case c == nil:
		return r.fallback, r.fallback == Allow
	case c.fixed:
		return c.effect, true
	}
	i := c.first(q)
	if i < 0 {
		return Deny, false
	}
	return c.rules[i].action, true
}

// place is where in the document the outcome comes from.
func (r *ruleSet) place(q *Query) string {
	c := r.classes[q.class()]
	switch {
	case c == nil:
		return defaultStrategy
	case c.fixed:
		return c.place + ".type"
	}
	if i := c.first(q); i >= 0 {
		return fmt.Sprintf("%s.rules[%d]", c.place, i)
	}
	return c.place + ".rules"
}

// explain is decide with the place that decided ("services.iam.rules[1]"), or in a sentence why none did.
func (r *ruleSet) explain(q *Query) (effect Effect, decided bool, why string) {
	if effect, decided = r.decide(q); decided {
		return effect, true, r.place(q)
	}
	if c := r.classes[q.class()]; c != nil {
		return effect, false, c.miss(q)
	}
	return effect, false, "services does not name the class " + show(q.class()) + ", and " + defaultStrategy + " is deny"
}

// class is the class of the action's service as Exoscale spells it, in lower case. A service means the same whatever the case
// of its letters, as natively; so a class cannot be evaded by them.
func (q *Query) class() string {
	service, _, _ := strings.Cut(q.action, ":")
	return q.dictionary.class(strings.ToLower(service))
}

// ruling is which rule of a class decides for the query that a scratch is about; -1 is none.
type ruling struct {
	of   *class
	rule int
}

// rulings are the latest. A program is asked twice, once for each of its statements; its expressions are answered once unless
// many more programs are asked in between.
type rulings struct {
	latest [8]ruling
	n      int // how many there were
}

func (r *rulings) find(c *class) (rule int, ok bool) {
	for i := range r.latest[:min(r.n, len(r.latest))] {
		if r.latest[i].of == c {
			return r.latest[i].rule, true
		}
	}
	return 0, false
}

func (r *rulings) add(c *class, rule int) {
	r.latest[r.n%len(r.latest)] = ruling{c, rule}
	r.n++
}

// first is the first rule that holds; -1 if none does. Once a bound on costs is met, none does any more: the rule that could
// not be answered might have denied.
func (c *class) first(q *Query) int {
	s := q.look()
	if s.budget.Exceeded() {
		return -1
	}
	i, known := s.rulings.find(c)
	if !known {
		i = c.evaluate(s)
		s.rulings.add(c, i)
	}
	return i
}

func (c *class) evaluate(s *scratch) int {
	for i := range c.rules {
		e := c.rules[i].expression
		if e == nil {
			continue
		}
		result := e.Eval((*exoscaleVars)(s.vars), s.budget)
		if s.budget.Exceeded() {
			return -1
		}
		if result == expr.True {
			return i
		}
	}
	return -1
}

// miss says why no rule decided.
func (c *class) miss(q *Query) string {
	s := q.look()
	if s.budget.Exceeded() {
		return "the rules of " + c.place + " cost more than one decision may"
	}
	if len(c.rules) == 0 {
		return c.place + " has no rules, so nothing of the class is allowed"
	}
	var b strings.Builder
	b.WriteString("no rule of " + c.place + " holds: ")
	for i := range c.rules {
		if i > 0 {
			b.WriteString("; ")
		}
		if i == maxShownValues || s.budget.Exceeded() {
			fmt.Fprintf(&b, "and %d more", len(c.rules)-i)
			break
		}
		fmt.Fprintf(&b, "rules[%d] %s", i, c.rules[i].miss(s))
	}
	return b.String()
}

// miss says why a rule does not hold: that it is false, failed or is no truth value, and on what values.
func (r *rule) miss(s *scratch) string {
	if r.expression == nil {
		return "is no expression: " + r.problem
	}
	_, why := r.expression.Explain((*exoscaleVars)(s.vars), s.budget)
	return clip(strings.TrimPrefix(why, "it "))
}

func (p *Program) warnExoscale() []Warning { return append([]Warning(nil), p.more.ordered.warnings...) }
