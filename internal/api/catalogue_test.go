package api_test

import "strings"

// operation is one operation as the contract has it, with a call that succeeds in an estate and those that must fail.
// Paths and bodies have the estate's names in braces. Every member that a body may have is in it.
type operation struct {
	name  string // as section 3 calls it; what follows a slash tells variants apart
	kind  string // row of section 5's table
	call  string // method and path
	body  string
	shape check // of the answer; nil for 204

	on     string   // what it is authorized on (section 16.3)
	right  string   // the action, if it is not iam: and the name
	also   []string // further actions that its body amounts to, each with what it is authorized on
	event  string   // in the audit log (section 16.3); "" for a read
	made   string   // resource_type of the event, if it is not the word in its name
	about  string   // resource_id of the event; if it is made by the call, where it is in the answer, after a colon
	called string   // resource_name of the event

	platform bool   // only operators may
	as       string // whose token it is made with, if nobody else can do it: the name of a user's
	of       string // the organization that the answer's revision belongs to, if not the caller's
	prepare  func(*estate)
	undo     func(*estate)
	bad      []refusal
}

// refusal is a call that must fail. What is empty is as in the operation.
type refusal struct {
	why     string
	call    string
	body    string
	status  int
	details string // how they begin
	kind    string // resource_type of the event, if it is not the operation's
	prepare func(*estate)
	undo    func(*estate)
}

// table5 is section 5's table: the status of success, then the failures that are documented, but for 500.
var table5 = map[string][]int{
	"list":              {200, 401, 403},
	"get":               {200, 401, 403, 404},
	"create":            {201, 400, 401, 403, 409},
	"create credential": {201, 400, 401, 403, 404},
	"create token":      {201, 400, 401, 403},
	"open to all":       {200, 401},
	"update":            {200, 400, 401, 403, 404, 409},
	"update account":    {200, 400, 401, 403, 404},
	"roll":              {200, 401, 403, 404},
	"delete":            {204, 401, 403, 404},
	"attach":            {204, 400, 401, 403, 404, 409},
	"add user":          {201, 400, 401, 403, 404, 409},
	"assume":            {200, 400, 401, 403, 404},
	"audit":             {200, 401, 403},
	"change":            {200, 401, 403, 404, 409}, // section 16.1: resend has no 409, revoke has
	"resend":            {200, 401, 403, 404},
	"end":               {204, 401, 403, 404, 409},
	"lift":              {204, 401, 403},
	"authorize":         {200, 400, 401, 403}, // section 16.7
	"quota":             {200, 400, 401, 403, 404},
	"apply":             {200, 400, 401, 403, 404, 409, 413},
	"whole":             {200, 401, 403},
	"found":             {201, 400, 401, 403}, // organizations may share a name
	"invite":            {201},                // what fails is the same as in "add user"
	"open":              {200},
	"sign in":           {200, 400, 401},
	"sign out":          {204, 401, 403, 409},
	"set":               {204, 400, 401, 403, 404},
	"start":             {201, 401, 403, 404, 409},
	"alias":             {200, 400, 401, 403, 409},
}

func (o *operation) statuses() []int { return table5[o.kind] }

// action is what a policy must allow.
func (o *operation) action() string {
	if o.right != "" {
		return o.right
	}
	name, _, _ := strings.Cut(o.name, "/")
	return "iam:" + strings.ToUpper(name[:1]) + name[1:]
}

func (o *operation) method() string { m, _, _ := strings.Cut(o.call, " "); return m }
func (o *operation) path() string   { _, p, _ := strings.Cut(o.call, " "); return p }

// nothing are bodies that are no JSON object.
var nothing = []refusal{
	{why: "no JSON", body: `{"name":`, status: 400},
	{why: "no object", body: `[]`, status: 400},
	{why: "no body", body: ` `, status: 400},
}

func refusals(rows ...refusal) []refusal { return append(rows, nothing...) }

// catalogue has every operation.
func catalogue() []*operation {
	var all []*operation
	for _, part := range [][]operation{groupCatalogue, policyCatalogue, roleCatalogue, accountCatalogue, tokenCatalogue, userCatalogue, sessionCatalogue, restCatalogue,
		platformCatalogue, catalogCatalogue, connectorCatalogue, resourceGroupCatalogue, signInCatalogue, factorCatalogue, securityCatalogue,
		organizationPolicyCatalogue, roleKeyCatalogue} {
		for i := range part {
			all = append(all, &part[i])
		}
	}
	return all
}

const document = `{"version":"2024-01-01","statements":[{"sid":"NoDelete","effect":"deny","actions":["s3:Delete*"],"resources":["*"],` +
	`"conditions":[{"operator":"equals","key":"s3:prefix","values":["2025/"]}]}]}`

// attaching are the failures of attaching a policy to a holder that has {policy}, and of joining {group} while in it.
func attaching(path, field, have, lack string) []refusal {
	id := func(v string) string { return `{"` + field + `":"` + v + `"}` }
	foreign := strings.Replace(lack, "{", "{other.", 1)
	return refusals(
		refusal{why: "twice", call: "POST " + path, body: id(have), status: 409},
		refusal{why: "unknown", body: id("{nobody}"), status: 404},
		refusal{why: "foreign", body: id(foreign), status: 404},
		refusal{why: "another kind of thing", body: id("{owner}"), status: 404},
		refusal{why: "no id", body: id("x"), status: 400, details: field + ": "},
		refusal{why: "empty", body: id(""), status: 400, details: field + ": "},
		refusal{why: "missing", body: `{}`, status: 400, details: field + ": "},
		refusal{why: "null", body: `{"` + field + `":null}`, status: 400, details: field + ": "},
		refusal{why: "a number", body: `{"` + field + `":7}`, status: 400, details: field + ": "},
	)
}

