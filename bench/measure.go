package main

import (
	"fmt"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/writ-iam/writ/internal/benchdata"
)

// options say how long to measure.
type options struct {
	runs   int           // of decisions, and of loads if they are quick
	atMost time.Duration // for one pass over the requests, and for all loads but the first: beyond it, fewer
	slow   time.Duration // one decision beyond it: a sample must do, for agreement and for timing
}

const (
	sampleOfSlow = 20                     // requests that a slow engine is asked
	runsOfSlow   = 3                      // runs of a slow engine
	shortest     = 500 * time.Millisecond // a run takes at least about as long
)

// figures are what was measured of one engine. Those of a decision and of loading are medians.
type figures struct {
	engine     string
	principals int
	agreed     int // requests that it was asked before it was timed, all answered rightly
	timed      int // different requests in a run
	ops        int // decisions in a run
	runs       int
	decision   cost
	heap       int64 // bytes kept after loading
	loads      int
	load       cost
}

// cost is what one operation took.
type cost struct{ wall, cpu, allocs, bytes float64 } // nanoseconds, nanoseconds, number, bytes

// measure loads an engine, checks its answers and times it.
func measure(c contender, w *benchdata.Workload, names []string, o options) (figures, error) {
	f := figures{engine: c.name, principals: len(w.Members)}
	e, err := f.loading(c, w, names, o)
	if err != nil {
		return f, fmt.Errorf("loading: %w", err)
	}
	each, err := f.agreeing(e, w, o)
	if err != nil {
		return f, err
	}
	if err := f.deciding(e, w, each, o); err != nil {
		return f, err
	}
	runtime.KeepAlive(e)
	return f, nil
}

// loading loads the engine several times if that is quick, and gives the last. The heap that it keeps is what is live
// after loading beyond what was live before anything of it was made; the workload is live at both times.
func (f *figures) loading(c contender, w *benchdata.Workload, names []string, o options) (e Engine, err error) {
	var loads []cost
	for start := time.Now(); len(loads) == 0 || len(loads) < o.runs && time.Since(start) < o.atMost; {
		e = nil
		before := live()
		e = c.make(names)
		if p, ok := e.(preparer); ok {
			if err := p.Prepare(w); err != nil {
				return nil, err
			}
			runtime.GC()
		}
		load, err := timed(1, func() error { return e.Load(w) })
		if err != nil {
			return nil, err
		}
		loads, f.heap = append(loads, load), live()-before
	}
	f.loads, f.load = len(loads), median(loads)
	return e, nil
}

// live is the size of the heap's live objects. The second collection frees what the first one found to have finalizers.
func live() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// agreeing compares answers, all of them unless the engine is slow. It tells about how long an answer takes.
func (f *figures) agreeing(e Engine, w *benchdata.Workload, o options) (each float64, err error) {
	asked := spread(w, len(w.Requests))
	first, err := fastest(e, asked[:3])
	if err != nil {
		return 0, err
	}
	if first > o.slow {
		asked = spread(w, sampleOfSlow)
	}
	pass, err := timed(len(asked), func() error { return check(e, asked) })
	f.agreed = len(asked)
	return pass.wall, err
}

// check fails at the first answer that is not the right one.
func check(e Engine, asked []*benchdata.Request) error {
	for _, r := range asked {
		allowed, err := e.Decide(r)
		if err != nil {
			return fmt.Errorf("deciding %+v: %w", *r, err)
		}
		if allowed != r.Allowed {
			return fmt.Errorf("disagrees: allowed is %t for %+v", allowed, *r)
		}
	}
	return nil
}

// deciding times decisions, of which each takes about as long as said. A run is a whole number of passes over the same
// requests.
func (f *figures) deciding(e Engine, w *benchdata.Workload, each float64, o options) error {
	f.runs, f.timed = o.runs, min(f.agreed, max(sampleOfSlow, int(float64(o.atMost)/each)))
	if f.agreed < len(w.Requests) {
		f.runs = min(o.runs, runsOfSlow)
	}
	asked := spread(w, f.timed)
	passes := 1 + int(float64(shortest)/(each*float64(len(asked))))
	f.ops = passes * len(asked)
	var runs []cost
	for range f.runs {
		run, err := timed(f.ops, func() error { return decideAll(e, asked, passes) })
		if err != nil {
			return err
		}
		runs = append(runs, run)
	}
	f.decision = median(runs)
	return nil
}

func decideAll(e Engine, asked []*benchdata.Request, passes int) error {
	for range passes {
		for _, r := range asked {
			if _, err := e.Decide(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// spread gives n of the requests, evenly spread over all. They are in random order, so that these are a fair sample.
func spread(w *benchdata.Workload, n int) []*benchdata.Request {
	some := make([]*benchdata.Request, n)
	for i := range some {
		some[i] = &w.Requests[i*len(w.Requests)/n]
	}
	return some
}

// fastest is the shortest time that one of the requests takes.
func fastest(e Engine, asked []*benchdata.Request) (time.Duration, error) {
	var times []time.Duration
	for _, r := range asked {
		start := time.Now()
		if _, err := e.Decide(r); err != nil {
			return 0, err
		}
		times = append(times, time.Since(start))
	}
	return slices.Min(times), nil
}

// timed measures a function that does ops operations, from a collected heap.
func timed(ops int, do func() error) (cost, error) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	used, start := cpu(), time.Now()
	err := do()
	wall, used := time.Since(start), cpu()-used
	runtime.ReadMemStats(&after)
	n := float64(ops)
	return cost{float64(wall) / n, float64(used) / n,
		float64(after.Mallocs-before.Mallocs) / n, float64(after.TotalAlloc-before.TotalAlloc) / n}, err
}

// cpu is the processor time, user and system, that the process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// median takes the median of each kind of cost on its own.
func median(of []cost) cost {
	middle := func(get func(cost) float64) float64 {
		all := make([]float64, len(of))
		for i, c := range of {
			all[i] = get(c)
		}
		slices.Sort(all)
		return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
	}
	return cost{
		middle(func(c cost) float64 { return c.wall }), middle(func(c cost) float64 { return c.cpu }),
		middle(func(c cost) float64 { return c.allocs }), middle(func(c cost) float64 { return c.bytes }),
	}
}
