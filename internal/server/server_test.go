package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/writ-iam/writ/client"
	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/config"
)

// settings gives settings for a server in a folder of the test's, at ports that are free.
func settings(t testing.TB, flags map[string]string) Config {
	t.Helper()
	all := map[string]string{"data": filepath.Join(t.TempDir(), "data"), "listen": "127.0.0.1:0", "metrics-listen": "127.0.0.1:0"}
	for k, v := range flags {
		all[k] = v
	}
	loaded, err := config.Load(config.Sources{Flags: all})
	if err != nil {
		t.Fatal(err)
	}
	return Config{Config: loaded.Config, Log: slog.New(slog.DiscardHandler), Version: "test"}
}

var acme = &FirstOrganization{Name: "Acme", OwnerEmail: "olivia@acme.example"}

// initialized makes an installation with an organization.
func initialized(t testing.TB, flags map[string]string) (Config, *config.Env) {
	t.Helper()
	cfg := settings(t, flags)
	if err := Init(t.Context(), cfg, acme); err != nil {
		t.Fatal(err)
	}
	env, err := config.ReadEnv(cfg.EnvFile)
	if err != nil {
		t.Fatal(err)
	}
	return cfg, env
}

// running is a server that is being served.
type running struct {
	Addresses
	env   *config.Env
	stop  func()       // as a signal does
	ended func() error // waits, and gives Serve's error
}

// start serves an installation. The test ends with it.
func start(t testing.TB, cfg Config, env *config.Env) *running {
	t.Helper()
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	at := make(chan Addresses, 1)
	result := make(chan error, 1)
	go func() {
		err := s.Serve(ctx, func(_ context.Context, a Addresses) error { at <- a; return nil })
		result <- errors.Join(err, s.Close())
	}()
	ended := sync.OnceValue(func() error { return <-result })
	t.Cleanup(func() { stop(); _ = ended() })
	select {
	case a := <-at:
		return &running{a, env, stop, ended}
	case err := <-result:
		t.Fatalf("the server has ended: %v", err)
		return nil
	}
}

func (r *running) client(t testing.TB, token string) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{URL: r.Local, Token: token, HTTP: &http.Client{Transport: &http.Transport{}}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func get(t testing.TB, url string) (int, string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestServe(t *testing.T) {
	cfg, env := initialized(t, nil)
	var log bytes.Buffer
	cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	r := start(t, cfg, env)
	for _, path := range []string{"/healthz", "/readyz"} {
		for _, base := range []string{r.Local, "http://" + r.Metrics} {
			if status, _ := get(t, base+path); status != 200 {
				t.Errorf("%s%s: %d", base, path, status)
			}
		}
	}
	for _, path := range []string{"/", "/nothing", "/metrics", "/v1/nothing", "//healthz", "/healthz/"} {
		if status, body := get(t, r.Local+path); status != 404 || !strings.HasPrefix(body, `{"error":{"code":404`) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	list, err := r.client(t, env.Get(config.Token)).ListUsers(t.Context(), client.ListParams{})
	if err != nil || len(list.Users) != 1 {
		t.Fatalf("%v %v", list, err)
	}
	r.stop()
	if err := r.ended(); err != nil {
		t.Fatal(err)
	}
	text := log.String()
	if strings.Count(text, "msg=serving") != 1 || !strings.Contains(text, r.Listen) || !strings.Contains(text, "version=test") {
		t.Errorf("log: %s", text)
	}
	for _, v := range env.All() {
		if v.Key != config.URL && strings.Contains(text, v.Value) && v.Key != config.Organization {
			t.Errorf("the log tells %s", v.Key)
		}
	}
}

func TestMetrics(t *testing.T) {
	cfg, env := initialized(t, nil)
	r := start(t, cfg, env)
	c := r.client(t, env.Get(config.Token))
	if _, err := c.CreateGroup(t.Context(), apitype.CreateGroupRequest{Name: "g"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.GetGroup(t.Context(), "nothing"); err == nil {
		t.Fatal("found nothing")
	}
	if _, err := r.client(t, "nobody").ListGroups(t.Context(), client.ListParams{}); err == nil {
		t.Fatal("nobody is let in")
	}
	get(t, r.Local+"/some/path/of/a/scanner")
	status, body := get(t, "http://"+r.Metrics+"/metrics")
	if status != 200 {
		t.Fatal(status)
	}
	for _, line := range []string{
		`writ_http_requests_total{method="POST",route="/v1/iam/groups",status="2xx"} 1`,
		`writ_http_requests_total{method="GET",route="/v1/iam/groups/{group_id}",status="4xx"} 1`,
		`writ_http_requests_total{method="GET",route="unknown",status="4xx"} 1`,
		`writ_http_request_duration_seconds_count{method="POST",route="/v1/iam/groups"} 1`,
		`writ_auth_failures_total 1`, `writ_commits_total 1`, `writ_organizations_resident 2`,
		`writ_build_info{version="test"} 1`, `go_goroutines `, `process_open_fds `,
	} {
		if !strings.Contains(body, line) {
			t.Errorf("no %s", line)
		}
	}
	if strings.Contains(body, "scanner") {
		t.Error("a path became a label")
	}
}

func TestWithoutMetrics(t *testing.T) {
	cfg, env := initialized(t, map[string]string{"metrics-listen": ""})
	r := start(t, cfg, env)
	if r.Metrics != "" {
		t.Error(r.Metrics)
	}
	if status, _ := get(t, r.Local+"/readyz"); status != 200 {
		t.Error(status)
	}
}

func TestPortTaken(t *testing.T) {
	cfg, env := initialized(t, nil)
	r := start(t, cfg, env)
	for _, flag := range []string{"listen", "metrics-listen"} {
		other, _ := initialized(t, map[string]string{flag: r.Listen})
		s, err := Open(t.Context(), other)
		if err != nil {
			t.Fatal(err)
		}
		err = s.Serve(t.Context(), nil)
		if err == nil || !strings.Contains(err.Error(), "--"+flag) {
			t.Errorf("%s: %v", flag, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestStartedFails(t *testing.T) {
	cfg, _ := initialized(t, nil)
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	wrong := errors.New("wrong")
	err = s.Serve(t.Context(), func(context.Context, Addresses) error { return wrong })
	if !errors.Is(err, wrong) {
		t.Errorf("%v", err)
	}
}

func TestNotReady(t *testing.T) {
	cfg, env := initialized(t, nil)
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	at, result := make(chan Addresses, 1), make(chan error, 1)
	go func() {
		result <- s.Serve(ctx, func(_ context.Context, a Addresses) error { at <- a; return nil })
	}()
	r := &running{Addresses: <-at, env: env}
	if err := s.store.Close(); err != nil { // the store fails under the server
		t.Fatal(err)
	}
	if status, body := get(t, r.Local+"/readyz"); status != 503 || strings.Contains(body, "closed") {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := get(t, r.Local+"/healthz"); status != 200 {
		t.Error("not alive")
	}
	stop()
	select {
	case <-result:
	case <-time.After(30 * time.Second):
		t.Fatal("it does not end without its store")
	}
}
