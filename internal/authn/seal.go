package authn

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/writ-iam/writ/internal/iam"
)

// sealingKey is one key for values.
type sealingKey struct {
	id  iam.UUID
	key boxKey
}

func newSealingKey(master MasterKey, random io.Reader, now time.Time) (iam.SealedKey, error) {
	var key boxKey
	if err := fill(random, key[:]); err != nil {
		return iam.SealedKey{}, err
	}
	return newSealed(master, random, now, purposeSeal, key[:], nil)
}

// Seal encrypts a value that must be had in the clear again, such as the secret of one-time passwords, for which Hash would
// not do. What it is for and the id of the record that keeps it are authenticated with it: what was sealed for one purpose
// or record opens for no other. The result begins with the id of the key, so that keys can be added.
func (k *Keyring) Seal(random io.Reader, purpose string, owner iam.UUID, plain []byte) ([]byte, error) {
	newest := k.secret().sealing[0]
	box, err := newest.key.seal(random, boundTo(purpose, owner), plain)
	if err != nil {
		return nil, &iam.Error{Code: iam.Internal, Message: "a value cannot be sealed", Err: err}
	}
	return append(newest.id[:], box...), nil
}

// Unseal decrypts what Seal made for the same purpose and owner. Every failure is an iam.Internal error: the store was altered,
// or belongs to another installation.
func (k *Keyring) Unseal(purpose string, owner iam.UUID, sealed []byte) ([]byte, error) {
	plain, err := k.unseal(purpose, owner, sealed)
	if err != nil {
		return nil, &iam.Error{Code: iam.Internal, Message: "a stored value cannot be opened", Err: fmt.Errorf("%.20q of %s: %w", purpose, owner, err)}
	}
	return plain, nil
}

func (k *Keyring) unseal(purpose string, owner iam.UUID, sealed []byte) ([]byte, error) {
	for _, s := range k.secret().sealing {
		if len(sealed) > len(s.id) && iam.UUID(sealed[:len(s.id)]) == s.id {
			return s.key.open(boundTo(purpose, owner), sealed[len(s.id):])
		}
	}
	return nil, errors.New("it names no key of this installation")
}
