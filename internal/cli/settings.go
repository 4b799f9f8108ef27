package cli

import (
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/writ-iam/writ/internal/config"
	"github.com/writ-iam/writ/internal/server"
)

// settings adds flags for the named settings, or for all.
func (a *app) settings(flags *pflag.FlagSet, names ...string) {
	for _, s := range config.Settings() {
		if len(names) == 0 && flags.Lookup(s.Name) == nil || contains(names, s.Name) {
			flags.Var(&settingFlag{a.given, s.Name, s.Default}, s.Name, s.Help)
		}
	}
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}

// settingFlag notes a setting that is given on the command line. Package config checks it, as it does from elsewhere.
type settingFlag struct {
	given       map[string]string
	name, value string
}

func (f *settingFlag) String() string { return f.value }
func (f *settingFlag) Type() string   { return "value" }

func (f *settingFlag) Set(v string) error {
	f.value = v
	f.given[f.name] = v
	return nil
}

// load finds out what is in force.
func (a *app) load() (*config.Loaded, error) {
	loaded, err := config.Load(config.Sources{Flags: a.given, File: a.file, Environ: a.environ})
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	return loaded, nil
}

// server gives the configuration of a server.
func (a *app) server() (*server.Config, error) {
	loaded, err := a.load()
	if err != nil {
		return nil, err
	}
	log := a.logger(&loaded.Config)
	for variable, near := range loaded.Misspelt {
		log.Warn("a variable of the environment is like a setting, and is none", "variable", variable, "like", near)
	}
	return &server.Config{Config: loaded.Config, Log: log, Version: buildVersion()}, nil
}

func (a *app) logger(cfg *config.Config) *slog.Logger {
	options := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.LogFormat == config.LogText || cfg.LogFormat == config.LogAuto && isTerminal(a.err) {
		return slog.New(slog.NewTextHandler(a.err, options))
	}
	return slog.New(slog.NewJSONHandler(a.err, options))
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// variable gives a variable of the environment.
func (a *app) variable(key string) string {
	for _, kv := range a.environ {
		if v, ok := strings.CutPrefix(kv, key+"="); ok {
			return v
		}
	}
	return ""
}
