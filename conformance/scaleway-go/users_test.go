package scalewaygo

import (
	"errors"
	"slices"
	"strings"
	"testing"

	iam "github.com/scaleway/scaleway-sdk-go/api/iam/v1alpha1"
	"github.com/scaleway/scaleway-sdk-go/scw"
)

func TestUserLife(t *testing.T) {
	o := newOrganization(t)
	made := must(o.CreateUser(&iam.CreateUserRequest{Tags: []string{"team=core"}, Member: &iam.CreateUserRequestMember{
		Email: "ada@members.example", Username: "ada", Password: "Correct-Horse-7", FirstName: "Ada", LastName: "Byron", PhoneNumber: "+33123456789",
		Locale: "fr_FR", SendPasswordEmail: true, SendWelcomeEmail: true}}))(t)
	isID(t, made.ID)
	isRecent(t, made.CreatedAt)
	isRecent(t, made.UpdatedAt)
	same(t, "made", &iam.User{ID: made.ID, Email: "ada@members.example", Username: "ada", FirstName: "Ada", LastName: "Byron", PhoneNumber: "+33123456789",
		Locale: "fr_FR", CreatedAt: made.CreatedAt, UpdatedAt: made.UpdatedAt, OrganizationID: o.ID, Deletable: true, Type: iam.UserTypeMember,
		TwoFactorEnabled: new(false), Status: new(iam.UserStatusActivated), Tags: []string{"team=core"}, Srn: "srn://iam.127.0.0.1/users/" + made.ID}, made)
	same(t, "got", made, must(o.GetUser(&iam.GetUserRequest{UserID: made.ID}))(t))

	changed := must(o.UpdateUser(&iam.UpdateUserRequest{UserID: made.ID, FirstName: new("Augusta Ada"), Email: new("a.king@members.example"), Tags: &[]string{}}))(t)
	want := *made
	want.FirstName, want.Email, want.Tags, want.UpdatedAt = "Augusta Ada", "a.king@members.example", []string{}, changed.UpdatedAt
	same(t, "changed", &want, changed)
	renamed := must(o.UpdateUserUsername(&iam.UpdateUserUsernameRequest{UserID: made.ID, Username: "lovelace"}))(t)
	want.Username, want.UpdatedAt = "lovelace", renamed.UpdatedAt
	same(t, "renamed", &want, renamed)
	must(o.UpdateUserPassword(&iam.UpdateUserPasswordRequest{UserID: made.ID, Password: "Another-Horse-8"}))(t)

	done(t, o.DeleteUser(&iam.DeleteUserRequest{UserID: made.ID}))
	_, err := o.GetUser(&iam.GetUserRequest{UserID: made.ID})
	missing(t, err, "user", made.ID)
	missing(t, o.DeleteUser(&iam.DeleteUserRequest{UserID: made.ID}), "user", made.ID)
}

// TestUserDeleted: keys go at once, policies stay for nobody.
func TestUserDeleted(t *testing.T) {
	o := newOrganization(t)
	user, group := o.member("ada"), o.group("group")
	must(o.AddGroupMember(&iam.AddGroupMemberRequest{GroupID: group.ID, UserID: &user.ID}))(t)
	policy := must(o.CreatePolicy(&iam.CreatePolicyRequest{Name: "p", UserID: &user.ID, Rules: []*iam.RuleSpecs{o.rule("IAMReadOnly")}}))(t)
	api := o.as(must(o.CreateAPIKey(&iam.CreateAPIKeyRequest{UserID: &user.ID}))(t))
	must(api.ListUsers(&iam.ListUsersRequest{}))(t)

	done(t, o.DeleteUser(&iam.DeleteUserRequest{UserID: user.ID}))
	_, err := api.ListUsers(&iam.ListUsersRequest{})
	unauthenticated(t, err, "api_key", "not_found")
	if left := must(o.GetGroup(&iam.GetGroupRequest{GroupID: group.ID}))(t); len(left.UserIDs) != 0 {
		t.Errorf("the group still has %v", left.UserIDs)
	}
	orphaned := must(o.GetPolicy(&iam.GetPolicyRequest{PolicyID: policy.ID}))(t)
	if orphaned.UserID != nil || orphaned.NoPrincipal == nil || orphaned.NbRules != 1 {
		t.Errorf("orphaned: %+v", orphaned)
	}
}

func TestOwner(t *testing.T) {
	o := newOrganization(t)
	owner := must(o.GetUser(&iam.GetUserRequest{UserID: o.OwnerID}))(t)
	if owner.Type != iam.UserTypeOwner || owner.Deletable || owner.Username != o.OwnerEmail || owner.AccountRootUserID == "" {
		t.Errorf("the owner: %+v", owner)
	}
	protected(t, o.DeleteUser(&iam.DeleteUserRequest{UserID: owner.ID}))
	_, err := o.LockUser(&iam.LockUserRequest{UserID: owner.ID})
	protected(t, err)
}

func TestLockedUser(t *testing.T) {
	o := newOrganization(t)
	user := o.member("ada")
	must(o.CreatePolicy(&iam.CreatePolicyRequest{Name: "p", UserID: &user.ID, Rules: []*iam.RuleSpecs{o.rule("IAMReadOnly")}}))(t)
	api := o.as(must(o.CreateAPIKey(&iam.CreateAPIKeyRequest{UserID: &user.ID}))(t))
	if locked := must(o.LockUser(&iam.LockUserRequest{UserID: user.ID}))(t); !locked.Locked {
		t.Error("not locked")
	}
	_, err := api.ListUsers(&iam.ListUsersRequest{})
	if _, is := errors.AsType[scw.SdkError](err); !is {
		t.Errorf("a locked user lists: %v", err)
	}
	if unlocked := must(o.UnlockUser(&iam.UnlockUserRequest{UserID: user.ID}))(t); unlocked.Locked {
		t.Error("still locked")
	}
	must(api.ListUsers(&iam.ListUsersRequest{}))(t)
}

