package iam

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/writ-iam/writ/internal/policy"
)

const denyAll = `{"default-service-strategy":"deny","services":{}}`

func makeRole(edit func(*Role)) func(*Draft) error {
	return func(d *Draft) error {
		r := Role{ID: roleID(9), Name: "new"}
		edit(&r)
		return second(d.CreateRole(r, nil))
	}
}

func editRole(id RoleID, edit func(*Role)) func(*Draft) error {
	return func(d *Draft) error { return second(d.UpdateRole(id, edit)) }
}

func rolePolicy(id RoleID, n int, document string) func(*Draft) error {
	return func(d *Draft) error {
		return second(d.ReplaceOwn(Holder{TypeRole, id.UUID}, policy.Exoscale, []OwnPolicy{{ID: policyID(n), Document: document}}))
	}
}

func TestRoleRefused(t *testing.T) {
	owner := PredefinedRole(orgID(1), OwnerRole)
	many := make([]Tag, MaxTags+1)
	for i := range many {
		many[i].Key = strings.Repeat("k", i+1)
	}
	refuseAll(t, []refusal{
		{"name of a predefined one", Exists, "name", makeRole(func(r *Role) { r.Name = OwnerRole })},
		{"renamed to a predefined one", Exists, "name", editRole(roleID(1), func(r *Role) { r.Name = BillingRole })},
		{"unknown permission", Invalid, "permissions[1]", makeRole(func(r *Role) { r.Permissions = []string{BypassGovernance, "fly"} })},
		{"permission twice", Invalid, "permissions[1]", makeRole(func(r *Role) { r.Permissions = []string{BypassGovernance, BypassGovernance} })},
		{"negative session", Invalid, "max_session", makeRole(func(r *Role) { r.MaxSession = -1 })},
		{"endless session", Invalid, "max_session", editRole(roleID(1), func(r *Role) { r.MaxSession = 1 << 40 })},
		{"tag twice", Invalid, "tags[1].key", makeRole(func(r *Role) { r.Tags = []Tag{{"a", ""}, {"a", "b"}} })},
		{"tag without a key", Invalid, "tags[0].key", makeRole(func(r *Role) { r.Tags = []Tag{{"", "b"}} })},
		{"long key", Invalid, "tags[0].key", makeRole(func(r *Role) { r.Tags = []Tag{{strings.Repeat("é", MaxTagKey+1), ""}} })},
		{"long value", Invalid, "tags[0].value", makeRole(func(r *Role) { r.Tags = []Tag{{"a", strings.Repeat("é", MaxTagValue+1)}} })},
		{"control character", Invalid, "tags[0].value", makeRole(func(r *Role) { r.Tags = []Tag{{"a", "\x00"}} })},
		{"too many tags", Invalid, "tags", makeRole(func(r *Role) { r.Tags = many })},
		{"assume policy that is none", Invalid, "assume.rules[0].action", makeRole(func(r *Role) { r.Assume = &AssumePolicy{Document: `{"rules":[{"expression":"a"}]}`} })},
		{"empty assume policy", Invalid, "assume", editRole(roleID(1), func(r *Role) { r.Assume = &AssumePolicy{} })},

		{"predefined: update", Immutable, "", editRole(owner, func(*Role) {})},
		{"predefined: delete", Immutable, "", func(d *Draft) error { return d.DeleteRole(owner) }},
		{"predefined: freeze", Immutable, "", func(d *Draft) error { return second(d.FreezeRole(owner)) }},
		{"predefined: policy", Immutable, "", rolePolicy(owner, 9, AllowAll)},
		{"predefined: attach", Immutable, "", func(d *Draft) error { return d.Attach(policyID(1), Holder{TypeRole, owner.UUID}) }},
		{"another organization's predefined", NotFound, "", func(d *Draft) error { return d.DeleteRole(PredefinedRole(orgID(2), OwnerRole)) }},

		{"user: unknown role", NotFound, "", func(d *Draft) error { return second(d.SetUserRole(userID(1), roleID(9))) }},
		{"user: another organization's Owner", NotFound, "", func(d *Draft) error { return second(d.SetUserRole(userID(1), PredefinedRole(orgID(2), OwnerRole))) }},
		{"user: nobody", NotFound, "", func(d *Draft) error { return second(d.SetUserRole(userID(9), roleID(1))) }},
		{"user: the owner", Conflict, "", func(d *Draft) error { return second(d.SetUserRole(userID(0), roleID(1))) }},
		{"user: the owner, none", Conflict, "", func(d *Draft) error { return second(d.SetUserRole(userID(0), PredefinedRole(orgID(1), NoRole))) }},
		{"invitation: unknown role", NotFound, "", func(d *Draft) error { return second(d.SetInvitationRole(invitationID(1), roleID(9))) }},
		{"invitation: none", NotFound, "", func(d *Draft) error { return second(d.SetInvitationRole(invitationID(9), roleID(1))) }},
		{"invitation: expired", Conflict, "", func(d *Draft) error { return second(d.SetInvitationRole(invitationID(2), roleID(1))) }},

		{"organization's policy: no document", Invalid, "document", func(d *Draft) error { return d.SetOrganizationPolicy("x") }},
		{"organization's policy: statements", Invalid, "document.default-service-strategy", func(d *Draft) error { return d.SetOrganizationPolicy(allowAll) }},
		{"operation: nil id", Internal, "", func(d *Draft) error { return second(d.AddOperation(Operation{Type: TypeRole}, 0)) }},
	})
}

