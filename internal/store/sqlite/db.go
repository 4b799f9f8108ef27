package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

var _ store.Store = (*DB)(nil)

// Config says which file, and how it is used. Zero fields mean the default.
type Config struct {
	Path     string        // of the database; its folder must exist, and "-wal", "-shm" and ".lock" files appear beside it
	ReadOnly bool          // beside a process that writes, or without one; Commit and Append are then refused
	Readers  int           // connections for reading; default 4
	Poll     time.Duration // how often Follow looks for commits of other processes; default 500ms
}

func (c Config) withDefaults() Config {
	c.Readers = cmp.Or(c.Readers, 4)
	c.Poll = cmp.Or(c.Poll, 500*time.Millisecond)
	return c
}

// DB is a store.Store on one SQLite file.
type DB struct {
	path   string
	poll   time.Duration
	writer *writer // nil if read-only
	reader *reader
	feed   broadcast
	lock   *os.File // nil if read-only

	// life is held for reading by every use of the connections, and for writing by Close.
	life     sync.RWMutex
	isClosed bool          // guarded by life
	closed   chan struct{} // closed with it, for those who wait
}

// Open opens a database, and makes it if it is not there. Only one process can have it open for writing: a second one
// is iam.Unavailable. A database that a newer writ has written is iam.Conflict. With ReadOnly the file must be there
// and up to date.
func Open(ctx context.Context, c Config) (_ *DB, err error) {
	c = c.withDefaults()
	path, err := resolve(c.Path)
	if err != nil {
		return nil, iam.Errorf(iam.Invalid, "%q is no path for a database", c.Path)
	}
	d := &DB{path: path, poll: c.Poll, closed: make(chan struct{})}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.release())
		}
	}()
	if c.ReadOnly {
		err = d.openForReading(ctx, path)
	} else {
		err = d.openForWriting(ctx, path)
	}
	if err != nil {
		return nil, err
	}
	if d.reader, err = openReader(ctx, path, c.Readers); err != nil {
		return nil, err
	}
	return d, nil
}

// resolve gives the one absolute path of a database, so that the lock file is the same whichever way it is named.
func resolve(path string) (string, error) {
	if path == "" {
		return "", errors.New("empty path")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		return real, nil
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
		return filepath.Join(dir, filepath.Base(abs)), nil
	}
	return abs, nil // the error is clearer when the file is made
}

func (d *DB) openForWriting(ctx context.Context, path string) (err error) {
	// The lock comes first: whoever opens and closes a file that another connection of this process has open drops
	// that connection's locks (POSIX), so nothing may touch the database before it is ours.
	if d.lock, err = lockFile(path); err != nil {
		return err
	}
	if err := create(path); err != nil {
		return failure(ctx, "cannot make the database", err)
	}
	d.writer, err = openWriter(ctx, path)
	return err
}

// create makes the file, readable by its owner alone, so that SQLite does not make it under a wider umask. The other
// files get their permissions from it.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path)) // the name must survive a power cut too
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func (d *DB) openForReading(ctx context.Context, path string) error {
	if _, err := os.Stat(path); err != nil {
		return &iam.Error{Code: iam.NotFound, Message: "there is no database at " + path, Err: err}
	}
	return checkSchema(ctx, path)
}

// Close waits for what is under way, and ends all use.
func (d *DB) Close() error {
	d.life.Lock()
	defer d.life.Unlock()
	if d.isClosed {
		return nil
	}
	d.isClosed = true
	close(d.closed)
	return d.release()
}

// release closes what is open. The writer goes last but for the lock: the last connection folds the log into the file.
func (d *DB) release() error {
	var errs []error
	if d.reader != nil {
		errs = append(errs, d.reader.close())
	}
	if d.writer != nil {
		errs = append(errs, d.writer.close())
	}
	if d.lock != nil {
		errs = append(errs, unlockFile(d.lock))
	}
	if err := errors.Join(errs...); err != nil {
		return &iam.Error{Code: iam.Internal, Message: "closing the database failed", Err: err}
	}
	return nil
}

// use begins a use of the connections. The caller ends it with d.life.RUnlock, and holds it for no longer than it works
// itself: never while it yields to a consumer.
func (d *DB) use(ctx context.Context) error {
	if err := ended(ctx); err != nil {
		return err
	}
	d.life.RLock()
	if d.isClosed {
		d.life.RUnlock()
		return errClosed()
	}
	return nil
}

// prepare prepares a list of statements.
func prepare(ctx context.Context, on preparer, list map[**sql.Stmt]string) error {
	for to, text := range list {
		s, err := on.PrepareContext(ctx, text)
		if err != nil {
			return failure(ctx, "cannot prepare a statement", err)
		}
		*to = s
	}
	return nil
}

// unprepare closes a list of statements. SQLite keeps a connection open, and its log unfolded, as long as it has any.
func unprepare(list map[**sql.Stmt]string) error {
	var errs []error
	for s := range list {
		if *s != nil {
			errs = append(errs, (*s).Close())
		}
	}
	return errors.Join(errs...)
}

type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}
