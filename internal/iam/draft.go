package iam

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/writ-iam/writ/internal/pmap"
)

// Draft is a change in the making: it starts as a State and is altered by methods that keep the rules. When the rules
// refuse, the method returns an Error and the draft must be thrown away.
//
// A draft is used by one goroutine. It reads no clock and makes no ids, so that it can be made again on a newer state
// when its commit loses the race for the head.
type Draft struct {
	s       *State // the working copy
	base    *State
	edit    *pmap.Edit
	now     time.Time
	author  Principal
	touched []touch // in order of first change
	seen    map[touch]bool
}

// touch names a record that the draft changed.
type touch struct {
	kind Kind
	id   UUID
}

// Begin starts a draft. now is cut to microseconds. A suspended organization refuses every change but those of
// BeginAdministration.
func (s *State) Begin(now time.Time, author Principal) (*Draft, error) {
	if s.org != nil && s.org.Suspended {
		return nil, Errorf(Denied, "the organization is suspended")
	}
	return s.BeginAdministration(now, author), nil
}

// BeginAdministration starts a draft of the platform's operator or of writ itself, whom a suspension does not bind.
func (s *State) BeginAdministration(now time.Time, author Principal) *Draft {
	next := *s
	next.revision++
	return &Draft{
		s: &next, base: s, edit: pmap.NewEdit(), now: now.UTC().Truncate(time.Microsecond),
		author: author, seen: map[touch]bool{},
	}
}

// State gives the state with the changes made so far. Once it is handed out for use by others, the draft is over.
func (d *Draft) State() *State { return d.s }

// Now is the time of the draft.
func (d *Draft) Now() time.Time { return d.now }

// Empty reports whether nothing was changed: there is nothing to commit.
func (d *Draft) Empty() bool { return len(d.touched) == 0 }

// Changes gives the records as the draft leaves them, and the installation-wide keys that it claims and releases.
func (d *Draft) Changes() (changes []Change, claims, releases []Key, err error) {
	for _, t := range d.touched {
		before, after := d.base.record(t), d.s.record(t)
		c := Change{Kind: t.kind, ID: t.id}
		if after != nil {
			if c.Data, err = json.Marshal(after); err != nil {
				return nil, nil, nil, &Error{Code: Internal, Message: "a record cannot be written", Err: err}
			}
		} else if before == nil {
			continue // made and removed within the draft
		}
		changes = append(changes, c)
		had, has := uniqueKeys(before), uniqueKeys(after)
		for _, k := range had {
			if !slices.Contains(has, k) {
				releases = append(releases, k)
			}
		}
		for _, k := range has {
			if !slices.Contains(had, k) {
				claims = append(claims, k)
			}
		}
	}
	return changes, claims, releases, nil
}

// touch notes that a record is changed.
func (d *Draft) touch(kind Kind, id UUID) {
	t := touch{kind, id}
	if !d.seen[t] {
		d.seen[t] = true
		d.touched = append(d.touched, t)
	}
}

// record finds the entity behind a record; nil if there is none.
func (s *State) record(t touch) any {
	switch t.kind {
	case KindOrganization:
		return present(s.org, s.org != nil)
	case KindPerson:
		return present(s.people.get(t.id))
	case KindDirectory:
		return present(s.directory.get(t.id))
	case KindSealedKey:
		return present(s.keys.get(t.id))
	case KindCatalogFile:
		return present(s.files.get(t.id))
	case KindUser:
		return present(s.users.get(t.id))
	case KindInvitation:
		return present(s.invitations.get(t.id))
	case KindServiceAccount:
		return present(s.accounts.get(t.id))
	case KindGroup:
		return present(s.groups.get(t.id))
	case KindRole:
		return present(s.roles.get(t.id))
	case KindPolicy:
		return present(s.policies.get(t.id))
	case KindCredential:
		return present(s.credentials.get(t.id))
	case KindSession:
		return present(s.sessions.get(t.id))
	case KindUse:
		return present(s.uses.Get(t.id))
	case KindConnector:
		return present(s.connectors.get(t.id))
	case KindResourceGroup:
		return present(s.storedGroup(t.id))
	case KindSSHKey:
		return present(s.sshKeys.get(t.id))
	case KindSAML:
		return present(s.samls.get(t.id))
	case KindSCIM:
		return present(s.scims.get(t.id))
	case KindOperation:
		return present(s.operations.get(t.id))
	case KindProject:
		return present(s.storedProject(t.id))
	case KindSignIn:
		return present(s.signIns.Get(t.id))
	case KindAuthenticator:
		return present(s.authenticators.get(t.id))
	case KindUserSession:
		return present(s.userSessions.get(t.id))
	}
	panic("iam: unknown kind of record " + string(t.kind))
}

