package policy

import (
	"bytes"
	"fmt"
)

// Error says what is wrong in a document, where, and what would be right.
type Error struct {
	Path    string // of the offending member, as in statements[2].conditions[0].operator; "" is the whole document
	Offset  int    // in bytes, from 0
	Line    int    // from 1
	Column  int    // in bytes, from 1
	Message string
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
