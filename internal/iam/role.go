package iam

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/writ-iam/writ/internal/pmap"
	"github.com/writ-iam/writ/internal/policy"
)

// What roles may have beside policies (exoscale.md, section 9).
const (
	// BypassGovernance lets the bearers of a role override locks of objects. Object storage asks for it; nothing here does.
	BypassGovernance = "bypass-governance-retention"
	// ResetOrganizationPolicy lets them lift the organization's policy even where it forbids that itself.
	ResetOrganizationPolicy = "reset-iam-organization-policy"
)

// RolePermissions are all permissions of roles.
var RolePermissions = []string{BypassGovernance, ResetOrganizationPolicy}

// The predefined roles, which every organization has and nobody can change. They are no records.
const (
	OwnerRole   = "Owner"   // may do everything, as the organization's owner may
	BillingRole = "Billing" // may do nothing; what is not here, such as invoices, may know it
	NoRole      = "No role" // may do nothing; what users are shown to have who have none
)

// PredefinedRole is the id of a predefined role: a UUID of version 8 made of the organization's key and the role's name.
func PredefinedRole(id OrgID, name string) RoleID {
	return RoleID{derived(AccountKey(id) + ".role." + name)}
}

// derived makes a UUID of version 8 (RFC 9562, section 5.8) of the first 16 bytes of a text's SHA-256.
func derived(text string) UUID {
	sum := sha256.Sum256([]byte(text))
	u := UUID(sum[:16])
	u[6] = u[6]&0x0f | 0x80
	u[8] = u[8]&0x3f | 0x80
	return u
}

func predefinedRoles(o *Organization) []*Role {
	role := func(place uint8, name, description string) *Role {
		return &Role{ID: PredefinedRole(o.ID, name), Name: name, Description: &description, Frozen: true,
			CreatedAt: o.CreatedAt, UpdatedAt: o.CreatedAt, predefined: place}
	}
	return []*Role{
		role(1, OwnerRole, "Everything, as the organization's owner."),
		role(2, BillingRole, "Nothing here but the role itself."),
		role(3, NoRole, "No rights by a role."),
	}
}

// Predefined reports whether the role is one that every organization has, and cannot change.
func (r *Role) Predefined() bool { return r.predefined > 0 }

// PredefinedRoles lists the predefined roles, which Roles leaves out; none before the organization is founded.
func (s *State) PredefinedRoles() Listing[*Role] { return all(&s.predefined) }

// Role finds a role, predefined ones too; NotFound otherwise.
func (s *State) Role(id RoleID) (*Role, error) {
	if r, ok := s.roles.get(id.UUID); ok {
		return r, nil
	}
	return get(&s.predefined, id.UUID, "role")
}

// IsOwnerRole tells whether whoever has a role may do everything.
func (s *State) IsOwnerRole(id RoleID) bool {
	r, ok := s.predefined.get(id.UUID)
	return ok && r.Name == OwnerRole
}

// RoleOf is the role that a user has: Owner for the organization's owner, and "No role" for who was given none.
func (s *State) RoleOf(u *User) *Role { return s.roleOr(u.Role, u.ID == s.org.Owner) }

// RoleOfInvited is the role that an invitation promises.
func (s *State) RoleOfInvited(v *Invitation) *Role { return s.roleOr(v.Role, false) }

func (s *State) roleOr(id RoleID, owner bool) *Role {
	switch {
	case owner:
		id = PredefinedRole(s.id, OwnerRole)
	case id.IsZero():
		id = PredefinedRole(s.id, NoRole)
	}
	r, _ := s.Role(id) // iam keeps roles whole: one that somebody has exists
	return r
}

// RoleUsers lists the users that were given a role, by the time they were added. The organization's owner was given none.
func (s *State) RoleUsers(id RoleID) Listing[*User] {
	return related(&s.users, s.bearers, id.UUID, sideUser,
		func(u *User) (int64, bool) { return u.entry().at.UnixMicro(), u.Role == id })
}

// compile makes the Program of an assume policy.
func (a *AssumePolicy) compile() (err error) {
	a.Program, err = policy.CompileAssume([]byte(a.Document))
	return err
}

// loadRole compiles what was stored, as loadPolicy does.
func (s *State) loadRole(e *pmap.Edit, id UUID, r *Role) error {
	if r != nil && r.Assume != nil {
		if err := r.Assume.compile(); err != nil {
			return err
		}
	}
	s.putRole(e, id, r)
	return nil
}