func present[E any](v *E, ok bool) any {
	if !ok {
		return nil
	}
	return v
}

// uniqueKeys are the installation-wide keys of an entity.
func uniqueKeys(entity any) []Key {
	switch v := entity.(type) {
	case *Organization:
		if v.Alias != "" {
			return []Key{{SpaceAlias, v.Alias}}
		}
	case *Person:
		return []Key{{SpaceEmail, FoldEmail(v.Email)}}
	case *DirectoryEntry:
		return []Key{{SpaceAccount, strconv.FormatInt(v.Account, 10)}}
	case *Credential:
		if v.AccessKey != "" {
			return []Key{{SpaceAccessKey, v.AccessKey}, {SpaceSecret, hex.EncodeToString(v.Hash)}}
		}
	case *Session:
		return []Key{{SpaceAccessKey, v.AccessKey}}
	case *ServiceAccount:
		if len(v.TrustedRoots) > 0 {
			return []Key{{SpaceTrusting, v.ID.String()}}
		}
	case *Connector:
		if v.Enabled {
			return []Key{{SpaceDomain, v.Domain}}
		}
	}
	return nil
}

// room refuses one more where the quota is reached.
func (d *Draft) room(quota string, have int) error {
	if limit, _ := d.s.Quota(quota); int64(have) >= limit {
		return FieldErrorf(Quota, quota, "the organization's quota of %d is reached", limit)
	}
	return nil
}

// free refuses a name that another entity of the kind has.
func free[E entity](t *table[E], name string, own UUID, what string) error {
	if id, taken := t.named(name); taken && id != own {
		return FieldErrorf(Exists, "name", "%s name %q is taken", what, name)
	}
	return nil
}

// fresh refuses an id that is in use; ids are made at random, so this is a fault of the caller.
func fresh[E entity](t *table[E], id UUID) error {
	if _, ok := t.get(id); ok || id.IsZero() {
		return Errorf(Internal, "id %s cannot be used", id)
	}
	return nil
}

// Found makes the organization's first commit: itself and its owner, as the directory says. In PlatformOrg the owner
// is absent.
func (d *Draft) Found(entry *DirectoryEntry, owner *Person) error {
	if d.base.revision != 0 {
		return Errorf(Exists, "organization %s exists already", d.s.id)
	}
	d.putOrganization(&Organization{ID: d.s.id, Name: entry.Name, Account: entry.Account, Owner: entry.Owner,
		CreatedAt: entry.CreatedAt, UpdatedAt: entry.CreatedAt})
	if owner == nil {
		return nil
	}
	u := &User{ID: entry.Owner, Person: owner.ID, Email: owner.Email, Name: owner.Name,
		AddedAt: entry.CreatedAt, UpdatedAt: entry.CreatedAt}
	d.touch(KindUser, u.ID.UUID)
	d.s.putUser(d.edit, u.ID.UUID, u)
	return nil
}

// SetSuspended suspends or resumes the organization. Conflict when it is so already.
func (d *Draft) SetSuspended(on bool) error {
	if d.s.org == nil {
		return Errorf(NotFound, "organization %s does not exist", d.s.id)
	}
	if d.s.id == PlatformOrg {
		return Errorf(Conflict, "the platform's own organization cannot be suspended: no operator could resume it")
	}
	if d.s.org.Suspended == on {
		state := "not suspended"
		if on {
			state = "suspended already"
		}
		return Errorf(Conflict, "the organization is %s", state)
	}
	o := *d.s.org
	o.Suspended, o.UpdatedAt = on, d.now
	d.putOrganization(&o)
	return nil
}

