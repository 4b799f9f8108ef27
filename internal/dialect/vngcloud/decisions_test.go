package vngcloud_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// in gives a statement a condition.
func in(statement obj, condition obj) obj {
	out := obj{"condition": condition}
	for k, v := range statement {
		out[k] = v
	}
	return out
}

// deny is allow's opposite.
func deny(actions string, resources ...string) obj {
	s := allow(actions, resources...)
	s["effect"] = "deny"
	return s
}

// TestPrefixes: a pattern that begins an id covers what begins so, and nothing else (sections 5.2 and 7.3, e4 to e6).
func TestPrefixes(t *testing.T) {
	w := newWorld(t)
	o := w.owner()
	p := o.policy("target", allow("iam:ListGroups", "*"))
	for i, tc := range []struct {
		resource string
		want     int
	}{
		{"iam::" + w.root + ":policy/" + p, 200},
		{"iam::" + w.root + ":policy/" + p[:13] + "*", 200},
		{"iam::" + w.root + ":policy/*" + p[20:], 200},
		{"iam::*:policy/" + p[:8] + "*", 200},
		{"iam::" + w.root + ":pol*", 200},
		{"*", 200},
		{"iam::" + w.root + ":policy/" + p[:13], 403},
		{"iam::" + w.root + ":policy/x*", 403},
		{"iam::" + w.root + ":policy/" + strings.ToUpper(p), 403},
		{"iam::777:policy/*", 403},
		{"iam::" + w.root + ":group/*", 403},
		{"vserver::" + w.root + ":policy/*", 403},
	} {
		worker, _ := o.serviceAccount(fmt.Sprint("worker ", i), allow("iam:GetPolicy iam:ListPolicies", tc.resource))
		worker.get("/policies/" + p).want(tc.want)
		// A list is about no policy in particular, and needs everything.
		want := 403
		if tc.resource == "*" {
			want = 200
		}
		worker.get("/policies?pageNumber=0&pageSize=1").want(want)
	}
}

// TestWindow: a policy holds within its window of time, by the server's clock in milliseconds (section 6.2).
func TestWindow(t *testing.T) {
	w := newWorld(t)
	from, until := w.site.Clock.Now().Add(time.Hour).UnixMilli(), w.site.Clock.Now().Add(2*time.Hour).UnixMilli()
	night := in(allow("iam:ListGroups", "*"), obj{"numberGreaterThanOrEquals": obj{"epochTime": list{strconv.FormatInt(from, 10)}},
		"numberLessThan": obj{"epochTime": list{strconv.FormatInt(until, 10)}}})
	worker, _ := w.owner().serviceAccount("night shift", night)
	for _, step := range []struct {
		at   int64
		want int
	}{{from - 1, 403}, {from, 200}, {until - 1, 200}, {until, 403}} {
		w.site.Clock.Advance(time.UnixMilli(step.at).Sub(w.site.Clock.Now()))
		worker.get("/groups").want(step.want)
	}
}

// TestSums: rights of groups and of the user add up, denials win, and new users have none (sections 7.1 and 7.3, e1, e2, e7 to e9).
func TestSums(t *testing.T) {
	w := newWorld(t)
	o := w.owner()
	g := o.group("staff")
	u := o.user("mia@acme.example")
	mia := w.as(o.natively("POST", "/iam/users/"+u+"/credentials", obj{"name": "key"}).want(201).str("secret_access_key"))
	mia.get("/groups").refused(403, "IAM_PERMISSION_DENIED")
	full := o.policy("full", allow("iam:*", "*"))
	o.post("/policies/"+full+"/groups/"+g, nil).want(204)
	mia.get("/groups").refused(403, "IAM_PERMISSION_DENIED")
	o.post("/groups/"+g+"/iam-users/"+u, nil).want(204)
	mia.get("/groups").want(200)
	made := mia.group("made by mia")
	o.post("/policies/"+o.policy("no deletes", deny("iam:Delete*", "*"))+"/iam-users/"+u, nil).want(204)
	mia.del("/groups/"+made).refused(403, "IAM_PERMISSION_DENIED")
	mia.get("/groups/" + made).want(200)
	o.del("/policies/" + full).want(204)
	mia.get("/groups").refused(403, "IAM_PERMISSION_DENIED")

	p := o.policy("some", allow("vserver:*", "*"))
	half, id := o.serviceAccount("half", allow("iam:AttachPolicyToGroup", "iam::"+w.root+":policy/*"))
	half.post("/policies/"+p+"/groups/"+g, nil).refused(403, "IAM_PERMISSION_DENIED")
	other := o.policy("the other half", allow("iam:AttachPolicyToGroup", "iam::"+w.root+":group/"+g))
	o.post("/policies/"+other+"/service-accounts/"+id, nil).want(204)
	half.post("/policies/"+p+"/groups/"+g, nil).want(204)
}

