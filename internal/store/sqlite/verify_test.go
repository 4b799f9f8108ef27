package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// tampering is one change to the database behind the store's back, and where Verify must find it.
type tampering struct {
	name     string
	harm     []string // SQL; ?1 is the organization, ?2 another one
	revision iam.Revision
	reason   string
}

// Each organization has ten commits, with two records and one event each; hashes and ids are as the fixture makes them.
var tamperings = []tampering{
	{"change's data", []string{`UPDATE commits SET changes = CAST(replace(changes, 'group 0 of 4', 'group 0 of 9') AS BLOB) WHERE org = ?1 AND revision = 4`}, 4, "content"},
	{"change's data, by a space", []string{`UPDATE commits SET changes = CAST(replace(changes, '"name":"group 0 of 4"', '"name": "group 0 of 4"') AS BLOB) WHERE org = ?1 AND revision = 4`}, 4, "content"},
	{"change removed", []string{`UPDATE commits SET changes = CAST('[]' AS BLOB) WHERE org = ?1 AND revision = 4`}, 4, "content"},
	{"change no JSON", []string{`UPDATE commits SET changes = x'00' WHERE org = ?1 AND revision = 4`}, 4, "cannot be read"},
	{"author", []string{`UPDATE commits SET author = replace(author, 'Ada', 'Eve') WHERE org = ?1 AND revision = 2`}, 2, "content"},
	{"author's id", []string{`UPDATE commits SET author = json_set(author, '$.id', '00000000-0000-7000-8000-000000000008') WHERE org = ?1 AND revision = 2`}, 2, "content"},
	{"cause", []string{`UPDATE commits SET cause = cause || '.' WHERE org = ?1 AND revision = 10`}, 10, "content"},
	{"time", []string{`UPDATE commits SET time = time + 1 WHERE org = ?1 AND revision = 1`}, 1, "content"},
	{"keys", []string{`UPDATE commits SET keys = '{"claims":[{"space":"email","value":"x"}]}' WHERE org = ?1 AND revision = 3`}, 3, "content"},
	{"hash", []string{`UPDATE commits SET hash = zeroblob(32) WHERE org = ?1 AND revision = 3`}, 3, "content"},
	{"hash too short", []string{`UPDATE commits SET hash = x'00' WHERE org = ?1 AND revision = 3`}, 3, "cannot be read"},
	{"parent", []string{`UPDATE commits SET parent = zeroblob(32) WHERE org = ?1 AND revision = 3`}, 3, "content"},
	{"commit removed", []string{`DELETE FROM commits WHERE org = ?1 AND revision = 5`}, 5, "missing"},
	{"first commit removed", []string{`DELETE FROM commits WHERE org = ?1 AND revision = 1`}, 1, "missing"},
	{"last commit removed", []string{`DELETE FROM commits WHERE org = ?1 AND revision = 10`}, 10, "missing"},
	{"all commits removed", []string{`DELETE FROM commits WHERE org = ?1`}, 1, "missing"},
	{"commit removed, the rest moved up", []string{
		`DELETE FROM commits WHERE org = ?1 AND revision = 5`,
		`UPDATE commits SET revision = revision - 1 WHERE org = ?1 AND revision > 5`,
	}, 5, "content"},
	{"commits swapped", []string{
		`UPDATE commits SET revision = 100 WHERE org = ?1 AND revision = 6`,
		`UPDATE commits SET revision = 6 WHERE org = ?1 AND revision = 7`,
		`UPDATE commits SET revision = 7 WHERE org = ?1 AND revision = 100`,
	}, 6, "content"},
	{"commit of another organization", []string{
		`UPDATE commits SET org = x'00' WHERE org = ?1 AND revision = 6`,
		`UPDATE commits SET org = ?1 WHERE org = ?2 AND revision = 6`,
	}, 6, "content"},
	{"record changed", []string{`UPDATE records SET data = CAST(replace(data, 'group 1 of', 'group 7 of') AS BLOB) WHERE org = ?1 AND id = (SELECT max(id) FROM records WHERE org = ?1)`}, 0, "records"},
	{"record removed", []string{`DELETE FROM records WHERE org = ?1 AND id = (SELECT max(id) FROM records WHERE org = ?1)`}, 0, "records"},
	{"record added", []string{`INSERT INTO records SELECT org, 'policy', id, data FROM records WHERE org = ?1 LIMIT 1`}, 0, "records"},
	{"records gone", []string{`DELETE FROM records WHERE org = ?1`}, 0, "records"},
	{"record of another kind", []string{`UPDATE records SET kind = 'user' WHERE org = ?1`}, 0, "records"},
	{"event removed", []string{`DELETE FROM events WHERE org = ?1 AND data LIKE '%"revision":8}'`}, 8, "missing from the audit log"},
	{"all events removed", []string{`DELETE FROM events WHERE org = ?1`}, 1, "missing from the audit log"},
	{"event changed", []string{`UPDATE events SET data = replace(data, 'ada@', 'eve@') WHERE org = ?1 AND data LIKE '%"revision":8}'`}, 8, "another in the audit log"},
	{"event's time and column changed", []string{`UPDATE events SET time = time + 1, data = replace(data, '00.000008Z', '00.000009Z') WHERE org = ?1 AND data LIKE '%"revision":8}'`}, 8, "another in the audit log"},
	{"event hidden from a filter", []string{`UPDATE events SET status = 'failure' WHERE org = ?1 AND data LIKE '%"revision":8}'`}, 8, "cannot be read"},
	{"event no JSON", []string{`UPDATE events SET data = 'x' WHERE org = ?1 AND data LIKE '%"revision":8}'`}, 8, "cannot be read"},
	{"event moved to another organization", []string{`UPDATE events SET org = x'00' WHERE org = ?1 AND data LIKE '%"revision":8}'`}, 8, "missing from the audit log"},
	{"event changed in the commit too", []string{
		`UPDATE events SET data = replace(data, 'ada@', 'eve@') WHERE org = ?1 AND data LIKE '%"revision":8}'`,
		`UPDATE commits SET events = replace(events, 'ada@', 'eve@') WHERE org = ?1 AND revision = 8`,
	}, 8, "content"},
	{"tail cut", []string{
		`DELETE FROM commits WHERE org = ?1 AND revision > 8`,
		`UPDATE heads SET revision = 8, hash = (SELECT hash FROM commits WHERE org = ?1 AND revision = 8) WHERE org = ?1`,
	}, 10, "the audit log has an event of it"},
	{"tail cut with its events", []string{
		`DELETE FROM commits WHERE org = ?1 AND revision > 8`,
		`UPDATE heads SET revision = 8, hash = (SELECT hash FROM commits WHERE org = ?1 AND revision = 8) WHERE org = ?1`,
		`DELETE FROM events WHERE org = ?1 AND (data LIKE '%"revision":9}' OR data LIKE '%"revision":10}')`,
	}, 0, "records"},
	{"head back, tail left", []string{
		`UPDATE heads SET revision = 8, hash = (SELECT hash FROM commits WHERE org = ?1 AND revision = 8) WHERE org = ?1`,
	}, 9, "beyond the head"},
	{"head forth", []string{`UPDATE heads SET revision = 11 WHERE org = ?1`}, 11, "missing"},
	{"head's hash", []string{`UPDATE heads SET hash = zeroblob(32) WHERE org = ?1`}, 10, "the head has another hash"},
	{"head's hash too short", []string{`UPDATE heads SET hash = zeroblob(32)`, `PRAGMA ignore_check_constraints = 1`, `UPDATE heads SET hash = x'' WHERE org = ?1`}, 0, "cannot be read"},
	{"head removed", []string{`DELETE FROM heads WHERE org = ?1`}, 1, "beyond the head"},
	{"organization removed but for an event", []string{
		`DELETE FROM heads WHERE org = ?1`, `DELETE FROM commits WHERE org = ?1`, `DELETE FROM records WHERE org = ?1`,
		`DELETE FROM events WHERE org = ?1 AND NOT data LIKE '%"revision":3}'`,
	}, 3, "the audit log has an event of it"},
}

