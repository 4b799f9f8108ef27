package sqlite

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// The crash tests run this binary again as a child that writes, and kill it.
const (
	crashPath = "WRIT_TEST_CRASH_PATH" // the child's database
	crashStep = "WRIT_TEST_CRASH_STEP" // the step of its second commit before which it kills itself; none: it writes on
)

func TestMain(m *testing.M) {
	if path := os.Getenv(crashPath); path != "" {
		fmt.Fprintln(os.Stderr, crashChild(path, os.Getenv(crashStep)))
		os.Exit(1) // a child never ends by itself
	}
	os.Exit(m.Run())
}

const (
	crashRounds = 200
	crashOrgs   = 4
)

// crashCommit makes commit number r of an organization: what it does follows from the number, except for the author's
// id, by which racing writers differ. It writes several records, one of them up to 12 KB, deletes one, claims one key
// and releases an older one, and has one event.
func crashCommit(tenant int, head store.Head, writer int) *store.Commit {
	r := int(head.Revision) + 1
	record := func(kind iam.Kind, n, size int) iam.Change {
		data := fmt.Sprintf(`{"revision":%d,"pad":%q}`, r, strings.Repeat("x", size))
		return iam.Change{Kind: kind, ID: number(n % 16), Data: json.RawMessage(data)}
	}
	c := &store.Commit{
		Org: org(tenant), Revision: iam.Revision(r), Parent: head.Hash, Time: time.UnixMicro(int64(r)),
		Author: store.Author{Kind: iam.KindOfUser, ID: number(writer), Name: "Ada"}, Cause: "iam.test",
		Changes: []iam.Change{
			record(iam.KindGroup, r, 100), record(iam.KindUser, r*7, r%7*2000), record(iam.KindPolicy, r*3, 0),
			{Kind: iam.KindGroup, ID: number((r + 8) % 16)},
		},
		Claims: []iam.Key{crashKey(tenant, r)},
		Events: []iam.Event{anEvent(org(tenant), r)},
	}
	if r > 5 {
		c.Releases = []iam.Key{crashKey(tenant, r-5)}
	}
	c.Seal()
	return c
}

func crashKey(tenant, r int) iam.Key {
	return iam.Key{Space: iam.SpaceEmail, Value: fmt.Sprintf("%d@%d", r, tenant)}
}

// crashChild writes until it is killed: one goroutine for each organization, and one more that races for the first.
// Each commit is told on the standard output after it was acknowledged.
func crashChild(path, step string) error {
	ctx := context.Background()
	d, err := Open(ctx, Config{Path: path, Readers: 1})
	if err != nil {
		return err
	}
	if step != "" {
		return crashAt(ctx, d, step)
	}
	failed := make(chan error)
	for writer := range crashOrgs + 1 {
		go func() { failed <- crashWriter(ctx, d, writer%crashOrgs+1, writer) }()
	}
	return <-failed
}

func crashWriter(ctx context.Context, d *DB, tenant, writer int) error {
	_, head, err := d.Load(ctx, org(tenant))
	for err == nil {
		c := crashCommit(tenant, head, writer)
		switch err = d.Commit(ctx, c); iam.CodeOf(err) {
		case "":
			head = store.Head{Revision: c.Revision, Hash: c.Hash}
			_, err = fmt.Printf("%d %d %s\n", tenant, c.Revision, c.Hash) // one write, short enough to be atomic
		case iam.Conflict:
			_, head, err = d.Load(ctx, org(tenant))
		}
	}
	return err
}

// crashAt makes one commit, and kills the process before the given step of a second one, which is too big for a
// page cache made small: part of it is in the log before it is committed.
func crashAt(ctx context.Context, d *DB, step string) error {
	n, err := strconv.Atoi(step)
	if err != nil {
		return err
	}
	first := crashCommit(1, store.Head{}, 0)
	if err := d.Commit(ctx, first); err != nil {
		return err
	}
	second := crashCommit(1, store.Head{Revision: 1, Hash: first.Hash}, 0)
	second.Releases = first.Claims
	if _, err := d.writer.conn.ExecContext(ctx, "PRAGMA cache_size = 20"); err != nil { // pages
		return err
	}
	for i := range 20 {
		big := json.RawMessage(`"` + strings.Repeat("y", 1<<16) + `"`)
		second.Changes = append(second.Changes, iam.Change{Kind: iam.KindRole, ID: number(i), Data: big})
	}
	second.Seal()
	d.writer.step = func(done int) {
		if done == n {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	return errors.Join(d.Commit(ctx, second), errors.New("the step was never reached"))
}

// child starts the binary as a child.
func child(t *testing.T, path, step string) (*exec.Cmd, io.Reader, *strings.Builder) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), crashPath+"="+path, crashStep+"="+step, "GORACE=atexit_sleep_ms=0")
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out, &complaints
}

