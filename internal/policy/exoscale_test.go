package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/writ-iam/writ/internal/expr"
)

func exoscale(t testing.TB, source string) *Program {
	t.Helper()
	p, err := Compile(Exoscale, []byte(source), nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, source)
	}
	return p
}

// ruled makes a document with rules for compute, each as "allow: expression".
func ruled(strategy string, rules ...string) string {
	var list []string
	for _, r := range rules {
		action, expression, _ := strings.Cut(r, ": ")
		list = append(list, fmt.Sprintf(`{"action":%s,"expression":%s}`, quote(action), quote(expression)))
	}
	return fmt.Sprintf(`{"default-service-strategy":%q,"services":{"compute":{"type":"rules","rules":[%s]}}}`, strategy, strings.Join(list, ","))
}

// outcome is what the two statements of a program say: allow, deny or nothing.
func outcomeOf(p *Program, q *Query) string {
	switch deny, allow := p.Match(0, q), p.Match(1, q); {
	case deny && allow:
		return "both"
	case deny:
		return "deny"
	case allow:
		return "allow"
	default:
		return "nothing"
	}
}

func TestExoscaleRefuses(t *testing.T) {
	compile := func(source []byte) error { _, err := Compile(Exoscale, source, nil); return err }
	services := func(s string) string { return `{"default-service-strategy":"deny","services":` + s + `}` }
	service := func(s string) string { return services(`{"iam":{"type":"allow"},` + "\n" + ` "compute":` + s + `}`) }
	rule := func(s string) string {
		return service(`{"type":"rules","rules":[{"action":"deny","expression":"a"},` + s + `]}`)
	}
	for _, c := range []struct{ name, source, path, words string }{
		{"empty", `§`, "", "ends too early"},
		{"null", `§null`, "", "must be an object"},
		{"array", ` §[]`, "", "must be an object|an array"},
		{"rubbish after", services(`{}`) + `§x`, "", "nothing may follow"},
		{"second document", services(`{}`) + ` §{}`, "", "nothing may follow"},
		{"half", `{"default-service-strategy":"deny","services":{"compute":{§`, "services.compute", "too early"},
		{"member twice", `{"services":{},§"services":{}}`, "", "services is given twice"},
		{"no members", " §{}", "default-service-strategy", "is missing|allow or deny"},
		{"no strategy", `§{"services":{}}`, "default-service-strategy", "is missing"},
		{"no services", `§{"default-service-strategy":"allow"}`, "services", "is missing"},
		{"mistyped services", `§{"default-service-strategy":"allow","service":{}}`, "services", "is missing"},
		{"strategy rules", `{"default-service-strategy":§"rules"}`, "default-service-strategy", "unknown strategy rules|allow or deny"},
		{"strategy in capitals", `{"default-service-strategy":§"Allow"}`, "default-service-strategy", "unknown strategy Allow"},
		{"strategy null", `{"default-service-strategy":§null}`, "default-service-strategy", "must be a string"},
		{"strategy empty", `{"default-service-strategy":§""}`, "default-service-strategy", "unknown strategy"},
		{"services an array", services(`§[]`), "services", "must be an object|an array"},
		{"services a text", services(`§"allow"`), "services", "must be an object"},
		{"service null", service(`§null`), "services.compute", "must be an object|null"},
		{"service a word", service(`§"allow"`), "services.compute", "must be an object|a string"},
		{"service twice", services(`{"iam":{"type":"allow"},§"iam":{"type":"deny"}}`), "services", "iam is given twice"},
		{"service twice, once escaped", services(`{"iam":{"type":"allow"},§"\u0069am":{"type":"deny"}}`), "services", "iam is given twice"},
		{"no type", service(`§{}`), "services.compute.type", "is missing|allow, deny or rules"},
		{"no type but rules", service(`§{"rules":[]}`), "services.compute.type", "is missing"},
		{"type in capitals", service(`{"type":§"Allow"}`), "services.compute.type", "unknown type Allow|allow, deny or rules"},
		{"type null", service(`{"type":§null}`), "services.compute.type", "must be a string"},
		{"type with dash", services(`{"compute-legacy":{"type":§1}}`), "services.compute-legacy.type", "must be a string|a number"},
		{"odd class", services(`{"a.b \n":{"type":§1}}`), `services["a.b \n"].type`, "must be a string"},
		{"empty class", services(`{"":{"type":§1}}`), `services[""].type`, "must be a string"},
		{"class after an odd one", services(`{"a b":{"type":"deny"},"c":{"type":§1}}`), "services.c.type", "must be a string"},
		{"rules null", service(`{"type":"rules","rules":§null}`), "services.compute.rules", "must be an array"},
		{"rules an object", service(`{"type":"rules","rules":§{}}`), "services.compute.rules", "must be an array"},
		{"rule null", rule(`§null`), "services.compute.rules[1]", "must be an object"},
		{"rule an expression", rule(`§"true"`), "services.compute.rules[1]", "must be an object"},
		{"no action", rule(`§{"expression":"true"}`), "services.compute.rules[1].action", "is missing"},
		{"no expression", rule(`§{"action":"allow"}`), "services.compute.rules[1].expression", "is missing"},
		{"mistyped expression", rule(`§{"action":"allow","expresion":"true"}`), "services.compute.rules[1].expression", "is missing"},
		{"rule empty", rule(`§{}`), "services.compute.rules[1].action", "is missing"},
		{"action rules", rule(`{"action":§"rules"}`), "services.compute.rules[1].action", "unknown action rules|allow or deny"},
		{"action true", rule(`{"action":§true}`), "services.compute.rules[1].action", "must be a string"},
		{"expression true", rule(`{"action":"allow","expression":§true}`), "services.compute.rules[1].expression", "must be a string"},
		{"expression null", rule(`{"action":"allow","expression":§null}`), "services.compute.rules[1].expression", "must be a string"},
		{"expression not UTF-8", rule("{\"expression\":\"a§\xff\"}"), "services.compute.rules[1].expression", "UTF-8"},
		{"resources a text", rule(`{"resources":§"a"}`), "services.compute.rules[1].resources", "must be an array"},
		{"resource a number", rule(`{"resources":["a",§1]}`), "services.compute.rules[1].resources[1]", "must be a string"},
		{"action twice", rule(`{"action":"allow",§"action":"deny"}`), "services.compute.rules[1]", "action is given twice"},
		{"twice in an unknown member", rule(`{"more":{"a":1,§"a":1}}`), "services.compute.rules[1].more", "a is given twice"},
		{"bad rules that have no effect", service(`{"type":"allow","rules":[§1]}`), "services.compute.rules[0]", "must be an object"},
	} {
		t.Run(c.name, func(t *testing.T) { wantError(t, compile, c.source, c.path, strings.Split(c.words, "|")...) })
	}
}

