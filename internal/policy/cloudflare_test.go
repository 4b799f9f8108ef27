package policy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// bound makes a document; both lists are written as digits that stand for ids, and scopes as they are.
func bound(access, permissions string, places ...string) string {
	var ids, groups []string
	for _, digit := range permissions {
		ids = append(ids, `{"id":"`+hex32(string(digit))+`"}`)
	}
	for _, place := range places {
		if len(place) == 1 {
			place = `{"id":"` + hex32(place) + `"}`
		}
		groups = append(groups, place)
	}
	return fmt.Sprintf(`{"access":%q,"permission_groups":[%s],"resource_groups":[%s]}`, access, strings.Join(ids, ","), strings.Join(groups, ","))
}

// scopeOf is a resource group with its scope.
func scopeOf(keys ...string) string {
	var objects []string
	for _, key := range keys {
		objects = append(objects, `{"key":`+quote(key)+`}`)
	}
	return `{"scope":{"key":"` + ownAccount + `","objects":[` + strings.Join(objects, ",") + `]}}`
}

// tokenOn is a policy of a token that allows one group; resources are the members of that object.
func tokenOn(group, resources string) string {
	return `{"access":"allow","permission_groups":[{"id":"` + hex32(group) + `"}],"resources":{` + resources + `}}`
}

func TestCloudflareAccepts(t *testing.T) {
	for _, c := range []struct {
		name, source, printed string
		ids, resources        []string // of the statements
	}{
		{"smallest", bound("allow", "a", "1"), bound("allow", "a", "1"), []string{"permission_groups[0]", "permission_groups[0]"}, []string{"*", "*"}},
		{
			"members in any order", ` {"resource_groups":[{"scope":{"objects":[{"key":"*"}],"key":"` + ownAccount + `"}}],"permission_groups":[{"id":"` + hex32("b") + `"}],"access":"deny"}`,
			bound("deny", "b", scopeOf("*")), []string{"permission_groups[0]"}, []string{"*"},
		},
		{"zones of a group", bound("allow", "c", "3"), bound("allow", "c", "3"), []string{"permission_groups[0]", "permission_groups[0]"}, []string{
			"crn:*:zones:zone:" + zone1 + " crn:*:dns:record:" + zone1 + "/* crn:*:zones:zone:" + zone2 + " crn:*:dns:record:" + zone2 + "/*",
			"crn:*:zones:zone:" + zone1 + " crn:*:dns:record:" + zone1 + "/* crn:*:zones:zone:" + zone2 + " crn:*:dns:record:" + zone2 + "/*",
		}},
		{"levels on everything", bound("allow", "bd", "1"), bound("allow", "bd", "1"), []string{"permission_groups[0]", "permission_groups[1]"}, []string{"*", "crn:*:workers:worker:*"}},
		{"all zones", bound("allow", "c", scopeOf(zoneLevel+".*")), bound("allow", "c", scopeOf(zoneLevel+".*")), []string{"permission_groups[0]", "permission_groups[0]"},
			[]string{"crn:*:zones:zone:* crn:*:dns:record:*/*", "crn:*:zones:zone:* crn:*:dns:record:*/*"}},
		{"the account by its key", bound("allow", "b", scopeOf(ownAccount)), bound("allow", "b", scopeOf(ownAccount)), []string{"permission_groups[0]"}, []string{"*"}},
		{"all accounts", bound("allow", "b", scopeOf("com.cloudflare.api.account.*")), bound("allow", "b", scopeOf("com.cloudflare.api.account.*")), []string{"permission_groups[0]"}, []string{"*"}},
		{"repetitions", bound("allow", "dbbd", "1", scopeOf("*", "*"), "1"), bound("allow", "db", "1", scopeOf("*", "*")), []string{"permission_groups[0]", "permission_groups[1]"}, []string{"crn:*:workers:worker:*", "*"}},
		{"resources of a token", tokenOn("c", `"`+zoneLevel+"."+zone1+`":"*","`+ownAccount+`":{"`+zoneLevel+"."+zone2+`":"*"}`),
			tokenOn("c", `"`+zoneLevel+"."+zone1+`":"*","`+ownAccount+`":{"`+zoneLevel+"."+zone2+`":"*"}`), []string{"permission_groups[0]", "permission_groups[0]"}, []string{
				"crn:*:zones:zone:" + zone1 + " crn:*:dns:record:" + zone1 + "/* crn:*:zones:zone:" + zone2 + " crn:*:dns:record:" + zone2 + "/*",
				"crn:*:zones:zone:" + zone1 + " crn:*:dns:record:" + zone1 + "/* crn:*:zones:zone:" + zone2 + " crn:*:dns:record:" + zone2 + "/*",
			}},
		{"the account of a token", tokenOn("b", `"`+ownAccount+`":"*"`), tokenOn("b", `"`+ownAccount+`":"*"`), []string{"permission_groups[0]"}, []string{"*"}},
		{"all accounts of a token", tokenOn("b", `"com.cloudflare.api.account.*":"*"`), tokenOn("b", `"com.cloudflare.api.account.*":"*"`), []string{"permission_groups[0]"}, []string{"*"}},
		{"a group that grants nothing", bound("allow", "f", "2"), bound("allow", "f", "2"), nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := compileNamed(t, Cloudflare, c.source)
			if got := string(p.Print()); got != c.printed {
				t.Errorf("\n got %s\nwant %s", got, c.printed)
			}
			var ids, resources []string
			for i := range p.Len() {
				ids = append(ids, p.StatementID(i))
				resources = append(resources, strings.Join(p.textsOf(p.statement(i).resourceTexts()), " "))
			}
			if diff := cmp.Diff(c.ids, ids) + cmp.Diff(c.resources, resources); diff != "" || p.Language() != Cloudflare {
				t.Errorf("%s (-want +got)\n%s", p.Language(), diff)
			}
			checkNamed(t, p)
		})
	}
}

