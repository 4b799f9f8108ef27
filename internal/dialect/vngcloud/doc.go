// Package vngcloud speaks VNG Cloud's IAM Policies API, and the part of its accounts API that clients of it need. Sections named in
// comments are those of its contract, vngcloud.md.
//
// It owns the wire: paths, bare arrays and pages from 0, epoch milliseconds, error codes. The root is an organization, whose number it
// is called by; the root user is its owner, an IAM user any other user. What may happen, and to whom, is decided behind control.
package vngcloud
