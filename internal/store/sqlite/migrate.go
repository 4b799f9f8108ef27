package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/iam"
)

//go:embed migration/*.sql
var migrationFiles embed.FS

// applicationID marks the file as ours in its header: "writ".
const applicationID = 0x77726974

const notOurs = "the file cannot be opened as a database of writ"

const createMigrations = `CREATE TABLE migrations (
  version INTEGER PRIMARY KEY,
  name    TEXT    NOT NULL,
  applied INTEGER NOT NULL
) STRICT`

// migration is one file of the folder: 0001_init.sql is version 1.
type migration struct {
	version int
	name    string
	text    string
}

// migrations reads the embedded folder, in order. A gap or a name without a number is a fault of the build.
func migrations() ([]migration, error) {
	names, err := fs.Glob(migrationFiles, "migration/*.sql")
	if err != nil {
		return nil, err
	}
	list := make([]migration, 0, len(names))
	for i, name := range names {
		base := strings.TrimPrefix(name, "migration/")
		number, _, _ := strings.Cut(base, "_")
		if v, err := strconv.Atoi(number); err != nil || v != i+1 {
			return nil, fmt.Errorf("migration %s is not number %d", base, i+1)
		}
		text, err := migrationFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		list = append(list, migration{i + 1, base, string(text)})
	}
	return list, nil
}

// migrate applies what a database lacks. Each step is a transaction together with its record: a process that dies on
// the way leaves some steps done and none half done, and the next start goes on.
func migrate(ctx context.Context, conn *sql.Conn, missing []migration) error {
	for _, m := range missing {
		if err := apply(ctx, conn, m); err != nil {
			return failure(ctx, "cannot bring the database up to date", fmt.Errorf("migration %s: %w", m.name, err))
		}
	}
	return nil
}

func apply(ctx context.Context, conn *sql.Conn, m migration) (err error) {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	if m.version == 1 {
		if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; %s", applicationID, createMigrations)); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, m.text); err != nil {
		return err
	}
	const record = "INSERT INTO migrations (version, name, applied) VALUES (?, ?, ?)"
	if _, err := tx.ExecContext(ctx, record, m.version, m.name, time.Now().UnixMicro()); err != nil {
		return err
	}
	return tx.Commit()
}

// schemaVersion tells how many migrations a database has had: 0 for an empty file. A file of another application is
// refused, lest we write into it.
func schemaVersion(ctx context.Context, q querier) (int, error) {
	var app, tables, version int
	err := q.QueryRowContext(ctx, "PRAGMA application_id").Scan(&app)
	if err == nil {
		err = q.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables)
	}
	if err == nil && app == applicationID {
		err = q.QueryRowContext(ctx, "SELECT coalesce(max(version), 0) FROM migrations").Scan(&version)
	}
	switch {
	case err != nil:
		return 0, failure(ctx, notOurs, err)
	case app != applicationID && (app != 0 || tables != 0):
		return 0, iam.Errorf(iam.Conflict, "the file is a database of another application")
	}
	return version, nil
}

// checkSchema refuses to read a database whose schema this program does not know.
func checkSchema(ctx context.Context, path string) error {
	list, err := migrations()
	if err != nil {
		return failure(ctx, "the program's migrations are broken", err)
	}
	pool, err := sql.Open("sqlite", readerDSN(path))
	if err != nil {
		return failure(ctx, notOurs, err)
	}
	version, err := schemaVersion(ctx, pool)
	switch {
	case err != nil:
	case version > len(list):
		err = errNewer(version, len(list))
	case version < len(list):
		err = iam.Errorf(iam.Conflict, "the database has schema version %d and this program needs %d: start the server once", version, len(list))
	}
	return errors.Join(err, pool.Close())
}

func errNewer(has, known int) error {
	return iam.Errorf(iam.Conflict, "the database is newer than this program: it has schema version %d, "+
		"and this program knows versions up to %d; use a newer writ", has, known)
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}
