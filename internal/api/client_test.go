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

// TestClient makes calls of every shape through the public client, over a real listener.
func TestClient(t *testing.T) {
	w := newWorld(t)
	server := httptest.NewServer(w.handler)
	defer server.Close()
	c, err := client.New(client.Config{URL: server.URL + "/", Token: w.owner})
	must(t, err)
	ctx := t.Context()

	group, err := c.CreateGroup(ctx, apitype.CreateGroupRequest{Name: "auditors"})
	must(t, err)
	account, err := c.CreateServiceAccount(ctx, apitype.CreateServiceAccountRequest{Name: "a/b c", Description: new("text")})
	must(t, err)
	id := account.ServiceAccount.ID
	_, err = c.AddServiceAccountToGroup(ctx, id, group.Group.ID)
	must(t, err)
	policy, err := c.CreatePolicy(ctx, apitype.CreatePolicyRequest{Name: "p",
		Document: json.RawMessage(`{"statements":[{"effect":"allow","actions":["s3:*"],"resources":["<&>/*"]}]}`)})
	must(t, err)
	w.clock.advance(time.Second)
	at, err := c.AttachGroupPolicy(ctx, group.Group.ID, policy.Policy.ID)
	must(t, err)
	answer, err := c.AtLeast(at).Authorize(ctx, apitype.AuthorizeRequest{Principal: account.ServiceAccount.CRN, Action: "s3:GetObject",
		Resource: "crn::s3:object:<&>/x", Context: map[string]any{"n": 1}, AtLeast: at, Explain: true})
	must(t, err)
	if !answer.Allowed || answer.Revision != at || answer.Explanation.Determining[0].Group.Name != "auditors" {
		t.Errorf("%+v", answer)
	}
	request, err := c.AuthorizeHTTP(ctx, apitype.AuthorizeHTTPRequest{Principal: account.ServiceAccount.CRN, Backend: "vserver-gateway",
		Method: "GET", Path: "/v2/p1/servers/s%2F1", Explain: true})
	must(t, err)
	if request.Allowed || request.Reason != apitype.ImplicitDeny || *request.Action != "vserver:GetServer" || request.Parameters["serverId"] != "s/1" ||
		request.Resources[0] != "crn::vserver:server:s/1" || request.Explanation == nil {
		t.Errorf("%+v", request)
	}
	updated, err := c.UpdateServiceAccount(ctx, id, apitype.UpdateServiceAccountRequest{
		Description: apitype.Null[string](), DisplayName: apitype.Some("shown")})
	must(t, err)
	if a := updated.ServiceAccount; a.Description != nil || *a.DisplayName != "shown" || !a.Enabled || len(a.Groups) != 1 {
		t.Errorf("%+v", a)
	}
	key, err := c.CreateServiceAccountCredential(ctx, id, apitype.CreateCredentialRequest{Name: "k", ExpiresAt: &apitype.Time{Time: w.clock.Now().AddDate(1, 0, 0)}})
	must(t, err)
	if got := key.Credential.ExpiresAt; got.Unix() != w.clock.Now().AddDate(1, 0, 0).Unix() || key.SecretAccessKey == "" {
		t.Errorf("%+v", key)
	}
	members, err := c.ListGroupServiceAccounts(ctx, group.Group.ID, client.PageParams{Limit: 5})
	must(t, err)
	if len(members.ServiceAccounts) != 1 || members.Meta.Limit != 5 || members.Links.Self == "" {
		t.Errorf("%+v", members)
	}
	page, err := c.ListAuditLogs(ctx, client.AuditLogParams{Action: "iam.group.*", From: w.clock.Now().Add(-time.Second), PageParams: client.PageParams{Limit: 1}})
	must(t, err)
	if page.Meta.Total != 2 || page.AuditLogs[0].Action != "iam.group.attach_policy" {
		t.Errorf("%+v", page)
	}
	_, err = c.GetGroup(ctx, "../users")
	if e, ok := errors.AsType[*client.Error](err); !ok || e.Status != 404 || e.RequestID == "" {
		t.Errorf("%v", err)
	}
	_, err = c.CreateGroup(ctx, apitype.CreateGroupRequest{Name: "*"})
	if e, ok := errors.AsType[*client.Error](err); !ok || e.Status != 400 || e.Details == "" {
		t.Errorf("%v", err)
	}
	operator, err := client.New(client.Config{URL: server.URL, Token: w.operator})
	must(t, err)
	quota, err := operator.SetQuota(ctx, w.org, "groups", 0)
	must(t, err)
	if quota.Quota.Limit != 0 || *quota.Quota.Used != 1 {
		t.Errorf("%+v", quota)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
