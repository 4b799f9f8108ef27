package catalog

import "strings"

// template is a text with variables: literals and variables by turns.
type template []part

// part is a literal, or the variable of a name.
type part struct {
	literal  string
	variable string
	hex      bool // the variable is a UUID, written without dashes
}

// parseTemplate reads "a{x}b{y:hex}". A variable needs a literal before the next one, or nobody could say where it ends.
func parseTemplate(text string, allowed func(variable string) bool) (template, *problem) {
	var t template
	for text != "" {
		literal, rest, open := strings.Cut(text, "{")
		if strings.Contains(literal, "}") {
			return nil, problemf("has a } without its {")
		}
		if literal != "" {
			t = append(t, part{literal: literal})
		}
		if !open {
			break
		}
		name, after, closed := strings.Cut(rest, "}")
		name, hex := strings.CutSuffix(name, ":hex")
		switch {
		case !closed:
			return nil, problemf("has a { without its }")
		case !isAction(name) && !isNumber(name):
			return nil, problemf("%s is no name of a variable; use letters and digits", show(name))
		case !allowed(name):
			return nil, problemf("the variable %s is not known here", show(name))
		case literal == "" && len(t) > 0:
			return nil, problemf("needs something between two variables")
		}
		t = append(t, part{variable: name, hex: hex})
		text = after
	}
	return t, nil
}

// isNumber tells whether s names a group of a regular expression.
func isNumber(s string) bool {
	return s != "" && len(s) <= MaxID && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// variables lists the variables in their order.
func (t template) variables() []string {
	var out []string
	for _, p := range t {
		if p.variable != "" {
			out = append(out, p.variable)
		}
	}
	return out
}

// shape is the template without the names of its variables: two templates of one shape match the same texts.
func (t template) shape() string {
	var b strings.Builder
	for _, p := range t {
		switch {
		case p.variable == "":
			b.WriteString(p.literal)
		case p.hex:
			b.WriteString("{:hex}")
		default:
			b.WriteString("{}")
		}
	}
	return b.String()
}

// expand puts values in; false if one is missing or cannot stand in its place.
func (t template) expand(values map[string]string) (string, bool) {
	var b strings.Builder
	for _, p := range t {
		if p.variable == "" {
			b.WriteString(p.literal)
			continue
		}
		value := values[p.variable]
		if p.hex {
			value = withoutDashes(value)
		}
		if value == "" {
			return "", false
		}
		b.WriteString(value)
	}
	return b.String(), true
}

// match takes a text apart. A variable ends where the literal after it begins first; the last one takes the rest.
func (t template) match(text string, values map[string]string) bool {
	for i, p := range t {
		if p.variable == "" {
			var ok bool
			if text, ok = strings.CutPrefix(text, p.literal); !ok {
				return false
			}
			continue
		}
		end := len(text)
		if i+1 < len(t) {
			end = strings.Index(text, t[i+1].literal)
		}
		if end <= 0 {
			return false
		}
		value := text[:end]
		if p.hex {
			value = withDashes(value)
		}
		if before, bound := values[p.variable]; value == "" || bound && before != value {
			return false
		}
		values[p.variable] = value
		text = text[end:]
	}
	return text == ""
}

// withoutDashes writes a UUID as Cloudflare does; "*" stays, and what is no UUID becomes "".
func withoutDashes(id string) string {
	switch {
	case id == "*":
		return id
	case !isUUID(id):
		return ""
	}
	return strings.ReplaceAll(id, "-", "")
}

func withDashes(hex string) string {
	if hex == "*" {
		return hex
	}
	if len(hex) != 32 {
		return ""
	}
	id := hex[:8] + "-" + hex[8:12] + "-" + hex[12:16] + "-" + hex[16:20] + "-" + hex[20:]
	if !isUUID(id) {
		return ""
	}
	return id
}
