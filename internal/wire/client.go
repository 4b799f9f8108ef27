package wire

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/writ-iam/writ/internal/control"
)

// Bearer reads Authorization (RFC 6750, section 2.1). What is malformed is shown as nothing, which is refused.
func Bearer(values []string) control.Presented {
	if len(values) != 1 {
		return control.Presented{}
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") || strings.ContainsAny(token, " \t") {
		return control.Presented{}
	}
	return control.Presented{Bearer: token}
}

// maxUserAgent is how much of a User-Agent is kept, in bytes.
const maxUserAgent = 512

func userAgent(r *http.Request) string {
	text := r.UserAgent()
	if len(text) > maxUserAgent {
		text = text[:maxUserAgent]
	}
	return strings.ToValidUTF8(text, "?")
}

// Self is the URL that the client asked for, without its query.
func (c *Call) Self() string { return c.Base() + c.R.URL.EscapedPath() }

// Base is the URL at which the client reaches the server, without a path.
func (c *Call) Base() string {
	base := c.PublicURL
	if base == "" {
		base = "http://" + c.R.Host
		if c.R.TLS != nil {
			base = "https://" + c.R.Host
		}
	}
	return base
}

// clientAddress is where the request comes from. Behind trusted proxies it is the nearest address in X-Forwarded-For
// that is not one of theirs: what stands left of it could have been written by the client.
func (c *Call) clientAddress() netip.Addr {
	peer, err := netip.ParseAddrPort(c.R.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := peer.Addr().Unmap().WithZone("")
	if len(c.TrustedProxies) == 0 || !c.trusted(addr) {
		return addr
	}
	hops := strings.Split(strings.Join(c.R.Header["X-Forwarded-For"], ","), ",")
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

// arrive notes where the request comes from, before it is known who makes it.
func (c *Call) arrive() {
	c.In.RequestID, c.In.IP, c.In.UserAgent = c.ID, c.clientAddress(), userAgent(c.R)
}

// Network is what those who have not proved who they are are counted by: their address, and of IPv6 their network of 64 bits, which one
// host may have to itself. All whose address is not known are one.
func (c *Call) Network() netip.Prefix {
	bits := 64
	if c.In.IP.Is4() {
		bits = 32
	}
	from, _ := c.In.IP.Prefix(bits)
	return from
}

func (c *Call) trusted(addr netip.Addr) bool {
	return slices.ContainsFunc(c.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}
