package iam

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"
)

// UUID is a 128-bit identifier (RFC 9562). The zero value is the nil UUID and stands for "none".
//
// Every kind of thing has an id type of its own that embeds UUID, so that one kind cannot be passed for another.
type UUID [16]byte

// OrgID names an organization.
type OrgID struct{ UUID }

// PersonID names a person of the installation, whatever organizations they belong to.
type PersonID struct{ UUID }

// UserID names a person's membership of one organization.
type UserID struct{ UUID }

// InvitationID names an invitation.
type InvitationID struct{ UUID }

// ServiceAccountID names a service account.
type ServiceAccountID struct{ UUID }

// GroupID names a group.
type GroupID struct{ UUID }

// RoleID names a role.
type RoleID struct{ UUID }

// PolicyID names a policy.
type PolicyID struct{ UUID }

// ResourceGroupID names a resource group.
type ResourceGroupID struct{ UUID }

// ProjectID names a project.
type ProjectID struct{ UUID }

// SSHKeyID names an SSH key.
type SSHKeyID struct{ UUID }

// CredentialID names a credential.
type CredentialID struct{ UUID }

// SessionID names a role session.
type SessionID struct{ UUID }

// UserSessionID names a session of a user.
type UserSessionID struct{ UUID }

// AuthenticatorID names an authenticator of a user.
type AuthenticatorID struct{ UUID }

// ConnectorID names a connector.
type ConnectorID struct{ UUID }

// SAMLID names an organization's SAML.
type SAMLID struct{ UUID }

// SAMLCertificateID names a certificate of an identity provider.
type SAMLCertificateID struct{ UUID }

// SCIMID names an organization's SCIM.
type SCIMID struct{ UUID }

// SCIMTokenID names a token of an identity provider.
type SCIMTokenID struct{ UUID }

// OperationID names an operation.
type OperationID struct{ UUID }

// EventID names an audit event.
type EventID struct{ UUID }

// PlatformOrg is the organization in which the installation keeps what belongs to no organization: people, the
// directory of organizations, operators and sealed keys. Its id is reserved and never handed out.
var PlatformOrg = OrgID{UUID{15: 1}}

// ParseUUID reads the canonical form: 36 characters, hyphens after 8, 12, 16 and 20 digits (RFC 9562, section 4).
// Digits of either case are accepted; braces, "urn:uuid:" and the form without hyphens are not.
func ParseUUID(s string) (UUID, error) {
	var u UUID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return UUID{}, fmt.Errorf("%.40q is not a UUID", s)
	}
	src := [5]string{s[0:8], s[9:13], s[14:18], s[19:23], s[24:36]}
	at := 0
	for _, part := range src {
		n, err := hex.Decode(u[at:], []byte(part))
		if err != nil {
			return UUID{}, fmt.Errorf("%.40q is not a UUID", s)
		}
		at += n
	}
	return u, nil
}

// NewUUID makes a version 7 UUID (RFC 9562, section 5.7) of a time, in milliseconds, and ten random bytes. Ids made
// later compare greater, up to the millisecond.
func NewUUID(now time.Time, random [10]byte) UUID {
	var u UUID
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(now.UnixMilli()))
	copy(u[0:6], ms[2:8])
	copy(u[6:16], random[:])
	u[6] = u[6]&0x0f | 0x70
	u[8] = u[8]&0x3f | 0x80
	return u
}

// String is the canonical lower-case form.
func (u UUID) String() string { return string(u.append(make([]byte, 0, 36))) }

func (u UUID) append(b []byte) []byte {
	b = hex.AppendEncode(b, u[0:4])
	b = append(b, '-')
	b = hex.AppendEncode(b, u[4:6])
	b = append(b, '-')
	b = hex.AppendEncode(b, u[6:8])
	b = append(b, '-')
	b = hex.AppendEncode(b, u[8:10])
	b = append(b, '-')
	return hex.AppendEncode(b, u[10:16])
}

// IsZero reports whether u is the nil UUID.
func (u UUID) IsZero() bool { return u == UUID{} }

// Compare orders ids by their bytes: -1, 0 or +1.
func (u UUID) Compare(v UUID) int {
	a, b := binary.BigEndian.Uint64(u[:8]), binary.BigEndian.Uint64(v[:8])
	if a == b {
		a, b = binary.BigEndian.Uint64(u[8:]), binary.BigEndian.Uint64(v[8:])
	}
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// MarshalText writes the canonical form.
func (u UUID) MarshalText() ([]byte, error) { return u.append(make([]byte, 0, 36)), nil }

// UnmarshalText reads what ParseUUID reads; the empty text is the nil UUID.
func (u *UUID) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*u = UUID{}
		return nil
	}
	*u, err = ParseUUID(string(b))
	return err
}
