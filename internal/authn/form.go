package authn

import (
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

// Form is how an access key is written: each vendor's clients look at it before they send anything.
type Form uint8

// The forms.
const (
	Native   Form = iota // as NewAccessKey makes it
	Scaleway             // as NewScalewayKey makes it
	Exoscale             // as NewExoscaleKey makes it; its secret signs requests
)

// NewKey makes a lasting access key of a form.
func NewKey(random io.Reader, form Form) (KeyPair, error) {
	switch form {
	case Native:
		return NewAccessKey(random)
	case Scaleway:
		return NewScalewayKey(random)
	case Exoscale:
		return NewExoscaleKey(random)
	}
	return KeyPair{}, fmt.Errorf("there is no form %d of access keys", form)
}

// FormOf tells the form of an access key by its id, so that a new secret fits.
func FormOf(id string) Form {
	if strings.HasPrefix(id, scalewayPrefix) {
		return Scaleway
	}
	return Native
}

const (
	scalewayPrefix = "SCW"
	scalewayDigits = 17
	crockford      = "0123456789ABCDEFGHJKMNPQRSTVWXYZ" // base 32 without the letters I, L, O and U
)

// NewScalewayKey makes an access key as Scaleway's clients want it (scaleway.md, sections 1.1 and 4.1): "SCW" and 17 digits of
// Crockford's base 32, with a random UUID (RFC 9562, section 5.4) in lower case as its secret, which has 122 bits.
func NewScalewayKey(random io.Reader) (KeyPair, error) {
	var b [scalewayDigits + 16]byte
	if err := fill(random, b[:]); err != nil {
		return KeyPair{}, err
	}
	id := []byte(scalewayPrefix)
	for _, c := range b[:scalewayDigits] {
		id = append(id, crockford[c&31])
	}
	u := b[scalewayDigits:]
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	text := hex.EncodeToString(u)
	return KeyPair{ID: string(id), Secret: strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")}, nil
}