// TestFrozen: what an unchangeable role keeps, and what it does not.
func TestFrozen(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(func(d *Draft) error {
		return errors.Join(rolePolicy(roleID(1), 9, AllowAll)(d), second(d.FreezeRole(roleID(1))))
	})
	for what, draft := range map[string]func(*Draft) error{
		"another policy":    rolePolicy(roleID(1), 10, denyAll),
		"no policy":         func(d *Draft) error { return second(d.ReplaceOwn(toRole(1), policy.Exoscale, nil)) },
		"its policy's text": editPolicy(9, func(p *Policy) { p.Document = denyAll }),
		"attach":            func(d *Draft) error { return d.Attach(policyID(3), toRole(1)) },
		"detach":            func(d *Draft) error { return d.Detach(policyID(1), toRole(1)) },
		"replace":           func(d *Draft) error { return d.ReplaceAttachments(toRole(1), nil) },
		"delete its policy": func(d *Draft) error { return d.DeletePolicy(policyID(9)) },
		"trust":             editRole(roleID(1), func(r *Role) { r.Trust = nil }),
		"assume":            editRole(roleID(1), func(r *Role) { r.Assume = &AssumePolicy{Document: AllowAll} }),
	} {
		t.Run(what, func(t *testing.T) {
			w.t = t
			w.refuse(Immutable, "", draft)
		})
	}
	w.t = t
	w.accept(editRole(roleID(1), func(r *Role) {
		r.Name, r.Tags, r.MaxSession, r.Permissions, r.Frozen = "renamed", []Tag{{"a", "b"}}, 60, []string{BypassGovernance}, false
	}))
	r, err := w.s.Role(roleID(1))
	if err != nil || !r.Frozen || r.Name != "renamed" || r.MaxSession != 60 || len(r.Tags) != 1 || len(r.Permissions) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	w.accept(editPolicy(9, func(p *Policy) { p.Name = "another name" }))
	w.accept(func(d *Draft) error { return d.DeleteRole(roleID(1)) })
	if _, err := w.s.Policy(policyID(9)); CodeOf(err) != NotFound {
		t.Errorf("its own policy: %v", err)
	}
}

