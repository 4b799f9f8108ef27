package wire

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/iam"
)

// TestStranger: attempts to sign in are counted by address, whether or not calls are limited otherwise.
func TestStranger(t *testing.T) {
	now := time.Unix(1_770_000_000, 0)
	l := &Limiter{}
	try := func(from string) error {
		r := httptest.NewRequest("POST", "/", nil)
		r.RemoteAddr = from
		c := &Call{Config: &Config{Limiter: l}, R: r, ID: "req-1", Started: now}
		c.Standing = l.idle(now)
		in, err := c.Stranger()
		if in.RequestID != "req-1" || c.Standing.Limit > SignInsPerMinute {
			t.Errorf("%s: %+v, %+v", from, in, c.Standing)
		}
		return err
	}
	full := func(from string) {
		t.Helper()
		err := try(from)
		p, ok := errors.AsType[*Problem](err)
		if !ok || p.Status != http.StatusTooManyRequests || p.RetryAfter < 1 || iam.CodeOf(err) != iam.Denied {
			t.Errorf("%s: %v", from, err)
		}
	}
	for range SignInsPerMinute {
		if err := try("192.0.2.1:1000"); err != nil {
			t.Fatal(err)
		}
	}
	full("192.0.2.1:1000")
	full("192.0.2.1:2000")
	full("[::ffff:192.0.2.1]:1000")
	for _, other := range []string{"192.0.2.2:1000", "[2001:db8::1]:1000", "nobody knows"} {
		if err := try(other); err != nil {
			t.Errorf("%s: %v", other, err)
		}
	}
	for i := range SignInsPerMinute - 1 {
		if err := try("[2001:db8::" + string(rune('a'+i%6)) + "]:1000"); err != nil {
			t.Fatal(err)
		}
	}
	full("[2001:db8::ffff:ffff]:1000")
	if err := try("[2001:db8:0:1::1]:1000"); err != nil {
		t.Error(err)
	}
	now = now.Add(time.Minute)
	if err := try("192.0.2.1:1000"); err != nil {
		t.Errorf("a minute later: %v", err)
	}
	l = &Limiter{PerMinute: 2}
	for range 2 {
		if err := try("192.0.2.1:1000"); err != nil {
			t.Error(err)
		}
	}
	full("192.0.2.1:1000")
}

// TestLimiterIsBounded: nobody fills the memory with addresses.
func TestLimiterIsBounded(t *testing.T) {
	l, now := &Limiter{}, time.Unix(1_770_000_000, 0)
	for i := range maxCallers + 10 {
		l.take(caller{id: iam.UUID{byte(i), byte(i >> 8), byte(i >> 16)}}, SignInsPerMinute, now)
	}
	if len(l.calls) > maxCallers {
		t.Errorf("%d are counted", len(l.calls))
	}
}
