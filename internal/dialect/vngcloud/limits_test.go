package vngcloud_test

import "testing"

// TestQuotas: what is one too many is refused, though not before what is wrong with it otherwise, and nothing of it is there (sections 3.3
// and 9). Managed policies do not count.
func TestQuotas(t *testing.T) {
	w := newWorld(t)
	o := w.owner()
	body := func(name string) obj {
		return obj{"name": name, "username": name, "password": password, "statements": list{allow("iam:GetPolicy", "*")}}
	}
	for quota, path := range map[string]string{"groups": "/groups", "policies": "/policies", "users": accountsAPI + "/iam-users", "service_accounts": accountsAPI + "/service-accounts"} {
		most := 2
		if quota == "users" {
			most++ // the root user counts
		}
		w.limit(quota, most)
		o.post(path, body("first")).want(201)
		o.post(path, body("second")).want(201)
		o.post(path, body("third")).refused(400, "QUOTA_EXCEEDED")
		o.post(path, body("first")).want(409)
		o.post(path, body("/")).refused(400, "INVALID_PARAMETER")
	}
	for _, of := range []string{"policy", "group"} {
		o.get("/quotas/" + of).want(200).is(obj{"limit": 2, "usage": 2})
	}
	if n := o.get(accountsAPI + "/iam-users?pageNumber=0&pageSize=9").want(200).num("totalItems"); n != 2 {
		t.Errorf("%d users", n)
	}
	worker := o.get(accountsAPI + "/service-accounts?pageNumber=0&pageSize=1").want(200).str("data.0.id")
	w.limit("attachments", 1)
	o.post("/policies/3cd82403-be4a-44e9-bde1-9205d66f38d9/service-accounts/"+worker, nil).want(204)
	o.post("/policies/9ff76556-9737-4718-9453-4ba5eac0a904/service-accounts/"+worker, nil).refused(400, "QUOTA_EXCEEDED")
}

// TestOneself: nobody removes themselves, though they may remove everybody.
func TestOneself(t *testing.T) {
	w := newWorld(t)
	o := w.owner()
	u := o.user("mia@acme.example")
	key := o.natively("POST", "/iam/users/"+u+"/credentials", obj{"name": "key"}).want(201).str("secret_access_key")
	o.post("/policies/3cd82403-be4a-44e9-bde1-9205d66f38d9/iam-users/"+u, nil).want(204)
	mia := w.as(key)
	mia.del(accountsAPI+"/iam-users/"+u).refused(409, "CONFLICT")
	mia.post(accountsAPI+"/iam-users/"+u+"/deactivate", nil).refused(409, "CONFLICT")
	mia.get(accountsAPI + "/auth/userinfo").want(200)
	mia.del(accountsAPI+"/iam-users/"+w.ownerID).refused(404, "IAM_USER_NOT_FOUND")
}
