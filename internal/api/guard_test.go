package api_test

import (
	"strings"
	"testing"
)

// guarded is a service of an operator's, whose requests writ decides about.
const guarded = `{"services": [{"id": "docs", "name": "Docs", "types": [{"name": "doc", "id": "{folder}/{doc}"}, {"name": "folder"}], "actions": [
  {"name": "ListDocs", "label": "List", "types": ["folder"], "backend": "docs-api", "methods": ["GET"], "path": "/v1/folders/{folder}/docs"},
  {"name": "GetDoc", "label": "Read", "types": ["doc"], "backend": "docs-api", "methods": ["GET"], "path": "/v1/folders/{folder}/docs/{doc}", "ids": ["{folder}/{doc}"]},
  {"name": "MoveDoc", "label": "Write", "types": ["doc", "folder"], "backend": "docs-api", "methods": ["POST"], "path": "/v1/folders/{folder}/docs/{doc}/to/{other}", "ids": ["{folder}/{doc}", "{other}"]},
  {"name": "Sign", "label": "Write", "backend": "docs-api", "methods": ["POST"], "path": "/v1/sign", "user_types": ["root-user", "iam-user"]},
  {"name": "Me", "label": "Read", "backend": "docs-api", "methods": ["GET"], "path": "/v1/me", "no_authorization": true},
  {"name": "Health", "label": "Read", "backend": "docs-api", "methods": ["GET"], "path": "/health", "no_authentication": true}]}]}`

