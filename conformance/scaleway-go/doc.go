// Package scalewaygo drives Scaleway's Go SDK, as released, against a real server: every operation of the contract, its lists and
// filters, the errors that a client can cause, and the calls of the command line and of Terraform, one after the other as those
// make them. It has tests only.
//
// What the SDK cannot send (malformed bodies, odd pages) is tested in ../scaleway-js.
package scalewaygo
