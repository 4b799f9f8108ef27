package catalog_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/writ-iam/writ/internal/catalog"
)

func TestSpelling(t *testing.T) {
	c := catalog.Builtin()
	for _, row := range []struct{ dialect, action, want string }{
		{catalog.VNGCloud, "iam:AttachUserPolicy", "iam:AttachPolicyToIamUser"},
		{catalog.VNGCloud, "iam:AddUser", "iam:CreateIamUser"},
		{catalog.VNGCloud, "iam:CreateRole", "iam:CreateRole"},
		{catalog.VNGCloud, "vserver:StopServer", "vserver:StopServer"},
		{catalog.VNGCloud, "IAM:attachuserpolicy", "iam:AttachPolicyToIamUser"},
		{catalog.Exoscale, "iam:CreateRole", "create-iam-role"},
		{catalog.Exoscale, "iam:ListSTSSessions", "list-sts-sessions"},
		{catalog.Exoscale, "iam:CreateUserCredential", "create-api-key"},
		{catalog.Exoscale, "iam:CreateServiceAccountCredential", "create-api-key"},
		{catalog.Exoscale, "IAM:CREATEROLE", "create-iam-role"},
		{catalog.Exoscale, "audit:ListLogs", "list-events"},
		{catalog.Exoscale, "dns:ListRecords", "list-dns-domain-records"},
		{catalog.Exoscale, "sos:GetBucketOwnershipControls", "get-bucket-ownership-controls"},
		{catalog.Exoscale, "vserver:ListVPCs", "list-vpcs"},
		{catalog.Exoscale, "mine:DoThisNow", "do-this-now"},
		{catalog.Exoscale, "mine", ""},
		{catalog.Native, "iam:AttachUserPolicy", "iam:AttachUserPolicy"},
		{catalog.Cloudflare, "iam:AttachUserPolicy", "iam:AttachUserPolicy"},
		{catalog.Scaleway, "iam:AttachUserPolicy", "iam:AttachUserPolicy"},
		{"nobody", "iam:AttachUserPolicy", "iam:AttachUserPolicy"},
		{catalog.VNGCloud, "iam:AttachUserPolicyX", "iam:AttachUserPolicyX"},
		{catalog.VNGCloud, "mine:DoThis", "mine:DoThis"},
		{catalog.VNGCloud, "iam:" + strings.Repeat("x", 500), "iam:" + strings.Repeat("x", 500)},
		{catalog.VNGCloud, "", ""},
	} {
		if got := c.Spelling(row.dialect, row.action); got != row.want {
			t.Errorf("%s spells %s %q, want %q", row.dialect, row.action, got, row.want)
		}
	}
}

// TestSpellingRoundTrip: what an action is spelled leads back to it, in every dialect.
func TestSpellingRoundTrip(t *testing.T) {
	c := catalog.Builtin()
	for _, s := range c.Services() {
		for _, a := range c.Actions(s.ID) {
			for _, dialect := range catalog.Dialects() {
				found := c.ActionsSpelled(dialect, c.Spelling(dialect, a.String()))
				among := false
				for _, other := range found {
					among = among || other == a
				}
				if !among || dialect != catalog.Exoscale && len(found) != 1 {
					t.Errorf("%s in %s leads back to %v", a, dialect, found)
				}
			}
		}
	}
}

func TestActionsSpelled(t *testing.T) {
	c := catalog.Builtin()
	names := func(dialect, spelled string) (out []string) {
		for _, a := range c.ActionsSpelled(dialect, spelled) {
			out = append(out, a.String())
		}
		return out
	}
	for _, row := range []struct {
		dialect, spelled string
		want             []string
	}{
		{catalog.VNGCloud, "iam:AttachPolicyToIamUser", []string{"iam:AttachUserPolicy"}},
		{catalog.VNGCloud, "iam:ImpersionateServiceAccount", []string{"iam:ImpersonateServiceAccount"}},
		{catalog.VNGCloud, "vserver:GetLoadBalancer", []string{"vlb:GetLoadBalancer"}},
		{catalog.VNGCloud, "vlb:GetLoadBalancer", []string{"vlb:GetLoadBalancer"}},
		{catalog.Exoscale, "get-api-key", []string{"iam:GetServiceAccountCredential", "iam:GetUserCredential", "iam:GetRoleCredential"}},
		{catalog.Exoscale, "update-iam-role-policy", []string{"iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:UpdateRolePolicy"}},
		{catalog.VNGCloud, "iam:AttachUserPolicy", nil}, // VNG Cloud calls nothing so
		{catalog.VNGCloud, "iam:attachpolicytoiamuser", nil},
		{catalog.Exoscale, "create-role", nil},
		{catalog.Exoscale, "iam:CreateRole", nil},
		{catalog.Native, "iam:AttachPolicyToIamUser", nil},
		{catalog.Native, "", nil},
	} {
		if diff := cmp.Diff(row.want, names(row.dialect, row.spelled)); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", row.dialect, row.spelled, diff)
		}
	}
	if got := c.Aliases(catalog.VNGCloud, "vlb:GetLoadBalancer"); !cmp.Equal(got, []string{"vserver:GetLoadBalancer"}) {
		t.Errorf("the aliases are %v", got)
	}
	if got := c.Aliases(catalog.VNGCloud, "vlb:Nothing"); got != nil {
		t.Errorf("an unknown action has the aliases %v", got)
	}
}

