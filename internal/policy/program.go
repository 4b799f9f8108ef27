package policy

import (
	"slices"
	"strconv"
)

// Program is a compiled document. It is immutable and keeps no reference to its source. Its methods that take a statement's
// index panic unless 0 <= i < Len().
//
// Hundreds of thousands of statements are held in memory, and a decision's time is spent waiting for it: so a program is
// one text and a few flat slices of small structs without pointers.
type Program struct {
	// What matching an action and a resource reads fills the first cache line.
	text       string    // of all patterns
	patterns   []pattern // of each statement: actions, resources, sid; then of each of its conditions: key, values
	conditions []condition

	words      []uint64 // numbers, times and addresses of conditions
	statements []statement
	language   Language
}

// Statement is one statement of a Program, for callers that lay statements out for speed. It is small and is copied.
type Statement struct {
	p *Program
	s statement
}

// Statement gives statement i.
func (p *Program) Statement(i int) Statement { return Statement{p, p.statements[i]} }

// Effect is what the statement does when it applies.
func (t *Statement) Effect() Effect { return t.s.effect() }

// statement is one statement: the ranges of Program.patterns and Program.conditions that are its own.
type statement struct {
	first          uint16
	firstCondition uint16
	actions        uint8
	resources      uint8 // 0 means every resource
	conditions     uint8
	flags          statementFlags
}

// statementFlags keeps a statement in 8 bytes. Zero denies.
type statementFlags uint8

const (
	flagAllow statementFlags = 1 << iota
	flagNamed                // the pattern after the resources is the statement's sid
)

func (s *statement) effect() Effect {
	if s.flags&flagAllow != 0 {
		return Allow
	}
	return Deny
}

func (s *statement) named() bool { return s.flags&flagNamed != 0 }

// Language tells in which language the document was written.
func (p *Program) Language() Language { return p.language }

// Len is the number of statements.
func (p *Program) Len() int { return len(p.statements) }

// Effect is what statement i does when it applies.
func (p *Program) Effect(i int) Effect { return p.statements[i].effect() }

// StatementID is the sid of statement i, or its index as text when it has none (ByCloud contract, section 16.7).
func (p *Program) StatementID(i int) string {
	s := &p.statements[i]
	if !s.named() {
		return strconv.Itoa(i)
	}
	return p.textOf(s.first + uint16(s.actions) + uint16(s.resources))
}

// Signatures tells which features a query must have for statement i to match it: if Match(i, q), then
// need &^ q.Signature() == 0 for at least one of these needs. A caller may pass over every statement for which none does. They
// are computed from the patterns at each call, for callers that lay them out for speed.
func (p *Program) Signatures(i int) []uint64 {
	s := &p.statements[i]
	return alternatives(p.needs(p.actionsOf(s), actionNeed), p.needs(p.resourcesOf(s), resourceNeed))
}

// needs is what each pattern needs; no pattern at all is one that needs nothing.
func (p *Program) needs(patterns []pattern, need func(glob string) uint64) []uint64 {
	if len(patterns) == 0 {
		return []uint64{0}
	}
	out := make([]uint64, len(patterns))
	for i, t := range patterns {
		out[i] = need(p.text[t.offset:][:t.length])
	}
	return out
}

// Match tells whether statement i applies to the query: one of its actions, one of its resources and all of its conditions
// match. When a condition cannot be answered and none is false, a deny applies and an allow does not. Match does not look
// at signatures, and allocates only where a condition needs a text that nobody has given it as such (a number, or an
// action in kebab case).
func (p *Program) Match(i int, q *Query) bool {
	t := p.Statement(i)
	return t.Match(q)
}

// Match is Program.Match for this statement.
func (t *Statement) Match(q *Query) bool {
	p, s := t.p, &t.s
	if p.action(s, q) < 0 || s.resources > 0 && p.resource(s, q) < 0 {
		return false
	}
	if s.conditions == 0 {
		return true
	}
	out, _ := p.hold(p.conditionsOf(s), q)
	return s.applies(out)
}

// applies is the rule of failures (design, section 5): they never grant and never lift a deny.
func (s *statement) applies(out outcome) bool {
	return out == yes || out == fails && s.effect() == Deny
}

// AllowsEverything tells whether the program allows every action on every resource unconditionally: it has such a
// statement, and no deny at all.
func (p *Program) AllowsEverything() bool {
	everything := false
	for i := range p.statements {
		s := &p.statements[i]
		if s.effect() == Deny {
			return false
		}
		everything = everything || s.conditions == 0 && p.everyAction(s) && p.everyResource(s)
	}
	return everything
}

func (p *Program) everyAction(s *statement) bool {
	return slices.ContainsFunc(p.actionsOf(s), pattern.any)
}

func (p *Program) everyResource(s *statement) bool {
	return s.resources == 0 || slices.ContainsFunc(p.resourcesOf(s), pattern.any)
}

func (t pattern) any() bool { return t.kind == patternAny }

// action finds the first action pattern that matches; -1 if none.
func (p *Program) action(s *statement, q *Query) int {
	for i, t := range p.actionsOf(s) {
		if matchAction(t.kind, p.text[t.offset:][:t.length], q.action) {
			return i
		}
	}
	return -1
}

// resource finds the first resource pattern that matches; -1 if none.
func (p *Program) resource(s *statement, q *Query) int {
	for i, t := range p.resourcesOf(s) {
		if matchResource(t, p.text[t.offset:][:t.length], q) {
			return i
		}
	}
	return -1
}

func (p *Program) actionsOf(s *statement) []pattern {
	return p.patterns[s.first:][:s.actions]
}

func (p *Program) resourcesOf(s *statement) []pattern {
	return p.patterns[int(s.first)+int(s.actions):][:s.resources]
}

func (p *Program) conditionsOf(s *statement) []condition {
	return p.conditions[s.firstCondition:][:s.conditions]
}

// textOf is the text of one pattern.
func (p *Program) textOf(i uint16) string {
	t := p.patterns[i]
	return p.text[t.offset:][:t.length]
}

func (p *Program) textsOf(patterns []pattern) []string {
	out := make([]string, len(patterns))
	for i, t := range patterns {
		out[i] = p.text[t.offset:][:t.length]
	}
	return out
}
