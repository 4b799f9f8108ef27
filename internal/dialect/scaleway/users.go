package scaleway

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

func userRoutes() []route {
	const all, each = "/users", "/users/{user_id}"
	return []route{
		aUser.does(lists, get, all, control.ListUsers, aUser.any, listUsers),
		aUser.does(creates, post, all, control.AddUser, aUser.any, createUser),
		aUser.does(reads, get, each, control.GetUser, aUser.one, getUser),
		aUser.does(writes, patch, each, control.UpdateUser, aUser.one, updateUser),
		aUser.does(deletes, del, each, control.RemoveUser, aUser.one, deleteUser),
		aUser.does(writes, post, each+"/update-username", control.UpdateUser, aUser.one, updateUsername),
		aUser.does(writes, post, each+"/lock", control.LockUser, aUser.one, setLocked(true)),
		aUser.does(writes, post, each+"/unlock", control.UnlockUser, aUser.one, setLocked(false)),
	}
}

// member is a user, or a pending invitation, which is a user whose status says so.
type member struct {
	*iam.User
	invited *iam.Invitation // nil for a user
}

func (m member) id() iam.UUID {
	if m.invited != nil {
		return m.invited.ID.UUID
	}
	return m.ID.UUID
}

func (m member) email() string {
	if m.invited != nil {
		return m.invited.Email
	}
	return m.Email
}

// username is what the user signs in as: of whoever has an account of the installation, the address (section 4.2).
func (m member) username() string {
	if m.invited != nil {
		return m.invited.Email
	}
	return m.Login()
}

func (m member) created() time.Time {
	if m.invited != nil {
		return m.invited.CreatedAt
	}
	return m.AddedAt
}

func (m member) updated() time.Time {
	if m.invited != nil {
		return m.invited.CreatedAt
	}
	return m.UpdatedAt
}

func (m member) tags() []iam.Tag {
	if m.invited != nil {
		return m.invited.Tags
	}
	return m.Tags
}

// The types and states of users.
const (
	ownerType  = "owner"
	memberType = "member"

	activated         = "activated"
	invitationPending = "invitation_pending"
)

// typeOf tells the owner from the others.
func (c *call) typeOf(m member) string {
	if m.invited == nil && m.ID == c.View().Organization().Owner {
		return ownerType
	}
	return memberType
}

// user is section 4.2.
type user struct {
	ID                string     `json:"id"`
	Email             string     `json:"email"`
	Username          string     `json:"username"`
	FirstName         string     `json:"first_name"`
	LastName          string     `json:"last_name"`
	PhoneNumber       string     `json:"phone_number"`
	Locale            string     `json:"locale"`
	CreatedAt         timestamp  `json:"created_at"`
	UpdatedAt         timestamp  `json:"updated_at"`
	OrganizationID    string     `json:"organization_id"`
	Deletable         bool       `json:"deletable"`
	LastLoginAt       *timestamp `json:"last_login_at"`
	Type              string     `json:"type"`
	TwoFactorEnabled  bool       `json:"two_factor_enabled"`
	Status            string     `json:"status"`
	MFA               bool       `json:"mfa"`
	AccountRootUserID string     `json:"account_root_user_id"`
	Tags              []string   `json:"tags"`
	Locked            bool       `json:"locked"`
}

// usualLocale is that of users who have none.
const usualLocale = "en_US"

func (c *call) user(m member) user {
	out := user{ID: m.id().String(), Email: m.email(), Username: m.username(), Locale: usualLocale, CreatedAt: timestamp(m.created()),
		UpdatedAt: timestamp(m.updated()), OrganizationID: c.View().ID().String(), Type: c.typeOf(m), Status: invitationPending, Tags: tagTexts(m.tags())}
	out.Deletable = out.Type != ownerType
	if m.invited != nil {
		return out
	}
	out.FirstName, out.LastName, out.PhoneNumber, out.Locale = m.FirstName, m.LastName, m.Phone, cmp.Or(m.Locale, usualLocale)
	out.Status, out.Locked = activated, m.Disabled
	out.MFA = c.hasMFA(m)
	out.TwoFactorEnabled, out.LastLoginAt = out.MFA, ever(c.View().SignIn(m.ID).LastAt)
	if out.Type == ownerType {
		out.AccountRootUserID = m.Person.String()
	}
	return out
}

