package catalog

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Vars are what names hold beside the resource: whose it is.
type Vars struct {
	Root    string // VNG Cloud's account number
	Account string // Cloudflare's account id, 32 hex digits
}

// Name gives a dialect's name of what a CRN names; false if the dialect has none. VNG Cloud names everything, by the rule
// <service>::<root>:<type>/<id> (vngcloud.md, section 5.2); the others name the types that have a template. A region is left
// out, since no dialect's names hold it.
//
// A template stands in ResourceType.Names. Its variables are id, the parts of the type's id, root and account; ":hex" after
// one says that it is a UUID and loses its dashes.
func (c *Catalog) Name(dialect, crn string, vars Vars) (string, bool) {
	service, typ, id, ok := splitCRN(crn)
	if !ok {
		return "", false
	}
	t := c.types[typeKey{service, typ}]
	if t == nil || t.index.names[dialectIndex(dialect)] == nil {
		return c.nameByRule(dialect, service, typ, id, vars)
	}
	values := map[string]string{"id": id}
	if !t.index.id.match(id, values) {
		return "", false
	}
	vars.into(values)
	name, ok := t.index.names[dialectIndex(dialect)].expand(values)
	if back, readable := c.Parse(dialect, name, vars); !ok || !readable || back != joinCRN(service, typ, id) {
		return "", false // a part of the id holds what should end it
	}
	return name, true
}

// Parse gives the CRN of what a dialect names so; false if it is no name, or another account's.
func (c *Catalog) Parse(dialect, name string, vars Vars) (crn string, ok bool) {
	if len(name) > MaxCRN || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return "", false
	}
	for _, t := range c.named[dialectIndex(dialect)] {
		values := map[string]string{}
		if !t.index.names[dialectIndex(dialect)].match(name, values) || !vars.agree(values) {
			continue
		}
		id, ok := values["id"], true
		if id == "" {
			id, ok = t.index.id.expand(values)
		}
		return joinCRN(t.service.ID, t.Name, id), ok
	}
	return c.parseByRule(dialect, name, vars)
}

func (c *Catalog) nameByRule(dialect, service, typ, id string, vars Vars) (string, bool) {
	if dialect != VNGCloud || vars.Root == "" || strings.Contains(typ, "/") {
		return "", false
	}
	return service + "::" + vars.Root + ":" + c.TypeSpelling(VNGCloud, service, typ) + "/" + id, true
}

// parseByRule splits a name at its first three colons, then the rest at its first slash: ids may hold both.
func (c *Catalog) parseByRule(dialect, name string, vars Vars) (string, bool) {
	p := strings.SplitN(name, ":", 4)
	if dialect != VNGCloud || len(p) != 4 || p[0] == "" || p[1] != "" || vars.Root == "" || p[2] != vars.Root {
		return "", false
	}
	spelled, id, ok := strings.Cut(p[3], "/")
	if !ok || spelled == "" || id == "" {
		return "", false
	}
	if t, known := c.TypeSpelled(VNGCloud, p[0], spelled); known {
		return joinCRN(p[0], t.Name, id), true
	}
	if _, known := c.types[typeKey{p[0], spelled}]; known {
		return "", false // VNG Cloud spells this type otherwise, and this name means something else
	}
	return joinCRN(p[0], spelled, id), true
}

// splitCRN takes a CRN apart at its first four colons (bycloud.md, section 16.7). The region is nothing that names hold.
func splitCRN(crn string) (service, typ, id string, ok bool) {
	p := strings.SplitN(crn, ":", 5)
	if len(crn) > MaxCRN || len(p) != 5 || p[0] != "crn" || p[2] == "" || p[3] == "" || p[4] == "" {
		return "", "", "", false
	}
	return p[2], p[3], p[4], true
}

func joinCRN(service, typ, id string) string { return "crn::" + service + ":" + typ + ":" + id }

func (v Vars) into(values map[string]string) {
	values["root"], values["account"] = v.Root, v.Account
}

// agree tells whether a name is of this account. A name that should hold an account that we do not know is nobody's.
func (v Vars) agree(values map[string]string) bool {
	root, hasRoot := values["root"]
	account, hasAccount := values["account"]
	return (!hasRoot || v.Root != "" && root == v.Root) && (!hasAccount || v.Account != "" && account == v.Account)
}

// indexNames compiles the templates of a type.
func (t *ResourceType) indexNames() *problem {
	text := t.ID
	if text == "" {
		text = "{id}"
	}
	id, p := parseTemplate(text, func(name string) bool {
		return name != "root" && name != "account" && (name != "id" || text == "{id}")
	})
	if p != nil {
		return p.at("id")
	}
	known := map[string]bool{"id": true, "root": true, "account": true}
	for _, part := range id.variables() {
		known[part] = true
	}
	t.index.id = id
	for i, dialect := range dialects {
		if name, ok := t.Names[dialect]; ok {
			parsed, p := parseTemplate(name, func(variable string) bool { return known[variable] })
			if p == nil {
				p = complete(parsed, id)
			}
			if p != nil {
				return p.at(dialect).at("names")
			}
			t.index.names[i] = parsed
		}
	}
	return nil
}

// complete wants a name from which the id can be read again, and that begins with a text of its own.
func complete(name, id template) *problem {
	if name[0].variable != "" {
		return problemf("begins with a variable; begin with a text")
	}
	have := map[string]bool{}
	for _, v := range name.variables() {
		have[v] = true
	}
	for _, v := range id.variables() {
		if !have[v] && !have["id"] {
			return problemf("lacks the variable %s, so the id could not be read from it", show(v))
		}
	}
	return nil
}

// Parts gives the parts of the type's ids in their order: "project" and "container", or only "id".
func (t *ResourceType) Parts() []string { return t.index.id.variables() }
