package storetest

import (
	"testing"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// testAtomic makes commits that fail at their last parts: nothing of the parts before may stay.
func testAtomic(t *testing.T, h Harness) {
	s := h.Open(t)
	a, b := newLine(1), newLine(2)
	first := a.draft(put(iam.KindGroup, 1, "old"), put(iam.KindGroup, 2, "old"))
	first.Claims, first.Events = []iam.Key{email("mine"), email("mine too")}, []iam.Event{event(a.org, 1)}
	a.commit(t, s, first)
	theirs := b.draft()
	theirs.Claims = []iam.Key{email("theirs")}
	b.commit(t, s, theirs)

	tests := []struct {
		name   string
		field  string
		change func(*store.Commit)
	}{
		{"key of another organization", "email", func(c *store.Commit) { c.Claims = append(c.Claims, email("theirs")) }},
		{"own key", "email", func(c *store.Commit) { c.Claims = append(c.Claims, email("mine")) }},
		{"key claimed twice", "email", func(c *store.Commit) { c.Claims = append(c.Claims, email("new")) }},
		{"first of the keys", "email", func(c *store.Commit) { c.Claims = append([]iam.Key{email("theirs")}, c.Claims...) }},
		{"another organization's key, released by us", "email", func(c *store.Commit) {
			c.Releases = append(c.Releases, email("theirs"))
			c.Claims = append(c.Claims, email("theirs"))
		}},
		{"event that is there", "event", func(c *store.Commit) { c.Events = append(c.Events, event(c.Org, 1)) }},
		{"event twice", "event", func(c *store.Commit) { c.Events = append(c.Events, event(c.Org, 2)) }},
	}
	keys := []iam.Key{email("mine"), email("mine too"), email("theirs"), email("new")}
	before := take(t, s, keys, a.org, b.org)
	draft := func() *store.Commit {
		c := a.draft(put(iam.KindGroup, 1, "new"), drop(iam.KindGroup, 2), put(iam.KindUser, 3, "new"))
		c.Releases, c.Claims = []iam.Key{email("mine too")}, []iam.Key{email("new")}
		c.Events = []iam.Event{event(a.org, 2)}
		return c
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := draft()
			test.change(c)
			c.Seal()
			if e := wantCode(t, s.Commit(t.Context(), c), iam.Exists); e.Field != test.field {
				t.Errorf("field %q, want %q", e.Field, test.field)
			}
			wantSame(t, "after the failure", take(t, s, keys, a.org, b.org), before)
		})
	}
	a.commit(t, s, draft()) // without the fault it goes through
	wantSame(t, "holder of the new key", holder(t, s, email("new")), a.org)
	wantSame(t, "holder of the released key", holder(t, s, email("mine too")), iam.OrgID{})
}
