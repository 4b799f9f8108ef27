package authz_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

const (
	allowReads  = `{"statements":[{"sid":"Reads","effect":"allow","actions":["s3:Get*"],"resources":["*"]}]}`
	allowWrites = `{"statements":[{"sid":"Writes","effect":"allow","actions":["s3:Put*"],"resources":["*"]}]}`
	allowAll    = `{"statements":[{"sid":"All","effect":"allow","actions":["*"],"resources":["*"]}]}`
	denySecret  = `{"statements":[{"sid":"Secret","effect":"deny","actions":["*"],"resources":["secret/*"]}]}`
	openReads   = `{"statements":[{"sid":"Open","effect":"allow","actions":["s3:Get*"],"resources":["open/*"]}]}`
)

func statementsBoundary(t testing.TB, kind authz.BoundaryKind, documents ...string) authz.Boundary {
	return *boundaryOf(t, kind, policy.Statements, documents...)
}

// TestBoundaries: what policies allow, boundaries may take away, and they give nothing.
func TestBoundaries(t *testing.T) {
	limit := func(documents ...string) authz.Boundary {
		return statementsBoundary(t, authz.SessionBoundary, documents...)
	}
	get, put := "s3:GetObject", "s3:PutObject"
	for _, c := range []struct {
		name       string
		role       string
		boundaries []authz.Boundary
		action     string
		resources  []string
		want       authz.Reason
	}{
		{"none", allowAll, nil, get, []string{"open/a"}, authz.Allowed},
		{"allows all", allowReads, []authz.Boundary{limit(allowAll)}, get, []string{"open/a"}, authz.Allowed},
		{"grants nothing", allowReads, []authz.Boundary{limit(allowAll)}, put, []string{"open/a"}, authz.NoMatch},
		{"both allow", allowAll, []authz.Boundary{limit(allowReads)}, get, []string{"open/a"}, authz.Allowed},
		{"one of its policies allows", allowAll, []authz.Boundary{limit(allowWrites, allowReads)}, get, []string{"open/a"}, authz.Allowed},
		{"another action", allowAll, []authz.Boundary{limit(allowReads)}, put, []string{"open/a"}, authz.OutsideBoundary},
		{"another resource", allowAll, []authz.Boundary{limit(openReads)}, get, []string{"closed/a"}, authz.OutsideBoundary},
		{"one resource of two", allowAll, []authz.Boundary{limit(openReads)}, get, []string{"open/a", "closed/a"}, authz.OutsideBoundary},
		{"neither", openReads, []authz.Boundary{limit(openReads)}, get, []string{"closed/a"}, authz.OutsideBoundary},
		{"policies fail on one resource, the boundary on another", `{"statements":[{"effect":"allow","actions":["*"],"resources":["closed/*"]}]}`,
			[]authz.Boundary{limit(openReads)}, get, []string{"closed/a", "open/a"}, authz.OutsideBoundary},
		{"denies", allowAll, []authz.Boundary{limit(allowAll, denySecret)}, get, []string{"secret/a"}, authz.ExplicitDeny},
		{"denies before it allows", allowAll, []authz.Boundary{limit(denySecret, allowAll)}, get, []string{"secret/a"}, authz.ExplicitDeny},
		{"denies one resource of two", allowAll, []authz.Boundary{limit(denySecret, allowAll)}, get, []string{"open/a", "secret/a"}, authz.ExplicitDeny},
		{"denies what policies do not allow", allowWrites, []authz.Boundary{limit(denySecret)}, get, []string{"secret/a"}, authz.ExplicitDeny},
		{"only denies", allowAll, []authz.Boundary{limit(denySecret)}, get, []string{"open/a"}, authz.OutsideBoundary},
		{"policies deny", denySecret, []authz.Boundary{limit(allowAll)}, get, []string{"secret/a"}, authz.ExplicitDeny},
		{"without policies", allowAll, []authz.Boundary{limit()}, get, []string{"open/a"}, authz.OutsideBoundary},
		{"zero", allowAll, []authz.Boundary{{}}, get, []string{"open/a"}, authz.OutsideBoundary},
		{"two allow", allowAll, []authz.Boundary{limit(allowReads), limit(openReads)}, get, []string{"open/a"}, authz.Allowed},
		{"the second does not", allowAll, []authz.Boundary{limit(allowReads), limit(openReads)}, get, []string{"closed/a"}, authz.OutsideBoundary},
		{"the first does not", allowAll, []authz.Boundary{limit(openReads), limit(allowReads)}, get, []string{"closed/a"}, authz.OutsideBoundary},
		{"two that have nothing in common", allowAll, []authz.Boundary{limit(allowWrites), limit(allowReads)}, get, []string{"open/a"}, authz.OutsideBoundary},
		{"the second denies what the first does not allow", allowAll, []authz.Boundary{limit(allowWrites), limit(denySecret)}, get, []string{"secret/a"}, authz.ExplicitDeny},
		{"about nothing", allowAll, []authz.Boundary{limit(allowAll)}, get, nil, authz.NoMatch},
	} {
		x := roleWith(t, policy.Statements, []byte(c.role), nil)
		for _, who := range []iam.Principal{asRole(0), asUser(0)} { // user 0 owns the organization
			r := &authz.Request{Principal: who, Action: c.action, Boundaries: c.boundaries}
			for _, name := range c.resources {
				r.Resources = append(r.Resources, "crn:eu1:s3:object:"+name)
			}
			want := c.want
			if who == asUser(0) {
				want = ownersReason(x, r)
			}
			if d := x.Decide(r); d.Reason != want || d.Allowed() != (want == authz.Allowed) {
				t.Errorf("%s, %s: %s (allowed %t), want %s", c.name, who.Kind, d.Reason, d.Allowed(), want)
			}
			if what := incoherent(x, r); what != "" {
				t.Errorf("%s, %s: %s", c.name, who.Kind, what)
			}
		}
	}
}

