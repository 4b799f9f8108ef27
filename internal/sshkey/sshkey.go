package sshkey

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/ssh"
)

// Max is the longest line, in bytes.
const Max = 65000

// minRSA is the shortest modulus that OpenSSH accepts, in bits.
const minRSA = 1024

// dss is a type that OpenSSH has given up, of which there still are keys. All that package ssh takes have 1024 bits.
const dss = "ssh-dss"

// types are the keys that are taken: no certificates, which are not keys, and none that need a device.
var types = []string{ssh.KeyAlgoRSA, dss, ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521}

// Key is a public key.
type Key struct {
	Line    string // as it was given, without blanks around it
	Type    string
	Bits    int
	Comment string
	MD5     string // of the key, as pairs of hexadecimal digits with colons between
}

// Fingerprint names the key, as in "256 MD5:00:11:…:ff ada@laptop (ssh-ed25519)".
func (k Key) Fingerprint() string {
	comment := ""
	if k.Comment != "" {
		comment = " " + k.Comment
	}
	return fmt.Sprintf("%d MD5:%s%s (%s)", k.Bits, k.MD5, comment, k.Type)
}

// Parse reads one key. Options before it, as files of authorized keys have them, are refused: they would mean something. The error
// completes a sentence that begins with the key.
func Parse(text string) (Key, error) {
	line := strings.TrimSpace(text)
	switch {
	case line == "":
		return Key{}, errors.New("is required")
	case len(line) > Max:
		return Key{}, fmt.Errorf("has at most %d bytes", Max)
	case !utf8.ValidString(line), strings.ContainsFunc(line, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }):
		return Key{}, errors.New("must be one line of text")
	}
	typ, rest := cut(line)
	if !slices.Contains(types, typ) {
		return Key{}, fmt.Errorf("must begin with its type, one of %s", strings.Join(types, ", "))
	}
	encoded, comment := cut(rest)
	blob, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return Key{}, errors.New("must have the key in base64 after its type")
	}
	public, err := ssh.ParsePublicKey(blob)
	if err != nil {
		return Key{}, errors.New("is no public key")
	}
	// One key has one text, so that a fingerprint names it.
	if public.Type() != typ || !bytes.Equal(public.Marshal(), blob) {
		return Key{}, fmt.Errorf("is no public key of type %s", typ)
	}
	bits := sizeOf(public)
	if typ == ssh.KeyAlgoRSA && bits < minRSA {
		return Key{}, fmt.Errorf("has %d bits; at least %d are needed", bits, minRSA)
	}
	return Key{Line: line, Type: typ, Bits: bits, Comment: comment, MD5: ssh.FingerprintLegacyMD5(public)}, nil
}

// cut splits a text at its first blanks.
func cut(s string) (first, rest string) {
	i := strings.IndexAny(s, " \t")
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimLeft(s[i:], " \t")
}

// sizeOf is the number of bits by which a key is called.
func sizeOf(k ssh.PublicKey) int {
	switch public := k.(ssh.CryptoPublicKey).CryptoPublicKey().(type) {
	case *rsa.PublicKey:
		return public.N.BitLen()
	case *ecdsa.PublicKey:
		return public.Curve.Params().BitSize
	}
	if k.Type() == dss {
		return 1024
	}
	return 256 // Ed25519
}