// TestCloudflareRefuses holds every refusal to its exact place, which § marks, and its exact words.
func TestCloudflareRefuses(t *testing.T) {
	permissions := func(s string) string { return `{"permission_groups":[{"id":"` + hex32("a") + `"},` + s + `]}` }
	places := func(s string) string {
		return `{"access":"allow","permission_groups":[{"id":"` + hex32("a") + `"}],` + "\n" + `"resource_groups":[{"id":"` + hex32("1") + `"},` + s + `]}`
	}
	objects := func(s string) string {
		return places(`{"scope":{"key":"` + ownAccount + `","objects":[{"key":"*"},` + s + `]}}`)
	}
	// zones binds a zone-level group, so that objects are looked at.
	zones := func(group, keys string) string {
		return `{"access":"deny","permission_groups":[{"id":"` + hex32(group) + `"}],"resource_groups":[{"scope":{"key":"` + ownAccount + `","objects":[` + keys + `]}}]}`
	}
	const (
		noID      = " is no id; write 32 hexadecimal digits in lower case"
		noAccount = " is no account; use com.cloudflare.api.account. and its id, 32 hexadecimal digits in lower case"
		key       = "resource_groups[0].scope.objects[0].key"
	)
	notZone := func(key string) string {
		return "the permission group " + hex32("c") + " cannot be bound to " + key + `; use "*" or com.cloudflare.api.account.zone.<id>`
	}
	notAccount := func(key string) string {
		return "the permission group " + hex32("b") + " is for accounts and cannot be bound to " + key + `; use "*"`
	}
	for _, c := range []struct{ name, source, path, message string }{
		{"empty", `§`, "", "the document ends too early"},
		{"list", `§[]`, "", "must be an object, is an array"},
		{"no members", ` §{}`, "access", "is missing; use allow or deny"},
		{"unknown member", `{§"effect":"allow"}`, "effect", "unknown member effect; allowed are access, permission_groups, and resource_groups or resources"},
		{"policy's id", `{§"id":"x"}`, "id", "unknown member id; allowed are access, permission_groups, and resource_groups or resources"},
		{"no resources", `{"resources":§{}}`, "resources", "needs at least one of resources"},
		{"resources twice over", tokenOn("a", `"`+ownAccount+`":"*"},§"resource_groups":[`), "resource_groups", "stands beside resources; use either"},
		{"resources at last", strings.TrimSuffix(bound("allow", "a", "1"), "}") + `,§"resources":{}}`, "resources", "stands beside resource_groups; use either"},
		{"resources as an array", `{"resources":§[]}`, "resources", "must be an object, is an array"},
		{"a value of a resource", tokenOn("a", `"`+ownAccount+`":§"read"`), "resources", `must be "*", is read`},
		{"a number for a resource", tokenOn("a", `"`+ownAccount+`":§1`), "resources", "must be a string, is a number"},
		{"keys inside a zone", tokenOn("a", `§"`+zoneLevel+"."+zone1+`":{"x":"*"}`), "resources", zoneLevel + "." + zone1 + " is not the policy's own account; use com.cloudflare.api.account.<account id>"},
		{"everything by a star", tokenOn("a", `§"*":"*"`), "resources", `"*" is no key here; use the account's own`},
		{"everything inside by a star", tokenOn("a", `"`+ownAccount+`":{§"*":"*"}`), "resources", `"*" is no key here; use the account's own`},
		{"no keys inside", tokenOn("a", `"`+ownAccount+`":§{}`), "resources", "needs at least one key"},
		{"a level that does not fit", tokenOn("a", `§"`+zoneLevel+`.*":"*"`), "resources", "the permission group " + hex32("a") + ` is for accounts and cannot be bound to ` + zoneLevel + `.*; use "*"`},
		{"member twice", `{"access":"allow",§"access":"deny"}`, "", "member access is given twice"},
		{"something after", bound("allow", "a", "1") + ` §1`, "", "nothing may follow the document"},
		{"access null", `{"access":§null}`, "access", "must be a string, is null"},
		{"access in capitals", `{"access":§"Allow"}`, "access", "unknown access Allow; use allow or deny"},
		{"access empty", `{"access":§""}`, "access", `unknown access ""; use allow or deny`},
		{"no permission groups", `§{"access":"allow","resource_groups":[{"id":"` + hex32("1") + `"}]}`, "permission_groups", "is missing; name at least one"},
		{"no resource groups", `§{"access":"allow","permission_groups":[{"id":"` + hex32("a") + `"}]}`, "resource_groups", "is missing; name at least one"},

		{"permission groups empty", `{"permission_groups":§[]}`, "permission_groups", "needs at least one of permission_groups"},
		{"permission groups null", `{"permission_groups":§null}`, "permission_groups", "must be an array, is null"},
		{"permission group a text", permissions(`§"` + hex32("a") + `"`), "permission_groups[1]", "must be an object, is a string"},
		{"permission group without id", permissions(`§{}`), "permission_groups[1].id", "is missing"},
		{"permission group's name", permissions(`{"id":"` + hex32("b") + `",§"name":"x"}`), "permission_groups[1].name", "unknown member name; allowed are id"},
		{"permission group's meta", permissions(`{§"meta":{}}`), "permission_groups[1].meta", "unknown member meta; allowed are id"},
		{"id twice", permissions(`{"id":"` + hex32("b") + `",§"id":"` + hex32("b") + `"}`), "permission_groups[1]", "member id is given twice"},
		{"id null", permissions(`{"id":§null}`), "permission_groups[1].id", "must be a string, is null"},
		{"id empty", permissions(`{"id":§""}`), "permission_groups[1].id", `""` + noID},
		{"id short", permissions(`{"id":§"abc"}`), "permission_groups[1].id", `abc` + noID},
		{"id in capitals", permissions(`{"id":§"` + hex32("A") + `"}`), "permission_groups[1].id", hex32("A") + noID},
		{"id with dashes", permissions(`{"id":§"` + ownOrg + `"}`), "permission_groups[1].id", ownOrg + noID},
		{"label", permissions(`{"id":§"admin"}`), "permission_groups[1].id", `admin` + noID},
		{"unknown permission group", permissions(`{"id":§"` + hex32("9") + `"}`), "permission_groups[1].id", "there is no permission group " + hex32("9")},
		{"resource group's id", permissions(`{"id":§"` + hex32("1") + `"}`), "permission_groups[1].id", "there is no permission group " + hex32("1")},

		{"resource groups empty", `{"resource_groups":§[ ]}`, "resource_groups", "needs at least one of resource_groups"},
		{"resource group null", places(`§null`), "resource_groups[1]", "must be an object, is null"},
		{"resource group empty", places(`§{}`), "resource_groups[1]", "needs an id or a scope"},
		{"resource group with both", places(`§{"id":"` + hex32("1") + `",` + scopeOf("*")[1:]), "resource_groups[1]", "has both an id and a scope; use either"},
		{"resource group's name", places(`{§"name":"x"}`), "resource_groups[1].name", "unknown member name; allowed are id and scope"},
		{"resource group's id in capitals", places(`{"id":§"` + hex32("A") + `"}`), "resource_groups[1].id", hex32("A") + noID},
		{"unknown resource group", places(`{"id":§"` + hex32("9") + `"}`), "resource_groups[1].id", "there is no resource group " + hex32("9")},
		{"permission group's id", places(`{"id":§"` + hex32("a") + `"}`), "resource_groups[1].id", "there is no resource group " + hex32("a")},
		{"resource group without objects", places(`{"id":§"` + hex32("4") + `"}`), "resource_groups[1].id", "the resource group " + hex32("4") + " names no objects"},
		{"scope a list", places(`{"scope":§[]}`), "resource_groups[1].scope", "must be an object, is an array"},
		{"scope empty", places(`{"scope":§{}}`), "resource_groups[1].scope.key", "is missing; use com.cloudflare.api.account.<account id>"},
		{"scope's name", places(`{"scope":{§"name":1}}`), "resource_groups[1].scope.name", "unknown member name; allowed are key and objects"},
		{"key a star", places(`{"scope":{"key":§"*"}}`), "resource_groups[1].scope.key", "*" + noAccount},
		{"key of all accounts", places(`{"scope":{"key":§"com.cloudflare.api.account.*"}}`), "resource_groups[1].scope.key", "com.cloudflare.api.account.*" + noAccount},
		{"key of a zone", places(`{"scope":{"key":§"` + zoneLevel + `.` + zone1 + `"}}`), "resource_groups[1].scope.key", zoneLevel + "." + zone1 + noAccount},
		{"key in capitals", places(`{"scope":{"key":§"com.cloudflare.api.account.` + hex32("A") + `"}}`), "resource_groups[1].scope.key", "com.cloudflare.api.account." + hex32("A") + noAccount},
		{"key with dashes", places(`{"scope":{"key":§"com.cloudflare.api.account.` + ownOrg + `"}}`), "resource_groups[1].scope.key", "com.cloudflare.api.account." + ownOrg + noAccount},
		{"key empty", places(`{"scope":{"key":§""}}`), "resource_groups[1].scope.key", `""` + noAccount},
		{"no objects", places(`{"scope":§{"key":"` + ownAccount + `"}}`), "resource_groups[1].scope.objects", "is missing; name at least one"},
		{"objects empty", places(`{"scope":{"objects":§[]}}`), "resource_groups[1].scope.objects", "needs at least one of objects"},
		{"objects a text", places(`{"scope":{"objects":§"*"}}`), "resource_groups[1].scope.objects", "must be an array, is a string"},
		{"object a text", objects(`§"*"`), "resource_groups[1].scope.objects[1]", "must be an object, is a string"},
		{"object without key", objects(`§{}`), "resource_groups[1].scope.objects[1].key", `is missing; use "*" or a resource key`},
		{"object's name", objects(`{§"name":"x"}`), "resource_groups[1].scope.objects[1].name", "unknown member name; allowed are key"},
		{"object's key null", objects(`{"key":§null}`), "resource_groups[1].scope.objects[1].key", "must be a string, is null"},
		{"object's key empty", objects(`{"key":§""}`), "resource_groups[1].scope.objects[1].key", `must not be empty; use "*" for every resource`},
		{"object's key with a control character", objects(`{"key":§"a\n"}`), "resource_groups[1].scope.objects[1].key", `must not hold control characters`},

		// What does not fit together.
		{"account group, zone", zones("b", `{"key":§"`+zoneLevel+`.`+zone1+`"}`), key, notAccount(zoneLevel + "." + zone1)},
		{"account group, all zones", zones("b", `{"key":§"`+zoneLevel+`.*"}`), key, notAccount(zoneLevel + ".*")},
		{"account group, another account", zones("b", `{"key":§"com.cloudflare.api.account.`+hex32("a")+`"}`), key, notAccount("com.cloudflare.api.account." + hex32("a"))},
		{"account group, zone in a group", `{"access":"allow","permission_groups":[{"id":"` + hex32("c") + `"},{"id":"` + hex32("b") + `"}],"resource_groups":[{"id":"` + hex32("1") + `"},{"id":§"` + hex32("3") + `"}]}`,
			"resource_groups[1].id", notAccount(zoneLevel + "." + zone1)},
		{"zone group, the account", zones("c", `{"key":§"`+ownAccount+`"}`), key, notZone(ownAccount)},
		{"zone group, all accounts", zones("c", `{"key":§"com.cloudflare.api.account.*"}`), key, notZone("com.cloudflare.api.account.*")},
		{"zone group, worker", zones("c", `{"key":§"com.cloudflare.api.account.worker.w1"}`), key, notZone("com.cloudflare.api.account.worker.w1")},
		{"zone group, no zone", zones("c", `{"key":§"`+zoneLevel+`."}`), key, notZone(zoneLevel + ".")},
		{"zone group, below a zone", zones("c", `{"key":§"`+zoneLevel+`.`+zone1+`.x"}`), key, notZone(zoneLevel + "." + zone1 + ".x")},
		{"zone group, some zones", zones("c", `{"key":§"`+zoneLevel+`.c4*"}`), key, notZone(zoneLevel + ".c4*")},
		{"zone group, nearly a zone", zones("c", `{"key":§"`+zoneLevel+`.c4?"}`), key, notZone(zoneLevel + ".c4?")},
		{"zone group, id alone", zones("c", `{"key":§"`+zone1+`"}`), key, notZone(zone1)},
		{"zone group, unknown kind in a group", `{"access":"allow","permission_groups":[{"id":"` + hex32("c") + `"}],"resource_groups":[{"id":§"` + hex32("5") + `"}]}`, "resource_groups[0].id", notZone("com.example.thing.7")},
		{"worker group, zone", zones("d", `{"key":§"`+zoneLevel+`.`+zone1+`"}`), key, "the permission group " + hex32("d") + " cannot be bound to " + zoneLevel + "." + zone1 + `; use "*" or com.cloudflare.api.account.worker.<id>`},
		{"unknown level", zones("0", `{"key":§"*"}`), key, "com.cloudflare.api.account.queue.* names resources of no known kind"},
		{"no pattern at all", zones("d", `{"key":"com.cloudflare.api.account.worker.w1"},{"key":§"com.cloudflare.api.account.worker.w-none"}`), "resource_groups[0].scope.objects[1].key",
			"com.cloudflare.api.account.worker.w-none names resources of no known kind"},
	} {
		t.Run(c.name, func(t *testing.T) { wantRefusal(t, Cloudflare, c.source, c.path, c.message) })
	}
}

