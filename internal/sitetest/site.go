package sitetest

import (
	"context"
	"crypto/rand"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/store/sqlite"
	"github.com/writ-iam/writ/internal/wire"
)

// Site is an installation in a folder of its own. Its clock stands until a test moves it.
type Site struct {
	Dir      string // the data folder
	Operator string // the operator's token
	Control  *control.Control
	Config   wire.Config // for the wires that stand on it
	Clock    *Clock
	Log      *Log // what the wires and control log, at debug
}

// New makes an installation with nobody in it but the operator.
func New(t testing.TB) *Site {
	t.Helper()
	master, err := authn.NewMasterKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &Site{Dir: t.TempDir(), Clock: &Clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}, Log: &Log{}}
	s.open(t, master, true)
	return s
}

// open opens the store in the data folder and all that stands on it. The context is no test's: a fuzz target has none before its
// first input.
func (s *Site) open(t testing.TB, master authn.MasterKey, install bool) {
	t.Helper()
	ctx := context.Background()
	db, err := sqlite.Open(ctx, sqlite.Config{Path: filepath.Join(s.Dir, file)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	log := slog.New(slog.NewTextHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	cfg := control.Config{Store: db, Master: master, Now: s.Clock.Now, Random: rand.Reader, Log: log, Issuer: "test", RefusalTime: 1}
	if install {
		if s.Operator, err = control.Install(ctx, cfg); err != nil {
			t.Fatal(err)
		}
	}
	if s.Control, err = control.New(ctx, cfg); err != nil {
		t.Fatal(err)
	}
	s.Config = wire.Config{Control: s.Control, Log: log, Now: s.Clock.Now}
}

// file is the database in the data folder.
const file = "writ.db"

// Blueprint is an installation of which there can be copies.
type Blueprint struct {
	db       []byte
	master   authn.MasterKey
	operator string
	now      time.Time
}

// Blueprint ends the installation and gives what copies are made from.
func (s *Site) Blueprint(t testing.TB) *Blueprint {
	t.Helper()
	if err := s.Control.Store.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := os.ReadFile(filepath.Join(s.Dir, file))
	if err != nil {
		t.Fatal(err)
	}
	return &Blueprint{db, s.Control.Master, s.Operator, s.Clock.Now()}
}

// Copy makes an installation that is as the one was when the blueprint was taken.
func (b *Blueprint) Copy(t testing.TB) *Site {
	t.Helper()
	s := &Site{Dir: t.TempDir(), Operator: b.operator, Clock: &Clock{now: b.now}, Log: &Log{}}
	if err := os.WriteFile(filepath.Join(s.Dir, file), b.db, 0o600); err != nil {
		t.Fatal(err)
	}
	s.open(t, b.master, false)
	return s
}
