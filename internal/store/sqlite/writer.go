package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/writ-iam/writ/internal/iam"
)

// writer is the one connection that writes. Its transactions run one after the other.
type writer struct {
	turn chan struct{} // holds a token while a transaction runs
	pool *sql.DB
	conn *sql.Conn

	begin, commit, rollback *sql.Stmt
	firstHead, nextHead     *sql.Stmt
	addCommit, addEvent     *sql.Stmt
	putRecord, deleteRecord *sql.Stmt
	claimKey, releaseKey    *sql.Stmt

	// step is called before each step of a commit, and after the last one. Only the crash test sets it.
	step func(done int)
}

func (w *writer) statements() map[**sql.Stmt]string {
	return map[**sql.Stmt]string{
		&w.begin:    "BEGIN IMMEDIATE",
		&w.commit:   "COMMIT",
		&w.rollback: "ROLLBACK",

		&w.firstHead: "INSERT INTO heads (org, revision, hash) VALUES (?, 1, ?) ON CONFLICT DO NOTHING",
		&w.nextHead:  "UPDATE heads SET revision = revision + 1, hash = ? WHERE org = ? AND revision = ? AND hash = ?",
		&w.addCommit: "INSERT INTO commits (org, revision, parent, hash, time, author, cause, changes, keys, events) " +
			"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		&w.putRecord: "INSERT INTO records (org, kind, id, data) VALUES (?, ?, ?, ?) " +
			"ON CONFLICT DO UPDATE SET data = excluded.data",
		&w.deleteRecord: "DELETE FROM records WHERE org = ? AND kind = ? AND id = ?",
		&w.claimKey:     "INSERT INTO keys (space, value, org) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
		&w.releaseKey:   "DELETE FROM keys WHERE space = ? AND value = ? AND org = ?",
		&w.addEvent: "INSERT INTO events (org, id, time, actor_id, actor_kind, action, resource_type, resource_id, status, ip, data) " +
			"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
	}
}

// openWriter opens the connection and brings the schema up to date.
func openWriter(ctx context.Context, path string) (_ *writer, err error) {
	w := &writer{turn: make(chan struct{}, 1)}
	if w.pool, err = sql.Open("sqlite", writerDSN(path)); err != nil {
		return nil, failure(ctx, "cannot open the database", err)
	}
	if err := w.setUp(ctx); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

func (w *writer) setUp(ctx context.Context) (err error) {
	w.pool.SetMaxOpenConns(1)
	if w.conn, err = w.pool.Conn(ctx); err != nil {
		return failure(ctx, notOurs, err)
	}
	list, err := migrations()
	if err != nil {
		return failure(ctx, "the program's migrations are broken", err)
	}
	version, err := schemaVersion(ctx, w.conn)
	if err != nil {
		return err
	}
	if version > len(list) {
		return errNewer(version, len(list))
	}
	if err := writeAheadLog(ctx, w.conn); err != nil {
		return err
	}
	if err := migrate(ctx, w.conn, list[version:]); err != nil {
		return err
	}
	return prepare(ctx, w.conn, w.statements())
}

// writeAheadLog switches the log on, once the file is known to be ours. It stays on in the file.
func writeAheadLog(ctx context.Context, conn *sql.Conn) error {
	var mode string
	err := conn.QueryRowContext(ctx, "PRAGMA journal_mode = wal").Scan(&mode)
	if err == nil && mode != "wal" {
		err = fmt.Errorf("journal mode is %q", mode)
	}
	if err != nil {
		return failure(ctx, "the file system cannot hold a database in WAL mode", err)
	}
	return nil
}

func (w *writer) close() error {
	err := unprepare(w.statements())
	if w.conn != nil {
		err = errors.Join(err, w.conn.Close())
	}
	return errors.Join(err, w.pool.Close())
}

// do runs steps as one transaction when it is its turn. Once begun, it does not look at ctx any more: a transaction
// takes a moment, and its outcome is then known. If a step fails, nothing is written.
func (w *writer) do(ctx context.Context, steps ...func() error) (err error) {
	select {
	case w.turn <- struct{}{}:
		defer func() { <-w.turn }()
	case <-ctx.Done():
		return ended(ctx)
	}
	if err := ended(ctx); err != nil {
		return err
	}
	all := slices.Concat([]func() error{func() error { return run(w.begin) }}, steps, []func() error{w.end})
	for i, step := range all {
		w.at(i)
		if err := step(); err != nil {
			// SQLite has rolled back some failures by itself; that there is then nothing to roll back is no news.
			_ = run(w.rollback)
			return failure(context.WithoutCancel(ctx), "writing to the database failed", err)
		}
	}
	w.at(len(all))
	return nil
}

func (w *writer) at(done int) {
	if w.step != nil {
		w.step(done)
	}
}

// end commits. If that fails, the log may hold the transaction or may not: Unavailable is the code for not knowing.
func (w *writer) end() error {
	if err := run(w.commit); err != nil {
		return &iam.Error{Code: iam.Unavailable, Message: "the store could not finish the write", Err: err}
	}
	return nil
}

// run executes a statement without a context, since interrupting one costs a goroutine each.
func run(s *sql.Stmt, args ...any) error {
	_, err := s.ExecContext(context.Background(), args...)
	return err
}

// affected executes a statement and tells how many rows it changed.
func affected(s *sql.Stmt, args ...any) (int64, error) {
	r, err := s.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}
