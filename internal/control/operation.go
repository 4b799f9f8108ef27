package control

import (
	"slices"
	"time"
)

// Operation is one thing that a caller can ask for, whichever dialect asks. Its action is what policies grant.
type Operation struct {
	// Action is what the caller must be allowed to do, in the native spelling.
	Action string
	// Event is what the audit log calls it; "" for a read, which is not logged (bycloud.md, 16.3).
	Event string
	// Platform operations are authorized in the platform's own organization, whichever organization they concern.
	Platform bool
	// Trusted operations need no grant, because something else decides (a role's trust policy); an explicit deny of the
	// action refuses them still.
	Trusted bool
	// Open operations are about the caller alone: whoever is authenticated may do them.
	Open bool
	// Foreign operations may be about a service account of another organization that trusts the caller's.
	Foreign bool
	// Own operations need no grant for users who have signed in and do them to themselves, to their keys, to what they sign in with or to
	// their sessions. With a session of a key of theirs they do need one, and an explicit deny refuses them still.
	Own bool
	// Fresh says of an Own operation that this is so for FreshFor after signing in alone: a session that somebody else got hold of
	// must not change what the user signs in with, nor get a key that outlasts it.
	Fresh bool
}

// FreshFor is how long users who have signed in may change what they sign in with.
const FreshFor = 15 * time.Minute

