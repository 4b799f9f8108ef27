package authz_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// The second opinion about the languages of other clouds (design.md, section 5): evaluators written from the contracts, as
// slow and as plain as can be. They read documents with encoding/json, try everything, and ask the catalogue itself what
// exists. Expressions are for cel-go's own evaluator. Statements are for the evaluator in naive_test.go.

type vngStatement struct {
	Effect    string                         `json:"effect"`
	Actions   []string                       `json:"actions"`
	Resources []string                       `json:"resources"`
	Condition map[string]map[string][]string `json:"condition,omitempty"`
}

type cloudflarePolicy struct {
	Access           string                `json:"access"`
	PermissionGroups []struct{ ID string } `json:"permission_groups"`
	ResourceGroups   []cloudflareGroup     `json:"resource_groups"`
	Resources        map[string]any        `json:"resources"`
}

// places are the resource groups, or what a token's policy has in their stead: keys, and keys inside the account (section 11).
func (p *cloudflarePolicy) places() []cloudflareGroup {
	out := p.ResourceGroups
	add := func(key string) {
		out = append(out, cloudflareGroup{Scope: cloudflareScope{Key: accountAs, Objects: []struct{ Key string }{{key}}}})
	}
	for key, inside := range p.Resources {
		if inside == "*" {
			add(key)
			continue
		}
		for key := range inside.(map[string]any) {
			add(key)
		}
	}
	return out
}

type cloudflareGroup struct {
	ID    string          `json:"id"`
	Scope cloudflareScope `json:"scope"`
}

type cloudflareScope struct {
	Key     string                 `json:"key"`
	Objects []struct{ Key string } `json:"objects"`
}

type scalewayPolicy struct {
	Rules []scalewayRule `json:"rules"`
}

type scalewayRule struct {
	PermissionSetNames []string `json:"permission_set_names"`
	ProjectIDs         []string `json:"project_ids"`
	OrganizationID     string   `json:"organization_id"`
	Condition          string   `json:"condition,omitempty"`
}

type exoscalePolicy struct {
	Default  string                     `json:"default-service-strategy"`
	Services map[string]exoscaleService `json:"services"`
}

type exoscaleService struct {
	Type  string         `json:"type"`
	Rules []exoscaleRule `json:"rules"`
}

type exoscaleRule struct {
	Action     string `json:"action"`
	Expression string `json:"expression"`
}

// inquiry is a question with what only expressions see.
type inquiry struct {
	question
	APIKey string
	Maps   map[string]map[string]any // identity, parameters, resources and headers, as JSON has them

	Sessions []int // boundaries of this question alone, among those that the organization has ready
}

// polyglot is the second opinion about an organization with policies in all languages.
type polyglot struct {
	estate  *mixed
	catalog *catalog.Catalog
	read    map[iam.PolicyID]any // documents
	omit    string               // a language and what to leave out of it, to prove that it matters: "vngcloud denies"
}

func newPolyglot(e *mixed) *polyglot {
	n := &polyglot{estate: e, catalog: vocabulary(), read: map[iam.PolicyID]any{}}
	for first, policies := range map[int][]mixedPolicy{0: e.Policies, firstBoundary: e.Boundary, firstSession: e.Sessions} {
		for i, p := range policies {
			n.read[policyID(first+i)] = readDocument(p)
		}
	}
	return n
}

func readDocument(p mixedPolicy) any {
	var out any
	switch p.Language {
	case policy.Statements:
		out = new(naiveDocument)
	case policy.VNGCloud:
		out = new([]vngStatement)
	case policy.Cloudflare:
		out = new(cloudflarePolicy)
	case policy.Scaleway:
		out = new(scalewayPolicy)
	case policy.Exoscale:
		out = new(exoscalePolicy)
	default:
		return nil
	}
	if err := json.Unmarshal([]byte(asJSON(p.Document)), out); err != nil {
		panic(err)
	}
	return out
}

func (n *polyglot) omits(l policy.Language, what string) bool {
	return n.omit != "" && n.omit == string(l)+" "+what
}

// word is what one statement says of a resource. Only two languages have numbers or names of statements.
type word struct{ effect, statement string }

// words are all that a document says about an action on a resource.
func (n *polyglot) words(document any, q *inquiry, resource string) []word {
	switch d := document.(type) {
	case *naiveDocument:
		return n.statementsWords(d, q, resource)
	case *[]vngStatement:
		return n.vngWords(*d, q, resource)
	case *cloudflarePolicy:
		return n.cloudflareWords(d, q, resource)
	case *scalewayPolicy:
		return n.scalewayWords(d, q, resource)
	case *exoscalePolicy:
		return n.exoscaleWords(d, q, resource)
	}
	panic(fmt.Sprintf("no document: %T", document))
}

