package scalewaygo

import (
	"errors"
	"fmt"
	"testing"
	"time"

	iam "github.com/scaleway/scaleway-sdk-go/api/iam/v1alpha1"
	"github.com/scaleway/scaleway-sdk-go/scw"
)

// TestReadOnly: an application's key with IAMReadOnly lists and reads, and cannot write.
func TestReadOnly(t *testing.T) {
	o := newOrganization(t)
	a := o.actor(o.rule("IAMReadOnly"))
	user, group := o.member("ada"), o.group("group")
	must(o.AddGroupMember(&iam.AddGroupMemberRequest{GroupID: group.ID, UserID: &user.ID}))(t)
	read(t, "users", a, o, func(api *iam.API) (any, error) { return api.ListUsers(&iam.ListUsersRequest{}) })
	read(t, "applications", a, o, func(api *iam.API) (any, error) { return api.ListApplications(&iam.ListApplicationsRequest{}) })
	read(t, "groups", a, o, func(api *iam.API) (any, error) { return api.ListGroups(&iam.ListGroupsRequest{}) })
	read(t, "policies", a, o, func(api *iam.API) (any, error) { return api.ListPolicies(&iam.ListPoliciesRequest{}) })
	read(t, "rules", a, o, func(api *iam.API) (any, error) { return api.ListRules(&iam.ListRulesRequest{PolicyID: a.policy.ID}) })
	read(t, "API keys", a, o, func(api *iam.API) (any, error) { return api.ListAPIKeys(&iam.ListAPIKeysRequest{}) })
	read(t, "permission sets", a, o, func(api *iam.API) (any, error) { return api.ListPermissionSets(&iam.ListPermissionSetsRequest{}) })
	read(t, "a user", a, o, func(api *iam.API) (any, error) { return api.GetUser(&iam.GetUserRequest{UserID: user.ID}) })
	read(t, "a group", a, o, func(api *iam.API) (any, error) { return api.GetGroup(&iam.GetGroupRequest{GroupID: group.ID}) })
	read(t, "an application", a, o, func(api *iam.API) (any, error) {
		return api.GetApplication(&iam.GetApplicationRequest{ApplicationID: a.application.ID})
	})
	read(t, "a policy", a, o, func(api *iam.API) (any, error) { return api.GetPolicy(&iam.GetPolicyRequest{PolicyID: a.policy.ID}) })
	read(t, "an API key", a, o, func(api *iam.API) (any, error) {
		return api.GetAPIKey(&iam.GetAPIKeyRequest{AccessKey: a.key.AccessKey})
	})

	_, err := a.CreateGroup(&iam.CreateGroupRequest{Name: "mine"})
	denied(t, err, "create", "group")
	_, err = a.SetGroupMembers(&iam.SetGroupMembersRequest{GroupID: group.ID})
	denied(t, err, "write", "group")
	_, err = a.RemoveGroupMember(&iam.RemoveGroupMemberRequest{GroupID: group.ID, UserID: &user.ID})
	denied(t, err, "write", "group")
	denied(t, a.DeleteGroup(&iam.DeleteGroupRequest{GroupID: group.ID}), "delete", "group")
	_, err = a.CreateApplication(&iam.CreateApplicationRequest{Name: "mine"})
	denied(t, err, "create", "application")
	_, err = a.CreatePolicy(&iam.CreatePolicyRequest{Name: "mine", ApplicationID: &a.application.ID, Rules: []*iam.RuleSpecs{o.rule("IAMManager")}})
	denied(t, err, "create", "policy")
	_, err = a.SetRules(&iam.SetRulesRequest{PolicyID: a.policy.ID, Rules: []*iam.RuleSpecs{o.rule("IAMManager")}})
	denied(t, err, "write", "rule")
	_, err = a.CreateUser(&iam.CreateUserRequest{Email: new("mine@people.example")})
	denied(t, err, "create", "user")
	denied(t, a.DeleteUser(&iam.DeleteUserRequest{UserID: user.ID}), "delete", "user")
	_, err = a.CreateAPIKey(&iam.CreateAPIKeyRequest{ApplicationID: &a.application.ID})
	denied(t, err, "create", "api_key")
	denied(t, a.DeleteAPIKey(&iam.DeleteAPIKeyRequest{AccessKey: o.key.AccessKey}), "delete", "api_key")
	same(t, "the group", []string{user.ID}, must(o.GetGroup(&iam.GetGroupRequest{GroupID: group.ID}))(t).UserIDs)
}

