package control

import (
	"context"
	"errors"
	"time"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/store"
)

// SignIn is what somebody shows who wants to sign in.
type SignIn struct {
	Organization string // its id or alias
	Login        string // username or address
	Password     string
	// OneTimePassword is one, or a recovery code; for users who have a generator. Assertion is the answer of an authenticator to the
	// challenge that SecondFactor had.
	OneTimePassword string
	Assertion       *authn.Assertion
	Origin          string        // where the browser is, if an authenticator is to be asked
	Length          time.Duration // of the session; zero: as long as the organization allows
}

// SignedIn is what became of it: a session, or the wish for a second factor.
type SignedIn struct {
	UserToken // its Session is nil if a second factor is missing
	Org       iam.OrgID
	User      *iam.User
	Needs     *SecondFactor     // nil if there is a session
	Grace     []iam.GracePeriod // what the user has yet to do
	State     *iam.State        // the organization, in which the session is
}

// SecondFactor is what a user has to show beside the password: either will do.
type SecondFactor struct {
	OneTimePassword bool
	// Challenge is for an authenticator of the user at the origin that was given: one of Keys, of the relying party Party. It is nil if
	// they have none there.
	Challenge []byte
	Keys      [][]byte
	Party     string
}

// signInEvent is what the audit log calls signing in.
const signInEvent = "iam.user.sign_in"

// errNoSignIn is what everybody is told who cannot sign in, for whatever reason; the cause is for logs.
const errNoSignIn = "the organization, login, password or second factor is wrong, or signing in is not possible now"

// SignIn opens a session for a user who proves who they are. Whatever is wrong, the error is the same Unauthenticated, and takes as
// long. A wrong password or second factor of a user who has a password is counted, until they are locked out; nothing else is
// written. Unavailable when too many passwords are being checked. Of the call, who calls does not count.
func (c *Control) SignIn(ctx context.Context, call *Call, in SignIn) (*SignedIn, error) {
	if in.Origin != "" {
		if err := iam.CheckOrigin("origin", in.Origin); err != nil {
			return nil, err
		}
	}
	began := time.Now()
	out, err := c.signIn(ctx, call, in)
	switch iam.CodeOf(err) {
	case "":
		return out, nil
	case iam.Unavailable, iam.Internal, iam.Invalid:
		return nil, err
	}
	c.stats.AuthFailures.Add(1)
	select { // not c.Now: this is about what a stopwatch shows
	case <-time.After(c.RefusalTime - time.Since(began)):
	case <-ctx.Done():
	}
	return nil, &iam.Error{Code: iam.Unauthenticated, Message: errNoSignIn, Err: err}
}

// refused is an error that becomes the one refusal.
func refused(format string, args ...any) error { return iam.Errorf(iam.Denied, format, args...) }

func (c *Control) signIn(ctx context.Context, call *Call, in SignIn) (*SignedIn, error) {
	s, err := c.named(ctx, in.Organization)
	if err != nil && iam.CodeOf(err) != iam.NotFound {
		return nil, err
	}
	var u *iam.User
	var hash string
	if s != nil {
		if found, ok := s.state.UserNamed(in.Login); ok {
			u, hash = found, s.state.SignIn(found.ID).Password
		}
	}
	// Whoever it is, a password is checked.
	matches := false
	if err := c.takeTurn(ctx, func() { matches = c.keys.PasswordMatches(in.Password, hash) }); err != nil {
		return nil, err
	}
	if u == nil {
		return nil, refused("there is no such organization or user")
	}
	try := &attempt{c: c, call: call, in: in, org: s.state.ID(), user: u, hash: hash}
	if err := c.maySignIn(s.state, u); err != nil {
		return nil, err
	}
	if !matches {
		return nil, try.fail(ctx, refused("the password of user %s is wrong", u.ID))
	}
	if in.OneTimePassword == "" && in.Assertion == nil && s.state.HasMFA(u.ID) {
		return try.ask(s)
	}
	return try.succeed(ctx)
}

// maxAliasText is longer than every alias: nothing longer is looked for.
const maxAliasText = 64

// named finds an organization by its id or alias; NotFound if there is none.
func (c *Control) named(ctx context.Context, text string) (*snapshot, error) {
	if id, err := iam.ParseUUID(text); err == nil {
		_, s, err := c.org(ctx, iam.OrgID{UUID: id})
		return s, err
	}
	if text == "" || len(text) > maxAliasText {
		return nil, iam.Errorf(iam.NotFound, "no organization has this alias")
	}
	return c.holding(ctx, iam.Key{Space: iam.SpaceAlias, Value: text})
}

// maySignIn tells why a user cannot sign in with a password, whatever it is.
func (c *Control) maySignIn(s *iam.State, u *iam.User) error {
	switch {
	case s.Organization().Suspended:
		return refused("the organization is suspended")
	case !s.LoginMethods().Password:
		return refused("signing in with passwords is switched off")
	case s.SignIn(u.ID).Password == "":
		return refused("user %s has no password", u.ID)
	case s.LockedOut(u, c.Now()):
		return refused("user %s is locked out", u.ID)
	case s.GraceOver(u.ID, c.Now()):
		return refused("user %s had to set a new password, and the time for it is over", u.ID)
	}
	if err := c.userGood(u); err != nil {
		return refused("%s", err)
	}
	return nil
}

// attempt is somebody's attempt to sign in as a user.
type attempt struct {
	c    *Control
	call *Call
	in   SignIn
	org  iam.OrgID
	user *iam.User
	hash string // that the password matched
}

