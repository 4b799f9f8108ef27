package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/writ-iam/writ/internal/catalog"
)

// reportsFile is what the operator of the estate added to the catalogue.
const reportsFile = `{"services": [{"id": "reports", "name": "Reports", "types": [{"name": "report"}],
  "actions": [{"name": "GetReport", "label": "Read", "types": ["report"]}]}],
 "permission_sets": [{"name": "ReportsReadOnly", "scope": "projects", "grants": [{"allow": ["reports:Get*"]}]}]}
`

const catalogFiles = "/v1/catalog/files"

var aCatalogFile = object(fields{"name": aText, "size": aNumber, "created_at": aTime, "updated_at": aTime})

// aFile is a file in the format of the catalogue.
func aFile(v any) string {
	return object(fields{"services": some(anObject), "permission_sets": some(anObject)})(v)
}

var catalogCatalogue = []operation{
	{name: "getCatalog", kind: "whole", call: "GET /v1/catalog", on: "catalog-file:*",
		shape: object(fields{"services": some(anObject), "permission_sets": some(anObject), "permission_groups": some(anObject),
			"token_permission_groups": some(anObject), "managed_policies": some(anObject), "operations": some(anObject)})},
	{name: "listCatalogFiles", kind: "whole", call: "GET " + catalogFiles, right: "platform:ListCatalogFiles", on: "catalog-file:*", platform: true,
		shape: object(fields{"catalog_files": some(aCatalogFile)})},
	{name: "getCatalogFile", kind: "get", call: "GET " + catalogFiles + "/{catalog_file}", right: "platform:GetCatalogFile",
		on: "catalog-file:{catalog_file}", platform: true, shape: aFile},
	{name: "applyCatalogFile", kind: "apply", call: "PUT " + catalogFiles + "/reports", right: "platform:ApplyCatalogFile", on: "catalog-file:reports",
		platform: true, body: strings.Replace(reportsFile, `"actions": [`, `"actions": [{"name": "ListReports", "label": "List"}, `, 1),
		shape: wrote("catalog_file", aCatalogFile), event: "platform.catalog_file.apply", about: "reports", called: "reports",
		bad: []refusal{
			{why: "no JSON", body: `{"services":`, status: 400},
			{why: "no object", body: `[]`, status: 400},
			{why: "no body", body: ` `, status: 400},
			{why: "an unknown member", body: `{"servises": []}`, status: 400},
			{why: "a bad label", body: strings.Replace(reportsFile, `"Read"`, `"Look"`, 1), status: 400, details: "services[0].actions[0].label: "},
			{why: "a built-in service", call: "PUT " + catalogFiles + "/x", body: `{"services": [{"id": "iam", "name": "I"}]}`, status: 400,
				details: "services[0].id: there is a service \"iam\" already; choose another id (line 1, column 16)"},
			{why: "a bad name", call: "PUT " + catalogFiles + "/X", status: 404},
			{why: "a dropped set", body: `{"services": [{"id": "reports", "name": "Reports", "types": [{"name": "report"}],
				"actions": [{"name": "GetReport", "label": "Read", "types": ["report"]}]}]}`, status: 409},
			{why: "a dropped action", body: strings.Replace(reportsFile, "GetReport", "GetReports", 1), status: 409},
			{why: "too much", body: strings.Repeat(" ", 1<<20+1), status: 413},
		}},
}

// TestCatalogFiles: a file comes back byte for byte, and what it brings is in force for owners at once.
func TestCatalogFiles(t *testing.T) {
	e := newEstate(t)
	operator, owner := e.as(e.operator), e.as(e.owner)
	if got := string(operator.get(catalogFiles + "/reports").want(200).body); got != reportsFile {
		t.Errorf("the file came back as %q", got)
	}
	before := owner.get("/v1/catalog").want(200)
	large := strings.TrimSuffix(reportsFile, "}\n")
	large = strings.ReplaceAll(large, "eports", "adars") + strings.Repeat(" ", 300<<10) + "}" // more than other bodies may have
	r := operator.do(http.MethodPut, catalogFiles+"/radars", large).want(200)
	if r.str("catalog_file.name") != "radars" || r.num("catalog_file.size") != len(large) {
		t.Errorf("applied: %s", r.body)
	}
	if n := operator.get(catalogFiles).want(200); n.str("catalog_files.1.name") != "radars" || n.has("catalog_files.2") {
		t.Errorf("the list is %s", n.body)
	}
	after := owner.get("/v1/catalog").want(200)
	if strings.Contains(string(before.body), `"radars"`) || !strings.Contains(string(after.body), `"radars"`) {
		t.Error("the catalogue does not change with its files")
	}
	if got := after.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
	if c, err := catalog.New(after.body); err != nil || len(c.Services()) != len(catalog.Builtin().Services())+2 {
		t.Errorf("what is in force cannot be read again: %v", err)
	}
	for _, path := range []string{catalogFiles, catalogFiles + "/reports"} {
		owner.get(path).want(403)
	}
	operator.get(catalogFiles + "/none").want(404)
	operator.do(http.MethodDelete, catalogFiles+"/reports", nil).want(405)
	operator.with("Content-Type", "text/plain").do(http.MethodPut, catalogFiles+"/y", reportsFile).detail(400, "Content-Type: ")
}
