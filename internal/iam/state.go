package iam

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/writ-iam/writ/internal/pmap"
	"github.com/writ-iam/writ/internal/policy"
)

// State is one organization at one revision. It never changes: a commit makes the next State, which shares what did not
// change, so that any number of readers use one without locks. The zero value is not ready; see NewState.
type State struct {
	id       OrgID
	revision Revision
	org      *Organization // nil until the first commit
	world    policy.World

	people      table[*Person]         // PlatformOrg only
	directory   table[*DirectoryEntry] // PlatformOrg only
	keys        table[*SealedKey]      // PlatformOrg only
	files       table[*CatalogFile]    // PlatformOrg only
	users       table[*User]
	invitations table[*Invitation]
	accounts    table[*ServiceAccount]
	groups      table[*Group]
	roles       table[*Role]
	policies    table[*Policy]
	credentials table[*Credential]
	sessions    table[*Session]
	connectors  table[*Connector]
	projects    table[*Project] // the default one too
	sshKeys     table[*SSHKey]
	samls       table[*SAML] // one at most
	scims       table[*SCIM] // one at most
	uses        pmap.Map[UUID, *Use]

	signIns        pmap.Map[UUID, *SignIn] // user id → how they sign in
	authenticators table[*Authenticator]
	userSessions   table[*UserSession]

	operations table[*Operation]
	predefined table[*Role] // those that are in no other list

	resourceGroups table[*ResourceGroup] // the predefined one too
	anonymous      table[*ResourceGroup] // those of one policy each

	members edges // from a group to users and service accounts, by time of joining
	holders edges // from a policy to users, service accounts, groups, roles and invitations, by their place in lists
	scoped  edges // from a resource group to the policies that name it
	bearers edges // from a role to the users and invitations that have it, by their place in lists
	proofs  edges // from a principal to its credentials, from a principal and a role to their sessions, from nil to account tokens, from a user to authenticators and sessions of their own

	userOf    pmap.Map[PersonID, UserID]
	invited   pmap.Map[string, InvitationID] // folded email
	accessKey pmap.Map[string, UUID]         // access key id → credential or session
	secret    pmap.Map[string, CredentialID] // hash of the secret, as bytes
}

// NewState is the organization before its first commit, in the empty world.
func NewState(id OrgID) *State { return &State{id: id} }

// In is an organization before its first commit in a world, in which its policies will find what they refer to.
func (s *State) In(w policy.World) *State {
	next := *s
	next.world = w
	return &next
}

// Within is the organization at the same revision in another world: policies that may refer to the library are compiled
// anew, with all that follows for an index of them. If one no longer compiles, the organization cannot be decided on, and
// the error is Internal.
func (s *State) Within(w policy.World) (*State, error) {
	next, e := s.In(w), pmap.NewEdit()
	for id, old := range s.policies.byID.All() {
		if old.Language == policy.Statements { // which refer to nothing
			continue
		}
		p := *old
		if err := next.loadPolicy(e, id, &p); err != nil {
			return nil, &Error{Code: Internal, Message: "a stored policy cannot be compiled any more",
				Err: fmt.Errorf("%s revision %d: policy %s: %w", s.id, s.revision, id, err)}
		}
	}
	for id, old := range s.credentials.byID.All() {
		if !old.refersToLibrary() {
			continue
		}
		k := *old
		if err := next.loadCredential(e, id, &k); err != nil {
			return nil, &Error{Code: Internal, Message: "a stored policy cannot be compiled any more",
				Err: fmt.Errorf("%s revision %d: credential %s: %w", s.id, s.revision, id, err)}
		}
	}
	return next, nil
}

// World is what the organization's policies were compiled with.
func (s *State) World() policy.World { return s.world }

// ID is the organization's id.
func (s *State) ID() OrgID { return s.id }

// Revision is the number of commits that led here.
func (s *State) Revision() Revision { return s.revision }

// Organization is the organization itself; nil before the first commit.
func (s *State) Organization() *Organization { return s.org }

