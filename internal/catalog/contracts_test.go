package catalog_test

// What the contracts list, typed out of them, to compare the data with.

// nativeOperations are those of bycloud.md, section 3, and the four of 16.1: SDK method, verb, path.
const nativeOperations = `
assumeRole POST /v1/iam/assume-role
listGroups GET /v1/iam/groups
createGroup POST /v1/iam/groups
getGroup GET /v1/iam/groups/{group_id}
updateGroup PATCH /v1/iam/groups/{group_id}
deleteGroup DELETE /v1/iam/groups/{group_id}
listGroupPolicies GET /v1/iam/groups/{group_id}/policies
attachGroupPolicy POST /v1/iam/groups/{group_id}/policies
detachGroupPolicy DELETE /v1/iam/groups/{group_id}/policies/{policy_id}
listGroupServiceAccounts GET /v1/iam/groups/{group_id}/service-accounts
listGroupUsers GET /v1/iam/groups/{group_id}/users
listPolicies GET /v1/iam/policies
createPolicy POST /v1/iam/policies
getPolicy GET /v1/iam/policies/{policy_id}
updatePolicy PATCH /v1/iam/policies/{policy_id}
deletePolicy DELETE /v1/iam/policies/{policy_id}
listPolicyGroups GET /v1/iam/policies/{policy_id}/groups
listPolicyRoles GET /v1/iam/policies/{policy_id}/roles
listPolicyServiceAccounts GET /v1/iam/policies/{policy_id}/service-accounts
listPolicyUsers GET /v1/iam/policies/{policy_id}/users
listRoles GET /v1/iam/roles
createRole POST /v1/iam/roles
getRole GET /v1/iam/roles/{role_id}
updateRole PATCH /v1/iam/roles/{role_id}
deleteRole DELETE /v1/iam/roles/{role_id}
listRolePolicies GET /v1/iam/roles/{role_id}/policies
attachRolePolicy POST /v1/iam/roles/{role_id}/policies
detachRolePolicy DELETE /v1/iam/roles/{role_id}/policies/{policy_id}
listServiceAccounts GET /v1/iam/service-accounts
createServiceAccount POST /v1/iam/service-accounts
getServiceAccount GET /v1/iam/service-accounts/{service_account_id}
updateServiceAccount PATCH /v1/iam/service-accounts/{service_account_id}
deleteServiceAccount DELETE /v1/iam/service-accounts/{service_account_id}
listServiceAccountCredentials GET /v1/iam/service-accounts/{service_account_id}/credentials
createServiceAccountCredential POST /v1/iam/service-accounts/{service_account_id}/credentials
deleteServiceAccountCredential DELETE /v1/iam/service-accounts/{service_account_id}/credentials/{credential_id}
listServiceAccountGroups GET /v1/iam/service-accounts/{service_account_id}/groups
addServiceAccountToGroup POST /v1/iam/service-accounts/{service_account_id}/groups
removeServiceAccountFromGroup DELETE /v1/iam/service-accounts/{service_account_id}/groups/{group_id}
listServiceAccountPolicies GET /v1/iam/service-accounts/{service_account_id}/policies
attachServiceAccountPolicy POST /v1/iam/service-accounts/{service_account_id}/policies
detachServiceAccountPolicy DELETE /v1/iam/service-accounts/{service_account_id}/policies/{policy_id}
listUsers GET /v1/iam/users
addUser POST /v1/iam/users
getUser GET /v1/iam/users/{user_id}
removeUser DELETE /v1/iam/users/{user_id}
listUserGroups GET /v1/iam/users/{user_id}/groups
addUserToGroup POST /v1/iam/users/{user_id}/groups
removeUserFromGroup DELETE /v1/iam/users/{user_id}/groups/{group_id}
listUserPolicies GET /v1/iam/users/{user_id}/policies
attachUserPolicy POST /v1/iam/users/{user_id}/policies
detachUserPolicy DELETE /v1/iam/users/{user_id}/policies/{policy_id}
listAuditLogs GET /v1/audit-logs
getAuditLog GET /v1/audit-logs/{log_id}
listInvitations GET /v1/iam/invitations
listSTSSessions GET /v1/iam/sts-sessions
getSTSSession GET /v1/iam/sts-sessions/{session_id}
getWorkloadCredentials POST /v1/iam/workload-credentials
authorize POST /v1/iam/authorize
listServiceAccountKeys GET /v1/iam/service-accounts/{service_account_id}/keys
createServiceAccountKey POST /v1/iam/service-accounts/{service_account_id}/keys
deleteServiceAccountKey DELETE /v1/iam/service-accounts/{service_account_id}/keys/{api_key_id}
revokeSTSSession POST /v1/iam/sts-sessions/{session_id}/revoke
cancelInvitation DELETE /v1/iam/invitations/{invitation_id}
resendInvitation POST /v1/iam/invitations/{invitation_id}/resend
getInvitation GET /v1/iam/invitations/{invitation_id}
`