// ask says which second factor is missing.
func (t *attempt) ask(s *snapshot) (*SignedIn, error) {
	needs := &SecondFactor{OneTimePassword: s.state.SignIn(t.user.ID).OTP.Active()}
	if keys := keysAt(s.state, t.user.ID, t.in.Origin); len(keys) > 0 {
		challenge, err := t.c.keys.NewChallenge(t.c.Random, t.user.ID, t.in.Origin, t.c.Now())
		if err != nil {
			return nil, &iam.Error{Code: iam.Internal, Message: "no challenge can be made", Err: err}
		}
		needs.Challenge, needs.Keys, needs.Party = challenge, keys, partyOf(t.in.Origin)
	}
	return &SignedIn{Org: t.org, User: t.user, Needs: needs}, nil
}

// fail counts a failure. The error is the cause, unless it cannot be counted.
func (t *attempt) fail(ctx context.Context, cause error) error {
	event := t.event(iam.Failure)
	event.ActorKind = iam.KindOfSystem // nobody knows who it was
	event.ErrorCode, event.ErrorMessage = string(iam.Unauthenticated), PublicMessage(cause)
	_, err := t.c.amend(ctx, t.org, amendment{system, systemAuthor, signInEvent, &event}, func(d *iam.Draft) error { return d.FailSignIn(t.user.ID) })
	if err != nil {
		return err
	}
	return cause
}

// errSecondFactor marks a second factor that is wrong.
var errSecondFactor = errors.New("the second factor is wrong")

// succeed opens the session. All that was found is looked at again in the state that it is opened on.
func (t *attempt) succeed(ctx context.Context) (*SignedIn, error) {
	c, now := t.c, t.c.Now()
	renew, hash, err := c.newRenewal()
	if err != nil {
		return nil, err
	}
	x := iam.UserSession{ID: iam.UserSessionID{UUID: c.NewID()}, User: t.user.ID, SignedInAt: now, Length: t.in.Length, Renewal: hash,
		IP: ipText(t.call.IP), UserAgent: t.call.UserAgent}
	event := t.event(iam.Success)
	event.ActorID, event.ActorKind, event.ActorName, event.ActorEmail = t.user.ID.UUID, iam.KindOfUser, t.user.Name, t.user.Email
	event.Details = map[string]any{"session_id": x.ID.String()}
	principal := iam.Principal{Kind: iam.KindOfUser, ID: t.user.ID.UUID}
	out := &SignedIn{Org: t.org, UserToken: UserToken{RenewToken: renew}}
	author := store.Author{Kind: iam.KindOfUser, ID: t.user.ID.UUID, Name: t.user.Name}
	s, err := c.amend(ctx, t.org, amendment{principal, author, signInEvent, &event}, func(d *iam.Draft) (err error) {
		if out.User, err = d.State().User(t.user.ID); err != nil {
			return refused("%s", err)
		}
		if err := c.maySignIn(d.State(), out.User); err != nil {
			return err
		}
		if d.State().SignIn(t.user.ID).Password != t.hash {
			return refused("the password of user %s has changed meanwhile", t.user.ID)
		}
		if err := t.secondFactor(d); err != nil {
			return err
		}
		if err := d.SignedIn(t.user.ID); err != nil {
			return err
		}
		out.Session, err = d.OpenUserSession(x)
		return err
	})
	switch {
	case errors.Is(err, errSecondFactor):
		return nil, t.fail(ctx, refused("the second factor of user %s is wrong", t.user.ID))
	case err != nil:
		return nil, err
	}
	out.Revision, out.State, out.Grace = s.head.Revision, s.state, s.state.GracePeriods(t.user.ID)
	out.Token, err = c.signSession(t.org, out.Session, now)
	return out, err
}

// secondFactor uses up what was shown beside the password, if the user has to show something.
func (t *attempt) secondFactor(d *iam.Draft) error {
	s, id := d.State(), t.user.ID
	if !s.HasMFA(id) {
		return nil
	}
	wrong := func(err error) error {
		if code := iam.CodeOf(err); code == iam.Denied || code == iam.NotFound {
			return errors.Join(errSecondFactor, err)
		}
		return err
	}
	switch o := s.SignIn(id).OTP; {
	case t.in.Assertion != nil:
		return wrong(t.c.answered(d, id, t.in.Assertion))
	case !o.Active():
		return errSecondFactor
	case !authn.IsOTP(t.in.OneTimePassword):
		return wrong(d.UseRecoveryCode(id, t.c.keys.HashRecoveryCode(id, t.in.OneTimePassword)))
	default:
		step, ok, err := t.c.otpStep(d, id, o, t.in.OneTimePassword)
		switch {
		case err != nil:
			return err
		case !ok:
			return errSecondFactor
		}
		return wrong(d.UseOTP(id, step))
	}
}

// event is what the audit log says of the attempt.
func (t *attempt) event(status iam.Status) iam.Event {
	return iam.Event{ID: iam.EventID{UUID: t.c.NewID()}, Time: t.c.Now().UTC().Truncate(time.Microsecond), Org: t.org,
		Action: signInEvent, Status: status, ResourceType: iam.TypeUser, ResourceID: t.user.ID.String(), ResourceName: t.user.Login(),
		IP: ipText(t.call.IP), UserAgent: t.call.UserAgent, RequestID: t.call.RequestID}
}
