package sqlite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// commitRow is the part of a commit that its row has as JSON.
type commitRow struct {
	author  string
	changes []byte
	keys    string
	events  string
	each    [][]byte // the JSON of each event
}

type keysJSON struct {
	Claims   []iam.Key `json:"claims,omitempty"`
	Releases []iam.Key `json:"releases,omitempty"`
}

func encodeCommit(c *store.Commit) (commitRow, error) {
	author, err := json.Marshal(c.Author)
	if err != nil {
		return commitRow{}, err
	}
	changes, err := encodeChanges(c.Changes)
	if err != nil {
		return commitRow{}, err
	}
	keys, err := json.Marshal(keysJSON{c.Claims, c.Releases})
	if err != nil {
		return commitRow{}, err
	}
	each := make([][]byte, len(c.Events))
	for i := range c.Events {
		if each[i], err = json.Marshal(&c.Events[i]); err != nil {
			return commitRow{}, err
		}
	}
	events := slices.Concat([]byte("["), bytes.Join(each, []byte(",")), []byte("]"))
	return commitRow{string(author), changes, string(keys), string(events), each}, nil
}

// changeJSON is one change in a row. Data that is no JSON is in Bytes; a change with neither deletes.
type changeJSON struct {
	Kind  iam.Kind        `json:"kind"`
	ID    iam.UUID        `json:"id"`
	Data  json.RawMessage `json:"data,omitempty"`
	Bytes []byte          `json:"bytes,omitempty"`
}

// encodeChanges writes changes so that decodeChanges gives the same bytes, which the commit's hash covers.
// json.Marshal would not: it compacts and escapes a RawMessage.
func encodeChanges(changes []iam.Change) ([]byte, error) {
	size := 2
	for i := range changes {
		size += len(changes[i].Data) + 96
	}
	b := append(make([]byte, 0, size), '[')
	for i := range changes {
		ch := &changes[i]
		if i > 0 {
			b = append(b, ',')
		}
		head := changeJSON{Kind: ch.Kind, ID: ch.ID}
		verbatim := keepsBytes(ch.Data)
		if !verbatim {
			head.Bytes = ch.Data
		}
		text, err := json.Marshal(&head)
		if err != nil {
			return nil, err
		}
		b = append(b, text...)
		if verbatim {
			b = append(b[:len(b)-1], `,"data":`...)
			b = append(append(b, ch.Data...), '}')
		}
	}
	return append(b, ']'), nil
}

// keepsBytes reports whether data comes out of a JSON document as it went in: a valid value without space around it.
func keepsBytes(data []byte) bool {
	return len(data) > 0 && data[0] > ' ' && data[len(data)-1] > ' ' && utf8.Valid(data) && json.Valid(data)
}

func decodeChanges(b []byte) ([]iam.Change, error) {
	var list []changeJSON
	if err := json.Unmarshal(b, &list); err != nil {
		return nil, err
	}
	changes := make([]iam.Change, len(list))
	for i, ch := range list {
		data := ch.Data
		if data == nil {
			data = ch.Bytes
		}
		changes[i] = iam.Change{Kind: ch.Kind, ID: ch.ID, Data: data}
	}
	return changes, nil
}

// commitColumns are what scanCommit reads.
const commitColumns = "seq, org, revision, parent, hash, time, author, cause, changes, keys, events"

// scanCommit decodes the row that rows is on, and tells its size in bytes.
func scanCommit(rows scanner, buf *commitBuffer) (e store.Entry, size int, err error) {
	c := &store.Commit{}
	var seq, revision, micros int64
	var org, parent, hash []byte
	if err := rows.Scan(&seq, &org, &revision, &parent, &hash, &micros, &buf.author, &c.Cause, &buf.changes, &buf.keys, &buf.events); err != nil {
		return store.Entry{}, 0, err
	}
	if len(org) != 16 || len(parent) != 32 || len(hash) != 32 {
		return store.Entry{}, 0, fmt.Errorf("commit with seq %d: an id or a hash has the wrong length", seq)
	}
	c.Org = iam.OrgID{UUID: iam.UUID(org)}
	c.Revision, c.Parent, c.Hash = iam.Revision(revision), store.Hash(parent), store.Hash(hash)
	c.Time = time.UnixMicro(micros).UTC()
	if err := decodeCommit(c, buf); err != nil {
		return store.Entry{}, 0, fmt.Errorf("commit with seq %d: %w", seq, err)
	}
	size = len(buf.author) + len(buf.changes) + len(buf.keys) + len(buf.events)
	return store.Entry{Cursor: store.Cursor(seq), Commit: c}, size, nil
}

// decodeCommit reads the JSON columns. All of it is copied out of buf.
func decodeCommit(c *store.Commit, buf *commitBuffer) (err error) {
	if err := json.Unmarshal(buf.author, &c.Author); err != nil {
		return fmt.Errorf("author: %w", err)
	}
	if c.Changes, err = decodeChanges(buf.changes); err != nil {
		return fmt.Errorf("changes: %w", err)
	}
	var keys keysJSON
	if err := json.Unmarshal(buf.keys, &keys); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	c.Claims, c.Releases = keys.Claims, keys.Releases
	if err := json.Unmarshal(buf.events, &c.Events); err != nil {
		return fmt.Errorf("events: %w", err)
	}
	return nil
}
