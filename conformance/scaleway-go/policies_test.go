package scalewaygo

import (
	"strings"
	"testing"

	iam "github.com/scaleway/scaleway-sdk-go/api/iam/v1alpha1"
	"github.com/scaleway/scaleway-sdk-go/scw"
)

func TestPolicyLife(t *testing.T) {
	o := newOrganization(t)
	group := o.group("operators")
	made := must(o.CreatePolicy(&iam.CreatePolicyRequest{Name: "operators-read", Description: "for now", GroupID: &group.ID, Tags: []string{"audited"},
		Rules: []*iam.RuleSpecs{o.rule("IAMReadOnly"), inProjects([]string{o.ID}, "InstancesReadOnly", "VPCReadOnly")}}))(t)
	isID(t, made.ID)
	isRecent(t, made.CreatedAt)
	isRecent(t, made.UpdatedAt)
	same(t, "made", &iam.Policy{ID: made.ID, Name: "operators-read", Description: "for now", OrganizationID: o.ID, CreatedAt: made.CreatedAt,
		UpdatedAt: made.UpdatedAt, Editable: true, Deletable: true, NbRules: 2, NbScopes: 2, NbPermissionSets: 3, Tags: []string{"audited"},
		GroupID: &group.ID, Srn: "srn://iam.127.0.0.1/policies/" + made.ID}, made)
	same(t, "got", made, must(o.GetPolicy(&iam.GetPolicyRequest{PolicyID: made.ID}))(t))

	user := o.member("ada")
	changed := must(o.UpdatePolicy(&iam.UpdatePolicyRequest{PolicyID: made.ID, Name: new("readers"), Tags: &[]string{}, UserID: &user.ID}))(t)
	want := *made
	want.Name, want.Tags, want.GroupID, want.UserID, want.UpdatedAt = "readers", []string{}, nil, &user.ID, changed.UpdatedAt
	same(t, "changed", &want, changed)
	detached := must(o.UpdatePolicy(&iam.UpdatePolicyRequest{PolicyID: made.ID, NoPrincipal: new(true)}))(t)
	if detached.UserID != nil || detached.NoPrincipal == nil || !*detached.NoPrincipal {
		t.Errorf("detached: %+v", detached)
	}

	copied := must(o.ClonePolicy(&iam.ClonePolicyRequest{PolicyID: made.ID}))(t)
	if copied.ID == made.ID || copied.Name != "Copy of readers" || copied.NbRules != 2 || copied.NoPrincipal == nil {
		t.Errorf("copied: %+v", copied)
	}
	done(t, o.DeletePolicy(&iam.DeletePolicyRequest{PolicyID: made.ID}))
	_, err := o.GetPolicy(&iam.GetPolicyRequest{PolicyID: made.ID})
	missing(t, err, "policy", made.ID)
	missing(t, o.DeletePolicy(&iam.DeletePolicyRequest{PolicyID: made.ID}), "policy", made.ID)
}

func TestPolicyPrincipals(t *testing.T) {
	o := newOrganization(t)
	user, group, application := o.member("ada"), o.group("group"), o.application("ci")
	for _, x := range []struct {
		field   string
		request iam.CreatePolicyRequest
	}{
		{"user", iam.CreatePolicyRequest{UserID: &user.ID}},
		{"group", iam.CreatePolicyRequest{GroupID: &group.ID}},
		{"application", iam.CreatePolicyRequest{ApplicationID: &application.ID}},
		{"nobody", iam.CreatePolicyRequest{NoPrincipal: new(true)}},
	} {
		x.request.Name = x.field
		made := must(o.CreatePolicy(&x.request))(t)
		type arms struct{ User, Group, Application *string }
		same(t, x.field, arms{x.request.UserID, x.request.GroupID, x.request.ApplicationID}, arms{made.UserID, made.GroupID, made.ApplicationID})
		same(t, x.field, x.request.NoPrincipal, made.NoPrincipal)
	}
	_, err := o.CreatePolicy(&iam.CreatePolicyRequest{Name: "p"})
	invalid(t, err, "principal", "required")
	_, err = o.CreatePolicy(&iam.CreatePolicyRequest{Name: "p", UserID: &user.ID, GroupID: &group.ID})
	invalid(t, err, "principal", "constraint")
	_, err = o.CreatePolicy(&iam.CreatePolicyRequest{Name: "p", GroupID: new(unknownID)})
	missing(t, err, "group", unknownID)
	_, err = o.CreatePolicy(&iam.CreatePolicyRequest{Name: "p", ApplicationID: &user.ID})
	missing(t, err, "application", user.ID)
}

