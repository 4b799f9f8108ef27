package authn

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/iam"
)

// t0 is when everything in these tests begins.
var t0 = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// stream is an endless reader of bytes that look random and are the same for the same seed.
type stream struct {
	seed string
	n    uint64
	rest []byte
}

func seeded(seed string) io.Reader { return &stream{seed: seed} }

func (s *stream) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		s.n++
		sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(s.seed), s.n))
		s.rest = sum[:]
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

var errNoEntropy = errors.New("no entropy")

// failing is a source that gives n bytes and then fails.
func failing(n int64) io.Reader {
	return io.MultiReader(io.LimitReader(seeded("failing"), n), errReader{})
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, errNoEntropy }

func mustMaster(t testing.TB, seed string) MasterKey {
	t.Helper()
	master, err := NewMasterKey(seeded(seed))
	if err != nil {
		t.Fatal(err)
	}
	return master
}

func mustKeys(t testing.TB, master MasterKey, seed string, now time.Time) []iam.SealedKey {
	t.Helper()
	keys, err := NewKeys(master, seeded(seed), now)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func mustOpen(t testing.TB, master MasterKey, keys ...iam.SealedKey) *Keyring {
	t.Helper()
	k, err := OpenKeyring(master, keys)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// installation is a keyring with its innermost parts, for forging.
type installation struct {
	*Keyring
	master  MasterKey
	keys    []iam.SealedKey
	private *ecdsa.PrivateKey
	kid     string
}

func newInstallation(t testing.TB, seed string) *installation {
	t.Helper()
	in := &installation{master: mustMaster(t, seed+"/master")}
	in.keys = mustKeys(t, in.master, seed+"/keys", t0)
	in.Keyring = mustOpen(t, in.master, in.keys...)
	sign := in.keys[1]
	plain, err := in.master.open(sign.Purpose, sign.ID, sign.Sealed)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := parseSigningKey(&sign, plain)
	if err != nil {
		t.Fatal(err)
	}
	in.private, in.kid = pair.private, sign.ID.String()
	return in
}

// clone gives the same installation after a restart: nothing cached.
func (in *installation) clone(t testing.TB) *Keyring { return mustOpen(t, in.master, in.keys...) }

func id(n byte) iam.UUID { return iam.NewUUID(t0, [10]byte{9: n}) }

// lasting is a service account's token that ends with its credential.
func lasting() Claims {
	return Claims{
		Issuer:     "https://iam.example",
		Org:        iam.OrgID{UUID: id(1)},
		Principal:  iam.Principal{Kind: iam.KindOfServiceAccount, ID: id(2)},
		Credential: iam.CredentialID{UUID: id(3)},
		IssuedAt:   t0,
	}
}

// session is a role session's token of one hour.
func session() Claims {
	return Claims{
		Issuer:    "https://iam.example",
		Org:       iam.OrgID{UUID: id(1)},
		Principal: iam.Principal{Kind: iam.KindOfRole, ID: id(4)},
		Session:   iam.SessionID{UUID: id(5)},
		IssuedAt:  t0,
		ExpiresAt: t0.Add(time.Hour),
	}
}

// userSession is a token of one hour of a user who has signed in.
func userSession() Claims {
	return Claims{
		Issuer:      "https://iam.example",
		Org:         iam.OrgID{UUID: id(1)},
		Principal:   iam.Principal{Kind: iam.KindOfUser, ID: id(2)},
		UserSession: iam.UserSessionID{UUID: id(6)},
		IssuedAt:    t0,
		ExpiresAt:   t0.Add(time.Hour),
	}
}

func mustSign(t testing.TB, k *Keyring, c Claims) string {
	t.Helper()
	token, err := k.Sign(c)
	if err != nil {
		t.Fatal(err)
	}
	return token
}
