package cli

import (
	"encoding/json"
	"strings"

	"github.com/writ-iam/writ/internal/catalog"
)

// What quickstart fills an organization with. Names are how things are found again after an interrupted start.

const (
	exampleName  = "Acme"
	exampleOwner = "olivia@acme.example"
	exampleKey   = "quickstart" // what access keys are called
)

var examplePeople = []struct{ email, name, group string }{
	{"ana@acme.example", "Ana Costa", "developers"},
	{"ben@acme.example", "Ben Okafor", "auditors"},
}

// exampleAccount has a policy attached to itself, and none of a group.
var exampleAccount = struct{ name, policy string }{"ci-deployer", "dev-servers"}

var exampleGroups = []struct {
	name, description string
	policies          []string
}{
	{"developers", "Read reports and start instances from the office network, manage DNS", []string{"reports-read", "no-payroll",
		"office-instances", "manage-dns"}},
	{"auditors", "See everything in IAM, change nothing", []string{"iam-auditor"}},
}

// examplePolicies are in all languages; see exampleDocument for the words in capitals.
var examplePolicies = []struct {
	name, description, language string
	document                    string
}{
	{"reports-read", "Read the bucket reports, from the office network only", "statements", `{
  "version": "2024-01-01",
  "statements": [{
    "sid": "ReadReportsFromOffice",
    "effect": "allow",
    "actions": ["s3:GetObject", "s3:ListBucket"],
    "resources": ["reports", "reports/*"],
    "conditions": [{"operator": "ip_address", "key": "iam:source_ip", "values": ["10.0.0.0/8"]}]
  }]
}`},
	{"no-payroll", "Nobody who has this sees payroll reports", "statements", `{
  "version": "2024-01-01",
  "statements": [{"sid": "NoPayroll", "effect": "deny", "actions": ["s3:*"], "resources": ["reports/payroll/*"]}]
}`},
	{"iam-auditor", "Read everything in IAM and the audit log", "statements", `{
  "version": "2024-01-01",
  "statements": [
    {"sid": "ReadIAM", "effect": "allow", "actions": ["iam:List*", "iam:Get*", "iam:Authorize"], "resources": ["*"]},
    {"sid": "ReadAuditLog", "effect": "allow", "actions": ["audit:*"], "resources": ["*"]},
    {"sid": "NoWorkloadCredentials", "effect": "deny", "actions": ["iam:GetWorkloadCredentials"], "resources": ["*"]}
  ]
}`},
	{"release", "Start and stop instances in eu1", "statements", `{
  "version": "2024-01-01",
  "statements": [{
    "sid": "Instances",
    "effect": "allow",
    "actions": ["compute:StartInstance", "compute:StopInstance"],
    "resources": ["crn:eu1:compute:instance:*"]
  }]
}`},
	{"office-instances", "Start and see Scaleway instances, from the office network only", "scaleway", `{
  "rules": [{
    "permission_set_names": ["InstancesReadOnly", "InstancesServerStart"],
    "organization_id": "ORGANIZATION",
    "condition": "inIpRange(request.ip, '10.0.0.0/8')"
  }]
}`},
	{"manage-dns", "Manage the DNS of Cloudflare zones", "cloudflare", `{
  "access": "allow",
  "permission_groups": [{"id": "DOMAIN_DNS"}],
  "resource_groups": [{"scope": {"key": "com.cloudflare.api.account.ACCOUNT", "objects": [{"key": "*"}]}}]
}`},
	{"dev-servers", "Everything but deleting with the VNG Cloud servers of dev", "vngcloud", `[
  {"effect": "allow", "actions": ["vserver:*"], "resources": ["vserver::*:server/*"],
   "condition": {"stringEquals": {"resourceTag/env": ["dev"]}}},
  {"effect": "deny", "actions": ["vserver:DeleteServer"], "resources": ["*"]}
]`},
	{"release-files", "Read the bucket releases at Exoscale", "exoscale", `{
  "default-service-strategy": "deny",
  "services": {
    "sos": {"type": "rules", "rules": [
      {"action": "allow", "expression": "operation in ['get-object', 'list-objects'] && parameters.bucket == 'releases'"}
    ]}
  }
}`},
}

// exampleDocument puts what the documents of an organization name in place of the words in capitals.
func exampleDocument(document, org string) json.RawMessage {
	dns, _ := catalog.Builtin().PermissionGroupLabelled("domain_dns")
	return json.RawMessage(strings.NewReplacer("ORGANIZATION", org, "ACCOUNT", strings.ReplaceAll(org, "-", ""), "DOMAIN_DNS", dns.ID()).
		Replace(document))
}

// exampleRole is assumed by the service account and has policies of its own.
var exampleRole = struct {
	name, description string
	policies          []string
}{"release", "Assumed by the deployer for a release", []string{"release", "release-files"}}
