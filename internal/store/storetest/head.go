package storetest

import (
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// testConflicts makes commits that do not follow the head, in every way.
func testConflicts(t *testing.T, h Harness) {
	s := h.Open(t)
	a, b, empty := newLine(1), newLine(2), newLine(3)
	made := a.grow(t, s, 3)
	b.grow(t, s, 5)
	tests := []struct {
		name   string
		on     *line
		change func(*store.Commit)
	}{
		{"revision zero", a, func(c *store.Commit) { c.Revision = 0 }},
		{"first again", a, func(c *store.Commit) { c.Revision, c.Parent = 1, store.Hash{} }},
		{"stale", a, func(c *store.Commit) { c.Revision, c.Parent = 2, made[0].Hash }},
		{"the head again", a, func(c *store.Commit) { c.Revision, c.Parent = 3, made[1].Hash }},
		{"the head as parent, revision of the head", a, func(c *store.Commit) { c.Revision = 3 }},
		{"skips one", a, func(c *store.Commit) { c.Revision = 5 }},
		{"largest revision", a, func(c *store.Commit) { c.Revision = math.MaxUint64 }},
		{"largest signed revision", a, func(c *store.Commit) { c.Revision = math.MaxInt64 }},
		{"zero parent", a, func(c *store.Commit) { c.Parent = store.Hash{} }},
		{"grandparent", a, func(c *store.Commit) { c.Parent = made[1].Hash }},
		{"one bit of the parent", a, func(c *store.Commit) { c.Parent[31] ^= 1 }},
		{"head of another organization", a, func(c *store.Commit) { c.Parent = b.head.Hash }},
		{"revision of another organization", a, func(c *store.Commit) { c.Revision, c.Parent = 6, b.head.Hash }},
		{"second of an empty one", empty, func(c *store.Commit) { c.Revision = 2 }},
		{"first with a parent", empty, func(c *store.Commit) { c.Parent = a.head.Hash }},
		{"zero of an empty one", empty, func(c *store.Commit) { c.Revision = 0 }},
	}
	before := take(t, s, nil, a.org, b.org, empty.org)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := test.on.draft(put(iam.KindGroup, 9, "lost"))
			c.Claims, c.Events = []iam.Key{email("lost")}, []iam.Event{event(c.Org, 900)}
			test.change(c)
			c.Seal()
			wantCode(t, s.Commit(t.Context(), c), iam.Conflict)
			wantSame(t, "after the conflict", take(t, s, nil, a.org, b.org, empty.org), before)
			wantSame(t, "holder", holder(t, s, email("lost")), iam.OrgID{})
		})
	}
	a.grow(t, s, 1)
	empty.grow(t, s, 1)
}

