package authz_test

import (
	"encoding/json"
	"math"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/iam"
)

// The second opinion (design.md, section 5): an evaluator that is as slow and as plain as can be, written from the
// ByCloud contract (sections 15 and 16.7), the design (section 5) and docs/policies.md. It reads the documents of an
// organization with encoding/json and shares nothing with what internal/policy makes of them.

// naiveDocument, naiveStatement and naiveCondition are a policy's document as JSON has it.
type naiveDocument struct {
	Statements []naiveStatement `json:"statements"`
}

type naiveStatement struct {
	SID        string           `json:"sid,omitempty"`
	Effect     string           `json:"effect"`
	Actions    []string         `json:"actions"`
	Resources  []string         `json:"resources,omitempty"`
	Conditions []naiveCondition `json:"conditions,omitempty"`
}

type naiveCondition struct {
	Operator string   `json:"operator"`
	Key      string   `json:"key"`
	Values   []string `json:"values"`
}

// question is a request in plain values.
type question struct {
	Who       iam.Principal
	Action    string
	Resources []string
	Facts     []fact // the first of equal keys counts
}

// fact is one key of the context. The value is a string, float64, bool or []any of these; nil is an absent key.
// iam:source_ip and iam:current_time are strings that are an address and a time.
type fact struct {
	Key   string
	Value any
}

// naive is an organization as the second opinion sees it.
type naive struct {
	state     *iam.State
	users     []*iam.User
	accounts  []*iam.ServiceAccount
	groups    []*iam.Group
	roles     []*iam.Role
	documents map[iam.PolicyID]naiveDocument
	omit      string // what to leave out, to prove that it matters: denies, actions, resources, conditions or failures
}

func newNaive(s *iam.State) *naive {
	n := &naive{
		state: s, users: slices.Collect(s.Users().All()), accounts: slices.Collect(s.ServiceAccounts().All()),
		groups: slices.Collect(s.Groups().All()), roles: slices.Collect(s.Roles().All()), documents: map[iam.PolicyID]naiveDocument{},
	}
	for p := range s.Policies().All() {
		var d naiveDocument
		if err := json.Unmarshal([]byte(p.Document), &d); err != nil {
			panic(err)
		}
		for _, s := range d.Statements {
			for i := range s.Actions {
				s.Actions[i] = asciiLower(s.Actions[i]) // case-insensitive on both sides
			}
		}
		n.documents[p.ID] = d
	}
	return n
}

// reach is one way by which a policy comes to a principal.
type reach struct {
	policy iam.PolicyID
	via    string
	group  iam.GroupID
}

// hit is a statement that applies.
type hit struct {
	reach
	statement string
	resource  string
}

// answer is what the second opinion says: a reason in snake case, the statements that decided, and those that named the
// action and yet did not apply.
type answer struct {
	reason string
	hits   []hit
	misses []hit
}

// who is step 1 of section 15: the policies of the principal, or why it has none.
func (n *naive) who(p iam.Principal) (policies []reach, reason string) {
	org := n.state.Organization()
	if org == nil {
		return nil, "unknown_principal"
	}
	if org.Suspended {
		return nil, "organization_suspended"
	}
	direct := func(via string, attached []iam.Attached) {
		for _, a := range attached {
			policies = append(policies, reach{policy: a.Policy, via: via})
		}
	}
	groups := func(joined []iam.Joined) {
		for _, g := range n.groups {
			for _, j := range joined {
				if j.Group != g.ID {
					continue
				}
				for _, a := range g.Policies {
					policies = append(policies, reach{a.Policy, "group", g.ID})
				}
			}
		}
	}
	switch p.Kind {
	case iam.KindOfUser:
		for _, u := range n.users {
			if u.ID.UUID != p.ID {
				continue
			}
			if u.ID == org.Owner {
				return []reach{{policy: iam.OwnerPolicy, via: "owner"}}, ""
			}
			if u.Disabled {
				return nil, "principal_disabled"
			}
			direct("direct", u.Policies)
			groups(u.Groups)
			for _, r := range n.roles {
				if r.ID == u.Role {
					direct("role", r.Policies)
				}
			}
			return policies, ""
		}
	case iam.KindOfServiceAccount:
		for _, a := range n.accounts {
			if a.ID.UUID != p.ID {
				continue
			}
			if !a.Enabled {
				return nil, "principal_disabled"
			}
			direct("direct", a.Policies)
			groups(a.Groups)
			return policies, ""
		}
	case iam.KindOfRole:
		for _, r := range n.roles {
			if r.ID.UUID == p.ID {
				direct("role", r.Policies)
				return policies, ""
			}
		}
	}
	return nil, "unknown_principal"
}

