package iam

import (
	"net/netip"
	"time"

	"github.com/writ-iam/writ/internal/policy"
)

// Entities are values that are never changed once they are in a State: a change stores a new one. Their JSON form is
// what the store keeps; names there are part of the storage format. Times are UTC with microseconds.

// Organization is the tenant: the border that nothing crosses.
type Organization struct {
	ID      OrgID  `json:"id"`
	Name    string `json:"name"`
	Account int64  `json:"account"` // the short number, unique in the installation
	// Owner acts with one managed policy that allows everything, and cannot be removed. None in PlatformOrg.
	Owner     UserID           `json:"owner,omitzero"`
	Suspended bool             `json:"suspended,omitempty"` // decides deny, refuses writes
	Quotas    map[string]int64 `json:"quotas,omitempty"`    // limits that differ from DefaultQuota
	Alias     string           `json:"alias,omitempty"`     // for signing in; unique in the installation, never changed
	// Security and Logins are nil as long as nobody has changed them; see State.SecuritySettings and State.LoginMethods.
	Security *SecuritySettings `json:"security,omitempty"`
	Logins   *LoginMethods     `json:"login_methods,omitempty"`
	// Policy bounds what anybody in the organization may do, in the language exoscale and as its author wrote it, byte for byte; ""
	// bounds nothing.
	Policy    string    `json:"policy,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`

	Program *policy.Program `json:"-"` // compiled from Policy; nil without one
}

