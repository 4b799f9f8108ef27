package openapi

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/catalog/route"
)

// Options say what a document leaves open.
type Options struct {
	Service  string  // id of the service; "" for what the document says
	BasePath *string // what stands before every path; nil for what the document's servers say
}

// Derived is what a document gives.
type Derived struct {
	File    *catalog.File
	Service string   // its id
	Skipped []string // operations without an action, as in "GET /pets": nobody may make these requests
}

// Is tells whether a source is an OpenAPI document (or meant as one) and not a file of the catalogue, which is JSON without such
// members.
func Is(source []byte) bool {
	if !isJSON(source) {
		return len(bytes.TrimSpace(source)) > 0
	}
	root, err := read(source)
	return err == nil && (root.member("openapi") != nil || root.member("swagger") != nil)
}

// Derive derives a file of the catalogue from a document. The error is an *Error.
func Derive(source []byte, o Options) (*Derived, error) {
	root, err := read(source)
	if err != nil {
		return nil, err
	}
	if err := checkVersion(root); err != nil {
		return nil, err
	}
	if err := root.onlyOurs("x-writ-service"); err != nil {
		return nil, err
	}
	d := deriver{root: root, shapes: map[string]*shape{}}
	d.out.Service, err = d.serviceOf(o.Service)
	if err != nil {
		return nil, err
	}
	if err := d.operations(o.BasePath); err != nil {
		return nil, err
	}
	if len(d.found) == 0 {
		return nil, &Error{"paths", "has no operation with x-writ-action; name the action of each operation that is to be guarded"}
	}
	if err := d.rows(); err != nil {
		return nil, err
	}
	d.out.File = &catalog.File{Services: []catalog.Service{d.service}}
	if _, err := catalog.ParseFile(d.out.File.Format()); err != nil {
		at, _ := errors.AsType[*catalog.Error](err)
		return nil, &Error{"", fmt.Sprintf("what is derived is no file of the catalogue: %s: %s", at.Path, at.Message)}
	}
	return &d.out, nil
}

var versions = regexp.MustCompile(`^3\.[01](\.[0-9]+)?$`)

func checkVersion(root *value) error {
	v := root.member("openapi")
	switch {
	case v == nil && root.member("swagger") != nil:
		return root.member("swagger").wrong("OpenAPI 2 is not read; convert the document to 3.0 or 3.1")
	case v == nil:
		return &Error{"openapi", `is missing; an OpenAPI document says "openapi": "3.1.0"`}
	case !versions.MatchString(v.text):
		return v.wrong("%s is not read; versions 3.0 and 3.1 are", show(v.text))
	}
	return nil
}

// deriver gathers what a document says.
type deriver struct {
	root    *value
	out     Derived
	service catalog.Service
	backend string
	found   []*operation
	shapes  map[string]*shape // of the ids of the service's own types
	table   route.Table
	places  []string // of the table's rows
}

// serviceOf reads x-writ-service: an id, or an object.
func (d *deriver) serviceOf(given string) (string, error) {
	v := d.root.member("x-writ-service")
	s := &d.service
	if v != nil && v.kind == '"' {
		s.ID = v.text
	} else {
		if err := v.onlyIfThere("id", "name", "description", "backend"); err != nil {
			return "", err
		}
		for _, m := range []struct {
			name string
			to   *string
		}{{"id", &s.ID}, {"name", &s.Name}, {"description", &s.Description}, {"backend", &d.backend}} {
			text, err := v.member(m.name).string()
			if err != nil {
				return "", err
			}
			*m.to = text
		}
	}
	if given != "" {
		s.ID = given
	}
	if s.ID == "" {
		return "", &Error{"x-writ-service", "is missing; give the service's id, as in \"x-writ-service\": \"reports\""}
	}
	if title := d.root.member("info").member("title"); s.Name == "" && title != nil {
		s.Name = plain(title.text, catalog.MaxName)
	}
	if s.Name == "" {
		s.Name = s.ID
	}
	if d.backend == "" {
		d.backend = s.ID
	}
	return s.ID, nil
}

func (v *value) onlyIfThere(known ...string) error {
	if v == nil {
		return nil
	}
	return v.only(known...)
}

// plain makes a text fit for people: one line, no longer than a limit.
func plain(s string, most int) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most-len("…")], "") + "…"
	}
	return s
}

