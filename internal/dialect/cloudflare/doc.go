// Package cloudflare speaks Cloudflare's API for accounts, members, user groups, resource groups, API tokens and SSO connectors.
// Sections named in comments are those of its contract, cloudflare.md.
//
// It owns the wire: paths, ids as 32 hexadecimal digits, envelopes, pages, error codes. An account is an organization, a member a
// user or a pending invitation, a user group a group, a permission group a set of the catalogue's. What may happen, and to whom,
// is decided behind control.
package cloudflare
