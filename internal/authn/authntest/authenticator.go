package authntest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/url"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"

	"github.com/writ-iam/writ/internal/authn"
)

// Authenticator holds one key (ES256) and answers as an authenticator and a browser do together. Tests alter it to make it answer
// wrongly. It is none of ours: it follows the WebAuthn recommendation alone, and not the code that is tested with it.
type Authenticator struct {
	Key    *ecdsa.PrivateKey
	ID     []byte
	Origin string // where the browser is
	Party  string // whose id the authenticator hashes; the origin's host if empty
	Count  uint32 // one more with each answer, unless it is Still
	Still  bool
	Flags  byte   // UserPresent and UserVerified, if zero
	Type   string // of the client data, if it is not what belongs to the answer
}

// Flags of an authenticator's answer (WebAuthn, section 6.1).
const (
	UserPresent  = 1 << 0
	UserVerified = 1 << 2
	attested     = 1 << 6
)

// New makes an authenticator for a browser at an origin.
func New(origin string) *Authenticator {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	id := make([]byte, 24)
	if _, err := rand.Read(id); err != nil {
		panic(err)
	}
	return &Authenticator{Key: key, ID: id, Origin: origin}
}

// Create answers the wish for a new key.
func (a *Authenticator) Create(challenge []byte) authn.Attestation {
	point, err := a.Key.PublicKey.Bytes()
	if err != nil {
		panic(err)
	}
	data := a.data(attested)
	data = append(data, make([]byte, 16)...) // of no particular make
	data = binary.BigEndian.AppendUint16(data, uint16(len(a.ID)))
	data = append(data, a.ID...)
	data = append(data, encode(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})...)
	object := encode(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	return authn.Attestation{RawID: a.ID, ClientData: a.client("webauthn.create", challenge), Object: object}
}

// Get answers a challenge with the key.
func (a *Authenticator) Get(challenge []byte) authn.Assertion {
	out := authn.Assertion{RawID: a.ID, AuthenticatorData: a.data(0), ClientData: a.client("webauthn.get", challenge)}
	hash := sha256.Sum256(out.ClientData)
	digest := sha256.Sum256(append(append([]byte{}, out.AuthenticatorData...), hash[:]...))
	var err error
	if out.Signature, err = ecdsa.SignASN1(rand.Reader, a.Key, digest[:]); err != nil {
		panic(err)
	}
	return out
}

// data is the authenticator's part of an answer.
func (a *Authenticator) data(flags byte) []byte {
	if !a.Still {
		a.Count++
	}
	party := a.Party
	if party == "" {
		u, err := url.Parse(a.Origin)
		if err != nil {
			panic(err)
		}
		party = u.Hostname()
	}
	own := a.Flags
	if own == 0 {
		own = UserPresent | UserVerified
	}
	hash := sha256.Sum256([]byte(party))
	return binary.BigEndian.AppendUint32(append(hash[:], own|flags), a.Count)
}

// client is the browser's part of an answer.
func (a *Authenticator) client(typ string, challenge []byte) []byte {
	if a.Type != "" {
		typ = a.Type
	}
	b, err := json.Marshal(map[string]any{"type": typ, "challenge": base64.RawURLEncoding.EncodeToString(challenge), "origin": a.Origin, "crossOrigin": false})
	if err != nil {
		panic(err)
	}
	return b
}

func encode(v any) []byte {
	b, err := webauthncbor.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
