package doctest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/cli"
)

// TestMain makes this test program the program writ when it is called so; see newSession.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "writ" {
		os.Exit(cli.Main(os.Args, os.Stdin, os.Stdout, os.Stderr, os.Environ()))
	}
	os.Exit(m.Run())
}

func TestAPICommands(t *testing.T)        { runPage(t, "api.md", 8) }
func TestCatalogCommands(t *testing.T)    { runPage(t, "catalog.md", 4) }
func TestCloudflareCommands(t *testing.T) { runPage(t, "dialects/cloudflare.md", 7) }
func TestScalewayCommands(t *testing.T)   { runPage(t, "dialects/scaleway.md", 8) }
func TestVNGCloudCommands(t *testing.T)   { runPage(t, "dialects/vngcloud.md", 6) }
func TestExoscaleCommands(t *testing.T)   { runPage(t, "dialects/exoscale.md", 7) }
func TestSignInCommands(t *testing.T)     { runPage(t, "sign-in.md", 3) }
func TestOperationsCommands(t *testing.T) { runPage(t, "operations.md", 12) }

// The addresses that pages name, instead of which the test uses free ones.
const (
	pageAddress = "127.0.0.1:8480"
	pageMetrics = "127.0.0.1:8481"
)

// runPage runs the commands of a page. At least so many blocks must have run.
func runPage(t *testing.T, page string, least int) {
	t.Parallel()
	s := newSession(t)
	ran := 0
	for _, b := range blocks(t, page) {
		words := strings.Fields(b.info)
		if len(words) == 0 || words[0] != "sh" || b.info == "sh norun" {
			continue
		}
		if err := s.block(b); err != nil {
			t.Fatalf("%s:%d: %v\n%s\nThe server says:\n%s", b.page, b.line, err, b.text, s.server.log())
		}
		ran++
	}
	if ran < least {
		t.Errorf("only %d blocks of %s ran", ran, page)
	}
}

// session is one shell in an empty folder, and the server that it talks to.
type session struct {
	t       *testing.T
	dir     string
	bin     string // folder of writ
	environ []string
	in      io.Writer
	out     *bufio.Reader
	server  running
}