// ownersReason is what the boundaries alone say: the owner is bound by them and by nothing else.
func ownersReason(x *authz.Index, r *authz.Request) authz.Reason {
	if len(r.Resources) == 0 {
		return authz.NoMatch
	}
	unlimited := *r
	unlimited.Boundaries = nil
	verdict := x.Decide(&unlimited).Reason
	for i := range r.Boundaries {
		for _, resource := range r.Resources {
			one := *r
			one.Resources, one.Boundaries = []string{resource}, r.Boundaries[i:i+1]
			switch x.Decide(&one).Reason {
			case authz.ExplicitDeny:
				return authz.ExplicitDeny
			case authz.OutsideBoundary:
				verdict = authz.OutsideBoundary
			}
		}
	}
	return verdict
}

// TestBoundaryOwner: the owner may all, but not beyond a boundary.
func TestBoundaryOwner(t *testing.T) {
	x := roleWith(t, policy.Statements, []byte(allowAll), nil)
	token := statementsBoundary(t, authz.CredentialBoundary, allowReads, denySecret)
	org := x.WithBoundary(boundaryOf(t, authz.OrganizationBoundary, policy.Exoscale, `{"default-service-strategy":"deny","services":{"s3":{"type":"rules","rules":[{"action":"allow","expression":"operation == 'get-object'"}]}}}`))
	for _, c := range []struct {
		x          *authz.Index
		boundaries []authz.Boundary
		action     string
		resource   string
		want       authz.Reason
	}{
		{x, nil, "s3:PutObject", "secret/a", authz.Allowed},
		{x, []authz.Boundary{token}, "s3:GetObject", "open/a", authz.Allowed},
		{x, []authz.Boundary{token}, "s3:PutObject", "open/a", authz.OutsideBoundary},
		{x, []authz.Boundary{token}, "s3:GetObject", "secret/a", authz.ExplicitDeny},
		{org, nil, "s3:GetObject", "secret/a", authz.Allowed},
		{org, nil, "s3:PutObject", "open/a", authz.OutsideBoundary},
		{org, nil, "iam:CreateRole", "open/a", authz.OutsideBoundary},
		{org, []authz.Boundary{token}, "s3:GetObject", "open/a", authz.Allowed},
		{org, []authz.Boundary{token}, "s3:GetBucket", "open/a", authz.OutsideBoundary},
		{org, []authz.Boundary{token}, "s3:GetObject", "secret/a", authz.ExplicitDeny},
		{org.WithBoundary(nil), nil, "s3:PutObject", "open/a", authz.Allowed},
	} {
		r := &authz.Request{Principal: asUser(0), Action: c.action, Resources: []string{"crn:eu1:s3:object:" + c.resource}, Boundaries: c.boundaries}
		if d := c.x.Decide(r); d.Reason != c.want {
			t.Errorf("%s on %s: %s, want %s", c.action, c.resource, d.Reason, c.want)
		}
	}
}

