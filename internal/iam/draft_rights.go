package iam

import (
	"errors"
	"slices"
	"time"

	"github.com/writ-iam/writ/internal/policy"
)

// CreatePolicy makes a policy with an unused name (see freePolicyName) from its Name, Description, Tags, Language and Document. A
// document that does not compile is Invalid, with the place in Field.
func (d *Draft) CreatePolicy(p Policy) (*Policy, error) {
	p.Of = Holder{}
	return d.createPolicy(p)
}

func (d *Draft) createPolicy(p Policy) (*Policy, error) {
	if err := d.checkNames(p.Name, nil, p.Description); err != nil {
		return nil, err
	}
	if err := fresh(&d.s.policies, p.ID.UUID); err != nil {
		return nil, err
	}
	if err := d.freePolicyName(&p); err != nil {
		return nil, err
	}
	if err := d.room(QuotaPolicies, d.s.policies.len()); err != nil {
		return nil, err
	}
	if err := d.compile(&p); err != nil {
		return nil, err
	}
	var err error
	if p.Tags, err = goodTags(p.Tags); err != nil {
		return nil, err
	}
	p.CreatedAt, p.UpdatedAt, p.WrittenAt = d.now, d.now, d.now
	d.putPolicy(&p)
	return &p, nil
}

// freePolicyName refuses a name that another policy has. Those in Scaleway's language need no names of their own (scaleway.md,
// section 9): they neither take one nor find one taken.
func (d *Draft) freePolicyName(p *Policy) error {
	if p.Language == policy.Scaleway {
		return nil
	}
	for id := range d.s.policies.allNamed(p.Name) {
		if other, _ := d.s.policies.get(id); id != p.ID.UUID && other.Language != policy.Scaleway {
			return FieldErrorf(Exists, "name", "policy name %q is taken", p.Name)
		}
	}
	return nil
}

// compile makes what follows from the Document, or says in the domain's words what is wrong with it.
func (d *Draft) compile(p *Policy) error { return inDocument("document", d.s.compile(p)) }

// inDocument puts what is wrong with a document that stands at a field into the domain's words.
func inDocument(field string, err error) error {
	if e, ok := errors.AsType[*policy.Error](err); ok {
		if e.Path != "" {
			field += "." + e.Path
		}
		out := FieldErrorf(Invalid, field, "%s (line %d, column %d)", e.Message, e.Line, e.Column)
		out.Err = e // for who shows the document otherwise than it is written here
		return out
	}
	if err != nil {
		return &Error{Code: Internal, Message: "the document cannot be compiled", Err: err}
	}
	return nil
}

// UpdatePolicy lets edit change a copy's Name, Description, Tags, Language and Document. Nothing is touched when nothing
// changes. Anonymous resource groups that the document does not name any more go. Immutable if it is managed.
func (d *Draft) UpdatePolicy(id PolicyID, edit func(*Policy)) (*Policy, error) {
	return d.updatePolicy(id, edit, false)
}

// WritePolicy puts a document in the place of a policy's. It counts as written anew, be it the same. Immutable if it is managed.
func (d *Draft) WritePolicy(id PolicyID, document string) (*Policy, error) {
	return d.updatePolicy(id, func(p *Policy) { p.Document = document }, true)
}

func (d *Draft) updatePolicy(id PolicyID, edit func(*Policy), anew bool) (*Policy, error) {
	old, err := d.s.changeable(id)
	if err != nil {
		return nil, err
	}
	p := *old
	edit(&p)
	p.Of, p.WrittenAt = old.Of, old.WrittenAt
	if err := d.checkNames(p.Name, nil, p.Description); err != nil {
		return nil, err
	}
	if err := d.freePolicyName(&p); err != nil {
		return nil, err
	}
	if p.Tags, err = goodTags(p.Tags); err != nil {
		return nil, err
	}
	sameDocument := p.Language == old.Language && p.Document == old.Document
	if r, ok := d.s.roles.get(old.Of.ID); ok && r.Frozen && !sameDocument {
		return nil, errFrozen
	}
	if sameDocument && !anew && p.Name == old.Name && sameText(p.Description, old.Description) && slices.Equal(p.Tags, old.Tags) {
		return old, nil
	}
	if !sameDocument {
		if err := d.compile(&p); err != nil {
			return nil, err
		}
	}
	if !sameDocument || anew {
		p.WrittenAt = d.now
	}
	p.UpdatedAt = d.now
	d.putPolicy(&p)
	d.dropAnonymous(old, p.Scopes)
	return &p, nil
}

