package storetest

import (
	"context"
	"errors"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// uses calls every method of a store once.
func uses(s store.Store, c *store.Commit) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"Commit": func(ctx context.Context) error { return s.Commit(ctx, c) },
		"Load": func(ctx context.Context) error {
			_, _, err := s.Load(ctx, c.Org)
			return err
		},
		"Follow": func(ctx context.Context) error {
			for _, err := range s.Follow(ctx, 0) {
				return err
			}
			return errors.New("no error at all")
		},
		"Tail": func(ctx context.Context) error {
			_, err := s.Tail(ctx)
			return err
		},
		"History": func(ctx context.Context) error {
			for _, err := range s.History(ctx, c.Org, 1, 0) {
				return err
			}
			return errors.New("no error at all")
		},
		"History of a range": func(ctx context.Context) error {
			for _, err := range s.History(ctx, c.Org, 1, 5) {
				return err
			}
			return errors.New("no error at all")
		},
		"Organizations": func(ctx context.Context) error {
			_, err := s.Organizations(ctx)
			return err
		},
		"Lookup": func(ctx context.Context) error {
			_, err := s.Lookup(ctx, email("x"))
			return err
		},
		"Append": func(ctx context.Context) error { return s.Append(ctx, []iam.Event{event(c.Org, 500)}) },
		"Events": func(ctx context.Context) error {
			_, _, err := s.Events(ctx, queryOf(c.Org))
			return err
		},
		"Event": func(ctx context.Context) error {
			_, err := s.Event(ctx, c.Org, event(c.Org, 1).ID)
			return err
		},
	}
}

// testClosed uses a store that is closed, and one that is being closed.
func testClosed(t *testing.T, h Harness) {
	s := h.Open(t)
	l := newLine(1)
	l.grow(t, s, 3)
	next := l.draft(put(iam.KindGroup, 8, "x"))
	next.Seal()
	var wg sync.WaitGroup
	for _, use := range uses(s, next) { // meanwhile: either answered or Unavailable, and no panic
		wg.Go(func() {
			for iam.CodeOf(use(t.Context())) != iam.Unavailable {
			}
		})
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	for name, use := range uses(s, next) {
		t.Run(name, func(t *testing.T) { wantCode(t, use(t.Context()), iam.Unavailable) })
	}
	if err := s.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

// testCloseDuringFollow closes a store of which consumers wait, and one that is in the middle of a history.
func testCloseDuringFollow(t *testing.T, h Harness) {
	s := h.Open(t)
	l := newLine(1)
	l.grow(t, s, 3)
	var reading, done sync.WaitGroup
	for range 4 {
		reading.Add(1)
		done.Go(func() {
			seen, failed := 0, error(nil)
			for _, err := range s.Follow(t.Context(), 0) {
				if failed = err; err == nil {
					if seen++; seen == 3 {
						reading.Done()
					}
				}
			}
			if seen != 3 || iam.CodeOf(failed) != iam.Unavailable {
				t.Errorf("Follow ended after %d entries with %v", seen, failed)
			}
		})
	}
	reading.Wait()
	var failed error
	for _, err := range s.History(t.Context(), l.org, 1, 0) { // Close within the loop must not wait for the loop
		failed = err
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if failed != nil { // what was read before may still be yielded
		wantCode(t, failed, iam.Unavailable)
	}
	done.Wait()
}

// testContext uses a store with a context that has ended.
func testContext(t *testing.T, h Harness) {
	s := h.Open(t)
	l := newLine(1)
	l.grow(t, s, 3)
	next := l.draft(put(iam.KindGroup, 8, "x"))
	next.Seal()
	cause := errors.New("the client went away")
	ended, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	late, cancelLate := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancelLate()
	for name, use := range uses(s, next) {
		t.Run(name, func(t *testing.T) {
			err := use(ended)
			wantCode(t, err, iam.Unavailable)
			if !errors.Is(err, cause) {
				t.Errorf("error %v does not wrap the context's cause", err)
			}
			err = use(late)
			wantCode(t, err, iam.Unavailable)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %v does not wrap the context's cause", err)
			}
		})
	}
	_, head := load(t, s, l.org) // whether the commit was made is not promised, but it is whole or not there
	if _, err := store.Verify(t.Context(), s, l.org); err != nil {
		t.Fatal(err)
	}
	l.head = head
	l.grow(t, s, 1)
}

// testReopen closes and opens a store with a bit of everything, several times.
func testReopen(t *testing.T, h Harness) {
	s := h.Open(t)
	a, b := newLine(1), newLine(2)
	keys := []iam.Key{email("a"), email("b")}
	for round := range 3 {
		for i, l := range []*line{a, b} {
			c := l.draft(put(iam.KindGroup, round, "x"), put(iam.KindUser, 1, "y"), drop(iam.KindGroup, round-2))
			c.Events = []iam.Event{event(l.org, round)}
			if c.Claims = keys[i : i+1]; round > 0 {
				c.Releases = c.Claims
			}
			l.commit(t, s, c)
			l.grow(t, s, 3)
		}
		before := take(t, s, keys, a.org, b.org)
		s = h.Reopen(t, s)
		wantSame(t, "after reopening", take(t, s, keys, a.org, b.org), before)
		for _, l := range []*line{a, b} {
			if head, err := store.Verify(t.Context(), s, l.org); err != nil || head != l.head {
				t.Fatalf("verify: %v, %v; want %v", head, err, l.head)
			}
		}
	}
}

// testVerify verifies what is right: nothing, a commit without anything, and much of everything.
func testVerify(t *testing.T, h Harness) {
	s := h.Open(t)
	l := newLine(1)
	verify := func() {
		t.Helper()
		head, err := store.Verify(t.Context(), s, l.org)
		if err != nil || head != l.head {
			t.Fatalf("verify: %v, %v; want %v", head, err, l.head)
		}
	}
	verify()
	l.commit(t, s, l.draft())
	verify()
	heads := map[iam.Revision]store.Hash{}
	for n := range 20 {
		c := l.draft(put(iam.KindGroup, n, "a"), drop(iam.KindGroup, n-3), put(iam.KindUser, n%4, "b"))
		e := event(l.org, n)
		e.Revision = c.Revision
		c.Events = []iam.Event{e}
		l.commit(t, s, c)
		heads[c.Revision] = c.Hash
	}
	refused := event(l.org, 100) // of no commit
	refused.Status = iam.Refused
	if err := s.Append(t.Context(), []iam.Event{refused}); err != nil {
		t.Fatal(err)
	}
	verify()
	seen := maps.Clone(heads)
	for c := range s.History(t.Context(), l.org, 2, 0) {
		if seen[c.Revision] != c.Hash {
			t.Errorf("revision %d has another hash", c.Revision)
		}
		delete(seen, c.Revision)
	}
	if len(seen) > 0 {
		t.Errorf("not in the history: %v", seen)
	}
}
