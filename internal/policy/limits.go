package policy

import "github.com/writ-iam/writ/internal/expr"

// What a document may hold. The first group is the ByCloud contract's (section 16.4); the second bounds what the contract
// leaves open. Lengths are in bytes.
const (
	MaxDocument   = 64 << 10
	MaxStatements = 100
	MaxValues     = 100

	MaxActions    = 100 // of one statement
	MaxResources  = 100 // of one statement
	MaxConditions = 20  // of one statement
	MaxPrincipals = 100 // of one trust policy

	MaxActionPattern    = 512
	MaxResourcePattern  = 1024
	MaxPrincipalPattern = 1024
	MaxValue            = 1024
	MaxKey              = 256
	MaxSID              = 128
)

// What a document of VNG Cloud's may hold (contract, section 5.3), beside MaxDocument.
const (
	MaxVNGCloudStatements = 50
	MaxVNGCloudActions    = 500 // of one statement
	MaxVNGCloudResources  = 500 // of one statement
	MaxVNGCloudText       = 512 // characters of any text
)

// What a document of Exoscale's may hold, and its expressions together: to compile one takes 30 to 95 µs if it is ordinary, but
// up to 4 µs for each byte if it is hostile. So the worst document takes about a second. The contract (section 14.5) knows the
// first bound only.
const (
	MaxExoscaleDocument    = 1 << 20
	MaxExoscaleClasses     = 1000
	MaxExoscaleRules       = 1000 // of all classes
	MaxExoscaleExpressions = 256 << 10
)

// maxWarnings is how many warnings a document of Exoscale's gives at most.
const maxWarnings = 100

// What explanations show at most of a value that a caller sent, and of the values that a condition wants.
const (
	maxShownText   = 256
	maxShownValues = 10
)

// MaxDecisionCost is what the expressions of one decision may cost together.
const MaxDecisionCost = expr.MaxDecisionCost
