package authz_test

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/benchdata"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// principalsOf are all principals of an organization, in the order of searches.
func principalsOf(s *iam.State) (out []iam.Principal) {
	for r := range s.PredefinedRoles().All() {
		out = append(out, iam.Principal{Kind: iam.KindOfRole, ID: r.ID.UUID})
	}
	for r := range s.Roles().All() {
		out = append(out, iam.Principal{Kind: iam.KindOfRole, ID: r.ID.UUID})
	}
	for a := range s.ServiceAccounts().All() {
		out = append(out, iam.Principal{Kind: iam.KindOfServiceAccount, ID: a.ID.UUID})
	}
	for u := range s.Users().All() {
		out = append(out, iam.Principal{Kind: iam.KindOfUser, ID: u.ID.UUID})
	}
	slices.SortFunc(out, compare)
	return out
}

// compare is the order of searches: kinds as text, then ids.
func compare(p, q iam.Principal) int {
	if p.Kind != q.Kind {
		if p.Kind < q.Kind {
			return -1
		}
		return 1
	}
	return p.ID.Compare(q.ID)
}

// allowedOf asks Decide about one after the other.
func allowedOf(x *authz.Index, s *authz.Search, from []iam.Principal) (out []iam.Principal) {
	for _, p := range from {
		if r := s.Request(p); x.Decide(&r).Allowed() {
			out = append(out, p)
		}
	}
	return out
}

// personal puts conditions that look at who asks into some statements.
func (r random) personal(e *estate) {
	name := func() string {
		return pick(r, asUser(r.IntN(4)), asAccount(r.IntN(3)), asRole(r.IntN(3))).CRN().String()
	}
	conditions := []func() naiveCondition{
		func() naiveCondition { return naiveCondition{"in", "iam:principal_crn", times(1+r.IntN(3), name)} },
		func() naiveCondition { return naiveCondition{"not_in", "iam:principal_crn", times(1+r.IntN(3), name)} },
		func() naiveCondition {
			return naiveCondition{"like", "iam:principal_crn", []string{pick(r, "*:user:*", "crn::iam:role:*", "*1", "*")}}
		},
		func() naiveCondition {
			return naiveCondition{pick(r, "equals", "not_equals"), "iam:principal_type", []string{pick(r, "user", "service_account", "role")}}
		},
		func() naiveCondition {
			return naiveCondition{"exists", pick(r, "iam:principal_crn", "iam:principal_type"), []string{pick(r, "true", "false")}}
		},
	}
	for p := range e.Policies {
		statements := e.Policies[p].Statements
		if len(statements) < 100 && !r.chance(30) { // see random.share
			continue
		}
		s := &statements[r.IntN(min(len(statements), 5))]
		s.Conditions = append(s.Conditions, pick(r, conditions...)())
	}
}

// search makes a search of a question: mostly one that leaves it to each principal who asks.
func (r random) search(q *question) *authz.Search {
	one := q.request()
	s := &authz.Search{Action: one.Action, Resources: one.Resources, Context: one.Context}
	if r.chance(80) {
		s.Context.PrincipalType = ""
	}
	if r.chance(10) {
		s.Context.PrincipalCRN = asUser(1).CRN().String()
	}
	return s
}

func show(principals []iam.Principal) (out string) {
	for _, p := range principals {
		out += fmt.Sprintf("%s %s\n", p.Kind, p.ID)
	}
	return out
}

// TestWhoCan: on random organizations, exactly those are found whom Decide allows, in order.
func TestWhoCan(t *testing.T) {
	t.Parallel()
	const organizations, questions = 300, 60
	found, missed, several, named := 0, 0, 0, 0
	for i := range organizations {
		r := newRandom(uint64(10_000 + i))
		e := r.estate()
		asked := copyOf(e) // questions know nothing of the conditions that are added
		r.personal(e)
		s, err := e.state()
		if err != nil {
			t.Fatal(err)
		}
		x, all := authz.New(s), principalsOf(s)
		for range questions {
			search := r.search(r.question(asked))
			got, want := slices.Collect(x.WhoCan(search, authz.Candidates{})), allowedOf(x, search, all)
			if !slices.Equal(got, want) {
				t.Fatalf("organization %d, %+v: found\n%swant\n%s", i, *search, show(got), show(want))
			}
			found, missed = found+len(want), missed+len(all)-len(want)
			if len(search.Resources) > 1 {
				several += len(want)
			}
			anybody := *search // as the same search is when all are taken for one
			anybody.Context.PrincipalCRN, anybody.Context.PrincipalType = asUser(1).CRN().String(), "user"
			if !slices.Equal(allowedOf(x, &anybody, all), want) {
				named++
			}
		}
	}
	t.Logf("%d found, %d of them on several resources; %d not; in %d searches it mattered who asks", found, several, missed, named)
	if found < 10_000 || missed < 10_000 || several < 2000 || named < 500 {
		t.Error("the searches say too little")
	}
}

