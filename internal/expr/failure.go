package expr

import "fmt"

// failure says why an evaluation failed. It is a few words to copy, because for Exoscale a rule that fails is a common
// thing; only explanations make a sentence of it.
type failure struct {
	reason reason
	name   string
	kinds  [2]kind
}

type reason uint8

const (
	noReason     reason = iota
	unknownName         // name: of a variable
	unknownValue        // name: of a variable; its value is of no kind that there is
	unknownCall         // name: of a function
	missingKey          // name: the key
	keyless             // name: the key; kinds: what has none
	misfit              // name: of an operator or function; kinds: what it was given
	unreadable          // name: what a text should have been
	celWords            // name: a sentence of cel-go's
	duplicateKey
	badIndex
	notMessage
	badPattern // name: what is wrong

	tooCostly // the following are bounds
	textTooLong
	textUnread
	patternTooLarge
	broken
)

// fail records why and returns what a node returns that failed. What a bound said stays.
func (f *frame) fail(why reason, name string, of ...any) (any, bool) {
	if f.stopped {
		return nil, false
	}
	f.failure = failure{reason: why, name: name}
	for i, v := range of {
		f.failure.kinds[i] = kindOf(v)
	}
	return nil, false
}

// words make a sentence.
func (f failure) words() string {
	name := cut(f.name, maxShownText)
	switch f.reason {
	case unknownName:
		return fmt.Sprintf("there is no variable %q", name)
	case unknownValue:
		return fmt.Sprintf("the variable %q has a value of an unknown kind", name)
	case unknownCall:
		return fmt.Sprintf("there is no function %q that takes so many arguments", name)
	case missingKey:
		return fmt.Sprintf("there is no key %q", name)
	case keyless:
		return fmt.Sprintf("the key %q is asked of %s, which has no keys", name, f.kinds[0].article())
	case misfit:
		return f.misfitWords(name)
	case unreadable:
		return "a text is not " + name
	case celWords, badPattern:
		return cut(f.name, 4*maxShownText)
	case duplicateKey:
		return "a map has the same key twice"
	case badIndex:
		return "a list has no element of that index"
	case notMessage:
		return fmt.Sprintf("there is no type %q to make a value of", name)
	case tooCostly:
		return "evaluation costs more than it may"
	case textTooLong:
		return fmt.Sprintf("a text has more than %d bytes", MaxText)
	case textUnread:
		return "a text is too long to become a number or a time"
	case patternTooLarge:
		return "a regular expression is too large"
	default:
		return "evaluation broke off"
	}
}

func (f failure) misfitWords(name string) string {
	if f.kinds[1] == noKind {
		return fmt.Sprintf("%q does not take %s", name, f.kinds[0].article())
	}
	return fmt.Sprintf("%q does not take %s and %s", name, f.kinds[0].article(), f.kinds[1].article())
}
