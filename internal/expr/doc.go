// Package expr owns CEL as the two vendors have it that write conditions in it: Exoscale in the rules of a policy
// (contract, section 10.3), Scaleway in the condition of a rule (contract, section 7.1). An expression is compiled once
// into an immutable Expr, which answers true, false, "not a boolean" or "failed", and says why.
//
// The parser and the meaning of values (numbers, times, durations, their conversions) are those of cel-go. Walking the
// tree is our own: every step is counted, so that no expression can make a decision slow, and values stay the Go values
// that the caller has, so that a plain condition allocates nothing. docs/design/expressions.md says why in full.
//
// What the package leaves to its callers: which variables there are, what a result means for a decision, where
// expressions are kept. It is pure: no I/O beyond the time zone database, no clock, no randomness. Any number of
// goroutines may use one Expr; a Budget belongs to one.
package expr
