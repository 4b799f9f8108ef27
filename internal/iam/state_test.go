package iam

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// TestApplyRefused: a node that cannot understand a record must not decide without it, and keeps the state it has.
func TestApplyRefused(t *testing.T) {
	w := newWorld(t, 1)
	group := func(id UUID) []byte {
		b, _ := json.Marshal(Group{ID: GroupID{id}, Name: "new", CreatedAt: epoch})
		return b
	}
	good := Change{Kind: KindGroup, ID: testID('g', 8), Data: group(testID('g', 8))}
	for name, c := range map[string]Change{
		"an unknown kind":              {Kind: "boundary", ID: testID('b', 1), Data: []byte("{}")},
		"no kind":                      {ID: testID('b', 1), Data: []byte("{}")},
		"removal of an unknown kind":   {Kind: "boundary", ID: testID('b', 1)},
		"no JSON":                      {Kind: KindGroup, ID: testID('g', 9), Data: []byte("{")},
		"an empty record":              {Kind: KindGroup, ID: testID('g', 9), Data: []byte{}},
		"JSON of another form":         {Kind: KindGroup, ID: testID('g', 9), Data: []byte("[]")},
		"a name that is no text":       {Kind: KindGroup, ID: testID('g', 9), Data: []byte(`{"name":7}`)},
		"a policy that does not parse": {Kind: KindPolicy, ID: testID('p', 9), Data: []byte(`{"language":"statements","document":"{"}`)},
		"a policy of a new language":   {Kind: KindPolicy, ID: testID('p', 9), Data: []byte(`{"language":"rego","document":"{}"}`)},
		"a bad time":                   {Kind: KindSession, ID: testID('x', 9), Data: []byte(`{"expires_at":"tomorrow"}`)},
	} {
		next, err := w.s.Apply(w.s.revision+1, []Change{good, c})
		if next != nil || CodeOf(err) != Internal {
			t.Errorf("%s: got %v, %v", name, next, err)
		}
		if diff := diffLines(w.image, dump(w.s)); diff != "" {
			t.Fatalf("%s: the state has changed:\n%s", name, diff)
		}
	}
	if next, err := w.s.Apply(9, []Change{good}); err != nil || next.Revision() != 9 || next.Groups().Len() != 3 {
		t.Errorf("a change that is good: %v", err)
	}
}

// TestRemovals: the removal of what is not there changes nothing but the revision.
func TestRemovals(t *testing.T) {
	w := newWorld(t, 1)
	for _, kind := range []Kind{KindPerson, KindDirectory, KindSealedKey, KindCatalogFile, KindUser, KindInvitation, KindServiceAccount, KindGroup, KindRole,
		KindPolicy, KindCredential, KindSession, KindUse, KindSignIn, KindAuthenticator, KindUserSession} {
		next, err := w.s.Apply(w.s.revision, []Change{{Kind: kind, ID: testID('z', 1)}})
		if err != nil {
			t.Errorf("%s: %v", kind, err)
		} else if diff := diffLines(w.image, dump(next)); diff != "" {
			t.Errorf("%s:\n%s", kind, diff)
		}
	}
}

// TestChanges: what is made and removed within one draft leaves no record, and claims no key.
func TestChanges(t *testing.T) {
	w := newWorld(t, 1)
	d := w.s.BeginAdministration(w.now, system)
	err := errors.Join(
		second(d.CreateServiceAccount(ServiceAccount{ID: accountID(9), Name: "x"})),
		second(d.CreateCredential(accessKey(9, asAccount(9)))),
		d.DeleteServiceAccount(accountID(9)),
	)
	changes, claims, releases, err2 := d.Changes()
	if err != nil || err2 != nil || len(changes)+len(claims)+len(releases) != 0 {
		t.Errorf("got %v, %v, %v (%v, %v)", changes, claims, releases, err, err2)
	}
	d = w.s.BeginAdministration(w.now, system)
	if err := d.DeleteServiceAccount(accountID(1)); err != nil {
		t.Fatal(err)
	}
	changes, claims, releases, _ = d.Changes()
	removed := map[Kind]int{}
	for _, c := range changes {
		if c.Data == nil {
			removed[c.Kind]++
		}
	}
	if len(claims) != 0 || len(releases) != 2 || fmt.Sprint(removed) != "map[credential:1 service_account:1 use:1]" {
		t.Errorf("removed %v, claims %v, releases %v", removed, claims, releases)
	}
}

