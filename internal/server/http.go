package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/writ-iam/writ/internal/config"
)

// httpPart serves HTTP on one listener, as a part of the run group.
type httpPart struct {
	name     string
	listener net.Listener
	server   *http.Server
	grace    time.Duration
	busy     atomic.Int64 // requests being answered
	cut      context.CancelFunc
}

func newHTTPPart(name string, l net.Listener, handler http.Handler, cfg *Config, secure *tls.Config) *httpPart {
	base, cut := context.WithCancel(context.Background())
	p := &httpPart{name: name, listener: l, grace: cfg.ShutdownGrace, cut: cut}
	counted := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.busy.Add(1)
		defer p.busy.Add(-1)
		handler.ServeHTTP(w, r)
	})
	p.server = newHTTPServer(counted, &cfg.Config, cfg.Log)
	p.server.TLSConfig = secure
	p.server.BaseContext = func(net.Listener) context.Context { return base }
	return p
}

// newHTTPServer makes a server that bounds what a client can hold of it. HTTP/2 is spoken over TLS and, to clients that
// know of it beforehand, without.
func newHTTPServer(h http.Handler, cfg *config.Config, log *slog.Logger) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler: h, Protocols: protocols,
		ReadHeaderTimeout: cfg.ReadHeaderTimeout, ReadTimeout: cfg.ReadTimeout, WriteTimeout: cfg.WriteTimeout,
		IdleTimeout: cfg.IdleTimeout, MaxHeaderBytes: cfg.MaxHeaderBytes,
		// What clients do wrong, as in a TLS handshake, is no concern of the operator's.
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

func (p *httpPart) part() part { return part{p.name, p.run, p.stop} }

func (p *httpPart) run() error {
	var err error
	if p.server.TLSConfig != nil {
		err = p.server.ServeTLS(p.listener, "", "")
	} else {
		err = p.server.Serve(p.listener)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// stop closes the listener and waits for the requests under way; those that take longer than the grace are cut off.
func (p *httpPart) stop() error {
	defer p.cut()
	ctx, cancel := context.WithTimeout(context.Background(), p.grace)
	defer cancel()
	err := p.server.Shutdown(ctx)
	if !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	n := p.busy.Load()
	p.cut()
	err = p.server.Close()
	p.settle()
	if n == 0 {
		return err // only connections that had not asked for anything
	}
	return errors.Join(fmt.Errorf("%d requests were cut off, %s after the shutdown began", n, p.grace), err)
}

// settleFor is how long handlers may take to notice that they were cut off.
const settleFor = time.Second

// settle waits for handlers that were cut off, so that they have a store to the end and their events are written.
func (p *httpPart) settle() {
	for end := time.Now().Add(settleFor); p.busy.Load() > 0 && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
	}
}
