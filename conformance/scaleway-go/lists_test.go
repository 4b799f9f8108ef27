package scalewaygo

import (
	"fmt"
	"slices"
	"testing"

	iam "github.com/scaleway/scaleway-sdk-go/api/iam/v1alpha1"
	"github.com/scaleway/scaleway-sdk-go/scw"
	"github.com/writ-iam/writ/conformance/harness"
)

func TestGroupList(t *testing.T) {
	o := newOrganization(t)
	var names []string
	for i := range 45 { // more than two pages of the usual size, made in another order than that of their names
		var tags []string
		if i%9 == 0 {
			tags = []string{fmt.Sprintf("ninth=%d", i)}
		}
		names = append(names, o.group(fmt.Sprintf("team %02d", i*7%45), tags...).Name)
	}
	list := func(request iam.ListGroupsRequest, requests int, opts ...scw.RequestOption) []string {
		t.Helper()
		o.wire.calls()
		got := must(o.ListGroups(&request, opts...))(t)
		if sent := o.wire.calls(); len(sent) != requests {
			t.Errorf("%d requests, want %d: %q", len(sent), requests, sent)
		}
		return values(got.Groups, func(g *iam.Group) string { return g.Name })
	}
	backwards := slices.Clone(names)
	slices.Reverse(backwards)
	everything := scw.WithAllPages()
	same(t, "a page", names[:20], list(iam.ListGroupsRequest{}, 1))
	same(t, "all pages", names, list(iam.ListGroupsRequest{}, 3, everything))
	same(t, "pages of 7", names, list(iam.ListGroupsRequest{PageSize: new(uint32(7))}, 7, everything))
	same(t, "pages of 100", names, list(iam.ListGroupsRequest{PageSize: new(uint32(100))}, 1, everything))
	same(t, "the third page", names[40:], list(iam.ListGroupsRequest{Page: new(int32(3))}, 1))
	same(t, "past the end", []string{}, list(iam.ListGroupsRequest{Page: new(int32(4))}, 1))
	same(t, "nothing", []string{}, list(iam.ListGroupsRequest{Name: new("nobody")}, 1, everything))
	same(t, "backwards", backwards, list(iam.ListGroupsRequest{OrderBy: iam.ListGroupsRequestOrderByCreatedAtDesc}, 3, everything))
	same(t, "by name", slices.Sorted(slices.Values(names)), list(iam.ListGroupsRequest{OrderBy: iam.ListGroupsRequestOrderByNameAsc}, 3, everything))
	same(t, "with a tag", []string{names[0], names[9], names[18], names[27], names[36]}, list(iam.ListGroupsRequest{Tag: new("ninth")}, 1))

	_, err := o.ListGroups(&iam.ListGroupsRequest{PageSize: new(uint32(101))})
	invalid(t, err, "page_size", "constraint")
	_, err = o.ListGroups(&iam.ListGroupsRequest{Page: new(int32(10_001))})
	invalid(t, err, "page", "constraint")
	_, err = o.ListGroups(&iam.ListGroupsRequest{OrderBy: "color_asc"})
	invalid(t, err, "order_by", "format")
}

func TestGroupFilters(t *testing.T) {
	o := newOrganization(t)
	user, application := o.member("ada"), o.application("ci")
	users, both, applications, none := o.group("users"), o.group("both"), o.group("applications"), o.group("none")
	must(o.AddGroupMember(&iam.AddGroupMemberRequest{GroupID: users.ID, UserID: &user.ID}))(t)
	must(o.AddGroupMembers(&iam.AddGroupMembersRequest{GroupID: both.ID, UserIDs: []string{user.ID}, ApplicationIDs: []string{application.ID}}))(t)
	must(o.AddGroupMember(&iam.AddGroupMemberRequest{GroupID: applications.ID, ApplicationID: &application.ID}))(t)
	list := func(request iam.ListGroupsRequest) []string {
		t.Helper()
		return values(must(o.ListGroups(&request))(t).Groups, func(g *iam.Group) string { return g.Name })
	}
	same(t, "a user's", []string{"users", "both"}, list(iam.ListGroupsRequest{UserIDs: []string{user.ID}}))
	same(t, "an application's", []string{"both", "applications"}, list(iam.ListGroupsRequest{ApplicationIDs: []string{application.ID, unknownID}}))
	same(t, "either's", []string{"users", "both", "applications"},
		list(iam.ListGroupsRequest{UserIDs: []string{user.ID}, ApplicationIDs: []string{application.ID}}))
	same(t, "by ids", []string{"both", "none"}, list(iam.ListGroupsRequest{GroupIDs: []string{none.ID, both.ID}}))
	same(t, "by name", []string{"none"}, list(iam.ListGroupsRequest{Name: new("none")}))
	same(t, "by a part of a name", []string{}, list(iam.ListGroupsRequest{Name: new("non")}))
}

