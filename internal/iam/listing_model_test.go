package iam

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/policy"
)

// Listings against a model: plain slices, made from the entities alone, sorted and filtered in the simplest way.

// pageRow is one entity as the model knows it.
type pageRow[E any] struct {
	v      E
	id     UUID
	at     time.Time
	names  []string // case counts
	emails []string // case does not
}

// fits is the rule of the name filter (bycloud.md, 16.5), by the letter.
func (r pageRow[E]) fits(filter string) bool {
	one := func(name, filter string) bool {
		if strings.HasSuffix(filter, "*") {
			return strings.HasPrefix(name, filter[:len(filter)-1])
		}
		return name == filter
	}
	for _, n := range r.names {
		if one(n, filter) {
			return true
		}
	}
	for _, n := range r.emails {
		if one(modelNoCase.Replace(n), modelNoCase.Replace(filter)) {
			return true
		}
	}
	return filter == "" || filter == "*"
}

// modelNoCase takes the case from those letters that the addresses and filters below have; the Kelvin sign is no K.
var modelNoCase = strings.NewReplacer(func() (pairs []string) {
	for c := 'A'; c <= 'Z'; c++ {
		pairs = append(pairs, string(c), string(c-'A'+'a'))
	}
	return append(pairs, "É", "é", "Ä", "ä")
}()...)

// pageRows makes the model of a listing: every entity that row keeps, by time, then id.
func pageRows[E any](all iter.Seq2[UUID, E], row func(E) (pageRow[E], bool)) []pageRow[E] {
	var out []pageRow[E]
	for id, v := range all {
		if r, ok := row(v); ok {
			r.v, r.id = v, id
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b pageRow[E]) int {
		return cmp.Or(a.at.Compare(b.at), strings.Compare(a.id.String(), b.id.String()))
	})
	return out
}

var pageNames = []string{
	"a", "A", "a*", "a*b", "**", "a b/c", "älpha", "Älpha", "a\u0308lpha", "日本", "日本語", "\U0010FFFF", "team-\U0010FFFF", "team-\U0010FFFFz", "team-",
	"team", "zz", "user3@corp.example",
}

// Filters that keep nothing, few, most and all; that only look like patterns; and that no name can have.
var pageFilters = []string{
	"", "*", "a", "A", "a*", "A*", "a**", "**", "***", "a*b", "a*b*", "a b*", "ä*", "Ä*", "日本*", "日本", "日*", "\U0010FFFF", "\U0010FFFF*", "team-*",
	"Team-*", "TEAM-*", "team-1*", "team-\U0010FFFF*", "team-\U0010FFFF", "team-7", "team-7 ", " team-7", "Team-7", "team*7", "*7", "*team-7", "?eam-7",
	"t*", "none", "none*", "zzz*", "\x00", "\x00*", "\x00user3@corp.example", "\x00user*", "\xff*", "\xff", "team-\xff*", "%", "_*", ".*",
	"user3@corp.example", "USER3@CORP.EXAMPLE", "User3*", "uSER*", "Person*", "PERSON*", "person*", "user3@corp.exampl", "ÉL*", "él*", "\u212aim*",
}

