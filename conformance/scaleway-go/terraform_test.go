package scalewaygo

import (
	"strings"
	"testing"
	"time"

	iam "github.com/scaleway/scaleway-sdk-go/api/iam/v1alpha1"
	"github.com/scaleway/scaleway-sdk-go/scw"
)

// These tests make the calls of Scaleway's Terraform provider, as the contract has them (section 8): each resource is created, read,
// planned again with no difference, updated, planned again, and destroyed, after which it is not found.

// resource is what the provider does with one kind of resources. S is what it keeps of one.
type resource[S any] struct {
	create func(S) (id string, err error)
	read   func(id string) (S, error)
	update func(id string, from, to S) error
	remove func(id string) error

	first, then S // the configuration, and the one after
	calls       calls
}

// calls are those of one step each, where {id} is the id.
type calls struct{ create, read, update, remove []string }

// apply takes a resource through its life.
func (r resource[S]) apply(t *testing.T, o *organization) {
	t.Helper()
	o.wire.calls()
	id := must(r.create(r.first))(t)
	made := func(what string, want []string) {
		t.Helper()
		var got []string
		for _, call := range o.wire.sequence() {
			got = append(got, strings.ReplaceAll(call, id, "{id}"))
		}
		same(t, "the calls to "+what, want, got)
	}
	plan := func(want S) {
		t.Helper()
		for range 2 {
			same(t, "the plan", want, must(r.read(id))(t))
			made("read", r.calls.read)
		}
	}
	made("create", r.calls.create)
	plan(r.first)
	done(t, r.update(id, r.first, r.then))
	made("update", r.calls.update)
	plan(r.then)
	done(t, r.remove(id))
	made("delete", r.calls.remove)
	refused[*scw.ResourceNotFoundError](t, second(r.read(id)))
	if err := r.remove(id); err != nil {
		refused[*scw.ResourceNotFoundError](t, err) // which the provider takes for success
	}
}

// Named is what most resources have.
type Named struct {
	Name, Description string
	Tags              []string
}

func TestTerraformApplication(t *testing.T) {
	o := newOrganization(t)
	resource[Named]{
		create: func(s Named) (string, error) {
			return idOf(o.CreateApplication(&iam.CreateApplicationRequest{Name: s.Name, Description: s.Description, OrganizationID: o.ID, Tags: s.Tags}))
		},
		read: func(id string) (Named, error) {
			a, err := o.GetApplication(&iam.GetApplicationRequest{ApplicationID: id})
			if err != nil {
				return Named{}, err
			}
			return Named{a.Name, a.Description, a.Tags}, nil
		},
		update: func(id string, _, to Named) error {
			return second(o.UpdateApplication(&iam.UpdateApplicationRequest{ApplicationID: id, Name: &to.Name, Tags: &to.Tags}))
		},
		remove: func(id string) error { return o.DeleteApplication(&iam.DeleteApplicationRequest{ApplicationID: id}) },
		first:  Named{"ci", "builds", []string{"team=core"}},
		then:   Named{"deploy", "builds", []string{}},
		calls: calls{
			create: []string{"POST /applications"},
			read:   []string{"GET /applications/{id}"},
			update: []string{"PATCH /applications/{id}"},
			remove: []string{"DELETE /applications/{id}"},
		},
	}.apply(t, o)
}

// idOf gives the id of what was made.
func idOf[T any](made *T, err error) (string, error) {
	if err != nil {
		return "", err
	}
	switch made := any(made).(type) {
	case *iam.Application:
		return made.ID, nil
	case *iam.Group:
		return made.ID, nil
	case *iam.Policy:
		return made.ID, nil
	case *iam.User:
		return made.ID, nil
	case *iam.APIKey:
		return made.AccessKey, nil
	}
	panic("no id")
}

// groupState is a group with members, which the provider keeps as sets.
type groupState struct {
	Named
	Users, Applications []string
}

