package iam

import (
	"slices"
	"strings"
)

// CreateLocalUser makes a user who belongs to this organization alone, active at once and a member of the groups, from the
// Username, Email, FirstName, LastName, Phone, Locale and Tags. Exists if the username or address is one of another user, or
// of somebody who is invited.
func (d *Draft) CreateLocalUser(u User, groups []GroupID) (*User, error) {
	if err := fresh(&d.s.users, u.ID.UUID); err != nil {
		return nil, err
	}
	u.Person, u.Disabled, u.Policies = PersonID{}, false, nil
	if err := d.checkUser(&u); err != nil {
		return nil, err
	}
	if err := d.room(QuotaUsers, d.s.users.len()); err != nil {
		return nil, err
	}
	var err error
	if u.Groups, err = d.joinAll(groups); err != nil {
		return nil, err
	}
	u.AddedAt, u.UpdatedAt = d.now, d.now
	d.putUser(&u)
	return &u, nil
}

// UpdateUser lets edit change a copy's FirstName, LastName, Phone, Locale and Tags, and of a local user the Username and Email
// too, which are Immutable of a person; what else it changes is not taken over. Nothing is touched when nothing changes.
func (d *Draft) UpdateUser(id UserID, edit func(*User)) (*User, error) {
	old, err := d.s.User(id)
	if err != nil {
		return nil, err
	}
	asked := *old
	edit(&asked)
	u := *old
	u.Username, u.Email, u.Tags = asked.Username, asked.Email, asked.Tags
	u.FirstName, u.LastName, u.Phone, u.Locale = asked.FirstName, asked.LastName, asked.Phone, asked.Locale
	switch {
	case old.Local():
	case u.Username != old.Username:
		return nil, FieldErrorf(Immutable, "username", "cannot be changed: the user is a person of the installation, whose address it is")
	case u.Email != old.Email:
		return nil, FieldErrorf(Immutable, "email", "cannot be changed: the user is a person of the installation, whose address it is")
	}
	if err := d.checkUser(&u); err != nil {
		return nil, err
	}
	if sameProfile(&u, old) {
		return old, nil
	}
	u.UpdatedAt = d.now
	d.putUser(&u)
	return &u, nil
}

// sameProfile compares what UpdateUser can change.
func sameProfile(a, b *User) bool {
	return a.Username == b.Username && a.Email == b.Email && a.FirstName == b.FirstName && a.LastName == b.LastName &&
		a.Phone == b.Phone && a.Locale == b.Locale && slices.Equal(a.Tags, b.Tags)
}

// SetUserDisabled disables a user in this organization, or enables them again. While they are disabled they may do nothing, and
// what proves them is kept. Enabling also forgets how often they failed to sign in. Immutable for the owner, and Conflict for the author themselves. Nothing is touched when nothing
// changes.
func (d *Draft) SetUserDisabled(id UserID, on bool) (*User, error) {
	old, err := d.s.User(id)
	switch {
	case err != nil:
		return nil, err
	case on && d.s.org.Owner == id:
		return nil, Errorf(Immutable, "the organization's owner is its last administrator and cannot be disabled")
	case on && d.author == (Principal{KindOfUser, id.UUID}):
		return nil, Errorf(Conflict, "you cannot disable yourself")
	}
	if !on {
		d.forgetFailures(id)
	}
	if old.Disabled == on {
		return old, nil
	}
	u := *old
	u.Disabled, u.UpdatedAt = on, d.now
	d.putUser(&u)
	return &u, nil
}

// checkUser checks what clients say about a user, puts it into the form in which it is stored, and calls a local user by name.
func (d *Draft) checkUser(u *User) (err error) {
	for _, part := range []struct{ field, text string }{{"first_name", u.FirstName}, {"last_name", u.LastName},
		{"phone", u.Phone}, {"locale", u.Locale}} {
		if err := checkPart(part.field, part.text); err != nil {
			return err
		}
	}
	if u.Tags, err = goodTags(u.Tags); err != nil || !u.Local() {
		return err
	}
	if err := checkUsername(u.Username); err != nil {
		return err
	}
	if err := d.unused("username", u.Username, u.ID); err != nil {
		return err
	}
	u.Name = u.Username
	if full := strings.TrimSpace(u.FirstName + " " + u.LastName); full != "" {
		u.Name = full
	}
	if u.Email == "" {
		return nil
	}
	if err := CheckEmail("email", u.Email); err != nil {
		return err
	}
	return d.unused("email", u.Email, u.ID)
}

// unused refuses a username or address that is one of another user, or of somebody who is invited: who signs in names either,
// and two people must not be taken for each other.
func (d *Draft) unused(field, name string, own UserID) error {
	if id, taken := d.s.users.named(loginMark + FoldEmail(name)); taken && id != own.UUID {
		return FieldErrorf(Exists, field, "%q is the username or address of another user", name)
	}
	if d.isInvited(name) {
		return FieldErrorf(Exists, field, "%q is the address of somebody who is invited", name)
	}
	return nil
}