// TestPredefinedRoles: every organization has the same three under ids of its own, in no list, and they are no records.
func TestPredefinedRoles(t *testing.T) {
	if NewState(orgID(1)).PredefinedRoles().Len() != 0 {
		t.Error("an organization that is not founded has roles")
	}
	w, other := newWorld(t, 1), newWorld(t, 2)
	var names []string
	for r := range w.s.PredefinedRoles().All() {
		names = append(names, r.Name)
		found, err := w.s.Role(r.ID)
		if err != nil || found != r || !r.Predefined() || !r.Frozen || r.ID != PredefinedRole(orgID(1), r.Name) || r.Assume != nil || r.Trust != nil {
			t.Errorf("%+v, %v", r, err)
		}
		if theirs, err := other.s.Role(PredefinedRole(orgID(2), r.Name)); err != nil || theirs.ID == r.ID || theirs.Name != r.Name {
			t.Errorf("%s in another organization: %+v, %v", r.Name, theirs, err)
		}
		if _, err := other.s.Role(r.ID); CodeOf(err) != NotFound {
			t.Errorf("%s is found in another organization", r.Name)
		}
		if w.s.record(touch{KindRole, r.ID.UUID}) != nil {
			t.Errorf("%s is a record", r.Name)
		}
	}
	if diff := cmp.Diff([]string{"Owner", "Billing", "No role"}, names); diff != "" {
		t.Error(diff)
	}
	for r := range w.s.Roles().All() {
		if r.Predefined() {
			t.Errorf("%s is listed", r.Name)
		}
	}
	w.accept(func(d *Draft) error { return d.SetQuota(QuotaRoles, 2) })
	w.refuse(Quota, QuotaRoles, makeRole(func(*Role) {})) // there are two beside the predefined
}

func TestUserRole(t *testing.T) {
	w := newWorld(t, 1)
	name := func(n int) string {
		u, err := w.s.User(userID(n))
		if err != nil {
			t.Fatal(err)
		}
		return w.s.RoleOf(u).Name
	}
	set := func(n int, id RoleID) { w.accept(func(d *Draft) error { return second(d.SetUserRole(userID(n), id)) }) }
	if name(0) != OwnerRole || name(1) != NoRole {
		t.Errorf("at first %s, %s", name(0), name(1))
	}
	set(0, PredefinedRole(orgID(1), OwnerRole)) // which changes nothing
	set(1, roleID(1))
	set(2, roleID(1))
	if name(1) != "deployer" || w.s.RoleUsers(roleID(1)).Len() != 2 {
		t.Errorf("%s, of %d", name(1), w.s.RoleUsers(roleID(1)).Len())
	}
	w.refuse(InUse, "", func(d *Draft) error { return d.DeleteRole(roleID(1)) })
	set(2, PredefinedRole(orgID(1), NoRole))
	if u, _ := w.s.User(userID(2)); !u.Role.IsZero() || name(2) != NoRole {
		t.Errorf("no role is kept as %s", u.Role)
	}
	w.accept(func(d *Draft) error { return d.RemoveUser(userID(1)) })
	w.accept(func(d *Draft) error { return d.DeleteRole(roleID(1)) })
	set(2, PredefinedRole(orgID(1), OwnerRole))
	if name(2) != OwnerRole {
		t.Errorf("user 2 is %s", name(2))
	}
}

// TestPromisedRole: who was invited gets the role with the membership, and until then the role is in use.
func TestPromisedRole(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(func(d *Draft) error { return second(d.SetInvitationRole(invitationID(1), roleID(2))) })
	v, _ := w.s.Invitation(invitationID(1))
	if got := w.s.RoleOfInvited(v).Name; got != "idle" {
		t.Errorf("promised %s", got)
	}
	w.refuse(InUse, "", func(d *Draft) error { return d.DeleteRole(roleID(2)) })
	accepted := w.accept(func(d *Draft) error {
		return second(d.AcceptInvitation(invitationID(1), userID(7), person(7, v.Email)))
	})
	if u, err := accepted.User(userID(7)); err != nil || accepted.RoleOf(u).Name != "idle" {
		t.Errorf("%+v, %v", u, err)
	}

	// An expired invitation keeps nobody from deleting the role, and is without it then.
	w = newWorld(t, 1)
	w.accept(func(d *Draft) error { return second(d.SetInvitationRole(invitationID(1), roleID(2))) })
	w.now = w.now.Add(8 * 24 * time.Hour)
	w.accept(func(d *Draft) error { return d.DeleteRole(roleID(2)) })
	if v, err := w.s.Invitation(invitationID(1)); err != nil || !v.Role.IsZero() || w.s.RoleOfInvited(v).Name != NoRole {
		t.Errorf("%+v, %v", v, err)
	}
}