// TestWhoCanNext: an index that went through changes finds what one from nothing finds.
func TestWhoCanNext(t *testing.T) {
	t.Parallel()
	for i := range 6 {
		r := newRandom(uint64(20_000 + i))
		e := r.estate()
		r.personal(e)
		h := newHistory(t, e, uint64(21_000+i))
		for range 40 {
			h.commit(func(d *iam.Draft) error { return h.change(d) })
			all, fresh := principalsOf(h.s), authz.New(h.s)
			for range 10 {
				q := h.question(&estate{Users: h.e.Users, Accounts: h.e.Accounts, Groups: h.e.Groups, Roles: h.e.Roles, Policies: withoutNames(h.e.Policies)})
				search := h.search(q)
				got, want := slices.Collect(h.x.WhoCan(search, authz.Candidates{})), allowedOf(fresh, search, all)
				if !slices.Equal(got, want) {
					t.Fatalf("history %d, revision %d, %+v: found\n%swant\n%s", i, h.s.Revision(), *search, show(got), show(want))
				}
			}
		}
	}
}

// withoutNames leaves out the conditions on iam:principal_crn, about which questions say nothing.
func withoutNames(from []naiveDocument) (out []naiveDocument) {
	for _, d := range from {
		d.Statements = slices.Clone(d.Statements)
		for i := range d.Statements {
			s := &d.Statements[i]
			s.Conditions = slices.DeleteFunc(slices.Clone(s.Conditions), func(c naiveCondition) bool { return c.Key == "iam:principal_crn" })
		}
		out = append(out, d)
	}
	return out
}

// TestWhoCanPages: pages after each other are the whole, wherever they are cut, whatever became of the last one's end.
func TestWhoCanPages(t *testing.T) {
	t.Parallel()
	r := newRandom(30_000)
	e := multitude(r, 300)
	s, err := e.state()
	if err != nil {
		t.Fatal(err)
	}
	x := authz.New(s)
	search := &authz.Search{Action: "s3:GetObject", Resources: []string{"crn:eu1:s3:object:a"}}
	whole := slices.Collect(x.WhoCan(search, authz.Candidates{}))
	if want := allowedOf(x, search, principalsOf(s)); !slices.Equal(whole, want) || len(want) < 300 {
		t.Fatalf("found %d, want %d", len(whole), len(want))
	}
	for _, limit := range []int{1, 2, 7, 100, len(whole) - 1, len(whole), len(whole) + 1} {
		var pages []iam.Principal
		for after := (iam.Principal{}); ; after = pages[len(pages)-1] {
			page := slices.Collect(x.WhoCan(search, authz.Candidates{After: after, Limit: limit}))
			if len(page) > limit {
				t.Fatalf("a page of %d, want at most %d", len(page), limit)
			}
			if pages = append(pages, page...); len(page) < limit {
				break
			}
		}
		if !slices.Equal(pages, whole) {
			t.Errorf("pages of %d differ from the whole", limit)
		}
	}
	for range 300 { // markers of nobody, and subsets of kinds
		c := authz.Candidates{After: iam.Principal{
			Kind: pick(r, "", "group", iam.KindOfRole, iam.KindOfServiceAccount, iam.KindOfUser, iam.KindOfSystem, "zebra"),
			ID:   numbered(pick[byte](r, 0, 'a', 'r', 'u', 0xff), r.IntN(400)),
		}, Limit: r.IntN(50)}
		for _, k := range []iam.PrincipalKind{iam.KindOfUser, "group", iam.KindOfRole, iam.KindOfServiceAccount, iam.KindOfUser} {
			if r.chance(50) {
				c.Kinds = append(c.Kinds, k)
			}
		}
		even := func(p iam.Principal) bool { return p.ID[15]%2 == 0 }
		if r.chance(50) {
			c.Keep = even
		}
		want := slices.DeleteFunc(slices.Clone(whole), func(p iam.Principal) bool {
			return compare(p, c.After) <= 0 || c.Kinds != nil && !slices.Contains(c.Kinds, p.Kind) || c.Keep != nil && !even(p)
		})
		if c.Limit > 0 {
			want = want[:min(c.Limit, len(want))]
		}
		if got := slices.Collect(x.WhoCan(search, c)); !slices.Equal(got, want) {
			t.Fatalf("%+v: found\n%swant\n%s", c, show(got), show(want))
		}
	}
	gone := whole[len(whole)/2]
	d := s.BeginAdministration(epoch, iam.Principal{Kind: iam.KindOfSystem})
	if err := d.DeleteServiceAccount(iam.ServiceAccountID{UUID: gone.ID}); err != nil {
		t.Fatal(err)
	}
	got := slices.Collect(authz.New(d.State()).WhoCan(search, authz.Candidates{After: gone}))
	if !slices.Equal(got, whole[len(whole)/2+1:]) {
		t.Error("the page after one who is gone is another")
	}
}

