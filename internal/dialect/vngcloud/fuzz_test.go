package vngcloud_test

import "testing"

// FuzzBodies: whatever a body is, the answer is one of the contract's, and nothing that was refused has changed anything.
func FuzzBodies(f *testing.F) {
	w := newWorld(f)
	o := w.owner()
	g, p := o.group("target"), o.policy("target", allow("iam:GetPolicy", "*"))
	account, id, secret := w.client("target")
	paths := []struct{ method, path string }{{"POST", "/groups"}, {"PATCH", "/groups/" + g}, {"POST", "/policies"}, {"PUT", "/policies/" + p}, {"POST", "/compose-policy"},
		{"POST", "/groups/" + g + "/tags"}, {"DELETE", "/policies/" + p + "/tags"}, {"POST", accountsAPI + "/iam-users"}, {"POST", accountsAPI + "/service-accounts"},
		{"PATCH", accountsAPI + "/service-accounts/" + account}, {"POST", tokenEndpoint}}
	for i := range paths {
		for _, body := range []string{"", "{}", "[]", "null", `{"name":"x","statements":[{"effect":"allow","actions":["iam:*"],"resources":["*"],"condition":{"stringEquals":{"tagKey":["x"]}}}]}`,
			`{"name":"x","iamUsers":["` + g + `"],"mode":"idp","description":null}`, `{"tags":[{"key":"a","value":"b"}]}`, `{"keys":["a"]}`, `{"username":"fuzzy","password":"Aa1-aaaa"}`,
			`{"accessTokenLifeSpan":1e3}`, "grant_type=client_credentials", `{"grant_type":"client_credentials"}`, `[{"effect":"deny","actions":["*"],"resources":["iam::1:*"]}]`, "\xff", `{"name":"\ud800"}`} {
			f.Add(uint8(i), body)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, body string) {
		w.t = t
		at := paths[int(which)%len(paths)]
		c := o
		if at.path == tokenEndpoint {
			c = w.basically(id, secret)
		}
		before := o.get("/quotas/group").header.Get("Writ-Revision")
		r := c.do(at.method, at.path, body)
		switch {
		case r.status == 429 || r.status >= 500:
			t.Fatalf("%s %q: %d %s", r.what, body, r.status, r.body)
		case r.status >= 400:
			r.want(r.status)
			if after := o.get("/quotas/group").header.Get("Writ-Revision"); after != before {
				t.Errorf("%s %q: refused, and the organization moved from %s to %s", r.what, body, before, after)
			}
		case r.status == 204:
			r.want(204)
		default:
			r.at("")
		}
	})
}
