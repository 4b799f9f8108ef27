package authz_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// speaker makes organizations whose policies, in whichever language, are about the same few actions, so that they meet.
type speaker struct {
	random
	estate  *mixed
	actions []string
}

// allActions are what the organizations choose from: some that every catalogue entry is about, some in none.
var allActions = []string{
	"shop:ListOrders", "shop:GetOrder", "shop:DeleteOrder", "shop:PutItem", "shop:GetItem", "shop:CountItems",
	"iam:AttachUserPolicy", "iam:ListUsers", "iam:AddUserToGroup", "iam:GetPolicy", "iam:ListPolicies", "iam:DeleteGroup", "iam:GetUser",
	"iam:CreateRole", "iam:ImpersonateServiceAccount", "iam:GetServiceAccount", "iam:CreateConnector",
	"vserver:ListServer", "vserver:ListVolumes", "vlb:ListLoadBalancers", "vlb:GetLoadBalancer", "vlb:DeleteLoadBalancer",
	"dns:ListRecords", "dns:GetDomain", "dns:DeleteRecord", "instances:GetImage", "instances:ListImages", "instances:DeleteImage",
	"zones:GetZone", "zones:UpdateZone", "workers:GetWorker", "workers:UpdateWorker", "r2:GetBucket", "audit:ListLogs", "billing:GetBudget",
	"compute:ListInstances", "compute:StartInstance", "sos:GetObject", "sos:ListBuckets", "secret-manager:GetSecret", "key-manager:DeleteKey",
	"s3:GetObject", "robots:ListVPCs", "robots:GetS3Key", "robots:ListSTSSessions", "Fleet:GetShip",
}

// extraTypes are types of resources that those services have, or have not.
var extraTypes = map[string][]string{
	"shop": {"order", "item", "box"}, "iam": {"user", "policy", "group", "service-account", "connector", "role"}, "vserver": {"server", "volume"},
	"vlb": {"load-balancer", "subnet"}, "dns": {"domain", "record"}, "zones": {"zone", "zone", "zone-setting"}, "workers": {"worker"}, "r2": {"bucket"},
}

var (
	ids       = []string{"a", "a", "b", "a/b", "team/a:b", "ab", "purchase/a"}
	projects  = []string{"2aeadddc-c589-4784-8ef5-fae989a4bac8", "11111111-2222-4333-8444-555555555555", "0190c0de-0000-7000-8000-0000000000aa"}
	colours   = []string{"red", "green", "Red", "é", "5", ""}
	zoneNames = []string{"ch-gva-2", "at-vie-1", "fr-par"}
	agents    = []string{"terraform/1.9", "curl", strings.Repeat("é", 254) + "xyz"}
	here      = "5e0c1d7a9b3f4e628d14c07ab95f3e26"
	accountAs = "com.cloudflare.api.account." + here
)

func newSpeaker(seed uint64) *speaker {
	s := &speaker{random: newRandom(seed), estate: &mixed{Account: "7", Scopes: map[string]cloudflareScope{}}}
	for range 4 + s.IntN(5) {
		s.actions = append(s.actions, pick(s.random, allActions...))
	}
	return s
}

// settle makes the organization.
func (s *speaker) settle() *mixed {
	e := s.estate
	for range 3 {
		id := fmt.Sprintf("%032x", s.IntN(1000))
		e.Scopes[id] = s.scope(pick(s.random, catalog.ScopeAccount, catalog.ScopeZone, catalog.ScopeZone, catalog.ScopeWorker))
	}
	e.Policies = times(5+s.IntN(10), s.policy)
	everything := mixedPolicy{policy.Statements, generic(naiveDocument{[]naiveStatement{{Effect: "allow", Actions: []string{"*"}}}})}
	e.Sessions = append(times(3, s.policy), everything)
	if s.chance(20) {
		e.Boundary = times(1+s.IntN(2), s.policy)
		if s.chance(60) {
			e.Boundary = append(e.Boundary, everything)
		}
	}
	holder := func() []int { return s.some(len(e.Policies), 3) }
	e.Groups, e.Roles = times(1+s.IntN(3), holder), times(1+s.IntN(3), holder)
	m := func() member {
		return member{Groups: s.some(len(e.Groups), 2), Policies: holder(), Disabled: s.chance(8)}
	}
	e.Users, e.Accounts = times(2+s.IntN(4), m), times(1+s.IntN(4), m)
	if s.chance(6) {
		s.share(e)
	}
	return e
}

// share makes a policy of VNG Cloud's common: long, and attached to so many that its rows are kept with the policy.
func (s *speaker) share(e *mixed) {
	statements := times(2, s.vngStatement)
	for i := range 48 {
		statements = append(statements, vngStatement{Effect: "deny", Actions: []string{fmt.Sprintf("iam:N%d", i)}, Resources: []string{"*"}})
	}
	e.Policies = append(e.Policies, mixedPolicy{policy.VNGCloud, generic(statements)})
	for range 5 {
		e.Roles = append(e.Roles, s.some(len(e.Policies)-1, 2))
	}
	for _, holders := range [][][]int{e.Groups, e.Roles} {
		for i := range holders {
			holders[i] = append(holders[i], len(e.Policies)-1)
		}
	}
}