// The operations on an organization (bycloud.md, sections 3 and 16.1).
var (
	ListGroups               = &Operation{Action: "iam:ListGroups"}
	CreateGroup              = &Operation{Action: "iam:CreateGroup", Event: "iam.group.create"}
	GetGroup                 = &Operation{Action: "iam:GetGroup"}
	UpdateGroup              = &Operation{Action: "iam:UpdateGroup", Event: "iam.group.update"}
	DeleteGroup              = &Operation{Action: "iam:DeleteGroup", Event: "iam.group.delete"}
	ListGroupPolicies        = &Operation{Action: "iam:ListGroupPolicies"}
	AttachGroupPolicy        = &Operation{Action: "iam:AttachGroupPolicy", Event: "iam.group.attach_policy"}
	DetachGroupPolicy        = &Operation{Action: "iam:DetachGroupPolicy", Event: "iam.group.detach_policy"}
	ListGroupServiceAccounts = &Operation{Action: "iam:ListGroupServiceAccounts"}
	ListGroupUsers           = &Operation{Action: "iam:ListGroupUsers"}

	ListPolicies              = &Operation{Action: "iam:ListPolicies"}
	CreatePolicy              = &Operation{Action: "iam:CreatePolicy", Event: "iam.policy.create"}
	GetPolicy                 = &Operation{Action: "iam:GetPolicy"}
	UpdatePolicy              = &Operation{Action: "iam:UpdatePolicy", Event: "iam.policy.update"}
	DeletePolicy              = &Operation{Action: "iam:DeletePolicy", Event: "iam.policy.delete"}
	ListPolicyGroups          = &Operation{Action: "iam:ListPolicyGroups"}
	ListPolicyRoles           = &Operation{Action: "iam:ListPolicyRoles"}
	ListPolicyServiceAccounts = &Operation{Action: "iam:ListPolicyServiceAccounts"}
	ListPolicyUsers           = &Operation{Action: "iam:ListPolicyUsers"}

	ListRoles        = &Operation{Action: "iam:ListRoles"}
	CreateRole       = &Operation{Action: "iam:CreateRole", Event: "iam.role.create"}
	GetRole          = &Operation{Action: "iam:GetRole"}
	UpdateRole       = &Operation{Action: "iam:UpdateRole", Event: "iam.role.update"}
	DeleteRole       = &Operation{Action: "iam:DeleteRole", Event: "iam.role.delete"}
	ListRolePolicies = &Operation{Action: "iam:ListRolePolicies"}
	AttachRolePolicy = &Operation{Action: "iam:AttachRolePolicy", Event: "iam.role.attach_policy"}
	DetachRolePolicy = &Operation{Action: "iam:DetachRolePolicy", Event: "iam.role.detach_policy"}
	AssumeRole       = &Operation{Action: "iam:AssumeRole", Event: "iam.role.assume", Trusted: true}

	UpdateRolePolicy       = &Operation{Action: "iam:UpdateRolePolicy", Event: "iam.role.update_policy"}
	UpdateAssumeRolePolicy = &Operation{Action: "iam:UpdateAssumeRolePolicy", Event: "iam.role.update_assume_policy"}
	ListRoleCredentials    = &Operation{Action: "iam:ListRoleCredentials"}
	CreateRoleCredential   = &Operation{Action: "iam:CreateRoleCredential", Event: "iam.credential.create"}
	GetRoleCredential      = &Operation{Action: "iam:GetRoleCredential"}
	DeleteRoleCredential   = &Operation{Action: "iam:DeleteRoleCredential", Event: "iam.credential.delete"}
	SetUserRole            = &Operation{Action: "iam:SetUserRole", Event: "iam.user.set_role"}

	GetOrganizationPolicy    = &Operation{Action: "iam:GetOrganizationPolicy"}
	UpdateOrganizationPolicy = &Operation{Action: "iam:UpdateOrganizationPolicy", Event: "iam.organization_policy.update"}
	ResetOrganizationPolicy  = &Operation{Action: "iam:ResetOrganizationPolicy", Event: "iam.organization_policy.reset"}
	GetOperation             = &Operation{Action: "compute:GetOperation", Open: true}

	ListServiceAccounts            = &Operation{Action: "iam:ListServiceAccounts"}
	CreateServiceAccount           = &Operation{Action: "iam:CreateServiceAccount", Event: "iam.service_account.create"}
	GetServiceAccount              = &Operation{Action: "iam:GetServiceAccount"}
	UpdateServiceAccount           = &Operation{Action: "iam:UpdateServiceAccount", Event: "iam.service_account.update"}
	DeleteServiceAccount           = &Operation{Action: "iam:DeleteServiceAccount", Event: "iam.service_account.delete"}
	ListServiceAccountCredentials  = &Operation{Action: "iam:ListServiceAccountCredentials"}
	CreateServiceAccountCredential = &Operation{Action: "iam:CreateServiceAccountCredential", Event: "iam.credential.create"}
	GetServiceAccountCredential    = &Operation{Action: "iam:GetServiceAccountCredential"}
	UpdateServiceAccountCredential = &Operation{Action: "iam:UpdateServiceAccountCredential", Event: "iam.credential.update"}
	RollServiceAccountCredential   = &Operation{Action: "iam:RollServiceAccountCredential", Event: "iam.credential.roll"}
	DeleteServiceAccountCredential = &Operation{Action: "iam:DeleteServiceAccountCredential", Event: "iam.credential.delete"}
	ListServiceAccountGroups       = &Operation{Action: "iam:ListServiceAccountGroups"}
	AddServiceAccountToGroup       = &Operation{Action: "iam:AddServiceAccountToGroup", Event: "iam.service_account.add_to_group"}
	RemoveServiceAccountFromGroup  = &Operation{Action: "iam:RemoveServiceAccountFromGroup", Event: "iam.service_account.remove_from_group"}
	ListServiceAccountPolicies     = &Operation{Action: "iam:ListServiceAccountPolicies"}
	AttachServiceAccountPolicy     = &Operation{Action: "iam:AttachServiceAccountPolicy", Event: "iam.service_account.attach_policy"}
	DetachServiceAccountPolicy     = &Operation{Action: "iam:DetachServiceAccountPolicy", Event: "iam.service_account.detach_policy"}

	ListUsers            = &Operation{Action: "iam:ListUsers"}
	AddUser              = &Operation{Action: "iam:AddUser", Event: "iam.user.add"}
	GetUser              = &Operation{Action: "iam:GetUser"}
	RemoveUser           = &Operation{Action: "iam:RemoveUser", Event: "iam.user.remove"}
	ListUserCredentials  = &Operation{Action: "iam:ListUserCredentials", Own: true}
	CreateUserCredential = &Operation{Action: "iam:CreateUserCredential", Event: "iam.credential.create", Own: true, Fresh: true}
	GetUserCredential    = &Operation{Action: "iam:GetUserCredential", Own: true}
	UpdateUserCredential = &Operation{Action: "iam:UpdateUserCredential", Event: "iam.credential.update", Own: true, Fresh: true}
	RollUserCredential   = &Operation{Action: "iam:RollUserCredential", Event: "iam.credential.roll", Own: true, Fresh: true}
	DeleteUserCredential = &Operation{Action: "iam:DeleteUserCredential", Event: "iam.credential.delete", Own: true}
	ListUserGroups       = &Operation{Action: "iam:ListUserGroups"}
	AddUserToGroup       = &Operation{Action: "iam:AddUserToGroup", Event: "iam.user.add_to_group"}
	RemoveUserFromGroup  = &Operation{Action: "iam:RemoveUserFromGroup", Event: "iam.user.remove_from_group"}
	ListUserPolicies     = &Operation{Action: "iam:ListUserPolicies"}
	AttachUserPolicy     = &Operation{Action: "iam:AttachUserPolicy", Event: "iam.user.attach_policy"}
	DetachUserPolicy     = &Operation{Action: "iam:DetachUserPolicy", Event: "iam.user.detach_policy"}

	ListAPITokens  = &Operation{Action: "iam:ListAPITokens"}
	CreateAPIToken = &Operation{Action: "iam:CreateAPIToken", Event: "iam.api_token.create"}
	GetAPIToken    = &Operation{Action: "iam:GetAPIToken"}
	UpdateAPIToken = &Operation{Action: "iam:UpdateAPIToken", Event: "iam.api_token.update"}
	RollAPIToken   = &Operation{Action: "iam:RollAPIToken", Event: "iam.api_token.roll"}
	DeleteAPIToken = &Operation{Action: "iam:DeleteAPIToken", Event: "iam.api_token.delete"}
	VerifyToken    = &Operation{Action: "iam:VerifyToken", Open: true}

	ListInvitations  = &Operation{Action: "iam:ListInvitations"}
	GetInvitation    = &Operation{Action: "iam:GetInvitation"}
	ResendInvitation = &Operation{Action: "iam:ResendInvitation", Event: "iam.invitation.update"}
	CancelInvitation = &Operation{Action: "iam:CancelInvitation", Event: "iam.invitation.delete"}

	ListResourceGroups  = &Operation{Action: "iam:ListResourceGroups"}
	CreateResourceGroup = &Operation{Action: "iam:CreateResourceGroup", Event: "iam.resource_group.create"}
	GetResourceGroup    = &Operation{Action: "iam:GetResourceGroup"}
	UpdateResourceGroup = &Operation{Action: "iam:UpdateResourceGroup", Event: "iam.resource_group.update"}
	DeleteResourceGroup = &Operation{Action: "iam:DeleteResourceGroup", Event: "iam.resource_group.delete"}

	ListSTSSessions        = &Operation{Action: "iam:ListSTSSessions"}
	GetSTSSession          = &Operation{Action: "iam:GetSTSSession"}
	RevokeSTSSession       = &Operation{Action: "iam:RevokeSTSSession", Event: "iam.sts_session.revoke"}
	GetWorkloadCredentials = &Operation{Action: "iam:GetWorkloadCredentials", Event: "iam.sts_session.create"}
	Authorize              = &Operation{Action: "iam:Authorize"}
	AuthorizeHTTP          = &Operation{Action: "iam:AuthorizeHTTP"}

	ListConnectors  = &Operation{Action: "iam:ListConnectors"}
	CreateConnector = &Operation{Action: "iam:CreateConnector", Event: "iam.connector.create"}
	GetConnector    = &Operation{Action: "iam:GetConnector"}
	UpdateConnector = &Operation{Action: "iam:UpdateConnector", Event: "iam.connector.update"}
	DeleteConnector = &Operation{Action: "iam:DeleteConnector", Event: "iam.connector.delete"}
	VerifyConnector = &Operation{Action: "iam:VerifyConnector", Event: "iam.connector.verify"}

	GetCatalog    = &Operation{Action: "iam:GetCatalog"}
	ListAuditLogs = &Operation{Action: "audit:ListLogs"}
	GetAuditLog   = &Operation{Action: "audit:GetLog"}
)