func newSession(t *testing.T) *session {
	s := &session{t: t, dir: t.TempDir(), bin: t.TempDir()}
	self, err := os.Executable()
	if err == nil {
		err = os.Symlink(self, filepath.Join(s.bin, "writ"))
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "WRIT_") && !strings.HasPrefix(kv, "BYCLOUD_") && !strings.Contains(strings.ToLower(kv), "_proxy=") {
			s.environ = append(s.environ, kv)
		}
	}
	s.environ = append(s.environ, "PATH="+s.bin+string(os.PathListSeparator)+os.Getenv("PATH"),
		"WRIT_LISTEN=127.0.0.1:0", "WRIT_METRICS_LISTEN=127.0.0.1:0")

	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute) // with room for a busy machine
	t.Cleanup(cancel)
	bash := exec.CommandContext(ctx, "bash", "--noprofile", "--norc")
	bash.Dir, bash.Env, bash.Stderr = s.dir, s.environ, os.Stderr
	in, err := bash.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := bash.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := bash.Start(); err != nil {
		t.Fatal(err)
	}
	s.in, s.out = in, bufio.NewReader(out)
	t.Cleanup(func() {
		_ = in.Close() // the shell ends
		_ = bash.Wait()
		if err := s.server.stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// block does what the words of its fence say.
func (s *session) block(b block) error {
	switch b.info {
	case "sh serve":
		return s.serve(b.text)
	case "sh stopped":
		if err := s.server.stop(); err != nil {
			return err
		}
	}
	got, status, err := s.run(b.text)
	switch {
	case err != nil:
		return err
	case (status != "0") != (b.info == "sh fails"):
		return fmt.Errorf("the exit status is %s; printed was\n%s", status, got)
	}
	if line := missing(b.expected, got); line != "" {
		return fmt.Errorf("the page promises\n%s\nand this was printed:\n%s", line, got)
	}
	return nil
}

// run runs commands in the shell.
func (s *session) run(commands string) (output, status string, err error) {
	commands = strings.ReplaceAll(commands, pageMetrics, s.server.metrics)
	commands = strings.ReplaceAll(commands, pageAddress, strings.TrimPrefix(s.server.url, "http://"))
	script, out := filepath.Join(s.t.TempDir(), "block.sh"), filepath.Join(s.t.TempDir(), "out")
	if err := os.WriteFile(script, []byte(commands), 0o600); err != nil {
		return "", "", err
	}
	// Each answer of curl ends its line, which a terminal would not show otherwise.
	const curl = `curl() { command curl -w '\n' "$@"; }`
	if _, err := fmt.Fprintf(s.in, "%s\n. '%s' >'%s' </dev/null; echo \"$?\"\n", curl, script, out); err != nil {
		return "", "", err
	}
	line, err := s.out.ReadString('\n')
	if err != nil {
		return "", "", fmt.Errorf("the shell ended: %w", err)
	}
	b, err := os.ReadFile(out)
	return string(b), strings.TrimSpace(line), err
}

// running is the server that a page has started.
type running struct {
	process *exec.Cmd
	out     string // file
	url     string
	metrics string // address
}

func (v *running) log() string {
	b, _ := os.ReadFile(v.out) // nothing, if no server was started
	return string(b)
}

func (v *running) stop() error {
	if v.process == nil {
		return nil
	}
	p := v.process
	v.process = nil
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	if err := p.Wait(); err != nil {
		return fmt.Errorf("the server ended with %w:\n%s", err, v.log())
	}
	return nil
}

var serveCommand = regexp.MustCompile(`^writ (serve|quickstart)( --data ([a-z]+))?\n$`)

// serve starts the server that a block is about, in the place of the one before it, and waits until it serves.
func (s *session) serve(command string) error {
	m := serveCommand.FindStringSubmatch(command)
	if m == nil {
		return errors.New("want: writ serve --data FOLDER, or writ quickstart")
	}
	if err := s.server.stop(); err != nil {
		return err
	}
	data := "writ-data"
	if m[3] != "" {
		data = m[3]
	}
	s.server.out = filepath.Join(s.t.TempDir(), "log")
	log, err := os.Create(s.server.out)
	if err != nil {
		return err
	}
	defer log.Close()
	words := strings.Fields(command)
	process := exec.Command(filepath.Join(s.bin, words[0]), words[1:]...)
	process.Dir, process.Env, process.Stdout, process.Stderr = s.dir, s.environ, log, log
	if err := process.Start(); err != nil {
		return err
	}
	s.server.process = process
	says := map[string]string{"serve": `"msg":"serving"`, "quickstart": "Documentation:"}[m[1]]
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if strings.Contains(s.server.log(), says) && s.ready(data) {
			return nil
		}
	}
	return errors.New("the server does not come up")
}

var (
	urlLine       = regexp.MustCompile(`(?m)^WRIT_URL=(.*)$`)
	metricsMember = regexp.MustCompile(`"metrics":"([^"]+)"`)
)

// ready reports whether the server answers at the URL that the env file has.
func (s *session) ready(data string) bool {
	env, _ := os.ReadFile(filepath.Join(s.dir, data, "env"))
	log := s.server.log()
	url, metrics := urlLine.FindSubmatch(env), metricsMember.FindStringSubmatch(log)
	if url == nil || metrics == nil || !strings.Contains(log, string(url[1])) {
		return false // not there yet, or that of an earlier server
	}
	s.server.url, s.server.metrics = string(url[1]), metrics[1]
	answer, err := http.Get(s.server.url + "/readyz")
	if err != nil {
		return false
	}
	return answer.Body.Close() == nil && answer.StatusCode == http.StatusOK
}