// TestRoleCredentials: credentials of roles, predefined ones too, keep them in use.
func TestRoleCredentials(t *testing.T) {
	w := newWorld(t, 1)
	owner := PredefinedRole(orgID(1), OwnerRole)
	key := func(n int, of RoleID) func(*Draft) error {
		k := accessKey(n, Principal{KindOfRole, of.UUID})
		k.Sealed = []byte("sealed")
		return func(d *Draft) error { return second(d.CreateCredential(k)) }
	}
	w.accept(key(8, owner))
	w.accept(key(9, roleID(1)))
	w.refuse(InUse, "", func(d *Draft) error { return d.DeleteRole(roleID(1)) })
	w.refuse(NotFound, "", func(d *Draft) error { return d.DeleteCredential(asRole(2), credentialID(9)) })
	if w.s.CredentialsOf(roleID(1).UUID).Len() != 1 || w.s.CredentialsOf(owner.UUID).Len() != 1 {
		t.Error("they are not listed")
	}
	w.accept(func(d *Draft) error { return d.DeleteCredential(asRole(1), credentialID(9)) })
	w.accept(func(d *Draft) error { return d.DeleteRole(roleID(1)) })
}

// TestRolesAsKept: documents are kept byte for byte, and what edit puts in place is copied.
func TestRolesAsKept(t *testing.T) {
	w := newWorld(t, 1)
	const spaced = " {\"rules\" : [ {\"action\":\"allow\",\"expression\":\"1 \\u0026\\u0026 2\"} ]}\n"
	tags, permissions := []Tag{{"a", "b"}}, []string{ResetOrganizationPolicy}
	w.accept(makeRole(func(r *Role) {
		r.Assume, r.Tags, r.Permissions, r.Frozen = &AssumePolicy{Document: spaced}, tags, permissions, true
	}))
	tags[0].Value, permissions[0] = "changed", "changed"
	r, err := w.s.Role(roleID(9))
	if err != nil || r.Assume.Document != spaced || r.Frozen || !slices.Equal(r.Tags, []Tag{{"a", "b"}}) || r.Permissions[0] != ResetOrganizationPolicy {
		t.Errorf("%+v, %v", r, err)
	}
	before := w.s.Revision()
	d := w.s.BeginAdministration(w.now, system)
	if again, err := d.UpdateRole(roleID(9), func(r *Role) { r.Assume, r.Tags = &AssumePolicy{Document: spaced}, slices.Clone(r.Tags) }); err != nil || again != r || !d.Empty() {
		t.Errorf("the same again, at %d: %v", before, err)
	}
	w.accept(editRole(roleID(9), func(r *Role) { r.Assume, r.Tags, r.Permissions = nil, nil, nil }))
	if r, _ := w.s.Role(roleID(9)); r.Assume != nil || r.Tags != nil || r.Permissions != nil {
		t.Errorf("cleared: %+v", r)
	}
}

func TestMaxSession(t *testing.T) {
	w := newWorld(t, 1)
	w.accept(editRole(roleID(2), func(r *Role) { r.MaxSession = 60 }))
	open := func(lifetime time.Duration) func(*Draft) error {
		x := session(9, roleID(2), asUser(1), 0)
		x.ExpiresAt = w.now.Add(lifetime)
		return func(d *Draft) error { return second(d.OpenSession(x)) }
	}
	w.refuse(Invalid, "duration_seconds", open(61*time.Second))
	w.accept(open(time.Minute))
}