// What dialects alone serve.
var (
	UpdateUser   = &Operation{Action: "iam:UpdateUser", Event: "iam.user.update"}
	ListUserTags = &Operation{Action: "iam:ListUserTags"}
	TagUser      = &Operation{Action: "iam:TagUser", Event: "iam.user.tag"}
	UntagUser    = &Operation{Action: "iam:UntagUser", Event: "iam.user.untag"}

	ListServiceAccountTags = &Operation{Action: "iam:ListServiceAccountTags"}
	TagServiceAccount      = &Operation{Action: "iam:TagServiceAccount", Event: "iam.service_account.tag"}
	UntagServiceAccount    = &Operation{Action: "iam:UntagServiceAccount", Event: "iam.service_account.untag"}
	ListGroupTags          = &Operation{Action: "iam:ListGroupTags"}
	TagGroup               = &Operation{Action: "iam:TagGroup", Event: "iam.group.tag"}
	ListPolicyTags         = &Operation{Action: "iam:ListPolicyTags"}
	TagPolicy              = &Operation{Action: "iam:TagPolicy", Event: "iam.policy.tag"}
	UntagPolicy            = &Operation{Action: "iam:UntagPolicy", Event: "iam.policy.untag"}

	ListSSHKeys  = &Operation{Action: "iam:ListSSHKeys"}
	CreateSSHKey = &Operation{Action: "iam:CreateSSHKey", Event: "iam.ssh_key.create"}
	GetSSHKey    = &Operation{Action: "iam:GetSSHKey"}
	UpdateSSHKey = &Operation{Action: "iam:UpdateSSHKey", Event: "iam.ssh_key.update"}
	DeleteSSHKey = &Operation{Action: "iam:DeleteSSHKey", Event: "iam.ssh_key.delete"}

	ListProjects  = &Operation{Action: "iam:ListProjects"}
	CreateProject = &Operation{Action: "iam:CreateProject", Event: "iam.project.create"}
	GetProject    = &Operation{Action: "iam:GetProject"}
	UpdateProject = &Operation{Action: "iam:UpdateProject", Event: "iam.project.update"}
	DeleteProject = &Operation{Action: "iam:DeleteProject", Event: "iam.project.delete"}

	ListPermissionSets = &Operation{Action: "iam:ListPermissionSets"}
	GetPermissionSet   = &Operation{Action: "iam:GetPermissionSet"}

	// What VNG Cloud's API has beyond the native one (vngcloud.md, section 11.1).
	ListActions    = &Operation{Action: "iam:ListActions"}
	ListProducts   = &Operation{Action: "iam:ListProducts"}
	ListResources  = &Operation{Action: "iam:ListResources"}
	ComposePolicy  = &Operation{Action: "iam:ComposePolicy"}
	GetPolicyQuota = &Operation{Action: "iam:GetPolicyQuota"}
	GetGroupQuota  = &Operation{Action: "iam:GetGroupQuota"}

	// Scaleway's (scaleway.md, section 2).
	GetOwnOrganization = &Operation{Action: "iam:GetOrganization"} // the caller's
	ListOwnQuotas      = &Operation{Action: "iam:ListQuotas"}
	GetOwnQuota        = &Operation{Action: "iam:GetQuota"}
	CheckPermissions   = &Operation{Action: "iam:CheckPermissions", Open: true}

	ParseConnectorMetadata     = &Operation{Action: "iam:ParseConnectorMetadata"}
	ListConnectorCertificates  = &Operation{Action: "iam:ListConnectorCertificates"}
	AddConnectorCertificate    = &Operation{Action: "iam:AddConnectorCertificate", Event: "iam.connector.add_certificate"}
	GetConnectorCertificate    = &Operation{Action: "iam:GetConnectorCertificate"}
	DeleteConnectorCertificate = &Operation{Action: "iam:DeleteConnectorCertificate", Event: "iam.connector.delete_certificate"}
	GetSCIM                    = &Operation{Action: "iam:GetSCIM"}
	EnableSCIM                 = &Operation{Action: "iam:EnableSCIM", Event: "iam.scim.enable"}
	DisableSCIM                = &Operation{Action: "iam:DisableSCIM", Event: "iam.scim.disable"}
	ListSCIMTokens             = &Operation{Action: "iam:ListSCIMTokens"}
	CreateSCIMToken            = &Operation{Action: "iam:CreateSCIMToken", Event: "iam.scim_token.create"}
	GetSCIMToken               = &Operation{Action: "iam:GetSCIMToken"}
	DeleteSCIMToken            = &Operation{Action: "iam:DeleteSCIMToken", Event: "iam.scim_token.delete"}

	// What VNG Cloud's accounts API has (vngcloud.md, sections 10 and 11.2).
	IssueToken                = &Operation{Action: "iam:IssueToken", Open: true}
	GetUserInfo               = &Operation{Action: "iam:GetUserInfo", Open: true}
	ImpersonateServiceAccount = &Operation{Action: "iam:ImpersonateServiceAccount", Event: "iam.service_account.impersonate", Foreign: true}
	ActivateServiceAccount    = &Operation{Action: "iam:ActivateServiceAccount", Event: "iam.service_account.update"}
	DeactivateServiceAccount  = &Operation{Action: "iam:DeactivateServiceAccount", Event: "iam.service_account.update"}
	ResetServiceAccountSecret = &Operation{Action: "iam:ResetServiceAccountSecret", Event: "iam.credential.roll"}
	ListTrustedRoots          = &Operation{Action: "iam:ListTrustedRoots"}
	AttachTrustedRoot         = &Operation{Action: "iam:AttachTrustedRoot", Event: "iam.service_account.trust"}
	DetachTrustedRoot         = &Operation{Action: "iam:DetachTrustedRoot", Event: "iam.service_account.distrust"}
)

