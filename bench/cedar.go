package main

import (
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/cedar-policy/cedar-go"

	"github.com/writ-iam/writ/internal/benchdata"
)

// The entity types of the Cedar policies.
const (
	cedarUser   = cedar.EntityType("User")
	cedarGroup  = cedar.EntityType("Group")
	cedarAction = cedar.EntityType("Action")
	cedarObject = cedar.EntityType("Object")
)

// cedarAll has all policies in one set, and the principals as entities whose parents are their groups.
type cedarAll struct {
	names    []string
	policies *cedar.PolicySet
	entities cedar.EntityMap
}

func newCedar(names []string) Engine { return &cedarAll{names: names} }

func (e *cedarAll) Load(w *benchdata.Workload) error {
	e.policies, e.entities = cedar.NewPolicySet(), cedarEntities(w, e.names)
	for i := range w.Groups {
		list, err := cedarGroupPolicies(w, i, fmt.Sprintf("principal in Group::%q", groupName(i)))
		if err != nil {
			return err
		}
		for k, p := range list {
			e.policies.Add(cedarID(i, k), p)
		}
	}
	return nil
}

func (e *cedarAll) Decide(r *benchdata.Request) (bool, error) {
	return cedarDecide(e.policies, e.entities, e.names, r)
}

// cedarSliced hands Cedar only the policies of the principal's groups. That they are meant for the principal need not be
// asked again, so that they do not name a group, and no entities are needed.
type cedarSliced struct {
	names   []string
	groups  []cedarSlice
	members map[string][3]int
}

// cedarSlice is the policies of one group.
type cedarSlice []cedarPolicy

type cedarPolicy struct {
	id     cedar.PolicyID
	policy *cedar.Policy
}

func newCedarSliced(names []string) Engine { return &cedarSliced{names: names} }

func (e *cedarSliced) Load(w *benchdata.Workload) error {
	e.groups, e.members = make([]cedarSlice, len(w.Groups)), map[string][3]int{}
	for i := range w.Groups {
		list, err := cedarGroupPolicies(w, i, "principal")
		if err != nil {
			return err
		}
		for k, p := range list {
			e.groups[i] = append(e.groups[i], cedarPolicy{cedarID(i, k), p})
		}
	}
	for i, groups := range w.Members {
		e.members[e.names[i]] = groups
	}
	return nil
}

func (e *cedarSliced) Decide(r *benchdata.Request) (bool, error) {
	return cedarDecide(cedarSlices{e.groups, e.members[e.names[r.Principal]]}, nil, e.names, r)
}

// cedarSlices are the policies of some groups, one after the other.
type cedarSlices struct {
	all []cedarSlice
	of  [3]int
}

// All goes through the policies, as Cedar asks for it.
func (s cedarSlices) All() iter.Seq2[cedar.PolicyID, *cedar.Policy] {
	return func(yield func(cedar.PolicyID, *cedar.Policy) bool) {
		for _, g := range s.of {
			for _, p := range s.all[g] {
				if !yield(p.id, p.policy) {
					return
				}
			}
		}
	}
}

func cedarDecide(from cedar.PolicyIterator, entities cedar.EntityMap, names []string, r *benchdata.Request) (bool, error) {
	source, err := cedarAddr(r)
	if err != nil {
		return false, err
	}
	decision, diagnostic := cedar.Authorize(from, entities, cedar.Request{
		Principal: cedar.NewEntityUID(cedarUser, cedar.String(names[r.Principal])),
		Action:    cedar.NewEntityUID(cedarAction, cedar.String(r.Action)),
		Resource:  cedar.NewEntityUID(cedarObject, cedar.String(r.Resource)),
		Context: cedar.NewRecord(cedar.RecordMap{
			"action":   cedar.String(r.Action),
			"resource": cedar.String(r.Resource),
			"env":      cedar.String(r.Env),
			"source":   source,
			"now":      cedar.NewDatetime(r.Time),
		}),
	})
	if len(diagnostic.Errors) > 0 {
		return false, fmt.Errorf("cedar: %s", diagnostic.Errors[0])
	}
	return decision == cedar.Allow, nil
}

// cedarAddr makes an address, which is a prefix of full length to Cedar, without a detour by text.
func cedarAddr(r *benchdata.Request) (cedar.IPAddr, error) {
	prefix, err := r.Source.Prefix(r.Source.BitLen())
	return cedar.IPAddr(prefix), err
}

// cedarEntities are the principals, each with its groups as parents.
func cedarEntities(w *benchdata.Workload, names []string) cedar.EntityMap {
	groups := make([]cedar.EntityUID, len(w.Groups))
	for i := range groups {
		groups[i] = cedar.NewEntityUID(cedarGroup, cedar.String(groupName(i)))
	}
	entities := cedar.EntityMap{}
	for i, m := range w.Members {
		uid := cedar.NewEntityUID(cedarUser, cedar.String(names[i]))
		entities[uid] = cedar.Entity{UID: uid, Parents: cedar.NewEntityUIDSet(groups[m[0]], groups[m[1]], groups[m[2]])}
	}
	return entities
}

// cedarID names the policy that is made of a group's kth statement.
func cedarID(group, k int) cedar.PolicyID {
	return cedar.PolicyID(fmt.Sprintf("%s-%02d", groupName(group), k))
}

// cedarGroupPolicies writes the statements of a group as one Cedar document and reads it.
func cedarGroupPolicies(w *benchdata.Workload, group int, principal string) (cedar.PolicyList, error) {
	var doc strings.Builder
	for _, p := range w.Groups[group].Policies {
		for i := range p.Statements {
			writeCedar(&doc, principal, &p.Statements[i])
		}
	}
	return cedar.NewPolicyListFromBytes("", []byte(doc.String()))
}

// writeCedar writes one statement as one Cedar policy for a principal. Actions are compared before resources, and as
// texts: Cedar's groups of actions take longer here.
func writeCedar(doc *strings.Builder, principal string, s *benchdata.Statement) {
	effect := "permit"
	if s.Deny {
		effect = "forbid"
	}
	fmt.Fprintf(doc, "%s (%s, action, resource) when { (%s) && (%s)%s };\n",
		effect, principal, cedarLike("action", s.Actions), cedarLike("resource", s.Resources), cedarCondition(s.Condition))
}

// cedarLike matches an attribute of the context against any of some globs. Cedar's like means the same by "*".
func cedarLike(attribute string, patterns []string) string {
	var terms []string
	for _, p := range patterns {
		operator := "like"
		if !strings.Contains(p, "*") {
			operator = "=="
		}
		terms = append(terms, fmt.Sprintf("context.%s %s %q", attribute, operator, p))
	}
	return strings.Join(terms, " || ")
}

func cedarCondition(c benchdata.Condition) string {
	switch {
	case c.Source.IsValid():
		return fmt.Sprintf(" && context.source.isInRange(ip(%q))", c.Source)
	case c.Env != "":
		return fmt.Sprintf(" && context.env == %q", c.Env)
	case !c.Before.IsZero():
		return fmt.Sprintf(" && context.now < datetime(%q)", c.Before.UTC().Format(time.RFC3339))
	}
	return ""
}
