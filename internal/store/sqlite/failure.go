package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/writ-iam/writ/internal/iam"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// failure turns an error of the driver into an *iam.Error: Unavailable if the context has ended, the connection is
// closed or the database is busy, Internal otherwise. The driver's text is only in the cause. doing is a sentence that
// may be shown.
func failure(ctx context.Context, doing string, err error) error {
	if _, ok := errors.AsType[*iam.Error](err); ok {
		return err
	}
	if e := ended(ctx); e != nil {
		return e
	}
	if errors.Is(err, sql.ErrConnDone) || errors.Is(err, driver.ErrBadConn) || busy(err) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return &iam.Error{Code: iam.Unavailable, Message: "the store cannot answer now", Err: err}
	}
	return &iam.Error{Code: iam.Internal, Message: doing, Err: err}
}

func busy(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return false
	}
	switch e.Code() & 0xff { // the rest of an extended code says where
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT:
		return true
	}
	return false
}

// ended gives the error of a context that has ended, nil while it has not.
func ended(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return &iam.Error{Code: iam.Unavailable, Message: "the request ended before the store answered", Err: context.Cause(ctx)}
}

func errClosed() error {
	return iam.Errorf(iam.Unavailable, "the store is closed")
}

func errReadOnly() error {
	return iam.Errorf(iam.Internal, "the store is open for reading only")
}
