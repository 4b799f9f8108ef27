package policy

import (
	"fmt"
	"strings"
)

// Warning is a remark on a document that is valid, but may not mean what its author thinks.
type Warning struct {
	Path    string // as in Error
	Message string
}

// Warnings looks for what is allowed and yet likely to be a mistake, in the order of the document. The first kind is required
// by the ByCloud contract (section 16.7): a statement without resources means every resource, which widens a grant.
func (p *Program) Warnings() []Warning {
	switch p.Language() {
	case VNGCloud:
		return p.warnVNGCloud()
	case Cloudflare:
		return p.warnCloudflare()
	case Scaleway:
		return p.warnScaleway()
	case Exoscale:
		return p.warnExoscale()
	}
	var out []Warning
	for i := range p.Len() {
		path := fmt.Sprintf("statements[%d]", i)
		s := p.statement(i)
		if s.resources == 0 {
			out = append(out, Warning{path + ".resources", `is absent, which means every resource; write ["*"] if that is meant`})
		}
		for j, action := range p.textsOf(s.actionTexts()) {
			if strings.Contains(action, "?") {
				out = append(out, Warning{fmt.Sprintf("%s.actions[%d]", path, j), `? is no wildcard in actions; only * is`})
			}
		}
		for j, resource := range p.textsOf(s.resourceTexts()) {
			if incompleteCRN(resource) {
				out = append(out, Warning{fmt.Sprintf("%s.resources[%d]", path, j), "matches no CRN: those have five parts, crn:region:service:type:id"})
			}
		}
		for j, c := range p.conditionsOf(s) {
			out = p.warnCondition(out, fmt.Sprintf("%s.conditions[%d]", path, j), c)
		}
	}
	return out
}

// incompleteCRN tells whether a pattern wants a whole name with fewer than five parts.
func incompleteCRN(glob string) bool {
	return strings.HasPrefix(glob, "crn:") && strings.Count(glob, ":") < 4 && !strings.ContainsAny(glob, "*?")
}

func (p *Program) warnCondition(out []Warning, path string, c condition) []Warning {
	key := p.textOf(int(c.first))
	if c.from == fromAttributes && strings.HasPrefix(key, "iam:") {
		out = append(out, Warning{path + ".key", show(key) + " is none of the keys that are filled in; only a caller's context can have it"})
	}
	family := c.operator.family()
	if c.from != fromSourceIP && c.from != fromNow || family != textFamily && family != foldFamily {
		return out
	}
	for i := range int(c.values) {
		if p.valueOf(c, i).kind == operandUnreadable {
			out = append(out, Warning{fmt.Sprintf("%s.values[%d]", path, i), notEqual(c.from)})
		}
	}
	return out
}

func notEqual(from source) string {
	if from == fromSourceIP {
		return "is no address, so no address equals it; use ip_address for networks"
	}
	return "is no RFC 3339 time, so no time equals it"
}
