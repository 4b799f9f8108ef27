package policy

// A program is one text: its statements, patterns, conditions and operands, eight bytes each, then the texts that they
// speak of. Hundreds of thousands of statements are held in memory and a decision's time is spent waiting for it, so what
// is read together lies together, and a program is two objects for the collector.

// code is a sequence of 64-bit words in a string, little-endian.
type code string

// at is word i. The loads become one instruction.
func (c code) at(i int) uint64 {
	b := c[8*i : 8*i+8]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// statement is one statement, in two words: the ranges of the program's patterns and conditions that are its own.
type statement struct {
	first     uint16 // its first pattern: actions, then resources, then exceptions, then perhaps the sid
	actions   uint16
	resources uint16 // 0 means every resource
	excepted  uint16 // actions that are not meant although actions match

	firstCondition uint16
	conditions     uint16
	expression     uint16 // in Program.more.expressions, plus 1; 0 is none
	flags          statementFlags
}

const statementWords = 2

// statementFlags are in the last of its numbers. Zero denies.
type statementFlags uint16

const (
	flagAllow   statementFlags = 1 << iota
	flagNamed                  // the pattern after the exceptions is the statement's sid
	flagOrdered                // Program.more.ordered decides whether it applies
)

func (s statement) effect() Effect {
	if s.flags&flagAllow != 0 {
		return Allow
	}
	return Deny
}

func (s statement) named() bool { return s.flags&flagNamed != 0 }

func (s statement) words() (first, second uint64) {
	return uint64(s.first) | uint64(s.actions)<<16 | uint64(s.resources)<<32 | uint64(s.excepted)<<48,
		uint64(s.firstCondition) | uint64(s.conditions)<<16 | uint64(s.expression)<<32 | uint64(s.flags)<<48
}

func statementOf(first, second uint64) statement {
	return statement{first: uint16(first), actions: uint16(first >> 16), resources: uint16(first >> 32), excepted: uint16(first >> 48),
		firstCondition: uint16(second), conditions: uint16(second >> 16), expression: uint16(second >> 32), flags: statementFlags(second >> 48)}
}

// pattern is a text of a program and how to match it.
type pattern struct {
	offset uint32 // in Program.text
	length uint16
	kind   patternKind
	extra  uint8 // of patternInside, where its first star is; of an address, how many of its bits count
}

func (t pattern) word() uint64 {
	return uint64(t.offset) | uint64(t.length)<<32 | uint64(t.kind)<<48 | uint64(t.extra)<<56
}

func patternOf(w uint64) pattern {
	return pattern{offset: uint32(w), length: uint16(w >> 32), kind: patternKind(w >> 48), extra: uint8(w >> 56)}
}

// condition is one condition of a program. Its key and its values are patterns first and following; what the values mean,
// where their text is not enough, is in operands.
type condition struct {
	first    uint16 // the key's pattern; the values' follow
	operands uint16 // the first value's first operand
	values   uint16
	operator operator
	from     source
}

func (c condition) word() uint64 {
	return uint64(c.first) | uint64(c.operands)<<16 | uint64(c.values)<<32 | uint64(c.operator)<<48 | uint64(c.from)<<56
}

func conditionOf(w uint64) condition {
	return condition{first: uint16(w), operands: uint16(w >> 16), values: uint16(w >> 32), operator: operator(w >> 48), from: source(w >> 56)}
}

// statement is statement i.
func (p *Program) statement(i int) statement {
	if uint(i) >= uint(p.Len()) {
		panic("policy: no such statement")
	}
	return statementOf(p.code.at(statementWords*i), p.code.at(statementWords*i+1))
}

// pattern is pattern i of the program.
func (p *Program) pattern(i int) pattern { return patternOf(p.code.at(int(p.patterns) + i)) }

// condition is condition i of the program.
func (p *Program) condition(i int) condition { return conditionOf(p.code.at(int(p.conditions) + i)) }

// operand is word i of what the conditions' values mean.
func (p *Program) operand(i int) uint64 { return p.code.at(int(p.operands) + i) }

// texts is a range of patterns.
type texts struct{ first, n int }

func (s statement) actionTexts() texts { return texts{int(s.first), int(s.actions)} }
func (s statement) resourceTexts() texts {
	return texts{int(s.first) + int(s.actions), int(s.resources)}
}
func (s statement) exceptedTexts() texts {
	return texts{int(s.first) + int(s.actions) + int(s.resources), int(s.excepted)}
}
func (s statement) sid() int {
	return int(s.first) + int(s.actions) + int(s.resources) + int(s.excepted)
}
func (c condition) valueTexts() texts { return texts{int(c.first) + 1, int(c.values)} }

// textOf is the text of pattern i.
func (p *Program) textOf(i int) string { return p.glob(p.pattern(i)) }

func (p *Program) glob(t pattern) string { return p.text[t.offset:][:t.length] }

func (p *Program) textsOf(of texts) []string {
	out := make([]string, of.n)
	for i := range out {
		out[i] = p.textOf(of.first + i)
	}
	return out
}

// conditionsOf are the conditions of a statement.
func (p *Program) conditionsOf(s statement) []condition {
	out := make([]condition, s.conditions)
	for i := range out {
		out[i] = p.condition(int(s.firstCondition) + i)
	}
	return out
}
