package authz

import (
	"github.com/writ-iam/writ/internal/policy"
)

// rows are statements laid out for speed: what each alternative of a statement needs of a query, and the statement.
// The two slices have one length; only needs are read for a statement that is passed over.
type rows struct {
	needs      []uint64
	statements []policy.Statement
}

// add lays out a policy's statements.
func (r *rows) add(p *policy.Program) {
	for i := range p.Len() {
		for _, need := range p.Signatures(i) {
			r.needs = append(r.needs, need)
			r.statements = append(r.statements, p.Statement(i))
		}
	}
}

// ask adds the rows' word to the verdict so far: ExplicitDeny at the first denial that applies. A statement none of
// whose needs the query has cannot match (policy.Program.Signatures), and once something allows, only denials are of
// interest.
func (r *rows) ask(q *policy.Query, have uint64, verdict Reason) Reason {
	for i, need := range r.needs {
		if need&^have != 0 {
			continue
		}
		s := &r.statements[i]
		deny := s.Effect() == policy.Deny
		if (deny || verdict != Allowed) && s.Match(q) {
			if deny {
				return ExplicitDeny
			}
			verdict = Allowed
		}
	}
	return verdict
}
