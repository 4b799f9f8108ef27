package vngcloud

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// tokenPath ends the paths of the token endpoint.
const tokenPath = "/auth/token"

// tokenRoutes is sections 10.1 to 10.4.
func tokenRoutes() []wire.Route {
	account := thing{iam.TypeServiceAccount, "id"}
	own := func(c *wire.Call) control.Target { return control.On(c.In.Actor.Principal.CRN()) }
	r := area{}.route
	return []wire.Route{
		r(post, AccountsPrefix+"/v2"+tokenPath, control.IssueToken, own, issueToken("grant_type", tokenV2)),
		r(post, accountsV1+tokenPath, control.IssueToken, own, issueToken("grantType", tokenV1)),
		r(get, accountsV1+"/auth/userinfo", control.GetUserInfo, own, getUserInfo),
		r(post, accountsV1+"/auth/service-accounts/{id}/impersonate", control.ImpersonateServiceAccount, on(account), impersonate),
	}
}

// The answers of the two versions.
func tokenV2(t *control.AccessToken) any {
	return struct {
		Type      string `json:"token_type"`
		Token     string `json:"access_token"`
		Expires   int64  `json:"expires_in"`
		Refreshes int64  `json:"refresh_expires_in"`
	}{"Bearer", t.Token, seconds(t), 0}
}

func tokenV1(t *control.AccessToken) any {
	return struct {
		Token     string `json:"accessToken"`
		Refresh   string `json:"refreshToken"`
		Expires   int64  `json:"expiresIn"`
		Refreshes int64  `json:"refreshExpiresIn"`
	}{t.Token, "", seconds(t), 0}
}

func seconds(t *control.AccessToken) int64 { return int64(t.Lifetime.Seconds()) }

// issueToken gives a client a token. The grant stands in the body under a name.
func issueToken(name string, show func(*control.AccessToken) any) handler {
	return func(c *call) (*wire.Answer, error) {
		grant, err := c.grant(name)
		if err != nil {
			return nil, err
		}
		if grant != "client_credentials" {
			return nil, invalid(name, "is required, and must be client_credentials")
		}
		t, err := c.Control.IssueToken(c.Permit)
		if err != nil {
			return nil, err
		}
		return &wire.Answer{Status: http.StatusOK, Body: show(t), Revision: t.Revision}, nil
	}
}

// grant reads a member of a body that is JSON or a form: clients say the one and send the other, so its first byte tells.
func (c *call) grant(name string) (string, error) {
	text, err := c.bytes()
	if err != nil {
		return "", err
	}
	if trimmed := strings.TrimLeft(string(text), " \t\r\n"); !strings.HasPrefix(trimmed, "{") {
		form, err := url.ParseQuery(strings.TrimRight(trimmed, "\r\n"))
		if err != nil {
			return "", wrong(badRequest, iam.Errorf(iam.Invalid, "the body is neither JSON nor a form"))
		}
		return form.Get(name), nil
	}
	var in map[string]any
	if err := undecodable(wire.Unmarshal(text, &in, "{")); err != nil {
		return "", err
	}
	grant, _ := in[name].(string)
	return grant, nil
}

type userInfo struct {
	UserID    string     `json:"userId"`
	UserType  string     `json:"userType"`
	AccountID int64      `json:"accountId"`
	RootEmail string     `json:"rootEmail"`
	Username  string     `json:"username"`
	TwoFactor twoFactors `json:"twoFactorAuth"`
}

type twoFactors struct {
	Email  emailFactor `json:"email"`
	Google codeFactor  `json:"googleAuthenticator"`
}

type emailFactor struct {
	Verified bool   `json:"verified"`
	Enabled  bool   `json:"enabled"`
	Address  string `json:"address"`
}

type codeFactor struct {
	Verified bool `json:"verified"`
	Enabled  bool `json:"enabled"`
}

// getUserInfo tells a caller who they are. A role session counts as a service account.
func getUserInfo(c *call) (*wire.Answer, error) {
	actor := c.Permit.Actor()
	out := userInfo{UserID: actor.Principal.ID.String(), UserType: c.Permit.UserType(), AccountID: c.root(), Username: actor.Name}
	if out.UserType == "" {
		out.UserType = "user-sa"
	}
	if owner, err := c.View().User(c.View().Organization().Owner); err == nil {
		out.RootEmail = owner.Email
	}
	if u, err := c.View().User(iam.UserID{UUID: actor.Principal.ID}); err == nil {
		out.Username = u.Login()
		otp := c.View().SignIn(u.ID).OTP
		on := otp != nil && !otp.ConfirmedAt.IsZero()
		out.TwoFactor.Google = codeFactor{on, on}
	}
	return c.shown(out)
}

// impersonate gives a token to act as a service account, in this organization or in one that trusts it. The revision of another
// organization is nothing that the caller could wait for in its own.
func impersonate(c *call) (*wire.Answer, error) {
	t, err := c.Control.Impersonate(c.Ctx(), c.Permit, iam.ServiceAccountID{UUID: c.pathID("id")})
	if err != nil {
		return nil, err
	}
	out := &wire.Answer{Status: http.StatusOK, Body: struct {
		Type    string `json:"tokenType"`
		Token   string `json:"accessToken"`
		Expires int64  `json:"expiresIn"`
	}{"Bearer", t.Token, seconds(t)}}
	if c.View().ID() == c.Permit.Actor().Org {
		out.Revision = t.Revision
	}
	return out, nil
}
