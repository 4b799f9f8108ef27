package control

import (
	"context"
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

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
		if err := p.decideEffects(base, d.Effects()); err != nil {
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

// ownEvent tells of a success of writ's own.
func (c *Control) ownEvent(org iam.OrgID, action, typ string, id iam.UUID, name string) *iam.Event {
	return &iam.Event{
		ID: iam.EventID{UUID: c.NewID()}, Time: c.Now().UTC().Truncate(time.Microsecond), Org: org,
		ActorKind: systemAuthor.Kind, ActorName: systemAuthor.Name, Action: action, Status: iam.Success,
		ResourceType: typ, ResourceID: id.String(), ResourceName: name,
	}
}

// system is writ itself.
var (
	system       = iam.Principal{Kind: iam.KindOfSystem}
	systemAuthor = store.Author{Kind: iam.KindOfSystem, Name: "writ"}
)