func TestAuthorizeHTTP(t *testing.T) {
	w := newWorld(t)
	owner, operator := w.as(w.owner), w.as(w.operator)
	account := owner.serviceAccount("account")
	policy := owner.policy("docs", obj{"sid": "Mine", "effect": "allow", "actions": []string{"docs:*"}, "resources": []string{"crn::docs:doc:mine/*", "crn::docs:folder:mine"}},
		obj{"sid": "Secret", "effect": "deny", "actions": []string{"*"}, "resources": []string{"crn::docs:doc:mine/secret"}},
		obj{"sid": "Office", "effect": "allow", "actions": []string{"docs:GetDoc"}, "resources": []string{"*"},
			"conditions": []obj{{"operator": "ip_address", "key": "iam:source_ip", "values": []string{"10.0.0.0/8"}}}})
	owner.post("/v1/iam/service-accounts/"+account+"/policies", obj{"policy_id": policy}).want(204)
	const url = "/v1/iam/authorize-http"
	whose := map[string]string{"account": "crn::iam:service-account:" + account, "owner": "crn::iam:user:" + w.ownerID, "nobody": "",
		"stranger": "crn::iam:user:" + nobodyID, "thing": "crn::s3:bucket:b", "spelled": "crn::iam:service-account:" + strings.ToUpper(account)}
	ask := func(who, request string) *reply {
		method, path, _ := strings.Cut(request, " ")
		return owner.post(url, obj{"principal": whose[who], "backend": "docs-api", "method": method, "path": path, "explain": true}).want(200)
	}
	// Before there is such a service, nobody may do anything.
	if got := ask("owner", "GET /health"); got.at("allowed") != false || got.str("reason") != "no_route" || got.at("action") != nil || got.len("resources") != 0 {
		t.Errorf("%s", got.body)
	}
	operator.put(catalogFiles+"/docs", guarded).want(200)
	for _, c := range []struct{ who, request, reason string }{
		{"account", "GET /v1/folders/mine/docs/1", "+explicit_allow"},
		{"account", "GET /v1/folders/mine/docs", "+explicit_allow"},
		{"account", "GET /v1/folders/yours/docs", "implicit_deny"},
		{"account", "GET /v1/folders/yours/docs/1", "implicit_deny"},
		{"account", "GET /v1/folders/mine/docs/secret", "explicit_deny"},
		{"account", "GET /v1/folders/mine/docs/s%65cret", "explicit_deny"},
		{"account", "POST /v1/folders/mine/docs/1/to/mine", "+explicit_allow"},
		{"account", "POST /v1/folders/mine/docs/1/to/yours", "implicit_deny"},
		{"account", "POST /v1/folders/mine/docs/secret/to/mine", "explicit_deny"},
		{"account", "POST /v1/sign", "caller_type"},
		{"owner", "POST /v1/sign", "+explicit_allow"},
		{"owner", "POST /v1/folders/yours/docs/1/to/mine", "+explicit_allow"},
		{"account", "GET /v1/me", "+no_authorization"},
		{"stranger", "GET /v1/me", "unknown_principal"},
		{"thing", "GET /v1/me", "unknown_principal"},
		{"nobody", "GET /v1/me", "no_principal"},
		{"nobody", "GET /v1/folders/mine/docs", "no_principal"},
		{"nobody", "GET /health", "+no_authentication"},
		{"stranger", "GET /health", "+no_authentication"},
		{"owner", "GET /health/", "no_route"},
		{"owner", "GET /v1/folders/mine/../yours/docs", "no_route"},
		{"owner", "GET /v1/folders/mine%2Fdocs/docs/1", "no_route"},
		{"owner", "get /health", "no_route"},
		{"owner", "DELETE /v1/folders/mine/docs/1", "no_route"},
	} {
		got := ask(c.who, c.request)
		if allowed := strings.HasPrefix(c.reason, "+"); got.at("allowed") != allowed || got.str("explanation.reason") != strings.TrimPrefix(c.reason, "+") {
			t.Errorf("%s %s: %s", c.who, c.request, got.body)
		}
	}
	got := ask("account", "POST /v1/folders/mine/docs/a%20b/to/yours")
	if got.str("action") != "docs:MoveDoc" || got.str("resources.0") != "crn::docs:doc:mine/a b" || got.str("resources.1") != "crn::docs:folder:yours" ||
		got.str("parameters.doc") != "a b" || got.len("explanation.near_misses") == 0 {
		t.Errorf("%s", got.body)
	}
	q := obj{"principal": whose["account"], "method": "GET", "path": "/v1/folders/yours/docs/1", "context": obj{"source_ip": "10.1.2.3"}}
	if got := owner.post(url, q).want(200); got.at("allowed") != true || got.len("matched_statements") != 1 || got.str("matched_statements.0.statement_id") != "Office" || got.has("explanation") {
		t.Errorf("%s", got.body)
	}
	q["at_least"] = 1000
	owner.post(url, q).want(503)
	// A file's requests may change; decisions go by the new ones at once.
	operator.put(catalogFiles+"/docs", strings.ReplaceAll(guarded, "/v1/", "/v2/")).want(200)
	if got := ask("owner", "GET /v1/folders/mine/docs"); got.str("reason") != "no_route" {
		t.Errorf("%s", got.body)
	}
	if got := ask("owner", "GET /v2/folders/mine/docs"); got.at("allowed") != true {
		t.Errorf("%s", got.body)
	}
	// Rows that nobody could tell apart are refused.
	operator.put(catalogFiles+"/docs", strings.Replace(guarded, `"path": "/v1/sign"`, `"path": "/v1/sign", "requests": [{"methods": ["GET"], "path": "/v1/folders/{x}/docs"}]`, 1)).
		detail(400, "services[0].actions[3].requests[0].path: GET of such a path is action docs:ListDocs already")
}

// TestAuthorizeHTTPDisabled: whoever cannot act does not pass rows that need no right either.
func TestAuthorizeHTTPDisabled(t *testing.T) {
	e := newEstate(t)
	owner := e.as(e.owner)
	e.as(e.operator).put(catalogFiles+"/docs", guarded).want(200)
	ask := func() *reply {
		return owner.post("/v1/iam/authorize-http", obj{"principal": "crn::iam:service-account:" + e.names["account"], "backend": "docs-api", "method": "GET", "path": "/v1/me", "explain": true}).want(200)
	}
	if got := ask(); got.str("reason") != "no_authorization" {
		t.Errorf("%s", got.body)
	}
	owner.patch("/v1/iam/service-accounts/"+e.names["account"], obj{"enabled": false}).want(200)
	if got := ask(); got.at("allowed") != false || got.str("reason") != "implicit_deny" || got.str("explanation.reason") != "principal_disabled" {
		t.Errorf("%s", got.body)
	}
	foreign := owner.post("/v1/iam/authorize-http", obj{"principal": "crn::iam:user:" + e.names["other.owner"], "backend": "docs-api", "method": "GET", "path": "/v1/me", "explain": true}).want(200)
	if foreign.at("allowed") != false || foreign.str("explanation.reason") != "unknown_principal" {
		t.Errorf("%s", foreign.body)
	}
}
