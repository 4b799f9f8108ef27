package control_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	"net/netip"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/store"
	"github.com/writ-iam/writ/internal/store/sqlite"
)

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is an installation with one organization, on a real store.
type world struct {
	*control.Control
	t        *testing.T
	cfg      control.Config
	db       *sqlite.DB
	clock    *clock
	log      *syncBuffer
	dir      string
	operator iam.Actor
	owner    iam.Actor
	org      iam.OrgID
	secrets  []string // everything that was told once
}

type syncBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}, log: &syncBuffer{}, dir: t.TempDir()}
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(w.dir, "writ.db"), Poll: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	master, err := authn.NewMasterKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w.db = db
	w.cfg = control.Config{Store: db, Master: master, Now: w.clock.Now, Random: rand.Reader, Issuer: "test", RefusalTime: 1,
		Log: slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	token, err := control.Install(t.Context(), w.cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.secrets = append(w.secrets, master.Text(), token)
	w.Control = w.node()
	w.operator = w.actor(control.Presented{Bearer: token})
	w.org, w.owner = w.organization("Acme", "olga@acme.example")
	return w
}

// node is another process on the same store, as far as control can tell.
func (w *world) node() *control.Control {
	w.t.Helper()
	c, err := control.New(w.t.Context(), w.cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) organization(name, email string) (iam.OrgID, iam.Actor) {
	w.t.Helper()
	p := w.enter(w.operator, control.CreateOrganization, control.On(platformCRN))
	made, err := w.CreateOrganization(w.t.Context(), p, control.NewOrganization{Name: name, OwnerEmail: email})
	if err != nil {
		w.t.Fatal(err)
	}
	w.secrets = append(w.secrets, made.Token)
	return made.Organization.ID, w.actor(control.Presented{Bearer: made.Token})
}

var platformCRN = iam.CRN{Service: "platform", Type: iam.TypeOrganization, ID: "*"}

func (w *world) actor(shown control.Presented) iam.Actor {
	w.t.Helper()
	a, err := w.Authenticate(w.t.Context(), shown)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

func (w *world) call(a iam.Actor) *control.Call {
	return &control.Call{Actor: a, RequestID: "req-test", IP: netip.MustParseAddr("203.0.113.7"), UserAgent: "test"}
}

func (w *world) enter(a iam.Actor, op *control.Operation, target control.Target) *control.Permit {
	w.t.Helper()
	p, err := w.Enter(w.t.Context(), w.call(a), op, target)
	if err != nil {
		w.t.Fatalf("%s: %v", op.Action, err)
	}
	return p
}

// write makes a change as an actor and fails the test if it is refused.
func (w *world) write(a iam.Actor, op *control.Operation, target control.Target, draft func(*iam.Draft) error) iam.Revision {
	w.t.Helper()
	revision, err := w.enter(a, op, target).Write(w.t.Context(), draft)
	if err != nil {
		w.t.Fatalf("%s: %v", op.Action, err)
	}
	return revision
}

// account makes a service account with an access key.
func (w *world) account(name string) (iam.Actor, control.Presented) {
	w.t.Helper()
	id := iam.ServiceAccountID{UUID: w.NewID()}
	w.write(w.owner, control.CreateServiceAccount, control.On(iam.AnyOf(iam.TypeServiceAccount)), func(d *iam.Draft) error {
		_, err := d.CreateServiceAccount(iam.ServiceAccount{ID: id, Name: name})
		return err
	})
	principal := iam.Principal{Kind: iam.KindOfServiceAccount, ID: id.UUID}
	p := w.enter(w.owner, control.CreateServiceAccountCredential, control.On(iam.Name(iam.TypeServiceAccount, id.UUID)))
	key, err := w.CreateAccessKey(w.t.Context(), p, control.NewCredential{Principal: principal, Name: name})
	if err != nil {
		w.t.Fatal(err)
	}
	w.secrets = append(w.secrets, key.Secret)
	shown := control.Presented{AccessKey: key.Credential.AccessKey, Secret: key.Secret}
	return w.actor(shown), shown
}

// grant gives a service account a policy of one statement.
func (w *world) grant(a iam.Actor, effect, action string) iam.PolicyID {
	w.t.Helper()
	id := iam.PolicyID{UUID: w.NewID()}
	doc := `{"statements":[{"effect":"` + effect + `","actions":["` + action + `"],"resources":["*"]}]}`
	w.write(w.owner, control.CreatePolicy, control.On(iam.AnyOf(iam.TypePolicy)), func(d *iam.Draft) error {
		_, err := d.CreatePolicy(iam.Policy{ID: id, Name: effect + " " + action + " " + id.String(), Language: policy.Statements, Document: doc})
		return err
	})
	holder := iam.Holder{Type: iam.TypeServiceAccount, ID: a.Principal.ID}
	w.write(w.owner, control.AttachServiceAccountPolicy, control.On(a.Principal.CRN()), func(d *iam.Draft) error {
		return d.Attach(id, holder)
	})
	return id
}

// role makes a role with a trust policy.
func (w *world) role(name string, trust ...string) iam.RoleID {
	w.t.Helper()
	id := iam.RoleID{UUID: w.NewID()}
	w.write(w.owner, control.CreateRole, control.On(iam.AnyOf(iam.TypeRole)), func(d *iam.Draft) error {
		_, err := d.CreateRole(iam.Role{ID: id, Name: name, Trust: &policy.Trust{Principals: trust}}, nil)
		return err
	})
	return id
}

// events reads the whole audit log of the organization, newest first.
func (w *world) events(q store.Query) []iam.Event {
	w.t.Helper()
	q.Limit = 1000
	got, total, err := w.enter(w.owner, control.ListAuditLogs, control.On(iam.AnyOf(iam.TypeAuditLog))).Events(w.t.Context(), q)
	if err != nil || total != len(got) {
		w.t.Fatalf("events: %d of %d, %v", len(got), total, err)
	}
	return got
}

func (w *world) revision() iam.Revision {
	w.t.Helper()
	return w.enter(w.owner, control.ListGroups, control.On(iam.AnyOf(iam.TypeGroup))).View().Revision()
}

func wantCode(t *testing.T, err error, want iam.Code) {
	t.Helper()
	if got := iam.CodeOf(err); got != want {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
}

// run starts the background work of a node and gives a function that ends it and waits.
func run(t *testing.T, c *control.Control) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Errorf("Run: %v", err)
			}
		})
	}
	t.Cleanup(stop)
	return stop
}
