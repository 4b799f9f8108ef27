package authn

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/writ-iam/writ/internal/iam"
)

func TestNewKeys(t *testing.T) {
	keys := mustKeys(t, mustMaster(t, "m"), "k", t0.Add(1234567*time.Nanosecond).In(time.FixedZone("", 3600)))
	if len(keys) != 3 || keys[0].Purpose != "hash" || keys[1].Purpose != "sign" || keys[2].Purpose != "seal" {
		t.Fatalf("got %d keys", len(keys))
	}
	for _, k := range keys {
		if k.ID.IsZero() || k.ID[6]>>4 != 7 {
			t.Errorf("%s has the id %s", k.Purpose, k.ID)
		}
		if !k.CreatedAt.Equal(t0.Add(1234*time.Microsecond)) || k.CreatedAt.Location() != time.UTC {
			t.Errorf("%s was created at %v", k.Purpose, k.CreatedAt)
		}
		if (k.Purpose == "sign") != (k.Public != nil) {
			t.Errorf("%s has a public half of %d bytes", k.Purpose, len(k.Public))
		}
	}
	public, err := x509.ParsePKIXPublicKey(keys[1].Public)
	if err != nil || public.(*ecdsa.PublicKey).Curve != elliptic.P256() {
		t.Errorf("the public half: %T, %v", public, err)
	}
}

func TestNewKeysRandomFails(t *testing.T) {
	master := mustMaster(t, "m")
	counter := &counting{}
	if _, err := NewKeys(master, counter, t0); err != nil {
		t.Fatal(err)
	}
	for n := range counter.n {
		if keys, err := NewKeys(master, failing(n), t0); !errors.Is(err, errNoEntropy) || keys != nil {
			t.Fatalf("after %d bytes: %d keys, error %v", n, len(keys), err)
		}
	}
}

type counting struct {
	stream
	n int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.stream.Read(p)
	c.n += int64(n)
	return n, err
}

// constant is a source of randomness that is broken without failing.
type constant byte

func (c constant) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(c)
	}
	return len(p), nil
}

func TestNewKeysBrokenRandom(t *testing.T) {
	for _, c := range []constant{0x00, 0xff} { // no private key: below and above the range
		if _, err := NewKeys(mustMaster(t, "m"), c, t0); err == nil {
			t.Errorf("keys were made of the constant byte %#x", byte(c))
		}
	}
	if _, err := NewKeys(MasterKey{}, seeded("k"), t0); !errors.Is(err, errZeroMaster) {
		t.Errorf("zero master key: %v", err)
	}
}

// resealed gives key with other content, sealed correctly.
func resealed(t *testing.T, master MasterKey, key iam.SealedKey, plain []byte) iam.SealedKey {
	t.Helper()
	sealed, err := master.seal(seeded("resealed"), key.Purpose, key.ID, plain)
	if err != nil {
		t.Fatal(err)
	}
	key.Sealed = sealed
	return key
}