// policy makes a policy in a language drawn evenly. A document that its language refuses is drawn again.
func (s *speaker) policy() mixedPolicy {
	l := pick(s.random, policy.Languages()...)
	for {
		p := mixedPolicy{l, generic(s.document(l))}
		if _, err := s.estate.compile(p); err == nil {
			return p
		} else if !s.mayBeRefused(l) {
			panic(fmt.Sprintf("%s: %v: %s", l, err, asJSON(p.Document)))
		}
	}
}

// mayBeRefused: a permission group and a resource group of Cloudflare's may not fit.
func (s *speaker) mayBeRefused(l policy.Language) bool { return l == policy.Cloudflare }

func (s *speaker) document(l policy.Language) any {
	switch l {
	case policy.Statements:
		return naiveDocument{times(1+s.IntN(3), s.statement)}
	case policy.VNGCloud:
		return times(1+s.IntN(3), s.vngStatement)
	case policy.Cloudflare:
		return s.cloudflare()
	case policy.Scaleway:
		return map[string]any{"rules": times(1+s.IntN(3), s.scalewayRule)}
	default:
		return s.exoscale()
	}
}

func (s *speaker) effect() string { return pick(s.random, "allow", "allow", "allow", "deny", "deny") }

func (s *speaker) action() string { return pick(s.random, s.actions...) }

// id is mostly one of few.
func (s *speaker) id() string { return pick(s.random, ids...) }

func (s *speaker) typeOf(service string) string {
	if types := extraTypes[service]; len(types) > 0 {
		return pick(s.random, types...)
	}
	return "thing"
}

// Statements.

func (s *speaker) statement() naiveStatement {
	out := naiveStatement{Effect: s.effect(), Actions: times(1+s.IntN(2), s.nativePattern)}
	if s.chance(70) {
		out.Resources = times(1+s.IntN(2), s.nativeResource)
	}
	if s.chance(40) {
		out.Conditions = times(1+s.IntN(2), s.nativeCondition)
	}
	return out
}

func (s *speaker) nativePattern() string {
	service, name, _ := strings.Cut(s.action(), ":")
	switch s.IntN(8) {
	case 0:
		return pick(s.random, "*", "*:*", "*:Get*", "*:*e*")
	case 1, 2:
		return service + ":*"
	case 3, 4:
		return service + ":" + s.holes(name, "*")
	}
	return service + ":" + name
}

func (s *speaker) nativeResource() string {
	service, _, _ := strings.Cut(s.action(), ":")
	switch s.IntN(6) {
	case 0:
		return "*"
	case 1:
		return "crn:*:" + service + ":*"
	case 2:
		return "crn::" + service + ":" + s.typeOf(service) + ":" + s.holes(s.id(), "*", "?")
	}
	return s.holes(s.id(), "*", "?")
}

func (s *speaker) nativeCondition() naiveCondition {
	switch s.IntN(6) {
	case 0:
		return naiveCondition{pick(s.random, "ip_address", "not_ip_address"), "iam:source_ip", []string{pick(s.random, networks...)}}
	case 1:
		return naiveCondition{pick(s.random, "date_before", "date_after"), "iam:current_time", []string{pick(s.random, dates...)}}
	case 2:
		return naiveCondition{pick(s.random, "equals", "not_equals"), "iam:project_id", []string{pick(s.random, projects...)}}
	case 3:
		return naiveCondition{pick(s.random, "numeric_less_than", "numeric_equals"), "shop:size", []string{"5"}}
	case 4:
		return naiveCondition{"like", "iam:operation", []string{pick(s.random, "get-*", "*-order*", "list-*")}}
	}
	if s.chance(30) {
		return naiveCondition{"exists", "resource_tag/env", []string{pick(s.random, "true", "false")}}
	}
	return naiveCondition{pick(s.random, "equals", "not_in"), "resource_tag/env", []string{pick(s.random, "red", "green")}}
}

// VNG Cloud.

// spelled is an action as VNG Cloud spells it, an alias of it, or now and then as it does not.
func (s *speaker) spelled() string {
	action := s.action()
	all := append([]string{vocabulary().Spelling(catalog.VNGCloud, action)}, vocabulary().Aliases(catalog.VNGCloud, action)...)
	if s.chance(8) {
		return action
	}
	return pick(s.random, all...)
}

func (s *speaker) vngStatement() vngStatement {
	out := vngStatement{Effect: s.effect(), Actions: times(1+s.IntN(2), s.vngPattern), Resources: times(1+s.IntN(3), s.vngResource)}
	if s.chance(50) {
		out.Condition = map[string]map[string][]string{}
		for range 1 + s.IntN(2) {
			s.vngCondition(&out)
		}
	}
	return out
}

