package cloudflarego

import (
	"fmt"
	"slices"
	"testing"

	"github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/iam"
	"github.com/cloudflare/cloudflare-go/v7/option"
)

// TestGroupMemberList has more members than any page, most of them pending.
func TestGroupMemberList(t *testing.T) {
	a := newAccount(t)
	group := a.group("crowd").ID
	var emails []string
	var refs []iam.UserGroupMemberNewParamsMember
	for i := range 105 {
		email := fmt.Sprintf("crowd-%03d@go.example", i)
		m := must(a.Accounts.Members.New(t.Context(), a.roles(email, "analytics")))(t)
		emails, refs = append(emails, email), append(refs, iam.UserGroupMemberNewParamsMember{ID: text(m.ID)})
	}
	must(a.IAM.UserGroups.Members.New(t.Context(), group, iam.UserGroupMemberNewParams{AccountID: text(a.id), Members: refs}))(t)

	list := func(perPage float64, requests int, query ...option.RequestOption) []string {
		t.Helper()
		client, wire := a.recorded()
		params := iam.UserGroupMemberListParams{AccountID: text(a.id)}
		if perPage > 0 {
			params.PerPage = cloudflare.F(perPage)
		}
		got := all(t, client.IAM.UserGroups.Members.ListAutoPaging(t.Context(), group, params, query...))
		if len(wire.sent) != requests {
			t.Errorf("%d requests, want %d", len(wire.sent), requests)
		}
		return values(got, func(m iam.UserGroupMemberListResponse) string { return m.Email })
	}
	backwards := slices.Clone(emails)
	slices.Reverse(backwards)
	same(t, "by default", emails, list(0, 3))
	same(t, "pages of 20", emails, list(20, 7))
	same(t, "backwards", backwards, list(50, 4, option.WithQuery("direction", "desc")))
	same(t, "fuzzy", emails[40:50], list(3, 5, option.WithQuery("fuzzyEmail", "CROWD-04")))
	same(t, "nobody", []string{}, list(0, 1, option.WithQuery("fuzzyEmail", "nobody")))
}
