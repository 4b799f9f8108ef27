package cloudflarego

import (
	"slices"
	"testing"

	"github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/iam"
)

func TestPermissionGroups(t *testing.T) {
	a := newAccount(t)
	client, wire := a.recorded()
	list := all(t, client.IAM.PermissionGroups.ListAutoPaging(t.Context(), iam.PermissionGroupListParams{AccountID: text(a.id)}))
	if len(list) <= 20 {
		t.Errorf("%d permission groups fill no second page", len(list))
	}
	if want := (len(list)+19)/20 + 1; len(wire.sent) != want {
		t.Errorf("%d requests, want one a page and one that is empty: %d", len(wire.sent), want)
	}
	names := values(list, func(g iam.PermissionGroupListResponse) string { return g.Name })
	if !slices.IsSorted(names) {
		t.Errorf("not by name: %q", names)
	}
	for _, g := range list {
		isID(t, g.ID)
		meta := fields(t, g.JSON.RawJSON())["meta"].(map[string]any)
		if meta["label"] == "" || meta["scopes"] == "" || meta["editable"] != "false" {
			t.Errorf("%s: %v", g.Name, meta)
		}
	}

	client, wire = a.recorded()
	paged := all(t, client.IAM.PermissionGroups.ListAutoPaging(t.Context(), iam.PermissionGroupListParams{AccountID: text(a.id), PerPage: cloudflare.F(12.0)}))
	same(t, "pages of 12", names, values(paged, func(g iam.PermissionGroupListResponse) string { return g.Name }))
	if want := (len(list)+11)/12 + 1; len(wire.sent) != want {
		t.Errorf("%d requests for pages of 12, want %d", len(wire.sent), want)
	}
}

func TestPermissionGroupFilters(t *testing.T) {
	a := newAccount(t)
	readonly := a.role("admin_readonly")
	tests := []struct {
		name   string
		params iam.PermissionGroupListParams
		want   []string
	}{
		{"label", iam.PermissionGroupListParams{Label: text("admin_readonly")}, []string{readonly}},
		{"name", iam.PermissionGroupListParams{Name: text("Administrator Read Only")}, []string{readonly}},
		{"id", iam.PermissionGroupListParams{ID: text(readonly)}, []string{readonly}},
		{"all", iam.PermissionGroupListParams{ID: text(readonly), Name: text("Administrator Read Only"), Label: text("admin_readonly")}, []string{readonly}},
		{"contradiction", iam.PermissionGroupListParams{ID: text(readonly), Label: text("admin")}, []string{}},
		{"unknown label", iam.PermissionGroupListParams{Label: text("nothing")}, []string{}},
		{"unknown name", iam.PermissionGroupListParams{Name: text("administrator read only")}, []string{}},
		{"unknown id", iam.PermissionGroupListParams{ID: text(unknownID)}, []string{}},
		{"malformed id", iam.PermissionGroupListParams{ID: text("abc")}, []string{}},
	}
	for _, test := range tests {
		test.params.AccountID = text(a.id)
		got := all(t, a.IAM.PermissionGroups.ListAutoPaging(t.Context(), test.params))
		same(t, test.name, test.want, values(got, func(g iam.PermissionGroupListResponse) string { return g.ID }))
	}
}

func TestPermissionGroup(t *testing.T) {
	a := newAccount(t)
	query := iam.PermissionGroupGetParams{AccountID: text(a.id)}
	readonly := a.role("admin_readonly")
	got := must(a.IAM.PermissionGroups.Get(t.Context(), readonly, query))(t)
	if got.ID != readonly || got.Name != "Administrator Read Only" {
		t.Errorf("%+v", got)
	}
	_, err := a.IAM.PermissionGroups.Get(t.Context(), unknownID, query)
	refused(t, err, 404, 404)
	for _, id := range malformedIDs {
		_, err := a.IAM.PermissionGroups.Get(t.Context(), id, query)
		refused(t, err, 404, 7003)
	}
}
