package server

import (
	"context"
	"net"
)

// lookupTXT finds the TXT records of domains: at the resolver given as HOST:PORT, or at the system's.
func lookupTXT(resolver string) func(context.Context, string) ([]string, error) {
	r := net.DefaultResolver
	if resolver != "" {
		r = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, resolver)
		}}
	}
	return func(ctx context.Context, domain string) ([]string, error) {
		return r.LookupTXT(ctx, domain+".") // with the root, so that the machine's search domains are no part of it
	}
}
