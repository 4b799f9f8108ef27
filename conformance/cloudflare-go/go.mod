// Drives Cloudflare's Go SDK, as released, against a real server.
module github.com/writ-iam/writ/conformance/cloudflare-go

go 1.26.0

require (
	github.com/cloudflare/cloudflare-go/v7 v7.9.0
	github.com/google/go-cmp v0.7.0
	github.com/writ-iam/writ/conformance/harness v0.0.0
)

require (
	github.com/miekg/dns v1.1.73 // indirect
	github.com/tidwall/gjson v1.14.4 // indirect
	github.com/tidwall/match v1.1.1 // indirect
	github.com/tidwall/pretty v1.2.1 // indirect
	github.com/tidwall/sjson v1.2.5 // indirect
	golang.org/x/net v0.57.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
)

replace github.com/writ-iam/writ/conformance/harness => ../harness
