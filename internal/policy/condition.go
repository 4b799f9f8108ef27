package policy

import (
	"net/netip"
	"time"
)

// outcome is what became of a condition: three-valued, because a value that cannot be read must neither let an allow
// apply nor keep a deny from applying (design, section 5: a failure never grants and never lifts a deny).
type outcome uint8

const (
	fails outcome = iota // the context has the key, but its value cannot be read as the operator needs
	no
	yes
)

func truth(b bool) outcome {
	if b {
		return yes
	}
	return no
}

// not is Kleene's: what could not be read stays so.
func (o outcome) not() outcome {
	switch o {
	case yes:
		return no
	case no:
		return yes
	default:
		return fails
	}
}

// hold is Kleene's conjunction of a statement's conditions and its expression: one that is false decides, else one that
// failed. It also gives the index of the condition that decided, or -1 when all hold; the expression comes last.
func (p *Program) hold(s statement, q *Query) (outcome, int) {
	out, index := yes, -1
	for i := range int(s.conditions) {
		switch p.holds(p.condition(int(s.firstCondition)+i), q) {
		case no:
			return no, i
		case fails:
			if out == yes {
				out, index = fails, i
			}
		}
	}
	if s.expression == 0 {
		return out, index
	}
	switch q.evaluate(p.more.expressions[s.expression-1]) {
	case no:
		return no, int(s.conditions)
	case fails:
		if out == yes {
			out, index = fails, int(s.conditions)
		}
	}
	return out, index
}

// holds answers one condition. A key that is absent makes positive operators false and negated ones true (contract
// section 16.7); a negated operator is the negation of its positive twin in all else, too.
func (p *Program) holds(c condition, q *Query) outcome {
	op := &operators[c.operator]
	out, present := p.positive(c, op.family, q)
	switch {
	case op.family == existsFamily:
		return truth(p.anyOperand(c, kindOf(present)))
	case op.negated:
		return out.not()
	default:
		return out
	}
}

// positive answers a condition as if its operator were not negated, and tells whether the key is there at all.
func (p *Program) positive(c condition, f family, q *Query) (out outcome, present bool) {
	switch c.from {
	case fromSourceIP:
		if !q.ctx.SourceIP.IsValid() {
			return no, false
		}
		return p.address(c, f, q.ctx.SourceIP), true
	case fromNow:
		if q.ctx.Now.IsZero() {
			return no, false
		}
		return p.instant(c, f, q.ctx.Now), true
	case fromEpoch:
		if q.ctx.Now.IsZero() {
			return no, false
		}
		return truth(p.epoch(c, f, q.ctx.Now)), true
	case fromTagKeys:
		return truth(p.anyTagKey(c, f, q.ctx.RequestTags)), len(q.ctx.RequestTags) > 0
	default:
		v := q.value(c.from, p.textOf(int(c.first)))
		if v.kind == absentValue {
			return no, false
		}
		return p.value(c, f, &v), true
	}
}

// value answers a positive operator for a value that is there. Of a list any element may match; one that cannot be read
// counts only if none matches.
func (p *Program) value(c condition, f family, v *Value) outcome {
	if v.kind != listValue {
		return p.scalar(c, f, v)
	}
	out := no
	for i := range v.nested.list {
		switch p.scalar(c, f, &v.nested.list[i]) {
		case yes:
			return yes
		case fails:
			out = fails
		}
	}
	return out
}

// scalar answers a positive operator for one text, number or truth value. A list in a list is nothing that an operator can
// read.
func (p *Program) scalar(c condition, f family, v *Value) outcome {
	if f == decimalFamily {
		return truth(p.compareDecimal(c, v))
	}
	if v.kind == listValue || v.kind == absentValue {
		return fails
	}
	switch f {
	case textFamily, foldFamily, likeFamily:
		return truth(p.matchesText(c, f, v.scalarText()))
	case numberFamily:
		if number, ok := v.asNumber(); ok {
			return truth(p.compareNumber(c, number))
		}
	case boolFamily:
		if b, ok := v.asBool(); ok {
			return truth(p.anyOperand(c, kindOf(b)))
		}
	case dateFamily:
		if t, ok := v.asTime(); ok {
			return truth(p.compareTime(c, t))
		}
	case addressFamily:
		if addr, ok := v.asAddress(); ok {
			return truth(p.inNetwork(c, addr))
		}
	}
	return fails
}

// address answers a positive operator for the caller's address.
func (p *Program) address(c condition, f family, addr netip.Addr) outcome {
	switch f {
	case addressFamily:
		return truth(p.inNetwork(c, addr.Unmap()))
	case textFamily, foldFamily:
		return truth(p.isAddress(c, addr.Unmap()))
	case likeFamily:
		return truth(p.matchesText(c, f, addressText(addr)))
	default:
		return fails
	}
}

// instant answers a positive operator for the time of the call.
func (p *Program) instant(c condition, f family, t time.Time) outcome {
	switch f {
	case dateFamily:
		return truth(p.compareTime(c, t))
	case textFamily, foldFamily:
		return truth(p.isInstant(c, t))
	case likeFamily:
		return truth(p.matchesText(c, f, timeText(t)))
	default:
		return fails
	}
}

// addressText and timeText are how explanations and "like" see what is no text.
func addressText(addr netip.Addr) string { return addr.Unmap().String() }
func timeText(t time.Time) string        { return t.UTC().Format(time.RFC3339Nano) }
