package storetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// testRecordsOrder loads records in order of kind, then id, both byte by byte.
func testRecordsOrder(t *testing.T, h Harness) {
	s := h.Open(t)
	l := newLine(1)
	var want []iam.Change
	for _, kind := range []iam.Kind{"A", "B", "Z", "_", "a", "a b", "a-", "aa", "b", "é", "\U0001F600"} {
		for _, first := range []byte{0x00, 0x01, 0x41, 0x61, 0x7f, 0x80, 0xff} {
			want = append(want, iam.Change{Kind: kind, ID: iam.UUID{0: first, 15: 1}, Data: []byte(`{}`)})
		}
	}
	c := l.draft()
	for i := range want { // written in another order, by two commits
		c.Changes = append(c.Changes, want[(i*37)%len(want)])
	}
	rest := c.Changes[40:]
	c.Changes = c.Changes[:40]
	l.commit(t, s, c)
	l.commit(t, s, l.draft(rest...))
	records, head := load(t, s, l.org)
	wantSame(t, "records", records, want)
	wantSame(t, "head", head, l.head)
}

// testRecordsChanges applies every kind of change.
func testRecordsChanges(t *testing.T, h Harness) {
	s := h.Open(t)
	l := newLine(1)
	steps := []struct {
		name    string
		changes []iam.Change
		want    []iam.Change
	}{
		{"nothing", nil, nil},
		{"delete what is not there", []iam.Change{drop(iam.KindGroup, 1)}, nil},
		{"create", []iam.Change{put(iam.KindGroup, 1, "a")}, []iam.Change{put(iam.KindGroup, 1, "a")}},
		{"the same id of another kind", []iam.Change{put(iam.KindUser, 1, "u")}, []iam.Change{put(iam.KindGroup, 1, "a"), put(iam.KindUser, 1, "u")}},
		{"replace", []iam.Change{put(iam.KindGroup, 1, "longer than before")}, []iam.Change{put(iam.KindGroup, 1, "longer than before"), put(iam.KindUser, 1, "u")}},
		{"replace by the same", []iam.Change{put(iam.KindGroup, 1, "longer than before")}, []iam.Change{put(iam.KindGroup, 1, "longer than before"), put(iam.KindUser, 1, "u")}},
		{"delete one kind", []iam.Change{drop(iam.KindGroup, 1)}, []iam.Change{put(iam.KindUser, 1, "u")}},
		{"the last change to a record wins", []iam.Change{put(iam.KindGroup, 2, "a"), put(iam.KindGroup, 2, "b")}, []iam.Change{put(iam.KindGroup, 2, "b"), put(iam.KindUser, 1, "u")}},
		{"create and delete", []iam.Change{put(iam.KindGroup, 3, "a"), drop(iam.KindGroup, 3)}, []iam.Change{put(iam.KindGroup, 2, "b"), put(iam.KindUser, 1, "u")}},
		{"delete and create", []iam.Change{drop(iam.KindGroup, 2), put(iam.KindGroup, 2, "c")}, []iam.Change{put(iam.KindGroup, 2, "c"), put(iam.KindUser, 1, "u")}},
		{"empty data deletes, as nil does", []iam.Change{{Kind: iam.KindGroup, ID: id(2), Data: json.RawMessage{}}}, []iam.Change{put(iam.KindUser, 1, "u")}},
		{"null is data", []iam.Change{{Kind: iam.KindUser, ID: id(1), Data: json.RawMessage("null")}}, []iam.Change{{Kind: iam.KindUser, ID: id(1), Data: json.RawMessage("null")}}},
		{"delete the last", []iam.Change{drop(iam.KindUser, 1)}, nil},
	}
	wantLoad := func(name string, want []iam.Change) {
		t.Helper()
		records, head := load(t, s, l.org)
		wantSame(t, name, records, want)
		wantSame(t, name+": head", head, l.head)
	}
	wantLoad("an organization without commits", nil)
	for _, step := range steps {
		c := l.commit(t, s, l.draft(step.changes...))
		wantLoad(step.name, step.want)
		wantCommit(t, history(t, s, l.org, l.head.Revision, 0)[0], c)
	}
}