func TestTypeSpelling(t *testing.T) {
	c := catalog.Builtin()
	for _, row := range []struct{ dialect, service, typ, want string }{
		{catalog.VNGCloud, "iam", "user", "iam-user"},
		{catalog.VNGCloud, "iam", "connector", "identity-provider"},
		{catalog.VNGCloud, "vserver", "floatingIp", "floatingIp"},
		{catalog.Exoscale, "iam", "role", "iam_role"},
		{catalog.Exoscale, "iam", "credential", "iam_api_key"},
		{catalog.Exoscale, "iam", "service-account", "service_account"},
		{catalog.Exoscale, "compute", "sks-nodepool", "sks_nodepool"},
		{catalog.Exoscale, "dbaas", "dbaas-service", "dbaas_service"},
		{catalog.Exoscale, "dns", "record", "dns_domain_record"},
		{catalog.Exoscale, "vserver", "floatingIp", "floating_ip"},
		{catalog.Scaleway, "iam", "service-account", "application"},
		{catalog.Scaleway, "iam", "credential", "api_key"},
		{catalog.Native, "iam", "user", "user"},
		{catalog.VNGCloud, "mine", "user", "user"},
		{catalog.VNGCloud, "IAM", "user", "user"},
		{catalog.Exoscale, "mine", "big-thing", "big_thing"},
	} {
		if got := c.TypeSpelling(row.dialect, row.service, row.typ); got != row.want {
			t.Errorf("%s spells %s:%s %q, want %q", row.dialect, row.service, row.typ, got, row.want)
		}
	}
	for _, s := range c.Services() {
		for _, typ := range c.ResourceTypes(s.ID) {
			for _, dialect := range catalog.Dialects() {
				if back, ok := c.TypeSpelled(dialect, s.ID, c.TypeSpelling(dialect, s.ID, typ.Name)); !ok || back != typ {
					t.Errorf("%s:%s in %s leads back to %v", s.ID, typ.Name, dialect, back)
				}
			}
		}
	}
	if _, ok := c.TypeSpelled(catalog.VNGCloud, "iam", "user"); ok {
		t.Error("VNG Cloud spells a type user")
	}
}

func TestClass(t *testing.T) {
	c := catalog.Builtin()
	for service, want := range map[string]string{"iam": "iam", "audit": "iam", "Audit": "iam", "IAM": "iam", "sos": "sos",
		"vserver": "vserver", "mine": "mine", "Mine": "Mine", "": "", strings.Repeat("x", 500): strings.Repeat("x", 500)} {
		if got := c.Class(service); got != want {
			t.Errorf("the class of %q is %q, want %q", service, got, want)
		}
	}
}

func TestKebab(t *testing.T) {
	for name, want := range map[string]string{
		"CreateRole": "create-role", "ListSTSSessions": "list-sts-sessions", "GetS3Key": "get-s3-key", "ListVPCs": "list-vpcs",
		"GetContainerCORS": "get-container-cors", "ListContainerACLs": "list-container-acls", "SCIM": "scim", "GetVPC": "get-vpc",
		"ListVPCsOfAll": "list-vpcs-of-all", "UseSQL2Now": "use-sql2-now", "a": "a", "": "", "get-it": "get-it", "HTTPSet": "http-set",
		"ListJWTs": "list-jwts", "LSet": "l-set",
	} {
		if got := catalog.Kebab(name); got != want {
			t.Errorf("%s becomes %s, want %s", name, got, want)
		}
	}
}

// TestNoAllocations: what decisions call allocates nothing.
func TestNoAllocations(t *testing.T) {
	c := catalog.Builtin()
	var sink string
	for name, call := range map[string]func(){
		"Spelling":                   func() { sink = c.Spelling(catalog.Exoscale, "iam:ListSTSSessions") },
		"Spelling, folded":           func() { sink = c.Spelling(catalog.VNGCloud, "IAM:attachuserpolicy") },
		"Spelling, unknown":          func() { sink = c.Spelling(catalog.VNGCloud, "mine:DoThis") },
		"Aliases":                    func() { sink = c.Aliases(catalog.VNGCloud, "vlb:GetLoadBalancer")[0] },
		"TypeSpelling":               func() { sink = c.TypeSpelling(catalog.Exoscale, "iam", "service-account") },
		"TypeSpelling, unknown":      func() { sink = c.TypeSpelling(catalog.VNGCloud, "mine", "service-account") },
		"TypeSpelling, unknown word": func() { sink = c.TypeSpelling(catalog.Exoscale, "mine", "thing") },
		"Class":                      func() { sink = c.Class("audit") },
		"Class, unknown":             func() { sink = c.Class("Mine") },
	} {
		if n := testing.AllocsPerRun(100, call); n != 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
	_ = sink
}

// TestZero: the zero value is an empty catalogue.
func TestZero(t *testing.T) {
	var c catalog.Catalog
	_, named := c.Name(catalog.VNGCloud, "crn::a:b:c", catalog.Vars{})
	_, matched := c.Match("b", "GET", "/")
	if c.Spelling(catalog.VNGCloud, "a:B") != "a:B" || c.Class("a") != "a" || len(c.Operations(catalog.Native)) > 0 ||
		len(c.PermissionSets()) > 0 || named || matched || string(c.File().Format()) != "{\n}\n" {
		t.Error("the zero value is not empty")
	}
	if _, err := c.With([]byte(`{"services": [{"id": "a", "name": "A"}]}`)); err != nil {
		t.Error(err)
	}
}

func BenchmarkSpelling(b *testing.B) {
	c := catalog.Builtin()
	for b.Loop() {
		c.Spelling(catalog.VNGCloud, "iam:AttachUserPolicy")
	}
}

func BenchmarkTypeSpelling(b *testing.B) {
	c := catalog.Builtin()
	for b.Loop() {
		c.TypeSpelling(catalog.VNGCloud, "iam", "user")
	}
}
