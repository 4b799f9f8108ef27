package scaleway

import (
	"regexp"
	"strconv"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

func organizationRoutes() []route {
	const each = "/organizations/{organization_id}"
	return []route{
		anOrganization.does(reads, get, each, control.GetOwnOrganization, anOrganization.one, getOrganization),
		anOrganization.does(writes, put, each+"/alias", control.SetOrganizationAlias, anOrganization.one, setAlias),
		anOrganization.does(writes, patch, each+"/login-methods", control.UpdateLoginMethods, anOrganization.one, updateLoginMethods),
		anOrganization.does(reads, get, each+"/security-settings", control.GetSecuritySettings, anOrganization.one, getSecuritySettings),
		anOrganization.does(writes, patch, each+"/security-settings", control.UpdateSecuritySettings, anOrganization.one, updateSecuritySettings),
	}
}

// organization is section 4.10.
type organization struct {
	ID                    string `json:"id"`
	Name                  string `json:"name"`
	Alias                 string `json:"alias"`
	LoginPasswordEnabled  bool   `json:"login_password_enabled"`
	LoginMagicCodeEnabled bool   `json:"login_magic_code_enabled"`
	LoginOAuth2Enabled    bool   `json:"login_oauth2_enabled"`
	LoginSAMLEnabled      bool   `json:"login_saml_enabled"`
}

func (c *call) organizationNow() organization {
	o, by := c.View().Organization(), c.View().LoginMethods()
	return organization{o.ID.String(), o.Name, o.Alias, by.Password, by.MagicCode, by.OAuth2, by.SAML}
}

func getOrganization(c *call) (*wire.Answer, error) { return c.shown(c.organizationNow()) }

// writeOrganization commits a change of the organization.
func writeOrganization[E any](c *call, draft func(*iam.Draft) (E, error)) (*wire.Answer, error) {
	return write(c, func(E) organization { return c.organizationNow() }, draft)
}

func setAlias(c *call) (*wire.Answer, error) {
	var in struct {
		Alias string `json:"alias"`
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	if in.Alias == "" {
		return nil, invalid("alias", required, "is required")
	}
	a, err := writeOrganization(c, func(d *iam.Draft) (*iam.Organization, error) { return d.SetAlias(in.Alias) })
	if iam.CodeOf(err) == iam.Exists { // whose it is stays untold
		return nil, exists("organization", "", "another organization has this alias")
	}
	return a, err
}

func updateLoginMethods(c *call) (*wire.Answer, error) {
	var in struct {
		Password  *bool `json:"login_password_enabled"`
		MagicCode *bool `json:"login_magic_code_enabled"`
		OAuth2    *bool `json:"login_oauth2_enabled"`
		SAML      *bool `json:"login_saml_enabled"`
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	return writeOrganization(c, func(d *iam.Draft) (iam.LoginMethods, error) {
		return d.UpdateLoginMethods(func(by *iam.LoginMethods) {
			for _, method := range []struct{ from, to *bool }{{in.Password, &by.Password}, {in.MagicCode, &by.MagicCode}, {in.OAuth2, &by.OAuth2}, {in.SAML, &by.SAML}} {
				if method.from != nil {
					*method.to = *method.from
				}
			}
		})
	})
}

// securitySettings is section 4.10. What is absent of an update stays as it is.
type securitySettings struct {
	EnforcePasswordRenewal      *bool     `json:"enforce_password_renewal"`
	GracePeriodDuration         *duration `json:"grace_period_duration"`
	LoginAttemptsBeforeLocked   *int      `json:"login_attempts_before_locked"`
	MaxLoginSessionDuration     *duration `json:"max_login_session_duration"`
	MaxAPIKeyExpirationDuration *duration `json:"max_api_key_expiration_duration"`
}

func securitySettingsOut(s iam.SecuritySettings) securitySettings {
	return securitySettings{&s.EnforcePasswordRenewal, new(duration(s.GracePeriod)), &s.LoginAttempts, new(duration(s.MaxSession)), new(duration(s.MaxKeyLifetime))}
}

func (in *securitySettings) apply(s *iam.SecuritySettings) {
	if in.EnforcePasswordRenewal != nil {
		s.EnforcePasswordRenewal = *in.EnforcePasswordRenewal
	}
	if in.LoginAttemptsBeforeLocked != nil {
		s.LoginAttempts = *in.LoginAttemptsBeforeLocked
	}
	for _, d := range []struct {
		from *duration
		to   *time.Duration
	}{{in.GracePeriodDuration, &s.GracePeriod}, {in.MaxLoginSessionDuration, &s.MaxSession}, {in.MaxAPIKeyExpirationDuration, &s.MaxKeyLifetime}} {
		if d.from != nil {
			*d.to = time.Duration(*d.from)
		}
	}
}

func getSecuritySettings(c *call) (*wire.Answer, error) {
	return c.shown(securitySettingsOut(c.View().SecuritySettings()))
}

func updateSecuritySettings(c *call) (*wire.Answer, error) {
	var in securitySettings
	if err := c.body(&in); err != nil {
		return nil, err
	}
	return write(c, securitySettingsOut, func(d *iam.Draft) (iam.SecuritySettings, error) { return d.UpdateSecuritySettings(in.apply) })
}

// duration is a length of time as this API writes it: seconds, as in 86400s or 86400.000000000s (section 1).
type duration time.Duration

var durationForm = regexp.MustCompile(`^[0-9]{1,9}(\.[0-9]{1,9})?s$`)

// MarshalText writes whole seconds.
func (d duration) MarshalText() ([]byte, error) {
	return append(strconv.AppendInt(nil, int64(time.Duration(d)/time.Second), 10), 's'), nil
}

// UnmarshalText reads seconds.
func (d *duration) UnmarshalText(b []byte) error {
	if !durationForm.Match(b) {
		return iam.Errorf(iam.Invalid, "must be seconds, as in 86400s")
	}
	whole, err := time.ParseDuration(string(b))
	*d = duration(whole)
	return err
}
