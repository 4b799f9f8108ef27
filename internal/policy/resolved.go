package policy

import (
	"fmt"
	"slices"
)

// This file is what the languages share whose documents name sets of actions: Scaleway's and Cloudflare's. The program
// keeps what the names mean; the document itself is printed from the names.

// outgrown refuses a document that outgrows the indexes of a program once its names are spelled out.
const outgrown = "the document is too large once what it names is spelled out; split it into several policies"

// grant adds a statement of what a grant means, like one in all else. A grant of nothing adds none. It tells whether the
// program still fits, so that a short document cannot make a large one.
func (b *builder) grant(like parts, g Grant) bool {
	if len(g.Actions) == 0 {
		return true
	}
	like.actions, like.excepted = actionGlobs(g.Actions), actionGlobs(g.Except)
	b.statement(&like)
	return b.fits()
}

func actionGlobs(patterns []string) []glob {
	out := make([]glob, len(patterns))
	for i, pattern := range patterns {
		out[i] = glob{pattern, actionKind(pattern)}
	}
	return out
}

// something tells whether a grant is of any action at all.
func (g Grant) something() bool { return len(g.Actions) > 0 }

// everything tells whether a grant is of every action.
func (g Grant) everything() bool {
	return len(g.Except) == 0 && slices.ContainsFunc(g.Actions, func(a string) bool { return actionKind(a) == patternAny })
}

// distinct reads a list of texts and drops those that it has already had, with a warning. canonical gives a text its
// canonical form, or says what is wrong with it.
func (r *reader) distinct(b *builder, limit int, what string, canonical func(text string) (string, string)) ([]located, error) {
	start := r.next()
	var out []located
	err := r.array(limit, what, func(int) error {
		item, err := r.text()
		if err != nil {
			return err
		}
		var problem string
		if item.text, problem = canonical(item.text); problem != "" {
			return r.errorf(item.offset, "%s", problem)
		}
		if hasText(out, item.text) {
			b.warnLater(string(r.path), "repeats %s, which counts once", show(item.text))
			return nil
		}
		out = append(out, item)
		return nil
	})
	if err == nil && len(out) == 0 {
		err = r.errorf(start, "needs at least one of %s", what)
	}
	return out, err
}

func hasText(list []located, text string) bool {
	return slices.ContainsFunc(list, func(l located) bool { return l.text == text })
}

// warnLater keeps a remark that only the document gives occasion for: names are gone from the program.
func (b *builder) warnLater(path, format string, args ...any) {
	b.more.warnings = append(b.more.warnings, Warning{path, fmt.Sprintf(format, args...)})
}

// keptWarnings are the remarks that compilation kept.
func (p *Program) keptWarnings() []Warning {
	if p.more == nil {
		return nil
	}
	return slices.Clone(p.more.warnings)
}

// lowerHex tells whether s is hexadecimal digits, in lower case.
func lowerHex(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return s != ""
}

// appendLocated appends an array of JSON strings.
func appendLocated(out []byte, texts []located) []byte {
	out = append(out, '[')
	for i, t := range texts {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendQuoted(out, t.text)
	}
	return append(out, ']')
}