// Apply gives the state after a commit. Changes must come from a Draft on this state or one equal to it; revision is
// the commit's. A change that cannot be read is iam.Internal, and s is then still what it was.
func (s *State) Apply(revision Revision, changes []Change) (*State, error) {
	next := *s
	next.revision = revision
	e := pmap.NewEdit()
	// What policies name comes before policies.
	for _, named := range []bool{true, false} {
		for i := range changes {
			if isNamed := changes[i].Kind == KindOrganization || changes[i].Kind == KindResourceGroup; isNamed != named {
				continue
			}
			if err := next.apply(e, &changes[i]); err != nil {
				return nil, unreadable(s.id, revision, changes[i].Kind, changes[i].ID, err)
			}
		}
	}
	var groups []UUID
	compiled := map[UUID]bool{}
	for i := range changes {
		switch changes[i].Kind {
		case KindResourceGroup:
			groups = append(groups, changes[i].ID)
		case KindPolicy:
			compiled[changes[i].ID] = true
		}
	}
	if p, err := next.recompile(e, groups, compiled); err != nil {
		return nil, unreadable(s.id, revision, KindPolicy, p.ID.UUID, err)
	}
	return &next, nil
}

func unreadable(org OrgID, at Revision, kind Kind, id UUID, err error) error {
	return &Error{Code: Internal, Message: "a stored record cannot be read",
		Err: fmt.Errorf("%s revision %d: %s %s: %w", org, at, kind, id, err)}
}

// apply decodes one change and puts it in place. Kinds that this version does not know are refused: a node that cannot
// understand a record must not decide without it.
func (s *State) apply(e *pmap.Edit, c *Change) error {
	switch c.Kind {
	case KindOrganization:
		return decode(c, func(o *Organization) error { return s.loadOrganization(e, o) })
	case KindPerson:
		return decode(c, func(p *Person) error { s.putPerson(e, c.ID, p); return nil })
	case KindDirectory:
		return decode(c, func(d *DirectoryEntry) error { s.putDirectory(e, c.ID, d); return nil })
	case KindSealedKey:
		return decode(c, func(k *SealedKey) error { s.putSealedKey(e, c.ID, k); return nil })
	case KindCatalogFile:
		return decode(c, func(f *CatalogFile) error { s.putCatalogFile(e, c.ID, f); return nil })
	case KindUser:
		return decode(c, func(u *User) error { s.loadUser(e, c.ID, u); return nil })
	case KindInvitation:
		return decode(c, func(v *Invitation) error { s.putInvitation(e, c.ID, v); return nil })
	case KindServiceAccount:
		return decode(c, func(a *ServiceAccount) error { s.putServiceAccount(e, c.ID, a); return nil })
	case KindGroup:
		return decode(c, func(g *Group) error { s.putGroup(e, c.ID, g); return nil })
	case KindRole:
		return decode(c, func(r *Role) error { return s.loadRole(e, c.ID, r) })
	case KindPolicy:
		return decode(c, func(p *Policy) error { return s.loadPolicy(e, c.ID, p) })
	case KindCredential:
		return decode(c, func(k *Credential) error { return s.loadCredential(e, c.ID, k) })
	case KindSession:
		return decode(c, func(x *Session) error { s.putSession(e, c.ID, x); return nil })
	case KindUse:
		return decode(c, func(u *Use) error { s.putUse(e, c.ID, u); return nil })
	case KindConnector:
		return decode(c, func(k *Connector) error { s.putConnector(e, c.ID, k); return nil })
	case KindResourceGroup:
		return decode(c, func(g *ResourceGroup) error { s.putResourceGroup(e, c.ID, g); return nil })
	case KindSAML:
		return decode(c, func(v *SAML) error { s.putSAML(e, c.ID, v); return nil })
	case KindSCIM:
		return decode(c, func(v *SCIM) error { s.putSCIM(e, c.ID, v); return nil })
	case KindSSHKey:
		return decode(c, func(k *SSHKey) error { s.putSSHKey(e, c.ID, k); return nil })
	case KindOperation:
		return decode(c, func(o *Operation) error { s.putOperation(e, c.ID, o); return nil })
	case KindProject:
		return decode(c, func(p *Project) error { s.putProject(e, c.ID, p); return nil })
	case KindSignIn:
		return decode(c, func(x *SignIn) error { s.putSignIn(e, c.ID, x); return nil })
	case KindAuthenticator:
		return decode(c, func(a *Authenticator) error { s.putAuthenticator(e, c.ID, a); return nil })
	case KindUserSession:
		return decode(c, func(x *UserSession) error { s.putUserSession(e, c.ID, x); return nil })
	}
	return fmt.Errorf("unknown kind of record")
}

