package pmap

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The tests compare the collections with a model (a Go map, a sorted slice, a slice) over random histories. Some of the
// versions are kept together with the model's content of that time, and compared once more at the end: none may have
// changed. A history runs in one of three ways.
var histories = []struct {
	name  string
	batch int  // changes between two versions
	edit  bool // a batch shares an Edit
}{
	{"copying", 1, false},
	{"edit per change", 1, true},
	{"edit per batch", 37, true},
}

// runHistory calls change for every step and publish after every batch.
func runHistory(steps, batch int, edit bool, change func(e *Edit), publish func()) {
	for i := 0; i < steps; i += batch {
		var e *Edit
		if edit {
			e = NewEdit()
		}
		for range batch {
			change(e)
		}
		publish()
	}
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

type id [16]byte

func (a id) Compare(b id) int { return bytes.Compare(a[:], b[:]) }

func randomID(r *rand.Rand) (k id) {
	binary.BigEndian.PutUint64(k[:8], r.Uint64())
	binary.BigEndian.PutUint64(k[8:], r.Uint64())
	return k
}

// number is a set element for small universes, where histories meet the same element again.
type number int

func (a number) Compare(b number) int { return int(a) - int(b) }

// mapHashes are the hash functions of the map tests, from the real one to none at all.
var mapHashes = []struct {
	name string
	hash func(int) uint64
}{
	{"maphash", nil},
	{"constant", func(int) uint64 { return 0 }},
	{"all ones", func(int) uint64 { return ^uint64(0) }},
	{"three values", func(k int) uint64 { return uint64(k%3) * 0x9E3779B97F4A7C15 }},
	{"top bits only", func(k int) uint64 { return uint64(k) << 58 }},
	{"last level only", func(k int) uint64 { return uint64(k) << 60 }},
	{"identity", func(k int) uint64 { return uint64(k) }},
}

func TestMapModel(t *testing.T) {
	for _, h := range histories {
		for _, f := range mapHashes {
			t.Run(h.name+"/"+f.name, func(t *testing.T) {
				testMapModel(t, h.batch, h.edit, f.hash)
			})
		}
	}
}

func testMapModel(t *testing.T, batch int, edit bool, hash func(int) uint64) {
	type version struct {
		m    Map[int, int]
		want map[int]int
	}
	var kept []version
	r := newRand(7)
	m, want := Map[int, int]{hash: hash}, map[int]int{}
	shrink := false
	change := func(e *Edit) {
		shrink = shrink != (r.IntN(300) == 0) // phases, so that the map grows well and empties again
		k, v := r.IntN(200), r.Int()
		if r.IntN(4) == 0 != shrink {
			m = m.Delete(e, k)
			delete(want, k)
		} else {
			m = m.Set(e, k, v)
			want[k] = v
		}
		got, ok := m.Get(k)
		if v, wantOK := want[k]; got != v || ok != wantOK || m.Len() != len(want) {
			t.Fatalf("Get(%d) = %d, %t, Len %d; want %d, %t, %d", k, got, ok, m.Len(), v, wantOK, len(want))
		}
	}
	runHistory(6000, batch, edit, change, func() {
		if r.IntN(6000/batch) < 60 {
			checkMap(t, m, want)
			kept = append(kept, version{m, maps.Clone(want)})
		}
	})
	for _, v := range kept {
		checkMap(t, v.m, v.want)
	}
	if len(kept) < 20 {
		t.Errorf("only %d versions were kept", len(kept))
	}
}

func checkMap(t *testing.T, m Map[int, int], want map[int]int) {
	t.Helper()
	got, n := map[int]int{}, 0
	for k, v := range m.All() {
		got[k] = v
		n++
	}
	if diff := cmp.Diff(want, got); diff != "" || n != len(want) || m.Len() != len(want) {
		t.Fatalf("All yields %d entries, Len %d, want %d (-want +got):\n%s", n, m.Len(), len(want), diff)
	}
	for k := range 201 {
		got, ok := m.Get(k)
		if v, wantOK := want[k]; got != v || ok != wantOK {
			t.Fatalf("Get(%d) = %d, %t, want %d, %t", k, got, ok, v, wantOK)
		}
	}
	if m.root != nil {
		checkMapNode(t, m.root, 0)
	} else if m.n != 0 {
		t.Fatalf("no root, but Len %d", m.n)
	}
}

// checkMapNode verifies the shape and returns the number of entries.
func checkMapNode(t *testing.T, n *mapNode[int, int], level int) int {
	t.Helper()
	ones := func(used uint64) (c int) {
		for ; used != 0; used &= used - 1 {
			c++
		}
		return c
	}
	if n.dataMap&n.childMap != 0 {
		t.Fatal("a slot is both entry and child")
	}
	if n.isList() != (level == levels) {
		t.Fatalf("list node %t at level %d", n.isList(), level)
	}
	if !n.isList() && (ones(n.dataMap) != len(n.entries) || ones(n.childMap) != len(n.children)) {
		t.Fatal("bitmaps do not fit the slices")
	}
	total := len(n.entries)
	for _, child := range n.children {
		total += checkMapNode(t, child, level+1)
	}
	if total == 0 || total == 1 && level > 0 {
		t.Fatalf("%d entries below level %d", total, level)
	}
	return total
}

func TestSetModel(t *testing.T) {
	for _, h := range histories {
		for _, universe := range []int{20, 400, 20000} {
			t.Run(fmt.Sprintf("%s/%d", h.name, universe), func(t *testing.T) {
				testSetModel(t, h.batch, h.edit, universe)
			})
		}
	}
}

func testSetModel(t *testing.T, batch int, edit bool, universe int) {
	type version struct {
		s    Set[number]
		want []number
	}
	var kept []version
	r := newRand(11)
	var s Set[number]
	var want []number
	next, mode := 0, 0
	change := func(e *Edit) {
		if r.IntN(500) == 0 {
			next, mode = r.IntN(universe), r.IntN(5)
		}
		x := number(r.IntN(universe))
		if mode == 2 || mode == 3 { // runs, which fill leaves at their end and empty them one after the other
			next = (next + 1) % universe
			x = number(next)
		}
		if (mode == 1 || mode == 3) != (r.IntN(8) == 0) {
			if len(want) > 0 && r.IntN(2) == 0 {
				x = want[int(x)%len(want)]
			}
			s = s.Delete(e, x)
			want = without(want, x)
		} else {
			s = s.Insert(e, x)
			want = with(want, x)
		}
		checkSetAt(t, s, want, x, r)
	}
	var last version // the version before the batch: the one that the batch is most likely to damage
	runHistory(12000, batch, edit, change, func() {
		if batch > 1 {
			checkSet(t, last.s, last.want)
			last = version{s, slices.Clone(want)}
		}
		if r.IntN(12000/batch) < 60 {
			checkSet(t, s, want)
			kept = append(kept, version{s, slices.Clone(want)})
		}
	})
	for _, v := range kept {
		checkSet(t, v.s, v.want)
	}
	if len(kept) < 20 {
		t.Errorf("only %d versions were kept", len(kept))
	}
}

func with(s []number, x number) []number {
	i, found := slices.BinarySearch(s, x)
	if found {
		return s
	}
	return slices.Insert(s, i, x)
}

func without(s []number, x number) []number {
	i, found := slices.BinarySearch(s, x)
	if !found {
		return s
	}
	return slices.Delete(s, i, i+1)
}

// checkSetAt compares s with want around x and at a random position.
func checkSetAt(t *testing.T, s Set[number], want []number, x number, r *rand.Rand) {
	t.Helper()
	rank, has := slices.BinarySearch(want, x)
	if s.Len() != len(want) || s.Has(x) != has || s.Rank(x) != rank {
		t.Fatalf("Len %d, Has(%d) %t, Rank %d; want %d, %t, %d", s.Len(), x, s.Has(x), s.Rank(x), len(want), has, rank)
	}
	if len(want) > 0 {
		if i := r.IntN(len(want)); s.At(i) != want[i] {
			t.Fatalf("At(%d) = %d, want %d", i, s.At(i), want[i])
		}
	}
	from, limit := r.IntN(len(want)+1), r.IntN(100)
	var got []number
	for y := range s.From(from) {
		if len(got) == limit {
			break
		}
		got = append(got, y)
	}
	if rest := want[from:]; !slices.Equal(got, rest[:min(limit, len(rest))]) {
		t.Fatalf("From(%d) yields %v, want %v", from, got, rest[:min(limit, len(rest))])
	}
}

// checkSet compares s with want everywhere.
func checkSet(t *testing.T, s Set[number], want []number) {
	t.Helper()
	got := slices.Collect(s.From(0))
	if !slices.Equal(want, got) { // cmp.Diff is too slow to ask first
		t.Fatalf("From(0) (-want +got):\n%s", cmp.Diff(want, got))
	}
	for i, x := range want {
		if s.At(i) != x || s.Rank(x) != i || !s.Has(x) {
			t.Fatalf("At(%d) = %d, Rank(%d) = %d, Has %t", i, s.At(i), x, s.Rank(x), s.Has(x))
		}
	}
	if s.root == nil {
		return
	}
	if len(s.root.children) == 1 {
		t.Fatal("the root has a single child")
	}
	checkSetNode(t, s.root)
}

// checkSetNode verifies the shape and returns the height.
func checkSetNode(t *testing.T, n *setNode[number]) int {
	t.Helper()
	if n.isLeaf() {
		if len(n.elems) == 0 || len(n.elems) > maxFill {
			t.Fatalf("a leaf of %d elements", len(n.elems))
		}
		return 1
	}
	if len(n.children) > maxFill || len(n.ends) != len(n.children) || len(n.elems) != len(n.children)-1 {
		t.Fatalf("a branch of %d children, %d ends, %d separators", len(n.children), len(n.ends), len(n.elems))
	}
	height, size := 0, 0
	for i, child := range n.children {
		h := checkSetNode(t, child)
		if size += child.size(); n.ends[i] != size || i > 0 && h != height {
			t.Fatalf("child %d: end %d, want %d; height %d beside %d", i, n.ends[i], size, h, height)
		}
		height = h
		if i > 0 && child.at(0) < n.elems[i-1] || i < len(n.elems) && child.at(child.size()-1) >= n.elems[i] {
			t.Fatalf("child %d is on the wrong side of a separator", i)
		}
	}
	return height + 1
}

func TestVecModel(t *testing.T) {
	for _, h := range histories {
		t.Run(h.name, func(t *testing.T) { testVecModel(t, h.batch, h.edit) })
	}
}

func testVecModel(t *testing.T, batch int, edit bool) {
	type version struct {
		v    Vec[int]
		want []int
	}
	var kept []version
	r := newRand(13)
	var v Vec[int]
	var want []int
	change := func(e *Edit) {
		x := r.Int()
		if len(want) > 0 && r.IntN(3) == 0 {
			i := r.IntN(len(want))
			v = v.Set(e, i, x)
			want[i] = x
		} else {
			v = v.Append(e, x)
			want = append(want, x)
		}
		if i := r.IntN(len(want)); v.Len() != len(want) || *v.At(i) != want[i] {
			t.Fatalf("Len %d, At(%d) = %d; want %d, %d", v.Len(), i, *v.At(i), len(want), want[i])
		}
	}
	publish := func() {
		switch n := r.IntN(1500 / batch); {
		case n < 60:
			kept = append(kept, version{v, slices.Clone(want)})
		case n < 70 && len(kept) > 0: // go on from an older version: two histories with one past
			old := kept[r.IntN(len(kept))]
			v, want = old.v, slices.Clone(old.want)
		}
	}
	runHistory(3000, batch, edit, change, publish)
	for _, old := range kept {
		var got []int
		for i := range old.v.Len() {
			got = append(got, *old.v.At(i))
		}
		if diff := cmp.Diff(old.want, got); diff != "" {
			t.Fatalf("an old version changed (-want +got):\n%s", diff)
		}
	}
}