// testRecordsBytes stores data that a database or a JSON package might change.
func testRecordsBytes(t *testing.T, h Harness) {
	s := h.Open(t)
	l := newLine(1)
	big := bytes.Repeat([]byte("0123456789abcdef"), 1<<16) // 1 MB
	data := []string{
		`null`, `true`, `0`, `""`, `{}`, `[]`,
		`{"a":"<script>&amp;</script>"}`, "{\"a\":\"\u2028\u2029\"}", `{ "b" : 1 ,"a":2, "a":3 }`, `{"n":12345678901234567890.10e+5}`,
		`"\u0000"`, `"\ud800"`, `"\u00e9 é é"`, `"\/"`, " {} ", "\n[1]\n", "\t{}", "{}\r", "{\"a\":\n1}", `"` + "\u007f\U0001F600\ufffe" + `"`,
		"no JSON", "\x00", "\"\x00\"", "a\x00b", "\"\xff\"", "\xff\xfe", "\x1f\x8b", " ", "{}x", "'", "NULL",
		string(big), `"` + string(big) + `"`, strings.Repeat("\x00", 1<<20),
	}
	var want []iam.Change
	for i, d := range data {
		want = append(want, iam.Change{Kind: iam.KindPolicy, ID: id(i), Data: json.RawMessage(d)})
	}
	made := l.commit(t, s, l.draft(want...))
	check := func(s store.Store) {
		t.Helper()
		records, _ := load(t, s, l.org)
		if len(records) != len(want) {
			t.Fatalf("%d records, want %d", len(records), len(want))
		}
		got := history(t, s, l.org, 1, 1)[0]
		for i := range want {
			if !bytes.Equal(records[i].Data, want[i].Data) {
				t.Errorf("record %.40q came back as %.40q", want[i].Data, records[i].Data)
			}
			if !bytes.Equal(got.Changes[i].Data, want[i].Data) {
				t.Errorf("change %.40q came back as %.40q", want[i].Data, got.Changes[i].Data)
			}
		}
		if got.Sum() != made.Hash {
			t.Error("the commit read back has another hash")
		}
	}
	check(s)
	check(h.Reopen(t, s))
}

// testRecordsIsolation writes the same ids in two organizations.
func testRecordsIsolation(t *testing.T, h Harness) {
	s := h.Open(t)
	a, b := newLine(1), newLine(2)
	a.commit(t, s, a.draft(put(iam.KindGroup, 1, "a"), put(iam.KindGroup, 2, "a")))
	b.commit(t, s, b.draft(put(iam.KindGroup, 1, "b"), drop(iam.KindGroup, 2)))
	b.commit(t, s, b.draft(drop(iam.KindGroup, 1)))
	records, head := load(t, s, a.org)
	wantSame(t, "a's records", records, []iam.Change{put(iam.KindGroup, 1, "a"), put(iam.KindGroup, 2, "a")})
	wantSame(t, "a's head", head, a.head)
	records, head = load(t, s, b.org)
	wantSame(t, "b's records", records, []iam.Change(nil))
	wantSame(t, "b's head", head, b.head)
	records, head = load(t, s, newLine(3).org)
	wantSame(t, "nobody's records", records, []iam.Change(nil))
	wantSame(t, "nobody's head", head, store.Head{})
}

// testLoadConsistent loads while commits run: records and head must be of one instant. Every commit writes its revision
// into all records, of which it makes one more.
func testLoadConsistent(t *testing.T, h Harness) {
	s := h.Open(t)
	l := newLine(1)
	const commits = 60
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := 1; n <= commits; n++ {
			c := l.draft()
			for i := range n {
				c.Changes = append(c.Changes, put(iam.KindGroup, i, fmt.Sprint(n)))
			}
			c.Seal()
			if err := s.Commit(t.Context(), c); err != nil {
				t.Errorf("commit: %v", err)
				return
			}
			l.head = store.Head{Revision: c.Revision, Hash: c.Hash}
		}
	}()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		records, head := load(t, s, newLine(1).org)
		if len(records) != int(head.Revision) {
			t.Fatalf("%d records at revision %d", len(records), head.Revision)
		}
		for _, r := range records {
			if want := fmt.Sprintf("%q", fmt.Sprint(head.Revision)); string(r.Data) != want {
				t.Fatalf("a record of revision %s at revision %d", r.Data, head.Revision)
			}
		}
	}
}
