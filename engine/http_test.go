package engine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/writ-iam/writ/engine"
)

// library is a bundle with a service of its own and callers of every kind.
const library = `{
  "owner": "root",
  "catalog": [{"services": [{"id": "lib", "name": "Library", "types": [{"name": "book", "id": "{shelf}/{book}"}, {"name": "shelf"}], "actions": [
    {"name": "ListBooks", "label": "List", "types": ["shelf"], "backend": "lib-api", "methods": ["GET"], "path": "/v1/shelves/{shelf}/books"},
    {"name": "ReadBook", "label": "Read", "types": ["book"], "backend": "lib-api", "methods": ["GET"], "path": "/v1/shelves/{shelf}/books/{book}", "ids": ["{shelf}/{book}"]},
    {"name": "MoveBook", "label": "Write", "types": ["book", "shelf"], "backend": "lib-api", "methods": ["POST"], "path": "/v1/shelves/{shelf}/books/{book}/to/{other}", "ids": ["{shelf}/{book}", "{other}"]},
    {"name": "CloseLibrary", "label": "Write", "backend": "lib-api", "methods": ["POST"], "path": "/v1/close"},
    {"name": "SignPaper", "label": "Write", "backend": "lib-api", "methods": ["POST"], "path": "/v1/sign", "user_types": ["root-user", "iam-user"]},
    {"name": "Feed", "label": "Write", "backend": "lib-api", "methods": ["POST"], "path": "/v1/feed", "user_types": ["user-sa"]},
    {"name": "Maintain", "label": "Write", "backend": "lib-api", "methods": ["POST"], "path": "/v1/maintain", "user_types": ["service-sa"]},
    {"name": "Found", "label": "Write", "backend": "lib-api", "methods": ["POST"], "path": "/v1/found", "user_types": ["root-user"], "no_authorization": true},
    {"name": "Everyone", "label": "Write", "backend": "lib-api", "methods": ["POST"], "path": "/v1/everyone", "user_types": ["iam-user", "root-user", "service-sa", "user-sa"], "no_authorization": true},
    {"name": "WhoAmI", "label": "Read", "backend": "lib-api", "methods": ["GET"], "path": "/v1/me", "no_authorization": true},
    {"name": "Health", "label": "Read", "backend": "lib-api", "methods": ["GET"], "path": "/health", "no_authentication": true, "no_authorization": true}]}]}],
  "policies": [
    {"name": "all", "document": {"statements": [{"effect": "allow", "actions": ["lib:*"], "resources": ["*"]}]}},
    {"name": "fiction", "document": {"statements": [{"effect": "allow", "actions": ["lib:*"], "resources": ["crn::lib:book:fiction/*", "crn::lib:shelf:fiction"]},
      {"effect": "deny", "actions": ["*"], "resources": ["crn::lib:book:fiction/secret"]}]}},
    {"name": "office", "document": {"statements": [{"effect": "allow", "actions": ["lib:*"], "resources": ["*"],
      "conditions": [{"operator": "equals", "key": "place", "values": ["office"]}]}]}}
  ],
  "principals": [
    {"kind": "user", "name": "root"},
    {"kind": "user", "name": "ada", "policies": ["all"]},
    {"kind": "user", "name": "reader", "policies": ["fiction"]},
    {"kind": "user", "name": "clerk", "policies": ["office"]},
    {"kind": "user", "name": "mallory", "disabled": true, "policies": ["all"]},
    {"kind": "service_account", "name": "robot", "policies": ["all"]},
    {"kind": "role", "name": "janitor", "policies": ["all"]}
  ]
}`

