package iam

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/policy"
)

// Ids of the tests: a letter for the kind, then a number.

func testID(kind byte, n int) (u UUID) {
	u[0], u[6], u[8] = kind, 0x70, 0x80
	binary.BigEndian.PutUint32(u[12:], uint32(n))
	return u
}

func orgID(n int) OrgID                { return OrgID{testID('o', n)} }
func personID(n int) PersonID          { return PersonID{testID('h', n)} }
func userID(n int) UserID              { return UserID{testID('u', n)} }
func invitationID(n int) InvitationID  { return InvitationID{testID('v', n)} }
func accountID(n int) ServiceAccountID { return ServiceAccountID{testID('a', n)} }
func groupID(n int) GroupID            { return GroupID{testID('g', n)} }
func roleID(n int) RoleID              { return RoleID{testID('r', n)} }
func policyID(n int) PolicyID          { return PolicyID{testID('p', n)} }
func credentialID(n int) CredentialID  { return CredentialID{testID('k', n)} }
func sessionID(n int) SessionID        { return SessionID{testID('x', n)} }
func connectorID(n int) ConnectorID    { return ConnectorID{testID('c', n)} }
func projectID(n int) ProjectID        { return ProjectID{testID('j', n)} }
func sshKeyID(n int) SSHKeyID          { return SSHKeyID{testID('w', n)} }
func asUser(n int) Principal           { return Principal{KindOfUser, testID('u', n)} }
func asAccount(n int) Principal        { return Principal{KindOfServiceAccount, testID('a', n)} }
func asRole(n int) Principal           { return Principal{KindOfRole, testID('r', n)} }
func toUser(n int) Holder              { return Holder{TypeUser, testID('u', n)} }
func toAccount(n int) Holder           { return Holder{TypeServiceAccount, testID('a', n)} }
func toGroup(n int) Holder             { return Holder{TypeGroup, testID('g', n)} }
func toInvitation(n int) Holder        { return Holder{TypeInvitation, testID('v', n)} }
func toRole(n int) Holder              { return Holder{TypeRole, testID('r', n)} }

var (
	epoch  = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	system = Principal{Kind: KindOfSystem}
)

const (
	allowAll  = `{"statements":[{"effect":"allow","actions":["*"]}]}`
	allowRead = `{"statements":[{"effect":"allow","actions":["s3:Get*"],"resources":["reports/*"]}]}`
)

func person(n int, email string) *Person {
	return &Person{ID: personID(n), Email: email, Name: "Person " + email, Enabled: true}
}

// world is an organization under test. Every step is checked in full: see accept and refuse.
type world struct {
	t     *testing.T
	s     *State
	now   time.Time
	image []string // of s, when it was made
}

// newWorld is an organization with a bit of everything in it:
//
//	owner 0; users 1 (in group 1) and 2; service accounts 1 (in group 1) and 2; groups 1 and 2; roles 1 and 2
//	policy 1 is attached to user 1, account 1, group 1 and role 1; policy 2 to role 1; policy 3 to nothing
//	credentials 1 and 3 of user 1, 2 of account 1
//	sessions of role 1: 1 by user 1, 2 by account 1, 4 by user 1 which ends in a minute; of role 2: 3 by a workload
//	invitation 1 into groups 1 and 2 for a week, 2 which ends in a minute
//
// and two minutes have passed.
func newWorld(t *testing.T, n int) *world {
	t.Helper()
	w := &world{t: t, s: NewState(orgID(n)).In(inWorld), now: epoch}
	w.image = dump(w.s)
	w.accept(func(d *Draft) error {
		return errors.Join(
			d.Found(&DirectoryEntry{ID: orgID(n), Name: "corp", Account: 7, Owner: userID(0), CreatedAt: epoch}, person(0, "Olga@corp.example")),
			second(d.CreatePolicy(Policy{ID: policyID(1), Name: "read", Language: policy.Statements, Document: allowRead})),
			second(d.CreatePolicy(Policy{ID: policyID(2), Name: "all", Language: policy.Statements, Document: allowAll})),
			second(d.CreatePolicy(Policy{ID: policyID(3), Name: "spare", Language: policy.Statements, Document: allowRead})),
			second(d.CreateGroup(Group{ID: groupID(1), Name: "devs"})),
			second(d.CreateGroup(Group{ID: groupID(2), Name: "ops"})),
			d.Attach(policyID(1), toGroup(1)),
			second(d.AddUser(userID(1), person(1, "Ann@corp.example"), []GroupID{groupID(1)})),
			second(d.AddUser(userID(2), person(2, "bob@corp.example"), nil)),
			d.Attach(policyID(1), toUser(1)),
			second(d.CreateServiceAccount(ServiceAccount{ID: accountID(1), Name: "ci"})),
			second(d.CreateServiceAccount(ServiceAccount{ID: accountID(2), Name: "bot"})),
			d.Join(groupID(1), asAccount(1)),
			d.Attach(policyID(1), toAccount(1)),
			second(d.CreateRole(Role{ID: roleID(1), Name: "deployer", Trust: &policy.Trust{Principals: []string{"*"}}}, []PolicyID{policyID(1), policyID(2)})),
			second(d.CreateRole(Role{ID: roleID(2), Name: "idle"}, nil)),
			second(d.CreateCredential(accessKey(1, asUser(1)))),
			second(d.CreateCredential(accessKey(2, asAccount(1)))),
			second(d.CreateCredential(Credential{ID: credentialID(3), Principal: asUser(1), Kind: Token, Name: "token"})),
			second(d.OpenSession(session(1, roleID(1), asUser(1), time.Hour))),
			second(d.OpenSession(session(2, roleID(1), asAccount(1), time.Hour))),
			second(d.OpenSession(session(3, roleID(2), Principal{Kind: KindOfServiceAccount}, time.Hour))),
			second(d.OpenSession(session(4, roleID(1), asUser(1), time.Minute))),
			second(d.Invite(invitationID(1), "New.Hire@corp.example", []GroupID{groupID(1), groupID(2)}, Inviter{ID: testID('u', 0), Name: "Olga"}, 7*24*time.Hour)),
			second(d.Invite(invitationID(2), "late@corp.example", nil, Inviter{}, time.Minute)),
		)
	})
	w.accept(func(d *Draft) error {
		d.Touch([]Use{{credentialID(1).UUID, w.now}, {credentialID(2).UUID, w.now}, {sessionID(1).UUID, w.now}})
		return nil
	})
	w.now = w.now.Add(2 * time.Minute)
	return w
}

