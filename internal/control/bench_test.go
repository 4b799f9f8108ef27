package control_test

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/benchdata"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
	"github.com/writ-iam/writ/internal/store/sqlite"
)

// large is an installation with one organization of 100,000 principals and 10,000 policies.
type large struct {
	cfg   control.Config
	token string // the operator's
	owner string // the owner's token
	org   iam.OrgID
}

func newLarge(b *testing.B) *large {
	b.Helper()
	db, err := sqlite.Open(b.Context(), sqlite.Config{Path: filepath.Join(b.TempDir(), "writ.db")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	master, err := authn.NewMasterKey(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	l := &large{cfg: control.Config{Store: db, Master: master, Now: time.Now, Random: rand.Reader, Issuer: "bench", Log: slog.New(slog.DiscardHandler)}}
	if l.token, err = control.Install(b.Context(), l.cfg); err != nil {
		b.Fatal(err)
	}
	l.fill(b)
	return l
}

// fill makes the organization, and then the workload in it by one commit of another node.
func (l *large) fill(b *testing.B) {
	c, err := control.New(b.Context(), l.cfg)
	if err != nil {
		b.Fatal(err)
	}
	p := l.enter(b, c, l.token, control.CreateOrganization, control.On(platformCRN))
	made, err := c.CreateOrganization(b.Context(), p, control.NewOrganization{Name: "large", OwnerEmail: "owner@large.example"})
	if err != nil {
		b.Fatal(err)
	}
	l.org, l.owner = made.Organization.ID, made.Token
	_, head, err := l.cfg.Store.Load(b.Context(), l.org)
	if err != nil {
		b.Fatal(err)
	}
	_, changes, err := benchdata.Sized(100_000, 2000, benchdata.Seed).State()
	if err != nil {
		b.Fatal(err)
	}
	var members []iam.Change // all but the organization and its owner, which are here already
	for _, change := range changes {
		if change.Kind != iam.KindOrganization && change.Kind != iam.KindUser {
			members = append(members, change)
		}
	}
	commit := &store.Commit{Org: l.org, Revision: head.Revision + 1, Parent: head.Hash, Time: time.Now(), Changes: members,
		Author: store.Author{Kind: iam.KindOfSystem}, Cause: "bench"}
	commit.Seal()
	if err := l.cfg.Store.Commit(b.Context(), commit); err != nil {
		b.Fatal(err)
	}
}

func (l *large) enter(b *testing.B, c *control.Control, token string, op *control.Operation, target control.Target) *control.Permit {
	b.Helper()
	actor, err := c.Authenticate(b.Context(), control.Presented{Bearer: token})
	if err != nil {
		b.Fatal(err)
	}
	p, err := c.Enter(b.Context(), &control.Call{Actor: actor}, op, target)
	if err != nil {
		b.Fatal(err)
	}
	return p
}

// BenchmarkLoad is the first touch of an organization of 100,000 principals and 10,000 policies, and what it keeps.
func BenchmarkLoad(b *testing.B) {
	l := newLarge(b)
	var kept float64
	for b.Loop() {
		b.StopTimer()
		before := heap()
		c, err := control.New(b.Context(), l.cfg)
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		p := l.enter(b, c, l.owner, control.ListGroups, control.On(iam.AnyOf(iam.TypeGroup)))
		b.StopTimer()
		kept = float64(heap()-before) / 100_000
		if n := p.View().ServiceAccounts().Len(); n != 100_000 {
			b.Fatalf("%d principals", n)
		}
		runtime.KeepAlive(c)
		b.StartTimer()
	}
	b.ReportMetric(kept, "heap-B/principal")
}

// BenchmarkCommit is one change in that organization: a group made, from the draft until it is durable and in force.
func BenchmarkCommit(b *testing.B) {
	l := newLarge(b)
	c, err := control.New(b.Context(), l.cfg)
	if err != nil {
		b.Fatal(err)
	}
	// The quotas of the workload are not the organization's own.
	quota := control.Target{Org: l.org, Resources: []iam.CRN{platformCRN}}
	if _, err := l.enter(b, c, l.token, control.SetQuota, quota).Write(b.Context(), func(d *iam.Draft) error {
		return d.SetQuota(iam.QuotaGroups, 10_000_000)
	}); err != nil {
		b.Fatal(err)
	}
	n, began := 0, cpu()
	for b.Loop() {
		p := l.enter(b, c, l.owner, control.CreateGroup, control.On(iam.AnyOf(iam.TypeGroup)))
		id := iam.GroupID{UUID: c.NewID()}
		if _, err := p.Write(b.Context(), func(d *iam.Draft) error {
			_, err := d.CreateGroup(iam.Group{ID: id, Name: fmt.Sprintf("new %d", n)})
			return err
		}); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64((cpu()-began).Microseconds())/float64(b.N), "cpu-µs/op")
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// cpu is the processor time that the process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
