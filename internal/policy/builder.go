package policy

// builder puts a program together. Equal texts of a document are kept once: statements of one policy tend to repeat their
// patterns and keys.
type builder struct {
	p       Program
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
	b.p.patterns = append(b.p.patterns, pattern{offset: offset, length: uint16(len(text)), kind: kind, extra: extra})
}

// statement adds one statement: its actions, its resources and its sid as patterns, in this order, then its conditions.
//
// The indexes fit their types because of MaxDocument: each pattern takes at least three bytes of it.
func (b *builder) statement(node *statementNode) {
	s := statement{
		first:          uint16(len(b.p.patterns)),
		actions:        uint8(len(node.actions)),
		resources:      uint8(len(node.resources)),
		firstCondition: uint16(len(b.p.conditions)),
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
	b.p.statements = append(b.p.statements, s)
}

func (b *builder) condition(node *conditionNode) {
	from := sourceOf(node.key)
	b.p.conditions = append(b.p.conditions, condition{
		first:    uint16(len(b.p.patterns)),
		words:    uint16(len(b.p.words)),
		values:   uint8(len(node.values)),
		operator: node.operator,
		from:     from,
	})
	b.add(node.key, patternExact, 0)
	words := node.operator.words(from)
	for i, value := range node.values {
		understood := &node.operands[i]
		b.add(value.text, understood.kind, understood.extra)
		b.p.words = append(b.p.words, understood.words[:words]...)
	}
}

// program finishes: every slice is cut to its size, because programs live long and are many.
func (b *builder) program(language Language) *Program {
	return &Program{
		language:   language,
		text:       string(b.text),
		statements: exact(b.p.statements),
		patterns:   exact(b.p.patterns),
		conditions: exact(b.p.conditions),
		words:      exact(b.p.words),
	}
}

// exact copies s into memory of just its size; nil when empty.
func exact[T any](s []T) []T {
	if len(s) == 0 {
		return nil
	}
	out := make([]T, len(s))
	copy(out, s)
	return out
}
