package authz_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/iam"
)

// TestSecondOpinion: Decide and Explain say what the naive evaluator says, on random organizations.
func TestSecondOpinion(t *testing.T) {
	t.Parallel()
	const organizations, questions = 336, 150
	omissions := []string{"denies", "actions", "resources", "conditions", "failures"}
	cases, weighed, shared := 0, 0, 0 // every fifth case is weighed: would it come out the same if something were left out?
	reasons, flips := map[string]int{}, map[string]int{}
	for i := range organizations {
		r := newRandom(uint64(i))
		e := r.estate()
		s, err := e.state()
		if err != nil {
			t.Fatalf("organization %d: %v", i, err)
		}
		x, n := authz.New(s), newNaive(s)
		if x.Common(policyID(len(e.Policies) - 1)) { // see random.share
			shared++
		}
		for range questions {
			q := r.question(e)
			want := n.decide(q)
			if what := disagreement(x, q, want); what != "" {
				e, q := reduce(e, q)
				t.Fatalf("organization %d: %s; smallest such case:\n%s", i, what, reproduction(e, q))
			}
			cases++
			reasons[want.reason]++
			if cases%5 > 0 {
				continue
			}
			weighed++
			for _, o := range omissions {
				n.omit = o
				if n.decide(q).reason != want.reason {
					flips[o]++
				}
			}
			n.omit = ""
		}
	}
	t.Logf("%d cases: %v; without one thing, so many of %d come out otherwise: %v", cases, reasons, weighed, flips)
	if cases < 50_000 || shared < 20 {
		t.Errorf("only %d cases, and %d organizations with common policies", cases, shared)
	}
	for _, reason := range []string{"explicit_allow", "explicit_deny", "implicit_deny"} {
		if reasons[reason]*100 < cases*5 {
			t.Errorf("only %d of %d cases are %s", reasons[reason], cases, reason)
		}
	}
	for _, reason := range []string{"unknown_principal", "principal_disabled", "organization_suspended"} {
		if reasons[reason] < 100 {
			t.Errorf("only %d cases are %s", reasons[reason], reason)
		}
	}
	for _, o := range omissions {
		if flips[o]*100 < weighed {
			t.Errorf("leaving out %s changes only %d of %d answers", o, flips[o], weighed)
		}
	}
}

