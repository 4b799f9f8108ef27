package main

import (
	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/benchdata"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// writ decides with the server's engine. Load writes and compiles policy documents and enters them and their holders
// into an organization, by the rules that bind everybody; it keeps the index alone.
type writ struct{ index *authz.Index }

func newWrit([]string) Engine { return &writ{} }

func (e *writ) Load(w *benchdata.Workload) error {
	state, _, err := w.State()
	if err == nil {
		e.index = authz.New(state)
	}
	return err
}

func (e *writ) Decide(r *benchdata.Request) (bool, error) {
	resources := [1]string{r.Resource}
	attributes := [1]policy.Attr{{Key: "env", Value: policy.String(r.Env)}}
	d := e.index.Decide(&authz.Request{
		Principal: benchdata.Principal(r.Principal), Action: r.Action, Resources: resources[:],
		Context: policy.Context{SourceIP: r.Source, Now: r.Time, Attributes: attributes[:]},
	})
	return d.Allowed(), nil
}

// writReady is the same with a ready organization: Load only makes the index, and the organization is kept, as a server
// keeps it.
type writReady struct {
	writ
	state *iam.State
}

func newWritReady([]string) Engine { return &writReady{} }

func (e *writReady) Prepare(w *benchdata.Workload) (err error) {
	e.state, _, err = w.State()
	return err
}

func (e *writReady) Load(*benchdata.Workload) error {
	e.index = authz.New(e.state)
	return nil
}