// testRace lets several writers race for each revision: exactly one wins it.
func testRace(t *testing.T, h Harness) {
	s := h.Open(t)
	const writers, each = 6, 8
	org := newLine(1).org
	var mu sync.Mutex
	won := map[iam.Revision][]store.Hash{}
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for n := 0; n < each; {
				_, head, err := s.Load(t.Context(), org)
				if err != nil {
					t.Errorf("load: %v", err)
					return
				}
				c := (&line{org, head}).draft(put(iam.KindGroup, w, "mine"))
				c.Author.ID = id(w)
				c.Seal()
				switch err := s.Commit(t.Context(), c); iam.CodeOf(err) {
				case "":
					mu.Lock()
					won[c.Revision] = append(won[c.Revision], c.Hash)
					mu.Unlock()
					n++
				case iam.Conflict:
				default:
					t.Errorf("commit: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	list := history(t, s, org, 1, 0)
	if len(list) != writers*each {
		t.Fatalf("history has %d commits, want %d", len(list), writers*each)
	}
	for _, c := range list {
		if !slices.Equal(won[c.Revision], []store.Hash{c.Hash}) {
			t.Errorf("revision %d: winners %v, history has %s", c.Revision, won[c.Revision], c.Hash)
		}
	}
}

// testRefused makes commits that are at fault themselves.
func testRefused(t *testing.T, h Harness) {
	s := h.Open(t)
	l, other := newLine(1), newLine(2)
	l.grow(t, s, 1)
	full := func() *store.Commit {
		c := l.draft(put(iam.KindGroup, 1, "a"), put(iam.KindGroup, 2, "b"))
		c.Claims, c.Releases = []iam.Key{email("a")}, []iam.Key{email("b")}
		c.Events = []iam.Event{event(l.org, 1)}
		return c
	}
	// After Seal: the hash is then another's.
	tampered := map[string]func(*store.Commit){
		"hash":               func(c *store.Commit) { c.Hash[0] ^= 1 },
		"no hash":            func(c *store.Commit) { c.Hash = store.Hash{} },
		"organization":       func(c *store.Commit) { c.Org = other.org },
		"revision":           func(c *store.Commit) { c.Revision++ },
		"parent":             func(c *store.Commit) { c.Parent[0] ^= 1 },
		"time":               func(c *store.Commit) { c.Time = c.Time.Add(time.Microsecond) },
		"author's id":        func(c *store.Commit) { c.Author.ID = id(78) },
		"author's kind":      func(c *store.Commit) { c.Author.Kind = iam.KindOfSystem },
		"author's name":      func(c *store.Commit) { c.Author.Name = "Eve" },
		"cause":              func(c *store.Commit) { c.Cause = "iam.group.delete" },
		"data":               func(c *store.Commit) { c.Changes[0].Data = []byte(`"z"`) },
		"change's kind":      func(c *store.Commit) { c.Changes[0].Kind = iam.KindUser },
		"change's id":        func(c *store.Commit) { c.Changes[0].ID = id(3) },
		"order":              func(c *store.Commit) { c.Changes[0], c.Changes[1] = c.Changes[1], c.Changes[0] },
		"one change less":    func(c *store.Commit) { c.Changes = c.Changes[:1] },
		"claim":              func(c *store.Commit) { c.Claims[0].Value = "c" },
		"release":            func(c *store.Commit) { c.Releases = nil },
		"claims as releases": func(c *store.Commit) { c.Claims, c.Releases = c.Releases, c.Claims },
		"event":              func(c *store.Commit) { c.Events[0].IP = "192.0.2.2" },
		"no event":           func(c *store.Commit) { c.Events = nil },
	}
	// Before Seal: the hash is right.
	wrong := map[string]func(*store.Commit){
		"event of another organization": func(c *store.Commit) { c.Events[0].Org = other.org },
		"key that is not UTF-8":         func(c *store.Commit) { c.Claims[0].Value = "a\xff" },
		"release that is not UTF-8":     func(c *store.Commit) { c.Releases[0].Value = "a\xff" },
		"space that is not UTF-8":       func(c *store.Commit) { c.Claims[0].Space = "\xc3" },
		"kind that is not UTF-8":        func(c *store.Commit) { c.Changes[0].Kind = "\xed\xa0\x80" },
		"cause that is not UTF-8":       func(c *store.Commit) { c.Cause = "\xff" },
	}
	before := take(t, s, nil, l.org, other.org)
	refuse := func(t *testing.T, c *store.Commit) {
		wantCode(t, s.Commit(t.Context(), c), iam.Internal)
		wantSame(t, "after the refusal", take(t, s, nil, l.org, other.org), before)
	}
	for name, change := range tampered {
		t.Run("tampered "+name, func(t *testing.T) {
			c := full()
			c.Seal()
			change(c)
			refuse(t, c)
		})
	}
	for name, change := range wrong {
		t.Run(name, func(t *testing.T) {
			c := full()
			change(c)
			c.Seal()
			refuse(t, c)
		})
	}
	l.commit(t, s, full())
}

// testOrganizations lists organizations: those with commits, by id, byte by byte.
func testOrganizations(t *testing.T, h Harness) {
	s := h.Open(t)
	list := func() []iam.OrgID {
		t.Helper()
		orgs, err := s.Organizations(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return orgs
	}
	if tail, err := s.Tail(t.Context()); err != nil || tail != 0 {
		t.Fatalf("tail of an empty store: %d, %v", tail, err)
	}
	wantSame(t, "organizations of an empty store", list(), []iam.OrgID(nil))
	high := iam.OrgID{UUID: iam.UUID{0: 0xff}}
	orgs := []iam.OrgID{{UUID: iam.UUID{15: 1}}, {UUID: iam.UUID{14: 1}}, {UUID: iam.UUID{0: 0x7f, 15: 2}}, {UUID: iam.UUID{0: 0x80}}, high}
	for i := len(orgs) - 1; i >= 0; i-- {
		l := &line{org: orgs[i]}
		l.grow(t, s, 2)
	}
	refused := newLine(1).draft()
	refused.Revision = 7
	refused.Seal()
	wantCode(t, s.Commit(t.Context(), refused), iam.Conflict)
	if err := s.Append(t.Context(), []iam.Event{event(newLine(2).org, 1)}); err != nil {
		t.Fatal(err)
	}
	wantSame(t, "organizations", list(), orgs)
}
