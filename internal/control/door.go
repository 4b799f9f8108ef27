package control

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/store"
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
	return p.decideAlso(p.home)
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

// Write drafts a change, commits it with its audit event and applies it. draft is a function of the draft it is given
// and nothing else; it may be called more than once. When it fails, nothing is changed and an event says so. The answer
// is the organization's revision.
func (p *Permit) Write(ctx context.Context, draft func(*iam.Draft) error) (iam.Revision, error) {
	if p.op.Event == "" {
		return 0, p.Fail(ctx, iam.Errorf(iam.Internal, "%s is a read and cannot write", p.op.Action))
	}
	revision, err := p.write(ctx, draft)
	if err != nil {
		return 0, p.Fail(ctx, err)
	}
	p.settled = true
	p.tellHome()
	return revision, nil
}

// tellHome records in the log of the caller's own organization what they did to another: its log is not theirs to read.
func (p *Permit) tellHome() {
	actor := p.call.Actor
	if p.Target.Org == actor.Org {
		return
	}
	e := p.event(p.now, nil, nil)
	e.Org, e.ActorName, e.ActorEmail = actor.Org, actor.Name, actor.Email
	e.Details = withDetail(e.Details, "organization_id", p.Target.Org.String())
	p.c.events.add(e)
}

func (p *Permit) write(ctx context.Context, draft func(*iam.Draft) error) (iam.Revision, error) {
	p.live.mu.Lock()
	defer p.live.mu.Unlock()
	base := p.live.now.Load()
	for attempt := range maxDrafts {
		if err := p.reauthorize(base); err != nil {
			return 0, err
		}
		d, err := p.begin(base)
		if err != nil {
			return 0, err
		}
		if err := draft(d); err != nil {
			return 0, err
		}
		if err := p.decideGiven(d.GivenTags()); err != nil {
			return 0, err
		}
		event := p.event(base, d, nil)
		if d.Empty() {
			p.now = base
			p.c.events.add(event)
			return base.head.Revision, nil
		}
		event.Revision = base.head.Revision + 1
		next, err := p.c.commit(ctx, p.live, base, d, p.author(), &event, p.op.Event)
		if err == nil {
			p.now = next
			return next.head.Revision, nil
		}
		if iam.CodeOf(err) != iam.Conflict {
			return 0, err
		}
		if base, err = p.c.afterConflict(ctx, p.live, base, attempt); err != nil {
			return 0, err
		}
	}
	return 0, iam.Errorf(iam.Unavailable, "the organization is changing too fast: try again")
}

// afterConflict brings the organization to the head that another node has made. l.mu is held.
func (c *Control) afterConflict(ctx context.Context, l *live, base *snapshot, attempt int) (*snapshot, error) {
	c.stats.Conflicts.Add(1)
	select {
	case <-ctx.Done():
		return nil, iam.Errorf(iam.Unavailable, "the call was given up while other nodes were changing the organization")
	case <-time.After(pause * time.Duration(attempt)):
	}
	return l.catchUp(ctx, c, base)
}

// reauthorize decides again on the state that the change is made on: rights may have gone since Enter.
func (p *Permit) reauthorize(base *snapshot) error {
	if p.Target.Org != p.call.Actor.Org {
		return p.authorize(p.from.now.Load())
	}
	if base == p.home {
		return nil
	}
	return p.authorize(base)
}

func (p *Permit) begin(base *snapshot) (*iam.Draft, error) {
	author := p.call.Actor.Behind // who removes themselves does so through a role session too
	if p.op.Platform {
		return base.state.BeginAdministration(p.at, author), nil
	}
	return base.state.Begin(p.at, author)
}

// commit makes the draft durable, then visible. l.mu is held.
func (c *Control) commit(ctx context.Context, l *live, base *snapshot, d *iam.Draft, author store.Author,
	event *iam.Event, cause string) (*snapshot, error) {
	changes, claims, releases, err := d.Changes()
	if err != nil {
		return nil, err
	}
	commit := &store.Commit{
		Org: l.id, Revision: base.head.Revision + 1, Parent: base.head.Hash, Time: d.Now(), Author: author, Cause: cause,
		Changes: changes, Claims: claims, Releases: releases,
	}
	if event != nil {
		commit.Events = []iam.Event{*event}
	}
	commit.Seal()
	words, err := wordsAfter(base.state, base.words, changes)
	if err != nil {
		return nil, err
	}
	next, err := base.after(d.State(), commit, words)
	if err != nil {
		return nil, err // once it is committed, it would be too late to find that out
	}
	if err := c.Store.Commit(ctx, commit); err != nil {
		return nil, err
	}
	c.stats.Commits.Add(1)
	l.publish(c, next)
	return next, nil
}