// decode hands the entity to put, nil for a removal.
func decode[E any](c *Change, put func(*E) error) error {
	if c.Data == nil {
		return put(nil)
	}
	v := new(E)
	if err := json.Unmarshal(c.Data, v); err != nil {
		return err
	}
	return put(v)
}

// The put methods replace one entity, nil for a removal, and keep every index in step. They hold no rules.

func (s *State) putPerson(e *pmap.Edit, id UUID, p *Person) {
	old, _ := s.people.get(id)
	s.people.replace(e, old, p)
}

func (s *State) putDirectory(e *pmap.Edit, id UUID, d *DirectoryEntry) {
	old, _ := s.directory.get(id)
	s.directory.replace(e, old, d)
}

func (s *State) putSealedKey(e *pmap.Edit, id UUID, k *SealedKey) {
	old, _ := s.keys.get(id)
	s.keys.replace(e, old, k)
}

func (s *State) putCatalogFile(e *pmap.Edit, id UUID, f *CatalogFile) {
	old, _ := s.files.get(id)
	s.files.replace(e, old, f)
}

func (s *State) loadUser(e *pmap.Edit, id UUID, u *User) {
	if u != nil && u.UpdatedAt.IsZero() { // of a version that could not change them
		u.UpdatedAt = u.AddedAt
	}
	s.putUser(e, id, u)
}

func (s *State) putUser(e *pmap.Edit, id UUID, u *User) {
	old, _ := s.users.get(id)
	s.users.replace(e, old, u)
	if old != nil {
		if !old.Local() {
			s.userOf = s.userOf.Delete(e, old.Person)
		}
		s.unrelate(e, sideUser, old.entry(), old.Groups, old.Policies)
		s.forgo(e, sideUser, old.entry(), old.Role)
	}
	if u != nil {
		if !u.Local() {
			s.userOf = s.userOf.Set(e, u.Person, u.ID)
		}
		s.relate(e, sideUser, u.entry(), u.Groups, u.Policies)
		s.bear(e, sideUser, u.entry(), u.Role)
	}
}

func (s *State) putInvitation(e *pmap.Edit, id UUID, v *Invitation) {
	old, _ := s.invitations.get(id)
	s.invitations.replace(e, old, v)
	if old != nil {
		if cur, _ := s.invited.Get(FoldEmail(old.Email)); cur == old.ID {
			s.invited = s.invited.Delete(e, FoldEmail(old.Email))
		}
		s.unrelate(e, sideInvitation, old.entry(), nil, old.Policies)
		s.forgo(e, sideInvitation, old.entry(), old.Role)
	}
	if v != nil {
		s.relate(e, sideInvitation, v.entry(), nil, v.Policies)
		s.bear(e, sideInvitation, v.entry(), v.Role)
		s.invited = s.invited.Set(e, FoldEmail(v.Email), v.ID)
	}
}

func (s *State) putServiceAccount(e *pmap.Edit, id UUID, a *ServiceAccount) {
	old, _ := s.accounts.get(id)
	s.accounts.replace(e, old, a)
	if old != nil {
		s.unrelate(e, sideServiceAccount, old.entry(), old.Groups, old.Policies)
		if !old.Token.IsZero() {
			s.proofs.remove(e, old.tokenEdge())
		}
	}
	if a != nil {
		s.relate(e, sideServiceAccount, a.entry(), a.Groups, a.Policies)
		if !a.Token.IsZero() {
			s.proofs.add(e, a.tokenEdge())
		}
	}
}

