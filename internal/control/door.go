package control

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
)

// Call is one call by an authenticated actor. The transport fills it in; nothing in it comes from the request's body.
type Call struct {
	Actor     iam.Actor
	RequestID string
	IP        netip.Addr
	UserAgent string       // valid UTF-8
	AtLeast   iam.Revision // the answer must be on this revision or a later one; 0: any
	// Details are added to those of the audit event. They hold no secret.
	Details map[string]any

	// What only expressions of policies see (exoscale.md, section 10.3). Operation is one name for all that the call does, beside its
	// own operation too; "" names each as the catalogue does. Zone is where the call was made; "" is absent. Parameters gives what
	// the request says, values as policy.More has them; it is called if an expression asks; nil is nothing.
	Operation  string
	Zone       string
	Parameters func() map[string]any
}

// Target is what a call is about.
type Target struct {
	// Resources are what the action is authorized on, all of them: the thing that the path names, or AnyOf its type
	// for a list or a create.
	Resources []iam.CRN
	// Project is where SSH keys are listed or made; zero is in none in particular. Of a thing that is there, its own project counts.
	Project iam.ProjectID
	// Tags are those that the call gives to what it makes or changes: conditions see them.
	Tags []iam.Tag
	// Org is the organization that the call changes; zero is the actor's own. Platform operations may name another.
	Org iam.OrgID
	// Type, ID, Name and Details say in the audit event what it was about. They default to those of the first resource,
	// and are set by whoever learns better before Write returns. Details hold no secret.
	Type, ID, Name string
	Details        map[string]any
	// About is what expressions see as resources; nil: Resources.
	About []iam.CRN
}

// On makes the target of a call about one thing.
func On(resource iam.CRN) Target { return Target{Resources: []iam.CRN{resource}} }

// How long a call waits.
const (
	waitBehind = 2 * time.Second      // for a revision that was asked for
	maxDrafts  = 40                   // drafts of one change, when other nodes keep moving the head
	pause      = 2 * time.Millisecond // between two drafts, times their number, so that each node gets its turn
)

// Permit is a call that may go on. It is used by one goroutine, for one call.
type Permit struct {
	Target Target // what the audit event will say; see Target

	c       *Control
	call    *Call
	op      *Operation
	from    *live     // the actor's organization
	live    *live     // that which the call is about
	home    *snapshot // of the actor's organization, on which the call was authorized
	now     *snapshot // of the organization that the call is about
	at      time.Time
	account string // the account number of the organization that the call is about, if it is a foreign one
	also    []requirement
	gives   []*policy.Program // see MayGive
	settled bool              // its event is written
	facts   facts
	more    policy.More // asks facts
}

// requirement is a further operation that a call does beside its own.
type requirement struct {
	op        *Operation
	resources []iam.CRN
}

// Asked is one of several things that a call may be.
type Asked struct {
	Operation *Operation
	Target    Target
}

// EnterFirst is Enter for a call that is one of several things: the first that the caller may do, which Permit.Does tells. If there
// is none, it is refused as the first of them. There is at least one, and all are about the caller's own organization.
func (c *Control) EnterFirst(ctx context.Context, call *Call, asked ...Asked) (*Permit, error) {
	now, err := c.look(ctx, call)
	if err != nil {
		return nil, err
	}
	for _, a := range asked {
		p := &Permit{Target: a.Target, c: c, call: call, op: a.Operation, at: c.Now(), home: now}
		if p.Target.Org = call.Actor.Org; p.authorize(now) == nil {
			return c.Enter(ctx, call, a.Operation, a.Target)
		}
	}
	return c.Enter(ctx, call, asked[0].Operation, asked[0].Target)
}

