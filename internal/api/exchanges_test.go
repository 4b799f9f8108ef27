package api_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/wire"
)

// TestExchanges sends every recorded exchange's request, byte for byte, and compares the answer with the recorded one.
// testdata/exchanges/README.md says how the files are made; WRIT_RECORD=1 writes what the server answers into them.
func TestExchanges(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/exchanges/*.txt")
	if err != nil || len(files) < 25 {
		t.Fatalf("%d recorded exchanges, %v: there are at least 25", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			replay(t, file)
		})
	}
}

const (
	lineBelowRequest = "\n----------\n"
	lineBelowAnswer  = "\n==========\n"
)

// replay runs the exchanges of a file on one connection.
func replay(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	notes, rest := head(string(text))
	p := play(t, notes)
	var recorded []string
	for i, exchange := range strings.Split(strings.TrimSuffix(rest, "\n"), lineBelowAnswer) {
		request, want, ok := strings.Cut(exchange, lineBelowRequest)
		if !ok {
			t.Fatalf("exchange %d has no line of dashes", i+1)
		}
		p.clock.advance(time.Second)
		got := p.ask(t, request)
		if os.Getenv("WRIT_RECORD") != "" {
			recorded = append(recorded, request+lineBelowRequest+p.record(got))
			continue
		}
		if wrong := p.compare(want, got); wrong != "" {
			t.Errorf("exchange %d: %s\n%s", i+1, wrong, got)
		}
	}
	p.inStep(t)
	if recorded != nil {
		out := notes + strings.Join(recorded, lineBelowAnswer) + "\n"
		if err := os.WriteFile(file, []byte(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// head splits off the lines that begin with "#".
func head(text string) (notes, rest string) {
	for strings.HasPrefix(text, "#") {
		line, after, _ := strings.Cut(text, "\n")
		notes, text = notes+line+"\n", after
	}
	return notes, text
}

// player has a connection to an estate of its own, and the names that exchanges use.
type player struct {
	*estate
	conn   net.Conn
	in     *bufio.Reader
	known  map[string]string // names to values: the estate's, and those of this file
	counts map[string]int    // how many values of each kind have a name
	closed bool
}

var setting = regexp.MustCompile(`(?m)^#! rate-per-minute (\d+)$`)

func play(t *testing.T, notes string) *player {
	w := newSocket(t, func(c *wire.Config) {
		if m := setting.FindStringSubmatch(notes); m != nil {
			n, _ := strconv.Atoi(m[1])
			c.Limiter = &wire.Limiter{PerMinute: n}
		}
	})
	conn, err := net.Dial("tcp", w.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	p := &player{estate: w.estate, conn: conn, in: bufio.NewReader(conn), known: map[string]string{}, counts: map[string]int{}}
	for name, value := range w.names {
		p.known[name] = value
	}
	return p
}

// ask sends a request and reads its answer, both with simple line ends in the head.
func (p *player) ask(t *testing.T, request string) string {
	t.Helper()
	top, body, _ := strings.Cut(request, "\n\n")
	body = p.write(t, body)
	p.known["length"] = strconv.Itoa(len(body))
	raw := strings.ReplaceAll(p.write(t, top), "\n", "\r\n") + "\r\n\r\n" + body
	if err := p.conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(p.conn, raw); err != nil {
		t.Fatal(err)
	}
	return p.read(t, strings.HasPrefix(request, "HEAD "))
}

// read reads one answer. The header Date is left out.
func (p *player) read(t *testing.T, noBody bool) string {
	t.Helper()
	var out strings.Builder
	length := 0
	for {
		line, err := p.in.ReadString('\n')
		if err != nil {
			t.Fatalf("the answer ends in its head: %v\n%s", err, &out)
		}
		line = strings.TrimSuffix(line, "\r\n")
		if line == "" {
			break
		}
		name, value, _ := strings.Cut(line, ": ")
		switch name {
		case "Date":
			continue
		case "Content-Length":
			if length, err = strconv.Atoi(value); err != nil {
				t.Fatal(err)
			}
		case "Transfer-Encoding":
			t.Fatalf("an answer in chunks: %s", line)
		case "Connection":
			p.closed = true
		}
		out.WriteString(line + "\n")
	}
	if noBody {
		length = 0
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(p.in, body); err != nil {
		t.Fatalf("the answer ends in its body: %v", err)
	}
	if length > 0 {
		out.WriteString("\n" + string(body))
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// inStep holds that nothing is left on the connection but what is asked for next.
func (p *player) inStep(t *testing.T) {
	t.Helper()
	if p.closed {
		if rest, err := io.ReadAll(p.in); err != nil || len(rest) > 0 {
			t.Errorf("after the last answer: %q, %v", rest, err)
		}
		return
	}
	if got := p.ask(t, "GET /nothing HTTP/1.1\nHost: x"); !strings.HasPrefix(got, "HTTP/1.1 404 Not Found\n") {
		t.Errorf("after the last answer: %s", got)
	}
}

var hole = regexp.MustCompile(`\{\{([a-z0-9_. ]+)(?::([a-z0-9_]+))?\}\}`)

// write puts values in place of names.
func (p *player) write(t *testing.T, text string) string {
	t.Helper()
	return hole.ReplaceAllStringFunc(text, func(s string) string {
		name := strings.Trim(s, "{}")
		if name == "257 kilobytes" {
			return strings.Repeat(" ", 257<<10)
		}
		value, ok := p.known[name]
		if !ok {
			t.Fatalf("%s is no name", s)
		}
		return value
	})
}

// kinds are the placeholders that stand for any value of a kind, in the order in which a recording looks for them.
var kinds = []struct {
	name  string
	value *regexp.Regexp
}{
	{"request_id", regexp.MustCompile(`req-[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)},
	{"uuid", regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)},
	{"token", regexp.MustCompile(`eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+`)},
	{"key", regexp.MustCompile(`A[KS]IA[0-9A-F]{16}`)},
	{"point", regexp.MustCompile(`[A-Za-z0-9_-]{43}`)},
	{"secret", regexp.MustCompile(`[A-Za-z0-9+/]{40}`)},
	{"digits", regexp.MustCompile(`[0-9]{12}`)},
	{"time", regexp.MustCompile(`20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ`)},
	{"number", regexp.MustCompile(`[0-9]+`)},
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
	for _, k := range kinds {
		if k.name != name || known && !anew {
			continue
		}
		if at := k.value.FindStringIndex(text); at != nil && at[0] == 0 {
			return text[:at[1]], ""
		}
		return "", fmt.Sprintf("want a %s at %q", name, text[:min(len(text), 80)])
	}
	if value = p.known[name]; !known || !strings.HasPrefix(text, value) {
		return "", fmt.Sprintf("want {{%s}}, which is %q, at %q", name, value, text[:min(len(text), 80)])
	}
	return value, ""
}

// record writes an answer with names in place of what is different each time. Times are kept: the clock is a test's.
func (p *player) record(got string) string {
	names := make([]string, 0, len(p.known))
	for name, value := range p.known {
		if len(value) >= 20 { // shorter ones could be anything
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
	for _, k := range kinds {
		if k.name == "time" {
			break
		}
		for {
			at := k.value.FindStringIndex(holes(got))
			if at == nil {
				break
			}
			p.counts[k.name]++
			name := fmt.Sprintf("%s%d", k.name, p.counts[k.name])
			value := got[at[0]:at[1]]
			p.known[name] = value
			got = got[:at[0]] + "{{" + k.name + ":" + name + "}}" + strings.ReplaceAll(got[at[1]:], value, "{{"+name+"}}")
		}
	}
	return got
}

// holes blanks the placeholders of a text, keeping its length.
func holes(text string) string {
	return string(hole.ReplaceAllFunc([]byte(text), func(b []byte) []byte { return bytes.Repeat([]byte("\n"), len(b)) }))
}