const groups = "/v1/iam/groups"

var groupCatalogue = []operation{
	{name: "listGroups", kind: "list", call: "GET " + groups, on: "group:*", shape: linked("groups", aGroup)},
	{name: "createGroup", kind: "create", call: "POST " + groups, on: "group:*", body: `{"name":"night shift","description":"At night"}`,
		shape: wrote("group", aGroup), event: "iam.group.create", about: ":group.id", called: "night shift",
		bad: refusals(
			refusal{why: "name taken", body: `{"name":"auditors"}`, status: 409, details: "name: "},
			refusal{why: "name taken but for space", body: `{"name":" auditors\t"}`, status: 409, details: "name: "},
			refusal{why: "no name", body: `{"description":"x"}`, status: 400, details: "name: "},
			refusal{why: "empty name", body: `{"name":" "}`, status: 400, details: "name: "},
			refusal{why: "star", body: `{"name":"web-*"}`, status: 400, details: "name: "},
			refusal{why: "too much", body: strings.Repeat(" ", 257<<10), status: 413},
			refusal{why: "description of another type", body: `{"name":"x","description":{}}`, status: 400, details: "description: "},
		)},
	{name: "getGroup", kind: "get", call: "GET " + groups + "/{group}", on: "group:{group}", shape: one("group", aGroup)},
	{name: "updateGroup", kind: "update", call: "PATCH " + groups + "/{group}", on: "group:{group}", body: `{"name":"inspectors","description":null}`,
		shape: wrote("group", aGroup), event: "iam.group.update", about: "{group}", called: "auditors",
		bad: refusals(
			refusal{why: "name taken", body: `{"name":"readers"}`, status: 409, details: "name: "},
			refusal{why: "name null", body: `{"name":null}`, status: 400, details: "name: "},
		)},
	{name: "deleteGroup", kind: "delete", call: "DELETE " + groups + "/{group}", on: "group:{group}", event: "iam.group.delete", about: "{group}",
		called: "auditors"},
	{name: "listGroupPolicies", kind: "get", call: "GET " + groups + "/{group}/policies", on: "group:{group}", shape: many("policies", aPolicy)},
	{name: "attachGroupPolicy", kind: "attach", call: "POST " + groups + "/{group}/policies", on: "group:{group}", body: `{"policy_id":"{policy2}"}`,
		event: "iam.group.attach_policy", about: "{group}", called: "auditors",
		bad: attaching(groups+"/{group}/policies", "policy_id", "{policy}", "{policy2}")},
	{name: "detachGroupPolicy", kind: "delete", call: "DELETE " + groups + "/{group}/policies/{policy}", on: "group:{group}",
		event: "iam.group.detach_policy", about: "{group}", called: "auditors",
		bad: []refusal{{why: "not attached", call: "DELETE " + groups + "/{group}/policies/{policy2}", status: 404}}},
	{name: "listGroupServiceAccounts", kind: "get", call: "GET " + groups + "/{group}/service-accounts", on: "group:{group}",
		shape: linked("service_accounts", aGroupAccount)},
	{name: "listGroupUsers", kind: "get", call: "GET " + groups + "/{group}/users", on: "group:{group}", shape: linked("users", aGroupUser)},
}

const policies = "/v1/iam/policies"

// withDocument is a body for a policy.
func withDocument(doc string) string { return `{"name":"x","document":` + doc + `}` }

