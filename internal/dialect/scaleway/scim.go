package scaleway

import (
	"slices"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// aSCIM lets an identity provider keep the users. The domain authorizes it on the organization.
var aSCIM = thing{"scim", iam.TypeOrganization, "scim_id"}

func scimRoutes() []route {
	const ofOrganization, each, token = "/organizations/{organization_id}/scim", "/scim/{scim_id}", "/scim-tokens/{token_id}"
	return []route{
		aSCIM.does(reads, get, ofOrganization, control.GetSCIM, ofOwnOrganization, getSCIM),
		aSCIM.does(creates, post, ofOrganization, control.EnableSCIM, ofOwnOrganization, enableSCIM),
		aSCIM.does(deletes, del, each, control.DisableSCIM, ofOwnOrganization, disableSCIM),
		aSCIM.does(lists, get, each+"/tokens", control.ListSCIMTokens, ofOwnOrganization, listSCIMTokens),
		aSCIM.does(creates, post, each+"/tokens", control.CreateSCIMToken, ofOwnOrganization, createSCIMToken),
		aSCIM.does(reads, get, token, control.GetSCIMToken, ofOwnOrganization, getSCIMToken),
		aSCIM.does(deletes, del, token, control.DeleteSCIMToken, ofOwnOrganization, deleteSCIMToken),
	}
}

// ofOwnOrganization is the target of calls about the caller's organization.
func ofOwnOrganization(c *wire.Call) control.Target {
	return control.On(iam.Name(iam.TypeOrganization, c.In.Actor.Org.UUID))
}

// scimOut is Scim of section 4.10.
type scimOut struct {
	ID        string    `json:"id"`
	CreatedAt timestamp `json:"created_at"`
}

func showSCIM(s *iam.SCIM) scimOut { return scimOut{s.ID.String(), timestamp(s.CreatedAt)} }

func getSCIM(c *call) (*wire.Answer, error) {
	s, err := c.View().SCIM()
	if err != nil {
		return nil, missing("organization_scim", c.View().ID().String())
	}
	return c.shown(showSCIM(s))
}

// enableSCIM lets users be kept by SCIM, or shows that they are already (section 9).
func enableSCIM(c *call) (*wire.Answer, error) {
	id := iam.SCIMID{UUID: c.Control.NewID()}
	c.Permit.Target.Type = aSCIM.word
	return write(c, showSCIM, func(d *iam.Draft) (*iam.SCIM, error) { return d.EnableSCIM(id) })
}

// scimInPath finds the SCIM that the path names.
func (c *call) scimInPath() (*iam.SCIM, error) {
	s, err := c.View().SCIM()
	if id := pathID(c.Call, aSCIM.param); err != nil || s.ID.UUID != id {
		return nil, missing(aSCIM.word, id.String())
	}
	return s, nil
}

func disableSCIM(c *call) (*wire.Answer, error) {
	s, err := c.scimInPath()
	if err != nil {
		return nil, err
	}
	c.Permit.Target.Type, c.Permit.Target.ID = aSCIM.word, s.ID.String()
	return removed(c.Permit.Write(c.Ctx(), func(d *iam.Draft) error { return d.DisableSCIM(s.ID) }))
}

// scimToken is section 4.10.
type scimToken struct {
	ID        string    `json:"id"`
	SCIMID    string    `json:"scim_id"`
	CreatedAt timestamp `json:"created_at"`
	ExpiresAt timestamp `json:"expires_at"`
}

func scimTokenOut(of *iam.SCIM, t iam.SCIMToken) scimToken {
	return scimToken{t.ID.String(), of.ID.String(), timestamp(t.CreatedAt), timestamp(t.ExpiresAt)}
}

var scimTokenOrders = orders[iam.SCIMToken]{"created_at": byTime(scimTokenCreated)}

func scimTokenCreated(t iam.SCIMToken) time.Time { return t.CreatedAt }
func scimTokenID(t iam.SCIMToken) iam.UUID       { return t.ID.UUID }

func listSCIMTokens(c *call) (*wire.Answer, error) {
	s, err := c.scimInPath()
	if err != nil {
		return nil, err
	}
	q := c.query()
	list := sorted(q, slices.Clone(s.Tokens), scimTokenOrders, scimTokenCreated, scimTokenID)
	return paged(c, q, "scim_tokens", list, func(t iam.SCIMToken) scimToken { return scimTokenOut(s, t) })
}

// createSCIMToken makes a token, of which this answer alone shows the secret. There is no body.
func createSCIMToken(c *call) (*wire.Answer, error) {
	s, err := c.scimInPath()
	if err != nil {
		return nil, err
	}
	t, secret, at, err := c.Control.CreateSCIMToken(c.Ctx(), c.Permit, s.ID)
	if err != nil {
		return nil, err
	}
	return answer(fields{"token": scimTokenOut(s, t), "bearer_token": secret}, at), nil
}

// scimTokenInPath finds the token that the path names.
func (c *call) scimTokenInPath() (*iam.SCIM, iam.SCIMToken, error) {
	id := iam.SCIMTokenID{UUID: pathID(c.Call, "token_id")}
	t, err := c.View().SCIMToken(id)
	if err != nil {
		return nil, t, missing("scim_token", id.String())
	}
	s, err := c.View().SCIM()
	return s, t, err
}

func getSCIMToken(c *call) (*wire.Answer, error) {
	s, t, err := c.scimTokenInPath()
	if err != nil {
		return nil, err
	}
	return c.shown(scimTokenOut(s, t))
}

func deleteSCIMToken(c *call) (*wire.Answer, error) {
	_, t, err := c.scimTokenInPath()
	if err != nil {
		return nil, err
	}
	c.Permit.Target.Type, c.Permit.Target.ID = "scim_token", t.ID.String()
	return removed(c.Permit.Write(c.Ctx(), func(d *iam.Draft) error { return d.DeleteSCIMToken(t.ID) }))
}
