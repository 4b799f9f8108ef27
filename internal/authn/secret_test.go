package authn

import (
	"errors"
	"fmt"
	"hash/crc32"
	"regexp"
	"strings"
	"testing"
)

func TestNewToken(t *testing.T) {
	form := regexp.MustCompile(`^cfat_[A-Za-z0-9]{40}[0-9a-f]{8}$`)
	random := seeded("tokens")
	seen, used := map[string]bool{}, map[byte]bool{}
	for range 2000 {
		s, err := NewToken(random, "cfat_")
		if err != nil {
			t.Fatal(err)
		}
		if !form.MatchString(s) || len(s) < 40 || len(s) > 80 || LooksLikeJWT(s) || IsTemporary(s) {
			t.Fatalf("secret %q", s)
		}
		body, sum := s[:len(s)-8], s[len(s)-8:]
		if sum != fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(body))) {
			t.Fatalf("secret %q has another checksum", s)
		}
		if seen[body] {
			t.Fatal("a secret was made twice")
		}
		seen[body] = true
		for i := range 40 {
			used[body[5+i]] = true
		}
	}
	if len(used) != 62 {
		t.Errorf("%d letters and digits are used, want 62", len(used))
	}
	if s, err := NewToken(random, strings.Repeat("p", 32)); err != nil || len(s) != 80 {
		t.Errorf("the longest is %q, %v", s, err)
	}
}

func TestNewTokenRefuses(t *testing.T) {
	for _, prefix := range []string{"", "cf-", "cf.", "cf at", "é", "a:b", "a/b", strings.Repeat("p", 33)} {
		if s, err := NewToken(seeded("x"), prefix); err == nil || s != "" {
			t.Errorf("prefix %q gives %q", prefix, s)
		}
	}
	for _, n := range []int64{0, 1, 39} {
		if s, err := NewToken(failing(n), "cfat_"); !errors.Is(err, errNoEntropy) || s != "" {
			t.Errorf("after %d bytes: %q, %v", n, s, err)
		}
	}
	if s, err := NewToken(constant(0xff), "cfat_"); err == nil || s != "" {
		t.Errorf("of nothing but 0xff: %q", s)
	}
}
