package server

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/config"
)

// readMasterKey reads the master key of an installation.
func readMasterKey(path string) (authn.MasterKey, error) {
	b, err := config.ReadPrivate(path)
	if errors.Is(err, fs.ErrNotExist) {
		return authn.MasterKey{}, fmt.Errorf("there is no master key at %s; without it the installation cannot be opened: %w", path, fs.ErrNotExist)
	}
	if err != nil {
		return authn.MasterKey{}, fmt.Errorf("reading the master key: %w", err)
	}
	key, err := authn.ParseMasterKey(string(b))
	if err != nil {
		return authn.MasterKey{}, fmt.Errorf("reading the master key %s: %w", path, err)
	}
	return key, nil
}

// newMasterKey gives the key for a new installation. One that is there already is used: an installation was cut short,
// or the key comes from elsewhere. Outside the data folder none is made, because where a key is expected and missing, one
// made in its place might be lost with the place.
func newMasterKey(cfg *Config) (authn.MasterKey, error) {
	key, err := readMasterKey(cfg.MasterKeyFile)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if filepath.Dir(cfg.MasterKeyFile) != filepath.Clean(cfg.Data) {
		return key, fmt.Errorf("there is no master key at %s; make one with: (umask 077; openssl rand -hex 32 >%s)",
			cfg.MasterKeyFile, cfg.MasterKeyFile)
	}
	if key, err = authn.NewMasterKey(rand.Reader); err != nil {
		return key, fmt.Errorf("making the master key: %w", err)
	}
	if err := config.WritePrivate(cfg.MasterKeyFile, []byte(key.Text()+"\n")); err != nil {
		return key, fmt.Errorf("writing the master key: %w", err)
	}
	return key, nil
}

// defaultIssuer names installations that have no public URL.
const defaultIssuer = "writ"

// newIssuer chooses the issuer of a new installation and records it. It is recorded because tokens of another issuer are
// refused: a public URL that is set later must not end all tokens.
func newIssuer(cfg *Config) (string, error) {
	issuer := cfg.Issuer
	if issuer == "" {
		issuer = cfg.PublicURL
	}
	if issuer == "" {
		issuer = defaultIssuer
	}
	if err := config.WritePrivate(cfg.IssuerFile(), []byte(issuer+"\n")); err != nil {
		return "", fmt.Errorf("recording the issuer: %w", err)
	}
	return issuer, nil
}

// issuer gives the issuer that is in force: the setting, else the recorded one.
func issuer(cfg *Config) (string, error) {
	b, err := config.ReadPrivate(cfg.IssuerFile())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("reading the issuer: %w", err)
	}
	recorded := strings.TrimSpace(string(b))
	if recorded == "" {
		recorded = defaultIssuer
	}
	if cfg.Issuer == "" {
		return recorded, nil
	}
	if cfg.Issuer != recorded {
		cfg.Log.Warn("tokens made under another issuer are refused", "issuer", cfg.Issuer, "recorded", recorded)
	}
	return cfg.Issuer, nil
}
