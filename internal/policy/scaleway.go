package policy

import (
	"slices"
	"strings"

	"github.com/writ-iam/writ/internal/expr"
)

// What a document of Scaleway's may hold (contract, sections 4.6 and 9; sets and projects are our own bounds).
const (
	maxScalewayRules     = 100
	maxScalewaySets      = 500  // of one rule
	maxScalewayProjects  = 1000 // of one rule
	maxScalewayCondition = 2048 // bytes
)

// scalewayParser reads Scaleway's language (contract, sections 4.6, 7 and 9): rules that only allow. Members that it does not
// have are refused, as in statements; what requests have beside (a rule's id), the dialect takes off.
//
// A rule's scope project_ids is a condition on the resource's project: what is in none, or in an unknown one, is not granted.
// The scope organization_id is no condition, for a program decides about its own organization only and is never asked about
// another's: the id is kept and printed, and that it is the organization's own is for who stores the policy to check.
type scalewayParser struct {
	*reader
	lib     Library
	b       builder
	printed []byte
	budget  expr.Budget // of constant conditions
}

// scalewayRule is a rule as read.
type scalewayRule struct {
	sets         []located
	found        []PermissionSet // what the sets mean
	projects     []located
	projectsAt   int
	organization located
	condition    located
	expression   *expr.Expr
}

func compileScaleway(source []byte, lib Library) (*Program, error) {
	p := scalewayParser{reader: newReader(source), lib: lib, printed: []byte(`{"rules":[`)}
	start, seen := p.next(), false
	err := p.document(func(name located) error {
		if name.text != "rules" {
			return p.unknown(name, "rules")
		}
		seen = true
		return p.array(maxScalewayRules, "rules", p.rule)
	})
	if err != nil {
		return nil, err
	}
	if !seen {
		return nil, p.errorAt(start, "rules", "is missing; it may be empty")
	}
	p.b.more.printed = slices.Clone(append(p.printed, `]}`...)) // without room to grow
	return p.b.program(Scaleway), nil
}

