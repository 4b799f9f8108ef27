package vngcloudgo

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/writ-iam/writ/conformance/harness"
)

var server *harness.Server

func TestMain(m *testing.M) {
	os.Exit(harness.Main(m, &server, "VNGCLOUD_IAM_URL", "VNGCLOUD_TOKEN_URL", "VNGCLOUD_CLIENT_ID", "VNGCLOUD_CLIENT_SECRET", "VNGCLOUD_ROOT"))
}

// account is one that a test has for itself.
type account struct {
	t      *testing.T
	client *http.Client // its root user's, or of whoever it is handed on to
}

// newAccount makes an account, and connects to it as its root user with a token of the native API.
func newAccount(t *testing.T) *account {
	t.Helper()
	o, err := server.NewOrganization(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return &account{t, oauth2.NewClient(t.Context(), oauth2.StaticTokenSource(&oauth2.Token{AccessToken: o.Token}))}
}

// as is the account through another client.
func (a *account) as(client *http.Client) *account { return &account{a.t, client} }

// flow is the stock flow, as the Terraform provider sets it up.
func flow(id, secret string, style oauth2.AuthStyle) *clientcredentials.Config {
	return &clientcredentials.Config{ClientID: id, ClientSecret: secret, TokenURL: server.Env["VNGCLOUD_TOKEN_URL"], Scopes: []string{"email"}, AuthStyle: style}
}

// call makes a call and wants a status; what it answers goes into into, unless that is nil. Paths of the policies API begin with /v1.
func (a *account) call(method, path string, body any, status int, into any) {
	a.t.Helper()
	url := server.Env["VNGCLOUD_IAM_URL"] + path
	if strings.HasPrefix(path, "/accounts-api") {
		url = server.URL + path
	}
	var content io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			a.t.Fatal(err)
		}
		content = bytes.NewReader(b)
	}
	request, err := http.NewRequestWithContext(context.Background(), method, url, content)
	if err != nil {
		a.t.Fatal(err)
	}
	response, err := a.client.Do(request)
	if err != nil {
		a.t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	if response.StatusCode != status {
		a.t.Fatalf("%s %s answered %d, want %d: %s", method, path, response.StatusCode, status, answer)
	}
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			a.t.Fatalf("%s %s: %v: %s", method, path, err, answer)
		}
	}
}

// serviceAccount is a new one, with its client.
type serviceAccount struct {
	ID       string `json:"id"`
	ClientID string `json:"clientId"`
	Secret   string `json:"clientSecret"`
}

func (a *account) serviceAccount() (made serviceAccount) {
	a.t.Helper()
	a.call("POST", "/accounts-api/v1/service-accounts", map[string]string{"name": harness.Unique("robot")}, http.StatusCreated, &made)
	return made
}

type userInfo struct {
	UserID    string `json:"userId"`
	UserType  string `json:"userType"`
	AccountID int64  `json:"accountId"`
}

func (a *account) userInfo() (who userInfo) {
	a.t.Helper()
	a.call("GET", "/accounts-api/v1/auth/userinfo", nil, http.StatusOK, &who)
	return who
}
