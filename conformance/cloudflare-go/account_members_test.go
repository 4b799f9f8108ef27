package cloudflarego

import (
	"slices"
	"testing"

	"github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/accounts"
	"github.com/cloudflare/cloudflare-go/v7/iam"
	"github.com/cloudflare/cloudflare-go/v7/shared"
	"github.com/writ-iam/writ/conformance/harness"
)

// replaceWith is the update of a member's policies with one on the whole account.
func (a *account) replaceWith(label string) accounts.MemberUpdateParams {
	a.Helper()
	return accounts.MemberUpdateParams{AccountID: text(a.id), Body: accounts.MemberUpdateParamsBodyIAMUpdateMemberWithPolicies{
		Policies: cloudflare.F([]accounts.MemberUpdateParamsBodyIAMUpdateMemberWithPoliciesPolicy{{
			Access:           cloudflare.F(accounts.MemberUpdateParamsBodyIAMUpdateMemberWithPoliciesPoliciesAccessAllow),
			PermissionGroups: cloudflare.F([]accounts.MemberUpdateParamsBodyIAMUpdateMemberWithPoliciesPoliciesPermissionGroup{{ID: text(a.role(label))}}),
			ResourceGroups:   cloudflare.F([]accounts.MemberUpdateParamsBodyIAMUpdateMemberWithPoliciesPoliciesResourceGroup{{ID: text(a.whole())}}),
		}}),
	}}
}

func TestAccountMemberLife(t *testing.T) {
	a := newAccount(t)
	ctx, members := t.Context(), a.Accounts.Members

	made := a.member("admin_readonly")
	isID(t, made.ID)
	isID(t, made.User.ID)
	if made.Status != shared.MemberStatusAccepted || made.User.Email != made.Email || len(made.Policies) != 1 {
		t.Errorf("made: %s", made.JSON.RawJSON())
	}
	if place := made.Policies[0].ResourceGroups[0]; place.Scope.Key != a.key || place.Scope.Objects[0].Key != "*" {
		t.Errorf("the scope is not an object: %s", place.JSON.RawJSON())
	}
	got := must(members.Get(ctx, made.ID, accounts.MemberGetParams{AccountID: text(a.id)}))(t)
	same(t, "got", fields(t, made.JSON.RawJSON()), fields(t, got.JSON.RawJSON()))

	changed := must(members.Update(ctx, made.ID, a.replaceWith("dns")))(t)
	if len(changed.Policies) != 1 || changed.Policies[0].PermissionGroups[0].Name != "DNS" {
		t.Errorf("changed: %s", changed.JSON.RawJSON())
	}
	withRole := must(members.Update(ctx, made.ID, accounts.MemberUpdateParams{AccountID: text(a.id),
		Body: accounts.MemberUpdateParamsBodyIAMUpdateMemberWithRoles{Roles: cloudflare.F([]shared.RoleParam{{ID: text(a.role("admin"))}})}}))(t)
	if len(withRole.Roles) != 1 || withRole.Roles[0].Name != "Administrator" {
		t.Errorf("with a role: %s", withRole.JSON.RawJSON())
	}

	deleted := must(members.Delete(ctx, made.ID, accounts.MemberDeleteParams{AccountID: text(a.id)}))(t)
	same(t, "deleted", made.ID, deleted.ID)
	_, err := members.Get(ctx, made.ID, accounts.MemberGetParams{AccountID: text(a.id)})
	refused(t, err, 404, 1003)
}

