package policy

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// ruleOn makes a document of one rule; condition is CEL, "" for none.
func ruleOn(set, scope, condition string) string {
	rule := `{"permission_set_names":[` + quote(set) + `],` + scope
	if condition != "" {
		rule += `,"condition":` + quote(condition)
	}
	return `{"rules":[` + rule + `}]}`
}

const (
	everywhere = `"organization_id":"` + ownOrg + `"`
	inA        = `"project_ids":["` + projectA + `"]`
	inBoth     = `"project_ids":["` + projectA + `","` + projectB + `"]`
)

func TestScalewayAccepts(t *testing.T) {
	for _, c := range []struct {
		name, source, printed string
		ids                   []string
	}{
		{"no rules", ` { "rules" : [ ] } `, `{"rules":[]}`, nil},
		{
			"two rules", `{"rules":[{"condition":"request.ip == \"192.0.2.1\"","project_ids":["2AEADDDC-C589-4784-8EF5-FAE989A4BAC8"],"permission_set_names":["Write","Read"]},` +
				`{"organization_id":"5D0F6A2E-7A1B-4C3D-9E8F-102132435465","permission_set_names":["IAM"]}]}`,
			`{"rules":[{"permission_set_names":["Write","Read"],"project_ids":["` + projectA + `"],"condition":"request.ip == \"192.0.2.1\""},` +
				`{"permission_set_names":["IAM"],"organization_id":"` + ownOrg + `"}]}`,
			[]string{"rules[0]", "rules[0]", "rules[0]", "rules[1]"},
		},
		{
			"repetitions", `{"rules":[{"permission_set_names":["Read","Write","Read","Read"],"project_ids":["` + projectB + `","` + projectA + `","` + strings.ToUpper(projectB) + `"]}]}`,
			`{"rules":[{"permission_set_names":["Read","Write"],"project_ids":["` + projectB + `","` + projectA + `"]}]}`,
			[]string{"rules[0]", "rules[0]", "rules[0]"},
		},
		{"empty condition", `{"rules":[{"permission_set_names":["Read"],` + everywhere + `,"condition":""}]}`, `{"rules":[{"permission_set_names":["Read"],` + everywhere + `}]}`, []string{"rules[0]"}},
		{"project sets everywhere", ruleOn("Products", everywhere, ""), ruleOn("Products", everywhere, ""), []string{"rules[0]", "rules[0]"}},
		{"a set that grants nothing", ruleOn("Nothing", inA, ""), ruleOn("Nothing", inA, ""), nil},
		{"odd texts", ruleOn(`Odd "é"`, inA, "'\u2028<é>' == \"\\n\"\n"), `{"rules":[{"permission_set_names":["Odd \"é\""],` + inA + `,"condition":"'` + "\u2028" + `<é>' == \"\\n\"\n"}]}`, []string{"rules[0]"}},
		{"what only evaluation finds", ruleOn("Read", inA, `nosuch(x) + 1`), ruleOn("Read", inA, `nosuch(x) + 1`), []string{"rules[0]"}},
		{"longest condition", ruleOn("Read", inA, "'"+strings.Repeat("x", 2046)+"'"), ruleOn("Read", inA, "'"+strings.Repeat("x", 2046)+"'"), []string{"rules[0]"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := compileNamed(t, Scaleway, c.source)
			if got := string(p.Print()); got != c.printed {
				t.Errorf("\n got %s\nwant %s", got, c.printed)
			}
			var ids []string
			for i := range p.Len() {
				ids = append(ids, p.StatementID(i))
				if p.Effect(i) != Allow {
					t.Errorf("statement %d denies", i)
				}
			}
			if diff := cmp.Diff(c.ids, ids); diff != "" || p.Language() != Scaleway {
				t.Errorf("%s (-want +got)\n%s", p.Language(), diff)
			}
			checkNamed(t, p)
		})
	}
}

