package catalog_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/writ-iam/writ/internal/catalog"
)

// own is a file as an operator writes it.
const own = `{
  "services": [
    {"id": "reports", "name": "Reports", "class": "sos",
      "types": [
        {"name": "report", "id": "{folder}/{name}", "spellings": {"vngcloud": "rep"}, "names": {"cloudflare": "com.example.report.{folder}.{name}"}}
      ],
      "actions": [
        {"name": "ListReports", "label": "List", "backend": "reports-api", "methods": ["GET"], "path": "/v1/reports"},
        {"name": "GetReport", "label": "Read", "types": ["report"], "backend": "reports-api", "methods": ["GET"], "path": "/v1/folders/{folder}/reports/{name}", "ids": ["{folder}/{name}"], "spellings": {"exoscale": "fetch-report"}}
      ]}
  ],
  "permission_sets": [
    {"name": "ReportsReadOnly", "scope": "projects", "categories": ["reports"], "grants": [{"allow": ["reports:Get*", "reports:List*"]}]}
  ]
}
`

func TestWith(t *testing.T) {
	c, err := catalog.Builtin().With([]byte(own))
	if err != nil {
		t.Fatal(err)
	}
	a, ok := c.Action("reports:GetReport")
	if !ok || a.Service().ID != "reports" || !a.In(catalog.VNGCloud) {
		t.Errorf("the action is %v", a)
	}
	if got := c.Spelling(catalog.Exoscale, "reports:GetReport"); got != "fetch-report" {
		t.Errorf("Exoscale spells it %s", got)
	}
	if got, ok := c.Match("reports-api", "GET", "/v1/folders/f/reports/r%201"); !ok || got.Action != a || !slices.Equal(got.Resources, []string{"crn::reports:report:f/r 1"}) {
		t.Errorf("the request is %+v", got)
	}
	if got, ok := c.Name(catalog.Cloudflare, "crn::reports:report:f/q1", vars); !ok || got != "com.example.report.f.q1" {
		t.Errorf("the name is %q", got)
	}
	if got, ok := c.Name(catalog.VNGCloud, "crn::reports:report:f/q1", vars); !ok || got != "reports::54549:rep/f/q1" {
		t.Errorf("the name is %q", got)
	}
	if c.Class("reports") != "sos" {
		t.Errorf("the class is %s", c.Class("reports"))
	}
	if s, ok := c.PermissionSet("ReportsReadOnly"); !ok || !s.Covers("reports:GetReport") || s.Covers("reports:DeleteReport") {
		t.Errorf("the set is %v", s)
	}
	if n := len(c.Services()); n != len(catalog.Builtin().Services())+1 || c.Services()[n-1].ID != "reports" {
		t.Error("the service is not the last")
	}
	if _, ok := catalog.Builtin().Action("reports:GetReport"); ok {
		t.Error("the built-in catalogue has changed")
	}
	if s, _ := c.PermissionSet("AllProductsReadOnly"); !s.Covers("reports:GetReport") {
		t.Error("a set over all products leaves it out")
	}
	if _, err := c.With([]byte(own)); err == nil || !strings.Contains(err.Error(), `there is a service "reports" already`) {
		t.Errorf("twice: %v", err)
	}
	if _, err := c.With([]byte(`{}`)); err != nil {
		t.Errorf("an empty file: %v", err)
	}
}

// service wraps members of one service.
func service(members string) string {
	return `{"services": [{"id": "x", "name": "X", ` + members + `}]}`
}

// action wraps members of one action.
func action(members string) string {
	return service(`"actions": [{"name": "Do", "label": "Read", ` + members + `}]`)
}

func resourceType(members string) string {
	return service(`"types": [{"name": "t", ` + members + `}], "actions": []`)
}

func grants(text string) string {
	return `{"permission_sets": [{"name": "S", "scope": "projects", "grants": ` + text + `}]}`
}

func routed(path string) string {
	return action(`"backend": "b", "methods": ["GET"], ` + path)
}

