package catalog

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/writ-iam/writ/internal/catalog/route"
)

// Match is what a request means.
type Match struct {
	Action *Action
	Params []string // the names of the path's parameters, shared
	Values []string // and what the request has for each
	// Resources are the CRNs of what it is about: one for each of the action's types, or the one that stands for no resource
	// in particular. All of them must be allowed.
	Resources []string
}

// backend is the requests of one backend.
type backend struct {
	service  *Service
	table    route.Table
	requests []request // by the table's rows
}

// request is one row: a way to ask for an action.
type request struct {
	action *Action
	params []string
	names  []resourceName // one for each of the action's types
}

// resourceName makes a CRN: a text, then parts that take the values of parameters.
type resourceName struct {
	prefix string // crn::<service>:<type>:
	id     template
	params []int // of the id's parts: the parameter of a variable
}

// Match finds what a request means, by its method and path, which is as it was sent: with its escapes, without its query. The
// rows of a backend are told apart as package route says. Without a backend, all are tried, and the request must fit one of
// them only. It is false when nothing fits for certain; whoever decides denies then.
func (c *Catalog) Match(backend, method, path string) (Match, bool) {
	p, ok := route.NewPath(path)
	if !ok {
		return Match{}, false
	}
	if backend != "" {
		b := c.backends[backend]
		if b == nil {
			return Match{}, false
		}
		row, values, ok := b.table.Match(method, &p)
		if !ok {
			return Match{}, false
		}
		return b.match(row, values)
	}
	return c.only(method, &p)
}

// only finds what a request means if it fits a row of one backend only. A row counts that fits and has a doubtful value, too.
func (c *Catalog) only(method string, p *route.Path) (Match, bool) {
	var in *backend
	var row int
	var values []string
	var certain bool
	for _, b := range c.backends {
		n, v, ok := b.table.Match(method, p)
		if n == route.None {
			continue
		}
		if in != nil {
			return Match{}, false
		}
		in, row, values, certain = b, n, v, ok
	}
	if !certain {
		return Match{}, false
	}
	return in.match(row, values)
}

// match gives what a row says of the values of its parameters; false if they make no names for certain.
func (b *backend) match(row int, values []string) (Match, bool) {
	r := &b.requests[row]
	m := Match{Action: r.action, Params: r.params, Values: values, Resources: make([]string, max(1, len(r.names)))}
	if len(r.names) == 0 {
		m.Resources[0] = r.action.index.anything
	}
	for i := range r.names {
		var ok bool
		if m.Resources[i], ok = r.names[i].of(values); !ok {
			return Match{}, false
		}
	}
	return m, true
}

// of makes the CRN; false if a value is missing, or is one that a reader of the id would cut elsewhere: of the id
// {folder}/{name}, "a/b" with "c" and "a" with "b/c" must not be one thing.
func (n *resourceName) of(values []string) (string, bool) {
	var b strings.Builder
	b.WriteString(n.prefix)
	for i := range n.id {
		text := n.part(i, values)
		if text == "" {
			return "", false
		}
		b.WriteString(text)
	}
	crn := b.String()
	at := len(n.prefix)
	for i := range n.id {
		end := at + len(n.part(i, values))
		if n.id[i].variable != "" && i+1 < len(n.id) && at+strings.Index(crn[at:], n.id[i+1].literal) != end {
			return "", false
		}
		at = end
	}
	return crn, len(crn) <= MaxCRN
}

// part is what stands for a part of the id; "" if there is none.
func (n *resourceName) part(i int, values []string) string {
	switch p := &n.id[i]; {
	case p.variable == "":
		return p.literal
	case p.hex:
		return withoutDashes(values[n.params[i]])
	}
	return values[n.params[i]]
}

// defineRequests enters the requests of an action.
func (c *Catalog) defineRequests(a *Action) *problem {
	if a.Path == "" && a.PathRegex == "" {
		return nil
	}
	b := c.backends[a.Backend]
	switch {
	case b == nil:
		b = &backend{service: a.service}
		c.backends[a.Backend] = b
	case b.service != a.service:
		return problemf("backend %s belongs to service %s; choose another name", show(a.Backend), show(b.service.ID)).at("backend")
	}
	first := Request{Methods: a.Methods, Path: a.Path, IDs: a.IDs}
	if p := b.define(a, &first, a.PathRegex); p != nil {
		return p
	}
	return each("requests", a.Requests, MaxList, func(r *Request) *problem { return b.define(a, r, "") })
}

func (b *backend) define(a *Action, r *Request, regex string) *problem {
	member := "path"
	pattern, err := route.ParsePath(r.Path)
	if regex != "" {
		member = "path_regex"
		pattern, err = route.ParseRegex(regex)
	}
	if err != nil {
		return problemf("%v", err).at(member)
	}
	_, err = b.table.Add(r.Methods, pattern)
	if clash, ok := errors.AsType[*route.Clash](err); ok {
		return problemf("%s of such a path is action %s already; of two rows nobody could tell which is meant", clash.Method,
			b.of(clash.Row, a)).at(member)
	}
	if err != nil {
		return problemf("%v", err).at(member)
	}
	names, p := a.names(pattern.Params(), r.IDs)
	if p != nil {
		return p
	}
	b.requests = append(b.requests, request{a, pattern.Params(), names})
	return nil
}

// of names the action of a row; the last may be of the action that is being entered.
func (b *backend) of(row int, a *Action) string {
	if row < len(b.requests) {
		a = b.requests[row].action
	}
	return a.String()
}

// names says how the CRN of each of the action's types is made of parameters.
func (a *Action) names(params, ids []string) ([]resourceName, *problem) {
	if len(ids) == 0 && len(a.Types) > len(params) {
		return nil, problemf("has %d elements, and the path only %d parameters; give the path more, or say in ids what they are",
			len(a.Types), len(params)).at("types")
	}
	var names []resourceName
	for i, reference := range a.Types {
		text := ""
		if len(ids) > 0 {
			text = ids[i]
		} else {
			text = "{" + params[len(params)-len(a.Types)+i] + "}"
		}
		t, p := parseTemplate(text, func(name string) bool { return slices.Contains(params, name) })
		if p != nil {
			return nil, p.element(i).at("ids")
		}
		key := a.reference(reference)
		n := resourceName{prefix: joinCRN(key.service, key.typ, ""), id: t, params: make([]int, len(t))}
		for j, part := range t {
			n.params[j] = slices.Index(params, part.variable)
		}
		names = append(names, n)
	}
	return names, nil
}

var version = regexp.MustCompile(`^v\d+$`)

// indexPattern writes the first of an action's requests as VNG Cloud lists it (vngcloud.md, section 3.1): a version stands for
// any, each parameter for a segment, and slashes and a query may follow. It is for that list alone; requests are told apart
// more strictly.
func (a *Action) indexPattern() {
	a.index.pattern = a.PathRegex
	if a.Path == "" {
		return
	}
	var b strings.Builder
	b.WriteString("^")
	for i, segment := range strings.Split(strings.TrimPrefix(a.Path, "/"), "/") {
		b.WriteString(`\/`)
		switch {
		case strings.HasPrefix(segment, "{"):
			b.WriteString(`([^\/\?]+)`)
		case i == 0 && version.MatchString(segment):
			b.WriteString(`v\d+`)
		default:
			b.WriteString(regexp.QuoteMeta(segment))
		}
	}
	b.WriteString(`\/*(?:\?.*)?$`)
	a.index.pattern = b.String()
}