func TestTerraformGroup(t *testing.T) {
	o := newOrganization(t)
	ann, ben, ci := o.member("ann").ID, o.member("ben").ID, o.application("ci").ID
	group := resource[groupState]{
		create: func(s groupState) (string, error) {
			made, err := o.CreateGroup(&iam.CreateGroupRequest{OrganizationID: o.ID, Name: s.Name, Description: s.Description, Tags: s.Tags})
			if err != nil {
				return "", err
			}
			return made.ID, second(o.SetGroupMembers(&iam.SetGroupMembersRequest{GroupID: made.ID, UserIDs: s.Users, ApplicationIDs: s.Applications}))
		},
		read: func(id string) (groupState, error) {
			g, err := o.GetGroup(&iam.GetGroupRequest{GroupID: id})
			if err != nil {
				return groupState{}, err
			}
			return groupState{Named{g.Name, g.Description, g.Tags}, g.UserIDs, g.ApplicationIDs}, nil
		},
		update: func(id string, from, to groupState) error {
			g, err := o.GetGroup(&iam.GetGroupRequest{GroupID: id})
			if err != nil {
				return err
			}
			if _, err := o.UpdateGroup(&iam.UpdateGroupRequest{GroupID: g.ID, Name: &to.Name, Description: &to.Description, Tags: &to.Tags}); err != nil {
				return err
			}
			if len(to.Users)+len(to.Applications) > 0 {
				return second(o.SetGroupMembers(&iam.SetGroupMembersRequest{GroupID: id, UserIDs: to.Users, ApplicationIDs: to.Applications}))
			}
			for _, user := range from.Users { // an empty group is emptied one by one
				if _, err := o.RemoveGroupMember(&iam.RemoveGroupMemberRequest{GroupID: id, UserID: &user}); err != nil {
					return err
				}
			}
			for _, application := range from.Applications {
				if _, err := o.RemoveGroupMember(&iam.RemoveGroupMemberRequest{GroupID: id, ApplicationID: &application}); err != nil {
					return err
				}
			}
			return nil
		},
		remove: func(id string) error { return o.DeleteGroup(&iam.DeleteGroupRequest{GroupID: id}) },
		first:  groupState{Named{"operators", "", []string{}}, []string{ann, ben}, []string{ci}},
		calls: calls{
			create: []string{"POST /groups", "PUT /groups/{id}/members"},
			read:   []string{"GET /groups/{id}"},
			remove: []string{"DELETE /groups/{id}"},
		},
	}
	t.Run("other members", func(t *testing.T) {
		group.then = groupState{Named{"on-call", "who is on call", []string{"team=core"}}, []string{ben}, []string{}}
		group.calls.update = []string{"GET /groups/{id}", "PATCH /groups/{id}", "PUT /groups/{id}/members"}
		group.apply(t, o)
	})
	t.Run("no members", func(t *testing.T) {
		group.then = groupState{group.first.Named, []string{}, []string{}}
		remove := "POST /groups/{id}/remove-member"
		group.calls.update = []string{"GET /groups/{id}", "PATCH /groups/{id}", remove, remove, remove}
		group.apply(t, o)
	})
}

// TestTerraformGroupMembership: a removal of one who has left already counts as done.
func TestTerraformGroupMembership(t *testing.T) {
	o := newOrganization(t)
	group, user := o.group("operators").ID, o.member("ann").ID
	calls := func(want ...string) {
		t.Helper()
		same(t, "calls", want, values(o.wire.sequence(), func(call string) string { return strings.ReplaceAll(call, group, "{id}") }))
	}
	add := func() {
		t.Helper()
		must(o.AddGroupMember(&iam.AddGroupMemberRequest{GroupID: group, UserID: &user}))(t)
		calls("POST /groups/{id}/add-member")
		for range 2 {
			same(t, "the plan", []string{user}, must(o.GetGroup(&iam.GetGroupRequest{GroupID: group}))(t).UserIDs)
			calls("GET /groups/{id}")
		}
	}
	remove := func() error {
		_, err := o.RemoveGroupMember(&iam.RemoveGroupMemberRequest{GroupID: group, UserID: &user})
		calls("POST /groups/{id}/remove-member")
		return err
	}
	o.wire.calls()
	add()
	add() // by another resource with the same pair
	done(t, remove())
	missing(t, remove(), "", user)
	done(t, o.DeleteGroup(&iam.DeleteGroupRequest{GroupID: group}))
	o.wire.calls()
	missing(t, remove(), "group", group)
}