// TestVerifyFindsTampering does each harm to a copy of one database.
func TestVerifyFindsTampering(t *testing.T) {
	t.Parallel()
	path := tempPath(t)
	d := open(t, Config{Path: path})
	one, two := &chain{org: org(1)}, &chain{org: org(2)}
	one.grow(t, d, 10)
	two.grow(t, d, 10)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for _, harm := range tamperings {
		t.Run(harm.name, func(t *testing.T) {
			t.Parallel()
			copied := tempPath(t)
			alter(t, raw(t, path), "VACUUM INTO ?", copied)
			tamper(t, raw(t, copied), harm.harm, one.org, two.org)
			alter(t, raw(t, copied), "PRAGMA journal_mode = wal")
			d := open(t, Config{Path: copied, ReadOnly: true})
			_, err := store.Verify(t.Context(), d, one.org)
			found, ok := errors.AsType[*store.VerifyError](err)
			if !ok {
				t.Fatalf("Verify: %v", err)
			}
			if found.Org != one.org || found.Revision != harm.revision || !strings.Contains(found.Error(), harm.reason) {
				t.Errorf("found %v; want commit %d and %q", found, harm.revision, harm.reason)
			}
		})
	}
}

// TestVerifyFindsRewrittenCommit changes a commit together with its hash: the next one does not follow it.
func TestVerifyFindsRewrittenCommit(t *testing.T) {
	d, line := open(t, Config{Path: tempPath(t)}), &chain{org: org(1)}
	line.grow(t, d, 10)
	for c, err := range d.History(t.Context(), line.org, 4, 4) {
		if err != nil {
			t.Fatal(err)
		}
		c.Cause = "iam.nothing.happened"
		c.Seal()
		alter(t, raw(t, d.path), "UPDATE commits SET cause = ?, hash = ? WHERE org = ? AND revision = 4", c.Cause, c.Hash[:], c.Org.UUID[:])
	}
	_, err := store.Verify(t.Context(), d, line.org)
	found, ok := errors.AsType[*store.VerifyError](err)
	if !ok || found.Revision != 5 || !strings.Contains(found.Reason, "does not follow") {
		t.Errorf("Verify: %v", err)
	}
}

