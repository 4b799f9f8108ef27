package authz_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// costly is a document whose expressions cost anything between nothing and more than one may.
func (r random) costly() string {
	rule := func() string {
		list := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat("1,", n), ",") + "]" }
		expression := fmt.Sprintf("%s.all(y, %s.%s(x, %s))", list(10), list(pick(r, 1, 30, 80, 120, 180, 240, 400)), pick(r, "all", "all", "exists"), pick(r, "x == 1", "x == 1", "x == 2", "gone"))
		return fmt.Sprintf(`{"action":%q,"expression":%q}`, pick(r, "allow", "allow", "allow", "deny"), expression)
	}
	var services []string
	for _, name := range []string{"s3", "compute"}[:1+r.IntN(2)] {
		services = append(services, fmt.Sprintf(`%q:{"type":"rules","rules":[%s]}`, name, strings.Join(times(1+r.IntN(2), rule), ",")))
	}
	return fmt.Sprintf(`{"default-service-strategy":%q,"services":{%s}}`, pick(r, "allow", "deny"), strings.Join(services, ","))
}

// TestWhoCanCosts: expressions cost in a search what they cost in each decision; where they cost too much, nobody is found.
func TestWhoCanCosts(t *testing.T) {
	t.Parallel()
	reasons := map[authz.Reason]int{}
	for i := range 25 {
		r := newRandom(uint64(70_000 + i))
		e := r.estate()
		asked := copyOf(e)
		r.personal(e)
		e.Suspended = false
		s, err := e.state()
		if err != nil {
			t.Fatal(err)
		}
		d := s.BeginAdministration(epoch, iam.Principal{Kind: iam.KindOfSystem})
		for n := 5000; n < 5006; n++ {
			if _, err := d.CreatePolicy(iam.Policy{ID: policyID(n), Name: fmt.Sprint(n), Language: policy.Exoscale, Document: r.costly()}); err != nil {
				t.Fatal(err)
			}
			for _, h := range holders(s) {
				if r.chance(35) {
					if err := d.Attach(policyID(n), h); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		x, all := authz.New(d.State()), principalsOf(d.State())
		for range 8 {
			search := r.search(r.question(asked))
			for _, p := range all {
				one := search.Request(p)
				reasons[x.Decide(&one).Reason]++
			}
			if got, want := slices.Collect(x.WhoCan(search, authz.Candidates{})), allowedOf(x, search, all); !slices.Equal(got, want) {
				t.Fatalf("organization %d, %+v: found\n%swant\n%s", i, *search, show(got), show(want))
			}
		}
	}
	t.Logf("%v", reasons)
	if reasons[authz.TooCostly] < 30 || reasons[authz.Allowed] < 300 {
		t.Error("the searches say too little")
	}
}
