package sqlite

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// number is an id that compares as its number does.
func number(n int) iam.UUID {
	return iam.UUID{6: 0x70, 8: 0x80, 12: byte(n >> 24), 13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)}
}

func org(n int) iam.OrgID { return iam.OrgID{UUID: number(n)} }

// chain is one organization and its head.
type chain struct {
	org  iam.OrgID
	head store.Head
}

// next makes the commit after the head: records 0 to size-1, written anew, and one event.
func (c *chain) next(size int) *store.Commit {
	n := int(c.head.Revision) + 1
	commit := &store.Commit{
		Org: c.org, Revision: c.head.Revision + 1, Parent: c.head.Hash, Time: time.UnixMicro(int64(n)),
		Author: store.Author{Kind: iam.KindOfUser, ID: number(7), Name: "Ada"}, Cause: "iam.group.update",
		Events: []iam.Event{anEvent(c.org, n)},
	}
	for i := range size {
		data := fmt.Sprintf(`{"id":%q,"name":"group %d of %d","description":"%0330d"}`, number(i), i, n, n)
		commit.Changes = append(commit.Changes, iam.Change{Kind: iam.KindGroup, ID: number(i), Data: json.RawMessage(data)})
	}
	commit.Seal()
	return commit
}

// grow makes n commits of two records each.
func (c *chain) grow(t testing.TB, s store.Store, n int) {
	t.Helper()
	for range n {
		next := c.next(2)
		if err := s.Commit(t.Context(), next); err != nil {
			t.Fatal(err)
		}
		c.head = store.Head{Revision: next.Revision, Hash: next.Hash}
	}
}

// anEvent is the event of commit n.
func anEvent(org iam.OrgID, n int) iam.Event {
	return iam.Event{
		ID: iam.EventID{UUID: number(n)}, Time: time.UnixMicro(int64(n)), Org: org, Revision: iam.Revision(n),
		ActorID: number(7), ActorKind: iam.KindOfUser, ActorName: "Ada", ActorEmail: "ada@example.com",
		Action: "iam.group.update", Status: iam.Success, ResourceType: iam.TypeGroup, ResourceID: number(n % 1000).String(),
		IP: "192.0.2.1", UserAgent: "curl/8.5.0", RequestID: number(n).String(), Details: map[string]any{"name": "x"},
	}
}
