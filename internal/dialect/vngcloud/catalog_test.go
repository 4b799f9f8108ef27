package vngcloud_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCatalog: the lists of actions and resource types are the contract's rows of it (sections 3.1, 3.5 and 11).
func TestCatalog(t *testing.T) {
	w := newWorld(t)
	o := w.owner()
	all := o.get("/actions").want(200)
	n := 0
	for _, product := range o.get("/products").want(200).at("").([]any) {
		of := o.get("/actions?product=" + product.(string)).want(200)
		for i, row := range of.at("").([]any) {
			a := row.(map[string]any)
			if a["product"] != product || a["action"] == "" || a["service"] == "" || a["pathRegex"] == "" || len(a["methods"].([]any)) == 0 || len(a["userTypes"].([]any)) == 0 || a["label"] == "" || len(a) != 13 {
				t.Errorf("%s %d: %v", product, i, a)
			}
			n++
		}
	}
	if all.len("") != n || n < 300 {
		t.Errorf("%d actions, and %d of the products", all.len(""), n)
	}
	for _, row := range all.at("").([]any) {
		if row.(map[string]any)["action"] == "GetPolicy" {
			want := obj{"action": "GetPolicy", "product": "iam", "service": "policies-api", "authenticationEnabled": true, "authorizationEnabled": true,
				"userTypes": list{"root-user", "service-sa", "iam-user", "user-sa"}, "methods": list{"GET"}, "pathRegex": `^\/v\d+\/policies\/([^\/\?]+)\/*(?:\?.*)?$`,
				"resources": list{"iam:policy"}, "description": "Reads a policy.", "docUrl": "", "conditionKeys": list{}, "label": "List"}
			if diff := cmp.Diff(roundTrip(t, want), row); diff != "" {
				t.Errorf("GetPolicy (-want +got):\n%s", diff)
			}
		}
	}
	for _, row := range o.get("/resources").want(200).at("").([]any) {
		r := row.(map[string]any)
		if name := build(r["builder"].(map[string]any), map[string]string{"root": "54549"}); !strings.HasPrefix(name, r["product"].(string)+"::54549:"+r["name"].(string)+"/*") || r["id"] != r["product"].(string)+":"+r["name"].(string) {
			t.Errorf("%v builds %q", r["id"], name)
		}
	}
}

// build makes a name by section 3.5: what is not given is "*".
func build(b map[string]any, given map[string]string) string {
	out := b["format"].(string)
	for _, p := range b["params"].([]any) {
		value := "*"
		if branch, is := p.(map[string]any)["builder"]; is {
			value = build(branch.(map[string]any), map[string]string{"": given[p.(map[string]any)["key"].(string)]})
		} else if given[""] != "" {
			value = given[""]
		}
		out = strings.Replace(out, b["placeholder"].(string), value, 1)
	}
	return out
}

// roundTrip is a value as it is read from JSON.
func roundTrip(t *testing.T, v any) (out any) {
	t.Helper()
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestOwnManagedPolicies: what an operator adds to the catalogue is there to attach.
func TestOwnManagedPolicies(t *testing.T) {
	w := newWorld(t)
	id := "0d3f9a52-7c1e-4b8e-9a6d-2f5b8c7d6e5f"
	file := obj{"managed_policies": list{obj{"id": id, "name": "GroupReader", "actions": list{"iam:ListGroups"}}}}
	w.as(w.site.Operator).natively("PUT", "/catalog/files/mine", file).want(200)
	worker, account := w.owner().serviceAccount("worker")
	worker.get("/groups").want(403)
	w.owner().post("/policies/"+id+"/service-accounts/"+account, nil).want(204)
	worker.get("/groups").want(200)
	if w.owner().get("/policies/"+id).want(200).at("root") != nil {
		t.Error("it belongs to somebody")
	}
	w.owner().get("/policies?pageNumber=0&pageSize=10&name=groupr").want(200).is(obj{"data": list{obj{"id": id, "name": "GroupReader", "createdAt": 1672531200000}},
		"pageSize": 10, "pageNumber": 0, "totalItems": 1, "totalPages": 1})
	other := obj{"managed_policies": list{obj{"id": "0d3f9a52-7c1e-4b8e-9a6d-2f5b8c7d6e50", "name": "Other", "actions": list{"instances:*"}}}}
	w.as(w.site.Operator).natively("PUT", "/catalog/files/other", other).want(400)
}