// TestWithRefuses: what is wrong is named with its place and what would be right.
func TestWithRefuses(t *testing.T) {
	for _, row := range []struct{ file, want string }{
		// JSON
		{``, `line 1, column 1: the file ends too early`},
		{`{"services": [`, `line 1, column 15: the file ends too early`},
		{`{"services": []} x`, `line 1, column 18: not valid JSON: invalid character 'x' after top-level value`},
		{`[]`, `line 1, column 1: must be an object, is an array`},
		{"{\n \"servces\": []}", `line 2, column 2: unknown member "servces"; allowed are services, permission_sets, permission_groups, token_permission_groups, managed_policies, operations`},
		{`{"services": {}}`, `line 1, column 14: services: must be an array, is an object`},
		{`{"services": [], "services": []}`, `line 1, column 18: member "services" is given twice`},
		{"{\"services\": [{\"id\": \"x\",\n  \"id\": \"y\"}]}", `line 2, column 3: services[0]: member "id" is given twice`},
		{`{"services": [{"id": 7}]}`, `line 1, column 22: services[0].id: must be a string, is a number`},
		{`{"services": [{"id": "x", "name": "X", "actions": [{"lable": "Read"}]}]}`, `line 1, column 53: services[0].actions[0]: unknown member "lable"; allowed are name, label, description, doc_url, types, condition_keys, backend, methods, path, path_regex, ids, requests, user_types, no_authentication, no_authorization, spellings, aliases, dialects`},
		{"{\"services\": [{\"id\": \"\xff\"}]}", `line 1, column 23: services[0].id: not valid JSON: invalid UTF-8`},
		{action(`"no_authorization": "yes"`), `line 1, column 104: services[0].actions[0].no_authorization: must be true or false, is a string`},
		// services
		{`{"services": [{"name": "X"}]}`, `line 1, column 15: services[0].id: is missing; use small letters, digits and single dashes that begin with a letter, like object-storage`},
		{`{"services": [{"id": "X", "name": "X"}]}`, `line 1, column 16: services[0].id: "X" cannot stand here; use small letters, digits and single dashes that begin with a letter, like object-storage`},
		{`{"services": [{"id": "x--y", "name": "X"}]}`, `line 1, column 16: services[0].id: "x--y" cannot stand here; use small letters, digits and single dashes that begin with a letter, like object-storage`},
		{`{"services": [{"id": "x:y", "name": "X"}]}`, `line 1, column 16: services[0].id: "x:y" cannot stand here; use small letters, digits and single dashes that begin with a letter, like object-storage`},
		{`{"services": [{"id": "x"}]}`, `line 1, column 15: services[0].name: is missing`},
		{`{"services": [{"id": "iam", "name": "X"}]}`, `line 1, column 16: services[0].id: there is a service "iam" already; choose another id`},
		{`{"services": [{"id": "x", "name": "X"}, {"id": "x", "name": "Y"}]}`, `line 1, column 42: services[1].id: there is a service "x" already; choose another id`},
		{service(`"dialects": ["aws"]`), `line 1, column 53: services[0].dialects[0]: "aws" is none of native, cloudflare, scaleway, vngcloud, exoscale, authzen`},
		{service(`"description": "a\u0000b"`), `line 1, column 40: services[0].description: holds a control character`},
		{service(`"class": "A b"`), `line 1, column 40: services[0].class: "A b" cannot stand here; use small letters, digits and single dashes that begin with a letter, like object-storage`},
		// types
		{service(`"types": [{"name": "Server"}]`), `line 1, column 51: services[0].types[0].name: "Server" cannot stand here; use letters, digits and single dashes that begin with a small letter, like service-account`},
		{service(`"types": [{"name": "t"}, {"name": "t"}]`), `line 1, column 66: services[0].types[1].name: there is a type "t" already`},
		{resourceType(`"spellings": {"native": "u"}`), `line 1, column 78: services[0].types[0].spellings.native: the native spelling is the name`},
		{resourceType(`"spellings": {"exoscale": "a-b"}`), `line 1, column 78: services[0].types[0].spellings.exoscale: "a-b" cannot stand here; use small letters, digits and single underscores, like iam_role`},
		{resourceType(`"spellings": {"aws": "u"}`), `line 1, column 64: services[0].types[0].spellings: "aws" is none of native, cloudflare, scaleway, vngcloud, exoscale, authzen`},
		{service(`"types": [{"name": "t"}, {"name": "u", "spellings": {"vngcloud": "t"}}]`), `line 1, column 93: services[0].types[1].spellings.vngcloud: "t" is how type "t" is spelled`},
		{resourceType(`"id": "{a}{b}"`), `line 1, column 64: services[0].types[0].id: needs something between two variables`},
		{resourceType(`"id": "{a"`), `line 1, column 64: services[0].types[0].id: has a { without its }`},
		{resourceType(`"id": "a}"`), `line 1, column 64: services[0].types[0].id: has a } without its {`},
		{resourceType(`"id": "{root}/{x}"`), `line 1, column 64: services[0].types[0].id: the variable "root" is not known here`},
		{resourceType(`"id": "{a-b}"`), `line 1, column 64: services[0].types[0].id: "a-b" is no name of a variable; use letters and digits`},
		{resourceType(`"names": {"cloudflare": "x.{zone}"}`), `line 1, column 74: services[0].types[0].names.cloudflare: the variable "zone" is not known here`},
		{resourceType(`"names": {"cloudflare": "{id}"}`), `line 1, column 74: services[0].types[0].names.cloudflare: begins with a variable; begin with a text`},
		{resourceType(`"names": {"cloudflare": "x.{root}"}`), `line 1, column 74: services[0].types[0].names.cloudflare: lacks the variable "id", so the id could not be read from it`},
		{resourceType(`"names": {"cloudflare": "com.cloudflare.api.account.zone.{id}"}`), `line 1, column 74: services[0].types[0].names.cloudflare: type "zone" of service "zones" has the same template`},
		// actions
		{service(`"actions": [{"label": "Read"}]`), `line 1, column 52: services[0].actions[0].name: is missing; use letters and digits that begin with a letter, like GetGroup`},
		{service(`"actions": [{"name": "Get*", "label": "Read"}]`), `line 1, column 53: services[0].actions[0].name: "Get*" cannot stand here; use letters and digits that begin with a letter, like GetGroup`},
		{service(`"actions": [{"name": "x:Get", "label": "Read"}]`), `line 1, column 53: services[0].actions[0].name: "x:Get" cannot stand here; use letters and digits that begin with a letter, like GetGroup`},
		{service(`"actions": [{"name": "Get"}]`), `line 1, column 52: services[0].actions[0].label: is missing; use one of List, Read, Write, Tagging`},
		{service(`"actions": [{"name": "Get", "label": "read"}]`), `line 1, column 68: services[0].actions[0].label: "read" is none of List, Read, Write, Tagging`},
		{service(`"actions": [{"name": "Get", "label": "Read"}, {"name": "GET", "label": "Read"}]`), `line 1, column 87: services[0].actions[1].name: there is an action "Get" already; case does not count`},
		{action(`"types": ["nothing"]`), `line 1, column 94: services[0].actions[0].types[0]: there is no type "nothing"; define it in types of its service`},
		{action(`"types": ["iam:nothing"]`), `line 1, column 94: services[0].actions[0].types[0]: there is no type "iam:nothing"; define it in types of its service`},
		{action(`"types": ["a:b:c"]`), `line 1, column 94: services[0].actions[0].types[0]: "a:b:c" cannot stand here; use a type, like group, or a type of another service, like iam:group`},
		{action(`"types": ["iam:group", "iam:group"]`), `line 1, column 107: services[0].actions[0].types[1]: "iam:group" is given twice`},
		{action(`"user_types": ["admin"]`), `line 1, column 99: services[0].actions[0].user_types[0]: "admin" is none of root-user, service-sa, iam-user, user-sa`},
		{action(`"spellings": {"vngcloud": "DoIt"}`), `line 1, column 98: services[0].actions[0].spellings.vngcloud: "DoIt" cannot stand here; use a service and an action, like iam:GetGroup`},
		{action(`"spellings": {"exoscale": "x:DoIt"}`), `line 1, column 98: services[0].actions[0].spellings.exoscale: "x:DoIt" cannot stand here; use small letters, digits and single dashes, like create-iam-role`},
		{action(`"spellings": {"vngcloud": "iam:DoIt"}`), `line 1, column 98: services[0].actions[0].spellings.vngcloud: "iam:DoIt" is of another service; begin it with "x:"`},
		{action(`"aliases": {"vngcloud": ["iam:AttachPolicyToIamUser"]}`), `line 1, column 109: services[0].actions[0].aliases.vngcloud[0]: "iam:AttachPolicyToIamUser" is how action "iam:AttachUserPolicy" is spelled`},
		{action(`"aliases": {"vngcloud": ["x:Do"]}`), `line 1, column 109: services[0].actions[0].aliases.vngcloud[0]: "x:Do" is how action "x:Do" is spelled`},
		// routes
		{action(`"path": "/v1/x"`), `line 1, column 52: services[0].actions[0].backend: is missing; a path belongs to a backend`},
		{action(`"backend": "b", "path": "/v1/x"`), `line 1, column 52: services[0].actions[0].methods: is missing; a path needs at least one method`},
		{action(`"backend": "b"`), `line 1, column 52: services[0].actions[0].path: is missing; a backend needs a path or path_regex`},
		{action(`"methods": ["GET"]`), `line 1, column 52: services[0].actions[0].path: is missing; methods need a path or path_regex`},
		{action(`"ids": ["{id}"]`), `line 1, column 52: services[0].actions[0].path: is missing; ids are made of its parameters`},
		{action(`"backend": "b", "methods": ["get"], "path": "/v1/x"`), `line 1, column 112: services[0].actions[0].methods[0]: "get" is none of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS`},
		{action(`"backend": "policies-api", "methods": ["GET"], "path": "/v1/x"`), `line 1, column 84: services[0].actions[0].backend: backend "policies-api" belongs to service "iam"; choose another name`},
		{routed(`"path": "/v1/x", "requests": [{"methods": ["PUT"], "path": "/v1/y"}, {"methods": ["PUT", "GET"], "path": "/v1/x"}]`), `line 1, column 217: services[0].actions[0].requests[1].path: GET of such a path is action x:Do already; of two rows nobody could tell which is meant`},
		{routed(`"path": "/v1/x", "requests": [{"path": "/v1/y"}]`), `line 1, column 150: services[0].actions[0].requests[0].methods: is missing; a path needs at least one method`},
		{routed(`"path": "/v1/x", "requests": [{"methods": ["GET"]}]`), `line 1, column 150: services[0].actions[0].requests[0].path: is missing`},
		{routed(`"path": "/v1/x", "requests": [{"methods": ["Get"], "path": "/"}]`), `line 1, column 163: services[0].actions[0].requests[0].methods[0]: "Get" is none of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS`},
		{routed(`"path": "/v1/{a}", "types": ["iam:group"], "requests": [{"methods": ["PUT"], "path": "/v1/x"}]`), `line 1, column 176: services[0].actions[0].requests[0].types: has 1 elements, and the path only 0 parameters; give the path more, or say in ids what they are`},
		{routed(`"path": "/v1/{a}", "types": ["iam:group"], "requests": [{"methods": ["PUT"], "path": "/v1/x", "ids": ["a", "b"]}]`), `line 1, column 214: services[0].actions[0].requests[0].ids: has 2 elements; one for each of the 1 types is needed`},
		{action(`"requests": [{"methods": ["PUT"], "path": "/v1/x"}]`), `line 1, column 52: services[0].actions[0].path: is missing; requests are those beside it`},
		{routed(`"path": "/v1/.."`), `line 1, column 120: services[0].actions[0].path: ".." is no segment of a path; use a text or a {parameter} of its own name`},
		{routed(`"path": "/v1/x/"`), `line 1, column 120: services[0].actions[0].path: "" is no segment of a path; use a text or a {parameter} of its own name`},
		{routed(`"path": "/v1/x;y"`), `line 1, column 120: services[0].actions[0].path: "x;y" is no segment of a path; use a text or a {parameter} of its own name`},
		{routed(`"path": "v1/x"`), `line 1, column 120: services[0].actions[0].path: "v1/x" does not begin with a slash`},
		{routed(`"path": "/v1//x"`), `line 1, column 120: services[0].actions[0].path: "" is no segment of a path; use a text or a {parameter} of its own name`},
		{routed(`"path": "/v1/x{id}"`), `line 1, column 120: services[0].actions[0].path: "x{id}" is no segment of a path; use a text or a {parameter} of its own name`},
		{routed(`"path": "/v1/{id}/{id}"`), `line 1, column 120: services[0].actions[0].path: "{id}" is no segment of a path; use a text or a {parameter} of its own name`},
		{routed(`"path": "/v1/x", "path_regex": "^x$"`), `line 1, column 137: services[0].actions[0].path_regex: stands beside path; give one of them`},
		{routed(`"path_regex": "^(x$"`), "line 1, column 120: services[0].actions[0].path_regex: error parsing regexp: missing closing ): `^(x$`"},
		{routed(`"path_regex": "^x(?=y)$"`), "line 1, column 120: services[0].actions[0].path_regex: error parsing regexp: invalid or unsupported Perl syntax: `(?=`"},
		{routed(`"path_regex": "/x"`), `line 1, column 120: services[0].actions[0].path_regex: must match the whole path; begin it with ^ and end it with $`},
		{routed(`"path_regex": "^/x|/y$"`), `line 1, column 120: services[0].actions[0].path_regex: must match the whole path; begin it with ^ and end it with $`},
		{routed(`"path_regex": "(?m)^/x$"`), `line 1, column 120: services[0].actions[0].path_regex: must match the whole path; begin it with ^ and end it with $`},
		{routed(`"path_regex": "^((a{30}){30})$"`), `line 1, column 120: services[0].actions[0].path_regex: is too large once compiled; at most 500 instructions are allowed`},
		{routed(`"path_regex": "^(a{1000}){1000}$"`), "line 1, column 120: services[0].actions[0].path_regex: error parsing regexp: invalid repeat count: `{1000}`"},
		{routed(`"path": "/v1/x", "types": ["iam:group"]`), `line 1, column 137: services[0].actions[0].types: has 1 elements, and the path only 0 parameters; give the path more, or say in ids what they are`},
		{routed(`"path": "/v1/{a}", "types": ["iam:group"], "ids": ["{b}"]`), `line 1, column 171: services[0].actions[0].ids[0]: the variable "b" is not known here`},
		{routed(`"path": "/v1/{a}", "types": ["iam:group"], "ids": ["{a}", "{a}"]`), `line 1, column 163: services[0].actions[0].ids: has 2 elements; one for each of the 1 types is needed`},
		// permission sets and groups
		{`{"permission_sets": [{"scope": "projects"}]}`, `line 1, column 22: permission_sets[0].name: is missing; use letters and digits that begin with a letter, like InstancesReadOnly`},
		{`{"permission_sets": [{"name": "S"}]}`, `line 1, column 22: permission_sets[0].scope: is missing; use one of projects, organization`},
		{`{"permission_sets": [{"name": "S", "scope": "projects"}]}`, `line 1, column 22: permission_sets[0].grants: is missing; give at least one`},
		{`{"permission_sets": [{"name": "IAMManager", "scope": "projects", "grants": [{"allow": ["*"]}]}]}`, `line 1, column 23: permission_sets[0].name: there is a permission set "IAMManager" already; choose another name`},
		{grants(`[{}]`), `line 1, column 68: permission_sets[0].grants[0].allow: is missing; name at least one`},
		{grants(`[{"allow": ["iam"]}]`), `line 1, column 79: permission_sets[0].grants[0].allow[0]: "iam" cannot stand here; use * or a service and an action in which * may stand, like iam:Get*`},
		{grants(`[{"allow": ["iam:Frob*"]}]`), `line 1, column 79: permission_sets[0].grants[0].allow[0]: no action matches "iam:Frob*"`},
		{grants(`[{"allow": ["nobody:*"]}]`), `line 1, column 79: permission_sets[0].grants[0].allow[0]: no action matches "nobody:*"`},
		{grants(`[{"allow": ["*"], "except": ["iam:CreateUzer"]}]`), `line 1, column 96: permission_sets[0].grants[0].except[0]: no action matches "iam:CreateUzer"`},
		{`{"permission_groups": [{"name": "N", "scopes": ["com.cloudflare.api.account"], "grants": [{"allow": ["*"]}]}]}`, `line 1, column 24: permission_groups[0].label: is missing; use small letters, digits and single underscores, like iam_role`},
		{`{"permission_groups": [{"label": "l", "name": "N", "grants": [{"allow": ["*"]}]}]}`, `line 1, column 24: permission_groups[0].scopes: is missing; name at least one`},
		{`{"permission_groups": [{"label": "l", "name": "N", "scopes": ["x"], "grants": [{"allow": ["*"]}]}]}`, `line 1, column 63: permission_groups[0].scopes[0]: "x" is none of com.cloudflare.api.account, com.cloudflare.api.account.zone, com.cloudflare.api.account.worker, com.cloudflare.api.user, com.cloudflare.edge.r2.bucket`},
		{`{"permission_groups": [{"label": "l", "name": "N", "scopes": ["com.cloudflare.api.account", "com.cloudflare.api.user"], "grants": [{"allow": ["*"]}]}]}`, `line 1, column 52: permission_groups[0].scopes: has 2 elements; a role is bound to one`},
		{`{"permission_groups": [{"label": "admin", "name": "N", "scopes": ["com.cloudflare.api.account"], "grants": [{"allow": ["*"]}]}]}`, `line 1, column 25: permission_groups[0].label: there is a permission group "admin" already; choose another label`},
		{`{"token_permission_groups": [{"label": "l", "name": "N", "scopes": ["com.cloudflare.api.user"], "grants": [{"allow": ["*"]}]}]}`, `line 1, column 31: token_permission_groups[0].label: is for permission_groups; a permission of tokens is known by its name`},
		{`{"token_permission_groups": [{"name": "DNS Write", "scopes": ["com.cloudflare.api.user"], "grants": [{"allow": ["*"]}]}]}`, `line 1, column 31: token_permission_groups[0].name: there is a permission "DNS Write" of tokens already; choose another name`},
		// managed policies and operations
		{`{"managed_policies": [{"id": "1", "name": "N", "actions": ["*"]}]}`, `line 1, column 24: managed_policies[0].id: "1" cannot stand here; use a UUID in small letters`},
		{`{"managed_policies": [{"id": "3cd82403-be4a-44e9-bde1-9205d66f38d9", "name": "N", "actions": ["*"]}]}`, `line 1, column 24: managed_policies[0].id: there is a managed policy of this id or name already`},
		{`{"managed_policies": [{"id": "3cd82403-be4a-44e9-bde1-9205d66f38d0", "name": "N", "actions": ["iam:AttachUserPolicy"]}]}`, `line 1, column 95: managed_policies[0].actions[0]: no action matches "iam:AttachUserPolicy"`},
		{`{"operations": [{"dialect": "native", "name": "x", "method": "GET", "path": "/x", "actions": ["iam:GetUser"]}]}`, `line 1, column 2: operations: is for built-in files; the operations of the dialects are what they are`},
	} {
		c, err := catalog.Builtin().With([]byte(row.file))
		var at *catalog.Error
		switch {
		case err == nil || c != nil:
			t.Errorf("%s: no error", row.file)
		case err.Error() != row.want:
			t.Errorf("%s:\ngot  %s\nwant %s", row.file, err, row.want)
		case !errors.As(err, &at):
			t.Errorf("%s: the error is a %T", row.file, err)
		}
	}
}

