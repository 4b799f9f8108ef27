package iam

import (
	"strings"
	"time"
)

// SecuritySettings are what an organization demands of how its users prove who they are, and of keys.
type SecuritySettings struct {
	// EnforcePasswordRenewal makes users set a password of their own in place of one that somebody gave them, within
	// GracePeriod of the first time that they sign in with it.
	EnforcePasswordRenewal bool          `json:"enforce_password_renewal,omitempty"`
	GracePeriod            time.Duration `json:"grace_period"`
	// LoginAttempts is how many times in a row signing in may fail before the user is locked.
	LoginAttempts int           `json:"login_attempts"`
	MaxSession    time.Duration `json:"max_session"` // from when the user signed in
	// MaxKeyLifetime is how far ahead a credential may expire, and that it must expire at all; 0 is no limit.
	MaxKeyLifetime time.Duration `json:"max_key_lifetime,omitempty"`
}

// The bounds of SecuritySettings.
const (
	MaxLoginAttempts    = 50
	MaxSecurityDuration = 10 * 365 * 24 * time.Hour
)

// defaultSecurity are the settings of a new organization (scaleway.md, section 4.10).
var defaultSecurity = SecuritySettings{GracePeriod: 3 * 24 * time.Hour, LoginAttempts: 10, MaxSession: 30 * 24 * time.Hour}

// LoginMethods are the ways in which users may sign in. writ itself has the password; the others are for services that sign
// users in on the organization's behalf, which ask for them.
type LoginMethods struct {
	Password  bool `json:"password,omitempty"`
	MagicCode bool `json:"magic_code,omitempty"` // a code that is mailed
	OAuth2    bool `json:"oauth2,omitempty"`
	SAML      bool `json:"saml,omitempty"`
}

// SecuritySettings gives the settings in force.
func (s *State) SecuritySettings() SecuritySettings {
	if s.org == nil || s.org.Security == nil {
		return defaultSecurity
	}
	return *s.org.Security
}

// LoginMethods gives the ways of signing in that are switched on: the password alone, if nobody has chosen.
func (s *State) LoginMethods() LoginMethods {
	if s.org == nil || s.org.Logins == nil {
		return LoginMethods{Password: true}
	}
	return *s.org.Logins
}

// UpdateSecuritySettings lets edit change a copy of the settings in force. They bind what is done from now on, and sessions at
// once: what a credential has already stays. Nothing is touched when nothing changes.
func (d *Draft) UpdateSecuritySettings(edit func(*SecuritySettings)) (SecuritySettings, error) {
	if d.s.org == nil {
		return SecuritySettings{}, Errorf(NotFound, "organization %s does not exist", d.s.id)
	}
	old := d.s.SecuritySettings()
	now := old
	edit(&now)
	if err := now.check(); err != nil || now == old {
		return old, err
	}
	o := *d.s.org
	o.Security, o.UpdatedAt = &now, d.now
	d.putOrganization(&o)
	return now, nil
}

func (s *SecuritySettings) check() error {
	if s.LoginAttempts < 1 || s.LoginAttempts > MaxLoginAttempts {
		return FieldErrorf(Invalid, "login_attempts_before_locked", "must be from 1 to %d", MaxLoginAttempts)
	}
	for _, x := range []struct {
		field string
		least time.Duration
		value time.Duration
	}{
		{"grace_period_duration", time.Second, s.GracePeriod},
		{"max_login_session_duration", time.Second, s.MaxSession},
		{"max_api_key_expiration_duration", 0, s.MaxKeyLifetime},
	} {
		if x.value < x.least || x.value > MaxSecurityDuration || x.value%time.Second != 0 {
			return FieldErrorf(Invalid, x.field, "must be whole seconds, from %d to %d", x.least/time.Second, MaxSecurityDuration/time.Second)
		}
	}
	return nil
}

// checkExpiry refuses an expiry of a new credential, or a new expiry of one, that the settings do not allow.
func (s *SecuritySettings) checkExpiry(expires *time.Time, now time.Time) error {
	switch {
	case s.MaxKeyLifetime == 0:
		return nil
	case expires == nil:
		return FieldErrorf(Invalid, "expires_at", "organization security settings require an expiration date for API keys")
	case expires.After(now.Add(s.MaxKeyLifetime)):
		return FieldErrorf(Invalid, "expires_at", "organization security settings require an expiration date for API keys at most %d seconds ahead",
			s.MaxKeyLifetime/time.Second)
	}
	return nil
}

// UpdateLoginMethods lets edit change a copy of the ways of signing in that are switched on. Nothing is touched when nothing
// changes.
func (d *Draft) UpdateLoginMethods(edit func(*LoginMethods)) (LoginMethods, error) {
	if d.s.org == nil {
		return LoginMethods{}, Errorf(NotFound, "organization %s does not exist", d.s.id)
	}
	old := d.s.LoginMethods()
	now := old
	if edit(&now); now == old {
		return old, nil
	}
	o := *d.s.org
	o.Logins, o.UpdatedAt = &now, d.now
	d.putOrganization(&o)
	return now, nil
}

// The length of an alias, in bytes.
const (
	minAlias = 2
	maxAlias = 32
)

// SetAlias gives the organization a short name, by which users name it when they sign in. It is unique in the installation, so the
// commit fails with Exists and the Field "alias" while another organization has it. Immutable once there is one, unless it is the
// same.
func (d *Draft) SetAlias(alias string) (*Organization, error) {
	switch {
	case d.s.org == nil:
		return nil, Errorf(NotFound, "organization %s does not exist", d.s.id)
	case !goodAlias(alias):
		return nil, FieldErrorf(Invalid, "alias", "has %d to %d characters, small letters and digits", minAlias, maxAlias)
	case d.s.org.Alias == alias:
		return d.s.org, nil
	case d.s.org.Alias != "":
		return nil, FieldErrorf(Immutable, "alias", "is %q and cannot be changed", d.s.org.Alias)
	}
	o := *d.s.org
	o.Alias, o.UpdatedAt = alias, d.now
	d.putOrganization(&o)
	return &o, nil
}

func goodAlias(s string) bool {
	return len(s) >= minAlias && len(s) <= maxAlias && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}