func TestAccountMemberList(t *testing.T) {
	a := newAccount(t)
	accepted, pending := []string{a.OwnerEmail}, []string{}
	for range 24 {
		accepted = append(accepted, a.member("analytics").Email)
	}
	for range 31 {
		pending = append(pending, a.invited().Email)
	}
	list := func(params accounts.MemberListParams, requests int) []string {
		t.Helper()
		client, wire := a.recorded()
		params.AccountID = text(a.id)
		got := all(t, client.Accounts.Members.ListAutoPaging(t.Context(), params))
		if len(wire.sent) != requests {
			t.Errorf("%d requests, want %d", len(wire.sent), requests)
		}
		return values(got, func(m shared.Member) string { return m.Email })
	}
	sorted := func(emails ...string) []string { slices.Sort(emails); return emails }
	everybody := sorted(slices.Concat(accepted, pending)...)
	same(t, "by default", everybody, sorted(list(accounts.MemberListParams{}, 4)...))
	same(t, "pages of 10", everybody, sorted(list(accounts.MemberListParams{PerPage: cloudflare.F(10.0)}, 7)...))
	same(t, "accepted, as they were made", accepted, list(accounts.MemberListParams{Status: cloudflare.F(accounts.MemberListParamsStatusAccepted)}, 3))
	same(t, "pending", sorted(pending...), sorted(list(accounts.MemberListParams{Status: cloudflare.F(accounts.MemberListParamsStatusPending)}, 3)...))
	same(t, "rejected", []string{}, list(accounts.MemberListParams{Status: cloudflare.F(accounts.MemberListParamsStatusRejected)}, 1))

	byEmail := accounts.MemberListParams{Order: cloudflare.F(accounts.MemberListParamsOrderUserEmail), Direction: cloudflare.F(accounts.MemberListParamsDirectionAsc)}
	same(t, "by address", everybody, list(byEmail, 4))
	byEmail.Direction = cloudflare.F(accounts.MemberListParamsDirectionDesc)
	backwards := slices.Clone(everybody)
	slices.Reverse(backwards)
	same(t, "backwards", backwards, list(byEmail, 4))
}

func TestAccountMemberRefusals(t *testing.T) {
	a, b := newAccount(t), newAccount(t)
	ctx, members := t.Context(), a.Accounts.Members
	person := must(server.NewPerson(ctx))(t)
	member, invited := a.member("analytics"), a.invited()
	unknownRole := accounts.MemberNewParamsBodyIAMCreateMemberWithRoles{Email: text(person), Roles: cloudflare.F([]string{unknownID})}
	acceptedStranger := accounts.MemberNewParamsBodyIAMCreateMemberWithRoles{Email: text("stranger@go.example"), Roles: cloudflare.F([]string{a.role("dns")}),
		Status: cloudflare.F(accounts.MemberNewParamsBodyIAMCreateMemberWithRolesStatus("accepted"))}
	for why, params := range map[string]accounts.MemberNewParams{
		"a member":              a.memberPolicy(member.Email, "dns"),
		"a pending member":      a.roles(invited.Email, "dns"),
		"no address":            a.roles("nobody", "dns"),
		"unknown role":          {AccountID: text(a.id), Body: unknownRole},
		"a stranger's consent":  {AccountID: text(a.id), Body: acceptedStranger},
		"an empty address":      a.memberPolicy("", "dns"),
		"the owner of this all": a.memberPolicy(a.OwnerEmail, "dns"),
	} {
		t.Run(why, func(t *testing.T) {
			_, err := members.New(ctx, params)
			refused(t, err, 400, 1001)
		})
	}
	_, err := members.Delete(ctx, harness.Hex(a.OwnerID), accounts.MemberDeleteParams{AccountID: text(a.id)})
	refused(t, err, 400, 1001)
	for _, id := range []string{unknownID, b.member("analytics").ID} {
		_, err := members.Get(ctx, id, accounts.MemberGetParams{AccountID: text(a.id)})
		refused(t, err, 404, 1003)
		_, err = members.Update(ctx, id, a.replaceWith("dns"))
		refused(t, err, 404, 1003)
		_, err = members.Delete(ctx, id, accounts.MemberDeleteParams{AccountID: text(a.id)})
		refused(t, err, 404, 1003)
	}
	for _, id := range malformedIDs {
		_, err := members.Get(ctx, id, accounts.MemberGetParams{AccountID: text(a.id)})
		refused(t, err, 404, 7003)
	}
}

