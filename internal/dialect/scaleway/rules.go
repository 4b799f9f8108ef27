package scaleway

import (
	"cmp"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/wire"
)

// aRule is a rule, which is no thing of its own to the domain: it is its policy's.
var aRule = thing{"rule", iam.TypePolicy, ""}

func ruleRoutes() []route {
	return []route{
		aRule.does(lists, get, "/rules", control.GetPolicy, ofPolicyInQuery, listRules),
		aRule.does(writes, put, "/rules", control.UpdatePolicy, ofPolicyInBody, setRules),
	}
}

func ofPolicyInQuery(c *wire.Call) control.Target {
	return ofPolicy(readQuery(c).text("policy_id"))
}

func ofPolicyInBody(c *wire.Call) control.Target {
	var in rulesRequest
	c.Peek(&in)
	return ofPolicy(value(in.PolicyID))
}

// ofPolicy is the target of a call about a policy, whichever if the text is no id.
func ofPolicy(id string) control.Target {
	if u, err := iam.ParseUUID(id); err == nil {
		return control.On(iam.Name(iam.TypePolicy, u))
	}
	return control.On(iam.AnyOf(iam.TypePolicy))
}

// document is what policies in this language are (policy, scaleway.go).
type document struct {
	Rules []ruleSpec `json:"rules"`
}

type ruleSpec struct {
	PermissionSetNames []string `json:"permission_set_names"`
	ProjectIDs         []string `json:"project_ids,omitempty"`
	OrganizationID     string   `json:"organization_id,omitzero"`
	Condition          string   `json:"condition,omitzero"`
}

// documentOf reads a document that has compiled.
func documentOf(p *iam.Policy) document {
	var doc document
	_ = wire.Unmarshal([]byte(p.Document), &doc, "{")
	return doc
}

// String writes it.
func (doc document) String() string {
	if doc.Rules == nil {
		doc.Rules = []ruleSpec{}
	}
	b, err := json.Marshal(doc)
	if err != nil {
		panic(err) // texts, which came as JSON
	}
	return string(b)
}

// count gives the numbers of rules, distinct scopes and permission sets (section 4.5).
func (doc document) count() (rules, scopes, sets int) {
	seen := map[string]bool{}
	for _, r := range doc.Rules {
		ids := slices.Clone(r.ProjectIDs)
		slices.Sort(ids)
		seen[strings.ToLower(strings.Join(append(ids, r.OrganizationID), " "))] = true
		sets += len(r.PermissionSetNames)
	}
	return len(doc.Rules), len(seen), sets
}

// rule is section 4.6.
type rule struct {
	ID                      string   `json:"id"`
	PermissionSetNames      []string `json:"permission_set_names"`
	PermissionSetsScopeType string   `json:"permission_sets_scope_type"`
	Condition               string   `json:"condition"`
	ProjectIDs              []string `json:"project_ids,omitempty"`
	OrganizationID          string   `json:"organization_id,omitzero"`
}

// rules are those of a policy, in the order in which they were set.
func (c *call) rules(p *iam.Policy) []rule {
	specs := documentOf(p).Rules
	out := make([]rule, len(specs))
	for i, r := range specs {
		out[i] = rule{ID: ruleID(p, i).String(), PermissionSetNames: r.PermissionSetNames, PermissionSetsScopeType: c.scopeType(r),
			Condition: r.Condition, ProjectIDs: shows(r.ProjectIDs, strings.ToLower), OrganizationID: strings.ToLower(r.OrganizationID)}
	}
	return out
}

// scopeType is what the permission sets of a rule are for: they are all for the same.
func (c *call) scopeType(r ruleSpec) string {
	for _, name := range r.PermissionSetNames {
		if set, ok := c.Control.Catalog().PermissionSet(name); ok {
			return set.Scope
		}
	}
	return "unknown_scope_type"
}

// ruleSpace is the name space of rules' ids.
var ruleSpace = [16]byte{0x1b, 0x5e, 0x2c, 0x90, 0x43, 0xd7, 0x4a, 0x11, 0x8f, 0x66, 0x0d, 0xe3, 0x92, 0x7a, 0xc8, 0x35}

// ruleID is the id of a policy's rule: a UUID of version 5 of the policy, when its rules were set, and the rule's place. So it is
// new with every setting of the rules (section 6) and the same until then, and need not be kept.
func ruleID(p *iam.Policy, i int) iam.UUID {
	h := sha1.New()
	h.Write(ruleSpace[:])
	h.Write(p.ID.UUID[:])
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(p.WrittenAt.UnixMicro())))
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(i)))
	id := iam.UUID(h.Sum(nil)[:16])
	id[6] = id[6]&0x0f | 0x50
	id[8] = id[8]&0x3f | 0x80
	return id
}