func (s *State) putGroup(e *pmap.Edit, id UUID, g *Group) {
	old, _ := s.groups.get(id)
	s.groups.replace(e, old, g)
	if old != nil {
		s.unrelate(e, sideGroup, old.entry(), nil, old.Policies)
	}
	if g != nil {
		s.relate(e, sideGroup, g.entry(), nil, g.Policies)
	}
}

func (s *State) putRole(e *pmap.Edit, id UUID, r *Role) {
	old, _ := s.roles.get(id)
	s.roles.replace(e, old, r)
	if old != nil {
		s.unrelate(e, sideRole, old.entry(), nil, old.Policies)
	}
	if r != nil {
		s.relate(e, sideRole, r.entry(), nil, r.Policies)
	}
}

// loadPolicy compiles what was stored. What was accepted once must compile for ever; if it does not, the organization
// cannot be decided on.
func (s *State) loadPolicy(e *pmap.Edit, id UUID, p *Policy) error {
	if p != nil {
		if err := s.compile(p); err != nil {
			return err
		}
	}
	s.putPolicy(e, id, p)
	return nil
}

func (s *State) putPolicy(e *pmap.Edit, id UUID, p *Policy) {
	old, _ := s.policies.get(id)
	s.policies.replace(e, old, p)
	if old != nil {
		for _, g := range old.Scopes {
			s.scoped.remove(e, edge{g.UUID, sidePolicy, old.entry().place()})
		}
	}
	if p != nil {
		for _, g := range p.Scopes {
			s.scoped.add(e, edge{g.UUID, sidePolicy, p.entry().place()})
		}
	}
}

func (s *State) putCredential(e *pmap.Edit, id UUID, k *Credential) {
	old, _ := s.credentials.get(id)
	s.credentials.replace(e, old, k)
	if old != nil {
		s.proofs.remove(e, edge{old.Principal.ID, sideCredential, old.entry().place()})
		if old.AccessKey != "" {
			s.accessKey = s.accessKey.Delete(e, old.AccessKey)
			s.secret = s.secret.Delete(e, string(old.Hash))
		}
	}
	if k != nil {
		s.proofs.add(e, edge{k.Principal.ID, sideCredential, k.entry().place()})
		if k.AccessKey != "" {
			s.accessKey = s.accessKey.Set(e, k.AccessKey, k.ID.UUID)
			s.secret = s.secret.Set(e, string(k.Hash), k.ID)
		}
	}
}

func (s *State) putSession(e *pmap.Edit, id UUID, x *Session) {
	old, _ := s.sessions.get(id)
	s.sessions.replace(e, old, x)
	if old != nil {
		s.accessKey = s.accessKey.Delete(e, old.AccessKey)
		s.proofs.remove(e, edge{old.Role.UUID, sideSession, old.entry().place()})
		s.proofs.remove(e, edge{old.Principal.ID, sideSession, old.entry().place()})
	}
	if x != nil {
		s.accessKey = s.accessKey.Set(e, x.AccessKey, x.ID.UUID)
		s.proofs.add(e, edge{x.Role.UUID, sideSession, x.entry().place()})
		s.proofs.add(e, edge{x.Principal.ID, sideSession, x.entry().place()})
	}
}

func (s *State) putUse(e *pmap.Edit, id UUID, u *Use) {
	if u == nil {
		s.uses = s.uses.Delete(e, id)
	} else {
		s.uses = s.uses.Set(e, id, u)
	}
}

// relate adds the edges of one holder: to the groups it is in and the policies it holds.
func (s *State) relate(e *pmap.Edit, kind side, x entry, groups []Joined, policies []Attached) {
	for _, g := range groups {
		s.members.add(e, edge{g.Group.UUID, kind, place{g.At.UnixMicro(), x.id}})
	}
	for _, p := range policies {
		s.holders.add(e, edge{p.Policy.UUID, kind, x.place()})
	}
}

// unrelate removes what relate added.
func (s *State) unrelate(e *pmap.Edit, kind side, x entry, groups []Joined, policies []Attached) {
	for _, g := range groups {
		s.members.remove(e, edge{g.Group.UUID, kind, place{g.At.UnixMicro(), x.id}})
	}
	for _, p := range policies {
		s.holders.remove(e, edge{p.Policy.UUID, kind, x.place()})
	}
}