// SetQuota changes one limit. What is there beyond a lower limit stays; nothing more can be made.
func (d *Draft) SetQuota(name string, limit int64) error {
	switch {
	case d.s.org == nil:
		return Errorf(NotFound, "organization %s does not exist", d.s.id)
	case limit < 0:
		return FieldErrorf(Invalid, "limit", "must not be negative")
	}
	if _, ok := DefaultQuota[name]; !ok {
		return Errorf(NotFound, "quota %.40q does not exist", name)
	}
	o := *d.s.org
	o.Quotas = make(map[string]int64, len(d.s.org.Quotas)+1)
	for k, v := range d.s.org.Quotas {
		o.Quotas[k] = v
	}
	o.Quotas[name], o.UpdatedAt = limit, d.now
	d.putOrganization(&o)
	return nil
}

func (d *Draft) putOrganization(o *Organization) {
	d.touch(KindOrganization, d.s.id.UUID)
	d.s.putOrganization(d.edit, o)
}

// CreatePerson makes a person. PlatformOrg only.
func (d *Draft) CreatePerson(id PersonID, email, name string) (*Person, error) {
	if err := CheckEmail("email", email); err != nil {
		return nil, err
	}
	if err := checkName("name", name); err != nil {
		return nil, err
	}
	if err := fresh(&d.s.people, id.UUID); err != nil {
		return nil, err
	}
	if _, taken := d.s.PersonByEmail(email); taken {
		return nil, FieldErrorf(Exists, "email", "a person with the address %q exists", email)
	}
	p := &Person{ID: id, Email: email, Name: name, Enabled: true, CreatedAt: d.now, UpdatedAt: d.now}
	d.touch(KindPerson, id.UUID)
	d.s.putPerson(d.edit, id.UUID, p)
	return p, nil
}

// SetPersonEnabled enables or disables a person everywhere. PlatformOrg only.
func (d *Draft) SetPersonEnabled(id PersonID, on bool) (*Person, error) {
	old, err := d.s.Person(id)
	if err != nil || old.Enabled == on {
		return old, err
	}
	p := *old
	p.Enabled, p.UpdatedAt = on, d.now
	d.touch(KindPerson, id.UUID)
	d.s.putPerson(d.edit, id.UUID, &p)
	return &p, nil
}

// Register enters an organization in the directory. PlatformOrg only.
func (d *Draft) Register(entry *DirectoryEntry) error {
	if err := checkName("name", entry.Name); err != nil {
		return err
	}
	if err := fresh(&d.s.directory, entry.ID.UUID); err != nil {
		return err
	}
	if _, err := d.s.Person(entry.Person); err != nil {
		return err
	}
	own := *entry // the caller's may change
	d.touch(KindDirectory, entry.ID.UUID)
	d.s.putDirectory(d.edit, entry.ID.UUID, &own)
	return nil
}

// AddSealedKey adds a key of the installation. PlatformOrg only.
func (d *Draft) AddSealedKey(k *SealedKey) error {
	if err := fresh(&d.s.keys, k.ID); err != nil {
		return err
	}
	own := *k // the caller's may change
	d.touch(KindSealedKey, k.ID)
	d.s.putSealedKey(d.edit, k.ID, &own)
	return nil
}

// Touch records when credentials and sessions, also of users, were last used. What is gone meanwhile and what is not newer is passed
// over.
func (d *Draft) Touch(uses []Use) {
	for _, u := range uses {
		u.At = u.At.UTC().Truncate(time.Microsecond)
		_, isCredential := d.s.credentials.get(u.ID)
		_, isSession := d.s.sessions.get(u.ID)
		_, isUserSession := d.s.userSessions.get(u.ID)
		if old, ok := d.s.uses.Get(u.ID); (ok && !u.At.After(old.At)) || !(isCredential || isSession || isUserSession) {
			continue
		}
		d.touch(KindUse, u.ID)
		d.s.putUse(d.edit, u.ID, &u)
	}
}

// forget removes the record of last use of what is being removed.
func (d *Draft) forget(id UUID) {
	if _, ok := d.s.uses.Get(id); ok {
		d.touch(KindUse, id)
		d.s.putUse(d.edit, id, nil)
	}
}

func (t touch) String() string { return fmt.Sprintf("%s %s", t.kind, t.id) }
