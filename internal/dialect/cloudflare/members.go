package cloudflare

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// members is section 9. A member is a user, or an invitation that is pending.
var members = area{kind: "member", codes: codes{
	iam.NotFound: {404, 1003}, iam.Invalid: {400, 1001}, iam.Exists: {400, 1001}, iam.InUse: {400, 1001}, iam.Conflict: {400, 1001},
	iam.Immutable: {400, 1001}, iam.Quota: {400, 1001},
}, wrong: "Invalid request: "}

func memberRoutes() []wire.Route {
	const all, each = account + "/members", account + "/members/{member_id}"
	target := one(iam.TypeUser, "member_id")
	return []wire.Route{
		members.route(get, all, control.ListUsers, anyOf(iam.TypeUser), listMembers),
		members.route(post, all, control.AddUser, anyOf(iam.TypeUser), createMember),
		members.route(get, each, control.GetUser, target, getMember),
		members.route(put, each, control.AttachUserPolicy, target, updateMember),
		members.route(del, each, control.RemoveUser, target, deleteMember),
	}
}

// maxEmail is the longest address (section 9).
const maxEmail = 90

// The states of members.
const (
	accepted = "accepted"
	pending  = "pending"
)

// member is a user or a pending invitation.
type member struct {
	id       iam.UUID
	email    string
	status   string
	person   *iam.User // nil for an invitation
	policies []iam.Attached
	since    time.Time
}

func memberOf(u *iam.User) member {
	return member{u.ID.UUID, u.Email, accepted, u, u.Policies, u.AddedAt}
}

func invited(v *iam.Invitation) member {
	return member{v.ID.UUID, v.Email, pending, nil, v.Policies, v.CreatedAt}
}

// holder is what the member's policies are attached to.
func (m *member) holder() iam.Holder {
	if m.person == nil {
		return iam.Holder{Type: iam.TypeInvitation, ID: m.id}
	}
	return iam.Holder{Type: iam.TypeUser, ID: m.id}
}

// names gives the person's name in the two parts that this API has; "" for what there is not.
func (m *member) names() (first, last string) {
	if m.person == nil {
		return "", ""
	}
	name := strings.TrimSpace(m.person.Name)
	if i := strings.LastIndexByte(name, ' '); i >= 0 {
		return strings.TrimSpace(name[:i]), name[i+1:]
	}
	return name, ""
}

// members lists all, in the order in which they came.
func (c *call) members() []member {
	var out []member
	for u := range c.View().Users().All() {
		out = append(out, memberOf(u))
	}
	for v := range c.View().Invitations().All() {
		if v.PendingAt(c.Permit.Now()) {
			out = append(out, invited(v))
		}
	}
	slices.SortFunc(out, func(a, b member) int {
		if order := a.since.Compare(b.since); order != 0 {
			return order
		}
		return a.id.Compare(b.id)
	})
	return out
}

// member finds one by its id.
func (c *call) member(id iam.UUID) (member, error) {
	if u, err := c.View().User(iam.UserID{UUID: id}); err == nil {
		return memberOf(u), nil
	}
	if v, err := c.View().Invitation(iam.InvitationID{UUID: id}); err == nil && v.PendingAt(c.Permit.Now()) {
		return invited(v), nil
	}
	return member{}, iam.Errorf(iam.NotFound, "member not found")
}

func (c *call) memberInPath() (member, error) {
	id := c.pathID("member_id")
	return c.member(id)
}

// memberOut is a member in answers.
type memberOut struct {
	ID       string        `json:"id"`
	Email    string        `json:"email"`
	Status   string        `json:"status"`
	User     memberUser    `json:"user"`
	Roles    []role        `json:"roles"`
	Policies []groupPolicy `json:"policies"`
}

type memberUser struct {
	ID        *string `json:"id"`
	Email     string  `json:"email"`
	FirstName *string `json:"first_name"`
	LastName  *string `json:"last_name"`
	TwoFactor bool    `json:"two_factor_authentication_enabled"`
}

// personOf is the id by which this API knows somebody in whatever account they are: the person's. A local user is in one account
// alone, and has the same id there as their membership.
func personOf(u *iam.User) string {
	if u.Local() {
		return hexID(u.ID.UUID)
	}
	return hexID(u.Person.UUID)
}

func (m *member) user() memberUser {
	out := memberUser{Email: m.email}
	if m.person != nil {
		out.ID = new(personOf(m.person))
	}
	first, last := m.names()
	if first != "" {
		out.FirstName = &first
	}
	if last != "" {
		out.LastName = &last
	}
	return out
}