var policyCatalogue = []operation{
	{name: "listPolicies", kind: "list", call: "GET " + policies, on: "policy:*", shape: linked("policies", aPolicy)},
	{name: "createPolicy", kind: "create", call: "POST " + policies, on: "policy:*",
		body:  `{"name":"no-delete","description":"Nothing goes","language":"statements","document":` + document + `}`,
		shape: wrote("policy", aPolicy), event: "iam.policy.create", about: ":policy.id", called: "no-delete",
		bad: refusals(
			refusal{why: "name taken", body: `{"name":"unused","document":` + document + `}`, status: 409, details: "name: "},
			refusal{why: "no document", body: `{"name":"x"}`, status: 400, details: "document: "},
			refusal{why: "document as text", body: withDocument(`"{}"`), status: 400, details: "document: "},
			refusal{why: "no statements", body: withDocument(`{"statements":[]}`), status: 400, details: "document"},
			refusal{why: "another version", body: withDocument(`{"version":"2012-10-17","statements":[{"effect":"allow","actions":["*"]}]}`), status: 400,
				details: "document.version: "},
			refusal{why: "effect in capitals", body: withDocument(`{"statements":[{"effect":"Allow","actions":["*"]}]}`), status: 400,
				details: "document.statements[0].effect: "},
			refusal{why: "unknown operator", body: withDocument(`{"statements":[{"effect":"allow","actions":["*"],"conditions":[{"operator":"is","key":"k","values":["v"]}]}]}`),
				status: 400, details: "document.statements[0].conditions[0].operator: "},
			refusal{why: "one sid twice", body: withDocument(`{"statements":[{"sid":"a","effect":"allow","actions":["*"]},{"sid":"a","effect":"allow","actions":["*"]}]}`),
				status: 400, details: "document.statements[1].sid: "},
			refusal{why: "another language", body: `{"name":"x","language":"rego","document":` + document + `}`, status: 400, details: "language: "},
		)},
	{name: "getPolicy", kind: "get", call: "GET " + policies + "/{policy}", on: "policy:{policy}", shape: one("policy", aPolicy)},
	{name: "updatePolicy", kind: "update", call: "PATCH " + policies + "/{policy}", on: "policy:{policy}",
		body:  `{"name":"renamed","description":"Anew","language":"statements","document":` + document + `}`,
		shape: wrote("policy", aPolicy), event: "iam.policy.update", about: "{policy}", called: "reports-read",
		bad: refusals(
			refusal{why: "name taken", body: `{"name":"unused"}`, status: 409, details: "name: "},
			refusal{why: "document null", body: `{"document":null}`, status: 400, details: "document: "},
			refusal{why: "broken document", body: `{"document":{"statements":[{"effect":"allow"}]}}`, status: 400, details: "document.statements[0]"},
		)},
	{name: "deletePolicy", kind: "end", call: "DELETE " + policies + "/{policy2}", on: "policy:{policy2}", event: "iam.policy.delete", about: "{policy2}",
		called: "unused",
		bad:    []refusal{{why: "attached", call: "DELETE " + policies + "/{policy}", status: 409}}},
	{name: "listPolicyGroups", kind: "get", call: "GET " + policies + "/{policy}/groups", on: "policy:{policy}", shape: linked("groups", aGroup)},
	{name: "listPolicyRoles", kind: "get", call: "GET " + policies + "/{policy}/roles", on: "policy:{policy}", shape: linked("roles", aRole)},
	{name: "listPolicyServiceAccounts", kind: "get", call: "GET " + policies + "/{policy}/service-accounts", on: "policy:{policy}",
		shape: linked("service_accounts", anAccount)},
	{name: "listPolicyUsers", kind: "get", call: "GET " + policies + "/{policy}/users", on: "policy:{policy}", shape: linked("users", aUser)},
}

const roles = "/v1/iam/roles"

var roleCatalogue = []operation{
	{name: "listRoles", kind: "list", call: "GET " + roles, on: "role:*", shape: linked("roles", aRole)},
	{name: "createRole", kind: "create", call: "POST " + roles, on: "role:*",
		body:  `{"name":"reader","description":"Reads","trust_policy":{"principals":["crn::iam:user:*"]},"policy_ids":["{policy}"]}`,
		shape: wrote("role", aRole), event: "iam.role.create", about: ":role.id", called: "reader",
		also: []string{"iam:AttachRolePolicy role:*"},
		bad: refusals(
			refusal{why: "name taken", body: `{"name":"untrusted"}`, status: 409, details: "name: "},
			refusal{why: "no name", body: `{}`, status: 400, details: "name: "},
			refusal{why: "principals of another type", body: `{"name":"x","trust_policy":{"principals":"*"}}`, status: 400, details: "trust_policy"},
			refusal{why: "a principal that is no pattern", body: `{"name":"x","trust_policy":{"principals":["olga"]}}`, status: 400, details: "trust_policy.principals[0]: "},
			refusal{why: "a policy that is no id", body: `{"name":"x","policy_ids":["x"]}`, status: 400, details: "policy_ids[0]: "},
			refusal{why: "unknown policy", body: `{"name":"x","policy_ids":["{policy}","{nobody}"]}`, status: 404},
			refusal{why: "foreign policy", body: `{"name":"x","policy_ids":["{other.policy}"]}`, status: 404},
		)},
	{name: "getRole", kind: "get", call: "GET " + roles + "/{role}", on: "role:{role}", shape: one("role", aRole)},
	{name: "updateRole", kind: "update", call: "PATCH " + roles + "/{role}", on: "role:{role}",
		body:  `{"name":"renamed","description":null,"trust_policy":{"principals":["*"]},"policy_ids":["{policy2}"]}`,
		shape: wrote("role", aRole), event: "iam.role.update", about: "{role}", called: "backup-writer",
		also: []string{"iam:AttachRolePolicy role:{role}", "iam:DetachRolePolicy role:{role}"},
		bad: refusals(
			refusal{why: "name taken", body: `{"name":"untrusted"}`, status: 409, details: "name: "},
			refusal{why: "name null", body: `{"name":null}`, status: 400, details: "name: "},
			refusal{why: "broken trust policy", body: `{"trust_policy":{"principals":[7]}}`, status: 400, details: "trust_policy"},
			refusal{why: "unknown policy", body: `{"name":"x","policy_ids":["{nobody}"]}`, status: 404},
		)},
	{name: "deleteRole", kind: "delete", call: "DELETE " + roles + "/{role}", on: "role:{role}", event: "iam.role.delete", about: "{role}",
		called: "backup-writer"},
	{name: "listRolePolicies", kind: "get", call: "GET " + roles + "/{role}/policies", on: "role:{role}", shape: many("policies", aPolicy)},
	{name: "attachRolePolicy", kind: "attach", call: "POST " + roles + "/{role}/policies", on: "role:{role}", body: `{"policy_id":"{policy2}"}`,
		event: "iam.role.attach_policy", about: "{role}", called: "backup-writer",
		bad: attaching(roles+"/{role}/policies", "policy_id", "{policy}", "{policy2}")},
	{name: "detachRolePolicy", kind: "delete", call: "DELETE " + roles + "/{role}/policies/{policy}", on: "role:{role}",
		event: "iam.role.detach_policy", about: "{role}", called: "backup-writer",
		bad: []refusal{{why: "not attached", call: "DELETE " + roles + "/{role}/policies/{policy2}", status: 404}}},
}

