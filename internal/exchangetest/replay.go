package exchangetest

import (
	"bufio"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Suite is a folder of recorded exchanges and what they are played to.
type Suite struct {
	Folder string
	Least  int    // how many files there are at least: a suite that finds nothing must not pass
	Kinds  []Kind // in the order in which a recording looks for them
	// Serve starts a server of a file's own. All begin in the same state.
	Serve func(*testing.T, Settings) *Server
}

// Settings are what a file asks of its server.
type Settings struct {
	RatePerMinute int // "#! rate-per-minute 2"; 0 for no limit
}

// Server is what the exchanges of one file are played to.
type Server struct {
	Address string
	Names   map[string]string   // what {{name}} stands for
	Advance func(time.Duration) // moves the server's clock, by a second before each request
	// Sign makes what stands for {{signed key secret}} in a request's head, for wires whose requests are signed; key and secret are
	// names. nil for others.
	Sign func(key, secret, method, target, body string) string
}

// Run sends every recorded request and compares the answer with the recorded one.
func (s *Suite) Run(t *testing.T) {
	list := files(t, s.Folder)
	if len(list) < s.Least {
		t.Fatalf("%d recorded exchanges: there are at least %d", len(list), s.Least)
	}
	for _, file := range list {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			s.replay(t, file)
		})
	}
}

// replay runs the exchanges of a file on one connection.
func (s *Suite) replay(t *testing.T, file string) {
	notes, list := parse(t, file)
	p := s.play(t, notes)
	recording := os.Getenv("WRIT_RECORD") != ""
	for i := range list {
		p.server.Advance(time.Second)
		got := p.ask(t, list[i].Request)
		if recording {
			list[i].Answer = p.record(got)
		} else if wrong := p.compare(list[i].Answer, got); wrong != "" {
			t.Errorf("exchange %d: %s\n%s", i+1, wrong, got)
		}
	}
	p.inStep(t)
	if recording {
		save(t, file, notes, list)
	}
}

// player has a connection to a server of its own, and the names that exchanges use.
type player struct {
	server *Server
	conn   net.Conn
	in     *bufio.Reader
	kinds  []Kind
	known  map[string]string // names to values: the server's, and those of this file
	counts map[string]int    // how many values of each kind a recording has named
	made   map[string]bool   // the names that it has given
	closed bool
	sign   func(key, secret string) string // signs the request that is being written
}

var rate = regexp.MustCompile(`(?m)^#! rate-per-minute (\d+)$`)

func (s *Suite) play(t *testing.T, notes string) *player {
	var settings Settings
	if m := rate.FindStringSubmatch(notes); m != nil {
		settings.RatePerMinute, _ = strconv.Atoi(m[1])
	}
	server := s.Serve(t, settings)
	conn, err := net.Dial("tcp", server.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	p := &player{server: server, conn: conn, in: bufio.NewReader(conn), kinds: s.Kinds,
		known: map[string]string{}, counts: map[string]int{}, made: map[string]bool{}}
	for name, value := range server.Names {
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
	line, _, _ := strings.Cut(top, "\n")
	if words := strings.Fields(p.write(t, line)); p.server.Sign != nil && len(words) == 3 {
		p.sign = func(key, secret string) string { return p.server.Sign(key, secret, words[0], words[1], body) }
	}
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