// cloudflareOperations are those of cloudflare.md, section 2.
const cloudflareOperations = `
iam.permissionGroups.list GET /accounts/{account_id}/iam/permission_groups
iam.permissionGroups.get GET /accounts/{account_id}/iam/permission_groups/{permission_group_id}
iam.resourceGroups.list GET /accounts/{account_id}/iam/resource_groups
iam.resourceGroups.get GET /accounts/{account_id}/iam/resource_groups/{resource_group_id}
iam.resourceGroups.create POST /accounts/{account_id}/iam/resource_groups
iam.resourceGroups.update PUT /accounts/{account_id}/iam/resource_groups/{resource_group_id}
iam.resourceGroups.delete DELETE /accounts/{account_id}/iam/resource_groups/{resource_group_id}
iam.userGroups.list GET /accounts/{account_id}/iam/user_groups
iam.userGroups.get GET /accounts/{account_id}/iam/user_groups/{user_group_id}
iam.userGroups.create POST /accounts/{account_id}/iam/user_groups
iam.userGroups.update PUT /accounts/{account_id}/iam/user_groups/{user_group_id}
iam.userGroups.delete DELETE /accounts/{account_id}/iam/user_groups/{user_group_id}
iam.userGroups.members.list GET /accounts/{account_id}/iam/user_groups/{user_group_id}/members
iam.userGroups.members.create POST /accounts/{account_id}/iam/user_groups/{user_group_id}/members
iam.userGroups.members.update PUT /accounts/{account_id}/iam/user_groups/{user_group_id}/members
iam.userGroups.members.delete DELETE /accounts/{account_id}/iam/user_groups/{user_group_id}/members/{member_id}
iam.userGroups.members.get GET /accounts/{account_id}/iam/user_groups/{user_group_id}/members/{member_id}
iam.sso.list GET /accounts/{account_id}/sso_connectors
iam.sso.get GET /accounts/{account_id}/sso_connectors/{sso_connector_id}
iam.sso.create POST /accounts/{account_id}/sso_connectors
iam.sso.update PATCH /accounts/{account_id}/sso_connectors/{sso_connector_id}
iam.sso.delete DELETE /accounts/{account_id}/sso_connectors/{sso_connector_id}
iam.sso.beginVerification POST /accounts/{account_id}/sso_connectors/{sso_connector_id}/begin_verification
accounts.members.list GET /accounts/{account_id}/members
accounts.members.get GET /accounts/{account_id}/members/{member_id}
accounts.members.create POST /accounts/{account_id}/members
accounts.members.update PUT /accounts/{account_id}/members/{member_id}
accounts.members.delete DELETE /accounts/{account_id}/members/{member_id}
accounts.roles.list GET /accounts/{account_id}/roles
accounts.roles.get GET /accounts/{account_id}/roles/{role_id}
accounts.tokens.list GET /accounts/{account_id}/tokens
accounts.tokens.get GET /accounts/{account_id}/tokens/{token_id}
accounts.tokens.create POST /accounts/{account_id}/tokens
accounts.tokens.update PUT /accounts/{account_id}/tokens/{token_id}
accounts.tokens.delete DELETE /accounts/{account_id}/tokens/{token_id}
accounts.tokens.value.update PUT /accounts/{account_id}/tokens/{token_id}/value
accounts.tokens.verify GET /accounts/{account_id}/tokens/verify
accounts.tokens.permissionGroups.list GET /accounts/{account_id}/tokens/permission_groups
accounts.tokens.permissionGroups.get GET /accounts/{account_id}/tokens/permission_groups
user.tokens.list GET /user/tokens
user.tokens.get GET /user/tokens/{token_id}
user.tokens.create POST /user/tokens
user.tokens.update PUT /user/tokens/{token_id}
user.tokens.delete DELETE /user/tokens/{token_id}
user.tokens.value.update PUT /user/tokens/{token_id}/value
user.tokens.verify GET /user/tokens/verify
user.tokens.permissionGroups.list GET /user/tokens/permission_groups
`

// scalewayOperations are those of scaleway.md, section 2.
const scalewayOperations = `
createAPIKey POST /api-keys
getAPIKey GET /api-keys/{access_key}
listAPIKeys GET /api-keys
updateAPIKey PATCH /api-keys/{access_key}
deleteAPIKey DELETE /api-keys/{access_key}
deleteUser DELETE /users/{user_id}
listUsers GET /users
getUser GET /users/{user_id}
createUser POST /users
updateUser PATCH /users/{user_id}
updateUserUsername POST /users/{user_id}/update-username
updateUserPassword POST /users/{user_id}/update-password
lockUser POST /users/{user_id}/lock
unlockUser POST /users/{user_id}/unlock
createUserMFAOTP POST /users/{user_id}/mfa-otp
validateUserMFAOTP POST /users/{user_id}/validate-mfa-otp
deleteUserMFAOTP DELETE /users/{user_id}/mfa-otp
listGracePeriods GET /grace-periods
getUserConnections GET /users/{user_id}/connections
initiateUserConnection POST /users/{user_id}/initiate-connection
joinUserConnection POST /users/{user_id}/join-connection
removeUserConnection POST /users/{user_id}/remove-connection
listApplications GET /applications
createApplication POST /applications
getApplication GET /applications/{application_id}
updateApplication PATCH /applications/{application_id}
deleteApplication DELETE /applications/{application_id}
listGroups GET /groups
removeGroupMember POST /groups/{group_id}/remove-member
createGroup POST /groups
getGroup GET /groups/{group_id}
updateGroup PATCH /groups/{group_id}
setGroupMembers PUT /groups/{group_id}/members
addGroupMember POST /groups/{group_id}/add-member
addGroupMembers POST /groups/{group_id}/add-members
deleteGroup DELETE /groups/{group_id}
listPolicies GET /policies
createPolicy POST /policies
getPolicy GET /policies/{policy_id}
updatePolicy PATCH /policies/{policy_id}
deletePolicy DELETE /policies/{policy_id}
clonePolicy POST /policies/{policy_id}/clone
listRules GET /rules
setRules PUT /rules
listPermissionSets GET /permission-sets
listQuota GET /quota
getQuotum GET /quota/{quotum_name}
listSSHKeys GET /ssh-keys
createSSHKey POST /ssh-keys
getSSHKey GET /ssh-keys/{ssh_key_id}
updateSSHKey PATCH /ssh-keys/{ssh_key_id}
deleteSSHKey DELETE /ssh-keys/{ssh_key_id}
listJWTs GET /jwts
createJWT POST /jwts
getJWT GET /jwts/{jti}
deleteJWT DELETE /jwts/{jti}
listLogs GET /logs
getLog GET /logs/{log_id}
getOrganizationSecuritySettings GET /organizations/{organization_id}/security-settings
updateOrganizationSecuritySettings PATCH /organizations/{organization_id}/security-settings
getOrganization GET /organizations/{organization_id}
setOrganizationAlias PUT /organizations/{organization_id}/alias
updateOrganizationLoginMethods PATCH /organizations/{organization_id}/login-methods
getOrganizationSaml GET /organizations/{organization_id}/saml
enableOrganizationSaml POST /organizations/{organization_id}/saml
updateSaml PATCH /saml/{saml_id}
deleteSaml DELETE /saml/{saml_id}
parseSamlMetadata POST /parse-saml-metadata
listSamlCertificates GET /saml/{saml_id}/certificates
addSamlCertificate POST /saml/{saml_id}/certificates
getSamlCertificate GET /saml-certificates/{certificate_id}
deleteSamlCertificate DELETE /saml-certificates/{certificate_id}
getOrganizationScim GET /organizations/{organization_id}/scim
enableOrganizationScim POST /organizations/{organization_id}/scim
deleteScim DELETE /scim/{scim_id}
listScimTokens GET /scim/{scim_id}/tokens
createScimToken POST /scim/{scim_id}/tokens
deleteScimToken DELETE /scim-tokens/{token_id}
getScimToken GET /scim-tokens/{token_id}
startUserWebAuthnRegistration POST /users/{user_id}/start-webauthn-registration
finishUserWebAuthnRegistration POST /users/{user_id}/finish-webauthn-registration
listUserWebAuthnAuthenticators GET /users/{user_id}/webauthn-authenticators
updateWebAuthnAuthenticator PATCH /webauthn-authenticator/{authenticator_id}
deleteWebAuthnAuthenticator DELETE /webauthn-authenticator/{authenticator_id}
checkPermissions POST /check-permissions
metadata GET /metadata
`

