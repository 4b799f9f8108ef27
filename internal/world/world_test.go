package world_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/world"
)

var w = world.Of(catalog.Builtin())

func TestPermissionSets(t *testing.T) {
	for name, organization := range map[string]bool{"InstancesReadOnly": false, "IAMManager": true, "AllProductsFullAccess": false} {
		s, ok := w.Library.PermissionSet(name)
		if !ok || s.Organization != organization || len(s.Grants) == 0 || len(s.Grants[0].Actions) == 0 {
			t.Errorf("%s: %+v, %t", name, s, ok)
		}
	}
	for _, name := range []string{"", "instancesreadonly", "NoSuchSet"} {
		if s, ok := w.Library.PermissionSet(name); ok {
			t.Errorf("%q: %+v", name, s)
		}
	}
}

func TestPermissionGroups(t *testing.T) {
	for label, scope := range map[string]string{"admin": catalog.ScopeAccount, "domain_dns": catalog.ScopeZone, "worker_read": catalog.ScopeWorker} {
		g, _ := catalog.Builtin().PermissionGroupLabelled(label)
		got, ok := w.Library.PermissionGroup(g.ID())
		if !ok || got.Scope != scope || len(got.Grants) == 0 {
			t.Errorf("%s: %+v, %t", label, got, ok)
		}
	}
	for _, g := range catalog.Builtin().TokenPermissionGroups() {
		if got, ok := w.Library.PermissionGroup(g.ID()); !ok || got.Scope != g.Scopes[0] {
			t.Errorf("%s: %+v, %t", g.Name, got, ok)
		}
	}
	for _, id := range []string{"", "admin", "00000000000000000000000000000000"} {
		if _, ok := w.Library.PermissionGroup(id); ok {
			t.Errorf("%q is a group", id)
		}
	}
}

func TestResourceKeys(t *testing.T) {
	const account = "com.cloudflare.api.account.5e0c1d7a9b3f4e628d14c07ab95f3e26"
	for key, want := range map[string]string{
		"com.cloudflare.api.account.zone.c41d9e07f2b84a5d86e3170fa92bd5c8":    "crn:*:zones:zone:c41d9e07f2b84a5d86e3170fa92bd5c8",
		"com.cloudflare.api.account.zone.*":                                   "crn:*:zones:zone:*",
		"com.cloudflare.api.account.worker.5e0c1d7a9b3f4e628d14c07ab95f3e26":  "crn:*:workers:worker:5e0c1d7a9b3f4e628d14c07ab95f3e26",
		"com.cloudflare.edge.r2.bucket.5e0c1d7a9b3f4e628d14c07ab95f3e26_eu_b": "crn:*:r2:bucket:eu/b",
	} {
		got, ok := w.Library.ResourceKey(account, key)
		if diff := cmp.Diff([]string{want}, got); diff != "" || !ok {
			t.Errorf("%s: %t (-want +got)\n%s", key, ok, diff)
		}
	}
	for _, key := range []string{"", "*", "com.cloudflare.api.account.moon.1", "com.cloudflare.api.account.zone.", "zone",
		"com.cloudflare.edge.r2.bucket.00000000000000000000000000000000_eu_b"} {
		if got, ok := w.Library.ResourceKey(account, key); ok {
			t.Errorf("%q: %v", key, got)
		}
	}
}

func TestVNGCloud(t *testing.T) {
	for id, want := range map[string]bool{"iam": true, "vserver": true, "": false, "instances": false, "IAM": false} {
		if w.Library.Product(id) != want {
			t.Errorf("product %q: not %t", id, want)
		}
	}
	if w.Library.ConditionKey("iam:GetPolicy", "no-such-key") || w.Library.ConditionKey("*", "no-such-key") {
		t.Error("a key that no action lists")
	}
}

// TestDictionary: decisions spell every action of the catalogue as the catalogue does.
func TestDictionary(t *testing.T) {
	c, asked := catalog.Builtin(), 0
	for _, s := range c.Services() {
		for _, a := range c.Actions(s.ID) {
			name := a.String()
			p, err := policy.Compile(policy.VNGCloud, []byte(`[{"effect":"allow","actions":["`+c.Spelling(catalog.VNGCloud, name)+`"],"resources":["*"]}]`), w.Library)
			if err != nil {
				continue // of a service that is no product there
			}
			asked++
			q := policy.Setting{World: w, Account: "7"}.NewQuery(name, "crn::x:y:z", nil)
			if !p.Match(0, &q) {
				t.Errorf("%s is not matched by its own spelling", name)
			}
		}
	}
	if asked < 300 {
		t.Errorf("only %d actions were asked", asked)
	}
}
