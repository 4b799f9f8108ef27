package control

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
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
	words *vocabulary // that its policies are compiled with
}

// errLost is all that a node says that cannot follow the platform.
var errLost = iam.Errorf(iam.Unavailable, "this node cannot follow the platform: look at its log, or ask another node")

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
	if c.lost.Load() {
		return nil, nil, errLost
	}
	if s := l.now.Load(); s != nil {
		if s.words == c.words() {
			return l, s, nil
		}
		s, err := l.reword(c)
		return l, s, err
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
	s, err := l.read(ctx, c, records, head)
	if err != nil {
		return nil, err
	}
	l.publish(c, s)
	return s, nil
}

// read makes a snapshot of records. What cannot be read in the vocabulary that is known here is tried again in the latest.
func (l *live) read(ctx context.Context, c *Control, records []iam.Change, head store.Head) (*snapshot, error) {
	words, err := wordsAfter(iam.NewState(l.id), c.words(), records)
	if err != nil {
		return nil, err
	}
	state, err := iam.NewState(l.id).In(words.world).Apply(head.Revision, records)
	if iam.CodeOf(err) == iam.Internal && l != c.platform {
		if changed, err := c.learn(ctx, words); err != nil {
			return nil, err
		} else if changed {
			return l.read(ctx, c, records, head)
		}
	}
	if err != nil {
		return nil, err
	}
	return &snapshot{state, authz.New(state), head, words}, nil
}

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
	words := c.words()
	empty := iam.NewState(l.id).In(words.world)
	d := empty.BeginAdministration(entry.CreatedAt, system)
	if err := d.Found(entry, owner); err != nil {
		return nil, err
	}
	s := &snapshot{state: empty, index: authz.New(empty), words: words}
	return c.commit(ctx, l, s, d, systemAuthor, nil, "platform.organization.found")
}

// publish makes s the state that readers see. l.mu is held.
func (l *live) publish(c *Control, s *snapshot) {
	l.now.Store(s)
	c.verifier.notice(s.state, c.Now())
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
func (l *live) apply(c *Control, s *snapshot, commit *store.Commit) (*snapshot, error) {
	if commit.Parent != s.head.Hash || commit.Revision != s.head.Revision+1 || commit.Hash != commit.Sum() {
		return nil, iam.Errorf(iam.Internal, "revision %d of organization %s does not follow revision %d",
			commit.Revision, l.id, s.head.Revision)
	}
	words, err := wordsAfter(s.state, s.words, commit.Changes)
	if err != nil {
		return nil, err
	}
	state, err := s.state.In(words.world).Apply(commit.Revision, commit.Changes)
	if err != nil {
		return nil, err
	}
	next, err := s.after(state, commit, words)
	if err != nil {
		return nil, err
	}
	l.publish(c, next)
	return next, nil
}

// after is the snapshot that a commit leads to, with the state as the commit leaves it.
func (s *snapshot) after(state *iam.State, commit *store.Commit, words *vocabulary) (*snapshot, error) {
	head := store.Head{Revision: commit.Revision, Hash: commit.Hash}
	if words == s.words {
		return &snapshot{state, s.index.Next(state, commit.Changes), head, words}, nil
	}
	next := &snapshot{state: state, head: head}
	return next.in(words)
}

// applyLearned is apply, once more if the commit can only be understood with what the catalogue has meanwhile.
func (l *live) applyLearned(ctx context.Context, c *Control, s *snapshot, commit *store.Commit) (*snapshot, error) {
	next, err := l.apply(c, s, commit)
	if iam.CodeOf(err) != iam.Internal || l == c.platform {
		return next, err
	}
	changed, failed := c.learn(ctx, s.words)
	if failed != nil || !changed {
		return nil, err
	}
	if s, err = l.speak(c, s); err != nil {
		return nil, err
	}
	return l.apply(c, s, commit)
}

// catchUp applies every commit that the store has beyond s. l.mu is held.
func (l *live) catchUp(ctx context.Context, c *Control, s *snapshot) (*snapshot, error) {
	for commit, err := range c.Store.History(ctx, l.id, s.head.Revision+1, 0) {
		if err != nil {
			return nil, err
		}
		if s, err = l.applyLearned(ctx, c, s, commit); err != nil {
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
	if iam.CodeOf(err) != iam.Internal {
		if err == nil && l == c.platform {
			c.lost.Store(false)
		}
		return err
	}
	// A node that cannot understand a commit must not go on deciding without it.
	if l == c.platform {
		c.Log.Error("the platform cannot be followed: this node answers nothing any more", "err", err)
		c.lost.Store(true)
		return nil
	}
	c.dropLost(l, err)
	return nil
}

// dropLost forgets an organization that cannot be followed; the next touch loads it anew or fails.
func (c *Control) dropLost(l *live, err error) {
	c.Log.Error("an organization cannot be followed and is dropped from memory", "org", l.id, "err", err)
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.orgs, l.id)
}

// evict forgets organizations that nobody has asked about for a while, but for those whose domains are being verified.
// Who still holds one may finish with it: the store decides whether a commit is on the head.
func (c *Control) evict() {
	idle, verifying := c.Now().Add(-c.IdleAfter).UnixNano(), c.verifier.orgs()
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, l := range c.orgs {
		if id != iam.PlatformOrg && l.used.Load() < idle && l.now.Load() != nil && !verifying[id] {
			delete(c.orgs, id)
		}
	}
}