// wantKilled waits for a child and checks that it did not end in another way.
func wantKilled(t *testing.T, cmd *exec.Cmd, complaints *strings.Builder) {
	t.Helper()
	err := cmd.Wait()
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() || status.Signal() != syscall.SIGKILL {
		t.Fatalf("the child was not killed: %v\n%s", err, complaints)
	}
}

// TestKill kills a writing process at random moments, again and again, on one database. After each time everything
// that it acknowledged is there, and everything that is there is whole.
func TestKill(t *testing.T) {
	t.Parallel()
	path := tempPath(t)
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 0))
	world := newWorld()
	acks, unacknowledged := 0, 0
	for round := range crashRounds {
		delay := 3*time.Millisecond + time.Duration(r.Int64N(int64(57*time.Millisecond)))
		acked := killAfter(t, path, delay)
		// Every other time the log stays as it was left, so that the next child recovers it.
		d := open(t, Config{Path: path, ReadOnly: round%2 == 0, Readers: 1})
		before := world.commits()
		world.catchUp(t, d)
		world.wantAcknowledged(t, acked)
		world.wantCounts(t, d)
		acks += len(acked)
		unacknowledged += world.commits() - before - len(acked)
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if t.Failed() {
			t.Fatalf("round %d of seed %d: killed after %v and %d acknowledgements", round, seed, delay, len(acked))
		}
	}
	t.Logf("%d commits were acknowledged, %d more were made and not told", acks, unacknowledged)
	d := open(t, Config{Path: path})
	for tenant, b := range world {
		if head, err := store.Verify(t.Context(), d, org(tenant)); err != nil || head != b.head {
			t.Errorf("verify: %v, %v; want %v", head, err, b.head)
		}
	}
}

// ack is one line of a child.
type ack struct {
	tenant   int
	revision iam.Revision
	hash     string
}

// killAfter runs a child until some time after its first acknowledgement, and gives all that it acknowledged.
func killAfter(t *testing.T, path string, delay time.Duration) (acked []ack) {
	t.Helper()
	cmd, out, complaints := child(t, path, "")
	var once sync.Once
	for lines := bufio.NewScanner(out); lines.Scan(); {
		once.Do(func() { time.AfterFunc(delay, func() { _ = cmd.Process.Kill() }) })
		var a ack
		if _, err := fmt.Sscanf(lines.Text(), "%d %d %s", &a.tenant, &a.revision, &a.hash); err != nil {
			t.Fatalf("line %q: %v", lines.Text(), err)
		}
		acked = append(acked, a)
	}
	wantKilled(t, cmd, complaints)
	return acked
}

// branch is what one organization must be, from replaying its commits.
type branch struct {
	head    store.Head
	hashes  map[iam.Revision]string
	records map[string]string // kind and id to data
	keys    map[iam.Key]bool
}

// world is what the database must be.
type world map[int]*branch

func newWorld() world {
	w := world{}
	for tenant := 1; tenant <= crashOrgs; tenant++ {
		w[tenant] = &branch{hashes: map[iam.Revision]string{}, records: map[string]string{}, keys: map[iam.Key]bool{}}
	}
	return w
}

func (w world) commits() (n int) {
	for _, b := range w {
		n += len(b.hashes)
	}
	return n
}

// catchUp replays the commits that are new, and checks that each is whole: chained, with its keys and its event, and
// with its changes in the records.
func (w world) catchUp(t *testing.T, d *DB) {
	t.Helper()
	for tenant, b := range w {
		touched := map[iam.Key]bool{}
		for c, err := range d.History(t.Context(), org(tenant), b.head.Revision+1, 0) {
			if err != nil {
				t.Fatal(err)
			}
			b.replay(t, d, c, tenant)
			for _, k := range append(c.Claims, c.Releases...) {
				touched[k] = true
			}
		}
		for k := range touched {
			holder, err := d.Lookup(t.Context(), k)
			if b.keys[k] != (err == nil && holder == org(tenant)) || (err != nil && iam.CodeOf(err) != iam.NotFound) {
				t.Errorf("key %s is held by %s, %v; must be: %v", k.Value, holder, err, b.keys[k])
			}
		}
		b.wantRecords(t, d, tenant)
	}
}

