package doctest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/writ-iam/writ/internal/api"
	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/config"
	"github.com/writ-iam/writ/internal/dialect/cloudflare"
	"github.com/writ-iam/writ/internal/dialect/scaleway"
	"github.com/writ-iam/writ/internal/dialect/vngcloud"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/server"
)

// same compares the rows of a table with those that the program would write.
func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if len(want) == 0 {
		t.Fatalf("%s: there is nothing to compare with", what)
	}
	for _, row := range want {
		if !slices.Contains(got, row) {
			t.Errorf("%s: the table lacks\n%s", what, row)
		}
	}
	for _, row := range got {
		if !slices.Contains(want, row) {
			t.Errorf("%s: the table has, and the program does not,\n%s", what, row)
		}
	}
}

// TestSettings: the table of settings is the program's.
func TestSettings(t *testing.T) {
	var got, want []string
	for _, row := range table(section(t, "operations.md", "## Settings"), "| `--") {
		got = append(got, strings.Join(row, " | "))
	}
	for _, s := range config.Settings() {
		byDefault := "empty"
		if s.Default != "" {
			byDefault = "`" + s.Default + "`"
		}
		want = append(want, fmt.Sprintf("`%s` | `%s` | %s | %s", s.Flag(), s.Variable(), byDefault, s.Help))
	}
	same(t, "settings", got, want)
}

// TestRoutes: the table of operations is the server's, with the actions that they need.
func TestRoutes(t *testing.T) {
	var got, want []string
	for _, row := range table(section(t, "api.md", "## Operations"), "| `/") {
		got = append(got, strings.Join(row[:3], " | "))
	}
	for _, r := range api.Routes() {
		action := "–"
		if r.Operation != nil {
			action = "`" + r.Operation.Action + "`"
		}
		want = append(want, fmt.Sprintf("`%s` | `%s` | %s", r.Method, r.Pattern, action))
	}
	same(t, "operations", got, want)
}

// TestCloudflareRoutes: the table of operations is the dialect's.
func TestCloudflareRoutes(t *testing.T) {
	var got, want []string
	for _, row := range table(section(t, "dialects/cloudflare.md", "## What is served"), "| `/") {
		got = append(got, strings.Join(row, " | "))
	}
	for _, r := range cloudflare.Routes() {
		want = append(want, fmt.Sprintf("`%s` | `%s` | `%s`", r.Method, strings.TrimPrefix(r.Pattern, cloudflare.Prefix), r.Operation.Action))
	}
	same(t, "operations", got, want)
}

// TestScalewayRoutes: the table of operations is the dialect's.
func TestScalewayRoutes(t *testing.T) {
	var got, want []string
	for _, row := range table(section(t, "dialects/scaleway.md", "## What is served"), "| `/") {
		got = append(got, strings.Join(row, " | "))
	}
	for _, r := range scaleway.Routes() {
		action := "–"
		if r.Operation != nil {
			action = "`" + r.Operation.Action + "`"
		}
		want = append(want, fmt.Sprintf("`%s` | `%s` | %s", r.Method, strings.TrimPrefix(r.Pattern, scaleway.Prefix), action))
	}
	same(t, "operations", got, want)
}

// TestVNGCloudRoutes: the table of operations is the dialect's, with the actions in its spelling.
func TestVNGCloudRoutes(t *testing.T) {
	var got, want []string
	for _, row := range table(section(t, "dialects/vngcloud.md", "## What is served"), "| `/") {
		got = append(got, strings.Join(row, " | "))
	}
	for _, r := range vngcloud.Routes() {
		spelled := catalog.Builtin().Spelling(catalog.VNGCloud, r.Operation.Action)
		want = append(want, fmt.Sprintf("`%s` | `%s` | `%s` | `%s`", r.Method, r.Pattern, r.Operation.Action, spelled))
	}
	same(t, "operations", got, want)
}

// TestExoscaleOperations: the table of operations is the catalogue's, which the dialect's tests hold its routes against.
func TestExoscaleOperations(t *testing.T) {
	var got, want []string
	for _, row := range table(section(t, "dialects/exoscale.md", "## What is served"), "| `/") {
		got = append(got, strings.Join(row, " | "))
	}
	for _, o := range catalog.Builtin().Operations(catalog.Exoscale) {
		want = append(want, fmt.Sprintf("`%s` | `%s` | `%s` | `%s`", o.Method, o.Path, o.Name, o.Actions[0]))
	}
	same(t, "operations", got, want)
}

