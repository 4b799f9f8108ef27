package control

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"time"

	"github.com/writ-iam/writ/internal/iam"
)

// How the TXT records of pending connectors are looked for.
const (
	lookupDeadline = 5 * time.Second
	maxLookups     = 8           // at once, of all organizations
	firstPause     = time.Second // between two lookups of one connector; doubled each time
	longestPause   = 5 * time.Minute
	longestNap     = time.Minute // clocks may be set
)

// codes is the number of different codes: 12 digits.
var codes = big.NewInt(1_000_000_000_000)

// NewConnectorCode makes the code of a new connector. Like ids, codes are made before a draft, which may run more than once.
func (c *Control) NewConnectorCode() string {
	n, err := rand.Int(c.Random, codes)
	if err != nil {
		panic("control: no randomness: " + err.Error()) // see NewID
	}
	return fmt.Sprintf("%s%012d", iam.ConnectorCodePrefix, n)
}

// verifier remembers which connectors of the organizations in memory are pending, and when each is looked up next.
type verifier struct {
	mu      sync.Mutex
	watched map[watch]*lookup
	wake    chan struct{} // tells Run that there may be something to do
}

type watch struct {
	org iam.OrgID
	id  iam.ConnectorID
}

// lookup is where the search for one connector's record stands.
type lookup struct {
	since   time.Time // the PendingSince of the search
	next    time.Time
	made    int  // lookups without success
	running bool // one is being made
}

func newVerifier() *verifier {
	return &verifier{watched: map[watch]*lookup{}, wake: make(chan struct{}, 1)}
}

// notice takes note of an organization's pending connectors, which are looked up at once if they are new. It is called with every
// state that readers are about to see.
func (v *verifier) notice(s *iam.State, now time.Time) {
	if s.Connectors().Len() == 0 || s.Organization().Suspended {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for k := range s.Connectors().All() {
		if k.Status != iam.ConnectorPending {
			continue
		}
		w := watch{s.ID(), k.ID}
		l := v.watched[w]
		switch {
		case l == nil:
			v.watched[w] = &lookup{since: k.PendingSince, next: now}
		case !l.since.Equal(k.PendingSince): // begun anew
			l.since, l.next, l.made = k.PendingSince, now, 0
		default:
			continue
		}
		v.rouse()
	}
}

// orgs are the organizations that have connectors to look for.
func (v *verifier) orgs() map[iam.OrgID]bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	out := map[iam.OrgID]bool{}
	for w := range v.watched {
		out[w.org] = true
	}
	return out
}

// rouse makes Run look again.
func (v *verifier) rouse() {
	select {
	case v.wake <- struct{}{}:
	default: // it has been told already
	}
}

// take gives the connectors that are due, those that wait longest first and no more than there is room for, as running. nap is how long
// nothing else is due.
func (v *verifier) take(now time.Time) (due []watch, nap time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	running := 0
	for w, l := range v.watched {
		switch {
		case l.running:
			running++
		case !l.next.After(now):
			due = append(due, w)
		}
	}
	slices.SortFunc(due, func(a, b watch) int {
		return cmp.Or(v.watched[a].next.Compare(v.watched[b].next), a.org.Compare(b.org.UUID), a.id.Compare(b.id.UUID))
	})
	due = due[:min(len(due), maxLookups-running)]
	for _, w := range due {
		v.watched[w].running = true
	}
	nap = longestNap
	for _, l := range v.watched {
		if !l.running && l.next.After(now) { // what is due and finds no room waits for one to end, which rouses
			nap = min(nap, l.next.Sub(now))
		}
	}
	return due, nap
}

// again puts a connector back, to be looked up after a pause.
func (v *verifier) again(w watch, now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	defer v.rouse()
	l := v.watched[w]
	l.running, l.next = false, now.Add(pauseAfter(l.made))
	l.made++
	if end := l.since.Add(iam.VerificationLasts); end.After(now) && l.next.After(end) {
		l.next = end // when the failure is recorded
	}
}

