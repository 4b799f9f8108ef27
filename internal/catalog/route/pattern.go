package route

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
)

// MaxRegexSize is the largest compiled regular expression, in instructions. Matching takes time in proportion to it.
const MaxRegexSize = 500

// Pattern is how the paths of a row look.
type Pattern struct {
	segments []segment
	params   []string
	regex    *regexp.Regexp // instead of segments
	size     int            // of the regular expression, in instructions
	prefix   string         // with which every path begins that the regular expression matches
}

// segment is a literal, or the variable of a name.
type segment struct{ literal, variable string }

// ParsePath reads a template: /v1/folders/{folder}. Each variable stands for one segment. The error says what is wrong, and
// what would be right.
func ParsePath(text string) (*Pattern, error) {
	rest, ok := strings.CutPrefix(text, "/")
	if !ok {
		return nil, fmt.Errorf("%s does not begin with a slash", show(text))
	}
	p := &Pattern{}
	for s := range strings.SplitSeq(rest, "/") {
		name, opened := strings.CutPrefix(s, "{")
		name, closed := strings.CutSuffix(name, "}")
		switch {
		case opened && closed && isName(name) && !slices.Contains(p.params, name):
			p.params = append(p.params, name)
			p.segments = append(p.segments, segment{variable: name})
		case strings.ContainsAny(s, "{}%"), !literal(s):
			return nil, fmt.Errorf("%s is no segment of a path; use a text or a {parameter} of its own name", show(s))
		default:
			p.segments = append(p.segments, segment{literal: s})
		}
	}
	if len(p.segments) > MaxSegments {
		return nil, fmt.Errorf("has %d segments; at most %d are allowed", len(p.segments), MaxSegments)
	}
	return p, nil
}

// literal tells whether a request's path can have the segment.
func literal(s string) bool {
	value, ok := decode(s)
	return ok && value == s
}

// ParseRegex reads a regular expression of whole paths, whose groups are the variables 1, 2, …. It must be one that RE2
// knows, small, and anchored: one that is not would match paths that nobody thought of.
func ParseRegex(text string) (*Pattern, error) {
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, err
	}
	subs := parsed.Sub
	if parsed.Op != syntax.OpConcat || subs[0].Op != syntax.OpBeginText || subs[len(subs)-1].Op != syntax.OpEndText {
		return nil, fmt.Errorf("must match the whole path; begin it with ^ and end it with $")
	}
	p := &Pattern{}
	for i := range parsed.MaxCap() {
		p.params = append(p.params, strconv.Itoa(i+1))
	}
	if next := subs[1]; next.Op == syntax.OpLiteral && next.Flags&syntax.FoldCase == 0 {
		p.prefix = string(next.Rune)
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil || len(program.Inst) > MaxRegexSize {
		return nil, fmt.Errorf("is too large once compiled; at most %d instructions are allowed", MaxRegexSize)
	}
	p.size, p.regex = len(program.Inst), regexp.MustCompile(text)
	return p, nil
}

// Params are the names of the variables, in their order. The list is shared.
func (p *Pattern) Params() []string { return p.params }

// isName tells whether s can name a variable: letters and digits, the first a letter.
func isName(s string) bool {
	for i := range len(s) {
		letter := 'a' <= s[i]|0x20 && s[i]|0x20 <= 'z'
		if !letter && (i == 0 || s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return s != ""
}

// show makes a text fit to stand in a message.
func show(s string) string {
	const most = 80
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return strconv.Quote(s)
}
