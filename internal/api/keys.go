package api

import (
	"net/http"

	"github.com/writ-iam/writ/internal/wire"
)

// keyRoutes has the public keys with which session tokens can be verified (RFC 7517). Everybody may have them.
func keyRoutes() []Route {
	return []Route{{get, "/.well-known/jwks.json", nil, nil, func(c *call) (*wire.Answer, error) {
		return &wire.Answer{Status: http.StatusOK, Raw: c.Control.JWKS(), Public: true}, nil
	}}}
}