// policyState is a policy with its rules.
type policyState struct {
	Named
	Group string
	Rules []ruleState
}

type ruleState struct {
	Sets         []string
	Projects     []string
	Organization string
	Condition    string
}

func (s policyState) specs() []*iam.RuleSpecs {
	return values(s.Rules, func(r ruleState) *iam.RuleSpecs {
		spec := &iam.RuleSpecs{PermissionSetNames: &r.Sets, Condition: r.Condition}
		if r.Organization != "" {
			spec.OrganizationID = &r.Organization
		} else {
			spec.ProjectIDs = &r.Projects
		}
		return spec
	})
}

func readRule(r *iam.Rule) ruleState {
	s := ruleState{Sets: *r.PermissionSetNames, Condition: r.Condition}
	if r.OrganizationID != nil {
		s.Organization = *r.OrganizationID
	}
	if r.ProjectIDs != nil {
		s.Projects = *r.ProjectIDs
	}
	return s
}

func TestTerraformPolicy(t *testing.T) {
	o := newOrganization(t)
	one, two := o.group("one").ID, o.group("two").ID
	wide := ruleState{Sets: []string{"IAMReadOnly", "ProjectReadOnly"}, Organization: o.ID}
	narrow := ruleState{Sets: []string{"AllProductsFullAccess"}, Projects: []string{o.ID}, Condition: "request.user_agent == 'terraform-test'"}
	policy := resource[policyState]{
		create: func(s policyState) (string, error) {
			return idOf(o.CreatePolicy(&iam.CreatePolicyRequest{Name: s.Name, Description: s.Description, OrganizationID: o.ID, Tags: s.Tags,
				GroupID: &s.Group, Rules: s.specs()}))
		},
		read: func(id string) (policyState, error) {
			p, err := o.GetPolicy(&iam.GetPolicyRequest{PolicyID: id})
			if err != nil {
				return policyState{}, err
			}
			rules, err := o.ListRules(&iam.ListRulesRequest{PolicyID: id})
			if err != nil {
				return policyState{}, err
			}
			return policyState{Named{p.Name, p.Description, p.Tags}, *p.GroupID, values(rules.Rules, readRule)}, nil
		},
		remove: func(id string) error { return o.DeletePolicy(&iam.DeletePolicyRequest{PolicyID: id}) },
		first:  policyState{Named{"operators", "", []string{}}, one, []ruleState{wide, narrow}},
		calls: calls{
			create: []string{"POST /policies"},
			read:   []string{"GET /policies/{id}", "GET /rules?policy_id={id}"},
			remove: []string{"DELETE /policies/{id}"},
		},
	}
	policy.update = func(id string, _, to policyState) error {
		if _, err := o.UpdatePolicy(&iam.UpdatePolicyRequest{PolicyID: id, Name: &to.Name, Tags: &to.Tags, GroupID: &to.Group}); err != nil {
			return err
		}
		return second(o.SetRules(&iam.SetRulesRequest{PolicyID: id, Rules: to.specs()}))
	}
	t.Run("other rules", func(t *testing.T) {
		policy.then = policyState{Named{"others", "", []string{"a=b"}}, two, []ruleState{narrow, wide}}
		policy.calls.update = []string{"PATCH /policies/{id}", "PUT /rules"}
		policy.apply(t, o)
	})
	t.Run("twenty rules", func(t *testing.T) { // the provider reads one page
		policy.then = policy.first
		policy.then.Rules = nil
		for range 20 {
			policy.then.Rules = append(policy.then.Rules, wide)
		}
		policy.apply(t, o)
	})
	t.Run("another name alone", func(t *testing.T) {
		policy.then = policy.first
		policy.then.Name = "renamed"
		policy.calls.update = []string{"PATCH /policies/{id}"}
		policy.update = func(id string, _, to policyState) error {
			return second(o.UpdatePolicy(&iam.UpdatePolicyRequest{PolicyID: id, Name: &to.Name}))
		}
		policy.apply(t, o)
	})
}