func (c *call) hasMFA(m member) bool { return m.invited == nil && c.View().HasMFA(m.ID) }

// userOrders are what a list of users can be sorted by. Who has never signed in comes first.
func (c *call) userOrders() orders[member] {
	return orders[member]{
		"created_at": byTime(member.created),
		"updated_at": byTime(member.updated),
		"email":      byText(func(m member) string { return iam.FoldEmail(m.email()) }),
		"last_login": byTime(func(m member) time.Time {
			if m.invited != nil {
				return time.Time{}
			}
			return c.View().SignIn(m.ID).LastAt
		}),
		"username": byText(func(m member) string { return iam.FoldEmail(m.username()) }),
	}
}

// users are all, those who are invited too.
func (c *call) users() (out []member) {
	for u := range c.View().Users().All() {
		out = append(out, member{User: u})
	}
	for v := range c.View().Invitations().All() {
		if v.PendingAt(c.Permit.Now()) {
			out = append(out, member{invited: v})
		}
	}
	return out
}

func listUsers(c *call) (*wire.Answer, error) {
	q := c.query()
	list := keepTag(q, keepIDs(q, "user_ids", c.users(), member.id), member.tags)
	list = keepFlag(q, "mfa", list, c.hasMFA)
	if typ := q.oneOf("type", "unknown_type", ownerType, memberType); typ != "" {
		list = keep(list, func(m member) bool { return c.typeOf(m) == typ })
	}
	list = sorted(q, list, c.userOrders(), member.created, member.id)
	return paged(c, q, "users", list, c.user)
}

// memberHere finds a user.
func (c *call) memberHere(id iam.UUID) (member, error) {
	if u, err := c.View().User(iam.UserID{UUID: id}); err == nil {
		return member{User: u}, nil
	}
	if v, err := c.View().Invitation(iam.InvitationID{UUID: id}); err == nil && v.PendingAt(c.Permit.Now()) {
		return member{invited: v}, nil
	}
	return member{}, missing(aUser.word, id.String())
}

func (c *call) memberInPath() (member, error) { return c.memberHere(pathID(c.Call, aUser.param)) }

// userInPath finds a user who is not only invited.
func (c *call) userInPath() (*iam.User, error) {
	m, err := c.memberInPath()
	if err == nil && m.invited != nil {
		return nil, protected("the user has not accepted the invitation yet")
	}
	return m.User, err
}

func getUser(c *call) (*wire.Answer, error) {
	m, err := c.memberInPath()
	if err != nil {
		return nil, err
	}
	return c.shown(c.user(m))
}

// userRequest is a body of a create.
type userRequest struct {
	OrganizationID *string        `json:"organization_id"`
	Tags           []string       `json:"tags"`
	Email          *string        `json:"email"`
	Member         *memberProfile `json:"member"`
}

// memberProfile is who is to be a user at once. What mails it asks for are not sent: writ has no post for them.
type memberProfile struct {
	Username string `json:"username"`
	Password string `json:"password"`
	profile
}

// profile is what the organization notes about a user. What is absent of an update stays as it is.
type profile struct {
	Email       *string `json:"email"`
	FirstName   *string `json:"first_name"`
	LastName    *string `json:"last_name"`
	PhoneNumber *string `json:"phone_number"`
	Locale      *string `json:"locale"`
}

// Bounds of what is said about users (section 4.2; some are our own).
const (
	minUsername = 2
	maxUsername = 64
	maxPart     = 64
	maxPhone    = 32
)

