package control_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
	"github.com/writ-iam/writ/internal/store/sqlite"
)

// group makes a group through one node and gives the revision.
func (w *world) group(c *control.Control, name string) (iam.Revision, error) {
	p, err := c.Enter(w.t.Context(), w.call(w.owner), control.CreateGroup, control.On(iam.AnyOf(iam.TypeGroup)))
	if err != nil {
		return 0, err
	}
	id := iam.GroupID{UUID: c.NewID()}
	return p.Write(w.t.Context(), func(d *iam.Draft) error {
		_, err := d.CreateGroup(iam.Group{ID: id, Name: name})
		return err
	})
}

// TestTwoNodes: two nodes on one store write at once; none loses a commit, and each sees the other's.
func TestTwoNodes(t *testing.T) {
	w := newWorld(t)
	second := w.node()
	run(t, w.Control)
	run(t, second)
	const each = 25
	var group sync.WaitGroup
	for n, c := range []*control.Control{w.Control, second} {
		for i := range each {
			group.Go(func() {
				if _, err := w.group(c, fmt.Sprintf("group %d of node %d", i, n)); err != nil {
					t.Errorf("node %d: %v", n, err)
				}
			})
		}
	}
	group.Wait()
	last, err := w.group(w.Control, "last")
	if err != nil {
		t.Fatal(err)
	}
	call := w.call(w.owner)
	call.AtLeast = last
	p, err := second.Enter(t.Context(), call, control.ListGroups, control.On(iam.AnyOf(iam.TypeGroup)))
	if err != nil {
		t.Fatal(err)
	}
	if n := p.View().Groups().Len(); n != 2*each+1 {
		t.Errorf("the second node sees %d groups, want %d", n, 2*each+1)
	}
	if _, err := w.group(second, "last"); iam.CodeOf(err) != iam.Exists {
		t.Errorf("a name that the other node took: %v", err)
	}
	if got := w.events(store.Query{Action: "iam.group.create", Status: iam.Success}); len(got) != 2*each+1 {
		t.Errorf("%d events for %d groups", len(got), 2*each+1)
	}
}

// TestBehind: a node that cannot see a revision in time says so instead of answering with less.
func TestBehind(t *testing.T) {
	w := newWorld(t)
	call := w.call(w.owner)
	call.AtLeast = 1000
	began := time.Now()
	_, err := w.Enter(t.Context(), call, control.ListGroups, control.On(iam.AnyOf(iam.TypeGroup)))
	wantCode(t, err, iam.Unavailable)
	if waited := time.Since(began); waited > 10*time.Second {
		t.Errorf("waited %s", waited)
	}
}

// TestCutShort: an organization that is in the directory and nowhere else is founded by the first who touches it.
func TestCutShort(t *testing.T) {
	w := newWorld(t)
	id := iam.OrgID{UUID: w.NewID()}
	w.write(w.operator, control.CreateOrganization, control.On(platformCRN), func(d *iam.Draft) error {
		p, err := d.CreatePerson(iam.PersonID{UUID: w.NewID()}, "late@example.org", "Late")
		if err != nil {
			return err
		}
		return d.Register(&iam.DirectoryEntry{ID: id, Name: "Late", Account: 7, Owner: iam.UserID{UUID: w.NewID()}, Person: p.ID, CreatedAt: d.Now()})
	})
	s, err := w.Organization(t.Context(), w.enter(w.operator, control.GetOrganization, control.On(platformCRN)), id)
	if err != nil {
		t.Fatal(err)
	}
	if o := s.Organization(); o == nil || o.Name != "Late" || s.Users().Len() != 1 {
		t.Errorf("founded as %+v with %d users", o, s.Users().Len())
	}
	_, err = w.Organization(t.Context(), w.enter(w.operator, control.GetOrganization, control.On(platformCRN)), iam.OrgID{UUID: w.NewID()})
	wantCode(t, err, iam.NotFound)
}