// vngcloudOperations are those of vngcloud.md, sections 2 and 10: verb and path.
const vngcloudOperations = `
GET /policies-api/v1/actions
GET /policies-api/v1/groups
POST /policies-api/v1/groups
GET /policies-api/v1/groups/{groupId}
PATCH /policies-api/v1/groups/{groupId}
DELETE /policies-api/v1/groups/{groupId}
GET /policies-api/v1/groups/{groupId}/policies
POST /policies-api/v1/groups/{groupId}/iam-users/{userId}
DELETE /policies-api/v1/groups/{groupId}/iam-users/{userId}
POST /policies-api/v1/policies
GET /policies-api/v1/policies
GET /policies-api/v1/policies/{id}
DELETE /policies-api/v1/policies/{id}
PUT /policies-api/v1/policies/{id}
GET /policies-api/v1/policies/{policyId}/iam-users
POST /policies-api/v1/policies/{policyId}/iam-users/{userId}
DELETE /policies-api/v1/policies/{policyId}/iam-users/{userId}
GET /policies-api/v1/policies/{policyId}/service-accounts
POST /policies-api/v1/policies/{policyId}/service-accounts/{saId}
DELETE /policies-api/v1/policies/{policyId}/service-accounts/{saId}
GET /policies-api/v1/policies/{policyId}/groups
POST /policies-api/v1/policies/{policyId}/groups/{groupId}
DELETE /policies-api/v1/policies/{policyId}/groups/{groupId}
POST /policies-api/v1/compose-policy
GET /policies-api/v1/products
GET /policies-api/v1/resources
GET /policies-api/v1/user-attachments/iam-users/{userId}/policies
GET /policies-api/v1/user-attachments/service-accounts/{userId}/policies
GET /policies-api/v1/user-attachments/iam-users/{userId}/groups
POST /policies-api/v1/policies/compose-policy
GET /policies-api/v1/groups/{groupId}/tags
POST /policies-api/v1/groups/{groupId}/tags
GET /policies-api/v1/policies/{policyId}/tags
POST /policies-api/v1/policies/{policyId}/tags
DELETE /policies-api/v1/policies/{policyId}/tags
GET /policies-api/v1/quotas/policy
GET /policies-api/v1/quotas/group
POST /accounts-api/v2/auth/token
POST /accounts-api/v1/auth/token
GET /accounts-api/v1/auth/userinfo
POST /accounts-api/v1/auth/service-accounts/{id}/impersonate
GET /accounts-api/v1/iam-users
POST /accounts-api/v1/iam-users
GET /accounts-api/v1/iam-users/{id}
DELETE /accounts-api/v1/iam-users/{id}
POST /accounts-api/v1/iam-users/{id}/activate
POST /accounts-api/v1/iam-users/{id}/deactivate
POST /accounts-api/v1/iam-users/{id}/reset-password
GET /accounts-api/v1/iam-users/{id}/tags
POST /accounts-api/v1/iam-users/{id}/tags
DELETE /accounts-api/v1/iam-users/{id}/tags
GET /accounts-api/v1/service-accounts
POST /accounts-api/v1/service-accounts
GET /accounts-api/v1/service-accounts/{id}
PATCH /accounts-api/v1/service-accounts/{id}
DELETE /accounts-api/v1/service-accounts/{id}
POST /accounts-api/v1/service-accounts/{id}/activate
POST /accounts-api/v1/service-accounts/{id}/deactivate
POST /accounts-api/v1/service-accounts/{id}/reset-secret
GET /accounts-api/v1/service-accounts/{id}/trusted-roots
POST /accounts-api/v1/service-accounts/{id}/trusted-roots/{rootPortalId}
DELETE /accounts-api/v1/service-accounts/{id}/trusted-roots/{rootPortalId}
GET /accounts-api/v1/service-accounts/{id}/tags
POST /accounts-api/v1/service-accounts/{id}/tags
DELETE /accounts-api/v1/service-accounts/{id}/tags
`

