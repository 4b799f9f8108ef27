package scalewaygo

import (
	"strings"
	"testing"

	iam "github.com/scaleway/scaleway-sdk-go/api/iam/v1alpha1"
	"github.com/scaleway/scaleway-sdk-go/scw"
)

// TestErrors causes every type of error that the server has, and reads what the SDK makes of it. Too many calls are tested in
// ../scaleway-js, with a server of its own. Of the other types (locked, expired, transient state, out of stock) the server has
// no use.
func TestErrors(t *testing.T) {
	o := newOrganization(t)
	group := o.group("Ops")
	a := o.actor()
	o.quota("policies", 1)
	nobody := connect(t, scw.WithDefaultOrganizationID(o.ID))
	text := func(err error, want string) {
		t.Helper()
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	_, err := o.CreateGroup(&iam.CreateGroupRequest{Name: "a/b"})
	text(err, "scaleway-sdk-go: invalid argument(s): name is wrongly formatted, has letters")
	_, err = nobody.ListGroups(&iam.ListGroupsRequest{})
	text(err, "scaleway-sdk-go: denied authentication: invalid API key format or empty value")
	text(a.DeleteGroup(&iam.DeleteGroupRequest{GroupID: group.ID}), "scaleway-sdk-go: insufficient permissions: delete group")
	_, err = o.CreatePolicy(&iam.CreatePolicyRequest{Name: "p", NoPrincipal: new(true)})
	text(err, "scaleway-sdk-go: quota exceeded(s): iam_policies has reached its quota (1/1)")
	_, err = o.GetGroup(&iam.GetGroupRequest{GroupID: unknownID})
	text(err, "scaleway-sdk-go: resource group with ID "+unknownID+" is not found")
	_, err = o.CreateGroup(&iam.CreateGroupRequest{Name: "Ops"})
	text(err, "scaleway-sdk-go: http error 409 Conflict: resource group: resource already exists")
	text(o.DeleteUser(&iam.DeleteUserRequest{UserID: o.OwnerID}), "scaleway-sdk-go: precondition failed: , the owner")

	full := refused[*scw.QuotasExceededError](t, second(o.CreatePolicy(&iam.CreatePolicyRequest{Name: "p", NoPrincipal: new(true)})))
	same(t, "quota", []scw.QuotasExceededErrorDetail{{Resource: "iam_policies", Quota: 1, Current: 1}}, full.Details)
}

// second drops a value.
func second[T any](_ T, err error) error { return err }

func TestAuthentication(t *testing.T) {
	o := newOrganization(t)
	unknown := connect(t, scw.WithAuth(o.key.AccessKey, unknownID), scw.WithDefaultOrganizationID(o.ID))
	_, err := unknown.ListGroups(&iam.ListGroupsRequest{})
	unauthenticated(t, err, "api_key", "not_found")
	unauthenticated(t, unknown.DeleteGroup(&iam.DeleteGroupRequest{GroupID: unknownID}), "api_key", "not_found")
	for token, reason := range map[string]string{"abc": "invalid_argument", "a.b.c": "not_found"} {
		session := connect(t, scw.WithJWT(token), scw.WithDefaultOrganizationID(o.ID))
		_, err := session.ListGroups(&iam.ListGroupsRequest{})
		unauthenticated(t, err, "jwt", reason)
	}
}

// TestEnvironment: the variables of the env file are all that the SDK wants.
func TestEnvironment(t *testing.T) {
	for _, name := range []string{"SCW_API_URL", "SCW_ACCESS_KEY", "SCW_SECRET_KEY", "SCW_DEFAULT_ORGANIZATION_ID", "SCW_DEFAULT_PROJECT_ID"} {
		t.Setenv(name, server.Env[name])
	}
	api := iam.NewAPI(must(scw.NewClient(scw.WithEnv()))(t))
	group := must(api.CreateGroup(&iam.CreateGroupRequest{Name: "by the env file"}))(t)
	same(t, "the organization", server.Env["WRIT_ORGANIZATION_ID"], group.OrganizationID)
	done(t, api.DeleteGroup(&iam.DeleteGroupRequest{GroupID: group.ID}))
	key := must(api.CreateSSHKey(&iam.CreateSSHKeyRequest{Name: "by the env file", PublicKey: publicKey("")}))(t)
	same(t, "the project", server.Env["SCW_DEFAULT_PROJECT_ID"], key.ProjectID)
	done(t, api.DeleteSSHKey(&iam.DeleteSSHKeyRequest{SSHKeyID: key.ID}))
}

// TestMetadata: the SDK asks once where it is.
func TestMetadata(t *testing.T) {
	o := newOrganization(t)
	api := o.as(o.key)
	for range 3 {
		must(api.ListGroups(&iam.ListGroupsRequest{}))(t)
	}
	asked := 0
	for _, call := range api.wire.calls() {
		if call == metadata {
			asked++
		}
	}
	same(t, "calls of metadata", 1, asked)
}
