package iam

import (
	"iter"
	"slices"
	"strings"
)

// Listing is a sequence of entities of one kind in the order of lists, from which pages are cut. It belongs to one
// State and is as immutable.
type Listing[E entity] struct {
	table    *table[E]
	length   int
	from     func(i int) iter.Seq[UUID]     // the ids from position i on
	position func(id UUID) (i int, ok bool) // where an id stands
	whole    bool                           // it is the whole table, so the index of names covers it
	emails   bool                           // addresses and usernames are names too (users)
}

// PageQuery says which page.
type PageQuery[E any] struct {
	// Name keeps what has exactly this name; a final "*" makes it a prefix. Case counts. Users are also found by
	// address and username, without case. "" and "*" keep everything.
	Name string
	// Match keeps what it returns true for; nil keeps everything.
	Match func(E) bool
	// After is the last entity of the page before; zero for the first page.
	After UUID
	// Limit is the largest number of items, at least 1.
	Limit int
}

// Page is one page of a listing.
type Page[E any] struct {
	Items []E
	Total int  // of all pages
	More  bool // items follow
	// HasPrevious tells that items precede; Previous is then the After that yields the page before, zero if that is
	// the first page.
	HasPrevious bool
	Previous    UUID
}

// Page cuts a page. An After that is not in the listing is Invalid.
func (l Listing[E]) Page(q PageQuery[E]) (Page[E], error) {
	start := 0
	if !q.After.IsZero() {
		i, ok := l.position(q.After)
		if !ok {
			return Page[E]{}, FieldErrorf(Invalid, "marker", "%s is not an item of this list", q.After)
		}
		start = i + 1
	}
	byName := q.Name != "" && q.Name != "*"
	switch {
	case !byName && q.Match == nil:
		return l.plain(start, q.Limit), nil
	case byName && q.Match == nil && l.whole && !strings.HasPrefix(q.Name, loginMark): // a filter cannot name the mark
		return l.named(q, start), nil
	}
	return l.scan(start, q.Limit, func(v E) bool {
		return (q.Match == nil || q.Match(v)) && (!byName || l.matches(v, q.Name))
	}), nil
}

// All yields every entity in order.
func (l Listing[E]) All() iter.Seq[E] {
	return func(yield func(E) bool) {
		for id := range l.from(0) {
			if v, ok := l.table.get(id); ok && !yield(v) {
				return
			}
		}
	}
}

// Len is the number of entities.
func (l Listing[E]) Len() int { return l.length }

// plain cuts a page of everything.
func (l Listing[E]) plain(start, limit int) Page[E] {
	p := Page[E]{Total: l.length, More: start+limit < l.length, HasPrevious: start > 0}
	if start > limit {
		for id := range l.from(start - limit - 1) {
			p.Previous = id
			break
		}
	}
	p.Items = make([]E, 0, min(limit, max(0, l.length-start)))
	for id := range l.from(start) {
		if len(p.Items) == limit {
			break
		}
		p.add(l.table, id)
	}
	return p
}

func (p *Page[E]) add(t interface{ get(UUID) (E, bool) }, id UUID) {
	if v, ok := t.get(id); ok {
		p.Items = append(p.Items, v)
	}
}

// scan walks everything and keeps what fits. Total needs the whole walk.
func (l Listing[E]) scan(start, limit int, fits func(E) bool) Page[E] {
	var p Page[E]
	var before []UUID // the last limit+1 that fit before start
	i := -1
	for id := range l.from(0) {
		i++
		v, ok := l.table.get(id)
		if !ok || !fits(v) {
			continue
		}
		p.Total++
		switch {
		case i < start:
			if len(before) > limit {
				before = slices.Delete(before, 0, 1)
			}
			before = append(before, id)
		case len(p.Items) < limit:
			p.Items = append(p.Items, v)
		default:
			p.More = true
		}
	}
	p.precede(before, limit)
	return p
}

// precede sets the link to the page before from the last limit+1 ids before this one, in order.
func (p *Page[E]) precede(before []UUID, limit int) {
	p.HasPrevious = len(before) > 0
	if len(before) > limit {
		p.Previous = before[0]
	}
}

// named cuts a page of a whole table by name. Candidates come from the index of names; of these the nearest to the
// start are selected. When most of the table fits, walking the table in order meets them sooner.
func (l Listing[E]) named(q PageQuery[E], start int) Page[E] {
	spans := l.spans(q.Name)
	candidates := 0
	for _, s := range spans {
		candidates += s.hi - s.lo
	}
	if !l.emails && candidates > l.length/2 {
		return l.dense(q, start, candidates)
	}
	pivot := place{at: minTime}
	if !q.After.IsZero() {
		v, _ := l.table.get(q.After)
		pivot = v.entry().place()
	}
	total, before, after := nearest(l.candidates(spans), pivot, q.Limit+1)
	p := Page[E]{Total: total, More: len(after) > q.Limit}
	for _, x := range after[:min(q.Limit, len(after))] {
		p.add(l.table, x.id)
	}
	ids := make([]UUID, len(before))
	for i, x := range before {
		ids[i] = x.id
	}
	p.precede(ids, q.Limit)
	return p
}

