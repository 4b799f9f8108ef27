package server

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/api"
	"github.com/writ-iam/writ/internal/dialect/cloudflare"
	"github.com/writ-iam/writ/internal/dialect/exoscale"
	"github.com/writ-iam/writ/internal/dialect/scaleway"
	"github.com/writ-iam/writ/internal/dialect/vngcloud"
	"github.com/writ-iam/writ/internal/wire"
)

// Serve answers requests until ctx ends or a part of the server fails, and then ends everything in order: what is under
// way is finished, within the grace, and what is pending is written. It is called once.
//
// started, if not nil, is called beside the server once it listens. Its context ends with the server; its error ends
// the server.
func (s *Server) Serve(ctx context.Context, started func(context.Context, Addresses) error) error {
	l, err := listen(ctx, &s.cfg)
	if err != nil {
		return err
	}
	m := newMetrics(s.control, s.cfg.Version)
	h := &health{ready: s.control.Ready, log: s.cfg.Log}
	parts := []part{
		s.apiPart(l, h, m),
		s.controlPart(),
	}
	if l.metrics != nil {
		parts = append(parts, newHTTPPart("metrics", l.metrics, h.over(m.handler()), &s.cfg, nil).part())
	}
	s.announce(l)
	if started != nil {
		parts = append([]part{startedPart(started, l.addresses(&s.cfg))}, parts...)
	}
	return runAll(ctx, parts)
}

// apiPart serves clients. Before it stops, the server says that it is not ready.
func (s *Server) apiPart(l *listeners, h *health, m *metrics) part {
	handler := m.watch(h.over(s.handler()))
	p := newHTTPPart("http", l.api, handler, &s.cfg, l.tls).part()
	stop := p.stop
	p.stop = func() error {
		h.draining.Store(true)
		s.cfg.Log.Info("shutting down", "grace", s.cfg.ShutdownGrace.String())
		return stop()
	}
	return p
}

// handler is everything that clients can reach: each dialect below its own paths, and the native API everywhere else.
func (s *Server) handler() http.Handler {
	cfg := wire.Config{
		Control: s.control, Log: s.cfg.Log, Now: time.Now, PublicURL: s.cfg.PublicURL,
		Limiter: &wire.Limiter{PerMinute: s.cfg.RatePerMinute}, TrustedProxies: s.cfg.TrustedProxies,
	}
	native, asCloudflare, asScaleway, asVNGCloud := api.New(cfg), cloudflare.New(cfg, s.cfg.CloudflareStrict), scaleway.New(cfg), vngcloud.New(cfg)
	asExoscale := exoscale.New(cfg, s.cfg.ExoscalePending)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case below(cloudflare.Prefix, r):
			asCloudflare.ServeHTTP(w, r)
		case below(scaleway.Prefix, r), below(scaleway.AccountPrefix, r), r.URL.Path == scaleway.Metadata:
			asScaleway.ServeHTTP(w, r)
		case below(vngcloud.PoliciesPrefix, r), below(vngcloud.AccountsPrefix, r):
			asVNGCloud.ServeHTTP(w, r)
		case below(exoscale.Prefix, r):
			asExoscale.ServeHTTP(w, r)
		default:
			native.ServeHTTP(w, r)
		}
	})
}

// below tells whether a request is for a prefix or something below it.
func below(prefix string, r *http.Request) bool {
	rest, ok := strings.CutPrefix(r.URL.Path, prefix)
	return ok && (rest == "" || rest[0] == '/')
}

// controlPart does control's background work; stopped, it writes what is pending.
func (s *Server) controlPart() part {
	ctx, cancel := context.WithCancel(context.Background())
	return part{
		name: "control",
		run:  func() error { return s.control.Run(ctx) },
		stop: func() error { cancel(); return nil },
	}
}

func startedPart(started func(context.Context, Addresses) error, at Addresses) part {
	ctx, cancel := context.WithCancel(context.Background())
	return part{
		name: "start",
		run: func() error {
			if err := started(ctx, at); ctx.Err() == nil {
				return err
			}
			return nil // whatever it was, the end came first
		},
		stop: func() error { cancel(); return nil },
	}
}

// announce logs, once, what has started.
func (s *Server) announce(l *listeners) {
	a := l.addresses(&s.cfg)
	log := s.cfg.Log
	log.Info("serving", "url", a.URL, "listen", a.Listen, "metrics", a.Metrics, "data", s.cfg.Data, "version", s.cfg.Version)
	if !loopback(l.api) && l.tls == nil {
		log.Warn("others than this machine can connect, and without TLS they send their tokens in the clear: "+
			"set --tls-cert and --tls-key, or put a TLS proxy in front and listen on loopback", "listen", a.Listen)
	}
}
