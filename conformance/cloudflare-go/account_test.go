package cloudflarego

import (
	"testing"

	"github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/accounts"
	"github.com/cloudflare/cloudflare-go/v7/iam"
	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/cloudflare/cloudflare-go/v7/shared"
	"github.com/writ-iam/writ/conformance/harness"
)

// text is a parameter that is a string.
var text = cloudflare.F[string]

// account is one that a test has for itself, with its owner's client.
type account struct {
	*testing.T
	*harness.Organization
	*cloudflare.Client
	id  string
	key string // the resource that is the account
}

func newAccount(t *testing.T) *account {
	t.Helper()
	o := must(server.NewOrganization(t.Context()))(t)
	id := harness.Hex(o.ID)
	return &account{T: t, Organization: o, Client: bearer(o.Token), id: id, key: "com.cloudflare.api.account." + id}
}

// native calls the native API as the owner.
func (a *account) native(method, path string, body any, status int, into any) {
	a.Helper()
	if err := server.Native(a.Context(), a.Token, method, path, body, status, into); err != nil {
		a.Fatal(err)
	}
}

// role gives the id of a permission group by its label.
func (a *account) role(label string) string {
	a.Helper()
	list := all(a.T, a.IAM.PermissionGroups.ListAutoPaging(a.Context(), iam.PermissionGroupListParams{AccountID: text(a.id), Label: text(label)}))
	if len(list) != 1 {
		a.Fatalf("there are %d permission groups with the label %s", len(list), label)
	}
	return list[0].ID
}

// whole gives the id of the predefined resource group.
func (a *account) whole() string {
	a.Helper()
	return all(a.T, a.IAM.ResourceGroups.ListAutoPaging(a.Context(), iam.ResourceGroupListParams{AccountID: text(a.id)}))[0].ID
}

// zones makes a resource group of a zone.
func (a *account) zones(zone string) *iam.ResourceGroupNewResponse {
	a.Helper()
	return must(a.IAM.ResourceGroups.New(a.Context(), iam.ResourceGroupNewParams{
		AccountID: text(a.id), Name: text(harness.Unique("zones")), Scope: cloudflare.F(a.scope("com.cloudflare.api.account.zone." + zone)),
	}))(a.T)
}

func (a *account) scope(objects ...string) iam.ResourceGroupNewParamsScope {
	return iam.ResourceGroupNewParamsScope{Key: text(a.key), Objects: cloudflare.F(values(objects, func(key string) iam.ResourceGroupNewParamsScopeObject {
		return iam.ResourceGroupNewParamsScopeObject{Key: text(key)}
	}))}
}

// policy is one of a new user group: a permission group on a resource group.
func (a *account) policy(label, place string) iam.UserGroupNewParamsPolicy {
	a.Helper()
	return iam.UserGroupNewParamsPolicy{
		Access:           cloudflare.F(iam.UserGroupNewParamsPoliciesAccessAllow),
		PermissionGroups: cloudflare.F([]iam.UserGroupNewParamsPoliciesPermissionGroup{{ID: text(a.role(label))}}),
		ResourceGroups:   cloudflare.F([]iam.UserGroupNewParamsPoliciesResourceGroup{{ID: text(place)}}),
	}
}

// replacement is one of a user group's update.
func (a *account) replacement(label, place string) iam.UserGroupUpdateParamsPolicy {
	a.Helper()
	return iam.UserGroupUpdateParamsPolicy{
		ID:               text(unknownID), // which the SDK wants, and the server ignores
		Access:           cloudflare.F(iam.UserGroupUpdateParamsPoliciesAccessAllow),
		PermissionGroups: cloudflare.F([]iam.UserGroupUpdateParamsPoliciesPermissionGroup{{ID: text(a.role(label))}}),
		ResourceGroups:   cloudflare.F([]iam.UserGroupUpdateParamsPoliciesResourceGroup{{ID: text(place)}}),
	}
}

