package policy

import (
	"iter"
	"slices"
	"strings"
)

// Reach yields what statement i could allow or deny, as pairs of an action and a resource, for callers that ask whether
// somebody has what a document gives. The actions are those listed that it covers in some context, and its action patterns
// that match none of these or are of everything. A resource is one that the statement names, or the text of a pattern, which a pattern that
// covers it matches; "*" is everything. What has an identifier alone gets the service of the action.
func (p *Program) Reach(i int, in Setting, listed []string) iter.Seq2[string, string] {
	return func(yield func(action, resource string) bool) {
		s := p.statement(i)
		for _, action := range p.reached(s, in, listed) {
			for _, resource := range p.reachedResources(s, action) {
				if !yield(action, resource) {
					return
				}
			}
		}
	}
}

// reached are the actions that a statement could apply to.
func (p *Program) reached(s statement, in Setting, listed []string) (out []string) {
	of, ordered := s.actionTexts(), s.flags&flagOrdered != 0
	beyond := p.textsOf(of) // patterns that have matched nothing yet
	for _, action := range listed {
		q := in.NewQuery(action, "*", nil)
		if p.action(s, &q) < 0 {
			continue
		}
		for n := range of.n {
			if p.firstAction(texts{of.first + n, 1}, &q) >= 0 {
				beyond[n] = ""
			}
		}
		if !ordered || p.more.ordered.could(s.effect(), &q) {
			out = append(out, action)
		}
	}
	beyond = slices.DeleteFunc(beyond, func(text string) bool { return text == "" })
	// Everything is more than what is listed.
	if !ordered && p.everyAction(s) || ordered && p.more.ordered.fallback == s.effect() {
		beyond = append(beyond, "*")
	}
	return append(out, beyond...)
}

// could tells whether a list of rules comes to an effect in some context.
func (r *ruleSet) could(effect Effect, q *Query) bool {
	c := r.classes[q.class()]
	switch {
	case c == nil:
		return r.fallback == effect
	case c.fixed:
		return c.effect == effect
	}
	return slices.ContainsFunc(c.rules, func(x rule) bool { return x.action == effect })
}

// reachedResources are the resources that a statement names for an action.
func (p *Program) reachedResources(s statement, action string) []string {
	of := s.resourceTexts()
	if of.n == 0 {
		return []string{"*"}
	}
	service, _, _ := strings.Cut(action, ":")
	out := make([]string, of.n)
	for i := range out {
		t := p.pattern(of.first + i)
		switch out[i] = p.glob(t); {
		case t.kind == segmentName:
			out[i] = nameInCRN(out[i])
		case t.kind >= identifierExact:
			out[i] = "crn:*:" + service + ":*:" + out[i]
		}
	}
	return out
}

// nameInCRN writes a name of VNG Cloud's as a CRN whose type is spelled as it is there. No id and "*" are every id; the
// latter would be none in particular in a CRN.
func nameInCRN(name string) string {
	product, rest, _ := strings.Cut(name, ":")
	_, rest, _ = strings.Cut(rest, ":")
	_, rest, _ = strings.Cut(rest, ":")
	typ, id, _ := strings.Cut(rest, "/")
	if id == "" || id == "*" {
		id = "**"
	}
	return "crn::" + product + ":" + typ + ":" + id
}