// pageWorld makes organizations of about n things of each kind that is listed, on which the orders by time, by id and by
// name have nothing to do with each other. It gives one state from the middle and the last one.
func pageWorld(t *testing.T, seed uint64, n int) []*State {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0x70616765))
	id := func(kind byte) UUID {
		u := testID(kind, int(r.Uint32()))
		u[0] = byte(r.Uint32()) // nothing of the kind in the order
		return u
	}
	s, now := NewState(orgID(1)), epoch
	step := func(f func(*Draft) error) {
		t.Helper()
		d := s.BeginAdministration(now, system)
		if err := f(d); err != nil {
			t.Fatal(err)
		}
		s = d.State()
		now = now.Add([]time.Duration{0, 0, 0, time.Microsecond, time.Second, time.Hour}[r.IntN(6)])
	}
	name := func(i int) string {
		switch {
		case i < len(pageNames):
			return pageNames[i]
		case i%7 == 0:
			return fmt.Sprintf("Team-%d", i)
		}
		return fmt.Sprintf("team-%d", i)
	}
	email := func(i int) string {
		switch i {
		case 5:
			return "Élan@corp.example"
		case 6:
			return "kim@corp.example"
		}
		return fmt.Sprintf("User%d@Corp.example", i)
	}
	step(func(d *Draft) error {
		return d.Found(&DirectoryEntry{ID: orgID(1), Name: "o", Owner: userID(0), CreatedAt: now}, person(0, "Owner@corp.example"))
	})
	for _, i := range r.Perm(n) {
		step(func(d *Draft) error {
			p := &Person{ID: personID(i + 1), Email: email(i), Name: "Person " + email(i), Enabled: true}
			if i%3 == 0 {
				p.Name = name(i / 2) // people may share a name, which may be the address
			}
			return errors.Join(
				second(d.CreatePerson(p.ID, p.Email, p.Name)),
				second(d.AddUser(UserID{id('u')}, p, nil)),
				pageLocal(d, i, UserID{id('u')}),
				second(d.CreateServiceAccount(ServiceAccount{ID: ServiceAccountID{id('a')}, Name: name(i)})),
				second(d.Invite(InvitationID{id('v')}, fmt.Sprintf("guest%d@corp.example", i), nil, Inviter{}, time.Hour)))
		})
		step(func(d *Draft) error {
			return errors.Join(
				second(d.CreateGroup(Group{ID: GroupID{id('g')}, Name: name(i)})),
				second(d.CreateRole(Role{ID: RoleID{id('r')}, Name: name(i)}, nil)),
				second(d.CreatePolicy(Policy{ID: PolicyID{id('p')}, Name: name(i), Language: policy.Statements, Document: allowAll})),
				d.Register(&DirectoryEntry{ID: OrgID{id('o')}, Name: name(i / 2), Account: int64(i), Person: personID(i + 1), CreatedAt: d.Now()}))
		})
	}
	users, accounts, groups, roles := pageIDs(&s.users), pageIDs(&s.accounts), pageIDs(&s.groups), pageIDs(&s.roles)
	one := func(of []UUID) UUID { return of[r.IntN(len(of))] }
	// The first two groups and policies get many members and holders, the others a few or none.
	for range 4 * n {
		step(func(d *Draft) error {
			policies := pageIDs(&s.policies)
			group, attach := GroupID{groups[r.IntN(2)]}, PolicyID{policies[r.IntN(2)]}
			if r.IntN(5) == 0 {
				group, attach = GroupID{one(groups)}, PolicyID{one(policies)}
			}
			to := []Holder{{TypeUser, one(users)}, {TypeServiceAccount, one(accounts)}, {TypeGroup, one(groups)}, {TypeRole, one(roles)}}[r.IntN(4)]
			if have, _ := d.attachments(to); !attached(have, attach) {
				if err := d.Attach(attach, to); err != nil {
					return err
				}
			}
			of := []Principal{{KindOfUser, one(users)}, {KindOfServiceAccount, one(accounts)}}[r.IntN(2)]
			if in, _ := d.groupsOf(of); !slices.ContainsFunc(in, func(j Joined) bool { return j.Group == group }) {
				if err := d.Join(group, of); err != nil {
					return err
				}
			}
			if r.IntN(4) > 0 {
				return nil
			}
			if r.IntN(3) > 0 {
				of = Principal{KindOfUser, users[1]}
			}
			return errors.Join(
				second(d.CreateCredential(Credential{ID: CredentialID{id('k')}, Principal: of, Kind: Token, Name: "team-1"})),
				second(d.OpenSession(Session{ID: SessionID{id('x')}, Role: RoleID{one(roles)}, Principal: of, Name: "team-1", AccessKey: fmt.Sprint(r.Uint64()),
					ExpiresAt: now.Add(time.Hour)})))
		})
	}
	middle := s
	// Holes, and names that change places.
	for i := 2; i+1 < n; i += 6 {
		step(func(d *Draft) error {
			return errors.Join(d.RemoveUser(UserID{users[i]}), d.DeleteServiceAccount(ServiceAccountID{accounts[i]}), d.DeleteGroup(GroupID{groups[i]}),
				d.DeleteRole(RoleID{roles[i]}),
				second(d.UpdateGroup(GroupID{groups[i+1]}, func(g *Group) { g.Name = fmt.Sprintf("team-1%d-new", i) })))
		})
	}
	return []*State{middle, s}
}

// pageLocal makes one local user in five, whose name, username and address have to do with those of others.
func pageLocal(d *Draft, i int, id UserID) error {
	if i%5 != 0 {
		return nil
	}
	u := User{ID: id, Username: fmt.Sprintf("Team-1%d", i)}
	if i%2 == 0 {
		u.FirstName, u.Email = "Person", fmt.Sprintf("User3%d@other.example", i)
	}
	if i%3 == 0 {
		u.Email = u.Username + "@corp.example"
	}
	return second(d.CreateLocalUser(u, nil))
}

