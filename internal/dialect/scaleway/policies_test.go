package scaleway_test

import (
	"slices"
	"strings"
	"testing"
)

// arms are the members of which a policy has exactly one.
var arms = []string{"user_id", "group_id", "application_id", "no_principal"}

// principal gives the one that an answer has.
func (a *answer) principal() string {
	a.t.Helper()
	out := ""
	for _, arm := range arms {
		v, ok := a.find(arm)
		if !ok {
			continue
		}
		if out != "" {
			a.t.Errorf("two principals: %s", a.body)
		}
		if out = arm; arm != "no_principal" {
			out += " " + v.(string)
		} else if v != true {
			a.t.Errorf("no_principal is %v", v)
		}
	}
	return out
}

// TestPolicy makes a policy and changes it in every way.
func TestPolicy(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	p := e.keep("new", "id", e.ask(e.owner(), "POST", "~/policies", `{"name":"new","organization_id":"`+strings.ToUpper(e.names["org"])+`","user_id":"{idle}",
		"tags":null,"rules":[
		{"permission_set_names":["IAMGroupReadOnly","IAMUserReadOnly","IAMGroupReadOnly"],"organization_id":"{org}","condition":""},
		{"permission_set_names":["InstancesReadOnly"],"project_ids":["{project}","`+strings.ToUpper(e.names["project2"])+`","{project}"],"condition":"1 == 1"},
		{"id":"ignored","permission_set_names":["VPCReadOnly"],"project_ids":["{project2}","{project}"]},
		{"permission_set_names":["AllProductsFullAccess"],"organization_id":"{org}"}]}`))
	p.want(200).is("name", "new", "description", "", "organization_id", e.names["org"], "editable", "true", "deletable", "true", "managed", "false",
		"nb_rules", "4", "nb_scopes", "2", "nb_permission_sets", "5", "tags", "[]")
	if p.principal() != "user_id "+e.names["idle"] {
		t.Errorf("principal %s", p.principal())
	}
	if _, has := p.find("rules"); has {
		t.Error("a policy shows its rules")
	}
	if got := e.get("~/policies/{new}").want(200); string(got.body) != string(p.body) {
		t.Errorf("read: %s\nmade: %s", got.body, p.body)
	}
	rules := e.get("~/rules?policy_id={new}").want(200)
	rules.is("total_count", "4",
		"rules.0.permission_set_names", `["IAMGroupReadOnly","IAMUserReadOnly"]`, "rules.0.permission_sets_scope_type", "organization",
		"rules.0.organization_id", e.names["org"], "rules.0.condition", "",
		"rules.1.project_ids", `["`+e.names["project"]+`","`+e.names["project2"]+`"]`, "rules.1.permission_sets_scope_type", "projects", "rules.1.condition", "1 == 1",
		"rules.3.permission_sets_scope_type", "projects", "rules.3.organization_id", e.names["org"])
	for _, absent := range []string{"rules.0.project_ids", "rules.1.organization_id", "rules.3.project_ids"} {
		if _, has := rules.find(absent); has {
			t.Errorf("%s is there", absent)
		}
	}
	e.get("~/groups?organization_id={org}").want(200)
	idle := key(e.names["idle_secret"])
	e.ask(idle, "GET", "~/groups", "").want(200)
	e.ask(idle, "POST", "~/groups", `{"name":"x"}`).denied("create", "group")

	// Another principal takes the rights along, at once.
	for _, to := range []struct{ body, principal string }{
		{`{"group_id":"{group2}"}`, "group_id {group2}"}, {`{"application_id":"{application}"}`, "application_id {application}"},
		{`{"user_id":"{pending}"}`, "user_id {pending}"}, {`{"no_principal":true}`, "no_principal"}, {`{"no_principal":true}`, "no_principal"},
		{`{"user_id":"{idle}","no_principal":false,"group_id":"","application_id":null}`, "user_id {idle}"}, {`{"name":"newer"}`, "user_id {idle}"},
		{`{"user_id":"{idle}"}`, "user_id {idle}"}, {`{"user_id":"{local}"}`, "user_id {local}"},
	} {
		if got := e.ask(e.owner(), "PATCH", "~/policies/{new}", to.body).want(200).principal(); got != e.fill(to.principal) {
			t.Errorf("%s: %s", to.body, got)
		}
	}
	e.ask(idle, "GET", "~/groups", "").denied("list", "group")
	e.ask(key(e.names["local_secret"]), "GET", "~/groups", "").want(200)
	e.ask(e.owner(), "DELETE", "~/policies/{new}", "").want(204)
	e.ask(key(e.names["local_secret"]), "GET", "~/groups", "").denied("list", "group")
	e.get("~/policies/{new}").missing("policy", e.names["new"])
	e.get("~/rules?policy_id={new}").missing("policy", e.names["new"])
	e.ask(e.owner(), "DELETE", "~/policies/{new}", "").missing("policy", e.names["new"])
}