// TestExoscaleLimits takes each limit to its edge and one step over it.
func TestExoscaleLimits(t *testing.T) {
	long := strings.Repeat("x", expr.MaxSource)
	rules := func(n int) []string { return strings.Split(strings.Repeat("deny: x\n", n-1)+"deny: x", "\n") }
	classes := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `%.*s"c%d":{"type":"deny"}`, min(i, 1), ",", i)
		}
		return `{"default-service-strategy":"deny","services":{` + b.String() + `}}`
	}
	two := ruled("deny", rules(MaxExoscaleRules-1)...)
	two = strings.Replace(two, `"services":{`, `"services":{"iam":{"type":"allow","rules":[{"action":"deny","expression":"x"}%s]},`, 1)
	resources := func(n int) string {
		return strings.Replace(ruled("deny", "deny: x"), `"action"`, `"resources":["r"`+strings.Repeat(`,"r"`, n-1)+`],"action"`, 1)
	}
	for _, c := range []struct{ name, fits, over, path string }{
		{"rules", ruled("deny", rules(MaxExoscaleRules)...), ruled("deny", rules(MaxExoscaleRules+1)...), "services.compute.rules[1000]"},
		{"rules of two classes", fmt.Sprintf(two, ""), fmt.Sprintf(two, `,{"action":"deny","expression":"x"}`), "services.compute.rules[998]"},
		{"expression", ruled("deny", "deny: "+long), ruled("deny", "deny: "+long+"x"), "services.compute.rules[0].expression"},
		{"expressions", ruled("deny", "deny: "+long, "deny: "+long, "deny: "+long, "deny: "+long), ruled("deny", "deny: "+long, "deny: "+long, "deny: "+long, "deny: "+long, "deny: x"), "services.compute.rules[4].expression"},
		{"classes", classes(MaxExoscaleClasses), classes(MaxExoscaleClasses + 1), "services.c1000"},
		{"resources", resources(MaxResources), resources(MaxResources + 1), "services.compute.rules[0].resources[100]"},
		{"document", ruled("deny") + strings.Repeat(" ", MaxExoscaleDocument-len(ruled("deny"))), ruled("deny") + strings.Repeat(" ", MaxExoscaleDocument-len(ruled("deny"))+1), ""},
	} {
		p := exoscale(t, c.fits)
		if printed := p.Print(); len(printed) > len(c.fits) {
			t.Errorf("%s: %d bytes became %d", c.name, len(c.fits), len(printed))
		}
		_, err := Compile(Exoscale, []byte(c.over), nil)
		if e, ok := err.(*Error); !ok || e.Path != c.path || len(e.Error()) > 500 {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestExoscaleHostile: the worst document of expressions compiles within its time.
func TestExoscaleHostile(t *testing.T) {
	deep := strings.Repeat("[", expr.MaxSource/2)
	wide := strings.Repeat("a+", expr.MaxSource/2-1) + "a"
	start := time.Now()
	p := exoscale(t, ruled("deny", "deny: "+deep, "deny: "+wide, "deny: "+deep, "allow: "+wide))
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
	q := NewQuery("compute:ListInstances", "crn::compute:instance:1", nil)
	if got := outcomeOf(p, &q); got != "nothing" || len(p.Warnings()) == 0 {
		t.Errorf("got %s", got)
	}
	if why := p.Trace(1, &q).Failure; len(why) > 2000 || !strings.Contains(why, "rules[0] is no expression: ") {
		t.Errorf("%d bytes: %s", len(why), why)
	}
}

// TestExoscaleOutcome: sections 10.2 and 14; the vectors of section 11 are in authz.
func TestExoscaleOutcome(t *testing.T) {
	const fixed = `{"default-service-strategy":%q,"services":{"iam":{"type":"allow"},"dns":{"type":"deny","rules":[{"action":"allow","expression":"true"}]},"sos":{"type":"rules"},"":{"type":"deny"},"Compute":{"type":"allow"}}}`
	deny, allow := fmt.Sprintf(fixed, "deny"), fmt.Sprintf(fixed, "allow")
	for _, c := range []struct{ source, action, want, place string }{
		{deny, "iam:CreateRole", "allow", "services.iam.type"},
		{deny, "IAM:CreateRole", "allow", "services.iam.type"},
		{deny, "dns:ListRecords", "deny", "services.dns.type"},
		{allow, "DNS:ListRecords", "deny", "services.dns.type"},
		{allow, "sos:GetObject", "nothing", "services.sos.rules"},
		{allow, "compute:ListInstances", "allow", "default-service-strategy"},
		{deny, "compute:ListInstances", "nothing", "default-service-strategy"},
		{deny, "dn:ListRecords", "nothing", "default-service-strategy"},
		{deny, "dnss:ListRecords", "nothing", "default-service-strategy"},
		{allow, ":ListRecords", "deny", `services[""].type`},
		{`{"default-service-strategy":"deny","services":null}`, "iam:CreateRole", "nothing", "default-service-strategy"},
		{`{"services":{},"default-service-strategy":"allow"}`, "iam:CreateRole", "allow", "default-service-strategy"},
		{ruled("allow", "allow: 1 +"), "compute:X", "nothing", "services.compute.rules"},
		{ruled("deny", "deny: 1 +", "deny: ", "allow: true"), "compute:X", "allow", "services.compute.rules[2]"},
		{ruled("deny", "deny: 'true'", "deny: 1", "deny: null", "allow: true"), "compute:X", "allow", "services.compute.rules[3]"},
		{ruled("deny", "deny: missing", "deny: parameters.missing", "deny: missing()", "allow: true"), "compute:X", "allow", "services.compute.rules[3]"},
		{ruled("allow", "allow: false", "allow: missing"), "compute:X", "nothing", "services.compute.rules"},
		{ruled("deny", "allow: true", "deny: true"), "compute:X", "allow", "services.compute.rules[0]"},
		{ruled("allow", "deny: true", "allow: true"), "compute:X", "deny", "services.compute.rules[0]"},
		{ruled("allow", "deny: service == 'compute' && operation == 'delete-it'", "allow: true"), "compute:DeleteIt", "deny", "services.compute.rules[0]"},
	} {
		p := exoscale(t, c.source)
		// The class is the action's: another service's resource does not change it.
		for _, resource := range []string{"crn::compute:instance:1", "crn::iam:role:1", "nonsense"} {
			q := NewQuery(c.action, resource, nil)
			if got := outcomeOf(p, &q); got != c.want {
				t.Errorf("%s on %s: got %s, want %s\n%s", c.action, resource, got, c.want, c.source)
			}
			if a, b := p.Deciding(0, &q), p.Deciding(1, &q); a != c.place || b != c.place {
				t.Errorf("%s: decided at %s and %s, want %s\n%s", c.action, a, b, c.place, c.source)
			}
			for i, effect := range []string{"deny", "allow"} {
				trace := p.Trace(i, &q)
				if trace.Matched != (effect == c.want) || !trace.Action || !trace.Resource || trace.Condition != -1 ||
					(trace.Failure != "") != (c.want == "nothing" && effect == "allow") {
					t.Errorf("%s: %s: %+v", c.action, effect, trace)
				}
			}
		}
		if p.Len() != 2 || p.Effect(0) != Deny || p.Effect(1) != Allow || p.AllowsEverything() || p.Language() != Exoscale {
			t.Errorf("%d statements, %s and %s", p.Len(), p.Effect(0), p.Effect(1))
		}
	}
}

// TestExoscaleDictionary: classes and operations are as the dictionary spells them.
func TestExoscaleDictionary(t *testing.T) {
	in := Setting{World: World{Dictionary: NewDictionary(map[string]Spellings{"vserver:ListServers": {Exoscale: "list-instances"}}, nil,
		map[string]string{"vserver": "compute"})}}
	p := exoscale(t, ruled("deny", "allow: service == 'compute' && operation == 'list-instances'", "deny: service == 'vserver'"))
	for action, want := range map[string]string{"vserver:ListServers": "allow", "VServer:LISTSERVERS": "allow", "compute:ListInstances": "allow",
		"compute:ListServers": "nothing", "vserver:ListInstances": "allow", "iam:ListInstances": "nothing"} {
		q := in.NewQuery(action, "crn::iam:role:1", nil)
		if got := outcomeOf(p, &q); got != want {
			t.Errorf("%s: %s, want %s", action, got, want)
		}
	}
	q := in.NewQuery("vserver:ListServers", "x", &Context{Operation: "get-instance"})
	if got := outcomeOf(p, &q); got != "nothing" {
		t.Errorf("a context's operation: %s", got)
	}
}

// TestExoscaleVariables: section 10.3. What the request does not have is no name; maps are there, though empty.
func TestExoscaleVariables(t *testing.T) {
	full := &Context{SourceIP: netip.MustParseAddr("::ffff:192.0.2.10"), Now: time.Date(2026, 6, 1, 14, 0, 0, 5e8, time.FixedZone("", 7200)), Zone: "ch-gva-2", Operation: "list-zones",
		More: &More{APIKey: "EXO1", Identity: map[string]any{"key": "EXO1", "created": "2026-06-01T10:30:00Z"}, Parameters: map[string]any{"size": int64(5)},
			Resources: map[string]any{"instance": map[string]any{"name": "x"}}, Headers: map[string]any{"if-match": "e"}}}
	anonymous := &Context{More: &More{Identity: map[string]any{"key": nil}}}
	for _, c := range []struct {
		ctx        *Context
		expression string
		want       bool
	}{
		{full, `service == 'compute' && operation == 'list-zones' && zone == 'ch-gva-2' && api_key == 'EXO1'`, true},
		{full, `now == '2026-06-01T12:00:00Z'`, true},
		{full, `timestamp(now) == timestamp('2026-06-01T12:00:00Z')`, true},
		{full, `source_ip == '192.0.2.10' && source_ip.inIpRange('192.0.2.0/24')`, true},
		{full, `source_ip.inIpRange('2001:db8::/32')`, false},
		{full, `identity.key == api_key && identity.key != null`, true},
		{full, `parameters.size == 5 && resources.instance.name == 'x'`, true},
		{full, `headers['if-match'] == 'e' && headers.has('if-match')`, true},
		{full, `resource.instance.name == 'x'`, false},
		{full, `id == '1' || user_agent == '' || class == 'compute'`, false},
		{nil, `operation == 'list-instances'`, true},
		{nil, `parameters == {} && resources == {} && headers == {} && identity == {}`, true},
		{nil, `!parameters.has('x') && !has(resources.x) && size(identity) == 0`, true},
		{nil, `parameters.x == 'y' || true`, true},
		{nil, `parameters.x == null`, false},
		{nil, `zone == ''`, false},
		{nil, `zone != 'ch-gva-2'`, false},
		{nil, `api_key != 'EXO1'`, false},
		{nil, `now != ''`, false},
		{nil, `source_ip != ''`, false},
		{nil, `!source_ip.inIpRange('192.0.2.0/24')`, false},
		{anonymous, `identity.key == null`, true},
		{anonymous, `identity.created != ''`, false},
	} {
		q := NewQuery("compute:ListInstances", "crn::iam:role:1", c.ctx)
		if got := outcomeOf(exoscale(t, ruled("deny", "allow: "+c.expression)), &q); (got == "allow") != c.want {
			t.Errorf("%s: %s, want %t", c.expression, got, c.want)
		}
	}
}

// facts counts what it was asked for.
type facts map[string]int

func (f facts) APIKey() string           { f["api_key"]++; return "EXO1" }
func (f facts) Identity() map[string]any { f["identity"]++; return map[string]any{"key": "EXO1"} }
func (f facts) Parameters() map[string]any {
	f["parameters"]++
	return map[string]any{"size": int64(5)}
}
func (f facts) Resources() map[string]any {
	f["resources"]++
	return map[string]any{"iam_role": map[string]any{"name": "x"}}
}
func (f facts) NameOf(typ, id string) string { f["name"]++; return "the " + typ + " " + id }

// TestExoscaleCall: a call is asked for what an expression asks for, and for nothing else; what the context says counts before.
func TestExoscaleCall(t *testing.T) {
	said := &More{APIKey: "EXO2", Identity: map[string]any{"key": "EXO2"}, Parameters: map[string]any{}, Resources: map[string]any{}}
	for _, c := range []struct {
		more       *More
		expression string
		want       string
		asked      string
	}{
		{&More{}, `operation == 'x' || now == 'x'`, "nothing", ""},
		{&More{}, `operation == 'list-instances'`, "allow", ""},
		{&More{}, `api_key == 'EXO1'`, "allow", "api_key"},
		{&More{}, `identity.key == 'EXO1'`, "allow", "identity"},
		{&More{}, `parameters.size == 5`, "allow", "parameters"},
		{&More{}, `resources.iam_role.name == 'x'`, "allow", "resources"},
		{said, `api_key == 'EXO2' && identity.key == 'EXO2' && parameters == {} && resources == {}`, "allow", ""},
	} {
		call, more := facts{}, *c.more
		more.Call = call
		q := NewQuery("compute:ListInstances", "crn::iam:role:1", &Context{More: &more})
		if got := outcomeOf(exoscale(t, ruled("deny", "allow: "+c.expression)), &q); got != c.want {
			t.Errorf("%s: %s, want %s", c.expression, got, c.want)
		}
		if len(call) > 1 || c.asked != "" && call[c.asked] == 0 || c.asked == "" && len(call) > 0 {
			t.Errorf("%s: asked for %v, want %q", c.expression, call, c.asked)
		}
	}
}

// TestExoscaleOnce: both statements together answer each expression once, and another query answers it anew.
func TestExoscaleOnce(t *testing.T) {
	p, other := exoscale(t, ruled("deny", "deny: operation == 'never'", "allow: resources.n == 1")), exoscale(t, ruled("deny", "deny: true"))
	one, two := &Context{More: &More{Resources: map[string]any{"n": int64(1)}}}, &Context{More: &More{Resources: map[string]any{"n": int64(2)}}}
	q := NewQuery("compute:X", "a", one)
	p.Match(0, &q)
	other.Match(0, &q)
	spent := q.Scratch().deep.budget.Spent()
	if got := outcomeOf(p, &q); got != "allow" || q.Scratch().deep.budget.Spent() != spent || spent == 0 {
		t.Errorf("%s for %d, after %d", got, q.Scratch().deep.budget.Spent(), spent)
	}
	next := Setting{Scratch: q.Scratch()}.NewQuery("compute:X", "b", two)
	if got := outcomeOf(p, &next); got != "nothing" || next.Scratch().deep.budget.Spent() <= spent {
		t.Errorf("the next query: %s", got)
	}
	// Many more programs than are remembered.
	many := make([]*Program, 30)
	for i := range many {
		many[i] = exoscale(t, ruled("deny", fmt.Sprintf("allow: resources.n == %d", i%2)))
	}
	q = NewQuery("compute:X", "a", one)
	for i := range 2 {
		for n, p := range many {
			if p.Match(i, &q) != (i == 1 && n%2 == 1) {
				t.Errorf("program %d, statement %d", n, i)
			}
		}
	}
}

// TestExoscaleExhausted: beyond the bound nothing matches, not even what was found before.
func TestExoscaleExhausted(t *testing.T) {
	var list []any
	for i := range 20_000 {
		list = append(list, int64(i))
	}
	ctx := &Context{More: &More{Parameters: map[string]any{"list": list}}}
	cheap := exoscale(t, ruled("deny", "allow: true"))
	dear := exoscale(t, ruled("deny", "deny: parameters.list.exists(x, x < 0)", "allow: true"))
	q := NewQuery("compute:X", "a", ctx)
	if got := outcomeOf(cheap, &q); got != "allow" || q.Scratch().Exhausted() {
		t.Fatalf("before: %s", got)
	}
	if got := outcomeOf(dear, &q); got != "nothing" || !q.Scratch().Exhausted() {
		t.Errorf("beyond: %s", got)
	}
	if got := outcomeOf(cheap, &q); got != "nothing" {
		t.Errorf("after: %s", got)
	}
	if why := dear.Trace(1, &q).Failure; why != "the rules of services.compute cost more than one decision may" {
		t.Errorf("why: %s", why)
	}
}

// TestExoscaleMiss: why nothing decided, in words that stay short.
func TestExoscaleMiss(t *testing.T) {
	ctx := &Context{More: &More{Parameters: map[string]any{"bucket": "payroll", "size": "huge", "long": strings.Repeat("x", 5000)}}}
	many := make([]string, 40)
	for i := range many {
		many[i] = "allow: parameters.long == operation || parameters.bucket == 'b'"
	}
	for _, c := range []struct{ source, want string }{
		{`{"default-service-strategy":"deny","services":{}}`, `services does not name the class compute, and default-service-strategy is deny`},
		{ruled("allow"), `services.compute has no rules, so nothing of the class is allowed`},
		{ruled("deny", "allow: parameters.bucket == 'a'"), `no rule of services.compute holds: rules[0] is false: parameters.bucket is "payroll"`},
		{ruled("deny", "deny: parameters.size > 100", "allow: zone == 'x'", "allow: parameters.bucket"),
			`no rule of services.compute holds: rules[0] failed: ">" does not take a string and an integer; rules[1] failed: there is no variable "zone"; rules[2] gave a string, not true or false`},
		{ruled("deny", "allow: resources.name == 'a'"), `no rule of services.compute holds: rules[0] failed: there is no key "name"`},
	} {
		q := NewQuery("compute:GetObject", "a", ctx)
		if got := exoscale(t, c.source).Trace(1, &q).Failure; got != c.want {
			t.Errorf("\n got %s\nwant %s", got, c.want)
		}
	}
	q := NewQuery("compute:GetObject", "a", ctx)
	if got := exoscale(t, ruled("deny", many...)).Trace(1, &q).Failure; len(got) > 3000 || !strings.HasSuffix(got, "; and 30 more") {
		t.Errorf("%d bytes: %s", len(got), got)
	}
}

func TestExoscaleWarnings(t *testing.T) {
	source := `{"extra":{"a":[1]},"default-service-strategy":"deny","services":{
 "sos":{"type":"rules","rules":[{"action":"deny","expression":"resource.bucket == 1 && other"},{"expression":"a ==","action":"allow","resources":[]},{"action":"allow","expression":"operation == 'x'","note":""}],"odd one":1},
 "iam":{"rules":[],"type":"allow"},"DNS":{"type":"deny"}}}`
	var got []string
	for _, w := range exoscale(t, source).Warnings() {
		got = append(got, w.Path+": "+w.Message)
	}
	want := []string{
		"extra: is no member that the language has; it is ignored",
		"services.sos.rules[0].expression: there is no variable resource; what asks for it fails",
		"services.sos.rules[0].expression: there is no variable other; what asks for it fails",
		"services.sos.rules[1].expression: is no expression, so the rule never holds: …",
		"services.sos.rules[1].resources: has no effect; compare resources in the expression",
		"services.sos.rules[2].note: is no member that the language has; it is ignored",
		`services.sos["odd one"]: is no member that the language has; it is ignored`,
		"services.iam.rules: has no effect, because type is allow",
		"services.DNS: is the class of no service, because classes are in lower case; it has no effect",
	}
	for i := range got {
		if head, _, cut := strings.Cut(got[i], "holds: "); cut {
			got[i] = head + "holds: …"
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, quiet := range []string{ruled("deny"), ruled("allow", "deny: headers.has('a') && has(identity.key)", "allow: true"), `{"default-service-strategy":"deny","services":null}`} {
		if got := exoscale(t, quiet).Warnings(); len(got) > 0 {
			t.Errorf("%s: %v", quiet, got)
		}
	}
	many := strings.Repeat("allow: a ==\n", 300)
	if got := exoscale(t, ruled("deny", strings.Split(many, "\n")[:300]...)).Warnings(); len(got) != maxWarnings {
		t.Errorf("%d warnings", len(got))
	}
}

func TestExoscalePrint(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{` { "services" : null , "default-service-strategy" : "allow" } `, `{"default-service-strategy":"allow","services":{}}`},
		{`{"services":{"b":{"type":"deny","x":1},"B":{"type":"allow"},"a\u002db":{"rules":[],"type":"rules"},"":{"type":"rules"}},"y":{},"default-service-strategy":"deny"}`,
			`{"default-service-strategy":"deny","services":{"":{"type":"rules"},"B":{"type":"allow"},"a-b":{"type":"rules","rules":[]},"b":{"type":"deny"}}}`},
		{`{"default-service-strategy":"deny","services":{"a":{"rules":[{"resources":["z","a"],"expression":"1 +\n\u00e9\"","action":"deny"},{"action":"allow","expression":"","resources":[]}],"type":"allow"}}}`,
			`{"default-service-strategy":"deny","services":{"a":{"type":"allow","rules":[{"action":"deny","expression":"1 +\né\"","resources":["z","a"]},{"action":"allow","expression":"","resources":[]}]}}}`},
	} {
		p := exoscale(t, c.source)
		if got := string(p.Print()); got != c.want {
			t.Errorf("\n got %s\nwant %s", got, c.want)
		}
		if again := exoscale(t, c.want); !bytes.Equal(again.Print(), p.Print()) {
			t.Errorf("%s is printed as %s", c.want, again.Print())
		}
	}
}

// TestExoscaleAllocates: without an expression nothing is allocated.
func TestExoscaleAllocates(t *testing.T) {
	p := exoscale(t, `{"default-service-strategy":"deny","services":{"iam":{"type":"allow"},"dns":{"type":"deny"}}}`)
	for action, want := range map[string]string{"iam:CreateRole": "allow", "dns:ListRecords": "deny", "sos:GetObject": "nothing"} {
		got := ""
		allocs := testing.AllocsPerRun(100, func() {
			attributes := [1]Attr{{Key: "a", Value: String("b")}}
			q := NewQuery(action, "crn::iam:role:1", &Context{Attributes: attributes[:]})
			got = outcomeOf(p, &q)
		})
		if got != want || allocs != 0 {
			t.Errorf("%s: %s with %v allocations", action, got, allocs)
		}
	}
}

// FuzzExoscale compiles any text: what it prints decides the same, nothing panics, and what is shown stays short.
func FuzzExoscale(f *testing.F) {
	f.Add([]byte(ruled("deny", "deny: !(parameters.bucket in ['orchid-media'])", "allow: operation.startsWith('get-')", "allow: 1 +")))
	f.Add([]byte(`{"default-service-strategy":"allow","services":{"compute":{"type":"allow","rules":[{"action":"deny","expression":"true","resources":["a"]}]},"a b":{"type":"deny"}}}`))
	f.Add([]byte(`{"services":null,"default-service-strategy":"deny","more":[{}]}`))
	f.Add([]byte(ruled("deny", "allow: resources.list.all(x, resources.list.exists(y, x == y))")))
	f.Add([]byte(`{"default-service-strategy":"deny","services":{"compute":{"type":"rules","rules":[{"action":"allow"`))
	contexts := []*Context{nil, {
		SourceIP: netip.MustParseAddr("192.0.2.1"), Now: time.Unix(1_780_000_000, 0), Zone: "z",
		More: &More{APIKey: "EXO", Identity: map[string]any{"key": nil}, Parameters: map[string]any{"bucket": "orchid-media", "size": int64(7)},
			Resources: map[string]any{"list": []any{int64(1), "a", 2.5, true, nil, map[string]any{"b": "c"}}}},
	}}
	f.Fuzz(func(t *testing.T, source []byte) {
		if len(source) > 4096 {
			return
		}
		kept := bytes.Clone(source)
		p, err := Compile(Exoscale, source, nil)
		if !bytes.Equal(source, kept) {
			t.Fatal("Compile wrote to its source")
		}
		if err != nil {
			checkPosition(t, err, source)
			return
		}
		printed := p.Print()
		again, err := Compile(Exoscale, printed, nil)
		if err != nil || !json.Valid(printed) || len(printed) > len(source) || !bytes.Equal(again.Print(), printed) {
			t.Fatalf("%v\n%s", err, printed)
		}
		for _, w := range p.Warnings() {
			if len(w.Path)+len(w.Message) > 4000 {
				t.Fatalf("%+v", w)
			}
		}
		actions := []string{"compute:GetInstance", "iam:X", ":"}
		for class := range p.more.ordered.classes {
			actions = append(actions, class+":DeleteInstance")
		}
		for _, action := range actions[:min(len(actions), 6)] {
			for _, ctx := range contexts {
				q, r := NewQuery(action, "crn::compute:instance:1", ctx), NewQuery(action, "crn::compute:instance:1", ctx)
				checkSameOutcome(t, p, again, &q, &r)
			}
		}
	})
}

func checkSameOutcome(t *testing.T, p, again *Program, q, r *Query) {
	t.Helper()
	if a, b := outcomeOf(p, q), outcomeOf(again, r); a != b || a == "both" {
		t.Fatalf("%s: %s, printed %s\n%s", q.action, a, b, p.Print())
	}
	if q.Scratch() != nil && q.Scratch().deep.budget.Spent() > expr.MaxDecisionCost {
		t.Fatalf("spent %d", q.Scratch().deep.budget.Spent())
	}
	for i := range p.Len() {
		if a, b := p.Trace(i, q), again.Trace(i, r); a != b || len(a.Failure) > 4000 {
			t.Fatalf("%+v\n%+v", a, b)
		}
		if a, b := p.Deciding(i, q), again.Deciding(i, r); a != b || len(a) > 5*maxShownText {
			t.Fatalf("%s, %s", a, b)
		}
	}
}

// BenchmarkExoscale is both statements of a document whose last rule of several decides.
func BenchmarkExoscale(b *testing.B) {
	for _, n := range []int{1, 5, 20} {
		b.Run(fmt.Sprint(n, "_rules"), func(b *testing.B) {
			rules := make([]string, n)
			for i := range rules {
				rules[i] = "deny: operation == 'delete-instance' || parameters.has('force') && parameters.force == 'yes'"
			}
			rules[n-1] = "allow: operation.startsWith('list-') && source_ip.inIpRange('192.0.2.0/24')"
			p := exoscale(b, ruled("deny", rules...))
			ctx := &Context{SourceIP: netip.MustParseAddr("192.0.2.10"), More: &More{Parameters: map[string]any{"name": "web"}}}
			b.ReportAllocs()
			for b.Loop() {
				q := NewQuery("compute:ListInstances", "crn::compute:instance:1", ctx)
				if outcomeOf(p, &q) != "allow" {
					b.Fatal("not allowed")
				}
			}
		})
	}
}