// How users prove who they are (scaleway.md, section 2).
var (
	LockUser          = &Operation{Action: "iam:LockUser", Event: "iam.user.lock"}
	UnlockUser        = &Operation{Action: "iam:UnlockUser", Event: "iam.user.unlock"}
	ResetUserPassword = &Operation{Action: "iam:ResetUserPassword", Event: "iam.user.reset_password", Own: true, Fresh: true}
	CreateUserMFA     = &Operation{Action: "iam:CreateUserMFA", Event: "iam.user.create_mfa", Own: true, Fresh: true}
	ValidateUserMFA   = &Operation{Action: "iam:ValidateUserMFA", Event: "iam.user.validate_mfa", Own: true, Fresh: true}
	DeleteUserMFA     = &Operation{Action: "iam:DeleteUserMFA", Event: "iam.user.delete_mfa", Own: true, Fresh: true}
	ListGracePeriods  = &Operation{Action: "iam:ListGracePeriods", Own: true}

	StartWebAuthnRegistration   = &Operation{Action: "iam:StartWebAuthnRegistration", Event: "iam.user.start_authenticator", Own: true, Fresh: true}
	FinishWebAuthnRegistration  = &Operation{Action: "iam:FinishWebAuthnRegistration", Event: "iam.user.add_authenticator", Own: true, Fresh: true}
	ListWebAuthnAuthenticators  = &Operation{Action: "iam:ListWebAuthnAuthenticators", Own: true}
	UpdateWebAuthnAuthenticator = &Operation{Action: "iam:UpdateWebAuthnAuthenticator", Event: "iam.authenticator.update", Own: true, Fresh: true}
	DeleteWebAuthnAuthenticator = &Operation{Action: "iam:DeleteWebAuthnAuthenticator", Event: "iam.authenticator.delete", Own: true, Fresh: true}

	ListJWTs  = &Operation{Action: "iam:ListJWTs", Own: true}
	CreateJWT = &Operation{Action: "iam:CreateJWT", Event: "iam.user.create_session", Own: true}
	GetJWT    = &Operation{Action: "iam:GetJWT", Own: true}
	DeleteJWT = &Operation{Action: "iam:DeleteJWT", Event: "iam.jwt.delete", Own: true}
	RenewJWT  = &Operation{Action: "iam:RenewJWT", Event: "iam.jwt.renew", Own: true}

	GetSecuritySettings    = &Operation{Action: "iam:GetSecuritySettings"}
	UpdateSecuritySettings = &Operation{Action: "iam:UpdateSecuritySettings", Event: "iam.organization.update_security_settings"}
	UpdateLoginMethods     = &Operation{Action: "iam:UpdateLoginMethods", Event: "iam.organization.update_login_methods"}
	SetOrganizationAlias   = &Operation{Action: "iam:SetOrganizationAlias", Event: "iam.organization.set_alias"}
)