func TestDecideHTTP(t *testing.T) {
	e := load(t, library)
	who := map[string]engine.Ref{"root": engine.User("root"), "ada": engine.User("ada"), "reader": engine.User("reader"), "clerk": engine.User("clerk"),
		"mallory": engine.User("mallory"), "robot": engine.ServiceAccount("robot"), "janitor": engine.Role("janitor"),
		"nobody": {}, "stranger": engine.User("stranger"), "rob": engine.User("robot")}
	for question, want := range map[string]string{
		"ada GET /v1/shelves/fiction/books/7":                     "+explicit_allow",
		"reader GET /v1/shelves/fiction/books/7":                  "+explicit_allow",
		"reader GET /v1/shelves/fiction/books":                    "+explicit_allow",
		"reader GET /v1/shelves/facts/books":                      "implicit_deny",
		"reader GET /v1/shelves/facts/books/7":                    "implicit_deny",
		"reader GET /v1/shelves/fiction/books/secret":             "explicit_deny",
		"reader GET /v1/shelves/fiction/books/%73ecret":           "explicit_deny",
		"reader GET /v1/%73helves/fiction/books/sec%72et":         "explicit_deny",
		"reader GET /v1/shelves/fiction/books/Secret":             "+explicit_allow", // ids are compared as they are
		"reader GET /v1/shelves/fiction/books/%2573ecret":         "+explicit_allow", // %73ecret: decoded once
		"reader POST /v1/shelves/fiction/books/7/to/facts":        "implicit_deny",   // one of the two resources
		"reader POST /v1/shelves/fiction/books/secret/to/fiction": "explicit_deny",
		"reader POST /v1/shelves/fiction/books/7/to/fiction":      "+explicit_allow",
		"reader POST /v1/close":                                   "implicit_deny", // no resource in particular
		"ada POST /v1/close":                                      "+explicit_allow",
		"root POST /v1/close":                                     "+explicit_allow",
		"clerk POST /v1/close":                                    "implicit_deny",
		"mallory POST /v1/close":                                  "principal_disabled",
		"stranger POST /v1/close":                                 "unknown_principal",
		"rob POST /v1/close":                                      "unknown_principal", // a service account's name as a user's
		"nobody POST /v1/close":                                   "no_principal",
		// Types of callers.
		"ada POST /v1/sign": "+explicit_allow", "root POST /v1/sign": "+explicit_allow", "robot POST /v1/sign": "caller_type",
		"janitor POST /v1/sign": "caller_type", "reader POST /v1/sign": "implicit_deny", "mallory POST /v1/sign": "principal_disabled",
		"robot POST /v1/feed": "+explicit_allow", "ada POST /v1/feed": "caller_type", "root POST /v1/feed": "caller_type", "nobody POST /v1/feed": "no_principal",
		"robot POST /v1/maintain": "caller_type", "root POST /v1/maintain": "caller_type", "ada POST /v1/maintain": "caller_type", "janitor POST /v1/maintain": "caller_type",
		"root POST /v1/found": "+no_authorization", "ada POST /v1/found": "caller_type", "robot POST /v1/found": "caller_type",
		"janitor POST /v1/everyone": "+no_authorization", "janitor POST /v1/close": "+explicit_allow",
		// Open rows.
		"reader GET /v1/me": "+no_authorization", "robot GET /v1/me": "+no_authorization", "mallory GET /v1/me": "principal_disabled",
		"stranger GET /v1/me": "unknown_principal", "nobody GET /v1/me": "no_principal",
		"nobody GET /health": "+no_authentication", "mallory GET /health": "+no_authentication", "stranger GET /health": "+no_authentication",
		// What is no row.
		"root GET /v1/shelves/fiction/books/": "no_route", "root GET /v1/nothing": "no_route", "root PUT /v1/close": "no_route", "root post /v1/close": "no_route",
		"root GET /health/": "no_route", "nobody GET /v1/../health": "no_route", "nobody GET //health": "no_route", "nobody GET /health?x": "no_route",
		"nobody HEAD /health": "no_route", "root GET /v1/shelves/fiction%2Fx/books/7": "no_route", "root GET /v1/shelves/%2A/books": "no_route",
	} {
		name, request, _ := strings.Cut(question, " ")
		method, path, _ := strings.Cut(request, " ")
		ref, known := who[name]
		if !known {
			t.Fatal(name)
		}
		for _, backend := range []string{"lib-api", ""} {
			d := e.DecideHTTP(&engine.HTTPRequest{Principal: ref, Backend: backend, Method: method, Path: path})
			if d.Allowed() != strings.HasPrefix(want, "+") || string(d.Reason) != strings.TrimPrefix(want, "+") || (d.Action == "") != (d.Reason == engine.NoRoute) {
				t.Errorf("%s: %+v, want %s", question, d, want)
			}
		}
		if d := e.DecideHTTP(&engine.HTTPRequest{Principal: ref, Backend: "other", Method: method, Path: path}); d.Allowed() || d.Reason != engine.NoRoute {
			t.Errorf("%s at another backend: %+v", question, d)
		}
	}
	d := e.DecideHTTP(&engine.HTTPRequest{Principal: who["clerk"], Method: "POST", Path: "/v1/shelves/a/books/b%2F1/to/c",
		Context: engine.Context{Attributes: []engine.Attr{{Key: "place", Value: engine.String("office")}}}})
	want := engine.HTTPDecision{Effect: engine.Allow, Reason: "explicit_allow", Action: "lib:MoveBook",
		Resources: []string{"crn::lib:book:a/b/1", "crn::lib:shelf:c"}, Parameters: map[string]string{"shelf": "a", "book": "b/1", "other": "c"}}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if d := new(engine.HTTPDecision); d.Allowed() {
		t.Error("the zero value allows")
	}
}

// TestDecideHTTPBuiltin: without files of its own, a bundle has the built-in rows.
func TestDecideHTTPBuiltin(t *testing.T) {
	e := load(t, house)
	for path, want := range map[string]engine.HTTPReason{"/v2/p/servers/s1": "explicit_allow", "/v1/nothing": engine.NoRoute} {
		if d := e.DecideHTTP(&engine.HTTPRequest{Principal: engine.User("root"), Backend: "vserver-gateway", Method: "GET", Path: path}); d.Reason != want {
			t.Errorf("%s: %+v", path, d)
		}
	}
}

func TestBundleCatalogRefuses(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{`{"services": [{"id": "iam", "name": "IAM"}]}`, `catalog[0]: line 1, column 16: services[0].id: there is a service "iam" already`},
		{`{"services": 7}`, "catalog[0]: line 1, column 14: services: must be an array"},
		{`{"operations": []}, {"services": [{"id": "x"}]}`, "catalog[1]: "},
	} {
		b, err := engine.Read(strings.NewReader(`{"policies": [], "principals": [], "catalog": [` + c.file + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := engine.New(b); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.file, err, c.want)
		}
	}
}
