package authn

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/writ-iam/writ/internal/iam"
)

// MasterKey encrypts the installation's keys (envelope encryption). It is kept outside the store, so that a copy of the
// store alone opens nothing. The zero value is no key and is refused.
type MasterKey [32]byte

// NewMasterKey makes a master key of 32 random bytes.
func NewMasterKey(random io.Reader) (MasterKey, error) {
	var k MasterKey
	if err := fill(random, k[:]); err != nil {
		return MasterKey{}, err
	}
	return k, nil
}

// ParseMasterKey reads 64 hexadecimal digits; white space around them is ignored. Errors never quote the text.
func ParseMasterKey(text string) (MasterKey, error) {
	var k MasterKey
	text = strings.TrimSpace(text)
	if len(text) != hex.EncodedLen(len(k)) {
		return MasterKey{}, fmt.Errorf("a master key is %d hexadecimal digits; this text has %d bytes",
			hex.EncodedLen(len(k)), len(text))
	}
	if _, err := hex.Decode(k[:], []byte(text)); err != nil {
		return MasterKey{}, errors.New("a master key is hexadecimal digits; this text has something else")
	}
	if k == (MasterKey{}) {
		return MasterKey{}, errZeroMaster
	}
	return k, nil
}

// Text is the key itself, for the key file and nothing else.
func (k MasterKey) Text() string { return hex.EncodeToString(k[:]) }

var (
	errZeroMaster = errors.New("the master key is all zeros, which is no key; check that the key file was read")
	errSealOpen   = errors.New("it cannot be decrypted; check that the master key is this installation's, and that the " +
		"stored key was not altered")
)

// seal encrypts a key under a random nonce. Purpose and id are authenticated with it, so that one sealed key put in the
// place of another does not open.
func (k MasterKey) seal(random io.Reader, purpose string, id iam.UUID, plain []byte) ([]byte, error) {
	if k == (MasterKey{}) {
		return nil, errZeroMaster
	}
	return boxKey(k).seal(random, boundTo(purpose, id), plain)
}

// open decrypts what seal made for the same purpose and id.
func (k MasterKey) open(purpose string, id iam.UUID, sealed []byte) ([]byte, error) {
	if k == (MasterKey{}) {
		return nil, errZeroMaster
	}
	plain, err := boxKey(k).open(boundTo(purpose, id), sealed)
	if errors.Is(err, errBox) {
		return nil, errSealOpen
	}
	return plain, err
}

// fill reads exactly len(b) bytes of randomness.
func fill(random io.Reader, b []byte) error {
	if _, err := io.ReadFull(random, b); err != nil {
		return fmt.Errorf("read randomness: %w", err)
	}
	return nil
}
