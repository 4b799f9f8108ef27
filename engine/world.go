package engine

import "github.com/writ-iam/writ/internal/policy"

func world() policy.World { return policy.World{} }