func (a *account) group(name string, policies ...iam.UserGroupNewParamsPolicy) *iam.UserGroupNewResponse {
	a.Helper()
	params := iam.UserGroupNewParams{AccountID: text(a.id), Name: text(name)}
	if len(policies) > 0 {
		params.Policies = cloudflare.F(policies)
	}
	return must(a.IAM.UserGroups.New(a.Context(), params))(a.T)
}

// memberPolicy is the body of a new member with one policy on the whole account.
func (a *account) memberPolicy(email, label string) accounts.MemberNewParams {
	a.Helper()
	return accounts.MemberNewParams{AccountID: text(a.id), Body: accounts.MemberNewParamsBodyIAMCreateMemberWithPolicies{
		Email: text(email),
		Policies: cloudflare.F([]accounts.MemberNewParamsBodyIAMCreateMemberWithPoliciesPolicy{{
			Access:           cloudflare.F(accounts.MemberNewParamsBodyIAMCreateMemberWithPoliciesPoliciesAccessAllow),
			PermissionGroups: cloudflare.F([]accounts.MemberNewParamsBodyIAMCreateMemberWithPoliciesPoliciesPermissionGroup{{ID: text(a.role(label))}}),
			ResourceGroups:   cloudflare.F([]accounts.MemberNewParamsBodyIAMCreateMemberWithPoliciesPoliciesResourceGroup{{ID: cloudflare.F(a.whole())}}),
		}}),
	}}
}

// roles is the body of a new member with a role.
func (a *account) roles(email, label string) accounts.MemberNewParams {
	a.Helper()
	return accounts.MemberNewParams{AccountID: text(a.id), Body: accounts.MemberNewParamsBodyIAMCreateMemberWithRoles{
		Email: text(email), Roles: cloudflare.F([]string{a.role(label)}),
	}}
}

// member makes somebody new a member, with one policy.
func (a *account) member(label string) *shared.Member {
	a.Helper()
	email := must(server.NewPerson(a.Context()))(a.T)
	return must(a.Accounts.Members.New(a.Context(), a.memberPolicy(email, label)))(a.T)
}

// invited makes a member of an address that nobody has.
func (a *account) invited() *shared.Member {
	a.Helper()
	return must(a.Accounts.Members.New(a.Context(), a.roles(harness.Unique("invited")+"@people.example", "analytics")))(a.T)
}

// secret makes a secret of a member.
func (a *account) secret(m *shared.Member) string {
	a.Helper()
	return must(server.UserSecret(a.Context(), a.Organization, harness.UUID(m.ID)))(a.T)
}

// tokenPolicies are those of a token that may do these on the whole account.
func (a *account) tokenPolicies(names ...string) []shared.TokenPolicyParam {
	a.Helper()
	groups := values(names, func(name string) shared.TokenPolicyPermissionGroupParam {
		list := all(a.T, a.Accounts.Tokens.PermissionGroups.ListAutoPaging(a.Context(), accounts.TokenPermissionGroupListParams{AccountID: text(a.id), Name: text(name)}))
		if len(list) != 1 {
			a.Fatalf("there are %d permission groups of tokens with the name %s", len(list), name)
		}
		return shared.TokenPolicyPermissionGroupParam{ID: text(list[0].ID)}
	})
	return []shared.TokenPolicyParam{{
		Effect:           cloudflare.F(shared.TokenPolicyEffectAllow),
		PermissionGroups: cloudflare.F(groups),
		Resources:        cloudflare.F[shared.TokenPolicyResourcesUnionParam](shared.TokenPolicyResourcesIAMResourcesTypeObjectStringParam{a.key: "*"}),
	}}
}

// token makes an account token that may do these; more changes its parameters.
func (a *account) token(more func(*accounts.TokenNewParams), names ...string) *accounts.TokenNewResponse {
	a.Helper()
	params := accounts.TokenNewParams{AccountID: text(a.id), Name: text(harness.Unique("token")), Policies: cloudflare.F(a.tokenPolicies(names...))}
	if more != nil {
		more(&params)
	}
	return must(a.Accounts.Tokens.New(a.Context(), params))(a.T)
}

// recorded makes a client of the owner, and gives what it sends.
func (a *account) recorded() (*cloudflare.Client, *recorder) {
	return connect(option.WithAPIToken(a.Token))
}