func TestQuotas(t *testing.T) {
	var got, want []string
	for _, row := range table(section(t, "operations.md", "## Organizations, quotas, people"), "| `") {
		got = append(got, strings.Join(row[:2], " | "))
	}
	for name, limit := range iam.DefaultQuota {
		want = append(want, fmt.Sprintf("`%s` | %d", name, limit))
	}
	same(t, "quotas", got, want)
}

var metricType = regexp.MustCompile(`(?m)^# TYPE (writ_[a-z_]+) `)

// TestMetrics asks a real server which metrics it has.
func TestMetrics(t *testing.T) {
	t.Parallel()
	loaded, err := config.Load(config.Sources{Flags: map[string]string{
		"data": filepath.Join(t.TempDir(), "data"), "listen": "127.0.0.1:0", "metrics-listen": "127.0.0.1:0"}})
	if err != nil {
		t.Fatal(err)
	}
	cfg := server.Config{Config: loaded.Config, Log: slog.New(slog.DiscardHandler), Version: "test"}
	if err := server.Init(t.Context(), cfg, nil); err != nil {
		t.Fatal(err)
	}
	s, err := server.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx, stop := context.WithCancel(t.Context())
	want := map[string]bool{}
	err = s.Serve(ctx, func(ctx context.Context, at server.Addresses) error {
		defer stop()
		for _, url := range []string{at.URL + "/healthz", "http://" + at.Metrics + "/metrics"} {
			body, err := fetch(ctx, url)
			if err != nil {
				return err
			}
			for _, m := range metricType.FindAllStringSubmatch(body, -1) {
				want["`"+m[1]+"`"] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range table(section(t, "operations.md", "## Health, metrics, logs"), "| `writ_") {
		got = append(got, row[0])
	}
	same(t, "metrics", got, slices.Sorted(maps.Keys(want)))
}

func fetch(ctx context.Context, url string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	return string(b), err
}

var testReference = regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z]+)` in `([a-z/_]+_test\\.go)`")

// TestPromises: the tests that security.md names are there, and it names no others.
func TestPromises(t *testing.T) {
	page := read(t, "security.md")
	found := testReference.FindAllStringSubmatch(page, -1)
	if len(found) < 20 {
		t.Errorf("only %d tests are named", len(found))
	}
	for _, m := range found {
		b, err := os.ReadFile("../../" + m[2])
		if err != nil {
			t.Error(err)
		} else if !strings.Contains(string(b), "\nfunc "+m[1]+"(") {
			t.Errorf("%s has no %s", m[2], m[1])
		}
	}
	if named := regexp.MustCompile("`(?:Test|Fuzz)[A-Z]").FindAllString(page, -1); len(named) != len(found) {
		t.Errorf("%d tests are named, %d of them with their file", len(named), len(found))
	}
	for _, row := range table(section(t, "security.md", "## What writ promises"), "| **") {
		if len(row) != 3 || !testReference.MatchString(row[2]) {
			t.Errorf("no test stands behind the promise %v", row)
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// TestLinks: what pages link to is there, headings too.
func TestLinks(t *testing.T) {
	links := 0
	for _, page := range pages(t) {
		for _, m := range link.FindAllStringSubmatch(read(t, page), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			links++
			to := page
			if target != "" {
				to = filepath.Join(filepath.Dir(page), target)
			}
			if _, err := os.Stat(docs + to); err != nil {
				t.Errorf("%s links to %s: %v", page, m[1], err)
			} else if anchor != "" && !slices.Contains(anchors(read(t, to)), anchor) {
				t.Errorf("%s links to %s, and there is no such heading", page, m[1])
			}
		}
	}
	if links == 0 {
		t.Error("no links were found")
	}
}

// anchors are the headings of a page as links name them.
func anchors(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if hashes, heading, ok := strings.Cut(strings.TrimSpace(line), " "); ok && hashes != "" && strings.Trim(hashes, "#") == "" {
			heading = strings.ReplaceAll(strings.ToLower(heading), " ", "-")
			out = append(out, regexp.MustCompile(`[^a-z0-9_-]`).ReplaceAllString(heading, ""))
		}
	}
	return out
}

// TestPublicMail: the page names the domains that no connector can have.
func TestPublicMail(t *testing.T) {
	text := strings.Join(strings.Fields(section(t, "api.md", "### Connectors")), " ")
	if want := strings.Join(iam.PublicMailDomains(), ", ") + "."; !strings.Contains(text, want) {
		t.Errorf("api.md lacks %q", want)
	}
}
