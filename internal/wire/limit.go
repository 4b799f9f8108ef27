package wire

import (
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
)

// noLimit is what clients are told when there is no limit (bycloud.md, section 16.8).
const noLimit = 1_000_000_000

// SignInsPerMinute is how many attempts to sign in may come from an address in a minute, whether or not there is a limit for
// credentials: what is tried is passwords.
const SignInsPerMinute = 60

// Limiter counts the calls of each credential and session in the current minute, and the attempts of each address to sign in.
type Limiter struct {
	// PerMinute is how many calls a credential may make in a minute; 0 switches the limit off. It does not change.
	PerMinute int

	mu     sync.Mutex
	minute int64 // since the Unix epoch
	calls  map[caller]int
}

// caller is a credential or session, or an address of somebody who has none.
type caller struct {
	id   iam.UUID
	from netip.Prefix
}

// maxCallers bounds what is counted in a minute. Beyond it, counting begins anew: addresses cost nothing.
const maxCallers = 100_000

// Standing is how much a credential or address has left.
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
func (l *Limiter) take(who caller, limit int, now time.Time) (Standing, bool) {
	s := Standing{limit, limit, (now.Unix()/60 + 1) * 60}
	if limit == noLimit {
		return s, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if minute := now.Unix() / 60; minute != l.minute || l.calls == nil || len(l.calls) >= maxCallers {
		l.minute, l.calls = minute, map[caller]int{}
	}
	n := l.calls[who]
	if n < limit {
		l.calls[who] = n + 1
	}
	s.Remaining = max(0, limit-n-1)
	return s, n < limit
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
	return c.count(caller{id: id}, c.Standing.Limit)
}

func (c *Call) count(who caller, limit int) error {
	var ok bool
	if c.Standing, ok = c.Limiter.take(who, limit, c.Started); ok {
		return nil
	}
	wait := max(1, int(c.Standing.Reset-c.Started.Unix()))
	return &Problem{Status: http.StatusTooManyRequests, RetryAfter: wait,
		Err: iam.Errorf(iam.Denied, "too many requests: at most %d in a minute", c.Standing.Limit)}
}

// Stranger is the call of somebody who is about to prove who they are, on a route that has no operation. It refuses one from whose
// Network too many such calls came.
func (c *Call) Stranger() (*control.Call, error) {
	c.arrive()
	return &c.In, c.count(caller{from: c.Network()}, min(c.Standing.Limit, SignInsPerMinute))
}
