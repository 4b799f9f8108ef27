package scalewaygo

import (
	"slices"
	"testing"

	iam "github.com/scaleway/scaleway-sdk-go/api/iam/v1alpha1"
)

func TestGroupLife(t *testing.T) {
	o := newOrganization(t)
	made := must(o.CreateGroup(&iam.CreateGroupRequest{Name: "operators", Description: "who is on call", Tags: []string{"team=core"}}))(t)
	isID(t, made.ID)
	isRecent(t, made.CreatedAt)
	isRecent(t, made.UpdatedAt)
	same(t, "made", &iam.Group{ID: made.ID, CreatedAt: made.CreatedAt, UpdatedAt: made.UpdatedAt, OrganizationID: o.ID, Name: "operators",
		Description: "who is on call", UserIDs: []string{}, ApplicationIDs: []string{}, Tags: []string{"team=core"}, Editable: true, Deletable: true,
		Srn: "srn://iam.127.0.0.1/groups/" + made.ID}, made)
	same(t, "got", made, must(o.GetGroup(&iam.GetGroupRequest{GroupID: made.ID}))(t))

	changed := must(o.UpdateGroup(&iam.UpdateGroupRequest{GroupID: made.ID, Name: new("on-call"), Tags: &[]string{}}))(t)
	want := *made
	want.Name, want.Tags, want.UpdatedAt = "on-call", []string{}, changed.UpdatedAt
	same(t, "changed", &want, changed)
	if !changed.UpdatedAt.After(*made.UpdatedAt) {
		t.Errorf("updated at %v and then at %v", made.UpdatedAt, changed.UpdatedAt)
	}

	done(t, o.DeleteGroup(&iam.DeleteGroupRequest{GroupID: made.ID}))
	_, err := o.GetGroup(&iam.GetGroupRequest{GroupID: made.ID})
	missing(t, err, "group", made.ID)
	missing(t, o.DeleteGroup(&iam.DeleteGroupRequest{GroupID: made.ID}), "group", made.ID)
}

func TestGroupNames(t *testing.T) {
	o, other := newOrganization(t), newOrganization(t)
	first, second := o.group("Ops"), o.group("Dev")
	other.group("Ops")
	_, err := o.CreateGroup(&iam.CreateGroupRequest{Name: "Ops"})
	exists(t, err, "group", first.ID)
	_, err = o.UpdateGroup(&iam.UpdateGroupRequest{GroupID: second.ID, Name: new("Ops")})
	exists(t, err, "group", first.ID)
}

func TestGroupMembers(t *testing.T) {
	o := newOrganization(t)
	ann, ben, ci, bot := o.member("ann"), o.member("ben"), o.application("ci"), o.application("bot")
	group := o.group("group")
	check := func(what string, users, applications []string) func(*iam.Group, error) {
		return func(got *iam.Group, err error) {
			t.Helper()
			done(t, err)
			same(t, what, [][]string{users, applications}, [][]string{got.UserIDs, got.ApplicationIDs})
			if !got.UpdatedAt.Equal(*group.UpdatedAt) {
				t.Errorf("%s: members are a change of the group", what)
			}
		}
	}
	none := []string{}
	check("one user", []string{ann.ID}, none)(o.AddGroupMember(&iam.AddGroupMemberRequest{GroupID: group.ID, UserID: &ann.ID}))
	check("the same again", []string{ann.ID}, none)(o.AddGroupMember(&iam.AddGroupMemberRequest{GroupID: group.ID, UserID: &ann.ID}))
	check("both at once", []string{ann.ID}, []string{ci.ID})(
		o.AddGroupMember(&iam.AddGroupMemberRequest{GroupID: group.ID, UserID: &ann.ID, ApplicationID: &ci.ID}))
	more := must(o.AddGroupMembers(&iam.AddGroupMembersRequest{GroupID: group.ID, UserIDs: []string{ben.ID}, ApplicationIDs: []string{bot.ID}}))(t)
	if len(more.UserIDs) != 2 || len(more.ApplicationIDs) != 2 {
		t.Errorf("several: %+v", more)
	}
	check("set, in this order", []string{ben.ID, ann.ID}, []string{bot.ID, ci.ID})(o.SetGroupMembers(&iam.SetGroupMembersRequest{
		GroupID: group.ID, UserIDs: []string{ben.ID, ann.ID}, ApplicationIDs: []string{bot.ID, ci.ID}}))
	check("both removed at once", []string{ann.ID}, []string{ci.ID})(
		o.RemoveGroupMember(&iam.RemoveGroupMemberRequest{GroupID: group.ID, UserID: &ben.ID, ApplicationID: &bot.ID}))

	_, err := o.RemoveGroupMember(&iam.RemoveGroupMemberRequest{GroupID: group.ID, UserID: &ann.ID, ApplicationID: &bot.ID})
	missing(t, err, "", bot.ID)
	check("one of two was no member: nothing changes", []string{ann.ID}, []string{ci.ID})(o.GetGroup(&iam.GetGroupRequest{GroupID: group.ID}))
	_, err = o.RemoveGroupMember(&iam.RemoveGroupMemberRequest{GroupID: group.ID})
	invalid(t, err, "member", "required")
	_, err = o.AddGroupMember(&iam.AddGroupMemberRequest{GroupID: group.ID, UserID: new(unknownID)})
	missing(t, err, "user", unknownID)
	_, err = o.SetGroupMembers(&iam.SetGroupMembersRequest{GroupID: group.ID, ApplicationIDs: []string{unknownID}})
	missing(t, err, "application", unknownID)
	check("null is nobody", none, none)(o.SetGroupMembers(&iam.SetGroupMembersRequest{GroupID: group.ID}))
}

