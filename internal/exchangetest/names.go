package exchangetest

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Kind is a sort of value that is different each time, such as the ids of what a file makes. {{name}} stands for any value of it,
// and {{name:called}} calls the value so from there on.
type Kind struct {
	Name  string
	Value *regexp.Regexp
	// Same says that values are the same each time, so that a recording writes them out. {{name}} can still be written by hand.
	Same bool
}

// The kinds that several wires have.
var (
	RequestID = Kind{Name: "request_id", Value: regexp.MustCompile(`req-[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)}
	UUID      = Kind{Name: "uuid", Value: regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)}
	Digits    = Kind{Name: "digits", Value: regexp.MustCompile(`[0-9]{12}`)}
)

var hole = regexp.MustCompile(`\{\{([a-z0-9_. ]+)(?::([a-z0-9_]+))?\}\}`)

// write puts values in place of names.
func (p *player) write(t *testing.T, text string) string {
	t.Helper()
	return hole.ReplaceAllStringFunc(text, func(s string) string {
		name := strings.Trim(s, "{}")
		if name == "257 kilobytes" {
			return strings.Repeat(" ", 257<<10)
		}
		if words := strings.Fields(name); len(words) == 3 && words[0] == "signed" && p.sign != nil {
			return p.sign(p.named(t, words[1]), p.named(t, words[2]))
		}
		return p.named(t, name)
	})
}

// named is what a name stands for.
func (p *player) named(t *testing.T, name string) string {
	t.Helper()
	value, ok := p.known[name]
	if !ok {
		t.Fatalf("{{%s}} is no name", name)
	}
	return value
}

// compare says where an answer is not as it was recorded.
func (p *player) compare(want, got string) string {
	rest := got
	for want != "" {
		at := hole.FindStringSubmatchIndex(want)
		literal := want
		if at != nil {
			literal = want[:at[0]]
		}
		after, ok := strings.CutPrefix(rest, literal)
		if !ok {
			return "want " + strconv.Quote(tail(literal, rest)) + " at " + strconv.Quote(rest[:min(len(rest), 80)])
		}
		if rest, want = after, want[len(literal):]; at == nil {
			break
		}
		kind := want[2 : at[3]-at[0]]
		name := ""
		if at[4] >= 0 {
			name = want[at[4]-at[0] : at[5]-at[0]]
		}
		want = want[at[1]-at[0]:]
		value, wrong := p.value(kind, rest, name != "")
		if wrong != "" {
			return wrong
		}
		rest = rest[len(value):]
		if name != "" {
			p.known[name] = value
		}
	}
	if rest != "" {
		return fmt.Sprintf("%q is too much", rest)
	}
	return ""
}

// tail is the part of a text from where another one differs.
func tail(want, got string) string {
	i := 0
	for i < len(want) && i < len(got) && want[i] == got[i] {
		i++
	}
	return want[max(0, i-20):min(len(want), i+80)]
}

// value reads what a placeholder stands for from the beginning of a text: what has the name, or else a value of the kind.
func (p *player) value(name, text string, anew bool) (value, wrong string) {
	_, known := p.known[name]
	for _, k := range p.kinds {
		if k.Name != name || known && !anew {
			continue
		}
		if at := k.Value.FindStringIndex(text); at != nil && at[0] == 0 {
			return text[:at[1]], ""
		}
		return "", fmt.Sprintf("want a %s at %q", name, text[:min(len(text), 80)])
	}
	if value = p.known[name]; !known || !strings.HasPrefix(text, value) {
		return "", fmt.Sprintf("want {{%s}}, which is %q, at %q", name, value, text[:min(len(text), 80)])
	}
	return value, ""
}

// record writes an answer with names in place of what is different each time.
func (p *player) record(got string) string {
	names := make([]string, 0, len(p.known))
	for name, value := range p.known {
		if len(value) >= 20 || p.made[name] { // shorter ones could be anything
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { // the longest value first, then the shortest name
		if n := len(p.known[b]) - len(p.known[a]); n != 0 {
			return n
		}
		if n := len(a) - len(b); n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
	for _, name := range names {
		got = strings.ReplaceAll(got, p.known[name], "{{"+name+"}}")
	}
	for _, k := range p.kinds {
		for !k.Same {
			at := k.Value.FindStringIndex(holes(got))
			if at == nil {
				break
			}
			p.counts[k.Name]++
			name := fmt.Sprintf("%s%d", k.Name, p.counts[k.Name])
			value := got[at[0]:at[1]]
			p.known[name], p.made[name] = value, true
			got = got[:at[0]] + "{{" + k.Name + ":" + name + "}}" + strings.ReplaceAll(got[at[1]:], value, "{{"+name+"}}")
		}
	}
	return got
}

// holes blanks the placeholders of a text, keeping its length.
func holes(text string) string {
	return string(hole.ReplaceAllFunc([]byte(text), func(b []byte) []byte { return bytes.Repeat([]byte("\n"), len(b)) }))
}