// TestRuleIDs: ids of rules are new with every setting, and the same until then, whatever else of the policy changes (section 6).
func TestRuleIDs(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	seen := map[string]bool{}
	fresh := func(ids []string) {
		t.Helper()
		for _, id := range ids {
			if seen[id] || !isID.MatchString(id) {
				t.Errorf("rule id %q is none, or not new", id)
			}
			seen[id] = true
		}
	}
	ids := func() []string { return e.get("~/rules?policy_id={policy}").want(200).list("rules", "id") }
	fresh(ids())
	const body = `{"policy_id":"{policy}","rules":[{"permission_set_names":["VPCReadOnly"],"project_ids":["{project}"]},{"permission_set_names":["VPCReadOnly"],"project_ids":["{project}"]}]}`
	for range 3 { // the same rules, too
		a := e.ask(e.owner(), "PUT", "~/rules", body).want(200)
		if _, has := a.find("total_count"); has {
			t.Error("PUT answers with a count")
		}
		set := a.list("rules", "id")
		fresh(set)
		for _, change := range []string{`{"name":"renamed"}`, `{"description":"x","tags":["y"]}`, `{"no_principal":true}`, `{"group_id":"{group}"}`} {
			e.ask(e.owner(), "PATCH", "~/policies/{policy}", change).want(200)
			if got := ids(); !slices.Equal(got, set) {
				t.Errorf("after %s the ids are %v, were %v", change, got, set)
			}
		}
	}
	e.ask(e.owner(), "PUT", "~/rules", `{"policy_id":"{policy}","rules":[]}`).want(200).is("rules", "[]")
	e.get("~/rules?policy_id={policy}").want(200).is("rules", "[]", "total_count", "0")
	e.get("~/policies/{policy}").want(200).is("nb_rules", "0", "nb_scopes", "0", "nb_permission_sets", "0")
	e.ask(e.owner(), "PUT", "~/rules", `{"policy_id":"{policy}"}`).want(200).is("rules", "[]")
	e.ask(e.owner(), "PUT", "~/rules", `{"policy_id":"{policy}","rules":null}`).want(200).is("rules", "[]")
}

