package policy

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// vngParser reads VNG Cloud's language (contract, sections 3.4, 5 and 6).
//
// Members of a statement that the language does not have are refused, as statements do it: the contract ignores unknown members
// of request bodies, but a mistyped "condition" would silently widen what is granted. An operator without keys is refused for
// the same reason. A list or a condition that is null is absent (contract, section 12).
type vngParser struct {
	*reader
	lib    Library
	b      builder
	others []otherKey // of the statement at hand
}

// otherKey is a condition key that only some actions have.
type otherKey struct {
	path string
	key  located
}

func compileVNGCloud(source []byte, lib Library) (*Program, error) {
	p := vngParser{reader: newReader(source), lib: lib}
	err := p.whole(p.statements)
	if err == nil && !p.b.fits() {
		err = p.errorf(0, "the document holds too much")
	}
	if err != nil {
		return nil, because(ReasonStatement, err)
	}
	return p.b.program(VNGCloud), nil
}

func (p *vngParser) statements() error {
	start := p.next()
	count := 0
	err := p.array(MaxVNGCloudStatements, "statements", func(int) error {
		count++
		return p.statement()
	})
	if err == nil && count == 0 {
		err = p.errorf(start, "needs at least one statement")
	}
	return err
}

func (p *vngParser) statement() error {
	start := p.next()
	var hasEffect bool
	var actions, resources []located
	node := parts{}
	p.others = nil
	err := p.object(func(name located) (err error) {
		switch name.text {
		case "effect":
			hasEffect = true
			node.effect, err = p.effect()
		case "actions":
			actions, err = p.list(MaxVNGCloudActions, "actions", p.checkAction)
		case "resources":
			resources, err = p.list(MaxVNGCloudResources, "resources", p.checkResource)
		case "condition":
			node.conditions, err = p.condition()
		default:
			err = p.unknown(name, "effect, actions, resources and condition")
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case !hasEffect:
		return p.errorAt(start, "effect", "is missing; use allow or deny")
	case actions == nil:
		return p.errorAt(start, "actions", "is missing; name at least one")
	case resources == nil:
		return p.errorAt(start, "resources", `is missing; name at least one, or "*"`)
	}
	for _, action := range actions {
		node.actions = append(node.actions, glob{action.text, spelledKind(action.text)})
	}
	for _, resource := range resources {
		node.resources = append(node.resources, glob{resource.text, segmentKind(resource.text)})
	}
	p.b.statement(&node)
	return p.checkOthers(actions)
}

func spelledKind(action string) patternKind {
	if everyAction(action) {
		return patternAny
	}
	return starKind(action) + spelledExact
}

func everyAction(action string) bool { return action == "*" || action == "*:*" }

func segmentKind(resource string) patternKind {
	if resource == "*" {
		return patternAny
	}
	return segmentName
}

// list reads an array of at least one text; null is none.
func (p *vngParser) list(limit int, what string, check func(string) (Reason, string)) ([]located, error) {
	if null, err := p.null(); null || err != nil {
		return nil, err
	}
	start := p.next()
	var out []located
	err := p.array(limit, what, func(int) error {
		item, err := p.short()
		if err != nil {
			return err
		}
		if reason, problem := check(item.text); problem != "" {
			return because(reason, p.errorf(item.offset, "%s", problem))
		}
		out = append(out, item)
		return nil
	})
	if err == nil && len(out) == 0 {
		err = p.errorf(start, "needs at least one of %s", what)
	}
	return out, err
}

// null reads a null, if there is one.
func (p *vngParser) null() (bool, error) {
	if p.decoder.PeekKind() != 'n' {
		return false, nil
	}
	_, err := p.decoder.ReadToken()
	return err == nil, p.syntax(err)
}

// short reads a string of a length that is allowed.
func (p *vngParser) short() (located, error) {
	item, err := p.text()
	if err == nil {
		err = p.checkLength(item)
	}
	return item, err
}

func (p *vngParser) checkLength(item located) error {
	if n := utf8.RuneCountInString(item.text); n > MaxVNGCloudText {
		return because(ReasonStatement, p.errorf(item.offset, "has %d characters; at most %d are allowed", n, MaxVNGCloudText))
	}
	return nil
}

// checkAction holds an action pattern to its grammar (contract, section 5.1).
func (p *vngParser) checkAction(action string) (Reason, string) {
	const grammar = `write "*" or product:Action, where * stands for any run of characters of the action`
	if everyAction(action) {
		return "", ""
	}
	product, pattern, found := strings.Cut(action, ":")
	switch {
	case !found || product == "":
		return ReasonProductInvalid, show(action) + " names no product; " + grammar
	case !plain(product, '-'):
		return ReasonProductInvalid, show(product) + " cannot be a product, which is letters, digits and dashes; " + grammar
	case pattern == "":
		return ReasonCharacters, show(action) + " names no action; " + grammar
	case !plain(pattern, '*'):
		return ReasonCharacters, show(action) + " holds more than letters, digits and * in its action; " + grammar
	case !p.lib.Product(product):
		return ReasonProductNotFound, "there is no product " + show(product)
	}
	return "", ""
}

// checkResource holds a resource pattern to its grammar (contract, section 5.2).
func (p *vngParser) checkResource(resource string) (Reason, string) {
	const grammar = `write "*" or product::root:type/id`
	if resource == "*" {
		return "", ""
	}
	product, rest, _ := strings.Cut(resource, ":")
	region, rest, _ := strings.Cut(rest, ":")
	root, rest, found := strings.Cut(rest, ":")
	typ, _, _ := strings.Cut(rest, "/")
	switch {
	case !found:
		return ReasonCharacters, show(resource) + " has fewer than four parts; " + grammar
	case hasControl(resource):
		return ReasonCharacters, "must not hold control characters"
	case !plain(product, '-'):
		return ReasonCharacters, show(product) + " cannot be a product, which is letters, digits and dashes; " + grammar
	case region != "":
		return ReasonCharacters, show(resource) + " names a region, and there are none; " + grammar
	case root != "*" && !digits(root):
		return ReasonCharacters, show(root) + ` cannot be a root, which is digits or "*"; ` + grammar
	case typ == "":
		return ReasonCharacters, show(resource) + " names no type; " + grammar
	case !p.lib.Product(product):
		return ReasonProductNotFound, "there is no product " + show(product)
	}
	return "", ""
}

// plain tells whether a text is letters, digits and one more character, and not empty.
func plain(s string, more byte) bool {
	for i := range len(s) {
		c := s[i]
		if c != more && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return s != ""
}

// condition reads {operator: {key: [values]}}; each operator with a key is one condition.
func (p *vngParser) condition() (nodes []conditionNode, err error) {
	if null, err := p.null(); null || err != nil {
		return nil, err
	}
	err = p.object(func(name located) error {
		op, ok := vngCloudOperators.named(name.text)
		if !ok {
			return p.errorf(name.offset, "unknown operator %s; use one of %s", show(name.text), vngCloudOperators.names())
		}
		start, before := p.next(), len(nodes)
		err := p.object(func(key located) error {
			node, err := p.test(op, key)
			nodes = append(nodes, node)
			return err
		})
		if err == nil && len(nodes) == before {
			err = p.errorf(start, "needs at least one key")
		}
		return err
	})
	return nodes, because(ReasonCondition, err)
}

// test reads the values of one key, and understands them.
func (p *vngParser) test(op operator, key located) (node conditionNode, err error) {
	if err := p.checkLength(key); err != nil {
		return node, err
	}
	node = conditionNode{operator: op, key: key.text}
	var problem string
	if node.from, problem = vngSource(key.text); problem != "" {
		return node, p.errorf(key.offset, "%s", problem)
	}
	if node.from == fromAttributes {
		p.others = append(p.others, otherKey{string(p.path), key})
	}
	start := p.next()
	err = p.array(MaxDocument, "values", func(int) error {
		value, err := p.short()
		if err != nil {
			return err
		}
		understood, problem := op.operand(node.from, value.text)
		if problem != "" {
			return p.errorf(value.offset, "%s", problem)
		}
		node.values, node.operands = append(node.values, value), append(node.operands, understood)
		return nil
	})
	if err == nil && len(node.values) == 0 {
		err = p.errorf(start, "needs at least one of values")
	}
	return node, err
}

// vngSource finds the source of a key as VNG Cloud spells it (contract, section 6.2). The words for tags are no keys without
// a tag, although the catalogue lists them so.
func vngSource(key string) (source, string) {
	word, tag, _ := strings.Cut(key, "/")
	switch {
	case key == "epochTime":
		return fromEpoch, ""
	case key == "tagKey":
		return fromTagKeys, ""
	case word != "resourceTag" && word != "requestTag":
		return fromAttributes, ""
	case tag == "":
		return 0, show(key) + " names no tag; write " + word + "/<tag key>"
	case word == "resourceTag":
		return fromResourceTags, ""
	default:
		return fromRequestTags, ""
	}
}

// checkOthers refuses keys that none of the statement's actions has: a mistyped key would silently disarm a deny.
func (p *vngParser) checkOthers(actions []located) error {
	for _, other := range p.others {
		if !p.has(actions, other.key.text) {
			const format = "unknown key %s; use epochTime, resourceTag/<tag key>, requestTag/<tag key>, tagKey or a key that one of the actions has"
			err := newError(p.source, other.key.offset, other.path, fmt.Sprintf(format, show(other.key.text)))
			return because(ReasonCondition, err)
		}
	}
	return nil
}

func (p *vngParser) has(actions []located, key string) bool {
	for _, action := range actions {
		pattern := action.text
		if everyAction(pattern) {
			pattern = "*"
		}
		if p.lib.ConditionKey(pattern, key) {
			return true
		}
	}
	return false
}

// printVNGCloud keeps the order of statements, of their patterns, and of operators, keys and values. A statement without
// conditions has no member condition.
func (p *Program) printVNGCloud() []byte {
	out := []byte{'['}
	for i := range p.Len() {
		if i > 0 {
			out = append(out, ',')
		}
		s := p.statement(i)
		out = appendQuoted(append(out, `{"effect":`...), s.effect().String())
		out = p.printTexts(append(out, `,"actions":`...), s.actionTexts())
		out = p.printTexts(append(out, `,"resources":`...), s.resourceTexts())
		out = append(p.printTests(out, p.conditionsOf(s)), '}')
	}
	return append(out, ']')
}

// printTests writes conditions, those of one operator together; they follow each other.
func (p *Program) printTests(out []byte, conditions []condition) []byte {
	if len(conditions) == 0 {
		return out
	}
	out = append(out, `,"condition":{`...)
	for i, c := range conditions {
		switch {
		case i > 0 && conditions[i-1].operator == c.operator:
			out = append(out, ',')
		case i > 0:
			out = append(out, `},`...)
			fallthrough
		default:
			out = append(appendQuoted(out, c.operator.String()), `:{`...)
		}
		out = append(appendQuoted(out, p.textOf(int(c.first))), ':')
		out = p.printTexts(out, c.valueTexts())
	}
	return append(out, `}}`...)
}

// warnVNGCloud remarks on what can never match.
func (p *Program) warnVNGCloud() []Warning {
	var out []Warning
	for i := range p.Len() {
		s := p.statement(i)
		for j, resource := range p.textsOf(s.resourceTexts()) {
			if _, id, slash := strings.Cut(resource, "/"); slash && id == "" {
				out = append(out, Warning{fmt.Sprintf("[%d].resources[%d]", i, j), "has an empty id, which no resource has; write /* for every id"})
			}
		}
		conditions := p.conditionsOf(s)
		for _, c := range conditions {
			out = p.warnTest(out, fmt.Sprintf("[%d].condition.%s", i, c.operator), c)
		}
		if p.neverNow(conditions) {
			out = append(out, Warning{fmt.Sprintf("[%d].condition", i), "never holds: epochTime cannot be in all of these ranges"})
		}
	}
	return out
}

// warnTest remarks on texts that epochTime is compared with and that are no time.
func (p *Program) warnTest(out []Warning, path string, c condition) []Warning {
	if c.from != fromEpoch || c.operator.family() != textFamily {
		return out
	}
	for i, value := range p.textsOf(c.valueTexts()) {
		if !digits(strings.TrimPrefix(value, "-")) {
			out = append(out, Warning{fmt.Sprintf("%s.epochTime[%d]", path, i), "is no time in milliseconds, so no time equals it"})
		}
	}
	return out
}

// neverNow tells whether two conditions leave no time: one wants it after where the other wants it to end.
func (p *Program) neverNow(conditions []condition) bool {
	for _, after := range conditions {
		for _, before := range conditions {
			if p.apart(after, before) {
				return true
			}
		}
	}
	return false
}

// apart tells whether one condition on the time begins to hold only where another has ceased to.
func (p *Program) apart(after, before condition) bool {
	strict := after.operator == opNumberGreaterThan || before.operator == opNumberLessThan
	switch {
	case after.from != fromEpoch || before.from != fromEpoch,
		after.operator != opNumberGreaterThan && after.operator != opNumberGreaterThanOrEquals,
		before.operator != opNumberLessThan && before.operator != opNumberLessThanOrEquals:
		return false
	}
	order := p.extreme(after, -1).compare(p.extreme(before, +1))
	return order > 0 || order == 0 && strict
}

// extreme is the smallest value of a condition, or with a sign of +1 the largest.
func (p *Program) extreme(c condition, sign int) decimal {
	var out decimal
	for i, text := range p.textsOf(c.valueTexts()) {
		if value, _ := decimalOf(text); i == 0 || value.compare(out) == sign {
			out = value
		}
	}
	return out
}

// Covers tells whether a pattern covers a text as VNG Cloud compares each segment of a name: "*" stands for any run of
// characters, and case counts (contract, section 5).
func Covers(pattern, text string) bool { return matchStars(pattern, text) }
