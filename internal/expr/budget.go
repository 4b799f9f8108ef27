package expr

// Budget bounds what all evaluations of one decision may cost together: MaxDecisionCost. The zero Budget is full. It
// belongs to one goroutine, and it holds the memory that evaluations need, so that they allocate none.
type Budget struct {
	spent    int
	exceeded bool
	frame    frame
}

// Spent tells how many units the evaluations have cost so far.
func (b *Budget) Spent() int { return b.spent }

// Exceeded tells whether a bound stopped an evaluation: its own cost, the budget's, or the size of a value. Its result was
// Failed then, although nothing is wrong with the expression. The size of a request alone can bring that about, so a
// caller to whom a failed rule means "go on with the next one" must not go on: it must refuse.
func (b *Budget) Exceeded() bool { return b.exceeded }

// frame is one evaluation under way.
type frame struct {
	vars    Vars
	left    int  // units; below 0, all is over
	stopped bool // by a bound; no operator absorbs it
	failure failure
	locals  [MaxLoops]any // variables of loops
}

// spend takes units and tells whether there were enough.
func (f *frame) spend(units int) bool {
	f.left -= units
	return f.left >= 0 || f.stop(tooCostly)
}

// stop ends the evaluation because of a bound.
func (f *frame) stop(why reason) bool {
	if !f.stopped {
		f.stopped = true
		f.failure = failure{reason: why}
	}
	f.left = -1
	return false
}

// spendText pays for work on a text of some length.
func (f *frame) spendText(length, perUnit int) bool {
	return length < perUnit || f.spend(length/perUnit)
}

// evaluate runs a tree. A panic of what it calls is a failure that stops the decision.
func (b *Budget) evaluate(root node, vars Vars) (v any, ok bool) {
	f := &b.frame
	limit := min(MaxCost, MaxDecisionCost-b.spent)
	*f = frame{vars: vars, left: limit}
	defer func() {
		if recover() != nil {
			f.stopped = false
			v, ok = nil, f.stop(broken)
		}
		b.spent += limit - max(f.left, 0)
		b.exceeded = b.exceeded || f.stopped
		f.vars = nil
		clear(f.locals[:])
	}()
	v, ok = root.eval(f)
	if f.stopped {
		return nil, false
	}
	return v, ok
}
