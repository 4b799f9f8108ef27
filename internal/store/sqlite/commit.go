package sqlite

import (
	"context"
	"database/sql"
	"math"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// Commit implements store.Store.
func (d *DB) Commit(ctx context.Context, c *store.Commit) error {
	if err := d.use(ctx); err != nil {
		return err
	}
	defer d.life.RUnlock()
	if d.writer == nil {
		return errReadOnly()
	}
	if err := store.Check(c); err != nil {
		return err
	}
	row, err := encodeCommit(c)
	if err != nil {
		return failure(ctx, "the commit cannot be encoded", err)
	}
	t := &commitTx{w: d.writer, c: c, org: c.Org.UUID[:], row: row}
	if err := d.writer.do(ctx, t.head, t.log, t.changes, t.releases, t.claims, t.events); err != nil {
		return err
	}
	d.feed.wake()
	return nil
}

// commitTx is the steps of one commit.
type commitTx struct {
	w   *writer
	c   *store.Commit
	org []byte
	row commitRow
}

// head swaps the head, if it is the commit's parent.
func (t *commitTx) head() error {
	n, err := int64(0), error(nil)
	switch {
	case t.c.Revision == 0 || t.c.Revision > math.MaxInt64:
	case t.c.Revision > 1:
		n, err = affected(t.w.nextHead, t.c.Hash[:], t.org, int64(t.c.Revision-1), t.c.Parent[:])
	case t.c.Parent == store.Hash{}:
		n, err = affected(t.w.firstHead, t.org, t.c.Hash[:])
	}
	if err == nil && n == 0 {
		return iam.Errorf(iam.Conflict, "the head of the organization is not the parent of commit %d", t.c.Revision)
	}
	return err
}

func (t *commitTx) log() error {
	return run(t.w.addCommit, t.org, int64(t.c.Revision), t.c.Parent[:], t.c.Hash[:], t.c.Time.UnixMicro(),
		t.row.author, t.c.Cause, t.row.changes, t.row.keys, t.row.events)
}

func (t *commitTx) changes() error {
	for i := range t.c.Changes {
		ch := &t.c.Changes[i]
		var err error
		if len(ch.Data) == 0 {
			err = run(t.w.deleteRecord, t.org, string(ch.Kind), ch.ID[:])
		} else {
			err = run(t.w.putRecord, t.org, string(ch.Kind), ch.ID[:], []byte(ch.Data))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// releases drops keys of this organization only: what another one holds stays.
func (t *commitTx) releases() error {
	for _, k := range t.c.Releases {
		if err := run(t.w.releaseKey, string(k.Space), k.Value, t.org); err != nil {
			return err
		}
	}
	return nil
}

func (t *commitTx) claims() error {
	for _, k := range t.c.Claims {
		n, err := affected(t.w.claimKey, string(k.Space), k.Value, t.org)
		if err != nil {
			return err
		}
		if n == 0 {
			return iam.FieldErrorf(iam.Exists, string(k.Space), "the %s is taken", k.Space)
		}
	}
	return nil
}

func (t *commitTx) events() error {
	for i := range t.c.Events {
		if err := addEvent(t.w.addEvent, &t.c.Events[i], t.row.each[i]); err != nil {
			return err
		}
	}
	return nil
}

// addEvent inserts an event and its JSON.
func addEvent(s *sql.Stmt, e *iam.Event, text []byte) error {
	c := columnsOf(e)
	n, err := affected(s, e.Org.UUID[:], e.ID.UUID[:], c.time, c.actorID[:], c.actorKind, c.action, c.resourceType,
		c.resourceID, c.status, c.ip, string(text))
	if err == nil && n == 0 {
		return iam.FieldErrorf(iam.Exists, "event", "event %s is there already", e.ID)
	}
	return err
}