func TestCloudflareLimits(t *testing.T) {
	many := func(n int, item string) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }
	group := `{"id":"` + hex32("1") + `"}`
	wantRefusal(t, Cloudflare, `{"resource_groups":[`+many(100, group)+`,§`+group+`]}`, "resource_groups[100]", "too many resource_groups; at most 100 are allowed")
	group = `{"id":"` + hex32("a") + `"}`
	wantRefusal(t, Cloudflare, `{"permission_groups":[`+many(100, group)+`,§`+group+`]}`, "permission_groups[100]", "too many permission_groups; at most 100 are allowed")
	wantRefusal(t, Cloudflare, `{"resource_groups":[{"scope":{"objects":[`+many(1000, `{"key":"*"}`)+`,§{"key":"*"}]}}]}`, "resource_groups[0].scope.objects[1000]", "too many objects; at most 1000 are allowed")
	wantRefusal(t, Cloudflare, `{"resource_groups":[{"scope":{"objects":[{"key":§"`+strings.Repeat("x", 1025)+`"}]}}]}`, "resource_groups[0].scope.objects[0].key", "has 1025 bytes; at most 1024 are allowed")

	// Ids that stand for much: what does not fit is refused.
	big := testLibrary
	big.resources = map[string]ResourceScope{hex32("1"): {Key: ownAccount}}
	scope := big.resources[hex32("1")]
	for i := range 20_000 {
		scope.Objects = append(scope.Objects, fmt.Sprintf("%s.z%d", zoneLevel, i))
	}
	big.resources[hex32("1")] = scope
	_, err := Compile(Cloudflare, []byte(bound("deny", "c", "1")), big)
	if want := "line 1, column 1: " + outgrown; err == nil || err.Error() != want {
		t.Errorf("\n got %v\nwant %s", err, want)
	}
	if _, err := Compile(Cloudflare, []byte(bound("allow", "a", "1")), nil); err == nil || err.Error() != "line 1, column 46: permission_groups[0].id: there is no permission group "+hex32("a") {
		t.Errorf("without a library: %v", err)
	}
}