// multitude is an organization with so many of each kind, most of whom may s3:GetObject on a.
func multitude(r random, many int) *estate {
	allow := naiveDocument{[]naiveStatement{{Effect: "allow", Actions: []string{"s3:*"}, Resources: []string{"a"}}}}
	deny := naiveDocument{[]naiveStatement{{Effect: "deny", Actions: []string{"s3:Get*"}}}}
	e := &estate{Policies: []naiveDocument{allow, deny}, Groups: [][]int{{0}, {1}, {0, 1}, {0}, nil}}
	m := func() member {
		out := member{Groups: []int{pick(r, 0, 0, 0, 3, 1, 2, 4)}, Disabled: r.chance(10)}
		if r.chance(10) {
			out.Policies = []int{r.IntN(2)}
		}
		return out
	}
	e.Users, e.Accounts = times(many, m), times(many, m)
	e.Roles = times(many, func() []int { return r.some(2, 2) })
	return e
}

// ownerRole is the predefined role that may do everything.
func ownerRole() iam.Principal {
	return iam.Principal{Kind: iam.KindOfRole, ID: iam.PredefinedRole(iam.OrgID{UUID: numbered('o', 1)}, iam.OwnerRole).UUID}
}

// TestSearchNobody: where Decide allows nobody, nobody is found; and the owner is where Decide allows the owner.
func TestSearchNobody(t *testing.T) {
	allow := naiveDocument{[]naiveStatement{{Effect: "allow", Actions: []string{"s3:Get*"}}}}
	e := &estate{Policies: []naiveDocument{allow}, Users: []member{{}, {Policies: []int{0}}}, Accounts: []member{{Policies: []int{0}, Disabled: true}}}
	name := []string{"crn:eu1:s3:object:a"}
	owner := []iam.Principal{ownerRole(), asUser(0)}
	for _, c := range []struct {
		name   string
		search authz.Search
		closed bool
		want   []iam.Principal
	}{
		{"somebody", authz.Search{Action: "s3:GetObject", Resources: name}, false, []iam.Principal{ownerRole(), asUser(0), asUser(1)}},
		{"an action of nobody's", authz.Search{Action: "s3:Fly", Resources: name}, false, owner},
		{"no action", authz.Search{Resources: name}, false, owner},
		{"no resources", authz.Search{Action: "s3:GetObject"}, false, nil},
		{"the zero search", authz.Search{}, false, nil},
		{"suspended", authz.Search{Action: "s3:GetObject", Resources: name}, true, nil},
	} {
		e.Suspended = c.closed
		s, err := e.state()
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.Collect(authz.New(s).WhoCan(&c.search, authz.Candidates{})); !slices.Equal(got, c.want) {
			t.Errorf("%s: found\n%swant\n%s", c.name, show(got), show(c.want))
		}
	}
	empty := authz.New(iam.NewState(iam.OrgID{UUID: numbered('o', 1)}))
	for p := range empty.WhoCan(&authz.Search{Action: "s3:GetObject", Resources: name}, authz.Candidates{}) {
		t.Errorf("%s is allowed where no organization is", p.ID)
	}
	e.Suspended = false
	s, err := e.state()
	if err != nil {
		t.Fatal(err)
	}
	x := authz.New(s)
	for _, p := range []iam.Principal{{}, asUser(9), asAccount(0), {Kind: iam.KindOfRole, ID: asUser(1).ID}} {
		r := &authz.Request{Principal: p, Action: "s3:GetObject", Resources: name}
		if got := slices.Collect(x.WhatCan(r, slices.Values([]string{"s3:GetObject"}))); got != nil {
			t.Errorf("%v may %v", p, got)
		}
		if got := slices.Collect(x.WhereCan(r, slices.Values(name))); got != nil {
			t.Errorf("%v may on %v", p, got)
		}
	}
	if got := slices.Collect(x.WhatCan(&authz.Request{Principal: asUser(0)}, slices.Values([]string{"s3:GetObject"}))); got != nil {
		t.Errorf("the owner may %v on nothing", got)
	}
}

