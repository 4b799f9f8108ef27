package cloudflarego

import (
	"strings"
	"testing"

	"github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/iam"
	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/writ-iam/writ/conformance/harness"
)

var zoneOne = strings.Repeat("1", 32)

func TestResourceGroupLife(t *testing.T) {
	a := newAccount(t)
	ctx := t.Context()
	groups := a.IAM.ResourceGroups
	zone := "com.cloudflare.api.account.zone." + zoneOne

	made := must(groups.New(ctx, iam.ResourceGroupNewParams{AccountID: text(a.id), Name: text("Staging"), Scope: cloudflare.F(a.scope(zone))}))(t)
	isID(t, made.ID)
	if made.Name != "Staging" || made.Scope.Key != a.key || len(made.Scope.Objects) != 1 || made.Scope.Objects[0].Key != zone {
		t.Errorf("made: %s", made.JSON.RawJSON())
	}
	got := must(groups.Get(ctx, made.ID, iam.ResourceGroupGetParams{AccountID: text(a.id)}))(t)
	same(t, "got", fields(t, made.JSON.RawJSON()), fields(t, got.JSON.RawJSON()))

	renamed := must(groups.Update(ctx, made.ID, iam.ResourceGroupUpdateParams{AccountID: text(a.id), Name: text("Stage")}))(t)
	if renamed.Name != "Stage" || renamed.Scope.Objects[0].Key != zone {
		t.Errorf("renamed: %s", renamed.JSON.RawJSON())
	}
	moved := must(groups.Update(ctx, made.ID, iam.ResourceGroupUpdateParams{AccountID: text(a.id), Scope: cloudflare.F(iam.ResourceGroupUpdateParamsScope{
		Key: text(a.key), Objects: cloudflare.F([]iam.ResourceGroupUpdateParamsScopeObject{{Key: text("*")}}),
	})}))(t)
	if moved.Name != "Stage" || len(moved.Scope.Objects) != 1 || moved.Scope.Objects[0].Key != "*" {
		t.Errorf("moved: %s", moved.JSON.RawJSON())
	}
	empty := must(groups.Update(ctx, made.ID, iam.ResourceGroupUpdateParams{AccountID: text(a.id)}))(t)
	same(t, "an empty object changes nothing", fields(t, moved.JSON.RawJSON()), fields(t, empty.JSON.RawJSON()))

	deleted := must(groups.Delete(ctx, made.ID, iam.ResourceGroupDeleteParams{AccountID: text(a.id)}))(t)
	same(t, "deleted", made.ID, deleted.ID)
	_, err := groups.Get(ctx, made.ID, iam.ResourceGroupGetParams{AccountID: text(a.id)})
	refused(t, err, 404, 404)
}

func TestResourceGroupList(t *testing.T) {
	a := newAccount(t)
	made := []string{a.whole()}
	for range 55 {
		made = append(made, a.zones(zoneOne).ID)
	}
	ids := func(params iam.ResourceGroupListParams) []string {
		t.Helper()
		client, wire := a.recorded()
		params.AccountID = text(a.id)
		list := all(t, client.IAM.ResourceGroups.ListAutoPaging(t.Context(), params))
		if len(wire.sent) != 1 {
			t.Errorf("%d requests", len(wire.sent))
		}
		return values(list, func(g iam.ResourceGroupListResponse) string { return g.ID })
	}
	same(t, "the predefined one, then as they were made", made, ids(iam.ResourceGroupListParams{}))
	same(t, "by id", made[7:8], ids(iam.ResourceGroupListParams{ID: text(made[7])}))
	same(t, "by name", made[:1], ids(iam.ResourceGroupListParams{Name: text(a.key)}))
	same(t, "contradiction", []string{}, ids(iam.ResourceGroupListParams{ID: text(made[7]), Name: text(a.key)}))
	same(t, "unknown id", []string{}, ids(iam.ResourceGroupListParams{ID: text(unknownID)}))
	same(t, "malformed id", []string{}, ids(iam.ResourceGroupListParams{ID: text("abc")}))
}

