// Package scaleway speaks Scaleway's IAM API. Sections named in comments are those of its contract, scaleway.md.
//
// It owns the wire: paths, pages, filters and orders of lists, errors. An application is a service account, a policy one in
// Scaleway's language with what it is attached to as its principal, a log an audit event. What may happen, and to whom, is decided
// behind control.
package scaleway