// decide is section 15 and design.md, section 5: one deny on any resource denies; else each must be allowed.
func (n *naive) decide(q *question) answer {
	policies, reason := n.who(q.Who)
	if reason != "" {
		return answer{reason: reason}
	}
	var allows, denies, misses []hit
	action := asciiLower(q.Action)
	everywhere := len(q.Resources) > 0
	for _, resource := range q.Resources {
		allowed := false
		for _, r := range policies {
			if r.via == "owner" {
				allows, allowed = append(allows, hit{r, "0", resource}), true
				continue
			}
			for i, s := range n.documents[r.policy].Statements {
				h := hit{r, s.SID, resource}
				if h.statement == "" {
					h.statement = strconv.Itoa(i)
				}
				switch {
				case !n.names(&s, action):
				case !n.applies(&s, q, resource):
					misses = append(misses, h)
				case s.Effect == "deny":
					denies = append(denies, h)
				default:
					allows, allowed = append(allows, h), true
				}
			}
		}
		everywhere = everywhere && allowed
	}
	switch {
	case len(denies) > 0:
		return answer{"explicit_deny", denies, misses}
	case everywhere:
		return answer{"explicit_allow", allows, misses}
	}
	return answer{"implicit_deny", nil, misses}
}

// names tells whether an action pattern matches.
func (n *naive) names(s *naiveStatement, action string) bool {
	return n.omit == "actions" || slices.ContainsFunc(s.Actions, func(pattern string) bool {
		return naiveGlob(pattern, action, false)
	})
}

// applies tells whether a statement that names the action applies to a resource.
func (n *naive) applies(s *naiveStatement, q *question, resource string) bool {
	if n.omit == "denies" && s.Effect == "deny" {
		return false
	}
	names := func(pattern string) bool { return naiveNames(pattern, resource, q.Action) }
	if n.omit != "resources" && s.Resources != nil && !slices.ContainsFunc(s.Resources, names) {
		return false
	}
	if n.omit == "conditions" {
		return true
	}
	unreadable := false
	for _, c := range s.Conditions {
		switch naiveHolds(&c, q) {
		case "no":
			return false // plainly false decides, whatever else cannot be read
		case "unreadable":
			if n.omit == "failures" {
				return false // as if it were plainly false
			}
			unreadable = true
		}
	}
	return !unreadable || s.Effect == "deny" // a failure never grants and never lifts a deny
}

// naiveNames is the resource rule of 16.7.
func naiveNames(pattern, resource, action string) bool {
	if pattern == "*" {
		return true
	}
	if strings.HasPrefix(pattern, "crn:") {
		return naiveGlob(pattern, resource, true)
	}
	parts := strings.SplitN(resource, ":", 5)
	if len(parts) != 5 || parts[0] != "crn" {
		return false
	}
	service, _, _ := strings.Cut(action, ":")
	return asciiLower(parts[2]) == asciiLower(service) && naiveGlob(pattern, parts[4], true)
}

// naiveGlob matches by trying everything.
func naiveGlob(pattern, text string, question bool) bool {
	return globRunes([]rune(pattern), []rune(text), question)
}

func globRunes(pattern, text []rune, question bool) bool {
	if len(pattern) == 0 {
		return len(text) == 0
	}
	if pattern[0] == '*' {
		return globRunes(pattern[1:], text, question) || len(text) > 0 && globRunes(pattern, text[1:], question)
	}
	if len(text) == 0 || pattern[0] != text[0] && (pattern[0] != '?' || !question) {
		return false
	}
	return globRunes(pattern[1:], text[1:], question)
}

func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r - 'A' + 'a'
		}
		return r
	}, s)
}

// lookup finds a key; nil is absent.
func (q *question) lookup(key string) any {
	for _, f := range q.Facts {
		if f.Key == key {
			return f.Value
		}
	}
	if key == "iam:operation" {
		return naiveOperation(q.Action)
	}
	return nil
}

// naiveOperation is iam:CreateGroup as create-group, iam:ListSTSSessions as list-sts-sessions, vserver:ListVPCs as list-vpcs.
func naiveOperation(action string) string {
	_, name, _ := strings.Cut(action, ":")
	for marked := ""; marked != name; { // the s of a plural is kept out of what follows
		marked, name = name, naivePlurals.ReplaceAllString(name, "$1+$2")
	}
	name = naiveAcronyms.ReplaceAllString(name, "$1-$2")
	return strings.ReplaceAll(asciiLower(naiveWords.ReplaceAllString(name, "$1-$2")), "+", "s")
}

var (
	naivePlurals  = regexp.MustCompile(`([A-Z][A-Z])s([A-Z]|$)`)
	naiveAcronyms = regexp.MustCompile(`([A-Z])([A-Z][a-z])`)
	naiveWords    = regexp.MustCompile(`([a-z0-9+])([A-Z])`)
)

var naiveNegations = map[string]string{"not_equals": "equals", "not_in": "in", "not_like": "like", "not_ip_address": "ip_address"}

