package main

import (
	"fmt"

	"github.com/writ-iam/writ/engine"
	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/benchdata"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// writ decides with the public package: documents, groups and principals by name. Prepare writes the documents; Load compiles
// them and lays them out.
type writ struct {
	bundle *engine.Bundle
	engine *engine.Engine
	names  map[int]string // of the principals that ask: UUIDs, as an export of a server has them
}

func newWrit([]string) Engine { return &writ{} }

func (e *writ) Prepare(w *benchdata.Workload) error {
	e.bundle = &engine.Bundle{}
	for i, g := range w.Groups {
		group := engine.Group{Name: fmt.Sprintf("group-%06d", i)}
		for _, p := range g.Policies {
			name := fmt.Sprintf("policy-%06d", len(e.bundle.Policies))
			e.bundle.Policies = append(e.bundle.Policies, engine.Policy{Name: name, Document: []byte(p.Document())})
			group.Policies = append(group.Policies, name)
		}
		e.bundle.Groups = append(e.bundle.Groups, group)
	}
	for i, groups := range w.Members {
		p := engine.Principal{Kind: engine.KindServiceAccount, Name: benchdata.Principal(i).ID.String()}
		for _, g := range groups {
			p.Groups = append(p.Groups, e.bundle.Groups[g].Name)
		}
		e.bundle.Principals = append(e.bundle.Principals, p)
	}
	e.names = map[int]string{}
	for i := range w.Requests {
		n := w.Requests[i].Principal
		e.names[n] = e.bundle.Principals[n].Name
	}
	return nil
}

// Load lets the bundle go: it is what comes in, and not what is kept.
func (e *writ) Load(*benchdata.Workload) (err error) {
	e.engine, err = engine.New(e.bundle)
	e.bundle = nil
	return err
}

func (e *writ) Decide(r *benchdata.Request) (bool, error) {
	resources := [1]string{r.Resource}
	attributes := [1]engine.Attr{{Key: "env", Value: engine.String(r.Env)}}
	d := e.engine.Decide(&engine.Request{
		Principal: engine.ServiceAccount(e.names[r.Principal]), Action: r.Action, Resources: resources[:],
		Context: engine.Context{SourceIP: r.Source, Now: r.Time, Attributes: attributes[:]},
	})
	return d.Allowed(), nil
}

// writServer decides as the server does, with its whole organization in memory. Load only makes the index.
type writServer struct {
	state *iam.State
	index *authz.Index
}

func newWritServer([]string) Engine { return &writServer{} }

func (e *writServer) Prepare(w *benchdata.Workload) (err error) {
	e.state, _, err = w.State()
	return err
}

func (e *writServer) Load(*benchdata.Workload) error {
	e.index = authz.New(e.state)
	return nil
}

func (e *writServer) Decide(r *benchdata.Request) (bool, error) {
	resources := [1]string{r.Resource}
	attributes := [1]policy.Attr{{Key: "env", Value: policy.String(r.Env)}}
	d := e.index.Decide(&authz.Request{
		Principal: benchdata.Principal(r.Principal), Action: r.Action, Resources: resources[:],
		Context: policy.Context{SourceIP: r.Source, Now: r.Time, Attributes: attributes[:]},
	})
	return d.Allowed(), nil
}
