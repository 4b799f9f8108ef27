package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
)

// BenchmarkStart is from an empty folder to a server that is ready: init, open, serve until /readyz says so.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		cfg := settings(b, nil)
		if err := Init(b.Context(), cfg, nil); err != nil {
			b.Fatal(err)
		}
		if err := serveUntilReady(b.Context(), cfg); err != nil {
			b.Fatal(err)
		}
	}
}

func serveUntilReady(ctx context.Context, cfg Config) (err error) {
	s, err := Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	ctx, stop := context.WithCancel(ctx)
	return s.Serve(ctx, func(_ context.Context, at Addresses) error {
		defer stop()
		res, err := http.Get(at.Local + "/readyz")
		if err != nil {
			return err
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("not ready: %s", res.Status)
		}
		return nil
	})
}
