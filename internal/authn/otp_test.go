package authn

import (
	"bytes"
	"encoding/base32"
	"errors"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/iam"
)

// The vectors of RFC 6238, appendix B, of SHA-1; the last six of their eight digits.
func TestOTPStep(t *testing.T) {
	secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString([]byte("12345678901234567890"))
	for unix, code := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037",
		20000000000: "353130"} {
		at := time.Unix(unix, 0)
		if step, ok := OTPStep(secret, code, at); !ok || step != unix/30 {
			t.Errorf("%s at %d: step %d, %v", code, unix, step, ok)
		}
		for _, d := range []time.Duration{-30 * time.Second, 30 * time.Second} {
			if step, ok := OTPStep(secret, code, at.Add(d)); unix > 60 && (!ok || step != unix/30) {
				t.Errorf("%s, %s away: step %d, %v", code, d, step, ok)
			}
		}
		for _, d := range []time.Duration{-time.Minute, time.Minute, 24 * time.Hour} {
			if _, ok := OTPStep(secret, code, at.Add(d)); ok && at.Add(d).Unix() > 0 {
				t.Errorf("%s is still good %s away", code, d)
			}
		}
	}
	now := time.Unix(1111111109, 0)
	for _, bad := range []string{"", "81804", "0081804", " 081804", "081804 ", "081804\n", "08180x", "０８１８０４", "000000", "-81804"} {
		if _, ok := OTPStep(secret, bad, now); ok {
			t.Errorf("%q is good", bad)
		}
	}
	for _, bad := range []string{"", "not base32!", secret[:8]} {
		if _, ok := OTPStep(bad, "081804", now); ok {
			t.Errorf("with the secret %q", bad)
		}
	}
}

func TestNewOTPSecret(t *testing.T) {
	secret, err := NewOTPSecret(seeded("otp"))
	if err != nil || !regexp.MustCompile(`^[A-Z2-7]{32}$`).MatchString(secret) {
		t.Errorf("got %q, %v", secret, err)
	}
	if other, _ := NewOTPSecret(seeded("another")); other == secret {
		t.Error("two sources of randomness gave one secret")
	}
	if secret, err := NewOTPSecret(failing(19)); !errors.Is(err, errNoEntropy) || secret != "" {
		t.Errorf("without randomness: %q, %v", secret, err)
	}
}

func TestRecoveryCodes(t *testing.T) {
	codes, err := NewRecoveryCodes(seeded("codes"))
	if err != nil || len(codes) != 10 || len(codes) > iam.MaxRecoveryCodes {
		t.Fatalf("%d codes, %v", len(codes), err)
	}
	for i, code := range codes {
		if !regexp.MustCompile(`^[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{5}$`).MatchString(code) || slices.Contains(codes[:i], code) {
			t.Errorf("code %d is %q", i, code)
		}
	}
	if codes, err := NewRecoveryCodes(failing(95)); !errors.Is(err, errNoEntropy) || codes != nil {
		t.Errorf("without randomness: %q, %v", codes, err)
	}
	in, ann, bob := newInstallation(t, "a"), iam.UserID{UUID: id(1)}, iam.UserID{UUID: id(2)}
	hash := in.HashRecoveryCode(ann, "ab3de-fgh5j")
	for _, same := range []string{"AB3DE-FGH5J", "ab3defgh5j", "ab3de fgh5j", " Ab3de-fgh5j "} {
		if !bytes.Equal(in.HashRecoveryCode(ann, same), hash) {
			t.Errorf("%q is another code", same)
		}
	}
	for name, other := range map[string][]byte{"another code": in.HashRecoveryCode(ann, "ab3de-fgh5k"), "another user's": in.HashRecoveryCode(bob, "ab3de-fgh5j"),
		"another installation's": newInstallation(t, "b").HashRecoveryCode(ann, "ab3de-fgh5j"), "a plain hash": in.Hash("ab3defgh5j")} {
		if bytes.Equal(other, hash) {
			t.Errorf("%s has the same hash", name)
		}
	}
}