// read insists that an actor reads what the owner reads.
func read(t *testing.T, what string, a *actor, o *organization, call func(*iam.API) (any, error)) {
	t.Helper()
	same(t, what, must(call(o.API))(t), must(call(a.API))(t))
}

// TestConditions opens and closes a rule with the address, the clock, the client and the resource.
func TestConditions(t *testing.T) {
	o := newOrganization(t)
	a := o.actor()
	set := func(condition string) {
		t.Helper()
		rule := o.rule("IAMReadOnly")
		rule.Condition = condition
		must(o.SetRules(&iam.SetRulesRequest{PolicyID: a.policy.ID, Rules: []*iam.RuleSpecs{rule}}))(t)
	}
	allowed := func() bool {
		t.Helper()
		_, err := a.ListGroups(&iam.ListGroupsRequest{})
		if _, is := errors.AsType[*scw.PermissionsDeniedError](err); err != nil && !is {
			t.Fatal(err)
		}
		return err == nil
	}
	at := func(d time.Duration) string {
		return fmt.Sprintf("timestamp(%q)", time.Now().UTC().Add(d).Format(time.RFC3339Nano))
	}
	for _, x := range []struct {
		condition string
		open      bool
	}{
		{"", true},
		{"1 == 1", true},
		{"1 == 2", false},
		{"1 / 0 == 1", false},
		{`inIpRange(request.ip, "127.0.0.0/8")`, true},
		{`inIpRange(request.ip, "127.0.0.1/32")`, true},
		{`inIpRange(request.ip, "198.51.100.0/24")`, false},
		{`!inIpRange(request.ip, "127.0.0.0/8")`, false},
		{"request.time > " + at(-time.Hour) + " && request.time < " + at(time.Hour), true},
		{"request.time > " + at(time.Hour), false},
		{"request.time.getFullYear() < 2020", false},
		{`request.time.getDayOfWeek("Europe/Paris") in [0, 1, 2, 3, 4, 5, 6]`, true},
		{`request.user_agent.startsWith("scaleway-sdk-go/")`, true},
		{`request.user_agent == "terraform-test"`, false},
		{"has(resource.id)", false},
		{"!has(resource.id)", true},
	} {
		if set(x.condition); allowed() != x.open {
			t.Errorf("%s: want open %t", x.condition, x.open)
		}
	}
	if set("request.time >= " + at(3*time.Second)); allowed() {
		t.Error("open before its time")
	}
	eventually(t, "the rule to open", allowed)
	if set("request.time < " + at(3*time.Second)); !allowed() {
		t.Error("closed before its time")
	}
	eventually(t, "the rule to close", func() bool { return !allowed() })
}

func TestOtherOrganizations(t *testing.T) {
	o, other := newOrganization(t), newOrganization(t)
	for _, id := range []string{other.ID, unknownID} {
		_, err := o.ListGroups(&iam.ListGroupsRequest{OrganizationID: id})
		denied(t, err, "list", "group")
		_, err = o.ListPolicies(&iam.ListPoliciesRequest{OrganizationID: id})
		denied(t, err, "list", "policy")
		_, err = o.CreateApplication(&iam.CreateApplicationRequest{Name: "mine", OrganizationID: id})
		denied(t, err, "create", "application")
		_, err = o.GetOrganization(&iam.GetOrganizationRequest{OrganizationID: id})
		denied(t, err, "read", "organization")
	}
}
