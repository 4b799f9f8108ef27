package iam

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/policy"
)

func resourceGroupID(n int) ResourceGroupID { return ResourceGroupID{testID('z', n)} }

// makeGroup makes a resource group in the draft's own organization.
func makeGroup(n int, name string, objects ...string) func(*Draft) error {
	return func(d *Draft) error {
		return second(d.CreateResourceGroup(ResourceGroup{ID: resourceGroupID(n), Name: name, Scope: Scope{AccountKey(d.s.id), objects}}))
	}
}

func editGroup(n int, f func(*ResourceGroup)) func(*Draft) error {
	return func(d *Draft) error { return second(d.UpdateResourceGroup(resourceGroupID(n), f)) }
}

func dropGroup(n int) func(*Draft) error {
	return func(d *Draft) error { return d.DeleteResourceGroup(resourceGroupID(n)) }
}

// naming is a document that allows DNS in some resource groups.
func naming(groups ...ResourceGroupID) string {
	var named []string
	for _, g := range groups {
		named = append(named, fmt.Sprintf(`{"id":%q}`, hexID(g)))
	}
	return fmt.Sprintf(`{"access":"allow","permission_groups":[{"id":%q}],"resource_groups":[%s]}`, labelled("domain_dns"), strings.Join(named, ","))
}

func makeScoped(n int, document string) func(*Draft) error {
	return func(d *Draft) error {
		return second(d.CreatePolicy(Policy{ID: policyID(n), Name: fmt.Sprint("scoped ", n), Language: policy.Cloudflare, Document: document}))
	}
}

// covers tells whether a policy allows DNS in a zone.
func (w *world) covers(n int, zone string) bool {
	w.t.Helper()
	p, err := w.s.Policy(policyID(n))
	if err != nil {
		w.t.Fatal(err)
	}
	q := policy.Setting{World: inWorld}.NewQuery("dns:GetRecord", "crn::zones:zone:"+zone, nil)
	for i := range p.Program.Len() {
		if p.Program.Match(i, &q) {
			return true
		}
	}
	return false
}

func TestResourceGroupRefused(t *testing.T) {
	withMeta := func(meta map[string]string) func(*Draft) error {
		return func(d *Draft) error {
			return second(d.CreateResourceGroup(ResourceGroup{ID: resourceGroupID(9), Name: "x", Scope: Scope{AccountKey(d.s.id), []string{"*"}}, Meta: meta}))
		}
	}
	withKey := func(key string) func(*Draft) error {
		return func(d *Draft) error {
			return second(d.CreateResourceGroup(ResourceGroup{ID: resourceGroupID(9), Name: "x", Scope: Scope{key, []string{"*"}}}))
		}
	}
	many := map[string]string{}
	for i := range MaxMeta + 1 {
		many[fmt.Sprint(i)] = ""
	}
	own, predefined := AccountKey(orgID(1)), PredefinedResourceGroup(orgID(1))
	cases := []refusal{
		{"no name", Invalid, "name", makeGroup(9, "", "*")},
		{"a long name", Invalid, "name", makeGroup(9, strings.Repeat("x", MaxName+1), "*")},
		{"no id", Internal, "", makeGroupWithID(ResourceGroupID{})},
		{"the predefined id", Internal, "", makeGroupWithID(predefined)},
		{"no objects", Invalid, "scope.objects", makeGroup(9, "x")},
		{"too many objects", Invalid, "scope.objects", makeGroup(9, "x", slices.Repeat([]string{"*"}, MaxScopeObjects+1)...)},
		{"too much meta", Invalid, "meta", withMeta(many)},
		{"nameless meta", Invalid, "meta", withMeta(map[string]string{"": "x"})},
		{"a long value of meta", Invalid, "meta", withMeta(map[string]string{"a": strings.Repeat("x", MaxName+1)})},
		{"update of none", NotFound, "", editGroup(9, func(*ResourceGroup) {})},
		{"delete of none", NotFound, "", dropGroup(9)},
		{"update of another kind", NotFound, "", func(d *Draft) error {
			return second(d.UpdateResourceGroup(ResourceGroupID{testID('g', 1)}, func(*ResourceGroup) {}))
		}},
		{"update of the predefined one", Immutable, "", func(d *Draft) error {
			return second(d.UpdateResourceGroup(predefined, func(g *ResourceGroup) { g.Name = "mine" }))
		}},
		{"delete of the predefined one", Immutable, "", func(d *Draft) error { return d.DeleteResourceGroup(predefined) }},
		{"another organization's predefined one", NotFound, "", func(d *Draft) error { return d.DeleteResourceGroup(PredefinedResourceGroup(orgID(2))) }},
	}
	for _, key := range []string{"", "*", "com.cloudflare.api.account", "com.cloudflare.api.account.", "com.cloudflare.api.account.*", AccountKey(orgID(2)),
		strings.ToUpper(own), own + "0", own[:len(own)-1], own + " ", "com.cloudflare.api.account.zone.1"} {
		cases = append(cases, refusal{"the key " + key, Invalid, "scope.key", withKey(key)})
	}
	for _, object := range []string{"", "**", "moon", "com.cloudflare.api.account.moon.1", "com.cloudflare.api.account.moon.*", "com.cloudflare.api.account.zone.",
		"com.cloudflare.api.account.zone.a*", "com.cloudflare.api.account.zone.?", zoneKey("*") + ".*", zoneKey("\x01"), AccountKey(orgID(2)),
		zoneKey(strings.Repeat("x", policy.MaxResourcePattern)), "crn::zones:zone:1"} {
		cases = append(cases, refusal{"the object " + object, Invalid, "scope.objects[1].key", makeGroup(9, "x", "*", object)})
	}
	refuseAll(t, cases)
}