// DeletePolicy removes a policy that is attached to nothing; otherwise InUse. An own policy is detached from its holder. Immutable if
// it is managed.
func (d *Draft) DeletePolicy(id PolicyID) error {
	p, err := d.s.changeable(id)
	if err != nil {
		return err
	}
	if p.Of != (Holder{}) {
		return d.Detach(id, p.Of)
	}
	if n := d.s.HolderCount(id); n > 0 {
		return Errorf(InUse, "the policy is attached to %d users, service accounts, groups, roles or invitations: detach it first", n)
	}
	d.dropPolicy(p)
	return nil
}

// DeletePolicyInUse removes a policy with its attachments. Immutable if it is managed.
func (d *Draft) DeletePolicyInUse(id PolicyID) error {
	p, err := d.s.changeable(id)
	if err != nil {
		return err
	}
	if p.Of != (Holder{}) {
		return d.Detach(id, p.Of)
	}
	for _, h := range d.s.Holdings(id) {
		if err := d.Detach(id, h.Holder); err != nil {
			return err
		}
	}
	d.dropPolicy(p)
	return nil
}

// Holder names what a policy can be attached to, or what has tags. It is comparable.
type Holder struct {
	Type string `json:"type"` // TypeUser, TypeServiceAccount, TypeGroup, TypeRole or TypeInvitation; for tags also TypePolicy
	ID   UUID   `json:"id"`
}

// Attach attaches a policy to a holder. NotFound if either is not there, Exists if it is attached already, Conflict if the
// policy is another holder's own.
func (d *Draft) Attach(id PolicyID, to Holder) error {
	have, err := d.attachments(to)
	if err != nil {
		return err
	}
	next, err := d.attachOne(to, have, id)
	if err != nil {
		return err
	}
	d.setAttachments(to, next)
	return nil
}

func (d *Draft) attachOne(to Holder, have []Attached, id PolicyID) ([]Attached, error) {
	p, err := d.s.Policy(id)
	if err != nil {
		return nil, err
	}
	if p.Of != (Holder{}) && p.Of != to {
		return nil, Errorf(Conflict, "policy %q is the own policy of another %s and cannot be attached", p.Name, p.Of.word())
	}
	if attached(have, id) {
		return nil, Errorf(Exists, "policy %q is attached already", p.Name)
	}
	if err := d.room(QuotaAttachments, len(have)); err != nil {
		return nil, err
	}
	return append(slices.Clip(have), Attached{id, d.now}), nil
}

func attached(have []Attached, id PolicyID) bool {
	return slices.ContainsFunc(have, func(a Attached) bool { return a.Policy == id })
}

// Detach removes an attachment. NotFound if it is not there. An own policy is deleted by it.
func (d *Draft) Detach(id PolicyID, from Holder) error {
	have, err := d.attachments(from)
	if err != nil {
		return err
	}
	if !attached(have, id) {
		return Errorf(NotFound, "policy %s is not attached to it", id)
	}
	d.replaceAttachments(from, have, slices.DeleteFunc(slices.Clone(have), func(a Attached) bool { return a.Policy == id }))
	return nil
}

// ReplaceAttachments makes the policies of a holder exactly these; what stays keeps its time of attaching. Own policies that
// do not stay are deleted.
func (d *Draft) ReplaceAttachments(to Holder, ids []PolicyID) error {
	have, err := d.attachments(to)
	if err != nil {
		return err
	}
	next := slices.DeleteFunc(slices.Clone(have), func(a Attached) bool { return !slices.Contains(ids, a.Policy) })
	for _, id := range ids {
		if attached(next, id) {
			continue
		}
		if next, err = d.attachOne(to, next, id); err != nil {
			return err
		}
	}
	d.replaceAttachments(to, have, next)
	return nil
}

// attachments are the policies of a holder, to be changed. Immutable for a role whose policies cannot be.
func (d *Draft) attachments(h Holder) ([]Attached, error) {
	switch h.Type {
	case TypeUser:
		u, err := d.s.User(UserID{h.ID})
		if err != nil {
			return nil, err
		}
		return u.Policies, nil
	case TypeServiceAccount:
		a, err := d.s.ServiceAccount(ServiceAccountID{h.ID})
		if err != nil {
			return nil, err
		}
		return a.Policies, nil
	case TypeGroup:
		g, err := d.s.Group(GroupID{h.ID})
		if err != nil {
			return nil, err
		}
		return g.Policies, nil
	case TypeRole:
		r, err := d.changeableRole(RoleID{h.ID})
		if err != nil {
			return nil, err
		}
		if r.Frozen {
			return nil, errFrozen
		}
		return r.Policies, nil
	case TypeInvitation:
		v, err := d.s.Invitation(InvitationID{h.ID})
		if err != nil {
			return nil, err
		}
		return v.Policies, nil
	}
	return nil, Errorf(Internal, "nothing can be attached to a %q", h.Type)
}

