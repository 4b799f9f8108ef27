package sqlite

import (
	"path/filepath"
	"testing"

	"github.com/writ-iam/writ/internal/store"
	"github.com/writ-iam/writ/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, storetest.Harness{
		Open: func(t *testing.T) store.Store { return open(t, Config{Path: filepath.Join(t.TempDir(), "writ.db")}) },
		Reopen: func(t *testing.T, s store.Store) store.Store {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			return open(t, Config{Path: s.(*DB).path})
		},
	})
}

// open opens a database, which must succeed, and closes it when the test ends.
func open(t testing.TB, c Config) *DB {
	t.Helper()
	d, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}
