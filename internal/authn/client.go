package authn

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"

	"github.com/writ-iam/writ/internal/iam"
)

// Client is what a token says that a client got in exchange (vngcloud.md, section 10.1). It always ends by itself, and its "sub" is the
// id alone.
type Client struct {
	UserType string // "user_type": what kind of caller the principal is, as VNG Cloud says it
	Account  int64  // "root": the organization's short number
	// ID is the access key that it was given for ("azp"), which Credential names, and Secret is the Fingerprint of the key's secret
	// ("sec"): it dies with that secret.
	ID, Secret string
	// By is who acts as the principal ("act"; RFC 8693, section 4.1), in place of ID and Secret.
	By Impersonator
}

// Impersonator is who got a token to act as another principal, and the one thing that proved them: a credential, with the
// Fingerprint of its secret if it is an access key, a user's session, or a role session.
type Impersonator struct {
	Org         iam.OrgID
	Principal   iam.Principal
	Credential  iam.CredentialID
	Secret      string
	UserSession iam.UserSessionID
	Session     iam.SessionID
}

// proofs is how many things prove the impersonator.
func (by *Impersonator) proofs() (n int) {
	for _, id := range []iam.UUID{by.Credential.UUID, by.UserSession.UUID, by.Session.UUID} {
		if !id.IsZero() {
			n++
		}
	}
	return n
}

// Fingerprint names the secret of which a store keeps a hash, without being of any use to whoever looks for either.
func Fingerprint(hash []byte) string {
	sum := sha256.Sum256(append([]byte("writ secret\x00"), hash...))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// byPayload is an Impersonator on the wire.
type byPayload struct {
	Subject string `json:"sub"`
	Org     string `json:"org"`
	ID      string `json:"jti,omitempty"`
	Use     string `json:"use,omitempty"` // as that of a token
	Secret  string `json:"sec,omitempty"`
	Session string `json:"sid,omitempty"`
}

func (by *Impersonator) payload() *byPayload {
	p := &byPayload{Subject: subject(by.Principal), Org: by.Org.String(), ID: textOf(by.Credential.UUID), Secret: by.Secret, Session: textOf(by.Session.UUID)}
	if !by.UserSession.IsZero() {
		p.ID, p.Use = by.UserSession.String(), useSession
	}
	return p
}

// whatID tells of what "jti" is the id, as "use" says.
func whatID(use string, credential *iam.CredentialID, session *iam.UserSessionID) (*iam.UUID, error) {
	switch use {
	case "":
		return &credential.UUID, nil
	case useSession:
		return &session.UUID, nil
	}
	return &credential.UUID, errors.New("claim use has a value that writ does not use")
}

// userTypes are the kinds of principals that a "user_type" is of.
var userTypes = map[string]iam.PrincipalKind{"root-user": iam.KindOfUser, "iam-user": iam.KindOfUser, "user-sa": iam.KindOfServiceAccount}

func parseBy(p *byPayload, by *Impersonator) error {
	if p == nil {
		return nil
	}
	by.Secret = p.Secret
	jti, err := whatID(p.Use, &by.Credential, &by.UserSession)
	return errors.Join(err,
		parseSubject(p.Subject, &by.Principal),
		parseID("act.org", p.Org, &by.Org.UUID),
		parseID("act.jti", p.ID, jti),
		parseID("act.sid", p.Session, &by.Session.UUID),
	)
}

// check holds the rules for what a token was given for.
func (x *Client) check(c *Claims) error {
	key, by := x.ID != "" && x.Secret != "" && !c.Credential.IsZero(), &x.By
	switch {
	case *x == (Client{}):
		return nil
	case userTypes[x.UserType] != c.Principal.Kind || x.UserType == "":
		return errors.New("claim user_type is missing or of another kind than sub")
	case c.ExpiresAt.IsZero():
		return errors.New("claim exp is missing from a token that was given for something else")
	case key && *by == (Impersonator{}):
		return nil
	case x.ID != "" || x.Secret != "" || !c.Credential.IsZero() || !c.UserSession.IsZero():
		return errors.New("claims azp, sec and jti belong together, and exclude act")
	case by.Org.IsZero() || by.Principal.ID.IsZero() || by.proofs() != 1 || by.Secret != "" && by.Credential.IsZero():
		return errors.New("claim act names nobody, or nothing that proved them")
	}
	return nil
}
