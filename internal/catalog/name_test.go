package catalog_test

import (
	"strings"
	"testing"

	"github.com/writ-iam/writ/internal/catalog"
)

var vars = catalog.Vars{Root: "54549", Account: "5e0c1d7a9b3f4e628d14c07ab95f3e26"}

const (
	someID  = "2f6f3c1e-8f0b-4c59-b1a6-7f8c2f0f5a11"
	someHex = "2f6f3c1e8f0b4c59b1a67f8c2f0f5a11"
)

// TestNameRoundTrip: every resource type's names lead back to it.
func TestNameRoundTrip(t *testing.T) {
	c := catalog.Builtin()
	named := 0
	for _, s := range c.Services() {
		for _, typ := range c.ResourceTypes(s.ID) {
			id := someID
			if parts := typ.Parts(); len(parts) > 1 {
				id = strings.Join(parts, "/")
			}
			crn := "crn::" + s.ID + ":" + typ.Name + ":" + id
			for _, dialect := range catalog.Dialects() {
				name, ok := c.Name(dialect, crn, vars)
				if ok != (dialect == catalog.VNGCloud || typ.Names[dialect] != "") {
					t.Errorf("%s in %s: named %v", crn, dialect, ok)
				}
				if !ok {
					continue
				}
				named++
				if back, ok := c.Parse(dialect, name, vars); !ok || back != crn {
					t.Errorf("%s is %s in %s, which leads back to %q", crn, name, dialect, back)
				}
			}
		}
	}
	if named < 150 {
		t.Errorf("only %d names", named)
	}
}

func TestName(t *testing.T) {
	c := catalog.Builtin()
	for _, row := range []struct{ dialect, crn, name string }{
		{catalog.VNGCloud, "crn::iam:policy:" + someID, "iam::54549:policy/" + someID},
		{catalog.VNGCloud, "crn::iam:user:*", "iam::54549:iam-user/*"},
		{catalog.VNGCloud, "crn::vstorage:object:p1/c1/a:b/c", "vstorage::54549:object/p1/c1/a:b/c"},
		{catalog.VNGCloud, "crn::mine:thing:1", "mine::54549:thing/1"},
		{catalog.Cloudflare, "crn::zones:zone:c41d9e07f2b84a5d86e3170fa92bd5c8", "com.cloudflare.api.account.zone.c41d9e07f2b84a5d86e3170fa92bd5c8"},
		{catalog.Cloudflare, "crn::zones:zone:*", "com.cloudflare.api.account.zone.*"},
		{catalog.Cloudflare, "crn::workers:worker:w1", "com.cloudflare.api.account.worker.w1"},
		{catalog.Cloudflare, "crn::iam:organization:" + someID, "com.cloudflare.api.account." + someHex},
		{catalog.Cloudflare, "crn::iam:organization:*", "com.cloudflare.api.account.*"},
		{catalog.Cloudflare, "crn::iam:user:" + someID, "com.cloudflare.api.user." + someHex},
		{catalog.Cloudflare, "crn::r2:bucket:eu/my_bucket", "com.cloudflare.edge.r2.bucket.5e0c1d7a9b3f4e628d14c07ab95f3e26_eu_my_bucket"},
	} {
		if name, ok := c.Name(row.dialect, row.crn, vars); !ok || name != row.name {
			t.Errorf("%s is %q in %s, want %q", row.crn, name, row.dialect, row.name)
		}
		if crn, ok := c.Parse(row.dialect, row.name, vars); !ok || crn != row.crn {
			t.Errorf("%s in %s is %q, want %q", row.name, row.dialect, crn, row.crn)
		}
	}
	if name, ok := c.Name(catalog.VNGCloud, "crn:spo1:vserver:server:1", vars); !ok || name != "vserver::54549:server/1" {
		t.Errorf("a region gives %q", name)
	}
}

