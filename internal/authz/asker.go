package authz

import (
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// asker answers one question about one principal after the other, each as Decide would.
//
// Decide asks holders one after the other, and takes the verdict along. What a holder makes of a verdict is the same for all
// who hold it, unless a condition looks at who asks; so it is remembered, for each verdict with which it was asked.
//
// Expressions share one bound in a decision, and here each holder's have a bound of their own. Their costs are remembered as
// well: where the sum is far from the bound, Decide stays below it; where it is not, Decide is asked.
type asker struct {
	index     *Index
	search    *Search
	context   policy.Context // what questions see
	unnamed   bool           // the search leaves it to each principal who asks
	current   iam.Principal  // who is asked about
	named     bool           // context speaks of current
	questions []question     // one for each resource
}

// question is what is asked about one resource, and what was answered.
type question struct {
	*asker
	query    policy.Query
	groups   memory
	policies memory // common ones
}

func newAsker(x *Index, s *Search) *asker {
	a := &asker{index: x, search: s, context: s.Context, unnamed: s.Context.PrincipalCRN == "" || s.Context.PrincipalType == ""}
	in := policy.Setting{World: x.world, Account: x.account}
	for _, resource := range s.Resources {
		a.questions = append(a.questions, question{
			asker: a, query: in.NewQuery(s.Action, resource, &a.context),
			groups: newMemory(x.groups.Len()), policies: newMemory(x.policies.Len()),
		})
	}
	return a
}

// certainCost is up to where expressions, asked holder by holder, surely cost less than the bound when they are asked in one
// go. The two costs differ because what was answered a moment ago is not always asked again; but by no more than half.
const certainCost = policy.MaxDecisionCost / 2

// allowed tells whether the principal may. The organization's boundary narrows what policies allow, for the owner, too: who is
// allowed without it is asked about again, with it.
func (a *asker) allowed(id iam.Principal) bool {
	return a.byPolicies(id) && (a.index.boundary == nil || a.decide(id))
}

func (a *asker) decide(id iam.Principal) bool {
	r := a.search.Request(id)
	return a.index.Decide(&r).Allowed()
}

// byPolicies tells whether the policies of a principal allow.
func (a *asker) byPolicies(id iam.Principal) bool {
	p, reason := a.index.who(id)
	if reason != NoMatch {
		return reason == Allowed // the owner
	}
	a.current, a.named = id, false
	cost := 0
	for i := range a.questions {
		t := a.questions[i].ask(p)
		if t.verdict != Allowed || t.exceeded {
			return false
		}
		cost += t.cost
	}
	return cost <= certainCost || a.decide(id)
}

// name puts into the context who is asked about.
func (a *asker) name() {
	if !a.named {
		r := a.search.Request(a.current)
		a.context, a.named = r.Context, true
	}
}

// personal tells whether rows have to be asked anew for each principal.
func (a *asker) personal(r *rows) bool { return a.unnamed && r.personal() }

// commonRows are the rows of a common policy.
func (a *asker) commonRows(slot uint32) *rows { return a.index.policies.At(int(slot)).common }

// tally is a verdict in the making.
type tally struct {
	verdict  Reason // NoMatch, Allowed or ExplicitDeny
	exceeded bool   // expressions reached a bound, so the decision is a denial
	cost     int    // of expressions
}

// over tells whether it is a denial already, whatever comes.
func (t *tally) over() bool { return t.verdict == ExplicitDeny || t.exceeded }

// ask goes through the principal's policies in the order of Index.ask.
func (q *question) ask(p *principal) (t tally) {
	if p.own != nil {
		q.askHolder(&t, &p.own.rows, p.own.more)
	}
	for i := 0; i < int(p.groups.n) && !t.over(); i++ {
		q.askGroup(&t, p.groups.at(i))
	}
	return t
}

func (q *question) askGroup(t *tally, slot uint32) {
	at := q.groups.at(slot, t.verdict)
	if at.state == unasked {
		*at = q.askFirst(slot, t.verdict)
	}
	if at.state == answered {
		t.hear(at)
		return
	}
	g := q.index.groups.At(int(slot))
	q.askHolder(t, &g.rows, g.more)
}

// askFirst asks a group of which nothing is known.
func (q *question) askFirst(slot uint32, verdict Reason) answer {
	g := q.index.groups.At(int(slot))
	if q.personal(&g.rows) {
		return answer{state: differs}
	}
	if g.rows.common() {
		for _, slot := range g.more.common {
			if q.personal(q.commonRows(slot)) {
				return answer{state: differs}
			}
		}
	}
	t := tally{verdict: verdict}
	q.askHolder(&t, &g.rows, g.more)
	return t.answer()
}

// askHolder asks a holder's own rows, then its common policies.
func (q *question) askHolder(t *tally, r *rows, more *attachments) {
	q.askRows(t, r)
	if !r.common() {
		return
	}
	for _, slot := range more.common {
		if t.over() {
			break
		}
		q.askCommon(t, slot)
	}
}

func (q *question) askCommon(t *tally, slot uint32) {
	r := q.commonRows(slot)
	if q.personal(r) {
		q.askRows(t, r)
		return
	}
	at := q.policies.at(slot, t.verdict)
	if at.state == unasked {
		one := tally{verdict: t.verdict}
		q.askRows(&one, r)
		*at = one.answer()
	}
	t.hear(at)
}

// askRows asks rows, with a bound of their own on what expressions cost.
func (q *question) askRows(t *tally, r *rows) {
	if q.personal(r) {
		q.name()
	}
	query := q.query
	t.verdict = r.ask(&query, t.verdict)
	if s := query.Scratch(); s != nil {
		t.cost += s.Spent()
		t.exceeded = t.exceeded || s.Exhausted()
	}
}

// answer is what a holder made of a verdict.
type answer struct {
	state    state
	verdict  Reason
	exceeded bool
	cost     int32
}

type state uint8

const (
	unasked  state = iota
	answered       // to all alike
	differs        // from principal to principal
)

// answer is what to remember of a tally. Beyond the bound, how far does not matter.
func (t *tally) answer() answer {
	return answer{answered, t.verdict, t.exceeded, int32(min(t.cost, policy.MaxDecisionCost+1))}
}

// hear adds what a holder answered to the tally's verdict.
func (t *tally) hear(a *answer) {
	t.verdict, t.exceeded, t.cost = a.verdict, t.exceeded || a.exceeded, t.cost+int(a.cost)
}

// memory holds answers by slot, in chunks, because a short page needs few of them.
type memory []*[memoryChunk][2]answer

const memoryChunk = 32

func newMemory(slots int) memory { return make(memory, (slots+memoryChunk-1)/memoryChunk) }

// at is the place for the answer to a verdict, which is no denial.
func (m memory) at(slot uint32, verdict Reason) *answer {
	chunk := m[slot/memoryChunk]
	if chunk == nil {
		chunk = new([memoryChunk][2]answer)
		m[slot/memoryChunk] = chunk
	}
	of := &chunk[slot%memoryChunk]
	if verdict == Allowed {
		return &of[1]
	}
	return &of[0]
}
