package authn

import (
	"errors"
	"regexp"
	"testing"
)

// TestScalewayKeys: the vendor's clients accept them (scaleway.md, section 1.1), and none is made twice.
func TestScalewayKeys(t *testing.T) {
	id := regexp.MustCompile(`^SCW[0-9A-HJKMNP-TV-Z]{17}$`)
	secret := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	random := seeded("scaleway")
	ids, secrets, used := map[string]bool{}, map[string]bool{}, map[byte]bool{}
	for range 2000 {
		p, err := NewKey(random, Scaleway)
		if err != nil {
			t.Fatal(err)
		}
		if !id.MatchString(p.ID) || !secret.MatchString(p.Secret) || IsTemporary(p.ID) || LooksLikeJWT(p.Secret) || FormOf(p.ID) != Scaleway {
			t.Fatalf("key %q with the secret %q", p.ID, p.Secret)
		}
		if ids[p.ID] || secrets[p.Secret] {
			t.Fatal("a key was made twice")
		}
		ids[p.ID], secrets[p.Secret] = true, true
		for i := range 17 {
			used[p.ID[3+i]] = true
		}
	}
	if len(used) != 32 {
		t.Errorf("%d digits are used, want 32", len(used))
	}
}

func TestForms(t *testing.T) {
	random := seeded("forms")
	for form := range Form(2) {
		p, err := NewKey(random, form)
		if err != nil || FormOf(p.ID) != form {
			t.Errorf("form %d gives %v, %v", form, p, err)
		}
		for _, n := range []int64{0, 16} {
			if p, err := NewKey(failing(n), form); !errors.Is(err, errNoEntropy) || p != (KeyPair{}) {
				t.Errorf("form %d after %d bytes: %v", form, n, err)
			}
		}
	}
	if p, err := NewKey(random, 99); err == nil || p != (KeyPair{}) {
		t.Errorf("form 99 gives %v", p)
	}
	for _, id := range []string{"", "scw00000000000000000", "AKIA0123456789ABCDEF"} {
		if FormOf(id) != Native {
			t.Errorf("%q has form %d", id, FormOf(id))
		}
	}
}
