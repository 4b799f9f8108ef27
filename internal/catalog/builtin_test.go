package catalog_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/control"
)

// lines splits a list of contracts_test.go.
func lines(list string) []string { return strings.Split(strings.Trim(list, "\n"), "\n") }

// files gives the built-in files and the fixture.
func files(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, pattern := range []string{"data/*.json", "testdata/*.json"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(names), err)
		}
		for _, name := range names {
			source, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			out[name] = source
		}
	}
	return out
}

// fixture is the small catalogue of vngcloud.md, section 8.2.
func fixture(t *testing.T) *catalog.Catalog {
	t.Helper()
	c, err := catalog.New(files(t)["testdata/vngcloud-fixture.json"])
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestFiles: every file stands as Format writes it, so that what `show` prints can be compared with it.
func TestFiles(t *testing.T) {
	for name, source := range files(t) {
		f, err := catalog.ParseFile(source)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(string(source), string(f.Format())); diff != "" {
			t.Errorf("%s is not as Format writes it (-have +want):\n%s", name, diff)
		}
	}
}

// TestBuiltin: the embedded files are sound, and all that are there are among them.
func TestBuiltin(t *testing.T) {
	c := catalog.Builtin()
	whole := c.File()
	n := &catalog.File{}
	for name, source := range files(t) {
		if strings.HasPrefix(name, "testdata") {
			continue
		}
		f, err := catalog.ParseFile(source)
		if err != nil {
			t.Fatal(err)
		}
		n.Services = append(n.Services, f.Services...)
		n.PermissionSets = append(n.PermissionSets, f.PermissionSets...)
		n.Operations = append(n.Operations, f.Operations...)
	}
	if len(n.Services) != len(c.Services()) || len(n.PermissionSets) != len(c.PermissionSets()) || len(n.Operations) != len(whole.Operations) {
		t.Errorf("there are %d services, %d permission sets and %d operations in the files, and %d, %d and %d in the catalogue",
			len(n.Services), len(n.PermissionSets), len(n.Operations), len(c.Services()), len(c.PermissionSets()), len(whole.Operations))
	}
	again, err := catalog.New(whole.Format())
	if err != nil {
		t.Fatalf("what is in force cannot be read again: %v", err)
	}
	if !bytes.Equal(again.File().Format(), whole.Format()) {
		t.Error("what is in force reads as something else")
	}
}

// TestNativeActions: what the native API asks for is there to be granted.
func TestNativeActions(t *testing.T) {
	c := catalog.Builtin()
	for _, o := range control.Operations() {
		if a, ok := c.Action(o.Action); !ok || a.String() != o.Action {
			t.Errorf("%s is not in the catalogue", o.Action)
		}
	}
}

// TestOperations: every operation of every contract has an action, and there are no others; the native API has more than
// its contract.
func TestOperations(t *testing.T) {
	for dialect, list := range map[string]string{
		catalog.Native: nativeOperations, catalog.Cloudflare: cloudflareOperations, catalog.Scaleway: scalewayOperations,
		catalog.VNGCloud: vngcloudOperations, catalog.Exoscale: exoscaleOperations, catalog.AuthZEN: authzenOperations,
	} {
		var have []string
		for _, o := range catalog.Builtin().Operations(dialect) {
			text := o.Name + " " + o.Method + " " + o.Path
			if dialect == catalog.VNGCloud { // whose operations have no names
				text = o.Method + " " + o.Path
			}
			have = append(have, text)
		}
		for _, want := range lines(list) {
			if !slices.Contains(have, want) {
				t.Errorf("%s: no action for %s", dialect, want)
			}
		}
		extra := slices.DeleteFunc(have, func(text string) bool { return slices.Contains(lines(list), text) })
		switch {
		case dialect == catalog.VNGCloud: // the rest of the accounts API
			extra = slices.DeleteFunc(extra, func(text string) bool {
				return regexp.MustCompile(`/accounts-api/v1/(identity-providers|s3-keys|swift-users)`).MatchString(text)
			})
		case dialect == catalog.Scaleway: // projects are the vendor's account API, of which the contract says little
			extra = slices.DeleteFunc(extra, func(text string) bool { return strings.HasPrefix(text, "account.") })
		case dialect == catalog.Native:
			extra = slices.DeleteFunc(extra, func(text string) bool {
				return regexp.MustCompile(`UserCredential|RoleCredential|(get|update|roll)ServiceAccountCredential|APIToken|verifyToken| /v1/(organizations|people|catalog|iam/(connectors|resource-groups|organization-policy|user-sessions|authenticators|security-settings)|auth/|iam/users/{user_id}/(lock|unlock|password|grace-periods|mfa-otp|authenticators|sessions))|deleteSTSSession|jwks|authorizeHTTP`).MatchString(text)
			})
		}
		if len(extra) > 0 {
			t.Errorf("%s: in no contract: %v", dialect, extra)
		}
	}
}

// TestOperationsNative: the table agrees with control about each operation's action.
func TestOperationsNative(t *testing.T) {
	used := map[string]bool{}
	for _, o := range control.DialectOperations() {
		used[o.Action] = true
	}
	for _, o := range catalog.Builtin().Operations(catalog.Native) {
		used[o.Actions[0]] = true
		if name := strings.ToLower(strings.ReplaceAll(o.Name, "Key", "Credential")); len(o.Actions) != 1 ||
			!strings.HasSuffix(name, strings.ToLower(o.Actions[0][strings.IndexByte(o.Actions[0], ':')+1:])) &&
				!slices.Contains([]string{"listAuditLogs", "getAuditLog", "deleteSTSSession", "jwks", "signOut"}, o.Name) {
			t.Errorf("%s needs %v", o.Name, o.Actions)
		}
	}
	for _, o := range control.Operations() {
		if !used[o.Action] {
			t.Errorf("no operation needs %s", o.Action)
		}
	}
}

// TestOperationsOfDialects: what dialects alone serve is asked for by one of them.
func TestOperationsOfDialects(t *testing.T) {
	used := map[string]bool{}
	for _, dialect := range []string{catalog.Cloudflare, catalog.Scaleway, catalog.VNGCloud, catalog.Exoscale, catalog.AuthZEN} {
		for _, o := range catalog.Builtin().Operations(dialect) {
			for _, action := range o.Actions {
				used[action] = true
			}
		}
	}
	for _, o := range control.DialectOperations() {
		ofAccounts := strings.HasSuffix(o.Action, "Project") || o.Action == "iam:ListProjects" // Scaleway's account API is outside its contract
		if !used[o.Action] && !ofAccounts {
			t.Errorf("no operation of a dialect needs %s", o.Action)
		}
	}
}

// TestOperationsVNGCloud: the operations agree with the routes.
func TestOperationsVNGCloud(t *testing.T) {
	c := catalog.Builtin()
	for _, o := range c.Operations(catalog.VNGCloud) {
		backend, path, _ := strings.Cut(strings.TrimPrefix(o.Path, "/"), "/")
		m, ok := c.Match(backend, o.Method, "/"+path)
		if o.Actions[0] == "iam:IssueToken" { // a caller has no token yet; no row of the catalogue is about it
			if ok {
				t.Errorf("%s matches %s", o.Name, m.Action)
			}
			continue
		}
		if !ok || m.Action.String() != o.Actions[0] {
			t.Errorf("%s %s matches %v, want %s", o.Method, o.Path, m.Action, o.Actions[0])
		}
	}
}

// TestOperationsExoscale: an operation's name is how Exoscale spells each of its actions.
func TestOperationsExoscale(t *testing.T) {
	c := catalog.Builtin()
	also := map[string][]string{"create-iam-role": {"iam:UpdateRolePolicy", "iam:UpdateAssumeRolePolicy"},
		"update-iam-role": {"iam:UpdateAssumeRolePolicy"}, "create-user": {"iam:SetUserRole"}}
	for _, o := range c.Operations(catalog.Exoscale) {
		for _, action := range o.Actions {
			if got := c.Spelling(catalog.Exoscale, action); got != o.Name && !slices.Contains(also[o.Name], action) {
				t.Errorf("%s needs %s, which is spelled %s", o.Name, action, got)
			}
			service, _, _ := strings.Cut(action, ":")
			if class := c.Class(service); class != "iam" && !strings.HasPrefix(action, "compute:") {
				t.Errorf("%s is of class %s", o.Name, class)
			}
		}
	}
}

// TestVNGCloudActions: the catalogue that VNG Cloud's API shows is the contract's, in its order.
func TestVNGCloudActions(t *testing.T) {
	c := catalog.Builtin()
	var got []string
	for _, s := range c.Products(catalog.VNGCloud) {
		for _, a := range c.Actions(s.ID) {
			if a.In(catalog.VNGCloud) {
				got = append(got, vngcloudRow(c, a))
			}
		}
	}
	if diff := cmp.Diff(lines(vngcloudActions), got); diff != "" {
		t.Errorf("actions (-contract +catalogue):\n%s", diff)
	}
}

func vngcloudRow(c *catalog.Catalog, a *catalog.Action) string {
	service := a.Service().ID
	var types []string
	for _, typ := range c.TypesOf(a) {
		types = append(types, typ.Service().ID+":"+c.TypeSpelling(catalog.VNGCloud, typ.Service().ID, typ.Name))
	}
	callers := "-"
	if service == "vstorage" {
		callers = map[string]string{"root-user,iam-user": "portal", "service-sa,user-sa": "api",
			"root-user,service-sa,iam-user,user-sa": "both"}[strings.Join(a.Callers(), ",")]
	}
	_, name, _ := strings.Cut(c.Spelling(catalog.VNGCloud, a.String()), ":")
	if len(types) == 0 {
		types = []string{"-"}
	}
	return strings.Join([]string{service, a.Label, strings.Join(types, ","), callers, name}, " ")
}

func TestVNGCloudProducts(t *testing.T) {
	c := catalog.Builtin()
	var got []string
	for _, s := range c.Products(catalog.VNGCloud) {
		got = append(got, s.ID)
	}
	if diff := cmp.Diff([]string{"iam", "vserver", "vlb", "vstorage", "vmonitor", "vks", "vdb"}, got); diff != "" {
		t.Errorf("products (-contract +catalogue):\n%s", diff)
	}
	var types []string
	for _, typ := range c.ResourceTypes("iam") {
		if typ.In(catalog.VNGCloud) {
			types = append(types, c.TypeSpelling(catalog.VNGCloud, "iam", typ.Name))
		}
	}
	want := []string{"policy", "iam-user", "service-account", "group", "identity-provider", "s3-key", "swift-user"}
	if diff := cmp.Diff(want, types); diff != "" {
		t.Errorf("types (-contract +catalogue):\n%s", diff)
	}
	keys := map[string][]string{"iam:CreateGroup": {"requestTag", "tagKey"}, "iam:UpdateGroup": {"resourceTag"}, "iam:GetPolicy": nil}
	for name, want := range keys {
		if a, _ := c.Action(name); !slices.Equal(a.ConditionKeys, want) {
			t.Errorf("%s has the condition keys %v, want %v", name, a.ConditionKeys, want)
		}
	}
}

func TestManagedPolicies(t *testing.T) {
	var got []string
	byName := map[string][]string{}
	for _, p := range catalog.Builtin().ManagedPolicies() {
		got = append(got, p.ID+" "+p.Name)
		byName[p.Name] = p.Actions
	}
	if diff := cmp.Diff(lines(managedPolicies), got); diff != "" {
		t.Errorf("managed policies (-contract +catalogue):\n%s", diff)
	}
	for name, want := range map[string][]string{
		"vStorageClientToolReadOnlyAccess": {"vstorage:ListContainers", "vstorage:ListObjects", "vstorage:GetContainerInfo", "vstorage:GetObjectInfo"},
		"vMonitorMetricPush":               {"vmonitor:PushMetrics"},
		"IAMFullAccess":                    {"iam:*"},
	} {
		if diff := cmp.Diff(want, byName[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if slices.ContainsFunc(byName["vStorageNormalAccess"], func(p string) bool { return strings.Contains(p, "Statistics") }) {
		t.Error("vStorageNormalAccess sees statistics")
	}
}

// TestFixture: the fixture is the table of vngcloud.md, section 8.2.
func TestFixture(t *testing.T) {
	const want = `iam:ListActions
iam:ListProducts
iam:ListResources
iam:ListGroups
iam:CreateGroup
iam:GetGroup iam:group
iam:UpdateGroup iam:group
iam:DeleteGroup iam:group
iam:ListGroupPolicies iam:group
iam:AddIamUserToGroup iam:group iam:iam-user
iam:RemoveIamUserFromGroup iam:group iam:iam-user
iam:ListPolicies
iam:CreatePolicy
iam:GetPolicy iam:policy
iam:UpdatePolicy iam:policy
iam:DeletePolicy iam:policy
iam:AttachPolicyToIamUser iam:policy iam:iam-user
iam:AttachPolicyToGroup iam:policy iam:group
iam:GetIamUser iam:iam-user
iam:GetServiceAccount iam:service-account
vserver:ListServer
vserver:GetServer vserver:server
vserver:StopServer vserver:server
vserver:AttachVolume vserver:volume vserver:server
vserver:CreateVolume
`
	c := fixture(t)
	var got strings.Builder
	var products []string
	for _, s := range c.Products(catalog.VNGCloud) {
		products = append(products, s.ID)
		for _, a := range c.Actions(s.ID) {
			got.WriteString(c.Spelling(catalog.VNGCloud, a.String()))
			for _, typ := range c.TypesOf(a) {
				got.WriteString(" " + s.ID + ":" + c.TypeSpelling(catalog.VNGCloud, s.ID, typ.Name))
			}
			got.WriteString("\n")
		}
	}
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("fixture (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"iam", "vserver", "vmonitor", "vstorage"}, products); diff != "" {
		t.Errorf("products (-want +got):\n%s", diff)
	}
}
