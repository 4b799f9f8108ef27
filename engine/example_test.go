package engine_test

import (
	"fmt"
	"log"
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
