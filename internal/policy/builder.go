package policy

import (
	"encoding/binary"
	"math"

	"github.com/writ-iam/writ/internal/expr"
)

// builder puts a program together. Equal texts of a document are kept once: statements of one policy tend to repeat their
// patterns and keys.
type builder struct {
	statements, patterns, conditions, operands []uint64

	more extra

	text    []byte
	offsets map[string]uint32
}

// add appends one text as a pattern.
func (b *builder) add(text string, kind patternKind, extra uint8) {
	offset, ok := b.offsets[text]
	if !ok {
		if b.offsets == nil {
			b.offsets = map[string]uint32{}
		}
		offset = uint32(len(b.text))
		b.offsets[text] = offset
		b.text = append(b.text, text...)
	}
	b.patterns = append(b.patterns, pattern{offset: offset, length: uint16(len(text)), kind: kind, extra: extra}.word())
}

// maxWords is what indexes of 16 bits reach. A document of MaxDocument bytes stays below: none of its texts, with quotes and
// comma, takes fewer than two bytes for each word that it makes. Names that stand for long lists can exceed it.
const maxWords = math.MaxUint16

// parts is a statement in the making.
type parts struct {
	effect     Effect
	sid        string
	actions    []glob
	resources  []glob
	excepted   []glob // actions
	conditions []conditionNode
	expression *expr.Expr
	flags      statementFlags // beside those that the fields above make
}

// glob is a pattern in the making.
type glob struct {
	text string
	kind patternKind
}

// statement adds one statement.
func (b *builder) statement(of *parts) {
	s := statement{
		first:          uint16(len(b.patterns)),
		actions:        uint16(len(of.actions)),
		resources:      uint16(len(of.resources)),
		excepted:       uint16(len(of.excepted)),
		firstCondition: uint16(len(b.conditions)),
		conditions:     uint16(len(of.conditions)),
		flags:          of.flags,
	}
	if of.effect == Allow {
		s.flags |= flagAllow
	}
	if of.sid != "" {
		s.flags |= flagNamed
	}
	for _, list := range [][]glob{of.actions, of.resources, of.excepted} {
		for _, g := range list {
			b.add(g.text, g.kind, globExtra(g.kind, g.text))
		}
	}
	if s.named() {
		b.add(of.sid, patternExact, 0)
	}
	for i := range of.conditions {
		b.condition(&of.conditions[i])
	}
	if of.expression != nil {
		b.more.expressions = append(b.more.expressions, of.expression)
		s.expression = uint16(len(b.more.expressions))
	}
	first, second := s.words()
	b.statements = append(b.statements, first, second)
}

func (b *builder) condition(node *conditionNode) {
	b.conditions = append(b.conditions, condition{
		first:    uint16(len(b.patterns)),
		operands: uint16(len(b.operands)),
		values:   uint16(len(node.values)),
		operator: node.operator,
		from:     node.from,
	}.word())
	b.add(node.key, patternExact, 0)
	words := node.operator.words(node.from)
	for i, value := range node.values {
		understood := &node.operands[i]
		b.add(value.text, understood.kind, understood.extra)
		b.operands = append(b.operands, understood.words[:words]...)
	}
}

// fits tells whether the program's indexes reach all of it. A builder that does not fit must not be made a program.
func (b *builder) fits() bool {
	return len(b.statements)+len(b.patterns)+len(b.conditions)+len(b.operands) <= maxWords
}

// program finishes.
func (b *builder) program(language Language) *Program {
	p := &Program{language: language.index()}
	if b.more.ordered != nil || b.more.expressions != nil || b.more.printed != nil {
		more := b.more
		p.more = &more
	}
	var words []uint64
	words = append(words, b.statements...)
	p.patterns = uint16(len(words))
	words = append(words, b.patterns...)
	p.conditions = uint16(len(words))
	words = append(words, b.conditions...)
	p.operands = uint16(len(words))
	words = append(words, b.operands...)
	all := make([]byte, 0, 8*len(words)+len(b.text))
	for _, w := range words {
		all = binary.LittleEndian.AppendUint64(all, w)
	}
	whole := string(append(all, b.text...))
	p.code, p.text = code(whole[:8*len(words)]), whole[8*len(words):]
	return p
}
