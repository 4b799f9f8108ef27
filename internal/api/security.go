package api

import (
	"net/http"
	"time"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

func securityRoutes() []Route {
	const settings = "/v1/iam/security-settings"
	return []Route{
		{get, settings, control.GetSecuritySettings, ownOrganization, getSecuritySettings},
		{put, settings, control.UpdateSecuritySettings, ownOrganization, replaceSecuritySettings},
		{put, settings + "/login-methods", control.UpdateLoginMethods, ownOrganization, replaceLoginMethods},
		{put, settings + "/alias", control.SetOrganizationAlias, ownOrganization, setAlias},
	}
}

func securityToWire(s *iam.State) apitype.SecuritySettings {
	seconds := func(d time.Duration) int64 { return int64(d / time.Second) }
	x, m := s.SecuritySettings(), s.LoginMethods()
	out := apitype.SecuritySettings{EnforcePasswordRenewal: x.EnforcePasswordRenewal, GracePeriodSeconds: seconds(x.GracePeriod),
		LoginAttemptsBeforeLocked: int64(x.LoginAttempts), MaxLoginSessionSeconds: seconds(x.MaxSession),
		LoginMethods: apitype.LoginMethods{Password: m.Password, MagicCode: m.MagicCode, OAuth2: m.OAuth2, SAML: m.SAML},
		Alias:        textOrNull(s.Organization().Alias)}
	if x.MaxKeyLifetime != 0 {
		out.MaxAPIKeyLifetimeSeconds = new(seconds(x.MaxKeyLifetime))
	}
	return out
}

func getSecuritySettings(c *call) (*wire.Answer, error) {
	return c.ok(apitype.SecuritySettingsAnswer{SecuritySettings: securityToWire(c.View().State)})
}

// changeSecurity makes a change of the settings and shows them as they are then.
func changeSecurity(c *call, change func(*iam.Draft) error) (*wire.Answer, error) {
	revision, err := c.Permit.Write(c.Ctx(), change)
	if err != nil {
		return nil, err
	}
	body := apitype.SecuritySettingsAnswer{SecuritySettings: securityToWire(c.View().State), Revision: apitype.Revision(revision)}
	return &wire.Answer{Status: http.StatusOK, Body: body, Revision: revision}, nil
}

// there gives what a member points to, which must be there.
func there[T any](f *form, field string, v *T) (out T) {
	if v == nil {
		f.wrong(field, "is required")
		return out
	}
	return *v
}

// seconds reads a duration; the domain says which are good.
func (f *form) seconds(field string, v int64) time.Duration {
	const most = int64(iam.MaxSecurityDuration / time.Second)
	if v > most || v < 0 {
		f.wrong(field, "must be at most %d and not negative", most)
		return 0
	}
	return time.Duration(v) * time.Second
}

func replaceSecuritySettings(c *call) (*wire.Answer, error) {
	var in apitype.ReplaceSecuritySettingsRequest
	var to iam.SecuritySettings
	err := c.decode(&in, func(f *form) {
		to.EnforcePasswordRenewal = there(f, "enforce_password_renewal", in.EnforcePasswordRenewal)
		to.GracePeriod = f.seconds("grace_period_seconds", there(f, "grace_period_seconds", in.GracePeriodSeconds))
		attempts := there(f, "login_attempts_before_locked", in.LoginAttemptsBeforeLocked)
		to.LoginAttempts = int(max(0, min(attempts, iam.MaxLoginAttempts+1))) // which is one too many already
		to.MaxSession = f.seconds("max_login_session_seconds", there(f, "max_login_session_seconds", in.MaxLoginSessionSeconds))
		switch o := in.MaxAPIKeyLifetimeSeconds; {
		case !o.Set:
			f.wrong("max_api_key_lifetime_seconds", "is required: null if keys need not expire")
		case !o.Null && o.Value < 1:
			f.wrong("max_api_key_lifetime_seconds", "must be at least 1, or null")
		default:
			to.MaxKeyLifetime = f.seconds("max_api_key_lifetime_seconds", o.Value)
		}
	})
	if err != nil {
		return nil, err
	}
	return changeSecurity(c, func(d *iam.Draft) error {
		_, err := d.UpdateSecuritySettings(func(s *iam.SecuritySettings) { *s = to })
		return err
	})
}

func replaceLoginMethods(c *call) (*wire.Answer, error) {
	var in apitype.ReplaceLoginMethodsRequest
	var to iam.LoginMethods
	err := c.decode(&in, func(f *form) {
		to = iam.LoginMethods{Password: there(f, "password", in.Password), MagicCode: there(f, "magic_code", in.MagicCode),
			OAuth2: there(f, "oauth2", in.OAuth2), SAML: there(f, "saml", in.SAML)}
	})
	if err != nil {
		return nil, err
	}
	return changeSecurity(c, func(d *iam.Draft) error {
		_, err := d.UpdateLoginMethods(func(m *iam.LoginMethods) { *m = to })
		return err
	})
}

func setAlias(c *call) (*wire.Answer, error) {
	var in apitype.SetAliasRequest
	if err := c.decode(&in, func(*form) {}); err != nil {
		return nil, err
	}
	return changeSecurity(c, func(d *iam.Draft) error {
		_, err := d.SetAlias(in.Alias)
		return err
	})
}
