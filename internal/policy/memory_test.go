package policy

import (
	"math/rand/v2"
	"runtime"
	"testing"
)

// TestMemory holds what a compiled statement costs: decisions over hundreds of thousands of statements wait for memory.
func TestMemory(t *testing.T) {
	const documents = 5000
	rng := rand.New(rand.NewPCG(42, 2))
	programs := make([]*Program, documents)
	before := heap()
	statements := 0
	for i := range programs {
		p, err := Compile(Statements, benchDocument(rng, i), nil)
		if err != nil {
			t.Fatal(err)
		}
		programs[i] = p
		statements += p.Len()
	}
	per := float64(heap()-before) / float64(statements)
	t.Logf("%.0f bytes of heap per statement", per)
	if per > 110 {
		t.Errorf("%.0f bytes of heap per statement; want about 100", per)
	}
	runtime.KeepAlive(programs)
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
