// Package vngcloudgo drives writ as clients of VNG Cloud do: it gets tokens with the stock OAuth2 client-credentials flow for Go, which
// the vendor's Terraform provider uses, and with curl as the vendor's guides do, and uses them.
package vngcloudgo
