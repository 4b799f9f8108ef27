package authn

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

const (
	letters      = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	bodyLength   = 40 // 238 bits
	prefixLength = 32 // at most, so that a whole secret has at most 80 characters
)

// NewToken makes a secret that tells at sight what it is: a prefix such as "cfat_", 40 letters and digits, and 8 hexadecimal
// digits of a checksum, so that scanners for leaked secrets find them. The form is Cloudflare's (contract, section 11). Its
// checksum is not published: this one is ours, CRC-32 (IEEE) of all that stands before it, and nobody need check it.
//
// A prefix is 1 to 32 letters, digits and "_"; so no secret looks like a JWT or a temporary key.
func NewToken(random io.Reader, prefix string) (string, error) {
	if !isPrefix(prefix) {
		return "", fmt.Errorf("%.40q is no prefix for secrets: want 1 to %d letters, digits and _", prefix, prefixLength)
	}
	out := append(make([]byte, 0, len(prefix)+bodyLength+8), prefix...)
	for range 64 { // each round gives a few letters short of a whole body; 64 without one are no randomness
		var b [bodyLength]byte
		if err := fill(random, b[:]); err != nil {
			return "", err
		}
		for _, c := range b {
			// Six bits are 64 values, of which two are left out: all letters are equally likely.
			if n := int(c & 63); n < len(letters) && len(out) < len(prefix)+bodyLength {
				out = append(out, letters[n])
			}
		}
		if len(out) == len(prefix)+bodyLength {
			return fmt.Sprintf("%s%08x", out, crc32.ChecksumIEEE(out)), nil
		}
	}
	return "", errors.New("the source of randomness is broken: it gives no letters")
}

func isPrefix(s string) bool {
	for i := range len(s) {
		if c := s[i]; c == '-' || !isBase64URL(c) {
			return false
		}
	}
	return 0 < len(s) && len(s) <= prefixLength
}
