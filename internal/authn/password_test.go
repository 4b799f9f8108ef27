package authn

import (
	"errors"
	"strings"
	"testing"
)

func mustHashPassword(t testing.TB, k *Keyring, password string) string {
	t.Helper()
	hash, err := k.HashPassword(seeded("salt "+password), password)
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func TestPassword(t *testing.T) {
	in := newInstallation(t, "a")
	const password = "correct horse battery staple"
	hash := mustHashPassword(t, in.Keyring, password)
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(hash, password) {
		t.Errorf("the hash is %q", hash)
	}
	if again, err := in.HashPassword(seeded("another salt"), password); err != nil || again == hash {
		t.Errorf("the same hash twice: there is no salt (%v)", err)
	}
	if !in.clone(t).PasswordMatches(password, hash) {
		t.Error("the password does not match after a restart")
	}
	altered := func(from, to string) string { return strings.Replace(hash, from, to, 1) }
	for name, c := range map[string]struct {
		k              *Keyring
		password, hash string
	}{
		"another password":     {in.Keyring, "Correct horse battery staple", hash},
		"a space more":         {in.Keyring, password + " ", hash},
		"no password":          {in.Keyring, "", hash},
		"no hash":              {in.Keyring, password, ""},
		"nothing at all":       {in.Keyring, "", ""},
		"the hash itself":      {in.Keyring, hash, hash},
		"another installation": {newInstallation(t, "b").Keyring, password, hash},
		"another cost":         {in.Keyring, password, altered("t=2", "t=3")},
		"another salt":         {in.Keyring, password, altered("p=1$", "p=1$AAAA")},
		"another function":     {in.Keyring, password, altered("argon2id", "argon2i")},
		"another version":      {in.Keyring, password, altered("v=19", "v=16")},
		"huge memory":          {in.Keyring, password, altered("m=19456", "m=4294967295")},
		"no memory":            {in.Keyring, password, altered("m=19456", "m=0")},
		"no time":              {in.Keyring, password, altered("t=2", "t=0")},
		"endless":              {in.Keyring, password, altered("t=2", "t=4294967295")},
		"no lanes":             {in.Keyring, password, altered("p=1", "p=0")},
		"spelled otherwise":    {in.Keyring, password, altered("m=19456", "m=019456")},
		"shortened":            {in.Keyring, password, hash[:len(hash)-1]},
		"without its hash":     {in.Keyring, password, hash[:strings.LastIndex(hash, "$")+1]},
		"something else":       {in.Keyring, password, "$2b$10$abcdefghijklmnopqrstuv"},
		"more":                 {in.Keyring, password, hash + "$"},
	} {
		if c.k.PasswordMatches(c.password, c.hash) {
			t.Errorf("%s: it matches", name)
		}
	}
	if hash, err := in.HashPassword(failing(15), password); !errors.Is(err, errNoEntropy) || hash != "" {
		t.Errorf("without randomness: %q, %v", hash, err)
	}
}

// A hash that was made at another cost is still checked at that cost.
func TestPasswordCost(t *testing.T) {
	in := newInstallation(t, "a")
	p := argon{memory: 8 << 10, time: 1, lanes: 2, salt: []byte("a salt of its own"), tag: nil}
	p.tag = p.of(in.pepper("password"), 16)
	if !in.PasswordMatches("password", p.String()) || in.PasswordMatches("Password", p.String()) {
		t.Error("a hash of another cost")
	}
}

// Nothing that is kept elsewhere says whether a password is right.
func TestPasswordIsKeyedApart(t *testing.T) {
	in := newInstallation(t, "a")
	if string(in.pepper("x")) == string(in.Hash("x")) {
		t.Error("a password is keyed like the secret of an access key")
	}
}

func BenchmarkPassword(b *testing.B) {
	in := newInstallation(b, "a")
	hash := mustHashPassword(b, in.Keyring, "correct horse")
	for b.Loop() {
		in.PasswordMatches("correct horse", hash)
	}
}