func TestGroupRefusals(t *testing.T) {
	o, other := newOrganization(t), newOrganization(t)
	theirs := other.group("theirs")
	for _, id := range []string{unknownID, theirs.ID} {
		_, err := o.GetGroup(&iam.GetGroupRequest{GroupID: id})
		missing(t, err, "group", id)
		_, err = o.UpdateGroup(&iam.UpdateGroupRequest{GroupID: id, Name: new("mine")})
		missing(t, err, "group", id)
		_, err = o.RemoveGroupMember(&iam.RemoveGroupMemberRequest{GroupID: id, UserID: &o.OwnerID})
		missing(t, err, "group", id)
	}
	for _, id := range malformedIDs {
		_, err := o.GetGroup(&iam.GetGroupRequest{GroupID: id})
		invalid(t, err, "group_id", "format")
	}
	for argument, body := range map[string]iam.CreateGroupRequest{
		"name":    {Name: "a/b"},
		"tags[1]": {Name: "n", Tags: []string{"fine", "a:b"}},
	} {
		_, err := o.CreateGroup(&body)
		invalid(t, err, argument, "format")
	}
	a := o.actor(o.rule("IAMApplicationManager"))
	_, err := a.ListGroups(&iam.ListGroupsRequest{})
	denied(t, err, "list", "group")
	_, err = a.RemoveGroupMember(&iam.RemoveGroupMemberRequest{GroupID: unknownID, UserID: &o.OwnerID})
	denied(t, err, "write", "group")
	if list := must(o.ListGroups(&iam.ListGroupsRequest{}))(t); len(list.Groups) != 0 || list.TotalCount != 0 {
		t.Errorf("there are groups: %+v", list)
	}
	same(t, "theirs", theirs.Name, must(other.GetGroup(&iam.GetGroupRequest{GroupID: theirs.ID}))(t).Name)
}

func TestGroupDeleted(t *testing.T) {
	o := newOrganization(t)
	group, ann := o.group("short-lived"), o.member("ann")
	must(o.AddGroupMember(&iam.AddGroupMemberRequest{GroupID: group.ID, UserID: &ann.ID}))(t)
	policy := must(o.CreatePolicy(&iam.CreatePolicyRequest{Name: "p", GroupID: &group.ID, Rules: []*iam.RuleSpecs{o.rule("IAMReadOnly")}}))(t)
	done(t, o.DeleteGroup(&iam.DeleteGroupRequest{GroupID: group.ID}))
	same(t, "the member stays", ann, must(o.GetUser(&iam.GetUserRequest{UserID: ann.ID}))(t))
	orphaned := must(o.GetPolicy(&iam.GetPolicyRequest{PolicyID: policy.ID}))(t)
	if orphaned.GroupID != nil || orphaned.NoPrincipal == nil || !*orphaned.NoPrincipal || orphaned.NbRules != 1 {
		t.Errorf("orphaned: %+v", orphaned)
	}
	left := must(o.ListGroups(&iam.ListGroupsRequest{UserIDs: []string{ann.ID}}))(t)
	if slices.ContainsFunc(left.Groups, func(g *iam.Group) bool { return g.ID == group.ID }) {
		t.Error("the group is still listed")
	}
}
