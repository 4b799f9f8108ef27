package iam

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/writ-iam/writ/internal/policy"
)

// dump lists everything that a state holds: every entity, and every entry of every index in the index's own order. Two
// states are equal when their dumps are.
func dump(s *State) []string { return newDumper().dump(s) }

// dumper writes dumps. Entities never change, so it remembers how it wrote each of them.
type dumper struct {
	written map[any]string
	out     []string
}

func newDumper() *dumper { return &dumper{written: map[any]string{}} }

func (d *dumper) dump(s *State) []string {
	d.out = nil
	d.line("id ", s.id.String())
	d.line("revision ", strconv.Itoa(int(s.revision)))
	if s.org != nil {
		d.line("organization ", d.entity(s.org))
	}
	dumpTable(d, "people", &s.people)
	dumpTable(d, "directory", &s.directory)
	dumpTable(d, "keys", &s.keys)
	dumpTable(d, "files", &s.files)
	dumpTable(d, "users", &s.users)
	dumpTable(d, "invitations", &s.invitations)
	dumpTable(d, "accounts", &s.accounts)
	dumpTable(d, "groups", &s.groups)
	dumpTable(d, "roles", &s.roles)
	dumpTable(d, "policies", &s.policies)
	dumpTable(d, "credentials", &s.credentials)
	dumpTable(d, "sessions", &s.sessions)
	dumpTable(d, "connectors", &s.connectors)
	dumpTable(d, "projects", &s.projects)
	dumpTable(d, "sshKeys", &s.sshKeys)
	dumpTable(d, "samls", &s.samls)
	dumpTable(d, "scims", &s.scims)
	dumpTable(d, "resourceGroups", &s.resourceGroups)
	dumpTable(d, "anonymous", &s.anonymous)
	dumpTable(d, "authenticators", &s.authenticators)
	dumpTable(d, "userSessions", &s.userSessions)
	dumpMap(d, "signIns", s.signIns.Len(), s.signIns.All(), UUID.String, func(x *SignIn) string { return d.entity(x) })
	dumpTable(d, "operations", &s.operations)
	dumpTable(d, "predefined", &s.predefined)
	d.edges("bearers", s.bearers)
	d.edges("scoped", s.scoped)
	d.edges("members", s.members)
	d.edges("holders", s.holders)
	d.edges("proofs", s.proofs)
	dumpMap(d, "uses", s.uses.Len(), s.uses.All(), UUID.String, func(u *Use) string { return d.entity(u) })
	dumpMap(d, "userOf", s.userOf.Len(), s.userOf.All(), func(p PersonID) string { return p.String() }, func(u UserID) string { return u.String() })
	dumpMap(d, "invited", s.invited.Len(), s.invited.All(), strconv.Quote, func(v InvitationID) string { return v.String() })
	dumpMap(d, "accessKey", s.accessKey.Len(), s.accessKey.All(), strconv.Quote, UUID.String)
	dumpMap(d, "secret", s.secret.Len(), s.secret.All(), func(k string) string { return hex.EncodeToString([]byte(k)) }, func(k CredentialID) string { return k.String() })
	return d.out
}

func (d *dumper) line(parts ...string) {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	b := make([]byte, 0, n)
	for _, p := range parts {
		b = append(b, p...)
	}
	d.out = append(d.out, string(b))
}