// vngPattern is of a product that VNG Cloud knows.
func (s *speaker) vngPattern() string {
	product, name, _ := strings.Cut(s.spelled(), ":")
	if !surroundings().Library.Product(product) {
		product, name = pick(s.random, "shop", "iam"), pick(s.random, "GetOrder", "Peek", "ListPolicies")
	}
	switch s.IntN(9) {
	case 0:
		return pick(s.random, "*", "*:*", "shop:*", "iam:*User*")
	case 1, 2:
		return product + ":*"
	case 3:
		return product + ":" + s.holes(name, "*")
	case 4:
		if s.chance(30) {
			return product + ":" + strings.ToLower(name)
		}
	}
	return product + ":" + name
}

func (s *speaker) vngResource() string {
	product, _, _ := strings.Cut(s.spelled(), ":")
	if s.chance(22) || !surroundings().Library.Product(product) {
		return "*"
	}
	typ := vocabulary().TypeSpelling(catalog.VNGCloud, product, s.typeOf(product))
	if s.chance(10) {
		typ = s.typeOf(product)
	}
	if s.chance(20) {
		typ = s.holes(typ, "*")
	}
	name := product + "::" + pick(s.random, "7", "7", "7", "7", "*", "77", "54549") + ":" + typ
	switch s.IntN(6) {
	case 0:
		return name
	case 1, 2:
		return name + "/*"
	case 3:
		return name + "/" + s.holes(s.id(), "*")
	}
	return name + "/" + s.id()
}

var vngOperators = []string{"stringEquals", "stringNotEquals", "numberLessThan", "numberLessThanOrEquals", "numberGreaterThan", "numberGreaterThanOrEquals"}

// wholes are numbers that are equal as float64, or have many digits.
var wholes = []string{"5", "0", "-3", "5.0", "2.5", "9007199254740992", "9007199254740993", "1767225600000", "18446744073709551616", "0.1"}

func (s *speaker) vngCondition(of *vngStatement) {
	operator, key := pick(s.random, vngOperators...), pick(s.random, "epochTime", "resourceTag/env", "requestTag/env", "tagKey", "resourceTag/size", "shop:size", "shop:colour")
	switch key {
	case "shop:size", "shop:colour": // only for a statement that names an action which has the key
		of.Actions = append(of.Actions, pick(s.random, "shop:*", "shop:ReadPurchase"))
	case "epochTime":
		operator = pick(s.random, vngOperators...)
	}
	values := colours
	if strings.HasPrefix(operator, "number") {
		values = wholes
	}
	if key == "epochTime" && s.chance(80) {
		values = []string{"1767225600000", "1767225599999", "1780308000000", "0", "1767225599999.5"}
	}
	if key == "tagKey" && !strings.HasPrefix(operator, "number") {
		values = []string{"env", "cost", "size"}
	}
	if of.Condition[operator] == nil {
		of.Condition[operator] = map[string][]string{}
	}
	of.Condition[operator][key] = times(1+s.IntN(2), func() string { return pick(s.random, values...) })
}

// Cloudflare.

func (s *speaker) scope(level string) cloudflareScope {
	out := cloudflareScope{Key: accountAs}
	for range 1 + s.IntN(2) {
		key := "*"
		switch {
		case level == catalog.ScopeAccount:
			key = pick(s.random, "*", "*", accountAs, "com.cloudflare.api.account.*")
		case s.chance(70):
			key = level + "." + pick(s.random, "a", "ab", "b", "*")
		}
		out.Objects = append(out.Objects, struct{ Key string }{key})
	}
	return out
}

// cloudflare makes a policy of groups that grant one of the organization's actions, mostly.
func (s *speaker) cloudflare() any {
	level := pick(s.random, catalog.ScopeAccount, catalog.ScopeAccount, catalog.ScopeZone, catalog.ScopeWorker)
	var groups []any
	for range 1 + s.IntN(2) {
		groups = append(groups, map[string]any{"id": s.permissionGroup(level).ID()})
	}
	if s.chance(30) {
		return map[string]any{"access": s.effect(), "permission_groups": groups, "resources": s.resources(level)}
	}
	var places []any
	for range 1 + s.IntN(2) {
		if s.chance(30) {
			id := pick(s.random, slices.Sorted(maps.Keys(s.estate.Scopes))...)
			places = append(places, map[string]any{"id": id})
			continue
		}
		scope := s.scope(level)
		var objects []any
		for _, o := range scope.Objects {
			objects = append(objects, map[string]any{"key": o.Key})
		}
		places = append(places, map[string]any{"scope": map[string]any{"key": scope.Key, "objects": objects}})
	}
	return map[string]any{"access": s.effect(), "permission_groups": groups, "resource_groups": places}
}