// The platform's operations, for operators.
var (
	ListOrganizations   = &Operation{Action: "platform:ListOrganizations", Platform: true}
	CreateOrganization  = &Operation{Action: "platform:CreateOrganization", Event: "platform.organization.create", Platform: true}
	GetOrganization     = &Operation{Action: "platform:GetOrganization", Platform: true}
	SuspendOrganization = &Operation{Action: "platform:SuspendOrganization", Event: "platform.organization.suspend", Platform: true}
	ResumeOrganization  = &Operation{Action: "platform:ResumeOrganization", Event: "platform.organization.resume", Platform: true}
	ListQuotas          = &Operation{Action: "platform:ListQuotas", Platform: true}
	SetQuota            = &Operation{Action: "platform:SetQuota", Event: "platform.quota.update", Platform: true}

	ListCatalogFiles = &Operation{Action: "platform:ListCatalogFiles", Platform: true}
	GetCatalogFile   = &Operation{Action: "platform:GetCatalogFile", Platform: true}
	ApplyCatalogFile = &Operation{Action: "platform:ApplyCatalogFile", Event: "platform.catalog_file.apply", Platform: true}

	ListPeople   = &Operation{Action: "platform:ListPeople", Platform: true}
	CreatePerson = &Operation{Action: "platform:CreatePerson", Event: "platform.person.create", Platform: true}
	GetPerson    = &Operation{Action: "platform:GetPerson", Platform: true}
	UpdatePerson = &Operation{Action: "platform:UpdatePerson", Event: "platform.person.update", Platform: true}
)

