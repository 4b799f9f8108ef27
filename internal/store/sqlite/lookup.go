package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/writ-iam/writ/internal/iam"
)

// Lookup implements store.Store.
func (d *DB) Lookup(ctx context.Context, key iam.Key) (iam.OrgID, error) {
	if err := d.use(ctx); err != nil {
		return iam.OrgID{}, err
	}
	defer d.life.RUnlock()
	var org []byte
	err := d.reader.lookup.QueryRowContext(ctx, string(key.Space), key.Value).Scan(&org)
	if errors.Is(err, sql.ErrNoRows) {
		return iam.OrgID{}, iam.Errorf(iam.NotFound, "nobody holds this %s", key.Space)
	}
	if err == nil {
		var id iam.OrgID
		if id, err = orgID(org); err == nil {
			return id, nil
		}
	}
	return iam.OrgID{}, failure(ctx, "a key cannot be looked up", err)
}

// Organizations implements store.Store.
func (d *DB) Organizations(ctx context.Context) (list []iam.OrgID, err error) {
	if err := d.use(ctx); err != nil {
		return nil, err
	}
	defer d.life.RUnlock()
	rows, err := d.reader.organizations.QueryContext(ctx)
	if err != nil {
		return nil, failure(ctx, "the organizations cannot be listed", err)
	}
	defer func() {
		if err = errors.Join(err, rows.Close()); err != nil {
			list, err = nil, failure(ctx, "the organizations cannot be listed", err)
		}
	}()
	for rows.Next() {
		var b sql.RawBytes
		if err := rows.Scan(&b); err != nil {
			return nil, err
		}
		org, err := orgID(b)
		if err != nil {
			return nil, err
		}
		list = append(list, org)
	}
	return list, rows.Err()
}

func orgID(b []byte) (iam.OrgID, error) {
	if len(b) != len(iam.UUID{}) {
		return iam.OrgID{}, fmt.Errorf("an organization has an id of %d bytes", len(b))
	}
	return iam.OrgID{UUID: iam.UUID(b)}, nil
}