func pkcs8(t *testing.T, key any) []byte {
	t.Helper()
	b, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestOpenKeyringRefuses(t *testing.T) {
	master := mustMaster(t, "m")
	keys := mustKeys(t, master, "k", t0)
	hash, sign, seal := keys[0], keys[1], keys[2]
	others := mustKeys(t, master, "other", t0)
	renamed := func(k iam.SealedKey, id iam.UUID) iam.SealedKey { k.ID = id; return k }
	purpose := func(k iam.SealedKey, p string) iam.SealedKey { k.Purpose = p; return k }
	blob := func(k iam.SealedKey, b []byte) iam.SealedKey { k.Sealed = b; return k }
	public := func(k iam.SealedKey, b []byte) iam.SealedKey { k.Public = b; return k }
	reseal := func(k iam.SealedKey, plain []byte) iam.SealedKey { return resealed(t, master, k, plain) }
	version2 := append([]byte{2}, sign.Sealed[1:]...)
	ed := ed25519.NewKeyFromSeed(make([]byte, 32))
	p384, err := ecdsa.ParseRawPrivateKey(elliptic.P384(), bytes.Repeat([]byte{1}, 48))
	if err != nil {
		t.Fatal(err)
	}
	type list = []iam.SealedKey
	for name, c := range map[string]struct {
		master MasterKey
		keys   list
		says   string
	}{
		"wrong master":          {mustMaster(t, "other"), keys, "check that the master key"},
		"zero master":           {MasterKey{}, keys, "check that the key file"},
		"no keys":               {master, nil, `no key for the purpose "hash"`},
		"no hash key":           {master, list{sign}, `no key for the purpose "hash"`},
		"no signing key":        {master, list{hash}, `no key for the purpose "sign"`},
		"two hash keys":         {master, list{hash, sign, others[0]}, "not the only key for hashing"},
		"no sealing key":        {master, list{hash, sign}, `no key for the purpose "seal"`},
		"signing key twice":     {master, list{hash, sign, sign}, "there twice"},
		"sealing key twice":     {master, list{hash, sign, seal, seal}, "there twice"},
		"sealing key short":     {master, list{hash, sign, reseal(seal, make([]byte, 31))}, "wrong length"},
		"sealing key empty":     {master, list{hash, sign, reseal(seal, nil)}, "wrong length"},
		"sealing key hashes":    {master, list{hash, sign, purpose(seal, "hash")}, "cannot be decrypted"},
		"unknown purpose":       {master, list{hash, sign, purpose(others[0], "wrap")}, "purpose is unknown"},
		"empty purpose":         {master, list{hash, purpose(sign, "")}, "purpose is unknown"},
		"swapped purposes":      {master, list{purpose(hash, "sign"), purpose(sign, "hash")}, "cannot be decrypted"},
		"swapped blobs":         {master, list{blob(hash, sign.Sealed), blob(sign, hash.Sealed)}, "cannot be decrypted"},
		"blob of another key":   {master, list{hash, blob(sign, others[1].Sealed)}, "cannot be decrypted"},
		"all but the id":        {master, list{hash, renamed(others[1], sign.ID)}, "cannot be decrypted"},
		"other id":              {master, list{hash, renamed(sign, id(9))}, "cannot be decrypted"},
		"truncated":             {master, list{hash, blob(sign, sign.Sealed[:len(sign.Sealed)-1])}, "cannot be decrypted"},
		"empty blob":            {master, list{blob(hash, nil), sign}, "cannot be decrypted"},
		"other version":         {master, list{hash, blob(sign, version2)}, "newer version"},
		"public half replaced":  {master, list{hash, public(sign, others[1].Public)}, "public half"},
		"public half missing":   {master, list{hash, public(sign, nil)}, "public half"},
		"hash key short":        {master, list{reseal(hash, make([]byte, 31)), sign}, "wrong length"},
		"hash key empty":        {master, list{reseal(hash, nil), sign}, "wrong length"},
		"signing key not PKCS8": {master, list{hash, reseal(sign, make([]byte, 32))}, "PKCS #8"},
		"signing key P-384":     {master, list{hash, reseal(sign, pkcs8(t, p384))}, "P-256"},
		"signing key Ed25519":   {master, list{hash, reseal(sign, pkcs8(t, ed))}, "P-256"},
	} {
		t.Run(name, func(t *testing.T) {
			k, err := OpenKeyring(c.master, c.keys)
			if err == nil || k != nil {
				t.Fatal("it opens")
			}
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %q does not say %q", err, c.says)
			}
			for _, s := range spellings(c.master[:]) {
				if c.master != (MasterKey{}) && strings.Contains(err.Error(), s) {
					t.Errorf("error shows the master key: %v", err)
				}
			}
		})
	}
}

func TestOpenKeyringNamesTheKey(t *testing.T) {
	master := mustMaster(t, "m")
	keys := mustKeys(t, master, "k", t0)
	keys[1].Sealed = keys[1].Sealed[:20]
	_, err := OpenKeyring(master, keys)
	if err == nil || !strings.Contains(err.Error(), keys[1].ID.String()) || !strings.Contains(err.Error(), `"sign"`) {
		t.Errorf("error does not name the key: %v", err)
	}
}

// The keyring must not change when its caller reuses what it was opened with.
func TestOpenKeyringKeepsNothingOfItsInput(t *testing.T) {
	in := newInstallation(t, "a")
	token, jwks := mustSign(t, in.Keyring, lasting()), in.JWKS()
	hash := in.Hash("secret")
	for i := range in.keys {
		clear(in.keys[i].Sealed)
		clear(in.keys[i].Public)
	}
	clear(in.JWKS())
	if !bytes.Equal(in.JWKS(), jwks) || !bytes.Equal(in.Hash("secret"), hash) || mustSign(t, in.Keyring, lasting()) != token {
		t.Error("the keyring changed")
	}
}