// TestRootUser: what is attached to the owner does not bind them, denials neither (sections 7.1 and 12). Natively, since here the root
// user is none to attach to.
func TestRootUser(t *testing.T) {
	w := newWorld(t)
	o := w.owner()
	p := o.policy("nothing", deny("*", "*"))
	o.natively("POST", "/iam/users/"+w.ownerID+"/policies", obj{"policy_id": p}).want(204)
	o.get("/groups").want(200)
	o.get("/policies/" + p + "/iam-users").want(200).is(list{})
}

// TestResourceTags: conditions see the stored tags of what a call is about, of each thing its own, and at once (sections 6 and 7.2).
func TestResourceTags(t *testing.T) {
	w := newWorld(t)
	o := w.owner()
	g, p := o.group("tagged"), o.policy("tagged", allow("vserver:*", "*"))
	dev := obj{"stringEquals": obj{"resourceTag/env": list{"dev", "test"}}}
	worker, id := o.serviceAccount("worker", in(allow("iam:*", "*"), dev))
	put := func(path, value string) {
		t.Helper()
		o.post(path+"/tags", obj{"tags": list{obj{"key": "env", "value": value}}}).want(201)
	}
	worker.get("/groups/"+g).refused(403, "IAM_PERMISSION_DENIED")
	worker.get("/groups").refused(403, "IAM_PERMISSION_DENIED") // a list has no tags
	put("/groups/"+g, "dev")
	worker.get("/groups/" + g).want(200)
	worker.do("PATCH", "/groups/"+g, obj{"name": "renamed"}).want(204)
	worker.post("/policies/"+p+"/groups/"+g, nil).refused(403, "IAM_PERMISSION_DENIED") // the policy has none
	put("/policies/"+p, "test")
	worker.post("/policies/"+p+"/groups/"+g, nil).want(204)
	put("/policies/"+p, "live")
	worker.del("/policies/"+p+"/groups/"+g).refused(403, "IAM_PERMISSION_DENIED")
	for _, path := range []string{accountsAPI + "/service-accounts/" + id, accountsAPI + "/iam-users/" + o.user("mia@acme.example")} {
		worker.get(path).refused(403, "IAM_PERMISSION_DENIED")
		put(path, "dev")
		worker.get(path).want(200)
	}
	// Every dialect alike: the native API decides by the same tags.
	worker.natively("GET", "/iam/groups/"+g, nil).want(200)
	worker.natively("GET", "/iam/policies/"+p, nil).want(403)
	// A denial by a tag holds beside an allow.
	freezer := o.policy("frozen", in(deny("iam:*", "*"), obj{"stringEquals": obj{"resourceTag/frozen": list{"yes"}}}))
	o.post("/policies/"+freezer+"/service-accounts/"+id, nil).want(204)
	worker.get("/groups/" + g).want(200)
	o.post("/groups/"+g+"/tags", obj{"tags": list{obj{"key": "frozen", "value": "yes"}}}).want(201)
	worker.get("/groups/"+g).refused(403, "IAM_PERMISSION_DENIED")
	worker.natively("GET", "/iam/groups/"+g, nil).want(403)
	// An answer on behalf of somebody else sees the stored tags as well.
	ask := func(crn string) *reply {
		return o.natively("POST", "/iam/authorize", obj{"principal": "crn::iam:service-account:" + id, "action": "iam:GetGroup", "resource": crn})
	}
	if got := ask("crn::iam:group:" + g).want(200); !strings.Contains(string(got.body), `"allowed":false`) {
		t.Errorf("%s", got.body)
	}
}

