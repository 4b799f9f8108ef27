package authz_test

import (
	"testing"

	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/policy"
)

// TestResourceTags: conditions see the tags of each resource, and a decision about several is the worst of those about each.
func TestResourceTags(t *testing.T) {
	e := &estate{Users: []member{{}, {Policies: []int{0}}, {Policies: []int{0, 1}}}, Policies: []naiveDocument{
		{Statements: []naiveStatement{{Effect: "allow", Actions: []string{"s3:*"}, Resources: []string{"*"},
			Conditions: []naiveCondition{{Operator: "equals", Key: "resource_tag/env", Values: []string{"dev"}}}}}},
		{Statements: []naiveStatement{{Effect: "deny", Actions: []string{"s3:*"}, Resources: []string{"*"},
			Conditions: []naiveCondition{{Operator: "equals", Key: "resource_tag/frozen", Values: []string{"yes"}}}}}},
	}}
	s, err := e.state()
	if err != nil {
		t.Fatal(err)
	}
	x := authz.New(s)
	tags := func(pairs ...string) (out []policy.Attr) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, policy.Attr{Key: pairs[i], Value: policy.String(pairs[i+1])})
		}
		return out
	}
	dev, prod, frozen := tags("env", "dev"), tags("env", "prod"), tags("env", "dev", "frozen", "yes")
	for name, tc := range map[string]struct {
		user int
		tags [][]policy.Attr
		want authz.Reason
	}{
		"both":                           {1, [][]policy.Attr{dev, dev}, authz.Allowed},
		"one has none":                   {1, [][]policy.Attr{dev, nil}, authz.NoMatch},
		"the other has none":             {1, [][]policy.Attr{nil, dev}, authz.NoMatch},
		"tags of one are missing":        {1, [][]policy.Attr{dev}, authz.NoMatch},
		"one is another":                 {1, [][]policy.Attr{dev, prod}, authz.NoMatch},
		"a denial of no use here":        {1, [][]policy.Attr{dev, frozen}, authz.Allowed},
		"one is denied":                  {2, [][]policy.Attr{dev, frozen}, authz.ExplicitDeny},
		"the first is denied":            {2, [][]policy.Attr{frozen, dev}, authz.ExplicitDeny},
		"one is denied, one not allowed": {2, [][]policy.Attr{prod, frozen}, authz.ExplicitDeny},
		"nobody":                         {9, [][]policy.Attr{dev, dev}, authz.UnknownPrincipal},
		"the owner":                      {0, [][]policy.Attr{prod, frozen}, authz.Allowed},
	} {
		r := authz.Request{Principal: asUser(tc.user), Action: "s3:GetObject", Resources: []string{"crn::s3:bucket:a", "crn::s3:bucket:b"}, ResourceTags: tc.tags}
		if got := x.Decide(&r); got.Reason != tc.want || got.Allowed() != (tc.want == authz.Allowed) || got.Revision != x.Revision() {
			t.Errorf("%s: %+v, want %s", name, got, tc.want)
		}
		if got := x.Explain(&r, authz.NearMisses); got.Reason != tc.want {
			t.Errorf("%s, explained: %s, want %s", name, got.Reason, tc.want)
		}
	}
	// They stand in place of the context's, and say so in an explanation.
	r := authz.Request{Principal: asUser(1), Action: "s3:GetObject", Resources: []string{"crn::s3:bucket:a"}, Context: policy.Context{ResourceTags: dev}}
	if !x.Decide(&r).Allowed() {
		t.Error("the context's tags do not count")
	}
	r.ResourceTags = [][]policy.Attr{prod}
	e2 := x.Explain(&r, authz.NearMisses)
	if e2.Allowed() || len(e2.NearMisses) != 1 || e2.NearMisses[0].Resource != "crn::s3:bucket:a" {
		t.Errorf("%+v", e2)
	}
}