// keyState is an API key. A change of its expiry makes a new key.
type keyState struct {
	Application, Description, Project string
	Expires                           time.Time
}

func TestTerraformAPIKey(t *testing.T) {
	o := newOrganization(t)
	project := o.project("p")
	expires := soon(time.Hour)
	first := keyState{o.application("ci").ID, "nightly", o.ID, *expires}
	then := first
	then.Description, then.Project = "", project
	var secret *string
	resource[keyState]{
		create: func(s keyState) (string, error) {
			key, err := o.CreateAPIKey(&iam.CreateAPIKeyRequest{ApplicationID: &s.Application, Description: s.Description, ExpiresAt: &s.Expires})
			if err == nil {
				secret = key.SecretKey // which no later call shows
			}
			return idOf(key, err)
		},
		read: func(id string) (keyState, error) {
			k, err := o.GetAPIKey(&iam.GetAPIKeyRequest{AccessKey: id})
			if err != nil {
				return keyState{}, err
			}
			if k.SecretKey != nil || !k.Editable {
				t.Errorf("read: %+v", k)
			}
			return keyState{*k.ApplicationID, k.Description, k.DefaultProjectID, *k.ExpiresAt}, nil
		},
		update: func(id string, _, to keyState) error {
			return second(o.UpdateAPIKey(&iam.UpdateAPIKeyRequest{AccessKey: id, Description: &to.Description, DefaultProjectID: &to.Project}))
		},
		remove: func(id string) error { return o.DeleteAPIKey(&iam.DeleteAPIKeyRequest{AccessKey: id}) },
		first:  first, then: then,
		calls: calls{
			create: []string{"POST /api-keys"},
			read:   []string{"GET /api-keys/{id}"},
			update: []string{"PATCH /api-keys/{id}"},
			remove: []string{"DELETE /api-keys/{id}"},
		},
	}.apply(t, o)
	if secret == nil {
		t.Error("no secret was kept")
	}
}

// sshKeyState is an SSH key.
type sshKeyState struct {
	Name, PublicKey, Project string
	Disabled                 bool
}

func TestTerraformSSHKey(t *testing.T) {
	o := newOrganization(t)
	key := publicKey("ada")
	resource[sshKeyState]{
		create: func(s sshKeyState) (string, error) {
			made, err := o.CreateSSHKey(&iam.CreateSSHKeyRequest{Name: s.Name, PublicKey: s.PublicKey + "\n", ProjectID: s.Project})
			if err != nil {
				return "", err
			}
			return made.ID, second(o.UpdateSSHKey(&iam.UpdateSSHKeyRequest{SSHKeyID: made.ID, Disabled: &s.Disabled}))
		},
		read: func(id string) (sshKeyState, error) {
			k, err := o.GetSSHKey(&iam.GetSSHKeyRequest{SSHKeyID: id})
			if err != nil {
				return sshKeyState{}, err
			}
			return sshKeyState{k.Name, k.PublicKey, k.ProjectID, k.Disabled}, nil
		},
		update: func(id string, _, to sshKeyState) error {
			return second(o.UpdateSSHKey(&iam.UpdateSSHKeyRequest{SSHKeyID: id, Name: &to.Name, Disabled: &to.Disabled}))
		},
		remove: func(id string) error { return o.DeleteSSHKey(&iam.DeleteSSHKeyRequest{SSHKeyID: id}) },
		first:  sshKeyState{"laptop", key, o.ID, true},
		then:   sshKeyState{"desktop", key, o.ID, false},
		calls: calls{
			create: []string{"POST /ssh-keys", "PATCH /ssh-keys/{id}"},
			read:   []string{"GET /ssh-keys/{id}"},
			update: []string{"PATCH /ssh-keys/{id}"},
			remove: []string{"DELETE /ssh-keys/{id}"},
		},
	}.apply(t, o)
}

