package cli

import (
	"path/filepath"
	"strings"

	"github.com/writ-iam/writ/internal/config"
)

// programName is how a user who called the program as arg0 can call it again.
func programName(arg0 string) string {
	if strings.Contains(filepath.ToSlash(arg0), "/go-build") { // go run builds into a folder that it removes
		return "go run ./cmd/writ"
	}
	return arg0
}

// command gives a command line for the same installation, to be pasted.
func (a *app) command(cfg *config.Config, args ...string) string {
	words := append([]string{a.program}, args[:1]...)
	for _, name := range []string{"data", "env-file"} {
		if v, ok := a.given[name]; ok {
			words = append(words, "--"+name, quote(v))
		}
	}
	for _, arg := range args[1:] {
		words = append(words, quote(arg))
	}
	return strings.Join(words, " ")
}

// quote makes a word for a shell.
func quote(s string) string {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_./:@=,+%", r)
	}
	if s != "" && strings.TrimFunc(s, plain) == "" {
		return s
	}
	return quoteAlways(s)
}

func quoteAlways(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
