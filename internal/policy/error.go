package policy

import (
	"bytes"
	"errors"
	"fmt"
)

// Error says what is wrong in a document, where, and what would be right.
type Error struct {
	Path    string // of the offending member, as in statements[2].conditions[0].operator; "" is the whole document
	Offset  int    // in bytes, from 0
	Line    int    // from 1
	Column  int    // in bytes, from 1
	Message string
	Reason  Reason // "" where the language has no more than the message
}

// Reason is why a document was refused, where a language tells its reasons apart.
type Reason string

// The reasons. Every language tells the first two; the others are VNG Cloud's (contract, sections 5, 6 and 9).
const (
	ReasonSyntax Reason = "syntax" // it is no JSON
	ReasonShape  Reason = "shape"  // a value is of another type than the language wants there

	ReasonStatement       Reason = "statement"         // the effect, a member, an empty list, or a limit
	ReasonProductInvalid  Reason = "product_invalid"   // an action without a usable product
	ReasonProductNotFound Reason = "product_not_found" // a product that does not exist
	ReasonCharacters      Reason = "characters"        // characters or form of an action or a resource
	ReasonCondition       Reason = "condition"         // an operator, a key or a value, or the shape of a condition
)

// because gives an error its reason, unless it has one. Within a condition a wrong shape is a wrong condition.
func because(reason Reason, err error) error {
	e, ok := errors.AsType[*Error](err)
	if ok && (e.Reason == "" || e.Reason == ReasonShape && reason == ReasonCondition) {
		e.Reason = reason
	}
	return err
}

// Error gives place and message in one line.
func (e *Error) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
	}
	return fmt.Sprintf("line %d, column %d: %s: %s", e.Line, e.Column, e.Path, e.Message)
}

func newError(source []byte, offset int, path, message string) *Error {
	offset = max(0, min(offset, len(source)))
	before := source[:offset]
	return &Error{
		Path:    path,
		Offset:  offset,
		Line:    1 + bytes.Count(before, []byte("\n")),
		Column:  offset - bytes.LastIndexByte(before, '\n'),
		Message: message,
	}
}
