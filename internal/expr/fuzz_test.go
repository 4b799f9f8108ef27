package expr

import (
	"strings"
	"sync"
	"testing"
)

// FuzzEval compiles any text in both dialects: nothing may panic, cost more than it may, or differ the second time. Short
// texts in Scaleway's dialect are also given to cel-go's own evaluator, which must not say true where we do not, nor the
// other way round.
func FuzzEval(f *testing.F) {
	for _, sources := range evalTable {
		for line := range strings.Lines(sources) {
			f.Add(strings.TrimSpace(line))
		}
	}
	for _, source := range hostile {
		if len(source) < 300 {
			f.Add(source)
		}
	}
	vars := evalVars()
	delete(vars, "odd")
	delete(vars, "oddInt")
	env := oracle(f)
	f.Fuzz(func(t *testing.T, source string) {
		for _, d := range []Dialect{Exoscale, Scaleway} {
			e, err := Compile(d, source)
			if err != nil {
				if _, ok := err.(*Error); !ok {
					t.Fatalf("%T: %v", err, err)
				}
				continue
			}
			var first, second Budget
			got := e.Eval(vars, &first)
			again, why := e.Explain(vars, &second)
			if got != again || first.Spent() != second.Spent() {
				t.Errorf("%s: %s for %d, then %s for %d", d, got, first.Spent(), again, second.Spent())
			}
			if first.Spent() > MaxCost || len(why) > 4000 || second.frame.failure.reason == broken {
				t.Errorf("%s: cost %d: %s", d, first.Spent(), why)
			}
			e.Names()
			if d == Scaleway && !first.Exceeded() && len(source) < 200 && comparable(source) {
				if want, ok := ask(env, source, vars); ok && want != got && (want == True || got == True) {
					t.Errorf("got %s (%s), cel-go says %s", got, why, want)
				}
			}
		}
	})
}

// comparable leaves out where TestOracle knows differences.
func comparable(source string) bool {
	for _, part := range []string{"existsOne", "exists_one", "map", "filter", "nan", "has", "Local", "{", "duration", "inf"} {
		if strings.Contains(source, part) {
			return false
		}
	}
	return true
}

// TestConcurrent shares expressions between goroutines.
func TestConcurrent(t *testing.T) {
	var exprs []*Expr
	var wants []Result
	for want, sources := range evalTable {
		for line := range strings.Lines(sources) {
			if source := strings.TrimSpace(line); source != "" {
				exprs, wants = append(exprs, compile(t, Exoscale, source)), append(wants, want)
			}
		}
	}
	vars := evalVars()
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			budget := new(Budget)
			for i, e := range exprs {
				if got := e.Eval(vars, nil); got != wants[i] {
					t.Errorf("%s: got %s, want %s", e.Source(), got, wants[i])
				}
				if budget.Spent() < MaxDecisionCost/2 {
					e.Explain(vars, budget)
				}
				if i%50 == 0 {
					compile(t, Exoscale, e.Source())
				}
			}
		})
	}
	wait.Wait()
}