// tamper executes SQL of which each statement must change something.
func tamper(t *testing.T, db *sql.DB, statements []string, one, two iam.OrgID) {
	t.Helper()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, text := range statements {
		args := []any{one.UUID[:], two.UUID[:]}
		r, err := conn.ExecContext(t.Context(), text, args...)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 && !strings.HasPrefix(text, "PRAGMA") {
			t.Fatalf("%s: changed %d rows, %v", text, n, err)
		}
	}
}

// TestVerifyBesideAWriter verifies again and again while commits run: it never finds anything.
func TestVerifyBesideAWriter(t *testing.T) {
	path := tempPath(t)
	d, line := open(t, Config{Path: path}), &chain{org: org(1)}
	r := open(t, Config{Path: path, ReadOnly: true})
	line.grow(t, d, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		line.grow(t, d, 100)
	}()
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		if _, err := store.Verify(t.Context(), r, line.org); err != nil {
			t.Fatal(err)
		}
	}
}

// TestVerifyUnavailable tells a store that does not answer from one that holds something wrong.
func TestVerifyUnavailable(t *testing.T) {
	d, line := open(t, Config{Path: tempPath(t)}), &chain{org: org(1)}
	line.grow(t, d, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, ended := store.Verify(ctx, d, line.org)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	_, closed := store.Verify(t.Context(), d, line.org)
	for _, err := range []error{ended, closed} {
		if _, ok := errors.AsType[*store.VerifyError](err); ok || iam.CodeOf(err) != iam.Unavailable {
			t.Errorf("Verify: %v", err)
		}
	}
}