func TestRules(t *testing.T) {
	o := newOrganization(t)
	policy := o.unattached("p", o.rule("BillingReadOnly"))
	first := inProjects([]string{o.ID}, "InstancesReadOnly", "VPCReadOnly")
	first.Condition = "1 == 1"
	specs := []*iam.RuleSpecs{first, o.rule("IAMReadOnly"), o.rule("AllProductsFullAccess")}
	set := must(o.SetRules(&iam.SetRulesRequest{PolicyID: policy.ID, Rules: specs}))(t).Rules
	if len(set) != 3 {
		t.Fatalf("%d rules", len(set))
	}
	want := []*iam.Rule{
		{PermissionSetNames: first.PermissionSetNames, PermissionSetsScopeType: "projects", Condition: "1 == 1", ProjectIDs: first.ProjectIDs},
		{PermissionSetNames: specs[1].PermissionSetNames, PermissionSetsScopeType: "organization", OrganizationID: &o.ID},
		{PermissionSetNames: specs[2].PermissionSetNames, PermissionSetsScopeType: "projects", OrganizationID: &o.ID},
	}
	for i, r := range set {
		isID(t, r.ID)
		want[i].ID = r.ID
	}
	same(t, "set", want, set)
	listed := must(o.ListRules(&iam.ListRulesRequest{PolicyID: policy.ID}, scw.WithAllPages()))(t)
	for i, r := range listed.Rules {
		want[i].Srn = "srn://iam.127.0.0.1/rules/" + r.ID
	}
	same(t, "listed", want, listed.Rules)

	again := must(o.SetRules(&iam.SetRulesRequest{PolicyID: policy.ID, Rules: specs}))(t).Rules
	for i := range again {
		if again[i].ID == set[i].ID {
			t.Errorf("rule %d has the same id again", i)
		}
	}
	for _, none := range [][]*iam.RuleSpecs{{}, nil} {
		if left := must(o.SetRules(&iam.SetRulesRequest{PolicyID: policy.ID, Rules: none}))(t).Rules; len(left) != 0 {
			t.Errorf("%d rules are left", len(left))
		}
	}
}

func TestRuleRefusals(t *testing.T) {
	o := newOrganization(t)
	policy := o.unattached("p", o.rule("IAMReadOnly"))
	conditional := func(condition string) *iam.RuleSpecs {
		r := o.rule("IAMReadOnly")
		r.Condition = condition
		return r
	}
	both := inProjects([]string{o.ID}, "InstancesReadOnly")
	both.OrganizationID = &o.ID
	for why, x := range map[string]struct {
		argument, reason string
		rule             *iam.RuleSpecs
	}{
		"no permission set":         {"rules[1].permission_set_names", "required", o.rule()},
		"null":                      {"rules[1].permission_set_names", "required", &iam.RuleSpecs{OrganizationID: &o.ID}},
		"unknown permission set":    {"rules[1].permission_set_names", "constraint", o.rule("NoSuchSet")},
		"sets of two kinds":         {"rules[1].permission_set_names", "constraint", o.rule("IAMReadOnly", "InstancesReadOnly")},
		"no scope":                  {"rules[1].scope", "required", &iam.RuleSpecs{PermissionSetNames: &[]string{"IAMReadOnly"}}},
		"two scopes":                {"rules[1].scope", "constraint", both},
		"an organization's set":     {"rules[1].project_ids", "constraint", inProjects([]string{o.ID}, "IAMReadOnly")},
		"a condition with no sense": {"rules[1].condition", "format", conditional("request.ip ==")},
		"a long condition":          {"rules[1].condition", "constraint", conditional(`"` + strings.Repeat("x", 2050) + `" == ""`)},
	} {
		t.Run(why, func(t *testing.T) {
			rules := []*iam.RuleSpecs{o.rule("IAMReadOnly"), x.rule}
			_, err := o.SetRules(&iam.SetRulesRequest{PolicyID: policy.ID, Rules: rules})
			invalid(t, err, x.argument, x.reason)
			_, err = o.CreatePolicy(&iam.CreatePolicyRequest{Name: "q", NoPrincipal: new(true), Rules: rules})
			invalid(t, err, x.argument, x.reason)
		})
	}
	_, err := o.SetRules(&iam.SetRulesRequest{PolicyID: policy.ID, Rules: []*iam.RuleSpecs{inProjects([]string{unknownID}, "InstancesReadOnly")}})
	missing(t, err, "project", unknownID)
	_, err = o.ListRules(&iam.ListRulesRequest{PolicyID: unknownID})
	missing(t, err, "policy", unknownID)
	_, err = o.SetRules(&iam.SetRulesRequest{PolicyID: unknownID})
	missing(t, err, "policy", unknownID)
	if left := must(o.ListRules(&iam.ListRulesRequest{PolicyID: policy.ID}))(t); left.TotalCount != 1 {
		t.Errorf("%d rules", left.TotalCount)
	}
}

func TestPolicyRefusals(t *testing.T) {
	o, other := newOrganization(t), newOrganization(t)
	for _, id := range []string{unknownID, other.unattached("theirs").ID} {
		_, err := o.GetPolicy(&iam.GetPolicyRequest{PolicyID: id})
		missing(t, err, "policy", id)
		_, err = o.UpdatePolicy(&iam.UpdatePolicyRequest{PolicyID: id, Name: new("mine")})
		missing(t, err, "policy", id)
		_, err = o.ClonePolicy(&iam.ClonePolicyRequest{PolicyID: id})
		missing(t, err, "policy", id)
	}
	for _, id := range malformedIDs {
		_, err := o.GetPolicy(&iam.GetPolicyRequest{PolicyID: id})
		invalid(t, err, "policy_id", "format")
	}
	a := o.actor(o.rule("IAMGroupManager"))
	_, err := a.CreatePolicy(&iam.CreatePolicyRequest{Name: "mine", NoPrincipal: new(true)})
	denied(t, err, "create", "policy")
	_, err = a.SetRules(&iam.SetRulesRequest{PolicyID: a.policy.ID, Rules: []*iam.RuleSpecs{o.rule("IAMManager")}})
	denied(t, err, "write", "rule")
	_, err = a.ListRules(&iam.ListRulesRequest{PolicyID: a.policy.ID})
	denied(t, err, "list", "rule")
}
