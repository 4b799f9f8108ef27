package scalewaygo

import (
	"slices"
	"strings"
	"testing"

	account "github.com/scaleway/scaleway-sdk-go/api/account/v3"
	iam "github.com/scaleway/scaleway-sdk-go/api/iam/v1alpha1"
	"github.com/scaleway/scaleway-sdk-go/scw"
)

// These tests make the calls of Scaleway's command line, `scw iam …`, as the contract has them (section 8). Most commands are one call,
// which the other tests make; here are the lists, which ask for all pages, and the commands that are several calls.

// TestCLILists: each list begins with page 1, names the organization, and has its usual order and the values that stand for any.
func TestCLILists(t *testing.T) {
	o := newOrganization(t)
	policy := o.unattached("p", o.rule("IAMReadOnly"))
	everything := scw.WithAllPages()
	in := "organization_id=" + o.ID
	for command, x := range map[string]struct {
		call func() error
		want string
	}{
		"api-key list": {func() error { return second(o.ListAPIKeys(&iam.ListAPIKeysRequest{OrganizationID: &o.ID}, everything)) },
			"GET /api-keys?bearer_type=unknown_bearer_type&order_by=created_at_asc&" + in + "&page=1"},
		"application list": {func() error { return second(o.ListApplications(&iam.ListApplicationsRequest{}, everything)) },
			"GET /applications?order_by=created_at_asc&" + in + "&page=1"},
		"group list": {func() error { return second(o.ListGroups(&iam.ListGroupsRequest{}, everything)) },
			"GET /groups?order_by=created_at_asc&" + in + "&page=1"},
		"policy list": {func() error { return second(o.ListPolicies(&iam.ListPoliciesRequest{}, everything)) },
			"GET /policies?order_by=policy_name_asc&" + in + "&page=1"},
		"rule list": {func() error { return second(o.ListRules(&iam.ListRulesRequest{PolicyID: policy.ID}, everything)) },
			"GET /rules?page=1&policy_id=" + policy.ID},
		"ssh-key list": {func() error { return second(o.ListSSHKeys(&iam.ListSSHKeysRequest{OrganizationID: &o.ID}, everything)) },
			"GET /ssh-keys?order_by=created_at_asc&" + in + "&page=1"},
		"user list": {func() error { return second(o.ListUsers(&iam.ListUsersRequest{OrganizationID: &o.ID}, everything)) },
			"GET /users?order_by=created_at_asc&" + in + "&page=1&type=unknown_type"},
	} {
		t.Run(command, func(t *testing.T) {
			o.wire.calls()
			done(t, x.call())
			same(t, "calls", []string{x.want}, o.wire.sequence())
		})
	}

	o.wire.calls()
	sets := must(o.ListPermissionSets(&iam.ListPermissionSetsRequest{}, everything))(t)
	pages := o.wire.sequence()
	same(t, "the first page", "GET /permission-sets?order_by=name_asc&"+in+"&page=1", pages[0])
	same(t, "pages", (len(sets.PermissionSets)+19)/20, len(pages))

	o.wire.calls()
	must(o.ListLogs(&iam.ListLogsRequest{}, everything))(t)
	for _, call := range o.wire.sequence() {
		call, _, _ = strings.Cut(call, "&page=")
		same(t, "log list", "GET /logs?action=unknown_action&order_by=created_at_asc&"+in, call)
	}
}

// TestCLIAPIKeyGet shows a key, its bearer, and what the bearer may do: policies, and their rules.
func TestCLIAPIKeyGet(t *testing.T) {
	o := newOrganization(t)
	user := o.member("ada")
	ofUser := must(o.CreateAPIKey(&iam.CreateAPIKeyRequest{UserID: &user.ID}))(t)
	policy := must(o.CreatePolicy(&iam.CreatePolicyRequest{Name: "p", UserID: &user.ID, Rules: []*iam.RuleSpecs{o.rule("IAMReadOnly")}}))(t)
	a := o.actor(o.rule("BillingReadOnly"), o.rule("IAMReadOnly"))

	get := func(accessKey string) (sets []string) {
		t.Helper()
		key := must(o.GetAPIKey(&iam.GetAPIKeyRequest{AccessKey: accessKey}))(t)
		list := &iam.ListPoliciesRequest{}
		if key.UserID != nil {
			if u := must(o.GetUser(&iam.GetUserRequest{UserID: *key.UserID}))(t); u.Type == iam.UserTypeOwner {
				return nil // who may do everything
			}
			list.UserIDs = []string{*key.UserID}
		} else {
			list.ApplicationIDs = []string{*key.ApplicationID}
		}
		for _, p := range must(o.ListPolicies(list, scw.WithAllPages()))(t).Policies {
			for _, r := range must(o.ListRules(&iam.ListRulesRequest{PolicyID: p.ID}, scw.WithAllPages()))(t).Rules {
				sets = append(sets, *r.PermissionSetNames...) // without a check that there are any
			}
		}
		return sets
	}
	policies := "GET /policies?%s&order_by=policy_name_asc&organization_id=" + o.ID + "&page=1"
	o.wire.calls()
	same(t, "the owner's", []string(nil), get(o.key.AccessKey))
	same(t, "calls", []string{"GET /api-keys/" + o.key.AccessKey, "GET /users/" + o.OwnerID}, o.wire.sequence())
	same(t, "a user's", []string{"IAMReadOnly"}, get(ofUser.AccessKey))
	same(t, "calls", []string{"GET /api-keys/" + ofUser.AccessKey, "GET /users/" + user.ID,
		"GET /policies?order_by=policy_name_asc&organization_id=" + o.ID + "&page=1&user_ids=" + user.ID,
		"GET /rules?page=1&policy_id=" + policy.ID}, o.wire.sequence())
	same(t, "an application's", []string{"BillingReadOnly", "IAMReadOnly"}, get(a.key.AccessKey))
	same(t, "calls", []string{"GET /api-keys/" + a.key.AccessKey, strings.Replace(policies, "%s", "application_ids="+a.application.ID, 1),
		"GET /rules?page=1&policy_id=" + a.policy.ID}, o.wire.sequence())
}