// TestRules: what a rule must be, at creation and when rules are set (sections 4.6, 6 and 9).
func TestRules(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	tail := e.tail()
	for _, tc := range []struct{ rule, argument, reason string }{
		{`{"project_ids":["{org}"]}`, "permission_set_names", "required"},
		{`{"permission_set_names":[],"project_ids":["{org}"]}`, "permission_set_names", "required"},
		{`{"permission_set_names":["None"],"project_ids":["{org}"]}`, "permission_set_names", "constraint"},
		{`{"permission_set_names":["VPCReadOnly","instancesreadonly"],"project_ids":["{org}"]}`, "permission_set_names", "constraint"},
		{`{"permission_set_names":["VPCReadOnly","IAMReadOnly"],"organization_id":"{org}"}`, "permission_set_names", "constraint"},
		{`{"permission_set_names":["VPCReadOnly"]}`, "scope", "required"},
		{`{"permission_set_names":["VPCReadOnly"],"project_ids":[]}`, "scope", "required"},
		{`{"permission_set_names":["VPCReadOnly"],"project_ids":[],"organization_id":""}`, "scope", "required"},
		{`{"permission_set_names":["VPCReadOnly"],"account_root_user_id":"{owner}"}`, "scope", "required"},
		{`{"permission_set_names":["VPCReadOnly"],"project_ids":["{org}"],"organization_id":"{org}"}`, "scope", "constraint"},
		{`{"permission_set_names":["IAMReadOnly"],"project_ids":["{org}"]}`, "project_ids", "constraint"},
		{`{"permission_set_names":["VPCReadOnly"],"project_ids":["x"]}`, "project_ids[0]", "format"},
		{`{"permission_set_names":["VPCReadOnly"],"organization_id":"x"}`, "organization_id", "format"},
		{`{"permission_set_names":["VPCReadOnly"],"organization_id":"{org}","condition":"1 =="}`, "condition", "format"},
		{`{"permission_set_names":["VPCReadOnly"],"organization_id":"{org}","condition":"` + strings.Repeat(" ", 2048) + `1"}`, "condition", "constraint"},
		{`{"permission_set_names":"VPCReadOnly","project_ids":["{org}"]}`, "permission_set_names", "format"},
		{`{"permission_set_names":[7],"project_ids":["{org}"]}`, "permission_set_names[0]", "format"},
		{`{"permission_set_names":["VPCReadOnly"],"project_ids":["{org}"],"condition":1}`, "condition", "format"},
	} {
		e.ask(e.owner(), "PUT", "~/rules", `{"policy_id":"{policy}","rules":[`+tc.rule+`]}`).argument("rules[0]."+tc.argument, tc.reason)
		e.ask(e.owner(), "POST", "~/policies", `{"name":"x","no_principal":true,"rules":[{"permission_set_names":["VPCReadOnly"],"project_ids":["{org}"]},`+tc.rule+`]}`).
			argument("rules[1]."+tc.argument, tc.reason)
	}
	for _, body := range []string{`{"policy_id":"{policy}","rules":[{"permission_set_names":["VPCReadOnly"],"project_ids":["{org}","ID"]}]}`} {
		for _, id := range []string{"nowhere", "other.project", "other.org", "group"} {
			e.ask(e.owner(), "PUT", "~/rules", strings.Replace(body, "ID", e.names[id], 1)).missing("project", e.names[id])
		}
	}
	e.ask(e.owner(), "PUT", "~/rules", `{"policy_id":"{policy}","rules":[{"permission_set_names":["VPCReadOnly"],"organization_id":"{other.org}"}]}`).denied("write", "rule")
	e.ask(e.owner(), "POST", "~/policies", `{"name":"x","no_principal":true,"rules":[{"permission_set_names":["VPCReadOnly"],"organization_id":"{nowhere}"}]}`).denied("create", "policy")
	one := `{"permission_set_names":["VPCReadOnly"],"project_ids":["{org}"]}`
	e.ask(e.owner(), "PUT", "~/rules", `{"policy_id":"{policy}","rules":[`+strings.Repeat(one+",", 100)+one+`]}`).argument("rules", "constraint")
	e.ask(e.owner(), "PUT", "~/rules", `{"rules":[]}`).argument("policy_id", "required")
	e.ask(e.owner(), "PUT", "~/rules", `{"policy_id":"","rules":[]}`).argument("policy_id", "required")
	e.ask(e.owner(), "PUT", "~/rules", `{"policy_id":"x","rules":[]}`).argument("policy_id", "format")
	e.ask(e.owner(), "PUT", "~/rules", `{"policy_id":7,"rules":[]}`).argument("policy_id", "format")
	for _, id := range []string{"nowhere", "other.policy", "statements"} {
		e.ask(e.owner(), "PUT", "~/rules", `{"policy_id":"{`+id+`}","rules":[]}`).missing("policy", e.names[id])
	}
	if e.tail() != tail {
		t.Error("something was committed")
	}
	e.ask(e.owner(), "PUT", "~/rules", `{"policy_id":"{policy}","rules":[`+strings.Repeat(one+",", 99)+one+`]}`).want(200)
	got := e.get("~/rules?policy_id={policy}").want(200)
	if n := len(got.list("rules", "id")); n != 20 || got.num("total_count") != 100 {
		t.Errorf("%d rules of %d", n, got.num("total_count"))
	}
}

