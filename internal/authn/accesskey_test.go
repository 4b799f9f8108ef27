package authn

import (
	"encoding/base64"
	"errors"
	"regexp"
	"testing"
)

func TestAccessKeys(t *testing.T) {
	secret := regexp.MustCompile(`^[A-Za-z0-9+/]{40}$`)
	random := seeded("access keys")
	ids, secrets := map[string]bool{}, map[string]bool{}
	for range 2000 {
		lasting, err := NewAccessKey(random)
		if err != nil {
			t.Fatal(err)
		}
		temporary, err := NewTemporaryKey(random)
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`^AKIA[0-9A-F]{16}$`).MatchString(lasting.ID) || IsTemporary(lasting.ID) {
			t.Fatalf("lasting id %q", lasting.ID)
		}
		if !regexp.MustCompile(`^ASIA[0-9A-F]{16}$`).MatchString(temporary.ID) || !IsTemporary(temporary.ID) {
			t.Fatalf("temporary id %q", temporary.ID)
		}
		for _, p := range []KeyPair{lasting, temporary} {
			raw, err := base64.StdEncoding.DecodeString(p.Secret)
			if !secret.MatchString(p.Secret) || err != nil || len(raw) != 30 {
				t.Fatalf("secret %q", p.Secret)
			}
			if LooksLikeJWT(p.Secret) {
				t.Fatalf("secret %q looks like a JWT", p.Secret)
			}
			if ids[p.ID[4:]] || secrets[p.Secret] {
				t.Fatal("a key was made twice")
			}
			ids[p.ID[4:]], secrets[p.Secret] = true, true
		}
	}
}

func TestAccessKeyRandomFails(t *testing.T) {
	for _, n := range []int64{0, 7, 8, 37} {
		for _, make := range []func() (KeyPair, error){
			func() (KeyPair, error) { return NewAccessKey(failing(n)) },
			func() (KeyPair, error) { return NewTemporaryKey(failing(n)) },
		} {
			if p, err := make(); !errors.Is(err, errNoEntropy) || p != (KeyPair{}) {
				t.Errorf("after %d bytes: error %v", n, err)
			}
		}
	}
}

func TestIsTemporary(t *testing.T) {
	for id, want := range map[string]bool{
		"ASIA0123456789ABCDEF":  true,
		"AKIA0123456789ABCDEF":  false,
		"asia0123456789ABCDEF":  false,
		"ASIA0123456789abcdef":  false,
		"ASIA0123456789ABCDE":   false,
		"ASIA0123456789ABCDEF0": false,
		"ASIA01234567-9ABCDEF":  false,
		"ASIA0123456789ABCDEG":  false,
		" ASIA0123456789ABCDE":  false,
		"ASIA":                  false,
		"":                      false,
	} {
		if got := IsTemporary(id); got != want {
			t.Errorf("IsTemporary(%q) = %v", id, got)
		}
	}
}