func listRules(c *call) (*wire.Answer, error) {
	q := c.query()
	q.require("policy_id")
	id, _ := q.id("policy_id")
	if q.err != nil {
		return nil, q.err
	}
	p, err := c.policyHere(id)
	if err != nil {
		return nil, err
	}
	return paged(c, q, "rules", c.rules(p), func(r rule) rule { return r })
}

// rulesRequest is a body.
type rulesRequest struct {
	PolicyID *string       `json:"policy_id"`
	Rules    []ruleRequest `json:"rules"`
}

// ruleRequest is RuleSpecs of section 4.6. What answers have beside is ignored.
type ruleRequest struct {
	PermissionSetNames []string `json:"permission_set_names"`
	ProjectIDs         []string `json:"project_ids"`
	OrganizationID     *string  `json:"organization_id"`
	Condition          *string  `json:"condition"`
}

// Our own bounds of a policy, which its language has too.
const (
	maxRules     = 100
	maxCondition = 2048
)

// readRules makes a document of rules, and holds their form.
func (c *call) readRules(f *form, in []ruleRequest) document {
	doc := document{Rules: make([]ruleSpec, len(in))}
	if len(in) > maxRules {
		f.wrong("rules", constraint, fmt.Sprintf("are at most %d", maxRules))
	}
	for i, r := range in {
		at := fmt.Sprintf("rules[%d]", i)
		spec := ruleSpec{PermissionSetNames: once(r.PermissionSetNames), Condition: value(r.Condition)}
		projects, organization := f.ids(at+".project_ids", r.ProjectIDs), f.id(at+".organization_id", r.OrganizationID)
		spec.ProjectIDs = shows(projects, iam.UUID.String)
		if !organization.IsZero() {
			spec.OrganizationID = organization.String()
		}
		switch {
		case len(spec.PermissionSetNames) == 0:
			f.wrong(at+".permission_set_names", required, "names at least one permission set")
		case len(projects) == 0 && organization.IsZero():
			f.wrong(at+".scope", required, "is one of project_ids and organization_id")
		case len(projects) > 0 && !organization.IsZero():
			f.wrong(at+".scope", constraint, "is either project_ids or organization_id")
		case len(spec.Condition) > maxCondition:
			f.wrong(at+".condition", constraint, fmt.Sprintf("has at most %d bytes", maxCondition))
		case !organization.IsZero() && organization != c.View().ID().UUID:
			f.also(errForeign)
		}
		doc.Rules[i] = spec
	}
	return doc
}

// once keeps the first of equal texts. There may be tens of thousands in a body.
func once(in []string) (out []string) {
	seen := make(map[string]bool, len(in))
	for _, s := range in {
		if !seen[s] {
			seen[s], out = true, append(out, s)
		}
	}
	return out
}

// compiles tells what the language finds wrong with rules, in the words of requests.
func (c *call) compiles(doc document) error {
	_, err := policy.Compile(policy.Scaleway, []byte(doc.String()), c.View().World().Library)
	e, ok := errors.AsType[*policy.Error](err)
	if !ok {
		return err
	}
	argument, reason := cmp.Or(element.ReplaceAllString(e.Path, "$1"), "rules"), constraint // what is wrong with all of it has no path
	if strings.HasSuffix(argument, ".condition") {
		reason = format
	}
	return invalid(argument, reason, e.Message)
}

// projectsExist holds that the projects that rules name are there.
func (doc document) projectsExist(v *iam.State) error {
	for _, r := range doc.Rules {
		for _, id := range r.ProjectIDs {
			u, _ := iam.ParseUUID(id)
			if _, err := v.Project(iam.ProjectID{UUID: u}); err != nil {
				return missing(aProject.word, id)
			}
		}
	}
	return nil
}

// element is the number of an element of a rule's list: errors are about the list (section 9).
var element = regexp.MustCompile(`(_names|_ids)\[\d+\]$`)

// setRules replaces all rules of a policy.
func setRules(c *call) (*wire.Answer, error) {
	var in rulesRequest
	if err := c.body(&in); err != nil {
		return nil, err
	}
	var f form
	id := f.id("policy_id", in.PolicyID)
	if id.IsZero() {
		f.wrong("policy_id", required, "is required")
	}
	doc := c.readRules(&f, in.Rules)
	if f.err != nil {
		return nil, f.err
	}
	if err := c.need(control.UpdatePolicy, iam.Name(iam.TypePolicy, id)); err != nil {
		return nil, err
	}
	if _, err := c.policyHere(id); err != nil {
		return nil, err
	}
	if err := c.compiles(doc); err != nil {
		return nil, err
	}
	show := func(p *iam.Policy) fields { return fields{"rules": c.rules(p)} }
	return write(c, show, func(d *iam.Draft) (*iam.Policy, error) {
		if err := doc.projectsExist(d.State()); err != nil {
			return nil, err
		}
		if _, err := editable(d.State(), iam.PolicyID{UUID: id}); err != nil {
			return nil, err
		}
		return d.WritePolicy(iam.PolicyID{UUID: id}, doc.String())
	})
}
