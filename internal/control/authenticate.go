package control

import (
	"context"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/iam"
)

// Presented is what a client shows to say who it is, in whichever manner its wire has.
type Presented struct {
	Bearer            string // a signed token, or the secret of an access key
	AccessKey, Secret string
	SessionToken      string // with a temporary access key
	Signed            *authn.SignedRequest
}

// ErrExpired is the cause of the refusal of a credential that was proved and has expired. Who can prove it may be told.
var ErrExpired = authn.ErrExpired

// Authenticate tells who a client is. Whatever is wrong, the error is the same Unauthenticated; its cause is for logs, but for
// ErrExpired.
func (c *Control) Authenticate(ctx context.Context, shown Presented) (iam.Actor, error) {
	actor, err := c.authenticate(ctx, shown)
	switch iam.CodeOf(err) {
	case "":
		return actor, nil
	case iam.Unavailable:
		return iam.Actor{}, err
	}
	c.stats.AuthFailures.Add(1)
	return iam.Actor{}, &iam.Error{Code: iam.Unauthenticated, Message: "the credentials are missing, invalid or expired", Err: err}
}

func (c *Control) authenticate(ctx context.Context, shown Presented) (iam.Actor, error) {
	switch {
	case shown.Bearer != "" && authn.LooksLikeJWT(shown.Bearer):
		return c.byToken(ctx, shown.Bearer)
	case shown.Bearer != "":
		return c.bySecret(ctx, shown.Bearer)
	case authn.IsTemporary(shown.AccessKey):
		return c.byTemporaryKey(ctx, shown)
	case shown.AccessKey != "":
		return c.byAccessKey(ctx, shown)
	case shown.Signed != nil:
		return c.bySignature(ctx, shown.Signed)
	}
	return iam.Actor{}, fmt.Errorf("nothing presented")
}

// byToken accepts a token that we signed, as long as the credential or session that it names lives.
func (c *Control) byToken(ctx context.Context, token string) (iam.Actor, error) {
	claims, err := c.keys.Open(token, c.Now())
	if err != nil {
		return iam.Actor{}, err
	}
	if claims.Issuer != c.Issuer {
		return iam.Actor{}, fmt.Errorf("issued by %q", claims.Issuer)
	}
	_, s, err := c.org(ctx, claims.Org)
	if err != nil {
		return iam.Actor{}, err
	}
	if !claims.Session.IsZero() {
		x, err := s.state.Session(claims.Session)
		if err != nil {
			return iam.Actor{}, err
		}
		return c.sessionActor(s, x)
	}
	if claims.Client != (authn.Client{}) {
		return c.clientActor(ctx, s, &claims)
	}
	if !claims.UserSession.IsZero() {
		x, err := s.state.UserSession(claims.UserSession)
		if err != nil {
			return iam.Actor{}, err
		}
		return c.userSessionActor(s, x)
	}
	k, err := s.state.Credential(claims.Credential)
	if err != nil {
		return iam.Actor{}, err
	}
	if k.Kind != iam.Token || k.Principal != claims.Principal {
		return iam.Actor{}, fmt.Errorf("credential %s is not what the token says", k.ID)
	}
	return c.credentialActor(s, k)
}

// bySecret accepts the secret of an access key alone. It is found by its keyed hash, so that nothing about it can be
// learned from how long the search takes.
func (c *Control) bySecret(ctx context.Context, secret string) (iam.Actor, error) {
	hash := c.keys.Hash(secret)
	s, err := c.holding(ctx, iam.Key{Space: iam.SpaceSecret, Value: hex.EncodeToString(hash)})
	if err != nil {
		return iam.Actor{}, err
	}
	k, ok := s.state.CredentialBySecret(hash)
	if !ok {
		return iam.Actor{}, fmt.Errorf("no credential has this secret any more")
	}
	return c.credentialActor(s, k)
}

func (c *Control) byAccessKey(ctx context.Context, shown Presented) (iam.Actor, error) {
	s, err := c.holding(ctx, iam.Key{Space: iam.SpaceAccessKey, Value: shown.AccessKey})
	if err != nil {
		return iam.Actor{}, err
	}
	k, ok := s.state.CredentialByAccessKey(shown.AccessKey)
	if !ok {
		return iam.Actor{}, fmt.Errorf("access key %q is gone", shown.AccessKey)
	}
	if !c.keys.Matches(shown.Secret, k.Hash) {
		return iam.Actor{}, fmt.Errorf("wrong secret for access key %q", shown.AccessKey)
	}
	return c.credentialActor(s, k)
}