// bear notes that somebody has a role; forgo, that they have it no more.
func (s *State) bear(e *pmap.Edit, kind side, x entry, role RoleID) {
	if !role.IsZero() {
		s.bearers.add(e, edge{role.UUID, kind, x.place()})
	}
}

func (s *State) forgo(e *pmap.Edit, kind side, x entry, role RoleID) {
	if !role.IsZero() {
		s.bearers.remove(e, edge{role.UUID, kind, x.place()})
	}
}

// checkRole holds a role to the rules of its own parts, and puts its tags into the form in which they are kept.
func (d *Draft) checkRole(r *Role) error {
	if err := d.checkNames(r.Name, nil, r.Description); err != nil {
		return err
	}
	for i, p := range r.Permissions {
		field := fmt.Sprintf("permissions[%d]", i)
		switch {
		case !slices.Contains(RolePermissions, p):
			return FieldErrorf(Invalid, field, "unknown permission %.64q; there are %s and %s", p, BypassGovernance, ResetOrganizationPolicy)
		case slices.Contains(r.Permissions[:i], p):
			return FieldErrorf(Invalid, field, "stands twice")
		}
	}
	if r.MaxSession < 0 || r.MaxSession > int64(MaxRoleSession/time.Second) {
		return FieldErrorf(Invalid, "max_session", "must lie between 1 second and %d days", MaxRoleSession/(24*time.Hour))
	}
	tags, err := goodTags(r.Tags)
	if err != nil {
		return err
	}
	r.Tags = tags
	if err := free(&d.s.predefined, r.Name, r.ID.UUID, "role"); err != nil {
		return err
	}
	return free(&d.s.roles, r.Name, r.ID.UUID, "role")
}

// compileAssume compiles a role's assume policy if it is not the one before.
func (d *Draft) compileAssume(r *Role, old *AssumePolicy) error {
	if r.Assume == nil {
		return nil
	}
	if sameAssume(r.Assume, old) {
		r.Assume = old
		return nil
	}
	r.Assume = &AssumePolicy{Document: r.Assume.Document}
	return inDocument("assume", r.Assume.compile())
}

func sameAssume(a, b *AssumePolicy) bool {
	return a == b || a != nil && b != nil && a.Document == b.Document
}

// CreateRole makes a role with an unused name and attaches the policies. It can be changed until FreezeRole.
func (d *Draft) CreateRole(r Role, policies []PolicyID) (*Role, error) {
	r.Frozen, r.predefined = false, 0
	if err := fresh(&d.s.roles, r.ID.UUID); err != nil {
		return nil, err
	}
	if err := d.checkRole(&r); err != nil {
		return nil, err
	}
	if err := d.room(QuotaRoles, d.s.roles.len()); err != nil {
		return nil, err
	}
	if err := d.compileAssume(&r, nil); err != nil {
		return nil, err
	}
	r.Permissions = slices.Clone(r.Permissions)
	r.Policies, r.CreatedAt, r.UpdatedAt = nil, d.now, d.now
	d.putRole(&r)
	if err := d.ReplaceAttachments(Holder{TypeRole, r.ID.UUID}, policies); err != nil {
		return nil, err
	}
	return d.s.Role(r.ID)
}

// UpdateRole lets edit change a copy's Name, Description, Trust, Assume, Permissions, MaxSession and Tags; edit puts new lists in
// place and changes none that it finds. Nothing is touched when nothing changes. Immutable for a predefined role, and for who
// may assume a frozen one.
func (d *Draft) UpdateRole(id RoleID, edit func(*Role)) (*Role, error) {
	old, err := d.changeableRole(id)
	if err != nil {
		return nil, err
	}
	asked := *old
	edit(&asked)
	r := *old
	r.Name, r.Description, r.Trust, r.Assume = asked.Name, asked.Description, asked.Trust, asked.Assume
	r.Permissions, r.MaxSession, r.Tags = slices.Clone(asked.Permissions), asked.MaxSession, asked.Tags
	if err := d.checkRole(&r); err != nil {
		return nil, err
	}
	if err := d.compileAssume(&r, old.Assume); err != nil {
		return nil, err
	}
	assumable := sameTrust(r.Trust, old.Trust) && sameAssume(r.Assume, old.Assume)
	if old.Frozen && !assumable {
		return nil, errFrozen
	}
	if assumable && r.Name == old.Name && sameText(r.Description, old.Description) && slices.Equal(r.Permissions, old.Permissions) &&
		r.MaxSession == old.MaxSession && slices.Equal(r.Tags, old.Tags) {
		return old, nil
	}
	r.UpdatedAt = d.now
	d.putRole(&r)
	return &r, nil
}

