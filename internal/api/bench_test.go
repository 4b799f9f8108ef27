package api_test

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/api"
	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/benchdata"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
	"github.com/writ-iam/writ/internal/store/sqlite"
	"github.com/writ-iam/writ/internal/wire"
)

// hammerEnv makes the test binary the client of BenchmarkAuthorizeHTTP, so that the client's processor time is not the
// server's.
const hammerEnv = "WRIT_BENCH_HAMMER"

func TestMain(m *testing.M) {
	if os.Getenv(hammerEnv) != "" {
		if err := hammer(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// load is what the client is to do.
type load struct {
	Address     string
	Connections int
	Requests    int // in all
	Questions   []exchange
}

// exchange is one request as it goes over the wire, and how its answer's body begins.
type exchange struct{ Raw, Want string }

// outcome is what the client has seen.
type outcome struct {
	Seconds  float64
	P50, P99 time.Duration
	Wrong    int
	First    string // wrong answer
}

// hammer asks over kept connections, each by its own goroutine, as fast as it is answered.
func hammer(in io.Reader, out io.Writer) error {
	var l load
	if err := json.NewDecoder(in).Decode(&l); err != nil {
		return err
	}
	times := make([]time.Duration, l.Requests)
	var mu sync.Mutex
	var o outcome
	var group sync.WaitGroup
	errs := make(chan error, l.Connections)
	began := time.Now()
	for c := range l.Connections {
		group.Go(func() {
			errs <- ask(&l, c, times, func(answer string) {
				mu.Lock()
				defer mu.Unlock()
				if o.Wrong++; o.First == "" {
					o.First = answer
				}
			})
		})
	}
	group.Wait()
	o.Seconds = time.Since(began).Seconds()
	for range l.Connections {
		if err := <-errs; err != nil {
			return err
		}
	}
	slices.Sort(times)
	o.P50, o.P99 = times[len(times)/2], times[len(times)*99/100]
	return json.NewEncoder(out).Encode(o)
}

// ask makes every request whose number falls to a connection.
func ask(l *load, c int, times []time.Duration, wrong func(string)) error {
	conn, err := net.Dial("tcp", l.Address)
	if err != nil {
		return err
	}
	defer conn.Close()
	r := bufio.NewReaderSize(conn, 16<<10)
	for i := c; i < l.Requests; i += l.Connections {
		q := &l.Questions[i%len(l.Questions)]
		began := time.Now()
		if _, err := io.WriteString(conn, q.Raw); err != nil {
			return err
		}
		status, body, err := readAnswer(r)
		if err != nil {
			return err
		}
		times[i] = time.Since(began)
		if status != "200" || !bytes.HasPrefix(body, []byte(q.Want)) {
			wrong(status + " " + string(body))
		}
	}
	return nil
}

// readAnswer reads as much of HTTP as the server speaks here.
func readAnswer(r *bufio.Reader) (status string, body []byte, err error) {
	length := 0
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return "", nil, err
		}
		switch {
		case len(line) <= 2:
			if body, err = r.Peek(length); err != nil {
				return "", nil, err
			}
			_, err = r.Discard(length)
			return status, body, err
		case status == "":
			status = string(line[9:12])
		case bytes.HasPrefix(line, []byte("Content-Length: ")):
			if length, err = strconv.Atoi(string(line[16 : len(line)-2])); err != nil {
				return "", nil, err
			}
		}
	}
}

// BenchmarkAuthorizeHTTP asks the workload of docs/benchmarks.md over loopback, 1,000 principals at 16 connections, by a
// client in a process of its own. The server's processor time per request is the figure; the rest depends on what else the
// machine does. The floor is what net/http needs to read such a request and to answer it with nothing in between.
func BenchmarkAuthorizeHTTP(b *testing.B) {
	const requests, connections = 40_000, 16
	w := benchdata.New(1000, benchdata.Seed)
	rename(w)
	handler, owner := serveWorkload(b, w)
	l := load{Connections: connections, Requests: requests}
	for i := range w.Requests {
		l.Questions = append(l.Questions, askedAs(w, &w.Requests[i], owner))
	}
	b.Run("server=writ", func(b *testing.B) { measure(b, handler, l) })
	for i := range l.Questions {
		l.Questions[i].Want = "{}"
	}
	b.Run("server=floor", func(b *testing.B) { measure(b, http.HandlerFunc(floor), l) })
}

func floor(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	w.Header()["Content-Type"] = []string{"application/json"}
	_, _ = io.WriteString(w, "{}")
}

// measure has every question answered once, and then as often as the load says.
func measure(b *testing.B, handler http.Handler, l load) {
	server := httptest.NewServer(handler)
	defer server.Close()
	l.Address = server.Listener.Addr().String()
	once := l
	once.Requests = len(l.Questions)
	if o := runHammer(b, &once); o.Wrong > 0 {
		b.Fatalf("%d of %d answers are not those of the naive scan, such as %s", o.Wrong, once.Requests, o.First)
	}
	var used time.Duration
	var seconds float64
	var last outcome
	for b.Loop() {
		began := cpuTime()
		last = runHammer(b, &l)
		used += cpuTime() - began
		seconds += last.Seconds
		if last.Wrong > 0 {
			b.Fatalf("%d wrong answers, such as %s", last.Wrong, last.First)
		}
	}
	total := float64(l.Requests) * float64(b.N)
	b.ReportMetric(float64(used.Nanoseconds())/1e3/total, "cpu-µs/req")
	b.ReportMetric(total/seconds, "req/s")
	b.ReportMetric(float64(last.P50.Nanoseconds())/1e3, "p50-µs")
	b.ReportMetric(float64(last.P99.Nanoseconds())/1e3, "p99-µs")
}

// rename makes the workload's resource names valid CRNs: they have four parts.
func rename(w *benchdata.Workload) {
	fix := func(s *string) { *s = strings.Replace(*s, ":bucket/", ":bucket:", 1) }
	for _, g := range w.Groups {
		for _, p := range g.Policies {
			for _, s := range p.Statements {
				for i := range s.Resources {
					fix(&s.Resources[i])
				}
			}
		}
	}
	for i := range w.Requests {
		fix(&w.Requests[i].Resource)
	}
}

// askedAs writes a request, with the answer that the naive scan gives.
func askedAs(w *benchdata.Workload, r *benchdata.Request, token string) exchange {
	body := fmt.Sprintf(`{"principal":%q,"action":%q,"resource":%q,"context":{"iam:source_ip":%q,"iam:current_time":%q,"env":%q}}`,
		benchdata.Principal(r.Principal).CRN(), r.Action, r.Resource, r.Source, r.Time.Format(time.RFC3339), r.Env)
	allowed, explicit := w.Scan(r, benchdata.All)
	want := `{"allowed":false,"reason":"implicit_deny"`
	switch {
	case allowed:
		want = `{"allowed":true,"reason":"explicit_allow"`
	case explicit:
		want = `{"allowed":false,"reason":"explicit_deny"`
	}
	return exchange{fmt.Sprintf("POST /v1/iam/authorize HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", token, len(body), body), want}
}

// serveWorkload commits the workload into a new installation's organization and serves it.
func serveWorkload(b *testing.B, w *benchdata.Workload) (http.Handler, string) {
	b.Helper()
	check := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	db, err := sqlite.Open(b.Context(), sqlite.Config{Path: filepath.Join(b.TempDir(), "writ.db")})
	check(err)
	b.Cleanup(func() { db.Close() })
	master, err := authn.NewMasterKey(rand.Reader)
	check(err)
	cfg := control.Config{Store: db, Master: master, Now: time.Now, Random: rand.Reader, Issuer: "bench", Log: slog.New(slog.DiscardHandler)}
	operator, err := control.Install(b.Context(), cfg)
	check(err)
	c, err := control.New(b.Context(), cfg)
	check(err)
	handler := api.New(wire.Config{Control: c, Log: cfg.Log, Now: time.Now})
	r := httptest.NewRequest("POST", "/v1/organizations", strings.NewReader(`{"name":"workload","owner_email":"owner@workload.example"}`))
	r.Header.Set("Authorization", "Bearer "+operator)
	rec := httptest.NewRecorder()
	handler.ServeHTTP(rec, r)
	var made apitype.CreateOrganizationAnswer
	check(json.Unmarshal(rec.Body.Bytes(), &made))
	id, err := iam.ParseUUID(made.Organization.ID)
	check(err)
	fill(b, db, iam.OrgID{UUID: id}, w)
	// Another node would follow the commit; this one is opened anew.
	c, err = control.New(b.Context(), cfg)
	check(err)
	return api.New(wire.Config{Control: c, Log: cfg.Log, Now: time.Now}), made.Token
}

// fill commits the workload's records into an organization, but for the organization itself and its owner.
func fill(b *testing.B, db store.Store, org iam.OrgID, w *benchdata.Workload) {
	b.Helper()
	_, head, err := db.Load(b.Context(), org)
	if err != nil {
		b.Fatal(err)
	}
	_, changes, err := w.State()
	if err != nil {
		b.Fatal(err)
	}
	changes = slices.DeleteFunc(changes, func(c iam.Change) bool { return c.Kind == iam.KindOrganization || c.Kind == iam.KindUser })
	commit := &store.Commit{Org: org, Revision: head.Revision + 1, Parent: head.Hash, Time: time.Now(), Changes: changes,
		Author: store.Author{Kind: iam.KindOfSystem}, Cause: "bench"}
	commit.Seal()
	if err := db.Commit(b.Context(), commit); err != nil {
		b.Fatal(err)
	}
}

func runHammer(b *testing.B, l *load) outcome {
	b.Helper()
	in, err := json.Marshal(l)
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), hammerEnv+"=1")
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		b.Fatal(err)
	}
	var o outcome
	if err := json.Unmarshal(out, &o); err != nil {
		b.Fatal(err)
	}
	return o
}

// cpuTime is the processor time that this process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