func TestPredefinedResourceGroup(t *testing.T) {
	a := newAccount(t)
	id := a.whole()
	got := must(a.IAM.ResourceGroups.Get(t.Context(), id, iam.ResourceGroupGetParams{AccountID: text(a.id)}))(t)
	if got.Name != a.key || got.Scope.Key != a.key || len(got.Scope.Objects) != 1 || got.Scope.Objects[0].Key != "*" {
		t.Errorf("%s", got.JSON.RawJSON())
	}
	_, err := a.IAM.ResourceGroups.Update(t.Context(), id, iam.ResourceGroupUpdateParams{AccountID: text(a.id), Name: text("mine")})
	refused(t, err, 422, 422)
	_, err = a.IAM.ResourceGroups.Delete(t.Context(), id, iam.ResourceGroupDeleteParams{AccountID: text(a.id)})
	refused(t, err, 422, 422)
}

func TestResourceGroupRefusals(t *testing.T) {
	a, b := newAccount(t), newAccount(t)
	theirs := b.zones(zoneOne)
	for _, test := range []struct {
		why, name string
		scope     iam.ResourceGroupNewParamsScope
	}{
		{"empty name", "", a.scope("*")},
		{"long name", strings.Repeat("x", 256), a.scope("*")},
		{"no objects", "n", a.scope()},
		{"an object that is nothing", "n", a.scope("everything")},
		{"another account", "n", b.scope("*")},
	} {
		_, err := a.IAM.ResourceGroups.New(t.Context(), iam.ResourceGroupNewParams{AccountID: text(a.id), Name: text(test.name), Scope: cloudflare.F(test.scope)})
		t.Log(test.why)
		refused(t, err, 400, 400)
	}
	for _, id := range []string{unknownID, theirs.ID} {
		_, err := a.IAM.ResourceGroups.Get(t.Context(), id, iam.ResourceGroupGetParams{AccountID: text(a.id)})
		refused(t, err, 404, 404)
		_, err = a.IAM.ResourceGroups.Delete(t.Context(), id, iam.ResourceGroupDeleteParams{AccountID: text(a.id)})
		refused(t, err, 404, 404)
	}
	for _, id := range malformedIDs {
		_, err := a.IAM.ResourceGroups.Get(t.Context(), id, iam.ResourceGroupGetParams{AccountID: text(a.id)})
		refused(t, err, 404, 7003)
	}
	_, err := a.IAM.ResourceGroups.New(t.Context(), iam.ResourceGroupNewParams{AccountID: text(a.id)}, option.WithRequestBody("application/json", []byte("not json")))
	refused(t, err, 400, 1198)
}

// TestResourceGroupInUse also counts: the SDK repeats a conflict, unless the server says that it is of no use.
func TestResourceGroupInUse(t *testing.T) {
	a := newAccount(t)
	place := a.zones(zoneOne)
	group := a.group(harness.Unique("users"), a.policy("domain_dns", place.ID))
	client, wire := a.recorded()
	_, err := client.IAM.ResourceGroups.Delete(t.Context(), place.ID, iam.ResourceGroupDeleteParams{AccountID: text(a.id)})
	refused(t, err, 409, 409)
	if len(wire.sent) != 1 || wire.sent[0].Header.Get("X-Should-Retry") != "false" {
		t.Errorf("sent %d times, x-should-retry is %q", len(wire.sent), wire.sent[0].Header.Get("X-Should-Retry"))
	}
	must(a.IAM.UserGroups.Delete(t.Context(), group.ID, iam.UserGroupDeleteParams{AccountID: text(a.id)}))(t)
	must(a.IAM.ResourceGroups.Delete(t.Context(), place.ID, iam.ResourceGroupDeleteParams{AccountID: text(a.id)}))(t)
}