// TestCloudflareDecides asks one document; the outcome of a deny is that nothing it names stays allowed.
func TestCloudflareDecides(t *testing.T) {
	const (
		inZone1 = "crn::zones:zone:" + zone1
		inZone2 = "crn::zones:zone:" + zone2
		record1 = "crn::dns:record:" + zone1 + "/www"
		noZone  = "crn::zones:zone:*"
		worker  = "crn::workers:worker:w1"
	)
	const none, yes, denied = "nothing", "allow", "deny"
	zone1Key := zoneLevel + "." + zone1
	for _, c := range []struct {
		source, action, resource, want string
	}{
		{bound("allow", "a", "1"), "dns:Create", record1, yes},
		{bound("allow", "a", "1"), "billing:GetBill", "crn::billing:bill:1", yes},
		{bound("allow", "a", "1"), "zones:GetZone", noZone, yes},
		{bound("allow", "a", "1"), "zones:GetZone", "no name at all", yes},
		{bound("allow", "b", scopeOf(ownAccount)), "s3:getobject", "crn::s3:object:k", yes},
		{bound("allow", "c", "2"), "zones:GetZone", inZone1, yes},
		{bound("allow", "c", "2"), "dns:Create", record1, yes},
		{bound("allow", "c", "3"), "zones:GetZone", inZone2, yes},
		{bound("allow", "c", scopeOf(zone1Key)), "DNS:Create", record1, yes},
		{bound("allow", "c", "1"), "zones:GetZone", inZone2, yes},
		{bound("allow", "c", "1"), "zones:ListZones", noZone, yes},
		{bound("allow", "d", scopeOf("com.cloudflare.api.account.worker.w1")), "workers:Put", worker, yes},
		{bound("allow", "bc", "1"), "zones:UpdateZone", inZone1, yes},

		{bound("allow", "a", "1"), "billing:Pay", "crn::billing:bill:1", none},
		{bound("allow", "b", "1"), "dns:Create", record1, none},
		{bound("allow", "c", "2"), "zones:GetZone", inZone2, none},
		{bound("allow", "c", "2"), "zones:GetZone", inZone1 + "0", none},
		{bound("allow", "c", "2"), "zones:GetZone", strings.ToUpper(inZone1), none},
		{bound("allow", "c", "2"), "zones:ListZones", noZone, none},
		{bound("allow", "c", "2"), "zones:GetZone", zone1, none},
		{bound("allow", "c", "2"), "zones:GetZone", zone1Key, none},
		{bound("allow", "c", "2"), "dns:Create", "crn::dns:record:" + zone2 + "/www", none},
		{bound("allow", "c", "2"), "zones:DeleteZone", inZone1, none},
		{bound("allow", "c", "1"), "zones:DeleteZone", inZone1, none},
		{bound("allow", "c", "1"), "dns:Create", worker, none},
		{bound("allow", "c", "1"), "iam:CreateUser", inZone1, none},
		{bound("allow", "d", "1"), "workers:Put", inZone1, none},
		{bound("allow", "d", scopeOf("com.cloudflare.api.account.worker.w1")), "workers:Put", "crn::workers:worker:w2", none},
		{bound("allow", "f", "1"), "zones:GetZone", inZone1, none},

		{bound("deny", "e", "1"), "iam:GetUser", "crn::iam:user:1", denied},
		{bound("deny", "a", "1"), "dns:Create", record1, denied},
		{bound("deny", "c", "2"), "dns:Create", record1, denied},
		{bound("deny", "c", "1"), "zones:ListZones", noZone, denied},
		{bound("deny", "a", "1"), "billing:Pay", "crn::billing:bill:1", none},
		{bound("deny", "c", "2"), "dns:Create", inZone2, none},
		{bound("deny", "c", "2"), "zones:DeleteZone", inZone1, none},
		{bound("deny", "d", "1"), "dns:Create", record1, none},
	} {
		p, question := compileNamed(t, Cloudflare, c.source), asked{c.action, c.resource, nil}
		got := none
		for i := range p.Len() {
			if p.Match(i, question.query()) {
				got = p.Effect(i).String()
			}
		}
		if got != c.want {
			t.Errorf("%s\n%s on %s: got %s, want %s", c.source, c.action, c.resource, got, c.want)
		}
		checkNamed(t, p, question)
	}
}

