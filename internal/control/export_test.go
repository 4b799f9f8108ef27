package control

// LookAgain makes the verifier heed a clock that a test has moved.
func (c *Control) LookAgain() { c.verifier.rouse() }

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