func TestInvitedUser(t *testing.T) {
	o := newOrganization(t)
	invited := must(o.CreateUser(&iam.CreateUserRequest{Email: new("nobody.yet@people.example"), Tags: []string{"new"}}))(t)
	if *invited.Status != iam.UserStatusInvitationPending || invited.Type != iam.UserTypeMember {
		t.Errorf("invited: %+v", invited)
	}
	same(t, "got", invited, must(o.GetUser(&iam.GetUserRequest{UserID: invited.ID}))(t))
	_, err := o.CreateUser(&iam.CreateUserRequest{Email: &invited.Email})
	exists(t, err, "user", invited.ID)

	email := must(server.NewPerson(t.Context()))(t)
	if user := must(o.CreateUser(&iam.CreateUserRequest{Email: &email}))(t); *user.Status != iam.UserStatusActivated || user.Username != email {
		t.Errorf("a person of the installation: %+v", user)
	}
	done(t, o.DeleteUser(&iam.DeleteUserRequest{UserID: invited.ID}))
	_, err = o.GetUser(&iam.GetUserRequest{UserID: invited.ID})
	missing(t, err, "user", invited.ID)
}

func TestUserRefusals(t *testing.T) {
	o, other := newOrganization(t), newOrganization(t)
	ada, bob := o.member("ada"), o.member("bob")
	_, err := o.CreateUser(&iam.CreateUserRequest{Member: &iam.CreateUserRequestMember{Username: "ada", Email: "x@members.example", Password: "Correct-Horse-7"}})
	exists(t, err, "user", ada.ID)
	_, err = o.UpdateUserUsername(&iam.UpdateUserUsernameRequest{UserID: bob.ID, Username: "ada"})
	exists(t, err, "user", ada.ID)
	_, err = o.UpdateUserUsername(&iam.UpdateUserUsernameRequest{UserID: bob.ID, Username: "x"})
	invalid(t, err, "username", "constraint")
	_, err = o.UpdateUserPassword(&iam.UpdateUserPasswordRequest{UserID: bob.ID, Password: strings.Repeat("x", 73)})
	invalid(t, err, "password", "constraint")
	_, err = o.CreateUser(&iam.CreateUserRequest{})
	invalid(t, err, "type", "required")
	_, err = o.CreateUser(&iam.CreateUserRequest{Email: new("a@people.example"), Member: &iam.CreateUserRequestMember{Username: "both"}})
	invalid(t, err, "type", "constraint")
	for _, id := range []string{unknownID, other.OwnerID} {
		_, err := o.GetUser(&iam.GetUserRequest{UserID: id})
		missing(t, err, "user", id)
		missing(t, o.DeleteUser(&iam.DeleteUserRequest{UserID: id}), "user", id)
	}
	for _, id := range malformedIDs {
		_, err := o.GetUser(&iam.GetUserRequest{UserID: id})
		invalid(t, err, "user_id", "format")
	}
	a := o.actor(o.rule("IAMGroupManager"))
	_, err = a.ListUsers(&iam.ListUsersRequest{})
	denied(t, err, "list", "user")
	denied(t, a.DeleteUser(&iam.DeleteUserRequest{UserID: ada.ID}), "delete", "user")
}

func TestUserList(t *testing.T) {
	o := newOrganization(t)
	zoe, abe := o.member("zoe"), o.member("abe")
	must(o.UpdateUser(&iam.UpdateUserRequest{UserID: abe.ID, Tags: &[]string{"env=prod"}}))(t)
	all := []string{o.OwnerID, zoe.ID, abe.ID}
	list := func(request iam.ListUsersRequest) []string {
		t.Helper()
		return values(must(o.ListUsers(&request, scw.WithAllPages()))(t).Users, func(u *iam.User) string { return u.ID })
	}
	backwards := slices.Clone(all)
	slices.Reverse(backwards)
	same(t, "all", all, list(iam.ListUsersRequest{}))
	same(t, "in pages of one", all, list(iam.ListUsersRequest{PageSize: new(uint32(1))}))
	same(t, "backwards", backwards, list(iam.ListUsersRequest{OrderBy: iam.ListUsersRequestOrderByCreatedAtDesc}))
	same(t, "by username", []string{abe.ID, o.OwnerID, zoe.ID}, list(iam.ListUsersRequest{OrderBy: iam.ListUsersRequestOrderByUsernameAsc}))
	same(t, "members", []string{zoe.ID, abe.ID}, list(iam.ListUsersRequest{Type: iam.UserTypeMember}))
	same(t, "of any type", all, list(iam.ListUsersRequest{Type: iam.UserTypeUnknownType}))
	same(t, "by ids", []string{zoe.ID}, list(iam.ListUsersRequest{UserIDs: []string{zoe.ID, unknownID}}))
	same(t, "by a tag", []string{abe.ID}, list(iam.ListUsersRequest{Tag: new("prod")}))
	same(t, "with a second factor", []string{}, list(iam.ListUsersRequest{Mfa: new(true)}))
}