// exoscaleOperations are those of exoscale.md, section 3.
const exoscaleOperations = `
create-iam-role POST /iam-role
list-iam-roles GET /iam-role
get-iam-role GET /iam-role/{id}
update-iam-role PUT /iam-role/{id}
delete-iam-role DELETE /iam-role/{id}
update-iam-role-policy PUT /iam-role/{id}:policy
update-iam-assume-role-policy PUT /iam-role/{id}:assume-role-policy
assume-iam-role POST /iam-role/{id}/assume
create-api-key POST /api-key
list-api-keys GET /api-key
get-api-key GET /api-key/{id}
delete-api-key DELETE /api-key/{id}
get-iam-organization-policy GET /iam-organization-policy
update-iam-organization-policy PUT /iam-organization-policy
reset-iam-organization-policy POST /iam-organization-policy:reset
list-users GET /user
create-user POST /user
update-user-role PUT /user/{id}
delete-user DELETE /user/{id}
get-organization GET /organization
get-operation GET /operation/{id}
list-zones GET /zone
list-events GET /event
`

// authzenOperations are those of authzen.md, section 1.
const authzenOperations = `
evaluation POST /access/v1/evaluation
evaluations POST /access/v1/evaluations
searchSubject POST /access/v1/search/subject
searchResource POST /access/v1/search/resource
searchAction POST /access/v1/search/action
metadata GET /.well-known/authzen-configuration
`

// organizationSets are the sets of scope organization (scaleway.md, section 7.2).
const organizationSets = `
AbuseTicketManager
AuditTrailExportDelete
AuditTrailExportRead
AuditTrailFullAccess
AuditTrailReadOnly
BillingManager
BillingReadOnly
EnvironmentalImpactReadOnly
IAMApplicationManager
IAMApplicationReadOnly
IAMGroupManager
IAMGroupReadOnly
IAMManager
IAMPolicyManager
IAMPolicyReadOnly
IAMReadOnly
IAMUserManager
IAMUserReadOnly
NotificationManagerFullAccess
NotificationManagerReadOnly
OrganizationManager
OrganizationReadOnly
ProjectManager
ProjectReadOnly
SupportTicketManager
SupportTicketReadOnly
`

// projectSets are the sets of scope projects by category; braces hold alternatives (scaleway.md, section 7.2).
const projectSets = `
all_products: AllProductsFullAccess, AllProductsReadOnly
compute: AutoscalingFullAccess, AutoscalingReadOnly, InstancesFullAccess, InstancesReadOnly, Instances{Image,Ip,PlacementGroup,PrivateNetworkInterface,PrivateNic,SecurityGroup,Server,Snapshot,Volume}{Create,Delete,Read,Write}, Instances{PlacementGroup,PrivateNetworkInterface,SecurityGroup,Server,Snapshot,Volume}List, InstancesServerSerialConsoleAccess, InstancesServerStart, InstancesServerStop, SSHKeysFullAccess, SSHKeysReadOnly
bare_metal: ElasticMetalFullAccess, ElasticMetalReadOnly, AppleSiliconFullAccess, AppleSiliconReadOnly, DediboxFullAccess, DediboxReadOnly, DediboxConsoleFullAccess
storage: ObjectStorageFullAccess, ObjectStorageReadOnly, ObjectStorageObjectsRead, ObjectStorageObjectsWrite, ObjectStorageObjectsDelete, ObjectStorageBucketsRead, ObjectStorageBucketsWrite, ObjectStorageBucketsDelete, ObjectStorageBucketPolicyFullAccess, BlockStorageFullAccess, BlockStorageReadOnly, FileStorageFullAccess, FileStorageReadOnly
network: PrivateNetworksFullAccess, PrivateNetworksReadOnly, VPCFullAccess, VPCReadOnly, IPAMFullAccess, IPAMReadOnly, VPCGatewayFullAccess, VPCGatewayReadOnly, InterlinkFullAccess, InterlinkReadOnly, InterlinkPartnerFullAccess, InterlinkPartnerReadOnly, SiteToSiteVPNFullAccess, SiteToSiteVPNReadOnly, LoadBalancersFullAccess, LoadBalancersReadOnly, EdgeServicesFullAccess, EdgeServicesReadOnly
containers: KubernetesFullAccess, KubernetesReadOnly, KubernetesExternalNodeRegister, KubernetesSystemMastersGroupAccess, ContainerRegistryFullAccess, ContainerRegistryReadOnly
serverless: FunctionsFullAccess, FunctionsReadOnly, FunctionsPrivateAccess, ContainersFullAccess, ContainersReadOnly, ContainersPrivateAccess, ServerlessJobsFullAccess, ServerlessJobsReadOnly
databases: RelationalDatabasesFullAccess, RelationalDatabasesReadOnly, ServerlessSQLDatabaseFullAccess, ServerlessSQLDatabaseReadOnly, ServerlessSQLDatabaseReadWrite, ServerlessSQLDatabaseDataReadWrite, RedisFullAccess, RedisReadOnly, MongoDBFullAccess, MongoDBReadOnly, SearchDBFullAccess, SearchDBReadOnly
ai: GenerativeApisFullAccess, GenerativeApisModelAccess, InferenceFullAccess, InferenceReadOnly
data: DistributedDataLabFullAccess, DistributedDataLabReadOnly, DataWarehouseFullAccess, DataWarehouseReadOnly, KafkaClusterFullAccess, KafkaClusterReadOnly
integration: MessagingAndQueuingFullAccess, MessagingAndQueuingReadOnly, IoTFullAccess, IoTReadOnly
domains_web: DomainsDNSFullAccess, DomainsDNSReadOnly, WebHostingFullAccess, WebHostingReadOnly, MailboxFullAccess, MailboxReadOnly, TransactionalEmailFullAccess, TransactionalEmailReadOnly, TransactionalEmail{Blocklist,Domain,Email,Webhook,ProjectSettings,OfferSubscription}{FullAccess,ReadOnly}, TransactionalEmailPoolReadOnly, TransactionalEmailEmailSmtpCreate, TransactionalEmailEmailApiCreate
monitoring: ObservabilityFullAccess, ObservabilityReadOnly, ObservabilityGrafanaEditor
security: SecretManagerFullAccess, SecretManagerReadOnly, SecretManagerSecret{Access,Create,Delete,Write,Restore}, KeyManagerFullAccess, KeyManagerReadOnly, KeyManagerKey{Write,Decrypt,Encrypt,Sign,Verify,Delete,Create,Restore}
labs: QaaSFullAccess, QaaSReadOnly
`

