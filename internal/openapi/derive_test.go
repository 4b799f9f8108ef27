package openapi_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/openapi"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestDerive derives files of two documents and compares them with what is beside them; WRIT_RECORD=1 writes that.
func TestDerive(t *testing.T) {
	for _, c := range []struct {
		document, file, service string
		skipped                 []string
	}{
		{"pets.json", "pets.catalog.json", "pets", []string{"GET /health", "DELETE /opening-hours"}},
		{"hosting.yaml", "hosting.catalog.json", "hosting", nil},
	} {
		source := read(t, c.document)
		if !openapi.Is(source) {
			t.Errorf("%s is not taken for an OpenAPI document", c.document)
		}
		d, err := openapi.Derive(source, openapi.Options{})
		if err != nil {
			t.Fatalf("%s: %v", c.document, err)
		}
		got := d.File.Format()
		if os.Getenv("WRIT_RECORD") != "" {
			if err := os.WriteFile("testdata/"+c.file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(string(read(t, c.file)), string(got)); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", c.document, diff)
		}
		if diff := cmp.Diff(c.skipped, d.Skipped); diff != "" || d.Service != c.service {
			t.Errorf("%s: service %s, skipped (-want +got):\n%s", c.document, d.Service, diff)
		}
		if openapi.Is(got) {
			t.Errorf("the file of %s is taken for an OpenAPI document", c.document)
		}
		if _, err := catalog.Builtin().With(got); err != nil {
			t.Errorf("%s: %v", c.document, err)
		}
	}
}

// TestDerivedMatch: requests to the described services mean what the documents say.
func TestDerivedMatch(t *testing.T) {
	c := catalog.Builtin()
	for _, name := range []string{"pets.catalog.json", "hosting.catalog.json"} {
		var err error
		if c, err = c.With(read(t, name)); err != nil {
			t.Fatal(err)
		}
	}
	for request, want := range map[string]string{
		"pets GET /v1/pets":                                       "pets:ListPets crn::pets:pet:*",
		"pets POST /v1/pets":                                      "pets:CreatePet crn::pets:pet:*",
		"pets GET /v1/pets/7":                                     "pets:GetPet crn::pets:pet:7",
		"pets HEAD /v1/pets/7":                                    "pets:GetPet crn::pets:pet:7",
		"pets GET /v1/strays/7":                                   "pets:GetPet crn::pets:pet:7",
		"pets PATCH /v1/pets/7":                                   "pets:UpdatePet crn::pets:pet:7",
		"pets GET /v1/pets/7/photos/face":                         "pets:GetPhoto crn::pets:photo:7/face",
		"pets PUT /v1/pets/7/owner/ada":                           "pets:GivePet crn::pets:pet:7 crn::pets:person:ada",
		"pets GET /v1/opening-hours":                              "pets:GetOpeningHours crn::pets:*:*",
		"pets DELETE /v1/opening-hours":                           "",
		"pets GET /v1/health":                                     "",
		"pets GET /pets":                                          "",
		"pets HEAD /v1/strays/7":                                  "",
		"hosting-api GET /repos/a/b":                              "hosting:GetRepo crn::hosting:repo:a/b",
		"hosting-api GET /repos/a%2Fb/c":                          "",
		"hosting-api GET /repos/a/b/issues/1":                     "hosting:GetIssue crn::hosting:issue:a/b/1",
		"hosting-api GET /repos/a/b/issues":                       "hosting:ListIssues crn::hosting:repo:a/b",
		"hosting-api GET /repos/a/b/merge_requests/latest":        "hosting:ListMergeRequests crn::hosting:repo:a/b",
		"hosting-api POST /repos/a/b/merge_requests/7/merge":      "hosting:MergeRequest crn::hosting:merge-request:a/b/7",
		"hosting-api POST /repos/a/b/merge_requests/latest/merge": "hosting:MergeRequest crn::hosting:merge-request:a/b/latest",
		"hosting-api POST /orgs/o/repos":                          "hosting:CreateRepo crn::hosting:org:o",
		"hosting-api GET /user":                                   "hosting:GetSelf crn::hosting:*:*",
		"hosting-api POST /search:batch":                          "hosting:Search crn::hosting:*:*",
		"hosting-api PUT /teams/g/members/u":                      "hosting:AddMember crn::iam:group:g crn::iam:user:u",
	} {
		p := strings.Split(request, " ")
		got := ""
		if m, ok := c.Match(p[0], p[1], p[2]); ok {
			got = m.Action.String() + " " + strings.Join(m.Resources, " ")
		}
		if got != want {
			t.Errorf("%s is %q, want %q", request, got, want)
		}
	}
}

// document is one of service s with some paths, and more members at the root.
func document(paths string, more ...string) string {
	return `{"openapi": "3.0.0", "x-writ-service": "s", "paths": {` + paths + `}` + strings.Join(append([]string{""}, more...), ", ") + `}`
}

func TestOptions(t *testing.T) {
	source := []byte(`{"openapi": "3.0", "servers": [{"url": "https://x/{stage}"}], "paths": {"/things/{id}": {"get": {"x-writ-action": "GetThing"}}}}`)
	base := "/api/v2/"
	d, err := openapi.Derive(source, openapi.Options{Service: "things", BasePath: &base})
	if err != nil {
		t.Fatal(err)
	}
	if s := d.File.Services[0]; d.Service != "things" || s.ID != "things" || s.Name != "things" || s.Actions[0].Backend != "things" || s.Actions[0].Path != "/api/v2/things/{id}" {
		t.Errorf("%s: %s", d.Service, d.File.Format())
	}
	none := ""
	if d, err = openapi.Derive(source, openapi.Options{Service: "things", BasePath: &none}); err != nil || d.File.Services[0].Actions[0].Path != "/things/{id}" {
		t.Errorf("%v, %+v", err, d)
	}
}

func TestRefuses(t *testing.T) {
	get := func(path, more string) string {
		return fmt.Sprintf(`%q: {"get": {"x-writ-action": "Get"%s}}`, path, more)
	}
	deep := strings.Repeat("[", 200) + strings.Repeat("]", 200)
	for _, c := range []struct{ document, want string }{
		{``, "the document is empty"},
		{`[]`, "the document must be an object"},
		{`{`, "not valid JSON: "},
		{`{"openapi": "3.0.0"} x`, "not valid JSON: "},
		{`{"openapi": "3.0.0", "openapi": "3.1.0"}`, "not valid JSON: "},
		{`{"x": ` + deep + `}`, "nests more than 100 levels deep"},
		{"x: " + deep, "nests more than 100 levels deep"},
		{`{"paths": {}}`, `openapi: is missing; an OpenAPI document says "openapi": "3.1.0"`},
		{`{"swagger": "2.0"}`, "swagger: OpenAPI 2 is not read; convert the document to 3.0 or 3.1"},
		{`{"openapi": "3.2.0"}`, `openapi: "3.2.0" is not read; versions 3.0 and 3.1 are`},
		{`{"openapi": "4.0.0"}`, `openapi: "4.0.0" is not read`},
		{`{"openapi": "3.0.0"}`, "x-writ-service: is missing; give the service's id"},
		{`{"openapi": "3.0.0", "x-writ-service": 7}`, "x-writ-service: must be an object"},
		{`{"openapi": "3.0.0", "x-writ-service": {"id": 7}}`, "x-writ-service.id: must be a string"},
		{`{"openapi": "3.0.0", "x-writ-service": {"ID": "s"}}`, "x-writ-service.ID: is not known; allowed are id, name, description, backend"},
		{`{"openapi": "3.0.0", "x-writ-service": "s"}`, "paths: has no operation with x-writ-action"},
		{document(`"/a": {"get": {}}`), "paths: has no operation with x-writ-action"},
		{document(`"/a": 7`), `paths["/a"]: must be an object`},
		{document(`"/a": {"get": 7}`), `paths["/a"].get: must be an object`},
		{document(`"/a": {"$ref": "#/x"}`), `paths["/a"]["$ref"]: is not followed; write the operations of the path here`},
		{document(`"/a": {"trace": {"x-writ-action": "Get"}}`), `paths["/a"].trace.x-writ-action: TRACE cannot be guarded`},
		{document(`"/a": {"get": {"x-writ-action": 7}}`), `paths["/a"].get.x-writ-action: must be a string`},
		{document(`"/a": {"get": {"x-writ-action": "other:Get"}}`), `paths["/a"].get.x-writ-action: "other:Get" is of another service; name an action of "s"`},
		{document(`"/a": {"get": {"x-writ-action": "get-it"}}`), `paths["/a"].get.x-writ-action: "get-it" is no name of an action; use letters and digits that begin with a letter, like GetReport`},
		{document(`"/a": {"get": {"x-writ-action": ""}}`), `"" is no name of an action`},
		{document(get("a", "")), "paths.a: the path does not begin with a slash"},
		{document(get("/a/", "")), `paths["/a/"]: the path cannot be guarded: "" is no segment of a path`},
		{document(get("/", "")), `the path cannot be guarded`},
		{document(get("/a/{b}.json", "")), `paths["/a/{b}.json"]: the path cannot be guarded: "{b}.json" is no segment`},
		{document(get("/a/{b}{c}", "")), `"{b}{c}" is no segment`},
		{document(get("/a/{b+}", "")), `the parameter {b+} cannot be guarded; a parameter stands for one segment and has a plain name`},
		{document(get("/a/{_}", "")), `the parameter {_} has no name that begins with a letter`},
		{document(get("/a/{1}", "")), `the parameter {1} has no name that begins with a letter`},
		{document(get("/a/{b_c}/{b-c}", "")), `two parameters are called {bC} in letters and digits`},
		{document(get("/a/../b", "")), `".." is no segment`},
		{document(get("/{id}", "")), `paths["/{id}"].get: has no x-writ-resource, and no text stands before the path's last parameter`},
		{document(get("/a", `, "x-writ-label": "Look"`)), `paths["/a"].get.x-writ-label: "Look" is none of List, Read, Write, Tagging`},
		{document(get("/a/{b}", `, "x-writ-resources": [{"type": "a"}, {"type": "c"}]`)), `paths["/a/{b}"].get.x-writ-resources: is not known here; x-writ-service stands at the root`},
		{document(get("/a/{b}", `, "X-Writ-Resource": []`)), `paths["/a/{b}"].get.X-Writ-Resource: is not known here`},
		{document(get("/a/{b}", `, "x-writ-service": "s"`)), `paths["/a/{b}"].get.x-writ-service: is not known here`},
		{document(`"/a": {"get": {"x-writ-acton": "Get"}}`), `paths["/a"].get.x-writ-acton: is not known here`},
		{document(`"/a/{b}": {"x-writ-resource": {"type": "c"}, "get": {"x-writ-action": "Get"}}`), `paths["/a/{b}"].x-writ-resource: is not known here`},
		{document(`"x-writ-action": "Get", "/a": {"get": {"x-writ-action": "Get"}}`), `paths.x-writ-action: is not known here`},
		{document(get("/a", ""), `"x-writ-resource": {"type": "c"}`), `x-writ-resource: is not known here`},
		{document(get("/a", `, "summary": 7`)), `paths["/a"].get.summary: must be a string`},
		{document(get("/a", `, "x-writ-resource": "report"`)), `paths["/a"].get.x-writ-resource: must be an object of type and id, or an array of such`},
		{document(get("/a", `, "x-writ-resource": {}`)), `paths["/a"].get.x-writ-resource: has no type; give one, like report`},
		{document(get("/a", `, "x-writ-resource": [{"typ": "a"}]`)), `paths["/a"].get.x-writ-resource[0].typ: is not known; allowed are type, id`},
		{document(get("/a", `, "x-writ-resource": [7]`)), `paths["/a"].get.x-writ-resource[0]: must be an object`},
		{document(get("/a/{b}", `, "x-writ-resource": {"type": "a", "id": "{c}"}`)), `paths["/a/{b}"].get.x-writ-resource.id: "{c}" names {c}; the path's parameters are {b}`},
		{document(get("/a", `, "x-writ-resource": {"type": "a", "id": "{c}"}`)), `the path's parameters are none`},
		{document(get("/a/{b}", `, "x-writ-resource": {"type": "a", "id": "{b"}`)), `"{b" has a { without its }`},
		{document(get("/a/{b}", `, "x-writ-resource": {"type": "a", "id": "b}"}`)), `"b}" has a } without its {`},
		{document(get("/a/{b}/{c}", `, "x-writ-resource": {"type": "a", "id": "{b}{c}"}`)), `"{b}{c}" needs something between two parameters`},
		{document(get("/a", `, "servers": []`)), `paths["/a"].get.servers: servers of a part of the document are not read; give --base-path`},
		{document(`"/a": {"servers": [], "get": {"x-writ-action": "Get"}}`), `paths["/a"].servers: servers of a part`},
		{document(get("/a", ""), `"servers": [{"url": "https://h/v1"}, {"url": "https://h/v2"}]`), `servers[1].url: has the path "/v2", the first server "/v1"; give --base-path`},
		{document(get("/a", ""), `"servers": [{"url": "https://h/{v}"}]`), `servers[0].url: "/{v}" has a path that is not fixed; give --base-path`},
		{document(get("/a", ""), `"servers": [{"url": "v1"}]`), `servers[0].url: "v1" has no path that can be known`},
		{document(get("/a", ""), `"servers": [{}]`), `servers[0]: has no url`},
		{document(get("/a", ""), `"servers": {}`), `servers: must be an array`},
		{document(get("/a", ""), `"servers": [{"url": "https://h//v1"}]`), `the path cannot be guarded`},
		{document(`"/as/{a}": {"get": {"x-writ-action": "Get"}}, "/bs/{b}": {"get": {"x-writ-action": "Get"}}`),
			`paths["/bs/{b}"].get.x-writ-action: Get works on a at GET /as/{a}, and on b here; one action works on the same types everywhere`},
		{document(`"/as/{a}": {"get": {"x-writ-action": "Get"}}, "/b": {"get": {"x-writ-action": "Get"}}`), `and on nothing in particular here`},
		{document(`"/as/{a}": {"get": {"x-writ-action": "Get"}}, "/b": {"get": {"x-writ-action": "GET"}}`), `differs from the action Get in case only`},
		{document(`"/as/{a}": {"get": {"x-writ-action": "Get"}}, "/as/{b}": {"get": {"x-writ-action": "Get"}}`),
			`paths["/as/{b}"].get: matches the same requests as GET /as/{a}; the names of parameters do not tell paths apart`},
		{document(`"/as/{a}": {"get": {"x-writ-action": "Get"}}, "/bs/{b}/as/{a}": {"get": {"x-writ-action": "GetOfB"}}`),
			`paths["/bs/{b}/as/{a}"].get: the id of type a is {b}/{a} here, and {a} at GET /as/{a}; give x-writ-resource, so that one thing has one name`},
		{strings.Replace(document(get("/a", "")), `"s"`, `"S S"`, 1), `what is derived is no file of the catalogue: services[0].id: "S S" cannot stand here`},
		{document(get("/a", `, "x-writ-resource": {"type": "A_b"}`)), `what is derived is no file of the catalogue`},
		{document(get("/a/"+strings.Repeat("x", 300), "")), `at most 256 are allowed`},
		{"openapi: 3.0.0\nx: &a [1]\ny: *a\n", "x: line 2: anchors and aliases are not read; write it out"},
		{"openapi: 3.0.0\nx: *a\n", "not valid YAML"},
		{"openapi: 3.0.0\n<<: {a: 1}\n", "line 2: a key must be a text"},
		{"openapi: 3.0.0\n? [a]\n: 1\n", "line 2: a key must be a text"},
		{"openapi: 3.0.0\npaths:\n  /a: {}\n  /a: {}\n", `paths["/a"]: line 4: stands twice in its object`},
		{"openapi: 3.0.0\n---\nx: 1\n", "something follows the document; give one document"},
		{"a: b: c\n", "not valid YAML"},
		{"just text\n", "the document must be an object"},
		{"# " + strings.Repeat("x", catalog.MaxFile), "the document has 1048578 bytes; at most 1048576 are allowed"},
	} {
		d, err := openapi.Derive([]byte(c.document), openapi.Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.200s:\ngot  %v, %+v\nwant %s", c.document, err, d, c.want)
		}
	}
}

// TestReservedParts derives ids of several parts whose parameters have names that mean something else in a type's id.
func TestReservedParts(t *testing.T) {
	for path, want := range map[string]string{
		"/{id}/reports/{report}":       "{idPart}/{report}",
		"/{root}/a/{account}/b/{id}":   "{rootPart}/{accountPart}/{idPart}",
		"/{id}/a/{idPart}":             "{idParts}/{idPart}",
		"/{tenant}/reports/{reportId}": "{tenant}/{reportId}",
	} {
		d, err := openapi.Derive([]byte(fmt.Sprintf(`{"openapi": "3.0.0", "paths": {%q: {"get": {"x-writ-action": "Get"}}}}`, path)), openapi.Options{Service: "mine"})
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if got := d.File.Services[0].Types[0].ID; got != want {
			t.Errorf("%s: the id of the type is %s, want %s", path, got, want)
		}
		if _, err := catalog.Builtin().With(d.File.Format()); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestIs(t *testing.T) {
	for source, want := range map[string]bool{
		`{"services": []}`: false, ` {"openapi": 1}`: true, `{"swagger": "2.0"}`: true, `{`: false, `{}`: false,
		`{"services": [{"openapi": "x"}]}`: false, "openapi: 3.0.0": true, "# text": true, "": false, " \n": false,
	} {
		if got := openapi.Is([]byte(source)); got != want {
			t.Errorf("%q: %t", source, got)
		}
	}
}

// FuzzDerive holds that whatever a document is, it is refused in words, or gives a file that the catalogue takes, the same each
// time.
func FuzzDerive(f *testing.F) {
	f.Add(read(f, "pets.json"))
	f.Add(read(f, "hosting.yaml"))
	f.Add([]byte(document(`"/a/{b}": {"get": {"x-writ-action": "Get", "x-writ-resource": [{"type": "iam:group", "id": "x-{b}"}]}}`)))
	f.Add([]byte("openapi: 3.1.0\nx-writ-service: s\npaths: {/a: {get: {x-writ-action: A}}}\n"))
	f.Fuzz(func(t *testing.T, source []byte) {
		d, err := openapi.Derive(source, openapi.Options{Service: "mine"})
		if err != nil {
			if err.Error() == "" || d != nil {
				t.Fatalf("%q: %v", err, d)
			}
			return
		}
		text := d.File.Format()
		if _, err := catalog.ParseFile(text); err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		again, err := openapi.Derive(source, openapi.Options{Service: "mine"})
		if err != nil || !bytes.Equal(again.File.Format(), text) {
			t.Fatalf("another file the second time: %v", err)
		}
		if _, err := catalog.Builtin().With(text); err != nil && !strings.Contains(err.Error(), "there is no type") {
			t.Fatalf("%v in\n%s", err, text)
		}
	})
}
