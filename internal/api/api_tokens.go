package api

import (
	"net/http"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

func apiTokenRoutes() []Route {
	const all, one = "/v1/iam/api-tokens", "/v1/iam/api-tokens/{token_id}"
	return []Route{
		{get, all, control.ListAPITokens, anAPIToken.any, func(c *call) (*wire.Answer, error) {
			return cut(c, apiTokens, c.View().AccountTokens())
		}},
		{post, all, control.CreateAPIToken, anAPIToken.any, createAPIToken},
		{get, one, control.GetAPIToken, anAPIToken.one, getOne(anAPIToken, (*iam.State).AccountToken, apiTokens)},
		{patch, one, control.UpdateAPIToken, anAPIToken.one, updateAPIToken},
		{del, one, control.DeleteAPIToken, anAPIToken.one, deleteAPIToken},
		{post, one + "/roll", control.RollAPIToken, anAPIToken.one, rollAPIToken},
		{get, "/v1/iam/token", control.VerifyToken, anAPIToken.any, verifyToken},
	}
}

var apiTokens = kind[*iam.Credential, apitype.APIToken]{
	id:   func(k *iam.Credential) iam.UUID { return k.ID.UUID },
	wire: apiTokenToWire,
	one: func(k apitype.APIToken, at apitype.Revision) any {
		return apitype.APITokenAnswer{APIToken: k, Revision: at}
	},
	many: func(ks []apitype.APIToken, p apitype.Page) any { return apitype.APITokenList{APITokens: ks, Page: p} },
}

func apiTokenToWire(c *call, k *iam.Credential) apitype.APIToken {
	return apitype.APIToken{
		Credential: credentialToWire(c.View(), k, iam.TypeAPIToken), ServiceAccountID: k.Principal.ID.String(),
		Status: string(k.StatusAt(c.Permit.Now())), CreatorEmail: textOrNull(k.CreatorEmail),
	}
}

// issued answers with an API token and its secret.
func issued(c *call, status int, made *control.Issued) *wire.Answer {
	body := apitype.APITokenAnswer{APIToken: apiTokenToWire(c, made.Credential), SecretAccessKey: made.Secret, Revision: apitype.Revision(made.Revision)}
	return &wire.Answer{Status: status, Body: body, Revision: made.Revision}
}

func createAPIToken(c *call) (*wire.Answer, error) {
	ask, err := newCredential(c)
	if err != nil {
		return nil, err
	}
	made, err := c.Control.CreateAccountToken(c.Ctx(), c.Permit, ask, nil)
	if err != nil {
		return nil, err
	}
	return issued(c, http.StatusCreated, made), nil
}

func updateAPIToken(c *call) (*wire.Answer, error) {
	k, err := found(c, anAPIToken, (*iam.State).AccountToken)
	if err != nil {
		return nil, err
	}
	edit, err := newLimits(c)
	if err != nil {
		return nil, err
	}
	k, revision, err := c.Control.UpdateCredential(c.Ctx(), c.Permit, k.Principal, k.ID, edit)
	if err != nil {
		return nil, err
	}
	return &wire.Answer{Status: http.StatusOK, Body: apiTokens.one(apiTokenToWire(c, k), apitype.Revision(revision)), Revision: revision}, nil
}

func deleteAPIToken(c *call) (*wire.Answer, error) {
	k, err := found(c, anAPIToken, (*iam.State).AccountToken)
	if err != nil {
		return nil, err
	}
	return done(c.Control.DeleteCredential(c.Ctx(), c.Permit, k.Principal, k.ID))
}

func rollAPIToken(c *call) (*wire.Answer, error) {
	k, err := found(c, anAPIToken, (*iam.State).AccountToken)
	if err != nil {
		return nil, err
	}
	made, err := c.Control.RollCredential(c.Ctx(), c.Permit, k.Principal, k.ID, "")
	if err != nil {
		return nil, err
	}
	return issued(c, http.StatusOK, made), nil
}

// verifyToken tells what the caller's own proof is. One that is not good has not come so far.
func verifyToken(c *call) (*wire.Answer, error) {
	actor := c.Permit.Actor()
	out := apitype.TokenStatus{Status: string(iam.CredentialActive), CredentialID: idOrNull(actor.Credential.UUID), SessionID: idOrNull(actor.Session.UUID)}
	if x, err := c.View().UserSession(actor.UserSession); err == nil {
		out.SessionID, out.ExpiresAt = idOrNull(x.ID.UUID), &apitype.Time{Time: c.View().SessionEnds(x)}
	} else if k, err := c.Permit.Bearer(); err == nil {
		out.ExpiresAt = timeOrNull(k.ExpiresAt)
	} else if x, err := c.View().Session(actor.Session); err == nil {
		out.ExpiresAt = timeOrNull(&x.ExpiresAt)
	}
	return c.ok(out)
}