// TestWhatCan: those actions, and those resources, are found for which Decide allows the request, in the order given.
func TestWhatCan(t *testing.T) {
	t.Parallel()
	found, missed := 0, 0
	for i := range 200 {
		r := newRandom(uint64(40_000 + i))
		e := r.estate()
		s, err := e.state()
		if err != nil {
			t.Fatal(err)
		}
		x := authz.New(s)
		for range 20 {
			q := r.question(e)
			actions, resources := []string{q.Action}, slices.Clone(q.Resources)
			for range r.IntN(20) {
				other := r.question(e)
				actions, resources = append(actions, other.Action, r.action()), append(resources, other.Resources...)
			}
			request := q.request()
			var mayDo, mayOn []string
			for _, a := range actions {
				one := *request
				if one.Action = a; x.Decide(&one).Allowed() {
					mayDo = append(mayDo, a)
				}
			}
			for _, name := range resources {
				one := *request
				if one.Resources = []string{name}; x.Decide(&one).Allowed() {
					mayOn = append(mayOn, name)
				}
			}
			given := *request
			if got := slices.Collect(x.WhatCan(request, slices.Values(actions))); !slices.Equal(got, mayDo) {
				t.Fatalf("may do %q, want %q", got, mayDo)
			}
			if got := slices.Collect(x.WhereCan(request, slices.Values(resources))); !slices.Equal(got, mayOn) {
				t.Fatalf("may on %q, want %q", got, mayOn)
			}
			if request.Action != given.Action || !slices.Equal(request.Resources, given.Resources) {
				t.Fatal("the request was changed")
			}
			for first := range x.WhatCan(request, slices.Values(actions)) { // whoever has enough may stop
				if first != mayDo[0] {
					t.Fatalf("%q is first, want %q", first, mayDo[0])
				}
				break
			}
			found, missed = found+len(mayDo)+len(mayOn), missed+len(actions)+len(resources)-len(mayDo)-len(mayOn)
		}
	}
	t.Logf("%d found, %d not", found, missed)
	if found < 5000 || missed < 5000 {
		t.Error("the searches say too little")
	}
}

// TestAscending: ids come in order, once each, however many and however alike.
func TestAscending(t *testing.T) {
	r := newRandom(50_000)
	for _, n := range []int{0, 1, 2, 47, 48, 49, 50, 97, 1000, 20_000} {
		ids := make([]iam.UUID, n)
		for i, at := range r.Perm(n) {
			binary.BigEndian.PutUint32(ids[i][r.IntN(2)*12:], uint32(at+1))
		}
		want := slices.Clone(ids)
		slices.SortFunc(want, iam.UUID.Compare)
		if got := slices.Collect(authz.Ascending(slices.Clone(ids))); !slices.Equal(got, want) {
			t.Errorf("%d ids are not in order", n)
		}
		var first []iam.UUID
		for id := range authz.Ascending(ids) {
			if first = append(first, id); len(first) == 60 {
				break
			}
		}
		if !slices.Equal(first, want[:min(60, n)]) {
			t.Errorf("the first of %d ids are not the lowest", n)
		}
	}
}

