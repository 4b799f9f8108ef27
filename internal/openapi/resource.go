package openapi

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/writ-iam/writ/internal/catalog"
)

// params are the parameters of a path: by the document's names, and as rows have them.
type params struct{ names, renamed []string }

// add enters a parameter, and gives its name in letters and digits: pet_id is petId.
func (p *params) add(name string) (string, error) {
	var b strings.Builder
	upper := false
	for _, r := range name {
		switch {
		case 'a' <= r && r <= 'z' && upper:
			b.WriteRune(r - 'a' + 'A')
		case 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9':
			b.WriteRune(r)
		}
		upper = b.Len() > 0 && (r == '_' || r == '-' || r == '.' || r == ' ')
	}
	renamed := b.String()
	switch {
	case strings.ContainsFunc(name, func(r rune) bool { return strings.ContainsRune("+*?=,;:/", r) }):
		return "", fmt.Errorf("the parameter {%.80s} cannot be guarded; a parameter stands for one segment and has a plain name", name)
	case renamed == "" || '0' <= renamed[0] && renamed[0] <= '9':
		return "", fmt.Errorf("the parameter {%.80s} has no name that begins with a letter", name)
	case slices.Contains(p.renamed, renamed):
		return "", fmt.Errorf("two parameters are called {%.80s} in letters and digits; give them different names", renamed)
	}
	p.names, p.renamed = append(p.names, name), append(p.renamed, renamed)
	return renamed, nil
}

// template writes an id of the document's parameters as rows have it.
func (p *params) template(at *value, text string) (string, error) {
	var b strings.Builder
	for rest := text; rest != ""; {
		literal, after, opened := strings.Cut(rest, "{")
		if strings.Contains(literal, "}") {
			return "", at.wrong("%s has a } without its {", show(text))
		}
		if literal == "" && opened && b.Len() > 0 {
			return "", at.wrong("%s needs something between two parameters", show(text))
		}
		b.WriteString(literal)
		if !opened {
			break
		}
		name, next, closed := strings.Cut(after, "}")
		i := slices.Index(p.names, name)
		switch {
		case !closed:
			return "", at.wrong("%s has a { without its }", show(text))
		case i < 0:
			return "", at.wrong("%s names {%.80s}; the path's parameters are %s", show(text), name, p.list())
		}
		b.WriteString("{" + p.renamed[i] + "}")
		rest = next
	}
	return b.String(), nil
}

func (p *params) list() string {
	if len(p.names) == 0 {
		return "none"
	}
	return "{" + strings.Join(p.names, "}, {") + "}"
}

// all is the id that is made of every parameter: in /folders/{folder}/reports/{report}, two reports of one name are two things.
func (p *params) all() string {
	return "{" + strings.Join(p.renamed, "}/{") + "}"
}

// resourcesOf says what an operation works on: x-writ-resource, or else what its last parameter names.
func (d *deriver) resourcesOf(o *operation) error {
	v := o.at.member("x-writ-resource")
	if v == nil {
		if len(o.params.names) == 0 {
			return nil // what a list is of is known when all types are: see listed
		}
		typ := o.typeBefore(slices.Index(o.segments, "{"+o.params.renamed[len(o.params.renamed)-1]+"}"))
		if typ == "" {
			return o.at.wrong("has no x-writ-resource, and no text stands before the path's last parameter that would name the type; give x-writ-resource")
		}
		return d.resource(o, o.at, typ, o.params.all())
	}
	elements := v.elements
	switch v.kind {
	case '{':
		elements = []*value{v}
	case '[':
		o.types = []string{} // none in particular, unless there are elements
	default:
		return v.wrong("must be an object of type and id, or an array of such")
	}
	for _, e := range elements {
		if err := e.only("type", "id"); err != nil {
			return err
		}
		typ, err := e.member("type").string()
		if err != nil {
			return err
		}
		if typ == "" {
			return e.wrong("has no type; give one, like report")
		}
		id, err := e.member("id").string()
		if err != nil {
			return err
		}
		if id == "" && len(o.params.names) == 0 {
			id = "*"
		} else if id == "" {
			id = o.params.all()
		} else if id, err = o.params.template(e.member("id"), id); err != nil {
			return err
		}
		if err := d.resource(o, e, typ, id); err != nil {
			return err
		}
	}
	return nil
}

