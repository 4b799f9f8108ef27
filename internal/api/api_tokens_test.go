package api_test

import (
	"encoding/json"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/writ-iam/writ/client"
	"github.com/writ-iam/writ/client/apitype"
)

// TestTokensByClient takes credentials and API tokens through their lives with the public client.
func TestTokensByClient(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	server := httptest.NewServer(e.handler)
	defer server.Close()
	as := func(token string) *client.Client {
		t.Helper()
		c, err := client.New(client.Config{URL: server.URL, Token: token})
		must(t, err)
		return c
	}
	refused := func(why string, status int, err error) {
		t.Helper()
		if got, ok := errors.AsType[*client.Error](err); !ok || got.Status != status {
			t.Errorf("%s: %v, want status %d", why, err, status)
		}
	}
	owner, ctx, n := as(e.owner), t.Context(), e.names

	// A user's credential that may do less than the owner.
	made, err := owner.CreateUserCredential(ctx, n["owner"], apitype.CreateCredentialRequest{Name: "narrow", AllowedIPs: []string{"127.0.0.1", "::1/128"},
		Policies: []apitype.CredentialPolicy{{Document: json.RawMessage(`{"statements":[{"effect":"allow","actions":["iam:ListGroups","iam:*UserCredential"],"resources":["*"]}]}`)}}})
	must(t, err)
	id := made.Credential.ID
	narrow := as(made.SecretAccessKey)
	_, err = narrow.ListGroups(ctx, client.ListParams{})
	must(t, err)
	_, err = narrow.ListUsers(ctx, client.ListParams{})
	refused("outside of its policies", 403, err)
	_, err = narrow.UpdateUserCredential(ctx, n["owner"], id, apitype.UpdateCredentialRequest{Policies: apitype.Some([]apitype.CredentialPolicy{})})
	refused("changed by itself", 403, err)
	got, err := narrow.GetUserCredential(ctx, n["owner"], id)
	must(t, err)
	if k := got.Credential; len(k.Policies) != 1 || k.Policies[0].Language != "statements" || k.AllowedIPs[0] != "127.0.0.1/32" || k.UpdatedAt != nil || got.SecretAccessKey != "" {
		t.Errorf("got %+v", k)
	}
	e.clock.advance(time.Second)
	rolled, err := owner.RollUserCredential(ctx, n["owner"], id)
	must(t, err)
	_, err = narrow.ListGroups(ctx, client.ListParams{})
	refused("the old secret", 401, err)
	narrow = as(rolled.SecretAccessKey)
	updated, err := owner.UpdateUserCredential(ctx, n["owner"], id, apitype.UpdateCredentialRequest{
		AllowedIPs: apitype.Some([]string{"192.0.2.0/24"}), ExpiresAt: apitype.Some(apitype.Time{Time: e.clock.Now().Add(time.Hour)})})
	must(t, err)
	_, err = narrow.VerifyToken(ctx)
	refused("from elsewhere", 403, err)
	if failure, ok := errors.AsType[*client.Error](err); ok && failure.Details != "source_ip: is not an address from which this credential may be used" {
		t.Errorf("details %q", failure.Details)
	}
	if k := updated.Credential; k.UpdatedAt == nil || k.ExpiresAt == nil || len(k.Policies) != 1 {
		t.Errorf("got %+v", k)
	}
	updated, err = owner.UpdateUserCredential(ctx, n["owner"], id, apitype.UpdateCredentialRequest{AllowedIPs: apitype.Some([]string{}),
		Policies: apitype.Some([]apitype.CredentialPolicy{}), ExpiresAt: apitype.Null[apitype.Time]()})
	must(t, err)
	if k := updated.Credential; k.AllowedIPs != nil || k.Policies != nil || k.ExpiresAt != nil {
		t.Errorf("got %+v", k)
	}
	_, err = narrow.ListUsers(ctx, client.ListParams{})
	must(t, err)

	// An API token of the organization.
	token, err := owner.CreateAPIToken(ctx, apitype.CreateCredentialRequest{Name: "ci"})
	must(t, err)
	ci, account := as(token.SecretAccessKey), token.APIToken.ServiceAccountID
	_, err = ci.ListGroups(ctx, client.ListParams{})
	refused("without policies", 403, err)
	status, err := ci.VerifyToken(ctx)
	must(t, err)
	if status.Status != "active" || *status.CredentialID != token.APIToken.ID || status.SessionID != nil || status.ExpiresAt != nil {
		t.Errorf("got %+v", status)
	}
	if *token.APIToken.CreatorEmail != "olga@"+n["domain"] || token.APIToken.Status != "active" {
		t.Errorf("got %+v", token.APIToken)
	}
	_, err = owner.CreateServiceAccountCredential(ctx, account, apitype.CreateCredentialRequest{Name: "second"})
	refused("a second credential", 409, err)
	list, err := owner.ListAPITokens(ctx, client.PageParams{Limit: 1})
	must(t, err)
	if list.Meta.Total != 2 || list.APITokens[0].Name != "terraform" || !list.Meta.HasMore {
		t.Errorf("got %+v", list)
	}
	shown, err := owner.UpdateAPIToken(ctx, token.APIToken.ID, apitype.UpdateCredentialRequest{Disabled: apitype.Some(true)})
	must(t, err)
	_, err = ci.VerifyToken(ctx)
	refused("disabled", 401, err)
	if shown.APIToken.Status != "disabled" {
		t.Errorf("got %+v", shown)
	}
	_, err = owner.GetAPIToken(ctx, n["other.api_token"])
	refused("a foreign one", 404, err)
	again, err := owner.RollAPIToken(ctx, token.APIToken.ID)
	must(t, err)
	_, err = as(again.SecretAccessKey).VerifyToken(ctx)
	refused("renewed, and disabled still", 401, err)
	_, err = owner.DeleteAPIToken(ctx, token.APIToken.ID)
	must(t, err)
	_, err = owner.GetServiceAccount(ctx, account)
	refused("its service account", 404, err)

	// A service account's credential, and a signed token, which has no secret.
	key, err := owner.GetServiceAccountCredential(ctx, n["account"], n["credential"])
	must(t, err)
	renamed, err := owner.UpdateServiceAccountCredential(ctx, n["account"], n["credential"], apitype.UpdateCredentialRequest{Name: apitype.Some("x")})
	must(t, err)
	if renamed.Credential.Name != "x" || *renamed.Credential.AccessKeyID != *key.Credential.AccessKeyID {
		t.Errorf("got %+v", renamed)
	}
	_, err = owner.RollServiceAccountCredential(ctx, n["account"], n["credential"])
	must(t, err)
	e.asKey(n["key"], n["secret"]).get(groups).want(401)
	credentials, err := owner.ListUserCredentials(ctx, n["owner"])
	must(t, err)
	_, err = owner.RollUserCredential(ctx, n["owner"], credentials.Credentials[0].ID)
	refused("a signed token is renewed", 400, err)
}
