package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

const resourceGroups = "/v1/iam/resource-groups"

// inScope is a body for a resource group: the key of its scope, and the only object.
func inScope(name, key, object string) string {
	return fmt.Sprintf(`{"name":%q,"scope":{"key":%q,"objects":[{"key":%q}]}}`, name, key, object)
}

var resourceGroupCatalogue = []operation{
	{name: "listResourceGroups", kind: "list", call: "GET " + resourceGroups, on: "resource-group:*", shape: linked("resource_groups", aResourceGroup)},
	{name: "createResourceGroup", kind: "found", call: "POST " + resourceGroups, on: "resource-group:*",
		body:  `{"name":"staging zones","scope":{"key":"{account_key}","objects":[{"key":"com.cloudflare.api.account.zone.*"},{"key":"*"}]},"meta":{"a":"b"}}`,
		shape: wrote("resource_group", aResourceGroup), event: "iam.resource_group.create", about: ":resource_group.id", called: "staging zones",
		bad: refusals(
			refusal{why: "no name", body: inScope(" ", "{account_key}", "*"), status: 400, details: "name: "},
			refusal{why: "no scope", body: `{"name":"x"}`, status: 400, details: "scope.key: "},
			refusal{why: "no objects", body: `{"name":"x","scope":{"key":"{account_key}","objects":[]}}`, status: 400, details: "scope.objects: "},
			refusal{why: "null objects", body: `{"name":"x","scope":{"key":"{account_key}","objects":null}}`, status: 400, details: "scope.objects: "},
			refusal{why: "an object without key", body: `{"name":"x","scope":{"key":"{account_key}","objects":[{}]}}`, status: 400, details: "scope.objects[0].key: "},
			refusal{why: "objects as texts", body: `{"name":"x","scope":{"key":"{account_key}","objects":["*"]}}`, status: 400, details: "scope.objects"},
			refusal{why: "a foreign account", body: inScope("x", "{other.account_key}", "*"), status: 400, details: "scope.key: "},
			refusal{why: "no account", body: inScope("x", "*", "*"), status: 400, details: "scope.key: "},
			refusal{why: "an unknown object", body: inScope("x", "{account_key}", "com.cloudflare.api.account.moon.1"), status: 400, details: "scope.objects[0].key: "},
			refusal{why: "a pattern", body: inScope("x", "{account_key}", "com.cloudflare.api.account.zone.a*"), status: 400, details: "scope.objects[0].key: "},
			refusal{why: "numbers in meta", body: `{"name":"x","scope":{"key":"{account_key}","objects":[{"key":"*"}]},"meta":{"a":1}}`, status: 400, details: "meta"},
		)},
	{name: "getResourceGroup", kind: "get", call: "GET " + resourceGroups + "/{resource_group}", on: "resource-group:{resource_group}",
		shape: one("resource_group", aResourceGroup)},
	{name: "updateResourceGroup", kind: "update", call: "PATCH " + resourceGroups + "/{resource_group}", on: "resource-group:{resource_group}",
		body:  `{"name":"all","scope":{"key":"{account_key}","objects":[{"key":"*"}]},"meta":{}}`,
		shape: wrote("resource_group", aResourceGroup), event: "iam.resource_group.update", about: "{resource_group}", called: "staging zones",
		bad: refusals(
			refusal{why: "name null", body: `{"name":null}`, status: 400, details: "name: "},
			refusal{why: "scope null", body: `{"scope":null}`, status: 400, details: "scope: "},
			refusal{why: "meta null", body: `{"meta":null}`, status: 400, details: "meta: "},
			refusal{why: "a foreign account", body: `{"scope":{"key":"{other.account_key}","objects":[{"key":"*"}]}}`, status: 400, details: "scope.key: "},
			refusal{why: "the predefined one", call: "PATCH " + resourceGroups + "/{predefined}", status: 409},
			refusal{why: "a foreign predefined one", call: "PATCH " + resourceGroups + "/{other.predefined}", status: 404},
		)},
	{name: "deleteResourceGroup", kind: "end", call: "DELETE " + resourceGroups + "/{resource_group}", on: "resource-group:{resource_group}",
		event: "iam.resource_group.delete", about: "{resource_group}", called: "staging zones",
		bad: []refusal{{why: "the predefined one", call: "DELETE " + resourceGroups + "/{predefined}", status: 409}}},
}

// domainDNS is a permission group for zones.
func domainDNS(t *testing.T) string {
	t.Helper()
	g, ok := catalog.Builtin().PermissionGroupLabelled("domain_dns")
	if !ok {
		t.Fatal("there is no permission group for the DNS of zones")
	}
	return g.ID()
}

// undashed is an id as Cloudflare's documents have it.
func undashed(id string) string { return strings.ReplaceAll(id, "-", "") }