// shape is how the ids of a type look.
type shape struct{ template, place string }

// resource adds a resource to an operation. The ids of one type must look alike everywhere, or one thing would have two names,
// and a policy that denies the one would miss the other.
func (d *deriver) resource(o *operation, at *value, typ, id string) error {
	service, name, other := strings.Cut(typ, ":")
	if other && service == d.service.ID {
		typ = name
	}
	o.types, o.ids = append(o.types, typ), append(o.ids, id)
	if other && service != d.service.ID {
		return nil
	}
	have := d.shapes[typ]
	switch {
	case have == nil:
		d.shapes[typ] = &shape{id, o.place}
	case !strings.Contains(id, "{"):
	case !strings.Contains(have.template, "{"):
		*have = shape{id, o.place}
	case blank(have.template) != blank(id):
		return at.wrong("the id of type %s is %s here, and %s at %s; give x-writ-resource, so that one thing has one name",
			typ, id, have.template, have.place)
	}
	return nil
}

// blank is a template without the names of its variables.
func blank(template string) string {
	var b strings.Builder
	for rest, more := template, true; more; {
		var literal string
		literal, rest, more = strings.Cut(rest, "{")
		b.WriteString(literal)
		if more {
			b.WriteString("{}")
			_, rest, _ = strings.Cut(rest, "}")
		}
	}
	return b.String()
}

func (s *shape) resourceType(name string) catalog.ResourceType {
	t := catalog.ResourceType{Name: name}
	if b := blank(s.template); b != "{}" && strings.Contains(b, "{") {
		t.ID = named(s.template)
	}
	return t
}

// named is a template whose variables may be parts of an id: {id} is the whole one in the catalogue, {root} and {account} are
// the organization's.
func named(template string) string {
	for _, own := range []string{"id", "root", "account"} {
		part := own + "Part"
		for strings.Contains(template, "{"+part+"}") {
			part += "s"
		}
		template = strings.ReplaceAll(template, "{"+own+"}", "{"+part+"}")
	}
	return template
}

// listed makes an operation without parameters one on no particular thing of a type, if its path ends with the type's name:
// GET /reports is about reports if /reports/{id} is about a report.
func (d *deriver) listed(o *operation) {
	if len(o.params.names) > 0 || o.types != nil {
		return
	}
	if typ := o.typeBefore(len(o.segments)); d.shapes[typ] != nil {
		o.types, o.ids = []string{typ}, []string{"*"}
	}
}

// typeBefore names a type by the last text of a path before a segment, in the singular; "" if there is none.
func (o *operation) typeBefore(end int) string {
	for i := end - 1; i >= 0; i-- {
		if !strings.HasPrefix(o.segments[i], "{") {
			return typeOf(o.segments[i])
		}
	}
	return ""
}

// typeOf writes a segment as a type, in the singular: pull_requests is pull-request.
func typeOf(segment string) string {
	words := strings.FieldsFunc(segment, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9')
	})
	name := singular(strings.Join(words, "-"))
	if name == "" {
		return ""
	}
	return strings.ToLower(name[:1]) + name[1:]
}

func singular(s string) string {
	for _, rule := range []struct{ end, instead string }{
		{"ies", "y"}, {"sses", "ss"}, {"shes", "sh"}, {"ches", "ch"}, {"xes", "x"}, {"ss", "ss"}, {"us", "us"}, {"is", "is"}, {"s", ""},
	} {
		if stem, ok := strings.CutSuffix(s, rule.end); ok && stem != "" {
			return stem + rule.instead
		}
	}
	return s
}

func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
