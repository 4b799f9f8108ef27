package cloudflarego

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/iam"
	"github.com/cloudflare/cloudflare-go/v7/shared"
	"github.com/writ-iam/writ/conformance/harness"
)

func TestUserGroupLife(t *testing.T) {
	a := newAccount(t)
	ctx, groups := t.Context(), a.IAM.UserGroups

	made := a.group("Eng & Ops")
	isID(t, made.ID)
	isRecent(t, made.CreatedOn)
	isRecent(t, made.ModifiedOn)
	if _, has := fields(t, made.JSON.RawJSON())["policies"]; has || made.Name != "Eng & Ops" {
		t.Errorf("made: %s", made.JSON.RawJSON())
	}

	whole := a.whole()
	updated := must(groups.Update(ctx, made.ID, iam.UserGroupUpdateParams{AccountID: text(a.id),
		Policies: cloudflare.F([]iam.UserGroupUpdateParamsPolicy{a.replacement("admin_readonly", whole), a.replacement("dns", whole)})}))(t)
	if updated.Name != "Eng & Ops" || len(updated.Policies) != 2 {
		t.Fatalf("updated: %s", updated.JSON.RawJSON())
	}
	policy := updated.Policies[0]
	isID(t, policy.ID)
	if policy.ID == unknownID || policy.PermissionGroups[0].Name != "Administrator Read Only" {
		t.Errorf("policy: %s", policy.JSON.RawJSON())
	}
	place := policy.ResourceGroups[0]
	if place.ID != whole || place.Name != a.key || place.Scope.Key != a.key || place.Scope.Objects[0].Key != "*" {
		t.Errorf("resource group: %s", place.JSON.RawJSON())
	}

	renamed := must(groups.Update(ctx, made.ID, iam.UserGroupUpdateParams{AccountID: text(a.id), Name: text("Eng")}))(t)
	if renamed.Name != "Eng" || len(renamed.Policies) != 2 {
		t.Errorf("renamed: %s", renamed.JSON.RawJSON())
	}
	empty := must(groups.Update(ctx, made.ID, iam.UserGroupUpdateParams{AccountID: text(a.id)}))(t)
	same(t, "an empty object changes nothing", fields(t, renamed.JSON.RawJSON()), fields(t, empty.JSON.RawJSON()))
	got := must(groups.Get(ctx, made.ID, iam.UserGroupGetParams{AccountID: text(a.id)}))(t)
	same(t, "got", fields(t, renamed.JSON.RawJSON()), fields(t, got.JSON.RawJSON()))

	emptied := must(groups.Update(ctx, made.ID, iam.UserGroupUpdateParams{AccountID: text(a.id), Policies: cloudflare.F([]iam.UserGroupUpdateParamsPolicy{})}))(t)
	if len(emptied.Policies) != 0 || emptied.Name != "Eng" {
		t.Errorf("emptied: %s", emptied.JSON.RawJSON())
	}
	deleted := must(groups.Delete(ctx, made.ID, iam.UserGroupDeleteParams{AccountID: text(a.id)}))(t)
	same(t, "deleted", made.ID, deleted.ID)
	_, err := groups.Get(ctx, made.ID, iam.UserGroupGetParams{AccountID: text(a.id)})
	refused(t, err, 404, 404)
}

func TestUserGroupList(t *testing.T) {
	a := newAccount(t)
	var names []string
	for i := range 105 {
		names = append(names, a.group(fmt.Sprintf("team %03d", i)).Name)
	}
	list := func(params iam.UserGroupListParams, requests int) []string {
		t.Helper()
		client, wire := a.recorded()
		params.AccountID = text(a.id)
		got := all(t, client.IAM.UserGroups.ListAutoPaging(t.Context(), params))
		if requests > 0 && len(wire.sent) != requests {
			t.Errorf("%d requests, want %d", len(wire.sent), requests)
		}
		return values(got, func(g iam.UserGroupListResponse) string { return g.Name })
	}
	backwards := slices.Clone(names)
	slices.Reverse(backwards)
	same(t, "by default", names, list(iam.UserGroupListParams{}, 3))
	same(t, "pages of 20", names, list(iam.UserGroupListParams{PerPage: cloudflare.F(20.0)}, 7))
	same(t, "from page 2 of 50", names[50:], list(iam.UserGroupListParams{PerPage: cloudflare.F(50.0), Page: cloudflare.F(2.0)}, 3))
	same(t, "backwards", backwards, list(iam.UserGroupListParams{Direction: text("desc"), PerPage: cloudflare.F(50.0)}, 4))
	same(t, "fuzzy name", names[10:20], list(iam.UserGroupListParams{FuzzyName: text("TEAM 01"), PerPage: cloudflare.F(3.0)}, 5))
	same(t, "name", names[42:43], list(iam.UserGroupListParams{Name: text("team 042")}, 2))
	same(t, "name in part", []string{}, list(iam.UserGroupListParams{Name: text("team 04")}, 1))
	same(t, "unknown id", []string{}, list(iam.UserGroupListParams{ID: text(unknownID)}, 1))
	same(t, "malformed id", []string{}, list(iam.UserGroupListParams{ID: text("abc")}, 1))
}

