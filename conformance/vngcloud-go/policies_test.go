package vngcloudgo

import (
	"fmt"
	"net/http"
	"testing"

	"golang.org/x/oauth2"
)

type object = map[string]any

// TestWholeLife: a policy is composed, made, attached to a service account, used by its client, changed and deleted.
func TestWholeLife(t *testing.T) {
	a := newAccount(t)
	root := a.userInfo().AccountID
	made := a.serviceAccount()
	robot := a.as(flow(made.ClientID, made.Secret, oauth2.AuthStyleAutoDetect).Client(t.Context()))

	var group struct{ ID string }
	a.call("POST", "/v1/groups", object{"name": "operators"}, http.StatusCreated, &group)
	robot.call("GET", "/v1/groups/"+group.ID, nil, http.StatusForbidden, nil)

	wide := []object{{"effect": "allow", "actions": []string{"iam:ListGroups", "iam:GetGroup", "iam:GetPolicy"}, "resources": []string{fmt.Sprintf("iam::%d:group/*", root)}}}
	var composed []object
	a.call("POST", "/v1/compose-policy", wide, http.StatusOK, &composed)
	if len(composed) != 2 {
		t.Fatalf("%v", composed)
	}
	var policy struct{ ID string }
	a.call("POST", "/v1/policies", object{"name": "groups", "description": nil, "statements": composed}, http.StatusCreated, &policy)
	a.call("POST", "/v1/policies/"+policy.ID+"/service-accounts/"+made.ID, nil, http.StatusNoContent, nil)
	a.call("POST", "/v1/policies/"+policy.ID+"/service-accounts/"+made.ID, nil, http.StatusConflict, nil)
	robot.call("GET", "/v1/groups/"+group.ID, nil, http.StatusOK, nil)
	var groups []struct{ ID, Name string }
	robot.call("GET", "/v1/groups", nil, http.StatusOK, &groups)
	if len(groups) != 1 || groups[0].ID != group.ID {
		t.Errorf("%v", groups)
	}
	robot.call("GET", "/v1/policies/"+policy.ID, nil, http.StatusForbidden, nil)

	var page struct {
		Data       []struct{ ID, Name string }
		TotalItems int
	}
	a.call("GET", "/v1/user-attachments/service-accounts/"+made.ID+"/policies?pageNumber=0&pageSize=10000", nil, http.StatusOK, &page)
	if page.TotalItems != 1 || page.Data[0].ID != policy.ID {
		t.Errorf("%+v", page)
	}
	a.call("PUT", "/v1/policies/"+policy.ID, object{"name": "nothing", "description": "none", "statements": []object{{"effect": "deny", "actions": []string{"*"}, "resources": []string{"*"}}}},
		http.StatusNoContent, nil)
	robot.call("GET", "/v1/groups", nil, http.StatusForbidden, nil)
	a.call("DELETE", "/v1/policies/"+policy.ID, nil, http.StatusNoContent, nil)
	a.call("GET", "/v1/policies/"+policy.ID, nil, http.StatusNotFound, nil)
	a.call("DELETE", "/accounts-api/v1/service-accounts/"+made.ID, nil, http.StatusNoContent, nil)
	robot.call("GET", "/v1/groups", nil, http.StatusUnauthorized, nil)
}
