package api

import (
	"bytes"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/control"
)

// TestPanic holds that a panic is an internal error of which the client learns nothing.
func TestPanic(t *testing.T) {
	var log bytes.Buffer
	now := func() time.Time { return time.Unix(1_770_000_000, 0) }
	c := &control.Control{Config: control.Config{Now: now, Random: zeros{}}}
	a := &api{Config: Config{Control: c, Log: slog.New(slog.NewTextHandler(&log, nil)), Now: now}}
	rec := httptest.NewRecorder()
	a.serve(rec, httptest.NewRequest("GET", "/", nil), &Route{Pattern: "/boom", handle: func(*call) (*answer, error) { panic("the cause") }})
	if rec.Code != 500 || strings.Contains(rec.Body.String(), "the cause") || !strings.Contains(rec.Body.String(), `"code":500`) {
		t.Errorf("status %d: %s", rec.Code, rec.Body)
	}
	if id := rec.Header().Get("X-Request-Id"); !strings.Contains(log.String(), "the cause") || !strings.Contains(log.String(), id) {
		t.Errorf("the log does not say what happened to %s: %s", id, &log)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