// Operations lists every operation. A dialect serves nothing that is not among them.
func Operations() []*Operation {
	return slices.Concat(organizationOperations, dialectOperations, platformOperations)
}

// DialectOperations lists those of Operations that the native API has no route for.
func DialectOperations() []*Operation { return slices.Clone(dialectOperations) }

var organizationOperations = []*Operation{
	ListGroups, CreateGroup, GetGroup, UpdateGroup, DeleteGroup, ListGroupPolicies, AttachGroupPolicy,
	DetachGroupPolicy, ListGroupServiceAccounts, ListGroupUsers,
	ListPolicies, CreatePolicy, GetPolicy, UpdatePolicy, DeletePolicy, ListPolicyGroups, ListPolicyRoles,
	ListPolicyServiceAccounts, ListPolicyUsers,
	ListRoles, CreateRole, GetRole, UpdateRole, DeleteRole, ListRolePolicies, AttachRolePolicy, DetachRolePolicy,
	AssumeRole, ListRoleCredentials, CreateRoleCredential, GetRoleCredential, DeleteRoleCredential,
	ListServiceAccounts, CreateServiceAccount, GetServiceAccount, UpdateServiceAccount, DeleteServiceAccount,
	ListServiceAccountCredentials, CreateServiceAccountCredential, GetServiceAccountCredential,
	UpdateServiceAccountCredential, RollServiceAccountCredential, DeleteServiceAccountCredential,
	ListServiceAccountGroups, AddServiceAccountToGroup, RemoveServiceAccountFromGroup, ListServiceAccountPolicies,
	AttachServiceAccountPolicy, DetachServiceAccountPolicy,
	ListUsers, AddUser, GetUser, RemoveUser, ListUserCredentials, CreateUserCredential, GetUserCredential,
	UpdateUserCredential, RollUserCredential, DeleteUserCredential,
	ListUserGroups, AddUserToGroup, RemoveUserFromGroup, ListUserPolicies, AttachUserPolicy, DetachUserPolicy,
	ListAPITokens, CreateAPIToken, GetAPIToken, UpdateAPIToken, RollAPIToken, DeleteAPIToken, VerifyToken,
	ListInvitations, GetInvitation, ResendInvitation, CancelInvitation,
	ListResourceGroups, CreateResourceGroup, GetResourceGroup, UpdateResourceGroup, DeleteResourceGroup,
	ListSTSSessions, GetSTSSession, RevokeSTSSession, GetWorkloadCredentials, Authorize, AuthorizeHTTP,
	ListConnectors, CreateConnector, GetConnector, UpdateConnector, DeleteConnector, VerifyConnector,
	GetOrganizationPolicy, UpdateOrganizationPolicy, ResetOrganizationPolicy,
	GetCatalog, ListAuditLogs, GetAuditLog,
	LockUser, UnlockUser, ResetUserPassword, CreateUserMFA, ValidateUserMFA, DeleteUserMFA, ListGracePeriods,
	StartWebAuthnRegistration, FinishWebAuthnRegistration, ListWebAuthnAuthenticators, UpdateWebAuthnAuthenticator, DeleteWebAuthnAuthenticator,
	ListJWTs, CreateJWT, GetJWT, DeleteJWT, RenewJWT,
	GetSecuritySettings, UpdateSecuritySettings, UpdateLoginMethods, SetOrganizationAlias,
}