// dense walks the table away from the start in both directions until a page is full.
func (l Listing[E]) dense(q PageQuery[E], start, total int) Page[E] {
	p := Page[E]{Total: total}
	for id := range l.from(start) {
		v, ok := l.table.get(id)
		if !ok || !l.matches(v, q.Name) {
			continue
		}
		if len(p.Items) == q.Limit {
			p.More = true
			break
		}
		p.Items = append(p.Items, v)
	}
	var before []UUID
	for i := start - 1; i >= 0 && len(before) <= q.Limit; i-- {
		id := l.table.order.At(i).id
		if v, ok := l.table.get(id); ok && l.matches(v, q.Name) {
			before = append(before, id)
		}
	}
	slices.Reverse(before)
	p.precede(before, q.Limit)
	return p
}

// loginMark begins the index entry of an address or a username among the names: no name holds a control character.
const loginMark = "\x00"

// matches tells whether one of the entity's names fits the filter.
func (l Listing[E]) matches(v E, filter string) bool {
	for _, name := range v.entry().names {
		want := filter
		if rest, isLogin := strings.CutPrefix(name, loginMark); isLogin {
			name, want = rest, FoldEmail(filter)
		}
		if prefix, ok := strings.CutSuffix(want, "*"); ok && strings.HasPrefix(name, prefix) || name == want {
			return true
		}
	}
	return false
}

type span struct{ lo, hi int }

// spans gives the runs of the index of names that fit the filter.
func (l Listing[E]) spans(filter string) []span {
	out := []span{l.span(filter)}
	if l.emails {
		out = append(out, l.span(loginMark+FoldEmail(filter)))
	}
	return out
}

func (l Listing[E]) span(filter string) span {
	lowest := func(s string) int { return l.table.names.Rank(named{s, place{at: minTime}}) }
	prefix, ok := strings.CutSuffix(filter, "*")
	if !ok {
		return span{lowest(filter), lowest(filter + "\x00")}
	}
	// Names are UTF-8, in which no character has a byte as high as this.
	return span{lowest(prefix), lowest(prefix + "\xff")}
}

// candidates yields the place of every entity in the spans, once.
func (l Listing[E]) candidates(spans []span) iter.Seq[place] {
	return func(yield func(place) bool) {
		seen := map[UUID]bool{}
		for k, s := range spans {
			left := s.hi - s.lo
			for n := range l.table.names.From(s.lo) {
				if left == 0 {
					break
				}
				left--
				if len(spans) > 1 {
					if k > 0 && seen[n.id] {
						continue
					}
					seen[n.id] = true
				}
				if !yield(n.place) {
					return
				}
			}
		}
	}
}

// nearest counts the places and selects the k nearest up to the pivot and the k nearest after it, both in order.
func nearest(all iter.Seq[place], pivot place, k int) (total int, before, after []place) {
	for x := range all {
		total++
		if x.Compare(pivot) > 0 {
			after = keep(after, x, k, place.Compare)
		} else {
			before = keep(before, x, k, func(a, b place) int { return b.Compare(a) })
		}
	}
	slices.Reverse(before)
	// The pivot itself is the last item of the page before: it counts among those that precede.
	return total, before, after
}

// keep inserts x into the k least, in order.
func keep(least []place, x place, k int, compare func(a, b place) int) []place {
	if len(least) == k {
		if compare(x, least[k-1]) >= 0 {
			return least
		}
		least = least[:k-1]
	}
	i, _ := slices.BinarySearchFunc(least, x, compare)
	return slices.Insert(least, i, x)
}

// all lists a whole table.
func all[E entity](t *table[E]) Listing[E] {
	return Listing[E]{
		table: t, length: t.order.Len(), whole: true,
		from: func(i int) iter.Seq[UUID] {
			return func(yield func(UUID) bool) {
				for p := range t.order.From(i) {
					if !yield(p.id) {
						return
					}
				}
			}
		},
		position: func(id UUID) (int, bool) {
			v, ok := t.get(id)
			if !ok {
				return 0, false
			}
			return t.order.Rank(v.entry().place()), true
		},
	}
}

// related lists the near ends of edges of one kind from one far end. at tells, of an entity, the time of its edge.
func related[E entity](t *table[E], x edges, far UUID, kind side, at func(E) (int64, bool)) Listing[E] {
	lo, hi := x.span(far, kind)
	return Listing[E]{
		table: t, length: hi - lo,
		from: func(i int) iter.Seq[UUID] {
			return func(yield func(UUID) bool) {
				left := hi - lo - i
				for v := range x.set.From(lo + i) {
					if left == 0 || !yield(v.id) {
						return
					}
					left--
				}
			}
		},
		position: func(id UUID) (int, bool) {
			v, ok := t.get(id)
			if !ok {
				return 0, false
			}
			when, ok := at(v)
			if !ok {
				return 0, false
			}
			return x.set.Rank(edge{far, kind, place{when, id}}) - lo, true
		},
	}
}

