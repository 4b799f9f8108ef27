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

// What explanations show at most of a value that a caller sent, and of the values that a condition wants.
const (
	maxShownText   = 256
	maxShownValues = 10
)

// MaxDecisionCost is what the expressions of one decision may cost together.
const MaxDecisionCost = expr.MaxDecisionCost