func TestHash(t *testing.T) {
	in := newInstallation(t, "a")
	m := hmac.New(sha256.New, in.secret().mac[:])
	m.Write([]byte("secret"))
	if !bytes.Equal(in.Hash("secret"), m.Sum(nil)) {
		t.Error("Hash is not HMAC-SHA256 under the hash key")
	}
	if !bytes.Equal(in.clone(t).Hash("secret"), in.Hash("secret")) {
		t.Error("Hash differs after reopening")
	}
	if bytes.Equal(newInstallation(t, "b").Hash("secret"), in.Hash("secret")) {
		t.Error("two installations have the same hash")
	}
	plain := sha256.Sum256([]byte("secret"))
	if bytes.Equal(in.Hash("secret"), plain[:]) {
		t.Error("Hash is not keyed")
	}
}

func TestMatches(t *testing.T) {
	in := newInstallation(t, "a")
	hash := in.Hash("secret")
	altered := bytes.Clone(hash)
	altered[31] ^= 1
	for name, c := range map[string]struct {
		secret string
		hash   []byte
		want   bool
	}{
		"same":               {"secret", hash, true},
		"other secret":       {"Secret", hash, false},
		"longer secret":      {"secret ", hash, false},
		"empty secret":       {"", hash, false},
		"nothing at all":     {"", in.Hash(""), false},
		"nil hash":           {"secret", nil, false},
		"empty hash":         {"secret", []byte{}, false},
		"short hash":         {"secret", hash[:31], false},
		"long hash":          {"secret", append(bytes.Clone(hash), 0), false},
		"altered hash":       {"secret", altered, false},
		"zeros":              {"secret", make([]byte, 32), false},
		"other installation": {"secret", newInstallation(t, "b").Hash("secret"), false},
		"hash as secret":     {string(hash), hash, false},
	} {
		if got := in.Matches(c.secret, c.hash); got != c.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestJWKS(t *testing.T) {
	in := newInstallation(t, "a")
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(in.JWKS(), &set); err != nil || len(set.Keys) != 1 {
		t.Fatalf("%d keys, %v", len(set.Keys), err)
	}
	key := set.Keys[0]
	if !key.IsPublic() || key.KeyID != in.kid || key.Algorithm != "ES256" || key.Use != "sig" {
		t.Errorf("got %s", in.JWKS())
	}
	var members struct{ Keys []map[string]any }
	if err := json.Unmarshal(in.JWKS(), &members); err != nil {
		t.Fatal(err)
	}
	for m := range members.Keys[0] {
		if !slices.Contains([]string{"use", "kty", "kid", "crv", "alg", "x", "y"}, m) {
			t.Errorf("the key set shows the member %q", m)
		}
	}
	// A stranger who knows the key set alone verifies a token.
	token, err := jwt.ParseSigned(mustSign(t, in.Keyring, lasting()), []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	var got jwt.Claims
	if err := token.Claims(set, &got); err != nil {
		t.Fatal(err)
	}
	if want := "service_account:" + id(2).String(); got.Subject != want || got.ID != id(3).String() || got.Expiry != nil {
		t.Errorf("claims %+v", got)
	}
	other, err := jwt.ParseSigned(mustSign(t, newInstallation(t, "b").Keyring, lasting()), []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Claims(set, &got); err == nil {
		t.Error("a token of another installation verifies")
	}
}

func TestRotation(t *testing.T) {
	master := mustMaster(t, "m")
	first := mustKeys(t, master, "1", t0)
	second := mustKeys(t, master, "2", t0.Add(time.Hour))[1]
	before := mustOpen(t, master, first...)
	old := mustSign(t, before, lasting())

	// The time beside a key is not authenticated: setting it back must not bring an old key into use again.
	second.CreatedAt = t0.Add(-time.Hour)
	for _, keys := range [][]iam.SealedKey{{first[0], first[1], first[2], second}, {second, first[1], first[0], first[2]}} {
		after := mustOpen(t, master, keys...)
		token := mustSign(t, after, lasting())
		for _, s := range []string{old, token} {
			if _, err := after.Open(s, t0); err != nil {
				t.Errorf("after rotation: %v", err)
			}
		}
		if _, err := before.Open(token, t0); !errors.Is(err, errKid) {
			t.Errorf("the new key was not used: %v", err)
		}
		var set jose.JSONWebKeySet
		err := json.Unmarshal(after.JWKS(), &set)
		if err != nil || len(set.Keys) != 2 || set.Keys[0].KeyID != second.ID.String() {
			t.Errorf("got %s", after.JWKS())
		}
		retired := mustOpen(t, master, first[0], first[2], second)
		if _, err := retired.Open(old, t0); !errors.Is(err, errKid) {
			t.Errorf("a retired key still verifies: %v", err)
		}
	}
}