func TestPolicyList(t *testing.T) {
	o := newOrganization(t)
	user, group, application := o.member("ada"), o.group("group"), o.application("ci")
	must(o.AddGroupMember(&iam.AddGroupMemberRequest{GroupID: group.ID, UserID: &user.ID}))(t)
	for _, request := range []*iam.CreatePolicyRequest{
		{Name: "zebra", UserID: &user.ID, Tags: []string{"env=prod"}},
		{Name: "apple", GroupID: &group.ID},
		{Name: "mango", ApplicationID: &application.ID, Tags: []string{"env=test"}},
		{Name: "banana", NoPrincipal: new(true)},
	} {
		must(o.CreatePolicy(request))(t)
	}
	list := func(request iam.ListPoliciesRequest) []string {
		t.Helper()
		return values(must(o.ListPolicies(&request, scw.WithAllPages()))(t).Policies, func(p *iam.Policy) string { return p.Name })
	}
	same(t, "as the SDK asks", []string{"apple", "banana", "mango", "zebra"}, list(iam.ListPoliciesRequest{}))
	same(t, "oldest first", []string{"zebra", "apple", "mango", "banana"}, list(iam.ListPoliciesRequest{OrderBy: iam.ListPoliciesRequestOrderByCreatedAtAsc}))
	same(t, "a user's own", []string{"zebra"}, list(iam.ListPoliciesRequest{UserIDs: []string{user.ID}}))
	same(t, "a group's", []string{"apple"}, list(iam.ListPoliciesRequest{GroupIDs: []string{group.ID}}))
	same(t, "either's", []string{"mango", "zebra"}, list(iam.ListPoliciesRequest{UserIDs: []string{user.ID}, ApplicationIDs: []string{application.ID}}))
	same(t, "nobody's", []string{"banana"}, list(iam.ListPoliciesRequest{NoPrincipal: new(true)}))
	same(t, "somebody's", []string{"apple", "mango", "zebra"}, list(iam.ListPoliciesRequest{NoPrincipal: new(false)}))
	same(t, "by name", []string{"mango"}, list(iam.ListPoliciesRequest{PolicyName: new("mango")}))
	same(t, "with a tag", []string{"mango", "zebra"}, list(iam.ListPoliciesRequest{Tag: new("env")}))
	same(t, "not editable", []string{}, list(iam.ListPoliciesRequest{Editable: new(false)}))

	nowhere := connect(t, scw.WithAuth(o.key.AccessKey, *o.key.SecretKey))
	_, err := nowhere.ListPolicies(&iam.ListPoliciesRequest{})
	invalid(t, err, "organization_id", "required")
	must(nowhere.ListGroups(&iam.ListGroupsRequest{}))(t) // of the caller's organization
}

func TestApplicationList(t *testing.T) {
	o := newOrganization(t)
	two, one := o.application("two", "env=prod"), o.application("one")
	list := func(request iam.ListApplicationsRequest) []string {
		t.Helper()
		return values(must(o.ListApplications(&request, scw.WithAllPages()))(t).Applications, func(a *iam.Application) string { return a.Name })
	}
	same(t, "all", []string{"two", "one"}, list(iam.ListApplicationsRequest{PageSize: new(uint32(1))}))
	same(t, "by name", []string{"one", "two"}, list(iam.ListApplicationsRequest{OrderBy: iam.ListApplicationsRequestOrderByNameAsc}))
	same(t, "by ids", []string{"one"}, list(iam.ListApplicationsRequest{ApplicationIDs: []string{one.ID}}))
	same(t, "with a tag", []string{"two"}, list(iam.ListApplicationsRequest{Tag: new("prod")}))
	same(t, "not editable", []string{}, list(iam.ListApplicationsRequest{Editable: new(false)}))
	same(t, "neither", []string{}, list(iam.ListApplicationsRequest{ApplicationIDs: []string{two.ID}, Name: new("one")}))
}

func TestPermissionSets(t *testing.T) {
	o := newOrganization(t)
	sets := must(o.ListPermissionSets(&iam.ListPermissionSetsRequest{}, scw.WithAllPages()))(t)
	names := values(sets.PermissionSets, func(s *iam.PermissionSet) string { return s.Name })
	if len(names) < 170 || int(sets.TotalCount) != len(names) || !slices.IsSorted(names) {
		t.Errorf("%d sets of %d: %q", len(names), sets.TotalCount, names)
	}
	scopes := map[string]iam.PermissionSetScopeType{}
	for _, s := range sets.PermissionSets {
		isID(t, s.ID)
		scopes[s.Name] = s.ScopeType
		if s.Categories == nil || len(*s.Categories) == 0 {
			t.Errorf("%s has no category", s.Name)
		}
	}
	same(t, "scopes", []iam.PermissionSetScopeType{"organization", "projects"}, []iam.PermissionSetScopeType{scopes["IAMReadOnly"], scopes["InstancesReadOnly"]})
}

