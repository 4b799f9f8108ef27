// Drives Scaleway's Go SDK, as released, against a real server.
module github.com/writ-iam/writ/conformance/scaleway-go

go 1.26.0

require (
	github.com/google/go-cmp v0.7.0
	github.com/scaleway/scaleway-sdk-go v1.39.0
	github.com/writ-iam/writ/conformance/harness v0.0.0
)

require (
	github.com/miekg/dns v1.1.73 // indirect
	golang.org/x/net v0.57.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
	gopkg.in/yaml.v2 v2.4.0 // indirect
)

replace github.com/writ-iam/writ/conformance/harness => ../harness