// memberOut shows a member. A policy that gives roles on the whole account shows as roles; in both places it would count twice when
// it is sent back.
func (c *call) memberOut(m member) memberOut {
	v := c.View().State
	out := memberOut{ID: hexID(m.id), Email: m.email, Status: m.status, User: m.user(), Roles: []role{}}
	out.Policies = c.policies(v, m.policies, func(d *document) bool {
		given := c.givenRoles(d)
		for _, g := range given {
			out.Roles = append(out.Roles, c.role(g))
		}
		return given == nil
	})
	return out
}

// givenRoles are the roles that a document of rolePolicy gives; nil for any other document.
func (c *call) givenRoles(d *document) []*catalog.PermissionGroup {
	if d.Access != "allow" || len(d.ResourceGroups) != 1 || d.ResourceGroups[0].Scope == nil {
		return nil
	}
	s := d.ResourceGroups[0].Scope
	if s.Key != iam.AccountKey(c.View().ID()) || len(s.Objects) != 1 || s.Objects[0].Key != "*" {
		return nil
	}
	var out []*catalog.PermissionGroup
	for _, r := range d.PermissionGroups {
		g, ok := c.Control.Catalog().PermissionGroup(r.ID)
		if !ok || !isRole(g) {
			return nil
		}
		out = append(out, g)
	}
	return out
}

// rolePolicy is the policy that gives roles: on a scope that is written out, which distinguishes it from policies that clients send
// as such.
func (c *call) rolePolicy(ids []string) (iam.OwnPolicy, error) {
	doc := document{Access: "allow", ResourceGroups: []placeRef{{Scope: &scope{Key: iam.AccountKey(c.View().ID()), Objects: []object{{"*"}}}}}}
	for _, id := range ids {
		g, ok := c.Control.Catalog().PermissionGroup(id)
		if !ok || !isRole(g) {
			return iam.OwnPolicy{}, iam.FieldErrorf(iam.Invalid, "roles", "has %.40q, which is no role", id)
		}
		if !slices.Contains(doc.PermissionGroups, ref{id}) {
			doc.PermissionGroups = append(doc.PermissionGroups, ref{id})
		}
	}
	return c.own(doc)
}

// orders are what a list of members can be sorted by.
var orders = map[string]func(member) string{
	"user.first_name": func(m member) string { first, _ := m.names(); return first },
	"user.last_name":  func(m member) string { _, last := m.names(); return last },
	"user.email":      func(m member) string { return iam.FoldEmail(m.email) },
	"status":          func(m member) string { return m.status },
}

func listMembers(c *call) (*wire.Answer, error) {
	q, err := c.query()
	if err != nil {
		return nil, err
	}
	list := c.members()
	if list, err = arrangeMembers(q, list); err != nil {
		return nil, err
	}
	return paged(c, q, smallPages, list, c.memberOut)
}

func arrangeMembers(q url.Values, list []member) ([]member, error) {
	switch q.Get("status") {
	case "", accepted, pending, "rejected": // of the last there are none: who is rejected is not kept
	default:
		return nil, iam.FieldErrorf(iam.Invalid, "status", "must be accepted, pending or rejected")
	}
	list = filters[member]{"status": func(m member) string { return m.status }}.keep(q, list)
	backwards, err := descending(q)
	if err != nil {
		return nil, err
	}
	switch by, ok := orders[q.Get("order")]; {
	case ok:
		arrange(list, backwards, by, func(m member) iam.UUID { return m.id })
	case q.Get("order") != "":
		return nil, iam.FieldErrorf(iam.Invalid, "order", "must be user.first_name, user.last_name, user.email or status")
	case backwards:
		slices.Reverse(list)
	}
	return list, nil
}

func getMember(c *call) (*wire.Answer, error) {
	m, err := c.memberInPath()
	if err != nil {
		return nil, err
	}
	return c.shown(c.memberOut(m))
}

// memberRequest is a body. Roles are ids in a create, and objects in an update; either is taken in both.
type memberRequest struct {
	Email    string           `json:"email"`
	Status   string           `json:"status"`
	Roles    []jsontext.Value `json:"roles"`
	Policies *[]policyRequest `json:"policies"`
}

// errBoth refuses what would be ambiguous.
var errBoth = iam.Errorf(iam.Invalid, "give roles or policies, not both")

func (in *memberRequest) both() bool {
	return len(in.Roles) > 0 && in.Policies != nil && len(*in.Policies) > 0
}

// roles gives the ids.
func (in *memberRequest) roles() ([]string, error) {
	out := make([]string, len(in.Roles))
	for i, v := range in.Roles {
		var r ref
		switch v.Kind() {
		case '"':
			text, err := jsontext.AppendUnquote(nil, v)
			if err != nil {
				return nil, iam.FieldErrorf(iam.Invalid, "roles", "is not valid")
			}
			r.ID = string(text)
		case '{':
			if err := wire.Unmarshal(v, &r, "{"); err != nil {
				return nil, iam.FieldErrorf(iam.Invalid, "roles", "must hold ids")
			}
		default:
			return nil, iam.FieldErrorf(iam.Invalid, "roles", "must hold ids")
		}
		out[i] = r.ID
	}
	return out, nil
}

