package config

import (
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "writ.conf")
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func value(t *testing.T, l *Loaded, name string) Value {
	t.Helper()
	for _, v := range l.Values {
		if v.Name == name {
			return v
		}
	}
	t.Fatalf("no value of %s", name)
	return Value{}
}

func TestDefaults(t *testing.T) {
	l, err := Load(Sources{})
	if err != nil {
		t.Fatal(err)
	}
	c := l.Config
	if c.Listen != "127.0.0.1:8480" || c.MetricsListen != "127.0.0.1:8481" || c.Data != "./writ-data" || c.EnvFile != "writ-data/env" ||
		c.MasterKeyFile != "writ-data/master.key" || c.ShutdownGrace != 15*time.Second || c.MaxHeaderBytes != 32<<10 ||
		!c.InviteUnknown || c.InvitationLifetime != 7*24*time.Hour || c.RatePerMinute != 0 || c.LogLevel != slog.LevelInfo {
		t.Errorf("%+v", c)
	}
	if len(l.Values) != len(Settings()) {
		t.Errorf("%d values of %d settings", len(l.Values), len(Settings()))
	}
	for _, v := range l.Values {
		if v.Origin != "default" {
			t.Errorf("%s comes from %s", v.Name, v.Origin)
		}
	}
}

func TestStrength(t *testing.T) {
	file := write(t, "# all of them\nWRIT_LISTEN=127.0.0.1:1\nWRIT_ISSUER=\"by file\"\nWRIT_LOG_LEVEL=warn\n\n")
	l, err := Load(Sources{
		Flags:   map[string]string{"listen": "127.0.0.1:3"},
		Environ: []string{"WRIT_LISTEN=127.0.0.1:2", "WRIT_LOG_LEVEL=error", "OTHER=1", FileVariable + "=" + file},
	})
	if err != nil {
		t.Fatal(err)
	}
	if c := l.Config; c.Listen != "127.0.0.1:3" || c.LogLevel != slog.LevelError || c.Issuer != "by file" {
		t.Errorf("%+v", c)
	}
	for name, origin := range map[string]string{
		"listen": "flag --listen", "log-level": "environment WRIT_LOG_LEVEL", "issuer": "file " + file + ", line 3", "data": "default",
	} {
		if got := value(t, l, name).Origin; got != origin {
			t.Errorf("%s comes from %q, want %q", name, got, origin)
		}
	}
}

func TestFlagNamesTheFileBeforeTheEnvironment(t *testing.T) {
	l, err := Load(Sources{File: write(t, "WRIT_ISSUER=a"), Environ: []string{FileVariable + "=/nowhere"}})
	if err != nil || l.Config.Issuer != "a" {
		t.Errorf("%v %v", l, err)
	}
}

func TestDerived(t *testing.T) {
	l, err := Load(Sources{Flags: map[string]string{"data": "/srv/writ"}, Environ: []string{"WRIT_MASTER_KEY_FILE=/run/key"}})
	if err != nil {
		t.Fatal(err)
	}
	if l.Config.EnvFile != "/srv/writ/env" || l.Config.MasterKeyFile != "/run/key" || l.Config.StoreFile() != "/srv/writ/writ.db" {
		t.Errorf("%+v", l.Config)
	}
}

func TestFileErrors(t *testing.T) {
	for content, want := range map[string]string{
		"WRIT_LISTN=x":                    "there is no setting WRIT_LISTN; did you mean WRIT_LISTEN?",
		"WRIT_TIMEOUT_READ=1s":            "did you mean WRIT_",
		"WRIT_TOKEN=secret":               "WRIT_TOKEN is a variable for clients",
		"listen 127.0.0.1:1":              ":1: want KEY=value",
		"\n=x":                            ":2: want KEY=value",
		"WRIT_DATA=a\nWRIT_DATA=b":        ":2: WRIT_DATA is already set in line 1",
		"WRIT_DATA=a\x00b":                "zero byte",
		"WRIT_LISTEN=8480":                "want HOST:PORT",
		"WRIT_DNS_RESOLVER=192.0.2.53":    "dns-resolver",
		"WRIT_DNS_RESOLVER=192.0.2.53:0":  "want HOST:PORT, as in 192.0.2.53:53",
		"WRIT_DNS_RESOLVER=:53":           "dns-resolver",
		"WRIT_DNS_RESOLVER=dns:domain":    "dns-resolver",
		"WRIT_TLS_CERT=cert.pem":          "tls-cert and tls-key: want both or none",
		"WRIT_LOG_LEVEL=loud\nWRIT_DATA=": "log-level",
	} {
		_, err := Load(Sources{File: write(t, content)})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", content, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error tells the value: %v", content, err)
		}
	}
	if _, err := Load(Sources{File: filepath.Join(t.TempDir(), "none")}); err == nil {
		t.Error("a file that is not there was read")
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	_, err := Load(Sources{Environ: []string{"WRIT_LOG_LEVEL=loud", "WRIT_DATA=", "WRIT_IDLE_TIMEOUT=soon"}})
	if err == nil {
		t.Fatal("no error")
	}
	for _, name := range []string{"log-level (environment WRIT_LOG_LEVEL)", "data", "idle-timeout"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%v does not name %s", err, name)
		}
	}
}

