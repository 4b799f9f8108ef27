package authn

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of a password's hash: Argon2id (RFC 9106) as OWASP's password storage cheat sheet has it at the least. It is kept
// with each hash, so that it can be raised.
const (
	argonMemory = 19 << 10 // KiB
	argonTime   = 2
	argonLanes  = 1
	saltSize    = 16
	tagSize     = 32
)

// The bounds of what is read from a store: a hash must not make the process run out of memory or time.
const (
	maxArgonMemory = 256 << 10 // KiB
	maxArgonTime   = 10
	maxArgonLanes  = 4
)

// HashPassword is what a store keeps of a password: Argon2id under a random salt, in the PHC string format, of the password
// keyed with the installation's key, so that a copy of the store alone does not let anybody try passwords. It takes some
// 20 MiB and as many milliseconds; the caller bounds how many are made at once.
func (k *Keyring) HashPassword(random io.Reader, password string) (string, error) {
	var salt [saltSize]byte
	if err := fill(random, salt[:]); err != nil {
		return "", err
	}
	p := argon{memory: argonMemory, time: argonTime, lanes: argonLanes, salt: salt[:]}
	p.tag = p.of(k.pepper(password), tagSize)
	return p.String(), nil
}

// PasswordMatches reports whether hash is that of password. It takes as long and as much for an empty hash, and for one that
// cannot be read, which match nothing: how long it takes does not tell whether there is a password.
func (k *Keyring) PasswordMatches(password, hash string) bool {
	p, ok := parseArgon(hash)
	if !ok {
		p = argon{memory: argonMemory, time: argonTime, lanes: argonLanes, salt: make([]byte, saltSize), tag: make([]byte, tagSize)}
	}
	return subtle.ConstantTimeCompare(p.of(k.pepper(password), len(p.tag)), p.tag) == 1 && ok
}

// pepper keys a password. No secret of an access key begins like this, so that the one hash says nothing of the other.
func (k *Keyring) pepper(password string) []byte { return k.Hash("password\x00" + password) }

// argon is a hash with what it was made of.
type argon struct {
	memory, time uint32
	lanes        uint8
	salt, tag    []byte
}

func (p *argon) of(input []byte, size int) []byte {
	return argon2.IDKey(input, p.salt, p.time, p.memory, p.lanes, uint32(size))
}

func (p *argon) String() string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.time, p.lanes, b64(p.salt), b64(p.tag))
}

// parseArgon reads what String writes, in exactly that spelling.
func parseArgon(hash string) (p argon, ok bool) {
	var version int
	parts := strings.Split(hash, "$")
	if len(parts) != 6 {
		return argon{}, false
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &p.memory, &p.time, &p.lanes); err != nil || version != argon2.Version {
		return argon{}, false
	}
	var bad1, bad2 error
	p.salt, bad1 = base64.RawStdEncoding.Strict().DecodeString(parts[4])
	p.tag, bad2 = base64.RawStdEncoding.Strict().DecodeString(parts[5])
	good := bad1 == nil && bad2 == nil && p.String() == hash && len(p.salt) >= 8 && len(p.tag) >= 16 && len(p.tag) <= 64 &&
		p.memory >= 8*uint32(p.lanes) && p.memory <= maxArgonMemory && p.time >= 1 && p.time <= maxArgonTime && p.lanes >= 1 && p.lanes <= maxArgonLanes
	return p, good
}