// vngcloudActions is the catalogue of vngcloud.md, section 11, in its order: product, label, resource types, callers, action.
const vngcloudActions = `
iam List - - ListActions
iam List - - ListProducts
iam List - - ListResources
iam List - - ListGroups
iam Write - - CreateGroup
iam Read iam:group - GetGroup
iam Write iam:group - UpdateGroup
iam Write iam:group - DeleteGroup
iam List iam:group - ListGroupPolicies
iam Write iam:group,iam:iam-user - AddIamUserToGroup
iam Write iam:group,iam:iam-user - RemoveIamUserFromGroup
iam List iam:group - ListGroupTags
iam Tagging iam:group - TagGroup
iam List - - ListPolicies
iam Write - - CreatePolicy
iam Read - - ComposePolicy
iam List iam:policy - GetPolicy
iam Write iam:policy - UpdatePolicy
iam Write iam:policy - DeletePolicy
iam List iam:policy - ListPolicyIamUsers
iam Write iam:policy,iam:iam-user - AttachPolicyToIamUser
iam Write iam:policy,iam:iam-user - DetachPolicyFromIamUser
iam List iam:policy - ListPolicyServiceAccounts
iam Write iam:policy,iam:service-account - AttachPolicyToServiceAccount
iam Write iam:policy,iam:service-account - DetachPolicyFromServiceAccount
iam List iam:policy - ListPolicyGroups
iam Write iam:policy,iam:group - AttachPolicyToGroup
iam Write iam:policy,iam:group - DetachPolicyFromGroup
iam List iam:policy - ListPolicyTags
iam Tagging iam:policy - TagPolicy
iam Tagging iam:policy - UntagPolicy
iam List iam:iam-user - ListIamUserPolicies
iam List iam:service-account - ListServiceAccountPolicies
iam List iam:iam-user - ListIamUserGroups
iam Read - - GetPolicyQuota
iam Read - - GetGroupQuota
iam Read - - GetUserInfo
iam Write iam:service-account - ImpersonateServiceAccount
iam List - - ListIamUsers
iam Write - - CreateIamUser
iam Read iam:iam-user - GetIamUser
iam Write iam:iam-user - DeleteIamUser
iam Write iam:iam-user - ActivateIamUser
iam Write iam:iam-user - DeactivateIamUser
iam Write iam:iam-user - ResetIamUserPassword
iam List iam:iam-user - ListIamUserTags
iam Tagging iam:iam-user - TagIamUser
iam Tagging iam:iam-user - UntagIamUser
iam List - - ListServiceAccounts
iam Write - - CreateServiceAccount
iam Read iam:service-account - GetServiceAccount
iam Write iam:service-account - UpdateServiceAccount
iam Write iam:service-account - DeleteServiceAccount
iam Write iam:service-account - ActivateServiceAccount
iam Write iam:service-account - DeactivateServiceAccount
iam Write iam:service-account - ResetServiceAccountSecret
iam List iam:service-account - ListTrustedRoots
iam Write iam:service-account - AttachTrustedRoot
iam Write iam:service-account - DetachTrustedRoot
iam List iam:service-account - ListServiceAccountTags
iam Tagging iam:service-account - TagServiceAccount
iam Tagging iam:service-account - UntagServiceAccount
iam List - - ListIdentityProviders
iam Write - - CreateIdentityProvider
iam Read iam:identity-provider - GetIdentityProvider
iam Write iam:identity-provider - UpdateIdentityProvider
iam Write iam:identity-provider - DeleteIdentityProvider
iam List - - ListS3Keys
iam Write - - CreateS3Key
iam Read iam:s3-key - GetS3Key
iam Write iam:s3-key - UpdateS3Key
iam Write iam:s3-key - DeleteS3Key
iam List - - ListSwiftUsers
iam Write - - CreateSwiftUser
iam Read iam:swift-user - GetSwiftUser
iam Write iam:swift-user - UpdateSwiftUser
iam Write iam:swift-user - DeleteSwiftUser
vserver List - - ListServer
vserver List - - ListVolumes
vserver List - - ListSecurityGroups
vserver List - - ListSSHKeys
vserver List - - ListVirtualIpAddresses
vserver List - - ListUserImage
vserver List - - ListRouteTable
vserver List - - ListFloatingIps
vserver List - - ListNetworkInterface
vserver List - - ListServerGroups
vserver List - - GetListNetworkAcl
vserver List - - ListQuotaLimits
vserver List - - ListResourceBilling
vserver List - - ListClusters
vserver List - - ListPersistentVolume
vserver List - - ListByStatusAndResourceType
vserver List - - GetByArtifactId
vserver List - - ListBackupServer
vserver List - - ListBackupLocation
vserver List - - ListBackupServerForRestore
vserver List - - ListBackupServerHistories
vserver List - - ListBackupPolicy
vserver List - - ListBackupRestoreHistories
vserver List vserver:vpc - ListVPCs
vserver List vserver:vpc - ListSubnets
vserver List vserver:secgroup - ListSecurityGroupRules
vserver List vserver:secgroup - ListServerBySecurityGroups
vserver List vserver:volume - ListVolumeHistory
vserver List vserver:virtual-ip-address - ListAddressPairs
vserver List vserver:route-table - ListRouteFromRouteTable
vserver List vserver:cluster - ListClusterVolumes
vserver List vserver:cluster - ListClusterNodeGroups
vserver List vserver:cluster - ListClusterSecGroup
vserver List vserver:cluster - ListClusterSecGroupDefault
vserver List vserver:cluster - ListClusterNodes
vserver List vserver:cluster - ListClusterPools
vserver List vserver:backup-server - ListVolumeUsage
vserver List vserver:backup-server - ListBackupServerVolumes
vserver List vserver:backup-server - UpdateBackupServerVolumes
vserver List vserver:backup-server - ListBackupServerRestorePoint
vserver Read vserver:server - GetServer
vserver Read vserver:server - ListActionServer
vserver Read vserver:server - ListVolumeByServer
vserver Read vserver:server - GetBootVolumeByServer
vserver Read vserver:server - GetConsoleLog
vserver Read vserver:server - GetConsoleUrl
vserver Read vserver:server - GetConsoleOfNode
vserver Read vserver:server - ServerSecurityGroupDetail
vserver Read vserver:server - ServerNetworkInterfaceDetail
vserver Read vserver:volume - GetVolume
vserver Read vserver:vpc - GetVPC
vserver Read vserver:secgroup - GetSecurityGroup
vserver Read vserver:ssh-key - GetSSHKey
vserver Read vserver:server-group - GetServerGroup
vserver Read vserver:user-image - GetUserImage
vserver Read vserver:network-interface - GetNetworkInterface
vserver Read vserver:route-table - GetDetailRouteTable
vserver Read vserver:network-acl - GetDetailNetworkAclByUuid
vserver Read vserver:cluster - GetCluster
vserver Read vserver:cluster - GetClusterConfig
vserver Read vserver:cluster-node-group - GetClusterNodeGroups
vserver Read vserver:backup-server - GetBackupServer
vserver Read vserver:backup-policy - GetBackupPolicy
vserver Read vserver:backup - ListBackupServerPointsForRestore
vserver Read - - ListBackupVolumePointsForRestore
vserver Read vserver:vpc,vserver:subnet - GetSubnet
vserver Read vserver:secgroup,vserver:secgroup-rule - GetSecurityGroupRule
vserver Read vserver:cluster,vserver:cluster-node-group - GetClusterNodesByNodeGroup
vserver Write - - CreateServer
vserver Write - - CreateVolume
vserver Write - - CreateVPC
vserver Write - - CreateSecurityGroup
vserver Write - - CreateSSHKey
vserver Write - - ImportSSHKey
vserver Write - - CreateServerGroup
vserver Write - - CreateNetworkInterface
vserver Write - - CreateVirtualIpAddress
vserver Write - - CreateRouteTable
vserver Write - - CreateNetworkAcl
vserver Write - - CreateCluster
vserver Write - - CreateBackupServer
vserver Write - - CreateBackupServerWithDefaultConfig
vserver Write - - EnableBackupServer
vserver Write - - CreateBackupPolicy
vserver Write - - OrderCreation
vserver Write - - StopPOCResource
vserver Write - - CheckResourceExpired
vserver Write - - AutoRenewResource
vserver Write vserver:server - StartServer
vserver Write vserver:server - StopServer
vserver Write vserver:server - RebootServer
vserver Write vserver:server - ResizeServer
vserver Write vserver:server - RenameServer
vserver Write vserver:server - MigrateServer
vserver Write vserver:server - DeleteServer
vserver Write vserver:server - UpdateSecGroupServer
vserver Write vserver:server - CreateUserImage
vserver Write vserver:server - ServerAttachInternalNetworkInterface
vserver Write vserver:server - ServerDetachInternalNetworkInterface
vserver Write vserver:server - ServerAttachExternalNetworkInterface
vserver Write vserver:server - ServerDetachExternalNetworkInterface
vserver Write - - CreateProject
vserver Write vserver:volume,vserver:server - AttachVolume
vserver Write vserver:volume,vserver:server - DetachVolume
vserver Write vserver:server,vserver:floatingIp - ServerAttachFloatingIp
vserver Write vserver:server,vserver:floatingIp - ServerDetachFloatingIp
vserver Write vserver:vpc,vserver:subnet - EditSubnet
vserver Write vserver:vpc,vserver:subnet - DeleteSubnet
vserver Write vserver:secgroup,vserver:secgroup-rule - UpdateSecurityGroupRule
vserver Write vserver:secgroup,vserver:secgroup-rule - DeleteSecurityGroupRule
vserver Write vserver:virtual-ip-address,vserver:address-pair - DeleteAddressPair
vserver Write vserver:cluster,vserver:cluster-node-group - ScaleMinionCluster
vserver Write vserver:volume - ResizeVolume
vserver Write vserver:volume - DeleteVolume
vserver Write vserver:vpc - EditVPC
vserver Write vserver:vpc - DeleteVPC
vserver Write vserver:vpc - CreateSubnet
vserver Write vserver:secgroup - UpdateSecurityGroup
vserver Write vserver:secgroup - DeleteSecurityGroup
vserver Write vserver:secgroup - CreateSecurityGroupRule
vserver Write vserver:ssh-key - DeleteSSHKey
vserver Write vserver:server-group - UpdateServerGroup
vserver Write vserver:server-group - DeleteServerGroup
vserver Write vserver:user-image - DeleteUserImage
vserver Write vserver:network-interface - RenameNetworkInterface
vserver Write vserver:network-interface - DeleteNetworkInterface
vserver Write vserver:virtual-ip-address - UpdateVirtualIpAddress
vserver Write vserver:virtual-ip-address - DeleteVirtualIpAddress
vserver Write vserver:virtual-ip-address - CreateAddressPair
vserver Write vserver:route-table - EditListRouteFromRouteTable
vserver Write vserver:route-table - DeleteRouteTable
vserver Write vserver:network-acl - UpdateAssociatedSubnetsOfNetworkACL
vserver Write vserver:network-acl - UpdateInboundOutboundOfNetworkACL
vserver Write vserver:network-acl - DeleteNetworkAcl
vserver Write vserver:floatingIp - DeleteFloatingIp
vserver Write vserver:persistent-volume - DeletePersistentVolume
vserver Write vserver:cluster - DeleteCluster
vserver Write vserver:cluster - UpdateClusterSecGroup
vserver Write vserver:cluster - UpdateClusterDescription
vserver Write vserver:cluster - CreateClusterNodeGroups
vserver Write vserver:cluster-node-group - DeleteClusterNodeGroups
vserver Write vserver:backup-server - DeleteBackupServer
vserver Write vserver:backup-server - DisableBackupServer
vserver Write vserver:backup-server - UpdatePolicyOfBackupServer
vserver Write vserver:backup-policy - UpdateBackupPolicy
vserver Write vserver:backup-policy - DeleteBackupPolicy
vlb List - - ListLoadBalancers
vlb List - - ListCertificateAuthority
vlb List vlb:load-balancer - ListLoadBalancerListeners
vlb List vlb:load-balancer - ListLoadBalancerPools
vlb List vlb:load-balancer,vlb:load-balancer-listener - ListLoadBalancerMembers
vlb List vlb:load-balancer,vlb:load-balancer-listener - ListLoadBalancerL7Policy
vlb List vlb:subnet - ListLoadBalancerBySubnet
vlb Read vlb:load-balancer - GetLoadBalancer
vlb Read vlb:load-balancer,vlb:load-balancer-listener - GetLoadBalancerListener
vlb Read vlb:load-balancer,vlb:load-balancer-listener - GetLoadBalancerPool
vlb Read vlb:load-balancer,vlb:load-balancer-listener - GetLoadBalancerHealthMonitor
vlb Read vlb:load-balancer,vlb:load-balancer-l7policy - GetLoadBalancerL7Policy
vlb Read vlb:certificate-authority - GetCertificateAuthority
vlb Write - - CreateLoadBalancer
vlb Write - - ImportCertificateAuthority
vlb Write vlb:load-balancer - DeleteLoadBalancer
vlb Write vlb:load-balancer - CreateLoadBalancerListener
vlb Write vlb:load-balancer - CreateLoadBalancerPool
vlb Write vlb:load-balancer,vlb:load-balancer-listener - UpdateLoadBalancerListener
vlb Write vlb:load-balancer,vlb:load-balancer-listener - DeleteLoadBalancerListener
vlb Write vlb:load-balancer,vlb:load-balancer-listener - UpdateLoadBalancerPool
vlb Write vlb:load-balancer,vlb:load-balancer-listener - DeleteLoadBalancerPool
vlb Write vlb:load-balancer,vlb:load-balancer-listener - UpdateListLoadBalancerMembers
vlb Write vlb:load-balancer,vlb:load-balancer-listener - CreateLoadBalancerL7Policy
vlb Write vlb:load-balancer,vlb:load-balancer-listener - ReorderL7Policies
vlb Write vlb:load-balancer,vlb:load-balancer-l7policy - UpdateLoadBalancerL7Policy
vlb Write vlb:load-balancer,vlb:load-balancer-l7policy - DeleteLoadBalancerL7Policy
vlb Write vlb:certificate-authority - DeleteCertificateAuthority
vlb Write vlb:cluster - AttachLoadBalancerToCluster
vstorage List - both ListRegions
vstorage List - both ListProjects
vstorage List - portal GetDisabledProject
vstorage List vstorage:project both ListProjectMembers
vstorage List vstorage:project both ListProjectStatistics
vstorage List vstorage:project both ListContainers
vstorage List vstorage:project both SearchContainers
vstorage List vstorage:container both ListObjects
vstorage List vstorage:container both ListContainerACLs
vstorage List vstorage:container both SearchObjects
vstorage List vstorage:container portal ListContainerLifecycleRules
vstorage List vstorage:container api ListDirectories
vstorage List vstorage:object both ListObjectTags
vstorage List vstorage:object both ListObjectMetadata
vstorage List vstorage:object both ListObjectVersions
vstorage List - both ListS3Keys
vstorage Read - api GetUserInfo
vstorage Read - api GetRegionInfo
vstorage Read - api GetProjectQuota
vstorage Read - portal GetUserQuotaStatistics
vstorage Read - portal GetUserRequestStatistics
vstorage Read - portal GetUserTrafficStatistics
vstorage Read - portal GetUserUsageStatistics
vstorage Read - both GetUserUsage
vstorage Read vstorage:project both GetProject
vstorage Read vstorage:project both GetProjectInfo
vstorage Read vstorage:project both GetCurrentProjectRequest
vstorage Read vstorage:project both GetProjectQuotaStatistics
vstorage Read vstorage:project both GetProjectRequestStatistics
vstorage Read vstorage:project both GetProjectTraffic
vstorage Read vstorage:project both GetProjectTrafficStatistics
vstorage Read vstorage:project both GetProjectTrafficSummary
vstorage Read vstorage:project both GetProjectUsage
vstorage Read vstorage:project both GetProjectUsageStatistics
vstorage Read vstorage:project both SearchProjectTraffic
vstorage Read vstorage:project portal GetProjectIPrangeACLs
vstorage Read vstorage:project portal GetProjectURLs
vstorage Read vstorage:project api SearchProjectTrafficInTimeRange
vstorage Read vstorage:container both GetContainerInfo
vstorage Read vstorage:container both GetContainerCORS
vstorage Read vstorage:container both GetContainerPublicAccessInfo
vstorage Read vstorage:container both GetContainerURL
vstorage Read vstorage:container portal ListGetContainerIPrangeACLs
vstorage Read vstorage:container portal GetLifecyceRuleInfo
vstorage Read vstorage:object both GetObjectInfo
vstorage Read vstorage:object both GetObjectDownloadTempURL
vstorage Read vstorage:object both GetDirectoryDownloadTempURL
vstorage Write - api CreateProject
vstorage Write vstorage:project api DeleteProject
vstorage Write vstorage:project api ResizeProject
vstorage Write vstorage:project api UpdateProject
vstorage Write vstorage:project both GetProjectsSummaryMethodDetails
vstorage Write vstorage:project both SearchProjectUsageInTimeRange
vstorage Write vstorage:project portal StopProjectPoc
vstorage Write vstorage:project portal UpdateProjectIPrangeACLs
vstorage Write vstorage:container both CreateContainer
vstorage Write vstorage:container both CreateDirectory
vstorage Write vstorage:container both DeleteContainer
vstorage Write vstorage:container both SetContainerCORS
vstorage Write vstorage:container both DeleteContainerCORS
vstorage Write vstorage:container both UpdateContainerACLs
vstorage Write vstorage:container both UpdateContainerPublicAccess
vstorage Write vstorage:container both UpdateContainerVersioning
vstorage Write vstorage:container portal CreateLifecycleRule
vstorage Write vstorage:container portal UpdateLifecycleRule
vstorage Write vstorage:container portal DeleteLifecycleRule
vstorage Write vstorage:container portal UpdateContainerIPrangeACLs
vstorage Write vstorage:container api UploadObject
vstorage Write vstorage:container api UpdateContainerStaticWeb
vstorage Write vstorage:container api DeleteContainerStaticWeb
vstorage Write vstorage:object both DeleteDirectory
vstorage Write vstorage:object both DeleteObject
vstorage Write vstorage:object both GenerateDirectoryUploadTempURL
vstorage Write vstorage:object both GenerateObjectUploadTempURL
vstorage Write vstorage:object both RestoreObjectVersion
vstorage Write vstorage:object both UpdateObjectMetadata
vstorage Write vstorage:object both UpdateObjectTags
vstorage Write vstorage:object api DeleteObjectVerions
vmonitor List - - ListAlarms
vmonitor List - - ListDashboards
vmonitor List - - ListLogProjects
vmonitor List - - ListHosts
vmonitor List - - ListNotifications
vmonitor List - - ListApiKeys
vmonitor Read vmonitor:alarm - GetAlarm
vmonitor Read vmonitor:dashboard - GetDashboard
vmonitor Read vmonitor:log-project - GetLogProject
vmonitor Read vmonitor:log-project - SearchLogs
vmonitor Read vmonitor:host - GetHost
vmonitor Write - - CreateAlarm
vmonitor Write - - CreateDashboard
vmonitor Write - - CreateLogProject
vmonitor Write - - CreateNotification
vmonitor Write - - PushMetrics
vmonitor Write vmonitor:alarm - UpdateAlarm
vmonitor Write vmonitor:alarm - DeleteAlarm
vmonitor Write vmonitor:dashboard - UpdateDashboard
vmonitor Write vmonitor:dashboard - DeleteDashboard
vmonitor Write vmonitor:log-project - DeleteLogProject
vmonitor Write vmonitor:notification - DeleteNotification
vks List - - ListClusters
vks Write - - CreateCluster
vks Read vks:cluster - GetCluster
vks Read vks:cluster - GetKubeconfig
vks Write vks:cluster - UpdateCluster
vks Write vks:cluster - DeleteCluster
vks List vks:cluster - ListNodeGroups
vks Write vks:cluster - CreateNodeGroup
vks Read vks:cluster,vks:node-group - GetNodeGroup
vks Write vks:cluster,vks:node-group - UpdateNodeGroup
vks Write vks:cluster,vks:node-group - DeleteNodeGroup
vdb List - - ListInstances
vdb List - - ListBackups
vdb Write - - CreateInstance
vdb Read vdb:instance - GetInstance
vdb Write vdb:instance - StartInstance
vdb Write vdb:instance - StopInstance
vdb Write vdb:instance - ResizeInstance
vdb Write vdb:instance - DeleteInstance
vdb Write vdb:instance - CreateBackup
vdb Read vdb:backup - GetBackup
vdb Write vdb:backup - RestoreBackup
vdb Write vdb:backup - DeleteBackup
`

