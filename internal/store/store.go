// Package store is the contract for durability: an append-only log of commits for each organization, the records as
// the last commit left them, installation-wide unique keys, and the audit events.
//
// A store has no rules of meaning. It knows records, not entities; it compares revisions and keys and nothing else.
// The implementations are store/sqlite and, later, store/postgres; storetest proves them.
package store

import (
	"context"
	"iter"
	"net/netip"
	"time"

	"github.com/writ-iam/writ/internal/iam"
)

// Store keeps commits. All methods may be called concurrently. Errors are *iam.Error; a driver's own error is at most
// the cause of one. After Close every method answers iam.Unavailable.
type Store interface {
	// Commit appends c if the organization's head is c.Revision-1 with hash c.Parent, applies its changes to the
	// records, releases and claims its keys and appends its events, all or nothing. It is durable when it returns nil:
	// neither the process nor the machine can lose it. Errors:
	//   - iam.Conflict: the head is elsewhere; nothing is written;
	//   - iam.Exists, with the space as Field: a key is held, by whichever organization; nothing is written;
	//   - iam.Unavailable: the context ended or the store is closed; whether it was written is unknown.
	// A commit with a hash that is not its own is refused with iam.Internal.
	Commit(ctx context.Context, c *Commit) error

	// Load gives all records of one organization and its head as of one instant. An organization without commits has
	// no records and the zero Head. The order of records is by kind, then id.
	Load(ctx context.Context, org iam.OrgID) ([]iam.Change, Head, error)

	// Follow yields every commit of every organization after the cursor, each once and, within an organization, in
	// order; it waits for new ones until ctx ends, whose cause is then the last error. Zero is the beginning.
	// A consumer that stops early or gets another error calls again with the last cursor it has seen.
	Follow(ctx context.Context, after Cursor) iter.Seq2[Entry, error]

	// Tail gives the cursor of the newest commit in the feed.
	Tail(ctx context.Context) (Cursor, error)

	// History yields the commits of one organization from revision from to to, both included, in order. A to of 0
	// means up to the head.
	History(ctx context.Context, org iam.OrgID, from, to iam.Revision) iter.Seq2[*Commit, error]

	// Organizations lists the organizations that have commits, by id.
	Organizations(ctx context.Context) ([]iam.OrgID, error)

	// Lookup tells which organization holds a unique key; iam.NotFound if none does. Keys are compared byte by byte.
	Lookup(ctx context.Context, key iam.Key) (iam.OrgID, error)

	// Append adds events that belong to no commit. Durable when it returns nil.
	Append(ctx context.Context, events []iam.Event) error

	// Events gives one page of events, newest first (by time, then id, both descending) or the other way round, and the number
	// of all that match. An After that is no event of the organization is iam.NotFound.
	Events(ctx context.Context, q Query) (page []iam.Event, total int, err error)

	// Event gives one event of an organization; iam.NotFound if it has none with that id.
	Event(ctx context.Context, org iam.OrgID, id iam.EventID) (iam.Event, error)

	// Close ends all use. A second call does nothing.
	Close() error
}

// Cursor is a position in the feed of all commits. It is meaningful to the store that made it only.
type Cursor uint64

// Entry is one commit in the feed.
type Entry struct {
	Cursor Cursor
	Commit *Commit
}

// Query selects events of one organization. Zero fields select everything; several combine with AND.
type Query struct {
	Org          iam.OrgID
	ActorID      iam.UUID
	ActorKind    iam.PrincipalKind
	Action       string   // exact
	Actions      []string // one of these
	ActionPrefix string
	ResourceType string
	ResourceID   string
	Involved     string // the id of the actor or of the resource
	Status       iam.Status
	IP           netip.Addr
	From, To     time.Time   // From included, To not
	OldestFirst  bool        // not with After
	After        iam.EventID // the last event of the page before
	Offset       int         // how many that match are passed over, after After
	Limit        int         // at least 1
}
