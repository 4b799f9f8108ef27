package authz_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/world"
)

// history is an organization that goes through drafts, with an index that Next keeps up with it.
type history struct {
	t testing.TB
	random
	s    *iam.State
	x    *authz.Index
	e    *estate                  // s in plain values
	read map[string]naiveDocument // documents that were decoded before
	made int                      // so many things were numbered
}

func newHistory(t testing.TB, e *estate, seed uint64) *history {
	t.Helper()
	s, err := e.state()
	if err != nil {
		t.Fatal(err)
	}
	if s, err = s.Within(policy.World{Library: world.Of(catalog.Builtin()).Library}); err != nil {
		t.Fatal(err)
	}
	h := &history{t: t, random: newRandom(seed), s: s, x: authz.New(s), read: map[string]naiveDocument{}, made: 1000}
	h.e = h.estateOf(s)
	return h
}

// commit makes a draft, and the next index from its changes alone.
func (h *history) commit(draft func(d *iam.Draft) error) {
	h.t.Helper()
	d := h.s.BeginAdministration(epoch, iam.Principal{Kind: iam.KindOfSystem})
	if err := draft(d); err != nil {
		h.t.Fatal(err)
	}
	changes, _, _, err := d.Changes()
	if err != nil {
		h.t.Fatal(err)
	}
	next := d.State()
	if h.chance(50) { // as another node has it, which reads the commit
		if next, err = h.s.Apply(next.Revision(), changes); err != nil {
			h.t.Fatal(err)
		}
	}
	h.s, h.x, h.e = next, h.x.Next(next, changes), h.estateOf(next)
	if h.x.Revision() != next.Revision() {
		h.t.Fatalf("the index is of revision %d, the state of %d", h.x.Revision(), next.Revision())
	}
}

// same holds the index to one that is built from nothing: its answers, and its layout.
func (h *history) same(questions int) {
	h.t.Helper()
	fresh := authz.New(h.s)
	for p := range h.s.Policies().All() {
		if h.x.Common(p.ID) != fresh.Common(p.ID) {
			h.t.Errorf("policy %s with %d holders: common is %t, want %t", p.Name, h.s.HolderCount(p.ID), h.x.Common(p.ID), fresh.Common(p.ID))
		}
	}
	for _, to := range holders(h.s) {
		if got, want := h.x.Copied(to), fresh.Copied(to); got != want {
			h.t.Errorf("%s %s has %d rows of its own, want %d", to.Type, to.ID, got, want)
		}
	}
	for range questions {
		q := h.question(h.e)
		r := q.request()
		d, why, want := h.x.Decide(r), h.x.Explain(r, authz.NearMisses), fresh.Explain(r, authz.NearMisses)
		if d != want.Decision || !reflect.DeepEqual(why, want) {
			h.t.Errorf("revision %d: decided %+v and explained\n%+v\nfrom nothing\n%+v\n%s", h.s.Revision(), d, why, want, reproduction(h.e, q))
		}
		if what := incoherent(h.x, r); what != "" {
			h.t.Errorf("%s: %s", what, reproduction(h.e, q))
		}
	}
	if h.t.Failed() {
		h.t.FailNow()
	}
}

// incoherent says what is wrong between the answers to one request; "" if nothing is.
func incoherent(x *authz.Index, r *authz.Request) string {
	d, why := x.Decide(r), x.Explain(r, authz.Determining)
	wins := d.Reason == authz.Allowed || d.Reason == authz.ExplicitDeny
	effect := policy.Deny
	if d.Reason == authz.Allowed {
		effect = policy.Allow
	}
	switch {
	case why.Decision != d:
		return fmt.Sprintf("decided %+v, explained %+v", d, why.Decision)
	case d.Effect != effect:
		return fmt.Sprintf("%s with effect %s", d.Reason, d.Effect)
	case wins != (len(why.Determining) > 0):
		return fmt.Sprintf("%s by %d statements", d.Reason, len(why.Determining))
	case len(why.NearMisses) > 0:
		return "near misses that nobody asked for"
	}
	for _, f := range why.Determining {
		if f.Effect != effect || !slices.Contains(r.Resources, f.Resource) || f.Failure != "" {
			return fmt.Sprintf("%s by %+v", d.Reason, f)
		}
	}
	all, denied := len(r.Resources) > 0, false
	for _, resource := range r.Resources {
		one := *r
		one.Resources = []string{resource}
		answer := x.Decide(&one)
		all, denied = all && answer.Allowed(), denied || answer.Reason == authz.ExplicitDeny
		if d.Allowed() && !slices.ContainsFunc(why.Determining, func(f authz.Finding) bool { return f.Resource == resource }) {
			return "nothing is named that allows " + resource
		}
	}
	if d.Allowed() != all || (d.Reason == authz.ExplicitDeny) != denied {
		return fmt.Sprintf("%s, but one by one all are allowed: %t, one is denied: %t", d.Reason, all, denied)
	}
	return ""
}

