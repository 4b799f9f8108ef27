package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/writ-iam/writ/internal/iam"
)

// VerifyError says that what a store holds of one organization is not what was committed.
type VerifyError struct {
	Org      iam.OrgID
	Revision iam.Revision // the first commit that is wrong; 0 when all commits are right and something else is not
	Reason   string
	Err      error // the store's error, if reading failed
}

// Error names the place and the reason.
func (e *VerifyError) Error() string {
	s := fmt.Sprintf("organization %s: commit %d: %s", e.Org, e.Revision, e.Reason)
	if e.Revision == 0 {
		s = fmt.Sprintf("organization %s: %s", e.Org, e.Reason)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the store's error.
func (e *VerifyError) Unwrap() error { return e.Err }

// Verify reads everything that s holds of one organization and checks it: the hash of each commit and the chain that
// they form up to the head; the records, which must be what the commits left; and the events of each commit, which
// must be in the audit log as they were committed. It gives the head that it checked. What is wrong is a *VerifyError;
// any other error says that the check could not be made.
//
// Others may commit meanwhile. Who can rewrite everything, hashes included, is not found out: for that, keep heads
// that Verify gave elsewhere, and compare.
func Verify(ctx context.Context, s Store, org iam.OrgID) (Head, error) {
	v := verifier{store: s, org: org, records: map[recordKey]json.RawMessage{}}
	// The events come first: those that are there now belong to commits that the head of a later Load covers.
	newest, unreadable := v.newestRevision(ctx)
	records, head, err := s.Load(ctx, org)
	if err != nil {
		return Head{}, v.unreadable(0, "the records cannot be read", err)
	}
	if err := v.commits(ctx, head); err != nil {
		return Head{}, err
	}
	if err := v.beyond(ctx, head); err != nil {
		return Head{}, err
	}
	if unreadable != nil { // not before: a commit's own event has a better name
		return Head{}, unreadable
	}
	if newest > head.Revision {
		return Head{}, v.wrong(newest, "missing, but the audit log has an event of it")
	}
	if err := v.compare(records); err != nil {
		return Head{}, err
	}
	return head, nil
}

type recordKey struct {
	kind iam.Kind
	id   iam.UUID
}

// verifier replays one organization.
type verifier struct {
	store   Store
	org     iam.OrgID
	at      Head
	records map[recordKey]json.RawMessage // as of at
}

func (v *verifier) wrong(r iam.Revision, format string, args ...any) error {
	return &VerifyError{Org: v.org, Revision: r, Reason: fmt.Sprintf(format, args...)}
}

// unreadable tells data that the store cannot make sense of, which is a finding, from a store that does not answer.
func (v *verifier) unreadable(r iam.Revision, reason string, err error) error {
	if iam.CodeOf(err) != iam.Internal {
		return err
	}
	return &VerifyError{Org: v.org, Revision: r, Reason: reason, Err: err}
}

// commits checks the chain up to the head and replays it.
func (v *verifier) commits(ctx context.Context, head Head) error {
	if head.Revision > 0 {
		for c, err := range v.store.History(ctx, v.org, 1, head.Revision) {
			if err != nil {
				return v.unreadable(v.at.Revision+1, "cannot be read", err)
			}
			if err := v.next(ctx, c); err != nil {
				return err
			}
		}
	}
	switch {
	case v.at.Revision < head.Revision:
		return v.wrong(v.at.Revision+1, "missing")
	case v.at != head:
		return v.wrong(head.Revision, "the head has another hash")
	}
	return nil
}

// next checks one commit and applies it.
func (v *verifier) next(ctx context.Context, c *Commit) error {
	want := v.at.Revision + 1
	switch {
	case c.Revision != want:
		return v.wrong(want, "missing")
	case c.Org != v.org:
		return v.wrong(want, "belongs to another organization")
	case c.Sum() != c.Hash:
		return v.wrong(want, "its content does not have its hash")
	case c.Parent != v.at.Hash:
		return v.wrong(want, "it does not follow the commit before it")
	}
	for i := range c.Events {
		if err := v.event(ctx, want, c.Events[i]); err != nil {
			return err
		}
	}
	for _, ch := range c.Changes {
		if len(ch.Data) == 0 {
			delete(v.records, recordKey{ch.Kind, ch.ID})
		} else {
			v.records[recordKey{ch.Kind, ch.ID}] = ch.Data
		}
	}
	v.at = Head{Revision: c.Revision, Hash: c.Hash}
	return nil
}

// event compares one event of a commit with the audit log.
func (v *verifier) event(ctx context.Context, r iam.Revision, want iam.Event) error {
	got, err := v.store.Event(ctx, v.org, want.ID)
	if iam.CodeOf(err) == iam.NotFound {
		return v.wrong(r, "its event %s is missing from the audit log", want.ID)
	}
	if err != nil {
		return v.unreadable(r, "its event "+want.ID.String()+" cannot be read", err)
	}
	_, a, errA := NormalEvent(want)
	_, b, errB := NormalEvent(got)
	if err := errors.Join(errA, errB); err != nil {
		return &VerifyError{Org: v.org, Revision: r, Reason: "its event cannot be compared", Err: err}
	}
	if !bytes.Equal(a, b) {
		return v.wrong(r, "its event %s is another in the audit log", want.ID)
	}
	return nil
}

// beyond looks for commits after the head, which are there if the head was set back.
func (v *verifier) beyond(ctx context.Context, head Head) error {
	for _, err := range v.store.History(ctx, v.org, head.Revision+1, math.MaxUint64) {
		if err != nil {
			return v.unreadable(head.Revision+1, "cannot be read", err)
		}
		_, now, err := v.store.Load(ctx, v.org)
		if err != nil {
			return v.unreadable(0, "the records cannot be read", err)
		}
		if now.Revision <= head.Revision { // else somebody has just committed it
			return v.wrong(head.Revision+1, "it is beyond the head")
		}
		break
	}
	return nil
}

// compare checks the records against the replay.
func (v *verifier) compare(records []iam.Change) error {
	for _, r := range records {
		want, ok := v.records[recordKey{r.Kind, r.ID}]
		if !ok {
			return v.wrong(0, "records: %s %s is in no commit, or twice", r.Kind, r.ID)
		}
		if !bytes.Equal(want, r.Data) {
			return v.wrong(0, "records: %s %s is not as it was committed", r.Kind, r.ID)
		}
		delete(v.records, recordKey{r.Kind, r.ID})
	}
	for k := range v.records {
		return v.wrong(0, "records: %s %s is missing", k.kind, k.id)
	}
	return nil
}

// newestRevision gives the highest revision that an event of the audit log claims to be of.
func (v *verifier) newestRevision(ctx context.Context) (newest iam.Revision, err error) {
	const page = 5000
	q := Query{Org: v.org, Limit: page}
	for {
		events, _, err := v.store.Events(ctx, q)
		if err != nil {
			return 0, v.unreadable(0, "the audit log cannot be read", err)
		}
		for i := range events {
			newest = max(newest, events[i].Revision)
		}
		if len(events) < page {
			return newest, nil
		}
		q.After = events[page-1].ID
	}
}
