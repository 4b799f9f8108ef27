package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"math"
	"time"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// A page of commits is read at once and yielded without holding anything of the database: a slow consumer must not
// keep the log from being folded into the file.
const (
	pageCommits = 256
	pageBytes   = 4 << 20
)

// Follow implements store.Store. It reads by seq. AUTOINCREMENT gives numbers under the write lock, and SQLite has one
// writer at a time, so that a number becomes visible only after all smaller ones: no gap behind the cursor is ever
// filled later.
func (d *DB) Follow(ctx context.Context, after store.Cursor) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		for {
			news := d.feed.next() // before looking, so that no commit slips in between
			page, err := d.commits(ctx, d.reader.feed, clamp(uint64(after)), pageCommits)
			for _, e := range page {
				if err := d.alive(ctx); err != nil {
					yield(store.Entry{}, err)
					return
				}
				if !yield(e, nil) {
					return
				}
				after = e.Cursor
			}
			if err == nil && len(page) == 0 {
				err = d.wait(ctx, news)
			}
			if err != nil {
				yield(store.Entry{}, err)
				return
			}
		}
	}
}

// wait returns nil when there may be news: at once for a commit of this DB, after a while for one of another process.
func (d *DB) wait(ctx context.Context, news <-chan struct{}) error {
	timer := time.NewTimer(d.poll)
	defer timer.Stop()
	select {
	case <-news:
	case <-timer.C:
	case <-d.closed:
	case <-ctx.Done():
	}
	return d.alive(ctx)
}

// alive tells, between two uses, whether there can be another.
func (d *DB) alive(ctx context.Context) error {
	select {
	case <-d.closed:
		return errClosed()
	default:
		return ended(ctx)
	}
}

// History implements store.Store. Commits never change, so that reading page by page shows what one transaction would.
func (d *DB) History(ctx context.Context, org iam.OrgID, from, to iam.Revision) iter.Seq2[*store.Commit, error] {
	return func(yield func(*store.Commit, error) bool) {
		last, err := d.historyEnd(ctx, org, to)
		for next := max(from, 1); err == nil && next <= last; {
			var page []store.Entry
			page, err = d.commits(ctx, d.reader.history, org.UUID[:], clamp(uint64(next)), clamp(uint64(last)), pageCommits)
			for _, e := range page {
				if err := d.alive(ctx); err != nil {
					yield(nil, err)
					return
				}
				if !yield(e.Commit, nil) {
					return
				}
				next = e.Commit.Revision + 1
			}
			if len(page) == 0 {
				break
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// historyEnd makes a to of 0 the head as it is now: commits made while the consumer reads do not keep it going.
func (d *DB) historyEnd(ctx context.Context, org iam.OrgID, to iam.Revision) (iam.Revision, error) {
	if err := d.use(ctx); err != nil {
		return 0, err
	}
	defer d.life.RUnlock()
	if to != 0 {
		return to, nil
	}
	head, err := readHead(ctx, d.reader.head, org)
	if err != nil {
		return 0, failure(ctx, "an organization's head cannot be read", err)
	}
	return head.Revision, nil
}

// commits reads one page. With an error it gives the commits before it.
func (d *DB) commits(ctx context.Context, s *sql.Stmt, args ...any) (page []store.Entry, err error) {
	if err := d.use(ctx); err != nil {
		return nil, err
	}
	defer d.life.RUnlock()
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return nil, failure(ctx, "commits cannot be read", err)
	}
	defer func() {
		if err = errors.Join(err, rows.Close()); err != nil {
			err = failure(ctx, "commits cannot be read", err)
		}
	}()
	var buf commitBuffer
	for size := 0; size < pageBytes && rows.Next(); {
		e, n, err := scanCommit(rows, &buf)
		if err != nil {
			return page, err
		}
		page = append(page, e)
		size += n
	}
	return page, rows.Err()
}

// Tail implements store.Store.
func (d *DB) Tail(ctx context.Context) (store.Cursor, error) {
	if err := d.use(ctx); err != nil {
		return 0, err
	}
	defer d.life.RUnlock()
	var seq int64
	if err := d.reader.tail.QueryRowContext(ctx).Scan(&seq); err != nil {
		return 0, failure(ctx, "the feed's end cannot be read", err)
	}
	return store.Cursor(seq), nil
}

// clamp makes a number that SQLite can hold. No revision or cursor comes near.
func clamp(n uint64) int64 { return int64(min(n, math.MaxInt64)) }

// commitBuffer is reused from row to row.
type commitBuffer struct {
	author, changes, keys, events sql.RawBytes
}

type scanner interface{ Scan(dest ...any) error }
