package expr

import (
	"testing"
	"time"
)

// values are the variables of a test.
type values map[string]any

func (v values) Var(name string) (any, bool) {
	value, ok := v[name]
	return value, ok
}

func compile(t testing.TB, d Dialect, source string) *Expr {
	t.Helper()
	e, err := Compile(d, source)
	if err != nil {
		t.Fatalf("%s: %q: %v", d, source, err)
	}
	return e
}

// exoscale are the variables of a request as the contract, section 11, has them where it says nothing else.
func exoscale(extra values) values {
	v := values{
		"service": "compute", "operation": "list-instances", "zone": "ch-gva-2", "now": "2026-06-01T12:00:00Z",
		"source_ip": "192.0.2.10", "api_key": "EXOiris",
		"identity":   map[string]any{"key": "EXOiris", "created": "2026-06-01T11:30:00Z"},
		"parameters": map[string]any{}, "resources": map[string]any{}, "headers": map[string]any{},
	}
	for name, value := range extra {
		v[name] = value
	}
	return v
}

// scaleway are the variables of a request that names a resource.
func scaleway() values {
	return values{
		"request": map[string]any{
			"ip": "198.51.100.7", "time": time.Date(2026, 5, 31, 22, 30, 15, 250e6, time.UTC), "user_agent": "terraform/1.9",
		},
		"resource": map[string]any{"name": "ledger-key", "id": "6170692e-7363-616c-6577-61792e636f6d", "locality": "fr-par"},
	}
}