// TestScalewayRefuses holds every refusal to its exact place, which § marks, and its exact words.
func TestScalewayRefuses(t *testing.T) {
	second := func(rule string) string {
		return `{"rules":[{"permission_set_names":["Read"],` + everywhere + "},\n " + rule + `]}`
	}
	with := func(members string) string { return second(`{"permission_set_names":["Read"],` + members + `}`) }
	const (
		members = "permission_set_names, project_ids, organization_id and condition"
		noUUID  = " is no UUID; write 32 hexadecimal digits as in 2aeadddc-c589-4784-8ef5-fae989a4bac8"
	)
	for _, c := range []struct{ name, source, path, message string }{
		{"empty", `§`, "", "the document ends too early"},
		{"list", `§[]`, "", "must be an object, is an array"},
		{"null", `§null`, "", "must be an object, is null"},
		{"no members", ` §{}`, "rules", "is missing; it may be empty"},
		{"another language", `{§"statements":[]}`, "statements", "unknown member statements; allowed are rules"},
		{"more members", `{"rules":[],§"name":"x"}`, "name", "unknown member name; allowed are rules"},
		{"rules twice", `{"rules":[],§"rules":[]}`, "", "member rules is given twice"},
		{"something after", `{"rules":[]} §x`, "", "nothing may follow the document"},
		{"rules null", `{"rules":§null}`, "rules", "must be an array, is null"},
		{"rules an object", `{"rules":§{}}`, "rules", "must be an array, is an object"},
		{"rule null", second(`§null`), "rules[1]", "must be an object, is null"},
		{"rule empty", second(`§{}`), "rules[1].permission_set_names", "is missing; name at least one"},
		{"unknown member", with(inA + `,§"effect":"deny"`), "rules[1].effect", "unknown member effect; allowed are " + members},
		{"mistyped condition", with(inA + `,§"Condition":"false"`), "rules[1].Condition", "unknown member Condition; allowed are " + members},
		{"rule's id", second(`{§"id":"x"}`), "rules[1].id", "unknown member id; allowed are " + members},
		{"scope of answers", second(`{§"account_root_user_id":"` + ownOrg + `"}`), "rules[1].account_root_user_id", "unknown member account_root_user_id; allowed are " + members},
		{"member twice", with(inA + `,§` + inA), "rules[1]", "member project_ids is given twice"},

		{"no sets", second(`§{` + inA + `}`), "rules[1].permission_set_names", "is missing; name at least one"},
		{"sets empty", second(`{"permission_set_names":§[]}`), "rules[1].permission_set_names", "needs at least one of permission_set_names"},
		{"sets null", second(`{"permission_set_names":§null}`), "rules[1].permission_set_names", "must be an array, is null"},
		{"set a number", second(`{"permission_set_names":["Read",§1]}`), "rules[1].permission_set_names[1]", "must be a string, is a number"},
		{"unknown set", second(`{"permission_set_names":["Read",§"Reed"]}`), "rules[1].permission_set_names[1]", "there is no permission set Reed"},
		{"set in other case", second(`{"permission_set_names":[§"read"]}`), "rules[1].permission_set_names[0]", "there is no permission set read"},
		{"empty set", second(`{"permission_set_names":[§""]}`), "rules[1].permission_set_names[0]", `there is no permission set ""`},
		{"set as a glob", second(`{"permission_set_names":[§"*"]}`), "rules[1].permission_set_names[0]", `there is no permission set *`},

		{"no scope", second(`§{"permission_set_names":["Read"]}`), "rules[1].scope", "is missing; use project_ids or organization_id"},
		{"two scopes", second(`§{"permission_set_names":["Read"],` + inA + `,` + everywhere + `}`), "rules[1].scope", "is given twice; use either project_ids or organization_id"},
		{"no projects", with(`"project_ids":§[]`), "rules[1].project_ids", "needs at least one of project_ids"},
		{"projects null", with(`"project_ids":§null`), "rules[1].project_ids", "must be an array, is null"},
		{"a project alone", with(`"project_ids":§"` + projectA + `"`), "rules[1].project_ids", "must be an array, is a string"},
		{"project empty", with(`"project_ids":["` + projectA + `",§""]`), "rules[1].project_ids[1]", `""` + noUUID},
		{"project a star", with(`"project_ids":[§"*"]`), "rules[1].project_ids[0]", `*` + noUUID},
		{"project without dashes", with(`"project_ids":[§"` + hex32("a") + `"]`), "rules[1].project_ids[0]", hex32("a") + noUUID},
		{"project with dashes elsewhere", with(`"project_ids":[§"2aeadddcc-589-4784-8ef5-fae989a4bac8"]`), "rules[1].project_ids[0]", "2aeadddcc-589-4784-8ef5-fae989a4bac8" + noUUID},
		{"project not hexadecimal", with(`"project_ids":[§"2aeadddc-c589-4784-8ef5-fae989a4bacg"]`), "rules[1].project_ids[0]", "2aeadddc-c589-4784-8ef5-fae989a4bacg" + noUUID},
		{"project in braces", with(`"project_ids":[§"{` + projectA + `}"]`), "rules[1].project_ids[0]", "{" + projectA + "}" + noUUID},
		{"project with a letter that lowers to ASCII", with(`"project_ids":[§"2aeadddc-c589-4784-8ef5-fae989a4b` + "\u212a" + `"]`), "rules[1].project_ids[0]", "2aeadddc-c589-4784-8ef5-fae989a4b\u212a" + noUUID},
		{"organization empty", with(`"organization_id":§""`), "rules[1].organization_id", `""` + noUUID},
		{"organization null", with(`"organization_id":§null`), "rules[1].organization_id", "must be a string, is null"},
		{"organization a list", with(`"organization_id":§["` + ownOrg + `"]`), "rules[1].organization_id", "must be a string, is an array"},
		{"organization a star", with(`"organization_id":§"*"`), "rules[1].organization_id", "*" + noUUID},
		{"organization set in projects", second(`{"project_ids":§["` + projectA + `"],"permission_set_names":["IAM"]}`), "rules[1].project_ids", "IAM is for the organization; use organization_id instead"},
		{"mixed", second(`{` + everywhere + `,"permission_set_names":["Read","Write",§"IAM"]}`), "rules[1].permission_set_names", "permission sets must be of the same scope type: Read is for projects, IAM for the organization"},
		{"mixed otherwise", second(`{` + inA + `,"permission_set_names":["IAM",§"Read"]}`), "rules[1].permission_set_names", "permission sets must be of the same scope type: IAM is for the organization, Read for projects"},

		{"condition null", with(inA + `,"condition":§null`), "rules[1].condition", "must be a string, is null"},
		{"condition true", with(inA + `,"condition":§true`), "rules[1].condition", "must be a string, is true or false"},
		{"condition too long", with(inA + `,"condition":§"'` + strings.Repeat("x", 2047) + `'"`), "rules[1].condition", "has 2049 bytes; at most 2048 are allowed"},
	} {
		t.Run(c.name, func(t *testing.T) { wantRefusal(t, Scaleway, c.source, c.path, c.message) })
	}
	for _, condition := range []string{" ", "true &&", "1 = 1", "a b", "'", "request.", "(", "x ? y", "[1,", "\x00", strings.Repeat("!(", 110) + "true" + strings.Repeat(")", 110)} {
		_, err := Compile(Scaleway, []byte(ruleOn("Read", inA, condition)), testLibrary)
		if err == nil || !strings.Contains(err.Error(), "rules[0].condition: is no expression: line 1, column ") {
			t.Errorf("%q: got %v", condition, err)
		}
	}
}

