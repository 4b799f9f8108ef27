package authn

import (
	"crypto/sha256"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"
)

func digestOf(i int) digest { return sha256.Sum256([]byte(strconv.Itoa(i))) }

func TestCacheIsBounded(t *testing.T) {
	const limit = 8
	c := newCache(limit)
	for i := range 100 * limit {
		c.put(digestOf(i), &Claims{})
		c.get(digestOf(i / 2))
		if n := len(c.young) + len(c.old); n > 2*limit || len(c.young) > limit || len(c.old) > limit {
			t.Fatalf("after %d: %d young, %d old", i, len(c.young), len(c.old))
		}
	}
}

func TestCacheKeepsWhatIsUsed(t *testing.T) {
	c := newCache(8)
	used, idle := digestOf(-1), digestOf(-2)
	c.put(used, &Claims{Issuer: "used"})
	c.put(idle, &Claims{Issuer: "idle"})
	for i := range 1000 {
		c.put(digestOf(i), &Claims{})
		if got, ok := c.get(used); !ok || got.Issuer != "used" {
			t.Fatalf("after %d others, it is gone", i)
		}
	}
	if _, ok := c.get(idle); ok {
		t.Error("what nobody used is still there")
	}
}

func TestOpenCached(t *testing.T) {
	in := newInstallation(t, "a")
	token := mustSign(t, in.Keyring, session())
	first, err := in.Open(token, t0)
	if err != nil {
		t.Fatal(err)
	}
	if len(in.seen.young) != 1 {
		t.Fatalf("%d tokens cached", len(in.seen.young))
	}
	second, err := in.Open(token, t0.Add(time.Hour-1))
	if err != nil || second != first {
		t.Errorf("from the cache: %+v, %v", second, err)
	}
	second.Issuer = "changed by a caller"
	if again, err := in.Open(token, t0); err != nil || again != first {
		t.Errorf("a caller changed the cache: %+v, %v", again, err)
	}
	for _, late := range []time.Duration{time.Hour, time.Hour + 1, 1000 * time.Hour} {
		if c, err := in.Open(token, t0.Add(late)); !errors.Is(err, ErrExpired) || c != (Claims{}) {
			t.Errorf("cached, %v after: %+v, %v", late, c, err)
		}
	}
	// Clocks of callers may differ: an expired answer must not be remembered either.
	if _, err := in.Open(token, t0); err != nil {
		t.Errorf("back in time: %v", err)
	}
}

func TestFailuresAreNotCached(t *testing.T) {
	in := newInstallation(t, "a")
	token := mustSign(t, in.Keyring, session())
	foreign := mustSign(t, newInstallation(t, "b").Keyring, session())
	for _, s := range []string{"", "x", token + "A", token[:len(token)-1], "a." + token, foreign} {
		if _, err := in.Open(s, t0); err == nil {
			t.Errorf("%.20q… opens", s)
		}
	}
	if _, err := in.Open(token, t0.Add(time.Hour)); err == nil {
		t.Error("an expired token opens")
	}
	if n := len(in.seen.young) + len(in.seen.old); n != 0 {
		t.Errorf("%d failures cached", n)
	}
}

// Signing, opening and hashing at once, on a cache that is turned over all the time.
func TestConcurrentUse(t *testing.T) {
	in := newInstallation(t, "a")
	in.seen = newCache(4)
	var tokens []string
	for i := range 16 {
		c := session()
		c.IssuedAt = c.IssuedAt.Add(time.Duration(i) * time.Second)
		tokens = append(tokens, mustSign(t, in.Keyring, c))
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 64 {
				n := (i*7 + g) % len(tokens)
				c, err := in.Open(tokens[n], t0)
				if err != nil || c.IssuedAt != t0.Add(time.Duration(n)*time.Second) {
					t.Errorf("token %d gave %v, %v", n, c.IssuedAt, err)
				}
				if _, err := in.Open(tokens[n], t0.Add(time.Hour)); err == nil {
					t.Errorf("token %d opens after its end", n)
				}
				if !in.Matches("secret", in.Hash("secret")) {
					t.Error("a secret does not match its hash")
				}
			}
			if token, err := in.Sign(session()); err != nil || token != tokens[0] {
				t.Errorf("signing: %v", err)
			}
			in.JWKS()
		})
	}
	wg.Wait()
}
