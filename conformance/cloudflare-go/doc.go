// Package cloudflarego drives Cloudflare's Go SDK, as released, against a real server: every operation of the contract, its
// lists and filters, and the errors that a client can cause. It has tests only.
//
// What the SDK cannot send (malformed bodies, odd pages) and the edition before are tested in ../cloudflare-js.
package cloudflarego