func TestScalewayErrorText(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"{\"rules\":[\n{\"permission_set_names\":[\"X\"]}]}", `line 2, column 26: rules[0].permission_set_names[0]: there is no permission set X`},
		{`{"rules":[{"condition":"1 +"}]}`, `line 1, column 24: rules[0].condition: is no expression: line 1, column 4: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}`},
	} {
		if _, err := Compile(Scaleway, []byte(c.source), testLibrary); err == nil || err.Error() != c.want {
			t.Errorf("%s:\n got %v\nwant %v", c.source, err, c.want)
		}
	}
	if _, err := Compile(Scaleway, []byte(ruleOn("Read", inA, "")), nil); err == nil || !strings.Contains(err.Error(), "there is no permission set Read") {
		t.Errorf("without a library: %v", err)
	}
}

func TestScalewayLimits(t *testing.T) {
	one := `{"permission_set_names":["Read"],` + everywhere + `}`
	many := func(n int, item string) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }
	if p := compileNamed(t, Scaleway, `{"rules":[`+many(100, one)+`]}`); p.Len() != 100 {
		t.Errorf("got %d statements", p.Len())
	}
	wantRefusal(t, Scaleway, `{"rules":[`+many(100, one)+`,§`+one+`]}`, "rules[100]", "too many rules; at most 100 are allowed")
	wantRefusal(t, Scaleway, `{"rules":[{"permission_set_names":[`+many(500, `"Read"`)+`,§"Read"]}]}`, "rules[0].permission_set_names[500]", "too many permission_set_names; at most 500 are allowed")
	wantRefusal(t, Scaleway, `{"rules":[{"project_ids":[`+many(1000, quote(projectA))+`,§`+quote(projectA)+`]}]}`, "rules[0].project_ids[1000]", "too many project_ids; at most 1000 are allowed")
	wantRefusal(t, Scaleway, strings.Repeat(" ", MaxDocument)+"§"+`{}`, "", "the document has 65538 bytes; at most 65536 are allowed")

	// Names that stand for much: what does not fit is refused, and at once.
	big := namedLibrary{sets: map[string]PermissionSet{"Big": {Grants: grantsOf(Grant{Actions: times(1000, func() string { return "s:a" })})}}}
	for range 100 {
		big.sets["Big"] = PermissionSet{Grants: append(big.sets["Big"].Grants, big.sets["Big"].Grants[0])}
	}
	_, err := Compile(Scaleway, []byte(ruleOn("Big", inA, "")), big)
	if want := "line 1, column 11: rules[0]: " + outgrown; err == nil || err.Error() != want {
		t.Errorf("\n got %v\nwant %s", err, want)
	}
}