func makeGroupWithID(id ResourceGroupID) func(*Draft) error {
	return func(d *Draft) error {
		return second(d.CreateResourceGroup(ResourceGroup{ID: id, Name: "x", Scope: Scope{AccountKey(d.s.id), []string{"*"}}}))
	}
}

func TestResourceGroups(t *testing.T) {
	w := newWorld(t, 1)
	objects, meta := []string{zoneKey("1"), zoneKey("*"), workerKey, AccountKey(orgID(1)), "com.cloudflare.api.account.*"}, map[string]string{"key": "editable", "value": "true"}
	w.accept(func(d *Draft) error {
		g, err := d.CreateResourceGroup(ResourceGroup{ID: resourceGroupID(1), Name: "zones", Scope: Scope{AccountKey(orgID(1)), objects}, Meta: meta,
			Of: policyID(1), CreatedAt: epoch.Add(-time.Hour), predefined: true})
		if err == nil && (g.Predefined() || !g.Of.IsZero() || !g.CreatedAt.Equal(w.now)) {
			t.Errorf("made %+v", g)
		}
		return err
	})
	objects[0], meta["key"] = "changed", "changed"
	if g, _ := w.s.ResourceGroup(resourceGroupID(1)); g.Scope.Objects[0] != zoneKey("1") || g.Meta["key"] != "editable" {
		t.Errorf("the group shares what its maker may change: %+v", g)
	}
	w.accept(makeGroup(2, "zones", "*")) // names may repeat
	w.refuse(Internal, "", makeGroup(2, "again", "*"))
	later(w)
	before, _ := w.s.ResourceGroup(resourceGroupID(1))
	w.accept(editGroup(1, func(g *ResourceGroup) {
		g.Scope.Objects[0], g.Meta["key"] = zoneKey("7"), "other"
		g.ID, g.Of = resourceGroupID(8), policyID(1)
	}))
	if g, _ := w.s.ResourceGroup(resourceGroupID(1)); g.Scope.Objects[0] != zoneKey("7") || g.Meta["key"] != "other" || !g.UpdatedAt.Equal(w.now) || !g.CreatedAt.Equal(before.CreatedAt) {
		t.Errorf("changed to %+v", g)
	}
	if before.Scope.Objects[0] != zoneKey("1") || before.Meta["key"] != "editable" {
		t.Error("the group of the state before has changed")
	}
	unchanged(w, editGroup(1, func(g *ResourceGroup) { g.Scope.Objects = slices.Clone(g.Scope.Objects) }))
	w.refuse(Invalid, "scope.key", editGroup(1, func(g *ResourceGroup) { g.Scope.Key = AccountKey(orgID(2)) }))
	w.refuse(Invalid, "scope.objects[0].key", editGroup(1, func(g *ResourceGroup) { g.Scope.Objects = []string{"moon"} }))
	w.accept(dropGroup(1))
	w.refuse(NotFound, "", dropGroup(1))
}

