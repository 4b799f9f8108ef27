package policy

import (
	"cmp"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/writ-iam/writ/internal/expr"
)

// exoscaleParser reads a document of Exoscale's (contract, sections 4, 10.1 and 14).
//
// Members that the language does not have are passed over, as the contract says (section 14.7), with a warning. No mistyped
// name widens a grant: what decides must be there, and a class without rules allows nothing.
//
// An expression may be any text (section 14.5): one that is none makes a rule that never holds. The document is compiled only
// when all of it has been read, so that a document which is refused costs little.
type exoscaleParser struct {
	*reader
	strategy string
	services []exoscaleService
	remarks  []remark
	rules    int // of all classes
	bytes    int // of all expressions

	assume bool             // see CompileAssume
	alone  *exoscaleService // the rules of an assume policy that has nothing else
}

// exoscaleService and exoscaleRule are a document as read. nil lists were not given.
type exoscaleService struct {
	name, place string
	kind        string
	rules       []exoscaleRule
}

type exoscaleRule struct {
	action     string
	expression located
	path       string // of the expression
	resources  []string
}

// remark is a warning and where in the document it stands.
type remark struct {
	offset int
	Warning
}

func compileExoscale(source []byte) (*Program, error) {
	p := exoscaleParser{reader: newReader(source)}
	if err := p.document(); err != nil {
		return nil, err
	}
	return p.program(), nil
}

func (p *exoscaleParser) document() error {
	if len(p.source) > MaxExoscaleDocument {
		return p.errorf(MaxExoscaleDocument, "the document has %d bytes; at most %d are allowed", len(p.source), MaxExoscaleDocument)
	}
	start := p.next()
	if err := p.object(p.top); err != nil {
		return err
	}
	end := p.next()
	if _, err := p.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return p.errorf(end, "nothing may follow the document")
	}
	if p.assume {
		if err := p.standAlone(start); err != nil {
			return err
		}
	}
	switch {
	case p.strategy == "":
		return p.errorAt(start, defaultStrategy, "is missing; use allow or deny")
	case p.services == nil:
		return p.errorAt(start, "services", "is missing; it may be {}")
	}
	return nil
}

func (p *exoscaleParser) top(name located) (err error) {
	switch name.text {
	case defaultStrategy:
		p.enter(name.text)
		p.strategy, err = p.word("strategy", "allow", "deny")
	case "services":
		err = p.allServices()
	case "rules":
		if !p.assume {
			return p.ignore(name)
		}
		p.alone = assumeService()
		p.alone.rules, err = p.ruleList()
	default:
		err = p.ignore(name)
	}
	return err
}

// enter extends the path by a member's name that is not plain; the reader does so for others.
func (p *exoscaleParser) enter(name string) {
	if !plainName(name) {
		p.path = append(p.path, placeBelow(string(p.path), name)[len(p.path):]...)
	}
}

// placeBelow is the place of a member: services.compute-legacy, services["a b"].
func placeBelow(place, name string) string {
	if !plainName(strings.ReplaceAll(name, "-", "_")) {
		return place + "[" + strconv.Quote(clip(name)) + "]"
	}
	if place == "" {
		return name
	}
	return place + "." + name
}

// word reads one of some words.
func (p *exoscaleParser) word(what string, words ...string) (string, error) {
	got, err := p.text()
	if err == nil && !slices.Contains(words, got.text) {
		last := len(words) - 1
		err = p.errorf(got.offset, "unknown %s %s; use %s or %s", what, show(got.text), strings.Join(words[:last], ", "), words[last])
	}
	return got.text, err
}

// ignore passes over a member that has no meaning.
func (p *exoscaleParser) ignore(name located) error {
	p.enter(name.text)
	p.remark(name.offset, string(p.path), "is no member that the language has; it is ignored")
	return p.syntax(p.decoder.SkipValue())
}

func (p *exoscaleParser) remark(offset int, path, message string) {
	if len(p.remarks) < maxWarnings {
		p.remarks = append(p.remarks, remark{offset, Warning{path, message}})
	}
}

// allServices reads the classes. null stands for none, because the vendor's Go client writes it so (contract, section 4).
func (p *exoscaleParser) allServices() error {
	p.services = []exoscaleService{}
	if p.decoder.PeekKind() == 'n' {
		_, err := p.decoder.ReadToken()
		return p.syntax(err)
	}
	return p.object(func(name located) error {
		if len(p.services) == MaxExoscaleClasses {
			return p.errorf(name.offset, "too many classes; at most %d are allowed", MaxExoscaleClasses)
		}
		p.enter(name.text)
		if strings.ToLower(name.text) != name.text {
			p.remark(name.offset, string(p.path), "is the class of no service, because classes are in lower case; it has no effect")
		}
		return p.service(name.text)
	})
}

