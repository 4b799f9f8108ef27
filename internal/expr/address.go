package expr

import "net/netip"

// inIPRange is inIpRange(ip, cidr), for IPv4 and IPv6 (Exoscale contract, section 10.3; Scaleway contract, section 7.1).
// What is no address or no network fails. An address of IPv4 within IPv6 is its IPv4 address. An address of one family is
// in no network of the other.
func inIPRange(f *frame, a, b any) (any, bool) {
	text, cidr, ok := f.texts("inIpRange", a, b)
	if !ok || !f.spend(costParse) {
		return nil, false
	}
	network, ok := parseNetwork(cidr)
	if !ok {
		return f.fail(unreadable, "a network, as 192.0.2.0/24 is")
	}
	return within(f, text, network)
}

func within(f *frame, text string, network netip.Prefix) (any, bool) {
	addr, ok := parseAddress(text)
	if !ok {
		return f.fail(unreadable, "an IP address")
	}
	return network.Contains(addr), true
}

// network is inIpRange with a constant network.
type network struct {
	of     node
	prefix netip.Prefix
}

func (n *network) eval(f *frame) (any, bool) {
	v, ok := n.of.eval(f)
	if !ok || !f.spend(costParse) {
		return nil, false
	}
	text, ok := v.(string)
	if !ok {
		return f.fail(misfit, "inIpRange", v, "")
	}
	return within(f, text, n.prefix)
}

func parseAddress(s string) (netip.Addr, bool) {
	if len(s) > maxShortText {
		return netip.Addr{}, false
	}
	addr, err := netip.ParseAddr(s)
	return addr.Unmap(), err == nil && addr.Zone() == ""
}

// parseNetwork reads an address, a slash and a length. Bits beyond the length do not matter.
func parseNetwork(s string) (netip.Prefix, bool) {
	if len(s) > maxShortText {
		return netip.Prefix{}, false
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, false
	}
	if !p.Addr().Is4In6() {
		return p, true
	}
	if p.Bits() < 96 {
		return netip.Prefix{}, false // IPv4 and IPv6 mixed
	}
	return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96), true
}
