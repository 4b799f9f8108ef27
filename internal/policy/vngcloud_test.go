package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// vngLibrary knows the products iam, vserver and v-db, and a key that only iam:GetPolicy has.
type vngLibrary struct{ emptyLibrary }

func (vngLibrary) Product(id string) bool {
	return slices.Contains([]string{"iam", "vserver", "v-db"}, id)
}

func (vngLibrary) ConditionKey(actionPattern, key string) bool {
	return matchStars(actionPattern, "iam:GetPolicy") && slices.Contains([]string{"special", "resourceTag", "requestTag/"}, key)
}

// vngDictionary spells some names otherwise than natively.
var (
	vngSpellings = map[string]Spellings{
		"iam:GetUser":           {VNGCloud: "iam:GetIamUser"},
		"vlb:ListLoadBalancers": {Aliases: []string{"vserver:ListLoadBalancers", "v-db:Balance"}},
		"iam:Login":             {VNGCloud: "iam:SignIn", Aliases: []string{"vserver:Login"}},
	}
	vngDictionary = NewDictionary(vngSpellings, map[[2]string]string{{"iam", "user"}: "iam-user", {"vserver", "vm"}: "server"}, nil)
)

func compileVNG(t testing.TB, source string) *Program {
	t.Helper()
	p, err := Compile(VNGCloud, []byte(source), vngLibrary{})
	if err != nil {
		t.Fatalf("%v\n%s", err, source)
	}
	return p
}

// vngOne makes a document of one statement; the condition may be "".
func vngOne(effect, actions, resources, condition string) string {
	if condition != "" {
		condition = `,"condition":` + condition
	}
	return fmt.Sprintf(`[{"effect":%q,"actions":%s,"resources":%s%s}]`, effect, actions, resources, condition)
}

func vngIf(condition string) string { return vngOne("allow", `["*"]`, `["*"]`, condition) }

var vngSetting = Setting{World: World{Library: vngLibrary{}, Dictionary: vngDictionary}, Account: "54549"}

func TestVNGCloudNames(t *testing.T) {
	for _, c := range []struct {
		action, resource string // of the statement
		asked, of        string
		want             bool
	}{
		{"iam:GetPolicy", "*", "iam:GetPolicy", "crn::iam:policy:p", true},
		{"iam:Get*", "*", "iam:GetPolicy", "crn::iam:policy:p", true},
		{"iam:*", "*", "iam:GetPolicy", "", true},
		{"iam:*et*lic*", "*", "iam:GetPolicy", "", true},
		{"iam:G*P*y", "*", "iam:GetPolicy", "", true},
		{"*", "*", "s3:GetObject", "anything", true},
		{"*:*", "*", "s3:GetObject", "anything", true},

		{"iam:getpolicy", "*", "iam:GetPolicy", "crn::iam:policy:p", false},
		{"iam:Get*", "*", "iam:getPolicy", "crn::iam:policy:p", false},
		{"vserver:*", "*", "iam:GetPolicy", "crn::iam:policy:p", false},
		{"iam:Get*s", "*", "iam:GetPolicy", "crn::iam:policy:p", false},
		{"iam:*", "*", "iam2:GetPolicy", "crn::iam:policy:p", false},

		// Spellings and aliases.
		{"iam:GetIamUser", "*", "iam:GetUser", "", true},
		{"iam:GetUser", "*", "iam:GetUser", "", false},
		{"iam:GetI*", "*", "iam:GetUser", "", true},
		{"vserver:ListLoad*", "*", "vlb:ListLoadBalancers", "", true},
		{"v-db:*", "*", "vlb:ListLoadBalancers", "", true},
		{"iam:List*", "*", "vlb:ListLoadBalancers", "", false},
		{"iam:SignIn", "*", "iam:Login", "", true},
		{"vserver:Login", "*", "iam:Login", "", true},
		{"iam:Login", "*", "iam:Login", "", false},

		// Resources, segment by segment.
		{"*", "iam::54549:policy/p-1", "iam:GetPolicy", "crn::iam:policy:p-1", true},
		{"*", "iam::54549:policy/*", "iam:GetPolicy", "crn:eu:iam:policy:a/b:c", true},
		{"*", "iam::54549:policy/a*", "iam:GetPolicy", "crn::iam:policy:ab12", true},
		{"*", "iam::54549:policy/*:*/z", "iam:GetPolicy", "crn::iam:policy:a:b/z", true},
		{"*", "iam::*:policy/p", "iam:GetPolicy", "crn::iam:policy:p", true},
		{"*", "iam::54549:*", "iam:GetPolicy", "crn::iam:policy:p", true},
		{"*", "iam::54549:pol*", "iam:GetPolicy", "crn::iam:policy:p", true},
		{"*", "iam::54549:policy", "iam:GetPolicy", "crn::iam:policy:p", true},
		{"*", "iam::54549:p*y/p", "iam:GetPolicy", "crn::iam:policy:p", true},
		{"*", "iam::54549:iam-user/u", "iam:GetUser", "crn::iam:user:u", true},
		{"*", "vserver::54549:server/u", "iam:GetUser", "crn::vserver:vm:u", true},
		{"*", "iam::54549:policy/ü?", "iam:GetPolicy", "crn::iam:policy:ü?", true},

		{"*", "iam::54549:policy/p-1", "iam:GetPolicy", "crn::iam:policy:p-2", false},
		{"*", "iam::54549:policy/P-1", "iam:GetPolicy", "crn::iam:policy:p-1", false},
		{"*", "iam::777:policy/*", "iam:GetPolicy", "crn::iam:policy:p", false},
		{"*", "vserver::54549:policy/*", "iam:GetPolicy", "crn::iam:policy:p", false},
		{"*", "iam::54549:group/*", "iam:GetPolicy", "crn::iam:policy:p", false},
		{"*", "iam::54549:user/*", "iam:GetUser", "crn::iam:user:u", false},
		{"*", "vserver::54549:vm/u", "iam:GetUser", "crn::vserver:vm:u", false},
		{"*", "iam::54549:policy/p?", "iam:GetPolicy", "crn::iam:policy:pp", false},
		{"*", "iam::54549:*", "iam:ListPolicies", "*", false},
		{"*", "iam::*:*/*", "iam:ListPolicies", "crn::iam:policy:*", false},
		{"*", "*", "iam:ListPolicies", "crn::iam:policy:*", true},
		{"*", "iam::*:*", "iam:GetPolicy", "iam::54549:policy/p", false}, // queries name natively
		// A type is no part of an id, and an id none of a type.
		{"*", "vserver::54549:project/p1", "a:b", "crn::vserver:object:a:project/p1", false},
		{"*", "vserver::54549:obj*p1", "a:b", "crn::vserver:object:p1", false},
		{"*", "vserver::54549:object/*", "a:b", "crn::vserver:object/x:p1", true}, // the name is cut at its first slash
		{"*", "vserver::54549:*/p1", "a:b", "crn::vserver:object/x:p1", false},
	} {
		p := compileVNG(t, vngOne("allow", list(c.action), list(c.resource), ""))
		q := vngSetting.NewQuery(c.asked, c.of, nil)
		if got := p.Match(0, &q); got != c.want {
			t.Errorf("%s on %s, asked %s on %s: got %v, want %v", c.action, c.resource, c.asked, c.of, got, c.want)
		}
		in := SpellingOf(&vngSetting.World, vngSetting.Account, c.asked, c.of)
		spelled := q.Spelled(&in)
		if got := p.Match(0, &spelled); got != c.want {
			t.Errorf("%s on %s, asked %s on %s: spelled before, got %v, want %v", c.action, c.resource, c.asked, c.of, got, c.want)
		}
		checkSound(t, p, &q)
	}
}

