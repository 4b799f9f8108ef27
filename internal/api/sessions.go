package api

import (
	"net/http"
	"time"

	"github.com/writ-iam/writ/client/apitype"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

func sessionRoutes() []Route {
	const all, one = "/v1/iam/sts-sessions", "/v1/iam/sts-sessions/{session_id}"
	return []Route{
		{get, all, control.ListSTSSessions, aSession.any, listSessions},
		{get, one, control.GetSTSSession, aSession.one, getOne(aSession, (*iam.State).Session, sessions)},
		{post, one + "/revoke", control.RevokeSTSSession, aSession.one, revokeSession},
		{del, one, control.RevokeSTSSession, aSession.one, deleteOne(aSession, func(d *iam.Draft, id iam.SessionID) error {
			_, err := d.RevokeSession(id, nil)
			return err
		})},
	}
}

var sessions = kind[*iam.Session, apitype.STSSession]{
	id:   func(x *iam.Session) iam.UUID { return x.ID.UUID },
	wire: sessionToWire,
	one: func(x apitype.STSSession, at apitype.Revision) any {
		return apitype.STSSessionAnswer{STSSession: x, Revision: at}
	},
	many: func(xs []apitype.STSSession, p apitype.Page) any {
		return apitype.STSSessionList{STSSessions: xs, Meta: p.Meta}
	},
}

func sessionToWire(c *call, x *iam.Session) apitype.STSSession {
	out := apitype.STSSession{
		ID: x.ID.String(), OrganizationID: c.View().ID().String(), RoleID: x.Role.String(), RoleName: x.RoleName,
		PrincipalID: idOrNull(x.Principal.ID), PrincipalType: string(x.Principal.Kind), PrincipalName: x.PrincipalName,
		SessionName: x.Name, CreatedAt: apitype.Time{Time: x.CreatedAt}, ExpiresAt: apitype.Time{Time: x.ExpiresAt},
		Revoked: x.RevokedAt != nil, RevokedAt: timeOrNull(x.RevokedAt), RevokedReason: x.RevokedReason,
		SourceIP: textOrNull(x.SourceIP), IsActive: x.ActiveAt(c.Permit.Now()),
	}
	if at, ok := c.View().LastUsed(x.ID.UUID); ok {
		out.LastUsedAt = &apitype.Time{Time: at}
	}
	return out
}

// listSessions has filters of its own (section 4); only active sessions are shown unless it is asked for all. Those that
// ended too long ago are removed from time to time, and shown no more (section 16.5).
func listSessions(c *call) (*wire.Answer, error) {
	q, err := c.listQuery("role_id", "principal_id", "principal_type", "active_only")
	if err != nil {
		return nil, err
	}
	role, principal := q.id("role_id"), q.id("principal_id")
	kind := iam.PrincipalKind(q.oneOf("principal_type", string(iam.KindOfUser), string(iam.KindOfServiceAccount)))
	ended := q.oneOf("active_only", "true", "false") == "false"
	if q.err != nil {
		return nil, q.err
	}
	ask, now := pageQuery[*iam.Session](q), c.Permit.Now()
	ask.Match = func(x *iam.Session) bool {
		return (role.IsZero() || x.Role.UUID == role) && (principal.IsZero() || x.Principal.ID == principal) &&
			(kind == "" || x.Principal.Kind == kind) && (x.ActiveAt(now) || ended && now.Sub(x.EndedAt(now)) <= iam.SessionsKept)
	}
	return show(c, sessions, c.View().Sessions(), q, ask)
}

func revokeSession(c *call) (*wire.Answer, error) {
	id, err := aSession.id(c)
	if err != nil {
		return nil, err
	}
	var in apitype.RevokeSTSSessionRequest
	err = c.decodeOptional(&in, func(f *form) { f.text("reason", in.Reason, maxDescription) })
	if err != nil {
		return nil, err
	}
	return write(c, http.StatusOK, sessions, func(d *iam.Draft) (*iam.Session, error) {
		return d.RevokeSession(iam.SessionID{UUID: id}, in.Reason)
	})
}

// How long temporary credentials may be good for, in seconds (section 12.1).
const (
	minDuration = 900
	maxDuration = 43200
)

// assumeRole enters twice: what the caller may not do at all is refused before the body is read, and an explicit deny
// of this one role wins over its trust policy (section 16.7).
func assumeRole(c *call) (*wire.Answer, error) {
	var in apitype.AssumeRoleRequest
	ask := control.Assumption{Duration: control.DefaultSession}
	err := c.decode(&in, func(f *form) {
		ask.Role.UUID = f.id("role_id", in.RoleID)
		if n := in.DurationSeconds; n != nil {
			if *n < minDuration || *n > maxDuration {
				f.wrong("duration_seconds", "must be from %d to %d", minDuration, maxDuration)
			}
			ask.Duration = time.Duration(*n) * time.Second
		}
		if in.SessionName != nil {
			f.label("session_name", in.SessionName, maxSessionName)
			ask.Name = *in.SessionName
		}
	})
	if err != nil {
		return nil, err
	}
	role := control.On(iam.Name(iam.TypeRole, ask.Role.UUID))
	if c.Permit, err = c.Control.Enter(c.Ctx(), &c.In, control.AssumeRole, role); err != nil {
		return nil, err
	}
	out, err := c.Control.AssumeRole(c.Ctx(), c.Permit, ask)
	if err != nil {
		return nil, err
	}
	return &wire.Answer{Status: http.StatusOK, Body: temporaryToWire(out), Revision: out.Revision}, nil
}

func temporaryToWire(t *control.Temporary) apitype.TemporaryCredentials {
	return apitype.TemporaryCredentials{AccessKeyID: t.AccessKey, SecretAccessKey: t.Secret, SessionToken: t.Token,
		Expiration: apitype.Time{Time: t.ExpiresAt}, Revision: apitype.Revision(t.Revision)}
}

func getWorkloadCredentials(c *call) (*wire.Answer, error) {
	var in apitype.WorkloadCredentialsRequest
	var workload iam.CRN
	role := ""
	err := c.decode(&in, func(f *form) {
		workload = f.crn("principal", in.Principal)
		if in.RoleName != nil {
			role = *in.RoleName
			f.name("role_name", &role)
		}
	})
	if err != nil {
		return nil, err
	}
	out, err := c.Control.WorkloadSession(c.Ctx(), c.Permit, workload, role)
	if err != nil {
		return nil, err
	}
	body := apitype.WorkloadCredentials{TemporaryCredentials: temporaryToWire(out), RoleName: out.Role.Name}
	return &wire.Answer{Status: http.StatusOK, Body: body, Revision: out.Revision}, nil
}