func TestCLIPolicyGet(t *testing.T) {
	o := newOrganization(t)
	var specs []*iam.RuleSpecs
	for range 25 {
		specs = append(specs, o.rule("IAMReadOnly"))
	}
	made := o.unattached("p", specs...)
	o.wire.calls()
	policy := must(o.GetPolicy(&iam.GetPolicyRequest{PolicyID: made.ID}))(t)
	rules := must(o.ListRules(&iam.ListRulesRequest{PolicyID: made.ID}, scw.WithAllPages()))(t)
	same(t, "rules", int(policy.NbRules), len(rules.Rules))
	same(t, "calls", []string{"GET /policies/" + made.ID, "GET /rules?page=1&policy_id=" + made.ID, "GET /rules?page=2&policy_id=" + made.ID}, o.wire.sequence())
}

// TestCLIRules: the commands read all rules, and set them with one more or one less. They leave conditions out.
func TestCLIRules(t *testing.T) {
	o := newOrganization(t)
	conditional := o.rule("IAMReadOnly")
	conditional.Condition = "1 == 1"
	policy := o.unattached("p", conditional)
	rules := func() []*iam.Rule {
		t.Helper()
		return must(o.ListRules(&iam.ListRulesRequest{PolicyID: policy.ID}, scw.WithAllPages()))(t).Rules
	}
	set := func(old []*iam.Rule, more ...*iam.RuleSpecs) []*iam.Rule {
		t.Helper()
		specs := values(old, func(r *iam.Rule) *iam.RuleSpecs {
			return &iam.RuleSpecs{PermissionSetNames: r.PermissionSetNames, ProjectIDs: r.ProjectIDs, OrganizationID: r.OrganizationID}
		})
		return must(o.SetRules(&iam.SetRulesRequest{PolicyID: policy.ID, Rules: append(specs, more...)}))(t).Rules
	}
	calls := []string{"GET /rules?page=1&policy_id=" + policy.ID, "PUT /rules"}

	o.wire.calls()
	made := set(rules(), inProjects([]string{o.ID}, "InstancesReadOnly"))
	same(t, "to create", calls, o.wire.sequence())
	if len(made) != 2 || made[0].Condition != "" || (*made[1].PermissionSetNames)[0] != "InstancesReadOnly" {
		t.Errorf("created: %+v", made)
	}
	left := set(slices.DeleteFunc(rules(), func(r *iam.Rule) bool { return r.ID == made[0].ID }))
	same(t, "to delete", calls, o.wire.sequence())
	if len(left) != 1 || (*left[0].PermissionSetNames)[0] != "InstancesReadOnly" || (*left[0].ProjectIDs)[0] != o.ID {
		t.Errorf("left: %+v", left)
	}
	same(t, "the only one is deleted", []*iam.Rule{}, set(nil))
}

// TestCLISSHKeyInit looks whether the key is there already, and adds it if not.
func TestCLISSHKeyInit(t *testing.T) {
	o := newOrganization(t)
	key := publicKey("ada")
	initialize := func() {
		t.Helper()
		have := must(o.ListSSHKeys(&iam.ListSSHKeysRequest{}, scw.WithAllPages()))(t)
		if !slices.ContainsFunc(have.SSHKeys, func(k *iam.SSHKey) bool { return k.PublicKey == key }) {
			must(o.CreateSSHKey(&iam.CreateSSHKeyRequest{Name: "laptop", PublicKey: key}))(t)
		}
	}
	list := "GET /ssh-keys?order_by=created_at_asc&page=1"
	o.wire.calls()
	initialize()
	same(t, "calls", []string{list, "POST /ssh-keys"}, o.wire.sequence())
	initialize()
	same(t, "calls", []string{list}, o.wire.sequence())
}

// TestCLIInit: `scw init` looks at the new key, and lists the projects. A key that may not look at itself is no failure.
func TestCLIInit(t *testing.T) {
	o := newOrganization(t)
	project := o.project("another")
	o.wire.calls()
	must(o.GetAPIKey(&iam.GetAPIKeyRequest{AccessKey: o.key.AccessKey}))(t)
	projects := must(o.projects.ListProjects(&account.ProjectAPIListProjectsRequest{OrganizationID: o.ID}, scw.WithAllPages()))(t)
	same(t, "projects", []string{o.ID, project}, values(projects.Projects, func(p *account.Project) string { return p.ID }))
	same(t, "calls", []string{"GET /api-keys/" + o.key.AccessKey, "GET /account/v3/projects?order_by=created_at_asc&organization_id=" + o.ID + "&page=1"},
		o.wire.sequence())

	a := o.actor()
	_, err := a.GetAPIKey(&iam.GetAPIKeyRequest{AccessKey: a.key.AccessKey})
	denied(t, err, "read", "api_key")
}