// TestRequestTags: conditions see the tags that a request gives, of creates and of tagging (sections 6.2, c7, c8, and 7.2).
func TestRequestTags(t *testing.T) {
	w := newWorld(t)
	o := w.owner()
	g := o.group("some")
	tags := func(pairs ...string) list {
		out := list{}
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, obj{"key": pairs[i], "value": pairs[i+1]})
		}
		return out
	}
	env, _ := o.serviceAccount("env", in(allow("iam:TagGroup iam:CreateGroup", "*"), obj{"stringEquals": obj{"requestTag/env": list{"dev"}}}))
	cost, _ := o.serviceAccount("cost", in(allow("iam:TagGroup", "*"), obj{"stringEquals": obj{"tagKey": list{"cost"}}}))
	free, _ := o.serviceAccount("free", in(allow("iam:TagGroup", "*"), obj{"stringNotEquals": obj{"tagKey": list{"cost"}}}))
	for _, tc := range []struct {
		who  *caller
		tags list
		want int
	}{
		{env, tags("env", "dev"), 201},
		{env, tags("env", "prod"), 403},
		{env, tags("Env", "dev"), 403},
		{env, tags("other", "x"), 403},
		{env, tags(), 403},
		{env, tags("env", "dev", "env", "prod"), 403}, // the last counts
		{cost, tags("cost", "7", "owner", "mia"), 201},
		{cost, tags("owner", "mia"), 403},
		{free, tags("cost", "7", "owner", "mia"), 403},
		{free, tags("owner", "mia"), 201},
	} {
		tc.who.post("/groups/"+g+"/tags", obj{"tags": tc.tags}).want(tc.want)
	}
	env.post("/groups/"+g+"/tags", `{"tags":"env"}`).refused(403, "IAM_PERMISSION_DENIED") // what cannot be read has none
	env.post("/groups", obj{"name": "made", "tags": tags("env", "dev")}).want(201)
	env.post("/groups", obj{"name": "made too"}).refused(403, "IAM_PERMISSION_DENIED")
	env.post("/groups", obj{"name": "made too", "tags": tags("env", "prod")}).refused(403, "IAM_PERMISSION_DENIED")
	// Tags in a create need what tagging needs.
	creator, _ := o.serviceAccount("creator", allow("iam:CreateGroup iam:CreatePolicy iam:CreateIamUser iam:CreateServiceAccount", "*"))
	creator.post("/groups", obj{"name": "plain"}).want(201)
	creator.post("/groups", obj{"name": "tagged", "tags": tags("env", "dev")}).refused(403, "IAM_PERMISSION_DENIED")
	creator.post("/policies", obj{"name": "tagged", "statements": list{allow("iam:*", "*")}, "tags": tags("env", "dev")}).refused(403, "IAM_PERMISSION_DENIED")
	creator.post(accountsAPI+"/iam-users", obj{"username": "tagged", "password": password, "tags": tags("env", "dev")}).refused(403, "IAM_PERMISSION_DENIED")
	creator.post(accountsAPI+"/service-accounts", obj{"name": "tagged", "tags": tags("env", "dev")}).refused(403, "IAM_PERMISSION_DENIED")
	for _, path := range []string{"/groups", "/policies", accountsAPI + "/iam-users", accountsAPI + "/service-accounts"} {
		id := o.post(path, obj{"name": "with tags", "username": "with.tags", "password": password, "statements": list{allow("iam:*", "*")}, "tags": tags("env", "dev")}).want(201).str("id")
		o.get(path + "/" + id + "/tags").want(200).is(obj{"tags": tags("env", "dev")})
	}
}