func holders(s *iam.State) []iam.Holder {
	var out []iam.Holder
	for u := range s.Users().All() {
		out = append(out, iam.Holder{Type: iam.TypeUser, ID: u.ID.UUID})
	}
	for a := range s.ServiceAccounts().All() {
		out = append(out, iam.Holder{Type: iam.TypeServiceAccount, ID: a.ID.UUID})
	}
	for g := range s.Groups().All() {
		out = append(out, iam.Holder{Type: iam.TypeGroup, ID: g.ID.UUID})
	}
	for r := range s.Roles().All() {
		out = append(out, iam.Holder{Type: iam.TypeRole, ID: r.ID.UUID})
	}
	return out
}

// policiesOf is what is attached to a holder.
func policiesOf(s *iam.State, h iam.Holder) []iam.Attached {
	switch h.Type {
	case iam.TypeUser:
		if u, err := s.User(iam.UserID{UUID: h.ID}); err == nil {
			return u.Policies
		}
	case iam.TypeServiceAccount:
		if a, err := s.ServiceAccount(iam.ServiceAccountID{UUID: h.ID}); err == nil {
			return a.Policies
		}
	case iam.TypeGroup:
		if g, err := s.Group(iam.GroupID{UUID: h.ID}); err == nil {
			return g.Policies
		}
	case iam.TypeRole:
		if r, err := s.Role(iam.RoleID{UUID: h.ID}); err == nil {
			return r.Policies
		}
	}
	return nil
}

func holds(s *iam.State, h iam.Holder, id iam.PolicyID) bool {
	return slices.ContainsFunc(policiesOf(s, h), func(a iam.Attached) bool { return a.Policy == id })
}

func numberOf(id iam.UUID) int { return int(binary.BigEndian.Uint32(id[12:])) }

// estateOf describes an organization whose ids are numbered; what is gone is there with nothing attached.
func (h *history) estateOf(s *iam.State) *estate {
	e := &estate{Suspended: s.Organization().Suspended}
	attached := func(list []iam.Attached) (out []int) {
		for _, a := range list {
			out = append(out, numberOf(a.Policy.UUID))
		}
		return out
	}
	joined := func(list []iam.Joined) (out []int) {
		for _, j := range list {
			out = append(out, numberOf(j.Group.UUID))
		}
		return out
	}
	for u := range s.Users().All() {
		m := member{Groups: joined(u.Groups), Policies: attached(u.Policies), Disabled: u.Disabled}
		if !u.Role.IsZero() {
			m.Roles = []int{numberOf(u.Role.UUID)}
		}
		*at(&e.Users, u.ID.UUID) = m
	}
	for a := range s.ServiceAccounts().All() {
		*at(&e.Accounts, a.ID.UUID) = member{Groups: joined(a.Groups), Policies: attached(a.Policies), Disabled: !a.Enabled}
	}
	for g := range s.Groups().All() {
		*at(&e.Groups, g.ID.UUID) = attached(g.Policies)
	}
	for r := range s.Roles().All() {
		*at(&e.Roles, r.ID.UUID) = attached(r.Policies)
	}
	for p := range s.Policies().All() {
		if p.Language == policy.Cloudflare {
			*at(&e.Policies, p.ID.UUID) = inZones(s, p)
			continue
		}
		d, known := h.read[p.Document]
		if !known {
			if err := json.Unmarshal([]byte(p.Document), &d); err != nil {
				h.t.Fatal(err)
			}
			h.read[p.Document] = d
		}
		*at(&e.Policies, p.ID.UUID) = d
	}
	at(&e.Users, numbered('u', 0)) // at least one of those that questions pick from
	at(&e.Accounts, numbered('a', 0))
	at(&e.Roles, numbered('r', 0))
	return e
}

func at[T any](list *[]T, id iam.UUID) *T {
	for len(*list) <= numberOf(id) {
		*list = append(*list, *new(T))
	}
	return &(*list)[numberOf(id)]
}

// The changes that a history is made of.

func (h *history) number() int {
	h.made++
	return h.made
}

