package authz_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/writ-iam/writ/internal/iam"
)

// random makes organizations and questions that meet often enough to tell something.
type random struct{ *rand.Rand }

func newRandom(seed uint64) random { return random{rand.New(rand.NewPCG(2026, seed))} }

// chance is true in so many of a hundred cases.
func (r random) chance(percent int) bool { return r.IntN(100) < percent }

func pick[T any](r random, from ...T) T { return from[r.IntN(len(from))] }

// some picks up to most different numbers below n.
func (r random) some(n, most int) []int {
	if n == 0 {
		return nil
	}
	return r.Perm(n)[:r.IntN(min(n, most)+1)]
}

func times[T any](n int, item func() T) []T {
	var out []T
	for range n {
		out = append(out, item())
	}
	return out
}

func (r random) estate() *estate {
	e := &estate{Suspended: r.chance(3)}
	e.Policies = times(3+r.IntN(10), r.document)
	holder := func() []int { return r.some(len(e.Policies), 3) }
	e.Groups, e.Roles = times(1+r.IntN(4), holder), times(1+r.IntN(3), holder)
	m := func() member {
		return member{Groups: r.some(len(e.Groups), 2), Policies: holder(), Disabled: r.chance(10)}
	}
	e.Users, e.Accounts = times(2+r.IntN(4), m), times(1+r.IntN(4), m)
	for i := range e.Users[1:] {
		if r.chance(35) {
			e.Users[1+i].Roles = []int{r.IntN(len(e.Roles))}
		}
	}
	if r.chance(12) {
		r.share(e)
	}
	return e
}

// share makes two policies common: long, and attached to every group and role, so that they meet at each.
func (r random) share(e *estate) {
	for range 3 {
		e.Roles = append(e.Roles, nil)
	}
	for range 2 {
		n := len(e.Policies)
		e.Policies = append(e.Policies, r.padded(100))
		for i := range e.Groups {
			e.Groups[i] = append(e.Groups[i], n)
		}
		for i := range e.Roles {
			e.Roles[i] = append(e.Roles[i], n)
		}
	}
}

func (r random) document() naiveDocument {
	var d naiveDocument
	for i := range 1 + r.IntN(4) {
		s := naiveStatement{Effect: "allow", Actions: times(1+r.IntN(3), r.actionPattern)}
		if r.chance(35) {
			s.Effect = "deny"
		}
		if r.chance(50) {
			s.SID = fmt.Sprintf("S%d é\"", i)
		}
		if r.chance(75) {
			s.Resources = times(1+r.IntN(3), r.resourcePattern)
		}
		if r.chance(45) {
			s.Conditions = times(1+r.IntN(3), r.condition)
		}
		d.Statements = append(d.Statements, s)
	}
	return d
}

func (r random) action() string {
	return pick(r, "s3", "s3", "S3", "iam", "compute", "s") + ":" +
		pick(r, "GetObject", "getobject", "GetBucket", "PutObject", "ListSTSSessions", "ListVPCs", "CreateRole", "Get", "G?t", "IAMRole2Go", "Azure", "aZURE")
}

func (r random) actionPattern() string {
	switch r.IntN(10) {
	case 0:
		return pick(r, "*", "*:*", "s*:*", "*:Get*", "*3:*", "s3:*t", "S3:G*T*", "*:*e*", "**:**", "?3:GetObject")
	case 1, 2:
		service, _, _ := strings.Cut(r.action(), ":")
		return service + ":*"
	case 3, 4:
		service, name, _ := strings.Cut(r.action(), ":")
		return service + ":" + r.holes(name, "*")
	}
	return r.action()
}

// holes puts wildcards into a text.
func (r random) holes(text string, wildcards ...string) string {
	runes := []rune(text)
	var b strings.Builder
	for i := 0; i < len(runes); i++ {
		if r.chance(85) {
			b.WriteRune(runes[i])
			continue
		}
		wildcard := pick(r, wildcards...)
		b.WriteString(wildcard)
		if wildcard != "?" {
			i += r.IntN(6)
		}
	}
	if b.Len() == 0 {
		return "*"
	}
	return b.String()
}

func (r random) identifier() string {
	parts := times(1+r.IntN(3), func() string { return pick(r, "reports", "team", "a", "é", "q1.csv", "x:y", "", "*", "Team") })
	return strings.Join(parts, pick(r, "/", "/", ":", "-"))
}