func TestQuota(t *testing.T) {
	o := newOrganization(t)
	o.quota("groups", 7)
	quota := must(o.ListQuota(&iam.ListQuotaRequest{}, scw.WithAllPages()))(t)
	want := []string{"iam_api_keys", "iam_applications", "iam_groups", "iam_policies", "iam_users", "projects", "ssh_keys"}
	same(t, "names", want, values(quota.Quota, func(q *iam.Quotum) string { return q.Name }))
	for _, q := range quota.Quota {
		same(t, q.Name, q, must(o.GetQuotum(&iam.GetQuotumRequest{QuotumName: q.Name}))(t))
		if q.Limit == nil || len(q.Limits) != 1 || *q.Limits[0].Limit != *q.Limit || q.LocalityType != iam.LocalityTypeGlobal {
			t.Errorf("%+v", q)
		}
	}
	if groups := *quota.Quota[2].Limit; groups != 7 {
		t.Errorf("%d groups", groups)
	}
	named := must(o.ListQuota(&iam.ListQuotaRequest{QuotumNames: []string{"projects", "iam_groups"}}))(t)
	same(t, "named", want[2:3], values(named.Quota[:1], func(q *iam.Quotum) string { return q.Name }))
	_, err := o.GetQuotum(&iam.GetQuotumRequest{QuotumName: "no_such"})
	missing(t, err, "quota", "no_such")
}

func TestLogs(t *testing.T) {
	o := newOrganization(t)
	group, application := o.group("group"), o.application("ci")
	policy := o.unattached(harness.Unique("policy"))
	key := must(o.CreateAPIKey(&iam.CreateAPIKeyRequest{ApplicationID: &application.ID}))(t)
	must(o.UpdateGroup(&iam.UpdateGroupRequest{GroupID: group.ID, Description: new("x")}))(t)
	done(t, o.DeleteGroup(&iam.DeleteGroupRequest{GroupID: group.ID}))

	deed := func(l *iam.Log) string { return fmt.Sprintf("%s %s %s", l.Action, l.ResourceType, l.ResourceID) }
	list := func(request iam.ListLogsRequest) []string {
		t.Helper()
		request.CreatedAfter = group.CreatedAt // to the second, which is earlier
		logs := must(o.ListLogs(&request, scw.WithAllPages()))(t).Logs
		return values(slices.DeleteFunc(logs, func(l *iam.Log) bool { return l.CreatedAt.Before(*group.CreatedAt) }), deed)
	}
	want := []string{"created group " + group.ID, "created application " + application.ID, "created policy " + policy.ID,
		"created api_key " + key.AccessKey, "updated group " + group.ID, "deleted group " + group.ID}
	same(t, "all", want, list(iam.ListLogsRequest{}))
	same(t, "in pages of two", want, list(iam.ListLogsRequest{PageSize: new(uint32(2))}))
	same(t, "creations", want[:4], list(iam.ListLogsRequest{Action: iam.LogActionCreated}))
	same(t, "of anything", want, list(iam.ListLogsRequest{Action: iam.LogActionUnknownAction, ResourceType: iam.LogResourceTypeUnknownResourceType}))
	same(t, "of keys", want[3:4], list(iam.ListLogsRequest{ResourceType: iam.LogResourceTypeAPIKey}))
	same(t, "of a group", []string{want[0], want[4], want[5]}, list(iam.ListLogsRequest{Search: &group.ID}))

	newest := must(o.ListLogs(&iam.ListLogsRequest{OrderBy: iam.ListLogsRequestOrderByCreatedAtDesc, PageSize: new(uint32(1))}))(t).Logs[0]
	if deed(newest) != want[5] || newest.IP.String() != "127.0.0.1" || newest.BearerID != o.OwnerID || newest.OrganizationID != o.ID {
		t.Errorf("newest: %+v", newest)
	}
	isRecent(t, newest.CreatedAt)
	same(t, "got", newest, must(o.GetLog(&iam.GetLogRequest{LogID: newest.ID}))(t))
	_, err := o.GetLog(&iam.GetLogRequest{LogID: unknownID})
	missing(t, err, "log", unknownID)
	_, err = o.actor().ListLogs(&iam.ListLogsRequest{})
	denied(t, err, "list", "log")
}