// TestVNGCloudAccount: without an account number no name matches but the star.
func TestVNGCloudAccount(t *testing.T) {
	p := compileVNG(t, vngOne("allow", `["*"]`, `["iam::54549:policy/*"]`, ""))
	if matches(p, "iam:GetPolicy", "crn::iam:policy:p", nil) {
		t.Error("a name of account 54549 matches in no account")
	}
}

func TestVNGCloudConditions(t *testing.T) {
	source, err := os.ReadFile("testdata/vngcloud-conditions.txt")
	if err != nil {
		t.Fatal(err)
	}
	cases, refused := 0, 0
	for i, line := range strings.Split(string(source), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cases++
		left, want, ok := strings.Cut(line, " => ")
		condition, request, ok2 := strings.Cut(left, " | ")
		if !ok || !ok2 || want != "true" && want != "false" {
			t.Fatalf("line %d: cannot read %q", i+1, line)
		}
		if want == "false" {
			refused++
		}
		ctx, err := vngRequest(request)
		if err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		for _, effect := range []string{"allow", "deny"} { // no failure is told apart
			p := compileVNG(t, vngOne(effect, `["*"]`, `["*"]`, condition))
			q := NewQuery("iam:GetPolicy", "crn::iam:policy:p", ctx)
			if got := p.Match(0, &q); got != (want == "true") {
				t.Errorf("line %d, %s: got %v: %s", i+1, effect, got, line)
			}
			checkVNGPrinted(t, p, &q)
		}
	}
	if cases < 70 || refused < 40 {
		t.Errorf("%d cases, of which %d are refusals", cases, refused)
	}
}

// vngRequest reads what a request of vngcloud-conditions.txt has.
func vngRequest(s string) (*Context, error) {
	ctx := &Context{}
	for _, fact := range strings.Split(s, ", ") {
		word, rest, _ := strings.Cut(fact, " ")
		key, text, _ := strings.Cut(rest, "=")
		attr := Attr{key, valueFrom(text)}
		switch word {
		case "time":
			n, err := strconv.ParseInt(rest, 10, 64)
			if err != nil {
				return nil, err
			}
			ctx.Now = time.UnixMilli(n)
		case "tag":
			ctx.ResourceTags = append(ctx.ResourceTags, attr)
		case "request":
			ctx.RequestTags = append(ctx.RequestTags, attr)
		case "key":
			ctx.Attributes = append(ctx.Attributes, attr)
		case "nothing":
		default:
			return nil, fmt.Errorf("cannot read %q", fact)
		}
	}
	return ctx, nil
}

func valueFrom(text string) Value {
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return String(text)
	}
	return valueOf(v)
}

func valueOf(v any) Value {
	switch v := v.(type) {
	case string:
		return String(v)
	case float64:
		return Number(v)
	case bool:
		return Bool(v)
	case []any:
		var elements []Value
		for _, e := range v {
			elements = append(elements, valueOf(e))
		}
		return List(elements...)
	default:
		return Value{}
	}
}

// TestVNGCloudListInList: what is no text at all fails, and a failure never grants and never lifts a deny.
func TestVNGCloudListInList(t *testing.T) {
	ctx := &Context{Attributes: []Attr{{"special", List(List(String("a")))}}}
	for _, operator := range []string{"stringEquals", "stringNotEquals"} {
		for effect, want := range map[string]bool{"allow": false, "deny": true} {
			p := compileVNG(t, vngOne(effect, `["*"]`, `["*"]`, `{"`+operator+`":{"special":["b"]}}`))
			if got := matches(p, "iam:GetPolicy", "x", ctx); got != want {
				t.Errorf("%s %s: got %v", effect, operator, got)
			}
		}
	}
}

// TestVNGCloudFirstTagCounts: of equal keys of tags the first counts, also for whether the key is there.
func TestVNGCloudFirstTagCounts(t *testing.T) {
	ctx := &Context{RequestTags: []Attr{{"cost", Value{}}, {"cost", String("a")}}}
	if p := compileVNG(t, vngIf(`{"stringEquals":{"tagKey":["cost"]}}`)); matches(p, "a:b", "x", ctx) {
		t.Error("a key whose first tag is absent is there")
	}
}