// logins are what a user is found by without case.
func logins(u *User) (out []string) {
	for _, text := range []string{u.Email, u.Username} {
		if text != "" {
			out = append(out, text)
		}
	}
	return out
}

// pageIDs lists the ids in a table, oldest first; the owner, who cannot be removed, is left out.
func pageIDs[E entity](t *table[E]) []UUID {
	var out []UUID
	for p := range t.order.From(0) {
		if p.id != userID(0).UUID {
			out = append(out, p.id)
		}
	}
	return out
}

// pageCheck compares one listing with its model in every way that it can be asked. foreign are ids that are not in it.
func pageCheck[E entity](t *testing.T, what string, l Listing[E], model []pageRow[E], foreign []UUID) {
	t.Helper()
	if l.Len() != len(model) {
		t.Errorf("%s: Len is %d, want %d", what, l.Len(), len(model))
	}
	var want []E
	for _, r := range model {
		want = append(want, r.v)
	}
	if got := slices.Collect(l.All()); !slices.Equal(got, want) {
		t.Fatalf("%s: All yields %v, want %v", what, got, want)
	}
	for range l.All() {
		break // must be possible at any item
	}
	for _, id := range foreign {
		for _, filter := range []string{"", "team-*", "none"} {
			for _, match := range []func(E) bool{nil, func(E) bool { return true }} {
				if page, err := l.Page(PageQuery[E]{After: id, Limit: 10, Name: filter, Match: match}); CodeOf(err) != Invalid || len(page.Items) != 0 {
					t.Errorf("%s: after %s, which is not in it: %d items, %v", what, id, len(page.Items), err)
				} else {
					wantError(t, err, Invalid, "marker")
				}
			}
		}
	}
	place := map[UUID]int{}
	for i, r := range model {
		place[r.id] = i
	}
	matches := map[string]func(E) bool{
		"":      nil,
		"all":   func(E) bool { return true },
		"none":  func(E) bool { return false },
		"third": func(v E) bool { return place[v.entry().id]%3 == 0 },
	}
	for _, filter := range pageFilters {
		for name, match := range matches {
			pageWalk(t, fmt.Sprintf("%s, name %q, match %q", what, filter, name), l, model, filter, match)
		}
	}
}

// pageWalk walks the pages that a query yields: from the beginning, and from every item that is in the listing, whether
// it fits or not.
func pageWalk[E entity](t *testing.T, what string, l Listing[E], model []pageRow[E], filter string, match func(E) bool) {
	t.Helper()
	var fit []pageRow[E]
	upTo := make([]int, len(model)) // how many fit up to and with the item
	for i, r := range model {
		if r.fits(filter) && (match == nil || match(r.v)) {
			fit = append(fit, r)
		}
		upTo[i] = len(fit)
	}
	// page wants the page that begins at fit[from].
	page := func(after UUID, limit, from int) Page[E] {
		t.Helper()
		p, err := l.Page(PageQuery[E]{Name: filter, Match: match, After: after, Limit: limit})
		if err != nil {
			t.Fatalf("%s, after %s, limit %d: %v", what, after, limit, err)
		}
		end := min(from+limit, len(fit))
		var want []E
		for _, r := range fit[from:end] {
			want = append(want, r.v)
		}
		var previous UUID
		if from > limit {
			previous = fit[from-limit-1].id
		}
		if !slices.Equal(p.Items, want) || p.Total != len(fit) || p.More != (end < len(fit)) || p.HasPrevious != (from > 0) || p.Previous != previous {
			t.Fatalf("%s, after %s, limit %d: got %d items %v, total %d, more %v, previous %v %s; want %d items %v, total %d, more %v, previous %v %s",
				what, after, limit, len(p.Items), p.Items, p.Total, p.More, p.HasPrevious, p.Previous,
				len(want), want, len(fit), end < len(fit), from > 0, previous)
		}
		return p
	}
	limits := []int{1, 2, 3, 7, 100}
	if match != nil && filter != "" {
		limits = []int{3}
	}
	for _, limit := range limits {
		// Forward: everything exactly once.
		var seen []E
		var after UUID
		p := page(after, limit, 0)
		from := 0
		for seen = append(seen, p.Items...); p.More; seen = append(seen, p.Items...) {
			after = p.Items[len(p.Items)-1].entry().id
			from += limit
			p = page(after, limit, from)
		}
		if len(seen) != len(fit) {
			t.Fatalf("%s, limit %d: the pages have %d items, want %d", what, limit, len(seen), len(fit))
		}
		// Backward: the same pages.
		for p.HasPrevious {
			if from -= limit; from < 0 {
				t.Fatalf("%s, limit %d: a page before the first", what, limit)
			}
			p = page(p.Previous, limit, from)
		}
		if from != 0 {
			t.Fatalf("%s, limit %d: back at item %d, and no page before", what, limit, from)
		}
	}
	for i, r := range model {
		if (i+len(filter))%5 == 0 || i == len(model)-1 {
			page(r.id, 3, upTo[i])
		}
	}
}

