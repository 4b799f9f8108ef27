package authn

import (
	"encoding/base32"
	"io"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"github.com/writ-iam/writ/internal/iam"
)

// One-time passwords are those that generators agree on: SHA-1, six digits, a new one every 30 seconds (RFC 6238).
const (
	otpDigits  = 6
	otpPeriod  = 30 * time.Second
	otpSecret  = 20 // bytes (RFC 4226, section 4)
	otpAround  = 1  // steps before and after the present one that are accepted, for clocks that differ
	recoveries = 10
)

// NewOTPSecret makes the secret of a generator of one-time passwords, in base32 as generators read it.
func NewOTPSecret(random io.Reader) (string, error) {
	var b [otpSecret]byte
	if err := fill(random, b[:]); err != nil {
		return "", err
	}
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:]), nil
}

// IsOTP reports whether a text has the form of a one-time password.
func IsOTP(code string) bool { return len(code) == otpDigits && strings.Trim(code, "0123456789") == "" }

// OTPStep finds the step of 30 seconds whose one-time password a code is, among those around a time. That a step is not used
// twice is for the caller to hold.
func OTPStep(secret, code string, now time.Time) (step int64, ok bool) {
	if !IsOTP(code) { // the library would trim it
		return 0, false
	}
	present := now.Unix() / int64(otpPeriod/time.Second)
	for s := present + otpAround; s >= present-otpAround && s >= 0; s-- {
		opts := hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}
		if good, err := hotp.ValidateCustom(code, uint64(s), secret, opts); err == nil && good {
			return s, true
		}
	}
	return 0, false
}

// recoveryLetters are 32 that are not taken for each other (Crockford's base 32, in small letters).
const recoveryLetters = "0123456789abcdefghjkmnpqrstvwxyz"

// NewRecoveryCodes makes codes that stand in for one-time passwords, each once: ten letters and digits of 50 random bits,
// with a dash in the middle.
func NewRecoveryCodes(random io.Reader) ([]string, error) {
	out := make([]string, recoveries)
	for i := range out {
		var b [10]byte
		if err := fill(random, b[:]); err != nil {
			return nil, err
		}
		for j := range b {
			b[j] = recoveryLetters[b[j]&31]
		}
		out[i] = string(b[:5]) + "-" + string(b[5:])
	}
	return out, nil
}

// HashRecoveryCode is what a store keeps of a user's recovery code, however it is spelled: case, dashes and spaces do not
// count.
func (k *Keyring) HashRecoveryCode(of iam.UserID, code string) []byte {
	code = strings.NewReplacer("-", "", " ", "").Replace(strings.ToLower(code))
	return k.Hash("recovery\x00" + of.String() + "\x00" + code)
}