// TestTaggedCreates: what is made with tags needs tagging on the name that it gets; a denial of tagging things of the type binds, and an
// allow is enough (section 7.2). What is wrong with the tags is said before what is not there, and to those who may tag alone (section 9).
func TestTaggedCreates(t *testing.T) {
	w := newWorld(t)
	o := w.owner()
	o.group("taken")
	names := []string{"iam::" + w.root + ":group/*", "iam::" + w.root + ":policy/*", "iam::" + w.root + ":iam-user/*", "iam::" + w.root + ":service-account/*"}
	const creating, tagging = "iam:CreateGroup iam:CreatePolicy iam:CreateIamUser iam:CreateServiceAccount", "iam:TagGroup iam:TagPolicy iam:TagIamUser iam:TagServiceAccount"
	denied, _ := o.serviceAccount("denied", allow("iam:*", "*"), deny(tagging, names...))
	allowed, _ := o.serviceAccount("allowed", allow(creating, "*"), allow(tagging, names...))
	elsewhere, _ := o.serviceAccount("elsewhere", allow(creating, "*"), allow(tagging, "iam::777:*"))
	with := func(tag obj) obj {
		return obj{"name": "taken", "username": "taken", "password": password, "statements": list{allow("iam:*", "*")}, "policies": list{"nothing"}, "tags": list{tag}}
	}
	for _, path := range []string{"/groups", "/policies", accountsAPI + "/iam-users", accountsAPI + "/service-accounts"} {
		for _, c := range []*caller{denied, elsewhere} {
			c.post(path, with(obj{"key": "env"})).refused(403, "IAM_PERMISSION_DENIED")
			c.post(path, with(obj{"key": ""})).refused(403, "IAM_PERMISSION_DENIED")
		}
		allowed.post(path, with(obj{"key": ""})).refused(400, "INVALID_PARAMETER")
		if path != "/groups" {
			allowed.post(path, with(obj{"key": "env"})).want(201)
			allowed.post(path, with(obj{"key": ""})).refused(400, "INVALID_PARAMETER")
		}
	}
	o.post("/groups", with(obj{"key": "env"})).refused(404, "POLICY_NOT_FOUND")
}

// TestTagsOfUpdates: an update gives no tags. A member of that name is as unknown as others, whatever it is.
func TestTagsOfUpdates(t *testing.T) {
	o := newWorld(t).owner()
	for path, method := range map[string]string{"/groups/" + o.group("some"): "PATCH", "/policies/" + o.policy("some", allow("iam:*", "*")): "PUT"} {
		for _, tags := range []any{list{obj{"key": "env"}}, obj{"env": "dev"}, "env"} {
			o.do(method, path, obj{"name": "changed", "tags": tags}).want(204)
		}
		o.get(path + "/tags").want(200).is(obj{"tags": list{}})
	}
}

// TestMembersOfCreates: users and policies in the body of a new group need what adding and attaching need.
func TestMembersOfCreates(t *testing.T) {
	w := newWorld(t)
	o := w.owner()
	u, p := o.user("mia@acme.example"), o.policy("some", allow("vserver:*", "*"))
	creator, id := o.serviceAccount("creator", allow("iam:CreateGroup", "*"))
	creator.post("/groups", obj{"name": "g", "iamUsers": list{u}}).refused(403, "IAM_PERMISSION_DENIED")
	creator.post("/groups", obj{"name": "g", "policies": list{p}}).refused(403, "IAM_PERMISSION_DENIED")
	creator.post("/groups", obj{"name": "g", "policies": list{"{nobody}"}}).refused(403, "IAM_PERMISSION_DENIED")
	o.post("/policies/"+o.policy("more", allow("iam:AddIamUserToGroup iam:AttachPolicyToGroup", "iam::"+w.root+":group/*", "iam::"+w.root+":iam-user/"+u, "iam::"+w.root+":policy/"+p))+"/service-accounts/"+id, nil).want(204)
	creator.post("/groups", obj{"name": "g", "iamUsers": list{u}, "policies": list{p}}).want(201)
	creator.post("/groups", obj{"name": "g2", "iamUsers": list{u, w.ownerID}}).refused(403, "IAM_PERMISSION_DENIED")
}
