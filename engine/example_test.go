package engine_test

import (
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/writ-iam/writ/engine"
)

// A bundle is JSON, or built in Go.
func Example() {
	bundle, err := engine.Read(strings.NewReader(`{
		"policies": [{"name": "readers", "document": {"statements": [
			{"effect": "allow", "actions": ["s3:Get*"], "resources": ["crn::s3:bucket:reports/*"]}]}}],
		"groups": [{"name": "staff", "policies": ["readers"]}],
		"principals": [{"kind": "user", "name": "ada", "groups": ["staff"]}]
	}`))
	if err != nil {
		log.Fatal(err)
	}
	e, err := engine.New(bundle)
	if err != nil {
		log.Fatal(err)
	}
	ada := engine.User("ada")
	for _, action := range []string{"s3:GetObject", "s3:PutObject"} {
		d := e.Decide(&engine.Request{Principal: ada, Action: action, Resources: []string{"crn::s3:bucket:reports/june.csv"}})
		fmt.Println(action, d.Allowed(), d.Reason)
	}
	// Output:
	// s3:GetObject true explicit_allow
	// s3:PutObject false implicit_deny
}

// Explain names the statements that decided, and those that nearly did.
func ExampleEngine_Explain() {
	e, err := engine.New(&engine.Bundle{
		Policies: []engine.Policy{{Name: "office", Document: []byte(`{"statements": [{"effect": "allow", "actions": ["s3:*"],
			"conditions": [{"operator": "equals", "key": "place", "values": ["office"]}]}]}`)}},
		Principals: []engine.Principal{{Kind: engine.KindUser, Name: "ada", Policies: []string{"office"}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	x := e.Explain(&engine.Request{
		Principal: engine.User("ada"), Action: "s3:GetObject", Resources: []string{"crn::s3:bucket:reports"},
		Context: engine.Context{Attributes: []engine.Attr{{Key: "place", Value: engine.String("beach")}}},
	}, true)
	fmt.Println(x.Reason)
	for _, miss := range x.NearMisses {
		fmt.Printf("%s, statement %s: %s\n", miss.Policy, miss.Statement, miss.Failure)
	}
	// Output:
	// implicit_deny
	// office, statement 0: place must be one of office, is beach
}

// WhoCan finds who may do something, a page at a time.
func ExampleEngine_WhoCan() {
	reader := []string{"readers"}
	e, err := engine.New(&engine.Bundle{
		Policies: []engine.Policy{{Name: "readers", Document: []byte(`{"statements": [{"effect": "allow", "actions": ["s3:Get*"], "resources": ["*"]}]}`)}},
		Principals: []engine.Principal{
			{Kind: engine.KindUser, Name: "ada", Policies: reader},
			{Kind: engine.KindUser, Name: "bob"},
			{Kind: engine.KindServiceAccount, Name: "backup", Policies: reader},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	names := map[engine.Ref]string{engine.User("ada"): "ada", engine.User("bob"): "bob", engine.ServiceAccount("backup"): "backup"}
	search := &engine.Search{Action: "s3:GetObject", Resources: []string{"crn::s3:bucket:reports"}}
	for who := range e.WhoCan(search, engine.Candidates{}) {
		fmt.Println(names[who])
	}
	// Output:
	// backup
	// ada
}

// A middleware lets through what the policies allow, by method and path.
func ExampleEngine_DecideHTTP() {
	e, err := engine.New(&engine.Bundle{
		Catalog: []engine.Document{[]byte(`{"services": [{"id": "reports", "name": "Reports", "types": [{"name": "report"}], "actions": [
			{"name": "GetReport", "label": "Read", "types": ["report"], "backend": "reports-api", "methods": ["GET"], "path": "/v1/reports/{id}"},
			{"name": "DeleteReport", "label": "Write", "types": ["report"], "backend": "reports-api", "methods": ["DELETE"], "path": "/v1/reports/{id}"},
			{"name": "GetHealth", "label": "Read", "backend": "reports-api", "methods": ["GET"], "path": "/health", "no_authentication": true}]}]}`)},
		Policies: []engine.Policy{{Name: "read", Document: []byte(`{"statements": [
			{"effect": "allow", "actions": ["reports:Get*"], "resources": ["crn::reports:report:2026-*"]}]}`)}},
		Principals: []engine.Principal{{Kind: engine.KindUser, Name: "ada", Policies: []string{"read"}}},
	})
	if err != nil {
		log.Fatal(err)
	}
	guard := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ask := engine.HTTPRequest{Backend: "reports-api", Method: r.Method, Path: r.URL.EscapedPath()}
			if name, _, ok := r.BasicAuth(); ok { // whoever this is has been authenticated before
				ask.Principal = engine.User(name)
			}
			switch d := e.DecideHTTP(&ask); {
			case d.Allowed():
				next.ServeHTTP(w, r)
			case d.Reason == engine.NoPrincipal:
				http.Error(w, "who are you?", http.StatusUnauthorized)
			default:
				http.Error(w, string(d.Reason), http.StatusForbidden)
			}
		})
	}
	reports := guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "here it is") }))
	for _, request := range []string{"GET /v1/reports/2026-05", "GET /v1/reports/2025-12", "DELETE /v1/reports/2026-05", "GET /v1/reports/2026-05/../2025-12"} {
		method, path, _ := strings.Cut(request, " ")
		r, w := httptest.NewRequest(method, path, nil), httptest.NewRecorder()
		r.SetBasicAuth("ada", "")
		reports.ServeHTTP(w, r)
		fmt.Print(request, ": ", w.Code, " ", w.Body)
	}
	for _, path := range []string{"/v1/reports/2026-05", "/health"} {
		w := httptest.NewRecorder()
		reports.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		fmt.Print("nobody GET ", path, ": ", w.Code, " ", w.Body)
	}
	// Output:
	// GET /v1/reports/2026-05: 200 here it is
	// GET /v1/reports/2025-12: 403 implicit_deny
	// DELETE /v1/reports/2026-05: 403 implicit_deny
	// GET /v1/reports/2026-05/../2025-12: 403 no_route
	// nobody GET /v1/reports/2026-05: 401 who are you?
	// nobody GET /health: 200 here it is
}
