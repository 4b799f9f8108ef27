package authz_test

import (
	"fmt"
	"testing"

	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// TestDecideAllocates nothing, by whichever way it goes. Requests are made as a caller makes them, on the stack.
func TestDecideAllocates(t *testing.T) {
	allow := func(resource string, conditions ...naiveCondition) naiveStatement {
		return naiveStatement{Effect: "allow", Actions: []string{"s3:Get*"}, Resources: []string{resource}, Conditions: conditions}
	}
	e := &estate{
		Policies: []naiveDocument{
			{[]naiveStatement{allow("plain/*"), {Effect: "deny", Actions: []string{"s3:*"}, Resources: []string{"plain/secret/*"}}}},
			{[]naiveStatement{allow("group/*")}},
			{[]naiveStatement{
				allow("ip/*", naiveCondition{"ip_address", "iam:source_ip", []string{"10.0.0.0/8"}}),
				allow("time/*", naiveCondition{"date_before", "iam:current_time", []string{"2027-01-01T00:00:00Z"}}),
				allow("env/*", naiveCondition{"equals", "env", []string{"prod"}}, naiveCondition{"not_like", "env", []string{"p?"}}),
				allow("size/*", naiveCondition{"numeric_less_than", "size", []string{"10"}}, naiveCondition{"exists", "gone", []string{"false"}}),
				allow("tag/*", naiveCondition{"in", "resource_tag/team", []string{"web", "data"}}),
			}},
			newRandom(5).padded(100), // common
		},
		Groups: [][]int{{1}},
		Roles:  [][]int{{0, 2}, {3}, {3}},
		Users:  []member{{}, {Groups: []int{0}, Policies: []int{0, 2}}},
		// Account 0 has many rows that are kept with the policy.
		Accounts: []member{{Policies: []int{3}}, {Disabled: true}},
	}
	e.Policies[3].Statements = append([]naiveStatement{allow("common/*")}, e.Policies[3].Statements[1:]...)
	for i, s := range e.Policies[3].Statements[1:] {
		if s.Actions[0] != fmt.Sprintf("pad:N%d", i+1) {
			e.Policies[3].Statements[i+1] = naiveStatement{Effect: "deny", Actions: []string{"pad:X"}}
		}
	}
	s, err := e.state()
	if err != nil {
		t.Fatal(err)
	}
	x := authz.New(s)
	if !x.Common(policyID(3)) || x.Common(policyID(0)) {
		t.Fatal("policy 3 should be common, and policy 0 should not")
	}
	q := (&question{Facts: []fact{
		{"iam:source_ip", "10.1.2.3"}, {"iam:current_time", "2026-06-01T00:00:00Z"},
		{"env", "prod"}, {"size", 5.0}, {"resource_tag/team", "data"},
	}}).request()
	from, now, attributes, tags := q.Context.SourceIP, q.Context.Now, q.Context.Attributes, q.Context.ResourceTags
	for _, c := range []struct {
		name      string
		who       iam.Principal
		resources []string
		want      authz.Reason
	}{
		{"plain allow", asUser(1), []string{"plain/a"}, authz.Allowed},
		{"explicit deny", asUser(1), []string{"plain/secret/a"}, authz.ExplicitDeny},
		{"implicit deny", asUser(1), []string{"other/a"}, authz.NoMatch},
		{"group", asUser(1), []string{"group/a"}, authz.Allowed},
		{"role", asRole(0), []string{"plain/a"}, authz.Allowed},
		{"common, allow", asAccount(0), []string{"common/a"}, authz.Allowed},
		{"common, implicit deny", asAccount(0), []string{"other/a"}, authz.NoMatch},
		{"owner", asUser(0), []string{"plain/secret/a"}, authz.Allowed},
		{"unknown", asUser(99), []string{"plain/a"}, authz.UnknownPrincipal},
		{"disabled", asAccount(1), []string{"plain/a"}, authz.Disabled},
		{"source_ip", asUser(1), []string{"ip/a"}, authz.Allowed},
		{"current_time", asUser(1), []string{"time/a"}, authz.Allowed},
		{"text attribute", asUser(1), []string{"env/a"}, authz.Allowed},
		{"number attribute", asUser(1), []string{"size/a"}, authz.Allowed},
		{"tag", asUser(1), []string{"tag/a"}, authz.Allowed},
		{"two resources", asUser(1), []string{"plain/a", "group/a"}, authz.Allowed},
		{"two resources, one denied", asUser(1), []string{"group/a", "plain/secret/a"}, authz.ExplicitDeny},
	} {
		names := make([]string, len(c.resources))
		for i, r := range c.resources {
			names[i] = "crn:eu1:s3:object:" + r
		}
		var got authz.Decision
		allocs := testing.AllocsPerRun(100, func() {
			var resources [2]string
			n := copy(resources[:], names)
			got = x.Decide(&authz.Request{Principal: c.who, Action: "s3:GetObject", Resources: resources[:n],
				Context: policy.Context{SourceIP: from, Now: now, Attributes: attributes, ResourceTags: tags}})
		})
		if got.Reason != c.want || allocs != 0 {
			t.Errorf("%s: %s with %v allocations, want %s with none", c.name, got.Reason, allocs, c.want)
		}
	}
}

// TestNextKeeps: the next index shares with the one before all that the commit did not touch.
func TestNextKeeps(t *testing.T) {
	const many = 1000 // of each kind; vectors are kept in chunks of 64
	r := newRandom(6)
	e := &estate{Policies: []naiveDocument{r.padded(60)}}
	var people []iam.UUID
	for i := range many {
		e.Policies = append(e.Policies, r.document())
		e.Groups = append(e.Groups, []int{i + 1})
		e.Users, e.Accounts, e.Roles = append(e.Users, member{Groups: []int{i}}), append(e.Accounts, member{Policies: []int{0}}), append(e.Roles, nil)
		people = append(people, numbered('u', i), numbered('a', i), numbered('r', i))
	}
	h := newHistory(t, e, 7)
	if !h.x.Common(policyID(0)) || h.x.Common(policyID(1)) {
		t.Fatal("policy 0 should be common, and policy 1 should not")
	}
	update := func(n int) func(d *iam.Draft) error {
		return func(d *iam.Draft) error {
			text := r.padded(60).text()
			_, err := d.UpdatePolicy(policyID(n), func(p *iam.Policy) { p.Document = text })
			return err
		}
	}
	for _, c := range []struct {
		name                     string
		draft                    func(d *iam.Draft) error
		policies, groups, people int // how many slots and principals may move
	}{
		{"nothing", func(*iam.Draft) error { return nil }, 0, 0, 0},
		{"a policy of one group", update(500), 64, 64, 0},
		{"a policy of a thousand accounts", update(0), 64, 0, 0},
		{"an account disabled", func(d *iam.Draft) error {
			_, err := d.UpdateServiceAccount(iam.ServiceAccountID{UUID: numbered('a', 5)}, func(a *iam.ServiceAccount) { a.Enabled = false })
			return err
		}, 0, 0, 1},
		{"a user joins", func(d *iam.Draft) error { return d.Join(groupID(7), asUser(5)) }, 0, 0, 1},
		{"a policy attached to a role", func(d *iam.Draft) error {
			return d.Attach(policyID(9), iam.Holder{Type: iam.TypeRole, ID: numbered('r', 5)})
		}, 0, 64, 0},
		{"a user gets a role", func(d *iam.Draft) error {
			_, err := d.SetUserRole(iam.UserID{UUID: numbered('u', 5)}, iam.RoleID{UUID: numbered('r', 5)})
			return err
		}, 0, 0, 1},
		{"a policy attached to a group", func(d *iam.Draft) error {
			return d.Attach(policyID(9), iam.Holder{Type: iam.TypeGroup, ID: numbered('g', 5)})
		}, 0, 64, 0},
		{"one more of a common policy", func(d *iam.Draft) error {
			return d.Attach(policyID(0), iam.Holder{Type: iam.TypeGroup, ID: numbered('g', 700)})
		}, 0, 64, 0},
		{"suspended", func(d *iam.Draft) error { return d.SetSuspended(true) }, 0, 0, 0},
	} {
		before := h.x
		h.commit(c.draft)
		policies, groups, moved := before.Moved(h.x, people)
		if policies > c.policies || groups > c.groups || moved != c.people {
			t.Errorf("%s: %d policies, %d groups and %d principals moved, want at most %d and %d, and %d", c.name, policies, groups, moved, c.policies, c.groups, c.people)
		}
		if c.policies > 0 && policies == 0 || c.groups > 0 && groups == 0 {
			t.Errorf("%s: nothing moved", c.name)
		}
	}
	h.same(50)
}