// statementsWords lets the evaluator of the native language answer.
func (n *polyglot) statementsWords(d *naiveDocument, q *inquiry, resource string) (out []word) {
	native := &naive{}
	if l, what, _ := strings.Cut(n.omit, " "); l == string(policy.Statements) {
		native.omit = what
	}
	for i := range d.Statements {
		s := d.Statements[i]
		s.Actions = slices.Clone(s.Actions)
		for j := range s.Actions {
			s.Actions[j] = asciiLower(s.Actions[j])
		}
		if !native.names(&s, asciiLower(q.Action)) || !native.applies(&s, &q.question, resource) {
			continue
		}
		if s.SID == "" {
			s.SID = strconv.Itoa(i)
		}
		out = append(out, word{s.Effect, s.SID})
	}
	return out
}

// vngWords are those of VNG Cloud's statements (vngcloud.md, section 7.3).
func (n *polyglot) vngWords(statements []vngStatement, q *inquiry, resource string) (out []word) {
	spellings := append([]string{n.catalog.Spelling(catalog.VNGCloud, q.Action)}, n.catalog.Aliases(catalog.VNGCloud, q.Action)...)
	name := n.vngName(resource)
	for i, s := range statements {
		names := func(pattern string) bool {
			return slices.ContainsFunc(spellings, func(action string) bool { return pattern == "*:*" || naiveGlob(pattern, action, false) })
		}
		covers := func(pattern string) bool { return vngCovers(pattern, name) }
		switch {
		case s.Effect == "deny" && n.omits(policy.VNGCloud, "denies"):
		case !slices.ContainsFunc(s.Actions, names) && !n.omits(policy.VNGCloud, "actions"):
		case !slices.ContainsFunc(s.Resources, covers) && !n.omits(policy.VNGCloud, "resources"):
		case !vngHolds(s, q) && !n.omits(policy.VNGCloud, "conditions"):
		default:
			out = append(out, word{s.Effect, strconv.Itoa(i)})
		}
	}
	return out
}

// vngName is a resource as VNG Cloud names it, product::root:type/id; "*" is none in particular (sections 5.2 and 7.2).
func (n *polyglot) vngName(resource string) string {
	parts := strings.SplitN(resource, ":", 5)
	if len(parts) != 5 || parts[0] != "crn" || parts[4] == "*" {
		return "*"
	}
	service, typ, id := parts[2], parts[3], parts[4]
	return service + "::" + n.estate.Account + ":" + n.catalog.TypeSpelling(catalog.VNGCloud, service, typ) + "/" + id
}

// vngCovers compares segment by segment (section 5.2).
func vngCovers(pattern, name string) bool {
	if pattern == "*" {
		return true
	}
	want, have := strings.SplitN(pattern, ":", 4), strings.SplitN(name, ":", 4)
	if len(want) != 4 || len(have) != 4 {
		return false
	}
	typ, id, hasID := strings.Cut(want[3], "/")
	itsType, itsID, _ := strings.Cut(have[3], "/")
	return want[0] == have[0] && want[1] == have[1] && naiveGlob(want[2], have[2], false) &&
		naiveGlob(typ, itsType, false) && (!hasID || naiveGlob(id, itsID, false))
}

// vngHolds is section 6.3: all operators, and all keys of each. A list within a list is no text, about which the contract is
// silent; what cannot be read never grants and never lifts a deny (design.md, section 5).
func vngHolds(s vngStatement, q *inquiry) bool {
	unreadable := false
	for operator, keys := range s.Condition {
		for key, values := range keys {
			switch vngCompare(operator, q.vngValues(key), values) {
			case "no":
				return false
			case "unreadable":
				unreadable = true
			}
		}
	}
	return !unreadable || s.Effect == "deny"
}

// vngCompare compares values of the request with those of the policy: any pair will do, except for stringNotEquals.
func vngCompare(operator string, have []any, want []string) string {
	found, unreadable := false, false
	for _, x := range have {
		text, isScalar := scalarText(x)
		for _, v := range want {
			if strings.HasPrefix(operator, "number") {
				found = found || vngNumbers(operator, x, v)
			} else {
				found = found || isScalar && text == v
				unreadable = unreadable || !isScalar
			}
		}
	}
	switch {
	case unreadable && !found:
		return "unreadable"
	case operator == "stringNotEquals":
		return naiveTruth(!found)
	}
	return naiveTruth(found)
}