// managedPolicies are those of vngcloud.md, section 11.8.
const managedPolicies = `
3cd82403-be4a-44e9-bde1-9205d66f38d9 IAMFullAccess
9ff76556-9737-4718-9453-4ba5eac0a904 IAMReadOnlyAccess
ef38ac9e-ae09-4953-8b55-b28687b2cc79 vServerFullAccess
b63dd647-347f-47a2-9a21-4003bcef7bac vServerReadOnlyAccess
5dbe289b-4fc0-46ad-9f18-47064a0faae0 vLBFullAccess
f3486bbe-81a2-480b-99c4-9980728e86df vLBReadOnlyAccess
6085cebd-17bf-4df6-b6d2-bb7c7769f1a0 vStorageFullAccess
17b31005-2760-4f6c-ac73-5953ec52ddfa vStorageReadOnlyAccess
0f5fe828-ab47-441d-a167-398b6d7a3577 vStorageNormalAccess
d882a78f-c08b-4e33-991d-3b276723335c vStorageAPIFullAccess
3e1ee27d-f8bd-401a-8ab2-03a3d1fdf71e vStorageAPIReadOnlyAccess
9d4e2ff8-3920-44df-a81d-058e19120161 vStorageIAMUserFullAccess
1617a48f-7c0a-4292-bab2-f341799ab309 vStorageIAMUserReadOnlyAccess
b8500577-1e38-45ee-8049-0c1bef0f4e8b vStorageClientToolFullAccess
000ef518-534e-4c39-890d-19d2f1a6ae9e vStorageClientToolReadOnlyAccess
5e892948-7052-4042-b69b-e584c87948df vMonitorFullAccess
4679ef00-d815-11ed-afa1-0242ac120002 vMonitorMetricPush
`