func TestVNGCloudErrors(t *testing.T) {
	const grammar = `; write "*" or product:Action, where * stands for any run of characters of the action`
	const names = `; write "*" or product::root:type/id`
	long := strings.Repeat("x", 512)
	in := func(member string) string {
		return `[{"effect":"allow","actions":["*"],"resources":["*"],` + member + `}]`
	}
	act := func(action string) string {
		return `[{"effect":"allow","actions":[§` + quote(action) + `],"resources":["*"]}]`
	}
	res := func(resource string) string {
		return `[{"effect":"allow","actions":["*"],"resources":["*",§` + quote(resource) + `]}]`
	}
	for _, c := range []struct {
		name, source, path string
		reason             Reason
		message            string
	}{
		// The whole.
		{"object", `§{"statements":[]}`, "", ReasonShape, "must be an array, is an object"},
		{"null", `§null`, "", ReasonShape, "must be an array, is null"},
		{"nothing", `§`, "", ReasonSyntax, "the document ends too early"},
		{"cut off", `[{"effect":§`, "[0].effect", ReasonSyntax, "the document ends too early"},
		{"two documents", vngIf("{}") + ` §[]`, "", ReasonSyntax, "nothing may follow the document"},
		{"empty", `§[]`, "", ReasonStatement, "needs at least one statement"},
		{"text as statement", `[§"x"]`, "[0]", ReasonShape, "must be an object, is a string"},
		{"null as statement", `[§null]`, "[0]", ReasonShape, "must be an object, is null"},

		// Members.
		{"no members", `[§{}]`, "[0].effect", ReasonStatement, "is missing; use allow or deny"},
		{"no effect", `[§{"actions":["*"],"resources":["*"]}]`, "[0].effect", ReasonStatement, "is missing; use allow or deny"},
		{"no actions", `[§{"effect":"deny","resources":["*"]}]`, "[0].actions", ReasonStatement, "is missing; name at least one"},
		{"null actions", `[§{"effect":"deny","actions":null,"resources":["*"]}]`, "[0].actions", ReasonStatement, "is missing; name at least one"},
		{"no resources", `[§{"effect":"deny","actions":["*"]}]`, "[0].resources", ReasonStatement, `is missing; name at least one, or "*"`},
		{"second statement", `[{"effect":"deny","actions":["*"],"resources":["*"]},§{"effect":"deny","actions":["*"]}]`, "[1].resources", ReasonStatement, `is missing; name at least one, or "*"`},
		{"empty actions", `[{"effect":"allow","actions":§[],"resources":["*"]}]`, "[0].actions", ReasonStatement, "needs at least one of actions"},
		{"empty resources", `[{"effect":"allow","actions":["*"],"resources":§[]}]`, "[0].resources", ReasonStatement, "needs at least one of resources"},
		{"action as text", `[{"effect":"allow","actions":§"*","resources":["*"]}]`, "[0].actions", ReasonShape, "must be an array, is a string"},
		{"number as resource", `[{"effect":"allow","actions":["*"],"resources":[§1]}]`, "[0].resources[0]", ReasonShape, "must be a string, is a number"},
		{"effect permit", `[{"effect":§"permit","actions":["*"],"resources":["*"]}]`, "[0].effect", ReasonStatement, "unknown effect permit; use allow or deny"},
		{"effect Allow", `[{"effect":§"Allow","actions":["*"],"resources":["*"]}]`, "[0].effect", ReasonStatement, "unknown effect Allow; use allow or deny"},
		{"null effect", `[{"effect":§null}]`, "[0].effect", ReasonShape, "must be a string, is null"},
		{"conditions", in(`§"conditions":{}`), "[0].conditions", ReasonStatement, "unknown member conditions; allowed are effect, actions, resources and condition"},
		{"member in capitals", in(`§"Condition":{}`), "[0].Condition", ReasonStatement, "unknown member Condition; allowed are effect, actions, resources and condition"},
		{"sid", in(`§"sid":"a"`), "[0].sid", ReasonStatement, "unknown member sid; allowed are effect, actions, resources and condition"},
		{"member twice", in(`§"effect":"deny"`), "[0]", ReasonSyntax, "member effect is given twice"},

		// Actions (section 5.1).
		{"E1", act("robot:GetArm"), "[0].actions[0]", ReasonProductNotFound, "there is no product robot"},
		{"product in capitals", act("IAM:GetPolicy"), "[0].actions[0]", ReasonProductNotFound, "there is no product IAM"},
		{"E2", act("GetPolicy"), "[0].actions[0]", ReasonProductInvalid, "GetPolicy names no product" + grammar},
		{"empty action", act(""), "[0].actions[0]", ReasonProductInvalid, `"" names no product` + grammar},
		{"colon first", act(":GetPolicy"), "[0].actions[0]", ReasonProductInvalid, ":GetPolicy names no product" + grammar},
		{"star in product", act("ia*:GetPolicy"), "[0].actions[0]", ReasonProductInvalid, "ia* cannot be a product, which is letters, digits and dashes" + grammar},
		{"star as product", act("*:Get*"), "[0].actions[0]", ReasonProductInvalid, "* cannot be a product, which is letters, digits and dashes" + grammar},
		{"blank in product", act("i m:Get"), "[0].actions[0]", ReasonProductInvalid, `"i m" cannot be a product, which is letters, digits and dashes` + grammar},
		{"two stars", act("**"), "[0].actions[0]", ReasonProductInvalid, "** names no product" + grammar},
		{"no name", act("iam:"), "[0].actions[0]", ReasonCharacters, "iam: names no action" + grammar},
		{"question mark", act("iam:Get?"), "[0].actions[0]", ReasonCharacters, "iam:Get? holds more than letters, digits and * in its action" + grammar},
		{"second colon", act("iam:Get:X"), "[0].actions[0]", ReasonCharacters, "iam:Get:X holds more than letters, digits and * in its action" + grammar},
		{"dash", act("iam:get-policy"), "[0].actions[0]", ReasonCharacters, "iam:get-policy holds more than letters, digits and * in its action" + grammar},
		{"other letters", act("iam:Gét"), "[0].actions[0]", ReasonCharacters, "iam:Gét holds more than letters, digits and * in its action" + grammar},
		{"blank around star", act(" *"), "[0].actions[0]", ReasonProductInvalid, `" *" names no product` + grammar},
		{"long action", act("iam:" + long), "[0].actions[0]", ReasonStatement, "has 516 characters; at most 512 are allowed"},

		// Resources (section 5.2).
		{"E5", res("policy/p-1"), "[0].resources[1]", ReasonCharacters, "policy/p-1 has fewer than four parts" + names},
		{"empty resource", res(""), "[0].resources[1]", ReasonCharacters, `"" has fewer than four parts` + names},
		{"three parts", res("iam::54549"), "[0].resources[1]", ReasonCharacters, "iam::54549 has fewer than four parts" + names},
		{"empty rest", res("iam::54549:"), "[0].resources[1]", ReasonCharacters, "iam::54549: names no type" + names},
		{"empty type", res("iam::54549:/p"), "[0].resources[1]", ReasonCharacters, "iam::54549:/p names no type" + names},
		{"region", res("iam:hcm:54549:policy/p"), "[0].resources[1]", ReasonCharacters, "iam:hcm:54549:policy/p names a region, and there are none" + names},
		{"star as region", res("iam:*:54549:policy/p"), "[0].resources[1]", ReasonCharacters, "iam:*:54549:policy/p names a region, and there are none" + names},
		{"root of letters", res("iam::me:policy/p"), "[0].resources[1]", ReasonCharacters, `me cannot be a root, which is digits or "*"` + names},
		{"no root", res("iam:::policy/p"), "[0].resources[1]", ReasonCharacters, `"" cannot be a root, which is digits or "*"` + names},
		{"part of a root", res("iam::545*:policy/p"), "[0].resources[1]", ReasonCharacters, `545* cannot be a root, which is digits or "*"` + names},
		{"slash in root", res("iam::5/4:policy/p"), "[0].resources[1]", ReasonCharacters, `5/4 cannot be a root, which is digits or "*"` + names},
		{"star as product of a resource", res("*::1:policy/p"), "[0].resources[1]", ReasonCharacters, "* cannot be a product, which is letters, digits and dashes" + names},
		{"no product", res("::1:policy/p"), "[0].resources[1]", ReasonCharacters, `"" cannot be a product, which is letters, digits and dashes` + names},
		{"crn", res("crn::iam:policy:p"), "[0].resources[1]", ReasonCharacters, `iam cannot be a root, which is digits or "*"` + names},
		{"unknown product", res("robot::1:arm/*"), "[0].resources[1]", ReasonProductNotFound, "there is no product robot"},
		{"control character", res("iam::1:policy/\n"), "[0].resources[1]", ReasonCharacters, "must not hold control characters"},
		{"long resource", res("iam::1:policy/" + strings.Repeat("é", 499)), "[0].resources[1]", ReasonStatement, "has 513 characters; at most 512 are allowed"},

		// Conditions (section 6).
		{"list as condition", in(`"condition":§[]`), "[0].condition", ReasonCondition, "must be an object, is an array"},
		{"text as condition", in(`"condition":§"x"`), "[0].condition", ReasonCondition, "must be an object, is a string"},
		{"unknown operator", in(`"condition":{§"stringLike":{}}`), "[0].condition.stringLike", ReasonCondition,
			"unknown operator stringLike; use one of stringEquals, stringNotEquals, numberLessThan, numberLessThanOrEquals, numberGreaterThan, numberGreaterThanOrEquals"},
		{"operator of statements", in(`"condition":{§"equals":{"epochTime":["1"]}}`), "[0].condition.equals", ReasonCondition,
			"unknown operator equals; use one of stringEquals, stringNotEquals, numberLessThan, numberLessThanOrEquals, numberGreaterThan, numberGreaterThanOrEquals"},
		{"operator in capitals", in(`"condition":{§"StringEquals":{}}`), "[0].condition.StringEquals", ReasonCondition,
			"unknown operator StringEquals; use one of stringEquals, stringNotEquals, numberLessThan, numberLessThanOrEquals, numberGreaterThan, numberGreaterThanOrEquals"},
		{"operator without keys", in(`"condition":{"stringEquals":§{}}`), "[0].condition.stringEquals", ReasonCondition, "needs at least one key"},
		{"null for keys", in(`"condition":{"stringEquals":§null}`), "[0].condition.stringEquals", ReasonCondition, "must be an object, is null"},
		{"operator twice", in(`"condition":{"stringEquals":{"tagKey":["a"]},§"stringEquals":{"tagKey":["b"]}}`), "[0].condition", ReasonSyntax, "member stringEquals is given twice"},
		{"key twice", in(`"condition":{"stringEquals":{"tagKey":["a"],§"tagKey":["b"]}}`), "[0].condition.stringEquals", ReasonSyntax, "member tagKey is given twice"},
		{"no values", in(`"condition":{"stringEquals":{"tagKey":§[]}}`), "[0].condition.stringEquals.tagKey", ReasonCondition, "needs at least one of values"},
		{"scalar", in(`"condition":{"stringEquals":{"tagKey":§"a"}}`), "[0].condition.stringEquals.tagKey", ReasonCondition, "must be an array, is a string"},
		{"null values", in(`"condition":{"stringEquals":{"tagKey":§null}}`), "[0].condition.stringEquals.tagKey", ReasonCondition, "must be an array, is null"},
		{"number as value", in(`"condition":{"numberLessThan":{"epochTime":[§1]}}`), "[0].condition.numberLessThan.epochTime[0]", ReasonCondition, "must be a string, is a number"},
		{"no number", in(`"condition":{"numberLessThan":{"epochTime":["1",§"soon"]}}`), "[0].condition.numberLessThan.epochTime[1]", ReasonCondition, "soon is not a number; write it in decimal, as in 42 or -1.5"},
		{"exponent", in(`"condition":{"numberLessThan":{"epochTime":[§"1e3"]}}`), "[0].condition.numberLessThan.epochTime[0]", ReasonCondition, "1e3 is not a number; write it in decimal, as in 42 or -1.5"},
		{"infinite", in(`"condition":{"numberLessThan":{"epochTime":[§"Infinity"]}}`), "[0].condition.numberLessThan.epochTime[0]", ReasonCondition, "Infinity is not a number; write it in decimal, as in 42 or -1.5"},
		{"unknown key", in(`"condition":{"stringEquals":{§"sourceIp":["a"]}}`), "[0].condition.stringEquals.sourceIp", ReasonCondition,
			"unknown key sourceIp; use epochTime, resourceTag/<tag key>, requestTag/<tag key>, tagKey or a key that one of the actions has"},
		{"key in capitals", in(`"condition":{"stringEquals":{§"EpochTime":["1"]}}`), "[0].condition.stringEquals.EpochTime", ReasonCondition,
			"unknown key EpochTime; use epochTime, resourceTag/<tag key>, requestTag/<tag key>, tagKey or a key that one of the actions has"},
		{"key of statements", in(`"condition":{"stringEquals":{§"resource_tag/a":["1"]}}`), "[0].condition.stringEquals", ReasonCondition,
			"unknown key resource_tag/a; use epochTime, resourceTag/<tag key>, requestTag/<tag key>, tagKey or a key that one of the actions has"},
		{"key before actions", `[{"condition":{"stringEquals":{§"other":["1"]}},"effect":"deny","actions":["iam:*"],"resources":["*"]}]`, "[0].condition.stringEquals.other", ReasonCondition,
			"unknown key other; use epochTime, resourceTag/<tag key>, requestTag/<tag key>, tagKey or a key that one of the actions has"},
		{"key of another action", `[{"effect":"deny","actions":["vserver:*","iam:List*"],"resources":["*"],"condition":{"stringEquals":{§"special":["1"]}}}]`, "[0].condition.stringEquals.special", ReasonCondition,
			"unknown key special; use epochTime, resourceTag/<tag key>, requestTag/<tag key>, tagKey or a key that one of the actions has"},
		{"no tag", in(`"condition":{"stringEquals":{§"resourceTag":["1"]}}`), "[0].condition.stringEquals.resourceTag", ReasonCondition, "resourceTag names no tag; write resourceTag/<tag key>"},
		{"empty tag", in(`"condition":{"stringEquals":{§"requestTag/":["1"]}}`), "[0].condition.stringEquals", ReasonCondition, "requestTag/ names no tag; write requestTag/<tag key>"},
		{"long key", in(`"condition":{"stringEquals":{§"resourceTag/` + long + `":["1"]}}`), "[0].condition.stringEquals", ReasonStatement, "has 524 characters; at most 512 are allowed"},
		{"long value", in(`"condition":{"stringEquals":{"tagKey":[§"x` + long + `"]}}`), "[0].condition.stringEquals.tagKey[0]", ReasonStatement, "has 513 characters; at most 512 are allowed"},
		{"bad literal", in(`"condition":n§ope`), "[0].condition", ReasonSyntax, "not valid JSON"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var reason Reason
			var message string
			wantError(t, func(source []byte) error {
				_, err := Compile(VNGCloud, source, vngLibrary{})
				if e, ok := errors.AsType[*Error](err); ok {
					reason, message = e.Reason, e.Message
				}
				return err
			}, c.source, c.path)
			if reason != c.reason {
				t.Errorf("got reason %q, want %q", reason, c.reason)
			}
			if message != c.message && c.name != "bad literal" {
				t.Errorf("got message\n\t%s\nwant\n\t%s", message, c.message)
			}
		})
	}
}