// operation is one operation with an action.
type operation struct {
	place       string // "GET /pets/{id}"
	at          *value
	action      *value // x-writ-action
	name        string // of the action, without the service
	method      string
	path        string   // as rows have it
	segments    []string // of the document's path alone, as rows have them
	params      params
	types, ids  []string
	label       string
	description string
}

// operations finds the operations that have an action, sorted by path and method.
func (d *deriver) operations(base *string) error {
	paths := d.root.member("paths")
	if err := paths.object(); err != nil {
		return err
	}
	if paths == nil {
		return nil
	}
	if err := paths.onlyOurs(); err != nil {
		return err
	}
	for _, text := range slices.Sorted(slices.Values(paths.names)) {
		item := paths.members[text]
		if strings.HasPrefix(text, "x-") {
			continue
		}
		if err := item.object(); err != nil {
			return err
		}
		if err := item.onlyOurs(); err != nil {
			return err
		}
		if ref := item.member("$ref"); ref != nil {
			return ref.wrong("is not followed; write the operations of the path here")
		}
		if trace := item.member("trace").member("x-writ-action"); trace != nil {
			return trace.wrong("TRACE cannot be guarded; leave it out, and let the gateway refuse it")
		}
		for _, method := range route.Methods {
			at := item.member(strings.ToLower(method))
			if at == nil {
				continue
			}
			if err := at.object(); err != nil {
				return err
			}
			if err := at.onlyOurs("x-writ-action", "x-writ-resource", "x-writ-label"); err != nil {
				return err
			}
			if at.member("x-writ-action") == nil {
				d.out.Skipped = append(d.out.Skipped, method+" "+text)
				continue
			}
			before := base
			if before == nil {
				found, err := d.basePath(item, at)
				if err != nil {
					return err
				}
				before = &found
			}
			if err := d.operation(item, at, method, *before, text); err != nil {
				return err
			}
		}
	}
	return nil
}

// basePath is what the document's servers put before a path. All of them must agree.
func (d *deriver) basePath(item, at *value) (string, error) {
	for _, own := range []*value{item.member("servers"), at.member("servers")} {
		if own != nil {
			return "", own.wrong("servers of a part of the document are not read; give --base-path")
		}
	}
	servers := d.root.member("servers")
	if err := servers.list(); err != nil || servers == nil {
		return "", err
	}
	base := ""
	for i, s := range servers.elements {
		v := s.member("url")
		url, err := v.string()
		if err != nil {
			return "", err
		}
		if v == nil {
			return "", s.wrong("has no url")
		}
		path, err := pathOf(v, url)
		if err != nil {
			return "", err
		}
		if i > 0 && path != base {
			return "", v.wrong("has the path %s, the first server %s; give --base-path", show(path), show(base))
		}
		base = path
	}
	return base, nil
}

func pathOf(v *value, url string) (string, error) {
	if _, rest, absolute := strings.Cut(url, "://"); absolute {
		_, path, _ := strings.Cut(rest, "/")
		url = "/" + path
	}
	switch {
	case !strings.HasPrefix(url, "/"):
		return "", v.wrong("%s has no path that can be known; begin it with a slash or a scheme, or give --base-path", show(url))
	case strings.ContainsAny(url, "{}?#"):
		return "", v.wrong("%s has a path that is not fixed; give --base-path", show(url))
	}
	return strings.TrimRight(url, "/"), nil
}

// operation reads one operation.
func (d *deriver) operation(item, at *value, method, base, text string) error {
	o := &operation{place: method + " " + text, at: at, method: method, action: at.member("x-writ-action"), label: label(method)}
	d.found = append(d.found, o)
	if err := d.actionOf(o); err != nil {
		return err
	}
	if err := o.readPath(item, base, text); err != nil {
		return err
	}
	if v := at.member("x-writ-label"); v != nil {
		o.label = v.text
		if labels := []string{catalog.List, catalog.Read, catalog.Write, catalog.Tagging}; v.kind != '"' || !slices.Contains(labels, v.text) {
			return v.wrong("%s is none of %s", show(v.text), strings.Join(labels, ", "))
		}
	} else if strings.HasPrefix(o.name, "List") && o.label == catalog.Read {
		o.label = catalog.List
	}
	summary, err := at.member("summary").string()
	o.description = plain(summary, catalog.MaxText)
	if err != nil {
		return err
	}
	return d.resourcesOf(o)
}

// label is the access level of a method, where nobody says.
func label(method string) string {
	switch method {
	case "GET", "HEAD", "OPTIONS":
		return catalog.Read
	}
	return catalog.Write
}

