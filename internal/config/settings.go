package config

import (
	"path/filepath"
	"strings"
	"time"
)

// Setting is one thing that can be set: a row of the table.
type Setting struct {
	Name    string // "public-url": the flag is --public-url, the variable WRIT_PUBLIC_URL
	Default string
	Help    string // one line
	Secret  bool   // its value is never shown

	// derive gives the default where it depends on other settings; Default then says how, in words.
	derive func(*Config) string
	set    func(*Config, string) error
}

// Flag is the setting on the command line.
func (s *Setting) Flag() string { return "--" + s.Name }

// Variable is the setting in the environment and in the configuration file.
func (s *Setting) Variable() string {
	return prefix + strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_"))
}

// prefix is what all variables of writ begin with, settings and those for clients.
const prefix = "WRIT_"

// Settings lists all settings, in the order in which they are shown.
func Settings() []Setting { return append([]Setting(nil), table...) }

const day = 24 * time.Hour

// table is every setting. A derived one stands after what it is derived from.
var table = []Setting{
	{Name: "data", Default: "./writ-data", Help: "folder of the installation: the database, the master key, the env file",
		set: text(func(c *Config) *string { return &c.Data }, required)},
	{Name: "env-file", Default: "DATA/env", Help: "file of variables for clients, with the tokens",
		derive: func(c *Config) string { return filepath.Join(c.Data, "env") },
		set:    text(func(c *Config) *string { return &c.EnvFile }, required)},
	{Name: "master-key-file", Default: "DATA/master.key", Help: "file with the master key, 64 hexadecimal digits",
		derive: func(c *Config) string { return filepath.Join(c.Data, "master.key") },
		set:    text(func(c *Config) *string { return &c.MasterKeyFile }, required)},

	{Name: "listen", Default: "127.0.0.1:8480", Help: "HOST:PORT to serve at; port 0 picks a free one",
		set: text(func(c *Config) *string { return &c.Listen }, address)},
	{Name: "metrics-listen", Default: "127.0.0.1:8481", Help: "HOST:PORT to serve metrics and health at; empty for none",
		set: text(func(c *Config) *string { return &c.MetricsListen }, addressOrNone)},
	{Name: "public-url", Default: "", Help: "URL at which clients reach the server, if it is not the listen address",
		set: setPublicURL},
	{Name: "tls-cert", Default: "", Help: "PEM file with the certificate chain; needs --tls-key",
		set: text(func(c *Config) *string { return &c.TLSCert })},
	{Name: "tls-key", Default: "", Help: "PEM file with the certificate's private key",
		set: text(func(c *Config) *string { return &c.TLSKey })},

	{Name: "issuer", Default: "", Help: "issuer named in tokens; as set at init, where the default is the public URL or \"writ\"",
		set: text(func(c *Config) *string { return &c.Issuer }, oneLine)},
	{Name: "rate-per-minute", Default: "0", Help: "calls that one caller may make in a minute; 0 for no limit",
		set: number(func(c *Config) *int { return &c.RatePerMinute }, 0, 10_000_000)},
	{Name: "invite-unknown", Default: "on", Help: "invite unknown addresses that are added as users; off refuses them",
		set: onOff(func(c *Config) *bool { return &c.InviteUnknown })},
	{Name: "invitation-lifetime", Default: "7d", Help: "how long an invitation can be accepted",
		set: duration(func(c *Config) *time.Duration { return &c.InvitationLifetime }, time.Minute, 365*day)},
	{Name: "trusted-proxies", Default: "", Help: "addresses or networks, with commas, whose X-Forwarded-For is believed",
		set: setTrustedProxies},
	{Name: "dns-resolver", Default: "", Help: "HOST:PORT of the DNS resolver that is asked for the records of connectors; empty for the system's",
		set: text(func(c *Config) *string { return &c.DNSResolver }, resolverOrNone)},
	{Name: "cloudflare-strict", Default: "off", Help: "refuse policies of user groups that deny in Cloudflare's API, as Cloudflare does; off takes them",
		set: onOff(func(c *Config) *bool { return &c.CloudflareStrict })},
	{Name: "exoscale-pending", Default: "0s", Help: "how long changes through Exoscale's API show as pending, to see clients wait; they are made at once",
		set: duration(func(c *Config) *time.Duration { return &c.ExoscalePending }, 0, time.Hour)},

	{Name: "log-level", Default: "info", Help: "debug, info, warn or error", set: setLogLevel},
	{Name: "log-format", Default: "auto", Help: "text, json, or auto: text on a terminal, else json", set: setLogFormat},

	{Name: "shutdown-grace", Default: "15s", Help: "how long requests under way may take to end at shutdown",
		set: duration(func(c *Config) *time.Duration { return &c.ShutdownGrace }, 0, time.Hour)},
	{Name: "max-header-bytes", Default: "32768", Help: "size of a request's headers",
		set: number(func(c *Config) *int { return &c.MaxHeaderBytes }, 4096, 1<<20)},
	{Name: "read-header-timeout", Default: "5s", Help: "time for a request's headers to arrive",
		set: duration(func(c *Config) *time.Duration { return &c.ReadHeaderTimeout }, 100*time.Millisecond, time.Hour)},
	{Name: "read-timeout", Default: "30s", Help: "time for a whole request to arrive",
		set: duration(func(c *Config) *time.Duration { return &c.ReadTimeout }, 100*time.Millisecond, time.Hour)},
	{Name: "write-timeout", Default: "30s", Help: "time for an answer to be made and taken",
		set: duration(func(c *Config) *time.Duration { return &c.WriteTimeout }, 100*time.Millisecond, time.Hour)},
	{Name: "idle-timeout", Default: "2m", Help: "how long a connection without requests stays open",
		set: duration(func(c *Config) *time.Duration { return &c.IdleTimeout }, 100*time.Millisecond, time.Hour)},
}