// setAttachments stores a holder's policies; the holder exists.
func (d *Draft) setAttachments(h Holder, policies []Attached) {
	switch h.Type {
	case TypeUser:
		old, _ := d.s.users.get(h.ID)
		u := *old
		u.Policies = policies
		d.putUser(&u)
	case TypeServiceAccount:
		old, _ := d.s.accounts.get(h.ID)
		a := *old
		a.Policies = policies
		d.putServiceAccount(&a)
	case TypeGroup:
		old, _ := d.s.groups.get(h.ID)
		g := *old
		g.Policies = policies
		d.putGroup(&g)
	case TypeRole:
		old, _ := d.s.roles.get(h.ID)
		r := *old
		r.Policies = policies
		d.putRole(&r)
	case TypeInvitation:
		old, _ := d.s.invitations.get(h.ID)
		v := *old
		v.Policies = policies
		d.putInvitation(&v)
	}
}

// OpenSession records an assumption of a role. Who may assume it was decided before. It lasts no longer than the role lets.
func (d *Draft) OpenSession(x Session) (*Session, error) {
	r, err := d.s.Role(x.Role)
	if err != nil {
		return nil, err
	}
	if most := time.Duration(r.MaxSession) * time.Second; most > 0 && x.ExpiresAt.Sub(d.now) > most {
		return nil, FieldErrorf(Invalid, "duration_seconds", "is at most %d for this role", r.MaxSession)
	}
	if err := checkName("session_name", x.Name); err != nil {
		return nil, err
	}
	if err := fresh(&d.s.sessions, x.ID.UUID); err != nil {
		return nil, err
	}
	if err := d.room(QuotaSessions, d.s.sessions.len()); err != nil {
		return nil, err
	}
	x.CreatedAt, x.ExpiresAt = d.now, x.ExpiresAt.UTC().Truncate(time.Microsecond)
	d.putSession(&x)
	return &x, nil
}

// RevokeSession ends a live session. Conflict if it has ended already.
func (d *Draft) RevokeSession(id SessionID, reason *string) (*Session, error) {
	if err := checkText("reason", reason); err != nil {
		return nil, err
	}
	old, err := d.s.Session(id)
	if err != nil {
		return nil, err
	}
	if old.RevokedAt != nil {
		return nil, Errorf(Conflict, "the session is revoked already")
	}
	if !old.ActiveAt(d.now) {
		return nil, Errorf(Conflict, "the session has expired")
	}
	return d.revoke(old, reason), nil
}

func (d *Draft) revoke(old *Session, reason *string) *Session {
	x := *old
	now := d.now
	x.RevokedAt, x.RevokedReason = &now, reason
	d.putSession(&x)
	return &x
}

// revokeAll revokes the live sessions of a role or of a principal.
func (d *Draft) revokeAll(of UUID, reason string) {
	for _, id := range d.s.proofs.ids(of, sideSession) {
		if x, _ := d.s.sessions.get(id); x.ActiveAt(d.now) {
			d.revoke(x, &reason)
		}
	}
}

// Prune removes the sessions, also of users, and invitations that ended longer than SessionsKept ago, and operations after
// OperationsKept.
func (d *Draft) Prune() {
	d.pruneOperations()
	before := d.now.Add(-SessionsKept)
	// Collected first: a listing must not be walked while its table is edited.
	for _, x := range slices.Collect(d.s.Sessions().All()) {
		if x.EndedAt(d.now).Before(before) {
			d.forget(x.ID.UUID)
			d.touch(KindSession, x.ID.UUID)
			d.s.putSession(d.edit, x.ID.UUID, nil)
		}
	}
	for _, x := range slices.Collect(all(&d.s.userSessions).All()) {
		if d.s.SessionEnds(x).Before(before) {
			d.dropUserSession(x.ID.UUID)
		}
	}
	for _, v := range slices.Collect(d.s.Invitations().All()) {
		if v.ExpiresAt.Before(before) {
			d.dropInvitation(v.ID)
		}
	}
}

// EndedAt tells when the session ended, or now if it is live.
func (s *Session) EndedAt(now time.Time) time.Time {
	switch {
	case s.RevokedAt != nil && s.RevokedAt.Before(s.ExpiresAt):
		return *s.RevokedAt
	case s.ExpiresAt.Before(now):
		return s.ExpiresAt
	}
	return now
}

func (d *Draft) putPolicy(p *Policy) {
	d.touch(KindPolicy, p.ID.UUID)
	d.s.putPolicy(d.edit, p.ID.UUID, p)
}

func (d *Draft) putSession(x *Session) {
	d.touch(KindSession, x.ID.UUID)
	d.s.putSession(d.edit, x.ID.UUID, x)
}