func TestRoles(t *testing.T) {
	a := newAccount(t)
	list := all(t, a.Accounts.Roles.ListAutoPaging(t.Context(), accounts.RoleListParams{AccountID: text(a.id)}))
	client, wire := a.recorded()
	paged := all(t, client.Accounts.Roles.ListAutoPaging(t.Context(), accounts.RoleListParams{AccountID: text(a.id), PerPage: cloudflare.F(5.0)}))
	same(t, "pages of 5", len(list), len(paged))
	same(t, "requests", (len(list)+4)/5+1, len(wire.sent))
	readonly := a.role("admin_readonly")
	if !slices.ContainsFunc(list, func(r shared.Role) bool { return r.ID == readonly && r.Name == "Administrator Read Only" }) {
		t.Error("no role has the id of a permission group")
	}
	got := must(a.Accounts.Roles.Get(t.Context(), readonly, accounts.RoleGetParams{AccountID: text(a.id)}))(t)
	same(t, "got", "Administrator Read Only", got.Name)
	_, err := a.Accounts.Roles.Get(t.Context(), unknownID, accounts.RoleGetParams{AccountID: text(a.id)})
	refused(t, err, 404, 0)
}

// TestReadOnly gives Administrator Read Only to a member: directly, and by a user group.
func TestReadOnly(t *testing.T) {
	a := newAccount(t)
	group := a.group("readers", a.policy("admin_readonly", a.whole()))
	byGroup := a.member("analytics")
	must(a.IAM.UserGroups.Members.New(t.Context(), group.ID, iam.UserGroupMemberNewParams{AccountID: text(a.id),
		Members: []iam.UserGroupMemberNewParamsMember{{ID: text(byGroup.ID)}}}))(t)
	for how, m := range map[string]*shared.Member{"directly": a.member("admin_readonly"), "by a group": byGroup} {
		t.Run(how, func(t *testing.T) {
			secret := a.secret(m)
			client := bearer(secret)
			ctx := t.Context()
			must(client.IAM.UserGroups.Get(ctx, group.ID, iam.UserGroupGetParams{AccountID: text(a.id)}))(t)
			all(t, client.IAM.PermissionGroups.ListAutoPaging(ctx, iam.PermissionGroupListParams{AccountID: text(a.id)}))
			all(t, client.IAM.ResourceGroups.ListAutoPaging(ctx, iam.ResourceGroupListParams{AccountID: text(a.id)}))
			all(t, client.IAM.SSO.ListAutoPaging(ctx, iam.SSOListParams{AccountID: text(a.id)}))
			all(t, client.Accounts.Members.ListAutoPaging(ctx, accounts.MemberListParams{AccountID: text(a.id)}))

			_, err := client.IAM.UserGroups.New(ctx, iam.UserGroupNewParams{AccountID: text(a.id), Name: text("mine")})
			refused(t, err, 403, 10000)
			_, err = client.IAM.UserGroups.Delete(ctx, group.ID, iam.UserGroupDeleteParams{AccountID: text(a.id)})
			refused(t, err, 403, 10000)
			_, err = client.IAM.SSO.New(ctx, iam.SSONewParams{AccountID: text(a.id), EmailDomain: text("mine.example.test")})
			refused(t, err, 403, 10000)
			_, err = client.Accounts.Members.Delete(ctx, m.ID, accounts.MemberDeleteParams{AccountID: text(a.id)})
			refused(t, err, 403, 10000)

			if err := server.Native(ctx, secret, "GET", "/iam/groups", nil, 200, nil); err != nil {
				t.Error(err)
			}
			if err := server.Native(ctx, secret, "POST", "/iam/groups", map[string]string{"name": "mine"}, 403, nil); err != nil {
				t.Error(err)
			}
		})
	}
}
