package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/writ-iam/writ/internal/config"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/store"
	"github.com/writ-iam/writ/internal/store/sqlite"
)

// ErrNotInstalled says that the data folder holds no installation.
var ErrNotInstalled = control.ErrNotInstalled

// Server is an installation that is open.
type Server struct {
	cfg     Config
	store   store.Store
	control *control.Control
}

// Open opens the installation in the data folder. Nothing is made there; without an installation it is
// ErrNotInstalled.
func Open(ctx context.Context, cfg Config) (_ *Server, err error) {
	if _, err := os.Stat(cfg.StoreFile()); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", cfg.Data, ErrNotInstalled)
	}
	if _, err := config.ReadEnv(cfg.EnvFile); err != nil { // it holds tokens: others must not read it
		return nil, err
	}
	master, err := readMasterKey(cfg.MasterKeyFile)
	if err != nil {
		return nil, err
	}
	issuer, err := issuer(&cfg)
	if err != nil {
		return nil, err
	}
	db, err := sqlite.Open(ctx, sqlite.Config{Path: cfg.StoreFile()})
	if err != nil {
		return nil, fmt.Errorf("opening the store: %w", err)
	}
	c, err := control.New(ctx, cfg.control(db, master, issuer))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", cfg.Data, err), db.Close())
	}
	return &Server{cfg, db, c}, nil
}

// Close ends all use of the store. Serve must have returned.
func (s *Server) Close() error { return s.store.Close() }