// padded is a document with so many statements, most of them about nothing that is ever asked.
func (r random) padded(statements int) naiveDocument {
	d := r.document()
	for i := len(d.Statements); i < statements; i++ {
		d.Statements = append(d.Statements, naiveStatement{Effect: "deny", Actions: []string{fmt.Sprintf("pad:N%d", i)}})
	}
	return d
}

// inZones is what a policy about zones says, in statements.
func inZones(s *iam.State, p *iam.Policy) naiveDocument {
	out := naiveStatement{Effect: "allow", Actions: []string{"dns:*"}}
	for _, id := range p.Scopes {
		g, err := s.ResourceGroup(id)
		if err != nil {
			panic(err)
		}
		for _, key := range g.Scope.Objects {
			zone := strings.TrimPrefix(key, zoneLevel)
			out.Resources = append(out.Resources, "crn:*:zones:zone:"+zone)
		}
	}
	return naiveDocument{Statements: []naiveStatement{out}}
}

const zoneLevel = "com.cloudflare.api.account.zone."

// scope is some zones, or all.
func (h *history) scope() iam.Scope {
	objects := []string{"*"}
	if h.chance(80) {
		objects = nil
		for range 1 + h.IntN(3) {
			objects = append(objects, zoneLevel+fmt.Sprint(h.IntN(4)))
		}
	}
	return iam.Scope{Key: iam.AccountKey(h.s.ID()), Objects: objects}
}

// about is a document about some of the resource groups that lists have, the predefined one at least, and given ones.
func (h *history) about(d *iam.Draft, also ...iam.ResourceGroupID) string {
	all := slices.Collect(d.State().ResourceGroups().All())
	if len(also) == 0 || h.chance(50) {
		also = append(also, pick(h.random, all...).ID)
	}
	var named []string
	for _, id := range also {
		named = append(named, fmt.Sprintf(`{"id":%q}`, strings.ReplaceAll(id.String(), "-", "")))
	}
	dns, _ := catalog.Builtin().PermissionGroupLabelled("domain_dns")
	return fmt.Sprintf(`{"access":"allow","permission_groups":[{"id":%q}],"resource_groups":[%s]}`, dns.ID(), strings.Join(named, ","))
}

// changeScopes makes a change about resource groups or own policies.
func (h *history) changeScopes(d *iam.Draft) error {
	n := h.number()
	groups := slices.Collect(d.State().ResourceGroups().All())[1:] // but the predefined one
	switch h.IntN(9) {
	case 8:
		users, roles := slices.Collect(d.State().Users().All())[1:], slices.Collect(d.State().Roles().All())
		if len(users) == 0 || len(roles) == 0 {
			return nil
		}
		role := pick(h.random, roles...).ID
		if h.chance(20) {
			role = iam.RoleID{}
		}
		_, err := d.SetUserRole(pick(h.random, users...).ID, role)
		return err
	case 0:
		_, err := d.CreateResourceGroup(iam.ResourceGroup{ID: iam.ResourceGroupID{UUID: numbered('z', n)}, Name: "zones", Scope: h.scope()})
		return err
	case 1:
		_, err := d.CreatePolicy(iam.Policy{ID: policyID(n), Name: fmt.Sprintf("p%d", n), Language: policy.Cloudflare, Document: h.about(d)})
		return err
	case 2:
		document := h.about(d)
		_, err := d.UpdatePolicy(h.policy(d), func(p *iam.Policy) { p.Language, p.Document = policy.Cloudflare, document })
		return err
	case 3:
		return h.invite(d)
	case 4:
		if own := slices.DeleteFunc(slices.Collect(d.State().Policies().All()), shared); len(own) > 0 {
			return d.DeletePolicy(pick(h.random, own...).ID)
		}
		return nil
	case 5:
		_, err := d.ReplaceOwn(h.holder(d), policy.Cloudflare, h.own(d))
		return err
	}
	for p := range d.State().Policies().All() { // anonymous ones too
		for _, id := range p.Scopes {
			if g, err := d.State().ResourceGroup(id); err == nil && !g.Of.IsZero() {
				groups = append(groups, g)
			}
		}
	}
	if len(groups) == 0 {
		return nil
	}
	id := pick(h.random, groups...).ID
	if d.State().ResourceGroupPolicies(id).Len() == 0 && h.chance(30) {
		return d.DeleteResourceGroup(id)
	}
	scope := h.scope()
	_, err := d.UpdateResourceGroup(id, func(g *iam.ResourceGroup) { g.Scope = scope })
	return err
}