var actionName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*$`)

func (d *deriver) actionOf(o *operation) error {
	text, err := o.action.string()
	if err != nil {
		return err
	}
	service, name, whole := strings.Cut(text, ":")
	if !whole {
		service, name = d.service.ID, text
	}
	switch {
	case service != d.service.ID:
		return o.action.wrong("%s is of another service; name an action of %s", show(text), show(d.service.ID))
	case !actionName.MatchString(name) || len(name) > catalog.MaxID:
		return o.action.wrong("%s is no name of an action; use letters and digits that begin with a letter, like GetReport", show(text))
	}
	o.name = name
	return nil
}

// readPath writes a path of the document as rows have it: after the base path, parameters in letters and digits.
func (o *operation) readPath(item *value, base, text string) error {
	rest, ok := strings.CutPrefix(text, "/")
	if !ok {
		return item.wrong("the path does not begin with a slash")
	}
	for segment := range strings.SplitSeq(rest, "/") {
		name, opened := strings.CutPrefix(segment, "{")
		name, closed := strings.CutSuffix(name, "}")
		if opened && closed && !strings.ContainsAny(name, "{}") {
			renamed, err := o.params.add(name)
			if err != nil {
				return item.wrong("%v", err)
			}
			segment = "{" + renamed + "}"
		}
		o.segments = append(o.segments, segment)
	}
	o.path = strings.TrimRight(base, "/") + "/" + strings.Join(o.segments, "/")
	if _, err := route.ParsePath(o.path); err != nil {
		return item.wrong("the path cannot be guarded: %v (a {parameter} is a whole segment; there is no slash at the end)", err)
	}
	return nil
}

// rows makes the service's types and actions.
func (d *deriver) rows() error {
	for _, o := range d.found {
		d.listed(o)
	}
	s := &d.service
	for _, name := range sortedKeys(d.shapes) {
		s.Types = append(s.Types, d.shapes[name].resourceType(name))
	}
	byName, byFold := map[string]*action{}, map[string]string{}
	for _, o := range d.found {
		if other := byFold[strings.ToLower(o.name)]; other != "" && other != o.name {
			return o.action.wrong("differs from the action %s in case only, which does not count", other)
		}
		byFold[strings.ToLower(o.name)] = o.name
		a := byName[o.name]
		if a == nil {
			a = &action{first: o}
			byName[o.name] = a
		}
		if err := a.add(o); err != nil {
			return err
		}
		if err := d.told(o); err != nil {
			return err
		}
	}
	for _, name := range sortedKeys(byName) {
		s.Actions = append(s.Actions, byName[name].row(d.backend))
	}
	return nil
}

// told sees to it that the requests of operations can be told apart.
func (d *deriver) told(o *operation) error {
	pattern, err := route.ParsePath(o.path)
	if err == nil {
		_, err = d.table.Add([]string{o.method}, pattern)
	}
	if clash, ok := errors.AsType[*route.Clash](err); ok {
		return o.at.wrong("matches the same requests as %s; the names of parameters do not tell paths apart", d.places[clash.Row])
	}
	d.places = append(d.places, o.place)
	if err != nil {
		return o.at.wrong("%v", err)
	}
	return nil
}

// action is one action, with the operations that mean it.
type action struct {
	first    *operation
	requests []catalog.Request
}

// add adds an operation: the methods of one path are one request.
func (a *action) add(o *operation) error {
	if !slices.Equal(o.types, a.first.types) {
		return o.action.wrong("%s works on %s at %s, and on %s here; one action works on the same types everywhere: name another action, or give x-writ-resource",
			o.name, types(a.first.types), a.first.place, types(o.types))
	}
	for i := range a.requests {
		if r := &a.requests[i]; r.Path == o.path && slices.Equal(r.IDs, o.ids) {
			r.Methods = append(r.Methods, o.method)
			return nil
		}
	}
	a.requests = append(a.requests, catalog.Request{Methods: []string{o.method}, Path: o.path, IDs: o.ids})
	return nil
}

func types(list []string) string {
	if len(list) == 0 {
		return "nothing in particular"
	}
	return strings.Join(list, ", ")
}

func (a *action) row(backend string) catalog.Action {
	o, r := a.first, a.requests[0]
	return catalog.Action{Name: o.name, Label: o.label, Description: o.description, Types: o.types,
		Backend: backend, Methods: r.Methods, Path: r.Path, IDs: r.IDs, Requests: a.requests[1:]}
}
