package authn

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/writ-iam/writ/internal/iam"
)

const (
	// tokenType keeps other JWTs from being taken for access tokens (RFC 9068, section 2.1; RFC 8725, section 3.11). The
	// tokens are for writ itself, so they have none of that RFC's claims about clients and audiences.
	tokenType = "at+jwt"

	// maxToken is the longest token that is made or read, in bytes.
	maxToken = 4 << 10

	// maxDate is the end of the year 9999, the last that RFC 3339 can write.
	maxDate = 253402300799

	// refusal is the one message for all tokens that are not accepted: whoever sends one learns nothing about why
	// (bycloud.md, section 16.2).
	refusal = "The credentials are not valid."
)

var (
	errTooLong   = fmt.Errorf("token is longer than %d bytes", maxToken)
	errNotJWT    = errors.New("token has not the shape of a JWT")
	errEncoding  = errors.New("token is not canonical base64url")
	errHeader    = errors.New("token has a header parameter that writ does not use")
	errType      = errors.New("token has another type than " + tokenType)
	errKid       = errors.New("token names no key of this installation")
	errSignature = errors.New("token has a signature that does not verify")
)

// ErrExpired is the cause of the refusal of a token that is genuine and has expired.
var ErrExpired = errors.New("token has expired")

// Claims is what a token of writ's says. It names the record with which the token lives and dies, Credential, UserSession or
// Session; a token that ends by itself may name none.
//
// In a token, times are whole seconds: fractions are cut off, so that no token outlives what it stands for.
type Claims struct {
	Issuer     string           // "iss"
	Org        iam.OrgID        // "org"
	Principal  iam.Principal    // "sub": "<kind>:<uuid>"
	Credential iam.CredentialID // "jti"; for users and service accounts
	// UserSession is "jti" too, and "use" then says so; for users, in place of a credential.
	UserSession iam.UserSessionID
	Session     iam.SessionID // "sid"; for roles, and always there for them
	IssuedAt    time.Time     // "iat"
	ExpiresAt   time.Time     // "exp"; zero: the credential decides, so there must be one

	Client Client // of a token that was given for something else; zero for all others
}

// useSession is what "use" says of a token whose id is that of a user's session.
const useSession = "session"

// Sign makes a token: a JWT (RFC 7519) in the compact serialization, signed with ES256 by the newest key, which "kid"
// names. The same claims give the same token. Claims that Open would refuse are an error.
func (k *Keyring) Sign(c Claims) (string, error) {
	c.IssuedAt, c.ExpiresAt = c.IssuedAt.Truncate(time.Second), c.ExpiresAt.Truncate(time.Second)
	if err := c.check(); err != nil {
		return "", &iam.Error{Code: iam.Internal, Message: "cannot sign a token with these claims", Err: err}
	}
	token, err := jwt.Signed(k.secret().signer).Claims(c.payload()).Serialize()
	if err != nil {
		return "", &iam.Error{Code: iam.Internal, Message: "cannot sign a token", Err: err}
	}
	if len(token) > maxToken {
		return "", &iam.Error{Code: iam.Internal, Message: "cannot sign a token with these claims", Err: errTooLong}
	}
	return token, nil
}

// Open gives the claims of a token that Sign made with one of the installation's keys and that has not expired: at the
// second of its expiry it has, without leeway. Every failure is the same iam.Unauthenticated error; why is told by its
// Err alone.
//
// Open remembers tokens whose signature it has verified, so it says nothing about revocation, not even for the first
// call: the caller looks up the credential or session that the claims name, on every call.
func (k *Keyring) Open(token string, now time.Time) (Claims, error) {
	c, err := k.open(token, now)
	if err != nil {
		return Claims{}, &iam.Error{Code: iam.Unauthenticated, Message: refusal, Err: err}
	}
	return *c, nil
}

func (k *Keyring) open(token string, now time.Time) (*Claims, error) {
	if len(token) > maxToken {
		return nil, errTooLong
	}
	var buf [maxToken]byte // on the stack, where []byte(token) would not be
	key := digest(sha256.Sum256(buf[:copy(buf[:], token)]))
	c, known := k.seen.get(key)
	if !known {
		var err error
		if c, err = k.verify(token); err != nil {
			return nil, err
		}
	}
	if !c.ExpiresAt.IsZero() && !now.Before(c.ExpiresAt) {
		return nil, ErrExpired
	}
	if !known {
		k.seen.put(key, c)
	}
	return c, nil
}

