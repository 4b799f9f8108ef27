package authn

import (
	"crypto/sha256"
	"sync"
)

// cacheGeneration bounds the cache: two generations of so many tokens, some 6 MB when full.
const cacheGeneration = 8 << 10

// digest is the SHA-256 of a token. The cache is keyed by it, so that it holds no token.
type digest [sha256.Size]byte

// cache remembers the claims of tokens that were verified. It has two generations: a token that is used moves to the
// young one; when that is full it becomes the old one, and what was old is forgotten. So a token in use stays, and
// one flood of others passes through.
//
// It knows nothing of time: the caller checks the expiry of what it gets. Claims in it are shared and never changed.
type cache struct {
	limit int // of one generation

	mu         sync.Mutex // protects the fields below
	young, old map[digest]*Claims
}

func newCache(limit int) *cache {
	return &cache{limit: limit, young: make(map[digest]*Claims), old: make(map[digest]*Claims)}
}

func (c *cache) get(key digest) (*Claims, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if claims, ok := c.young[key]; ok {
		return claims, true
	}
	claims, ok := c.old[key]
	if ok {
		delete(c.old, key)
		c.add(key, claims)
	}
	return claims, ok
}

func (c *cache) put(key digest, claims *Claims) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(key, claims)
}

func (c *cache) add(key digest, claims *Claims) {
	if len(c.young) >= c.limit {
		c.young, c.old = c.old, c.young
		clear(c.young)
	}
	c.young[key] = claims
}