// TestScalewayScope decides by action and project alone.
func TestScalewayScope(t *testing.T) {
	in := func(project string) *Context { return &Context{ProjectID: project} }
	for _, c := range []struct {
		set, scope, action string
		ctx                *Context
		want               bool
	}{
		{"Read", inA, "s3:GetObject", in(projectA), true},
		{"Read", inA, "S3:listbuckets", in(projectA), true},
		{"Read", inBoth, "s3:GetObject", in(projectB), true},
		{"Read", everywhere, "s3:GetObject", in(projectB), true},
		{"Read", everywhere, "s3:GetObject", nil, true},
		{"Write", inA, "s3:PutObject", in(projectA), true},
		{"Write", inA, "s3:DeleteObject", in(projectA), true},
		{"Products", everywhere, "vserver:Start", nil, true},
		{"Products", everywhere, "iam:ListSSHKeys", nil, true},
		{"IAM", everywhere, "iam:CreateUser", nil, true},
		{"Owner", everywhere, "billing:Pay", nil, true},

		{"Read", inA, "s3:GetObject", in(projectB), false},
		{"Read", inA, "s3:GetObject", in(""), false},
		{"Read", inA, "s3:GetObject", nil, false},
		{"Read", inA, "s3:GetObject", in(strings.ToUpper(projectA)), false},
		{"Read", inA, "s3:GetObject", in(projectA + " "), false},
		{"Read", inA, "s3:GetObject", &Context{Attributes: []Attr{{"iam:project_id", String(projectA)}}}, false},
		{"Read", inA, "s3:GetObject", &Context{OrganizationID: projectA}, false},
		{"Read", inBoth, "s3:GetObject", in(ownOrg), false},
		{"Read", inA, "s3:PutObject", in(projectA), false},
		{"Read", everywhere, "s3:PutObject", nil, false},
		{"Read", everywhere, "s:Get", nil, false},
		{"Write", inA, "s3:DeleteBucket", in(projectA), false},
		{"Products", everywhere, "iam:CreateUser", nil, false},
		{"Products", everywhere, "IAM:CreateUser", nil, false},
		{"Products", everywhere, "billing:Pay", nil, false},
		{"Products", inA, "vserver:Start", in(projectB), false},
		{"Products", inA, "iam:ListSSHKeys", in(projectB), false},
		{"Nothing", everywhere, "s3:GetObject", nil, false},
		{"IAM", everywhere, "s3:GetObject", nil, false},
	} {
		p := compileNamed(t, Scaleway, ruleOn(c.set, c.scope, ""))
		question := asked{c.action, "crn:fr-par:s3:object:b/k", c.ctx}
		if got := allowed(p, question.query()); got != c.want {
			t.Errorf("%s %s: %s in %+v: got %t", c.set, c.scope, c.action, c.ctx, got)
		}
		checkNamed(t, p, question)
	}
}

func scalewayContext() *Context {
	return &Context{
		SourceIP:  netip.MustParseAddr("198.51.100.7"),
		Now:       time.Date(2026, 5, 31, 22, 30, 15, 0, time.UTC), // Monday in Paris
		UserAgent: "terraform-test",
		Zone:      "fr-par",
		ProjectID: projectA,
	}
}

const (
	aSecret   = "crn:fr-par:secrets:secret:6170692e-7363-616c-6577-61792e636f6d"
	noSecret  = "crn:fr-par:secrets:secret:*"
	noName    = "crn:fr-par:secrets:secret:"
	anyAction = "s3:GetObject"
)

