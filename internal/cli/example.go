package cli

import "encoding/json"

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

const exampleAccount = "ci-deployer"

var exampleGroups = []struct {
	name, description string
	policies          []string
}{
	{"developers", "Read reports from the office network", []string{"reports-read", "no-payroll"}},
	{"auditors", "See everything in IAM, change nothing", []string{"iam-auditor"}},
}

var examplePolicies = []struct {
	name, description string
	document          json.RawMessage
}{
	{"reports-read", "Read the bucket reports, from the office network only", json.RawMessage(`{
  "version": "2024-01-01",
  "statements": [{
    "sid": "ReadReportsFromOffice",
    "effect": "allow",
    "actions": ["s3:GetObject", "s3:ListBucket"],
    "resources": ["reports", "reports/*"],
    "conditions": [{"operator": "ip_address", "key": "iam:source_ip", "values": ["10.0.0.0/8"]}]
  }]
}`)},
	{"no-payroll", "Nobody who has this sees payroll reports", json.RawMessage(`{
  "version": "2024-01-01",
  "statements": [{"sid": "NoPayroll", "effect": "deny", "actions": ["s3:*"], "resources": ["reports/payroll/*"]}]
}`)},
	{"iam-auditor", "Read everything in IAM and the audit log", json.RawMessage(`{
  "version": "2024-01-01",
  "statements": [
    {"sid": "ReadIAM", "effect": "allow", "actions": ["iam:List*", "iam:Get*", "iam:Authorize"], "resources": ["*"]},
    {"sid": "ReadAuditLog", "effect": "allow", "actions": ["audit:*"], "resources": ["*"]},
    {"sid": "NoWorkloadCredentials", "effect": "deny", "actions": ["iam:GetWorkloadCredentials"], "resources": ["*"]}
  ]
}`)},
	{"release", "Start and stop instances in eu1", json.RawMessage(`{
  "version": "2024-01-01",
  "statements": [{
    "sid": "Instances",
    "effect": "allow",
    "actions": ["compute:StartInstance", "compute:StopInstance"],
    "resources": ["crn:eu1:compute:instance:*"]
  }]
}`)},
}

// exampleRole is assumed by the service account and has a policy of its own.
var exampleRole = struct{ name, description, policy string }{
	"release", "Assumed by the deployer for a release", "release",
}
