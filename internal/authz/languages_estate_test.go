package authz_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/world"
)

// mixed is an organization whose policies are in all languages, as a plain description. Members of the lists refer to each
// other by index. User 0 owns it.
type mixed struct {
	Account  string
	Users    []member
	Accounts []member
	Groups   [][]int // policies of each
	Roles    [][]int
	Policies []mixedPolicy
	Scopes   map[string]cloudflareScope // resource groups by id
	Boundary []mixedPolicy              // of the organization; without any, there is no boundary
	Sessions []mixedPolicy              // for questions that come with boundaries of their own
}

// Where the ids of boundaries' policies begin.
const (
	firstBoundary = 1000
	firstSession  = 2000
)

// mixedPolicy is a policy as JSON has it.
type mixedPolicy struct {
	Language policy.Language
	Document any
}

// vocabulary is the built-in catalogue with a service whose spellings differ in every language.
var vocabulary = sync.OnceValue(func() *catalog.Catalog {
	c, err := catalog.Builtin().With([]byte(`{
		"services": [{"id": "shop", "name": "Shop", "class": "retail",
			"types": [{"name": "order", "spellings": {"vngcloud": "purchase"}}, {"name": "item"}],
			"actions": [
				{"name": "ListOrders", "label": "List"},
				{"name": "GetOrder", "label": "Read", "types": ["order"], "condition_keys": ["shop:size", "shop:colour"],
					"spellings": {"vngcloud": "shop:ReadPurchase", "exoscale": "show-order"}, "aliases": {"vngcloud": ["shop:FetchOrder", "shop:Peek"]}},
				{"name": "DeleteOrder", "label": "Write", "types": ["order"], "spellings": {"vngcloud": "shop:GetOrder", "exoscale": "drop-order"}},
				{"name": "PutItem", "label": "Write", "types": ["item"], "condition_keys": ["shop:size"]},
				{"name": "GetItem", "label": "Read", "types": ["item"]}
			]}],
		"permission_sets": [
			{"name": "ShopFullAccess", "scope": "projects", "grants": [{"allow": ["shop:*"]}]},
			{"name": "ShopEditor", "scope": "projects", "grants": [{"allow": ["shop:*"], "except": ["shop:Delete*", "shop:*s"]}, {"allow": ["dns:*Record"]}]},
			{"name": "ShopOwner", "scope": "organization", "grants": [{"allow": ["shop:*Order"]}]}
		],
		"permission_groups": [
			{"label": "shop_admin", "name": "Shop", "scopes": ["com.cloudflare.api.account"], "grants": [{"allow": ["shop:*"]}]},
			{"label": "shop_reader", "name": "Shop Reader", "scopes": ["com.cloudflare.api.account"], "grants": [{"allow": ["*:Get*"], "except": ["iam:*", "shop:GetItem"]}]},
			{"label": "zone_reader", "name": "Zone Reader", "scopes": ["com.cloudflare.api.account.zone"], "grants": [{"allow": ["*:Get*", "*:List*"], "except": ["vserver:*"]}]}
		]}`))
	if err != nil {
		panic(err)
	}
	return c
})

// surroundings are what the languages speak of beside their own words, made once.
var surroundings = sync.OnceValue(func() policy.World { return world.Of(vocabulary()) })

// library also knows the resource groups of an organization.
type library struct {
	policy.Library
	scopes map[string]cloudflareScope
}

func (l library) ResourceGroup(id string) (policy.ResourceScope, bool) {
	s, ok := l.scopes[id]
	out := policy.ResourceScope{Key: s.Key}
	for _, o := range s.Objects {
		out.Objects = append(out.Objects, o.Key)
	}
	return out, ok
}

func (e *mixed) compile(p mixedPolicy) (*policy.Program, error) {
	w := surroundings()
	return policy.Compile(p.Language, []byte(asJSON(p.Document)), library{w.Library, e.Scopes})
}

// engine is what is asked.
type engine struct {
	estate   *mixed
	index    *authz.Index
	sessions []authz.Boundary
}

func (e *mixed) engine() (*engine, error) {
	index, err := e.index()
	if err != nil {
		return nil, err
	}
	out := &engine{estate: e, index: index}
	bounds, err := e.boundaryPolicies(e.Boundary, firstBoundary)
	if len(bounds) > 0 {
		out.index = index.WithBoundary(&authz.Boundary{Kind: authz.OrganizationBoundary, Policies: bounds})
	}
	if err != nil {
		return nil, err
	}
	sessions, err := e.boundaryPolicies(e.Sessions, firstSession)
	for i := range sessions {
		out.sessions = append(out.sessions, authz.Boundary{Kind: authz.SessionBoundary, Policies: sessions[i : i+1]})
	}
	return out, err
}

func (e *mixed) boundaryPolicies(of []mixedPolicy, first int) (out []authz.BoundaryPolicy, err error) {
	for i, p := range of {
		program, err := e.compile(p)
		if err != nil {
			return nil, fmt.Errorf("boundary %d: %w", i, err)
		}
		out = append(out, authz.BoundaryPolicy{Policy: policyID(first + i), Program: program})
	}
	return out, nil
}