// TestResourceGroups: a policy applies where the resource group says that it names, from the moment that it says so.
func TestResourceGroups(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner, n := e.as(e.owner), e.names
	dns := func(group string) string {
		return fmt.Sprintf(`{"access":"allow","permission_groups":[{"id":%q}],"resource_groups":[{"id":%q}]}`, domainDNS(t), undashed(group))
	}
	write := func(name, group string) string {
		return `{"name":"` + name + `","language":"cloudflare","document":` + dns(group) + `}`
	}
	made := owner.post(policies, write("dns", n["resource_group"])).want(201)
	if made.has("policy.of") {
		t.Errorf("a policy by itself is somebody's: %s", made.body)
	}
	owner.post(users+"/"+n["user"]+"/policies", obj{"policy_id": made.str("policy.id")}).want(204)
	allowed := func(zone string) any {
		return owner.post("/v1/iam/authorize", obj{"principal": "crn::iam:user:" + n["user"], "action": "dns:GetRecord", "resource": "crn::zones:zone:" + zone}).want(200).at("allowed")
	}
	const old, other = "c41d9e07f2b84a5d86e3170fa92bd5c8", "0123456789abcdef0123456789abcdef"
	if allowed(old) != true || allowed(other) != false {
		t.Error("the policy does not apply where its resource group says")
	}
	one := resourceGroups + "/" + n["resource_group"]
	owner.del(one).want(409)
	scope := func(object string) obj {
		return obj{"scope": obj{"key": n["account_key"], "objects": []obj{{"key": object}}}}
	}
	owner.patch(one, scope("com.cloudflare.api.account.zone."+other)).want(200)
	if allowed(old) != false || allowed(other) != true {
		t.Error("the policy does not follow its resource group")
	}
	owner.patch(one, scope("com.cloudflare.api.account.worker.w")).detail(400, "scope: does not fit policy")
	owner.post(policies, write("everywhere", n["predefined"])).want(201)
	for _, group := range []string{n["other.resource_group"], n["other.predefined"], nobodyID} {
		owner.post(policies, write("foreign", group)).detail(400, "document.resource_groups[0].id: there is no resource group")
	}
	inline := strings.Replace(write("foreign", n["predefined"]), `{"id":"`+undashed(n["predefined"])+`"}`, `{"scope":{"key":"`+n["other.account_key"]+`","objects":[{"key":"*"}]}}`, 1)
	owner.post(policies, inline).detail(400, "document.resource_groups[0].scope.key: ")
	if r := owner.get(resourceGroups).want(200); r.at("resource_groups.0.predefined") != true || r.str("resource_groups.0.name") != n["account_key"] || r.num("meta.total") != 2 {
		t.Errorf("%s", r.body)
	}
	if r := owner.get(resourceGroups + "?name=staging*&limit=1").want(200); r.len("resource_groups") != 1 || r.str("resource_groups.0.id") != n["resource_group"] {
		t.Errorf("%s", r.body)
	}
	owner.del(users + "/" + n["user"] + "/policies/" + made.str("policy.id")).want(204)
	owner.del(policies + "/" + made.str("policy.id")).want(204)
	owner.del(one).want(204)
}

// TestOwnPolicies: a policy that belongs to a group says so, can be attached to nothing else, and goes with the group.
func TestOwnPolicies(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	owner, n := e.as(e.owner), e.names
	id := func(text string) iam.UUID {
		u, err := iam.ParseUUID(text)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	who := iam.Principal{Kind: iam.KindOfUser, ID: id(e.ownerID)}
	permit, err := e.control.Enter(t.Context(), &control.Call{Actor: iam.Actor{Org: iam.OrgID{UUID: id(e.org)}, Principal: who, Behind: who, Name: "Olga"}},
		control.UpdateGroup, control.On(iam.Name(iam.TypeGroup, id(n["group2"]))))
	if err != nil {
		t.Fatal(err)
	}
	scope := iam.ResourceGroup{ID: iam.ResourceGroupID{UUID: e.control.NewID()}, Scope: iam.Scope{Key: n["account_key"], Objects: []string{"*"}}}
	document := fmt.Sprintf(`{"access":"allow","permission_groups":[{"id":%q}],"resource_groups":[{"id":%q}]}`, domainDNS(t), undashed(scope.ID.String()))
	own := []iam.OwnPolicy{{ID: iam.PolicyID{UUID: e.control.NewID()}, Document: document, Scopes: []iam.ResourceGroup{scope}}}
	if _, err := permit.Write(t.Context(), func(d *iam.Draft) error {
		_, err := d.ReplaceOwn(iam.Holder{Type: iam.TypeGroup, ID: id(n["group2"])}, policy.Cloudflare, own)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	one, group := policies+"/"+own[0].ID.String(), resourceGroups+"/"+scope.ID.String()
	if r := owner.get(one).want(200); r.str("policy.of.type") != "group" || r.str("policy.of.id") != n["group2"] || r.str("policy.name") != "group policy "+own[0].ID.String() {
		t.Errorf("%s", r.body)
	}
	if r := owner.get(group).want(200); r.str("resource_group.policy_id") != own[0].ID.String() || r.str("resource_group.name") != "" {
		t.Errorf("%s", r.body)
	}
	if r := owner.get(resourceGroups).want(200); strings.Contains(string(r.body), scope.ID.String()) {
		t.Errorf("the list has the group that belongs to a policy: %s", r.body)
	}
	for _, holder := range []string{groups + "/" + n["group"], users + "/" + n["user"], accounts + "/" + n["account"], roles + "/" + n["role"]} {
		owner.post(holder+"/policies", obj{"policy_id": own[0].ID.String()}).want(409)
	}
	owner.patch(roles+"/"+n["role"], obj{"policy_ids": []string{own[0].ID.String()}}).want(409)
	owner.del(group).want(409)
	owner.del(groups + "/" + n["group2"]).want(204)
	owner.get(one).want(404)
	owner.get(group).want(404)
}