// own is a few policies in the making, with scopes of their own or without.
func (h *history) own(d *iam.Draft) []iam.OwnPolicy {
	var out []iam.OwnPolicy
	for range h.IntN(3) {
		own := iam.OwnPolicy{ID: policyID(h.number())}
		if h.chance(60) {
			g := iam.ResourceGroup{ID: iam.ResourceGroupID{UUID: numbered('y', h.number())}, Scope: h.scope()}
			own.Scopes, own.Document = []iam.ResourceGroup{g}, h.about(d, g.ID)
		} else {
			own.Document = h.about(d)
		}
		out = append(out, own)
	}
	return out
}

// invite invites somebody who is to have policies, or lets those who were invited join.
func (h *history) invite(d *iam.Draft) error {
	if all := slices.Collect(d.State().Invitations().All()); len(all) > 0 {
		n := h.number()
		who := person(n)
		who.Email = all[0].Email
		_, err := d.AcceptInvitation(all[0].ID, iam.UserID{UUID: numbered('u', n)}, who)
		return err
	}
	n := h.number()
	v, err := d.Invite(iam.InvitationID{UUID: numbered('v', n)}, fmt.Sprintf("v%d@corp.example", n), nil, iam.Inviter{}, time.Hour)
	if err != nil {
		return err
	}
	_, err = d.ReplaceOwn(iam.Holder{Type: iam.TypeInvitation, ID: v.ID.UUID}, policy.Cloudflare, h.own(d))
	return err
}

func shared(p *iam.Policy) bool { return p.Of == iam.Holder{} }

func (h *history) holder(d *iam.Draft) iam.Holder { return pick(h.random, holders(d.State())...) }

// policy is one that can be attached to anything.
func (h *history) policy(d *iam.Draft) iam.PolicyID { return pick(h.random, sharedPolicies(d)...).ID }

func sharedPolicies(d *iam.Draft) []*iam.Policy {
	return slices.DeleteFunc(slices.Collect(d.State().Policies().All()), func(p *iam.Policy) bool { return !shared(p) })
}

func toggle(d *iam.Draft, id iam.PolicyID, to iam.Holder, on bool) error {
	switch has := holds(d.State(), to, id); {
	case on && !has:
		return d.Attach(id, to)
	case !on && has:
		return d.Detach(id, to)
	}
	return nil
}

func toggleAll(d *iam.Draft, id iam.PolicyID, to []iam.Holder, on bool) error {
	for _, h := range to {
		if err := toggle(d, id, h, on); err != nil {
			return err
		}
	}
	return nil
}

func (h *history) someHolders(d *iam.Draft) []iam.Holder {
	all := holders(d.State())
	h.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:h.IntN(len(all)+1)]
}

// change makes one change at random.
func (h *history) change(d *iam.Draft) error {
	switch h.IntN(18) {
	case 0:
		return h.createPolicy(d)
	case 1:
		if len(sharedPolicies(d)) < 4 {
			return nil
		}
		id := h.policy(d)
		if err := toggleAll(d, id, holders(d.State()), false); err != nil {
			return err
		}
		return d.DeletePolicy(id)
	case 2, 3:
		document := h.padded(pick(h.random, 0, 0, 10, 40, 90)).text()
		_, err := d.UpdatePolicy(h.policy(d), func(p *iam.Policy) { p.Language, p.Document = policy.Statements, document })
		return err
	case 4:
		name := fmt.Sprintf("renamed %d", h.number())
		_, err := d.UpdatePolicy(h.policy(d), func(p *iam.Policy) { p.Name = name })
		return err
	case 5, 6:
		return toggle(d, h.policy(d), h.holder(d), h.chance(50))
	case 7, 8:
		return toggleAll(d, h.policy(d), h.someHolders(d), h.chance(50))
	case 9:
		var ids []iam.PolicyID
		for range h.IntN(4) {
			ids = append(ids, h.policy(d))
		}
		return d.ReplaceAttachments(h.holder(d), ids)
	case 10:
		return h.create(d)
	case 11:
		return h.remove(d)
	case 12:
		return h.join(d)
	case 13, 14, 15, 16:
		return h.changeScopes(d)
	}
	if accounts := slices.Collect(d.State().ServiceAccounts().All()); len(accounts) > 0 && h.chance(50) {
		_, err := d.UpdateServiceAccount(pick(h.random, accounts...).ID, func(a *iam.ServiceAccount) { a.Enabled = !a.Enabled })
		return err
	}
	if u := pick(h.random, slices.Collect(d.State().Users().All())...); u.ID != d.State().Organization().Owner && h.chance(80) {
		_, err := d.SetUserDisabled(u.ID, !u.Disabled)
		return err
	}
	return d.SetSuspended(!d.State().Organization().Suspended)
}

