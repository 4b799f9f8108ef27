package control

import (
	"context"
	"sync"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// maxPending is how many events may wait to be written. Beyond it the call that adds one writes them itself.
const maxPending = 1024

// recorder writes the events that belong to no commit, several at a time.
type recorder struct {
	store store.Store

	mu      sync.Mutex
	pending []iam.Event

	writing sync.Mutex // one flush at a time, so that order and the wait of a reader hold
}

func (r *recorder) add(e iam.Event) {
	r.mu.Lock()
	r.pending = append(r.pending, e)
	r.mu.Unlock()
}

// full flushes when too many events wait. Its error means that they cannot be written.
func (r *recorder) full(ctx context.Context) error {
	r.mu.Lock()
	n := len(r.pending)
	r.mu.Unlock()
	if n < maxPending {
		return nil
	}
	return r.flush(ctx)
}

// flush writes all events that were added before it was called. What cannot be written stays pending.
func (r *recorder) flush(ctx context.Context) error {
	r.writing.Lock()
	defer r.writing.Unlock()
	r.mu.Lock()
	batch := r.pending
	r.pending = nil
	r.mu.Unlock()
	if len(batch) == 0 {
		return nil
	}
	err := r.store.Append(ctx, batch)
	if err != nil {
		r.mu.Lock()
		r.pending = append(batch, r.pending...)
		r.mu.Unlock()
	}
	return err
}

// EventQuery selects events.
type EventQuery = store.Query

// Events gives one page of the audit log of the call's organization, newest first unless asked otherwise, and the number of all that match.
// What happened before the call is in it. Org in the query is ignored.
func (p *Permit) Events(ctx context.Context, q EventQuery) ([]iam.Event, int, error) {
	if err := p.c.events.flush(ctx); err != nil {
		return nil, 0, err
	}
	q.Org = p.Target.Org
	return p.c.Store.Events(ctx, q)
}

// Event gives one entry of the audit log of the call's organization.
func (p *Permit) Event(ctx context.Context, id iam.EventID) (iam.Event, error) {
	if err := p.c.events.flush(ctx); err != nil {
		return iam.Event{}, err
	}
	return p.c.Store.Event(ctx, p.Target.Org, id)
}