// Person is someone of the installation: one email, one person. Persons live in PlatformOrg.
type Person struct {
	ID        PersonID  `json:"id"`
	Email     string    `json:"email"` // as given; compared without case
	Name      string    `json:"name"`
	Enabled   bool      `json:"enabled"` // false: nobody anywhere
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// DirectoryEntry is one organization in PlatformOrg's list. It is written before the organization's first commit and
// holds all that this commit needs, so that a creation that was cut short is finished on first touch.
type DirectoryEntry struct {
	ID        OrgID     `json:"id"`
	Name      string    `json:"name"`
	Account   int64     `json:"account"`
	Owner     UserID    `json:"owner"`
	Person    PersonID  `json:"person"`
	CreatedAt time.Time `json:"created_at"`
}

// Joined is one membership of a group, kept with the member.
type Joined struct {
	Group GroupID   `json:"group"`
	At    time.Time `json:"at"`
}

// Attached is one attachment of a policy, kept with the holder.
type Attached struct {
	Policy PolicyID  `json:"policy"`
	At     time.Time `json:"at"`
}

// User is somebody in one organization: a person's membership of it, or a local user, who belongs to it alone. Email and Name
// of a member are the person's.
type User struct {
	ID       UserID   `json:"id"`
	Person   PersonID `json:"person,omitzero"`    // zero for a local user
	Username string   `json:"username,omitempty"` // of a local user; see Login
	Email    string   `json:"email"`              // "" for a local user who gave none
	Name     string   `json:"name"`               // of a local user: FirstName and LastName, or the Username if both are empty
	// What the organization notes about the user.
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	Phone     string `json:"phone,omitempty"`
	Locale    string `json:"locale,omitempty"`
	Tags      []Tag  `json:"tags,omitempty"`

	Disabled bool       `json:"disabled,omitempty"` // nobody in this organization
	Groups   []Joined   `json:"groups,omitempty"`   // in order of joining
	Policies []Attached `json:"policies,omitempty"` // in order of attaching
	// Role is the one role whose rights the user has beside all others; zero for none. See State.RoleOf.
	Role      RoleID    `json:"role,omitzero"`
	AddedAt   time.Time `json:"added_at"`
	UpdatedAt time.Time `json:"updated_at,omitzero"` // of all but groups, policies and role
}

// Local reports whether the user belongs to this organization alone, and is no person of the installation.
func (u *User) Local() bool { return u.Person.IsZero() }

// Login is what the user is called at sign-in: the username, and the address of a person, who has none.
func (u *User) Login() string {
	if u.Local() {
		return u.Username
	}
	return u.Email
}

// Invitation waits for somebody whom the installation does not know yet.
type Invitation struct {
	ID        InvitationID `json:"id"`
	Email     string       `json:"email"`
	Tags      []Tag        `json:"tags,omitempty"`     // the user's on acceptance
	Groups    []GroupID    `json:"groups,omitempty"`   // joined on acceptance
	Policies  []Attached   `json:"policies,omitempty"` // the user's on acceptance
	Role      RoleID       `json:"role,omitzero"`      // the user's on acceptance
	InvitedBy Inviter      `json:"invited_by"`
	CreatedAt time.Time    `json:"created_at"`
	ExpiresAt time.Time    `json:"expires_at"`
}

// Inviter is who invited, as they were called then.
type Inviter struct {
	ID    UUID   `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email,omitempty"`
}

// ServiceAccount is an identity for programs.
type ServiceAccount struct {
	ID          ServiceAccountID `json:"id"`
	Name        string           `json:"name"`
	DisplayName *string          `json:"display_name,omitempty"`
	Description *string          `json:"description,omitempty"`
	Tags        []Tag            `json:"tags,omitempty"`
	Enabled     bool             `json:"enabled"`
	Groups      []Joined         `json:"groups,omitempty"`
	Policies    []Attached       `json:"policies,omitempty"`
	// Token makes it an account token, which acts for the organization and for nobody in it: the service account is made
	// for that credential alone, and goes with it.
	Token CredentialID `json:"token,omitzero"`
	// AccessTokenLifeSpan is how long tokens are good for that its access keys are exchanged for, in seconds; 0 for
	// DefaultTokenLifeSpan.
	AccessTokenLifeSpan int64 `json:"access_token_life_span,omitempty"`
	// TrustedRoots are the account numbers of other organizations that may let their principals act as it, in the order in which they
	// were added.
	TrustedRoots []int64   `json:"trusted_roots,omitempty"`
	CreatedAt    time.Time `json:"created_at"`
	UpdatedAt    time.Time `json:"updated_at"`
}

// Group holds users and service accounts, which hold the group's policies through it. The members are kept with
// themselves (Joined); State.Members lists them.
type Group struct {
	ID          GroupID    `json:"id"`
	Name        string     `json:"name"`
	Description *string    `json:"description,omitempty"`
	Tags        []Tag      `json:"tags,omitempty"`
	Policies    []Attached `json:"policies,omitempty"`
	// Federated makes it a group whose members an identity provider names: nobody is put into it or taken out by hand.
	Federated bool      `json:"federated,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Role is assumed for a while by those whom its trust policy or assume policy lets; a session then acts with the role's policies
// alone, and so do its credentials. A user may have one role beside their own policies.
type Role struct {
	ID          RoleID        `json:"id"`
	Name        string        `json:"name"`
	Description *string       `json:"description,omitempty"`
	Trust       *policy.Trust `json:"trust,omitempty"`  // nil: it lets nobody
	Assume      *AssumePolicy `json:"assume,omitempty"` // nil: it lets nobody
	// Frozen forbids for ever to change Trust, Assume and which policies are the role's.
	Frozen      bool       `json:"frozen,omitempty"`
	Permissions []string   `json:"permissions,omitempty"` // of RolePermissions, each once; what no policy can grant
	MaxSession  int64      `json:"max_session,omitempty"` // seconds that a session lasts at most; 0 is no bound
	Tags        []Tag      `json:"tags,omitempty"`
	Policies    []Attached `json:"policies,omitempty"`
	CreatedAt   time.Time  `json:"created_at"`
	UpdatedAt   time.Time  `json:"updated_at"`

	predefined uint8 // the place of a predefined one, from 1; 0 for others
}

// AssumePolicy says in Exoscale's language who may assume a role: whom it allows to, when they may call the operation at all.
type AssumePolicy struct {
	Document string `json:"document"` // as its author wrote it, byte for byte

	Program *policy.Program `json:"-"` // compiled from Document; never nil in a State
}

// Policy is a document in one of the policy languages, kept byte for byte, with what it compiles to.
type Policy struct {
	ID          PolicyID        `json:"id"`
	Name        string          `json:"name"`
	Description *string         `json:"description,omitempty"`
	Tags        []Tag           `json:"tags,omitempty"`
	Language    policy.Language `json:"language"`
	Document    string          `json:"document"` // as its author wrote it, byte for byte
	// Of is the one holder to which an own policy belongs: it is attached there and nowhere else, and goes with it. Zero for
	// a policy that stands by itself.
	Of        Holder    `json:"of,omitzero"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	// WrittenAt is when Document was put in last, be it with the same text. Zero when that is not known.
	WrittenAt time.Time `json:"written_at,omitzero"`

	Managed bool              `json:"-"` // see State.ManagedPolicies
	Program *policy.Program   `json:"-"` // compiled from Document; never nil in a State
	Scopes  []ResourceGroupID `json:"-"` // the resource groups that Document names, each once; found when it is compiled
}

// CredentialKind says in which manner a credential is presented.
type CredentialKind string

// The kinds of credentials.
const (
	AccessKey CredentialKind = "access_key" // access key id and secret; the secret alone is a bearer token
	Token     CredentialKind = "token"      // a signed token that names the credential
)

// PrincipalKind says what a principal is.
type PrincipalKind string

// The kinds of principals, in the words of audit events.
const (
	KindOfUser           PrincipalKind = "user"
	KindOfServiceAccount PrincipalKind = "service_account"
	KindOfRole           PrincipalKind = "role"   // a role session
	KindOfSystem         PrincipalKind = "system" // writ itself
)

// Principal names who holds or does something within one organization. It is comparable.
type Principal struct {
	Kind PrincipalKind `json:"kind"`
	ID   UUID          `json:"id"`
}

// Credential proves that its bearer is a principal. The secret itself is nowhere: only Hash, keyed with the
// installation's key, is kept; and Sealed, where the secret is to verify signatures.
type Credential struct {
	ID        CredentialID   `json:"id"`
	Principal Principal      `json:"principal"` // a user, a service account or a role
	Kind      CredentialKind `json:"kind"`
	Name      string         `json:"name"`
	AccessKey string         `json:"access_key,omitempty"` // for Kind AccessKey: the public id, unique in the installation
	Hash      []byte         `json:"hash,omitempty"`       // for Kind AccessKey
	Sealed    []byte         `json:"sealed,omitempty"`     // the secret, encrypted, of an access key that signs requests
	CreatedAt time.Time      `json:"created_at"`
	UpdatedAt time.Time      `json:"updated_at,omitzero"`  // of the credential or its secret
	NotBefore *time.Time     `json:"not_before,omitempty"` // nil: from the beginning
	ExpiresAt *time.Time     `json:"expires_at,omitempty"` // nil: never
	Disabled  bool           `json:"disabled,omitempty"`

	// AllowedIPs are from where it may be used, but for DeniedIPs; none means from everywhere.
	AllowedIPs []netip.Prefix `json:"allowed_ips,omitempty"`
	DeniedIPs  []netip.Prefix `json:"denied_ips,omitempty"`
	// Policies are a boundary of whoever bears it: they grant nothing, and what they do not allow is denied. None is no
	// boundary.
	Policies     []CredentialPolicy `json:"policies,omitempty"`
	CreatorEmail string             `json:"creator_email,omitempty"` // as it was then; "" when no person made it

	Description string    `json:"description,omitempty"`
	Project     ProjectID `json:"project,omitzero"`      // where its bearer makes things that name none; never zero in a State
	CreationIP  string    `json:"creation_ip,omitempty"` // from where it was made; "" when that is not known
}

// CredentialPolicy is a document of a credential's own.
type CredentialPolicy struct {
	ID       PolicyID        `json:"id"`
	Language policy.Language `json:"language"`
	Document string          `json:"document"` // as its author wrote it, byte for byte

	Program *policy.Program `json:"-"` // compiled from Document; never nil in a State
}

// Session is one assumption of a role.
type Session struct {
	ID       SessionID `json:"id"`
	Role     RoleID    `json:"role"`
	RoleName string    `json:"role_name"`
	// Principal assumed the role; its ID is zero for a workload, whose CRN is PrincipalName.
	Principal     Principal  `json:"principal"`
	PrincipalName string     `json:"principal_name"`
	Name          string     `json:"name"`
	AccessKey     string     `json:"access_key"`
	Hash          []byte     `json:"hash"`
	Sealed        []byte     `json:"sealed,omitempty"` // the secret, encrypted, of an access key that signs requests
	SourceIP      string     `json:"source_ip,omitempty"`
	CreatedAt     time.Time  `json:"created_at"`
	ExpiresAt     time.Time  `json:"expires_at"`
	RevokedAt     *time.Time `json:"revoked_at,omitempty"`
	RevokedReason *string    `json:"revoked_reason,omitempty"`
}

// ActiveAt reports whether the session is neither expired nor revoked at a time.
func (s *Session) ActiveAt(now time.Time) bool { return s.RevokedAt == nil && now.Before(s.ExpiresAt) }

// Use is when a credential or session was last used. It is kept apart from what it belongs to, so that recording it
// changes nothing else.
type Use struct {
	ID UUID      `json:"id"` // of the credential or session
	At time.Time `json:"at"`
}

// SealedKey is a key of the installation, encrypted under the master key. SealedKeys live in PlatformOrg.
type SealedKey struct {
	ID        UUID      `json:"id"`
	Purpose   string    `json:"purpose"` // authn's word for what it is for
	Sealed    []byte    `json:"sealed"`
	Public    []byte    `json:"public,omitempty"` // for a key pair: the public half
	CreatedAt time.Time `json:"created_at"`
}

// CatalogFile is a file that operators added to the catalogue. CatalogFiles live in PlatformOrg. What the content means is
// not known here.
type CatalogFile struct {
	ID        UUID      `json:"id"`
	Name      string    `json:"name"`
	Content   string    `json:"content"` // as it was given, byte for byte
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}
