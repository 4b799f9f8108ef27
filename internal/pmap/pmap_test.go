package pmap

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

func TestZeroValues(t *testing.T) {
	var m Map[string, int]
	if _, ok := m.Get("a"); ok || m.Len() != 0 || m.Delete(nil, "a").Len() != 0 {
		t.Error("the zero Map is not empty")
	}
	for range m.All() {
		t.Error("the zero Map yields an entry")
	}
	var s Set[number]
	if s.Len() != 0 || s.Has(1) || s.Rank(1) != 0 || s.Delete(nil, 1).Len() != 0 || slices.Collect(s.From(0)) != nil {
		t.Error("the zero Set is not empty")
	}
	if (Vec[int]{}).Len() != 0 {
		t.Error("the zero Vec is not empty")
	}
}

func TestUnchangedIsSameVersion(t *testing.T) {
	for _, e := range []*Edit{nil, NewEdit()} {
		var m Map[int, int]
		var s Set[number]
		for i := range 500 {
			m, s = m.Set(e, i, i), s.Insert(e, number(i))
		}
		if m.Delete(e, 500).root != m.root {
			t.Error("Map.Delete of an absent key made a new version")
		}
		if s.Insert(e, 250) != s || s.Delete(e, 500) != s {
			t.Error("Set.Insert of a present or Delete of an absent element made a new version")
		}
	}
}

func TestMapDeleteLast(t *testing.T) {
	for _, e := range []*Edit{nil, NewEdit()} {
		m := Map[int, int]{}.Set(e, 1, 10).Delete(e, 1)
		if _, ok := m.Get(1); ok || m.Len() != 0 || m.root != nil {
			t.Errorf("after the last Delete: found %t, Len %d", ok, m.Len())
		}
		if v, ok := m.Set(e, 1, 11).Get(1); v != 11 || !ok {
			t.Errorf("Set after the last Delete: %d, %t", v, ok)
		}
	}
}

func TestAllStops(t *testing.T) {
	var m Map[int, int]
	for i := range 500 {
		m = m.Set(nil, i, i)
	}
	for limit := 1; limit <= 500; limit += 7 {
		n := 0
		for range m.All() {
			if n++; n == limit {
				break
			}
		}
		if n != limit {
			t.Errorf("broke at %d, got %d", limit, n)
		}
	}
}

func TestNaNKey(t *testing.T) {
	var m Map[float64, int]
	for i := range 100 {
		m = m.Set(nil, math.NaN(), i).Set(nil, float64(i), i)
	}
	if _, ok := m.Get(math.NaN()); ok || m.Len() != 200 || m.Delete(nil, math.NaN()).Len() != 200 {
		t.Errorf("NaN: found %t, Len %d", ok, m.Len())
	}
	m = m.Set(nil, math.Copysign(0, -1), 7)
	if v, _ := m.Get(0); v != 7 || m.Len() != 200 {
		t.Errorf("-0 and 0 are two keys: %d, Len %d", v, m.Len())
	}
}

