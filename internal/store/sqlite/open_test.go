package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// wantRefused checks that Open fails with a code and says why.
func wantRefused(t *testing.T, c Config, code iam.Code, says string) {
	t.Helper()
	d, err := Open(t.Context(), c)
	if err == nil {
		d.Close()
	}
	if e, ok := errors.AsType[*iam.Error](err); !ok || e.Code != code || !strings.Contains(e.Message, says) {
		t.Fatalf("Open: %v; want code %s and %q", err, code, says)
	}
}

// raw opens a database without any of our code, to change it as no store does.
func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", OmitHost: true, Path: path}).String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func alter(t *testing.T, db *sql.DB, text string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), text, args...); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func tempPath(t *testing.T) string { return filepath.Join(t.TempDir(), "writ.db") }

func TestFilesAreTheOwnersAlone(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	path := tempPath(t)
	d := open(t, Config{Path: path})
	(&chain{org: org(1)}).grow(t, d, 1)
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(files) != 4 {
		t.Fatalf("files: %v, %v; want the database, its log, its shared memory and the lock", files, err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != 0o600 {
			t.Errorf("%s has mode %o", f.Name(), info.Mode())
		}
	}
}

func TestSettings(t *testing.T) {
	d := open(t, Config{Path: tempPath(t)})
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000", "query_only": "0"} {
		var got string
		if err := d.writer.conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("writer's %s is %q, %v; want %q", pragma, got, err, want)
		}
	}
	if _, err := d.reader.pool.ExecContext(t.Context(), "DELETE FROM heads"); err == nil {
		t.Error("a reader can write")
	}
}

func TestOnlyOneWriter(t *testing.T) {
	path := tempPath(t)
	d := open(t, Config{Path: path})
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, filepath.Dir(path) + "/./writ.db", link} {
		wantRefused(t, Config{Path: p}, iam.Unavailable, fmt.Sprintf("in use by process %d", os.Getpid()))
	}
	line := &chain{org: org(1)}
	line.grow(t, d, 1) // the refused attempts have not disturbed it
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	line.grow(t, open(t, Config{Path: link}), 1)
}