func TestBadValues(t *testing.T) {
	for name, values := range map[string][]string{
		"listen":              {"", "8480", ":", "localhost", "127.0.0.1:99999", "127.0.0.1:http", "[::1]"},
		"metrics-listen":      {"off", "8481"},
		"public-url":          {"iam.example.com", "ftp://x", "https://", "https://u:p@x", "https://x?y", "https://x#y", "%"},
		"issuer":              {"a\nb", strings.Repeat("x", 256)},
		"rate-per-minute":     {"-1", "1.5", "", "1e3", "99999999"},
		"invite-unknown":      {"", "maybe"},
		"invitation-lifetime": {"", "0", "7", "-1d", "d", "400d", "9999999999d", "1h30"},
		"trusted-proxies":     {"10.0.0.0/33", "proxy"},
		"log-level":           {"", "trace"},
		"log-format":          {"", "xml"},
		"shutdown-grace":      {"-1s", "2h"},
		"max-header-bytes":    {"0", "32KiB", "2097152"},
		"read-timeout":        {"0s", "1ms"},
		"env-file":            {""},
	} {
		for _, v := range values {
			_, err := Load(Sources{Flags: map[string]string{name: v}})
			if err == nil || !strings.Contains(err.Error(), "flag --"+name) {
				t.Errorf("%s %q: %v", name, v, err)
			}
		}
	}
}

func TestGoodValues(t *testing.T) {
	l, err := Load(Sources{Flags: map[string]string{
		"listen": "[::1]:0", "metrics-listen": "", "public-url": "https://iam.example.com/writ/", "rate-per-minute": "60",
		"invite-unknown": "off", "invitation-lifetime": "36h", "trusted-proxies": "10.1.2.3/8, 192.0.2.7 ::1", "log-format": "JSON",
		"shutdown-grace": "0s", "tls-cert": "c", "tls-key": "k",
	}})
	if err != nil {
		t.Fatal(err)
	}
	c := l.Config
	want := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("::1/128")}
	if len(c.TrustedProxies) != 3 || c.TrustedProxies[0] != want[0] || c.TrustedProxies[1] != want[1] || c.TrustedProxies[2] != want[2] {
		t.Errorf("proxies %v", c.TrustedProxies)
	}
	if c.PublicURL != "https://iam.example.com/writ" || c.InviteUnknown || c.InvitationLifetime != 36*time.Hour || c.LogFormat != LogJSON ||
		c.MetricsListen != "" || !c.TLS() {
		t.Errorf("%+v", c)
	}
}

func TestMisspelt(t *testing.T) {
	l, err := Load(Sources{Environ: []string{"WRIT_LISTNE=x", "WRIT_TOKEN=t", "WRIT_URL=u", "WRIT_PORT_8480_TCP=tcp://10.0.0.1", FileVariable + "="}})
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Misspelt) != 1 || l.Misspelt["WRIT_LISTNE"] != "WRIT_LISTEN" {
		t.Errorf("%v", l.Misspelt)
	}
}

func TestSecretIsNotShown(t *testing.T) {
	v := Value{Setting: Setting{Secret: true}, Text: "hunter2"}
	if v.Shown() != "(secret)" {
		t.Error(v.Shown())
	}
	if v.Text = ""; v.Shown() != "" {
		t.Error("an empty secret is shown as one that is set")
	}
}

// TestTable holds what every row promises.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Settings() {
		if s.Help == "" || strings.Contains(s.Help, "\n") || s.set == nil || seen[s.Name] {
			t.Errorf("%s: %+v", s.Name, s)
		}
		seen[s.Name] = true
	}
}

func TestNearest(t *testing.T) {
	for word, want := range map[string]string{
		"WRIT_LISTENER": "WRIT_LISTEN", "WRIT_METRIC_LISTEN": "WRIT_METRICS_LISTEN", "WRIT_MASTERKEY_FILE": "WRIT_MASTER_KEY_FILE",
		"WRIT_RATE": "WRIT_DATA",
	} {
		if got := nearest(word, variables()); got != want {
			t.Errorf("nearest to %s is %s, want %s", word, got, want)
		}
	}
}