// FoldEmail is the form in which addresses are compared: without case (bycloud.md, 16.4). No letter becomes one of ASCII
// that was none: the Kelvin sign (U+212A) lowers to k and the dotted capital I (U+0130) to i, and whoever had such a
// mailbox could otherwise accept the invitation of another.
func FoldEmail(email string) string {
	return strings.Map(func(r rune) rune {
		if low := unicode.ToLower(r); r < utf8.RuneSelf || low >= utf8.RuneSelf {
			return low
		}
		return r
	}, email)
}

func (p *Person) entry() entry {
	return entry{p.ID.UUID, p.CreatedAt, []string{FoldEmail(p.Email)}}
}

func (d *DirectoryEntry) entry() entry { return entry{d.ID.UUID, d.CreatedAt, []string{d.Name}} }

func (k *SealedKey) entry() entry { return entry{k.ID, k.CreatedAt, nil} }

func (f *CatalogFile) entry() entry { return entry{f.ID, f.CreatedAt, []string{f.Name}} }

// A user is found by name, and by address and username without case.
func (u *User) entry() entry {
	names := []string{u.Name}
	if u.Email != "" {
		names = append(names, loginMark+FoldEmail(u.Email))
	}
	if fold := FoldEmail(u.Username); fold != "" && fold != FoldEmail(u.Email) {
		names = append(names, loginMark+fold)
	}
	return entry{u.ID.UUID, u.AddedAt, names}
}

func (v *Invitation) entry() entry { return entry{v.ID.UUID, v.CreatedAt, nil} }

func (a *ServiceAccount) entry() entry { return entry{a.ID.UUID, a.CreatedAt, []string{a.Name}} }

func (g *Group) entry() entry { return entry{g.ID.UUID, g.CreatedAt, []string{g.Name}} }

// Predefined ones have an order of their own, whatever the clock said when the organization was founded.
func (r *Role) entry() entry {
	if r.Predefined() {
		return entry{r.ID.UUID, time.Unix(int64(r.predefined), 0), []string{r.Name}}
	}
	return entry{r.ID.UUID, r.CreatedAt, []string{r.Name}}
}

func (p *Policy) entry() entry { return entry{p.ID.UUID, p.CreatedAt, []string{p.Name}} }

func (k *Credential) entry() entry { return entry{k.ID.UUID, k.CreatedAt, nil} }

func (x *Session) entry() entry { return entry{x.ID.UUID, x.CreatedAt, nil} }

// get finds an entity or says that it is not there.
func get[E entity](t *table[E], id UUID, what string) (E, error) {
	v, ok := t.get(id)
	if !ok {
		return v, Errorf(NotFound, "%s %s does not exist", what, id)
	}
	return v, nil
}

// Person finds a person; NotFound otherwise. PlatformOrg only.
func (s *State) Person(id PersonID) (*Person, error) { return get(&s.people, id.UUID, "person") }

// PersonByEmail finds the person with an address, compared without case. PlatformOrg only.
func (s *State) PersonByEmail(email string) (*Person, bool) {
	id, ok := s.people.named(FoldEmail(email))
	if !ok {
		return nil, false
	}
	return s.people.get(id)
}

// Directory finds an organization's entry in the list of all; NotFound otherwise. PlatformOrg only.
func (s *State) Directory(id OrgID) (*DirectoryEntry, error) {
	return get(&s.directory, id.UUID, "organization")
}

// SealedKeys gives the installation's keys, oldest first. PlatformOrg only.
func (s *State) SealedKeys() []SealedKey {
	var out []SealedKey
	for p := range s.keys.order.From(0) {
		k, _ := s.keys.get(p.id)
		out = append(out, *k)
	}
	return out
}

// CatalogFile finds the catalogue file of a name; NotFound otherwise. PlatformOrg only.
func (s *State) CatalogFile(name string) (*CatalogFile, error) {
	id, ok := s.files.named(name)
	if !ok {
		return nil, Errorf(NotFound, "catalogue file %.80q does not exist", name)
	}
	return get(&s.files, id, "catalogue file")
}

