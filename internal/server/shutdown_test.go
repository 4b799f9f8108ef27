package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/client"
	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/config"
)

const question = `{"principal":"crn::iam:user:01a00000-0000-7000-8000-000000000000","action":"s3:GetObject","resource":"crn::s3:object:x"}`

// underWay begins a request whose body is not complete. finish sends the rest and gives the answer.
func underWay(t *testing.T, r *running) (finish func() (*http.Response, error)) {
	t.Helper()
	conn, err := net.Dial("tcp", r.Listen)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	half := len(question) / 2
	_, err = fmt.Fprintf(conn, "POST /v1/iam/authorize HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s",
		r.env.Get(config.Token), len(question), question[:half])
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the request to be under way", func() bool {
		_, body := get(t, "http://"+r.Metrics+"/metrics")
		return strings.Contains(body, "writ_http_requests_in_flight 1")
	})
	return func() (*http.Response, error) {
		if _, err := io.WriteString(conn, question[half:]); err != nil {
			return nil, err
		}
		return http.ReadResponse(bufio.NewReader(conn), nil)
	}
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// TestGracefulShutdown has a request under way and an event pending when the signal comes.
func TestGracefulShutdown(t *testing.T) {
	cfg, env := initialized(t, nil)
	r := start(t, cfg, env)
	owner := r.client(t, env.Get(config.Token))
	account, err := owner.CreateServiceAccount(t.Context(), apitype.CreateServiceAccountRequest{Name: "nobody"})
	if err != nil {
		t.Fatal(err)
	}
	key, err := owner.CreateServiceAccountCredential(t.Context(), account.ServiceAccount.ID, apitype.CreateCredentialRequest{Name: "k"})
	if err != nil {
		t.Fatal(err)
	}
	finish := underWay(t, r)

	_, err = r.client(t, key.SecretAccessKey).CreateGroup(t.Context(), apitype.CreateGroupRequest{Name: "g"})
	if refused, ok := errors.AsType[*client.Error](err); !ok || refused.Status != 403 {
		t.Fatalf("%v", err)
	}
	r.stop() // before the refusal's event is written

	waitFor(t, "503", func() bool {
		status, _ := get(t, "http://"+r.Metrics+"/readyz")
		return status == 503
	})
	waitFor(t, "the listener to close", func() bool {
		conn, err := net.Dial("tcp", r.Listen)
		if err == nil {
			conn.Close()
		}
		return err != nil
	})
	res, err := finish()
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("the request under way: %v %v", res, err)
	}
	if err := r.ended(); err != nil {
		t.Fatal(err)
	}
	if !refusalLogged(t, cfg, env) {
		t.Error("the event that was pending is lost")
	}
	if _, err := net.Dial("tcp", r.Metrics); err == nil {
		t.Error("the metrics listener is still open")
	}
}

// refusalLogged starts the server again and looks into the audit log.
func refusalLogged(t *testing.T, cfg Config, env *config.Env) bool {
	t.Helper()
	r := start(t, cfg, env)
	list, err := r.client(t, env.Get(config.Token)).ListAuditLogs(t.Context(), client.AuditLogParams{Status: "denied"})
	if err != nil {
		t.Fatal(err)
	}
	return len(list.AuditLogs) == 1 && list.AuditLogs[0].Action == "iam.group.create"
}

func TestCutOffAfterGrace(t *testing.T) {
	cfg, env := initialized(t, map[string]string{"shutdown-grace": "50ms"})
	r := start(t, cfg, env)
	finish := underWay(t, r)
	begin := time.Now()
	r.stop()
	if err := r.ended(); err == nil || !strings.Contains(err.Error(), "1 requests were cut off") {
		t.Errorf("%v", err)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
	if res, err := finish(); err == nil && res.StatusCode == 200 {
		t.Error("the request was answered")
	}
}

func TestGroupOrder(t *testing.T) {
	var order []string
	ordered := func(name string) part {
		ctx, cancel := context.WithCancel(context.Background())
		return part{name, func() error { <-ctx.Done(); order = append(order, name+" ended"); return nil },
			func() error { cancel(); return nil }}
	}
	failure := errors.New("failure")
	parts := []part{ordered("a"), {"b", func() error { return failure }, func() error { return nil }},
		{"done", func() error { return nil }, func() error { return nil }}, ordered("c")}
	err := runAll(t.Context(), parts)
	if !errors.Is(err, failure) || err.Error() != "b: failure" {
		t.Errorf("%v", err)
	}
	if strings.Join(order, ", ") != "a ended, c ended" {
		t.Errorf("%v", order)
	}
}

func TestGroupGivesAllFailures(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan struct{})
	err := func() error {
		cancel()
		return runAll(ctx, []part{
			{"a", func() error { <-stopped; return errors.New("x") }, func() error { close(stopped); return nil }},
			{"b", func() error { return nil }, func() error { return errors.New("y") }},
		})
	}()
	if err == nil || !strings.Contains(err.Error(), "a: x") || !strings.Contains(err.Error(), "b: y") {
		t.Errorf("%v", err)
	}
}