// naiveHolds answers one condition: yes, no or unreadable.
func naiveHolds(c *naiveCondition, q *question) string {
	value := q.lookup(c.Key)
	if c.Operator == "exists" {
		return naiveTruth(slices.Contains(c.Values, strconv.FormatBool(value != nil)))
	}
	operator, negated := naiveNegations[c.Operator]
	if !negated {
		operator = c.Operator
	}
	out := "no"
	if value != nil {
		out = naiveAny(operator, c, value)
	}
	if negated && out != "unreadable" {
		return naiveTruth(out == "no")
	}
	return out
}

func naiveTruth(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// naiveAny answers a positive operator: of a list, any element may match.
func naiveAny(operator string, c *naiveCondition, value any) string {
	elements, isList := value.([]any)
	if !isList {
		elements = []any{value}
	}
	out := "no"
	for _, e := range elements {
		switch naiveOne(operator, c, e) {
		case "yes":
			return "yes"
		case "unreadable":
			out = "unreadable"
		}
	}
	return out
}

func naiveOne(operator string, c *naiveCondition, value any) string {
	var match func(want string) bool
	switch operator {
	case "equals", "in", "equals_ignore_case", "like":
		match = naiveText(operator, c.Key, value)
	case "bool":
		match = naiveBool(c.Key, value)
	case "ip_address":
		match = naiveAddress(c.Key, value)
	case "date_before", "date_after":
		match = naiveDate(operator, c.Key, value)
	default:
		match = naiveNumber(operator, c.Key, value)
	}
	if match == nil {
		return "unreadable"
	}
	return naiveTruth(slices.ContainsFunc(c.Values, match))
}

// The functions below give the comparison with one value of a document, or nil if the context's value is unreadable.

func naiveText(operator, key string, value any) func(string) bool {
	var have string
	switch v := value.(type) {
	case string:
		have = v
	case float64:
		have = strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		have = strconv.FormatBool(v)
	default:
		return nil
	}
	switch {
	case operator == "like" && key == "iam:source_ip":
		have = net.ParseIP(have).String()
	case operator == "like" && key == "iam:current_time":
		have = naiveTime(have).UTC().Format(time.RFC3339Nano)
	case key == "iam:source_ip":
		return func(want string) bool { ip := net.ParseIP(want); return ip != nil && ip.Equal(net.ParseIP(have)) }
	case key == "iam:current_time":
		return func(want string) bool { return naiveTime(want).Equal(*naiveTime(have)) }
	}
	return func(want string) bool {
		switch operator {
		case "like":
			return naiveGlob(want, have, true)
		case "equals_ignore_case":
			return strings.EqualFold(want, have)
		}
		return want == have
	}
}

func naiveBool(key string, value any) func(string) bool {
	have, isBool := value.(bool)
	if text, isText := value.(string); isText && (text == "true" || text == "false") {
		have, isBool = text == "true", true
	}
	if !isBool || key == "iam:source_ip" || key == "iam:current_time" {
		return nil
	}
	return func(want string) bool { return (want == "true") == have }
}

func naiveAddress(key string, value any) func(string) bool {
	text, ok := value.(string)
	ip := net.ParseIP(text)
	if !ok || ip == nil || key == "iam:current_time" {
		return nil
	}
	return func(want string) bool {
		_, network, err := net.ParseCIDR(want)
		if err != nil {
			return ip.Equal(net.ParseIP(want))
		}
		return network.Contains(ip)
	}
}

var naiveTimes = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$`)

func naiveTime(s string) *time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || !naiveTimes.MatchString(s) {
		return nil
	}
	return &t
}

func naiveDate(operator, key string, value any) func(string) bool {
	text, ok := value.(string)
	have := naiveTime(text)
	if !ok || have == nil || key == "iam:source_ip" {
		return nil
	}
	return func(want string) bool {
		if operator == "date_before" {
			return have.Before(*naiveTime(want))
		}
		return have.After(*naiveTime(want))
	}
}

var naiveNumbers = regexp.MustCompile(`^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$`)

func naiveNumber(operator, key string, value any) func(string) bool {
	have, isNumber := value.(float64)
	if text, isText := value.(string); isText && naiveNumbers.MatchString(text) && key != "iam:source_ip" && key != "iam:current_time" {
		f, err := strconv.ParseFloat(text, 64)
		have, isNumber = f, err == nil
	}
	if !isNumber || math.IsNaN(have) {
		return nil
	}
	return func(text string) bool {
		want, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return false
		}
		switch operator {
		case "numeric_equals":
			return have == want
		case "numeric_less_than":
			return have < want
		case "numeric_less_than_equals":
			return have <= want
		case "numeric_greater_than":
			return have > want
		case "numeric_greater_than_equals":
			return have >= want
		}
		panic("unknown operator " + operator)
	}
}