// resources are the keys of a token's policy, outside the account's own and inside it.
func (s *speaker) resources(level string) map[string]any {
	if level == catalog.ScopeAccount {
		return map[string]any{pick(s.random, accountAs, "com.cloudflare.api.account.*"): "*"}
	}
	key := func() string { return level + "." + pick(s.random, "a", "ab", "b", "*") }
	out := map[string]any{}
	if s.chance(50) {
		out[accountAs] = map[string]any{key(): "*", key(): "*"}
	}
	if len(out) == 0 || s.chance(50) {
		out[key()] = "*"
	}
	return out
}

func (s *speaker) permissionGroup(level string) *catalog.PermissionGroup {
	var all, fitting []*catalog.PermissionGroup
	for _, g := range append(vocabulary().PermissionGroups(), vocabulary().TokenPermissionGroups()...) {
		if g.Scopes[0] != level {
			continue
		}
		all = append(all, g)
		if slices.ContainsFunc(s.actions, g.Covers) {
			fitting = append(fitting, g)
		}
	}
	if len(fitting) > 0 && s.chance(85) {
		return pick(s.random, fitting...)
	}
	return pick(s.random, all...)
}

// Scaleway.

func (s *speaker) scalewayRule() map[string]any {
	scope := pick(s.random, catalog.ScopeProjects, catalog.ScopeProjects, catalog.ScopeOrganization)
	out := map[string]any{"permission_set_names": times(1+s.IntN(2), func() string { return s.permissionSet(scope).Name })}
	if scope == catalog.ScopeProjects && s.chance(70) {
		out["project_ids"] = times(1+s.IntN(2), func() string {
			if s.chance(10) {
				return strings.ToUpper(pick(s.random, projects...))
			}
			return pick(s.random, projects...)
		})
	} else {
		out["organization_id"] = pick(s.random, projects...)
	}
	switch {
	case s.chance(70):
		out["condition"] = s.expression(s.scalewayLeaf, pick(s.random, 2, 2, 3))
	case s.chance(30):
		out["condition"] = ""
	}
	return out
}

func (s *speaker) permissionSet(scope string) *catalog.PermissionSet {
	var all, fitting []*catalog.PermissionSet
	for _, set := range vocabulary().PermissionSets() {
		if set.Scope != scope {
			continue
		}
		all = append(all, set)
		if slices.ContainsFunc(s.actions, set.Covers) {
			fitting = append(fitting, set)
		}
	}
	if len(fitting) > 0 && s.chance(90) {
		return pick(s.random, fitting...)
	}
	return pick(s.random, all...)
}

// Exoscale.

func (s *speaker) class() string {
	service, _, _ := strings.Cut(s.action(), ":")
	if s.chance(5) {
		return pick(s.random, service, "object-storage", "")
	}
	return vocabulary().Class(service)
}

func (s *speaker) exoscale() any {
	services := map[string]any{}
	for range s.IntN(4) {
		service := map[string]any{"type": pick(s.random, "allow", "deny", "rules", "rules", "rules", "rules")}
		if service["type"] == "rules" || s.chance(20) {
			service["rules"] = append([]map[string]any{}, times(s.IntN(4), s.exoscaleRule)...)
		}
		services[s.class()] = service
	}
	return map[string]any{"default-service-strategy": pick(s.random, "allow", "deny", "deny", "deny"), "services": services}
}

func (s *speaker) exoscaleRule() map[string]any {
	out := map[string]any{"action": s.effect(), "expression": s.expression(s.exoscaleLeaf, pick(s.random, 2, 2, 3))}
	if s.chance(5) {
		out["resources"] = []string{"*"}
	}
	if s.chance(3) {
		out["expression"] = pick(s.random, "operation ==", ")(", "", "'open", "a b", "operation = 'x'", "1 +", "has()", "nowhere", "true")
	}
	return out
}

// Expressions: what both evaluators define alike.

// expression joins leaves, each in parentheses.
func (s *speaker) expression(leaf func() string, depth int) string {
	if depth == 0 || s.chance(45) {
		return leaf()
	}
	sub := func() string { return "(" + s.expression(leaf, depth-1) + ")" }
	switch s.IntN(12) {
	case 0, 1:
		return " !" + sub()
	case 2:
		return sub() + " ? " + sub() + " : " + sub()
	case 3:
		return sub() + " == " + sub()
	case 4, 5, 6, 7:
		return sub() + " && " + sub()
	}
	return sub() + " || " + sub()
}

func quoted(s string) string { return "'" + s + "'" }

func (s *speaker) operation() string {
	return vocabulary().Spelling(catalog.Exoscale, s.action())
}

// someOf fills a text in: each % is what the function gives.
func (s *speaker) fillIn(text string, with func() string) string {
	for strings.Contains(text, "%") {
		text = strings.Replace(text, "%", with(), 1)
	}
	return text
}