// TestSearchAllocates little: for a page, what is remembered of the groups met and the ids of the kind; for each principal
// nothing, unless a condition looks at who asks.
func TestSearchAllocates(t *testing.T) {
	e := multitude(newRandom(60_000), 1000)
	s, err := e.state()
	if err != nil {
		t.Fatal(err)
	}
	x := authz.New(s)
	search := &authz.Search{Action: "s3:GetObject", Resources: []string{"crn:eu1:s3:object:a"}}
	n := 0
	allocs := testing.AllocsPerRun(20, func() {
		n = 0
		for range x.WhoCan(search, authz.Candidates{}) {
			n++
		}
	})
	t.Logf("%.0f allocations for %d found of 3000", allocs, n)
	if allocs > 100 || n < 1000 {
		t.Errorf("%.0f allocations for %d found, want at most 100", allocs, n)
	}
	actions := times(50, func() string { return "s3:GetObject" })
	r := &authz.Request{Principal: asRole(0), Action: "s3:GetObject", Resources: search.Resources}
	allocs = testing.AllocsPerRun(100, func() {
		for range x.WhatCan(r, slices.Values(actions)) {
			n++
		}
	})
	if allocs > 10 {
		t.Errorf("%.0f allocations for 50 actions, want at most 10", allocs)
	}
}

// BenchmarkWhoCan is a whole search on the shared workload, and the same by a decision for each principal.
func BenchmarkWhoCan(b *testing.B) {
	for _, principals := range []int{1000, 100_000} {
		w := benchdata.New(principals, benchdata.Seed)
		s, _, err := w.State()
		if err != nil {
			b.Fatal(err)
		}
		x, all := authz.New(s), principalsOf(s)
		searches := make([]*authz.Search, len(w.Requests))
		for i := range w.Requests {
			r := &w.Requests[i]
			searches[i] = &authz.Search{Action: r.Action, Resources: []string{r.Resource},
				Context: policy.Context{SourceIP: r.Source, Now: r.Time, Attributes: []policy.Attr{{Key: "env", Value: policy.String(r.Env)}}}}
		}
		same(b, x, searches[:20], all)
		for name, search := range map[string]func(s *authz.Search){
			"search": func(s *authz.Search) {
				for range x.WhoCan(s, authz.Candidates{}) {
				}
			},
			"decide": func(s *authz.Search) { allowedOf(x, s, all) },
		} {
			b.Run(fmt.Sprint(principals, "/", name), func(b *testing.B) {
				runtime.GC()
				b.ReportAllocs()
				before, i := cpu(), 0
				for b.Loop() {
					search(searches[i%len(searches)])
					i++
				}
				b.ReportMetric(float64(cpu()-before)/float64(b.N)/float64(len(all)), "cpu-ns/principal")
			})
		}
	}
}

// same holds searches to decisions before anything is timed.
func same(tb testing.TB, x *authz.Index, searches []*authz.Search, all []iam.Principal) {
	tb.Helper()
	for _, s := range searches {
		if got, want := slices.Collect(x.WhoCan(s, authz.Candidates{})), allowedOf(x, s, all); !slices.Equal(got, want) {
			tb.Fatalf("%d found, want %d", len(got), len(want))
		}
	}
}

// BenchmarkWhatCan is which of 50 actions somebody may do on a resource.
func BenchmarkWhatCan(b *testing.B) {
	w := benchdata.New(1000, benchdata.Seed)
	s, _, err := w.State()
	if err != nil {
		b.Fatal(err)
	}
	x := authz.New(s)
	var actions []string
	for i := 0; len(actions) < 50; i++ {
		actions = append(actions, w.Requests[i].Action)
	}
	b.ReportAllocs()
	before, i := cpu(), 0
	for b.Loop() {
		r := &w.Requests[i%len(w.Requests)]
		request := authz.Request{Principal: benchdata.Principal(r.Principal), Resources: []string{r.Resource},
			Context: policy.Context{SourceIP: r.Source, Now: r.Time, Attributes: []policy.Attr{{Key: "env", Value: policy.String(r.Env)}}}}
		for range x.WhatCan(&request, slices.Values(actions)) {
		}
		i++
	}
	b.ReportMetric(float64(cpu()-before)/float64(b.N)/float64(len(actions)), "cpu-ns/action")
}