var (
	usernameForm = regexp.MustCompile(`^[a-zA-Z0-9@._-]+$`)
	localeForm   = regexp.MustCompile(`^[a-z]{2,3}(_[A-Z]{2})?$`)
)

func (f *form) username(at, s string) {
	switch {
	case s == "":
		f.wrong(at, required, "is required")
	case len(s) < minUsername || len(s) > maxUsername:
		f.wrong(at, constraint, fmt.Sprintf("has %d to %d characters", minUsername, maxUsername))
	case !usernameForm.MatchString(s):
		f.wrong(at, format, "has letters, digits and @ . _ - alone")
	}
}

// part holds the form of a part of a name, or the like, that may be absent.
func (f *form) part(name string, s *string, most int) {
	if f.text(name, s, most); s != nil && strings.ContainsFunc(*s, unicode.IsControl) {
		f.wrong(name, constraint, "holds a control character")
	}
}

func (p *profile) check(f *form, at string) {
	f.part(at+"first_name", p.FirstName, maxPart)
	f.part(at+"last_name", p.LastName, maxPart)
	f.part(at+"phone_number", p.PhoneNumber, maxPhone)
	if email := value(p.Email); email != "" && iam.CheckEmail("email", email) != nil {
		f.wrong(at+"email", format, "must be an email address")
	}
	if locale := value(p.Locale); locale != "" && !localeForm.MatchString(locale) {
		f.wrong(at+"locale", format, "must be a language, or a language and a country as in en_US")
	}
}

func (p *profile) apply(u *iam.User) {
	for _, part := range []struct{ from, to *string }{{p.Email, &u.Email}, {p.FirstName, &u.FirstName}, {p.LastName, &u.LastName},
		{p.PhoneNumber, &u.Phone}, {p.Locale, &u.Locale}} {
		if part.from != nil {
			*part.to = *part.from
		}
	}
}

func createUser(c *call) (*wire.Answer, error) {
	var in userRequest
	if err := c.body(&in); err != nil {
		return nil, err
	}
	var f form
	c.organization(&f, in.OrganizationID)
	f.tags(in.Tags)
	email := value(in.Email)
	switch {
	case email == "" && in.Member == nil:
		f.wrong("type", required, "is one of email and member")
	case email != "" && in.Member != nil:
		f.wrong("type", constraint, "is either email or member")
	case in.Member != nil:
		f.username("member.username", in.Member.Username)
		in.Member.check(&f, "member.")
	case iam.CheckEmail("email", email) != nil:
		f.wrong("email", format, "must be an email address")
	}
	if f.err != nil {
		return nil, f.err
	}
	if in.Member != nil {
		return c.createMember(&in)
	}
	added, err := c.Control.AddUser(c.Ctx(), c.Permit, control.NewUser{Email: email, Tags: tags(in.Tags, nil)})
	if err != nil {
		return nil, c.userExists(err, email)
	}
	return answer(c.user(member{added.User, added.Invitation}), added.Revision), nil
}

// createMember makes a user of this organization alone.
func (c *call) createMember(in *userRequest) (*wire.Answer, error) {
	u := iam.User{Username: in.Member.Username, Tags: tags(in.Tags, nil)}
	in.Member.apply(&u)
	var also []func(*iam.Draft, iam.UserID) error
	if in.Member.Password != "" {
		if err := u.CheckPassword(in.Member.Password); err != nil {
			e, _ := errors.AsType[*iam.Error](err)
			return nil, invalid("member.password", constraint, e.Message)
		}
		set, err := c.Control.Password(c.Ctx(), c.Permit, in.Member.Password)
		if err != nil {
			return nil, err
		}
		also = append(also, set)
	}
	made, at, err := c.Control.CreateLocalUser(c.Ctx(), c.Permit, u, nil, also...)
	if err != nil {
		return nil, c.userExists(err, u.Username, u.Email)
	}
	return answer(c.user(member{User: made}), at), nil
}

