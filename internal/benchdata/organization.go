package benchdata

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// Org is the id of the workload's organization.
var Org = iam.OrgID{UUID: id('o', 0)}

// id makes a stable id: the kind, then the number scattered over the rest.
func id(kind byte, n int) (u iam.UUID) {
	u[0] = kind
	binary.BigEndian.PutUint64(u[4:], (uint64(n)+1)*0x9e3779b97f4a7c15)
	binary.BigEndian.PutUint32(u[12:], uint32(n))
	return u
}

// Principal names a principal of the workload, a service account.
func Principal(n int) iam.Principal {
	return iam.Principal{Kind: iam.KindOfServiceAccount, ID: id('p', n)}
}

// State makes the organization that the workload describes, through the rules that bind everybody.
func (w *Workload) State() (*iam.State, []iam.Change, error) {
	d := iam.NewState(Org).BeginAdministration(epoch, iam.Principal{Kind: iam.KindOfSystem})
	if err := w.draft(d); err != nil {
		return nil, nil, err
	}
	changes, _, _, err := d.Changes()
	return d.State(), changes, err
}

func (w *Workload) draft(d *iam.Draft) error {
	if err := Found(d); err != nil {
		return err
	}
	for i, g := range w.Groups {
		group := iam.GroupID{UUID: id('g', i)}
		if _, err := d.CreateGroup(iam.Group{ID: group, Name: fmt.Sprintf("group-%06d", i)}); err != nil {
			return err
		}
		for k, p := range g.Policies {
			n := i*policiesPerGroup + k
			made, err := d.CreatePolicy(iam.Policy{ID: iam.PolicyID{UUID: id('y', n)}, Name: fmt.Sprintf("policy-%06d", n),
				Language: policy.Statements, Document: p.Document()})
			if err != nil {
				return err
			}
			if err := d.Attach(made.ID, iam.Holder{Type: iam.TypeGroup, ID: group.UUID}); err != nil {
				return err
			}
		}
	}
	for i, groups := range w.Members {
		p := Principal(i)
		if _, err := d.CreateServiceAccount(iam.ServiceAccount{ID: iam.ServiceAccountID{UUID: p.ID}, Name: fmt.Sprintf("principal-%06d", i)}); err != nil {
			return err
		}
		for _, g := range groups {
			if err := d.Join(iam.GroupID{UUID: id('g', g)}, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// Found makes the empty organization with quotas that do not stand in the way.
func Found(d *iam.Draft) error {
	entry := &iam.DirectoryEntry{ID: Org, Name: "workload", Account: 1, Owner: iam.UserID{UUID: id('u', 0)}, CreatedAt: epoch}
	owner := &iam.Person{ID: iam.PersonID{UUID: id('h', 0)}, Email: "owner@workload.example", Name: "Owner"}
	if err := d.Found(entry, owner); err != nil {
		return err
	}
	for name := range iam.DefaultQuota {
		if err := d.SetQuota(name, 10_000_000); err != nil {
			return err
		}
	}
	return nil
}

// Document writes the policy in the statements language.
func (p Policy) Document() string {
	type condition struct {
		Operator string   `json:"operator"`
		Key      string   `json:"key"`
		Values   []string `json:"values"`
	}
	type statement struct {
		Effect     string      `json:"effect"`
		Actions    []string    `json:"actions"`
		Resources  []string    `json:"resources"`
		Conditions []condition `json:"conditions,omitempty"`
	}
	var doc struct {
		Version    string      `json:"version"`
		Statements []statement `json:"statements"`
	}
	doc.Version = "2024-01-01"
	for _, s := range p.Statements {
		out := statement{Effect: "allow", Actions: s.Actions, Resources: s.Resources}
		if s.Deny {
			out.Effect = "deny"
		}
		switch c := s.Condition; {
		case c.Source.IsValid():
			out.Conditions = []condition{{"ip_address", "iam:source_ip", []string{c.Source.String()}}}
		case c.Env != "":
			out.Conditions = []condition{{"equals", "env", []string{c.Env}}}
		case !c.Before.IsZero():
			out.Conditions = []condition{{"date_before", "iam:current_time", []string{c.Before.Format(time.RFC3339)}}}
		}
		doc.Statements = append(doc.Statements, out)
	}
	b, err := json.Marshal(doc)
	if err != nil {
		panic(err) // plain strings always marshal
	}
	return string(b)
}
