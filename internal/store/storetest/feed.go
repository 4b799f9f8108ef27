package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// patience ends a test that would otherwise wait for ever. Nothing passes because of it.
const patience = 30 * time.Second

// follow reads the feed until it has n entries.
func follow(t *testing.T, s store.Store, after store.Cursor, n int) (list []store.Entry) {
	t.Helper()
	if n == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for e, err := range s.Follow(ctx, after) {
		if err != nil {
			t.Fatalf("follow after %d entries: %v", len(list), err)
		}
		if list = append(list, e); len(list) == n {
			break
		}
	}
	return list
}

// wantNoMore checks that the feed has nothing after a cursor, by making one commit that must be the first.
func wantNoMore(t *testing.T, s store.Store, after store.Cursor, l *line) {
	t.Helper()
	c := l.commit(t, s, l.draft())
	wantCommit(t, follow(t, s, after, 1)[0].Commit, c)
}

// testFollowCursor reads the feed from every place in it.
func testFollowCursor(t *testing.T, h Harness) {
	s := h.Open(t)
	a, b := newLine(1), newLine(2)
	var made []*store.Commit
	for range 4 {
		made = append(made, a.grow(t, s, 1)...)
		c := b.draft(put(iam.KindUser, 1, "u"), drop(iam.KindUser, 2))
		c.Claims, c.Events = []iam.Key{email(string(rune('a' + b.head.Revision)))}, []iam.Event{event(b.org, int(b.head.Revision))}
		made = append(made, b.commit(t, s, c))
		stale := a.draft()
		stale.Revision++
		stale.Seal()
		wantCode(t, s.Commit(t.Context(), stale), iam.Conflict) // leaves no entry
	}
	all := follow(t, s, 0, len(made))
	for i, e := range all {
		wantCommit(t, e.Commit, made[i])
		if i > 0 && e.Cursor <= all[i-1].Cursor {
			t.Fatalf("cursor %d after %d", e.Cursor, all[i-1].Cursor)
		}
	}
	for i, e := range all {
		for j, f := range follow(t, s, e.Cursor, len(made)-i-1) {
			if f.Cursor != all[i+1+j].Cursor {
				t.Fatalf("after %d: cursor %d, want %d", e.Cursor, f.Cursor, all[i+1+j].Cursor)
			}
			wantCommit(t, f.Commit, made[i+1+j])
		}
	}
	tail, err := s.Tail(t.Context())
	if err != nil || tail != all[len(all)-1].Cursor {
		t.Fatalf("tail %d, %v; want %d", tail, err, all[len(all)-1].Cursor)
	}
	s = h.Reopen(t, s)
	again := follow(t, s, all[2].Cursor, len(made)-3)
	wantCommit(t, again[0].Commit, made[3])
	wantNoMore(t, s, tail, a)
}

// testFollowWaits lets a consumer wait for each commit, one after the other.
func testFollowWaits(t *testing.T, h Harness) {
	s := h.Open(t)
	l := newLine(1)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	made, seen := make(chan *store.Commit, 1), 0
	next := func() {
		c := l.draft(put(iam.KindGroup, seen, "x"))
		c.Seal()
		l.head = store.Head{Revision: c.Revision, Hash: c.Hash}
		made <- c
		go func() { // whether it comes before or after the consumer waits, it must be seen
			if err := s.Commit(ctx, c); err != nil {
				t.Errorf("commit: %v", err)
			}
		}()
	}
	next()
	for e, err := range s.Follow(ctx, 0) {
		if err != nil {
			t.Fatalf("follow: %v", err)
		}
		wantCommit(t, e.Commit, <-made)
		if seen++; seen == 20 {
			break
		}
		next()
	}
}

// testFollowWriters lets consumers follow, reconnecting now and then, while writers of several organizations commit.
func testFollowWriters(t *testing.T, h Harness) {
	s := h.Open(t)
	const orgs, each, consumers = 5, 20, 3
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var wg sync.WaitGroup
	for n := range orgs {
		wg.Go(func() {
			l := newLine(n + 1)
			for range each {
				c := l.draft(put(iam.KindGroup, 1, "x"))
				c.Seal()
				if err := s.Commit(ctx, c); err != nil {
					t.Errorf("commit: %v", err)
					return
				}
				l.head = store.Head{Revision: c.Revision, Hash: c.Hash}
			}
		})
	}
	for k := range consumers {
		wg.Go(func() { consume(ctx, t, s, orgs*each, 3+4*k) })
	}
	wg.Wait()
}

// consume follows n commits, at most some of them at one connection, and checks that each organization's come once and
// in order.
func consume(ctx context.Context, t *testing.T, s store.Store, n, some int) {
	var cursor store.Cursor
	heads := map[iam.OrgID]store.Head{}
	for n > 0 {
		left := some
		for e, err := range s.Follow(ctx, cursor) {
			if err != nil {
				t.Errorf("follow: %v", err)
				return
			}
			c := e.Commit
			if before := heads[c.Org]; c.Revision != before.Revision+1 || c.Parent != before.Hash || e.Cursor <= cursor {
				t.Errorf("commit %d of %s at %d after commit %d at %d", c.Revision, c.Org, e.Cursor, before.Revision, cursor)
				return
			}
			heads[c.Org], cursor = store.Head{Revision: c.Revision, Hash: c.Hash}, e.Cursor
			n--
			if left--; left == 0 || n == 0 {
				break
			}
		}
	}
}

// testFollowEnds ends the context before, while and between commits are yielded.
func testFollowEnds(t *testing.T, h Harness) {
	s := h.Open(t)
	l := newLine(1)
	l.grow(t, s, 5)
	cause := errors.New("the consumer has had enough")
	for _, after := range []int{0, 1, 3, 5} { // entries before the end; after 5 it waits
		ctx, cancel := context.WithCancelCause(t.Context())
		seen, failed := 0, error(nil)
		if after == 0 {
			cancel(cause)
		}
		for _, err := range s.Follow(ctx, 0) {
			if failed != nil {
				t.Fatal("an entry after the error")
			}
			if failed = err; err != nil {
				continue // the loop must end by itself
			}
			if seen++; seen == after {
				if after == 5 {
					go cancel(cause)
				} else {
					cancel(cause)
				}
			}
		}
		wantCode(t, failed, iam.Unavailable)
		if !errors.Is(failed, cause) {
			t.Errorf("after %d: error %v does not wrap the context's cause", after, failed)
		}
		if seen != after {
			t.Errorf("%d entries, want %d", seen, after)
		}
		cancel(nil)
	}
	wantNoMore(t, s, follow(t, s, 0, 5)[4].Cursor, l)
}
