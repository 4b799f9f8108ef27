package control

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/writ-iam/writ/internal/authz"
	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/world"
)

// vocabulary is a catalogue in force, with what is made of it once.
type vocabulary struct {
	catalog *catalog.Catalog
	world   policy.World
	print   func() []byte
}

func newVocabulary(c *catalog.Catalog) *vocabulary {
	return &vocabulary{c, world.Of(c), sync.OnceValue(func() []byte { return c.File().Format() })}
}

// builtin is what is in force where operators have added nothing.
var builtin = sync.OnceValue(func() *vocabulary { return newVocabulary(catalog.Builtin()) })

// Catalog gives the catalogue in force: the built-in one, and the operators' files in the order in which they were added.
func (c *Control) Catalog() *catalog.Catalog { return c.words().catalog }

// PrintedCatalog gives all that is in force as one file. It is shared and must not be changed.
func (c *Control) PrintedCatalog() []byte { return c.words().print() }

// words is the vocabulary of the platform as this node knows it.
func (c *Control) words() *vocabulary {
	if s := c.platform.now.Load(); s != nil {
		return s.words
	}
	return builtin()
}

// vocabularyOf makes the vocabulary of the platform's state. The error is a *fileError.
func vocabularyOf(platform *iam.State) (*vocabulary, error) {
	if platform.CatalogFiles().Len() == 0 {
		return builtin(), nil
	}
	all, err := assemble(platform)
	if err != nil {
		return nil, err
	}
	return newVocabulary(all), nil
}

// fileError says that a file does not fit those before it.
type fileError struct {
	name string
	err  *catalog.Error
}

func (e *fileError) Error() string { return fmt.Sprintf("catalogue file %s: %v", e.name, e.err) }

func assemble(platform *iam.State) (*catalog.Catalog, error) {
	all := catalog.Builtin()
	for f := range platform.CatalogFiles().All() {
		next, err := all.With([]byte(f.Content))
		if at, ok := errors.AsType[*catalog.Error](err); ok {
			return nil, &fileError{f.Name, at}
		}
		if err != nil {
			return nil, err
		}
		all = next
	}
	return all, nil
}

// ApplyCatalogFile adds a file to the catalogue, or replaces the one of that name. A replacement keeps all that policies may
// refer to; Conflict names what it does not keep. A file that is wrong is Invalid, with the place. The permit is for the
// operation ApplyCatalogFile.
func (c *Control) ApplyCatalogFile(ctx context.Context, p *Permit, name string, content []byte) (f *iam.CatalogFile, at iam.Revision, err error) {
	id := c.NewID()
	at, err = p.Write(ctx, func(d *iam.Draft) error {
		before := d.State()
		old, _ := before.CatalogFile(name)
		var others []*iam.CatalogFile
		for other := range before.CatalogFiles().All() {
			others = append(others, other)
		}
		if f, err = d.PutCatalogFile(id, name, string(content)); err != nil {
			return err
		}
		if p.Target.Name = f.Name; d.Empty() {
			return nil
		}
		return checkFile(d.State(), f, old, others)
	})
	return f, at, err
}

// checkFile holds a file that a draft has put to what policies rely on.
func checkFile(s *iam.State, f, old *iam.CatalogFile, others []*iam.CatalogFile) error {
	if _, err := assemble(s); err != nil {
		return refusal(err, f.Name)
	}
	if old == nil {
		return nil
	}
	before, err := catalog.ParseFile([]byte(old.Content))
	if err != nil {
		return err
	}
	after, err := catalog.ParseFile([]byte(f.Content))
	if err != nil {
		return err
	}
	if lost := before.Keeps(after); lost != "" {
		return iam.Errorf(iam.Conflict, "policies may refer to what file %s has, so it must stay as it is: %s", f.Name, lost)
	}
	var have []*catalog.File
	for _, other := range others {
		parsed, err := catalog.ParseFile([]byte(other.Content))
		if err != nil {
			return err
		}
		have = append(have, parsed)
	}
	if clash := before.Clash(after, have); clash != "" {
		return iam.Errorf(iam.Conflict, "the file cannot take the place of what is there: %s; choose another template", clash)
	}
	return nil
}

// refusal puts into the domain's words that the catalogue cannot be assembled with a file.
func refusal(err error, name string) error {
	bad, ok := errors.AsType[*fileError](err)
	switch {
	case !ok:
		return err
	case bad.name != name:
		return iam.Errorf(iam.Conflict, "with this file, the file %s does not fit any more: %s", bad.name, bad.err.Message)
	case bad.err.Path == "":
		return iam.Errorf(iam.Invalid, "the file is not right: %s (line %d, column %d)", bad.err.Message, bad.err.Line, bad.err.Column)
	}
	return iam.FieldErrorf(iam.Invalid, bad.err.Path, "%s (line %d, column %d)", bad.err.Message, bad.err.Line, bad.err.Column)
}

// catalogChanges are those of changes that are about the catalogue.
func catalogChanges(changes []iam.Change) (out []iam.Change) {
	for _, change := range changes {
		if change.Kind == iam.KindCatalogFile {
			out = append(out, change)
		}
	}
	return out
}

// wordsAfter is the vocabulary that holds for an organization once changes are made to a state of it. For the platform the
// changes themselves may bring another; all others speak as the platform does.
func wordsAfter(s *iam.State, now *vocabulary, changes []iam.Change) (*vocabulary, error) {
	changes = catalogChanges(changes)
	if s.ID() != iam.PlatformOrg || len(changes) == 0 {
		return now, nil
	}
	next, err := s.Apply(s.Revision()+1, changes)
	if err != nil {
		return nil, err
	}
	words, err := vocabularyOf(next)
	if err != nil {
		return nil, &iam.Error{Code: iam.Internal, Message: "the catalogue cannot be put together", Err: err}
	}
	return words, nil
}

// in gives the organization of a snapshot in another vocabulary: its policies compiled anew, and the index that follows.
func (s *snapshot) in(words *vocabulary) (*snapshot, error) {
	if s.words == words {
		return s, nil
	}
	state, err := s.state.Within(words.world)
	if err != nil {
		return nil, err
	}
	return &snapshot{state, authz.New(state), s.head, words}, nil
}

// speak brings the organization into the vocabulary in force. l.mu is held.
func (l *live) speak(c *Control, s *snapshot) (*snapshot, error) {
	words := c.words()
	if l == c.platform || s.words == words {
		return s, nil // the platform's commits bring their own words
	}
	next, err := s.in(words)
	if err == nil {
		l.publish(c, next)
	}
	return next, err
}

// reword is speak for readers, who hold no lock.
func (l *live) reword(c *Control) (*snapshot, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.speak(c, l.now.Load())
}

// learn sees to it that the platform's latest commits are known here, and tells whether they have brought another vocabulary
// than the one given. A commit may speak of what another node has just added to the catalogue. l.mu of another organization
// may be held: who holds the platform's never waits for theirs.
func (c *Control) learn(ctx context.Context, words *vocabulary) (changed bool, err error) {
	c.platform.mu.Lock()
	defer c.platform.mu.Unlock()
	s, err := c.platform.catchUp(ctx, c, c.platform.now.Load())
	if err != nil {
		return false, err
	}
	return s.words != words, nil
}
