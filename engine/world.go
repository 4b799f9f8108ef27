package engine

import (
	"github.com/writ-iam/writ/internal/catalog"
	"github.com/writ-iam/writ/internal/policy"
	"github.com/writ-iam/writ/internal/world"
)

// builtin is the world of what writ knows without an operator: documents refer to its permission sets, groups and products.
func builtin() policy.World { return world.Of(catalog.Builtin()) }