func vngNumbers(operator string, x any, v string) bool {
	text, _ := scalarText(x)
	have, want := decimal(text), decimal(v)
	if _, isBool := x.(bool); isBool || have == nil || want == nil {
		return false
	}
	c := have.Cmp(want)
	switch operator {
	case "numberLessThan":
		return c < 0
	case "numberLessThanOrEquals":
		return c <= 0
	case "numberGreaterThan":
		return c > 0
	case "numberGreaterThanOrEquals":
		return c >= 0
	}
	panic("unknown operator " + operator)
}

var decimals = regexp.MustCompile(`^-?\d+(\.\d+)?$`)

// decimal reads a finite decimal number; nil if it is none.
func decimal(text string) *big.Rat {
	if !decimals.MatchString(text) {
		return nil
	}
	r, _ := new(big.Rat).SetString(text)
	return r
}

func scalarText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// vngValues are the request's values of a key; none if it is missing (section 6.2).
func (q *inquiry) vngValues(key string) []any {
	group, tag, _ := strings.Cut(key, "/")
	switch {
	case key == "epochTime":
		if at, ok := q.lookup("iam:current_time").(string); ok {
			return []any{strconv.FormatInt(naiveTime(at).UnixMilli(), 10)}
		}
		return nil
	case key == "tagKey":
		return q.requestTags()
	case group == "resourceTag":
		key = "resource_tag/" + tag
	case group == "requestTag":
		key = "request_tag/" + tag
	}
	switch v := q.lookup(key).(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

func (q *inquiry) requestTags() (out []any) {
	for _, f := range q.Facts {
		if key, isTag := strings.CutPrefix(f.Key, "request_tag/"); isTag && f.Value != nil {
			out = append(out, key)
		}
	}
	return out
}

// cloudflareWords is one allow or deny of permission groups on scopes (cloudflare.md, section 12).
func (n *polyglot) cloudflareWords(p *cloudflarePolicy, q *inquiry, resource string) []word {
	if p.Access == "deny" && n.omits(policy.Cloudflare, "denies") {
		return nil
	}
	for _, ref := range p.PermissionGroups {
		group := permissionGroup(ref.ID)
		if !group.Covers(q.Action) && !n.omits(policy.Cloudflare, "actions") {
			continue
		}
		for _, where := range p.places() {
			if n.omits(policy.Cloudflare, "resources") || n.cloudflareCovers(group.Scopes[0], n.scopeOf(where), resource) {
				return []word{{p.Access, ""}}
			}
		}
	}
	return nil
}

// permissionGroup finds a role of accounts or a permission of tokens.
func permissionGroup(id string) *catalog.PermissionGroup {
	if g, ok := vocabulary().PermissionGroup(id); ok {
		return g
	}
	g, _ := vocabulary().TokenPermissionGroup(id)
	return g
}

// scopeOf looks a resource group up; one without an id holds its scope itself.
func (n *polyglot) scopeOf(g cloudflareGroup) cloudflareScope {
	if g.ID == "" {
		return g.Scope
	}
	return n.estate.Scopes[g.ID]
}

// cloudflareCovers: a group works at its level only. At the account's, "*" and the account itself are everything; at another,
// "*" is all that is named at that level, and a key is the thing of that name (sections 5 and 12, rule 4).
func (n *polyglot) cloudflareCovers(level string, scope cloudflareScope, resource string) bool {
	name, _ := n.catalog.Name(catalog.Cloudflare, resource, catalog.Vars{})
	for _, o := range scope.Objects {
		everywhere := o.Key == "*" || o.Key == level+".*"
		switch {
		case level == catalog.ScopeAccount && (everywhere || o.Key == scope.Key):
			return true
		case level == catalog.ScopeAccount:
		case strings.HasPrefix(name, level+".") && (everywhere || o.Key == name):
			return true
		}
	}
	return false
}

// scalewayWords: rules only allow (scaleway.md, section 7).
func (n *polyglot) scalewayWords(p *scalewayPolicy, q *inquiry, resource string) []word {
	project, _ := q.lookup("iam:project_id").(string)
	for _, r := range p.Rules {
		covered := slices.ContainsFunc(r.PermissionSetNames, func(name string) bool {
			set, ok := n.catalog.PermissionSet(name)
			return ok && set.Covers(q.Action)
		})
		within := r.OrganizationID != "" || slices.ContainsFunc(r.ProjectIDs, func(id string) bool {
			return strings.ToLower(id) == project
		})
		switch {
		case !covered && !n.omits(policy.Scaleway, "actions"):
		case !within && !n.omits(policy.Scaleway, "resources"):
		case r.Condition != "" && !n.omits(policy.Scaleway, "conditions") &&
			celOpinion(policy.Scaleway, r.Condition, scalewayNames(q, resource)) != celTrue:
		default:
			return []word{{"allow", ""}}
		}
	}
	return nil
}

// scalewayNames are the variables of section 7.1. What is not known is not there. What is no CRN is no resource of any kind,
// and a resource of no particular id has nothing but what the caller tells of it.
func scalewayNames(q *inquiry, resource string) map[string]any {
	request := map[string]any{}
	if ip, ok := q.lookup("iam:source_ip").(string); ok {
		request["ip"] = plainAddress(ip)
	}
	if at, ok := q.lookup("iam:current_time").(string); ok {
		request["time"] = naiveTime(at).UTC()
	}
	if agent, _ := q.lookup("iam:user_agent").(string); agent != "" {
		request["user_agent"] = string([]rune(agent)[:min(255, len([]rune(agent)))])
	}
	vars := map[string]any{"request": request}
	parts := strings.SplitN(resource, ":", 5)
	if len(parts) != 5 || parts[0] != "crn" {
		return vars
	}
	about := map[string]any{}
	for _, key := range []string{"name", "id", "locality"} {
		if text, _ := q.Maps["resources"][key].(string); text != "" {
			about[key] = text
		}
	}
	if about["id"] == nil && parts[4] != "*" {
		about["id"] = parts[4]
	}
	if zone, _ := q.lookup("iam:zone").(string); zone != "" && about["locality"] == nil && about["id"] != nil {
		about["locality"] = zone
	}
	vars["resource"] = about
	return vars
}

// plainAddress writes an address in the usual way, IPv4 within IPv6 as IPv4.
func plainAddress(s string) string { return net.ParseIP(s).String() }

// exoscaleWords is section 10.2 of exoscale.md. That nothing was said about a class, and the default denies, or that no rule
// matched, is no explicit deny.
func (n *polyglot) exoscaleWords(p *exoscalePolicy, q *inquiry, resource string) []word {
	class := n.classOf(q.Action)
	s, listed := p.Services[class]
	if !listed || n.omits(policy.Exoscale, "actions") {
		s = exoscaleService{Type: p.Default}
		if p.Default == "deny" {
			return nil
		}
	}
	say := func(effect string) []word {
		if effect == "deny" && n.omits(policy.Exoscale, "denies") {
			return nil
		}
		return []word{{effect, ""}}
	}
	if s.Type != "rules" {
		return say(s.Type)
	}
	rules := slices.Clone(s.Rules)
	if n.omits(policy.Exoscale, "order") {
		slices.Reverse(rules)
	}
	vars := n.exoscaleNames(q, class)
	for _, r := range rules {
		if n.omits(policy.Exoscale, "conditions") || celOpinion(policy.Exoscale, r.Expression, vars) == celTrue {
			return say(r.Action)
		}
	}
	return nil
}

// classOf is the class of an action. Letter case of an action does not count, so that a service which the catalogue does not
// know has its class in lower case.
func (n *polyglot) classOf(action string) string {
	service, _, _ := strings.Cut(action, ":")
	if _, known := n.catalog.Service(asciiLower(service)); known {
		return n.catalog.Class(service)
	}
	return asciiLower(service)
}

// operationOf is an action as the catalogue spells it; what it does not know is in kebab case, as it is for statements.
func (n *polyglot) operationOf(action string) string {
	if a, known := n.catalog.Action(action); known {
		return n.catalog.Spelling(catalog.Exoscale, a.String())
	}
	return naiveOperation(action)
}

// exoscaleNames are the bindings of section 10.3. A text that is not known is not bound, and maps that are not are empty.
func (n *polyglot) exoscaleNames(q *inquiry, class string) map[string]any {
	vars := map[string]any{"service": class, "operation": n.operationOf(q.Action)}
	for _, f := range q.Facts {
		if f.Key == "iam:operation" {
			vars["operation"] = f.Value
			break
		}
	}
	if zone, _ := q.lookup("iam:zone").(string); zone != "" {
		vars["zone"] = zone
	}
	if ip, ok := q.lookup("iam:source_ip").(string); ok {
		vars["source_ip"] = plainAddress(ip)
	}
	if at, ok := q.lookup("iam:current_time").(string); ok {
		vars["now"] = naiveTime(at).UTC().Format(time.RFC3339)
	}
	if q.APIKey != "" {
		vars["api_key"] = q.APIKey
	}
	for _, name := range []string{"identity", "parameters", "resources", "headers"} {
		m, _ := celValue(q.Maps[name]).(map[string]any)
		vars[name] = m
	}
	return vars
}

// celValue makes of a value that JSON has one that CEL has: whole numbers are integers.
func celValue(v any) any {
	switch v := v.(type) {
	case float64:
		if v == float64(int64(v)) {
			return int64(v)
		}
	case []any:
		out := []any{}
		for _, e := range v {
			out = append(out, celValue(e))
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			out[key] = celValue(v[key])
		}
		return out
	}
	return v
}

// decide is design.md, section 5. One deny on any resource denies, whether of the principal's policies or of a boundary; else
// every boundary must allow each resource, and the principal's policies must.
func (n *polyglot) decide(q *inquiry) answer {
	policies, reason := n.who(q.Who)
	if reason != "" {
		return answer{reason: reason}
	}
	var allows, denies []hit
	everywhere, inside := len(q.Resources) > 0, true
	for _, resource := range q.Resources {
		ask := func(policies []reach) (allowed bool) {
			for _, r := range policies {
				for _, h := range n.hear(r, q, resource) {
					if h.effect == "deny" {
						denies = append(denies, h.hit)
					} else {
						allows, allowed = append(allows, h.hit), true
					}
				}
			}
			return allowed
		}
		everywhere = ask(policies) && everywhere
		for _, b := range n.boundaries(q) {
			inside = ask(b) && inside
		}
	}
	switch {
	case len(denies) > 0:
		return answer{reason: "explicit_deny", hits: denies}
	case !inside:
		return answer{reason: "boundary"}
	case everywhere:
		return answer{reason: "explicit_allow", hits: allows}
	}
	return answer{reason: "implicit_deny"}
}

// said is what a policy that reaches the principal says.
type said struct {
	effect string
	hit
}

func (n *polyglot) hear(r reach, q *inquiry, resource string) (out []said) {
	if r.via == "owner" {
		return []said{{"allow", hit{r, "0", resource}}}
	}
	for _, w := range n.words(n.read[r.policy], q, resource) {
		out = append(out, said{w.effect, hit{r, w.statement, resource}})
	}
	return out
}

// boundaries are the policies of each: the organization's, and one for each that the question comes with.
func (n *polyglot) boundaries(q *inquiry) (out [][]reach) {
	var whole []reach
	for i := range n.estate.Boundary {
		whole = append(whole, reach{policy: policyID(firstBoundary + i), via: "boundary"})
	}
	if len(whole) > 0 {
		out = append(out, whole)
	}
	for _, i := range q.Sessions {
		out = append(out, []reach{{policy: policyID(firstSession + i), via: "boundary"}})
	}
	return out
}

// who finds the policies of a principal, or why it has none.
func (n *polyglot) who(p iam.Principal) (policies []reach, reason string) {
	direct := func(via string, held []int) {
		for _, i := range held {
			policies = append(policies, reach{policy: policyID(i), via: via})
		}
	}
	of := func(m member) {
		direct("direct", m.Policies)
		for _, g := range m.Groups {
			for _, i := range n.estate.Groups[g] {
				policies = append(policies, reach{policyID(i), "group", groupID(g)})
			}
		}
	}
	for i, m := range n.estate.Users {
		if p == asUser(i) && i == 0 {
			return []reach{{policy: iam.OwnerPolicy, via: "owner"}}, ""
		}
		if p == asUser(i) && m.Disabled {
			return nil, "principal_disabled"
		}
		if p == asUser(i) {
			of(m)
			return policies, ""
		}
	}
	for i, m := range n.estate.Accounts {
		if p == asAccount(i) && m.Disabled {
			return nil, "principal_disabled"
		}
		if p == asAccount(i) {
			of(m)
			return policies, ""
		}
	}
	for i, held := range n.estate.Roles {
		if p == asRole(i) {
			direct("role", held)
			return policies, ""
		}
	}
	return nil, "unknown_principal"
}

// placeOf is n of policyID(n).
func placeOf(id iam.PolicyID) int {
	return int(id.UUID[14])<<8 | int(id.UUID[15])
}