// userState is a member.
type userState struct {
	Username, Email, FirstName string
	Tags                       []string
	Status                     string // of which the provider calls a method, so that it must be there
}

func TestTerraformUser(t *testing.T) {
	o := newOrganization(t)
	activated := iam.UserStatusActivated.String()
	resource[userState]{
		create: func(s userState) (string, error) {
			return idOf(o.CreateUser(&iam.CreateUserRequest{OrganizationID: o.ID, Tags: s.Tags, Member: &iam.CreateUserRequestMember{
				Email: s.Email, Username: s.Username, Password: "Correct-Horse-7", FirstName: s.FirstName}}))
		},
		read: func(id string) (userState, error) {
			u, err := o.GetUser(&iam.GetUserRequest{UserID: id})
			if err != nil {
				return userState{}, err
			}
			return userState{u.Username, u.Email, u.FirstName, u.Tags, u.Status.String()}, nil
		},
		update: func(id string, _, to userState) error {
			if _, err := o.GetUser(&iam.GetUserRequest{UserID: id}); err != nil {
				return err
			}
			if _, err := o.UpdateUser(&iam.UpdateUserRequest{UserID: id, Tags: &to.Tags, Email: &to.Email, FirstName: &to.FirstName}); err != nil {
				return err
			}
			return second(o.UpdateUserUsername(&iam.UpdateUserUsernameRequest{UserID: id, Username: to.Username}))
		},
		remove: func(id string) error { return o.DeleteUser(&iam.DeleteUserRequest{UserID: id}) },
		first:  userState{"ada", "ada@members.example", "Ada", []string{"team=core"}, activated},
		then:   userState{"lovelace", "a.king@members.example", "Augusta Ada", []string{}, activated},
		calls: calls{
			create: []string{"POST /users"},
			read:   []string{"GET /users/{id}"},
			update: []string{"GET /users/{id}", "PATCH /users/{id}", "POST /users/{id}/update-username"},
			remove: []string{"DELETE /users/{id}"},
		},
	}.apply(t, o)
}

// TestTerraformDataSources: by name, of which an exact match is looked for, and then by id.
func TestTerraformDataSources(t *testing.T) {
	o := newOrganization(t)
	o.application("ci-2")
	application, group, key := o.application("ci"), o.group("operators"), must(o.CreateSSHKey(&iam.CreateSSHKeyRequest{Name: "laptop", PublicKey: publicKey("")}))(t)
	o.wire.calls()
	applications := must(o.ListApplications(&iam.ListApplicationsRequest{Name: &application.Name}))(t)
	same(t, "applications", []*iam.Application{application}, applications.Applications)
	same(t, "application", application, must(o.GetApplication(&iam.GetApplicationRequest{ApplicationID: application.ID}))(t))
	groups := must(o.ListGroups(&iam.ListGroupsRequest{Name: &group.Name}))(t)
	same(t, "groups", []*iam.Group{group}, groups.Groups)
	same(t, "group", group, must(o.GetGroup(&iam.GetGroupRequest{GroupID: group.ID}))(t))
	keys := must(o.ListSSHKeys(&iam.ListSSHKeysRequest{Name: &key.Name, ProjectID: &o.ID}))(t)
	same(t, "keys", []*iam.SSHKey{key}, keys.SSHKeys)
	same(t, "key", key, must(o.GetSSHKey(&iam.GetSSHKeyRequest{SSHKeyID: key.ID}))(t))
	same(t, "calls", []string{
		"GET /applications?name=ci&order_by=created_at_asc&organization_id=" + o.ID, "GET /applications/" + application.ID,
		"GET /groups?name=operators&order_by=created_at_asc&organization_id=" + o.ID, "GET /groups/" + group.ID,
		"GET /ssh-keys?name=laptop&order_by=created_at_asc&project_id=" + o.ID, "GET /ssh-keys/" + key.ID,
	}, o.wire.sequence())
}
