package catalog_test

import (
	"strings"
	"testing"

	"github.com/writ-iam/writ/internal/catalog"
)

const kept = `{
  "services": [{"id": "s", "name": "S", "class": "c", "dialects": ["vngcloud"],
    "types": [{"name": "t", "label": "T", "id": "{a}/{b}", "names": {"cloudflare": "com.s.t.{a}.{b}"}, "spellings": {"vngcloud": "tt"}}],
    "actions": [{"name": "A", "label": "Read", "types": ["t"], "condition_keys": ["k"], "aliases": {"vngcloud": ["s:AA"]},
      "backend": "b", "methods": ["GET"], "path": "/v1/{a}/{b}", "ids": ["{a}/{b}"]}]}],
  "permission_sets": [{"name": "Set", "scope": "projects", "grants": [{"allow": ["s:*"]}]}],
  "permission_groups": [{"label": "role", "name": "Role", "scopes": ["com.cloudflare.api.account"], "grants": [{"allow": ["s:*"]}]}],
  "token_permission_groups": [{"name": "Token", "scopes": ["com.cloudflare.api.user"], "grants": [{"allow": ["s:*"]}]}],
  "managed_policies": [{"id": "0f4c6a1e-5d1b-4c2f-9a57-3e8d7b6c5a40", "name": "P", "actions": ["s:*"]}]
}`

// TestKeeps: what policies may refer to stays; what people read, requests and additions may change.
func TestKeeps(t *testing.T) {
	for _, row := range []struct{ old, new, want string }{
		{"", "", ""},
		{`"label": "Read"`, `"label": "Write", "description": "New", "doc_url": "https://x.example"`, ""},
		{`"path": "/v1/{a}/{b}"`, `"path": "/v2/{a}/of/{b}"`, ""},
		{`"condition_keys": ["k"]`, `"condition_keys": ["l", "k"]`, ""},
		{`"name": "Role"`, `"name": "Another role"`, ""},
		{`"types": [{"name": "t"`, `"types": [{"name": "u"}, {"name": "t"`, ""},
		{`"permission_sets": [`, `"permission_sets": [{"name": "Other", "scope": "projects", "grants": [{"allow": ["s:A"]}]}, `, ""},

		{`"id": "s"`, `"id": "r"`, `service "s" would be gone`},
		{`"class": "c", `, ``, `service "s": class would change`},
		{`"dialects": ["vngcloud"],`, ``, `service "s": dialects would change`},
		{`"name": "t"`, `"name": "u"`, `service "s": type "t" would be gone`},
		{`"id": "{a}/{b}", `, ``, `service "s": type "t": id would change`},
		{`com.s.t.{a}.{b}`, `com.s.t.{a}-{b}`, `service "s": type "t": names would change`},
		{`"vngcloud": "tt"`, `"vngcloud": "t2"`, `service "s": type "t": spellings would change`},
		{`"name": "A"`, `"name": "B"`, `service "s": action "A" would be gone`},
		{`"types": ["t"], `, `"types": ["iam:group"], `, `service "s": action "A": types would change`},
		{`"condition_keys": ["k"]`, `"condition_keys": ["l"]`, `service "s": action "A": condition key "k" would be gone`},
		{`["s:AA"]`, `["s:AB"]`, `service "s": action "A": aliases would change`},
		{`"label": "Read"`, `"label": "Read", "spellings": {"exoscale": "aa"}`, `service "s": action "A": spellings would change`},
		{`"label": "Read"`, `"label": "Read", "dialects": ["native"]`, `service "s": action "A": dialects would change`},
		{`"name": "Set"`, `"name": "Set2"`, `permission set "Set" would be gone`},
		{`"scope": "projects"`, `"scope": "organization"`, `permission set "Set": scope would change`},
		{`"scope": "projects", "grants": [{"allow": ["s:*"]}]`, `"scope": "projects", "grants": [{"allow": ["s:*", "iam:*"]}]`, `permission set "Set": grants would change`},
		{`"label": "role"`, `"label": "role2"`, `permission group "role" would be gone`},
		{`["com.cloudflare.api.account"], "grants": [{"allow": ["s:*"]}]`, `["com.cloudflare.api.account"], "grants": [{"allow": ["*"]}]`, `permission group "role": grants would change`},
		{`"name": "Token"`, `"name": "Token2"`, `token permission group "Token" would be gone`},
		{`["com.cloudflare.api.user"]`, `["com.cloudflare.api.account"]`, `token permission group "Token": scopes would change`},
		{`5a40`, `5a41`, `managed policy "0f4c6a1e-5d1b-4c2f-9a57-3e8d7b6c5a40" would be gone`},
		{`"name": "P"`, `"name": "Q"`, `managed policy "0f4c6a1e-5d1b-4c2f-9a57-3e8d7b6c5a40": name would change`},
		{`"actions": ["s:*"]`, `"actions": ["s:A"]`, `managed policy "0f4c6a1e-5d1b-4c2f-9a57-3e8d7b6c5a40": actions would change`},
	} {
		if !strings.Contains(kept, row.old) {
			t.Fatalf("%s is not in the file", row.old)
		}
		got := parsed(t, kept).Keeps(parsed(t, strings.Replace(kept, row.old, row.new, 1)))
		if got != row.want {
			t.Errorf("%s for %s: %q, want %q", row.new, row.old, got, row.want)
		}
	}
}

func parsed(t *testing.T, text string) *catalog.File {
	t.Helper()
	f, err := catalog.ParseFile([]byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return f
}

// TestClash: what a replacement adds cannot take names away from types that are there.
func TestClash(t *testing.T) {
	typed := func(service, name, template string) string {
		return `{"services": [{"id": "` + service + `", "name": "S", "types": [{"name": "` + name + `", "names": {"cloudflare": "` + template + `"}}]}]}`
	}
	old, other := parsed(t, typed("s", "t", "com.s.t.{id}")), parsed(t, typed("o", "x", "com.o.{id}"))
	for _, row := range []struct{ template, want string }{
		{"com.s.u.{id}", ""}, {"com.p.{id}", ""}, {"org.o.{id}", ""},
		{"com.s.t.u.{id}", `names of type "s:u" in cloudflare could be taken for those of type "s:t"`},
		{"com.s.{id}", `names of type "s:u" in cloudflare could be taken for those of type "s:t"`},
		{"com.o.p.{id}", `names of type "s:u" in cloudflare could be taken for those of type "o:x"`},
		{"com.{id}", `names of type "s:u" in cloudflare could be taken for those of type "o:x"`},
	} {
		next := parsed(t, strings.Replace(typed("s", "t", "com.s.t.{id}"), `"types": [`,
			`"types": [{"name": "u", "names": {"cloudflare": "`+row.template+`"}}, `, 1))
		if got := old.Clash(next, []*catalog.File{other}); got != row.want {
			t.Errorf("%s: %q, want %q", row.template, got, row.want)
		}
	}
	if got := old.Clash(old, []*catalog.File{other, old}); got != "" {
		t.Errorf("a file clashes with itself: %s", got)
	}
}
