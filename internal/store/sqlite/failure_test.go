package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// TestDriverErrors makes the driver fail: its words are in the cause, never in the message.
func TestDriverErrors(t *testing.T) {
	d := open(t, Config{Path: tempPath(t)})
	line := &chain{org: org(1)}
	line.grow(t, d, 2)
	db := raw(t, d.path)
	tests := []struct {
		name, harm string
		use        func() error
	}{
		{"Event", "UPDATE events SET data = 'no JSON'", func() error {
			_, err := d.Event(t.Context(), line.org, iam.EventID{UUID: number(1)})
			return err
		}},
		{"Events", "SELECT 1", func() error {
			_, _, err := d.Events(t.Context(), store.Query{Org: line.org, Limit: 1})
			return err
		}},
		{"History", "UPDATE commits SET hash = x'00'", func() error {
			for _, err := range d.History(t.Context(), line.org, 1, 0) {
				return err
			}
			return nil
		}},
		{"Follow", "SELECT 1", func() error {
			for _, err := range d.Follow(t.Context(), 0) {
				return err
			}
			return nil
		}},
		{"Commit", "DROP TABLE records", func() error { return d.Commit(t.Context(), line.next(1)) }},
		{"Load", "SELECT 1", func() error {
			_, _, err := d.Load(t.Context(), line.org)
			return err
		}},
		{"Lookup", "DROP TABLE keys", func() error {
			_, err := d.Lookup(t.Context(), iam.Key{})
			return err
		}},
	}
	for _, test := range tests {
		alter(t, db, test.harm)
		e, ok := errors.AsType[*iam.Error](test.use())
		if !ok || e.Code != iam.Internal || e.Err == nil {
			t.Errorf("%s: %v", test.name, e)
			continue
		}
		for _, word := range []string{"SQL", "table", "JSON", "invalid character", "bytes"} {
			if strings.Contains(e.Message, word) {
				t.Errorf("%s: the message has the driver's words: %s", test.name, e.Message)
			}
		}
	}
}

// TestBusy lets somebody else hold the write lock for longer than we wait.
func TestBusy(t *testing.T) {
	d := open(t, Config{Path: tempPath(t)})
	line := &chain{org: org(1)}
	line.grow(t, d, 1)
	if _, err := d.writer.conn.ExecContext(t.Context(), "PRAGMA busy_timeout = 1"); err != nil {
		t.Fatal(err)
	}
	other, err := raw(t, d.path).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	if err := d.Commit(t.Context(), line.next(1)); iam.CodeOf(err) != iam.Unavailable {
		t.Errorf("commit while locked: %v", err)
	}
	if _, err := other.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	line.grow(t, d, 1)
}

// TestWaitForTurnEnds lets a context end while a commit waits for the one before it.
func TestWaitForTurnEnds(t *testing.T) {
	d := open(t, Config{Path: tempPath(t)})
	line := &chain{org: org(1)}
	line.grow(t, d, 1)
	ctx, cancel := context.WithCancel(t.Context())
	err := d.writer.do(t.Context(), func() error { // holds the turn
		done := make(chan error)
		go func() { done <- d.Commit(ctx, line.next(1)) }()
		cancel()
		return <-done
	})
	if iam.CodeOf(err) != iam.Unavailable {
		t.Errorf("commit: %v", err)
	}
	line.grow(t, d, 1)
}

// TestNothingIsLeftBehind stops consumers in every way: no goroutine stays, and no connection is held.
func TestNothingIsLeftBehind(t *testing.T) {
	d := open(t, Config{Path: tempPath(t), Poll: time.Hour})
	line := &chain{org: org(1)}
	line.grow(t, d, 20)
	before := runtime.NumGoroutine()
	for range 20 {
		for range d.Follow(t.Context(), 3) {
			break
		}
		for range d.History(t.Context(), line.org, 2, 0) {
			break
		}
		ctx, cancel := context.WithCancel(t.Context())
		for e := range d.Follow(ctx, 0) {
			if e.Commit != nil && e.Commit.Revision == 20 {
				cancel()
			}
		}
		cancel()
	}
	// Some of database/sql's own end a moment after the call that they served.
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
	if stats := d.reader.pool.Stats(); stats.InUse != 0 {
		t.Errorf("%d connections are in use", stats.InUse)
	}
}

