package api

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/writ-iam/writ/internal/control"
)

// authenticate finds out who calls, in the manners of sections 2 and 16.2. Whatever is wrong, the answer is the same.
func (c *call) authenticate() error {
	shown := presented(c.r.Header)
	actor, err := c.Control.Authenticate(c.ctx(), shown[0])
	if err != nil {
		return err
	}
	for _, other := range shown[1:] {
		same, err := c.Control.Authenticate(c.ctx(), other)
		if err != nil {
			return err
		}
		if same.Org != actor.Org || same.Principal != actor.Principal || same.Session != actor.Session {
			return c.nobody()
		}
	}
	c.in.Actor = actor
	return nil
}

// nobody is the error of a client that shows nothing.
func (c *call) nobody() error {
	_, err := c.Control.Authenticate(c.ctx(), control.Presented{})
	return err
}

// presented gives what the headers show, in one manner or two. What is malformed is shown as nothing, which is refused.
func presented(h http.Header) []control.Presented {
	bearer, key := h["Authorization"], h["X-Api-Key"]
	var out []control.Presented
	if len(bearer) > 0 {
		out = append(out, bearerToken(bearer))
	}
	if token := h["X-Session-Token"]; len(key) > 0 || len(token) > 0 {
		out = append(out, apiKey(key, token))
	}
	if out == nil {
		out = []control.Presented{{}}
	}
	return out
}

// bearerToken reads Authorization (RFC 6750, section 2.1).
func bearerToken(values []string) control.Presented {
	scheme, token, _ := strings.Cut(values[0], " ")
	if len(values) != 1 || !strings.EqualFold(scheme, "Bearer") || strings.ContainsAny(token, " \t") {
		return control.Presented{}
	}
	return control.Presented{Bearer: token}
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

// clientAddress is where the request comes from. Behind trusted proxies it is the nearest address in X-Forwarded-For
// that is not one of theirs: what stands left of it could have been written by the client.
func (c *call) clientAddress() netip.Addr {
	peer, err := netip.ParseAddrPort(c.r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := peer.Addr().Unmap().WithZone("")
	if len(c.TrustedProxies) == 0 || !c.trusted(addr) {
		return addr
	}
	hops := strings.Split(strings.Join(c.r.Header["X-Forwarded-For"], ","), ",")
	for _, hop := range slices.Backward(hops) {
		next, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			return addr
		}
		if addr = next.Unmap().WithZone(""); !c.trusted(addr) {
			return addr
		}
	}
	return addr
}

func (c *call) trusted(addr netip.Addr) bool {
	return slices.ContainsFunc(c.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}