func TestCloudflareTrace(t *testing.T) {
	p := compileNamed(t, Cloudflare, bound("allow", "c", "2"))
	q := asked{"zones:GetZone", "crn::zones:zone:" + zone2, nil}.query()
	if diff := cmp.Diff(Trace{Action: true, ActionPattern: "zones:*", Condition: -1}, p.Trace(1, q)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	q = asked{"zones:GetZone", "crn::zones:zone:" + zone1, nil}.query()
	want := Trace{Matched: true, Action: true, Resource: true, ActionPattern: "zones:*", ResourcePattern: "crn:*:zones:zone:" + zone1, Condition: -1}
	if diff := cmp.Diff(want, p.Trace(1, q)); diff != "" || p.Deciding(1, q) != "permission_groups[0]" {
		t.Errorf("%s (-want +got)\n%s", p.Deciding(1, q), diff)
	}
}

func TestCloudflareWarnings(t *testing.T) {
	for _, c := range []struct {
		source string
		want   []Warning
	}{
		{bound("allow", "abcd", "1"), nil},
		{bound("allow", "c", scopeOf(zoneLevel+".*")), nil},
		{bound("allow", "be", "1"), []Warning{{"permission_groups[1]", "allows every action on every resource of the account"}}},
		{bound("deny", "e", "1"), []Warning{{"permission_groups[0]", "denies every action on every resource of the account"}}},
		{bound("deny", "f", "1"), []Warning{{"permission_groups[0]", "denies nothing here"}}},
		{bound("allow", "bbf", "1", "1"), []Warning{{"permission_groups[1]", "repeats " + hex32("b") + ", which counts once"}, {"resource_groups[1]", "repeats " + hex32("1") + ", which counts once"},
			{"permission_groups[2]", "allows nothing here"}}},
	} {
		p := compileNamed(t, Cloudflare, c.source)
		if diff := cmp.Diff(c.want, p.Warnings()); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.source, diff)
		}
	}
	if p := compileNamed(t, Cloudflare, bound("allow", "e", "1")); !p.AllowsEverything() {
		t.Error("does not allow everything")
	}
	for _, source := range []string{bound("deny", "e", "1"), bound("allow", "a", "1"), bound("allow", "c", "1")} {
		if p := compileNamed(t, Cloudflare, source); p.AllowsEverything() {
			t.Errorf("%s allows everything", source)
		}
	}
}

