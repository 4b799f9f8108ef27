package vngcloud_test

import "testing"

func TestSmoke(t *testing.T) {
	w := newWorld(t)
	o := w.owner()
	g := o.group("operators")
	p := o.policy("ReadBuckets", allow("vstorage:ListProjects vstorage:GetProject", "*"))
	u := o.user("ann@acme.example")
	o.post("/groups/"+g+"/iam-users/"+u, nil).want(204)
	o.post("/policies/"+p+"/groups/"+g, nil).want(204)
	t.Logf("%s", o.get("/groups/"+g).want(200).body)
	t.Logf("%s", o.get("/policies/"+p).want(200).body)
	t.Logf("%s", o.get("/policies?pageNumber=0&pageSize=3").want(200).body)
	t.Logf("%s", o.get("/actions?product=iam").want(200).body[:900])
	t.Logf("%s", o.get("/resources?product=vstorage").want(200).body)
	t.Logf("%s", o.get("/products///").want(200).body)
	t.Logf("%s", o.get("/quotas/group").want(200).body)
	t.Logf("%s", o.del("/policies/3cd82403-be4a-44e9-bde1-9205d66f38d9").want(403).body)
	t.Logf("%s", w.as("").get("/nothing").want(401).body)
	t.Logf("%s", o.get("/nothing").want(404).body)
	t.Logf("%s", o.do("PUT", "/groups", nil).want(405).body)
}
