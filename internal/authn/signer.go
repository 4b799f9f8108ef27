package authn

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"math/big"

	"github.com/go-jose/go-jose/v4"

	"github.com/writ-iam/writ/internal/iam"
)

// signingKey is one signing key. It signs for go-jose.
type signingKey struct {
	id      iam.UUID
	private *ecdsa.PrivateKey
}

var _ jose.OpaqueSigner = (*signingKey)(nil)

// parseSigningKey reads a decrypted signing key. Its public half must be the one that lies open beside it, for others may
// have read that one.
func parseSigningKey(key *iam.SealedKey, plain []byte) (*signingKey, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(plain)
	if err != nil {
		return nil, errors.New("it is no PKCS #8 key; restore it from a backup")
	}
	private, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || private.Curve != elliptic.P256() {
		return nil, errors.New("it is no P-256 key; restore it from a backup")
	}
	public, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	if err != nil || !bytes.Equal(public, key.Public) {
		return nil, errors.New("its public half belongs to another key; restore it from a backup")
	}
	return &signingKey{id: key.ID, private: private}, nil
}

func newSigner(p *signingKey) (jose.Signer, error) {
	opts := new(jose.SignerOptions).WithType(tokenType)
	return jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: p}, opts)
}

// Public is the key as the JWK Set shows it.
func (p *signingKey) Public() *jose.JSONWebKey {
	return &jose.JSONWebKey{Key: &p.private.PublicKey, KeyID: p.id.String(), Algorithm: string(jose.ES256), Use: "sig"}
}

// Algs is ES256 alone.
func (p *signingKey) Algs() []jose.SignatureAlgorithm { return []jose.SignatureAlgorithm{jose.ES256} }

// SignPayload makes an ES256 signature: R and S, 32 bytes each (RFC 7518, section 3.4). It is deterministic (RFC 6979),
// so that signing needs no randomness and cannot leak the key through a bad source of it.
func (p *signingKey) SignPayload(payload []byte, alg jose.SignatureAlgorithm) ([]byte, error) {
	if alg != jose.ES256 {
		return nil, jose.ErrUnsupportedAlgorithm
	}
	digest := sha256.Sum256(payload)
	der, err := p.private.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	var sig struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &sig); err != nil {
		return nil, err
	}
	out := make([]byte, 64)
	sig.R.FillBytes(out[:32])
	sig.S.FillBytes(out[32:])
	return out, nil
}