func TestOutOfRangePanics(t *testing.T) {
	var s Set[number]
	var v Vec[int]
	for i := range 70 {
		s, v = s.Insert(nil, number(i)), v.Append(nil, i)
	}
	tests := map[string]func(){
		"Set.At(-1)":     func() { s.At(-1) },
		"Set.At(Len)":    func() { s.At(70) },
		"zero Set.At(0)": func() { Set[number]{}.At(0) },
		"Set.From(-1)":   func() { s.From(-1) },
		"Set.From(71)":   func() { s.From(71) },
		"Vec.At(-1)":     func() { v.At(-1) },
		"Vec.At(Len)":    func() { v.At(70) }, // inside the last chunk
		"Vec.At(128)":    func() { v.At(128) },
		"zero Vec.At(0)": func() { (Vec[int]{}).At(0) },
		"Vec.Set(Len)":   func() { v.Set(nil, 70, 0) },
		"Vec.Set(-1)":    func() { v.Set(nil, -1, 0) },
	}
	for name, f := range tests {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
	if got := slices.Collect(s.From(70)); got != nil {
		t.Errorf("From(Len) yields %v", got)
	}
}

// TestAscendingFillsLeaves holds the promise that loading in order wastes no space, with and without an Edit, also when
// several runs grow side by side.
func TestAscendingFillsLeaves(t *testing.T) {
	const n, runs = 20000, 4
	for _, e := range []*Edit{nil, NewEdit()} {
		var s Set[number]
		for i := range n {
			s = s.Insert(e, number(i%runs*n+i/runs))
		}
		if leaves, _ := countNodes(s.root); float64(s.Len()) < 0.95*float64(leaves*maxFill) {
			t.Errorf("%d elements in %d leaves of %d", s.Len(), leaves, maxFill)
		}

		s = Set[number]{}
		for i := range 8 * maxFill * maxFill {
			s = s.Insert(e, number(i))
		}
		if leaves, branches := countNodes(s.root); leaves != 8*maxFill || branches != 8+1 {
			t.Errorf("%d leaves and %d branches, want all full: %d and %d", leaves, branches, 8*maxFill, 8+1)
		}
	}
}

func countNodes(n *setNode[number]) (leaves, branches int) {
	if n.isLeaf() {
		return 1, 0
	}
	branches = 1
	for _, child := range n.children {
		l, b := countNodes(child)
		leaves, branches = leaves+l, branches+b
	}
	return leaves, branches
}

// TestLargeSet goes where the histories do not: branches that split in their middle, three levels, and all the way
// back.
func TestLargeSet(t *testing.T) {
	const n, batch = 40_000, 500
	all := make([]number, n)
	for i := range all {
		all[i] = number(i)
	}
	r := newRand(19)
	shuffle := func() []number {
		order := slices.Clone(all)
		r.Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
		return order
	}
	var s, half Set[number]
	order := shuffle()
	for chunk := range slices.Chunk(order, batch) {
		e := NewEdit()
		for _, x := range chunk {
			s = s.Insert(e, x)
		}
		if s.Len() == n/2 {
			half = s
		}
	}
	checkSet(t, s, all)
	full := s
	for chunk := range slices.Chunk(shuffle(), batch) {
		e := NewEdit()
		for _, x := range chunk {
			s = s.Delete(e, x)
		}
		if s.root != nil {
			checkSetNode(t, s.root)
		}
	}
	if s.root != nil {
		t.Errorf("%d elements are left", s.Len())
	}
	checkSet(t, full, all)
	checkSet(t, half, slices.Sorted(slices.Values(order[:n/2])))
}

// TestEditWritesInPlace holds the point of an Edit: the second change at the same place copies nothing.
func TestEditWritesInPlace(t *testing.T) {
	keys, m, s, v := loaded(10_000, randomKeys)
	e := NewEdit()
	k, other, i := keys[0], keys[1], len(keys)/2
	s = s.Delete(e, other).Insert(e, other)
	m, v = m.Set(e, k, 1), v.Set(e, i, 1)
	tests := map[string]func(){
		"Map.Set":               func() { m = m.Set(e, k, 2) },
		"Set.Delete and Insert": func() { s = s.Delete(e, other).Insert(e, other) },
		"Vec.Set":               func() { v = v.Set(e, i, 2) },
	}
	for name, f := range tests {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

func TestReadsDoNotAllocate(t *testing.T) {
	keys, m, s, v := loaded(10_000, randomKeys)
	i := 0
	next := func() id { i++; return keys[i%len(keys)] }
	tests := map[string]func(){
		"Map.Get":  func() { m.Get(next()) },
		"Set.Has":  func() { s.Has(next()) },
		"Set.Rank": func() { s.Rank(next()) },
		"Set.At":   func() { i++; s.At(i % len(keys)) },
		"Vec.At":   func() { i++; _ = *v.At(i % len(keys)) },
	}
	for name, f := range tests {
		if n := testing.AllocsPerRun(1000, f); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
}

// TestConcurrentReaders is for the race detector: one writer publishes versions, readers check that each version they
// load is consistent in itself and stays so.
func TestConcurrentReaders(t *testing.T) {
	var published atomic.Pointer[world]
	published.Store(&world{})
	var done atomic.Bool
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for !done.Load() {
				w := published.Load()
				if msg := w.check(); msg != "" {
					t.Error(msg)
					return
				}
			}
		})
	}
	r := newRand(17)
	w := world{}
	for range 400 {
		e := NewEdit()
		for range 1 + r.IntN(20) {
			w = w.step(e, number(r.IntN(600)), r.IntN(3) == 0)
		}
		snapshot := w
		published.Store(&snapshot)
	}
	done.Store(true)
	wg.Wait()
}

// world is a state in three collections that must agree: the set's elements are the map's keys, the map's value is the
// position in the vector where the key is written.
type world struct {
	m Map[number, int]
	s Set[number]
	v Vec[number]
}

func (w world) step(e *Edit, x number, remove bool) world {
	i, ok := w.m.Get(x)
	switch {
	case remove:
		w.m, w.s = w.m.Delete(e, x), w.s.Delete(e, x)
	case ok:
		w.v = w.v.Set(e, i, -1)
		fallthrough
	default:
		w.m, w.s = w.m.Set(e, x, w.v.Len()), w.s.Insert(e, x)
		w.v = w.v.Append(e, x)
	}
	return w
}

// check returns what is wrong, or "".
func (w world) check() string {
	if w.m.Len() != w.s.Len() {
		return "map and set differ in length"
	}
	n := 0
	for x, i := range w.m.All() {
		n++
		if !w.s.Has(x) || *w.v.At(i) != x || w.s.At(w.s.Rank(x)) != x {
			return "an entry of the map is not in the set or the vector"
		}
	}
	if n != w.m.Len() {
		return "the map yields another number of entries than Len"
	}
	if all := slices.Collect(w.s.From(0)); len(all) != n || !slices.IsSorted(all) {
		return "the set is not sorted or has another length than the map"
	}
	return ""
}

// FuzzSet reads a history from bytes: two bytes per change, the first of them picks what to do. Run it with
// -fuzzminimizetime 1x: else the fuzzer spends its time on making long histories shorter.
func FuzzSet(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 1, 0, 1, 4, 1, 4, 1})
	var ascending, mixed []byte
	for i := range 255 {
		ascending = append(ascending, 0, byte(i))
		mixed = append(mixed, byte(i*7), byte(i*31))
	}
	f.Add(ascending)
	f.Add(mixed)
	f.Add(append(ascending, mixed...))
	f.Fuzz(func(t *testing.T, ops []byte) {
		var s, old Set[number]
		var want, oldWant []number
		var e *Edit
		for ; len(ops) >= 2; ops = ops[2:] {
			x := number(ops[1]) + number(ops[0]>>4)<<8
			switch ops[0] % 16 {
			case 4, 5, 6, 7:
				s, want = s.Delete(e, x), without(want, x)
			case 8:
				checkSet(t, old, oldWant)
				old, oldWant, e = s, slices.Clone(want), NewEdit()
			case 9:
				checkSet(t, old, oldWant)
				old, oldWant, e = s, slices.Clone(want), nil
			default: // a run of four, so that short inputs reach splits
				for range 4 {
					s, want = s.Insert(e, x), with(want, x)
					x++
				}
			}
		}
		checkSet(t, s, want)
		checkSet(t, old, oldWant)
	})
}
