package control

import (
	"context"
	"sync"
	"time"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// useEvery is how exact last use is (bycloud.md, 16.2).
const useEvery = time.Minute

// useLog holds the last uses of credentials and sessions that are not recorded yet: one commit for many calls.
type useLog struct {
	mu sync.RWMutex
	m  map[iam.OrgID]map[iam.UUID]time.Time
}

// note remembers a use, unless one within the last minute is known.
func (l *useLog) note(s *snapshot, id iam.UUID, now time.Time) {
	if at, ok := s.state.LastUsed(id); ok && now.Sub(at) < useEvery {
		return
	}
	org := s.state.ID()
	if at, ok := l.get(org, id); ok && now.Sub(at) < useEvery {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.m == nil {
		l.m = map[iam.OrgID]map[iam.UUID]time.Time{}
	}
	if l.m[org] == nil {
		l.m[org] = map[iam.UUID]time.Time{}
	}
	l.m[org][id] = now
}

func (l *useLog) get(org iam.OrgID, id iam.UUID) (time.Time, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	at, ok := l.m[org][id]
	return at, ok
}

// take empties the log.
func (l *useLog) take() map[iam.OrgID]map[iam.UUID]time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	m := l.m
	l.m = nil
	return m
}

// recordUses commits the pending uses. They are not worth keeping if that fails: the next use is noted again.
func (c *Control) recordUses(ctx context.Context) {
	for org, uses := range c.uses.take() {
		list := make([]iam.Use, 0, len(uses))
		for id, at := range uses {
			list = append(list, iam.Use{ID: id, At: at})
		}
		err := c.maintain(ctx, org, "system.use.record", func(d *iam.Draft) error {
			d.Touch(list)
			return nil
		})
		if err != nil {
			c.Log.Warn("recording last use", "org", org, "err", err)
		}
	}
}

// prune removes what has ended long ago.
func (c *Control) prune(ctx context.Context) {
	c.mu.Lock()
	var ids []iam.OrgID
	for id := range c.orgs {
		ids = append(ids, id)
	}
	c.mu.Unlock()
	for _, id := range ids {
		err := c.maintain(ctx, id, "system.session.prune", func(d *iam.Draft) error {
			d.Prune()
			return nil
		})
		if err != nil {
			c.Log.Warn("removing ended sessions", "org", id, "err", err)
		}
	}
}

// maintain makes a commit of writ's own. It changes no right and nothing that anybody wrote, so no event tells of it
// and a suspension does not stop it.
func (c *Control) maintain(ctx context.Context, org iam.OrgID, cause string, change func(*iam.Draft) error) error {
	return c.administer(ctx, org, cause, nil, change)
}

// administer makes a commit of writ's own with its event, if there is one to tell of it.
func (c *Control) administer(ctx context.Context, org iam.OrgID, cause string, event *iam.Event, change func(*iam.Draft) error) error {
	_, err := c.amend(ctx, org, amendment{system, systemAuthor, cause, event}, change)
	return err
}

// amendment says of a commit that no permit stands behind who makes it, and why.
type amendment struct {
	by     iam.Principal
	author store.Author
	cause  string
	event  *iam.Event // nil: none tells of it
}

// amend makes a commit and gives the snapshot after it; nothing is committed, and no event tells of it, when nothing changes.
func (c *Control) amend(ctx context.Context, org iam.OrgID, a amendment, change func(*iam.Draft) error) (*snapshot, error) {
	l, _, err := c.org(ctx, org)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	base := l.now.Load()
	for attempt := range maxDrafts {
		d := base.state.BeginAdministration(c.Now(), a.by)
		if err := change(d); err != nil {
			return nil, err
		}
		if d.Empty() {
			return base, nil
		}
		if a.event != nil {
			a.event.Revision = base.head.Revision + 1
		}
		next, err := c.commit(ctx, l, base, d, a.author, a.event, a.cause)
		if iam.CodeOf(err) != iam.Conflict {
			return next, err
		}
		if base, err = c.afterConflict(ctx, l, base, attempt); err != nil {
			return nil, err
		}
	}
	return nil, iam.Errorf(iam.Unavailable, "the organization is changing too fast")
}