// TestLimits: files are bounded in every way.
func TestLimits(t *testing.T) {
	repeat := func(n int, element func(i int) string) string {
		var b strings.Builder
		for i := range n {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(element(i))
		}
		return b.String()
	}
	text := func(n int) string { return strings.Repeat("x", n) }
	for _, row := range []struct{ file, want string }{
		{strings.Repeat(" ", catalog.MaxFile) + "{}", "the file has 1048578 bytes; at most 1048576 are allowed"},
		{`{"services": [` + repeat(catalog.MaxServices+1, func(i int) string { return `{}` }) + `]}`, "services: has 201 elements; at most 200 are allowed"},
		{service(`"actions": [` + repeat(catalog.MaxActions+1, func(i int) string { return `{}` }) + `]`), "services: the file has more than 2000 actions; split it"},
		{service(`"types": [` + repeat(catalog.MaxTypes+1, func(i int) string { return `{}` }) + `]`), "services[0].types: has 201 elements; at most 200 are allowed"},
		{service(`"actions": [{"name": "` + text(catalog.MaxID+1) + `", "label": "Read"}]`), "services[0].actions[0].name: \"" + text(65) + "\" cannot stand here; use letters and digits that begin with a letter, like GetGroup"},
		{`{"services": [{"id": "` + text(catalog.MaxID+1) + `", "name": "X"}]}`, "services[0].id: \"" + text(65) + "\" cannot stand here; use small letters, digits and single dashes that begin with a letter, like object-storage"},
		{`{"services": [{"id": "x", "name": "` + text(catalog.MaxName+1) + `"}]}`, "services[0].name: has 129 bytes; at most 128 are allowed"},
		{service(`"description": "` + text(catalog.MaxText+1) + `"`), "services[0].description: has 1001 bytes; at most 1000 are allowed"},
		{routed(`"path": "/` + text(catalog.MaxTemplate) + `"`), "services[0].actions[0].path: has 257 bytes; at most 256 are allowed"},
		{routed(`"path_regex": "` + text(catalog.MaxRegex+1) + `"`), "services[0].actions[0].path_regex: has 513 bytes; at most 512 are allowed"},
		{grants(`[` + repeat(catalog.MaxGrants+1, func(int) string { return `{"allow": ["*"]}` }) + `]`), "permission_sets[0].grants: has 21 elements; at most 20 are allowed"},
		{grants(`[{"allow": [` + repeat(catalog.MaxPatterns+1, func(i int) string { return fmt.Sprintf(`"x:y%d"`, i) }) + `]}]`), "permission_sets[0].grants[0].allow: has 501 elements; at most 500 are allowed"},
		{action(`"condition_keys": [` + repeat(catalog.MaxList+1, func(i int) string { return fmt.Sprintf(`"k%d"`, i) }) + `]`), "services[0].actions[0].condition_keys: has 21 elements; at most 20 are allowed"},
		{`{"permission_sets": [` + repeat(catalog.MaxSets+1, func(int) string { return `{}` }) + `]}`, "permission_sets: has 1001 elements; at most 1000 are allowed"},
	} {
		_, err := catalog.Builtin().With([]byte(row.file))
		if err == nil || !strings.HasSuffix(err.Error(), ": "+row.want) {
			t.Errorf("%.60s…: got %v, want %s", row.file, err, row.want)
		}
	}
	c, err := catalog.Builtin(), error(nil)
	for i := 0; err == nil && i < 20; i++ {
		c, err = c.With([]byte(fmt.Sprintf(`{"services": [{"id": "s%d", "name": "S", "actions": [%s]}]}`, i,
			repeat(catalog.MaxActions, func(i int) string { return fmt.Sprintf(`{"name": "A%d", "label": "Read"}`, i) }))))
	}
	if err == nil || !strings.Contains(err.Error(), "actions; at most 20000 are allowed") {
		t.Errorf("many files: %v", err)
	}
}

