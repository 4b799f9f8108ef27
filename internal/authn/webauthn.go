package authn

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/writ-iam/writ/internal/iam"
)

// CeremonyLasts is how long an authenticator may take to answer a challenge.
const CeremonyLasts = 5 * time.Minute

// Attestation is a browser's answer to the wish for a new key (WebAuthn, section 5.2.1).
type Attestation struct{ RawID, ClientData, Object []byte }

// Assertion is a browser's answer to a challenge for a key that is there (WebAuthn, section 5.2.2).
type Assertion struct{ RawID, ClientData, AuthenticatorData, Signature, UserHandle []byte }

// keyParameters are the signatures that authenticators may make, those we like best first.
var keyParameters = []protocol.CredentialParameter{
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgES256},
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgEdDSA},
	{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.AlgRS256},
}

// KeyAlgorithms lists the signatures that authenticators may make, as COSE numbers them.
func KeyAlgorithms() []int {
	out := make([]int, len(keyParameters))
	for i, p := range keyParameters {
		out[i] = int(p.Algorithm)
	}
	return out
}

// challengeSize is how long the challenge of a registration is, in bytes.
const challengeSize = 32

// NewCeremonyChallenge makes the challenge of a registration, which the caller keeps.
func NewCeremonyChallenge(random io.Reader) ([]byte, error) {
	b := make([]byte, challengeSize)
	return b, fill(random, b)
}

// VerifyAttestation checks that an authenticator has answered the challenge of a registration, at its origin, for a user. The result
// has what the answer says: the key, its id, count and flags. Which maker's it is does not count, and is not asked.
func VerifyAttestation(user iam.UserID, c iam.Ceremony, in Attestation) (iam.Authenticator, error) {
	party, session, err := ceremony(user, c.Origin, c.Challenge)
	if err != nil {
		return iam.Authenticator{}, err
	}
	session.CredParams = keyParameters
	raw := protocol.CredentialCreationResponse{PublicKeyCredential: publicKey(in.RawID), AttestationResponse: protocol.AuthenticatorAttestationResponse{
		AuthenticatorResponse: protocol.AuthenticatorResponse{ClientDataJSON: in.ClientData}, AttestationObject: in.Object}}
	parsed, err := raw.Parse()
	if err != nil {
		return iam.Authenticator{}, err
	}
	made, err := party.CreateCredential(holder{user: user}, session, parsed)
	if err != nil {
		return iam.Authenticator{}, err
	}
	return iam.Authenticator{User: user, Credential: made.ID, PublicKey: made.PublicKey,
		Count: made.Authenticator.SignCount, Flags: byte(made.Flags.ProtocolValue())}, nil
}

var errCloned = errors.New("the authenticator counts no further: there may be a copy of its key")

// VerifyAssertion checks that an authenticator has answered a challenge at its origin, and that its count shows no copy of the
// key. The result is its new count and flags.
func VerifyAssertion(a *iam.Authenticator, challenge []byte, in Assertion) (count uint32, flags byte, err error) {
	party, session, err := ceremony(a.User, a.Origin, challenge)
	if err != nil {
		return 0, 0, err
	}
	session.AllowedCredentialIDs = [][]byte{a.Credential}
	raw := protocol.CredentialAssertionResponse{PublicKeyCredential: publicKey(in.RawID), AssertionResponse: protocol.AuthenticatorAssertionResponse{
		AuthenticatorResponse: protocol.AuthenticatorResponse{ClientDataJSON: in.ClientData}, AuthenticatorData: in.AuthenticatorData,
		Signature: in.Signature, UserHandle: in.UserHandle}}
	parsed, err := raw.Parse()
	if err != nil {
		return 0, 0, err
	}
	known := webauthn.Credential{ID: a.Credential, PublicKey: a.PublicKey, Flags: webauthn.NewCredentialFlags(protocol.AuthenticatorFlags(a.Flags)),
		Authenticator: webauthn.Authenticator{SignCount: a.Count}}
	used, err := party.ValidateLogin(holder{a.User, []webauthn.Credential{known}}, session, parsed)
	switch {
	case err != nil:
		return 0, 0, err
	case used.Authenticator.CloneWarning:
		return 0, 0, errCloned
	}
	return used.Authenticator.SignCount, byte(used.Flags.ProtocolValue()), nil
}

