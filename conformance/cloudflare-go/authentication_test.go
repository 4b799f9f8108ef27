package cloudflarego

import (
	"strings"
	"testing"

	"github.com/cloudflare/cloudflare-go/v7/accounts"
	"github.com/cloudflare/cloudflare-go/v7/iam"
	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/writ-iam/writ/conformance/harness"
)

// TestAuthentication calls with every kind of credentials, good and bad.
func TestAuthentication(t *testing.T) {
	token := server.Env["CLOUDFLARE_API_TOKEN"]
	_, key, _ := strings.Cut(server.Env["WRIT_API_KEY"], ":")
	opts := func(o ...option.RequestOption) []option.RequestOption { return o }
	pair := func(email, key string) []option.RequestOption {
		return opts(option.WithAPIEmail(email), option.WithAPIKey(key))
	}
	for _, test := range []struct {
		why    string
		opts   []option.RequestOption
		status int // 0: it is answered
		code   int64
	}{
		{"token", opts(option.WithAPIToken(token)), 0, 0},
		{"address and key", pair(harness.FirstOwner, key), 0, 0},
		{"the key as a token", opts(option.WithAPIToken(key)), 0, 0},
		{"all three", append(pair(harness.FirstOwner, strings.Repeat("0", 40)), option.WithAPIToken(token)), 0, 0},
		{"nothing", nil, 400, 9106},
		{"address alone", opts(option.WithAPIEmail(harness.FirstOwner)), 400, 9106},
		{"key alone", opts(option.WithAPIKey(key)), 400, 9106},
		{"service key", opts(option.WithUserServiceKey("v1.0-" + strings.Repeat("0", 40))), 400, 9106},
		{"impossible token", opts(option.WithAPIToken("not a token!")), 400, 6003},
		{"another scheme", opts(option.WithHeader("Authorization", "Basic b3duZXI6c2VjcmV0")), 400, 6003},
		{"impossible key", pair(harness.FirstOwner, "x"), 400, 6003},
		{"impossible address", pair("nobody", key), 400, 6003},
		{"unknown token", opts(option.WithAPIToken(strings.Repeat("x", 40))), 401, 10000},
		{"unknown user token", opts(option.WithAPIToken("cfut_" + strings.Repeat("x", 48))), 401, 10000},
		{"unknown key", pair(harness.FirstOwner, strings.Repeat("x", 40)), 403, 9103},
		{"unknown address", pair("nobody@conformance.example", key), 403, 9103},
	} {
		t.Run(test.why, func(t *testing.T) {
			client, wire := connect(test.opts...)
			_, err := client.IAM.UserGroups.List(t.Context(), iam.UserGroupListParams{AccountID: text(server.Env["CLOUDFLARE_ACCOUNT_ID"])})
			if test.status == 0 {
				ok(t, err)
			} else {
				refused(t, err, test.status, test.code)
			}
			if len(wire.sent) != 1 {
				t.Errorf("sent %d times", len(wire.sent))
			}
		})
	}
}

// TestForeignAccount insists that another account and none at all answer the same.
func TestForeignAccount(t *testing.T) {
	a, b := newAccount(t), newAccount(t)
	var messages []string
	for _, id := range []string{b.id, unknownID} {
		_, err := a.IAM.UserGroups.List(t.Context(), iam.UserGroupListParams{AccountID: text(id)})
		refused(t, err, 403, 10000)
		messages = append(messages, strings.ReplaceAll(err.Error(), id, "ID"))
		_, err = a.IAM.UserGroups.New(t.Context(), iam.UserGroupNewParams{AccountID: text(id), Name: text("intruder")})
		refused(t, err, 403, 10000)
		_, err = a.Accounts.Members.List(t.Context(), accounts.MemberListParams{AccountID: text(id)})
		refused(t, err, 403, 10000)
		_, err = a.Accounts.Tokens.List(t.Context(), accounts.TokenListParams{AccountID: text(id)})
		refused(t, err, 403, 10000)
		_, err = a.IAM.SSO.List(t.Context(), iam.SSOListParams{AccountID: text(id)})
		refused(t, err, 403, 10000)
	}
	same(t, "foreign and absent", messages[0], messages[1])
	for _, id := range malformedIDs {
		_, err := a.IAM.UserGroups.List(t.Context(), iam.UserGroupListParams{AccountID: text(id)})
		refused(t, err, 404, 7003)
	}
}
