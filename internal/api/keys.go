package api

import "net/http"

// keyRoutes has the public keys with which session tokens can be verified (RFC 7517). Everybody may have them.
func keyRoutes() []Route {
	return []Route{{get, "/.well-known/jwks.json", nil, nil, func(c *call) (*answer, error) {
		return &answer{status: http.StatusOK, raw: c.Control.JWKS(), public: true}, nil
	}}}
}