// TestReopened: what was acknowledged is there after a restart, and old credentials work.
func TestReopened(t *testing.T) {
	w := newWorld(t)
	a, key := w.account("ci")
	w.grant(a, "allow", "iam:ListGroups")
	if _, err := w.group(w.Control, "kept"); err != nil {
		t.Fatal(err)
	}
	if err := w.db.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(w.dir, "writ.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	w.cfg.Store = db
	c := w.node()
	again, err := c.Authenticate(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Enter(t.Context(), w.call(again), control.ListGroups, control.On(iam.AnyOf(iam.TypeGroup)))
	if err != nil || p.View().Groups().Len() != 1 {
		t.Fatalf("after a restart: %v", err)
	}
	w.cfg.Master[0] ^= 1
	if _, err := control.New(t.Context(), w.cfg); err == nil {
		t.Error("opened with another master key")
	}
	if _, err := control.Install(t.Context(), w.cfg); iam.CodeOf(err) != iam.Exists {
		t.Errorf("installed over an installation: %v", err)
	}
}

// TestLastUse: many calls make one commit, and what is pending is seen at once and written at the end.
func TestLastUse(t *testing.T) {
	w := newWorld(t)
	stop := run(t, w.Control)
	a, key := w.account("ci")
	before := w.revision()
	for range 50 {
		w.clock.advance(time.Second / 10)
		w.actor(key)
	}
	if after := w.revision(); after != before {
		t.Errorf("50 calls moved the organization from revision %d to %d", before, after)
	}
	view := func(c *control.Control) (time.Time, bool) {
		p, err := c.Enter(t.Context(), w.call(w.owner), control.ListServiceAccountCredentials, control.On(a.Principal.CRN()))
		if err != nil {
			t.Fatal(err)
		}
		return p.View().LastUsed(a.Credential.UUID)
	}
	seen, ok := view(w.Control)
	if !ok || w.clock.Now().Sub(seen) > time.Minute {
		t.Errorf("last use is %v, %v at %v", seen, ok, w.clock.Now())
	}
	stop()
	kept, ok := view(w.node())
	if !ok || !kept.Equal(seen) {
		t.Errorf("after a restart last use is %v, %v; was %v", kept, ok, seen)
	}
}

// TestPendingEventsAreWritten: what was refused just before the end is in the log.
func TestPendingEventsAreWritten(t *testing.T) {
	w := newWorld(t)
	a, _ := w.account("nobody")
	stop := run(t, w.Control)
	for range 10 {
		_, err := w.Enter(t.Context(), w.call(a), control.CreateGroup, control.On(iam.AnyOf(iam.TypeGroup)))
		wantCode(t, err, iam.Denied)
	}
	stop()
	got, total, err := w.db.Events(t.Context(), store.Query{Org: w.org, Status: iam.Refused, Limit: 100})
	if err != nil || total != 10 {
		t.Fatalf("%d refusals in the store, %v", total, err)
	}
	e := got[0]
	if e.ActorName != "nobody" || e.Action != "iam.group.create" || e.ErrorCode != "denied" || e.IP != "203.0.113.7" || e.RequestID != "req-test" {
		t.Errorf("the event says %+v", e)
	}
}

// TestEvents: a success is in the commit's transaction, a failure and a refusal leave an event each and no commit.
func TestEvents(t *testing.T) {
	w := newWorld(t)
	revision, err := w.group(w.Control, "auditors")
	if err != nil {
		t.Fatal(err)
	}
	w.clock.advance(time.Second) // the log is in the order of time
	if _, err := w.group(w.Control, "auditors"); iam.CodeOf(err) != iam.Exists {
		t.Fatalf("a taken name: %v", err)
	}
	got := w.events(store.Query{Action: "iam.group.create"})
	if len(got) != 2 {
		t.Fatalf("%d events", len(got))
	}
	failed, made := got[0], got[1]
	if failed.Status != iam.Failure || failed.ErrorCode != "exists" || failed.Revision != 0 || !strings.Contains(failed.ErrorMessage, "auditors") {
		t.Errorf("the failure says %+v", failed)
	}
	if made.Status != iam.Success || made.Revision != revision || made.ActorEmail != "olga@acme.example" || made.ResourceType != "group" {
		t.Errorf("the success says %+v", made)
	}
	if head := w.revision(); head != revision {
		t.Errorf("a failure moved the organization from revision %d to %d", revision, head)
	}
	w.enter(w.owner, control.ListGroups, control.On(iam.AnyOf(iam.TypeGroup)))
	if got := w.events(store.Query{}); len(got) != 2 {
		t.Errorf("reads are logged: %d events", len(got))
	}
}

// TestSecretsAreNowhere: what is told once is in no file of the store and in no log line.
func TestSecretsAreNowhere(t *testing.T) {
	w := newWorld(t)
	stop := run(t, w.Control)
	a, key := w.account("ci")
	w.temporary(a, "job")
	w.withPassword("lena")
	_, lena := w.mustSignIn(w.try("lena", horse))
	w.generator(lena)
	for _, wrong := range []control.Presented{{Bearer: key.Secret + "x"}, {AccessKey: key.AccessKey, Secret: w.secrets[1]}, {Bearer: w.secrets[1] + "x"}} {
		if _, err := w.Authenticate(t.Context(), wrong); err == nil {
			t.Error("let in")
		}
	}
	stop()
	if len(w.secrets) < 20 {
		t.Fatalf("only %d secrets were told", len(w.secrets))
	}
	texts := map[string]string{"the log": w.log.String()}
	files, err := os.ReadDir(w.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(w.dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		texts[f.Name()] = string(b)
	}
	if !strings.Contains(texts["writ.db"]+texts["writ.db-wal"], key.AccessKey) {
		t.Fatal("not even the public access key id is found: the search looks in the wrong place")
	}
	for where, text := range texts {
		for i, secret := range w.secrets {
			if strings.Contains(text, secret) {
				t.Errorf("secret %d stands in %s", i, where)
			}
		}
	}
}

// TestUnavailable: without its store the node refuses writes, and says that it is not ready.
func TestUnavailable(t *testing.T) {
	w := newWorld(t)
	if err := w.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := w.enter(w.owner, control.CreateGroup, control.On(iam.AnyOf(iam.TypeGroup)))
	w.db.Close()
	_, err := p.Write(t.Context(), func(d *iam.Draft) error {
		_, err := d.CreateGroup(iam.Group{ID: iam.GroupID{UUID: w.NewID()}, Name: "lost"})
		return err
	})
	wantCode(t, err, iam.Unavailable)
	if err := w.Ready(context.Background()); err == nil {
		t.Error("ready without a store")
	}
}