// verify checks all but the expiry. Nothing of the payload is read before the signature is verified.
func (k *Keyring) verify(token string) (*Claims, error) {
	if !LooksLikeJWT(token) {
		return nil, errNotJWT
	}
	if !canonical(token) {
		return nil, errEncoding
	}
	// The list of algorithms is what refuses "none" and HMAC with a public key (RFC 8725, sections 2.1 and 3.1).
	parsed, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return nil, fmt.Errorf("parse token: %.100s", err) // the error may quote the token at length
	}
	public, err := k.keyFor(&parsed.Headers[0])
	if err != nil {
		return nil, err
	}
	var p payload
	if err := parsed.Claims(public, &p); errors.Is(err, jose.ErrCryptoFailure) {
		return nil, errSignature
	} else if err != nil {
		return nil, fmt.Errorf("read claims: %w", err)
	}
	return p.claims()
}

// keyFor gives the key that a header names. Parameters that Sign never writes are refused, above all those that would
// bring a key along or change how the token is read: jwk, jku, x5u, crit, b64.
func (k *Keyring) keyFor(h *jose.Header) (any, error) {
	if typ, _ := h.ExtraHeaders[jose.HeaderType].(string); typ != tokenType {
		return nil, errType
	}
	if len(h.ExtraHeaders) != 1 || h.JSONWebKey != nil || h.Nonce != "" {
		return nil, errHeader
	}
	public, ok := k.public[h.KeyID]
	if !ok {
		return nil, errKid
	}
	return public, nil
}

// LooksLikeJWT reports whether s has the shape of a signed JWT: three non-empty parts of the base64url alphabet with
// dots between. It is cheap, says nothing about what is inside, and is false for every secret of an access key.
func LooksLikeJWT(s string) bool {
	dots, length := 0, 0
	for i := range len(s) {
		switch {
		case isBase64URL(s[i]):
			length++
		case s[i] == '.' && length > 0:
			dots, length = dots+1, 0
		default:
			return false
		}
	}
	return dots == 2 && length > 0
}

