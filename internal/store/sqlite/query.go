package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// Events implements store.Store.
func (d *DB) Events(ctx context.Context, q store.Query) (page []iam.Event, total int, err error) {
	if err := d.use(ctx); err != nil {
		return nil, 0, err
	}
	defer d.life.RUnlock()
	if q.Limit < 1 {
		return nil, 0, iam.Errorf(iam.Internal, "a page of %d events was asked for", q.Limit)
	}
	err = d.reader.view(ctx, func(tx *sql.Tx) (err error) {
		w := filters(q)
		count := "SELECT count(*) FROM events WHERE " + w.String()
		if err := tx.QueryRowContext(ctx, count, w.args...).Scan(&total); err != nil {
			return err
		}
		if w, err = d.page(ctx, tx, q); err != nil {
			return err
		}
		order := " ORDER BY time DESC, id DESC"
		if q.OldestFirst {
			order = " ORDER BY time, id"
		}
		text := "SELECT data FROM events WHERE " + w.String() + order + " LIMIT ? OFFSET ?"
		page, err = readEvents(ctx, tx, text, append(w.args, q.Limit, q.Offset)...)
		return err
	})
	if err != nil {
		return nil, 0, failure(ctx, "events cannot be read", err)
	}
	return page, total, nil
}

// page gives the condition of a page: what passes the filters and comes after q.After, which is looked up with the
// organization, so that another's event is none. Of q.After and q.To only the earlier stays: given two upper bounds,
// SQLite may seek to the later one and read all pages before this one again.
func (d *DB) page(ctx context.Context, tx *sql.Tx, q store.Query) (where, error) {
	if q.After.IsZero() {
		return filters(q), nil
	}
	var at int64
	err := tx.StmtContext(ctx, d.reader.eventTime).QueryRowContext(ctx, q.Org.UUID[:], q.After.UUID[:]).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return where{}, errNoEvent(q.After)
	}
	if err != nil {
		return where{}, err
	}
	return pageAfter(q, at), nil
}

// pageAfter is page for an event at a time.
func pageAfter(q store.Query, at int64) where {
	if !q.To.IsZero() && microsUp(q.To) <= at {
		return filters(q)
	}
	q.To = time.Time{}
	w := filters(q)
	w.add("(time, id) < (?, ?)", at, q.After.UUID[:])
	return w
}

func readEvents(ctx context.Context, tx *sql.Tx, text string, args ...any) (page []iam.Event, err error) {
	rows, err := tx.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var data sql.RawBytes
	for rows.Next() {
		var e iam.Event
		if err := rows.Scan(&data); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(data, &e); err != nil {
			return nil, err
		}
		page = append(page, e)
	}
	return page, rows.Err()
}

// where is a condition: terms that must all hold, and their arguments.
type where struct {
	terms []string
	args  []any
}

func (w *where) add(term string, args ...any) {
	w.terms = append(w.terms, term)
	w.args = append(w.args, args...)
}

// equal adds a filter unless it is not set.
func (w *where) equal(column, value string) {
	if value != "" {
		w.add(column+" = ?", value)
	}
}

func (w *where) String() string { return strings.Join(w.terms, " AND ") }

func filters(q store.Query) where {
	w := where{}
	w.add("org = ?", q.Org.UUID[:])
	if !q.ActorID.IsZero() {
		w.add("actor_id = ?", q.ActorID[:])
	}
	w.equal("actor_kind", string(q.ActorKind))
	w.equal("action", q.Action)
	if len(q.Actions) > 0 {
		w.add("action IN (?"+strings.Repeat(", ?", len(q.Actions)-1)+")", anys(q.Actions)...)
	}
	if q.ActionPrefix != "" {
		// Not LIKE, which folds case and has wildcards. No UTF-8 text holds the byte 0xff: it is above every suffix.
		w.add("action >= ? AND action < ?", q.ActionPrefix, q.ActionPrefix+"\xff")
	}
	w.equal("resource_type", q.ResourceType)
	w.equal("resource_id", q.ResourceID)
	if actor, _ := iam.ParseUUID(q.Involved); actor.IsZero() { // which is nobody's
		w.equal("resource_id", q.Involved)
	} else {
		w.add("(actor_id = ? OR resource_id = ?)", actor[:], q.Involved)
	}
	w.equal("status", string(q.Status))
	if q.IP.IsValid() {
		w.add("ip = ?", q.IP.Unmap().String())
	}
	if !q.From.IsZero() {
		w.add("time >= ?", microsUp(q.From))
	}
	if !q.To.IsZero() {
		w.add("time < ?", microsUp(q.To))
	}
	return w
}

func anys(texts []string) []any {
	out := make([]any, len(texts))
	for i, text := range texts {
		out[i] = text
	}
	return out
}

// microsUp rounds up: a time within a microsecond is after the events at its beginning.
func microsUp(t time.Time) int64 {
	m := t.UnixMicro()
	if time.UnixMicro(m).Before(t) {
		m++
	}
	return m
}
