package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/writ-iam/writ/internal/config"
)

// Addresses is where a server can be reached.
type Addresses struct {
	URL     string // for clients
	Local   string // for this machine
	Listen  string // host:port, with the real port
	Metrics string // host:port; "" if off
}

// listeners are open before anything is served, so that a port that is taken fails the start.
type listeners struct {
	api, metrics net.Listener // metrics is nil if off
	tls          *tls.Config  // nil without TLS
}

func listen(ctx context.Context, cfg *Config) (*listeners, error) {
	var l listeners
	var err error
	if l.tls, err = tlsConfig(cfg); err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	if l.api, err = lc.Listen(ctx, "tcp", cfg.Listen); err != nil {
		return nil, fmt.Errorf("%w (choose another address with --listen)", err)
	}
	if cfg.MetricsListen == "" {
		return &l, nil
	}
	if l.metrics, err = lc.Listen(ctx, "tcp", cfg.MetricsListen); err != nil {
		return nil, errors.Join(fmt.Errorf("metrics: %w (choose another address with --metrics-listen, or '' for none)", err), l.api.Close())
	}
	return &l, nil
}

func tlsConfig(cfg *Config) (*tls.Config, error) {
	if !cfg.TLS() {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(cfg.TLSCert, cfg.TLSKey)
	if err != nil {
		return nil, fmt.Errorf("the TLS certificate (--tls-cert, --tls-key): %w", err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}, nil
}

func (l *listeners) addresses(cfg *Config) Addresses {
	a := Addresses{Listen: l.api.Addr().String()}
	a.Local = localURL(&cfg.Config, a.Listen)
	a.URL = urlOf(&cfg.Config, a.Listen)
	if l.metrics != nil {
		a.Metrics = l.metrics.Addr().String()
	}
	return a
}

// urlOf gives the URL for clients of a server that listens at an address; "" if the port is not known yet.
func urlOf(cfg *config.Config, address string) string {
	if cfg.PublicURL != "" {
		return cfg.PublicURL
	}
	return localURL(cfg, address)
}

func localURL(cfg *config.Config, address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port == "0" {
		return ""
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	scheme := "http"
	if cfg.TLS() {
		scheme = "https"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// loopback reports whether only this machine can reach a listener.
func loopback(l net.Listener) bool {
	a, err := netip.ParseAddrPort(l.Addr().String())
	return err == nil && a.Addr().IsLoopback()
}
