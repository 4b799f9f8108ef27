package wire

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
)

// TestPanic holds that a panic is an internal error of which the client learns nothing.
func TestPanic(t *testing.T) {
	var log bytes.Buffer
	now := func() time.Time { return time.Unix(1_770_000_000, 0) }
	c := &control.Control{Config: control.Config{Now: now, Random: zeros{}}}
	refuse := func(_ *Call, _ http.Header, err error) *Answer {
		return &Answer{Status: 500, Body: map[string]string{"code": string(iam.CodeOf(err)), "text": control.PublicMessage(err)}}
	}
	h := New(Config{Control: c, Log: slog.New(slog.NewTextHandler(&log, nil)), Now: now}, Dialect{Refuse: refuse},
		[]Route{{Method: "GET", Pattern: "/boom", Handle: func(*Call) (*Answer, error) { panic("the cause") }}})
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("GET", "/boom", nil))
	if rec.Code != 500 || strings.Contains(rec.Body.String(), "the cause") || !strings.Contains(rec.Body.String(), `"code":"internal"`) {
		t.Errorf("status %d: %s", rec.Code, rec.Body)
	}
	if id := rec.Header().Get("X-Request-Id"); !strings.Contains(log.String(), "the cause") || !strings.Contains(log.String(), id) {
		t.Errorf("the log does not say what happened to %s: %s", id, &log)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
