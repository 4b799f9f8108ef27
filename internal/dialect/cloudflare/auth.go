package cloudflare

import (
	"net/http"
	"strings"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// authenticate finds out who calls (section 1, "Auth"), after the path's own form is right and before anything else is told. The
// account in the path must be the caller's: of all others the answer is the same, whether they exist or not.
func authenticate(c *wire.Call) (iam.Actor, error) {
	if err := checkPath(c.R); err != nil {
		return iam.Actor{}, err
	}
	actor, err := caller(c)
	if err != nil {
		return iam.Actor{}, err
	}
	if strings.Contains(c.R.Pattern, ownPath) && actor.Principal.Kind != iam.KindOfUser {
		return iam.Actor{}, iam.Errorf(iam.Denied, "only people have tokens of their own")
	}
	if id := c.R.PathValue("account_id"); id != "" && id != hexID(actor.Org.UUID) {
		return iam.Actor{}, iam.Errorf(iam.Denied, "the account is not the caller's")
	}
	return actor, nil
}

// checkPath refuses what no id can be. An id in capitals is one, and of nothing, which has the same status (section 14).
func checkPath(r *http.Request) error {
	for _, segment := range strings.Split(r.Pattern, "/") {
		name, is := strings.CutPrefix(segment, "{")
		if !is {
			continue
		}
		if _, ok := parseID(r.PathValue(strings.TrimSuffix(name, "}"))); !ok {
			f := noRoute()
			f.err = iam.Errorf(iam.NotFound, "there is nothing at this path")
			return f
		}
	}
	return nil
}

// caller authenticates. A bearer token counts before a key.
func caller(c *wire.Call) (iam.Actor, error) {
	h := c.R.Header
	verifying := strings.HasSuffix(c.R.Pattern, "/tokens/verify")
	switch {
	case len(h["Authorization"]) > 0:
		return byBearer(c, h["Authorization"], verifying)
	case verifying:
		return iam.Actor{}, unauthenticated(http.StatusBadRequest, 1001, `Missing "Authorization" header`)
	case h.Get("X-Auth-Email") == "" || h.Get("X-Auth-Key") == "":
		return iam.Actor{}, unauthenticated(http.StatusBadRequest, 9106, "Missing X-Auth-Key, X-Auth-Email or Authorization headers")
	}
	return byKey(c, h["X-Auth-Email"], h["X-Auth-Key"])
}

func unauthenticated(status, code int, message string, chain ...notice) *fault {
	return &fault{status: status, code: code, message: message, chain: chain, err: iam.Errorf(iam.Unauthenticated, "%s", message)}
}

// What the secrets of tokens and keys look like, ours and the vendor's (section 11).
const (
	leastSecret = 16
	mostSecret  = 4096
	letters     = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/="
)

func wellFormed(secret string) bool {
	return len(secret) >= leastSecret && len(secret) <= mostSecret && strings.Trim(secret, letters) == ""
}

func byBearer(c *wire.Call, values []string, verifying bool) (iam.Actor, error) {
	shown := wire.Bearer(values)
	if !wellFormed(shown.Bearer) {
		return iam.Actor{}, unauthenticated(http.StatusBadRequest, 6003, "Invalid request headers",
			notice{Code: 6111, Message: "Invalid format for Authorization header"})
	}
	actor, err := c.Control.Authenticate(c.Ctx(), shown)
	if iam.CodeOf(err) == iam.Unauthenticated && verifying {
		return iam.Actor{}, &fault{status: http.StatusUnauthorized, code: 1000, message: "Invalid API Token", err: err}
	}
	return actor, err
}

// byKey authenticates a person by the secret of one of their keys, and their address.
func byKey(c *wire.Call, emails, keys []string) (iam.Actor, error) {
	switch {
	case len(emails) != 1 || iam.CheckEmail("X-Auth-Email", emails[0]) != nil:
		return iam.Actor{}, unauthenticated(http.StatusBadRequest, 6003, "Invalid request headers",
			notice{Code: 6102, Message: "Invalid format for X-Auth-Email header"})
	case len(keys) != 1 || !wellFormed(keys[0]):
		return iam.Actor{}, unauthenticated(http.StatusBadRequest, 6003, "Invalid request headers",
			notice{Code: 6103, Message: "Invalid format for X-Auth-Key header"})
	}
	actor, err := c.Control.Authenticate(c.Ctx(), control.Presented{Bearer: keys[0]})
	if iam.CodeOf(err) == iam.Unavailable {
		return iam.Actor{}, err
	}
	if err != nil || actor.Principal.Kind != iam.KindOfUser || iam.FoldEmail(actor.Email) != iam.FoldEmail(emails[0]) {
		return iam.Actor{}, unauthenticated(http.StatusForbidden, 9103, "Unknown X-Auth-Key or X-Auth-Email")
	}
	return actor, nil
}
