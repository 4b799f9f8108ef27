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

// Spelled gives the query with its names in VNG Cloud's spelling, found once; otherwise each pattern of that language finds
// them anew. They are kept in memory of the caller's.
func (q Query) Spelled(in *Spelled) Query {
	*in = q.spell()
	q.spelled = in
	return q
}

// spell is the query in VNG Cloud's spelling.
func (q *Query) spell() (s Spelled) {
	if q.spelled != nil {
		return *q.spelled
	}
	names := q.dictionary.Actions[q.action]
	s.action, s.aliases = cmp.Or(names.VNGCloud, q.action), names.Aliases
	s.alike = s.action == q.action && len(s.aliases) == 0
	if q.service == "" || q.identifier == "*" {
		return s
	}
	s.resource = segments{product: q.service, root: q.account, typ: q.typ, id: q.identifier}
	if typ, ok := q.dictionary.Types[[2]string{q.service, q.typ}]; ok {
		s.resource.typ = typ
	}
	return s
}

// matchSpelled matches an action in VNG Cloud's spelling; case counts (contract, section 5.1).
func (q *Query) matchSpelled(t pattern, glob string) bool {
	s := q.spell()
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
