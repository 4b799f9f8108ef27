package catalog

import (
	"strings"
	"unicode"
)

// actionIndex is what is worked out of an action once.
type actionIndex struct {
	spellings [len(dialects)]string
	aliases   [len(dialects)][]string
	pattern   string // of the path, as VNG Cloud lists it
	anything  string // the CRN of no resource in particular
}

// typeIndex is what is worked out of a resource type once.
type typeIndex struct {
	spellings [len(dialects)]string
	id        template
	names     [len(dialects)]template // nil where there is none
}

// Spelling gives a dialect's spelling of an inside action: what is listed; else for Exoscale the name in kebab case, without
// the service; else the action itself. An action that the catalogue knows may be asked for in any case of its letters.
//
// It is called for decisions, and allocates nothing, except for Exoscale and an action that the catalogue does not know.
func (c *Catalog) Spelling(dialect, action string) string {
	if a := c.find(action); a != nil {
		return a.index.spellings[dialectIndex(dialect)]
	}
	if dialect == Exoscale {
		_, name, _ := strings.Cut(action, ":")
		return Kebab(name)
	}
	return action
}

// Aliases gives the further spellings that a dialect takes for an action; a policy that names one of them means the action.
// It allocates nothing. The list is shared and must not be changed.
func (c *Catalog) Aliases(dialect, action string) []string {
	if a := c.find(action); a != nil {
		return a.index.aliases[dialectIndex(dialect)]
	}
	return nil
}

// ActionsSpelled gives the inside actions that a dialect spells so, aliases included, in catalogue order. For Exoscale they
// may be several, of several services, because its spelling leaves the service out and because several inside actions are
// one operation there. An action that the catalogue does not know is not found.
func (c *Catalog) ActionsSpelled(dialect, spelled string) []*Action {
	return c.spelled[dialectIndex(dialect)][spelled]
}

// TypeSpelling gives a dialect's spelling of a resource type: what is listed; else for Exoscale and Scaleway the type in
// snake case; else the type itself. Like Spelling it allocates nothing for what the catalogue knows.
func (c *Catalog) TypeSpelling(dialect, service, typ string) string {
	if t := c.types[typeKey{service, typ}]; t != nil {
		return t.index.spellings[dialectIndex(dialect)]
	}
	return typeByRule(dialect, typ)
}

// TypeSpelled gives the type of a service that a dialect spells so; false if the catalogue knows none.
func (c *Catalog) TypeSpelled(dialect, service, spelled string) (*ResourceType, bool) {
	t, ok := c.typesSpelled[spelledKey{dialectIndex(dialect), service, spelled}]
	return t, ok
}

// Class gives Exoscale's service class of a service; where none is listed, the service itself (exoscale.md, section 10.4).
// It allocates nothing.
func (c *Catalog) Class(service string) string {
	s := c.services[service]
	if s == nil {
		var buffer [2*MaxID + 1]byte
		s = c.services[string(folded(&buffer, service))]
	}
	switch {
	case s == nil:
		return service
	case s.Class != "":
		return s.Class
	default:
		return s.ID
	}
}

// find looks an action up, in any case of its letters, without allocating.
func (c *Catalog) find(action string) *Action {
	if a := c.actions[action]; a != nil {
		return a
	}
	var buffer [2*MaxID + 1]byte
	return c.folded[string(folded(&buffer, action))]
}

// folded writes a name in small letters into the buffer; what does not fit is no name of ours and becomes empty.
func folded(buffer *[2*MaxID + 1]byte, s string) []byte {
	if len(s) > len(buffer) {
		return nil
	}
	for i := range len(s) {
		buffer[i] = lower(s[i])
	}
	return buffer[:len(s)]
}

// index works out the spellings of an action.
func (a *Action) indexSpellings() {
	whole := a.service.ID + ":" + a.Name
	for i, dialect := range dialects {
		switch spelling, listed := a.Spellings[dialect]; {
		case listed:
			a.index.spellings[i] = spelling
		case dialect == Exoscale:
			a.index.spellings[i] = Kebab(a.Name)
		default:
			a.index.spellings[i] = whole
		}
		a.index.aliases[i] = a.Aliases[dialect]
	}
	a.index.anything = joinCRN(a.service.ID, "*", "*")
}

func (t *ResourceType) indexSpellings() {
	for i, dialect := range dialects {
		spelling, listed := t.Spellings[dialect]
		if !listed {
			spelling = typeByRule(dialect, t.Name)
		}
		t.index.spellings[i] = spelling
	}
}

func typeByRule(dialect, typ string) string {
	if dialect != Exoscale && dialect != Scaleway {
		return typ
	}
	if strings.IndexFunc(typ, func(r rune) bool { return r == '-' || unicode.IsUpper(r) }) < 0 {
		return typ
	}
	return strings.ReplaceAll(Kebab(typ), "-", "_")
}

// Kebab writes a name in kebab case: CreateRole is create-role, ListSTSSessions list-sts-sessions, GetS3Key get-s3-key. The s
// of a plural stays with its abbreviation: ListVPCs is list-vpcs.
func Kebab(name string) string {
	var b strings.Builder
	b.Grow(len(name) + 8)
	for i := range len(name) {
		if upper(name, i) && i > 0 && name[i-1] != '-' && (!upper(name, i-1) || startsWord(name, i)) {
			b.WriteByte('-')
		}
		b.WriteByte(lower(name[i]))
	}
	return b.String()
}

// startsWord tells whether the capital at i, after another one, begins a word: a small letter follows that is not merely the
// s of a plural.
func startsWord(name string, i int) bool {
	if i+1 == len(name) || upper(name, i+1) || !isLetter(name[i+1]) {
		return false
	}
	plural := name[i+1] == 's' && (i+2 == len(name) || upper(name, i+2))
	return !plural
}

func upper(s string, i int) bool { return 'A' <= s[i] && s[i] <= 'Z' }
