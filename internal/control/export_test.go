package control

// LookAgain makes the verifier heed a clock that a test has moved.
func (c *Control) LookAgain() { c.verifier.rouse() }

// Looking tells whether a lookup is under way, whose end says when the next one is due.
func (c *Control) Looking() bool {
	c.verifier.mu.Lock()
	defer c.verifier.mu.Unlock()
	for _, l := range c.verifier.watched {
		if l.running {
			return true
		}
	}
	return false
}

// Evict forgets the organizations that nobody has asked about for a while, as Run does every minute.
func (c *Control) Evict() { c.evict() }

// Occupy takes every turn to hash a password, until release is called.
func (c *Control) Occupy() (release func()) {
	for range cap(c.hashing) {
		c.hashing <- struct{}{}
	}
	return func() {
		for range cap(c.hashing) {
			<-c.hashing
		}
	}
}
