package scaleway

import (
	"slices"
	"time"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// aJWT is a session of a user, who is both its issuer and its audience.
var aJWT = thing{"jwt", iam.TypeUserSession, "jti"}

func jwtRoutes() []route {
	const all, each = "/jwts", "/jwts/{jti}"
	return []route{
		thing{"self_jwt", "", ""}.does(lists, get, all, control.ListJWTs, ofUserInQuery("audience_id"), listJWTs), // so section 9 calls it
		aJWT.does(creates, post, all, control.CreateJWT, ofUserInBody, createJWT),
		aJWT.does(reads, get, each, control.GetJWT, aJWT.one, getJWT),
		aJWT.does(deletes, del, each, control.DeleteJWT, aJWT.one, deleteJWT),
	}
}

// ofUserInBody is the target of calls about the user that a body names.
func ofUserInBody(c *wire.Call) control.Target {
	var in struct {
		UserID *string `json:"user_id"`
	}
	c.Peek(&in)
	var f form
	if id := f.id("user_id", in.UserID); !id.IsZero() {
		return control.On(iam.Name(iam.TypeUser, id))
	}
	return aUser.any(c)
}

// jwt is section 4.10.
type jwt struct {
	JTI        string    `json:"jti"`
	IssuerID   string    `json:"issuer_id"`
	AudienceID string    `json:"audience_id"`
	CreatedAt  timestamp `json:"created_at"`
	UpdatedAt  timestamp `json:"updated_at"`
	ExpiresAt  *moment   `json:"expires_at"`
	IP         string    `json:"ip"`
	UserAgent  string    `json:"user_agent"`
}

func (c *call) jwt(x *iam.UserSession) jwt {
	ends := c.View().SessionEnds(x)
	return jwt{x.ID.String(), x.User.String(), x.User.String(), timestamp(x.CreatedAt), timestamp(x.UpdatedAt), when(&ends), x.IP, x.UserAgent}
}

var jwtOrders = orders[*iam.UserSession]{
	"created_at": byTime(jwtCreated),
	"updated_at": byTime(func(x *iam.UserSession) time.Time { return x.UpdatedAt }),
}

func jwtCreated(x *iam.UserSession) time.Time { return x.CreatedAt }
func jwtID(x *iam.UserSession) iam.UUID       { return x.ID.UUID }

// isJWT tells whether a session is one still: one that was deleted is not, though the domain remembers it.
func isJWT(x *iam.UserSession) bool { return x.RevokedAt == nil }

// listJWTs lists a user's sessions, for callers who come with one: keys list none (section 9).
func listJWTs(c *call) (*wire.Answer, error) {
	q := c.query()
	q.require("audience_id")
	id, _ := q.id("audience_id")
	switch {
	case q.err != nil:
		return nil, q.err
	case c.Permit.Actor().UserSession.IsZero():
		return nil, iam.Errorf(iam.Denied, "sessions are listed with a session, and not with an API key")
	}
	if _, err := c.memberHere(id); err != nil {
		return nil, err
	}
	list := keep(slices.Collect(c.View().UserSessions(iam.UserID{UUID: id}).All()), isJWT)
	list = keepFlag(q, "expired", list, func(x *iam.UserSession) bool { return !c.Permit.Now().Before(c.View().SessionEnds(x)) })
	list = sorted(q, list, jwtOrders, jwtCreated, jwtID)
	return paged(c, q, "jwts", list, c.jwt)
}

// createJWT gives the caller a session of their own.
func createJWT(c *call) (*wire.Answer, error) {
	var in struct {
		UserID   *string `json:"user_id"`
		Referrer string  `json:"referrer"`
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	var f form
	id := f.id("user_id", in.UserID)
	if id.IsZero() {
		f.wrong("user_id", required, "is required")
	}
	if f.err != nil {
		return nil, f.err
	}
	if err := c.need(control.CreateJWT, iam.Name(iam.TypeUser, id)); err != nil {
		return nil, err
	}
	if _, err := c.memberHere(id); err != nil {
		return nil, err
	}
	made, err := c.Control.CreateUserSession(c.Ctx(), c.Permit, control.NewUserSession{User: iam.UserID{UUID: id}, Referrer: in.Referrer})
	if err != nil {
		return nil, err
	}
	return answer(fields{"jwt": c.jwt(made.Session), "token": made.Token, "renew_token": made.RenewToken}, made.Revision), nil
}

func (c *call) jwtInPath() (*iam.UserSession, error) {
	id := iam.UserSessionID{UUID: pathID(c.Call, aJWT.param)}
	x, err := c.View().UserSession(id)
	if err != nil || !isJWT(x) {
		return nil, missing(aJWT.word, id.String())
	}
	return x, nil
}

func getJWT(c *call) (*wire.Answer, error) {
	x, err := c.jwtInPath()
	if err != nil {
		return nil, err
	}
	return c.shown(c.jwt(x))
}

func deleteJWT(c *call) (*wire.Answer, error) {
	x, err := c.jwtInPath()
	if err != nil {
		return nil, err
	}
	return removed(c.Permit.Write(c.Ctx(), func(d *iam.Draft) error {
		_, err := d.RevokeUserSession(x.ID)
		return err
	}))
}
