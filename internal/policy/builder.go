package policy

import "encoding/binary"

// builder puts a program together. Equal texts of a document are kept once: statements of one policy tend to repeat their
// patterns and keys.
type builder struct {
	statements, patterns, conditions, operands []uint64

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

// statement adds one statement: its actions, its resources and its sid as patterns, in this order, then its conditions.
//
// The indexes fit their types because of MaxDocument: no text of it, with its quotes and its comma, takes fewer than two
// bytes for each word that it makes.
func (b *builder) statement(node *statementNode) {
	s := statement{
		first:          uint16(len(b.patterns)),
		actions:        uint8(len(node.actions)),
		resources:      uint8(len(node.resources)),
		firstCondition: uint16(len(b.conditions)),
		conditions:     uint8(len(node.conditions)),
	}
	if node.effect == Allow {
		s.flags |= flagAllow
	}
	if node.sid.text != "" {
		s.flags |= flagNamed
	}
	for _, action := range node.actions {
		kind := actionKind(action.text)
		b.add(action.text, kind, globExtra(kind, action.text))
	}
	for _, resource := range node.resources {
		kind := resourceKind(resource.text)
		b.add(resource.text, kind, globExtra(kind, resource.text))
	}
	if s.named() {
		b.add(node.sid.text, patternExact, 0)
	}
	for i := range node.conditions {
		b.condition(&node.conditions[i])
	}
	b.statements = append(b.statements, s.word())
}

func (b *builder) condition(node *conditionNode) {
	from := sourceOf(node.key)
	b.conditions = append(b.conditions, condition{
		first:    uint16(len(b.patterns)),
		operands: uint16(len(b.operands)),
		values:   uint8(len(node.values)),
		operator: node.operator,
		from:     from,
	}.word())
	b.add(node.key, patternExact, 0)
	words := node.operator.words(from)
	for i, value := range node.values {
		understood := &node.operands[i]
		b.add(value.text, understood.kind, understood.extra)
		b.operands = append(b.operands, understood.words[:words]...)
	}
}

// program finishes.
func (b *builder) program(language Language) *Program {
	p := &Program{language: language.index()}
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