// User finds a user; NotFound otherwise.
func (s *State) User(id UserID) (*User, error) { return get(&s.users, id.UUID, "user") }

// UserOf finds a person's membership.
func (s *State) UserOf(id PersonID) (*User, bool) {
	u, ok := s.userOf.Get(id)
	if !ok {
		return nil, false
	}
	return s.users.get(u.UUID)
}

// UserNamed finds the user with an address or username, compared without case.
func (s *State) UserNamed(login string) (*User, bool) {
	id, ok := s.users.named(loginMark + FoldEmail(login))
	if !ok {
		return nil, false
	}
	return s.users.get(id)
}

// Invitation finds an invitation; NotFound otherwise.
func (s *State) Invitation(id InvitationID) (*Invitation, error) {
	return get(&s.invitations, id.UUID, "invitation")
}

// ServiceAccount finds a service account; NotFound otherwise.
func (s *State) ServiceAccount(id ServiceAccountID) (*ServiceAccount, error) {
	return get(&s.accounts, id.UUID, "service account")
}

// Group finds a group; NotFound otherwise.
func (s *State) Group(id GroupID) (*Group, error) { return get(&s.groups, id.UUID, "group") }

// Policy finds a policy, a managed one too; NotFound otherwise.
func (s *State) Policy(id PolicyID) (*Policy, error) {
	p, err := get(&s.policies, id.UUID, "policy")
	if err != nil {
		if managed, ok := s.managed(id); ok {
			return managed, nil
		}
	}
	return p, err
}

// Credential finds a credential; NotFound otherwise.
func (s *State) Credential(id CredentialID) (*Credential, error) {
	return get(&s.credentials, id.UUID, "credential")
}

// Session finds a role session; NotFound otherwise.
func (s *State) Session(id SessionID) (*Session, error) { return get(&s.sessions, id.UUID, "session") }

// CredentialByAccessKey finds the credential with an access key id.
func (s *State) CredentialByAccessKey(key string) (*Credential, bool) {
	id, ok := s.accessKey.Get(key)
	if !ok {
		return nil, false
	}
	return s.credentials.get(id)
}

// CredentialBySecret finds the credential whose secret has a hash.
func (s *State) CredentialBySecret(hash []byte) (*Credential, bool) {
	id, ok := s.secret.Get(string(hash))
	if !ok {
		return nil, false
	}
	return s.credentials.get(id.UUID)
}

// SessionByAccessKey finds the session with a temporary access key id.
func (s *State) SessionByAccessKey(key string) (*Session, bool) {
	id, ok := s.accessKey.Get(key)
	if !ok {
		return nil, false
	}
	return s.sessions.get(id)
}

// LastUsed tells when a credential or session was last used, as far as that has been recorded.
func (s *State) LastUsed(id UUID) (time.Time, bool) {
	u, ok := s.uses.Get(id)
	if !ok {
		return time.Time{}, false
	}
	return u.At, true
}

// MemberCount is the number of users and service accounts in a group.
func (s *State) MemberCount(id GroupID) int {
	return s.members.count(id.UUID, sideUser) + s.members.count(id.UUID, sideServiceAccount)
}

// holderTypes are the types of what policies can be attached to.
var holderTypes = [...]struct {
	side side
	name string
}{{sideUser, TypeUser}, {sideServiceAccount, TypeServiceAccount}, {sideGroup, TypeGroup}, {sideRole, TypeRole}, {sideInvitation, TypeInvitation}}

// HolderCount is the number of users, service accounts, groups, roles and invitations that a policy is attached to.
func (s *State) HolderCount(id PolicyID) int {
	n := 0
	for _, t := range holderTypes {
		n += s.holders.count(id.UUID, t.side)
	}
	return n
}

// Quota is the limit in force under a name, and whether there is such a quota.
func (s *State) Quota(name string) (int64, bool) {
	limit, ok := DefaultQuota[name]
	if s.org != nil {
		if own, set := s.org.Quotas[name]; set {
			return own, ok
		}
	}
	return limit, ok
}