// Fail ends a call that goes no further, for whatever reason, and gives back the error that the caller is to see. A
// write leaves an event. It may be called after Write has failed; there is one event for one call.
func (p *Permit) Fail(ctx context.Context, err error) error {
	if p.settled || p.op.Event == "" {
		return err
	}
	p.settled = true
	p.c.stats.Refusals.Add(1)
	s := p.now
	if s == nil {
		s = p.home
	}
	p.c.events.add(p.event(s, nil, err))
	if full := p.c.events.full(ctx); full != nil {
		return full // what cannot be recorded is not refused quietly
	}
	return err
}

// event says what became of the call. d is the draft of a success.
func (p *Permit) event(s *snapshot, d *iam.Draft, failure error) iam.Event {
	actor := p.call.Actor
	e := iam.Event{
		ID: iam.EventID{UUID: p.c.NewID()}, Time: p.at.UTC().Truncate(time.Microsecond), Org: p.Target.Org,
		ActorID: actor.Behind.ID, ActorKind: actor.Behind.Kind, ActorName: actor.Name, ActorEmail: actor.Email,
		Action: p.op.Event, Status: iam.Success,
		IP: ipText(p.call.IP), UserAgent: p.call.UserAgent, RequestID: p.call.RequestID, Details: p.Target.Details,
	}
	p.subject(&e, s, d)
	if p.foreign() && e.Org != actor.Org { // who that is, is their own organization's to tell
		e.ActorName, e.ActorEmail = "account "+p.from.now.Load().state.AccountText(), ""
	}
	for name, value := range p.call.Details {
		e.Details = withDetail(e.Details, name, value)
	}
	if key := p.bearerKey(); key != "" && actor.Behind.Kind == iam.KindOfRole { // a role has several, and they are all that tells its bearers apart
		e.Details = withDetail(e.Details, ActorKey, key)
	}
	if !actor.Session.IsZero() {
		e.Details = withDetail(e.Details, "session_id", actor.Session.String())
	}
	if actor.Borrowed() {
		e.Details = withDetail(e.Details, "impersonated_by", actor.By.CRN().String())
		e.Details["impersonated_by_account"] = strconv.FormatInt(actor.ByAccount, 10)
	}
	if !actor.UserSession.IsZero() {
		e.Details = withDetail(e.Details, "session_id", actor.UserSession.String())
	}
	if failure != nil {
		e.Status = iam.Failure
		e.ErrorCode, e.ErrorMessage = string(iam.CodeOf(failure)), PublicMessage(failure)
		if e.ErrorCode == string(iam.Denied) {
			e.Status = iam.Refused
		}
	}
	return e
}

// subject fills in what the event is about.
func (p *Permit) subject(e *iam.Event, s *snapshot, d *iam.Draft) {
	if len(p.Target.Resources) == 0 {
		return
	}
	r := p.Target.Resources[0]
	e.ResourceType, e.ResourceID, e.ResourceName = p.Target.Type, p.Target.ID, p.Target.Name
	if e.ResourceType == "" {
		e.ResourceType = strings.ReplaceAll(r.Type, "-", "_") // events use the words of their actions
	}
	if e.ResourceID == "" && r.ID != "*" {
		e.ResourceID = r.ID
	}
	if e.ResourceName == "" {
		e.ResourceName = s.state.NameOf(r)
		if e.ResourceName == "" && d != nil {
			e.ResourceName = d.State().NameOf(r)
		}
	}
}

func withDetail(details map[string]any, key string, value any) map[string]any {
	out := map[string]any{key: value}
	for k, v := range details {
		out[k] = v
	}
	return out
}

func ipText(ip netip.Addr) string {
	if !ip.IsValid() {
		return ""
	}
	return ip.String()
}

// PublicMessage is what a client may read of an error: an Error's message with its field, and nothing of any other.
func PublicMessage(err error) string {
	e, ok := errors.AsType[*iam.Error](err)
	switch {
	case !ok || e.Code == iam.Internal:
		return "internal error"
	case e.Field != "":
		return e.Field + " " + e.Message
	}
	return e.Message
}

func (p *Permit) author() store.Author {
	a := p.call.Actor
	return store.Author{Kind: a.Principal.Kind, ID: a.Principal.ID, Name: a.Name}
}

// system is writ itself.
var (
	system       = iam.Principal{Kind: iam.KindOfSystem}
	systemAuthor = store.Author{Kind: iam.KindOfSystem, Name: "writ"}
)