func (p *scalewayParser) rule(i int) error {
	start := p.next()
	var r scalewayRule
	err := p.object(func(name located) (err error) {
		switch name.text {
		case "permission_set_names":
			err = p.sets(&r)
		case "project_ids":
			r.projectsAt = p.next()
			r.projects, err = p.distinct(&p.b, maxScalewayProjects, "project_ids", canonicalUUID)
		case "organization_id":
			r.organization, err = p.organization()
		case "condition":
			err = p.condition(&r)
		default:
			err = p.unknown(name, "permission_set_names, project_ids, organization_id and condition")
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := p.check(start, &r); err != nil {
		return err
	}
	p.remark(&r)
	p.print(i, &r)
	return p.compile(start, &r)
}

func (p *scalewayParser) sets(r *scalewayRule) (err error) {
	r.sets, err = p.distinct(&p.b, maxScalewaySets, "permission_set_names", func(name string) (string, string) {
		if _, ok := p.lib.PermissionSet(name); !ok {
			return "", "there is no permission set " + show(name)
		}
		return name, ""
	})
	for _, set := range r.sets {
		found, _ := p.lib.PermissionSet(set.text)
		r.found = append(r.found, found)
	}
	return err
}

func (p *scalewayParser) organization() (located, error) {
	id, err := p.text()
	if err != nil {
		return id, err
	}
	var problem string
	if id.text, problem = canonicalUUID(id.text); problem != "" {
		return id, p.errorf(id.offset, "%s", problem)
	}
	return id, nil
}

// condition reads CEL, of which only the syntax is checked (contract, section 7.1). An empty one is none.
func (p *scalewayParser) condition(r *scalewayRule) (err error) {
	if r.condition, err = p.text(); err != nil || r.condition.text == "" {
		return err
	}
	if n := len(r.condition.text); n > maxScalewayCondition {
		return p.errorf(r.condition.offset, "has %d bytes; at most %d are allowed", n, maxScalewayCondition)
	}
	if r.expression, err = expr.Compile(expr.Scaleway, r.condition.text); err != nil {
		return p.errorf(r.condition.offset, "is no expression: %v", err)
	}
	return nil
}

// canonicalUUID writes a UUID in lower case (contract, section 9).
func canonicalUUID(s string) (string, string) {
	lower := strings.ToLower(s)
	digits := strings.ReplaceAll(lower, "-", "")
	if len(s) != 36 || len(digits) != 32 || !lowerHex(digits) || lower[8] != '-' || lower[13] != '-' || lower[18] != '-' || lower[23] != '-' {
		return "", show(s) + " is no UUID; write 32 hexadecimal digits as in 2aeadddc-c589-4784-8ef5-fae989a4bac8"
	}
	return lower, ""
}

// check holds what members of a rule demand of each other.
func (p *scalewayParser) check(start int, r *scalewayRule) error {
	switch {
	case r.sets == nil:
		return p.errorAt(start, "permission_set_names", "is missing; name at least one")
	case r.projects == nil && r.organization.text == "":
		return p.errorAt(start, "scope", "is missing; use project_ids or organization_id")
	case r.projects != nil && r.organization.text != "":
		return p.errorAt(start, "scope", "is given twice; use either project_ids or organization_id")
	}
	for i, set := range r.found {
		if set.Organization != r.found[0].Organization {
			return p.errorAt(r.sets[i].offset, "permission_set_names", "permission sets must be of the same scope type: %s is for %s, %s for %s",
				show(r.sets[0].text), r.found[0].scope(), show(r.sets[i].text), set.scope())
		}
	}
	if r.found[0].Organization && r.projects != nil {
		return p.errorAt(r.projectsAt, "project_ids", "%s is for the organization; use organization_id instead", show(r.sets[0].text))
	}
	return nil
}

func (s PermissionSet) scope() string {
	if s.Organization {
		return "the organization"
	}
	return "projects"
}

// compile makes statements of a rule, one for each grant of its sets and all with the rule's name.
func (p *scalewayParser) compile(start int, r *scalewayRule) error {
	like := parts{effect: Allow, sid: string(p.path), expression: r.expression}
	if r.projects != nil {
		like.conditions = []conditionNode{inProjects(r.projects)}
	}
	for _, set := range r.found {
		for _, g := range set.Grants {
			if !p.b.grant(like, g) {
				return p.errorf(start, outgrown)
			}
		}
	}
	return nil
}

// inProjects is the condition that the resource's project is one of some.
func inProjects(ids []located) conditionNode {
	return conditionNode{operator: opEquals, key: "iam:project_id", from: fromProjectID, values: ids, operands: make([]operand, len(ids))}
}

func (p *scalewayParser) print(i int, r *scalewayRule) {
	out := p.printed
	if i > 0 {
		out = append(out, ',')
	}
	out = appendLocated(append(out, `{"permission_set_names":`...), r.sets)
	if r.projects != nil {
		out = appendLocated(append(out, `,"project_ids":`...), r.projects)
	} else {
		out = appendQuoted(append(out, `,"organization_id":`...), r.organization.text)
	}
	if r.expression != nil {
		out = appendQuoted(append(out, `,"condition":`...), r.condition.text)
	}
	p.printed = append(out, '}')
}

// remark warns of what is likely to be a mistake.
func (p *scalewayParser) remark(r *scalewayRule) {
	rule := string(p.path)
	if r.expression != nil {
		p.remarkCondition(rule+".condition", r.expression)
	}
	for i, set := range r.found {
		switch {
		case !slices.ContainsFunc(set.Grants, Grant.something):
			p.b.warnLater(rule+".permission_set_names", "%s grants nothing here", show(r.sets[i].text))
		case r.expression == nil && r.projects == nil && slices.ContainsFunc(set.Grants, Grant.everything):
			p.b.warnLater(rule+".permission_set_names", "%s allows every action on every resource of the organization", show(r.sets[i].text))
		}
	}
}

func (p *scalewayParser) remarkCondition(path string, e *expr.Expr) {
	names := e.Names()
	for _, name := range names {
		if name != "request" && name != "resource" {
			p.b.warnLater(path, "there is no variable %s, only request and resource; where it is needed, the rule grants nothing", show(name))
		}
	}
	if len(names) > 0 {
		return
	}
	switch result := e.Eval(nil, &p.budget); {
	case p.budget.Exceeded():
	case result == expr.True:
		p.b.warnLater(path, "is true for every request; it can be left out")
	case result == expr.Failed:
		p.b.warnLater(path, "fails for every request, so the rule grants nothing")
	default:
		p.b.warnLater(path, "is %s for every request, so the rule grants nothing", result)
	}
}

func (p *Program) warnScaleway() []Warning { return p.keptWarnings() }

// scalewayVars gives expressions of Scaleway's their names (contract, section 7.1).
type scalewayVars variables

// maxUserAgent is how many characters of it conditions see (contract, section 7.1).
const maxUserAgent = 255

// Var implements expr.Vars. What is not known of a request is absent, so that what depends on it fails. A decision about what
// is no CRN, or one without an id, has no variable resource at all: absent keys mean that it is about no resource in particular,
// and idioms grant then. The maps are made when first asked for, and kept: an expression may name them often.
func (v *scalewayVars) Var(name string) (any, bool) {
	switch {
	case name == "request":
		if v.request == nil {
			v.request = v.requestMap()
		}
		return v.request, true
	case name == "resource" && v.id != "":
		if v.resource == nil {
			v.resource = v.resourceMap()
		}
		return v.resource, true
	default:
		return nil, false
	}
}

func (v *scalewayVars) requestMap() map[string]any {
	m := make(map[string]any, 3)
	if v.sourceIP.IsValid() {
		m["ip"] = v.sourceIP.String()
	}
	if !v.now.IsZero() {
		m["time"] = v.now
	}
	if v.userAgent != "" {
		m["user_agent"] = firstCharacters(v.userAgent, maxUserAgent)
	}
	return m
}

// resourceMap has what the caller tells of the resource in its context's resources (name, id, locality), and else the id of
// the CRN, the name that a thing of IAM has and the zone of the call. A list or a creation is about no resource in particular, so it has nothing of its own.
func (v *scalewayVars) resourceMap() map[string]any {
	m := make(map[string]any, 3)
	for _, key := range [...]string{"name", "id", "locality"} {
		if text, ok := v.more.Resources[key].(string); ok && text != "" {
			m[key] = text
		}
	}
	if m["id"] == nil && v.id != "*" {
		m["id"] = v.id
	}
	if m["name"] == nil && v.service == "iam" && v.more.Call != nil {
		if name := v.more.Call.NameOf(v.typ, v.id); name != "" {
			m["name"] = name
		}
	}
	if m["locality"] == nil && m["id"] != nil && v.zone != "" {
		m["locality"] = v.zone
	}
	return m
}

// firstCharacters cuts a text.
func firstCharacters(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