func (p *exoscaleParser) service(name string) error {
	start := p.next()
	s := exoscaleService{name: name, place: placeBelow("services", name)}
	rulesAt := 0
	err := p.object(func(name located) (err error) {
		switch name.text {
		case "type":
			s.kind, err = p.word("type", "allow", "deny", "rules")
		case "rules":
			rulesAt = name.offset
			s.rules, err = p.ruleList()
		default:
			err = p.ignore(name)
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case s.kind == "":
		return p.errorAt(start, "type", "is missing; use allow, deny or rules")
	case s.kind != "rules" && s.rules != nil:
		p.remark(rulesAt, s.place+".rules", "has no effect, because type is "+s.kind)
	}
	p.services = append(p.services, s)
	return nil
}

func (p *exoscaleParser) ruleList() ([]exoscaleRule, error) {
	rules := []exoscaleRule{}
	err := p.array(MaxExoscaleRules, "rules", func(int) error {
		if p.rules++; p.rules > MaxExoscaleRules {
			return p.errorf(p.next(), "too many rules in the document; at most %d are allowed", MaxExoscaleRules)
		}
		rule, err := p.rule()
		rules = append(rules, rule)
		return err
	})
	return rules, err
}

func (p *exoscaleParser) rule() (r exoscaleRule, err error) {
	start, hasExpression := p.next(), false
	err = p.object(func(name located) (err error) {
		switch name.text {
		case "action":
			r.action, err = p.word("action", "allow", "deny")
		case "expression":
			hasExpression, r.path = true, string(p.path)
			r.expression, err = p.expression()
		case "resources":
			p.remark(name.offset, string(p.path), "has no effect; compare resources in the expression")
			r.resources, err = p.resources()
		default:
			err = p.ignore(name)
		}
		return err
	})
	switch {
	case err != nil:
		return r, err
	case r.action == "":
		return r, p.errorAt(start, "action", "is missing; use allow or deny")
	case !hasExpression:
		return r, p.errorAt(start, "expression", "is missing")
	}
	return r, nil
}

// expression reads the text of one, whatever it is.
func (p *exoscaleParser) expression() (located, error) {
	text, err := p.text()
	if err != nil {
		return text, err
	}
	p.bytes += len(text.text)
	switch {
	case len(text.text) > expr.MaxSource:
		err = p.errorf(text.offset, "has %d bytes; at most %d are allowed", len(text.text), expr.MaxSource)
	case p.bytes > MaxExoscaleExpressions:
		err = p.errorf(text.offset, "the expressions of the document have more than %d bytes together", MaxExoscaleExpressions)
	}
	return text, err
}

func (p *exoscaleParser) resources() ([]string, error) {
	out := []string{}
	err := p.array(MaxResources, "resources", func(int) error {
		text, err := p.text()
		out = append(out, text.text)
		return err
	})
	return out, err
}

// program compiles what was read.
func (p *exoscaleParser) program() *Program {
	set := &ruleSet{classes: make(map[string]*class, len(p.services)), fallback: effectNamed(p.strategy)}
	for i := range p.services {
		set.classes[p.services[i].name] = p.class(&p.services[i])
	}
	slices.SortStableFunc(p.remarks, func(a, b remark) int { return cmp.Compare(a.offset, b.offset) })
	for _, r := range p.remarks {
		set.warnings = append(set.warnings, r.Warning)
	}
	b := builder{more: extra{ordered: set, printed: p.print()}}
	for _, effect := range []Effect{Deny, Allow} {
		b.statement(&parts{effect: effect, actions: []glob{{"*", patternAny}}, flags: flagOrdered})
	}
	return b.program(Exoscale)
}

func effectNamed(word string) Effect {
	if word == "allow" {
		return Allow
	}
	return Deny
}

func (p *exoscaleParser) class(s *exoscaleService) *class {
	c := &class{place: s.place, fixed: s.kind != "rules", effect: effectNamed(s.kind)}
	if c.fixed {
		return c
	}
	for i := range s.rules {
		c.rules = append(c.rules, p.compiled(&s.rules[i]))
	}
	return c
}

func (p *exoscaleParser) compiled(r *exoscaleRule) rule {
	e, err := expr.Compile(expr.Exoscale, r.expression.text)
	if err != nil {
		problem := clip(err.Error())
		p.remark(r.expression.offset, r.path, "is no expression, so the rule never holds: "+problem)
		return rule{action: effectNamed(r.action), problem: problem}
	}
	for _, name := range e.Names() {
		if !knownToExoscale(name) {
			p.remark(r.expression.offset, r.path, "there is no variable "+show(name)+"; what asks for it fails")
		}
	}
	return rule{action: effectNamed(r.action), expression: e}
}

// print writes the document in canonical form: members in a fixed order and classes in the order of their bytes, without
// spaces and members that have no meaning. It is never longer than the document.
func (p *exoscaleParser) print() []byte {
	services := slices.Clone(p.services)
	slices.SortFunc(services, func(a, b exoscaleService) int { return strings.Compare(a.name, b.name) })
	out := appendQuoted([]byte(`{"`+defaultStrategy+`":`), p.strategy)
	out = append(out, `,"services":{`...)
	for i := range services {
		if i > 0 {
			out = append(out, ',')
		}
		out = services[i].print(out)
	}
	return slices.Clip(append(out, `}}`...))
}

func (s *exoscaleService) print(out []byte) []byte {
	out = append(appendQuoted(out, s.name), `:{"type":`...)
	out = appendQuoted(out, s.kind)
	if s.rules == nil {
		return append(out, '}')
	}
	out = append(out, `,"rules":[`...)
	for i := range s.rules {
		if i > 0 {
			out = append(out, ',')
		}
		out = s.rules[i].print(out)
	}
	return append(out, `]}`...)
}

func (r *exoscaleRule) print(out []byte) []byte {
	out = appendQuoted(append(out, `{"action":`...), r.action)
	out = appendQuoted(append(out, `,"expression":`...), r.expression.text)
	if r.resources == nil {
		return append(out, '}')
	}
	out = append(out, `,"resources":[`...)
	for i, text := range r.resources {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendQuoted(out, text)
	}
	return append(out, `]}`...)
}
