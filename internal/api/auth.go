package api

import (
	"net/http"
	"strings"

	"github.com/writ-iam/writ/internal/control"
	"github.com/writ-iam/writ/internal/iam"
	"github.com/writ-iam/writ/internal/wire"
)

// authenticate finds out who calls, in the manners of sections 2 and 16.2. Whatever is wrong, the answer is the same.
func authenticate(c *wire.Call) (iam.Actor, error) {
	shown := presented(c.R.Header)
	actor, err := c.Control.Authenticate(c.Ctx(), shown[0])
	if err != nil {
		return iam.Actor{}, err
	}
	for _, other := range shown[1:] {
		same, err := c.Control.Authenticate(c.Ctx(), other)
		if err != nil {
			return iam.Actor{}, err
		}
		if same.Org != actor.Org || same.Principal != actor.Principal || same.Session != actor.Session {
			return c.Control.Authenticate(c.Ctx(), control.Presented{}) // as one who shows nothing
		}
	}
	return actor, nil
}

// presented gives what the headers show, in one manner or two. What is malformed is shown as nothing, which is refused.
func presented(h http.Header) []control.Presented {
	bearer, key := h["Authorization"], h["X-Api-Key"]
	var out []control.Presented
	if len(bearer) > 0 {
		out = append(out, wire.Bearer(bearer))
	}
	if token := h["X-Session-Token"]; len(key) > 0 || len(token) > 0 {
		out = append(out, apiKey(key, token))
	}
	if out == nil {
		out = []control.Presented{{}}
	}
	return out
}

// temporaryPrefix begins the ids of temporary access keys, which alone have a session token (section 16.2).
const temporaryPrefix = "ASIA"

// apiKey reads X-Api-Key and X-Session-Token.
func apiKey(values, tokens []string) control.Presented {
	if len(values) != 1 || len(tokens) > 1 {
		return control.Presented{}
	}
	id, secret, _ := strings.Cut(values[0], ":")
	if id == "" || secret == "" || (len(tokens) == 1) != strings.HasPrefix(id, temporaryPrefix) {
		return control.Presented{}
	}
	out := control.Presented{AccessKey: id, Secret: secret}
	if len(tokens) == 1 {
		out.SessionToken = tokens[0]
	}
	return out
}