func TestUserGroupConflict(t *testing.T) {
	a := newAccount(t)
	a.group("Ops")
	other := a.group("ops")
	client, wire := a.recorded()
	_, err := client.IAM.UserGroups.New(t.Context(), iam.UserGroupNewParams{AccountID: text(a.id), Name: text("Ops")})
	refused(t, err, 409, 409)
	_, err = client.IAM.UserGroups.Update(t.Context(), other.ID, iam.UserGroupUpdateParams{AccountID: text(a.id), Name: text("Ops")})
	refused(t, err, 409, 409)
	if len(wire.sent) != 2 {
		t.Errorf("two conflicts were sent %d times", len(wire.sent))
	}
}

func TestUserGroupRefusals(t *testing.T) {
	a, b := newAccount(t), newAccount(t)
	whole, zone := a.whole(), a.zones(zoneOne).ID
	good := a.policy("dns", whole)
	noRole, noPlace, unknownRole, badAccess := good, good, good, good
	noRole.PermissionGroups = cloudflare.F([]iam.UserGroupNewParamsPoliciesPermissionGroup{})
	noPlace.ResourceGroups = cloudflare.F([]iam.UserGroupNewParamsPoliciesResourceGroup{})
	unknownRole.PermissionGroups = cloudflare.F([]iam.UserGroupNewParamsPoliciesPermissionGroup{{ID: text(unknownID)}})
	badAccess.Access = cloudflare.F(iam.UserGroupNewParamsPoliciesAccess("maybe"))
	for why, policy := range map[string]iam.UserGroupNewParamsPolicy{
		"no permission group":              noRole,
		"no resource group":                noPlace,
		"unknown permission group":         unknownRole,
		"unknown access":                   badAccess,
		"unknown resource group":           a.policy("dns", unknownID),
		"another account's resource group": a.policy("dns", b.whole()),
		"an account role on a zone":        a.policy("dns", zone),
	} {
		t.Run(why, func(t *testing.T) {
			_, err := a.IAM.UserGroups.New(t.Context(), iam.UserGroupNewParams{AccountID: text(a.id), Name: text("n"),
				Policies: cloudflare.F([]iam.UserGroupNewParamsPolicy{good, policy})})
			refused(t, err, 400, 400)
		})
	}
	for _, name := range []string{"", strings.Repeat("x", 256)} {
		_, err := a.IAM.UserGroups.New(t.Context(), iam.UserGroupNewParams{AccountID: text(a.id), Name: text(name)})
		refused(t, err, 400, 400)
	}
	if left := all(t, a.IAM.UserGroups.ListAutoPaging(t.Context(), iam.UserGroupListParams{AccountID: text(a.id)})); len(left) != 0 {
		t.Errorf("%d groups were made", len(left))
	}
	for _, id := range []string{unknownID, b.group("theirs").ID} {
		_, err := a.IAM.UserGroups.Get(t.Context(), id, iam.UserGroupGetParams{AccountID: text(a.id)})
		refused(t, err, 404, 404)
		_, err = a.IAM.UserGroups.Update(t.Context(), id, iam.UserGroupUpdateParams{AccountID: text(a.id), Name: text("mine")})
		refused(t, err, 404, 404)
		_, err = a.IAM.UserGroups.Delete(t.Context(), id, iam.UserGroupDeleteParams{AccountID: text(a.id)})
		refused(t, err, 404, 404)
	}
	for _, id := range malformedIDs {
		_, err := a.IAM.UserGroups.Get(t.Context(), id, iam.UserGroupGetParams{AccountID: text(a.id)})
		refused(t, err, 404, 7003)
	}
}