func (r random) cloudflareDocument() string {
	access := r.pick("allow", "deny")
	if r.IntN(3) == 0 {
		return bound(access, r.join(1+r.IntN(4), "", "a", "b", "c", "d", "e", "f"), r.pick("1", scopeOf("*")), "1")
	}
	keys := times(1+r.IntN(3), func() string { return r.pick("*", zoneLevel+".*", zoneLevel+"."+zone1, zoneLevel+"."+zone2) })
	return bound(access, r.join(1+r.IntN(2), "", "c", "f", "c"), r.pick("1", "2", "3"), scopeOf(keys...))
}

func TestCloudflareRandom(t *testing.T) {
	checkRandom(t, 33, Cloudflare, random.cloudflareDocument)
}

func FuzzCloudflare(f *testing.F) {
	r := newRandom(34)
	for range 5 {
		f.Add([]byte(r.cloudflareDocument()))
	}
	f.Add([]byte(bound("allow", "d", scopeOf("com.cloudflare.api.account.worker.w1", "*"))))
	f.Add([]byte(bound("deny", "aab", "1", "1", scopeOf(ownAccount))))
	f.Add([]byte(tokenOn("c", `"`+zoneLevel+`.*":"*","`+ownAccount+`":{"`+zoneLevel+"."+zone2+`":"*"}`)))
	f.Fuzz(func(t *testing.T, source []byte) {
		fuzzNamed(t, Cloudflare, source, asked{"zones:GetZone", "crn::zones:zone:" + zone1, nil}, asked{"dns:Create", "crn::dns:record:" + zone2 + "/a", nil},
			asked{"billing:GetBill", "b/k", nil}, asked{"workers:Put", "crn::workers:worker:w1", nil})
	})
}

func TestCloudflareAllocations(t *testing.T) {
	p := compileNamed(t, Cloudflare, bound("deny", "c", "3"))
	if n := testing.AllocsPerRun(100, func() {
		ctx := Context{UserAgent: "x"}
		q := NewQuery("zones:GetZone", "crn::zones:zone:"+zone2, &ctx)
		for i := range p.Len() {
			p.Match(i, &q)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
