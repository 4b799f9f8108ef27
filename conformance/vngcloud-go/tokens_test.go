package vngcloudgo

import (
	"encoding/json"
	"errors"
	"net/http"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

// TestEnvFile: the variables alone are enough for the root user.
func TestEnvFile(t *testing.T) {
	client := flow(server.Env["VNGCLOUD_CLIENT_ID"], server.Env["VNGCLOUD_CLIENT_SECRET"], oauth2.AuthStyleAutoDetect).Client(t.Context())
	who := (&account{t, client}).userInfo()
	if who.UserType != "root-user" || strconv.FormatInt(who.AccountID, 10) != server.Env["VNGCLOUD_ROOT"] {
		t.Errorf("%+v", who)
	}
}

// TestClientCredentials: the flow works whatever letters a secret has, which it encodes first.
func TestClientCredentials(t *testing.T) {
	a := newAccount(t)
	for range 15 {
		made := a.serviceAccount()
		for _, style := range []oauth2.AuthStyle{oauth2.AuthStyleAutoDetect, oauth2.AuthStyleInHeader} {
			source := flow(made.ClientID, made.Secret, style).TokenSource(t.Context())
			token, err := source.Token()
			if err != nil {
				t.Fatal(err)
			}
			if left := time.Until(token.Expiry); token.Type() != "Bearer" || left > 30*time.Minute || left < 29*time.Minute {
				t.Errorf("a %s token for %s", token.Type(), left)
			}
			if who := a.as(oauth2.NewClient(t.Context(), source)).userInfo(); who.UserID != made.ID || who.UserType != "user-sa" {
				t.Errorf("%+v", who)
			}
		}
	}
}

// TestRefused: a wrong secret, and a client that puts its secret into the body.
func TestRefused(t *testing.T) {
	made := newAccount(t).serviceAccount()
	for name, config := range map[string]func() (*oauth2.Token, error){
		"wrong secret": func() (*oauth2.Token, error) {
			return flow(made.ClientID, "wrong", oauth2.AuthStyleInHeader).Token(t.Context())
		},
		"in the body": func() (*oauth2.Token, error) {
			return flow(made.ClientID, made.Secret, oauth2.AuthStyleInParams).Token(t.Context())
		},
	} {
		_, err := config()
		refused, ok := errors.AsType[*oauth2.RetrieveError](err)
		if !ok || refused.Response.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var body struct {
			Errors []struct{ Code, Message string } `json:"errors"`
		}
		if err := json.Unmarshal(refused.Body, &body); err != nil || len(body.Errors) != 1 || body.Errors[0].Code != "AUTHENTICATION_FAILED" || body.Errors[0].Message == "" {
			t.Errorf("%s: %s", name, refused.Body)
		}
	}
}

// TestCurl gets tokens as the vendor's guides have it.
func TestCurl(t *testing.T) {
	a := newAccount(t)
	made := a.serviceAccount()
	v2, v1 := server.Env["VNGCLOUD_TOKEN_URL"], server.URL+"/accounts-api/v1/auth/token"
	client := made.ClientID + ":" + made.Secret
	for name, args := range map[string][]string{
		"form":            {v2, "-d", "grant_type=client_credentials"},
		"form, scope":     {v2, "-d", "grant_type=client_credentials&scope=email"},
		"JSON":            {v2, "-H", "Content-Type: application/json", "-d", `{"grant_type":"client_credentials","scope":"email"}`},
		"JSON as form":    {v2, "-d", `{"grant_type":"client_credentials","ClientId":"x","ClientSecret":"y"}`},
		"version 1":       {v1, "-H", "Content-Type: application/json", "-d", `{"grantType":"client_credentials"}`},
		"version 1, form": {v1, "-d", "grantType=client_credentials"},
	} {
		out, err := exec.CommandContext(t.Context(), "curl", append([]string{"-sS", "--fail-with-body", "-X", "POST", "-u", client}, args...)...).Output()
		if err != nil {
			t.Errorf("%s: %v: %s", name, err, out)
			continue
		}
		var token struct {
			V2      string `json:"access_token"`
			V1      string `json:"accessToken"`
			Expires int    `json:"expires_in"`
			In      int    `json:"expiresIn"`
		}
		if err := json.Unmarshal(out, &token); err != nil || token.Expires+token.In != 1800 || (token.V2 == "") == (token.V1 == "") {
			t.Errorf("%s: %v: %s", name, err, out)
			continue
		}
		static := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token.V1 + token.V2})
		if who := a.as(oauth2.NewClient(t.Context(), static)).userInfo(); who.UserID != made.ID {
			t.Errorf("%s: %+v", name, who)
		}
	}
}
