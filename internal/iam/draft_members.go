package iam

import (
	"slices"
	"time"
)

// AddUser makes a person a member of the organization and of the groups. Exists if they are one already, are invited, or have
// the address or username of a local user; a disabled person cannot be added.
func (d *Draft) AddUser(id UserID, p *Person, groups []GroupID) (*User, error) {
	if err := fresh(&d.s.users, id.UUID); err != nil {
		return nil, err
	}
	if err := d.notInvited(p.Email); err != nil {
		return nil, err
	}
	return d.member(id, p, groups)
}

func (d *Draft) member(id UserID, p *Person, groups []GroupID) (*User, error) {
	if _, ok := d.s.UserOf(p.ID); ok {
		return nil, alreadyMember(p.Email)
	}
	if err := d.notMember(p.Email); err != nil {
		return nil, err
	}
	if !p.Enabled {
		return nil, FieldErrorf(Conflict, "email", "the person with the address %q is disabled", p.Email)
	}
	if err := d.room(QuotaUsers, d.s.users.len()); err != nil {
		return nil, err
	}
	joined, err := d.joinAll(groups)
	if err != nil {
		return nil, err
	}
	u := &User{ID: id, Person: p.ID, Email: p.Email, Name: p.Name, Groups: joined, AddedAt: d.now, UpdatedAt: d.now}
	d.putUser(u)
	return u, nil
}

func alreadyMember(email string) error {
	return FieldErrorf(Exists, "email", "%s is a member of the organization already", email)
}

// notMember refuses the address or username of a user.
func (d *Draft) notMember(email string) error {
	if _, ok := d.s.UserNamed(email); ok {
		return alreadyMember(email)
	}
	return nil
}

// joinAll checks groups that a new member is to be in. Naming one twice is as good as once.
func (d *Draft) joinAll(groups []GroupID) ([]Joined, error) {
	var out []Joined
	for _, id := range groups {
		if _, err := d.joinable(id); err != nil {
			return nil, err
		}
		if _, twice := joinedAt(out, id); twice {
			continue
		}
		if err := d.room(QuotaMemberships, len(out)); err != nil {
			return nil, err
		}
		out = append(out, d.joining(id, sideUser))
	}
	return out, nil
}

// joining is the membership of whoever comes into a group now: behind all others of their kind, so that lists have those who came at
// once in the order in which they were named.
func (d *Draft) joining(id GroupID, kind side) Joined {
	at := d.now
	if lo, hi := d.s.members.span(id.UUID, kind); lo < hi {
		if last := time.UnixMicro(d.s.members.set.At(hi - 1).at).UTC(); !at.After(last) {
			at = last.Add(time.Microsecond)
		}
	}
	return Joined{id, at}
}

// joinable finds a group whose members are chosen by hand: Conflict if they are not.
func (d *Draft) joinable(id GroupID) (*Group, error) {
	g, err := d.s.Group(id)
	if err == nil && g.Federated {
		return nil, Errorf(Conflict, "the members of group %q are named by an identity provider, and by nobody else", g.Name)
	}
	return g, err
}

// RemoveUser ends a membership: its credentials, memberships, attachments, own policies and all by which the user signs in go
// with it, its live sessions are revoked. Conflict for the author themselves and for the owner, who is the administrator that cannot be lost.
func (d *Draft) RemoveUser(id UserID) error {
	u, err := d.s.User(id)
	if err != nil {
		return err
	}
	if d.author == (Principal{KindOfUser, id.UUID}) {
		return Errorf(Conflict, "you cannot remove yourself")
	}
	return d.removeUser(u)
}

// Resign is RemoveUser for the author themselves. Conflict for the owner.
func (d *Draft) Resign() error {
	u, err := d.s.User(UserID{d.author.ID})
	if err != nil {
		return err
	}
	return d.removeUser(u)
}

func (d *Draft) removeUser(u *User) error {
	id := u.ID
	if d.s.org.Owner == id {
		return Errorf(Conflict, "the organization's owner is its last administrator and cannot be removed")
	}
	d.dropProofs(id.UUID, "the user was removed")
	d.dropSignIn(id)
	d.dropOwn(u.Policies)
	d.touch(KindUser, u.ID.UUID)
	d.s.putUser(d.edit, u.ID.UUID, nil)
	return nil
}