// TestFollowWakesAtOnce commits when a consumer waits, or is about to, with polling as good as off.
func TestFollowWakesAtOnce(t *testing.T) {
	d, line := open(t, Config{Path: tempPath(t), Poll: time.Hour}), &chain{org: org(1)}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	const commits = 100
	type step struct {
		revision iam.Revision
		err      error
	}
	seen := make(chan step, commits) // never full: the consumer ends by itself
	go func() {
		defer close(seen)
		for e, err := range d.Follow(ctx, 0) {
			if err != nil {
				seen <- step{err: err}
				return
			}
			if seen <- (step{revision: e.Commit.Revision}); e.Commit.Revision == commits {
				return
			}
		}
	}()
	for n := range commits {
		waits := func() bool {
			d.feed.mu.Lock()
			defer d.feed.mu.Unlock()
			return d.feed.ch != nil
		}
		for !waits() && ctx.Err() == nil {
			runtime.Gosched()
		}
		line.grow(t, d, 1)
		if got := <-seen; got.err != nil || int(got.revision) != n+1 {
			t.Fatalf("revision %d, %v; want %d", got.revision, got.err, n+1)
		}
	}
	if got, more := <-seen; more {
		t.Fatalf("more than was committed: %+v", got)
	}
}

// TestSnapshotDoesNotBlock holds a read transaction open: commits go on, and readers see what they saw.
func TestSnapshotDoesNotBlock(t *testing.T) {
	d := open(t, Config{Path: tempPath(t)})
	line := &chain{org: org(1)}
	line.grow(t, d, 1)
	first := line.head
	err := d.reader.view(t.Context(), func(tx *sql.Tx) error {
		for range 3 {
			head, err := readHead(t.Context(), tx.StmtContext(t.Context(), d.reader.head), line.org)
			if err != nil || head != first {
				t.Errorf("head %v, %v; want %v", head, err, first)
			}
			line.grow(t, d, 2)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestFilterPlans checks that each kind of query runs along an index, and that time ranges are bounds of it.
func TestFilterPlans(t *testing.T) {
	d := open(t, Config{Path: tempPath(t)})
	at := time.UnixMicro(5)
	for _, test := range []struct {
		q    store.Query
		want string
	}{
		{store.Query{}, "COVERING INDEX"},
		{store.Query{From: at, To: at}, "COVERING INDEX events_by_time (org=? AND time>? AND time<?)"},
		{store.Query{Status: "denied", Action: "a", ActorKind: "user", ResourceType: "x"}, "COVERING INDEX events_by_time (org=?)"},
		{store.Query{ActorID: number(1), From: at}, "INDEX events_by_actor (org=? AND actor_id=? AND time>?)"},
		{store.Query{ResourceID: "x", To: at}, "INDEX events_by_resource (org=? AND resource_id=? AND time<?)"},
	} {
		w := filters(test.q)
		plan := explain(t, d, "SELECT count(*) FROM events WHERE "+w.String(), w.args...)
		if !strings.Contains(plan, test.want) {
			t.Errorf("count %+v: %s; want %s", test.q, plan, test.want)
		}
		w = pageAfter(test.q, 1)
		plan = explain(t, d, "SELECT data FROM events WHERE "+w.String()+" ORDER BY time DESC, id DESC LIMIT 5", w.args...)
		if strings.Contains(plan, "TEMP B-TREE") || !strings.Contains(plan, "(time,id)<") {
			t.Errorf("page of %+v: %s", test.q, plan)
		}
	}
}

func explain(t *testing.T, d *DB, text string, args ...any) (plan string) {
	t.Helper()
	rows, err := d.reader.pool.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+text, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan += detail + "\n"
	}
	return plan
}

// TestFullDisk makes the database as big as it may get: a commit that does not fit leaves nothing, and when there is
// room again the next one goes through.
func TestFullDisk(t *testing.T) {
	d := open(t, Config{Path: tempPath(t)})
	line := &chain{org: org(1)}
	line.grow(t, d, 3)
	limit := func(pages int) {
		t.Helper()
		var now int
		if err := d.writer.conn.QueryRowContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages)).Scan(&now); err != nil {
			t.Fatal(err)
		}
	}
	limit(1) // no smaller than it is
	err := d.Commit(t.Context(), line.next(500))
	if iam.CodeOf(err) != iam.Internal || !strings.Contains(err.Error(), "full") {
		t.Errorf("commit: %v", err)
	}
	if head, err := store.Verify(t.Context(), d, line.org); err != nil || head != line.head {
		t.Errorf("verify: %v, %v; want %v", head, err, line.head)
	}
	limit(1 << 30)
	line.grow(t, d, 1)
}