func (s *speaker) exoscaleLeaf() string {
	name := func() string { return pick(s.random, "name", "size", "bucket", "tags", "public", "gone", "ratio") }
	value := func() string {
		return pick(s.random, "'a'", "'b'", "'red'", "5", "5.0", "2.5", "true", "null", "['a', 'b']", "'5'", "{'a': 1}", "5u")
	}
	switch s.IntN(20) {
	case 0, 1, 2, 3:
		return s.fillIn(pick(s.random, "operation == %", "operation != %", "operation in [%, %]", "!(operation in [%])", "[%, %].exists(o, o == operation)", "[%, %].all(o, o != operation)"),
			func() string { return quoted(s.operation()) })
	case 4, 5:
		return pick(s.random, "operation.startsWith('list-')", "operation.startsWith('get-') || operation.startsWith('show-')", "operation.endsWith('s')", "operation.contains('e')",
			"operation.matches('get-.*')", "operation.matches('et')", "matches(operation, '[a-z-]+')", "size(operation) > 9", "startsWith(operation, 'drop')", "operation.matches('(')",
			"operation.size() < 12", "operation.matches('list|get')", "operation.matches(parameters.name)", "zone.contains(parameters.name)", "operation < 'h'", "operation + 'x' == 'get-objectx'")
	case 6:
		return s.fillIn(pick(s.random, "service == %", "service in ['iam', 'retail', 'dns']", "service != %"), func() string { return quoted(s.class()) })
	case 7:
		return pick(s.random, "zone == 'ch-gva-2'", "zone != 'at-vie-1'", "zone.startsWith('ch')", "api_key == 'EXOa'", "identity.key != null", "identity.key == 'EXOa'", "has(identity.created)",
			"identity.key == null", "size(zone) > 0")
	case 8, 9:
		return s.fillIn(pick(s.random, "parameters.has(%)", "!parameters.has(%)", "has(parameters, %)", "% in parameters"), func() string { return quoted(name()) })
	case 10:
		return s.fillIn(pick(s.random, "has(parameters.%)", "!has(parameters.%)", "parameters.%", "size(parameters.%) > 1", "'a' in parameters.%", "parameters.%.startsWith('r')",
			"parameters.%.exists(t, t == 'a')", "parameters.%.all(t, t != 'a')", "type(parameters.%) == string", "string(parameters.%) == '5'", "int(parameters.%) > 4",
			"double(parameters.%) < 3.5", "parameters.% > 4", "parameters.% <= 2.5", "parameters.% + 1 > 5", "parameters.% + 'a' == 'ba'", "parameters.%[0] == 'a'", "-parameters.% < 0",
			"parameters.% % 2 == 1", "10 / parameters.% > 1", "dyn(parameters.%) == 5", "parameters.%.size() == 2", "parameters.%.exists_one(t, t == 'a')", "parameters.%.filter(t, t > 'a').size() == 1",
			"parameters.%.map(t, t + 'x') == ['ax', 'bx']", "bool(parameters.%)"), name)
	case 11, 12:
		return "parameters." + name() + pick(s.random, " == ", " != ", " == ", " in ") + value()
	case 13:
		return "parameters[" + quoted(name()) + "] == " + value()
	case 14:
		return pick(s.random, "resources.instance.name == 'a'", "resources.instance.name in ['a', 'b']", "has(resources.instance.name)", "resources.instance.labels.tenant == 'red'",
			"resources.instance.labels.has('tenant')", "resources.has('instance')", "resources.bucket != 'a'", "resource.instance.name == 'a'", "has(resources.instance.labels.tenant)",
			"resources.instance.labels.all(k, k == 'tenant')", "resources == {}")
	case 15:
		return s.fillIn(pick(s.random, "source_ip.inIpRange(%)", "inIpRange(source_ip, %)", "!source_ip.inIpRange(%)", "zone.inIpRange(%)", "source_ip == '10.0.0.1'", "parameters.has('name') && parameters.name.inIpRange(%)"),
			func() string {
				return pick(s.random, "'10.0.0.0/8'", "'192.0.2.0/24'", "'2001:db8::/32'", "'nonsense'", "'10.0.0.1'", "'0.0.0.0/0'", "5", "'10.0.0.0/31'", "'10.0.0.0/33'")
			})
	case 16:
		return pick(s.random, "timestamp(now) > timestamp('2026-01-01T00:00:00Z')", "timestamp(now).getHours() < 12", "timestamp(now).getDayOfWeek() in [1, 2, 3, 4]",
			"timestamp(identity.created) < timestamp(now) - duration('1h')", "timestamp(now).getFullYear() == 2026", "timestamp(now) - timestamp('2026-01-01T00:00:00Z') < duration('24h')",
			"timestamp(now).getHours('+02:00') >= 12", "now.startsWith('2026')", "timestamp(zone) == timestamp(now)", "timestamp(now) == timestamp('2026-01-01T00:00:00Z')",
			"timestamp(now).getMilliseconds() == 999", "duration('x') == duration('1h')", "timestamp(now).getDate() == 1", "timestamp(now).getMonth() == 0", "timestamp(now).getDayOfYear() > 100")
	case 17:
		return pick(s.random, "headers.has('if-match')", "headers['if-match'] == 'a'", "'if-match' in headers", "headers == {}", "size(headers) == 1")
	case 18:
		return pick(s.random, "true", "false", "1", "'text'", "null", "nowhere", "nowhere.at.all == 1", "1 == 1.0", "1 < 2.5", "'a' < 1", "1 / 0 == 1", "[] == []", "true == 1", "nothing(1)", "!'a'", "'true'",
			"[true][0]", "[true][1]", "{'a': true}.a", "{'a': true}.b", "size('é') == 1", "9223372036854775807 + 1 > 0", "'a' in ['a']", "'a' in 'a'", "dyn(1) == 1u", "b'a' == b'a'")
	}
	return "true"
}

