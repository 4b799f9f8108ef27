package cloudflarego

import (
	"regexp"
	"testing"

	"github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/iam"
	"github.com/writ-iam/writ/conformance/harness"
)

var ssoCode = regexp.MustCompile(`^cloudflare_dashboard_sso=[0-9]{9,12}$`)

// connector makes one that awaits its verification.
func (a *account) connector(domain string) *iam.SSONewResponse {
	a.Helper()
	return must(a.IAM.SSO.New(a.Context(), iam.SSONewParams{AccountID: text(a.id), EmailDomain: text(domain), BeginVerification: cloudflare.F(false)}))(a.T)
}

func (a *account) begin(id string) {
	a.Helper()
	begun := must(a.IAM.SSO.BeginVerification(a.Context(), id, iam.SSOBeginVerificationParams{AccountID: text(a.id)}))(a.T)
	if !begun.Success {
		a.Errorf("begun: %+v", begun)
	}
}

func (a *account) enable(id string, on bool) (*iam.SSOUpdateResponse, error) {
	return a.IAM.SSO.Update(a.Context(), id, iam.SSOUpdateParams{AccountID: text(a.id), Enabled: cloudflare.F(on)})
}

// reaches waits for a connector to have a status.
func (a *account) reaches(id string, status iam.SSOGetResponseVerificationStatus) *iam.SSOGetResponse {
	a.Helper()
	ask := func() (*iam.SSOGetResponse, error) {
		return a.IAM.SSO.Get(a.Context(), id, iam.SSOGetParams{AccountID: text(a.id)})
	}
	return eventually(a.T, "the connector to be "+string(status), ask, func(c *iam.SSOGetResponse) bool { return c.Verification.Status == status })
}

func TestSSO(t *testing.T) {
	a, b := newAccount(t), newAccount(t)
	ctx := t.Context()
	domain := harness.Unique("corp") + ".example.test"

	made := a.connector(domain)
	isID(t, made.ID)
	isRecent(t, made.CreatedOn)
	isRecent(t, made.UpdatedOn)
	if made.EmailDomain != domain || made.Enabled || made.UseFedrampLanguage || made.Verification.Status != "awaiting" || !ssoCode.MatchString(made.Verification.Code) {
		t.Fatalf("made: %s", made.JSON.RawJSON())
	}
	_, err := a.enable(made.ID, true)
	refused(t, err, 400, 1002)

	server.DNS.Publish(domain, "v=spf1 -all", made.Verification.Code+"0")
	a.begin(made.ID)
	pending := a.reaches(made.ID, iam.SSOGetResponseVerificationStatusPending)
	same(t, "the code stays", made.Verification.Code, pending.Verification.Code)
	eventually(t, "the server to ask for the record", func() (int, error) { return server.DNS.Asked(domain), nil }, func(n int) bool { return n > 0 })
	a.begin(made.ID)
	_, err = a.enable(made.ID, true)
	refused(t, err, 400, 1002)

	second := b.connector(domain)
	server.DNS.Publish(domain, "v=spf1 -all", made.Verification.Code, second.Verification.Code)
	b.begin(second.ID)
	a.reaches(made.ID, iam.SSOGetResponseVerificationStatusVerified)
	b.reaches(second.ID, iam.SSOGetResponseVerificationStatusVerified)

	enabled := must(a.enable(made.ID, true))(t)
	if !enabled.Enabled || enabled.Verification.Status != "verified" {
		t.Errorf("enabled: %s", enabled.JSON.RawJSON())
	}
	_, err = b.enable(second.ID, true)
	refused(t, err, 400, 1002)
	_, err = a.IAM.SSO.Delete(ctx, made.ID, iam.SSODeleteParams{AccountID: text(a.id)})
	refused(t, err, 400, 1002)

	if disabled := must(a.enable(made.ID, false))(t); disabled.Enabled || disabled.Verification.Status != "verified" {
		t.Errorf("disabled: %s", disabled.JSON.RawJSON())
	}
	if !must(b.enable(second.ID, true))(t).Enabled {
		t.Error("the other account cannot enable the domain")
	}
	list := all(t, a.IAM.SSO.ListAutoPaging(ctx, iam.SSOListParams{AccountID: text(a.id)}))
	same(t, "list", []string{made.ID}, values(list, func(c iam.SSOListResponse) string { return c.ID }))

	deleted := must(a.IAM.SSO.Delete(ctx, made.ID, iam.SSODeleteParams{AccountID: text(a.id)}))(t)
	same(t, "deleted", made.ID, deleted.ID)
	_, err = a.IAM.SSO.Get(ctx, made.ID, iam.SSOGetParams{AccountID: text(a.id)})
	refused(t, err, 404, 1003)
}

func TestSSORefusals(t *testing.T) {
	a := newAccount(t)
	domain := harness.Unique("corp") + ".example.test"
	a.connector(domain)
	for _, domain := range []string{domain, "", "localhost", "me@corp.example.test", "corp example.test", "gmail.com", "school.edu"} {
		_, err := a.IAM.SSO.New(t.Context(), iam.SSONewParams{AccountID: text(a.id), EmailDomain: text(domain)})
		t.Logf("domain %q", domain)
		refused(t, err, 400, 1001)
	}
	_, err := a.enable(unknownID, true)
	refused(t, err, 404, 1003)
	_, err = a.IAM.SSO.BeginVerification(t.Context(), unknownID, iam.SSOBeginVerificationParams{AccountID: text(a.id)})
	refused(t, err, 404, 1003)
	for _, id := range malformedIDs {
		_, err := a.IAM.SSO.Get(t.Context(), id, iam.SSOGetParams{AccountID: text(a.id)})
		refused(t, err, 404, 7003)
	}
}
