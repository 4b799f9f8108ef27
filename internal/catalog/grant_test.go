package catalog_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/writ-iam/writ/internal/catalog"
)

// covered lists the known actions that something covers.
func covered(g interface{ Covers(string) bool }) []string {
	var out []string
	c := catalog.Builtin()
	for _, s := range c.Services() {
		for _, a := range c.Actions(s.ID) {
			if g.Covers(a.String()) {
				out = append(out, a.String())
			}
		}
	}
	return out
}

func set(t *testing.T, name string) *catalog.PermissionSet {
	t.Helper()
	s, ok := catalog.Builtin().PermissionSet(name)
	if !ok {
		t.Fatalf("there is no permission set %s", name)
	}
	return s
}

// iamActions prefixes names.
func iamActions(names string) []string {
	var out []string
	for name := range strings.FieldsSeq(names) {
		out = append(out, "iam:"+name)
	}
	return out
}

// expand multiplies the braces of a name: "A{B,C}D" is ABD and ACD.
func expand(name string) []string {
	before, rest, ok := strings.Cut(name, "{")
	if !ok {
		return []string{name}
	}
	alternatives, after, _ := strings.Cut(rest, "}")
	var out []string
	for a := range strings.SplitSeq(alternatives, ",") {
		out = append(out, expand(before+a+after)...)
	}
	return out
}

// TestPermissionSets: all that the contract names are there with scope and category, sorted by name, and no others.
func TestPermissionSets(t *testing.T) {
	want := map[string]string{}
	for _, name := range lines(organizationSets) {
		want[name] = catalog.ScopeOrganization
	}
	for _, row := range lines(projectSets) {
		category, names, _ := strings.Cut(row, ": ")
		for _, m := range regexp.MustCompile(`(?:[A-Za-z]|\{[^}]*\})+`).FindAllString(names, -1) {
			for _, name := range expand(m) {
				want[name] = catalog.ScopeProjects + " " + category
			}
		}
	}
	got := map[string]string{}
	ids := map[string]bool{}
	var names []string
	for _, s := range catalog.Builtin().PermissionSets() {
		names = append(names, s.Name)
		got[s.Name] = s.Scope
		if s.Scope == catalog.ScopeProjects {
			got[s.Name] += " " + strings.Join(s.Categories, ",")
		}
		if s.Description == "" || ids[s.ID()] || !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(s.ID()) {
			t.Errorf("%s: id %s, description %q", s.Name, s.ID(), s.Description)
		}
		ids[s.ID()] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sets (-contract +catalogue):\n%s", diff)
	}
	if !slices.IsSorted(names) {
		t.Error("the sets are not sorted by name")
	}
	if id := set(t, "InstancesReadOnly").ID(); id != "8ccd7f61-1b36-5861-b0f9-e1bf895a1d90" {
		t.Errorf("the id of InstancesReadOnly has become %s: ids are for ever", id)
	}
}

