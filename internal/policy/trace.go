package policy

import (
	"fmt"
	"strconv"
	"strings"
)

// Trace tells how a statement and a query met.
type Trace struct {
	Matched         bool   // what Match answers
	Action          bool   // an action pattern matched
	Resource        bool   // a resource pattern matched, or the statement names none and so covers all
	ActionPattern   string // the first that matched, as written
	ResourcePattern string // likewise

	// Condition is the index of the condition that decided: the first that is false, or else the first that could not be
	// answered; -1 when all hold. With the latter a deny is matched all the same. Conditions are answered even when action
	// or resource did not match.
	// The expression of a statement counts as one more condition.
	Condition int
	// Failure says in a sentence what that condition demands and what it saw; of an ordered list that comes to nothing, in its
	// allowing statement, why.
	Failure string
}

// Trace answers like Match, with the reason. It may allocate.
func (p *Program) Trace(i int, q *Query) Trace {
	s := p.statement(i)
	t := Trace{Resource: s.resources == 0}
	if n := p.action(s, q); n >= 0 {
		t.Action, t.ActionPattern = true, p.textOf(int(s.first)+n)
	}
	if n := p.resource(s, q); n >= 0 {
		t.Resource, t.ResourcePattern = true, p.textOf(int(s.first)+int(s.actions)+n)
	}
	if s.flags&flagOrdered != 0 {
		return p.traceOrdered(s, q, t)
	}
	var out outcome
	out, t.Condition = p.hold(s, q)
	t.Matched = t.Action && t.Resource && s.applies(out)
	switch {
	case t.Condition == int(s.conditions):
		t.Failure = q.explain(p.more.expressions[s.expression-1])
	case t.Condition >= 0:
		t.Failure = p.failure(p.condition(int(s.firstCondition)+t.Condition), q, out)
	}
	return t
}

// traceOrdered is Trace for a list of rules. Its two statements are one document: where that comes to nothing, the allowing
// one says why, and where one of them applies, the other has failed at nothing.
func (p *Program) traceOrdered(s statement, q *Query, t Trace) Trace {
	effect, decided, why := p.more.ordered.explain(q)
	t.Condition = -1
	t.Matched = t.Action && t.Resource && decided && effect == s.effect()
	if !decided && s.effect() == Allow {
		t.Failure = why
	}
	return t
}

// Deciding names what in statement i applies to a query, or might have: the statement's id, or the place in an ordered list,
// such as services.compute.rules[1]. It may allocate.
func (p *Program) Deciding(i int, q *Query) string {
	if p.statement(i).flags&flagOrdered == 0 {
		return p.StatementID(i)
	}
	return p.more.ordered.place(q)
}

// failure makes a sentence of a condition: iam:source_ip must be in one of 10.0.0.0/8, is 192.0.2.1.
func (p *Program) failure(c condition, q *Query, out outcome) string {
	key := p.textOf(int(c.first))
	sentence := fmt.Sprintf("%s %s %s, is %s", show(key), operators[c.operator].demand, p.wanted(c), q.seen(c.from, key))
	if out == fails {
		sentence += ", which cannot be read as " + operators[c.operator].family.noun()
	}
	return sentence
}

// wanted lists the values of a condition, the first few of many.
func (p *Program) wanted(c condition) string {
	values := p.textsOf(c.valueTexts())
	more := ""
	if len(values) > maxShownValues {
		more = fmt.Sprintf(" and %d more", len(values)-maxShownValues)
		values = values[:maxShownValues]
	}
	for i := range values {
		values[i] = show(values[i])
	}
	return strings.Join(values, ", ") + more
}

// seen is the value that a condition met.
func (q *Query) seen(from source, key string) string {
	switch {
	case from == fromSourceIP && q.ctx.SourceIP.IsValid():
		return addressText(q.ctx.SourceIP)
	case from == fromNow && !q.ctx.Now.IsZero():
		return timeText(q.ctx.Now)
	case from == fromEpoch && !q.ctx.Now.IsZero():
		return strconv.FormatInt(q.ctx.Now.UnixMilli(), 10)
	case from == fromTagKeys:
		return clip(tagKeys(q.ctx.RequestTags).String())
	}
	v := q.value(from, key)
	switch v.kind {
	case stringValue:
		return show(v.text)
	default:
		return clip(v.String())
	}
}

// noun is what a family wants a context's value to be.
func (f family) noun() string {
	switch f {
	case numberFamily:
		return "a number"
	case dateFamily:
		return "a time"
	case boolFamily:
		return "true or false"
	case addressFamily:
		return "an address"
	default:
		return "a text"
	}
}