// TestScalewayCondition decides by the condition of a rule that is otherwise met.
func TestScalewayCondition(t *testing.T) {
	given := func(resources map[string]any) *Context {
		ctx := scalewayContext()
		ctx.More = &More{Resources: resources}
		return ctx
	}
	without := func(change func(*Context)) *Context {
		ctx := scalewayContext()
		change(ctx)
		return ctx
	}
	long := without(func(c *Context) { c.UserAgent = strings.Repeat("é", 300) })
	calls := func(resources map[string]any) *Context {
		return &Context{ProjectID: projectA, More: &More{Resources: resources, Call: facts{}}}
	}
	for _, c := range []struct {
		condition, resource string
		ctx                 *Context
		want                bool
	}{
		// True.
		{`resource.name == "the group 7"`, "crn::iam:group:7", calls(nil), true},
		{`resource.name == "x"`, "crn::iam:group:7", calls(map[string]any{"name": "x"}), true},
		{`!has(resource.name)`, aSecret, calls(nil), true}, // no thing of IAM
		{`1 == 1`, aSecret, nil, true},
		{`request.user_agent == 'terraform-test'`, aSecret, scalewayContext(), true},
		{`inIpRange(request.ip, "198.51.100.0/24") && request.time.getDayOfWeek("Europe/Paris") in [1,2,3,4,5]`, aSecret, scalewayContext(), true},
		{`request.time.getDayOfWeek() == 0 && request.time < timestamp("2026-06-01T00:00:00Z")`, aSecret, scalewayContext(), true},
		{`request.ip == "198.51.100.7"`, aSecret, without(func(c *Context) { c.SourceIP = netip.MustParseAddr("::ffff:198.51.100.7") }), true},
		{`request.user_agent.matches("^terra")`, aSecret, scalewayContext(), true},
		{`size(request.user_agent) == 255`, aSecret, long, true},
		{`resource.id == "6170692e-7363-616c-6577-61792e636f6d"`, aSecret, nil, true},
		{`resource.locality == "fr-par"`, aSecret, scalewayContext(), true},
		{`resource.name == "ledger" && resource.locality == "global" && resource.id == "7"`, aSecret, given(map[string]any{"name": "ledger", "locality": "global", "id": "7"}), true},
		{`resource.name == "ledger" && resource.id.startsWith("6170692e")`, aSecret, given(map[string]any{"name": "ledger"}), true},
		{`!has(resource.name)`, aSecret, given(map[string]any{"instance": map[string]any{"name": "x"}}), true},
		{`!has(resource.id)`, noSecret, scalewayContext(), true},
		{`!has(resource.id)`, noName, nil, false}, {`has(resource.id)`, noName, nil, false},
		{`!has(resource.locality) && !has(resource.name)`, noSecret, scalewayContext(), true},
		{`resource.id == "x" || !has(resource.id)`, noSecret, scalewayContext(), true},
		{`request.nothing == 1 || true`, aSecret, nil, true},
		{`request.user_agent != "x" || has(request.ip)`, aSecret, scalewayContext(), true},

		// False.
		{`false`, aSecret, scalewayContext(), false},
		{`request.ip == "198.51.100.8"`, aSecret, scalewayContext(), false},
		{`inIpRange(request.ip, "198.51.101.0/24")`, aSecret, scalewayContext(), false},
		{`request.time.getDayOfWeek() == 1`, aSecret, scalewayContext(), false},
		{`request.user_agent == "Terraform-test"`, aSecret, scalewayContext(), false},
		{`size(request.user_agent) > 255`, aSecret, long, false},
		{`resource.id == "x"`, aSecret, scalewayContext(), false},
		{`!has(resource.id)`, aSecret, scalewayContext(), false},
		{`has(resource.id)`, noSecret, scalewayContext(), false},
		{`has(resource.locality)`, noSecret, scalewayContext(), false},
		{`has(request.ip) || has(request.time) || has(request.user_agent)`, aSecret, nil, false},
		{`has(resource.name)`, aSecret, given(map[string]any{"name": 7.0}), false},
		{`has(resource.name)`, aSecret, given(map[string]any{"name": ""}), false},

		// Errors, which grant nothing however the expression would take them.
		{`resource.id == "x"`, noSecret, scalewayContext(), false},
		{`resource.id != "x"`, noSecret, scalewayContext(), false},
		{`!(resource.id == "x")`, noSecret, scalewayContext(), false},
		{`resource.name != "x"`, aSecret, scalewayContext(), false},
		{`resource.name != "x"`, aSecret, given(map[string]any{"name": 7.0}), false},
		{`resource.locality != "nl-ams"`, aSecret, nil, false},
		{`resource.locality != "nl-ams"`, noSecret, scalewayContext(), false},
		{`!has(resource.id)`, "anything", scalewayContext(), false},
		{`!has(resource.id)`, "", scalewayContext(), false},
		{`resource.id != "x" || !has(resource.id)`, "b/k", scalewayContext(), false},
		{`request.ip != "x"`, aSecret, without(func(c *Context) { c.SourceIP = netip.Addr{} }), false},
		{`request.user_agent != "x"`, aSecret, without(func(c *Context) { c.UserAgent = "" }), false},
		{`request.time > timestamp("1970-01-01T00:00:00Z")`, aSecret, without(func(c *Context) { c.Now = time.Time{} }), false},
		{`request.method != "GET"`, aSecret, scalewayContext(), false},
		{`user != "x"`, aSecret, scalewayContext(), false},
		{`source_ip != "x"`, aSecret, scalewayContext(), false},
		{`nosuch(request.ip)`, aSecret, scalewayContext(), false},
		{`request.ip < 3`, aSecret, scalewayContext(), false},
		{`request.time.getHours("Nowhere/At_All") >= 0`, aSecret, scalewayContext(), false},
		{`inIpRange(request.ip, "nowhere") || false`, aSecret, scalewayContext(), false},
		{`1 / 0 == 0`, aSecret, scalewayContext(), false},

		// Not true or false.
		{`1`, aSecret, scalewayContext(), false},
		{`"true"`, aSecret, scalewayContext(), false},
		{`null`, aSecret, scalewayContext(), false},
		{`request`, aSecret, scalewayContext(), false},
		{`request.user_agent`, aSecret, without(func(c *Context) { c.UserAgent = "true" }), false},
		{`[true]`, aSecret, scalewayContext(), false},
	} {
		for _, scope := range []string{everywhere, inA} {
			ctx := c.ctx
			if ctx == nil {
				ctx = &Context{ProjectID: projectA}
			}
			p, question := compileNamed(t, Scaleway, ruleOn("Read", scope, c.condition)), asked{anyAction, c.resource, ctx}
			if got := allowed(p, question.query()); got != c.want {
				t.Errorf("%s on %q: got %t: %s", c.condition, c.resource, got, p.Trace(0, question.query()).Failure)
			}
			checkNamed(t, p, question)
			elsewhere := *ctx
			elsewhere.ProjectID = projectB
			if allowed(p, asked{"s3:PutObject", c.resource, ctx}.query()) || scope == inA && allowed(p, asked{anyAction, c.resource, &elsewhere}.query()) {
				t.Errorf("%s: allowed for another action or project", c.condition)
			}
		}
	}
}

