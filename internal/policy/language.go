package policy

import (
	"fmt"
	"slices"
)

// Language names the language in which a policy document is written.
type Language string

// Statements is the native language: {version, statements: [{sid, effect, actions, resources, conditions}]}.
// A deny that applies wins over every allow.
const Statements Language = "statements"

// languageIndex names a language in one byte.
type languageIndex uint8

var languages = [...]Language{Statements}

func (l Language) index() languageIndex { return languageIndex(slices.Index(languages[:], l)) }

// Effect is what a statement does when it applies. The zero value denies.
type Effect uint8

// The effects.
const (
	Deny Effect = iota
	Allow
)

// String gives the effect as documents spell it.
func (e Effect) String() string {
	if e == Allow {
		return "allow"
	}
	return "deny"
}

// Compile parses, checks and compiles a document. Every error is an *Error that tells the place and what would be right.
// The program keeps nothing of source.
func Compile(lang Language, source []byte) (*Program, error) {
	switch lang {
	case Statements:
		return compileStatements(source)
	default:
		return nil, newError(source, 0, "", fmt.Sprintf("unknown policy language %q; use %q", lang, Statements))
	}
}