const accounts = "/v1/iam/service-accounts"

// credentialing are the failures of making a credential.
var credentialing = refusals(
	refusal{why: "no name", body: `{}`, status: 400, details: "name: "},
	refusal{why: "in the past", body: `{"name":"k","expires_at":"2026-01-01T00:00:00Z"}`, status: 400, details: "expires_at: "},
	refusal{why: "no time", body: `{"name":"k","expires_at":"soon"}`, status: 400, details: "expires_at: "},
	refusal{why: "an unknown form", body: `{"name":"k","form":"SCW"}`, status: 400, details: "form: "},
)

// limiting are the failures of limiting a credential.
var limiting = refusals(
	refusal{why: "name null", body: `{"name":null}`, status: 400, details: "name: "},
	refusal{why: "disabled null", body: `{"disabled":null}`, status: 400, details: "disabled: "},
	refusal{why: "no time", body: `{"expires_at":7}`, status: 400, details: "expires_at: "},
	refusal{why: "in the past", body: `{"expires_at":"2026-01-01T00:00:00Z"}`, status: 400, details: "expires_at: "},
	refusal{why: "an end before the beginning", body: `{"not_before":"2027-06-01T00:00:00Z","expires_at":"2027-05-01T00:00:00Z"}`, status: 400, details: "not_before: "},
	refusal{why: "no range", body: `{"allowed_ips":["192.0.2.0/24","10.0.0.0/33"]}`, status: 400, details: "allowed_ips[1]: "},
	refusal{why: "an address with a zone", body: `{"denied_ips":["fe80::1%eth0"]}`, status: 400, details: "denied_ips[0]: "},
	refusal{why: "IPv4 in IPv6", body: `{"denied_ips":["::ffff:192.0.2.0/120"]}`, status: 400, details: "denied_ips[0]: "},
	refusal{why: "ranges null", body: `{"allowed_ips":null}`, status: 400, details: "allowed_ips: "},
	refusal{why: "policies null", body: `{"policies":null}`, status: 400, details: "policies: "},
	refusal{why: "an unknown language", body: `{"policies":[{"language":"x","document":{}}]}`, status: 400, details: "policies[0].language: "},
	refusal{why: "no document", body: `{"policies":[{}]}`, status: 400, details: "policies[0].document: "},
	refusal{why: "a broken document", body: `{"policies":[{"document":` + document + `},{"document":{"statements":[{"effect":"allow"}]}}]}`,
		status: 400, details: "policies[1].document.statements[0]"},
)

// limitsBody has every member of a change of a credential.
const limitsBody = `{"name":"renamed","disabled":true,"not_before":"2026-05-01T00:00:00Z","expires_at":"2027-06-01T00:00:00Z",` +
	`"allowed_ips":["192.0.2.0/24","2001:db8::1"],"denied_ips":["192.0.2.7"],"policies":[{"language":"statements","document":` + document + `}]}`

func accountOperation(name, kind, call string, o operation) operation {
	o.name, o.kind, o.on = name, kind, "service-account:{account}"
	verb, rest, _ := strings.Cut(call, " ")
	o.call = verb + " " + accounts + "/{account}" + rest
	if o.event != "" && o.about == "" {
		o.about, o.called = "{account}", "log-shipper"
	}
	return o
}