// TestScalewayCost: what costs too much grants nothing, and says so.
func TestScalewayCost(t *testing.T) {
	long := `[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20].all(a,[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20].all(b,[1,2,3,4,5,6,7,8,9,10].all(c,a+b+c>0&&request.ip!="")))`
	p := compileNamed(t, Scaleway, `{"rules":[{"permission_set_names":["Read"],`+everywhere+`,"condition":`+quote(long)+`},{"permission_set_names":["Read"],`+everywhere+`}]}`)
	q := asked{anyAction, aSecret, scalewayContext()}.query()
	if p.Match(0, q) || !p.Match(1, q) || !q.Scratch().Exhausted() || allowed(p, q) {
		t.Error("an expression without bounds")
	}
	if len(p.Warnings()) != 0 {
		t.Errorf("%v", p.Warnings())
	}
}

func TestScalewayTrace(t *testing.T) {
	source := `{"rules":[{"permission_set_names":["Products"],` + inBoth + `},{"permission_set_names":["Read"],` + inA + `,"condition":"resource.id == \"7\" && request.ip != \"::1\""}]}`
	p := compileNamed(t, Scaleway, source)
	for _, c := range []struct {
		name, action, resource string
		ctx                    *Context
		statement              int
		want                   Trace
	}{
		{"matches", "vm:Start", aSecret, scalewayContext(), 0, Trace{Matched: true, Action: true, Resource: true, ActionPattern: "*", Condition: -1}},
		{"excepted", "iam:Get", aSecret, scalewayContext(), 0, Trace{Resource: true, Condition: -1}},
		{"no project", "vm:Start", aSecret, nil, 0, Trace{Action: true, Resource: true, ActionPattern: "*", Condition: 0, Failure: "iam:project_id must be one of " + projectA + ", " + projectB + ", is absent"}},
		{"false", "s3:GetObject", aSecret, scalewayContext(), 2, Trace{Action: true, Resource: true, ActionPattern: "s3:Get*", Condition: 1,
			Failure: `"resource.id == \"7\" && request.ip != \"::1\"" is false: it is false: resource.id is "6170692e-7363-616c-6577-61792e636f6d", request.ip is "198.51.100.7"`}},
		{"failed", "s3:GetObject", noSecret, scalewayContext(), 2, Trace{Action: true, Resource: true, ActionPattern: "s3:Get*", Condition: 1,
			Failure: `"resource.id == \"7\" && request.ip != \"::1\"" is failed: it failed: there is no key "id"`}},
	} {
		q := asked{c.action, c.resource, c.ctx}.query()
		if diff := cmp.Diff(c.want, p.Trace(c.statement, q)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.name, diff)
		}
	}
	q := asked{"vm:Start", aSecret, scalewayContext()}.query()
	if got := p.Deciding(0, q); got != "rules[0]" {
		t.Errorf("got %s", got)
	}
}

