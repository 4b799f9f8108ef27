package api_test

import (
	"strings"
	"testing"
)

func TestAuthorize(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.owner)
	account := owner.serviceAccount("account")
	group := owner.group("readers")
	policy := owner.policy("read", obj{"sid": "Read", "effect": "allow", "actions": []string{"s3:Get*"}, "resources": []string{"reports/*"},
		"conditions": []obj{{"operator": "ip_address", "key": "iam:source_ip", "values": []string{"10.0.0.0/8"}}}})
	owner.post("/v1/iam/groups/"+group+"/policies", obj{"policy_id": policy}).want(204)
	owner.post("/v1/iam/service-accounts/"+account+"/policies", obj{"policy_id": policy}).want(204)
	owner.post("/v1/iam/service-accounts/"+account+"/groups", obj{"group_id": group}).want(204)
	ask := func(context obj) obj {
		return obj{"principal": "crn::iam:service-account:" + account, "action": "s3:GetObject",
			"resource": "crn:spo1:s3:object:reports/2025/q1", "context": context, "explain": true}
	}
	yes := owner.post("/v1/iam/authorize", ask(obj{"source_ip": "10.1.2.3"})).want(200)
	if yes.at("allowed") != true || yes.str("reason") != "explicit_allow" || yes.len("matched_statements") != 1 ||
		yes.str("matched_statements.0.policy_id") != policy || yes.str("matched_statements.0.statement_id") != "Read" ||
		yes.num("revision") != yes.revision() {
		t.Errorf("%s", yes.body)
	}
	if yes.len("explanation.determining") != 2 || yes.str("explanation.determining.0.via") != "direct" ||
		yes.at("explanation.determining.0.group") != nil || yes.str("explanation.determining.1.group.name") != "readers" {
		t.Errorf("%s", yes.body)
	}
	no := owner.post("/v1/iam/authorize", ask(obj{"iam:source_ip": "192.0.2.3"})).want(200)
	if no.at("allowed") != false || no.str("reason") != "implicit_deny" || no.len("matched_statements") != 0 ||
		no.len("explanation.near_misses") != 2 || !strings.Contains(no.str("explanation.near_misses.0.failure"), "192.0.2.3") {
		t.Errorf("%s", no.body)
	}
	question := ask(nil)
	question["principal"], question["explain"] = "crn::iam:user:"+nobodyID, false
	unknown := owner.post("/v1/iam/authorize", question).want(200)
	if unknown.str("reason") != "implicit_deny" || unknown.has("explanation") {
		t.Errorf("%s", unknown.body)
	}
	question["explain"] = true
	if got := owner.post("/v1/iam/authorize", question).want(200).str("explanation.reason"); got != "unknown_principal" {
		t.Errorf("precisely: %s", got)
	}
	question["at_least"] = 1000
	owner.post("/v1/iam/authorize", question).want(503)
}

// TestAuthorizeInput sends contexts and questions of every kind; the policy allows everything.
func TestAuthorizeInput(t *testing.T) {
	w := newWorld(t)
	owner := w.as(w.owner)
	long := strings.Repeat("1,", 100)
	members := strings.Repeat(`"k%":1,`, 64)
	for i := range 64 {
		members = strings.Replace(members, "%", string(rune('Ā'+i)), 1)
	}
	tests := []struct{ context, field string }{
		{`{}`, ""}, {`null`, ""},
		{`{"a":"x","b":1.5,"c":true,"d":["x",1,false],"":"empty","iam:else":"x","principal_crn":"x"}`, ""},
		{`{"source_ip":"::1","now":"2026-01-31T12:00:00+02:00","user_agent":"a","operation":"b","zone":"c","project_id":"d"}`, ""},
		{`{"iam:principal_crn":"a","iam:principal_type":"b","iam:organization_id":"c"}`, ""},
		{`{"resource_tags":{"a":"b","n":1},"resource_tag/c":"d","request_tags":{},"request_tag/a":["b"]}`, ""},
		{`[]`, "context"}, {`"x"`, "context"},
		{`{"a":null}`, "context.a"}, {`{"a":{}}`, "context.a"}, {`{"a":[[1]]}`, "context.a"}, {`{"a":[null]}`, "context.a"},
		{`{"a":1e999}`, "context.a"}, {`{"a":[` + long + `1]}`, "context.a"},
		{`{` + strings.TrimSuffix(members, ",") + `}`, ""}, {`{` + members + `"more":1}`, "context"},
		{`{"source_ip":"x"}`, "context.source_ip"}, {`{"source_ip":1}`, "context.source_ip"}, {`{"source_ip":"fe80::1%eth0"}`, "context.source_ip"},
		{`{"now":"today"}`, "context.now"}, {`{"iam:current_time":"2026-01-31"}`, "context.iam:current_time"},
		{`{"zone":["a"]}`, "context.zone"}, {`{"zone":"a","iam:zone":"a"}`, "context.iam:zone"},
		{`{"iam:current_time":"2026-01-31T12:00:00Z","now":"2026-01-31T12:00:00Z"}`, "context.now"},
		{`{"resource_tags":"a"}`, "context.resource_tags"}, {`{"resource_tags":{"a":{}}}`, "context.resource_tags.a"},
		{`{"resource_tags":{"a":"b"},"resource_tag/a":"b"}`, "context.resource_tag/a"},
		{`{"request_tag/a":"b","request_tags":{"a":"b"}}`, "context.request_tags.a"},
		{`{"a":1,"a":2}`, "context.a"},
		{`{"parameters":{"n":1,"f":1.5,"t":true,"z":null,"l":[1,{"a":"b"}],"m":{"n":{}}},"resources":{},"identity":{},"headers":{},"api_key":"k"}`, ""},
		{`{"parameters":[]}`, "context.parameters"}, {`{"resources":"x"}`, "context.resources"}, {`{"identity":null}`, "context.identity"},
		{`{"headers":{"a":[{"b":1e999}]}}`, "context.headers"}, {`{"api_key":1}`, "context.api_key"},
	}
	question := `{"principal":"crn::iam:user:` + w.ownerID + `","action":"s3:GetObject","resource":"crn::s3:object:b/k","context":`
	for _, test := range tests {
		r := owner.post("/v1/iam/authorize", question+test.context+`}`)
		if test.field == "" {
			if r.status != 200 || r.at("allowed") != true {
				t.Errorf("%.80s: %s", test.context, r.body)
			}
		} else if details, _ := r.at("error.details").(string); r.status != 400 || !strings.HasPrefix(details, test.field+": ") {
			t.Errorf("%.80s: want 400 about %s: %s", test.context, test.field, r.body)
		}
	}
	good := func() obj {
		return obj{"principal": "crn::iam:user:" + w.ownerID, "action": "s3:GetObject", "resource": "crn::s3:object:b/k"}
	}
	for field, values := range map[string][]any{
		"principal": {nil, "", "olga", "crn::iam:user", "crm::iam:user:x"},
		"resource":  {nil, "b/k", "crn:a:b", "crn::s3:object:\x00"},
		"action":    {nil, "", "s3", ":Get", "s3:", "s3:Get*", "s3:Get Object", "s3:Gét", "s3:" + strings.Repeat("x", 126)},
		"at_least":  {"1", -1, 1.5},
		"explain":   {"yes"},
	} {
		for _, v := range values {
			q := good()
			q[field] = v
			owner.post("/v1/iam/authorize", q).detail(400, field+": ")
		}
	}
}