// next makes the policies that a member is to have in place of those that it has.
func (in *memberRequest) next(c *call, has []iam.Attached) ([]iam.OwnPolicy, error) {
	ids, err := in.roles()
	if err != nil {
		return nil, err
	}
	var out []iam.OwnPolicy
	if len(ids) > 0 {
		p, err := c.rolePolicy(ids)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	if in.Policies == nil {
		return out, nil
	}
	own, err := c.ownPolicies(*in.Policies, has)
	return append(out, own...), err
}

func createMember(c *call) (*wire.Answer, error) {
	var in memberRequest
	if err := c.body(&in); err != nil {
		return nil, err
	}
	switch {
	case len(in.Email) > maxEmail:
		return nil, iam.FieldErrorf(iam.Invalid, "email", "has at most %d characters", maxEmail)
	case in.Status != "" && in.Status != pending && in.Status != accepted:
		return nil, iam.FieldErrorf(iam.Invalid, "status", "must be pending or accepted")
	case in.both():
		return nil, errBoth
	case len(in.Roles) == 0 && (in.Policies == nil || len(*in.Policies) == 0):
		return nil, iam.Errorf(iam.Invalid, "roles or policies are required")
	}
	if err := c.Permit.Require(control.AttachUserPolicy, iam.AnyOf(iam.TypeUser)); err != nil {
		return nil, err
	}
	next, err := in.next(c, nil)
	if err != nil {
		return nil, err
	}
	added, err := c.Control.AddUser(c.Ctx(), c.Permit, control.NewUser{Email: in.Email, Known: in.Status == accepted,
		Also: func(d *iam.Draft, of iam.Holder) error { return replacePolicies(d, of, next) }})
	if in.Status == accepted && iam.CodeOf(err) == iam.NotFound {
		return nil, iam.FieldErrorf(iam.Invalid, "status", "cannot be accepted: nobody here has the address, who must accept first")
	}
	if err != nil {
		return nil, invalid(err, "email")
	}
	id := iam.UUID{}
	if added.User != nil {
		id = added.User.ID.UUID
	} else {
		id = added.Invitation.ID.UUID
	}
	return c.memberNow(id, added.Revision)
}

// memberNow answers with a member after a write.
func (c *call) memberNow(id iam.UUID, at iam.Revision) (*wire.Answer, error) {
	m, err := c.member(id)
	if err != nil {
		return nil, err
	}
	return result(c.memberOut(m), at), nil
}

// updateMember replaces the member's policies in this language, with roles or with policies. Clients that send back what they were
// shown send an empty list of the other.
func updateMember(c *call) (*wire.Answer, error) {
	m, err := c.memberInPath()
	if err != nil {
		return nil, err
	}
	var in memberRequest
	if err := c.body(&in); err != nil {
		return nil, err
	}
	switch {
	case in.both():
		return nil, errBoth
	case in.Roles == nil && in.Policies == nil:
		return c.shown(c.memberOut(m))
	}
	if err := c.Permit.Require(control.DetachUserPolicy, c.Permit.Target.Resources[0]); err != nil {
		return nil, err
	}
	next, err := in.next(c, m.policies)
	if err != nil {
		return nil, err
	}
	at, err := c.Permit.Write(c.Ctx(), func(d *iam.Draft) error { return replacePolicies(d, m.holder(), next) })
	if err != nil {
		return nil, err
	}
	return c.memberNow(m.id, at)
}

// deleteMember ends a membership, be it the caller's own (section 14).
func deleteMember(c *call) (*wire.Answer, error) {
	m, err := c.memberInPath()
	if err != nil {
		return nil, err
	}
	at, err := c.Permit.Write(c.Ctx(), func(d *iam.Draft) error {
		switch {
		case m.person == nil:
			return d.CancelInvitation(iam.InvitationID{UUID: m.id})
		case c.Permit.Actor().Behind == iam.Principal{Kind: iam.KindOfUser, ID: m.person.ID.UUID}:
			return d.Resign()
		}
		return d.RemoveUser(m.person.ID)
	})
	if err != nil {
		return nil, err
	}
	return removed(m.id, at), nil
}

// invalid gives what was said of a member who is none, where one is asked for in a body.
func invalid(err error, field string) error {
	if e, ok := errors.AsType[*iam.Error](err); ok && e.Code == iam.NotFound {
		return iam.FieldErrorf(iam.Invalid, field, "%s", e.Message)
	}
	return err
}