// TestPredefinedResourceGroup: every organization has one of its own, first in the list, and no record of it is ever written.
func TestPredefinedResourceGroup(t *testing.T) {
	w, other := newWorld(t, 1), newWorld(t, 2)
	id := PredefinedResourceGroup(orgID(1))
	g, err := w.s.ResourceGroup(id)
	if err != nil || !g.Predefined() || g.Name != AccountKey(orgID(1)) || g.Scope.Key != g.Name || !slices.Equal(g.Scope.Objects, []string{"*"}) ||
		!g.CreatedAt.Equal(w.s.Organization().CreatedAt) || w.s.NameOf(Name(TypeResourceGroup, id.UUID)) != g.Name {
		t.Fatalf("%+v, %v", g, err)
	}
	if got := PredefinedResourceGroup(PlatformOrg).String(); got != "88987c34-7975-8c79-82b9-19638610aebc" {
		t.Errorf("the platform's is %s: it must never change", got)
	}
	if _, err := other.s.ResourceGroup(id); CodeOf(err) != NotFound {
		t.Errorf("another organization has it too: %v", err)
	}
	w.accept(makeGroup(1, "b", "*"))
	later(w)
	w.accept(makeGroup(2, "a", "*"))
	w.accept(func(d *Draft) error {
		return second(d.ReplaceOwn(toGroup(1), policy.Cloudflare, []OwnPolicy{ownPolicy(40, 40)}))
	})
	var ids []ResourceGroupID
	for g := range w.s.ResourceGroups().All() {
		ids = append(ids, g.ID)
	}
	if !slices.Equal(ids, []ResourceGroupID{id, resourceGroupID(1), resourceGroupID(2)}) || w.s.ResourceGroups().Len() != 3 {
		t.Errorf("listed are %v", ids)
	}
	page, err := w.s.ResourceGroups().Page(PageQuery[*ResourceGroup]{After: id.UUID, Limit: 1})
	if err != nil || len(page.Items) != 1 || page.Items[0].ID != resourceGroupID(1) || !page.More || !page.HasPrevious {
		t.Errorf("after the predefined one comes %+v, %v", page, err)
	}
	page, err = w.s.ResourceGroups().Page(PageQuery[*ResourceGroup]{Name: "com.cloudflare.*", Limit: 5})
	if err != nil || page.Total != 1 || page.Items[0].ID != id {
		t.Errorf("by name: %+v, %v", page, err)
	}
	w.accept(makeScoped(30, naming(id)))
	if !w.covers(30, "1") || w.s.ResourceGroupPolicies(id).Len() != 1 {
		t.Error("a policy that names it does not apply")
	}
}