func (s *speaker) scalewayLeaf() string {
	switch s.IntN(8) {
	case 0, 1:
		return s.fillIn(pick(s.random, "inIpRange(request.ip, %)", "request.ip.inIpRange(%)", "!inIpRange(request.ip, %)"), func() string {
			return pick(s.random, "'10.0.0.0/8'", "'192.0.2.0/24'", "'2001:db8::/32'", "'nonsense'", "'0.0.0.0/0'")
		})
	case 2:
		return pick(s.random, "request.user_agent == 'terraform/1.9'", "request.user_agent.contains('curl')", "request.user_agent.matches('form')", "request.user_agent.matches('^curl$')",
			"size(request.user_agent) == 255", "request.user_agent.endsWith('z')", "request.user_agent.endsWith('x')", "has(request.user_agent)", "!has(request.ip)", "has(request.time)", "request.ip == '10.0.0.1'")
	case 3:
		return pick(s.random, "request.time > timestamp('2026-01-01T00:00:00Z')", "request.time.getHours() < 12", "request.time.getDayOfWeek() in [1, 2, 3, 4]", "request.time.getFullYear() == 2026",
			"request.time.getDayOfMonth() == 0", "request.time.getMinutes() == 0", "request.time.getSeconds() == 59", "request.time.getMonth() == 11", "request.time.getHours('-01:00') == 23",
			"request.time - duration('24h') < timestamp('2026-01-01T00:00:00Z')", "request.time == timestamp('2026-01-01T00:00:00Z')", "string(request.time).startsWith('2026')", "request.time > 5")
	case 4, 5:
		return s.fillIn(pick(s.random, "resource.id == %", "resource.id != %", "resource.id in [%, %]", "resource.id.startsWith(%)", "resource.name == %", "resource.id == % || !has(resource.id)",
			"has(resource.name)", "has(resource.id)", "!has(resource.id)", "resource.locality == 'fr-par'", "has(resource.locality)", "resource.locality != 'fr-par'", "size(resource.id) == 1", "resource == {}"),
			func() string { return quoted(s.id()) })
	case 6:
		return pick(s.random, "true", "false", "1 == 1", "1", "'text'", "null", "nowhere == 1", "resources.id == 'a'", "source_ip == '10.0.0.1'", "'a' < 1", "1 / 0 == 1", "{'a': 1}.has('a')", "operation == 'x'",
			"request == 5", "request.gone", "'a'.matches('(')", "[1, 2].exists(x, x == 2)", "[1, 'a'].all(x, x > 0)")
	}
	return "true"
}

// Questions.

// ask asks something that a policy of the principal's may be about. It tells which one it was; -1 if none.
func (s *speaker) ask() (*inquiry, int) {
	q := &inquiry{Maps: map[string]map[string]any{}}
	held := s.someone(q)
	at := -1
	q.Action = s.action()
	service := ""
	resource := func() string { return s.resource(service) }
	if len(held) > 0 && s.chance(93) {
		at = pick(s.random, held...)
		resource = s.aim(q, at)
	}
	service, _, _ = strings.Cut(q.Action, ":")
	q.Resources = times(pick(s.random, 1, 1, 1, 1, 2, 3), resource)
	if s.chance(1) {
		q.Resources = nil
	}
	if s.chance(3) {
		q.Action = pick(s.random, strings.ToLower(q.Action), strings.ToUpper(q.Action), strings.Replace(q.Action, ":G", ":g", 1))
	}
	s.circumstances(q)
	if s.chance(12) {
		q.Sessions = s.some(len(s.estate.Sessions), 2)
	}
	return q, at
}

// someone chooses who asks, and gives the policies that reach them.
func (s *speaker) someone(q *inquiry) (held []int) {
	e := s.estate
	of := func(m member) {
		held = append(held, m.Policies...)
		for _, g := range m.Groups {
			held = append(held, e.Groups[g]...)
		}
	}
	switch n := s.IntN(100); {
	case n < 2:
		q.Who = asUser(0)
	case n < 45:
		i := 1 + s.IntN(len(e.Users)-1)
		q.Who = asUser(i)
		of(e.Users[i])
	case n < 75:
		i := s.IntN(len(e.Accounts))
		q.Who = asAccount(i)
		of(e.Accounts[i])
	case n < 97:
		i := s.IntN(len(e.Roles))
		q.Who, held = asRole(i), e.Roles[i]
	default:
		q.Who = pick(s.random, asUser(99), asAccount(99), asRole(99), iam.Principal{}, iam.Principal{Kind: iam.KindOfRole, ID: asUser(1).ID})
	}
	return held
}