// TestShadow: an operator's templates do not take away a built-in name.
func TestShadow(t *testing.T) {
	c, err := catalog.Builtin().With([]byte(resourceType(`"names": {"cloudflare": "com.cloudflare.api.account.zone.c4{id}"}`)))
	if err != nil {
		t.Fatal(err)
	}
	if crn, ok := c.Parse(catalog.Cloudflare, "com.cloudflare.api.account.zone.c41d", vars); !ok || crn != "crn::zones:zone:c41d" {
		t.Errorf("the zone has become %q", crn)
	}
	if name, ok := c.Name(catalog.Cloudflare, "crn::x:t:1d", vars); ok {
		t.Errorf("a name that means a zone: %q", name)
	}
}

// TestFormatPage: the file of docs/catalog.md is one that With takes, and says what the page says of it.
func TestFormatPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/catalog.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := bytes.Cut(page, []byte("\n```json\n"))
	file, rest, closed := bytes.Cut(rest, []byte("\n```\n"))
	if !ok || !closed {
		t.Fatal("the page has no example")
	}
	c, err := catalog.Builtin().With(file)
	if err != nil {
		t.Fatal(err)
	}
	f, err := catalog.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(f.Format()), string(file)+"\n"); diff != "" {
		t.Errorf("the example is not as it is printed (-printed +page):\n%s", diff)
	}
	rows := 0
	for line := range strings.Lines(string(rest)) {
		if cells := strings.Split(line, "|"); len(cells) == 5 && strings.Contains(line, "`crn:") {
			rows++
			crn, name := strings.Trim(cells[2], " `"), strings.Trim(cells[3], " `")
			if got, ok := c.Name(strings.TrimSpace(cells[1]), crn, catalog.Vars{Root: "54549"}); !ok || got != name {
				t.Errorf("%s is %q, the page says %q", crn, got, name)
			}
		}
	}
	if rows == 0 {
		t.Error("the page's table of names was not found")
	}
}

