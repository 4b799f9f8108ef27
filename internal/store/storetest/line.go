package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// epoch is when the suite's first commits are made.
var epoch = time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)

// line is one organization and its head, as the test has left it.
type line struct {
	org  iam.OrgID
	head store.Head
}

func newLine(n int) *line { return &line{org: iam.OrgID{UUID: id(n)}} }

// id gives the n-th id. Ids compare as their numbers do.
func id(n int) iam.UUID {
	return iam.UUID{6: 0x70, 8: 0x80, 12: byte(n >> 24), 13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)}
}

// draft begins the next commit, unsealed.
func (l *line) draft(changes ...iam.Change) *store.Commit {
	return &store.Commit{
		Org: l.org, Revision: l.head.Revision + 1, Parent: l.head.Hash,
		Time:   epoch.Add(time.Duration(l.head.Revision) * time.Second),
		Author: store.Author{Kind: iam.KindOfUser, ID: id(77), Name: "Ada Lovelace"},
		Cause:  "iam.group.update", Changes: changes,
	}
}

// commit seals and commits c, which must succeed, and moves the line's head.
func (l *line) commit(t *testing.T, s store.Store, c *store.Commit) *store.Commit {
	t.Helper()
	c.Seal()
	if err := s.Commit(t.Context(), c); err != nil {
		t.Fatalf("commit %d of %s: %v", c.Revision, c.Org, err)
	}
	l.head = store.Head{Revision: c.Revision, Hash: c.Hash}
	return c
}

// grow makes n commits of one record each.
func (l *line) grow(t *testing.T, s store.Store, n int) (made []*store.Commit) {
	t.Helper()
	for range n {
		made = append(made, l.commit(t, s, l.draft(put(iam.KindGroup, int(l.head.Revision), "x"))))
	}
	return made
}

// put is a change to a record whose data is a JSON string.
func put(kind iam.Kind, n int, text string) iam.Change {
	data, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return iam.Change{Kind: kind, ID: id(n), Data: data}
}

func drop(kind iam.Kind, n int) iam.Change { return iam.Change{Kind: kind, ID: id(n)} }

func email(value string) iam.Key { return iam.Key{Space: iam.SpaceEmail, Value: value} }

// event is an event with every field set.
func event(org iam.OrgID, n int) iam.Event {
	return iam.Event{
		ID: iam.EventID{UUID: id(n)}, Time: epoch.Add(time.Duration(n) * time.Millisecond), Org: org,
		ActorID: id(77), ActorKind: iam.KindOfUser, ActorName: "Ada", ActorEmail: "ada@example.com",
		Action: "iam.group.update", Status: iam.Success, ResourceType: iam.TypeGroup, ResourceID: id(5).String(),
		ResourceName: "admins", IP: "192.0.2.1", UserAgent: "curl/8", RequestID: fmt.Sprint("r", n),
		Details: map[string]any{"n": float64(n)},
	}
}

// wantCode checks that err is an *iam.Error with a code.
func wantCode(t *testing.T, err error, want iam.Code) *iam.Error {
	t.Helper()
	e, ok := errors.AsType[*iam.Error](err)
	if !ok {
		t.Fatalf("got error %v, want an *iam.Error with code %s", err, want)
	}
	if e.Code != want {
		t.Fatalf("got error %v, want code %s", err, want)
	}
	return e
}

// wantSame compares what was read with what was written. Empty and nil slices are the same.
func wantSame(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// wantCommit compares a commit that was read with the one that was made, and checks that its hash still holds.
func wantCommit(t *testing.T, got, want *store.Commit) {
	t.Helper()
	wantSame(t, "commit", got, want)
	if got.Sum() != got.Hash {
		t.Fatalf("commit %d read back does not have its hash", got.Revision)
	}
	if got.Time.Location() != time.UTC {
		t.Fatalf("commit %d read back has its time in %s", got.Revision, got.Time.Location())
	}
}

// load reads an organization, which must succeed.
func load(t *testing.T, s store.Store, org iam.OrgID) ([]iam.Change, store.Head) {
	t.Helper()
	records, head, err := s.Load(t.Context(), org)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return records, head
}

// history reads commits, which must succeed.
func history(t *testing.T, s store.Store, org iam.OrgID, from, to iam.Revision) (list []*store.Commit) {
	t.Helper()
	for c, err := range s.History(t.Context(), org, from, to) {
		if err != nil {
			t.Fatalf("history: %v", err)
		}
		list = append(list, c)
	}
	return list
}

// query reads one page of events, which must succeed.
func query(t *testing.T, s store.Store, q store.Query) ([]iam.Event, int) {
	t.Helper()
	page, total, err := s.Events(t.Context(), q)
	if err != nil {
		t.Fatalf("events: %v", err)
	}
	return page, total
}

// holder gives who holds a key; the zero id if nobody does.
func holder(t *testing.T, s store.Store, key iam.Key) iam.OrgID {
	t.Helper()
	org, err := s.Lookup(t.Context(), key)
	if iam.CodeOf(err) == iam.NotFound {
		return iam.OrgID{}
	}
	if err != nil {
		t.Fatalf("lookup of %q: %v", key.Value, err)
	}
	return org
}

// picture is all that a store holds of some organizations.
type picture struct {
	Tail    store.Cursor
	Orgs    []iam.OrgID
	Heads   []store.Head
	Records [][]iam.Change
	Commits [][]*store.Commit
	Events  [][]iam.Event
	Holders map[iam.Key]iam.OrgID
}

// take makes a picture, to see that something failed has changed nothing.
func take(t *testing.T, s store.Store, keys []iam.Key, orgs ...iam.OrgID) (p picture) {
	t.Helper()
	var err error
	if p.Tail, err = s.Tail(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p.Orgs, err = s.Organizations(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, org := range orgs {
		records, head := load(t, s, org)
		events, _ := query(t, s, store.Query{Org: org, Limit: 1000})
		p.Heads, p.Records = append(p.Heads, head), append(p.Records, records)
		p.Commits, p.Events = append(p.Commits, history(t, s, org, 1, 0)), append(p.Events, events)
	}
	p.Holders = map[iam.Key]iam.OrgID{}
	for _, k := range keys {
		p.Holders[k] = holder(t, s, k)
	}
	return p
}