// TestIAMSets: the sets about IAM grant exactly this (scaleway.md, section 7.2).
func TestIAMSets(t *testing.T) {
	keys := iamActions("ListServiceAccountCredentials GetServiceAccountCredential")
	users := iamActions(`ListUsers GetUser ListUserTags ListUserCredentials ListInvitations GetInvitation ListGracePeriods
		ListUserConnections ListWebAuthnAuthenticators`)
	applications := append(iamActions("ListServiceAccounts GetServiceAccount ListServiceAccountTags ListTrustedRoots"), keys...)
	groups := iamActions(`ListGroups GetGroup ListGroupTags ListGroupUsers ListGroupServiceAccounts ListUserGroups
		ListServiceAccountGroups GetGroupQuota`)
	policies := iamActions(`ListPolicies GetPolicy ListPolicyTags ListPolicyUsers ListPolicyServiceAccounts ListPolicyGroups
		ListPolicyRoles ListUserPolicies ListServiceAccountPolicies ListGroupPolicies ListPermissionSets GetPermissionSet
		ComposePolicy GetPolicyQuota`)
	ssh := iamActions("ListSSHKeys CreateSSHKey GetSSHKey UpdateSSHKey DeleteSSHKey")
	others := iamActions("CreateUserCredential RollUserCredential") // keys for other users, which nobody but the owner makes (section 6)
	all := slices.DeleteFunc(covered(catalog.Grant{Allow: []string{"iam:*"}}), func(a string) bool { return slices.Contains(ssh, a) || slices.Contains(others, a) })
	all = append(all, "audit:ListLogs", "audit:GetLog")
	for name, want := range map[string][]string{
		"IAMManager":             all,
		"IAMReadOnly":            slices.Concat(users, applications, groups, policies, iamActions("GetUserCredential")),
		"IAMUserReadOnly":        users,
		"IAMApplicationReadOnly": applications,
		"IAMGroupReadOnly":       groups,
		"IAMPolicyReadOnly":      policies,
		"IAMUserManager": append(users, iamActions(`AddUser UpdateUser RemoveUser LockUser UnlockUser ResetUserPassword TagUser
			UntagUser DeleteUserMFA DeleteWebAuthnAuthenticator ResendInvitation CancelInvitation`)...),
		"IAMApplicationManager": append(applications, iamActions(`CreateServiceAccount UpdateServiceAccount DeleteServiceAccount
			ActivateServiceAccount DeactivateServiceAccount ResetServiceAccountSecret AttachTrustedRoot DetachTrustedRoot
			TagServiceAccount UntagServiceAccount CreateServiceAccountCredential UpdateServiceAccountCredential
			DeleteServiceAccountCredential`)...),
		"IAMGroupManager": append(groups, iamActions(`CreateGroup UpdateGroup DeleteGroup TagGroup AddUserToGroup
			RemoveUserFromGroup AddServiceAccountToGroup RemoveServiceAccountFromGroup`)...),
		"IAMPolicyManager": append(policies, iamActions(`CreatePolicy UpdatePolicy DeletePolicy TagPolicy UntagPolicy
			AttachUserPolicy DetachUserPolicy AttachServiceAccountPolicy DetachServiceAccountPolicy AttachGroupPolicy
			DetachGroupPolicy`)...),
		"OrganizationReadOnly": iamActions("GetOrganization ListQuotas GetQuota"),
		"ProjectManager":       iamActions("ListProjects GetProject CreateProject UpdateProject DeleteProject"),
		"ProjectReadOnly":      iamActions("ListProjects GetProject"),
		"SSHKeysFullAccess":    ssh,
		"SSHKeysReadOnly":      iamActions("ListSSHKeys GetSSHKey"),
		"AuditTrailReadOnly":   {"audit:ListLogs", "audit:GetLog"},
		"InstancesServerStart": {"instances:StartServer"},
	} {
		got := covered(set(t, name))
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestNoEscalation: what a set or group must never grant, in whichever case it is asked for, known to the catalogue or not.
func TestNoEscalation(t *testing.T) {
	for _, c := range []struct{ set, denied string }{
		{"AllProductsFullAccess", "iam:CreatePolicy"},
		{"AllProductsFullAccess", "IAM:createpolicy"},
		{"AllProductsFullAccess", "iam:SomethingNew"},
		{"AllProductsFullAccess", "billing:UpdatePaymentMethod"},
		{"AllProductsFullAccess", "platform:SetQuota"},
		{"AllProductsFullAccess", "audit:ListLogs"},
		{"AllProductsReadOnly", "iam:GetUser"},
		{"AllProductsReadOnly", "iam:CreateSSHKey"},
		{"AllProductsReadOnly", "vks:GetKubeconfig"},
		{"AllProductsReadOnly", "myservice:DeleteThing"},
		{"AllProductsReadOnly", "myservice:Delete:GetThing"},
		{"IAMManager", "iam:CreateSSHKey"},
		{"IAMManager", "platform:CreateOrganization"},
		{"IAMUserManager", "iam:CreateUserCredential"},
		{"IAMManager", "iam:CreateUserCredential"},
		{"IAMManager", "iam:RollUserCredential"},
		{"OrganizationManager", "iam:CreateUserCredential"},
		{"IAMUserManager", "iam:SetUserRole"},
		{"IAMUserManager", "iam:AttachUserPolicy"},
		{"IAMApplicationManager", "iam:ImpersonateServiceAccount"},
		{"IAMApplicationManager", "iam:AttachServiceAccountPolicy"},
		{"OrganizationManager", "platform:SetQuota"},
		{"ServerlessSQLDatabaseReadOnly", "serverless-sql:ReadData"},
		{"SecretManagerReadOnly", "secret-manager:AccessSecret"},
		{"InstancesFullAccess", "instances-other:StartServer"},
	} {
		if set(t, c.set).Covers(c.denied) {
			t.Errorf("%s grants %s", c.set, c.denied)
		}
	}
	for _, c := range []struct{ label, denied string }{
		{"admin", "iam:CreatePolicy"}, {"admin", "iam:AddUser"}, {"admin", "billing:GetInvoice"}, {"admin", "platform:SetQuota"},
		{"admin", "iam:GetWorkloadCredentials"}, {"admin", "IAM:AssumeRole"},
		{"admin_readonly", "iam:GetWorkloadCredentials"}, {"admin_readonly", "dns:CreateRecord"}, {"admin_readonly", "platform:ListPeople"},
		{"super_admin", "platform:ListPeople"}, {"r2_read", "r2:PutObject"}, {"worker_edit", "workers:DeleteWorker"},
		{"domain_dns", "zones:DeleteZone"},
	} {
		g, ok := catalog.Builtin().PermissionGroupLabelled(c.label)
		if !ok || g.Covers(c.denied) {
			t.Errorf("%s grants %s", c.label, c.denied)
		}
	}
	for _, c := range []struct{ set, allowed string }{
		{"AllProductsFullAccess", "instances:DeleteServer"}, {"AllProductsFullAccess", "myservice:DoThing"},
		{"AllProductsFullAccess", "iam:CreateSSHKey"}, {"AllProductsReadOnly", "myservice:GetThing"},
		{"IAMManager", "iam:CreateProject"}, {"OrganizationManager", "support:CreateTicket"},
	} {
		if !set(t, c.set).Covers(c.allowed) {
			t.Errorf("%s does not grant %s", c.set, c.allowed)
		}
	}
}

// TestReadOnly: what is called read only covers no action that writes.
func TestReadOnly(t *testing.T) {
	c := catalog.Builtin()
	readers := map[string]interface{ Covers(string) bool }{}
	for _, s := range c.PermissionSets() {
		if strings.HasSuffix(s.Name, "ReadOnly") {
			readers[s.Name] = s
		}
	}
	for _, g := range slices.Concat(c.PermissionGroups(), c.TokenPermissionGroups()) {
		if strings.Contains(g.Name, "Read") {
			readers[g.Name] = g
		}
	}
	if len(readers) < 60 {
		t.Fatalf("only %d read-only sets", len(readers))
	}
	for name, r := range readers {
		some := false
		for _, action := range covered(r) {
			some = true
			if a, _ := c.Action(action); a.Label != catalog.List && a.Label != catalog.Read {
				t.Errorf("%s grants %s, which is labelled %s", name, action, a.Label)
			}
		}
		if !some {
			t.Errorf("%s grants nothing", name)
		}
	}
}

// TestReadingNames: policies that allow what is called get, list or search, as read-only policies do, reach nothing of writ's
// own that changes something or makes credentials. The dialects spell such an action otherwise where its name says so.
func TestReadingNames(t *testing.T) {
	c := catalog.Builtin()
	reading := regexp.MustCompile(`^(\w+:)?(?i:get|list|search)`)
	for _, service := range []string{"iam", "audit", "platform"} {
		for _, a := range c.Actions(service) {
			for _, dialect := range []string{catalog.VNGCloud, catalog.Exoscale} {
				spelled := c.Spelling(dialect, a.String())
				if reading.MatchString(spelled) && a.Label != catalog.List && a.Label != catalog.Read {
					t.Errorf("%s is labelled %s, and %s spells it %s", a, a.Label, dialect, spelled)
				}
			}
		}
	}
}

func TestPermissionGroups(t *testing.T) {
	c := catalog.Builtin()
	want := map[string]string{
		"admin": "Administrator", "admin_readonly": "Administrator Read Only", "super_admin": "Super Administrator - All Privileges",
		"load_balancer_admin": "Load Balancer", "fbm_user": "Magic Network Monitoring", "domain_page_shield": "Domain Page Shield",
		"billing": "Billing", "analytics": "Analytics", "audit_logs_viewer": "Audit Logs Viewer", "cache_purge": "Cache Purge",
		"dns": "DNS", "firewall": "Firewall", "r2_admin": "Cloudflare R2 Admin", "r2_read": "Cloudflare R2 Read",
		"zero_trust": "Cloudflare Zero Trust", "zero_trust_readonly": "Cloudflare Zero Trust Read Only",
		"workers_platform_readonly": "Workers Platform (Read-only)", "domain_admin": "Domain Administrator",
		"domain_admin_readonly": "Domain Administrator Read Only", "domain_dns": "Domain DNS", "worker_admin": "Worker Admin",
		"worker_edit": "Worker Edit (Versions & Deployments)", "worker_read": "Worker Read",
	}
	got := map[string]string{}
	for _, g := range c.PermissionGroups() {
		got[g.Label] = g.Name
		scope := catalog.ScopeAccount
		switch {
		case strings.HasPrefix(g.Label, "domain_"):
			scope = catalog.ScopeZone
		case strings.HasPrefix(g.Label, "worker_"):
			scope = catalog.ScopeWorker
		}
		if g.Meta()["scopes"] != scope || g.Meta()["editable"] != "false" || g.Meta()["label"] != g.Label {
			t.Errorf("%s has meta %v", g.Label, g.Meta())
		}
		if same, ok := c.PermissionGroup(g.ID()); !ok || same != g || len(g.ID()) != 32 {
			t.Errorf("%s is not found by its id %s", g.Label, g.ID())
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("groups (-contract +catalogue):\n%s", diff)
	}
	// The first half of SHA-256("permission_group:admin"), cloudflare.md, section 4.
	if g, _ := c.PermissionGroupLabelled("admin"); g.ID() != "dd0f39eedba1fd10105995e3ec650dff" {
		t.Errorf("the id of admin is %s", g.ID())
	}
	for _, id := range []string{"", "admin", strings.Repeat("0", 32), c.TokenPermissionGroups()[0].ID()} {
		if _, ok := c.PermissionGroup(id); ok {
			t.Errorf("there is a permission group %q", id)
		}
	}
}

func TestTokenPermissionGroups(t *testing.T) {
	c := catalog.Builtin()
	byName := map[string]*catalog.PermissionGroup{}
	for _, g := range c.TokenPermissionGroups() {
		byName[g.Name] = g
		if same, ok := c.TokenPermissionGroup(g.ID()); !ok || same != g {
			t.Errorf("%s is not found by its id", g.Name)
		}
	}
	for _, name := range []string{"Account Settings Read", "Account Settings Write", "Account API Tokens Read", "Account API Tokens Write",
		"SSO Connector Read", "SSO Connector Write", "SCIM Provisioning", "Workers Scripts Read", "Billing Read", "DNS Write", "Zone Read"} {
		if byName[name] == nil {
			t.Errorf("there is no permission %s", name)
		}
	}
	if _, ok := c.TokenPermissionGroup(c.PermissionGroups()[0].ID()); ok {
		t.Error("a role is among the permissions of tokens")
	}
}

// TestTokenPermissionsOpenOperations: the permissions that cloudflare.md, section 2, names for an operation are enough for it.
func TestTokenPermissionsOpenOperations(t *testing.T) {
	c := catalog.Builtin()
	enough := func(permission, operation string) bool {
		o, known := c.Operation(catalog.Cloudflare, operation)
		for _, g := range c.TokenPermissionGroups() {
			if g.Name == permission {
				return known && !slices.ContainsFunc(o.Actions, func(a string) bool { return !g.Covers(a) })
			}
		}
		return false
	}
	for _, o := range c.Operations(catalog.Cloudflare) {
		reads := regexp.MustCompile(`\.(list|get)$`).MatchString(o.Name)
		var read, write string
		switch {
		case strings.HasSuffix(o.Name, "verify"):
			continue
		case strings.HasPrefix(o.Name, "iam.sso"):
			read, write = "SSO Connector Read", "SSO Connector Write"
		case strings.HasPrefix(o.Name, "accounts.tokens"):
			read, write = "Account API Tokens Read", "Account API Tokens Write"
		case strings.HasPrefix(o.Name, "user.tokens"):
			read, write = "API Tokens Read", "API Tokens Write"
		default:
			read, write = "Account Settings Read", "Account Settings Write"
			if !enough("SCIM Provisioning", o.Name) {
				t.Errorf("SCIM Provisioning is not enough for %s", o.Name)
			}
		}
		if enough(read, o.Name) != reads || !enough(write, o.Name) {
			t.Errorf("%s: %s suffices %v, %s %v", o.Name, read, enough(read, o.Name), write, enough(write, o.Name))
		}
	}
}

func TestMatchAction(t *testing.T) {
	for _, c := range []struct {
		pattern, action string
		want            bool
	}{
		{"*", "iam:GetUser", true},
		{"*:*", "iam:GetUser", true},
		{"iam:*", "iam:GetUser", true},
		{"iam:Get*", "iam:GetUser", true},
		{"iam:get*", "IAM:GETUSER", true},
		{"*:Get*", "x:GetUser", true},
		{"iam:*SSHKey*", "iam:CreateSSHKey", true},
		{"iam:*a*b", "iam:xaxbxb", true},
		{"iam:GetUser", "iam:GetUser", true},
		{"iam:GetUser", "iam:GetUsers", false},
		{"iam:GetUser", "iam:GetUse", false},
		{"iam:Get", "iam:GetUser", false},
		{"iam:*", "iamx:GetUser", false},
		{"iam:*", "iam", false},
		{"iam:*", "", false},
		{"*:Get*", "x:Delete:GetUser", false},
		{"*:Get*", "x:y", false},
		{"*a:Get*", "x:aGet", false},
		{"iam:*a*b", "iam:ba", false},
		{"iam", "iam", false},
	} {
		if got := catalog.MatchAction(c.pattern, c.action); got != c.want {
			t.Errorf("%s matches %s: %v", c.pattern, c.action, got)
		}
	}
}
