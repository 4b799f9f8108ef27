package policy

import (
	"fmt"
	"strings"
)

// statementsVersion is the only version of the native language (ByCloud contract, section 16.7).
const statementsVersion = "2024-01-01"

// statementNode and conditionNode are a document as read: sizes and spelling are checked, values are not yet understood.
type statementNode struct {
	sid        located
	effect     Effect
	actions    []located
	resources  []located // nil when absent, which means every resource
	conditions []conditionNode
}

type conditionNode struct {
	operator operator
	key      string
	from     source
	values   []located
	operands []operand // the values, understood
}

// statementsParser reads the native language (ByCloud contract, sections 11, 16.4 and 16.7).
//
// Members that the language does not have are refused at every level. The contract ignores unknown members of request
// bodies; inside a document a mistyped "conditions" or "resources" would silently widen what is granted.
type statementsParser struct {
	*reader
	sids map[string]bool
	b    builder
}

func compileStatements(source []byte) (*Program, error) {
	p := statementsParser{reader: newReader(source), sids: map[string]bool{}}
	start, seen := p.next(), false
	err := p.document(func(name located) error {
		switch name.text {
		case "version":
			return p.version()
		case "statements":
			seen = true
			return p.statements()
		default:
			return p.unknown(name, "version and statements")
		}
	})
	if err != nil {
		return nil, err
	}
	if !seen {
		return nil, p.errorAt(start, "statements", "is missing; name at least one")
	}
	return p.b.program(Statements), nil
}

func (p *statementsParser) version() error {
	version, err := p.text()
	if err == nil && version.text != statementsVersion {
		err = p.errorf(version.offset, "unknown version %s; use %q or leave it out", show(version.text), statementsVersion)
	}
	return err
}

func (p *statementsParser) statements() error {
	start := p.next()
	count := 0
	err := p.array(MaxStatements, "statements", func(i int) error {
		count++
		return p.statement()
	})
	if err == nil && count == 0 {
		err = p.errorf(start, "needs at least one of statements")
	}
	return err
}