// TestCloseUnlocks closes a database while a process that is being started has, for a moment, its lock file too.
func TestCloseUnlocks(t *testing.T) {
	path := tempPath(t)
	d := open(t, Config{Path: path})
	copied, err := syscall.Dup(int(d.lock.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(copied)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, Config{Path: path})
}

func TestOddPaths(t *testing.T) {
	for _, name := range []string{"a b.db", "a?mode=memory.db", "a#b.db", "100%25.db", "a'\";b.db", "é\U0001F600.db", "-x.db", ":memory:"} {
		path := filepath.Join(t.TempDir(), name)
		line := &chain{org: org(1)}
		d := open(t, Config{Path: path})
		line.grow(t, d, 1)
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if _, head, err := open(t, Config{Path: path}).Load(t.Context(), line.org); err != nil || head != line.head {
			t.Errorf("%q: head %v, %v", name, head, err)
		}
	}
}

func TestBadPaths(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte(strings.Repeat("this is no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	wantRefused(t, Config{}, iam.Invalid, "no path")
	wantRefused(t, Config{Path: filepath.Join(dir, "none", "writ.db")}, iam.Internal, "lock file")
	wantRefused(t, Config{Path: file}, iam.Internal, "cannot be opened as a database of writ")
	wantRefused(t, Config{Path: file, ReadOnly: true}, iam.Internal, "cannot be opened as a database of writ")
	wantRefused(t, Config{Path: filepath.Join(dir, "none.db"), ReadOnly: true}, iam.NotFound, "no database at")
	if _, err := os.Stat(filepath.Join(dir, "none.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("opening for reading made a file: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, Config{Path: filepath.Join(dir, "x.db")}); iam.CodeOf(err) != iam.Unavailable {
		t.Errorf("Open with a context that has ended: %v", err)
	}
	open(t, Config{Path: filepath.Join(dir, "x.db")}) // the failure released the lock
}

func TestAnotherApplicationsDatabase(t *testing.T) {
	path := tempPath(t)
	alter(t, raw(t, path), "CREATE TABLE notes (text TEXT)")
	wantRefused(t, Config{Path: path}, iam.Conflict, "another application")
	wantRefused(t, Config{Path: path, ReadOnly: true}, iam.Conflict, "another application")
	var mode string
	if err := raw(t, path).QueryRowContext(t.Context(), "PRAGMA journal_mode").Scan(&mode); err != nil || mode != "delete" {
		t.Errorf("journal mode %q, %v: it was changed", mode, err)
	}
}

func TestNewerDatabase(t *testing.T) {
	path := tempPath(t)
	if err := open(t, Config{Path: path}).Close(); err != nil {
		t.Fatal(err)
	}
	alter(t, raw(t, path), "INSERT INTO migrations VALUES (99, '0099_future.sql', 0)")
	wantRefused(t, Config{Path: path}, iam.Conflict, "newer than this program: it has schema version 99")
	wantRefused(t, Config{Path: path, ReadOnly: true}, iam.Conflict, "newer than this program")
}

func TestOlderDatabase(t *testing.T) {
	path := tempPath(t)
	if err := open(t, Config{Path: path}).Close(); err != nil {
		t.Fatal(err)
	}
	alter(t, raw(t, path), "DELETE FROM migrations")
	wantRefused(t, Config{Path: path, ReadOnly: true}, iam.Conflict, "start the server once")
	wantRefused(t, Config{Path: path}, iam.Internal, "up to date") // its tables are there already
}

func TestMigrations(t *testing.T) {
	list, err := migrations()
	if err != nil || len(list) == 0 {
		t.Fatal(list, err)
	}
	path := tempPath(t)
	open(t, Config{Path: path}).Close()
	db := raw(t, path)
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	good := migration{len(list) + 1, "good.sql", "CREATE TABLE good (x TEXT); INSERT INTO good VALUES ('x;y')"}
	bad := migration{len(list) + 2, "bad.sql", "CREATE TABLE half (x TEXT); CREATE TABLE heads (x TEXT)"}
	if err := migrate(t.Context(), conn, []migration{good, bad}); iam.CodeOf(err) != iam.Internal {
		t.Fatalf("a bad migration: %v", err)
	}
	version, err := schemaVersion(t.Context(), conn)
	if err != nil || version != good.version {
		t.Errorf("version %d, %v; want that of the one before the bad one, %d", version, err, good.version)
	}
	var half int
	if err := conn.QueryRowContext(t.Context(), "SELECT count(*) FROM sqlite_schema WHERE name = 'half'").Scan(&half); err != nil || half != 0 {
		t.Errorf("half of the bad migration is there: %d, %v", half, err)
	}
}

// TestReadOnly reads beside a writer that has the database open, and follows what it commits.
func TestReadOnly(t *testing.T) {
	path := tempPath(t)
	w, line := open(t, Config{Path: path}), &chain{org: org(1)}
	line.grow(t, w, 3)
	r := open(t, Config{Path: path, ReadOnly: true, Poll: time.Millisecond})
	if head, err := store.Verify(t.Context(), r, line.org); err != nil || head != line.head {
		t.Fatalf("verify: %v, %v", head, err)
	}
	next := line.next(1)
	for name, err := range map[string]error{
		"Commit": r.Commit(t.Context(), next), "Append": r.Append(t.Context(), []iam.Event{anEvent(line.org, 9)}),
	} {
		if iam.CodeOf(err) != iam.Internal || !strings.Contains(err.Error(), "reading only") {
			t.Errorf("%s: %v", name, err)
		}
	}
	seen := iam.Revision(0)
	for e, err := range r.Follow(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if seen++; e.Commit.Revision != seen {
			t.Fatalf("revision %d, want %d", e.Commit.Revision, seen)
		}
		if seen == 10 {
			break
		}
		if seen >= 3 {
			line.grow(t, w, 1)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	line.grow(t, w, 1)
}

// TestReadOnlyAlone reads a database that nobody has open: closed in order, and left behind by a writer that died.
func TestReadOnlyAlone(t *testing.T) {
	path := tempPath(t)
	w, line := open(t, Config{Path: path}), &chain{org: org(1)}
	line.grow(t, w, 3)
	dead := filepath.Join(t.TempDir(), "dead.db") // what a power cut leaves: the file and its log
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(dead+suffix, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, dead} {
		r := open(t, Config{Path: p, ReadOnly: true})
		if head, err := store.Verify(t.Context(), r, line.org); err != nil || head != line.head {
			t.Fatalf("verify of %s: %v, %v", p, head, err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	line.grow(t, open(t, Config{Path: path}), 1)
}

// TestCloseFoldsTheLog: a database that was closed is one file, so that who copies it has everything.
func TestCloseFoldsTheLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "writ.db")
	db, err := Open(t.Context(), Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Append(t.Context(), []iam.Event{{ID: iam.EventID{UUID: iam.UUID{1}}, Org: iam.PlatformOrg, Time: time.Unix(1, 0)}}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Tail(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); !os.IsNotExist(err) {
		t.Errorf("the log is still there: %v", err)
	}
}