// FuzzWith: a file is taken or refused with a place, never a panic; what is taken is printed so that it reads the same.
func FuzzWith(f *testing.F) {
	f.Add([]byte(own))
	f.Add([]byte(`{"permission_sets": [{"name": "S", "scope": "projects", "grants": [{"allow": ["iam:Get*"], "except": ["iam:GetUser"]}]}]}`))
	f.Add([]byte(routed(`"path_regex": "^/a(b|c)*$", "types": ["iam:group"], "ids": ["{1}"]`)))
	f.Add([]byte(resourceType(`"id": "{a}/{b}", "names": {"scaleway": "srn:{b:hex}/{a}.{root}"}`)))
	f.Add([]byte(action(`"aliases": {"vngcloud": ["x:Did"]}, "spellings": {"exoscale": "do-it"}`)))
	base, err := catalog.New([]byte(`{"services": [{"id": "iam", "name": "I", "types": [{"name": "group", "names": {"cloudflare": "com.{id}"}}],
		"actions": [{"name": "GetUser", "label": "Read"}]}]}`))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		c, err := base.With(source)
		if err != nil {
			if at, ok := errors.AsType[*catalog.Error](err); !ok || at.Line < 1 || at.Column < 1 || at.Message == "" {
				t.Fatalf("an error without a place: %#v", err)
			}
			return
		}
		parsed, err := catalog.ParseFile(source)
		if err != nil {
			t.Fatalf("taken, and not parsed: %v", err)
		}
		printed := parsed.Format()
		again, err := catalog.ParseFile(printed)
		if err != nil || !bytes.Equal(again.Format(), printed) {
			t.Fatalf("printed as\n%s\nwhich reads otherwise: %v", printed, err)
		}
		if _, err := base.With(printed); err != nil {
			t.Fatalf("printed as\n%s\nwhich is refused: %v", printed, err)
		}
		for _, s := range c.Services() {
			for _, typ := range c.ResourceTypes(s.ID) {
				for _, dialect := range catalog.Dialects() {
					crn := "crn::" + s.ID + ":" + typ.Name + ":" + someID
					if name, ok := c.Name(dialect, crn, vars); ok {
						if back, ok := c.Parse(dialect, name, vars); !ok || back != crn {
							t.Fatalf("%s is %q in %s, which is %q", crn, name, dialect, back)
						}
					}
				}
			}
			for _, a := range c.Actions(s.ID) {
				for _, dialect := range catalog.Dialects() {
					if !slices.Contains(c.ActionsSpelled(dialect, c.Spelling(dialect, a.String())), a) {
						t.Fatalf("%s in %s does not lead back", a, dialect)
					}
				}
				for _, method := range a.Methods {
					c.Match(a.Backend, method, "/v1/a/b")
					c.Match("", method, "/v1/a%2fb")
				}
			}
		}
	})
}
