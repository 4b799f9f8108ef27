// Package policy owns the policy languages. A document is parsed, checked and compiled once into an immutable Program,
// which answers for each of its statements whether it applies to a Query, says why, and prints the document back.
//
// One file holds the parser of one language; everything behind it (patterns, conditions, needs) is shared. What the
// package leaves to its siblings: who holds which program and how the statements of several programs combine (authz),
// which actions exist and how other clouds spell them (catalog), where documents are kept (iam, store).
//
// The package is pure: no I/O, no clock, no randomness. A Program and a Trust never change after they are made, so any
// number of goroutines may use one.
package policy