var accountCatalogue = []operation{
	{name: "listServiceAccounts", kind: "list", call: "GET " + accounts, on: "service-account:*", shape: linked("service_accounts", anAccount)},
	{name: "createServiceAccount", kind: "create", call: "POST " + accounts, on: "service-account:*",
		body:  `{"name":"ci / main","display_name":"CI","description":"Builds"}`,
		shape: wrote("service_account", anAccount), event: "iam.service_account.create", about: ":service_account.id", called: "ci / main",
		bad: refusals(
			refusal{why: "name taken", body: `{"name":"spare"}`, status: 409, details: "name: "},
			refusal{why: "no name", body: `{"display_name":"x"}`, status: 400, details: "name: "},
			refusal{why: "long display name", body: `{"name":"x","display_name":"` + strings.Repeat("x", 256) + `"}`, status: 400, details: "display_name: "},
		)},
	accountOperation("getServiceAccount", "get", "GET ", operation{shape: one("service_account", anAccount)}),
	accountOperation("updateServiceAccount", "update account", "PATCH ", operation{body: `{"display_name":null,"description":"Anew","enabled":false}`,
		shape: wrote("service_account", anAccount), event: "iam.service_account.update",
		bad: refusals(
			refusal{why: "enabled null", body: `{"enabled":null}`, status: 400, details: "enabled: "},
			refusal{why: "enabled as text", body: `{"enabled":"true"}`, status: 400, details: "enabled: "},
		)}),
	accountOperation("deleteServiceAccount", "delete", "DELETE ", operation{event: "iam.service_account.delete"}),
	accountOperation("listServiceAccountCredentials", "get", "GET /credentials", operation{shape: many("credentials", aCredential)}),
	accountOperation("createServiceAccountCredential", "create credential", "POST /credentials", operation{
		body:  `{"name":"second","expires_at":"2027-06-01T02:00:00.9+02:00"}`,
		shape: object(fields{"credential": aCredential, "secret_access_key": aSecret, "revision": aNumber}),
		event: "iam.credential.create", about: ":credential.id", called: "second", bad: credentialing}),
	accountOperation("getServiceAccountCredential", "get", "GET /credentials/{credential}", operation{shape: one("credential", aCredential),
		bad: []refusal{{why: "another's", call: "GET " + accounts + "/{account2}/credentials/{credential}", status: 404}}}),
	accountOperation("updateServiceAccountCredential", "update account", "PATCH /credentials/{credential}", operation{body: limitsBody,
		shape: wrote("credential", aLimitedCredential), event: "iam.credential.update", about: "{credential}", called: "deploy-key", bad: limiting}),
	accountOperation("rollServiceAccountCredential", "roll", "POST /credentials/{credential}/roll", operation{
		shape: object(fields{"credential": aRenamedCredential, "secret_access_key": aSecret, "revision": aNumber}),
		event: "iam.credential.roll", about: "{credential}", called: "deploy-key",
		bad: []refusal{{why: "another's", call: "POST " + accounts + "/{account2}/credentials/{credential}/roll", status: 404}}}),
	accountOperation("deleteServiceAccountCredential", "delete", "DELETE /credentials/{credential}", operation{event: "iam.credential.delete",
		about: "{credential}", called: "deploy-key",
		bad: []refusal{{why: "another's", call: "DELETE " + accounts + "/{account2}/credentials/{credential}", status: 404},
			{why: "a user's", call: "DELETE " + accounts + "/{account}/credentials/{user_credential}", status: 404}}}),
	accountOperation("listServiceAccountKeys", "get", "GET /keys", operation{right: "iam:ListServiceAccountCredentials", shape: many("api_keys", anAPIKey)}),
	accountOperation("createServiceAccountKey", "create credential", "POST /keys", operation{right: "iam:CreateServiceAccountCredential",
		body: `{"name":"second","expires_at":null}`, shape: object(fields{"api_key": anAPIKey, "secret_access_key": aSecret, "revision": aNumber}),
		event: "iam.credential.create", about: ":api_key.id", called: "second", bad: credentialing}),
	accountOperation("deleteServiceAccountKey", "delete", "DELETE /keys/{credential}", operation{right: "iam:DeleteServiceAccountCredential",
		event: "iam.credential.delete", about: "{credential}", called: "deploy-key"}),
	accountOperation("listServiceAccountGroups", "get", "GET /groups", operation{shape: linked("groups", aGroup)}),
	accountOperation("addServiceAccountToGroup", "attach", "POST /groups", operation{body: `{"group_id":"{group2}"}`, event: "iam.service_account.add_to_group",
		bad: attaching(accounts+"/{account}/groups", "group_id", "{group}", "{group2}")}),
	accountOperation("removeServiceAccountFromGroup", "delete", "DELETE /groups/{group}", operation{event: "iam.service_account.remove_from_group",
		bad: []refusal{{why: "no member", call: "DELETE " + accounts + "/{account}/groups/{group2}", status: 404}}}),
	accountOperation("listServiceAccountPolicies", "get", "GET /policies", operation{shape: many("policies", aPolicy)}),
	accountOperation("attachServiceAccountPolicy", "attach", "POST /policies", operation{body: `{"policy_id":"{policy2}"}`,
		event: "iam.service_account.attach_policy", bad: attaching(accounts+"/{account}/policies", "policy_id", "{policy}", "{policy2}")}),
	accountOperation("detachServiceAccountPolicy", "delete", "DELETE /policies/{policy}", operation{event: "iam.service_account.detach_policy",
		bad: []refusal{{why: "not attached", call: "DELETE " + accounts + "/{account}/policies/{policy2}", status: 404}}}),
}

const users = "/v1/iam/users"

func userOperation(name, kind, call string, o operation) operation {
	o.name, o.kind, o.on = name, kind, "user:{user}"
	verb, rest, _ := strings.Cut(call, " ")
	o.call = verb + " " + users + "/{user}" + rest
	if o.event != "" && o.about == "" {
		o.about, o.called = "{user}", "Mia@{domain}"
	}
	return o
}