// resource is a resource of a service, mostly.
func (s *speaker) resource(service string) string {
	switch s.IntN(24) {
	case 0:
		return pick(s.random, "", "a", "crn", "CRN::shop:order:a", "*", "crn::shop:a", "crn::SHOP:order:a", "crn:::order:a", "crn::shop::a", "crn::shop:order/a:b", "crn::zones:zone:a.b")
	case 1:
		service, _, _ = strings.Cut(s.action(), ":")
	case 2, 3:
		return "crn::" + service + ":" + s.typeOf(service) + ":*"
	}
	return "crn:" + pick(s.random, "", "", "eu1") + ":" + service + ":" + s.typeOf(service) + ":" + s.id()
}

// aim makes the question one that a policy may answer, and gives what makes its resources.
func (s *speaker) aim(q *inquiry, at int) func() string {
	fit := func(matches func(action string) bool) {
		var fitting []string
		for _, a := range append(allActions, s.actions...) {
			if matches(a) {
				fitting = append(fitting, a)
			}
		}
		if len(fitting) > 0 && s.chance(93) {
			q.Action = pick(s.random, fitting...)
		}
	}
	anything := func() string {
		service, _, _ := strings.Cut(q.Action, ":")
		return s.resource(service)
	}
	switch d := readDocument(s.estate.Policies[at]).(type) {
	case *naiveDocument:
		one := pick(s.random, d.Statements...)
		pattern := pick(s.random, one.Actions...)
		fit(func(a string) bool { return naiveGlob(asciiLower(pattern), asciiLower(a), false) })
		for _, c := range one.Conditions {
			if s.chance(70) {
				q.Facts = append(q.Facts, s.factFor(&c))
			}
		}
		return func() string { return s.aimNative(q, &one, anything) }
	case *[]vngStatement:
		one := pick(s.random, *d...)
		pattern := pick(s.random, one.Actions...)
		fit(func(a string) bool {
			return slices.ContainsFunc(append(vocabulary().Aliases(catalog.VNGCloud, a), vocabulary().Spelling(catalog.VNGCloud, a)),
				func(spelled string) bool { return naiveGlob(pattern, spelled, false) })
		})
		s.aimVNG(q, &one)
		return func() string { return s.aimVNGResource(&one, anything) }
	case *cloudflarePolicy:
		g := permissionGroup(pick(s.random, d.PermissionGroups...).ID)
		fit(g.Covers)
		return func() string {
			switch {
			case s.chance(30) || g.Scopes[0] == catalog.ScopeAccount:
				return anything()
			case g.Scopes[0] == catalog.ScopeZone:
				return "crn:" + pick(s.random, "", "", "", "eu1") + ":zones:zone:" + pick(s.random, "a", "ab", "b", "*")
			}
			return "crn::workers:worker:" + pick(s.random, "a", "ab", "b", "*", "a.b")
		}
	case *scalewayPolicy:
		if len(d.Rules) == 0 {
			return anything
		}
		r := pick(s.random, d.Rules...)
		set, _ := vocabulary().PermissionSet(pick(s.random, r.PermissionSetNames...))
		fit(set.Covers)
		if len(r.ProjectIDs) > 0 && s.chance(85) {
			q.Facts = append(q.Facts, fact{"iam:project_id", strings.ToLower(pick(s.random, r.ProjectIDs...))})
		}
	case *exoscalePolicy:
		fit(func(a string) bool {
			service, _, _ := strings.Cut(a, ":")
			_, listed := d.Services[vocabulary().Class(service)]
			return listed
		})
	}
	return anything
}

func (s *speaker) aimNative(q *inquiry, one *naiveStatement, otherwise func() string) string {
	if one.Resources == nil || s.chance(20) {
		return otherwise()
	}
	service, _, _ := strings.Cut(q.Action, ":")
	pattern := s.fill(pick(s.random, one.Resources...))
	if strings.HasPrefix(pattern, "crn:") {
		return pattern
	}
	return "crn::" + service + ":" + s.typeOf(service) + ":" + pattern
}

// factFor is a fact that a condition may be about.
func (s *speaker) factFor(c *naiveCondition) fact {
	if c.Key == "iam:project_id" {
		return fact{c.Key, pick(s.random, projects...)}
	}
	f := s.fact(c.Key, pick(s.random, c.Values...))
	if x, isNumber := f.Value.(float64); isNumber && (x != x || x-x != 0) {
		f.Value = "NaN" // JSON has no such number
	}
	return f
}

