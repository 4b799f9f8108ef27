package vngcloud

import (
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// users is the part of section 10.5 about IAM users: all users but the root user.
var users = area{missing: userMissing, exists: "IAM_USER_NAME_EXISTED"}

var anIAMUser = thing{iam.TypeUser, "id"}

func userRoutes() []wire.Route {
	const all, each = accountsV1 + "/iam-users", accountsV1 + "/iam-users/{id}"
	r := users.route
	return []wire.Route{
		r(get, all, control.ListUsers, anyOf(iam.TypeUser), listUsers),
		r(post, all, control.AddUser, tagging(iam.TypeUser), createUser),
		r(get, each, control.GetUser, on(anIAMUser), getUser),
		r(del, each, control.RemoveUser, on(anIAMUser), deleteUser),
		r(post, each+"/activate", control.UnlockUser, on(anIAMUser), disableUser(false)),
		r(post, each+"/deactivate", control.LockUser, on(anIAMUser), disableUser(true)),
		r(post, each+"/reset-password", control.ResetUserPassword, on(anIAMUser), resetPassword),
	}
}

type userSummary struct {
	ID        string `json:"id"`
	Username  string `json:"username"`
	CreatedAt string `json:"createdAt"` // RFC 3339, unlike elsewhere
}

type user struct {
	userSummary
	Enabled bool  `json:"enabled"`
	Root    int64 `json:"root"`
}

func userSummaryOf(u *iam.User) userSummary {
	return userSummary{u.ID.String(), u.Login(), u.AddedAt.UTC().Format(time.RFC3339)}
}

func listUsers(c *call) (*wire.Answer, error) {
	q, err := c.pageQuery()
	if err != nil {
		return nil, err
	}
	list := slices.DeleteFunc(slices.Collect(c.View().Users().All()), func(u *iam.User) bool { return c.isRoot(u.ID) })
	list = newestFirst(list, func(u *iam.User) (time.Time, iam.UUID) { return u.AddedAt, u.ID.UUID })
	return paged(c, q, list, (*iam.User).Login, userSummaryOf)
}

func getUser(c *call) (*wire.Answer, error) {
	u, err := c.user(c.pathID(anIAMUser.param))
	if err != nil {
		return nil, err
	}
	return c.shown(user{userSummaryOf(u), !u.Disabled, c.root()})
}

// What a username and a password may be (section 10.5).
const (
	minUsername, maxUsername = 5, 50
	usernameLetters          = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
	minPassword, maxPassword = 8, 50
)

func checkUsername(text *string) (string, error) {
	if text == nil {
		return "", invalid("username", "is required")
	}
	if n := len(*text); n < minUsername || n > maxUsername || strings.ContainsFunc(*text, func(r rune) bool { return !strings.ContainsRune(usernameLetters, r) }) {
		return "", invalid("username", `has %d to %d letters, digits and characters ".", "_" and "-"`, minUsername, maxUsername)
	}
	return *text, nil
}

func checkPassword(text *string) (string, error) {
	if text == nil {
		return "", invalid("password", "is required")
	}
	has := func(is func(rune) bool) bool { return strings.ContainsFunc(*text, is) }
	special := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	n := utf8.RuneCountInString(*text)
	if n < minPassword || n > maxPassword || !has(unicode.IsUpper) || !has(unicode.IsLower) || !has(unicode.IsDigit) || !has(special) {
		return "", invalid("password", "has %d to %d characters, among them a capital, a small letter, a digit and another character", minPassword, maxPassword)
	}
	return *text, nil
}

func createUser(c *call) (*wire.Answer, error) {
	var in struct {
		Username *string `json:"username"`
		Password *string `json:"password"`
		tagged
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	username, err := checkUsername(in.Username)
	if err != nil {
		return nil, err
	}
	plain, err := checkPassword(in.Password)
	if err != nil {
		return nil, err
	}
	fresh := iam.User{ID: iam.UserID{UUID: c.Control.NewID()}, Username: username, Tags: in.domain()}
	if err := c.requireTagging(control.TagUser, iam.Name(iam.TypeUser, fresh.ID.UUID), in.tagged); err != nil {
		return nil, err
	}
	set, err := c.Control.Password(c.Ctx(), c.Permit, plain)
	if err != nil {
		return nil, err
	}
	u, at, err := c.Control.CreateLocalUser(c.Ctx(), c.Permit, fresh, nil, set)
	if err != nil {
		return nil, err
	}
	return made(u.ID.UUID, at), nil
}

func deleteUser(c *call) (*wire.Answer, error) {
	u, err := c.user(c.pathID(anIAMUser.param))
	if err != nil {
		return nil, err
	}
	return c.write(func(d *iam.Draft) error { return d.RemoveUser(u.ID) })
}

func disableUser(on bool) handler {
	return func(c *call) (*wire.Answer, error) {
		u, err := c.user(c.pathID(anIAMUser.param))
		if err != nil {
			return nil, err
		}
		return c.write(func(d *iam.Draft) error {
			_, err := d.SetUserDisabled(u.ID, on)
			return err
		})
	}
}

func resetPassword(c *call) (*wire.Answer, error) {
	var in struct {
		Password *string `json:"password"`
	}
	if err := c.body(&in); err != nil {
		return nil, err
	}
	plain, err := checkPassword(in.Password)
	if err != nil {
		return nil, err
	}
	u, err := c.user(c.pathID(anIAMUser.param))
	if err != nil {
		return nil, err
	}
	_, at, err := c.Control.SetPassword(c.Ctx(), c.Permit, u.ID, plain)
	if err != nil {
		return nil, err
	}
	return &wire.Answer{Status: http.StatusNoContent, Revision: at}, nil
}
