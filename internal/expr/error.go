package expr

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Error says why a text is not an expression: its syntax is wrong, or it is larger or deeper than the limits allow.
type Error struct {
	Offset  int // in bytes, from 0
	Line    int // from 1
	Column  int // in bytes, from 1
	Message string
}

// Error gives place and message in one line.
func (e *Error) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
}

// errorAt makes an error for a byte of the source.
func errorAt(source string, offset int, message string) *Error {
	offset = max(0, min(offset, len(source)))
	before := source[:offset]
	return &Error{
		Offset:  offset,
		Line:    1 + strings.Count(before, "\n"),
		Column:  offset - strings.LastIndexByte(before, '\n'),
		Message: message,
	}
}

// offsetOf finds the byte of a place that the parser names: a line from 1, a column in characters from 0.
func offsetOf(source string, line, column int) int {
	offset := 0
	for ; line > 1; line-- {
		end := strings.IndexByte(source[offset:], '\n')
		if end < 0 {
			return len(source)
		}
		offset += end + 1
	}
	for ; column > 0 && offset < len(source); column-- {
		_, size := utf8.DecodeRuneInString(source[offset:])
		offset += size
	}
	return offset
}
