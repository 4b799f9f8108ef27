package compose

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/policy"
)

func fixture(t testing.TB) *catalog.Catalog {
	t.Helper()
	source, err := os.ReadFile("../catalog/testdata/vngcloud-fixture.json")
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalog.New(source)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// library is a catalogue as documents refer to it.
type library struct {
	policy.Library
	c *catalog.Catalog
}

func (l library) Product(id string) bool {
	s, ok := l.c.Service(id)
	return ok && s.In(catalog.VNGCloud)
}

func (l library) ConditionKey(actionPattern, key string) bool { return false }

// dictionary is how a catalogue spells names.
func dictionary(c *catalog.Catalog) *policy.Dictionary {
	actions, types := map[string]policy.Spellings{}, map[[2]string]string{}
	for _, s := range c.Services() {
		for _, a := range c.Actions(s.ID) {
			actions[a.String()] = policy.Spellings{VNGCloud: c.Spelling(catalog.VNGCloud, a.String()), Aliases: c.Aliases(catalog.VNGCloud, a.String())}
		}
		for _, t := range c.ResourceTypes(s.ID) {
			types[[2]string{s.ID, t.Name}] = c.TypeSpelling(catalog.VNGCloud, s.ID, t.Name)
		}
	}
	return policy.NewDictionary(actions, types, nil)
}

type vector struct{ name, source, want string }

func vectors(t testing.TB) []vector {
	t.Helper()
	source, err := os.ReadFile("testdata/vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []vector
	for _, block := range strings.Split(strings.TrimSpace(string(source)), "\n\n") {
		if strings.HasPrefix(block, "#") {
			continue
		}
		lines := strings.Split(block, "\n")
		if len(lines) != 3 || !strings.Contains(lines[0], ": ") {
			t.Fatalf("cannot read %q", block)
		}
		name, _, _ := strings.Cut(lines[0], ":")
		out = append(out, vector{name, lines[1], lines[2]})
	}
	return out
}

func TestVectors(t *testing.T) {
	c := fixture(t)
	seen := map[string]bool{}
	for _, v := range vectors(t) {
		if seen[v.name] {
			t.Errorf("%s is there twice", v.name)
		}
		seen[v.name] = true
		t.Run(v.name, func(t *testing.T) {
			got, err := Compose([]byte(v.source), library{c: c}, c)
			if reason, refused := strings.CutPrefix(v.want, "error "); refused {
				e, ok := errors.AsType[*policy.Error](err)
				if !ok || string(e.Reason) != reason || got != nil {
					t.Errorf("got %v and error %v, want one for the reason %s", got, err, reason)
				}
				return
			}
			var want []Statement
			if err := errors.Join(err, json.Unmarshal([]byte(v.want), &want)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			checkAgain(t, got, c)
		})
	}
	for i := range 24 {
		if name := fmt.Sprintf("V%d", i+1); !seen[name] {
			t.Errorf("%s is missing", name)
		}
	}
	for i := range 7 {
		if name := fmt.Sprintf("E%d", i+1); !seen[name] {
			t.Errorf("%s is missing", name)
		}
	}
}

// checkAgain holds that what was composed is a valid document, unless it is empty, and does not change any more.
func checkAgain(t *testing.T, composed []Statement, c *catalog.Catalog) []byte {
	t.Helper()
	document, err := json.Marshal(composed)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Compose(document, library{c: c}, c)
	if err != nil {
		t.Fatalf("cannot be composed again: %v\n%s", err, document)
	}
	if diff := cmp.Diff(canonical(composed), canonical(again)); diff != "" {
		t.Fatalf("changes when it is composed again: (-once +twice)\n%s", diff)
	}
	return document
}

// canonical writes conditions in one way; json.Marshal changes spaces and escapes.
func canonical(statements []Statement) []Statement {
	out := slices.Clone(statements)
	for i := range out {
		out[i].Condition = out[i].Condition.Clone()
		if err := out[i].Condition.Canonicalize(); err != nil {
			panic(err)
		}
	}
	return out
}

// TestAliases: in the built-in catalogue the load balancers' actions are named by vserver, too. A wildcard of vserver's puts
// them in that name, and patterns of the product that the resources belong to go with them.
func TestAliases(t *testing.T) {
	c := catalog.Builtin()
	for _, v := range []vector{
		{"alias", `[{"effect":"allow","actions":["vserver:GetLoadBalancer","vlb:GetLoadBalancer"],"resources":["vserver::1:load-balancer/*","vlb::1:load-balancer/*"]}]`,
			`[{"effect":"allow","actions":["vserver:GetLoadBalancer","vlb:GetLoadBalancer"],"resources":["vlb::1:load-balancer/*"],"condition":{}}]`},
		{"wildcard over aliases", `[{"effect":"allow","actions":["vserver:GetLoadBal*"],"resources":["vlb::1:load-balancer/*"]}]`,
			`[{"effect":"allow","actions":["vserver:GetLoadBalancer","vserver:GetLoadBalancerListener","vserver:GetLoadBalancerPool","vserver:GetLoadBalancerHealthMonitor","vserver:GetLoadBalancerL7Policy"],"resources":["vlb::1:load-balancer/*"],"condition":{}}]`},
		{"native only", `[{"effect":"allow","actions":["iam:AssumeR*","iam:AssumeRole"],"resources":["iam::1:role/*","iam::1:group/*"]}]`,
			`[{"effect":"allow","actions":["iam:AssumeR*","iam:AssumeRole"],"resources":["iam::1:role/*","iam::1:group/*"],"condition":{}}]`},
	} {
		var want []Statement
		got, err := Compose([]byte(v.source), library{c: c}, c)
		if err := errors.Join(err, json.Unmarshal([]byte(v.want), &want)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", v.name, diff)
		}
		checkAgain(t, got, c)
	}
}

// TestTooLarge: what would become no valid document is refused as a whole.
func TestTooLarge(t *testing.T) {
	c := catalog.Builtin()
	statement := `{"effect":"allow","actions":["iam:ListGroups","iam:GetGroup"],"resources":["iam::1:group/*"]}`
	all := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat(statement+",", n), ",") + "]" }
	if got, err := Compose([]byte(all(25)), library{c: c}, c); err != nil || len(got) != 50 {
		t.Errorf("25 statements that are two each: %d, %v", len(got), err)
	}
	many := `[{"effect":"allow","actions":["vserver:*"],"resources":[` + strings.TrimSuffix(strings.Repeat(`"vserver::1:*/§",`, 100), ",") + `]}]`
	for i := range 100 {
		many = strings.Replace(many, "§", fmt.Sprintf("%d", 100_000_000+i), 1)
	}
	for _, v := range []vector{
		{"statements", all(26), "line 1, column 1: becomes too large when it is composed: too many statements; at most 50 are allowed"},
		{"bytes", "[" + strings.TrimSuffix(strings.Repeat(many[1:len(many)-1]+",", 20), ",") + "]", "line 1, column 1: becomes too large when it is composed: the document has "},
		{"before", all(51), "line 1, column 4702: [50]: too many statements; at most 50 are allowed"},
	} {
		got, err := Compose([]byte(v.source), library{c: c}, c)
		e, ok := errors.AsType[*policy.Error](err)
		if !ok || e.Reason != policy.ReasonStatement || !strings.HasPrefix(e.Error(), v.want) || got != nil {
			t.Errorf("%s: got %d statements and %v", v.name, len(got), err)
		}
	}
}

// TestNothingIsShared: the result is the caller's own.
func TestNothingIsShared(t *testing.T) {
	c := fixture(t)
	source := []byte(`[{"effect":"allow","actions":["iam:GetGroup"],"resources":["*"],"condition":{"stringEquals":{"tagKey":["a"]}}}]`)
	got, err := Compose(source, library{c: c}, c)
	if err != nil {
		t.Fatal(err)
	}
	clear(source)
	if string(got[0].Condition) != `{"stringEquals":{"tagKey":["a"]}}` || got[0].Actions[0] != "iam:GetGroup" {
		t.Errorf("%+v", got)
	}
}

// random makes documents out of a catalogue, and questions that meet them.
type random struct {
	*rand.Rand
	c *catalog.Catalog
}

func pick[T any](r random, from ...T) T { return from[r.IntN(len(from))] }

func (r random) anyAction() *catalog.Action {
	for {
		if actions := r.c.Actions(pick(r, r.c.Products(catalog.VNGCloud)...).ID); len(actions) > 0 {
			if a := pick(r, actions...); a.In(catalog.VNGCloud) {
				return a
			}
		}
	}
}

func (r random) actionPattern() string {
	a := r.anyAction()
	spelled := pick(r, append([]string{r.c.Spelling(catalog.VNGCloud, a.String())}, r.c.Aliases(catalog.VNGCloud, a.String())...)...)
	product, name, _ := strings.Cut(spelled, ":")
	at := r.IntN(len(name))
	return pick(r, spelled, spelled, spelled, product+":*", product+":"+name[:at]+"*", product+":*"+name[at:], "*", "*:*", product+":NoSuch", product+":NoSuch*")
}

func (r random) resourcePattern() string {
	a := r.anyAction()
	types := r.c.TypesOf(a)
	if len(types) == 0 {
		return a.Service().ID + "::1:" + pick(r, "*", "none/*", "*/a")
	}
	t := pick(r, types...)
	name := r.c.TypeSpelling(catalog.VNGCloud, t.Service().ID, t.Name)
	at := r.IntN(len(name))
	typ := pick(r, name, name, name, "*", name[:at]+"*", "*"+name[at:])
	return t.Service().ID + "::" + pick(r, "1", "1", "*", "2") + ":" + typ + pick(r, "", "/*", "/*", "/a", "/a*", "/*/b:c")
}

func (r random) document() string {
	var statements []Statement
	for range 1 + r.IntN(3) {
		s := Statement{Effect: pick(r, "allow", "allow", "deny")}
		for range 1 + r.IntN(4) {
			s.Actions = append(s.Actions, r.actionPattern())
		}
		for range 1 + r.IntN(4) {
			s.Resources = append(s.Resources, r.resourcePattern())
		}
		if r.IntN(15) == 0 {
			s.Resources = append(s.Resources, "*")
		}
		condition := pick(r, `null`, `{}`, `{}`, `{"stringEquals":{"resourceTag/env":["dev"]}}`, `{"numberLessThan":{"epochTime":["5"]},"stringNotEquals":{"tagKey":["a","b"]}}`)
		s.Condition = []byte(condition)
		statements = append(statements, s)
	}
	document, err := json.Marshal(statements)
	if err != nil {
		panic(err)
	}
	return string(document)
}

// decide is section 7.3 for one resource.
func decide(p *policy.Program, q *policy.Query) policy.Effect {
	effect := policy.Deny
	for i := range p.Len() {
		switch {
		case !p.Match(i, q):
		case p.Effect(i) == policy.Deny:
			return policy.Deny
		default:
			effect = policy.Allow
		}
	}
	return effect
}

// TestSameDecisions: whatever the catalogue has types for is decided as before; the others may only be matched more often.
func TestSameDecisions(t *testing.T) {
	for name, c := range map[string]*catalog.Catalog{"fixture": fixture(t), "builtin": catalog.Builtin()} {
		t.Run(name, func(t *testing.T) {
			r := random{rand.New(rand.NewPCG(42, 1)), c}
			in := policy.Setting{World: policy.World{Dictionary: dictionary(c)}, Account: "1"}
			asked, allowed, matched := 0, 0, 0
			for range 400 {
				source := r.document()
				before, err := policy.Compile(policy.VNGCloud, []byte(source), library{c: c})
				if err != nil {
					t.Fatalf("%v\n%s", err, source)
				}
				composed, err := Compose([]byte(source), library{c: c}, c)
				if err != nil {
					t.Fatalf("%v\n%s", err, source)
				}
				document := checkAgain(t, composed, c)
				after := new(policy.Program)
				if len(composed) > 0 {
					if after, err = policy.Compile(policy.VNGCloud, document, library{c: c}); err != nil {
						t.Fatalf("%v\n%s", err, document)
					}
				}
				for range 40 {
					a := r.anyAction()
					ctx := &policy.Context{Now: time.UnixMilli(int64(r.IntN(10))), ResourceTags: []policy.Attr{{Key: "env", Value: policy.String(pick(r, "dev", "prod"))}}}
					if r.IntN(3) == 0 {
						ctx.RequestTags = []policy.Attr{{Key: pick(r, "a", "c"), Value: policy.String("x")}}
					}
					resource := "*"
					if types := c.TypesOf(a); len(types) > 0 {
						typ := pick(r, types...)
						resource = "crn::" + typ.Service().ID + ":" + typ.Name + ":" + pick(r, "a", "ab", "x/b:c", "z")
					}
					q := in.NewQuery(a.String(), resource, ctx)
					if resource == "*" {
						matched += checkWider(t, before, after, &q, source)
						continue
					}
					asked++
					was := decide(before, &q)
					if got := decide(after, &q); got != was {
						t.Fatalf("%s on %s: %v, and composed %v\n%s\n%s", a, resource, was, got, source, document)
					}
					if was == policy.Allow {
						allowed++
					}
				}
			}
			t.Logf("asked %d, allowed %d; without a resource matched %d", asked, allowed, matched)
			if allowed < asked/100 || matched < 100 {
				t.Errorf("asked %d, allowed %d; without a resource matched %d: the test has no teeth", asked, allowed, matched)
			}
		})
	}
}

// checkWider holds that what matched an action without resource types still does, for each effect.
func checkWider(t *testing.T, before, after *policy.Program, q *policy.Query, source string) (matched int) {
	t.Helper()
	has := func(p *policy.Program, effect policy.Effect) bool {
		for i := range p.Len() {
			if p.Effect(i) == effect && p.Match(i, q) {
				return true
			}
		}
		return false
	}
	for _, effect := range []policy.Effect{policy.Allow, policy.Deny} {
		if !has(before, effect) {
			continue
		}
		matched++
		if !has(after, effect) {
			t.Fatalf("an %v is lost\n%s", effect, source)
		}
	}
	return matched
}

func FuzzCompose(f *testing.F) {
	c := fixture(f)
	for _, v := range vectors(f) {
		f.Add([]byte(v.source))
	}
	r := random{rand.New(rand.NewPCG(42, 2)), c}
	for range 5 {
		f.Add([]byte(r.document()))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		kept := string(source)
		composed, err := Compose(source, library{c: c}, c)
		if string(source) != kept {
			t.Fatal("Compose wrote to its source")
		}
		if e, ok := errors.AsType[*policy.Error](err); ok {
			if e.Reason == "" || composed != nil {
				t.Fatalf("%+v, %v", e, composed)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		checkAgain(t, composed, c)
	})
}
