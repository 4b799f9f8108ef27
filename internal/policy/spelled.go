package policy

import (
	"cmp"
	"strings"
)

// Spelled is what a query names, as VNG Cloud spells it (contract, section 5). The zero Spelled is of no query.
type Spelled struct {
	alike    bool // the action is spelled as natively, and only so
	action   string
	aliases  []string
	resource segments
}

// segments is a resource name of VNG Cloud's, product::root:type/id. A resource without an id is "*", which only that
// pattern covers; its product is empty.
type segments struct {
	product, root, typ, id string
}

// SpellingOf is what a query names, as VNG Cloud spells it in a world, for an organization's short number.
func SpellingOf(w *World, account, action, resource string) Spelled {
	d := w.Dictionary
	if d == nil {
		d = &plainNames
	}
	service, typ, id := crnOf(resource)
	return d.spell(account, action, service, typ, id)
}

// Spelled gives the query with its SpellingOf, found once; otherwise each pattern of that language finds it anew. It is in
// memory of the caller's, and not found from the query itself, so that neither need be on the heap.
func (q Query) Spelled(as *Spelled) Query {
	q.spelled = as
	return q
}

func (q *Query) spelling() Spelled {
	if q.spelled != nil {
		return *q.spelled
	}
	return q.dictionary.spell(q.account, q.action, q.service, q.typ, q.identifier)
}

func (d *Dictionary) spell(account, action, service, typ, id string) (s Spelled) {
	names := d.find(action)
	s.action, s.aliases = cmp.Or(names.VNGCloud, names.native, action), names.Aliases
	s.alike = s.action == action && len(s.aliases) == 0
	if service == "" || id == "*" {
		return s
	}
	s.resource = segments{product: service, root: account, typ: typ, id: id}
	if typ, ok := d.types[[2]string{service, typ}]; ok {
		s.resource.typ = typ
	}
	// A name is cut at its first slash (contract, section 5.2), so what follows a slash in a type belongs to the id.
	if typ, rest, slashed := strings.Cut(s.resource.typ, "/"); slashed {
		s.resource.typ, s.resource.id = typ, rest+"/"+id
	}
	return s
}

// crnOf cuts a CRN; its parts are "" when the text is none.
func crnOf(resource string) (service, typ, id string) {
	rest, ok := strings.CutPrefix(resource, "crn:")
	_, rest, second := strings.Cut(rest, ":")
	service, rest, third := strings.Cut(rest, ":")
	typ, id, fourth := strings.Cut(rest, ":")
	if !ok || !second || !third || !fourth {
		return "", "", ""
	}
	return service, typ, id
}

// matchSpelled matches an action in VNG Cloud's spelling; case counts (contract, section 5.1).
func (q *Query) matchSpelled(t pattern, glob string) bool {
	s := q.spelling()
	if matchText(t.kind-spelledExact, t.extra, glob, s.action) {
		return true
	}
	for _, alias := range s.aliases {
		if matchText(t.kind-spelledExact, t.extra, glob, alias) {
			return true
		}
	}
	return false
}

// matches tells whether a pattern of a name covers the resource, segment by segment: product and region are equal; root, type
// and id are globs. A pattern without an id covers every id of its types (contract, section 5.2).
func (name segments) matches(pattern string) bool {
	product, rest, _ := strings.Cut(pattern, ":")
	region, rest, _ := strings.Cut(rest, ":")
	root, rest, _ := strings.Cut(rest, ":")
	typ, id, hasID := strings.Cut(rest, "/")
	return name.product != "" && product == name.product && region == "" && matchStars(root, name.root) &&
		matchStars(typ, name.typ) && (!hasID || matchStars(id, name.id))
}