// errFrozen refuses what FreezeRole forbids.
var errFrozen = Errorf(Immutable, "the role's policies cannot be changed: it was made so")

// changeableRole finds a role that is not predefined.
func (d *Draft) changeableRole(id RoleID) (*Role, error) {
	r, err := d.s.Role(id)
	if err == nil && r.Predefined() {
		return nil, Errorf(Immutable, "the predefined role %q cannot be changed or deleted", r.Name)
	}
	return r, err
}

// FreezeRole forbids for ever to change who may assume a role and which policies are its own or attached to it.
func (d *Draft) FreezeRole(id RoleID) (*Role, error) {
	old, err := d.changeableRole(id)
	if err != nil || old.Frozen {
		return old, err
	}
	r := *old
	r.Frozen, r.UpdatedAt = true, d.now
	d.putRole(&r)
	return &r, nil
}

func sameTrust(a, b *policy.Trust) bool {
	return a == b || a != nil && b != nil && slices.Equal(a.Principals, b.Principals)
}

// DeleteRole removes a role with its attachments and own policies; its live sessions are revoked. InUse while it has
// credentials, or somebody has it; Immutable if it is predefined.
func (d *Draft) DeleteRole(id RoleID) error {
	r, err := d.changeableRole(id)
	if err != nil {
		return err
	}
	if n := d.s.proofs.count(id.UUID, sideCredential); n > 0 {
		return Errorf(InUse, "the role has %d credentials: delete them first", n)
	}
	if n := d.s.bearers.count(id.UUID, sideUser); n > 0 {
		return Errorf(InUse, "the role is that of %d users: give them another one first", n)
	}
	if err := d.breakPromises(id); err != nil {
		return err
	}
	d.dropOwn(r.Policies)
	d.revokeAll(id.UUID, "the role was deleted")
	d.touch(KindRole, id.UUID)
	d.s.putRole(d.edit, id.UUID, nil)
	return nil
}

// breakPromises takes a role from the invitations that have expired; InUse if one has not.
func (d *Draft) breakPromises(id RoleID) error {
	for _, v := range d.s.bearers.ids(id.UUID, sideInvitation) {
		old, _ := d.s.invitations.get(v)
		if old.PendingAt(d.now) {
			return Errorf(InUse, "the role is that of somebody who was invited: give them another one first")
		}
		next := *old
		next.Role = RoleID{}
		d.putInvitation(&next)
	}
	return nil
}

// SetUserRole gives a user a role in place of the one that they have; the predefined "No role" takes it away. Conflict for the
// organization's owner, who stays Owner.
func (d *Draft) SetUserRole(id UserID, role RoleID) (*User, error) {
	old, err := d.s.User(id)
	if err != nil {
		return nil, err
	}
	role, err = d.givenRole(role)
	if err != nil {
		return nil, err
	}
	if id == d.s.org.Owner {
		if d.s.IsOwnerRole(role) {
			return old, nil
		}
		return nil, Errorf(Conflict, "the organization's owner is its last Owner and keeps that role")
	}
	if old.Role == role {
		return old, nil
	}
	u := *old
	u.Role = role
	d.putUser(&u)
	return &u, nil
}

// SetInvitationRole gives a role to who was invited. Conflict when the invitation has expired.
func (d *Draft) SetInvitationRole(id InvitationID, role RoleID) (*Invitation, error) {
	old, err := d.s.Invitation(id)
	if err != nil {
		return nil, err
	}
	if role, err = d.givenRole(role); err != nil {
		return nil, err
	}
	if !old.PendingAt(d.now) {
		return nil, Errorf(Conflict, "the invitation has expired")
	}
	if old.Role == role {
		return old, nil
	}
	v := *old
	v.Role = role
	d.putInvitation(&v)
	return &v, nil
}

// givenRole is a role as those keep it who have it.
func (d *Draft) givenRole(id RoleID) (RoleID, error) {
	if id.IsZero() || id == PredefinedRole(d.s.id, NoRole) {
		return RoleID{}, nil
	}
	if _, err := d.s.Role(id); err != nil {
		return RoleID{}, err
	}
	return id, nil
}

func (d *Draft) putRole(r *Role) {
	d.touch(KindRole, r.ID.UUID)
	d.s.putRole(d.edit, r.ID.UUID, r)
}
