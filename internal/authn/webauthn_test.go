package authn_test

import (
	"bytes"
	"crypto/rand"
	"slices"
	"testing"
	"time"

	"github.com/writ-iam/writ/internal/authn"
	"github.com/writ-iam/writ/internal/authn/authntest"
	"github.com/writ-iam/writ/internal/iam"
)

const origin = "https://console.example"

var (
	ann = iam.UserID{UUID: iam.UUID{15: 1}}
	bob = iam.UserID{UUID: iam.UUID{15: 2}}
)

func challenge(t *testing.T) []byte {
	t.Helper()
	b, err := authn.NewCeremonyChallenge(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestVerifyAttestation(t *testing.T) {
	c := iam.Ceremony{Challenge: challenge(t), Origin: origin}
	key := authntest.New(origin)
	key.Count = 41
	got, err := authn.VerifyAttestation(ann, c, key.Create(c.Challenge))
	if err != nil {
		t.Fatal(err)
	}
	if got.User != ann || !bytes.Equal(got.Credential, key.ID) || len(got.PublicKey) == 0 || got.Count != 42 {
		t.Errorf("got %+v", got)
	}
	if _, err := authn.VerifyAttestation(ann, iam.Ceremony{Challenge: c.Challenge, Origin: "http://localhost:8080"}, authntest.New("http://localhost:8080").Create(c.Challenge)); err != nil {
		t.Errorf("at localhost: %v", err)
	}
	with := func(edit func(*authntest.Authenticator)) authn.Attestation {
		a := authntest.New(origin)
		edit(a)
		return a.Create(c.Challenge)
	}
	good := func() authn.Attestation { return authntest.New(origin).Create(c.Challenge) }
	altered := func(edit func(*authn.Attestation)) authn.Attestation {
		in := good()
		edit(&in)
		return in
	}
	for name, in := range map[string]authn.Attestation{
		"nothing":                {},
		"another challenge":      authntest.New(origin).Create(challenge(t)),
		"another origin":         with(func(a *authntest.Authenticator) { a.Origin, a.Party = "https://evil.example", "console.example" }),
		"another port":           with(func(a *authntest.Authenticator) { a.Origin, a.Party = origin+":8443", "console.example" }),
		"without TLS":            with(func(a *authntest.Authenticator) { a.Origin = "http://console.example" }),
		"a domain below":         with(func(a *authntest.Authenticator) { a.Origin, a.Party = "https://x.console.example", "console.example" }),
		"another relying party":  with(func(a *authntest.Authenticator) { a.Party = "evil.example" }),
		"nobody was there":       with(func(a *authntest.Authenticator) { a.Flags = authntest.UserVerified }),
		"an answer of signing":   with(func(a *authntest.Authenticator) { a.Type = "webauthn.get" }),
		"no client data":         altered(func(in *authn.Attestation) { in.ClientData = nil }),
		"client data of nothing": altered(func(in *authn.Attestation) { in.ClientData = []byte("{}") }),
		"no object":              altered(func(in *authn.Attestation) { in.Object = nil }),
		"an object cut off":      altered(func(in *authn.Attestation) { in.Object = in.Object[:len(in.Object)-10] }),
		"another id beside it":   altered(func(in *authn.Attestation) { in.RawID = []byte("another") }),
		"no id beside it":        altered(func(in *authn.Attestation) { in.RawID = nil }),
	} {
		if got, err := authn.VerifyAttestation(ann, c, in); err == nil || got.User == ann {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for name, c := range map[string]iam.Ceremony{
		"no challenge":      {Origin: origin},
		"a short challenge": {Origin: origin, Challenge: []byte("short")},
		"no origin":         {Challenge: c.Challenge},
		"an address":        {Challenge: c.Challenge, Origin: "https://192.0.2.1"},
	} {
		a := authntest.New(origin)
		if _, err := authn.VerifyAttestation(ann, c, a.Create(c.Challenge)); err == nil {
			t.Errorf("with %s it verifies", name)
		}
	}
}

func TestVerifyAssertion(t *testing.T) {
	c := iam.Ceremony{Challenge: challenge(t), Origin: origin}
	key := authntest.New(origin)
	a, err := authn.VerifyAttestation(ann, c, key.Create(c.Challenge))
	if err != nil {
		t.Fatal(err)
	}
	a.Origin = origin
	now := challenge(t)
	count, flags, err := authn.VerifyAssertion(&a, now, key.Get(now))
	if err != nil || count != 2 || flags&authntest.UserPresent == 0 {
		t.Fatalf("count %d, flags %x, %v", count, flags, err)
	}
	withHandle := key.Get(now)
	withHandle.UserHandle = ann.UUID[:]
	if _, _, err := authn.VerifyAssertion(&a, now, withHandle); err != nil {
		t.Errorf("with the user's handle: %v", err)
	}
	counting := a
	counting.Count = 7
	with := func(edit func(*authntest.Authenticator)) authn.Assertion {
		k := *key
		edit(&k)
		return k.Get(now)
	}
	altered := func(edit func(*authn.Assertion)) authn.Assertion {
		in := key.Get(now)
		edit(&in)
		return in
	}
	for name, c := range map[string]struct {
		a  iam.Authenticator
		in authn.Assertion
	}{
		"nothing":               {a, authn.Assertion{}},
		"another challenge":     {a, key.Get(challenge(t))},
		"another key":           {a, with(func(k *authntest.Authenticator) { k.Key = authntest.New(origin).Key })},
		"another id":            {a, with(func(k *authntest.Authenticator) { k.ID = []byte("another") })},
		"another origin":        {a, with(func(k *authntest.Authenticator) { k.Origin, k.Party = "https://evil.example", "console.example" })},
		"another relying party": {a, with(func(k *authntest.Authenticator) { k.Party = "evil.example" })},
		"nobody was there":      {a, with(func(k *authntest.Authenticator) { k.Flags = authntest.UserVerified })},
		"an answer of creation": {a, with(func(k *authntest.Authenticator) { k.Type = "webauthn.create" })},
		"no signature":          {a, altered(func(in *authn.Assertion) { in.Signature = nil })},
		"a signature cut off":   {a, altered(func(in *authn.Assertion) { in.Signature = in.Signature[:8] })},
		"another count":         {a, altered(func(in *authn.Assertion) { in.AuthenticatorData[36]++ })},
		"another's handle":      {a, altered(func(in *authn.Assertion) { in.UserHandle = bob.UUID[:] })},
		"a copy":                {counting, with(func(k *authntest.Authenticator) { k.Count = 6 })},
		"an older copy":         {counting, with(func(k *authntest.Authenticator) { k.Count = 2 })},
		"a copy that counts no": {counting, with(func(k *authntest.Authenticator) { k.Count, k.Still = 0, true })},
	} {
		if count, _, err := authn.VerifyAssertion(&c.a, now, c.in); err == nil || count != 0 {
			t.Errorf("%s: it verifies", name)
		}
	}
	never := a
	never.Count = 0
	if _, _, err := authn.VerifyAssertion(&never, now, with(func(k *authntest.Authenticator) { k.Count, k.Still = 0, true })); err != nil {
		t.Errorf("one that has never counted: %v", err)
	}
}

func TestKeyAlgorithms(t *testing.T) {
	if got := authn.KeyAlgorithms(); !slices.Equal(got, []int{-7, -8, -257}) {
		t.Errorf("got %v", got)
	}
}

func ring(t *testing.T) *authn.Keyring {
	t.Helper()
	master, err := authn.NewMasterKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := authn.NewKeys(master, rand.Reader, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	k, err := authn.OpenKeyring(master, keys)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestChallenge(t *testing.T) {
	k, now := ring(t), time.Date(2026, 3, 2, 10, 0, 0, 123e6, time.UTC)
	c, err := k.NewChallenge(rand.Reader, ann, origin, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, later := range []time.Duration{0, time.Minute, authn.CeremonyLasts - time.Millisecond} {
		if at, ok := k.ChallengeMade(c, ann, origin, now.Add(later)); !ok || !at.Equal(now) {
			t.Errorf("%s later: made at %s, %v", later, at, ok)
		}
	}
	if other, _ := k.NewChallenge(rand.Reader, ann, origin, now); bytes.Equal(other, c) {
		t.Error("the same challenge twice")
	}
	altered := bytes.Clone(c)
	altered[7]++ // a millisecond later
	for name, made := range map[string]func() (time.Time, bool){
		"too late":             func() (time.Time, bool) { return k.ChallengeMade(c, ann, origin, now.Add(authn.CeremonyLasts)) },
		"another user":         func() (time.Time, bool) { return k.ChallengeMade(c, bob, origin, now) },
		"another origin":       func() (time.Time, bool) { return k.ChallengeMade(c, ann, "https://evil.example", now) },
		"another installation": func() (time.Time, bool) { return ring(t).ChallengeMade(c, ann, origin, now) },
		"altered":              func() (time.Time, bool) { return k.ChallengeMade(altered, ann, origin, now) },
		"cut off":              func() (time.Time, bool) { return k.ChallengeMade(c[:len(c)-1], ann, origin, now) },
		"longer":               func() (time.Time, bool) { return k.ChallengeMade(append(bytes.Clone(c), 0), ann, origin, now) },
		"nothing":              func() (time.Time, bool) { return k.ChallengeMade(nil, ann, origin, now) },
		"of a registration":    func() (time.Time, bool) { return k.ChallengeMade(challenge(t), ann, origin, now) },
	} {
		if _, ok := made(); ok {
			t.Errorf("%s: it is good", name)
		}
	}
	if got := authn.ChallengeIn(authntest.New(origin).Get(c).ClientData); !bytes.Equal(got, c) {
		t.Errorf("client data has the challenge %x", got)
	}
	for _, bad := range []string{"", "{}", "[]", `{"challenge":7}`, `{"challenge":"not base64url!"}`} {
		if got := authn.ChallengeIn([]byte(bad)); len(got) != 0 {
			t.Errorf("%q has the challenge %x", bad, got)
		}
	}
}