var userCatalogue = []operation{
	{name: "listUsers", kind: "list", call: "GET " + users, on: "user:*", shape: linked("users", aUser)},
	{name: "addUser", kind: "add user", call: "POST " + users, on: "user:*", body: `{"email":"SAM@{domain}","group_ids":["{group}","{group2}"]}`,
		shape: object(fields{"status": is("added"), "user": aUser, "revision": aNumber}), event: "iam.user.add", about: ":user.id", called: "SAM@{domain}",
		also: []string{"iam:AddUserToGroup user:*"},
		bad: refusals(
			refusal{why: "a member", body: `{"email":"mia@{domain}"}`, status: 409},
			refusal{why: "invited", body: `{"email":"New.Hire@{domain}"}`, status: 409, kind: "invitation"},
			refusal{why: "no address", body: `{}`, status: 400, details: "email: "},
			refusal{why: "an address that is none", body: `{"email":"sam at {domain}"}`, status: 400, details: "email: "},
			refusal{why: "a group that is no id", body: `{"email":"sam@{domain}","group_ids":["{group}","x"]}`, status: 400, details: "group_ids[1]: "},
			refusal{why: "unknown group", body: `{"email":"sam@{domain}","group_ids":["{group}","{nobody}"]}`, status: 404},
			refusal{why: "foreign group", body: `{"email":"sam@{domain}","group_ids":["{other.group}"]}`, status: 404},
			refusal{why: "unknown group of somebody invited", body: `{"email":"nobody@{domain}","group_ids":["{nobody}"]}`, status: 404, kind: "invitation"},
		)},
	{name: "addUser/invited", kind: "invite", call: "POST " + users, on: "user:*", body: `{"email":"nobody@{domain}","group_ids":["{group}"]}`,
		shape: object(fields{"status": is("invited"), "invitation": anInvitation, "revision": aNumber}), event: "iam.user.add", about: ":invitation.id",
		called: "nobody@{domain}", also: []string{"iam:AddUserToGroup user:*"}, made: "invitation"},
	userOperation("getUser", "get", "GET ", operation{shape: one("user", aUser)}),
	userOperation("removeUser", "end", "DELETE ", operation{event: "iam.user.remove",
		bad: []refusal{{why: "the last administrator, oneself", call: "DELETE " + users + "/{owner}", status: 409}}}),
	userOperation("listUserCredentials", "get", "GET /credentials", operation{shape: many("credentials", aCredential)}),
	userOperation("createUserCredential", "create credential", "POST /credentials", operation{body: `{"name":"second","expires_at":"2027-06-01T00:00:00Z"}`,
		shape: object(fields{"credential": aCredential, "secret_access_key": aSecret, "revision": aNumber}),
		event: "iam.credential.create", about: ":credential.id", called: "second", bad: credentialing}),
	userOperation("getUserCredential", "get", "GET /credentials/{user_credential}", operation{shape: one("credential", aCredential),
		bad: []refusal{{why: "another's", call: "GET " + users + "/{owner}/credentials/{user_credential}", status: 404}}}),
	userOperation("updateUserCredential", "update account", "PATCH /credentials/{user_credential}", operation{body: limitsBody,
		shape: wrote("credential", aLimitedCredential), event: "iam.credential.update", about: "{user_credential}", called: "laptop", bad: limiting}),
	userOperation("rollUserCredential", "roll", "POST /credentials/{user_credential}/roll", operation{
		shape: object(fields{"credential": aRenamedCredential, "secret_access_key": aSecret, "revision": aNumber}),
		event: "iam.credential.roll", about: "{user_credential}", called: "laptop",
		bad: []refusal{{why: "another's", call: "POST " + users + "/{owner}/credentials/{user_credential}/roll", status: 404}}}),
	userOperation("deleteUserCredential", "delete", "DELETE /credentials/{user_credential}", operation{event: "iam.credential.delete",
		about: "{user_credential}", called: "laptop",
		bad: []refusal{{why: "another's", call: "DELETE " + users + "/{owner}/credentials/{user_credential}", status: 404}}}),
	userOperation("listUserGroups", "get", "GET /groups", operation{shape: linked("groups", aGroup)}),
	userOperation("addUserToGroup", "attach", "POST /groups", operation{body: `{"group_id":"{group2}"}`, event: "iam.user.add_to_group",
		bad: attaching(users+"/{user}/groups", "group_id", "{group}", "{group2}")}),
	userOperation("removeUserFromGroup", "delete", "DELETE /groups/{group}", operation{event: "iam.user.remove_from_group",
		bad: []refusal{{why: "no member", call: "DELETE " + users + "/{user}/groups/{group2}", status: 404}}}),
	userOperation("listUserPolicies", "get", "GET /policies", operation{shape: many("policies", aPolicy)}),
	userOperation("attachUserPolicy", "attach", "POST /policies", operation{body: `{"policy_id":"{policy2}"}`, event: "iam.user.attach_policy",
		bad: attaching(users+"/{user}/policies", "policy_id", "{policy}", "{policy2}")}),
	userOperation("detachUserPolicy", "delete", "DELETE /policies/{policy}", operation{event: "iam.user.detach_policy",
		bad: []refusal{{why: "not attached", call: "DELETE " + users + "/{user}/policies/{policy2}", status: 404}}}),
}

const (
	invitations = "/v1/iam/invitations"
	sessions    = "/v1/iam/sts-sessions"
)

