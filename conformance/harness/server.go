package harness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	toStart = 30 * time.Second
	toStop  = 30 * time.Second
)

// FirstOwner is the owner of the organization that the server has from the start.
const FirstOwner = "owner@conformance.example"

// Program gives the path of the server's program: the variable CONFORMANCE_WRIT if it is set, else one that is built from
// the repository into folder.
func Program(folder string) (string, error) {
	if path := os.Getenv("CONFORMANCE_WRIT"); path != "" {
		return path, nil
	}
	path := filepath.Join(folder, "writ")
	root, err := repository()
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-o", path, "./cmd/writ")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build ./cmd/writ: %w\n%s", err, out)
	}
	return path, nil
}

// repository finds the folder above the working directory that holds the program's source.
func repository() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; folder != filepath.Dir(folder); folder = filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, "cmd", "writ")); err == nil {
			return folder, nil
		}
	}
	return "", errors.New("no folder above the working directory holds cmd/writ")
}

// Server is a running server.
type Server struct {
	URL string
	Env map[string]string // the variables of its env file
	DNS *DNS

	cmd    *exec.Cmd
	log    *record
	ended  chan error
	folder string
}

// Start builds the program, makes an installation and serves it. wants are variables that its env file must have.
func Start(wants ...string) (*Server, error) {
	folder, err := os.MkdirTemp("", "writ-conformance-")
	if err != nil {
		return nil, err
	}
	s := &Server{folder: folder, log: new(record), ended: make(chan error, 1)}
	if err := s.start(wants); err != nil {
		s.abandon()
		return nil, err
	}
	return s, nil
}

func (s *Server) start(wants []string) (err error) {
	program, err := Program(s.folder)
	if err != nil {
		return err
	}
	if s.DNS, err = StartDNS(); err != nil {
		return err
	}
	data := filepath.Join(s.folder, "data")
	environment := append(bare(os.Environ()), "WRIT_DATA="+data, "WRIT_DNS_RESOLVER="+s.DNS.Address())

	initialize := exec.Command(program, "init", "--organization", "Conformance", "--owner-email", FirstOwner, "--owner-name", "Olive Owner")
	initialize.Env = environment
	if out, err := initialize.CombinedOutput(); err != nil {
		return fmt.Errorf("writ init: %w\n%s", err, out)
	}

	s.cmd = exec.Command(program, "serve", "--listen", "127.0.0.1:0", "--metrics-listen", "", "--log-format", "json")
	s.cmd.Env, s.cmd.Stderr = environment, s.log
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("writ serve: %w", err)
	}
	go func() { s.ended <- s.cmd.Wait() }()
	return s.ready(filepath.Join(data, "env"), wants)
}

// bare leaves out whatever could be a setting of the server or of a client.
func bare(environ []string) []string {
	return slices.DeleteFunc(environ, func(v string) bool {
		return slices.ContainsFunc(settings, func(prefix string) bool { return strings.HasPrefix(v, prefix) })
	})
}

// settings begin the names of variables that the server or a client reads.
var settings = []string{"WRIT_", "CLOUDFLARE_", "VNGCLOUD_", "BYCLOUD_", "SCW_", "EXOSCALE_"}

var serving = regexp.MustCompile(`"msg":"serving","url":"([^"]+)"`)

// ready waits until the server serves and the env file has its URL.
func (s *Server) ready(file string, wants []string) error {
	deadline := time.After(toStart)
	for {
		select {
		case err := <-s.ended:
			s.ended <- err
			return fmt.Errorf("the server ended at once: %v\n%s", err, s.log)
		case <-deadline:
			return fmt.Errorf("the server was not ready within %v:\n%s", toStart, s.log)
		case <-time.After(20 * time.Millisecond):
		}
		if url := serving.FindStringSubmatch(s.log.String()); url != nil {
			s.URL = url[1]
			var err error
			if s.Env, err = readEnv(file); err != nil {
				return err
			}
			if s.Env["WRIT_URL"] == s.URL && healthy(s.URL+"/readyz") {
				return has(s.Env, wants)
			}
		}
	}
}

func healthy(url string) bool {
	response, err := http.Get(url)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}

func readEnv(file string) (map[string]string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	env := map[string]string{}
	for line := range strings.Lines(string(b)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			env[name] = value
		}
	}
	return env, nil
}

func has(env map[string]string, wants []string) error {
	for _, name := range wants {
		if env[name] == "" {
			return fmt.Errorf("the env file that init and serve write has no %s", name)
		}
	}
	return nil
}

// Stop ends the server as Ctrl-C does. It is an error if it does not end cleanly, or has logged errors.
func (s *Server) Stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGINT); err != nil {
		return fmt.Errorf("stopping the server: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), toStop)
	defer cancel()
	defer s.abandon()
	select {
	case <-ctx.Done():
		return fmt.Errorf("the server had not ended %v after SIGINT:\n%s", toStop, s.log)
	case err := <-s.ended:
		s.ended <- err
		if err != nil {
			return fmt.Errorf("the server did not end cleanly after SIGINT: %w\n%s", err, s.log)
		}
	}
	for line := range strings.Lines(s.log.String()) {
		if strings.Contains(line, `"level":"ERROR"`) {
			return fmt.Errorf("the server logged an error: %s", line)
		}
	}
	return nil
}

// abandon leaves nothing behind: no process, no socket, no files.
func (s *Server) abandon() {
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Kill() // if it still runs
		<-s.ended
	}
	if s.DNS != nil {
		_ = s.DNS.Stop()
	}
	_ = os.RemoveAll(s.folder)
}

// record keeps what a process writes.
type record struct {
	mu   sync.Mutex // protects the field below
	text bytes.Buffer
}

// Write implements [io.Writer].
func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

// String gives it all.
func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}
