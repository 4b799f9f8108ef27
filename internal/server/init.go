package server

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/writ-iam/writ/internal/config"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
	"github.com/writ-iam/writ/internal/store/sqlite"
)

// ErrInstalled says that the data folder holds an installation already.
var ErrInstalled = errors.New("there is an installation already")

// Init makes an installation: the data folder, the master key, the store, the operator and, if first is not nil, an
// organization. It writes the env file, which is the only place where the tokens are.
func Init(ctx context.Context, cfg Config, first *FirstOrganization) (err error) {
	if err := first.check(); err != nil {
		return err
	}
	if err := makeFolder(&cfg); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	db, err := sqlite.Open(ctx, sqlite.Config{Path: cfg.StoreFile()})
	if err != nil {
		return fmt.Errorf("opening the store: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, head, err := db.Load(ctx, iam.PlatformOrg); err != nil {
		return err
	} else if head.Revision > 0 {
		return fmt.Errorf("%s: %w", cfg.Data, ErrInstalled)
	}
	env, err := newEnv(&cfg)
	if err != nil {
		return err
	}
	door, err := install(ctx, &cfg, db)
	if err != nil {
		return err
	}
	env.Set(config.OperatorToken, door.token)
	if err := env.Write(cfg.EnvFile); err != nil || first == nil {
		return err
	}
	if err := first.make(ctx, door, env); err != nil {
		return fmt.Errorf("the installation is made, but the organization is not: %w", err)
	}
	return env.Write(cfg.EnvFile)
}

// makeFolder makes the data folder, for its owner alone. An empty one that is there already is taken over.
func makeFolder(cfg *Config) error {
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return err
	}
	content, err := os.ReadDir(cfg.Data)
	if err != nil || len(content) > 0 {
		return err
	}
	if err := os.Chmod(cfg.Data, 0o700); err != nil { // a mounted folder may be another's; the files are private anyway
		cfg.Log.Warn("the data folder is open to others", "err", err)
	}
	return nil
}

// newEnv writes the env file before there is a token, which is told only once: a file that cannot be written is found
// out now.
func newEnv(cfg *Config) (*config.Env, error) {
	old, err := config.ReadEnv(cfg.EnvFile)
	if err != nil {
		return nil, err
	}
	if old.Get(config.OperatorToken) != "" {
		return nil, fmt.Errorf("%s holds the operator's token of another installation; move it away, or name another file with --env-file", cfg.EnvFile)
	}
	env := &config.Env{}
	if url := urlOf(&cfg.Config, cfg.Listen); url != "" {
		env.SetURL(url)
	}
	return env, env.Write(cfg.EnvFile)
}

// door is the one door of an installation, with the operator's token to it.
type door struct {
	cfg   control.Config
	token string
}

func install(ctx context.Context, cfg *Config, db store.Store) (*door, error) {
	master, err := newMasterKey(cfg)
	if err != nil {
		return nil, err
	}
	issuer, err := newIssuer(cfg)
	if err != nil {
		return nil, err
	}
	d := &door{cfg: cfg.control(db, master, issuer)}
	d.token, err = control.Install(ctx, d.cfg)
	return d, err
}