// Enter authorizes a call. It waits, bounded, for the revision that the call asks for. A refusal is Denied whatever the
// target is or whether it exists, and leaves an event if the operation is a write. Denied with the field SourceIP says that
// the caller's credential may not be used from the caller's address; that is decided before anything else.
func (c *Control) Enter(ctx context.Context, call *Call, op *Operation, target Target) (*Permit, error) {
	p := &Permit{Target: target, c: c, call: call, op: op, at: c.Now()}
	home, snap, err := c.org(ctx, call.Actor.Org)
	if err != nil {
		return nil, err
	}
	p.from, p.live, p.home = home, home, snap
	if op.Foreign {
		if err := p.seek(ctx); err != nil {
			return nil, err
		}
	}
	if p.Target.Org.IsZero() || p.Target.Org == call.Actor.Org {
		p.Target.Org = call.Actor.Org
		if err := p.await(ctx); err != nil {
			return nil, err
		}
		p.home = p.now
	}
	if err := p.authorize(p.home); err != nil {
		p.live, p.Target.Org = home, call.Actor.Org
		return nil, p.Fail(ctx, err)
	}
	if p.Target.Org != call.Actor.Org {
		if p.live, p.now, err = c.org(ctx, p.Target.Org); err != nil {
			p.live, p.Target.Org = home, call.Actor.Org
			return nil, p.Fail(ctx, err)
		}
		if p.foreign() { // whose revisions are not the caller's to ask for
			p.now = p.live.now.Load()
			return p, nil
		}
		if err := p.await(ctx); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// await sets now to a snapshot that is new enough.
func (p *Permit) await(ctx context.Context) (err error) {
	p.now = p.live.now.Load()
	if p.call.AtLeast <= p.now.head.Revision {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, waitBehind)
	defer cancel()
	p.now, err = p.live.wait(ctx, p.call.AtLeast)
	return err
}

// authorize decides whether the actor may make the call, on a snapshot of the actor's organization.
func (p *Permit) authorize(s *snapshot) error {
	actor := p.call.Actor
	if err := p.checkSource(s); err != nil {
		return err
	}
	// Platform operations belong to the platform, and nothing else reaches out of its own organization.
	if p.op.Platform && actor.Org != iam.PlatformOrg || !p.op.Platform && p.Target.Org != actor.Org && !p.foreign() {
		return denied(p.op)
	}
	if p.op.Open {
		return p.checkKnown(s)
	}
	d := p.decide(s, p.op, p.Target.Resources)
	if d.Allowed() || d.Reason == authz.NoMatch && p.op.Trusted {
		return p.decideAlso(s)
	}
	if d.Reason == authz.NoMatch && p.op.Own {
		return p.decideOwn(s)
	}
	return p.refused(s, p.op, p.Target.Resources)
}

// Require authorizes a further operation that the call's body asks for beside its own, such as attaching policies while
// a role is made, on all of the resources: what a policy denies by one way must not be had by another. It is Denied as Enter is, and
// Write decides it again.
func (p *Permit) Require(op *Operation, resources ...iam.CRN) error {
	p.also = append(p.also, requirement{op, resources})
	if !p.decide(p.home, op, resources).Allowed() {
		return p.refused(p.home, op, resources)
	}
	return nil
}

func (p *Permit) decideAlso(s *snapshot) error {
	for _, r := range p.also {
		if !p.decide(s, r.op, r.resources).Allowed() {
			return p.refused(s, r.op, r.resources)
		}
	}
	return p.decideGives(s)
}

// denied is the refusal, which says nothing of the target.
func denied(op *Operation) *iam.Error {
	return iam.Errorf(iam.Denied, "you are not allowed to do %s here", op.Action)
}

// decide asks the engine about the actor.
func (p *Permit) decide(s *snapshot, op *Operation, resources []iam.CRN) authz.Decision {
	return p.ask(s, p.questionOf(s, op, resources))
}

// questionOf is an operation on resources. What a call does beside its own operation may be a part of that to expressions.
func (p *Permit) questionOf(s *snapshot, op *Operation, resources []iam.CRN) *authz.Request {
	r := p.question(s, op.Action, resources)
	if op != p.op {
		r.Context.Operation = p.call.Operation
	}
	return r
}

// question is an action on resources. Conditions see the tags of what it is about, and those that the call gives.
func (p *Permit) question(s *snapshot, action string, resources []iam.CRN) *authz.Request {
	r := &authz.Request{Action: action, Resources: make([]string, len(resources)), ResourceTags: tagsOf(s.state, resources)}
	for i, name := range resources {
		r.Resources[i] = name.String()
	}
	r.Context.ProjectID = s.project(resources, p.Target.Project)
	r.Context.RequestTags = attributes(p.Target.Tags)
	return r
}

// ask completes a request of the actor's, and decides it.
func (p *Permit) ask(s *snapshot, r *authz.Request) authz.Decision {
	k, good := p.credential(s)
	if !good {
		return authz.Decision{Reason: authz.Disabled, Revision: s.head.Revision}
	}
	p.c.stats.Decisions.Add(1)
	p.complete(s, k, r)
	return p.index(s, r).Decide(r)
}

// index is what decides a request: the snapshot's, without the organization's policy where that does not bind.
func (p *Permit) index(s *snapshot, r *authz.Request) *authz.Index {
	if p.op == ResetOrganizationPolicy && r.Action == p.op.Action && p.liftsAlways(s) {
		return s.index.WithBoundary(nil)
	}
	return s.index
}

// complete puts into a request who asks, and what conditions see of the call.
func (p *Permit) complete(s *snapshot, k *iam.Credential, r *authz.Request) {
	actor := p.call.Actor
	p.facts.about(p, s)
	p.more.Call = &p.facts
	r.Principal, r.Account, r.Boundaries = actor.Principal, p.account, boundariesOf(k)
	c := &r.Context
	c.SourceIP, c.Now, c.UserAgent, c.Zone, c.More = p.call.IP, p.at, p.call.UserAgent, p.call.Zone, &p.more
	c.PrincipalCRN, c.PrincipalType, c.OrganizationID = actor.CRN(), string(actor.Principal.Kind), actor.Org.String()
}

// Does tells whether the call is an operation, on a resource.
func (p *Permit) Does(op *Operation, resource iam.CRN) bool {
	return p.op == op && slices.Contains(p.Target.Resources, resource)
}

// May tells whether the caller may do a further operation too. What a call does beside its own, it must Require.
func (p *Permit) May(op *Operation, resource iam.CRN) bool {
	return p.ask(p.home, p.question(p.home, op.Action, []iam.CRN{resource})).Allowed()
}

// Allowed tells whether the caller may do an action of the catalogue on a resource in a project; "" for none. It is an answer to
// the caller, and permits nothing.
func (p *Permit) Allowed(action string, resource iam.CRN, project string) bool {
	r := p.question(p.home, action, []iam.CRN{resource})
	r.Context.ProjectID = project
	return p.ask(p.home, r).Allowed()
}

// Await brings View to a revision, waiting for it, bounded; Unavailable if the node does not see it in time.
func (p *Permit) Await(ctx context.Context, at iam.Revision) error {
	p.call.AtLeast = max(p.call.AtLeast, at)
	return p.await(ctx)
}

// View gives the organization that the call is about, for reading.
func (p *Permit) View() *View { return &View{State: p.now.state, c: p.c} }

// View gives the caller's organization before a call is authorized: for finding out what the call is about, and not for telling
// anything of it. It waits, bounded, for the revision that the call asks for.
func (c *Control) View(ctx context.Context, call *Call) (*View, error) {
	now, err := c.look(ctx, call)
	if err != nil {
		return nil, err
	}
	return &View{State: now.state, c: c}, nil
}

// look gives the caller's organization at the revision that the call asks for, or later.
func (c *Control) look(ctx context.Context, call *Call) (*snapshot, error) {
	home, _, err := c.org(ctx, call.Actor.Org)
	if err != nil {
		return nil, err
	}
	p := &Permit{c: c, call: call, live: home}
	if err := p.await(ctx); err != nil {
		return nil, err
	}
	return p.now, nil
}

// View is an organization at one revision, with what the node knows beyond it.
type View struct {
	*iam.State
	c *Control
}

// LastUsed tells when a credential or session was last used, as far as this node knows.
func (v *View) LastUsed(id iam.UUID) (time.Time, bool) {
	recorded, ok := v.State.LastUsed(id)
	if pending, is := v.c.uses.get(v.ID(), id); is && pending.After(recorded) {
		return pending, true
	}
	return recorded, ok
}

// Now is the time of the call.
func (p *Permit) Now() time.Time { return p.at }

// Actor is who calls.
func (p *Permit) Actor() iam.Actor { return p.call.Actor }