func (r random) resource(service string) string {
	name := pick(r, "", "eu1", "eu1", "eu/1") + ":" + service + ":" + pick(r, "object", "bucket", "t") + ":" + r.identifier()
	if r.chance(4) {
		return pick(r, "", r.identifier(), "crn", "crn:eu1:s3:x", "CRN:"+name, "arn:"+name, "crn::::")
	}
	return "crn:" + name
}

func (r random) resourcePattern() string {
	pattern := r.identifier()
	if r.chance(40) {
		pattern = r.resource(pick(r, "s3", "s3", "iam", "compute"))
	}
	switch r.IntN(6) {
	case 0:
		return pick(r, "*", "**", "?", "crn:*", "crn:*:*:*:*:*", "c*", "crn:?*:s3:*", "*:a", "*?*", "/*")
	case 1, 2:
		pattern = r.holes(pattern, "*", "?", "**")
	case 3:
		pattern += "*"
	}
	if pattern == "" {
		return "*"
	}
	return pattern
}

// Keys of conditions, and what documents and contexts say about each: readable by all operators, by some, or by none.
var keys = []string{
	"k", "k", "n", "list", "gone", "iam:source_ip", "iam:current_time", "iam:operation", "iam:zone", "iam:principal_type",
	"iam:user_agent", "resource_tag/env", "request_tag/env", "resource_tag/é", "K", "iam:unheard_of",
}

var (
	texts     = []string{"a", "A", "b", "é", "", "1", "5", "true", "10.0.0.1", "2026-01-01T00:00:00Z", "get-object", "create-role", "user"}
	globs     = []string{"*", "a*", "?", "*-object", "10.*", "é?", "", "??*", "*t*", "2026-*Z"}
	numbers   = []string{"1", "0.5", "-1e3", "5", "0", "1e2"}
	dates     = []string{"2026-01-01T00:00:00Z", "2025-06-01T00:00:00.5+02:00", "2026-01-01T01:00:00+01:00", "2027-01-01T00:00:00Z"}
	networks  = []string{"10.0.0.0/8", "::/0", "::ffff:10.0.0.1", "0.0.0.0/0", "2001:db8::/32", "192.0.2.7", "10.0.0.0/31", "2001:db8::1/127", "::ffff:10.0.0.0/104"}
	addresses = []string{"10.0.0.1", "10.0.0.2", "192.0.2.7", "2001:DB8::1", "::ffff:10.0.0.1", "::1"}
	instants  = []string{"2026-01-01T00:00:00Z", "2025-12-31T23:59:59.999Z", "2026-06-01T12:00:00+02:00", "2026-01-01T01:00:00+01:00"}
)

// operators is every operator of 16.7, with values that a document may give it.
var operators = []struct {
	names  []string
	values []string
}{
	{[]string{"equals", "not_equals", "in", "not_in", "equals_ignore_case"}, append(append(append([]string{}, texts...), addresses...), instants...)},
	{[]string{"like", "not_like"}, globs},
	{[]string{"numeric_equals", "numeric_less_than", "numeric_less_than_equals", "numeric_greater_than", "numeric_greater_than_equals"}, numbers},
	{[]string{"date_before", "date_after"}, dates},
	{[]string{"bool", "exists"}, []string{"true", "false"}},
	{[]string{"ip_address", "not_ip_address"}, networks},
}

func (r random) condition() naiveCondition {
	family := pick(r, operators...)
	c := naiveCondition{Operator: pick(r, family.names...), Key: pick(r, keys...)}
	if r.chance(20) {
		c.Key = map[string]string{
			"ip_address": "iam:source_ip", "not_ip_address": "iam:source_ip",
			"date_before": "iam:current_time", "date_after": "iam:current_time",
			"equals": "iam:operation", "not_in": "iam:operation",
		}[c.Operator]
		if c.Key == "" {
			c.Key = "k"
		}
	}
	values := family.values
	if c.Key == "iam:operation" && family.names[0] == "equals" {
		values = []string{"get-object", "getobject", "list-sts-sessions", "create-role", "iam-role2-go", "g?t"}
	}
	if c.Key == "iam:current_time" && family.names[0] == "equals" {
		values = instants // a text that is no time is refused here
	}
	c.Values = times(1+r.IntN(3), func() string { return pick(r, values...) })
	return c
}

