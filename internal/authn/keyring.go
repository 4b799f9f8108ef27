package authn

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/writ-iam/writ/internal/iam"
)

// The purposes of sealed keys. They are part of the storage format.
const (
	purposeHash = "hash" // 32 bytes for HMAC-SHA256 of secrets
	purposeSign = "sign" // a P-256 key pair (PKCS #8) for ES256 tokens; the public half (PKIX) lies open beside it
	purposeSeal = "seal" // 32 bytes for AES-256-GCM of values
)

const hashSize = sha256.Size

// Keyring holds the installation's keys, decrypted. It is immutable after opening, apart from a cache of its own, and
// safe for concurrent use. It is never printable.
//
// The zero value is not usable: OpenKeyring makes one.
type Keyring struct {
	secret func() *secrets             // a function, because no manner of printing looks into one
	public map[string]*ecdsa.PublicKey // of all signing keys, by kid
	jwks   []byte
	seen   *cache
}

// secrets are the private parts of a keyring.
type secrets struct {
	mac     [hashSize]byte
	signer  jose.Signer  // with the newest key
	sealing []sealingKey // the newest first
}

// NewKeys makes the keys that a new installation needs, sealed under its master key: one for hashing secrets, one for
// signing tokens, one for sealing values.
func NewKeys(master MasterKey, random io.Reader, now time.Time) ([]iam.SealedKey, error) {
	hash, err := newHashKey(master, random, now)
	if err != nil {
		return nil, fmt.Errorf("make the key for hashing: %w", err)
	}
	sign, err := newSigningKey(master, random, now)
	if err != nil {
		return nil, fmt.Errorf("make the key for signing: %w", err)
	}
	seal, err := newSealingKey(master, random, now)
	if err != nil {
		return nil, fmt.Errorf("make the key for sealing: %w", err)
	}
	return []iam.SealedKey{hash, sign, seal}, nil
}

// MissingKeys makes the keys that an installation of an earlier version lacks: the one for sealing. What no installation was
// ever without is not made anew.
func MissingKeys(master MasterKey, random io.Reader, now time.Time, have []iam.SealedKey) ([]iam.SealedKey, error) {
	if slices.ContainsFunc(have, func(k iam.SealedKey) bool { return k.Purpose == purposeSeal }) {
		return nil, nil
	}
	seal, err := newSealingKey(master, random, now)
	if err != nil {
		return nil, fmt.Errorf("make the key for sealing: %w", err)
	}
	return []iam.SealedKey{seal}, nil
}

func newHashKey(master MasterKey, random io.Reader, now time.Time) (iam.SealedKey, error) {
	var key [hashSize]byte
	if err := fill(random, key[:]); err != nil {
		return iam.SealedKey{}, err
	}
	return newSealed(master, random, now, purposeHash, key[:], nil)
}

func newSigningKey(master MasterKey, random io.Reader, now time.Time) (iam.SealedKey, error) {
	key, err := newP256(random)
	if err != nil {
		return iam.SealedKey{}, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return iam.SealedKey{}, err
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return iam.SealedKey{}, err
	}
	return newSealed(master, random, now, purposeSign, private, public)
}

// newP256 draws private keys until one is in range (FIPS 186-5, A.2.2), which the first is but for one in 2³².
// ecdsa.GenerateKey would not do: it ignores the reader that it is given.
func newP256(random io.Reader) (*ecdsa.PrivateKey, error) {
	for range 4 {
		var d [32]byte
		if err := fill(random, d[:]); err != nil {
			return nil, err
		}
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d[:]); err == nil {
			return key, nil
		}
	}
	return nil, errors.New("the source of randomness is broken: it gives no usable key")
}

func newSealed(
	master MasterKey, random io.Reader, now time.Time, purpose string, plain, public []byte,
) (iam.SealedKey, error) {
	var tail [10]byte
	if err := fill(random, tail[:]); err != nil {
		return iam.SealedKey{}, err
	}
	id := iam.NewUUID(now, tail)
	sealed, err := master.seal(random, purpose, id, plain)
	if err != nil {
		return iam.SealedKey{}, err
	}
	return iam.SealedKey{
		ID: id, Purpose: purpose, Sealed: sealed, Public: public,
		CreatedAt: now.UTC().Truncate(time.Microsecond),
	}, nil
}

