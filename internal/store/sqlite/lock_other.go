//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package sqlite

import (
	"os"
	"runtime"

	"github.com/writ-iam/writ/internal/iam"
)

// lockFile refuses: without a lock that dies with its process, two writers could not be kept apart.
func lockFile(path string) (*os.File, error) {
	return nil, iam.Errorf(iam.Internal, "writing to database %s is not supported on %s", path, runtime.GOOS)
}

func unlockFile(f *os.File) error { return f.Close() }
