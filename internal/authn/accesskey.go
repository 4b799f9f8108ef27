package authn

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"strings"
)

// The prefixes tell lasting keys from temporary ones (bycloud.md, sections 9.1 and 16.2).
const (
	lastingPrefix   = "AKIA"
	temporaryPrefix = "ASIA"
	exoscalePrefix  = "EXO" // exoscale.md, section 4

	idBytes     = 8  // 16 digits
	secretBytes = 30 // 240 bits, 40 characters without padding
)

// KeyPair is a new access key. ID is public. Secret is shown to its owner once; a store keeps Keyring.Hash of it.
type KeyPair struct{ ID, Secret string }

// NewAccessKey makes a lasting access key: "AKIA" and 16 upper-case hexadecimal digits, with a secret of 40 characters
// of the base64 alphabet (RFC 4648, section 4). That no other key has the ID is for the store to hold.
func NewAccessKey(random io.Reader) (KeyPair, error) { return newKeyPair(lastingPrefix, random) }

// NewTemporaryKey makes an access key for a session: "ASIA" in place of "AKIA", otherwise the same.
func NewTemporaryKey(random io.Reader) (KeyPair, error) { return newKeyPair(temporaryPrefix, random) }

// NewExoscaleKey makes an access key whose secret signs requests: "EXO" and 24 lower-case hexadecimal digits, with a secret of
// 43 characters of the URL-safe base64 alphabet (exoscale.md, section 14.11). The same form is for sessions.
func NewExoscaleKey(random io.Reader) (KeyPair, error) {
	const digits = 12
	var b [digits + sha256.Size]byte
	if err := fill(random, b[:]); err != nil {
		return KeyPair{}, err
	}
	return KeyPair{ID: exoscalePrefix + hex.EncodeToString(b[:digits]), Secret: base64.RawURLEncoding.EncodeToString(b[digits:])}, nil
}

// IsTemporary reports whether id has the form of a temporary key's. It says nothing about whether there is such a key.
func IsTemporary(id string) bool {
	digits, ok := strings.CutPrefix(id, temporaryPrefix)
	return ok && len(digits) == hex.EncodedLen(idBytes) && strings.Trim(digits, "0123456789ABCDEF") == ""
}

func newKeyPair(prefix string, random io.Reader) (KeyPair, error) {
	var b [idBytes + secretBytes]byte
	if err := fill(random, b[:]); err != nil {
		return KeyPair{}, err
	}
	return KeyPair{
		ID:     prefix + strings.ToUpper(hex.EncodeToString(b[:idBytes])),
		Secret: base64.RawStdEncoding.EncodeToString(b[idBytes:]),
	}, nil
}
