package storetest

import (
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/iam"
)

// testTime commits at odd times: they come back in UTC with microseconds, and the hash holds.
func testTime(t *testing.T, h Harness) {
	s := h.Open(t)
	l := newLine(1)
	zone := time.FixedZone("somewhere", 5*3600+1800)
	times := []time.Time{
		time.Date(2026, 2, 3, 4, 5, 6, 123456789, time.UTC),
		time.Date(2026, 2, 3, 4, 5, 6, 999999999, zone),
		time.Date(2026, 3, 29, 2, 30, 0, 1, time.Local),
		time.Date(1969, 12, 31, 23, 59, 59, 999999999, time.UTC), // before the epoch, microseconds still go down
		time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC),
		{},
		time.Now(), // with a monotonic reading
	}
	for i, at := range times {
		c := l.draft()
		c.Time = at
		e := event(l.org, i)
		e.Time = at
		c.Events = []iam.Event{e}
		l.commit(t, s, c)
		got := history(t, s, l.org, l.head.Revision, 0)[0]
		wantCommit(t, got, c)
		stored, err := s.Event(t.Context(), l.org, e.ID)
		if err != nil {
			t.Fatal(err)
		}
		want := at.UTC().Truncate(time.Microsecond)
		for _, read := range []time.Time{got.Time, got.Events[0].Time, stored.Time} {
			if read != want { // not Equal: the location counts too
				t.Errorf("%v came back as %v", at, read)
			}
		}
	}
}

// testNormal commits an event that is not in the form in which it is read back, as a caller makes it.
func testNormal(t *testing.T, h Harness) {
	s := h.Open(t)
	l := newLine(1)
	e := event(l.org, 1)
	e.UserAgent = "broken \xff byte, \x00, <&>, \u2028"
	e.Details = map[string]any{
		"struct": struct{ Z, A int }{1, 2}, "ints": []int{1, 2}, "big": int64(1) << 60, "nil": nil,
		"id": id(3), "time": epoch, "bad": "\xc3\x28", "nested": map[string]string{"b": "\xff", "a": ""},
	}
	c := l.draft()
	c.Author.Name = "broken \xff byte"
	c.Events = []iam.Event{e}
	l.commit(t, s, c)
	got := history(t, s, l.org, 1, 0)[0]
	wantCommit(t, got, c)
	stored, err := s.Event(t.Context(), l.org, e.ID)
	if err != nil {
		t.Fatal(err)
	}
	wantSame(t, "stored event", stored, c.Events[0])
	page, _ := query(t, s, queryOf(l.org))
	wantSame(t, "listed event", page, c.Events)
	if _, ok := e.Details["struct"].(struct{ Z, A int }); !ok {
		t.Error("Seal changed the caller's event")
	}
}
