package benchdata

import "testing"

// TestWorkload holds the workload to what it is said to be made of.
func TestWorkload(t *testing.T) {
	for _, principals := range []int{10, 1000} {
		w := New(principals, Seed)
		allowed, explicit := 0, 0
		for i := range w.Requests {
			if w.Requests[i].Allowed {
				allowed++
			}
			if w.Requests[i].Explicit {
				explicit++
			}
		}
		if len(w.Requests) != 2000 || allowed != 1000 {
			t.Errorf("%d principals: %d requests, %d allowed; want 2000, half allowed", principals, len(w.Requests), allowed)
		}
		if explicit < 150 || explicit > 250 {
			t.Errorf("%d principals: %d explicit denials, want about a fifth of 1000", principals, explicit)
		}
		if want := max(5, principals/10); len(w.Groups) != want || len(w.Members) != principals {
			t.Errorf("%d principals: %d groups, %d members", principals, len(w.Groups), len(w.Members))
		}
	}
}

// TestTeeth: an engine that forgot a part of a statement must be found out.
func TestTeeth(t *testing.T) {
	for _, principals := range []int{10, 1000} {
		w := New(principals, Seed)
		for name, without := range map[string]Parts{"denies": Denies, "conditions": Conditions, "actions": Actions, "resources": Resources} {
			flipped := 0
			for i := range w.Requests {
				if allowed, _ := w.Scan(&w.Requests[i], All&^without); allowed != w.Requests[i].Allowed {
					flipped++
				}
			}
			if flipped*100 < 2*len(w.Requests) {
				t.Errorf("%d principals: leaving out %s flips %d of %d answers, want at least 2 %%", principals, name, flipped, len(w.Requests))
			}
		}
	}
}

// TestRepeatable: the same numbers make the same workload.
func TestRepeatable(t *testing.T) {
	a, b := New(10, Seed), New(10, Seed)
	for i := range a.Requests {
		if a.Requests[i] != b.Requests[i] {
			t.Fatalf("request %d differs between two runs", i)
		}
	}
	if c := New(10, Seed+1); c.Requests[0] == a.Requests[0] && c.Requests[1] == a.Requests[1] {
		t.Error("another seed makes the same requests")
	}
}