var sessionCatalogue = []operation{
	{name: "listInvitations", kind: "list", call: "GET " + invitations, on: "invitation:*", shape: unlinked("invitations", anInvitation)},
	{name: "getInvitation", kind: "get", call: "GET " + invitations + "/{invitation}", on: "invitation:{invitation}", shape: one("invitation", anInvitation)},
	{name: "resendInvitation", kind: "resend", call: "POST " + invitations + "/{expired}/resend", on: "invitation:{expired}",
		shape: wrote("invitation", anInvitation), event: "iam.invitation.update", about: "{expired}", called: "late@{domain}"},
	{name: "cancelInvitation", kind: "delete", call: "DELETE " + invitations + "/{invitation}", on: "invitation:{invitation}",
		event: "iam.invitation.delete", about: "{invitation}", called: "new.hire@{domain}"},
	{name: "assumeRole", kind: "assume", call: "POST /v1/iam/assume-role", on: "role:{role}",
		body: `{"role_id":"{role}","duration_seconds":900,"session_name":"job"}`, shape: object(temporary),
		event: "iam.role.assume", about: "{role}", called: "backup-writer",
		bad: refusals(
			refusal{why: "not trusted", body: `{"role_id":"{role2}"}`, status: 403},
			refusal{why: "unknown", body: `{"role_id":"{nobody}"}`, status: 404},
			refusal{why: "foreign", body: `{"role_id":"{other.role}"}`, status: 404},
			refusal{why: "no id", body: `{"role_id":"backup-writer"}`, status: 400, details: "role_id: "},
			refusal{why: "missing", body: `{}`, status: 400, details: "role_id: "},
			refusal{why: "too short", body: `{"role_id":"{role}","duration_seconds":899}`, status: 400, details: "duration_seconds: "},
			refusal{why: "too long", body: `{"role_id":"{role}","duration_seconds":43201}`, status: 400, details: "duration_seconds: "},
			refusal{why: "long name", body: `{"role_id":"{role}","session_name":"` + strings.Repeat("x", 65) + `"}`, status: 400, details: "session_name: "},
		)},
	{name: "getWorkloadCredentials", kind: "assume", call: "POST /v1/iam/workload-credentials", on: "role:*",
		body:  `{"principal":"crn:spo1:compute:instance:i-1","role_name":"backup-writer"}`,
		shape: object(with(temporary, fields{"role_name": is("backup-writer")})),
		event: "iam.sts_session.create", made: "role", about: "{role}", called: "backup-writer",
		bad: refusals(
			refusal{why: "no role at all", body: `{"principal":"crn:spo1:lambda:function:f"}`, status: 403},
			refusal{why: "not this role", body: `{"principal":"crn:spo1:compute:instance:i-1","role_name":"untrusted"}`, status: 403},
			refusal{why: "unknown role", body: `{"principal":"crn:spo1:compute:instance:i-1","role_name":"none"}`, status: 404},
			refusal{why: "no CRN", body: `{"principal":"i-1"}`, status: 400, details: "principal: "},
			refusal{why: "missing", body: `{"role_name":"backup-writer"}`, status: 400, details: "principal: "},
		)},
	{name: "listSTSSessions", kind: "list", call: "GET " + sessions, on: "sts-session:*", shape: unlinked("sts_sessions", aSession)},
	{name: "getSTSSession", kind: "get", call: "GET " + sessions + "/{session}", on: "sts-session:{session}", shape: one("sts_session", aSession)},
	{name: "revokeSTSSession", kind: "change", call: "POST " + sessions + "/{session}/revoke", on: "sts-session:{session}", body: `{"reason":"lost"}`,
		shape: wrote("sts_session", aSession), event: "iam.sts_session.revoke", about: "{session}", called: "log-shipper",
		bad: []refusal{{why: "ended", call: "POST " + sessions + "/{ended}/revoke", status: 409},
			{why: "reason of another type", body: `{"reason":7}`, status: 400, details: "reason: "}}},
	{name: "revokeSTSSession/delete", kind: "end", call: "DELETE " + sessions + "/{session}", on: "sts-session:{session}",
		event: "iam.sts_session.revoke", about: "{session}", called: "log-shipper",
		bad: []refusal{{why: "ended", call: "DELETE " + sessions + "/{ended}", status: 409}}},
}

var question = `{"principal":"crn::iam:service-account:{account}","action":"s3:GetObject","resource":"crn:spo1:s3:object:reports/2025",` +
	`"context":{"s3:prefix":"2025/"},"at_least":1,"explain":false}`

var httpQuestion = `{"principal":"crn::iam:service-account:{account}","backend":"vserver-gateway","method":"GET","path":"/v2/p1/servers/s%2F1",` +
	`"context":{"iam:zone":"spo1"},"at_least":1,"explain":false}`

var restCatalogue = []operation{
	{name: "authorize", kind: "authorize", call: "POST /v1/iam/authorize", on: "organization:*", body: question, shape: aDecision,
		bad: refusals(
			refusal{why: "no principal", body: `{"action":"s3:GetObject","resource":"crn::s3:bucket:b"}`, status: 400, details: "principal: "},
			refusal{why: "a name", body: `{"principal":"olga","action":"s3:GetObject","resource":"crn::s3:bucket:b"}`, status: 400, details: "principal: "},
			refusal{why: "no action", body: `{"principal":"crn::iam:user:{user}","resource":"crn::s3:bucket:b"}`, status: 400, details: "action: "},
			refusal{why: "an action without service", body: `{"principal":"crn::iam:user:{user}","action":"GetObject","resource":"crn::s3:bucket:b"}`, status: 400, details: "action: "},
			refusal{why: "four parts", body: `{"principal":"crn::iam:user:{user}","action":"s3:GetObject","resource":"crn::s3:b"}`, status: 400, details: "resource: "},
			refusal{why: "context of another type", body: `{"principal":"crn::iam:user:{user}","action":"s3:GetObject","resource":"crn::s3:bucket:b","context":[]}`, status: 400, details: "context: "},
		)},
	{name: "authorizeHTTP", kind: "authorize", call: "POST /v1/iam/authorize-http", on: "organization:*", body: httpQuestion, shape: anHTTPDecision,
		bad: refusals(
			refusal{why: "a name", body: `{"principal":"olga","method":"GET","path":"/v1"}`, status: 400, details: "principal: "},
			refusal{why: "no method", body: `{"path":"/v1"}`, status: 400, details: "method: "},
			refusal{why: "no path", body: `{"method":"GET"}`, status: 400, details: "path: "},
			refusal{why: "a query", body: `{"method":"GET","path":"/v1?x=1"}`, status: 400, details: "path: "},
			refusal{why: "context of another type", body: `{"method":"GET","path":"/v1","context":[]}`, status: 400, details: "context: "},
		)},
	{name: "listAuditLogs", kind: "audit", call: "GET /v1/audit-logs", right: "audit:ListLogs", on: "audit-log:*", shape: unlinked("audit_logs", anEntry)},
	{name: "getAuditLog", kind: "get", call: "GET /v1/audit-logs/{log}", right: "audit:GetLog", on: "audit-log:{log}", shape: one("audit_log", anEntry)},
	{name: "jwks", kind: "open", call: "GET /.well-known/jwks.json", shape: aKeySet},
}