// aimVNG gives a context that the conditions may be about.
func (s *speaker) aimVNG(q *inquiry, one *vngStatement) {
	for _, operator := range vngOperators {
		for _, key := range slices.Sorted(maps.Keys(one.Condition[operator])) { // a map has no order, a seed has
			values := one.Condition[operator][key]
			group, tag, _ := strings.Cut(key, "/")
			native := map[string]string{"resourceTag": "resource_tag/" + tag, "requestTag": "request_tag/" + tag, "tagKey": "request_tag/" + pick(s.random, values...)}[group]
			switch {
			case s.chance(15):
			case key == "epochTime":
				q.Facts = append(q.Facts, fact{"iam:current_time", pick(s.random, instants...)})
			case native != "":
				q.Facts = append(q.Facts, fact{native, s.tagValue(pick(s.random, values...))})
			default:
				q.Facts = append(q.Facts, fact{key, s.tagValue(pick(s.random, values...))})
			}
		}
	}
}

// tagValue is what a context may hold where a text is wanted.
func (s *speaker) tagValue(want string) any {
	switch s.IntN(10) {
	case 0:
		if f, err := strconv.ParseFloat(want, 64); err == nil && want == strconv.FormatFloat(f, 'f', -1, 64) {
			return f
		}
		return pick(s.random, 5.0, 2.5, -3)
	case 1:
		return []any{want, pick(s.random, colours...)}
	case 2:
		return pick[any](s.random, []any{}, []any{5.0, "red"}, true, "many", "", "0x10", "NaN", "Infinity", []any{true, []any{want}})
	case 3:
		return pick(s.random, wholes...)
	case 4:
		return pick(s.random, "1e3", "+5", ".5", "5.", " 5", "005", "-0", "0x5", "1_000", "5.00", "-3.0", "٥", "9007199254740992.5", "-9223372036854775809")
	}
	return want
}

func (s *speaker) aimVNGResource(one *vngStatement, otherwise func() string) string {
	parts := strings.SplitN(pick(s.random, one.Resources...), ":", 4)
	if len(parts) != 4 || s.chance(20) {
		return otherwise()
	}
	spelled, id, hasID := strings.Cut(s.fill(parts[3]), "/")
	typ := spelled
	for _, t := range extraTypes[parts[0]] {
		if vocabulary().TypeSpelling(catalog.VNGCloud, parts[0], t) == spelled {
			typ = t
		}
	}
	if !hasID {
		id = s.id()
	}
	return "crn:" + pick(s.random, "", "", "eu1") + ":" + parts[0] + ":" + typ + ":" + id
}

// circumstances are the rest of the context.
func (s *speaker) circumstances(q *inquiry) {
	add := func(percent int, key string, value any) {
		if s.chance(percent) {
			q.Facts = append(q.Facts, fact{key, value})
		}
	}
	add(85, "iam:source_ip", pick(s.random, addresses...))
	add(85, "iam:current_time", pick(s.random, instants...))
	add(60, "iam:project_id", pick(s.random, projects...))
	add(5, "iam:project_id", strings.ToUpper(pick(s.random, projects...)))
	add(75, "iam:zone", pick(s.random, zoneNames...))
	add(75, "iam:user_agent", pick(s.random, agents...))
	add(6, "iam:operation", s.operation())
	add(25, "resource_tag/env", s.tagValue(pick(s.random, colours...)))
	add(25, "request_tag/"+pick(s.random, "env", "cost"), s.tagValue(pick(s.random, colours...)))
	add(20, "resource_tag/size", pick(s.random, wholes...))
	add(25, "shop:size", s.tagValue(pick(s.random, wholes...)))
	add(15, "shop:colour", s.tagValue(pick(s.random, colours...)))
	if s.chance(80) {
		q.APIKey = pick(s.random, "EXOa", "EXOb")
	}
	s.maps(q)
}

func (s *speaker) maps(q *inquiry) {
	add := func(name, key string, values ...any) {
		if s.chance(40) {
			if q.Maps[name] == nil {
				q.Maps[name] = map[string]any{}
			}
			q.Maps[name][key] = pick(s.random, values...)
		}
	}
	add("identity", "key", "EXOa", "EXOb", nil)
	add("identity", "created", "2026-01-01T00:00:00Z", "2025-12-31T22:30:00Z", "yesterday")
	add("parameters", "name", "a", "b", "red", "10.0.0.1")
	add("parameters", "size", 5.0, 3.0, 0.0, "huge", "5")
	add("parameters", "ratio", 2.5, 0.5)
	add("parameters", "bucket", "a", "b")
	add("parameters", "tags", []any{"a", "b"}, []any{}, []any{"red", 5.0})
	add("parameters", "public", true, false, "true", nil)
	add("resources", "instance", map[string]any{"name": "a", "labels": map[string]any{"tenant": "red"}}, map[string]any{"labels": map[string]any{}})
	add("resources", "bucket", "a", "b")
	add("headers", "if-match", "a", "b")
	for _, key := range []string{"name", "id", "locality"} {
		if s.chance(20) {
			add("resources", key, "a", "b", "fr-par", "")
		}
	}
}
