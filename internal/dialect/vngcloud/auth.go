package vngcloud

import (
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// authenticate finds out who calls (section 1, "Auth").
func authenticate(c *wire.Call) (iam.Actor, error) {
	return c.Control.Authenticate(c.Ctx(), wire.Bearer(c.R.Header["Authorization"]))
}
