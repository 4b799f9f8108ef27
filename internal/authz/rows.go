package authz

import (
	"cmp"
	"slices"

	"github.com/writ-iam/writ/internal/policy"
)

// rows are statements laid out for speed, all in one piece of memory, because a decision among many organizations' or
// principals' statements spends its time waiting for it. There is a row for each need of each statement
// (policy.Program.Needs), in the order of the resource features that they need; words holds
//
//	how many different sets of features there are, and the header's flags
//	the sets
//	for each set, where its rows begin; then where the last one's end; 32 bits each
//	the rows
//
// so that a decision reads the sets, a line or two, and beyond them only the rows whose resource may match.
type rows struct {
	words    []uint64
	programs []*policy.Program // that rows refer to
}

// Flags in the first word.
const (
	headerCommon   = 1 << 63 // the holder has common policies, too
	headerPersonal = 1 << 62 // a condition looks at who asks (policy.Program.DependsOnPrincipal)
	headerFlags    = headerCommon | headerPersonal
)

// row is one row in a word: the action's prefix, the program's place in rows.programs and the statement's in the program.
type row uint64

const (
	rowSpelled      row = 1 << 23 // the action's prefix is of VNG Cloud's spelling; lengths need seven bits
	rowDenies       row = 1 << 24 // the statement denies
	rowStatementBit     = 25
	maxStatements       = 1 << 15 // of a program; it leaves 24 bits for the program
)

func newRow(program, statement int, action policy.Prefix, effect policy.Effect) row {
	r := row(action.Hash) | row(action.Length)<<16 | row(program*maxStatements+statement)<<rowStatementBit
	if action.Spelled {
		r |= rowSpelled
	}
	if effect == policy.Deny {
		r |= rowDenies
	}
	return r
}

func (r row) prefix() policy.Prefix {
	return policy.Prefix{Hash: uint16(r), Length: uint8(r>>16) & 0x7f, Spelled: r&rowSpelled != 0}
}

func (r row) place() place { return place(r >> rowStatementBit) }

// place is where a statement is: the program's place in rows.programs and the statement's in the program, in this order.
type place uint64

func (p place) statement() int { return int(p % maxStatements) }
func (p place) program() int   { return int(p / maxStatements) }

// newRows lays programs out. common says that the holder has common policies besides.
func newRows(programs []*policy.Program, common bool) rows {
	type need struct {
		features uint64
		row      row
	}
	var needs []need
	for i, p := range programs {
		for s := range p.Len() {
			for _, n := range p.Needs(s) {
				needs = append(needs, need{n.Resource, newRow(i, s, n.Action, p.Effect(s))})
			}
		}
	}
	if len(needs) == 0 && !common {
		return rows{}
	}
	slices.SortFunc(needs, func(a, b need) int { // denials first: the first that applies ends the search
		return cmp.Or(cmp.Compare(a.features, b.features), cmp.Compare(b.row&rowDenies, a.row&rowDenies), cmp.Compare(a.row, b.row))
	})
	var sets, starts, list []uint64
	for i, n := range needs {
		if i == 0 || n.features != needs[i-1].features {
			sets, starts = append(sets, n.features), append(starts, uint64(i))
		}
		list = append(list, uint64(n.row))
	}
	starts = append(starts, uint64(len(needs)))
	r := rows{programs: programs, words: make([]uint64, 0, 1+len(sets)+(len(starts)+1)/2+len(list))}
	header := uint64(len(sets))
	if common {
		header |= headerCommon
	}
	if slices.ContainsFunc(programs, (*policy.Program).DependsOnPrincipal) {
		header |= headerPersonal
	}
	r.words = append(append(r.words, header), sets...)
	for i := 0; i < len(starts); i += 2 {
		pair := starts[i]
		if i+1 < len(starts) {
			pair |= starts[i+1] << 32
		}
		r.words = append(r.words, pair)
	}
	r.words = append(r.words, list...)
	return r
}

// sets is how many sets of features there are.
func (r *rows) sets() int {
	if len(r.words) == 0 {
		return 0
	}
	return int(r.words[0] &^ headerFlags)
}

// common tells whether the holder has common policies besides.
func (r *rows) common() bool { return len(r.words) > 0 && r.words[0]&headerCommon != 0 }

// personal tells whether a condition looks at who asks, so that what the rows say to one principal is not what they say to all.
func (r *rows) personal() bool { return len(r.words) > 0 && r.words[0]&headerPersonal != 0 }

// of gives the rows of set i, one a word.
func (r *rows) of(i int) []uint64 {
	sets := r.sets()
	start := func(i int) int { return int(uint32(r.words[1+sets+i/2] >> (i & 1 * 32))) }
	list := r.words[1+sets+sets/2+1:]
	return list[start(i):start(i+1)]
}

// ask adds the rows' word to the verdict so far: ExplicitDeny at the first denial that applies.
func (r *rows) ask(q *policy.Query, verdict Reason) Reason {
	if len(r.words) == 0 {
		return verdict
	}
	have := q.Features()
	for i, need := range r.words[1 : 1+r.sets()] {
		if need&^have != 0 {
			continue
		}
		if verdict = r.askSet(i, q, verdict); verdict == ExplicitDeny {
			break
		}
	}
	return verdict
}

// askSet asks the rows of one set. Once something allows, only denials are of interest.
func (r *rows) askSet(i int, q *policy.Query, verdict Reason) Reason {
	for _, word := range r.of(i) {
		row := row(word)
		deny := row&rowDenies != 0
		if !deny && verdict == Allowed || !q.HasPrefix(row.prefix()) {
			continue
		}
		if at := row.place(); !r.programs[at.program()].Match(at.statement(), q) {
			continue
		}
		if deny {
			return ExplicitDeny
		}
		verdict = Allowed
	}
	return verdict
}

// places adds the statements that may match the query, each once and in order; at NearMisses also those of which only the
// action may.
func (r *rows) places(to []place, q *policy.Query, depth Depth) []place {
	if len(r.words) == 0 {
		return to
	}
	for i, need := range r.words[1 : 1+r.sets()] {
		if depth < NearMisses && need&^q.Features() != 0 {
			continue
		}
		for _, word := range r.of(i) {
			if q.HasPrefix(row(word).prefix()) {
				to = append(to, row(word).place())
			}
		}
	}
	slices.Sort(to)
	return slices.Compact(to)
}