func isBase64URL(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// canonical reports whether the unused bits at the end of each part are zero (RFC 4648, section 3.5). The decoder in
// go-jose does not look at them, so that one token could be spelled in many ways.
func canonical(token string) bool {
	for part := range strings.SplitSeq(token, ".") {
		if _, err := base64.RawURLEncoding.Strict().DecodeString(part); err != nil {
			return false
		}
	}
	return true
}

// payload is Claims on the wire. Claims that it does not name are ignored (RFC 7519, section 4): a newer node of the
// same installation may write more.
type payload struct {
	Issuer    string  `json:"iss"`
	Subject   string  `json:"sub"`
	Org       string  `json:"org"`
	ID        string  `json:"jti,omitempty"`
	Use       string  `json:"use,omitempty"`
	Session   string  `json:"sid,omitempty"`
	IssuedAt  seconds `json:"iat"`
	ExpiresAt seconds `json:"exp,omitempty"`

	UserType string     `json:"user_type,omitempty"`
	Account  int64      `json:"root,omitempty"`
	Client   string     `json:"azp,omitempty"`
	Secret   string     `json:"sec,omitempty"`
	By       *byPayload `json:"act,omitempty"`
}

func subject(p iam.Principal) string { return string(p.Kind) + ":" + p.ID.String() }

// parseSubject is the reverse of subject.
func parseSubject(text string, p *iam.Principal) error {
	kind, id, _ := strings.Cut(text, ":")
	p.Kind = iam.PrincipalKind(kind)
	return parseID("sub", id, &p.ID)
}

func (c *Claims) payload() payload {
	p := payload{
		Issuer:   c.Issuer,
		Subject:  subject(c.Principal),
		Org:      c.Org.String(),
		IssuedAt: seconds(c.IssuedAt.Unix()),
		UserType: c.Client.UserType, Account: c.Client.Account, Client: c.Client.ID, Secret: c.Client.Secret,
	}
	if c.Client.UserType != "" {
		p.Subject = c.Principal.ID.String()
	}
	if by := &c.Client.By; *by != (Impersonator{}) {
		p.By = by.payload()
	}
	p.ID, p.Session = textOf(c.Credential.UUID), textOf(c.Session.UUID)
	if !c.UserSession.IsZero() {
		p.ID, p.Use = c.UserSession.String(), useSession
	}
	if !c.ExpiresAt.IsZero() {
		p.ExpiresAt = seconds(c.ExpiresAt.Unix())
	}
	return p
}

// textOf is an id, or nothing.
func textOf(id iam.UUID) string {
	if id.IsZero() {
		return ""
	}
	return id.String()
}

func (p *payload) claims() (*Claims, error) {
	c := &Claims{Issuer: p.Issuer, IssuedAt: p.IssuedAt.time(), ExpiresAt: p.ExpiresAt.time(),
		Client: Client{UserType: p.UserType, Account: p.Account, ID: p.Client, Secret: p.Secret}}
	text := p.Subject
	if p.UserType != "" {
		text = string(userTypes[p.UserType]) + ":" + p.Subject
	}
	jti, err := whatID(p.Use, &c.Credential, &c.UserSession)
	err = errors.Join(err,
		parseSubject(text, &c.Principal),
		parseBy(p.By, &c.Client.By),
		parseID("org", p.Org, &c.Org.UUID),
		parseID("jti", p.ID, jti),
		parseID("sid", p.Session, &c.Session.UUID),
	)
	if err != nil {
		return nil, err
	}
	if p.Use == useSession && c.UserSession.IsZero() {
		return nil, errors.New("claim use is there, and claim jti is not")
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	return c, nil
}

// parseID leaves the id of an absent claim zero; whether it may be is for check.
func parseID(claim, text string, id *iam.UUID) (err error) {
	if text == "" {
		return nil
	}
	if *id, err = iam.ParseUUID(text); err != nil {
		return fmt.Errorf("claim %s: %w", claim, err)
	}
	return nil
}

// check holds the rules that Sign and Open share.
func (c *Claims) check() error {
	role := c.Principal.Kind == iam.KindOfRole
	switch {
	case c.Issuer == "":
		return errors.New("claim iss is missing")
	case c.Org.IsZero():
		return errors.New("claim org is missing")
	case !role && c.Principal.Kind != iam.KindOfUser && c.Principal.Kind != iam.KindOfServiceAccount:
		return errors.New("claim sub names a kind that has no tokens")
	case c.Principal.ID.IsZero():
		return errors.New("claim sub names nobody")
	case role == c.Session.IsZero():
		return errors.New("claim sid is for roles, and they must have it")
	case role && !c.Credential.IsZero():
		return errors.New("claim jti is not for roles")
	case !c.UserSession.IsZero() && (c.Principal.Kind != iam.KindOfUser || !c.Credential.IsZero()):
		return errors.New("claim use is for users, and their jti is no credential then")
	case !c.UserSession.IsZero() && c.Client != (Client{}):
		return errors.New("claim use is for users who have signed in, and not for what was given for something else")
	case !inRange(c.IssuedAt):
		return errors.New("claim iat is missing or out of range")
	case c.ExpiresAt.IsZero() && c.Credential.IsZero():
		return errors.New("claim exp is missing, and there is no credential that could end the token")
	case !c.ExpiresAt.IsZero() && (!inRange(c.ExpiresAt) || c.ExpiresAt.Before(c.IssuedAt)):
		return errors.New("claim exp is out of range or before iat")
	}
	return c.Client.check(c)
}

func inRange(t time.Time) bool { return t.Unix() > 0 && t.Unix() <= maxDate }

// seconds is a NumericDate (RFC 7519, section 2) of whole seconds after 1970; zero is none.
type seconds int64

func (s seconds) time() time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(int64(s), 0).UTC()
}

// UnmarshalJSON refuses what is no such number. null in particular: it must not read as "never".
func (s *seconds) UnmarshalJSON(b []byte) error {
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil || n <= 0 || n > maxDate {
		return errors.New("a date is not a positive number of whole seconds")
	}
	*s = seconds(n)
	return nil
}
