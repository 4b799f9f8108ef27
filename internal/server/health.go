package server

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"
)

// health answers whether the process lives and whether it can serve.
type health struct {
	ready    func(context.Context) error
	log      *slog.Logger
	draining atomic.Bool // set at shutdown
}

// readyWithin bounds the check, so that a store that hangs is found out.
const readyWithin = 2 * time.Second

// The paths of health, on both listeners.
const (
	livePath  = "/healthz"
	readyPath = "/readyz"
)

// over answers the paths of health itself, and leaves all others to next.
func (h *health) over(next http.Handler) http.Handler {
	// No http.ServeMux: it would redirect paths that are not clean, and whatever is not ours is next's to answer.
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case livePath:
			say(w, http.StatusOK, "alive")
		case readyPath:
			h.readiness(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func (h *health) readiness(w http.ResponseWriter, r *http.Request) {
	if h.draining.Load() {
		say(w, http.StatusServiceUnavailable, "shutting down")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
	defer cancel()
	if err := h.ready(ctx); err != nil {
		h.log.Warn("not ready", "err", err)
		say(w, http.StatusServiceUnavailable, "the store does not answer")
		return
	}
	say(w, http.StatusOK, "ready")
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // whoever asked has gone
}
