package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// BenchmarkCommit makes commits of one small change with one event, as most are, and of a thousand changes.
func BenchmarkCommit(b *testing.B) {
	for _, size := range []int{1, 1000} {
		b.Run(fmt.Sprintf("changes=%d", size), func(b *testing.B) {
			d := open(b, Config{Path: filepath.Join(b.TempDir(), "writ.db")})
			line := &chain{org: org(1)}
			before := cpu()
			for b.Loop() {
				c := line.next(size)
				if err := d.Commit(b.Context(), c); err != nil {
					b.Fatal(err)
				}
				line.head = store.Head{Revision: c.Revision, Hash: c.Hash}
			}
			b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/op")
		})
	}
}

// BenchmarkLoad loads organizations of many records, each about 400 bytes.
func BenchmarkLoad(b *testing.B) {
	for _, size := range []int{1000, 100000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			d := open(b, Config{Path: filepath.Join(b.TempDir(), "writ.db")})
			line := &chain{org: org(1)}
			if err := d.Commit(b.Context(), line.next(size)); err != nil {
				b.Fatal(err)
			}
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			b.ReportAllocs()
			for b.Loop() {
				records, _, err := d.Load(ctx, line.org)
				if err != nil || len(records) != size {
					b.Fatal(len(records), err)
				}
			}
		})
	}
}

// BenchmarkEvents reads the first page of a filter that half of 100,000 events pass.
func BenchmarkEvents(b *testing.B) {
	d := open(b, Config{Path: filepath.Join(b.TempDir(), "writ.db")})
	tenant := org(1)
	events := make([]iam.Event, 100000)
	for i := range events {
		events[i] = anEvent(tenant, i)
		events[i].Status = []iam.Status{iam.Success, iam.Failure}[i%2]
	}
	if err := d.Append(b.Context(), events); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		page, total, err := d.Events(b.Context(), store.Query{Org: tenant, Status: iam.Failure, Limit: 50})
		if err != nil || total != len(events)/2 || len(page) != 50 {
			b.Fatal(len(page), total, err)
		}
	}
}

// cpu is the time that the process has spent on processors.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