func TestScalewayWarnings(t *testing.T) {
	for _, c := range []struct {
		source string
		want   []Warning
	}{
		{ruleOn("Read", inA, `request.ip == "x" || has(resource.id)`), nil},
		{ruleOn("Owner", everywhere, ""), []Warning{{"rules[0].permission_set_names", "Owner allows every action on every resource of the organization"}}},
		{ruleOn("Owner", everywhere, `request.ip == "x"`), nil},
		{ruleOn("Products", everywhere, ""), nil},
		{ruleOn("Nothing", everywhere, ""), []Warning{{"rules[0].permission_set_names", "Nothing grants nothing here"}}},
		{ruleOn("Read", inA, `1 == 1`), []Warning{{"rules[0].condition", "is true for every request; it can be left out"}}},
		{ruleOn("Read", inA, `!true`), []Warning{{"rules[0].condition", "is false for every request, so the rule grants nothing"}}},
		{ruleOn("Read", inA, `"true"`), []Warning{{"rules[0].condition", "is not a boolean for every request, so the rule grants nothing"}}},
		{ruleOn("Read", inA, `1 / 0 == 1`), []Warning{{"rules[0].condition", "fails for every request, so the rule grants nothing"}}},
		{ruleOn("Read", inA, `user == "x" && request.ip == "y"`), []Warning{{"rules[0].condition", "there is no variable user, only request and resource; where it is needed, the rule grants nothing"}}},
		{`{"rules":[{"permission_set_names":["Read","Read"],"project_ids":["` + projectA + `","` + strings.ToUpper(projectA) + `"]},{"permission_set_names":["IAM"],` + everywhere + `,"condition":"false"}]}`,
			[]Warning{{"rules[0].permission_set_names[1]", "repeats Read, which counts once"}, {"rules[0].project_ids[1]", "repeats " + projectA + ", which counts once"},
				{"rules[1].condition", "is false for every request, so the rule grants nothing"}}},
	} {
		if diff := cmp.Diff(c.want, compileNamed(t, Scaleway, c.source).Warnings()); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.source, diff)
		}
	}
}

func (r random) scalewayDocument() string {
	rule := func() string {
		scope, sets := everywhere, list(r.pick("IAM", "Owner"), "IAM")
		if r.IntN(4) > 0 {
			scope, sets = r.pick(everywhere, inA, inA, inBoth), list(times(1+r.IntN(3), func() string { return r.pick("Read", "Write", "Products", "Nothing") })...)
		}
		out := `{"permission_set_names":` + sets + `,` + scope
		if r.IntN(2) == 0 {
			out += `,"condition":` + quote(r.join(1+r.IntN(3), r.pick(" && ", " || "), `true`, `has(resource.id)`, `!has(resource.id)`, `resource.id.startsWith("team")`,
				`inIpRange(request.ip, "10.0.0.0/8")`, `request.time < timestamp("2026-01-01T00:00:00Z")`, `request.user_agent == "x"`, `1`, `gone`))
		}
		return out + `}`
	}
	return `{"rules":[` + strings.Join(times(r.IntN(4), rule), ",") + `]}`
}

