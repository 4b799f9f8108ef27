package authz_test

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/benchdata"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// ask makes the engine's request from the workload's plain values, as a caller would, and decides.
func ask(x *authz.Index, r *benchdata.Request) authz.Decision {
	resources := [1]string{r.Resource}
	attributes := [1]policy.Attr{{Key: "env", Value: policy.String(r.Env)}}
	return x.Decide(&authz.Request{
		Principal: benchdata.Principal(r.Principal), Action: r.Action, Resources: resources[:],
		Context: policy.Context{SourceIP: r.Source, Now: r.Time, Attributes: attributes[:]},
	})
}

// TestWorkload: the engine agrees with the naive scan on every request, before anything is timed.
func TestWorkload(t *testing.T) {
	for _, principals := range []int{10, 1000} {
		w := benchdata.New(principals, benchdata.Seed)
		s, _, err := w.State()
		if err != nil {
			t.Fatal(err)
		}
		agree(t, w, authz.New(s))
	}
}

func agree(tb testing.TB, w *benchdata.Workload, x *authz.Index) {
	tb.Helper()
	for i := range w.Requests {
		r := &w.Requests[i]
		if d := ask(x, r); d.Allowed() != r.Allowed || (d.Reason == authz.ExplicitDeny) != r.Explicit {
			tb.Fatalf("request %d %+v: decided %s", i, *r, d.Reason)
		}
	}
}

// BenchmarkDecide is one decision of shared figures (docs/benchmarks.md): from plain values to an answer.
func BenchmarkDecide(b *testing.B) {
	for _, principals := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprint(principals), func(b *testing.B) {
			w := benchdata.New(principals, benchdata.Seed)
			s, _, err := w.State()
			if err != nil {
				b.Fatal(err)
			}
			x := authz.New(s)
			agree(b, w, x)
			runtime.GC()
			b.ReportAllocs()
			before, i := cpu(), 0
			for b.Loop() {
				ask(x, &w.Requests[i])
				if i++; i == len(w.Requests) {
					i = 0
				}
			}
			b.ReportMetric(float64(cpu()-before)/float64(b.N), "cpu-ns/op")
		})
	}
}

// BenchmarkExplain is the same decision with its grounds, and with the near misses besides.
func BenchmarkExplain(b *testing.B) {
	w := benchdata.New(1000, benchdata.Seed)
	s, _, err := w.State()
	if err != nil {
		b.Fatal(err)
	}
	x := authz.New(s)
	for name, depth := range map[string]authz.Depth{"determining": authz.Determining, "near_misses": authz.NearMisses} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			before, i := cpu(), 0
			for b.Loop() {
				r := &w.Requests[i]
				resources := [1]string{r.Resource}
				attributes := [1]policy.Attr{{Key: "env", Value: policy.String(r.Env)}}
				x.Explain(&authz.Request{
					Principal: benchdata.Principal(r.Principal), Action: r.Action, Resources: resources[:],
					Context: policy.Context{SourceIP: r.Source, Now: r.Time, Attributes: attributes[:]},
				}, depth)
				if i++; i == len(w.Requests) {
					i = 0
				}
			}
			b.ReportMetric(float64(cpu()-before)/float64(b.N), "cpu-ns/op")
		})
	}
}

// BenchmarkNext is what a change of one policy costs the index of a large organization.
func BenchmarkNext(b *testing.B) {
	w := benchdata.New(100_000, benchdata.Seed)
	s, _, err := w.State()
	if err != nil {
		b.Fatal(err)
	}
	x := authz.New(s)
	var first *iam.Policy
	for p := range s.Policies().All() {
		first = p
		break
	}
	d := s.BeginAdministration(time.Unix(1_800_000_000, 0), iam.Principal{})
	if _, err := d.UpdatePolicy(first.ID, func(p *iam.Policy) { p.Name = "renamed" }); err != nil {
		b.Fatal(err)
	}
	changes, _, _, err := d.Changes()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		x.Next(d.State(), changes)
	}
}

// cpu is the processor time that the process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
