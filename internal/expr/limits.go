package expr

// What an expression may be. Compile refuses what is beyond; lengths are in bytes.
const (
	MaxSource = 64 << 10
	MaxDepth  = 100    // how deep calls, operators, selections, lists and parentheses may be nested
	MaxNodes  = 16_384 // names, constants, operators and calls together
	MaxLoops  = 8      // loops (all, exists, exists_one, map, filter) inside each other
)

// What evaluation may cost. A unit is what takes about ten nanoseconds: a step of the tree, an element of a list, a few
// dozen bytes of text.
const (
	MaxCost         = 15_000 // of one evaluation
	MaxDecisionCost = 20_000 // of all evaluations that share a Budget
)

// What values may be that an expression makes or takes apart.
const (
	MaxText           = 64 << 10 // a text made with "+"
	MaxPattern        = 4096     // a regular expression that is a constant
	MaxPatternWeight  = 10_000   // its instructions
	MaxDynamicPattern = 128      // a regular expression that data or an operator gives
	MaxDynamicWeight  = 1000     // its instructions
	maxNumberText     = 400      // a text that becomes a number or a truth value
	maxShortText      = 64       // a text that becomes a time, a duration, a zone, an address or a network
)

// What the operations cost, in units. All have a step of 1 as well.
const (
	bytesCompared = 64 // per unit: comparing and hashing
	bytesScanned  = 16 // per unit: searching, counting, copying
	costParse     = 30 // of a time, a duration, a number, an address
	costZone      = 3000
	costArith     = 5
	costEntry     = 10  // of a map that the expression makes
	costPattern   = 100 // per byte of a pattern that is compiled during evaluation
	stepsPerUnit  = 4   // of a regular expression: bytes of text times instructions
)

// What explanations show at most.
const (
	maxShownText   = 64 // of a value
	maxShownValues = 6
)
