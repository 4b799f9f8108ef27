//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package sqlite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/writ-iam/writ/internal/iam"
)

// lockFile takes the lock that allows a process to write to the database at path: flock on a file beside it. The kernel
// releases it when the process ends, however it ends, so the file is never removed and never stale. It holds the
// owner's process id, for the error that others get.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, &iam.Error{Code: iam.Internal, Message: "cannot make the lock file of database " + path, Err: err}
	}
	if err := flock(f, syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		owner := ownerOf(f)
		return nil, errors.Join(lockError(path, owner, err), f.Close())
	}
	if err := errors.Join(f.Truncate(0), writeAt(f, fmt.Sprintf("%d\n", os.Getpid()))); err != nil {
		return nil, errors.Join(&iam.Error{Code: iam.Internal, Message: "cannot write the lock file of database " + path, Err: err}, f.Close())
	}
	return f, nil
}

// unlockFile gives the lock back. Closing would not do: a process that is being started by this one holds the file too
// until it has become another program.
func unlockFile(f *os.File) error {
	return errors.Join(flock(f, syscall.LOCK_UN), f.Close())
}

func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

func lockError(path, owner string, err error) error {
	if !errors.Is(err, syscall.EWOULDBLOCK) {
		return &iam.Error{Code: iam.Internal, Message: "cannot lock database " + path, Err: err}
	}
	return &iam.Error{Code: iam.Unavailable, Message: "database " + path + " is in use by " + owner +
		"; only one process can write to it", Err: err}
}

func ownerOf(f *os.File) string {
	b, err := io.ReadAll(io.LimitReader(f, 32))
	if pid := strings.TrimSpace(string(b)); err == nil && pid != "" {
		return "process " + pid
	}
	return "another process"
}

func writeAt(f *os.File, s string) error {
	_, err := f.WriteAt([]byte(s), 0)
	return err
}