// forget ends the search for a connector.
func (v *verifier) forget(w watch) {
	v.mu.Lock()
	defer v.mu.Unlock()
	defer v.rouse()
	delete(v.watched, w)
}

// pauseAfter is how long to wait after so many lookups before the last: 1 s, 2 s, 4 s …, up to 5 minutes.
func pauseAfter(made int) time.Duration {
	pause := firstPause
	for range made {
		if pause *= 2; pause >= longestPause {
			return longestPause
		}
	}
	return pause
}

// verifyConnectors looks for the records of pending connectors until ctx ends.
func (c *Control) verifyConnectors(ctx context.Context) {
	var lookups sync.WaitGroup
	defer lookups.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-c.verifier.wake:
		}
		due, nap := c.verifier.take(c.Now())
		for _, w := range due {
			lookups.Go(func() {
				if c.verifyConnector(ctx, w) {
					c.verifier.again(w, c.Now())
					return
				}
				c.verifier.forget(w)
				if s := c.resident(w.org); s != nil { // what was noticed before it was forgotten would be lost
					c.verifier.notice(s.state, c.Now())
				}
			})
		}
		timer.Reset(nap)
	}
}

// verifyConnector looks once for one connector's record, and tells whether it must be looked for again. No lock is held while the
// answer is awaited.
func (c *Control) verifyConnector(ctx context.Context, w watch) (again bool) {
	k := c.pendingConnector(w)
	if k == nil {
		return false
	}
	if k.StatusAt(c.Now()) == iam.ConnectorFailed {
		return c.settleConnector(ctx, w, k, "iam.connector.fail", (*iam.Draft).FailConnector)
	}
	if !c.published(ctx, k) {
		return true
	}
	return c.settleConnector(ctx, w, k, "iam.connector.confirm", (*iam.Draft).ConfirmConnector)
}

// pendingConnector finds a connector that is still to be verified, of an organization that is in memory; nil otherwise. A suspended
// organization's wait: its resumption is noticed.
func (c *Control) pendingConnector(w watch) *iam.Connector {
	s := c.resident(w.org)
	if s == nil || s.state.Organization().Suspended {
		return nil
	}
	k, err := s.state.Connector(w.id)
	if err != nil || k.Status != iam.ConnectorPending {
		return nil
	}
	return k
}

// resident is an organization as it is in memory; nil if it is not.
func (c *Control) resident(id iam.OrgID) *snapshot {
	c.mu.Lock()
	l := c.orgs[id]
	c.mu.Unlock()
	if l == nil {
		return nil
	}
	return l.now.Load()
}

// published asks whether a connector's domain has a TXT record that is exactly its code.
func (c *Control) published(ctx context.Context, k *iam.Connector) bool {
	if c.LookupTXT == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, lookupDeadline)
	defer cancel()
	records, err := c.LookupTXT(ctx, k.Domain)
	if err != nil {
		c.Log.Debug("looking for the TXT record of a connector", "connector", k.ID, "err", err)
		return false
	}
	return slices.Contains(records, k.Code)
}

// settleConnector records the end of a verification. What has changed meanwhile, on this node or another, decides whether it is looked
// for again.
func (c *Control) settleConnector(ctx context.Context, w watch, k *iam.Connector, event string,
	settle func(*iam.Draft, iam.ConnectorID) (*iam.Connector, error)) (again bool) {
	e := c.ownEvent(w.org, event, iam.TypeConnector, w.id.UUID, k.Domain)
	err := c.administer(ctx, w.org, event, e, func(d *iam.Draft) error {
		if d.State().Organization().Suspended {
			return iam.Errorf(iam.Denied, "the organization is suspended")
		}
		_, err := settle(d, w.id)
		return err
	})
	if err != nil && ctx.Err() == nil {
		c.Log.Debug("recording the verification of a connector", "org", w.org, "connector", w.id, "err", err)
	}
	return err != nil
}