// dropProofs deletes a principal's credentials and revokes its sessions.
func (d *Draft) dropProofs(principal UUID, reason string) {
	for _, id := range d.s.proofs.ids(principal, sideCredential) {
		d.dropCredential(CredentialID{id})
	}
	d.revokeAll(principal, reason)
}

// Invite asks somebody whom the installation does not know to join. Exists while another invitation of the address is
// pending, and for the address of a member; an expired one is replaced.
func (d *Draft) Invite(id InvitationID, email string, groups []GroupID, by Inviter, lifetime time.Duration) (*Invitation, error) {
	if err := CheckEmail("email", email); err != nil {
		return nil, err
	}
	if err := fresh(&d.s.invitations, id.UUID); err != nil {
		return nil, err
	}
	if err := d.notMember(email); err != nil {
		return nil, err
	}
	if err := d.notInvited(email); err != nil {
		return nil, err
	}
	if old, ok := d.s.invited.Get(FoldEmail(email)); ok {
		d.dropInvitation(old)
	}
	if err := d.room(QuotaInvitations, d.pendingInvitations()); err != nil {
		return nil, err
	}
	joined, err := d.joinAll(groups)
	if err != nil {
		return nil, err
	}
	v := &Invitation{ID: id, Email: email, InvitedBy: by, CreatedAt: d.now, ExpiresAt: d.now.Add(lifetime)}
	for _, g := range joined {
		v.Groups = append(v.Groups, g.Group)
	}
	d.putInvitation(v)
	return v, nil
}

// notInvited refuses an address whose invitation is pending.
func (d *Draft) notInvited(email string) error {
	if d.isInvited(email) {
		return FieldErrorf(Exists, "email", "an invitation of %s is pending", email)
	}
	return nil
}

// isInvited tells whether an invitation of an address is pending.
func (d *Draft) isInvited(email string) bool {
	id, ok := d.s.invited.Get(FoldEmail(email))
	if !ok {
		return false
	}
	v, _ := d.s.invitations.get(id.UUID)
	return v.PendingAt(d.now)
}

// pendingInvitations counts those that can still be accepted: expired ones block nothing (bycloud.md, 16.6).
func (d *Draft) pendingInvitations() int {
	n := 0
	for v := range d.s.Invitations().All() {
		if v.PendingAt(d.now) {
			n++
		}
	}
	return n
}

// PendingAt reports whether the invitation can still be accepted at a time.
func (v *Invitation) PendingAt(now time.Time) bool { return now.Before(v.ExpiresAt) }

// ResendInvitation gives an invitation, pending or expired, a new lifetime. One that comes back to life needs room and
// must not be of somebody who has become a member otherwise.
func (d *Draft) ResendInvitation(id InvitationID, lifetime time.Duration) (*Invitation, error) {
	old, err := d.s.Invitation(id)
	if err != nil {
		return nil, err
	}
	if !old.PendingAt(d.now) {
		if err := d.notMember(old.Email); err != nil {
			return nil, err
		}
		if err := d.room(QuotaInvitations, d.pendingInvitations()); err != nil {
			return nil, err
		}
	}
	v := *old
	v.ExpiresAt = d.now.Add(lifetime)
	d.putInvitation(&v)
	return &v, nil
}

// CancelInvitation removes an invitation and its own policies.
func (d *Draft) CancelInvitation(id InvitationID) error {
	if _, err := d.s.Invitation(id); err != nil {
		return err
	}
	d.dropInvitation(id)
	return nil
}

// AcceptInvitation turns a pending invitation into a membership of the person with its address, in those of its groups
// that still exist, with its tags, role and policies; its own become the user's. Conflict when it has expired or the person is disabled, Denied when it is somebody else's, Exists when
// they are a member already.
func (d *Draft) AcceptInvitation(id InvitationID, user UserID, p *Person) (*User, error) {
	v, err := d.s.Invitation(id)
	switch {
	case err != nil:
		return nil, err
	case FoldEmail(v.Email) != FoldEmail(p.Email):
		return nil, Errorf(Denied, "the invitation is another person's")
	case !v.PendingAt(d.now):
		return nil, Errorf(Conflict, "the invitation has expired")
	}
	if err := fresh(&d.s.users, user.UUID); err != nil {
		return nil, err
	}
	d.removeInvitation(id)
	u, err := d.member(user, p, v.Groups)
	if err != nil || len(v.Policies) == 0 && len(v.Tags) == 0 && v.Role.IsZero() {
		return u, err
	}
	return d.inherit(u, v), nil
}