func (h *history) createPolicy(d *iam.Draft) error {
	n := h.number()
	document := h.padded(pick(h.random, 0, 0, 40, 90)).text()
	_, err := d.CreatePolicy(iam.Policy{ID: policyID(n), Name: fmt.Sprintf("p%d", n), Language: policy.Statements, Document: document})
	return err
}

func (h *history) create(d *iam.Draft) error {
	n := h.number()
	name := fmt.Sprintf("n%d", n)
	var err error
	switch h.IntN(4) {
	case 0:
		var groups []iam.GroupID
		for _, g := range slices.Collect(d.State().Groups().All()) {
			if h.chance(30) {
				groups = append(groups, g.ID)
			}
		}
		_, err = d.AddUser(iam.UserID{UUID: numbered('u', n)}, person(n), groups)
	case 1:
		_, err = d.CreateServiceAccount(iam.ServiceAccount{ID: iam.ServiceAccountID{UUID: numbered('a', n)}, Name: name})
	case 2:
		_, err = d.CreateGroup(iam.Group{ID: groupID(n), Name: name})
	default:
		_, err = d.CreateRole(iam.Role{ID: iam.RoleID{UUID: numbered('r', n)}, Name: name}, []iam.PolicyID{h.policy(d)})
	}
	return err
}

func (h *history) remove(d *iam.Draft) error {
	switch to := h.holder(d); to.Type {
	case iam.TypeUser:
		if to.ID == d.State().Organization().Owner.UUID {
			return nil
		}
		return d.RemoveUser(iam.UserID{UUID: to.ID})
	case iam.TypeServiceAccount:
		return d.DeleteServiceAccount(iam.ServiceAccountID{UUID: to.ID})
	case iam.TypeGroup:
		return d.DeleteGroup(iam.GroupID{UUID: to.ID})
	default:
		id := iam.RoleID{UUID: to.ID}
		for _, u := range slices.Collect(d.State().RoleUsers(id).All()) {
			if _, err := d.SetUserRole(u.ID, iam.RoleID{}); err != nil {
				return err
			}
		}
		return d.DeleteRole(id)
	}
}

func (h *history) join(d *iam.Draft) error {
	groups := slices.Collect(d.State().Groups().All())
	if len(groups) == 0 {
		return nil
	}
	g := pick(h.random, groups...).ID
	to := h.holder(d)
	m := iam.Principal{Kind: iam.KindOfUser, ID: to.ID}
	switch to.Type {
	case iam.TypeUser:
	case iam.TypeServiceAccount:
		m.Kind = iam.KindOfServiceAccount
	default:
		return nil
	}
	err := d.Join(g, m)
	if iam.CodeOf(err) == iam.Exists {
		return d.Leave(g, m)
	}
	return err
}

// TestNext: along random histories the index that is kept up answers, and is laid out, as one built from nothing; and the
// old ones answer as they did.
func TestNext(t *testing.T) {
	t.Parallel()
	ups, downs, deleted := 0, 0, 0
	for i := range 20 {
		r := newRandom(uint64(1_000 + i))
		e := r.estate()
		for range 20 {
			e.Roles = append(e.Roles, nil)
			e.Users = append(e.Users, member{})
		}
		h := newHistory(t, e, uint64(2_000+i))
		type memory struct {
			x    *authz.Index
			r    *authz.Request
			want authz.Explanation
		}
		var memories []memory
		for range 40 {
			q := h.question(h.e).request()
			memories = append(memories, memory{h.x, q, h.x.Explain(q, authz.NearMisses)})
			before, x := h.s, h.x
			h.commit(func(d *iam.Draft) error {
				for range 1 + h.IntN(4) {
					if err := h.change(d); err != nil {
						return err
					}
				}
				return nil
			})
			for p := range before.Policies().All() {
				switch was, is := x.Common(p.ID), h.x.Common(p.ID); {
				case is && !was:
					ups++
				case was && !is:
					downs++
				}
				if _, err := h.s.Policy(p.ID); err != nil {
					deleted++
				}
			}
			h.same(8)
		}
		for _, m := range memories {
			if got := m.x.Explain(m.r, authz.NearMisses); !reflect.DeepEqual(got, m.want) || m.x.Decide(m.r) != m.want.Decision {
				t.Fatalf("an index of revision %d answers otherwise than it did:\n%+v\nthen\n%+v", m.x.Revision(), got, m.want)
			}
		}
	}
	t.Logf("policies became common %d times, and private %d times; %d were deleted", ups, downs, deleted)
	if ups < 30 || downs < 20 || deleted < 50 {
		t.Error("the histories say too little")
	}
}