// index makes an index without boundaries.
func (e *mixed) index() (*authz.Index, error) {
	out := authz.Estate{World: surroundings(), Account: e.Account, Owner: numbered('u', 0)}
	for i, p := range e.Policies {
		program, err := e.compile(p)
		if err != nil {
			return nil, fmt.Errorf("policy %d: %w", i, err)
		}
		out.Policies = append(out.Policies, authz.HeldPolicy{ID: policyID(i), Name: fmt.Sprintf("p%d", i), Program: program})
	}
	for i, held := range e.Groups {
		out.Groups = append(out.Groups, authz.HeldGroup{ID: groupID(i), Policies: held})
	}
	for i, m := range e.Users {
		out.Principals = append(out.Principals, authz.HeldPrincipal{Principal: asUser(i), Disabled: m.Disabled && i > 0, Groups: m.Groups, Policies: m.Policies})
	}
	for i, m := range e.Accounts {
		out.Principals = append(out.Principals, authz.HeldPrincipal{Principal: asAccount(i), Disabled: m.Disabled, Groups: m.Groups, Policies: m.Policies})
	}
	for i, held := range e.Roles {
		out.Principals = append(out.Principals, authz.HeldPrincipal{Principal: asRole(i), Policies: held})
	}
	return authz.NewOf(&out)
}

// request makes the engine's request of plain values.
func (x *engine) request(q *inquiry) *authz.Request {
	r := q.question.request()
	for _, i := range q.Sessions {
		r.Boundaries = append(r.Boundaries, x.sessions[i])
	}
	m := func(name string) map[string]any {
		out, _ := celValue(q.Maps[name]).(map[string]any)
		return out
	}
	if q.APIKey != "" || len(q.Maps) > 0 {
		r.Context.More = &policy.More{APIKey: q.APIKey, Identity: m("identity"), Parameters: m("parameters"), Resources: m("resources"), Headers: m("headers")}
	}
	return r
}

// trial is an organization and what it is asked; all of it survives JSON.
type trial struct {
	Estate  *mixed
	Inquiry *inquiry
}

// smallest makes a trial as small as it gets while it stays bad, by leaving out one thing of it at a time.
func smallest(c trial, bad func(trial) bool) trial {
	for again := true; again; {
		again = false
		for _, v := range smaller(generic(c)) {
			var next trial
			if json.Unmarshal([]byte(asJSON(v)), &next) == nil && len(asJSON(next)) < len(asJSON(c)) && survives(next, bad) {
				c, again = next, true
				break
			}
		}
	}
	return c
}

// survives is bad, and false where leaving something out made nonsense of the description.
func survives(c trial, bad func(trial) bool) (yes bool) {
	defer func() {
		if recover() != nil {
			yes = false
		}
	}()
	return bad(c)
}

func generic(v any) (out any) {
	if err := json.Unmarshal([]byte(asJSON(v)), &out); err != nil {
		panic(err)
	}
	return out
}

// smaller are all that leave one thing out of a value of JSON: an element, a member, or half of an expression.
func smaller(v any) (out []any) {
	switch v := v.(type) {
	case []any:
		for i := range v {
			out = append(out, slices.Delete(slices.Clone(v), i, i+1))
		}
		for i := range v {
			for _, e := range smaller(v[i]) {
				c := slices.Clone(v)
				c[i] = e
				out = append(out, c)
			}
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			c := maps.Clone(v)
			delete(c, key)
			out = append(out, c)
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			for _, e := range smaller(v[key]) {
				c := maps.Clone(v)
				c[key] = e
				out = append(out, c)
			}
		}
	case string:
		for _, part := range subexpressions(v) {
			out = append(out, part)
		}
	}
	return out
}

// subexpressions are what stands in parentheses, not deeper: the generator puts them around all that it joins.
func subexpressions(s string) (out []string) {
	depth, start := 0, 0
	for i, c := range s {
		switch c {
		case '(':
			if depth++; depth == 1 {
				start = i + 1
			}
		case ')':
			if depth--; depth == 0 && i > start && (start == 1 || strings.ContainsAny(s[start-2:start-1], " !")) {
				out = append(out, s[start:i])
			}
		}
	}
	return out
}

// show shows a trial: who holds what, the documents that are held, and the question.
func (c trial) show() string {
	var b strings.Builder
	e, q := c.Estate, c.Inquiry
	held := map[int]bool{}
	holder := func(name string, i int, policies, groups []int) {
		for _, p := range policies {
			held[p] = true
		}
		if len(policies)+len(groups) > 0 {
			fmt.Fprintf(&b, "%s %d has policies %v, groups %v\n", name, i, policies, groups)
		}
	}
	for i, m := range e.Users {
		holder("user", i, m.Policies, m.Groups)
	}
	for i, m := range e.Accounts {
		holder("service account", i, m.Policies, m.Groups)
	}
	for i, p := range e.Groups {
		holder("group", i, p, nil)
	}
	for i, p := range e.Roles {
		holder("role", i, p, nil)
	}
	for i, p := range e.Policies {
		if held[i] {
			fmt.Fprintf(&b, "policy %d (%s): %s\n", i, p.Language, asJSON(p.Document))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(e.Scopes)) {
		if strings.Contains(b.String(), id) {
			fmt.Fprintf(&b, "resource group %s: %s\n", id, asJSON(e.Scopes[id]))
		}
	}
	fmt.Fprintf(&b, "%s %s asks %s on %q with %#v", q.Who.Kind, q.Who.ID, q.Action, q.Resources, q.Facts)
	fmt.Fprintf(&b, " and %q %s\n", q.APIKey, asJSON(q.Maps))
	for i, p := range e.Boundary {
		fmt.Fprintf(&b, "the organization's boundary has policy %d (%s): %s\n", i, p.Language, asJSON(p.Document))
	}
	for _, i := range q.Sessions {
		fmt.Fprintf(&b, "boundary of the question (%s): %s\n", e.Sessions[i].Language, asJSON(e.Sessions[i].Document))
	}
	return b.String()
}