// dropInvitation removes an invitation that nobody will accept.
func (d *Draft) dropInvitation(id InvitationID) {
	v, _ := d.s.invitations.get(id.UUID)
	d.dropOwn(v.Policies)
	d.removeInvitation(id)
}

func (d *Draft) removeInvitation(id InvitationID) {
	d.touch(KindInvitation, id.UUID)
	d.s.putInvitation(d.edit, id.UUID, nil)
}

// CreateServiceAccount makes an enabled service account with an unused name.
func (d *Draft) CreateServiceAccount(a ServiceAccount) (*ServiceAccount, error) {
	if err := d.checkNames(a.Name, a.DisplayName, a.Description); err != nil {
		return nil, err
	}
	if err := fresh(&d.s.accounts, a.ID.UUID); err != nil {
		return nil, err
	}
	if err := free(&d.s.accounts, a.Name, a.ID.UUID, "service account"); err != nil {
		return nil, err
	}
	if err := d.room(QuotaServiceAccounts, d.s.accounts.len()); err != nil {
		return nil, err
	}
	var err error
	if a.Tags, err = goodTags(a.Tags); err != nil {
		return nil, err
	}
	a.Enabled, a.Groups, a.Policies, a.Token = true, nil, nil, CredentialID{}
	a.AccessTokenLifeSpan, a.TrustedRoots = 0, nil
	a.CreatedAt, a.UpdatedAt = d.now, d.now
	d.putServiceAccount(&a)
	return &a, nil
}

func (d *Draft) checkNames(name string, display, description *string) error {
	if err := checkName("name", name); err != nil {
		return err
	}
	if err := checkText("display_name", display); err != nil {
		return err
	}
	return checkText("description", description)
}

// UpdateServiceAccount lets edit change a copy's DisplayName, Description, Tags and Enabled; the name is for ever. Nothing
// is touched when nothing changes.
func (d *Draft) UpdateServiceAccount(id ServiceAccountID, edit func(*ServiceAccount)) (*ServiceAccount, error) {
	old, err := d.s.ServiceAccount(id)
	if err != nil {
		return nil, err
	}
	a := *old
	edit(&a)
	a.Token, a.AccessTokenLifeSpan, a.TrustedRoots = old.Token, old.AccessTokenLifeSpan, old.TrustedRoots
	if a.Name != old.Name {
		return nil, FieldErrorf(Immutable, "name", "cannot be changed")
	}
	if err := d.checkNames(a.Name, a.DisplayName, a.Description); err != nil {
		return nil, err
	}
	if a.Tags, err = goodTags(a.Tags); err != nil {
		return nil, err
	}
	if sameText(a.DisplayName, old.DisplayName) && sameText(a.Description, old.Description) && a.Enabled == old.Enabled &&
		slices.Equal(a.Tags, old.Tags) {
		return old, nil
	}
	a.UpdatedAt = d.now
	d.putServiceAccount(&a)
	return &a, nil
}

func sameText(a, b *string) bool { return a == b || a != nil && b != nil && *a == *b }

// DeleteServiceAccount removes a service account with its credentials, memberships, attachments and own policies; its live
// sessions are revoked.
func (d *Draft) DeleteServiceAccount(id ServiceAccountID) error {
	a, err := d.s.ServiceAccount(id)
	if err != nil {
		return err
	}
	d.dropOwn(a.Policies)
	d.dropProofs(id.UUID, "the service account was deleted")
	d.touch(KindServiceAccount, id.UUID)
	d.s.putServiceAccount(d.edit, id.UUID, nil)
	return nil
}

