package main

import (
	"fmt"

	"github.com/writ-iam/writ/internal/benchdata"
)

// Engine is one way to decide. A deny that applies wins, else an allow that applies, else the answer is no.
type Engine interface {
	// Load takes the organization in. It starts from the workload's plain values and includes writing them in the
	// engine's own language and reading that. Afterwards the engine keeps only what it needs to decide.
	Load(w *benchdata.Workload) error
	// Decide answers a request. It starts from plain values (strings, netip.Addr, time.Time) and includes making the
	// engine's own request.
	Decide(r *benchdata.Request) (bool, error)
}

// preparer is an Engine whose Load starts from something that is made beforehand. What it keeps of that counts as kept.
type preparer interface {
	Prepare(w *benchdata.Workload) error
}

// contender is an engine that takes part.
type contender struct {
	name string
	of   string // the module that it is from
	// make gives it unloaded. It is told the principals' names, by number, so that no engine has to spell them out for
	// each request: a caller has the name at hand.
	make func(names []string) Engine
}

// contenders are all that take part, in the order of the tables.
var contenders = []contender{
	{"writ", "github.com/writ-iam/writ", newWrit},
	{"writ-server", "github.com/writ-iam/writ", newWritServer},
	{"cedar", "github.com/cedar-policy/cedar-go", newCedar},
	{"cedar-sliced", "github.com/cedar-policy/cedar-go", newCedarSliced},
	{"opa", "github.com/open-policy-agent/opa", newOPA},
	{"casbin", "github.com/casbin/casbin/v2", newCasbin},
}

// namesOf spells out the principals of a workload.
func namesOf(w *benchdata.Workload) []string {
	names := make([]string, len(w.Members))
	for i := range names {
		names[i] = fmt.Sprintf("principal-%06d", i)
	}
	return names
}

// groupName spells out a group.
func groupName(n int) string { return fmt.Sprintf("group-%06d", n) }
