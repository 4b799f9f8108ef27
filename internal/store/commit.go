package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"slices"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/iam"
)

// Hash is the SHA-256 of a commit. The zero Hash is the parent of an organization's first commit.
type Hash [sha256.Size]byte

// String is the lower-case hexadecimal form.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Head is an organization's newest commit.
type Head struct {
	Revision iam.Revision
	Hash     Hash
}

// Author is who made a commit, as they were called then.
type Author struct {
	Kind iam.PrincipalKind `json:"kind"`
	ID   iam.UUID          `json:"id,omitzero"`
	Name string            `json:"name,omitempty"`
}

// Commit is an atomic set of changes to one organization, chained to the commit before it by that commit's hash.
type Commit struct {
	Org      iam.OrgID
	Revision iam.Revision // one more than the parent's
	Parent   Hash
	Hash     Hash // of all other fields: see Seal
	Time     time.Time
	Author   Author
	Cause    string // the audit action that led to it, "iam.group.create"
	Changes  []iam.Change
	Claims   []iam.Key
	Releases []iam.Key // released before Claims are claimed
	Events   []iam.Event
}

// Seal makes c what it will be when it is read back, and sets the Hash. Times are cut to microseconds in UTC; the
// author's name and the events take the form that their JSON has (see NormalEvent). Without that, a commit whose event
// holds, say, a struct in Details or a broken byte in a user agent would have another hash once it had been stored.
func (c *Commit) Seal() {
	c.Time = c.Time.UTC().Truncate(time.Microsecond)
	c.Author.Name = strings.ToValidUTF8(c.Author.Name, "\uFFFD")
	c.Events = slices.Clone(c.Events) // the caller's are the caller's
	for i := range c.Events {
		e, _, err := NormalEvent(c.Events[i])
		if err != nil { // only a Details value that is no JSON: a fault of the caller
			panic(fmt.Sprintf("store: event of commit %d is not JSON: %v", c.Revision, err))
		}
		c.Events[i] = e
	}
	c.Hash = c.Sum()
}

// Sum computes the hash that the commit must have. It covers every field but Hash, each with its length in front, so
// that no two different commits have the same input. The form is part of the storage format and versioned by its first
// line.
func (c *Commit) Sum() Hash {
	h := sha256.New()
	text(h, "writ commit 1")
	text(h, string(c.Org.UUID[:]))
	number(h, uint64(c.Revision))
	text(h, string(c.Parent[:]))
	number(h, uint64(c.Time.UnixMicro()))
	text(h, string(c.Author.Kind))
	text(h, string(c.Author.ID[:]))
	text(h, c.Author.Name)
	text(h, c.Cause)
	number(h, uint64(len(c.Changes)))
	for _, ch := range c.Changes {
		text(h, string(ch.Kind))
		text(h, string(ch.ID[:]))
		text(h, string(ch.Data))
	}
	for _, keys := range [][]iam.Key{c.Claims, c.Releases} {
		number(h, uint64(len(keys)))
		for _, k := range keys {
			text(h, string(k.Space))
			text(h, k.Value)
		}
	}
	number(h, uint64(len(c.Events)))
	for i := range c.Events {
		b, err := json.Marshal(&c.Events[i])
		if err != nil { // as in Seal
			panic(fmt.Sprintf("store: event of commit %d is not JSON: %v", c.Revision, err))
		}
		text(h, string(b))
	}
	return Hash(h.Sum(nil))
}

func number(h hash.Hash, n uint64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], n)
	h.Write(b[:])
}

func text(h hash.Hash, s string) {
	number(h, uint64(len(s)))
	h.Write([]byte(s))
}
