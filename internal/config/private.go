package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// maxPrivate bounds a private file.
const maxPrivate = 1 << 20

// ReadPrivate reads a file that holds secrets. It refuses one that anybody but its owner could read or change; the error
// wraps fs.ErrNotExist if there is none.
func ReadPrivate(path string) (_ []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat() // of the open file: what is checked is what is read
	if err != nil {
		return nil, err
	}
	switch mode := info.Mode(); {
	case !mode.IsRegular():
		return nil, fmt.Errorf("%s is no regular file", path)
	case runtime.GOOS != "windows" && mode.Perm()&0o077 != 0: // there, mode bits say nothing
		return nil, fmt.Errorf("%s holds secrets, and others than its owner may use it (mode %04o): chmod 600 %s", path, mode.Perm(), path)
	case info.Size() > maxPrivate:
		return nil, fmt.Errorf("%s is larger than %d bytes", path, maxPrivate)
	}
	return io.ReadAll(f)
}

// WritePrivate makes or replaces a file that only its owner may use. A crash leaves the old file or the new one.
func WritePrivate(path string, content []byte) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncFolder(dir)
}

// syncFolder makes the names in a folder durable, where a folder can be opened for that.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