// entity writes an entity as the store keeps it, and of a policy also what it compiles to.
func (d *dumper) entity(v any) string {
	if text, ok := d.written[v]; ok {
		return text
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	text := string(b)
	switch v := v.(type) {
	case *Organization:
		text += fmt.Sprintf(" compiled %t", v.Program != nil)
	case *Role:
		text += fmt.Sprintf(" predefined %t, compiled %t", v.Predefined(), v.Assume != nil && v.Assume.Program != nil)
	}
	if p, ok := v.(*Policy); ok {
		text += fmt.Sprintf(" compiled %s naming %v", pointer.ReplaceAllString(fmt.Sprintf("%+v", p.Program), ""), p.Scopes)
	}
	if k, ok := v.(*Credential); ok {
		for _, p := range k.Policies {
			text += pointer.ReplaceAllString(fmt.Sprintf(" compiled %+v", p.Program), "")
		}
	}
	d.written[v] = text
	return text
}

// pointer is to what a Program has seldom: no two have the same.
var pointer = regexp.MustCompile(`more:0x[0-9a-f]+`)

func (p place) String() string { return strconv.FormatInt(p.at, 10) + "/" + p.id.String() }

func dumpTable[E entity](d *dumper, name string, t *table[E]) {
	dumpMap(d, name+".byID", t.byID.Len(), t.byID.All(), UUID.String, func(v E) string { return d.entity(v) })
	d.line(name, ".order of ", strconv.Itoa(t.order.Len()))
	for p := range t.order.From(0) {
		d.line(name, ".order ", p.String())
	}
	d.line(name, ".names of ", strconv.Itoa(t.names.Len()))
	for n := range t.names.From(0) {
		d.line(name, ".names ", strconv.Quote(n.name), " ", n.place.String())
	}
}

func (d *dumper) edges(name string, x edges) {
	d.line(name, " of ", strconv.Itoa(x.set.Len()))
	for v := range x.set.From(0) {
		d.line(name, " ", v.from.String(), " ", strconv.Itoa(int(v.kind)), " ", v.place.String())
	}
}

// dumpMap lists a map, sorted. The length that the map says is listed too: it must not differ from what is in it.
func dumpMap[K, V any](d *dumper, name string, length int, all func(func(K, V) bool), key func(K) string, value func(V) string) {
	d.line(name, " of ", strconv.Itoa(length))
	first := len(d.out)
	for k, v := range all {
		d.line(name, " ", key(k), " = ", value(v))
	}
	slices.Sort(d.out[first:])
}

// auditor checks a state from its entities alone: what each index must hold is worked out anew, with plain maps and
// loops, and compared with what it does hold, in both directions; then the rules that bind entities together.
type auditor struct {
	s        *State
	now      time.Time
	problems []string
}

func audit(s *State, now time.Time) []string {
	a := &auditor{s: s, now: now}
	auditTable(a, "people", &s.people, func(p *Person) (UUID, time.Time, []string) {
		return p.ID.UUID, p.CreatedAt, []string{FoldEmail(p.Email)}
	})
	auditTable(a, "directory", &s.directory, func(d *DirectoryEntry) (UUID, time.Time, []string) {
		return d.ID.UUID, d.CreatedAt, []string{d.Name}
	})
	auditTable(a, "keys", &s.keys, func(k *SealedKey) (UUID, time.Time, []string) { return k.ID, k.CreatedAt, nil })
	auditTable(a, "files", &s.files, func(f *CatalogFile) (UUID, time.Time, []string) { return f.ID, f.CreatedAt, []string{f.Name} })
	auditTable(a, "users", &s.users, func(u *User) (UUID, time.Time, []string) {
		names := []string{u.Name}
		for i, login := range logins(u) {
			if i == 0 || FoldEmail(login) != FoldEmail(u.Email) {
				names = append(names, "\x00"+FoldEmail(login))
			}
		}
		return u.ID.UUID, u.AddedAt, names
	})
	auditTable(a, "invitations", &s.invitations, func(v *Invitation) (UUID, time.Time, []string) { return v.ID.UUID, v.CreatedAt, nil })
	auditTable(a, "accounts", &s.accounts, func(v *ServiceAccount) (UUID, time.Time, []string) {
		return v.ID.UUID, v.CreatedAt, []string{v.Name}
	})
	auditTable(a, "groups", &s.groups, func(g *Group) (UUID, time.Time, []string) { return g.ID.UUID, g.CreatedAt, []string{g.Name} })
	auditTable(a, "roles", &s.roles, func(r *Role) (UUID, time.Time, []string) { return r.ID.UUID, r.CreatedAt, []string{r.Name} })
	auditTable(a, "policies", &s.policies, func(p *Policy) (UUID, time.Time, []string) {
		return p.ID.UUID, p.CreatedAt, []string{p.Name}
	})
	auditTable(a, "credentials", &s.credentials, func(k *Credential) (UUID, time.Time, []string) { return k.ID.UUID, k.CreatedAt, nil })
	auditTable(a, "sessions", &s.sessions, func(x *Session) (UUID, time.Time, []string) { return x.ID.UUID, x.CreatedAt, nil })
	auditTable(a, "operations", &s.operations, func(o *Operation) (UUID, time.Time, []string) { return o.ID.UUID, o.CreatedAt, nil })
	auditTable(a, "connectors", &s.connectors, func(k *Connector) (UUID, time.Time, []string) {
		return k.ID.UUID, k.CreatedAt, []string{k.Domain}
	})
	a.connectors()
	auditTable(a, "projects", &s.projects, func(p *Project) (UUID, time.Time, []string) {
		if p.Default() { // before all others
			return p.ID.UUID, time.Time{}, []string{p.Name}
		}
		return p.ID.UUID, p.CreatedAt, []string{p.Name}
	})
	auditTable(a, "ssh keys", &s.sshKeys, func(k *SSHKey) (UUID, time.Time, []string) {
		return k.ID.UUID, k.CreatedAt, []string{k.Name}
	})
	auditTable(a, "SAML", &s.samls, func(v *SAML) (UUID, time.Time, []string) { return v.ID.UUID, v.CreatedAt, nil })
	auditTable(a, "SCIM", &s.scims, func(v *SCIM) (UUID, time.Time, []string) { return v.ID.UUID, v.CreatedAt, nil })
	if s.samls.len() > 1 || s.scims.len() > 1 {
		a.add("%d SAML and %d SCIM: there is one of each at most", s.samls.len(), s.scims.len())
	}
	a.projects()
	auditTable(a, "resource groups", &s.resourceGroups, func(g *ResourceGroup) (UUID, time.Time, []string) {
		if g.Predefined() { // before all others
			return g.ID.UUID, time.Time{}, []string{g.Name}
		}
		return g.ID.UUID, g.CreatedAt, []string{g.Name}
	})
	auditTable(a, "anonymous resource groups", &s.anonymous, func(g *ResourceGroup) (UUID, time.Time, []string) {
		return g.ID.UUID, g.CreatedAt, []string{g.Name}
	})
	auditTable(a, "authenticators", &s.authenticators, func(v *Authenticator) (UUID, time.Time, []string) {
		return v.ID.UUID, v.CreatedAt, []string{fmt.Sprintf("%x", v.Credential)}
	})
	auditTable(a, "sessions of users", &s.userSessions, func(x *UserSession) (UUID, time.Time, []string) { return x.ID.UUID, x.CreatedAt, nil })
	a.signIns()
	a.edges()
	a.lookups()
	a.resourceGroups()
	a.members()
	a.holders()
	a.roles()
	a.proofs()
	a.names()
	a.users()
	a.tags()
	return a.problems
}

func (a *auditor) add(format string, args ...any) {
	a.problems = append(a.problems, fmt.Sprintf(format, args...))
}

func auditTable[E entity](a *auditor, name string, t *table[E], of func(E) (UUID, time.Time, []string)) {
	var order []place
	var names []named
	for id, v := range t.byID.All() {
		own, at, called := of(v)
		if own != id {
			a.add("%s: %s is kept under %s", name, own, id)
		}
		if at.Location() != time.UTC || at.Nanosecond()%1000 != 0 {
			a.add("%s: %s has the time %s, not in UTC and whole microseconds", name, id, at)
		}
		p := place{at.UnixMicro(), id}
		order = append(order, p)
		for _, n := range called {
			names = append(names, named{n, p})
		}
	}
	slices.SortFunc(order, func(p, q place) int {
		switch {
		case p.at < q.at:
			return -1
		case p.at > q.at:
			return 1
		}
		return slices.Compare(p.id[:], q.id[:])
	})
	slices.SortFunc(names, func(n, m named) int {
		switch {
		case n.name < m.name:
			return -1
		case n.name > m.name:
			return 1
		}
		return n.place.Compare(m.place)
	})
	if got := slices.Collect(t.order.From(0)); !slices.Equal(got, order) {
		a.add("%s: order is %v, want %v", name, got, order)
	}
	if got := slices.Collect(t.names.From(0)); !slices.Equal(got, names) {
		a.add("%s: names are %v, want %v", name, got, names)
	}
}

// each visits every holder of policies and member of groups.
func (a *auditor) each(visit func(kind side, id UUID, at time.Time, groups []Joined, policies []Attached)) {
	for id, u := range a.s.users.byID.All() {
		visit(sideUser, id, u.AddedAt, u.Groups, u.Policies)
	}
	for id, v := range a.s.accounts.byID.All() {
		visit(sideServiceAccount, id, v.CreatedAt, v.Groups, v.Policies)
	}
	for id, g := range a.s.groups.byID.All() {
		visit(sideGroup, id, g.CreatedAt, nil, g.Policies)
	}
	for id, r := range a.s.roles.byID.All() {
		visit(sideRole, id, r.CreatedAt, nil, r.Policies)
	}
	for id, v := range a.s.invitations.byID.All() {
		visit(sideInvitation, id, v.CreatedAt, nil, v.Policies)
	}
}

func (a *auditor) edges() {
	members, holders, proofs := map[edge]bool{}, map[edge]bool{}, map[edge]bool{}
	a.each(func(kind side, id UUID, at time.Time, groups []Joined, policies []Attached) {
		for _, j := range groups {
			members[edge{j.Group.UUID, kind, place{j.At.UnixMicro(), id}}] = true
		}
		for _, p := range policies {
			holders[edge{p.Policy.UUID, kind, place{at.UnixMicro(), id}}] = true
		}
	})
	for id, k := range a.s.credentials.byID.All() {
		proofs[edge{k.Principal.ID, sideCredential, place{k.CreatedAt.UnixMicro(), id}}] = true
	}
	for id, x := range a.s.sessions.byID.All() {
		proofs[edge{x.Role.UUID, sideSession, place{x.CreatedAt.UnixMicro(), id}}] = true
		proofs[edge{x.Principal.ID, sideSession, place{x.CreatedAt.UnixMicro(), id}}] = true
	}
	for id, v := range a.s.authenticators.byID.All() {
		proofs[edge{v.User.UUID, sideAuthenticator, place{v.CreatedAt.UnixMicro(), id}}] = true
	}
	for id, x := range a.s.userSessions.byID.All() {
		proofs[edge{x.User.UUID, sideUserSession, place{x.CreatedAt.UnixMicro(), id}}] = true
	}
	for _, v := range a.s.accounts.byID.All() {
		if !v.Token.IsZero() {
			proofs[edge{UUID{}, sideToken, place{v.CreatedAt.UnixMicro(), v.Token.UUID}}] = true
		}
	}
	scoped := map[edge]bool{}
	for id, p := range a.s.policies.byID.All() {
		for _, g := range p.Scopes {
			scoped[edge{g.UUID, sidePolicy, place{p.CreatedAt.UnixMicro(), id}}] = true
		}
	}
	a.sameEdges("scoped", a.s.scoped, scoped)
	a.sameEdges("members", a.s.members, members)
	a.sameEdges("holders", a.s.holders, holders)
	a.sameEdges("proofs", a.s.proofs, proofs)
}

func (a *auditor) sameEdges(name string, have edges, want map[edge]bool) {
	n := 0
	for v := range have.set.From(0) {
		n++
		if !want[v] {
			a.add("%s: nothing justifies %v", name, v)
		}
	}
	if n != len(want) || n != have.set.Len() {
		a.add("%s: %d edges (it says %d), want %d", name, n, have.set.Len(), len(want))
	}
}

func (a *auditor) lookups() {
	userOf, invited := map[PersonID]UserID{}, map[string]InvitationID{}
	accessKey, secret, uses := map[string]UUID{}, map[string]CredentialID{}, map[UUID]*Use{}
	for _, u := range a.s.users.byID.All() {
		if u.Person.IsZero() {
			continue
		}
		if other, twice := userOf[u.Person]; twice {
			a.add("person %s is the users %s and %s", u.Person, other, u.ID)
		}
		userOf[u.Person] = u.ID
	}
	for _, v := range a.s.invitations.byID.All() {
		if other, twice := invited[FoldEmail(v.Email)]; twice {
			a.add("%q has the invitations %s and %s", v.Email, other, v.ID)
		}
		invited[FoldEmail(v.Email)] = v.ID
	}
	for id, k := range a.s.credentials.byID.All() {
		if k.AccessKey != "" {
			accessKey[k.AccessKey], secret[string(k.Hash)] = id, k.ID
		}
	}
	for id, x := range a.s.sessions.byID.All() {
		accessKey[x.AccessKey] = id
	}
	for id, u := range a.s.uses.All() {
		_, isCredential := a.s.credentials.byID.Get(id)
		_, isSession := a.s.sessions.byID.Get(id)
		_, isUserSession := a.s.userSessions.byID.Get(id)
		if u.ID != id || !isCredential && !isSession && !isUserSession {
			a.add("uses: %s is of nothing that is there", id)
		}
		uses[id] = u
	}
	sameMap(a, "userOf", maps.Collect(a.s.userOf.All()), userOf, a.s.userOf.Len())
	sameMap(a, "invited", maps.Collect(a.s.invited.All()), invited, a.s.invited.Len())
	sameMap(a, "accessKey", maps.Collect(a.s.accessKey.All()), accessKey, a.s.accessKey.Len())
	sameMap(a, "secret", maps.Collect(a.s.secret.All()), secret, a.s.secret.Len())
	sameMap(a, "uses", uses, uses, a.s.uses.Len())
}

func sameMap[K, V comparable](a *auditor, name string, have, want map[K]V, length int) {
	if !maps.Equal(have, want) || length != len(want) {
		a.add("%s is %v (of %d), want %v", name, have, length, want)
	}
}

// members holds memberships to what they refer to, and counts to what is counted.
func (a *auditor) members() {
	count := map[UUID]int{}
	a.each(func(_ side, id UUID, _ time.Time, groups []Joined, _ []Attached) {
		seen := map[GroupID]bool{}
		for _, j := range groups {
			count[j.Group.UUID]++
			if _, ok := a.s.groups.byID.Get(j.Group.UUID); !ok || seen[j.Group] {
				a.add("%s is in group %s, which is gone or named twice", id, j.Group)
			}
			seen[j.Group] = true
		}
	})
	for id, g := range a.s.groups.byID.All() {
		if got := a.s.MemberCount(g.ID); got != count[id] {
			a.add("group %s has %d members, and says %d", id, count[id], got)
		}
	}
	for id, v := range a.s.invitations.byID.All() {
		seen := map[GroupID]bool{}
		for _, g := range v.Groups {
			if _, ok := a.s.groups.byID.Get(g.UUID); !ok || seen[g] {
				a.add("invitation %s is into group %s, which is gone or named twice", id, g)
			}
			seen[g] = true
		}
	}
}

// projects holds the organization to having one default project, and projects to what names them.
func (a *auditor) projects() {
	stored := 0
	for id, p := range a.s.projects.byID.All() {
		if p.Default() != (id == a.s.id.UUID) {
			a.add("project %s is the default one: %v", id, p.Default())
		}
		if !p.Default() {
			stored++
		}
	}
	if p, err := a.s.Project(DefaultProject(a.s.id)); a.s.org != nil && (err != nil || !p.Default()) {
		a.add("the default project is %+v, %v", p, err)
	}
	if stored != a.s.ProjectCount() {
		a.add("%d projects, and it says %d", stored, a.s.ProjectCount())
	}
	for id, k := range a.s.sshKeys.byID.All() {
		if _, ok := a.s.projects.byID.Get(k.Project.UUID); !ok {
			a.add("SSH key %s is in project %s, which is gone", id, k.Project)
		}
	}
	for id, p := range a.s.policies.byID.All() {
		for _, m := range regexp.MustCompile(`"project_ids":\["([0-9a-f-]{36})"`).FindAllStringSubmatch(p.Document, -1) {
			u, _ := ParseUUID(m[1])
			if _, err := a.s.Project(ProjectID{u}); err != nil {
				a.add("policy %s is about a project: %v", id, err)
			}
		}
	}
}

// resourceGroups holds groups and the policies that name them to each other.
func (a *auditor) resourceGroups() {
	predefined := 0
	for id, g := range a.s.resourceGroups.byID.All() {
		if !g.Of.IsZero() {
			a.add("resource group %s is of policy %s, and kept as one of nobody", id, g.Of)
		}
		if g.Predefined() {
			predefined++
		}
	}
	if a.s.org != nil && predefined != 1 {
		a.add("%d resource groups are predefined", predefined)
	}
	for id, g := range a.s.anonymous.byID.All() {
		p, ok := a.s.policies.byID.Get(g.Of.UUID)
		if !ok || !slices.Contains(p.Scopes, g.ID) {
			a.add("resource group %s is of policy %s, which is gone or does not name it", id, g.Of)
		}
	}
	for id, p := range a.s.policies.byID.All() {
		var named []ResourceGroupID
		for _, m := range regexp.MustCompile(`"id":"([0-9a-f]{32})"`).FindAllStringSubmatch(p.Document, -1) {
			u, _ := hex.DecodeString(m[1])
			if g := (ResourceGroupID{UUID(u)}); a.s.record(touch{KindResourceGroup, g.UUID}) != nil || g == PredefinedResourceGroup(a.s.id) {
				named = append(named, g)
			}
		}
		if p.Language == policy.Cloudflare && !slices.Equal(named, p.Scopes) {
			a.add("policy %s names %v, and says %v", id, named, p.Scopes)
		}
		for _, g := range p.Scopes {
			if found, err := a.s.ResourceGroup(g); err != nil || !found.Of.IsZero() && found.Of != p.ID {
				a.add("policy %s names resource group %s: %+v, %v", id, g, found, err)
			}
		}
	}
}

func (a *auditor) holders() {
	count, own := map[UUID]int{}, map[UUID]Holder{}
	types := map[side]string{sideUser: TypeUser, sideServiceAccount: TypeServiceAccount, sideGroup: TypeGroup, sideRole: TypeRole,
		sideInvitation: TypeInvitation}
	a.each(func(kind side, id UUID, _ time.Time, _ []Joined, policies []Attached) {
		seen := map[PolicyID]bool{}
		for _, p := range policies {
			count[p.Policy.UUID]++
			own[p.Policy.UUID] = Holder{types[kind], id}
			if _, err := a.s.Policy(p.Policy); err != nil || seen[p.Policy] {
				a.add("%s holds policy %s, which is gone or named twice", id, p.Policy)
			}
			seen[p.Policy] = true
		}
	})
	for id, p := range a.s.policies.byID.All() {
		if got := a.s.HolderCount(p.ID); got != count[id] {
			a.add("policy %s has %d holders, and says %d", id, count[id], got)
		}
		if p.Of != (Holder{}) && (count[id] != 1 || own[id] != p.Of) {
			a.add("policy %s is %v's own, and attached to %d, %v among them", id, p.Of, count[id], own[id])
		}
		if p.Program == nil {
			a.add("policy %s is not compiled", id)
		}
	}
}

// roles holds who has a role to a role that is there, and what is compiled to what is written.
func (a *auditor) roles() {
	bearers := map[edge]bool{}
	for id, u := range a.s.users.byID.All() {
		if u.Role.IsZero() {
			continue
		}
		bearers[edge{u.Role.UUID, sideUser, place{u.AddedAt.UnixMicro(), id}}] = true
		if _, err := a.s.Role(u.Role); err != nil || a.s.RoleOf(u).Name == NoRole {
			a.add("user %s has the role %s: %v", id, u.Role, err)
		}
	}
	for id, v := range a.s.invitations.byID.All() {
		if v.Role.IsZero() {
			continue
		}
		bearers[edge{v.Role.UUID, sideInvitation, place{v.CreatedAt.UnixMicro(), id}}] = true
		if _, err := a.s.Role(v.Role); err != nil {
			a.add("invitation %s promises the role %s: %v", id, v.Role, err)
		}
	}
	a.sameEdges("bearers", a.s.bearers, bearers)
	for id, r := range a.s.roles.byID.All() {
		if r.Predefined() || r.Assume != nil && r.Assume.Program == nil {
			a.add("role %s is predefined and stored, or not compiled", id)
		}
	}
	if o := a.s.org; o != nil && (o.Policy != "") != (o.Program != nil) {
		a.add("the organization's policy is %q, compiled %t", o.Policy, o.Program != nil)
	}
	if n := a.s.PredefinedRoles().Len(); a.s.org != nil && n != 3 {
		a.add("%d roles are predefined", n)
	}
}

// proofs holds whatever proves an identity to an identity that is there, and account tokens to having one credential.
func (a *auditor) proofs() {
	tokens := 0
	for id, v := range a.s.accounts.byID.All() {
		if v.Token.IsZero() {
			continue
		}
		tokens++
		k, ok := a.s.credentials.byID.Get(v.Token.UUID)
		if !ok || k.Principal.ID != id || a.s.CredentialsOf(id).Len() != 1 || !k.CreatedAt.Equal(v.CreatedAt) {
			a.add("account token %s has not the one credential %s", id, v.Token)
		}
	}
	if n := len(slices.Collect(a.s.AccountTokens().All())); n != tokens || n != a.s.AccountTokens().Len() {
		a.add("%d account tokens are listed, want %d", n, tokens)
	}
	for id, k := range a.s.credentials.byID.All() {
		if _, ok := a.s.projects.byID.Get(k.Project.UUID); !ok {
			a.add("credential %s is in project %s, which is gone", id, k.Project)
		}
		for i, p := range k.Policies {
			if p.Program == nil {
				a.add("policy %d of credential %s is not compiled", i, id)
			}
		}
		if !a.there(k.Principal) {
			a.add("credential %s is of %v, who is gone", id, k.Principal)
		}
	}
	for id, x := range a.s.sessions.byID.All() {
		_, roleThere := a.s.roles.byID.Get(x.Role.UUID)
		gone := !roleThere || !x.Principal.ID.IsZero() && !a.there(x.Principal)
		if gone && x.RevokedAt == nil && a.now.Before(x.ExpiresAt) {
			a.add("session %s lives, though its role or who opened it is gone", id)
		}
	}
	if a.s.org != nil && a.s.id != PlatformOrg && !a.there(Principal{KindOfUser, a.s.org.Owner.UUID}) {
		a.add("the owner is gone")
	}
}

// connectors holds connectors to the order of their life.
func (a *auditor) connectors() {
	for id, k := range a.s.connectors.byID.All() {
		switch k.Status {
		case ConnectorAwaiting, ConnectorPending, ConnectorFailed, ConnectorVerified:
		default:
			a.add("connector %s is %q", id, k.Status)
		}
		if k.Enabled && k.Status != ConnectorVerified {
			a.add("connector %s is %s and enabled", id, k.Status)
		}
		if (k.Status == ConnectorPending) == k.PendingSince.IsZero() {
			a.add("connector %s is %s since %s", id, k.Status, k.PendingSince)
		}
	}
}

// signIns holds what proves who users are to the users, and to the bounds of what is kept for one.
func (a *auditor) signIns() {
	there := func(what string, id UUID, u UserID) {
		if _, ok := a.s.users.byID.Get(u.UUID); !ok {
			a.add("%s %s is of user %s, who is gone", what, id, u)
		}
	}
	for id, x := range a.s.signIns.All() {
		there("sign-in", id, x.User)
		if id != x.User.UUID {
			a.add("the sign-in of %s is kept under %s", x.User, id)
		}
		if x.Failures < 0 || x.Failures > MaxLoginAttempts || x.Password == "" && x.Given {
			a.add("the sign-in of %s: %+v", x.User, x)
		}
		if o := x.OTP; o != nil && o.ConfirmedAt.IsZero() && (o.Step != 0 || o.Recovery != nil) {
			a.add("one-time passwords of %s count before they are confirmed: %+v", x.User, o)
		}
	}
	authenticators, sessions, keys := map[UserID]int{}, map[UserID]int{}, map[string]bool{}
	for id, v := range a.s.authenticators.byID.All() {
		there("authenticator", id, v.User)
		authenticators[v.User]++
		if keys[string(v.Credential)] {
			a.add("authenticator %s has a key that is registered twice", id)
		}
		keys[string(v.Credential)] = true
	}
	for id, x := range a.s.userSessions.byID.All() {
		there("session", id, x.User)
		sessions[x.User]++
		if !x.CreatedAt.Before(x.ExpiresAt) || x.UpdatedAt.Before(x.CreatedAt) || x.RevokedAt != nil && x.RevokedAt.Before(x.CreatedAt) {
			a.add("the times of session %s: %+v", id, x)
		}
	}
	for u := range a.s.users.byID.All() {
		if authenticators[UserID{u}] > MaxAuthenticators || sessions[UserID{u}] > MaxUserSessions {
			a.add("user %s has %d authenticators and %d sessions", u, authenticators[UserID{u}], sessions[UserID{u}])
		}
	}
}

// users holds users to what they are: a person with their own name, or a local user with a username; and nobody to being taken
// for another.
func (a *auditor) users() {
	known := map[string]UUID{}
	for id, u := range a.s.users.byID.All() {
		if u.Local() == (u.Username == "") || u.Name == "" || u.UpdatedAt.Before(u.AddedAt) {
			a.add("user %s is %+v", id, u)
		}
		if u.Disabled && a.s.org.Owner == u.ID {
			a.add("the owner is disabled")
		}
		for _, login := range logins(u) {
			if other, twice := known[FoldEmail(login)]; twice && other != id {
				a.add("%q is %s and %s", login, other, id)
			}
			known[FoldEmail(login)] = id
		}
	}
	for id, v := range a.s.invitations.byID.All() {
		if other, twice := known[FoldEmail(v.Email)]; twice && v.PendingAt(a.now) {
			a.add("%q is invited by %s, and user %s", v.Email, id, other)
		}
	}
}

// tags holds the keys of one thing's tags to being different.
func (a *auditor) tags() {
	check := func(id UUID, tags []Tag) {
		seen := map[string]bool{}
		for _, t := range tags {
			if t.Key == "" || seen[t.Key] || len(tags) > MaxTags {
				a.add("%s has the tags %v", id, tags)
			}
			seen[t.Key] = true
		}
	}
	for id, v := range a.s.users.byID.All() {
		check(id, v.Tags)
	}
	for id, v := range a.s.invitations.byID.All() {
		check(id, v.Tags)
	}
	for id, v := range a.s.accounts.byID.All() {
		check(id, v.Tags)
	}
	for id, v := range a.s.groups.byID.All() {
		check(id, v.Tags)
	}
	for id, v := range a.s.policies.byID.All() {
		check(id, v.Tags)
	}
	for id, v := range a.s.roles.byID.All() {
		check(id, v.Tags)
	}
}

func (a *auditor) there(p Principal) bool {
	switch p.Kind {
	case KindOfRole:
		_, err := a.s.Role(RoleID{p.ID})
		return err == nil
	case KindOfUser:
		_, ok := a.s.users.byID.Get(p.ID)
		return ok
	case KindOfServiceAccount:
		_, ok := a.s.accounts.byID.Get(p.ID)
		return ok
	}
	return false
}

// names holds names to being unique, per kind, case and all.
func (a *auditor) names() {
	unique(a, "service account", &a.s.accounts, func(v *ServiceAccount) string { return v.Name })
	unique(a, "group", &a.s.groups, func(g *Group) string { return g.Name })
	unique(a, "role", &a.s.roles, func(r *Role) string { return r.Name })
	unique(a, "policy", &a.s.policies, func(p *Policy) string {
		if p.Language == policy.Scaleway { // which need no names of their own
			return p.ID.String()
		}
		return p.Name
	})
	unique(a, "catalogue file", &a.s.files, func(f *CatalogFile) string { return f.Name })
	unique(a, "connector", &a.s.connectors, func(k *Connector) string { return k.Domain })
	unique(a, "project", &a.s.projects, func(p *Project) string { return p.Name })
	unique(a, "person", &a.s.people, func(p *Person) string { return FoldEmail(p.Email) })
}

func unique[E entity](a *auditor, kind string, t *table[E], name func(E) string) {
	seen := map[string]UUID{}
	for id, v := range t.byID.All() {
		if other, twice := seen[name(v)]; twice {
			a.add("%s name %q is of %s and of %s", kind, name(v), other, id)
		}
		seen[name(v)] = id
	}
}

// heldKeys is the installation-wide keys that a state must hold, worked out from its entities.
func heldKeys(s *State) map[Key]bool {
	keys := map[Key]bool{}
	if s.org != nil && s.org.Alias != "" {
		keys[Key{SpaceAlias, s.org.Alias}] = true
	}
	for _, p := range s.people.byID.All() {
		keys[Key{SpaceEmail, FoldEmail(p.Email)}] = true
	}
	for _, d := range s.directory.byID.All() {
		keys[Key{SpaceAccount, strconv.FormatInt(d.Account, 10)}] = true
	}
	for _, k := range s.credentials.byID.All() {
		if k.Kind == AccessKey {
			keys[Key{SpaceAccessKey, k.AccessKey}] = true
			keys[Key{SpaceSecret, hex.EncodeToString(k.Hash)}] = true
		}
	}
	for _, x := range s.sessions.byID.All() {
		keys[Key{SpaceAccessKey, x.AccessKey}] = true
	}
	for id, a := range s.accounts.byID.All() {
		if len(a.TrustedRoots) > 0 {
			keys[Key{SpaceTrusting, id.String()}] = true
		}
	}
	for _, k := range s.connectors.byID.All() {
		if k.Enabled {
			keys[Key{SpaceDomain, k.Domain}] = true
		}
	}
	return keys
}

// commit takes a draft that was accepted through all that a commit goes through, and gives the next state. It fails if
// the way over the records gives another state than the draft itself, if the records are not what changed, or if the
// state that comes out is not sound.
func commit(base *State, d *Draft) (*State, []Change, error) {
	next, changes, _, err := commitWith(newDumper(), base, d)
	return next, changes, err
}

// commitWith also gives the dump of the next state.
func commitWith(w *dumper, base *State, d *Draft) (*State, []Change, []string, error) {
	fail := func(format string, args ...any) (*State, []Change, []string, error) {
		return nil, nil, nil, fmt.Errorf(format, args...)
	}
	changes, claims, releases, err := d.Changes()
	if err != nil {
		return fail("%w", err)
	}
	next, err := base.Apply(base.revision+1, changes)
	if err != nil {
		return fail("%w", err)
	}
	image := w.dump(next)
	if diff := diffLines(w.dump(d.State()), image); diff != "" {
		return fail("the records give another state (+) than the draft (-):\n%s", diff)
	}
	if problems := audit(next, d.Now()); problems != nil {
		return fail("the state is not sound: %q", problems)
	}
	if err := checkKeys(heldKeys(base), heldKeys(next), claims, releases); err != nil {
		return fail("%w", err)
	}
	if err := checkChanges(base, next, changes); err != nil {
		return fail("%w", err)
	}
	return next, changes, image, nil
}

// checkChanges wants each record at most once, and none that was not there and is not.
func checkChanges(base, next *State, changes []Change) error {
	seen := map[touch]bool{}
	for _, c := range changes {
		t := touch{c.Kind, c.ID}
		if seen[t] || base.record(t) == nil && next.record(t) == nil || (c.Data == nil) != (next.record(t) == nil) {
			return fmt.Errorf("%s is written twice, or for nothing", t)
		}
		seen[t] = true
	}
	return nil
}

// checkKeys wants claims and releases to be exactly the difference of what is held, each key once.
func checkKeys(before, after map[Key]bool, claims, releases []Key) error {
	now := maps.Clone(before)
	for _, k := range releases {
		if !now[k] {
			return fmt.Errorf("%v is released, and not held or released twice", k)
		}
		delete(now, k)
	}
	for _, k := range claims {
		if now[k] {
			return fmt.Errorf("%v is claimed, and held already", k)
		}
		if before[k] {
			return fmt.Errorf("%v is released and claimed again", k)
		}
		now[k] = true
	}
	if !maps.Equal(now, after) {
		return fmt.Errorf("keys held are %v, want %v", now, after)
	}
	return nil
}