const organizations = "/v1/organizations"

func suspend(e *estate) { e.as(e.operator).post(organizations+"/"+e.org+"/suspend", nil).want(200) }
func resume(e *estate)  { e.as(e.operator).post(organizations+"/"+e.org+"/resume", nil).want(200) }

var platformCatalogue = []operation{
	{name: "listOrganizations", kind: "list", call: "GET " + organizations, right: "platform:ListOrganizations", on: "organization:*", platform: true,
		shape: linked("organizations", anOrganization)},
	{name: "createOrganization", kind: "found", call: "POST " + organizations, right: "platform:CreateOrganization", on: "organization:*", platform: true,
		body:  `{"name":"Globex","owner_email":"gil@globex.example","owner_name":"Gil"}`,
		shape: object(fields{"organization": anOrganization, "owner": aUser, "token": aToken, "revision": aNumber}),
		event: "platform.organization.create", about: ":organization.id", called: "Globex", of: ":organization.id",
		bad: refusals(
			refusal{why: "no name", body: `{"owner_email":"gil@globex.example"}`, status: 400, details: "name: "},
			refusal{why: "no address", body: `{"name":"Globex"}`, status: 400, details: "owner_email: "},
			refusal{why: "an address that is none", body: `{"name":"Globex","owner_email":"gil"}`, status: 400, details: "owner_email: "},
		)},
	{name: "getOrganization", kind: "get", call: "GET " + organizations + "/{org}", right: "platform:GetOrganization", on: "organization:{org}", platform: true,
		of: "{org}", shape: one("organization", anOrganization)},
	{name: "suspendOrganization", kind: "change", call: "POST " + organizations + "/{org}/suspend", right: "platform:SuspendOrganization",
		on: "organization:{org}", platform: true, of: "{org}", shape: wrote("organization", anOrganization), undo: resume,
		event: "platform.organization.suspend", about: "{org}", called: "Acme",
		bad: []refusal{{why: "suspended", status: 409, prepare: suspend, undo: resume}}},
	{name: "resumeOrganization", kind: "change", call: "POST " + organizations + "/{org}/resume", right: "platform:ResumeOrganization",
		on: "organization:{org}", platform: true, of: "{org}", shape: wrote("organization", anOrganization), prepare: suspend,
		event: "platform.organization.resume", about: "{org}", called: "Acme",
		bad: []refusal{{why: "not suspended", status: 409}}},
	{name: "listQuotas", kind: "get", call: "GET " + organizations + "/{org}/quotas", right: "platform:ListQuotas", on: "organization:{org}", platform: true,
		of: "{org}", shape: many("quotas", aQuota)},
	{name: "setQuota", kind: "quota", call: "PUT " + organizations + "/{org}/quotas/groups", right: "platform:SetQuota", on: "organization:{org}",
		platform: true, of: "{org}", body: `{"limit":7}`, shape: wrote("quota", aQuota), event: "platform.quota.update", made: "organization", about: "{org}", called: "Acme",
		bad: refusals(
			refusal{why: "unknown", call: "PUT " + organizations + "/{org}/quotas/none", status: 404},
			refusal{why: "no limit", body: `{}`, status: 400, details: "limit: "},
			refusal{why: "below zero", body: `{"limit":-1}`, status: 400, details: "limit: "},
			refusal{why: "half", body: `{"limit":0.5}`, status: 400, details: "limit: "},
			refusal{why: "too much", body: strings.Repeat(" ", 257<<10), status: 413},
		)},
	{name: "listPeople", kind: "list", call: "GET /v1/people", right: "platform:ListPeople", on: "person:*", platform: true, shape: linked("people", aPerson)},
	{name: "createPerson", kind: "create", call: "POST /v1/people", right: "platform:CreatePerson", on: "person:*", platform: true,
		body: `{"email":"pat@globex.example","name":"Pat"}`, shape: wrote("person", aPerson), event: "platform.person.create", about: ":person.id",
		called: "pat@globex.example",
		bad: refusals(
			refusal{why: "address taken", body: `{"email":"SAM@{domain}","name":"Sam"}`, status: 409, details: "email: "},
			refusal{why: "no name", body: `{"email":"pat@globex.example"}`, status: 400, details: "name: "},
			refusal{why: "no address", body: `{"name":"Pat"}`, status: 400, details: "email: "},
		)},
	{name: "getPerson", kind: "get", call: "GET /v1/people/{person}", right: "platform:GetPerson", on: "person:{person}", platform: true,
		shape: one("person", aPerson)},
	{name: "updatePerson", kind: "update account", call: "PATCH /v1/people/{person}", right: "platform:UpdatePerson", on: "person:{person}", platform: true,
		body: `{"enabled":false}`, shape: wrote("person", aPerson), event: "platform.person.update", about: "{person}", called: "Mia@{domain}",
		bad: refusals(refusal{why: "null", body: `{"enabled":null}`, status: 400, details: "enabled: "})},
}
