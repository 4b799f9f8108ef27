// Package compose splits statements of VNG Cloud's policy language into ones whose resources fit their actions (contract,
// section 8), which the vendor's API offers to those who write policies.
//
// It owns that function and nothing else: documents are checked and compiled by package policy, what exists to be granted is
// the catalogue's, and the operation that serves it is the dialect's. The package is pure.
package compose

import (
	"errors"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/policy"
)

// Statement is one statement of VNG Cloud's language (contract, section 3.4).
type Statement struct {
	Effect    string         `json:"effect"`
	Actions   []string       `json:"actions"`
	Resources []string       `json:"resources"`
	Condition jsontext.Value `json:"condition"` // as it was written; {} for none
}

// Compose splits the statements of a document (contract, section 8.1). Every action of the catalogue that VNG Cloud lists goes
// with the patterns of its own resource types, or with "*" if it has none, which may widen what is granted; else the decisions
// on such actions stay the same. The result can be composed again without change, and is a valid document unless it is empty.
//
// An empty array gives an empty array. Every error is a *policy.Error: the source is no valid document, or, at its beginning,
// what it would become exceeds the limits of one.
func Compose(source []byte, lib policy.Library, c *catalog.Catalog) ([]Statement, error) {
	out := []Statement{}
	if emptyArray(source) {
		return out, nil
	}
	if _, err := policy.Compile(policy.VNGCloud, source, lib); err != nil {
		return nil, err
	}
	var statements []Statement
	if err := json.Unmarshal(source, &statements); err != nil {
		return nil, refusal(policy.ReasonShape, err.Error()) // a valid document can be read
	}
	listed := list(c)
	for i := range statements {
		out = append(out, listed.split(&statements[i])...)
		if len(out) > policy.MaxVNGCloudStatements {
			break
		}
	}
	if err := check(out, lib); err != nil {
		return nil, err
	}
	return out, nil
}

func emptyArray(source []byte) bool {
	var elements []jsontext.Value
	return jsontext.Value(source).Kind() == '[' && json.Unmarshal(source, &elements) == nil && len(elements) == 0
}

// check holds the result to what a document may be.
func check(out []Statement, lib policy.Library) error {
	if len(out) == 0 {
		return nil
	}
	document, err := json.Marshal(out)
	if err == nil {
		_, err = policy.Compile(policy.VNGCloud, document, lib)
	}
	if e, ok := errors.AsType[*policy.Error](err); ok {
		return refusal(e.Reason, "becomes too large when it is composed: "+e.Message)
	}
	return err
}

func refusal(reason policy.Reason, message string) error {
	return &policy.Error{Line: 1, Column: 1, Reason: reason, Message: message}
}

// listing is the catalogue as VNG Cloud lists it.
type listing struct {
	actions []action          // in catalogue order
	named   map[string]action // by every spelling
}

// action is one action: its spellings, the usual one first, and where its resources are found.
type action struct {
	product   string
	spellings []string
	types     []resourceType
}

// resourceType is a type as names spell it. Its product may be another than the action's.
type resourceType struct{ product, name string }

func list(c *catalog.Catalog) *listing {
	out := &listing{named: map[string]action{}}
	for _, service := range c.Products(catalog.VNGCloud) {
		for _, a := range c.Actions(service.ID) {
			if a.In(catalog.VNGCloud) {
				out.add(c, service.ID, a)
			}
		}
	}
	return out
}

func (l *listing) add(c *catalog.Catalog, product string, a *catalog.Action) {
	entry := action{product: product}
	entry.spellings = append(entry.spellings, c.Spelling(catalog.VNGCloud, a.String()))
	entry.spellings = append(entry.spellings, c.Aliases(catalog.VNGCloud, a.String())...)
	for _, t := range c.TypesOf(a) {
		name := c.TypeSpelling(catalog.VNGCloud, t.Service().ID, t.Name)
		entry.types = append(entry.types, resourceType{t.Service().ID, name})
	}
	l.actions = append(l.actions, entry)
	for _, spelling := range entry.spellings {
		l.named[spelling] = entry
	}
}

// everything covers every resource, and is what an action without resource types asks for.
const everything = "*"

// split composes one statement.
func (l *listing) split(s *Statement) []Statement {
	whole := Statement{Effect: s.Effect, Actions: unique(s.Actions), Resources: unique(s.Resources), Condition: condition(s)}
	if slices.Contains(whole.Resources, everything) {
		whole.Resources = []string{everything}
		return []Statement{whole}
	}
	var out []Statement
	for _, name := range l.expand(whole.Actions, whole.Resources) {
		targets := l.targets(name, whole.Resources)
		if len(targets) == 0 {
			continue // the statement could never apply to it
		}
		at := slices.IndexFunc(out, func(s Statement) bool { return slices.Equal(s.Resources, targets) })
		if at < 0 {
			at = len(out)
			out = append(out, Statement{Effect: whole.Effect, Resources: targets, Condition: whole.Condition})
		}
		out[at].Actions = append(out[at].Actions, name)
	}
	return out
}

func condition(s *Statement) jsontext.Value {
	if len(s.Condition) == 0 || s.Condition.Kind() == 'n' {
		return jsontext.Value("{}")
	}
	return s.Condition
}

// unique leaves out repetitions; the first place counts.
func unique(texts []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, text := range texts {
		if !seen[text] {
			out = append(out, text)
		}
		seen[text] = true
	}
	return out
}

// expand puts the actions of the catalogue in the place of wildcards. One that covers none stays.
func (l *listing) expand(names, resources []string) []string {
	var out []string
	for _, name := range names {
		covered := []string{name}
		if strings.Contains(name, "*") {
			if found := l.covered(name, resources); len(found) > 0 {
				covered = found
			}
		}
		out = append(out, covered...)
	}
	return unique(out)
}

// covered lists the actions that a wildcard covers, each in its first spelling that the wildcard covers: an alias is how the
// author's pattern names it. A bare "*" covers those of the products that the resources name.
func (l *listing) covered(pattern string, resources []string) []string {
	var out []string
	for _, a := range l.actions {
		if every(pattern) {
			if slices.ContainsFunc(resources, func(name string) bool { return product(name) == a.product }) {
				out = append(out, a.spellings[0])
			}
			continue
		}
		i := slices.IndexFunc(a.spellings, func(spelling string) bool { return policy.Covers(pattern, spelling) })
		if i >= 0 {
			out = append(out, a.spellings[i])
		}
	}
	return out
}

// every tells whether a pattern of actions is the bare star.
func every(pattern string) bool { return pattern == "*" || pattern == "*:*" }

// targets are the resources that an action goes with.
func (l *listing) targets(name string, resources []string) []string {
	a, known := l.named[name]
	if known && len(a.types) == 0 {
		return []string{everything}
	}
	var out []string
	for _, resource := range resources {
		if known && a.worksOn(resource) || !known && (every(name) || product(name) == product(resource)) {
			out = append(out, resource)
		}
	}
	return out
}

// worksOn tells whether a pattern covers names of one of the action's types. Root and id do not matter.
func (a *action) worksOn(resource string) bool {
	parts := strings.SplitN(resource, ":", 4) // four, as the document is valid
	typ, _, _ := strings.Cut(parts[3], "/")
	return slices.ContainsFunc(a.types, func(t resourceType) bool {
		return t.product == parts[0] && policy.Covers(typ, t.name)
	})
}

// product is what stands before the first colon of an action or a resource.
func product(name string) string {
	before, _, _ := strings.Cut(name, ":")
	return before
}
