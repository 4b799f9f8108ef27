package policy

import (
	"strconv"

	"github.com/writ-iam/writ/internal/expr"
)

// Program is a compiled document. It is immutable and keeps no reference to its source. Its methods that take a statement's
// index panic unless 0 <= i < Len().
type Program struct {
	code code   // statements, patterns, conditions, operands
	text string // of all patterns; behind the code in memory

	// Where in code, in words, each part begins. Statements come first.
	patterns, conditions, operands uint16

	language languageIndex

	more *extra // nil for what is statements alone
}

// extra is what only some languages need.
type extra struct {
	expressions []*expr.Expr // of statements, by their numbers
	ordered     *ruleSet     // decides statements with flagOrdered; nil without any
	printed     []byte       // what Print gives, where names were resolved; nil otherwise
	warnings    []Warning    // those that only the document tells, where names were resolved
}

// Language tells in which language the document was written.
func (p *Program) Language() Language { return languages[p.language] }

// Len is the number of statements.
func (p *Program) Len() int { return int(p.patterns) / statementWords }

// Effect is what statement i does when it applies.
func (p *Program) Effect(i int) Effect { return p.statement(i).effect() }

// StatementID is the sid of statement i, or its index as text when it has none (ByCloud contract, section 16.7).
func (p *Program) StatementID(i int) string {
	s := p.statement(i)
	if !s.named() {
		return strconv.Itoa(i)
	}
	return p.textOf(s.sid())
}

// Needs tells what a query must have for statement i to match it: if Match(i, q), then q.Has one of these needs, so that a
// caller may pass over every statement of which it has none. They are computed from the patterns at each call, for callers
// that lay them out for speed.
func (p *Program) Needs(i int) []Need {
	s := p.statement(i)
	return alternatives(needsOf(p, s.actionTexts(), actionNeed), needsOf(p, s.resourceTexts(), resourceNeed))
}

// needsOf is what each pattern needs; no pattern at all is one that needs nothing.
func needsOf[T any](p *Program, of texts, need func(kind patternKind, glob string) T) []T {
	out := make([]T, max(of.n, 1))
	for i := range of.n {
		t := p.pattern(of.first + i)
		out[i] = need(t.kind, p.glob(t))
	}
	return out
}

// Match tells whether statement i applies to the query: one of its actions, one of its resources and all of its conditions
// match. When a condition cannot be answered and none is false, a deny applies and an allow does not. Match does not look
// at needs, and allocates only where a condition needs a text that nobody has given it as such (a number, or an
// action in kebab case).
func (p *Program) Match(i int, q *Query) bool {
	s := p.statement(i)
	if p.action(s, q) < 0 || s.resources > 0 && p.resource(s, q) < 0 {
		return false
	}
	if s.flags&flagOrdered != 0 {
		effect, decided := p.more.ordered.decide(q)
		return decided && effect == s.effect()
	}
	if s.conditions == 0 && s.expression == 0 {
		return true
	}
	out, _ := p.hold(s, q)
	return s.applies(out)
}

// applies is the rule of failures (design, section 5): they never grant and never lift a deny.
func (s statement) applies(out outcome) bool {
	return out == yes || out == fails && s.effect() == Deny
}

// DependsOnPrincipal tells whether a condition looks at who asks: at Context.PrincipalCRN or Context.PrincipalType. If not,
// queries that differ in these two alone get the same answers from Match. Expressions see neither of the two.
func (p *Program) DependsOnPrincipal() bool {
	for i := range int(p.operands - p.conditions) {
		switch p.condition(i).from {
		case fromPrincipalCRN, fromPrincipalType:
			return true
		}
	}
	return false
}

// AllowsEverything tells whether the program allows every action on every resource unconditionally: it has such a
// statement, and no deny at all.
func (p *Program) AllowsEverything() bool {
	everything := false
	for i := range p.Len() {
		s := p.statement(i)
		if s.effect() == Deny {
			return false
		}
		everything = everything || s.conditions == 0 && s.expression == 0 && s.excepted == 0 && s.flags&flagOrdered == 0 && p.everyAction(s) && p.everyResource(s)
	}
	return everything
}

func (p *Program) everyAction(s statement) bool {
	return p.containsAny(s.actionTexts())
}

func (p *Program) everyResource(s statement) bool {
	return s.resources == 0 || p.containsAny(s.resourceTexts())
}

func (p *Program) containsAny(of texts) bool {
	for i := range of.n {
		if p.pattern(of.first+i).kind == patternAny {
			return true
		}
	}
	return false
}

// action finds the first action pattern that matches; -1 if none, or if the action is excepted.
func (p *Program) action(s statement, q *Query) int {
	at := p.firstAction(s.actionTexts(), q)
	if at >= 0 && s.excepted > 0 && p.firstAction(s.exceptedTexts(), q) >= 0 {
		return -1
	}
	return at
}

func (p *Program) firstAction(of texts, q *Query) int {
	for i := range of.n {
		t := p.pattern(of.first + i)
		if t.kind < spelledExact && matchAction(t.kind, p.glob(t), q.action) || t.kind >= spelledExact && q.matchSpelled(t, p.glob(t)) {
			return i
		}
	}
	return -1
}

// resource finds the first resource pattern that matches; -1 if none.
func (p *Program) resource(s statement, q *Query) int {
	for i := range int(s.resources) {
		t := p.pattern(int(s.first) + int(s.actions) + i)
		if matchResource(t, p.glob(t), q) {
			return i
		}
	}
	return -1
}