func TestOrganizationPolicy(t *testing.T) {
	w := newWorld(t, 1)
	spaced := " " + denyAll + "\n"
	w.accept(func(d *Draft) error { return d.SetOrganizationPolicy(spaced) })
	if o := w.s.Organization(); o.Policy != spaced || o.Program == nil {
		t.Errorf("%+v", o)
	}
	w.accept(func(d *Draft) error { return d.SetQuota(QuotaUsers, 7) })
	if o := w.s.Organization(); o.Policy != spaced || o.Program == nil {
		t.Errorf("after another change: %+v", o)
	}
	d := w.s.BeginAdministration(w.now, system)
	if err := d.SetOrganizationPolicy(spaced); err != nil || !d.Empty() {
		t.Errorf("the same again: %v", err)
	}
	w.accept(func(d *Draft) error { return d.SetOrganizationPolicy("") })
	if o := w.s.Organization(); o.Policy != "" || o.Program != nil {
		t.Errorf("lifted: %+v", o)
	}
	newPlatform(t).refuse(Conflict, "", func(d *Draft) error { return d.SetOrganizationPolicy(denyAll) })
}

func TestOperations(t *testing.T) {
	w := newWorld(t, 1)
	id := func(n int) OperationID { return OperationID{testID('n', n)} }
	add := func(n int, after time.Duration) {
		w.accept(func(d *Draft) error {
			return second(d.AddOperation(Operation{ID: id(n), Type: TypeRole, Subject: roleID(1).UUID}, after))
		})
	}
	add(1, 0)
	add(2, time.Minute)
	w.refuse(Internal, "", func(d *Draft) error { return second(d.AddOperation(Operation{ID: id(1)}, 0)) })
	one, err1 := w.s.OperationAt(id(1), w.now)
	two, err2 := w.s.OperationAt(id(2), w.now)
	if err := errors.Join(err1, err2); err != nil || !one.DoneBy(w.now) || two.DoneBy(w.now.Add(time.Minute-1)) || !two.DoneBy(w.now.Add(time.Minute)) {
		t.Errorf("%+v, %+v, %v", one, two, err)
	}
	if _, err := w.s.OperationAt(id(1), w.now.Add(OperationsKept-1)); err != nil {
		t.Error(err)
	}
	for _, at := range []struct {
		id   OperationID
		when time.Time
	}{{id(1), w.now.Add(OperationsKept)}, {id(3), w.now}, {OperationID{}, w.now}} {
		if _, err := w.s.OperationAt(at.id, at.when); CodeOf(err) != NotFound {
			t.Errorf("%s at %s: %v", at.id, at.when, err)
		}
	}
	w.now = w.now.Add(OperationsKept - time.Second)
	add(3, 0)
	w.accept(func(d *Draft) error { d.Prune(); return nil })
	if w.s.operations.len() != 3 {
		t.Errorf("%d operations before their time", w.s.operations.len())
	}
	w.now = w.now.Add(time.Second)
	w.accept(func(d *Draft) error { d.Prune(); return nil })
	if w.s.operations.len() != 1 {
		t.Errorf("%d operations after their time", w.s.operations.len())
	}
}

// TestOperationsBounded: there is always room for one more.
func TestOperationsBounded(t *testing.T) {
	w := newWorld(t, 1)
	d := w.s.BeginAdministration(w.now, system)
	for n := range MaxOperations + 5 {
		if _, err := d.AddOperation(Operation{ID: OperationID{testID('n', n)}, Type: TypeRole}, 0); err != nil {
			t.Fatal(err)
		}
	}
	if n := d.s.operations.len(); n != MaxOperations {
		t.Errorf("%d operations", n)
	}
	if _, err := d.s.OperationAt(OperationID{testID('n', 4)}, w.now); CodeOf(err) != NotFound {
		t.Errorf("the oldest: %v", err)
	}
}