// value is anything that a context may hold; want is what a condition compares it with.
func (r random) value(want string, depth int) any {
	text := pick(r, want, want, want, pick(r, texts...), pick(r, numbers...), pick(r, addresses...), pick(r, instants...), "many", "0x10", "+1", "NaN", "1_0", "2026-1-1T00:00:00Z", "10.0.0.256", "True")
	if at := strings.IndexByte(text, '/'); at > 0 {
		text = text[:at] // an address of a network
	}
	switch r.IntN(12) {
	case 0, 1:
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return pick(r, f, f-1, f+0.25)
		}
		return pick(r, 1.0, 0.5, 5, math.Copysign(0, -1), 1e21, math.NaN(), math.Inf(1))
	case 2:
		return r.chance(50)
	case 3, 4:
		if depth < 2 {
			list := []any{}
			for range r.IntN(4) {
				list = append(list, r.value(want, depth+1))
			}
			return list
		}
	case 5:
		if depth > 0 || r.chance(50) {
			return nil
		}
	}
	return text
}

func (r random) fact(key, want string) fact {
	switch key {
	case "iam:source_ip":
		return fact{key, pick(r, addresses...)}
	case "iam:current_time":
		return fact{key, pick(r, instants...)}
	case "iam:operation", "iam:zone", "iam:principal_type", "iam:user_agent":
		if want == "" {
			want = "x"
		}
		return fact{key, pick(r, want, want, "a", "user", "get-object", "true", "5")}
	}
	return fact{key, r.value(want, 0)}
}

// question asks an organization something that one of the principal's statements may be about.
func (r random) question(e *estate) *question {
	q := &question{Action: r.action()}
	var policies []int
	held := func(m member) {
		policies = append(policies, m.Policies...)
		for _, g := range m.Groups {
			policies = append(policies, e.Groups[g]...)
		}
		for _, role := range m.Roles {
			policies = append(policies, e.Roles[role]...)
		}
	}
	switch n := r.IntN(100); {
	case n < 3:
		q.Who = asUser(0)
	case n < 42:
		i := r.IntN(len(e.Users))
		q.Who = asUser(i)
		held(e.Users[i])
	case n < 75:
		i := r.IntN(len(e.Accounts))
		q.Who = asAccount(i)
		held(e.Accounts[i])
	case n < 94:
		i := r.IntN(len(e.Roles))
		q.Who, policies = asRole(i), e.Roles[i]
	case n < 97:
		q.Who = pick(r, asUser(99), asAccount(99), asRole(99), iam.Principal{})
	default: // somebody who is there, as another kind
		q.Who = pick(r, asUser(1), asAccount(0), asRole(0), asUser(0))
		q.Who.Kind = pick(r, iam.KindOfUser, iam.KindOfServiceAccount, iam.KindOfRole, iam.KindOfSystem, iam.PrincipalKind("group"))
	}
	var s *naiveStatement
	if len(policies) > 0 && r.chance(92) {
		statements := e.Policies[pick(r, policies...)].Statements
		s = &statements[r.IntN(min(len(statements), 5))] // not what a document is padded with
	}
	if s == nil {
		s = &naiveStatement{Actions: []string{r.actionPattern()}}
	}
	if r.chance(90) {
		q.Action = strings.ReplaceAll(r.fill(pick(r, s.Actions...)), "?", "x")
		if service, name, ok := strings.Cut(q.Action, ":"); !ok || strings.Contains(name, ":") || service == "" || name == "" {
			q.Action = r.action()
		}
	}
	service, _, _ := strings.Cut(q.Action, ":")
	for range pick(r, 1, 1, 1, 2, 3) {
		q.Resources = append(q.Resources, r.target(s, strings.ToLower(service)))
	}
	if r.chance(1) {
		q.Resources = nil
	}
	for _, c := range s.Conditions {
		if r.chance(85) {
			q.Facts = append(q.Facts, r.fact(c.Key, pick(r, c.Values...)))
		}
	}
	for range r.IntN(4) {
		q.Facts = append(q.Facts, r.fact(pick(r, keys...), pick(r, texts...)))
	}
	return q
}

// target is a resource that a statement may be about.
func (r random) target(s *naiveStatement, service string) string {
	if s.Resources == nil || r.chance(12) {
		return r.resource(pick(r, service, service, "s3"))
	}
	pattern := r.fill(pick(r, s.Resources...))
	if strings.HasPrefix(pattern, "crn:") {
		return pattern
	}
	return "crn:" + pick(r, "eu1", "") + ":" + pick(r, service, service, service, service, "S3", "compute") + ":object:" + pattern
}

// fill puts texts where a pattern has wildcards.
func (r random) fill(pattern string) string {
	var b strings.Builder
	for _, c := range pattern {
		switch c {
		case '*':
			b.WriteString(pick(r, "", "a", "Object", "team", "*"))
		case '?':
			b.WriteString(pick(r, "a", "é", "/", "?"))
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}