// CreateGroup makes an empty group with an unused name.
func (d *Draft) CreateGroup(g Group) (*Group, error) {
	if err := d.checkNames(g.Name, nil, g.Description); err != nil {
		return nil, err
	}
	if err := fresh(&d.s.groups, g.ID.UUID); err != nil {
		return nil, err
	}
	if err := free(&d.s.groups, g.Name, g.ID.UUID, "group"); err != nil {
		return nil, err
	}
	if err := d.room(QuotaGroups, d.s.groups.len()); err != nil {
		return nil, err
	}
	var err error
	if g.Tags, err = goodTags(g.Tags); err != nil {
		return nil, err
	}
	g.Policies, g.CreatedAt, g.UpdatedAt = nil, d.now, d.now
	d.putGroup(&g)
	return &g, nil
}

// UpdateGroup lets edit change a copy's Name, Description and Tags; Federated is for ever. Nothing is touched when nothing changes.
func (d *Draft) UpdateGroup(id GroupID, edit func(*Group)) (*Group, error) {
	old, err := d.s.Group(id)
	if err != nil {
		return nil, err
	}
	g := *old
	edit(&g)
	g.Federated = old.Federated
	if err := d.checkNames(g.Name, nil, g.Description); err != nil {
		return nil, err
	}
	if err := free(&d.s.groups, g.Name, id.UUID, "group"); err != nil {
		return nil, err
	}
	if g.Tags, err = goodTags(g.Tags); err != nil {
		return nil, err
	}
	if g.Name == old.Name && sameText(g.Description, old.Description) && slices.Equal(g.Tags, old.Tags) {
		return old, nil
	}
	g.UpdatedAt = d.now
	d.putGroup(&g)
	return &g, nil
}

// DeleteGroup removes a group; memberships, attachments, own policies and mentions in invitations go with it.
func (d *Draft) DeleteGroup(id GroupID) error {
	g, err := d.s.Group(id)
	if err != nil {
		return err
	}
	d.dropOwn(g.Policies)
	for _, u := range d.s.members.ids(id.UUID, sideUser) {
		d.leave(Principal{KindOfUser, u}, id)
	}
	for _, a := range d.s.members.ids(id.UUID, sideServiceAccount) {
		d.leave(Principal{KindOfServiceAccount, a}, id)
	}
	for _, v := range d.s.InvitedTo(id) {
		d.uninvite(v, id)
	}
	d.touch(KindGroup, id.UUID)
	d.s.putGroup(d.edit, id.UUID, nil)
	return nil
}

// Join puts a user or service account into a group, behind all others of their kind. NotFound if either is not there, Exists if it
// is in it already, Conflict if the group is federated.
func (d *Draft) Join(id GroupID, member Principal) error {
	groups, err := d.groupsOf(member)
	if err != nil {
		return err
	}
	g, err := d.joinable(id)
	if err != nil {
		return err
	}
	if _, in := joinedAt(groups, id); in {
		return Errorf(Exists, "it is a member of group %q already", g.Name)
	}
	if err := d.room(QuotaMemberships, len(groups)); err != nil {
		return err
	}
	kind := sideUser
	if member.Kind == KindOfServiceAccount {
		kind = sideServiceAccount
	}
	d.setGroups(member, append(slices.Clip(groups), d.joining(id, kind)))
	return nil
}

// Leave takes a user or service account out of a group. NotFound if it is not in it, Conflict if the group is federated.
func (d *Draft) Leave(id GroupID, member Principal) error {
	groups, err := d.groupsOf(member)
	if err != nil {
		return err
	}
	if _, err := d.joinable(id); err != nil {
		return err
	}
	if _, in := joinedAt(groups, id); !in {
		return Errorf(NotFound, "it is not a member of group %s", id)
	}
	d.leave(member, id)
	return nil
}

// ArrangeMembers gives members of a group this order among those of their kind, in lists of the group. Whoever does not stand
// behind the one before them counts as having joined now, a microsecond apart. NotFound if one is not in it.
func (d *Draft) ArrangeMembers(id GroupID, members []Principal) error {
	last := map[PrincipalKind]place{}
	for _, m := range members {
		groups, err := d.groupsOf(m)
		if err != nil {
			return err
		}
		at, in := joinedAt(groups, id)
		if !in {
			return Errorf(NotFound, "it is not a member of group %s", id)
		}
		before, follows := last[m.Kind]
		if follows && before.Compare(place{at, m.ID}) >= 0 {
			at = max(before.at+1, d.now.UnixMicro())
			d.setGroups(m, rejoined(groups, id, time.UnixMicro(at).UTC()))
		}
		last[m.Kind] = place{at, m.ID}
	}
	return nil
}

