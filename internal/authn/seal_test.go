package authn

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/iam"
)

func mustSeal(t testing.TB, k *Keyring, purpose string, owner iam.UUID, plain string) []byte {
	t.Helper()
	sealed, err := k.Seal(seeded("value"), purpose, owner, []byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestSealedValue(t *testing.T) {
	in := newInstallation(t, "a")
	const plain = "a value that is needed again"
	sealed := mustSeal(t, in.Keyring, "otp", id(1), plain)
	if bytes.Contains(sealed, []byte(plain)) {
		t.Error("the sealed value contains the value")
	}
	if bytes.Equal(sealed, sealedAgain(t, in.Keyring, plain)) {
		t.Error("sealing twice gave the same bytes: the nonce is not random")
	}
	for _, k := range []*Keyring{in.Keyring, in.clone(t)} {
		if got, err := k.Unseal("otp", id(1), sealed); err != nil || string(got) != plain {
			t.Errorf("unsealed %q, %v", got, err)
		}
	}
	if got, err := in.Unseal("otp", id(1), mustSeal(t, in.Keyring, "otp", id(1), "")); err != nil || len(got) != 0 {
		t.Errorf("an empty value: %q, %v", got, err)
	}
	altered := bytes.Clone(sealed)
	altered[len(altered)-1] ^= 1
	otherKey := bytes.Clone(sealed)
	otherKey[0] ^= 1
	newer := bytes.Clone(sealed)
	newer[16]++
	for name, try := range map[string]func() ([]byte, error){
		"other purpose":      func() ([]byte, error) { return in.Unseal("signature", id(1), sealed) },
		"other owner":        func() ([]byte, error) { return in.Unseal("otp", id(2), sealed) },
		"other installation": func() ([]byte, error) { return newInstallation(t, "b").Unseal("otp", id(1), sealed) },
		"altered":            func() ([]byte, error) { return in.Unseal("otp", id(1), altered) },
		"other key":          func() ([]byte, error) { return in.Unseal("otp", id(1), otherKey) },
		"newer form":         func() ([]byte, error) { return in.Unseal("otp", id(1), newer) },
		"nothing":            func() ([]byte, error) { return in.Unseal("otp", id(1), nil) },
		"key id alone":       func() ([]byte, error) { return in.Unseal("otp", id(1), sealed[:16]) },
		"truncated":          func() ([]byte, error) { return in.Unseal("otp", id(1), sealed[:len(sealed)-1]) },
		"longer":             func() ([]byte, error) { return in.Unseal("otp", id(1), append(bytes.Clone(sealed), 0)) },
		"no randomness":      func() ([]byte, error) { return in.Seal(failing(11), "otp", id(1), []byte(plain)) },
	} {
		got, err := try()
		if iam.CodeOf(err) != iam.Internal || got != nil {
			t.Errorf("%s: got %d bytes, error %v", name, len(got), err)
		}
		if err != nil && strings.Contains(err.Error(), plain) {
			t.Errorf("%s: the error shows the value: %v", name, err)
		}
	}
}

// sealedAgain seals with other randomness than mustSeal.
func sealedAgain(t testing.TB, k *Keyring, plain string) []byte {
	t.Helper()
	sealed, err := k.Seal(seeded("another"), "otp", id(1), []byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// A value is sealed under the newest key and opens as long as its key is there.
func TestSealingKeysRotate(t *testing.T) {
	master := mustMaster(t, "m")
	first := mustKeys(t, master, "1", t0)
	second := mustKeys(t, master, "2", t0.Add(time.Hour))[2]
	before := mustOpen(t, master, first...)
	old := mustSeal(t, before, "otp", id(1), "old")
	for _, keys := range [][]iam.SealedKey{append(first[:3:3], second), append([]iam.SealedKey{second}, first...)} {
		after := mustOpen(t, master, keys...)
		if got, err := after.Unseal("otp", id(1), old); err != nil || string(got) != "old" {
			t.Errorf("after rotation: %q, %v", got, err)
		}
		if _, err := before.Unseal("otp", id(1), mustSeal(t, after, "otp", id(1), "new")); err == nil {
			t.Error("the new key was not used")
		}
	}
	retired := mustOpen(t, master, first[0], first[1], second)
	if _, err := retired.Unseal("otp", id(1), old); err == nil {
		t.Error("a retired key still opens")
	}
}

// An installation of an earlier version gets the key that it lacks, and no other.
func TestMissingKeys(t *testing.T) {
	master := mustMaster(t, "m")
	keys := mustKeys(t, master, "k", t0)
	if more, err := MissingKeys(master, seeded("x"), t0, keys); err != nil || more != nil {
		t.Errorf("a complete installation: %d keys, %v", len(more), err)
	}
	for _, have := range [][]iam.SealedKey{keys[:2], keys[:1], nil} {
		more, err := MissingKeys(master, seeded("x"), t0, have)
		if err != nil || len(more) != 1 || more[0].Purpose != "seal" {
			t.Fatalf("with %d keys: %d more, %v", len(have), len(more), err)
		}
		if _, err := OpenKeyring(master, append(have[:len(have):len(have)], more...)); (err == nil) != (len(have) == 2) {
			t.Errorf("with %d keys and what was missing: %v", len(have), err)
		}
	}
	if more, err := MissingKeys(master, failing(31), t0, keys[:2]); !errors.Is(err, errNoEntropy) || more != nil {
		t.Errorf("without randomness: %d keys, %v", len(more), err)
	}
}