// byTemporaryKey wants all three parts of a session's credentials, and that they belong together.
func (c *Control) byTemporaryKey(ctx context.Context, shown Presented) (iam.Actor, error) {
	claims, err := c.keys.Open(shown.SessionToken, c.Now())
	if err != nil {
		return iam.Actor{}, err
	}
	if claims.Issuer != c.Issuer || claims.Session.IsZero() {
		return iam.Actor{}, fmt.Errorf("not a session token of ours")
	}
	_, s, err := c.org(ctx, claims.Org)
	if err != nil {
		return iam.Actor{}, err
	}
	x, err := s.state.Session(claims.Session)
	if err != nil {
		return iam.Actor{}, err
	}
	if x.AccessKey != shown.AccessKey || !c.keys.Matches(shown.Secret, x.Hash) {
		return iam.Actor{}, fmt.Errorf("key and token of session %s do not belong together", x.ID)
	}
	return c.sessionActor(s, x)
}

// credentialActor turns a credential that was proved into its principal, if both are still good.
func (c *Control) credentialActor(s *snapshot, k *iam.Credential) (iam.Actor, error) {
	now := c.Now()
	switch status := k.StatusAt(now); status {
	case iam.CredentialActive:
	case iam.CredentialExpired:
		return iam.Actor{}, fmt.Errorf("credential %s: %w", k.ID, ErrExpired)
	default:
		return iam.Actor{}, fmt.Errorf("credential %s is %s", k.ID, status)
	}
	actor := iam.Actor{Org: s.state.ID(), Principal: k.Principal, Behind: k.Principal, Credential: k.ID}
	switch k.Principal.Kind {
	case iam.KindOfUser:
		u, err := s.state.User(iam.UserID{UUID: k.Principal.ID})
		if err != nil {
			return iam.Actor{}, err
		}
		if err := c.userGood(u); err != nil {
			return iam.Actor{}, err
		}
		actor.Name, actor.Email = u.Name, u.Email
	case iam.KindOfServiceAccount:
		a, err := s.state.ServiceAccount(iam.ServiceAccountID{UUID: k.Principal.ID})
		if err != nil {
			return iam.Actor{}, err
		}
		if !a.Enabled {
			return iam.Actor{}, fmt.Errorf("service account %s is disabled", a.ID)
		}
		actor.Name = a.Name
	case iam.KindOfRole:
		r, err := s.state.Role(iam.RoleID{UUID: k.Principal.ID})
		if err != nil {
			return iam.Actor{}, err
		}
		actor.Name = r.Name
	default:
		return iam.Actor{}, fmt.Errorf("credential %s belongs to a %s", k.ID, k.Principal.Kind)
	}
	c.uses.note(s, k.ID.UUID, now)
	return actor, nil
}

// sessionActor turns a role session that was proved into the role, if the session is live and who assumed it may still
// act.
func (c *Control) sessionActor(s *snapshot, x *iam.Session) (iam.Actor, error) {
	now := c.Now()
	if err := c.sessionGood(s, x, now); err != nil {
		return iam.Actor{}, err
	}
	c.uses.note(s, x.ID.UUID, now)
	return iam.Actor{
		Org: s.state.ID(), Principal: iam.Principal{Kind: iam.KindOfRole, ID: x.Role.UUID},
		Name: x.PrincipalName, Session: x.ID, Behind: x.Principal,
	}, nil
}

// userSessionActor turns a session of a user that was proved into the user, if it is live and they may still act. One that was made
// with a credential is as good as that, and limited like it.
func (c *Control) userSessionActor(s *snapshot, x *iam.UserSession) (iam.Actor, error) {
	now := c.Now()
	switch {
	case x.RevokedAt != nil:
		return iam.Actor{}, fmt.Errorf("session %s is revoked", x.ID)
	case !now.Before(s.state.SessionEnds(x)):
		return iam.Actor{}, fmt.Errorf("session %s: %w", x.ID, ErrExpired)
	case s.state.GraceOver(x.User, now):
		return iam.Actor{}, fmt.Errorf("user %s had to set a new password, and the time for it is over", x.User)
	}
	c.uses.note(s, x.ID.UUID, now)
	if !x.Credential.IsZero() {
		k, err := s.state.CredentialOf(iam.Principal{Kind: iam.KindOfUser, ID: x.User.UUID}, x.Credential)
		if err != nil {
			return iam.Actor{}, err
		}
		actor, err := c.credentialActor(s, k)
		actor.UserSession = x.ID
		return actor, err
	}
	u, err := s.state.User(x.User)
	if err != nil {
		return iam.Actor{}, err
	}
	if err := c.userGood(u); err != nil {
		return iam.Actor{}, err
	}
	principal := iam.Principal{Kind: iam.KindOfUser, ID: u.ID.UUID}
	return iam.Actor{Org: s.state.ID(), Principal: principal, Behind: principal, Name: u.Name, Email: u.Email, UserSession: x.ID}, nil
}