// TestVNGCloudLimits takes each limit to its edge and one step over it (section 5.3).
func TestVNGCloudLimits(t *testing.T) {
	many := func(n int, item string) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }
	long := func(n int, head string) string { return quote(head + strings.Repeat("é", n-len(head))) }
	for _, c := range []struct {
		name   string
		limit  int
		source func(n int) string
		over   string
	}{
		{"statements", 50, func(n int) string { return "[" + many(n, `{"effect":"deny","actions":["*"],"resources":["*"]}`) + "]" }, "too many statements; at most 50 are allowed"},
		{"actions", 500, func(n int) string { return vngOne("deny", "["+many(n, `"iam:A"`)+"]", `["*"]`, "") }, "too many actions; at most 500 are allowed"},
		{"resources", 500, func(n int) string { return vngOne("deny", `["*"]`, "["+many(n, `"iam::1:x"`)+"]", "") }, "too many resources; at most 500 are allowed"},
		{"characters of a resource", 512, func(n int) string { return vngOne("deny", `["*"]`, "["+long(n, "iam::1:x/")+"]", "") }, "has 513 characters; at most 512 are allowed"},
		{"characters of a value", 512, func(n int) string { return vngIf(`{"stringEquals":{"tagKey":[` + long(n, "") + `]}}`) }, "has 513 characters; at most 512 are allowed"},
		{"characters of a key", 512, func(n int) string { return vngIf(`{"stringEquals":{` + long(n, "resourceTag/") + `:["x"]}}`) }, "has 513 characters; at most 512 are allowed"},
		{"document", MaxDocument, func(n int) string { s := vngIf("{}"); return s + strings.Repeat(" ", n-len(s)) }, "the document has 65537 bytes; at most 65536 are allowed"},
	} {
		compileVNG(t, c.source(c.limit))
		_, err := Compile(VNGCloud, []byte(c.source(c.limit+1)), vngLibrary{})
		if e, ok := errors.AsType[*Error](err); !ok || e.Message != c.over || e.Reason != ReasonStatement {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
}

// TestVNGCloudLargest: what fits into a document fits into a program.
func TestVNGCloudLargest(t *testing.T) {
	values := strings.TrimSuffix(strings.Repeat(`"",`, (MaxDocument-200)/3), ",")
	p := compileVNG(t, vngIf(`{"stringEquals":{"tagKey":[`+values+`]}}`))
	q := NewQuery("a:b", "x", &Context{RequestTags: []Attr{{"", String("x")}}})
	if !p.Match(0, &q) {
		t.Error("the largest list of values holds nothing")
	}
	keys := ""
	for i := range 3500 {
		keys += fmt.Sprintf(`,"requestTag/%d":[""]`, i)
	}
	p = compileVNG(t, vngIf(`{"stringEquals":{`+keys[1:1+strings.LastIndex(keys[:60000], ",")-1]+`}}`))
	checkVNGPrinted(t, p, &q)
}

// TestVNGCloudNoLibrary: without a library there are no products.
func TestVNGCloudNoLibrary(t *testing.T) {
	if _, err := Compile(VNGCloud, []byte(vngIf("{}")), nil); err != nil {
		t.Error(err)
	}
	if _, err := Compile(VNGCloud, []byte(vngOne("allow", `["iam:*"]`, `["*"]`, "")), nil); err == nil {
		t.Error("an unknown product is taken")
	}
}

// TestOperatorsOfLanguages: no language has another's operators, and its messages list only its own.
func TestOperatorsOfLanguages(t *testing.T) {
	for op := vngCloudOperators.first; op < vngCloudOperators.end; op++ {
		_, err := Compile(Statements, []byte(conditional("allow", op.String(), "k", "1")), nil)
		want := "line 1, column 94: statements[0].conditions[0].operator: unknown operator " + op.String() + "; use one of " + statementsOperators.names()
		if err == nil || err.Error() != want || strings.Contains(statementsOperators.names(), op.String()) {
			t.Errorf("%s in statements: %v", op, err)
		}
	}
	for op := statementsOperators.first; op < statementsOperators.end; op++ {
		_, err := Compile(VNGCloud, []byte(vngIf(`{"`+op.String()+`":{"epochTime":["1"]}}`)), vngLibrary{})
		if err == nil {
			t.Errorf("%s in VNG Cloud's language", op)
		}
	}
}

func TestVNGCloudPrint(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{"plain", ` [ { "resources" : ["*"], "actions":["iam:Get*","*:*"], "effect":"allow" } ] `,
			`[{"effect":"allow","actions":["iam:Get*","*:*"],"resources":["*"]}]`},
		{"empty condition", vngIf("{}"), `[{"effect":"allow","actions":["*"],"resources":["*"]}]`},
		{"null condition", vngIf("null"), `[{"effect":"allow","actions":["*"],"resources":["*"]}]`},
		{"order is kept", `[{"condition":{"numberLessThan":{"epochTime":["2","1"]},"stringEquals":{"tagKey":["b","a"],"resourceTag/\u00e9\"":["\n"]},"numberGreaterThan":{"epochTime":["0"]}},"effect":"deny","actions":["*"],"resources":["iam::*:x/y","*"]},
			{"effect":"allow","actions":["*"],"resources":["*"]}]`,
			`[{"effect":"deny","actions":["*"],"resources":["iam::*:x/y","*"],"condition":{"numberLessThan":{"epochTime":["2","1"]},"stringEquals":{"tagKey":["b","a"],"resourceTag/é\"":["\n"]},"numberGreaterThan":{"epochTime":["0"]}}},{"effect":"allow","actions":["*"],"resources":["*"]}]`},
	} {
		if got := string(compileVNG(t, c.source).Print()); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// checkVNGPrinted holds that a program and what its print compiles to are the same.
func checkVNGPrinted(t *testing.T, p *Program, queries ...*Query) {
	t.Helper()
	printed := string(p.Print())
	if len(printed) > MaxDocument {
		t.Fatalf("printed in %d bytes", len(printed))
	}
	again := compileVNG(t, printed)
	if got := string(again.Print()); got != printed {
		t.Fatalf("Print is no fixed point:\n%s\n%s", printed, got)
	}
	if again.Len() != p.Len() || again.AllowsEverything() != p.AllowsEverything() || again.Language() != VNGCloud {
		t.Fatalf("the print means something else:\n%s", printed)
	}
	for i := range p.Len() {
		if p.Effect(i) != again.Effect(i) || p.StatementID(i) != strconv.Itoa(i) || !slices.Equal(p.Needs(i), again.Needs(i)) {
			t.Fatalf("statement %d differs:\n%s", i, printed)
		}
		for _, q := range queries {
			trace := p.Trace(i, q)
			if p.Match(i, q) != again.Match(i, q) || trace != again.Trace(i, q) || trace.Matched != p.Match(i, q) {
				t.Fatalf("statement %d answers %q on %q differently:\n%s", i, q.action, q.resource, printed)
			}
		}
	}
}

func TestVNGCloudAllowsEverything(t *testing.T) {
	for source, want := range map[string]bool{
		vngIf("{}"): true,
		vngOne("allow", `["*:*"]`, `["iam::1:x","*"]`, ""):                                              true,
		vngOne("allow", `["iam:*"]`, `["*"]`, ""):                                                       false,
		vngOne("allow", `["*"]`, `["iam::*:*"]`, ""):                                                    false,
		vngOne("deny", `["*"]`, `["*"]`, ""):                                                            false,
		vngIf(`{"numberGreaterThan":{"epochTime":["0"]}}`):                                              false,
		`[` + vngIf("")[1:len(vngIf(""))-1] + `,` + vngOne("deny", `["iam:X"]`, `["iam::1:y"]`, "")[1:]: false,
	} {
		if got := compileVNG(t, source).AllowsEverything(); got != want {
			t.Errorf("%s: got %v", source, got)
		}
	}
}

func TestVNGCloudTrace(t *testing.T) {
	now := time.UnixMilli(2500)
	tags := []Attr{{"cost", String("a")}, {"owner", String("b")}}
	for _, c := range []struct {
		condition string
		ctx       *Context
		want      string
	}{
		{`{"stringEquals":{"resourceTag/env":["dev","test"]}}`, &Context{ResourceTags: []Attr{{"env", String("prod")}}}, "resourceTag/env must be one of dev, test, is prod"},
		{`{"stringEquals":{"resourceTag/env":["dev"]}}`, nil, "resourceTag/env must be one of dev, is absent"},
		{`{"stringNotEquals":{"requestTag/env":["dev"]}}`, &Context{RequestTags: []Attr{{"env", String("dev")}}}, "requestTag/env must be none of dev, is dev"},
		{`{"numberLessThan":{"epochTime":["2000"]}}`, &Context{Now: now}, "epochTime must be less than one of 2000, is 2500"},
		{`{"numberLessThanOrEquals":{"epochTime":["2000"]}}`, nil, "epochTime must be at most one of 2000, is absent"},
		{`{"numberGreaterThan":{"epochTime":["3000"]}}`, &Context{Now: now}, "epochTime must be greater than one of 3000, is 2500"},
		{`{"numberGreaterThanOrEquals":{"resourceTag/n":["5"]}}`, &Context{ResourceTags: []Attr{{"n", String("big")}}}, "resourceTag/n must be at least one of 5, is big"},
		{`{"stringNotEquals":{"tagKey":["cost"]}}`, &Context{RequestTags: tags}, "tagKey must be none of cost, is [cost, owner]"},
		{`{"stringEquals":{"tagKey":["x"]}}`, nil, "tagKey must be one of x, is absent"},
		{`{"stringEquals":{"special":["x"]}}`, &Context{Attributes: []Attr{{"special", List(List())}}}, "special must be one of x, is [[]], which cannot be read as a text"},
	} {
		q := NewQuery("iam:GetPolicy", "crn::iam:policy:p", c.ctx)
		got := compileVNG(t, vngIf(c.condition)).Trace(0, &q)
		want := Trace{Action: true, Resource: true, ActionPattern: "*", ResourcePattern: "*", Failure: c.want}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.condition, diff)
		}
	}
	q := vngSetting.NewQuery("iam:GetUser", "crn::iam:user:u", nil)
	got := compileVNG(t, vngOne("allow", `["iam:ListUsers","iam:GetIam*"]`, `["iam::54549:policy/*","iam::54549:iam-*"]`, "")).Trace(0, &q)
	want := Trace{Matched: true, Action: true, Resource: true, ActionPattern: "iam:GetIam*", ResourcePattern: "iam::54549:iam-*", Condition: -1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestVNGCloudWarnings(t *testing.T) {
	window := func(tests string) string { return vngIf("{" + tests + "}") }
	for _, c := range []struct {
		source string
		want   []Warning
	}{
		{vngIf("{}"), nil},
		{vngOne("allow", `["iam:NoSuchAction"]`, `["iam::777:no-such-type/*","iam::1:policy"]`, ""), nil},
		{vngOne("allow", `["*"]`, `["*","iam::1:policy/"]`, ""), []Warning{{"[0].resources[1]", "has an empty id, which no resource has; write /* for every id"}}},
		{vngIf(`{"stringEquals":{"epochTime":["15","soon","1.5"]}}`), []Warning{
			{"[0].condition.stringEquals.epochTime[1]", "is no time in milliseconds, so no time equals it"},
			{"[0].condition.stringEquals.epochTime[2]", "is no time in milliseconds, so no time equals it"}}},
		{window(`"numberLessThan":{"epochTime":["1761620940000"]},"numberGreaterThanOrEquals":{"epochTime":["1761621000000"]}`), []Warning{{"[0].condition", "never holds: epochTime cannot be in all of these ranges"}}},
		{window(`"numberLessThan":{"epochTime":["1000"]},"numberGreaterThanOrEquals":{"epochTime":["1000"]}`), []Warning{{"[0].condition", "never holds: epochTime cannot be in all of these ranges"}}},
		{window(`"numberLessThanOrEquals":{"epochTime":["1000"]},"numberGreaterThanOrEquals":{"epochTime":["1000"]}`), nil},
		{window(`"numberLessThan":{"epochTime":["1000","3000"]},"numberGreaterThan":{"epochTime":["4000","2000"]}`), nil},
		{window(`"numberLessThan":{"epochTime":["1000","999"]},"numberGreaterThan":{"epochTime":["4000","2000"]}`), []Warning{{"[0].condition", "never holds: epochTime cannot be in all of these ranges"}}},
		{window(`"numberLessThan":{"resourceTag/n":["1"]},"numberGreaterThan":{"resourceTag/m":["5"]}`), nil},
		{window(`"numberLessThan":{"epochTime":["1"],"resourceTag/n":["1"]},"numberGreaterThan":{"resourceTag/m":["5"]}`), nil},
	} {
		if diff := cmp.Diff(c.want, compileVNG(t, c.source).Warnings()); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.source, diff)
		}
	}
}

