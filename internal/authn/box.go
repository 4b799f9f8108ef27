package authn

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"io"

	"github.com/writ-iam/writ/internal/iam"
)

// boxKey encrypts what is kept in the store: the installation's keys under the master key, values under one of those.
type boxKey [32]byte

// A box is the version byte, the nonce and AES-256-GCM's output. A new form gets a new version.
const sealVersion = 1

var (
	errSealVersion = errors.New("it is sealed in a form that this version of writ does not know, or it was altered; " +
		"check that no newer version has run on this store")
	errBox = errors.New("it cannot be decrypted")
)

// seal encrypts under a random nonce. bound is authenticated with it and must be the same for open.
func (k boxKey) seal(random io.Reader, bound, plain []byte) ([]byte, error) {
	gcm, err := k.gcm()
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, gcm.NonceSize())
	if err := fill(random, nonce); err != nil {
		return nil, err
	}
	return gcm.Seal(append([]byte{sealVersion}, nonce...), nonce, plain, bound), nil
}

// open decrypts what seal made.
func (k boxKey) open(bound, sealed []byte) ([]byte, error) {
	gcm, err := k.gcm()
	if err != nil {
		return nil, err
	}
	if len(sealed) < 1+gcm.NonceSize()+gcm.Overhead() {
		return nil, errBox
	}
	if sealed[0] != sealVersion {
		return nil, errSealVersion
	}
	nonce, box := sealed[1:1+gcm.NonceSize()], sealed[1+gcm.NonceSize():]
	plain, err := gcm.Open(nil, nonce, box, bound)
	if err != nil {
		return nil, errBox
	}
	return plain, nil
}

func (k boxKey) gcm() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// boundTo is what a box is bound to. The id has a fixed length, so no two pairs give the same bytes.
func boundTo(purpose string, id iam.UUID) []byte { return append([]byte(purpose), id[:]...) }