// TestBoundaryNobody: a boundary makes nobody somebody.
func TestBoundaryNobody(t *testing.T) {
	x := roleWith(t, policy.Statements, []byte(allowAll), []byte(`{"default-service-strategy":"allow","services":{}}`))
	for _, who := range []iam.Principal{asRole(9), asUser(9), {}, {Kind: iam.KindOfUser, ID: asRole(0).ID}} {
		r := &authz.Request{Principal: who, Action: "s3:Get", Resources: []string{"crn:eu1:s3:object:a"}, Boundaries: []authz.Boundary{statementsBoundary(t, authz.SessionBoundary, allowAll)}}
		if d := x.Decide(r); d.Reason != authz.UnknownPrincipal || d.Allowed() {
			t.Errorf("%v: %s", who, d.Reason)
		}
	}
}

// TestBoundaryExplained: an explanation names what in a boundary decided or came near.
func TestBoundaryExplained(t *testing.T) {
	x := roleWith(t, policy.Statements, []byte(allowAll), nil)
	org := x.WithBoundary(boundaryOf(t, authz.OrganizationBoundary, policy.Exoscale, `{"default-service-strategy":"deny","services":{"s3":{"type":"rules","rules":[{"action":"deny","expression":"operation == 'delete-object'"},{"action":"allow","expression":"operation == 'get-object'"}]}}}`))
	session := []authz.Boundary{statementsBoundary(t, authz.SessionBoundary, openReads)}
	const role = "role/All via role"
	for _, c := range []struct {
		name        string
		x           *authz.Index
		boundaries  []authz.Boundary
		action      string
		object      string
		reason      authz.Reason
		determining []string
		misses      []string
	}{
		{"allowed", org, session, "s3:GetObject", "open/a", authz.Allowed,
			[]string{role, "limit/services.s3.rules[1] via boundary organization", "limit/Open via boundary session"}, nil},
		{"denied", org, session, "s3:DeleteObject", "open/a", authz.ExplicitDeny,
			[]string{"limit/services.s3.rules[0] via boundary organization"}, nil},
		{"outside a session", x, session, "s3:GetObject", "closed/a", authz.OutsideBoundary, nil,
			[]string{"limit/Open via boundary session: no resource pattern of the statement matches crn:eu1:s3:object:closed/a"}},
		{"outside without a word", x, session, "s3:PutObject", "open/a", authz.OutsideBoundary, nil,
			[]string{"limit/ via boundary session: no allowing statement of the boundary names the action"}},
		{"outside the organization's", org, nil, "s3:PutObject", "open/a", authz.OutsideBoundary, nil,
			[]string{`limit/services.s3.rules via boundary organization: no rule of services.s3 holds: rules[0] is false: operation is "put-object"; rules[1] is false: operation is "put-object"`}},
		{"of no class", org, nil, "iam:CreateRole", "open/a", authz.OutsideBoundary, nil,
			[]string{"limit/default-service-strategy via boundary organization: services does not name the class iam, and default-service-strategy is deny"}},
		{"only a denial comes near", x, []authz.Boundary{statementsBoundary(t, authz.CredentialBoundary, denySecret, openReads)}, "s3:PutObject", "open/a", authz.OutsideBoundary, nil,
			[]string{"limit/Secret via boundary credential: no resource pattern of the statement matches crn:eu1:s3:object:open/a", "/ via boundary credential: no allowing statement of the boundary names the action"}},
		{"empty", x, []authz.Boundary{{Kind: authz.CredentialBoundary}}, "s3:PutObject", "open/a", authz.OutsideBoundary, nil,
			[]string{"/ via boundary credential: no allowing statement of the boundary names the action"}},
	} {
		r := &authz.Request{Principal: asRole(0), Action: c.action, Resources: []string{"crn:eu1:s3:object:" + c.object}, Boundaries: c.boundaries}
		why := c.x.Explain(r, authz.NearMisses)
		if why.Reason != c.reason {
			t.Errorf("%s: %s", c.name, why.Reason)
		}
		if diff := cmp.Diff(c.determining, told(why.Determining)); diff != "" {
			t.Errorf("%s, determining: %s", c.name, diff)
		}
		if diff := cmp.Diff(c.misses, told(why.NearMisses)); diff != "" {
			t.Errorf("%s, near misses: %s", c.name, diff)
		}
	}
}