func TestDecimals(t *testing.T) {
	ordered := []string{"-100000000000000000000", "-10.5", "-10.49", "-10", "-9", "-0.1", "0", "0.09", "0.1", "0.11", "1", "9", "10", "99", "100", "9223372036854775807", "9223372036854775807.1", "9223372036854775808"}
	for i, a := range ordered {
		for j, b := range ordered {
			x, ok := decimalOf(a)
			y, ok2 := decimalOf(b)
			if got, want := x.compare(y), max(-1, min(1, i-j)); !ok || !ok2 || got != want {
				t.Errorf("%s and %s: got %d, want %d", a, b, got, want)
			}
		}
	}
	for a, b := range map[string]string{"-0": "0", "0.0": "0", "007": "7", "1.50": "1.5", "-0.00": "000"} {
		x, ok := decimalOf(a)
		y, ok2 := decimalOf(b)
		if !ok || !ok2 || x.compare(y) != 0 {
			t.Errorf("%s and %s differ", a, b)
		}
	}
	for _, s := range []string{"", "-", ".", "1.", ".5", "--1", "+1", "1e3", "0x1", "1_0", " 1", "1 ", "1.2.3", "NaN", "Inf", "١"} {
		if _, ok := decimalOf(s); ok {
			t.Errorf("%q is a number", s)
		}
	}
}

