package wire

import (
	"net/http"
	"sync"
	"time"

	"github.com/writ-iam/writ/internal/iam"
)

// noLimit is what clients are told when there is no limit (bycloud.md, section 16.8).
const noLimit = 1_000_000_000

// Limiter counts the calls of each credential and session in the current minute.
type Limiter struct {
	// PerMinute is how many calls a credential may make in a minute; 0 switches the limit off. It does not change.
	PerMinute int

	mu     sync.Mutex
	minute int64 // since the Unix epoch
	calls  map[iam.UUID]int
}

// Standing is how much a credential has left.
type Standing struct {
	Limit, Remaining int
	Reset            int64 // Unix seconds
}

func (l *Limiter) idle(now time.Time) Standing {
	limit := l.PerMinute
	if limit == 0 {
		limit = noLimit
	}
	return Standing{limit, limit, (now.Unix()/60 + 1) * 60}
}

// take counts one call; false if it is one too many.
func (l *Limiter) take(id iam.UUID, now time.Time) (Standing, bool) {
	s := l.idle(now)
	if l.PerMinute == 0 {
		return s, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if minute := now.Unix() / 60; minute != l.minute || l.calls == nil {
		l.minute, l.calls = minute, map[iam.UUID]int{}
	}
	n := l.calls[id]
	if n < l.PerMinute {
		l.calls[id] = n + 1
	}
	s.Remaining = max(0, s.Limit-n-1)
	return s, n < l.PerMinute
}

// admit refuses a caller that has called too often.
func (c *Call) admit() error {
	id := c.In.Actor.Credential.UUID
	switch { // a session that was made with a credential counts as that
	case !c.In.Actor.Session.IsZero():
		id = c.In.Actor.Session.UUID
	case id.IsZero() && !c.In.Actor.UserSession.IsZero():
		id = c.In.Actor.UserSession.UUID
	case id.IsZero(): // whoever acts as somebody else counts as them
		id = c.In.Actor.Principal.ID
	}
	var ok bool
	if c.Standing, ok = c.Limiter.take(id, c.Started); ok {
		return nil
	}
	wait := max(1, int(c.Standing.Reset-c.Started.Unix()))
	return &Problem{Status: http.StatusTooManyRequests, RetryAfter: wait,
		Err: iam.Errorf(iam.Denied, "too many requests: at most %d in a minute", c.Standing.Limit)}
}
