// Drives the stock OAuth2 client-credentials flow for Go, which VNG Cloud's Terraform provider uses, against a real server.
module github.com/writ-iam/writ/conformance/vngcloud-go

go 1.26.0

require (
	github.com/writ-iam/writ/conformance/harness v0.0.0
	golang.org/x/oauth2 v0.37.0
)

require (
	github.com/miekg/dns v1.1.73 // indirect
	golang.org/x/net v0.57.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
)

replace github.com/writ-iam/writ/conformance/harness => ../harness
