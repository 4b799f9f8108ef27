package sqlite

import (
	"context"
	"database/sql"
	"errors"
)

// reader is a small pool of connections that only read.
type reader struct {
	pool *sql.DB

	head, records          *sql.Stmt
	feed, tail             *sql.Stmt
	history, organizations *sql.Stmt
	lookup                 *sql.Stmt
	event, eventTime       *sql.Stmt
}

func (r *reader) statements() map[**sql.Stmt]string {
	return map[**sql.Stmt]string{
		&r.head:          "SELECT revision, hash FROM heads WHERE org = ?",
		&r.records:       "SELECT kind, id, data FROM records WHERE org = ? ORDER BY kind, id",
		&r.feed:          "SELECT " + commitColumns + " FROM commits WHERE seq > ? ORDER BY seq LIMIT ?",
		&r.tail:          "SELECT coalesce(max(seq), 0) FROM commits",
		&r.history:       "SELECT " + commitColumns + " FROM commits WHERE org = ? AND revision BETWEEN ? AND ? ORDER BY revision LIMIT ?",
		&r.organizations: "SELECT org FROM heads ORDER BY org",
		&r.lookup:        "SELECT org FROM keys WHERE space = ? AND value = ?",
		&r.event:         "SELECT " + eventColumns + ", data FROM events WHERE org = ? AND id = ?",
		&r.eventTime:     "SELECT time FROM events WHERE org = ? AND id = ?",
	}
}

func openReader(ctx context.Context, path string, conns int) (*reader, error) {
	pool, err := sql.Open("sqlite", readerDSN(path))
	if err != nil {
		return nil, failure(ctx, "cannot open the database", err)
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	r := &reader{pool: pool}
	if err := prepare(ctx, pool, r.statements()); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

func (r *reader) close() error {
	return errors.Join(unprepare(r.statements()), r.pool.Close())
}

// view runs f in a read transaction: all that f reads is of one instant.
func (r *reader) view(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := r.pool.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback() // it wrote nothing, so that there is nothing to lose
	return f(tx)
}