func TestListingsAgainstModel(t *testing.T) {
	for seed, n := range []int{0, 2, 45} {
		for k, s := range pageWorld(t, uint64(seed), n) {
			t.Run(fmt.Sprintf("%d/%d", n, k), func(t *testing.T) { t.Parallel(); pageAll(t, s) })
		}
	}
}

// pageAll checks every listing of a state.
func pageAll(t *testing.T, s *State) {
	unknown := testID('?', 1)
	stranger := func(ids ...[]UUID) []UUID { // ids of other kinds
		out := []UUID{unknown}
		for _, some := range ids {
			out = append(out, some[:min(1, len(some))]...)
		}
		return out
	}
	users, groups, accounts, roles := pageIDs(&s.users), pageIDs(&s.groups), pageIDs(&s.accounts), pageIDs(&s.roles)

	// Whole tables.
	pageCheck(t, "people", s.People(), pageRows(s.people.byID.All(), func(p *Person) (pageRow[*Person], bool) {
		return pageRow[*Person]{at: p.CreatedAt, names: []string{modelNoCase.Replace(p.Email)}}, true
	}), stranger(users))
	pageCheck(t, "organizations", s.Organizations(), pageRows(s.directory.byID.All(), func(d *DirectoryEntry) (pageRow[*DirectoryEntry], bool) {
		return pageRow[*DirectoryEntry]{at: d.CreatedAt, names: []string{d.Name}}, true
	}), stranger(users))
	pageCheck(t, "users", s.Users(), pageRows(s.users.byID.All(), func(u *User) (pageRow[*User], bool) {
		return pageRow[*User]{at: u.AddedAt, names: []string{u.Name}, emails: logins(u)}, true
	}), stranger(groups, accounts))
	pageCheck(t, "invitations", s.Invitations(), pageRows(s.invitations.byID.All(), func(v *Invitation) (pageRow[*Invitation], bool) {
		return pageRow[*Invitation]{at: v.CreatedAt}, true
	}), stranger(users))
	pageCheck(t, "service accounts", s.ServiceAccounts(), pageRows(s.accounts.byID.All(), func(a *ServiceAccount) (pageRow[*ServiceAccount], bool) {
		return pageRow[*ServiceAccount]{at: a.CreatedAt, names: []string{a.Name}}, true
	}), stranger(users, groups))
	pageCheck(t, "groups", s.Groups(), pageRows(s.groups.byID.All(), func(g *Group) (pageRow[*Group], bool) {
		return pageRow[*Group]{at: g.CreatedAt, names: []string{g.Name}}, true
	}), stranger(users, roles))
	pageCheck(t, "roles", s.Roles(), pageRows(s.roles.byID.All(), func(r *Role) (pageRow[*Role], bool) {
		return pageRow[*Role]{at: r.CreatedAt, names: []string{r.Name}}, true
	}), stranger(groups))
	pageCheck(t, "policies", s.Policies(), pageRows(s.policies.byID.All(), func(p *Policy) (pageRow[*Policy], bool) {
		return pageRow[*Policy]{at: p.CreatedAt, names: []string{p.Name}}, true
	}), stranger(roles))
	pageCheck(t, "sessions", s.Sessions(), pageRows(s.sessions.byID.All(), func(x *Session) (pageRow[*Session], bool) {
		return pageRow[*Session]{at: x.CreatedAt}, true
	}), stranger(users))

	// The near ends of relations, of the fullest far ends, of others and of one that is not there.
	some := func(ids []UUID) []UUID { return append(slices.Clone(ids[:min(4, len(ids))]), unknown) }
	notIn := func(all []UUID, in func(UUID) bool) []UUID { // entities of the kind that are not in the relation
		for _, id := range all {
			if !in(id) {
				return []UUID{unknown, id}
			}
		}
		return []UUID{unknown}
	}
	joined := func(groups []Joined, id UUID) (at time.Time, ok bool) {
		for _, j := range groups {
			if j.Group.UUID == id {
				return j.At, true
			}
		}
		return at, false
	}
	has := func(policies []Attached, id UUID) bool {
		return slices.ContainsFunc(policies, func(a Attached) bool { return a.Policy.UUID == id })
	}
	for k, id := range some(groups) {
		inUser := func(u *User) (pageRow[*User], bool) {
			at, ok := joined(u.Groups, id)
			return pageRow[*User]{at: at, names: []string{u.Name}, emails: logins(u)}, ok
		}
		pageCheck(t, fmt.Sprintf("users of group %d", k), s.GroupUsers(GroupID{id}), pageRows(s.users.byID.All(), inUser),
			notIn(users, func(u UUID) bool { v, _ := s.users.get(u); _, ok := inUser(v); return ok }))
		inAccount := func(a *ServiceAccount) (pageRow[*ServiceAccount], bool) {
			at, ok := joined(a.Groups, id)
			return pageRow[*ServiceAccount]{at: at, names: []string{a.Name}}, ok
		}
		pageCheck(t, fmt.Sprintf("service accounts of group %d", k), s.GroupServiceAccounts(GroupID{id}), pageRows(s.accounts.byID.All(), inAccount),
			notIn(accounts, func(a UUID) bool { v, _ := s.accounts.get(a); _, ok := inAccount(v); return ok }))
	}
	for k, id := range some(pageIDs(&s.policies)) {
		p := PolicyID{id}
		pageCheck(t, fmt.Sprintf("users of policy %d", k), s.PolicyUsers(p), pageRows(s.users.byID.All(), func(u *User) (pageRow[*User], bool) {
			return pageRow[*User]{at: u.AddedAt, names: []string{u.Name}, emails: logins(u)}, has(u.Policies, id)
		}), notIn(users, func(u UUID) bool { v, _ := s.users.get(u); return has(v.Policies, id) }))
		pageCheck(t, fmt.Sprintf("service accounts of policy %d", k), s.PolicyServiceAccounts(p), pageRows(s.accounts.byID.All(), func(a *ServiceAccount) (pageRow[*ServiceAccount], bool) {
			return pageRow[*ServiceAccount]{at: a.CreatedAt, names: []string{a.Name}}, has(a.Policies, id)
		}), notIn(accounts, func(a UUID) bool { v, _ := s.accounts.get(a); return has(v.Policies, id) }))
		pageCheck(t, fmt.Sprintf("groups of policy %d", k), s.PolicyGroups(p), pageRows(s.groups.byID.All(), func(g *Group) (pageRow[*Group], bool) {
			return pageRow[*Group]{at: g.CreatedAt, names: []string{g.Name}}, has(g.Policies, id)
		}), notIn(groups, func(g UUID) bool { v, _ := s.groups.get(g); return has(v.Policies, id) }))
		pageCheck(t, fmt.Sprintf("roles of policy %d", k), s.PolicyRoles(p), pageRows(s.roles.byID.All(), func(r *Role) (pageRow[*Role], bool) {
			return pageRow[*Role]{at: r.CreatedAt, names: []string{r.Name}}, has(r.Policies, id)
		}), notIn(roles, func(r UUID) bool { v, _ := s.roles.get(r); return has(v.Policies, id) }))
	}
	for k, id := range some(users) {
		of := func(c *Credential) (pageRow[*Credential], bool) {
			return pageRow[*Credential]{at: c.CreatedAt}, c.Principal.ID == id
		}
		pageCheck(t, fmt.Sprintf("credentials of %d", k), s.CredentialsOf(id), pageRows(s.credentials.byID.All(), of),
			notIn(pageIDs(&s.credentials), func(c UUID) bool { v, _ := s.credentials.get(c); return v.Principal.ID == id }))
	}
}

// TestListingDensities: the two ways in which a page by name is found, of few candidates and of most of the table, must
// both be taken by the filters of the model test, or it shows nothing of one of them.
func TestListingDensities(t *testing.T) {
	groups := pageWorld(t, 2, 45)[1].Groups()
	few, most := 0, 0
	for _, filter := range pageFilters {
		page, err := groups.Page(PageQuery[*Group]{Name: filter, Limit: 1})
		switch {
		case err != nil:
			t.Fatal(err)
		case filter == "" || filter == "*" || page.Total == 0:
		case page.Total > groups.Len()/2:
			most++
		default:
			few++
		}
	}
	if few < 5 || most < 2 {
		t.Errorf("%d filters keep few groups, and %d most", few, most)
	}
}