// newPlatform is the platform's organization with two people, an organization in the directory and a key.
func newPlatform(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, s: NewState(PlatformOrg), now: epoch}
	w.image = dump(w.s)
	w.accept(func(d *Draft) error {
		return errors.Join(
			d.Found(&DirectoryEntry{Name: "platform", CreatedAt: d.Now()}, nil),
			second(d.CreatePerson(personID(1), "Ann@corp.example", "Ann")),
			second(d.CreatePerson(personID(2), "bob@corp.example", "Bob")),
			d.Register(&DirectoryEntry{ID: orgID(1), Name: "corp", Account: 7, Owner: userID(0), Person: personID(1), CreatedAt: epoch}),
			d.AddSealedKey(&SealedKey{ID: testID('s', 1), Purpose: "tokens", Sealed: []byte{1}, CreatedAt: epoch}),
		)
	})
	return w
}

func accessKey(n int, of Principal) Credential {
	key := "AKIA" + string(rune('a'+n))
	return Credential{ID: credentialID(n), Principal: of, Kind: AccessKey, Name: "key", AccessKey: key, Hash: []byte("hash of " + key)}
}

func session(n int, role RoleID, by Principal, lifetime time.Duration) Session {
	key := "ASIA" + string(rune('a'+n))
	return Session{ID: sessionID(n), Role: role, Principal: by, PrincipalName: "somebody", Name: "session",
		AccessKey: key, Hash: []byte("hash of " + key), ExpiresAt: epoch.Add(lifetime)}
}

func second[A any](_ A, err error) error { return err }

// accept commits a draft that must be accepted, and holds it to everything that any commit must keep.
func (w *world) accept(draft func(*Draft) error) *State {
	w.t.Helper()
	return w.acceptAs(system, draft)
}

func (w *world) acceptAs(author Principal, draft func(*Draft) error) *State {
	w.t.Helper()
	d := w.s.BeginAdministration(w.now, author)
	if err := draft(d); err != nil {
		w.t.Fatalf("refused: %v", err)
	}
	next, _, err := commit(w.s, d)
	if err != nil {
		w.t.Fatal(err)
	}
	if diff := diffLines(w.image, dump(w.s)); diff != "" {
		w.t.Fatalf("the state before the draft has changed:\n%s", diff)
	}
	w.s, w.image = next, dump(next)
	return next
}

// refuse makes a draft that must be refused with a code and a field, and must leave no trace.
func (w *world) refuse(code Code, field string, draft func(*Draft) error) {
	w.t.Helper()
	w.refuseAs(system, code, field, draft)
}

func (w *world) refuseAs(author Principal, code Code, field string, draft func(*Draft) error) {
	w.t.Helper()
	d, err := w.s.Begin(w.now, author)
	if err != nil {
		w.t.Fatalf("Begin: %v", err)
	}
	wantError(w.t, draft(d), code, field)
	if diff := diffLines(w.image, dump(w.s)); diff != "" {
		w.t.Errorf("a refused draft has changed the state:\n%s", diff)
	}
}

func wantError(t *testing.T, err error, code Code, field string) {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	switch {
	case !ok:
		t.Errorf("got error %v (%T), want code %s", err, err, code)
	case e.Code != code || e.Field != field:
		t.Errorf("got code %q, field %q (%v); want %q, %q", e.Code, e.Field, err, code, field)
	case e.Message == "":
		t.Errorf("%s has no message", code)
	}
}

// diffLines shows what two dumps do not share; "" when they are equal.
func diffLines(before, after []string) string {
	if slices.Equal(before, after) {
		return ""
	}
	var b strings.Builder
	i, j := 0, 0
	for i < len(before) || j < len(after) {
		switch {
		case i < len(before) && j < len(after) && before[i] == after[j]:
			i, j = i+1, j+1
		case j == len(after) || i < len(before) && !slices.Contains(after[j:], before[i]):
			b.WriteString("- " + before[i] + "\n")
			i++
		default:
			b.WriteString("+ " + after[j] + "\n")
			j++
		}
	}
	return b.String()
}
