package config

import (
	"fmt"
	"regexp"
	"strings"
)

// line is one KEY=value of a file.
type line struct {
	key, value string
	number     int
}

var keyForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// parseLines reads KEY=value lines. Blank lines and lines that begin with # say nothing; one pair of quotes around a
// value is dropped; nothing is expanded. Errors name the line, never a value.
func parseLines(file, text string) ([]line, error) {
	var out []line
	seen := map[string]int{}
	for i, raw := range strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n") {
		n, s := i+1, strings.TrimSpace(raw)
		if s == "" || s[0] == '#' {
			continue
		}
		key, value, ok := strings.Cut(s, "=")
		key = strings.TrimSpace(key)
		switch {
		case !ok || !keyForm.MatchString(key):
			return nil, fmt.Errorf("%s:%d: want KEY=value", file, n)
		case strings.Contains(value, "\x00"):
			return nil, fmt.Errorf("%s:%d: the value of %s holds a zero byte", file, n, key)
		case seen[key] > 0:
			return nil, fmt.Errorf("%s:%d: %s is already set in line %d", file, n, key, seen[key])
		}
		seen[key] = n
		out = append(out, line{key, unquote(strings.TrimSpace(value)), n})
	}
	return out, nil
}

func unquote(v string) string {
	if len(v) >= 2 && (v[0] == '"' || v[0] == '\'') && v[len(v)-1] == v[0] {
		return v[1 : len(v)-1]
	}
	return v
}
