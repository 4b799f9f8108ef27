package control

import (
	"context"
	"time"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// Temporary credentials of a role session. They are told this once.
type Temporary struct {
	AccessKey, Secret, Token string
	ExpiresAt                time.Time
	Role                     *iam.Role
	Session                  *iam.Session
	Revision                 iam.Revision
}

// Assumption is what a caller asks for who wants to act as a role.
type Assumption struct {
	Role     iam.RoleID
	Name     string // of the session; the caller's name if empty
	Duration time.Duration
	Bounded  bool       // refuses, Invalid, a role that does not say how long its sessions last at most
	Form     authn.Form // authn.Exoscale: the key signs requests, and needs no token; else one that needs its token
}

// AssumeRole opens a session of a role for the caller, if the role's trust policy covers them, or its assume policy allows it and their
// own policies do. It is Denied through a credential that has policies of its own. The permit is for the operation AssumeRole.
func (c *Control) AssumeRole(ctx context.Context, p *Permit, in Assumption) (*Temporary, error) {
	actor := p.Actor()
	x := iam.Session{Role: in.Role, Principal: actor.Behind, PrincipalName: actor.Name, Name: in.Name}
	if x.Name == "" {
		x.Name = shorten(actor.Name)
	}
	return c.openSession(ctx, p, x, in.Duration, in.Form, func(s *iam.State) (*iam.Role, error) {
		r, err := p.assumable(s, in.Role)
		if err == nil && in.Bounded && r.MaxSession == 0 {
			return nil, iam.FieldErrorf(iam.Invalid, "duration_seconds", "cannot be chosen: the role does not say how long its sessions last at most")
		}
		return r, err
	})
}

// assumable finds a role that the caller may assume. An assume policy that denies keeps out those too whom the trust policy covers.
func (p *Permit) assumable(s *iam.State, id iam.RoleID) (*iam.Role, error) {
	// The operation needs no grant where a trust policy is enough. What it does without one, policies must allow.
	on, now := []iam.CRN{iam.Name(iam.TypeRole, id.UUID)}, p.live.now.Load()
	granted := p.decide(now, AssumeRole, on).Allowed()
	r, err := s.Role(id)
	if err != nil {
		if granted || p.ask(now, p.question(now, GetRole.Action, on)).Allowed() { // others are not told that there is none
			return nil, err
		}
		return nil, p.untrusted(now, id, false)
	}
	trusted, word := r.Trust.Covers(p.call.Actor.CRN(), true), authz.NoMatch
	if r.Assume != nil {
		q := p.questionOf(now, AssumeRole, on)
		p.complete(now, nil, q)
		word = now.index.Consult(r.Assume.Program, q.Action, q.Resources[0], &q.Context)
	}
	if word == authz.Allowed && (granted || trusted) || word == authz.NoMatch && trusted {
		return r, nil
	}
	return nil, p.untrusted(now, id, granted || trusted)
}

// untrusted is the refusal of a role. The caller's own policies are its cause if they do not let them assume it.
func (p *Permit) untrusted(s *snapshot, id iam.RoleID, may bool) error {
	err := iam.Errorf(iam.Denied, "no trust policy lets you assume the role %s", id)
	if !may {
		err.Err = p.refused(s, AssumeRole, []iam.CRN{iam.Name(iam.TypeRole, id.UUID)})
	}
	return err
}

// maxSessionName is how much of a caller's name becomes the name of its session, in characters (bycloud.md, 16.2).
const maxSessionName = 64

func shorten(name string) string {
	if r := []rune(name); len(r) > maxSessionName {
		return string(r[:maxSessionName])
	}
	return name
}

// WorkloadSession opens a session of a role for a workload, which infrastructure vouches for. An empty role name means
// the oldest role that trusts the workload. The permit is for the operation GetWorkloadCredentials.
func (c *Control) WorkloadSession(ctx context.Context, p *Permit, workload iam.CRN, role string) (*Temporary, error) {
	name := workload.String()
	p.Target.Details = map[string]any{"workload": name}
	x := iam.Session{Principal: iam.Principal{Kind: iam.KindOfServiceAccount}, PrincipalName: name, Name: workloadSession}
	return c.openSession(ctx, p, x, DefaultSession, authn.Native, func(s *iam.State) (*iam.Role, error) {
		return workloadRole(s, name, role)
	})
}

// workloadSession is what the sessions of workloads are called.
const workloadSession = "workload"

// DefaultSession is how long temporary credentials are good for when nobody says (bycloud.md, 12.1).
const DefaultSession = time.Hour

func workloadRole(s *iam.State, workload, role string) (*iam.Role, error) {
	if role != "" {
		page, err := s.Roles().Page(iam.PageQuery[*iam.Role]{Match: func(r *iam.Role) bool { return r.Name == role }, Limit: 1})
		switch {
		case err != nil:
			return nil, err
		case len(page.Items) == 0:
			return nil, iam.Errorf(iam.NotFound, "role %q does not exist", role)
		case !page.Items[0].Trust.Covers(workload, false):
			return nil, iam.Errorf(iam.Denied, "the role's trust policy does not cover the workload")
		}
		return page.Items[0], nil
	}
	for r := range s.Roles().All() {
		if r.Trust.Covers(workload, false) {
			return r, nil
		}
	}
	return nil, iam.Errorf(iam.Denied, "no role's trust policy covers the workload")
}

// openSession makes temporary credentials for the role that choose finds in the state that the session is made on.
func (c *Control) openSession(ctx context.Context, p *Permit, x iam.Session, lifetime time.Duration, form authn.Form,
	choose func(*iam.State) (*iam.Role, error)) (*Temporary, error) {
	x.ID = iam.SessionID{UUID: c.NewID()}
	pair, err := authn.NewTemporaryKey(c.Random)
	if form == authn.Exoscale {
		if pair, err = authn.NewExoscaleKey(c.Random); err == nil {
			x.Sealed, err = c.seal(x.ID.UUID, pair.Secret)
		}
	}
	if err != nil {
		return nil, &iam.Error{Code: iam.Internal, Message: "no key can be made", Err: err}
	}
	x.AccessKey, x.Hash = pair.ID, c.keys.Hash(pair.Secret)
	x.SourceIP = ipText(p.call.IP)
	// Whole seconds, as every wire shows them: what a client reads is exactly when it ends.
	x.ExpiresAt = p.Now().UTC().Add(lifetime).Truncate(time.Second)
	out := &Temporary{AccessKey: pair.ID, Secret: pair.Secret, ExpiresAt: x.ExpiresAt}
	out.Revision, err = p.Write(ctx, func(d *iam.Draft) (err error) {
		if p.limited(d.State()) {
			return iam.Errorf(iam.Denied, "a credential that has policies of its own, and a token with which somebody acts as somebody else, open no "+
				"role session: the session would not be bound by them")
		}
		if out.Role, err = choose(d.State()); err != nil {
			return err
		}
		x.Role, x.RoleName = out.Role.ID, out.Role.Name
		p.Target.ID, p.Target.Name = out.Role.ID.String(), out.Role.Name
		if out.Session, err = d.OpenSession(x); err == nil {
			p.Target.Details = withDetail(p.Target.Details, "opened_session_id", x.ID.String())
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	out.Token, err = c.keys.Sign(authn.Claims{
		Issuer: c.Issuer, Org: p.Target.Org, Session: x.ID, IssuedAt: p.Now(), ExpiresAt: x.ExpiresAt,
		Principal: iam.Principal{Kind: iam.KindOfRole, ID: x.Role.UUID},
	})
	if err != nil {
		return nil, &iam.Error{Code: iam.Internal, Message: "no token can be signed", Err: err}
	}
	return out, nil
}

// Question is what somebody asks on behalf of somebody else.
type Question struct {
	Principal iam.CRN // a user, service account, role or role session of the organization; anything else is unknown
	Action    string
	Resources []iam.CRN
	Context   policy.Context // what is absent and the server knows, it fills in
	Depth     authz.Depth
}

// Authorize answers whether a principal may do something, and why. The permit is for the operation Authorize.
func (c *Control) Authorize(p *Permit, q Question) authz.Explanation {
	c.stats.Decisions.Add(1)
	r := authz.Request{Action: q.Action, Context: q.Context}
	for _, x := range q.Resources {
		r.Resources = append(r.Resources, x.String())
	}
	if r.Context.ProjectID == "" {
		r.Context.ProjectID = p.now.project(q.Resources, iam.ProjectID{})
	}
	reason := authz.UnknownPrincipal
	r.Principal, reason = c.principal(p.now, q.Principal, p.Now())
	return c.ask(p, &r, reason, q.Depth)
}

// ask asks on behalf of a principal, of which it is known whether they may act at all.
func (c *Control) ask(p *Permit, r *authz.Request, reason authz.Reason, depth authz.Depth) authz.Explanation {
	s := p.now
	if reason != authz.NoMatch {
		return authz.Explanation{Decision: authz.Decision{Reason: reason, Revision: s.head.Revision}}
	}
	fill := &r.Context
	fill.PrincipalCRN = orDefault(fill.PrincipalCRN, r.Principal.CRN().String())
	fill.PrincipalType = orDefault(fill.PrincipalType, string(r.Principal.Kind))
	fill.OrganizationID = orDefault(fill.OrganizationID, s.state.ID().String())
	if !fill.SourceIP.IsValid() {
		fill.SourceIP = p.call.IP
	}
	if fill.Now.IsZero() {
		fill.Now = p.Now()
	}
	if len(fill.ResourceTags) == 0 {
		r.ResourceTags = tagsNamed(s.state, r.Resources)
	}
	return s.index.Explain(r, depth)
}

func orDefault(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}

// principal finds whom a CRN names, and whether they may act at all: NoMatch means that they may.
func (c *Control) principal(s *snapshot, crn iam.CRN, now time.Time) (iam.Principal, authz.Reason) {
	id, err := iam.ParseUUID(crn.ID)
	if err != nil || crn.Service != "iam" || crn.Region != "" {
		return iam.Principal{}, authz.UnknownPrincipal
	}
	switch crn.Type {
	case iam.TypeUser:
		u, err := s.state.User(iam.UserID{UUID: id})
		if err != nil {
			return iam.Principal{}, authz.UnknownPrincipal
		}
		if c.userGood(u) != nil {
			return iam.Principal{}, authz.Disabled
		}
		return iam.Principal{Kind: iam.KindOfUser, ID: id}, authz.NoMatch
	case iam.TypeServiceAccount:
		return iam.Principal{Kind: iam.KindOfServiceAccount, ID: id}, authz.NoMatch
	case iam.TypeRole:
		return iam.Principal{Kind: iam.KindOfRole, ID: id}, authz.NoMatch
	case iam.TypeSession:
		x, err := s.state.Session(iam.SessionID{UUID: id})
		if err != nil {
			return iam.Principal{}, authz.UnknownPrincipal
		}
		if c.sessionGood(s, x, now) != nil {
			return iam.Principal{}, authz.Disabled
		}
		return iam.Principal{Kind: iam.KindOfRole, ID: x.Role.UUID}, authz.NoMatch
	}
	return iam.Principal{}, authz.UnknownPrincipal
}