func TestErrors(t *testing.T) {
	cause := errors.New("disk on fire")
	e := &Error{Code: Internal, Field: "name", Message: "cannot", Err: cause}
	if e.Error() != "internal: name: cannot: disk on fire" || !errors.Is(e, cause) {
		t.Errorf("got %q", e)
	}
	if s := Errorf(Denied, "no %d", 1).Error(); s != "denied: no 1" {
		t.Errorf("got %q", s)
	}
	for want, err := range map[Code]error{"": nil, Internal: cause, Quota: fmt.Errorf("doing: %w", Errorf(Quota, "full")),
		Conflict: errors.Join(cause, Errorf(Conflict, "x"))} {
		if got := CodeOf(err); got != want {
			t.Errorf("%v has code %q, want %q", err, got, want)
		}
	}
}

// TestImmutable: while one writer goes on, readers of every earlier state go on seeing what they saw. With -race this also
// finds a write into a node that is shared.
func TestImmutable(t *testing.T) {
	h := newHistory(99, orgID(1))
	h.draft(system, []operation{{"Found", func(_ *history, d *Draft) error {
		return d.Found(&DirectoryEntry{ID: orgID(1), Name: "o", Owner: userID(0), CreatedAt: d.Now()}, person(0, "a@x"))
	}, false}})
	type version struct {
		s     *State
		image []string
	}
	published := make(chan version)
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			var kept []version
			check := func(v version) {
				if diff := diffLines(v.image, dump(v.s)); diff != "" {
					t.Errorf("revision %d has changed:\n%s", v.s.revision, diff)
				}
			}
			for v := range published {
				check(v)
				if len(kept) < 20 {
					kept = append(kept, v)
				} else {
					kept[int(v.s.revision)%len(kept)] = v
					check(kept[int(v.s.revision*7)%len(kept)])
				}
				if page, err := v.s.Users().Page(PageQuery[*User]{Name: "a*", Limit: 3}); err != nil || page.Total < 0 {
					t.Error(err)
				}
			}
			for _, v := range kept {
				check(v)
			}
		})
	}
	for range 400 {
		h.pass()
		op := operations[h.IntN(len(operations))]
		h.draft(system, []operation{op})
		if h.errs != nil {
			t.Error(errors.Join(h.errs...))
			break
		}
		published <- version{h.s, h.image}
	}
	close(published)
	readers.Wait()
}

// TestSharedSlices: two drafts on one state must not write into one array.
func TestSharedSlices(t *testing.T) {
	s := newWorld(t, 1).s
	draft := func(f func(d *Draft) error) *State {
		t.Helper()
		d := s.BeginAdministration(epoch, system)
		if err := f(d); err != nil {
			t.Fatal(err)
		}
		return d.State()
	}
	for n := 4; n < 12; n++ { // at one length or another there is room at the end of a slice, if there ever is
		s = draft(func(d *Draft) error {
			return errors.Join(second(d.CreateGroup(Group{ID: groupID(n), Name: fmt.Sprint(n)})), makePolicy(n, fmt.Sprint(n), allowAll)(d))
		})
	}
	for n := 4; n < 10; n++ {
		image := dump(s)
		type step struct {
			s     *State
			image []string
		}
		var made []step
		for _, f := range []func(d *Draft) error{
			func(d *Draft) error {
				return errors.Join(d.Join(groupID(10), asUser(1)), d.Attach(policyID(10), toUser(1)))
			},
			func(d *Draft) error {
				return errors.Join(d.Join(groupID(11), asUser(1)), d.Attach(policyID(11), toUser(1)))
			},
			func(d *Draft) error {
				return errors.Join(d.Leave(groupID(1), asUser(1)), d.Detach(policyID(1), toUser(1)))
			},
			func(d *Draft) error { return d.ReplaceAttachments(toUser(1), []PolicyID{policyID(11), policyID(2)}) },
			func(d *Draft) error { return errors.Join(d.DeleteGroup(groupID(1)), d.DeleteGroup(groupID(2))) },
		} {
			next := draft(f)
			made = append(made, step{next, dump(next)})
		}
		for i, m := range made {
			if diff := diffLines(m.image, dump(m.s)); diff != "" {
				t.Errorf("with %d groups, a later draft has changed draft %d:\n%s", n-1, i, diff)
			}
		}
		if diff := diffLines(image, dump(s)); diff != "" {
			t.Errorf("with %d groups, drafts have changed their base:\n%s", n-1, diff)
		}
		s = draft(func(d *Draft) error {
			return errors.Join(d.Join(groupID(n), asUser(1)), d.Attach(policyID(n), toUser(1)))
		})
	}
}