func (p *statementsParser) statement() error {
	start := p.next()
	var node statementNode
	var hasEffect bool
	err := p.object(func(name located) (err error) {
		switch name.text {
		case "sid":
			node.sid, err = p.sid()
		case "effect":
			hasEffect = true
			node.effect, err = p.effect()
		case "actions":
			node.actions, err = p.texts(MaxActions, "actions", checkAction)
		case "resources":
			node.resources, err = p.texts(MaxResources, "resources", checkResource)
		case "conditions":
			node.conditions, err = p.conditions()
		default:
			err = p.unknown(name, "sid, effect, actions, resources and conditions")
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case !hasEffect:
		return p.errorAt(start, "effect", "is missing; use allow or deny")
	case node.actions == nil:
		return p.errorAt(start, "actions", "is missing; name at least one")
	}
	p.b.statement(node.parts())
	return nil
}

// parts understands the patterns of a statement.
func (node *statementNode) parts() *parts {
	out := &parts{effect: node.effect, sid: node.sid.text, conditions: node.conditions}
	for _, action := range node.actions {
		out.actions = append(out.actions, glob{action.text, actionKind(action.text)})
	}
	for _, resource := range node.resources {
		out.resources = append(out.resources, glob{resource.text, resourceKind(resource.text)})
	}
	return out
}

func (p *statementsParser) sid() (located, error) {
	sid, err := p.text()
	if err != nil {
		return sid, err
	}
	switch {
	case sid.text == "":
		err = p.errorf(sid.offset, "must not be empty; leave it out instead")
	case len(sid.text) > MaxSID:
		err = p.errorf(sid.offset, "has %d bytes; at most %d are allowed", len(sid.text), MaxSID)
	case hasControl(sid.text):
		err = p.errorf(sid.offset, "must not hold control characters")
	case p.sids[sid.text]:
		err = p.errorf(sid.offset, "%s is the sid of an earlier statement; each must be unique in the document", show(sid.text))
	}
	p.sids[sid.text] = true
	return sid, err
}

func (r *reader) effect() (Effect, error) {
	effect, err := r.text()
	if err != nil {
		return Deny, err
	}
	switch effect.text {
	case "allow":
		return Allow, nil
	case "deny":
		return Deny, nil
	default:
		return Deny, r.errorf(effect.offset, "unknown effect %s; use allow or deny", show(effect.text))
	}
}

func (p *statementsParser) conditions() ([]conditionNode, error) {
	var nodes []conditionNode
	err := p.array(MaxConditions, "conditions", func(int) error {
		node, err := p.condition()
		nodes = append(nodes, node)
		return err
	})
	return nodes, err
}

func (p *statementsParser) condition() (node conditionNode, err error) {
	start := p.next()
	var hasOperator, hasKey bool
	err = p.object(func(name located) (err error) {
		switch name.text {
		case "operator":
			hasOperator = true
			node.operator, err = p.operator()
		case "key":
			hasKey = true
			node.key, err = p.key()
		case "values":
			node.values, err = p.texts(MaxValues, "values", checkValue)
		default:
			err = p.unknown(name, "operator, key and values")
		}
		return err
	})
	switch {
	case err != nil:
		return node, err
	case !hasOperator:
		return node, p.errorAt(start, "operator", "is missing; use one of %s", statementsOperators.names())
	case !hasKey:
		return node, p.errorAt(start, "key", "is missing")
	case node.values == nil:
		return node, p.errorAt(start, "values", "is missing; name at least one")
	}
	node.from = sourceOf(node.key)
	return node, p.operands(&node)
}

func (p *statementsParser) operator() (operator, error) {
	name, err := p.text()
	if err != nil {
		return 0, err
	}
	op, ok := statementsOperators.named(name.text)
	if !ok {
		return 0, p.errorf(name.offset, "unknown operator %s; use one of %s", show(name.text), statementsOperators.names())
	}
	return op, nil
}

func (p *statementsParser) key() (string, error) {
	key, err := p.text()
	if err != nil {
		return "", err
	}
	switch {
	case key.text == "":
		err = p.errorf(key.offset, "must not be empty")
	case len(key.text) > MaxKey:
		err = p.errorf(key.offset, "has %d bytes; at most %d are allowed", len(key.text), MaxKey)
	case hasControl(key.text):
		err = p.errorf(key.offset, "must not hold control characters")
	}
	return key.text, err
}

// operands checks the values of a condition, which can be understood only when its operator is known.
func (p *statementsParser) operands(node *conditionNode) error {
	for i, value := range node.values {
		understood, problem := node.operator.operand(node.from, value.text)
		if problem != "" {
			return p.errorAt(value.offset, fmt.Sprintf("values[%d]", i), "%s", problem)
		}
		node.operands = append(node.operands, understood)
	}
	return nil
}

// checkAction holds an action pattern to its grammar: "*" alone, or service:Action in printable ASCII with "*" anywhere.
func checkAction(pattern string) string {
	const grammar = `write "*" or service:Action, where * stands for any run of characters`
	if pattern == "*" {
		return ""
	}
	if len(pattern) > MaxActionPattern {
		return fmt.Sprintf("has %d bytes; at most %d are allowed", len(pattern), MaxActionPattern)
	}
	for i := range len(pattern) {
		if pattern[i] < ' ' || pattern[i] > '~' {
			return "must be printable ASCII; " + grammar
		}
	}
	service, action, found := strings.Cut(pattern, ":")
	switch {
	case !found:
		return show(pattern) + " has no colon; " + grammar
	case strings.Contains(action, ":"):
		return show(pattern) + " has more than one colon; " + grammar
	case service == "":
		return show(pattern) + " names no service; " + grammar
	case action == "":
		return show(pattern) + " names no action; " + grammar
	}
	return ""
}

func checkResource(pattern string) string {
	switch {
	case pattern == "":
		return `must not be empty; use "*" for every resource`
	case len(pattern) > MaxResourcePattern:
		return fmt.Sprintf("has %d bytes; at most %d are allowed", len(pattern), MaxResourcePattern)
	case hasControl(pattern):
		return "must not hold control characters"
	}
	return ""
}

func checkValue(value string) string {
	if len(value) > MaxValue {
		return fmt.Sprintf("has %d bytes; at most %d are allowed", len(value), MaxValue)
	}
	return ""
}

// hasControl tells whether s holds a control character of ASCII or Latin-1 (U+0000-U+001F, U+007F-U+009F).
func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r >= 0x7f && r <= 0x9f })
}
