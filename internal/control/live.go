package control

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/store"
	"github.com/writ-iam/writ/internal/world"
)

// live is one organization in memory.
type live struct {
	id   iam.OrgID
	used atomic.Int64             // Unix nanoseconds of the last touch
	now  atomic.Pointer[snapshot] // nil until loaded; readers use it without locks

	mu       sync.Mutex    // serializes writers: loading, drafts, catching up
	advanced chan struct{} // closed when now changes; guarded by mu
}

// snapshot is an organization at one revision.
type snapshot struct {
	state *iam.State
	index *authz.Index
	head  store.Head
}

// org finds an organization and loads it at first touch. NotFound if there is none; nothing is kept of it then.
func (c *Control) org(ctx context.Context, id iam.OrgID) (*live, *snapshot, error) {
	c.mu.Lock()
	l := c.orgs[id]
	if l == nil {
		l = &live{id: id}
		c.orgs[id] = l // before loading: what commits meanwhile is caught up by follow
	}
	c.mu.Unlock()

	l.used.Store(c.Now().UnixNano())
	if s := l.now.Load(); s != nil {
		return l, s, nil
	}
	s, err := l.load(ctx, c)
	if err != nil {
		c.mu.Lock()
		if c.orgs[id] == l && l.now.Load() == nil && id != iam.PlatformOrg {
			delete(c.orgs, id)
		}
		c.mu.Unlock()
		return nil, nil, err
	}
	return l, s, nil
}

// load reads the organization from the store, unless somebody else did so meanwhile. An organization that is in the
// directory but has no commit yet is founded: its creation was cut short.
func (l *live) load(ctx context.Context, c *Control) (*snapshot, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.now.Load(); s != nil {
		return s, nil
	}
	records, head, err := c.Store.Load(ctx, l.id)
	if err != nil {
		return nil, fmt.Errorf("loading organization %s: %w", l.id, err)
	}
	if head.Revision == 0 {
		return l.found(ctx, c)
	}
	state, err := iam.NewState(l.id).In(builtin()).Apply(head.Revision, records)
	if err != nil {
		return nil, err
	}
	s := &snapshot{state, authz.New(state), head}
	l.publish(s)
	return s, nil
}

// builtin is the world that organizations' policies are read in: the catalogue that writ comes with.
var builtin = sync.OnceValue(func() policy.World { return world.Of(catalog.Builtin()) })

// found makes the first commit of an organization that the directory lists. l.mu is held.
func (l *live) found(ctx context.Context, c *Control) (*snapshot, error) {
	missing := iam.Errorf(iam.NotFound, "organization %s does not exist", l.id)
	if l.id == iam.PlatformOrg {
		return nil, missing
	}
	platform := c.platform.now.Load().state
	entry, err := platform.Directory(l.id)
	if err != nil {
		return nil, missing
	}
	owner, err := platform.Person(entry.Person)
	if err != nil {
		return nil, err
	}
	empty := iam.NewState(l.id).In(builtin())
	d := empty.BeginAdministration(entry.CreatedAt, system)
	if err := d.Found(entry, owner); err != nil {
		return nil, err
	}
	s := &snapshot{state: empty, index: authz.New(empty)}
	return c.commit(ctx, l, s, d, systemAuthor, nil, "platform.organization.found")
}

// publish makes s the state that readers see. l.mu is held.
func (l *live) publish(s *snapshot) {
	l.now.Store(s)
	if l.advanced != nil {
		close(l.advanced)
		l.advanced = nil
	}
}

// wait returns the first snapshot that is at least at a revision, or Unavailable when it does not come in time: the
// node is behind.
func (l *live) wait(ctx context.Context, at iam.Revision) (*snapshot, error) {
	for {
		l.mu.Lock()
		s := l.now.Load()
		if s.head.Revision >= at {
			l.mu.Unlock()
			return s, nil
		}
		if l.advanced == nil {
			l.advanced = make(chan struct{})
		}
		advanced := l.advanced
		l.mu.Unlock()
		select {
		case <-advanced:
		case <-ctx.Done():
			return nil, iam.Errorf(iam.Unavailable, "this node is at revision %d and has not seen revision %d yet", s.head.Revision, at)
		}
	}
}

// apply brings a commit of another node into memory. l.mu is held.
func (l *live) apply(s *snapshot, commit *store.Commit) (*snapshot, error) {
	if commit.Parent != s.head.Hash || commit.Revision != s.head.Revision+1 || commit.Hash != commit.Sum() {
		return nil, iam.Errorf(iam.Internal, "revision %d of organization %s does not follow revision %d",
			commit.Revision, l.id, s.head.Revision)
	}
	state, err := s.state.Apply(commit.Revision, commit.Changes)
	if err != nil {
		return nil, err
	}
	next := &snapshot{state, s.index.Next(state, commit.Changes), store.Head{Revision: commit.Revision, Hash: commit.Hash}}
	l.publish(next)
	return next, nil
}

// catchUp applies every commit that the store has beyond s. l.mu is held.
func (l *live) catchUp(ctx context.Context, c *Control, s *snapshot) (*snapshot, error) {
	for commit, err := range c.Store.History(ctx, l.id, s.head.Revision+1, 0) {
		if err != nil {
			return nil, err
		}
		if s, err = l.apply(s, commit); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// follow applies the commits of other nodes to the organizations in memory. After a failure it goes on from the last
// commit that it has seen.
func (c *Control) follow(ctx context.Context) {
	after := c.cursor
	for ctx.Err() == nil {
		for entry, err := range c.Store.Follow(ctx, after) {
			if err == nil {
				err = c.see(ctx, entry.Commit)
			}
			if err != nil {
				if ctx.Err() == nil {
					c.Log.Error("following the commit feed", "err", err)
				}
				break
			}
			after = entry.Cursor
		}
		select {
		case <-ctx.Done():
		case <-time.After(followBackoff):
		}
	}
}

// see takes note of one commit in the feed.
func (c *Control) see(ctx context.Context, commit *store.Commit) error {
	c.mu.Lock()
	l := c.orgs[commit.Org]
	c.mu.Unlock()
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.now.Load()
	if s == nil || s.head.Revision >= commit.Revision {
		return nil // being loaded right now, or our own
	}
	_, err := l.catchUp(ctx, c, s)
	if iam.CodeOf(err) == iam.Internal {
		// A node that cannot understand a commit must not go on deciding without it: the organization is dropped, and
		// the next touch loads it anew or fails.
		c.Log.Error("an organization cannot be followed and is dropped from memory", "org", l.id, "err", err)
		c.mu.Lock()
		delete(c.orgs, l.id)
		c.mu.Unlock()
		return nil
	}
	return err
}

// evict forgets organizations that nobody has asked about for a while. Who still holds one may finish with it: the
// store decides whether a commit is on the head.
func (c *Control) evict() {
	idle := c.Now().Add(-c.IdleAfter).UnixNano()
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, l := range c.orgs {
		if id != iam.PlatformOrg && l.used.Load() < idle && l.now.Load() != nil {
			delete(c.orgs, id)
		}
	}
}
