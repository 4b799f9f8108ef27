package store

import (
	"unicode/utf8"

	"github.com/writ-iam/writ/internal/iam"
)

// Check is what every implementation of Commit asks before it touches its data: the hash is the commit's own, every
// string can be kept as it is, and no event belongs to another organization. A failure is a fault of the caller, hence
// iam.Internal.
func Check(c *Commit) error {
	if c.Hash != c.Sum() {
		return iam.Errorf(iam.Internal, "commit %d of organization %s has a hash that is not its own", c.Revision, c.Org)
	}
	texts := []string{string(c.Author.Kind), c.Author.Name, c.Cause}
	for _, ch := range c.Changes {
		texts = append(texts, string(ch.Kind))
	}
	for _, keys := range [][]iam.Key{c.Claims, c.Releases} {
		for _, k := range keys {
			texts = append(texts, string(k.Space), k.Value)
		}
	}
	for _, s := range texts {
		if !utf8.ValidString(s) {
			return iam.Errorf(iam.Internal, "commit %d of organization %s holds a text that is not UTF-8", c.Revision, c.Org)
		}
	}
	for i := range c.Events {
		if c.Events[i].Org != c.Org {
			return iam.Errorf(iam.Internal, "commit %d of organization %s holds an event of another", c.Revision, c.Org)
		}
	}
	return nil
}