// TestDraftTime: a draft keeps the time as the store does.
func TestDraftTime(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.FixedZone("", 3600))
	d, err := NewState(orgID(1)).Begin(at, system)
	if err != nil || d.Now().Location() != time.UTC || !d.Now().Equal(at.Truncate(time.Microsecond)) || !d.Empty() {
		t.Errorf("got %v, %v", d.Now(), err)
	}
}

// TestManyAtOnce: operations that go through a whole table while they change it miss nothing, also when the draft has made the
// table itself and so edits it in place.
func TestManyAtOnce(t *testing.T) {
	const many = 500
	w := newWorld(t, 1)
	w.now = epoch.Add(2 * SessionsKept)
	ended := func(i int) time.Time {
		if i%3 == 0 {
			return w.now.Add(time.Hour)
		}
		return epoch.Add(2 * time.Hour)
	}
	w.accept(func(d *Draft) error {
		var errs []error
		for i := range many {
			x := session(i, roleID(1), asUser(1), 0)
			x.AccessKey, x.ExpiresAt = fmt.Sprint("ASIA", i+1000), ended(i)
			x.ID = sessionID(i + 1000)
			errs = append(errs, second(d.OpenSession(x)), second(d.Invite(invitationID(i+1000), fmt.Sprintf("i%d@x", i),
				[]GroupID{groupID(1), groupID(2)}, Inviter{}, ended(i).Sub(d.Now()))))
		}
		d.Prune()
		return errors.Join(append(errs, d.DeleteGroup(groupID(1)))...)
	})
	sessions, invitations := 0, 0
	for x := range w.s.Sessions().All() {
		sessions++
		if !x.ActiveAt(w.now) {
			t.Errorf("session %s is left", x.ID)
		}
	}
	for v := range w.s.Invitations().All() {
		invitations++
		if len(v.Groups) != 1 || !v.PendingAt(w.now) {
			t.Errorf("invitation %s is left, into %v", v.ID, v.Groups)
		}
	}
	if want := (many + 2) / 3; sessions != want || invitations != want {
		t.Errorf("%d sessions and %d invitations are left, want %d of each", sessions, invitations, want)
	}
	w.accept(func(d *Draft) error { return d.DeleteRole(roleID(1)) })
	for x := range w.s.Sessions().All() {
		if x.RevokedAt == nil {
			t.Errorf("session %s of the role lives", x.ID)
		}
	}
}

// TestDeleteGroupWithin: the same of invitations that are changed, in tables of many shapes: all but each so manieth are
// cancelled before.
func TestDeleteGroupWithin(t *testing.T) {
	base := newWorld(t, 1).s
	const many = 500
	for _, every := range []int{1, 2, 7, 16, 24, 32, 33, 48, 64, 65, 100} {
		d := base.BeginAdministration(epoch, system)
		var errs []error
		for i := range many {
			errs = append(errs, second(d.Invite(invitationID(i+1000), fmt.Sprintf("i%d@x", i), []GroupID{groupID(1)}, Inviter{}, time.Hour)))
		}
		for i := range many {
			if i%every != 0 {
				errs = append(errs, d.CancelInvitation(invitationID(i+1000)))
			}
		}
		if err := errors.Join(append(errs, d.DeleteGroup(groupID(1)))...); err != nil {
			t.Fatal(err)
		}
		n := 0
		for v := range d.State().Invitations().All() {
			n++
			if slices.Contains(v.Groups, groupID(1)) {
				t.Fatalf("with every %d left, %s is into the group that is gone", every, v.ID)
			}
		}
		if want := (many-1)/every + 1 + 2; n != want {
			t.Fatalf("%d invitations are left, want %d", n, want)
		}
	}
}
