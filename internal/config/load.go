package config

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Sources are where values come from.
type Sources struct {
	Flags   map[string]string // by setting name; those that were given
	File    string            // the configuration file; "" is the one that FileVariable names, if any
	Environ []string          // KEY=value
}

// FileVariable names the configuration file in the environment.
const FileVariable = prefix + "CONFIG"

// Value is a setting's value and where it came from.
type Value struct {
	Setting
	Text   string // as it was written; for a secret, use Shown
	Origin string // "flag --listen", "environment WRIT_LISTEN", "file writ.conf, line 3", "default"
}

// Shown is the value as it may be printed.
func (v *Value) Shown() string {
	if v.Secret && v.Text != "" {
		return "(secret)"
	}
	return v.Text
}

// Loaded is the outcome of Load.
type Loaded struct {
	Config Config
	Values []Value // of every setting, in the table's order
	// Misspelt holds variables of the environment that look like settings and are none, each with the setting that was
	// perhaps meant. They are no error, because others put variables into an environment too.
	Misspelt map[string]string
}

// Load finds out what is in force. Its error tells everything that is wrong, not only the first thing.
func Load(src Sources) (*Loaded, error) {
	environ := environment(src.Environ)
	if src.File == "" {
		src.File = environ[FileVariable]
	}
	file, err := readFile(src.File)
	if err != nil {
		return nil, err
	}
	out := &Loaded{Misspelt: misspelt(environ)}
	var problems []error
	for _, s := range table {
		v := Value{s, s.Default, "default"}
		flag, byFlag := src.Flags[s.Name]
		variable, byEnviron := environ[s.Variable()]
		l, byFile := file[s.Variable()]
		switch {
		case byFlag:
			v.Text, v.Origin = flag, "flag "+s.Flag()
		case byEnviron:
			v.Text, v.Origin = variable, "environment "+s.Variable()
		case byFile:
			v.Text, v.Origin = l.value, fmt.Sprintf("file %s, line %d", src.File, l.number)
		case s.derive != nil:
			v.Text = s.derive(&out.Config)
		}
		if err := s.set(&out.Config, v.Text); err != nil {
			problems = append(problems, fmt.Errorf("%s (%s): %w", s.Name, v.Origin, err))
		}
		out.Values = append(out.Values, v)
	}
	if (out.Config.TLSCert == "") != (out.Config.TLSKey == "") {
		problems = append(problems, errors.New("tls-cert and tls-key: want both or none"))
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return out, nil
}

func environment(list []string) map[string]string {
	m := map[string]string{}
	for _, kv := range list {
		if k, v, ok := strings.Cut(kv, "="); ok && strings.HasPrefix(k, prefix) {
			m[k] = v
		}
	}
	return m
}

func variables() []string {
	var names []string
	for i := range table {
		names = append(names, table[i].Variable())
	}
	return names
}

// readFile reads the configuration file, by variable.
func readFile(path string) (map[string]line, error) {
	if path == "" {
		return nil, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	lines, err := parseLines(path, string(b))
	if err != nil {
		return nil, err
	}
	known := variables()
	file := map[string]line{}
	var problems []error
	for _, l := range lines {
		switch {
		case slices.Contains(known, l.key):
			file[l.key] = l
		case slices.Contains(clientVariables, l.key):
			problems = append(problems, fmt.Errorf("%s:%d: %s is a variable for clients, which belongs into the env file", path, l.number, l.key))
		default:
			problems = append(problems, fmt.Errorf("%s:%d: there is no setting %s; did you mean %s?", path, l.number, l.key, nearest(l.key, known)))
		}
	}
	return file, errors.Join(problems...)
}

// misspelt finds variables that are two edits or fewer from a setting.
func misspelt(environ map[string]string) map[string]string {
	known := variables()
	out := map[string]string{}
	for k := range environ {
		if k == FileVariable || slices.Contains(known, k) || slices.Contains(clientVariables, k) {
			continue
		}
		if near := nearest(k, known); edits(k, near) <= 2 {
			out[k] = near
		}
	}
	return out
}
