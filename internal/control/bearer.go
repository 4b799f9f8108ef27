package control

import (
	"time"

	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/iam"
)

// What the credential that a caller bears limits. It is looked up in the snapshot that is decided on, so that a credential
// that was changed or is gone meanwhile binds at the next decision; so does the end of a user's session. A role session has none: see
// sessionGood.

// SourceIP is the field of the error by which a dialect knows that a credential may not be used from the caller's address.
const SourceIP = "source_ip"

// credential finds what proved the caller, in a snapshot of their organization; nil for a role session. good is false when
// it proves nothing any more.
func (p *Permit) credential(s *snapshot) (k *iam.Credential, good bool) {
	if _, live := p.userSession(s); !live {
		return nil, false
	}
	id := p.call.Actor.Credential
	if id.IsZero() {
		return nil, true
	}
	k, err := s.state.Credential(id)
	return k, err == nil && k.Principal == p.call.Actor.Principal && k.StatusAt(p.at) == iam.CredentialActive
}

// userSession finds the user's session that proved the caller, if one did; live is false when it has ended.
func (p *Permit) userSession(s *snapshot) (x *iam.UserSession, live bool) {
	id := p.call.Actor.UserSession
	if id.IsZero() {
		return nil, true
	}
	x, err := s.state.UserSession(id)
	return x, err == nil && p.at.Before(s.state.SessionEnds(x))
}

// decideOwn decides an Own operation that no policy speaks of: whether the caller has signed in, and it is about them.
func (p *Permit) decideOwn(s *snapshot) error {
	x, live := p.userSession(s)
	if x == nil || !live || !x.Credential.IsZero() || len(p.Target.Resources) != 1 || !ownedBy(s.state, p.Target.Resources[0], x.User) {
		return denied(p.op)
	}
	if p.op.Fresh && !p.at.Before(x.SignedInAt.Add(FreshFor)) {
		return iam.Errorf(iam.Denied, "sign in anew: you are allowed to do %s only for %d minutes after that", p.op.Action, FreshFor/time.Minute)
	}
	return p.decideAlso(s)
}

// ownedBy tells whether a name is that of a user, of what they sign in with, or of a session of theirs.
func ownedBy(s *iam.State, r iam.CRN, user iam.UserID) bool {
	id, err := iam.ParseUUID(r.ID)
	if err != nil || r != iam.Name(r.Type, id) {
		return false
	}
	switch r.Type {
	case iam.TypeUser:
		return id == user.UUID
	case iam.TypeAuthenticator:
		a, err := s.Authenticator(iam.AuthenticatorID{UUID: id})
		return err == nil && a.User == user
	case iam.TypeUserSession:
		x, err := s.UserSession(iam.UserSessionID{UUID: id})
		return err == nil && x.User == user
	}
	return false
}

// checkSource refuses a credential that may not be used from where the caller is, or from where nobody knows. One that is
// gone is for decide to refuse.
func (p *Permit) checkSource(s *snapshot) error {
	if k, good := p.credential(s); good && k != nil && !k.Admits(p.call.IP) {
		return iam.FieldErrorf(iam.Denied, SourceIP, "is not an address from which this credential may be used")
	}
	return nil
}

// checkKnown lets in whoever is somebody still, in an organization that is not suspended.
func (p *Permit) checkKnown(s *snapshot) error {
	_, good := p.credential(s)
	if o := s.state.Organization(); !good || p.call.Actor.Principal.ID.IsZero() || o == nil || o.Suspended {
		return denied(p.op)
	}
	return nil
}

// boundariesOf are what a credential's own policies limit its bearer to. Without such policies nothing is allocated.
func boundariesOf(k *iam.Credential) []authz.Boundary {
	if k == nil || len(k.Policies) == 0 {
		return nil
	}
	b := authz.Boundary{Kind: authz.CredentialBoundary, Policies: make([]authz.BoundaryPolicy, len(k.Policies))}
	for i := range k.Policies {
		b.Policies[i] = authz.BoundaryPolicy{Policy: k.Policies[i].ID, Name: k.Name, Program: k.Policies[i].Program}
	}
	return []authz.Boundary{b}
}

// ActorKey is the detail of an event that says by which of a role's access keys the role acted.
const ActorKey = "actor_access_key_id"

// bearerKey is the access key of the credential that proves the caller; "" if that is gone, or is none.
func (p *Permit) bearerKey() string {
	if k, err := p.Bearer(); err == nil {
		return k.AccessKey
	}
	return ""
}

// limited tells whether something binds the caller that would not bind what they made, in a state of the caller's organization:
// policies of their credential's own, or the end of a token with which they act as somebody else.
func (p *Permit) limited(s *iam.State) bool {
	id := p.call.Actor.Credential
	if id.IsZero() {
		return p.call.Actor.Borrowed()
	}
	k, err := s.Credential(id)
	return err != nil || len(k.Policies) > 0
}

// mayIssue refuses a limited caller a credential that what limits them would not bind: of its bearer, and of any user or role. Nobody
// but the owner gets one of the organization's owner, whom no policy binds.
func (p *Permit) mayIssue(s *iam.State, of iam.Principal) error {
	owner := iam.Principal{Kind: iam.KindOfUser, ID: s.Organization().Owner.UUID}
	switch about := of.Kind != iam.KindOfServiceAccount || of == p.call.Actor.Principal; {
	case of == owner && p.call.Actor.Principal != owner:
		return iam.Errorf(iam.Denied, "nobody but the organization's owner makes, changes and renews the owner's credentials, or what the "+
			"owner signs in with")
	case about && p.call.Actor.Borrowed():
		return iam.Errorf(iam.Denied, "whoever acts as somebody else makes, changes and renews no credentials of users and roles or of whom they "+
			"act as: they would not end with the token")
	case about && p.limited(s):
		return iam.Errorf(iam.Denied, "a credential that has policies of its own makes, changes and renews no credentials of users "+
			"and roles or of who bears it: they would not be bound by its policies")
	}
	return nil
}
