package storetest

import (
	"math"
	"testing"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// testHistory reads ranges of a history that is longer than a page of any implementation should be in memory.
func testHistory(t *testing.T, h Harness) {
	s := h.Open(t)
	l, other := newLine(1), newLine(2)
	other.grow(t, s, 3)
	made := l.grow(t, s, 300)
	other.grow(t, s, 3)
	tests := []struct {
		name        string
		org         iam.OrgID
		from, to    iam.Revision
		first, last int // of the revisions wanted; 0, 0: none
	}{
		{"everything", l.org, 1, 0, 1, 300},
		{"from zero", l.org, 0, 0, 1, 300},
		{"from zero to zero of nobody", newLine(3).org, 0, 0, 0, 0},
		{"nobody", newLine(3).org, 1, 10, 0, 0},
		{"the first", l.org, 1, 1, 1, 1},
		{"the last", l.org, 300, 300, 300, 300},
		{"the last, open", l.org, 300, 0, 300, 300},
		{"in the middle", l.org, 100, 290, 100, 290},
		{"beyond the head", l.org, 299, 1000, 299, 300},
		{"all beyond the head", l.org, 301, 1000, 0, 0},
		{"open beyond the head", l.org, 301, 0, 0, 0},
		{"backwards", l.org, 5, 4, 0, 0},
		{"the largest numbers", l.org, 300, math.MaxUint64, 300, 300},
		{"beyond all numbers", l.org, math.MaxUint64, math.MaxUint64, 0, 0},
		{"beyond the signed numbers", l.org, math.MaxInt64 + 1, math.MaxUint64, 0, 0},
		{"another organization", other.org, 1, 300, 1, 6},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := history(t, s, test.org, test.from, test.to)
			want := 0
			if test.first > 0 {
				want = test.last - test.first + 1
			}
			if len(got) != want {
				t.Fatalf("%d commits, want %d", len(got), want)
			}
			for i, c := range got {
				if c.Org != test.org || c.Revision != iam.Revision(test.first+i) {
					t.Fatalf("commit %d is revision %d of %s", i, c.Revision, c.Org)
				}
				if test.org == l.org {
					wantCommit(t, c, made[c.Revision-1])
				}
			}
		})
	}
	for _, stop := range []int{1, 2, 299} { // early
		n := 0
		for _, err := range s.History(t.Context(), l.org, 1, 0) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n == stop {
				break
			}
		}
	}
}

// testHistoryConcurrent commits from within the loop over a history up to the head: the loop ends at the head at which
// it began, and holds nothing that a commit needs.
func testHistoryConcurrent(t *testing.T, h Harness) {
	s := h.Open(t)
	l := newLine(1)
	l.grow(t, s, 5)
	seen := iam.Revision(0)
	for c, err := range s.History(t.Context(), l.org, 1, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if seen++; c.Revision != seen {
			t.Fatalf("revision %d, want %d", c.Revision, seen)
		}
		l.grow(t, s, 2)
	}
	if seen != 5 {
		t.Errorf("%d commits, want the 5 before the loop", seen)
	}
	// The same from within Follow, with every other method.
	for e, err := range s.Follow(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		take(t, s, []iam.Key{email("x")}, l.org)
		if l.grow(t, s, 1); e.Commit.Revision == 3 {
			break
		}
	}
	if _, err := store.Verify(t.Context(), s, l.org); err != nil {
		t.Error(err)
	}
}