// TestUserGroupReplaceKeepsOthers replaces the policies of a group to which the native API has attached one that
// Cloudflare's words have no room for.
func TestUserGroupReplaceKeepsOthers(t *testing.T) {
	a := newAccount(t)
	whole := a.whole()
	group := a.group("both", a.policy("dns", whole))
	var made struct {
		Policy struct {
			ID string `json:"id"`
		} `json:"policy"`
	}
	a.native("POST", "/iam/policies", map[string]any{"name": "statements", "document": map[string]any{
		"version":    "2024-01-01",
		"statements": []any{map[string]any{"effect": "allow", "actions": []string{"s3:GetObject"}, "resources": []string{"reports/*"}}},
	}}, 201, &made)
	path := "/iam/groups/" + harness.UUID(group.ID) + "/policies"
	a.native("POST", path, map[string]string{"policy_id": made.Policy.ID}, 204, nil)

	replaced := must(a.IAM.UserGroups.Update(t.Context(), group.ID, iam.UserGroupUpdateParams{AccountID: text(a.id),
		Policies: cloudflare.F([]iam.UserGroupUpdateParamsPolicy{a.replacement("billing", whole)})}))(t)
	if len(replaced.Policies) != 1 {
		t.Errorf("replaced: %s", replaced.JSON.RawJSON())
	}
	var attached struct {
		Policies []struct {
			ID       string `json:"id"`
			Language string `json:"language"`
		} `json:"policies"`
	}
	a.native("GET", path, nil, 200, &attached)
	languages := []string{}
	for _, p := range attached.Policies {
		languages = append(languages, p.Language)
	}
	slices.Sort(languages)
	same(t, "languages", []string{"cloudflare", "statements"}, languages)
}

func TestGroupMembers(t *testing.T) {
	a := newAccount(t)
	ctx, members := t.Context(), a.IAM.UserGroups.Members
	ann, ben, cleo := a.member("analytics"), a.member("analytics"), a.invited()
	if ann.Status != shared.MemberStatusAccepted || cleo.Status != shared.MemberStatusPending {
		t.Fatalf("%s is %s, %s is %s", ann.Email, ann.Status, cleo.Email, cleo.Status)
	}
	group := a.group("group").ID
	sorted := func(m ...*shared.Member) []string {
		emails := values(m, func(m *shared.Member) string { return m.Email })
		slices.Sort(emails)
		return emails
	}
	list := func() []string {
		t.Helper()
		got := all(t, members.ListAutoPaging(ctx, group, iam.UserGroupMemberListParams{AccountID: text(a.id)}))
		return values(got, func(m iam.UserGroupMemberListResponse) string { return m.Email })
	}
	add := func(ids ...string) []string {
		t.Helper()
		page := must(members.New(ctx, group, iam.UserGroupMemberNewParams{AccountID: text(a.id), Members: values(ids, func(id string) iam.UserGroupMemberNewParamsMember {
			return iam.UserGroupMemberNewParamsMember{ID: text(id)}
		})}))(t)
		return values(page.Result, func(m iam.UserGroupMemberNewResponse) string { return m.Email })
	}
	replace := func(ids ...string) ([]string, error) {
		page, err := members.Update(ctx, group, iam.UserGroupMemberUpdateParams{AccountID: text(a.id), Members: values(ids, func(id string) iam.UserGroupMemberUpdateParamsMember {
			return iam.UserGroupMemberUpdateParamsMember{ID: text(id)}
		})})
		if err != nil {
			return nil, err
		}
		return values(page.Result, func(m iam.UserGroupMemberUpdateResponse) string { return m.Email }), nil
	}

	same(t, "added", sorted(ann), add(ann.ID))
	same(t, "the whole set", sorted(ann, cleo), add(cleo.ID, ann.ID, cleo.ID))
	same(t, "list", sorted(ann, cleo), list())
	same(t, "replaced", sorted(ben, cleo), must(replace(ben.ID, cleo.ID))(t))
	_, err := replace(ann.ID, unknownID)
	refused(t, err, 400, 400)
	same(t, "list after a refusal", sorted(ben, cleo), list())

	got := must(members.Get(ctx, group, cleo.ID, iam.UserGroupMemberGetParams{AccountID: text(a.id)}))(t)
	isRecent(t, got.CreatedAt)
	if got.ID != cleo.ID || got.Email != cleo.Email || got.Status != "pending" {
		t.Errorf("got: %+v", got)
	}
	removed := must(members.Delete(ctx, group, cleo.ID, iam.UserGroupMemberDeleteParams{AccountID: text(a.id)}))(t)
	if removed.ID != cleo.ID || removed.Email != cleo.Email || removed.Status != "pending" {
		t.Errorf("removed: %+v", removed)
	}
	_, err = members.Delete(ctx, group, cleo.ID, iam.UserGroupMemberDeleteParams{AccountID: text(a.id)})
	refused(t, err, 404, 404)
	_, err = members.Get(ctx, group, cleo.ID, iam.UserGroupMemberGetParams{AccountID: text(a.id)})
	refused(t, err, 404, 404)

	same(t, "emptied", []string{}, must(replace())(t))
	same(t, "list when empty", []string{}, list())

	_, err = members.List(ctx, unknownID, iam.UserGroupMemberListParams{AccountID: text(a.id)})
	refused(t, err, 404, 404)
	for _, id := range malformedIDs {
		_, err := members.Get(ctx, group, id, iam.UserGroupMemberGetParams{AccountID: text(a.id)})
		refused(t, err, 404, 7003)
	}
}