// TestScopedPolicies: a policy follows the resource groups that it names.
func TestScopedPolicies(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(func(d *Draft) error {
		return errors.Join(makeGroup(1, "a", zoneKey("1"))(d), makeGroup(2, "b", zoneKey("2"))(d),
			makeScoped(30, naming(resourceGroupID(1)))(d), makeScoped(31, naming(resourceGroupID(1), resourceGroupID(2)))(d), d.Attach(policyID(30), toUser(1)))
	})
	w.refuse(InUse, "", dropGroup(1))
	w.refuse(Invalid, "document.resource_groups[0].id", makeScoped(32, naming(resourceGroupID(9))))
	w.refuse(Invalid, "document.resource_groups[0].id", makeScoped(32, naming(PredefinedResourceGroup(orgID(2)))))
	later(w)
	before, _ := w.s.Policy(policyID(30))
	d := w.s.BeginAdministration(w.now, system)
	if err := editGroup(1, func(g *ResourceGroup) { g.Scope.Objects = []string{zoneKey("3")} })(d); err != nil {
		t.Fatal(err)
	}
	next, changes, err := commit(w.s, d)
	if err != nil || len(changes) != 1 || changes[0].Kind != KindResourceGroup {
		t.Fatalf("changes %+v, %v", changes, err)
	}
	if !w.covers(30, "1") || w.covers(30, "3") {
		t.Error("the state before has changed")
	}
	w.s, w.image = next, dump(next)
	for zone, want := range map[string][2]bool{"1": {false, false}, "2": {false, true}, "3": {true, true}} {
		if w.covers(30, zone) != want[0] || w.covers(31, zone) != want[1] {
			t.Errorf("zone %s: not %v", zone, want)
		}
	}
	if p, _ := w.s.Policy(policyID(30)); !p.UpdatedAt.Equal(before.UpdatedAt) || p.Document != before.Document {
		t.Errorf("the policy itself has changed: %+v", p)
	}
	// The permission group is for zones: it cannot be bound to a worker.
	w.refuse(Invalid, "scope", editGroup(1, func(g *ResourceGroup) { g.Scope.Objects = []string{workerKey} }))
	w.accept(func(d *Draft) error {
		return errors.Join(second(d.UpdatePolicy(policyID(30), func(p *Policy) { p.Document = naming(resourceGroupID(2)) })),
			second(d.UpdatePolicy(policyID(31), func(p *Policy) { p.Language, p.Document = policy.Statements, allowAll })))
	})
	w.accept(dropGroup(1))
	w.refuse(InUse, "", dropGroup(2))
	w.accept(func(d *Draft) error {
		return errors.Join(d.Detach(policyID(30), toUser(1)), d.DeletePolicy(policyID(30)), dropGroup(2)(d))
	})
}

// TestForeignScopes: a policy applies to its own organization's account alone, whatever way it is written.
func TestForeignScopes(t *testing.T) {
	inline := func(account string) string {
		return fmt.Sprintf(`{"access":"allow","permission_groups":[{"id":%q}],"resource_groups":[{"scope":{"key":%q,"objects":[{"key":"*"}]}}]}`, labelled("domain_dns"), account)
	}
	w, other := newWorld(t, 1), newWorld(t, 2)
	other.accept(makeGroup(1, "theirs", "*"))
	w.accept(makeScoped(30, inline(AccountKey(orgID(1)))))
	w.refuse(Invalid, "document.resource_groups[0].scope.key", makeScoped(31, inline(AccountKey(orgID(2)))))
	w.refuse(Invalid, "document.resource_groups[0].scope.key", editPolicy(30, func(p *Policy) { p.Document = inline(AccountKey(orgID(2))) }))
	w.refuse(Invalid, "document.resource_groups[0].id", makeScoped(31, naming(resourceGroupID(1))))
	w.refuse(NotFound, "", editGroup(1, func(*ResourceGroup) {}))
	w.refuse(NotFound, "", dropGroup(1))
	if _, err := w.s.ResourceGroup(resourceGroupID(1)); CodeOf(err) != NotFound {
		t.Error("another organization's resource group is found")
	}
	w.refuse(Invalid, "policies[0].document.resource_groups[0].scope.key", func(d *Draft) error {
		return second(d.ReplaceOwn(toGroup(1), policy.Cloudflare, []OwnPolicy{{ID: policyID(40), Document: inline(AccountKey(orgID(2)))}}))
	})
}

// TestScopedWithin: in another world the groups are the same, and what names them is compiled anew.
func TestScopedWithin(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(makeGroup(1, "a", zoneKey("1")))
	w.accept(makeScoped(30, naming(resourceGroupID(1))))
	there := inWorld
	there.Dictionary = &policy.Dictionary{}
	next, err := w.s.Within(there)
	if err != nil {
		t.Fatal(err)
	}
	if diff := diffLines(w.image, dump(next)); diff != "" {
		t.Errorf("the state has changed:\n%s", diff)
	}
	if _, err := w.s.Within(policy.World{}); CodeOf(err) != Internal {
		t.Errorf("in a world without permission groups: %v", err)
	}
}