// TestPrincipals: exactly one, and it is there (section 9).
func TestPrincipals(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	tail := e.tail()
	for _, tc := range []struct{ arms, reason string }{
		{``, "required"}, {`,"no_principal":false`, "required"}, {`,"user_id":""`, "required"}, {`,"user_id":null`, "required"},
		{`,"user_id":"{idle}","group_id":"{group}"`, "constraint"}, {`,"application_id":"{application}","group_id":"{group}"`, "constraint"},
		{`,"user_id":"{idle}","no_principal":true`, "constraint"},
	} {
		e.ask(e.owner(), "POST", "~/policies", `{"name":"x"`+tc.arms+`}`).argument("principal", tc.reason)
		if tc.reason == "constraint" {
			e.ask(e.owner(), "PATCH", "~/policies/{policy2}", `{"name":"x"`+tc.arms+`}`).argument("principal", tc.reason)
		}
	}
	for arm, things := range map[string][]string{
		"user":        {"nowhere", "other.member", "other.pending", "late", "group", "application", "org"},
		"group":       {"nowhere", "other.group", "member", "role"},
		"application": {"nowhere", "other.application", "member", "role"},
	} {
		for _, id := range things {
			body := `{"name":"x","` + arm + `_id":"` + e.names[id] + `"}`
			e.ask(e.owner(), "POST", "~/policies", body).missing(arm, e.names[id])
			e.ask(e.owner(), "PATCH", "~/policies/{policy2}", body).missing(arm, e.names[id])
		}
		e.ask(e.owner(), "POST", "~/policies", `{"name":"x","`+arm+`_id":"x"}`).argument(arm+"_id", "format")
	}
	if e.tail() != tail {
		t.Error("something was committed")
	}
}

// TestOtherwiseAttached: a policy that is attached to more than this API can show is shown, and neither changed nor deleted: nothing is
// lost that a client does not see. One in another language is not here.
func TestOtherwiseAttached(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	tail := e.tail()
	for id, principal := range map[string]string{"shared": "group_id {group2}", "of_role": "no_principal"} {
		p := e.get("~/policies/{"+id+"}").want(200).is("editable", "false", "deletable", "false")
		if p.principal() != e.fill(principal) {
			t.Errorf("%s: principal %s", id, p.principal())
		}
		for _, r := range []*answer{
			e.ask(e.owner(), "PATCH", "~/policies/{"+id+"}", `{"name":"x"}`),
			e.ask(e.owner(), "PATCH", "~/policies/{"+id+"}", `{"no_principal":true}`),
			e.ask(e.owner(), "PUT", "~/rules", `{"policy_id":"{`+id+`}","rules":[]}`),
			e.ask(e.owner(), "DELETE", "~/policies/{"+id+"}", ""),
		} {
			r.refused(412, "precondition_failed", "precondition", "protected_resource")
		}
		e.get("~/rules?policy_id={" + id + "}").want(200)
	}
	e.get("~/policies/{statements}").missing("policy", e.names["statements"])
	e.ask(e.owner(), "PATCH", "~/policies/{statements}", `{"name":"x"}`).missing("policy", e.names["statements"])
	e.ask(e.owner(), "DELETE", "~/policies/{statements}", "").missing("policy", e.names["statements"])
	e.ask(e.owner(), "POST", "~/policies/{statements}/clone", `{}`).missing("policy", e.names["statements"])
	if e.tail() != tail {
		t.Error("something was committed")
	}
	e.keep("clone", "id", e.ask(e.owner(), "POST", "~/policies/{shared}/clone", `{}`)).is("editable", "true", "no_principal", "true")
}