// ceremony is a relying party at one origin: the host alone is its id, so that no other site can ask for the key. The clock of
// the library is not used; how old a challenge may be is for the caller.
func ceremony(user iam.UserID, origin string, challenge []byte) (*webauthn.WebAuthn, webauthn.SessionData, error) {
	u, err := url.Parse(origin)
	if err != nil {
		return nil, webauthn.SessionData{}, err
	}
	party, err := webauthn.New(&webauthn.Config{RPID: u.Hostname(), RPDisplayName: "writ", RPOrigins: []string{origin}})
	return party, webauthn.SessionData{Challenge: base64.RawURLEncoding.EncodeToString(challenge), RelyingPartyID: u.Hostname(), Origin: origin,
		UserID: user.UUID[:], UserVerification: protocol.VerificationPreferred}, err
}

func publicKey(id []byte) protocol.PublicKeyCredential {
	return protocol.PublicKeyCredential{RawID: id,
		Credential: protocol.Credential{ID: base64.RawURLEncoding.EncodeToString(id), Type: string(protocol.PublicKeyCredentialType)}}
}

// holder is a user as the library asks for one.
type holder struct {
	user iam.UserID
	keys []webauthn.Credential
}

var _ webauthn.User = holder{}

func (h holder) WebAuthnID() []byte                         { return h.user.UUID[:] }
func (h holder) WebAuthnName() string                       { return h.user.String() }
func (h holder) WebAuthnDisplayName() string                { return h.user.String() }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

// A challenge for signing in is kept nowhere, because nobody is known yet who asks for it: it is when it was made, in
// milliseconds, 16 random bytes, and a hash of both with whom and where it is for.
const (
	challengeHead = 8 + 16
	challengeTag  = 16
)

// NewChallenge makes a challenge for a user who signs in at an origin.
func (k *Keyring) NewChallenge(random io.Reader, user iam.UserID, origin string, now time.Time) ([]byte, error) {
	b := make([]byte, challengeHead, challengeHead+challengeTag)
	binary.BigEndian.PutUint64(b, uint64(now.UnixMilli()))
	if err := fill(random, b[8:]); err != nil {
		return nil, err
	}
	return append(b, k.challengeTag(b, user, origin)...), nil
}

// ChallengeMade tells when NewChallenge made a challenge for a user and an origin; false if it did not, or too long ago. That it is
// not answered twice is for the caller to hold.
func (k *Keyring) ChallengeMade(challenge []byte, user iam.UserID, origin string, now time.Time) (at time.Time, ok bool) {
	if len(challenge) != challengeHead+challengeTag || !hmac.Equal(challenge[challengeHead:], k.challengeTag(challenge[:challengeHead], user, origin)) {
		return time.Time{}, false
	}
	at = time.UnixMilli(int64(binary.BigEndian.Uint64(challenge)))
	return at, now.Before(at.Add(CeremonyLasts))
}

func (k *Keyring) challengeTag(head []byte, user iam.UserID, origin string) []byte {
	return k.Hash("challenge\x00" + string(head) + user.String() + origin)[:challengeTag]
}

// ChallengeIn reads the challenge from a browser's client data; nil if there is none. What it says must still be verified.
func ChallengeIn(clientData []byte) []byte {
	var c protocol.CollectedClientData
	if err := json.Unmarshal(clientData, &c); err != nil {
		return nil
	}
	b, err := base64.RawURLEncoding.DecodeString(c.Challenge)
	if err != nil {
		return nil
	}
	return b
}
