package iam

import (
	"net/netip"
	"slices"
	"time"

	"github.com/writ-iam/writ/internal/pmap"
	"github.com/writ-iam/writ/internal/policy"
)

// CredentialStatus is the state of a credential at a time.
type CredentialStatus string

// The states. Being disabled says more than being expired, because somebody meant it.
const (
	CredentialActive   CredentialStatus = "active"
	CredentialDisabled CredentialStatus = "disabled"
	CredentialExpired  CredentialStatus = "expired"
	CredentialPending  CredentialStatus = "pending" // not valid yet
)

// StatusAt tells whether the credential can be used at a time: from NotBefore on, and before ExpiresAt.
func (k *Credential) StatusAt(now time.Time) CredentialStatus {
	switch {
	case k.Disabled:
		return CredentialDisabled
	case k.ExpiresAt != nil && !now.Before(*k.ExpiresAt):
		return CredentialExpired
	case k.NotBefore != nil && now.Before(*k.NotBefore):
		return CredentialPending
	}
	return CredentialActive
}

// Admits tells whether the credential may be used from an address. Where it matters, an unknown address is refused.
func (k *Credential) Admits(from netip.Addr) bool {
	if len(k.AllowedIPs) == 0 && len(k.DeniedIPs) == 0 {
		return true
	}
	// Ranges hold no zones, and IPv4 addresses as such.
	from = from.Unmap().WithZone("")
	holds := func(p netip.Prefix) bool { return p.Contains(from) }
	return from.IsValid() && !slices.ContainsFunc(k.DeniedIPs, holds) &&
		(len(k.AllowedIPs) == 0 || slices.ContainsFunc(k.AllowedIPs, holds))
}

// ParseRange reads a range of addresses as AllowedIPs and DeniedIPs hold them, as in 192.0.2.0/24 or 2001:db8::/32; a single address is
// a range of one.
func ParseRange(text string) (netip.Prefix, bool) {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), true
	}
	p, err := netip.ParsePrefix(text)
	return p, err == nil
}

// refersToLibrary tells whether a policy of the credential's own may refer to the library.
func (k *Credential) refersToLibrary() bool {
	return slices.ContainsFunc(k.Policies, func(p CredentialPolicy) bool { return p.Language != policy.Statements })
}

// isAccountToken tells whether a credential belongs to the organization itself.
func (s *State) isAccountToken(k *Credential) bool {
	a, ok := s.accounts.get(k.Principal.ID)
	return ok && k.Principal.Kind == KindOfServiceAccount && !a.Token.IsZero() && a.Token == k.ID
}

// AccountToken finds a credential that belongs to the organization itself; NotFound otherwise.
func (s *State) AccountToken(id CredentialID) (*Credential, error) {
	if k, ok := s.credentials.get(id.UUID); ok && s.isAccountToken(k) {
		return k, nil
	}
	return nil, Errorf(NotFound, "API token %s does not exist", id)
}

// exists refuses a principal that is not there, or can have no credentials.
func (s *State) exists(p Principal) (err error) {
	switch p.Kind {
	case KindOfUser:
		_, err = s.User(UserID{p.ID})
	case KindOfServiceAccount:
		_, err = s.ServiceAccount(ServiceAccountID{p.ID})
	case KindOfRole:
		_, err = s.Role(RoleID{p.ID})
	default:
		err = Errorf(Invalid, "a %s has no credentials", p.Kind)
	}
	return err
}

// CredentialOf finds a credential of a principal; NotFound if that principal has none with this id.
func (s *State) CredentialOf(of Principal, id CredentialID) (*Credential, error) {
	k, err := s.Credential(id)
	if err == nil && k.Principal != of {
		return nil, Errorf(NotFound, "credential %s does not exist", id)
	}
	return k, err
}

// tokenEdge is the place of an account token in their list. It is made with its service account, at the same time.
func (a *ServiceAccount) tokenEdge() edge {
	return edge{kind: sideToken, place: place{a.CreatedAt.UnixMicro(), a.Token.UUID}}
}

// accountLibrary is what policies of credentials may refer to: the world's names within the organization's own account, and no
// resource groups, whose changes they would not follow.
type accountLibrary struct {
	policy.Library
	key string
}

func (l accountLibrary) Account(key string) bool { return key == l.key }

func (accountLibrary) ResourceGroup(string) (policy.ResourceScope, bool) {
	return policy.ResourceScope{}, false
}

// compileOwn makes the Program of a credential's policy.
func (s *State) compileOwn(p *CredentialPolicy) (err error) {
	p.Program, err = policy.Compile(p.Language, []byte(p.Document), accountLibrary{s.library(PolicyID{}).Library, AccountKey(s.id)})
	return err
}

// loadCredential compiles what was stored, as loadPolicy does.
func (s *State) loadCredential(e *pmap.Edit, id UUID, k *Credential) error {
	if k != nil {
		if k.UpdatedAt.IsZero() { // of a version that could not change them
			k.UpdatedAt = k.CreatedAt
		}
		if k.Project.IsZero() { // of a version without projects
			k.Project = DefaultProject(s.id)
		}
		k.Policies = slices.Clone(k.Policies)
		for i := range k.Policies {
			if err := s.compileOwn(&k.Policies[i]); err != nil {
				return err
			}
		}
	}
	s.putCredential(e, id, k)
	return nil
}