// joinedAt tells when a member joined a group.
func joinedAt(groups []Joined, id GroupID) (int64, bool) {
	for _, g := range groups {
		if g.Group == id {
			return g.At.UnixMicro(), true
		}
	}
	return 0, false
}

// holds tells, of a holder, whether it has the policy and where it stands in lists.
func holds(policies []Attached, id PolicyID, x entry) (int64, bool) {
	return x.at.UnixMicro(), slices.ContainsFunc(policies, func(a Attached) bool { return a.Policy == id })
}

// People lists all persons. PlatformOrg only.
func (s *State) People() Listing[*Person] { return all(&s.people) }

// Organizations lists the directory. PlatformOrg only.
func (s *State) Organizations() Listing[*DirectoryEntry] { return all(&s.directory) }

// CatalogFiles lists the files that operators added to the catalogue, in the order in which they were added. PlatformOrg only.
func (s *State) CatalogFiles() Listing[*CatalogFile] { return all(&s.files) }

// Users lists all users by the time they were added.
func (s *State) Users() Listing[*User] {
	l := all(&s.users)
	l.emails = true
	return l
}

// Invitations lists all invitations, expired ones too.
func (s *State) Invitations() Listing[*Invitation] { return all(&s.invitations) }

// ServiceAccounts lists all service accounts.
func (s *State) ServiceAccounts() Listing[*ServiceAccount] { return all(&s.accounts) }

// Groups lists all groups.
func (s *State) Groups() Listing[*Group] { return all(&s.groups) }

// Roles lists all roles but the predefined ones.
func (s *State) Roles() Listing[*Role] { return all(&s.roles) }

// Policies lists all policies.
func (s *State) Policies() Listing[*Policy] { return all(&s.policies) }

// Sessions lists all role sessions that are kept, ended ones too.
func (s *State) Sessions() Listing[*Session] { return all(&s.sessions) }

// GroupUsers lists the users in a group by the time they joined.
func (s *State) GroupUsers(id GroupID) Listing[*User] {
	return related(&s.users, s.members, id.UUID, sideUser,
		func(u *User) (int64, bool) { return joinedAt(u.Groups, id) })
}

// GroupServiceAccounts lists the service accounts in a group by the time they joined.
func (s *State) GroupServiceAccounts(id GroupID) Listing[*ServiceAccount] {
	return related(&s.accounts, s.members, id.UUID, sideServiceAccount,
		func(a *ServiceAccount) (int64, bool) { return joinedAt(a.Groups, id) })
}

// PolicyUsers lists the users to which a policy is attached directly.
func (s *State) PolicyUsers(id PolicyID) Listing[*User] {
	return related(&s.users, s.holders, id.UUID, sideUser,
		func(u *User) (int64, bool) { return holds(u.Policies, id, u.entry()) })
}

// PolicyServiceAccounts lists the service accounts to which a policy is attached directly.
func (s *State) PolicyServiceAccounts(id PolicyID) Listing[*ServiceAccount] {
	return related(&s.accounts, s.holders, id.UUID, sideServiceAccount,
		func(a *ServiceAccount) (int64, bool) { return holds(a.Policies, id, a.entry()) })
}

// PolicyGroups lists the groups to which a policy is attached.
func (s *State) PolicyGroups(id PolicyID) Listing[*Group] {
	return related(&s.groups, s.holders, id.UUID, sideGroup,
		func(g *Group) (int64, bool) { return holds(g.Policies, id, g.entry()) })
}

// PolicyRoles lists the roles to which a policy is attached.
func (s *State) PolicyRoles(id PolicyID) Listing[*Role] {
	return related(&s.roles, s.holders, id.UUID, sideRole,
		func(r *Role) (int64, bool) { return holds(r.Policies, id, r.entry()) })
}

// Credentials lists the credentials of all principals.
func (s *State) Credentials() Listing[*Credential] { return all(&s.credentials) }

// CredentialsOf lists a principal's credentials.
func (s *State) CredentialsOf(principal UUID) Listing[*Credential] {
	return related(&s.credentials, s.proofs, principal, sideCredential,
		func(k *Credential) (int64, bool) { return k.CreatedAt.UnixMicro(), k.Principal.ID == principal })
}

// AccountTokens lists the credentials that belong to the organization itself, each of a service account of its own.
func (s *State) AccountTokens() Listing[*Credential] {
	return related(&s.credentials, s.proofs, UUID{}, sideToken, func(k *Credential) (int64, bool) {
		return k.CreatedAt.UnixMicro(), s.isAccountToken(k)
	})
}

// InvitedTo gives the invitations into a group, expired ones too.
func (s *State) InvitedTo(id GroupID) []*Invitation {
	var out []*Invitation
	for v := range s.Invitations().All() {
		if slices.Contains(v.Groups, id) {
			out = append(out, v)
		}
	}
	return out
}
