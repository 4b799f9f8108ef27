package policy

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// Print writes the program back as a document of its language, in canonical form: members in a fixed order, no spaces. It
// compiles to a program that decides and prints the same.
func (p *Program) Print() []byte {
	if p.more != nil && p.more.printed != nil {
		return slices.Clone(p.more.printed)
	}
	if p.Language() == VNGCloud {
		return p.printVNGCloud()
	}
	out := p.print(`{"version":` + `"` + statementsVersion + `",`)
	if len(out) > MaxDocument {
		// The author's document had no version and no room for one; it means the same without.
		out = p.print(`{`)
	}
	return out
}

func (p *Program) print(head string) []byte {
	out := append([]byte(head), `"statements":[`...)
	for i := range p.Len() {
		if i > 0 {
			out = append(out, ',')
		}
		out = p.printStatement(out, p.statement(i), i)
	}
	return append(out, `]}`...)
}

func (p *Program) printStatement(out []byte, s statement, i int) []byte {
	out = append(out, '{')
	if s.named() {
		out = appendQuoted(append(out, `"sid":`...), p.StatementID(i))
		out = append(out, ',')
	}
	out = appendQuoted(append(out, `"effect":`...), s.effect().String())
	out = p.printTexts(append(out, `,"actions":`...), s.actionTexts())
	if s.resources > 0 {
		out = p.printTexts(append(out, `,"resources":`...), s.resourceTexts())
	}
	for i, c := range p.conditionsOf(s) {
		if i == 0 {
			out = append(out, `,"conditions":[`...)
		} else {
			out = append(out, ',')
		}
		out = p.printCondition(out, c)
	}
	if s.conditions > 0 {
		out = append(out, ']')
	}
	return append(out, '}')
}

func (p *Program) printCondition(out []byte, c condition) []byte {
	out = appendQuoted(append(out, `{"operator":`...), c.operator.String())
	out = appendQuoted(append(out, `,"key":`...), p.textOf(int(c.first)))
	out = p.printTexts(append(out, `,"values":`...), c.valueTexts())
	return append(out, '}')
}

func (p *Program) printTexts(out []byte, of texts) []byte {
	out = append(out, '[')
	for i, text := range p.textsOf(of) {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendQuoted(out, text)
	}
	return append(out, ']')
}

// appendQuoted appends a JSON string. It cannot fail: all texts of a program are valid UTF-8, because the decoder refuses
// others.
func appendQuoted(out []byte, s string) []byte {
	out, err := jsontext.AppendQuote(out, s)
	if err != nil {
		panic(err)
	}
	return out
}
