package scalewaygo

import (
	"testing"

	iam "github.com/scaleway/scaleway-sdk-go/api/iam/v1alpha1"
	"github.com/scaleway/scaleway-sdk-go/scw"
)

func TestSecuritySettings(t *testing.T) {
	o := newOrganization(t)
	want := &iam.OrganizationSecuritySettings{GracePeriodDuration: &scw.Duration{Seconds: 259200}, LoginAttemptsBeforeLocked: 10,
		MaxLoginSessionDuration: &scw.Duration{Seconds: 2592000}, MaxAPIKeyExpirationDuration: &scw.Duration{}}
	same(t, "by default", want, must(o.GetOrganizationSecuritySettings(&iam.GetOrganizationSecuritySettingsRequest{}))(t))

	want.EnforcePasswordRenewal, want.LoginAttemptsBeforeLocked, want.GracePeriodDuration = true, 5, &scw.Duration{Seconds: 86400}
	same(t, "changed", want, must(o.UpdateOrganizationSecuritySettings(&iam.UpdateOrganizationSecuritySettingsRequest{
		EnforcePasswordRenewal: new(true), LoginAttemptsBeforeLocked: new(uint32(5)), GracePeriodDuration: want.GracePeriodDuration}))(t))
	same(t, "kept", want, must(o.UpdateOrganizationSecuritySettings(&iam.UpdateOrganizationSecuritySettingsRequest{}))(t))
	_, err := o.UpdateOrganizationSecuritySettings(&iam.UpdateOrganizationSecuritySettingsRequest{LoginAttemptsBeforeLocked: new(uint32(51))})
	invalid(t, err, "login_attempts_before_locked", "constraint")
	_, err = o.actor(o.rule("IAMReadOnly")).UpdateOrganizationSecuritySettings(&iam.UpdateOrganizationSecuritySettingsRequest{EnforcePasswordRenewal: new(false)})
	denied(t, err, "write", "organization")
}

func TestOrganization(t *testing.T) {
	o := newOrganization(t)
	want := must(o.GetOrganization(&iam.GetOrganizationRequest{}))(t)
	if want.ID != o.ID || want.Alias != "" || !want.LoginPasswordEnabled {
		t.Errorf("the organization: %+v", want)
	}
	want.Alias = "acme" + o.ID[28:]
	same(t, "with an alias", want, must(o.SetOrganizationAlias(&iam.SetOrganizationAliasRequest{Alias: want.Alias}))(t))
	_, err := o.SetOrganizationAlias(&iam.SetOrganizationAliasRequest{Alias: "other"})
	refused[*scw.PreconditionFailedError](t, err)
	want.LoginPasswordEnabled = false
	same(t, "without passwords", want, must(o.UpdateOrganizationLoginMethods(&iam.UpdateOrganizationLoginMethodsRequest{LoginPasswordEnabled: new(false)}))(t))
}
