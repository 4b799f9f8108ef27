package iam

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The domain's own limits: the widest of the five vendors'. A dialect may refuse earlier.
const (
	MaxName        = 255  // characters of a name
	MaxDescription = 4096 // characters of a description or display name
	MaxEmail       = 254  // bytes of an address (RFC 5321, section 4.5.3.1)
	MaxNamePart    = 127  // characters of a user's first and last name, which make a name

	MinUsername = 2 // characters of a username
	MaxUsername = 64

	MaxTags     = 50  // of one thing
	MaxTagKey   = 128 // characters
	MaxTagValue = 256

	MaxSSHKeyName = 1000 // characters

	MaxCredentialPolicies = 100 // of one credential
	MaxCredentialRanges   = 100 // of addresses, in each of its two lists

	MaxCatalogFile     = 1 << 20 // bytes of a catalogue file
	MaxCatalogFiles    = 100     // of the installation
	MaxCatalogFileName = 64      // bytes of its name

	MaxEntityID         = 1024  // bytes of an identity provider's name
	MaxURL              = 2048  // bytes
	MaxCertificate      = 16384 // bytes of a certificate in PEM
	MaxSAMLCertificates = 20
	MaxSCIMTokens       = 20

	MaxRoleSession = 365 * 24 * time.Hour // that a role may let its sessions last

	MaxScopeObjects = 1000 // of a resource group
	MaxMeta         = 16   // entries of a resource group's meta

	// SessionsKept is how long an ended role session stays listed (bycloud.md, 16.5).
	SessionsKept = 30 * 24 * time.Hour
)

// The quotas of an organization. An operator changes them one by one.
const (
	QuotaUsers           = "users"
	QuotaInvitations     = "invitations"
	QuotaServiceAccounts = "service_accounts"
	QuotaGroups          = "groups"
	QuotaRoles           = "roles"
	QuotaPolicies        = "policies"
	QuotaSessions        = "sessions"    // kept, ended ones too
	QuotaCredentials     = "credentials" // of one principal
	QuotaAttachments     = "attachments" // policies of one holder
	QuotaMemberships     = "memberships" // groups of one member
	QuotaConnectors      = "connectors"
	QuotaResourceGroups  = "resource_groups"
	QuotaProjects        = "projects" // the default one not
	QuotaSSHKeys         = "ssh_keys"
)

// DefaultQuota holds every quota with its limit in a new organization (design.md, section 9).
var DefaultQuota = map[string]int64{
	QuotaUsers:           5000,
	QuotaInvitations:     5000,
	QuotaServiceAccounts: 5000,
	QuotaGroups:          5000,
	QuotaRoles:           5000,
	QuotaPolicies:        5000,
	QuotaSessions:        100_000,
	QuotaCredentials:     100,
	QuotaAttachments:     1000,
	QuotaMemberships:     1000,
	QuotaConnectors:      100,
	QuotaResourceGroups:  5000,
	QuotaProjects:        5000,
	QuotaSSHKeys:         5000,
}

// checkName refuses what no dialect can show: nothing, too much, control characters, invalid UTF-8.
func checkName(field, name string) error { return checkNameWithin(field, name, MaxName) }

// checkNameWithin is checkName for names of another length.
func checkNameWithin(field, name string, limit int) error {
	switch {
	case name == "":
		return FieldErrorf(Invalid, field, "is required")
	case utf8.RuneCountInString(name) > limit:
		return FieldErrorf(Invalid, field, "has at most %d characters", limit)
	case strings.ContainsFunc(name, unicode.IsControl): // white space too, which a description may have
		return FieldErrorf(Invalid, field, "holds a control character")
	}
	return checkText(field, &name)
}

// checkText refuses a text that is too long, invalid UTF-8 or has control characters other than white space.
func checkText(field string, text *string) error {
	switch {
	case text == nil:
		return nil
	case !utf8.ValidString(*text):
		return FieldErrorf(Invalid, field, "is not valid UTF-8")
	case utf8.RuneCountInString(*text) > MaxDescription:
		return FieldErrorf(Invalid, field, "has at most %d characters", MaxDescription)
	case strings.ContainsFunc(*text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' }):
		return FieldErrorf(Invalid, field, "holds a control character")
	}
	return nil
}

// checkPart refuses what cannot be part of a name; it may be empty.
func checkPart(field, text string) error {
	if text == "" {
		return nil
	}
	return checkNameWithin(field, text, MaxNamePart)
}

// checkUsername accepts the names that local users can have.
func checkUsername(name string) error {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@._-"
	switch {
	case name == "":
		return FieldErrorf(Invalid, "username", "is required")
	case len(name) < MinUsername || len(name) > MaxUsername:
		return FieldErrorf(Invalid, "username", "has %d to %d characters", MinUsername, MaxUsername)
	case strings.Trim(name, letters) != "":
		return FieldErrorf(Invalid, "username", "holds letters, digits, @, dots, underscores and dashes alone")
	}
	return nil
}

// CheckEmail accepts the addresses that people have: something, one "@", a domain; no spaces and no control characters.
// It is not a full RFC 5322 parser, because quoted local parts and comments only serve confusion.
func CheckEmail(field, email string) error {
	local, domain, ok := strings.Cut(email, "@")
	switch {
	case email == "":
		return FieldErrorf(Invalid, field, "is required")
	case len(email) > MaxEmail:
		return FieldErrorf(Invalid, field, "has at most %d bytes", MaxEmail)
	case !ok || local == "" || domain == "" || strings.Contains(domain, "@"),
		strings.HasPrefix(domain, "."), strings.HasSuffix(domain, "."),
		!utf8.ValidString(email),
		strings.ContainsFunc(email, func(r rune) bool {
			return unicode.IsControl(r) || unicode.IsSpace(r) || strings.ContainsRune(`"(),:;<>[\]`, r)
		}):
		return FieldErrorf(Invalid, field, "is not an email address")
	}
	return nil
}
