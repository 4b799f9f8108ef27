package config

import (
	"log/slog"
	"net/netip"
	"path/filepath"
	"time"
)

// Config is what is in force. Load makes it; all its values are checked and have their defaults.
type Config struct {
	Data          string // folder
	EnvFile       string // variables for clients
	MasterKeyFile string

	Listen        string // host:port
	MetricsListen string // host:port; "" is off
	PublicURL     string // how clients reach the server, without a slash at the end; "" if it is the listen address
	TLSCert       string // files; both or none
	TLSKey        string

	Issuer             string // "" is the one recorded when the installation was made
	RatePerMinute      int    // of calls of one caller; 0 is no limit
	InviteUnknown      bool
	InvitationLifetime time.Duration
	TrustedProxies     []netip.Prefix
	DNSResolver        string // host:port; "" is the system's
	ExoscalePending    time.Duration
	CloudflareStrict   bool

	LogLevel  slog.Level
	LogFormat LogFormat

	ShutdownGrace     time.Duration
	MaxHeaderBytes    int
	ReadHeaderTimeout time.Duration
	ReadTimeout       time.Duration
	WriteTimeout      time.Duration
	IdleTimeout       time.Duration
}

// LogFormat is how log lines look.
type LogFormat string

// The log formats.
const (
	LogAuto LogFormat = "auto" // LogText on a terminal, else LogJSON
	LogText LogFormat = "text"
	LogJSON LogFormat = "json"
)

// StoreFile is the database.
func (c *Config) StoreFile() string { return filepath.Join(c.Data, "writ.db") }

// IssuerFile records the issuer of the installation's tokens.
func (c *Config) IssuerFile() string { return filepath.Join(c.Data, "issuer") }

// TLS reports whether the server speaks TLS itself.
func (c *Config) TLS() bool { return c.TLSCert != "" }
