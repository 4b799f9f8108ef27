package storetest

import (
	"strings"
	"testing"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// testKeysUnique claims the same keys in several organizations and spaces.
func testKeysUnique(t *testing.T, h Harness) {
	s := h.Open(t)
	a, b := newLine(1), newLine(2)
	spaces := []iam.Space{iam.SpaceEmail, iam.SpaceAccessKey, iam.SpaceSecret, iam.SpaceAccount, iam.SpaceDomain, iam.SpaceAlias, iam.SpaceTrusting}
	for _, space := range spaces { // one value in every space
		wantCode(t, lookup(t, s, iam.Key{Space: space, Value: "x"}), iam.NotFound)
		c := a.draft()
		c.Claims = []iam.Key{{Space: space, Value: "x"}}
		a.commit(t, s, c)
	}
	for _, space := range spaces {
		key := iam.Key{Space: space, Value: "x"}
		wantSame(t, "holder", holder(t, s, key), a.org)
		c := b.draft()
		c.Claims = []iam.Key{{Space: space, Value: "free"}, key}
		c.Seal()
		if e := wantCode(t, s.Commit(t.Context(), c), iam.Exists); e.Field != string(space) {
			t.Errorf("field %q, want %q", e.Field, space)
		}
		wantCode(t, lookup(t, s, iam.Key{Space: space, Value: "free"}), iam.NotFound)
	}
	// Space and value are not run together.
	wantCode(t, lookup(t, s, iam.Key{Space: "emai", Value: "lx"}), iam.NotFound)
	wantCode(t, lookup(t, s, iam.Key{Space: "emailx", Value: ""}), iam.NotFound)
	wantCode(t, lookup(t, s, iam.Key{}), iam.NotFound)
}

func lookup(t *testing.T, s store.Store, key iam.Key) error {
	t.Helper()
	_, err := s.Lookup(t.Context(), key)
	return err
}

// testKeysByteExact claims values that a database might take for the same: each is its own.
func testKeysByteExact(t *testing.T, h Harness) {
	s := h.Open(t)
	values := []string{
		"", " ", "a", "A", "a ", " a", "a\t", "a\x00", "a\x00b", "\x00",
		"\u00e9", "e\u0301", "\u00c9", "e", // é composed and decomposed, its upper case, without the accent
		"ß", "ss", "SS", "\u1e9e", "ı", "i", "İ", "I", "\u212a", "k", "K", // folding in some language or other
		"\u00c5", "\u212b", "ﬁ", "fi", "１", "1", "01", "1.0", "1e0", "+1", "0x1", // compatibility forms; numbers
		"%", "_", "a%", "a_", "*", "?", "'", "\"", "\\", "x'61'", "NULL", "null",
		"\ufeffa", "a\u200d", "\u202ea", "\U0001F600", "\U0001F600\ufe0f", "\ufffd", "\U0010ffff",
		strings.Repeat("k", 70000), strings.Repeat("k", 70001),
	}
	lines := make([]*line, len(values))
	for i, v := range values {
		wantCode(t, lookup(t, s, email(v)), iam.NotFound)
		lines[i] = newLine(i + 1)
		c := lines[i].draft()
		c.Claims = []iam.Key{email(v)}
		lines[i].commit(t, s, c)
	}
	for i, v := range values {
		if got := holder(t, s, email(v)); got != lines[i].org {
			t.Errorf("%.40q is held by %s, want %s", v, got, lines[i].org)
		}
		wantCommit(t, history(t, s, lines[i].org, 1, 0)[0], commitOf(t, lines[i], v))
		c := newLine(9999).draft()
		c.Claims = []iam.Key{email(v)}
		c.Seal()
		wantCode(t, s.Commit(t.Context(), c), iam.Exists)
	}
}

// commitOf makes the first commit of testKeysByteExact again.
func commitOf(t *testing.T, l *line, value string) *store.Commit {
	t.Helper()
	c := (&line{org: l.org}).draft()
	c.Claims = []iam.Key{email(value)}
	c.Seal()
	return c
}

// testKeysRelease releases keys: one's own are free again, others' are not touched.
func testKeysRelease(t *testing.T, h Harness) {
	s := h.Open(t)
	a, b := newLine(1), newLine(2)
	do := func(l *line, releases, claims []iam.Key) {
		t.Helper()
		c := l.draft()
		c.Releases, c.Claims = releases, claims
		l.commit(t, s, c)
	}
	x, y := email("x"), email("y")
	do(a, nil, []iam.Key{x})
	do(b, []iam.Key{x, y}, nil) // not b's; nobody's
	wantSame(t, "holder of a's key after b released it", holder(t, s, x), a.org)
	do(a, []iam.Key{{Space: iam.SpaceAccount, Value: "x"}, email("X"), email("x ")}, nil) // others that look like it
	wantSame(t, "holder after releases of others", holder(t, s, x), a.org)
	do(a, []iam.Key{x, x}, []iam.Key{y}) // renamed; released twice
	wantSame(t, "holder of the old name", holder(t, s, x), iam.OrgID{})
	wantSame(t, "holder of the new name", holder(t, s, y), a.org)
	do(b, nil, []iam.Key{x}) // free for everybody
	wantSame(t, "holder after b claimed it", holder(t, s, x), b.org)
	do(b, []iam.Key{x}, []iam.Key{x}) // released before it is claimed
	wantSame(t, "holder after release and claim in one commit", holder(t, s, x), b.org)
}