// userExists tells which user, or who is invited, has one of some names.
func (c *call) userExists(err error, names ...string) error {
	if iam.CodeOf(err) != iam.Exists {
		return err
	}
	for _, name := range names {
		i := slices.IndexFunc(c.users(), func(m member) bool {
			return name != "" && slices.Contains([]string{iam.FoldEmail(m.username()), iam.FoldEmail(m.email())}, iam.FoldEmail(name))
		})
		if i >= 0 {
			return exists(aUser.word, c.users()[i].id().String(), "a user with this name or address exists")
		}
	}
	return err
}

func updateUser(c *call) (*wire.Answer, error) {
	m, err := c.memberInPath()
	if err != nil {
		return nil, err
	}
	var in struct {
		profile
		Tags *[]string `json:"tags"`
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	var f form
	in.check(&f, "")
	f.tags(value(in.Tags))
	switch {
	case f.err != nil:
		return nil, f.err
	case m.invited != nil && in.profile != (profile{}):
		return nil, protected("the user has not accepted the invitation yet: only tags can be changed")
	}
	if m.invited != nil {
		return c.tagInvitation(m.invited, in.Tags)
	}
	return c.writeUser(func(d *iam.Draft) (*iam.User, error) {
		return d.UpdateUser(m.ID, func(u *iam.User) {
			if in.apply(u); in.Tags != nil {
				u.Tags = tags(*in.Tags, u.Tags)
			}
		})
	}, value(in.Email))
}

// tagInvitation replaces the tags of whoever is invited, if there are new ones.
func (c *call) tagInvitation(v *iam.Invitation, texts *[]string) (*wire.Answer, error) {
	return write(c, func(v *iam.Invitation) user { return c.user(member{invited: v}) }, func(d *iam.Draft) (*iam.Invitation, error) {
		if texts == nil {
			return v, nil
		}
		if err := d.SetTags(iam.Holder{Type: iam.TypeInvitation, ID: v.ID.UUID}, tags(*texts, v.Tags)); err != nil {
			return nil, err
		}
		return d.State().Invitation(v.ID)
	})
}

// writeUser commits a change of a user, who may get one of some names by it.
func (c *call) writeUser(draft func(*iam.Draft) (*iam.User, error), names ...string) (*wire.Answer, error) {
	out, err := write(c, func(u *iam.User) user { return c.user(member{User: u}) }, draft)
	return out, c.userExists(err, names...)
}

func updateUsername(c *call) (*wire.Answer, error) {
	u, err := c.userInPath()
	if err != nil {
		return nil, err
	}
	var in struct {
		Username string `json:"username"`
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	var f form
	if f.username("username", in.Username); f.err != nil {
		return nil, f.err
	}
	return c.writeUser(func(d *iam.Draft) (*iam.User, error) {
		return d.UpdateUser(u.ID, func(u *iam.User) {
			if u.Login() != in.Username {
				u.Username = in.Username
			}
		})
	}, in.Username)
}

// setLocked makes the handler that locks or unlocks. The body does not matter.
func setLocked(locked bool) handler {
	return func(c *call) (*wire.Answer, error) {
		u, err := c.userInPath()
		if err != nil {
			return nil, err
		}
		return c.writeUser(func(d *iam.Draft) (*iam.User, error) { return d.SetUserDisabled(u.ID, locked) })
	}
}

// deleteUser removes a user, be it the caller (section 9), or takes an invitation back.
func deleteUser(c *call) (*wire.Answer, error) {
	m, err := c.memberInPath()
	switch {
	case err != nil:
		return nil, err
	case c.typeOf(m) == ownerType:
		return nil, protected("the owner of the Organization cannot be deleted")
	}
	return removed(c.Permit.Write(c.Ctx(), func(d *iam.Draft) error {
		switch {
		case m.invited != nil:
			return d.CancelInvitation(m.invited.ID)
		case c.Permit.Actor().Behind == iam.Principal{Kind: iam.KindOfUser, ID: m.ID.UUID}:
			return d.Resign()
		}
		return d.RemoveUser(m.ID)
	}))
}