// TestClone copies a policy for nobody (section 7).
func TestClone(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for range 2 { // names may repeat
		c := e.keep("clone", "id", e.ask(e.owner(), "POST", "~/policies/{policy}/clone", `{"name":"ignored","tags":["x"]}`)).want(200)
		c.is("name", "Copy of operate", "description", "Rights of operators", "tags", "[]", "no_principal", "true", "nb_rules", "2", "nb_permission_sets", "3")
	}
	from, to := e.get("~/rules?policy_id={policy}"), e.get("~/rules?policy_id={clone}")
	for _, member := range []string{"rules.0.permission_set_names", "rules.0.project_ids", "rules.0.condition", "rules.1.organization_id"} {
		if string(mustFind(from, member)) != string(mustFind(to, member)) {
			t.Errorf("%s differs: %s", member, to.body)
		}
	}
	if slices.Equal(from.list("rules", "id"), to.list("rules", "id")) {
		t.Error("the clone's rules have the ids of the others")
	}
	e.ask(e.owner(), "POST", "~/policies/{nowhere}/clone", "").missing("policy", e.names["nowhere"])
}

// TestOrphans: what a policy was attached to goes, and the policy stays (sections 6 and 7).
func TestOrphans(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	for _, tc := range []struct{ path, policy string }{
		{"~/users/{member}", "of_member"}, {"~/users/{pending}", "of_pending"}, {"~/groups/{group}", "policy"}, {"~/applications/{reader}", "reading"},
	} {
		e.ask(e.owner(), "DELETE", tc.path, "").want(204)
		if got := e.get("~/policies/{" + tc.policy + "}").want(200); got.principal() != "no_principal" {
			t.Errorf("after %s: %s", tc.path, got.body)
		}
	}
	for _, who := range []string{"member", "reader"} {
		e.ask(key(e.names[who+"_secret"]), "GET", "~/groups", "").refused(401, "denied_authentication", "method", "api_key")
	}
	e.get("~/users/{member}").missing("user", e.names["member"])
	e.get("~/applications/{reader}").missing("application", e.names["reader"])
	if left := e.get("~/users/{local}").want(200); left.status != 200 {
		t.Error("somebody else is gone")
	}
}

// TestConditions: a rule grants while its condition holds (section 7.1).
func TestConditions(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.keep("rule", "id", e.ask(e.owner(), "POST", "~/policies", `{"name":"x","user_id":"{idle}"}`))
	idle := key(e.names["idle_secret"])
	idle.Set("User-Agent", "terraform-test")
	e.remote = "198.51.100.9:1"
	for condition, grants := range map[string]bool{
		``: true, `1 == 1`: true, `1 == 2`: false, `request.user_agent == 'terraform-test'`: true, `request.user_agent == 'other'`: false,
		`inIpRange(request.ip, \"198.51.100.0/24\")`: true, `inIpRange(request.ip, \"203.0.113.0/24\")`: false,
		`request.time.getFullYear() == 2026`: true, `request.time.getFullYear() < 2026`: false,
		`resource.id == \"{group}\"`: true, `resource.id == \"{group2}\"`: false, `resource.name == \"operators\"`: true, `resource.name.startsWith(\"read\")`: false,
		`resource.locality == \"global\"`: true, `resource.locality == \"fr-par\"`: false, `nothing.here`: false, `1 / 0 == 1`: false, `1`: false,
	} {
		e.ask(e.owner(), "PUT", "~/rules", `{"policy_id":"{rule}","rules":[{"permission_set_names":["IAMGroupReadOnly"],"organization_id":"{org}","condition":"`+condition+`"}]}`).want(200)
		a := e.ask(idle, "GET", "~/groups/{group}", "")
		if grants {
			a.want(200)
		} else {
			a.denied("read", "group")
		}
	}
	// A list is about no resource.
	for condition, grants := range map[string]bool{`resource.id == \"{group}\"`: false, `resource.id == \"{group}\" || !has(resource.id)`: true} {
		e.ask(e.owner(), "PUT", "~/rules", `{"policy_id":"{rule}","rules":[{"permission_set_names":["IAMGroupReadOnly"],"organization_id":"{org}","condition":"`+condition+`"}]}`).want(200)
		if a := e.ask(idle, "GET", "~/groups", ""); (a.status == 200) != grants {
			t.Errorf("%s: status %d", condition, a.status)
		}
	}
}