// OpenKeyring decrypts the installation's keys: exactly one for hashing, and one or more for signing and for sealing, of which
// the newest signs or seals, and all verify or open. Newest is the one with the greatest id: ids are made of the time and are authenticated
// with the key, whereas CreatedAt is not.
//
// A wrong master key, an unknown, missing or doubled purpose and an altered key are errors. Their text is for the
// operator: it names the key and what to check, and nothing secret.
func OpenKeyring(master MasterKey, keys []iam.SealedKey) (*Keyring, error) {
	var o opened
	for i := range keys {
		if err := o.add(master, &keys[i]); err != nil {
			return nil, fmt.Errorf("key %s (%.20q): %w", keys[i].ID, keys[i].Purpose, err)
		}
	}
	if o.mac == nil {
		return nil, missing(purposeHash)
	}
	if len(o.pairs) == 0 {
		return nil, missing(purposeSign)
	}
	if len(o.sealing) == 0 {
		return nil, missing(purposeSeal)
	}
	return o.keyring()
}

func missing(purpose string) error {
	return fmt.Errorf("the store has no key for the purpose %q; check that it is this installation's and complete", purpose)
}

// opened collects the keys of an installation as they are decrypted.
type opened struct {
	mac     []byte
	pairs   []*signingKey
	sealing []sealingKey
}

func (o *opened) add(master MasterKey, key *iam.SealedKey) error {
	if key.Purpose != purposeHash && key.Purpose != purposeSign && key.Purpose != purposeSeal {
		return errors.New("its purpose is unknown; check that no newer version of writ has run on this store")
	}
	plain, err := master.open(key.Purpose, key.ID, key.Sealed)
	if err != nil {
		return err
	}
	switch key.Purpose {
	case purposeHash:
		return o.addHash(plain)
	case purposeSeal:
		return o.addSealing(key.ID, plain)
	}
	return o.addSigning(key, plain)
}

// addHash refuses a second key: nothing tells under which of two keys a secret was hashed.
func (o *opened) addHash(plain []byte) error {
	if o.mac != nil {
		return errors.New("it is not the only key for hashing; check that the store is this installation's alone")
	}
	if len(plain) != hashSize {
		return errors.New("it has a wrong length; restore it from a backup")
	}
	o.mac = plain
	return nil
}

func (o *opened) addSigning(key *iam.SealedKey, plain []byte) error {
	pair, err := parseSigningKey(key, plain)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(o.pairs, func(p *signingKey) bool { return p.id == pair.id }) {
		return errors.New("it is there twice; check the store")
	}
	o.pairs = append(o.pairs, pair)
	return nil
}

func (o *opened) addSealing(id iam.UUID, plain []byte) error {
	if len(plain) != len(boxKey{}) {
		return errors.New("it has a wrong length; restore it from a backup")
	}
	if slices.ContainsFunc(o.sealing, func(k sealingKey) bool { return k.id == id }) {
		return errors.New("it is there twice; check the store")
	}
	o.sealing = append(o.sealing, sealingKey{id, boxKey(plain)})
	return nil
}

// keyring needs one key for hashing and at least one for signing and for sealing.
func (o *opened) keyring() (*Keyring, error) {
	slices.SortFunc(o.sealing, func(a, b sealingKey) int { return b.id.Compare(a.id) })
	slices.SortFunc(o.pairs, func(a, b *signingKey) int { return b.id.Compare(a.id) })
	signer, err := newSigner(o.pairs[0])
	if err != nil {
		return nil, fmt.Errorf("key %s (%q): %w", o.pairs[0].id, purposeSign, err)
	}
	public := make(map[string]*ecdsa.PublicKey, len(o.pairs))
	var set jose.JSONWebKeySet
	for _, p := range o.pairs {
		public[p.id.String()] = &p.private.PublicKey
		set.Keys = append(set.Keys, *p.Public())
	}
	jwks, err := json.Marshal(set)
	if err != nil {
		return nil, fmt.Errorf("write the key set: %w", err)
	}
	s := &secrets{mac: [hashSize]byte(o.mac), signer: signer, sealing: o.sealing}
	return &Keyring{
		secret: func() *secrets { return s },
		public: public,
		jwks:   jwks,
		seen:   newCache(cacheGeneration),
	}, nil
}

// Hash is what a store keeps of a secret: HMAC-SHA256 under the installation's key, 32 bytes. It is fit for random
// secrets such as those of access keys only: it is fast, so a password would be guessed.
func (k *Keyring) Hash(secret string) []byte {
	m := hmac.New(sha256.New, k.secret().mac[:])
	m.Write([]byte(secret))
	return m.Sum(nil)
}

// Matches reports whether hash is that of secret, in time that does not depend on either's content. An empty secret and
// a hash that is empty or of a wrong length match nothing.
func (k *Keyring) Matches(secret string, hash []byte) bool {
	if secret == "" || len(hash) != hashSize {
		return false
	}
	return hmac.Equal(k.Hash(secret), hash)
}

// JWKS is the JWK Set (RFC 7517, section 5) of the public keys, the newest first, for /.well-known/jwks.json. The bytes
// are the caller's own.
func (k *Keyring) JWKS() []byte { return bytes.Clone(k.jwks) }
