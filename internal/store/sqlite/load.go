package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// Load implements store.Store.
func (d *DB) Load(ctx context.Context, org iam.OrgID) (records []iam.Change, head store.Head, err error) {
	if err := d.use(ctx); err != nil {
		return nil, store.Head{}, err
	}
	defer d.life.RUnlock()
	err = d.reader.view(ctx, func(tx *sql.Tx) (err error) {
		if head, err = readHead(ctx, tx.StmtContext(ctx, d.reader.head), org); err != nil {
			return err
		}
		records, err = readRecords(ctx, tx.StmtContext(ctx, d.reader.records), org)
		return err
	})
	if err != nil {
		return nil, store.Head{}, failure(ctx, "an organization's records cannot be read", err)
	}
	return records, head, nil
}

func readHead(ctx context.Context, s *sql.Stmt, org iam.OrgID) (store.Head, error) {
	var revision int64
	var hash []byte
	err := s.QueryRowContext(ctx, org.UUID[:]).Scan(&revision, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return store.Head{}, nil
	}
	if err == nil && len(hash) != len(store.Hash{}) {
		err = fmt.Errorf("head of organization %s: the hash has %d bytes", org, len(hash))
	}
	if err != nil {
		return store.Head{}, err
	}
	return store.Head{Revision: iam.Revision(revision), Hash: store.Hash(hash)}, nil
}

// readRecords reads the rows without the statement's own watch on ctx, which would cost more than the reading; the
// transaction around it ends with ctx all the same.
func readRecords(ctx context.Context, s *sql.Stmt, org iam.OrgID) (records []iam.Change, err error) {
	rows, err := s.QueryContext(context.WithoutCancel(ctx), org.UUID[:])
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var kind iam.Kind
	var kindText, id, data sql.RawBytes
	var bytes arena
	for rows.Next() {
		if err := rows.Scan(&kindText, &id, &data); err != nil {
			return nil, err
		}
		if len(id) != len(iam.UUID{}) {
			return nil, fmt.Errorf("a record of organization %s has an id of %d bytes", org, len(id))
		}
		if string(kindText) != string(kind) { // in order of kind: few change
			kind = iam.Kind(kindText)
		}
		records = append(records, iam.Change{Kind: kind, ID: iam.UUID(id), Data: bytes.copy(data)})
	}
	return records, rows.Err()
}

// arena copies many small slices into few allocations.
type arena struct{ free []byte }

const arenaChunk = 256 << 10

func (a *arena) copy(b []byte) []byte {
	if len(b) > arenaChunk/4 {
		return append([]byte(nil), b...)
	}
	if len(b) > cap(a.free) {
		a.free = make([]byte, 0, arenaChunk)
	}
	n := copy(a.free[:len(b)], b)
	out := a.free[:n:n]
	a.free = a.free[n:n:cap(a.free)][:0]
	return out
}