func (r random) asked() asked {
	ctx := r.context()
	ctx.ProjectID, ctx.UserAgent = r.pick("", projectA, projectB, ownOrg), r.pick("", "x", "y")
	return asked{r.pick(r.action(), r.action(), "iam:ListSSHKeys", "dns:Get", "zones:DeleteZone", "zones:Get", "workers:Put", "billing:GetBill"),
		r.pick(r.resource(), "crn::zones:zone:"+r.pick(zone1, zone2, "*"), "crn::dns:record:"+r.pick(zone1, zone2)+"/r", "crn::workers:worker:w1"), ctx}
}

func TestScalewayRandom(t *testing.T) { checkRandom(t, 31, Scaleway, random.scalewayDocument) }

// checkRandom holds the print and the needs of random documents.
func checkRandom(t *testing.T, stream uint64, lang Language, document func(random) string) {
	r := newRandom(stream)
	matched, statements := 0, 0
	for range 3000 {
		p := compileNamed(t, lang, document(r))
		matched += checkNamed(t, p, times(4, r.asked)...)
		statements += 4 * p.Len()
	}
	t.Logf("of %d, %d matched", statements, matched)
	if matched < statements/50 || matched > statements*9/10 {
		t.Errorf("of %d, %d matched: the test has no teeth", statements, matched)
	}
}

func FuzzScaleway(f *testing.F) {
	r := newRandom(32)
	for range 5 {
		f.Add([]byte(r.scalewayDocument()))
	}
	f.Add([]byte(ruleOn("Read", inA, `inIpRange(request.ip, "198.51.100.0/24")`)))
	f.Add([]byte(`{"rules":[{"permission_set_names":["Read","Read"],"organization_id":"5D0F6A2E-7A1B-4C3D-9E8F-102132435465","condition":""}]}`))
	f.Fuzz(func(t *testing.T, source []byte) {
		fuzzNamed(t, Scaleway, source, asked{anyAction, aSecret, scalewayContext()}, asked{"iam:ListSSHKeys", noSecret, nil}, asked{"s3:ListBuckets", "b/k", &Context{ProjectID: projectB}})
	})
}

// TestScalewayAllocations: what asks no expression allocates nothing.
func TestScalewayAllocations(t *testing.T) {
	p := compileNamed(t, Scaleway, `{"rules":[{"permission_set_names":["Products","Read"],`+inBoth+`},{"permission_set_names":["Write"],`+inBoth+`,"condition":"request.ip == \"x\""}]}`)
	if n := testing.AllocsPerRun(100, func() {
		ctx := Context{ProjectID: projectB, UserAgent: "x"}
		q := NewQuery(anyAction, aSecret, &ctx)
		for i := range p.Len() {
			p.Match(i, &q)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// BenchmarkScaleway asks one rule, the query included.
func BenchmarkScaleway(b *testing.B) {
	ctx := scalewayContext()
	for _, c := range []struct{ name, condition string }{
		{"plain", ""},
		{"agent", `request.user_agent == 'terraform-test'`},
		{"office", `inIpRange(request.ip, "198.51.100.0/24") && request.time.getDayOfWeek("Europe/Paris") in [1,2,3,4,5]`},
		{"resource", `resource.id == "6170692e-7363-616c-6577-61792e636f6d" || !has(resource.id)`},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := compileNamed(b, Scaleway, ruleOn("Read", inA, c.condition))
			b.ReportAllocs()
			for b.Loop() {
				q := NewQuery(anyAction, aSecret, ctx)
				if !p.Match(0, &q) {
					b.Fatal(fmt.Sprint(p.Trace(0, &q)))
				}
			}
		})
	}
}

// BenchmarkScalewayRules asks many rules, none of which holds, in one decision: what one more costs.
func BenchmarkScalewayRules(b *testing.B) {
	const n = 50
	rule := ruleOn("Read", inA, `request.user_agent == 'nobody' || inIpRange(request.ip, "192.0.2.0/24") || resource.id == "7"`)
	rule = strings.TrimSuffix(strings.TrimPrefix(rule, `{"rules":[`), `]}`)
	p := compileNamed(b, Scaleway, `{"rules":[`+strings.TrimSuffix(strings.Repeat(rule+",", n), ",")+`]}`)
	ctx := scalewayContext()
	b.ReportAllocs()
	for b.Loop() {
		q := NewQuery(anyAction, aSecret, ctx)
		for i := range n {
			if p.Match(i, &q) {
				b.Fatal("matches")
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/rule")
}
