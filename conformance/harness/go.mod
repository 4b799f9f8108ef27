// What conformance suites in Go share: a server of their own, and a DNS server that it asks.
module github.com/writ-iam/writ/conformance/harness

go 1.26.0

require (
	github.com/google/go-cmp v0.7.0
	github.com/miekg/dns v1.1.73
)

require (
	golang.org/x/net v0.57.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
)
