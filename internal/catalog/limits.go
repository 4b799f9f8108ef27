package catalog

// The limits of a file. They bound what an operator can load by mistake, and are far above what real catalogues hold.
const (
	MaxFile     = 1 << 20 // bytes of one file
	MaxServices = 200     // services of one file
	MaxTypes    = 200     // resource types of one service
	MaxActions  = 2000    // actions of one file
	MaxSets     = 1000    // permission sets, permission groups or managed policies of one file
	MaxGrants   = 20      // grants of one permission set or group
	MaxPatterns = 500     // patterns of one list
	MaxList     = 20      // elements of any other list
	MaxID       = 64      // bytes of a service's id, an action's or a type's name
	MaxName     = 128     // bytes of a name for people, a label or a name of a permission set
	MaxText     = 1000    // bytes of a description or an address
	MaxTemplate = 256     // bytes of a path, a name or an id template
	MaxRegex    = 512     // bytes of a path_regex

	// Those of paths and of the requests of one backend are package route's.

	// MaxCRN is the longest name that Name and Parse read, in bytes; the domain has the same limit.
	MaxCRN = 2048

	// MaxTotalActions is the largest catalogue, built-in actions included.
	MaxTotalActions = 20_000
)
