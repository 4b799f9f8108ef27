package api

import (
	"cmp"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/writ-iam/writ/internal/iam"
)

// noLimit is what clients are told when there is no limit (section 16.8).
const noLimit = 1_000_000_000

// limiter counts the calls of each credential and session in the current minute.
type limiter struct {
	perMinute int // 0: no limit

	mu     sync.Mutex
	minute int64 // since the Unix epoch
	calls  map[iam.UUID]int
}

// standing is how much a credential has left.
type standing struct {
	limit, remaining int
	reset            int64 // Unix seconds
}

func (l *limiter) idle(now time.Time) standing {
	limit := cmp.Or(l.perMinute, noLimit)
	return standing{limit, limit, (now.Unix()/60 + 1) * 60}
}

// take counts one call; false if it is one too many.
func (l *limiter) take(id iam.UUID, now time.Time) (standing, bool) {
	s := l.idle(now)
	if l.perMinute == 0 {
		return s, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if minute := now.Unix() / 60; minute != l.minute || l.calls == nil {
		l.minute, l.calls = minute, map[iam.UUID]int{}
	}
	n := l.calls[id]
	if n < l.perMinute {
		l.calls[id] = n + 1
	}
	s.remaining = max(0, s.limit-n-1)
	return s, n < l.perMinute
}

// write sets the headers that every answer has (section 5).
func (s standing) write(v *headerValues) {
	v.set("X-Ratelimit-Limit", strconv.Itoa(s.limit))
	v.set("X-Ratelimit-Remaining", strconv.Itoa(s.remaining))
	v.set("X-Ratelimit-Reset", strconv.FormatInt(s.reset, 10))
}

// admit refuses a caller that has called too often.
func (c *call) admit() error {
	id := c.in.Actor.Credential.UUID
	if !c.in.Actor.Session.IsZero() {
		id = c.in.Actor.Session.UUID
	}
	var ok bool
	if c.standing, ok = c.limiter.take(id, c.started); ok {
		return nil
	}
	wait := max(1, int(c.standing.reset-c.started.Unix()))
	return &problem{status: http.StatusTooManyRequests, retryAfter: wait,
		err: iam.Errorf(iam.Denied, "too many requests: at most %d in a minute", c.standing.limit)}
}
