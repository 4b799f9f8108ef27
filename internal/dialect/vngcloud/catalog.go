package vngcloud

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

func catalogRoutes() []wire.Route {
	r := area{}.route
	return []wire.Route{
		r(get, policiesV1+"/actions", control.ListActions, anyOf(iam.TypePolicy), listActions),
		r(get, policiesV1+"/products", control.ListProducts, anyOf(iam.TypePolicy), listProducts),
		r(get, policiesV1+"/resources", control.ListResources, anyOf(iam.TypePolicy), listResources),
	}
}

// action is a row of section 3.1.
type action struct {
	Action         string   `json:"action"`
	Product        string   `json:"product"`
	Service        string   `json:"service"`
	Authentication bool     `json:"authenticationEnabled"`
	Authorization  bool     `json:"authorizationEnabled"`
	UserTypes      []string `json:"userTypes"`
	Methods        []string `json:"methods"`
	PathRegex      string   `json:"pathRegex"`
	Resources      []string `json:"resources"`
	Description    string   `json:"description"`
	DocURL         string   `json:"docUrl"`
	ConditionKeys  []string `json:"conditionKeys"`
	Label          string   `json:"label"`
}

func (c *call) action(a *catalog.Action) action {
	in, product := c.Control.Catalog(), a.Service().ID
	spelled := in.Spelling(catalog.VNGCloud, a.String())
	return action{
		Action: spelled[len(product)+1:], Product: product, Service: a.Backend,
		Authentication: !a.NoAuthentication, Authorization: !a.NoAuthorization,
		UserTypes: a.Callers(), Methods: listed(a.Methods), PathRegex: a.Pattern(),
		Resources:   shows(in.TypesOf(a), c.typeName),
		Description: a.Description, DocURL: a.DocURL, ConditionKeys: listed(a.ConditionKeys), Label: a.Label,
	}
}

// listed is a list that is never null.
func listed(texts []string) []string { return append([]string{}, texts...) }

// typeName is the id of a resource type: product:name.
func (c *call) typeName(t *catalog.ResourceType) string {
	product := t.Service().ID
	return product + ":" + c.Control.Catalog().TypeSpelling(catalog.VNGCloud, product, t.Name)
}

// asked gives the products that the query asks for; a product that does not exist is none.
func (c *call) asked() ([]*catalog.Service, error) {
	q, err := c.query()
	if err != nil {
		return nil, err
	}
	all := c.Control.Catalog().Products(catalog.VNGCloud)
	want := q.Get("product")
	if want == "" {
		return all, nil
	}
	for _, s := range all {
		if s.ID == want {
			return []*catalog.Service{s}, nil
		}
	}
	return nil, nil
}

func listActions(c *call) (*wire.Answer, error) {
	products, err := c.asked()
	if err != nil {
		return nil, err
	}
	out := []action{}
	for _, s := range products {
		for _, a := range c.Control.Catalog().Actions(s.ID) {
			if a.In(catalog.VNGCloud) {
				out = append(out, c.action(a))
			}
		}
	}
	return c.shown(out)
}

func listProducts(c *call) (*wire.Answer, error) {
	return c.shown(shows(c.Control.Catalog().Products(catalog.VNGCloud), func(s *catalog.Service) string { return s.ID }))
}

// resource is a type of resource with how names of its things are made (section 3.5).
type resource struct {
	ID      string  `json:"id"`
	Product string  `json:"product"`
	Name    string  `json:"name"`
	Builder builder `json:"builder"`
}

// builder makes a text of a format: each placeholder in it stands for a parameter.
type builder struct {
	Format      string `json:"format"`
	Placeholder string `json:"placeholder"`
	Params      []any  `json:"params"` // branches and leaves
}

// branch is a parameter that a builder of its own makes.
type branch struct {
	Key     string  `json:"key"`
	Builder builder `json:"builder"`
}

// leaf is a parameter that people give.
type leaf struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

const placeholder = "_"

// variable is a part of the catalogue's template of an id.
var variable = regexp.MustCompile(`\{[^}]*\}`)

// given is the builder of what people give alone.
func given(name, typ string) builder {
	return builder{placeholder, placeholder, []any{leaf{name, typ}}}
}

func (c *call) resource(t *catalog.ResourceType) resource {
	product := t.Service().ID
	name := c.Control.Catalog().TypeSpelling(catalog.VNGCloud, product, t.Name)
	b := builder{product + "::_:" + name + "/" + variable.ReplaceAllString(cmp.Or(t.ID, "{id}"), placeholder), placeholder,
		[]any{branch{"root", given("Account ID", "int")}}}
	for _, part := range t.Parts() {
		label := part
		if part == "id" {
			label = cmp.Or(t.Label, name)
		}
		b.Params = append(b.Params, branch{part, given(strings.ToUpper(label[:1])+label[1:]+" ID", "string")})
	}
	return resource{product + ":" + name, product, name, b}
}

func listResources(c *call) (*wire.Answer, error) {
	products, err := c.asked()
	if err != nil {
		return nil, err
	}
	out := []resource{}
	for _, s := range products {
		for _, t := range c.Control.Catalog().ResourceTypes(s.ID) {
			if t.In(catalog.VNGCloud) {
				out = append(out, c.resource(t))
			}
		}
	}
	return c.shown(out)
}
