package expr

import (
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/parser"
)

// celParser is made once; it is safe for concurrent use. Macros are not expanded: the compiler knows them, which keeps the
// tree as small as the source.
var celParser = sync.OnceValues(func() (*parser.Parser, error) {
	return parser.NewParser(
		parser.Macros(),
		parser.EnableVariadicOperatorASTs(true),
		parser.MaxRecursionDepth(MaxDepth),
		parser.ExpressionSizeCodePointLimit(MaxSource),
		parser.ErrorRecoveryLimit(1),
		parser.ErrorRecoveryLookaheadTokenLimit(8),
		parser.ErrorReportingLimit(1),
	)
})

// parse reads a source whose size is bounded before the parser sees it.
func parse(source string) (*ast.AST, error) {
	if len(source) > MaxSource {
		return nil, errorAt(source, MaxSource, fmt.Sprintf("the expression is too long: at most %d bytes", MaxSource))
	}
	if !utf8.ValidString(source) {
		return nil, errorAt(source, firstInvalid(source), "the expression is not UTF-8")
	}
	p, err := celParser()
	if err != nil {
		return nil, fmt.Errorf("making the CEL parser: %w", err)
	}
	tree, problems := p.Parse(common.NewTextSource(source))
	for _, problem := range problems.GetErrors() {
		offset := offsetOf(source, problem.Location.Line(), problem.Location.Column())
		return nil, errorAt(source, offset, parserWords(problem.Message))
	}
	return tree, nil
}

// firstInvalid finds the first byte that is not UTF-8.
func firstInvalid(source string) int {
	for i, r := range source {
		if r == utf8.RuneError && !strings.HasPrefix(source[i:], string(utf8.RuneError)) {
			return i
		}
	}
	return len(source)
}

// parserWords shortens what the parser says, which may hold a large piece of the source.
func parserWords(message string) string {
	const most = 200
	message = strings.TrimPrefix(message, "Syntax error: ")
	if strings.Contains(message, "recursion") {
		return fmt.Sprintf("the expression is nested too deeply: at most %d levels", MaxDepth)
	}
	return cut(message, most)
}

// cut shortens a text to at most so many bytes, at the border of a character.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "…"
}
