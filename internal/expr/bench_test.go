package expr

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// typical are expressions as the contracts show them.
var typical = []struct {
	name    string
	dialect Dialect
	source  string
	allocs  float64
}{
	{"in", Exoscale, `operation in ['list-instances','get-instance']`, 0},
	{"range", Exoscale, `source_ip.inIpRange('192.0.0.0/8') && operation.startsWith('list-')`, 0},
	{"label", Exoscale, `resources.instance.labels.tenant == 'orchid'`, 0},
	{"missing", Exoscale, `resources.sks_nodepool.name in ['vault-pool','ledger-pool']`, 0},
	{"has", Exoscale, `operation == 'list-instances' && (!parameters.has('public_ip_assignment') || parameters.public_ip_assignment != 'none')`, 0},
	{"matches", Exoscale, `operation.matches('(list|get)-[a-z]+')`, 0},
	{"age", Exoscale, `timestamp(identity.created) < timestamp(now) - duration('1h')`, 12},
	{"office", Scaleway, `inIpRange(request.ip, "198.51.100.0/24") && request.time.getDayOfWeek("Europe/Paris") in [1,2,3,4,5]`, 0},
	{"list", Exoscale, `operation in [` + operations(200) + `]`, 0},
}

func operations(n int) string {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("'some-operation-%d'", i))
	}
	return strings.Join(names, ",")
}

func typicalVars(d Dialect) values {
	if d == Scaleway {
		return scaleway()
	}
	return exoscale(values{"resources": map[string]any{"instance": map[string]any{"labels": map[string]any{"tenant": "orchid"}}}})
}

func BenchmarkEval(b *testing.B) {
	for _, c := range typical {
		b.Run(c.name, func(b *testing.B) {
			e, vars := compile(b, c.dialect, c.source), typicalVars(c.dialect)
			budget := new(Budget)
			b.ReportAllocs()
			for b.Loop() {
				budget.spent = 0
				e.Eval(vars, budget)
			}
		})
	}
}

func BenchmarkHostile(b *testing.B) {
	vars := hostileVars()
	for _, name := range slices.Sorted(maps.Keys(hostile)) {
		b.Run(name, func(b *testing.B) {
			e := compile(b, Exoscale, hostile[name])
			spent := 0
			b.ReportAllocs()
			for b.Loop() {
				var budget Budget
				e.Eval(vars, &budget)
				spent = budget.Spent()
			}
			b.ReportMetric(float64(spent), "units")
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	for _, c := range typical {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				compile(b, c.dialect, c.source)
			}
		})
	}
}

// TestAllocations holds plain conditions at nothing allocated.
func TestAllocations(t *testing.T) {
	for _, c := range typical {
		var vars Vars = typicalVars(c.dialect)
		e, b := compile(t, c.dialect, c.source), new(Budget)
		got := testing.AllocsPerRun(100, func() {
			b.spent = 0
			e.Eval(vars, b)
		})
		if got > c.allocs {
			t.Errorf("%s: %v allocations, want %v", c.name, got, c.allocs)
		}
	}
}

// TestFootprint holds what many expressions take: an installation may have a hundred thousand.
func TestFootprint(t *testing.T) {
	const n = 2000
	short := slices.DeleteFunc(slices.Clone(typical), func(c struct {
		name    string
		dialect Dialect
		source  string
		allocs  float64
	}) bool {
		return c.name == "list" || c.name == "matches"
	})
	keep := make([]*Expr, n)
	before := heap()
	for i := range keep {
		keep[i] = compile(t, short[i%len(short)].dialect, short[i%len(short)].source)
	}
	per := float64(heap()-before) / n
	t.Logf("%.0f bytes of heap per expression", per)
	if per > 1000 {
		t.Errorf("%.0f bytes of heap per expression", per)
	}
	runtime.KeepAlive(keep)
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
