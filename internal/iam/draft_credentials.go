package iam

import (
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// CreateCredential gives a user, service account or role a credential, in the default project if it names none. NotFound if the
// principal is not there, and with the field "project" if the project is not; Conflict if it is the service account of an account
// token, which has that one alone.
func (d *Draft) CreateCredential(k Credential) (*Credential, error) {
	if err := d.noToken(k.Principal); err != nil {
		return nil, err
	}
	return d.addCredential(k)
}

// noToken refuses what an account token's service account cannot have.
func (d *Draft) noToken(p Principal) error {
	if a, ok := d.s.accounts.get(p.ID); ok && p.Kind == KindOfServiceAccount && !a.Token.IsZero() {
		return Errorf(Conflict, "service account %q was made for one API token and has no other credential", a.Name)
	}
	return nil
}

func (d *Draft) addCredential(k Credential) (*Credential, error) {
	if err := checkName("name", k.Name); err != nil {
		return nil, err
	}
	if err := fresh(&d.s.credentials, k.ID.UUID); err != nil {
		return nil, err
	}
	if err := d.s.exists(k.Principal); err != nil {
		return nil, err
	}
	if err := d.place(&k); err != nil {
		return nil, err
	}
	k.NotBefore, k.ExpiresAt = stored(k.NotBefore), stored(k.ExpiresAt)
	if err := d.checkLifetime(&k, nil); err != nil {
		return nil, err
	}
	if _, taken := d.s.accessKey.Get(k.AccessKey); taken && k.AccessKey != "" {
		return nil, FieldErrorf(Exists, string(SpaceAccessKey), "is taken")
	}
	if err := d.room(QuotaCredentials, d.s.proofs.count(k.Principal.ID, sideCredential)); err != nil {
		return nil, err
	}
	if err := d.limit(&k); err != nil {
		return nil, err
	}
	k.CreatedAt, k.UpdatedAt = d.now, d.now
	d.putCredential(&k)
	return &k, nil
}

// place checks what a credential says about itself, and puts it into the default project if it is in none.
func (d *Draft) place(k *Credential) (err error) {
	if err := checkText("description", &k.Description); err != nil {
		return err
	}
	k.Project, err = d.inProject(k.Project)
	return err
}

// stored is a time as entities have it.
func stored(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	return new(t.UTC().Truncate(time.Microsecond))
}

// checkLifetime refuses a credential that would never be valid, and one that the organization's security settings do not allow. What
// the old one has stays as it is.
func (d *Draft) checkLifetime(k, old *Credential) error {
	kept := old != nil && sameTime(k.ExpiresAt, old.ExpiresAt)
	switch {
	case tooFar(k.ExpiresAt):
		return FieldErrorf(Invalid, "expires_at", "must be of a year of four digits")
	case tooFar(k.NotBefore):
		return FieldErrorf(Invalid, "not_before", "must be of a year of four digits")
	case k.ExpiresAt != nil && !kept && !d.now.Before(*k.ExpiresAt):
		return FieldErrorf(Invalid, "expires_at", "lies in the past")
	case k.ExpiresAt != nil && k.NotBefore != nil && !k.NotBefore.Before(*k.ExpiresAt):
		return FieldErrorf(Invalid, "not_before", "must lie before expires_at")
	case kept:
		return nil
	}
	security := d.s.SecuritySettings()
	return security.checkExpiry(k.ExpiresAt, d.now)
}

// tooFar tells whether a time is one that RFC 3339 cannot write, and no store keeps.
func tooFar(t *time.Time) bool { return t != nil && t.UTC().Year() > 9999 }

func sameTime(a, b *time.Time) bool { return a == b || a != nil && b != nil && a.Equal(*b) }

// limit checks the limits of a credential and puts them into the form in which they are stored. What the lists were made
// of stays as it was.
func (d *Draft) limit(k *Credential) (err error) {
	if k.AllowedIPs, err = ranges("allowed_ips", k.AllowedIPs); err != nil {
		return err
	}
	if k.DeniedIPs, err = ranges("denied_ips", k.DeniedIPs); err != nil {
		return err
	}
	k.Policies, err = d.compileOwn(k.Policies)
	return err
}

// ranges checks ranges of addresses.
func ranges(field string, in []netip.Prefix) ([]netip.Prefix, error) {
	if len(in) > MaxCredentialRanges {
		return nil, FieldErrorf(Invalid, field, "has at most %d ranges", MaxCredentialRanges)
	}
	var out []netip.Prefix
	for i, p := range in {
		at := fmt.Sprintf("%s[%d]", field, i)
		switch {
		case !p.IsValid():
			return nil, FieldErrorf(Invalid, at, "is not a range of addresses, as in 192.0.2.0/24 or 2001:db8::/32")
		case p.Addr().Is4In6():
			return nil, FieldErrorf(Invalid, at, "is a range of IPv4 addresses written as IPv6: write it as IPv4, as in 192.0.2.0/24")
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// compileOwn compiles a credential's own policies.
func (d *Draft) compileOwn(in []CredentialPolicy) ([]CredentialPolicy, error) {
	if len(in) > MaxCredentialPolicies {
		return nil, FieldErrorf(Invalid, "policies", "has at most %d policies", MaxCredentialPolicies)
	}
	var out []CredentialPolicy
	seen := map[PolicyID]bool{}
	for i, p := range in {
		if p.ID.IsZero() || seen[p.ID] {
			return nil, Errorf(Internal, "id %s cannot be used for a policy of a credential", p.ID)
		}
		seen[p.ID] = true
		if err := inDocument(fmt.Sprintf("policies[%d].document", i), d.s.compileOwn(&p)); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// UpdateCredential lets edit change a copy's Name, Description, Project, Disabled, NotBefore, ExpiresAt, AllowedIPs, DeniedIPs and
// Policies; what else it changes is not taken over. edit puts new lists and times in place and changes none that it finds. Policies
// that say the same as before are the same, whatever their ids. Nothing is touched when nothing changes. An ExpiresAt that
// has passed may stay, and cannot be set. NotFound if the principal has no credential with this id.
func (d *Draft) UpdateCredential(of Principal, id CredentialID, edit func(*Credential)) (*Credential, error) {
	old, err := d.s.CredentialOf(of, id)
	if err != nil {
		return nil, err
	}
	asked := *old
	edit(&asked)
	k := *old
	k.Name, k.Description, k.Project, k.Disabled = asked.Name, asked.Description, asked.Project, asked.Disabled
	k.NotBefore, k.ExpiresAt = stored(asked.NotBefore), stored(asked.ExpiresAt)
	k.AllowedIPs, k.DeniedIPs, k.Policies = asked.AllowedIPs, asked.DeniedIPs, asked.Policies
	if slices.EqualFunc(k.Policies, old.Policies, sameDocument) {
		k.Policies = old.Policies
	}
	if err := checkName("name", k.Name); err != nil {
		return nil, err
	}
	if err := d.place(&k); err != nil {
		return nil, err
	}
	if err := d.checkLifetime(&k, old); err != nil {
		return nil, err
	}
	if err := d.limit(&k); err != nil {
		return nil, err
	}
	if sameCredential(&k, old) {
		return old, nil
	}
	k.UpdatedAt = d.now
	d.putCredential(&k)
	if k.Name != old.Name && d.s.isAccountToken(&k) {
		_, err = d.UpdateServiceAccount(ServiceAccountID{of.ID}, func(a *ServiceAccount) { a.DisplayName = &k.Name })
	}
	return &k, err
}

func sameDocument(a, b CredentialPolicy) bool {
	return a.Language == b.Language && a.Document == b.Document
}

// sameCredential compares what UpdateCredential can change.
func sameCredential(a, b *Credential) bool {
	return a.Name == b.Name && a.Description == b.Description && a.Project == b.Project && a.Disabled == b.Disabled && sameTime(a.NotBefore, b.NotBefore) && sameTime(a.ExpiresAt, b.ExpiresAt) &&
		slices.Equal(a.AllowedIPs, b.AllowedIPs) && slices.Equal(a.DeniedIPs, b.DeniedIPs) &&
		slices.EqualFunc(a.Policies, b.Policies, sameDocument)
}

// RollCredential gives a credential a new secret, by its hash; the old one proves nothing any more. Invalid for a signed
// token, which has no secret, and for a key that signs requests. NotFound if the principal has no credential with this id. It
// expires as late as a new one may, if it would never do or later: otherwise old credentials, renewed, would get past the
// organization's security settings.
func (d *Draft) RollCredential(of Principal, id CredentialID, hash []byte) (*Credential, error) {
	old, err := d.s.CredentialOf(of, id)
	if err != nil {
		return nil, err
	}
	switch {
	case old.Kind != AccessKey:
		return nil, Errorf(Invalid, "a signed token has no secret that could be renewed: make another credential")
	case len(old.Sealed) > 0:
		return nil, Errorf(Invalid, "a key that signs requests keeps its secret: make another credential")
	}
	if _, taken := d.s.secret.Get(string(hash)); taken || len(hash) == 0 {
		return nil, Errorf(Internal, "the new secret cannot be used")
	}
	k := *old
	k.Hash, k.UpdatedAt = slices.Clone(hash), d.now
	security := d.s.SecuritySettings()
	if security.checkExpiry(k.ExpiresAt, d.now) != nil {
		k.ExpiresAt = new(d.now.Add(security.MaxKeyLifetime))
	}
	if err := d.checkLifetime(&k, old); err != nil {
		return nil, err
	}
	d.putCredential(&k)
	return &k, nil
}

// DeleteCredential ends a credential of a principal at once; with an account token goes its service account. NotFound if
// that principal has none with this id.
func (d *Draft) DeleteCredential(of Principal, id CredentialID) error {
	k, err := d.s.CredentialOf(of, id)
	if err != nil {
		return err
	}
	if d.s.isAccountToken(k) {
		return d.DeleteServiceAccount(ServiceAccountID{of.ID})
	}
	d.dropCredential(id)
	return nil
}

// CreateAccountToken makes an API token that belongs to the organization: a service account and its one credential, each
// from its ID and what is not said here. The account is called by the token's id, because names of tokens may repeat, and
// shows the token's name. Its rights are the policies that are attached to the service account.
func (d *Draft) CreateAccountToken(a ServiceAccount, k Credential) (*ServiceAccount, *Credential, error) {
	if err := checkName("name", k.Name); err != nil {
		return nil, nil, err
	}
	a.Name, a.DisplayName = "token "+k.ID.String(), &k.Name
	made, err := d.CreateServiceAccount(a)
	if err != nil {
		return nil, nil, err
	}
	k.Principal = Principal{KindOfServiceAccount, a.ID.UUID}
	credential, err := d.addCredential(k)
	if err != nil {
		return nil, nil, err
	}
	account := *made
	account.Token = k.ID
	d.putServiceAccount(&account)
	return &account, credential, nil
}

func (d *Draft) dropCredential(id CredentialID) {
	d.forget(id.UUID)
	d.touch(KindCredential, id.UUID)
	d.s.putCredential(d.edit, id.UUID, nil)
}

func (d *Draft) putCredential(k *Credential) {
	d.touch(KindCredential, k.ID.UUID)
	d.s.putCredential(d.edit, k.ID.UUID, k)
}
