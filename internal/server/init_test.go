package server

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/writ-iam/writ/client"
	"github.com/writ-iam/writ/internal/config"
)

func TestInit(t *testing.T) {
	cfg, env := initialized(t, nil)
	for _, key := range []string{config.OperatorToken, config.Token, config.Organization, config.APIKey, config.ByCloudAPIKey} {
		if env.Get(key) == "" {
			t.Errorf("no %s", key)
		}
	}
	if env.Get(config.URL) != "" {
		t.Error("a URL is given before the port is known")
	}
	folder, err := os.Stat(cfg.Data)
	if err != nil || folder.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", folder.Mode(), err)
	}
	files, err := os.ReadDir(cfg.Data)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", f.Name(), info.Mode(), err)
		}
	}
	if err := Init(t.Context(), cfg, nil); !errors.Is(err, ErrInstalled) {
		t.Errorf("a second time: %v", err)
	}
	again, err := config.ReadEnv(cfg.EnvFile)
	if err != nil || again.Get(config.OperatorToken) != env.Get(config.OperatorToken) {
		t.Error("the second time changed the env file")
	}
}

func TestInitTakesAnEmptyFolder(t *testing.T) {
	cfg := settings(t, nil)
	if err := os.Mkdir(cfg.Data, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Init(t.Context(), cfg, nil); err != nil {
		t.Fatal(err)
	}
	if folder, err := os.Stat(cfg.Data); err != nil || folder.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", folder.Mode(), err)
	}
}

// TestProofs holds that what Init hands out is accepted.
func TestProofs(t *testing.T) {
	cfg, env := initialized(t, nil)
	r := start(t, cfg, env)
	_, secret, _ := strings.Cut(env.Get(config.APIKey), ":")
	for _, token := range []string{env.Get(config.Token), secret} {
		if _, err := r.client(t, token).ListUsers(t.Context(), client.ListParams{}); err != nil {
			t.Error(err)
		}
	}
	o, err := r.client(t, env.Get(config.OperatorToken)).GetOrganization(t.Context(), env.Get(config.Organization))
	if err != nil || o.Organization.Name != acme.Name {
		t.Errorf("%v %v", o, err)
	}
}

// TestInitIsRepeated goes on where an earlier one was cut short: with a key and a database, and no installation in it.
func TestInitIsRepeated(t *testing.T) {
	cfg := settings(t, nil)
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		t.Fatal(err)
	}
	key := strings.Repeat("0123456789abcdef", 4)
	if err := config.WritePrivate(cfg.MasterKeyFile, []byte(key)); err != nil {
		t.Fatal(err)
	}
	env := &config.Env{}
	env.Set(config.URL, "http://old")
	if err := env.Write(cfg.EnvFile); err != nil {
		t.Fatal(err)
	}
	if err := Init(t.Context(), cfg, nil); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(cfg.MasterKeyFile)
	if err != nil || string(b) != key {
		t.Errorf("the key was replaced: %v", err)
	}
}

func TestInitRefuses(t *testing.T) {
	other, _ := initialized(t, nil)
	for name, c := range map[string]struct {
		flags map[string]string
		first *FirstOrganization
		want  string
	}{
		"the env file of another":    {map[string]string{"env-file": other.EnvFile}, nil, "another installation"},
		"an env file in no folder":   {map[string]string{"env-file": "/nowhere/env"}, nil, "/nowhere"},
		"a master key that is not":   {map[string]string{"master-key-file": filepath.Join(t.TempDir(), "key")}, nil, "openssl rand -hex 32"},
		"a master key of other form": {map[string]string{"master-key-file": other.IssuerFile()}, nil, "hexadecimal digits"},
		"no owner":                   {nil, &FirstOrganization{Name: "Acme"}, "owner's address is required"},
		"a wrong owner":              {nil, &FirstOrganization{Name: "Acme", OwnerEmail: "olivia"}, "is not an email address"},
		"no name":                    {nil, &FirstOrganization{OwnerEmail: "a@b.example"}, "needs a name"},
	} {
		cfg := settings(t, c.flags)
		if err := Init(t.Context(), cfg, c.first); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if _, err := Open(t.Context(), cfg); err == nil {
			t.Errorf("%s: there is an installation", name)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	if _, err := Open(t.Context(), settings(t, nil)); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("no installation: %v", err)
	}
	for name, c := range map[string]struct {
		spoil func(t *testing.T, cfg *Config)
		want  string
	}{
		"a key that others can read":       {func(t *testing.T, cfg *Config) { chmod(t, cfg.MasterKeyFile, 0o640) }, "chmod 600"},
		"an env file that others can read": {func(t *testing.T, cfg *Config) { chmod(t, cfg.EnvFile, 0o604) }, "chmod 600"},
		"no key": {func(t *testing.T, cfg *Config) {
			if err := os.Remove(cfg.MasterKeyFile); err != nil {
				t.Fatal(err)
			}
		}, "there is no master key"},
		"another key": {func(t *testing.T, cfg *Config) {
			if err := config.WritePrivate(cfg.MasterKeyFile, []byte(strings.Repeat("ab", 32))); err != nil {
				t.Fatal(err)
			}
		}, "check that the master key is this installation's"},
	} {
		cfg, _ := initialized(t, nil)
		c.spoil(t, &cfg)
		if _, err := Open(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func chmod(t *testing.T, path string, mode fs.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// TestIssuerStays holds that a public URL that is set later does not end all tokens.
func TestIssuerStays(t *testing.T) {
	cfg, env := initialized(t, nil)
	cfg.PublicURL = "https://iam.acme.example"
	r := start(t, cfg, env)
	if r.URL != cfg.PublicURL {
		t.Error(r.URL)
	}
	if _, err := r.client(t, env.Get(config.Token)).ListUsers(t.Context(), client.ListParams{}); err != nil {
		t.Error(err)
	}
	r.stop()
	if err := r.ended(); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	cfg.Issuer = "another"
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if !strings.Contains(log.String(), "tokens made under another issuer are refused") {
		t.Errorf("no warning: %s", log.String())
	}
}

func TestURL(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:80": "http://127.0.0.1:80", "[::1]:80": "http://[::1]:80", "0.0.0.0:80": "http://localhost:80",
		"[::]:80": "http://localhost:80", ":80": "http://localhost:80", "iam.example:80": "http://iam.example:80", "127.0.0.1:0": "",
	} {
		if got := urlOf(&config.Config{}, address); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}

func TestWarnsOutsideLoopback(t *testing.T) {
	for listen, want := range map[string]bool{"127.0.0.1:0": false, "[::1]:0": false, "0.0.0.0:0": true, ":0": true} {
		var log bytes.Buffer
		cfg, env := initialized(t, map[string]string{"listen": listen})
		cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
		r := start(t, cfg, env)
		r.stop()
		if err := r.ended(); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(log.String(), "in the clear"); got != want {
			t.Errorf("%s: %v: %s", listen, got, log.String())
		}
	}
}
