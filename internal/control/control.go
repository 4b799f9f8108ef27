package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// Config is what a Control is made of. Store, Master, Now, Random and Log are required.
type Config struct {
	Store  store.Store
	Master authn.MasterKey
	Now    func() time.Time
	Random io.Reader // cryptographically secure
	Log    *slog.Logger

	// Issuer names this installation in tokens; tokens of another issuer are refused.
	Issuer string
	// InvitationLifetime is how long an invitation can be accepted; 7 days if zero (bycloud.md, 16.6).
	InvitationLifetime time.Duration
	// RefuseUnknown makes adding an unknown address fail with not found instead of inviting it (bycloud.md, edition B).
	RefuseUnknown bool
	// Mail delivers invitations; nil only logs that there is one.
	Mail func(ctx context.Context, m Mail) error
	// LookupTXT gives the TXT records of a domain, those of several strings joined. It must return soon after ctx ends. nil finds
	// nothing, so that no connector is ever verified.
	LookupTXT func(ctx context.Context, domain string) ([]string, error)
	// RefusalTime is how long a refused sign-in takes at the least, so that how long it takes tells nothing; half a second if zero.
	RefusalTime time.Duration
	// IdleAfter is how long an organization that nobody asks about stays in memory; 1 hour if zero.
	IdleAfter time.Duration
}

// Mail is a message to a person.
type Mail struct {
	To           string
	Organization string
	Invitation   iam.InvitationID
	InvitedBy    string
	ExpiresAt    time.Time
}

// Control serves all organizations of an installation on this node. It is safe for concurrent use.
type Control struct {
	Config
	keys     *authn.Keyring
	platform *live        // what it holds is read without loading: New has loaded it
	cursor   store.Cursor // where Run begins to follow

	lost atomic.Bool // the platform cannot be followed

	mu   sync.Mutex
	orgs map[iam.OrgID]*live // loaded or loading

	holders  holderCache
	verifier *verifier
	uses     useLog
	hashing  chan struct{} // holds one for every password that is being hashed
	events   recorder
	stats    Stats
}

// Stats counts what the node has done since it started.
type Stats struct {
	Decisions, Commits, Conflicts, Refusals, AuthFailures atomic.Int64
}

// Stats gives the counters, for metrics.
func (c *Control) Stats() *Stats { return &c.stats }

// Resident is the number of organizations in memory.
func (c *Control) Resident() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.orgs)
}

// ErrNotInstalled says that the store holds no installation yet.
var ErrNotInstalled = errors.New("nothing is installed here")

// New opens an installation. It fails with ErrNotInstalled before Install has run, and with a plain error if the master
// key is not the one that it was installed with.
func New(ctx context.Context, cfg Config) (*Control, error) {
	c := newControl(cfg)
	// Following begins at a cursor taken before anything is loaded, so that no commit falls in between.
	cursor, err := c.Store.Tail(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the end of the feed: %w", err)
	}
	c.cursor = cursor
	_, err = c.platform.load(ctx, c)
	if iam.CodeOf(err) == iam.NotFound {
		return nil, ErrNotInstalled
	}
	if err != nil {
		return nil, fmt.Errorf("loading the platform: %w", err)
	}
	if err := c.openKeys(ctx); err != nil {
		return nil, fmt.Errorf("opening the installation's keys: %w", err)
	}
	return c, nil
}

// openKeys opens the installation's keys. Those that an earlier version made none of are added, once the master key has opened the
// others; two nodes that start at the same time come to agree, because each reads what was committed.
func (c *Control) openKeys(ctx context.Context) error {
	for {
		keys := c.platform.now.Load().state.SealedKeys()
		more, err := authn.MissingKeys(c.Master, c.Random, c.Now(), keys)
		if err != nil {
			return err
		}
		ring, err := authn.OpenKeyring(c.Master, append(keys, more...))
		if err != nil || len(more) == 0 {
			c.keys = ring
			return err
		}
		err = c.maintain(ctx, iam.PlatformOrg, "platform.key.add", func(d *iam.Draft) error {
			if len(d.State().SealedKeys()) != len(keys) {
				return nil
			}
			var errs []error
			for i := range more {
				errs = append(errs, d.AddSealedKey(&more[i]))
			}
			return errors.Join(errs...)
		})
		if err != nil {
			return err
		}
	}
}

func newControl(cfg Config) *Control {
	if cfg.InvitationLifetime == 0 {
		cfg.InvitationLifetime = 7 * 24 * time.Hour
	}
	if cfg.IdleAfter == 0 {
		cfg.IdleAfter = time.Hour
	}
	if cfg.RefusalTime == 0 {
		cfg.RefusalTime = 500 * time.Millisecond
	}
	c := &Control{Config: cfg, platform: &live{id: iam.PlatformOrg}, verifier: newVerifier(), hashing: make(chan struct{}, maxHashing)}
	c.orgs = map[iam.OrgID]*live{iam.PlatformOrg: c.platform}
	c.events.store = cfg.Store
	return c
}

// JWKS is the document of public keys with which tokens can be verified (RFC 7517).
func (c *Control) JWKS() []byte { return c.keys.JWKS() }

// NewID makes an id for something new. Ids are made before a draft, which may run more than once.
func (c *Control) NewID() iam.UUID {
	var random [10]byte
	if _, err := io.ReadFull(c.Random, random[:]); err != nil {
		panic("control: no randomness: " + err.Error()) // crypto/rand never fails; guessing ids would be worse
	}
	return iam.NewUUID(c.Now(), random)
}

// Ready reports whether the node can serve: it follows the platform and its store answers.
func (c *Control) Ready(ctx context.Context) error {
	if c.lost.Load() {
		return errLost
	}
	_, err := c.Store.Tail(ctx)
	return err
}

// How often Run does its rounds.
const (
	flushEvery    = 200 * time.Millisecond // pending events
	maintainEvery = time.Minute            // last use, idle organizations
	pruneEvery    = time.Hour              // ended sessions
	followBackoff = time.Second            // after a failure of the feed
	drainFor      = 10 * time.Second       // for what is pending at shutdown
)

// Run does what goes on in the background until ctx ends: it follows the commits of other nodes, writes pending events,
// records last use, removes what has expired and verifies the domains of connectors. It returns when all that was pending is written. Call it once.
func (c *Control) Run(ctx context.Context) error {
	var group sync.WaitGroup
	group.Go(func() { c.follow(ctx) })
	group.Go(func() { c.rounds(ctx) })
	group.Go(func() { c.verifyConnectors(ctx) })
	group.Wait()

	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainFor)
	defer cancel()
	c.recordUses(drain)
	return c.events.flush(drain)
}

func (c *Control) rounds(ctx context.Context) {
	flush, maintain, prune := time.NewTicker(flushEvery), time.NewTicker(maintainEvery), time.NewTicker(pruneEvery)
	defer flush.Stop()
	defer maintain.Stop()
	defer prune.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-flush.C:
			if err := c.events.flush(ctx); err != nil && ctx.Err() == nil {
				c.Log.Error("writing audit events", "err", err)
			}
		case <-maintain.C:
			c.recordUses(ctx)
			c.evict()
		case <-prune.C:
			c.prune(ctx)
		}
	}
}