// sessionGood tells why a session may not be used, if so. A session does not outlive the rights of who opened it to be
// here at all: a disabled user, person or service account acts through no session either.
func (c *Control) sessionGood(s *snapshot, x *iam.Session, now time.Time) error {
	switch {
	case x.RevokedAt != nil:
		return fmt.Errorf("session %s is revoked", x.ID)
	case !x.ActiveAt(now):
		return fmt.Errorf("session %s: %w", x.ID, ErrExpired)
	case x.Principal.ID.IsZero():
		return nil // a workload
	case x.Principal.Kind == iam.KindOfUser:
		u, err := s.state.User(iam.UserID{UUID: x.Principal.ID})
		if err != nil {
			return err
		}
		return c.userGood(u)
	case x.Principal.Kind == iam.KindOfServiceAccount:
		a, err := s.state.ServiceAccount(iam.ServiceAccountID{UUID: x.Principal.ID})
		if err != nil {
			return err
		}
		if !a.Enabled {
			return fmt.Errorf("service account %s is disabled", a.ID)
		}
	}
	return nil
}

// userGood tells why a user may do nothing here, if so: they are disabled in the organization, or the person is everywhere.
func (c *Control) userGood(u *iam.User) error {
	switch {
	case u.Disabled:
		return fmt.Errorf("user %s is disabled", u.ID)
	case !u.Local() && !c.personEnabled(u.Person):
		return fmt.Errorf("person %s is disabled", u.Person)
	}
	return nil
}

// personEnabled asks the platform, so that disabling a person holds everywhere at once.
func (c *Control) personEnabled(id iam.PersonID) bool {
	p, err := c.platform.now.Load().state.Person(id)
	return err == nil && p.Enabled
}

// holding finds the organization that holds a unique key. What the store said is remembered; it is only a hint, since
// the organization's own state says whether the key is there.
func (c *Control) holding(ctx context.Context, key iam.Key) (*snapshot, error) {
	if org, ok := c.holders.get(key); ok {
		_, s, err := c.org(ctx, org)
		if err == nil && holds(s, key) {
			return s, nil
		}
		c.holders.drop(key)
	}
	org, err := c.Store.Lookup(ctx, key)
	if err != nil {
		return nil, err
	}
	_, s, err := c.org(ctx, org)
	if err != nil {
		return nil, err
	}
	c.holders.put(key, org)
	return s, nil
}

func holds(s *snapshot, key iam.Key) bool {
	switch key.Space {
	case iam.SpaceAccessKey:
		_, ofCredential := s.state.CredentialByAccessKey(key.Value)
		_, ofSession := s.state.SessionByAccessKey(key.Value)
		return ofCredential || ofSession
	case iam.SpaceSecret:
		hash, err := hex.DecodeString(key.Value)
		_, ok := s.state.CredentialBySecret(hash)
		return err == nil && ok
	case iam.SpaceTrusting:
		id, err := iam.ParseUUID(key.Value)
		if err != nil {
			return false
		}
		a, err := s.state.ServiceAccount(iam.ServiceAccountID{UUID: id})
		return err == nil && len(a.TrustedRoots) > 0
	case iam.SpaceAlias:
		return s.state.Organization().Alias == key.Value
	}
	return false
}

// maxHolders bounds the memory of holderCache.
const maxHolders = 100_000

// holderCache remembers which organization holds a key, so that authentication needs no store.
type holderCache struct {
	mu sync.RWMutex
	m  map[iam.Key]iam.OrgID
}

func (h *holderCache) get(k iam.Key) (iam.OrgID, bool) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	org, ok := h.m[k]
	return org, ok
}

func (h *holderCache) put(k iam.Key, org iam.OrgID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.m == nil || len(h.m) >= maxHolders {
		h.m = map[iam.Key]iam.OrgID{}
	}
	h.m[k] = org
}

func (h *holderCache) drop(k iam.Key) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.m, k)
}