func told(findings []authz.Finding) []string {
	var out []string
	for _, f := range findings {
		one := fmt.Sprintf("%s/%s via %s", f.PolicyName, f.Statement, f.Via)
		if f.Boundary != "" {
			one += " " + string(f.Boundary)
		}
		if f.Failure != "" {
			one += ": " + f.Failure
		}
		out = append(out, one)
	}
	return out
}

// TestBoundaryRandom: on random organizations, a decision within boundaries is what the policies say and what each boundary
// says, which is what a role says that holds its policies.
func TestBoundaryRandom(t *testing.T) {
	t.Parallel()
	reasons := map[authz.Reason]int{}
	for i := range 80 {
		r := newRandom(uint64(5000 + i))
		e := r.estate()
		s, err := e.state()
		if err != nil {
			t.Fatal(err)
		}
		x := authz.New(s)
		for range 100 {
			q := r.question(e).request()
			plain := x.Decide(q)
			want := plain.Reason
			for range r.IntN(3) {
				role := r.IntN(len(e.Roles))
				var documents []string
				for _, p := range e.Roles[role] {
					documents = append(documents, e.Policies[p].text())
				}
				as := *q
				as.Principal, as.Boundaries = asRole(role), nil
				want = naiveNarrow(want, x.Decide(&as).Reason, len(q.Resources))
				q.Boundaries = append(q.Boundaries, statementsBoundary(t, authz.SessionBoundary, documents...))
			}
			if got := x.Decide(q); got.Reason != want {
				t.Fatalf("organization %d: %s within %d boundaries, want %s (without: %s)\n%+v", i, got.Reason, len(q.Boundaries), want, plain.Reason, q)
			}
			if what := incoherent(x, q); what != "" {
				t.Fatalf("organization %d: %s", i, what)
			}
			checkWithBoundary(t, x, q)
			reasons[want]++
		}
	}
	for _, reason := range []authz.Reason{authz.NoMatch, authz.ExplicitDeny, authz.OutsideBoundary, authz.Allowed} {
		if reasons[reason] < 300 {
			t.Errorf("too few of a kind: %v", reasons)
		}
	}
}

func naiveNarrow(sofar, boundary authz.Reason, resources int) authz.Reason {
	decided := []authz.Reason{authz.NoMatch, authz.ExplicitDeny, authz.OutsideBoundary, authz.Allowed}
	switch {
	case !slices.Contains(decided, sofar) || resources == 0 || sofar == authz.ExplicitDeny || boundary == authz.Allowed:
		return sofar
	case boundary == authz.ExplicitDeny:
		return authz.ExplicitDeny
	default:
		return authz.OutsideBoundary
	}
}

// checkWithBoundary: it is the same whether a boundary comes with the request or with the index.
func checkWithBoundary(t *testing.T, x *authz.Index, r *authz.Request) {
	t.Helper()
	if len(r.Boundaries) == 0 {
		return
	}
	rest := *r
	rest.Boundaries = r.Boundaries[1:]
	if a, b := x.Explain(r, authz.NearMisses), x.WithBoundary(&r.Boundaries[0]).Explain(&rest, authz.NearMisses); !cmp.Equal(a, b) {
		t.Fatalf("%+v\n%+v", a, b)
	}
}