func TestVNGCloudAllocations(t *testing.T) {
	ctx := &Context{
		Now:          time.UnixMilli(1761620940000),
		ResourceTags: []Attr{{"env", String("prod")}, {"n", String("5.5")}, {"m", Number(1.25)}},
		RequestTags:  []Attr{{"cost", String("a")}, {"owner", String("b")}},
	}
	for name, source := range map[string]string{
		"names":   vngOne("allow", `["iam:ListUsers","iam:GetIam*"]`, `["iam::54549:policy/*","iam::54549:iam-*/u*"]`, ""),
		"alias":   vngOne("allow", `["vserver:Login","iam:GetIamUser"]`, `["*"]`, ""),
		"tag":     vngIf(`{"stringEquals":{"resourceTag/env":["test","prod"]},"stringNotEquals":{"resourceTag/gone":["x"]}}`),
		"number":  vngIf(`{"numberLessThan":{"resourceTag/n":["5.6"],"resourceTag/m":["2"]}}`),
		"time":    vngIf(`{"numberLessThanOrEquals":{"epochTime":["1761620940000"]},"stringEquals":{"epochTime":["1761620940000"]}}`),
		"tag key": vngIf(`{"stringEquals":{"tagKey":["owner"]},"stringNotEquals":{"tagKey":["x"]}}`),
	} {
		p := compileVNG(t, source)
		matched := true
		if n := testing.AllocsPerRun(100, func() {
			q := vngSetting.NewQuery("iam:GetUser", "crn::iam:user:u", ctx)
			matched = p.Match(0, &q)
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
		if !matched {
			t.Errorf("%s: did not match", name)
		}
	}
}

// The random documents of VNG Cloud's and the questions that meet them.

func (r random) vngAction() string {
	return r.pick("iam:GetUser", "iam:GetPolicy", "iam:ListUsers", "iam:Login", "vlb:ListLoadBalancers", "vserver:GetServer", "v-db:Get", "iam:get", "IAM:GetUser", "s3:GetObject")
}

// vngSpelling is an action as VNG Cloud may spell it.
func (r random) vngSpelling(action string) string {
	names := vngSpellings[action]
	all := append([]string{action}, names.Aliases...)
	if names.VNGCloud != "" {
		all[0] = names.VNGCloud
	}
	return r.pick(all...)
}

// vngPatternOf is a pattern that is likely to match an action.
func (r random) vngPatternOf(action string) string {
	product, name, _ := strings.Cut(r.vngSpelling(action), ":")
	for range 20 {
		pattern := product + ":" + r.glob(name, "*")
		if problem, _ := (&vngParser{lib: vngLibrary{}}).checkAction(pattern); problem == "" {
			return pattern
		}
		product = r.pick("iam", "vserver", "v-db")
	}
	return "*"
}

func (r random) vngResource() string {
	id := r.join(1+r.IntN(3), r.pick("/", ":", "-"), "u", "a", "b", "é", "crn", "server", "x.csv", "?", "")
	if r.IntN(10) == 0 {
		id = "*"
	}
	if r.IntN(12) == 0 {
		return r.pick("*", "crn::iam:user", "iam::54549:iam-user/u", "")
	}
	return "crn:" + r.pick("", "r", "eu/1") + ":" + r.pick("iam", "vserver", "v-db", "s3", "") + ":" + r.pick("user", "vm", "policy", "a/b", "") + ":" + id
}

// vngNameOf is a pattern that is likely to cover a resource.
func (r random) vngNameOf(resource string) string {
	parts := strings.SplitN(resource, ":", 5)
	if len(parts) < 5 || r.IntN(12) == 0 {
		return "*"
	}
	typ := parts[3]
	if spelled, ok := vngDictionary.types[[2]string{parts[2], typ}]; ok {
		typ = spelled
	}
	name := parts[2] + "::" + r.pick("54549", "*", "1") + ":" + r.glob(typ, "*")
	if r.IntN(6) > 0 {
		name += "/" + r.glob(parts[4], "*", "**", "?")
	}
	if reason, _ := (&vngParser{lib: vngLibrary{}}).checkResource(name); reason != "" {
		return "iam::*:" + r.pick("*", "iam-user/*", "*/u")
	}
	return name
}

func (r random) vngCondition() string {
	used := map[string]bool{}
	var operators []string
	for range 1 + r.IntN(2) {
		operator := r.pick("stringEquals", "stringNotEquals", "numberLessThan", "numberLessThanOrEquals", "numberGreaterThan", "numberGreaterThanOrEquals")
		if used[operator] {
			continue
		}
		used[operator] = true
		values := []string{"1", "2", "1767225600000"}
		if strings.HasPrefix(operator, "string") {
			values = append(values, "a", "b", "é\"")
		}
		key := r.pick("epochTime", "tagKey", "resourceTag/env", "requestTag/env", "resourceTag/a/b")
		operators = append(operators, fmt.Sprintf(`%q:{%q:%s}`, operator, key, list(r.pick(values...), r.pick(values...))))
	}
	return "{" + strings.Join(operators, ",") + "}"
}

func (r random) vngStatement() string {
	actions := func() string { return r.vngPatternOf(r.vngAction()) }
	resources := func() string { return r.vngNameOf(r.vngResource()) }
	condition := ""
	if r.IntN(3) == 0 {
		condition = r.vngCondition()
	}
	one := vngOne(r.pick("allow", "deny"), list(times(1+r.IntN(3), actions)...), list(times(1+r.IntN(3), resources)...), condition)
	return one[1 : len(one)-1]
}

func (r random) vngDocument() string {
	return "[" + strings.Join(times(1+r.IntN(4), r.vngStatement), ",") + "]"
}

func (r random) vngContext() *Context {
	tag := func() Value { return valueOf([]any{nil, "a", "b", 1.0, "2", []any{"a"}}[r.IntN(6)]) }
	ctx := &Context{ResourceTags: []Attr{{"env", tag()}, {"a/b", tag()}}, RequestTags: []Attr{{"env", tag()}, {r.pick("a", "1"), tag()}}}
	if r.IntN(3) > 0 {
		ctx.Now = time.UnixMilli(1767225600000 + int64(r.IntN(3)-1))
	}
	return ctx
}

// TestVNGCloudNeedSound holds the invariant of needs for names in other spellings, too.
func TestVNGCloudNeedSound(t *testing.T) {
	r := newRandom(31)
	matched, passed, asked := 0, 0, 0
	for range 20_000 {
		p := compileVNG(t, r.vngDocument())
		for range 5 {
			q := vngSetting.NewQuery(r.vngAction(), r.vngResource(), r.vngContext())
			matched += checkSound(t, p, &q)
			for i := range p.Len() {
				asked++
				if passes(p, i, &q) {
					passed++
				}
			}
		}
	}
	t.Logf("asked %d, passed %d, matched %d", asked, passed, matched)
	if matched < asked/100 || passed > asked*9/10 {
		t.Errorf("asked %d, passed %d, matched %d: the test has no teeth", asked, passed, matched)
	}
}

// TestVNGCloudNeedSoundForDerivedNames makes patterns out of the very names that are asked.
func TestVNGCloudNeedSoundForDerivedNames(t *testing.T) {
	r := newRandom(32)
	matched, narrow := 0, 0
	for range 30_000 {
		action, resource := r.vngAction(), r.vngResource()
		name := r.vngNameOf(resource)
		p := compileVNG(t, vngOne("deny", list(r.vngPatternOf(action)), list(name), ""))
		q := vngSetting.NewQuery(action, resource, nil)
		n := checkSound(t, p, &q)
		matched += n
		if name != "*" {
			narrow += n
		}
	}
	t.Logf("%d matched, %d of them by name", matched, narrow)
	if matched < 5_000 || narrow < 3_000 {
		t.Errorf("only %d matched, %d of them by name: the test has no teeth", matched, narrow)
	}
}

func TestVNGCloudPrintRandom(t *testing.T) {
	r := newRandom(33)
	for range 3000 {
		checkVNGPrinted(t, compileVNG(t, r.vngDocument()), times(5, func() *Query {
			q := vngSetting.NewQuery(r.vngAction(), r.vngResource(), r.vngContext())
			return &q
		})...)
	}
}

func FuzzVNGCloud(f *testing.F) {
	r := newRandom(34)
	for range 5 {
		f.Add([]byte(r.vngDocument()), "iam:GetUser", "crn::iam:user:u")
	}
	vectors, err := os.ReadFile("testdata/vngcloud-conditions.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(vectors)) {
		if condition, _, ok := strings.Cut(line, " | "); ok && !strings.HasPrefix(line, "#") {
			f.Add([]byte(vngIf(condition)), "iam:GetPolicy", "crn::iam:policy:p")
		}
	}
	f.Add([]byte(vngOne("deny", `["vserver:ListLoad*"]`, `["iam::*:*/a:b/*"]`, "null")), "vlb:ListLoadBalancers", "crn:r:iam:user:a:b/c")
	f.Add([]byte(`{"statements":[]}`), "", "")
	f.Fuzz(func(t *testing.T, source []byte, action, resource string) {
		kept := string(source)
		p, err := Compile(VNGCloud, source, vngLibrary{})
		if string(source) != kept {
			t.Fatal("Compile wrote to its source")
		}
		if err != nil {
			checkPosition(t, err, source)
			if e, _ := errors.AsType[*Error](err); e.Reason == "" {
				t.Fatalf("without a reason: %v", err)
			}
			return
		}
		q := vngSetting.NewQuery(action, resource, newRandom(1).vngContext())
		checkVNGPrinted(t, p, &q)
		checkSound(t, p, &q)
		p.Warnings()
	})
}