// rejoined are memberships of which one has another time.
func rejoined(groups []Joined, id GroupID, at time.Time) []Joined {
	out := slices.Clone(groups)
	for i := range out {
		if out[i].Group == id {
			out[i].At = at
		}
	}
	return out
}

func (d *Draft) leave(member Principal, id GroupID) {
	groups, _ := d.groupsOf(member)
	d.setGroups(member, slices.DeleteFunc(slices.Clone(groups), func(j Joined) bool { return j.Group == id }))
}

// InviteTo adds a group to those that an invitation is into. NotFound if either is not there, Exists if the group is among
// them already, Conflict when the invitation has expired or the group is federated.
func (d *Draft) InviteTo(id GroupID, invitation InvitationID) error {
	old, err := d.s.Invitation(invitation)
	if err != nil {
		return err
	}
	g, err := d.joinable(id)
	switch {
	case err != nil:
		return err
	case slices.Contains(old.Groups, id):
		return Errorf(Exists, "the invitation is into group %q already", g.Name)
	case !old.PendingAt(d.now):
		return Errorf(Conflict, "the invitation has expired")
	}
	if err := d.room(QuotaMemberships, len(old.Groups)); err != nil {
		return err
	}
	v := *old
	v.Groups = append(slices.Clip(old.Groups), id)
	d.putInvitation(&v)
	return nil
}

// UninviteFrom takes a group from those that an invitation is into. NotFound if it is not among them.
func (d *Draft) UninviteFrom(id GroupID, invitation InvitationID) error {
	v, err := d.s.Invitation(invitation)
	if err != nil {
		return err
	}
	if _, err := d.s.Group(id); err != nil {
		return err
	}
	if !slices.Contains(v.Groups, id) {
		return Errorf(NotFound, "the invitation is not into group %s", id)
	}
	d.uninvite(v, id)
	return nil
}

func (d *Draft) uninvite(old *Invitation, from GroupID) {
	v := *old
	v.Groups = slices.DeleteFunc(slices.Clone(old.Groups), func(g GroupID) bool { return g == from })
	d.putInvitation(&v)
}

func (d *Draft) groupsOf(member Principal) ([]Joined, error) {
	switch member.Kind {
	case KindOfUser:
		u, err := d.s.User(UserID{member.ID})
		if err != nil {
			return nil, err
		}
		return u.Groups, nil
	case KindOfServiceAccount:
		a, err := d.s.ServiceAccount(ServiceAccountID{member.ID})
		if err != nil {
			return nil, err
		}
		return a.Groups, nil
	}
	return nil, Errorf(Invalid, "a %s cannot be a member of a group", member.Kind)
}

// setGroups stores a member's groups. UpdatedAt is not the membership's business.
func (d *Draft) setGroups(member Principal, groups []Joined) {
	if member.Kind == KindOfUser {
		old, _ := d.s.users.get(member.ID)
		u := *old
		u.Groups = groups
		d.putUser(&u)
		return
	}
	old, _ := d.s.accounts.get(member.ID)
	a := *old
	a.Groups = groups
	d.putServiceAccount(&a)
}

func (d *Draft) putUser(u *User) {
	d.touch(KindUser, u.ID.UUID)
	d.s.putUser(d.edit, u.ID.UUID, u)
}

func (d *Draft) putInvitation(v *Invitation) {
	d.touch(KindInvitation, v.ID.UUID)
	d.s.putInvitation(d.edit, v.ID.UUID, v)
}

func (d *Draft) putServiceAccount(a *ServiceAccount) {
	d.touch(KindServiceAccount, a.ID.UUID)
	d.s.putServiceAccount(d.edit, a.ID.UUID, a)
}

func (d *Draft) putGroup(g *Group) {
	d.touch(KindGroup, g.ID.UUID)
	d.s.putGroup(d.edit, g.ID.UUID, g)
}