// disagreement says in what the engine and the second opinion differ; "" if in nothing.
func disagreement(x *authz.Index, q *question, want answer) string {
	r := q.request()
	d := x.Decide(r)
	if d.Reason.String() != want.reason || d.Allowed() != (want.reason == "explicit_allow") {
		return fmt.Sprintf("decided %s (allowed %t), want %s", d.Reason, d.Allowed(), want.reason)
	}
	why := x.Explain(r, authz.NearMisses)
	if why.Decision != d {
		return fmt.Sprintf("explained %+v, decided %+v", why.Decision, d)
	}
	if got, want := listed(why.Determining), listedHits(want.hits); !slices.Equal(got, want) {
		return fmt.Sprintf("determining are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	got, misses := listed(why.NearMisses), listedHits(want.misses)
	if len(misses) <= authz.MaxNearMisses && !slices.Equal(got, misses) {
		return fmt.Sprintf("near misses are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(misses, "\n"))
	}
	return ""
}

func listed(findings []authz.Finding) []string {
	var out []string
	for _, f := range findings {
		out = append(out, fmt.Sprint(f.Policy, " ", f.Statement, " ", f.Via, " ", f.Group, " ", f.Resource))
	}
	slices.Sort(out)
	return out
}

func listedHits(hits []hit) []string {
	var out []string
	for _, h := range hits {
		out = append(out, fmt.Sprint(h.policy, " ", h.statement, " ", h.via, " ", h.group, " ", h.resource))
	}
	slices.Sort(out)
	return out
}

// differ makes an organization and tells whether the opinions on it differ.
func differ(e *estate, q *question) bool {
	s, err := e.state()
	return err == nil && disagreement(authz.New(s), q, newNaive(s).decide(q)) != ""
}

// reduce makes a case on which the opinions differ as small as it gets by leaving out one thing at a time.
func reduce(e *estate, q *question) (*estate, *question) { return reduceWhile(e, q, differ) }

func reduceWhile(e *estate, q *question, bad func(*estate, *question) bool) (*estate, *question) {
	for again := true; again; {
		again = false
		for i := 0; ; i++ {
			smaller, asked := copyOf(e), *q
			if !leaveOut(smaller, &asked, i) {
				break
			}
			if bad(smaller, &asked) {
				e, q, again = smaller, &asked, true
				i--
			}
		}
	}
	return e, q
}

func copyOf(e *estate) *estate {
	out := new(estate)
	if err := json.Unmarshal([]byte(asJSON(e)), out); err != nil {
		panic(err)
	}
	return out
}

// leaveOut removes the i-th of all the things that can be left out; false if there are not so many.
func leaveOut(e *estate, q *question, i int) bool {
	facts, resources := slices.Clone(q.Facts), slices.Clone(q.Resources)
	done := cut(&i, &facts) || len(resources) > 1 && cut(&i, &resources)
	q.Facts, q.Resources = facts, resources
	if done {
		return true
	}
	for _, members := range [][]member{e.Users, e.Accounts} {
		for m := range members {
			if cut(&i, &members[m].Policies) || cut(&i, &members[m].Groups) || cut(&i, &members[m].Roles) {
				return true
			}
		}
	}
	for _, holders := range [][][]int{e.Groups, e.Roles} {
		for h := range holders {
			if cut(&i, &holders[h]) {
				return true
			}
		}
	}
	for p := range e.Policies {
		statements := &e.Policies[p].Statements
		if len(*statements) > 1 && cut(&i, statements) {
			return true
		}
		for s := range *statements {
			s := &(*statements)[s]
			if cut(&i, &s.Conditions) || len(s.Actions) > 1 && cut(&i, &s.Actions) || len(s.Resources) > 1 && cut(&i, &s.Resources) {
				return true
			}
			for c := range s.Conditions {
				if len(s.Conditions[c].Values) > 1 && cut(&i, &s.Conditions[c].Values) {
					return true
				}
			}
		}
	}
	return false
}

// cut removes element *i of a list, or counts i down by the list's length.
func cut[T any](i *int, list *[]T) bool {
	if *i >= len(*list) {
		*i -= len(*list)
		return false
	}
	*list = slices.Delete(*list, *i, *i+1)
	return true
}

// reproduction shows a case: who holds what, the documents that are held, and the question.
func reproduction(e *estate, q *question) string {
	var b strings.Builder
	held := map[int]bool{}
	holder := func(name string, i int, policies, groups, roles []int) {
		for _, p := range policies {
			held[p] = true
		}
		if len(policies)+len(groups)+len(roles) > 0 {
			fmt.Fprintf(&b, "%s %d has policies %v, groups %v, role %v\n", name, i, policies, groups, roles)
		}
	}
	for i, m := range e.Users {
		holder("user", i, m.Policies, m.Groups, m.Roles)
	}
	for i, m := range e.Accounts {
		holder("service account", i, m.Policies, m.Groups, nil)
	}
	for i, p := range e.Groups {
		holder("group", i, p, nil, nil)
	}
	for i, p := range e.Roles {
		holder("role", i, p, nil, nil)
	}
	for i, p := range e.Policies {
		if held[i] {
			fmt.Fprintf(&b, "policy %d: %s\n", i, p.text())
		}
	}
	fmt.Fprintf(&b, "suspended %t; %s %s asks %s on %q with %#v\n", e.Suspended, q.Who.Kind, q.Who.ID, q.Action, q.Resources, q.Facts)
	s, err := e.state()
	if err == nil {
		want := newNaive(s).decide(q)
		fmt.Fprintf(&b, "%s", disagreement(authz.New(s), q, want))
	}
	return b.String()
}

// TestReduce: a fault that is put in is found, and is shown with nothing beside it.
func TestReduce(t *testing.T) {
	wrong := func(s *iam.State, q *question) bool { // an engine that does not see denials with conditions
		n := newNaive(s)
		want := n.decide(q)
		for id, d := range n.documents {
			n.documents[id] = naiveDocument{slices.DeleteFunc(d.Statements, func(s naiveStatement) bool {
				return s.Effect == "deny" && len(s.Conditions) > 0
			})}
		}
		return n.decide(q).reason != want.reason
	}
	faulty := func(e *estate, q *question) bool {
		s, err := e.state()
		return err == nil && wrong(s, q)
	}
	for i := range 200 {
		r := newRandom(uint64(i))
		e := r.estate()
		s, err := e.state()
		if err != nil {
			t.Fatal(err)
		}
		for range 40 {
			q := r.question(e)
			if !wrong(s, q) {
				continue
			}
			e, q := reduceWhile(e, q, faulty)
			attachments, conditions := 0, 0
			for _, m := range append(e.Users, e.Accounts...) {
				attachments += len(m.Policies)
			}
			for _, h := range append(e.Groups, e.Roles...) {
				attachments += len(h)
			}
			for _, p := range e.Policies {
				for _, s := range p.Statements {
					conditions += len(s.Conditions)
				}
			}
			if attachments > 2 || conditions > 2 || len(q.Resources) != 1 {
				t.Errorf("%d attachments, %d conditions and %d resources are left:\n%s", attachments, conditions, len(q.Resources), reproduction(e, q))
			}
			return
		}
	}
	t.Error("the fault was not found")
}