// TestBoundaryStays: the index after a commit, even one that is built anew, keeps the boundary.
func TestBoundaryStays(t *testing.T) {
	h := crowd(t, 1, 5)
	h.x = h.x.WithBoundary(&authz.Boundary{Kind: authz.OrganizationBoundary})
	rebuilt := false
	for round := range 12 {
		var made []iam.PolicyID
		step := func(draft func(*iam.Draft) error) {
			d := h.s.BeginAdministration(epoch, iam.Principal{})
			if err := draft(d); err != nil {
				t.Fatal(err)
			}
			changes, _, _, err := d.Changes()
			if err != nil {
				t.Fatal(err)
			}
			before := h.x.Dead()
			h.s, h.x = d.State(), h.x.Next(d.State(), changes)
			rebuilt = rebuilt || h.x.Dead() < before
			r := &authz.Request{Principal: asUser(0), Action: "s3:Get", Resources: []string{"crn:eu1:s3:object:a"}}
			if got := h.x.Decide(r).Reason; got != authz.OutsideBoundary {
				t.Fatalf("round %d: the owner is %s", round, got)
			}
		}
		step(func(d *iam.Draft) error {
			for i := range 150 {
				id := policyID(20_000 + 150*round + i)
				made = append(made, id)
				if _, err := d.CreatePolicy(iam.Policy{ID: id, Name: fmt.Sprint("p", 20_000+150*round+i), Language: policy.Statements, Document: allowAll}); err != nil {
					return err
				}
			}
			return nil
		})
		step(func(d *iam.Draft) error {
			for _, id := range made {
				if err := d.DeletePolicy(id); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if !rebuilt {
		t.Error("the index was never built anew")
	}
}

// costly takes about cost units of what a decision's expressions may cost, and is false.
func costly(cost int) (expression string, parameters map[string]any) {
	var list []any
	for i := range cost / 3 {
		list = append(list, int64(i))
	}
	return "parameters.list.exists(x, x < 0)", map[string]any{"list": list}
}

// TestTooCostly: once a bound on costs is met nothing further decides, and the whole is denied, in every layer.
func TestTooCostly(t *testing.T) {
	rules := func(list ...string) string {
		var b strings.Builder
		for i, r := range list {
			action, expression, _ := strings.Cut(r, ": ")
			fmt.Fprintf(&b, `%.*s{"action":%q,"expression":%q}`, min(i, 1), ",", action, expression)
		}
		return `{"default-service-strategy":"allow","services":{"s3":{"type":"rules","rules":[` + b.String() + `]}}}`
	}
	over, large := costly(40_000)
	half, middle := costly(12_000)
	open := `{"default-service-strategy":"allow","services":{}}`
	request := func(parameters map[string]any, resources int) *authz.Request {
		r := &authz.Request{Principal: asRole(0), Action: "s3:GetObject", Context: policy.Context{More: &policy.More{Parameters: parameters}}}
		for i := range resources {
			r.Resources = append(r.Resources, fmt.Sprint("crn:eu1:s3:object:", i))
		}
		return r
	}
	for _, c := range []struct {
		name      string
		role, org string
		r         *authz.Request
		want      authz.Reason
	}{
		{"cheap", rules("deny: "+over, "allow: true"), open, request(map[string]any{"list": []any{}}, 1), authz.Allowed},
		{"half", rules("deny: "+half, "allow: true"), open, request(middle, 1), authz.Allowed},
		{"one expression", rules("deny: "+over, "allow: true"), open, request(large, 1), authz.TooCostly},
		{"not absorbed by or", rules("allow: true || "+over, "allow: true"), open, request(large, 1), authz.Allowed},
		{"not absorbed by or, the other way", rules("allow: "+over+" || true", "allow: true"), open, request(large, 1), authz.TooCostly},
		{"an allow that would have been first", rules("allow: true", "deny: "+over), open, request(large, 1), authz.Allowed},
		{"two expressions", rules("deny: "+half, "deny: "+half, "allow: true"), open, request(middle, 1), authz.TooCostly},
		{"two resources", rules("deny: "+half, "allow: true"), open, request(middle, 2), authz.TooCostly},
		{"the boundary", open, rules("deny: "+over, "allow: true"), request(large, 1), authz.TooCostly},
		{"role and boundary", rules("deny: "+half, "allow: true"), rules("deny: "+half, "allow: true"), request(middle, 1), authz.TooCostly},
		{"a denial before", rules("deny: true", "deny: "+over), open, request(large, 1), authz.ExplicitDeny},
		{"a class denied beyond", rules("deny: "+over, "allow: true"), `{"default-service-strategy":"allow","services":{"s3":{"type":"deny"}}}`, request(large, 1), authz.ExplicitDeny},
	} {
		x := roleWith(t, policy.Exoscale, []byte(c.role), []byte(c.org))
		d := x.Decide(c.r)
		if d.Reason != c.want || d.Allowed() != (c.want == authz.Allowed) {
			t.Errorf("%s: %s, want %s", c.name, d.Reason, c.want)
		}
		for _, depth := range []authz.Depth{authz.Determining, authz.NearMisses} {
			why := x.Explain(c.r, depth)
			if decided := d.Reason == authz.Allowed || d.Reason == authz.ExplicitDeny; why.Decision != d || decided != (len(why.Determining) > 0) {
				t.Errorf("%s: %s is explained as %s by %v", c.name, d.Reason, why.Reason, told(why.Determining))
			}
		}
	}
}

// TestExplainCostly: an explanation asks more than the decision did, and names all the same what decided.
func TestExplainCostly(t *testing.T) {
	half, parameters := costly(12_000)
	d, err := begin()
	if err != nil {
		t.Fatal(err)
	}
	role := iam.Holder{Type: iam.TypeRole, ID: numbered('r', 0)}
	_, err = d.CreateRole(iam.Role{ID: iam.RoleID{UUID: role.ID}, Name: "r"}, nil)
	for i, document := range []string{
		`{"default-service-strategy":"deny","services":{"s3":{"type":"rules","rules":[{"action":"deny","expression":"` + half + `"}]}}}`,
		`{"default-service-strategy":"deny","services":{"s3":{"type":"rules","rules":[{"action":"allow","expression":"operation == 'get-object'"}]}}}`,
	} {
		_, made := d.CreatePolicy(iam.Policy{ID: policyID(i), Name: fmt.Sprint("p", i), Language: policy.Exoscale, Document: document})
		err = first(err, made, d.Attach(policyID(i), role))
	}
	if err != nil {
		t.Fatal(err)
	}
	x := authz.New(d.State())
	r := &authz.Request{Principal: asRole(0), Action: "s3:GetObject", Resources: []string{"crn:eu1:s3:object:a"}, Context: policy.Context{More: &policy.More{Parameters: parameters}}}
	why := x.Explain(r, authz.NearMisses)
	if diff := cmp.Diff([]string{"p1/services.s3.rules[0] via role"}, told(why.Determining)); why.Reason != authz.Allowed || diff != "" {
		t.Errorf("%s: %s", why.Reason, diff)
	}
	if len(why.NearMisses) != 1 || why.NearMisses[0].Statement != "services.s3.rules" {
		t.Errorf("near misses: %q", told(why.NearMisses))
	}
}

// TestBoundaryAllocates: no allocations while no expression is asked.
func TestBoundaryAllocates(t *testing.T) {
	const document = `{"default-service-strategy":%q,"services":{"iam":{"type":"allow"},"dns":{"type":"deny"},"compute":{"type":"rules","rules":[]}}}`
	x := roleWith(t, policy.Exoscale, fmt.Appendf(nil, document, "deny"), fmt.Appendf(nil, document, "allow"))
	session := statementsBoundary(t, authz.SessionBoundary, allowAll, denySecret)
	for _, c := range []struct {
		action string
		name   string
		want   authz.Reason
	}{
		{"iam:CreateRole", "a", authz.Allowed},
		{"iam:CreateRole", "secret/a", authz.ExplicitDeny},
		{"dns:ListRecords", "a", authz.ExplicitDeny},
		{"sos:GetObject", "a", authz.NoMatch},
	} {
		service, _, _ := strings.Cut(c.action, ":")
		name := "crn::" + service + ":thing:" + c.name
		var got authz.Decision
		allocs := testing.AllocsPerRun(100, func() {
			resources, boundaries := [1]string{name}, [1]authz.Boundary{session}
			attributes := [1]policy.Attr{{Key: "env", Value: policy.String("prod")}}
			got = x.Decide(&authz.Request{Principal: asRole(0), Action: c.action, Resources: resources[:], Boundaries: boundaries[:],
				Context: policy.Context{Attributes: attributes[:]}})
		})
		if got.Reason != c.want || allocs != 0 {
			t.Errorf("%s on %s: %s with %v allocations, want %s with none", c.action, c.name, got.Reason, allocs, c.want)
		}
	}
}

// BenchmarkExoscale is a decision of a role with rules within an organization's policy that allows everything.
func BenchmarkExoscale(b *testing.B) {
	for _, n := range []int{0, 1, 5, 20} {
		b.Run(fmt.Sprint(n, "_rules"), func(b *testing.B) {
			service := `{"type":"allow"}`
			if n > 0 {
				miss := `{"action":"deny","expression":"operation == 'delete-instance' || parameters.has('force') && parameters.force == 'yes'"},`
				service = `{"type":"rules","rules":[` + strings.Repeat(miss, n-1) + `{"action":"allow","expression":"operation.startsWith('list-') && source_ip.inIpRange('192.0.2.0/24')"}]}`
			}
			x := roleWith(b, policy.Exoscale, []byte(`{"default-service-strategy":"deny","services":{"compute":`+service+`}}`), []byte(`{"default-service-strategy":"allow","services":{}}`))
			v := exoscaleVector{Class: "compute", Operation: "list-instances", Parameters: map[string]any{"name": "web"}}
			r := v.request()
			b.ReportAllocs()
			for b.Loop() {
				if !x.Decide(r).Allowed() {
					b.Fatal("denied")
				}
			}
		})
	}
}
