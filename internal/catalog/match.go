package catalog

import (
	"net/url"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
)

// route is how the requests for an action look.
type route struct {
	pattern string
	regex   *regexp.Regexp
	params  []string   // of the pattern's groups
	ids     []template // of params; one for each of the action's types
}

type routeKey struct{ backend, method string }

// Match finds the action of a request to a backend and the ids of the resources that it is about, one for each of the
// action's types, as vngcloud.md, section 7.2, says: the first row in catalogue order whose methods and path fit. path is as
// it was sent, escapes and query included; ids are unescaped after the path was cut, so that an escaped slash does not cut.
// Only VNG Cloud has rows.
func (c *Catalog) Match(dialect, backend, method, path string) (a *Action, ids []string, ok bool) {
	if dialect != VNGCloud || len(path) > MaxRequestPath {
		return nil, nil, false
	}
	for _, a := range c.routes[routeKey{backend, method}] {
		if groups := a.index.regex.FindStringSubmatch(path); groups != nil {
			ids, ok := a.index.fill(groups[1:])
			return a, ids, ok
		}
	}
	return nil, nil, false
}

// fill makes the ids of what the groups of a path hold; false if an escape is broken.
func (r *route) fill(groups []string) ([]string, bool) {
	values := make(map[string]string, len(groups))
	for i, name := range r.params {
		value, err := url.PathUnescape(groups[i])
		if err != nil {
			return nil, false
		}
		values[name] = value
	}
	var ids []string
	for _, t := range r.ids {
		id, ok := t.expand(values)
		if !ok {
			return nil, false
		}
		ids = append(ids, id)
	}
	return ids, true
}

// indexRoute compiles the path of an action.
func (a *Action) indexRoute() *problem {
	if a.Path == "" && a.PathRegex == "" {
		return nil
	}
	var p *problem
	if a.Path != "" {
		a.index.pattern, a.index.params, p = parsePath(a.Path)
	} else {
		a.index.pattern, a.index.params, p = parseRegex(a.PathRegex)
	}
	if p != nil {
		return p
	}
	a.index.regex = regexp.MustCompile(a.index.pattern)
	return a.indexIDs()
}

func (a *Action) indexIDs() *problem {
	params := a.index.params
	if len(a.IDs) == 0 && len(a.Types) > len(params) {
		return problemf("has %d elements, and the path only %d parameters; give the path more, or say in ids what they are",
			len(a.Types), len(params)).at("types")
	}
	for i := range a.Types {
		var text string
		if len(a.IDs) > 0 {
			text = a.IDs[i]
		} else {
			text = "{" + params[len(params)-len(a.Types)+i] + "}"
		}
		t, p := parseTemplate(text, func(name string) bool { return slices.Contains(params, name) })
		if p != nil {
			return p.element(i).at("ids")
		}
		a.index.ids = append(a.index.ids, t)
	}
	return nil
}

var version = regexp.MustCompile(`^v\d+$`)

// parsePath writes a template as a regular expression, by the rule of vngcloud.md, section 3.1: a version stands for any
// version, each parameter for a segment, and slashes and a query may follow.
func parsePath(path string) (pattern string, params []string, _ *problem) {
	rest, ok := strings.CutPrefix(path, "/")
	if !ok {
		return "", nil, problemf("%s does not begin with a slash", show(path)).at("path")
	}
	var b strings.Builder
	b.WriteString("^")
	for i, segment := range strings.Split(rest, "/") {
		b.WriteString(`\/`)
		name, isParam := strings.CutPrefix(segment, "{")
		name, closed := strings.CutSuffix(name, "}")
		switch {
		case isParam && closed && isAction(name) && !slices.Contains(params, name):
			params = append(params, name)
			b.WriteString(`([^\/\?]+)`)
		case i == 0 && version.MatchString(segment):
			b.WriteString(`v\d+`)
		case segment == "" || strings.ContainsAny(segment, "{}?#%"):
			return "", nil, problemf("%s is no segment of a path; use a text or a {parameter} of its own name", show(segment)).at("path")
		default:
			b.WriteString(regexp.QuoteMeta(segment))
		}
	}
	b.WriteString(`\/*(?:\?.*)?$`)
	return b.String(), params, nil
}

// parseRegex checks a regular expression: it must be one that RE2 knows, small, and about the whole path. One that is not
// anchored would match paths that nobody thought of.
func parseRegex(text string) (pattern string, params []string, _ *problem) {
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return "", nil, problemf("%v", err).at("path_regex")
	}
	subs := parsed.Sub
	if parsed.Op != syntax.OpConcat || subs[0].Op != syntax.OpBeginText || subs[len(subs)-1].Op != syntax.OpEndText {
		return "", nil, problemf("must match the whole path; begin it with ^ and end it with $").at("path_regex")
	}
	for i := range parsed.MaxCap() {
		params = append(params, strconv.Itoa(i+1))
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil || len(program.Inst) > MaxRegexSize {
		return "", nil, problemf("is too large once compiled; at most %d instructions are allowed", MaxRegexSize).at("path_regex")
	}
	return text, params, nil
}
