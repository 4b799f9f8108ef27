package iam

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

var pathFilters = []string{
	"a", "a*", "A*", "ab", "ab*", "AB*", "abc*", "é*", "e\u0301*", "e*", "nobody", "nobody*", "**", "a**", "a\xff*", "\xff", "a\x00*",
	"\U0010FFFF*", "ab\U0010FFFF*", "n*", "n1*", "n1", " *",
}

// someName makes names of which many share a beginning. Only the number makes them differ.
func someName(r *rand.Rand, dense bool, n int) string {
	stem := []string{"a", "A", "ab", "abc", "é", "e\u0301", "ab\U0010FFFF", "z", "a*", " "}[r.IntN(10)]
	if dense {
		stem = []string{"ab", "abc", "n"}[max(0, r.IntN(12)-9)]
	}
	return fmt.Sprintf("%s%d", stem, n)
}

// manyGroups is an organization with 60 groups, of which several are made at the same time.
func manyGroups(t *testing.T, r *rand.Rand, dense bool) *State {
	t.Helper()
	s, now := NewState(orgID(1)), epoch
	for _, n := range r.Perm(60) {
		now = now.Add(time.Duration(r.IntN(2)) * time.Microsecond)
		d := s.BeginAdministration(now, system)
		if _, err := d.CreateGroup(Group{ID: groupID(n), Name: someName(r, dense, n)}); err != nil {
			t.Fatal(err)
		}
		s = d.State()
	}
	return s
}

// TestListingPaths: the ways to answer a filter by name give one answer, whichever is chosen.
func TestListingPaths(t *testing.T) {
	var chosen [2]int // the index of names; the table
	for _, dense := range []bool{false, true} {
		r := rand.New(rand.NewPCG(5, 5))
		l := manyGroups(t, r, dense).Groups()
		for _, filter := range pathFilters {
			candidates := 0
			for _, x := range l.spans(filter) {
				candidates += x.hi - x.lo
			}
			path := 0
			if candidates > l.length/2 {
				path = 1
			}
			chosen[path]++
			for range 30 {
				q := PageQuery[*Group]{Name: filter, Limit: 1 + r.IntN(70)}
				start := 0
				if i := r.IntN(l.length + 1); i > 0 {
					q.After, start = l.table.order.At(i-1).id, i
				}
				want := l.scan(start, q.Limit, func(g *Group) bool { return l.matches(g, filter) })
				page, err := l.Page(q)
				if err != nil {
					t.Fatal(err)
				}
				for path, got := range map[string]Page[*Group]{"Page": page, "named": l.named(q, start), "dense": l.dense(q, start, candidates)} {
					if !slices.Equal(got.Items, want.Items) || got.Total != want.Total || got.More != want.More ||
						got.HasPrevious != want.HasPrevious || got.Previous != want.Previous {
						t.Fatalf("%s %+v: got %+v, want %+v", path, q, got, want)
					}
				}
			}
		}
	}
	if chosen[0] < 10 || chosen[1] < 2 {
		t.Errorf("of the filters, %v take the one path and the other: one of them is not tested", chosen)
	}
}