func (b *branch) replay(t *testing.T, d *DB, c *store.Commit, tenant int) {
	t.Helper()
	writer := int(c.Author.ID[15])
	if want := crashCommit(tenant, b.head, writer); c.Hash != want.Hash || c.Sum() != want.Hash {
		t.Fatalf("commit %d of organization %d is not the one that was made after %d", c.Revision, tenant, b.head.Revision)
	}
	for _, e := range c.Events {
		if _, err := d.Event(t.Context(), c.Org, e.ID); err != nil {
			t.Errorf("event of commit %d: %v", c.Revision, err)
		}
	}
	for _, ch := range c.Changes {
		if name := string(ch.Kind) + ch.ID.String(); ch.Data == nil {
			delete(b.records, name)
		} else {
			b.records[name] = string(ch.Data)
		}
	}
	for _, k := range c.Releases {
		delete(b.keys, k)
	}
	for _, k := range c.Claims {
		b.keys[k] = true
	}
	b.head = store.Head{Revision: c.Revision, Hash: c.Hash}
	b.hashes[c.Revision] = c.Hash.String()
}

func (b *branch) wantRecords(t *testing.T, d *DB, tenant int) {
	t.Helper()
	records, head, err := d.Load(t.Context(), org(tenant))
	if err != nil || head != b.head {
		t.Errorf("organization %d: head %v, %v; want %v", tenant, head, err, b.head)
	}
	got := map[string]string{}
	for _, r := range records {
		got[string(r.Kind)+r.ID.String()] = string(r.Data)
	}
	if !maps.Equal(got, b.records) {
		t.Errorf("organization %d: the records at %d are not the replay of its commits", tenant, head.Revision)
	}
}

func (w world) wantAcknowledged(t *testing.T, acked []ack) {
	t.Helper()
	if len(acked) == 0 {
		t.Error("the child acknowledged nothing")
	}
	for _, a := range acked {
		if w[a.tenant].hashes[a.revision] != a.hash {
			t.Errorf("commit %d of organization %d was acknowledged and is lost", a.revision, a.tenant)
		}
	}
}

// wantCounts checks that no table has more than the commits made.
func (w world) wantCounts(t *testing.T, d *DB) {
	t.Helper()
	keys, records := 0, 0
	for _, b := range w {
		keys, records = keys+len(b.keys), records+len(b.records)
	}
	for table, want := range map[string]int{"commits": w.commits(), "events": w.commits(), "keys": keys, "records": records} {
		var got int
		if err := d.reader.pool.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&got); err != nil || got != want {
			t.Errorf("table %s has %d rows, %v; want %d", table, got, err, want)
		}
	}
}

// TestKillAtEveryStep kills a process between any two steps of a commit: it is there from the moment on at which the
// transaction was committed, and not at all before.
func TestKillAtEveryStep(t *testing.T) {
	t.Parallel()
	const committed = 8 // BEGIN, head, log, changes, releases, claims, events, COMMIT
	for step := 0; step <= committed; step++ {
		t.Run(fmt.Sprint(step), func(t *testing.T) {
			t.Parallel()
			path := tempPath(t)
			cmd, _, complaints := child(t, path, strconv.Itoa(step))
			wantKilled(t, cmd, complaints)
			d := open(t, Config{Path: path})
			want := iam.Revision(1)
			if step == committed {
				want = 2
			}
			if head, err := store.Verify(t.Context(), d, org(1)); err != nil || head.Revision != want {
				t.Errorf("head %d, %v; want %d", head.Revision, err, want)
			}
			for r, revision := range []iam.Revision{1, 2} {
				_, err := d.Lookup(t.Context(), crashKey(1, r+1))
				if (err == nil) != (revision == want) {
					t.Errorf("key of commit %d: %v", revision, err)
				}
			}
			if _, total, err := d.Events(t.Context(), store.Query{Org: org(1), Limit: 1}); err != nil || total != int(want) {
				t.Errorf("%d events, %v; want %d", total, err, want)
			}
		})
	}
}