func TestNoName(t *testing.T) {
	c := catalog.Builtin()
	for _, row := range []struct{ dialect, crn string }{
		{catalog.Native, "crn::iam:policy:1"},
		{catalog.Scaleway, "crn::iam:policy:1"},
		{catalog.Exoscale, "crn::iam:role:1"},
		{"nobody", "crn::iam:policy:1"},
		{catalog.Cloudflare, "crn::iam:policy:1"},
		{catalog.Cloudflare, "crn::mine:thing:1"},
		{catalog.Cloudflare, "crn::iam:organization:not-a-uuid"},
		{catalog.Cloudflare, "crn::iam:organization:" + someHex},
		{catalog.Cloudflare, "crn::r2:bucket:eu"},
		{catalog.Cloudflare, "crn::r2:bucket:e_u/bucket"}, // would be read as another bucket of another jurisdiction
		{catalog.VNGCloud, "crn::iam:policy"},
		{catalog.VNGCloud, "crn::iam::1"},
		{catalog.VNGCloud, "crn:::policy:1"},
		{catalog.VNGCloud, "crn::iam:policy:"},
		{catalog.VNGCloud, "urn::iam:policy:1"},
		{catalog.VNGCloud, "crn::mine:a/b:c"}, // would be read as type a
		{catalog.VNGCloud, "crn::iam:policy:" + strings.Repeat("x", catalog.MaxCRN)},
		{catalog.VNGCloud, ""},
	} {
		if name, ok := c.Name(row.dialect, row.crn, vars); ok {
			t.Errorf("%.80s is %q in %s", row.crn, name, row.dialect)
		}
	}
	for _, row := range []struct{ dialect, name string }{
		{catalog.VNGCloud, "iam::54550:policy/1"}, // another account's
		{catalog.VNGCloud, "iam::*:policy/1"},
		{catalog.VNGCloud, "iam:hcm:54549:policy/1"},
		{catalog.VNGCloud, "iam::54549:user/1"}, // VNG Cloud spells it iam-user
		{catalog.VNGCloud, "iam::54549:policy"},
		{catalog.VNGCloud, "iam::54549:policy/"},
		{catalog.VNGCloud, "iam::54549:/1"},
		{catalog.VNGCloud, "iam:54549:policy/1"},
		{catalog.VNGCloud, "::54549:policy/1"},
		{catalog.VNGCloud, "iam::54549:policy/a\nb"},
		{catalog.VNGCloud, "iam::54549:policy/\xff"},
		{catalog.VNGCloud, "*"},
		{catalog.VNGCloud, ""},
		{catalog.Cloudflare, "com.cloudflare.api.account.zone."},
		{catalog.Cloudflare, "com.cloudflare.api.account.nothing.1"},
		{catalog.Cloudflare, "com.cloudflare.api.account." + strings.ToUpper(someHex)},
		{catalog.Cloudflare, "com.cloudflare.api.account." + someID},
		{catalog.Cloudflare, "com.cloudflare.edge.r2.bucket." + someHex + "_eu_bucket"}, // another account's
		{catalog.Cloudflare, "com.cloudflare.edge.r2.bucket." + vars.Account + "_eu"},
		{catalog.Cloudflare, "com.cloudflare.edge.r2.bucket." + vars.Account + "__bucket"},
		{catalog.Cloudflare, "xcom.cloudflare.api.account.zone.1"},
		{catalog.Native, "crn::iam:policy:1"},
	} {
		if crn, ok := c.Parse(row.dialect, row.name, vars); ok {
			t.Errorf("%q in %s is %q", row.name, row.dialect, crn)
		}
	}
	if name, ok := c.Name(catalog.VNGCloud, "crn::iam:policy:1", catalog.Vars{}); ok {
		t.Errorf("without a root: %q", name)
	}
	if crn, ok := c.Parse(catalog.VNGCloud, "iam:::policy/1", catalog.Vars{}); ok {
		t.Errorf("without a root: %q", crn)
	}
}