var dialectOperations = []*Operation{
	UpdateUser, ListUserTags, TagUser, UntagUser,
	ListServiceAccountTags, TagServiceAccount, UntagServiceAccount, ListGroupTags, TagGroup, ListPolicyTags, TagPolicy, UntagPolicy,
	ListSSHKeys, CreateSSHKey, GetSSHKey, UpdateSSHKey, DeleteSSHKey,
	UpdateRolePolicy, UpdateAssumeRolePolicy, SetUserRole, GetOperation,
	ListProjects, CreateProject, GetProject, UpdateProject, DeleteProject,
	ListPermissionSets, GetPermissionSet,
	GetOwnOrganization, ListOwnQuotas, GetOwnQuota,
	CheckPermissions, ParseConnectorMetadata, ListConnectorCertificates, AddConnectorCertificate, GetConnectorCertificate,
	DeleteConnectorCertificate, GetSCIM, EnableSCIM, DisableSCIM, ListSCIMTokens, CreateSCIMToken, GetSCIMToken, DeleteSCIMToken,
	ListActions, ListProducts, ListResources, ComposePolicy, GetPolicyQuota, GetGroupQuota,
	IssueToken, GetUserInfo, ImpersonateServiceAccount, ActivateServiceAccount, DeactivateServiceAccount, ResetServiceAccountSecret,
	ListTrustedRoots, AttachTrustedRoot, DetachTrustedRoot,
}

var platformOperations = []*Operation{
	ListOrganizations, CreateOrganization, GetOrganization, SuspendOrganization, ResumeOrganization, ListQuotas,
	SetQuota, ListCatalogFiles, GetCatalogFile, ApplyCatalogFile, ListPeople, CreatePerson, GetPerson, UpdatePerson,
}
