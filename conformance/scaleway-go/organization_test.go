package scalewaygo

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"testing"

	account "github.com/scaleway/scaleway-sdk-go/api/account/v3"
	iam "github.com/scaleway/scaleway-sdk-go/api/iam/v1alpha1"
	"github.com/scaleway/scaleway-sdk-go/scw"
	"github.com/writ-iam/writ/conformance/harness"
)

// organization is one that a test has for itself, with its owner's client.
type organization struct {
	*testing.T
	*harness.Organization
	*client
	key *iam.APIKey // the owner's
}

// newOrganization makes one. Its owner has a key.
func newOrganization(t *testing.T) *organization {
	t.Helper()
	o := &organization{T: t, Organization: must(server.NewOrganization(t.Context()))(t)}
	raw(t, o.Token, "POST", prefix+"/api-keys", map[string]string{"user_id": o.OwnerID, "description": "of the tests"}, 200, &o.key)
	o.client = o.as(o.key)
	return o
}

// as makes a client with a key.
func (o *organization) as(key *iam.APIKey) *client {
	o.Helper()
	return connect(o.T, scw.WithAuth(key.AccessKey, *key.SecretKey), scw.WithDefaultOrganizationID(o.ID), scw.WithDefaultProjectID(o.ID))
}

// native calls the native API as the owner.
func (o *organization) native(method, path string, body any, status int, into any) {
	o.Helper()
	done(o.T, server.Native(o.Context(), o.Token, method, path, body, status, into))
}

// quota sets a quota, as the operator does.
func (o *organization) quota(name string, limit int) {
	o.Helper()
	path := "/organizations/" + o.ID + "/quotas/" + name
	done(o.T, server.Native(o.Context(), server.Env["WRIT_OPERATOR_TOKEN"], "PUT", path, map[string]int{"limit": limit}, 200, nil))
}

// project makes a project and gives its id.
func (o *organization) project(name string) string {
	o.Helper()
	return must(o.projects.CreateProject(&account.ProjectAPICreateProjectRequest{Name: name}))(o.T).ID
}

func (o *organization) group(name string, tags ...string) *iam.Group {
	o.Helper()
	return must(o.CreateGroup(&iam.CreateGroupRequest{Name: name, Tags: tags}))(o.T)
}

func (o *organization) application(name string, tags ...string) *iam.Application {
	o.Helper()
	return must(o.CreateApplication(&iam.CreateApplicationRequest{Name: name, Tags: tags}))(o.T)
}

// member makes a user who belongs to this organization alone.
func (o *organization) member(username string) *iam.User {
	o.Helper()
	return must(o.CreateUser(&iam.CreateUserRequest{Member: &iam.CreateUserRequestMember{
		Email: username + "@members.example", Username: username, Password: "Correct-Horse-7"}}))(o.T)
}

// rule allows permission sets on the whole organization.
func (o *organization) rule(sets ...string) *iam.RuleSpecs {
	return &iam.RuleSpecs{PermissionSetNames: &sets, OrganizationID: &o.ID}
}

// inProjects allows permission sets in projects.
func inProjects(ids []string, sets ...string) *iam.RuleSpecs {
	return &iam.RuleSpecs{PermissionSetNames: &sets, ProjectIDs: &ids}
}

// unattached makes a policy that nobody has.
func (o *organization) unattached(name string, rules ...*iam.RuleSpecs) *iam.Policy {
	o.Helper()
	return must(o.CreatePolicy(&iam.CreatePolicyRequest{Name: name, NoPrincipal: new(true), Rules: rules}))(o.T)
}

// actor is an application with a policy, a key and a client of its own.
type actor struct {
	*client
	application *iam.Application
	policy      *iam.Policy
	key         *iam.APIKey
}

// actor makes one that may do what rules say.
func (o *organization) actor(rules ...*iam.RuleSpecs) *actor {
	o.Helper()
	a := &actor{application: o.application(harness.Unique("actor"))}
	a.policy = must(o.CreatePolicy(&iam.CreatePolicyRequest{Name: harness.Unique("policy"), ApplicationID: &a.application.ID, Rules: rules}))(o.T)
	a.key = must(o.CreateAPIKey(&iam.CreateAPIKeyRequest{ApplicationID: &a.application.ID}))(o.T)
	a.client = o.as(a.key)
	return a
}

// publicKey makes a public SSH key. Nobody has its private one.
func publicKey(comment string) string {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // which never fails
	var blob []byte
	for _, part := range [][]byte{[]byte("ssh-ed25519"), secret} {
		blob = binary.BigEndian.AppendUint32(blob, uint32(len(part)))
		blob = append(blob, part...)
	}
	return strings.TrimSpace("ssh-ed25519 " + base64.StdEncoding.EncodeToString(blob) + " " + comment)
}
