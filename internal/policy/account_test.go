package policy

import (
	"strings"
	"testing"
)

// ownLibrary lets policies apply to one account alone.
type ownLibrary struct{ namedLibrary }

func (ownLibrary) Account(key string) bool { return key == ownAccount }

// TestCloudflareAccount: a scope in an account that the library does not let be is refused, where it is written.
func TestCloudflareAccount(t *testing.T) {
	other := strings.Replace(scopeOf("*"), ownAccount, "com.cloudflare.api.account."+hex32("0"), 1)
	for _, c := range []struct {
		document, path string
	}{
		{bound("allow", "a", scopeOf("*")), ""},
		{tokenOn("a", `"`+ownAccount+`":"*"`), ""},
		{tokenOn("a", `"com.cloudflare.api.account.`+hex32("0")+`":"*"`), "resources"},
		{tokenOn("c", `"com.cloudflare.api.account.`+hex32("0")+`":{"`+zoneLevel+`.*":"*"}`), "resources"},
		{bound("allow", "a", other), "resource_groups[0].scope.key"},
		{bound("deny", "a", scopeOf("*"), other), "resource_groups[1].scope.key"},
	} {
		if _, err := Compile(Cloudflare, []byte(c.document), testLibrary); err != nil {
			t.Errorf("of no account in particular: %s: %v", c.document, err)
		}
		_, err := Compile(Cloudflare, []byte(c.document), ownLibrary{testLibrary})
		if e, ok := err.(*Error); (err != nil) != (c.path != "") || ok && e.Path != c.path {
			t.Errorf("%s: %v, want it at %q", c.document, err, c.path)
		}
	}
}

func TestCheckScopeObject(t *testing.T) {
	for _, key := range []string{"*", ownAccount, "com.cloudflare.api.account.*", zoneLevel + ".1", zoneLevel + ".*", "com.cloudflare.api.account.worker.w"} {
		if problem := CheckScopeObject(ownAccount, key, testLibrary); problem != "" {
			t.Errorf("%s: %s", key, problem)
		}
	}
	for _, key := range []string{"", "**", "?", "moon", "com.cloudflare.api.account", "com.cloudflare.api.account." + hex32("0"), "com.cloudflare.api.*",
		zoneLevel + ".a*", zoneLevel + ".?", zoneLevel + ".*.*", zoneLevel + ".\x00", "com.cloudflare.api.account.worker.w-none",
		zoneLevel + "." + strings.Repeat("x", MaxResourcePattern)} {
		if CheckScopeObject(ownAccount, key, testLibrary) == "" {
			t.Errorf("%.80q is an object", key)
		}
	}
}
