package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
	"github.com/writ-iam/writ/internal/store/sqlite"
)

// Verified is what Verify found of one organization.
type Verified struct {
	Organization string
	Revision     uint64 // of the head that was checked
	Hash         string // of that commit
	Problem      string // the first thing that is wrong; "" if all is as it was committed
}

// Verify checks what the store holds of one organization, or of all if none is named, against what was committed, and
// reports on each. It reads only, and works beside a server. Its error says that the check could not be made.
func Verify(ctx context.Context, cfg Config, organization string, report func(Verified)) (err error) {
	if _, err := os.Stat(cfg.StoreFile()); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", cfg.Data, ErrNotInstalled)
	}
	db, err := sqlite.Open(ctx, sqlite.Config{Path: cfg.StoreFile(), ReadOnly: true})
	if err != nil {
		return fmt.Errorf("opening the store: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	list, err := chosen(ctx, db, organization)
	if err != nil {
		return err
	}
	for _, org := range list {
		v, err := verify(ctx, db, org)
		if err != nil {
			return fmt.Errorf("organization %s: %w", org, err)
		}
		report(v)
	}
	return nil
}

func chosen(ctx context.Context, db store.Store, organization string) ([]iam.OrgID, error) {
	all, err := db.Organizations(ctx)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, ErrNotInstalled
	}
	if organization == "" {
		return all, nil
	}
	id, err := iam.ParseUUID(organization)
	if err != nil {
		return nil, err
	}
	for _, org := range all {
		if org.UUID == id {
			return []iam.OrgID{org}, nil
		}
	}
	return nil, fmt.Errorf("the store holds no organization %s", id)
}

func verify(ctx context.Context, db store.Store, org iam.OrgID) (Verified, error) {
	head, err := store.Verify(ctx, db, org)
	if wrong, ok := errors.AsType[*store.VerifyError](err); ok {
		return Verified{Organization: org.String(), Problem: wrong.Error()}, nil
	}
	if err != nil {
		return Verified{}, err
	}
	return Verified{Organization: org.String(), Revision: uint64(head.Revision), Hash: head.Hash.String()}, nil
}
